"""
One sealing call in one transaction: persons, tokens, sealed bytes, and the signed tree over them.

The caller holds the vault's lock (store.next_sequence or store.lock), so nothing found missing here
can be added by anybody else before the transaction ends.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import Connection

from domain.parts import Attestation
from domain.units import Micros
from vault import store
from vault.attesting import Statement, attest
from vault.documents import STAFF
from vault.errors import Problem
from vault.identities import Checked, Identity, encode_identity
from vault.keys import MasterKey, VaultKeys, random_id, random_key
from vault.sealing import Place, seal
from vault.store import Person

TOKEN_PREFIXES: Final = {"card": "c", "phone": "t", "household": "h"}
"""Field of an identity → prefix of its random token."""


class SealRequest(NamedTuple):
    """An identity to be sealed for one field of one business record."""

    organisation: str
    business_id: str
    field: str
    identity: Identity


class Sealed(NamedTuple):
    """The answer to a SealRequest: everything a submission and its proof need."""

    person: str
    sealed: bytes
    checks: int
    card: str | None
    phone: str | None
    household: str | None
    attestation: Attestation
    warnings: tuple[Problem, ...] = ()


class SealedField(NamedTuple):
    """A sealed field as found in the log."""

    organisation: str
    business_id: str
    field: str
    person: str
    sealed: bytes


class SealingKeys(NamedTuple):
    """What a call needs of its vault."""

    vault: str
    ledger: bytes
    master: MasterKey
    own: VaultKeys


def document_tag(keys: VaultKeys, checked: Checked) -> bytes:
    """The blind index entry of a person's document; a staff code counts within its employer."""
    kind, number = checked.document.index_key
    scope = (checked.identity.employer or "",) if kind == STAFF else ()
    return keys.tag("document", kind, number, *scope)


def find_persons(
    connection: Connection[Any], keys: SealingKeys, checked: Sequence[Checked], at: Micros
) -> list[Person]:
    """The persons of identities, in order; new ones are added."""
    tags = [document_tag(keys.own, person) for person in checked]
    known = store.persons_by_tag(connection, tags)
    new: dict[bytes, Person] = {}
    for tag in tags:
        if tag not in known and tag not in new:
            name = random_id("p")
            new[tag] = Person(name, keys.master.wrap(random_key(), name))
    store.insert_persons(connection, new, at)
    known |= new
    return [known[tag] for tag in tags]


def find_tokens(
    connection: Connection[Any],
    keys: VaultKeys,
    checked: Sequence[Checked],
    persons: Sequence[Person],
) -> list[dict[str, str]]:
    """The tokens of each identity by field, in order; new ones are added."""
    tags = [
        {
            field: keys.tag(field, value)
            for field in TOKEN_PREFIXES
            if (value := getattr(c.identity, field))
        }
        for c in checked
    ]
    known = store.tokens_by_tag(connection, [tag for row in tags for tag in row.values()])
    new: dict[bytes, str] = {}
    for row in tags:
        for field, tag in row.items():
            if tag not in known and tag not in new:
                new[tag] = random_id(TOKEN_PREFIXES[field])
    store.insert_tokens(connection, new)
    pairs = {
        (tag, person.person)
        for row, person in zip(tags, persons, strict=True)
        for tag in row.values()
    }
    store.insert_holders(connection, sorted(pairs))
    known |= new
    return [{field: known[tag] for field, tag in row.items()} for row in tags]


def make_call(
    connection: Connection[Any],
    keys: SealingKeys,
    requests: Sequence[SealRequest],
    checked: Sequence[Checked],
    at: Micros,
) -> list[Sealed]:
    """Do one sealing call; its number and root are recorded in the same transaction."""
    sequence = store.next_sequence(connection)
    persons = find_persons(connection, keys, checked, at)
    tokens = find_tokens(connection, keys.own, checked, persons)
    blobs = [
        _seal_one(keys, request, c.identity, person)
        for request, c, person in zip(requests, checked, persons, strict=True)
    ]
    statements = [
        Statement(r.organisation, r.business_id, r.field, person.person, blob, c.checks)
        for r, c, person, blob in zip(requests, checked, persons, blobs, strict=True)
    ]
    signed = attest(
        keys.own.signer, statements, ledger=keys.ledger, vault=keys.vault, sequence=sequence
    )
    call = store.Call(sequence, at, len(statements), signed.root, signed.signature)
    store.insert_call(connection, call)
    return [
        Sealed(
            person=persons[i].person,
            sealed=blobs[i],
            checks=checked[i].checks,
            card=tokens[i].get("card"),
            phone=tokens[i].get("phone"),
            household=tokens[i].get("household"),
            attestation=signed.attestations[i],
            warnings=checked[i].warnings,
        )
        for i in range(len(requests))
    ]


def _seal_one(keys: SealingKeys, request: SealRequest, identity: Identity, person: Person) -> bytes:
    place = Place(
        keys.ledger, request.organisation, request.business_id, request.field, person.person
    )
    person_key = keys.master.unwrap(person.wrapped_key, person.person)
    return seal(person_key, place, encode_identity(identity), keys.own.suite)
