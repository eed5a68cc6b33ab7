"""An outside judge of cosignatures: transparency-dev's own code reads ours, and we read its."""

import subprocess
import time
from pathlib import Path

import pytest
from evidence_logs import signer
from proof_vectors import go_program
from test_witness import NOW_S, TRUE, cosigner

from evidence.cosignatures import cosigned

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
KEY = signer().verifier.text()


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The judge, built from tests/go_cosignature and the Go module it pins."""
    program = tmp_path_factory.mktemp("judge") / "judge"
    done = subprocess.run(
        [go_program(), "build", "-o", program, "."],
        cwd=ROOT / "tests" / "go_cosignature", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


def asked(judge: Path, *question: str | Path) -> subprocess.CompletedProcess[str]:
    """What the judge says."""
    return subprocess.run([judge, *question], capture_output=True, text=True, check=False)


def test_the_judge_accepts_our_cosigned_checkpoint(judge: Path, tmp_path: Path) -> None:
    """And reads the time; a changed time, or another witness, it refuses as we do."""
    note, own, file = TRUE.note(8), cosigner(), tmp_path / "checkpoint"
    text = note.partition("\n\n")[0] + "\n"
    file.write_text(note + own.line(text, NOW_S), encoding="utf-8")
    assert asked(judge, "check", file, KEY, own.witness.text()).stdout == f"{NOW_S}\n"
    assert asked(judge, "check", file, KEY, cosigner("other").witness.text()).returncode == 1
    file.write_text(note + own.line(TRUE.note(9), NOW_S), encoding="utf-8")
    assert asked(judge, "check", file, KEY, own.witness.text()).returncode == 1


def test_what_the_judge_cosigned_is_read_here(judge: Path, tmp_path: Path) -> None:
    """With our secret key as we write it; the note is otherwise what we gave it."""
    note, own, file = TRUE.note(8), cosigner(), tmp_path / "checkpoint"
    file.write_text(note, encoding="utf-8")
    before = int(time.time())
    signed = asked(judge, "sign", file, KEY, own.text()).stdout
    assert signed.startswith(note)
    [(witness, at_s)] = cosigned(signed, [own.witness]).items()
    assert witness.text() == own.witness.text()
    assert before <= at_s <= int(time.time())
