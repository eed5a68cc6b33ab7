"""Evidence is verified where a static web server publishes it; the server is trusted with nothing."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from packs import key_text, log_of, pack_of, programme
from packs_forged import flipped, rewritten
from programme import Programme, signer

from app import web_files
from app.cli import run
from evidence.cosignatures import WitnessKey
from evidence.notes import Verifier
from evidence.pack_layout import CHECKPOINT, MANIFEST
from evidence.verify_published import NotPublished, PublishedSource

Answer = Callable[["Handler"], bool]
"""Answers a request in its own way, or does not (False)."""


class Handler(SimpleHTTPRequestHandler):
    """A static server; *answer* may misbehave."""

    def __init__(self, *given: Any, answer: Answer, seen: list[str], **more: Any) -> None:
        self.answer = answer
        self.seen = seen
        super().__init__(*given, **more)

    def do_GET(self) -> None:
        """Serve a file."""
        self.seen.append(self.path)
        if not self.answer(self):
            super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Say nothing."""

    def refuse(self, status: int, **headers: str) -> bool:
        """Answer with nothing but a status."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return True

    def answer_with(self, content: bytes) -> bool:
        """Answer with some content, whatever was asked for."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        return True


class Server(ThreadingHTTPServer):
    """One before which all who ask at once may queue: whoever is turned away waits for a second."""

    request_queue_size = 64


def _plainly(_: Handler) -> bool:
    return False


@contextmanager
def served(folder: Path, answer: Answer = _plainly) -> Iterator[tuple[str, list[str]]]:
    """The address of a server of *folder*, and the paths that were asked for."""
    seen: list[str] = []
    handler = partial(Handler, directory=str(folder), answer=answer, seen=seen)
    server = Server(("127.0.0.1", 0), handler)
    # A server looks every half a second whether it should end, if nobody says otherwise.
    thread = Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _auditor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of the auditor's own, that waits shortly between tries."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))
    monkeypatch.setattr(web_files, "WAIT_S", 0.01)


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with more events than a tile is wide."""
    return programme(200)


@pytest.fixture(scope="module")
def untouched(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with its pack, and with what its checkpointer publishes."""
    return pack_of(made, tmp_path_factory.mktemp("published"), 90).parent


@pytest.fixture
def published(untouched: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    shutil.copytree(untouched, tmp_path / "www")
    return tmp_path / "www"


Verify = Callable[..., dict[str, Any]]


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], made: Programme) -> Verify:
    """``hengwen verify --json`` with the published key: the exit code, and each check."""

    def run_it(place: str, *options: str) -> dict[str, Any]:
        capsys.readouterr()
        code = run(["verify", place, "--checkpoint-key", key_text(made), "--json", *options])
        told = capsys.readouterr()
        if code == 2:
            return {"code": 2, "err": told.out + told.err}
        found = json.loads(told.out)
        return {
            "code": code, "partial": found["partial"],
            "checks": {c["name"]: (c["status"], c["code"], c["position"]) for c in found["checks"]},
        }  # fmt: skip

    return run_it


# -- a pack ----------------------------------------------------------------------------------------


def test_a_pack_is_verified_by_its_address(published: Path, verify: Verify) -> None:
    """Like the folder itself, whole; a slash at the end does no harm."""
    with served(published) as (address, _):
        for place in (f"{address}/pack", f"{address}/pack/"):
            found = verify(place)
            assert (found["code"], found["partial"]) == (0, False)
            assert {status for status, _, _ in found["checks"].values()} == {"OK"}


