"""
What a user sees: tables, JSON, money, progress, and the page that explains a problem.

A command describes its columns once; people get a table, programs get JSON.
"""

import datetime as dt
import json
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Annotated, Any, Final, Literal, NamedTuple

import typer

from app.problems import Problem, Words
from domain.refusal_texts import money

Lang = Literal["zh", "en"]

UNSEEN: Final = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ufeff\\ud800-\\udfff\\U000e0000-\\U000e007f]"
)
"""What steers a terminal, or cannot be seen: a stranger's file may hold it, and no text of ours does."""

EPOCH: Final = dt.date(1970, 1, 1)
BETWEEN: Final = "  "
"""Between the pieces of a line."""
BEIJING: Final = dt.timezone(dt.timedelta(hours=8))
FRAMES_MAX: Final = 3

JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON | print JSON")]
"""The option --json of every command: ``json: JsonOption = False``."""


class ReaderGone(Exception):
    """Whoever read the output has gone (``| head``): no problem, only the end."""


class Kind(Enum):
    """How a value is shown to people."""

    TEXT = "text"
    COUNT = "count"
    """A whole number with thousands separators."""
    MONEY = "money"
    """Fen, shown in yuan."""
    DAY = "day"
    """Days since 1970-01-01."""
    INSTANT = "instant"
    """Microseconds since 1970-01-01 UTC, shown in UTC+8."""


class Column(NamedTuple):
    """One column: its name in JSON, its heading, its kind."""

    name: str
    heading: Words
    kind: Kind = Kind.TEXT


def yuan(fen: int) -> str:
    """
    Fen as yuan with thousands separators.

    >>> yuan(123456789), yuan(-5)
    ('1,234,567.89', '-0.05')
    """
    return money(fen)


def day(days: int) -> str:
    """
    Days since 1970-01-01 as a date.

    >>> day(17932)
    '2019-02-05'
    """
    return (EPOCH + dt.timedelta(days=days)).isoformat()


def instant(micros: int) -> str:
    """
    Microseconds UTC as date and time in UTC+8.

    >>> instant(1549296000123000)
    '2019-02-05 00:00:00.123'
    """
    seconds, rest = divmod(micros, 1_000_000)
    at = dt.datetime.fromtimestamp(seconds, BEIJING)
    return f"{at:%Y-%m-%d %H:%M:%S}.{rest // 1000:03d}"


def seen(text: str) -> str:
    r"""
    A text without what steers a terminal.

    >>> seen("\x1b[2J")
    '�[2J'
    """
    return UNSEEN.sub("�", text)


