"""Writing the parts of a pack: container files, the registry as text, the manifest."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from eventlog.contract import StoredRecord
from evidence.pack_layout import MANIFEST, REGISTRY, SCHEMAS, file_name, file_sha256
from evidence.pack_scope import is_registry
from schemas import containers, files
from schemas.containers import Kept

FILE_RECORDS: Final = 20_480
"""Records in one container file: eighty tiles, some 15 MB."""


class Containers:
    """Writes records of one kind into container files, one after the other."""

    def __init__(self, folder: Path, kind: str, *, records: int = FILE_RECORDS) -> None:
        self._folder = folder
        self._kind = kind
        self._limit = records
        self._pending: list[Kept] = []
        self.count = 0
        (folder / kind).mkdir()

    def take(self, kept: Sequence[Kept]) -> None:
        """Write records behind those before."""
        self._pending += kept
        self.count += len(kept)
        while len(self._pending) >= self._limit:
            self._write(self._pending[: self._limit])
            del self._pending[: self._limit]

    def finish(self) -> int:
        """Write what is left; how many records there were."""
        if self._pending:
            self._write(self._pending)
            self._pending = []
        return self.count

    def _write(self, records: Sequence[Kept]) -> None:
        name = file_name(self._kind, records[0].position)
        containers.write(self._folder / name, records)


class Registry:
    """Writes the events of the registry as lines of JSON; schemas have files of their own."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / REGISTRY).open("w", encoding="utf-8", newline="\n")

    def take(self, position: int, event: Any) -> None:
        """Write an event if it is of the registry."""
        if not is_registry(event.stream):
            return
        fields = {f.name: getattr(event, f.name) for f in dataclasses.fields(event)}
        fields.pop("text", None)
        line = {"position": position, "type": event.TOPIC, **fields}
        self._file.write(json.dumps(_plain(line), ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def kept_event(record: StoredRecord) -> Kept:
    """An event as a pack keeps it."""
    # Headers of an event are an index for tools, made from its value: nothing is lost without them.
    return Kept(record.position, None, record.value, (), record.appended_at)


def _plain(value: Any) -> Any:
    """A value as JSON can hold it: bytes in hexadecimal, parts with their names."""
    if isinstance(value, bytes):
        return value.hex()
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def write_schemas(folder: Path, registered: Mapping[bytes, str]) -> None:
    """Every schema of this program, and every other one that the log registered, by fingerprint."""
    (folder / SCHEMAS).mkdir()
    texts = {f"{topic}.avsc": files.text(topic) for topic in files.RECORDS}
    current = {files.fingerprint(topic) for topic in files.RECORDS}
    for fingerprint in sorted(registered.keys() - current):
        texts[f"earlier.{fingerprint.hex()}.avsc"] = registered[fingerprint]
    for name, text in texts.items():
        (folder / SCHEMAS / name).write_text(text, encoding="utf-8", newline="\n")


def listed(folder: Path) -> dict[str, dict[str, Any]]:
    """Every file of a pack but the manifest, with its SHA-256 and length."""
    return {
        path.relative_to(folder).as_posix(): {
            "sha256": file_sha256(path), "bytes": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }  # fmt: skip
