"""The template: filled in beforehand, readable as a roster once people have filled in the rest."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from roster_samples import TODAY, checked, person, template_filled

from domain.codes import SCHEMES
from publishers.roster.checking import check_roster
from publishers.roster.choices import CATEGORY_CHOICES, CHOICES
from publishers.roster.columns import BATCH_KEYS, COLUMNS, Kind
from publishers.roster.problems import RosterUnreadable
from publishers.roster.reading import read_roster
from publishers.roster.template import FILLED_ROWS, TemplateFacts, make_template

FACTS = TemplateFacts(
    organisation="632221", unit="样例县总工会", region="632221", batch="632221-2019-ab12cd34",
    year=2019, funds=[("NORMALISED-2019", "常态化专项")],
)  # fmt: skip


def filled_in(facts: TemplateFacts = FACTS) -> bytes:
    """The template, filled in as people do."""
    about = {
        "活动节点": "春节", "发放日期起": date(2019, 1, 10), "发放日期止": date(2019, 2, 3),
        "控制人数": 1, "控制金额(元)": 1000, "经办人": "样例丙", "审核人": "样例丁",
        "单位证明文号": "样证1",
    }  # fmt: skip
    return template_filled(make_template(facts), about, [person(1)])


def test_a_filled_in_template_is_a_roster_without_errors() -> None:
    """Organisation, batch number and fund are those it was made with."""
    roster = checked(filled_in())

    assert roster.errors == []
    assert roster.batch is not None
    assert (roster.batch.number, roster.batch.fund) == (FACTS.batch, "NORMALISED-2019")
    assert (roster.batch.organisation, roster.batch.campaign) == ("632221", "2019-SPRING_FESTIVAL")


def test_identifier_columns_are_text_for_five_thousand_rows() -> None:
    """So that Excel does not turn a document number into a number."""
    sheet: Any = openpyxl.load_workbook(io.BytesIO(make_template(FACTS)))["发放明细"]

    formats = {
        at: span.number_format
        for span in sheet.column_dimensions.values()
        for at in range(span.min, span.max + 1)
    }
    for index, column in enumerate(COLUMNS, start=1):
        if column.kind is Kind.IDENTIFIER:
            assert formats[index] == "@", column.header
    assert FILLED_ROWS >= 5_000


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_drop_down_offers_what_the_reader_takes(scheme: str) -> None:
    """The labels of 代码表 are choices; lists are named ranges, which Excel does not cut."""
    facts = replace(FACTS, scheme=scheme)
    book: Any = openpyxl.load_workbook(io.BytesIO(make_template(facts)))
    codes = book["代码表"]
    by_header = {column.header: column.key for column in (*BATCH_KEYS, *COLUMNS)}
    for row in codes.iter_cols():
        key = by_header[row[0].value]
        labels = [c.value for c in row[1:] if c.value]
        taken = CATEGORY_CHOICES[facts.scheme] if key == "category" else CHOICES.get(key)
        if taken is not None:
            assert labels
            assert all(label in taken for label in labels), key
    lists = [
        v.formula1 for v in book["发放明细"].data_validations.dataValidation if v.type == "list"
    ]
    assert all(name.lstrip("=") in book.defined_names for name in lists)


def test_an_untouched_template_asks_for_rows() -> None:
    """Nothing filled in is not an import of nothing."""
    with pytest.raises(RosterUnreadable, match="ROWS_MISSING"):
        read_roster(make_template(FACTS))


def test_a_template_without_funds_leaves_the_fund_to_be_typed() -> None:
    """A new ledger has none yet."""
    facts = TemplateFacts("632221", "样例", None, "b", 2019, [])
    roster = check_roster(read_roster(filled_in(facts)), today=TODAY)

    assert [p.code for p in roster.errors] == ["BATCH_MISSING"]
