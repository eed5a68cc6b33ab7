"""
The guard at the door: a log is not opened if it is shorter than, or other than, what was signed.

With tiles at hand the check reads a handful of tiles and at most 256 events, however long the log
is. Without them the log is hashed, once: the edges of the tree are kept in the folder, and the
next check goes on from there.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final

from eventlog.contract import LogDamaged, StoredCheckpoint
from eventlog.reading import EventsLog, batches
from evidence.checkpoints import Checkpoint
from evidence.folder import EvidenceFolder, signed_checkpoint
from evidence.keys import KeyHistory
from evidence.notes import Verifier
from evidence.proofs import Prover
from evidence.reading import LogReader
from evidence.tiles import TileMissing, TileReader
from evidence.tree import HASH_BYTES, TILE_WIDTH, Tree, leaf_hashes

LATEST: Final = 100
"""So many of the last published checkpoints are looked at: one that is no checkpoint harms nobody."""


def check_log(
    log: EventsLog, signed: Checkpoint, tiles: TileReader | None, seen: Tree | None = None
) -> Tree | None:
    """
    Refuse a log that is not the one of a signed checkpoint.

    Tiles that do not give the root of the checkpoint are not believed; the log is hashed then,
    from *seen* on, a tree of it that was checked before. Returns the tree if it was hashed.

    Raises:
        LogDamaged: the log is shorter, or other.
    """
    last = log.last_position()
    if last < signed.size:
        raise LogDamaged(f"the log ends at {last}, a signed checkpoint at {signed.size}")
    if not signed.size or (tiles is not None and _fits(log, signed, tiles)):
        return None
    if seen is not None and 0 < seen.size <= signed.size:
        _check_leaves(log, seen.size, seen.edges[0])
        tree = _grown(log, seen, signed.size)
        if tree.root() == signed.root:
            return tree
    tree = _grown(log, Tree(), signed.size)
    if tree.root() != signed.root:
        raise LogDamaged(f"the first {signed.size} events are not what the checkpoint signed")
    return tree


def _fits(log: EventsLog, signed: Checkpoint, tiles: TileReader) -> bool:
    """
    Whether the tiles are of the checkpoint and the last events are in them; False if not believed.

    Raises:
        LogDamaged: the tiles are believed, and the last events are others.
    """
    first = (signed.size - 1) // TILE_WIDTH * TILE_WIDTH
    try:
        if Prover(tiles, signed.size).root() != signed.root:
            return False
        hashes = tiles.hashes(0, first // TILE_WIDTH, signed.size - first)
    except TileMissing:
        return False
    _check_leaves(log, signed.size, hashes)
    return True


def _check_leaves(log: EventsLog, size: int, hashes: bytes) -> None:
    """Refuse a log whose last events up to *size* do not have these leaf hashes."""
    first = size - len(hashes) // HASH_BYTES
    for at, record in enumerate(chain.from_iterable(batches(log, after=first, until=size))):
        if leaf_hashes([record.value]) != hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]:
            raise LogDamaged(f"position {record.position} is not what the checkpoint signed")


def _grown(log: EventsLog, tree: Tree, size: int) -> Tree:
    grown = Tree(tree.size, tree.edges)
    for records in batches(log, after=tree.size, until=size):
        grown.append([record.value for record in records])
    return grown


def latest(log: LogReader) -> list[StoredCheckpoint]:
    """The last published checkpoints, oldest first."""
    last = log.last_checkpoint()
    return log.read_checkpoints(after=max(0, last - LATEST), limit=LATEST)


def note_text(published: StoredCheckpoint) -> str:
    """A published checkpoint as text; empty if it is none."""
    try:
        return published.note.decode()
    except UnicodeDecodeError:
        return ""


def newest(notes: Iterable[str | None], keys: KeyHistory) -> Checkpoint | None:
    """
    The signed checkpoint of the largest tree; what nobody known signed counts for nothing.

    Raises:
        LogDamaged: two signed checkpoints contradict one another.
    """
    found = [c for note in notes if note and (c := signed_checkpoint(note, keys)) is not None]
    largest = max(found, key=lambda one: one.size, default=None)
    if any(c.size == largest.size and c.root != largest.root for c in found if largest):
        raise LogDamaged(f"there are two signed trees of size {largest and largest.size}")
    return largest


Witnessed = Callable[[str, Callable[[], int]], object]
"""Raises LogDamaged if a witness has seen more, or other, than this checkpoint and this last position."""


def unwitnessed(_note: str, _last_position: Callable[[], int]) -> None:
    """Ask no witness."""


def refuse_damaged(
    log: LogReader,
    folder: EvidenceFolder,
    current: Sequence[Sequence[str]] = (),
    witnessed: Witnessed = unwitnessed,
) -> Checkpoint | None:
    """
    Check the log against the newest checkpoint of topic, folder and witnesses; return that of ours.

    *current* are the checkpoint keys of the folded state (key id, public key in hexadecimal): they
    count where the folder does not know them yet. *witnessed* asks the witnesses, who answer only
    whoever shows them a checkpoint that is signed.

    Raises:
        LogDamaged: the log is not what was signed.
    """
    notes = [folder.note(), *map(note_text, latest(log))]
    keys = _keys(log, folder, current, notes)
    signed = newest(notes, keys)
    if signed is not None:
        tree = check_log(log, signed, folder.public, folder.seen())
        if tree is not None:
            folder.remember(tree)
        shown = next(note for note in notes if note and signed_checkpoint(note, keys) == signed)
        witnessed(shown, log.last_position)
    return signed


def confirmed_keys(log: EventsLog, folder: EvidenceFolder) -> KeyHistory:
    """
    The key history of the folder if the log names just these keys; else an empty one.

    A folder can be written to by others than a log: it must not say whom to believe.

    Raises:
        LogDamaged: the log ends before an event that named a key.
    """
    keys = folder.keys()
    told = KeyHistory()
    positions = {key.first for key in keys.keys} | {key.ended for key in keys.keys if key.ended}
    if positions and max(positions) > log.last_position():
        raise LogDamaged(f"the log ends before {max(positions)}, where it named a checkpoint key")
    for position in sorted(positions):
        [[record]] = batches(log, after=position - 1, until=position)
        told.learn(position, record.value)
    return keys if told.to_json() == keys.to_json() else KeyHistory()


def named_keys(log: EventsLog) -> KeyHistory:
    """All checkpoint keys that the log ever named; reads all of it."""
    keys = KeyHistory()
    for records in batches(log, after=0, until=log.last_position()):
        for record in records:
            keys.learn(record.position, record.value)
    return keys


def _keys(
    log: LogReader,
    folder: EvidenceFolder,
    current: Sequence[Sequence[str]],
    notes: Sequence[str | None],
) -> KeyHistory:
    """Keys of the folder; without one, those the log begins with; and the current ones."""
    keys = confirmed_keys(log, folder)
    if not keys.keys:
        for records in batches(log, after=0, until=log.last_position()):
            for record in records:
                keys.learn(record.position, record.value)
            if keys.keys:
                break
    if not keys.keys:
        return keys
    # Since when is not known here, and does not matter: the log itself names them now.
    now = [Verifier(keys.origin, bytes.fromhex(public_key)) for _, public_key in current]
    if _is_doubtful(keys.keys, now, notes):
        keys = named_keys(log)
    known = {key.log_key for key in keys.keys}
    keys.keys += [key for key in now if key.log_key not in known]
    return keys


def _is_doubtful(
    keys: Sequence[Verifier], now: Sequence[Verifier], notes: Sequence[str | None]
) -> bool:
    """
    Whether a key that ended, nobody here knows when, signed the largest tree.

    Then the whole log must be read for it: so it is between a rotation and the next checkpoint,
    and where a thief signs with the key that was replaced.
    """

    def largest(some: Sequence[Verifier]) -> int:
        known = KeyHistory(some)
        found = [signed_checkpoint(note, known) for note in notes if note]
        return max((one.size for one in found if one is not None), default=0)

    current = {key.log_key for key in now}
    ended = [key for key in keys if key.ended is None and key.log_key not in current]
    others = [key for key in keys if key not in ended]
    return bool(now) and 0 < largest(ended) >= largest([*others, *now])
