"""Reading roster files: every trap that a spreadsheet sets, each with its own code."""

import io
import os
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import roster_samples as samples
from roster_samples import (
    ROWS,
    cell_replaced,
    checked,
    codes,
    column_of,
    csv_text,
    old_xls,
    person,
    xlsx,
)

from domain.calendar import day_of
from publishers.roster.grids import decode_csv
from publishers.roster.problems import RosterUnreadable
from publishers.roster.reading import read_roster


def refused(data: bytes) -> str:
    """The code with which the file as a whole is refused."""
    with pytest.raises(RosterUnreadable) as caught:
        read_roster(data)
    return caught.value.problem.code


@pytest.mark.parametrize(
    "data",
    [
        xlsx(),
        csv_text().encode(),
        csv_text().encode("utf-8-sig"),
        csv_text().encode("gb18030"),
        csv_text().encode("utf-16"),
        csv_text().replace(",", "\t").encode("utf-16"),
        old_xls(),
    ],
    ids=["xlsx", "utf-8", "bom", "gb18030", "utf-16", "tabs", "xls"],
)
def test_a_good_roster_is_read_the_same_from_every_format(data: bytes) -> None:
    """Excel, old Excel and csv in every encoding in use give the same two rows, without remarks."""
    roster = checked(data)

    assert list(roster.problems) == []
    assert [row.amount_fen for row in roster.rows] == [100_000, 50_000]
    assert [row.canonical() for row in roster.rows] == [r.canonical() for r in checked(xlsx()).rows]


def test_a_five_kilobyte_bomb_is_refused_before_a_library_sees_it() -> None:
    """One cell at XFD1048576 would make the reader ask for half a terabyte."""
    assert len(samples.bomb()) < 8_000
    assert refused(samples.bomb()) == "SHEET_TOO_WIDE"


def test_a_roster_of_20_001_rows_is_refused() -> None:
    """The limit is told, not run into."""
    tall = '<row r="20040"><c r="A20040"><v>1</v></c></row></sheetData>'
    data = samples.rewritten(
        xlsx(), samples.ROSTER_MEMBER, lambda xml: xml.replace("</sheetData>", tall)
    )
    lines = csv_text([person(1)]).encode() + b"x,y\r\n" * 20_001

    assert refused(data) == "SHEET_TOO_LONG"
    assert refused(lines) == "SHEET_TOO_LONG"


def test_formatted_empty_cells_far_away_are_no_content() -> None:
    """Excel keeps formats of cleared cells to the last row; they do not count."""
    empty = '<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    data = samples.rewritten(
        xlsx(), samples.ROSTER_MEMBER, lambda xml: xml.replace("</sheetData>", empty)
    )

    assert codes(data) == []


def test_a_document_type_definition_is_refused() -> None:
    """Entities that grow without end never reach a parser that expands them."""
    evil = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    data = samples.rewritten(
        xlsx(), samples.ROSTER_MEMBER, lambda xml: xml.replace("<worksheet", evil, 1)
    )

    assert refused(data) == "FILE_DTD"


def test_a_zip_that_unpacks_without_end_is_refused() -> None:
    """The limit counts what comes out, not what the directory says."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        with new.open("xl/media/image1.bin", "w") as big:
            for _ in range(210):
                big.write(bytes(1 << 20))

    assert refused(out.getvalue()) == "FILE_UNZIPPED_TOO_LARGE"


def test_error_cells_are_errors_and_not_empty() -> None:
    """The reader shows #DIV/0! as empty; here it is an error at its cell."""
    data = xlsx()
    cell = f"{column_of(data, '慰问金(元)')}3"
    data = cell_replaced(data, cell, f'<c r="{cell}" t="e"><v>#DIV/0!</v></c>')
    found = [p for p in checked(data).problems if p.level == "error"]

    assert [(p.code, p.cell) for p in found] == [("SUM_UNKNOWN", None), ("CELL_ERROR", cell)]


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<c r="{}"><f>500+500</f><v>1000</v></c>', "FORMULA"),
        ('<c r="{}"><f>500+500</f></c>', "FORMULA_EMPTY"),
    ],
)
def test_formulas_in_amounts_are_errors(xml: str, code: str) -> None:
    """A sum that changes with the next recalculation is no amount; without a value it is none."""
    data = xlsx()
    cell = f"{column_of(data, '慰问金(元)')}3"
    data = cell_replaced(data, cell, xml.format(cell))

    assert code in codes(data)


