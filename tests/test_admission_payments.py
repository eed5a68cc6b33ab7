"""Payments: caps, campaigns, categories, and the very fen that come back when one is undone."""

from dataclasses import replace
from typing import Any

import pytest
from programme import (
    CITY,
    COUNTY,
    FUND,
    OTHER_COUNTY,
    PROVINCE,
    TOWN,
    Programme,
    codes,
    day,
    figures,
    funded,
    person,
    resident_id,
)

from domain import submissions as s
from domain.codes import CATEGORIES_2020, SCHEME_2020
from domain.parts import Cap, Interval, Occasion
from domain.suites import GM_1, INTL_1
from domain.units import Fen, Micros
from publishers.memory_vault import MemoryVault
from vault.errors import IdentityRejected
from vault.identities import Identity
from vault.vault import SealRequest

DAILY: dict[str, Any] = {"occasion": "DAILY", "campaign": "2019-DAILY"}
MICROS_PER_DAY = 86_400_000_000


@pytest.fixture
def given() -> Programme:
    """A county with a hundred thousand yuan, and its neighbour with ten thousand."""
    programme = funded()
    programme.grant(1_000_000)
    for giver, child in (("G", PROVINCE), (PROVINCE, CITY), (CITY, OTHER_COUNTY)):
        programme.allocate(giver, child, 1_000_000)
    return programme


def free(given: Programme, organisation: str = COUNTY, fund: str = FUND) -> list[Interval]:
    """The free fen of an account."""
    account = given.admission.state.account(organisation, fund)
    assert account is not None
    return list(account.free)


def later(given: Programme, kind: type[Any], payment: Any, **fields: Any) -> Any:
    """Something happens to a payment."""
    named = {"organisation": payment.organisation, "payment": payment.payment}
    defaults = {"fund": payment.fund, "document": None}
    why = {"means": "SIGNATURE"} if kind is s.ConfirmPayment else {"reason_code": "WRONG"}
    return given.do(kind, **(named | defaults | why | fields))


def advance(given: Programme, to: str) -> None:
    """Time passes until a day."""
    given.today = day(to)
    given.at = Micros(given.today * MICROS_PER_DAY)


# -- caps -----------------------------------------------------------------------------------------


def test_the_cap_of_a_year_holds_across_organisations(given: Programme) -> None:
    """Two counties cannot pay one person more than the national policy allows."""
    assert codes(given.pay(1, amount_fen=300_000, **DAILY)) == []
    assert codes(given.pay(1, organisation=OTHER_COUNTY, amount_fen=300_000, **DAILY)) == []
    event = given.pay(1, amount_fen=1, **DAILY)
    assert codes(event) == ["OVER_CAP_PER_YEAR"]
    assert figures(event) == {
        "cap_fen": "600000", "received_fen": "600000", "asked_fen": "1", "year": "2019",
    }  # fmt: skip


def test_caps_are_kept_for_each_tier_apart(given: Programme) -> None:
    """What was received in sending warmth does not count for hardship assistance."""
    for _ in range(2):
        assert codes(given.pay(1, amount_fen=300_000, **DAILY)) == []
    assert codes(given.pay(1, amount_fen=1_000_000, tier="T1", **DAILY)) == []
    assert codes(given.pay(1, amount_fen=200_001, tier="T1", **DAILY)) == ["OVER_CAP_PER_YEAR"]


def test_a_cap_is_reached_to_the_fen(given: Programme) -> None:
    """The cap itself is allowed, one fen more is not."""
    assert codes(given.pay(1, amount_fen=300_000)) == []
    assert codes(given.pay(2, amount_fen=300_001)) == ["OVER_CAP_PER_PAYMENT"]


@pytest.mark.parametrize("undo", [s.BouncePayment, s.ReversePayment])
def test_what_was_undone_counts_no_more(given: Programme, undo: type[Any]) -> None:
    """The total of the payment's own year falls, and the campaign is free again."""
    paid = given.pay(1, amount_fen=300_000)
    assert codes(given.pay(1, amount_fen=300_000)) == ["DUPLICATE_IN_CAMPAIGN"]
    assert codes(later(given, undo, paid)) == []
    assert codes(given.pay(1, amount_fen=300_000)) == []
    assert codes(given.pay(1, amount_fen=300_000, **DAILY)) == []


