"""
The command ``hengwen``: settings before, an exit code after, and no traceback for a user.

Exit codes: 0 fine, 1 a check failed, 2 bad input, 3 fenced, 70 a fault of ours, 130 interrupted.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, Final, cast

import typer
from typer.exceptions import Abort, Exit, TyperException

from app.environment import wished_language
from app.help_texts import HELP_NAMES, translate
from app.menu import Menu
from app.output import Lang, Output, ReaderGone, raised_at
from app.problems import EXIT_BAD_INPUT, EXIT_FENCED, EXIT_INTERRUPTED, Problem, Words

EXIT_FAULT: Final = 70
"""A fault of ours (EX_SOFTWARE), which must not look like a check that failed."""
HELP: Final = "恒温：送温暖资金的可审计总账 | hengwen: the auditable ledger of the relief programme"
LANGUAGES: Final = ("zh", "en")
USAGE: Final = {
    "No such command": "没有这个命令",
    "No such option:": "没有这个选项:",
    "Missing argument": "缺少参数",
    "Missing option": "缺少选项",
    "Got unexpected extra arguments": "多余的参数",
    "Got unexpected extra argument(s)": "多余的参数",
    "Got unexpected extra argument": "多余的参数",
    "Input should be greater than or equal to": "应不小于",
    "Input should be a valid integer, unable to parse string as an integer": "应为整数",
    "Input should be a valid number, unable to parse string as a number": "应为数字",
    "requires an argument": "后面缺少值",
    "does not take a value": "后面不应有值",
    "Invalid value for": "取值不对:",
    "is not a valid": "不是",
    "is not one of": "不在这些之中:",
    "Did you mean": "是不是",
    "Possible options": "相近的选项",
}
"""What typer says of a command line, and in Chinese."""
EXAMPLES: Final = (
    "示例: hengwen config;hengwen --lang en balance --json;hengwen trace payment ID"
    " | Examples: hengwen config; hengwen --lang en balance --json; hengwen trace payment ID"
)


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has gone; that is no problem
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; its exit code."""
    output = Output(lang=_language(arguments), as_json="--json" in arguments)
    try:
        command = root(output.lang)
        code = command(args=list(arguments), prog_name="hengwen", standalone_mode=False)
    except BaseException as error:  # noqa: BLE001  # the one place where everything ends
        return explain(error, output)
    return code if isinstance(code, int) else 0


def _language(arguments: Sequence[str]) -> Lang:
    """Language of help and of problems, known before anything is parsed."""
    for option, value in pairwise([*arguments, ""]):
        name, _, joined = option.partition("=")
        chosen = joined or value
        if name == "--lang" and chosen in LANGUAGES:
            return cast("Lang", chosen)
    return wished_language()


def root(lang: Lang | None = None) -> Any:  # typer does not export its Command
    """The command ``hengwen``, in one language or both; it loads a command when it is asked for."""
    app = typer.Typer(
        cls=Menu,
        help=HELP,
        epilog=EXAMPLES,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": HELP_NAMES},
    )
    app.callback()(_every_command)
    command: Any = typer.main.get_command(app)
    if lang is not None:
        translate(command, lang)
        command.lang = lang
    command.before = _set_up
    return command


def _version(wanted: bool) -> None:  # as typer calls it
    """Print the version, and end."""
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  # slow to import

        typer.echo(version("hengwen"))
        raise Exit


def _every_command(
    lang: Annotated[str, typer.Option(help="语言 zh 或 en | language, zh or en")] = "",
    version: Annotated[  # noqa: ARG001  # answered before any command
        bool,
        typer.Option("--version", is_eager=True, callback=_version, help="版本 | version"),
    ] = False,
) -> None:
    """Check the options of all commands."""
    if lang not in {"", *LANGUAGES}:
        raise Problem(
            Words("没有这种语言。", "There is no such language."),
            where=f"--lang {lang}",
            how=Words("用 --lang zh 或 --lang en。", "Use --lang zh or --lang en."),
        )


def _set_up(context: typer.Context) -> None:
    """Read the settings and set up logging before a command runs; a help page needs neither."""
    from app.logging import set_up_logging  # noqa: PLC0415  # slow to import
    from app.settings import Settings, strangers  # noqa: PLC0415

    lang = context.find_root().params["lang"]
    given: dict[str, Any] = {"lang": lang} if lang else {}
    settings = Settings.from_environment(**given)
    set_up_logging(settings.log_format)
    context.obj = settings
    for name, nearest in strangers().items():
        Output.of(context).note(_stranger(name, nearest))


def _stranger(name: str, nearest: str) -> Words:
    """A variable that means nothing, which its owner believes to count."""
    if not nearest:
        return Words(f"不认识 {name},没有用它。", f"{name} is unknown and not used.")
    return Words(
        f"不认识 {name},没有用它。是 {nearest} 吗?",
        f"{name} is unknown and not used. Is it {nearest}?",
    )


def explain(error: BaseException, output: Output) -> int:
    """Say what ended the command; its exit code."""
    if isinstance(error, (Exit, SystemExit)):
        code = error.exit_code if isinstance(error, Exit) else error.code
        return code if isinstance(code, int) else 0
    if isinstance(error, (KeyboardInterrupt, Abort)):
        output.note(Words("已中断。", "Interrupted."))
        return EXIT_INTERRUPTED
    if isinstance(error, ReaderGone):
        return 0
    if _debugging():
        traceback.print_exception(error)
    if isinstance(error, TyperException) and not error.format_message():
        return EXIT_BAD_INPUT  # no command was named, so help was printed
    problem = error if isinstance(error, Problem) else _problem_of(error, output.lang)
    output.problem(problem)
    return problem.exit_code


def _debugging() -> bool:
    """Whether a developer asked for tracebacks."""
    from app.settings import Settings  # noqa: PLC0415  # slow to import

    try:
        return Settings.from_environment().debug
    except Problem:
        return False


def _translated(message: str, lang: Lang) -> str:
    """What typer says of a command line, in the language of the user."""
    if lang == "zh":
        for english, chinese in USAGE.items():
            message = message.replace(english, chinese)
    return message


def _of_command(error: TyperException) -> str:
    """The command whose use was wrong."""
    context = getattr(error, "ctx", None)
    return "hengwen" if context is None else str(context.command_path)


def _problem_of(error: BaseException, lang: Lang) -> Problem:
    """An error of the tools or of another room, as something a user can act on."""
    if isinstance(error, TyperException):
        return Problem(
            Words("命令写得不对。", "The command cannot be read."),
            where=_translated(error.format_message(), lang),
            how=Words(
                f"{_of_command(error)} --help 列出用法与示例。",
                f"`{_of_command(error)} --help` shows how it is used.",
            ),
        )
    from app.faults import known  # noqa: PLC0415  # slow to import

    return known(error) or Problem(
        Words("程序内部出错，数据未受影响。", "The program has a fault; no data was harmed."),
        where=raised_at(error),
        how=Words(
            "把上面一行报给维护者；设 HENGWEN_DEBUG=1 可见完整堆栈。",
            "Report the line above; HENGWEN_DEBUG=1 shows all of it.",
        ),
        exit_code=EXIT_FAULT,
    )


__all__ = ["EXIT_BAD_INPUT", "EXIT_FENCED", "main", "run"]
