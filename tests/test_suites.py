"""A whole ledger under each suite: the demo, a roster, a trace, readings, erasure, verification."""

import json
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from county import OPENING, County, settled
from people import worker

from app.vaults import vault_of
from app.wiring import open_log
from domain.suites import GM_1, INTL_1, SUITES
from vault.suites import suite_called

pytestmark = pytest.mark.slow
ASKING = ("--purpose", "AUDIT", "--case", "审〔2026〕3号", "--actor", "p-auditoraaaaqqqqqqqqqqqqq")
NEW_KEY = bytes(range(200, 232)).hex()


@pytest.fixture(params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    """One suite after the other."""
    return str(request.param)


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    suite: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> County:
    """The demo has run on a ledger of the suite."""
    made = settled(tmp_path / "home", postgres_dsn, monkeypatch, capsys)
    made.run("demo", "--suite", suite)
    return made


def test_a_demo_ledger_does_everything_under_its_suite(
    county: County, suite: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One ledger, its whole life; each step is the command that a user types."""
    _is_of_the_suite(county, suite)
    _imports_again_with_the_same_answers(county)
    _reads_a_name(county, tmp_path)
    _erases_a_person(county)
    _is_backed_up_restored_and_rewrapped(county, tmp_path, monkeypatch)
    _is_verified(county, tmp_path)


def _is_of_the_suite(county: County, suite: str) -> None:
    """The log says so, the vault says so, and so does each sealed field."""
    ((_, opening),) = county.events("LogOpened")
    assert opening.suite == suite
    assert county.json("vault", "status")["suite"] == suite
    sealed = {paid.sealed[0] for _, paid in county.events("PaymentMade")}
    assert sealed == {suite_called(suite).byte}
    assert county.json("init")["suite"] == suite
    other = INTL_1 if suite == GM_1 else GM_1
    assert "opened under another suite" in county.run("init", "--suite", other, code=2)
    assert "INTL-1 GM-1" in county.run("init", "--suite", "ROT13", code=2)


def _imports_again_with_the_same_answers(county: County) -> None:
    """Keyed ids repeat themselves: the same roster is answered with the first result."""
    before = county.ordered()
    county.decided("roster", "import", county.settings.home / "sample" / "roster.xlsx")
    assert county.ordered() == before
    payment = county.json("payments")[-1]["payment"]
    assert payment in county.run("trace", "payment", payment)
    county.run("conserve")


def _reads_a_name(county: County, tmp_path: Path) -> None:
    """A reading is recorded, then the name is shown."""
    paid = county.events("PaymentMade")[-1][1]
    out = tmp_path / "names.json"
    county.decided("read", paid.person, *ASKING, "--out", out)
    shown = json.loads(out.read_text("utf-8"))["identities"]
    assert {one["identity"]["name"][0] for one in shown} == {"样"}
    county.run("project", "--once")
    assert len(county.json("readings")) == 1


def _erases_a_person(county: County) -> None:
    """Somebody paid is kept; somebody of whom the log holds nothing goes for good."""
    paid = county.events("PaymentMade")[-1][1].person
    assert county.json("erase", paid, "--reason", "REQUEST", code=1)["erased"] is False
    with closing(open_log(county.settings)) as log, vault_of(county.settings, log) as vault:
        person = vault.person_of(worker(7))
    done = county.decided("erase", person, "--reason", "NO_RECORDS")
    assert done["destroyed"] == [person]


def _is_backed_up_restored_and_rewrapped(
    county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A restored vault goes on, and a new master key takes the place of the old one."""
    before = county.json("vault", "status")
    county.run("vault", "backup", tmp_path / "backup")
    with psycopg.connect(county.dsn, autocommit=True) as connection:
        connection.execute("DROP SCHEMA vault CASCADE")
    county.run("vault", "restore", tmp_path / "backup")
    assert county.json("vault", "status") == before
    monkeypatch.setenv("HENGWEN_VAULT_MASTER_KEY_NEW", NEW_KEY)
    kept = before["persons"] - before["erased"]
    assert county.json("vault", "rotate-master-key")["rewrapped"] == kept
    monkeypatch.setenv("HENGWEN_VAULT_MASTER_KEY", NEW_KEY)
    monkeypatch.delenv("HENGWEN_VAULT_MASTER_KEY_NEW")
    _imports_again_with_the_same_answers(county)


def _is_verified(county: County, tmp_path: Path) -> None:
    """An auditor needs to know nothing of suites: every decision is performed again."""
    county.run("checkpoint", "--once")
    county.run("export-evidence", "--to", tmp_path / "pack")
    report = county.json("verify", tmp_path / "pack")
    assert report["ok"]
    assert not report["partial"]


def test_a_ledger_and_a_vault_of_different_suites_do_not_meet(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A vault is made under the ledger's suite; one of another suite is refused, in words."""
    county = settled(tmp_path / "home", postgres_dsn, monkeypatch, capsys)
    county.run("init", *OPENING, "--suite", GM_1)
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("DROP SCHEMA vault CASCADE")
    assert county.json("vault", "init")["suite"] == GM_1
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute(f"UPDATE vault.vault SET suite = '{INTL_1}'")
    said = county.run("init", code=2)
    assert "different suites" in said
    assert INTL_1 in said
    assert GM_1 in said
