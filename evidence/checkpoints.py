"""Checkpoints (C2SP ``tlog-checkpoint``): a signed note with origin, size and root of a tree."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from evidence import canonical_base64
from evidence.notes import BadNote, LineSigner, Verifier, opened, parse, refuse_ended, sign
from evidence.tree import HASH_BYTES

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
LINES_MIN: Final = 3


class Checkpoint(NamedTuple):
    """What a checkpoint says: the tree of the log *origin* had this root at this size."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Its note text."""
        return f"{self.origin}\n{self.size}\n{canonical_base64.encode(self.root)}\n"

    def signed(self, signers: Sequence[LineSigner]) -> str:
        """The checkpoint as a signed note."""
        return sign(self.text(), signers)


def checkpoint_in(text: str) -> Checkpoint:
    """
    The checkpoint in the text of a note; extension lines are passed over.

    Raises:
        BadNote: NOT_A_CHECKPOINT.
    """
    lines = text.split("\n")[:-1]
    if len(lines) < LINES_MIN or not all(lines) or not _SIZE.fullmatch(lines[1]):
        raise BadNote("NOT_A_CHECKPOINT")
    try:
        root = canonical_base64.decode(lines[2])
    except ValueError:
        root = b""
    if len(root) != HASH_BYTES:
        raise BadNote("NOT_A_CHECKPOINT")
    return Checkpoint(lines[0], int(lines[1]), root)


def opened_checkpoint(note: str, known: Sequence[Verifier]) -> Checkpoint:
    """
    The checkpoint in a note that a known key of its own origin signed, which may sign such a tree.

    Raises:
        BadNote: see notes.opened(); NOT_A_CHECKPOINT; OTHER_ORIGIN; KEY_NOT_IN_FORCE.
    """
    text, signers = opened(note, known)
    found = checkpoint_in(text)
    own = [signer for signer in signers if signer.name == found.origin]
    if not own:
        raise BadNote("OTHER_ORIGIN")
    refuse_ended(own, found.size)
    return found


def claimed_checkpoint(note: str) -> Checkpoint:
    """
    What a note claims, whoever signed it.

    Raises:
        BadNote: NOTE_TOO_LONG, NOTE_MALFORMED, NOT_A_CHECKPOINT.
    """
    return checkpoint_in(parse(note).text)


def claim_in(note: str) -> Checkpoint | None:
    """What a note claims, whoever signed it; None if it is no checkpoint."""
    try:
        return claimed_checkpoint(note)
    except BadNote:
        return None
