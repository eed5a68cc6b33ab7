"""The rules of a roster's rows and totals, and what a report may show."""

import json
from datetime import date
from typing import Any

import pytest
import roster_samples as samples
from roster_samples import ROWS, checked, citizen, codes, csv_text, person, xlsx

from publishers.roster.report import report_csv, report_json, report_rows
from publishers.roster.texts import TEXTS, reason_of, remedy_of


def first_row(**cells: Any) -> list[str]:
    """Errors of a roster whose first row is changed; its amount stays unless it is changed."""
    return codes(xlsx([person(1, **cells), ROWS[1]]))


def test_an_id_in_a_numeric_cell_is_refused_by_its_type() -> None:
    """Excel dropped three digits; one in eleven ruined numbers would still pass the check digit."""
    number = citizen(1)
    digits = next(citizen(n) for n in range(1, 50) if citizen(n).isdigit())

    assert first_row(证件号码=float(digits)) == ["ID_NUMERIC"]
    assert first_row(证件号码="6.32221E+17") == ["ID_SCIENTIFIC"]
    assert first_row(发放方式="银行转账", 收款人户名="测试甲", 开户行="样例支行",
                     银行卡号=6217000000123456786.0) == ["ID_NUMERIC"]  # fmt: skip
    assert first_row(证件号码=f" {number} ") == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("110105491231002", "ID_LENGTH_15"),
        ("11010519491231002", "ID_LENGTH"),
        ("110105194912310021", "ID_CHECKSUM"),
        ("110105194913310022", "ID_BIRTH"),
        ("１１０１０５１９４９１２３１００２ｘ", None),
        ('="11010519491231002X"', None),
        ("'11010519491231002x", None),
    ],
)
def test_document_numbers_are_checked_and_full_width_digits_folded(
    value: str, code: str | None
) -> None:
    """15 digits are an error of their own; full-width and quoted forms are the number itself."""
    found = first_row(证件号码=value)

    assert (code in found) if code else (found == [])


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("500元", "AMOUNT_TEXT"),
        ("五百", "AMOUNT_TEXT"),
        (500.005, "AMOUNT_SCALE"),
        (-500, "AMOUNT_NEGATIVE"),
        ("1,00", "AMOUNT_TEXT"),
        (10**12, "AMOUNT_TOO_LARGE"),
        (True, "CELL_TYPE"),
        (0, "CELL_MISSING"),
    ],
)
def test_amounts_are_whole_fen_and_nothing_else(value: Any, code: str) -> None:
    """Text, half a fen, negative and absurd amounts have a code each; nought is no amount."""
    assert code in first_row(**{"慰问金(元)": value})


@pytest.mark.parametrize("value", [1000.0, "1000", "1,000.00", "１０００", 333.3 * 3 + 0.1])
def test_amounts_in_the_usual_spellings_are_taken(value: Any) -> None:
    """Thousands separators and Excel's own binary noise are no reason to refuse."""
    assert first_row(**{"慰问金(元)": value}) == []


def test_papers_are_asked_for_by_category() -> None:
    """C1 a dossier, C2 and C3 evidence, C4 to C7 evidence or the unit's certificate."""
    without: dict[str, Any] = {"batch": {"单位证明文号": None}}

    assert first_row(对象类别="建档困难职工") == ["CELL_MISSING"]
    assert first_row(对象类别="建档困难职工", 困难职工档案号="D-001") == []
    assert first_row(对象类别="因病因灾因意外致困职工") == ["EVIDENCE_MISSING"]
    assert first_row(对象类别="因病因灾因意外致困职工", 证明材料="诊〔2019〕3号") == []
    assert codes(xlsx(**without)) == ["CERTIFICATE_MISSING"] * 2
    assert codes(xlsx([person(1, 证明材料="证1"), ROWS[1]], **without)) == ["CERTIFICATE_MISSING"]


def test_no_name_goes_into_the_log_as_a_paper() -> None:
    """What is recorded in clear may not name anybody: it could never be erased."""
    assert first_row(证明材料="测试乙甲诊断书") == ["IDENTITY_IN_PAPER"]


def test_a_relative_is_named_with_the_worker() -> None:
    """All three columns or none, and not the same person twice."""
    kin = {"与职工关系": "子女", "职工姓名": "样例庚", "职工证件": citizen(77)}

    assert first_row(**kin) == []
    assert first_row(**(kin | {"职工证件": None})) == ["CELL_MISSING"]
    assert first_row(**(kin | {"职工证件": citizen(1)})) == ["WORKER_IS_RECIPIENT"]


def test_a_proxy_is_named_with_relation_document_and_authorisation() -> None:
    """Whoever collects for another is a person too."""
    proxy = {"发放方式": "代领", "代领人": "样例辛", "代领关系": "同事",
             "代领人证件号码": citizen(88), "委托书编号": "委1"}  # fmt: skip
    row = checked(xlsx([person(1, **proxy), ROWS[1]])).rows[0]

    assert row.form == "CASH"
    assert row.proxy is not None
    assert first_row(**(proxy | {"代领人证件号码": None})) == ["CELL_MISSING"]
    assert first_row(**(proxy | {"代领关系": "老乡"})) == ["CHOICE"]
    assert first_row(代领关系="子女") == ["CELL_MISSING"] * 3


