"""What the README says, the program has."""

import re
from pathlib import Path

import pytest
from command_tree import tree
from rich.cells import cell_len
from walkthrough import alike, run, steps

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


@pytest.mark.parametrize("name", READMES)
def test_every_room_is_in_the_table(name: str) -> None:
    """A newcomer finds the room from the folder's name."""
    rooms = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"benchmarks"}
    for room in rooms:
        assert f"| `{room}/` |" in _text(name), room


def _shown(name: str) -> dict[str, list[str]]:
    """Command → what the page shows of its output."""
    blocks = re.findall(r"```console\n\$ (hengwen [^\n]+)\n(.*?)```", _text(name), re.DOTALL)
    return {command.replace("--lang en ", ""): output.splitlines() for command, output in blocks}


def test_both_readmes_show_the_same_commands_each_with_its_output() -> None:
    """The Chinese page is no digest of the English one: sections and commands are equal."""
    english, chinese = map(_shown, READMES)
    assert list(english) == list(chinese)
    assert all([*english.values(), *chinese.values()])
    headings = [re.findall(r"^#{2,3} ", _text(name), re.MULTILINE) for name in READMES]
    assert headings[0] == headings[1]


@pytest.mark.parametrize("name", READMES)
def test_what_is_shown_fits_a_hundred_columns(name: str) -> None:
    """As the program prints it into a pipe; a sentence is broken by whoever shows it."""
    for lines in _shown(name).values():
        assert max(cell_len(line) for line in lines if "  " in line) <= 100


@pytest.mark.slow
def test_every_output_shown_is_what_the_program_prints_on_the_ledger_of_the_demo(
    tmp_path: Path,
) -> None:
    """A demo in an empty folder, then each command of both pages."""
    told = [
        step
        for name in READMES
        for step in steps(_text(name))
        if step.command.startswith("hengwen ")
    ]
    demo = ['export HENGWEN_HOME="$PWD/.cache/demo"', "hengwen demo"]
    found = run([*demo, *(step.command for step in told)], tmp_path)[len(demo) :]
    assert len(told) > 10
    for told_step, found_step in zip(told, found, strict=True):
        assert alike(found_step) == alike(told_step), told_step.command
