"""
Identity documents: normalisation and checks of their numbers.

Sources: GB 11643-1999 (citizen number: 6 region, 8 birth date, 3 sequence, ISO 7064 MOD 11-2);
residence permits of Hong Kong, Macao and Taiwan people carry the same form with region 810000,
820000, 830000; the permanent residence card of foreigners has had it since 2023-12 with a leading
9 and the same check digit, and 3 letters + 12 digits before.

Only translations frozen here are used, not Unicode normal forms: a document must give the same
bytes under every version of Python, or one person would get two ids.
"""

import re
from collections.abc import Container
from datetime import date
from typing import Final, NamedTuple

from domain.calendar import EPOCH
from domain.units import Day
from vault.errors import Problem

RESIDENT_ID: Final = "RESIDENT_ID"
HMT_RESIDENCE: Final = "HMT_RESIDENCE"
FOREIGN_PR: Final = "FOREIGN_PR"
PASSPORT: Final = "PASSPORT"
HM_PERMIT: Final = "HM_PERMIT"
TW_PERMIT: Final = "TW_PERMIT"
OTHER: Final = "OTHER"
STAFF: Final = "STAFF"
"""A staff code; known only within one organisation, given as the employer."""

DOCUMENT_TYPES: Final[dict[str, tuple[str, str]]] = {
    RESIDENT_ID: ("居民身份证", "Resident identity card"),
    HMT_RESIDENCE: ("港澳台居民居住证", "Residence permit for Hong Kong, Macao and Taiwan"),
    FOREIGN_PR: ("外国人永久居留身份证", "Foreign permanent resident card"),
    PASSPORT: ("护照", "Passport"),
    HM_PERMIT: ("港澳居民来往内地通行证", "Mainland travel permit, Hong Kong and Macao"),
    TW_PERMIT: ("台湾居民来往大陆通行证", "Mainland travel permit, Taiwan"),
    OTHER: ("其他", "Other"),
    STAFF: ("工作人员代码", "Staff code"),
}
"""Code → Chinese and English name."""

VERIFIED: Final = frozenset(DOCUMENT_TYPES) - {OTHER, STAFF}
"""Types whose numbers can be checked; only these satisfy the real-name minimum."""

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS: Final = "10X98765432"
AGE_MAX: Final = 130
"""Nobody is older: a birth date further back is a typing error."""

_FULL_WIDTH: Final = {0xFF01 + i: 0x21 + i for i in range(94)} | {0x3000: 0x20}
_DASHES: Final = dict.fromkeys(map(ord, "-‐‑‒–—―−_"))
_INVISIBLE: Final = dict.fromkeys([0xFEFF, 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F)])
_SPACES: Final = re.compile(r"[\s\u00a0]+")

_EIGHTEEN: Final = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN: Final = re.compile(r"[0-9]{15}")
_OLD_FOREIGN: Final = re.compile(r"[A-Z]{3}[0-9]{12}")
_CHINESE_PASSPORT: Final = re.compile(r"E[0-9]{8}|E[A-HJ-NP-Z][0-9]{7}|G[0-9]{8}")
_ANY_PASSPORT: Final = re.compile(r"(?=.*[0-9])[A-Z0-9]{6,9}")
_HM_PERMIT: Final = re.compile(r"[HM][0-9]{8}([0-9]{2})?")
_TW_PERMIT: Final = re.compile(r"[0-9]{8}")
_ANY: Final = re.compile(r"[^\x00-\x20]{2,40}")
_HMT_REGIONS: Final = ("810000", "820000", "830000")


class Document(NamedTuple):
    """A document as the vault knows it: type and normalised number."""

    kind: str
    number: str

    @property
    def index_key(self) -> tuple[str, str]:
        """
        What two notations of one person's document have in common, for the blind index.

        Every 18-digit number has one key whatever type was written beside it, and the two
        re-issue digits of an HM permit do not make a new person.
        """
        if _EIGHTEEN.fullmatch(self.number):
            return "GB11643", self.number
        if self.kind == HM_PERMIT:
            return self.kind, self.number[:9]
        return self.kind, self.number


class Reading(NamedTuple):
    """A document as written, and what is wrong with it: errors forbid, warnings are shown."""

    document: Document
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def narrow(text: str) -> str:
    """
    Full-width characters made half-width, invisible ones removed, ends trimmed.

    >>> narrow(chr(0x3000) + '１２3ｘ ')
    '123x'
    """
    return text.translate(_FULL_WIDTH).translate(_INVISIBLE).strip()


