"""Canonical form and fingerprint of schemas, judged by fastavro; what is no schema is said to be none."""

import json
from typing import Any

import fastavro.schema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.canonical import NotASchema, named_fingerprint
from schemas.files import RECORDS, text

NAMES = st.from_regex(r"[A-Z][a-z0-9]{1,5}", fullmatch=True)
LEAF = st.sampled_from(
    [
        "null", "boolean", "int", "long", "bytes", "string",
        {"type": "string", "logicalType": "uuid"}, {"type": "int", "logicalType": "date"},
        {"type": "long", "logicalType": "timestamp-micros"}, {"type": "string"},
    ]
)  # fmt: skip


@st.composite
def schemas(draw: st.DrawFn) -> Any:
    """A record schema in the form that we write, names unique in it."""
    used: set[str] = set()

    def name() -> str:
        found = draw(NAMES.filter(lambda n: n not in used))
        used.add(found)
        return f"hengwen.{found}"

    def kind(depth: int) -> Any:
        choice = draw(st.sampled_from(["leaf", "leaf", "null", "array", "fixed", "record"]))
        if depth > 3 or choice == "leaf":
            return draw(LEAF)
        if choice == "null":
            return ["null", draw(LEAF.filter(lambda s: s != "null"))]
        if choice == "array":
            return {"type": "array", "items": kind(depth + 1)}
        if choice == "fixed":
            return {"type": "fixed", "name": name(), "size": draw(st.integers(1, 64)), "doc": "x"}
        return record(depth + 1)

    def record(depth: int) -> Any:
        title = name()
        fields = [
            {"name": f"f{n}", "type": kind(depth), "doc": draw(st.text(max_size=5))}
            for n in range(draw(st.integers(1, 4)))
        ]
        return {"type": "record", "name": title, "doc": "样例", "fields": fields}

    return record(0)


def judged(schema: Any) -> str:
    """The fingerprint that fastavro gives, in hexadecimal, little endian."""
    canonical = fastavro.schema.to_parsing_canonical_form(schema)
    return str(fastavro.schema.fingerprint(canonical, "CRC-64-AVRO"))


@given(schemas())
def test_fingerprints_of_any_schema_of_ours_are_the_judges(schema: Any) -> None:
    """Nested records, fixed values, arrays, nulls, logical types, docs in any language."""
    name, fingerprint = named_fingerprint(json.dumps(schema, ensure_ascii=False))
    assert (name, fingerprint.hex()) == (schema["name"], judged(schema))


@given(st.sampled_from(sorted(RECORDS)), st.integers(0, 8))
def test_layout_and_docs_do_not_change_a_fingerprint(topic: str, indent: int) -> None:
    """The same schema, printed otherwise; but a field's other name is another schema."""
    schema = json.loads(text(topic))
    same = json.dumps(schema | {"doc": "other words"}, indent=indent)
    assert named_fingerprint(same) == named_fingerprint(text(topic))
    schema["fields"][0]["name"] += "_"
    assert named_fingerprint(json.dumps(schema)) != named_fingerprint(text(topic))


ENDLESS = (
    '{"type":"record","name":"R","fields":[{"name":"a","type":'
    '{"type":"fixed","name":"F","size":1e999}}]}'
)


@example(ENDLESS)
@given(
    st.text(max_size=60)
    | st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["type", "name", "fields", "items", "size"]), inner)
        ),
    ).map(json.dumps)
)
def test_anything_else_is_no_schema(garbage: str) -> None:
    """Said in one word, whatever is wrong with it."""
    with pytest.raises(NotASchema):
        named_fingerprint(garbage)


def from_below(frames: int, schema: str) -> bool:
    """Whether *schema* is one when asked so many calls further down."""
    if frames:
        return from_below(frames - 1, schema)
    try:
        named_fingerprint(schema)
    except NotASchema:
        return False
    return True


@pytest.mark.parametrize("levels", [10, 40, 300, 950, 1_200, 8_000])
def test_what_is_a_schema_does_not_depend_on_who_asks(levels: int) -> None:
    """However deep the nesting: the interpreter's limit would answer otherwise from deeper calls."""
    inner = '{"type":"array","items":' * levels + '"int"' + "}" * levels
    nested = f'{{"type":"record","name":"hengwen.R","fields":[{{"name":"a","type":{inner}}}]}}'
    assert {from_below(frames, nested) for frames in (0, 50, 400)} == {levels == 10}


FOREIGN = [
    {"type": "enum", "name": "hengwen.E", "symbols": ["A"]},
    {"type": "map", "values": "string"},
    "hengwen.Missing",
    ["string", "int", "null"],
    "float",
]
"""What Avro has and we never write."""


@pytest.mark.parametrize("foreign", FOREIGN, ids=json.dumps)
def test_what_we_never_write_is_refused(foreign: Any) -> None:
    """No enums, maps, floats, names out of nowhere, or unions other than null and something."""
    schema = {"type": "record", "name": "hengwen.R", "fields": [{"name": "a", "type": foreign}]}
    with pytest.raises(NotASchema):
        named_fingerprint(json.dumps(schema))
