"""
A minimal .xls: BIFF8 records in a compound file, with what no library here writes.

Values of formulas, which Excel stores beside them, and the mark of a password.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

SECTOR = 512
STREAM_MIN = 4096
"""Shorter streams would have to go into the mini stream."""


DIV_0 = 0x07
OTHER_RESULT = struct.Struct("<BxBxxxH")
"""In place of a formula's number: text, error or nothing."""
ADD_500_AND_500 = bytes.fromhex("1ef4011ef40103")
"""The formula =500+500 as Excel stores it."""


@dataclass(frozen=True)
class Failed:
    """A cell with =500+500, for which #DIV/0! was stored."""


@dataclass(frozen=True)
class Computed:
    """A cell with =500+500 and the value that was stored for it, None: an empty one."""

    value: float | str | None


Value = str | float | Failed | Computed | None


@dataclass(frozen=True)
class Book:
    """A workbook."""

    sheets: Sequence[tuple[str, Sequence[Sequence[Value]]]]
    password: bool = False


def xls_of(book: Book) -> bytes:
    """The workbook as an Excel 97 file."""
    return compound("Workbook", workbook(book))


def workbook(book: Book) -> bytes:
    """The Workbook stream."""
    bodies = [_sheet(rows) for _, rows in book.sheets]
    head = _bof(0x0005) + (_record(0x002F, bytes(54)) if book.password else b"")
    bounds = sum(len(_bound(0, name)) for name, _ in book.sheets)
    at = len(head) + bounds + len(_record(0x000A))
    for (name, _), body in zip(book.sheets, bodies, strict=True):
        head += _bound(at, name)
        at += len(body)
    return head + _record(0x000A) + b"".join(bodies)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _bound(at: int, name: str) -> bytes:
    text = name.encode("utf-16-le")
    return _record(0x0085, struct.pack("<IBBBB", at, 0, 0, len(name), 1) + text)


def _sheet(rows: Sequence[Sequence[Value]]) -> bytes:
    width = max(len(row) for row in rows)
    out = _bof(0x0010) + _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            out += _cell(r, c, value)
    return out + _record(0x000A)


def _cell(row: int, column: int, value: Value) -> bytes:
    at = struct.pack("<HHH", row, column, 0)
    match value:
        case None:
            return b""
        case str():
            return _record(0x0204, at + _string(value))
        case Failed():
            return _formula(at, OTHER_RESULT.pack(2, DIV_0, 0xFFFF))
        case Computed():
            return _computed(at, value.value)
        case number:
            return _record(0x0203, at + struct.pack("<d", number))


def _computed(at: bytes, value: float | str | None) -> bytes:
    if value is None:
        return _formula(at, OTHER_RESULT.pack(3, 0, 0xFFFF))
    if isinstance(value, str):
        return _formula(at, OTHER_RESULT.pack(0, 0, 0xFFFF)) + _record(0x0207, _string(value))
    return _formula(at, struct.pack("<d", value))


def _string(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _formula(at: bytes, result: bytes) -> bytes:
    tokens = ADD_500_AND_500
    return _record(0x0006, at + result + struct.pack("<HIH", 0, 0, len(tokens)) + tokens)


def compound(name: str, stream: bytes) -> bytes:
    """A compound file with one stream."""
    stream += bytes(max(0, STREAM_MIN - len(stream)))
    stream += bytes(-len(stream) % SECTOR)
    count = len(stream) // SECTOR
    total = count + 1  # and the directory
    fats = 1
    while fats * 128 < total + fats:
        fats += 1
    chain = [*range(1, count), 0xFFFFFFFE, 0xFFFFFFFE, *([0xFFFFFFFD] * fats)]
    chain += [0xFFFFFFFF] * (fats * 128 - len(chain))
    fat = struct.pack(f"<{len(chain)}I", *chain)
    difat = [count + 1 + i for i in range(fats)] + [0xFFFFFFFF] * (109 - fats)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, count, 0, 4096,
                          0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    header += struct.pack("<109I", *difat)
    directory = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + _entry(name, 2, None, 0, len(stream))
    directory += bytes(SECTOR - len(directory))
    return header + stream + directory + fat


def _entry(name: str, kind: int, child: int | None, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    none = 0xFFFFFFFF
    return (
        text
        + bytes(64 - len(text))
        + struct.pack("<HBBIII", len(text), kind, 1, none, none, none if child is None else child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
