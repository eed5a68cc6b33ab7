"""Read models equal an oracle that folds the raw log by other means."""

from collections.abc import Iterator

import pytest
from histories import FIRST_DAY, FIRST_MICROS, History, RecordedLog, random_history
from oracle import Oracle, joined
from projecting import projected

from consumers import tracing
from domain.units import Day, Micros, Position
from projections import accounts, lists, traces
from projections.coverage import coverage
from projections.lists import Filter
from projections.moments import Moment
from projections.target import Connection
from schemas import codec

LENGTH = 800
DAY_MICROS = 86_400_000_000
MOMENTS = [
    Moment(),
    Moment(as_of=Day(FIRST_DAY + 4)),
    Moment(recorded_as_of=Micros(FIRST_MICROS + 6 * DAY_MICROS)),
    Moment(Day(FIRST_DAY + 3), Micros(FIRST_MICROS + 5 * DAY_MICROS)),
    Moment(as_of=Day(FIRST_DAY - 50)),
]
Told = tuple[History, Oracle, Connection]


@pytest.fixture(params=[1, 2, 3])
def told(request: pytest.FixtureRequest, postgres_dsn: str) -> Iterator[Told]:
    """A random history, as the oracle and as the read models know it."""
    history = random_history(request.param, LENGTH)
    values = history.values()
    with projected(postgres_dsn, values, limit=83) as connection:
        yield history, Oracle(values), connection


def test_balances_at_any_moment_equal_the_oracle(told: Told) -> None:
    """Every counter of every account, on either clock, is what folding the log gives."""
    _, oracle, connection = told

    for moment in MOMENTS:
        held = {
            (b.organisation, b.fund): {
                name.removesuffix("_fen"): fen
                for name, fen in zip(b._fields[2:], b[2:], strict=True)
                if fen
            }
            for b in accounts.balances(connection, moment=moment)
        }
        assert held == oracle.balances(*moment)


def test_kept_balances_equal_those_summed_from_entries(told: Told) -> None:
    """What is kept ready is what its entries add up to, and every fund is conserved."""
    _, _, connection = told

    assert accounts.broken(connection) == []
    assert accounts.undrawn(connection) == []
    assert {row.difference_fen for row in accounts.conserved(connection)} == {0}


def test_every_payment_traces_up_to_the_same_fen(told: Told) -> None:
    """Each payment consists of exactly the numbered fen of grants that the oracle gives it."""
    _, oracle, connection = told

    assert len(oracle.payments) > 100
    for position, payment in oracle.payments.items():
        hops = traces.up(connection, Position(position))
        found = joined((h.lot, h.lot_at, h.fen) for h in hops if h.kind == "GRANT")
        assert found == oracle.up(position)
        assert sum(fen for _, _, fen in found) == payment["amount"]


def test_every_level_of_a_trace_holds_the_whole_payment(told: Told) -> None:
    """Going up a level splits intervals and loses nothing, until a grant is reached."""
    _, oracle, connection = told

    deepest = 0
    for position, payment in oracle.payments.items():
        hops = traces.up(connection, Position(position))
        by_depth = {
            depth: [h for h in hops if h.depth == depth] for depth in {h.depth for h in hops}
        }
        ended = 0
        for depth in sorted(by_depth):
            assert ended + sum(h.fen for h in by_depth[depth]) == payment["amount"]
            ended += sum(h.fen for h in by_depth[depth] if h.kind == "GRANT")
        deepest = max(deepest, *by_depth)
    assert deepest >= 3


def test_every_grant_traces_down_to_the_same_payments(told: Told) -> None:
    """Each grant reached exactly the payments, and with as many fen, as the oracle says."""
    history, oracle, connection = told

    grants = [lot for lot, (_, _, giver) in history.lots.items() if giver is None]
    for grant in grants:
        uses = traces.down(connection, Position(grant))
        found: dict[int, int] = {}
        for use in uses:
            if use.use == "PAYMENT":
                found[use.position] = found.get(use.position, 0) + use.fen
        assert found == oracle.down(grant)


