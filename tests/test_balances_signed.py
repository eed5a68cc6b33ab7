"""Balances of a whole programme: signed, proven, carried in a pack, and found out when they lie."""

import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from eventlog_logs import kafka_place
from evidence_logs import checkpointer as other_log_checkpointer
from evidence_logs import opened_log, private_key, signers, write
from oracle import Oracle
from packs import EXPORTED_AT, KEY, at_hand, key_text, ordered, stored, verified, written
from packs_forged import rewritten
from programme import CITY, COUNTY, FUND, OTHER_COUNTY, TOWN, Programme, signer
from whole_programme import everything

from app.cli import run
from consumers import checkpoint_loop
from consumers.balances import BalanceSigner
from consumers.checkpoint_loop import Periodic
from consumers.checkpoint_loop import run as follow
from consumers.checkpointer import Checkpointer
from domain.events import CheckpointKeyRotated
from eventlog.copy_targets import EmbeddedTarget
from eventlog.embedded import EmbeddedLog
from evidence.balance_files import SHEET, note_at, sheet_at, signed_balances, take
from evidence.balance_notes import Balances, claimed_balances, is_balances
from evidence.balance_sheet import BalanceSheet
from evidence.balance_tree import FundLeaf, Head, Node
from evidence.checkpoints import claimed_checkpoint
from evidence.conservation import Conservation
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner, Verifier, parse
from evidence.pack import Wanted, export
from evidence.pack_balances import BALANCE_PROOFS, proofs_in
from evidence.pack_layout import EVENTS, MANIFEST, Manifest
from evidence.tiles import TileFolder
from evidence.verify import verify
from evidence.verify_checks import (
    ACCOUNTS,
    BALANCES,
    CHECKPOINTS,
    DERIVED,
    FAILED,
    NOT_CHECKED,
    OK,
    RECORDS,
    Check,
)
from evidence.verify_published import PublishedSource
from evidence.verify_rows import Rows
from evidence.verify_signed import Trust
from schemas import containers
from schemas.codec import decode

NAMES = ("granted", "withdrawn", "free", "reserved", "ordered", "settled")


@pytest.fixture(scope="module")
def made() -> Programme:
    """Everything happens once, up to the change of the checkpoint key."""
    found = everything()
    kinds = [type(verdict.event) for verdict in found.verdicts]
    end = kinds.index(CheckpointKeyRotated)
    found.verdicts, found.submitted = found.verdicts[:end], found.submitted[:end]
    return found


@pytest.fixture(scope="module")
def values(made: Programme) -> list[bytes]:
    """Its events."""
    return [verdict.value for verdict in made.verdicts]


def signer_of(log: EmbeddedLog, path: Path) -> BalanceSigner:
    """What signs the balances of a log beside its checkpointer."""
    return BalanceSigner(log, EvidenceFolder(path / "evidence"), at_hand)


