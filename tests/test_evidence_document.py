"""docs/evidence.md: what an auditor copies from it works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from evidence_logs import ORIGIN, checkpointer, opened_log, signer

from evidence.folder import EvidenceFolder
from evidence.proofs import Prover
from evidence.receipts import Receipt

DOCUMENT = Path(__file__).parent.parent / "docs" / "evidence.md"
CHECK, UNPACK = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
KEY = signer().verifier.text()


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    """A receipt for the last event but one of 300."""
    folder = tmp_path_factory.mktemp("document")
    log = opened_log(folder / "log", 300, "other", "checkpoint")
    checkpointer(log, folder / "evidence", "other", "checkpoint").catch_up()
    evidence = EvidenceFolder(folder / "evidence")
    value = evidence.auditors.entries(1, 44)[42]
    path = Prover(evidence.public, 300).inclusion(298)
    return Receipt(298, tuple(path), evidence.note() or "", value)


def run(program: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the document, far from our sources."""
    return subprocess.run(
        [sys.executable, "-I", "-c", program, *arguments],
        cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_receipt_is_checked_by_the_program_in_the_document(
    receipt: Receipt, tmp_path: Path
) -> None:
    """It accepts what holds and stops at what does not."""
    file = tmp_path / "r.tlog-proof"
    file.write_text(receipt.text(), encoding="utf-8")
    done = run(CHECK, file, KEY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{ORIGIN}: event 299 of 300 is\nb'event 298 ")
    for forged in (
        receipt._replace(value=b"forged"),
        receipt._replace(leaf=297),
        receipt._replace(path=receipt.path[1:]),
        receipt._replace(note=receipt.note.replace("\n300\n", "\n301\n")),
    ):
        file.write_text(forged.text(), encoding="utf-8")
        assert run(CHECK, file, KEY).returncode != 0
    file.write_text(receipt.text(), encoding="utf-8")
    assert run(CHECK, file, signer("stranger").verifier.text()).returncode != 0


def test_the_code_on_paper_is_unpacked_by_the_program_in_the_document(
    receipt: Receipt, tmp_path: Path
) -> None:
    """The same file comes out."""
    (tmp_path / "scanned").write_text(receipt.dense() + "\n", encoding="ascii")
    done = run(UNPACK, tmp_path / "scanned")
    assert done.stdout == receipt.text(), done.stderr
