"""
The checkpointer: commits to the log as it is, so that nobody can change it later unnoticed.

It reads committed events, appends them to the tree, writes tiles and entry bundles, signs a
checkpoint, and publishes it to the folder and then to the log's own topic. It goes on from the
newest checkpoint in the folder; killed at any instant, it makes the same files again.
"""

from collections.abc import Callable, Sequence
from typing import Final

import structlog

from eventlog.contract import Log, LogDamaged
from eventlog.reading import READ_LIMIT, batches, check_dense, insist
from evidence.checkpoints import Checkpoint, claimed_checkpoint
from evidence.folder import EvidenceFolder, signed_checkpoint
from evidence.guard import check_log, confirmed_keys, latest, newest, note_text
from evidence.keys import KeyHistory
from evidence.notes import BadNote, LineSigner, Verifier
from evidence.proofs import Prover, restored
from evidence.tiles import TileMissing, TileReader
from evidence.tree import TILE_WIDTH, Tree, leaf_hashes

OFFSET_HEADER: Final = "event-offset"
"""Header of a published checkpoint: offset of the last event of its tree, decimal."""

logger = structlog.get_logger()

Signers = Callable[[Sequence[Verifier]], Sequence[LineSigner]]
"""The private keys at hand among the keys that the log names; none if there is none of these."""


Cosign = Callable[[str, TileReader], str]
"""Adds the cosignatures of witnesses to a checkpoint, whose tiles are there."""


class KeyNotAtHand(Exception):
    """The log names checkpoint keys, and none of their private keys is here."""


