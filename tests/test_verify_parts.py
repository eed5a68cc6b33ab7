"""What a forger cannot hide in the pack of a county: later events, an account, an organisation."""

import json
import os
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import closing
from pathlib import Path

import pytest
from packs import (
    EXPORTED_AT,
    at_hand,
    key_text,
    manifest,
    ordered,
    pack_of,
    programme,
    stored,
    verified,
    written,
)
from packs_forged import resealed, rewritten, values_of
from programme import COUNTY, FUND, TOWN, Programme
from whole_programme import under_one_key

from app.cli import run
from app.verify_texts import result
from consumers.balances import BalanceSigner
from consumers.checkpointer import Checkpointer
from domain.account import account_stream
from domain.events import OrganisationRegistered, RosterApproved
from eventlog.copy_targets import EmbeddedTarget
from eventlog.embedded import EmbeddedLog
from evidence.balance_files import note_at, take
from evidence.balance_proofs import prove
from evidence.balance_sheet import BalanceSheet
from evidence.folder import EvidenceFolder
from evidence.pack import PART, Wanted, export
from evidence.pack_balances import BALANCE_PROOFS, proofs_in
from evidence.pack_layout import EVENTS, SUBMISSIONS, Manifest
from evidence.pack_scope import is_registry
from evidence.verify_checks import (
    ACCOUNTS,
    CHAINS,
    FAILED,
    NOT_CHECKED,
    OK,
    POSITIONS,
    REGISTRY,
    Check,
)
from schemas import containers
from schemas.codec import decode

EARLIER = 100
"""Events when balances were signed for the first time."""


@pytest.fixture(scope="module")
def made() -> Programme:
    """Everything happens once, up to the change of the checkpoint key."""
    return under_one_key()


def _signed(made: Programme, path: Path, size: int) -> EmbeddedLog:
    """The log of so many events, its balances signed."""
    path.mkdir()
    log = written(path, made.name, made.submitted[:size], values_of(made)[:size])
    assert BalanceSigner(log, EvidenceFolder(path / "evidence"), at_hand).sign()
    return log


@pytest.fixture
def part(made: Programme, tmp_path: Path) -> Iterator[Path]:
    """The pack of a county, with the proofs of its accounts."""
    with closing(_signed(made, tmp_path / "log", len(made.verdicts))) as log:
        wanted = Wanted(organisation=COUNTY)
        export(log, [], tmp_path / "part", wanted, exported_at=EXPORTED_AT)
        yield tmp_path / "part"


def _named(pack: Path, name: str) -> Check:
    [found] = [check for check in verified(pack).checks if check.name == name]
    return found


def _without(pack: Path, gone: AbstractSet[int]) -> None:
    """Take events and their submissions out, and make the counts fit."""
    for kind in (EVENTS, SUBMISSIONS):
        rewritten(pack, lambda ks: [k for k in ks if k.position not in gone], kind)
    counts = manifest(pack).counts
    fewer = {kind: counts[kind] - len(gone) for kind in (EVENTS, SUBMISSIONS)}
    resealed(pack, counts=counts | fewer)


def _streams(value: bytes) -> set[str]:
    event = decode(value)
    return {event.stream, getattr(event, "in_stream", "")}


def test_a_county_shows_its_accounts_and_says_what_it_cannot_show(
    made: Programme, part: Path
) -> None:
    """Each account named is whole up to the newest signed balances; the registry's end is open."""
    found = _named(part, ACCOUNTS)
    assert found.status == OK
    size = str(len(made.verdicts))
    accounts = str(len(proofs_in(part)))
    assert dict(found.figures) == {"accounts": accounts, "size": size, "last": size}
    registry = _named(part, REGISTRY)
    assert registry.status == OK


def test_a_hidden_approval_is_told_by_the_sums(made: Programme, part: Path) -> None:
    """It is on no chain of the account; but then fen are reserved that were signed as ordered."""
    approvals = {
        n for n, verdict in enumerate(made.verdicts, start=1)
        if type(verdict.event) is RosterApproved
    }  # fmt: skip
    _without(part, approvals)
    found = _named(part, ACCOUNTS)
    assert (found.status, found.code) == (FAILED, "SUMS_DIFFER")
    assert dict(found.figures)["account"] in {account_stream(o, FUND) for o in (COUNTY, TOWN)}


