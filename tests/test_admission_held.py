"""Tricks that once worked, and are held now."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from histories import RecordedLog
from hypothesis import strategies as st
from programme import (
    CITY,
    COUNTY,
    KINDS,
    PROVINCE,
    ROOT,
    Programme,
    codes,
    day,
    figures,
    funded,
    signer,
)

from admission.attempt import Submitted
from admission.decide import EVENT_BYTES_MAX, Admission
from admission.state import State
from consumers.folding import fold_log
from consumers.state_store import StateStore, StateUnreadable
from domain import submissions as s
from domain.organisation import DEPTH_MAX
from domain.parts import Attestation
from domain.signing import in_bounds
from domain.texts import CODE, DOCUMENT, NAME, TITLE, TOKEN
from vault.calls import TOKEN_PREFIXES
from vault.keys import random_id


@pytest.fixture
def given() -> Programme:
    """A county with money."""
    return funded()


def link(given: Programme, person: str, other: str) -> Any:
    """Two ids are one person."""
    return given.do(s.LinkPersons, person=person, other=other, document="样例1号")


def test_a_handler_under_another_of_his_ids_pays_himself_nothing(given: Programme) -> None:
    """Linked ids are one person, on either side."""
    submission, attestations = given.payment(1)
    link(given, submission.person, "p-staffaaaaqqqqqqqqqqqqqqq")
    assert codes(given.submit(submission, None, attestations)) == ["SAME_PERSON"]


def test_an_approver_under_another_of_his_ids_approves_nothing(given: Programme) -> None:
    """The approver is a recipient's other id."""
    given.policy(policy="B", union=COUNTY, organisation=COUNTY, roster_approval=True)
    roster = given.roster(1, 100_000).roster
    paid = given.pay(1, roster=roster, roster_row=1)
    link(given, "p-bossqqqqqqqqqqqqqqqqqqqq", paid.person)
    event = given.do(
        s.ApproveRoster, organisation=COUNTY, actor="p-bossqqqqqqqqqqqqqqqqqqqq", roster=roster, count=1,
        amount_fen=100_000, approval_document=None,
    )  # fmt: skip
    assert codes(event) == ["SAME_PERSON"]


def test_undoing_one_of_two_payments_frees_no_campaign(given: Programme) -> None:
    """Two ids were paid before they were linked: one payment undone, the other still stands."""
    first, second = given.pay(1), given.pay(2)
    link(given, first.person, second.person)
    given.do(
        s.ReversePayment, organisation=COUNTY, payment=first.payment, fund=first.fund,
        reason_code="DOUBLE", document=None,
    )  # fmt: skip
    assert codes(given.pay(1)) == ["DUPLICATE_IN_CAMPAIGN"]
    assert codes(given.pay(2)) == ["DUPLICATE_IN_CAMPAIGN"]


def test_linking_does_not_bring_an_erased_person_back(given: Programme) -> None:
    """Erased stays erased, whichever id becomes the root."""
    paid = given.pay(1)
    given.wait_until("2050-01-01")
    given.do(s.ErasePerson, person=paid.person, reason_code="RETENTION_OVER")
    link(given, "p-freshqqqqqqqqqqqqqqqqqqq", paid.person)
    event = given.pay(1, occasion="DAILY", campaign="2019-DAILY")
    assert "PERSON_ERASED" in codes(event)


