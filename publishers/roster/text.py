"""The shape of a text of the error report."""

from typing import NamedTuple


class Text(NamedTuple):
    """What happened and what to do, in both languages."""

    zh: str
    how_zh: str
    en: str
    how_en: str
