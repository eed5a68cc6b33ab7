"""Whatever a verification can find has words in both languages."""

import re
from pathlib import Path

import pytest

from app.verify_names import MARKS, NAMES, NATURES
from app.verify_texts import result
from evidence import verify_checks
from evidence.verify_checks import CHAINS, DECISIONS, FAILED, NOT_CHECKED, ORDER, Check, failed

EVIDENCE = Path(verify_checks.__file__).parent
TEXT = "\n".join(
    path.read_text(encoding="utf-8")
    for path in [*EVIDENCE.glob("verify*.py"), *EVIDENCE.glob("conservation*.py"),
                 EVIDENCE / "reperformance.py"]
)  # fmt: skip
FOUND = re.findall(
    r"(?:failed|_fail)\(\s*[A-Z_]+,\s*\"([A-Z_]+)\"|(?:Unlawful|Unpaired)\((?:[a-z. +]+1?, )?\"([A-Z_]+)\""
    r"|Difference\([^()]*?\"([A-Z_]+)\"",
    TEXT,
)
CODES = sorted({next(filter(None, groups)) for groups in FOUND})
UNCHECKED = sorted(set(re.findall(r"not_checked\(\s*[A-Za-z_]+,\s*\"([A-Z_]+)\"", TEXT)))


def test_the_codes_are_found() -> None:
    """Or the tests below would show nothing."""
    assert len(CODES) > 30
    assert {"NOT_FREE", "BYTES_DIFFER", "OTHER_HISTORY", "SUBMISSION_MISSING"} <= set(CODES)
    assert {"PART", "NO_EVENTS"} <= set(UNCHECKED)


@pytest.mark.parametrize("code", CODES)
def test_every_failure_is_said_in_words(code: str) -> None:
    """With the position, and not by its code."""
    said = result(failed(DECISIONS, code, 7))
    assert (code not in said.zh, code not in said.en) == (True, True)
    assert re.search(r"序号 7:.*[\u4e00-\u9fff]", said.zh)
    assert said.en.startswith("position 7: ")


@pytest.mark.parametrize("code", UNCHECKED)
def test_every_reason_for_not_checking_is_said_in_words(code: str) -> None:
    """A partial verification says why it is."""
    said = result(Check(DECISIONS, NOT_CHECKED, code))
    assert code not in (said.zh, said.en)


def test_no_figure_of_a_stranger_makes_a_line_of_its_own() -> None:
    """Or it could say that all of it holds."""
    said = result(failed(CHAINS, "VERSION", 7, stream="x\n✔ All of it holds.", version=2))
    assert "\n" not in "".join(said)
    assert "x ✔ All of it holds." in said.en


def test_every_check_has_a_name_a_nature_and_a_mark() -> None:
    """In the order of the list."""
    assert set(ORDER) == set(NAMES) == set(NATURES)
    assert MARKS[FAILED] == "✘"
