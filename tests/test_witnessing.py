"""Witnesses over HTTP: cosigned checkpoints, witnesses that are away or lie, and SIGKILL."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from evidence_logs import opened_log, signer, signers, values, write
from packs import key_text, pack_of, programme
from packs_forged import resigned, values_of
from slow_clients import half_sent, is_closed
from test_witness import FORK, TRUE, cosigner

from app.cli import run
from app.ports import Port
from consumers.checkpointer import Checkpointer
from consumers.witnesses import WitnessAddress, Witnesses
from eventlog.embedded import EmbeddedLog
from evidence.checkpoints import claimed_checkpoint
from evidence.cosignatures import WitnessKey, cosigned
from evidence.folder import EvidenceFolder
from evidence.pack import Wanted, export
from evidence.proofs import Prover
from evidence.receipts import Receipt

pytestmark = pytest.mark.slow
HENGWEN = [sys.executable, "-c", "from app.cli import main; main()"]
START_S = 60.0
ANSWER_S = 60.0
"""Longest wait for an honest answer: it comes at once, or the machine is very busy."""
ENDLESS_S = 2 * ANSWER_S
"""As good as for ever."""
KILLS = 8
KILLS_MAX = 200


class Running:
    """``hengwen witness run`` as an organisation outside the programme would run it."""

    def __init__(self, folder: Path, *logs: str, name: str = "witness.example/w1") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.logs = logs
        self.port = Port()
        outside = {k: v for k, v in os.environ.items() if not k.startswith("HENGWEN_")}
        self.environment = outside | {"HENGWEN_HOME": str(folder / "home")}
        told = self._hengwen("witness", "key", "new", folder / "w.key", "--name", name, "--json")
        self.key = WitnessKey.from_text(json.loads(told)["vkey"])
        self.process: subprocess.Popen[bytes] | None = None

    def _hengwen(self, *words: str | Path) -> str:
        command = [*HENGWEN, *map(str, words)]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    @property
    def address(self) -> WitnessAddress:
        """As the operator writes it into the settings."""
        return WitnessAddress(self.key, f"http://{self.port}")

    def start(self, files_max: int = 1_024) -> None:
        """Start with at most so many open files, and wait until it answers."""
        first = [] if (self.folder / "state.json").exists() else ["--new-state"]
        logs = [word for log in self.logs for word in ("--log", log)]
        with (self.folder / "err").open("ab") as said:
            self.process = subprocess.Popen(
                ["sh", "-c", f'ulimit -n {files_max}; exec "$0" "$@"',
                 *HENGWEN, "witness", "run", "--key", self.folder / "w.key", *logs,
                 "--state", self.folder / "state.json", "--listen", str(self.port), *first],
                env=self.environment, stderr=said,
            )  # fmt: skip
        end = time.monotonic() + START_S
        while True:
            try:
                httpx.get(f"{self.address.url}/livez", timeout=ANSWER_S).raise_for_status()
            except httpx.HTTPError:
                assert time.monotonic() < end, "the witness does not start"
                assert self.process.poll() is None
                time.sleep(0.05)
            else:
                return

    def kill(self, how: int = signal.SIGKILL) -> None:
        """Kill it at this instant."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def witness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A witness of the programme's log and of the log of the other tests."""
    made = programme()
    found = Running(tmp_path_factory.mktemp("witness"), key_text(made), signer().verifier.text())
    found.start()
    yield found
    found.kill(signal.SIGTERM)


Serve = Callable[[BaseHTTPRequestHandler], None]


class Pretender(ThreadingHTTPServer):
    """A server that is no honest witness, until the test is over."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.over = threading.Event()


@contextmanager
def pretending(serve: Serve) -> Iterator[str]:
    """The address of something that is no honest witness."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            serve(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = Pretender(Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


def signed_by(
    folder: Path, log: EmbeddedLog, *asked: WitnessAddress, wait_s: float = ANSWER_S
) -> str:
    """Sign the log as it is, with these witnesses; the checkpoint as published."""
    made = Checkpointer(
        log, EvidenceFolder(folder), signers("checkpoint"),
        cosign=Witnesses(asked, wait_s=wait_s).cosign,
    )  # fmt: skip
    made.open()
    made.catch_up()
    return EvidenceFolder(folder).note() or ""


# -- cosigned checkpoints --------------------------------------------------------------------------


