"""Funds, grants, allocations and returns: where money comes from, and how it goes down and back."""

from typing import Any

import pytest
from programme import (
    CITY,
    COUNTY,
    FUND,
    OTHER_COUNTY,
    PROVINCE,
    ROOT,
    TOWN,
    Programme,
    codes,
    day,
    figures,
    funded,
)

from domain import submissions as s
from domain.account import INTERVALS_MAX
from domain.intervals import total
from domain.parts import Interval, StatementItem
from domain.units import Fen, Position


@pytest.fixture
def given() -> Programme:
    """A programme whose money went down to the county."""
    return funded(100_000)


def free(given: Programme, organisation: str, fund: str = FUND) -> list[Interval]:
    """The free fen of an account; none if it never received any."""
    account = given.admission.state.account(organisation, fund)
    return list(account.free) if account else []


def stretch(lot: int, at: int, fen: int) -> Interval:
    """Consecutive fen of a lot."""
    return Interval(Position(lot), at, Fen(fen))


def issued(given: Programme, child: str = COUNTY) -> Any:
    """The first allocation to a child."""
    return next(v.event for v in given.verdicts if getattr(v.event, "child", "") == child)


def give_back(given: Programme, allocation: Any, fen: int, **fields: Any) -> Any:
    """A child returns fen of an allocation."""
    defaults: dict[str, Any] = {
        "organisation": allocation.child, "returned": given.fresh(),
        "issuer": allocation.organisation, "allocation": allocation.allocation,
        "fund": allocation.fund, "amount_fen": fen, "document": None,
    }  # fmt: skip
    return given.do(s.ReturnAllocation, **(defaults | fields))


def withdraw(given: Programme, grant: Any, fen: int, **fields: Any) -> Any:
    """The owner gives back what came in."""
    defaults: dict[str, Any] = {
        "withdrawal": given.fresh(), "fund": grant.fund, "grant": grant.grant, "amount_fen": fen,
        "document": None,
    }  # fmt: skip
    return given.do(s.WithdrawGrant, **(defaults | fields))


# -- funds and grants -----------------------------------------------------------------------------


def test_a_grant_is_a_lot_of_the_funds_owner(given: Programme) -> None:
    """Numbered from 0, under the position of its own event."""
    given.grant(700)
    position = given.verdicts[-1].position
    assert free(given, ROOT) == [stretch(position, 0, 700)]


def test_only_the_owner_speaks_for_a_fund(given: Programme) -> None:
    """A province records no grant into a national fund, and opens none for another."""
    assert codes(given.grant(1, organisation=PROVINCE)) == ["WRONG_OWNER"]
    assert codes(given.fund("P", organisation=PROVINCE, owner=CITY)) == ["WRONG_OWNER"]
    assert codes(given.fund("P", organisation=PROVINCE, owner=PROVINCE)) == []
    assert codes(given.grant(1, "P", organisation=PROVINCE)) == []


def test_a_ceiling_bounds_what_is_granted_less_what_was_withdrawn(given: Programme) -> None:
    """Room that a withdrawal made can be filled again, and no more than that."""
    given.fund("SMALL", ceiling_fen=1_000)
    granted = given.grant(1_000, "SMALL")
    event = given.grant(1, "SMALL")
    assert codes(event) == ["OVER_CEILING"]
    assert figures(event) == {"ceiling_fen": "1000", "granted_fen": "1000", "asked_fen": "1"}
    assert codes(withdraw(given, granted, 400)) == []
    assert codes(given.grant(401, "SMALL")) == ["OVER_CEILING"]
    assert codes(given.grant(400, "SMALL")) == []


def test_a_withdrawal_takes_the_last_free_fen_of_its_grant(given: Programme) -> None:
    """What was passed on is not the owner's to give back."""
    granted = given.grant(1_000)
    position = given.verdicts[-1].position
    given.allocate(ROOT, PROVINCE, 300)
    assert codes(withdraw(given, granted, 701)) == ["INSUFFICIENT_FREE_FEN"]
    event = withdraw(given, granted, 200)
    assert list(event.draws) == [stretch(position, 800, 200)]
    assert free(given, ROOT) == [stretch(position, 300, 500)]
    fund = given.admission.state.fund(FUND)
    assert fund is not None
    assert fund.granted_fen == 100_000 + 1_000 - 200


