"""The client: proofs that verify, batches in order, limits before sending, private keys."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from programme import Programme

from domain.events import Event, SubmissionRepeated
from domain.merkle import root_from_path
from domain.signing import BATCH_MAX, submission_leaf, submission_message
from domain.submissions import CloseYear, RegisterSchema
from domain.units import Day, Micros
from eventlog.contract import Outgoing, Receipt, StoredRecord
from eventlog.embedded import EmbeddedLog
from publishers.client import Publisher, Sent, TooLarge
from publishers.keys import BadKeyFile, generate_key, load_key
from publishers.signing import Signer
from publishers.verdicts import wait_for_verdicts
from schemas.codec import decode, encode

LEDGER = bytes(range(32))


def signer() -> Signer:
    """A key that is the same in every run."""
    return Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def closing(number: int) -> CloseYear:
    """A small submission."""
    return CloseYear(
        submission_id=f"00000000-0000-8000-8000-{number:012d}", organisation="63",
        occurred_on=Day(18_000), actor=None, subtree="63", year=2018,
    )  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 5, 511, 512])
def test_every_proof_of_a_batch_verifies_under_one_signature(size: int) -> None:
    """Leaf, path and message are those that admission checks."""
    values = [b"value %d" % n for n in range(size)]
    proofs = [decode(blob) for blob in signer().proofs(values, ledger=LEDGER)]
    public_key = Ed25519PublicKey.from_public_bytes(signer().public_key)

    for value, proof in zip(values, proofs, strict=True):
        leaf = submission_leaf(ledger=LEDGER, digest=sha256(value).digest())
        root = root_from_path(leaf=leaf, index=proof.index, size=proof.size, path=proof.path)
        assert root is not None
        message = submission_message(ledger=LEDGER, size=size, root=root)
        public_key.verify(proof.signature, message)
        assert proof.key == signer().key
    assert len({proof.signature for proof in proofs}) == 1


@pytest.mark.parametrize("size", [0, BATCH_MAX + 1])
def test_a_batch_is_neither_empty_nor_larger_than_512(size: int) -> None:
    """The limit is the verifier's."""
    with pytest.raises(ValueError, match="512"):
        signer().proofs([b""] * size, ledger=LEDGER)


def test_submissions_are_appended_in_order_in_batches(tmp_path: Path) -> None:
    """1,200 submissions are three batches; every one has its receipt and its place."""
    log = EmbeddedLog(tmp_path / "log.sqlite", "test")
    done: list[int] = []
    receipts = Publisher(log, signer(), LEDGER).publish(
        (closing(n) for n in range(1_200)), appended=done.append
    )
    found = log.read_submissions(after=0, limit=2_000, timeout_s=1)

    assert done == [512, 512, 176]
    assert len(receipts) == 1_200
    assert [s.value for s in found] == [encode(closing(n)) for n in range(1_200)]
    assert {s.key for s in found} == {b"63"}
    log.close()


class CountingLog:
    """A log that counts batches, and fails on one of them."""

    def __init__(self, fail_on: int) -> None:
        self.batches: list[Sequence[Outgoing]] = []
        self._fail_on = fail_on

    def append(self, batch: Sequence[Outgoing]) -> list[Receipt]:
        """Append, or fail."""
        if len(self.batches) + 1 == self._fail_on:
            raise ConnectionError
        self.batches.append(batch)
        return [Receipt(n) for n in range(len(batch))]


def test_batches_are_given_out_one_by_one_and_no_more_is_read_than_is_sent(
    tmp_path: Path,
) -> None:
    """A file of ten million lines is never held whole; verdicts are known by what was sent."""
    read: list[int] = []

    def source() -> Iterator[Any]:
        for number in range(BATCH_MAX * 2):
            read.append(number)
            yield closing(number)

    log = EmbeddedLog(tmp_path / "log.sqlite", "test")
    batches = Publisher(log, signer(), LEDGER).publish_batches(source())

    first = next(batches)
    assert (len(read), log.last_ordinal()) == (BATCH_MAX, BATCH_MAX)
    assert first.sent == [Sent.of(closing(number)) for number in range(BATCH_MAX)]
    assert len(next(batches).receipts) == BATCH_MAX
    log.close()


def test_a_submission_that_is_too_large_stops_its_batch_before_it_is_sent() -> None:
    """32 KiB is the limit; nothing of the batch is sent."""
    log = CountingLog(fail_on=0)
    large = RegisterSchema(
        submission_id=closing(1).submission_id, organisation="G", occurred_on=Day(1), actor=None,
        schema="x", fingerprint=bytes(8), text_digest=bytes(32), text="x" * 33_000,
    )  # fmt: skip
    with pytest.raises(TooLarge) as caught:
        Publisher(log, signer(), LEDGER).publish([closing(1), large])  # type: ignore[arg-type]

    assert log.batches == []
    assert caught.value.size > 32_768


