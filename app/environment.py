"""
The environment as it is, of which app.settings makes settings. Nothing else reads it.

Light to import: the language in which to speak is needed before any setting is.
"""

import os
from collections.abc import Iterable
from typing import Final, Literal

PREFIX: Final = "HENGWEN_"


def variable(name: str) -> str:
    """Environment variable of a setting."""
    return PREFIX + name.upper()


def given_text(name: str) -> str:
    """What a variable says; empty if it is not set."""
    return os.environ.get(name, "")


def given_names() -> Iterable[str]:
    """The names of all variables that are set."""
    return os.environ.keys()


def wished_language() -> Literal["zh", "en"]:
    """The language asked for, as the setting is read: in capitals or not; else Chinese."""
    wished = {text for name, text in os.environ.items() if name.upper() == variable("lang")}
    return "en" if "en" in wished else "zh"
