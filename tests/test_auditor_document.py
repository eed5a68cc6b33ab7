"""The auditor's walkthrough is run from an empty folder, and prints what the page says."""

from pathlib import Path

import pytest
from walkthrough import ROOT, alike, run, steps

pytestmark = pytest.mark.slow


def test_the_walkthrough_prints_what_it_says(tmp_path: Path) -> None:
    """Export, carry away, verify, tamper, receipt, balance, erasure, verify again."""
    told = steps((ROOT / "docs" / "auditor.md").read_text(encoding="utf-8"))
    found = run([step.command for step in told], tmp_path)
    for told_step, found_step in zip(told, found, strict=True):
        assert alike(found_step) == alike(told_step), told_step.command
