"""Category schemes change with the year: rosters of 2020 under the ten categories, end to end."""

import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from county import PAID, County, begun
from roster_samples import codes, person, template_filled, xlsx

from app.commands import coverage, statement
from domain.codes import (
    CATEGORY_NAMES,
    DOSSIER_CATEGORIES,
    SCHEME_2019,
    SCHEME_2020,
    SCHEMES,
    UNIT_CATEGORIES,
)
from projections import words

ORGANISATION = PAID["organisation"]
DAY = date(2020, 3, 5)
ABOUT = {
    "机构编码": ORGANISATION, "活动节点": "日常", "发放日期起": date(2020, 3, 1),
    "发放日期止": date(2020, 3, 31), "控制人数": 3, "控制金额(元)": 3000, "经办人": "样例丙",
    "审核人": "样例丁", "单位证明文号": "样证〔2020〕1号",
}  # fmt: skip
ROWS = [
    person(1, 对象类别="困难企业职工", 证明材料="样证〔2020〕2号", 发放日期=DAY, 走访日期=DAY),
    person(2, 对象类别="先进模范人物", 发放日期=DAY, 走访日期=DAY),
    person(3, 对象类别="艰苦岗位一线职工", 发放日期=DAY, 走访日期=DAY),
]
POLICY_2020 = {
    "type": "AdoptPolicy", "organisation": "ACFTU", "union": "ACFTU", "occurred_on": "2019-12-16",
    "policy": "SWN-2020", "valid_from": "2020-01-01", "valid_to": "2020-12-31",
    "scheme": SCHEME_2020, "categories": list(SCHEMES[SCHEME_2020]),
    "caps": [{"tier": "T2", "per_payment_fen": 300_000, "per_year_fen": 600_000}],
    "occasions_ruled": [{"code": "DAILY", "once": False}, {"code": "SPRING_FESTIVAL", "once": True}],
    "roster_approval": False, "confirm_arrival": False, "visitors_min": 2, "publicity_days": 5,
}  # fmt: skip


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A county whose union has adopted a policy for 2020, under the ten categories."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as county:
        lines = tmp_path / "policy.jsonl"
        lines.write_text(json.dumps(POLICY_2020), encoding="utf-8")
        county.run("publish", lines)
        county.run("admit", "--once")
        yield county


def labels(workbook: bytes, header: str) -> list[str]:
    """What a template offers for a column."""
    book: Any = openpyxl.load_workbook(io.BytesIO(workbook))
    (column,) = (c for c in book["代码表"].iter_cols() if c[0].value == header)
    return [cell.value for cell in column[1:] if cell.value]


def test_a_roster_of_2020_goes_from_template_to_coverage(county: County, tmp_path: Path) -> None:
    """The template of a day in 2020 offers the ten, and what it yields is listed by their names."""
    empty, roster = tmp_path / "empty.xlsx", tmp_path / "roster.xlsx"
    county.run(
        "roster", "template", "--organisation", ORGANISATION, "-o", empty, "--on", "2020-03-05"
    )
    assert labels(empty.read_bytes(), "对象类别") == [zh for zh, _ in SCHEMES[SCHEME_2020].values()]
    assert labels(empty.read_bytes(), "活动节点") == ["春节", "日常"]

    roster.write_bytes(template_filled(empty.read_bytes(), ABOUT, ROWS))
    county.run("roster", "check", roster)
    done = county.decided("roster", "import", roster, "--wait", "60")
    county.run("project", "--once")

    paid = [event for _, event in county.events("PaymentMade") if event.occurred_on > 18_000]
    assert (done["accepted"], done["refused"]) == (7, 0)  # visits, roster, payments
    assert [(p.scheme, p.category) for p in paid] == [
        (SCHEME_2020, "N03_TROUBLED_ENTERPRISE"), (SCHEME_2020, "N10_MODEL_WORKER"),
        (SCHEME_2020, "N05_HARSH_FRONTLINE"),
    ]  # fmt: skip
    listed = county.run("payments", "--roster", paid[0].roster)
    covered = county.run("coverage", "--by", "category")
    for _, name in (SCHEMES[SCHEME_2020][p.category] for p in paid):
        assert name in listed
        assert name in covered


