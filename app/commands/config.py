"""``hengwen config``: what this process is told, and by whom."""

import typer

from app.environment import given_text, variable
from app.output import Column, JsonOption, Output
from app.problems import Words

SETTING = Column("name", Words("设置", "setting"))
VALUE = Column("value", Words("值", "value"))
ORIGIN = Column("origin", Words("来源", "from"))
MEANING = Column("meaning", Words("含义", "meaning"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="显示全部设置，口令已遮盖 | Show every setting, secrets masked",
        epilog="示例: HENGWEN_LANG=en hengwen config | Example: HENGWEN_LANG=en hengwen config",
    )(config)


def config(context: typer.Context, *, json: JsonOption = False) -> None:
    """Show every setting with its value, where that came from and what it means."""
    from app import settings as all_settings  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    rows = [
        (
            variable(name),
            value,
            _origin(variable(name)),
            output.words(all_settings.meaning(name)),
        )
        for name, value in all_settings.shown(context.obj).items()
    ]
    output.records([SETTING, VALUE, ORIGIN, MEANING], rows)


def _origin(name: str) -> str:
    """Whether the value is given, by a file, or the default."""
    if given_text(name):
        return "environment"
    return "file" if given_text(f"{name}_FILE") else "default"
