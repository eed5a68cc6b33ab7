"""People: visits, links, erasure, and readings of identities."""

from dataclasses import replace
from typing import Any

import pytest
from histories import RecordedLog
from programme import (
    CITY,
    COUNTY,
    OTHER_COUNTY,
    PROVINCE,
    ROOT,
    Programme,
    codes,
    day,
    figures,
    funded,
    signer,
)

from consumers.person_records import records_of
from domain import submissions as s
from domain.refusal_texts import render

DAILY: dict[str, Any] = {"occasion": "DAILY", "campaign": "2019-DAILY"}


@pytest.fixture
def given() -> Programme:
    """A county with money."""
    return funded()


def visit(given: Programme, **fields: Any) -> Any:
    """Two people visit a worker."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "visit": given.fresh(), "occasion": "SPRING_FESTIVAL",
        "visitors": ["p-staffaaaaqqqqqqqqqqqqqqq", "p-staffbbbbqqqqqqqqqqqqqqq"], "person": "p-workerqqqqqqqqqqqqqqqqqq", "work_region": "632221",
        "document": None,
    }  # fmt: skip
    return given.do(s.RecordVisit, **(defaults | fields))


def link(given: Programme, person: str, other: str) -> Any:
    """Two ids are one person."""
    return given.do(
        s.LinkPersons, organisation=COUNTY, person=person, other=other, document="样例1号"
    )


def erase(given: Programme, person: str) -> Any:
    """A person's key was destroyed."""
    return given.do(s.ErasePerson, organisation=COUNTY, person=person, reason_code="RETENTION_OVER")


def read(given: Programme, *persons: str) -> Any:
    """Somebody wants to see names."""
    return given.do(
        s.ReadIdentities, organisation=COUNTY, reading=given.fresh(), persons=list(persons),
        purpose="AUDIT", case="样例案1号",
    )  # fmt: skip


def letters(number: int) -> str:
    """A number written in letters."""
    return "".join("abcdefghij"[int(digit)] for digit in f"{number:04d}")


def test_a_visit_is_made_by_as_many_people_as_the_policy_asks(given: Programme) -> None:
    """The same person twice is one person, also under a linked id."""
    assert codes(visit(given)) == []
    event = visit(given, visitors=["p-staffaaaaqqqqqqqqqqqqqqq", "p-staffaaaaqqqqqqqqqqqqqqq"])
    assert (codes(event), figures(event)) == (
        ["TOO_FEW_VISITORS"], {"visitors": "1", "minimum": "2"},
    )  # fmt: skip
    link(given, "p-staffaaaaqqqqqqqqqqqqqqq", "p-staffbbbbqqqqqqqqqqqqqqq")
    assert codes(visit(given)) == ["TOO_FEW_VISITORS"]


def test_nobody_visits_themselves(given: Programme) -> None:
    """A visitor is not the worker visited."""
    assert codes(visit(given, person="p-staffaaaaqqqqqqqqqqqqqqq")) == ["SAME_PERSON"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"occasion": "MAY_DAY"}, ["OCCASION_UNKNOWN"]),
        ({"work_region": "999999"}, ["DIVISION_UNKNOWN"]),
        ({"work_region": None, "person": None}, []),
        ({"occurred_on": 18_000}, ["FUTURE_DATE"]),
    ],
)
def test_a_visit_is_somewhere_some_day_for_some_occasion(
    given: Programme, fields: dict[str, Any], expected: list[str]
) -> None:
    """Each must make sense; whom it was for may be left open."""
    assert codes(visit(given, **fields)) == expected


def test_a_payment_may_name_a_visit_nobody_knows(given: Programme) -> None:
    """The reference is soft: a lost visit is a finding, never a reason to pay nobody."""
    assert codes(given.pay(1, visit=given.fresh())) == []


def test_links_go_through(given: Programme) -> None:
    """A is B and B is C: A is C; to say it again is refused."""
    assert codes(link(given, "p-aaaaqqqqqqqqqqqqqqqqqqqq", "p-bbbbqqqqqqqqqqqqqqqqqqqq")) == []
    assert codes(link(given, "p-bbbbqqqqqqqqqqqqqqqqqqqq", "p-ccccqqqqqqqqqqqqqqqqqqqq")) == []
    for one, other in (
        ("p-aaaaqqqqqqqqqqqqqqqqqqqq", "p-ccccqqqqqqqqqqqqqqqqqqqq"),
        ("p-ccccqqqqqqqqqqqqqqqqqqqq", "p-aaaaqqqqqqqqqqqqqqqqqqqq"),
        ("p-aaaaqqqqqqqqqqqqqqqqqqqq", "p-aaaaqqqqqqqqqqqqqqqqqqqq"),
    ):
        assert codes(link(given, one, other)) == ["PERSONS_LINKED"]


