"""Authority: which key may say what for whom, judged where the submission stands."""

from typing import Any

import pytest
from doctored import under, version
from hypothesis import given as of_any
from hypothesis import strategies as st
from programme import (
    CITY,
    COUNTY,
    FUND,
    KINDS,
    OTHER_COUNTY,
    PROVINCE,
    ROOT,
    TOWN,
    Programme,
    codes,
    figures,
    funded,
    signer,
)
from whole_programme import everything

from admission.rules import v1
from domain import submissions as s
from domain.publisher import OPERATOR_KINDS, OPERATOR_ONLY
from domain.texts import ORIGIN
from evidence.key_texts import is_name
from publishers.signing import Signer
from schemas import codec

COUNTY_KINDS = [*KINDS, "RotatePublisherKey"]
BY_OPERATORS = sorted(OPERATOR_KINDS)


@pytest.fixture
def given() -> Programme:
    """A county with money and a key of its own."""
    programme = funded()
    programme.publisher(signer("county"), COUNTY, COUNTY_KINDS)
    return programme


def refused(event: Any) -> str:
    """Why a submission was not authorised."""
    assert codes(event) == ["NOT_AUTHORISED"]
    return figures(event)["why"]


def registered(given: Programme, by: Signer, new: Signer, **fields: Any) -> Any:
    """One publisher gives another a key."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "key": new.key, "public_key": new.public_key,
        "publisher_source": "test", "subtree": COUNTY, "kinds": ["MakePayment"],
    }  # fmt: skip
    return given.do(s.RegisterPublisher, by, **(defaults | fields))


def revoked(given: Programme, by: Signer, key: Signer, **fields: Any) -> Any:
    """A publisher's key is revoked."""
    defaults: dict[str, Any] = {"organisation": COUNTY, "key": key.key, "reason_code": "LOST"}
    return given.do(s.RevokePublisher, by, **(defaults | fields))


def rotated(given: Programme, by: Signer, old: Signer, new: Signer, **fields: Any) -> Any:
    """A publisher's key is replaced."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "old_key": old.key, "new_key": new.key,
        "public_key": new.public_key,
    }  # fmt: skip
    return given.do(s.RotatePublisherKey, by, **(defaults | fields))


# -- operators ------------------------------------------------------------------------------------

MOVES_MONEY = [
    kind for kind in s.SUBMISSIONS
    if kind.TOPIC.removeprefix("hengwen.") not in OPERATOR_KINDS | {"OpenLog"}
]  # fmt: skip


@pytest.mark.parametrize("kind", MOVES_MONEY, ids=lambda kind: str(kind.__name__))
def test_an_operator_never_speaks_for_the_programme(kind: type[Any]) -> None:
    """Who runs the ledger can neither move money nor rule over it; exactly as it was accepted."""
    given = everything()
    submission, proof = next(
        (submission, codec.decode(submitted.proof or b""))
        for submitted in given.submitted
        if isinstance(submission := codec.decode(submitted.value or b""), kind)
    )
    event = given.submit(submission, given.operator, proof.attestations)
    assert refused(event) == "KIND"


def test_an_operator_gives_no_key_what_is_its_own(given: Programme) -> None:
    """No publisher adopts rules, names vaults or loads codes, whoever registers it."""
    for kind in sorted(OPERATOR_ONLY):
        event = registered(given, given.operator, signer("new"), kinds=["MakePayment", kind])
        assert (codes(event), figures(event)) == (["KINDS_NOT_ALLOWED"], {"kinds": kind})
    named = registered(given, given.operator, signer("new"), publisher_source="operator")
    assert codes(named) == ["FIELD_MALFORMED"]


@pytest.mark.parametrize("kind", ["", "OpenLog2", "PaymentMade"])
def test_a_key_is_given_kinds_that_exist(given: Programme, kind: str) -> None:
    """And at least one."""
    kinds = [kind] if kind else []
    event = registered(given, given.operator, signer("new"), kinds=kinds)
    assert codes(event) == ["KINDS_NOT_ALLOWED"]


def test_a_replaced_operator_key_says_nothing_more(given: Programme) -> None:
    """What it said before stands; the new one speaks, and is never a publisher's."""
    old, new = given.operator, signer("next operator")
    rotation = {"old_key": old.key, "new_key": new.key, "public_key": new.public_key}
    assert codes(given.do(s.RotateOperatorKey, old, **rotation)) == []
    under(given, v1=v1, v2=(two := version("two")))
    adoption = {"adopted": 2, "lock_digest": two.LOCK}
    assert refused(given.do(s.AdoptRules, old, **adoption)) == "KEY_ENDED"
    assert codes(given.do(s.RotateOperatorKey, new, **rotation)) == ["KEY_KNOWN", "KEY_UNKNOWN"]
    assert codes(given.do(s.AdoptRules, new, **adoption)) == []