def test_linked_persons_have_one_total(given: Programme) -> None:
    """Two ids of one person are one person, from the link on."""
    first = given.pay(1, amount_fen=300_000, **DAILY)
    second = given.pay(2, amount_fen=300_000, **DAILY)
    assert codes(given.pay(2, amount_fen=1, **DAILY)) == []
    given.do(
        s.LinkPersons, organisation=COUNTY, person=first.person, other=second.person,
        document=None,
    )  # fmt: skip
    event = given.pay(1, amount_fen=1, **DAILY)
    assert codes(event) == ["OVER_CAP_PER_YEAR"]
    assert figures(event)["received_fen"] == "600001"
    later(given, s.ReversePayment, second)
    assert codes(given.pay(1, amount_fen=299_999, **DAILY)) == []


def test_linked_persons_share_a_campaign(given: Programme) -> None:
    """Who received under one id has received under the other."""
    first = given.pay(1)
    given.do(
        s.LinkPersons,
        organisation=COUNTY,
        person="p-otherqqqqqqqqqqqqqqqqqqq",
        other=first.person,
        document=None,
    )
    submission, _ = given.payment(1)
    assert given.admission.state.person(
        "p-otherqqqqqqqqqqqqqqqqqqq"
    ) is given.admission.state.person(first.person)
    assert codes(given.pay(1)) == ["DUPLICATE_IN_CAMPAIGN"]
    assert submission.person == first.person


# -- the very fen ---------------------------------------------------------------------------------


@pytest.mark.parametrize("undo", [s.BouncePayment, s.ReversePayment])
def test_undoing_restores_exactly_the_fen_that_were_drawn(
    given: Programme, undo: type[Any]
) -> None:
    """Not as many fen but the same ones, also when others left meanwhile."""
    before = free(given)
    paid = given.pay(1, amount_fen=70_000, **DAILY)
    other = given.pay(2, amount_fen=30_000, **DAILY)
    event = later(given, undo, paid)
    assert list(event.draws) == list(paid.draws)
    [first, rest] = free(given)
    assert first == paid.draws[0]
    assert rest.at == other.draws[0].at + 30_000
    later(given, undo, other)
    assert free(given) == before


def test_a_settled_payment_can_still_come_back(given: Programme) -> None:
    """Banks return money days after they said it arrived."""
    before = free(given)
    paid = given.pay(1, form="BANK_CARD")
    later(given, s.ConfirmPayment, paid, means="BANK", document="回单1号")
    event = later(given, s.BouncePayment, paid)
    assert (codes(event), event.was) == ([], "SETTLED")
    assert free(given) == before


def test_a_payment_comes_back_once(given: Programme) -> None:
    """A bounced payment is neither reversed nor settled nor bounced again."""
    paid = given.pay(1)
    later(given, s.BouncePayment, paid)
    for kind in (s.BouncePayment, s.ReversePayment, s.ConfirmPayment):
        event = later(given, kind, paid)
        assert codes(event) == ["PAYMENT_STATE"]
        assert figures(event) == {"state": "BOUNCED"}


def test_a_closed_organisation_pays_nothing_but_takes_back_what_bounces(given: Programme) -> None:
    """Closing stops what is new, never what must be mended."""
    paid, reversed_ = given.pay(1), given.pay(2)
    before = free(given)
    given.do(s.CloseOrganisation, given.operator, organisation=COUNTY, code=COUNTY)
    assert codes(given.pay(3)) == ["ORGANISATION_CLOSED"]
    assert codes(later(given, s.BouncePayment, paid)) == []
    assert codes(later(given, s.ReversePayment, reversed_)) == []
    assert sum(i.fen for i in free(given)) == sum(i.fen for i in before) + 200_000


def test_the_payment_of_another_fund_is_not_found(given: Programme) -> None:
    """A counter-event names account and payment, and both must fit."""
    paid = given.pay(1)
    given.fund("OTHER")
    assert codes(later(given, s.BouncePayment, paid, fund="OTHER")) == ["PAYMENT_UNKNOWN"]
    assert codes(later(given, s.BouncePayment, paid, organisation=OTHER_COUNTY)) == [
        "PAYMENT_UNKNOWN"
    ]


# -- lots -----------------------------------------------------------------------------------------


def _passed_down(given: Programme, fen: int, **restriction: Any) -> None:
    """A grant, restricted or not, goes down to the county."""
    given.grant(fen, **restriction)
    for giver, child in (("G", PROVINCE), (PROVINCE, CITY), (CITY, COUNTY)):
        assert codes(given.allocate(giver, child, fen)) == []


