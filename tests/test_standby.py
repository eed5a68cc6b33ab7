"""An admission that waits and follows: its own files alone, the same bytes, early refusals."""

import gc
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from packs import log_of, programme
from programme import Programme
from test_admission_loop import loop_on, ordered

from admission.state import State
from consumers.admission import OtherLedger, StoppedWaiting
from consumers.interpreter import SWITCH_S, tuned
from consumers.standby import Standby
from consumers.state_lock import StateLock
from consumers.state_store import StateStore
from eventlog.contract import LogDamaged, LogUnavailable
from eventlog.embedded import EmbeddedLog
from evidence.folder import EvidenceFolder
from evidence.guard import refuse_damaged


def decided(path: Path, given: Programme, *, until: int | None = None) -> EmbeddedLog:
    """A log of a programme's submissions and verdicts, decided on another machine."""
    log = ordered(path / "log", given)
    store = StateStore(path / "elsewhere")
    loop_on(log, store).run(lambda _: None, until=until or len(given.submitted))
    store.close()
    return log


@contextmanager
def standby_on(
    log: EmbeddedLog, state: Path, check: Callable[[State], object] = lambda _: None
) -> Iterator[Standby]:
    """A standby of a machine whose state is in a file."""
    store = StateStore(state)
    with Standby(log, store, StateLock(state), check, begin_s=0) as standby:
        yield standby
    store.close()


def rows(state: Path) -> dict[str, bytes]:
    """What is in a file of state."""
    store = StateStore(state)
    found = dict(store.dump())
    store.close()
    return found


@pytest.fixture(scope="module")
def given() -> Programme:
    """A programme with two payments, its rows as folded in memory."""
    programme = Programme().funded()
    programme.pay(1)
    programme.pay(2)
    programme.save()
    return programme


def test_what_is_followed_gives_the_same_rows_as_opening(tmp_path: Path, given: Programme) -> None:
    """From nothing, from halfway, and while the other one goes on deciding."""
    log = decided(tmp_path, given, until=60)
    with standby_on(log, tmp_path / "b") as standby:
        standby.follow()
        loop_on(log, StateStore(tmp_path / "elsewhere")).run(
            lambda _: None, until=len(given.submitted)
        )
        standby.follow()
        assert rows(tmp_path / "b") == given.rows
    assert rows(tmp_path / "elsewhere") == given.rows


def test_files_in_which_another_process_decides_are_left_alone(
    tmp_path: Path, given: Programme
) -> None:
    """Who shares a machine with the one that decides never takes its state from it."""
    log = decided(tmp_path, given, until=60)
    shared = tmp_path / "elsewhere"
    deciding, lock = StateStore(shared), StateLock(shared)
    deciding.take()
    assert lock.take()
    before = rows(shared)
    with standby_on(log, shared) as standby:
        standby.follow()
        deciding.save({"ledger": before["ledger"]})
        lock.release()
        standby.follow()
    assert rows(shared) == before
    deciding.close()


def test_a_state_that_is_taken_while_it_is_followed_is_let_go(
    tmp_path: Path, given: Programme
) -> None:
    """Whoever became the writer first takes the state: the standby writes nothing more into it."""
    log = decided(tmp_path, given, until=60)
    state = tmp_path / "b"
    with standby_on(log, state) as standby:
        standby.follow()
        loop_on(log, StateStore(state)).run(lambda _: None, until=len(given.submitted))
        standby.follow()
        standby.follow()
    assert rows(state) == given.rows