def test_a_roster_that_names_no_scheme_has_the_one_in_force(county: County, tmp_path: Path) -> None:
    """先进模范人物 stands in both schemes: which code it is depends on the day, as the ledger knows."""
    batch = ABOUT | {"控制人数": 1, "控制金额(元)": 1000}
    roster = tmp_path / "roster.xlsx"
    roster.write_bytes(xlsx(ROWS[1:2], batch=batch))
    county.decided("roster", "import", roster, "--wait", "60")
    roster.write_bytes(xlsx(ROWS[1:2], batch=batch | {"批次号": "2", "类别体系": SCHEME_2019}))
    refused = county.json("roster", "import", roster, "--dry-run", code=1)

    (_, paid), *_ = reversed(county.events("PaymentMade"))
    assert (paid.scheme, paid.category) == (SCHEME_2020, "N10_MODEL_WORKER")
    assert refused["errors"][0]["figures"]["refusal"] == "SCHEME_NOT_IN_FORCE"


def test_a_template_is_by_the_policy_of_its_day(county: County, tmp_path: Path) -> None:
    """In 2019 the seven; where no policy holds, that of the last, and it is said."""
    seven, last = tmp_path / "seven.xlsx", tmp_path / "last.xlsx"
    make = ("roster", "template", "--organisation", ORGANISATION)
    county.run(*make, "-o", seven, "--on", "2019-06-01")
    said = county.run(*make, "-o", last, "--on", "2021-06-01")
    county.run(*make, "-o", tmp_path / "none.xlsx", "--on", "2021-06-31", code=2)

    assert labels(seven.read_bytes(), "类别体系") == ["2019年七类"]
    assert labels(last.read_bytes(), "类别体系") == ["2020年十类"]
    assert "2021-06-01" in said


@pytest.mark.parametrize("scheme", SCHEMES)
def test_without_a_ledger_the_scheme_follows_from_the_categories(scheme: str) -> None:
    """Every category of a scheme is taken by name, by code and by its number."""
    names = SCHEMES[scheme]
    for number, (code, (zh, en)) in enumerate(names.items(), start=1):
        papers = {"证明材料": "样证1", "困难职工档案号": "D-1"}
        for label in (zh, en, code, str(number)):
            row = person(1, 对象类别=label, **papers)
            told = {"控制人数": 1, "控制金额(元)": 1000, "类别体系": scheme}
            assert codes(xlsx([row], batch=told)) == [], label
        row = person(1, 对象类别=code, **papers)
        assert codes(xlsx([row], batch={"控制人数": 1, "控制金额(元)": 1000})) == []


def test_a_category_of_another_scheme_is_no_choice() -> None:
    """Named schemes are kept to, and unknown ones are told."""
    assert "CHOICE" in codes(xlsx(ROWS[:1], batch={"类别体系": SCHEME_2019}))
    assert "CHOICE" in codes(xlsx(batch={"类别体系": "ACFTU-1999"}))


def test_every_category_has_its_papers_and_is_shown_by_name() -> None:
    """A category asks for a dossier, or may have the unit's certificate; no list lacks one."""
    for code, (zh, _) in CATEGORY_NAMES.items():
        dossier, unit = code in DOSSIER_CATEGORIES, code in UNIT_CATEGORIES
        row = person(1, 对象类别=code)
        batch = {"控制人数": 1, "控制金额(元)": 1000}
        missing = codes(xlsx([row], batch=batch))
        assert missing == (["CELL_MISSING"] if dossier else [] if unit else ["EVIDENCE_MISSING"]), (
            zh
        )
    for shown in (words.NAMES, coverage.NAMED["category"], statement.NAMES):
        assert CATEGORY_NAMES.items() <= shown.items()
