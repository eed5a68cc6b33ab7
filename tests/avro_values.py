"""Hypothesis strategies for records, from the schemas themselves."""

from typing import Any

from hypothesis import strategies as st

import domain.parts
from schemas.files import RECORDS, parsed
from schemas.varint import DAY_MAX, DAY_MIN, INT_MAX, LONG_MAX, LONG_MIN, MICROS_MAX, MICROS_MIN

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "string": TEXT,
    "uuid": st.uuids().map(str),
    "bytes": st.binary(max_size=80),
    "boolean": st.booleans(),
    "int": st.integers(-INT_MAX - 1, INT_MAX),
    "long": st.one_of(st.integers(-70, 70), st.integers(LONG_MIN, LONG_MAX)),
    "date": st.integers(DAY_MIN, DAY_MAX),
    "timestamp-micros": st.integers(MICROS_MIN, MICROS_MAX),
}


def _values(schema: Any, named: dict[str, Any]) -> st.SearchStrategy[Any]:
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    if isinstance(schema, list):
        return st.none() | _values(schema[1], named)
    if isinstance(schema, str):
        return SIMPLE[schema]
    if "name" in schema:
        named[schema["name"]] = schema
    kind = schema.get("logicalType") or schema["type"]
    if kind == "fixed":
        return st.binary(min_size=schema["size"], max_size=schema["size"])
    if kind == "array":
        return st.lists(_values(schema["items"], named), max_size=4)
    if kind == "record":
        part = getattr(domain.parts, schema["name"].removeprefix("hengwen."))
        fields = [_values(f["type"], named) for f in schema["fields"]]
        return st.tuples(*fields).map(lambda values: part(*values))
    return SIMPLE[kind]


def records(topic: str) -> st.SearchStrategy[Any]:
    """Any record of the schema *topic*."""
    named: dict[str, Any] = {}
    fields = {f["name"]: _values(f["type"], named) for f in parsed(topic)["fields"]}
    return st.builds(RECORDS[topic], **fields)
