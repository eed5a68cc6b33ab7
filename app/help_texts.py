"""Help texts: the half that is in the reader's language, and what fits into a list of commands."""

import re
from typing import Final

from app.output import Lang

SEPARATOR: Final = " | "
"""Between the Chinese and the English half of a help text."""
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
