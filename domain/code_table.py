"""Tables of codes: what makes two of them the same."""

from collections.abc import Iterable
from hashlib import sha256

from domain.calendar import iso
from domain.parts import CodeEntry


def table_digest(entries: Iterable[CodeEntry]) -> bytes:
    """
    SHA-256 over the lines ``code,name,valid_from,valid_to`` of a table, days in ISO 8601.

    >>> from domain.units import Day
    >>> table_digest([CodeEntry("110000", "北京市", Day(3652), None)]).hex()[:16]
    '0334ff817e329464'
    """
    digest = sha256()
    for code, name, valid_from, valid_to in entries:
        ends = "" if valid_to is None else iso(valid_to)
        digest.update(f"{code},{name},{iso(valid_from)},{ends}\n".encode())
    return digest.digest()
