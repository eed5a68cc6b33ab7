"""Figures in JSON: whole fen and counts as numbers, whoever prints them; codes stay texts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from county import EXAMPLES, County, begun
from roster_samples import person, xlsx

from domain.figures import NUMBERS


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


def figures_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of figures, at any depth."""
    if isinstance(value, dict):
        if "figures" in value:
            yield value["figures"]
        for part in value.values():
            yield from figures_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from figures_in(part)


def test_figures_of_refusals_are_whole_numbers(county: County, tmp_path: Path) -> None:
    """Fen can be added up, and a position looked up."""
    line = json.loads((EXAMPLES / "first.jsonl").read_text("utf-8").splitlines()[-1])
    dear = line | {"payment": "7d9aef4c-6c41-4a37-9a3e-6a6d9f3b3d11", "amount_fen": 300_001}
    file = tmp_path / "dear.jsonl"
    file.write_text(json.dumps(dear, ensure_ascii=False), "utf-8")
    county.decided("publish", file, "--wait", "30", code=1)
    county.run("project", "--once")

    told = county.json("refusals", "--code", "OVER_CAP_PER_PAYMENT")

    assert {"cap_fen": 300_000, "asked_fen": 300_001} in list(figures_in(told))
    assert "3,000.01" in told[0]["why"]


def test_figures_of_a_roster_check_are_whole_numbers(county: County, tmp_path: Path) -> None:
    """A stated sum, the counted one and their difference."""
    file = tmp_path / "roster.xlsx"
    file.write_bytes(xlsx([person(1), person(2)], batch={"控制金额(元)": 1999}))

    found = list(figures_in(county.json("roster", "check", file, code=1)))

    sums = [one for one in found if "difference_fen" in one]
    assert sums
    assert all(one["stated_fen"] == 199_900 for one in sums)
    assert all(isinstance(v, int) for one in sums for n, v in one.items() if n.endswith("_fen"))
    counted = [v for one in found for name, v in one.items() if name in NUMBERS]
    assert all(isinstance(value, int) for value in counted)
