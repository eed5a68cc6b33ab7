"""Drills: admission is killed, frozen, doubled, robbed of its files, on a real broker."""

import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from drills import Site, history

pytestmark = pytest.mark.slow

MOMENTS = ("begun 1", "begun 4", "sent 1", "sent 4", "committed 1", "committed 4", "saved 3")


@pytest.mark.parametrize("client", ["kafka-python", "librdkafka"])
def test_admission_killed_in_mid_transaction_or_before_its_state_is_written(
    kafka_bootstrap: str, log_name: str, tmp_path: Path, client: str
) -> None:
    """Whatever moment of a transaction the power fails at, the next start goes on as if nothing was."""

    def drill(number: int) -> None:
        name, moment = f"{log_name}-{number}", MOMENTS[number]
        with Site(kafka_bootstrap, name, tmp_path / name) as site:
            site.submit(history(150))
            killed = site.disturbed(f"kill {moment}", "admit", HENGWEN_KAFKA_CLIENT=client)
            assert killed.ended() == -signal.SIGKILL, killed.printed()
            assert site.position() < len(history(150))
            site.hengwen("admit", "--once", HENGWEN_KAFKA_CLIENT=client)
            site.check_state(site.check_log())

    # Together, because most of the time is waiting for the dead one's lease to run out.
    with ThreadPoolExecutor(len(MOMENTS)) as at_once:
        list(at_once.map(drill, range(len(MOMENTS))))
