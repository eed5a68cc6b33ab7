"""Rosters: submitted, filled row by row, then approved or rejected as a whole."""

from dataclasses import replace
from typing import Any

import pytest
from programme import COUNTY, FUND, TOWN, Programme, codes, figures, funded, person
from refusal_scenes import handled, handler

from domain import submissions as s
from domain.intervals import total
from domain.roster import HANDLERS_MAX
from vault.vault import SealRequest


@pytest.fixture
def given() -> Programme:
    """A county whose policy asks for an approved roster."""
    programme = funded(1_000_000)
    programme.policy(policy="C2019", union=COUNTY, organisation=COUNTY, roster_approval=True)
    return programme


def held(given: Programme) -> int:
    """What the county has free, in fen."""
    account = given.admission.state.account(COUNTY, FUND)
    assert account is not None
    return total(account.free)


def approve(given: Programme, roster: str, count: int, fen: int, **fields: Any) -> Any:
    """The head of the union approves."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "actor": "p-staffccccqqqqqqqqqqqqqqq", "roster": roster, "count": count,
        "amount_fen": fen, "approval_document": None,
    }  # fmt: skip
    return given.do(s.ApproveRoster, **(defaults | fields))


def reject(given: Programme, roster: str) -> Any:
    """The head of the union rejects."""
    return given.do(s.RejectRoster, organisation=COUNTY, roster=roster, reason_code="TYPO")


def later(given: Programme, kind: type[Any], payment: Any) -> Any:
    """Something happens to a payment."""
    why: dict[str, Any] = {"reason_code": "WRONG"}
    if kind is s.ConfirmPayment:
        why = {"means": "SIGNATURE"}
    return given.do(
        kind, organisation=COUNTY, payment=payment.payment, fund=FUND, document=None, **why
    )


def filled(given: Programme, *amounts: int) -> tuple[str, list[Any]]:
    """A roster with its payments, one a row."""
    roster = given.roster(len(amounts), sum(amounts)).roster
    paid = [
        given.pay(number, amount_fen=fen, roster=roster, roster_row=number)
        for number, fen in enumerate(amounts, start=1)
    ]
    assert [codes(p) for p in paid] == [[] for _ in amounts]
    return roster, paid


def test_a_reserved_payment_is_ordered_by_the_approval(given: Programme) -> None:
    """Before it nothing is settled, after it each payment can be."""
    roster, [first, second] = filled(given, 100, 200)
    assert (first.ordered, held(given)) == (False, 1_000_000 - 300)
    event = later(given, s.ConfirmPayment, first)
    assert (codes(event), figures(event)) == (["PAYMENT_STATE"], {"state": "RESERVED"})
    assert codes(approve(given, roster, 2, 300)) == []
    assert codes(later(given, s.ConfirmPayment, first)) == []
    assert codes(later(given, s.BouncePayment, second)) == []
    assert held(given) == 1_000_000 - 100


def test_a_rejected_roster_gives_everything_back(given: Programme) -> None:
    """The very fen, the totals of the year and the campaign."""
    before = list(given.admission.state.account(COUNTY, FUND).free)  # type: ignore[union-attr]
    roster, [first, _] = filled(given, 300_000, 200)
    event = reject(given, roster)
    assert (event.count, event.amount_fen) == (2, 300_200)
    assert list(given.admission.state.account(COUNTY, FUND).free) == before  # type: ignore[union-attr]
    person = given.admission.state.person(first.person)
    assert person is not None
    assert person.received_fen("T2", 2019) == 0
    event = later(given, s.ReversePayment, first)
    assert figures(event) == {"state": "RELEASED"}
    _, [again] = filled(given, 300_000)
    assert again.person == first.person


def test_what_was_reversed_before_the_rejection_comes_back_once(given: Programme) -> None:
    """A payment taken off the list is not released a second time."""
    roster, [first, _] = filled(given, 100, 200)
    assert codes(later(given, s.ReversePayment, first)) == []
    event = reject(given, roster)
    assert (event.count, event.amount_fen) == (1, 200)
    assert held(given) == 1_000_000


def test_a_decision_is_made_once(given: Programme) -> None:
    """Approved stays approved, rejected stays rejected, and neither takes another row."""
    roster, _ = filled(given, 100)
    approve(given, roster, 1, 100)
    for event in (approve(given, roster, 1, 100), reject(given, roster)):
        assert (codes(event), figures(event)) == (["ROSTER_STATE"], {"state": "APPROVED"})
    other = given.roster(1, 100).roster
    reject(given, other)
    late = given.pay(3, amount_fen=100, roster=other, roster_row=1)
    assert codes(late) == ["ROSTER_STATE"]


@pytest.mark.parametrize(("count", "fen"), [(1, 300), (2, 299), (3, 300), (0, 0)])
def test_who_approves_states_the_true_totals(given: Programme, count: int, fen: int) -> None:
    """Control figures that were copied from another list do not pass."""
    roster, _ = filled(given, 100, 200)
    event = approve(given, roster, count, fen)
    assert codes(event) == ["TOTALS_DIFFER"]
    assert figures(event) == {
        "stated_count": str(count), "stated_fen": str(fen), "count": "2", "amount_fen": "300",
    }  # fmt: skip


def test_totals_are_of_the_payments_that_were_accepted(given: Programme) -> None:
    """A refused row and a reversed one are not approved with the others."""
    roster = given.roster(3, 400_000).roster
    kept = given.pay(1, amount_fen=100, roster=roster, roster_row=1)
    gone = given.pay(2, amount_fen=200, roster=roster, roster_row=2)
    refused = given.pay(3, amount_fen=300_001, roster=roster, roster_row=3)
    assert [codes(kept), codes(gone), codes(refused)] == [[], [], ["OVER_CAP_PER_PAYMENT"]]
    later(given, s.ReversePayment, gone)
    assert codes(approve(given, roster, 2, 300)) == ["TOTALS_DIFFER"]
    assert codes(approve(given, roster, 1, 100)) == []


def test_a_roster_never_grows_over_what_was_declared(given: Programme) -> None:
    """Neither in people nor in money; a reversed row makes room again."""
    roster, [first, _] = filled(given, 100, 200)
    event = given.pay(3, amount_fen=1, roster=roster, roster_row=3)
    assert codes(event) == ["ROSTER_TOTALS_EXCEEDED"]
    later(given, s.ReversePayment, first)
    assert codes(given.pay(3, amount_fen=101, roster=roster, roster_row=1)) == [
        "ROSTER_TOTALS_EXCEEDED"
    ]
    assert codes(given.pay(3, amount_fen=100, roster=roster, roster_row=1)) == []


def test_a_row_holds_one_standing_payment(given: Programme) -> None:
    """A row can be filled again only when its payment was undone."""
    roster = given.roster(2, 200).roster
    first = given.pay(1, amount_fen=100, roster=roster, roster_row=1)
    event = given.pay(2, amount_fen=100, roster=roster, roster_row=1)
    assert codes(event) == ["ROSTER_ROW_USED"]
    position = next(v.position for v in given.verdicts if v.event is first)
    assert event.original_position == position
    later(given, s.ReversePayment, first)
    assert codes(given.pay(2, amount_fen=100, roster=roster, roster_row=1)) == []


@pytest.mark.parametrize("row", [None, 0, -1, 10_002])
def test_a_row_of_a_roster_has_a_number(given: Programme, row: int | None) -> None:
    """From 1, and not so high that a rejection would have to look for ever."""
    roster = given.roster(1, 100).roster
    event = given.pay(1, amount_fen=100, roster=roster, roster_row=row)
    assert codes(event) == ["FIELD_MALFORMED"]


def test_a_row_without_a_roster_is_a_mistake(given: Programme) -> None:
    """And a payment without a roster needs one, where the policy says so."""
    event = given.pay(1, amount_fen=100, roster_row=1)
    assert codes(event) == ["ROSTER_REQUIRED", "FIELD_MALFORMED"]


def test_a_payment_is_of_the_fund_and_campaign_of_its_roster(given: Programme) -> None:
    """What was declared for Spring Festival is not spent on something else."""
    roster = given.roster(2, 200).roster
    event = given.pay(
        1, amount_fen=100, roster=roster, roster_row=1, occasion="DAILY", campaign="2019-DAILY"
    )
    assert (codes(event), figures(event)) == (["ROSTER_DIFFERS"], {"field": "campaign"})
    given.fund("OTHER")
    event = given.pay(1, amount_fen=100, roster=roster, roster_row=1, fund="OTHER")
    assert codes(event) == ["ROSTER_DIFFERS", "INSUFFICIENT_BALANCE"]


def test_where_no_approval_is_asked_for_a_roster_is_only_a_list() -> None:
    """Its payments are ordered at once, and rejecting it releases none of them."""
    given = funded(1_000_000)
    roster, [paid] = filled(given, 100)
    assert paid.ordered
    event = reject(given, roster)
    assert (event.count, event.amount_fen) == (0, 0)
    assert held(given) == 1_000_000 - 100
    assert codes(later(given, s.ConfirmPayment, paid)) == []


@pytest.mark.parametrize(
    ("submitter", "reviewer", "approver", "roles"),
    [
        (
            "p-staffaaaaqqqqqqqqqqqqqqq",
            "p-staffbbbbqqqqqqqqqqqqqqq",
            "p-staffaaaaqqqqqqqqqqqqqqq",
            "SUBMIT,APPROVE",
        ),
        (
            "p-staffaaaaqqqqqqqqqqqqqqq",
            "p-staffbbbbqqqqqqqqqqqqqqq",
            "p-staffbbbbqqqqqqqqqqqqqqq",
            "REVIEW,APPROVE",
        ),
    ],
)
def test_submitting_reviewing_and_approving_are_three_people(
    given: Programme, submitter: str, reviewer: str, approver: str, roles: str
) -> None:
    """Incompatible duties, checked when the second of them is taken up."""
    roster = given.roster(1, 100, actor=submitter, reviewer=reviewer).roster
    event = approve(given, roster, 0, 0, actor=approver)
    assert (codes(event), figures(event)) == (["SAME_PERSON"], {"roles": roles})


def test_nobody_reviews_their_own_list(given: Programme) -> None:
    """It is not even submitted."""
    assert codes(
        given.roster(
            1, 100, actor="p-staffaaaaqqqqqqqqqqqqqqq", reviewer="p-staffaaaaqqqqqqqqqqqqqqq"
        )
    ) == ["SAME_PERSON"]


def test_who_is_on_the_list_does_not_decide_about_it(given: Programme) -> None:
    """Neither as its submitter, nor reviewer, nor approver."""
    submission, _ = given.payment(1)
    worker = submission.person
    for duty in ({"actor": worker}, {"reviewer": worker}):
        roster = given.roster(1, 100, **duty).roster
        event = given.pay(1, amount_fen=100, roster=roster, roster_row=1)
        assert codes(event) == ["SAME_PERSON"]
    roster = given.roster(1, 100).roster
    assert codes(given.pay(1, amount_fen=100, roster=roster, roster_row=1)) == []
    assert codes(approve(given, roster, 1, 100, actor=worker)) == ["SAME_PERSON"]
    assert codes(approve(given, roster, 1, 100)) == []


def test_who_added_payments_does_not_approve_them(given: Programme) -> None:
    """Nor under an id that is theirs too, nor when what they added has left the roster again."""
    roster, paid = handled(given, 3)
    for number in (1, 2, 3):
        event = approve(given, roster, 3, 300, actor=handler(number))
        assert (codes(event), figures(event)) == (["SAME_PERSON"], {"roles": "HANDLE,APPROVE"})
    other = "p-otheridqqqqqqqqqqqqqqqqq"
    given.do(s.LinkPersons, organisation=COUNTY, person=handler(2), other=other, document=None)
    assert codes(approve(given, roster, 3, 300, actor=other)) == ["SAME_PERSON"]
    later(given, s.ReversePayment, paid)
    assert codes(approve(given, roster, 2, 200, actor=handler(3))) == ["SAME_PERSON"]
    assert codes(approve(given, roster, 2, 200)) == []


def test_a_roster_has_so_many_handlers_that_its_row_can_name(given: Programme) -> None:
    """One more is refused; who has handled one before adds as many as they like."""
    roster, last = handled(given, HANDLERS_MAX + 1)
    assert (codes(last), figures(last)) == (["ROSTER_HANDLERS"], {"limit": str(HANDLERS_MAX)})
    again = given.pay(
        HANDLERS_MAX + 1, amount_fen=100, roster=roster, roster_row=HANDLERS_MAX + 1,
        actor=handler(HANDLERS_MAX),
    )  # fmt: skip
    assert codes(again) == []


def test_a_roster_is_known_by_its_organisation_and_id_once_for_ever(given: Programme) -> None:
    """A rejected list is sent again under a new id."""
    roster = given.roster(1, 100).roster
    reject(given, roster)
    assert codes(given.roster(1, 100, roster=roster)) == ["ALREADY_RECORDED"]
    assert codes(given.roster(1, 100, roster=roster, organisation=TOWN)) == []


@pytest.mark.parametrize(
    ("count", "fen", "expected"),
    [
        (10_000, 1, []),
        (10_001, 1, ["ROSTER_TOO_LARGE"]),
        (0, 1, ["ROSTER_TOO_LARGE"]),
        (1, 0, ["AMOUNT_NOT_POSITIVE"]),
    ],
)
def test_a_roster_declares_some_people_and_some_money(
    given: Programme, count: int, fen: int, expected: list[str]
) -> None:
    """At most so many that rejecting it is one verdict."""
    assert codes(given.roster(count, fen)) == expected


def _colleague(given: Programme, payment: str) -> Any:
    """A worker in whose name a relative receives, sealed for a payment."""
    return given.vault.seal([SealRequest(COUNTY, payment, "worker", person(99))])[0]


def _pay_for(given: Programme, role: str, somebody: str, **fields: Any) -> Any:
    """A payment on whose receiving side *somebody* stands beside the recipient."""
    submission, attestations = given.payment(1, **fields)
    if role == "COLLECT":
        submission = replace(submission, proxy=somebody, proxy_document="委托2019-1")
        return given.submit(submission, None, attestations)
    worker = _colleague(given, submission.payment)
    assert worker.person == somebody
    kin = {"worker": worker.person, "kinship": "SPOUSE", "sealed_worker": worker.sealed}
    return given.submit(replace(submission, **kin), None, [*attestations, worker.attestation])


@pytest.mark.parametrize("role", ["COLLECT", "KIN"])
@pytest.mark.parametrize("duty", ["HANDLE", "SUBMIT", "REVIEW", "APPROVE"])
def test_who_collects_or_whose_relative_receives_has_no_duty_in_it(
    given: Programme, role: str, duty: str
) -> None:
    """A proxy who hands out to himself, a worker who pays his wife: one person on both sides."""
    somebody = _colleague(given, given.fresh()).person
    named = {"SUBMIT": "actor", "REVIEW": "reviewer"}
    duties = {named[duty]: somebody} if duty in named else {}
    roster = given.roster(1, 100, **duties).roster
    handler = {"actor": somebody} if duty == "HANDLE" else {}
    event = _pay_for(given, role, somebody, amount_fen=100, roster=roster, roster_row=1, **handler)
    if duty == "APPROVE":
        assert codes(event) == []
        event = approve(given, roster, 1, 100, actor=somebody)
    assert (codes(event), figures(event)) == (["SAME_PERSON"], {"roles": f"{duty},{role}"})


def test_who_received_without_approval_approves_nothing_afterwards() -> None:
    """Also where payments are ordered at once, a roster is approved by somebody else."""
    given = funded(1_000_000)
    roster, [paid] = filled(given, 100)
    assert paid.ordered
    event = approve(given, roster, 1, 100, actor=paid.person)
    assert (codes(event), figures(event)) == (["SAME_PERSON"], {"roles": "APPROVE,RECEIVE"})
    later(given, s.ReversePayment, paid)
    assert codes(approve(given, roster, 0, 0, actor=paid.person)) == []
