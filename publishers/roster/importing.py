"""
What an import publishes, and what becomes of every row.

By default all or nothing: one error in the file, or one refusal in a dry run of the rules on
current state, and nothing is published. With *accept_good_rows* the bad rows are left out, and the
roster records which.

A repeated import. Ids depend on what the file says, so the same file gives the same submissions:
those that were answered before are not published again, and the first result stands. After a kill
only what is missing is published, into the same roster.

A corrected file is another roster. Its rows that were paid are found by their payment ids (batch,
person, tier) whatever else was corrected in them, are reported 已入账 and left out; the others are
published. Control totals are always those of the whole file: 控制 = 已入账 + 本次 + 剔除. What the
roster declares is what is published in it.

Rows that an earlier roster of the same content can no longer take (it was approved, or declared
fewer) go into the next of a series of rosters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from domain.parts import LeftOut, Reason
from domain.submissions import MakePayment
from publishers.client import Signable
from publishers.identities import IdentityVault
from publishers.roster.answers import (
    id_of,
    notice,
    position_of,
    refusal,
    settled,
    sorted_out,
)
from publishers.roster.assembling import (
    RosterSubmissions,
    SealedRoster,
    SealedRow,
    Trial,
    assemble,
)
from publishers.roster.checking import CheckedRoster
from publishers.roster.problems import Level, RosterProblem
from publishers.roster.texts import REFUSAL

DryRun = Callable[[Sequence[Signable]], list[list[Reason]]]
"""Submissions in order → why each would be refused now; none if it would be recorded."""
Recorded = Callable[[int], object]
"""A position → the event that stands there."""

SERIES_MAX: Final = 8
LEFT_OUT_MAX: Final = 1_000
"""Left-out rows that surely fit into one submission."""
PROBE: Final = 0
"""Attempt number of ids that are never published, to ask what is recorded."""


Asked = tuple[Trial, tuple[int, ...]]


class Outcome(StrEnum):
    """What becomes of a row."""

    PUBLISH = "publish"
    ALREADY_PAID = "already_paid"
    REFUSED_BEFORE = "refused_before"
    REFUSED = "refused"
    LEFT_OUT = "left_out"


@dataclass(slots=True)
class ImportPlan:
    """The answer to an import: nothing to publish if it is blocked."""

    submissions: list[Signable] = field(default_factory=list)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    """Row number → what becomes of it; rows with errors of the file too."""
    problems: list[RosterProblem] = field(default_factory=list)
    """What the rules say, beside the problems of the file."""
    roster: str | None = None
    blocked: bool = False
    payment_rows: dict[str, int] = field(default_factory=dict)
    """Submission id of a payment → row."""
    paid_fen: int = 0
    """Sum of the rows recorded before."""
    publish_fen: int = 0

    def count(self, outcome: Outcome) -> int:
        """How many rows have this outcome."""
        return sum(found == outcome for found in self.outcomes.values())


@dataclass(slots=True, kw_only=True)
class Importer:
    """Plans the import of one sealed roster."""

    checked: CheckedRoster
    roster: SealedRoster
    vault: IdentityVault
    dry_run: DryRun | None = None
    recorded: Recorded | None = None
    attempt: int = 1
    accept_good_rows: bool = False
    _last: "tuple[Asked, RosterSubmissions, dict[str, list[Reason]]] | None" = None
    """The last question and its answer: the first is asked twice."""

    def plan(self) -> ImportPlan:
        """What to publish, after the dry run if there is one."""
        plan = ImportPlan()
        plan.outcomes |= dict.fromkeys(self.checked.bad_rows, Outcome.LEFT_OUT)
        rows = list(self.roster.rows)
        while rows and self._note_recorded(rows, plan):
            rows = [sealed for sealed in rows if sealed.row.number not in plan.outcomes]
        self._settle(rows, plan)
        if self._is_blocked(plan):
            plan.blocked = True
            plan.submissions.clear()
            plan.payment_rows.clear()
        return plan

    def _settle(self, rows: list[SealedRow], plan: ImportPlan) -> None:
        """Ask again and again, with fewer rows or another roster, until nothing speaks against."""
        series = 0
        while rows and series < SERIES_MAX:
            submissions, reasons = self._asked(
                rows, Trial(series, self.attempt, self._left_out(plan))
            )
            if self._announcement_refused(submissions, reasons, plan):
                return
            found = sorted_out(submissions, reasons)
            self._note_answered(found.answered, plan)
            self._note_refused(found.refused, plan)
            if found.refused and not self.accept_good_rows:
                return
            out = found.answered | found.refused.keys()
            rows = [sealed for sealed in rows if sealed.row.number not in out]
            if found.of_roster:
                series += 1
            elif not out:
                self._publish(submissions, reasons, plan)
                return
        if rows:
            plan.problems.append(RosterProblem(Level.ERROR, "SERIES_FULL"))

    def _is_blocked(self, plan: ImportPlan) -> bool:
        """Whether nothing may be published; bad rows that were left out do not block."""
        bad = plan.count(Outcome.LEFT_OUT) + plan.count(Outcome.REFUSED)
        if self.accept_good_rows and bad > LEFT_OUT_MAX:
            figures = {"count": str(bad), "limit": str(LEFT_OUT_MAX)}
            plan.problems.append(RosterProblem(Level.ERROR, "LEFT_OUT_TOO_MANY", figures=figures))
        of_file = self.checked.file_errors if self.accept_good_rows else self.checked.errors
        return bool(of_file) or any(p.level is Level.ERROR for p in plan.problems)

    def _left_out(self, plan: ImportPlan) -> tuple[LeftOut, ...]:
        """The bad rows so far, as the roster records them."""
        if not self.accept_good_rows:
            return ()
        codes = dict(self.checked.bad_rows)
        for problem in plan.problems:
            if problem.row is not None and REFUSAL in problem.figures:
                codes.setdefault(problem.row, problem.figures[REFUSAL])
        return tuple(LeftOut(row, codes[row]) for row in sorted(codes)[:LEFT_OUT_MAX])

    def _asked(
        self, rows: list[SealedRow], trial: Trial
    ) -> tuple[RosterSubmissions, Mapping[str, list[Reason]]]:
        """The submissions for some rows, and by their ids the reasons against each of them now."""
        key = (trial, tuple(sealed.row.number for sealed in rows))
        if self._last is None or self._last[0] != key:
            submissions = assemble(self.roster, rows, self.vault, trial)
            ordered = submissions.ordered()
            answers = self.dry_run(ordered) if self.dry_run else [[] for _ in ordered]
            ids = [id_of(signable) for signable in ordered]
            self._last = (key, submissions, dict(zip(ids, answers, strict=True)))
        return self._last[1:]

    def _note_recorded(self, rows: list[SealedRow], plan: ImportPlan) -> bool:
        """Note the rows that need not be published, whoever recorded them; whether there are any."""
        submissions, reasons = self._asked(rows, Trial(0, self.attempt, self._left_out(plan)))
        answered = sorted_out(submissions, reasons).answered
        positions = {
            number: position_of(reasons[id_of(payment)])
            for number, payment in submissions.payments.items()
        }
        if answered:
            # Submitted before: recorded or refused? Ids that were never published tell.
            some = [sealed for sealed in rows if sealed.row.number in answered]
            probe, told = self._asked(some, Trial(0, PROBE))
            positions |= {n: position_of(told[id_of(p)]) for n, p in probe.payments.items()}
        for sealed in rows:
            position = positions[sealed.row.number]
            if position is not None:
                plan.outcomes[sealed.row.number] = Outcome.ALREADY_PAID
                plan.paid_fen += sealed.row.amount_fen
                plan.problems.append(self._paid_notice(sealed, position))
        self._note_answered({n for n in answered if positions[n] is None}, plan)
        return any(sealed.row.number in plan.outcomes for sealed in rows)

    def _note_answered(self, numbers: set[int], plan: ImportPlan) -> None:
        """Rows that were submitted before and are not recorded: they were refused."""
        for number in sorted(numbers):
            plan.outcomes[number] = Outcome.REFUSED_BEFORE
            plan.problems.append(notice(number, "REFUSED_BEFORE", Level.WARNING))

    def _paid_notice(self, sealed: SealedRow, position: int) -> RosterProblem:
        event = self.recorded(position) if self.recorded is not None else None
        row = sealed.row
        same = event is None or (
            getattr(event, "amount_fen", None),
            getattr(event, "category", None),
            getattr(event, "form", None),
            getattr(event, "occurred_on", None),
        ) == (row.amount_fen, row.category, row.form, row.paid_on)
        code, level = (
            ("ALREADY_PAID", Level.NOTICE) if same else ("ALREADY_PAID_OTHERWISE", Level.WARNING)
        )
        return notice(row.number, code, level, position=str(position))

    def _announcement_refused(
        self,
        submissions: RosterSubmissions,
        reasons: Mapping[str, Sequence[Reason]],
        plan: ImportPlan,
    ) -> bool:
        """Whether the roster itself would be refused; noted."""
        against = [r for r in reasons[id_of(submissions.announcement)] if not settled(r)]
        plan.problems += [refusal(None, "ROSTER_REFUSED", reason) for reason in against]
        return bool(against)

    def _note_refused(
        self, refused: Mapping[int, Sequence[tuple[str, Reason]]], plan: ImportPlan
    ) -> None:
        for number, against in refused.items():
            plan.outcomes[number] = Outcome.REFUSED
            level = Level.WARNING if self.accept_good_rows else Level.ERROR
            plan.problems += [refusal(number, code, reason, level) for code, reason in against]

    def _publish(
        self,
        submissions: RosterSubmissions,
        reasons: Mapping[str, Sequence[Reason]],
        plan: ImportPlan,
    ) -> None:
        """Fill the plan with what has no verdict yet."""
        plan.roster = submissions.roster
        fresh = [
            signable
            for signable in submissions.ordered()
            if not any(settled(r) for r in reasons[id_of(signable)])
        ]
        plan.submissions = fresh
        for number, signable in submissions.payments.items():
            plan.outcomes[number] = Outcome.PUBLISH
            if isinstance(signable.submission, MakePayment):
                plan.payment_rows[id_of(signable)] = number
                plan.publish_fen = plan.publish_fen + signable.submission.amount_fen
