"""``hengwen rules``: the versions of the rules that this program has, and which is in force."""

from contextlib import closing

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import Words
from eventlog.contract import Log
from eventlog.reading import event_at

COLUMNS = [
    Column("version", Words("版本", "version"), Kind.COUNT),
    Column("lock_digest", Words("锁定摘要", "lock digest")),
    Column("kinds", Words("提交类型", "kinds"), Kind.COUNT),
    Column("state", Words("状态", "state")),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="本程序有哪些版规则、锁定摘要、现行哪一版 | The versions of the rules, their lock digests",
        epilog="示例: hengwen rules --json | Example: hengwen rules --json",
    )(rules)


def rules(context: typer.Context, *, json: JsonOption = False) -> None:
    """Show what AdoptRules must state; the version in force is that of the last verdict."""
    from admission.rules import VERSIONS  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    with closing(open_log(context.obj)) as log:
        in_force = _in_force(log)
    rows = [
        (version, module.LOCK.hex(), len(module.KINDS), output.words(_state(version, in_force)))
        for version, module in sorted(VERSIONS.items())
    ]
    output.records(COLUMNS, rows)


def _in_force(log: Log) -> int:
    """The version that the next submission is decided by; 0 if the log was not opened."""
    from domain.events import RulesAdopted  # noqa: PLC0415  # slow to import
    from schemas.codec import decode  # noqa: PLC0415  # as above

    last = log.last_position()
    if last == 0:
        return 0
    event = decode(event_at(log, last).value)
    version: int = event.adopted if isinstance(event, RulesAdopted) else event.rules
    return version


def _state(version: int, in_force: int) -> Words:
    if version == in_force:
        return Words("现行", "in force")
    if version < in_force:
        return Words("曾用", "was in force")
    return Words("未启用", "not adopted")
