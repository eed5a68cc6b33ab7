"""
Submissions of the sample: five levels of unions, national money, two programmes of two counties.

All people are invented. Two programmes follow published figures of two real ones, places renamed:
programme A's figures reconcile to the fen (in 15.00 + own match 15.04 = out 30.04, in 10,000 yuan);
programme B's do not (sources 172.5, stated as 170.5; out 175.2).
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from app.sample.pieces import (
    CITY,
    COUNTY_B,
    DISTRICT,
    FREE,
    PROVINCE,
    ROOT,
    TOWN,
    WAN,
    Line,
    line,
    staff,
    uuid,
    worker,
)


def registry() -> Iterator[Line]:
    """Five levels of unions below and with the root."""
    tree = (
        (PROVINCE, ROOT, "样例省总工会", "PROVINCE", "630000"),
        (CITY, PROVINCE, "样例州总工会", "PREFECTURE", "632200"),
        (DISTRICT, CITY, "样例甲县总工会", "COUNTY", "632221"),
        (COUNTY_B, CITY, "样例乙县总工会", "COUNTY", "632222"),
        (TOWN, DISTRICT, "样例甲县一镇工会", "TOWNSHIP", "632221"),
    )
    for code, parent, name, level, division in tree:
        yield line(
            "RegisterOrganisation", parent, "2018-12-01", code=code, parent=parent, name=name,
            level=level, division=division,
        )  # fmt: skip


def policies() -> Iterator[Line]:
    """The scheme of 2019, and a later one with ten categories: policies are dated data."""
    common = {
        "union": ROOT, "roster_approval": False, "confirm_arrival": False, "visitors_min": 2,
        "publicity_days": 5,
        "caps": [
            {"tier": "T1", "per_payment_fen": 1_200_000, "per_year_fen": 1_200_000},
            {"tier": "T2", "per_payment_fen": 300_000, "per_year_fen": 600_000},
        ],
        "occasions_ruled": [
            {"code": code, "once": code not in ("DAILY", "SUDDEN_HARDSHIP")}
            for code in (
                "NEW_YEAR", "SPRING_FESTIVAL", "MAY_DAY", "HIGH_TEMPERATURE", "SCHOOL_AID",
                "MAJOR_EVENT", "SUDDEN_HARDSHIP", "DAILY",
            )
        ],
    }  # fmt: skip
    seven = [
        "C1_REGISTERED_HARDSHIP", "C2_ILLNESS_DISASTER_ACCIDENT", "C3_WORK_INJURY_MARTYR_KIN",
        "C4_HARSH_FRONTLINE", "C5_SECONDED_CADRE", "C6_ON_DUTY_SERVICE", "C7_MODEL_WORKER",
    ]  # fmt: skip
    ten = [
        "N01_LOW_INCOME", "N02_ILLNESS_DISASTER_ACCIDENT", "N03_TROUBLED_ENTERPRISE",
        "N04_WORK_INJURY_HOSPITAL", "N05_HARSH_FRONTLINE", "N06_DISASTER_FRONTLINE",
        "N07_FESTIVAL_ON_DUTY", "N08_SECONDED", "N09_MAJOR_PROJECT", "N10_MODEL_WORKER",
    ]  # fmt: skip
    yield line(
        "AdoptPolicy", ROOT, "2018-12-01", policy="SWN-2019", valid_from="2018-12-01",
        valid_to="2019-12-31", scheme="ACFTU-2019-7", categories=seven, **common,
    )  # fmt: skip
    yield line(
        "AdoptPolicy", ROOT, "2019-12-16", policy="SWN-2020", valid_from="2020-01-01",
        valid_to="2020-12-31", scheme="ACFTU-2020-10", categories=ten, **common,
    )  # fmt: skip


def funds() -> Iterator[Line]:
    """The normalised fund with its ceiling, the donation with its regions, own money of two counties."""
    yield line(
        "OpenFund", ROOT, "2018-12-10", fund="NORMALISED-2019", fund_source="SRC3_OWN_UNION",
        owner=ROOT, ceiling_fen=5_000 * WAN, **FREE,
    )  # fmt: skip
    yield line(
        "OpenFund", ROOT, "2018-12-10", fund="CDF-SQSZ-2019", fund_source="SRC4_DONATION",
        owner=ROOT, ceiling_fen=300 * WAN,
        **FREE | {
            "regions": ["632221", "632222", "632223", "632224"],
            "categories": ["C1_REGISTERED_HARDSHIP", "C2_ILLNESS_DISASTER_ACCIDENT"],
        },
    )  # fmt: skip
    for fund, owner in (("OWN-JIA-2019", DISTRICT), ("OWN-YI-2019", COUNTY_B)):
        yield line(
            "OpenFund", owner, "2018-12-10", fund=fund, fund_source="SRC3_OWN_UNION", owner=owner,
            **FREE,
        )  # fmt: skip


def grant(owner: str, fund: str, wan: float, day: str, programme: str | None = None) -> Line:
    """Money comes in."""
    amount = round(wan * WAN)
    return line(
        "RecordGrant", owner, day, grant=uuid("grant", fund, wan, day), fund=fund,
        amount_fen=amount, document=f"样例财〔2019〕{round(wan * 100)}号", programme=programme, **FREE,
    )  # fmt: skip


def down(fund: str, wan: float, *chain: str) -> Iterator[Line]:
    """Money goes down a chain of unions, level by level."""
    for giver, child in pairwise(chain):
        yield line(
            "IssueAllocation", giver, "2018-12-20", fund=fund, child=child,
            allocation=uuid("allocation", fund, wan, giver, child),
            amount_fen=round(wan * WAN), allocation_kind="BASE",
            approval_document="样例工发〔2018〕20号", **FREE,
        )  # fmt: skip


def payment(number: int, organisation: str, fund: str, fen: int, **fields: Any) -> Line:
    """One payment to one invented worker."""
    common = {
        "payment": uuid("payment", number), "fund": fund, "amount_fen": fen,
        "scheme": "ACFTU-2019-7", "tier": "T2", "occasion": "SPRING_FESTIVAL",
        "campaign": "2019-SPRING_FESTIVAL", "category": "C6_ON_DUTY_SERVICE", "form": "BANK_CARD",
        "evidence": f"样例证明{number}号", "work_region": "632221", "signed": True,
        "actor": staff("JB-01"), "recipient": worker(number, "样例单位"),
    }  # fmt: skip
    return line("MakePayment", organisation, "2019-01-21", **(common | fields))


def programme_a() -> Iterator[Line]:
    """444 front-line workers and two injured; in 15.00, own match 15.04, out 30.04."""
    name, fund = "PROGRAMME-A", "OWN-JIA-2019"
    for wan, day in ((5, "2019-01-05"), (8, "2019-01-10"), (1, "2019-01-12"), (1, "2019-03-06")):
        yield grant(DISTRICT, fund, wan, day, name)
    yield grant(DISTRICT, fund, 15.04, "2019-01-15", name)
    groups = ((246, 50_000), (148, 100_000), (1, 90_000), (49, 50_000))
    number = 0
    for count, fen in groups:
        for _ in range(count):
            number += 1
            yield payment(number, DISTRICT, fund, fen)
    for _ in range(2):
        number += 1
        yield payment(
            number, DISTRICT, fund, 200_000, category="C3_WORK_INJURY_MARTYR_KIN", form="CASH"
        )
    yield from statements_a(name)


def statements_a(name: str) -> Iterator[Line]:
    """What programme A published: once in the end, once with money that came four days later."""
    sources = ((5, "UPPER-1"), (8, "AID"), (1, "UPPER-2"), (1, "UPPER-3"), (15.04, "OWN-MATCH"))
    uses = (
        (246, 50_000, "FRONTLINE-1"), (149, None, "FRONTLINE-2"), (2, 200_000, "INJURED"),
        (49, 50_000, "POLICE"),
    )  # fmt: skip
    stated = {"FRONTLINE-1": 12.30, "FRONTLINE-2": 14.89, "INJURED": 0.40, "POLICE": 2.45}
    yield line(
        "RecordStatement", DISTRICT, "2019-03-31", statement=uuid("statement", name), programme=name,
        as_of="2019-03-31", stated_sources_fen=round(30.04 * WAN),
        stated_uses_fen=round(30.04 * WAN), document="样例公示1号",
        items=[
            {"side": "SOURCE", "code": code, "amount_fen": round(wan * WAN)}
            for wan, code in sources
        ] + [
            {
                "side": "USE", "code": code, "units": units, "unit_fen": unit_fen,
                "amount_fen": round(stated[code] * WAN),
            }
            for units, unit_fen, code in uses
        ],
    )  # fmt: skip
    yield line(
        "RecordStatement", DISTRICT, "2019-03-31", statement=uuid("statement", name, "dates"),
        programme=name, as_of="2019-03-02", stated_sources_fen=round(30.04 * WAN),
        stated_uses_fen=round(30.04 * WAN), document="样例公示2号",
        items=[
            {"side": "SOURCE", "code": code, "amount_fen": round(wan * WAN)}
            for wan, code in sources
        ] + [{"side": "USE", "code": "ALL", "amount_fen": round(30.04 * WAN)}],
    )  # fmt: skip


def programme_b() -> Iterator[Line]:
    """682 households at 2,500 yuan and 4.7 medical: stated 170.5 raised, sources say 172.5."""
    name, fund = "PROGRAMME-B", "OWN-YI-2019"
    for wan, day, stated in (
        (162.5, "2019-01-05", True), (10, "2019-01-10", True), (4.7, "2019-01-11", False)
    ):  # fmt: skip
        yield grant(COUNTY_B, fund, wan, day, name if stated else None)
    for number in range(1_001, 1_683):
        yield payment(
            number, COUNTY_B, fund, 250_000, work_region="632222",
            category="C1_REGISTERED_HARDSHIP", dossier=f"DA-{number}",
        )  # fmt: skip
    yield line(
        "RecordStatement", COUNTY_B, "2019-02-28", statement=uuid("statement", name), programme=name,
        as_of="2019-02-28", stated_sources_fen=round(170.5 * WAN),
        stated_uses_fen=round(175.2 * WAN), document="样例公示3号",
        items=[
            {"side": "SOURCE", "code": "FISCAL", "amount_fen": round(162.5 * WAN)},
            {"side": "SOURCE", "code": "OWN", "amount_fen": 10 * WAN},
            {"side": "USE", "code": "HOUSEHOLDS", "units": 682, "unit_fen": 250_000,
             "amount_fen": round(170.5 * WAN)},
            {"side": "USE", "code": "MEDICAL", "amount_fen": round(4.7 * WAN)},
        ],
    )  # fmt: skip


def national() -> Iterator[Line]:
    """National money on its way down five levels, some of it paid, some of it refused."""
    yield grant(ROOT, "NORMALISED-2019", 3_000, "2018-12-15")
    yield grant(ROOT, "CDF-SQSZ-2019", 300, "2018-12-18")
    yield from down("NORMALISED-2019", 120, ROOT, PROVINCE, CITY, DISTRICT, TOWN)
    yield from down("NORMALISED-2019", 80, ROOT, PROVINCE, CITY, DISTRICT)
    yield from down("CDF-SQSZ-2019", 20, ROOT, PROVINCE, CITY, DISTRICT)
    town = {"organisation": TOWN, "fund": "NORMALISED-2019"}
    for number in range(2_001, 2_021):
        yield payment(number, fen=200_000, **town)
    donation = {"organisation": DISTRICT, "fund": "CDF-SQSZ-2019", "form": "CASH"}
    for number in range(2_101, 2_106):
        yield payment(number, fen=300_000, category="C2_ILLNESS_DISASTER_ACCIDENT", **donation)
    yield payment(2_001, fen=200_000, **town) | {"payment": uuid("again", 1)}
    yield payment(2_201, fen=300_100, **town)
    yield payment(2_202, fen=100_000, **donation)
    yield line(
        "RecordVisit", TOWN, "2019-01-20", visit=uuid("visit", 1), occasion="SPRING_FESTIVAL",
        visitors=[staff("ZF-01"), staff("ZF-02")], work_region="632221", actor=staff("JB-01"),
    )  # fmt: skip
    for kind, number, more in (
        ("ConfirmPayment", 2_002, {"means": "BANK", "document": "HD-2002"}),
        ("BouncePayment", 2_003, {"reason_code": "ACCOUNT_CLOSED", "document": "TP-2003"}),
        ("ReversePayment", 2_004, {"reason_code": "WRONG_PERSON", "document": "样例更正1号"}),
    ):
        yield line(
            kind,
            TOWN,
            "2019-01-25",
            payment=uuid("payment", number),
            fund="NORMALISED-2019",
            **more,
        )
    yield line(
        "ReturnAllocation", TOWN, "2019-02-20", returned=uuid("return", 1), issuer=DISTRICT,
        allocation=uuid("allocation", "NORMALISED-2019", 120, DISTRICT, TOWN),
        fund="NORMALISED-2019", amount_fen=10 * WAN, document="样例退1号",
    )  # fmt: skip


def programme() -> Iterator[Line]:
    """Everything a publisher submits."""
    yield from policies()
    yield from funds()
    yield from national()
    yield from programme_a()
    yield from programme_b()