def test_links_of_persons_who_were_paid_add_up_in_any_order(given: Programme) -> None:
    """Three ids, linked pairwise: one total, whoever became the root."""
    paid = [given.pay(number, amount_fen=200_000, **DAILY) for number in (1, 2, 3)]
    link(given, paid[2].person, paid[0].person)
    link(given, paid[0].person, paid[1].person)
    for number in (1, 2, 3):
        event = given.pay(number, amount_fen=1, **DAILY)
        assert codes(event) == ["OVER_CAP_PER_YEAR"]
        assert figures(event)["received_fen"] == "600000"


def test_a_bounce_after_a_link_lowers_the_total_of_both(given: Programme) -> None:
    """The payment was made to one id, the person is known under two."""
    first = given.pay(1, amount_fen=300_000, **DAILY)
    second = given.pay(2, amount_fen=300_000, **DAILY)
    link(given, first.person, second.person)
    given.do(
        s.BouncePayment, organisation=COUNTY, payment=second.payment, fund=second.fund,
        reason_code="CLOSED", document=None,
    )  # fmt: skip
    assert codes(given.pay(1, amount_fen=300_000, **DAILY)) == []


def test_an_erased_person_is_paid_no_more_but_what_was_paid_stands(given: Programme) -> None:
    """The name is gone, the fen are accounted for, and a bounce still comes back."""
    paid = given.pay(1)
    given.wait_until("2050-01-01")
    assert codes(erase(given, paid.person)) == []
    assert codes(erase(given, paid.person)) == ["PERSON_ERASED"]
    assert codes(given.pay(1, **DAILY)) == ["PERSON_ERASED"]
    event = given.do(
        s.BouncePayment, organisation=COUNTY, payment=paid.payment, fund=paid.fund,
        reason_code="CLOSED", document=None,
    )  # fmt: skip
    assert codes(event) == []


def _county_key(given: Programme, subtree: str = COUNTY) -> Any:
    """A county's own key, which may erase and link."""
    made = signer(f"people of {subtree}")
    given.publisher(made, subtree, ["ErasePerson", "LinkPersons", "MakePayment"])
    return made


def _said(given: Programme, by: Any, kind: type[Any], **fields: Any) -> list[str]:
    """What is answered to a county that erases or links."""
    more = {"document": None} if kind is s.LinkPersons else {"reason_code": "RETENTION_OVER"}
    return codes(given.do(kind, by, organisation=COUNTY, **(more | fields)))


def test_no_county_can_block_aid_to_somebody_by_linking_them_to_an_erased_id(
    given: Programme,
) -> None:
    """An id nobody was paid under belongs to the whole; erased ids are linked to nobody at all."""
    victim, county = given.pay(1).person, _county_key(given)
    assert _said(given, county, s.ErasePerson, person="p-unseenqqqqqqqqqqqqqqqqqq") == [
        "NOT_AUTHORISED"
    ]
    assert _said(
        given, county, s.LinkPersons, person="p-unseenqqqqqqqqqqqqqqqqqq", other=victim
    ) == ["NOT_AUTHORISED"]
    assert codes(erase(given, "p-unseenqqqqqqqqqqqqqqqqqq")) == []
    for one, other in (
        ("p-unseenqqqqqqqqqqqqqqqqqq", victim),
        (victim, "p-unseenqqqqqqqqqqqqqqqqqq"),
    ):
        assert codes(link(given, one, other)) == ["PERSON_ERASED"]
    assert codes(given.pay(1, **DAILY)) == []


