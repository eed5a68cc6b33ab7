"""Base45 (RFC 9285): bytes in the 45 letters of a QR code's alphanumeric mode."""

from typing import Final

LETTERS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES: Final = {letter: value for value, letter in enumerate(LETTERS)}
BASE: Final = 45


def encode(data: bytes) -> str:
    """
    Bytes as letters: two bytes are three letters, a last one is two.

    >>> encode(b"Hello!!"), encode(b"ietf!")
    ('%69 VD92EX0', 'QED8WEX0')
    """
    letters: list[str] = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, value = divmod(number, BASE)
            letters.append(LETTERS[value])
    return "".join(letters)


def decode(text: str) -> bytes:
    """
    Letters as bytes.

    Raises:
        ValueError: it is not base45.

    >>> decode("QED8WEX0")
    b'ietf!'
    """
    if any(letter not in _VALUES for letter in text):
        raise ValueError("a letter is not of base45")
    data = bytearray()
    for at in range(0, len(text), 3):
        group = [_VALUES[letter] for letter in text[at : at + 3]]
        number = sum(value * BASE**place for place, value in enumerate(group))
        try:
            data += number.to_bytes(len(group) - 1, "big")
        except OverflowError:
            raise ValueError("a group of letters is too large") from None
        if len(group) == 1:
            raise ValueError("a letter is left over")
    return bytes(data)
