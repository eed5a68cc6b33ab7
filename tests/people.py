"""Impossible persons for tests: valid numbers, invented names."""

from vault.documents import check_digit
from vault.identities import Identity

MASTER_KEY = bytes(range(32))
LEDGER = bytes(range(32, 64))
NOW = 1_549_296_000_000_000
"""2019-02-05 in UTC+8."""


def number(n: int) -> str:
    """The n-th valid citizen number of people born in the 1960s in a district."""
    first_17 = f"632221{1960 + n % 10}{1 + n % 12:02d}{1 + n % 28:02d}{n // 1_000 % 1_000:03d}"
    return first_17 + check_digit(first_17)


def worker(n: int = 0, **more: str | None) -> Identity:
    """The n-th worker."""
    fields: dict[str, str | None] = {
        "name": "测试甲",
        "document_type": "RESIDENT_ID",
        "document_number": number(n),
        "employer": "样例矿业公司",
        "phone": f"139{n:08d}",
        "card": "6217000000123456786",
        "household": f"H{n // 3}",
    }
    return Identity(**(fields | more))  # type: ignore[arg-type]  # checked by the tests themselves