def cell(value: Any, kind: Kind) -> str:  # what a row holds
    """One value as people read it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(cell(one, kind) for one in value)
    if isinstance(value, bool):
        return "✔" if value else "–"
    return _SHOWN[kind](value)


_SHOWN: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: lambda value: seen(str(value)).replace("\n", " "),
    Kind.COUNT: "{:,}".format,
    Kind.MONEY: yuan,
    Kind.DAY: day,
    Kind.INSTANT: instant,
}


class Output:
    """Where one command prints: results to stdout, in words or JSON, and remarks to stderr."""

    def __init__(self, *, lang: Lang = "zh", as_json: bool = False) -> None:
        self.lang = lang
        self.as_json = as_json

    @classmethod
    def of(cls, context: typer.Context, *, as_json: bool = False) -> "Output":
        """Output in the language of this call."""
        return cls(lang=context.obj.lang, as_json=as_json)

    def words(self, words: Words) -> str:
        """The text in this language."""
        return words.en if self.lang == "en" else words.zh

    def say(self, words: Words) -> None:
        """A line for people; programs that asked for JSON do not get it."""
        if not self.as_json:
            self.line(self.words(words))

    def line(self, text: str = "") -> None:
        """A line of the result."""
        _print(seen(text))

    def note(self, words: Words) -> None:
        """A remark beside the result, to stderr."""
        print(seen(self.words(words)), file=sys.stderr)  # noqa: T201  # the one place that prints

    def json(self, value: Any) -> None:  # whatever JSON can hold
        """The result for programs: fen as whole numbers, days and times in ISO 8601."""
        from app.iso_times import with_iso_times  # noqa: PLC0415  # beside the slow ones

        text = json.dumps(with_iso_times(value), ensure_ascii=False, indent=2, default=_plain)
        _print(UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text))

    def records(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Any]],
        *,
        title: Words | None = None,
        empty: Words = Words("(没有记录)", "(no records)"),  # noqa: B008  # a constant
    ) -> None:
        """Rows, as a table or as a JSON array of objects named by the columns."""
        if self.as_json:
            names = [column.name for column in columns]
            self.json([dict(zip(names, row, strict=True)) for row in rows])
            return
        self._table(columns, list(rows), title, empty)

    def facts(
        self,
        facts: Mapping[Column, Any] | Sequence[tuple[Column, Any]],
        *,
        title: Words | None = None,
    ) -> None:
        """One thing's properties, a line each, or one JSON object."""
        pairs = list(facts.items()) if isinstance(facts, Mapping) else list(facts)
        if self.as_json:
            self.json({column.name: value for column, value in pairs})
            return
        key, value = Column("key", Words("项目", "item")), Column("value", Words("内容", "value"))
        rows = [[self.words(c.heading), cell(content, c.kind)] for c, content in pairs]
        self._table([key, value], rows, title, Words("", ""))

    def _table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Any]],
        title: Words | None,
        empty: Words,
    ) -> None:
        """A table for people, as wide as the terminal."""
        from app.tables import Heading, lines_of, width_of  # noqa: PLC0415  # slow to import

        if title is not None:
            self.pieces(self.words(title).split(BETWEEN))
        if not rows:
            self.line(self.words(empty))
            return
        headings = [
            Heading(
                self.words(column.heading),
                right=column.kind in {Kind.MONEY, Kind.COUNT},
                text=column.kind is Kind.TEXT,
            )
            for column in columns
        ]
        cells = [[cell(v, c.kind) for v, c in zip(row, columns, strict=True)] for row in rows]
        for text in lines_of(headings, cells, width_of(sys.stdout)):
            self.line(text)

    def pieces(self, pieces: Sequence[str], *, indent: int = 0) -> None:
        """What belongs on one line; more than fits goes on below, further in."""
        from app.tables import flowing, width_of  # noqa: PLC0415  # slow to import

        for text in flowing(pieces, width_of(sys.stdout), indent=indent):
            self.line(text)

    @contextmanager
    def progress(self, words: Words, total: int | None) -> Iterator[Callable[[int], None]]:
        """
        A progress bar on stderr while long work runs; nothing if nobody looks.

        Gives a function that is told how much more is done. *total* None: not known.
        """
        if not sys.stderr.isatty():
            yield lambda _more: None
            return
        from rich.console import Console  # noqa: PLC0415  # slow to import
        from rich.progress import (  # noqa: PLC0415
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        console = Console(file=sys.stderr)
        with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
            task = bar.add_task(self.words(words), total=total)
            yield lambda more: bar.advance(task, more)

    def problem(self, problem: Problem) -> None:
        """The page that says what happened, where, and how to go on; JSON if that was asked for."""
        if self.as_json:
            self.json({"ok": False, "exit_code": problem.exit_code} | _page(problem, self.lang))
            return
        labels = {
            "what": Words("出了什么事", "What happened"),
            "where": Words("在哪里", "Where"),
            "how": Words("怎么办", "What to do"),
        }
        for key, text in _page(problem, self.lang).items():
            if text:
                body = text.strip().replace("\n", "\n    ")
                self.note(Words(f"{labels[key].zh}: {body}", f"{labels[key].en}: {body}"))


def _page(problem: Problem, lang: Lang) -> dict[str, str]:
    """What, where and how in one language."""
    what, how = (words.en if lang == "en" else words.zh for words in (problem.what, problem.how))
    return {"what": what, "where": problem.where, "how": how}


def raised_at(error: BaseException) -> str:
    """
    Class of an error and the last places it came through, without its message.

    Messages of foreign libraries quote what they were given, which may be a name.
    """
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    places = [f"{'/'.join(f.filename.rsplit('/', 2)[-2:])}:{f.lineno} {f.name}" for f in frames]
    return " > ".join([*places, type(error).__name__])


def _print(text: str) -> None:
    """One line to stdout."""
    try:
        print(text)  # noqa: T201  # the one place that prints
    except BrokenPipeError:
        raise ReaderGone from None


def _plain(value: Any) -> Any:  # as json's default is
    """What JSON does not know: bytes as hex, words in both languages, anything else as text."""
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
