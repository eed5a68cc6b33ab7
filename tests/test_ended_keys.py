"""A checkpoint key that was replaced, stolen since: nothing that it signs afterwards counts."""

import json
import shutil
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_logs import ORIGIN, checkpointer, key_rotated, opened_log, signer, values, write
from packs import KEY, pack_of, programme, verified
from programme import COUNTY, FUND
from test_witness import TRUE, cosigner

from app.checkpoint_keys import public_keys
from app.cli import run
from domain.merkle import leaf_hash
from eventlog.contract import LogDamaged
from eventlog.embedded import EmbeddedLog
from evidence.balance_notes import SUFFIX, Balances
from evidence.balance_proofs import prove
from evidence.balance_tree import AccountLeaf, BalanceTree, Head, Sums
from evidence.checkpoints import Checkpoint
from evidence.folder import EvidenceFolder
from evidence.guard import refuse_damaged
from evidence.keys import KeyHistory
from evidence.notes import NoteSigner, Verifier
from evidence.proofs import Prover
from evidence.receipts import Receipt
from evidence.tree import Tree
from evidence.verify import verify
from evidence.verify_checks import OK, SIGNATURE
from evidence.verify_published import PublishedSource
from evidence.verify_signed import Trust
from evidence.witness import Request, Witness, WitnessState

ROTATED_AT = 6
"""Position of the event that replaced the old key."""


@pytest.fixture
def keys_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As the operator publishes them: the old key up to before the rotation, the new one from it."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "home"))
    old, new = signer("old").verifier, signer("new").verifier
    path = tmp_path / "keys.json"
    path.write_bytes(
        KeyHistory([old.between(1, ROTATED_AT), new.between(ROTATED_AT, None)]).to_json()
    )
    return path


def receipt_at(size: int, key: str) -> str:
    """A receipt for the first of *size* equal events, under a checkpoint by that key."""
    tree = Tree()
    tree.append([b"paid"] * size)
    path = [_root(width) for width in _siblings(size)]
    note = Checkpoint(ORIGIN, size, tree.root()).signed([signer(key)])
    return Receipt(0, tuple(path), note, b"paid").text()


def _siblings(size: int) -> list[int]:
    """Sizes of the trees beside the path of the first leaf, from below."""
    found = []
    while size > 1:
        left = 1 << (size - 1).bit_length() - 1
        found.append(size - left)
        size = left
    return found[::-1]


def _root(size: int) -> bytes:
    tree = Tree()
    tree.append([b"paid"] * size)
    return tree.root()


def proof_at(size: int, key: str) -> str:
    """A balance proof by that key."""
    sums = Sums(*(0 for _ in Sums._fields))._replace(granted=500, free=500)
    tree = BalanceTree([AccountLeaf(COUNTY, FUND, sums, Head(1, bytes(32)), Head())])
    told = Balances(Checkpoint(ORIGIN, size, leaf_hash(b"x")), len(tree.funds), tree.root)
    return prove(tree, COUNTY, FUND, told.signed([signer(key, ORIGIN + SUFFIX)])).text()


