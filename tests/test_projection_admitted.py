"""Read models of what admission really decided: traces, rosters, trails, refusals, coverage."""

from typing import Any

import pytest
from oracle import Oracle, joined
from programme import COUNTY, FUND, OTHER_COUNTY, PROVINCE, ROOT, TOWN, Programme, day
from projecting import projected

from domain import submissions as s
from domain.events import EVENTS
from projections import accounts, lists, traces, trails, words
from projections.coverage import coverage
from projections.lists import Filter
from projections.moments import Moment
from projections.trail import TOUCHED


def _values(programme: Programme) -> list[bytes]:
    return [verdict.value for verdict in programme.verdicts]


def _settle(programme: Programme, payment: Any, **fields: Any) -> Any:
    return programme.do(
        s.ConfirmPayment, organisation=payment.organisation, payment=payment.payment,
        fund=payment.fund, means="SIGNATURE", document=None, **fields,
    )  # fmt: skip


@pytest.fixture(scope="module")
def programme() -> Programme:
    """Money went down five levels; payments with and without a roster, refused and undone ones."""
    made = Programme().funded(5_000_000)
    made.allocate(COUNTY, TOWN, 700_000)
    made.grant(900_000)
    made.allocate(ROOT, PROVINCE, 900_000)
    first = made.pay(1)
    _settle(made, first)
    second = made.pay(2, organisation=TOWN)
    made.do(
        s.BouncePayment, organisation=TOWN, payment=second.payment, fund=FUND,
        reason_code="ACCOUNT_CLOSED", document=None,
    )  # fmt: skip
    made.pay(1)  # the same person twice in a campaign: refused
    made.pay(3, amount_fen=10**9)  # over the cap: refused
    return made


def test_admitted_history_equals_the_oracle(programme: Programme, postgres_dsn: str) -> None:
    """Balances and traces of what was really decided are those of the oracle."""
    values = _values(programme)
    oracle = Oracle(values)
    with projected(postgres_dsn, values) as connection:
        held = {
            (b.organisation, b.fund): {
                n.removesuffix("_fen"): f for n, f in zip(b._fields[2:], b[2:], strict=True) if f
            }
            for b in accounts.balances(connection)
        }
        assert held == oracle.balances()
        for position in oracle.payments:
            hops = traces.up(connection, position)  # type: ignore[arg-type]  # a position
            found = joined((h.lot, h.lot_at, h.fen) for h in hops if h.kind == "GRANT")
            assert found == oracle.up(position)
        assert accounts.undrawn(connection) == []


def test_a_trace_names_every_union_on_the_way(programme: Programme, postgres_dsn: str) -> None:
    """From a town's payment up to the national grant, one level each."""
    with projected(postgres_dsn, _values(programme)) as connection:
        (paid,) = (p for p in lists.payments(connection, Filter()) if p.organisation == TOWN)
        hops = traces.up(connection, paid.position)
    assert [(h.depth, h.organisation) for h in hops] == [
        (1, TOWN), (2, COUNTY), (3, "6322"), (4, PROVINCE), (5, ROOT),
    ]  # fmt: skip
    assert {h.fen for h in hops} == {paid.amount_fen}


def test_refusals_keep_codes_and_figures(programme: Programme, postgres_dsn: str) -> None:
    """What was refused is listed with every reason, oldest first."""
    with projected(postgres_dsn, _values(programme)) as connection:
        refused = lists.refusals(connection, Filter(organisation=COUNTY))
        found = [{r["code"] for r in row.reasons} for row in refused]
        over = lists.refusals(connection, Filter(state="OVER_CAP_PER_PAYMENT"))
    assert len(found) == 2
    assert all(row.kind == "MakePayment" for row in refused)
    assert len(over) <= 1


def test_payments_are_listed_as_they_were_at_a_moment(
    programme: Programme, postgres_dsn: str
) -> None:
    """Before the bank sent it back a payment was ordered; the list of then says so."""
    bounce = next(v for v in programme.verdicts if type(v.event).__name__ == "PaymentBounced")
    before = Moment(recorded_as_of=bounce.event.recorded_at - 1)  # type: ignore[arg-type]
    with projected(postgres_dsn, _values(programme)) as connection:
        then = lists.payments(connection, Filter(organisation=TOWN, moment=before))
        now = lists.payments(connection, Filter(organisation=TOWN))
        by_state = lists.payments(connection, Filter(state="BOUNCED"))
    assert [p.state for p in then] == ["ORDERED"]
    assert [p.state for p in now] == ["BOUNCED"]
    assert by_state == now


