"""An outside judge: Go's own notes and transparency logs read what we made, and we what it made."""

import base64
import subprocess
from pathlib import Path

import pytest
from evidence_logs import ORIGIN, checkpointer, opened_log, signer, values, write
from proof_vectors import go_program

from domain.merkle import leaf_hash
from evidence.checkpoints import Checkpoint, opened_checkpoint
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner, Verifier
from evidence.proofs import Prover
from evidence.receipts import Receipt
from evidence.sm2 import Sm2Signer

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
KEY = signer().verifier.text()
SIZES = (700, 66_000)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The judge, built from tests/go_judge and the Go module it pins."""
    program = tmp_path_factory.mktemp("judge") / "judge"
    done = subprocess.run(
        [go_program(), "build", "-o", program, "."],
        cwd=ROOT / "tests" / "go_judge", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log with two checkpoints, and its folder."""
    folder = tmp_path_factory.mktemp("judged")
    log = opened_log(folder / "log", SIZES[0])
    checkpointer(log, folder / "evidence").catch_up()
    write(log, values(SIZES[1] - SIZES[0], first=SIZES[0] + 1))
    checkpointer(log, folder / "evidence").catch_up()
    return folder / "evidence"


def asked(judge: Path, *question: str | Path) -> list[str]:
    """The judge's answer, if it finds no fault."""
    done = subprocess.run([judge, *question], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def refused(judge: Path, *question: str | Path) -> str:
    """The fault the judge finds."""
    done = subprocess.run([judge, *question], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    return done.stderr


def test_the_judge_accepts_our_checkpoint(judge: Path, evidence: Path) -> None:
    """And reads the same origin, size and root."""
    signed = EvidenceFolder(evidence).checkpoint(EvidenceFolder(evidence).keys())
    assert signed is not None
    root = base64.b64encode(signed.root).decode()
    answer = asked(judge, "check", evidence / "public/checkpoint", KEY)
    assert answer == [f"{ORIGIN} {SIZES[1]} {root}"]
    other = signer("other").verifier.text()
    assert "no verifiable signatures" in refused(
        judge, "check", evidence / "public/checkpoint", other
    )


def test_the_judge_passes_over_an_sm2_signature(judge: Path, tmp_path: Path) -> None:
    """It knows Ed25519 alone, and reads a checkpoint that SM2 signed as well like any other."""
    signed = Checkpoint(ORIGIN, 300, bytes(32)).signed([Sm2Signer.generate(ORIGIN), signer()])
    (tmp_path / "checkpoint").write_text(signed, encoding="utf-8")
    root = base64.b64encode(bytes(32)).decode()
    assert asked(judge, "check", tmp_path / "checkpoint", KEY) == [f"{ORIGIN} 300 {root}"]


@pytest.mark.parametrize("index", [0, 255, 256, 40_000, 65_535, 65_999])
def test_the_judge_proves_the_same_from_our_tiles(judge: Path, evidence: Path, index: int) -> None:
    """It reads the folder by itself, checks every tile against the root, and finds our path."""
    leaf, *path = asked(judge, "prove", evidence / "public", KEY, str(index))
    folder = EvidenceFolder(evidence)
    value = folder.auditors.entries(index // 256, min(256, SIZES[1] - index // 256 * 256))[
        index % 256
    ]
    assert base64.b64decode(leaf) == leaf_hash(value)
    ours = Prover(folder.public, SIZES[1]).inclusion(index)
    assert [base64.b64decode(line) for line in path] == ours


def test_the_judge_accepts_our_receipt(judge: Path, evidence: Path, tmp_path: Path) -> None:
    """And refuses one with another event."""
    folder = EvidenceFolder(evidence)
    [value] = [folder.auditors.entries(1, 256)[1]]
    path = Prover(folder.public, SIZES[1]).inclusion(257)
    receipt = Receipt(257, tuple(path), folder.note() or "", value)
    (tmp_path / "receipt").write_text(receipt.text(), encoding="utf-8")
    (tmp_path / "forged").write_text(receipt._replace(value=b"forged").text(), encoding="utf-8")
    assert asked(judge, "receipt", tmp_path / "receipt", KEY) == [f"257 {SIZES[1]}"]
    assert "invalid" in refused(judge, "receipt", tmp_path / "forged", KEY)


def test_the_judge_accepts_our_consistency_proof(
    judge: Path, evidence: Path, tmp_path: Path
) -> None:
    """Between two published checkpoints; a proof of other sizes is refused."""
    old = evidence / "public/checkpoints" / str(SIZES[0])
    prover = Prover(EvidenceFolder(evidence).public, SIZES[1])
    for name, size in (("proof", SIZES[0]), ("other", SIZES[0] + 1)):
        lines = [base64.b64encode(step).decode() for step in prover.consistency(size)]
        (tmp_path / name).write_text("\n".join(lines), encoding="ascii")
    question = ("consistent", evidence / "public", KEY, old)
    assert asked(judge, *question, tmp_path / "proof") == [f"{SIZES[0]} {SIZES[1]}"]
    assert "invalid" in refused(judge, *question, tmp_path / "other")


def test_what_the_judge_signed_is_read_here(judge: Path) -> None:
    """Its keys and its note; and our signature with its key is its own."""
    private, public, *lines = asked(judge, "sign")
    note = "\n".join(lines) + "\n"
    signed = opened_checkpoint(note, [Verifier.from_text(public)])
    assert (signed.origin, signed.size) == ("judge.example/log", 7)
    ours = NoteSigner.from_text(private)
    assert ours.text() == private
    assert ours.verifier.text() == public
    assert signed.signed([ours]) == note
