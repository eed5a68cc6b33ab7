"""
A look at an .xls workbook before a spreadsheet library may touch it: the records of its stream.

The same is found as in the XML of an .xlsx: error cells and formulas without a value, which the
reader shows as empty, formulas with one, merged cells, hidden rows and columns, the calendar, and
cells so far away that reading them would take the machine's memory.

Source: [MS-XLS], the records of BIFF8 and of BIFF5, which differ here in the names of sheets only.
"""

import io
import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

import olefile

from publishers.roster.prescan import (
    CELLS_MAX,
    COLUMNS_MAX,
    HEAD_ROWS_MAX,
    MERGE_COLUMNS_MAX,
    MERGE_ROWS_MAX,
    ROWS_MAX,
    SheetScan,
    WorkbookScan,
)
from publishers.roster.problems import RosterUnreadable

STREAMS: Final = ("Workbook", "Book")
"""Excel 97 and later, Excel 5; the reader takes the first that is there, and so do we."""
BEGIN, END = 0x0809, 0x000A
SHEET_AT, CALENDAR, ENCRYPTED = 0x0085, 0x0022, 0x002F
FORMULA, TEXT_OF_FORMULA, TRUTH_OR_ERROR = 0x0006, 0x0207, 0x0205
NUMBER, SMALL_NUMBER, SMALL_NUMBERS = 0x0203, 0x027E, 0x00BD
TEXT, SHARED_TEXT, RICH_TEXT = 0x0204, 0x00FD, 0x00D6
ROW, COLUMNS, MERGED = 0x0208, 0x007D, 0x00E5
VALUES: Final = frozenset({FORMULA, NUMBER, SMALL_NUMBER, TEXT, SHARED_TEXT, RICH_TEXT})
BIFF8: Final = 0x0600
WORKSHEET: Final = 0
ROW_HIDDEN: Final = 0x20
COLUMN_HIDDEN: Final = 0x01
NO_NUMBER: Final = 0xFFFF
"""In the place of a formula's number: its value is of another kind."""
OF_TEXT, OF_ERROR, OF_NOTHING = 0, 2, 3
ERRORS: Final = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


DAMAGED: Final = (struct.error, IndexError, OSError, ValueError, TypeError)
"""What reading raises where a file was cut off or changed."""


class Record(NamedTuple):
    """One record of the stream."""

    kind: int
    data: bytes


class Bound(NamedTuple):
    """Where a sheet's records begin, and what the workbook says of it."""

    at: int
    hidden: bool
    name: str


def scan_old_workbook(data: bytes) -> WorkbookScan:
    """
    Scan an .xls file; its sheets in order, names only where the file says how they are written.

    Raises:
        RosterUnreadable: FILE_BROKEN, FILE_PASSWORD, SHEET_TOO_WIDE, SHEET_TOO_LONG,
            SHEET_TOO_MANY_CELLS.
    """
    try:
        stream = _stream(data)
        bounds, date1904 = _workbook(stream)
        sheets = tuple(_Scanner(bound).scan(_substream(stream, bound.at)) for bound in bounds)
    except DAMAGED as error:
        raise RosterUnreadable("FILE_BROKEN") from error
    return WorkbookScan(sheets, date1904)


def is_damaged(data: bytes) -> bool:
    """Whether a compound file, of whatever program, has lost its directory."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as compound:
            return not compound.listdir()
    except DAMAGED:
        return True


def _stream(data: bytes) -> bytes:
    with olefile.OleFileIO(io.BytesIO(data)) as compound:
        for name in STREAMS:
            if compound.exists(name):
                found: bytes = compound.openstream(name).read()
                return found
    raise RosterUnreadable("FILE_BROKEN")


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place on."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield Record(kind, stream[at + 4 : at + 4 + length])
        at += 4 + length


def _substream(stream: bytes, at: int) -> Iterator[Record]:
    """The records of one part, without those of charts inside it."""
    depth = 0
    for record in _records(stream, at):
        if record.kind == BEGIN:
            depth += 1
        elif record.kind == END:
            depth -= 1
            if depth <= 0:
                return
        elif depth == 1:
            yield record


def _workbook(stream: bytes) -> tuple[list[Bound], bool]:
    """The worksheets, and whether days are counted from 1904."""
    bounds: list[Bound] = []
    date1904 = False
    wide = struct.unpack_from("<HHH", stream)[2] >= BIFF8
    for record in _substream(stream, 0):
        if record.kind == ENCRYPTED:
            raise RosterUnreadable("FILE_PASSWORD")
        if record.kind == CALENDAR:
            date1904 = struct.unpack_from("<H", record.data)[0] == 1
        elif record.kind == SHEET_AT and record.data[5] == WORKSHEET:
            at, state = struct.unpack_from("<IB", record.data)
            bounds.append(Bound(at, bool(state & 3), _name(record.data[6:]) if wide else ""))
    return bounds, date1904


def _name(data: bytes) -> str:
    """A sheet's name: count, whether its letters take two bytes, letters."""
    count, two = data[0], data[1] & 1
    return data[2 : 2 + count * (2 if two else 1)].decode("utf-16-le" if two else "latin-1")


