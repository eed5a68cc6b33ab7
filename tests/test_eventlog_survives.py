"""What the log survives: a broker without power, a holder of the lease that is killed."""

import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from drills import until
from eventlog_logs import EMBEDDED, Place, embedded_place, events, kafka_log, kafka_place, outgoing

from app.local_kafka import Broker
from eventlog.clients import KAFKA_PYTHON, LIBRDKAFKA, ClientName
from eventlog.contract import Abortable, LogUnavailable
from eventlog.digest import digest
from eventlog.kafka import KafkaLog

WAIT_S_MAX = 120.0
BATCH = 20
HOLDER = """
import sys, time
from pathlib import Path
sys.path[:0] = {path!r}
from eventlog_logs import embedded_place, kafka_log
kind, where, name = sys.argv[1:]
log = embedded_place(Path(where)).open() if kind == "embedded" else kafka_log(where, name, kind)
with log.lease() as lease, log.writer() as writer:
    print("held", flush=True)
    time.sleep(600)
"""


def write_until(log: KafkaLog, stop: threading.Event) -> int:
    """Write batch after batch as admission does: whatever happens, open again and go on."""
    batches = 0
    while not stop.is_set():
        try:
            with log.writer() as writer:
                version = writer.max_notification_id() or 0
                while not stop.is_set():
                    versions = range(version + 1, version + BATCH + 1)
                    positions = writer.insert_events(events("account/a", *versions))
                    assert positions == list(versions)
                    version += BATCH
                    batches += 1
        except (Abortable, LogUnavailable):
            time.sleep(0.5)
    return batches


def position(log: KafkaLog) -> int | None:
    """Position of the last event; None while the broker is not yet what it was."""
    try:
        return log.last_position()
    except LogUnavailable:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("client", [KAFKA_PYTHON, LIBRDKAFKA])
def test_a_power_cut_of_the_broker_loses_and_doubles_nothing(
    own_broker: Broker, log_name: str, client: ClientName
) -> None:
    """Written before, during and after: dense positions, each event once, all there."""
    kafka_place(own_broker.bootstrap, log_name)
    stop = threading.Event()
    written: list[int] = []
    with closing(kafka_log(own_broker.bootstrap, log_name, client)) as log:
        thread = threading.Thread(target=lambda: written.append(write_until(log, stop)))
        thread.start()
        try:
            until(lambda: log.last_position() > 10 * BATCH, WAIT_S_MAX)
            own_broker.kill()
            time.sleep(1)
            own_broker.start()
            until(lambda: position(log) is not None, WAIT_S_MAX)
            before = log.last_position()
            until(lambda: (position(log) or 0) > before + BATCH, WAIT_S_MAX)
        finally:
            stop.set()
            thread.join()
    with closing(kafka_log(own_broker.bootstrap, log_name, client)) as log:
        last = log.last_position()
        assert last > before + BATCH
        assert last >= written[0] * BATCH
        assert last % BATCH == 0
        assert digest(log).count == last
        with log.follower() as recorder:
            versions = [e.originator_version for e in recorder.select_events("account/a")]
    assert versions == list(range(1, last + 1))


@pytest.mark.slow
@pytest.mark.parametrize("client", [KAFKA_PYTHON, LIBRDKAFKA])
def test_a_holder_that_the_broker_no_longer_hears_has_lost_the_lease(
    own_broker: Broker, log_name: str, client: ClientName
) -> None:
    """When its session has run out, and for good: whoever lost it must begin anew."""
    kafka_place(own_broker.bootstrap, log_name)
    with closing(kafka_log(own_broker.bootstrap, log_name, client)) as log, log.lease() as lease:
        own_broker.kill()
        until(lambda: not lease.held, WAIT_S_MAX)
        own_broker.start()
        time.sleep(1)
        assert not lease.held


@pytest.mark.parametrize(
    "kind",
    [
        EMBEDDED,
        pytest.param(KAFKA_PYTHON, marks=pytest.mark.kafka),
        pytest.param(LIBRDKAFKA, marks=pytest.mark.kafka),
    ],
)
@pytest.mark.slow
def test_a_standby_takes_over_from_a_killed_holder(
    request: pytest.FixtureRequest, kind: str, log_name: str, tmp_path: Path
) -> None:
    """SIGKILL the holder: the standby has the lease soon after, and writes on."""
    if kind == EMBEDDED:
        where, place = str(tmp_path), embedded_place(tmp_path)
    else:
        where = request.getfixturevalue("kafka_bootstrap")
        place = kafka_place(where, log_name)
    code = HOLDER.format(path=[str(Path(__file__).parent.parent), str(Path(__file__).parent)])
    holder = subprocess.Popen(
        [sys.executable, "-c", code, kind, where, log_name], stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        taken_over(place, holder)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


def taken_over(place: Place, holder: "subprocess.Popen[bytes]") -> None:
    """Stand by, kill the holder, have the lease."""
    with place.opened() as log:
        log.append([outgoing(1)])
        standby = threading.Event()

        def stand_by() -> None:
            with log.lease() as lease, log.writer() as writer:
                assert lease.held
                writer.insert_events(events("account/a", 1))
                standby.set()

        thread = threading.Thread(target=stand_by)
        thread.start()
        try:
            assert not standby.wait(2)
        finally:
            holder.kill()
            thread.join(WAIT_S_MAX)
        assert standby.is_set()
        assert log.last_position() == 1
