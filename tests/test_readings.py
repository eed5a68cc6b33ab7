"""Plain identities: recorded first, shown to whoever asked and to nobody else, listed afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import NAME, NUMBER, County, begun

ASKING = ("--purpose", "AUDIT", "--case", "审〔2026〕3号", "--actor", "p-auditoraaaaqqqqqqqqqqqqq")


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A ledger with one payment."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as made:
        yield made


def test_a_reading_is_recorded_shown_and_listed(county: County, tmp_path: Path) -> None:
    """The file is its owner's alone and holds the name; nothing else that is printed does."""
    ((_, paid),) = county.events("PaymentMade")
    out = tmp_path / "names.json"
    found = county.decided("read", paid.person, *ASKING, "--out", out)
    assert NAME not in json.dumps(found, ensure_ascii=False)
    assert out.stat().st_mode & 0o777 == 0o600
    (identity,) = json.loads(out.read_text("utf-8"))["identities"]
    assert identity["identity"]["name"] == NAME
    assert identity["identity"]["document_number"] == NUMBER
    ((position, event),) = county.events("IdentitiesRead")
    assert (found["reading"], found["position"]) == (event.reading, position)
    assert (event.persons, event.purpose, event.case) == ([paid.person], "AUDIT", "审〔2026〕3号")
    kept = county.asked("SELECT reading, position, actor, purpose, persons FROM vault.readings")
    assert kept == [(event.reading, position, "p-auditoraaaaqqqqqqqqqqqqq", "AUDIT", [paid.person])]
    assert "never overwritten" in county.run("read", paid.person, *ASKING, "--out", out, code=2)

    county.run("project", "--once")
    (row,) = county.json("readings")
    assert (row["actor"], row["purpose"], row["case"], row["persons"]) == (
        "p-auditoraaaaqqqqqqqqqqqqq", "AUDIT", "审〔2026〕3号", 1,
    )  # fmt: skip
    assert county.json(
        "readings", "--by", "p-auditoraaaaqqqqqqqqqqqqq", "--person", paid.person
    ) == [row]
    assert county.json("readings", "--by", paid.person) == []
    assert county.json("readings", "--person", "p-auditoraaaaqqqqqqqqqqqqq") == []
    assert "p-auditoraaaaqqqqqqqqqqqqq" in county.run("readings")


def test_a_terminal_shows_it_and_nothing_else_does(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a pipe nothing is written, and nothing was recorded; on a terminal there is the name."""
    ((_, paid),) = county.events("PaymentMade")
    ordered = county.ordered()
    assert "terminal only" in county.run("read", paid.person, *ASKING, code=2)
    assert county.ordered() == ordered
    monkeypatch.setattr("app.commands.readings.at_terminal", lambda: True)
    with county.admitting():
        assert NAME in county.run("read", paid.person, *ASKING)


def test_what_is_refused_or_undecided_is_not_shown(county: County, tmp_path: Path) -> None:
    """No verdict, or a refusal: no name, no file, no reading in the vault."""
    ((_, paid),) = county.events("PaymentMade")
    out = tmp_path / "names.json"
    undecided = county.run("read", paid.person, *ASKING, "--out", out, "--wait", "0", code=1)
    assert "no verdict yet" in undecided
    refused = county.decided(
        "read", paid.person, *ASKING, "--out", out, "--organisation", "EX-NOBODY", code=1
    )
    assert "refused" in refused["what"]
    assert not out.exists()
    assert county.asked("SELECT count(*) FROM vault.readings") == [(0,)]


@pytest.mark.parametrize(
    "wrong",
    [
        (NAME, *ASKING),
        (NUMBER, *ASKING),
        ("p-abcdqqqqqqqqqqqqqqqqqqqq", "--purpose", "查一下", "--case", "1", "--actor", "p-abcdqqqqqqqqqqqqqqqqqqqq"),
        ("p-abcdqqqqqqqqqqqqqqqqqqqq", "--purpose", "AUDIT", "--case", NAME, "--actor", "p-abcdqqqqqqqqqqqqqqqqqqqq"),
        ("p-abcdqqqqqqqqqqqqqqqqqqqq", "--purpose", "AUDIT", "--case", "1", "--actor", NUMBER),
        (*(f"p-{'abcdefghijklmnopqrstuvwxyz234567'[n % 32]}{'abcdefghijklmnop'[n // 32] * 23}" for n in range(501)), *ASKING),
        ("p-neverseenhereqqqqqqqqqqq", *ASKING),
    ],
    ids=["name", "number", "purpose", "case", "actor", "501", "stranger"],
)  # fmt: skip
def test_what_must_not_be_published_is_not(
    wrong: tuple[str, ...], county: County, tmp_path: Path
) -> None:
    """A name or a number in a command would stay in the submissions for ever, though refused."""
    ordered = county.ordered()
    shown = county.run("read", *wrong, "--out", tmp_path / "names.json", code=2)
    assert NAME not in shown
    assert NUMBER not in shown
    assert county.ordered() == ordered
    assert not (tmp_path / "names.json").exists()


def test_who_never_received_anything_has_no_sealed_name(county: County, tmp_path: Path) -> None:
    """A handler is known by a code only: nothing to show, nothing recorded."""
    ((_, paid),) = county.events("PaymentMade")
    ordered = county.ordered()
    shown = county.run("read", paid.actor, *ASKING, "--out", tmp_path / "x", code=1)
    assert "never a recipient" in shown
    assert county.ordered() == ordered
