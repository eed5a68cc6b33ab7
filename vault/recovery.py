"""
After an old backup: whose keys are lost, and how the vault may go on.

A vault restored from a backup refuses to open once the log has seen a later sealing call. What was
sealed after the backup is lost for good: those persons keep their ids and balances in the log, but
nobody can read their names again, and their next payment gives them a new id.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from domain.units import Micros
from vault import store
from vault.database import Store
from vault.errors import WrongVault
from vault.headers import unwrapped
from vault.keys import MasterKey
from vault.store import Header
from vault.suites import suite_called

LOOKUP_MAX: Final = 10_000


class Status(NamedTuple):
    """What a vault holds, in figures."""

    vault: str
    ledger: bytes
    suite: str
    public_key: bytes
    sequence: int
    created_at: Micros
    persons: int
    erased: int
    tokens: int
    calls: int
    readings: int
    last_call_at: Micros | None
    durable: bool
    """Whether the server forces commits to disk (fsync)."""


def header_of(dsn: str) -> Header:
    """
    The vault's header, without opening the vault.

    Raises:
        VaultMissing, VaultUnreachable: there is none.
    """
    data = Store(dsn)
    try:
        with data.transaction() as connection:
            return store.read_header(connection)
    finally:
        data.close()


def status(dsn: str) -> Status:
    """
    The vault in figures; needs no key.

    Raises:
        VaultMissing, VaultUnreachable: there is none.
    """
    data = Store(dsn)
    try:
        with data.transaction() as connection:
            header = store.read_header(connection)
            row = connection.execute(
                "SELECT (SELECT count(*) FROM vault.persons),"
                " (SELECT count(*) FROM vault.persons WHERE wrapped_key IS NULL),"
                " (SELECT count(*) FROM vault.tokens), (SELECT count(*) FROM vault.calls),"
                " (SELECT count(*) FROM vault.readings),"
                " (SELECT max(called_at) FROM vault.calls),"
                " current_setting('fsync') = 'on'"
            ).fetchone()
    finally:
        data.close()
    return Status(
        header.vault,
        header.ledger,
        header.suite,
        header.public_key,
        header.sequence,
        header.created_at,
        *(row or ()),
    )


def lost_persons(dsn: str, persons: Iterable[str]) -> list[str]:
    """The persons of the log that the vault does not know, sorted. Erased ones are known."""
    data = Store(dsn)
    lost: set[str] = set()
    try:
        for some in _batches(persons):
            with data.transaction() as connection:
                lost |= set(some) - store.keys_of(connection, some).keys()
    finally:
        data.close()
    return sorted(lost)


def go_on_from(dsn: str, master_key: bytes, *, ledger: bytes, highest_in_log: int) -> int:
    """
    Let a restored vault continue behind the last sequence the log has seen; that sequence.

    Raises:
        WrongVault: another ledger or master key.
        VaultMissing, VaultUnreachable: there is none.
    """
    data = Store(dsn)
    try:
        with data.transaction() as connection:
            store.lock(connection)
            header = store.read_header(connection)
            unwrapped(header, MasterKey(master_key, suite_called(header.suite)))
            _require_ledger(header, ledger)
            sequence = max(header.sequence, highest_in_log)
            store.set_sequence(connection, sequence)
            return sequence
    finally:
        data.close()


def _require_ledger(header: Header, ledger: bytes) -> None:
    if header.ledger != ledger:
        raise WrongVault("the vault belongs to another ledger")


def _batches(persons: Iterable[str]) -> Iterator[list[str]]:
    source = iter(persons)
    while some := list(islice(source, LOOKUP_MAX)):
        yield some
