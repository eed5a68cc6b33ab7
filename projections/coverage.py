"""Coverage: whom the money reached, by organisation, category, tier, occasion, form or month."""

from collections.abc import Sequence
from typing import Final, LiteralString, NamedTuple

from psycopg.sql import SQL, Identifier

from domain.units import Fen
from projections.accounts import subtree
from projections.lists import Filter
from projections.target import Connection

DIMENSIONS: Final[tuple[LiteralString, ...]] = (
    "organisation", "fund", "scheme", "category", "tier", "occasion", "form", "month",
)  # fmt: skip
"""What coverage can be broken down by."""


class Cell(NamedTuple):
    """How many payments, persons and fen share the same values."""

    keys: tuple[str, ...]
    """Values of the dimensions asked for, in their order; months as 2019-02."""
    payments: int
    persons: int
    """Different persons: ids found to be one person count once."""
    amount_fen: Fen
    settled_fen: Fen


def coverage(connection: Connection, by: Sequence[str], wanted: Filter) -> list[Cell]:
    """
    Live payments grouped by dimensions; one cell with all of them if *by* is empty.

    The state of *wanted* is not used: payments that were undone never count.
    """
    organisations = None
    if wanted.organisation is not None:
        organisations = (
            subtree(connection, wanted.organisation, wanted.moment)
            if wanted.below
            else [wanted.organisation]
        )
    keys = [_key(dimension) for dimension in by]
    grouping = SQL("GROUP BY {0} ORDER BY {0}").format(SQL(", ").join(keys)) if by else SQL("")
    # persons first, then cells: a hash of persons is faster than count(DISTINCT), which sorts
    statement = SQL(
        "SELECT {0} coalesce(sum(payments), 0)::bigint, count(person),"
        " coalesce(sum(amount_fen), 0)::bigint, coalesce(sum(settled_fen), 0)::bigint"
        " FROM (SELECT {1} person, count(*) AS payments, sum(amount_fen) AS amount_fen,"
        "   sum(settled_fen) AS settled_fen FROM api.coverage_at(%s, %s)"
        "   WHERE (%s::text[] IS NULL OR organisation = ANY(%s))"
        "   AND (%s::text IS NULL OR fund = %s) GROUP BY {1} person) of_person {2}"
    ).format(
        SQL("").join(SQL("{}, ").format(key) for key in keys),
        SQL("").join(SQL("{}, ").format(Identifier(dimension)) for dimension in by),
        grouping,
    )
    rows = connection.execute(
        statement,
        (*wanted.moment.values(), organisations, organisations, wanted.fund, wanted.fund),
    )
    return [Cell(tuple(row[: len(by)]), *row[len(by) :]) for row in rows]


def _key(dimension: str) -> "SQL | Identifier":
    """The SQL of a dimension; raises ValueError if there is no such one."""
    if dimension not in DIMENSIONS:
        raise ValueError(dimension)
    return SQL("to_char(month, 'YYYY-MM')") if dimension == "month" else Identifier(dimension)
