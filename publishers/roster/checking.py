"""A whole roster against the rules: every row, then the rows together, then the control totals."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from domain.roster import ROWS_MAX
from domain.units import Day
from publishers.roster.batches import Batch, SchemeOn, read_batch, scheme_of
from publishers.roster.columns import BATCH_BY_KEY, BY_KEY
from publishers.roster.problems import Level, RosterProblem, errors_of
from publishers.roster.reading import BATCH_SHEET, RawRoster, RawRow
from publishers.roster.row_rules import check_row
from publishers.roster.rows import RosterRow
from publishers.roster.values import BadCell, amount_of

WHOLE_FILE: Final = frozenset({"CELLS_MERGED", "ROWS_HIDDEN"})
"""Told at one row, but about more than it: leaving that row out mends nothing."""
SHARED_PHONE_MIN: Final = 5
SHARED_CARD_MIN: Final = 2


@dataclass(frozen=True, slots=True, repr=False)
class CheckedRoster:
    """A roster after the checks of the file."""

    raw: RawRoster
    batch: Batch | None
    rows: tuple[RosterRow, ...]
    """Rows without errors of their own."""
    problems: tuple[RosterProblem, ...]

    @property
    def errors(self) -> list[RosterProblem]:
        """What forbids to import the file as it is."""
        return errors_of(self.problems)

    @property
    def bad_rows(self) -> dict[int, str]:
        """Row number → code of its first error."""
        bad: dict[int, str] = {}
        numbers = self.row_numbers
        for problem in self.errors:
            row = problem.row
            if row is not None and row in numbers and problem.code not in WHOLE_FILE:
                bad.setdefault(row, problem.code)
        return bad

    @property
    def row_numbers(self) -> frozenset[int]:
        """Numbers of all rows that name a person."""
        return frozenset(row.number for row in self.raw.rows)

    @property
    def file_errors(self) -> list[RosterProblem]:
        """Errors that no leaving out of rows can mend."""
        numbers = self.row_numbers
        return [p for p in self.errors if p.row not in numbers or p.code in WHOLE_FILE]


def check_roster(
    raw: RawRoster,
    *,
    today: Day,
    regions: Container[str] | None = None,
    scheme_on: SchemeOn | None = None,
    checked: Callable[[int], None] | None = None,
) -> CheckedRoster:
    """
    Check a roster against the rules of the file.

    Args:
        raw: the roster as read.
        today: the civil day of the check.
        regions: all codes that an identity number may begin with; None: they are not looked at.
        scheme_on: asked for the scheme of a roster that names none.
        checked: called with the number of rows done, now and then.
    """
    problems = list(raw.problems)
    batch = read_batch(raw, today=today, problems=problems, scheme_on=scheme_on)
    scheme = batch.scheme if batch is not None else scheme_of(raw)
    everywhere = regions if regions is not None else _Everywhere()
    rows: list[RosterRow] = []
    for index, row in enumerate(raw.rows, start=1):
        good, found = check_row(raw, row, batch, scheme=scheme, today=today, regions=everywhere)
        problems += found
        if good is not None:
            rows.append(good)
        if checked is not None:
            checked(index)
    problems += [*_defaults(raw), *_remarks(raw)]
    problems += _duplicates(raw, batch, rows)
    problems += _shared(raw, rows)
    problems += _totals(raw, batch, rows)
    told = {p.row for p in problems if p.level is Level.ERROR}
    good_rows = tuple(row for row in rows if row.number not in told)
    return CheckedRoster(raw, batch, good_rows, tuple(_in_order(problems)))


class _Everywhere:
    def __contains__(self, _code: object) -> bool:
        """Every region is known."""
        return True


def _in_order(problems: Iterable[RosterProblem]) -> list[RosterProblem]:
    """The file's own problems first, then by row; errors before warnings."""
    order = {Level.ERROR: 0, Level.WARNING: 1, Level.NOTICE: 2}
    return sorted(problems, key=lambda p: (p.row or 0, order[p.level], p.column or ""))


_ABSENT_COLUMNS: Final = (
    ("document_type", "TYPE_DEFAULT"), ("tier", "TIER_DEFAULT"), ("phone", "PHONE_ABSENT"),
)  # fmt: skip
"""Columns that may be absent, and what is told then, once for all rows."""


