"""
The check of texts: codes, tokens and numbers of documents, and nothing else.

The log takes no free text, and no digits by which a person could be known: whoever would put an
identity number, a phone or a card into a code is refused before it is stored in a refusal too.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any, Final, NamedTuple

import domain.parts
from admission.case import Case
from domain.refusals import Refusal
from domain.texts import (
    ALL_CODES,
    ALL_TOKENS,
    CODE,
    DOCUMENT,
    KEY,
    NAME,
    PERSON_NUMBER,
    TITLE,
    TOKEN,
    USCC,
)
from schemas.files import RECORDS, parsed

PATTERNS: Final[dict[str, re.Pattern[str]]] = {
    **dict.fromkeys(
        ("actor", "person", "worker", "other", "proxy", "reviewer", "visitors", "persons",
         "card", "phone", "household"),
        TOKEN,
    ),
    **dict.fromkeys(("key", "new_key", "old_key"), KEY),
    **dict.fromkeys(
        ("document", "approval_document", "unit_certificate", "evidence", "dossier",
         "proxy_document", "case"),
        DOCUMENT,
    ),
    **dict.fromkeys(("policy", "edition", "origin"), TITLE),
    "name": NAME,
    "uscc": USCC,
}  # fmt: skip
"""Field → what it must look like; every other text field holds a code."""
SEEN_MAX: Final = 50_000
_SEEN: Final[set[str]] = set()
"""Codes that were found well formed: there are few, and each payment carries a dozen of them."""
FREE: Final = frozenset({"text"})
"""Schemas are JSON; their own check reads them."""


class Texts(NamedTuple):
    """The text fields of one kind of submission."""

    codes: tuple[str, ...]
    tokens: tuple[str, ...]
    single: tuple[tuple[str, re.Pattern[str]], ...]
    many: tuple[tuple[str, re.Pattern[str]], ...]
    parts: tuple[tuple[str, tuple[tuple[str, re.Pattern[str]], ...]], ...]
    """Lists of parts, and the text fields of each part."""


@cache
def texts_of(topic: str) -> Texts:
    """The text fields of the submission *topic*, sorted by how they are checked."""
    found: dict[str, list[Any]] = {name: [] for name in Texts._fields}
    identifiers = {f["name"] for f in parsed(topic)["fields"] if '"uuid"' in json.dumps(f["type"])}
    for field in fields(RECORDS[topic]):
        if field.name in identifiers:
            continue  # reading the record has checked how they are spelt
        kind = str(field.type)
        pattern = PATTERNS.get(field.name, CODE)
        part = re.search(r"Sequence\[(?:domain\.parts\.)?(\w+)\]", kind)
        if part is not None and part[1] != "str":
            found["parts"].append((field.name, _texts_of_part(part[1])))
        elif part is not None:
            found["many"].append((field.name, pattern))
        elif "str" not in kind or field.name in FREE:
            continue
        elif pattern is CODE:
            found["codes"].append(field.name)
        elif pattern is TOKEN:
            found["tokens"].append(field.name)
        else:
            found["single"].append((field.name, pattern))
    return Texts(**{name: tuple(listed) for name, listed in found.items()})


def _texts_of_part(name: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    part = getattr(domain.parts, name)
    return tuple(
        (field, PATTERNS.get(field, CODE))
        for field, kind in part.__annotations__.items()
        if "str" in str(kind)
    )


def texts_well_formed(case: Case) -> Iterator[Refusal]:
    """Codes look like codes, tokens like tokens, numbers of documents like such."""
    submission = case.submission
    texts = texts_of(submission.TOPIC)
    for name in malformed(submission, texts):
        yield Refusal("FIELD_MALFORMED", field=name)


def malformed(submission: Any, texts: Texts) -> Iterator[str]:
    """The names of the fields that do not look as they must."""
    yield from _malformed_codes(submission, texts.codes, CODE, ALL_CODES)
    yield from _malformed_codes(submission, texts.tokens, TOKEN, ALL_TOKENS)
    for name, pattern in texts.single:
        value = getattr(submission, name)
        if value is not None and pattern.fullmatch(value) is None:
            yield name
    for name, pattern in texts.many:
        if not all(pattern.fullmatch(value) for value in getattr(submission, name)):
            yield name
    for name, inner in texts.parts:
        if not all(_part_well_formed(part, inner) for part in getattr(submission, name)):
            yield name


def _malformed_codes(
    submission: Any, names: tuple[str, ...], each: re.Pattern[str], together: re.Pattern[str]
) -> Iterator[str]:
    values = [v for n in names if (v := getattr(submission, n)) is not None]
    if not values or (each is CODE and _SEEN.issuperset(values)):
        return
    # All at once, the usual case; none holds a line feed, so none can pose as two.
    joined = "\n".join(values)
    if (
        together.fullmatch(joined)
        and joined.count("\n") == len(values) - 1
        and not PERSON_NUMBER.search(joined)
    ):
        if each is CODE and len(_SEEN) < SEEN_MAX:
            _SEEN.update(values)
        return
    for name in names:
        value = getattr(submission, name)
        if value is not None and each.fullmatch(value) is None:
            yield name


def _part_well_formed(part: Any, inner: tuple[tuple[str, re.Pattern[str]], ...]) -> bool:
    return all(pattern.fullmatch(getattr(part, field)) for field, pattern in inner)