def test_a_trail_tells_a_payment_from_beginning_to_end(
    programme: Programme, postgres_dsn: str
) -> None:
    """Made, settled, and tried once more, in the words of either language."""
    with projected(postgres_dsn, _values(programme)) as connection:
        paid = lists.payments(connection, Filter(state="SETTLED"))[0]
        steps = trails.trail(connection, "payment", paid.payment)
        persons = trails.trail(connection, "person", paid.person)
        names = trails.names_of(connection, {COUNTY})
    assert [step.kind for step in steps] == [
        "PaymentMade", "PaymentSettled", "SubmissionRefused",
    ]  # fmt: skip
    assert steps == persons
    sentences = [words.in_words(step, "zh", names=names, yuan=str) for step in steps]
    assert sentences[0].startswith(f"样例工会{COUNTY} {COUNTY} 向 ")
    assert "确认到手" in sentences[1]
    assert "settled" in words.in_words(steps[1], "en", names=names, yuan=str)


def test_every_kind_of_event_has_words_and_a_place_in_the_trail() -> None:
    """No event is left out of trails, or shown by its class name only."""
    kinds = {kind.__name__ for kind in EVENTS}
    assert set(words.SENTENCES) == set(TOUCHED) == kinds


def test_words_leave_no_gap(programme: Programme, postgres_dsn: str) -> None:
    """Every event of an organisation's trail is a whole sentence in both languages."""
    with projected(postgres_dsn, _values(programme)) as connection:
        steps = trails.trail(connection, "organisation", COUNTY, limit=1_000)
    assert len({step.kind for step in steps}) >= 5
    for step in steps:
        for lang in ("zh", "en"):
            assert "{" not in words.in_words(step, lang, names={}, yuan=str)


def test_coverage_by_subtree_counts_persons_once(programme: Programme, postgres_dsn: str) -> None:
    """The county with its town: the bounced payment does not count."""
    with projected(postgres_dsn, _values(programme)) as connection:
        (cell,) = coverage(connection, (), Filter(organisation=COUNTY, below=True))
        (none,) = coverage(connection, (), Filter(organisation=OTHER_COUNTY, below=True))
        (early,) = coverage(connection, (), Filter(moment=Moment(as_of=day("2018-12-31"))))
    assert cell[1:] == (1, 1, 100_000, 100_000)
    assert none[1:] == early[1:] == (0, 0, 0, 0)


def test_a_roster_with_refused_rows_shows_them(postgres_dsn: str) -> None:
    """Three rows, one refused: partly refused, with the row and why; approved later, still so."""
    made = Programme().funded()
    adopted = made.policy(policy="P2019-B", union=COUNTY, organisation=COUNTY, roster_approval=True)
    assert type(adopted).__name__ == "PolicyAdopted", adopted
    submitted = made.roster(3, 300_000)
    for row, number in ((1, 1), (2, 2)):
        made.pay(number, roster=submitted.roster, roster_row=row)
    made.pay(1, roster=submitted.roster, roster_row=3)
    before = _values(made)
    with projected(postgres_dsn, before) as connection:
        (roster,) = lists.rosters(connection, Filter())
        rows = lists.refused_rows(connection, roster)
        states = {p.state for p in lists.payments(connection, Filter(roster=roster.roster))}
    assert roster.state == "PARTLY_REFUSED"
    assert (roster.accepted_count, roster.accepted_fen, roster.refused_count) == (2, 200_000, 1)
    assert [row.roster_row for row in rows] == [3]
    assert states == {"RESERVED"}

    approved = made.do(
        s.ApproveRoster, organisation=COUNTY, roster=submitted.roster, count=2,
        amount_fen=200_000, approval_document="样例批〔2019〕1号", actor="p-staffccccqqqqqqqqqqqqqqq",
    )  # fmt: skip
    assert type(approved).__name__ == "RosterApproved"
    with projected(postgres_dsn, _values(made)) as connection:
        (roster,) = lists.rosters(connection, Filter())
        states = {p.state for p in lists.payments(connection, Filter(roster=roster.roster))}
        trail = trails.trail(connection, "roster", roster.roster)
    assert (roster.state, roster.refused_count) == ("APPROVED", 1)
    assert states == {"ORDERED"}
    assert [step.kind for step in trail] == [
        "RosterSubmitted", "PaymentMade", "PaymentMade", "SubmissionRefused", "RosterApproved",
    ]  # fmt: skip
