"""The books as a workbook and as xml, made from the csv files line by line."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any, Final

import xlsxwriter

SHEET_ROWS_MAX: Final = 1_000_000
"""Rows of one sheet; a spreadsheet program opens 1,048,576."""
SAFE_DIGITS: Final = 15
"""Digits a spreadsheet keeps of a number; longer ones are written as text."""
NUMBERS: Final = ("_fen", "voucher", "line", "year", "period")
"""Ends of the names of columns that hold numbers; a code is a text, even one of digits."""
Tables = Mapping[str, tuple[str, Sequence[tuple[str, str]]]]


def rows_of(folder: Path, table: str) -> Iterator[list[str]]:
    """The rows of a csv file without its heading."""
    with (folder / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader


def workbook(path: Path, made_at: datetime) -> Any:
    """An empty workbook that is written row by row; the same rows give the same file."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    return book


def write_workbook(book: Any, folder: Path, tables: Tables, totals: Mapping[str, Any]) -> None:
    """One sheet for each table, more if it is long; the control totals."""
    for table, (name, columns) in tables.items():
        _write_table(book, name, columns, rows_of(folder, table))
    _write_rows(book.add_worksheet("控制总数"), _flat(totals))


def _write_rows(sheet: Any, rows: Sequence[Sequence[Any]]) -> None:
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)


def _write_table(
    book: Any, name: str, columns: Sequence[tuple[str, str]], rows: Iterator[list[str]]
) -> None:
    """A table; a sheet that is full is followed by another."""
    numbers = {n for n, (column, _) in enumerate(columns) if column.endswith(NUMBERS)}
    sheet, part, at = _sheet(book, name, columns), 1, 0
    for row in rows:
        if at >= SHEET_ROWS_MAX:
            part += 1
            sheet, at = _sheet(book, f"{name}{part}", columns), 0
        at += 1
        for column, text in enumerate(row):
            if text and column in numbers:
                _cell(sheet, at, column, text)
            elif text:
                sheet.write_string(at, column, text)


def _sheet(book: Any, name: str, columns: Sequence[tuple[str, str]]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_row(0, 0, [zh for _, zh in columns])
    return sheet


def _cell(sheet: Any, row: int, column: int, text: str) -> None:
    """An amount as a number if a spreadsheet can keep all its digits, else as text."""
    if len(text.removeprefix("-")) <= SAFE_DIGITS:
        sheet.write_number(row, column, int(text))
    else:
        sheet.write_string(row, column, text)


def _flat(totals: Mapping[str, Any], before: str = "") -> list[tuple[str, int]]:
    """Nested totals as rows."""
    found: list[tuple[str, int]] = []
    for key, value in totals.items():
        name = f"{before}{key}"
        found += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, value)]
    return found


def write_xml(path: Path, folder: Path, tables: Tables, totals: Mapping[str, Any]) -> None:
    """All tables in one document, a row each element; control totals at the end."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('<?xml version="1.0" encoding="UTF-8"?>\n<审计数据>\n')
        for table, (name, columns) in tables.items():
            file.write(f'<{name}表 table="{table}">\n')
            for row in rows_of(folder, table):
                cells = "".join(
                    f"<{column}>{escape(text, quote=False)}</{column}>"
                    for (column, _), text in zip(columns, row, strict=True)
                    if text
                )
                file.write(f"<{name}>{cells}</{name}>\n")
            file.write(f"</{name}表>\n")
        file.write("<控制总数>\n")
        file.writelines(f'<总数 name="{name}">{value}</总数>\n' for name, value in _flat(totals))
        file.write("</控制总数>\n</审计数据>\n")
