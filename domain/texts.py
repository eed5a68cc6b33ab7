"""
What texts in the log look like: codes, tokens, keys, numbers of documents, names of organisations.

None of them can be an identity number, a phone or a card. A name cannot be told from a word: it is
kept out where a token or a code must stand, and by asking for a digit in a document's number.
"""

import re
from typing import Final

CODE_TEXT: Final = r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"
TOKEN_TEXT: Final = r"[pcth]-[a-z2-7]{24}"  # noqa: S105  no secret
TOKEN: Final = re.compile(TOKEN_TEXT)
"""
A vault's random id of a person, a card, a phone or a household, in the exact form in which it makes
them: a name written in letters has not its length, and every mobile number has a 1, every identity
number a 0, 1, 8 or 9.
"""
KEY: Final = re.compile(r"[0-9a-f]{32}")

_BETWEEN: Final = r"(?:[^\w\n]|_)*+"
"""Whatever may stand between digits and is neither letter nor digit: however many, of any kind."""
_DIGIT: Final = rf"\d{_BETWEEN}"
_BORN: Final = (
    rf"(?:1{_BETWEEN}9{_BETWEEN}\d|2{_BETWEEN}0{_BETWEEN}0){_BETWEEN}\d{_BETWEEN}"
    rf"(?:0{_BETWEEN}[1-9]|1{_BETWEEN}[0-2]){_BETWEEN}"
    rf"(?:0{_BETWEEN}[1-9]|[12]{_BETWEEN}\d|3{_BETWEEN}[01])"
)
"""A day of birth, 1900 to 2009: later days stand in codes of the programme's own."""
PERSON_NUMBER_TEXT: Final = (
    rf"(?:{_DIGIT}){{15}}"  # an identity number of 15 or 18 digits, a card
    rf"|(?<!\d)[1-9]{_BETWEEN}(?:{_DIGIT}){{5}}{_BORN}"  # where and when somebody was born
    rf"|(?<!\d)(?:(?:00)?86{_BETWEEN})?[1１]{_BETWEEN}[3-9３-９]{_BETWEEN}(?:{_DIGIT}){{8}}\d(?!\d)"  # a mobile
)
PERSON_NUMBER: Final = re.compile(PERSON_NUMBER_TEXT)
"""
Digits by which a person could be known, however they are parted: an identity number, also without
its last four; a bank card; a mobile number, if no other digits touch it.
"""
NO_NUMBER_OF_A_PERSON: Final = rf"(?!.*?(?:{PERSON_NUMBER_TEXT}))"
CODE: Final = re.compile(rf"(?=.{{1,64}}\Z){NO_NUMBER_OF_A_PERSON}{CODE_TEXT}")
TITLE: Final = re.compile(
    rf"(?=.{{1,100}}\Z){NO_NUMBER_OF_A_PERSON}[^\x00-\x20\x7f][^\x00-\x1f\x7f]{{0,99}}"
)
DOCUMENT: Final = re.compile(
    rf"(?=.{{1,100}}\Z){NO_NUMBER_OF_A_PERSON}(?=.*[0-9])[^\s\x00-\x1f\x7f０-９]{{1,100}}"
)
"""The number of a document has a digit, which a person's name has not, and no space."""
NAME: Final = re.compile(
    rf"(?=.{{1,200}}\Z){NO_NUMBER_OF_A_PERSON}[^\x00-\x20\x7f][^\x00-\x1f\x7f]{{0,199}}"
)
ORIGIN: Final = re.compile(r"[^\s+\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}")
"""The origin of checkpoints: the name of a key in a signed note (C2SP signed-note), so no space, no plus."""
USCC: Final = re.compile(r"[0-9A-Z]{18}")
"""A unified social credit code; it may be digits only, its check is made elsewhere."""
ALL_CODES: Final = re.compile(rf"{CODE_TEXT}(?:\n{CODE_TEXT})*")
ALL_TOKENS: Final = re.compile(rf"{TOKEN_TEXT}(?:\n{TOKEN_TEXT})*")
