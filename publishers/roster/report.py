"""
The error report: the same workbook with red cells, comments and a sheet 错误报告; csv; JSON.

Only the user's own workbook repeats what stands in the cells; the report itself masks identities.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from domain.figures import for_programs
from publishers.roster.grids import FileKind, read_grid
from publishers.roster.problems import (
    LEVEL_NAMES,
    Level,
    RosterProblem,
    column_letter,
    mask_in_english,
)
from publishers.roster.reading import REPORT_HEADERS, ROSTER_SHEET, RawRoster
from publishers.roster.texts import Lang, reason_of, remedy_of

REPORT_SHEET: Final = "错误报告"
HEADERS: Final = {
    "zh": ("行号", "列", "单元格", "列名", "原值", "级别", "代码", "原因", "怎么改"),
    "en": ("row", "column", "cell", "header", "value", "level", "code", "reason", "remedy"),
}
WIDTHS: Final = (7, 6, 9, 16, 20, 7, 22, 60, 50)
RED: Final = PatternFill("solid", start_color="FFC7CE")
YELLOW: Final = PatternFill("solid", start_color="FFEB9C")
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
SIGNS: Final = frozenset("=+-@")
FULL_WIDTH: Final = str.maketrans("＝＋－＠", "=+-@")
COMMENT_SIZE: Final = (320, 120)

Outcomes = Mapping[int, str]
"""Row → what became of it, in words."""


def report_rows(problems: Sequence[RosterProblem], lang: Lang) -> list[tuple[str, ...]]:
    """The lines of the report, in the order of its headers."""
    return [
        (
            str(p.row or "–"), p.column or "–", p.cell or "–", p.header or "–",
            p.shown if lang == "zh" else mask_in_english(p.shown),
            LEVEL_NAMES[p.level][0 if lang == "zh" else 1], p.code,
            reason_of(p, lang), remedy_of(p, lang),
        )
        for p in problems
    ]  # fmt: skip


def report_csv(problems: Sequence[RosterProblem], lang: Lang) -> bytes:
    """The report as csv: UTF-8 with byte order mark, CRLF, nothing that a program would run."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADERS[lang])
    writer.writerows([neutral(value) for value in row] for row in report_rows(problems, lang))
    return text.getvalue().encode("utf-8-sig")


def neutral(value: str) -> str:
    """
    A text that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("–")
    ("'=1+1", '–')
    """
    start = value.lstrip()[:1].translate(FULL_WIDTH)
    return f"'{value}" if value.startswith(FORMULA_STARTS) or start in SIGNS else value


def report_json(problems: Sequence[RosterProblem], *, ok: bool) -> dict[str, Any]:
    """The report for programs, in the manner of RFC 9457, both languages side by side."""
    return {
        "type": "urn:hengwen:problem:roster",
        "title": "名册检查 | roster check",
        "ok": ok,
        "errors": [
            {
                "pointer": f"/rows/{p.row}/{p.column}" if p.row and p.column else "",
                "row": p.row, "column": p.column, "cell": p.cell, "header": p.header,
                "value": p.shown, "level": p.level.value, "code": p.code,
                "detail_zh": reason_of(p, "zh"), "detail_en": reason_of(p, "en"),
                "remedy_zh": remedy_of(p, "zh"), "remedy_en": remedy_of(p, "en"),
                "figures": for_programs(p.figures),
            }
            for p in problems
        ],
    }  # fmt: skip


def report_workbook(
    data: bytes,
    raw: RawRoster,
    problems: Sequence[RosterProblem],
    *,
    outcomes: Outcomes | None = None,
    lang: Lang = "zh",
) -> bytes:
    """
    The roster as a workbook that shows what is wrong and can be corrected and imported again.

    *data* is the file itself. An xls or csv file comes back as xlsx with the same cells.
    """
    book = _copy(data, raw)
    sheet = book[raw.sheet if raw.sheet in book.sheetnames else ROSTER_SHEET]
    _mark(sheet, problems, lang)
    _write_status(sheet, raw, problems, outcomes or {}, lang)
    _write_report(book, problems, lang)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _copy(data: bytes, raw: RawRoster) -> Workbook:
    if raw.kind is FileKind.XLSX:
        try:
            book = openpyxl.load_workbook(io.BytesIO(data))
        except Exception:  # noqa: BLE001  a foreign library and a foreign file: the copy will do
            return _rebuilt(data)
        if REPORT_SHEET in book.sheetnames:
            del book[REPORT_SHEET]
        return book
    return _rebuilt(data)


