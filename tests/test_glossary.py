"""The glossary: every term has both names, and every symbol it points to exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest

GLOSSARY = Path(__file__).parent.parent / "docs" / "glossary.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not re.match(r"\|(---|\s*中文)", line)
]


@pytest.mark.parametrize("symbol", sorted({row[2].strip("`") for row in ROWS}))
def test_every_symbol_of_the_glossary_exists(symbol: str) -> None:
    """A module and something in it."""
    module, _, name = symbol.rpartition(".")
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_every_term_is_in_both_languages(row: list[str]) -> None:
    """Chinese term, English name, symbol, meaning."""
    chinese, english, symbol, meaning = row
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert english.isascii()
    assert symbol.startswith("`")
    assert meaning