def normal_number(text: str) -> str:
    """
    A document number as compared: half-width, upper case, without spaces and dashes.

    >>> normal_number('１１０１０５-19491231 002ｘ')
    '11010519491231002X'
    """
    return _SPACES.sub("", narrow(text).translate(_DASHES)).upper()


def check_digit(first_17: str) -> str:
    """
    The check digit of GB 11643 for seventeen digits.

    >>> check_digit('11010519491231002')
    'X'
    """
    total = sum(w * int(digit) for w, digit in zip(WEIGHTS, first_17, strict=True))
    return CHECK_DIGITS[total % 11]


def fold_fifteen(number: str) -> str:
    """
    A 15-digit number of the first generation as its 18-digit successor.

    >>> fold_fifteen('110105491231002')
    '11010519491231002X'
    """
    first_17 = f"{number[:6]}19{number[6:]}"
    return first_17 + check_digit(first_17)


def birth_day(number: str) -> Day | None:
    """The birth date in an 18-digit number; None if there is no such date."""
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return Day(born.toordinal() - EPOCH)


def read_document(
    kind: str,
    number: str,
    *,
    on: Day,
    fold_old: bool = False,
    regions: Container[str] | None = None,
) -> Reading:
    """
    Normalise and check a document.

    Args:
        kind: one of DOCUMENT_TYPES.
        number: as written.
        on: the day of the check; births after it are wrong.
        fold_old: take 15-digit numbers (old feeds); otherwise they are an error (rosters).
        regions: all division codes ever in force; None: regions are not looked at.

    Returns:
        The document with the type its number proves, problems (ID_MISSING, ID_TYPE, ID_LENGTH,
        ID_LENGTH_15, ID_FORMAT, ID_CHECKSUM, ID_BIRTH) and warnings (ID_REGION,
        PASSPORT_FOREIGN).
    """
    text = normal_number(number)
    if kind not in DOCUMENT_TYPES:
        return _wrong(kind, text, "ID_TYPE")
    if not text:
        return _wrong(kind, text, "ID_MISSING")
    if kind in (RESIDENT_ID, HMT_RESIDENCE, FOREIGN_PR):
        return _read_card(kind, text, on=on, fold_old=fold_old, regions=regions)
    return _read_other(kind, text)


def _wrong(kind: str, number: str, code: str) -> Reading:
    return Reading(Document(kind, number), (Problem("document_number", code),), ())


def _read_card(
    kind: str, text: str, *, on: Day, fold_old: bool, regions: Container[str] | None
) -> Reading:
    if kind == FOREIGN_PR and _OLD_FOREIGN.fullmatch(text):
        return Reading(Document(kind, text), (), ())
    if kind == RESIDENT_ID and _FIFTEEN.fullmatch(text):
        if not fold_old:
            return _wrong(kind, text, "ID_LENGTH_15")
        text = fold_fifteen(text)
    if not _EIGHTEEN.fullmatch(text):
        return _wrong(kind, text, "ID_FORMAT" if len(text) == 18 else "ID_LENGTH")  # noqa: PLR2004
    proven = _kind_of(text)
    # A permit filed as an identity card is a slip of the form; the reverse claims a status.
    if kind not in {proven, RESIDENT_ID}:
        return _wrong(kind, text, "ID_TYPE")
    codes: list[str] = []
    if check_digit(text[:17]) != text[17]:
        codes.append("ID_CHECKSUM")
    born = birth_day(text)
    if born is None or not on - AGE_MAX * 366 <= born <= on:
        codes.append("ID_BIRTH")
    strange = proven == RESIDENT_ID and regions is not None and text[:6] not in regions
    return Reading(
        Document(proven, text),
        tuple(Problem("document_number", code) for code in codes),
        (Problem("document_number", "ID_REGION"),) if strange else (),
    )


def _kind_of(number: str) -> str:
    if number[:6] in _HMT_REGIONS:
        return HMT_RESIDENCE
    return FOREIGN_PR if number[0] == "9" else RESIDENT_ID


def _read_other(kind: str, text: str) -> Reading:
    pattern = {PASSPORT: _ANY_PASSPORT, HM_PERMIT: _HM_PERMIT, TW_PERMIT: _TW_PERMIT}.get(
        kind, _ANY
    )
    if not pattern.fullmatch(text):
        return _wrong(kind, text, "ID_FORMAT")
    foreign = kind == PASSPORT and not _CHINESE_PASSPORT.fullmatch(text)
    return Reading(
        Document(kind, text),
        (),
        (Problem("document_number", "PASSPORT_FOREIGN"),) if foreign else (),
    )
