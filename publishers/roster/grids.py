"""
Files as grids of cells: what kind of file it is, and its sheets, whatever the program that made it.

The kind is decided by the first bytes, never by the name. Spreadsheets are read by a child process
with limited memory; csv is decoded by a ladder that cannot guess wrong silently.
"""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from publishers.roster.biff import is_damaged, scan_old_workbook
from publishers.roster.prescan import (
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    HEAD_ROWS_MAX,
    ROWS_MAX,
    SheetScan,
    scan_workbook,
)
from publishers.roster.problems import RosterUnreadable

CHILD: Final = Path(__file__).with_name("spreadsheet_child.py")
CHILD_SECONDS: Final = 180

ZIP: Final = b"PK\x03\x04"
COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""Microsoft's compound file: .xls, .et, and any Office file with a password."""
ERROR_TEXTS: Final = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
)
"""What a spreadsheet program writes into a csv file for a cell that holds an error."""
STRANGERS: Final = (
    (b"%PDF", "FILE_PDF"),
    (b"\x89PNG", "FILE_IMAGE"),
    (b"\xff\xd8\xff", "FILE_IMAGE"),
    (b"GIF8", "FILE_IMAGE"),
    (b"Rar!", "FILE_ARCHIVE"),
    (b"7z\xbc\xaf", "FILE_ARCHIVE"),
    (b"\x1f\x8b", "FILE_ARCHIVE"),
    (b"{\\rtf", "FILE_WORD"),
)


class FileKind(StrEnum):
    """Kinds of file a roster can come in."""

    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"


class TimeOfDay:
    """A cell that holds a time or a duration: nothing a roster asks for."""


CellValue: TypeAlias = str | int | float | bool | date | datetime | TimeOfDay | None


@dataclass(slots=True, repr=False)
class Sheet:
    """A sheet: rows of cells from A1 on, and what the scan found."""

    name: str
    rows: list[list[CellValue]]
    scan: SheetScan
    number_of: list[int] = field(default_factory=list)
    """For csv: the line of the file each row begins on; empty: row n is row n."""

    def row_number(self, index: int) -> int:
        """The row as the user sees it, from 1."""
        return self.number_of[index] if self.number_of else index + 1


@dataclass(slots=True, repr=False)
class Grid:
    """A file as read: its kind, its sheets, and how csv was decoded."""

    kind: FileKind
    sheets: list[Sheet]
    encoding: str | None = None
    date1904: bool = False
    """Excel day numbers count from 1904."""


def read_grid(data: bytes) -> Grid:
    """
    The sheets of a roster file.

    Raises:
        RosterUnreadable: with one code per cause, for everything that is no xlsx, xls or csv.
    """
    if not data:
        raise RosterUnreadable("FILE_EMPTY")
    if len(data) > FILE_BYTES_MAX:
        raise RosterUnreadable("FILE_TOO_LARGE", limit_mb=FILE_BYTES_MAX >> 20)
    kind = sniff(data)
    if kind is FileKind.CSV:
        return _read_csv(data)
    scan = scan_old_workbook(data) if kind is FileKind.XLS else scan_workbook(data)
    return Grid(kind, _read_spreadsheet(data, scan.sheets), date1904=scan.date1904)


def sniff(data: bytes) -> FileKind:
    """
    What kind of file the bytes are.

    Raises:
        RosterUnreadable: none that can hold a roster.
    """
    for magic, code in STRANGERS:
        if data.startswith(magic):
            raise RosterUnreadable(code)
    if data.startswith(ZIP):
        return _sniff_zip(data)
    if data.startswith(COMPOUND):
        return _sniff_compound(data)
    head = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<?xml", b"<html", b"<!doctype", b"<table", b"<meta")):
        raise RosterUnreadable("FILE_WEB_PAGE")
    if b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RosterUnreadable("FILE_UNKNOWN")
    return FileKind.CSV


def _sniff_zip(data: bytes) -> FileKind:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError):
        raise RosterUnreadable("FILE_BROKEN") from None
    for part, code in (
        ("xl/workbook.bin", "FILE_XLSB"),
        ("word/document.xml", "FILE_WORD"),
        ("ppt/presentation.xml", "FILE_WORD"),
        ("content.xml", "FILE_ODS"),
    ):
        if part in names:
            raise RosterUnreadable(code)
    if "[Content_Types].xml" not in names:
        raise RosterUnreadable("FILE_ARCHIVE")
    return FileKind.XLSX


