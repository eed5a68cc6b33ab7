"""Every trap of a spreadsheet springs the same way from .xlsx, .xls and .csv, where it can be set."""

import json
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from roster_samples import (
    HEADER_ROW,
    ROWS,
    cell_replaced,
    checked,
    codes,
    column_of,
    csv_text,
    old_xls,
    own_xls,
    person,
    xlsx,
)
from xls_bytes import Computed, Failed, compound

from app import cli
from publishers.roster.biff import scan_old_workbook
from publishers.roster.prescan import FILE_BYTES_MAX
from publishers.roster.problems import RosterUnreadable
from publishers.roster.reading import read_roster

AMOUNT, NUMBER, NAME = "慰问金(元)", "证件号码", "姓名"
POI = Path(__file__).parent / "poi"
"""Made once by poi/Workbooks.java."""
FIRST = HEADER_ROW + 1
"""Row of the first person."""
Trap = Callable[[str], bytes]
"""From a column's header to a file whose first row has the trap in that column."""


def _xlsx(xml: str) -> Trap:
    def made(header: str) -> bytes:
        data = xlsx()
        cell = f"{column_of(data, header)}3"
        return cell_replaced(data, cell, xml.format(cell))

    return made


def _own_xls(value: Any) -> Trap:
    return lambda header: own_xls([person(1, **{header: value}), ROWS[1]])


def _xls(write: Callable[[Any, int], None]) -> Trap:
    """*write* puts something else into the cell of a row; the row is not yet written there."""

    def made(header: str) -> bytes:
        rows = [person(1, **{header: None}), ROWS[1]]
        heads = list(dict.fromkeys(key for row in rows for key in row))
        at = heads.index(header)
        return old_xls(rows, change=lambda _, sheet: write(sheet.row(FIRST), at))

    return made


def _csv(value: str) -> Trap:
    return lambda header: csv_text([person(1, **{header: value}), ROWS[1]]).encode("gb18030")


ERRORS = {
    "xlsx": _xlsx('<c r="{}" t="e"><v>#DIV/0!</v></c>'),
    "xlsx, computed": _xlsx('<c r="{}" t="e"><f>1/0</f><v>#DIV/0!</v></c>'),
    "xls": _xls(lambda row, at: row.set_cell_error(at, "#DIV/0!")),
    "xls, computed": _own_xls(Failed()),
    "csv": _csv("#DIV/0!"),
    "csv, spaces": _csv(" #n/a "),
}
FORMULAS = {
    "xlsx": _xlsx('<c r="{}"><f>500+500</f><v>1000</v></c>'),
    "xls": _own_xls(Computed(1000.0)),
    "xls, text": _own_xls(Computed("1000")),
}
UNCOMPUTED = {
    "xlsx": _xlsx('<c r="{}"><f>500+500</f></c>'),
    "xls": _xls(lambda row, at: row.write(at, xlwt.Formula("500+500"))),
    "xls, nothing": _own_xls(Computed(None)),
    "xls, empty text": _own_xls(Computed("")),
    "csv": _csv("=500+500"),
}
AS_NUMBER = {
    "xlsx": (xlsx([person(1, 证件号码=632221197001010014), ROWS[1]]), "ID_NUMERIC"),
    "xls": (old_xls([person(1, 证件号码=6.32221197001010e17), ROWS[1]]), "ID_NUMERIC"),
    "csv": (csv_text([person(1, 证件号码="6.32221E+17"), ROWS[1]]).encode(), "ID_SCIENTIFIC"),
}
OLD = (old_xls(), own_xls([person(1, **{AMOUNT: Computed(1000.0)}), ROWS[1]]))
FORMATS: dict[str, Callable[..., bytes]] = {
    "xlsx": xlsx,
    "xls": old_xls,
    "csv": lambda rows: csv_text(rows).encode(),
}
EVERY = pytest.mark.parametrize("kind", FORMATS)


def refused(data: bytes) -> str:
    """The code with which the file as a whole is refused."""
    with pytest.raises(RosterUnreadable) as caught:
        read_roster(data)
    return caught.value.problem.code


def _first_row(data: bytes) -> list[tuple[str, str | None]]:
    return [(p.code, p.header) for p in checked(data).problems if p.level == "error"]


