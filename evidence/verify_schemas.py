"""Schema files of a pack, against the texts that the log registered and those of this program."""

from hashlib import sha256
from pathlib import Path

from domain.events import SchemaRegistered
from evidence.pack_layout import file_sha256
from schemas import files


class SchemaFiles:
    """The SHA-256 that a file of each name may have."""

    def __init__(self) -> None:
        self._own = {
            topic: sha256(files.text(topic).encode()).hexdigest() for topic in files.RECORDS
        }
        self._registered: dict[str, set[str]] = {}
        self._due: dict[str, str] = {}
        """SHA-256 of each registered text → name of its schema, until a file has it."""

    def register(self, event: SchemaRegistered) -> None:
        """Take in a schema that the log registers."""
        digest = sha256(event.text.encode()).hexdigest()
        for name in (event.schema, f"earlier.{event.fingerprint.hex()}"):
            self._registered.setdefault(name, set()).add(digest)
        self._due[digest] = event.schema

    def holds(self, name: str, path: Path) -> bool:
        """Whether a file is of a schema that the log registered or this program has."""
        digest, topic = file_sha256(path), name.removesuffix(".avsc")
        self._due.pop(digest, None)
        return digest in self._registered.get(topic, ()) or digest == self._own.get(topic)

    def missing(self) -> str:
        """The name of a registered schema of which no file was seen; empty if there is none."""
        return min(self._due.values(), default="")
