"""A verdict is a pure function of the submissions so far: same input, same bytes, whatever else."""

import hashlib
import os
import random
import secrets
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
from programme import COUNTY, Programme, codes, state_dump

from admission.decide import Admission
from admission.fold import apply
from admission.state import State
from domain import submissions as s
from domain.units import Micros

BATCHES = [1, 7, 50, 10_000]


def history() -> Programme:
    """A varied history: accepted, refused, repeated, poison, undone."""
    programme = Programme().funded()
    for number in range(1, 12):
        programme.pay(number, occasion="DAILY", campaign="2019-DAILY")
    programme.pay(3)
    programme.pay(3)
    submission, attestations = programme.payment(4, amount_fen=400_000)
    programme.submit(submission, None, attestations)
    programme.submit(submission, None, attestations)
    programme.send(None, None)
    programme.send(b"\xc3\x01garbage", b"garbage")
    roster = programme.roster(2, 200_000)
    paid = programme.pay(5, roster=roster.roster, roster_row=1)
    programme.pay(6, roster=roster.roster, roster_row=2)
    programme.do(s.RejectRoster, organisation=COUNTY, roster=roster.roster, reason_code="TYPO")
    undone = programme.pay(7)
    programme.do(
        s.ReversePayment, organisation=COUNTY, payment=undone.payment, fund=undone.fund,
        reason_code="WRONG", document="样例1号",
    )  # fmt: skip
    assert paid.roster_row == 1
    return programme


def fresh(rows: dict[str, bytes]) -> Admission:
    """An admission that knows only what is in *rows*."""
    return Admission(State(lambda keys: {k: rows[k] for k in keys if k in rows}))


@pytest.mark.parametrize("size", BATCHES)
def test_batches_change_nothing(size: int) -> None:
    """Read together or one by one, saved often or once: the same bytes and the same state."""
    given = history()
    rows: dict[str, bytes] = {}
    admission = fresh(rows)
    values = []
    for start in range(0, len(given.submitted), size):
        attempts = admission.read(given.submitted[start : start + size])
        values += [admission.decide(attempt).value for attempt in attempts]
        rows.update(admission.state.take_rows())
    assert values == [v.value for v in given.verdicts]
    given.save()
    assert rows == given.rows


def test_a_state_folded_from_events_is_the_state_that_decided() -> None:
    """At every record: dropped and folded again, the next verdict is the same."""
    given = history()
    rows: dict[str, bytes] = {}
    for index, verdict in enumerate(given.verdicts):
        again = fresh(rows).decide(given.submitted[index])
        assert again.value == verdict.value
        state = State(lambda keys: {k: rows[k] for k in keys if k in rows})
        apply(state, verdict.position, verdict.event, verdict.value)
        rows.update(state.take_rows())
    given.save()
    assert rows == given.rows


def test_no_clock_and_no_chance_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deciding and folding while every clock and every source of chance raises."""
    given = history()

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a verdict asked the clock or chance")

    for owner, name in (
        (time, "time"), (time, "time_ns"), (time, "monotonic"), (uuid, "uuid4"),
        (uuid, "uuid1"), (secrets, "token_bytes"), (random, "random"), (os, "urandom"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, forbidden)
    monkeypatch.setattr("eventsourcing.domain.datetime_now_with_tzinfo", forbidden)
    admission = fresh({})
    values = [admission.decide(submitted).value for submitted in given.submitted]
    monkeypatch.undo()
    assert values == [v.value for v in given.verdicts]


def test_a_falling_clock_does_no_harm() -> None:
    """Append times that go back never make recorded_at fall."""
    given = Programme().funded()
    before = given.verdicts[-1].event.recorded_at
    given.at = Micros(given.at - 3_600_000_000)
    event = given.pay(1)
    assert codes(event) == []
    assert event.recorded_at == before


DIGEST = """
import hashlib
from test_determinism import history
from programme import state_dump
given = history()
digest = hashlib.sha256(b"".join(v.value for v in given.verdicts))
digest.update(state_dump(given).encode())
print(digest.hexdigest())
"""


def test_hash_seeds_and_time_zones_change_nothing() -> None:
    """Two seeds, two zones, another process: one digest over all bytes and rows."""
    root = Path(__file__).parents[1]
    found = set()
    for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"), ("3", "America/Los_Angeles")):
        environment = os.environ | {
            "PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": f"{root}:{root / 'tests'}",
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        found.add(done.stdout.strip())
    given = history()
    here = hashlib.sha256(b"".join(v.value for v in given.verdicts))
    here.update(state_dump(given).encode())
    assert found == {here.hexdigest()}
