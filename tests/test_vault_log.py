"""The vault and the log: what was attested, who was named, and the commands that look at both."""

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from people import MASTER_KEY, worker
from programme import Programme, signer

from app.cli import run
from app.ports import Port
from app.settings import variables
from domain import submissions as s
from eventlog.contract import Outgoing
from eventlog.embedded import EmbeddedLog
from publishers.attested import KnownVault, Seen, highest_attested
from publishers.identities import completed
from publishers.lines import read_lines
from publishers.signing import Signer
from publishers.written import written
from schemas.codec import encode
from vault.identities import Identity

LEDGER = bytes(range(32))
TOKEN = "a-token-for-tests-only"  # noqa: S105  # of this test
ANSWER_S = 60.0


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, postgres_dsn: str
) -> dict[str, str]:
    """A home of this test's own, an embedded log, a vault database, one ledger."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    given = {
        "HENGWEN_HOME": str(tmp_path / "home"),
        "HENGWEN_LEDGER": LEDGER.hex(),
        "HENGWEN_VAULT_DATABASE": postgres_dsn,
        "HENGWEN_VAULT_MASTER_KEY": MASTER_KEY.hex(),
        "HENGWEN_SEAL_TOKEN": TOKEN,
        "HENGWEN_LANG": "en",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return given


def log_of(environment: dict[str, str]) -> EmbeddedLog:
    """The embedded log of the test's home."""
    folder = Path(environment["HENGWEN_HOME"]) / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return EmbeddedLog(folder / "hengwen.sqlite", "hengwen")


