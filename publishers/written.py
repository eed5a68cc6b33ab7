"""Submissions written as JSON lines, so that publishers.lines reads the same submissions again."""

import json
from typing import Any, Final

from domain.calendar import iso
from publishers.client import Signable
from publishers.fields import fields_of, kind_of

ATTESTATIONS: Final = next(
    field for field in fields_of("hengwen.SubmissionProof") if field.name == "attestations"
)


def written(signable: Signable) -> str:
    """One line, without its line feed: the submission's fields, and its attestations if any."""
    submission = signable.submission
    values: dict[str, Any] = {"type": type(submission).__name__}
    for field in fields_of(submission.TOPIC):
        value = getattr(submission, field.name)
        if value is not None:
            values[field.name] = _written(field.schema, value)
    if signable.attestations:
        values["attestations"] = _written(ATTESTATIONS.schema, signable.attestations)
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _written(schema: Any, value: Any) -> Any:
    match kind_of(schema):
        case "date":
            return iso(value)
        case "bytes" | "fixed":
            return bytes(value).hex()
        case "array":
            return [_written(schema["items"], part) for part in value]
        case "record":
            return {
                part["name"]: _part(part["type"], getattr(value, part["name"]))
                for part in schema["fields"]
            }
        case _:
            return value


def _part(schema: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(schema, list):
        schema = next(branch for branch in schema if branch != "null")
    return _written(schema, value)
