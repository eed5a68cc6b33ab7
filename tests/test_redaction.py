"""A submission with plain identities is taken out of every copy; its digest and verdict stay."""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from eventlog_logs import kafka_log
from evidence_logs import files
from packs import EXPORTED_AT, at_hand, key_text, log_of, manifest, pack_of, verified, written
from packs_forged import altered, resigned, rewritten, values_of
from programme import ROOT, Programme, funded

from app.cli import run
from consumers.checkpointer import Checkpointer
from domain import events as e
from domain import submissions as s
from eventlog.contract import REDACTED_HEADER, OrderedSubmission
from eventlog.copy import copy
from eventlog.copy_targets import open_target
from eventlog.digest import digest
from eventlog.embedded import EmbeddedLog
from evidence.folder import EvidenceFolder
from evidence.pack import NoCheckpoint, Wanted, export
from evidence.pack_layout import SUBMISSIONS
from evidence.redactions import left_out, redacted, redactions_in, without
from evidence.verify_checks import Check, Report

NAME = "样例甲"


def _mistaken() -> tuple[Programme, int]:
    """A publisher sent a plain name where Avro was due; a payment follows. Its position."""
    made = funded(5_000_000)
    made.pay(1)
    refused = made.send(NAME.encode(), None).event
    assert isinstance(refused, e.SubmissionRefused)
    at = made.verdicts[-1].position
    made.pay(2)
    return made, at


def _recorded(made: Programme, at: int, **fields: Any) -> e.SubmissionRedacted:
    """The operator records the redaction."""
    named: dict[str, Any] = {
        "organisation": ROOT, "original_position": at,
        "original_digest": made.verdicts[at - 1].event.submission_digest,
        "reason_code": "PLAIN_IDENTITY",
    }  # fmt: skip
    event = made.do(s.RedactSubmission, made.operator, **(named | fields))
    assert isinstance(event, e.SubmissionRedacted)
    return event


@pytest.fixture(autouse=True)
def _auditor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of the auditor's own."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))


@pytest.fixture
def mistaken() -> tuple[Programme, int]:
    """The mistake, and the record that it is taken out."""
    made, at = _mistaken()
    _recorded(made, at)
    return made, at


def _check(report: Report, name: str) -> Check:
    [found] = [check for check in report.checks if check.name == name]
    return found


def test_a_pack_leaves_the_content_out_and_says_so(
    mistaken: tuple[Programme, int], tmp_path: Path
) -> None:
    """The tree verifies, all else is decided again, and the verification is called partial."""
    made, at = mistaken
    pack = pack_of(made, tmp_path, 90)
    assert not any(NAME.encode() in content for content in files(pack).values())
    assert manifest(pack).redacted == [at]
    report = verified(pack, key_text(made))
    assert (report.failed, report.partial) == (False, True)
    assert _check(report, "TREE").status == "OK"
    decided = {"verdicts": str(len(made.verdicts)), "redacted": "1"}
    assert dict(_check(report, "DECISIONS").figures) == decided
    found = _check(report, "REDACTIONS")
    assert (found.status, found.code) == ("NOT_CHECKED", "REDACTED")
    assert dict(found.figures) == {"count": "1", "first": str(at)}


