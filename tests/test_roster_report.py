"""The error report: the workbook that comes back, and that it can be corrected and imported."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from roster_samples import ROWS, checked, column_of, csv_text, person, xlsx

from publishers.roster.checking import CheckedRoster
from publishers.roster.report import REPORT_SHEET, report_csv, report_workbook

WRONG = person(2, 证件号码="110105194912310021", **{"慰问金(元)": "500元"})
BATCH = {"控制人数": 2}


def report(data: bytes, outcomes: dict[int, str] | None = None) -> tuple[CheckedRoster, Any]:
    """The check of a file, and its report as openpyxl sees it."""
    roster = checked(data)
    made = report_workbook(data, roster.raw, roster.problems, outcomes=outcomes)
    return roster, openpyxl.load_workbook(io.BytesIO(made))


def test_the_same_workbook_comes_back_with_red_cells_comments_and_reasons() -> None:
    """The sheet 错误报告 is in front; the rows have 状态 and 原因; the cells are as they were."""
    data = xlsx([ROWS[0], WRONG])
    _, book = report(data, {3: "通过", 4: "未导入"})
    sheet = book["发放明细"]
    cell = sheet[f"{column_of(data, '证件号码')}4"]
    heads = {c.value: c.column for c in sheet[2]}

    assert book.sheetnames[0] == REPORT_SHEET
    assert cell.value == WRONG["证件号码"]
    assert cell.fill.start_color.rgb.endswith("FFC7CE")
    assert "校验码" in cell.comment.text
    assert sheet.cell(4, heads["状态"]).value == "未导入"
    assert "校验码" in sheet.cell(4, heads["原因"]).value
    assert sheet[f"{column_of(data, '证件号码')}3"].comment is None


def test_the_report_sheet_and_the_csv_say_the_same_and_mask() -> None:
    """Row, column, cell, header, masked value, level, code, reason, remedy."""
    roster, book = report(xlsx([ROWS[0], WRONG]))
    lines = [[c.value or "" for c in row] for row in book[REPORT_SHEET].iter_rows()]
    text = report_csv(roster.problems, "zh").decode("utf-8-sig")

    assert lines == list(csv.reader(io.StringIO(text)))
    assert [line[6] for line in lines[1:] if line[5] == "错误"] == [
        "SUM_UNKNOWN", "ID_CHECKSUM", "AMOUNT_TEXT",
    ]  # fmt: skip
    assert WRONG["证件号码"] not in text


@pytest.mark.parametrize(
    "data", [xlsx([ROWS[0], WRONG]), csv_text([ROWS[0], WRONG]).encode("gb18030")]
)
def test_a_corrected_report_can_be_imported_as_it_is(data: bytes) -> None:
    """Its own columns and sheet are passed over; a second report replaces the first."""
    roster, book = report(data)
    sheet = book["发放明细"]
    for header, value in (("证件号码", ROWS[1]["证件号码"]), ("慰问金(元)", "500")):
        column = next(c for c in sheet[roster.raw.header_row] if c.value == header).column
        sheet.cell(roster.raw.rows[1].number, column).value = value
    out = io.BytesIO()
    book.save(out)
    again, second = report(out.getvalue())

    assert again.errors == []
    assert second.sheetnames.count(REPORT_SHEET) == 1
    assert [c.value for c in second["发放明细"][again.raw.header_row]].count("状态") == 1


def test_texts_that_begin_like_formulas_stay_texts() -> None:
    """A csv cell with =cmd comes back as a text, in the copy and in the report."""
    _, book = report(csv_text([person(1, 工作单位="=1+1"), WRONG]).encode())
    cells = [c for sheet in book.worksheets for row in sheet.iter_rows() for c in row]

    assert any(c.value == "=1+1" for c in cells)
    assert {c.data_type for c in cells} <= {"s", "n", "inlineStr"}
