"""The generated codec against fastavro, the reference: the same bytes, and nothing else accepted."""

import io
import json
from typing import Any

import fastavro
import pytest
from avro_values import records
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import codec, files
from schemas.varint import write_varint

TOPICS = sorted(files.RECORDS)
HEADER = codec.HEADER_BYTES


def _plain_schema(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {k: _plain_schema(v) for k, v in schema.items() if k != "logicalType"}
    return [_plain_schema(s) for s in schema] if isinstance(schema, list) else schema


PLAIN = {t: fastavro.parse_schema(_plain_schema(json.loads(files.text(t)))) for t in TOPICS}
LOGICAL = {t: files.parsed(t) for t in TOPICS}


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        return {k: _plain(v) for k, v in value._asdict().items()}
    return [_plain(v) for v in value] if isinstance(value, list) else value


def _written_by_fastavro(topic: str, record: Any) -> bytes:
    out = io.BytesIO()
    fields = {f["name"]: _plain(getattr(record, f["name"])) for f in LOGICAL[topic]["fields"]}
    fastavro.schemaless_writer(out, PLAIN[topic], fields)
    return out.getvalue()


def _canonical_for_fastavro(topic: str, body: bytes) -> bool:
    """Whether fastavro reads *body* with the schema and writes the same bytes again."""
    try:
        value = fastavro.schemaless_reader(io.BytesIO(body), LOGICAL[topic])
        out = io.BytesIO()
        fastavro.schemaless_writer(out, LOGICAL[topic], value)
    except Exception:  # noqa: BLE001  whatever the reference makes of garbage
        return False
    return out.getvalue() == body


@pytest.mark.parametrize("topic", TOPICS)
@given(data=st.data())
@settings(max_examples=25)
def test_the_bytes_are_those_that_fastavro_writes(topic: str, data: st.DataObject) -> None:
    """Two writers, one form; and reading gives the record back."""
    record = data.draw(records(topic))
    value = codec.encode(record)
    assert value[:HEADER] == files.MARKER + files.fingerprint(topic)
    assert value[HEADER:] == _written_by_fastavro(topic, record)
    assert codec.decode(value) == record


@pytest.mark.parametrize(
    "topic", ["hengwen.MakePayment", "hengwen.AdoptPolicy", "hengwen.LogOpened"]
)
@given(data=st.data())
@settings(max_examples=150)
def test_a_changed_value_is_refused_unless_it_is_canonical(topic: str, data: st.DataObject) -> None:
    """One bit, one byte more or less: read only if reading and writing gives the same bytes."""
    value = bytearray(codec.encode(data.draw(records(topic))))
    at = data.draw(st.integers(HEADER, len(value) - 1))
    change = data.draw(st.sampled_from(["flip", "drop", "insert", "cut"]))
    if change == "flip":
        value[at] ^= 1 << data.draw(st.integers(0, 7))
    elif change == "drop":
        del value[at]
    elif change == "insert":
        value.insert(at, data.draw(st.integers(0, 255)))
    else:
        del value[at:]
    changed = bytes(value)
    try:
        record = codec.decode(changed)
    except codec.NotCanonical:
        return
    assert codec.encode(record) == changed
    assert _canonical_for_fastavro(topic, changed[HEADER:])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(garbage: bytes) -> None:
    """No other exception than our own, whatever comes."""
    header = files.MARKER + files.fingerprint("hengwen.MakePayment")
    for value in (garbage, header + garbage, header[: len(garbage)]):
        try:
            codec.decode(value)
        except codec.Unreadable:
            continue


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (b"", codec.NotAvro),
        (b"\x00\x01", codec.NotAvro),
        (b"{}" * 20, codec.NotAvro),
        (files.MARKER + bytes(8) + b"x", codec.UnknownSchema),
        (files.MARKER + files.fingerprint("hengwen.CloseYear"), codec.NotCanonical),
    ],
)
def test_what_is_no_record_is_named(value: bytes, error: type[Exception]) -> None:
    """Not Avro, an unknown schema, and a broken body are different mistakes of a publisher."""
    with pytest.raises(error):
        codec.decode(value)


def test_an_overlong_number_is_refused() -> None:
    """80 00 reads as 0, which is written 00: two forms of one record would have two digests."""
    from domain.submissions import CloseYear  # noqa: PLC0415  only here
    from domain.units import Day  # noqa: PLC0415

    record = CloseYear(
        submission_id="00000000-0000-4000-8000-000000000000", organisation="A",
        occurred_on=Day(0), actor=None, subtree="A", year=0,
    )  # fmt: skip
    value = codec.encode(record)
    assert value.endswith(write_varint(0))
    with pytest.raises(codec.NotCanonical):
        codec.decode(value[:-1] + b"\x80\x00")


@given(st.sampled_from(TOPICS))
def test_fingerprints_are_those_of_fastavro(topic: str) -> None:
    """Our canonical form and CRC, because verdicts depend on them; fastavro is the judge."""
    canonical = fastavro.schema.to_parsing_canonical_form(json.loads(files.text(topic)))
    judged = fastavro.schema.fingerprint(canonical, "CRC-64-AVRO")
    assert files.fingerprint(topic).hex() == judged
