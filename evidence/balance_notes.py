"""
The signed note about all balances at a checkpoint: ``<origin>/balances``.

The checkpoint key signs it under the name ``<origin>/balances``, so neither signature can stand in
for the other; and it does not read as a checkpoint. It names the root of the log it was made from:
whoever holds the events makes the balances again, and a false note is evidence against its signer.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from evidence import canonical_base64
from evidence.balance_tree import HEAD_BYTES, BadBalance, Node, Sums
from evidence.checkpoints import Checkpoint
from evidence.notes import BadNote, LineSigner, Verifier, opened, parse, refuse_ended, sign
from evidence.organisation_chains import Chain, Roots

SUFFIX: Final = "/balances"
FORMAT: Final = "hengwen-balances/1"
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
WORDS: Final = ("log", "funds", *Sums._fields, "registry", "organisations")
"""What the lines behind origin and format begin with."""


class Balances(NamedTuple):
    """What the note says: at this checkpoint, these were the balances."""

    checkpoint: Checkpoint
    funds: int
    """Leaves of the tree of funds."""
    root: Node
    chains: Roots = Roots()
    """Of the registry and of all organisations: what a part must hold."""

    def text(self) -> str:
        """Its note text."""
        told = (
            f"{self.checkpoint.size} {canonical_base64.encode(self.checkpoint.root)}",
            f"{self.funds} {canonical_base64.encode(self.root.hash)}",
            *map(str, self.root.sums),
            f"{self.chains.registry.length} {canonical_base64.encode(self.chains.registry.digest)}",
            f"{self.chains.organisations} {canonical_base64.encode(self.chains.root)}",
        )
        lines = [f"{word} {value}" for word, value in zip(WORDS, told, strict=True)]
        return "\n".join([self.checkpoint.origin + SUFFIX, FORMAT, *lines, ""])

    def signed(self, signers: Sequence[LineSigner]) -> str:
        """The note, signed."""
        return sign(self.text(), signers)


def balance_keys(known: Sequence[Verifier]) -> list[Verifier]:
    """The checkpoint keys under the name by which they sign balances."""
    return [key.named(key.name + SUFFIX) for key in known]


def claimed_balances(note: str) -> Balances:
    """
    What a note claims, whoever signed it.

    Raises:
        BadNote: NOTE_TOO_LONG, NOTE_MALFORMED, NOT_BALANCES.
    """
    return _balances_in(parse(note).text)


def opened_balances(note: str, known: Sequence[Verifier]) -> Balances:
    """
    The balances in a note that one of the log's checkpoint keys signed, which may for such a tree.

    Raises:
        BadNote: see notes.opened(); NOT_BALANCES; OTHER_ORIGIN; KEY_NOT_IN_FORCE.
    """
    text, signers = opened(note, balance_keys(known))
    found = _balances_in(text)
    own = [signer for signer in signers if signer.name == found.checkpoint.origin + SUFFIX]
    if not own:
        raise BadNote("OTHER_ORIGIN")
    refuse_ended(own, found.checkpoint.size)
    return found


def is_balances(note: str) -> bool:
    """Whether a note is one about balances, be it signed or not."""
    return note.split("\n", 2)[1:2] == [FORMAT]


def _balances_in(text: str) -> Balances:
    origin, *lines = text.split("\n")
    try:
        log, funds, *sums, registry, organisations = [
            line.removeprefix(f"{word} ") for word, line in zip(WORDS, lines[1:-1], strict=True)
        ]
        size, root = _number_and_hash(log)
        count, digest = _number_and_hash(funds)
        chains = Roots(Chain(*_number_and_hash(registry)), *_number_and_hash(organisations))
        checkpoint = Checkpoint(origin.removesuffix(SUFFIX), size, root)
        sum_node = Node(digest, Sums(*map(_number, sums)).checked())
        found = Balances(checkpoint, count, sum_node, chains)
    except (ValueError, BadBalance):
        raise BadNote("NOT_BALANCES") from None
    # One text for one content: prefixes, format and base64 are right if it is written the same.
    if found.text() != text:
        raise BadNote("NOT_BALANCES")
    return found


def _number_and_hash(line: str) -> tuple[int, bytes]:
    number, _, encoded = line.partition(" ")
    try:
        digest = canonical_base64.decode(encoded)
    except ValueError:
        digest = b""
    if len(digest) != HEAD_BYTES:
        raise ValueError("no hash")
    return _number(number), digest


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    return int(text)
