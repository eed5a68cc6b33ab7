"""Versions of the rules: adopted with the digest of their lock, by programs that have them."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from doctored import under, version
from programme import COUNTY, Programme, codes, figures, funded, signer, state_dump
from refusal_scenes import opening

from admission.decide import Admission
from admission.rules import v1
from admission.state import State
from admission.versions import RulesMissing
from app.admitting import rules_missing
from domain import events as e
from domain import submissions as s
from evidence.reperformance import Difference, FieldDifference, Reperformance, Step
from evidence.verify_rows import Rows
from schemas import codec

TWO = version("two", CloseYear={"checks": ()})
"""A later version, under which a year can be closed at any time."""
OLD: dict[int, ModuleType] = {1: v1}
NEW: dict[int, ModuleType] = {1: v1, 2: TWO}


def adopt(given: Programme, lock: bytes, *, adopted: int = 2, by: Any = None) -> Any:
    """The next version of the rules is submitted; the event."""
    return given.do(s.AdoptRules, by or given.operator, adopted=adopted, lock_digest=lock)


def close_this_year(given: Programme) -> Any:
    """What version 1 refuses and version 2 does not."""
    return given.do(s.CloseYear, subtree=COUNTY, year=2019)


@pytest.fixture
def given() -> Programme:
    """A programme decided by a program that has version 2."""
    return under(funded(), v1=v1, v2=TWO)


def test_rules_are_adopted_with_the_digest_of_their_lock(given: Programme) -> None:
    """From the next submission on they are in force; the event carries the digest for ever."""
    assert codes(close_this_year(given)) == ["YEAR_NOT_OVER"]
    event = adopt(given, TWO.LOCK)
    assert (type(event), event.rules, event.adopted) == (e.RulesAdopted, 1, 2)
    assert event.lock_digest == TWO.LOCK
    after = close_this_year(given)
    assert (codes(after), after.rules) == ([], 2)


@pytest.mark.parametrize("lock", [bytes(32), v1.LOCK])
def test_another_digest_is_refused_with_both_figures(given: Programme, lock: bytes) -> None:
    """Whoever adopts other rules than this program has must not believe they are in force."""
    event = adopt(given, lock)
    assert codes(event) == ["DIGEST_MISMATCH"]
    assert figures(event) == {"field": "lock", "stated": lock.hex(), "found": TWO.LOCK.hex()}
    assert given.admission.state.ledger.rules == 1


def test_a_version_is_not_skipped_and_the_program_need_not_have_it(given: Programme) -> None:
    """No lock is asked for what is refused anyway."""
    event = adopt(given, bytes(32), adopted=4)
    assert (codes(event), figures(event)) == (["RULES_NOT_NEXT"], {"current": "1"})


def test_a_program_that_lacks_the_version_stops_before_deciding(given: Programme) -> None:
    """Neither accepted nor refused: a program that has it decides, and both logs are one."""
    given.save()
    under(given, v1=v1)
    position, before = given.verdicts[-1].position, state_dump(given)
    with pytest.raises(RulesMissing) as stopped:
        adopt(given, TWO.LOCK)
    assert stopped.value.args == (2, position + 1)
    assert stopped.value.adopting
    assert state_dump(given) == before
    told = rules_missing(stopped.value)
    assert f"第 {position + 1} 号提交要启用第 2 版规则" in told.what.zh
    assert told.how is not None
    assert f"goes on with submission {position + 1}" in told.how.en
    under(given, v1=v1, v2=TWO)
    assert codes(given.admission.decide(given.submitted[-1]).event) == []


def test_nobody_but_an_operator_can_stop_a_program(given: Programme) -> None:
    """Who has not the right, or not the signature, is refused by every program alike."""
    under(given, v1=v1)
    assert figures(adopt(given, TWO.LOCK, by=given.national)) == {"why": "KIND"}
    assert figures(adopt(given, TWO.LOCK, by=signer("stranger"))) == {"why": "KEY_UNKNOWN"}
    value = codec.encode(given.make(s.AdoptRules, adopted=2, lock_digest=TWO.LOCK))
    assert codes(given.send(value, None).event) == ["PROOF_MISSING"]


@pytest.mark.parametrize("poison", [b"", b"payment", b"\xc3\x01" + bytes(8), None])
def test_with_newer_rules_in_force_an_old_program_decides_nothing(
    given: Programme, poison: bytes | None
) -> None:
    """Not even what nobody can read: the newer rules may read it."""
    adopt(given, TWO.LOCK)
    under(given, v1=v1)
    with pytest.raises(RulesMissing) as stopped:
        given.send(poison, None)
    assert not stopped.value.adopting


def test_schemas_that_a_program_brings_change_no_verdict() -> None:
    """What has no schema of a kind in force is unknown, be it readable or not."""
    given = funded()
    without = version("v1")
    vars(without)["KINDS"] = {n: k for n, k in v1.KINDS.items() if n != "CloseYear"}
    under(given, v1=without)
    whole = codec.encode(given.make(s.CloseYear, subtree=COUNTY, year=2018))
    unknown = b"\xc3\x01" + bytes(8) + whole[10:]
    for value in (whole, whole + b"\0", whole[:-1], unknown):
        for proof in (None, b"proof", given.national.proofs([whole], ledger=given.ledger)[0]):
            event = given.send(value, proof).event
            assert codes(event) == ["UNKNOWN_SCHEMA"]
            assert event.kind is None  # type: ignore[attr-defined]  # a refusal
    new = signer("new")
    event = given.do(
        s.RegisterPublisher, given.operator, key=new.key, public_key=new.public_key,
        publisher_source="test", subtree=COUNTY, kinds=["CloseYear"],
    )  # fmt: skip
    assert codes(event) == ["KINDS_NOT_ALLOWED"]


BEFORE: dict[str, Callable[[Programme], Any]] = {
    "nothing": lambda p: p.send(None, None).event,
    "rubbish": lambda p: p.send(b"rubbish", None).event,
    "an unknown schema": lambda p: p.send(b"\xc3\x01" + bytes(8), None).event,
    "another kind": lambda p: p.do(s.CloseYear, subtree=COUNTY, year=2018),
}


@pytest.mark.parametrize("what", sorted(BEFORE))
def test_before_the_opening_all_else_is_refused_alike(what: str) -> None:
    """Whatever a program can read: the log is not open."""
    event = BEFORE[what](Programme())
    assert (codes(event), event.kind) == (["LOG_NOT_OPEN"], None)


def test_a_ledger_opens_under_the_rules_that_its_opening_names() -> None:
    """A right digest of any version that the program has; another digest is refused."""
    for first, rules in NEW.items():
        given = under(Programme(), v1=v1, v2=TWO)
        event = opening(given, first_rules=first, lock_digest=bytes(32))
        assert codes(event) == ["DIGEST_MISMATCH"]
        assert figures(event)["found"] == rules.LOCK.hex()
        event = opening(given, first_rules=first, lock_digest=rules.LOCK)
        assert (codes(event), event.rules) == ([], first)
        assert given.admission.state.ledger.rules == first


def test_a_ledger_of_newer_rules_is_not_opened_by_an_older_program() -> None:
    """It stops; but what is not even signed by the key it names is refused by every program."""
    given = Programme()
    with pytest.raises(RulesMissing) as stopped:
        opening(given, first_rules=2, lock_digest=TWO.LOCK)
    assert stopped.value.args == (2, 1)
    value = given.submitted[-1].value
    forged = signer("stranger").proofs([value or b""], ledger=bytes(32))[0]
    assert figures(given.send(value, forged).event) == {"why": "KEY_UNKNOWN"}


def steps_of(given: Programme) -> list[Step]:
    """Its submissions with their verdicts."""
    return [
        Step(v.position, one.value, one.proof, one.proofs, one.appended_at, v.value)
        for one, v in zip(given.submitted, given.verdicts, strict=True)
    ]


def test_re_performance_agrees_over_an_adoption_and_an_old_program_says_what_it_lacks(
    given: Programme,
) -> None:
    """Each stretch under its own rules; older programs verify up to the adoption."""
    close_this_year(given)
    adopt(given, bytes(32))
    adopt(given, TWO.LOCK)
    at = given.verdicts[-1].position
    close_this_year(given)
    steps = steps_of(given)
    with Rows() as rows:
        assert Reperformance(rows.load, rows.save, NEW).run(steps) is None
    with Rows() as rows:
        again = Reperformance(rows.load, rows.save, OLD)
        # The wrong digest was refused with that of version 2, which only a newer program knows.
        missing = Difference(at - 1, "RULES_MISSING", (FieldDifference("rules", "2", "1"),))
        assert again.run(steps) == missing
    assert Admission(State(lambda _: {}), OLD).decide(given.submitted[0]).value == steps[0].stored