def test_a_publisher_killed_in_mid_file_repeats_the_same_bytes() -> None:
    """What was sent before the failure is the beginning of what is sent after it."""
    broken, whole = CountingLog(fail_on=2), CountingLog(fail_on=0)
    submissions = [closing(n) for n in range(600)]
    with pytest.raises(ConnectionError):
        Publisher(broken, signer(), LEDGER).publish(submissions)  # type: ignore[arg-type]
    Publisher(whole, signer(), LEDGER).publish(submissions)  # type: ignore[arg-type]

    assert broken.batches == whole.batches[:1]


def test_key_files_are_private_never_overwritten_and_say_why_they_fail(tmp_path: Path) -> None:
    """Mode 0600; a second generation is refused; errors never quote the file."""
    path = tmp_path / "keys" / "publisher.pem"
    made = generate_key(path)
    (tmp_path / "text.pem").write_text("not a key")

    def code(file: Path) -> str:
        with pytest.raises(BadKeyFile) as caught:
            load_key(file)
        assert "PRIVATE" not in str(caught.value)
        return caught.value.code

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path).key == made.key
    assert code(tmp_path / "text.pem") == "NOT_A_KEY"
    assert code(tmp_path / "none.pem") == "KEY_FILE_MISSING"
    with pytest.raises(BadKeyFile, match="KEY_FILE_EXISTS"):
        generate_key(path)


class EventsLog:
    """A log that shows its events a few at a time, as admission writes them."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events

    def last_position(self) -> int:
        """The position of the last event."""
        return len(self._events)

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """At most two of the events behind a position."""
        del timeout_s
        return [
            StoredRecord(n, n, e.stream, e.version, e.TOPIC, encode(e), Micros(0))
            for n, e in enumerate(self._events, start=1)
            if after < n <= after + min(2, limit)
        ]


def test_verdicts_are_found_by_submission_and_waiting_ends() -> None:
    """Accepted and refused are told apart; what never comes ends with the time."""
    programme = Programme().funded()
    paid = programme.pay(1)
    submission, attestations = programme.payment(2, amount_fen=10**9)
    refused = programme.submit(submission, None, attestations)
    before = len(programme.verdicts) - 2
    log = EventsLog([verdict.event for verdict in programme.verdicts])
    ticks = iter(range(1_000))

    def found(*events: Any) -> list[tuple[int, bool, bool]]:
        verdicts = wait_for_verdicts(
            log,  # type: ignore[arg-type]
            [Sent(e.submission_id, e.submission_digest) for e in events],
            after=before,
            timeout_s=5,
            clock_s=lambda: float(next(ticks)),
        )
        return [(v.position - before, v.refused, v.repeated) for v in verdicts]

    never = replace(paid, submission_digest=bytes(32))
    assert found(paid) == [(1, False, False)]
    assert found(refused, never) == [(2, True, False)]


@pytest.mark.parametrize(("amount_fen", "refused"), [(100_000, False), (10**9, True)])
def test_what_is_published_again_is_answered_by_its_first_verdict(
    amount_fen: int, *, refused: bool
) -> None:
    """Whoever tries again learns whether it was paid, where, and if not, why."""
    programme = Programme().funded()
    submission, attestations = programme.payment(1, amount_fen=amount_fen)
    first = programme.submit(submission, None, attestations)
    original = len(programme.verdicts)
    assert isinstance(programme.submit(submission, None, attestations), SubmissionRepeated)
    (found,) = wait_for_verdicts(
        EventsLog([verdict.event for verdict in programme.verdicts]),  # type: ignore[arg-type]
        [Sent.of(submission)],
        after=original,
        timeout_s=5,
        clock_s=lambda: 0.0,
    )
    assert found.event == first
    assert (found.position, found.original_position) == (original + 1, original)
    assert (found.decided_at, found.repeated, found.refused) == (original, True, refused)


def test_a_verdict_that_names_no_submission_is_found_too() -> None:
    """What was signed with a key nobody registered is refused at once, not waited for."""
    programme = Programme().funded()
    submission, attestations = programme.payment(1)
    refused = programme.submit(submission, Signer(Ed25519PrivateKey.generate()), attestations)
    log = EventsLog([verdict.event for verdict in programme.verdicts])
    sent = [Sent.of(submission)]
    verdicts = wait_for_verdicts(
        log,  # type: ignore[arg-type]
        sent,
        after=len(programme.verdicts) - 1,
        timeout_s=5,
        clock_s=lambda: 0.0,
    )
    assert refused.submission_id is None
    assert [v.submission for v in verdicts] == [submission.submission_id]
