"""The programme of 2019 as its announcement has it: two funds, seven categories, the caps."""

from typing import Any

import pytest
from programme import CITY, COUNTY, PROVINCE, ROOT, Programme, codes, day, figures

from domain.codes import CATEGORIES, OCCASIONS, SOURCES
from domain.parts import Occasion
from domain.units import Fen
from publishers.codes import divisions, load_codes, sanqu_sanzhou

WAN = 1_000_000
"""Ten thousand yuan, in fen."""
DONATION = "CDF-SQSZ-2019"
DAILY: dict[str, Any] = {"occasion": "DAILY", "campaign": "2019-DAILY"}


@pytest.fixture(scope="module")
def given() -> Programme:
    """The divisions of the standard, and both funds with all they may hold."""
    made = Programme().organised()
    for chunk in load_codes(
        "DIVISIONS", "2023-06", divisions(), organisation=ROOT, occurred_on=made.today
    ):
        assert codes(made.submit(chunk, made.operator)) == []
    made.fund(ceiling_fen=5_000 * WAN)
    made.fund(
        DONATION, fund_source="SRC4_DONATION", ceiling_fen=300 * WAN,
        regions=list(sanqu_sanzhou()),
        categories=["C1_REGISTERED_HARDSHIP", "C2_ILLNESS_DISASTER_ACCIDENT"],
    )  # fmt: skip
    assert codes(made.grant(5_000 * WAN)) == []
    assert codes(made.grant(300 * WAN, DONATION)) == []
    for giver, child in ((ROOT, PROVINCE), (PROVINCE, CITY), (CITY, COUNTY)):
        for fund, fen in (("NORMALISED-2019", 100 * WAN), (DONATION, 300 * WAN)):
            assert codes(made.allocate(giver, child, fen, fund)) == []
    return made


def test_no_fen_over_the_five_thousand_and_the_three_hundred(given: Programme) -> None:
    """The special fund holds 5,000万元, the donation 300万元, and not one fen more."""
    for fund, wan in (("NORMALISED-2019", 5_000), (DONATION, 300)):
        refused = given.grant(1, fund)
        assert codes(refused) == ["OVER_CEILING"]
        assert figures(refused) == {
            "ceiling_fen": str(wan * WAN), "granted_fen": str(wan * WAN), "asked_fen": "1",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        ({"work_region": "632221"}, None),
        ({"work_region": "652923"}, None),  # 库车县, as it was called until 2019
        (
            {"work_region": "540102", "category": "C1_REGISTERED_HARDSHIP", "dossier": "样例1号"},
            None,
        ),
        ({"work_region": "110101"}, "REGION"),
        ({"work_region": "659002"}, "REGION"),  # 阿拉尔, of the Corps: not under its prefecture
        ({"work_region": None}, "REGION"),
        ({"category": "C4_HARSH_FRONTLINE"}, "CATEGORY"),
    ],
)
def test_the_donation_goes_to_workers_in_hardship_of_the_210_counties(
    given: Programme, fields: dict[str, Any], part: str | None
) -> None:
    """By the place of work, whatever the identity number begins with."""
    number = 400 + len(given.submitted) % 400
    use: dict[str, Any] = {"category": "C2_ILLNESS_DISASTER_ACCIDENT", "fund": DONATION}
    event = given.pay(number, amount_fen=100, **(DAILY | use | fields))
    assert codes(event) == ([] if part is None else ["RESTRICTION_BROKEN"])
    if part is not None:
        assert figures(event) == {"fund": DONATION, "part": part}


