"""Generated payments: a ledger of 3,544 centres in five levels, and signed, attested payments."""

import sys
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from admission.rules import locks
from domain import submissions as s
from domain.calendar import day_of
from domain.codes import CATEGORIES
from domain.parts import Cap, CodeEntry, Occasion
from domain.signing import BATCH_MAX, NO_LEDGER
from domain.units import Day, Fen
from eventlog.contract import Outgoing
from publishers.codes import load_codes
from publishers.memory_vault import MemoryVault
from publishers.opening import PUBLISHER_KINDS, Opening, open_log
from publishers.signing import Signer
from schemas import codec
from vault.identities import Identity
from vault.vault import SealRequest

CENTRES: Final = 3_544
PROVINCES: Final = 31
PREFECTURES: Final = 333
COUNTIES: Final = 2_844
LEVELS: Final = 5
"""The nation, its provinces, prefectures and counties, and what is below a county."""
ROOT: Final = "ACFTU"
FUND: Final = "NORMALISED-2019"
DAY: Final = day_of(date(2019, 1, 20))
HOT_SHARE: Final = 0.7
"""Share of the load on one account, in the uneven case."""
PERSONS: Final = 90_000
PAYMENT_FEN: Final = 100
CACHE: Final = Path(".cache/bench")
"""Where files of generated payments are kept."""


class Submitted(NamedTuple):
    """A submission ready to be appended."""

    organisation: str
    value: bytes
    proof: bytes

    def outgoing(self) -> Outgoing:
        """As the log takes it."""
        return Outgoing(self.organisation, self.value, self.proof)


OPERATOR: Final = "bench operator"


