"""The sealing service on a socket: callers who are slow or many keep nobody out."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from county import County, begun
from people import worker
from slow_clients import half_sent, is_closed

from app.ports import Port
from consumers.http_connections import BACKLOG, OPEN_MAX, REQUEST_S

pytestmark = pytest.mark.slow
HENGWEN = [sys.executable, "-c", "from app.cli import main; main()"]
TOKEN = "a-token-for-tests-only"  # noqa: S105  # of this test
FILES_MAX = OPEN_MAX + BACKLOG + 64
"""Fewer than there are slow callers below, enough for a log, a database, and all that may wait."""
PATIENCE_S = 120.0
"""How long a test waits before it says that something never comes."""


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A ledger with a vault."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as county:
        yield county


@contextmanager
def sealing(folder: Path) -> Iterator[int]:
    """The service of the county as an operator starts it, with few open files; its port."""
    kept = Port()
    port = kept.number
    more = {"HENGWEN_SEAL_ADDRESS": str(kept), "HENGWEN_SEAL_TOKEN": TOKEN}
    with (folder / "err").open("wb") as said:
        process = subprocess.Popen(
            ["sh", "-c", f'ulimit -n {FILES_MAX}; exec "$0" "$@"', *HENGWEN, "seal", "--serve"],
            env=os.environ | more, stderr=said,
        )  # fmt: skip
    try:
        end = time.monotonic() + PATIENCE_S
        while not _lives(port):
            assert process.poll() is None, (folder / "err").read_text()
            assert time.monotonic() < end, "the service does not start"
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _lives(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", timeout=PATIENCE_S).status_code == 200
    except httpx.HTTPError:
        return False


def sealed(port: int, n: int) -> httpx.Response:
    """What a caller gets who sends one identity at once."""
    request = {
        "organisation": "EX-632221", "business_id": f"payment-{n}", "field": "recipient",
        "identity": asdict(worker(n)),
    }  # fmt: skip
    return httpx.post(
        f"http://127.0.0.1:{port}/v1/seal", json={"requests": [request]},
        headers={"Authorization": f"Bearer {TOKEN}"}, timeout=PATIENCE_S,
    )  # fmt: skip


def test_callers_who_never_end_their_requests_keep_nobody_out(
    county: County, tmp_path: Path
) -> None:
    """More of them than connections and files; others are served, and in the end all are put out."""
    assert county.ordered() > 0
    with sealing(tmp_path) as port:
        with half_sent(port, "/v1/seal", 2 * FILES_MAX) as slow:
            assert sealed(port, 1).json()["sealed"][0]["attestation"]["signature"]
            end = time.monotonic() + REQUEST_S + PATIENCE_S
            while not all(map(is_closed, slow)):
                assert time.monotonic() < end, "a caller holds its connection"
                time.sleep(0.2)
        assert sealed(port, 2).status_code == 200
    said = (tmp_path / "err").read_text()
    assert "Traceback" not in said
    assert worker(1).name not in said
