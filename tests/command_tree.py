"""All commands at once, as tests of help texts and documents want them."""

from typing import Any

from app.cli import root
from app.menu import MENU


def tree() -> Any:
    """The command ``hengwen`` with every command loaded, help texts in both languages."""
    whole = root()
    for name in MENU:
        whole.load(name)
    return whole
