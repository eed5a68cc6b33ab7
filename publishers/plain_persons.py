"""Plain persons in lines: identities in place of vault person ids, and those to be sealed."""

from dataclasses import MISSING, fields
from typing import Any, Final

from domain.units import Day
from publishers.fields import BadField, shown
from vault.errors import Problem
from vault.identities import Identity, check_identity

PLAIN_FIELDS: Final = {
    "actor": ("*",),
    "reviewer": ("SubmitRoster",),
    "visitors": ("RecordVisit",),
    "person": ("RecordVisit",),
    "proxy": ("MakePayment",),
}
"""Field → kinds in which it may hold an identity instead of a vault person id."""
SEALED: Final = {
    "recipient": ("person", "sealed", "card", "phone", "household"),
    "worker": ("worker", "sealed_worker"),
}
"""Plain identity of MakePayment → fields the vault fills from it."""


def identity_of(value: object, path: str) -> Identity:
    """
    The identity in a JSON object.

    Raises:
        BadField: WRONG_TYPE, UNKNOWN_FIELD, MISSING_FIELD.
    """
    if not isinstance(value, dict):
        raise BadField("WRONG_TYPE", path, "object")
    known = {field.name: field.default is MISSING for field in fields(Identity)}
    for name, part in value.items():
        if name not in known:
            raise BadField("UNKNOWN_FIELD", f"{path}.{shown(name)}")
        if not isinstance(part, str) and (part is not None or known[name]):
            raise BadField("WRONG_TYPE", f"{path}.{name}", "text")
    staff = value.get("document_type") == "STAFF"
    for name, needed in known.items():
        if needed and name not in value and not (staff and name == "name"):
            raise BadField("MISSING_FIELD", f"{path}.{name}")
    return Identity(**({"name": ""} | value))


def identity_parts(identity: Identity) -> dict[str, str]:
    """The fields of an identity that are there, as written."""
    named = ((field.name, getattr(identity, field.name)) for field in fields(Identity))
    return {name: value for name, value in named if value is not None}


def take_persons(kind: str, values: dict[str, Any]) -> dict[str, list[Identity | str]]:
    """Person fields that hold an identity, taken out of *values*."""
    found: dict[str, list[Identity | str]] = {}
    for name, kinds in PLAIN_FIELDS.items():
        value = values.get(name)
        listed = value if isinstance(value, list) else [value]
        if (kinds != ("*",) and kind not in kinds) or not any(isinstance(v, dict) for v in listed):
            continue
        if isinstance(value, list) and name != "visitors":
            raise BadField("WRONG_TYPE", name, "text")
        found[name] = [v if isinstance(v, str) else identity_of(v, name) for v in listed]
        del values[name]
    return found


def problems_of(identity: Identity, *, employer_needed: bool, today: Day) -> tuple[Problem, ...]:
    """What the vault will refuse about an identity of a line."""
    return check_identity(
        identity, on=today, fold_old=True, employer_needed=employer_needed
    ).problems
