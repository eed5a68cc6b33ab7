"""
The reference part of docs/publishing.md, written from the schemas.

``python -m publishers.line_format docs/publishing.md`` writes it anew; a test compares the two.
"""

import sys
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Final

from domain.business_ids import BUSINESS_IDS
from domain.submissions import SUBMISSIONS, Submission
from publishers.fields import Field, fields_of, kind_of
from publishers.lines import KINDS
from publishers.plain_persons import PLAIN_FIELDS, SEALED
from schemas.files import parsed
from vault.identities import Identity

BEGIN: Final = "<!-- generated: begin -->"
END: Final = "<!-- generated: end -->"
KIND_NAMES: Final = {
    "string": "text",
    "uuid": "UUID, lower case",
    "bytes": "bytes, hexadecimal or base64",
    "int": "whole number",
    "long": "whole number",
    "boolean": "true or false",
    "date": "date, `2019-01-20`",
}
COMMON: Final = tuple(field.name for field in dataclass_fields(Submission))


def reference() -> str:
    """The generated part, between its marks."""
    return "\n".join([BEGIN, *_lines(), END])


def rewritten(page: str) -> str:
    """The page with the generated part as of now."""
    before, _, rest = page.partition(BEGIN)
    return before + reference() + rest.partition(END)[2]


def _lines() -> Iterator[str]:
    yield ""
    yield "### Fields of every submission"
    yield ""
    yield from _table(next(iter(KINDS)), common=True)
    yield "### Plain identities"
    yield ""
    names = [field.name for field in dataclass_fields(Identity)]
    yield "An identity is an object of texts: " + ", ".join(f"`{name}`" for name in names) + "."
    yield ""
    for cls in SUBMISSIONS:
        yield f"### {cls.__name__}"
        yield ""
        yield parsed(cls.TOPIC)["doc"]
        yield ""
        yield from _table(cls.__name__, common=False)


def _table(name: str, *, common: bool) -> Iterator[str]:
    found = [f for f in fields_of(KINDS[name].TOPIC) if (f.name in COMMON) is common]
    if found:
        yield "| field | type | may be left out | meaning |"
        yield "|---|---|---|---|"
        for field in found:
            yield f"| `{field.name}` | {_type(field)} | {_left_out(name, field)} | {field.doc} |"
        yield ""


def _type(field: Field) -> str:
    kind = kind_of(field.schema)
    if kind == "array":
        inner = field._replace(schema=field.schema["items"])
        return f"list of {_type(inner)}"
    if kind == "fixed":
        return f"{field.schema['size']} bytes, hexadecimal or base64"
    if kind == "record":
        parts = ", ".join(f"`{part['name']}`" for part in field.schema["fields"])
        return f"object: {parts}"
    return KIND_NAMES[kind]


def _left_out(name: str, field: Field) -> str:
    """Whether a field may be left out, and what it is then."""
    for plain, filled in SEALED.items():
        if name == "MakePayment" and field.name in filled:
            return f"the vault fills it from `{plain}`"
    if field.name in ("submission_id", BUSINESS_IDS.get(name)):
        return "the vault derives it"
    kinds = PLAIN_FIELDS.get(field.name, ())
    person = "; may be an identity" if kinds == ("*",) or name in kinds else ""
    return ("null" if field.nullable else "no") + person


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
