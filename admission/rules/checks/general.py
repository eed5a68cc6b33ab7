"""Checks of every kind of submission: its schema, its day, its organisation."""

from collections.abc import Iterator
from typing import Final

from admission.case import Case
from domain.calendar import year_of
from domain.organisation import Organisation
from domain.refusals import Refusal

MONEY_MAX_FEN: Final = 10**13
"""A hundred billion yuan in one submission: more than any fund, and far below 64 bits."""


def schema_registered(case: Case) -> Iterator[Refusal]:
    """The log explains itself: a kind is accepted only after its schema was written into it."""
    if case.state.get(f"schema-name/{case.submission.TOPIC}") is None:
        yield Refusal("SCHEMA_NOT_REGISTERED", schema=case.submission.TOPIC)


def not_in_future(case: Case) -> Iterator[Refusal]:
    """Nothing is recorded before it happened."""
    if case.submission.occurred_on > case.today:
        yield Refusal("FUTURE_DATE", occurred_on=case.submission.occurred_on, today=case.today)


def year_open(case: Case) -> Iterator[Refusal]:
    """Nothing is dated back into a closed year, or past one."""
    organisation = case.submission.organisation
    year = year_of(case.submission.occurred_on)
    if case.state.year_closed(organisation, year):
        yield Refusal("YEAR_CLOSED", organisation=organisation, year=year)


def organisation_known(case: Case) -> Iterator[Refusal]:
    """The organisation that speaks is registered."""
    if case.organisation is None:
        yield Refusal("ORGANISATION_UNKNOWN", organisation=case.submission.organisation)


def organisation_open(case: Case) -> Iterator[Refusal]:
    """A closed organisation starts nothing new."""
    if case.organisation is None:
        yield Refusal("ORGANISATION_UNKNOWN", organisation=case.submission.organisation)
    elif case.organisation.closed:
        yield Refusal("ORGANISATION_CLOSED", organisation=case.submission.organisation)


def handler_named(case: Case) -> Iterator[Refusal]:
    """Who handled it is named (real-name minimum)."""
    if case.submission.actor is None:
        yield Refusal("HANDLER_MISSING")


def amount_positive(case: Case) -> Iterator[Refusal]:
    """An amount is at least one fen."""
    fen = case.submission.amount_fen
    if not 0 < fen <= MONEY_MAX_FEN:
        yield Refusal("AMOUNT_NOT_POSITIVE", amount_fen=fen)


def division_on(case: Case, code: str) -> bool:
    """Whether a division code was in force on the business day."""
    table = case.state.get("codes/DIVISIONS") or {}
    day = case.submission.occurred_on
    return any(start <= day and (end is None or day <= end) for start, end in table.get(code, ()))


def known(case: Case, code: str | None) -> Organisation | None:
    """The organisation with a code, None for none."""
    return None if code is None else case.state.organisation(code)
