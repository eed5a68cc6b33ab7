"""``hengwen coverage``: whom the money reached."""

from typing import Annotated

import typer

from app.naming import named
from app.output import Column, JsonOption, Kind, Output
from app.problems import Words
from app.reading import (
    AsOf,
    BelowOption,
    FundOption,
    OrganisationArgument,
    RecordedAsOf,
    choice,
    moment,
    note_provisional,
    read_models,
)
from app.subjects import known_fund, known_organisation
from domain.codes import CATEGORY_NAMES, FORMS, OCCASIONS, TIERS

KEYS = {
    "organisation": Column("organisation", Words("机构", "organisation")),
    "fund": Column("fund", Words("资金", "fund")),
    "scheme": Column("scheme", Words("类别体系", "scheme")),
    "category": Column("category", Words("对象类别", "category")),
    "tier": Column("tier", Words("梯度", "tier")),
    "occasion": Column("occasion", Words("节点", "occasion")),
    "form": Column("form", Words("方式", "form")),
    "month": Column("month", Words("月份", "month")),
}
SUMS = [
    Column("payments", Words("笔数", "payments"), Kind.COUNT),
    Column("persons", Words("人数", "persons"), Kind.COUNT),
    Column("amount_fen", Words("金额", "amount"), Kind.MONEY),
    Column("settled_fen", Words("其中已发放", "of it settled"), Kind.MONEY),
]
NO_PAYMENTS = Words("(没有有效的发放)", "(no live payments)")
NAMED = {"category": CATEGORY_NAMES, "tier": TIERS, "occasion": OCCASIONS, "form": FORMS}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="覆盖面：按机构、类别、梯度、节点、月份统计人数与金额"
        " | Persons and sums by organisation, category, tier, occasion, month",
        epilog="示例: hengwen coverage SF-632221 --below --by category,month"
        " | Example: hengwen coverage SF-632221 --below --by category,month",
    )(coverage)


def coverage(
    context: typer.Context,
    organisation: OrganisationArgument = "",
    *,
    below: BelowOption = False,
    fund: FundOption = "",
    by: Annotated[
        str,
        typer.Option(
            help="分组，逗号分隔：organisation fund scheme category tier occasion form month"
            " | group by these, separated by commas"
        ),
    ] = "category",
    as_of: AsOf = "",
    recorded_as_of: RecordedAsOf = "",
    json: JsonOption = False,
) -> None:
    """Count live payments, different persons and fen; undone payments do not count."""
    from projections.coverage import coverage as covered  # noqa: PLC0415  # slow to import
    from projections.lists import Filter  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    asked = moment(as_of, recorded_as_of)
    upper = {key.upper(): key for key in KEYS}
    dimensions = [
        upper[chosen]
        for word in by.split(",")
        if (chosen := choice(word.strip(), upper)) is not None
    ]
    with read_models(context.obj) as connection:
        wanted = Filter(
            organisation=known_organisation(connection, organisation),
            below=below,
            fund=known_fund(connection, fund),
            moment=asked,
        )
        cells = covered(connection, dimensions, wanted)
        note_provisional(output, connection, asked)
    rows = [
        (
            *(
                value if json else named(NAMED.get(dimension, {}), value, output.lang)
                for dimension, value in zip(dimensions, cell.keys, strict=True)
            ),
            *cell[1:],
        )
        for cell in cells
    ]
    output.records([*(KEYS[dimension] for dimension in dimensions), *SUMS], rows, empty=NO_PAYMENTS)
