"""Checks of rosters and visits."""

from collections.abc import Iterator
from typing import Final

from admission.case import Case
from admission.fold_money import roster_payments
from admission.rules.checks.general import MONEY_MAX_FEN
from domain.calendar import month_of, year_of
from domain.campaigns import campaign_year
from domain.payment import HOLDING, receiving
from domain.refusals import Refusal
from domain.roster import ROWS_MAX, Roster

SECOND_QUARTER: Final = 4
"""Its first month."""


def occasion_in_force(case: Case) -> Iterator[Refusal]:
    """The occasion is in the policy in force."""
    submission = case.submission
    if case.policy is None:
        yield Refusal("NO_POLICY", organisation=submission.organisation)
    elif case.policy.occasion(submission.occasion) is None:
        yield Refusal("OCCASION_UNKNOWN", occasion=submission.occasion)


def campaign_well_formed(case: Case) -> Iterator[Refusal]:
    """
    A campaign is year and occasion, and its year is that of the business day.

    Visits for New Year and Spring Festival begin in the December of the year before; what was
    returned by the bank may be paid again in the first quarter of the year after.
    """
    submission = case.submission
    year, month = year_of(submission.occurred_on), month_of(submission.occurred_on)
    years = {year, campaign_year(submission.occasion, submission.occurred_on)}
    if month < SECOND_QUARTER:
        years.add(year - 1)
    if submission.campaign not in {f"{y}-{submission.occasion}" for y in years}:
        yield Refusal("CAMPAIGN_MALFORMED", campaign=submission.campaign)


def roster_sensible(case: Case) -> Iterator[Refusal]:
    """A roster declares at least one payment, at most so many that it can be rejected at once."""
    submission = case.submission
    if not 0 < submission.declared_count <= ROWS_MAX:
        yield Refusal("ROSTER_TOO_LARGE", declared_count=submission.declared_count, limit=ROWS_MAX)
    if not 0 < submission.declared_fen <= MONEY_MAX_FEN:
        yield Refusal("AMOUNT_NOT_POSITIVE", amount_fen=submission.declared_fen)
    if case.same(submission.reviewer, submission.actor):
        yield Refusal("SAME_PERSON", roles="SUBMIT,REVIEW")


def _roster(case: Case) -> Roster | None:
    return case.state.roster(case.submission.organisation, case.submission.roster)


def roster_open(case: Case) -> Iterator[Refusal]:
    """The roster exists and was neither approved nor rejected."""
    roster = _roster(case)
    if roster is None:
        yield Refusal("ROSTER_UNKNOWN")
    else:
        yield from roster.refuse_decision()


def approved_totals_true(case: Case) -> Iterator[Refusal]:
    """The approver states count and sum of what is approved, and they are true."""
    roster = _roster(case)
    if roster is not None:
        submission = case.submission
        yield from roster.refuse_totals(count=submission.count, fen=submission.amount_fen)


def approver_separate(case: Case) -> Iterator[Refusal]:
    """Who approves neither submitted nor reviewed it, nor handled a payment, nor receives one."""
    roster, submission = _roster(case), case.submission
    if roster is None or submission.actor is None:
        return
    if case.same(submission.actor, roster.submitter):
        yield Refusal("SAME_PERSON", roles="SUBMIT,APPROVE")
    if case.same(submission.actor, roster.reviewer):
        yield Refusal("SAME_PERSON", roles="REVIEW,APPROVE")
    case.state.prefetch(f"person/{handler}" for handler in roster.handlers)
    if any(case.same(submission.actor, handler) for handler in roster.handlers):
        yield Refusal("SAME_PERSON", roles="HANDLE,APPROVE")
    payments = roster_payments(case.state, submission.organisation, submission.roster, roster)
    standing = (p for p in payments if p.state(roster) in HOLDING)
    served = dict.fromkeys(one for payment in standing for one in receiving(payment))
    case.state.prefetch(f"person/{person}" for _, person in served)
    approver = case.root(submission.actor)
    for role, person in served:
        if case.root(person) == approver:
            yield Refusal("SAME_PERSON", roles=f"APPROVE,{role}")


def visitors_enough(case: Case) -> Iterator[Refusal]:
    """A visit is made by as many different people as the policy asks for."""
    visitors = {case.root(v) for v in case.submission.visitors}
    if case.policy is not None and len(visitors) < case.policy.visitors_min:
        yield Refusal("TOO_FEW_VISITORS", visitors=len(visitors), minimum=case.policy.visitors_min)
    visited = case.submission.person
    if visited is not None and case.root(visited) in visitors:
        yield Refusal("SAME_PERSON", roles="VISIT,RECEIVE")