def private_key(name: str) -> Ed25519PrivateKey:
    """A key that is always the same for a name."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def key(name: str) -> Signer:
    """The same key, as one that signs submissions."""
    return Signer(private_key(name))


def uuid(*parts: object) -> str:
    """An id that is always the same for a thing."""
    return str(UUID(bytes=sha256("/".join(map(str, parts)).encode()).digest()[:16], version=4))


class Bench:
    """The ledger that payments are generated for."""

    def __init__(self) -> None:
        self.operator, self.national = key(OPERATOR), key("bench national")
        opening = open_log(
            log="bench", domain="hengwen.example", root=ROOT, nonce=bytes(16), occurred_on=DAY,
            operator=self.operator, lock_digest=locks.digest(1),
        )  # fmt: skip
        self._opening = opening
        self.ledger = sha256(codec.encode(opening)).digest()
        self.vault = MemoryVault(self.ledger, today=DAY)
        self.centres = [f"C{n:04d}" for n in range(CENTRES)]

    def registry(self) -> Iterator[Submitted]:
        """Everything before the first payment."""
        yield from self._signed([self._opening], self.operator, NO_LEDGER)
        opening = Opening(ledger=self.ledger, root=ROOT, occurred_on=DAY)
        operator = [
            *opening.schemas(),
            opening.root_organisation("样例总工会"),
            opening.vault(self.vault.vault, self.vault.public_key),
            *load_codes(
                "DIVISIONS", "BENCH", [CodeEntry("632221", "样例县", Day(0), None)],
                organisation=ROOT, occurred_on=DAY,
            ),
            opening.publisher(self.national.public_key, source="bench", subtree=ROOT, kinds=PUBLISHER_KINDS),
            *self._organisations(),
        ]  # fmt: skip
        yield from self._signed(operator, self.operator, self.ledger)
        yield from self._signed(list(self._money()), self.national, self.ledger)

    def _signed(self, submissions: Any, by: Signer, ledger: bytes) -> Iterator[Submitted]:
        source = iter(submissions)
        while batch := list(islice(source, BATCH_MAX)):
            values = [codec.encode(one) for one in batch]
            proofs = by.proofs(values, ledger=ledger)
            for one, value, proof in zip(batch, values, proofs, strict=True):
                yield Submitted(one.organisation, value, proof)

    def _tree(self) -> Iterator[tuple[str, str, str]]:
        """Code, parent, level, each below one of the level before, whose turn it is."""
        above, first = [ROOT], 0
        levels = (
            ("PROVINCE", PROVINCES), ("PREFECTURE", PREFECTURES), ("COUNTY", COUNTIES),
            ("TOWNSHIP", CENTRES - PROVINCES - PREFECTURES - COUNTIES),
        )  # fmt: skip
        for level, count in levels:
            codes = self.centres[first : first + count]
            for n, code in enumerate(codes):
                yield code, above[n % len(above)], level
            above, first = codes, first + count

    def _organisations(self) -> Iterator[s.RegisterOrganisation]:
        for code, parent, level in self._tree():
            yield s.RegisterOrganisation(
                submission_id=uuid("organisation", code), organisation=parent, occurred_on=DAY,
                actor=None, code=code, parent=parent, name=f"样例中心{code}", level=level,
                division="632221", uscc=None,
            )  # fmt: skip

    def _money(self) -> Iterator[Any]:
        free: dict[str, Any] = {
            "regions": [], "categories": [], "tiers": [], "occasions": [], "usable_from": None,
            "usable_to": None,
        }  # fmt: skip
        head: dict[str, Any] = {"organisation": ROOT, "occurred_on": DAY, "actor": None}
        yield s.AdoptPolicy(
            submission_id=uuid("policy"), policy="BENCH", union=ROOT, valid_from=DAY, valid_to=None,
            scheme="ACFTU-2019-7", categories=list(CATEGORIES),
            caps=[Cap("T2", Fen(300_000), Fen(10**9))], occasions_ruled=[Occasion("DAILY", once=False)],
            roster_approval=False, confirm_arrival=False, visitors_min=0, publicity_days=0, **head,
        )  # fmt: skip
        yield s.OpenFund(
            submission_id=uuid("fund"), fund=FUND, fund_source="SRC3_OWN_UNION", owner=ROOT,
            ceiling_fen=None, **head, **free,
        )  # fmt: skip
        leaf = Fen(10**8)
        yield s.RecordGrant(
            submission_id=uuid("grant"), grant=uuid("the grant"), fund=FUND,
            amount_fen=Fen(leaf * CENTRES * 10), document=None, programme=None, **head, **free,
        )  # fmt: skip
        children: dict[str, int] = {}
        tree = list(self._tree())
        for code, parent, _ in reversed(tree):
            children[code] = children.get(code, 0) + 1
            children[parent] = children.get(parent, 0) + children[code]
        for code, parent, _ in tree:
            yield s.IssueAllocation(
                submission_id=uuid("allocation", code), organisation=parent, occurred_on=DAY,
                actor=None, allocation=uuid("the allocation", code), fund=FUND, child=code,
                amount_fen=Fen(leaf * children[code]), allocation_kind="BASE",
                approval_document="样例2号", **free,
            )  # fmt: skip

    def payments(self, count: int, *, hot: bool = False) -> Iterator[Submitted]:
        """Payments over all centres, or 70% of them from one account."""
        for start in range(0, count, BATCH_MAX):
            numbers = range(start, min(count, start + BATCH_MAX))
            yield from self._batch([(n, self._centre(n, hot=hot)) for n in numbers])

    def _centre(self, number: int, *, hot: bool) -> str:
        if hot and number % 10 < HOT_SHARE * 10:
            return self.centres[-1]
        return self.centres[number * 7 % CENTRES]

    def _batch(self, numbered: list[tuple[int, str]]) -> Iterator[Submitted]:
        requests = [
            SealRequest(centre, uuid("payment", n), "recipient", worker(n % PERSONS))
            for n, centre in numbered
        ]
        sealed = self.vault.seal(requests)
        values = [
            codec.encode(
                s.MakePayment(
                    submission_id=uuid("attempt", n),
                    organisation=centre,
                    occurred_on=DAY,
                    actor="p-handlerqqqqqqqqqqqqqqqqq",
                    payment=request.business_id,
                    fund=FUND,
                    person=one.person,
                    worker=None,
                    kinship=None,
                    card=one.card,
                    phone=one.phone,
                    household=None,
                    scheme="ACFTU-2019-7",
                    category="C4_HARSH_FRONTLINE",
                    tier="T2",
                    occasion="DAILY",
                    campaign="2019-DAILY",
                    form="BANK_CARD",
                    amount_fen=Fen(PAYMENT_FEN),
                    goods=None,
                    goods_quantity=None,
                    work_region="632221",
                    dossier=None,
                    evidence=f"样例{n}号",
                    roster=None,
                    roster_row=None,
                    visit=None,
                    signed=True,
                    proxy=None,
                    proxy_kinship=None,
                    proxy_document=None,
                    sealed=one.sealed,
                    sealed_worker=None,
                )  # fmt: skip
            )
            for (n, centre), request, one in zip(numbered, requests, sealed, strict=True)
        ]
        proofs = self.national.proofs(
            values, ledger=self.ledger, attestations=[[one.attestation] for one in sealed]
        )
        for (_, centre), value, proof in zip(numbered, values, proofs, strict=True):
            yield Submitted(centre, value, proof)


def worker(number: int) -> Identity:
    """An invented worker; the check digit is right."""
    first = f"6322211{900 + number % 70:03d}{1 + number // 70 % 12:02d}{1 + number // 840 % 28:02d}"
    first += f"{number // 23_520:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(first, weights, strict=True))
    return Identity(
        name="样例甲", document_type="RESIDENT_ID",
        document_number=first + "10X98765432"[total % 11], employer="样例单位",
    )  # fmt: skip


def stored(count: int, folder: Path, *, hot: bool = False) -> Path:
    """A file of *count* generated payments behind the registry, made once."""
    rules = locks.digest(1).hex()[:8]
    load = "hot" if hot else "even"
    path = folder / f"payments-{count}-{load}-{LEVELS}-levels-{rules}.bin"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        bench, draft = Bench(), path.with_suffix(".draft")
        with draft.open("wb") as file:
            for one in (*bench.registry(), *bench.payments(count, hot=hot)):
                for part in (one.organisation.encode(), one.value, one.proof):
                    file.write(len(part).to_bytes(4) + part)
        draft.rename(path)
    return path


def read(path: Path) -> Iterator[Submitted]:
    """The submissions in such a file."""
    with path.open("rb") as file:
        while size := file.read(4):
            organisation = file.read(int.from_bytes(size)).decode()
            value = file.read(int.from_bytes(file.read(4)))
            yield Submitted(organisation, value, file.read(int.from_bytes(file.read(4))))


if __name__ == "__main__":
    stored(int(sys.argv[1]), CACHE, hot="hot" in sys.argv[2:])
