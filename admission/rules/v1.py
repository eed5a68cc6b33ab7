"""
Rules, version 1: for every kind of submission its checks in order, its stream, its event.

In force from OpenLog. Its lock, ``v1.lock.json``, holds the digest of every check named here.
"""

from collections.abc import Callable
from typing import Any, Final

from admission.case import Case
from admission.fold_money import reserved_payments
from admission.rules import locks
from admission.rules.checks import (
    general,
    money,
    payment_states,
    payments,
    people,
    policies,
    registry,
    restrictions,
    rosters,
    texts,
)
from admission.rules.kinds import Check, Kind
from domain import events
from domain.account import account_stream
from domain.intervals import total
from domain.units import Fen, Position

LOCK: Final = locks.digest(1)
"""Digest of the lock, as OpenLog and AdoptRules state it."""
EVERY: Final = (general.schema_registered, general.not_in_future, general.year_open)
SPEAKING: Final = (*EVERY, general.organisation_known)
STARTING: Final = (*EVERY, general.organisation_open)
BINDING: Final = (restrictions.restriction_known, restrictions.restriction_lasts)


def _fixed(stream: str) -> Callable[[Case], str]:
    return lambda _: stream


def _named(kind: str, *fields: str) -> Callable[[Case], str]:
    """The stream ``<kind>/<field>/…`` of the submission's fields."""
    return lambda case: "/".join([kind, *(getattr(case.submission, f) for f in fields)])


def _account(case: Case) -> str:
    return account_stream(case.submission.organisation, case.submission.fund)


def _child_account(case: Case) -> str:
    return account_stream(case.submission.child, case.submission.fund)


def _issuer_account(case: Case) -> str:
    return account_stream(case.submission.issuer, case.submission.fund)


def _roster_account(case: Case) -> str:
    return account_stream(case.submission.organisation, _roster_fund(case))


def _roster_fund(case: Case) -> str:
    roster = case.state.roster(case.submission.organisation, case.submission.roster)
    assert roster is not None  # checked
    return roster.fund


def _taken(kind: str) -> Callable[[Case], Position | None]:
    """Where the business id was used before: rows ``<kind>/<organisation>/<id>``."""

    def taken(case: Case) -> Position | None:
        name = getattr(case.submission, kind)
        row = case.state.get(f"{kind}/{case.submission.organisation}/{name}")
        position: Position | None = getattr(row, "position", row)
        return position

    return taken


def _redacted(case: Case) -> Position | None:
    """Where that submission was redacted before."""
    position: Position | None = case.state.get(f"redaction/{case.submission.original_position}")
    return position


def _draws(case: Case) -> dict[str, Any]:
    return {"draws": case.draws}


def _roster_approved(case: Case) -> dict[str, Any]:
    return {"fund": _roster_fund(case)}


def _roster_rejected(case: Case) -> dict[str, Any]:
    submission = case.submission
    roster = case.state.roster(submission.organisation, submission.roster)
    assert roster is not None  # checked
    released = reserved_payments(case.state, submission.organisation, submission.roster, roster)
    return {
        "fund": roster.fund,
        "count": len(released),
        "amount_fen": Fen(sum(p.amount_fen for p in released)),
    }


def _payment_made(case: Case) -> dict[str, Any]:
    attestation = next(a for a in case.attestations if a.field == "recipient")
    return {
        "vault": attestation.vault,
        "vault_sequence": attestation.sequence,
        "ordered": not (case.policy and case.policy.roster_approval),
        "draws": case.draws,
    }


def _payment_was(case: Case) -> dict[str, Any]:
    found = payment_states.payment_of(case)
    assert found is not None  # checked
    payment, roster = found
    return {
        "payment_position": payment.position,
        "amount_fen": total(payment.draws),
        "was": payment.state(roster),
        "draws": payment.draws,
    }


