"""Whether a part of a log lacks events of its accounts, by the balance proofs in it."""

from contextlib import suppress
from typing import Final

from domain.account import account_stream
from domain.events import Event
from evidence.balance_proofs import BadProof, BalanceProof, claimed, proof_in, shown
from evidence.balance_sheet import KIND, BalanceSheet
from evidence.balance_tree import AccountLeaf, BadBalance, Head, Sums
from evidence.keys import KeyHistory
from evidence.pack_scope import Subtree
from evidence.verify_checks import (
    ACCOUNTS,
    NOT_CHECKED,
    Check,
    failed,
    not_checked,
    passed,
    texts,
)
from evidence.verify_signed import Trust, counting_keys
from evidence.verify_source import Source

_EMPTY: Final = AccountLeaf("", "", Sums(), Head(), Head())
"""What an account is before its first event."""


class AccountsCheck:
    """
    Follows heads and sums of the accounts of the part, all of which must have proofs.

    Heads show that no event of an account is missing at its end; sums, that no other event is that
    moves its fen, as a roster's approval does.
    """

    def __init__(self, source: Source) -> None:
        extent = source.extent
        self._extent = extent
        texts = source.balance_proofs() if extent.organisation and extent.first == 1 else []
        self._part = Subtree(extent.organisation or "")
        self._proofs: dict[str, BalanceProof] = {}
        self._until: dict[str, int] = {}
        self._bad: str | None = None
        for text in texts:
            try:
                proof = proof_in(text)
                stream = account_stream(proof.organisation, proof.fund)
                self._until[stream] = claimed(proof).checkpoint.size
                self._proofs[stream] = proof
            except BadProof as bad:
                self._bad = bad.code
        self._sheet = BalanceSheet(only=self._proofs.keys())
        self._folded = max(self._until.values(), default=0)
        """Position up to which the sheet follows the accounts: that of the proofs."""
        self._named: dict[str, int] = {}
        """First position at which an event names an account."""

    def take(self, position: int, event: Event, value: bytes, digest: bytes) -> None:
        """Take in the next event of the part."""
        if self._extent.organisation is None or self._extent.first > 1:
            return
        self._part.learn(value)
        for stream in (event.stream, getattr(event, "in_stream", "")):
            if stream.startswith(KIND):
                self._named.setdefault(stream, position)
        if position <= self._folded:
            with suppress(BadBalance):  # then its sums are not those of the proof
                self._sheet.take(event, digest)

    def check(self, signed: int, keys: KeyHistory, trust: Trust) -> list[Check]:
        """
        What was found; nothing of what is no part.

        *signed* is the size of the newest signed balances within the part, 0 if there are none.
        """
        if self._extent.organisation is None:
            return []
        if self._extent.first > 1:
            return [not_checked(ACCOUNTS, "FROM_MIDDLE")]
        newest = max(signed, *self._until.values(), 0)
        if not newest and self._bad is None:
            return [not_checked(ACCOUNTS, "NO_BALANCES")]
        wrong = self._wrong(newest, keys, trust) or self._unproven(newest)
        if wrong is not None:
            return [wrong]
        figures = {"accounts": len(self._proofs), "size": newest, "last": self._extent.last}
        if newest < self._extent.last:
            return [Check(ACCOUNTS, NOT_CHECKED, "BALANCES_EARLIER", None, texts(figures))]
        return [passed(ACCOUNTS, **figures)]

    def _wrong(self, newest: int, keys: KeyHistory, trust: Trust) -> Check | None:
        """A proof that does not hold, is older than the newest, or shows other heads or sums."""
        if self._bad is not None:
            return failed(ACCOUNTS, "PROOF_FALSE", why=self._bad)
        leaves = self._sheet.leaves()
        held = {account_stream(leaf.organisation, leaf.fund): leaf for leaf in leaves}
        for stream, proof in self._proofs.items():
            size = self._until[stream]
            if size != newest:
                return failed(ACCOUNTS, "PROOF_OLD", account=stream, size=size, newest=newest)
            try:
                leaf = shown(proof, counting_keys(trust, keys)).account
            except BadProof as bad:
                return failed(ACCOUNTS, "PROOF_FALSE", why=bad.code)
            own = held.get(stream, _EMPTY)
            due = leaf or _EMPTY
            if (own.own, own.receiving) != (due.own, due.receiving):
                return failed(ACCOUNTS, "LATER_HIDDEN", account=stream, size=size)
            if own.sums != due.sums:
                return failed(ACCOUNTS, "SUMS_DIFFER", account=stream, size=size)
        return None

    def _unproven(self, newest: int) -> Check | None:
        """An account of the part that an event names, and no proof."""
        for stream, position in self._named.items():
            if position <= newest and stream not in self._proofs and self._part.owns(stream):
                return failed(ACCOUNTS, "PROOF_MISSING", position, account=stream)
        return None