@pytest.mark.parametrize("header", [AMOUNT, NUMBER, NAME])
@pytest.mark.parametrize("kind", ERRORS)
def test_error_cells_are_errors_and_not_empty(kind: str, header: str) -> None:
    """A reader shows #DIV/0! as nothing; here it is an error at its cell, whatever the column."""
    assert ("CELL_ERROR", header) in _first_row(ERRORS[kind](header))


@pytest.mark.parametrize("kind", FORMULAS)
def test_formulas_in_amounts_and_numbers_are_errors(kind: str) -> None:
    """A value that changes with the next recalculation is none, even if it is right today."""
    assert _first_row(FORMULAS[kind](AMOUNT)) == [("FORMULA", AMOUNT)]
    assert ("FORMULA", NUMBER) in _first_row(FORMULAS[kind](NUMBER))


@pytest.mark.parametrize("kind", UNCOMPUTED)
def test_formulas_without_a_value_are_errors(kind: str) -> None:
    """Nothing was stored, or their text."""
    assert ("FORMULA_EMPTY", AMOUNT) in _first_row(UNCOMPUTED[kind](AMOUNT))
    assert ("FORMULA_EMPTY", NUMBER) in _first_row(UNCOMPUTED[kind](NUMBER))


@pytest.mark.parametrize("kind", AS_NUMBER)
def test_a_citizen_number_that_became_a_number_is_refused(kind: str) -> None:
    """Its last three digits are gone; nothing repairs them."""
    data, code = AS_NUMBER[kind]
    assert (code, NUMBER) in _first_row(data)


@pytest.mark.parametrize(
    "data",
    [
        xlsx(change=lambda _, sheet: sheet.merge_range(2, 6, 3, 6, "样例水泥厂")),
        old_xls(
            [ROWS[0], ROWS[1] | {"工作单位": None}],
            change=lambda _, sheet: sheet.merge(FIRST, FIRST + 1, 6, 6),
        ),
    ],
    ids=["xlsx", "xls"],
)
def test_merged_cells_in_the_rows_are_errors(data: bytes) -> None:
    """The second row has lost its value."""
    assert "CELLS_MERGED" in codes(data)


def test_hidden_rows_are_an_error_and_hidden_columns_a_warning_in_old_workbooks() -> None:
    """As in new ones."""

    def hide(_book: Any, sheet: Any) -> None:
        sheet.row(FIRST + 1).hidden = True
        sheet.col(3).hidden = True

    data = old_xls(change=hide)

    assert codes(data) == ["ROWS_HIDDEN"]
    assert "COLUMN_HIDDEN" in codes(data, "warning")


def test_a_hidden_roster_sheet_is_refused_in_old_workbooks() -> None:
    """What nobody sees is not paid."""

    def hide(_book: Any, sheet: Any) -> None:
        sheet.visibility = 1

    assert refused(old_xls(change=hide)) == "SHEET_HIDDEN"


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_a_bare_day_number_is_read_by_the_calendar_of_its_workbook(kind: str) -> None:
    """From 1900 with a warning; from 1904 not at all."""
    rows = [person(1, 发放日期=43485), ROWS[1]]
    old, new = old_xls(rows, date1904=True), xlsx(rows, options={"date_1904": True})

    assert codes(FORMATS[kind](rows), "warning") == ["DATE_SERIAL"]
    assert codes(old if kind == "xls" else new) == ["DATE_SERIAL_1904"]


@EVERY
def test_full_width_signs_spaces_and_quotes_are_folded(kind: str) -> None:
    """In numbers and amounts; a name keeps every letter."""
    number = ROWS[0][NUMBER].translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)})
    rows = [person(1, 证件号码=f"\u3000{number}\u00a0", **{AMOUNT: "１，０００"}), ROWS[1]]

    assert codes(FORMATS[kind](rows)) == []