class Checkpointer:
    """
    Keeps the evidence of one log in one folder up to date; open() first.

    *limit* is how many events are appended at a time, at least a tile's; *cosign* asks witnesses.
    """

    def __init__(
        self,
        log: Log,
        folder: EvidenceFolder,
        signers: Signers,
        *,
        limit: int = READ_LIMIT,
        cosign: Cosign = lambda note, _: note,
    ) -> None:
        self._log = log
        self._folder = folder
        self._signers = signers
        self._cosign = cosign
        self._limit = max(limit, TILE_WIDTH)
        self._tree = Tree()
        self._keys = KeyHistory()
        self._pending: list[bytes] = []
        self._offset: int | None = None
        self._signed = 0
        self._found: str | None = None
        self._expected: dict[int, list[str]] = {}

    @property
    def size(self) -> int:
        """Events in the tree."""
        return self._tree.size

    @property
    def signed(self) -> int:
        """Events under the newest checkpoint."""
        return self._signed

    # -- opening -------------------------------------------------------------------------------

    def open(self) -> None:
        """
        Go on from the newest checkpoint in the folder, and check the log against it and the topic.

        What the topic knows and the folder does not is compared when the tree reaches it.

        Raises:
            LogDamaged: the log is shorter than, or other than, what was signed.
        """
        note = self._folder.note()
        keys = confirmed_keys(self._log, self._folder)
        signed = signed_checkpoint(note, keys) if note else None
        published = [note_text(one) for one in latest(self._log)]
        if signed is not None:
            check_log(self._log, signed, self._folder.public)
            self._restore(signed, keys)
        elif note:
            logger.warning("checkpointer.folder_not_believed")
        notes = [*published, note] if note else published
        self._expect(notes)
        if signed is not None and signed.size == self.size:
            self._signed = signed.size
            if note and not any(_size_of(one) >= signed.size for one in published):
                # Killed between folder and topic.
                self._publish(note)
        logger.info("checkpointer.open", position=self.size, expected=len(self._expected))

    def _restore(self, signed: Checkpoint, keys: KeyHistory) -> None:
        """Take the tree from its tiles; tiles that are not whole are made again from the log."""
        index, width = divmod(signed.size, TILE_WIDTH)
        try:
            tree = restored(self._folder.public, signed.size)
            pending = self._folder.auditors.entries(index, width) if width else []
            edge = self._folder.public.hashes(0, index, width) if width else b""
        except TileMissing as missing:
            logger.warning("checkpointer.tile_missing", tile=str(missing))
            return
        if tree.root() != signed.root or leaf_hashes(pending) != edge:
            logger.warning("checkpointer.tiles_differ")
            return
        self._tree, self._keys, self._pending = tree, keys.before(signed.size), pending

    def _expect(self, notes: Sequence[str]) -> None:
        """Check what was signed of the tree so far, and keep the rest for when it is reached."""
        for note in notes:
            size = _size_of(note)
            if size > self.size:
                self._expected.setdefault(size, []).append(note)
        within = [note for note in notes if 0 < _size_of(note) <= self.size]
        known = newest(within, self._keys)
        if known and Prover(self._folder.public, known.size).root() != known.root:
            raise LogDamaged(f"a published checkpoint of {known.size} events has another root")

    def _known(self, note: str) -> Checkpoint | None:
        return signed_checkpoint(note, self._keys)

    # -- following -----------------------------------------------------------------------------

    def step(self, timeout_s: float) -> int:
        """
        Append the next batch to the tree; how many events it had.

        Raises:
            LogDamaged: the events are not those of a signed checkpoint.
        """
        limit = self._limit - self.size % TILE_WIDTH
        if self._expected:
            limit = min(limit, min(self._expected) - self.size)
        records = self._log.read_events(after=self.size, limit=limit, timeout_s=timeout_s)
        if not records:
            return 0
        check_dense([record.position for record in records], self.size)
        for record in records:
            self._keys.learn(record.position, record.value)
        self._append([record.value for record in records])
        self._offset = records[-1].offset
        self._compare(self._expected.pop(self.size, []))
        return len(records)

    def _append(self, values: Sequence[bytes]) -> None:
        index = self.size // TILE_WIDTH
        self._pending += values
        full = len(self._pending) // TILE_WIDTH
        bundles = [
            (index + n, self._pending[n * TILE_WIDTH : (n + 1) * TILE_WIDTH]) for n in range(full)
        ]
        del self._pending[: full * TILE_WIDTH]
        tiles = self._tree.append(values)
        if tiles:
            self._folder.write_full(tiles, bundles)

    def _compare(self, notes: Sequence[str]) -> None:
        """The tree as it is now against what was signed of it."""
        for note in notes:
            signed = self._known(note)
            if signed is None:
                logger.warning("checkpointer.unsigned", position=self.size)
            elif signed.root != self._tree.root():
                raise LogDamaged(f"a published checkpoint of {self.size} events has another root")
            else:
                self._signed, self._found = signed.size, note

    def _check_end(self) -> None:
        """At the end of the log: nothing signed may reach further."""
        for notes in self._expected.values():
            for note in notes:
                if self._known(note) is not None:
                    raise LogDamaged(f"the log ends at {self.size}, a checkpoint reaches further")
                logger.warning("checkpointer.unsigned", position=self.size)
        self._expected.clear()

    def catch_up(self, on_progress: Callable[[int], None] = lambda _: None) -> None:
        """
        Append all that the log holds now, and sign it.

        Raises:
            LogDamaged: the log is not what was signed.
            LogUnavailable: the log does not answer.
            KeyNotAtHand: the tree cannot be signed here.
        """
        end = self._log.last_position()
        while self.size < end:
            on_progress(insist(self.step, self._log.last_position, self.size))
        self._check_end()
        self.checkpoint()

    def keep_up(self) -> None:
        """As catch_up(), if the log holds anything new."""
        if self._log.last_position() > self.size:
            self.catch_up()

    def checkpoint(self) -> None:
        """
        Sign the tree as it is and publish that, unless this was done.

        Raises:
            KeyNotAtHand: none of the keys that the log names now is here.
        """
        if self.size <= self._signed:
            self._write_found()
            self.ask_again()
            return
        named = self._keys.at(self.size)
        if not named:
            return  # the log is not open yet: nobody may sign
        signers = self._signers(named)
        if not signers:
            raise KeyNotAtHand(", ".join(key.log_key for key in named))
        note = Checkpoint(self._keys.origin, self.size, self._tree.root()).signed(signers)
        self._write_edge()
        note = self._cosign(note, self._folder.public)
        self._folder.write_checkpoint(self.size, note, self._keys)
        self._publish(note)
        self._signed, self._found = self.size, None

    def ask_again(self) -> None:
        """Ask the witnesses whose cosignature the newest checkpoint lacks, and publish what came."""
        note = self._folder.note()
        if note is None or not _size_of(note) == self._signed == self.size:
            return
        cosigned = self._cosign(note, self._folder.public)
        if cosigned != note:
            self._folder.write_checkpoint(self.size, cosigned, self._keys)
            self._publish(cosigned)

    def _write_found(self) -> None:
        """What was signed before, but is not in the folder: it was lost, or not believed."""
        if self._found is not None:
            self._write_edge()
            self._folder.write_checkpoint(self.size, self._found, self._keys)
            self._found = None

    def _write_edge(self) -> None:
        self._folder.write_edge(self.size, self._tree.edge(), self._pending)

    def _publish(self, note: str) -> None:
        if self._offset is None:
            [[last]] = batches(self._log, after=self.size - 1, until=self.size)
            self._offset = last.offset
        self._log.append_checkpoint(note.encode(), ((OFFSET_HEADER, b"%d" % self._offset),))


def _size_of(note: str) -> int:
    """The size a checkpoint claims; 0 if it is none."""
    try:
        return claimed_checkpoint(note).size
    except BadNote:
        return 0
