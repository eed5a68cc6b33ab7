"""
Tables for people: never wider than the terminal, Chinese letters counted as two columns.

What does not fit beside the rest goes to a second line of its row, with its heading; a money
column is never cut, nor an id, a hash or a digest: whoever copies one must get all of it. Prose is wrapped where a column of it is wide enough to be read.
"""

import os
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TextIO

from rich.cells import cell_len, chop_cells

WIDTH_UNSEEN: Final = 100
"""Columns when nobody looks (a pipe, a file)."""
WIDTH_LEAST: Final = 40
GAP: Final = "  "
COLUMN_LEAST: Final = 2
"""One Chinese letter."""
INDENT: Final = 6
"""Before the second line of a row."""
KEPT: Final = 2
"""The first columns say which row it is; they stay in the first line."""
PROSE: Final = 30
"""A column of prose is not made narrower than this beside others."""
LONG: Final = 20
"""Text longer than this leaves the first line before anything else does."""


WHOLE: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z+/=_-]{19,}…?")
"""Ids, hashes, digests: not to be broken, where a line is wide enough."""


class Heading(NamedTuple):
    """What stands above a column."""

    words: str
    right: bool = False
    """Figures, aligned to the right."""
    text: bool = True
    """May be wrapped."""


def width_of(stream: TextIO) -> int:
    """Columns of whoever looks; 100 if nobody does."""
    if not stream.isatty():
        return WIDTH_UNSEEN
    return max(WIDTH_LEAST, os.get_terminal_size(stream.fileno()).columns or WIDTH_UNSEEN)


def lines_of(
    headings: Sequence[Heading], rows: Sequence[Sequence[str]], width: int
) -> Iterator[str]:
    """The lines of a table, none wider than *width* columns."""
    natural = [
        max(_longest(cells), cell_len(heading.words))
        for heading, cells in zip(headings, zip(*rows, strict=True), strict=True)
    ]
    beside = _beside(headings, natural, width)
    widths = _shrunk(headings, natural, beside, width)
    never = {i for i, w in zip(beside, widths, strict=True) if _fits_never(rows, i, w)}
    if never:
        beside = [i for i in beside if i not in never]
        widths = _shrunk(headings, natural, beside, width)
    words = [_wrapped(headings[i].words, w) for i, w in zip(beside, widths, strict=True)]
    yield from _joined(headings, words, beside, widths)
    yield "─" * min(width, sum(widths) + len(GAP) * (len(widths) - 1))
    for row in rows:
        shown = {i: w for i, w in zip(beside, widths, strict=True) if _whole(row[i]) <= w}
        cells = [_wrapped(row[i] if i in shown else "", w)
                 for i, w in zip(beside, widths, strict=True)]  # fmt: skip
        yield from _joined(headings, cells, beside, widths)
        below = [i for i in range(len(headings)) if i not in shown and row[i]]
        pieces = [f"{headings[i].words} {row[i]}" for i in below]
        if pieces:
            yield from flowing(pieces, width, indent=INDENT)


def _whole(text: str) -> int:
    """Columns of the longest id or digest in a text."""
    return max((cell_len(found[0]) for found in WHOLE.finditer(text)), default=0)


def _fits_never(rows: Sequence[Sequence[str]], i: int, width: int) -> bool:
    """Whether column *i* of that width could hold none of its ids: then it stands below."""
    return i >= KEPT and bool(rows) and all(not row[i] or _whole(row[i]) > width for row in rows)


def flowing(pieces: Sequence[str], width: int, *, indent: int = 0) -> Iterator[str]:
    """Pieces in lines, broken between pieces, inside one only where it is too long by itself."""
    line = " " * indent
    empty = True
    for piece in pieces:
        if not empty and cell_len(line) + len(GAP) + cell_len(piece) > width:
            yield line
            line, empty = " " * indent + GAP, True
        line = f"{line}{piece}" if empty else f"{line}{GAP}{piece}"
        empty = False
        if cell_len(line) > width:
            *full, line = _wrapped(line.lstrip(), width - indent - len(GAP))
            first = " " * indent
            for number, part in enumerate(full):
                yield f"{first if number == 0 else first + GAP}{part}"
            line = f"{first}{GAP}{line}"
    if not empty:
        yield line.rstrip()


def _beside(headings: Sequence[Heading], natural: Sequence[int], width: int) -> list[int]:
    """Which columns stand in the first line: long text leaves first, then from the right."""
    found = list(range(len(headings)))
    leaving = [i for i in found[KEPT:] if headings[i].text and natural[i] > LONG]
    leaving = [i for i in found[KEPT:] if i not in leaving] + leaving
    while leaving and _least(headings, natural, found) > width:
        found.remove(leaving.pop())
    return found


def _least(headings: Sequence[Heading], natural: Sequence[int], shown: Sequence[int]) -> int:
    """The narrowest these columns can be."""
    widths = [min(natural[i], PROSE) if _is_prose(headings[i], natural[i]) else natural[i]
              for i in shown]  # fmt: skip
    return sum(widths) + len(GAP) * (len(shown) - 1)


def _is_prose(heading: Heading, natural: int) -> bool:
    """Longer than any id: an id of 36 letters is kept whole."""
    return heading.text and natural > len("00000000-0000-0000-0000-000000000000")


def _shrunk(
    headings: Sequence[Heading], natural: Sequence[int], shown: Sequence[int], width: int
) -> list[int]:
    """Widths that fit; what is too much is taken from the widest column of text."""
    widths = [natural[i] for i in shown]
    over = sum(widths) + len(GAP) * (len(shown) - 1) - width
    texts = [n for n, i in enumerate(shown) if headings[i].text] or list(range(len(shown)))
    for _ in range(max(0, over)):
        widest = max(texts, key=widths.__getitem__)
        widths[widest] = max(COLUMN_LEAST, widths[widest] - 1)
    return widths


def _joined(
    headings: Sequence[Heading],
    cells: Sequence[Sequence[str]],
    shown: Sequence[int],
    widths: Sequence[int],
) -> list[str]:
    """The wrapped cells of one row, side by side."""
    lines = []
    for number in range(max(map(len, cells), default=0)):
        parts = [
            _padded(cell[number] if number < len(cell) else "", width, right=headings[i].right)
            for cell, width, i in zip(cells, widths, shown, strict=True)
        ]
        lines.append(GAP.join(parts).rstrip())
    return lines


def _padded(text: str, width: int, *, right: bool) -> str:
    spaces = " " * (width - cell_len(text))
    return spaces + text if right else text + spaces


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of that many columns, broken at a space if there is one in reach."""
    return [line for given in text.split("\n") for line in _folded(given, width)]


def _folded(text: str, width: int) -> Iterator[str]:
    rest = text
    while cell_len(rest) > width:
        part = chop_cells(rest, width)[0]
        space = part.rfind(" ")
        begun = _begun_whole(rest, len(part), width)
        if begun:
            part = part[:begun]
        elif rest[len(part)] != " " and space > len(part) // 2:
            part = part[:space]
        yield part.rstrip()
        rest = rest[len(part) :].lstrip()
    yield rest


def _begun_whole(text: str, end: int, width: int) -> int:
    """Where the id or digest begins that a break at *end* would cut; 0 if none that fits a line."""
    for found in WHOLE.finditer(text):
        if found.start() < end < found.end() and cell_len(found[0]) <= width:
            return found.start()
    return 0


def _longest(cells: Sequence[str]) -> int:
    return max((cell_len(line) for cell in cells for line in cell.split("\n")), default=0)
