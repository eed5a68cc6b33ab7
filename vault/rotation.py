"""
Changing the master key: every key in the vault is wrapped anew, in one transaction; the log stays.

Before its commit the old master key opens the vault, after it the new one, and never both or none.
Vaults that are open meanwhile refuse to seal afterwards, until they are opened with the new key.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection

from vault import store
from vault.database import Store
from vault.errors import WrongVault
from vault.headers import unwrapped
from vault.keys import MasterKey, master_key_id
from vault.store import Header
from vault.suites import suite_called

BATCH_MAX: Final = 5_000


class Rotation(NamedTuple):
    """What was done. Ids of keys say nothing about the keys."""

    old_key_id: str
    new_key_id: str
    persons: int
    """How many persons' keys were wrapped anew; erased persons have none."""
    already: bool
    """Whether the new key was in force before."""


def rotate(
    dsn: str, old: bytes, new: bytes, wrapped: Callable[[int], None] = lambda _: None
) -> Rotation:
    """
    Replace the master key *old* by *new*; calling it again after a crash finishes the job.

    Raises:
        WrongVault: neither of the keys fits, they are equal, or one has not 32 bytes.
        VaultMissing, VaultUnreachable: there is no vault.
    """
    if old == new:
        raise WrongVault("the new master key is the old one")
    data = Store(dsn)
    try:
        with data.transaction() as connection:
            store.lock(connection)
            header = store.read_header(connection)
            suite = suite_called(header.suite)
            old_id, new_id = master_key_id(old, suite), master_key_id(new, suite)
            keys = MasterKey(old, suite), MasterKey(new, suite)
            if not _fits(header, keys[0]) and _fits(header, keys[1]):
                return Rotation(old_id, new_id, 0, already=True)
            _rewrap_header(connection, header, keys)
            persons = _rewrap_persons(connection, keys, wrapped)
        return Rotation(old_id, new_id, persons, already=False)
    finally:
        data.close()


def fitting(dsn: str, keys: Sequence[bytes]) -> bytes:
    """
    The first of the master keys that opens the vault.

    Raises:
        WrongVault: none does.
        VaultMissing, VaultUnreachable: there is no vault.
    """
    data = Store(dsn)
    try:
        with data.transaction() as connection:
            header = store.read_header(connection)
    finally:
        data.close()
    for key in keys:
        if _fits(header, MasterKey(key, suite_called(header.suite))):
            return key
    raise WrongVault("no master key fits this vault")


def _fits(header: Header, master: MasterKey) -> bool:
    try:
        unwrapped(header, master)
    except WrongVault:
        return False
    return True


def _rewrap_header(
    connection: Connection[Any], header: Header, keys: tuple[MasterKey, MasterKey]
) -> None:
    own, new = unwrapped(header, keys[0]), keys[1]
    store.set_own_keys(
        connection,
        signing_key=new.wrap(own.signing, f"{header.vault}/signing"),
        index_key=new.wrap(own.index, f"{header.vault}/index"),
        id_key=new.wrap(own.ids, f"{header.vault}/ids"),
    )


def _rewrap_persons(
    connection: Connection[Any],
    keys: tuple[MasterKey, MasterKey],
    wrapped: Callable[[int], None],
) -> int:
    """Wrap all persons' keys anew, in the order of their ids; memory stays flat."""
    old, new = keys
    count, after = 0, ""
    while persons := store.persons_after(connection, after, BATCH_MAX):
        store.set_keys(
            connection,
            [(p.person, new.wrap(old.unwrap(p.wrapped_key, p.person), p.person)) for p in persons],
        )
        after = persons[-1].person
        count += len(persons)
        wrapped(len(persons))
    return count
