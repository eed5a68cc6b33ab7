"""Conservation from the events alone: lawful histories hold, each way to cheat is refused."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from histories import random_history
from packs import programme

from domain.events import (
    AllocationIssued,
    AllocationReturned,
    GrantReceived,
    PaymentBounced,
    PaymentMade,
    PaymentSettled,
    RosterApproved,
    RosterRejected,
)
from domain.parts import Interval
from domain.units import Fen, Position
from evidence import conservation_payments
from evidence.conservation import Conservation, Unlawful
from evidence.conservation_payments import Paid, Payments
from evidence.verify_chains import Chains
from evidence.verify_rows import Rows
from schemas.codec import decode


@pytest.fixture
def rows() -> Iterator[Rows]:
    """Rows in a file that goes away."""
    with Rows() as opened:
        yield opened


@pytest.fixture(scope="module")
def history() -> list[Any]:
    """Events of a long random history of every kind of movement."""
    return [decode(value) for value in random_history(3, 600).values()]


def _first(history: list[Any], kind: type) -> int:
    return next(n for n, event in enumerate(history) if isinstance(event, kind))


def _refused(rows: Rows, history: list[Any], at: int, **fields: Any) -> str:
    """Why the event at an index is refused with other fields."""
    follower = Conservation(rows)
    for n, event in enumerate(history[:at], start=1):
        follower.take(n, event)
    with pytest.raises(Unlawful) as caught:
        follower.take(at + 1, replace(history[at], **fields))
    return caught.value.code


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lawful_histories_are_conserved_after_every_event(rows: Rows, seed: int) -> None:
    """Grants, allocations, returns, rosters, payments that bounce."""
    follower = Conservation(rows)
    for n, value in enumerate(random_history(seed, 400).values(), start=1):
        follower.take(n, decode(value))
    assert follower.funds
    for fund in follower.funds.values():
        held = fund.free + fund.reserved + fund.ordered + fund.settled
        assert fund.granted - fund.withdrawn == held


def test_payments_that_left_memory_are_still_known(
    rows: Rows, monkeypatch: pytest.MonkeyPatch, history: list[Any]
) -> None:
    """A bounce long after its payment restores what that drew."""
    monkeypatch.setattr(conservation_payments, "FRESH_MAX", 1)
    follower = Conservation(rows)
    for n, event in enumerate(history, start=1):
        follower.take(n, event)
    payments = Payments(rows)
    paid = Paid("ORDERED", "account/G/F", [Interval(Position(1), n, Fen(1)) for n in range(300)])
    payments.put(10**6, paid)
    assert payments.get(10**6) == paid
    assert payments.get(10**6 + 1) is None


def test_fen_that_are_not_free_cannot_be_drawn(rows: Rows, history: list[Any]) -> None:
    """Nor those of another account, nor of no lot at all."""
    at = _first(history, PaymentMade)
    event = history[at]
    beyond = [d._replace(at=d.at + 10**9) for d in event.draws]
    assert _refused(rows, history, at, draws=beyond) == "NOT_FREE"
    assert _refused(rows, history, at, stream="account/nobody/F") == "NOT_FREE"


def test_an_amount_must_be_the_sum_of_its_draws(rows: Rows, history: list[Any]) -> None:
    """Else fen were made or lost."""
    for kind in (PaymentMade, AllocationIssued, AllocationReturned, PaymentBounced, PaymentSettled):
        at = _first(history, kind)
        code = _refused(rows, history, at, amount_fen=history[at].amount_fen + 1)
        assert code == "AMOUNT", kind
    nothing = [Interval(Position(1), 0, Fen(0))]
    assert _refused(rows, history, _first(history, PaymentMade), draws=nothing) == "AMOUNT"


def test_a_bounce_restores_just_what_its_payment_drew(rows: Rows, history: list[Any]) -> None:
    """Of that payment, in that state, once."""
    at = _first(history, PaymentBounced)
    event = history[at]
    other = [d._replace(at=d.at + 1) for d in event.draws]
    assert _refused(rows, history, at, draws=other) == "PAYMENT_DRAWS"
    assert _refused(rows, history, at, payment_position=1) == "PAYMENT_UNKNOWN"
    assert _refused(rows, history, at, was="BOUNCED") == "PAYMENT_STATE"
    twice = [*history[: at + 1], event]
    assert _refused(rows, twice, at + 1) == "PAYMENT_STATE"


def test_a_roster_is_decided_over_what_its_payments_have(rows: Rows, history: list[Any]) -> None:
    """Count and sum."""
    for kind in (RosterApproved, RosterRejected):
        at = _first(history, kind)
        assert _refused(rows, history, at, count=history[at].count + 1) == "ROSTER_TOTAL"


def test_fen_cannot_arrive_where_they_are_nor_from_nowhere(rows: Rows) -> None:
    """Returned fen are the parent's own, and were away."""
    events = [verdict.event for verdict in programme().verdicts]
    follower = Conservation(rows)
    for n, event in enumerate(events, start=1):
        follower.take(n, event)
    grant = next(n for n, e in enumerate(events, start=1) if isinstance(e, GrantReceived))
    stream = events[grant - 1].stream
    arrive = follower._arrive
    lot = Position(grant)
    with pytest.raises(Unlawful, match="LOT_UNKNOWN"):
        arrive(stream, "F", [Interval(Position(10**6), 0, Fen(1))])
    with pytest.raises(Unlawful, match="LOT_ELSEWHERE"):
        arrive("account/other/F", "F", [Interval(lot, 0, Fen(1))])
    with pytest.raises(Unlawful, match="LOT_EXCEEDED"):
        arrive(stream, "F", [Interval(lot, 0, Fen(10**9))])
    arrive(stream, "F", [Interval(lot, 5, Fen(5))])
    for at, fen in ((5, 1), (9, 2), (0, 6), (4, 10)):
        with pytest.raises(Unlawful, match="TWICE"):
            arrive(stream, "F", [Interval(lot, at, Fen(fen))])
    arrive(stream, "F", [Interval(lot, 0, Fen(5)), Interval(lot, 10, Fen(5))])


def test_chains_are_followed_beyond_what_memory_holds(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heads that were written to the file are read back."""
    monkeypatch.setattr("evidence.verify_chains.HEADS_MAX", 2)
    chains = Chains(rows)
    for version in range(1, 4):
        for stream in "abcde":
            previous = None if version == 1 else bytes([version - 1])
            link = (version, previous, bytes([version]))
            assert chains.link(stream, link, from_first=True) is None
    assert chains.link("a", (5, b"\x03", b"x"), from_first=True) == "VERSION"
    assert chains.link("b", (4, b"\x02", b"x"), from_first=True) == "PREVIOUS"
    assert chains.link("new", (7, b"\x02", b"x"), from_first=False) is None
    assert chains.link("late", (7, b"\x02", b"x"), from_first=True) == "VERSION"
