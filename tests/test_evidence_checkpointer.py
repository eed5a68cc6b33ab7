"""The checkpointer: from events to tiles, signed and published; killed, lost, and deceived."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from eventlog_logs import kafka_place
from evidence_logs import (
    ORIGIN,
    checkpointer,
    files,
    key_rotated,
    log_opened,
    opened_log,
    signer,
    signers,
    values,
    write,
)

from consumers.checkpoint_loop import run
from consumers.checkpointer import Checkpointer, KeyNotAtHand
from domain.merkle import leaf_hash, root_hash
from eventlog.contract import Log, LogDamaged
from eventlog.embedded import EmbeddedLog
from evidence.checkpoints import Checkpoint, opened_checkpoint
from evidence.folder import EvidenceFolder
from evidence.proofs import Prover, is_consistent, restored
from evidence.tiles import DRAFT

ROOT = Path(__file__).parent.parent


def all_values(log: Log) -> list[bytes]:
    """Every event value of the log."""
    return [r.value for r in log.read_events(after=0, limit=100_000, timeout_s=1)]


def newest(folder: Path) -> Checkpoint:
    """The newest checkpoint of a folder, its signature checked."""
    found = EvidenceFolder(folder).checkpoint(EvidenceFolder(folder).keys())
    assert found is not None
    return found


def whole(folder: Path) -> dict[str, bytes]:
    """The files that every way to the same tree leaves behind."""
    return {p: c for p, c in files(folder).items() if ".p/" not in p and "checkpoints/" not in p}


def test_a_checkpoint_signs_the_root_over_the_exact_values(tmp_path: Path) -> None:
    """In the folder and in the log's own topic, with the offset of the last event."""
    log = opened_log(tmp_path / "log", 600)
    checkpointer(log, tmp_path / "evidence").catch_up()
    [published] = log.read_checkpoints(after=0, limit=10)
    signed = opened_checkpoint(published.note.decode(), [signer().verifier])
    assert signed == Checkpoint(ORIGIN, 600, root_hash([leaf_hash(v) for v in all_values(log)]))
    assert signed == newest(tmp_path / "evidence")
    assert published.headers == (("event-offset", b"600"),)
    assert (tmp_path / "evidence/public/checkpoints/600").read_bytes() == published.note


def test_the_public_sees_hashes_and_auditors_the_entries(tmp_path: Path) -> None:
    """No event value is below the public folder."""
    log = opened_log(tmp_path / "log", 600)
    checkpointer(log, tmp_path / "evidence").catch_up()
    public = b"".join(files(tmp_path / "evidence/public").values())
    assert b"event 300" not in public
    auditors = EvidenceFolder(tmp_path / "evidence").auditors
    entries = [e for n, width in ((0, 256), (1, 256), (2, 88)) for e in auditors.entries(n, width)]
    assert entries == all_values(log)


def test_batches_and_restarts_leave_the_same_files(tmp_path: Path) -> None:
    """One run over all, or many checkpoints on the way."""
    log = opened_log(tmp_path / "log", 300)
    for more in (1, 211, 256, 1, 700):
        checkpointer(log, tmp_path / "steps").catch_up()
        write(log, values(more, first=log.last_position() + 1))
    checkpointer(log, tmp_path / "steps").catch_up()
    checkpointer(log, tmp_path / "once").catch_up()
    assert whole(tmp_path / "steps") == whole(tmp_path / "once")
    size = newest(tmp_path / "once").size
    for folder in ("steps", "once"):
        tree = restored(EvidenceFolder(tmp_path / folder).public, size)
        assert tree.root() == newest(tmp_path / "once").root


def test_every_published_checkpoint_is_a_beginning_of_the_next(tmp_path: Path) -> None:
    """Shown by consistency proofs from the tiles."""
    log = opened_log(tmp_path / "log", 10)
    for more in (3, 250, 600):
        checkpointer(log, tmp_path / "evidence").catch_up()
        write(log, values(more, first=log.last_position() + 1))
    checkpointer(log, tmp_path / "evidence").catch_up()
    signed = [
        opened_checkpoint(one.note.decode(), [signer().verifier])
        for one in log.read_checkpoints(after=0, limit=10)
    ]
    assert [one.size for one in signed] == [10, 13, 263, 863]
    last = signed[-1]
    prover = Prover(EvidenceFolder(tmp_path / "evidence").public, last.size)
    for old in signed:
        assert is_consistent(
            old_size=old.size, old_root=old.root, size=last.size, root=last.root,
            path=prover.consistency(old.size),
        )  # fmt: skip


def test_nothing_new_is_not_signed_again(tmp_path: Path) -> None:
    """Opening and catching up twice publishes once; an empty or unopened log nothing."""
    log = EmbeddedLog(tmp_path / "log", "pilot")
    checkpointer(log, tmp_path / "evidence").catch_up()
    write(log, values(3))
    checkpointer(log, tmp_path / "evidence").catch_up()
    assert log.last_checkpoint() == 0
    write(log, [log_opened("checkpoint")])
    checkpointer(log, tmp_path / "evidence").catch_up()
    checkpointer(log, tmp_path / "evidence").catch_up()
    assert log.last_checkpoint() == 1


