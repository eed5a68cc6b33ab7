"""The loop of admission on the embedded log: restarts, waiting for the clock, refusing damage."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import OperationalError, connect

import pytest
from programme import Programme

from consumers.admission import AdmissionLoop, OtherLedger
from consumers.state_store import StateStore
from eventlog.contract import Fenced, LogDamaged, Outgoing
from eventlog.embedded import EmbeddedLog


def ordered(path: Path, given: Programme) -> EmbeddedLog:
    """A log that holds a programme's submissions with their times."""
    times = iter([s.appended_at for s in given.submitted])
    last = given.submitted[-1].appended_at
    log = EmbeddedLog(path, "t", clock=lambda: next(times, last))
    for submitted in given.submitted:
        log.append([Outgoing("G", submitted.value or b"", submitted.proof)])
    return log


def loop_on(log: EmbeddedLog, store: StateStore, **more: object) -> AdmissionLoop:
    """A loop whose clock is far ahead of every submission."""
    options = {"clock_us": lambda: 2_000_000_000_000_000, "wait": lambda _: False} | more
    return AdmissionLoop(log, store, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [1, 13, 1_000])
def test_restarted_at_any_batch_the_log_and_the_state_are_the_same(
    tmp_path: Path, size: int
) -> None:
    """Batches of any size, a new process for each fifth: the same bytes as in memory."""
    given = Programme().funded()
    given.pay(1)
    given.pay(1)
    log = ordered(tmp_path / "log", given)
    end = len(given.submitted)
    for until in (*range(0, end, max(end // 5, 1)), end):
        store = StateStore(tmp_path / "state")
        loop_on(log, store, batch_max=size).run(lambda _: None, until=until)
        store.close()
    events = log.read_events(after=0, limit=10_000, timeout_s=0)
    assert [e.value for e in events] == [v.value for v in given.verdicts]
    given.save()
    assert dict(StateStore(tmp_path / "state").dump()) == given.rows


def test_a_submission_ahead_of_our_clock_waits_and_changes_no_byte(tmp_path: Path) -> None:
    """Deciding goes on up to it, and with it once the clock has come near."""
    given = Programme().funded()
    log = ordered(tmp_path / "log", given)
    ahead = given.submitted[-1].appended_at
    clock = iter([ahead - 60_000_002, ahead - 60_000_001, ahead])
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        if seconds:
            waited.append(seconds)
        return False

    now = [next(clock)]

    def clock_us() -> int:
        found = now[0]
        now[0] = next(clock, ahead)
        return found

    store = StateStore(tmp_path / "state")
    loop = loop_on(log, store, clock_us=clock_us, wait=wait)
    loop.run(lambda _: None, until=len(given.submitted))
    assert waited == [1.0]
    events = log.read_events(after=0, limit=10_000, timeout_s=0)
    assert [e.value for e in events] == [v.value for v in given.verdicts]


def test_a_batch_that_could_not_be_written_is_decided_again_by_the_same_writer(
    tmp_path: Path,
) -> None:
    """Nothing of it is in the log or in the state; the lease is kept, and the bytes are the same."""
    given = Programme().funded()
    log = ordered(tmp_path / "log", given)
    with log.tables.writing() as connection:
        connection.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON events WHEN NEW.position = 40"
            " BEGIN SELECT json('{'); END"
        )
    found = list[int]()

    def wait(seconds: float) -> bool:
        if seconds:
            found.append(log.last_position())
            with pytest.raises(OperationalError, match="locked"), log_held_elsewhere(log):
                pass
            with log.tables.writing() as connection:
                connection.execute("DROP TRIGGER broken")
        return False

    store = StateStore(tmp_path / "state")
    loop_on(log, store, wait=wait, batch_max=16).run(lambda _: None, until=len(given.submitted))
    assert found == [32]
    events = log.read_events(after=0, limit=10_000, timeout_s=0)
    assert [e.value for e in events] == [v.value for v in given.verdicts]
    given.save()
    assert dict(store.dump()) == given.rows


@contextmanager
def log_held_elsewhere(log: EmbeddedLog) -> Iterator[None]:
    """Be the one active writer, if nobody is."""
    path = log.path.with_name(f"{log.path.name}.lease")
    with closing(connect(path, timeout=0, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield


def test_another_ledger_than_the_settings_name_is_not_opened(tmp_path: Path) -> None:
    """A pinned ledger id is a promise."""
    given = Programme().funded()
    log = ordered(tmp_path / "log", given)
    loop_on(log, StateStore(tmp_path / "state")).run(lambda _: None, until=len(given.submitted))
    with pytest.raises(OtherLedger):
        loop_on(log, StateStore(tmp_path / "state"), pinned="00" * 32).open()
    loop_on(log, StateStore(tmp_path / "state"), pinned=given.ledger.hex()).open()


def test_nothing_is_decided_on_a_log_that_the_guard_refuses(tmp_path: Path) -> None:
    """The newest checkpoint is asked before the first verdict."""
    given = Programme().funded()
    log = ordered(tmp_path / "log", given)

    def guard(_: object) -> None:
        raise LogDamaged("shorter than its checkpoint")

    with pytest.raises(LogDamaged):
        loop_on(log, StateStore(tmp_path / "state"), guard=guard).run(lambda _: None, until=5)
    assert log.last_position() == 0


def test_a_process_that_comes_back_cannot_write_old_rows_over_newer_ones(tmp_path: Path) -> None:
    """Stopped with rows in hand while another took over the file: it is fenced, nothing changes."""
    given = Programme().funded()
    log = ordered(tmp_path / "log", given)
    zombie = StateStore(tmp_path / "state")
    loop_on(log, zombie).run(lambda _: None, until=50)
    stale = {"account/G/NORMALISED-2019": b"[1,[]]", "ledger": b'[1,0,"","",1]'}
    taken = StateStore(tmp_path / "state")
    loop_on(log, taken).run(lambda _: None, until=len(given.submitted))
    before = taken.dump()
    with pytest.raises(Fenced):
        zombie.save(stale)
    with pytest.raises(Fenced):
        zombie.clear()
    assert taken.dump() == before
