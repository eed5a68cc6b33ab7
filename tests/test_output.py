"""What a user sees: tables, JSON, money, progress, the page of a problem."""

import json
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from terminals import seen_on_a_terminal

from app.help_texts import half
from app.output import Column, Kind, Output
from app.problems import Problem, Words

ROOT = Path(__file__).parent.parent
PERSON = Column("centre", Words("帮扶中心", "centre"))
MONEY = Column("amount_fen", Words("金额(元)", "amount (yuan)"), Kind.MONEY)
WHEN = Column("occurred_on", Words("发放日期", "paid on"), Kind.DAY)

PROGRESS = """
from app.output import Output
from app.problems import Words
with Output(lang="zh").progress(Words("导入", "importing"), total=3) as advance:
    for _ in range(3):
        advance(1)
"""


def _cells(text: str) -> int:
    """Width on a terminal: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def test_people_get_a_table_with_yuan_and_dates(capsys: pytest.CaptureFixture[str]) -> None:
    """Money is right-aligned with separators, also below Chinese headings."""
    rows = [("甲县", 123456789, 17932), ("乙市城区帮扶中心", 5, None)]
    Output(lang="zh").records([PERSON, MONEY, WHEN], rows)

    heading, _, first, second = capsys.readouterr().out.splitlines()

    assert "1,234,567.89" in first
    assert "2019-02-05" in first
    ends = {_cells(line[: line.index(x) + len(x)]) for line, x in [(heading, "金额(元)")]}
    ends |= {_cells(first.split("1,234,567.89")[0] + "1,234,567.89")}
    ends |= {_cells(second)}
    assert len(ends) == 1


STEERING = "x\x1b[2J\x9b1A\u202ey\udc80"
"""Clears a screen, goes up a line, writes from right to left, and is no letter."""


def test_nothing_of_a_stranger_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """In a table, a line, a remark: what it would do is not done; a line break makes no line."""
    shown = Output(lang="en")
    shown.records([PERSON], [[f"{STEERING}\n✔ All of it holds."]])
    shown.line(STEERING)
    shown.problem(Problem(Words("", "No."), where=STEERING, how=Words("", "Go.")))
    told = capsys.readouterr()
    for letter in "\x1b\x9b\u202e\udc80":
        assert letter not in told.out + told.err
    assert "x�[2J�1A�y�" in told.out
    assert not any(line.startswith("✔") for line in told.out.splitlines())


def test_programs_get_every_letter_of_a_stranger_escaped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """JSON loses nothing; the terminal sees no letter that would steer it."""
    Output(lang="en", as_json=True).json({STEERING: STEERING})
    out = capsys.readouterr().out
    assert json.loads(out) == {STEERING: STEERING}
    assert not any(letter in out for letter in "\x1b\x9b\u202e\udc80")


def test_programs_get_fen_as_numbers_and_days_as_dates(capsys: pytest.CaptureFixture[str]) -> None:
    """Chinese as it is; a day that is not known is null."""
    rows = [("甲县", 5, None), ("乙县", 7, 17932)]
    Output(lang="en", as_json=True).records([PERSON, MONEY, WHEN], rows)
    out = capsys.readouterr().out
    assert json.loads(out) == [
        {"centre": "甲县", "amount_fen": 5, "occurred_on": None},
        {"centre": "乙县", "amount_fen": 7, "occurred_on": "2019-02-05"},
    ]
    assert "甲县" in out


def test_one_things_facts_are_a_list_or_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    """The same call serves people and programs."""
    Output(lang="en").facts({PERSON: "A", MONEY: 100})
    assert "amount (yuan)" in capsys.readouterr().out
    Output(as_json=True).facts({PERSON: "A", MONEY: 100})
    assert json.loads(capsys.readouterr().out) == {"centre": "A", "amount_fen": 100}


def test_no_rows_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty table is a sentence, an empty array for programs."""
    Output(lang="en").records([PERSON], [])
    assert capsys.readouterr().out == "(no records)\n"
    Output(as_json=True).records([PERSON], [])
    assert json.loads(capsys.readouterr().out) == []


def test_markup_in_data_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A bracket in a code is no instruction to the terminal."""
    Output().records([PERSON], [("[bold]x[/bold] :smile:",)])
    assert "[bold]x[/bold] :smile:" in capsys.readouterr().out


def test_a_problem_says_what_where_and_how(capsys: pytest.CaptureFixture[str]) -> None:
    """In the language of the call, on stderr; as JSON on stdout for programs."""
    problem = Problem(Words("坏", "bad"), where="row 7", how=Words("改", "mend it"))
    Output(lang="en").problem(problem)
    seen = capsys.readouterr()
    assert seen.out == ""
    assert seen.err.splitlines() == ["What happened: bad", "Where: row 7", "What to do: mend it"]
    Output(lang="zh", as_json=True).problem(problem)
    page = json.loads(capsys.readouterr().out)
    assert page == {"ok": False, "exit_code": 2, "what": "坏", "where": "row 7", "how": "改"}


def test_a_text_in_one_language_serves_both() -> None:
    """Half a help text is better than none."""
    assert half("余额", "en") == "余额"


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}


def test_progress_is_shown_on_a_terminal() -> None:
    """Somebody who looks sees that it goes on."""
    command = [sys.executable, "-c", PROGRESS]
    seen = seen_on_a_terminal(command, "stderr", cwd=ROOT, env=_environment())
    assert "导入" in seen.decode()
    assert "3/3" in seen.decode()


def test_progress_is_silent_in_a_pipe() -> None:
    """A log file holds no bars."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRESS],
        cwd=ROOT,
        env=_environment(),
        capture_output=True,
        check=True,
    )
    assert done.stderr == b""
    assert done.stdout == b""
