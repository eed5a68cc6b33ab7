"""Checks of every kind of submission: its texts, its schema, its day, its organisation."""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Final

from admission.case import Case
from domain.calendar import year_of
from domain.organisation import Organisation
from domain.refusals import Refusal
from schemas.files import RECORDS

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
DOCUMENT: Final = re.compile(r"(?!.*[0-9]{15})[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,99}")
"""A document number: no control characters, and never so many digits that it could be a card."""
NAME: Final = re.compile(r"[^\x00-\x20\x7f][^\x00-\x1f\x7f]{0,199}")
DOCUMENTS: Final = frozenset({
    "document", "approval_document", "unit_certificate", "evidence", "dossier", "proxy_document",
    "case", "policy", "edition", "origin",
})  # fmt: skip
FREE: Final = frozenset({"text"})
MONEY_MAX_FEN: Final = 10**15
"""Ten trillion yuan: more than any fund, and far below 64 bits."""


ALL_CODES: Final = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._:-]{0,63}(?:\n|\Z))*")


@cache
def text_fields(topic: str) -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    """The text fields of a submission: name, what they must look like, whether they are lists."""
    out = []
    for field in fields(RECORDS[topic]):
        kind = str(field.type)
        if "str" not in kind or field.name in FREE:
            continue
        pattern = CODE
        if field.name in DOCUMENTS:
            pattern = DOCUMENT
        elif field.name == "name":
            pattern = NAME
        out.append((field.name, pattern, "Sequence" in kind))
    return tuple(out)


@cache
def code_fields(topic: str) -> tuple[str, ...]:
    """The fields that hold one code each."""
    return tuple(n for n, pattern, many in text_fields(topic) if pattern is CODE and not many)


@cache
def other_fields(topic: str) -> tuple[tuple[str, re.Pattern[str], bool], ...]:
    """The text fields that are lists, names or numbers of documents."""
    return tuple(f for f in text_fields(topic) if f[1] is not CODE or f[2])


def texts_well_formed(case: Case) -> Iterator[Refusal]:
    """Codes look like codes and numbers of documents like such: the log takes no free text."""
    submission = case.submission
    topic = submission.TOPIC
    codes = [v for n in code_fields(topic) if (v := getattr(submission, n)) is not None]
    together = "\n".join(codes)
    # All codes at once, the usual case; a code holds no line feed, so none can pose as two.
    if ALL_CODES.fullmatch(together) is None or together.count("\n") != len(codes) - 1:
        for name in code_fields(topic):
            value = getattr(submission, name)
            if value is not None and CODE.fullmatch(value) is None:
                yield Refusal("FIELD_MALFORMED", field=name)
    for name, pattern, many in other_fields(topic):
        value = getattr(submission, name)
        if value is None:
            continue
        for item in value if many else (value,):
            if pattern.fullmatch(item) is None:
                yield Refusal("FIELD_MALFORMED", field=name)
                break


def schema_registered(case: Case) -> Iterator[Refusal]:
    """The log explains itself: a kind is accepted only after its schema was written into it."""
    if case.state.get(f"schema-name/{case.submission.TOPIC}") is None:
        yield Refusal("SCHEMA_NOT_REGISTERED", schema=case.submission.TOPIC)


def not_in_future(case: Case) -> Iterator[Refusal]:
    """Nothing is recorded before it happened."""
    if case.submission.occurred_on > case.today:
        yield Refusal("FUTURE_DATE", occurred_on=case.submission.occurred_on, today=case.today)


def year_open(case: Case) -> Iterator[Refusal]:
    """Nothing is dated back past a closed year."""
    year = year_of(case.submission.occurred_on)
    if case.state.year_closed(case.submission.organisation, year):
        yield Refusal("YEAR_CLOSED", year=year)


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
