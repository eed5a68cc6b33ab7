"""
The vault's tables: set-based statements on one PostgreSQL connection, no secrets in clear.

Whoever may create persons or tokens first locks the one row of ``vault.vault``. Sealing calls need
a dense sequence and so follow one another anyway; the same lock makes two imports of one new
person give one person.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple

from psycopg import Connection
from psycopg.errors import InvalidSchemaName, UndefinedColumn, UndefinedTable
from psycopg.rows import class_row

from domain.units import Micros, Position
from vault.errors import DocumentTaken, VaultMissing, WrongVault

FORMAT: Final = 1


class Header(NamedTuple):
    """The one row of ``vault.vault``; keys wrapped."""

    format: int
    vault: str
    ledger: bytes
    public_key: bytes
    signing_key: bytes
    index_key: bytes
    id_key: bytes
    sequence: int
    created_at: Micros
    log_seen: int
    suite: str
    """Name of the suite that its keys and its sealed fields are under."""


class Person(NamedTuple):
    """A person and the wrapped key."""

    person: str
    wrapped_key: bytes


class Call(NamedTuple):
    """A sealing call: its number, the signed root over its *size* leaves."""

    sequence: int
    called_at: Micros
    size: int
    root: bytes
    signature: bytes


class Reading(NamedTuple):
    """Who reads plain identities and why; *position* is that of IdentitiesRead in the log."""

    reading: str
    position: Position
    actor: str
    purpose: str
    case: str


def create_tables(connection: Connection[Any]) -> None:
    """
    Make the schema.

    Raises:
        WrongVault: there is one already.
    """
    if connection.execute("SELECT to_regnamespace('vault')").fetchone() != (None,):
        raise WrongVault("the database has a vault already")
    connection.execute(files("vault").joinpath("schema.sql").read_bytes())


def insert_header(connection: Connection[Any], header: Header) -> None:
    """Write the vault's one row."""
    connection.execute(
        "INSERT INTO vault.vault (format, vault, ledger, public_key, signing_key, index_key,"
        " id_key, sequence, created_at, log_seen, suite)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        header,
    )


def read_header(connection: Connection[Any]) -> Header:
    """
    The vault's one row.

    Raises:
        VaultMissing: no tables, no row, or another format.
    """
    with connection.cursor(row_factory=class_row(Header)) as cursor:
        try:
            cursor.execute(
                "SELECT format, vault::text, ledger, public_key, signing_key, index_key, id_key,"
                " sequence, created_at, log_seen, suite FROM vault.vault"
            )
        except (UndefinedTable, UndefinedColumn, InvalidSchemaName):
            raise VaultMissing("the database holds no vault of this version") from None
        header = cursor.fetchone()
    if header is None or header.format != FORMAT:
        raise VaultMissing(f"the database holds no vault of format {FORMAT}")
    return header


def lock(connection: Connection[Any]) -> bytes:
    """
    Wait until no other transaction may create persons or tokens.

    Returns the wrapped signing key as it is now: another one than before says that the master key
    was changed.
    """
    row = connection.execute("SELECT signing_key FROM vault.vault FOR UPDATE").fetchone()
    return bytes(row[0]) if row else b""


def next_sequence(connection: Connection[Any]) -> int:
    """The number of this sealing call; holds the lock until the transaction ends."""
    row = connection.execute(
        "UPDATE vault.vault SET sequence = sequence + 1 RETURNING sequence"
    ).fetchone()
    return int(row[0]) if row else 0


def set_sequence(connection: Connection[Any], sequence: int) -> None:
    """Skip to a sequence that the log has seen."""
    connection.execute("UPDATE vault.vault SET sequence = %s", (sequence,))


def note_log_seen(connection: Connection[Any], ordinal: int) -> None:
    """Remember that no submission up to *ordinal* holds an attestation we do not know."""
    connection.execute(
        "UPDATE vault.vault SET log_seen = greatest(log_seen, %s)",
        (ordinal,),
    )


def insert_call(connection: Connection[Any], call: Call) -> None:
    """Record a sealing call."""
    connection.execute(
        "INSERT INTO vault.calls (sequence, called_at, size, root, signature)"
        " VALUES (%s, %s, %s, %s, %s)",
        call,
    )


def insert_reading(
    connection: Connection[Any], reading: Reading, persons: Sequence[str], read_at: Micros
) -> None:
    """Record who is about to see which persons, and why."""
    connection.execute(
        "INSERT INTO vault.readings (reading, position, actor, purpose, case_code, read_at,"
        " persons) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (*reading, read_at, list(persons)),
    )


def persons_by_tag(connection: Connection[Any], tags: Sequence[bytes]) -> dict[bytes, Person]:
    """The persons known by document tags."""
    rows = connection.execute(
        "SELECT d.tag, p.person, p.wrapped_key FROM vault.documents d"
        " JOIN vault.persons p USING (person) WHERE d.tag = ANY(%s)",
        (list(tags),),
    )
    return {tag: Person(person, key) for tag, person, key in rows}