def test_a_publisher_key_is_no_operator_key(given: Programme) -> None:
    """Nor is it replaced, revoked or turned into one by the other's means."""
    new = signer("new")
    rotation = {"old_key": given.national.key, "new_key": new.key, "public_key": new.public_key}
    event = given.do(s.RotateOperatorKey, given.operator, **rotation)
    assert codes(event) == ["KEY_UNKNOWN"]
    assert codes(rotated(given, given.operator, given.operator, new)) == ["KEY_UNKNOWN"]
    assert codes(revoked(given, given.operator, given.operator)) == ["KEY_UNKNOWN"]


def test_checkpoint_keys_are_replaced_one_by_one(given: Programme) -> None:
    """A known one goes, a new one whose id fits comes."""
    op, new = given.operator, signer("checkpoints")
    rotation = {"old_key": op.key, "new_key": new.key, "public_key": new.public_key}
    misfit = rotation | {"public_key": op.public_key}
    assert codes(given.do(s.RotateCheckpointKey, op, **misfit)) == ["KEY_MALFORMED"]
    assert codes(given.do(s.RotateCheckpointKey, op, **rotation)) == []
    assert codes(given.do(s.RotateCheckpointKey, op, **rotation)) == ["KEY_UNKNOWN", "KEY_KNOWN"]
    assert given.admission.state.get("checkpoint-keys") == [[new.key, new.public_key.hex()]]


def test_a_checkpoint_key_that_was_replaced_does_not_come_back(given: Programme) -> None:
    """It may have been stolen: whoever has it must not sign what comes later."""
    op, new = given.operator, signer("checkpoints")
    there = {"old_key": op.key, "new_key": new.key, "public_key": new.public_key}
    back = {"old_key": new.key, "new_key": op.key, "public_key": op.public_key}
    assert codes(given.do(s.RotateCheckpointKey, op, **there)) == []
    assert codes(given.do(s.RotateCheckpointKey, op, **back)) == ["KEY_KNOWN"]


@of_any(
    st.text(max_size=12) | st.sampled_from(["a b", "a+b", "a\u2028", "a\x85", "", "示例.cn/总账"])
)
def test_an_origin_that_is_taken_can_be_the_name_of_a_key(origin: str) -> None:
    """Or no checkpoint of the ledger could ever be read."""
    assert ORIGIN.fullmatch(origin) is None or is_name(origin)


# -- publishers -----------------------------------------------------------------------------------


def test_a_key_speaks_for_its_subtree(given: Programme) -> None:
    """For the county and what lies below, not for the neighbour, not for what lies above."""
    county = signer("county")
    assert codes(given.pay(1, county)) == []
    assert codes(given.allocate(COUNTY, TOWN, 1, by=county)) == []
    for other in (OTHER_COUNTY, CITY, PROVINCE, ROOT):
        assert refused(given.pay(2, county, organisation=other)) == "ORGANISATION"
    assert codes(given.roster(1, 1, organisation=TOWN, by=county)) == []


def test_a_key_speaks_for_an_organisation_that_joined_its_subtree(given: Programme) -> None:
    """And no more for one that left: judged where the submission stands in the log."""
    county = signer("county")
    assert codes(given.fund("A", organisation=TOWN, owner=TOWN, by=county)) == []
    given.do(s.MoveOrganisation, given.operator, organisation=ROOT, code=TOWN, parent=OTHER_COUNTY)
    event = given.fund("B", organisation=TOWN, owner=TOWN, by=county)
    assert refused(event) == "ORGANISATION"


def test_a_key_says_only_what_it_was_registered_for(given: Programme) -> None:
    """A bank that settles does not pay."""
    bank = signer("bank")
    given.publisher(bank, COUNTY, ["ConfirmPayment", "BouncePayment"])
    paid = given.pay(1)
    assert refused(given.pay(2, bank)) == "KIND"
    settled = given.do(
        s.ConfirmPayment, bank, organisation=COUNTY, payment=paid.payment, fund=FUND, means="BANK",
        document="回单1号",
    )  # fmt: skip
    assert (codes(settled), settled.source) == ([], "test")


def test_a_publisher_gives_no_more_than_it_has(given: Programme) -> None:
    """Neither other kinds nor other organisations."""
    county, new = signer("county"), signer("new")
    wider = registered(given, county, new, subtree=CITY)
    assert (codes(wider), figures(wider)) == (["NOT_AUTHORISED"], {"why": "ORGANISATION"})
    more = registered(given, county, new, kinds=["MakePayment", "RegisterOrganisation"])
    assert codes(more) == ["KINDS_NOT_ALLOWED"]
    assert figures(more) == {"kinds": "RegisterOrganisation"}
    assert codes(registered(given, county, new, subtree=TOWN)) == []
    assert refused(given.pay(1, new)) == "ORGANISATION"
    assert refused(registered(given, new, signer("newer"), organisation=TOWN)) == "KIND"


