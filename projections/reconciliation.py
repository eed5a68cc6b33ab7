"""
Reconciliation of published figures: with themselves, and with what the log says.

Stated totals against the sum of their lines, units × amount of one against each line, uses
against sources, and all of it against the grants of the programme and what was paid of their fen.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from domain.units import Day, Fen, Position
from projections.moments import Moment
from projections.target import Connection

AGREES: Final = "AGREES"
DIFFERS: Final = "DIFFERS"
AGREES_LATER: Final = "AGREES_LATER"
"""Right only with what happened after the day the statement speaks of."""
NOT_IN_LOG: Final = "NOT_IN_LOG"
"""The log knows nothing of the programme."""


class Item(NamedTuple):
    """A line of a statement."""

    line: int
    side: str
    code: str
    units: int | None
    unit_fen: Fen | None
    amount_fen: Fen


class Statement(NamedTuple):
    """What a programme published."""

    position: Position
    statement: str
    organisation: str
    programme: str
    as_of: Day
    stated_sources_fen: Fen
    stated_uses_fen: Fen
    document: str | None
    items: tuple[Item, ...] = ()


class Figures(NamedTuple):
    """What the log says of a programme, by code: fen, and how many payments."""

    grants: bool
    """Whether there are any grants of the programme."""
    sources_fen: int
    uses_fen: int
    by_code_fen: Mapping[str, int]
    by_code_count: Mapping[str, int]


class Check(NamedTuple):
    """One comparison: two figures that must be equal (for USES_COVERED: found at least stated)."""

    check: str
    line: int | None
    code: str | None
    unit: str
    """fen or count."""
    stated: int
    found: int
    verdict: str


def statements(connection: Connection, which: str | None) -> list[Statement]:
    """Statements with this id or of this programme; all of them if *which* is None."""
    heads = connection.execute(
        "SELECT position, statement::text, organisation, programme, api.days(as_of),"
        " stated_sources_fen, stated_uses_fen, document FROM api.statements"
        " WHERE %s::text IS NULL OR programme = %s OR statement::text = %s ORDER BY position",
        (which, which, which),
    ).fetchall()
    items: dict[int, list[Item]] = defaultdict(list)
    for position, *item in connection.execute(
        "SELECT position, line, side, code, units, unit_fen, amount_fen FROM api.statement_items"
        " WHERE position = ANY(%s) ORDER BY position, line",
        ([head[0] for head in heads],),
    ):
        items[position].append(Item(*item))
    return [Statement(*head)._replace(items=tuple(items[head[0]])) for head in heads]


def figures(connection: Connection, programme: str, moment: Moment) -> Figures:
    """What the log says of a programme up to *moment*."""
    by_code: dict[str, int] = defaultdict(int)
    counts: dict[str, int] = defaultdict(int)
    grants = _grants(connection, programme, moment)
    for fund, source, fen in grants:
        for code in {fund, source}:
            by_code[code] += fen
    uses = 0
    for *codes, fen, count in _payments(connection, programme, moment):
        uses += fen
        for code in codes:
            by_code[code] += fen
            counts[code] += count
    return Figures(bool(grants), sum(fen for _, _, fen in grants), uses, by_code, counts)


def _grants(connection: Connection, programme: str, moment: Moment) -> list[tuple[str, str, int]]:
    """Fund, source and fen of the programme's grants, less what was withdrawn of them."""
    day, instant = moment.values()
    rows = connection.execute(
        """
        SELECT g.fund, f.fund_source, sum(g.amount_fen
               - coalesce((SELECT sum(d.fen) FROM api.entries w JOIN api.draws d USING (position)
                    WHERE w.kind = 'WITHDRAWN' AND d.lot = g.position
                      AND (%(day)s::date IS NULL OR w.occurred_on <= %(day)s)
                      AND (%(instant)s::timestamptz IS NULL OR w.recorded_at <= %(instant)s)
               ), 0))::bigint
        FROM api.grants g JOIN api.funds f USING (fund)
        WHERE g.programme = %(programme)s
          AND (%(day)s::date IS NULL OR g.occurred_on <= %(day)s)
          AND (%(instant)s::timestamptz IS NULL OR g.recorded_at <= %(instant)s)
        GROUP BY g.fund, f.fund_source
        """,
        {"programme": programme, "day": day, "instant": instant},
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _payments(
    connection: Connection, programme: str, moment: Moment
) -> list[tuple[str, str, str, str, int, int]]:
    """Codes, fen and number of the payments that live off the programme's grants."""
    day, instant = moment.values()
    rows = connection.execute(
        """
        WITH used AS (
            SELECT t.position, sum(t.fen)::bigint AS fen
            FROM api.grants g CROSS JOIN LATERAL api.trace_down(g.position) t
            WHERE g.programme = %(programme)s AND t.use = 'PAYMENT' GROUP BY t.position
        )
        SELECT p.category, p.tier, p.occasion, p.form, sum(u.fen)::bigint, count(*)
        FROM used u JOIN api.payments_at(%(day)s, %(instant)s) p USING (position)
        WHERE p.state IN ('RESERVED', 'ORDERED', 'SETTLED')
        GROUP BY p.category, p.tier, p.occasion, p.form
        """,
        {"programme": programme, "day": day, "instant": instant},
    )
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


def reconcile(statement: Statement, on_day: Figures, later: Figures) -> list[Check]:
    """
    All comparisons of a statement.

    *on_day* is what the log says up to the day of the statement, *later* with what came after.
    """
    return [
        *_with_itself(statement),
        *_totals_in_log(statement, on_day, later),
        *_lines_in_log(statement.items, on_day, later),
    ]


def _with_itself(statement: Statement) -> list[Check]:
    """Totals against lines, lines against units, uses against sources."""
    checks: list[Check] = []
    stated = {"SOURCE": statement.stated_sources_fen, "USE": statement.stated_uses_fen}
    for side, name in (("SOURCE", "SOURCES_SUM"), ("USE", "USES_SUM")):
        fen = [item.amount_fen for item in statement.items if item.side == side]
        if fen:
            checks.append(_equal(name, stated[side], sum(fen)))
    checks += [
        _equal("UNITS", i.amount_fen, i.units * i.unit_fen, line=i.line, code=i.code)
        for i in statement.items
        if i.units is not None and i.unit_fen is not None
    ]
    covered = stated["USE"] <= stated["SOURCE"]
    verdict = AGREES if covered else DIFFERS
    checks.append(
        Check("USES_COVERED", None, None, "fen", stated["USE"], stated["SOURCE"], verdict)
    )
    return checks


def _totals_in_log(statement: Statement, on_day: Figures, later: Figures) -> list[Check]:
    """Totals against the log."""
    sources = (statement.stated_sources_fen, on_day.sources_fen, later.sources_fen)
    uses = (statement.stated_uses_fen, on_day.uses_fen, later.uses_fen)
    if not later.grants:
        return [
            Check("SOURCES_IN_LOG", None, None, "fen", sources[0], 0, NOT_IN_LOG),
            Check("USES_IN_LOG", None, None, "fen", uses[0], 0, NOT_IN_LOG),
        ]
    return [_in_log("SOURCES_IN_LOG", *sources), _in_log("USES_IN_LOG", *uses)]


def _lines_in_log(items: Sequence[Item], on_day: Figures, later: Figures) -> list[Check]:
    """Lines whose code the log knows, summed by code, against the log."""
    checks: list[Check] = []
    for code in dict.fromkeys(item.code for item in items):
        if code not in later.by_code_fen:
            continue
        same = [item for item in items if item.code == code]
        fen = sum(item.amount_fen for item in same)
        found = on_day.by_code_fen.get(code, 0)
        checks.append(_in_log("LINE_IN_LOG", fen, found, later.by_code_fen[code], code=code))
        if all(item.units is not None for item in same) and code in later.by_code_count:
            units = sum(item.units or 0 for item in same)
            found = on_day.by_code_count.get(code, 0)
            count = _in_log("COUNT_IN_LOG", units, found, later.by_code_count[code], code=code)
            checks.append(count._replace(unit="count"))
    return checks


def _equal(
    check: str, stated: int, found: int, *, line: int | None = None, code: str | None = None
) -> Check:
    return Check(check, line, code, "fen", stated, found, AGREES if stated == found else DIFFERS)


def _in_log(check: str, stated: int, on_day: int, later: int, *, code: str | None = None) -> Check:
    if stated == on_day:
        return Check(check, None, code, "fen", stated, on_day, AGREES)
    verdict = AGREES_LATER if stated == later else DIFFERS
    return Check(check, None, code, "fen", stated, on_day, verdict)
