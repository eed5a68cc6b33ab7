"""``hengwen payments`` and ``hengwen visits``: lists, at any moment."""

from typing import Annotated

import typer

from app.naming import STATES, named
from app.output import Column, JsonOption, Kind, Output
from app.problems import Words
from app.reading import (
    LIMIT,
    AfterOption,
    AsOf,
    BelowOption,
    FundOption,
    LimitOption,
    OrganisationArgument,
    PersonOption,
    RecordedAsOf,
    RosterOption,
    filled,
    moment,
    named_choice,
    note_more,
    note_provisional,
    read_models,
)
from app.subjects import known_fund, known_organisation, known_person, known_roster
from domain.codes import CATEGORY_NAMES, FORMS, OCCASIONS

PAYMENTS = [
    Column("position", Words("序号", "position")),
    Column("payment", Words("发放编号", "payment")),
    Column("organisation", Words("机构", "organisation")),
    Column("fund", Words("资金", "fund")),
    Column("person", Words("领取人代码", "person")),
    Column("category", Words("对象类别", "category")),
    Column("tier", Words("梯度", "tier")),
    Column("occasion", Words("节点", "occasion")),
    Column("form", Words("方式", "form")),
    Column("amount_fen", Words("金额", "amount"), Kind.MONEY),
    Column("state", Words("状态", "state")),
    Column("roster", Words("名册", "roster")),
    Column("roster_row", Words("行", "row")),
    Column("visit", Words("走访", "visit")),
    Column("visit_found", Words("走访已入账", "visit recorded")),
    Column("occurred_on", Words("业务日期", "on"), Kind.DAY),
    Column("recorded_at", Words("入账时间", "recorded"), Kind.INSTANT),
]
VISITS = [
    Column("position", Words("序号", "position")),
    Column("visit", Words("走访编号", "visit")),
    Column("organisation", Words("机构", "organisation")),
    Column("occasion", Words("节点", "occasion")),
    Column("visitors", Words("走访人", "visitors")),
    Column("person", Words("被走访人", "visited")),
    Column("work_region", Words("工作区划", "region")),
    Column("document", Words("记录", "document")),
    Column("payments", Words("发放笔数", "payments"), Kind.COUNT),
    Column("amount_fen", Words("发放金额", "paid"), Kind.MONEY),
    Column("occurred_on", Words("业务日期", "on"), Kind.DAY),
    Column("recorded_at", Words("入账时间", "recorded"), Kind.INSTANT),
]

NO_PAYMENTS = Words("(没有符合条件的发放)", "(no such payments)")
NO_VISITS = Words("(没有符合条件的走访)", "(no such visits)")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        help="实名发放清单 | List real-name payments",
        epilog="示例: hengwen payments SF-632221 --state BOUNCED"
        " | Example: hengwen payments SF-632221 --state BOUNCED",
    )(payments)
    app.command(
        help="走访清单及当次发放 | List visits and what was paid at each",
        epilog="示例: hengwen visits SF-632221 --below | Example: hengwen visits SF-632221 --below",
    )(visits)


def payments(
    context: typer.Context,
    organisation: OrganisationArgument = "",
    *,
    below: BelowOption = False,
    fund: FundOption = "",
    person: PersonOption = "",
    roster: RosterOption = "",
    state: Annotated[
        str,
        typer.Option(
            help="状态,代码或名称:RESERVED ORDERED SETTLED BOUNCED REVERSED RELEASED"
            " | state, by code or name: the same"
        ),
    ] = "",
    as_of: AsOf = "",
    recorded_as_of: RecordedAsOf = "",
    after: AfterOption = 0,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """List payments with their state at the moment asked for."""
    from projections.lists import Filter  # noqa: PLC0415  # slow to import
    from projections.lists import payments as listed  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    asked = moment(as_of, recorded_as_of)
    with read_models(context.obj) as connection:
        wanted = Filter(
            organisation=known_organisation(connection, organisation),
            below=below,
            fund=known_fund(connection, fund),
            person=known_person(connection, person),
            roster=known_roster(connection, roster),
            state=named_choice(state, STATES),
            moment=asked,
            after=after,
            limit=limit + 1,
        )
        rows = listed(connection, wanted)
        note_provisional(output, connection, asked)
    if json:
        output.records(PAYMENTS, rows[:limit])
    else:
        shown = [
            row._replace(
                category=named(CATEGORY_NAMES, row.category, output.lang),
                occasion=named(OCCASIONS, row.occasion, output.lang),
                form=named(FORMS, row.form, output.lang),
                state=output.words(STATES[row.state]),
            )
            for row in rows[:limit]
        ]
        output.records(*filled(PAYMENTS, shown), empty=NO_PAYMENTS)
    note_more(output, [row.position for row in rows], limit)


def visits(
    context: typer.Context,
    organisation: OrganisationArgument = "",
    *,
    below: BelowOption = False,
    person: PersonOption = "",
    as_of: AsOf = "",
    recorded_as_of: RecordedAsOf = "",
    after: AfterOption = 0,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """List visits; a person is found as visitor and as visited."""
    from projections.lists import Filter  # noqa: PLC0415  # slow to import
    from projections.lists import visits as listed  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    asked = moment(as_of, recorded_as_of)
    with read_models(context.obj) as connection:
        wanted = Filter(
            organisation=known_organisation(connection, organisation),
            below=below,
            person=known_person(connection, person),
            moment=asked,
            after=after,
            limit=limit + 1,
        )
        rows = listed(connection, wanted)
        note_provisional(output, connection, asked)
    if json:
        output.records(VISITS, rows[:limit])
    else:
        seen = [
            (
                *row[:3],
                named(OCCASIONS, row.occasion, output.lang),
                " ".join(row.visitors),
                *row[5:],
            )
            for row in rows[:limit]
        ]
        output.records(*filled(VISITS, seen), empty=NO_VISITS)
    note_more(output, [row.position for row in rows], limit)
