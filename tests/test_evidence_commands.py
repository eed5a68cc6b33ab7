"""Checkpoints and receipts as a user makes and checks them."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import segno
from drills import WAIT_S_MAX, until

from evidence.receipts import receipt_in

pytestmark = pytest.mark.slow
EXAMPLES = Path(__file__).parents[1] / "examples"
PAYMENT = json.loads((EXAMPLES / "first.jsonl").read_text(encoding="utf-8").splitlines()[-1])[
    "payment"
]
HENGWEN = [sys.executable, "-c", "from app.cli import main; main()"]


class Machine:
    """One machine with its folder, on which a user types commands."""

    def __init__(self, home: Path) -> None:
        self.home = home
        outside = {k: v for k, v in os.environ.items() if not k.startswith("HENGWEN_")}
        self.environment = outside | {"HENGWEN_HOME": str(home)}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return subprocess.run(
            [*HENGWEN, *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def hengwen(self, *arguments: str | Path) -> str:
        """Run one that must go well; what it prints."""
        done = self.run(*arguments)
        assert done.returncode == 0, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments: str | Path) -> Any:
        """The same, as JSON."""
        return json.loads(self.hengwen(*arguments, "--json"))


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A ledger with one payment and, before it, one refusal; decided and signed."""
    machine = Machine(tmp_path_factory.mktemp("begun"))
    known = machine.home / "known.jsonl"
    known.write_bytes((EXAMPLES / "first-registry.jsonl").read_bytes().splitlines()[-1])
    machine.hengwen("init", "--root", "ACFTU", "--name", "样例总工会")
    machine.hengwen("publish", EXAMPLES / "first-registry.jsonl", "--operator")
    machine.hengwen("publish", known, "--operator", "--attempt", "2")
    machine.hengwen("publish", EXAMPLES / "first.jsonl")
    machine.hengwen("admit", "--once")
    machine.hengwen("checkpoint", "--once")
    return machine


@pytest.fixture
def machine(begun: Machine, tmp_path: Path) -> Machine:
    """A copy of it to do harm to."""
    shutil.copytree(begun.home, tmp_path / "home", ignore=shutil.ignore_patterns("postgres"))
    return Machine(tmp_path / "home")


def test_init_makes_a_key_of_its_own_for_checkpoints(begun: Machine) -> None:
    """Not the operator's; readable by its owner alone; named by the log."""
    keys = begun.home / "keys"
    assert (keys / "checkpoint.pem").read_bytes() != (keys / "operator.pem").read_bytes()
    assert (keys / "checkpoint.pem").stat().st_mode & 0o077 == 0
    [key] = begun.json("checkpoint", "key", "show")
    assert (key["first_size"], key["ended_at_size"]) == (1, None)
    assert key["vkey"].startswith("hengwen.example/hengwen+")


def test_a_receipt_is_checked_with_the_file_and_the_key_alone(
    begun: Machine, tmp_path: Path
) -> None:
    """On a machine without log, database and folder; as file, and as the text of the QR code."""
    [key] = begun.json("checkpoint", "key", "show")
    receipt, form = tmp_path / "r.tlog-proof", tmp_path / "r.html"
    begun.hengwen("receipt", PAYMENT, "--out", receipt, "--form", form)
    stranger = Machine(tmp_path / "elsewhere")
    found = stranger.json("receipt", "verify", receipt, "--key", key["vkey"])
    assert (found["result"], found["payment"], found["amount_fen"]) == ("OK", PAYMENT, 100_000)
    dense = receipt_in(receipt.read_text("utf-8")).dense()
    (tmp_path / "scanned").write_text(dense, encoding="ascii")
    public = begun.home / "evidence/hengwen/public/keys.json"
    assert stranger.json("receipt", "verify", tmp_path / "scanned", "--key", public) == found
    page = form.read_text("utf-8")
    assert (
        segno.make_qr(dense, error="l", boost_error=False).svg_inline(border=4, omitsize=True)
        in page
    )
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "1,000.00" in page


