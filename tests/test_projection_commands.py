"""The commands that read: both languages, JSON, exit codes, and the right figures."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from histories import History, random_history
from oracle import Oracle
from terminals import seen_on_a_terminal

from app import cli
from eventlog.embedded import EmbeddedLog
from projections.models import MODELS

ROOT = Path(__file__).parent.parent
HENGWEN = [sys.executable, "-c", "from app.cli import main; main()"]
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def history() -> History:
    """A random history in which everything happened."""
    return random_history(31, 500)


@pytest.fixture
def hengwen(
    tmp_path: Path,
    postgres_dsn: str,
    history: History,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command on a log with that history; its exit code and what it printed to stdout."""
    (tmp_path / "log").mkdir()
    log = EmbeddedLog(tmp_path / "log" / "hengwen.sqlite", "hengwen")
    versions: dict[str, int] = {}
    stored = []
    for event, value in zip(history.events, history.values(), strict=True):
        versions[event.stream] = versions.get(event.stream, 0) + 1
        stored.append(StoredEvent(event.stream, versions[event.stream], event.TOPIC, value))
    with log.writer() as writer:
        writer.insert_events(stored)
    log.close()
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path))
    monkeypatch.setenv("HENGWEN_DATABASE", postgres_dsn)

    def run(*arguments: str) -> tuple[int, str]:
        code = cli.run(arguments)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return code, printed.out

    return run


@pytest.fixture
def read(hengwen: Run) -> Callable[..., Any]:
    """What a command gives as JSON once everything is projected."""
    assert hengwen("project", "--once")[0] == 0

    def as_json(*arguments: str) -> Any:
        code, printed = hengwen(*arguments, "--json")
        assert code == 0
        return json.loads(printed)

    return as_json


def test_before_anything_is_projected_a_reader_is_told_what_to_run(hengwen: Run) -> None:
    """No read models yet: exit code 2 and the command that makes them."""
    code, printed = hengwen("balance", "--json")
    assert code == 2
    assert "hengwen project" in json.loads(printed)["how"]


def test_balances_are_those_of_the_log(read: Callable[..., Any], history: History) -> None:
    """Fen are exact, for all accounts and for a subtree as of a day."""
    oracle = Oracle(history.values())

    for options, expected in (
        ((), oracle.balances()),
        (("--as-of", "2019-01-02"), oracle.balances(17_898)),
    ):
        rows = read("balance", *options)
        found = {
            (row["organisation"], row["fund"]): {
                name.removesuffix("_fen"): fen
                for name, fen in row.items()
                if name.endswith("_fen") and fen
            }
            for row in rows
        }
        assert found == expected
    below = read("balance", "632200", "--below")
    assert {row["organisation"] for row in below} <= {"632200", "632221", "632222"}


def test_a_payment_is_traced_and_a_grant_is_followed(
    read: Callable[..., Any], hengwen: Run
) -> None:
    """Up to the grant and down again: the same payment, the same fen."""
    payment = read("payments", "632221", "--limit", "1")[0]
    (traced,) = read("trace", "payment", payment["payment"])
    hops = [hop for hop in traced["hops"] if hop["kind"] == "GRANT"]
    assert sum(hop["fen"] for hop in hops) == payment["amount_fen"]

    (grant,) = read("trace", "grant", hops[0]["id"])
    reached = [use for use in grant["uses"] if use["position"] == payment["position"]]
    from_grant = sum(hop["fen"] for hop in hops if hop["id"] == grant["id"])
    assert sum(use["fen"] for use in reached) == from_grant

    code, printed = hengwen("trace", "payment", payment["payment"])
    assert code == 0
    assert "← 到账" in printed
    code, printed = hengwen("--lang", "en", "trace", "grant", grant["id"])
    assert code == 0
    assert "Where this grant is" in printed


def test_a_long_list_is_read_page_by_page(read: Callable[..., Any]) -> None:
    """Going on behind the last position seen gives every row once."""
    for command in (["payments"], ["refusals"], ["rosters"], ["trail", "fund", "LOCAL-2019"]):
        whole = [row["position"] for row in read(*command, "--limit", "100000")]
        pages: list[int] = []
        while page := read(*command, "--limit", "30", "--after", str(pages[-1] if pages else 0)):
            pages += [row["position"] for row in page]
        assert pages == whole


