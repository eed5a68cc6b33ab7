"""
Balances in the folder of evidence, and the sheet of all accounts at a position of the log.

::

    public/balances              the newest signed balances
    public/balances-at/<size>    every one, by the size of the log
    auditors/balance-sheet       the accounts as last signed
    auditors/organisation-chains the organisations' chains as last signed

The last two are a cache: if their trees are not what was signed they are made again from the log.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Final

from domain.events import Event
from eventlog.reading import EventsLog, batches
from evidence.balance_notes import Balances, claimed_balances, opened_balances
from evidence.balance_sheet import BalanceSheet
from evidence.balance_tree import AccountLeaf, BadBalance
from evidence.folder import EvidenceFolder
from evidence.keys import KeyHistory
from evidence.notes import BadNote
from evidence.organisation_chains import OrganisationChains
from evidence.tiles import File, bundle, entries, numbered
from schemas.codec import Unreadable, decode

NEWEST: Final = "balances"
EVERY: Final = "balances-at"
SHEET: Final = "balance-sheet"
CHAINS: Final = "organisation-chains"
POSITION_BYTES: Final = 8


class BalancesUnknown(Exception):
    """From the event at this position on balances are unknown: it is unreadable, or moves nothing that is there."""


def note_at(folder: EvidenceFolder, size: int | None = None) -> str | None:
    """The balances signed at a size of the log, or the newest; None if there are none."""
    content = folder.public.read(NEWEST if size is None else f"{EVERY}/{numbered(size)}")
    return content.decode("utf-8", "replace") if content else None


def signed_balances(note: str | None, keys: KeyHistory) -> Balances | None:
    """The balances in a note if a key that may sign at that size did; else None."""
    try:
        size = claimed_balances(note or "").checkpoint.size
        return opened_balances(note or "", keys.at(size))
    except BadNote:
        return None


def write_balances(folder: EvidenceFolder, size: int, note: str, sheet: BalanceSheet) -> None:
    """Write signed balances and the sheet they were made from; ``balances`` last."""
    packed = [sheet.position.to_bytes(POSITION_BYTES, "big")]
    packed += [leaf.packed() for leaf in sheet.leaves()]
    folder.auditors.write(
        [File(CHAINS, bundle(sheet.chains.packed())), File(SHEET, bundle(packed))]
    )
    folder.public.write([File(f"{EVERY}/{numbered(size)}", note.encode())])
    folder.public.write([File(NEWEST, note.encode())])


def sheet_at(
    log: EventsLog,
    folder: EvidenceFolder,
    signed: Balances | None,
    size: int,
    progress: Callable[[int], None] = lambda _: None,
) -> BalanceSheet:
    """
    The accounts after *size* events, from the sheet of the balances *signed* on if it fits.

    Raises:
        BalancesUnknown: an event on the way.
        LogDamaged, LogUnavailable: see eventlog.reading.batches().
    """
    sheet = _kept(folder, signed) if signed and signed.checkpoint.size <= size else None
    sheet = sheet or BalanceSheet()
    progress(sheet.position)
    for records in batches(log, after=sheet.position, until=size):
        for record in records:
            take(sheet, record.value)
        progress(len(records))
    return sheet


def take(sheet: BalanceSheet, value: bytes) -> None:
    """
    Take the next stored event into a sheet.

    Raises:
        BalancesUnknown: it cannot be read, or moves fen that are not there.
    """
    try:
        event = decode(value)
        if not isinstance(event, Event):
            raise BalancesUnknown(sheet.position + 1)
        sheet.take(event, sha256(value).digest())
    except (Unreadable, BadBalance) as error:
        raise BalancesUnknown(sheet.position + 1) from error


def _kept(folder: EvidenceFolder, signed: Balances) -> BalanceSheet | None:
    """The sheet in the folder if it is the one that was signed."""
    try:
        # Ours, and of any length.
        position, *leaves = entries(folder.auditors.read(SHEET, -1) or b"")
        chains = OrganisationChains.unpacked(entries(folder.auditors.read(CHAINS, -1) or b""))
        sheet = BalanceSheet(
            int.from_bytes(position, "big"), map(AccountLeaf.unpacked, leaves), chains=chains
        )
        told = sheet.position, sheet.tree().root, chains.tree().roots
        found = told == (signed.checkpoint.size, signed.root, signed.chains)
    except (ValueError, BadBalance):
        return None
    return sheet if found else None
