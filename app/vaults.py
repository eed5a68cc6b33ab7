"""The vault and the log together: no vault is opened before the log was asked how far it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.problems import Problem, Words
from app.settings import Settings
from app.wiring import open_vault, open_vault_database
from domain.events import LogOpened
from eventlog.contract import Log
from publishers.attested import KnownVault, Seen, highest_attested
from schemas.codec import decode
from vault.recovery import header_of
from vault.store import Header
from vault.vault import Vault

FIRST_EVENT_TIMEOUT_S = 10.0


def ledger_of(settings: Settings, log: Log) -> bytes:
    """
    The ledger id: pinned by the settings, or of the log's first event.

    Raises:
        Problem: neither is there.
    """
    if settings.ledger:
        return bytes.fromhex(settings.ledger)
    first = None
    if log.last_position():
        first = log.read_events(after=0, limit=1, timeout_s=FIRST_EVENT_TIMEOUT_S)
    opened = decode(first[0].value) if first else None
    if isinstance(opened, LogOpened):
        return opened.submission_digest
    raise Problem(
        Words("总账尚未开立。", "The log has not been opened."),
        how=Words("先运行 hengwen init。", "Run `hengwen init` first."),
    )


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