def test_a_trace_is_checked_against_the_log_itself(
    read: Callable[..., Any], hengwen: Run, postgres_dsn: str
) -> None:
    """Up and down agree with the events; a row that somebody changed is noticed."""
    payment = read("payments", "632221", "--limit", "1")[0]
    (traced,) = read("trace", "payment", payment["payment"], "--log")
    grant = next(hop["id"] for hop in traced["hops"] if hop["kind"] == "GRANT")
    read("trace", "grant", grant, "--log")

    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE model_intervals.draws SET at = at + 1 WHERE position = %s",
            (payment["position"],),
        )

    assert hengwen("trace", "payment", payment["payment"], "--log")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["balance"],
        ["conserve"],
        ["conserve", "--log"],
        ["payments", "--limit", "5"],
        ["payments", "630000", "--below", "--state", "settled"],
        ["visits"],
        ["rosters"],
        ["rosters", "--state", "PARTLY_REFUSED"],
        ["refusals", "--code", "INSUFFICIENT_BALANCE"],
        ["coverage", "--by", "category,month"],
        ["coverage", "--by", ""],
        ["trail", "organisation", "632221"],
        ["trail", "fund", "LOCAL-2019", "--recorded-as-of", "2019-01-04T12:00"],
        ["status", "--digest"],
        ["rebuild", "coverage"],
        ["rebuild", "visits"],
    ],
    ids=" ".join,
)
def test_every_command_speaks_both_languages_and_json(
    read: Callable[..., Any], hengwen: Run, arguments: list[str]
) -> None:
    """Tables in Chinese by default, in English on request, JSON for programs."""
    if arguments == ["rebuild", "coverage"]:
        assert hengwen(*arguments)[0] == 2  # there is no such read model of its own
        return
    read(*arguments)
    zh, en = hengwen(*arguments), hengwen("--lang", "en", *arguments)
    assert (zh[0], en[0]) == (0, 0)
    assert zh[1] != en[1]


def test_a_broken_account_is_named_with_exit_code_1(
    read: Callable[..., Any], hengwen: Run, postgres_dsn: str
) -> None:
    """Somebody changed a balance: the account is told and the check fails."""
    assert read("conserve")["conserved"] is True
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE model_balances.balances SET free_fen = free_fen - 1"
            " WHERE organisation = '630000' AND fund = 'LOCAL-2019'"
        )

    code, printed = hengwen("conserve")

    assert code == 1
    assert "630000 / LOCAL-2019" in printed


@pytest.mark.parametrize(
    "arguments",
    [
        ["balance", "NOWHERE"],
        ["balance", "--as-of", "yesterday"],
        ["trace", "payment", "12"],
        ["trace", "grant", "00000000-0000-4000-8000-000000000000"],
        ["payments", "--state", "LOST"],
        ["coverage", "--by", "colour"],
        ["trail", "weather", "x"],
        ["trail", "person", "nobody"],
        ["rosters", "--roster", "00000000-0000-4000-8000-000000000000"],
        ["reconcile-statement", "NO-SUCH-PROGRAMME"],
    ],
    ids=" ".join,
)
def test_bad_input_is_explained_with_exit_code_2(
    read: Callable[..., Any], hengwen: Run, arguments: list[str]
) -> None:
    """What is wrong and how to go on, never a traceback."""
    assert read("status")["events"] >= 500
    code, printed = hengwen(*arguments, "--json")
    assert code == 2
    assert json.loads(printed)["how"]


def test_a_statement_that_does_not_agree_fails(read: Callable[..., Any], hengwen: Run) -> None:
    """The sample's figures are invented, so the log disagrees and says by how much."""
    assert read("status")["events"] >= 500
    code, printed = hengwen("reconcile-statement", "WARMTH-2019", "--json")
    assert code == 1
    checks = json.loads(printed)[0]["checks"]
    assert {"SOURCES_SUM", "USES_SUM", "UNITS", "USES_IN_LOG"} <= {c["check"] for c in checks}


def test_status_tells_position_lag_and_version(read: Callable[..., Any]) -> None:
    """Every read model, how far it is and that it is of this version."""
    status = read("status")
    assert {model["lag"] for model in status["read_models"]} == {0}
    told = {model["read_model"]: model["version"] for model in status["read_models"]}
    assert told == {model.name: model.version for model in MODELS}


def test_the_projector_stops_when_it_is_told_to(hengwen: Run) -> None:
    """SIGTERM ends it between batches, with exit code 0 and everything it read committed."""
    running = subprocess.Popen(
        [*HENGWEN, "project"], env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT
    )
    try:
        for _ in range(200):
            code, printed = hengwen("status", "--json")
            if code == 0 and {m["lag"] for m in json.loads(printed)["read_models"]} == {0}:
                break
            time.sleep(0.1)
        else:
            pytest.fail("nothing was projected")
        running.terminate()
        assert running.wait(timeout=60) == 0
    finally:
        running.kill()


@pytest.mark.parametrize(
    ("command", "words"), [(["rebuild"], "重建"), (["conserve", "--log"], "重读总账")]
)
def test_long_work_shows_a_progress_bar(hengwen: Run, command: list[str], words: str) -> None:
    """Whoever watches a rebuild, or a fold of the log, on a terminal sees how far it is."""
    assert hengwen("project", "--once")[0] == 0
    seen = seen_on_a_terminal(
        [*HENGWEN, *command], "stderr", stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"}, cwd=ROOT,
    )  # fmt: skip
    assert words in seen.decode()
    assert b"500/500" in seen.replace(b" ", b"") or b"/50" in seen