def test_who_links_or_erases_stands_above_all_who_paid_those_persons(given: Programme) -> None:
    """A county for its own; as soon as another county has paid them, the city above both."""
    county, city = _county_key(given), _county_key(given, CITY)
    one, two = given.pay(1).person, given.pay(2).person
    assert _said(given, county, s.LinkPersons, person=one, other=two) == []
    three = given.pay(3).person
    given.grant(1_000_000)
    for giver, child in ((ROOT, PROVINCE), (PROVINCE, CITY), (CITY, OTHER_COUNTY)):
        given.allocate(giver, child, 1_000_000)
    paid = given.pay(3, organisation=OTHER_COUNTY, work_region="632222", **DAILY)
    assert (codes(paid), paid.person) == ([], three)
    refused = given.do(
        s.LinkPersons, county, organisation=COUNTY, person=one, other=three, document=None
    )
    assert (codes(refused), figures(refused)) == (["NOT_AUTHORISED"], {"why": "PERSON"})
    given.wait_until("2050-01-01")
    assert _said(given, county, s.ErasePerson, person=three) == ["NOT_AUTHORISED"]
    assert _said(given, city, s.LinkPersons, person=one, other=three) == []
    assert _said(given, county, s.ErasePerson, person=one) == ["NOT_AUTHORISED"]
    assert _said(given, city, s.ErasePerson, person=one) == []


@pytest.mark.parametrize("later", ["settled", "bounced", "reversed"])
def test_what_happens_to_a_payment_in_a_later_year_keeps_its_persons_from_then(
    given: Programme, later: str
) -> None:
    """It is a voucher of that year about the same recipient and proxy, though it names neither."""
    paid = given.pay(1, proxy="p-proxyqqqqqqqqqqqqqqqqqqq", proxy_document="委托1号")
    given.wait_until("2020-03-01")
    said: dict[str, tuple[type[Any], dict[str, Any]]] = {
        "settled": (s.ConfirmPayment, {"means": "SIGNATURE", "document": None}),
        "bounced": (s.BouncePayment, {"reason_code": "CLOSED", "document": None}),
        "reversed": (s.ReversePayment, {"reason_code": "ERROR", "document": None}),
    }
    kind, more = said[later]
    event = given.do(
        kind, organisation=COUNTY, payment=paid.payment, fund=paid.fund, actor=None, **more
    )
    assert codes(event) == []
    at = given.verdicts[-1].position
    log = RecordedLog([verdict.value for verdict in given.verdicts])
    found = records_of(log, [paid.person, "p-proxyqqqqqqqqqqqqqqqqqqq"])
    for person in (paid.person, "p-proxyqqqqqqqqqqqqqqqqqqq"):
        assert found[person].free_on == day("2051-01-01")
        given.wait_until("2050-12-31")
        assert figures(erase(given, person)) == {
            "free_on": str(day("2051-01-01")), "position": str(at),
        }  # fmt: skip


def test_a_person_who_was_never_paid_can_be_erased(given: Programme) -> None:
    """A visitor or a handler has a key in the vault too."""
    assert codes(erase(given, "p-visitorqqqqqqqqqqqqqqqqq")) == []


def _named(given: Programme) -> dict[str, str]:
    """Part in a record → somebody who had that part and no other, all on 21 January 2019."""
    submission, attestations = given.payment(
        1, proxy="p-proxyqqqqqqqqqqqqqqqqqqq", proxy_document="委托1号"
    )
    paid = given.submit(replace(submission, actor="p-handlerqqqqqqqqqqqqqqqqq"), None, attestations)
    given.roster(1, 100, actor="p-submitterqqqqqqqqqqqqqqq", reviewer="p-reviewerqqqqqqqqqqqqqqqq")
    visit(
        given,
        visitors=["p-visitoraqqqqqqqqqqqqqqqq", "p-visitorbqqqqqqqqqqqqqqqq"],
        person="p-visitedqqqqqqqqqqqqqqqqq",
        actor="p-noterqqqqqqqqqqqqqqqqqqq",
    )
    read(given, "p-readqqqqqqqqqqqqqqqqqqqq")
    given.do(
        s.BouncePayment, organisation=COUNTY, payment=paid.payment, fund=paid.fund,
        reason_code="CLOSED", document=None, actor="p-tellerqqqqqqqqqqqqqqqqqq",
    )  # fmt: skip
    given.pay(2, actor="p-refusedqqqqqqqqqqqqqqqqq", amount_fen=0)
    return {
        "recipient": paid.person, "proxy": "p-proxyqqqqqqqqqqqqqqqqqqq", "handler": "p-handlerqqqqqqqqqqqqqqqqq",
        "submitter": "p-submitterqqqqqqqqqqqqqqq", "reviewer": "p-reviewerqqqqqqqqqqqqqqqq", "visitor": "p-visitorbqqqqqqqqqqqqqqqq",
        "visited": "p-visitedqqqqqqqqqqqqqqqqq", "teller": "p-tellerqqqqqqqqqqqqqqqqqq", "read": "p-readqqqqqqqqqqqqqqqqqqqq", "refused": "p-refusedqqqqqqqqqqqqqqqqq",
    }  # fmt: skip


