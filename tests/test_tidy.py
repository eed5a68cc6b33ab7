"""Style that no linter knows: lengths, docstrings, and events that have their schemas."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain import events, proofs, submissions
from schemas.files import RECORDS

ROOT = Path(__file__).parent.parent
ROOMS = ["domain", "schemas", "admission", "eventlog", "vault", "publishers", "projections"]
ROOMS += ["evidence", "consumers", "app"]
MODULE_LINES_MAX = 300
FUNCTION_LINES_MAX = 40
LONGER = {
    "domain/events.py": "one class for each event, to be read as a list",
    "domain/submissions.py": "one class for each submission, to be read as a list",
    "domain/refusal_texts.py": "one text for each refusal, to be read as a list",
}
"""Modules that may be longer, and why."""
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "service"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _documented(tree: ast.Module) -> Iterator[ast.Module | ast.ClassDef | Function]:
    """Whatever the outside sees: the module, public classes, their public methods, functions."""
    yield tree
    for node in tree.body:
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    method
                    for method in node.body
                    if isinstance(method, Function) and not method.name.startswith("_")
                )


def _lines(function: Function) -> int:
    """Length of the body: neither options nor a docstring should ever be saved at."""
    first, *rest = function.body
    described = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    start = rest[0] if described and rest else first
    return (function.end_lineno or 0) - start.lineno + 1


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Each module by its name."""
    return {_name(path): path.read_text(encoding="utf-8") for path in _modules()}


@pytest.fixture(scope="module")
def trees(texts: dict[str, str]) -> dict[str, ast.Module]:
    """Each module as the language reads it."""
    return {name: ast.parse(text) for name, text in texts.items()}


def test_a_module_is_read_at_a_sitting(texts: dict[str, str]) -> None:
    """At most 300 lines, or a reason why not."""
    lines = {name: len(text.splitlines()) for name, text in texts.items()}
    assert {n: count for n, count in lines.items() if count > MODULE_LINES_MAX} == {
        n: lines[n] for n in LONGER
    }


def test_a_function_fits_a_screen(trees: dict[str, ast.Module]) -> None:
    """At most 40 lines beside its signature and its docstring."""
    long = {
        f"{name}: {node.name}": _lines(node)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, Function) and _lines(node) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_everything_public_says_what_it_is(trees: dict[str, ast.Module]) -> None:
    """A docstring for each module, class and function that others may use."""
    silent = [
        f"{name}: {getattr(node, 'name', 'module')}"
        for name, tree in trees.items()
        for node in _documented(tree)
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def test_a_module_is_named_for_what_it_holds() -> None:
    """Nobody knows what is in a module of helpers."""
    assert [_name(path) for path in _modules() if path.stem in VAGUE] == []


def test_every_record_has_its_schema_and_every_schema_its_record() -> None:
    """Names of files, names in the classes and names in the schemas agree."""
    topics = {
        vars(cls)["TOPIC"]
        for module in (events, submissions, proofs)
        for cls in vars(module).values()
        if isinstance(cls, type) and "TOPIC" in vars(cls)
    }
    files = {path.stem for path in (ROOT / "schemas").glob("*.avsc")}
    assert topics == files
    assert set(RECORDS) == files
