"""What has landed never changes: bytes, schemas, verdicts, rules."""

import ast
import gzip
import inspect
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, replace
from hashlib import sha256
from types import ModuleType
from typing import Any

import fastavro
import pytest
from make_golden import HISTORY, LANDED, OF_NO_VERSION, RECORDS, golden_record

from admission.attempt import Submitted
from admission.decide import Admission
from admission.rules import VERSIONS, locks, v1
from admission.state import LAYOUT, State
from domain import events as e
from domain.refusal_texts import TEXTS
from domain.units import Micros
from schemas import codec, files

SHAPES = (5, "d68c377db47cd85afbf634fa0618f5f272c8ff0f4215c2cc066f0d06515896a8")
"""The layout of the rows of admission's state, and the digest of what they look like."""
GOLDEN: dict[str, str] = json.loads(RECORDS.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = json.loads(LANDED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("topic", sorted(files.RECORDS))
def test_golden_bytes_are_read_and_written_as_ever(topic: str) -> None:
    """One record of each kind, its bytes made once."""
    value = bytes.fromhex(GOLDEN[topic])
    assert codec.decode(value) == golden_record(topic)
    assert codec.encode(golden_record(topic)) == value


@pytest.mark.parametrize("fingerprint", sorted(SCHEMAS))
def test_a_landed_schema_keeps_its_text(fingerprint: str) -> None:
    """The log holds the text under this fingerprint: today's file must be the same or another."""
    landed = SCHEMAS[fingerprint]
    topic = landed["schema"]
    if topic in files.RECORDS and files.fingerprint(topic).hex() == fingerprint:
        text = files.text(topic)
        assert sha256(text.encode()).hexdigest() == landed["text_sha256"]
        assert json.loads(text) == landed["text"]


@pytest.mark.parametrize("fingerprint", sorted(SCHEMAS))
def test_every_landed_schema_can_be_read_by_todays_and_reads_todays(fingerprint: str) -> None:
    """Changes are compatible both ways: old records with new code, new records with old code."""
    landed = SCHEMAS[fingerprint]
    topic = landed["schema"]
    then, now = fastavro.parse_schema(landed["text"]), files.parsed(topic)
    written = bytes.fromhex(GOLDEN[topic])[codec.HEADER_BYTES :]
    value = fastavro.schemaless_reader(io.BytesIO(written), now)
    for writer, reader in ((then, now), (now, then)):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, writer, value)
        out.seek(0)
        assert fastavro.schemaless_reader(out, writer, reader)


def test_every_schema_has_landed() -> None:
    """A new schema is added to the landed ones in the commit that brings it."""
    now = {files.fingerprint(topic).hex() for topic in files.RECORDS}
    assert now <= set(SCHEMAS), "run: python tests/make_golden.py"


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_released_rules_are_as_locked(version: int) -> None:
    """A released check is never edited; a changed rule is a new function in the next version."""
    assert locks.broken(version, VERSIONS[version]) == [], (
        f"admission/rules/v{version}.lock.json no longer describes the code: put back what "
        "changed, and write a new check, with a new name, for the next version"
    )


def _checks() -> Iterator[Any]:
    for version in VERSIONS.values():
        for kind in version.KINDS.values():
            yield from kind.checks


def test_every_check_says_in_a_sentence_what_it_asks() -> None:
    """An auditor reads the rules as sentences."""
    assert [c.__name__ for c in _checks() if not (c.__doc__ or "").strip()] == []


TOLD: dict[str, Any] = json.loads(gzip.decompress(HISTORY.read_bytes()))


def _told(name: str) -> Iterator[tuple[Submitted, bytes]]:
    """The submissions of a branch, and the bytes of the verdicts on them."""
    told = TOLD[name]
    for (value, proof, proofs, at), verdict in zip(
        told["submitted"], told["verdicts"], strict=True
    ):
        read, signed = (None if v is None else bytes.fromhex(v) for v in (value, proof))
        yield Submitted(read, signed, proofs, Micros(at)), bytes.fromhex(verdict)


def _decided(name: str, rows: dict[str, bytes], versions: Any = VERSIONS) -> State:
    """Decide a branch again on the rows it goes on from; the state behind it."""
    state = State(lambda keys: {key: rows[key] for key in keys if key in rows})
    admission = Admission(state, versions)
    for submitted, verdict in _told(name):
        assert admission.decide(submitted).value == verdict
    return state


@pytest.fixture(scope="module")
def rows() -> dict[str, bytes]:
    """The state of the county from which the branches go on."""
    return _decided("given", {}).take_rows()


TURNED = ModuleType("v1")
vars(TURNED).update(
    LOCK=v1.LOCK,
    KINDS={name: replace(k, checks=k.checks[::-1]) for name, k in v1.KINDS.items()},
)
"""Version 1 with its checks asked from the last to the first."""


def _said(event: Any) -> dict[str, Any]:
    """What a verdict says, the links of its chains and the order of its reasons apart."""
    links = {"previous", "in_previous"}
    said = {f.name: getattr(event, f.name) for f in fields(event) if f.name not in links}
    return said | {"reasons": sorted(said.get("reasons", ()))}


@pytest.mark.parametrize("name", sorted(TOLD))
def test_the_order_of_checks_is_that_of_the_reasons_and_nothing_more(
    name: str, rows: dict[str, bytes]
) -> None:
    """No check depends on what another has found or chosen: events, draws and refusals stay."""
    known = rows if TOLD[name]["after"] else {}
    state = State(lambda keys: {key: known[key] for key in keys if key in known})
    admission = Admission(state, {1: TURNED})
    for submitted, verdict in _told(name):
        event = admission.decide(submitted).event
        assert _said(event) == _said(codec.decode(verdict))


@pytest.mark.parametrize("name", sorted(TOLD))
def test_a_golden_history_gives_the_same_verdicts_for_ever(
    name: str, rows: dict[str, bytes]
) -> None:
    """Submissions of version 1, decided once; decided again they give the same bytes."""
    _decided(name, rows if TOLD[name]["after"] else {})


def _verdicts() -> list[Any]:
    return [codec.decode(bytes.fromhex(v)) for told in TOLD.values() for v in told["verdicts"]]


def _shape(value: Any) -> Any:
    """What a row looks like, whatever stands in it."""
    if isinstance(value, list):
        return [_shape(one) for one in value]
    if isinstance(value, dict):
        return sorted({json.dumps(_shape(one)) for one in value.values()})
    return type(value).__name__


def test_rows_of_another_shape_have_another_layout(rows: dict[str, bytes]) -> None:
    """A state that an older program left must not be read as if it were ours."""
    found: dict[str, set[str]] = defaultdict(set)
    made = rows | _decided("whole programme", rows).take_rows()
    for key, row in made.items():
        found[key.split("/")[0]].add(json.dumps(_shape(json.loads(row))))
    told = json.dumps({kind: sorted(shapes) for kind, shapes in sorted(found.items())})
    assert (LAYOUT, sha256(told.encode()).hexdigest()) == SHAPES, (
        "raise LAYOUT in admission/state.py, and put both figures here"
    )


NOT_TOLD = {e.RulesAdopted: "the program that decides needs a version 2"}
"""Kinds of event without a golden verdict."""


def test_every_kind_of_event_and_every_refusal_has_a_golden_verdict() -> None:
    """All that version 1 can answer, but what is named with a reason."""
    events = _verdicts()
    assert set(e.EVENTS) - {type(event) for event in events} == set(NOT_TOLD)
    given = {reason.code for event in events for reason in getattr(event, "reasons", ())}
    assert set(TEXTS) - given == set(OF_NO_VERSION)


SILENT = {
    ("organisation_known", "ORGANISATION_UNKNOWN"): "authority refuses an unknown organisation",
    ("organisation_open", "ORGANISATION_UNKNOWN"): "authority refuses an unknown organisation",
}
"""What checks of version 1 would say if something before them did not say it first."""


def _named(check: Any) -> Iterator[tuple[str, str]]:
    """The codes that stand in a check itself."""
    for node in ast.walk(ast.parse(inspect.getsource(check))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
            code = node.args[0]
            assert isinstance(code, ast.Constant)
            yield check.__name__, str(code.value)


def test_every_check_refuses_something_in_the_golden_history(rows: dict[str, bytes]) -> None:
    """By every code that stands in it: whoever changes its meaning changes a golden verdict."""
    spoke: set[tuple[str, str]] = set()

    def heard(check: Any) -> Any:
        def asked(case: Any) -> Iterator[Any]:
            for refusal in check(case):
                spoke.add((check.__name__, refusal.code))
                yield refusal

        return asked

    listening = ModuleType("v1")
    vars(listening).update(
        LOCK=v1.LOCK,
        KINDS={
            name: replace(kind, gate=heard(kind.gate), checks=tuple(map(heard, kind.checks)))
            for name, kind in v1.KINDS.items()
        },
    )
    for name, told in TOLD.items():
        _decided(name, rows if told["after"] else {}, {1: listening})
    asked = {check for kind in v1.KINDS.values() for check in (kind.gate, *kind.checks)}
    silent = {check.__name__ for check in asked} - {name for name, _ in spoke}
    assert silent == {"organisation_known"}
    assert {told for check in asked for told in _named(check)} - spoke == set(SILENT)
