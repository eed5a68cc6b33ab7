"""The contract of a log, kept by the embedded log and, with both clients, by the Kafka log."""

import itertools
import threading
import time
from pathlib import Path
from typing import cast

import pytest
from eventlog_logs import (
    EMBEDDED,
    READ_S,
    Place,
    embedded_place,
    events,
    kafka_place,
    outgoing,
    recorded,
)
from eventsourcing.persistence import IntegrityError, ProcessRecorder, ProgrammingError, Tracking

from eventlog.clients import KAFKA_PYTHON, LIBRDKAFKA, ClientName
from eventlog.contract import Fenced, Log, OrderedSubmission


@pytest.fixture(
    params=[
        EMBEDDED,
        pytest.param(KAFKA_PYTHON, marks=pytest.mark.kafka),
        pytest.param(LIBRDKAFKA, marks=pytest.mark.kafka),
    ]
)
def place(request: pytest.FixtureRequest, tmp_path: Path, log_name: str) -> Place:
    """Give a place for one log, of each kind in turn."""
    if request.param == EMBEDDED:
        return embedded_place(tmp_path)
    bootstrap = request.getfixturevalue("kafka_bootstrap")
    return kafka_place(bootstrap, log_name, cast(ClientName, request.param))


def all_submissions(
    log: Log, *, after: int = 0, hint: int | None = None
) -> list[OrderedSubmission]:
    """Read behind *after* until nothing comes."""
    found: list[OrderedSubmission] = []
    while more := log.read_submissions(
        after=found[-1].ordinal if found else after, limit=3, timeout_s=READ_S, hint=hint
    ):
        found += more
        hint = None
        if found[-1].ordinal == log.last_ordinal():
            break
    return found


def test_submissions_are_ordered_as_they_were_appended(place: Place) -> None:
    """Ordinals are 1, 2, 3 …, and key, value, proof and trace come back as they were sent."""
    with place.opened() as log:
        receipts = log.append([outgoing(1), outgoing(2)]) + log.append([outgoing(3)])
        found = all_submissions(log)

    assert [submission.ordinal for submission in found] == [1, 2, 3]
    assert [submission.offset for submission in found] == [r.offset for r in receipts]
    assert [submission.value for submission in found] == [
        b"submission 1",
        b"submission 2",
        b"submission 3",
    ]
    assert found[0].key == b"632221"
    assert (found[2].proof, found[2].proofs) == (b"proof 3", 1)
    assert dict(found[2].headers)["traceparent"] == b"trace-3"