@pytest.mark.parametrize("of", [{TOWN}, {TOWN, COUNTY}], ids=["one account", "all accounts"])
def test_a_proof_of_earlier_balances_hides_no_later_event(
    of: AbstractSet[str], made: Programme, part: Path, tmp_path: Path
) -> None:
    """Balances were signed later, and of those the proof must be."""
    with closing(_signed(made, tmp_path / "earlier", EARLIER)):
        note = note_at(EvidenceFolder(tmp_path / "earlier" / "evidence"))
    assert note is not None
    sheet = BalanceSheet()
    for value in values_of(made)[:EARLIER]:
        take(sheet, value)
    old = {
        organisation: prove(sheet.tree(), organisation, FUND, note).text()
        for organisation in (COUNTY, TOWN)
    }
    told = {text: json.loads(text) for text in proofs_in(part)}
    changed = [
        old[one["organisation"]] if one["organisation"] in of and one["fund"] == FUND else text
        for text, one in told.items()
        if COUNTY not in of or one["fund"] == FUND
    ]
    (part / BALANCE_PROOFS).write_text(json.dumps(changed), encoding="utf-8")
    found = _named(part, ACCOUNTS)
    assert (found.status, found.code) == (FAILED, "PROOF_OLD")


def test_what_came_after_the_newest_balances_is_said_to_be_unchecked(
    made: Programme, tmp_path: Path
) -> None:
    """Balances are signed once a day; nothing shows that no event after them was hidden."""
    with closing(_signed(made, tmp_path / "log", EARLIER)) as log:
        values, target = values_of(made), EmbeddedTarget(log)
        rest = range(EARLIER, len(values))
        target.take_submissions([ordered(n, made.submitted[n]) for n in rest])
        target.take_events([stored(n, values[n], made.submitted[n].appended_at) for n in rest])
        checkpointer = Checkpointer(log, EvidenceFolder(tmp_path / "log" / "evidence"), at_hand)
        checkpointer.open()
        checkpointer.catch_up()
        wanted = Wanted(organisation=COUNTY)
        export(log, [], tmp_path / "part", wanted, exported_at=EXPORTED_AT)
    found = _named(tmp_path / "part", ACCOUNTS)
    assert (found.status, found.code) == (NOT_CHECKED, "BALANCES_EARLIER")
    size, last = dict(found.figures)["size"], dict(found.figures)["last"]
    assert (size, last) == (str(EARLIER), str(len(values)))


def test_a_township_that_is_left_out_altogether_is_missed(made: Programme, part: Path) -> None:
    """Its own events, its registration and its proofs are gone; an allocation still names it."""
    gone = {
        position
        for position, value in enumerate(values_of(made), start=1)
        if (owners := {one.split("/")[1] for one in _streams(value) if "/" in one})
        and (TOWN in owners or decode(value).organisation == TOWN)
        and COUNTY not in owners
    }
    registered = {
        verdict.position
        for verdict in made.verdicts
        if isinstance(verdict.event, OrganisationRegistered) and verdict.event.code == TOWN
    }
    held = {
        one.position
        for name in manifest(part).named(EVENTS)
        for one in pack_records(part / name)
    }  # fmt: skip
    others = [text for text in proofs_in(part) if json.loads(text)["organisation"] != TOWN]
    (part / BALANCE_PROOFS).write_text(json.dumps(others), encoding="utf-8")
    _without(part, (gone - registered) & held)
    found = _named(part, ACCOUNTS)
    assert (found.status, found.code) == (FAILED, "PROOF_MISSING")
    assert dict(found.figures)["account"].startswith(f"account/{TOWN}/")
    _without(part, registered)
    assert _named(part, ACCOUNTS).code == "PROOF_MISSING"
    unknown = _named(part, REGISTRY)
    assert (unknown.status, unknown.code) == (FAILED, "ORGANISATION_UNKNOWN")
    assert dict(unknown.figures) == {"organisation": TOWN}


def pack_records(path: Path) -> list[containers.Kept]:
    """The records of a container."""
    return list(containers.read(path))


def test_a_part_that_says_to_begin_later_says_that_accounts_are_not_checked(part: Path) -> None:
    """A forger who moves the beginning by one has shown less, and that is told."""
    scope = manifest(part).scope._replace(first=2)._asdict()
    resealed(part, scope=scope)
    found = _named(part, ACCOUNTS)
    assert (found.status, found.code) == (NOT_CHECKED, "FROM_MIDDLE")


