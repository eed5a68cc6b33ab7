"""Receipts from the configured log: a payment's position, its path, the newest checkpoint."""

from collections.abc import Iterator
from contextlib import closing

import psycopg

from app.commands.checkpoint import evidence_folder
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.reading import read_models
from app.settings import Settings
from app.subjects import PAYMENT, identifier, not_found
from app.wiring import open_log
from domain.events import PaymentMade
from eventlog.contract import Log
from eventlog.reading import event_at, events
from evidence.guard import confirmed_keys
from evidence.notes import opened
from evidence.proofs import Prover
from evidence.receipts import BadReceipt, Proven, Receipt, proven
from evidence.tiles import TileMissing
from schemas.codec import Unreadable, decode


def receipt_of(settings: Settings, payment: str, organisation: str) -> tuple[Receipt, Proven, str]:
    """
    The receipt of a payment, checked, and the public key (as text) it was checked with.

    Raises:
        Problem: there is no such payment, or no checkpoint that covers it.
    """
    folder = evidence_folder(settings)
    note = folder.note()
    with closing(open_log(settings)) as log:
        keys = confirmed_keys(log, folder)
        position, value = _found(settings, log, identifier(payment), organisation)
    signed = folder.checkpoint(keys)
    if note is None or signed is None or position > signed.size:
        raise _not_signed(position, signed.size if signed else 0)
    _, signers = opened(note, keys.at(signed.size))
    try:
        path = Prover(folder.public, signed.size).inclusion(position - 1)
        receipt = Receipt(position - 1, tuple(path), note, value)
        return receipt, proven(receipt, signers), signers[0].text()
    except (TileMissing, BadReceipt) as error:
        raise Problem(
            Words("证据文件夹与总账不符。", "The folder of evidence and the log disagree."),
            where=f"{folder.path}: {error}",
            how=Words(
                "运行 hengwen checkpoint --once,看总账是否仍是已签的那一本。",
                "Run `hengwen checkpoint --once`: is the log still what was signed?",
            ),
            exit_code=EXIT_CHECK_FAILED,
        ) from error


def _not_signed(position: int, size: int) -> Problem:
    return Problem(
        Words(
            f"这笔发放(序号 {position})还没有被校验点覆盖,已签至 {size}。",
            f"No checkpoint covers this payment (position {position}) yet; signed up to {size}.",
        ),
        how=Words("运行 hengwen checkpoint --once。", "Run `hengwen checkpoint --once`."),
    )


def _made_elsewhere(organisation: str, makers: list[str]) -> Problem:
    """The payment is there, and not this organisation's."""
    return Problem(
        Words("这笔发放不是这个机构做的。", "This organisation did not make that payment."),
        where=organisation,
        how=Words(f"做出的机构: {' '.join(makers)}。", f"It was made by {' '.join(makers)}."),
    )


def _found(settings: Settings, log: Log, payment: str, organisation: str) -> tuple[int, bytes]:
    """Position and value of the payment's event."""
    known = _projected(settings, payment)
    values = _at(log, known) if known else _scanned(log, payment)
    made = [(n, value, by) for n, value in values if (by := _organisation(value, payment))]
    if not made:
        raise not_found(PAYMENT, payment)
    matching = [one for one in made if organisation in {"", one[2]}]
    if not matching:
        raise _made_elsewhere(organisation, [by for _, _, by in made])
    if len(matching) > 1:
        raise Problem(
            Words("多个机构用过这个编号。", "Several organisations used this id."),
            where=" ".join(found for _, _, found in matching),
            how=Words("用 --organisation 指明机构。", "Name one with --organisation."),
        )
    return matching[0][:2]


def _projected(settings: Settings, payment: str) -> list[int]:
    """Positions as the read models know them; none if they do not know it, or are not there."""
    from projections.traces import payments_called  # noqa: PLC0415  # only if they are there

    if not settings.database.get_secret_value() and not (settings.home / "postgres").exists():
        return []
    try:
        with read_models(settings) as connection:
            return [paid.position for paid in payments_called(connection, payment)]
    except (Problem, psycopg.Error):
        return []


def _at(log: Log, positions: list[int]) -> Iterator[tuple[int, bytes]]:
    for position in positions:
        yield position, event_at(log, position).value


def _scanned(log: Log, payment: str) -> Iterator[tuple[int, bytes]]:
    """Events of the whole log that hold the id."""
    needle = payment.encode()
    found = events(log, after=0, until=log.last_position())
    return ((one.position, one.value) for one in found if needle in one.value)


def _organisation(value: bytes, payment: str) -> str:
    """Who made the payment, if the event is that; else nothing."""
    try:
        event = decode(value)
    except Unreadable:
        return ""
    if isinstance(event, PaymentMade) and event.payment == payment:
        return event.organisation or ""
    return ""
