"""Every kind of submission is accepted somewhere, and writes the event that belongs to it."""

from collections import defaultdict
from dataclasses import fields
from hashlib import sha256
from typing import Any

import pytest
from doctored import refolded
from programme import Programme, codes
from whole_programme import everything, with_new_rules

from admission.decide import Admission
from admission.fold import FOLDS
from admission.rules import v1
from admission.state import State
from domain import events as e
from domain.submissions import SUBMISSIONS, Submission
from schemas import codec


@pytest.fixture(scope="module")
def given() -> Programme:
    """A programme in which everything happened once."""
    programme = everything()
    with_new_rules(programme)
    return programme


def _pairs(given: Programme) -> list[tuple[Any, Any]]:
    """Submissions as sent, and their verdicts."""
    return [
        (codec.decode(submitted.value or b""), verdict.event)
        for submitted, verdict in zip(given.submitted, given.verdicts, strict=True)
    ]


def test_a_whole_programme_is_accepted_to_the_last_submission(given: Programme) -> None:
    """Nothing of it is refused but the slip that is redacted, and no kind is missing."""
    refused = [codes(v.event) for v in given.verdicts if codes(v.event)]
    assert refused == [["FIELD_MALFORMED"]]
    assert {type(submission) for submission, _ in _pairs(given)} == set(SUBMISSIONS)
    told = {type(event) for _, event in _pairs(given)}
    assert told == set(e.EVENTS) - {e.SubmissionRepeated}


def test_every_kind_has_rules_and_every_event_a_fold() -> None:
    """Nothing that can be said is left undecided, nothing decided is left out of the state."""
    assert set(v1.KINDS) == {kind.TOPIC.removeprefix("hengwen.") for kind in SUBMISSIONS}
    assert set(FOLDS) == set(e.EVENTS)


def test_an_event_says_all_that_was_submitted(given: Programme) -> None:
    """Each field that event and submission share holds the same, and the digest binds the rest."""
    common = {f.name for f in fields(Submission)}
    for (submission, event), submitted in zip(_pairs(given), given.submitted, strict=True):
        assert event.submission_digest == sha256(submitted.value or b"").digest()
        assert event.proof_digest == sha256(submitted.proof or b"").digest()
        shared = {f.name for f in fields(event)} & {f.name for f in fields(submission)}
        assert common <= shared
        for name in shared:
            assert getattr(event, name) == getattr(submission, name), (event.TOPIC, name)


def test_every_stream_is_a_dense_chain(given: Programme) -> None:
    """Versions count from 1 and each event names the digest of the one before, on both chains."""
    heads: dict[tuple[str, str], tuple[int, bytes | None]] = defaultdict(lambda: (0, None))
    for verdict in given.verdicts:
        event, digest = verdict.event, sha256(verdict.value).digest()
        links = [("own", event.stream, event.version, event.previous)]
        if isinstance(event, e.Incoming):
            links.append(("in", event.in_stream, event.in_version, event.in_previous))
        for chain, stream, version, previous in links:
            assert (version - 1, previous) == heads[chain, stream]
            heads[chain, stream] = (version, digest)


@pytest.mark.parametrize("saved_every", [0, 1, 13])
def test_folding_the_events_gives_the_state_that_deciding_left(saved_every: int) -> None:
    """Dropped and rebuilt without deciding, however often it is written back on the way."""
    programme = everything()
    programme.save()
    values = [verdict.value for verdict in programme.verdicts]
    assert refolded(values, saved_every=saved_every) == programme.rows


@pytest.mark.parametrize("size", [1, 2, 17, 1_000])
def test_batches_change_nothing_when_the_registry_changes_too(size: int) -> None:
    """Moves, closed years, new policies and keys in mid-batch: the same bytes, the same state."""
    programme = everything()
    rows: dict[str, bytes] = {}
    admission = Admission(State(lambda keys: {k: rows[k] for k in keys if k in rows}))
    values = []
    for start in range(0, len(programme.submitted), size):
        attempts = admission.read(programme.submitted[start : start + size])
        values += [admission.decide(attempt).value for attempt in attempts]
        rows.update(admission.state.take_rows())
    assert values == [verdict.value for verdict in programme.verdicts]
    programme.save()
    assert rows == programme.rows
