"""Sealing calls on a real PostgreSQL: dense, durable, attested, and safe against each other."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from people import LEDGER, MASTER_KEY, NOW, number, worker

from domain.merkle import root_from_path
from domain.signing import attest_leaf, attest_message
from domain.units import Micros
from vault.errors import (
    DocumentTaken,
    IdentityRejected,
    PersonGone,
    VaultBehind,
    VaultMissing,
    VaultUnreachable,
    WrongVault,
)
from vault.identities import Identity
from vault.vault import Sealed, SealRequest, Vault


def clock() -> Micros:
    """One instant for the whole test."""
    return Micros(NOW)


def opened(dsn: str, *, highest_in_log: int = 0) -> Vault:
    """The vault of the test, opened once more."""
    return Vault.open(dsn, MASTER_KEY, ledger=LEDGER, highest_in_log=highest_in_log, clock=clock)


@pytest.fixture
def vault(postgres_dsn: str) -> Iterator[Vault]:
    """A new vault in a database of its own."""
    with Vault.create(postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock) as made:
        yield made


def request(n: int, identity: Identity | None = None, *, payment: str = "") -> SealRequest:
    """The sealing of the n-th worker for the n-th payment."""
    return SealRequest("632221", payment or f"payment-{n}", "recipient", identity or worker(n))


def proves(vault: Vault, asked: SealRequest, answer: Sealed, **other: str) -> bool:
    """Whether the attestation holds for the request, or for one with *other* parts."""
    one = answer.attestation
    leaf = attest_leaf(
        ledger=LEDGER,
        organisation=other.get("organisation", asked.organisation),
        business_id=other.get("business_id", asked.business_id),
        field=other.get("field", asked.field),
        person=other.get("person", answer.person),
        sealed=answer.sealed,
        checks=answer.checks,
    )
    root = root_from_path(leaf=leaf, index=one.index, size=one.size, path=one.path)
    assert root is not None
    message = attest_message(ledger=LEDGER, sequence=one.sequence, size=one.size, root=root)
    try:
        Ed25519PublicKey.from_public_bytes(vault.public_key).verify(one.signature, message)
    except Exception:  # noqa: BLE001  # any failure is a no
        return False
    return True


def test_a_call_is_attested_identity_by_identity(vault: Vault) -> None:
    """Each answer proves its own place under one signature, and no other place."""
    requests = [request(n) for n in range(7)]
    answers = vault.seal(requests)
    for asked, answer in zip(requests, answers, strict=True):
        assert proves(vault, asked, answer)
        assert not proves(vault, asked, answer, business_id="another payment")
        assert not proves(vault, asked, answer, organisation="another county")
        assert not proves(vault, asked, answer, field="worker")
        assert not proves(vault, asked, answer, person="p-anotherqqqqqqqqqqqqqqqqq")
        assert answer.attestation.vault == vault.vault
    assert {answer.attestation.sequence for answer in answers} == {1}


def test_a_repeated_import_gives_the_same_bytes(vault: Vault, postgres_dsn: str) -> None:
    """Person, tokens and sealed bytes are the same in a later call and after a restart."""
    first = vault.seal([request(0), request(1)])
    with opened(postgres_dsn, highest_in_log=1) as again:
        second = again.seal([request(1), request(0)])[::-1]
    assert [one[:6] for one in first] == [one[:6] for one in second]
    assert second[0].attestation.sequence == 2


def test_one_person_is_found_however_the_document_was_written(vault: Vault) -> None:
    """Full-width, spaced, old and re-typed numbers lead to one person id."""
    new = number(3)
    old = new[:6] + new[8:17]
    wide = new.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    written = [
        worker(3),
        *(worker(3, document_number=one) for one in (wide, f" {new[:6]} {new[6:]}")),
    ]
    persons = {vault.person_of(identity) for identity in written}
    persons.add(vault.person_of(worker(3, document_number=old), fold_old=True))
    assert len(persons) == 1


def test_tokens_join_persons_without_naming_anything(vault: Vault) -> None:
    """Two persons with one card, phone or household show the same random token."""
    shared = {"phone": "13900000000", "household": "H-1"}
    one, two, alone = vault.seal(
        [
            request(0, worker(0, **shared)),
            request(1, worker(1, **shared)),
            request(2, worker(2, card=None, phone=None, household=None)),
        ]
    )
    assert (one.card, one.phone, one.household) == (two.card, two.phone, two.household)
    assert len({one.card, one.phone, one.household, one.person, two.person}) == 5
    assert (alone.card, alone.phone, alone.household) == (None, None, None)


def test_a_card_and_a_phone_of_one_number_have_different_tokens(vault: Vault) -> None:
    """Kinds are told apart, or equal digits would join strangers."""
    (answer,) = vault.seal([request(0, worker(0, phone="1234567", card="1234567"))])
    assert answer.card is not None
    assert answer.phone is not None
    assert answer.card[2:] != answer.phone[2:]


def test_a_rejected_identity_stops_its_whole_call(vault: Vault) -> None:
    """Nothing is numbered or added; every rejection is told by index and code."""
    bad = worker(1, name="", employer=None)
    with pytest.raises(IdentityRejected) as caught:
        vault.seal([request(0), request(1, bad), request(2), request(3, bad)])
    assert [one.index for one in caught.value.rejections] == [1, 3]
    assert {p.code for p in caught.value.problems} == {"NAME_MISSING", "EMPLOYER_MISSING"}
    assert vault.last_sequence == 0
    assert vault.seal([request(0)])[0].attestation.sequence == 1


def test_a_call_has_a_size(vault: Vault) -> None:
    """No call of nothing, and none of more than 512."""
    for size in (0, 513):
        with pytest.raises(ValueError, match="512"):
            vault.seal([request(0)] * size)
    assert vault.last_sequence == 0


def test_two_imports_of_the_same_new_persons_give_one_person_each(
    vault: Vault, postgres_dsn: str
) -> None:
    """Two vault processes seal the same 200 new persons at once, in opposite orders."""
    requests = [request(n) for n in range(200)]
    start = threading.Barrier(2)

    def run(order: int) -> list[Sealed]:
        with opened(postgres_dsn) as own:
            start.wait()
            return [
                answer
                for at in range(0, 200, 50)
                for answer in own.seal(requests[::order][at : at + 50])
            ]

    with ThreadPoolExecutor(2) as pool:
        forward, backward = pool.map(run, (1, -1))
    assert [one[:6] for one in forward] == [one[:6] for one in backward[::-1]]
    assert len({one.person for one in forward}) == 200
    sequences = {one.attestation.sequence for one in forward + backward}
    assert sequences == set(range(1, 9))
    assert vault.last_sequence == 8


def test_visitors_found_at_once_are_one_person(vault: Vault) -> None:
    """Eight threads meet one new visitor."""
    with ThreadPoolExecutor(8) as pool:
        persons = set(pool.map(vault.person_of, [worker(9, employer=None)] * 8))
    assert len(persons) == 1


def test_staff_codes_count_within_their_organisation(vault: Vault) -> None:
    """Staff 007 of two counties are two persons."""
    here, there = (
        Identity(name="", document_type="STAFF", document_number="007", employer=code)
        for code in ("632221", "632222")
    )
    assert vault.person_of(here) == vault.person_of(here) != vault.person_of(there)


def test_one_person_may_have_several_documents(vault: Vault) -> None:
    """A second document leads to the same person; another person's document does not move."""
    passport = worker(0, document_type="PASSPORT", document_number="E12345678")
    person, other = vault.persons_of([worker(0), worker(1)])
    vault.add_document(person, passport)
    vault.add_document(person, passport)
    assert vault.person_of(passport) == person
    with pytest.raises(DocumentTaken):
        vault.add_document(other, passport)
    with pytest.raises(PersonGone):
        vault.add_document("p-nobodyqqqqqqqqqqqqqqqqqq", passport)