def test_a_receipt_is_found_with_and_without_read_models(begun: Machine, machine: Machine) -> None:
    """By asking the database, or by reading the log."""
    begun.hengwen("project", "--once")
    assert begun.hengwen("receipt", PAYMENT) == machine.hengwen("receipt", PAYMENT)


def test_a_false_receipt_fails_the_check(begun: Machine, tmp_path: Path) -> None:
    """Exit code 1 for what proves nothing, 2 for what cannot be asked."""
    [key] = begun.json("checkpoint", "key", "show")
    text = begun.hengwen("receipt", PAYMENT)
    forged = tmp_path / "forged"
    forged.write_text(re.sub(r"(?m)^index \d+$", "index 86", text), encoding="utf-8")
    done = begun.run("--lang", "en", "receipt", "verify", forged, "--key", key["vkey"])
    assert done.returncode == 1
    assert "PATH_FALSE" in done.stderr
    forged.write_text("rubbish", encoding="utf-8")
    assert begun.run("receipt", "verify", forged, "--key", key["vkey"]).returncode == 1
    assert begun.run("receipt", "verify", forged, "--key", "no key").returncode == 2
    assert begun.run("receipt", "verify", tmp_path / "gone", "--key", key["vkey"]).returncode == 2
    assert begun.run("receipt", "00000000-0000-4000-8000-000000000000").returncode == 2
    assert begun.run("receipt", "no-id").returncode == 2


def test_a_payment_without_checkpoint_has_no_receipt_yet(machine: Machine) -> None:
    """The command says what to do."""
    shutil.rmtree(machine.home / "evidence")
    done = machine.run("receipt", PAYMENT)
    assert done.returncode == 2
    assert "hengwen checkpoint --once" in done.stderr


def test_a_key_is_rotated_and_old_receipts_still_hold(machine: Machine, tmp_path: Path) -> None:
    """New key file, a submission of the operator, a verdict: the next checkpoint has the new key."""
    receipt = tmp_path / "r.tlog-proof"
    machine.hengwen("receipt", PAYMENT, "--out", receipt)
    [old] = machine.json("checkpoint", "key", "show")
    made = machine.json("checkpoint", "key", "new")
    assert made["file"].endswith("checkpoint-2.pem")
    machine.hengwen("checkpoint", "key", "rotate", made["file"])
    machine.hengwen("admit", "--once")
    first, second = machine.json("checkpoint", "key", "show")
    assert (first["ended_at_size"], second["key"]) == (second["first_size"], made["key"])
    signed = machine.json("checkpoint", "--once")
    assert signed["position"] == second["first_size"]
    machine.hengwen("receipt", "verify", receipt, "--key", old["vkey"])
    newer = machine.hengwen("receipt", PAYMENT)
    receipt.write_text(newer, encoding="utf-8")
    assert machine.run("receipt", "verify", receipt, "--key", old["vkey"]).returncode == 1
    machine.hengwen("receipt", "verify", receipt, "--key", second["vkey"])


def test_without_the_key_nothing_is_signed(machine: Machine) -> None:
    """Said with the id that the log names."""
    [key] = machine.json("checkpoint", "key", "show")
    (machine.home / "keys/checkpoint.pem").unlink()
    shutil.rmtree(machine.home / "evidence")
    with sqlite3.connect(machine.home / "log/hengwen.sqlite") as connection:
        connection.execute("DELETE FROM checkpoints")
    done = machine.run("checkpoint", "--once")
    assert done.returncode == 2
    assert key["key"] in done.stderr
    text = machine.home / "rubbish.pem"
    text.write_text("rubbish", encoding="ascii")
    assert machine.run("checkpoint", "--once", "--key", text).returncode == 2