@pytest.mark.parametrize(("command", "made"), [("receipt", receipt_at), ("prove", proof_at)])
def test_a_file_signed_by_an_ended_key_proves_nothing(
    command: str, made: Any, keys_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With keys.json the sizes count; a key given by hand is trusted as it is given."""

    def exit_code(size: int, key: str, trusted: str) -> int:
        file = keys_file.with_name("file")
        file.write_text(made(size, key), encoding="utf-8", newline="\n")
        return run(["--lang", "en", command, "verify", str(file), "--key", trusted])

    assert exit_code(ROTATED_AT - 1, "old", str(keys_file)) == 0
    assert exit_code(ROTATED_AT, "new", str(keys_file)) == 0
    capsys.readouterr()
    for size, key in ((ROTATED_AT, "old"), (5_000, "old"), (ROTATED_AT - 1, "new")):
        assert exit_code(size, key, str(keys_file)) == 1
        told = capsys.readouterr().err
        assert "KEY_NOT_IN_FORCE" in told
        assert "may not sign a tree of that size" in told
    assert exit_code(5_000, "old", signer("old").verifier.text()) == 0


def test_a_pack_signed_by_an_ended_key_is_refused(tmp_path: Path) -> None:
    """The same history, signed after its key had ended."""
    pack = pack_of(programme(), tmp_path)
    origin = f"example.org/{programme().name}"
    own, heir = NoteSigner(origin, KEY).verifier, Ed25519PrivateKey.generate()
    size = verified_size(pack, own)
    later = NoteSigner(origin, heir).verifier
    assert not verified(pack, own.between(1, size + 1), later.between(size + 1, None)).failed
    report = verified(pack, own.between(1, size), later.between(size, None))
    [signature] = [check for check in report.checks if check.name == SIGNATURE]
    assert (signature.code, signature.figures) == ("KEY_NOT_IN_FORCE", (("size", str(size)),))


def verified_size(pack: Path, key: Verifier) -> int:
    """Events under the checkpoint of a pack that holds."""
    [signature] = [check for check in verified(pack, key).checks if check.name == SIGNATURE]
    assert signature.status == OK
    return int(dict(signature.figures)["size"])


def rotated(path: Path) -> EmbeddedLog:
    """A log of eight events, the sixth of which replaced the key."""
    log = opened_log(path / "log", ROTATED_AT - 1, "old")
    write(log, [key_rotated("old", "new"), *values(2, first=ROTATED_AT + 1)])
    return log


def test_a_published_folder_signed_by_an_ended_key_is_refused(tmp_path: Path) -> None:
    """Its own keys.json says that the key had ended."""
    log = rotated(tmp_path)
    checkpointer(log, tmp_path / "evidence", "old", "new").catch_up()
    public = tmp_path / "evidence" / "public"

    def signature() -> tuple[str, str]:
        report = verify(PublishedSource(public), Trust(), cores=1)
        return next((c.status, c.code) for c in report.checks if c.name == SIGNATURE)

    assert signature() == (OK, "")
    root = Prover(EvidenceFolder(tmp_path / "evidence").public, 8).root()
    shutil.rmtree(public / "checkpoints")  # where the same tree is signed by the key in force
    (public / "checkpoint").write_text(Checkpoint(ORIGIN, 8, root).signed([signer("old")]))
    assert signature() == ("FAILED", "KEY_NOT_IN_FORCE")


def test_a_witness_cosigns_nothing_of_an_ended_key(keys_file: Path, tmp_path: Path) -> None:
    """Its thief could lead the witness away from the true history, for ever."""
    WitnessState.begin(tmp_path / "state.json")
    known = public_keys([str(keys_file)])
    witness = Witness(cosigner(), known, WitnessState(tmp_path / "state.json"), lambda: 1)

    def answer(old: int, size: int, key: str) -> Any:
        path = Prover(TRUE, size).consistency(old) if old else []
        return witness.add_checkpoint(Request(old, tuple(path), TRUE.note(size, key)).body())

    assert answer(0, ROTATED_AT - 1, "old").status == HTTPStatus.OK
    stolen = answer(ROTATED_AT - 1, ROTATED_AT + 1, "old")
    assert (stolen.status, stolen.body) == (HTTPStatus.FORBIDDEN, "KEY_NOT_IN_FORCE\n")
    assert answer(ROTATED_AT - 1, ROTATED_AT + 1, "new").status == HTTPStatus.OK


@pytest.mark.parametrize("size", [8, 9, 5_000])
def test_a_thief_with_an_ended_key_stops_nobody(tmp_path: Path, size: int) -> None:
    """A false tree in the topic: admission opens the log, the checkpointer goes on signing."""
    log = rotated(tmp_path)
    checkpointer(log, tmp_path / "evidence", "old", "new").catch_up()
    log.append_checkpoint(Checkpoint(ORIGIN, size, bytes(32)).signed([signer("old")]).encode())
    new = signer("new").verifier
    for folder in ("evidence", "lost"):
        signed = refuse_damaged(
            log, EvidenceFolder(tmp_path / folder), [[new.log_key, new.public_key.hex()]]
        )
        assert signed is not None
        assert signed.size == 8
    write(log, values(4, first=9))
    shutil.rmtree(tmp_path / "evidence")
    checkpointer(log, tmp_path / "evidence", "new").catch_up()
    assert (
        json.loads((tmp_path / "evidence/public/keys.json").read_bytes())[0]["ended_at_size"] == 6
    )
    evidence = EvidenceFolder(tmp_path / "evidence")
    signed = evidence.checkpoint(evidence.keys())
    assert signed is not None
    assert signed.size == 12


def test_before_the_next_checkpoint_the_replaced_key_still_guards_its_trees(tmp_path: Path) -> None:
    """A log changed up to there is refused, though the folded state names the new key only."""
    log = opened_log(tmp_path / "log", ROTATED_AT - 1, "old")
    false = Checkpoint(ORIGIN, ROTATED_AT - 1, bytes(32)).signed([signer("old")])
    log.append_checkpoint(false.encode())
    write(log, [key_rotated("old", "new")])
    new = signer("new").verifier
    with pytest.raises(LogDamaged, match="not what the checkpoint signed"):
        refuse_damaged(
            log, EvidenceFolder(tmp_path / "lost"), [[new.log_key, new.public_key.hex()]]
        )


@pytest.mark.parametrize("size", ["1", 1.0, True, None, -1])
def test_sizes_that_are_none_are_no_keys(size: Any) -> None:
    """A published list of keys is read as it is written, or not at all."""
    rows = [{"key": signer("old").verifier.text(), "first_size": size, "ended_at_size": 9}]
    with pytest.raises((TypeError, ValueError)):
        KeyHistory.from_json(json.dumps(rows).encode())