def test_merged_cells_in_the_rows_are_errors_but_a_merged_title_is_not() -> None:
    """Only the first of merged cells has a value, so the other rows would lose theirs."""

    def merge_title(_book: Any, sheet: Any) -> None:
        sheet.merge_range(0, 0, 0, 5, "发放明细")

    def merge_rows(_book: Any, sheet: Any) -> None:
        sheet.merge_range(2, 6, 3, 6, "样例水泥厂")

    assert codes(xlsx(change=merge_title)) == []
    assert "CELLS_MERGED" in codes(xlsx(change=merge_rows))


def test_hidden_rows_are_an_error_and_hidden_columns_a_warning() -> None:
    """Who filtered the list sees fewer rows than would be paid."""

    def hide(_book: Any, sheet: Any) -> None:
        sheet.set_row(3, None, None, {"hidden": True})
        sheet.set_column(3, 3, None, None, {"hidden": True})

    assert codes(xlsx(change=hide)) == ["ROWS_HIDDEN"]
    assert "COLUMN_HIDDEN" in codes(xlsx(change=hide), "warning")


def test_dates_of_a_1904_workbook_are_read_in_its_calendar() -> None:
    """A formatted date is right in both calendars; a bare number in 1904 is not guessed."""
    data = xlsx(options={"date_1904": True})
    bare = xlsx([person(1, 发放日期=42022), ROWS[1]], options={"date_1904": True})

    assert [row.paid_on for row in checked(data).rows] == [
        row.paid_on for row in checked(xlsx()).rows
    ]
    assert codes(bare) == ["DATE_SERIAL_1904"]


def test_a_bare_day_number_is_read_with_a_warning() -> None:
    """43485 is 2019-01-20 to Excel; the reader says so and goes on."""
    roster = checked(xlsx([person(1, 发放日期=43485), ROWS[1]]))

    assert [p.code for p in roster.problems] == ["DATE_SERIAL"]
    assert roster.rows[0].paid_on == day_of(date(2019, 1, 20))


@pytest.mark.parametrize(
    "text",
    ["2019.1.20", "2019/1/20", "2019-01-20", "2019年1月20日", "20190120", "２０１９．１．２０"],
)
def test_dates_as_texts_come_in_a_closed_list_of_forms(text: str) -> None:
    """Six spellings of one day."""
    assert codes(xlsx([person(1, 发放日期=text), ROWS[1]])) == []


@pytest.mark.parametrize("text", ["20/1/2019", "1月20日", "2019-02-30", "昨天", "190120"])
def test_other_spellings_of_dates_are_errors(text: str) -> None:
    """No guessing: day and month could be swapped."""
    assert codes(xlsx([person(1, 发放日期=text), ROWS[1]])) == ["DATE_FORMAT"]


