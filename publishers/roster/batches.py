"""批次信息: who pays what, when, from which fund, and the control totals."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain.calendar import iso
from domain.campaigns import campaign_year
from domain.units import Day, Fen
from publishers.roster.choices import scheme_of_labels
from publishers.roster.columns import BATCH_BY_KEY, BATCH_KEYS, Column
from publishers.roster.problems import Level, RosterProblem
from publishers.roster.reading import BATCH_SHEET, RawRoster
from publishers.roster.values import BadCell, value_of
from vault.documents import RESIDENT_ID, STAFF, normal_number
from vault.identities import Identity, check_identity

YEAR_MIN, YEAR_MAX = 2000, 2100
CITIZEN_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]")
REGION: Final = re.compile(r"[0-9]{6}")


SchemeOn = Callable[[str, Day], str | None]
"""Organisation and day → scheme of the policy in force there and then; None if there is none."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The batch a roster belongs to."""

    number: str
    organisation: str
    occasion: str
    year: int
    fund: str
    first_day: Day
    last_day: Day
    count: int
    sum_fen: Fen
    handler: Identity
    reviewer: Identity
    certificate: str | None
    document: str | None
    scheme: str
    """That of its categories; it is in domain.codes.SCHEMES."""

    @property
    def campaign(self) -> str:
        """Year and occasion."""
        return f"{self.year}-{self.occasion}"


def scheme_of(roster: RawRoster) -> str:
    """The scheme of a roster as far as the file itself tells: named, or the one of its categories."""
    try:
        named = value_of(BATCH_BY_KEY["scheme"], roster.batch.get("scheme"))
    except BadCell:
        named = None
    labels = (row.cells.get("category") for row in roster.rows)
    return str(named) if named else scheme_of_labels(x for x in labels if isinstance(x, str))


def staff_identity(organisation: str, name: str, number: str | None) -> Identity:
    """
    A handler, reviewer or visitor: known by a citizen number, else as staff of the organisation.

    Without any number the name itself is the staff code: two of one name are then one person.
    """
    code = normal_number(number or "")
    if CITIZEN_NUMBER.fullmatch(code):
        return Identity(name, RESIDENT_ID, code)
    return Identity(name, STAFF, code or name, employer=organisation)


def read_batch(
    roster: RawRoster,
    *,
    today: Day,
    problems: list[RosterProblem],
    scheme_on: SchemeOn | None = None,
) -> Batch | None:
    """
    The batch information of a roster; None if something needed is wrong, told in *problems*.

    A roster that names no scheme has that of *scheme_on*, else the one its categories are of.
    """
    found = _values(roster, problems)
    problems += [
        _problem("BATCH_MISSING", column)
        for column in BATCH_KEYS
        if column.needed and column.key not in roster.batch
    ]
    if any(column.needed and column.key not in found for column in BATCH_KEYS):
        return None
    first_day: Day = found["first_day"][0]
    scheme = found.get("scheme")
    if scheme is None and scheme_on is not None:
        scheme = scheme_on(found["organisation"], first_day)
    year = found.get("year") or campaign_year(found["occasion"], first_day)
    batch = Batch(
        number=found.get("batch") or roster.meta.get("batch") or "",
        organisation=found["organisation"],
        occasion=found["occasion"],
        year=year,
        fund=found["fund"].split(" ")[0],  # drop-down entries read "CODE name"
        first_day=first_day,
        last_day=found["last_day"][0],
        count=found["count"],
        sum_fen=found["sum"],
        handler=staff_identity(
            found["organisation"], found["handler"], found.get("handler_number")
        ),
        reviewer=staff_identity(
            found["organisation"], found["reviewer"], found.get("reviewer_number")
        ),
        certificate=found.get("certificate"),
        document=found.get("document"),
        scheme=scheme or scheme_of(roster),
    )
    _check(batch, today=today, problems=problems)
    return batch


def _values(roster: RawRoster, problems: list[RosterProblem]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, raw in roster.batch.items():
        column = BATCH_BY_KEY[key]
        try:
            value = value_of(column, raw)
        except BadCell as bad:
            problems.append(_problem(bad.code, column, Level.ERROR, **bad.figures))
            continue
        if value != "":
            found[key] = value
    for key in ("first_day", "last_day"):
        if key in found and found[key][1]:
            day = iso(found[key][0])
            if roster.date1904:
                problems.append(_problem("DATE_SERIAL_1904", BATCH_BY_KEY[key]))
            else:
                problems.append(_problem("DATE_SERIAL", BATCH_BY_KEY[key], Level.WARNING, day=day))
    return found


def _check(batch: Batch, *, today: Day, problems: list[RosterProblem]) -> None:
    if not YEAR_MIN <= batch.year <= YEAR_MAX:
        problems.append(_problem("YEAR_RANGE", BATCH_BY_KEY["year"]))
    if batch.first_day > batch.last_day:
        problems.append(_problem("DATES_REVERSED", BATCH_BY_KEY["last_day"]))
    if batch.first_day > today:
        problems.append(_problem("DATE_FUTURE", BATCH_BY_KEY["first_day"]))
    if not batch.number:
        problems.append(_problem("BATCH_NUMBER_DERIVED", BATCH_BY_KEY["batch"], Level.NOTICE))
    same = (batch.handler.document_type, batch.handler.document_number) == (
        batch.reviewer.document_type,
        batch.reviewer.document_number,
    )
    if same:
        problems.append(_problem("SAME_PERSON", BATCH_BY_KEY["reviewer"]))
    for key, person in (("handler", batch.handler), ("reviewer", batch.reviewer)):
        if person.document_number == person.name:
            problems.append(_problem("STAFF_BY_NAME", BATCH_BY_KEY[key], Level.NOTICE))
        checked = check_identity(person, on=today, employer_needed=False)
        problems += [
            _problem(p.code, BATCH_BY_KEY[key if p.field == "name" else f"{key}_number"])
            for p in checked.problems
        ]


def _problem(
    code: str, column: Column, level: Level = Level.ERROR, **figures: str
) -> RosterProblem:
    return RosterProblem(level, code, header=column.header, figures=figures, sheet=BATCH_SHEET)
