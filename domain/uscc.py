"""
Unified social credit codes, GB 32100-2015.

Our own few lines, because verdicts depend on them; python-stdnum is the judge in the tests.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
LENGTH: Final = 18


def check_character(first: str) -> str:
    """The eighteenth character for the first seventeen (GB/T 17710, MOD 31)."""
    total = sum(ALPHABET.index(c) * w for c, w in zip(first, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def uscc_valid(code: str) -> bool:
    """
    Whether *code* has 18 characters of the alphabet, digits for the division, and its check.

    >>> uscc_valid("13530103015119637B"), uscc_valid("135301030151196370")
    (True, False)
    """
    return (
        len(code) == LENGTH
        and all(c in ALPHABET for c in code)
        and code[2:8].isdigit()
        and check_character(code[:17]) == code[17]
    )