def test_a_copy_leaves_the_content_out_and_goes_on_like_any_log(
    mistaken: tuple[Programme, int], tmp_path: Path, kafka_bootstrap: str, log_name: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """From the embedded log to Kafka and back: the events are the same, byte for byte."""
    made, at = mistaken
    with (
        closing(log_of(made, tmp_path, 90)) as log,
        closing(kafka_log(kafka_bootstrap, log_name)) as on_kafka,
        closing(EmbeddedLog(tmp_path / "back.sqlite", made.name)) as back,
    ):
        marked = frozenset(redactions_in(log, log.last_position()))
        assert marked == {at}
        for source, target in ((log, on_kafka), (on_kafka, back)):
            with open_target(target, replication_factor=1, min_insync_replicas=1) as opened:
                copy(source, opened, change=lambda some: without(some, marked))
            (one,) = target.read_submissions(after=at - 1, limit=1, timeout_s=60)
            assert (one.value, one.key or b"", one.proofs) == (None, b"", 0)
            assert dict(one.headers) == {
                REDACTED_HEADER: made.verdicts[at - 1].event.submission_digest
            }
            assert digest(target) == digest(log)
        checkpointer = Checkpointer(back, EvidenceFolder(tmp_path / "again"), at_hand)
        checkpointer.open()
        checkpointer.catch_up()
        export(back, [], tmp_path / "from-copy", Wanted(), exported_at=EXPORTED_AT)
    for place in (f"kafka:{kafka_bootstrap}/{log_name}", f"embedded:{tmp_path / 'back.sqlite'}"):
        capsys.readouterr()
        assert run(["verify", place, "--json"]) == 0
        found = {c["name"]: c for c in json.loads(capsys.readouterr().out)["checks"]}
        assert found["DECISIONS"]["figures"]["redacted"] == "1"
        assert found["REDACTIONS"]["code"] == "REDACTED"
    assert manifest(tmp_path / "from-copy").redacted == [at]
    assert not verified(tmp_path / "from-copy", key_text(made)).failed
    assert NAME.encode() not in (tmp_path / "back.sqlite").read_bytes()


def test_the_reader_for_thirty_years_reads_such_a_pack(
    mistaken: tuple[Programme, int], tmp_path: Path
) -> None:
    """Events are whole; it needs no submission."""
    made, _ = mistaken
    reader = Path(__file__).parents[1] / "tools" / "tiny_reader.py"
    done = subprocess.run(
        [sys.executable, "-I", reader, pack_of(made, tmp_path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert "✔" in done.stdout


@pytest.mark.parametrize(
    "wanted",
    [Wanted(), Wanted(organisation=ROOT), Wanted(first=90)],
    ids=["whole", "organisation", "stretch"],
)
def test_content_left_out_without_a_record_is_caught(wanted: Wanted, tmp_path: Path) -> None:
    """Whoever hides a submission must have said so in the log; every part holds the records."""
    made, at = funded(5_000_000), 0
    made.pay(1, dossier="样例甲 1")
    at = made.verdicts[-1].position
    pack = pack_of(made, tmp_path, wanted=wanted)

    def hide(records: list[Any]) -> list[Any]:
        found = made.verdicts[at - 1].event.submission_digest
        return [r._replace(value=None, redacted=found) if r.position == at else r for r in records]

    rewritten(pack, hide, SUBMISSIONS)
    found = verified(pack).first
    assert found is not None
    assert (found.name, found.code, found.position) == ("REDACTIONS", "NOT_RECORDED", at)


def test_a_record_of_another_digest_is_caught(tmp_path: Path) -> None:
    """Admission refuses it; one that was forged without admission is found by whoever decides again."""
    made, at = _mistaken()
    _recorded(made, at)
    values = values_of(made)
    values[-1] = altered(values[-1], original_digest=bytes(32))
    found = verified(resigned(tmp_path / "forged", made.name, made.submitted, values)).first
    assert found is not None
    assert (found.name, found.position) == ("DECISIONS", len(values))


def test_a_payment_that_nobody_submitted_cannot_pass_as_redacted(tmp_path: Path) -> None:
    """Even where the record of it would stand behind the end of a pack: what is paid is there."""
    made, _ = _mistaken()
    at = made.verdicts[-1].position
    pack = pack_of(made, tmp_path, wanted=Wanted(last=at - 1))

    def hide(records: list[Any]) -> list[Any]:
        for n, record in enumerate(records):
            if isinstance(made.verdicts[n].event, e.PaymentMade):
                digest = made.verdicts[n].event.submission_digest
                return [
                    *records[:n],
                    record._replace(value=None, redacted=digest),
                    *records[n + 1 :],
                ]
        raise AssertionError("no payment")

    rewritten(pack, hide, SUBMISSIONS)
    found = verified(pack).first
    assert found is not None
    assert (found.name, found.code) == ("DECISIONS", "NOT_REDACTABLE")


def test_a_part_of_a_log_cannot_know_whether_it_was_recorded(
    mistaken: tuple[Programme, int], tmp_path: Path
) -> None:
    """The record stands behind its end: told, not failed."""
    made, at = mistaken
    report = verified(pack_of(made, tmp_path, wanted=Wanted(last=at)))
    assert (report.failed, report.partial) == (False, True)
    assert _check(report, "REDACTIONS").code == "RECORD_BEYOND"


def test_nothing_is_exported_before_the_record_is_signed(tmp_path: Path) -> None:
    """Neither with the content, which must not go out, nor without, which nobody could explain."""
    made, at = _mistaken()
    values, submitted = values_of(made), list(made.submitted)
    _recorded(made, at)
    with closing(written(tmp_path, made.name, submitted, values)) as log:
        log.close()
    shutil.copytree(tmp_path / "evidence", tmp_path / "old" / "evidence")
    (tmp_path / "whole").mkdir()
    with closing(log_of(made, tmp_path / "whole")) as log:
        with log.tables.writing() as connection:
            connection.execute("DELETE FROM checkpoints")
        note = EvidenceFolder(tmp_path / "old" / "evidence").note()
        assert note is not None
        with pytest.raises(NoCheckpoint):
            export(log, [note], tmp_path / "pack", Wanted(), exported_at=EXPORTED_AT)


def test_an_empty_record_with_such_a_header_is_no_redaction() -> None:
    """Anybody may append one; the verdict on it names the empty string."""
    made, at = _mistaken()
    event = made.verdicts[at - 1]
    spoof = ((REDACTED_HEADER, bytes(32)),)
    empty = OrderedSubmission(at, at, None, None, None, 0, event.event.recorded_at, spoof)
    assert left_out(empty, event.value) is None
    assert redacted(empty) == empty
    true = empty._replace(headers=((REDACTED_HEADER, event.event.submission_digest),))
    assert left_out(true, event.value) == event.event.submission_digest
    assert left_out(true, b"rubbish") is None


def test_a_redaction_forged_with_the_stolen_checkpoint_key_is_caught(
    mistaken: tuple[Programme, int], tmp_path: Path
) -> None:
    """A redaction that hides a payment: what was accepted is never left out."""
    made, at = mistaken
    values = values_of(made)
    values[-1] = altered(values[-1], original_position=at + 1)
    pack = resigned(tmp_path / "forged", made.name, made.submitted, values)
    found = verified(pack).first
    assert found is not None
    assert (found.name, found.code, found.position) == ("DECISIONS", "NOT_REDACTABLE", at + 1)
