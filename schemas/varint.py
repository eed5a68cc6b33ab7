# ruff: noqa: PLR2004  seven bits a byte, ten bytes at most: the format itself
"""Numbers as Avro writes them: zigzag varints, in their shortest form only; and limits of types."""

import re
from typing import Final

LONG_MIN: Final = -(1 << 63)
LONG_MAX: Final = (1 << 63) - 1
INT_MAX: Final = (1 << 31) - 1
DAY_MIN: Final = -719_162  # 0001-01-01
DAY_MAX: Final = 2_932_896  # 9999-12-31
MICROS_MIN: Final = -62_135_596_800_000_000
MICROS_MAX: Final = 253_402_300_799_999_999
UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class Canonical(ValueError):
    """The bytes are not the canonical ones, or the field does not fit its type."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The zigzag number at *at*, and where it ends; refuses overlong forms and more than 64 bits."""
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise Canonical("varint")
    if (byte == 0 and shift) or result >> 64:
        raise Canonical("varint")
    return (result >> 1) ^ -(result & 1), at


def write_varint(number: int) -> bytes:
    """The shortest zigzag form of a 64-bit number."""
    if not LONG_MIN <= number <= LONG_MAX:
        raise OverflowError("not a 64-bit number")
    left = (number << 1) ^ (number >> 63)
    out = bytearray()
    while left > 0x7F:
        out.append((left & 0x7F) | 0x80)
        left >>= 7
    out.append(left)
    return bytes(out)


SMALL: Final = tuple(write_varint(n) for n in range(8192))
"""The forms of small numbers: almost every length, version and index."""


def uuid_text(text: str) -> str:
    """*text*, if it is an identifier in lower case with hyphens."""
    if UUID.fullmatch(text) is None:
        raise Canonical("identifier")
    return text