def _rebuilt(data: bytes) -> Workbook:
    """A new workbook with the cells of the file, all as what they are and none as a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    grid = read_grid(data)
    for source in grid.sheets:
        if source.name == REPORT_SHEET:
            continue
        name = ROSTER_SHEET if grid.kind is FileKind.CSV else source.name
        sheet = book.create_sheet(name)
        for index, row in enumerate(source.rows):
            for at, value in enumerate(row):
                if value is not None:
                    _write(sheet, source.row_number(index), at + 1, value)
                    if isinstance(value, str):
                        sheet.cell(source.row_number(index), at + 1).number_format = "@"
    return book


def _write(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """A cell; a text stays a text, also if it begins like a formula."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
    elif isinstance(value, bool | int | float) or hasattr(value, "year"):
        cell.value = value  # type: ignore[assignment]  # a date or datetime


def _mark(sheet: Worksheet, problems: Sequence[RosterProblem], lang: Lang) -> None:
    """Red and yellow cells, each with a comment of all that is wrong there."""
    by_cell: dict[tuple[int, str], list[RosterProblem]] = defaultdict(list)
    for problem in problems:
        if problem.row and problem.column and problem.level is not Level.NOTICE:
            by_cell[problem.row, problem.column].append(problem)
    for (row, column), found in by_cell.items():
        cell = sheet[f"{column}{row}"]
        if not hasattr(cell, "fill") or type(cell).__name__ == "MergedCell":
            continue
        error = any(p.level is Level.ERROR for p in found)
        cell.fill = RED if error else YELLOW
        lines = [f"{reason_of(p, lang)} → {remedy_of(p, lang)}" for p in found]
        comment = Comment("\n".join(lines), "hengwen")
        comment.width, comment.height = COMMENT_SIZE
        cell.comment = comment


def _write_status(
    sheet: Worksheet,
    raw: RawRoster,
    problems: Sequence[RosterProblem],
    outcomes: Outcomes,
    lang: Lang,
) -> None:
    """The columns 状态 and 原因 behind the last one; those of an earlier report are reused."""
    heads = {c.value: c.column for c in sheet[raw.header_row] if c.value in REPORT_HEADERS}
    last = max((c.column for c in sheet[raw.header_row] if c.value is not None), default=0)
    at = [heads.get(name, last + n) for n, name in enumerate(REPORT_HEADERS, start=1)]
    for column, name in zip(at, REPORT_HEADERS, strict=True):
        _write(sheet, raw.header_row, column, name)
        sheet.cell(raw.header_row, column).font = Font(bold=True)
    by_row: dict[int, list[RosterProblem]] = defaultdict(list)
    for problem in problems:
        if problem.row:
            by_row[problem.row].append(problem)
    for row in raw.rows:
        found = by_row[row.number]
        worst = min((list(Level).index(p.level) for p in found), default=None)
        fallback = "通过" if worst is None else LEVEL_NAMES[list(Level)[worst]][0]
        _write(sheet, row.number, at[0], outcomes.get(row.number, fallback))
        _write(sheet, row.number, at[1], ";".join(reason_of(p, lang) for p in found))


def _write_report(book: Workbook, problems: Sequence[RosterProblem], lang: Lang) -> None:
    sheet = book.create_sheet(REPORT_SHEET, 0)
    book.active = 0
    for other in book.worksheets[1:]:
        other.sheet_view.tabSelected = False
    rows = [HEADERS[lang], *report_rows(problems, lang)]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            _write(sheet, number, column, value)
            sheet.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
    for column, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[column_letter(column - 1)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    sheet.freeze_panes = "A2"
