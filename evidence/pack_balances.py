"""
The proofs in the pack of a part: one for each account of its organisations, one for each of them.

Balance proofs hold the heads and sums of the accounts, proofs of organisations their chains, so that
whoever has the part alone sees that nothing was left out of it.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evidence.balance_files import BalancesUnknown, signed_balances, take
from evidence.balance_proofs import prove
from evidence.balance_sheet import BalanceSheet
from evidence.balance_tree import BadBalance
from evidence.keys import KeyHistory
from evidence.organisation_proofs import OrganisationProofs
from evidence.pack_layout import Scope
from evidence.pack_scope import Subtree
from schemas.plain_files import read_plain

BALANCE_PROOFS: Final = "balance-proofs.json"
ORGANISATION_PROOFS: Final = "organisation-proofs.json"
PROOFS_BYTES_MAX: Final = 1 << 30


class PackBalances:
    """Follows the balances up to the newest signed ones in the scope of a part from position 1 on."""

    def __init__(
        self, notes: Sequence[str], keys: KeyHistory, part: Subtree | None, scope: Scope
    ) -> None:
        found = [(b, note) for note in notes if (b := signed_balances(note, keys)) is not None]
        wanted = part is not None and scope.first == 1
        within = [one for one in found if wanted and one[0].checkpoint.size <= scope.last]
        self._signed = max(within, key=lambda one: one[0].checkpoint.size, default=None)
        self._codes = part.codes if part else set()
        self._sheet = BalanceSheet()

    def take(self, value: bytes) -> None:
        """Take in the next event of the log."""
        if self._signed is None or self._sheet.position == self._signed[0].checkpoint.size:
            return
        try:
            take(self._sheet, value)
        except BalancesUnknown:
            self._signed = None  # verification says what is wrong; there is nothing to prove here

    def write(self, folder: Path) -> None:
        """Write the proofs, if balances were signed and are what the log gives."""
        if self._signed is None:
            return
        signed, note = self._signed
        try:
            tree = self._sheet.tree()
        except BadBalance:
            return
        if tree.root != signed.root:
            return
        own = sorted(leaf.key for leaf in self._sheet.leaves() if leaf.organisation in self._codes)
        proofs = [prove(tree, organisation, fund, note).text() for fund, organisation in own]
        content = json.dumps(proofs, ensure_ascii=False, indent=1)
        (folder / BALANCE_PROOFS).write_text(content + "\n", encoding="utf-8")
        chains = self._sheet.chains.tree()
        if chains.roots == signed.chains:
            text = OrganisationProofs(note, chains.places(self._codes)).text()
            (folder / ORGANISATION_PROOFS).write_text(text, encoding="utf-8")


def proofs_in(folder: Path) -> list[str]:
    """The texts of the balance proofs in a pack, not checked; none if they cannot be read."""
    try:
        found = json.loads(read_plain(folder / BALANCE_PROOFS, PROOFS_BYTES_MAX))
    except (OSError, ValueError, RecursionError):
        return []
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def organisation_proofs_in(folder: Path) -> str:
    """The text of the proofs of organisations in a pack, not checked; empty if there is none."""
    try:
        return read_plain(folder / ORGANISATION_PROOFS, PROOFS_BYTES_MAX).decode()
    except (OSError, ValueError):
        return ""
