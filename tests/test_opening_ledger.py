"""Opening a ledger says whose it is; a pinned ledger is the only one any command opens."""

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import cli

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
OTHER = "ab" * 32
PERSON = "p-aaaaaaaaaaaaaaaaaaaaaaaa"
OPENS_THE_LOG = {
    "admit --once", "project --once", "rebuild", "status", "checkpoint --once", "seal --serve",
    f"publish {EXAMPLES / 'first.jsonl'}", "log digest", "log show 1", "log copy - embedded:{new}",
    "verify -", "export-evidence --to {new}", "replay --until 1 --into past",
    "diff 1 2", f"erase {PERSON} --reason COURT_ORDER --yes",
    "roster template --organisation G -o {new}", "vault recover",
}  # fmt: skip
"""Commands that open the log of the settings, whatever else they need."""

NEEDS_A_KEY = {
    f"publish {EXAMPLES / 'first.jsonl'}", f"erase {PERSON} --reason COURT_ORDER --yes",
}  # fmt: skip
"""Commands that sign, and ask for the key first."""

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def hengwen(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command on a machine of its own; its exit code and what it said."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HENGWEN_DATABASE", postgres_dsn)
    monkeypatch.setenv("HENGWEN_LANG", "en")
    monkeypatch.setenv("HENGWEN_SEAL_TOKEN", "made up for this test")

    def run(line: str) -> tuple[int, str]:
        code = cli.run([word.format(new=tmp_path / "new") for word in line.split()])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run


def _said(hengwen: Run, line: str, code: int) -> str:
    found, said = hengwen(line)
    assert found == code, said
    assert "Traceback" not in said
    return said


def _json(said: str) -> Any:
    """The JSON in front of the log lines."""
    return json.JSONDecoder().raw_decode(said)[0]


def test_a_ledger_is_opened_in_somebodys_name(hengwen: Run) -> None:
    """Code and name are for ever, so nobody gets those of a sample by leaving them out."""
    for incomplete in ("init", "init --root ACFTU", "init --name 样例总工会"):
        assert "--root, --name" in _said(hengwen, incomplete, 2)
    assert "not open" in _said(hengwen, f"publish {EXAMPLES / 'first.jsonl'}", 2)
    made = _json(_said(hengwen, "init --root ACFTU --name 样例总工会 --json", 0))
    again = _json(_said(hengwen, "init --json", 0))
    assert again["ledger"] == made["ledger"]
    assert again["accepted"] == 0
    assert "another union" not in _said(hengwen, "init --root ACFTU", 0)
    assert "of another union" in _said(hengwen, "init --root OTHER --name 样例", 2)


def test_no_command_opens_another_ledger_than_the_pinned(
    hengwen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HENGWEN_LEDGER holds for all that read and write, not for admission alone."""
    made = _json(_said(hengwen, "init --root ACFTU --name 样例总工会 --json", 0))
    _said(hengwen, "project --once", 0)
    monkeypatch.setenv("HENGWEN_LEDGER", OTHER)
    said = {line: hengwen(line) for line in sorted(OPENS_THE_LOG)}
    assert [line for line, (_, words) in said.items() if "another ledger" not in words] == []
    assert {code for code, _ in said.values()} == {2}
    monkeypatch.setenv("HENGWEN_LEDGER", made["ledger"])
    assert made["ledger"] in _said(hengwen, "init", 0)
    _said(hengwen, "project --once", 0)
    _said(hengwen, "log digest", 0)


def test_a_pinned_ledger_is_not_opened_anew(hengwen: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty place where it should be is a mistake in the settings."""
    monkeypatch.setenv("HENGWEN_LEDGER", OTHER)
    assert "is not here" in _said(hengwen, "init --root ACFTU --name 样例总工会", 2)


@pytest.mark.parametrize("line", sorted(OPENS_THE_LOG - NEEDS_A_KEY))
def test_where_no_ledger_was_opened_every_command_says_so(
    hengwen: Run, line: str, tmp_path: Path
) -> None:
    """Nothing is checked, decided or projected, and no empty log is left behind."""
    said = _said(hengwen, line, 2)
    assert "not open" in said
    assert "hengwen init" in said
    assert "✔" not in said
    assert not (tmp_path / "home" / "log").exists()


@pytest.mark.parametrize("line", ["balance", "payments", "refusals", "conserve", "status"])
def test_an_empty_folder_holds_no_ledger_to_ask(
    hengwen: Run, line: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where the database would be the embedded one, too: none is started to find nothing."""
    monkeypatch.delenv("HENGWEN_DATABASE")
    assert "not open" in _said(hengwen, line, 2)
    assert not (tmp_path / "home").exists()


def test_read_models_of_another_ledger_are_not_asked(
    hengwen: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queries that never open the log check the pinned ledger, too."""
    made = _json(_said(hengwen, "init --root ACFTU --name 样例总工会 --json", 0))
    _said(hengwen, "project --once", 0)
    asking = ("balance", "payments", "refusals", "conserve", "coverage", "rosters", "visits")
    monkeypatch.setenv("HENGWEN_LEDGER", made["ledger"])
    for line in asking:
        _said(hengwen, line, 0)
    monkeypatch.setenv("HENGWEN_LEDGER", OTHER)
    for line in asking:
        assert "not of this ledger" in _said(hengwen, line, 2), line


def test_status_tells_read_models_that_are_not_of_the_log(
    hengwen: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Ahead of it, or equally long but another: exit code 1, in JSON too."""
    _said(hengwen, "init --root ACFTU --name 样例总工会", 0)
    _said(hengwen, "project --once", 0)
    _said(hengwen, "status", 0)
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "elsewhere"))
    _said(hengwen, "init --root ACFTU --name 样例总工会", 0)
    said = _said(hengwen, "status", 1)
    assert "not of this log" in said
    assert "✘" in said
    assert "up to date" not in said
    states = {model["state"] for model in _json(_said(hengwen, "status --json", 1))["read_models"]}
    assert states == {"not of this log"}


def test_nobody_opens_a_log_beside_the_check() -> None:
    """The classes of logs are made in two modules only: where it is checked, and for other places."""
    makers = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id in {"EmbeddedLog", "KafkaLog"}:
                makers.add(path.name)
    assert makers == {"wiring.py", "log_places.py"}


def test_nothing_is_said_to_be_conserved_where_there_is_no_ledger(hengwen: Run) -> None:
    """No tick without a check: first no ledger, then no fund."""
    said = _said(hengwen, "conserve", 2)
    assert "No read models" in said
    assert "✔" not in said
    _said(hengwen, "init --root ACFTU --name 样例总工会", 0)
    _said(hengwen, "project --once", 0)
    said = _said(hengwen, "conserve", 0)
    assert "no fund yet" in said
    assert "✔" not in said
