"""The balances that were signed, against those that the events give."""

import contextlib
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from domain.account import account_stream
from domain.events import CheckpointKeyRotated, Event, Incoming, LogOpened
from evidence.balance_notes import claimed_balances, is_balances, opened_balances
from evidence.balance_proofs import BadProof
from evidence.balance_sheet import BalanceSheet
from evidence.balance_tree import BadBalance, Head
from evidence.checkpoints import Checkpoint
from evidence.keys import KeyHistory
from evidence.notes import BadNote
from evidence.verify_accounts import AccountsCheck
from evidence.verify_checks import BALANCES, Check, failed, not_checked, passed
from evidence.verify_records import RecordsCheck
from evidence.verify_signed import Trust, counting_keys
from evidence.verify_source import Source
from schemas.codec import decode

TELLING: Final = (LogOpened, CheckpointKeyRotated)


class BalancesCheck:
    """Makes the balances again while the events go by, and compares where some were signed."""

    def __init__(self, source: Source, trust: Trust) -> None:
        self._trust = trust
        self._keys = KeyHistory()
        claims = [(checkpoint_in(note), note) for note in dict.fromkeys(source.notes())]
        self._notes = [(claim.size, note) for claim, note in claims if claim is not None]
        self._last = source.extent.last
        # The next last; one at size 0 says nothing, and must not hold up the others.
        self._due = sorted(
            ((claim.size, note) for claim, note in claims if claim is not None and claim.size),
            reverse=True,
        )
        self._sheet = BalanceSheet() if self._due and source.extent.begins else None
        self._accounts = AccountsCheck(source)
        self._records = RecordsCheck(source)
        self._signed = 0
        self._failed: Check | None = None

    def take(self, position: int, event: Event, value: bytes, digest: bytes) -> None:
        """Take in the next event, its stored bytes and their SHA-256."""
        if isinstance(event, TELLING):
            self._keys.learn(position, value)
        self._accounts.take(position, event, value, digest)
        self._records.take(position, event, value, digest)
        if self._sheet is None or self._failed is not None or not self._due:
            return
        try:
            self._sheet.take(event, digest)
            while self._due and self._due[-1][0] == position:
                self._compare(position, self._sheet, self._due.pop()[1])
        except BadBalance:
            self._failed = failed(BALANCES, "BALANCE_IMPOSSIBLE", position)

    def _compare(self, position: int, sheet: BalanceSheet, note: str) -> None:
        try:
            signed = opened_balances(note, counting_keys(self._trust, self._keys))
        except BadNote:
            return  # nobody known signed it: it means nothing
        self._signed += 1
        tree = sheet.tree()
        found = (len(tree.funds), tree.root, sheet.chains.tree().roots)
        if (signed.funds, signed.root, signed.chains) != found:
            self._failed = failed(BALANCES, "BALANCES_DIFFER", position, size=position)

    def check(self, *, stopped: bool) -> list[Check]:
        """What was found; nothing if no balances were signed."""
        newest = self._newest()
        accounts = self._accounts.check(newest, self._keys, self._trust)
        records = self._records.check(newest, self._keys, self._trust)
        return [*self._balances(stopped=stopped), *accounts, *records]

    def _newest(self) -> int:
        """Size of the newest balances within the source that were signed; 0 if there are none."""
        for size, note in sorted(self._notes, reverse=True):
            if size > self._last:
                continue
            with contextlib.suppress(BadNote):
                opened_balances(note, counting_keys(self._trust, self._keys))
                return size
        return 0

    def _balances(self, *, stopped: bool) -> list[Check]:
        if self._failed is not None:
            return [self._failed]
        if self._sheet is None:
            return [not_checked(BALANCES, "PART")] if self._due else []
        if stopped:
            return [not_checked(BALANCES, "STOPPED")]
        return [passed(BALANCES, signed=self._signed)] if self._signed else []


def checkpoint_in(note: str) -> Checkpoint | None:
    """The checkpoint that a note about balances names; None if it is no such note."""
    if not is_balances(note):
        return None
    try:
        return claimed_balances(note).checkpoint
    except BadNote:
        return None


def named_by(notes: Sequence[str], keys: KeyHistory, trust: Trust) -> list[Checkpoint]:
    """The checkpoints that signed balances name: they must be of the same history as all others."""
    found = []
    for note in notes:
        try:
            found.append(opened_balances(note, counting_keys(trust, keys)).checkpoint)
        except BadNote:
            continue
    return found


def heads_in(source: Source, organisation: str, fund: str, until: int) -> tuple[Head, Head]:
    """
    The last links of an account's two chains, up to a position, among the events of a source.

    Raises:
        BadProof: LINK_MISSING, an event between others is not there.
        ContainerDamaged, OSError, LogDamaged, Unreadable: the events cannot be read.
    """
    stream = account_stream(organisation, fund)
    own, receiving = Head(), Head()
    for batch in source.events():
        for position, value in batch:
            if position > until:
                return own, receiving
            event = decode(value)
            if event.stream == stream:
                own = _linked(own, event.version, event.previous, value)
            if isinstance(event, Incoming) and event.in_stream == stream:
                receiving = _linked(receiving, event.in_version, event.in_previous, value)
    return own, receiving


def _linked(head: Head, version: int, previous: bytes | None, value: bytes) -> Head:
    """The head after the next link of a chain."""
    if (version, previous or Head().digest) != (head.version + 1, head.digest):
        raise BadProof("LINK_MISSING")
    return Head(version, sha256(value).digest())
