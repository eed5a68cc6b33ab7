"""A pack or an address that a stranger made up is answered with words, soon, and within bounds."""

import json
import os
import resource
import shutil
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastavro
import pytest
from packs import pack_of, programme
from packs_forged import resealed
from test_verify_address import Handler, served

from app import web_files
from app.cli import run
from evidence.pack_layout import CHECKPOINTS, KEYS, MANIFEST, REGISTRY
from schemas import containers

Harm = Callable[[Path], object]
MEMORY_MAX = 1 << 30
"""Bytes of address space beyond what a verification of a small pack may take."""


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of a programme."""
    return pack_of(programme(), tmp_path_factory.mktemp("strangers"))


@pytest.fixture
def pack(untouched: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to do harm to, on a machine of the auditor's own."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))
    shutil.copytree(untouched, tmp_path / "pack")
    return tmp_path / "pack"


def _claims(**fields: Any) -> Harm:
    """The manifest says something else; nested fields by __."""

    def harm(pack: Path) -> None:
        found = json.loads((pack / MANIFEST).read_bytes())
        for name, value in fields.items():
            outer, _, inner = name.partition("__")
            if inner:
                found[outer][inner] = value
            else:
                found[outer] = value
        (pack / MANIFEST).write_text(json.dumps(found))

    return harm


def _deep(pack: Path) -> None:
    (pack / MANIFEST).write_text('{"format":' + "[" * 200_000 + "]" * 200_000 + "}")


def _named(name: str) -> Harm:
    def harm(pack: Path) -> None:
        found = json.loads((pack / MANIFEST).read_bytes())
        found["files"][name] = {"sha256": "0" * 64, "bytes": 0}
        (pack / MANIFEST).write_text(json.dumps(found))

    return harm


MANIFESTS: dict[str, Harm] = {
    "nested too deep": _deep,
    "a size that is text": _claims(size="98"),
    "a last position that is text": _claims(scope__last="98"),
    "a first position that is none": _claims(scope__first=True),
    "a last position of thirty digits": _claims(scope__last=10**30),
    "not a number": _claims(scope__last=float("nan")),
    "an organisation that is a number": _claims(scope__organisation=5),
    "an organisation that is a list": _claims(scope__organisation=["x"]),
    "half a letter": _claims(scope__organisation="\ud800"),
    "an origin that is a number": _claims(origin=5),
    "counts that are texts": _claims(counts__events="98"),
    "a list of files": _claims(files=[]),
    "a file that is a number": _claims(files__x=5),
    "a name with NUL": _named("a\0b"),
    "a name of 5,000 letters": _named("a" * 5_000),
    "a name of half a letter": _named("\ud800"),
    "a name outside": _named("../x"),
}


@pytest.mark.parametrize("harm", MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_none_is_said_to_be_none(
    harm: Harm, pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bad input, in words; never a fault of the program."""
    harm(pack)
    capsys.readouterr()
    assert run(["--lang", "en", "verify", str(pack), "--cores", "1"]) == 2
    assert "This folder is no evidence pack" in capsys.readouterr().err


def _folder_for(name: str) -> Harm:
    def harm(pack: Path) -> None:
        (pack / name).unlink()
        (pack / name).mkdir()

    return harm


def _pipe_for(name: str) -> Harm:
    def harm(pack: Path) -> None:
        (pack / name).unlink()
        os.mkfifo(pack / name)

    return harm


def _file_for_tiles(pack: Path) -> None:
    shutil.rmtree(pack / "tile")
    (pack / "tile").write_text("x")


def _tile_folder(pack: Path) -> None:
    _folder_for(next((pack / "tile" / "0").rglob("*.p/*")).relative_to(pack).as_posix())(pack)


FILES: dict[str, Harm] = {
    "a folder for the checkpoints": _folder_for(CHECKPOINTS),
    "a folder for the registry": _folder_for(REGISTRY),
    "a folder for a tile": _tile_folder,
    "a file for the tiles": _file_for_tiles,
}


@pytest.mark.parametrize("harm", FILES.values(), ids=FILES)
def test_something_else_where_a_file_should_be_is_a_check_that_failed(
    harm: Harm, pack: Path
) -> None:
    """Never a fault of the program."""
    harm(pack)
    assert run(["verify", str(pack), "--cores", "1"]) == 1


@pytest.mark.parametrize("name", [CHECKPOINTS, KEYS])
def test_a_pipe_where_a_file_should_be_is_a_check_that_failed(name: str, pack: Path) -> None:
    """Read by a program of its own, which is given a minute and must not wait for the pipe."""
    _pipe_for(name)(pack)
    assert _in_a_process(pack) == 1


