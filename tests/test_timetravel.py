"""Time travel: past states beside the present one, and what changed between two of them."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest
from histories import RecordedLog, random_history
from oracle import Oracle
from programme import COUNTY, FUND, TOWN, Programme, day
from projecting import digests, opened, projected

from consumers import timetravel
from domain import submissions as s
from domain.units import Micros, Position
from projections import compare, dump, replays, store
from projections.balances import BALANCES, COUNTERS
from projections.compare import State
from projections.models import MODELS
from projections.payments import PAYMENTS
from projections.replays import Replay
from projections.target import Connection
from schemas.codec import decode


@pytest.fixture(scope="module")
def values() -> list[bytes]:
    """A random history in which everything happened."""
    return random_history(47, 300).values()


def built(
    connection: Connection, values: Sequence[bytes], name: str, position: int, **more: Any
) -> Replay:
    """A replay of the first events."""
    wanted = Replay(name, Position(position), temporary=False, complete=False)
    timetravel.replay(RecordedLog(values), connection, wanted, **more)
    return wanted


def test_a_replay_is_what_would_have_been_projected_then(
    values: list[bytes], postgres_dsn: str
) -> None:
    """Row for row the read models of the first events; at the end, those of today."""
    with projected(postgres_dsn, values) as connection:
        live = digests(connection)
        early = built(connection, values, "early", 120)
        late = built(connection, values, "late", len(values))
        found = {m.name: dump.digest(connection, m, early.slot) for m in MODELS}
        assert {m.name: dump.digest(connection, m, late.slot) for m in MODELS} == live
        assert digests(connection) == live
        (held,) = connection.execute("SELECT sum(free_fen) FROM early.balances").fetchall()
        (marked,) = connection.execute("SELECT DISTINCT position FROM early.read_models").fetchall()
    assert marked == (120,)
    assert held == (sum(b.get("free", 0) for b in Oracle(values[:120]).balances().values()),)
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        for name in ("hengwen", "api", *(f"model_{m.name}" for m in MODELS)):
            connection.execute(f"DROP SCHEMA {name} CASCADE")
    with projected(postgres_dsn, values[:120]) as connection:
        assert digests(connection) == found


def test_a_schema_that_is_no_replay_is_never_touched(
    values: list[bytes], postgres_dsn: str
) -> None:
    """Neither the schema itself nor one that would be the replay's."""
    with opened(postgres_dsn) as connection:
        connection.execute("CREATE SCHEMA theirs")
        connection.execute("CREATE SCHEMA mine_balances")
        for name in ("theirs", "mine"):
            with pytest.raises(replays.SchemaTaken):
                built(connection, values, name, 10)
            assert not replays.drop(connection, name)
        schemas = {r[0] for r in connection.execute("SELECT nspname FROM pg_namespace")}
    assert {"theirs", "mine_balances"} <= schemas
    assert not any(name.startswith(("theirs_", "mine_p")) for name in schemas)


@pytest.mark.parametrize(
    "name", ["live", "api", "model", "model_x", "pg_x", "Spring", "1st", "a" * 41, "x-y", "a;b", ""]
)
def test_a_name_that_means_something_else_is_refused(name: str) -> None:
    """Names are lower-case identifiers that PostgreSQL and the read models do not use."""
    with pytest.raises(replays.NotAName):
        replays.check_name(name)


def test_a_replay_is_not_built_twice_and_goes_when_dropped(
    values: list[bytes], postgres_dsn: str
) -> None:
    """A finished one is kept as it is; dropped, nothing of it is left."""
    with opened(postgres_dsn) as connection:
        built(connection, values, "spring", 50)
        with pytest.raises(replays.ReplayComplete):
            built(connection, values, "spring", 60)
        assert [r[:2] for r in replays.replays(connection).values()] == [("spring", 50)]
        assert replays.drop(connection, "spring")
        left = connection.execute(
            "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'spring%'"
        ).fetchone()
        assert left == (0,)
        assert replays.replays(connection) == {}


