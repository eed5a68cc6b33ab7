"""
Identities: the plain fields of a person, their checks, and their one canonical encoding.

Canonical encoding, frozen for ever as format 1: the byte 01, then for each field that is present,
in ascending number: u8 number, u16 big-endian length, UTF-8 text; then the byte 00 and zeros up to
a multiple of 64 bytes, so that the size of a sealed field does not tell whether there is a card or
how long the employer's name is. Field numbers are in FIELDS; absent and empty are the same.
"""

import re
import struct
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from domain.signing import CHECK_CARD, CHECK_DOCUMENT, CHECK_EMPLOYER, CHECK_NAME, CHECK_PHONE
from domain.units import Day
from vault.documents import STAFF, VERIFIED, Document, narrow, normal_number, read_document
from vault.errors import IdentityRejected, Problem, Rejection

FORMAT: Final = 1
PAD_BYTES: Final = 64
TEXT_MAX: Final = 200
"""Longest text of a field, in characters."""
NAME_MAX: Final = 64

FIELDS: Final = {
    1: "name",
    2: "document_type",
    3: "document_number",
    4: "employer",
    5: "phone",
    6: "card",
    7: "bank",
    8: "account_holder",
    9: "household",
    10: "address",
}
"""Numbers of the canonical encoding. Numbers are never reused."""

_DOTS: Final = dict.fromkeys(map(ord, "•‧∙⋅・･．.●"), 0xB7)
_SPACES: Final = re.compile(r"[\s\u00a0]+")
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE: Final = re.compile(r"(\(?0[1-9][0-9]{1,2}\)?)?[2-9][0-9]{6,7}")
"""Area code (3 or 4 digits) and 7 or 8 digits; within the county often without the area code."""
_UNIONPAY: Final = re.compile(r"62[0-9]{14,17}")
_DIGITS: Final = re.compile(r"[0-9]{7,30}")
_UNREADABLE: Final = re.compile("[\ufffd\x00-\x1f\x7f\ud800-\udfff]")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """A person as of one payment or visit. It has no repr on purpose: it must not reach a log."""

    name: str
    document_type: str
    document_number: str
    employer: str | None = None
    phone: str | None = None
    card: str | None = None
    bank: str | None = None
    account_holder: str | None = None
    household: str | None = None
    address: str | None = None

    def __repr__(self) -> str:
        """Nothing about the person."""
        return "Identity(…)"


class Checked(NamedTuple):
    """An identity after its checks: normalised, what passed (CHECK_* bits) and what did not."""

    identity: Identity
    document: Document
    checks: int
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def check_identity(
    identity: Identity,
    *,
    on: Day,
    fold_old: bool = False,
    employer_needed: bool = True,
    regions: Container[str] | None = None,
) -> Checked:
    """
    Normalise an identity and check it against the real-name minimum; pure.

    Problems: NAME_MISSING, NAME_DIGITS, NAME_LENGTH, NAME_UNREADABLE, EMPLOYER_MISSING,
    TEXT_LENGTH, TEXT_UNREADABLE, CARD_FORMAT, CARD_CHECKSUM, and those of read_document.
    Warnings: NAME_PRIVATE_USE, PHONE_MISSING, PHONE_FORMAT, CARD_UNUSUAL (no UnionPay card: a
    passbook or an old card), and those of read_document.
    """
    document, problems, warnings = read_document(
        identity.document_type, identity.document_number, on=on, fold_old=fold_old, regions=regions
    )
    normal = _normal(identity, document)
    name_problems, name_warnings = _check_name(normal)
    bad = list(name_problems + problems)
    odd = list(name_warnings + warnings)
    checks = 0 if name_problems or not normal.name else CHECK_NAME
    if not problems and document.kind in VERIFIED:
        checks |= CHECK_DOCUMENT
    if normal.employer:
        checks |= CHECK_EMPLOYER
    elif employer_needed:
        bad.append(Problem("employer", "EMPLOYER_MISSING"))
    checks |= _check_phone(normal.phone, odd) | _check_card(normal.card, bad, odd)
    for field in FIELDS.values():
        value = getattr(normal, field) or ""
        if len(value) > TEXT_MAX:
            bad.append(Problem(field, "TEXT_LENGTH"))
        if _UNREADABLE.search(value):
            bad.append(Problem(field, "TEXT_UNREADABLE"))
    return Checked(normal, document, checks, tuple(bad), tuple(odd))