def test_goods_need_name_quantity_and_value_and_vouchers_a_value() -> None:
    """Goods count at their value, together with money in one payment; vouchers have a column."""
    goods = {"慰问品名称": "大米", "数量": 2, "折价(元)": 120.5}
    row = checked(xlsx([person(1, **goods), ROWS[1]], batch={"控制金额(元)": 1620.5})).rows[0]
    rice = person(1, 发放方式="实物", **{"慰问金(元)": None}, **goods)
    voucher = person(1, 发放方式="代金券", **{"慰问金(元)": None, "代金券(元)": 300})

    assert (row.amount_fen, row.goods, row.goods_quantity) == (112_050, "RICE", 2)
    assert first_row(慰问品名称="大米") == ["CELL_MISSING", "CELL_MISSING"]
    assert codes(xlsx([rice, ROWS[1]], batch={"控制金额(元)": 620.5})) == []
    assert codes(xlsx([voucher, ROWS[1]], batch={"控制金额(元)": 800})) == []


def test_a_visit_has_a_day_and_visitors() -> None:
    """Half a visit is an error; visitors are split and known by their staff codes."""
    row = checked(xlsx()).rows[0]

    assert [v.document_number for v in row.visitors] == ["W001", "W002"]
    assert first_row(走访人=None) == ["CELL_MISSING"]
    assert "VISIT_MISSING" in codes(
        xlsx([person(1, 走访日期=None, 走访人=None), ROWS[1]]), "warning"
    )


def test_a_missing_phone_is_told_by_row_or_once_for_the_whole_file() -> None:
    """A warning where the cell is empty, a notice if nobody was asked; a landline is a phone."""
    column = xlsx([person(1, 联系电话=None), person(2, **{"慰问金(元)": 500})])
    without = xlsx([person(1, 联系电话=None), person(2, 联系电话=None, **{"慰问金(元)": 500})])
    landline = xlsx([person(1, 联系电话="0976-8630000"), ROWS[1]])

    assert [(p.row, p.code) for p in checked(column).problems] == [(3, "PHONE_MISSING")]
    assert [(p.level, p.row, p.code) for p in checked(without).problems] == [
        ("notice", 2, "PHONE_ABSENT")
    ]
    assert checked(landline).problems == ()
    assert codes(xlsx([person(1, 联系电话="12345"), ROWS[1]]), "warning") == ["PHONE_FORMAT"]


def test_days_lie_in_the_batch_and_not_in_the_future() -> None:
    """Paid outside the batch's days, or tomorrow, is an error."""
    late = {"发放日期止": date(2019, 12, 31)}

    assert first_row(发放日期=date(2019, 1, 9)) == ["DATE_OUTSIDE_BATCH"]
    assert codes(xlsx([person(1, 发放日期=date(2019, 3, 1)), ROWS[1]], batch=late)) == [
        "DATE_FUTURE"
    ]


@pytest.mark.parametrize(
    ("first", "occasion", "campaign"),
    [
        (date(2018, 12, 1), "春节", "2019-SPRING_FESTIVAL"),
        (date(2018, 11, 30), "春节", "2018-SPRING_FESTIVAL"),
        (date(2018, 12, 1), "元旦", "2019-NEW_YEAR"),
        (date(2018, 12, 1), "日常", "2018-DAILY"),
        (date(2019, 1, 10), "春节", "2019-SPRING_FESTIVAL"),
    ],
)
def test_the_winter_campaign_begins_in_december(first: date, occasion: str, campaign: str) -> None:
    """Whoever leaves out the year means, from December on, the festival that comes."""
    batch = checked(xlsx(batch={"活动节点": occasion, "发放日期起": first})).batch

    assert batch is not None
    assert batch.campaign == campaign


def test_control_totals_must_match() -> None:
    """Count and sum of the file, to the fen."""
    assert codes(xlsx(batch={"控制人数": 3})) == ["COUNT_MISMATCH"]
    assert codes(xlsx(batch={"控制金额(元)": 1500.01})) == ["SUM_MISMATCH"]
    assert first_row(**{"慰问金(元)": "约500"}) == ["SUM_UNKNOWN", "AMOUNT_TEXT"]


def test_the_same_person_twice_is_an_error_at_both_rows() -> None:
    """Which one is right only people can say; another notation is the same person."""
    twice = [person(1), person(1, **{"慰问金(元)": 500, "证件号码": citizen(1).lower()})]
    daily = {"活动节点": "日常"}
    other_day = [twice[0], twice[1] | {"发放日期": date(2019, 1, 21)}]

    assert codes(xlsx(twice)) == ["DUP_IN_FILE", "DUP_IN_FILE"]
    assert codes(xlsx(other_day)) == ["DUP_IN_FILE", "DUP_IN_FILE"]
    assert codes(xlsx(other_day, batch=daily)) == []