def test_whatever_is_said_of_a_part_is_said_in_full(part: Path) -> None:
    """No text lacks a figure."""
    for check in verified(part).checks:
        assert "?" not in "".join(result(check)), check


def test_a_part_says_first_what_it_is(
    part: Path, made: Programme, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whose it is, from where to where of how many, and how many events; to programs, too."""
    capsys.readouterr()
    held, size = manifest(part).counts[EVENTS], len(made.verdicts)
    assert run(["--lang", "en", "verify", str(part)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == (
        f"Verified: the part of the log of organisation {COUNTY} and all below it,"
        f" positions 1–{size} / {size}, {held} events."
    )
    assert run(["verify", str(part)]) == 0
    assert f"机构 {COUNTY} 及其下级" in capsys.readouterr().out.splitlines()[0]
    assert run(["verify", str(part), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["organisation"], found["events"], found["size"]) == (COUNTY, held, size)


def test_a_stretch_says_what_is_not_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Up to 90 of all; a reader must not take it for the log."""
    made = programme()
    pack = pack_of(made, tmp_path, wanted=Wanted(last=90))
    capsys.readouterr()
    assert run(["--lang", "en", "verify", str(pack)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert (
        first == f"Verified: a part of the log, positions 1–90 / {len(made.verdicts)}, 90 events."
    )


def test_the_registry_alone_is_nobodys_part(tmp_path: Path) -> None:
    """A manifest that names an organisation which no event registers."""
    pack = pack_of(programme(), tmp_path, wanted=Wanted(organisation="G"))
    gone = {
        one.position
        for name in manifest(pack).named(EVENTS)
        for one in pack_records(pack / name)
        if not is_registry(decode(one.value or b"").stream)
    }
    _without(pack, gone)
    resealed(pack, scope=manifest(pack).scope._replace(organisation="NOBODY")._asdict())
    found = _named(pack, REGISTRY)
    assert (found.status, found.code) == (FAILED, "PART_OF_NOBODY")
    assert dict(found.figures) == {"organisation": "NOBODY"}


def test_a_head_that_was_cut_from_a_part_that_begins_later_is_said_to_be_unchecked(
    part: Path,
) -> None:
    """What an account's first link here follows is not here."""
    resealed(part, scope=manifest(part).scope._replace(first=2)._asdict())
    position = next(
        one.position
        for name in manifest(part).named(EVENTS)
        for one in pack_records(part / name)
        if decode(one.value or b"").stream == f"account/{COUNTY}/{FUND}"
    )
    _without(part, {position})
    found = _named(part, CHAINS)
    assert (found.status, found.code) == (NOT_CHECKED, "CHAINS_OPEN")


@pytest.mark.parametrize("at", [93, 96], ids=["within", "the last"])
def test_a_stretch_has_every_position_of_it(at: int, tmp_path: Path) -> None:
    """A part by positions alone lacks none between its first and its last."""
    pack = pack_of(programme(), tmp_path, wanted=Wanted(first=91, last=96))
    assert not verified(pack).failed
    _without(pack, {at})
    found = _named(pack, POSITIONS)
    assert (found.status, found.position) == (FAILED, at)


# -- an export that is killed ----------------------------------------------------------------------


def _killed(when: str, log: EmbeddedLog, target: Path) -> None:
    """An export in a process of its own that ends at once when it calls something."""
    child = os.fork()
    if child == 0:
        where = {"rename": Path, "manifest": Manifest}[when]
        setattr(where, {"rename": "rename", "manifest": "to_json"}[when], lambda *_: os._exit(9))
        export(log, [], target, Wanted(), exported_at=EXPORTED_AT)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("when", ["manifest", "rename"])
def test_an_export_killed_at_its_end_is_no_obstacle_to_the_next(when: str, tmp_path: Path) -> None:
    """Before the manifest is written, and when only the name was missing."""
    made = programme()
    with closing(written(tmp_path, made.name, made.submitted, values_of(made))) as log:
        _killed(when, log, tmp_path / "pack")
        assert (tmp_path / f"pack{PART}").exists()
        export(log, [], tmp_path / "pack", Wanted(), exported_at=EXPORTED_AT)
    assert not (tmp_path / f"pack{PART}").exists()
    assert not verified(tmp_path / "pack", key_text(made)).failed
