"""A minimal .xls: BIFF8 records in a compound file, enough for a spreadsheet library to read."""

import struct
from collections.abc import Sequence

SECTOR = 512
STREAM_MIN = 4096
"""Shorter streams would have to go into the mini stream."""


def xls(sheets: Sequence[tuple[str, Sequence[Sequence[str | float | None]]]]) -> bytes:
    """Sheets of texts and numbers as an Excel 97 file."""
    return compound("Workbook", workbook(sheets))


def workbook(sheets: Sequence[tuple[str, Sequence[Sequence[str | float | None]]]]) -> bytes:
    """The Workbook stream."""
    bodies = [_sheet(rows) for _, rows in sheets]
    bounds = [len(_bound(0, name)) for name, _ in sheets]
    at = len(_bof(0x0005)) + sum(bounds) + len(_record(0x000A))
    head = _bof(0x0005)
    for (name, _), body in zip(sheets, bodies, strict=True):
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


def _sheet(rows: Sequence[Sequence[str | float | None]]) -> bytes:
    width = max(len(row) for row in rows)
    out = _bof(0x0010) + _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, str):
                text = struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")
                out += _record(0x0204, struct.pack("<HHH", r, c, 0) + text)
            elif value is not None:
                out += _record(0x0203, struct.pack("<HHHd", r, c, 0, value))
    return out + _record(0x000A)


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