def test_a_grant_of_another_fund_is_not_withdrawn_here(given: Programme) -> None:
    """Grant and fund must belong together."""
    granted = given.grant(1_000)
    given.fund("OTHER")
    given.grant(1_000, "OTHER")
    assert codes(withdraw(given, granted, 1, fund="OTHER")) == ["GRANT_UNKNOWN"]


# -- allocations ----------------------------------------------------------------------------------


def test_an_allocation_is_a_new_lot_made_of_the_givers_fen(given: Programme) -> None:
    """The front of the giver's fen leaves, and arrives under a new name, as many."""
    before = free(given, COUNTY)
    event = given.allocate(COUNTY, TOWN, 400)
    position = given.verdicts[-1].position
    assert list(event.draws) == [stretch(before[0].lot, 0, 400)]
    assert free(given, TOWN) == [stretch(position, 0, 400)]
    assert free(given, COUNTY) == [stretch(before[0].lot, 400, 99_600)]
    assert (event.stream, event.in_stream) == (f"account/{COUNTY}/{FUND}", f"account/{TOWN}/{FUND}")


def test_money_goes_down_one_level_and_never_sideways_or_up(given: Programme) -> None:
    """Not past the child, not to a neighbour, not to the parent, not to oneself."""
    for wrong in (OTHER_COUNTY, CITY, ROOT, COUNTY):
        assert codes(given.allocate(COUNTY, wrong, 1)) == ["NOT_A_CHILD"]
    given.grant(10)
    assert codes(given.allocate(ROOT, CITY, 1)) == ["NOT_A_CHILD"]


def test_a_closed_child_receives_nothing(given: Programme) -> None:
    """Its parent keeps the money."""
    given.do(s.CloseOrganisation, given.operator, organisation=COUNTY, code=TOWN)
    assert codes(given.allocate(COUNTY, TOWN, 1)) == ["ORGANISATION_CLOSED"]


def test_nothing_is_allocated_twice(given: Programme) -> None:
    """What left the county is not there any more, to the fen."""
    assert codes(given.allocate(COUNTY, TOWN, 99_999)) == []
    event = given.allocate(COUNTY, TOWN, 2)
    assert codes(event) == ["INSUFFICIENT_BALANCE"]
    assert figures(event) == {"asked_fen": "2", "drawable_fen": "1", "free_fen": "1"}
    assert codes(given.allocate(COUNTY, TOWN, 1)) == []
    assert free(given, COUNTY) == []


def test_who_never_received_of_a_fund_has_nothing_of_it(given: Programme) -> None:
    """A fund that exists is not yet a balance."""
    given.fund("NEW")
    assert codes(given.allocate(COUNTY, TOWN, 1, "NEW")) == ["INSUFFICIENT_BALANCE"]
    assert codes(given.pay(1, fund="NEW")) == ["INSUFFICIENT_BALANCE"]


def test_money_for_another_region_is_not_sent_where_it_could_never_be_used(
    given: Programme,
) -> None:
    """A lot for the neighbour county is skipped on the way to this one."""
    given.grant(500, regions=["632222"])
    given.grant(500, regions=["632221"])
    for giver, child in ((ROOT, PROVINCE), (PROVINCE, CITY)):
        assert codes(given.allocate(giver, child, 500)) == []
        assert codes(given.allocate(giver, child, 500)) == []
    neighbours, ours = (i.lot for i in free(given, CITY))
    event = given.allocate(CITY, COUNTY, 500)
    assert [d.lot for d in event.draws] == [ours]
    assert codes(given.allocate(CITY, COUNTY, 1)) == ["INSUFFICIENT_BALANCE"]
    assert [d.lot for d in given.allocate(CITY, OTHER_COUNTY, 500).draws] == [neighbours]


def test_an_allocation_may_restrict_further(given: Programme) -> None:
    """The giver says what it is for, and the receiver is bound by that."""
    assert codes(given.allocate(COUNTY, TOWN, 100_000, tiers=["T1"])) == []
    event = given.pay(1, organisation=TOWN, amount_fen=1)
    assert codes(event) == ["RESTRICTION_BROKEN"]
    assert figures(event)["part"] == "TIER"
    assert codes(given.pay(1, organisation=TOWN, amount_fen=1, tier="T1")) == []


