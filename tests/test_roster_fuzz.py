"""Any bytes, any cells: a roster, or a problem with a code; no other exception, no leak."""

import json
from typing import Any

import roster_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from publishers.roster.columns import COLUMNS, Kind
from publishers.roster.grids import decode_csv
from publishers.roster.problems import RosterUnreadable
from publishers.roster.reading import read_roster
from publishers.roster.report import report_json, report_workbook
from publishers.roster.texts import TEXTS
from publishers.roster.values import (
    BadCell,
    amount_of,
    day_of_cell,
    identifier_of,
    text_of,
    whole_of,
)

FEW = settings(max_examples=20)
TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
)
CELLS = (
    st.none() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT | st.dates()
    | st.sampled_from(["6.32221E+17", "５００", "=1+1", "2019.1.20", "合计", "代领", "1,000.00"])
)  # fmt: skip
HEADERS = [column.header for column in COLUMNS]
WORKBOOK = samples.xlsx()


def known(code: str) -> None:
    """A code has words."""
    assert code in TEXTS


def tried(data: bytes) -> None:
    """Read, check and report; everything that is wrong has a code with words."""
    try:
        roster = samples.checked(data)
    except RosterUnreadable as unreadable:
        known(unreadable.problem.code)
        return
    assert {p.code for p in roster.problems} <= TEXTS.keys()
    report = json.dumps(report_json(roster.problems, ok=False), ensure_ascii=False)
    private = {c.key for c in COLUMNS if c.private}
    figures = {c.key for c in COLUMNS if c.kind in (Kind.AMOUNT, Kind.DATE, Kind.WHOLE)}
    cells = [cell for row in roster.raw.rows for cell in row.cells.items()]
    shown = {str(value) for key, value in cells if key in figures}
    shown |= TEXTS.keys()  # in place of an error cell stands the code of its problem
    for key, value in cells:
        if key in private and isinstance(value, str) and len(value) > 9 and value not in shown:
            assert value not in report
    assert report_workbook(data, roster.raw, roster.problems)


@given(st.binary(max_size=2_000))
@settings(max_examples=200)
def test_any_bytes_are_a_roster_or_refused_with_a_code(data: bytes) -> None:
    """Random files, decoded as csv or refused."""
    try:
        read_roster(data)
    except RosterUnreadable as unreadable:
        known(unreadable.problem.code)


@given(st.lists(st.dictionaries(st.sampled_from(HEADERS), TEXT, max_size=8), max_size=4))
@settings(max_examples=100)
def test_any_texts_in_a_csv_are_checked(rows: list[dict[str, str]]) -> None:
    """Cells of any text under the right headers."""
    complete = [samples.person(n) | row for n, row in enumerate(rows, start=1)]
    tried(samples.csv_text(complete or samples.ROWS).encode("utf-8"))


@given(
    st.lists(st.dictionaries(st.sampled_from(HEADERS), CELLS, max_size=8), min_size=1, max_size=3)
)
@FEW
def test_any_cells_in_a_workbook_are_checked(rows: list[dict[str, Any]]) -> None:
    """Numbers, dates, truth values and texts in the wrong places."""
    tried(samples.xlsx([samples.person(n) | row for n, row in enumerate(rows, start=1)]))


@given(st.data())
@FEW
def test_a_damaged_workbook_is_read_or_refused(data: st.DataObject) -> None:
    """Bytes changed anywhere in the file, in the archive as in its XML."""
    file = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    tried(bytes(file))


@given(CELLS | st.booleans() | st.floats())
@settings(max_examples=300)
def test_any_cell_is_a_value_or_a_bad_cell(value: Any) -> None:
    """Each kind of column takes or refuses; amounts are exact fen."""
    for read in (
        amount_of, whole_of, day_of_cell, lambda v: text_of(COLUMNS[1], v),
        lambda v: identifier_of(COLUMNS[3], v),
    ):  # fmt: skip
        try:
            read(value)
        except BadCell as bad:
            known(bad.code)


@given(st.integers(0, 10**11))
def test_amounts_survive_excel_to_the_fen(fen: int) -> None:
    """A double with two decimals is the fen it came from, as number and as text."""
    text = f"{fen // 100}.{fen % 100:02d}"

    assert amount_of(float(text)) == amount_of(text) == fen


@given(st.text(min_size=3, max_size=40), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_has_a_mark_or_is_utf8_is_never_taken_for_gb18030(text: str, encoding: str) -> None:
    """The ladder gives the text back."""
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return
    if not text.startswith("\ufeff"):
        assert decode_csv(data)[0] == text
