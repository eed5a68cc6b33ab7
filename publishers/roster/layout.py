"""What the eye sees is not what is read: merged cells, hidden rows and columns, formulas."""

from collections.abc import Sequence
from typing import Final

from publishers.roster.columns import BY_KEY, Kind
from publishers.roster.grids import Sheet
from publishers.roster.problems import Level, RosterProblem, column_letter

LISTED_MAX: Final = 20


def check_layout(
    sheet: Sheet,
    header: int,
    numbers: Sequence[int],
    columns: dict[str, int],
    problems: list[RosterProblem],
) -> None:
    """Note everything odd about the sheet between its header and its last row."""
    first, last = sheet.row_number(header) + 1, numbers[-1]
    scan = sheet.scan
    known = {index: key for key, index in columns.items()}
    for (top, left), (bottom, right) in scan.merged:
        if bottom >= first and top <= last and any(left <= at <= right for at in known):
            problems.append(
                RosterProblem(Level.ERROR, "CELLS_MERGED", max(top, first), column_letter(left))
            )
    hidden = [number for number in numbers if number in scan.hidden_rows]
    if hidden:
        problems.append(
            RosterProblem(
                Level.ERROR,
                "ROWS_HIDDEN",
                hidden[0],
                figures={"count": str(len(hidden)), "rows": _listed(hidden)},
            )
        )
    problems += [
        RosterProblem(Level.WARNING, "COLUMN_HIDDEN", first - 1, column_letter(index))
        for index in sorted(scan.hidden_columns & known.keys())
    ]
    _check_formulas(scan.formula_cells, known, range(first, last + 1), problems)


def _check_formulas(
    cells: set[tuple[int, int]],
    known: dict[int, str],
    span: range,
    problems: list[RosterProblem],
) -> None:
    for row, index in sorted(cells):
        key = known.get(index)
        if key is None or row not in span:
            continue
        column = BY_KEY[key]
        if column.kind in (Kind.AMOUNT, Kind.IDENTIFIER) or column.private:
            problems.append(
                RosterProblem(Level.ERROR, "FORMULA", row, column_letter(index), column.header)
            )


def _listed(numbers: Sequence[int]) -> str:
    more = "…" if len(numbers) > LISTED_MAX else ""
    return ", ".join(map(str, numbers[:LISTED_MAX])) + more
