"""Logs, checkpoints and packs for tests of verification, from programmes decided in memory."""

from collections.abc import Callable, Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from programme import COUNTY, FUND, Programme, funded

from consumers.checkpointer import Checkpointer
from domain import submissions as s
from domain.units import Micros
from eventlog.contract import PROOF_HEADER, OrderedSubmission, StoredRecord
from eventlog.copy_targets import EmbeddedTarget
from eventlog.embedded import EmbeddedLog
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner, Verifier
from evidence.pack import Wanted, export
from evidence.pack_layout import Manifest
from evidence.verify import verify
from evidence.verify_checks import Report
from evidence.verify_signed import Trust
from evidence.verify_source import PackSource
from schemas.codec import decode

EXPORTED_AT = 1_550_000_000_000_000
KEY = Ed25519PrivateKey.from_private_bytes(sha256(b"operator").digest())


def at_hand(named: Sequence[Verifier]) -> list[NoteSigner]:
    """The programme's checkpoint key is its operator's."""
    own = KEY.public_key().public_bytes_raw()
    return [NoteSigner(one.name, KEY) for one in named if one.public_key == own]


def programme(payments: int = 6) -> Programme:
    """Money went down to a county and was paid, settled, sent back; some was refused."""
    made = funded(5_000_000)
    paid = [made.pay(n) for n in range(1, payments + 1)]
    made.do(
        s.ConfirmPayment, organisation=COUNTY, payment=paid[0].payment, fund=FUND,
        means="SIGNATURE", document=None,
    )  # fmt: skip
    made.do(
        s.BouncePayment, organisation=COUNTY, payment=paid[1].payment, fund=FUND,
        reason_code="ACCOUNT_CLOSED", document=None,
    )  # fmt: skip
    made.pay(1)  # the same person twice in a campaign: refused
    made.pay(7, amount_fen=10**9)  # over the cap: refused
    made.pay(8)
    return made


def written(
    path: Path, name: str, submitted: Sequence[Any], values: Sequence[bytes], *cuts: int
) -> EmbeddedLog:
    """A log of these submissions and events, with checkpoints at *cuts* and at its end."""
    log = EmbeddedLog(path / "log.sqlite", name)
    target = EmbeddedTarget(log)
    done = 0
    for cut in (*cuts, len(values)):
        part = range(done, cut)
        target.take_submissions([ordered(n, submitted[n]) for n in part])
        target.take_events([stored(n, values[n], submitted[n].appended_at) for n in part])
        checkpointer = Checkpointer(log, EvidenceFolder(path / "evidence"), at_hand)
        checkpointer.open()
        checkpointer.catch_up()
        done = cut
    return log


def ordered(n: int, one: Any) -> OrderedSubmission:
    """The submission with index *n* as a log holds it."""
    headers = ((PROOF_HEADER, one.proof),) * one.proofs if one.proof is not None else ()
    return OrderedSubmission(
        n + 1, n + 1, b"", one.value, one.proof, one.proofs, one.appended_at, headers
    )


def stored(n: int, value: bytes, at: Micros) -> StoredRecord:
    """The event with index *n* as a log holds it."""
    event = decode(value)
    return StoredRecord(n + 1, n + 1, event.stream, event.version, event.TOPIC, value, at, n + 1)


def log_of(made: Programme, path: Path, *cuts: int) -> EmbeddedLog:
    """The log of a programme."""
    return written(path, made.name, made.submitted, [v.value for v in made.verdicts], *cuts)


def pack_of(made: Programme, path: Path, *cuts: int, wanted: Wanted = Wanted()) -> Path:  # noqa: B008
    """The pack of a programme."""
    with closing(log_of(made, path, *cuts)) as log:
        export(log, [], path / "pack", wanted, exported_at=EXPORTED_AT)
    return path / "pack"


def key_text(made: Programme) -> str:
    """The public checkpoint key, as published."""
    return NoteSigner(f"example.org/{made.name}", KEY).verifier.text()


def verified(
    pack: Path, *keys: str | Verifier, known: Sequence[str] = (), **options: Any
) -> Report:
    """The pack verified, in this process."""
    given = tuple(Verifier.from_text(key) if isinstance(key, str) else key for key in keys)
    return verify(PackSource(pack), Trust(given, tuple(known)), cores=1, **options)


def manifest(pack: Path) -> Manifest:
    """The manifest of a pack."""
    return Manifest.of(pack)


Change = Callable[[Any], Any]
