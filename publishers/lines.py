"""
Submissions as JSON lines: one object a line, typed from the schemas.

``{"type": "MakePayment", "organisation": …}`` with the fields of the record of that name. What the
vault does on the way may be left out: plain identities stand under ``recipient`` and ``worker``,
persons may be given as identities, ``submission_id`` and the id of the thing itself are derived.
The format is described in docs/publishing.md.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from uuid import UUID

from domain.business_ids import BUSINESS_IDS
from domain.parts import Attestation
from domain.submissions import SUBMISSION_BYTES_MAX, SUBMISSIONS, Submission
from domain.units import Day
from publishers.fields import BadField, fields_of, kind_of, shown, typed, typed_fields, untyped
from publishers.plain_persons import (
    SEALED,
    identity_of,
    identity_parts,
    problems_of,
    take_persons,
)
from schemas.codec import encode
from vault.identities import Identity

LINE_BYTES_MAX: Final = 256 * 1024
"""Longest line: a 32 KiB value in hexadecimal, several times over."""
SMALL_LINE_BYTES: Final = 20_000
"""A shorter line cannot give a value over 32 KiB: values are smaller than their JSON."""
PROBLEMS_MAX: Final = 200

KINDS: Final[dict[str, type[Submission]]] = {cls.__name__: cls for cls in SUBMISSIONS}


class BadLine(ValueError):
    """A line is no submission: *line* from 1, *code*, *field* (empty: the line itself)."""

    def __init__(self, line: int, code: str, field: str = "", wanted: str = "") -> None:
        super().__init__(f"line {line}: {code} {field}".rstrip())
        self.line = line
        self.code = code
        self.field = field
        self.wanted = wanted


class BadLines(ValueError):
    """Lines of a file are no submissions; at most the first 200 are told."""

    def __init__(self, problems: Sequence[BadLine]) -> None:
        super().__init__(f"{len(problems)} lines cannot be read")
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Line:
    """A submission as written: what it says, and what the vault still has to fill in."""

    number: int
    kind: type[Submission]
    values: dict[str, Any]
    """Typed fields of the record that were written or are null."""
    plain: dict[str, Identity]
    """recipient and worker."""
    persons: dict[str, list[Identity | str]]
    """Person fields written as identities; a single one is a list of one."""
    attestations: tuple[Attestation, ...]

    @property
    def needs_vault(self) -> bool:
        """Whether anything was left to the vault."""
        return bool(self.plain or self.persons or self.left_ids)

    @property
    def left_ids(self) -> tuple[str, ...]:
        """Ids that were left out: they are derived by the vault."""
        own = BUSINESS_IDS.get(self.kind.__name__)
        return tuple(n for n in (own, "submission_id") if n and n not in self.values)

    def canonical(self) -> bytes:
        """
        What the derived ids depend on: every field that is not null, identities as written.

        Frozen as form 1. The submission id is not part of it: it names an attempt, not the thing.
        """
        parts: dict[str, Any] = {
            name: untyped(value)
            for name, value in self.values.items()
            if value is not None and name != "submission_id"
        }
        parts |= {name: identity_parts(identity) for name, identity in self.plain.items()}
        for name, persons in self.persons.items():
            parts[name] = [p if isinstance(p, str) else identity_parts(p) for p in persons]
        body = {"form": 1, "type": self.kind.__name__, "fields": parts}
        return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_lines(source: Iterable[bytes]) -> Iterator[Line]:
    """
    The submissions in *source*, lines of UTF-8; blank lines are passed over.

    Raises:
        BadLine: the first line that is none.
    """
    for number, raw in enumerate(source, start=1):
        if raw.strip():
            yield read_line(number, raw)


class LineCount(NamedTuple):
    """How many submissions a file holds, and how many of them leave something to the vault."""

    lines: int
    needing_vault: int


def check_lines(
    source: Iterable[bytes],
    *,
    with_vault: bool,
    today: Day | None = None,
    seen: Callable[[int], None] | None = None,
) -> LineCount:
    """
    Count the submissions in *source*, if every line is one.

    *today*: plain identities are checked too, as the vault will check them on that day. *seen* is
    told of each line's bytes.

    Raises:
        BadLines: with the first 200 lines that are none; VAULT_NEEDED for those that leave
            something to a vault when there is none.
    """
    problems: list[BadLine] = []
    count = needing = 0
    for number, raw in enumerate(source, start=1):
        if seen is not None:
            seen(len(raw))
        if raw.strip():
            count += 1
            needing += _check_line(number, raw, problems, vault=with_vault, today=today)
            if len(problems) == PROBLEMS_MAX:
                break
    if problems:
        raise BadLines(problems)
    return LineCount(count, needing)


def _check_line(
    number: int, raw: bytes, problems: list[BadLine], *, vault: bool, today: Day | None
) -> bool:
    """Whether a line needs the vault; what is wrong with it goes into *problems*."""
    try:
        line = read_line(number, raw)
    except BadLine as problem:
        problems.append(problem)
        return False
    if line.needs_vault and not vault:
        left = (*line.plain, *line.persons, *line.left_ids)
        problems.append(BadLine(number, "VAULT_NEEDED", left[0]))
    elif len(raw) > SMALL_LINE_BYTES and _value_bytes(line) > SUBMISSION_BYTES_MAX:
        problems.append(BadLine(number, "VALUE_TOO_LARGE", wanted=f"{SUBMISSION_BYTES_MAX} bytes"))
    elif today is not None:
        problems += identity_problems(line, today)
    return line.needs_vault


def _value_bytes(line: Line) -> int:
    """The size of a line's value; what the vault fills in is taken at its usual size."""
    usual = {"uuid": str(UUID(int=0)), "string": "x" * 32, "bytes": bytes(1024), "array": []}
    left = [f for f in fields_of(line.kind.TOPIC) if f.name not in line.values]
    filled = {field.name: usual[kind_of(field.schema)] for field in left}
    return len(encode(line.kind(**(line.values | filled))))


