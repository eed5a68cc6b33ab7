"""Poison and attacks: every record gets one verdict, and none of these moves a fen."""

import gzip
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from programme import (
    COUNTY,
    FUND,
    KINDS,
    OTHER_COUNTY,
    ROOT,
    Programme,
    codes,
    figures,
    funded,
    signer,
    state_dump,
)

from admission.decide import Admission
from admission.rules import v1
from admission.rules.kinds import Kind
from admission.state import State
from domain import submissions as s
from domain.parts import Key
from domain.signing import NO_LEDGER
from domain.submissions import SUBMISSION_BYTES_MAX
from publishers.memory_vault import MemoryVault
from schemas import codec, files


@pytest.fixture
def given() -> Programme:
    """A county with money."""
    return funded()


def signed(given: Programme, submission: Any, attestations: Any = ()) -> tuple[bytes, bytes]:
    """Value and proof of a submission as its publisher would send it."""
    value = codec.encode(submission)
    proof = given.national.proofs([value], ledger=given.ledger, attestations=[attestations])[0]
    return value, proof


POISON: dict[str, Callable[[Programme], Any]] = {
    "EMPTY_VALUE": lambda p: p.send(None, None),
    "NOT_AVRO": lambda p: p.send(b"{}", None),
    "UNKNOWN_SCHEMA": lambda p: p.send(files.MARKER + bytes(40), None),
    "NOT_CANONICAL": lambda p: p.send(signed(p, p.payment(1)[0])[0] + b"\x00", None),
    "OVERSIZED": lambda p: p.send(bytes(SUBMISSION_BYTES_MAX + 1), None),
    "PROOF_MISSING": lambda p: p.send(signed(p, p.payment(1)[0])[0], None),
    "PROOF_DOUBLED": lambda p: p.send(*signed(p, p.payment(1)[0]), 2),
    "PROOF_MALFORMED": lambda p: p.send(signed(p, p.payment(1)[0])[0], b"\xc3\x01proof"),
}


@pytest.mark.parametrize("code", sorted(POISON))
def test_poison_is_refused_with_digest_and_size(given: Programme, code: str) -> None:
    """It is kept as what it was, moves nothing, and is forgotten as an id."""
    before = {k: v for k, v in _rows(given).items() if k.startswith(("account", "id/", "payment"))}
    event = POISON[code](given).event
    assert codes(event) == [code]
    assert event.stream == "refusals/-"
    assert event.submission_id is None
    submitted = given.submitted[-1]
    assert event.value_size == len(submitted.value or b"")
    after = {k: v for k, v in _rows(given).items() if k.startswith(("account", "id/", "payment"))}
    assert after == before
    assert codes(given.pay(1)) == []


def _rows(given: Programme) -> dict[str, bytes]:
    given.save()
    return dict(given.rows)


def test_a_compressed_bomb_is_as_large_as_its_bytes(given: Programme) -> None:
    """What the broker passes on is judged by its own size; nothing here unpacks it."""
    bomb = gzip.compress(bytes(50_000_000))
    assert codes(given.send(bomb, None).event) == ["OVERSIZED"]


def test_a_forged_signature_pays_nobody(given: Programme) -> None:
    """The right key id with another's signature."""
    submission, attestations = given.payment(1)
    value = codec.encode(submission)
    forged = signer("thief").proofs([value], ledger=given.ledger, attestations=[attestations])[0]
    proof = replace(codec.decode(forged), key=given.national.key)
    event = given.send(value, codec.encode(proof)).event
    assert codes(event) == ["SIGNATURE_WRONG"]


def test_a_proof_for_another_ledger_is_worth_nothing(given: Programme) -> None:
    """A batch signed for a trial ledger cannot be replayed on the real one."""
    submission, attestations = given.payment(1)
    value = codec.encode(submission)
    for ledger in (bytes(32), bytes(range(32))):
        proof = given.national.proofs([value], ledger=ledger, attestations=[attestations])[0]
        assert codes(given.send(value, proof).event) == ["SIGNATURE_WRONG"]


