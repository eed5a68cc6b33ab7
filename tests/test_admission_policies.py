"""Policies: what a union may put in force, and what cannot be ruled at all."""

from typing import Any

import pytest
from programme import COUNTY, PROVINCE, Programme, codes, day, figures, funded
from refusal_scenes import NEXT, code_table

from domain.code_table import table_digest
from domain.codes import CATEGORIES, CATEGORIES_2020, SCHEME_2020, SCHEMES, TIERS
from domain.parts import Cap, CodeEntry, Occasion
from domain.refusal_texts import render
from domain.units import Fen


@pytest.fixture
def given() -> Programme:
    """A county with money, and the policy of 2019."""
    return funded()


def adopt(given: Programme, **fields: Any) -> Any:
    """A policy from New Year 2020 on; the event."""
    return given.policy(**(NEXT | fields))


@pytest.mark.parametrize("field", ["caps", "categories", "occasions_ruled"])
def test_a_policy_rules_something(given: Programme, field: str) -> None:
    """At least one category, one tier and one occasion."""
    event = adopt(given, **{field: []})
    assert (codes(event), figures(event)) == (["FIELD_MALFORMED"], {"field": field})


@pytest.mark.parametrize(("scheme", "categories"), SCHEMES.items())
def test_a_policy_admits_all_or_some_categories_of_its_scheme(
    given: Programme, scheme: str, categories: dict[str, Any]
) -> None:
    """Seven in 2019, ten in 2020; a union may admit fewer."""
    assert codes(adopt(given, scheme=scheme, categories=list(categories))) == []
    fewer = adopt(
        given, organisation=PROVINCE, union=PROVINCE, scheme=scheme, categories=[next(iter(categories))]
    )  # fmt: skip
    assert codes(fewer) == []


def test_no_policy_admits_a_category_that_its_scheme_has_not(given: Programme) -> None:
    """Neither an invented one nor one of another scheme: each is named, in both languages."""
    invented = adopt(given, categories=["FOO"])
    assert (codes(invented), figures(invented)) == (
        ["CATEGORY_UNKNOWN"], {"category": "FOO", "scheme": "ACFTU-2019-7"},
    )  # fmt: skip
    assert render("CATEGORY_UNKNOWN", figures(invented), english=True) == (
        "The scheme ACFTU-2019-7 has no category FOO"
    )
    later = adopt(given, categories=[*CATEGORIES, "N01_LOW_INCOME", "N03_TROUBLED_ENTERPRISE"])
    assert codes(later) == ["CATEGORY_UNKNOWN", "CATEGORY_UNKNOWN"]
    earlier = adopt(given, scheme=SCHEME_2020, categories=[*CATEGORIES_2020, "C7_MODEL_WORKER"])
    assert codes(earlier) == ["CATEGORY_UNKNOWN"]


def test_money_for_an_invented_category_is_paid_to_nobody(given: Programme) -> None:
    """What no list knows is in no policy, so no payment names it, with or without evidence."""
    assert codes(adopt(given, organisation=COUNTY, union=COUNTY, categories=["FOO"])) != []
    for evidence in (None, "样例证明1号"):
        event = given.pay(1, category="FOO", evidence=evidence, dossier=None)
        assert "CATEGORY_NOT_IN_FORCE" in codes(event)


def test_a_scheme_that_nobody_knows_is_not_adopted(given: Programme) -> None:
    """Nor is any other table of codes a scheme."""
    for scheme in ("ACFTU-1999-1", "DIVISIONS"):
        event = adopt(given, scheme=scheme, categories=["632221"])
        assert (codes(event), figures(event)) == (["SCHEME_UNKNOWN"], {"scheme": scheme})


def test_a_later_scheme_is_loaded_as_a_table_and_needs_evidence(given: Programme) -> None:
    """Of a category that came later, a document is asked for each payment, whatever the roster has."""
    entries = [
        CodeEntry(code, "样例类别", day("2019-01-01"), None) for code in ("H1_HARDSHIP", "K2_KEY_GROUP")
    ]  # fmt: skip
    loaded = code_table(
        given, table="CATEGORIES:ACFTU-2025-3", entries=entries, table_digest=table_digest(entries)
    )
    assert codes(loaded) == []
    new: dict[str, Any] = {"scheme": "ACFTU-2025-3", "categories": ["H1_HARDSHIP", "K2_KEY_GROUP"]}
    assert codes(adopt(given, **(new | {"categories": ["K9"]}))) == ["CATEGORY_UNKNOWN"]
    assert codes(given.policy(policy="C", organisation=COUNTY, union=COUNTY, **new)) == []
    roster = given.roster(2, 200).roster
    paid: dict[str, Any] = {
        "scheme": "ACFTU-2025-3", "category": "K2_KEY_GROUP", "amount_fen": 100, "roster": roster,
    }  # fmt: skip
    bare = given.pay(1, evidence=None, roster_row=1, **paid)
    assert (codes(bare), figures(bare)) == (["EVIDENCE_MISSING"], {"category": "K2_KEY_GROUP"})
    assert codes(given.pay(1, roster_row=1, **paid)) == []


