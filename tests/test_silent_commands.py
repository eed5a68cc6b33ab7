"""Commands on a log that does not answer: each says so and ends, in bounded time, with exit code 2."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from county import EXAMPLES, PAID, County, begun

from app.wiring import open_log
from eventlog.embedded import EmbeddedLog

GRANT = next(
    submission
    for line in (EXAMPLES / "first.jsonl").read_text("utf-8").splitlines()
    if (submission := json.loads(line))["type"] == "RecordGrant"
)
COMMANDS = [
    "rules", "status", "log show 3", "log digest", "conserve --log", "vault status",
    "vault recover", "roster template --organisation EX-632221 --output {folder}/roster.xlsx",
    f"trace payment {PAID['payment']} --log", f"trace grant {GRANT['grant']} --log",
    "replay --until 9 --into spring",
    "diff 3 live", "rebuild", "project --once", "admit --once", "checkpoint --once",
    "export-evidence --to {folder}/pack", "verify -", "log copy - embedded:{folder}/copy",
    "seal {folder}/plain.jsonl", f"publish {EXAMPLES}/first.jsonl",
]  # fmt: skip


def nothing(*_: object, **__: object) -> list[object]:
    """Nothing in time."""
    return []


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A ledger with one payment, signed; from now on its log hands nothing out."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as county:
        county.run("checkpoint", "--once")
        (tmp_path / "plain.jsonl").write_text(json.dumps(PAID, ensure_ascii=False), "utf-8")
        for reading in ("read_events", "read_submissions"):
            monkeypatch.setattr(EmbeddedLog, reading, nothing)
        yield county


def test_every_command_that_needs_the_log_says_that_it_cannot_be_reached(
    county: County, tmp_path: Path
) -> None:
    """No empty answer, no alarm, no endless waiting; and nothing is left half made."""
    with closing(open_log(county.settings)) as log:
        ends = (log.last_ordinal(), log.last_position())
    for command in COMMANDS:
        words = [word.format(folder=tmp_path) for word in command.split()]
        assert "The log cannot be reached" in county.run(*words, code=2), command
    assert not (tmp_path / "pack").exists()
    assert not (tmp_path / "roster.xlsx").exists()
    with closing(open_log(county.settings)) as log:
        assert (log.last_ordinal(), log.last_position()) == ends
