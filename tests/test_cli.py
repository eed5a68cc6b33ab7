"""The command line: two languages, exit codes, and never a traceback."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

import psycopg
import pytest
import typer
from command_tree import tree

from app import cli, commands
from app.help_texts import first_sentence, half
from app.menu import MENU, Entry
from app.naming import ROSTER_STATES, STATES
from app.output import Output, ReaderGone
from app.problems import Problem, Words
from domain.refusal_texts import TEXTS
from domain.suites import SUITES
from eventlog.contract import Fenced, LogDamaged, LogUnavailable, UnsafeSettings
from vault.errors import VaultBehind

ROOT = Path(__file__).parent.parent
VARIABLE = "HENGWEN_SEAL_TOKEN"
HENGWEN = [sys.executable, "-c", "from app.cli import main; main()"]


def _hengwen(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as a user starts it."""
    return subprocess.run(
        [*HENGWEN, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


class Done(NamedTuple):
    """What a command line came to."""

    returncode: int
    stdout: str
    stderr: str


Typed = Callable[..., Done]


@pytest.fixture
def typed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Typed:
    """The same command line in this process, whose start it saves: ``typed("config", NAME="x")``."""

    def run_it(*arguments: str, **environment: str) -> Done:
        with monkeypatch.context() as patched:
            patched.setenv("HENGWEN_HOME", str(tmp_path))
            for name, value in environment.items():
                patched.setenv(name, value)
            capsys.readouterr()
            return Done(cli.run(arguments), *capsys.readouterr())

    return run_it


def test_help_is_chinese_by_default_and_english_on_request(typed: Typed) -> None:
    """Commands, options and examples, each in one language only."""
    zh, en = typed("--help"), typed("--lang", "en", "--help")
    assert (zh.returncode, en.returncode) == (0, 0)
    assert "显示帮助" in zh.stdout
    assert "示例" in zh.stdout
    assert "show this page" in en.stdout
    assert "示例" not in en.stdout
    assert " | " not in zh.stdout + en.stdout
    assert typed("--help", HENGWEN_LANG="en") == en
    assert typed("--help", hengwen_lang="en") == en  # settings are read so, too
    assert typed("--lang=en", "--help") == en
    assert "命令写得不对" in typed("nope", "en").stderr


@pytest.mark.parametrize("columns", ["80", "120"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lists_of_commands_lose_no_text(lang: str, columns: str, typed: Typed) -> None:
    """Beside each name stands a whole sentence, on narrow terminals too."""
    groups = [name for name, one in tree().commands.items() if getattr(one, "commands", {})]
    assert "vault" in groups
    for group in ([], *([name] for name in groups)):
        done = typed("--lang", lang, *group, "--help", COLUMNS=columns)
        assert done.returncode == 0
        assert "…" not in done.stdout, group


def test_help_is_there_whatever_is_wrong_with_the_settings(typed: Typed) -> None:
    """Whoever has to mend them needs it most."""
    wrong = {"HENGWEN_LOG": "mysql"}
    assert typed("config", **wrong).returncode == 2
    for page in (["--help"], ["config", "--help"], ["vault", "backup", "-h"]):
        assert typed(*page, **wrong) == typed(*page)
        assert typed(*page).returncode == 0


def test_without_a_command_help_is_shown() -> None:
    """It is no success, so that a script notices."""
    done = _hengwen()
    assert done.returncode == 2
    assert "config" in done.stdout
    assert done.stderr == ""


HEAVY = {
    "openpyxl", "xlsxwriter", "python_calamine", "pyarrow", "kafka", "confluent_kafka", "psycopg",
    "cryptography", "fastavro", "eventsourcing", "starlette", "uvicorn", "httpx",
}  # fmt: skip
"""Libraries that serve some commands only."""
HELP_WITHOUT = HEAVY | {"pydantic", "structlog"}
"""A list of commands reads no settings and writes no log."""
LOG = {"cryptography", "eventsourcing", "fastavro"}
"""What reading records takes, wherever they are; Kafka only where they are there."""


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["--help"], HELP_WITHOUT),
        (["--version"], HELP_WITHOUT),
        (["nope"], HELP_WITHOUT - {"pydantic"}),  # asks whether a developer wants a traceback
        (["config"], HEAVY),
        (["config", "--help"], HEAVY | {"structlog"}),
        (["key", "--help"], HEAVY - {"eventsourcing"} | {"structlog"}),
        (["erase", "--help"], HEAVY | {"structlog"}),
        (["balance", "--help"], HEAVY - {"psycopg"} | {"structlog"}),
        (["admit", "--help"], HEAVY | {"structlog"}),
        (["rules"], HEAVY - LOG),
        (["verify", "no-pack"], HEAVY - LOG - {"xlsxwriter"}),
    ],
)
def test_a_command_loads_nothing_that_only_others_need(
    arguments: list[str], heavy: set[str], tmp_path: Path
) -> None:
    """So that an answer that needs little is there at once."""
    code = (
        f"import sys; from app.cli import run; run({arguments!r})\n"
        "sys.exit(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT, env=os.environ | {"HENGWEN_HOME": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    loaded = set(done.stderr.splitlines()[-1].split())
    assert "typer" in loaded
    assert loaded & heavy == set()


def test_the_list_of_commands_is_what_the_modules_hold() -> None:
    """Every command of every module, in the words of its own help."""
    held = {}
    for module in iter_modules(commands.__path__):
        app = typer.Typer()
        import_module(f"app.commands.{module.name}").register(app)
        for name, command in typer.main.get_group(app).commands.items():
            short = [first_sentence(half(command.help or "", lang)) for lang in ("zh", "en")]
            held[name] = Entry(module.name, " | ".join(short))
    assert held == MENU


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

    visit(tree(), "hengwen")
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

    visit(tree(), "hengwen")
    assert lacking == []


CHOSEN = {
    "--code": TEXTS.keys(), "--state": STATES.keys() | ROSTER_STATES.keys(), "--suite": set(SUITES),
}  # fmt: skip
"""Options that take one of a list, and the list."""


def _options(words: list[str]) -> set[str]:
    """Those that the command in *words* takes; of a group that takes the words, all below it."""
    command = whole = tree()
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    below = getattr(command, "commands", {}).values() if command is not whole else ()
    params = [p for one in (whole, command, *below) for p in one.params]
    return {opt for p in params for opt in p.opts}


def test_every_example_has_options_and_codes_that_exist() -> None:
    """In both languages: whoever copies an example is not refused."""
    wrong: list[str] = []

    def visit(command: object) -> None:
        for part in re.findall(r"hengwen [^|;;]+", getattr(command, "epilog", None) or ""):
            words = part.partition(" -- ")[0].split()[1:]
            chosen = {opt: words[words.index(opt) + 1] for opt in CHOSEN if opt in words}
            codes = {opt: one for opt, one in chosen.items() if one.isupper()}  # no file
            given = {word for word in words if word.startswith("-") and word != "-"}
            if given - _options(words) or any(c not in CHOSEN[opt] for opt, c in codes.items()):
                wrong.append(part)
        for child in getattr(command, "commands", {}).values():
            visit(child)

    visit(tree())
    assert not wrong, "\n".join(wrong)


def test_every_command_gives_json_but_those_the_page_names() -> None:
    """Of docs/json.md."""
    lacking: set[str] = set()

    def visit(command: object, path: str) -> None:
        children = getattr(command, "commands", {})
        options = {opt for p in getattr(command, "params", []) for opt in p.opts}
        if not children and "--json" not in options:
            lacking.add(path.removeprefix("hengwen "))
        for name, child in children.items():
            visit(child, f"{path} {name}")

    visit(tree(), "hengwen")
    page = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
    assert lacking == set(re.findall(r"`([^`]+)`", page.splitlines()[2])) - {"--json"}


def test_config_shows_effective_settings_without_secrets(typed: Typed) -> None:
    """As JSON: where each value comes from."""
    done = typed("config", "--json", **{VARIABLE: "geheim"}, HENGWEN_LOG_NAME="pilot")
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["HENGWEN_LOG_NAME"]["value"] == "pilot"
    assert rows["HENGWEN_LOG_NAME"]["origin"] == "environment"
    assert rows[VARIABLE]["value"] == "******"
    assert "geheim" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["nope"], ["config", "--nope"], ["--lang", "de", "config"], ["config", "too", "many"]],
)
def test_a_command_that_cannot_be_read_is_bad_input(arguments: list[str], typed: Typed) -> None:
    """Exit code 2, a page and no traceback."""
    done = typed(*arguments)
    assert done.returncode == 2
    assert "怎么办" in done.stderr
    assert "Traceback" not in done.stderr
    assert "No such" not in done.stderr


