"""Roster files for tests: good ones, and one for every trap. All persons are made up."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import xlsxwriter
import xlwt
from xls_bytes import Book, Computed, Failed, xls_of

from domain.calendar import day_of
from publishers.roster.checking import CheckedRoster, check_roster
from publishers.roster.columns import BY_KEY
from publishers.roster.reading import read_roster
from vault.documents import check_digit

TODAY = day_of(date(2019, 2, 20))
LEDGER = bytes(range(32))
MADE_AT = datetime(2019, 2, 20, tzinfo=UTC)
"""Time in each workbook, so that its bytes are the same in every run."""

BATCH: dict[str, Any] = {
    "批次号": "632221-2019-0001",
    "发放单位": "样例县总工会",
    "机构编码": "632221",
    "活动节点": "春节",
    "资金代码": "NORMALISED-2019",
    "发放日期起": date(2019, 1, 10),
    "发放日期止": date(2019, 2, 3),
    "控制人数": 2,
    "控制金额(元)": 1500,
    "经办人": "样例丙",
    "经办人工号或证件号码": "W-007",
    "审核人": "样例丁",
    "审核人工号或证件号码": "W-008",
    "单位证明文号": "样证〔2019〕1号",
}
GIVEN = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")


def citizen(number: int) -> str:
    """A citizen number of nobody: region 632221, a valid check digit, a running sequence."""
    first_17 = f"6322211970{1 + number // 999 % 12:02d}01{number % 999 + 1:03d}"
    return first_17 + check_digit(first_17)


def person(number: int, **cells: Any) -> dict[str, Any]:
    """A good row; *cells* replace or, if None, remove."""
    row = {
        "序号": number,
        "姓名": f"测试{GIVEN[number % 10]}{GIVEN[number // 10 % 10]}",
        "证件类型": "居民身份证",
        "证件号码": citizen(number),
        "对象类别": "艰苦岗位一线职工",
        "帮扶方式": "送温暖走访慰问",
        "工作单位": "样例水泥厂",
        "慰问金(元)": 1000,
        "发放方式": "现金签领",
        "发放日期": date(2019, 1, 20),
        "联系电话": "13800000000",
        "走访日期": date(2019, 1, 18),
        "走访人": "样例戊(W-001)、样例己(W-002)",
    } | cells
    return {key: value for key, value in row.items() if value is not None}


HEADER_ROW = 1
"""Of the roster sheet, from 0; the first row of persons follows."""
ROWS = [person(1), person(2, **{"慰问金(元)": 500})]


def xlsx(  # noqa: PLR0913  every part of a workbook that a test may change
    rows: Sequence[Mapping[str, Any]] = ROWS,
    *,
    batch: Mapping[str, Any] | None = None,
    headers: Sequence[str] | None = None,
    sheet_name: str = "发放明细",
    options: Mapping[str, Any] | None = None,
    change: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """A workbook with 批次信息 and 发放明细; *change* may work on the book and the roster sheet."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **(options or {})})
    book.set_properties({"created": MADE_AT})
    day_format = book.add_format({"num_format": "yyyy-mm-dd"})
    about = book.add_worksheet("批次信息")
    for number, (key, value) in enumerate({**BATCH, **(batch or {})}.items()):
        about.write_string(number, 0, key)
        _write(about, number, 1, value, day_format)
    sheet = book.add_worksheet(sheet_name)
    heads = headers or list(dict.fromkeys(key for row in rows for key in row))
    sheet.write_string(0, 0, "样例县总工会 发放明细")
    for column, head in enumerate(heads):
        sheet.write_string(1, column, head)
    for number, row in enumerate(rows, start=2):
        for column, head in enumerate(heads):
            if head in row:
                _write(sheet, number, column, row[head], day_format)
    if change is not None:
        change(book, sheet)
    book.close()
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, day_format: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day_format)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value is not None:
        sheet.write_string(row, column, value)


