"""Days and times in JSON: by their names, which must therefore be right everywhere."""

import ast
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.iso_times import DAYS, TIMES, with_iso_times
from schemas.files import RECORDS, parsed

ROOT = Path(__file__).parent.parent
RESULTS = ["app", "consumers", "projections", "evidence"]
"""Rooms whose results become JSON."""
WRITTEN = {"Day": DAYS, "Micros": TIMES}
NOT_SHOWN = {("Erased", "day")}
"""Fields of results that are never given to JSON under this name."""


def _typed_fields() -> Iterator[tuple[str, str, str]]:
    """Class, field and kind of every field that is a day or a time."""
    for path in (p for room in RESULTS for p in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    kind = ast.unparse(field.annotation).split(" | ")[0]
                    if kind in WRITTEN:
                        yield node.name, field.target.id, kind


def _schema_fields(schema: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Name and logical type of every field of a schema."""
    if isinstance(schema, list):
        for branch in schema:
            yield from _schema_fields(branch, name)
    elif isinstance(schema, dict):
        if "logicalType" in schema:
            yield name, schema["logicalType"]
        for field in schema.get("fields", []):
            yield from _schema_fields(field["type"], field["name"])
        for part in ("type", "items"):
            if isinstance(schema.get(part), dict | list):
                yield from _schema_fields(schema[part], name)


def test_every_day_and_time_of_a_result_is_written_out() -> None:
    """A new one whose name the table lacks would reach programs as a bare number."""
    found = set(_typed_fields())
    assert ("Payment", "occurred_on", "Day") in found
    lacking = {
        (cls, name)
        for cls, name, kind in found
        if name not in WRITTEN[kind] and (cls, name) not in NOT_SHOWN
    }
    assert lacking == set()


@pytest.mark.parametrize("record", sorted(RECORDS))
def test_the_names_mean_the_same_in_the_log(record: str) -> None:
    """`log show` gives records as they are."""
    for name, logical in _schema_fields(parsed(record)):
        assert (logical == "date") == (name in DAYS), name
        assert (logical == "timestamp-micros") == (name in TIMES), name


@given(st.integers(-10_000, 100_000), st.integers(0, 4_000_000_000_000))
def test_what_is_written_can_be_read_back(days: int, millis: int) -> None:
    """ISO 8601, as any language reads it."""
    found = with_iso_times([{"as_of": days, "deep": {"recorded_at": millis * 1000}, "at": days}])[0]
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    assert dt.date.fromisoformat(found["as_of"]) == epoch.date() + dt.timedelta(days=days)
    at = dt.datetime.fromisoformat(found["deep"]["recorded_at"])
    assert at == epoch + dt.timedelta(milliseconds=millis)
    assert at.utcoffset() == dt.timedelta(0)
    assert found["at"] == days


def test_what_is_unknown_stays_unknown() -> None:
    """Null is no day, true is no number."""
    assert with_iso_times({"as_of": None, "recorded_at": True}) == {
        "as_of": None, "recorded_at": True,
    }  # fmt: skip