def _emptied(given: Programme) -> None:
    """The county passes all it has to its township."""
    total = sum(i.fen for i in free(given))
    assert codes(given.allocate(COUNTY, TOWN, total)) == []


def test_a_restricted_lot_is_skipped_not_spent(given: Programme) -> None:
    """Money for model workers stays whole when a front-line worker is paid."""
    _emptied(given)
    _passed_down(given, 50_000, categories=["C7_MODEL_WORKER"])
    _passed_down(given, 60_000)
    [restricted, open_] = free(given)
    paid = given.pay(1, amount_fen=60_000)
    assert list(paid.draws) == [open_]
    assert free(given) == [restricted]
    event = given.pay(2, amount_fen=1)
    assert codes(event) == ["RESTRICTION_BROKEN"]
    assert figures(event)["part"] == "CATEGORY"
    assert codes(given.pay(2, amount_fen=50_000, category="C7_MODEL_WORKER")) == []


def test_a_lot_mixed_of_two_grants_is_bound_by_both(given: Programme) -> None:
    """What was mixed on the way down keeps each restriction it ever had."""
    _emptied(given)
    given.grant(50_000, occasions=["SPRING_FESTIVAL"])
    given.grant(50_000, regions=["632200"])
    for giver, child in (("G", PROVINCE), (PROVINCE, CITY), (CITY, COUNTY)):
        assert codes(given.allocate(giver, child, 100_000)) == []
    assert len(free(given)) == 1
    assert codes(given.pay(1, amount_fen=1, **DAILY)) == ["RESTRICTION_BROKEN"]
    assert codes(given.pay(1, amount_fen=1, work_region="110101")) == ["RESTRICTION_BROKEN"]
    assert codes(given.pay(1, amount_fen=1, work_region=None)) == ["RESTRICTION_BROKEN"]
    assert codes(given.pay(1, amount_fen=100_000)) == []


def test_a_period_binds_to_the_day(given: Programme) -> None:
    """First and last day are within."""
    given.fund("WINTER", usable_from=day("2019-01-10"), usable_to=day("2019-01-20"))
    given.grant(1_000, "WINTER")
    for giver, child in (("G", PROVINCE), (PROVINCE, CITY), (CITY, COUNTY)):
        given.allocate(giver, child, 1_000, "WINTER")
    winter: dict[str, Any] = {"fund": "WINTER", "amount_fen": 1} | DAILY
    for date, expected in (
        ("2019-01-09", ["RESTRICTION_BROKEN"]), ("2019-01-10", []), ("2019-01-20", []),
    ):  # fmt: skip
        assert codes(given.pay(1, occurred_on=day(date), **winter)) == expected
    advance(given, "2019-01-21")
    assert codes(given.pay(1, occurred_on=day("2019-01-21"), **winter)) == ["RESTRICTION_BROKEN"]


def test_unconfirmed_fen_wait_for_the_confirmation(given: Programme) -> None:
    """Where the policy says so, money is spent only after its arrival was confirmed."""
    _emptied(given)
    given.policy(policy="C2019", union=COUNTY, organisation=COUNTY, confirm_arrival=True)
    given.grant(70_000)
    for giver, child in (("G", PROVINCE), (PROVINCE, CITY)):
        given.allocate(giver, child, 70_000)
    issued = given.allocate(CITY, COUNTY, 70_000)
    event = given.pay(1, amount_fen=70_000)
    assert codes(event) == ["ALLOCATION_NOT_CONFIRMED"]
    assert figures(event) == {"asked_fen": "70000", "drawable_fen": "0", "free_fen": "70000"}
    given.do(
        s.ConfirmAllocation, organisation=COUNTY, issuer=CITY, allocation=issued.allocation,
        fund=FUND,
    )  # fmt: skip
    assert codes(given.pay(1, amount_fen=70_000)) == []


# -- who and why ----------------------------------------------------------------------------------


def _kin(given: Programme, **fields: Any) -> tuple[Any, list[Any]]:
    """A payment received by a relative, with both identities sealed."""
    submission, [recipient] = given.payment(1)
    worker = given.vault.seal([SealRequest(COUNTY, submission.payment, "worker", person(2))])[0]
    kin: dict[str, Any] = {
        "worker": worker.person,
        "kinship": "SPOUSE",
        "sealed_worker": worker.sealed,
    }
    return replace(submission, **(kin | fields)), [recipient, worker.attestation]


def test_a_relative_receives_when_the_worker_is_attested_too(given: Programme) -> None:
    """Both people are real names: the one who receives, and the one for whose sake."""
    submission, attestations = _kin(given)
    assert codes(given.submit(submission, None, attestations)) == []


