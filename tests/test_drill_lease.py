"""Drill: joining the lease while its topic appears, as a slow machine sees it."""

import time
from contextlib import closing

import pytest

from eventlog.clients import KAFKA_PYTHON, LIBRDKAFKA, ClientName, open_client
from eventlog.contract import LogUnavailable
from eventlog.topics import create_topics

JOINED_S_MAX = 120.0
POLL_S = 0.002
"""So short that a rebalance takes many polls, as with a poll of 200 ms on a loaded machine."""


@pytest.mark.parametrize("client", [KAFKA_PYTHON, LIBRDKAFKA])
def test_a_rebalance_that_takes_longer_than_a_poll_gives_the_lease_all_the_same(
    kafka_bootstrap: str, log_name: str, client: ClientName
) -> None:
    """A lone admission gets the lease, however slow machine and broker are."""
    opened = open_client(kafka_bootstrap, client=client)
    with closing(
        opened.membership(f"{log_name}.lease", f"{log_name}.events", session_s=6.0)
    ) as membership:
        for _ in range(6):
            try:
                membership.poll(0.05)
            except LogUnavailable:
                break  # librdkafka says at once that there is no such topic
        create_topics(kafka_bootstrap, log_name, replication_factor=1, min_insync_replicas=1)
        deadline = time.monotonic() + JOINED_S_MAX
        held = False
        while not held and time.monotonic() < deadline:
            try:
                held = membership.poll(POLL_S)
            except LogUnavailable:
                time.sleep(POLL_S)
    assert held
