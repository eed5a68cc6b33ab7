"""The command line: two languages, exit codes, and never a traceback."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest
import typer

from app import cli
from app.output import Output, ReaderGone
from app.problems import Problem, Words
from eventlog.contract import Fenced, LogDamaged, LogUnavailable, UnsafeSettings
from vault.errors import VaultBehind

ROOT = Path(__file__).parent.parent
VARIABLE = "HENGWEN_SEAL_TOKEN"
HENGWEN = [sys.executable, "-c", "from app.cli import main; main()"]


def _hengwen(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*HENGWEN, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_chinese_by_default_and_english_on_request() -> None:
    """Commands, options and examples, each in one language only."""
    zh, en = _hengwen("--help"), _hengwen("--lang", "en", "--help")
    assert (zh.returncode, en.returncode) == (0, 0)
    assert "显示帮助" in zh.stdout
    assert "示例" in zh.stdout
    assert "show this page" in en.stdout
    assert "示例" not in en.stdout
    assert " | " not in zh.stdout + en.stdout
    assert _hengwen("--help", HENGWEN_LANG="en").stdout == en.stdout
    assert _hengwen("--lang=en", "--help").stdout == en.stdout
    assert "命令写得不对" in _hengwen("nope", "en").stderr


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lists_of_commands_lose_no_text(lang: str, columns: str) -> None:
    """Beside each name stands a whole sentence, on narrow terminals too."""
    groups = [name for name, one in cli.tree().commands.items() if getattr(one, "commands", {})]
    assert "vault" in groups
    for group in ([], *([name] for name in groups)):
        done = _hengwen("--lang", lang, *group, "--help", COLUMNS=columns)
        assert "…" not in done.stdout, group


def test_without_a_command_help_is_shown() -> None:
    """It is no success, so that a script notices."""
    done = _hengwen()
    assert done.returncode == 2
    assert "config" in done.stdout
    assert done.stderr == ""


def test_help_does_not_load_the_machinery() -> None:
    """Help is there at once: no Kafka, no spreadsheets, no web."""
    code = (
        "import sys; from app.cli import run; run(['--lang', 'zh', '--help'])\n"
        "heavy = {'kafka', 'confluent_kafka', 'openpyxl', 'python_calamine', 'uvicorn'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_every_module_of_commands_can_be_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    """One that cannot would be said on stderr, and the other commands would go on working."""
    cli.tree()
    assert capsys.readouterr().err == ""


def test_every_command_has_help_in_both_languages() -> None:
    """And so has each of its options."""
    lacking: list[str] = []

    def visit(command: object, path: str) -> None:
        texts = {path: getattr(command, "help", None)}
        texts |= {
            f"{path} {p.opts[0]}": getattr(p, "help", None)
            for p in getattr(command, "params", [])
            if "--help" not in p.opts
        }
        lacking.extend(where for where, text in texts.items() if text and " | " not in text)
        lacking.extend(where for where, text in texts.items() if not text)
        for name, child in getattr(command, "commands", {}).items():
            visit(child, f"{path} {name}")

    visit(cli.tree(), "hengwen")
    assert lacking == []


def test_every_command_shows_an_example() -> None:
    """In both languages, below its options."""
    lacking: list[str] = []

    def visit(command: object, path: str) -> None:
        children = getattr(command, "commands", {})
        zh, _, en = (getattr(command, "epilog", None) or "").partition(" | ")
        if not children and not ("示例" in zh and "Example" in en):
            lacking.append(path)
        for name, child in children.items():
            visit(child, f"{path} {name}")

    visit(cli.tree(), "hengwen")
    assert lacking == []


def test_config_shows_effective_settings_without_secrets() -> None:
    """As JSON: where each value comes from."""
    done = _hengwen("config", "--json", **{VARIABLE: "geheim"}, HENGWEN_LOG_NAME="pilot")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["HENGWEN_LOG_NAME"]["value"] == "pilot"
    assert rows["HENGWEN_LOG_NAME"]["origin"] == "environment"
    assert rows[VARIABLE]["value"] == "******"
    assert "geheim" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["config", "--nope"], ["--lang", "de", "config"], ["config", "too", "many"]],
)
def test_a_command_that_cannot_be_read_is_bad_input(arguments: list[str]) -> None:
    """Exit code 2, a page and no traceback."""
    done = _hengwen(*arguments)
    assert done.returncode == 2
    assert "怎么办" in done.stderr
    assert "Traceback" not in done.stderr
    assert "No such" not in done.stderr


def test_a_wrong_use_leads_to_the_help_of_that_command() -> None:
    """Not to the list of all."""
    assert "hengwen vault backup --help" in _hengwen("vault", "backup", "--nope").stderr
    assert "hengwen --help" in _hengwen("nope").stderr


def test_the_version_is_told() -> None:
    """As the package has it."""
    done = _hengwen("--version")
    assert (done.returncode, done.stdout.strip()) == (0, version("hengwen"))


def test_whoever_stops_reading_is_no_problem() -> None:
    """As `hengwen config | head -1` does."""
    with subprocess.Popen(
        [*HENGWEN, "config", "--json"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        err = process.stderr.read()
    assert process.returncode == 0
    assert err == b""


def test_a_wrong_setting_is_bad_input() -> None:
    """Said in the language asked for."""
    done = _hengwen("--lang", "en", "config", HENGWEN_LOG="mysql")
    assert done.returncode == 2
    assert "HENGWEN_LOG" in done.stderr
    assert "What to do" in done.stderr


def test_a_wrong_setting_is_told_in_the_language_of_the_environment() -> None:
    """Also where the settings as a whole cannot be read."""
    done = _hengwen("config", HENGWEN_LOG="mysql", HENGWEN_LANG="en")
    assert done.returncode == 2
    assert "What to do" in done.stderr
    assert "must be one of embedded, kafka" in done.stderr


def test_an_unknown_language_is_blamed_on_who_asked_for_it() -> None:
    """The option, not a variable that nobody set."""
    done = _hengwen("--lang", "fr", "config")
    assert done.returncode == 2
    assert "--lang fr" in done.stderr
    assert "HENGWEN_LANG" not in done.stderr


@pytest.mark.parametrize("command", [["config"], ["rules", "--json"], ["balance"]])
def test_a_misspelt_variable_is_told_by_every_command(command: list[str], tmp_path: Path) -> None:
    """Beside the result, so that nobody believes that it counts; JSON stays JSON."""
    done = _hengwen(
        *command, HENGWEN_HOME=str(tmp_path), HENGWEN_LEGDER="ab" * 32, HENGWEN_TEST_KAFKA=""
    )
    assert "HENGWEN_LEGDER" in done.stderr
    assert "HENGWEN_LEDGER" in done.stderr
    assert "HENGWEN_LEGDER" not in done.stdout


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Problem(Words("坏", "bad"), how=Words("改", "mend"), exit_code=1), 1),
        (typer.Exit(1), 1),
        (typer.Exit(), 0),
        (LogDamaged("shorter"), 1),
        (LogUnavailable("no broker"), 2),
        (UnsafeSettings(["retention.ms is 604800000, must be -1"]), 2),
        (VaultBehind(own=3, in_log=5), 2),
        (psycopg.OperationalError("password authentication failed"), 2),
        (FileNotFoundError(2, "No such file", "roster.xlsx"), 2),
        (Fenced("zombie"), 3),
        (KeyError("样例甲"), 70),
        (KeyboardInterrupt(), 130),
        (ReaderGone(), 0),
    ],
)
def test_what_ends_a_command_becomes_an_exit_code(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each with a page for people; messages of unknown errors are not repeated."""
    assert cli.explain(error, Output(lang="zh")) == code
    out, err = capsys.readouterr()
    seen = out + err
    assert "Traceback" not in seen
    assert "样例甲" not in seen
    assert "password" not in seen


@pytest.mark.kafka
@pytest.mark.postgres
def test_services_can_be_had_for_one_command(kafka_libs: Path, tmp_path: Path) -> None:
    """The command is told where they are, and its exit code is passed on."""
    assert kafka_libs.exists()
    code = "import os, sys; print(os.environ['HENGWEN_KAFKA_BOOTSTRAP']); sys.exit(7)"
    done = _hengwen(
        *("services", "--kafka-port", "0", "--", sys.executable, "-c", code),
        HENGWEN_HOME=str(tmp_path),
    )
    assert done.returncode == 7, done.stderr
    assert done.stdout.startswith("127.0.0.1:")
    assert not (tmp_path / "postgres" / "data" / "postmaster.pid").exists()


def test_services_need_the_sources(tmp_path: Path) -> None:
    """Elsewhere the command says where to run it."""
    done = _hengwen("services", "--checkout", str(tmp_path))
    assert done.returncode == 2
    assert "pom.xml" in done.stderr
