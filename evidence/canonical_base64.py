"""Base64 (RFC 4648) of which one text only stands for some bytes: padded, and spare bits are zero."""

import base64


def encode(data: bytes) -> str:
    """The text of some bytes."""
    return base64.b64encode(data).decode()


def decode(text: str) -> bytes:
    """
    The bytes in a text.

    Raises:
        ValueError: it is no base64, or another text stands for the same bytes.
    """
    data = base64.b64decode(text, validate=True)
    if encode(data) != text:
        raise ValueError("not canonical")
    return data
