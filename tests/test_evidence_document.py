"""docs/evidence.md: what an auditor copies from it works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from evidence_logs import ORIGIN, checkpointer, opened_log, private_key, signer

from evidence.balance_notes import Balances
from evidence.balance_proofs import BalanceProof, prove
from evidence.balance_tree import AccountLeaf, BalanceTree, Head, Node, Sums
from evidence.checkpoints import Checkpoint
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner
from evidence.proofs import Prover
from evidence.receipts import Receipt

DOCUMENT = Path(__file__).parent.parent / "docs" / "evidence.md"
CHECK, UNPACK, BALANCE = re.findall(
    r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL
)
LINES_MAX = 60
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
        *(receipt._replace(leaf=298 - 2**n) for n in range(9, 65)),  # shifts as 298 does
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


def balance_proof(organisation: str, fund: str, *, lost_fen: int = 0) -> BalanceProof:
    """From eight accounts of three funds; an operator may have lost some fen of one of them."""
    accounts = [
        AccountLeaf(fund, f"63{n}", Sums(10 * n + 8, n, n, 4, 2 * n + 2, 6 * n + 2), Head(), Head(2, b"h" * 32))
        for n, fund in enumerate(("F1", "F1", "F1", "F1", "F1", "F2", "F3", "F3"))
    ]  # fmt: skip
    tree = BalanceTree(accounts)
    root = tree.root._replace(sums=tree.root.sums._replace(free=tree.root.sums.free - lost_fen))
    checkpoint = Checkpoint(ORIGIN, 98, bytes(32))
    signer = NoteSigner(f"{ORIGIN}/balances", private_key())
    note = Balances(checkpoint, len(tree.funds), root).signed([signer])
    return prove(tree, organisation, fund, note)


@pytest.mark.parametrize(
    ("organisation", "fund", "told"),
    [
        ("632", "F1", "'free': 2, 'reserved': 4, 'ordered': 6, 'settled': 14"),
        ("635", "F2", "'granted': 58, 'withdrawn': 5"),
        ("6325", "F1", "no account"),
        ("62", "F3", "no account"),
        ("64", "F3", "no account"),
        ("632", "F0", "no account"),
        ("632", "F15", "no account"),
        ("632", "F9", "no account"),
    ],
)
def test_a_balance_is_checked_by_the_program_in_the_document(
    organisation: str, fund: str, told: str, tmp_path: Path
) -> None:
    """An account, and that there is none, wherever it would stand."""
    file = tmp_path / "p.balance-proof"
    file.write_text(balance_proof(organisation, fund).text(), encoding="utf-8")
    done = run(BALANCE, file, KEY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{organisation} {fund} ")
    assert told in done.stdout
    assert len([line for line in BALANCE.splitlines() if line]) <= LINES_MAX


def test_a_false_balance_is_refused_by_the_program_in_the_document(tmp_path: Path) -> None:
    """Another organisation's, lowered sums, missing neighbours, a fund that lost a fen."""
    file = tmp_path / "p.balance-proof"
    honest, absent = balance_proof("632", "F1"), balance_proof("6325", "F1")
    [account] = honest.accounts
    step = account.path[0]
    lower = Node(step.hash, step.sums._replace(free=0))
    for forged in (
        honest._replace(organisation="633"),
        honest._replace(fund="F2"),
        honest._replace(accounts=(account._replace(path=(lower, *account.path[1:])),)),
        honest._replace(accounts=(account._replace(at=1),)),
        honest._replace(accounts=()),
        absent._replace(accounts=absent.accounts[:1]),
        absent._replace(accounts=absent.accounts[1:]),
        absent._replace(organisation="632"),
        # What is no code, and looks like one that is there, has no account.
        *(absent._replace(organisation=like) for like in ("632\u200b", "632 ", "632\x1b[1A")),
        absent._replace(fund="F1 ", funds=balance_proof("632", "F15").funds, accounts=()),
        honest._replace(funds=balance_proof("632", "F0").funds, accounts=()),
        honest._replace(note=honest.note.replace("log 98", "log 99")),
        balance_proof("632", "F1", lost_fen=1),
    ):
        file.write_text(forged.text(), encoding="utf-8")
        assert run(BALANCE, file, KEY).returncode != 0
    file.write_text(honest.text(), encoding="utf-8")
    assert run(BALANCE, file, signer("stranger").verifier.text()).returncode != 0
