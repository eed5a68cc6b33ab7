"""Admission opened in a process of its own, on the files another one left: when could it decide?"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from benchmarks.admission import open_loop
from consumers.interpreter import tuned
from consumers.state_store import StateStore
from eventlog.clients import open_client
from eventlog.kafka import KafkaLog


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print the instant at which it was open, in nanoseconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--client", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    client = open_client(asked.bootstrap, None, asked.client)
    log = KafkaLog(client, asked.log, index=asked.folder / "index.sqlite")
    store = StateStore(asked.folder / "state.sqlite")
    with log.lease(), log.writer():
        open_loop(log, store).open()
        with tuned():
            ready_ns = time.time_ns()
    store.close()
    log.close()
    say(json.dumps({"ready_ns": ready_ns}) + "\n")


if __name__ == "__main__":
    main()
