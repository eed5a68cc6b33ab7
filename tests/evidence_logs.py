"""Logs with checkpoints for tests: an opened ledger, keys, and a checkpointer run by hand."""

import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from eventsourcing.persistence import StoredEvent

from consumers.checkpointer import Checkpointer, Signers
from domain.events import CheckpointKeyRotated, LogOpened
from domain.parts import Key
from domain.signing import key_id
from domain.units import Micros
from eventlog.contract import Log
from eventlog.embedded import EmbeddedLog
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner, Verifier
from schemas.codec import encode

ORIGIN = "evidence.example/pilot"


def private_key(name: str = "checkpoint") -> Ed25519PrivateKey:
    """A key that is always the same for a name."""
    return Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())


def signer(name: str = "checkpoint", origin: str = ORIGIN) -> NoteSigner:
    """The same, as one that signs notes."""
    return NoteSigner(origin, private_key(name))


def signers(*names: str) -> Signers:
    """These keys are at hand."""
    known = {signer(name).verifier.public_key: name for name in names}

    def at_hand(named: Sequence[Verifier]) -> list[NoteSigner]:
        return [signer(known[k.public_key]) for k in named if k.public_key in known]

    return at_hand


def _common(version: int) -> dict[str, Any]:
    return {
        "submission_id": "5f0e8ad2-3a6a-4f51-9d2c-0d6a4f3f4b10", "submission_digest": bytes(32),
        "proof_digest": None, "stream": "ledger", "version": version, "previous": None,
        "organisation": "G", "occurred_on": 17_900, "recorded_at": Micros(1_549_296_000_000_000),
        "source": None, "actor": None, "policy_version": None, "rules": 1,
    }  # fmt: skip


def log_opened(*names: str) -> bytes:
    """The event that opens the log and names checkpoint keys."""
    keys = [Key(s.log_key, s.public_key) for s in (signer(name).verifier for name in names)]
    return encode(
        LogOpened(
            **_common(1), log="pilot", origin=ORIGIN, nonce=bytes(16), suite="INTL-1",
            operator_keys=keys, checkpoint_keys=keys, first_rules=1, lock_digest=bytes(32),
        )
    )  # fmt: skip


def key_rotated(old: str, new: str) -> bytes:
    """The event by which a checkpoint key replaces another."""
    public_key = signer(new).verifier.public_key
    return encode(
        CheckpointKeyRotated(
            **_common(2), old_key=signer(old).verifier.log_key, new_key=key_id(public_key),
            public_key=public_key,
        )
    )  # fmt: skip


def values(count: int, first: int = 1) -> list[bytes]:
    """Event values that differ, of different lengths."""
    return [b"event %d " % n * (n % 7 + 1) for n in range(first, first + count)]


def write(log: Log, events: Iterable[bytes]) -> None:
    """Append events with these values."""
    first = log.last_position() + 1
    with log.writer() as writer:
        writer.insert_events(
            [StoredEvent(f"s/{n}", 1, "hengwen.Test", v) for n, v in enumerate(events, first)]
        )


def opened_log(path: Path, count: int, *keys: str) -> EmbeddedLog:
    """An embedded log of *count* events, the first of which names the keys."""
    log = EmbeddedLog(path, "pilot")
    write(log, [log_opened(*keys or ("checkpoint",)), *values(count - 1)])
    return log


def checkpointer(log: Log, folder: Path, *keys: str, limit: int = 2_560) -> Checkpointer:
    """A checkpointer with its keys at hand, open."""
    at_hand = signers(*keys or ("checkpoint",))
    made = Checkpointer(log, EvidenceFolder(folder), at_hand, limit=limit)
    made.open()
    return made


def files(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def main(log: str, folder: str) -> None:
    """Make checkpoints in small batches until the end, or until killed."""
    opened = checkpointer(EmbeddedLog(Path(log), "pilot"), Path(folder), limit=300)
    print("open", flush=True)  # noqa: T201  # whoever kills it waits for this
    while opened.step(0.05):
        opened.checkpoint()
    opened.checkpoint()


if __name__ == "__main__":
    main(*sys.argv[1:])
