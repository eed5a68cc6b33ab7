"""What a dry run said of the submissions of a roster, row by row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from domain.parts import Reason
from publishers.client import Signable
from publishers.roster.assembling import RosterSubmissions
from publishers.roster.problems import Level, RosterProblem
from publishers.roster.texts import REFUSAL

RECORDED: Final = "ALREADY_RECORDED"
ANSWERED: Final = frozenset({"SUBMISSION_REPEATED", "SUBMISSION_ID_REUSED"})
"""Codes of a dry run for a submission id that has its verdict already."""
OF_ROSTER: Final = frozenset({"ROSTER_STATE", "ROSTER_TOTALS_EXCEEDED", "ROSTER_ROW_USED"})
"""Refusals of a payment that another roster would not have."""


@dataclass(slots=True)
class SortedOut:
    """Rows by what the dry run said of their payment and visit."""

    answered: set[int] = field(default_factory=set)
    of_roster: set[int] = field(default_factory=set)
    refused: dict[int, list[tuple[str, Reason]]] = field(default_factory=dict)


def sorted_out(
    submissions: RosterSubmissions, reasons: Mapping[str, Sequence[Reason]]
) -> SortedOut:
    """Sort the rows by what stands against their payment and visit."""
    found = SortedOut()
    for number, payment in submissions.payments.items():
        against = reasons[id_of(payment)]
        if any(r.code in ANSWERED for r in against):
            found.answered.add(number)
            continue
        open_reasons = [("REFUSED", r) for r in against if not settled(r)]
        if number in submissions.visits:
            visit = reasons[id_of(submissions.visits[number])]
            open_reasons += [("VISIT_REFUSED", r) for r in visit if not settled(r)]
        if open_reasons and all(r.code in OF_ROSTER for _, r in open_reasons):
            found.of_roster.add(number)
        elif open_reasons:
            found.refused[number] = open_reasons
    return found


def settled(reason: Reason) -> bool:
    """Whether a reason says that the thing has its verdict, rather than speaking against it."""
    return reason.code == RECORDED or reason.code in ANSWERED


def position_of(reasons: Sequence[Reason]) -> int | None:
    """Where the thing is recorded, if the dry run says that it is."""
    for reason in reasons:
        if reason.code == RECORDED:
            figures = {figure.name: figure.value for figure in reason.figures}
            return int(figures.get("original_position", 0))
    return None


def id_of(signable: Signable) -> str:
    """The submission id."""
    return signable.submission.submission_id


def refusal(
    row: int | None, code: str, reason: Reason, level: Level = Level.ERROR
) -> RosterProblem:
    """A refusal by the rules, as a line of the report."""
    figures = {figure.name: figure.value for figure in reason.figures}
    return RosterProblem(level, code, row, figures={**figures, REFUSAL: reason.code})


def notice(row: int, code: str, level: Level, **figures: str) -> RosterProblem:
    """What was found about a row, as a line of the report."""
    return RosterProblem(level, code, row, figures=figures)
