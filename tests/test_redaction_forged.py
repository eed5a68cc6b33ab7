"""What a redaction cannot hide: a verdict on a submission that nobody signed who might."""

import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from packs import key_text, pack_of, verified
from packs_forged import altered, rewritten
from programme import COUNTY, OTHER_COUNTY, ROOT, Programme, funded, signer

from admission.attempt import Submitted
from admission.decide import Admission, Verdict
from admission.fold import apply
from admission.state import State
from domain import events as e
from domain import submissions as s
from evidence.pack import Wanted
from evidence.pack_layout import SUBMISSIONS
from evidence.verify_checks import Check
from schemas.codec import decode


def _recorded(made: Programme, at: int) -> None:
    """The operator records the redaction of a submission."""
    event = made.do(
        s.RedactSubmission, made.operator, organisation=ROOT, original_position=at,
        original_digest=made.verdicts[at - 1].event.submission_digest, reason_code="PLAIN_IDENTITY",
    )  # fmt: skip
    assert isinstance(event, e.SubmissionRedacted)


def _one_of(pack: Path, at: int, change: Any) -> None:
    """Change the submission at a position of a pack."""
    rewritten(pack, lambda ks: [change(k) if k.position == at else k for k in ks], SUBMISSIONS)


@pytest.fixture(
    scope="module", params=[Wanted(), Wanted(organisation=COUNTY)], ids=["whole", "part"]
)
def redacted(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, int]:
    """A whole pack, and a county's, without the content of one submission; its position."""
    made = funded(5_000_000)
    made.pay(1, dossier="样例甲 1")
    at = made.verdicts[-1].position
    _recorded(made, at)
    pack = pack_of(made, tmp_path_factory.mktemp("redacted"), wanted=request.param)
    assert not verified(pack).failed
    return pack, at


@pytest.mark.parametrize(
    "change",
    [
        lambda kept: kept._replace(headers=()),
        lambda kept: kept._replace(headers=(("hengwen-proof", b"junk"),)),
        lambda kept: kept._replace(headers=kept.headers * 2),
        lambda kept: kept._replace(value=b"any lie"),
    ],
    ids=["no proof", "junk", "doubled", "a value beside"],
)
def test_a_redacted_submission_keeps_its_proof_and_nothing_else(
    change: Any, redacted: tuple[Path, int], tmp_path: Path
) -> None:
    """In a whole pack and in a county's."""
    untouched, at = redacted
    pack = tmp_path / "pack"
    shutil.copytree(untouched, pack)
    _one_of(pack, at, change)
    found = verified(pack).first
    assert found is not None
    assert (found.name in {"DECISIONS", "SUBMISSIONS"}, found.position) == (True, at)


def _forged(made: Programme, tmp_path: Path, proof: bytes | None, **fields: Any) -> Check | None:
    """The operator invents a verdict, and a redaction of the submission that never was."""
    at, lie = made.verdicts[-1].position, sha256(b"never submitted").digest()
    named = None if proof is None else sha256(proof).digest()
    told = {"submission_digest": lie, "proof_digest": named} | fields
    value = altered(made.verdicts[-1].value, **told)
    again = Admission(State(lambda _: {}))
    for one in made.verdicts[:-1]:
        apply(again.state, one.position, one.event, one.value)
    apply(again.state, at, decode(value), value)
    made.admission = again
    made.verdicts[-1] = Verdict(at, decode(value), value)
    proofs, when = int(proof is not None), made.submitted[-1].appended_at
    made.submitted[-1] = Submitted(b"never submitted", proof, proofs, when)
    _recorded(made, at)
    return verified(pack_of(made, tmp_path), key_text(made)).first


def test_a_refusal_that_nobody_signed_for_is_not_hidden_by_a_redaction(tmp_path: Path) -> None:
    """Neither without a proof nor with rubbish, nor with the proof of another submission."""
    for number in range(3):
        made = funded(5_000_000)
        made.pay(1, dossier="样例甲 1")
        proof = (None, b"nothing", made.submitted[-1].proof)[number]
        (tmp_path / str(number)).mkdir()
        found = _forged(made, tmp_path / str(number), proof, business_id=made.fresh())
        assert found is not None
        assert (found.name, found.code) == ("DECISIONS", "NOT_PROVEN")
        assert found.fields[0].stored == (
            "PROOF_MISSING", "PROOF_MALFORMED", "SIGNATURE_WRONG"
        )[number]  # fmt: skip


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("operator", "SOURCE"),
        ("visits", "KIND"),
        ("elsewhere", "ORGANISATION"),
        ("gone", "KEY_ENDED"),
    ],
)
def test_a_refusal_signed_by_a_key_that_may_not_is_not_hidden(
    who: str, why: str, tmp_path: Path
) -> None:
    """Signed, but by the operator, for other kinds, for another county, by a key that has ended."""
    made = funded(5_000_000)
    key = made.operator if who == "operator" else signer(who)
    if who != "operator":
        kinds = ["RecordVisit"] if who == "visits" else ["MakePayment"]
        made.publisher(key, OTHER_COUNTY if who == "elsewhere" else COUNTY, kinds)
    if who == "gone":
        made.do(s.RevokePublisher, made.operator, key=key.key, reason_code="X")
    paid = made.pay(1, dossier="样例甲 1")
    source = paid.source if who == "operator" else "test"
    [proof] = key.proofs([b"never submitted"], ledger=made.ledger, attestations=[[]])
    found = _forged(made, tmp_path, proof, source=source)
    assert found is not None
    assert (found.name, found.code, found.fields[0].stored) == ("DECISIONS", "NOT_PROVEN", why)


def test_a_payment_that_was_accepted_is_left_out_of_no_part(tmp_path: Path) -> None:
    """Of a county's pack that ends before its checkpoint, where a record might stand behind it."""
    made = funded(5_000_000)
    made.pay(1)
    at = made.verdicts[-1].position
    made.pay(2)
    digest = made.verdicts[at - 1].event.submission_digest
    pack = pack_of(made, tmp_path, wanted=Wanted(organisation=COUNTY, last=at))
    assert not verified(pack).failed
    _one_of(pack, at, lambda kept: kept._replace(value=None, redacted=digest))
    found = verified(pack).first
    assert found is not None
    assert (found.name, found.code, found.position) == ("SUBMISSIONS", "NOT_REDACTABLE", at)
