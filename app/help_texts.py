"""Help pages in the reader's language: halves of texts, headings, what fits into a list of commands."""

import re
from typing import Any, Final

import typer

from app.output import Lang

SEPARATOR: Final = " | "
"""Between the Chinese and the English half of a help text."""
HELP_NAMES: Final = ["-h", "--help"]
HELP_OPTION: Final = "显示帮助 | show this page"
SHORT_HELP: Final = 48
"""Columns beside the names of commands, on a terminal of 80."""


def half(text: str, lang: Lang) -> str:
    """
    The half of a help text that is in this language; all of it if it has one half only.

    >>> half("余额 | balance", "en")
    'balance'
    """
    zh, separator, en = text.partition(SEPARATOR)
    return en if separator and lang == "en" else zh


def first_sentence(text: str) -> str:
    """
    What stands beside a command's name; of a long Chinese sentence what stands before its colon.

    A list of commands breaks lines at spaces only, and would drop the rest.

    >>> first_sentence("Take the digest. Equal digests, equal logs.")
    'Take the digest'
    >>> first_sentence("重建过去某一时点的读模型,与现在的并存:当时所知(以入账先后为准),查询照旧。")
    '重建过去某一时点的读模型,与现在的并存'
    """
    from rich.cells import cell_len  # noqa: PLC0415  # slow to import

    sentence = text.partition("。")[0].partition(". ")[0]
    if max(cell_len(word) for word in sentence.split(" ")) <= SHORT_HELP:
        return sentence
    return re.split("[:\uff1a;\uff1b]", sentence, maxsplit=1)[0]


def translate(command: Any, lang: Lang) -> None:  # typer does not export its Command
    """Keep one language's half of every help text, down the tree."""
    for attribute in ("help", "short_help", "epilog"):
        if text := getattr(command, attribute, None):
            setattr(command, attribute, half(text, lang))
    if command.help:
        command.short_help = first_sentence(command.help)
    command.get_help_option(typer.Context(command, help_option_names=HELP_NAMES)).help = half(
        HELP_OPTION, lang
    )
    for parameter in command.params:
        if text := getattr(parameter, "help", None):
            parameter.help = half(text, lang)
    for child in getattr(command, "commands", {}).values():
        translate(child, lang)
    _translate_headings(command, lang)


def _translate_headings(command: Any, lang: Lang) -> None:  # as above
    """Headings and marks of the command's page, which typer keeps in module constants."""
    shown = command.format_help

    def in_language(*given: Any) -> None:
        from typer import rich_utils  # noqa: PLC0415  # slow to import, and most calls show no help

        zh = lang == "zh"
        rich_utils.ARGUMENTS_PANEL_TITLE = "参数" if zh else "Arguments"
        rich_utils.OPTIONS_PANEL_TITLE = "选项" if zh else "Options"
        rich_utils.COMMANDS_PANEL_TITLE = "命令" if zh else "Commands"
        rich_utils.REQUIRED_LONG_STRING = "[必填]" if zh else "[required]"
        rich_utils.DEFAULT_STRING = "[默认: {}]" if zh else "[default: {}]"
        shown(*given)

    command.format_help = in_language