def test_long_chains_of_links_stay_short(given: Programme) -> None:
    """The root with more ids stays the root."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for number in range(200):
        link(
            given,
            f"p-x{letters[number // 26]}{letters[number % 26]}{'q' * 21}",
            "p-rootqqqqqqqqqqqqqqqqqqqq",
        )
    state = given.admission.state
    deepest = 0
    for number in range(200):
        person, depth = (
            state.get(f"person/p-x{letters[number // 26]}{letters[number % 26]}{'q' * 21}"),
            0,
        )
        while person.root is not None:
            person, depth = state.get(f"person/{person.root}"), depth + 1
        deepest = max(deepest, depth)
    assert deepest <= 8


def test_a_key_that_may_only_rotate_takes_over_no_powers(given: Programme) -> None:
    """Replacing a paying key needs all that it may do, or the operator."""
    paying, sly = signer("paying"), signer("sly")
    given.publisher(paying, COUNTY, KINDS)
    given.publisher(sly, COUNTY, ["RotatePublisherKey"])
    own = signer("sly's own")
    rotate = {
        "organisation": COUNTY, "old_key": paying.key, "new_key": own.key,
        "public_key": own.public_key,
    }  # fmt: skip
    assert codes(given.do(s.RotatePublisherKey, sly, **rotate)) == ["KINDS_NOT_ALLOWED"]
    assert codes(given.do(s.RotatePublisherKey, paying, **rotate)) == []


def test_a_closed_year_stays_closed_for_who_moves_away(given: Programme) -> None:
    """Another parent does not open it again."""
    given.do(s.CloseYear, organisation=CITY, subtree=CITY, year=2018)
    given.do(s.MoveOrganisation, given.operator, organisation=ROOT, code=COUNTY, parent=PROVINCE)
    event = given.pay(1, occurred_on=day("2018-12-20"))
    assert "YEAR_CLOSED" in codes(event)


def test_a_moved_subtree_counts_with_its_height(given: Programme) -> None:
    """Nobody ends up further from the root than can be looked up."""

    def register(code: str, parent: str) -> Any:
        return given.do(
            s.RegisterOrganisation, given.operator, organisation=parent, code=code, parent=parent,
            name="样例工会", level="BASIC", division=None, uscc=None,
        )  # fmt: skip

    for branch in ("A", "B"):
        parent = PROVINCE
        for level in range(DEPTH_MAX - 8):
            assert codes(register(f"{branch}{level}", parent)) == []
            parent = f"{branch}{level}"
    event = given.do(
        s.MoveOrganisation, given.operator, organisation=ROOT, code="A0",
        parent=f"B{DEPTH_MAX - 9}",
    )  # fmt: skip
    assert codes(event) == ["TOO_DEEP"]


@pytest.mark.parametrize(
    ("cls", "fields"),
    [
        (s.ErasePerson, {"person": "", "reason_code": "X"}),
        (s.LinkPersons, {"person": "p-aaaaqqqqqqqqqqqqqqqqqqqq", "other": "", "document": None}),
    ],
)
def test_an_empty_token_is_none(given: Programme, cls: type[Any], fields: dict[str, Any]) -> None:
    """Nothing is not an id."""
    assert codes(given.do(cls, **fields)) == ["FIELD_MALFORMED"]


@pytest.mark.parametrize(
    "document",
    [
        "样例 13800138000",
        "样例号6322211901-0101001-7",
        "6222 0202 0000 0000 123",
        "证６３２２２１１９０１",
        "电话13800138000号",
        "138.0013.8000",
        "+86--138——0013/8000",
        "1101,0119,9003,0712,34",
        "1101011990/03071234",
        "身份证11010119900307-X-1234号",
        "1-1-0-1-0-1-1-9-9-0-0-3-0-7-x-x-x-x",
    ],
)
def test_numbers_of_persons_are_no_document_numbers(given: Programme, document: str) -> None:
    """However they are spaced or written wide."""
    assert "FIELD_MALFORMED" in codes(given.pay(1, evidence=document))
    assert document.encode() not in given.verdicts[-1].value


def test_a_refusal_always_fits_into_an_event(given: Programme) -> None:
    """A thousand policies and one that overlaps them all."""
    for number in range(300):
        start = day("2021-01-01") + number
        given.policy(policy=f"样例政策{'长' * 80}{number}", valid_from=start, valid_to=start)
    event = given.policy(policy="ALL", valid_from=day("2020-12-01"), valid_to=None)
    assert codes(event) == ["POLICY_OVERLAP"]
    assert len(given.verdicts[-1].value) < EVENT_BYTES_MAX


def test_a_fund_has_a_lifetime(given: Programme) -> None:
    """Grants and withdrawals in a circle never lift a sum out of 64 bits."""
    given.fund("LOOP")
    for _ in range(10):
        assert codes(given.grant(10**13, "LOOP")) == []
    assert codes(given.grant(1, "LOOP")) == ["OVER_CEILING"]
    assert codes(given.grant(10**13 + 1, "LOOP")) == ["AMOUNT_NOT_POSITIVE", "OVER_CEILING"]


def test_attestations_with_impossible_numbers_are_no_attestations(given: Programme) -> None:
    """Anyone may write any number: none of them may stop a reader."""
    submission, [good] = given.payment(1)
    for wrong in ({"checks": -1}, {"sequence": 1 << 62}, {"sequence": -1}, {"size": 0}):
        bad = Attestation(**(good._asdict() | wrong))
        assert not in_bounds(bad)
        attempt = replace(submission, submission_id=given.fresh())
        assert "NOT_ATTESTED" in codes(given.submit(attempt, None, [bad]))


def test_a_damaged_local_state_is_no_verdict(tmp_path: Path, given: Programme) -> None:
    """What cannot be read stops the process; the submission waits."""
    store = StateStore(tmp_path / "state")
    store.take()
    given.save()
    store.save(given.rows)
    admission = Admission(State(store.load))
    submission, attestations = given.payment(1)
    given.submit(submission, None, attestations)
    submitted: Submitted = given.submitted[-1]
    store._reading.close()
    with pytest.raises(StateUnreadable):
        admission.decide(submitted)


def test_a_state_of_another_layout_is_made_anew_and_never_read(tmp_path: Path) -> None:
    """A newer program finds the rows of an older one: it folds the log again, and decides alike."""
    path = tmp_path / "state"
    made = funded()
    log = RecordedLog([verdict.value for verdict in made.verdicts])
    with closing(StateStore(path)) as store:
        fold_log(log, store)  # type: ignore[arg-type]  # a reader
        right = store.dump()
    with closing(sqlite3.connect(path)) as file:
        file.execute("UPDATE rows SET value = '[1]' WHERE key LIKE 'organisation/%'")
        file.execute("PRAGMA user_version = 1")
        file.commit()
    with closing(StateStore(path)) as store:
        assert not store.of_this_program()
        fold_log(log, store)  # type: ignore[arg-type]  # a reader
        assert store.of_this_program()
        assert store.dump() == right


@pytest.mark.parametrize(
    "code",
    [
        "13800138000", "138.0013.8000", "tel:86-138_0013_8000", "6217-0000-0012-3456-786",
        "1101-0119-9003-0712-34", "110101.19900307", "ID:110101:900307:123",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["goods", "category", "campaign", "occasion"])
def test_numbers_of_persons_are_no_codes(given: Programme, field: str, code: str) -> None:
    """Nor do they reach the log in a refusal, whatever separates the digits."""
    fields: dict[str, Any] = {field: code}
    event = given.pay(1, **fields)
    assert (codes(event), figures(event)) == (["FIELD_MALFORMED"], {"field": field})
    assert code.encode() not in given.verdicts[-1].value


@pytest.mark.parametrize(
    "code",
    [
        "2019-SPRING_FESTIVAL",
        "20190121-0001",
        "632221-2019-12",
        "A-2019.01.21-123",
        "12345678901234",
    ],
)
def test_codes_of_days_regions_and_serials_are_codes(code: str) -> None:
    """Digits alone make nobody known: days, divisions and serial numbers stand in codes."""
    assert CODE.fullmatch(code)
    assert DOCUMENT.fullmatch(code)


SEPARATORS = st.text("-._·/,:;()〔〕— \u3000", max_size=4)


@hypothesis.given(
    number=st.sampled_from(
        ["110101199003071234", "110101900307123", "6217000000123456786", "13800138000"]
    ),
    between=st.lists(SEPARATORS, min_size=18, max_size=18),
)
def test_no_separators_hide_the_number_of_a_person(number: str, between: list[str]) -> None:
    """Neither in a document's number nor in a title or a name, however it is cut up."""
    text = "".join(one + gap for one, gap in zip(number, [*between, ""], strict=False))
    for pattern in (CODE, DOCUMENT, TITLE, NAME):
        assert pattern.fullmatch(f"号{text}") is None
        assert pattern.fullmatch(text) is None


@pytest.mark.parametrize(
    "token",
    ["zhang-xiaoming", "p-zhangxiaoming", "p-" + "a" * 23, "p-" + "a" * 25, "x-" + "a" * 24,
     "p-" + "1" * 24, "P-" + "A" * 24, "p-" + "a" * 24 + "\n"],
)  # fmt: skip
def test_a_name_in_letters_is_no_token(given: Programme, token: str) -> None:
    """A token has the exact form in which the vault makes it; a refusal does not repeat it."""
    event = given.do(s.ErasePerson, person=token, reason_code="RETENTION_OVER")
    assert (codes(event), figures(event)) == (["FIELD_MALFORMED"], {"field": "person"})
    named = given.pay(1, actor=token)
    assert (codes(named), named.actor) == (["FIELD_MALFORMED"], None)
    assert token.encode() not in given.verdicts[-1].value


def test_the_vault_makes_tokens_of_that_form() -> None:
    """For persons and for all that it has tokens for."""
    for prefix in ("p", *TOKEN_PREFIXES.values()):
        assert TOKEN.fullmatch(random_id(prefix))
