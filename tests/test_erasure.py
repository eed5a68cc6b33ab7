"""Erasure: not before retention ends, once for all, and without a trace in balances and proofs."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from county import EXAMPLES, NAME, PAID, County, begun
from histories import RecordedLog
from people import number, worker
from programme import COUNTY, Programme, day

from app import erasing
from app.output import Output
from app.publishing import signing_key
from app.vaults import vault_of
from app.wiring import open_log
from consumers.person_records import records_of
from domain import submissions as s
from domain.calendar import day_of
from domain.retention import ACCESS, DOSSIER, VOUCHER, RecordClass
from domain.units import Day
from eventlog.digest import digest
from projections import dump, store
from projections.models import MODELS
from vault.backup import restore_backup, write_backup
from vault.vault import Vault

FAR = day("2051-01-01")


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


@pytest.mark.parametrize(
    ("record_class", "made", "free"),
    [
        (VOUCHER, "2019-02-05", "2050-01-01"),
        (VOUCHER, "2018-12-31", "2049-01-01"),
        (VOUCHER, "2019-01-01", "2050-01-01"),
        (DOSSIER, "2019-02-05", "2029-02-05"),
        (DOSSIER, "2020-02-29", "2030-03-01"),
        (ACCESS, "2019-02-05", "2019-08-05"),
        (ACCESS, "2019-08-31", "2020-03-01"),
        (ACCESS, "2019-12-31", "2020-07-01"),
    ],
)
def test_periods_end_when_the_rules_say(record_class: RecordClass, made: str, free: str) -> None:
    """Vouchers from the first day after the fiscal year, the others from the day itself."""
    assert record_class.free_on(day(made)) == day_of(date.fromisoformat(free))


@pytest.fixture(scope="module")
def programme() -> Programme:
    """Somebody who was paid, a link, a visitor, somebody who was read, somebody erased."""
    made = Programme().funded()
    made.pay(1, dossier="样例档1号")
    made.pay(2)
    one, two = (v.event.person for v in made.verdicts[-2:])  # type: ignore[attr-defined]
    made.do(s.LinkPersons, person=one, other="p-linkedaaaaqqqqqqqqqqqqqq", document=None)
    made.do(
        s.RecordVisit, organisation=COUNTY, visit=made.fresh(), occasion="SPRING_FESTIVAL",
        visitors=["p-visitoraaaaqqqqqqqqqqqqq", "p-visitorbbbbqqqqqqqqqqqqq"], person=two, work_region="632221",
        document=None,
    )  # fmt: skip
    made.do(
        s.ReadIdentities, organisation=COUNTY, reading=made.fresh(), persons=["p-readaaaaqqqqqqqqqqqqqqqq"],
        purpose="AUDIT", case="1", actor="p-auditoraaaaqqqqqqqqqqqqq",
    )  # fmt: skip
    made.do(
        s.ErasePerson, organisation=COUNTY, person="p-erasedaaaaqqqqqqqqqqqqqq", reason_code="TEST"
    )
    return made


def test_the_log_tells_what_keeps_a_name(programme: Programme) -> None:
    """Payments and visits thirty years, readings six months, an erasure nobody it is about."""
    log = RecordedLog([verdict.value for verdict in programme.verdicts])
    payments = [v.event for v in programme.verdicts if type(v.event).__name__ == "PaymentMade"]
    one, two = (payment.person for payment in payments)  # type: ignore[attr-defined]
    asked = [
        one,
        two,
        "p-linkedaaaaqqqqqqqqqqqqqq",
        "p-visitorbbbbqqqqqqqqqqqqq",
        "p-readaaaaqqqqqqqqqqqqqqqq",
        "p-erasedaaaaqqqqqqqqqqqqqq",
        "p-nobodyaaaaqqqqqqqqqqqqqq",
    ]
    found = records_of(log, asked)
    many = records_of(
        log,
        [
            *asked,
            *(f"p-{'aaaa' * n}" for n in range(1, 12)),
            "p-bbbbqqqqqqqqqqqqqqqqqqqq",
            "p-ccccqqqqqqqqqqqqqqqqqqqq",
        ],
    )
    for person in asked:
        assert found[person] == many[person] == records_of(log, [person])[person]
    kept = {person: sorted(found[person].kept) for person in asked}
    assert kept == {
        one: ["DOSSIER", "VOUCHER"], "p-linkedaaaaqqqqqqqqqqqqqq": ["DOSSIER", "VOUCHER"], two: ["VOUCHER"],
        "p-visitorbbbbqqqqqqqqqqqqq": ["VOUCHER"], "p-readaaaaqqqqqqqqqqqqqqqq": ["ACCESS"], "p-erasedaaaaqqqqqqqqqqqqqq": [],
        "p-nobodyaaaaqqqqqqqqqqqqqq": [],
    }  # fmt: skip
    assert found[one].ids == {one, "p-linkedaaaaqqqqqqqqqqqqqq"}
    assert found[one].free_on == day("2050-01-01")
    assert found["p-readaaaaqqqqqqqqqqqqqqqq"].free_on == day("2019-07-21")
    assert found[two].kept["VOUCHER"].records == 2  # the payment and the visit
    assert found["p-erasedaaaaqqqqqqqqqqqqqq"].erased
    assert not found["p-erasedaaaaqqqqqqqqqqqqqq"].kept_on(Day(0))
    assert found["p-nobodyaaaaqqqqqqqqqqqqqq"].mentioned == set()


def test_erasure_is_refused_while_a_period_runs(county: County, tmp_path: Path) -> None:
    """The date is told, exit code 1; nothing is published and the name can still be read."""
    ((_, paid),) = county.events("PaymentMade")
    ordered = county.ordered()
    found = county.json("erase", paid.person, "--reason", "REQUEST", code=1)
    year = date.fromordinal(paid.recorded_at // 86_400_000_000 + 719_163).year
    assert found["possible_from"] == f"{year + 31}-01-01"
    assert [kept["record_class"] for kept in found["kept"]] == ["VOUCHER"]
    assert f"{year + 31}-01-01" in county.run("erase", paid.person, "--reason", "REQUEST", code=1)
    assert county.ordered() == ordered
    out = tmp_path / "names.json"
    county.decided("read", paid.person, "--purpose", "AUDIT", "--case", "1",
                   "--actor", "p-auditoraaaaqqqqqqqqqqqqq", "--out", out)  # fmt: skip
    assert NAME in out.read_text("utf-8")


def test_neither_a_name_nor_a_stranger_is_published(county: County) -> None:
    """What is typed wrong must not stay in the submissions for ever."""
    ordered = county.ordered()
    assert NAME not in county.run("erase", NAME, "--reason", "REQUEST", "--yes", code=2)
    county.run("erase", "p-abcdqqqqqqqqqqqqqqqqqqqq", "--reason", "不想留", "--yes", code=2)
    assert "knows this person" in county.run(
        "erase", "p-abcdqqqqqqqqqqqqqqqqqqqq", "--reason", "X", "--yes", code=2
    )
    assert county.ordered() == ordered


def _known_only_to_the_vault(county: County) -> str:
    """Somebody in the vault of whom the log holds nothing."""
    with closing(open_log(county.settings)) as log, vault_of(county.settings, log) as vault:
        return vault.person_of(worker(7))


def _keys(county: County, person: str) -> list[tuple[Any, ...]]:
    return county.asked(
        "SELECT wrapped_key IS NULL, erased_position,"
        f" (SELECT count(*) FROM vault.documents d WHERE d.person = p.person)"
        f" FROM vault.persons p WHERE person = '{person}'"  # of this test
    )


def test_somebody_without_records_is_erased_once(county: County) -> None:
    """Recorded first, then the key and the index entries go; again there is nothing to do."""
    person = _known_only_to_the_vault(county)
    first = county.decided("erase", person, "--reason", "NO_RECORDS")
    ((position, event),) = county.events("PersonErased")
    assert (event.person, event.reason_code) == (person, "NO_RECORDS")
    assert first == {"person": person, "position": position, "destroyed": [person]}
    assert _keys(county, person) == [(True, position, 0)]
    again = county.decided("erase", person, "--reason", "NO_RECORDS")
    assert again == {"person": person, "position": position, "destroyed": []}
    assert len(county.events("PersonErased")) == 1


@pytest.mark.parametrize("how", ["again", "opened"])
def test_killed_between_log_and_vault_it_is_finished_later(
    how: str, county: County, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """By the same command, or by whoever opens the vault next."""
    person = _known_only_to_the_vault(county)

    def kill(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "carry_out", kill)
        with county.admitting():
            county.run("erase", person, "--reason", "NO_RECORDS", "--yes", code=130)
    ((position, _),) = county.events("PersonErased")
    assert _keys(county, person) == [(False, None, 1)]
    if how == "again":
        county.json("erase", person, "--reason", "NO_RECORDS")
    else:
        empty = tmp_path / "empty.jsonl"
        empty.write_text("", "utf-8")
        county.run("seal", empty)
    assert _keys(county, person) == [(True, position, 0)]
    assert len(county.events("PersonErased")) == 1


def test_a_restored_backup_forgets_again(county: County, tmp_path: Path) -> None:
    """A backup from before the erasure holds the key; at its first opening the key goes."""
    person = _known_only_to_the_vault(county)
    write_backup(county.dsn, tmp_path / "backup", 0)  # type: ignore[arg-type]  # an instant
    county.decided("erase", person, "--reason", "NO_RECORDS")
    with psycopg.connect(county.dsn, autocommit=True) as connection:
        connection.execute("DROP SCHEMA vault CASCADE")
    restore_backup(county.dsn, tmp_path / "backup")
    assert _keys(county, person) == [(False, None, 1)]
    with closing(open_log(county.settings)) as log, vault_of(county.settings, log) as vault:
        assert vault.has_key(person) is False


def test_a_publisher_that_erases_too_early_destroys_no_key(county: County, tmp_path: Path) -> None:
    """Admission refuses it with the day from which it is possible, and the name stays readable."""
    ((_, paid),) = county.events("PaymentMade")
    line = {"type": "ErasePerson", "organisation": "ACFTU", "occurred_on": "2019-01-22",
            "person": paid.person, "reason_code": "ROGUE"}  # fmt: skip
    file = tmp_path / "rogue.jsonl"
    file.write_text(json.dumps(line) + "\n", "utf-8")
    county.run("publish", file)
    county.run("admit", "--once")
    assert county.events("PersonErased") == []
    refused = [event for _, event in county.events("SubmissionRefused")]
    assert [reason.code for reason in refused[-1].reasons] == ["RETENTION_RUNS"]
    with closing(open_log(county.settings)) as log, vault_of(county.settings, log) as vault:
        assert vault.has_key(paid.person)
    found = county.json("erase", paid.person, "--reason", "REQUEST", code=1)
    assert found["erased"] is False


@pytest.fixture
def wait_until(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Every clock of this process shows a day to come, as if one had waited for it."""
    shown = time.time_ns

    def wait(text: str) -> None:
        ahead = day(text) * 86_400_000_000_000 - shown()
        monkeypatch.setattr(time, "time_ns", lambda: shown() + ahead)

    return wait


