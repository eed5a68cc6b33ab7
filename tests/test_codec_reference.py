"""Both directions against fastavro: what it writes back alike is read, and nothing else is."""

import io
from typing import Any

import fastavro
import pytest
from avro_values import records
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain import submissions as s
from domain.units import Day
from schemas import codec, files

TOPICS = sorted(files.RECORDS)
HEADER = codec.HEADER_BYTES


def kept_by_fastavro(topic: str, body: bytes) -> bool:
    """Whether fastavro reads *body*, finds it valid and writes the same bytes again."""
    schema = files.parsed(topic)
    out = io.BytesIO()
    try:
        record = fastavro.schemaless_reader(io.BytesIO(body), schema)
        fastavro.schemaless_writer(out, schema, record)
    except Exception:  # noqa: BLE001  whatever the reference makes of garbage
        return False
    # Its reader takes numbers of more than 32 bits for an int; its own validation does not.
    return out.getvalue() == body and fastavro.validate(record, schema, raise_errors=False)


def read_by_us(value: bytes) -> bool:
    """Whether our codec takes *value*; no other error than its own comes out."""
    try:
        codec.decode(value)
    except codec.Unreadable:
        return False
    return True


@st.composite
def mutated(draw: st.DrawFn, topic: str) -> bytes:
    """A good value after one to three accidents."""
    value = bytearray(codec.encode(draw(records(topic))))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(HEADER, len(value)))
        match draw(st.sampled_from(["flip", "drop", "insert", "repeat", "cut"])):
            case "flip" if at < len(value):
                value[at] ^= 1 << draw(st.integers(0, 7))
            case "drop" if at < len(value):
                del value[at]
            case "insert":
                value[at:at] = draw(st.binary(min_size=1, max_size=3))
            case "repeat":
                value[at:at] = value[at : at + 4]
            case _:
                del value[at:]
    return bytes(value)


@pytest.mark.parametrize("topic", TOPICS)
@given(data=st.data())
@settings(max_examples=40)
def test_we_read_exactly_what_fastavro_writes_back_alike(topic: str, data: st.DataObject) -> None:
    """Neither more nor less, for every kind of record."""
    value = data.draw(mutated(topic))
    assert read_by_us(value) == kept_by_fastavro(topic, value[HEADER:])


@given(st.sampled_from(TOPICS), st.binary(max_size=400))
@example("hengwen.ReadIdentities", b"\xff" * 30)
@example("hengwen.ReadIdentities", b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01" * 4)
@settings(max_examples=500)
def test_garbage_behind_a_good_header_is_refused_in_words(topic: str, body: bytes) -> None:
    """Huge lengths, negative counts, cut texts: one error of ours, and soon."""
    header = files.MARKER + files.fingerprint(topic)
    assert read_by_us(header + body) == kept_by_fastavro(topic, body)


@pytest.mark.parametrize("field", ["text", "many"])
def test_a_length_that_promises_more_than_there_is_costs_nothing(field: str) -> None:
    """Two to the sixty-second bytes or entries are announced; none are reserved."""
    record = s.ReadIdentities(
        submission_id="00000000-0000-4000-8000-000000000000", organisation="", actor=None,
        occurred_on=Day(0), reading="00000000-0000-4000-8000-000000000000", persons=[],
        purpose="", case="",
    )  # fmt: skip
    value = codec.encode(record)
    huge = b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"
    end = {"text": -1, "many": -3}[
        field
    ]  # the last byte is the length of case, the third of persons
    assert not read_by_us(value[:end] + huge)


@given(data=st.data())
@settings(max_examples=60)
def test_a_record_that_does_not_fit_its_schema_is_not_written(data: st.DataObject) -> None:
    """Too large a number, half of one, a day outside the calendar, no text."""
    record: Any = data.draw(records("hengwen.MakePayment"))
    wrong = data.draw(
        st.sampled_from(
            [
                ("amount_fen", 1 << 63), ("amount_fen", -(1 << 63) - 1),
                ("occurred_on", 2_932_897), ("occurred_on", -719_163),
                ("fund", None),
                ("goods_quantity", 1.5), ("fund", "\ud800"),
            ]
        )
    )  # fmt: skip
    setattr(record, *wrong)
    with pytest.raises((OverflowError, TypeError, ValueError, AttributeError)):
        codec.encode(record)
