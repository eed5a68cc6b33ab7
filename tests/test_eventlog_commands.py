"""``hengwen log``: copy, digest and show, as a user types them."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eventlog_logs import outgoing
from eventsourcing.persistence import StoredEvent
from histories import random_history

from admission.rules import v1
from app.cli import run
from domain.events import GrantReceived, SubmissionRefused, SubmissionRepeated
from eventlog.embedded import EmbeddedLog
from schemas.codec import encode
from schemas.files import RECORDS, parsed

Hengwen = Callable[..., Any]
HISTORY = random_history(7, 800).events


def position_of(kind: type[Any]) -> int:
    """Position of the first event of a kind."""
    return next(n for n, event in enumerate(HISTORY, start=1) if isinstance(event, kind))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a machine whose embedded log holds a history."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path))
    monkeypatch.setenv("HENGWEN_KAFKA_REPLICATION", "1")
    path = tmp_path / "log" / "hengwen.sqlite"
    path.parent.mkdir()
    with closing(EmbeddedLog(path, "hengwen")) as log, log.writer() as writer:
        log.append([outgoing(n) for n in range(1, len(HISTORY) + 1)])
        writer.insert_events(
            [
                StoredEvent("history", n, event.TOPIC, encode(event))
                for n, event in enumerate(HISTORY, start=1)
            ],
            submission_offsets=list(range(1, len(HISTORY) + 1)),
        )
    return tmp_path


@pytest.fixture
def hengwen(home: Path, capsys: pytest.CaptureFixture[str]) -> Hengwen:
    """Run a command that succeeds; its output, as JSON if asked for."""
    del home

    def of(*arguments: str) -> Any:
        assert run(arguments) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in arguments else out

    return of


def test_a_copy_has_the_same_digest(hengwen: Hengwen, home: Path) -> None:
    """Copy to a file, and compare."""
    place = f"embedded:{home / 'copy.sqlite'}"
    copied = hengwen("log", "copy", "-", place, "--json")

    assert copied == {"submissions": len(HISTORY), "events": len(HISTORY), "redacted": 0}
    assert hengwen("log", "digest", place, "--json") == hengwen("log", "digest", "--json")
    assert hengwen("log", "digest", "--json")["count"] == len(HISTORY)


def test_a_copy_goes_to_a_broker(hengwen: Hengwen, kafka_bootstrap: str, log_name: str) -> None:
    """The place of a log on Kafka is address and name."""
    place = f"kafka:{kafka_bootstrap}/{log_name}"
    hengwen("log", "copy", "-", place, "--submissions-only")
    assert hengwen("log", "digest", place, "--json")["count"] == 0
    other = f"kafka:{kafka_bootstrap}/{log_name}-all"
    hengwen("log", "copy", "-", other)

    assert hengwen("log", "digest", other, "--json") == hengwen("log", "digest", "--json")


def test_an_event_is_shown_with_what_its_fields_mean(hengwen: Hengwen) -> None:
    """People see verdict, yuan, days and the schema's words; programs see the record."""
    position = position_of(GrantReceived)
    printed = hengwen("log", "show", str(position))
    found = hengwen("log", "show", str(position), "--json")

    assert "入账" in printed
    assert "10,000.00" in printed
    assert "事件流" in printed
    assert found["verdict"] == "accepted"
    assert found["type"] == "hengwen.GrantReceived"
    assert found["record"]["amount_fen"] == 1_000_000
    assert found["headers"]["position"] == position
    assert found["headers"]["submission-offset"] == position
    english = hengwen("--lang", "en", "log", "show", str(position))
    assert "accepted" in english
    assert "入账" not in english


def test_a_refusal_is_shown_in_words(hengwen: Hengwen) -> None:
    """Verdict and reasons, not only codes."""
    found = hengwen("log", "show", str(position_of(SubmissionRefused)), "--json")

    assert found["verdict"] == "refused"
    assert all(found["reasons"])
    assert "拒绝" in hengwen("log", "show", str(position_of(SubmissionRefused)))


def test_a_repeat_is_shown_as_one(hengwen: Hengwen) -> None:
    """It says where the original is."""
    found = hengwen("log", "show", str(position_of(SubmissionRepeated)), "--json")

    assert found["verdict"] == "repeated"
    assert found["record"]["original_position"] >= 1


def test_the_rules_of_the_program_are_shown_with_what_an_adoption_must_state(
    hengwen: Hengwen,
) -> None:
    """Version, lock digest, and which is in force."""
    (row,) = hengwen("rules", "--json")
    assert (row["version"], row["lock_digest"], row["kinds"]) == (1, v1.LOCK.hex(), len(v1.KINDS))
    assert row["state"] == ("现行" if HISTORY[-1].rules == 1 else "未启用")


def test_every_kind_of_event_can_be_shown(hengwen: Hengwen) -> None:
    """Whatever is in the log, in both forms."""
    for position in sorted({position_of(type(event)) for event in HISTORY}):
        found = hengwen("log", "show", str(position), "--json")
        assert list(found["record"]) == [f["name"] for f in parsed(found["type"])["fields"]]
        assert RECORDS[found["type"]]
        hengwen("log", "show", str(position))


@pytest.mark.parametrize(
    "arguments",
    [
        ["log", "show", "100000"],
        ["log", "show", "0"],
        ["log", "digest", "file:x"],
        ["log", "digest", "embedded:no-such-file.sqlite"],
        ["log", "copy", "-", "-"],
        ["log", "copy", "-", "kafka:localhost"],
    ],
)
def test_what_cannot_be_done_is_explained(
    arguments: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2 and a page, never a traceback."""
    del home
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err
    assert "怎么办" in printed.err


def test_a_file_that_is_no_log_is_refused(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is not touched."""
    path = home / "photo.jpg"
    path.write_bytes(b"no log" * 1000)

    assert run(["log", "digest", f"embedded:{path}"]) == 2
    assert path.read_bytes() == b"no log" * 1000
    assert "Traceback" not in capsys.readouterr().err