def test_passwords_strangers_and_renamed_files_have_a_message_each() -> None:
    """The first bytes decide, never the name; every cause has its own words."""
    word = io.BytesIO()
    with zipfile.ZipFile(word, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    encrypted = (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    )
    cut = xlsx()[:3000]

    assert refused(b"") == "FILE_EMPTY"
    assert refused(b"%PDF-1.7") == "FILE_PDF"
    assert refused(b"\x89PNG\r\n") == "FILE_IMAGE"
    assert refused(word.getvalue()) == "FILE_WORD"
    assert refused(encrypted) == "FILE_PASSWORD"
    assert refused(b"<html><table></table></html>") == "FILE_WEB_PAGE"
    assert refused(cut) == "FILE_BROKEN"
    assert refused(bytes(100)) == "FILE_UNKNOWN"
    assert refused(b"\xff\xff\xff\x41" * 50) == "CSV_ENCODING"
    assert codes(csv_text().encode("gb18030")) == []  # whatever it is called


def test_gb18030_keeps_the_characters_that_gbk_lacks() -> None:
    """䶮, 𬎆 and 㛃 are in real names and only in the four-byte part of GB18030."""
    name = "测试䶮𬎆㛃"
    roster = checked(csv_text([person(1, 姓名=name), ROWS[1]]).encode("gb18030"))

    assert roster.rows[0].identity.name == name
    assert decode_csv(name.encode("gb18030") * 2) == (name * 2, "gb18030")


def test_rare_characters_pass_and_emoji_do_not() -> None:
    """Names may hold rare ideographs and the middle dot, but no pictures and no second name."""
    assert (
        codes(
            xlsx([person(1, 姓名="测试𬎆"), person(2, 姓名="样例·买买提", **{"慰问金(元)": 500})])
        )
        == []
    )
    assert codes(xlsx([person(1, 姓名="测试😀"), ROWS[1]])) == ["NAME_SIGN"]
    assert codes(xlsx([person(1, 姓名="测试甲(曾用名)"), ROWS[1]])) == ["NAME_SIGN"]
    assert codes(xlsx([person(1, 姓名="测试甲/测试乙"), ROWS[1]])) == ["NAME_SIGN"]


def test_duplicate_headers_and_two_rosters_are_refused() -> None:
    """Which of two columns or sheets is meant, only people can say."""

    def twice(_book: Any, sheet: Any) -> None:
        sheet.write_string(1, 20, "身份证号")

    def second(book: Any, _sheet: Any) -> None:
        other = book.add_worksheet("名册二")
        for column, head in enumerate(("姓名", "证件号码", "对象类别")):
            other.write_string(0, column, head)

    assert codes(xlsx(change=twice)) == ["COLUMN_TWICE"]
    assert refused(xlsx(sheet_name="名册一", change=second)) == "SHEETS_AMBIGUOUS"
    assert codes(xlsx(change=second)) == []  # one of them is called 发放明细


def test_a_hidden_roster_sheet_is_refused() -> None:
    """What nobody sees is not paid."""

    def hide(book: Any, sheet: Any) -> None:
        book.add_worksheet("封面").activate()
        sheet.hide()

    assert refused(xlsx(change=hide)) == "SHEET_HIDDEN"


def test_columns_come_in_any_order_under_many_names() -> None:
    """Aliases, stars, spaces, line breaks and full-width brackets are the same header."""
    renamed = {"姓名": "领取人姓名*", "证件号码": "身份证\n号码", "慰问金(元)": " 金额（元） "}
    rows = [{renamed.get(key, key): value for key, value in reversed(row.items())} for row in ROWS]

    assert codes(xlsx(rows)) == []


def test_totals_blank_rows_and_unused_numbers_are_passed_over() -> None:
    """Rows of sums, numbered empty lines and a blank tail are nobody."""

    def tail(_book: Any, sheet: Any) -> None:
        sheet.write_number(4, 0, 3)
        sheet.write_string(6, 1, "合 计")
        sheet.write_number(6, 7, 1500)
        sheet.write_blank(900, 1, None)
        sheet.write_string(901, 1, "　 ")

    roster = checked(xlsx(change=tail))

    assert roster.errors == []
    assert [p.code for p in roster.problems] == ["ROW_PASSED_OVER"]


@pytest.mark.parametrize("word", ["小计", "合 计", "总计"])
def test_a_row_whose_name_is_a_total_is_passed_over_whatever_stands_before(word: str) -> None:
    """The employer's column may come first: its name beside the sum does not make a person."""
    sums = {"工作单位": "样例水泥厂", "姓名": word, "慰问金(元)": 1500}
    roster = checked(
        xlsx([*ROWS, sums], headers=["工作单位", *(h for h in ROWS[0] if h != "工作单位")])
    )

    assert [p.code for p in roster.problems] == ["ROW_PASSED_OVER"]
    assert len(roster.rows) == 2


def test_a_file_without_a_header_or_rows_says_so() -> None:
    """Both are told apart."""
    assert refused("随便,什么\r\n1,2\r\n".encode()) == "HEADER_MISSING"
    assert refused(csv_text([person(1)]).encode().rsplit(b"\r\n", 2)[0]) == "ROWS_MISSING"


def test_an_old_workbook_with_one_far_cell_is_refused() -> None:
    """Sixteen million cells of nothing are refused before a library sees them."""
    data = old_xls(change=lambda _, sheet: sheet.write(65_535, 255, 1))
    tall = old_xls(change=lambda _, sheet: sheet.write(65_535, 7, 1))

    assert refused(data) == "SHEET_TOO_WIDE"
    assert refused(tall) == "SHEET_TOO_LONG"


def test_the_reading_process_starts_in_a_folder_of_strangers(tmp_path: Path) -> None:
    """A package called json or domain beside the roster is not run."""
    for name in ("json.py", "domain.py", "python_calamine.py"):
        (tmp_path / name).write_text("raise SystemExit(9)\n")
    (tmp_path / "roster.xlsx").write_bytes(xlsx())
    root = Path(__file__).parent.parent
    script = (
        "import sys, pathlib\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "from publishers.roster.reading import read_roster\n"
        "print(len(read_roster(pathlib.Path('roster.xlsx').read_bytes()).rows))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script],
        cwd=tmp_path, capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip

    assert done.stdout.strip() == "2"


def test_a_workbook_with_two_members_of_one_name_is_refused() -> None:
    """What is scanned must be what is read: a second sheet2.xml could hide behind the first."""
    out = io.BytesIO(xlsx())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/worksheets/Sheet2.xml", "<worksheet/>")

    assert refused(out.getvalue()) == "FILE_BROKEN"