def test_the_fen_of_a_grant_are_somewhere(told: Told) -> None:
    """What is held of a grant everywhere, and what was withdrawn of it, is the grant."""
    history, _, connection = told

    free = 0
    for lot, (number, _, giver) in history.lots.items():
        if giver is not None:
            continue
        (grant,) = traces.grants_called(connection, number)
        uses = traces.down(connection, Position(lot))
        held = traces.holdings(connection, Position(lot))
        withdrawn = sum(use.fen for use in uses if use.use == "WITHDRAWAL")
        assert min(fen for row in held for fen in row[1:]) >= 0
        assert sum(sum(row[1:]) for row in held) == grant.fen - withdrawn
        free += sum(row.free_fen for row in held)
    assert free == sum(b.free_fen for b in accounts.balances(connection))


def test_a_grant_and_the_rosters_are_known_as_they_were(told: Told, other_dsn: str) -> None:
    """As recorded by an event, traces, sums and rosters are those of the log that ends there."""
    history, _, connection = told
    values = history.values()
    cut = LENGTH // 2
    moment = Moment(recorded_as_of=codec.decode(values[cut - 1]).recorded_at)
    while codec.decode(values[cut]).recorded_at == moment.recorded_as_of:
        cut += 1  # what bears the same time belongs to it

    def known(read: Connection, at: Moment) -> list[object]:
        grants = [
            lot for lot, (_, _, giver) in history.lots.items() if giver is None and lot <= cut
        ]
        return [
            lists.rosters(read, Filter(moment=at, limit=LENGTH)),
            accounts.conserved(read, at),
            *(traces.down(read, Position(lot), at) for lot in grants),
            *(traces.uses(read, Position(lot), at) for lot in grants),
            *(traces.holdings(read, Position(lot), at) for lot in grants),
        ]

    now = known(connection, moment)
    assert now != known(connection, Moment())
    with projected(other_dsn, values[:cut]) as then:
        assert now == known(then, Moment())


def test_a_page_of_a_trace_is_its_beginning(told: Told) -> None:
    """What was made of an allocation comes behind it, once; a limit cuts the end off."""
    history, _, connection = told

    def below(lot: int, uses: list[traces.Use]) -> Iterator[traces.Use]:
        for use in [u for u in uses if u.via == lot]:
            yield use
            if use.use == "ALLOCATION" and lot == min(
                u.via for u in uses if u.position == use.position
            ):
                yield from below(use.position, uses)

    for lot, (_, _, giver) in history.lots.items():
        if giver is None:
            whole = traces.down(connection, Position(lot))
            assert [(u.via, u.position) for u in whole] == [
                (u.via, u.position) for u in below(lot, sorted(whole, key=lambda use: use.position))
            ]
            assert traces.uses(connection, Position(lot)) == len(whole)
            assert traces.down(connection, Position(lot), limit=5) == whole[:5]


@pytest.mark.parametrize("by", [(), ("category", "month"), ("organisation", "tier"), ("occasion",)])
def test_coverage_equals_the_oracle(told: Told, by: tuple[str, ...]) -> None:
    """Payments, different persons and sums are those of the oracle, by subtree and moment."""
    _, oracle, connection = told

    for moment in MOMENTS:
        for root in (None, "630000", "632200", "640100"):
            wanted = Filter(organisation=root, below=True, moment=moment)
            cells = coverage(connection, by, wanted)
            found = {cell.keys: tuple(cell[1:]) for cell in cells if cell.payments}
            assert found == oracle.coverage(by, root, *moment)


def test_traces_worked_out_from_the_log_equal_the_oracle(told: Told) -> None:
    """The check behind ``trace --log`` is right too, up and down."""
    history, oracle, _ = told
    log = RecordedLog(history.values())

    for position in list(oracle.payments)[::5]:
        found = joined(
            (s.lot, s.lot_at, s.fen)
            for s in tracing.up(log, Position(position))
            if history.lots[s.lot][2] is None
        )
        assert sorted(found) == sorted(oracle.up(position))
    for grant in [lot for lot, (_, _, giver) in history.lots.items() if giver is None][:10]:
        last = Position(log.last_position())
        assert tracing.down(log, Position(grant), last) == oracle.down(grant)
