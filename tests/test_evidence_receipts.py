"""Receipts: what one file proves, and what it does not."""

import zlib
from pathlib import Path

import pytest
from evidence_logs import checkpointer, opened_log, signer
from hypothesis import given
from hypothesis import strategies as st

from evidence import base45
from evidence.folder import EvidenceFolder
from evidence.proofs import Prover
from evidence.receipts import BadReceipt, Receipt, claimed, proven, receipt_in

KEY = signer().verifier
POSITION = 432


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Receipt:
    """A receipt for one event of a log of 700."""
    folder = tmp_path_factory.mktemp("receipts")
    log = opened_log(folder / "log", 700)
    checkpointer(log, folder / "evidence").catch_up()
    evidence = EvidenceFolder(folder / "evidence")
    [record] = log.read_events(after=POSITION - 1, limit=1, timeout_s=1)
    path = Prover(evidence.public, 700).inclusion(POSITION - 1)
    return Receipt(POSITION - 1, tuple(path), evidence.note() or "", record.value)


def code_of(text: str) -> str:
    """Why a receipt is refused."""
    with pytest.raises(BadReceipt) as refused:
        proven(receipt_in(text), [KEY])
    return refused.value.code


def test_a_receipt_proves_its_event_with_the_public_key_alone(receipt: Receipt) -> None:
    """Position, value and checkpoint come out of the file."""
    found = proven(receipt_in(receipt.text()), [KEY])
    assert (found.position, found.value) == (POSITION, receipt.value)
    assert found.checkpoint.size == claimed(receipt).size == 700


def test_the_file_has_the_lines_of_the_standard(receipt: Receipt) -> None:
    """Header, extra, index, path, a blank line, and the checkpoint as it was published."""
    lines = receipt.text().split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra ")
    assert lines[2] == "index 431"
    assert receipt.text().endswith("\n\n" + receipt.note)


def test_the_dense_form_is_the_same_receipt(receipt: Receipt) -> None:
    """In the letters of a QR code's alphanumeric mode."""
    dense = receipt.dense()
    assert set(dense) <= set(base45.LETTERS)
    assert receipt_in(dense) == receipt_in(f"{dense}\n") == receipt_in(receipt.text())


def test_an_event_may_come_from_elsewhere(receipt: Receipt) -> None:
    """A receipt without extra data proves whatever is put beside it, if that is the event."""
    bare = receipt_in(receipt._replace(value=None).text())
    assert proven(bare, [KEY], receipt.value).position == POSITION
    with pytest.raises(BadReceipt, match="EVENT_MISSING"):
        proven(bare, [KEY])
    with pytest.raises(BadReceipt, match="PATH_FALSE"):
        proven(bare, [KEY], b"another event")


def test_whatever_is_changed_is_noticed(receipt: Receipt) -> None:
    """Event, position, path, checkpoint, signature, key."""
    assert receipt.value is not None
    for changed in (
        receipt._replace(value=receipt.value + b" "),
        receipt._replace(leaf=receipt.leaf - 1),
        receipt._replace(path=receipt.path[:-1]),
        receipt._replace(path=(bytes(32), *receipt.path[1:])),
    ):
        assert code_of(changed.text()) == "PATH_FALSE"
    assert code_of(receipt.text().replace("\n700\n", "\n701\n")) == "SIGNATURE_FALSE"
    assert code_of(receipt.text().replace("evidence.example", "evidence.exampl3")) in {
        "SIGNATURE_MISSING", "NOT_A_RECEIPT",
    }  # fmt: skip
    with pytest.raises(BadReceipt, match="SIGNATURE_MISSING"):
        proven(receipt, [signer("other").verifier])


@pytest.mark.parametrize(
    "text",
    ["", "c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2\nindex 0\n\nnote",
     "c2sp.org/tlog-proof@v1\nindex 01\n\nnote", "c2sp.org/tlog-proof@v1\nindex -1\n\nnote",
     "c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nnote", "c2sp.org/tlog-proof@v1\nextra AA==\n\nnote",
     "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nnote", "HWR1:", "HWR1:abc", "HWR1:A", "HWR1:::::::",
     "HWR1:" + base45.encode(zlib.compress(b"\xff")), "HWR1:" + base45.encode(zlib.compress(b"x" * 99)[:-9])],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(text: str) -> None:
    """Other versions, other spellings, rubbish in a QR code."""
    assert code_of(text) == "NOT_A_RECEIPT"


def test_a_bomb_in_a_code_is_not_unpacked() -> None:
    """A few letters must not fill the memory."""
    bomb = "HWR1:" + base45.encode(zlib.compress(bytes(30_000_000), 9))
    assert len(bomb) < 60_000
    assert code_of(bomb) == "RECEIPT_TOO_LONG"
    assert code_of("x" * 1_000_001) == "RECEIPT_TOO_LONG"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_rubbish_is_refused_without_an_accident(text: str) -> None:
    """Whatever the text, the answer is a code."""
    for form in (text, f"HWR1:{text}", f"c2sp.org/tlog-proof@v1\n{text}\n\n{text}"):
        with pytest.raises(BadReceipt):
            proven(receipt_in(form), [KEY])


@given(st.binary(max_size=100))
def test_base45_gives_back_its_bytes(data: bytes) -> None:
    """Of any length."""
    assert base45.decode(base45.encode(data)) == data


def test_a_log_elsewhere_is_no_key(tmp_path: Path) -> None:
    """A receipt names its log: with that log's key only."""
    log = opened_log(tmp_path / "log", 3, "b")
    checkpointer(log, tmp_path / "evidence", "b").catch_up()
    note = EvidenceFolder(tmp_path / "evidence").note() or ""
    with pytest.raises(BadReceipt, match="SIGNATURE_MISSING"):
        proven(Receipt(0, (), note, b""), [KEY])
