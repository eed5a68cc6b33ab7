"""`make bench` at a tiny size: no figure is judged, but every row is there."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.payments import CENTRES, Bench
from benchmarks.payments import ROOT as ROOT_CODE
from benchmarks.table import (
    BEGIN,
    END,
    growth_row,
    markdown,
    rows_of,
    tree_rows,
    verification_growth_rows,
    written,
)

ROOT = Path(__file__).parent.parent
ROWS = {
    "admission, kafka-python, even, sources, 2,000 payments",
    "admission, kafka-python, even, compiled, 2,000 payments",
    "admission, kafka-python, hot, compiled, 2,000 payments",
    "admission, librdkafka, even, sources, 2,000 payments",
    "admission, librdkafka, even, compiled, 2,000 payments",
    "admission, librdkafka, hot, compiled, 2,000 payments",
    "admission, µs per payment by stage",
    "  consume",
    "  signature",
    "  attestation",
    "  decode",
    "  look-ups",
    "  rules and the rest",
    "  aggregate and fold",
    "  build",
    "  encode",
    "  waiting for the commit",
    "  (beside) headers",
    "  (beside) produce and commit",
    "  (beside) state write",
    "balances alone",
    "submission to queryable, p50",
    "submission to queryable, p99",
    "vault: seals, persons new to it",
    "vault: seals, persons known",
    "signature checks, one by one",
    "signature checks, batches of 512",
    "tree: leaves appended, one core",
    "tree: tiles and bundles written",
    "re-performance",
    "export of a pack, without workbook",
}
RUN = {
    "client": "kafka-python", "load": "even", "compiled": False, "payments": 10, "refused": 0, "ratio": 0.5,
    "bare_per_s": 2, "admission_per_s": 1, "restart_s": 5.1, "peak_mib": 100,
    "us_per_payment": {"decode": 1.5},
}  # fmt: skip
VERIFIED = {
    "payments": 10, "events": 20, "live_per_s": 2, "export_per_s": 1, "bare_per_s": 2,
    "checked_per_s": 1, "checked_ratio": 0.5, "checked_peak_mib": 100, "again_per_s": 2,
    "again_ratio": 1.0, "again_peak_mib": 100, "cores": 2, "whole_per_s": 1,
}  # fmt: skip
FIGURES: dict[str, Any] = {
    "admission": [RUN, RUN | {"client": "librdkafka", "refused": 1}],
    "growth": [],
    "models": {
        "models": 1, "events": 10, "rebuild_per_s": 1, "consume_per_s": 5, "rebuild_ratio": 0.2,
        "balances_per_s": 40, "library_per_s": 2, "balances_times_library": 20.0,
        "library_durable_per_s": 1, "balances_times_library_durable": 40.0,
    },
    "latency": {"payments": 10, "rate_per_s": 1, "p50_ms": 10, "p99_ms": 500},
    "vault": {
        "seals_new_per_s": 1, "seals_known_per_s": 1, "checks_single_per_s": 1,
        "checks_batched_per_s": 1,
    },
    "tree": {
        "leaves_per_s": 1, "bare_sha256_per_s": 2, "ratio": 0.5, "written_per_s": 1, "leaves": 10,
        "proof_ms_p50": 0.1, "proof_ms_p99": 0.2,
    },
    "verification": [VERIFIED],
}  # fmt: skip


def test_each_target_is_met_or_missed_as_the_figure_says() -> None:
    """A ratio at its bound is met, a p99 at its bound is not; a refusal is a cross."""
    judged = [row.met for row in rows_of(FIGURES) if row.met is not None]
    ours, tree, verification = (
        [False, True, False, True, False, False, True, True, False],
        [False],
        [True, True],
    )
    assert judged == ours + tree + verification


def test_memory_may_grow_by_a_tenth() -> None:
    """Ten times the payments may take 1.1 times the memory, and no more."""
    assert growth_row(RUN, RUN | {"peak_mib": 110}).met is True
    assert growth_row(RUN, RUN | {"peak_mib": 111}).met is False


def test_memory_of_verification_may_grow_by_a_tenth() -> None:
    """Of checking and of deciding again."""
    many = VERIFIED | {"checked_peak_mib": 110, "again_peak_mib": 111}
    assert [row.met for row in verification_growth_rows(VERIFIED, many)] == [True, False]
    rows = rows_of(FIGURES | {"verification": [VERIFIED, many]})
    assert sum(row.what.startswith("peak memory, ") for row in rows) == 2


def test_a_proof_is_judged_in_a_tree_of_ten_million() -> None:
    """In a smaller one it is easier."""
    tree = FIGURES["tree"] | {"leaves": 10_000_000, "proof_ms_p99": 1.0}
    assert [row.met for row in tree_rows(tree)] == [False, None, False]
    assert [row.met for row in tree_rows(tree | {"leaves": 9_999_999})] == [False, None, None]


def test_the_document_takes_the_table_between_its_marks() -> None:
    """What was there before goes, what stands around stays; misses are listed in words."""
    block = markdown(rows_of(FIGURES), "a machine")
    twice = written(written(f"above\n{BEGIN}\nold\n{END}\nbelow\n", block), block)
    assert twice == f"above\n{BEGIN}\n{block}\n{END}\nbelow\n"
    assert "Measured on a machine." in block
    assert "submission to queryable, p99 (500 ms, target < 500 ms)" in block


def test_the_page_on_speed_has_a_place_for_figures() -> None:
    """`--write docs/performance.md` finds its marks."""
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert written(page, "figures").count("figures\n") == 1


def test_payments_are_made_for_the_centres_of_five_levels() -> None:
    """The whole country: each organisation below one of the level before."""
    above, depth = {ROOT_CODE: ROOT_CODE}, {ROOT_CODE: 1}
    for code, parent, _ in Bench()._tree():
        above[code], depth[code] = parent, depth[parent] + 1
    assert Counter(depth.values()) == {1: 1, 2: 31, 3: 333, 4: 2_844, 5: 336}
    assert len(depth) - 1 == CENTRES


def test_a_size_that_cannot_be_measured_is_bad_input() -> None:
    """Fewer payments than a batch say nothing: refused before anything is started."""
    done = bench("--records", "10")
    assert done.returncode == 2
    assert "at least" in done.stderr


@pytest.mark.slow
def test_a_tiny_run_fills_every_row_and_refuses_nothing(
    kafka_bootstrap: str, postgres_dsn: str, tmp_path: Path
) -> None:
    """Two thousand payments through every measurement: all rows are there, none refused."""
    del postgres_dsn  # the run has one of its own; this marks the test
    found = tmp_path / "found.json"
    done = bench("--records", "2000", "--json", str(found), bootstrap=kafka_bootstrap)
    assert done.returncode == 0, done.stderr
    told = json.loads(found.read_text(encoding="utf-8"))
    names = {row["what"] for row in told["rows"]}
    assert ROWS - names == set()
    assert any(name.startswith("rebuild of all") for name in names)
    refused = [row["figure"] for row in told["rows"] if row["what"] == "  refused"]
    assert set(refused) == {"0"}
    assert all(row["what"].strip() in done.stdout for row in told["rows"])


def bench(*words: str, bootstrap: str = "") -> subprocess.CompletedProcess[str]:
    """`python -m benchmarks`, on that broker."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words],
        env=os.environ | {"HENGWEN_KAFKA_BOOTSTRAP": bootstrap}, cwd=ROOT, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
