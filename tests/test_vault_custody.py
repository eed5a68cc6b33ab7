"""Keeping names: read only on record, erased for good, backed up whole, recovered honestly."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from people import LEDGER, MASTER_KEY, number, worker
from test_vault_calls import clock, opened, request

from app.embedded_postgres import EmbeddedPostgres
from domain.units import Position
from vault.backup import check_backup, restore_backup, write_backup
from vault.errors import (
    BackupBroken,
    PersonGone,
    SealBroken,
    VaultBehind,
    VaultMissing,
    WrongVault,
)
from vault.recovery import go_on_from, header_of, lost_persons, status
from vault.store import Reading
from vault.vault import Sealed, SealedField, SealRequest, Vault

READING = Reading("reading-1", Position(7), "p-auditorqqqqqqqqqqqqqqqqq", "AUDIT", "case-1")


@pytest.fixture
def vault(postgres_dsn: str) -> Iterator[Vault]:
    """A new vault in a database of its own."""
    with Vault.create(postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock) as made:
        yield made


@pytest.fixture
def other_dsn(postgres_server: str) -> Iterator[str]:
    """A second empty database."""
    name = "vault_restored"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
        yield psycopg.conninfo.make_conninfo(postgres_server, dbname=name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def in_log(asked: SealRequest, answer: Sealed, **other: str) -> SealedField:
    """The sealed field as it stands in the log, or moved to another place."""
    place = {
        "organisation": asked.organisation,
        "business_id": asked.business_id,
        "field": asked.field,
        "person": answer.person,
    }
    return SealedField(**(place | other), sealed=answer.sealed)


def readings(dsn: str) -> list[tuple[str, list[str]]]:
    """Who read whom, as recorded."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT actor, persons FROM vault.readings ORDER BY number")
        return [(actor, persons) for actor, persons in rows]


def test_an_auditor_reads_what_was_sealed(vault: Vault, postgres_dsn: str) -> None:
    """The identity as of the payment comes back, and the reading is on record."""
    asked = request(0)
    (answer,) = vault.seal([asked])
    assert vault.read(READING, [in_log(asked, answer)]) == [worker(0)]
    assert readings(postgres_dsn) == [("p-auditorqqqqqqqqqqqqqqqqq", [answer.person])]


def test_a_reading_is_recorded_even_if_it_fails(vault: Vault, postgres_dsn: str) -> None:
    """What was tried is on record: a field moved to another payment does not open."""
    asked = request(0)
    (answer,) = vault.seal([asked])
    with pytest.raises(SealBroken):
        vault.read(READING, [in_log(asked, answer, business_id="another payment")])
    assert len(readings(postgres_dsn)) == 1


def test_a_reading_has_a_size(vault: Vault, postgres_dsn: str) -> None:
    """Nobody reads more than 500 names at a time."""
    asked = request(0)
    (answer,) = vault.seal([asked])
    with pytest.raises(ValueError, match="500"):
        vault.read(READING, [in_log(asked, answer)] * 501)
    assert readings(postgres_dsn) == []


def test_erasure_takes_the_name_and_leaves_the_rest(vault: Vault, postgres_dsn: str) -> None:
    """The key and the index entries are gone, shared tokens stay, a later payment is a stranger."""
    requests = [request(0), request(1)]  # they share card and household
    gone, stays = vault.seal(requests)
    vault.erase(gone.person, position=Position(9))
    fields = [in_log(asked, one) for asked, one in zip(requests, (gone, stays), strict=True)]
    assert vault.read(READING, fields) == [None, worker(1)]
    with pytest.raises(PersonGone):
        vault.erase(gone.person, position=Position(10))
    (later,) = vault.seal([request(0)])
    assert later.person != gone.person
    assert (later.card, later.household) == (stays.card, stays.household)
    assert later.phone != gone.phone
    found = status(postgres_dsn)
    assert (found.persons, found.erased) == (3, 1)


def test_the_last_holder_takes_the_token_along(vault: Vault, postgres_dsn: str) -> None:
    """A card that only erased persons used is forgotten."""
    one, two = vault.seal([request(0), request(1)])
    for person in (one.person, two.person):
        vault.erase(person, position=Position(9))
    with psycopg.connect(postgres_dsn) as connection:
        left = connection.execute(
            "SELECT (SELECT count(*) FROM vault.documents), (SELECT count(*) FROM vault.tokens),"
            " (SELECT count(*) FROM vault.holders)"
        ).fetchone()
    assert left == (0, 0, 0)