def test_each_published_checkpoint_carries_the_cosignature(tmp_path: Path) -> None:
    """In the folder and in the topic; from one tree to the next; a restart asks for the size."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start()
    with closing(opened_log(tmp_path / "log", 300)) as log:
        for more in (0, 1, 400):
            write(log, values(more, first=log.last_position() + 1))
            before = int(time.time())
            note = signed_by(tmp_path / "evidence", log, running.address)
            [at_s] = cosigned(note, [running.key]).values()
            assert before <= at_s <= int(time.time())
            assert claimed_checkpoint(note).size == log.last_position()
            published = log.read_checkpoints(after=log.last_checkpoint() - 1, limit=1)
            assert published[0].note.decode() == note
    running.kill()


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """All that was printed: log lines go where an earlier command of this process sent them."""
    told = capsys.readouterr()
    return told.out + told.err


def test_a_witness_that_is_away_stops_nothing(
    tmp_path: Path, witness: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others' cosignatures are there; it is said whose is not; and it is left alone for a while."""
    nobody = Port()
    away = WitnessAddress(cosigner("away.example").witness, f"http://{nobody}")
    with closing(opened_log(tmp_path / "log", 5, "checkpoint")) as log:
        asked = Witnesses([away])
        made = Checkpointer(
            log, EvidenceFolder(tmp_path / "evidence"), signers("checkpoint"), cosign=asked.cosign
        )
        made.open()
        made.catch_up()
        write(log, values(1, first=6))
        made.catch_up()
        assert made.signed == 6
    told = [line for line in printed(capsys).splitlines() if "witness.away" in line]
    assert len(told) == 1
    assert "away.example" in told[0]
    assert witness.process is not None


def test_a_witness_that_was_away_is_asked_again(tmp_path: Path) -> None:
    """Nothing is new in the log: the same checkpoint gets its line, once, in folder and topic."""
    running = Running(tmp_path / "w", signer().verifier.text())
    other = cosigner("other.example")
    with closing(opened_log(tmp_path / "log", 5)) as log:
        before = signed_by(tmp_path / "evidence", log, running.address)
        assert cosigned(before, [running.key]) == {}
        running.start()
        nobody = Port()
        asked = (running.address, WitnessAddress(other.witness, f"http://{nobody}"))
        notes = [signed_by(tmp_path / "evidence", log, *asked) for _ in range(2)]
        assert notes[0] == notes[1]
        assert notes[0].startswith(before)
        assert cosigned(notes[0], [running.key])
        published = [one.note.decode() for one in log.read_checkpoints(after=0, limit=9)]
        assert published == [before, notes[0]]
    running.kill()


