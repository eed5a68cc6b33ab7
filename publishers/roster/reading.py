"""
A grid as a roster: which sheet, which row is the header, what stands above it, where the rows end.

Rules: the sheet 发放明细, else the only one with a header; the header is the first of the first 30
rows that names 姓名 and 证件号码; key–value pairs above it and in the sheet 批次信息 are the batch;
rows after the header count until the last one with a value; blank rows and totals are passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from publishers.roster.columns import (
    BATCH_KEY_OF,
    COLUMN_OF,
    COLUMNS,
    Column,
    normal_header,
)
from publishers.roster.grids import CellValue, FileKind, Grid, Sheet, read_grid
from publishers.roster.layout import check_layout
from publishers.roster.prescan import HEAD_ROWS_MAX, ROWS_MAX
from publishers.roster.problems import Level, RosterProblem, RosterUnreadable, column_letter

ROSTER_SHEET: Final = "发放明细"
BATCH_SHEET: Final = "批次信息"
HELPER_SHEETS: Final = frozenset({"填表说明", BATCH_SHEET, "代码表", "_meta", "错误报告"})
TOTALS: Final = frozenset({"合计", "总计", "小计", "总合计", "合计金额", "total"})
META_SHEET: Final = "_meta"
REPORT_HEADERS: Final = ("状态", "原因")
"""Columns that an error report added: passed over when the corrected file comes back."""


class Trap(str):
    """In place of a cell whose value the reader could not know: the code of the problem."""

    __slots__ = ()


@dataclass(slots=True, repr=False)
class RawRow:
    """A row of the roster as written."""

    number: int
    """Row in the file, from 1."""
    cells: dict[str, CellValue]
    """Column key → value; empty cells are absent."""


@dataclass(slots=True, repr=False)
class RawRoster:
    """A roster file as written."""

    kind: FileKind
    digest: bytes
    """SHA-256 of the file."""
    sheet: str
    header_row: int
    columns: dict[str, int]
    """Column key → index in the sheet, from 0."""
    rows: list[RawRow]
    batch: dict[str, CellValue]
    meta: dict[str, str] = field(default_factory=dict)
    date1904: bool = False
    problems: list[RosterProblem] = field(default_factory=list)

    def letter(self, key: str) -> str | None:
        """The column letter of a key, if the file has that column."""
        index = self.columns.get(key)
        return None if index is None else column_letter(index)


def read_roster(data: bytes) -> RawRoster:
    """
    The roster in a file's bytes; what is odd about it stands in its problems.

    Raises:
        RosterUnreadable: the file, or its structure, cannot be a roster.
    """
    grid = read_grid(data)
    sheet, header = _find_roster(grid)
    problems: list[RosterProblem] = []
    columns = _columns(sheet, header, problems)
    batch: dict[str, CellValue] = {}
    for above in sheet.rows[:header]:
        _read_pairs(above, batch)
    other = next((s for s in grid.sheets if s.name.strip() == BATCH_SHEET), None)
    if other is not None and other is not sheet:
        for index, row in enumerate(other.rows[:HEAD_ROWS_MAX]):
            _read_pairs(_trapped(other, index, row), batch)
    rows = _rows(sheet, header, columns, problems)
    check_layout(sheet, header, [row.number for row in rows], columns, problems)
    return RawRoster(
        kind=grid.kind,
        digest=sha256(data).digest(),
        sheet=sheet.name,
        header_row=sheet.row_number(header),
        columns=columns,
        rows=rows,
        batch=batch,
        meta=_meta(grid),
        date1904=grid.date1904,
        problems=problems,
    )


def _find_roster(grid: Grid) -> tuple[Sheet, int]:
    found = [
        (sheet, header)
        for sheet in grid.sheets
        if sheet.name.strip() not in HELPER_SHEETS and (header := _header(sheet)) is not None
    ]
    named = [(s, h) for s, h in found if s.name.strip() == ROSTER_SHEET]
    shown = named or [(s, h) for s, h in found if not s.scan.hidden]
    if len(shown) > 1:
        raise RosterUnreadable("SHEETS_AMBIGUOUS", count=len(shown))
    if not shown:
        raise RosterUnreadable("SHEET_HIDDEN" if found else "HEADER_MISSING")
    if shown[0][0].scan.hidden:
        raise RosterUnreadable("SHEET_HIDDEN")
    return shown[0]


def _header(sheet: Sheet) -> int | None:
    for index, row in enumerate(sheet.rows[:HEAD_ROWS_MAX]):
        keys = {c.key for value in row if (c := _column(value)) is not None}
        if {"name", "document_number"} <= keys:
            return index
    return None


def _column(value: CellValue) -> Column | None:
    return COLUMN_OF.get(normal_header(value)) if isinstance(value, str) else None


def _columns(sheet: Sheet, header: int, problems: list[RosterProblem]) -> dict[str, int]:
    columns: dict[str, int] = {}
    row = sheet.row_number(header)
    for index, value in enumerate(sheet.rows[header]):
        if value is None or value in REPORT_HEADERS:
            continue
        column = _column(value)
        if column is None:
            problems.append(
                RosterProblem(Level.WARNING, "COLUMN_UNKNOWN", row, column_letter(index))
            )
        elif column.key in columns:
            first = column_letter(columns[column.key])
            problems.append(
                RosterProblem(
                    Level.ERROR,
                    "COLUMN_TWICE",
                    row,
                    column_letter(index),
                    column.header,
                    figures={"first": first},
                )
            )
        else:
            columns[column.key] = index
    problems += [
        RosterProblem(Level.ERROR, "COLUMN_MISSING", row, None, column.header)
        for column in COLUMNS
        if column.needed and column.key not in columns
    ]
    return columns


def _read_pairs(row: Sequence[CellValue], batch: dict[str, CellValue]) -> None:
    """Key–value pairs in a row: 批次号 | 2019-01 | 经办人 | … or ``批次号：2019-01`` in a cell."""
    index = 0
    while index < len(row):
        value = row[index]
        index += 1
        if not isinstance(value, str):
            continue
        column = BATCH_KEY_OF.get(normal_header(value))
        if column is not None:
            if index < len(row) and row[index] is not None:
                batch.setdefault(column.key, row[index])
                index += 1
            continue
        key, separator, rest = value.replace("：", ":").partition(":")
        column = BATCH_KEY_OF.get(normal_header(key))
        if separator and column is not None and rest.strip():
            batch.setdefault(column.key, rest.strip())


def _trapped(sheet: Sheet, index: int, row: Sequence[CellValue]) -> list[CellValue]:
    """A row with traps in place of error cells and formulas without a value."""
    number = sheet.row_number(index)
    cells = list(row)
    for (at, column), code in _traps(sheet):
        if at == number:
            cells += [None] * (column + 1 - len(cells))
            cells[column] = Trap(code)
    return cells


def _traps(sheet: Sheet) -> list[tuple[tuple[int, int], str]]:
    scan = sheet.scan
    return [(cell, "CELL_ERROR") for cell in scan.error_cells] + [
        (cell, "FORMULA_EMPTY") for cell in scan.empty_formulas if cell not in scan.error_cells
    ]


def _rows(
    sheet: Sheet, header: int, columns: dict[str, int], problems: list[RosterProblem]
) -> list[RawRow]:
    key_of = {index: key for key, index in columns.items()}
    traps: dict[int, dict[str, CellValue]] = {}
    for (number, index), code in _traps(sheet):
        if number > sheet.row_number(header) and index in key_of:
            traps.setdefault(number, {})[key_of[index]] = Trap(code)
    rows: list[RawRow] = []
    for index in range(header + 1, len(sheet.rows)):
        row, number = sheet.rows[index], sheet.row_number(index)
        cells = _known_cells(row, key_of) | traps.pop(number, {})
        if set(cells) <= {"number"}:
            continue  # blank, or a numbered line of the form that nobody filled in
        if _repeats_header(row) or (_totals_row(row, cells) and "document_number" not in cells):
            problems.append(RosterProblem(Level.NOTICE, "ROW_PASSED_OVER", number))
        else:
            rows.append(RawRow(number, cells))
    rows += [RawRow(number, cells) for number, cells in traps.items()]
    if len(rows) > ROWS_MAX:
        raise RosterUnreadable("SHEET_TOO_LONG", sheet=sheet.name, limit=ROWS_MAX)
    if not rows:
        raise RosterUnreadable("ROWS_MISSING")
    return sorted(rows, key=lambda row: row.number)


def _known_cells(row: Sequence[CellValue], key_of: dict[int, str]) -> dict[str, CellValue]:
    """The filled cells of a row under the keys of their columns."""
    return {key: row[at] for at, key in key_of.items() if at < len(row) and not _blank(row[at])}


def _blank(value: CellValue) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(" \t\r\n\u3000\u00a0"))


def _totals_row(row: Sequence[CellValue], cells: Mapping[str, CellValue]) -> bool:
    """Whether the name, or the first text, of a row is a word for totals: sums, not a person."""
    first = next((v for v in row if isinstance(v, str) and not _blank(v)), None)
    return any(
        isinstance(text, str) and normal_header(text) in TOTALS
        for text in (cells.get("name"), first)
    )


def _repeats_header(row: Sequence[CellValue]) -> bool:
    keys = {c.key for value in row if (c := _column(value)) is not None}
    return {"name", "document_number"} <= keys


def _meta(grid: Grid) -> dict[str, str]:
    """What the template wrote into its hidden sheet."""
    sheet = next((s for s in grid.sheets if s.name == META_SHEET), None)
    pairs = ((row[0], row[1]) for row in sheet.rows if len(row) > 1) if sheet else ()
    return {str(key): str(value) for key, value in pairs if isinstance(key, str)}