def _erase_far_in_the_future(
    county: County, person: str, wait_until: Callable[[str], None]
) -> erasing.Done:
    """Erase when every period has ended."""
    wait_until("2099-01-01")
    settings = county.settings
    with closing(open_log(settings)) as log, vault_of(settings, log) as vault:
        machine = erasing.Machine(settings, log, vault, signing_key(settings, operator=False))
        wish = erasing.Wish(person, "RETENTION_OVER", "ACFTU", None, day("2019-02-01"))
        records = records_of(log, [person])[person]
        assert not records.kept_on(day("2099-01-01"))
        with county.admitting():
            return erasing.erase(
                machine, wish, records, Output(lang="en"), today=day("2099-01-01"), wait_s=30
            )


def test_after_an_erasure_everything_but_the_name_is_as_before(
    county: County, tmp_path: Path, wait_until: Callable[[str], None]
) -> None:
    """The log's prefix, balances, payments, a receipt; but the name opens nowhere any more."""
    ((paid_at, paid),) = county.events("PaymentMade")
    with closing(open_log(county.settings)) as log:
        before, end = digest(log), log.last_position()
    models = _digests(county)
    county.run("checkpoint", "--once")
    key = county.json("checkpoint", "key", "show")
    receipt = tmp_path / "receipt"
    county.run("receipt", paid.payment, "--out", receipt)

    done = _erase_far_in_the_future(county, paid.person, wait_until)
    assert done.destroyed == [paid.person]
    county.run("project", "--once")
    county.run("checkpoint", "--once")

    with closing(open_log(county.settings)) as log:
        assert digest(_Prefix(log, end)) == before  # type: ignore[arg-type]  # a reader
    after = _digests(county)
    changed = {name for name in after if after[name] != models[name]}
    assert changed == {"registry", "trail"}  # each has one row more: that of the erasure
    county.run("conserve", "--log")
    county.run("receipt", "verify", receipt, "--key", _public_key(key))
    later = tmp_path / "later"
    county.run("receipt", paid.payment, "--out", later)
    county.run("receipt", "verify", later, "--key", _public_key(key))

    out = tmp_path / "names.json"
    asking = (
        "--purpose",
        "AUDIT",
        "--case",
        "1",
        "--actor",
        "p-auditoraaaaqqqqqqqqqqqqq",
        "--out",
        out,
    )
    ordered = county.ordered()
    assert "Erased" in county.run("read", paid.person, *asking, code=1)
    assert county.ordered() == ordered
    assert paid_at < done.position


