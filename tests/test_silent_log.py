"""
A log that does not answer is never taken for an empty, a short or a forged one.

A clerk who reads "nobody was paid", or an auditor who reads "a submission is missing", must not owe
that to a broker that was slow.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from evidence_logs import opened_log, signers, values
from histories import RecordedLog, random_history
from packs import EXPORTED_AT, log_of, programme
from programme import COUNTY, Programme
from projecting import opened, projected
from silent_logs import SilentLog, silent

from app.commands import rules, status
from app.identities import _field
from app.opened import log_opened
from app.opening import _recorded
from app.receipts import _at, _scanned
from consumers import person_records, tracing
from consumers.checkpointer import Checkpointer
from consumers.conservation import broken_against
from consumers.folding import fold_log
from consumers.projector import Projector
from consumers.state_store import StateStore
from consumers.timetravel import position_at
from domain.events import PaymentMade
from domain.units import Micros, Position
from eventlog.contract import LogDamaged, LogUnavailable, StoredRecord
from eventlog.copy import copy
from eventlog.copy_targets import EmbeddedTarget
from eventlog.digest import digest
from eventlog.embedded import EmbeddedLog
from eventlog.events_topic import poll_to
from eventlog.port import Bounds, KafkaRecord
from eventlog.reading import SILENT_READS_MAX, batches, event_at, submission_batches
from evidence.folder import EvidenceFolder
from evidence.guard import refuse_damaged
from evidence.pack import Wanted, export
from evidence.verify_source import LogSource, Unpaired
from projections.models import MODELS
from projections.readings import SealedAt
from projections.store import Mark
from publishers.attested import KnownVault, highest_attested, persons_in_log
from publishers.client import Sent
from publishers.roster.facts import organisation_facts
from publishers.verdicts import wait_for_verdicts
from schemas.codec import decode

HISTORY = random_history(11, 300).values()


@pytest.fixture(scope="module")
def made() -> Programme:
    """Money went down to a county and was paid."""
    return programme(4)


@pytest.fixture
def log(made: Programme, tmp_path: Path) -> Iterator[SilentLog]:
    """Its log, signed to the end, that brings nothing any more."""
    log_of(made, tmp_path).close()
    with closing(silent(tmp_path / "log.sqlite", made.name)) as found:
        yield found


def payments(made: Programme) -> list[tuple[Position, Any]]:
    """The payments with their positions."""
    events = [(Position(n), one.event) for n, one in enumerate(made.verdicts, 1)]
    return [(n, event) for n, event in events if isinstance(event, PaymentMade)]


def known(made: Programme) -> KnownVault:
    """The programme's vault as the log knows it."""
    return KnownVault(made.vault.vault, made.vault.public_key, made.ledger)


def fold(log: SilentLog, folder: Path) -> object:
    """Fold the log into a new state."""
    store = StateStore(folder / "state")
    try:
        return fold_log(log, store)
    finally:
        store.close()


def checkpoint(log: SilentLog, folder: Path) -> None:
    """Sign the log into a folder of evidence that is new."""
    checkpointer = Checkpointer(log, EvidenceFolder(folder / "new"), signers("checkpoint"))
    checkpointer.open()
    checkpointer.catch_up()


def carry(log: SilentLog, folder: Path) -> None:
    """Copy the log."""
    with closing(EmbeddedLog(folder / "copy", log.name)) as other:
        copy(log, EmbeddedTarget(other))


