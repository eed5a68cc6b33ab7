"""A file that is published again: its sender learns what every line was decided to be."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import EXAMPLES, County, begun

LINES = (EXAMPLES / "first.jsonl").read_text("utf-8").splitlines()


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A ledger with one payment."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as county:
        yield county


def _file(folder: Path, **changed: object) -> Path:
    """The example's payment with some fields changed."""
    path = folder / "payment.jsonl"
    path.write_text(json.dumps(json.loads(LINES[-1]) | changed, ensure_ascii=False), "utf-8")
    return path


def test_a_refused_line_sent_again_is_still_refused(county: County, tmp_path: Path) -> None:
    """Exit 1 each time, with the position and the codes of the first verdict."""
    dear = _file(tmp_path, payment="7d9aef4c-6c41-4a37-9a3e-6a6d9f3b3d11", amount_fen=300_001)
    first = county.decided("publish", dear, "--wait", "30", code=1)
    again = county.decided("publish", dear, "--wait", "30", code=1)

    (refusal, *_) = first["refusals"]
    assert (first["refused"], again["refused"]) == (1, 1)
    assert (again["accepted"], again["repeated"], again["waiting"]) == (0, 0, 0)
    assert [r["position"] for r in again["refusals"]] == [r["position"] for r in first["refusals"]]
    assert [r["code"] for r in again["refusals"]] == [r["code"] for r in first["refusals"]]
    assert not refusal["repeated"]
    assert all(r["repeated"] for r in again["refusals"])
    (repeat,) = again["repeats"]
    assert repeat["original_position"] == refusal["position"] < repeat["position"]
    assert not repeat["accepted"]
    assert "OVER_CAP_PER_PAYMENT" in repeat["codes"]


def test_an_accepted_line_sent_again_is_still_accepted(county: County, tmp_path: Path) -> None:
    """Exit 0, and where it stands."""
    again = county.decided("publish", _file(tmp_path), "--wait", "30")

    (position, _payment), *_ = county.events("PaymentMade")
    (repeat,) = again["repeats"]
    assert (again["accepted"], again["repeated"], again["refused"]) == (0, 1, 0)
    assert (repeat["original_position"], repeat["accepted"], repeat["codes"]) == (
        position, True, [],
    )  # fmt: skip


def test_what_the_vault_found_odd_is_counted_in_the_answer(county: County, tmp_path: Path) -> None:
    """The example's recipient has no phone: sealed all the same, and its publisher is told."""
    answer = county.decided("publish", _file(tmp_path), "--wait", "30")

    assert answer["warnings"]["PHONE_MISSING"] == 1