def test_payment_ids_follow_the_row_not_its_place(vault: Vault, postgres_dsn: str) -> None:
    """The same rows in another order, after a restart, have the same ids; twins are two."""
    rows = [b"row 1", b"row 2", b"row 1"]
    ids = vault.payment_ids("632221", "roster", rows)
    with opened(postgres_dsn) as again:
        assert sorted(again.payment_ids("632221", "roster", rows[::-1])) == sorted(ids)
    assert len(set(ids)) == 3
    assert {UUID(one).version for one in ids} == {8}
    assert not set(ids) & set(vault.payment_ids("632222", "roster", rows))
    assert not set(ids) & set(vault.payment_ids("632221", "another roster", rows))


def test_another_vault_derives_other_ids(vault: Vault, postgres_server: str) -> None:
    """Ids and tags are keyed: whoever lacks the vault's key cannot test a guess."""
    name = f"twin_{UUID(vault.vault).hex[:8]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    dsn = psycopg.conninfo.make_conninfo(postgres_server, dbname=name)
    with Vault.create(dsn, MASTER_KEY, ledger=LEDGER, clock=clock) as twin:
        assert twin.payment_ids("o", "r", [b"x"]) != vault.payment_ids("o", "r", [b"x"])
        assert twin.keyed_tag("file", b"x") != vault.keyed_tag("file", b"x")
        assert twin.keyed_id("visit", "o", [b"x"]) != vault.keyed_id("visit", "o", [b"x"])
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}"')


