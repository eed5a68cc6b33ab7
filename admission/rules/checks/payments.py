"""Checks of payments: real name, category, caps, duplicates, dossier, roster, money."""

from collections.abc import Iterator
from typing import Final

from admission.case import Case
from admission.proofs import attested
from admission.rules.checks.general import division_on
from domain.calendar import year_of
from domain.codes import DOSSIER_CATEGORIES, FORMS, UNIT_CATEGORIES
from domain.free_fen import Bond
from domain.parts import Attestation
from domain.payment import HOLDING, receiving
from domain.refusals import Refusal
from domain.restriction import Use
from domain.roster import ROWS_MAX, Roster
from domain.signing import CHECK_DOCUMENT, CHECK_EMPLOYER, CHECK_NAME, REAL_NAME_CHECKS
from domain.suites import SUITE_BYTES
from domain.units import Fen

CHECK_NAMES: Final = (
    (CHECK_NAME, "NAME"), (CHECK_DOCUMENT, "DOCUMENT"), (CHECK_EMPLOYER, "EMPLOYER"),
)  # fmt: skip
GOODS_FORMS: Final = frozenset({"GOODS"})


def real_name_attested(case: Case) -> Iterator[Refusal]:
    """The active vault attested that the recipient's real-name checks passed."""
    submission = case.submission
    yield from _attested(case, "recipient", submission.person, submission.sealed)


def worker_attested(case: Case) -> Iterator[Refusal]:
    """If a relative receives, the worker is named, sealed and attested too, and the relation given."""
    submission = case.submission
    parts = (submission.worker, submission.kinship, submission.sealed_worker)
    if parts == (None, None, None):
        return
    if None in parts:
        yield Refusal("KIN_INCOMPLETE")
        return
    yield from _attested(
        case, "worker", submission.worker, submission.sealed_worker, CHECK_NAME | CHECK_DOCUMENT
    )


def _attested(
    case: Case, field: str, person: str, sealed: bytes, wanted: int = REAL_NAME_CHECKS
) -> Iterator[Refusal]:
    found = [a for a in case.attestations if a.field == field]
    if len(found) != 1:
        yield Refusal("NOT_ATTESTED", field=field, why="MISSING")
        return
    attestation = found[0]
    suite = case.state.get("suite")
    if not sealed or sealed[0] != SUITE_BYTES[suite]:
        yield Refusal("SEALED_OTHERWISE", field=field, suite=suite)
        return
    why = _wrong_attestation(case, attestation, person, sealed)
    if why:
        yield Refusal("NOT_ATTESTED", field=field, why=why)
        return
    lacking = [name for bit, name in CHECK_NAMES if wanted & bit and not attestation.checks & bit]
    if lacking:
        yield Refusal("REAL_NAME_INCOMPLETE", field=field, missing=",".join(lacking))


def _wrong_attestation(case: Case, attestation: Attestation, person: str, sealed: bytes) -> str:
    vault = case.state.get(f"vault/{attestation.vault}")
    if vault is None or case.state.get("active-vault") != attestation.vault:
        return "VAULT"
    genuine = attested(
        case.signatures, attestation=attestation, public_key=bytes.fromhex(vault[0]),
        ledger=case.ledger, organisation=case.submission.organisation,
        business_id=case.submission.payment, person=person, sealed=sealed,
    )  # fmt: skip
    return "" if genuine else "SIGNATURE"


def recipient_separate(case: Case) -> Iterator[Refusal]:
    """
    Who receives neither handled the payment, nor submitted or reviewed its roster.

    Nor did the proxy who collects for them, or the worker in whose name a relative receives.
    """
    submission, roster = case.submission, _roster(case)
    for role, person in receiving(submission):
        if case.same(submission.actor, person):
            yield Refusal("SAME_PERSON", roles=f"HANDLE,{role}")
        if roster is not None and case.same(roster.submitter, person):
            yield Refusal("SAME_PERSON", roles=f"SUBMIT,{role}")
        if roster is not None and case.same(roster.reviewer, person):
            yield Refusal("SAME_PERSON", roles=f"REVIEW,{role}")
    if case.person is not None and case.person.erased:
        yield Refusal("PERSON_ERASED")


def form_complete(case: Case) -> Iterator[Refusal]:
    """
    A known form; goods, also those beside money, are named and counted, and have a value.

    Money, goods and vouchers together are one payment: their value is in its amount.
    """
    submission = case.submission
    if submission.form not in FORMS:
        yield Refusal("FORM_UNKNOWN", form=submission.form)
    goods, quantity = submission.goods, submission.goods_quantity
    given = submission.form in GOODS_FORMS or goods is not None or quantity is not None
    if given and (goods is None or quantity is None or quantity < 1 or submission.amount_fen <= 0):
        yield Refusal("GOODS_WITHOUT_VALUE")
    spoken_of = submission.proxy is not None or submission.proxy_kinship is not None
    if spoken_of and None in {submission.proxy, submission.proxy_document}:
        yield Refusal("PROXY_WITHOUT_DOCUMENT")


def category_in_force(case: Case) -> Iterator[Refusal]:
    """Scheme, category and tier are those of the policy in force on the business day."""
    submission, policy = case.submission, case.policy
    if policy is None:
        return  # occasion_in_force says so
    if submission.scheme != policy.scheme:
        yield Refusal("SCHEME_NOT_IN_FORCE", scheme=submission.scheme, in_force=policy.scheme)
    elif submission.category not in policy.categories:
        yield Refusal("CATEGORY_NOT_IN_FORCE", category=submission.category)
    if policy.cap(submission.tier) is None:
        yield Refusal("TIER_NOT_IN_FORCE", tier=submission.tier)