def identity_problems(line: Line, today: Day) -> list[BadLine]:
    """What the vault would refuse about the plain identities of a line."""
    named = [(name, identity, True) for name, identity in line.plain.items()]
    named += [
        (name, person, False)
        for name, persons in line.persons.items()
        for person in persons
        if isinstance(person, Identity)
    ]
    return [
        BadLine(line.number, problem.code, f"{name}.{problem.field}")
        for name, identity, sealed in named
        for problem in problems_of(identity, employer_needed=sealed, today=today)
    ]


def read_line(number: int, raw: bytes) -> Line:
    """
    The submission on line *number*.

    Raises:
        BadLine: LINE_TOO_LONG, NOT_UTF8, NOT_JSON, NOT_AN_OBJECT, DUPLICATE_FIELD, UNKNOWN_TYPE,
            and the codes of publishers.fields.
    """
    try:
        values = _parsed(number, raw)
        kind = _kind(values)
        plain = {
            name: identity_of(values.pop(name), name)
            for name in SEALED
            if kind.__name__ == "MakePayment" and isinstance(values.get(name), dict)
        }
        persons = take_persons(kind.__name__, values)
        attestations = _attestations(values)
        return Line(
            number, kind, _typed(kind, values, plain, persons), plain, persons, attestations
        )
    except BadField as problem:
        raise BadLine(number, problem.code, problem.field, problem.wanted) from None


def _parsed(number: int, raw: bytes) -> dict[str, Any]:
    if len(raw) > LINE_BYTES_MAX:
        raise BadLine(number, "LINE_TOO_LONG", wanted=f"{LINE_BYTES_MAX} bytes")
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise BadLine(number, "NOT_UTF8") from None
    try:
        values = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except BadField:
        raise
    except (ValueError, RecursionError):
        # The parser's message quotes nothing, but its exception holds the whole line.
        raise BadLine(number, "NOT_JSON") from None
    if not isinstance(values, dict):
        raise BadLine(number, "NOT_AN_OBJECT")
    return values


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadField("DUPLICATE_FIELD", shown(name))
        found[name] = value
    return found


def _no_constant(_text: str) -> float:
    raise ValueError("NaN and Infinity are not JSON")


def _kind(values: dict[str, Any]) -> type[Submission]:
    name = values.pop("type", None)
    kind = KINDS.get(name.removeprefix("hengwen.")) if isinstance(name, str) else None
    if kind is None:
        raise BadField("UNKNOWN_TYPE", "type")
    return kind


def _attestations(values: dict[str, Any]) -> tuple[Attestation, ...]:
    """What a vault has attested about fields that were sealed beforehand."""
    value = values.pop("attestations", None)
    if value is None:
        return ()
    field = next(f for f in fields_of("hengwen.SubmissionProof") if f.name == "attestations")
    return tuple(typed(field, value, "attestations"))


def _typed(
    kind: type[Submission],
    values: Mapping[str, Any],
    plain: Mapping[str, Identity],
    persons: Mapping[str, Any],
) -> dict[str, Any]:
    """The written fields, typed; those the vault fills in or derives are not among them."""
    filled = {name for sealed in plain for name in SEALED[sealed]}
    for name in filled:
        if values.get(name) is not None:
            raise BadField("FILLED_BY_VAULT", name)
    own = BUSINESS_IDS.get(kind.__name__)
    derived = {name for name in ("submission_id", own) if name and values.get(name) is None}
    later = filled | derived | set(persons)
    wanted = tuple(field for field in fields_of(kind.TOPIC) if field.name not in later)
    return typed_fields(wanted, {n: v for n, v in values.items() if n not in later})