def test_a_vault_behind_the_log_does_not_open(vault: Vault, postgres_dsn: str) -> None:
    """If the log has seen a call this database does not know, it is an old backup."""
    vault.seal([request(0)])
    opened(postgres_dsn, highest_in_log=1).close()
    with pytest.raises(VaultBehind) as caught:
        opened(postgres_dsn, highest_in_log=2)
    assert (caught.value.own, caught.value.in_log) == (1, 2)


def test_only_its_own_ledger_and_key_open_a_vault(vault: Vault, postgres_dsn: str) -> None:
    """Another ledger, another master key, a second vault: all refused."""
    assert vault.ledger == LEDGER
    with pytest.raises(WrongVault):
        Vault.open(postgres_dsn, MASTER_KEY, ledger=bytes(32), highest_in_log=0, clock=clock)
    with pytest.raises(WrongVault):
        Vault.open(postgres_dsn, bytes(32), ledger=LEDGER, highest_in_log=0, clock=clock)
    with pytest.raises(WrongVault):
        Vault.create(postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock)


def test_where_there_is_no_vault_none_opens(postgres_dsn: str) -> None:
    """An empty database, and none at all."""
    with pytest.raises(VaultMissing):
        opened(postgres_dsn)
    with pytest.raises(VaultUnreachable):
        opened("host=127.0.0.1 port=1 dbname=none")


def test_every_commit_waits_for_the_disk(vault: Vault) -> None:
    """The vault never answers before its commit is durable, whatever the server's default."""
    with vault._store.transaction() as connection:
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


def test_the_database_holds_nothing_plain(vault: Vault, postgres_dsn: str) -> None:
    """No name, number, phone, card, household or person key is in any table."""
    vault.seal([request(n) for n in range(3)])
    with psycopg.connect(postgres_dsn) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'vault'"
        ).fetchall()
        dump = ""
        for (table,) in tables:
            rows = connection.execute(f"SELECT t::text FROM vault.{table} t").fetchall()
            dump += "\n".join(str(row[0]) for row in rows)
    assert len(tables) == 7
    for n in range(3):
        for value in (number(n), f"139{n:08d}", "测试甲", "6217000000123456786", "样例"):
            assert value not in dump
            assert value.encode().hex() not in dump
