"""Evidence packs: whole or not there, the same bytes each time, and honest about what is missing."""

import csv
import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from defusedxml import ElementTree
from evidence_logs import files
from packs import EXPORTED_AT, KEY, key_text, log_of, manifest, pack_of, programme, verified
from packs_forged import flipped, rewritten
from programme import CITY, COUNTY, FUND, OTHER_COUNTY, Programme, funded
from terminals import seen_on_a_terminal

from app.cli import run
from eventlog.contract import LogDamaged
from evidence import verify as verifying
from evidence.checkpoints import Checkpoint
from evidence.notes import NoteSigner
from evidence.pack import PART, NoCheckpoint, Wanted, export
from evidence.pack_layout import NotAPack
from evidence.verify import verify
from evidence.verify_checks import ORDER, Report
from evidence.verify_signed import Trust
from evidence.verify_source import PackSource
from schemas import containers

ABSENT = {
    "KNOWN", "SM2", "WITNESSES", "REGISTRY", "BALANCES", "ACCOUNTS", "RECORDS", "SUBMISSIONS", "SIGNERS", "READ_MODELS",
}  # fmt: skip
"""Checks that are made only if there is reason."""


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture(scope="module")
def pack(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack."""
    return pack_of(made, tmp_path_factory.mktemp("pack"), 90)


def _statuses(report: Report) -> dict[str, str]:
    return {check.name: check.status for check in report.checks}


def test_a_whole_pack_passes_every_check(made: Programme, pack: Path) -> None:
    """With the published key, and nothing else at hand."""
    report = verified(pack, key_text(made))
    assert _statuses(report) == {name: "OK" for name in ORDER if name not in ABSENT}
    assert not report.partial


def test_several_cores_find_the_same(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reading in a process of its own, progress counted together."""
    monkeypatch.setattr(verifying, "ALONE_MAX", 0)
    seen: list[int] = []
    report = verify(PackSource(pack), Trust(), cores=2, progress=seen.append)
    assert report == verified(pack)
    readings = verifying.readings(PackSource(pack), Trust())
    assert sum(seen) == len(readings) * manifest(pack).size


def test_the_same_log_gives_the_same_files(made: Programme, tmp_path: Path) -> None:
    """Byte for byte, so that two exports can be compared by their manifests."""
    with closing(log_of(made, tmp_path, 90)) as log:
        for name in ("one", "other"):
            export(log, [], tmp_path / name, Wanted(), exported_at=EXPORTED_AT)
    assert files(tmp_path / "one") == files(tmp_path / "other")


def test_every_record_is_there_as_it_was_stored(made: Programme, pack: Path) -> None:
    """Values, proofs, headers and times."""
    [events] = (pack / "events").glob("*.avro")
    assert list(containers.read_values(events)) == [(v.position, v.value) for v in made.verdicts]
    [submissions] = (pack / "submissions").glob("*.avro")
    kept = list(containers.read(submissions))
    assert [one.value for one in kept] == [one.value for one in made.submitted]
    assert [dict(one.headers)["hengwen-proof"] for one in kept] == [
        one.proof for one in made.submitted
    ]
    assert [one.appended_at for one in kept] == [one.appended_at for one in made.submitted]


def test_a_pack_holds_no_folder_of_the_machine_and_says_what_it_is(pack: Path) -> None:
    """A README in both languages, the registry as text."""
    text = (pack / "README.md").read_text(encoding="utf-8")
    assert "先核对公钥" in text
    assert "Check the public key first" in text
    lines = (pack / "registry.jsonl").read_text(encoding="utf-8").splitlines()
    kinds = {json.loads(line)["type"] for line in lines}
    assert {"hengwen.LogOpened", "hengwen.FundOpened", "hengwen.PolicyAdopted"} <= kinds
    assert "hengwen.PaymentMade" not in kinds


# -- whole or not at all ---------------------------------------------------------------------------


def test_a_log_that_is_not_what_was_signed_gives_no_pack(made: Programme, tmp_path: Path) -> None:
    """Nothing is left behind."""
    with closing(log_of(made, tmp_path, 90)) as log:
        with log.tables.writing() as connection:
            value = flipped(made.verdicts[92].value, 60)
            connection.execute("UPDATE events SET value=? WHERE position=93", (value,))
        with pytest.raises(LogDamaged):
            export(log, [], tmp_path / "pack", Wanted(), exported_at=EXPORTED_AT)
    assert not list(tmp_path.glob("pack*"))


def test_a_folder_that_is_there_is_not_touched(made: Programme, tmp_path: Path) -> None:
    """Neither the pack's nor one that merely has the name of a draft; a draft of ours is redone."""
    with closing(log_of(made, tmp_path)) as log:
        for name in ("pack", f"pack{PART}"):
            (tmp_path / name).mkdir()
            with pytest.raises(FileExistsError):
                export(log, [], tmp_path / "pack", Wanted(), exported_at=EXPORTED_AT)
            (tmp_path / name).rmdir()
        (tmp_path / f"pack{PART}").mkdir()
        (tmp_path / f"pack{PART}" / ".unfinished").touch()
        export(log, [], tmp_path / "pack", Wanted(), exported_at=EXPORTED_AT)
    assert verified(tmp_path / "pack").failed is False


def test_nothing_is_exported_that_nobody_signed(made: Programme, tmp_path: Path) -> None:
    """A pack ends with a checkpoint; one that a stranger signed is none."""
    with closing(log_of(made, tmp_path)) as log:
        with log.tables.writing() as connection:
            connection.execute("DELETE FROM checkpoints")
        note = Checkpoint("example.org/test", 98, bytes(32)).signed(
            [NoteSigner("example.org/other", KEY)]
        )
        with pytest.raises(NoCheckpoint):
            export(log, [note], tmp_path / "pack", Wanted(), exported_at=EXPORTED_AT)
    assert not (tmp_path / "pack").exists()


# -- parts -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def two_counties(tmp_path_factory: pytest.TempPathFactory) -> tuple[Programme, Path]:
    """A programme in which another county got and spent money, too."""
    found = funded(5_000_000)
    found.pay(1)
    found.grant(2_000_000)
    for giver, child in (("G", "63"), ("63", CITY), (CITY, OTHER_COUNTY)):
        found.allocate(giver, child, 2_000_000)
    found.pay(2, organisation=OTHER_COUNTY)
    found.pay(3)
    found.pay(3)
    return found, tmp_path_factory.mktemp("two")


def _part(two: tuple[Programme, Path], name: str, wanted: Wanted) -> Path:
    made, folder = two
    (folder / name).mkdir()
    return pack_of(made, folder / name, wanted=wanted)


def test_the_pack_of_a_county_holds_its_events_and_is_called_partial(
    two_counties: tuple[Programme, Path],
) -> None:
    """Each event is still checked against the signed tree, and the county's chains are whole."""
    pack = _part(two_counties, "county", Wanted(organisation=COUNTY))
    [file] = (pack / "events").glob("*.avro")
    organisations = {
        v.event.organisation for v in two_counties[0].verdicts
        if v.position in dict(containers.read_values(file)) and v.event.stream.startswith("account")
    }  # fmt: skip
    assert organisations == {COUNTY, CITY}  # the city gave it money
    report = verified(pack)
    assert (report.failed, report.partial) == (False, True)
    statuses = _statuses(report)
    assert {n for n, s in statuses.items() if s == "NOT_CHECKED"} == {
        "CONSERVATION", "LOTS", "DECISIONS", "ACCOUNTS", "RECORDS", "REGISTRY",
    }  # fmt: skip
    assert statuses["SUBMISSIONS"] == "OK"
    assert manifest(pack).complete is False


def test_an_event_left_out_of_a_countys_pack_is_missed_by_its_chain(
    two_counties: tuple[Programme, Path],
) -> None:
    """That nothing is missing before an account's last event is shown by the account alone."""
    pack = _part(two_counties, "gap", Wanted(organisation=COUNTY))
    made, _ = two_counties
    first = next(v.position for v in made.verdicts if v.event.TOPIC == "hengwen.PaymentMade")
    for kind in ("events", "submissions"):
        rewritten(pack, lambda records: [one for one in records if one.position != first], kind)
    failed = next(check for check in verified(pack).checks if check.name == "CHAINS")
    assert (failed.status, failed.code) == ("FAILED", "VERSION")
    assert dict(failed.figures)["stream"] == f"account/{COUNTY}/{FUND}"


def test_the_last_event_left_out_of_a_part_is_missed_by_its_count(
    two_counties: tuple[Programme, Path],
) -> None:
    """As long as the manifest is the one whose digest was noted at the export."""
    pack = _part(two_counties, "end", Wanted(organisation=COUNTY))
    for kind in ("events", "submissions"):
        rewritten(pack, lambda records: records[:-1], kind)
    failed = {c.name: c.code for c in verified(pack).checks if c.status == "FAILED"}
    assert failed == {
        "DERIVED": "CLAIM_DIFFERS", "POSITIONS": "COUNT_DIFFERS", "TREE": "EVENTS_MISSING",
    }  # fmt: skip


@pytest.mark.parametrize(("first", "last"), [(None, 90), (89, 93), (90, None)])
def test_the_pack_of_a_stretch_is_checked_as_far_as_it_goes(
    two_counties: tuple[Programme, Path], first: int | None, last: int | None
) -> None:
    """From the first event on, even decisions are made again; from the middle, they cannot be."""
    wanted = Wanted(first=first, last=last)
    report = verified(_part(two_counties, f"{first}-{last}", wanted))
    assert not report.failed, report.first
    assert _statuses(report)["DECISIONS"] == ("OK" if first is None else "NOT_CHECKED")


# -- books -----------------------------------------------------------------------------------------


def _rows(pack: Path, table: str) -> list[dict[str, str]]:
    with (pack / "books" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_books_balance_and_agree_with_their_control_totals(pack: Path) -> None:
    """Debits are credits; the balances are the vouchers'; subjects say where the money is."""
    totals = manifest(pack).totals
    vouchers, balances = _rows(pack, "vouchers"), _rows(pack, "balances")
    for side in ("debit_fen", "credit_fen"):
        assert sum(int(row[side]) for row in vouchers) == totals[side]
        assert sum(int(row[side]) for row in balances) == totals[side]
    assert totals["debit_fen"] == totals["credit_fen"]
    assert {row["subject"] for row in vouchers} <= {r["subject"] for r in _rows(pack, "subjects")}
    assert sum(totals["balance_fen"].values()) == 0
    assert -totals["balance_fen"]["4001"] == 5_000_000
    assert totals["balance_fen"]["5001"] == 100_000


def test_a_voucher_is_in_a_year_and_a_month_and_says_what_happened(pack: Path) -> None:
    """As auditing software expects it, in the words of the schema."""
    first, *_, last = _rows(pack, "vouchers")
    assert (first["year"], first["period"]) == ("2019", "1")
    assert first["summary"] == "资金到账"
    assert last["summary"] == "实名发放"
    told = {(row["table"], row["column"]) for row in _rows(pack, "dictionary")}
    for table in ("subjects", "balances", "vouchers", "dimensions"):
        assert {(table, column) for column in _rows(pack, table)[0]} <= told


def test_balances_of_a_stretch_begin_with_what_was_before(
    two_counties: tuple[Programme, Path],
) -> None:
    """Opening and movement give the closing balance that the whole log gives."""
    whole = _rows(_part(two_counties, "all", Wanted()), "balances")
    part = _rows(_part(two_counties, "later", Wanted(first=95)), "balances")
    key = ("subject", "organisation", "fund", "balance_fen")
    assert [[row[name] for name in key] for row in part] == [
        [row[name] for name in key] for row in whole
    ]
    assert {row["opening_fen"] for row in whole} == {"0"}
    assert any(row["opening_fen"] != "0" and row["debit_fen"] == "0" for row in part)
    for row in part:
        opening, debit, credit = (int(row[f"{n}_fen"]) for n in ("opening", "debit", "credit"))
        assert opening + debit - credit == int(row["balance_fen"])


def test_the_books_of_a_county_hold_no_balance_of_another(
    two_counties: tuple[Programme, Path],
) -> None:
    """The city that gave it money has its voucher here, but not its balance."""
    pack = _part(two_counties, "books", Wanted(organisation=COUNTY))
    assert {row["organisation"] for row in _rows(pack, "balances")} == {COUNTY}
    assert {row["organisation"] for row in _rows(pack, "vouchers")} == {COUNTY, CITY}


def test_workbook_and_xml_hold_the_same_rows_as_the_csv(pack: Path) -> None:
    """Codes stay texts, amounts are numbers."""
    book = openpyxl.load_workbook(pack / "books" / "books.xlsx", read_only=True)
    xml = ElementTree.parse(pack / "books" / "books.xml").getroot()
    assert xml is not None
    for table, name in (("vouchers", "凭证"), ("balances", "科目余额"), ("dimensions", "辅助核算")):
        rows = [list(row.values()) for row in _rows(pack, table)]
        sheet = list(book[name].iter_rows(min_row=2, values_only=True))
        assert [["" if c is None else str(c) for c in row] for row in sheet] == rows
        elements: Any = xml.findall(f"./{name}表/{name}")
        assert [[e.text for e in row] for row in elements] == [[c for c in r if c] for r in rows]
    county = next(row for row in book["凭证"].iter_rows(min_row=2, values_only=True) if row[11])
    assert isinstance(county[11], str)
    assert isinstance(county[0], int)
    assert {"数据字典", "控制总数"} <= set(book.sheetnames)
    book.close()


# -- commands --------------------------------------------------------------------------------------


def test_a_folder_that_is_no_pack_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and a page that says what to do."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "home"))
    with pytest.raises(NotAPack):
        PackSource(tmp_path)
    assert run(["verify", str(tmp_path)]) == 2
    assert "这个文件夹不是证据包" in capsys.readouterr().err


def test_a_quick_verification_is_called_partial(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 0, but not all was checked."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "home"))
    assert run(["verify", str(pack), "--quick"]) == 0
    out = capsys.readouterr().out
    assert "部分核验" in out
    assert "公钥取自总账本身" in out
    left = {c.name for c in verified(pack, decisions=False).checks if c.code == "LEFT_OUT"}
    assert left == {"DERIVED", "DECISIONS"}


def test_whoever_watches_a_verification_sees_how_far_it_is(pack: Path, tmp_path: Path) -> None:
    """Every event counts once for each reading."""
    seen = seen_on_a_terminal(
        [sys.executable, "-c", "from app.cli import main; main()", "verify", str(pack), "--quick"],
        "stderr", stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1],
        env={**os.environ, "HENGWEN_HOME": str(tmp_path), "TERM": "xterm",
             "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    total = 2 * manifest(pack).size
    assert "核验" in seen.decode()
    assert b"%d/%d" % (total, total) in seen.replace(b" ", b"")


def test_export_and_verify_as_a_user_types_them(
    made: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """From the configured log to a pack that holds; the configured log itself holds, too."""
    home = tmp_path / "home"
    (home / "log").mkdir(parents=True)
    log_of(made, tmp_path, 90).close()
    (tmp_path / "log.sqlite").rename(home / "log" / "test.sqlite")
    shutil.copytree(tmp_path / "evidence", home / "evidence" / "test")
    monkeypatch.setenv("HENGWEN_HOME", str(home))
    monkeypatch.setenv("HENGWEN_LOG_NAME", "test")
    target = str(tmp_path / "out")
    capsys.readouterr()
    assert run(["export-evidence", "--to", target, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["events"], found["complete"]) == (len(made.verdicts), True)
    assert run(["export-evidence", "--to", target]) == 2
    assert "文件夹已存在" in capsys.readouterr().err
    words = ["export-evidence", "--to", str(tmp_path / "bare"), "--format"]
    assert run([*words, "pdf"]) == 2
    assert run([*words, "csv"]) == 0
    assert {p.suffix for p in (tmp_path / "bare" / "books").iterdir()} == {".csv"}
    capsys.readouterr()
    for place in (target, "-"):
        assert run(["verify", place, "--checkpoint-key", key_text(made), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["partial"] is False