@pytest.fixture(scope="module")
def signed(made: Programme, values: list[bytes], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log under ``log.sqlite``, its evidence with the balances signed at its end."""
    path = tmp_path_factory.mktemp("signed")
    with closing(written(path, made.name, made.submitted, values, 90)) as log:
        assert signer_of(log, path).sign()
    return path


@pytest.fixture
def log(signed: Path, made: Programme, tmp_path: Path) -> Any:
    """A copy of it, to be written to."""
    shutil.copytree(signed, tmp_path, dirs_exist_ok=True)
    with closing(EmbeddedLog(tmp_path / "log.sqlite", made.name)) as opened:
        yield opened


def packed(log: EmbeddedLog, target: Path, wanted: Wanted = Wanted()) -> Path:  # noqa: B008
    """A pack of the log."""
    export(log, [], target, wanted, exported_at=EXPORTED_AT)
    return target


def check_named(pack: Path, name: str, *keys: str) -> Check:
    """The result of one check."""
    [found] = [check for check in verified(pack, *keys).checks if check.name == name]
    return found


def note_of(path: Path) -> str:
    """The newest signed balances."""
    note = note_at(EvidenceFolder(path / "evidence"))
    assert note is not None
    return note


# -- what is signed --------------------------------------------------------------------------------


def test_after_each_event_the_sums_are_those_of_an_oracle(values: list[bytes]) -> None:
    """The oracle knows none of our code; conservation, written apart, has the funds' totals."""
    sheet = BalanceSheet()
    with Rows() as rows:
        conservation = Conservation(rows)
        for position, value in enumerate(values, start=1):
            take(sheet, value)
            conservation.take(position, decode(value))
            tree = sheet.tree()
            assert {leaf.fund: leaf.root.sums._asdict() for leaf in tree.funds} == {
                fund: totals.figures() for fund, totals in conservation.funds.items()
            }
    for size in (len(values), *range(90, len(values), 7)):
        sheet = BalanceSheet()
        for value in values[:size]:
            take(sheet, value)
        oracle = Oracle(values[:size]).balances()
        found = {
            (leaf.organisation, leaf.fund): {
                n: fen for n, fen in leaf.sums._asdict().items() if fen
            }
            for leaf in sheet.leaves()
        }
        assert found == {
            account: {name: fen for name, fen in counters.items() if name in NAMES and fen}
            for account, counters in oracle.items()
        }


def test_balances_are_signed_once_and_go_on_from_the_sheet(
    made: Programme, values: list[bytes], tmp_path: Path
) -> None:
    """In two steps as in one; a sheet that is damaged, or another's, is made again."""
    folder = EvidenceFolder(tmp_path / "evidence")
    submitted = made.submitted
    with closing(written(tmp_path, made.name, submitted[:97], values[:97])) as log:
        assert signer_of(log, tmp_path).sign()
        assert not signer_of(log, tmp_path).sign()
    first = (tmp_path / "evidence" / "auditors" / SHEET).read_bytes()
    assert claimed_balances(note_of(tmp_path)).checkpoint.size == 97
    notes: list[Node] = []
    for kept in (first, b"", first[:-1], first[:-1] + b"\xff"):
        (tmp_path / "evidence" / "auditors" / SHEET).write_bytes(kept)
        other = tmp_path / f"log-{len(notes)}"
        other.mkdir()
        with closing(written(other, made.name, submitted, values)) as log:
            signed = signed_balances(note_of(tmp_path), folder.keys())
            read: list[int] = []
            tree = sheet_at(log, folder, signed, len(values), read.append).tree()
            assert (read[0] == 97) is (kept == first)
            notes.append(tree.root)
    assert len(set(notes)) == 1


def test_a_log_whose_events_are_not_ours_has_checkpoints_and_no_balances(tmp_path: Path) -> None:
    """It is said in the log; nothing is signed that is not known."""
    with closing(opened_log(tmp_path / "log", 5)) as log:
        other_log_checkpointer(log, tmp_path / "evidence").catch_up()
        folder = EvidenceFolder(tmp_path / "evidence")
        assert not BalanceSigner(log, folder, signers("checkpoint")).sign()
        assert note_at(folder) is None


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop waits shortly for events that do not come."""
    monkeypatch.setattr(checkpoint_loop, "POLL_S", 0.01)


def after_rounds(rounds: int = 5) -> Callable[[float], bool]:
    """When to stop: it is asked in each round, and between the batches of the balances."""
    asked = count()
    return lambda _: next(asked) >= rounds


@pytest.mark.usefixtures("_soon")
def test_a_running_checkpointer_signs_balances_now_and_then(
    made: Programme, values: list[bytes], tmp_path: Path
) -> None:
    """At its start, and again when there is more and the time has come; a restart adds nothing."""
    sizes: list[int] = []
    log = EmbeddedLog(tmp_path / "log.sqlite", made.name)
    target, folder = EmbeddedTarget(log), EvidenceFolder(tmp_path / "evidence")
    for first, last in ((0, 95), (95, len(values)), (len(values), len(values))):
        target.take_submissions([ordered(n, made.submitted[n]) for n in range(first, last)])
        at = [made.submitted[n].appended_at for n in range(last)]
        target.take_events([stored(n, values[n], at[n]) for n in range(first, last)])
        balances = Periodic(BalanceSigner(log, folder, at_hand).sign, 1_000.0)
        follow(Checkpointer(log, folder, at_hand), after_rounds(), 0.0, balances)
        sizes.append(claimed_balances(note_of(tmp_path)).checkpoint.size)
    assert sizes == [95, len(values), len(values)]
    notes = [one.note.decode() for one in log.read_checkpoints(after=0, limit=100)]
    assert len([note for note in notes if is_balances(note)]) == 2
    log.close()


@pytest.mark.usefixtures("_soon")
def test_checkpoints_go_on_while_the_balances_catch_up(
    made: Programme, values: list[bytes], tmp_path: Path
) -> None:
    """The first balances read the whole log: what comes meanwhile is signed before they are."""
    log = EmbeddedLog(tmp_path / "log.sqlite", made.name)
    target, folder = EmbeddedTarget(log), EvidenceFolder(tmp_path / "evidence")
    parts = iter([(0, 95), (95, len(values))])

    def arrive() -> None:
        for first, last in islice(parts, 1):
            target.take_submissions([ordered(n, made.submitted[n]) for n in range(first, last)])
            at = [made.submitted[n].appended_at for n in range(last)]
            target.take_events([stored(n, values[n], at[n]) for n in range(first, last)])

    def work(meanwhile: Callable[[int], None]) -> None:
        def between(events: int) -> None:
            arrive()
            meanwhile(events)

        BalanceSigner(log, folder, at_hand).sign(between)

    arrive()
    follow(Checkpointer(log, folder, at_hand), after_rounds(), 0.0, Periodic(work, 1_000.0))
    notes = [one.note.decode() for one in log.read_checkpoints(after=0, limit=100)]
    assert [is_balances(note) for note in notes] == [False, False, True]
    assert [claimed_checkpoint(note).size for note in notes[:2]] == [95, len(values)]
    assert claimed_balances(notes[2]).checkpoint.size == 95
    log.close()


@pytest.mark.usefixtures("_soon")
def test_a_checkpointer_that_is_stopped_does_not_wait_for_the_balances(
    log: EmbeddedLog, signed: Path, tmp_path: Path
) -> None:
    """They are signed at its next run."""
    folder = EvidenceFolder(tmp_path / "fresh")
    balances = Periodic(BalanceSigner(log, folder, at_hand).sign, 1_000.0)
    follow(Checkpointer(log, folder, at_hand), after_rounds(1), 0.0, balances)
    assert note_at(folder) is None
    assert folder.checkpoint(folder.keys()) is not None
    follow(Checkpointer(log, folder, at_hand), after_rounds(), 0.0, balances)
    assert note_at(folder) == note_of(signed)


def test_balances_of_a_log_on_kafka(
    values: list[bytes], signed: Path, tmp_path: Path, kafka_bootstrap: str, log_name: str
) -> None:
    """The same note as the embedded log's, published beside the checkpoint."""
    folder = EvidenceFolder(tmp_path / "evidence")
    with kafka_place(kafka_bootstrap, log_name).opened() as log:
        with log.writer():
            write(log, values)
        checkpointer = Checkpointer(log, folder, at_hand)
        checkpointer.open()
        checkpointer.catch_up()
        assert BalanceSigner(log, folder, at_hand).sign()
        published = [one.note.decode() for one in log.read_checkpoints(after=0, limit=10)]
    assert [is_balances(note) for note in published] == [False, True]
    assert published[1] == note_of(signed)


def test_a_new_checkpoint_key_signs_balances_from_its_event_on(tmp_path: Path) -> None:
    """Before it the old key, after it the new one; the pack's own keys say which counted when."""
    whole = everything()
    values = [verdict.value for verdict in whole.verdicts]
    change = 1 + [type(verdict.event) for verdict in whole.verdicts].index(CheckpointKeyRotated)
    seeds = {signer(name).public_key: name for name in ("operator", "checkpoints")}

    def both(named: Sequence[Verifier]) -> list[NoteSigner]:
        known = {key: private_key(name) for key, name in seeds.items()}
        return [NoteSigner(one.name, known[one.public_key]) for one in named]

    folder, log = EvidenceFolder(tmp_path / "evidence"), EmbeddedLog(tmp_path / "log", whole.name)
    target = EmbeddedTarget(log)
    used = []
    for first, last in ((0, change - 1), (change - 1, change), (change, len(values))):
        target.take_submissions([ordered(n, whole.submitted[n]) for n in range(first, last)])
        target.take_events(
            [stored(n, values[n], whole.submitted[n].appended_at) for n in range(first, last)]
        )
        checkpointer = Checkpointer(log, folder, both)
        checkpointer.open()
        checkpointer.catch_up()
        assert BalanceSigner(log, folder, both).sign()
        [signature] = parse(note_of(tmp_path)).signatures
        used.append(signature.key)
    assert used[0] != used[1] == used[2]
    pack = packed(log, tmp_path / "pack")
    assert check_named(pack, BALANCES).figures == (("signed", "3"),)
    log.close()


# -- a pack ----------------------------------------------------------------------------------------


def test_a_pack_carries_the_balances_and_they_are_made_again(
    made: Programme, log: EmbeddedLog, tmp_path: Path
) -> None:
    """A whole pack: checked. A county's: said to be not checked."""
    assert check_named(packed(log, tmp_path / "pack"), BALANCES, key_text(made)).status == OK
    assert not verified(tmp_path / "pack", key_text(made)).failed
    part = packed(log, tmp_path / "part", Wanted(organisation=COUNTY))
    assert check_named(part, BALANCES).status == NOT_CHECKED


def signed_anew(balances: Balances, name: str = "") -> bytes:
    """Balances signed with the operator's own key."""
    return balances.signed(
        [NoteSigner(name or f"{balances.checkpoint.origin}/balances", KEY)]
    ).encode()


def test_a_false_root_convicts_its_signer(log: EmbeddedLog, tmp_path: Path) -> None:
    """One fen less of what a fund spent, and the note is evidence against the operator."""
    true = claimed_balances(note_of(tmp_path))
    sums = true.root.sums
    for lie in (
        true._replace(root=true.root._replace(sums=sums._replace(settled=sums.settled - 1))),
        true._replace(root=true.root._replace(hash=bytes(32))),
        true._replace(funds=2),
    ):
        with closing(EmbeddedLog(tmp_path / "log.sqlite", log.name)) as told:
            told.append_checkpoint(signed_anew(lie))
            pack = packed(
                told, tmp_path / f"pack-{lie.funds}-{lie.root.sums.settled}-{lie.root.hash[0]}"
            )
        found = check_named(pack, BALANCES)
        assert (found.status, found.code, found.position) == (
            FAILED, "BALANCES_DIFFER", true.checkpoint.size,
        )  # fmt: skip
        with log.tables.writing() as connection:
            connection.execute("DELETE FROM checkpoints WHERE ordinal=?", (log.last_checkpoint(),))


def test_a_published_folder_shows_its_balances(
    made: Programme, signed: Path, tmp_path: Path
) -> None:
    """With the auditors' entries beside it they are made again; alone, they mean nothing yet."""
    shutil.copytree(signed / "evidence", tmp_path / "evidence")
    trust = Trust((Verifier.from_text(key_text(made)),))

    def found() -> list[tuple[str, str]]:
        report = verify(PublishedSource(tmp_path / "evidence"), trust, cores=1)
        return [(check.name, check.status) for check in report.checks if check.name == BALANCES]

    assert found() == [(BALANCES, OK)]
    lie = claimed_balances(note_of(signed))._replace(funds=2)
    (tmp_path / "evidence" / "public" / "balances").write_bytes(signed_anew(lie))
    assert found() == [(BALANCES, FAILED)]
    shutil.rmtree(tmp_path / "evidence" / "auditors")
    assert found() == []


def test_balances_of_another_history_convict_their_signer(log: EmbeddedLog, tmp_path: Path) -> None:
    """The note names a root of the log that is not the log's."""
    true = claimed_balances(note_of(tmp_path))
    other = true._replace(checkpoint=true.checkpoint._replace(root=bytes(32)))
    log.append_checkpoint(signed_anew(other))
    found = check_named(packed(log, tmp_path / "pack"), CHECKPOINTS)
    assert (found.status, found.code) == (FAILED, "OTHER_HISTORY")


def test_what_nobody_known_signed_means_nothing(log: EmbeddedLog, tmp_path: Path) -> None:
    """A stranger's false balances in the topic harm nobody, nor does the checkpoint's signature."""
    true = claimed_balances(note_of(tmp_path))
    lie = true._replace(funds=9)
    for name in ("stranger.example/log/balances", true.checkpoint.origin):
        log.append_checkpoint(signed_anew(lie, name))
    for size in (0, 1, 50, 10**18):
        claim = lie._replace(checkpoint=true.checkpoint._replace(size=size))
        log.append_checkpoint(signed_anew(claim, "stranger.example/log/balances"))
    pack = packed(log, tmp_path / "pack")
    assert check_named(pack, BALANCES).figures == (("signed", "1"),)
    assert not verified(pack).failed


# -- the commands ----------------------------------------------------------------------------------


@pytest.fixture
def home(log: EmbeddedLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The operator's machine."""
    home = tmp_path / "home"
    (home / "log").mkdir(parents=True)
    (home / "evidence").mkdir()
    (home / "log" / f"{log.name}.sqlite").symlink_to(tmp_path / "log.sqlite")
    (home / "evidence" / log.name).symlink_to(tmp_path / "evidence")
    monkeypatch.setenv("HENGWEN_HOME", str(home))
    monkeypatch.setenv("HENGWEN_LOG_NAME", log.name)
    return home


def asked(capsys: pytest.CaptureFixture[str], code: int, *words: str | Path) -> Any:
    """What a command answers in JSON."""
    capsys.readouterr()
    assert run([*map(str, words), "--json"]) == code, capsys.readouterr()
    told = capsys.readouterr()
    return json.loads(told.out or told.err)


@pytest.mark.usefixtures("home")
def test_an_auditor_checks_a_balance_with_the_file_and_the_key(
    made: Programme, values: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On another machine: sums of the account and of the fund; one changed digit is refused."""
    file = tmp_path / "p.balance-proof"
    made_facts = asked(capsys, 0, "prove", "balance", COUNTY, FUND, "--out", file)
    facts = asked(capsys, 0, "prove", "verify", file, "--key", key_text(made))
    held = Oracle(values).balances()[COUNTY, FUND]
    assert facts["result"] == "OK"
    assert facts["size"] == len(values)
    assert {n: facts[f"{n}_fen"] for n in NAMES} == {n: held.get(n, 0) for n in NAMES}
    assert facts["fund_granted_fen"] - facts["fund_withdrawn_fen"] == sum(
        facts[f"fund_{name}_fen"] for name in NAMES[2:]
    )
    assert made_facts["free_fen"] == facts["free_fen"]
    file.write_text(file.read_text(encoding="utf-8").replace(COUNTY, CITY), encoding="utf-8")
    problem = asked(capsys, 1, "prove", "verify", file, "--key", key_text(made))
    assert "NOT_A_PROOF" in problem["where"] or "FALSE" in problem["where"]


@pytest.mark.usefixtures("home")
def test_that_a_county_never_had_money_is_proven(
    made: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of this fund; and nobody of a fund that is not there."""
    for organisation, fund in ((OTHER_COUNTY, FUND), (COUNTY, "NO-SUCH-FUND")):
        file = tmp_path / "absent.balance-proof"
        asked(capsys, 0, "prove", "balance", organisation, fund, "--out", file)
        facts = asked(capsys, 0, "prove", "verify", file, "--key", key_text(made))
        assert facts["account"] is False
        assert "free_fen" not in facts


@pytest.mark.usefixtures("home")
def test_balances_are_proven_where_they_were_signed(
    values: list[bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """Elsewhere the user is told what to do."""
    words = ("prove", "balance", COUNTY, FUND, "--at")
    assert asked(capsys, 0, *words, str(len(values)))["size"] == len(values)
    assert asked(capsys, 2, *words, "95")["where"] == f"95 ({len(values)})"


@pytest.mark.usefixtures("home")
def test_a_log_that_was_changed_since_gives_no_proof(
    log: EmbeddedLog, values: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was signed and what the log holds now disagree."""
    (tmp_path / "evidence" / "auditors" / SHEET).unlink()
    at = next(n for n, v in enumerate(values, 1) if decode(v).TOPIC == "hengwen.PaymentMade")
    with log.tables.writing() as connection:
        value = bytearray(values[at - 1])
        value[-1] ^= 1
        connection.execute("UPDATE events SET value=? WHERE position=?", (bytes(value), at))
    assert "where" in asked(capsys, 1, "prove", "balance", COUNTY, FUND)


# -- nothing later is hidden -----------------------------------------------------------------------


def hide_last(pack: Path, stream: str, which: int = -1) -> int:
    """A forger takes an event of the account, the last, out of a pack, and mends the manifest."""
    hidden: list[int] = []

    def without(kept: list[containers.Kept]) -> list[containers.Kept]:
        own = [k for k in kept if k.value and stream in _streams(k.value)]
        hidden.append(own[which].position)
        return [k for k in kept if k.position != own[which].position]

    rewritten(pack, without)
    rewritten(pack, lambda kept: [k for k in kept if k.position != hidden[0]], kind="submissions")
    found = Manifest.of(pack)
    counts = {kind: n - (kind in {EVENTS, "submissions"}) for kind, n in found.counts.items()}
    (pack / MANIFEST).write_bytes(found._replace(counts=counts).to_json())
    return hidden[0]


def _streams(value: bytes) -> set[str]:
    event = decode(value)
    return {event.stream, getattr(event, "in_stream", "")}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("organisation", [COUNTY, TOWN])
def test_a_later_event_that_is_hidden_is_found_by_the_head(
    organisation: str, made: Programme, log: EmbeddedLog, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """The part without the account's last event holds in itself; the balance proof tells."""
    file, pack = tmp_path / "p", packed(log, tmp_path / "part", Wanted(organisation=organisation))
    asked(capsys, 0, "prove", "balance", organisation, FUND, "--out", file)
    question = ("prove", "verify", file, "--key", key_text(made), "--pack", pack)
    assert asked(capsys, 0, *question)["result"] == "OK"
    assert hide_last(pack, f"account/{organisation}/{FUND}") > 0
    checks = verified(pack, key_text(made)).checks
    # A forger would make the books anew, too; they follow from the events that are left.
    failures = {check.name for check in checks if check.status == FAILED}
    assert failures == {ACCOUNTS, DERIVED, RECORDS}
    assert "HEADS_DIFFER" in asked(capsys, 1, *question)["where"]


@pytest.mark.usefixtures("home")
def test_an_event_that_is_hidden_between_others_is_found_by_its_links(
    made: Programme, log: EmbeddedLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The heads are there; the proof is told not to hold all the same."""
    file, pack = tmp_path / "p", packed(log, tmp_path / "part", Wanted(organisation=COUNTY))
    asked(capsys, 0, "prove", "balance", COUNTY, FUND, "--out", file)
    hide_last(pack, f"account/{COUNTY}/{FUND}", which=1)
    question = ("prove", "verify", file, "--key", key_text(made), "--pack", pack)
    assert "LINK_MISSING" in asked(capsys, 1, *question)["where"]


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("like", [f"{COUNTY}\u200b", f"{COUNTY} ", "\x1b[1A", ""])
def test_what_is_no_code_has_no_proof(like: str, capsys: pytest.CaptureFixture[str]) -> None:
    """That it has no account says nothing about the one it looks like."""
    assert asked(capsys, 2, "prove", "balance", like, FUND)["what"]
    assert asked(capsys, 2, "prove", "balance", COUNTY, like)["what"]


@pytest.mark.usefixtures("home")
def test_that_there_is_no_account_is_shown_between_its_neighbours(
    made: Programme, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that whoever mistyped a code sees the true one."""
    file = tmp_path / "p"
    asked(capsys, 0, "prove", "balance", COUNTY.lower() + "x", FUND, "--out", file)
    told = asked(capsys, 0, "prove", "verify", file, "--key", key_text(made))
    assert COUNTY in told["neighbours"]


@pytest.mark.parametrize("organisation", [COUNTY, TOWN])
def test_the_pack_of_a_county_shows_itself_that_nothing_later_is_hidden(
    organisation: str, made: Programme, log: EmbeddedLog, tmp_path: Path
) -> None:
    """It carries the proofs of its accounts: the last events are all there; a forger is found out."""
    pack = packed(log, tmp_path / "part", Wanted(organisation=organisation))
    whole = check_named(pack, ACCOUNTS, key_text(made))
    assert whole.status == OK
    hide_last(pack, f"account/{organisation}/{FUND}")
    found = check_named(pack, ACCOUNTS, key_text(made))
    assert (found.status, found.code) == (FAILED, "LATER_HIDDEN")
    # A forger who leaves out the proof as well is found out by the events that name the account.
    proofs = proofs_in(pack)
    (pack / BALANCE_PROOFS).write_text(json.dumps(proofs[1:]), encoding="utf-8")
    assert check_named(pack, ACCOUNTS).code in {"PROOF_MISSING", "LATER_HIDDEN"}
    (pack / BALANCE_PROOFS).unlink()
    assert check_named(pack, ACCOUNTS).code == "PROOF_MISSING"
    forged = json.dumps([proofs[0].replace('"index": ', '"index":  ', 1), *proofs[1:]])
    (pack / BALANCE_PROOFS).write_text(forged, encoding="utf-8")
    assert check_named(pack, ACCOUNTS).code == "PROOF_FALSE"


def test_a_part_from_the_middle_or_without_signed_balances_has_no_proofs(
    log: EmbeddedLog, values: list[bytes], tmp_path: Path
) -> None:
    """Only from position 1 on do the heads mean anything; and only what is signed is proven."""
    for name, wanted in (
        ("middle", Wanted(organisation=COUNTY, first=95)),
        ("before", Wanted(organisation=COUNTY, last=len(values) - 1)),
        ("whole", Wanted()),
    ):
        pack = packed(log, tmp_path / name, wanted)
        assert proofs_in(pack) == []
        assert not verified(pack).failed
    assert check_named(tmp_path / "middle", ACCOUNTS).code == "FROM_MIDDLE"
    assert check_named(tmp_path / "before", ACCOUNTS).code == "NO_BALANCES"


def test_the_head_of_a_leaf_is_the_last_link_of_its_chain(values: list[bytes]) -> None:
    """Both chains, as the next event would name them."""
    sheet = BalanceSheet()
    heads: dict[str, Head] = {}
    for value in values:
        event = decode(value)
        account = {f"account/{a.organisation}/{a.fund}": a for a in sheet.leaves()}.get(
            event.stream
        )
        if event.stream.startswith("account/"):
            known = account.own if account else Head()
            assert (event.version, event.previous or bytes(32)) == (known.version + 1, known.digest)
            heads[event.stream] = known
        take(sheet, value)
    assert len(heads) > 3


def test_tiles_and_balances_share_a_folder(signed: Path) -> None:
    """What the public may see holds hashes and totals, no account."""
    public = TileFolder(signed / "evidence" / "public")
    told = (public.read("balances") or b"").decode()
    assert COUNTY not in told
    assert isinstance(claimed_balances(told), Balances)
    assert FundLeaf(FUND, 1, claimed_balances(told).root).node().sums.conserved
