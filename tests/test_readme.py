"""What the README says, the program has."""

import re
from pathlib import Path

import pytest

from app.cli import tree

ROOT = Path(__file__).parents[1]
READMES = ["README.md", "README.zh-CN.md"]


def _commands() -> set[str]:
    """All commands, with those below them."""
    found = set()
    for name, command in tree().commands.items():
        found.add(name)
        found |= {f"{name} {sub}" for sub in getattr(command, "commands", {})}
    return found


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", READMES)
def test_every_command_in_the_readme_exists(name: str) -> None:
    """A command that was renamed must be renamed for the reader too."""
    known = _commands()
    for words in re.findall(r"hengwen ((?:--lang en )?[a-z-]+(?: [a-z]+)?)", _text(name)):
        first, *rest = words.removeprefix("--lang en ").split()
        assert first in known, words
        if rest and any(c.startswith(f"{first} ") for c in known):
            assert f"{first} {rest[0]}" in known, words


@pytest.mark.parametrize("name", READMES)
def test_every_page_the_readme_names_is_there(name: str) -> None:
    """No dead links."""
    for target in re.findall(r"\]\(([^)#]+)\)", _text(name)):
        assert (ROOT / target).exists(), target


def test_both_readmes_give_the_same_two_commands() -> None:
    """The two commands a newcomer types."""
    for name in READMES:
        assert re.findall(r"\$ (make \w+)", _text(name)) == ["make demo", "make test"]


def test_every_room_is_in_the_table() -> None:
    """A newcomer finds the room from the folder's name."""
    rooms = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"benchmarks"}
    for room in rooms:
        assert f"| `{room}/` |" in _text("README.md"), room
