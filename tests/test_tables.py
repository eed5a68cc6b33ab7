"""Tables fit whoever looks: nothing is wider than the terminal, and nothing is lost."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from terminals import seen_on_a_terminal

from app.tables import Heading, flowing, lines_of

ROOT = Path(__file__).parent.parent
BALANCE = [
    Heading("机构"), Heading("资金"),
    *(Heading(name, right=True, text=False) for name in ("可用", "待批", "已下达", "到账")),
]  # fmt: skip
WORDS = st.text(st.sampled_from("领取人编号ab 12-"), max_size=60)
IDENTIFIER = "69a19d16-ea4a-8920-bc9c-b5b7be02e6d4"
MONEY = st.integers(0, 10**12).map("{:,}.00".format)
SHOW = """
from app.output import Column, Kind, Output
from app.problems import Words
columns = [Column(str(n), Words("金额", "sum"), Kind.MONEY) for n in range(9)]
Output().records(columns, [[123456789] * 9])
"""


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _on_a_terminal(columns: int) -> list[str]:
    """What the program prints to a terminal of that width."""
    seen = seen_on_a_terminal(
        [sys.executable, "-c", SHOW], "stdout", columns=columns,
        cwd=ROOT, env={**os.environ, "PYTHONPATH": "."},
    )  # fmt: skip
    return seen.decode().splitlines()


def test_money_that_does_not_fit_goes_below_with_its_heading() -> None:
    """No figure is cut or wrapped."""
    row = ["样例县总工会", "NORMALISED-2019", "28,000,000.00", "0.00", "15,000.00", "3,000,000.00"]
    assert list(lines_of(BALANCE, [row], 64)) == [
        "机构          资金                      可用  待批     已下达",
        "─" * 61,
        "样例县总工会  NORMALISED-2019  28,000,000.00  0.00  15,000.00",
        "      到账 3,000,000.00",
    ]


@given(
    st.lists(st.tuples(WORDS, WORDS, MONEY, WORDS, MONEY), min_size=1, max_size=4),
    st.integers(60, 160),
)
def test_no_line_is_wider_and_no_letter_is_lost(rows: list[tuple[str, ...]], width: int) -> None:
    """Whatever the rows hold."""
    headings = [
        Heading("编号"), Heading("机构"), Heading("金额", right=True, text=False),
        Heading("原因"), Heading("余额", right=True, text=False),
    ]  # fmt: skip
    lines = list(lines_of(headings, rows, width))
    assert max(map(_columns, lines)) <= width
    shown = sorted("".join(lines[2:]).replace(" ", ""))
    for row in rows:
        for cell in row:
            for letter in cell.replace(" ", ""):
                shown.remove(letter)
        for figure in (row[2], row[4]):
            assert any(figure in line for line in lines)


@given(st.lists(WORDS.filter(str.strip), max_size=6), st.integers(20, 80), st.integers(0, 8))
def test_pieces_are_broken_between_them(pieces: list[str], width: int, indent: int) -> None:
    """And inside one only where it alone is too long."""
    lines = list(flowing(pieces, width, indent=indent))
    assert all(_columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(pieces).replace(" ", "")


@given(
    st.lists(
        st.tuples(*(st.sampled_from(("", "领取人", "ab" * 32, f"{IDENTIFIER} 已下达"))
                    for _ in range(5))), min_size=1, max_size=4),
    st.integers(80, 160),
)  # fmt: skip
def test_ids_and_digests_are_never_broken(rows: list[tuple[str, ...]], width: int) -> None:
    """Whoever copies one gets all of it, in a cell or on a line of its own."""
    headings = [Heading("序号"), Heading("金额", right=True, text=False),
                *(Heading(f"标题{n}") for n in range(5))]  # fmt: skip
    lines = list(lines_of(headings, [("1", "0.00", *row) for row in rows], width))
    assert max(map(_columns, lines)) <= width
    shown = "\n".join(lines)
    for whole in ("ab" * 32, IDENTIFIER):
        assert shown.count(whole) == sum(cell.count(whole) for row in rows for cell in row)


def test_a_table_is_as_wide_as_its_terminal() -> None:
    """A wide one shows all in a line, a narrow one none cut."""
    wide, narrow = _on_a_terminal(160), _on_a_terminal(50)
    assert len(wide) == 3
    assert _columns(wide[2]) > 100
    assert max(map(_columns, narrow)) <= 50
    assert "".join(narrow).count("1,234,567.89") == 9


def test_whoever_is_no_terminal_gets_a_hundred_columns() -> None:
    """So that what was printed into a file reads the same everywhere."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env={**os.environ, "PYTHONPATH": "."},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert 80 < max(map(_columns, done.stdout.splitlines())) <= 100