def test_nothing_of_a_download_is_left_behind(
    published: Path, verify: Verify, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither after success nor after a failure."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with served(published) as (address, _):
        assert verify(f"{address}/pack")["code"] == 0
        assert verify(f"{address}/nothing")["code"] == 2
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_changed_pack_is_caught_there_too(published: Path, verify: Verify) -> None:
    """At the first position that differs, exit code 1."""
    rewritten(
        published / "pack",
        lambda records: [
            *records[:91], records[91]._replace(value=flipped(records[91].value or b"")),
            *records[92:],
        ],
    )  # fmt: skip
    found = verify_at(published, verify)
    assert found["code"] == 1
    # The length in the forged manifest is wrong as well, so the file ends too early or is cut.
    assert found["checks"]["TREE"][0] == "FAILED"


def verify_at(published: Path, verify: Verify, answer: Answer = _plainly) -> dict[str, Any]:
    """Verify the pack through a server."""
    with served(published, answer) as (address, _):
        return verify(f"{address}/pack")


def test_a_file_that_the_server_keeps_back_is_missed(published: Path, verify: Verify) -> None:
    """A missing file fails the verification; it is no fault of the download."""
    (published / "pack" / "registry.jsonl").unlink()
    found = verify_at(published, verify)
    assert found["code"] == 1
    assert found["checks"]["FILES"] == ("FAILED", "FILE_DIFFERS", None)


def test_a_file_longer_than_announced_is_cut_and_caught(published: Path, verify: Verify) -> None:
    """A server cannot fill the auditor's disk behind a small manifest."""
    with (published / "pack" / "registry.jsonl").open("ab") as file:
        file.write(bytes(1 << 20))
    found = verify_at(published, verify)
    assert found["checks"]["FILES"] == ("FAILED", "FILE_DIFFERS", None)


def test_a_server_that_stumbles_is_asked_again(published: Path, verify: Verify) -> None:
    """Two errors in a row are passed over."""
    stumbles = {"count": 0}

    def answer(handler: Handler) -> bool:
        if handler.path.endswith("registry.jsonl") and stumbles["count"] < 2:
            stumbles["count"] += 1
            return handler.refuse(503)
        return False

    assert verify_at(published, verify, answer)["code"] == 0
    assert stumbles["count"] == 2


@pytest.mark.parametrize("status", [503, 403, 500])
def test_a_server_that_does_not_give_a_file_is_named(
    published: Path, verify: Verify, status: int
) -> None:
    """Exit code 2: nothing is known of the evidence."""

    def answer(handler: Handler) -> bool:
        return handler.path.endswith("keys.json") and handler.refuse(status)

    found = verify_at(published, verify, answer)
    assert found["code"] == 2
    assert f"({status})" in found["err"]
    assert "keys.json" in found["err"]


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://127.0.0.1:9/x", "/elsewhere"])
def test_a_redirect_is_not_followed(published: Path, verify: Verify, target: str) -> None:
    """Neither to a file nor to another host: the user gives the address himself."""

    def answer(handler: Handler) -> bool:
        return handler.path.endswith(MANIFEST) and handler.refuse(302, Location=target)

    found = verify_at(published, verify, answer)
    assert found["code"] == 2
    assert "(302)" in found["err"]


def test_a_server_that_is_not_there_is_said(verify: Verify) -> None:
    """By the kind of error, in both languages."""
    found = verify("http://127.0.0.1:9/pack")
    assert found["code"] == 2
    assert "ConnectError" in found["err"]


@pytest.mark.parametrize(
    "address", ["http://user:secret@127.0.0.1/x", "http:///x", "http://127.0.0.1/x?key=secret"]
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(verify: Verify, address: str) -> None:
    """It would stand in logs of servers and on screens."""
    found = verify(address)
    assert found["code"] == 2
    assert "secret" not in found["err"]


@pytest.mark.parametrize("place", ["file:///etc", "ftp://127.0.0.1/pack"])
def test_other_schemes_are_no_address(verify: Verify, place: str) -> None:
    """They are read as names of folders, and there is none."""
    assert verify(place)["code"] == 2


@pytest.mark.parametrize(
    "name", ["../outside.avro", "/etc/x", "a//b", "a/./b", "manifest.json", "a\\b", "..", "a\0b"]
)
def test_a_manifest_cannot_name_a_file_outside(
    published: Path, verify: Verify, name: str, tmp_path: Path
) -> None:
    """Nothing is written anywhere else."""
    path = published / "pack" / MANIFEST
    told = json.loads(path.read_bytes())
    told["files"][name] = {"sha256": "", "bytes": 1}
    path.write_text(json.dumps(told), encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    assert verify_at(published, verify)["code"] == 2
    assert sorted(tmp_path.rglob("*")) == before


def test_a_manifest_that_contradicts_itself_is_bad_input(published: Path, verify: Verify) -> None:
    """A file cannot be a folder, too."""
    path = published / "pack" / MANIFEST
    told = json.loads(path.read_bytes())
    told["files"]["registry.jsonl/x"] = told["files"]["registry.jsonl"]
    path.write_text(json.dumps(told), encoding="utf-8")
    found = verify_at(published, verify, lambda h: h.path.endswith("/x") and h.answer_with(b"x"))
    assert found["code"] == 2


@pytest.mark.parametrize("size", [1 << 62, -1, "x", None])
def test_a_manifest_that_announces_too_much_is_refused(
    published: Path, verify: Verify, size: Any
) -> None:
    """Before the disk is full."""
    path = published / "pack" / MANIFEST
    told = json.loads(path.read_bytes())
    told["files"]["registry.jsonl"]["bytes"] = size
    path.write_text(json.dumps(told), encoding="utf-8")
    assert verify_at(published, verify)["code"] == 2


# -- what a checkpointer publishes -----------------------------------------------------------------

WITH_EVENTS = {
    "POSITIONS", "SIGNATURE", "TREE", "TILES", "CHECKPOINTS", "READABLE", "TIMES", "CHAINS",
    "SCHEMAS", "CONSERVATION", "LOTS",
}  # fmt: skip


@pytest.mark.parametrize("place", ["evidence", "evidence/public"])
def test_the_published_folder_is_verified_with_its_events(
    published: Path, made: Programme, verify: Verify, place: str
) -> None:
    """By its address and as a folder: all but deciding again, which needs the submissions."""
    with served(published) as (address, _):
        for where in (f"{address}/{place}", str(published / place)):
            found = verify(where)
            assert (found["code"], found["partial"]) == (0, True)
            fine = {n for n, (status, _, _) in found["checks"].items() if status == "OK"}
            assert fine == WITH_EVENTS
            assert found["checks"]["DECISIONS"] == ("NOT_CHECKED", "NO_SUBMISSIONS", None)
    assert PublishedSource(published / "evidence").extent.last == len(made.verdicts)


def test_hashes_alone_show_that_the_signed_tree_is_there(published: Path, verify: Verify) -> None:
    """What the public may see: signature and tiles, and nothing about events."""
    shutil.rmtree(published / "evidence" / "auditors")
    with served(published / "evidence" / "public") as (address, seen):
        found = verify(address, "--known-checkpoint", str(published / "pack" / CHECKPOINT))
    assert (found["code"], found["partial"]) == (0, True)
    fine = {name for name, (status, _, _) in found["checks"].items() if status == "OK"}
    assert fine == {"SIGNATURE", "TILES", "CHECKPOINTS", "KNOWN"}
    assert found["checks"]["TREE"] == ("NOT_CHECKED", "NO_EVENTS", None)
    assert any("/tile/0/" in path for path in seen)


def test_a_witness_that_did_not_cosign_is_missed_there_too(published: Path, verify: Verify) -> None:
    """Hashes alone are enough to demand it."""
    shutil.rmtree(published / "evidence" / "auditors")
    witness = WitnessKey("witness.example", signer("witness").public_key).text()
    found = verify(str(published / "evidence" / "public"), "--witness", witness)
    assert found["code"] == 1
    assert found["checks"]["WITNESSES"] == ("FAILED", "NOT_WITNESSED", 1)


def test_a_changed_tile_or_event_is_caught(published: Path, verify: Verify) -> None:
    """The tile does not give the signed root; the event is not what the tile says."""
    tile = published / "evidence" / "public" / "tile" / "0" / "000"
    good = tile.read_bytes()
    tile.write_bytes(flipped(good))
    with served(published) as (address, _):
        assert verify(f"{address}/evidence")["checks"]["TILES"][:2] == ("FAILED", "TILES_DIFFER")
        tile.write_bytes(good)
        bundle = published / "evidence" / "auditors" / "tile" / "entries" / "000"
        bundle.write_bytes(flipped(bundle.read_bytes()))
        found = verify(f"{address}/evidence")
    assert found["code"] == 1
    assert found["checks"]["TREE"] == ("FAILED", "BYTES_DIFFER", 256)


def test_a_tile_that_is_missing_is_caught(published: Path, verify: Verify) -> None:
    """And so are events that are missing."""
    with served(published) as (address, _):
        (published / "evidence" / "auditors" / "tile" / "entries" / "000").unlink()
        found = verify(f"{address}/evidence")["checks"]
        assert found["POSITIONS"] == ("NOT_CHECKED", "NO_EVENTS", None)
        (published / "evidence" / "public" / "tile" / "0" / "000").unlink()
        assert verify(f"{address}/evidence")["checks"]["TILES"][0] == "FAILED"


def test_a_checkpoint_of_a_stranger_is_caught(
    published: Path, made: Programme, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys that lie beside a checkpoint prove nothing to whoever brings his own."""
    stranger = Verifier(f"example.org/{made.name}", signer("stranger").public_key).text()
    with served(published) as (address, _):
        assert run(["verify", f"{address}/evidence/public", "--checkpoint-key", stranger]) == 1
    assert "✘ 不成立。校验点签名" in capsys.readouterr().out


def test_a_claim_of_any_size_takes_neither_memory_nor_time(
    published: Path, verify: Verify, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second tile is not there, so nothing after it is asked for; the signature is false, too."""
    monkeypatch.setattr(web_files, "WINDOW", 32)
    path = published / "evidence" / "public" / CHECKPOINT
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[1] = str(10**15)
    path.write_text("\n".join(lines), encoding="utf-8")
    with served(published) as (address, seen):
        found = verify(f"{address}/evidence/public")
    assert found["code"] in {1, 2}
    assert len(seen) < 10 * 32


def test_a_folder_without_a_checkpoint_is_not_published(tmp_path: Path, made: Programme) -> None:
    """Nor is one whose checkpoint is rubbish."""
    with pytest.raises(NotPublished):
        PublishedSource(tmp_path)
    with closing(log_of(made, tmp_path)):
        (tmp_path / "evidence" / "public" / CHECKPOINT).write_bytes(b"\xff rubbish")
    with pytest.raises(NotPublished):
        PublishedSource(tmp_path / "evidence")