def _own_key(case: Case) -> bool:
    """A key may always replace or revoke itself."""
    name = "old_key" if hasattr(case.submission, "old_key") else "key"
    ends: str = getattr(case.submission, name)
    return case.publisher.id == ends


def _k(name: str, event: type[events.Event], *checks: Check, **more: Any) -> Kind:
    return Kind(name=name, event=event, gate=texts.texts_well_formed, checks=checks, **more)


_KINDS: Final = (
    _k(
        "OpenLog", events.LogOpened, general.not_in_future,
        registry.log_well_opened, stream=_fixed("ledger"),
    ),
    _k("AdoptRules", events.RulesAdopted, *EVERY, registry.rules_next, stream=_fixed("ledger")),
    _k(
        "RegisterSchema", events.SchemaRegistered, general.not_in_future,
        registry.schema_fits, stream=_fixed("ledger"),
    ),
    _k(
        "RotateOperatorKey", events.OperatorKeyRotated, *EVERY, registry.new_key_fits, registry.operator_key_active,
        stream=_fixed("ledger"),
    ),
    _k(
        "RotateCheckpointKey", events.CheckpointKeyRotated, *EVERY, registry.checkpoint_key_known, stream=_fixed("ledger"),
    ),
    _k(
        "RedactSubmission", events.SubmissionRedacted, *EVERY, registry.submission_redactable,
        stream=_fixed("ledger"), taken=_redacted,
    ),
    _k(
        "RegisterPublisher", events.PublisherRegistered, *EVERY, registry.new_key_fits, registry.publisher_within,
        stream=_named("publisher", "key"),
    ),
    _k(
        "RotatePublisherKey", events.PublisherKeyRotated, *EVERY, registry.new_key_fits, registry.publisher_key_active,
        registry.replaces_no_more_than_own,
        stream=_named("publisher", "old_key"), own_key=_own_key,
    ),
    _k(
        "RevokePublisher", events.PublisherRevoked, *EVERY, registry.publisher_key_active,
        stream=_named("publisher", "key"), own_key=_own_key,
    ),
    _k(
        "RegisterVault", events.VaultRegistered, *EVERY, registry.vault_new, stream=_named("vault", "vault"),
    ),
    _k(
        "RevokeVault", events.VaultRevoked, *EVERY, registry.vault_active, stream=_named("vault", "vault"),
    ),
    _k(
        "LoadCodes", events.CodesLoaded, *EVERY, registry.codes_in_order, stream=_named("codes", "table"),
    ),
    _k(
        "RegisterOrganisation", events.OrganisationRegistered, *EVERY, registry.organisation_new,
        stream=_named("organisation", "code"),
    ),
    _k(
        "MoveOrganisation", events.OrganisationMoved, *EVERY, registry.move_fits,
        stream=_named("organisation", "code"),
    ),
    _k(
        "CloseOrganisation", events.OrganisationClosed, *EVERY, registry.close_fits,
        stream=_named("organisation", "code"),
    ),
    _k(
        "AdoptPolicy", events.PolicyAdopted, *STARTING, policies.policy_of_speaker, policies.policy_days_free,
        policies.policy_rules_once, policies.policy_codes_known,
        policies.policy_figures_sensible, stream=_named("policy", "union"),
    ),
    _k(
        "CloseYear", events.YearClosed, *EVERY, registry.year_can_close, stream=_named("years", "subtree"),
    ),
    _k(
        "OpenFund", events.FundOpened, *STARTING, money.fund_new, *BINDING,
        stream=_named("fund", "fund"),
    ),
    _k(
        "RecordGrant", events.GrantReceived, *STARTING, general.amount_positive, money.fund_known,
        money.speaker_owns_fund, *BINDING, money.under_ceiling,
        stream=_account, taken=_taken("grant"),
    ),
    _k(
        "WithdrawGrant", events.GrantWithdrawn, *SPEAKING, general.amount_positive, money.fund_known,
        money.speaker_owns_fund, money.grant_has_free_fen,
        stream=_account, taken=_taken("withdrawal"), extra=_draws,
    ),
    _k(
        "IssueAllocation", events.AllocationIssued, *STARTING, general.amount_positive, money.fund_known,
        money.child_fits, money.receivers_year_open, *BINDING, money.allocation_drawn,
        stream=_account, receiving=_child_account, taken=_taken("allocation"), extra=_draws,
        uses_policy=True,
    ),
    _k(
        "ConfirmAllocation", events.AllocationConfirmed, *SPEAKING, money.allocation_unconfirmed, stream=_account,
    ),
    _k(
        "ReturnAllocation", events.AllocationReturned, *SPEAKING, general.amount_positive, money.fund_known,
        money.receivers_year_open, money.allocation_has_free_fen,
        stream=_account, receiving=_issuer_account, taken=_taken("returned"), extra=_draws,
    ),
    _k(
        "SubmitRoster", events.RosterSubmitted, *STARTING, general.handler_named, money.fund_known,
        rosters.roster_sensible, rosters.occasion_in_force, rosters.campaign_well_formed,
        stream=_named("roster", "organisation", "roster"), taken=_taken("roster"),
        uses_policy=True,
    ),
    _k(
        "ApproveRoster", events.RosterApproved, *SPEAKING, general.handler_named, rosters.roster_open,
        rosters.approved_totals_true, rosters.approver_separate,
        stream=_named("roster", "organisation", "roster"), extra=_roster_approved,
    ),
    _k(
        "RejectRoster", events.RosterRejected, *SPEAKING, rosters.roster_open,
        stream=_named("roster", "organisation", "roster"), receiving=_roster_account,
        extra=_roster_rejected,
    ),
    _k(
        "RecordVisit", events.VisitMade, *STARTING, rosters.occasion_in_force, rosters.visitors_enough,
        payments.region_known,
        stream=_named("visits", "organisation"), taken=_taken("visit"), uses_policy=True,
    ),
    _k(
        "MakePayment", events.PaymentMade, *STARTING, general.handler_named, general.amount_positive,
        money.fund_known, payments.real_name_attested, payments.worker_attested,
        payments.recipient_separate, payments.form_complete, rosters.occasion_in_force,
        rosters.campaign_well_formed, payments.category_in_force, payments.under_caps,
        payments.not_twice_in_campaign, payments.evidence_given, payments.region_known,
        payments.roster_takes_it, payments.payment_drawn,
        stream=_account, taken=_taken("payment"), extra=_payment_made, uses_policy=True,
    ),
    _k(
        "ConfirmPayment", events.PaymentSettled, *SPEAKING, payment_states.payment_ordered, payment_states.means_proven,
        stream=_account, extra=_payment_was,
    ),
    _k(
        "BouncePayment", events.PaymentBounced, *SPEAKING, payment_states.payment_can_bounce,
        stream=_account, extra=_payment_was,
    ),
    _k(
        "ReversePayment", events.PaymentReversed, *SPEAKING, payment_states.payment_can_be_reversed,
        stream=_account, extra=_payment_was,
    ),
    _k(
        "RecordStatement", events.StatementRecorded, *SPEAKING, money.statement_sensible,
        stream=_named("statements", "organisation"), taken=_taken("statement"),
    ),
    _k(
        "ErasePerson", events.PersonErased, *SPEAKING, people.speaker_above, people.person_not_erased,
        people.retention_over,
        stream=_named("person", "person"),
    ),
    _k(
        "LinkPersons", events.PersonsLinked, *SPEAKING, people.speaker_above, people.two_persons,
        stream=_named("person", "person"),
    ),
    _k(
        "ReadIdentities", events.IdentitiesRead, *SPEAKING, people.reading_bounded,
        stream=_named("readings", "organisation"), taken=_taken("reading"),
    ),
)  # fmt: skip

KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _KINDS}
"""Kind of submission → what version 1 says about it."""
