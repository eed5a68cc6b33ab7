"""
Retention: how long records that name a person must stay readable, and from which day they need not.

Periods are in force as of 2026; a record keeps its person's key from being destroyed until then.
"""

from datetime import date
from functools import cache
from typing import Final, NamedTuple

from domain.calendar import EPOCH, civil_day, day_of, year_of
from domain.units import Day, Micros


class RecordClass(NamedTuple):
    """A class of records with one period of retention. 档案类别."""

    code: str
    zh: str
    en: str
    years: int
    months: int
    after_year: bool
    """Whether the period begins on the first day after the fiscal year, else on the day itself."""
    source: str

    def free_on(self, day: Day) -> Day:
        """
        The first day on which a record of *day* need not be kept any more.

        >>> from domain.calendar import iso
        >>> iso(VOUCHER.free_on(Day(17_932))), iso(ACCESS.free_on(Day(17_932)))
        ('2050-01-01', '2019-08-05')
        """
        begins = date(year_of(day) + 1, 1, 1) if self.after_year else date.fromordinal(day + EPOCH)
        months = begins.month - 1 + self.months
        year, month = begins.year + self.years + months // 12, months % 12 + 1
        try:
            return day_of(date(year, month, begins.day))
        except ValueError:  # the 31st of a month that has none: the next month begins
            return day_of(date(year + month // 12, month % 12 + 1, 1))


VOUCHER: Final = RecordClass(
    "VOUCHER", "会计凭证(含名册、签收、走访依据)", "accounting vouchers, rosters, receipts, visits",
    years=30, months=0, after_year=True,
    source="会计档案管理办法(财政部、国家档案局令第79号)第14条及附表",
)  # fmt: skip
DOSSIER: Final = RecordClass(
    "DOSSIER", "困难职工原始档案", "original dossier of a worker in hardship",
    years=10, months=0, after_year=False,
    source="困难职工档案管理规定:自撤档之日起保存10年",
)  # fmt: skip
ACCESS: Final = RecordClass(
    "ACCESS", "访问与操作日志", "records of access and of refused submissions",
    years=0, months=6, after_year=False,
    source="网络安全法第21条(三):不少于六个月",
)  # fmt: skip

CLASSES: Final = (VOUCHER, DOSSIER, ACCESS)
"""All classes that hold records of the log."""
EXCEPTIONS: Final[dict[str, RecordClass]] = {
    "IdentitiesRead": ACCESS,
    "SubmissionRefused": ACCESS,
    "SubmissionRepeated": ACCESS,
}
"""Kinds of event that are no voucher; every other kind counts as one, whatever the person's part."""
PERSON_FIELDS: Final = ("actor", "person", "worker", "proxy", "reviewer", "other")
LIST_FIELDS: Final = ("visitors", "persons")
"""Fields of events that name a person, and those that name several."""
SUBJECTS: Final = {"PersonErased": {"person"}, "PersonsLinked": {"person", "other"}}
"""Fields that only say whom an event is about: these do not keep anybody."""


def classes_of(kind: str, *, dossier: bool) -> tuple[RecordClass, ...]:
    """
    The classes an event belongs to.

    A dossier is taken as closed with the last payment that names it: its own records come later.
    """
    found = EXCEPTIONS.get(kind, VOUCHER)
    return (found, DOSSIER) if dossier else (found,)


def counted_from(recorded_at: Micros) -> Day:
    """
    The day from which an event's periods count: that of its recording.

    Nothing is accepted before it happened, and the day of a refusal is what anybody may have written.
    """
    return civil_day(recorded_at)


def kept_until(kind: str, recorded_at: Micros) -> Day:
    """
    The first day on which an event recorded at that time keeps the persons it names no longer.

    A dossier is kept for a shorter time than the voucher that names it.
    """
    return _kept_until(kind, counted_from(recorded_at))


@cache
def _kept_until(kind: str, day: Day) -> Day:
    return max(found.free_on(day) for found in classes_of(kind, dossier=False))


def keeping(kind: str, fields: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Which of an event's *fields* keep the person they name, and which those they list."""
    told = fields - SUBJECTS.get(kind, set())
    return (
        tuple(name for name in PERSON_FIELDS if name in told),
        tuple(name for name in LIST_FIELDS if name in told),
    )
