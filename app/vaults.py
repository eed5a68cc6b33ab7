"""The vault and the log together: no vault is opened before the log was asked how far it was."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import structlog

from app.master_keys import fitting_master_key, master_key
from app.settings import Settings
from app.wiring import now, open_vault_database
from consumers.person_records import erasures, records_of
from domain.suites import INTL_1
from domain.units import Position
from eventlog.contract import Log
from publishers.attested import KnownVault, Seen, highest_attested
from publishers.codes import identity_regions
from vault.erasure import carry_out
from vault.recovery import header_of
from vault.store import Header
from vault.vault import Vault

logger = structlog.get_logger()


def ledger_of(settings: Settings, log: Log) -> bytes:
    """
    The ledger id: pinned by the settings, or of the event that opened the log.

    Raises:
        Problem: neither is there.
    """
    if settings.ledger:
        return bytes.fromhex(settings.ledger)
    from app.opened import opened_log  # noqa: PLC0415  # slow to import

    return bytes(opened_log(log).submission_digest)


def suite_of(log: Log) -> str:
    """
    The suite under which the log's ledger was opened.

    A vault can be made for a ledger that the settings pin and that is not open yet: INTL-1 then; a
    ledger that is opened under another one afterwards is refused by that vault.
    """
    from app.opened import log_opened  # noqa: PLC0415  # slow to import

    opened = log_opened(log)
    return INTL_1 if opened is None else str(opened.suite)


def asked_of_log(log: Log, header: Header) -> Seen:
    """How far the log was searched, and the highest sequence of this vault it has seen."""
    known = KnownVault(header.vault, header.public_key, header.ledger)
    return highest_attested(log, known, after=header.log_seen)


@contextmanager
def vault_of(settings: Settings, log: Log) -> Iterator[Vault]:
    """
    The vault of the log's ledger, open.

    Erasures that the log has and the vault has not are carried out first: their process was killed,
    or the vault was restored from a backup.

    Raises:
        VaultMissing, WrongVault, OtherSuite, VaultUnreachable: see vault.errors.
        VaultBehind: the log has seen a later sealing call.
        Problem: the log is not open, or the master key is missing.
    """
    ledger = ledger_of(settings, log)
    # Both contexts together, so that the embedded database is started once.
    with open_vault_database(settings) as dsn:
        header = header_of(dsn)
        end = Position(log.last_position())
        seen = asked_of_log(log, header)
        with open_vault(
            settings, ledger=ledger, suite=suite_of(log), highest_in_log=seen.sequence
        ) as vault:
            _catch_up_with_erasures(vault, log, header.log_seen, end)
            # Event n is the verdict on submission n: both logs were searched that far.
            vault.note_log_seen(min(seen.ordinal, end))
            yield vault


def _catch_up_with_erasures(vault: Vault, log: Log, after: int, end: Position) -> None:
    """
    Destroy keys whose erasure stands in the log, except where a retention period ran that day.

    Admission refuses an erasure that comes too early. Periods are counted here a second time, from
    the records alone, for what is destroyed cannot be brought back.
    """
    pending = [one for one in erasures(log, after, end) if vault.has_key(one.person) is not False]
    if not pending:
        return
    records = records_of(log, {one.person for one in pending})
    for person, position, day in pending:
        if records[person].kept_on(day):
            logger.warning("vault.erasure_too_early", position=position)
        else:
            carry_out(vault, person, records[person].ids, position=position)


@contextmanager
def open_vault(
    settings: Settings, *, ledger: bytes, suite: str, highest_in_log: int
) -> Iterator[Vault]:
    """
    The vault of a ledger under its *suite*.

    *highest_in_log* is the highest sequence the log has seen of it.

    Raises:
        VaultMissing, WrongVault, OtherSuite, VaultBehind: see vault.errors.
        Problem: the master key is missing.
    """
    with ExitStack() as open_things:
        dsn = open_things.enter_context(open_vault_database(settings))
        yield open_things.enter_context(
            Vault.open(
                dsn,
                fitting_master_key(settings, dsn),
                ledger=ledger,
                suite=suite,
                highest_in_log=highest_in_log,
                clock=now,
                regions=identity_regions(),
            )
        )


@contextmanager
def create_vault(settings: Settings, *, ledger: bytes, suite: str) -> Iterator[Vault]:
    """
    Make the vault of a ledger under its *suite* where there is none, and open it.

    Raises:
        WrongVault: there is one already.
        Problem: the master key is missing.
    """
    with ExitStack() as open_things:
        dsn = open_things.enter_context(open_vault_database(settings))
        key = master_key(settings)
        yield open_things.enter_context(
            Vault.create(
                dsn, key, ledger=ledger, suite=suite, clock=now, regions=identity_regions()
            )
        )
