"""
Cells as values: closed lists of what is taken, no guessing, no repairs.

Full-width digits and letters are folded in codes, numbers and dates; a name is never folded
beyond its spaces. A number in an identity column is refused whatever it looks like: Excel has
dropped digits, and one in eleven damaged numbers still passes its check digit.
"""

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from domain.calendar import day_of
from domain.codes import SCHEME_2019
from domain.units import Day, Fen
from publishers.roster.choices import choices_of
from publishers.roster.columns import Column, Kind, normal_header
from publishers.roster.grids import CellValue, TimeOfDay
from publishers.roster.reading import Trap

AMOUNT_FEN_MAX: Final = 1_000_000_000_000
SERIAL_MIN, SERIAL_MAX = 30_000, 80_000
"""Excel day numbers read as dates: 1982 to 2119."""
SERIAL_EPOCH: Final = date(1899, 12, 30)
EXACT_DIGITS_MAX: Final = 11
"""Longest number a numeric cell may hold where digits are no identity: a mobile phone."""

_SPACES: Final = re.compile(r"[\s\u00a0\u3000\ufeff\u200b-\u200f]+")
_PLAIN_AMOUNT: Final = re.compile(r"[0-9]+(\.[0-9]+)?|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_NEGATIVE: Final = re.compile(r"-[0-9.,]+|\([0-9.,]+\)")
_SCIENTIFIC: Final = re.compile(r"[0-9]\.[0-9]+E\+?[0-9]+|[0-9]E\+[0-9]+", re.IGNORECASE)
_DATES: Final = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"),
    re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"),
    re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})"),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
_WRAPPED: Final = re.compile(r'="(.*)"')
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffd]")
_NUMBERS_REFUSED: Final = frozenset({"document_number", "card", "proxy_number", "worker_number"})


class BadCell(ValueError):
    """A cell cannot be taken: the code, and figures for its text."""

    def __init__(self, code: str, **figures: object) -> None:
        super().__init__(code)
        self.code = code
        self.figures = {name: str(value) for name, value in figures.items()}


def folded(text: str) -> str:
    """
    Codes and digits in their half-width form, without spaces around.

    >>> folded('　６３０１ ')
    '6301'
    """
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def _untrapped(value: CellValue) -> CellValue:
    if isinstance(value, Trap):
        raise BadCell(str(value))
    if isinstance(value, bool | TimeOfDay):
        raise BadCell("CELL_TYPE")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadCell("CELL_TYPE")  # .xls can hold what no spreadsheet shows
    return value


def text_of(column: Column, value: CellValue) -> str:
    """
    A text: spaces and line breaks as one space, none around.

    Raises:
        BadCell: CELL_TYPE, TEXT_LENGTH, TEXT_CONTROL.
    """
    value = _untrapped(value)
    if isinstance(value, int | float):
        value = str(int(value)) if value == int(value) else repr(value)
    if not isinstance(value, str):
        raise BadCell("CELL_TYPE")
    text = _SPACES.sub(" ", value).strip().removeprefix("'")
    if _CONTROL.search(text):
        raise BadCell("TEXT_CONTROL")
    if len(text) > column.length_max:
        raise BadCell("TEXT_LENGTH", limit=column.length_max)
    return text


def identifier_of(column: Column, value: CellValue) -> str:
    """
    A text of digits and letters.

    Raises:
        BadCell: ID_NUMERIC, ID_SCIENTIFIC, CELL_TYPE, TEXT_LENGTH, TEXT_CONTROL.
    """
    value = _untrapped(value)
    if isinstance(value, int | float):
        if column.key in _NUMBERS_REFUSED or value < 0 or value >= 10**EXACT_DIGITS_MAX:
            raise BadCell("ID_NUMERIC")
        if value != int(value):
            raise BadCell("ID_NUMERIC")
        value = str(int(value))
    if not isinstance(value, str):
        raise BadCell("CELL_TYPE")
    wrapped = _WRAPPED.fullmatch(value.strip())
    text = folded(text_of(column, wrapped[1] if wrapped else value))
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell("ID_SCIENTIFIC")
    return text


