r"""
Backup of a vault: one file, from one snapshot, that can be checked without a database.

Lines of UTF-8: a JSON head ``{"format": "hengwen-vault-backup/1", "vault", "ledger", "sequence",
"taken_at"}``; for each table a JSON line ``{"table", "columns"}``, its rows as PostgreSQL's COPY
writes them in text form (one line a row), and a line ``\.``; at last ``sha256 HEX`` over all bytes
before it. Keys are in it as they are in the database, wrapped: it is worth nothing without the
master key, which must be kept elsewhere.
"""

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final, LiteralString, NamedTuple

from psycopg import Connection, IsolationLevel
from psycopg.sql import SQL, Identifier

from domain.units import Micros
from vault import store
from vault.database import Store
from vault.errors import BackupBroken

FORMAT: Final = "hengwen-vault-backup/1"
TABLES: Final[tuple[LiteralString, ...]] = (
    "vault",
    "persons",
    "documents",
    "tokens",
    "holders",
    "calls",
    "readings",
)
"""In an order in which foreign keys hold."""
END: Final = b"\\.\n"
DIGEST_LINE: Final = b"sha256 "
PRIVATE_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


class Backup(NamedTuple):
    """What a backup file holds."""

    vault: str
    ledger: str
    sequence: int
    taken_at: Micros
    digest: str


def write_backup(dsn: str, path: Path, taken_at: Micros) -> Backup:
    """
    Write a backup; the file appears whole or not at all, readable by its owner only.

    Raises:
        VaultMissing, VaultUnreachable: there is nothing to back up.
        FileExistsError: the file is there already.
    """
    if path.exists():
        raise FileExistsError(17, "a backup is never overwritten", str(path))
    data, part = Store(dsn), path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, PRIVATE_NEW, 0o600), "wb") as file:
            backup = _copy_out(data, file, taken_at)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
        data.close()
    return backup


def _copy_out(data: Store, file: BinaryIO, taken_at: Micros) -> Backup:
    digest = sha256()

    def put(line: bytes) -> None:
        digest.update(line)
        file.write(line)

    with data.transaction(IsolationLevel.REPEATABLE_READ) as connection:
        header = store.read_header(connection)
        head = {
            "format": FORMAT,
            "vault": header.vault,
            "ledger": header.ledger.hex(),
            "sequence": header.sequence,
            "taken_at": taken_at,
        }
        put(_json(head))
        for table in TABLES:
            columns = _columns(connection, table)
            put(_json({"table": table, "columns": columns}))
            copy_sql = SQL("COPY vault.{} ({}) TO STDOUT").format(
                Identifier(table), SQL(", ").join(map(Identifier, columns))
            )
            with connection.cursor() as cursor, cursor.copy(copy_sql) as copy:
                for block in copy:
                    put(bytes(block))
            put(END)
    file.write(DIGEST_LINE + digest.hexdigest().encode() + b"\n")
    return Backup(header.vault, header.ledger.hex(), header.sequence, taken_at, digest.hexdigest())


def check_backup(path: Path) -> Backup:
    """
    Read a backup through and say what it holds.

    Raises:
        BackupBroken: it is not whole, or no backup of this format.
    """
    digest, last, head = sha256(), b"", None
    with path.open("rb") as file:
        for line in file:
            head = head or line
            digest.update(last)
            last = line
    if head is None or last != DIGEST_LINE + digest.hexdigest().encode() + b"\n":
        raise BackupBroken("the file is not a whole backup: its digest is wrong or missing")
    said: dict[str, Any] = json.loads(head) if head.startswith(b"{") else {}
    if said.get("format") != FORMAT:
        raise BackupBroken(f"the file is not of the format {FORMAT}")
    return Backup(
        said["vault"], said["ledger"], said["sequence"], said["taken_at"], digest.hexdigest()
    )


def restore_backup(dsn: str, path: Path) -> Backup:
    """
    Restore a backup into a database without a vault, all or nothing.

    An old backup opens only if the log has seen no later sealing call.

    Raises:
        BackupBroken: the file is not whole.
        WrongVault: the database has a vault already.
        VaultUnreachable: the database does not answer.
    """
    backup = check_backup(path)
    data = Store(dsn)
    try:
        with data.transaction() as connection, path.open("rb") as file:
            store.create_tables(connection)
            file.readline()
            while (line := file.readline()) and not line.startswith(DIGEST_LINE):
                _copy_in(connection, json.loads(line), file)
    finally:
        data.close()
    return backup


def _copy_in(connection: Connection[Any], said: dict[str, Any], file: BinaryIO) -> None:
    generated = [column for column in said["columns"] if column == "number"]
    copy_sql = SQL("COPY vault.{} ({}) FROM STDIN").format(
        Identifier(said["table"]), SQL(", ").join(map(Identifier, said["columns"]))
    )
    with connection.cursor() as cursor, cursor.copy(copy_sql) as copy:
        for line in _rows(file):
            copy.write(line)
    if generated:
        connection.execute(
            "SELECT setval(pg_get_serial_sequence('vault.readings', 'number'),"
            " (SELECT coalesce(max(number), 0) + 1 FROM vault.readings), false)"
        )


def _rows(file: BinaryIO) -> Iterator[bytes]:
    while (line := file.readline()) != END:
        if not line:
            raise BackupBroken("a table has no end")
        yield line


def _columns(connection: Connection[Any], table: str) -> list[str]:
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = 'vault' AND table_name = %s ORDER BY ordinal_position",
        (table,),
    )
    return [str(row[0]) for row in rows]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