def test_handler_and_reviewer_are_two_persons() -> None:
    """Nobody reviews what he submits."""
    assert codes(xlsx(batch={"审核人工号或证件号码": "W-007"})) == ["SAME_PERSON"]


def test_a_missing_key_of_the_batch_is_named() -> None:
    """Each missing key once."""
    assert codes(xlsx(batch={"资金代码": None, "经办人": None})) == ["BATCH_MISSING"] * 2


def test_every_code_has_words_in_both_languages() -> None:
    """The same code, the same words; none of them calls anything illegal or invalid."""
    for code, text in TEXTS.items():
        assert text.zh, code
        assert text.en, code
        assert not {w for w in ("非法", "无效", "系统错误") if w in text.zh + text.how_zh}


def test_no_private_value_gets_into_a_report() -> None:
    """Not in the table, the csv, the JSON; not even when columns are shifted."""
    secrets = {
        "姓名": "测试甲/测试乙", "证件号码": "110105194912310021", "银行卡号": "62170000001234567",
        "收款人户名": "测试丙丙", "联系电话": "1380000", "代领人": "样例辛1", "职工姓名": "样例庚2",
        "代领人证件号码": "440524188001010014x", "职工证件": "5134311985031500",
        "家庭编号": "户7788",
        "走访人": "样例戊(W-001)", "备注": "样例备注",
    }  # fmt: skip
    shifted = {
        "对象类别": "110105194912310021",
        "帮扶方式": "测试甲/测试乙",
        "发放日期": "测试丙丙",
    }
    rows = [person(1, **(secrets | shifted | {"发放方式": "银行转账"})), ROWS[1]]
    for data in (xlsx(rows), csv_text(rows).encode()):
        problems = checked(data).problems
        report = json.dumps(report_json(problems, ok=False), ensure_ascii=False)
        report += report_csv(problems, "zh").decode() + str(report_rows(problems, "en"))
        report += repr(problems) + repr(checked(data))

        assert len(problems) > 8
        for value in (*secrets.values(), *ROWS[1].values()):
            if isinstance(value, str) and value in {*secrets.values(), ROWS[1]["证件号码"]}:
                assert value not in report


def test_csv_reports_hold_nothing_a_spreadsheet_would_run() -> None:
    """Cells that begin like a formula are neutralised, and the file opens in Excel as UTF-8."""
    data = xlsx([person(1, 帮扶方式="=cmd|' /C calc'!A0", **{"慰问金(元)": "-500+1"}), ROWS[1]])
    report = report_csv(checked(data).problems, "zh")

    assert report.startswith(b"\xef\xbb\xbf")
    assert b"=cmd" not in report
    assert b",'-500+1," in report


def test_figures_are_shown_and_what_could_be_a_person_is_not() -> None:
    """An amount, a date; never a text, nor digits that are long enough for a document."""
    row = person(1, **{"慰问金(元)": "500元", "发放日期": "1月20日", "数量": "1380000000x",
                       "对象类别": "测试甲"})  # fmt: skip
    shown = {p.header: p.shown for p in checked(xlsx([row, ROWS[1]])).problems}

    assert (shown["慰问金(元)"], shown["发放日期"]) == ("500元", "1月20日")
    assert (shown["对象类别"], shown["数量"]) == ("〔3 位〕", "〔11 位〕")


def test_reasons_speak_of_cells_as_seen_on_screen() -> None:
    """Row and letter are Excel's own, and the words tell what to do."""
    problem = checked(xlsx([person(1, 证件号码="110105491231002"), ROWS[1]])).problems[0]

    assert problem.cell == f"{samples.column_of(xlsx(), '证件号码')}3"
    assert "一代证" in reason_of(problem, "zh")
    assert "18" in remedy_of(problem, "en")


@pytest.mark.parametrize(
    ("region", "meant"),
    [("540171", "540100"), ("632857", "632800"), ("540102", None), ("659002", None)],
)
def test_a_zone_that_only_statistics_know_is_no_place_of_work(
    region: str, meant: str | None
) -> None:
    """The file is told so before anything is published, with the division in which the zone lies."""
    found = checked(xlsx([person(1, 单位区划=region), ROWS[1]])).errors
    told = [problem for problem in found if problem.code == "REGION_ZONE"]
    assert [dict(p.figures) for p in told] == ([] if meant is None else [{"meant": meant}])


def test_remarks_are_told_to_stay_in_the_file() -> None:
    """No free text enters the log, and none is dropped without a word."""
    roster = checked(xlsx([person(1, 备注="已电话核实"), ROWS[1]]))
    assert [(p.level, p.code, p.figures) for p in roster.problems] == [
        ("notice", "REMARK_NOT_PUBLISHED", {"count": "1"})
    ]
    assert len(roster.rows) == 2
