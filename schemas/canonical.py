"""
Parsing canonical form and CRC-64-AVRO of a schema text, as in the Avro 1.11 specification.

Our own, because verdicts depend on it: a new release of a library must never change one.
"""

import json
from functools import lru_cache
from typing import Any, Final

EMPTY: Final = 0xC15D213AA4D7A795
PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "bytes", "string"})

DEPTH_MAX: Final = 32
"""Deepest nesting: far below the interpreter's own limit, which depends on who called."""


def _table() -> tuple[int, ...]:
    out = []
    for number in range(256):
        value = number
        for _ in range(8):
            value = (value >> 1) ^ (EMPTY & -(value & 1))
        out.append(value)
    return tuple(out)


_TABLE: Final = _table()


def crc64(data: bytes) -> bytes:
    """CRC-64-AVRO of *data*, 8 bytes, little endian as in single-object encoding."""
    value = EMPTY
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value.to_bytes(8, "little")


class NotASchema(ValueError):
    """The text is not a record schema in the form that we write."""


def _canonical(schema: Any, known: set[str], depth: int = 0) -> str:
    """
    Parsing canonical form of a schema in the form that we write; *known* are the names defined.

    Records and fixed by full name, arrays, ``[null, X]``, primitives without floats.
    """
    if depth > DEPTH_MAX:
        raise NotASchema("too deep")
    if isinstance(schema, str):
        if schema not in PRIMITIVES and schema not in known:
            raise NotASchema("a name that is not defined")
        return json.dumps(schema)
    if isinstance(schema, list):
        if len(schema) != 2 or schema[0] != "null":  # noqa: PLR2004  null and one type
            raise NotASchema("a union that is not nullable")
        return f'["null",{_canonical(schema[1], known, depth + 1)}]'
    kind = schema["type"]
    if kind == "array":
        return f'{{"type":"array","items":{_canonical(schema["items"], known, depth + 1)}}}'
    if kind not in ("record", "fixed"):
        return _canonical(kind, known, depth + 1)
    return _named(schema, known, depth)


def _named(schema: Any, known: set[str], depth: int) -> str:
    name, kind = schema["name"], schema["type"]
    if not isinstance(name, str) or "." not in name or "namespace" in schema or name in known:
        raise NotASchema("not a new full name")
    known.add(name)
    head = f'{{"name":{json.dumps(name)},"type":"{kind}"'
    if kind == "fixed":
        return f'{head},"size":{int(schema["size"])}}}'
    listed = ",".join(
        f'{{"name":{json.dumps(f["name"])},"type":{_canonical(f["type"], known, depth + 1)}}}'
        for f in schema["fields"]
    )
    return f'{head},"fields":[{listed}]}}'


@lru_cache(maxsize=256)  # a ledger's schemas, of which each reading of a verification asks
def named_fingerprint(text: str) -> tuple[str, bytes]:
    """
    Full name and fingerprint of the record schema *text*.

    Raises:
        NotASchema: it is none.
    """
    try:
        schema = json.loads(text)
        if schema["type"] != "record":
            raise NotASchema(text[:20])
        canonical = _canonical(schema, set())
        name = str(schema["name"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise NotASchema from error
    return name, crc64(canonical.encode())
