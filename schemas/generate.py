"""
Code from schemas: a reader and a writer for each record, as straight-line Python.

Reading checks what fastavro lets pass: overlong and oversized varints, negative lengths, odd
booleans, split arrays, identifiers in another spelling, dates outside the calendar, trailing
bytes. What is read is exactly what would be written.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from typing import Any, Final

import domain.parts
from schemas.files import parsed
from schemas.varint import (
    DAY_MAX,
    DAY_MIN,
    INT_MAX,
    MICROS_MAX,
    MICROS_MIN,
    SMALL,
    Canonical,
    read_varint,
    uuid_text,
    write_varint,
)

_BOUNDS: Final = {
    "int": (-INT_MAX - 1, INT_MAX),
    "date": (DAY_MIN, DAY_MAX),
    "timestamp-micros": (MICROS_MIN, MICROS_MAX),
}
_NAMESPACE: Final[dict[str, Any]] = {
    "Any": Any,
    "Canonical": Canonical,
    "read_varint": read_varint,
    "write_varint": write_varint,
    "uuid_text": uuid_text,
    "SMALL": SMALL,
    "SMALL_END": len(SMALL),
    "new": object.__new__,
    **{name: getattr(domain.parts, name) for name in dir(domain.parts) if name[0].isupper()},
}


class _Source:
    """Lines of a function being written, and fresh names for its variables."""

    def __init__(self, named: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.indent = 1
        self.named = named
        self._numbers: Iterator[int] = count()

    def fresh(self) -> str:
        return f"v{next(self._numbers)}"

    def add(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def resolve(self, schema: Any) -> Any:
        """A schema by name becomes the schema; a definition is remembered under its name."""
        if isinstance(schema, str):
            return self.named.get(schema, schema)
        if isinstance(schema, dict) and "name" in schema:
            self.named[schema["name"]] = schema
        return schema


def _kind(schema: Any) -> str:
    if isinstance(schema, list):
        return "nullable"
    if isinstance(schema, str):
        return schema
    return str(schema.get("logicalType") or schema["type"])


def _read_number(src: _Source, kind: str) -> str:
    name = src.fresh()
    src.add(f"{name} = data[at]; at += 1")
    src.add(f"if {name} < 128: {name} = ({name} >> 1) ^ -({name} & 1)")
    src.add(f"else: {name}, at = read_varint(data, at - 1)")
    if kind in _BOUNDS:
        low, high = _BOUNDS[kind]
        src.add(f"if not {low} <= {name} <= {high}: raise Canonical('range')")
    return name


def _read_length(src: _Source) -> str:
    name = _read_number(src, "long")
    src.add(f"if {name} < 0: raise Canonical('length')")
    return name


def _read_bytes(src: _Source, length: str) -> str:
    name = src.fresh()
    src.add(f"{name} = data[at:at + {length}]; at += {length}")
    src.add("if at > size: raise Canonical('too short')")
    return name


def _read(src: _Source, schema: Any) -> str:  # noqa: C901, PLR0911  one arm a type
    """Write the lines that read *schema*; the name that holds the value."""
    schema = src.resolve(schema)
    match _kind(schema):
        case "string":
            return f"{_read_bytes(src, _read_length(src))}.decode()"
        case "uuid":
            name = src.fresh()
            src.add(f"{name} = uuid_text({_read_bytes(src, _read_length(src))}.decode())")
            return name
        case "bytes":
            return _read_bytes(src, _read_length(src))
        case "fixed":
            return _read_bytes(src, str(schema["size"]))
        case "boolean":
            name = src.fresh()
            src.add(f"{name} = data[at]; at += 1")
            src.add(f"if {name} > 1: raise Canonical('boolean')")
            return f"({name} == 1)"
        case "nullable":
            name, branch = src.fresh(), src.fresh()
            src.add(f"{branch} = data[at]; at += 1")
            src.add(f"if {branch} == 0: {name} = None")
            src.add(f"elif {branch} == 2:")
            src.indent += 1
            src.add(f"{name} = {_read(src, schema[1])}")
            src.indent -= 1
            src.add("else: raise Canonical('union')")
            return name
        case "array":
            return _read_array(src, schema)
        case "record":
            values = [_read_value(src, field["type"]) for field in schema["fields"]]
            return f"{schema['name'].removeprefix('hengwen.')}({', '.join(values)})"
        case number:
            return _read_number(src, number)


def _read_value(src: _Source, schema: Any) -> str:
    """Like _read, but always a plain name: values are read in order, then put together."""
    expression = _read(src, schema)
    if expression.isidentifier():
        return expression
    name = src.fresh()
    src.add(f"{name} = {expression}")
    return name


def _read_array(src: _Source, schema: Any) -> str:
    name = src.fresh()
    length = _read_length(src)
    src.add(f"{name} = []")
    src.add(f"if {length}:")
    src.indent += 1
    src.add(f"if {length} > size: raise Canonical('array')")
    src.add(f"for _ in range({length}):")
    src.indent += 1
    src.add(f"{name}.append({_read(src, schema['items'])})")
    src.indent -= 1
    src.add("if data[at] != 0: raise Canonical('array')")
    src.add("at += 1")
    src.indent -= 1
    return name


def decoder(topic: str, cls: type[Any]) -> Callable[[bytes, int], Any]:
    """The function ``read(data, at)`` that gives an object of *cls* or raises Canonical."""
    return _ahead(f"read_{cls.__name__}") or _ready(reading(topic, "read"), {"cls": cls})


def reading(topic: str, name: str) -> str:
    """The text of the function that reads the record *topic*; it speaks of its class as ``cls``."""
    src = _Source({})
    src.add("size = len(data)")
    src.add("record: Any = new(cls)")
    for field in parsed(topic)["fields"]:
        src.add(f"record.{field['name']} = {_read(src, field['type'])}")
    src.add("if at != size: raise Canonical('trailing bytes')")
    src.add("return record")
    return "\n".join([f"def {name}(data: bytes, at: int) -> Any:", *src.lines])


def _number_bytes(src: _Source, name: str, kind: str) -> str:
    """An expression for the bytes of the number *name*."""
    if kind in _BOUNDS:
        low, high = _BOUNDS[kind]
        src.add(f"if not {low} <= {name} <= {high}: raise Canonical('range')")
    return f"(SMALL[{name}] if 0 <= {name} < SMALL_END else write_varint({name}))"


def _sized(src: _Source, name: str) -> list[str]:
    """Expressions for a length and the bytes *name* behind it."""
    size = src.fresh()
    src.add(f"{size} = len({name})")
    return [_number_bytes(src, size, "long"), name]


def _write(src: _Source, schema: Any, name: str) -> list[str]:  # noqa: C901, PLR0911  one arm a type
    """Write the lines that prepare the value *name*; expressions for its bytes, in order."""
    schema = src.resolve(schema)
    match _kind(schema):
        case "string" | "uuid":
            # An identifier in another spelling is written as it is, and then refused by readers.
            raw = src.fresh()
            src.add(f"{raw} = {name}.encode()")
            return _sized(src, raw)
        case "bytes":
            return _sized(src, name)
        case "fixed":
            src.add(f"if len({name}) != {schema['size']}: raise Canonical('size')")
            return [name]
        case "boolean":
            return [f"(b'\\x01' if {name} else b'\\x00')"]
        case "nullable":
            return [_write_nullable(src, schema[1], name)]
        case "array":
            return [_write_array(src, schema["items"], name)]
        case "record":
            parts: list[str] = []
            for field in schema["fields"]:
                local = src.fresh()
                src.add(f"{local} = {name}.{field['name']}")
                parts += _write(src, field["type"], local)
            return parts
        case number:
            return [_number_bytes(src, name, number)]


def _write_nullable(src: _Source, schema: Any, name: str) -> str:
    joined = src.fresh()
    src.add(f"if {name} is None: {joined} = b'\\x00'")
    src.add("else:")
    src.indent += 1
    parts = _write(src, schema, name)
    src.add(f"{joined} = b'\\x02' + {' + '.join(parts)}")
    src.indent -= 1
    return joined


def _write_array(src: _Source, items: Any, name: str) -> str:
    joined, parts, item, size = src.fresh(), src.fresh(), src.fresh(), src.fresh()
    src.add(f"{joined} = b'\\x00'")
    src.add(f"if {name}:")
    src.indent += 1
    src.add(f"{size} = len({name})")
    src.add(f"{parts} = [{_number_bytes(src, size, 'long')}]")
    src.add(f"for {item} in {name}:")
    src.indent += 1
    src.add(f"{parts} += ({', '.join(_write(src, items, item))},)")
    src.indent -= 1
    src.add(f"{joined} = b''.join({parts}) + b'\\x00'")
    src.indent -= 1
    return joined


def encoder(topic: str, header: bytes) -> Callable[[Any], bytes]:
    """The function ``write(record)`` that gives the bytes of a record behind *header*."""
    return _ahead(f"write_{topic.removeprefix('hengwen.')}") or _ready(
        writing(topic, "write"), {"header": header}
    )


def writing(topic: str, name: str) -> str:
    """The text of the function that writes the record *topic*, behind its ``header``."""
    src = _Source({})
    parts = ["header"]
    for field in parsed(topic)["fields"]:
        local = src.fresh()
        src.add(f"{local} = record.{field['name']}")
        parts += _write(src, field["type"], local)
    src.add(f"return b''.join(({', '.join(parts)},))")
    return "\n".join([f"def {name}(record: Any) -> bytes:", *src.lines])


def _ahead(name: str) -> Callable[..., Any] | None:
    """The same text made ahead of time and compiled, in a copy that has it: tools/compile_core.py."""
    if find_spec("schemas.ahead") is None:
        return None
    return getattr(import_module("schemas.ahead"), name, None)


def _ready(text: str, names: dict[str, Any]) -> Callable[..., Any]:
    scope = _NAMESPACE | names
    exec(text, scope)
    function: Callable[..., Any] = scope["read" if "cls" in names else "write"]
    return function
