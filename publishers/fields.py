"""
JSON values ↔ fields of records, typed from the schemas.

Dates are ISO texts, money whole fen, bytes lower-case hexadecimal or base64; a nullable field may
be left out; a field the schema does not have is an error. No value ever gets into an error.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

import domain.parts
from domain.calendar import day_of
from schemas.files import parsed

Schema: TypeAlias = Any
"""A schema as JSON values."""
Typed: TypeAlias = Any
"""A value of a field: its type depends on the schema."""

UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
FIELD_NAME: Final = re.compile(r"[A-Za-z_]{1,40}")
HEX: Final = re.compile(r"(?:[0-9a-f]{2})*")
INT_BOUND: Final = 1 << 31
LONG_BOUND: Final = 1 << 63


class BadField(ValueError):
    """A field does not fit: *code* says why, *field* which (``items[2].side``)."""

    def __init__(self, code: str, field: str, wanted: str = "") -> None:
        super().__init__(f"{code} {field} {wanted}".rstrip())
        self.code = code
        self.field = field
        self.wanted = wanted


def shown(name: str) -> str:
    """A field's name as it may be told: what is no name of a field could be that of a person."""
    return name if FIELD_NAME.fullmatch(name) else "?"


class Field(NamedTuple):
    """One field of a record, from its schema."""

    name: str
    schema: Schema
    doc: str
    nullable: bool


@cache
def fields_of(topic: str) -> tuple[Field, ...]:
    """The fields of the record *topic*, in the schema's order."""
    return tuple(_field(entry) for entry in _expanded(parsed(topic), {})["fields"])


def _expanded(schema: Schema, named: dict[str, Schema]) -> Schema:
    """*schema* with every reference to an earlier definition replaced by the definition."""
    if isinstance(schema, str):
        return named.get(schema, schema)
    if isinstance(schema, list):
        return [_expanded(branch, named) for branch in schema]
    whole = dict(schema)
    if "name" in whole and "type" in whole and whole["type"] in ("record", "fixed"):
        named[whole["name"]] = whole
    if isinstance(whole.get("type"), dict | list):
        whole["type"] = _expanded(whole["type"], named)
    elif whole.get("type") in named:
        whole["type"] = named[whole["type"]]
    if "items" in whole:
        whole["items"] = _expanded(whole["items"], named)
    if "fields" in whole:
        whole["fields"] = [_expanded(entry, named) for entry in whole["fields"]]
    return whole


def _field(entry: Mapping[str, Any]) -> Field:
    schema = entry["type"]
    nullable = isinstance(schema, list)
    inner = next(s for s in schema if s != "null") if nullable else schema
    return Field(entry["name"], inner, entry["doc"], nullable)


def kind_of(schema: Schema) -> str:
    """The logical type of *schema*, or its plain type: string, uuid, bytes, int, date, array."""
    if isinstance(schema, str):
        return schema
    return str(schema.get("logicalType") or schema["type"])


def typed(field: Field, value: object, path: str) -> Typed:
    """
    The JSON *value* as the record's field wants it.

    Raises:
        BadField: WRONG_TYPE, BAD_DATE, BAD_BYTES, BAD_LENGTH, BAD_UUID, OUT_OF_RANGE,
            MISSING_FIELD, UNKNOWN_FIELD, with the path of the field and what was wanted.
    """
    if value is None:
        if field.nullable:
            return None
        raise BadField("MISSING_FIELD", path)
    return _READERS[kind_of(field.schema)](field.schema, value, path)


def typed_fields(
    fields: tuple[Field, ...], values: Mapping[str, object], path: str = ""
) -> dict[str, Any]:
    """All *fields* from the JSON object *values*; a missing nullable one is null."""
    names = {field.name for field in fields}
    for name in values:
        if name not in names:
            raise BadField("UNKNOWN_FIELD", path + shown(name))
    return {field.name: typed(field, values.get(field.name), path + field.name) for field in fields}


def untyped(value: object) -> Typed:
    r"""
    The value of a field as JSON can hold it, in one spelling: bytes as hexadecimal, dates as days.

    >>> untyped(b"\x01")
    '01'
    """
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: untyped(part) for name, part in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [untyped(part) for part in value]
    return value


def _string(_schema: Schema, value: object, path: str) -> str:
    if not isinstance(value, str):
        raise BadField("WRONG_TYPE", path, "text")
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can spell it, UTF-8 cannot
        raise BadField("WRONG_TYPE", path, "text") from None
    return value


def _uuid(schema: Schema, value: object, path: str) -> str:
    text = _string(schema, value, path)
    if UUID.fullmatch(text) is None:
        raise BadField("BAD_UUID", path)
    return text


def _bytes(schema: Schema, value: object, path: str) -> bytes:
    text = _string(schema, value, path)
    if HEX.fullmatch(text) is not None:
        return bytes.fromhex(text)
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadField("BAD_BYTES", path) from None


def _fixed(schema: Schema, value: object, path: str) -> bytes:
    data = _bytes(schema, value, path)
    if len(data) != schema["size"]:
        raise BadField("BAD_LENGTH", path, f"{schema['size']} bytes")
    return data


def _whole(value: object, path: str, bound: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadField("WRONG_TYPE", path, "whole number")
    if not -bound <= value < bound:
        raise BadField("OUT_OF_RANGE", path)
    return value


def _int(_schema: Schema, value: object, path: str) -> int:
    return _whole(value, path, INT_BOUND)


def _long(_schema: Schema, value: object, path: str) -> int:
    return _whole(value, path, LONG_BOUND)


def _boolean(_schema: Schema, value: object, path: str) -> bool:
    if not isinstance(value, bool):
        raise BadField("WRONG_TYPE", path, "true or false")
    return value


def _date(_schema: Schema, value: object, path: str) -> int:
    if not isinstance(value, str) or ISO_DATE.fullmatch(value) is None:
        raise BadField("BAD_DATE", path)
    try:
        return day_of(date.fromisoformat(value))
    except ValueError:
        raise BadField("BAD_DATE", path) from None


def _array(schema: Schema, value: object, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadField("WRONG_TYPE", path, "list")
    item = _field({"name": "", "type": schema["items"], "doc": ""})
    return [typed(item, part, f"{path}[{index}]") for index, part in enumerate(value)]


def _record(schema: Schema, value: object, path: str) -> Typed:
    if not isinstance(value, dict):
        raise BadField("WRONG_TYPE", path, "object")
    part = getattr(domain.parts, schema["name"].rpartition(".")[2])
    fields = tuple(_field(entry) for entry in schema["fields"])
    return part(**typed_fields(fields, value, f"{path}."))


_READERS: Final[dict[str, Callable[[Any, object, str], Any]]] = {
    "string": _string,
    "uuid": _uuid,
    "bytes": _bytes,
    "fixed": _fixed,
    "int": _int,
    "long": _long,
    "boolean": _boolean,
    "date": _date,
    "array": _array,
    "record": _record,
}
