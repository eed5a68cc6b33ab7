"""A roster file as a command takes it: read within its limit, completed by options, checked."""

from collections.abc import Sequence
from pathlib import Path

import typer

from app.output import Output
from app.problems import EXIT_BAD_INPUT, Problem, Words
from app.roster_pages import not_set, require_report_kind, show_problems
from app.wiring import now
from domain.calendar import civil_day
from domain.codes import SCHEMES
from publishers.codes import identity_regions
from publishers.roster.batches import SchemeOn
from publishers.roster.checking import CheckedRoster, check_roster
from publishers.roster.columns import BATCH_KEY_OF, normal_header
from publishers.roster.prescan import FILE_BYTES_MAX
from publishers.roster.problems import RosterUnreadable
from publishers.roster.reading import read_roster


def checked_file(
    file: Path,
    given: Sequence[str],
    report: Path | None,
    output: Output,
    *,
    scheme_on: SchemeOn | None = None,
) -> tuple[bytes, CheckedRoster]:
    """Read and check the file; ends the command if it cannot be read at all."""
    require_report_kind(report)
    batch = _given(given)
    with file.open("rb") as whole:
        data = whole.read(FILE_BYTES_MAX + 1)  # one more shows that it is too large
    try:
        raw = read_roster(data)
    except RosterUnreadable as unreadable:
        problem = unreadable.problem
    else:
        raw.batch.update(batch)
        with output.progress(Words("检查", "checking"), len(raw.rows)) as advance:
            checked = check_roster(
                raw,
                today=civil_day(now()),
                regions=identity_regions(),
                scheme_on=scheme_on,
                checked=lambda _: advance(1),
            )
        return data, checked
    show_problems(output, [problem], ok=False)
    raise typer.Exit(EXIT_BAD_INPUT)


def known_scheme(scheme: str) -> str:
    """
    A scheme of categories whose names rosters know.

    Raises:
        Problem: it came later than this version; its table was loaded with LoadCodes.
    """
    if scheme not in SCHEMES:
        raise Problem(
            Words(
                "名册还不认识这个类别体系。", "Rosters do not know this scheme of categories yet."
            ),
            where=scheme,
            how=Words(
                "升级 hengwen,或用 hengwen publish 发布。",
                "Install a newer hengwen, or publish lines with `hengwen publish`.",
            ),
        )
    return scheme


def _given(given: Sequence[str]) -> dict[str, str]:
    """Batch information from the command line, under its Chinese or English name."""
    batch: dict[str, str] = {}
    for pair in given:
        name, separator, value = pair.partition("=")
        column = BATCH_KEY_OF.get(normal_header(name))
        if not separator or column is None:
            raise not_set(name, known=column is not None)
        batch[column.key] = value
    return batch
