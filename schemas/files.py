"""The schema files: the texts as committed, their fingerprints, the classes they describe."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastavro.schema import parse_schema

from domain.events import EVENTS
from domain.proofs import SubmissionProof
from domain.submissions import SUBMISSIONS
from schemas.canonical import named_fingerprint

MARKER: Final = b"\xc3\x01"
"""First two bytes of Avro single-object encoding (Avro 1.11 specification)."""

CLASSES: Final[tuple[type[Any], ...]] = (*SUBMISSIONS, *EVENTS, SubmissionProof)
RECORDS: Final[dict[str, type[Any]]] = {cls.TOPIC: cls for cls in CLASSES}
"""Full name of each record → its class."""


@cache
def text(topic: str) -> str:
    """The schema of the record *topic* as committed, full JSON with its docs."""
    return (Path(__file__).parent / f"{topic}.avsc").read_text(encoding="utf-8")


@cache
def parsed(topic: str) -> dict[str, Any]:
    """The schema as JSON values, as fastavro wants it."""
    schema = parse_schema(json.loads(text(topic)))
    assert isinstance(schema, dict)  # every file holds one record
    return schema


@cache
def fingerprint(topic: str) -> bytes:
    """CRC-64-AVRO fingerprint of the schema, 8 bytes, little endian."""
    return named_fingerprint(text(topic))[1]
