"""The guard at the door: what admission asks before it writes."""

import shutil
from pathlib import Path

import pytest
from evidence_logs import ORIGIN, checkpointer, key_rotated, opened_log, signer, values, write
from histories import RecordedLog

from domain.merkle import leaf_hash, root_hash
from eventlog.contract import LogDamaged, StoredRecord
from eventlog.embedded import EmbeddedLog
from evidence.checkpoints import Checkpoint
from evidence.folder import EvidenceFolder
from evidence.guard import check_log, confirmed_keys, refuse_damaged
from evidence.tiles import TileFolder, tile_files
from evidence.tree import Tree

VALUES = values(70_000)
SIGNED = Checkpoint(ORIGIN, 70_000, root_hash([leaf_hash(value) for value in VALUES]))


class CountingLog(RecordedLog):
    """A log that counts what is read."""

    read = 0

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Events, counted."""
        found = super().read_events(after=after, limit=limit, timeout_s=timeout_s)
        self.read += len(found)
        return found


@pytest.fixture(scope="module")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> TileFolder:
    """The tiles of the signed tree."""
    folder = TileFolder(tmp_path_factory.mktemp("tiles"))
    tree = Tree()
    folder.write(tile_files([*tree.append(VALUES), *tree.edge()]))
    return folder


def test_a_long_log_is_checked_by_its_last_tile(tiles: TileFolder) -> None:
    """At most 256 events are read, however long it is; it may have grown since."""
    log = CountingLog([*VALUES, b"later"])
    check_log(log, SIGNED, tiles)
    assert log.read <= 256


@pytest.mark.parametrize("position", [70_000, 69_900])
def test_another_end_is_refused_by_position(tiles: TileFolder, position: int) -> None:
    """The first event that differs is named."""
    forged = [*VALUES[: position - 1], b"forged", *VALUES[position:]]
    with pytest.raises(LogDamaged, match=str(position)):
        check_log(RecordedLog(forged), SIGNED, tiles)


def test_a_shorter_log_is_refused(tiles: TileFolder) -> None:
    """Both lengths are said."""
    with pytest.raises(LogDamaged, match=r"69999.*70000"):
        check_log(RecordedLog(VALUES[:-1]), SIGNED, tiles)


def test_without_tiles_the_whole_log_is_hashed(tmp_path: Path) -> None:
    """Also if there are tiles that are not of the checkpoint."""
    check_log(RecordedLog(VALUES), SIGNED, None)
    folder = TileFolder(tmp_path)
    check_log(RecordedLog(VALUES), SIGNED, folder)
    tree = Tree()
    folder.write(tile_files([*tree.append([b"forged", *VALUES[1:]]), *tree.edge()]))
    check_log(RecordedLog(VALUES), SIGNED, folder)
    with pytest.raises(LogDamaged):
        check_log(RecordedLog([b"forged", *VALUES[1:]]), SIGNED, folder)


def test_without_tiles_what_was_hashed_is_not_hashed_again(tmp_path: Path) -> None:
    """A machine that only decides has no tiles: it keeps the edges of the tree it has checked."""
    log = CountingLog([*VALUES, b"later"])
    tree = check_log(log, SIGNED, None)
    assert tree is not None
    folder = EvidenceFolder(tmp_path)
    folder.remember(tree)
    log.read = 0
    more = Checkpoint(ORIGIN, 70_001, root_hash([leaf_hash(value) for value in log.values]))
    check_log(log, more, folder.public, folder.seen())
    assert log.read <= 257
    forged = [*VALUES[:69_989], b"forged", *VALUES[69_990:], b"later"]
    with pytest.raises(LogDamaged, match="69990"):
        check_log(RecordedLog(forged), more, folder.public, folder.seen())
    # Edges of another history are not believed.
    folder.remember(Tree(512, [b"", bytes(64)]))
    check_log(log, more, folder.public, folder.seen())
    (tmp_path / "seen.json").write_bytes(b"[")
    assert folder.seen() is None


def test_the_newest_checkpoint_counts_wherever_it_is(tmp_path: Path) -> None:
    """The folder may lag behind the topic, or be lost; the log may have none."""
    log = opened_log(tmp_path / "log", 300)
    folder = EvidenceFolder(tmp_path / "evidence")
    assert refuse_damaged(log, folder) is None
    checkpointer(log, folder.path).catch_up()
    shutil.copytree(folder.path, tmp_path / "old")
    write(log, values(30, first=301))
    checkpointer(log, folder.path).catch_up()
    for place in ("evidence", "old", "lost"):
        signed = refuse_damaged(log, EvidenceFolder(tmp_path / place))
        assert signed is not None
        assert signed.size == 330
    with log.tables.writing() as connection:
        connection.execute("DELETE FROM events WHERE position>320")
    for place in ("evidence", "old", "lost"):
        with pytest.raises(LogDamaged, match="320"):
            refuse_damaged(log, EvidenceFolder(tmp_path / place))


def test_a_key_of_the_folded_state_counts(tmp_path: Path) -> None:
    """After a rotation the folder of another machine may not know the new key yet."""
    log = opened_log(tmp_path / "log", 3_000, "a")
    write(log, [key_rotated("a", "b")])
    checkpointer(log, tmp_path / "evidence", "b").catch_up()
    lost = EvidenceFolder(tmp_path / "lost")
    assert refuse_damaged(log, lost) is None
    b = signer("b").verifier
    signed = refuse_damaged(log, lost, [[b.log_key, b.public_key.hex()]])
    assert signed is not None
    assert signed.size == 3_001


def test_two_signed_trees_of_one_size_are_refused(tmp_path: Path) -> None:
    """Somebody shows different people different histories."""
    log = opened_log(tmp_path / "log", 5)
    checkpointer(log, tmp_path / "evidence").catch_up()
    other = Checkpoint(ORIGIN, 5, bytes(32)).signed([signer()])
    log.append_checkpoint(other.encode())
    with pytest.raises(LogDamaged, match="two signed trees"):
        refuse_damaged(log, EvidenceFolder(tmp_path / "evidence"))


def test_a_folder_does_not_say_whom_to_believe(tmp_path: Path) -> None:
    """Keys, tiles and checkpoint of a stranger's history in the folder are passed over."""
    log = opened_log(tmp_path / "log", 300)
    checkpointer(log, tmp_path / "evidence").catch_up()
    strange = opened_log(tmp_path / "strange", 300, "stranger")
    checkpointer(strange, tmp_path / "strangers", "stranger").catch_up()
    folder = EvidenceFolder(tmp_path / "strangers")
    assert confirmed_keys(log, folder).keys == []
    signed = refuse_damaged(log, folder)
    assert signed is not None
    assert signed == EvidenceFolder(tmp_path / "evidence").checkpoint(
        EvidenceFolder(tmp_path / "evidence").keys()
    )
    checkpointer(log, folder.path).catch_up()
    assert folder.checkpoint(confirmed_keys(log, folder)) == signed


def test_a_log_without_the_event_that_named_the_keys_is_refused(tmp_path: Path) -> None:
    """An emptied log is not a new one, as long as the folder knows it."""
    log = opened_log(tmp_path / "log", 300)
    checkpointer(log, tmp_path / "evidence").catch_up()
    with pytest.raises(LogDamaged, match="named a checkpoint key"):
        refuse_damaged(
            EmbeddedLog(tmp_path / "empty", "pilot"), EvidenceFolder(tmp_path / "evidence")
        )