def insert_persons(
    connection: Connection[Any], persons: Mapping[bytes, Person], created_at: Micros
) -> None:
    """Add new persons, each with the tag of its first document."""
    if not persons:
        return
    names = [person.person for person in persons.values()]
    connection.execute(
        "INSERT INTO vault.persons (person, wrapped_key, created_at)"
        " SELECT person, wrapped_key, %s FROM unnest(%s::text[], %s::bytea[])"
        " AS new (person, wrapped_key)",
        (created_at, names, [person.wrapped_key for person in persons.values()]),
    )
    connection.execute(
        "INSERT INTO vault.documents (tag, person) SELECT * FROM unnest(%s::bytea[], %s::text[])",
        (list(persons), names),
    )


def insert_document(connection: Connection[Any], tag: bytes, person: str) -> None:
    """
    One more document of a person.

    Raises:
        DocumentTaken: it is another person's.
    """
    connection.execute(
        "INSERT INTO vault.documents (tag, person) VALUES (%s, %s) ON CONFLICT DO NOTHING",
        (tag, person),
    )
    row = connection.execute(
        "SELECT 1 FROM vault.documents WHERE tag = %s AND person = %s", (tag, person)
    ).fetchone()
    if row is None:
        raise DocumentTaken("the document belongs to another person")


def tokens_by_tag(connection: Connection[Any], tags: Sequence[bytes]) -> dict[bytes, str]:
    """The tokens known by tags of cards, phones and households."""
    return dict(
        connection.execute(
            "SELECT tag, token FROM vault.tokens WHERE tag = ANY(%s)", (list(tags),)
        ).fetchall()
    )


def insert_tokens(connection: Connection[Any], tokens: Mapping[bytes, str]) -> None:
    """Add new tokens."""
    if tokens:
        connection.execute(
            "INSERT INTO vault.tokens (tag, token) SELECT * FROM unnest(%s::bytea[], %s::text[])",
            (list(tokens), list(tokens.values())),
        )


def insert_holders(connection: Connection[Any], holders: Sequence[tuple[bytes, str]]) -> None:
    """Note which persons use which tokens."""
    if holders:
        connection.execute(
            "INSERT INTO vault.holders (tag, person) SELECT * FROM unnest(%s::bytea[], %s::text[])"
            " ON CONFLICT DO NOTHING",
            ([tag for tag, _ in holders], [person for _, person in holders]),
        )


def keys_of(connection: Connection[Any], persons: Sequence[str]) -> dict[str, bytes | None]:
    """The wrapped keys of persons: None if erased; absent if unknown."""
    return dict(
        connection.execute(
            "SELECT person, wrapped_key FROM vault.persons WHERE person = ANY(%s)",
            (list(persons),),
        ).fetchall()
    )


def persons_after(connection: Connection[Any], after: str, limit: int) -> list[Person]:
    """The next persons with a key, in the order of their ids."""
    rows = connection.execute(
        "SELECT person, wrapped_key FROM vault.persons"
        " WHERE wrapped_key IS NOT NULL AND person > %s ORDER BY person LIMIT %s",
        (after, limit),
    )
    return [Person(*row) for row in rows]


def set_keys(connection: Connection[Any], keys: Sequence[tuple[str, bytes]]) -> None:
    """Replace the wrapped keys of persons."""
    connection.execute(
        "UPDATE vault.persons p SET wrapped_key = new.wrapped_key"
        " FROM unnest(%s::text[], %s::bytea[]) AS new (person, wrapped_key)"
        " WHERE p.person = new.person",
        ([person for person, _ in keys], [key for _, key in keys]),
    )


def set_own_keys(
    connection: Connection[Any], *, signing_key: bytes, index_key: bytes, id_key: bytes
) -> None:
    """Replace the wrapped keys of the vault itself."""
    connection.execute(
        "UPDATE vault.vault SET signing_key = %s, index_key = %s, id_key = %s",
        (signing_key, index_key, id_key),
    )


def erase_person(
    connection: Connection[Any], person: str, erased_at: Micros, position: Position
) -> bool:
    """Destroy a person's key, documents and unshared tokens; whether the person was there."""
    connection.execute("DELETE FROM vault.documents WHERE person = %s", (person,))
    connection.execute(
        "WITH gone AS (DELETE FROM vault.holders WHERE person = %(person)s RETURNING tag)"
        " DELETE FROM vault.tokens t USING gone WHERE t.tag = gone.tag AND NOT EXISTS"
        " (SELECT 1 FROM vault.holders h WHERE h.tag = t.tag AND h.person <> %(person)s)",
        {"person": person},
    )
    done = connection.execute(
        "UPDATE vault.persons SET wrapped_key = NULL, erased_at = %s, erased_position = %s"
        " WHERE person = %s AND wrapped_key IS NOT NULL",
        (erased_at, position, person),
    )
    return done.rowcount == 1
