"""
Proof vectors made for other implementations: 98 inclusion and 98 consistency cases.

They are the test data of the Go module ``github.com/transparency-dev/merkle``, whose version and
hash stand in tests/go_vectors. Where they lie beside the checkout they are read from there.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
BESIDE = ROOT.parent / "shared" / "vectors"
MODULE = "github.com/transparency-dev/merkle"


def go_program() -> str:
    """The Go toolchain: that of the environment, else the machine's."""
    own = Path(sys.executable).parent / "go"  # of tests/compose_check/go.lock
    go = str(own) if own.exists() else shutil.which("go")
    assert go, "Go is missing: pip install --require-hashes -r tests/compose_check/go.lock"
    return go


def cases(kind: str) -> list[dict[str, Any]]:
    """The vectors of a kind, ``inclusion`` or ``consistency``, each with its name in ``case``."""
    named = os.environ.get("HENGWEN_VECTORS")
    if named or (BESIDE.is_dir() and not os.environ.get("CI")):
        return from_lines(Path(named or BESIDE), kind)
    return from_module(module_folder(), kind)


def from_lines(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The cases of a file with one a line."""
    text = (folder / f"rfc6962-{kind}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def from_module(folder: Path, kind: str) -> list[dict[str, Any]]:
    """The cases in the test data of the Go module."""
    root = folder / "testdata" / kind
    return [
        json.loads(path.read_bytes()) | {"case": path.relative_to(root).with_suffix("").as_posix()}
        for path in sorted(root.rglob("*.json"))
    ]


@cache
def module_folder() -> Path:
    """The Go module as its sum pins it, fetched if it is not on this machine."""
    done = subprocess.run(
        [go_program(), "mod", "download", "-json", MODULE],
        cwd=ROOT / "tests" / "go_vectors", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(json.loads(done.stdout)["Dir"])