def csv_text(
    rows: Sequence[Mapping[str, Any]] = ROWS, *, batch: Mapping[str, Any] | None = None
) -> str:
    """A csv file with the batch above the header."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for key, value in {**BATCH, **(batch or {})}.items():
        writer.writerow([key, str(value)])
    heads = list(dict.fromkeys(key for row in rows for key in row))
    writer.writerow(heads)
    for row in rows:
        writer.writerow([str(row.get(head, "")) for head in heads])
    return out.getvalue()


def old_xls(
    rows: Sequence[Mapping[str, Any]] = ROWS,
    *,
    date1904: bool = False,
    change: Callable[[Any, Any], None] | None = None,
) -> bytes:
    """The same as a workbook of Excel 97, by a library; *change* works on book and roster sheet."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = date1904
    day_style = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    about = book.add_sheet("批次信息")
    sheet = book.add_sheet("发放明细")
    heads = list(dict.fromkeys(key for row in rows for key in row))
    tables: list[tuple[Any, int, list[list[Any]]]] = [
        (about, 0, [[key, value] for key, value in BATCH.items()]),
        (sheet, HEADER_ROW, [heads, *([row.get(head) for head in heads] for row in rows)]),
    ]
    for into, first, table in tables:
        for number, row in enumerate(table, start=first):
            for column, value in enumerate(row):
                if value is not None:
                    into.write(number, column, value, *_styled(value, day_style))
    if change is not None:
        change(book, sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _styled(value: Any, day_style: Any) -> tuple[Any, ...]:
    return (day_style,) if isinstance(value, date) else ()


def own_xls(rows: Sequence[Mapping[str, Any]] = ROWS, *, password: bool = False) -> bytes:
    """One made here, for what the library cannot write: values of formulas, a password."""

    def cell(value: Any) -> Any:
        if isinstance(value, bool | Failed | Computed) or value is None:
            return value
        return float(value) if isinstance(value, int | float) else str(value)

    heads = list(dict.fromkeys(key for row in rows for key in row))
    table = [heads, *([cell(row.get(head)) for head in heads] for row in rows)]
    about = [[key, cell(value)] for key, value in BATCH.items()]
    return xls_of(Book([("批次信息", about), ("发放明细", table)], password))


def rewritten(data: bytes, member: str, change: Callable[[str], str]) -> bytes:
    """A workbook with one member's XML changed, as a hostile or odd program might write it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == member:
                content = change(content.decode()).encode()
            new.writestr(name, content)
    return out.getvalue()


ROSTER_MEMBER = "xl/worksheets/sheet2.xml"


def bomb() -> bytes:
    """A few kilobytes with one cell at XFD1048576."""
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return rewritten(xlsx(), ROSTER_MEMBER, lambda xml: xml.replace("</sheetData>", cell))


def column_of(data: bytes, header: str) -> str:
    """The letter of a column in a workbook made here."""
    raw = read_roster(data)
    key = next(k for k in raw.columns if BY_KEY[k].header == header)
    letter = raw.letter(key)
    assert letter is not None
    return letter


def cell_replaced(data: bytes, reference: str, xml: str) -> bytes:
    """The roster sheet with one cell's XML replaced."""
    pattern = re.compile(rf'<c r="{reference}"[^>]*?(/>|>.*?</c>)')

    def change(text: str) -> str:
        new, count = pattern.subn(xml, text)
        assert count == 1, reference
        return new

    return rewritten(data, ROSTER_MEMBER, change)


def checked(data: bytes) -> CheckedRoster:
    """The file, read and checked on the test's day."""
    return check_roster(read_roster(data), today=TODAY)


def codes(data: bytes, level: str = "error") -> list[str]:
    """The codes of a file's problems."""
    return [p.code for p in checked(data).problems if p.level == level]


def template_filled(
    template: bytes, about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> bytes:
    """A template with batch information and rows filled in, as people do."""
    book: Any = openpyxl.load_workbook(io.BytesIO(template))
    for row in book["批次信息"].iter_rows():
        key = str(row[0].value).rstrip("*")
        if key in about:
            row[1].value = about[key]
    sheet = book["发放明细"]
    heads = {str(c.value).rstrip("*"): c.column for c in sheet[2]}
    for number, cells in enumerate(rows, start=3):
        for header, value in cells.items():
            sheet.cell(number, heads[header]).value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
