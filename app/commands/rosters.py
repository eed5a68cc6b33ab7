"""``hengwen rosters`` and ``hengwen refusals``: what was taken, what was refused and why."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from app.naming import ROSTER_STATES
from app.output import Column, JsonOption, Kind, Output
from app.problems import Problem, Words
from app.reading import (
    LIMIT,
    AfterOption,
    BelowOption,
    FundOption,
    LimitOption,
    OrganisationArgument,
    RecordedAsOf,
    RosterOption,
    filled,
    moment,
    named_choice,
    note_more,
    note_provisional,
    read_models,
)
from app.subjects import known_fund, known_organisation, known_roster
from domain.figures import for_programs
from domain.refusal_texts import TEXTS, render
from projections.lists import RefusedRow, Roster

ROSTERS = [
    Column("position", Words("序号", "position")),
    Column("roster", Words("名册编号", "roster")),
    Column("organisation", Words("机构", "organisation")),
    Column("fund", Words("资金", "fund")),
    Column("campaign", Words("活动", "campaign")),
    Column("declared_count", Words("控制人数", "declared"), Kind.COUNT),
    Column("declared_fen", Words("控制金额", "declared sum"), Kind.MONEY),
    Column("accepted_count", Words("入账", "accepted"), Kind.COUNT),
    Column("accepted_fen", Words("入账金额", "accepted sum"), Kind.MONEY),
    Column("refused_count", Words("拒绝", "refused"), Kind.COUNT),
    Column("left_out", Words("未入账行", "left out"), Kind.COUNT),
    Column("state", Words("状态", "state")),
    Column("occurred_on", Words("业务日期", "on"), Kind.DAY),
    Column("recorded_at", Words("入账时间", "recorded"), Kind.INSTANT),
]
REFUSED_ROWS = [
    Column("roster_row", Words("行", "row")),
    Column("position", Words("序号", "position")),
    Column("business_id", Words("发放编号", "payment")),
    Column("codes", Words("代码", "codes")),
    Column("why", Words("原因", "why")),
]
REFUSALS = [
    Column("position", Words("序号", "position")),
    Column("organisation", Words("机构", "organisation")),
    Column("kind", Words("提交类型", "kind")),
    Column("business_id", Words("业务编号", "business id")),
    Column("roster_row", Words("名册行", "roster row")),
    Column("codes", Words("代码", "codes")),
    Column("why", Words("原因", "why")),
    Column("recorded_at", Words("入账时间", "recorded"), Kind.INSTANT),
]

NO_ROSTERS = Words("(没有符合条件的名册)", "(no such rosters)")
NO_REFUSALS = Words("(没有符合条件的拒绝)", "(no such refusals)")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(
        help="名册清单；指定一份时列出被拒绝的行 | List rosters; of one roster, its refused rows",
        epilog="示例: hengwen rosters SF-632221 --state PARTLY_REFUSED"
        " | Example: hengwen rosters SF-632221 --state PARTLY_REFUSED",
    )(rosters)
    app.command(
        help="被拒绝的提交与原因 | List refused submissions and why",
        epilog="示例: hengwen refusals --code OVER_CAP_PER_YEAR"
        " | Example: hengwen refusals --code OVER_CAP_PER_YEAR",
    )(refusals)


def rosters(
    context: typer.Context,
    organisation: OrganisationArgument = "",
    *,
    below: BelowOption = False,
    fund: FundOption = "",
    roster: RosterOption = "",
    state: Annotated[
        str,
        typer.Option(
            help="状态,代码或名称:INCOMPLETE COMPLETE PARTLY_REFUSED APPROVED REJECTED"
            " | state, by code or name: the same"
        ),
    ] = "",
    recorded_as_of: RecordedAsOf = "",
    after: AfterOption = 0,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """List rosters with what was declared, accepted, refused and left out."""
    from projections import lists  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    refused: list[tuple[Roster, list[RefusedRow]]] = []
    asked = moment("", recorded_as_of)
    with read_models(context.obj) as connection:
        wanted = lists.Filter(
            organisation=known_organisation(connection, organisation),
            below=below,
            fund=known_fund(connection, fund),
            roster=known_roster(connection, roster),
            state=named_choice(state, ROSTER_STATES),
            moment=asked,
            after=after,
            limit=limit + 1,
        )
        found = lists.rosters(connection, wanted)
        if json or roster:
            refused = [(row, lists.refused_rows(connection, row, asked)) for row in found[:limit]]
        note_provisional(output, connection, asked)
    if json:
        output.json([_roster_json(row, rows, output.lang) for row, rows in refused])
    else:
        _show(output, found[:limit], refused)
    note_more(output, [row.position for row in found], limit)


def refusals(
    context: typer.Context,
    organisation: OrganisationArgument = "",
    *,
    below: BelowOption = False,
    code: Annotated[str, typer.Option(help="只看这个代码 | only this code")] = "",
    roster: RosterOption = "",
    recorded_as_of: RecordedAsOf = "",
    after: AfterOption = 0,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """List refusals with their codes, and their texts made from the figures."""
    from projections import lists  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    asked = moment("", recorded_as_of)
    with read_models(context.obj) as connection:
        wanted = lists.Filter(
            organisation=known_organisation(connection, organisation),
            below=below,
            roster=known_roster(connection, roster),
            state=_known_code(code),
            moment=asked,
            after=after,
            limit=limit + 1,
        )
        rows = lists.refusals(connection, wanted)
        note_provisional(output, connection, asked)
    if json:
        output.json([_explained(row, row.reasons, output.lang) for row in rows[:limit]])
    else:
        shown = [
            (
                row.position,
                row.organisation,
                row.kind,
                row.business_id,
                row.roster_row,
                codes(row.reasons),
                why(row.reasons, output.lang),
                row.recorded_at,
            )
            for row in rows[:limit]
        ]
        output.records(*filled(REFUSALS, shown), empty=NO_REFUSALS)
    note_more(output, [row.position for row in rows], limit)


def _known_code(code: str) -> str | None:
    """
    The code of a refusal, None if none was given.

    Raises:
        Problem: no refusal has it.
    """
    if code and code.upper() not in TEXTS:
        near = " ".join(get_close_matches(code.upper(), TEXTS, cutoff=0.4))
        raise Problem(
            Words("没有这个拒绝代码。", "No refusal has this code."),
            where=code,
            how=Words(f"相近的: {near or '–'}", f"Near it: {near or '–'}"),
        )
    return code.upper() or None


def codes(reasons: Sequence[dict[str, Any]]) -> str:
    """The codes of the reasons."""
    return " ".join(reason["code"] for reason in reasons)


def why(reasons: Sequence[dict[str, Any]], lang: str) -> str:
    """The texts of the reasons."""
    return "; ".join(render(r["code"], r["figures"], english=lang == "en") for r in reasons)


def _show(
    output: Output, found: list[Roster], refused: list[tuple[Roster, list[RefusedRow]]]
) -> None:
    output.records(
        ROSTERS,
        [
            row._replace(
                left_out=len(row.left_out),  # type: ignore[arg-type]  # people see how many
                state=_state(output, row),
            )
            for row in found
        ],
        empty=NO_ROSTERS,
    )
    for _, rows in refused:
        if rows:
            output.line()
            output.records(
                REFUSED_ROWS,
                [
                    (
                        r.roster_row,
                        r.position,
                        r.business_id,
                        codes(r.reasons),
                        why(r.reasons, output.lang),
                    )
                    for r in rows
                ],
                title=Words("被拒绝的行", "Refused rows"),
            )


def _state(output: Output, roster: Roster) -> str:
    """Its state, and that rows were refused even if it was decided since."""
    state = output.words(ROSTER_STATES[roster.state])
    if not roster.refused_count or roster.state == "PARTLY_REFUSED":
        return state
    return f"{state}, {output.words(ROSTER_STATES['PARTLY_REFUSED'])}"


def _roster_json(roster: Roster, rows: list[RefusedRow], lang: str) -> dict[str, Any]:
    return {
        **roster._asdict(),
        "refused_rows": [_explained(r, r.reasons, lang) for r in rows],
    }


def _explained(row: Any, reasons: Sequence[dict[str, Any]], lang: str) -> dict[str, Any]:
    """A refusal for programs: its figures as numbers, and its texts."""
    told = [reason | {"figures": for_programs(reason["figures"])} for reason in reasons]
    return {**row._asdict(), "reasons": told, "why": why(reasons, lang)}