def test_a_standby_makes_a_foreign_or_damaged_state_anew(tmp_path: Path, given: Programme) -> None:
    """As opening does: of another log, no rows of ours, a value that is none."""
    log = decided(tmp_path, given)
    foreign = Programme(name="foreign").funded()
    other = tmp_path / "other"
    other.mkdir()
    decided(other, foreign).close()

    def of_another_log(state: Path) -> None:
        (other / "elsewhere").rename(state)

    def unreadable_rows(state: Path) -> None:
        StateStore(state).save({"ledger": b"[1"})

    def of_another_layout(state: Path) -> None:
        with sqlite3.connect(state) as file:
            file.execute("PRAGMA user_version = 1")
        file.close()

    for accident in (of_another_log, unreadable_rows, of_another_layout):
        state = tmp_path / accident.__name__
        accident(state)
        with standby_on(log, state) as standby:
            standby.follow()
            standby.follow()
        assert rows(state) == given.rows


def test_a_standby_refuses_what_it_would_not_open(tmp_path: Path, given: Programme) -> None:
    """Before anybody needs it: a log that is not what was signed, and another ledger."""
    log = decided(tmp_path, given)

    def damaged(_: State) -> None:
        raise LogDamaged("shorter than its checkpoint")

    with standby_on(log, tmp_path / "b", damaged) as standby, pytest.raises(LogDamaged):
        standby.follow()
    with log.lease(), pytest.raises(OtherLedger):
        loop_on(log, StateStore(tmp_path / "c"), pinned="00" * 32).run(lambda _: None, until=1)
    with log.lease(), pytest.raises(LogDamaged):
        loop_on(log, StateStore(tmp_path / "d"), guard=damaged).run(lambda _: None, until=1)


def test_what_was_signed_is_hashed_while_it_is_followed(tmp_path: Path) -> None:
    """A machine without tiles has then nothing left to hash when it takes over."""
    log = log_of(programme(), tmp_path / "elsewhere")
    own = EvidenceFolder(tmp_path / "own")

    def check(state: State) -> None:
        refuse_damaged(log, own, state.get("checkpoint-keys") or [])

    with standby_on(log, tmp_path / "b", check) as standby:
        standby.follow()
    seen = own.seen()
    assert seen is not None
    assert seen.size == log.last_position()


def test_a_log_that_is_away_for_a_moment_ends_no_standby(tmp_path: Path, given: Programme) -> None:
    """It rests, and is no worse off than one that did not follow."""
    log = decided(tmp_path, given)

    class Away(EmbeddedLog):
        def read_events(self, **_: object) -> list[object]:  # type: ignore[override]
            raise LogUnavailable("the broker does not answer")

    away = Away(tmp_path / "log", "t")
    with standby_on(away, tmp_path / "b") as standby:
        standby.follow()
        standby.follow()
    assert rows(tmp_path / "b") == {}
    loop_on(log, StateStore(tmp_path / "b")).open()
    assert rows(tmp_path / "b") == given.rows


def test_a_standby_that_is_told_to_stop_stops(tmp_path: Path, given: Programme) -> None:
    """Also if the signal itself was not heard."""
    log = decided(tmp_path, given)
    state = tmp_path / "b"
    store = StateStore(state)
    loop = loop_on(log, store, wait=lambda _: rows(state) == given.rows)
    with log.lease(), pytest.raises(StoppedWaiting):
        loop.run(lambda _: None)


def test_the_interpreter_is_as_it_was_once_nothing_is_decided(
    tmp_path: Path, given: Programme
) -> None:
    """Deciding turns the collector off for itself, not for the rest of the process."""
    log = ordered(tmp_path / "log", given)
    store = StateStore(tmp_path / "state")
    before = gc.isenabled(), gc.get_freeze_count(), sys.getswitchinterval()
    assert before[0]
    during = set[tuple[bool, float]]()
    loop_on(log, store).run(
        lambda _: during.add((gc.isenabled(), round(sys.getswitchinterval(), 6))),
        until=len(given.submitted),
    )
    assert during == {(False, SWITCH_S)}
    assert (gc.isenabled(), gc.get_freeze_count(), sys.getswitchinterval()) == before
    with pytest.raises(LogDamaged), tuned():
        raise LogDamaged
    assert (gc.isenabled(), gc.get_freeze_count(), sys.getswitchinterval()) == before