def test_a_wrong_use_leads_to_the_help_of_that_command(typed: Typed) -> None:
    """Not to the list of all."""
    assert "hengwen vault backup --help" in typed("vault", "backup", "--nope").stderr
    assert "hengwen --help" in typed("nope").stderr


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


def test_a_wrong_setting_is_bad_input(typed: Typed) -> None:
    """Said in the language asked for."""
    done = typed("--lang", "en", "config", HENGWEN_LOG="mysql")
    assert done.returncode == 2
    assert "HENGWEN_LOG" in done.stderr
    assert "What to do" in done.stderr


def test_a_wrong_setting_is_told_in_the_language_of_the_environment(typed: Typed) -> None:
    """Also where the settings as a whole cannot be read."""
    done = typed("config", HENGWEN_LOG="mysql", HENGWEN_LANG="en")
    assert done.returncode == 2
    assert "What to do" in done.stderr
    assert "must be one of embedded, kafka" in done.stderr


def test_an_unknown_language_is_blamed_on_who_asked_for_it(typed: Typed) -> None:
    """The option, not a variable that nobody set."""
    done = typed("--lang", "fr", "config")
    assert done.returncode == 2
    assert "--lang fr" in done.stderr
    assert "HENGWEN_LANG" not in done.stderr


@pytest.mark.parametrize("command", [["config"], ["rules", "--json"], ["balance"]])
def test_a_misspelt_variable_is_told_by_every_command(command: list[str], typed: Typed) -> None:
    """Beside the result, so that nobody believes that it counts; JSON stays JSON."""
    done = typed(*command, HENGWEN_LEGDER="ab" * 32, HENGWEN_TEST_KAFKA="")
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


def test_services_need_the_sources(typed: Typed, tmp_path: Path) -> None:
    """Elsewhere the command says where to run it."""
    done = typed("services", "--checkout", str(tmp_path))
    assert done.returncode == 2
    assert "pom.xml" in done.stderr