def test_a_repeated_import_does_not_bring_back_the_old_id(
    county: County, wait_until: Callable[[str], None]
) -> None:
    """The same file again: its payment is known, and its person would be a new one."""
    ((_, paid),) = county.events("PaymentMade")
    _erase_far_in_the_future(county, paid.person, wait_until)
    county.run("publish", EXAMPLES / "first.jsonl", "--attempt", "2")
    county.run("admit", "--once")
    assert len(county.events("PaymentMade")) == 1
    refused = [
        {reason.code for reason in event.reasons}
        for _, event in county.events("SubmissionRefused")
        if event.business_id == PAID["payment"]
    ]
    assert refused == [{"ALREADY_RECORDED"}]
    persons = county.asked("SELECT person, wrapped_key IS NULL FROM vault.persons")
    assert (paid.person, True) in persons
    assert sum(not erased for _, erased in persons) >= 1
    documents = county.asked("SELECT person FROM vault.documents")
    assert (paid.person,) not in documents


def test_all_ids_of_a_person_go_together(county: County, tmp_path: Path) -> None:
    """Two ids that were linked are one person: one erasure, both keys."""
    with closing(open_log(county.settings)) as log, vault_of(county.settings, log) as vault:
        one, two = _two_ids(vault)
    line = {"type": "LinkPersons", "organisation": "ACFTU", "occurred_on": "2019-01-22",
            "person": one, "other": two}  # fmt: skip
    file = tmp_path / "link.jsonl"
    file.write_text(json.dumps(line) + "\n", "utf-8")
    county.run("publish", file)
    county.run("admit", "--once")
    done = county.decided("erase", two, "--reason", "NO_RECORDS")
    assert sorted(done["destroyed"]) == sorted([one, two])
    assert county.decided("erase", one, "--reason", "NO_RECORDS")["destroyed"] == []
    assert len(county.events("PersonErased")) == 1


def _two_ids(vault: Vault) -> tuple[str, str]:
    first, second = vault.persons_of([worker(1), worker(2)])
    assert number(1) != number(2)
    return first, second


def _digests(county: County) -> dict[str, str]:
    with store.connect(county.dsn) as connection:
        return {model.name: dump.digest(connection, model).sha256 for model in MODELS}


def _public_key(shown: Any) -> str:
    """The key's text as an auditor gets it."""
    (row,) = shown if isinstance(shown, list) else shown["keys"]
    return str(next(value for value in row.values() if isinstance(value, str) and "+" in value))


class _Prefix:
    """The log as it was."""

    def __init__(self, log: Any, end: int) -> None:
        self._log, self._end = log, end

    def last_position(self) -> int:
        return self._end

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> Any:
        return self._log.read_events(after=after, limit=limit, timeout_s=timeout_s)
