"""Erasing a person: retention first, then the log, then the vault; killed anywhere, again ends it."""

from typing import Any, Final, NamedTuple
from uuid import uuid4

from app.output import Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.verdict import refusal, verdict_on
from consumers.person_records import PersonRecords, records_of
from domain.submissions import ErasePerson
from domain.units import Day, Position
from eventlog.contract import Log
from publishers.signing import Signer
from vault.erasure import carry_out
from vault.vault import Vault

ERASED_BEFORE: Final = "PERSON_ERASED"


class Wish(NamedTuple):
    """Who is to be erased, why, and who says so."""

    person: str
    reason_code: str
    organisation: str
    actor: str | None
    occurred_on: Day


class Machine(NamedTuple):
    """What an erasure needs."""

    settings: Any
    log: Log
    vault: Vault
    signer: Signer


class Done(NamedTuple):
    """What an erasure did."""

    position: Position
    """Of PersonErased."""
    destroyed: list[str]
    """The ids whose keys were there until now; none if an earlier run had destroyed them."""


def erase(
    machine: Machine,
    wish: Wish,
    records: PersonRecords,
    output: Output,
    *,
    today: Day,
    wait_s: float,
) -> Done:
    """
    Record the erasure, then destroy the key; *records* were read before and keep nothing today.

    Raises:
        Problem: no verdict in time, refused, or recorded again meanwhile: the key is kept.
    """
    position = min(records.erased.values(), default=None)
    if position is None:
        position = _recorded(machine, wish, records, output, today=today, wait_s=wait_s)
    return Done(position, carry_out(machine.vault, wish.person, records.ids, position=position))


def _recorded(
    machine: Machine,
    wish: Wish,
    records: PersonRecords,
    output: Output,
    *,
    today: Day,
    wait_s: float,
) -> Position:
    """The position of PersonErased, published now."""
    submission = ErasePerson(
        submission_id=str(uuid4()), organisation=wish.organisation, occurred_on=wish.occurred_on,
        actor=wish.actor, person=wish.person, reason_code=wish.reason_code,
    )  # fmt: skip
    before = records.until
    verdict = verdict_on(submission, machine.settings, machine.log, machine.signer, wait_s)
    later = records_of(machine.log, [wish.person], after=before)[wish.person]
    if later.kept_on(today) or later.ids - records.ids:
        raise Problem(
            Words("刚才又有了该人员的记录,密钥保留。",
                  "The person was recorded again meanwhile; the key is kept."),
            where=", ".join(str(kept.last) for kept in later.kept.values()),
            how=Words("再运行本命令,查看何时可以删除。",
                      "Run this command again: it tells when erasure is possible."),
            exit_code=EXIT_CHECK_FAILED,
        )  # fmt: skip
    if not verdict.refused:
        return Position(verdict.position)
    codes = [reason.code for reason in getattr(verdict.event, "reasons", ())]
    if codes == [ERASED_BEFORE] and later.erased:
        return min(later.erased.values())
    raise refusal(verdict, output)
