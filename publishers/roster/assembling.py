"""
Rows as submissions: persons found, identities sealed, ids derived, records filled in.

All ids come from the vault and depend on what the file says, never on when it is imported:

- the batch key: batch number, fund, campaign;
- a payment: batch key and the row's key (person, tier; the day where the occasion may come again);
- a roster: batch key, everything its rows say, and a series number (0 but for late rows);
- a submission: what it is about, the roster, and the attempt.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from domain.merkle import leaf_hash, root_hash
from domain.parts import Attestation, LeftOut
from domain.submissions import MakePayment, RecordVisit, SubmitRoster
from domain.units import Fen
from publishers.client import Signable
from publishers.identities import IdentityVault, sealed_in_calls
from publishers.roster.batches import Batch
from publishers.roster.checking import CheckedRoster
from publishers.roster.rows import RosterRow
from vault.identities import Identity
from vault.vault import Sealed, SealRequest


class SealedRow(NamedTuple):
    """A row with everything the vault has to say about it."""

    row: RosterRow
    payment: str
    recipient: Sealed
    worker: Sealed | None
    proxy: str | None
    visitors: tuple[str, ...]


class SealedRoster(NamedTuple):
    """All good rows of a roster, sealed."""

    batch: Batch
    batch_key: str
    content: bytes
    """Root over everything the rows say."""
    rows: tuple[SealedRow, ...]
    handler: str
    reviewer: str
    file_tag: bytes


class Trial(NamedTuple):
    """Which roster of this file, which attempt, and which rows it leaves out on purpose."""

    series: int = 0
    attempt: int = 1
    left_out: tuple[LeftOut, ...] = ()


class RosterSubmissions(NamedTuple):
    """What is to be published for some rows, in this order."""

    roster: str
    visits: dict[int, Signable]
    """Row number → visit."""
    announcement: Signable
    payments: dict[int, Signable]
    """Row number → payment."""

    def ordered(self) -> list[Signable]:
        """Visits before their payments, the roster before its payments."""
        return [*self.visits.values(), self.announcement, *self.payments.values()]


def seal_roster(
    checked: CheckedRoster, vault: IdentityVault, *, sealed: Callable[[int], None] | None = None
) -> SealedRoster:
    """
    Seal the good rows of a checked roster; *sealed* is called with the rows done, now and then.

    Raises:
        ValueError: the batch information was not complete.
        IdentityRejected: the vault found what the checks did not, such as a card of today's rules.
    """
    batch, rows = checked.batch, checked.rows
    if batch is None:
        raise ValueError("the roster has no complete batch information")
    organisation = batch.organisation
    content = root_hash([leaf_hash(row.canonical()) for row in rows])
    name = batch.number.encode() or content
    batch_key = vault.keyed_id(
        "roster-batch", organisation, (name, batch.fund.encode(), batch.campaign.encode())
    )
    payments = vault.payment_ids(organisation, batch_key, [r.key(batch.occasion) for r in rows])
    persons = _persons(batch, rows, vault)
    answers = _seal(organisation, rows, payments, vault, sealed)
    done = tuple(
        SealedRow(
            row=row,
            payment=payment,
            recipient=answers[payment, "recipient"],
            worker=answers.get((payment, "worker")),
            proxy=persons[row.proxy] if row.proxy else None,
            visitors=tuple(dict.fromkeys(persons[v] for v in row.visitors)),
        )
        for row, payment in zip(rows, payments, strict=True)
    )
    return SealedRoster(
        batch=batch,
        batch_key=batch_key,
        content=content,
        rows=done,
        handler=persons[batch.handler],
        reviewer=persons[batch.reviewer],
        file_tag=vault.keyed_tag("roster-file", checked.raw.digest),
    )


def _persons(batch: Batch, rows: Sequence[RosterRow], vault: IdentityVault) -> dict[Identity, str]:
    """The person ids of everybody who is named but not paid."""
    named = [batch.handler, batch.reviewer]
    for row in rows:
        named += row.visitors
        if row.proxy is not None:
            named.append(row.proxy)
    once = list(dict.fromkeys(named))
    return dict(zip(once, vault.persons_of(once), strict=True))


def _seal(
    organisation: str,
    rows: Sequence[RosterRow],
    payments: Sequence[str],
    vault: IdentityVault,
    sealed: Callable[[int], None] | None,
) -> dict[tuple[str, str], Sealed]:
    requests = []
    for row, payment in zip(rows, payments, strict=True):
        requests.append(SealRequest(organisation, payment, "recipient", row.identity))
        if row.worker is not None:
            requests.append(SealRequest(organisation, payment, "worker", row.worker))
    answers = sealed_in_calls(vault, requests, sealed=sealed)
    return {
        (request.business_id, request.field): answer
        for request, answer in zip(requests, answers, strict=True)
    }


def assemble(
    roster: SealedRoster,
    rows: Sequence[SealedRow],
    vault: IdentityVault,
    trial: Trial,
) -> RosterSubmissions:
    """The submissions for *rows* of a sealed roster; *rows* must not be empty."""
    batch = roster.batch
    number = vault.keyed_id(
        "roster",
        batch.organisation,
        (roster.batch_key.encode(), roster.content, b"%d" % trial.series),
    )
    ids = _Ids(vault, batch.organisation, number, trial.attempt)
    visits = {
        sealed.row.number: Signable(_visit(roster, sealed, ids))
        for sealed in rows
        if sealed.row.visitors
    }
    payments = {s.row.number: _payment(roster, s, ids) for s in rows}
    announcement = SubmitRoster(
        submission_id=ids.submission("roster", number.encode()),
        organisation=batch.organisation,
        occurred_on=max(s.row.paid_on for s in rows),
        actor=roster.handler,
        roster=number,
        fund=batch.fund,
        campaign=batch.campaign,
        occasion=batch.occasion,
        declared_count=len(rows),
        declared_fen=Fen(sum(s.row.amount_fen for s in rows)),
        payments_root=root_hash([leaf_hash(UUID(s.payment).bytes) for s in rows]),
        reviewer=roster.reviewer,
        unit_certificate=batch.certificate,
        file_tag=roster.file_tag,
        left_out=list(trial.left_out),
    )
    return RosterSubmissions(number, visits, Signable(announcement), payments)


class _Ids(NamedTuple):
    vault: IdentityVault
    organisation: str
    roster: str
    attempt: int

    def submission(self, kind: str, *parts: bytes) -> str:
        """The id of one attempt to record something of this roster."""
        tried = (self.roster.encode(), b"%d" % self.attempt)
        return self.vault.keyed_id(f"submission/{kind}", self.organisation, (*parts, *tried))

    def visit(self, payment: str) -> str:
        """The id of the visit that belongs to a payment."""
        return self.vault.keyed_id("visit", self.organisation, (payment.encode(),))


def _visit(roster: SealedRoster, sealed: SealedRow, ids: _Ids) -> RecordVisit:
    row, batch = sealed.row, roster.batch
    return RecordVisit(
        submission_id=ids.submission("visit", sealed.payment.encode(), row.canonical()),
        organisation=batch.organisation,
        occurred_on=row.visited_on if row.visited_on is not None else row.paid_on,
        actor=roster.handler,
        visit=ids.visit(sealed.payment),
        occasion=batch.occasion,
        visitors=list(sealed.visitors),
        person=sealed.recipient.person,
        work_region=row.work_region,
        document=None,
    )


def _payment(roster: SealedRoster, sealed: SealedRow, ids: _Ids) -> Signable:
    row, batch = sealed.row, roster.batch
    recipient, worker = sealed.recipient, sealed.worker
    payment = MakePayment(
        submission_id=ids.submission("payment", sealed.payment.encode(), row.canonical()),
        organisation=batch.organisation,
        occurred_on=row.paid_on,
        actor=roster.handler,
        payment=sealed.payment,
        fund=batch.fund,
        person=recipient.person,
        worker=worker.person if worker else None,
        kinship=row.kinship,
        card=recipient.card,
        phone=recipient.phone,
        household=recipient.household,
        scheme=batch.scheme,
        category=row.category,
        tier=row.tier,
        occasion=batch.occasion,
        campaign=batch.campaign,
        form=row.form,
        amount_fen=row.amount_fen,
        goods=row.goods,
        goods_quantity=row.goods_quantity,
        work_region=row.work_region,
        dossier=row.dossier,
        evidence=row.evidence,
        roster=ids.roster,
        roster_row=row.number,
        visit=ids.visit(sealed.payment) if sealed.visitors else None,
        signed=row.signed,
        proxy=sealed.proxy,
        proxy_kinship=row.proxy_kinship,
        proxy_document=row.proxy_document,
        sealed=recipient.sealed,
        sealed_worker=worker.sealed if worker else None,
    )
    return Signable(payment, _attestations(recipient, worker))


def _attestations(*sealed: Sealed | None) -> tuple[Attestation, ...]:
    return tuple(answer.attestation for answer in sealed if answer is not None)
