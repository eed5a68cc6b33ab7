"""What has landed never changes: bytes, schemas, verdicts, rules."""

import gzip
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import fastavro
import pytest
from make_golden import HISTORY, LANDED, RECORDS, golden_record

from admission.attempt import Submitted
from admission.decide import Admission
from admission.rules import VERSIONS, locks
from admission.state import State
from domain.units import Micros
from schemas import codec, files

GOLDEN: dict[str, str] = json.loads(RECORDS.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = json.loads(LANDED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("topic", sorted(files.RECORDS))
def test_golden_bytes_are_read_and_written_as_ever(topic: str) -> None:
    """One record of each kind, its bytes made once."""
    value = bytes.fromhex(GOLDEN[topic])
    assert codec.decode(value) == golden_record(topic)
    assert codec.encode(golden_record(topic)) == value


@pytest.mark.parametrize("fingerprint", sorted(SCHEMAS))
def test_a_landed_schema_keeps_its_text(fingerprint: str) -> None:
    """The log holds the text under this fingerprint: today's file must be the same or another."""
    landed = SCHEMAS[fingerprint]
    topic = landed["schema"]
    if topic in files.RECORDS and files.fingerprint(topic).hex() == fingerprint:
        text = files.text(topic)
        assert sha256(text.encode()).hexdigest() == landed["text_sha256"]
        assert json.loads(text) == landed["text"]


@pytest.mark.parametrize("fingerprint", sorted(SCHEMAS))
def test_every_landed_schema_can_be_read_by_todays_and_reads_todays(fingerprint: str) -> None:
    """Changes are compatible both ways: old records with new code, new records with old code."""
    landed = SCHEMAS[fingerprint]
    topic = landed["schema"]
    then, now = fastavro.parse_schema(landed["text"]), files.parsed(topic)
    written = bytes.fromhex(GOLDEN[topic])[codec.HEADER_BYTES :]
    value = fastavro.schemaless_reader(io.BytesIO(written), now)
    for writer, reader in ((then, now), (now, then)):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, writer, value)
        out.seek(0)
        assert fastavro.schemaless_reader(out, writer, reader)


def test_every_schema_has_landed() -> None:
    """A new schema is added to the landed ones in the commit that brings it."""
    now = {files.fingerprint(topic).hex() for topic in files.RECORDS}
    assert now <= set(SCHEMAS), "run: python tests/make_golden.py"


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_released_rules_are_as_locked(version: int) -> None:
    """A released check is never edited; a changed rule is a new function in the next version."""
    assert locks.broken(version, VERSIONS[version]) == [], (
        f"admission/rules/v{version}.lock.json no longer describes the code: put back what "
        "changed, and write a new check, with a new name, for the next version"
    )


def _checks() -> Iterator[Any]:
    for version in VERSIONS.values():
        for kind in version.KINDS.values():
            yield from kind.checks


def test_every_check_says_in_a_sentence_what_it_asks() -> None:
    """An auditor reads the rules as sentences."""
    assert [c.__name__ for c in _checks() if not (c.__doc__ or "").strip()] == []


def test_a_golden_history_gives_the_same_verdicts_for_ever() -> None:
    """Submissions of version 1, decided once; decided again they give the same bytes."""
    told = json.loads(gzip.decompress(HISTORY.read_bytes()))
    admission = Admission(State(lambda _: {}))
    for (value, proof, proofs, at), verdict in zip(
        told["submitted"], told["verdicts"], strict=True
    ):
        submitted = Submitted(
            None if value is None else bytes.fromhex(value),
            None if proof is None else bytes.fromhex(proof),
            proofs,
            Micros(at),
        )
        assert admission.decide(submitted).value.hex() == verdict
