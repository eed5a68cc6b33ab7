"""The glossary: every term has both names, and every symbol it points to exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from test_tidy import ROOMS

from app.naming import LOTS, STATES, USES
from app.problems import Words

GLOSSARY = Path(__file__).parent.parent / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not re.match(r"\|(---|\s*中文)", line)
]


OTHER_NAMES = (
    "裁定",
    "检查点",
    "封存",
    "人员代号",
    "花名册",
    "预留",
    "已指令",
    "准入",
    "抹除",
    "查阅",
    "支付编号",
    "限额",
    "复核",
    "合并人员",
    "人员合并",
    "结账",
)
"""Second names that things once had: 发放编号, 总额上限 and 标准上限, 审核, 归并, 年结 are what they are."""
ROOT = GLOSSARY.parent.parent
SHOWN = {".py", ".avsc", ".sql"}
"""Files that hold texts people see."""


@pytest.mark.parametrize("names", [STATES, USES, LOTS])
def test_what_commands_call_it_is_in_the_glossary(names: dict[str, Words]) -> None:
    """States of payments, what fen are drawn for, what makes a lot."""
    assert {words.zh for words in names.values()} <= {row[0] for row in ROWS}


def test_nothing_has_a_second_name() -> None:
    """Neither in what commands, refusals, tables and templates show, nor in schemas and documents."""
    texts = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in SHOWN]
    texts += [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    assert len(texts) > 300
    found = [
        (path.name, word)
        for path in texts
        for word in OTHER_NAMES
        if word in path.read_text(encoding="utf-8")
    ]
    assert found == []


def test_every_symbol_of_the_glossary_exists() -> None:
    """A module and something in it."""
    symbols = {row[2].strip("`") for row in ROWS}
    assert {symbol for symbol in symbols if not _exists(symbol)} == set()


def _exists(symbol: str) -> bool:
    module, _, name = symbol.rpartition(".")
    return hasattr(import_module(module), name)


def test_every_term_is_in_both_languages() -> None:
    """Chinese term, English name, symbol, meaning."""
    assert [row for row in ROWS if not _is_whole(row)] == []


def _is_whole(row: list[str]) -> bool:
    chinese, english, symbol, meaning = row
    return (
        re.search(r"[\u4e00-\u9fff]", chinese) is not None
        and english.isascii()
        and symbol.startswith("`")
        and bool(meaning)
    )