Use = Callable[[SilentLog, Programme, Path], object]
USES: dict[str, Use] = {
    "how far the vault was": lambda log, made, _: highest_attested(log, known(made), after=0),
    "who was ever named": lambda log, *_: list(persons_in_log(log)),
    "what keeps a name": lambda log, *_: person_records.records_of(log, ["p-1"]),
    "who was erased": lambda log, *_: list(
        person_records.erasures(log, 0, Position(log.last_position()))
    ),
    "where a payment came from": lambda log, made, _: tracing.up(log, payments(made)[0][0]),
    "whom a grant reached": lambda log, *_: tracing.down(
        log, Position(1), Position(log.last_position())
    ),
    "where an instant is": lambda log, *_: position_at(log, Micros(0)),
    "the state": lambda log, _, folder: fold(log, folder),
    "a sealed identity": lambda log, made, _: _field(
        log, SealedAt(payments(made)[0][1].person, payments(made)[0][0], "recipient")
    ),
    "whose ledger it is": lambda log, *_: log_opened(log),
    "how it began": lambda log, *_: _recorded(log, {"nothing"}),
    "the rules in force": lambda log, *_: rules._in_force(log),
    "whose read models they are": lambda log, *_: status._is_of(
        log, Mark("live", 1, Position(3), bytes(32), Micros(0)), log.last_position()
    ),
    "a receipt's payment": lambda log, *_: list(_at(log, [3])),
    "a payment looked for": lambda log, *_: list(_scanned(log, "anything")),
    "what a template needs": lambda log, *_: organisation_facts(log, COUNTY),
    "the digest": lambda log, *_: digest(log),
    "a copy": lambda log, _, folder: carry(log, folder),
    "a checkpoint": lambda log, _, folder: checkpoint(log, folder),
    "the guard": lambda log, _, folder: refuse_damaged(log, EvidenceFolder(folder / "new")),
    "a pack": lambda log, _, folder: export(
        log, [], folder / "pack", Wanted(), exported_at=EXPORTED_AT
    ),
}


@pytest.mark.parametrize("use", USES)
def test_whoever_needs_the_log_says_that_it_does_not_answer(
    use: str, log: SilentLog, made: Programme, tmp_path: Path
) -> None:
    """No empty answer, no damage, no end: the log is unavailable."""
    with pytest.raises(LogUnavailable):
        USES[use](log, made, tmp_path)
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize("use", ["how far the vault was", "a copy", "a pack"])
def test_submissions_that_do_not_come_are_no_end_either(
    use: str, log: SilentLog, made: Programme, tmp_path: Path
) -> None:
    """Events come, their submissions do not, from the first on or from halfway."""
    log.events_told = log.last_position()
    for log.submissions_told in (0, 7):
        with pytest.raises(LogUnavailable):
            USES[use](log, made, tmp_path / str(log.submissions_told))


def test_a_verification_calls_silence_neither_missing_nor_forged(
    log: SilentLog, made: Programme, tmp_path: Path
) -> None:
    """SUBMISSION_MISSING is tampering: it is said where a submission is not there, and only there."""
    last = log.last_position()

    def opener() -> SilentLog:
        return silent(tmp_path / "log.sqlite", made.name, events=last, submissions=7)

    with pytest.raises(LogUnavailable):
        list(LogSource(opener).steps())
    with log.tables.writing() as connection:
        connection.execute("DELETE FROM submissions WHERE ordinal = ?", (last,))
    with pytest.raises(Unpaired, match=f"SUBMISSION_MISSING {last}"):
        list(LogSource(lambda: EmbeddedLog(log.path, log.name)).steps())
    with log.tables.writing() as connection:
        connection.execute("DELETE FROM submissions WHERE ordinal = 5")
    with pytest.raises(Unpaired, match="SUBMISSION_MISSING 5"):
        list(LogSource(lambda: EmbeddedLog(log.path, log.name)).steps())


def test_a_state_is_not_made_anew_because_the_log_is_silent(
    log: SilentLog, made: Programme, tmp_path: Path
) -> None:
    """What was folded stays: the next start goes on from there."""
    store = StateStore(tmp_path / "state")
    log.events_told = log.last_position()
    folded = fold_log(log, store)
    log.events_told = 0
    with pytest.raises(LogUnavailable):
        fold_log(log, store)
    log.events_told = log.last_position()
    again = fold_log(log, store)
    store.close()
    assert (folded.folded, again.folded) == (len(made.verdicts), 0)
    assert again.state.ledger.last == folded.state.ledger.last


