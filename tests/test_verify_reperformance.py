"""Re-performance: every decision made again from the submissions, and compared byte for byte."""

from collections.abc import Iterator

import pytest
from doctored import version
from packs import programme
from packs_forged import altered, flipped
from programme import Programme

from domain.events import SubmissionRefused
from domain.units import Micros
from evidence.reperformance import (
    Difference,
    Reperformance,
    Step,
    difference,
    recorded_at,
    shown,
)
from evidence.verify_rows import Rows
from schemas.codec import Unreadable, decode


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture
def steps(made: Programme) -> list[Step]:
    """Its submissions with their verdicts."""
    return [
        Step(v.position, one.value, one.proof, one.proofs, one.appended_at, v.value)
        for one, v in zip(made.submitted, made.verdicts, strict=True)
    ]


def _refused(steps: list[Step]) -> int:
    """The index of the first submission that was refused: it may be redacted."""
    return next(n for n, s in enumerate(steps) if isinstance(decode(s.stored), SubmissionRefused))


@pytest.fixture
def again() -> Iterator[Reperformance]:
    """A re-performance of nothing yet."""
    with Rows() as rows:
        yield Reperformance(rows.load, rows.save)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_what_was_decided_is_decided_again_whatever_the_batches(
    again: Reperformance, steps: list[Step], size: int
) -> None:
    """No byte depends on where a batch begins."""
    for start in range(0, len(steps), size):
        assert again.run(steps[start : start + size]) is None
    assert again.position == len(steps)


def test_the_time_of_an_event_is_found_without_decoding_it(made: Programme) -> None:
    """The same as decoding gives, for every kind of event; what is cut short is unreadable."""
    for verdict in made.verdicts:
        assert recorded_at(verdict.value) == verdict.event.recorded_at
    for length in (0, 9, 30, 60, 100):
        with pytest.raises(Unreadable):
            recorded_at(made.verdicts[90].value[:length])


def test_a_verdict_that_differs_is_shown_field_by_field(
    again: Reperformance, steps: list[Step]
) -> None:
    """What is stored, and what it had to be."""
    steps[90] = steps[90]._replace(stored=altered(steps[90].stored, amount_fen=1))
    found = again.run(steps)
    assert found is not None
    assert (found.position, found.code) == (91, "VERDICT_DIFFERS")
    assert [tuple(field) for field in found.fields] == [("amount_fen", "1", "100000")]


def test_what_comes_before_a_verdict_that_cannot_be_read_is_decided_first(
    again: Reperformance, steps: list[Step]
) -> None:
    """The first difference is the one that counts."""
    steps[92] = steps[92]._replace(stored=b"\xc3\x01")
    assert again.run(steps) == Difference(93, "VERDICT_UNREADABLE")
    assert again.position == 92


def test_a_time_that_falls_or_is_not_the_append_time_is_a_difference(
    again: Reperformance, steps: list[Step]
) -> None:
    """recorded_at is the append time, never less than the verdict's before."""
    early = altered(steps[90].stored, recorded_at=Micros(1))
    with Rows() as rows:
        found = Reperformance(rows.load, rows.save).run(
            [*steps[:90], steps[90]._replace(stored=early, appended_at=1)]
        )
    assert found is not None
    assert (found.position, found.code) == (91, "TIME_FALLS")
    late = steps[90].appended_at + 1_000_000
    steps[90] = steps[90]._replace(stored=altered(steps[90].stored, recorded_at=Micros(late)))
    found = again.run(steps)
    assert found is not None
    assert (found.position, found.code) == (91, "TIME_DIFFERS")


def test_a_submission_other_than_the_one_decided_is_a_difference(
    again: Reperformance, steps: list[Step]
) -> None:
    """Its signature fails, so its verdict would be a refusal."""
    steps[90] = steps[90]._replace(value=flipped(steps[90].value or b""))
    found = again.run(steps)
    assert found is not None
    assert found.fields[0] == ("type", "hengwen.PaymentMade", "hengwen.SubmissionRefused")


def test_a_redacted_submission_must_have_the_digest_of_its_verdict(
    again: Reperformance, steps: list[Step]
) -> None:
    """Its verdict is taken as it is, and said to be; another digest is another submission."""
    at = _refused(steps)
    digest = decode(steps[at].stored).submission_digest
    steps[at] = steps[at]._replace(value=None, redacted=digest)
    assert again.run(steps[: at + 1]) is None
    assert again.redacted == [at + 1]
    wrong = steps[at + 1]._replace(value=None, redacted=bytes(32))
    found = again.run([wrong])
    assert found is not None
    assert (found.position, found.code) == (at + 2, "SUBMISSION_DIFFERS")
    assert [field.name for field in found.fields] == ["submission_digest"]


def test_a_redacted_verdict_that_no_admission_could_write_is_a_difference(
    again: Reperformance, steps: list[Step]
) -> None:
    """It cannot be folded."""
    at = _refused(steps)
    stored = altered(steps[at].stored, version=999)
    digest = decode(stored).submission_digest
    steps[at] = steps[at]._replace(value=None, redacted=digest, stored=stored)
    found = again.run(steps)
    assert found is not None
    assert (found.position, found.code) == (at + 1, "VERDICT_DIFFERS")


def test_rules_that_this_program_lacks_are_named(steps: list[Step]) -> None:
    """An older program says so, and does not guess."""
    with Rows() as rows:
        found = Reperformance(rows.load, rows.save, {2: version("v2")}).run(steps)
    assert found is not None
    assert (found.position, found.code) == (1, "RULES_MISSING")


def test_long_fields_are_shown_short(made: Programme) -> None:
    """Bytes by their digest, long texts cut."""
    assert shown(bytes(33)).startswith("SHA-256 ")
    assert shown(bytes(2)) == "0000"
    assert len(shown("x" * 1_000)) == 201
    assert difference(1, b"", made.verdicts[0].value) == Difference(1, "VERDICT_UNREADABLE")
