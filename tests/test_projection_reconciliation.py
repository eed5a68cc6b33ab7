"""Reconciliation of published figures, on the two golden cases and on single lines."""

from typing import Any

import pytest

from domain.units import Day, Fen, Position
from projections.reconciliation import (
    AGREES,
    AGREES_LATER,
    DIFFERS,
    NOT_IN_LOG,
    Check,
    Figures,
    Item,
    Statement,
    reconcile,
)

WAN = 1_000_000


def _statement(sources: int, uses: int, *items: tuple[Any, ...]) -> Statement:
    lines = tuple(
        Item(n, side, code, units, unit_fen, Fen(fen))
        for n, (side, code, units, unit_fen, fen) in enumerate(items, start=1)
    )
    return Statement(
        Position(1), "s", "630000", "P", Day(17_900), Fen(sources), Fen(uses), None, lines
    )


def _log(sources: int, uses: int, **by_code: int) -> Figures:
    return Figures(bool(sources), sources, uses, by_code, {})


def _verdicts(checks: list[Check]) -> dict[str, str]:
    return {check.check: check.verdict for check in checks}


A = _statement(
    30_040_000,
    30_040_000,
    ("SOURCE", "UPPER", None, None, 15 * WAN),
    ("SOURCE", "OWN", None, None, 15_040_000),
    ("USE", "FRONTLINE", None, None, 12_300_000 + 14_890_000),
    ("USE", "INJURED", 2, 200_000, 400_000),
    ("USE", "POLICE", 49, 50_000, 2_450_000),
)
B = _statement(
    170_500_000,
    175_200_000,
    ("SOURCE", "FISCAL", None, None, 162_500_000),
    ("SOURCE", "OWN", None, None, 10_000_000),
    ("USE", "HOUSEHOLDS", 682, 250_000, 170_500_000),
    ("USE", "MEDICAL", None, None, 4_700_000),
)


def test_figures_that_reconcile_to_the_fen() -> None:
    """Totals, lines, units and the log all agree."""
    log = _log(30_040_000, 30_040_000)
    assert set(_verdicts(reconcile(A, log, log)).values()) == {AGREES}


def test_figures_that_do_not_reconcile() -> None:
    """Stated sources are not the sum of their lines, and more was used than came in."""
    log = _log(172_500_000, 170_500_000)
    found = _verdicts(reconcile(B, log, log))
    assert found["SOURCES_SUM"] == DIFFERS
    assert found["USES_COVERED"] == DIFFERS
    assert found["USES_SUM"] == found["UNITS"] == AGREES
    assert found["SOURCES_IN_LOG"] == found["USES_IN_LOG"] == DIFFERS


def test_money_received_after_the_day_stated_is_told() -> None:
    """A statement "as of" a day that counts what came later agrees only with it."""
    found = _verdicts(reconcile(A, _log(29_040_000, 30_040_000), _log(30_040_000, 30_040_000)))
    assert found["SOURCES_IN_LOG"] == AGREES_LATER
    assert found["USES_IN_LOG"] == AGREES


def test_a_programme_the_log_does_not_know() -> None:
    """Only the statement itself can be checked, and that is said."""
    found = _verdicts(reconcile(A, _log(0, 0), _log(0, 0)))
    assert found["SOURCES_IN_LOG"] == NOT_IN_LOG
    assert found["SOURCES_SUM"] == AGREES


@pytest.mark.parametrize(("fen", "verdict"), [(100_000, AGREES), (100_001, DIFFERS)])
def test_units_times_unit_is_the_line(fen: int, verdict: str) -> None:
    """One fen too much is found."""
    statement = _statement(fen, fen, ("USE", "X", 2, 50_000, fen))
    (check,) = (c for c in reconcile(statement, _log(0, 0), _log(0, 0)) if c.check == "UNITS")
    assert (check.verdict, check.stated, check.found) == (verdict, fen, 100_000)


def test_lines_with_a_code_of_the_log_are_compared_with_it() -> None:
    """A line that names a category is compared with what was paid to it."""
    statement = _statement(10, 10, ("USE", "C4_HARSH_FRONTLINE", None, None, 10))
    log = _log(10, 10, C4_HARSH_FRONTLINE=9)
    (check,) = (c for c in reconcile(statement, log, log) if c.check == "LINE_IN_LOG")
    assert (check.code, check.stated, check.found, check.verdict) == (
        "C4_HARSH_FRONTLINE", 10, 9, DIFFERS,
    )  # fmt: skip