def check_identities(
    identities: Sequence[Identity],
    *,
    on: Day,
    fold_old: bool,
    employer_needed: bool,
    regions: Container[str] | None,
) -> list[Checked]:
    """
    Check several, all or none; see check_identity.

    Raises:
        IdentityRejected: with the problems of each that has some.
    """
    checked = [
        check_identity(
            one, on=on, fold_old=fold_old, employer_needed=employer_needed, regions=regions
        )
        for one in identities
    ]
    bad = [Rejection(i, c.problems) for i, c in enumerate(checked) if c.problems]
    if bad:
        raise IdentityRejected(bad)
    return checked


def _normal(identity: Identity, document: Document) -> Identity:
    def text(value: str | None) -> str | None:
        return _SPACES.sub(" ", narrow(value)) or None if value else None

    def digits(value: str | None) -> str | None:
        return normal_number(value) or None if value else None

    return replace(
        identity,
        name=normal_name(identity.name),
        document_type=document.kind,
        document_number=document.number,
        employer=text(identity.employer),
        phone=digits(identity.phone),
        card=digits(identity.card),
        bank=text(identity.bank),
        account_holder=normal_name(identity.account_holder or "") or None,
        household=digits(identity.household),
        address=text(identity.address),
    )


def normal_name(name: str) -> str:
    """
    A name with one kind of middle dot and one kind of space; Chinese names lose inner spaces.

    >>> normal_name(' 样例　乙 '), normal_name('样例・甲'), normal_name('Test  Person')
    ('样例乙', '样例·甲', 'Test Person')
    """
    text = _SPACES.sub(" ", narrow(name))
    if any(letter >= "\u2e80" for letter in text):
        return text.translate(_DOTS).replace(" ", "")
    return text


def _check_name(identity: Identity) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    name = identity.name
    codes: list[str] = []
    if not name and identity.document_type != STAFF:
        codes.append("NAME_MISSING")
    if any(letter.isdecimal() for letter in name):
        codes.append("NAME_DIGITS")
    if len(name) > NAME_MAX:
        codes.append("NAME_LENGTH")
    if "?" in name:  # what converters write for a character they do not have
        codes.append("NAME_UNREADABLE")
    odd = ("NAME_PRIVATE_USE",) if _PRIVATE.search(name) else ()
    return tuple(Problem("name", c) for c in codes), tuple(Problem("name", c) for c in odd)


def _check_phone(phone: str | None, warnings: list[Problem]) -> int:
    if phone is None:
        warnings.append(Problem("phone", "PHONE_MISSING"))
        return 0
    if _MOBILE.fullmatch(phone):
        return CHECK_PHONE
    if not _LANDLINE.fullmatch(phone):
        warnings.append(Problem("phone", "PHONE_FORMAT"))
    return 0  # a landline is a phone, but the check that is attested is that of a mobile one


def _check_card(card: str | None, problems: list[Problem], warnings: list[Problem]) -> int:
    if card is None:
        return 0
    if not _DIGITS.fullmatch(card):
        problems.append(Problem("card", "CARD_FORMAT"))
    elif not _UNIONPAY.fullmatch(card):
        warnings.append(Problem("card", "CARD_UNUSUAL"))
    elif not luhn(card):
        problems.append(Problem("card", "CARD_CHECKSUM"))
    else:
        return CHECK_CARD
    return 0


def luhn(digits: str) -> bool:
    """
    Whether the last digit is the check digit of ISO/IEC 7812.

    >>> luhn('6217000000123456786'), luhn('6217000000123456787')
    (True, False)
    """
    doubled = (sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def encode_identity(identity: Identity) -> bytes:
    """The canonical bytes of an identity."""
    parts = [bytes((FORMAT,))]
    for number, field in FIELDS.items():
        text = (getattr(identity, field) or "").encode()
        if text:
            parts.append(struct.pack(">BH", number, len(text)) + text)
    body = b"".join(parts) + b"\x00"
    return body + bytes(-len(body) % PAD_BYTES)


def decode_identity(plain: bytes) -> Identity:
    """
    The identity in canonical bytes.

    Raises:
        ValueError: the bytes are not the canonical encoding of an identity.
    """
    try:
        found = dict(_parts(plain))
        needed = {field: found.get(field, "") for field in tuple(FIELDS.values())[:3]}
        identity = Identity(**(found | needed))
    except (KeyError, struct.error, UnicodeDecodeError):
        # Not chained: a decoding error holds the bytes.
        raise ValueError("not a canonical identity") from None
    if encode_identity(identity) != plain:
        raise ValueError("not a canonical identity")
    return identity


def _parts(plain: bytes) -> Iterator[tuple[str, str]]:
    at = 1
    while at < len(plain) and plain[at]:
        number, size = struct.unpack_from(">BH", plain, at)
        yield FIELDS[number], plain[at + 3 : at + 3 + size].decode()
        at += 3 + size
