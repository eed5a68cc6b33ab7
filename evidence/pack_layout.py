"""
The layout of an evidence pack: a folder that an auditor carries away.

::

    manifest.json                 what the pack claims, and the SHA-256 of every other file
    README.md                     for auditors, in Chinese and English
    events/<first>.avro           the events, as stored (schemas.containers.SCHEMA)
    submissions/<first>.avro      the submissions with their proofs, as ordered
    checkpoints.avro              the signed checkpoints and balances, as published
    checkpoint                    the newest of them; the pack ends with its tree
    keys.json                     checkpoint keys as the log names them
    tile/<level>/…                hash tiles of the tree (C2SP tlog-tiles)
    schemas/<name>.avsc           the schema of every kind of record
    registry.jsonl                organisations, funds, policies, keys … as text
    balance-proofs.json           of a part: a balance proof for each of its accounts
    organisation-proofs.json      of a part: the signed chain of each of its organisations
    books/                        the audit pack: subjects, balances, vouchers, dimensions

It is written to ``<folder>.part`` and renamed, so a pack is whole or not there.
"""

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain.texts import CODE
from schemas.plain_files import open_plain, read_plain

FORMAT: Final = "hengwen-evidence-pack/1"
MANIFEST: Final = "manifest.json"
README: Final = "README.md"
CHECKPOINT: Final = "checkpoint"
CHECKPOINTS: Final = "checkpoints.avro"
KEYS: Final = "keys.json"
EVENTS: Final = "events"
SUBMISSIONS: Final = "submissions"
SCHEMAS: Final = "schemas"
REGISTRY: Final = "registry.jsonl"
BOOKS: Final = "books"
READ_BYTES: Final = 1 << 20
MANIFEST_BYTES_MAX: Final = 64 << 20
NUMBER_MAX: Final = 1 << 63
EXPORTED_MAX: Final = 253_402_214_400_000_000
"""Microseconds UTC at which the last day of the year 9999 begins: no date can be later."""
PATH_MAX: Final = 1_024
PART_MAX: Final = 200
"""Letters of a path, and of each of its parts."""
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class NotAPack(Exception):
    """The folder holds no manifest of an evidence pack, or one of another format."""


class Scope(NamedTuple):
    """What of the log is in the pack: everything up to its checkpoint, or a part."""

    organisation: str | None = None
    """Only what touches this organisation and all below it; None: everything."""
    first: int = 1
    last: int = 0
    """Last position; the size of the checkpoint's tree if the pack is not cut."""


class Manifest(NamedTuple):
    """What a pack claims to be; nothing in it is signed but the checkpoint."""

    log: str
    origin: str
    ledger: str
    scope: Scope
    size: int
    """Events under the newest checkpoint."""
    root: str
    log_length: int
    """Events in the log when it was exported."""
    exported_at: int
    """Microseconds UTC."""
    counts: dict[str, int]
    totals: dict[str, Any]
    """Control totals of the books, in fen."""
    redacted: list[int]
    files: dict[str, dict[str, Any]]
    """Path → sha256, bytes."""

    @property
    def complete(self) -> bool:
        """Whether every event under the checkpoint is in the pack."""
        return self.scope == Scope(None, 1, self.size)

    @property
    def begins(self) -> bool:
        """Whether the pack holds every event from the first to its last."""
        return self.scope.organisation is None and self.scope.first == 1

    def to_json(self) -> bytes:
        """The manifest as a file."""
        fields = {
            "format": FORMAT, "complete": self.complete,
            **self._asdict(), "scope": self.scope._asdict(),
        }  # fmt: skip
        return json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n"

    @classmethod
    def of(cls, folder: Path) -> "Manifest":
        """
        The manifest in a folder.

        Raises:
            NotAPack: there is none.
        """
        try:
            fields = json.loads(read_plain(folder / MANIFEST, MANIFEST_BYTES_MAX))
            if fields.pop("format") != FORMAT:
                raise NotAPack(folder.name)
            complete = fields.pop("complete")
            fields["scope"] = Scope(**fields["scope"])
            found = cls(**fields)
            sound = _sound(found) and complete is found.complete
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotAPack(folder.name) from error
        if not sound:
            raise NotAPack(folder.name)
        return found

    def named(self, kind: str) -> list[str]:
        """The container files of a kind, in order."""
        return sorted(name for name in self.files if name.startswith(f"{kind}/"))


def _sound(found: Any) -> bool:
    """Whether a manifest, which may be a stranger's, has what its fields say it has."""
    scope = found.scope
    texts = (found.log, found.origin, found.ledger, found.root)
    numbers = (found.size, scope.first, scope.last, found.log_length, found.exported_at)
    return (
        all(isinstance(text, str) and text.isprintable() for text in texts)
        and all(type(number) is int and 0 <= number < NUMBER_MAX for number in numbers)
        and found.exported_at < EXPORTED_MAX
        and 1 <= scope.first <= scope.last <= found.size
        and (scope.organisation is None or CODE.fullmatch(scope.organisation) is not None)
        and {EVENTS, SUBMISSIONS} <= found.counts.keys()
        and all(type(count) is int and count >= 0 for count in found.counts.values())
        and isinstance(found.totals, dict)
        and all(type(position) is int for position in found.redacted)
        and all(_is_name(name) for name in found.files)
        and all(_is_digest(known["sha256"]) for known in found.files.values())
        and all(type(known["bytes"]) is int for known in found.files.values())
        and all(known.keys() == {"sha256", "bytes"} for known in found.files.values())
    )


def _is_name(name: str) -> bool:
    """Whether it is the path of a file below a folder, on any machine."""
    return (
        len(name) <= PATH_MAX
        and NAME.fullmatch(name) is not None
        and all(len(part) <= PART_MAX for part in name.split("/"))
    )


def _is_digest(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{64}", text) is not None


def file_name(kind: str, first: int) -> str:
    """
    Path of the container that begins with a position.

    >>> file_name("events", 20481)
    'events/0000000020481.avro'
    """
    return f"{kind}/{first:013d}.avro"


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    digest = sha256()
    with open_plain(path) as file:
        while block := file.read(READ_BYTES):
            digest.update(block)
    return digest.hexdigest()
