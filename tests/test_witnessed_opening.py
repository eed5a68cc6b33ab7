"""Witnesses at the door: a log of which they have seen more, or something else, is not opened."""

import shutil
import time
from contextlib import closing
from pathlib import Path

import pytest
from evidence_logs import opened_log, signer, values, write
from test_witness import TRUE, cosigner
from test_witnessing import ENDLESS_S, RUBBISH, Running, pretending, signed_by

from app.cli import run
from consumers.witnesses import WitnessAddress, Witnesses
from eventlog.contract import LogDamaged
from evidence.cosignatures import cosigned
from evidence.folder import EvidenceFolder
from evidence.guard import refuse_damaged

pytestmark = pytest.mark.slow
STOPPING = "a larger size"
"""The one answer that says the log is not what it was; what else is no answer stops nobody."""
EXAMPLE = Path(__file__).parents[1] / "examples" / "first-registry.jsonl"


@pytest.mark.parametrize("answer", RUBBISH)
def test_what_is_no_answer_stops_no_opening(answer: str) -> None:
    """In bounded time; a size beyond the end of the log is refused, whoever says it."""
    with pretending(RUBBISH[answer]) as url:
        asked = Witnesses([WitnessAddress(cosigner().witness, url)])
        begun = time.monotonic()
        if answer == STOPPING:
            with pytest.raises(LogDamaged, match=r"ends at 8.*witness.example/w1.*a tree of 99"):
                asked.refuse_other(TRUE.note(8), lambda: 8)
        else:
            asked.refuse_other(TRUE.note(8), lambda: 8)
        assert time.monotonic() - begun < ENDLESS_S / 2


def test_a_witness_may_be_behind_or_ahead_of_what_was_published(tmp_path: Path) -> None:
    """It is asked before a checkpoint is published, and was perhaps away; it cosigns nothing here."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start()
    try:
        with closing(opened_log(tmp_path / "log", 300)) as log:
            folder = EvidenceFolder(tmp_path / "evidence")
            asked = Witnesses([running.address])
            signed_by(folder.path, log)
            before = (running.folder / "state.json").read_bytes()
            refuse_damaged(log, folder, witnessed=asked.refuse_other)
            assert (running.folder / "state.json").read_bytes() == before
            write(log, values(20, first=301))
            shutil.copytree(folder.path, tmp_path / "killed before publishing")
            killed = EvidenceFolder(tmp_path / "killed before publishing")
            note = signed_by(tmp_path / "other", log, running.address)
            assert cosigned(note, [running.key])
            asked.refuse_other(killed.note() or "", log.last_position)
            refuse_damaged(log, folder, witnessed=asked.refuse_other)
            with pytest.raises(LogDamaged, match=r"ends at 300.*a tree of 320"):
                asked.refuse_other(killed.note() or "", lambda: 300)
    finally:
        running.kill()


def test_admission_does_not_open_a_log_put_back_from_an_old_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Log, checkpoints, tiles and keys agree with one another: only the witness has seen more."""
    home, old = tmp_path / "home", tmp_path / "old"
    monkeypatch.setenv("HENGWEN_HOME", str(home))
    assert run(["init", "--root", "ACFTU", "--name", "样例总工会"]) == 0
    assert run(["checkpoint", "--once"]) == 0
    running = Running(tmp_path / "w", str(home / "evidence" / "hengwen" / "public" / "keys.json"))
    running.start()
    named = f"{running.key.text()} {running.address.url}"
    shutil.copytree(home, old)
    monkeypatch.setenv("HENGWEN_WITNESSES", named)
    assert run(["publish", str(EXAMPLE), "--operator"]) == 0
    assert run(["admit", "--once"]) == 0
    assert run(["checkpoint", "--once"]) == 0
    assert run(["admit", "--once"]) == 0

    monkeypatch.setenv("HENGWEN_HOME", str(old))
    capsys.readouterr()
    assert run(["--lang", "en", "admit", "--once"]) == 1
    told = capsys.readouterr().err
    assert "The log is not what it was." in told
    assert f"witness {running.key.name} has cosigned a tree of" in told
    running.kill()
    assert run(["admit", "--once"]) == 0  # away: said, and passed over
    told = "".join(capsys.readouterr())
    assert "witness.away" in told


def test_another_history_of_the_witnessed_size_is_not_opened(tmp_path: Path) -> None:
    """Two logs with one key, each whole in itself: the witness saw the other."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start()
    try:
        for name, first in (("true", 1), ("other", 1_001)):
            with closing(opened_log(tmp_path / name, 5)) as log:
                write(log, values(20, first=first))
                folder = EvidenceFolder(tmp_path / f"{name}-evidence")
                signed_by(folder.path, log, running.address)
                asked = Witnesses([running.address]).refuse_other
                if name == "true":
                    refuse_damaged(log, folder, witnessed=asked)
                else:
                    with pytest.raises(LogDamaged, match="another tree of 25"):
                        refuse_damaged(log, folder, witnessed=asked)
    finally:
        running.kill()