def test_a_rotated_key_signs_what_comes_after_it(tmp_path: Path) -> None:
    """The old key no more; without the new one at hand nothing is signed."""
    log = opened_log(tmp_path / "log", 5, "a")
    checkpointer(log, tmp_path / "evidence", "a").catch_up()
    write(log, [key_rotated("a", "b"), b"later"])
    with pytest.raises(KeyNotAtHand):
        checkpointer(log, tmp_path / "evidence", "a").catch_up()
    assert newest(tmp_path / "evidence").size == 5
    checkpointer(log, tmp_path / "evidence", "a", "b").catch_up()
    notes = [one.note.decode() for one in log.read_checkpoints(after=0, limit=9)]
    assert opened_checkpoint(notes[0], [signer("a").verifier]).size == 5
    assert opened_checkpoint(notes[1], [signer("b").verifier]).size == 7
    assert newest(tmp_path / "evidence").size == 7
    # Opened again, both old and new are believed.
    checkpointer(log, tmp_path / "evidence", "b").catch_up()
    shutil.rmtree(tmp_path / "evidence")
    checkpointer(log, tmp_path / "evidence", "b").catch_up()
    assert newest(tmp_path / "evidence").size == 7


def test_several_keys_sign_together(tmp_path: Path) -> None:
    """All that the log names and that are at hand."""
    log = opened_log(tmp_path / "log", 5, "a", "b")
    checkpointer(log, tmp_path / "evidence", "a", "b").catch_up()
    note = EvidenceFolder(tmp_path / "evidence").note() or ""
    for name in ("a", "b"):
        assert opened_checkpoint(note, [signer(name).verifier]).size == 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_at_any_instant_it_makes_the_same_files(tmp_path: Path, seed: int) -> None:
    """SIGKILL again and again; each time the newest checkpoint is whole, and in the end all is."""
    log = opened_log(tmp_path / "log", 9_000)
    chance = random.Random(seed)  # noqa: S311  # not a secret
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "tests/evidence_logs.py", tmp_path / "log", tmp_path / "killed"],
            cwd=ROOT, env={"PYTHONPATH": ".:tests"}, stdout=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.12))
            process.kill()
        if (tmp_path / "killed/public/checkpoint").exists():
            signed = newest(tmp_path / "killed")
            folder = EvidenceFolder(tmp_path / "killed")
            assert restored(folder.public, signed.size).root() == signed.root
            width = signed.size % 256
            assert len(folder.auditors.entries(signed.size // 256, width)) == width
    checkpointer(log, tmp_path / "killed").catch_up()
    checkpointer(log, tmp_path / "calm").catch_up()
    killed = {p: c for p, c in whole(tmp_path / "killed").items() if not p.endswith(DRAFT)}
    assert killed == whole(tmp_path / "calm")
    sizes = [
        opened_checkpoint(one.note.decode(), [signer().verifier]).size
        for one in log.read_checkpoints(after=0, limit=1_000)
    ]
    assert sizes == sorted(sizes)
    assert sizes[-1] == 9_000


def test_leftovers_and_torn_tiles_are_made_again(tmp_path: Path) -> None:
    """Drafts, truncated partial tiles, a missing bundle: the log is the source of all."""
    log = opened_log(tmp_path / "log", 700)
    checkpointer(log, tmp_path / "evidence").catch_up()
    before = files(tmp_path / "evidence")
    public = tmp_path / "evidence/public"
    for harm in (
        lambda: (public / f"checkpoint{DRAFT}").write_bytes(b"x"),
        lambda: (public / "tile/0/002.p/188").write_bytes(b"torn"),
        (public / "tile/1/000.p/2").unlink,
        lambda: (tmp_path / "evidence/auditors/tile/entries/002.p/188").write_bytes(b"\x00"),
        lambda: (public / "keys.json").write_bytes(b"{"),
        lambda: (public / "checkpoint").write_bytes(b"\xff"),
        lambda: shutil.rmtree(tmp_path / "evidence"),
    ):
        harm()
        checkpointer(log, tmp_path / "evidence").catch_up()
        after = {p: c for p, c in files(tmp_path / "evidence").items() if not p.endswith(DRAFT)}
        assert after == before
    assert log.last_checkpoint() == 1


def test_a_checkpoint_that_did_not_reach_the_topic_is_published(tmp_path: Path) -> None:
    """Killed between the folder and the topic."""
    log = opened_log(tmp_path / "log", 20)
    checkpointer(log, tmp_path / "evidence").catch_up()
    with log.tables.writing() as connection:
        connection.execute("DELETE FROM checkpoints")
    checkpointer(log, tmp_path / "evidence")
    [published] = log.read_checkpoints(after=0, limit=10)
    assert published.note == (tmp_path / "evidence/public/checkpoint").read_bytes()
    assert published.headers == (("event-offset", b"20"),)


def changed(log: EmbeddedLog, statement: str, *parameters: object) -> None:
    """Tamper with the file of a log."""
    with log.tables.writing() as connection:
        connection.execute(statement, parameters)


@pytest.mark.parametrize("keep_folder", [True, False])
@pytest.mark.parametrize(
    ("statement", "parameters"),
    [
        ("DELETE FROM events WHERE position=?", (700,)),
        ("UPDATE events SET value=? WHERE position=700", (b"forged",)),
        ("UPDATE events SET value=? WHERE position=690", (b"event 690",)),
    ],
)
def test_a_log_that_was_changed_is_refused(
    tmp_path: Path, statement: str, parameters: tuple[object, ...], *, keep_folder: bool
) -> None:
    """Cut short or rewritten at its end: by the folder, and without it by the topic."""
    log = opened_log(tmp_path / "log", 700)
    checkpointer(log, tmp_path / "evidence").catch_up()
    changed(log, statement, *parameters)
    if not keep_folder:
        shutil.rmtree(tmp_path / "evidence")
    with pytest.raises(LogDamaged):
        checkpointer(log, tmp_path / "evidence").catch_up()
    assert log.last_checkpoint() == 1


def test_a_history_rewritten_early_is_refused_when_it_is_hashed_again(tmp_path: Path) -> None:
    """An old event changed: the root of the topic's checkpoint is another one."""
    log = opened_log(tmp_path / "log", 700)
    checkpointer(log, tmp_path / "evidence").catch_up()
    changed(log, "UPDATE events SET value=? WHERE position=5", b"forged")
    write(log, values(50, first=701))
    shutil.rmtree(tmp_path / "evidence")
    with pytest.raises(LogDamaged, match="700"):
        checkpointer(log, tmp_path / "evidence").catch_up()


def test_a_second_tree_of_the_stolen_key_is_refused(tmp_path: Path) -> None:
    """A folder exchanged for another history's, signed with the right key, contradicts the topic."""
    log = opened_log(tmp_path / "log", 50)
    checkpointer(log, tmp_path / "evidence").catch_up()
    forged = opened_log(tmp_path / "forged", 49)
    write(forged, [b"forged", *values(9, first=51)])
    for one in log.read_checkpoints(after=0, limit=9):
        forged.append_checkpoint(one.note, one.headers)
    with pytest.raises(LogDamaged, match="50"):
        checkpointer(forged, tmp_path / "other").catch_up()


def test_rubbish_in_the_topic_harms_nobody(tmp_path: Path) -> None:
    """What no key of the log signed is passed over, whatever size it claims."""
    log = opened_log(tmp_path / "log", 20)
    stranger = signer("stranger")
    for size in (10, 20, 10**9):
        log.append_checkpoint(Checkpoint(ORIGIN, size, bytes(32)).signed([stranger]).encode())
    log.append_checkpoint(b"\xff\xfe no note")
    checkpointer(log, tmp_path / "evidence").catch_up()
    assert newest(tmp_path / "evidence").size == 20
    write(log, values(3, first=21))
    checkpointer(log, tmp_path / "evidence").catch_up()
    assert newest(tmp_path / "evidence").size == 23


def test_following_signs_what_comes(tmp_path: Path) -> None:
    """Until it is stopped; the last events are signed before it ends."""
    log = opened_log(tmp_path / "log", 5)
    made = Checkpointer(log, EvidenceFolder(tmp_path / "evidence"), signers("checkpoint"))
    turns = iter([False, False, True])

    def stopped(_seconds: float) -> bool:
        write(log, values(2, first=log.last_position() + 1))
        return next(turns)

    run(made, stopped, every_s=3_600)
    assert newest(tmp_path / "evidence").size >= 9


def test_checkpoints_of_a_log_on_kafka(tmp_path: Path, kafka_bootstrap: str, log_name: str) -> None:
    """The same tree as the embedded log's; the offset is Kafka's."""
    events = [log_opened("checkpoint"), *values(599)]
    place = kafka_place(kafka_bootstrap, log_name)
    with place.opened() as log:
        for start in range(0, 600, 200):
            with log.writer():
                write(log, events[start : start + 200])
        checkpointer(log, tmp_path / "evidence").catch_up()
        [published] = log.read_checkpoints(after=0, limit=10)
        [last] = log.read_events(after=599, limit=1, timeout_s=5)
    assert dict(published.headers)["event-offset"] == b"%d" % last.offset
    embedded = opened_log(tmp_path / "log", 600)
    checkpointer(embedded, tmp_path / "embedded").catch_up()
    assert files(tmp_path / "evidence") == files(tmp_path / "embedded")
    with place.opened() as log:
        checkpointer(log, tmp_path / "evidence").catch_up()
        assert log.last_checkpoint() == 1
