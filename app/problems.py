"""What went wrong, said so that the reader can do something about it, in both languages."""

from typing import Final, NamedTuple

EXIT_CHECK_FAILED: Final = 1
"""A check was made and failed: the answer is no."""
EXIT_BAD_INPUT: Final = 2
"""The input, a setting or a service must be put right first."""
EXIT_FENCED: Final = 3
"""Another process has taken over; this one must not go on."""
EXIT_INTERRUPTED: Final = 130
"""Stopped from the keyboard: 128 + SIGINT."""


class Words(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str


class Problem(Exception):
    """
    Something a user can put right: what happened, where, and how to go on.

    Texts never hold a name, a document number, a phone or a card.
    """

    def __init__(
        self, what: Words, *, how: Words, where: str = "", exit_code: int = EXIT_BAD_INPUT
    ) -> None:
        super().__init__(what.en)
        self.what = what
        self.how = how
        self.where = where
        self.exit_code = exit_code