ACCESS = {"read", "refused"}


@pytest.mark.parametrize(
    "part",
    ["recipient", "proxy", "handler", "submitter", "reviewer", "visitor", "visited", "teller",
     "read", "refused"],
)  # fmt: skip
def test_nobody_is_erased_while_a_record_that_names_them_must_be_kept(
    given: Programme, part: str
) -> None:
    """Vouchers thirty years after their year, accesses six months; on the day itself it is over."""
    person = _named(given)[part]
    last, free = ("2019-07-20", "2019-07-21") if part in ACCESS else ("2049-12-31", "2050-01-01")
    for today in ("2019-01-22", last):
        given.wait_until(today)
        event = erase(given, person)
        assert codes(event) == ["RETENTION_RUNS"]
        assert figures(event)["free_on"] == str(day(free))
        by = given.verdicts[int(figures(event)["position"]) - 1].value
        assert person.encode() in by
        assert free in render("RETENTION_RUNS", figures(event))
    given.wait_until(free)
    assert codes(erase(given, person)) == []


def test_a_refused_date_keeps_nobody_for_ever(given: Programme) -> None:
    """Whatever day somebody writes into a submission: a refusal is kept six months from its own."""
    event = given.pay(1, actor="p-clerkqqqqqqqqqqqqqqqqqqq", occurred_on=day("9998-12-31"))
    assert codes(event) == ["FUTURE_DATE", "NO_POLICY", "CAMPAIGN_MALFORMED"]
    given.wait_until("2019-07-21")
    assert codes(erase(given, "p-clerkqqqqqqqqqqqqqqqqqqq")) == []


def test_retention_of_one_id_keeps_every_id_of_that_person(given: Programme) -> None:
    """Linked before or after the payment; to link somebody keeps nobody."""
    link(given, "p-firstqqqqqqqqqqqqqqqqqqq", "p-secondqqqqqqqqqqqqqqqqqq")
    assert codes(erase(given, "p-secondqqqqqqqqqqqqqqqqqq")) == []
    paid = given.pay(1)
    link(given, "p-thirdqqqqqqqqqqqqqqqqqqq", paid.person)
    assert codes(erase(given, "p-thirdqqqqqqqqqqqqqqqqqqq")) == ["RETENTION_RUNS"]


def test_admission_and_the_command_reckon_the_same_day(given: Programme) -> None:
    """Whom the log names, as the command counts their records: the same first day for each."""
    everybody = [*_named(given).values(), "p-staffaaaaqqqqqqqqqqqqqqq"]
    log = RecordedLog([verdict.value for verdict in given.verdicts])
    found = records_of(log, everybody)
    for person in everybody:
        known = given.admission.state.person(person)
        assert known is not None
        assert known.kept_until == found[person].free_on


@pytest.mark.parametrize(("count", "expected"), [(0, 1), (1, 0), (500, 0), (501, 1)])
def test_a_reading_is_bounded(given: Programme, count: int, expected: int) -> None:
    """Nobody copies the whole register in one reading."""
    persons = [f"p-{letters(number)}{'q' * 20}" for number in range(count)]
    assert codes(read(given, *persons)) == ["READING_TOO_LARGE"] * expected


def test_every_reading_is_an_event_of_the_organisation_that_read(given: Programme) -> None:
    """Who, when, why and whom, before anything is shown."""
    event = read(given, "p-aaaaqqqqqqqqqqqqqqqqqqqq")
    assert event.stream == f"readings/{COUNTY}"
    assert (event.actor, event.purpose, list(event.persons)) == (
        "p-staffaaaaqqqqqqqqqqqqqqq",
        "AUDIT",
        ["p-aaaaqqqqqqqqqqqqqqqqqqqq"],
    )
    other = given.do(
        s.ReadIdentities, organisation=OTHER_COUNTY, reading=event.reading, persons=["p-aaaaqqqqqqqqqqqqqqqqqqqq"],
        purpose="AUDIT", case="样例案1号",
    )  # fmt: skip
    assert codes(other) == []