class _Scanner:
    """One pass over the records of a sheet: positions and kinds, never a value."""

    def __init__(self, bound: Bound) -> None:
        self._sheet = SheetScan(bound.name, bound.hidden)
        self._cells = 0
        self._waiting: tuple[int, int] | None = None
        """A formula whose text follows."""
        self._seen: dict[int, Callable[[bytes], None]] = {
            **dict.fromkeys(VALUES, self._value),
            SMALL_NUMBERS: self._values,
            TRUTH_OR_ERROR: self._truth_or_error,
            TEXT_OF_FORMULA: self._text_of_formula,
            ROW: self._row,
            COLUMNS: self._columns,
            MERGED: self._merged,
        }

    def scan(self, records: Iterator[Record]) -> SheetScan:
        """Look at every record."""
        for kind, data in records:
            seen = self._seen.get(kind)
            if seen is not None:
                seen(data)
                if kind == FORMULA:
                    self._formula(data)
        return self._sheet

    def _value(self, data: bytes) -> None:
        row, column = struct.unpack_from("<HH", data)
        self._count(row + 1, column, 1)

    def _values(self, data: bytes) -> None:
        row, first, last = *struct.unpack_from("<HH", data), struct.unpack("<H", data[-2:])[0]
        self._count(row + 1, max(first, last), max(1, last - first + 1))

    def _count(self, row: int, column: int, cells: int) -> None:
        self._cells += cells
        name = self._sheet.name
        if column >= COLUMNS_MAX:
            raise RosterUnreadable("SHEET_TOO_WIDE", sheet=name, limit=COLUMNS_MAX)
        if row > ROWS_MAX + HEAD_ROWS_MAX:
            raise RosterUnreadable("SHEET_TOO_LONG", sheet=name, limit=ROWS_MAX)
        if self._cells > CELLS_MAX:
            raise RosterUnreadable("SHEET_TOO_MANY_CELLS", sheet=name, limit=CELLS_MAX)

    def _formula(self, data: bytes) -> None:
        row, column, _, kind, _, code, _, mark = struct.unpack_from("<HHHBBBHxH", data)
        cell = (row + 1, column)
        self._sheet.formula_cells.add(cell)
        self._waiting = None
        if mark != NO_NUMBER:
            return
        if kind == OF_ERROR:
            self._sheet.error_cells[cell] = ERRORS.get(code, "#N/A")
        elif kind == OF_NOTHING:
            self._sheet.empty_formulas.add(cell)
        elif kind == OF_TEXT:
            self._waiting = cell

    def _text_of_formula(self, data: bytes) -> None:
        if self._waiting is not None and struct.unpack_from("<H", data)[0] == 0:
            self._sheet.empty_formulas.add(self._waiting)
        self._waiting = None

    def _truth_or_error(self, data: bytes) -> None:
        row, column, _, code, is_error = struct.unpack_from("<HHHBB", data)
        self._count(row + 1, column, 1)
        if is_error:
            self._sheet.error_cells[row + 1, column] = ERRORS.get(code, "#N/A")

    def _row(self, data: bytes) -> None:
        row = struct.unpack_from("<H", data)[0] + 1
        if data[12] & ROW_HIDDEN and row <= ROWS_MAX + HEAD_ROWS_MAX:
            self._sheet.hidden_rows.add(row)

    def _columns(self, data: bytes) -> None:
        first, last, _, _, options = struct.unpack_from("<HHHHH", data)
        if options & COLUMN_HIDDEN:
            self._sheet.hidden_columns.update(range(first, min(last, COLUMNS_MAX - 1) + 1))

    def _merged(self, data: bytes) -> None:
        for at in range(struct.unpack_from("<H", data)[0]):
            top, bottom, left, right = struct.unpack_from("<HHHH", data, 2 + 8 * at)
            if bottom > MERGE_ROWS_MAX or right > MERGE_COLUMNS_MAX:
                raise RosterUnreadable("FILE_BROKEN")
            if len(self._sheet.merged) < CELLS_MAX:
                self._sheet.merged.append(((top + 1, left), (bottom + 1, right)))