def test_a_backup_restores_the_whole_vault(
    vault: Vault, postgres_dsn: str, other_dsn: str, tmp_path: Path
) -> None:
    """Persons, tokens, ids, keys and readings are the same in the restored vault."""
    requests = [request(n) for n in range(20)]
    before = vault.seal(requests)
    vault.read(READING, [in_log(requests[0], before[0])])
    written = write_backup(postgres_dsn, tmp_path / "backup", clock())
    assert check_backup(tmp_path / "backup") == written
    assert restore_backup(other_dsn, tmp_path / "backup") == written
    with opened(other_dsn, highest_in_log=1) as restored:
        after = restored.seal(requests)
        assert [one[:6] for one in after] == [one[:6] for one in before]
        assert after[0].attestation.sequence == 2
        assert restored.payment_ids("o", "r", [b"x"]) == vault.payment_ids("o", "r", [b"x"])
        restored.read(READING, [in_log(requests[0], before[0])])
    assert readings(other_dsn) == readings(postgres_dsn) * 2


def test_a_backup_says_nothing(vault: Vault, postgres_dsn: str, tmp_path: Path) -> None:
    """The file holds no name and no number, and only its owner may read it."""
    vault.seal([request(0)])
    write_backup(postgres_dsn, tmp_path / "backup", clock())
    data = (tmp_path / "backup").read_bytes()
    for value in (number(0), "测试甲", "样例矿业公司", "13900000000"):
        assert value.encode() not in data
        assert value.encode().hex().encode() not in data
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_a_backup_is_never_overwritten(vault: Vault, postgres_dsn: str, tmp_path: Path) -> None:
    """A second backup needs a name of its own, and no half of one stays behind."""
    assert vault.last_sequence == 0
    write_backup(postgres_dsn, tmp_path / "backup", clock())
    with pytest.raises(FileExistsError):
        write_backup(postgres_dsn, tmp_path / "backup", clock())
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]


def test_a_damaged_backup_is_not_restored(
    vault: Vault, postgres_dsn: str, other_dsn: str, tmp_path: Path
) -> None:
    """Cut short, changed or foreign: nothing is restored."""
    vault.seal([request(0)])
    write_backup(postgres_dsn, tmp_path / "backup", clock())
    whole = (tmp_path / "backup").read_bytes()
    for n, data in enumerate((whole[:-80], whole.replace(b"p-", b"q-", 1), b"", b"{}\n")):
        (tmp_path / f"bad-{n}").write_bytes(data)
        with pytest.raises(BackupBroken):
            restore_backup(other_dsn, tmp_path / f"bad-{n}")
    with pytest.raises(VaultMissing):
        header_of(other_dsn)
    with pytest.raises(WrongVault):
        restore_backup(postgres_dsn, tmp_path / "backup")


def test_an_old_backup_is_refused_until_the_loss_is_accepted(
    vault: Vault, postgres_dsn: str, other_dsn: str, tmp_path: Path
) -> None:
    """A vault behind the log names whom it has lost, and goes on behind the log's last call."""
    known = vault.seal([request(0)])[0].person
    write_backup(postgres_dsn, tmp_path / "old", clock())
    lost = vault.seal([request(1)])[0].person
    restore_backup(other_dsn, tmp_path / "old")
    with pytest.raises(VaultBehind):
        opened(other_dsn, highest_in_log=2)
    assert lost_persons(other_dsn, [known, lost]) == [lost]
    with pytest.raises(WrongVault):
        go_on_from(other_dsn, bytes(32), ledger=LEDGER, highest_in_log=2)
    with pytest.raises(WrongVault):
        go_on_from(other_dsn, MASTER_KEY, ledger=bytes(32), highest_in_log=2)
    assert go_on_from(other_dsn, MASTER_KEY, ledger=LEDGER, highest_in_log=2) == 2
    with opened(other_dsn, highest_in_log=2) as restored:
        again = restored.seal([request(0), request(1)])
    assert again[0].person == known
    assert again[1].person != lost
    assert again[0].attestation.sequence == 3


def test_what_was_answered_survives_a_crash_of_the_database(own_postgres: EmbeddedPostgres) -> None:
    """After a crash the same vault goes on: same persons, next sequence, no restart of ours."""
    dsn = own_postgres.ensure_database("vault_crashed")
    with Vault.create(dsn, MASTER_KEY, ledger=LEDGER, clock=clock) as made:
        (before,) = made.seal([request(0)])
        own_postgres.crash()
        own_postgres.start()
        (after,) = made.seal([request(0)])
    assert after[:6] == before[:6]
    assert after.attestation.sequence == 2


def test_the_search_of_the_log_is_remembered(vault: Vault, postgres_dsn: str) -> None:
    """How far the log was searched only ever grows."""
    for ordinal in (5, 3):
        vault.note_log_seen(ordinal)
    assert header_of(postgres_dsn).log_seen == 5
