"""
A county with a whole ledger in this process: init, one payment decided and projected, a vault.

Commands are run as a user types them; admission can run beside them in a thread.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from people import MASTER_KEY

from app import cli
from app.admitting import Stopping, admission_loop
from app.settings import Settings, variables
from app.wiring import open_log
from schemas.codec import decode

EXAMPLES = Path(__file__).parents[1] / "examples"
PAID = json.loads((EXAMPLES / "first.jsonl").read_text("utf-8").splitlines()[-1])
NAME, NUMBER = PAID["recipient"]["name"], PAID["recipient"]["document_number"]

OPENING = ("--root", "ACFTU", "--name", "样例总工会")


class County:
    """One machine, its commands, its log."""

    def __init__(self, dsn: str, capsys: pytest.CaptureFixture[str]) -> None:
        self.dsn = dsn
        self.settings = Settings.from_environment()
        self._capsys = capsys

    def run(self, *arguments: str | Path, code: int = 0) -> str:
        """Run a command that must end with *code*; all it printed."""
        found = cli.run([str(argument) for argument in arguments])
        printed = self._capsys.readouterr()
        assert found == code, (arguments, printed)
        assert "Traceback" not in printed.out + printed.err
        return printed.out + printed.err

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        """The same, as JSON."""
        found = cli.run([*(str(argument) for argument in arguments), "--json"])
        printed = self._capsys.readouterr()
        assert found == code, (arguments, printed)
        return json.loads(printed.out)

    def decided(self, *arguments: str | Path, code: int = 0) -> Any:
        """The same, while admission runs."""
        with self.admitting():
            return self.json(*arguments, code=code)

    @contextmanager
    def admitting(self) -> Iterator[None]:
        """Admission runs in a thread as long as the context."""
        stopping = Stopping()

        def admit() -> None:
            with (
                closing(open_log(self.settings)) as log,
                admission_loop(self.settings, log, stopping) as loop,
            ):
                loop.run(lambda _: None)

        thread = threading.Thread(target=admit, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stopping.stop()
            thread.join(120)
            assert not thread.is_alive()

    def events(self, kind: str) -> list[tuple[int, Any]]:
        """All events of a kind, with their positions."""
        with closing(open_log(self.settings)) as log:
            records = log.read_events(after=0, limit=10_000, timeout_s=60)
        found = [(record.position, decode(record.value)) for record in records]
        return [(n, event) for n, event in found if type(event).__name__ == kind]

    def ordered(self) -> int:
        """How many submissions there are."""
        with closing(open_log(self.settings)) as log:
            return log.last_ordinal()

    def asked(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a database."""
        with psycopg.connect(self.dsn) as connection:
            return connection.execute(statement).fetchall()


@contextmanager
def begun(
    home: Path, dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[County]:
    """A county in *home* with one payment, decided and projected."""
    county = settled(home, dsn, monkeypatch, capsys)
    county.run("init", *OPENING)
    county.run("publish", EXAMPLES / "first-registry.jsonl", "--operator")
    county.run("publish", EXAMPLES / "first.jsonl")
    county.run("admit", "--once")
    county.run("project", "--once")
    yield county


def settled(
    home: Path, dsn: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> County:
    """A county in *home* whose read models and vault share one database; no ledger yet."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    given = {
        "HOME": str(home), "LANG": "en", "DATABASE": dsn, "VAULT_DATABASE": dsn,
        "VAULT_MASTER_KEY": MASTER_KEY.hex(),
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(f"HENGWEN_{name}", value)
    return County(dsn, capsys)
