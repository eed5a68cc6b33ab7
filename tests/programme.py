"""
A relief programme in memory, for tests: a ledger, five levels of unions, a vault, an admission.

``given`` methods submit what a programme starts with; ``submit`` signs and decides one submission.
All names and numbers are invented.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from admission.attempt import Submitted
from admission.decide import Admission, Verdict
from admission.rules import v1
from admission.state import State
from domain import submissions as s
from domain.calendar import day_of
from domain.code_table import table_digest
from domain.codes import CATEGORIES
from domain.parts import Cap, CodeEntry, Key, Occasion
from domain.signing import NO_LEDGER
from domain.suites import INTL_1
from domain.units import Day, Fen, Micros
from publishers.memory_vault import MemoryVault
from publishers.signing import Signer
from schemas import codec, files
from vault.identities import Identity
from vault.vault import SealRequest

NO_RESTRICTION: dict[str, Any] = {
    "regions": [], "categories": [], "tiers": [], "occasions": [],
    "usable_from": None, "usable_to": None,
}  # fmt: skip
START = Micros(1_548_028_800_000_000)  # 2019-01-21T00:00Z
ROOT, PROVINCE, CITY, COUNTY, TOWN = "G", "63", "6322", "632221", "632221-T1"
OTHER_COUNTY = "632222"
FUND = "NORMALISED-2019"
CAMPAIGN = "2019-SPRING_FESTIVAL"
KINDS = [
    "OpenFund", "RecordGrant", "WithdrawGrant", "IssueAllocation", "ConfirmAllocation",
    "ReturnAllocation", "SubmitRoster", "ApproveRoster", "RejectRoster", "RecordVisit",
    "MakePayment", "ConfirmPayment", "BouncePayment", "ReversePayment", "RecordStatement",
    "AdoptPolicy", "CloseYear", "ErasePerson", "LinkPersons", "ReadIdentities",
    "RegisterPublisher",
]  # fmt: skip
OCCASIONS = [
    Occasion("SPRING_FESTIVAL", once=True), Occasion("DAILY", once=False), Occasion("NEW_YEAR", once=True),
]  # fmt: skip


def signer(name: str) -> Signer:
    """A key that is always the same for a name."""
    return Signer(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


def day(text: str) -> Day:
    """The number of an ISO date."""
    return day_of(date.fromisoformat(text))


def resident_id(number: int, region: str = "632221") -> str:
    """An invented identity number with a right check digit: born on 1 January 1901."""
    first = f"{region}19010101{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


def person(number: int, **more: Any) -> Identity:
    """An invented worker."""
    return Identity(
        name=f"样例{'甲乙丙丁戊己庚辛壬癸'[number % 10]}", document_type="RESIDENT_ID",
        document_number=resident_id(number % 1000, f"63222{1 + number // 1000 % 3}"),
        employer="样例水泥厂", **more,
    )  # fmt: skip


class Programme:
    """One ledger being decided in memory."""

    def __init__(self, *, name: str = "test", suite: str = INTL_1) -> None:
        self.rows: dict[str, bytes] = {}
        self.admission = Admission(State(self._load))
        self.operator = signer("operator")
        self.national = signer("national")
        self.name = name
        self.suite = suite
        self.submitted: list[Submitted] = []
        self.verdicts: list[Verdict] = []
        self.at = START
        self.today = day("2019-01-20")
        self.ledger = NO_LEDGER
        self._numbers = 0

    # -- submitting ----------------------------------------------------------------------------

    def fresh(self) -> str:
        """A new identifier, the same in every run."""
        self._numbers += 1
        return str(
            UUID(bytes=sha256(f"{self.name}{self._numbers}".encode()).digest()[:16], version=4)
        )

    def make(self, cls: type[Any], **fields: Any) -> Any:
        """A submission with what every submission needs filled in."""
        defaults = {
            "submission_id": self.fresh(), "organisation": ROOT, "occurred_on": self.today,
            "actor": "p-staffaaaaqqqqqqqqqqqqqqq",
        }  # fmt: skip
        return cls(**(defaults | fields))

    def send(self, value: bytes | None, proof: bytes | None, proofs: int | None = None) -> Verdict:
        """Order a value and decide it."""
        count = (0 if proof is None else 1) if proofs is None else proofs
        self.at = Micros(self.at + 1_000)
        submitted = Submitted(value, proof, count, self.at)
        self.submitted.append(submitted)
        verdict = self.admission.decide(submitted)
        self.verdicts.append(verdict)
        return verdict

    def submit(
        self, submission: Any, by: Signer | None = None, attestations: Sequence[Any] = ()
    ) -> Any:
        """Sign and decide a submission; the event."""
        value = codec.encode(submission)
        ledger = NO_LEDGER if isinstance(submission, s.OpenLog) else self.ledger
        key = by or self.national
        proof = key.proofs([value], ledger=ledger, attestations=[attestations])[0]
        return self.send(value, proof).event

    def do(self, cls: type[Any], by: Signer | None = None, **fields: Any) -> Any:
        """Make, sign and decide; the event."""
        return self.submit(self.make(cls, **fields), by)

    def wait_until(self, text: str) -> None:
        """Time passes: what follows is recorded from the morning of an ISO date on."""
        self.at = Micros(day(text) * 86_400_000_000)

    def _load(self, keys: Iterable[str]) -> dict[str, bytes]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    def save(self) -> None:
        """Write back the state, as after a batch."""
        self.rows.update(self.admission.state.take_rows())

    def again(self) -> "Programme":
        """The same ledger, opened anew from what was saved; neither sees what the other does."""
        made = Programme(name=self.name, suite=self.suite)
        made.rows.update(self.rows)
        made.admission = Admission(State(made._load))
        made.submitted, made.verdicts = list(self.submitted), list(self.verdicts)
        made.at, made.today, made.ledger, made._numbers = (
            self.at, self.today, self.ledger, self._numbers,
        )  # fmt: skip
        made.vault = MemoryVault(self.ledger, today=self.today, suite=self.suite)
        return made

    # -- given ---------------------------------------------------------------------------------

    def opened(self) -> "Programme":
        """The log is open and every schema is written into it."""
        op = self.operator
        event = self.do(
            s.OpenLog, op, log=self.name, origin=f"example.org/{self.name}", nonce=bytes(16),
            suite=self.suite, operator_keys=[Key(op.key, op.public_key)],
            checkpoint_keys=[Key(op.key, op.public_key)], first_rules=1, lock_digest=v1.LOCK,
        )  # fmt: skip
        self.ledger = event.submission_digest
        for topic in files.RECORDS:
            text = files.text(topic)
            self.do(
                s.RegisterSchema, op, schema=topic, fingerprint=files.fingerprint(topic),
                text=text, text_digest=sha256(text.encode()).digest(),
            )  # fmt: skip
        return self

    def organised(self) -> "Programme":
        """Division codes, five levels of unions, a publisher for all, a vault, a policy."""
        self.opened()
        entries = [
            CodeEntry(c, "样例县", day("1990-01-01"), None)
            for c in ("630000", "632200", "632221", "632222", "110000", "110101")
        ]
        self.do(
            s.LoadCodes, self.operator, table="DIVISIONS", edition="TEST", chunk=1, chunks=1,
            table_digest=table_digest(entries), entries=entries,
        )  # fmt: skip
        for code, parent, level, division in (
            (ROOT, None, "NATIONAL", None), (PROVINCE, ROOT, "PROVINCE", "630000"),
            (CITY, PROVINCE, "PREFECTURE", "632200"), (COUNTY, CITY, "COUNTY", "632221"),
            (OTHER_COUNTY, CITY, "COUNTY", "632222"), (TOWN, COUNTY, "TOWNSHIP", "632221"),
        ):  # fmt: skip
            self.do(
                s.RegisterOrganisation, self.operator, organisation=parent or code, code=code,
                parent=parent, name=f"样例工会{code}", level=level, division=division, uscc=None,
            )  # fmt: skip
        self.publisher(self.national, ROOT)
        self.vault = MemoryVault(self.ledger, today=self.today, suite=self.suite)
        self.do(
            s.RegisterVault, self.operator, vault=self.vault.vault,
            public_key=self.vault.public_key,
        )  # fmt: skip
        self.policy()
        return self

    def publisher(self, key: Signer, subtree: str, kinds: Sequence[str] = KINDS) -> Any:
        """A publisher's key is registered."""
        return self.do(
            s.RegisterPublisher, self.operator, key=key.key, public_key=key.public_key,
            publisher_source="test", subtree=subtree, kinds=list(kinds),
        )  # fmt: skip

    def policy(self, **fields: Any) -> Any:
        """The policy of 2019: 3,000 yuan a payment, 6,000 a year."""
        defaults: dict[str, Any] = {
            "policy": "P2019", "union": ROOT, "valid_from": day("2018-12-01"),
            "valid_to": day("2019-12-31"), "scheme": "ACFTU-2019-7",
            "categories": list(CATEGORIES),
            "caps": [Cap("T2", Fen(300_000), Fen(600_000)), Cap("T1", Fen(1_000_000), Fen(1_200_000))],
            "occasions_ruled": OCCASIONS, "roster_approval": False, "confirm_arrival": False,
            "visitors_min": 2, "publicity_days": 5,
        }  # fmt: skip
        return self.do(s.AdoptPolicy, **(defaults | fields))

    def fund(self, fund: str = FUND, **fields: Any) -> Any:
        """A fund of the national union."""
        defaults = {
            "fund": fund,
            "fund_source": "SRC3_OWN_UNION",
            "owner": ROOT,
            "ceiling_fen": None,
        }
        return self.do(s.OpenFund, **(NO_RESTRICTION | defaults | fields))

    def grant(self, fen: int, fund: str = FUND, **fields: Any) -> Any:
        """Money comes into a fund."""
        defaults = {
            "grant": self.fresh(), "fund": fund, "amount_fen": fen, "document": "样例〔2019〕1号",
            "programme": None,
        }  # fmt: skip
        return self.do(s.RecordGrant, **(NO_RESTRICTION | defaults | fields))

    def allocate(self, giver: str, child: str, fen: int, fund: str = FUND, **fields: Any) -> Any:
        """Money goes down one level."""
        defaults = {
            "organisation": giver, "allocation": self.fresh(), "fund": fund, "child": child,
            "amount_fen": fen, "allocation_kind": "BASE", "approval_document": "样例〔2019〕2号",
        }  # fmt: skip
        return self.do(s.IssueAllocation, **(NO_RESTRICTION | defaults | fields))

    def funded(self, fen: int = 10_000_000) -> "Programme":
        """A fund whose money went down to the county."""
        self.organised()
        self.fund()
        self.grant(fen)
        for giver, child in ((ROOT, PROVINCE), (PROVINCE, CITY), (CITY, COUNTY)):
            self.allocate(giver, child, fen)
        return self

    # -- payments ------------------------------------------------------------------------------

    def payment(self, number: int = 1, **fields: Any) -> tuple[Any, list[Any]]:
        """A payment to an invented worker, with the vault's attestation."""
        payment, organisation = self.fresh(), fields.get("organisation", COUNTY)
        sealed = self.vault.seal([SealRequest(organisation, payment, "recipient", person(number))])[
            0
        ]
        defaults: dict[str, Any] = {
            "organisation": organisation, "payment": payment, "fund": FUND,
            "person": sealed.person, "worker": None, "kinship": None, "card": None, "phone": None,
            "household": None, "scheme": "ACFTU-2019-7", "category": "C4_HARSH_FRONTLINE",
            "tier": "T2", "occasion": "SPRING_FESTIVAL", "campaign": CAMPAIGN, "form": "CASH",
            "amount_fen": 100_000, "goods": None, "goods_quantity": None, "work_region": "632221",
            "dossier": None, "evidence": "样例证明1号", "roster": None, "roster_row": None,
            "visit": None, "signed": True, "proxy": None, "proxy_kinship": None,
            "proxy_document": None,
            "sealed": sealed.sealed, "sealed_worker": None,
        }  # fmt: skip
        return self.make(s.MakePayment, **(defaults | fields)), [sealed.attestation]

    def pay(self, number: int = 1, by: Signer | None = None, **fields: Any) -> Any:
        """A payment is submitted; the event."""
        submission, attestations = self.payment(number, **fields)
        return self.submit(submission, by, attestations)

    def roster(self, count: int, fen: int, **fields: Any) -> Any:
        """A roster is submitted; the event."""
        defaults: dict[str, Any] = {
            "organisation": COUNTY, "roster": self.fresh(), "fund": FUND, "campaign": CAMPAIGN,
            "occasion": "SPRING_FESTIVAL", "declared_count": count, "declared_fen": fen,
            "payments_root": bytes(32), "reviewer": "p-staffbbbbqqqqqqqqqqqqqqq", "unit_certificate": "样例证明2号",
            "file_tag": None, "left_out": [],
        }  # fmt: skip
        return self.do(s.SubmitRoster, **(defaults | fields))


def funded(fen: int = 10_000_000) -> Programme:
    """A ledger like ``Programme().funded(fen)``, whose beginning is decided once for all tests."""
    return _begun(fen).again()


@cache
def _begun(fen: int) -> Programme:
    made = Programme().funded(fen)
    made.save()
    return made


def codes(event: Any) -> list[str]:
    """The codes of a refusal; an accepted submission has none."""
    return [r.code for r in getattr(event, "reasons", ())]


def figures(event: Any) -> dict[str, str]:
    """The figures of a refusal's first reason."""
    return {f.name: f.value for f in event.reasons[0].figures}


def state_dump(programme: Programme) -> str:
    """All rows of a programme's state, canonically."""
    programme.save()
    return json.dumps({k: v.decode() for k, v in programme.rows.items()}, sort_keys=True)
