"""Restrictions that funds, grants and allocations carry: known codes, days to come."""

from collections.abc import Callable
from typing import Any

import pytest
from programme import (
    CITY,
    COUNTY,
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
from refusal_scenes import code_table

from domain import submissions as s
from domain.code_table import table_digest
from domain.parts import CodeEntry, Occasion
from domain.refusal_texts import render

Bind = Callable[..., Any]
"""Submits something that carries the restriction given; the event."""


@pytest.fixture
def given() -> Programme:
    """A county with money."""
    return funded()


@pytest.fixture(params=["fund", "grant", "allocation"])
def bind(request: pytest.FixtureRequest, given: Programme) -> Bind:
    """A fund, a grant or an allocation with a restriction."""
    made: dict[str, Bind] = {
        "fund": lambda **bound: given.fund("EARMARKED", **bound),
        "grant": lambda **bound: given.grant(100, **bound),
        "allocation": lambda **bound: given.allocate(COUNTY, TOWN, 100, **bound),
    }
    return made[request.param]


@pytest.mark.parametrize(
    ("restriction", "part", "unknown"),
    [
        ({"regions": ["6322"]}, "REGION", "6322"),
        ({"regions": ["QINGHA"]}, "REGION", "QINGHA"),
        ({"regions": ["632221", "999999"]}, "REGION", "999999"),
        ({"categories": ["FOO", "C4_HARSH_FRONTLINE", "BAR"]}, "CATEGORY", "FOO,BAR"),
        ({"tiers": ["T9"]}, "TIER", "T9"),
        ({"occasions": ["SPRING"]}, "OCCASION", "SPRING"),
    ],
)
def test_money_is_bound_to_nothing_that_nobody_knows(
    bind: Bind, restriction: dict[str, Any], part: str, unknown: str
) -> None:
    """It could never be spent: what is unknown is named."""
    event = bind(**restriction)
    assert codes(event)[0] == "BAD_RESTRICTION"
    assert figures(event) == {"part": part, "unknown": unknown}
    assert unknown in render("BAD_RESTRICTION", figures(event), english=True)


@pytest.mark.parametrize(
    "restriction",
    [
        {"regions": ["632221"]}, {"regions": ["630000"]},
        {"categories": ["C1_REGISTERED_HARDSHIP"]}, {"categories": ["N01_LOW_INCOME"]},
        {"tiers": ["T5"]}, {"occasions": ["SCHOOL_AID"]},
        {"usable_from": day("2019-03-01"), "usable_to": day("2019-03-01")},
        {"usable_to": day("2019-01-20")},
    ],
)  # fmt: skip
def test_money_is_bound_to_what_the_programme_knows(
    bind: Bind, restriction: dict[str, Any]
) -> None:
    """Of any scheme and any policy, until the business day itself."""
    assert codes(bind(**restriction)) == []


def test_a_period_that_is_over_binds_nothing(bind: Bind) -> None:
    """On the next business day nobody could use the money any more."""
    event = bind(usable_to=day("2019-01-19"))
    assert codes(event)[0] == "RESTRICTION_OVER"
    assert figures(event)["usable_to"] == str(day("2019-01-19"))
    assert "2019-01-19" in render("RESTRICTION_OVER", figures(event))


def test_a_period_ends_after_it_begins(bind: Bind) -> None:
    """Ends included."""
    event = bind(usable_from=day("2019-03-02"), usable_to=day("2019-03-01"))
    assert codes(event)[0] == "RESTRICTION_EMPTY"


def test_a_division_that_was_dissolved_can_still_be_named(given: Programme) -> None:
    """Old agreements name it, and old days are paid for: the table of any time knows it."""
    entries = [
        CodeEntry("632221", "样例县", day("1990-01-01"), day("2010-12-31")),
        CodeEntry("632299", "样例市", day("2030-01-01"), None),
    ]
    loaded = code_table(
        given, table="DIVISIONS", edition="2", entries=entries, table_digest=table_digest(entries)
    )
    assert codes(loaded) == []
    assert codes(given.grant(1, regions=["632221", "632299"])) == []
    event = given.grant(1, regions=["632222"])
    assert (codes(event), figures(event)["unknown"]) == (["BAD_RESTRICTION"], "632222")


def test_before_the_divisions_are_loaded_none_can_be_named() -> None:
    """As no organisation can lie in one; money without a region can come."""
    given = Programme().opened()
    given.do(
        s.RegisterOrganisation, given.operator, code=ROOT, parent=None, name="样例工会",
        level="NATIONAL", division=None, uscc=None,
    )  # fmt: skip
    given.publisher(given.national, ROOT)
    event = given.fund("EARLY", regions=["630000"])
    assert (codes(event), figures(event)["part"]) == (["BAD_RESTRICTION"], "REGION")
    assert codes(given.fund("EARLY")) == []


def test_a_new_occasion_can_be_named_where_a_policy_rules_it(given: Programme) -> None:
    """By the union itself, for its child, and below a union that rules it; not by a neighbour."""
    given.policy(
        policy="C", organisation=CITY, union=CITY, occasions_ruled=[Occasion("FLOOD", once=True)],
        valid_from=day("2025-01-01"), valid_to=None,
    )  # fmt: skip
    flood: dict[str, Any] = {"occasions": ["FLOOD"]}
    assert codes(given.fund("A", organisation=CITY, owner=CITY, **flood)) == []
    assert codes(given.fund("B", organisation=COUNTY, owner=COUNTY, **flood)) == []
    assert codes(given.fund("C", organisation=ROOT, owner=ROOT, **flood)) == ["BAD_RESTRICTION"]
    given.grant(200)
    given.allocate(ROOT, PROVINCE, 200)
    assert codes(given.allocate(PROVINCE, CITY, 100, **flood)) == []
    assert codes(given.allocate(CITY, OTHER_COUNTY, 100, **flood)) == []
    assert codes(given.allocate(COUNTY, TOWN, 100, **flood)) == []


def test_money_whose_period_is_over_is_not_passed_down(given: Programme) -> None:
    """The fund's period or the grant's: below nobody could use it, so it stays, and can go back."""
    soon = day("2019-01-25")
    given.fund("SHORT", usable_to=soon)
    given.grant(100, "SHORT")
    given.fund("MIXED")
    granted = given.grant(100, "MIXED", usable_to=soon)
    given.grant(50, "MIXED")
    given.wait_until("2019-02-01")
    assert codes(given.allocate(ROOT, PROVINCE, 10, "SHORT", occurred_on=soon)) == []
    later: dict[str, Any] = {"occurred_on": day("2019-01-26")}
    assert codes(given.allocate(ROOT, PROVINCE, 10, "SHORT", **later)) == [
        "RESTRICTION_UNREACHABLE"
    ]
    event = given.allocate(ROOT, PROVINCE, 51, "MIXED", **later)
    assert (codes(event), figures(event)["drawable_fen"]) == (["INSUFFICIENT_BALANCE"], "50")
    assert codes(given.allocate(ROOT, PROVINCE, 50, "MIXED", **later)) == []
    assert granted.usable_to == soon