def test_unconfirmed_money_is_not_passed_on(given: Programme) -> None:
    """What has not arrived cannot leave, but it can be returned."""
    given.policy(policy="T2019", union=TOWN, organisation=TOWN, confirm_arrival=True)
    given.do(
        s.RegisterOrganisation, given.operator, organisation=TOWN, code="BASIC-1", parent=TOWN,
        name="样例基层工会", level="BASIC", division=None, uscc=None,
    )  # fmt: skip
    allocation = given.allocate(COUNTY, TOWN, 1_000)
    assert codes(given.allocate(TOWN, "BASIC-1", 1)) == ["INSUFFICIENT_BALANCE"]
    assert codes(give_back(given, allocation, 400)) == []
    confirmation: dict[str, Any] = {
        "organisation": TOWN,
        "issuer": COUNTY,
        "allocation": allocation.allocation,
        "fund": FUND,
    }
    assert codes(given.do(s.ConfirmAllocation, **confirmation)) == []
    assert codes(given.do(s.ConfirmAllocation, **confirmation)) == ["ALLOCATION_CONFIRMED"]
    assert codes(given.allocate(TOWN, "BASIC-1", 600)) == []


@pytest.mark.parametrize("date", ["1970-01-01", "1969-12-31", "0001-01-01"])
def test_an_allocation_of_any_day_is_decided(given: Programme, date: str) -> None:
    """Day 0 is a day like any other."""
    assert codes(given.allocate(COUNTY, TOWN, 1, occurred_on=day(date))) == []


def test_as_many_intervals_as_an_event_can_hold(given: Programme) -> None:
    """Five hundred lots leave at once; one more says how much can."""
    given.fund("SMALL")
    for _ in range(INTERVALS_MAX + 1):
        given.grant(2, "SMALL")
    event = given.allocate(ROOT, PROVINCE, 2 * INTERVALS_MAX + 1, "SMALL")
    assert codes(event) == ["TOO_FRAGMENTED"]
    assert figures(event)["drawable_fen"] == str(2 * INTERVALS_MAX)
    event = given.allocate(ROOT, PROVINCE, 2 * INTERVALS_MAX, "SMALL")
    assert len(event.draws) == INTERVALS_MAX
    assert free(given, PROVINCE, "SMALL") == [
        stretch(given.verdicts[-1].position, 0, 2 * INTERVALS_MAX)
    ]


# -- returns --------------------------------------------------------------------------------------


def test_a_return_gives_the_parent_the_very_fen_it_gave(given: Programme) -> None:
    """Last fen first, under the parent's own numbers."""
    before = free(given, COUNTY)
    allocation = given.allocate(COUNTY, TOWN, 400)
    event = give_back(given, allocation, 150)
    assert [(d.at, d.fen) for d in event.draws] == [(250, 150)]
    lot = before[0].lot
    assert free(given, COUNTY) == [stretch(lot, 250, 99_750)]
    assert codes(give_back(given, allocation, 250)) == []
    assert free(given, COUNTY) == before
    assert free(given, TOWN) == []


def test_what_was_passed_on_or_paid_must_come_back_first(given: Programme) -> None:
    """The city cannot return what its county holds; it can when the county has returned it."""
    to_city, to_county = issued(given, CITY), issued(given, COUNTY)
    event = give_back(given, to_city, 1)
    assert codes(event) == ["INSUFFICIENT_FREE_FEN"]
    assert figures(event) == {"asked_fen": "1", "free_fen": "0"}
    paid = given.pay(1, amount_fen=40_000)
    assert codes(give_back(given, to_county, 60_001)) == ["INSUFFICIENT_FREE_FEN"]
    assert codes(give_back(given, to_county, 60_000)) == []
    assert codes(give_back(given, to_city, 60_000)) == []
    given.do(
        s.BouncePayment, organisation=COUNTY, payment=paid.payment, fund=FUND, reason_code="X",
        document=None,
    )  # fmt: skip
    assert codes(give_back(given, to_county, 40_000)) == []
    assert total(free(given, CITY)) == 40_000