def test_append_times_are_whole_milliseconds_of_today(place: Place) -> None:
    """Both logs keep milliseconds, so that a copy is exact."""
    with place.opened() as log:
        log.append([outgoing(1)])
        (found,) = all_submissions(log)

    assert found.appended_at % 1000 == 0
    assert abs(found.appended_at - time.time_ns() // 1000) < 60_000_000


def test_submissions_are_read_from_any_ordinal(place: Place) -> None:
    """Behind every ordinal, with the hint of an offset and without."""
    with place.opened() as log:
        receipts = log.append([outgoing(n) for n in range(1, 8)])
    for after, hinted in itertools.product(range(7), (True, False)):
        with place.opened() as log:
            hint = receipts[after - 1].offset if hinted and after else None
            found = all_submissions(log, after=after, hint=hint)
        assert [submission.ordinal for submission in found] == list(range(after + 1, 8))
        assert found[0].value == b"submission %d" % (after + 1)


def test_an_empty_log_has_nothing(place: Place) -> None:
    """Reading an empty log ends with its timeout."""
    with place.opened() as log:
        assert log.read_submissions(after=0, limit=10, timeout_s=0.1) == []
        assert log.read_events(after=0, limit=10, timeout_s=0.1) == []
        assert (log.last_ordinal(), log.last_position()) == (0, 0)


def test_a_reader_is_woken_by_what_is_appended(place: Place) -> None:
    """A blocking read returns as soon as there is something."""
    with place.opened() as log, place.opened() as other:
        log.append([outgoing(1)])
        assert len(log.read_submissions(after=0, limit=10, timeout_s=READ_S)) == 1
        timer = threading.Timer(0.2, lambda: other.append([outgoing(2)]))
        timer.start()
        started = time.monotonic()
        found = log.read_submissions(after=1, limit=10, timeout_s=READ_S)
        took_s = time.monotonic() - started
        timer.join()

    assert [submission.ordinal for submission in found] == [2]
    assert took_s < READ_S / 2, "it did not wait for its own end"


def test_events_have_dense_positions(place: Place) -> None:
    """Positions are 1, 2, 3 … over all batches, and each event is read as it was written."""
    with place.opened() as log:
        with log.writer() as writer:
            first = writer.insert_events(events("account/a", 1, 2), submission_offsets=[7, 9])
            second = writer.insert_events(events("account/b", 1), submission_offsets=[10])
        found = recorded(log, 3)

    assert (first, second) == ([1, 2], [3])
    assert [(e.position, e.stream, e.version) for e in found] == [
        (1, "account/a", 1),
        (2, "account/a", 2),
        (3, "account/b", 1),
    ]
    assert [event.value for event in found] == [b"account/a 1", b"account/a 2", b"account/b 1"]
    assert [event.submission_offset for event in found] == [7, 9, 10]
    assert {event.topic for event in found} == {"hengwen.Test"}


def test_events_are_read_from_any_position(place: Place) -> None:
    """Behind every position, though offsets are not dense."""
    with place.opened() as log, log.writer() as writer:
        for version in range(1, 10):
            writer.insert_events(events("account/a", version))
    with place.opened() as log:
        assert log.last_position() == 9
        for after in (4, 0, 8, 2, 7):
            (found,) = log.read_events(after=after, limit=1, timeout_s=READ_S)
            assert (found.position, found.version) == (after + 1, after + 1)
        assert log.read_events(after=9, limit=1, timeout_s=0.1) == []


def test_a_conflicting_batch_leaves_nothing(place: Place) -> None:
    """A taken version, or the same version twice, refuses the whole batch."""
    with place.opened() as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1))
        with pytest.raises(IntegrityError):
            writer.insert_events([*events("account/b", 1), *events("account/a", 1)])
        with pytest.raises(IntegrityError):
            writer.insert_events(events("account/b", 1, 1))
        assert writer.insert_events(events("account/b", 1)) == [2]
        assert log.last_position() == 2


def test_a_stream_is_selected_by_version(place: Place) -> None:
    """All of select_events: bounds, order, limit; ids are texts."""
    with place.opened() as log, log.writer() as writer:
        writer.insert_events([*events("account/a", 1, 2, 3), *events("account/b", 1)])
        found = writer.select_events("account/a", gt=1)
        last = writer.select_events("account/a", desc=True, limit=1)
        first = writer.select_events("account/a", lte=1)

    assert [event.originator_version for event in found] == [2, 3]
    assert found[0].originator_id == "account/a"
    assert (last[0].originator_version, first[0].originator_version) == (3, 1)


def test_notifications_are_selected_by_position(place: Place) -> None:
    """All of select_notifications: start, stop, topics, limit."""
    with place.opened() as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1, 2, 3, 4))
        found = writer.select_notifications(2, 10, stop=3)
        behind = writer.select_notifications(2, 1, inclusive_of_start=False)
        other = writer.select_notifications(1, 10, topics=["hengwen.Other"])

    assert [notification.id for notification in found] == [2, 3]
    assert [notification.id for notification in behind] == [3]
    assert other == []


def test_a_subscription_ends_when_it_is_stopped_while_it_waits(place: Place) -> None:
    """stop() from another thread, at any moment, ends the iteration and leaves no thread."""
    threads = threading.active_count()
    with place.opened() as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1))
        for pause in (0.0, 0.001, 0.05, 0.2):
            subscription = writer.subscribe(gt=0)
            timer = threading.Timer(pause, subscription.stop)
            timer.start()
            with subscription:
                assert [notification.id for notification in subscription] in ([1], [])
            timer.join()
    assert threading.active_count() <= threads + 1


def test_a_subscription_gives_what_comes_later(place: Place) -> None:
    """It goes on behind the end as events come, and from the position asked for."""
    with place.opened() as log, log.writer() as writer:
        writer.insert_events(events("account/a", 1, 2))
        with writer.subscribe(gt=1) as subscription:
            assert next(subscription).id == 2
            writer.insert_events(events("account/a", 3))
            assert next(subscription).id == 3


