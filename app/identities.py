"""Showing plain identities: recorded in the log first, then in the vault, and only then opened."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import uuid4

from app.output import Output
from app.verdict import refusal, verdict_on
from domain.events import PaymentMade
from domain.submissions import ReadIdentities
from domain.units import Day, Position
from eventlog.contract import Log, LogDamaged
from eventlog.reading import event_at
from projections.readings import SealedAt
from publishers.signing import Signer
from schemas.codec import decode
from vault.identities import Identity
from vault.store import Reading
from vault.vault import SealedField, Vault

SEALED: Final = {"recipient": ("person", "sealed"), "worker": ("worker", "sealed_worker")}
"""Field of the vault → fields of PaymentMade: whose it is, and the sealed bytes."""


class Question(NamedTuple):
    """Who asks for whom, and why."""

    persons: Sequence[str]
    purpose: str
    case: str
    actor: str
    organisation: str
    occurred_on: Day


class Shown(NamedTuple):
    """One identity as of one payment; *identity* None: its key is gone."""

    person: str
    position: Position
    field: str
    identity: Identity | None


class Answer(NamedTuple):
    """What was recorded, and what may be shown."""

    reading: str
    position: Position
    shown: list[Shown]


def read_identities(
    machine: tuple[Any, Log, Vault, Signer],
    asked: Question,
    sealed: Sequence[SealedAt],
    output: Output,
    *,
    wait_s: float,
) -> Answer:
    """
    Record a reading, wait until it is accepted, then open the sealed fields.

    Args:
        machine: settings, log, vault, and the key that signs.
        asked: at most 500 persons.
        sealed: where their identities stand, at most 500.
        output: for the language of a refusal.
        wait_s: longest wait for the verdict.

    Raises:
        Problem: refused, or no verdict in time: nothing was opened.
    """
    settings, log, vault, signer = machine
    fields = [_field(log, one) for one in sealed]
    reading = str(uuid4())
    submission = ReadIdentities(
        submission_id=str(uuid4()), organisation=asked.organisation,
        occurred_on=asked.occurred_on, actor=asked.actor, reading=reading,
        persons=list(asked.persons), purpose=asked.purpose, case=asked.case,
    )  # fmt: skip
    verdict = verdict_on(submission, settings, log, signer, wait_s)
    if verdict.refused or verdict.repeated:
        raise refusal(verdict, output)
    position = Position(verdict.position)
    recorded = Reading(reading, position, asked.actor, asked.purpose, asked.case)
    opened = vault.read(recorded, fields)
    return Answer(
        reading, position, [Shown(*one, who) for one, who in zip(sealed, opened, strict=True)]
    )


def _field(log: Log, where: SealedAt) -> SealedField:
    """The sealed bytes at a place in the log."""
    event = decode(event_at(log, where.position).value)
    if not isinstance(event, PaymentMade) or event.organisation is None:
        raise LogDamaged(f"no payment at position {where.position}")
    whose, sealed = (getattr(event, name) for name in SEALED[where.field])
    if whose != where.person or sealed is None:
        raise LogDamaged(f"the payment at position {where.position} is another person's")
    return SealedField(event.organisation, event.payment, where.field, where.person, sealed)