def test_a_key_belongs_to_its_id_and_is_registered_once(given: Programme) -> None:
    """Another's id, a short key, and a key of before are refused."""
    county, new = signer("county"), signer("new")
    assert codes(registered(given, county, new, key=signer("x").key)) == ["KEY_MALFORMED"]
    assert codes(registered(given, county, new, public_key=b"short")) == ["KEY_MALFORMED"]
    assert codes(registered(given, county, new)) == []
    assert codes(registered(given, county, new)) == ["KEY_KNOWN"]
    revoked(given, given.operator, new)
    assert codes(registered(given, county, new)) == ["KEY_KNOWN"]
    assert codes(registered(given, county, given.operator)) == ["KEY_KNOWN"]


def test_a_revoked_key_is_refused_from_there_on(given: Programme) -> None:
    """What was ordered before stands; even a repeated question gets no answer any more."""
    county = signer("county")
    submission, attestations = given.payment(1)
    paid = given.submit(submission, county, attestations)
    assert codes(paid) == []
    assert codes(revoked(given, given.operator, county)) == []
    assert refused(given.submit(submission, county, attestations)) == "KEY_ENDED"
    assert refused(given.pay(2, county)) == "KEY_ENDED"
    again = given.submit(submission, None, attestations)
    assert again.TOPIC == "hengwen.SubmissionRepeated"
    assert codes(revoked(given, given.operator, county)) == ["KEY_UNKNOWN"]


def test_a_key_replaces_itself_and_keeps_its_powers(given: Programme) -> None:
    """Source, subtree and kinds stay; the old key is done."""
    county, new = signer("county"), signer("county's next")
    assert codes(rotated(given, county, county, new)) == []
    assert refused(given.pay(1, county)) == "KEY_ENDED"
    paid = given.pay(1, new)
    assert (codes(paid), paid.source) == ([], "test")
    assert refused(given.pay(2, new, organisation=CITY)) == "ORGANISATION"


def test_a_key_may_always_end_itself(given: Programme) -> None:
    """Whoever notices a theft does not have to ask anybody, but ends nobody else's key."""
    bank, county = signer("bank"), signer("county")
    given.publisher(bank, COUNTY, ["ConfirmPayment"])
    assert refused(revoked(given, bank, county)) == "KIND"
    assert codes(revoked(given, bank, bank)) == []
    assert refused(revoked(given, bank, bank)) == "KEY_ENDED"


def test_a_key_above_ends_a_key_below_and_not_the_other_way(given: Programme) -> None:
    """Revoking is a kind like others, within the subtree."""
    city, county = signer("city"), signer("county")
    given.publisher(city, CITY, ["RevokePublisher"])
    narrow = signer("town")
    given.publisher(narrow, TOWN, ["RevokePublisher"])
    event = revoked(given, narrow, county, organisation=TOWN)
    assert (codes(event), figures(event)) == (["NOT_AUTHORISED"], {"why": "ORGANISATION"})
    assert codes(revoked(given, city, county, organisation=CITY)) == []


def test_an_unknown_key_is_nobody(given: Programme) -> None:
    """Its refusal names no organisation and uses up no id."""
    submission, attestations = given.payment(1)
    event = given.submit(submission, signer("stranger"), attestations)
    assert refused(event) == "KEY_UNKNOWN"
    assert (event.organisation, event.submission_id, event.business_id) == (None, None, None)
    assert event.stream == "refusals/-"
    assert codes(given.submit(submission, None, attestations)) == []


def test_an_organisation_that_is_not_registered_speaks_to_nobody(given: Programme) -> None:
    """A national key speaks for the nation's unions, not for a code it made up."""
    assert refused(given.pay(1, organisation="999999")) == "ORGANISATION"


@pytest.mark.parametrize(
    ("kind", "fields", "expected"),
    [
        ("withdrawal", {"grant": None, "amount_fen": 1}, "withdrawal"),
        ("returned", {"issuer": CITY, "allocation": None, "amount_fen": 1}, "returned"),
    ],
)
def test_a_refusal_names_the_thing_itself(
    given: Programme, kind: str, fields: dict[str, Any], expected: str
) -> None:
    """The withdrawal that was refused, not the grant it was for; so for returns."""
    cls = s.WithdrawGrant if kind == "withdrawal" else s.ReturnAllocation
    own = given.fresh()
    filled: dict[str, Any] = {
        name: given.fresh() if value is None else value for name, value in fields.items()
    }
    event = given.do(cls, fund=FUND, document=None, **(filled | {expected: own}))
    assert codes(event)
    assert event.business_id == own
