"""
The words of the error report: per code, what happened and what to do, in Chinese and English.

The same code has the same words everywhere. Figures stand in braces; those that end in ``_fen``
are shown in yuan. No word is "illegal" or "invalid": say what is seen and how to go on.
"""

from collections.abc import Mapping
from typing import Final, Literal

from domain.refusal_texts import money, render
from publishers.roster.cell_texts import CELL_TEXTS
from publishers.roster.file_texts import FILE_TEXTS
from publishers.roster.problems import RosterProblem
from publishers.roster.text import Text

Lang = Literal["zh", "en"]


TEXTS: Final[Mapping[str, Text]] = {**FILE_TEXTS, **CELL_TEXTS}
"""Code → what happened and what to do."""


REFUSAL: Final = "refusal"
"""Figure that holds the code of a refusal by the ledger's rules; its own figures stand beside."""


def yuan(fen: str) -> str:
    """
    Fen as yuan with two decimals and thousands.

    >>> yuan("5000000")
    '50,000.00'
    """
    return money(int(fen))


def figures_shown(figures: Mapping[str, str]) -> dict[str, str]:
    """The figures of a text: those in fen as yuan."""
    return {
        name: yuan(value) if name.endswith("_fen") and value.isdecimal() else value
        for name, value in figures.items()
    }


def reason_of(problem: RosterProblem, lang: Lang) -> str:
    """What happened, in words."""
    text = TEXTS.get(problem.code)
    if text is None:
        return problem.code
    figures = figures_shown(problem.figures)
    if REFUSAL in figures:
        code = figures.pop(REFUSAL)
        figures["reason"] = render(code, problem.figures, english=lang == "en")
    pattern = text.zh if lang == "zh" else text.en
    return pattern.format_map(_Figures(figures))


def remedy_of(problem: RosterProblem, lang: Lang) -> str:
    """What to do, in words."""
    text = TEXTS.get(problem.code)
    if text is None:
        return ""
    pattern = text.how_zh if lang == "zh" else text.how_en
    return pattern.format_map(_Figures(figures_shown(problem.figures)))


class _Figures(dict[str, str]):
    def __missing__(self, key: str) -> str:
        """A figure that is not there: a report must never fail for its words."""
        return ""