def under_caps(case: Case) -> Iterator[Refusal]:
    """Not over the cap per payment, nor per person and calendar year, across all organisations."""
    submission, policy = case.submission, case.policy
    cap = policy.cap(submission.tier) if policy else None
    if cap is None:
        return
    if submission.amount_fen > cap.per_payment_fen:
        yield Refusal(
            "OVER_CAP_PER_PAYMENT", cap_fen=cap.per_payment_fen, asked_fen=submission.amount_fen
        )
    person = case.person
    year = year_of(submission.occurred_on)
    received = person.received_fen(submission.tier, year) if person else Fen(0)
    if received + submission.amount_fen > cap.per_year_fen:
        yield Refusal(
            "OVER_CAP_PER_YEAR", cap_fen=cap.per_year_fen, received_fen=received,
            asked_fen=submission.amount_fen, year=year,
        )  # fmt: skip


def not_twice_in_campaign(case: Case) -> Iterator[Refusal]:
    """Where the policy says once, one person receives once in a tier and campaign."""
    submission, policy = case.submission, case.policy
    occasion = policy.occasion(submission.occasion) if policy else None
    person = case.person
    if occasion is None or not occasion.once or person is None:
        return
    holder = person.holder(submission.tier, submission.campaign)
    if holder is not None:
        yield Refusal(
            "DUPLICATE_IN_CAMPAIGN", campaign=submission.campaign, original_position=holder
        )


def evidence_given(case: Case) -> Iterator[Refusal]:
    """C1 has a dossier number; all others one evidence document, C4–C7 the unit's for a roster."""
    submission = case.submission
    if submission.category in DOSSIER_CATEGORIES:
        if submission.dossier is None:
            yield Refusal("DOSSIER_MISSING")
        return
    if submission.evidence is not None:
        return
    roster = _roster(case)
    certified = roster is not None and roster.unit_certificate
    if submission.category not in UNIT_CATEGORIES or not certified:
        yield Refusal("EVIDENCE_MISSING", category=submission.category)


def region_known(case: Case) -> Iterator[Refusal]:
    """The place of work is a division in force on the business day."""
    region = case.submission.work_region
    if region is not None and not division_on(case, region):
        yield Refusal("DIVISION_UNKNOWN", division=region)


def _roster(case: Case) -> Roster | None:
    roster = case.submission.roster
    return None if roster is None else case.state.roster(case.submission.organisation, roster)


def roster_takes_it(case: Case) -> Iterator[Refusal]:
    """A payment of a roster fits it, in a row that no standing payment uses."""
    submission = case.submission
    if submission.roster is None:
        if case.policy is not None and case.policy.roster_approval:
            yield Refusal("ROSTER_REQUIRED")
        if submission.roster_row is not None:
            yield Refusal("FIELD_MALFORMED", field="roster_row")
        return
    roster = _roster(case)
    if roster is None:
        yield Refusal("ROSTER_UNKNOWN")
        return
    row = submission.roster_row
    if row is None or not 1 <= row <= roster.declared_count + ROWS_MAX:
        yield Refusal("FIELD_MALFORMED", field="roster_row")
        return
    yield from roster.refuse_payment(
        fund=submission.fund, campaign=submission.campaign, fen=submission.amount_fen,
        handler=submission.actor,
    )  # fmt: skip
    used = case.state.get(f"row/{submission.organisation}/{submission.roster}/{row}")
    standing = used and case.state.payment(submission.organisation, used)
    if standing and standing.state(roster) in HOLDING:
        yield Refusal("ROSTER_ROW_USED", row=row, original_position=standing.position)


def payment_drawn(case: Case) -> Iterator[Refusal]:
    """The restrictions admit the use and the fen are there; chooses the draws."""
    submission = case.submission
    if case.fund is None or submission.amount_fen <= 0:
        return
    use = Use(
        submission.work_region, submission.category, submission.tier, submission.occasion,
        submission.occurred_on,
    )  # fmt: skip
    part = case.fund.restriction.broken_by(use)
    if part is not None:
        yield Refusal("RESTRICTION_BROKEN", fund=submission.fund, part=part)
        return
    if case.account is None:
        yield Refusal(
            "INSUFFICIENT_BALANCE", asked_fen=submission.amount_fen, drawable_fen=0, free_fen=0
        )
        return

    def admits(bond: Bond) -> bool:
        return bond.confirmed and not any(r.broken_by(use) for r in bond.restrictions)

    chosen = case.account.choose(submission.amount_fen, case.bond, admits)
    if isinstance(chosen, Refusal):
        yield _why_not_drawn(case, use, chosen)
    else:
        case.draws = chosen


def _why_not_drawn(case: Case, use: Use, refusal: Refusal) -> Refusal:
    """Free fen that would be enough but may not be drawn: say what keeps them."""
    assert case.account is not None  # the caller looked
    if refusal.code == "TOO_FRAGMENTED" or case.account.free_fen < case.submission.amount_fen:
        return refusal
    for lot, bond in case.account.first_lots(case.bond):
        for bound in bond.restrictions:
            part = bound.broken_by(use)
            if part is not None:
                return Refusal("RESTRICTION_BROKEN", fund=case.submission.fund, part=part, lot=lot)
    return Refusal("ALLOCATION_NOT_CONFIRMED", **refusal.figures)