@pytest.mark.parametrize(
    "category", sorted({*CATEGORIES, *CATEGORIES_2020} - {"C1_REGISTERED_HARDSHIP"})
)
def test_every_category_but_the_first_shows_evidence(given: Programme, category: str) -> None:
    """C1 has its dossier; nobody else is paid on their word."""
    scheme = next(name for name, listed in SCHEMES.items() if category in listed)
    own = given.policy(
        policy="C", organisation=COUNTY, union=COUNTY, scheme=scheme, categories=[category]
    )
    assert codes(own) == []
    named: dict[str, Any] = {"scheme": scheme, "category": category}
    assert codes(given.pay(1, evidence=None, **named)) == ["EVIDENCE_MISSING"]
    assert codes(given.pay(1, **named)) == []


def test_caps_are_of_the_five_tiers(given: Programme) -> None:
    """A sixth is no tier of the gradient."""
    event = adopt(given, caps=[Cap("T9", Fen(1), Fen(1))])
    assert (codes(event), figures(event)) == (["TIER_UNKNOWN"], {"tier": "T9"})
    assert codes(adopt(given, caps=[Cap(tier, Fen(1), Fen(1)) for tier in TIERS])) == []


@pytest.mark.parametrize(
    ("fields", "field", "ruled"),
    [
        ({"caps": [Cap("T2", Fen(1), Fen(1)), Cap("T2", Fen(2), Fen(2))]}, "caps", "T2"),
        ({"categories": ["C7_MODEL_WORKER"] * 2}, "categories", "C7_MODEL_WORKER"),
        (
            {"occasions_ruled": [Occasion("DAILY", once=True), Occasion("DAILY", once=False)]},
            "occasions_ruled", "DAILY",
        ),
    ],
)  # fmt: skip
def test_nothing_is_ruled_twice(
    given: Programme, fields: dict[str, Any], field: str, ruled: str
) -> None:
    """Two caps of a tier contradict each other, and so do two rules about an occasion."""
    event = adopt(given, **fields)
    assert (codes(event), figures(event)) == (["RULED_TWICE"], {"field": field, "ruled": ruled})


@pytest.mark.parametrize("cap", [(0, 1), (1, 0), (1, -1), (10**13 + 1, 1), (1, 10**13 + 1)])
def test_a_cap_lies_between_nothing_and_all_money(given: Programme, cap: tuple[int, int]) -> None:
    """A slip in a cap would stand for the whole period."""
    event = adopt(given, caps=[Cap("T2", Fen(cap[0]), Fen(cap[1]))])
    assert codes(event) == ["CAP_OUT_OF_RANGE"]
    assert (figures(event)["tier"], figures(event)["per_year_fen"]) == ("T2", str(cap[1]))


@pytest.mark.parametrize(
    ("field", "given_figure", "limit"),
    [
        ("visitors_min", -1, 100), ("visitors_min", 101, 100), ("publicity_days", -5, 366),
        ("publicity_days", 367, 366),
    ],
)  # fmt: skip
def test_visitors_and_days_of_publicity_are_no_slips(
    given: Programme, field: str, given_figure: int, limit: int
) -> None:
    """From nought to what can be meant."""
    event = adopt(given, **{field: given_figure})
    assert codes(event) == ["OUT_OF_RANGE"]
    assert figures(event) == {"field": field, "given": str(given_figure), "limit": str(limit)}


def test_the_least_and_the_most_can_be_ruled(given: Programme) -> None:
    """The bounds themselves are within."""
    assert codes(adopt(given, visitors_min=0, publicity_days=366)) == []


def test_a_new_occasion_is_a_matter_of_policy(given: Programme) -> None:
    """The list of occasions is data of the policy: a union may rule one that no other knows."""
    own = given.policy(
        policy="C", organisation=COUNTY, union=COUNTY,
        occasions_ruled=[Occasion("FLOOD_2019", once=True)],
    )  # fmt: skip
    assert codes(own) == []
    paid: dict[str, Any] = {"occasion": "FLOOD_2019", "campaign": "2019-FLOOD_2019"}
    assert codes(given.pay(1, **paid)) == []
    assert codes(given.pay(1, **paid)) == ["DUPLICATE_IN_CAMPAIGN"]