def test_tracking_is_written_with_its_events_or_not_at_all(place: Place) -> None:
    """Tracking that does not advance refuses the events, and a conflict refuses the tracking."""
    with place.opened() as log, log.writer() as writer:
        assert isinstance(writer, ProcessRecorder)
        writer.insert_events(events("view/a", 1), tracking=Tracking("upstream", 5))
        writer.insert_events([], tracking=Tracking("upstream", 6))
        with pytest.raises(IntegrityError):
            writer.insert_events(events("view/a", 2), tracking=Tracking("upstream", 6))
        with pytest.raises(IntegrityError):
            writer.insert_events(events("view/a", 1), tracking=Tracking("upstream", 7))
        assert writer.max_tracking_id("upstream") == 6
        assert log.last_position() == 1
    with place.opened() as log, log.writer() as writer:
        assert isinstance(writer, ProcessRecorder)
        assert writer.max_tracking_id("upstream") == 6


def test_a_log_opened_again_goes_on(place: Place) -> None:
    """Another opening reads what was written, and writes behind it."""
    with place.opened() as log:
        log.append([outgoing(1), outgoing(2)])
        with log.writer() as writer:
            writer.insert_events(events("account/a", 1, 2))
    with place.opened() as log:
        log.append([outgoing(3)])
        assert log.last_ordinal() == 3
        with log.writer() as writer:
            assert [e.originator_version for e in writer.select_events("account/a")] == [1, 2]
            assert writer.insert_events(events("account/a", 3)) == [3]
            with pytest.raises(IntegrityError):
                writer.insert_events(events("account/a", 1))
        assert log.last_position() == 3


def test_an_older_writer_is_fenced(place: Place) -> None:
    """Once a later writer is open, the earlier one can write nothing more."""
    with place.opened() as old_log, place.opened() as new_log, old_log.writer() as old:
        old.insert_events(events("account/a", 1))
        with new_log.writer() as new:
            with pytest.raises(Fenced):
                old.insert_events(events("account/a", 2))
            assert new.insert_events(events("account/a", 2)) == [2]
            with pytest.raises(Fenced):
                old.insert_events(events("account/a", 3))
        assert new_log.last_position() == 2


def test_checkpoints_are_published_in_order(place: Place) -> None:
    """Each has a number, its note and its headers; they are read behind any number."""
    with place.opened() as log:
        assert (log.last_checkpoint(), log.read_checkpoints(after=0, limit=5)) == (0, [])
        numbers = [
            log.append_checkpoint(b"note %d" % n, (("event-offset", b"%d" % n),)) for n in range(3)
        ]
    with place.opened() as log:
        found = log.read_checkpoints(after=0, limit=2)
        found += log.read_checkpoints(after=found[-1].number, limit=2)
        assert log.last_checkpoint() == numbers[-1]
        assert log.read_checkpoints(after=numbers[-1], limit=2) == []
    assert [one.number for one in found] == numbers == sorted(numbers)
    assert [one.note for one in found] == [b"note 0", b"note 1", b"note 2"]
    assert [one.headers for one in found] == [(("event-offset", b"%d" % n),) for n in range(3)]


@pytest.mark.slow
def test_one_at_a_time_holds_the_lease(place: Place) -> None:
    """A second one waits until the first has given the lease back."""
    taken = threading.Event()

    def wait_for_it() -> None:
        with place.opened() as log, log.lease() as lease:
            assert lease.held
            taken.set()

    second = threading.Thread(target=wait_for_it)
    with place.opened() as log:
        with log.lease() as lease:
            assert lease.held
            second.start()
            assert not taken.wait(2)
            assert lease.held
        assert taken.wait(READ_S)
    second.join()


def test_a_reserved_stream_name_is_refused(place: Place) -> None:
    """A text that would be read back as a UUID cannot name a stream."""
    with place.opened() as log, log.writer() as writer, pytest.raises(ProgrammingError):
        writer.insert_events(events("urn:uuid:4f0c5d2e-0000-4000-8000-000000000000", 1))