def test_only_the_receiver_returns_and_confirms_an_allocation(given: Programme) -> None:
    """Neither the giver nor a neighbour, nor under another fund."""
    allocation = issued(given, COUNTY)
    for wrong in ({"organisation": OTHER_COUNTY}, {"organisation": CITY}, {"issuer": PROVINCE}):
        assert codes(give_back(given, allocation, 1, **wrong)) == ["ALLOCATION_UNKNOWN"]
    given.fund("OTHER")
    assert codes(give_back(given, allocation, 1, fund="OTHER")) == ["ALLOCATION_UNKNOWN"]


def test_a_closed_organisation_still_returns_what_it_holds(given: Programme) -> None:
    """Closing must not bury money."""
    given.do(s.CloseOrganisation, given.operator, organisation=COUNTY, code=COUNTY)
    assert codes(give_back(given, issued(given, COUNTY), 100_000)) == []
    assert total(free(given, CITY)) == 100_000


def test_who_was_moved_returns_to_who_gave(given: Programme) -> None:
    """The allocation names its giver, whoever is the parent now."""
    given.do(s.MoveOrganisation, given.operator, organisation=ROOT, code=COUNTY, parent=PROVINCE)
    assert codes(give_back(given, issued(given, COUNTY), 100)) == []
    assert total(free(given, CITY)) == 100


# -- statements -----------------------------------------------------------------------------------


def test_published_figures_are_recorded_as_stated_even_when_wrong(given: Programme) -> None:
    """Whether they add up is for reconciliation to say, not for admission to hide."""
    statement: dict[str, Any] = {
        "statement": given.fresh(), "programme": "SENDING-WARMTH-2019", "as_of": given.today,
        "stated_sources_fen": 10, "stated_uses_fen": 11, "document": None,
    }  # fmt: skip
    assert codes(given.do(s.RecordStatement, items=[], **statement)) == ["FIELD_MALFORMED"]
    item = StatementItem("USE", "T2", None, None, Fen(9))
    assert codes(given.do(s.RecordStatement, items=[item], **statement)) == []
    odd = item._replace(side="BOTH")
    again = statement | {"statement": given.fresh()}
    assert codes(given.do(s.RecordStatement, items=[odd], **again)) == ["FIELD_MALFORMED"]


@pytest.mark.parametrize(
    ("fund", "own", "lot"),
    [
        ({"regions": ["110000"]}, {}, {}),
        ({"regions": ["632221"]}, {"regions": ["632222"]}, {}),
        ({"categories": ["C1_REGISTERED_HARDSHIP"]}, {"categories": ["C7_MODEL_WORKER"]}, {}),
        ({}, {"tiers": ["T1"]}, {"tiers": ["T2"]}),
        ({}, {"occasions": ["DAILY"]}, {"occasions": ["NEW_YEAR"]}),
        ({"usable_to": day("2019-01-31")}, {"usable_from": day("2019-02-01")}, {}),
    ],
)
def test_money_that_nobody_below_could_ever_use_stays_where_it_is(
    fund: dict[str, Any], own: dict[str, Any], lot: dict[str, Any]
) -> None:
    """The restrictions of fund, grant and allocation are met together, or the money is not moved."""
    given = Programme().organised()
    given.fund("EARMARKED", **fund)
    given.grant(100, "EARMARKED", **lot)
    refused = given.allocate(ROOT, PROVINCE, 100, "EARMARKED", **own)
    expected = "INSUFFICIENT_BALANCE" if lot else "RESTRICTION_UNREACHABLE"
    assert codes(refused) == [expected]
    if lot:
        assert figures(refused)["drawable_fen"] == "0"


def test_fen_whose_restrictions_exclude_each_other_are_not_made_one_lot(given: Programme) -> None:
    """The new lot would be bound by all of them, and nobody could ever use it; apart they move."""
    given.fund("TWO")
    given.grant(100, "TWO", tiers=["T1"])
    given.grant(50, "TWO", tiers=["T2"])
    refused = given.allocate(ROOT, PROVINCE, 101, "TWO")
    assert codes(refused) == ["RESTRICTIONS_EXCLUDE"]
    assert figures(refused) == {"asked_fen": "101", "drawable_fen": "100"}
    for fen in (100, 50):
        assert codes(given.allocate(ROOT, PROVINCE, fen, "TWO")) == []