def hengwen(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    code = run([*arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


def outgoing(programme: Programme, submission: s.Submission, attestations: list[Any]) -> Outgoing:
    """A signed submission on its way to the log."""
    value = encode(submission)
    proof = programme.national.proofs(
        [value], ledger=programme.ledger, attestations=[attestations]
    )[0]
    return Outgoing("632221", value, proof)


def known(programme: Programme) -> KnownVault:
    """The programme's vault as the log knows it."""
    vault = programme.vault
    return KnownVault(vault.vault, vault.public_key, programme.ledger)


def test_the_log_knows_the_highest_genuine_sequence(tmp_path: Path) -> None:
    """Every payment's attestation counts, decided or not; the search goes on where it ended."""
    programme = Programme().funded()
    log = EmbeddedLog(tmp_path / "log", "test")
    assert highest_attested(log, known(programme), after=0) == Seen(0, 0)
    payments = [programme.payment(n) for n in range(5)]
    before = programme.vault.last_sequence
    log.append([outgoing(programme, *payment) for payment in payments])
    assert highest_attested(log, known(programme), after=0) == Seen(5, before)
    assert highest_attested(log, known(programme), after=5) == Seen(5, 0)
    log.close()


def test_a_forged_sequence_cannot_lock_the_vault(tmp_path: Path) -> None:
    """Neither a raised number, nor another key, nor a moved attestation, nor poison counts."""
    programme = Programme().funded()
    payment, (genuine,) = programme.payment(1)
    other, _ = programme.payment(2)
    raised = genuine._replace(sequence=10**9)
    forged = genuine._replace(sequence=10**9, signature=bytes(64))
    misplaced = genuine._replace(index=genuine.size)
    visit = programme.make(
        s.RecordVisit, visit=programme.fresh(), occasion="DAILY", visitors=["p-1"], person=None,
        work_region=None, document=None,
    )  # fmt: skip
    log = EmbeddedLog(tmp_path / "log", "test")
    log.append(
        [
            *(outgoing(programme, payment, [one]) for one in (raised, forged, misplaced)),
            outgoing(programme, payment, [genuine._replace(field="worker")]),
            outgoing(programme, other, [genuine]),
            outgoing(programme, visit, [genuine]),
            Outgoing("", b"poison", b"poison"),
            Outgoing("", b"poison", outgoing(programme, payment, [genuine]).proof),
            Outgoing("", b"", None),
        ]
    )
    assert highest_attested(log, known(programme), after=0) == Seen(9, 0)
    log.append([outgoing(programme, payment, [raised, genuine])])
    assert highest_attested(log, known(programme), after=0) == Seen(10, genuine.sequence)
    log.close()


def test_a_vault_is_made_looked_at_backed_up_and_restored(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """The commands agree on one vault, and refuse to make a second."""
    assert environment
    code, made = hengwen(capsys, "vault", "init")
    assert (code, made["ledger"]) == (0, LEDGER.hex())
    assert hengwen(capsys, "vault", "init")[0] == 2
    code, found = hengwen(capsys, "vault", "status")
    assert (code, found["vault"], found["sequence"]) == (0, made["vault"], 0)
    assert not found["behind"]
    backup = str(tmp_path / "backup")
    code, taken = hengwen(capsys, "vault", "backup", backup)
    assert (code, taken["vault"]) == (0, made["vault"])
    assert hengwen(capsys, "vault", "backup", backup)[0] == 2
    assert hengwen(capsys, "vault", "restore", backup)[0] == 2


PAYMENT = {
    "type": "MakePayment",
    "submission_id": "00000000-0000-4000-8000-000000000001",
    "payment": "00000000-0000-4000-8000-000000000002",
    "organisation": "632221",
    "occurred_on": "2019-02-05",
    "fund": "NORMALISED-2019",
    "scheme": "ACFTU-2019-7",
    "category": "C4_HARSH_FRONTLINE",
    "tier": "T2",
    "occasion": "SPRING_FESTIVAL",
    "campaign": "2019-SPRING_FESTIVAL",
    "form": "CASH",
    "amount_fen": 100_000,
    "signed": True,
}


def plain_file(path: Path, *people: Identity) -> Path:
    """A file of payments with plain names."""
    lines = [
        json.dumps(PAYMENT | {"recipient": asdict(one), "actor": None}, ensure_ascii=False)
        for one in people
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_sealed_file_says_the_same_without_names(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """What comes out holds no name, reads as the same submissions, and sealing again agrees."""
    assert environment
    hengwen(capsys, "vault", "init")
    file = plain_file(tmp_path / "plain.jsonl", worker(1), worker(2))
    assert run(["seal", str(file)]) == 0
    text = capsys.readouterr().out
    assert len(text.splitlines()) == 2
    for value in ("测试甲", worker(1).document_number, "6217000000123456786"):
        assert value not in text
    again = list(completed(read_lines(text.encode().splitlines()), None))
    assert [written(one) for one in again] == text.splitlines()
    assert run(["seal", str(file)]) == 0
    second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    first = [json.loads(line) for line in text.splitlines()]
    for one, two in zip(first, second, strict=True):
        assert one.pop("attestations")[0]["sequence"] != two.pop("attestations")[0]["sequence"]
        assert one == two


def test_a_file_with_a_bad_line_is_not_sealed(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """The line and the code are told, the value is not, and nothing was numbered."""
    assert environment
    hengwen(capsys, "vault", "init")
    file = plain_file(tmp_path / "plain.jsonl", worker(1), worker(2, name="保密7"))
    assert run(["seal", str(file)]) == 2
    said = capsys.readouterr()
    assert "NAME_DIGITS" in said.err
    assert "保密" not in said.err + said.out
    assert run(["seal"]) == run(["seal", str(file), "--serve"]) == 2
    capsys.readouterr()


def test_an_old_backup_is_recovered_step_by_step(
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """Behind the log: status says so, sealing is refused, recover accepts, sealing goes on."""
    hengwen(capsys, "vault", "init")
    backup = str(tmp_path / "old")
    hengwen(capsys, "vault", "backup", backup)
    file = plain_file(tmp_path / "plain.jsonl", worker(1))
    assert run(["seal", str(file)]) == 0
    (sealed,) = completed(read_lines(capsys.readouterr().out.encode().splitlines()), None)
    publisher: Signer = signer("publisher")
    value = encode(sealed.submission)
    (proof,) = publisher.proofs([value], ledger=LEDGER, attestations=[sealed.attestations])
    log = log_of(environment)
    log.append([Outgoing("632221", value, proof)])
    log.close()
    assert hengwen(capsys, "vault", "status")[0] == 0

    renamed(environment["HENGWEN_VAULT_DATABASE"])
    assert hengwen(capsys, "vault", "restore", backup)[0] == 0
    code, found = hengwen(capsys, "vault", "status")
    assert (code, found["sequence"], found["later_in_log"]) == (1, 0, 1)
    assert run(["seal", str(file)]) != 0
    assert "recover" in capsys.readouterr().err
    assert hengwen(capsys, "vault", "recover")[0] == 1
    code, told = hengwen(capsys, "vault", "recover", "--accept")
    assert (code, told["sequence"]) == (0, 1)
    assert run(["seal", str(file)]) == 0
    line = json.loads(capsys.readouterr().out)
    assert line["attestations"][0]["sequence"] == 2
    monkeypatch.undo()


def renamed(dsn: str) -> None:
    """The database loses its vault, as by a broken disk."""
    import psycopg  # noqa: PLC0415  # here alone

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ALTER SCHEMA vault RENAME TO lost")


def test_the_service_answers_on_the_loopback_address(
    environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`hengwen seal --serve` as a process, asked over a socket, ended by SIGTERM."""
    hengwen(capsys, "vault", "init")
    port = Port()
    address = str(port)
    process = subprocess.Popen(  # ourselves
        [sys.executable, "-c", "from app.cli import main; main()", "seal", "--serve"],
        env=environment | {"HENGWEN_SEAL_ADDRESS": address, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    try:
        wait_for(f"http://{address}/livez")
        body = {
            "requests": [
                {
                    "organisation": "632221",
                    "business_id": "b",
                    "field": "recipient",
                    "identity": asdict(worker(1)),
                }
            ]
        }
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = httpx.post(
            f"http://{address}/v1/seal", json=body, headers=headers, timeout=ANSWER_S
        )
        assert answer.status_code == 200
        assert answer.json()["sealed"][0]["attestation"]["sequence"] == 1
    finally:
        process.terminate()
        _, said = process.communicate(timeout=ANSWER_S)
    assert "测试" not in said.decode()
    assert "Traceback" not in said.decode()


ROOT = Path(__file__).parent.parent


def wait_for(address: str) -> None:
    """Until it answers."""
    for _ in range(round(ANSWER_S / 0.1)):
        try:
            httpx.get(address, timeout=ANSWER_S)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)