def amount_of(value: CellValue) -> Fen:
    """
    Yuan as fen.

    Raises:
        BadCell: AMOUNT_TEXT, AMOUNT_SCALE, AMOUNT_NEGATIVE, AMOUNT_TOO_LARGE, CELL_TYPE.
    """
    value = _untrapped(value)
    if isinstance(value, str):
        text = folded(value)
        if _NEGATIVE.fullmatch(text):
            raise BadCell("AMOUNT_NEGATIVE")
        if not _PLAIN_AMOUNT.fullmatch(text):
            raise BadCell("AMOUNT_TEXT")
        yuan = Decimal(text.replace(",", ""))
    elif isinstance(value, int | float):
        # Excel itself knows 15 digits; the 17 of a double would show 0.1 + 0.2 as a wrong scale.
        yuan = Decimal(f"{value:.15g}")
    else:
        raise BadCell("CELL_TYPE")
    if yuan < 0:
        raise BadCell("AMOUNT_NEGATIVE")
    fen = yuan * 100
    if fen > AMOUNT_FEN_MAX:
        raise BadCell("AMOUNT_TOO_LARGE")
    if fen != int(fen):
        raise BadCell("AMOUNT_SCALE")
    return Fen(int(fen))


def whole_of(value: CellValue) -> int:
    """
    A whole number from 0 on.

    Raises:
        BadCell: WHOLE_NUMBER, CELL_TYPE.
    """
    value = _untrapped(value)
    if isinstance(value, str):
        text = folded(value)
        if not text.isascii() or not text.isdigit() or len(text) > EXACT_DIGITS_MAX:
            raise BadCell("WHOLE_NUMBER")
        return int(text)
    if not isinstance(value, int | float):
        raise BadCell("CELL_TYPE")
    if not 0 <= value < 10**EXACT_DIGITS_MAX or value != int(value):
        raise BadCell("WHOLE_NUMBER")
    return int(value)


def day_of_cell(value: CellValue) -> tuple[Day, bool]:
    """
    A civil day, and whether it was read from an unformatted Excel day number.

    Raises:
        BadCell: DATE_FORMAT, CELL_TYPE.
    """
    value = _untrapped(value)
    if isinstance(value, datetime):
        return day_of(value.date()), False
    if isinstance(value, date):
        return day_of(value), False
    if isinstance(value, int | float):
        if SERIAL_MIN <= value <= SERIAL_MAX and value == int(value):
            return Day(day_of(SERIAL_EPOCH) + int(value)), True
        value = f"{value:.15g}"
    if not isinstance(value, str):
        raise BadCell("CELL_TYPE")
    return _day_of_text(folded(value).replace(" ", "")), False


def _day_of_text(text: str) -> Day:
    match = next((found for p in _DATES if (found := p.fullmatch(text))), None)
    if match is None:
        raise BadCell("DATE_FORMAT")
    try:
        return day_of(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        raise BadCell("DATE_FORMAT") from None


def choice_of(column: Column, value: CellValue, scheme: str) -> str:
    """
    The code of a choice, of a category the one of its scheme.

    Raises:
        BadCell: CHOICE, CELL_TYPE.
    """
    value = _untrapped(value)
    if isinstance(value, int | float) and value == int(value):
        value = str(int(value))
    if not isinstance(value, str):
        raise BadCell("CELL_TYPE")
    code = choices_of(column.key, scheme).get(normal_header(value))
    if code is None:
        raise BadCell("CHOICE")
    return code


def value_of(
    column: Column, value: CellValue, scheme: str = SCHEME_2019
) -> str | int | tuple[Day, bool]:
    """
    The value of a cell as its column's kind wants it; dates with the serial flag.

    *scheme*: that of the categories, which no other column depends on.
    """
    match column.kind:
        case Kind.TEXT:
            return text_of(column, value)
        case Kind.IDENTIFIER:
            return identifier_of(column, value)
        case Kind.AMOUNT:
            return amount_of(value)
        case Kind.WHOLE:
            return whole_of(value)
        case Kind.DATE:
            return day_of_cell(value)
        case Kind.CHOICE:
            return choice_of(column, value, scheme)