@pytest.mark.parametrize("missing", ["worker", "kinship", "sealed_worker"])
def test_half_a_relation_is_refused(given: Programme, missing: str) -> None:
    """Worker, relation and sealed identity come together or not at all."""
    submission, attestations = _kin(given, **{missing: None})
    assert codes(given.submit(submission, None, attestations)) == ["KIN_INCOMPLETE"]


def test_a_worker_who_was_not_attested_is_nobody(given: Programme) -> None:
    """The recipient's attestation does not speak for the worker."""
    submission, attestations = _kin(given)
    event = given.submit(submission, None, attestations[:1])
    assert codes(event) == ["NOT_ATTESTED"]
    assert figures(event) == {"field": "worker", "why": "MISSING"}


def test_two_attestations_of_one_field_are_none(given: Programme) -> None:
    """Which of them would count?"""
    submission, [good] = given.payment(1)
    event = given.submit(submission, None, [good, good])
    assert codes(event) == ["NOT_ATTESTED"]


def test_a_person_without_an_employer_is_sealed_by_no_vault(given: Programme) -> None:
    """The real-name minimum is asked for before anything is signed."""
    identity = Identity(
        name="样例甲", document_type="RESIDENT_ID", document_number=resident_id(1), employer=None
    )
    with pytest.raises(IdentityRejected):
        given.vault.seal([SealRequest(COUNTY, given.fresh(), "recipient", identity)])


def test_goods_are_counted_named_and_valued(given: Programme) -> None:
    """Rice and oil are money's worth: a code, a quantity, and the amount drawn."""
    complete: dict[str, Any] = {"form": "GOODS", "goods": "RICE", "goods_quantity": 2}
    assert codes(given.pay(1, **complete)) == []
    for missing in ({"goods": None}, {"goods_quantity": None}, {"goods_quantity": 0}):
        assert codes(given.pay(2, **(complete | missing))) == ["GOODS_WITHOUT_VALUE"]


@pytest.mark.parametrize("form", ["CASH", "BANK_CARD", "VOUCHER"])
def test_goods_beside_money_are_counted_too(given: Programme, form: str) -> None:
    """Money and rice together are one payment, and its amount has the value of both."""
    both: dict[str, Any] = {"form": form, "goods": "RICE", "goods_quantity": 1}
    assert codes(given.pay(1, **both)) == []
    for wrong in ({"goods_quantity": -3}, {"goods_quantity": None}, {"goods": None}):
        assert codes(given.pay(2, **(both | wrong))) == ["GOODS_WITHOUT_VALUE"]


def test_a_registered_hardship_worker_needs_a_dossier(given: Programme) -> None:
    """C1 is known by the number of the dossier, evidence does not replace it."""
    assert codes(given.pay(1, category="C1_REGISTERED_HARDSHIP")) == ["DOSSIER_MISSING"]
    paid = given.pay(1, category="C1_REGISTERED_HARDSHIP", dossier="632221-2019-0001")
    assert codes(paid) == []


@pytest.mark.parametrize("category", ["C2_ILLNESS_DISASTER_ACCIDENT", "C4_HARSH_FRONTLINE"])
def test_a_certificate_of_the_unit_is_enough_for_front_line_workers_only(
    given: Programme, category: str
) -> None:
    """One paper for the whole roster serves C4 to C7; who is ill shows a paper of their own."""
    roster = given.roster(1, 100_000).roster
    event = given.pay(1, category=category, evidence=None, roster=roster, roster_row=1)
    expected = [] if category == "C4_HARSH_FRONTLINE" else ["EVIDENCE_MISSING"]
    assert codes(event) == expected


def test_who_handles_does_not_receive(given: Programme) -> None:
    """Nobody pays themselves."""
    submission, attestations = given.payment(1)
    event = given.submit(replace(submission, actor=submission.person), None, attestations)
    assert codes(event) == ["SAME_PERSON"]


def test_a_settlement_by_proxy_needs_an_authorised_proxy(given: Programme) -> None:
    """Who fetches money for another was named, with a paper, when it was ordered."""
    alone = given.pay(1)
    event = later(given, s.ConfirmPayment, alone, means="PROXY")
    assert codes(event) == ["PROXY_WITHOUT_DOCUMENT"]
    helped = given.pay(2, proxy="p-neighbourqqqqqqqqqqqqqqq", proxy_document="委托2019-1")
    assert codes(later(given, s.ConfirmPayment, helped, means="PROXY")) == []


