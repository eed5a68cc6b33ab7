"""What the documents tell a reader to type is done by the demo's ledger, as it stands there."""

import re
from pathlib import Path

import pytest
from county import OPENING, County, settled
from openpyxl import load_workbook
from walkthrough import ROOT, steps

from app.sample import write_sample
from app.sample.pieces import resident_id
from app.sample.rosters import OTHERS

pytestmark = pytest.mark.slow


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> County:
    """The ledger of the demo, decided and projected; an empty folder to work in."""
    county = settled(tmp_path / "home", postgres_dsn, monkeypatch, capsys)
    write_sample(tmp_path / "sample")
    county.run("init", *OPENING)
    county.run("publish", tmp_path / "sample" / "registry.jsonl", "--operator")
    county.run("publish", tmp_path / "sample" / "programme.jsonl")
    county.run("admit", "--once")
    county.run("project", "--once")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return county


def _page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def _typed(page: str) -> list[str]:
    """The commands of ours that a page shows, without remarks."""
    commands = [step.command.partition("  #")[0].strip() for step in steps(page)]
    return [command.removeprefix("hengwen ") for command in commands if "hengwen " in command[:8]]


def test_the_example_of_a_payment_is_accepted(county: County) -> None:
    """Line and commands as docs/publishing.md has them."""
    page = _page("publishing.md")
    (example,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    Path("payments.jsonl").write_text(example, "utf-8")
    commands = _typed(page)
    assert [command.split()[0] for command in commands] == ["key", "publish", "publish"]
    with county.admitting():
        for command in commands:
            county.run(*command.replace("--wait 10", "--wait 60").split())
        told = county.json("publish", "payments.jsonl", "--wait", "60")
    assert (told["repeated"], told["refused"], told["waiting"]) == (1, 0, 0)


def test_the_examples_of_time_travel_work(county: County) -> None:
    """Each command, and the SQL between them."""
    page = _page("timetravel.md")
    commands = _typed(page)
    assert {command.split()[0] for command in commands} == {"replay", "diff"}
    (statement,) = re.findall(r'psql … -c "(.*?)"', page)
    for command in commands:
        if "--drop" in command:
            assert county.asked(statement)
        county.run(*command.split())


def test_the_example_of_a_registration_is_accepted(county: County) -> None:
    """As docs/integration.md has it, with a key that was just made."""
    made = county.json("key", "new", "upstream.pem")
    (command,) = [one for one in _typed(_page("integration.md")) if one.startswith("publisher")]
    county.run(*command.replace("PUBLIC_KEY", made["public_key"]).split())
    assert county.json("admit", "--once")["refused"] == 0


def test_a_registration_that_could_not_hold_is_not_published(county: County) -> None:
    """A mistyped organisation or kind is told at once; with --wait the verdict is."""
    key = county.json("key", "new", "upstream.pem")["public_key"]
    before = county.ordered()
    register = ("publisher", "register", key, "--source", "upstream", "--subtree")
    assert "no such organisation" in county.run(*register, "NOPE", code=2)
    said = county.run(*register, "SF-632221", "--kind", "MakePaymnt", code=2)
    assert "Did you mean MakePayment?" in said
    assert county.ordered() == before
    told = county.decided(*register, "SF-632221", "--kind", "MakePayment", "--wait", "60")
    assert [position for position, _ in county.events("PublisherRegistered")][-1] == told[
        "position"
    ]
    reserved = county.decided(
        *register, "SF-632221", "--kind", "AdoptRules", "--wait", "60", code=1
    )
    assert "KINDS_NOT_ALLOWED" in reserved["where"]


def test_a_county_mends_its_roster_imports_it_and_prints_a_receipt(
    county: County, tmp_path: Path
) -> None:
    """The way of the README: errors, mended, imported, imported again, listed, on paper."""
    roster = tmp_path / "sample" / "roster-with-errors.xlsx"
    before = county.ordered()
    assert "Nothing was imported" in county.run("roster", "import", roster, code=1)
    assert county.ordered() == before

    _mend(roster)
    assert "nothing was published" in county.run("roster", "import", roster, "--dry-run")
    with county.admitting():
        done = county.json("roster", "import", roster, "--wait", "60")
    assert (done["refused"], done["waiting"]) == (0, 0)
    assert county.json("roster", "import", roster)["published"] == 0

    county.run("project", "--once")
    (imported,) = county.json("rosters")
    paid = county.json("payments", "--roster", imported["roster"])
    assert [(len(paid), {one["amount_fen"] for one in paid})] == [(12, {50_000})]
    not_yet = county.run("receipt", paid[0]["payment"], code=2)
    assert "hengwen checkpoint --once" in not_yet
    county.run("checkpoint", "--once")
    county.run("receipt", paid[0]["payment"], "--form", "receipt.html")
    assert paid[0]["payment"] in Path("receipt.html").read_text("utf-8")


def _mend(roster: Path) -> None:
    """What the check tells to do, done in the spreadsheet."""
    book = load_workbook(roster)
    sheet = book["发放明细"]
    heads = [cell.value for cell in sheet[2]]
    name, number, amount = (heads.index(h) + 1 for h in ("姓名", "证件号码", "慰问金(元)"))
    for row in (5, 7, 11):
        sheet.cell(row, number).value = resident_id(OTHERS + row - 3)
    sheet.cell(9, amount).value = 500
    sheet.cell(11, name).value = "样癸丁"
    book.save(roster)
