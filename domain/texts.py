"""
What texts in the log look like: codes, tokens, keys, numbers of documents, names of organisations.

None of them can be an identity number, a phone or a card. A name cannot be told from a word: it is
kept out where a token or a code must stand, and by asking for a digit in a document's number.
"""

import re
from typing import Final

CODE_TEXT: Final = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
TOKEN_TEXT: Final = r"[a-z]{1,8}-[a-z2-7]{4,48}"  # noqa: S105  no secret
CODE: Final = re.compile(rf"(?!.*[0-9]{{15}}){CODE_TEXT}")
TOKEN: Final = re.compile(TOKEN_TEXT)
"""
A vault's random id of a person, a card, a phone or a household, never the thing itself: every
mobile number has a 1, every identity number a 0, 1, 8 or 9.
"""
KEY: Final = re.compile(r"[0-9a-f]{32}")
NO_NUMBER_OF_A_PERSON: Final = (
    r"(?!.*(?:[0-9０-９][-._·\s]?){15})(?!.*(?<![0-9])1[3-9](?:[-\s]?[0-9]){9}(?![0-9]))"
)
"""Not the digits of an identity number or a card, however they are spaced, nor a mobile number."""
TITLE: Final = re.compile(rf"{NO_NUMBER_OF_A_PERSON}[^\x00-\x20\x7f][^\x00-\x1f\x7f]{{0,99}}")
DOCUMENT: Final = re.compile(rf"{NO_NUMBER_OF_A_PERSON}(?=.*[0-9])[^\s\x00-\x1f\x7f０-９]{{1,100}}")
"""The number of a document has a digit, which a person's name has not, and no space."""
NAME: Final = re.compile(rf"{NO_NUMBER_OF_A_PERSON}[^\x00-\x20\x7f][^\x00-\x1f\x7f]{{0,199}}")
MANY_DIGITS: Final = re.compile(r"[0-9]{15}")
USCC: Final = re.compile(r"[0-9A-Z]{18}")
"""A unified social credit code; it may be digits only, its check is made elsewhere."""
ALL_CODES: Final = re.compile(rf"{CODE_TEXT}(?:\n{CODE_TEXT})*")
ALL_TOKENS: Final = re.compile(rf"{TOKEN_TEXT}(?:\n{TOKEN_TEXT})*")
