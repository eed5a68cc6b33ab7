"""The vault and the log together: no vault is opened before the log was asked how far it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import Settings
from app.wiring import open_vault, open_vault_database
from eventlog.contract import Log
from publishers.attested import KnownVault, Seen, highest_attested
from vault.recovery import header_of
from vault.store import Header
from vault.vault import Vault


def ledger_of(settings: Settings, log: Log) -> bytes:
    """
    The ledger id: pinned by the settings, or of the event that opened the log.

    Raises:
        Problem: neither is there.
    """
    if settings.ledger:
        return bytes.fromhex(settings.ledger)
    from app.commands.ledger import opened_log  # noqa: PLC0415  # slow to import

    return bytes(opened_log(log).submission_digest)


def asked_of_log(log: Log, header: Header) -> Seen:
    """How far the log was searched, and the highest sequence of this vault it has seen."""
    known = KnownVault(header.vault, header.public_key, header.ledger)
    return highest_attested(log, known, after=header.log_seen)


@contextmanager
def vault_of(settings: Settings, log: Log) -> Iterator[Vault]:
    """
    The vault of the log's ledger, open.

    Raises:
        VaultMissing, WrongVault, VaultUnreachable: see vault.errors.
        VaultBehind: the log has seen a later sealing call.
        Problem: the log is not open, or the master key is missing.
    """
    ledger = ledger_of(settings, log)
    # Both contexts together, so that the embedded database is started once.
    with open_vault_database(settings) as dsn:
        seen = asked_of_log(log, header_of(dsn))
        with open_vault(settings, ledger=ledger, highest_in_log=seen.sequence) as vault:
            vault.note_log_seen(seen.ordinal)
            yield vault
