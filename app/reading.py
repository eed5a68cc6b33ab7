"""What commands that read share: the open read models, the options of time, and what is missing."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer

from app.output import BEIJING, Column, Output
from app.problems import Problem, Words
from app.settings import Settings
from domain.calendar import day_of
from domain.units import Day, Micros
from projections.moments import Moment
from projections.target import Connection

AsOf = Annotated[
    str, typer.Option(help="截至业务日期，如 2019-02-05 | up to this business day, as 2019-02-05")
]
RecordedAsOf = Annotated[
    str,
    typer.Option(
        help="截至入账时间（北京时间），如 2019-02-05T18:00 | as recorded by this time, UTC+8"
    ),
]
OrganisationArgument = Annotated[
    str, typer.Argument(help="机构编码 | organisation code", show_default=False)
]
BelowOption = Annotated[
    bool, typer.Option("--below", help="包括全部下级 | with all organisations below it")
]
FundOption = Annotated[str, typer.Option(help="资金代码 | fund")]
PersonOption = Annotated[str, typer.Option(help="人员代码 | person id")]
RosterOption = Annotated[str, typer.Option(help="名册编号 | roster")]
LimitOption = Annotated[int, typer.Option(help="最多显示多少行 | most rows shown", min=1)]
AfterOption = Annotated[
    int, typer.Option(help="从这个序号之后开始 | begin behind this position", min=0)
]
LIMIT: Final = 200


@contextmanager
def read_models(settings: Settings) -> Iterator[Connection]:
    """
    The read models, open for reading, all at one position.

    Raises:
        Problem: there are none yet, another version wrote them, or they are of another ledger.
    """
    from app.wiring import open_database  # noqa: PLC0415  # slow to import
    from projections import store  # noqa: PLC0415  # as above

    _require_ledger(settings)
    with open_database(settings) as dsn, store.connect(dsn) as connection:
        require_read_models(connection)
        require_same_ledger(connection, settings)
        with store.snapshot(connection):
            yield connection


def _require_ledger(settings: Settings) -> None:
    """
    Where nothing was ever kept there are no read models either: say what is really missing.

    Raises:
        Problem: nobody opened a ledger here.
    """
    if settings.database.get_secret_value() or (settings.home / "postgres").exists():
        return
    from app.wiring import open_log  # noqa: PLC0415  # slow to import

    open_log(settings).close()


def require_read_models(connection: Connection) -> None:
    """
    Go on only where there are live read models of this version.

    Raises:
        Problem: there are none, or another version wrote them.
    """
    from projections import store  # noqa: PLC0415  # slow to import
    from projections.models import MODELS  # noqa: PLC0415  # as above

    if not store.is_prepared(connection, MODELS):
        raise Problem(
            Words("还没有读模型，或不是本版本写的。", "No read models of this version yet."),
            how=Words(
                "运行 hengwen project --once；旧版本写的用 hengwen rebuild。",
                "Run `hengwen project --once`; `hengwen rebuild` after an older version.",
            ),
        )


def require_same_ledger(connection: Connection, settings: Settings) -> None:
    """
    Go on only if the read models are of the ledger that the settings pin, if they pin one.

    Raises:
        Problem: they are of another.
    """
    from projections.store import ledger_of  # noqa: PLC0415  # slow to import

    found = ledger_of(connection)
    if settings.ledger and found != bytes.fromhex(settings.ledger):
        raise _other_read_models(found)


def _other_read_models(found: bytes | None) -> Problem:
    """The read models are not of the ledger that HENGWEN_LEDGER says."""
    return Problem(
        Words("读模型不是这本总账的。", "The read models are not of this ledger."),
        where=found.hex() if found else "",
        how=Words(
            "检查 HENGWEN_LEDGER 与 HENGWEN_DATABASE。",
            "Check HENGWEN_LEDGER and HENGWEN_DATABASE.",
        ),
    )


def moment(as_of: str, recorded_as_of: str) -> Moment:
    """
    The options of time as a moment; a time without an offset is UTC+8.

    Raises:
        Problem: one of them is no date or time.
    """
    day = _business_day(as_of) if as_of else None
    if not recorded_as_of:
        return Moment(day, None)
    try:
        return Moment(day, _micros(dt.datetime.fromisoformat(recorded_as_of)))
    except ValueError:
        raise Problem(
            Words("时间写得不对。", "Not a time."),
            where=f"--recorded-as-of {recorded_as_of}",
            how=Words("写成 2019-02-05T18:00:00。", "Write it as 2019-02-05T18:00:00."),
        ) from None


def _business_day(as_of: str) -> Day:
    """
    The option --as-of; a business day has no time.

    Raises:
        Problem: it is no date.
    """
    try:
        return day_of(dt.date.fromisoformat(as_of))
    except ValueError:
        raise Problem(
            Words("业务日期写得不对。", "Not a business day."),
            where=f"--as-of {as_of}",
            how=Words(
                "只写日期,如 2019-02-05;按入账时间查询用 --recorded-as-of 2019-02-05T18:00:00。",
                "Write a date only, as 2019-02-05; by time of recording it is"
                " --recorded-as-of 2019-02-05T18:00:00.",
            ),
        ) from None


def note_provisional(output: Output, connection: Connection, asked: Moment) -> None:
    """Say so if a later verdict could still belong to the asked prefix of the log."""
    from projections.store import marks  # noqa: PLC0415  # slow to import

    if asked.recorded_as_of is None:
        return
    last = max((m.recorded_at or 0 for m in marks(connection, "live").values()), default=0)
    if asked.recorded_as_of >= last:
        output.note(
            Words(
                "暂定：该时间之后还没有新的入账，结果仍可能增加。",
                "Provisional: nothing later is recorded yet, more may still belong to it.",
            )
        )


def choice(text: str, known: Iterable[str]) -> str | None:
    """
    One of the *known* words in any case, None if nothing was given.

    Raises:
        Problem: it is none of them.
    """
    if not text:
        return None
    allowed = list(known)
    if text.upper() not in allowed:
        raise Problem(
            Words("选项的值不认识。", "Not a value of this option."),
            where=text,
            how=Words(f"可用：{' '.join(allowed)}", f"Use one of: {' '.join(allowed)}"),
        )
    return text.upper()


def named_choice(text: str, names: Mapping[str, Words]) -> str | None:
    """
    One of the codes, given as it is or by the name that lists show; None if nothing was given.

    Raises:
        Problem: it is neither.
    """
    for code, words in names.items():
        if text and (text.upper() == code or text in words):
            return code
    if not text:
        return None
    zh, en = ([f"{code} {w[n]}" for code, w in names.items()] for n in (0, 1))
    raise Problem(
        Words("没有这样的状态。", "There is no such state."),
        where=text,
        how=Words(f"可用: {'、'.join(zh)}。", f"Use one of: {', '.join(en)}."),
    )


def filled(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]]
) -> tuple[list[Column], list[list[Any]]]:
    """The columns that hold anything, and the rows cut down to them."""
    wanted = [i for i in range(len(columns)) if any(row[i] not in (None, "") for row in rows)]
    return [columns[i] for i in wanted], [[row[i] for i in wanted] for row in rows]


def note_more(output: Output, positions: Sequence[int], limit: int) -> None:
    """Say how to go on if there is more than is shown."""
    if len(positions) > limit:
        last = positions[limit - 1]
        output.note(
            Words(
                f"还有更多：--after {last} 接着看，或用 --limit 增加行数。",
                f"There is more: go on with --after {last}, or raise --limit.",
            )
        )


def _micros(when: dt.datetime) -> Micros:
    aware = when if when.tzinfo is not None else when.replace(tzinfo=BEIJING)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return Micros((aware - epoch) // dt.timedelta(microseconds=1))