def test_the_first_verdict_of_what_is_repeated_is_not_made_up(
    log: SilentLog, made: Programme
) -> None:
    """A repeat refers to an event that does not come: no verdict is shown."""
    again = made.submitted[-1]
    verdict = made.send(again.value, again.proof)
    original = decode(verdict.value).original_position
    record = StoredRecord(
        len(made.verdicts), 0, "refusals/-", 1, "hengwen.SubmissionRepeated",
        verdict.value, made.at,
    )  # fmt: skip
    EmbeddedTarget(log).take_events([record])
    sent = [Sent("it", decode(verdict.value).submission_digest)]

    class Later(SilentLog):
        def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
            if after < original:
                return []
            return EmbeddedLog.read_events(self, after=after, limit=limit, timeout_s=timeout_s)

    after = record.position - 1
    with closing(Later(log.path, log.name)) as later, pytest.raises(LogUnavailable):
        list(wait_for_verdicts(later, sent, after=after, timeout_s=9, clock_s=lambda: 0))


class SilentRecorded(RecordedLog):
    """A history of which nothing comes behind *told*."""

    told = 0

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """What is told."""
        limit = max(0, min(limit, self.told - after))
        return super().read_events(after=after, limit=limit, timeout_s=timeout_s)


def test_a_projection_that_waits_in_vain_ends(postgres_dsn: str) -> None:
    """What came is projected; the rest is said not to come."""
    log = SilentRecorded(HISTORY)
    log.told = 100
    with opened(postgres_dsn) as connection:
        projector = Projector(log, connection, MODELS)
        with pytest.raises(LogUnavailable):
            projector.catch_up()
        assert projector.position == 100
        log.told = len(HISTORY)
        assert projector.catch_up() == len(HISTORY) - 100


def test_read_models_are_not_called_another_ledgers(postgres_dsn: str) -> None:
    """Neither opening them nor comparing them with the log says more than that it is silent."""
    with projected(postgres_dsn, HISTORY) as connection:
        with pytest.raises(LogUnavailable):
            Projector(SilentRecorded(HISTORY), connection, MODELS)
        with pytest.raises(LogUnavailable):
            broken_against(SilentRecorded(HISTORY), connection)


class Hesitant(RecordedLog):
    """A log that answers every read but each sixtieth time only."""

    asked = 0

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Nothing in time, mostly."""
        self.asked += 1
        limit = 0 if self.asked % SILENT_READS_MAX else limit
        return super().read_events(after=after, limit=limit, timeout_s=timeout_s)


def test_a_slow_log_is_waited_for() -> None:
    """As long as something comes within a minute, reading goes on."""
    read = batches(Hesitant(values(100)), after=0, until=100, limit=40)
    assert [len(batch) for batch in read] == [40, 40, 20]


def test_a_log_that_became_shorter_is_damaged_not_silent(tmp_path: Path) -> None:
    """It says itself where it ends now."""
    log = RecordedLog(values(10))
    with pytest.raises(LogDamaged, match="ends at 10, before 11"):
        list(batches(log, after=0, until=12))
    with pytest.raises(LogDamaged):
        event_at(log, 11)
    with closing(opened_log(tmp_path / "log", 3)) as embedded, pytest.raises(LogDamaged):
        list(submission_batches(embedded, after=0, until=1))


def test_positions_with_a_gap_are_damage(log: SilentLog) -> None:
    """Of events and of submissions; the position before the gap is named."""
    log.events_told = log.submissions_told = last = log.last_position()
    with log.tables.writing() as connection:
        connection.execute("DELETE FROM events WHERE position = 4")
        connection.execute("DELETE FROM submissions WHERE ordinal = 4")
    with pytest.raises(LogDamaged, match="not dense"):
        list(batches(log, after=0, until=last))
    with pytest.raises(LogDamaged, match="not dense"):
        event_at(log, 4)
    with pytest.raises(LogDamaged, match="not dense"):
        list(submission_batches(log, after=0, until=last))


class Mute:
    """A topic with ten records of which none is handed out."""

    def seek(self, offset: int) -> None:
        """Go anywhere."""

    def poll(self, *, limit: int, timeout_s: float) -> list[KafkaRecord]:
        """Nothing."""
        del limit, timeout_s
        return []

    def next_offset(self) -> int:
        """Still before the first."""
        return 0

    def bounds(self) -> Bounds:
        """There are ten."""
        return Bounds(0, 10)

    def rest(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def test_a_broker_that_hands_nothing_out_is_not_called_damaged() -> None:
    """It may come back; nobody need look for the true copy."""
    with pytest.raises(LogUnavailable):
        poll_to(Mute(), 10, limit=1)