def test_a_log_that_was_cut_short_is_not_signed(machine: Machine) -> None:
    """Exit code 1, in words, and no new checkpoint."""
    with sqlite3.connect(machine.home / "log/hengwen.sqlite") as connection:
        connection.execute("DELETE FROM events WHERE position > 87")
    done = machine.run("checkpoint", "--once")
    assert done.returncode == 1
    assert "总账与先前所见不符" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_checkpointer_ends_when_it_is_told_to(machine: Machine) -> None:
    """SIGTERM is no fault."""
    shutil.rmtree(machine.home / "evidence")
    with subprocess.Popen(
        [*HENGWEN, "checkpoint", "--every", "0"], env=machine.environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        newest = machine.home / "evidence/hengwen/public/checkpoint"
        try:
            until(lambda: newest.exists() or process.poll() is not None, WAIT_S_MAX)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=WAIT_S_MAX)
        finally:
            process.kill()
    assert process.returncode == 0, err


def test_recorded_copied_and_verified_as_a_user_types_it(machine: Machine, tmp_path: Path) -> None:
    """One command records it, and copies and packs made afterwards have a digest in its place."""
    last = machine.json("log", "digest")["count"]
    done = machine.run("log", "redact", str(last + 1), "--reason", "PLAIN_IDENTITY")
    assert done.returncode == 2
    done = machine.run("log", "redact", str(last), "--reason", "PLAIN_IDENTITY")
    assert done.returncode == 2
    assert "被接受的提交不能隐去" in done.stderr
    refused = last - len((EXAMPLES / "first.jsonl").read_bytes().splitlines())
    named = machine.json("log", "redact", str(refused), "--reason", "PLAIN_IDENTITY")
    assert named["position"] == refused
    machine.hengwen("admit", "--once")
    machine.hengwen("checkpoint", "--once")
    copied = machine.json("log", "copy", "-", f"embedded:{tmp_path / 'copy.sqlite'}")
    assert copied["redacted"] == 1
    place = f"embedded:{tmp_path / 'other.sqlite'}"
    again = machine.run("log", "copy", "-", place, "--submissions-only")
    assert again.returncode == 2
    assert "不能重新裁决" in again.stderr
    machine.hengwen("export-evidence", "--to", tmp_path / "pack")
    shown = machine.hengwen("verify", tmp_path / "pack")
    assert f"1 份内容已按记录隐去,首份在序号 {refused}" in shown
    assert "这是部分核验" in shown


def test_the_part_of_an_organisation_that_never_was_is_not_exported(
    begun: Machine, tmp_path: Path
) -> None:
    """A mistyped code makes no pack that looks as if there were nothing to see."""
    refused = begun.run("export-evidence", "--to", tmp_path / "pack", "--organisation", "NOPE")
    assert refused.returncode == 2
    assert "没有这个机构" in refused.stderr
    assert list(tmp_path.iterdir()) == []
    begun.hengwen("export-evidence", "--to", tmp_path / "pack", "--organisation", "EX-632221")


def test_a_balance_is_proven_from_the_first_checkpoint_on(begun: Machine, tmp_path: Path) -> None:
    """``checkpoint --once`` signed the balances, too; an auditor needs the file and keys.json."""
    proof = tmp_path / "p.balance-proof"
    begun.hengwen("prove", "balance", "EX-632221", "NORMALISED-2019", "--out", proof)
    keys = begun.home / "evidence" / "hengwen" / "public" / "keys.json"
    auditor = Machine(tmp_path / "auditor")
    facts = auditor.json("prove", "verify", proof, "--key", keys)
    assert facts["ordered_fen"] + facts["settled_fen"] + facts["reserved_fen"] > 0
    assert facts["size"] == begun.json("checkpoint", "--once")["position"]
    content = proof.read_bytes()
    proof.write_bytes(content.replace(b'"index": ', b'"index":  ', 1))
    refused = auditor.run("prove", "verify", proof, "--key", keys)
    assert refused.returncode == 1
    assert "NOT_A_PROOF" in refused.stderr