def _defaults(raw: RawRoster) -> list[RosterProblem]:
    return [
        RosterProblem(Level.NOTICE, code, raw.header_row, None, BY_KEY[key].header)
        for key, code in _ABSENT_COLUMNS
        if key not in raw.columns
    ]


def _remarks(raw: RawRoster) -> list[RosterProblem]:
    """Free text never reaches the log; whoever wrote some is told that it stays in the file."""
    count = sum("remark" in row.cells for row in raw.rows)
    if not count:
        return []
    figures = {"count": str(count)}
    header, letter = BY_KEY["remark"].header, raw.letter("remark")
    return [RosterProblem(Level.NOTICE, "REMARK_NOT_PUBLISHED", raw.header_row, letter, header,
                          figures=figures)]  # fmt: skip


def _duplicates(
    raw: RawRoster, batch: Batch | None, rows: Sequence[RosterRow]
) -> list[RosterProblem]:
    """The same person twice for the same: which of the rows is right, only people can say."""
    occasion = batch.occasion if batch else ""
    by_key: dict[bytes, list[int]] = defaultdict(list)
    for row in rows:
        by_key[row.key(occasion)].append(row.number)
    return [
        RosterProblem(
            Level.ERROR,
            "DUP_IN_FILE",
            number,
            raw.letter("document_number"),
            BY_KEY["document_number"].header,
            figures={"other": str(next(n for n in numbers if n != number))},
        )
        for numbers in by_key.values()
        if len(numbers) > 1
        for number in numbers
    ]


def _shared(raw: RawRoster, rows: Sequence[RosterRow]) -> list[RosterProblem]:
    """One card or phone for several persons: not forbidden, but somebody should look."""
    found = []
    for key, least, code in (
        ("card", SHARED_CARD_MIN, "CARD_SHARED"),
        ("phone", SHARED_PHONE_MIN, "PHONE_SHARED"),
    ):
        holders: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        for row in rows:
            value = getattr(row.identity, key)
            if value:
                holders[value].setdefault(row.document.index_key, row.number)
        for persons in holders.values():
            if len(persons) >= least:
                found += [
                    RosterProblem(
                        Level.WARNING,
                        code,
                        number,
                        raw.letter(key),
                        BY_KEY[key].header,
                        figures={"count": str(len(persons))},
                    )
                    for number in persons.values()
                ]
    return found


def _totals(raw: RawRoster, batch: Batch | None, rows: Sequence[RosterRow]) -> list[RosterProblem]:
    """
    Control totals are those of the file: every row counts, also one with an error.

    A sum that cannot be compared does not match: leaving out the rows that hide it would be the
    way round the control.
    """
    if batch is None:
        return []
    found = []
    if raw.rows[-1].number > ROWS_MAX:
        last = raw.rows[-1].number
        found.append(_total("ROSTER_TOO_LARGE", "count", limit=ROWS_MAX, rows=last))
    if batch.count != len(raw.rows):
        found.append(_total("COUNT_MISMATCH", "count", stated=batch.count, counted=len(raw.rows)))
    known = {row.number: row.amount_fen for row in rows}
    amounts = [known.get(row.number, _amount(row)) for row in raw.rows]
    total = sum(a for a in amounts if a is not None)
    if None in amounts:
        unknown = sum(a is None for a in amounts)
        found.append(
            RosterProblem(
                Level.ERROR, "SUM_UNKNOWN", header=BATCH_BY_KEY["sum"].header,
                sheet=BATCH_SHEET, figures={"rows": str(unknown)},
            )
        )  # fmt: skip
    elif total != batch.sum_fen:
        found.append(
            _total(
                "SUM_MISMATCH", "sum", stated_fen=batch.sum_fen, counted_fen=total,
                difference_fen=abs(total - batch.sum_fen),
            )
        )  # fmt: skip
    return found


def _total(code: str, key: str, **figures: int) -> RosterProblem:
    return RosterProblem(
        Level.ERROR, code, header=BATCH_BY_KEY[key].header, sheet=BATCH_SHEET,
        figures={name: str(value) for name, value in figures.items()},
    )  # fmt: skip


def _amount(row: RawRow) -> int | None:
    """The sum of a row that has errors, if its amounts themselves can be read."""
    try:
        return sum(
            amount_of(row.cells[key])
            for key in ("cash", "goods_value", "voucher")
            if key in row.cells
        )
    except BadCell:
        return None