def test_both_names_of_a_county_are_of_the_programme_each_in_its_time() -> None:
    """库车 was 652923 and became 652902: the list holds both, the table says when."""
    assert {"652923", "652902"} <= set(sanqu_sanzhou())
    given = Programme().organised()
    for chunk in load_codes(
        "DIVISIONS", "2023-06", divisions(), organisation=ROOT, occurred_on=given.today
    ):
        given.submit(chunk, given.operator)
    given.policy(policy="P2020", valid_from=day("2020-01-01"), valid_to=day("2020-12-31"))
    given.fund(DONATION, regions=list(sanqu_sanzhou()))
    given.grant(1_000, DONATION)
    given.wait_until("2020-06-01")
    use: dict[str, Any] = {
        "organisation": ROOT, "fund": DONATION, "amount_fen": 100, "occasion": "DAILY",
    }  # fmt: skip
    for on, region, expected in (
        ("2019-06-03", "652923", []), ("2019-06-03", "652902", ["DIVISION_UNKNOWN"]),
        ("2020-05-04", "652902", []), ("2020-05-04", "652923", ["DIVISION_UNKNOWN"]),
    ):  # fmt: skip
        event = given.pay(
            1, occurred_on=day(on), campaign=f"{on[:4]}-DAILY", work_region=region, **use
        )
        assert codes(event) == expected, (on, region)


LACKING = {"C1_REGISTERED_HARDSHIP": "DOSSIER_MISSING"}


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_each_of_the_seven_categories_needs_one_paper_and_no_more(
    given: Programme, category: str
) -> None:
    """A dossier for the registered, one proof for the others; nobody else needs a dossier."""
    paper = "dossier" if category == "C1_REGISTERED_HARDSHIP" else "evidence"
    number = 100 + 2 * sorted(CATEGORIES).index(category)
    with_it: dict[str, Any] = {"evidence": None, paper: "样例证明1号"}
    without: dict[str, Any] = {"evidence": None, "dossier": None}
    assert codes(given.pay(number, amount_fen=100, category=category, **without)) == [
        LACKING.get(category, "EVIDENCE_MISSING")
    ]
    assert codes(given.pay(number, amount_fen=100, category=category, **with_it)) == []


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_the_units_certificate_is_enough_for_the_front_line(
    given: Programme, category: str
) -> None:
    """C4 to C7: one certificate for the roster. C2 and C3 prove each case, C1 has its dossier."""
    number = 200 + sorted(CATEGORIES).index(category)
    roster = given.roster(1, 100).roster
    event = given.pay(
        number, amount_fen=100, category=category, evidence=None, roster=roster, roster_row=1
    )
    assert (codes(event) == []) == (category[:2] in {"C4", "C5", "C6", "C7"})


def test_caps_count_money_goods_and_vouchers_alike(given: Programme) -> None:
    """3,000 yuan a time, 6,000 a year and person, in whatever form they are given."""
    forms: dict[str, dict[str, Any]] = {
        "GOODS": {"goods": "RICE", "goods_quantity": 2}, "VOUCHER": {},
    }  # fmt: skip
    for form, more in forms.items():
        over = given.pay(300, form=form, amount_fen=300_001, **DAILY, **more)
        assert "OVER_CAP_PER_PAYMENT" in codes(over)
        assert codes(given.pay(300, form=form, amount_fen=300_000, **DAILY, **more)) == []
    refused = given.pay(300, form="CASH", amount_fen=1, **DAILY)
    assert codes(refused) == ["OVER_CAP_PER_YEAR"]
    assert figures(refused) == {
        "cap_fen": "600000", "received_fen": "600000", "asked_fen": "1", "year": "2019",
    }  # fmt: skip


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_each_of_the_six_sources_can_fill_a_fund(source: str) -> None:
    """Fiscal money, upper and own union, donation, the unit's administration, other lawful money."""
    given = Programme().organised()
    assert codes(given.fund(source, fund_source=source)) == []
    assert codes(given.grant(100, source)) == []


@pytest.mark.parametrize("occasion", sorted(OCCASIONS))
def test_money_is_given_on_every_occasion_of_the_policy_all_year(occasion: str) -> None:
    """Festivals and important moments, and whenever somebody is in need."""
    given = Programme().funded()
    given.policy(
        policy="C2019", union=COUNTY, organisation=COUNTY,
        occasions_ruled=[Occasion(code, once=code != "DAILY") for code in OCCASIONS],
    )  # fmt: skip
    assert (
        codes(given.pay(1, occasion=occasion, campaign=f"2019-{occasion}", amount_fen=Fen(100)))
        == []
    )
    assert given.verdicts[-1].event.policy_version == "C2019"