# -- policies -------------------------------------------------------------------------------------


def _policy_of_2020(given: Programme) -> None:
    """Another scheme, other caps, from New Year 2020."""
    event = given.policy(
        policy="P2020", valid_from=day("2020-01-01"), valid_to=None, scheme=SCHEME_2020,
        categories=list(CATEGORIES_2020), caps=[Cap("T2", Fen(200_000), Fen(200_000))],
        occasions_ruled=[Occasion("SPRING_FESTIVAL", once=True), Occasion("DAILY", once=False)],
    )  # fmt: skip
    assert codes(event) == []


def test_each_payment_is_judged_by_the_policy_of_its_day(given: Programme) -> None:
    """The scheme of 2020 does not reach back, that of 2019 does not live on."""
    advance(given, "2020-01-10")
    _policy_of_2020(given)
    new: dict[str, Any] = {
        "scheme": SCHEME_2020, "category": "N05_HARSH_FRONTLINE", "occasion": "DAILY",
        "campaign": "2020-DAILY",
    }  # fmt: skip
    old: dict[str, Any] = DAILY | {"occurred_on": day("2019-12-31")}
    assert codes(given.pay(1, amount_fen=300_000, **old)) == []
    assert codes(given.pay(1, **(new | {"scheme": "ACFTU-2019-7"}))) == ["SCHEME_NOT_IN_FORCE"]
    assert codes(given.pay(1, amount_fen=200_001, **new)) == [
        "OVER_CAP_PER_PAYMENT", "OVER_CAP_PER_YEAR",
    ]  # fmt: skip
    event = given.pay(1, amount_fen=200_000, **new)
    assert (codes(event), event.policy_version) == ([], "P2020")
    assert codes(given.pay(1, amount_fen=1, **new)) == ["OVER_CAP_PER_YEAR"]
    assert codes(given.pay(1, **(new | {"category": "N99"}))) == [
        "CATEGORY_NOT_IN_FORCE", "OVER_CAP_PER_YEAR",
    ]  # fmt: skip


def test_the_nearest_policy_is_in_force(given: Programme) -> None:
    """A county may be stricter for itself; its neighbour is not bound by that."""
    given.policy(
        policy="C2019", union=COUNTY, organisation=COUNTY,
        caps=[Cap("T2", Fen(50_000), Fen(50_000))],
    )  # fmt: skip
    assert "OVER_CAP_PER_PAYMENT" in codes(given.pay(1, amount_fen=50_001))
    assert codes(given.pay(1, organisation=OTHER_COUNTY, amount_fen=50_001)) == []


@pytest.mark.parametrize(
    ("occurred_on", "campaign", "expected"),
    [
        ("2018-12-20", "2019-SPRING_FESTIVAL", []),
        ("2018-12-01", "2019-SPRING_FESTIVAL", []),
        ("2018-11-30", "2019-SPRING_FESTIVAL", ["NO_POLICY", "CAMPAIGN_MALFORMED"]),
        ("2018-12-20", "2018-SPRING_FESTIVAL", []),
        ("2018-12-20", "2020-SPRING_FESTIVAL", ["CAMPAIGN_MALFORMED"]),
        ("2019-01-15", "2018-SPRING_FESTIVAL", []),
        ("2019-01-15", "2020-SPRING_FESTIVAL", ["CAMPAIGN_MALFORMED"]),
        ("2019-01-15", "SPRING_FESTIVAL-2019", ["CAMPAIGN_MALFORMED"]),
    ],
)
def test_a_campaign_may_begin_before_new_year(
    given: Programme, occurred_on: str, campaign: str, expected: list[str]
) -> None:
    """Spring Festival visits begin in December, under the campaign of the year that comes."""
    paid = given.pay(1, occurred_on=day(occurred_on), campaign=campaign)
    assert codes(paid) == expected


def test_one_campaign_across_new_year_pays_once_and_counts_for_the_day(given: Programme) -> None:
    """Paid in December, not again in January; the year's total is that of the day it was paid."""
    campaign = "2019-SPRING_FESTIVAL"
    first = given.pay(1, occurred_on=day("2018-12-20"), campaign=campaign, amount_fen=300_000)
    assert codes(first) == []
    assert codes(given.pay(1, occurred_on=day("2019-01-15"), campaign=campaign)) == [
        "DUPLICATE_IN_CAMPAIGN"
    ]
    root = given.admission.state.person(first.person)
    assert root is not None
    assert (root.received_fen("T2", 2018), root.received_fen("T2", 2019)) == (300_000, 0)


