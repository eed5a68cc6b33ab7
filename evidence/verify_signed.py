"""What was signed, against the roots that the events and the tiles have."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from evidence.checkpoints import Checkpoint, claim_in, claimed_checkpoint, opened_checkpoint
from evidence.keys import KeyHistory
from evidence.notes import BadNote, Verifier
from evidence.verify_checks import (
    CHECKPOINTS,
    KNOWN,
    OK,
    SIGNATURE,
    TREE,
    Check,
    failed,
    not_checked,
    passed,
)
from evidence.verify_source import Source


class Trust(NamedTuple):
    """What an auditor brings along."""

    keys: tuple[Verifier, ...] = ()
    """Public checkpoint keys; without any, those that the log itself names."""
    known: tuple[str, ...] = ()
    """Checkpoints received earlier: the history up to them may not have changed."""
    sm2: tuple[str, ...] = ()
    """Public SM2 keys as text, each of which must have signed the newest checkpoint as well."""
    witnesses: tuple[str, ...] = ()
    """Public keys of witnesses as text, whose cosignatures the newest checkpoint must have."""
    quorum: int = 0
    """How many of them; 0: all."""


class Read(NamedTuple):
    """What reading all events once has shown."""

    positions: Check
    last: int
    """Position of the last event that was read."""
    differs: int | None
    """First position whose bytes are not those of the tile."""
    roots: dict[int, bytes]
    """Root of the tree at each size that was asked for, from the events themselves."""
    keys: KeyHistory


class Reach(NamedTuple):
    """How far the history is known here, and by which roots."""

    last: int
    """Up to this size; what was signed for a larger tree is not here."""
    roots: dict[int, bytes]


def counting_keys(trust: Trust, keys: KeyHistory) -> Sequence[Verifier]:
    """The checkpoint keys that count: those that the auditor brings along, else the log's."""
    return trust.keys or keys.keys


def signed_by(notes: Sequence[str], keys: KeyHistory, trust: Trust) -> list[Checkpoint]:
    """The checkpoints that a key signed which may: the auditor's if given, else the log's."""
    found: list[Checkpoint] = []
    for note in notes:
        try:
            found.append(opened_checkpoint(note, counting_keys(trust, keys)))
        except BadNote:
            continue
    return found


def signature(
    source: Source, notes: Sequence[str], newest: Checkpoint | None, keys: KeyHistory, trust: Trust
) -> Check:
    """
    Whether the newest checkpoint is signed, which a pack must have; whose key it was.

    The keys are as the events name them; without events, as a file says for which nobody vouches.
    """
    if not notes and source.extent.size is None:
        return not_checked(SIGNATURE, "NO_CHECKPOINT")
    claims = [(claim, note) for note in notes if (claim := claim_in(note)) is not None]
    known = counting_keys(trust, keys)
    if newest is None:
        ended = [c.size for c, note in claims if _code(note, known) == "KEY_NOT_IN_FORCE"]
        code = "KEY_NOT_IN_FORCE" if ended else "NOT_SIGNED"
        return failed(SIGNATURE, code, size=max(ended or (c.size for c, _ in claims), default=0))
    if keys.origin not in {"", newest.origin}:
        return failed(
            SIGNATURE, "OTHER_ORIGIN", size=newest.size, origin=newest.origin, own=keys.origin
        )
    counting = [key.text() for key in known if key.counts_at(newest.size)]
    return passed(
        SIGNATURE, size=newest.size, root=newest.root.hex(),
        key=" ".join(counting), given=bool(trust.keys), named_in="log" if source.extent.events else "keys.json",
    )  # fmt: skip


def _code(note: str, known: Sequence[Verifier]) -> str:
    """Why a checkpoint does not count; empty if it does."""
    try:
        opened_checkpoint(note, known)
    except BadNote as bad:
        return bad.code
    return ""


def tree_check(
    source: Source, read: Read, newest: Checkpoint, *, good_tiles: bool,
    signed: Sequence[Checkpoint],
) -> Check:  # fmt: skip
    """Whether the events are those whose root was signed; from which position on they are not."""
    unsigned = max(0, source.extent.last - newest.size)
    if source.extent.size not in (None, newest.size):
        # A pack ends with its checkpoint; whatever lies behind a smaller one was never signed.
        first = min(newest.size, source.extent.last) + 1
        return failed(TREE, "OTHER_SIZE", first, size=newest.size, claimed=source.extent.size)
    as_read = read.roots.get(newest.size) == newest.root
    as_leaves = good_tiles and read.differs is None and read.positions.status == OK
    if as_read if source.extent.complete else as_leaves:
        return passed(TREE, size=newest.size, unsigned=unsigned)
    if not good_tiles:
        return _between(read, newest, signed)
    if read.differs is not None:
        return failed(TREE, "BYTES_DIFFER", read.differs, size=newest.size)
    if read.positions.status != OK:
        return failed(TREE, "EVENTS_MISSING", read.positions.position, size=newest.size)
    return failed(TREE, "SHORTER", read.last + 1, size=newest.size)


def _between(read: Read, newest: Checkpoint, signed: Sequence[Checkpoint]) -> Check:
    """Between which two checkpoints the events differ from what was signed, or that they end before."""
    agreeing = [s.size for s in signed if read.roots.get(s.size) == s.root]
    first = max(agreeing, default=0) + 1
    differing = [s.size for s in signed if first <= s.size <= read.last]
    if not differing:
        return failed(TREE, "SHORTER", read.last + 1, size=newest.size)
    return failed(TREE, "ROOT_DIFFERS", first, size=newest.size, until=min(differing))


def checkpoints_check(
    signed: Sequence[Checkpoint], ignored: int, newest: Checkpoint, reach: Reach
) -> Check:
    """Whether every signed checkpoint is of one history, all of which is here."""
    agreeing = 0
    for one in sorted(signed, key=lambda one: one.size):
        if one.origin != newest.origin:
            return failed(CHECKPOINTS, "OTHER_ORIGIN", origin=one.origin)
        root = newest.root if one.size == newest.size else reach.roots.get(one.size)
        if root is None or one.size > reach.last:
            return failed(CHECKPOINTS, "SHORTER", reach.last + 1, size=one.size)
        if root != one.root:
            return failed(CHECKPOINTS, "OTHER_HISTORY", agreeing + 1, size=one.size)
        agreeing = one.size
    return passed(CHECKPOINTS, signed=len(signed), ignored=ignored)


def known_checks(
    trust: Trust, newest: Checkpoint | None, reach: Reach, keys: KeyHistory
) -> Iterator[Check]:
    """Whether the history up to the checkpoints that the auditor holds is still the same."""
    agreeing = 0
    claims = [claimed_checkpoint(note) for note in trust.known]
    for held in sorted(claims, key=lambda one: one.size):
        origin = newest.origin if newest else keys.origin
        if held.origin != origin:
            yield failed(KNOWN, "OTHER_ORIGIN", origin=held.origin)
            return
        here = min(newest.size, reach.last) if newest else 0
        if newest is None or held.size > here:
            yield failed(KNOWN, "SHORTER", here + 1, size=held.size)
            return
        root = newest.root if held.size == newest.size else reach.roots.get(held.size)
        if root != held.root:
            yield failed(KNOWN, "OTHER_HISTORY", agreeing + 1, size=held.size)
            return
        agreeing = held.size
    if claims:
        yield passed(KNOWN, size=agreeing)
