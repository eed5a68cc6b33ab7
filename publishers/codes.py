"""
Tables of codes for the log: divisions and others, cut into LoadCodes submissions.

A table is in force when its last chunk has come and the digest matches: SHA-256 over its rows
``code,name,valid_from,valid_to`` in order, each with a line feed, UTF-8, ISO dates, empty for none.
Codes and names hold no comma, quote or line feed, so the rows are valid CSV too.
"""

import csv
import struct
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files
from io import StringIO
from typing import Final
from uuid import UUID

from domain.calendar import day_of
from domain.code_table import table_digest
from domain.parts import CodeEntry
from domain.submissions import LoadCodes
from domain.units import Day

CHUNK_BYTES_MAX: Final = 30 * 1024
"""Largest LoadCodes made here; the log takes 32 KiB."""
HEAD_BYTES: Final = 1024
"""Room for everything but the entries."""
ENTRY_BYTES: Final = 2 + 2 + 3 + 1 + 3
"""Most bytes of an entry beside its texts: two lengths, two days, one branch."""

DIVISIONS: Final = "DIVISIONS"
DIVISIONS_EDITION: Final = "2023-06"
"""Table and edition of the divisions shipped in publishers/data."""


def load_codes(  # noqa: PLR0913  # what a submission carries
    table: str,
    edition: str,
    entries: Sequence[CodeEntry],
    *,
    organisation: str,
    occurred_on: Day,
    actor: str | None = None,
) -> list[LoadCodes]:
    """
    The submissions that load a table, each at most 30 KiB, to be published in this order.

    Their ids follow from table, edition and digest: publishing them again changes nothing.

    Raises:
        ValueError: no entries, or a text with a comma, quote or control character.
    """
    _require(entries)
    digest = table_digest(entries)
    chunks = list(_chunks(entries))
    return [
        LoadCodes(
            submission_id=_submission_id(table, edition, digest, number),
            organisation=organisation,
            occurred_on=occurred_on,
            actor=actor,
            table=table,
            edition=edition,
            chunk=number,
            chunks=len(chunks),
            table_digest=digest,
            entries=chunk,
        )
        for number, chunk in enumerate(chunks, start=1)
    ]


def _require(entries: Sequence[CodeEntry]) -> None:
    if not entries:
        raise ValueError("a table has at least one entry")
    for entry in entries:
        if any(letter in ',"' or letter < " " for letter in entry.code + entry.name):
            raise ValueError(f"entry {entry.code!r} holds a comma, quote or control character")


def _chunks(entries: Sequence[CodeEntry]) -> Iterator[list[CodeEntry]]:
    chunk: list[CodeEntry] = []
    room = CHUNK_BYTES_MAX - HEAD_BYTES
    for entry in entries:
        size = len(entry.code.encode()) + len(entry.name.encode()) + ENTRY_BYTES
        if size > room and chunk:
            yield chunk
            chunk, room = [], CHUNK_BYTES_MAX - HEAD_BYTES
        chunk.append(entry)
        room -= size
    yield chunk


def _submission_id(table: str, edition: str, digest: bytes, chunk: int) -> str:
    """A UUIDv8; nothing here is about a person, so it needs no key."""
    head = f"hengwen/codes/1\0{table}\0{edition}\0".encode() + digest + struct.pack(">I", chunk)
    number = int.from_bytes(sha256(head).digest()[:16]) & ~(0xF << 76) & ~(0x3 << 62)
    return str(UUID(int=number | 0x8 << 76 | 0x2 << 62))


def read_entries(text: str) -> list[CodeEntry]:
    """
    The entries of a CSV table with the columns code, name, valid_from, valid_to.

    Raises:
        KeyError, ValueError: a column is missing, or a date is none.
    """
    return [
        CodeEntry(
            line["code"],
            line["name"],
            day_of(date.fromisoformat(line["valid_from"])),
            day_of(date.fromisoformat(line["valid_to"])) if line["valid_to"] else None,
        )
        for line in csv.DictReader(StringIO(text))
    ]


@cache
def divisions() -> tuple[CodeEntry, ...]:
    """The dated administrative divisions that come with hengwen (GB/T 2260, 1980 to 2023-06)."""
    return tuple(read_entries(_data("divisions.csv")))


@cache
def instead_of() -> dict[str, str]:
    """Codes that are no divisions (groupings, statistical zones) → the division meant."""
    lines = csv.DictReader(StringIO(_data("not_divisions.csv")))
    return {line["code"]: line["instead"] for line in lines}


@cache
def identity_regions() -> frozenset[str]:
    """All codes that an identity number may begin with: those of any time, and groupings."""
    return frozenset(entry.code for entry in divisions()) | instead_of().keys()


def division_name(code: str, on: Day) -> str | None:
    """The name of a division on a day; None if the code was not in force."""
    names = [
        entry.name
        for entry in _by_code().get(code, ())
        if entry.valid_from <= on and (entry.valid_to is None or on <= entry.valid_to)
    ]
    return names[-1] if names else None


@cache
def _by_code() -> dict[str, list[CodeEntry]]:
    found: dict[str, list[CodeEntry]] = {}
    for entry in divisions():
        found.setdefault(entry.code, []).append(entry)
    return found


@cache
def sanqu_sanzhou() -> tuple[str, ...]:
    """County codes of 三区三州: the 210 of 2019 and their later codes."""
    lines = csv.DictReader(StringIO(_data("sanqu_sanzhou.csv")))
    return tuple(line["code"] for line in lines)


def _data(name: str) -> str:
    return files("publishers").joinpath("data", name).read_text(encoding="utf-8")