def test_a_garbage_path_fails_also_when_a_sibling_came_first(given: Programme) -> None:
    """What is remembered of a sibling never lets a wrong path through."""
    some = [given.payment(n, occasion="DAILY", campaign="2019-DAILY") for n in (1, 2, 3, 4)]
    values = [codec.encode(submission) for submission, _ in some]
    proofs = given.national.proofs(values, ledger=given.ledger, attestations=[a for _, a in some])
    assert codes(given.send(values[0], proofs[0]).event) == []
    right = codec.decode(proofs[1])
    for path in ([right.path[0], bytes(32)], [bytes(32), right.path[1]], right.path[:1], []):
        wrong = codec.encode(replace(right, path=path))
        assert codes(given.send(values[1], wrong).event) == ["SIGNATURE_WRONG"]
    wrong_index = codec.encode(replace(right, index=2))
    assert codes(given.send(values[1], wrong_index).event) == ["SIGNATURE_WRONG"]
    assert codes(given.send(values[1], proofs[1]).event) == []


def test_an_attestation_is_good_for_its_own_payment_only(given: Programme) -> None:
    """Replayed for another payment, person, amount of sealed bytes or county it is refused."""
    submission, attestations = given.payment(1)
    for change in (
        {"payment": given.fresh()},
        {"person": "p-somebodyqqqqqqqqqqqqqqqq"},
        {"sealed": submission.sealed + b"\x00"},
        {"organisation": OTHER_COUNTY},
    ):
        changed = replace(submission, submission_id=given.fresh(), **change)
        assert "NOT_ATTESTED" in codes(given.submit(changed, None, attestations))


def test_a_stolen_publisher_key_alone_pays_nobody(given: Programme) -> None:
    """Without the vault there is no attestation; with another vault's there is none either."""
    submission, _ = given.payment(1)
    assert "NOT_ATTESTED" in codes(given.submit(submission))
    other = MemoryVault(given.ledger, today=given.today, seed=b"other")
    other.vault = given.vault.vault
    given.vault = other
    assert "NOT_ATTESTED" in codes(given.pay(2))


def test_a_revoked_vault_attests_no_more(given: Programme) -> None:
    """Everything ordered after the revocation is refused; what was paid before stands."""
    assert codes(given.pay(1)) == []
    given.do(s.RevokeVault, given.operator, vault=given.vault.vault, reason_code="LOST")
    assert figures(given.pay(2))["why"] == "VAULT"


def test_money_of_another_county_is_out_of_reach(given: Programme) -> None:
    """A county's key speaks for the county only."""
    county = signer("county")
    given.publisher(county, OTHER_COUNTY, [k for k in KINDS if k != "RegisterPublisher"])
    event = given.pay(1, by=county)
    assert codes(event) == ["NOT_AUTHORISED"]
    assert event.organisation is None


def test_what_was_not_authorised_burns_no_id(given: Programme) -> None:
    """A stranger who guesses an id cannot take it away from its owner."""
    submission, attestations = given.payment(1)
    assert codes(given.submit(submission, signer("stranger"), attestations)) == ["NOT_AUTHORISED"]
    assert codes(given.submit(submission, None, attestations)) == []


def test_ids_are_used_once_for_ever(given: Programme) -> None:
    """The same attempt is answered with the first verdict, other content under it is refused."""
    submission, attestations = given.payment(1)
    first = given.submit(submission, None, attestations)
    again = given.submit(submission, None, attestations)
    assert again.TOPIC == "hengwen.SubmissionRepeated"
    position = next(v.position for v in given.verdicts if v.event is first)
    assert again.original_position == position
    other = given.submit(replace(submission, amount_fen=1), None, attestations)
    assert codes(other) == ["SUBMISSION_ID_REUSED"]
    assert other.original_position == position
    anew = replace(submission, submission_id=given.fresh())
    assert codes(given.submit(anew, None, attestations)) == ["ALREADY_RECORDED"]