def test_an_interrupted_replay_goes_on_where_it_was(
    values: list[bytes], postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after some batches, it reads only the rest when called again."""
    monkeypatch.setattr(timetravel, "REBUILD_EVENTS_MAX", 40)

    def kill(progress: Any) -> None:
        if progress.position >= 80:
            raise KeyboardInterrupt

    with opened(postgres_dsn) as connection, pytest.raises(KeyboardInterrupt):
        built(connection, values, "spring", 200, on_progress=kill)
    seen: list[int] = []
    with opened(postgres_dsn) as connection:
        built(connection, values, "spring", 200, on_progress=lambda p: seen.append(p.position))
        whole = built(connection, values, "whole", 200)
        for model in MODELS:
            halves = dump.digest(connection, model, store.REPLAY + "spring")
            assert halves == dump.digest(connection, model, whole.slot)
    assert seen == [120, 160, 200]


def test_one_name_is_built_by_one_process(values: list[bytes], postgres_dsn: str) -> None:
    """A second process that wants the name, or to drop it, is told to wait."""
    with opened(postgres_dsn) as connection, store.connect(postgres_dsn) as other:

        def meanwhile(_: Any) -> None:
            with pytest.raises(replays.ReplayBusy):
                built(other, values, "spring", 100)
            with pytest.raises(replays.ReplayBusy):
                replays.drop(other, "spring")

        built(connection, values, "spring", 100, on_progress=meanwhile)
        assert replays.drop(other, "spring")


def test_a_temporary_state_goes_with_its_process(values: list[bytes], postgres_dsn: str) -> None:
    """It is there as long as it is used; one left by a killed process goes with the next."""

    def wanted(name: str) -> Replay:
        return Replay(name, Position(30), temporary=True, complete=False)

    with opened(postgres_dsn) as connection:
        timetravel.replay(RecordedLog(values), connection, wanted("killed"))
        with store.connect(postgres_dsn) as other:
            assert "killed" in replays.replays(other)
    with opened(postgres_dsn) as connection:
        log, filled = RecordedLog(values), (BALANCES, PAYMENTS)
        replays.drop_abandoned(connection)
        with (
            timetravel.temporary(log, connection, wanted("used"), lambda _: None, filled=filled),
            timetravel.temporary(log, connection, wanted("other"), lambda _: None, filled=filled),
        ):
            assert set(replays.replays(connection)) == {"used", "other"}
        assert replays.replays(connection) == {}


def test_a_time_is_the_last_position_recorded_by_then(values: list[bytes]) -> None:
    """Before the first event nothing was known; equal times belong together."""
    log = RecordedLog(values)
    recorded = [decode(value).recorded_at for value in values]
    for instant in (recorded[0] - 1, recorded[0], recorded[57], recorded[57] + 1, recorded[-1]):
        expected = sum(at <= instant for at in recorded)
        assert timetravel.position_at(log, Micros(instant)) == expected


def test_the_end_of_the_log_is_the_end(values: list[bytes], postgres_dsn: str) -> None:
    """What is not recorded yet cannot be replayed."""
    with opened(postgres_dsn) as connection, pytest.raises(timetravel.BeyondTheLog):
        built(connection, values, "spring", len(values) + 1)


def test_differences_are_those_of_the_oracle(values: list[bytes], postgres_dsn: str) -> None:
    """Every figure that differs, and exactly the events in between that moved fen."""
    first, second = Oracle(values[:120]).balances(), Oracle(values).balances()
    figures = [figure.removesuffix("_fen") for figure in COUNTERS]
    expected = {
        (*account, figure): (first.get(account, {}).get(figure, 0), held.get(figure, 0))
        for account, held in second.items()
        for figure in figures
        if first.get(account, {}).get(figure, 0) != held.get(figure, 0)
    }
    with projected(postgres_dsn, values) as connection:
        built(connection, values, "early", 120)
        changed = compare.balances(connection, State("early"), State())
        back = compare.balances(connection, State(), State("early"))
        moved = compare.movements(connection, State("early"), State())
        same = compare.balances(connection, State(), State())
    assert {(c[0], c[1], c[2].removesuffix("_fen")): c[3:] for c in changed} == expected
    assert [(*c[:3], c[4], c[3]) for c in back] == changed
    assert {c[:2] for c in changed} <= {m[:2] for m in moved}
    assert all(position > 120 for m in moved for position in m.positions)
    assert same == []


@pytest.fixture(scope="module")
def programme() -> Programme:
    """Two payments, one of them dated back and one sent back by the bank."""
    made = Programme().funded(5_000_000)
    made.allocate(COUNTY, TOWN, 700_000)
    made.today = day("2019-01-22")
    made.at = Micros(made.at + 3 * 86_400_000_000)
    made.pay(1)
    second = made.pay(2, organisation=TOWN)
    made.do(
        s.BouncePayment, organisation=TOWN, payment=second.payment, fund=FUND,
        reason_code="ACCOUNT_CLOSED", document=None,
    )  # fmt: skip
    made.pay(3, occurred_on=day("2019-01-20"))
    return made


def test_payments_tell_which_event_changed_them(programme: Programme, postgres_dsn: str) -> None:
    """New, in another state, or not known yet; with the position that did it."""
    values = [verdict.value for verdict in programme.verdicts]
    end = len(values)
    with projected(postgres_dsn, values) as connection:
        built(connection, values, "then", end - 2)
        built(connection, values, "before", end - 4)
        changed = compare.payments(connection, State("then"), State())
        back = compare.payments(connection, State(), State("then"))
        steps = compare.steps(connection, State("before"), State())
        first = compare.payments(connection, State("before"), State(), limit=1)
    assert [(c.position, c.before, c.after, c.event) for c in changed] == [
        (end - 2, "ORDERED", "BOUNCED", end - 1), (end, None, "ORDERED", end),
    ]  # fmt: skip
    assert [(c.before, c.after) for c in back] == [("BOUNCED", "ORDERED"), ("ORDERED", None)]
    assert [tuple(step) for step in steps] == [
        (None, "BOUNCED", 1, 100_000), (None, "ORDERED", 2, 200_000),
    ]  # fmt: skip
    assert [c.position for c in first] == [end - 3]


def test_what_was_known_then_is_not_what_is_known_now_about_then(
    programme: Programme, postgres_dsn: str
) -> None:
    """A payment of the 20th recorded on the 24th: unknown then, and counted now about then."""
    values = [verdict.value for verdict in programme.verdicts]
    about = day("2019-01-20")
    with projected(postgres_dsn, values) as connection:
        built(connection, values, "then", len(values) - 1)
        known_then, now = State("then", about), State(as_of=about)
        paid = compare.payments(connection, known_then, now)
        changed = compare.balances(connection, known_then, now)
        (moved,) = compare.movements(connection, known_then, now)
    assert [(p.before, p.after, p.event) for p in paid] == [(None, "ORDERED", len(values))]
    assert [(c.organisation, c.figure, c.after_fen - c.before_fen) for c in changed] == [
        (COUNTY, "free_fen", -100_000), (COUNTY, "ordered_fen", 100_000),
    ]  # fmt: skip
    assert moved.positions == [len(values)]
