"""The balance signer: makes the tree of balances at a checkpoint, signs its root, publishes it."""

from collections.abc import Callable, Sequence

import structlog

from eventlog.contract import Log
from evidence.balance_files import (
    BalancesUnknown,
    note_at,
    sheet_at,
    signed_balances,
    write_balances,
)
from evidence.balance_notes import Balances, balance_keys
from evidence.balance_tree import BadBalance
from evidence.folder import EvidenceFolder
from evidence.guard import confirmed_keys
from evidence.notes import LineSigner, Verifier

logger = structlog.get_logger()


class BalanceSigner:
    """
    Signs the balances of one log; *signers* are the private keys at hand.

    It reads the log for itself, from the balances signed last on.
    """

    def __init__(
        self,
        log: Log,
        folder: EvidenceFolder,
        signers: Callable[[Sequence[Verifier]], Sequence[LineSigner]],
    ) -> None:
        self._log = log
        self._folder = folder
        self._signers = signers

    def sign(self, progress: Callable[[int], None] = lambda _: None) -> bool:
        """
        Sign and publish the balances at the newest checkpoint; False if that was done, or cannot be.

        A log whose balances cannot be known has checkpoints all the same: this is said, not raised.
        """
        keys = confirmed_keys(self._log, self._folder)
        checkpoint = self._folder.checkpoint(keys)
        newest = signed_balances(note_at(self._folder), keys)
        done = newest.checkpoint.size if newest else 0
        if checkpoint is None or checkpoint.size <= done:
            return False
        signers = self._signers(balance_keys(keys.at(checkpoint.size)))
        if not signers:
            logger.warning("balances.no_key")
            return False
        try:
            sheet = sheet_at(self._log, self._folder, newest, checkpoint.size, progress)
            tree = sheet.tree()
        except (BalancesUnknown, BadBalance) as unknown:
            logger.warning("balances.unknown", at=str(unknown), position=checkpoint.size)
            return False
        chains = sheet.chains.tree().roots
        note = Balances(checkpoint, len(tree.funds), tree.root, chains).signed(signers)
        # The topic first: killed in between, the next run publishes the same again, and harms nobody.
        self._log.append_checkpoint(note.encode())
        write_balances(self._folder, checkpoint.size, note, sheet)
        logger.info("balances.signed", position=checkpoint.size, accounts=len(sheet.leaves()))
        return True
