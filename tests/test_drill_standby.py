"""Drills: a standby follows a long log from an empty home, is killed at it, and takes over."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from drills import Process, Site, history

from app.problems import EXIT_CHECK_FAILED as CHECK_FAILED
from benchmarks.payments import Bench
from eventlog.port import OutgoingRecord

pytestmark = pytest.mark.slow

PAYMENTS = 15_000
"""With what is before them, over twenty thousand events."""
APPENDED = 2_000
LEFT_MAX = 1_000
"""Most events that a standby at the end of the log finds left to fold: a batch of the other one."""
FOLLOWING = "admission.following"
FOLDED = re.compile(r"admission\.open.*folded=(\d+)")
MOMENTS = ("indexed 2", "folded 1", "kept 1", "folded 3", "kept 1")


def left_to_fold(process: Process) -> int:
    """How many events the process had to fold when it took over."""
    [folded] = FOLDED.findall(process.printed())
    return int(folded)


def holder(site: Site, process: Process) -> Process:
    """The process that decides on machine a; begun anew if another drill has killed it."""
    if process.running:
        return process
    again = site.start("admit", machine="a")
    again.wait_printed("admission.open")
    return again


@pytest.fixture(scope="module")
def long_log(
    kafka_bootstrap: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Process]]:
    """A ledger of many payments, decided by a process on machine a."""
    bench = Bench()
    submitted = [*bench.registry(), *bench.payments(PAYMENTS)]
    records = [(one.value, one.proof) for one in submitted]
    folder = tmp_path_factory.mktemp("long")
    with Site(kafka_bootstrap, folder.name.replace("long", "long-log"), folder) as site:
        for start in range(0, len(records), APPENDED):
            site.submit(records[start : start + APPENDED])
        first = site.start("admit", machine="a")
        site.wait_decided()
        yield site, first


def test_a_standby_killed_at_any_instant_of_following_goes_on_from_there(
    long_log: tuple[Site, Process],
) -> None:
    """Its state is never half an event, and at the end the same rows as re-performing gives."""
    site, first = long_log
    first = holder(site, first)
    reached = [0]
    for moment in MOMENTS:
        killed = site.disturbed(f"kill {moment}", "admit", machine="killed")
        assert killed.ended() == -signal.SIGKILL, killed.printed()
        reached.append(site.followed("killed"))
    assert reached == sorted(reached)
    assert first.running, first.printed()
    standby = site.start("admit", machine="killed")
    site.wait_followed("killed")
    standby.wait_printed(FOLLOWING)
    assert standby.stop() == 0, standby.printed()
    site.check_state(site.check_log(), machine="killed")


def test_a_standby_with_an_empty_home_is_at_the_end_of_a_long_log_when_it_takes_over(
    long_log: tuple[Site, Process],
) -> None:
    """And so is the one that was killed, once it is the standby of the other."""
    site, first = long_log
    machines = {"a": holder(site, first)}
    for deciding, waiting in (("a", "b"), ("b", "a")):
        standby = machines[waiting] = site.start("admit", machine=waiting)
        site.wait_followed(waiting)
        site.submit(history(150)[:40])
        site.wait_decided()
        site.wait_followed(waiting)
        assert "admission.open" not in standby.printed()
        machines[deciding].kill()
        site.submit(history(150)[40:60])
        site.wait_decided()
        assert left_to_fold(standby) <= LEFT_MAX
    rows = site.check_log()
    for machine, process in machines.items():
        process.kill() if machine == "b" else process.stop()
    site.check_state(rows, machine="a")


def test_two_admissions_of_one_machine_never_take_its_state_from_one_another(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """The one that waits leaves the files alone as long as the other lives, then goes on with them."""
    records = history(150)
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:120])
        first = site.start("admit")
        site.wait_decided()
        second = site.start("admit")
        for start in range(120, 150, 10):
            site.submit(records[start : start + 10])
            site.wait_decided()
        assert first.running
        assert second.running
        first.kill()
        site.submit(records[150:])
        site.wait_decided()
        assert left_to_fold(second) <= LEFT_MAX
        assert second.stop() == 0, second.printed()
        site.check_state(site.check_log())


@pytest.mark.parametrize("client", ["kafka-python", "librdkafka"])
def test_a_standby_stops_at_what_is_no_event(
    kafka_bootstrap: str, log_name: str, tmp_path: Path, client: str
) -> None:
    """Whoever writes into the events topic beside admission is noticed by who merely follows it."""
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(history(150)[:50])
        first = site.start("admit", machine="a")
        site.wait_decided()
        standby = site.start("admit", machine="b", HENGWEN_KAFKA_CLIENT=client)
        site.wait_followed("b")
        with site.log() as log:
            producer = log.client.producer()
            producer.send([OutgoingRecord(f"{log_name}.events", None, b"no event", ())])
            producer.close()
        assert standby.ended() == CHECK_FAILED, standby.printed()
        assert first.running