def _in_a_process(pack: Path) -> int:
    """The exit code of a verification that may not take much memory."""
    done = subprocess.run(
        [sys.executable, "-c", "from app.cli import main; main()", "verify", str(pack), "--cores", "1"],
        timeout=60, capture_output=True, check=False, cwd=Path(__file__).parents[1],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MAX, MEMORY_MAX)),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )  # fmt: skip
    return done.returncode


def test_a_pipe_for_the_manifest_is_no_pack(pack: Path) -> None:
    """Bad input, and nobody waits."""
    _pipe_for(MANIFEST)(pack)
    assert _in_a_process(pack) == 2


def test_the_name_of_a_file_steers_no_terminal(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is shown, and what would clear the screen is not."""
    (pack / "books" / "\x1b[2J\x1b[H✔").write_text("x", encoding="utf-8")
    capsys.readouterr()
    assert run(["verify", str(pack), "--cores", "1"]) == 1
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "books/�[2J�[H✔" in shown.replace("\n", "").replace(" ", "")


# -- containers ------------------------------------------------------------------------------------


def _row(value: bytes) -> dict[str, Any]:
    return {
        "position": 1, "key": None, "value": value, "headers": [], "appended_at": 0,
        "redacted": None,
    }  # fmt: skip


@pytest.mark.parametrize("codec", ["bzip2", "deflate"])
def test_a_compressed_container_is_refused_before_it_is_unpacked(codec: str, pack: Path) -> None:
    """A few hundred bytes can be 30 MB; the files of a pack are never compressed."""
    with (pack / CHECKPOINTS).open("wb") as file:
        fastavro.writer(file, containers.SCHEMA, [_row(bytes(30_000_000))], codec=codec)
    resealed(pack)
    tracemalloc.start()
    try:
        with pytest.raises(containers.ContainerDamaged):
            list(containers.read(pack / CHECKPOINTS))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000
    assert run(["verify", str(pack), "--cores", "1"]) == 1


def test_a_block_without_end_is_refused(pack: Path) -> None:
    """No record of a log has five megabytes."""
    with (pack / CHECKPOINTS).open("wb") as file:
        fastavro.writer(file, containers.SCHEMA, [_row(bytes(5_000_000))], codec="null")
    with pytest.raises(containers.ContainerDamaged):
        list(containers.read(pack / CHECKPOINTS))


@pytest.mark.parametrize(
    ("field", "logical"),
    [
        ("position", {"logicalType": "timestamp-micros"}),
        ("value", {"logicalType": "decimal", "precision": 100_000, "scale": 0}),
    ],
)
def test_a_schema_that_means_other_values_is_refused(
    field: str, logical: dict[str, Any], pack: Path
) -> None:
    """A logical type leaves the bytes as they are and changes what is read."""
    schema = json.loads(json.dumps(containers.SCHEMA))
    for one in schema["fields"]:
        if one["name"] == field:
            kind = one["type"]
            one["type"] = (
                ["null", {"type": "bytes"} | logical] if isinstance(kind, list)
                else {"type": kind} | logical
            )  # fmt: skip
    with (pack / CHECKPOINTS).open("wb") as file:
        fastavro.writer(file, schema, [], codec="null")
    with pytest.raises(containers.ContainerDamaged):
        list(containers.read(pack / CHECKPOINTS))


# -- addresses -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "http://[x", "http://127.0.0.1:999999/", "HTTP://u:sEcReT@[::1", "http://127.0.0.1:sEcReT/",
        "http://127.0.0.1\\@sEcReT:1/", "http://a..b/", "http://\u0660/", "https://",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_bad_input(
    address: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And what may be a password in it is not repeated."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path))
    monkeypatch.setattr(web_files, "WAIT_S", 0.01)
    capsys.readouterr()
    assert run(["--lang", "en", "verify", address]) == 2
    assert "secret" not in capsys.readouterr().err.lower()


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_trickles_is_left(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A byte now and then keeps every time-out from running; so there is a time for the whole."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path))
    monkeypatch.setattr(web_files, "HEADER_S", 0.2)
    monkeypatch.setattr(web_files, "SLOW_S", 0.2)

    def answer(handler: Handler) -> bool:
        with_body = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"
        head = b"HTTP/1.1 200 OK\r\nx-slow: " if part == "headers" else with_body
        try:
            handler.wfile.write(head)
            for _ in range(1_200):
                handler.wfile.write(b"a")
                handler.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return True
        return True

    with served(tmp_path, answer) as (address, _):
        began = time.monotonic()
        assert run(["--lang", "en", "verify", address]) == 2
        assert time.monotonic() - began < 60, "half of what the server would take"
    assert "The server is too slow" in capsys.readouterr().err