def _redirecting(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(307)
    handler.send_header("location", "file:///etc/hostname")
    handler.end_headers()


def _answering(status: int, content: bytes, kind: str = "text/plain") -> Serve:
    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("content-type", kind)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return serve


def _over(handler: BaseHTTPRequestHandler) -> threading.Event:
    assert isinstance(handler.server, Pretender)
    return handler.server.over


def _never(handler: BaseHTTPRequestHandler) -> None:
    _over(handler).wait(ENDLESS_S)
    handler.close_connection = True


def _trickles(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then: each one begins a client's time-out anew."""
    handler.send_response(200)
    handler.end_headers()
    with suppress(OSError):
        end = time.monotonic() + ENDLESS_S
        while time.monotonic() < end and not _over(handler).wait(0.1):
            handler.wfile.write(b"x")


LINE = cosigner().line(TRUE.note(8), 1).encode()


RUBBISH: dict[str, Serve] = {
    "redirects": _redirecting,
    "is silent": _never,
    "trickles": _trickles,
    "empty": _answering(200, b""),
    "no text": _answering(200, b"\xff\xfe"),
    "another checkpoint": _answering(200, LINE),
    "too much": _answering(200, b"\n\n" + LINE * 500),
    "broken": _answering(500, b"5\n"),
    "size of no type": _answering(409, b"5\n"),
    "no size": _answering(409, b"x\n", "text/x.tlog.size"),
    "a size, again and again": _answering(409, b"4\n", "text/x.tlog.size"),
    "a larger size": _answering(409, b"99\n", "text/x.tlog.size"),
    "the size that was asked": _answering(409, b"0\n", "text/x.tlog.size"),
    "a size without end": _answering(409, b"9" * 9_999, "text/x.tlog.size"),
}


@pytest.mark.parametrize("answer", RUBBISH)
def test_a_witness_that_answers_rubbish_harms_nobody(answer: str, tmp_path: Path) -> None:
    """The checkpoint is published in time, as the log signed it, without a line of rubbish."""
    with pretending(RUBBISH[answer]) as url, closing(opened_log(tmp_path / "log", 5)) as log:
        begun = time.monotonic()
        asked = WitnessAddress(cosigner().witness, url)
        note = signed_by(tmp_path / "evidence", log, asked, wait_s=0.5)
        assert time.monotonic() - begun < ENDLESS_S / 2
        root = claimed_checkpoint(note)
        assert note == root.signed([signer()])


def test_a_witness_that_trickles_keeps_no_process_alive(tmp_path: Path) -> None:
    """It sends a byte now and then for as long as somebody listens: the checkpointer ends."""
    ended = threading.Event()

    def for_ever(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        with suppress(OSError):
            while not ended.wait(0.1):
                handler.wfile.write(b"x")

    opened_log(tmp_path / "log", 5, "checkpoint").close()
    with pretending(for_ever) as url:
        vkey = cosigner().witness.text()
        signing = [
            "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])",
            "import test_witnessing as ours",
            "asked = ours.WitnessAddress(ours.WitnessKey.from_text(sys.argv[2]), sys.argv[3])",
            "folder = Path(sys.argv[4])",
            "log = ours.EmbeddedLog(folder / 'log', 'pilot')",
            "ours.signed_by(folder / 'evidence', log, asked, wait_s=0.5)",
        ]
        try:
            done = subprocess.run(
                [
                    sys.executable, "-c", "\n".join(signing), str(Path(__file__).parent), vkey, url,
                    str(tmp_path),
                ],
                capture_output=True, text=True, timeout=START_S, check=True,
            )  # fmt: skip
        finally:
            ended.set()
    assert claimed_checkpoint(EvidenceFolder(tmp_path / "evidence").note() or "").size == 5
    assert "no answer in time" in done.stdout + done.stderr


def test_the_operator_hears_that_a_witness_saw_another_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The log was cut and written anew: no cosignature, and a line that says why."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start()
    for name, count in (("true", 300), ("other", 200)):
        with closing(opened_log(tmp_path / name, count)) as log:
            note = signed_by(tmp_path / f"{name}-evidence", log, running.address)
            assert bool(cosigned(note, [running.key])) is (name == "true")
    assert "another tree, of 300 events" in printed(capsys)
    running.kill()


# -- killed ----------------------------------------------------------------------------------------


def ask(client: httpx.Client, body: bytes) -> tuple[int, str]:
    """Status and answer of a witness; 0 if it died."""
    try:
        answer = client.post("/add-checkpoint", content=body)
    except httpx.HTTPError:
        return 0, ""
    return answer.status_code, answer.text


Signed = dict[int, set[bytes]]
"""Size of a tree → roots that were cosigned at that size."""


def offer(address: WitnessAddress, signed: Signed, stopped: threading.Event) -> None:
    """An attacker with the log's key offers both histories, again and again."""
    size = 0
    chance = random.Random(11)  # noqa: S311  which one first
    with httpx.Client(base_url=address.url, timeout=ANSWER_S) as client:
        while not stopped.is_set():
            for history in chance.sample([TRUE, FORK], 2):
                for target in (size, size + 1):
                    status, answer = ask(client, history.asking(size, target))
                    if status == 409 and answer.strip().isdecimal():
                        size = int(answer)
                    if status == 200 and cosigned(history.note(target) + answer, [address.key]):
                        signed.setdefault(target, set()).add(history.root(target))
                        size = target
            time.sleep(0.005)


def test_a_witness_killed_at_any_instant_never_signs_two_histories(tmp_path: Path) -> None:
    """SIGKILL after SIGKILL while both histories are offered without pause: one root for each size."""
    running = Running(tmp_path / "w", signer().verifier.text())
    chance, stopped = random.Random(7), threading.Event()  # noqa: S311  when to kill
    signed: Signed = {}
    attacker = threading.Thread(target=offer, args=(running.address, signed, stopped))
    running.start()
    attacker.start()
    kills = 0
    try:
        # Until the histories have parted, and each of them had many a chance to be the second.
        while kills < KILLS or len(signed) < FORK.common + KILLS:
            assert kills < KILLS_MAX
            time.sleep(chance.uniform(0.02, 0.4))
            running.kill()
            running.start()
            kills += 1
    finally:
        stopped.set()
        running.kill()
        attacker.join()
    assert all(len(roots) == 1 for roots in signed.values())
    beyond = {size: root for size, [root] in signed.items() if size > FORK.common}
    assert len(beyond) > 1
    assert any(all(root == one.root(size) for size, root in beyond.items()) for one in (TRUE, FORK))


# -- auditors --------------------------------------------------------------------------------------


def verified(
    capsys: pytest.CaptureFixture[str], pack: Path, *options: str, code: int = 0
) -> dict[str, Any]:
    """What ``hengwen verify --json`` says of the witnesses."""
    capsys.readouterr()
    assert run(["verify", str(pack), "--json", *options]) == code
    checks = {c["name"]: c for c in json.loads(capsys.readouterr().out)["checks"]}
    failed = [name for name, check in checks.items() if check["status"] == "FAILED"]
    assert bool(failed) is bool(code)
    return checks


def test_a_tail_replaced_and_signed_anew_is_caught_by_a_witness(
    tmp_path: Path, witness: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """The forger has the log's own key and the operator's; the witness saw the true end before."""
    made = programme()
    true = pack_of(made, tmp_path / "true")
    folder = EvidenceFolder(tmp_path / "true" / "evidence")
    note = Witnesses([witness.address]).cosign(folder.note() or "", folder.public)
    with closing(EmbeddedLog(tmp_path / "true" / "log.sqlite", made.name)) as log:
        log.append_checkpoint(note.encode())
        export(log, [], tmp_path / "shown", Wanted(), exported_at=0)
    options = ("--checkpoint-key", key_text(made), "--witness", witness.key.text())
    told = verified(capsys, tmp_path / "shown", *options)["WITNESSES"]
    assert told["status"] == "OK"
    assert told["figures"]["size"] == str(len(made.verdicts))
    # Without a cosignature nobody but the operator vouches for the end.
    assert verified(capsys, true, *options, code=1)["WITNESSES"]["code"] == "NOT_WITNESSED"

    end = len(made.verdicts) - 2
    forged = resigned(tmp_path / "forged", made.name, made.submitted[:end], values_of(made)[:end])
    again = EvidenceFolder(tmp_path / "forged" / "evidence")
    refused = Witnesses([witness.address]).cosign(again.note() or "", again.public)
    assert cosigned(refused, [witness.key]) == {}
    assert not run(["verify", str(forged), "--checkpoint-key", key_text(made), "--json"])
    assert verified(capsys, forged, *options, code=1)["WITNESSES"]["position"] == 1


def test_a_quorum_of_witnesses_is_enough(
    tmp_path: Path, witness: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of two; more than were named is a mistake of the command line."""
    made = programme()
    pack_of(made, tmp_path / "log")
    folder = EvidenceFolder(tmp_path / "log" / "evidence")
    note = Witnesses([witness.address]).cosign(folder.note() or "", folder.public)
    with closing(EmbeddedLog(tmp_path / "log" / "log.sqlite", made.name)) as log:
        export(log, [note], tmp_path / "shown", Wanted(), exported_at=0)
    other = cosigner("other.example").witness.text()
    options = ("--quick", "--witness", witness.key.text(), "--witness", other)
    assert verified(capsys, tmp_path / "shown", *options, code=1)["WITNESSES"]["status"] == "FAILED"
    told = verified(capsys, tmp_path / "shown", *options, "--quorum", "1")["WITNESSES"]
    assert told["figures"]["quorum"] == "1"
    assert run(["verify", str(tmp_path / "shown"), *options, "--quorum", "3"]) == 2
    assert run(["verify", str(tmp_path / "shown"), "--witness", key_text(made)]) == 2


def test_a_receipt_is_witnessed(
    tmp_path: Path, witness: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cosignature stands in the receipt itself, for who has the witness's key."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start()
    with closing(opened_log(tmp_path / "log", 30)) as log:
        note = signed_by(tmp_path / "evidence", log, running.address)
    running.kill()
    public = EvidenceFolder(tmp_path / "evidence").public
    value = EvidenceFolder(tmp_path / "evidence").auditors.entries(0, 30)[4]
    receipt = Receipt(4, tuple(Prover(public, 30).inclusion(4)), note, value)
    file = tmp_path / "r.tlog-proof"
    file.write_text(receipt.text(), encoding="utf-8")
    question = ["receipt", "verify", str(file), "--key", signer().verifier.text()]
    assert run([*question, "--witness", running.key.text()]) == 0
    capsys.readouterr()
    assert run([*question, "--witness", witness.key.text()]) == 1
    assert "NOT_WITNESSED" in capsys.readouterr().err


# -- the commands ----------------------------------------------------------------------------------


def test_a_witness_does_not_start_without_its_state(tmp_path: Path) -> None:
    """Lost state is no fresh start: the user is told to make a new key."""
    running = Running(tmp_path / "w", signer().verifier.text())
    command = [
        *HENGWEN, "--lang", "en", "witness", "run", "--key", str(running.folder / "w.key"),
        "--log", signer().verifier.text(), "--state", str(running.folder / "state.json"),
    ]  # fmt: skip

    def told(*more: str) -> str:
        done = subprocess.run(
            [*command, *more],
            env=running.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
        return done.stderr

    assert "make a new key" in told()
    (running.folder / "state.json").write_text("{}")
    assert "damaged" in told()
    assert "There is a state already" in told("--new-state")
    assert "HOST:PORT" in told("--listen", "nowhere")
    assert (running.folder / "w.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("files_max", [1_024, 80])
def test_clients_that_never_end_their_requests_delay_nobody(tmp_path: Path, files_max: int) -> None:
    """More of them than connections, and than files that may be open; in the end all are put out."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start(files_max=files_max)
    url = f"{running.address.url}/add-checkpoint"
    try:
        with half_sent(running.port.number, "/add-checkpoint", 300) as slow:
            answer = httpx.post(url, content=TRUE.asking(0, 3), timeout=ANSWER_S)
            assert answer.status_code == 200
            assert not all(map(is_closed, slow)), "the slow are still there"
            answer = httpx.post(url, content=TRUE.asking(3, 8), timeout=ANSWER_S)
            assert answer.status_code == 200
            end = time.monotonic() + ANSWER_S
            while not all(map(is_closed, slow)):
                assert time.monotonic() < end, "a client holds its connection"
                time.sleep(0.2)
    finally:
        running.kill(signal.SIGTERM)
    said = (running.folder / "err").read_text()
    assert "Witnessing" in said or "见证服务在" in said
    assert "Traceback" not in said


def test_nobody_is_led_elsewhere(witness: Running) -> None:
    """A path with a slash too many is no path; a redirect would go where the client's Host says."""
    for path in ("/add-checkpoint/", "/livez/", "/"):
        answer = httpx.post(
            f"{witness.address.url}{path}", content=b"", headers={"host": "thief.example"}
        )
        assert answer.status_code == 404
        assert "location" not in answer.headers


def test_two_witnesses_meet_at_the_file_that_links_lead_to(tmp_path: Path) -> None:
    """The second waits, by whichever name it comes to the state."""
    running = Running(tmp_path / "w", signer().verifier.text())
    running.start()
    link = tmp_path / "link.json"
    link.symlink_to(running.folder / "state.json")
    command = [
        *HENGWEN, "--lang", "en", "witness", "run", "--key", str(running.folder / "w.key"),
        "--log", signer().verifier.text(), "--state", str(link),
        "--listen", "127.0.0.1:1",
    ]  # fmt: skip
    with subprocess.Popen(
        command, env=running.environment, stderr=subprocess.PIPE, text=True
    ) as second:
        assert second.stderr is not None
        try:
            assert "Waiting: another witness" in second.stderr.readline()
            running.kill(signal.SIGTERM)
            assert "Witnessing at" in second.stderr.readline()
        finally:
            second.kill()
            running.kill()


def test_the_settings_name_the_witnesses(
    tmp_path: Path, witness: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``HENGWEN_WITNESSES``, and ``checkpoint --once`` asks them: the whole way, by commands."""
    home = tmp_path / "home"
    monkeypatch.setenv("HENGWEN_HOME", str(home))
    monkeypatch.setenv("HENGWEN_WITNESSES", f"{witness.key.text()} {witness.address.url}/")
    assert run(["init", "--root", "ACFTU", "--name", "样例总工会"]) == 0
    assert run(["admit", "--once"]) == 0
    keys = home / "evidence" / "hengwen" / "public" / "keys.json"
    assert run(["checkpoint", "--once"]) == 0  # the witness does not know this log: it goes on
    own = Running(tmp_path / "own", str(keys), name="own.example/w")
    own.start()
    monkeypatch.setenv("HENGWEN_WITNESSES", f"{own.key.text()} {own.address.url}")
    assert (
        run(
            [
                "publish",
                str(Path(__file__).parents[1] / "examples/first-registry.jsonl"),
                "--operator",
            ]
        )
        == 0
    )
    assert run(["admit", "--once"]) == 0
    assert run(["checkpoint", "--once"]) == 0
    note = (home / "evidence" / "hengwen" / "public" / "checkpoint").read_text(encoding="utf-8")
    assert cosigned(note, [own.key])
    own.kill()
    monkeypatch.setenv("HENGWEN_WITNESSES", "not-a-key http://127.0.0.1:1")
    assert run(["checkpoint", "--once"]) == 2
    monkeypatch.setenv("HENGWEN_WITNESSES", f"{own.key.text()} file:///etc/hostname")
    assert run(["checkpoint", "--once"]) == 2
