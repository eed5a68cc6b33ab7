"""
Receipts: one event, its path in the tree, and a signed checkpoint, in one file.

The format is ``c2sp.org/tlog-proof@v1``. The event itself, as stored, is in the line ``extra``:
whoever checks the file hashes it, so nothing else is needed but the log's public key. A receipt
also has a dense form for a QR code: ``HWR1:`` and base45 of the zlib of the file.
"""

import re
import zlib
from collections.abc import Sequence
from typing import Final, NamedTuple

from domain.merkle import leaf_hash
from evidence import base45, canonical_base64
from evidence.checkpoints import Checkpoint, claimed_checkpoint, opened_checkpoint
from evidence.cosignatures import WitnessKey, quorum_at
from evidence.notes import BadNote, Verifier
from evidence.proofs import is_included
from evidence.tree import HASH_BYTES

HEADER: Final = "c2sp.org/tlog-proof@v1"
SUFFIX: Final = ".tlog-proof"
DENSE_PREFIX: Final = "HWR1:"
RECEIPT_BYTES_MAX: Final = 1_000_000
PATH_MAX: Final = 63
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class BadReceipt(Exception):
    """
    The receipt proves nothing; *code* says why.

    RECEIPT_TOO_LONG, NOT_A_RECEIPT, EVENT_MISSING, PATH_FALSE, NOT_WITNESSED, or a code of notes.BadNote:
    KEY_NOT_IN_FORCE among them.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Receipt(NamedTuple):
    """What a receipt file holds, not checked."""

    leaf: int
    """Index of the event in the tree, from 0."""
    path: tuple[bytes, ...]
    note: str
    value: bytes | None
    """The event as stored; without it, it must come from elsewhere."""

    def text(self) -> str:
        """The file."""
        extra = [] if self.value is None else [f"extra {canonical_base64.encode(self.value)}"]
        lines = [HEADER, *extra, f"index {self.leaf}", *map(canonical_base64.encode, self.path)]
        return "\n".join([*lines, "", self.note])

    def dense(self) -> str:
        """The file in letters that a QR code holds well (its alphanumeric mode)."""
        return DENSE_PREFIX + base45.encode(zlib.compress(self.text().encode(), 9))


class Proven(NamedTuple):
    """What a checked receipt proves: the log of the checkpoint holds the event at the position."""

    position: int
    value: bytes
    checkpoint: Checkpoint


def receipt_in(text: str) -> Receipt:
    """
    The receipt in a file or in the dense form, not checked.

    Raises:
        BadReceipt: RECEIPT_TOO_LONG, NOT_A_RECEIPT.
    """
    if len(text) > RECEIPT_BYTES_MAX:
        raise BadReceipt("RECEIPT_TOO_LONG")
    if text.startswith(DENSE_PREFIX):
        text = _from_dense(text.strip().removeprefix(DENSE_PREFIX))
    head, blank, note = text.partition("\n\n")
    header, *lines = head.split("\n")
    if not blank or header != HEADER:
        raise BadReceipt("NOT_A_RECEIPT")
    value = None
    if lines and lines[0].startswith("extra "):
        value = _decoded(lines.pop(0).removeprefix("extra "))
    if not lines or not lines[0].startswith("index ") or len(lines) - 1 > PATH_MAX:
        raise BadReceipt("NOT_A_RECEIPT")
    index = lines.pop(0).removeprefix("index ")
    path = tuple(map(_decoded, lines))
    if not _INDEX.fullmatch(index) or any(len(one) != HASH_BYTES for one in path):
        raise BadReceipt("NOT_A_RECEIPT")
    return Receipt(int(index), path, note, value)


def witnessed(receipt: Receipt, witnesses: Sequence[WitnessKey], quorum: int) -> None:
    """
    Refuse a receipt whose checkpoint fewer than *quorum* of the witnesses cosigned.

    Raises:
        BadReceipt: NOT_WITNESSED.
    """
    if quorum_at([receipt.note], witnesses, quorum) is None:
        raise BadReceipt("NOT_WITNESSED")


def proven(receipt: Receipt, known: Sequence[Verifier], value: bytes | None = None) -> Proven:
    """
    Check a receipt against the public keys of its log; nothing else is asked.

    *value* is the event if the receipt does not hold it.

    Raises:
        BadReceipt: it proves nothing.
    """
    event = receipt.value if value is None else value
    if event is None:
        raise BadReceipt("EVENT_MISSING")
    try:
        checkpoint = opened_checkpoint(receipt.note, known)
    except BadNote as bad:
        raise BadReceipt(bad.code) from bad
    if not is_included(
        leaf=leaf_hash(event),
        index=receipt.leaf,
        size=checkpoint.size,
        path=receipt.path,
        root=checkpoint.root,
    ):
        raise BadReceipt("PATH_FALSE")
    return Proven(receipt.leaf + 1, event, checkpoint)


def claimed(receipt: Receipt) -> Checkpoint:
    """
    The checkpoint a receipt names, whoever signed it.

    Raises:
        BadReceipt: there is none in it.
    """
    try:
        return claimed_checkpoint(receipt.note)
    except BadNote as bad:
        raise BadReceipt(bad.code) from bad


def _decoded(text: str) -> bytes:
    try:
        return canonical_base64.decode(text)
    except ValueError:
        raise BadReceipt("NOT_A_RECEIPT") from None


def _from_dense(text: str) -> str:
    try:
        unpacked = zlib.decompressobj()
        data = unpacked.decompress(base45.decode(text), RECEIPT_BYTES_MAX)
        if not unpacked.eof:
            raise BadReceipt("RECEIPT_TOO_LONG" if unpacked.unconsumed_tail else "NOT_A_RECEIPT")
        return data.decode()
    except (ValueError, zlib.error):
        raise BadReceipt("NOT_A_RECEIPT") from None