def _sniff_compound(data: bytes) -> FileKind:
    def holds(stream: str) -> bool:
        return stream.encode("utf-16-le") in data

    if holds("EncryptedPackage"):
        raise RosterUnreadable("FILE_PASSWORD")
    if holds("WordDocument"):
        raise RosterUnreadable("FILE_WORD")
    if not (holds("Workbook") or holds("Book")):
        raise RosterUnreadable("FILE_BROKEN" if is_damaged(data) else "FILE_UNKNOWN")
    return FileKind.XLS


def _read_spreadsheet(data: bytes, scans: Sequence[SheetScan]) -> list[Sheet]:
    # -P: the folder one stands in is not searched for packages.
    try:
        done = subprocess.run(  # noqa: S603  our own script
            [sys.executable, "-P", str(CHILD)],
            input=data,
            capture_output=True,
            timeout=CHILD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RosterUnreadable("FILE_TOO_SLOW", limit_s=CHILD_SECONDS) from None
    if done.returncode != 0:
        raise RosterUnreadable("FILE_KILLED_READER")
    answer = json.loads(done.stdout)
    if "code" in answer:
        raise RosterUnreadable(answer["code"])
    entries = answer["sheets"]
    if len(entries) > len(scans):
        raise RosterUnreadable("FILE_BROKEN")  # the reader sees a sheet that was not scanned
    by_name = {scan.name: scan for scan in scans}
    if "" in by_name and len(entries) == len(scans):  # Excel 5: names in code pages, so by order
        by_name = {entry["name"]: scan for entry, scan in zip(entries, scans, strict=True)}
    if not by_name.keys() >= {entry["name"] for entry in entries}:
        raise RosterUnreadable("FILE_BROKEN")
    return [_sheet(entry, by_name[entry["name"]]) for entry in entries]


def _sheet(entry: dict[str, Any], scan: SheetScan) -> Sheet:
    return Sheet(entry["name"], [[_cell(value) for value in row] for row in entry["rows"]], scan)


def _cell(value: object) -> CellValue:
    if isinstance(value, dict):
        if "d" in value:
            return date.fromisoformat(value["d"])
        if "dt" in value:
            return datetime.fromisoformat(value["dt"])
        return TimeOfDay()
    return value if isinstance(value, str | int | float) else None


def _check_size(rows: Sequence[Sequence[object]], sheet: str) -> None:
    if len(rows) > ROWS_MAX + HEAD_ROWS_MAX:
        raise RosterUnreadable("SHEET_TOO_LONG", sheet=sheet, limit=ROWS_MAX)
    if any(len(row) > COLUMNS_MAX for row in rows):
        raise RosterUnreadable("SHEET_TOO_WIDE", sheet=sheet, limit=COLUMNS_MAX)


def decode_csv(data: bytes) -> tuple[str, str]:
    """
    The text of a csv file and its encoding: by its byte order mark, else UTF-8, else GB18030.

    The whole file decides: two Chinese characters in GB18030 alone can look like UTF-8. Never
    gbk: it lacks characters that names have.

    Raises:
        RosterUnreadable: CSV_ENCODING.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"", "utf-8"),
        (b"", "gb18030"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError:
                if mark:
                    break
    raise RosterUnreadable("CSV_ENCODING")


def _read_csv(data: bytes) -> Grid:
    text, encoding = decode_csv(data)
    if "\x00" in text:
        raise RosterUnreadable("FILE_UNKNOWN")
    head = text[:4096].partition("\n")[0]
    separator = max((",", "\t", ";"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[CellValue]] = []
    numbers: list[int] = []
    scan = SheetScan("csv")
    before = 0
    try:
        for row in reader:
            rows.append([cell if cell.strip() else None for cell in row])
            while rows[-1] and rows[-1][-1] is None:
                rows[-1].pop()
            numbers.append(before + 1)
            _scan_texts(scan, before + 1, row)
            before = reader.line_num
            if len(rows) > ROWS_MAX + HEAD_ROWS_MAX:
                break
    except csv.Error:
        raise RosterUnreadable("CSV_BROKEN", line=reader.line_num) from None
    _check_size(rows, "csv")
    return Grid(FileKind.CSV, [Sheet("csv", rows, scan, numbers)], encoding)


def _scan_texts(scan: SheetScan, number: int, row: Sequence[str]) -> None:
    """Errors and formulas that were saved as their text; ``="0012"`` only keeps zeros."""
    for column, cell in enumerate(row):
        text = cell.strip()
        if text.upper() in ERROR_TEXTS:
            scan.error_cells[number, column] = text
        elif text.startswith("=") and not text.startswith('="'):
            scan.formula_cells.add((number, column))
            scan.empty_formulas.add((number, column))
