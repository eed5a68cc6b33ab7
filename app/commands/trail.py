"""``hengwen trail``: everything that happened to one subject, in words."""

from typing import Annotated

import typer

from app.output import Column, JsonOption, Kind, Output, yuan
from app.problems import Words
from app.reading import (
    LIMIT,
    AfterOption,
    AsOf,
    LimitOption,
    RecordedAsOf,
    choice,
    moment,
    note_more,
    note_provisional,
    read_models,
)
from app.subjects import (
    PAYMENT,
    ROSTER,
    THING,
    identifier,
    known_fund,
    known_organisation,
    known_person,
    not_found,
)
from projections.target import Connection

TRAIL = [
    Column("position", Words("序号", "position")),
    Column("occurred_on", Words("业务日期", "on"), Kind.DAY),
    Column("recorded_at", Words("入账时间", "recorded"), Kind.INSTANT),
    Column("words", Words("事项", "what happened")),
    Column("actor", Words("经办人", "by")),
    Column("document", Words("文号", "document")),
]
NO_STEPS = Words("(这段时间没有事项)", "(nothing happened then)")
SUBJECTS = ("ORGANISATION", "FUND", "PERSON", "PAYMENT", "ROSTER", "ACTOR", "THING")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="一个对象的全部事项，用文字写出 | Everything that happened to one subject, in words",
        epilog="示例: hengwen trail payment ID;hengwen trail organisation SF-632221"
        " | Examples: hengwen trail payment ID; hengwen trail organisation SF-632221",
    )(trail)


def trail(
    context: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(
            help="organisation 机构 fund 资金 person 人员 payment 发放 roster 名册 actor 经办人 thing 其他"
            " | organisation, fund, person, payment, roster, actor, or thing: any other id"
        ),
    ],
    number: Annotated[str, typer.Argument(help="编号或代码 | id or code")],
    *,
    as_of: AsOf = "",
    recorded_as_of: RecordedAsOf = "",
    after: AfterOption = 0,
    limit: LimitOption = LIMIT,
    json: JsonOption = False,
) -> None:
    """List every event that touched the subject, oldest first."""
    from projections import trails  # noqa: PLC0415  # slow to import
    from projections.words import in_words  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    asked = moment(as_of, recorded_as_of)
    kind = (choice(subject, SUBJECTS) or "").lower()
    if kind in {"payment", "roster"}:
        number = identifier(number)
    with read_models(context.obj) as connection:
        _require_known(connection, kind, number)
        steps = trails.trail(connection, kind, number, moment=asked, after=after, limit=limit + 1)
        codes = {code for s in steps for code in (s.organisation, s.counterparty) if code}
        names = trails.names_of(connection, codes)
        note_provisional(output, connection, asked)
    words = [in_words(step, output.lang, names=names, yuan=yuan) for step in steps[:limit]]
    if json:
        output.json(
            [{**s._asdict(), "words": w} for s, w in zip(steps[:limit], words, strict=True)]
        )
    else:
        output.records(
            TRAIL,
            [
                (s.position, s.occurred_on, s.recorded_at, w, s.actor, s.document)
                for s, w in zip(steps[:limit], words, strict=True)
            ],
            empty=NO_STEPS,
        )
    note_more(output, [step.position for step in steps], limit)


def _require_known(connection: Connection, kind: str, number: str) -> None:
    """
    Go on only with a subject that an event names.

    Raises:
        Problem: none does.
    """
    from projections.trails import trail as steps  # noqa: PLC0415  # slow to import

    if kind == "organisation":
        known_organisation(connection, number)
    elif kind == "fund":
        known_fund(connection, number)
    elif kind in {"person", "actor"}:
        known_person(connection, number)
    elif not steps(connection, kind, number, limit=1):
        raise not_found({"payment": PAYMENT, "roster": ROSTER}.get(kind, THING), number)
