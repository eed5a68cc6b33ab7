"""Pieces of the sample: invented people, stable ids, one submission as a line."""

from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

ROOT, PROVINCE, CITY, DISTRICT, TOWN = "ACFTU", "SF-63", "SF-6322", "SF-632221", "SF-632221-T1"
COUNTY_B = "SF-632222"
CENTRES = (
    (PROVINCE, "省"),
    (CITY, "州"),
    (DISTRICT, "甲县"),
    (COUNTY_B, "乙县"),
    (TOWN, "甲县一镇"),
)
WAN = 1_000_000
"""10,000 yuan in fen."""
Line = dict[str, Any]


def uuid(*parts: object) -> str:
    """An id that is always the same for a thing of the sample."""
    digest = sha256("/".join(map(str, ("sample", *parts))).encode()).digest()
    return str(UUID(bytes=digest[:16], version=4))


def resident_id(number: int) -> str:
    """
    An invented identity number with a right check digit.

    Its sequence number 000 is given to nobody.
    """
    born = date(1960, 1, 1) + timedelta(days=number)
    first = f"632221{born:%Y%m%d}000"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


def worker(number: int, employer: str) -> Line:
    """An invented worker."""
    letters = "甲乙丙丁戊己庚辛壬癸"
    name = f"样{letters[number % 10]}{letters[number // 10 % 10]}"
    return {
        "name": name, "document_type": "RESIDENT_ID", "document_number": resident_id(number),
        "employer": employer,
    }  # fmt: skip


def staff(code: str) -> Line:
    """A member of staff, known by a staff code."""
    return {"document_type": "STAFF", "document_number": code, "employer": "样例工会"}


def line(kind: str, organisation: str, day: str, **fields: Any) -> Line:
    """One submission."""
    return {"type": kind, "organisation": organisation, "occurred_on": day} | fields


FREE: Line = {"regions": [], "categories": [], "tiers": [], "occasions": []}
