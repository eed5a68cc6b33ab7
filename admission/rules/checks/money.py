"""Checks of funds, grants, allocations, returns, statements."""

from collections.abc import Iterator

from admission.case import Case
from domain.account import account_stream
from domain.calendar import year_of
from domain.codes import ALLOCATION_KINDS, SOURCES
from domain.free_fen import Bond
from domain.lot import Lot
from domain.parts import Interval
from domain.refusals import Refusal
from domain.restriction import Restriction, can_be_met
from domain.units import Fen, Position


def fund_new(case: Case) -> Iterator[Refusal]:
    """A new fund of the speaking organisation, from a known source, with a sensible restriction."""
    fund = case.submission
    if case.fund is not None:
        yield Refusal("FUND_KNOWN", fund=fund.fund)
    if fund.owner != fund.organisation:
        yield Refusal("WRONG_OWNER", owner=fund.owner)
    if fund.fund_source not in SOURCES:
        yield Refusal("SOURCE_UNKNOWN", source=fund.fund_source)
    if fund.ceiling_fen is not None and fund.ceiling_fen <= 0:
        yield Refusal("AMOUNT_NOT_POSITIVE", amount_fen=fund.ceiling_fen)


def fund_known(case: Case) -> Iterator[Refusal]:
    """The fund is open."""
    if case.fund is None:
        yield Refusal("FUND_UNKNOWN", fund=case.submission.fund)


def speaker_owns_fund(case: Case) -> Iterator[Refusal]:
    """Only a fund's owner records what comes into it."""
    if case.fund is not None and case.fund.owner != case.submission.organisation:
        yield Refusal("WRONG_OWNER", owner=case.fund.owner)


def under_ceiling(case: Case) -> Iterator[Refusal]:
    """A grant does not lift the fund above its ceiling."""
    over = case.fund and case.fund.over_ceiling(case.submission.amount_fen)
    if over:
        yield over


def grant_has_free_fen(case: Case) -> Iterator[Refusal]:
    """A withdrawal takes the last free fen of the named grant; chooses the draws."""
    submission = case.submission
    position: Position | None = case.state.get(
        f"grant/{submission.organisation}/{submission.grant}"
    )
    stream = account_stream(submission.organisation, submission.fund)
    if position is None or case.state.lot(position).account != stream:
        yield Refusal("GRANT_UNKNOWN")
    elif case.account is not None:
        yield from _take_last(case, position)


def _take_last(case: Case, lot: Position) -> Iterator[Refusal]:
    assert case.account is not None  # it holds or held the lot
    chosen = case.account.choose_last(case.submission.amount_fen, lot)
    if isinstance(chosen, Refusal):
        yield chosen
    else:
        case.draws = chosen


def child_fits(case: Case) -> Iterator[Refusal]:
    """Money goes down one level at a time, to an open organisation."""
    submission = case.submission
    child = case.state.organisation(submission.child)
    if child is None:
        yield Refusal("ORGANISATION_UNKNOWN", organisation=submission.child)
    elif child.parent != submission.organisation:
        yield Refusal("NOT_A_CHILD", organisation=submission.child)
    elif child.closed:
        yield Refusal("ORGANISATION_CLOSED", organisation=submission.child)
    if submission.allocation_kind not in ALLOCATION_KINDS:
        yield Refusal("ALLOCATION_KIND_UNKNOWN", kind=submission.allocation_kind)


def receivers_year_open(case: Case) -> Iterator[Refusal]:
    """Nor does money come to another organisation in a year that it has closed."""
    submission = case.submission
    receiver = submission.child if hasattr(submission, "child") else submission.issuer
    year = year_of(submission.occurred_on)
    if case.state.year_closed(receiver, year):
        yield Refusal("YEAR_CLOSED", organisation=receiver, year=year)


def allocation_drawn(case: Case) -> Iterator[Refusal]:
    """The fen are there and some later use below could meet their restrictions; chooses the draws."""
    submission = case.submission
    child = case.state.organisation(submission.child)
    if case.fund is None or child is None or submission.amount_fen <= 0:
        return
    division = child.division
    # What is over on the business day is over for whatever is paid from the new lot.
    ahead = Restriction(usable_from=submission.occurred_on)
    bounds = (case.fund.restriction, Restriction.of(submission), ahead)
    if not can_be_met(bounds, division):
        yield Refusal("RESTRICTION_UNREACHABLE", organisation=submission.child)
        return
    if case.account is None:
        yield _nothing_held(submission.amount_fen)
        return

    def admits(bond: Bond) -> bool:
        return bond.confirmed and can_be_met((*bounds, *bond.restrictions), division)

    chosen = case.account.choose(submission.amount_fen, case.bond, admits)
    if isinstance(chosen, Refusal):
        yield chosen
        return
    together = _fen_together(case, chosen, bounds, division)
    if together < submission.amount_fen:
        yield Refusal(
            "RESTRICTIONS_EXCLUDE", asked_fen=submission.amount_fen, drawable_fen=together
        )
        return
    case.draws = chosen


def _fen_together(
    case: Case, draws: list[Interval], bounds: tuple[Restriction, ...], division: str | None
) -> Fen:
    """How many fen, from the front, some one use could meet: their new lot is bound by them all."""
    binding, fen = list(bounds), 0
    for draw in draws:
        more = [r for r in case.bond(draw.lot).restrictions if r not in binding]
        if more and not can_be_met((*binding, *more), division):
            break
        binding += more
        fen += draw.fen
    return Fen(fen)


def _nothing_held(asked_fen: int) -> Refusal:
    return Refusal("INSUFFICIENT_BALANCE", asked_fen=asked_fen, drawable_fen=0, free_fen=0)


def allocation_of_speaker(case: Case) -> tuple[Position, Lot] | None:
    """The allocation that the speaking organisation received, with the position that made it."""
    submission = case.submission
    position: Position | None = case.state.get(
        f"allocation/{submission.issuer}/{submission.allocation}"
    )
    if position is None:
        return None
    lot = case.state.lot(position)
    if lot.account != account_stream(submission.organisation, submission.fund):
        return None
    return position, lot


def allocation_unconfirmed(case: Case) -> Iterator[Refusal]:
    """An allocation to the speaker, whose arrival was not confirmed yet."""
    found = allocation_of_speaker(case)
    if found is None:
        yield Refusal("ALLOCATION_UNKNOWN")
    elif found[1].confirmed:
        yield Refusal("ALLOCATION_CONFIRMED")


def allocation_has_free_fen(case: Case) -> Iterator[Refusal]:
    """A return takes the last free fen of the named allocation; chooses the draws."""
    found = allocation_of_speaker(case)
    if found is None:
        yield Refusal("ALLOCATION_UNKNOWN")
    elif case.account is not None:
        yield from _take_last(case, found[0])


def statement_sensible(case: Case) -> Iterator[Refusal]:
    """A statement has lines, each a source or a use. Whether they add up is for reconciliation."""
    items = case.submission.items
    if not items or any(item.side not in ("SOURCE", "USE") for item in items):
        yield Refusal("FIELD_MALFORMED", field="items")