def test_nothing_is_dated_back_past_a_closed_year(given: Programme) -> None:
    """What is found later is entered in the open year, and undone there too."""
    paid = given.pay(1, occurred_on=day("2018-12-20"), campaign="2019-SPRING_FESTIVAL")
    given.do(s.CloseYear, organisation=CITY, subtree=CITY, year=2018)
    event = given.pay(2, occurred_on=day("2018-12-20"))
    assert codes(event) == ["YEAR_CLOSED"]
    late = later(given, s.BouncePayment, paid, occurred_on=day("2018-12-31"))
    assert codes(late) == ["YEAR_CLOSED"]
    assert codes(later(given, s.BouncePayment, paid)) == []
    root = given.admission.state.person(paid.person)
    assert root is not None
    assert root.received_fen("T2", 2018) == 0


# -- ids ------------------------------------------------------------------------------------------


def test_a_refused_payment_can_be_tried_again_under_a_new_attempt(given: Programme) -> None:
    """A refusal uses up the attempt, never the payment's own id."""
    submission, attestations = given.payment(1, amount_fen=300_001)
    assert codes(given.submit(submission, None, attestations)) == ["OVER_CAP_PER_PAYMENT"]
    better = replace(submission, amount_fen=300_000)
    assert codes(given.submit(better, None, attestations)) == ["SUBMISSION_ID_REUSED"]
    anew = replace(better, submission_id=given.fresh())
    assert codes(given.submit(anew, None, attestations)) == []


def test_an_undone_payment_keeps_its_id_for_ever(given: Programme) -> None:
    """Paid again means a new payment, so that nobody takes the one for the other."""
    submission, attestations = given.payment(1)
    paid = given.submit(submission, None, attestations)
    later(given, s.BouncePayment, paid)
    again = replace(submission, submission_id=given.fresh())
    event = given.submit(again, None, attestations)
    assert codes(event) == ["ALREADY_RECORDED"]


def test_ids_belong_to_their_organisation(given: Programme) -> None:
    """Two counties that count from 1 do not disturb each other."""
    visit: dict[str, Any] = {
        "visit": given.fresh(), "occasion": "DAILY", "visitors": ["p-staffaaaaqqqqqqqqqqqqqqq", "p-staffbbbbqqqqqqqqqqqqqqq"],
        "person": None, "work_region": None, "document": None,
    }  # fmt: skip
    assert codes(given.do(s.RecordVisit, organisation=COUNTY, **visit)) == []
    assert codes(given.do(s.RecordVisit, organisation=OTHER_COUNTY, **visit)) == []
    assert codes(given.do(s.RecordVisit, organisation=COUNTY, **visit)) == ["ALREADY_RECORDED"]


def test_a_payment_to_the_wrong_day_says_so_with_both_days(given: Programme) -> None:
    """Tomorrow has not happened yet, whatever the publisher's clock says."""
    event = given.pay(1, occurred_on=given.today + 2, **DAILY)
    assert codes(event) == ["FUTURE_DATE"]
    assert int(figures(event)["occurred_on"]) == int(figures(event)["today"]) + 1


@pytest.mark.parametrize(("suite", "other"), [(GM_1, INTL_1), (INTL_1, GM_1)])
def test_a_ledger_takes_only_what_is_sealed_under_its_own_suite(suite: str, other: str) -> None:
    """A registered vault of the other suite attests truly, and its seals are refused all the same."""
    given = Programme(suite=suite).funded()
    assert codes(given.pay(1)) == []
    given.do(s.RevokeVault, given.operator, vault=given.vault.vault, reason_code="LOST")
    given.vault = MemoryVault(given.ledger, today=given.today, suite=other)
    given.vault.vault = "00000000-0000-8000-8000-000000000002"
    given.do(
        s.RegisterVault, given.operator, vault=given.vault.vault,
        public_key=given.vault.public_key,
    )  # fmt: skip
    event = given.pay(2)
    assert codes(event) == ["SEALED_OTHERWISE"]
    assert figures(event) == {"field": "recipient", "suite": suite}


def test_an_empty_seal_is_under_no_suite(given: Programme) -> None:
    """It holds no identity, whatever is attested."""
    submission, attestations = given.payment(1)
    event = given.submit(replace(submission, sealed=b""), None, attestations)
    assert codes(event) == ["SEALED_OTHERWISE"]
