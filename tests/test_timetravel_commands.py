"""``hengwen replay`` and ``hengwen diff``: points as users write them, tables, JSON, exit codes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from eventsourcing.persistence import StoredEvent
from programme import COUNTY, Programme, day

from app import cli
from app.output import instant
from domain.units import Micros
from eventlog.embedded import EmbeddedLog
from schemas.codec import decode

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def values() -> list[bytes]:
    """A payment, and two days later one that is dated back."""
    made = Programme().funded(5_000_000)
    made.pay(1)
    made.at = Micros(made.at + 2 * 86_400_000_000)
    made.pay(2, occurred_on=day("2019-01-19"))
    return [verdict.value for verdict in made.verdicts]


@pytest.fixture
def hengwen(
    tmp_path: Path,
    postgres_dsn: str,
    values: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command that must end with a code on a log with these events; what it printed."""
    (tmp_path / "log").mkdir()
    log = EmbeddedLog(tmp_path / "log" / "hengwen.sqlite", "hengwen")
    events = [decode(value) for value in values]
    with log.writer() as writer:
        writer.insert_events(
            [
                StoredEvent(e.stream, e.version, e.TOPIC, v)
                for e, v in zip(events, values, strict=True)
            ]
        )
    log.close()
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path))
    monkeypatch.setenv("HENGWEN_DATABASE", postgres_dsn)
    monkeypatch.setenv("HENGWEN_LANG", "en")

    def run(*arguments: str, code: int = 0) -> Any:
        found = cli.run(arguments)
        printed = capsys.readouterr()
        assert found == code, printed
        assert "Traceback" not in printed.out + printed.err
        return json.loads(printed.out) if "--json" in arguments else printed.out + printed.err

    return run


def test_a_past_state_is_built_asked_compared_and_dropped(
    hengwen: Run, values: list[bytes], postgres_dsn: str
) -> None:
    """Up to a time of recording, in a schema that SQL can ask; listed; and gone when dropped."""
    end = len(values)
    until = instant(decode(values[-2]).recorded_at).replace(" ", "T")
    assert hengwen("replay", "--until", until, "--into", "spring", "--json") == {
        "schema": "spring", "position": end - 1, "provisional": False,
    }  # fmt: skip
    assert hengwen("replay", "--json") == [
        {"schema": "spring", "position": end - 1, "temporary": False, "complete": True}
    ]
    with psycopg.connect(postgres_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM spring.payments").fetchone() == (1,)
    hengwen("project", "--once")
    found = hengwen("diff", "spring", "live", "--json")
    assert [(p["before"], p["after"], p["event"]) for p in found["payments"]] == [
        (None, "ORDERED", end)
    ]
    assert found["events"][0]["positions"] == [end]
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("UPDATE hengwen.replays SET complete = false")
    assert "unfinished" in hengwen("diff", "spring", "live", code=2)
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("UPDATE hengwen.replays SET complete = true")
    assert "never overwritten" in hengwen("replay", "--until", "3", "--into", "spring", code=2)
    assert hengwen("replay", "--drop", "spring", "--json") == {"dropped": "spring"}
    assert "no such replay" in hengwen("replay", "--drop", "api", code=2)


def test_points_are_positions_times_days_and_days_as_known_then(
    hengwen: Run, values: list[bytes], postgres_dsn: str
) -> None:
    """Known then: not the payment dated back; known now about then: with it. Nothing is left."""
    hengwen("project", "--once")
    end = len(values)
    then = hengwen("diff", f"2019-01-19@{end - 1}", "2019-01-19", "--json")
    assert [(c["organisation"], c["figure"], c["change_fen"]) for c in then["balances"]] == [
        (COUNTY, "free_fen", -100_000), (COUNTY, "ordered_fen", 100_000),
    ]  # fmt: skip
    assert hengwen("diff", str(end), "live", "--json")["same"]
    assert "Nothing differs" in hengwen("diff", "live", "2999-01-01T00:00")
    assert not hengwen("diff", str(end - 1), str(end), "--json")["same"]
    shown = hengwen("diff", "0", "live", "--limit", "1")
    assert "Payments" in shown
    assert "Only the first 1" in shown
    with psycopg.connect(postgres_dsn) as connection:
        left = connection.execute(
            "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'diff%'"
        ).fetchone()
    assert left == (0,)


def test_what_is_no_point_is_bad_input(hengwen: Run, values: list[bytes]) -> None:
    """Exit code 2 and how to write one."""
    hengwen("project", "--once")
    for wrong in ("nobody", "2019-13-01", "2019-02-30T00:00", str(len(values) + 1), "x@live"):
        hengwen("diff", wrong, "live", code=2)
    assert "which hour" in hengwen("replay", "--until", "2019-01-19", "--into", "spring", code=2)
    hengwen("replay", "--until", "3", code=2)
    assert "Not a name" in hengwen("replay", "--until", "3", "--into", "public", code=2)