def test_a_second_opening_changes_nothing(given: Programme) -> None:
    """Whoever can write to the topic cannot open the ledger again with keys of their own."""
    thief = signer("thief")
    value = codec.encode(
        replace(
            codec.decode(given.submitted[0].value or b""),
            operator_keys=[Key(thief.key, thief.public_key)],
            submission_id=given.fresh(),
        )
    )
    proof = thief.proofs([value], ledger=NO_LEDGER)[0]
    assert codes(given.send(value, proof).event) == ["LOG_ALREADY_OPEN"]


def test_an_identity_number_never_gets_into_a_code(given: Programme) -> None:
    """A publisher's mistake is refused, and the refusal does not repeat it."""
    for field, wrong in (
        ("person", "632221190001010014"), ("evidence", "632221190001010014"),
        ("evidence", "张三"), ("card", "6222021000112345672"), ("phone", "13800000000"),
        ("dossier", "6217000000123456786"), ("actor", "张三"),
    ):  # fmt: skip
        submission, attestations = given.payment(1)
        event = given.submit(replace(submission, **{field: wrong}), None, attestations)
        assert "FIELD_MALFORMED" in codes(event), field
        assert wrong.encode() not in given.verdicts[-1].value


def _raising(kind: Kind, error: type[BaseException]) -> Kind:
    def defect(_: Any) -> Any:
        raise error

    changed = {f: getattr(kind, f) for f in Kind.__slots__}
    return Kind(**(changed | {"checks": (*kind.checks, defect)}))


def _versions(error: type[BaseException]) -> Any:
    broken = dict(v1.KINDS)
    broken["MakePayment"] = _raising(broken["MakePayment"], error)
    return {1: SimpleNamespace(KINDS=broken, LOCK=v1.LOCK), 2: v1}


def test_a_defect_in_a_rule_is_a_verdict_until_its_repair_is_adopted(given: Programme) -> None:
    """The ledger goes on, the payment waits refused, and the next version pays it."""
    given.admission = Admission(given.admission.state, _versions(ZeroDivisionError))
    before = state_dump(given)
    assert codes(given.pay(1)) == ["RULE_FAILED"]
    assert figures(given.verdicts[-1].event) == {"error": "ZeroDivisionError"}
    assert before != state_dump(given)  # the refusal itself was recorded
    assert codes(given.grant(100)) == []
    event = given.do(s.AdoptRules, given.operator, adopted=2, lock_digest=v1.LOCK)
    assert codes(event) == []
    assert codes(given.pay(2)) == []


@pytest.mark.parametrize("error", [MemoryError, OSError, RecursionError])
def test_an_error_of_the_machine_stops_the_process_instead(
    given: Programme, error: type[BaseException]
) -> None:
    """Nothing is decided, so the same submission is decided after the restart."""
    given.save()
    good = given.admission
    given.admission = Admission(State(lambda k: {i: given.rows[i] for i in k if i in given.rows}),
                                _versions(error))  # fmt: skip
    submission, attestations = given.payment(1)
    with pytest.raises(error):
        given.submit(submission, None, attestations)
    given.admission = good
    assert codes(given.submit(submission, None, attestations)) == []


def test_every_submission_has_exactly_one_verdict_in_order(given: Programme) -> None:
    """Record n of the events is the verdict on submission n, and carries its digest."""
    for poison in POISON.values():
        poison(given)
    assert [v.position for v in given.verdicts] == list(range(1, len(given.submitted) + 1))
    assert given.admission.state.account(COUNTY, FUND) is not None
    assert given.admission.state.organisation(ROOT) is not None


def test_a_code_that_was_seen_before_is_no_token(given: Programme) -> None:
    """What is remembered as a well-formed code does not pass where a vault's token must stand."""
    assert codes(given.pay(1)) == []
    submission, attestations = given.payment(2)
    event = given.submit(replace(submission, actor=COUNTY), None, attestations)
    assert codes(event) == ["FIELD_MALFORMED"]
    assert event.actor is None