@EVERY
def test_rows_of_sums_and_blank_rows_are_nobody(kind: str) -> None:
    """They are passed over, with a notice."""
    blank = dict.fromkeys(ROWS[0], "")
    roster = checked(FORMATS[kind]([*ROWS, blank, blank | {NAME: "合 计", AMOUNT: "1500"}, blank]))

    assert [p.code for p in roster.problems] == ["ROW_PASSED_OVER"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("good", []),
        ("formula-number", ["FORMULA"]),
        ("formula-text", ["FORMULA"]),
        ("formula-empty-text", ["FORMULA", "FORMULA_EMPTY", "SUM_UNKNOWN"]),
        ("formula-error", ["CELL_ERROR", "FORMULA", "SUM_UNKNOWN"]),
    ],
)
def test_values_that_another_program_computed_are_seen(name: str, found: list[str]) -> None:
    """Workbooks of Apache POI, with the value it computed beside each formula: as our own."""
    assert sorted(codes((POI / f"{name}.xls").read_bytes())) == found


def test_a_workbook_that_another_program_encrypted_says_so() -> None:
    """With the encryption of Excel 97."""
    assert refused((POI / "password.xls").read_bytes()) == "FILE_PASSWORD"


def test_an_old_workbook_with_a_password_says_so() -> None:
    """The reader would call it damaged."""
    assert refused(own_xls(password=True)) == "FILE_PASSWORD"


@pytest.mark.parametrize("kind", ["xls", "csv", "xlsx"])
def test_too_many_rows_are_told(kind: str) -> None:
    """20,001 of them."""
    if kind == "csv":
        data = csv_text([person(1)]).encode() + b"x,y\r\n" * 20_001
    elif kind == "xls":
        data = old_xls(change=lambda _, sheet: sheet.write(20_040, 0, 1))
    else:
        data = xlsx(change=lambda _, sheet: sheet.write_number(20_040, 0, 1))

    assert refused(data) == "SHEET_TOO_LONG"


def test_a_workbook_is_known_by_its_bytes() -> None:
    """Whatever it is called, .et among them; what is cut off is told as damaged."""
    assert codes(old_xls()) == []
    assert codes(own_xls()) == []
    for whole in (old_xls(), own_xls()):
        for kept in (900, len(whole) // 2, len(whole) - 600):
            assert refused(whole[:kept]) == "FILE_BROKEN"
    assert refused(compound("Contents", b"of another program")) == "FILE_UNKNOWN"


def test_days_of_old_workbooks_are_read_in_both_calendars() -> None:
    """Cells with the format of a day give the same day, counted from 1900 or from 1904."""
    days = [(row.paid_on, row.visited_on) for row in checked(xlsx()).rows]
    for date1904 in (False, True):
        roster = checked(old_xls(date1904=date1904))
        assert list(roster.problems) == []
        assert [(row.paid_on, row.visited_on) for row in roster.rows] == days


def test_a_second_roster_in_an_old_workbook_is_refused_unless_one_is_named_so() -> None:
    """As in a new one; a sheet without a header of persons is no roster."""

    def second(name: str, *heads: str) -> Callable[[Any, Any], None]:
        def change(book: Any, sheet: Any) -> None:
            sheet.name = name
            other = book.add_sheet("名册二")
            for column, head in enumerate(heads):
                other.write(0, column, head)

        return change

    assert refused(old_xls(change=second("名册一", NAME, NUMBER, "对象类别"))) == "SHEETS_AMBIGUOUS"
    assert codes(old_xls(change=second("发放明细", NAME, NUMBER, "对象类别"))) == []
    assert codes(old_xls(change=second("名册一", "说明"))) == []


@given(st.data())
def test_no_bytes_of_an_old_workbook_end_in_another_way(data: st.DataObject) -> None:
    """Damaged anywhere, it is a roster with problems or unreadable; never a fault."""
    whole = bytearray(data.draw(st.sampled_from(OLD)))
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    with suppress(RosterUnreadable):
        scan_old_workbook(bytes(whole))


def test_no_more_of_a_file_is_read_than_could_be_imported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A gigabyte by mistake is refused by its size, and is never in memory."""
    huge = tmp_path / "huge.xlsx"
    with huge.open("wb") as file:
        file.truncate(1 << 30)
    tracemalloc.start()
    try:
        ended = cli.run(["roster", "check", str(huge), "--json"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    told = json.loads(capsys.readouterr().out)["errors"]
    assert (ended, [problem["code"] for problem in told]) == (2, ["FILE_TOO_LARGE"])
    assert peak < 4 * FILE_BYTES_MAX
