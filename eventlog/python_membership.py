"""Membership in a Kafka group with kafka-python: the lease of admission."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError

from eventlog.contract import LogUnavailable

CLOSE_TIMEOUT_S: Final = 5.0
JOIN_MS: Final = 1_000
"""Time in which a group is joined, also on a slow machine."""


@contextmanager
def unavailable() -> Iterator[None]:
    """Raise what the client raises as LogUnavailable."""
    try:
        yield
    except KafkaError as error:
        raise LogUnavailable(str(error)) from error


class PythonMembership(ConsumerRebalanceListener):  # type: ignore[misc] # untyped client
    """Membership in a group, see port.Membership."""

    def __init__(
        self, connection: Mapping[str, Any], group: str, topic: str, *, session_s: float
    ) -> None:
        self._held = threading.Event()
        self._consumer = KafkaConsumer(
            **connection,
            group_id=group,
            session_timeout_ms=int(session_s * 1000),
            heartbeat_interval_ms=int(session_s * 1000 / 6),
            enable_auto_commit=False,
            auto_offset_reset="latest",
            # The holder keeps the lease when others join; other assignors move it about.
            partition_assignment_strategy=(CooperativeStickyAssignor,),
            allow_auto_create_topics=False,
            # A topic that appears after joining is noticed within this time.
            metadata_max_age_ms=JOIN_MS,
        )
        self._consumer.subscribe([topic], listener=self)

    def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Hold the lease; nothing is read."""
        if assigned:
            self._consumer.pause(*assigned)
            self._held.set()

    def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        """Lose the lease."""
        if revoked:
            self._held.clear()

    def on_partitions_lost(self, lost: Sequence[TopicPartition]) -> None:
        """Lose the lease: the session ran out."""
        if lost:
            self._held.clear()

    def poll(self, timeout_s: float) -> bool:
        """Take part in the group."""
        wait_ms = int(timeout_s * 1000)
        with unavailable():
            # A poll that is too short gives up joining, and the next one begins it anew.
            self._consumer.poll(
                timeout_ms=wait_ms if self._held.is_set() else max(wait_ms, JOIN_MS)
            )
        self._join_again()
        return self._held.is_set() and not self._is_silent()

    def _join_again(self) -> None:
        # kafka-python 3.0.12 forgets a rebalance that came from a change of metadata if a poll
        # ends while it is in flight: the member then never joins, and sends no heartbeat.
        coordinator = self._consumer._coordinator  # noqa: SLF001 -- it is told nowhere else
        if coordinator.rejoining and not coordinator.rejoin_needed:
            coordinator.request_rejoin()

    def _is_silent(self) -> bool:
        # The client itself only looks for another coordinator, and keeps what it was assigned;
        # the group has given it to another member by now.
        coordinator = self._consumer._coordinator  # noqa: SLF001 -- it is told nowhere else
        silent: bool = (
            coordinator._heartbeat_enabled  # noqa: SLF001 -- as above
            and coordinator.heartbeat.session_timeout_expired()
        )
        return silent

    def close(self) -> None:
        """Leave the group."""
        self._held.clear()
        self._consumer.close(autocommit=False, timeout_ms=CLOSE_TIMEOUT_S * 1000)
