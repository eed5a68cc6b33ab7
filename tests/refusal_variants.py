"""Refusals as scenes, continued: checks that give a code for which another check has a scene."""

from dataclasses import replace
from typing import Any

from programme import (
    CITY,
    COUNTY,
    FUND,
    KINDS,
    OTHER_COUNTY,
    PROVINCE,
    ROOT,
    TOWN,
    Programme,
    day,
    person,
    signer,
)
from refusal_scenes import (
    NEXT,
    Scene,
    approve,
    code_table,
    erase,
    first,
    handled,
    handler,
    key,
    opening,
    settle,
    union,
    visit,
)

from domain import submissions as s
from domain.parts import Key, Occasion, StatementItem
from domain.signing import CHECK_NAME
from domain.units import Fen
from vault.attesting import Statement, attest
from vault.vault import SealRequest

REGISTRARS: list[str] = [
    *KINDS, "MoveOrganisation", "CloseOrganisation", "RegisterOrganisation", "RotatePublisherKey",
    "RevokePublisher",
]  # fmt: skip
"""Kinds of a centre that keeps its own part of the registry."""


def _centre(p: Programme) -> Any:
    """The other county's own key."""
    made = signer("other county")
    p.publisher(made, OTHER_COUNTY, REGISTRARS)
    return made


def _people(p: Programme) -> Any:
    """The other county's key that may erase and link."""
    made = signer("people of the other county")
    p.publisher(made, OTHER_COUNTY, ["ErasePerson", "LinkPersons"])
    return made


def _register(p: Programme, by: Any, **fields: Any) -> Any:
    new = signer("new")
    defaults: dict[str, Any] = {
        "key": new.key, "public_key": new.public_key, "publisher_source": "test",
        "subtree": OTHER_COUNTY, "kinds": ["MakePayment"], "organisation": OTHER_COUNTY,
    }  # fmt: skip
    return p.do(s.RegisterPublisher, by, **(defaults | fields))


def _checkpoint(p: Programme, **fields: Any) -> Any:
    new = signer("checkpoints")
    defaults = {"old_key": p.operator.key, "new_key": new.key, "public_key": new.public_key}
    return p.do(s.RotateCheckpointKey, p.operator, **(defaults | fields))


def _revoke(p: Programme, ended: str, by: Any = None) -> Any:
    at = {} if by is None else {"organisation": OTHER_COUNTY}
    return p.do(s.RevokePublisher, by or p.operator, key=ended, reason_code="LEFT", **at)


def _take_over(p: Programme, kinds: list[str]) -> Any:
    """A key with few kinds replaces one with all of them."""
    few, county, new = signer("few"), signer("county"), signer("next")
    p.publisher(few, COUNTY, kinds)
    p.publisher(county, COUNTY)
    return p.do(
        s.RotatePublisherKey, few, organisation=COUNTY, old_key=county.key, new_key=new.key,
        public_key=new.public_key,
    )  # fmt: skip


def _move(p: Programme, by: Any = None, **fields: Any) -> Any:
    defaults = {"code": OTHER_COUNTY, "parent": ROOT}
    return p.do(s.MoveOrganisation, by or p.operator, **(defaults | fields))


def _close(p: Programme, by: Any = None, **fields: Any) -> Any:
    return p.do(s.CloseOrganisation, by or p.operator, **({"code": OTHER_COUNTY} | fields))


def _undo(p: Programme, kind: type[Any], payment: str) -> Any:
    return p.do(
        kind, organisation=COUNTY, payment=payment, fund=FUND, reason_code="WRONG", document=None
    )


def _kin(p: Programme, *, checks: int | None = None, **fields: Any) -> Any:
    """A relative receives; the worker was attested with some *checks*, or by nobody."""
    submission, attestations = p.payment(1)
    worker = p.vault.seal([SealRequest(COUNTY, submission.payment, "worker", person(2))])[0]
    kin = {"worker": worker.person, "kinship": "SPOUSE", "sealed_worker": worker.sealed}
    if checks is not None:
        told = Statement(COUNTY, submission.payment, "worker", worker.person, worker.sealed, checks)
        signed = attest(
            p.vault._keys.signer, [told], ledger=p.ledger, vault=p.vault.vault, sequence=99
        )
        attestations = [*attestations, *signed.attestations]
    return p.submit(replace(submission, **(kin | fields)), None, attestations)


def _foreign_attestation(p: Programme) -> Any:
    """The attestation of one payment beside another."""
    (one, _), (_, attestations) = p.payment(1), p.payment(2)
    return p.submit(one, None, attestations)


def _unknown_vault(p: Programme) -> Any:
    submission, _ = p.payment(1)
    told = Statement(
        COUNTY, submission.payment, "recipient", submission.person, submission.sealed, 7
    )
    signed = attest(p.vault._keys.signer, [told], ledger=p.ledger, vault=p.fresh(), sequence=1)
    return p.submit(submission, None, signed.attestations)


def _self_paid(p: Programme, duty: str) -> Any:
    submission, attestations = p.payment(1, amount_fen=100)
    if duty == "handle":
        return p.submit(replace(submission, actor=submission.person), None, attestations)
    roster = p.roster(1, 100, **{duty: submission.person}).roster
    return p.submit(replace(submission, roster=roster, roster_row=1), None, attestations)


def _approved_by(p: Programme, duty: str) -> Any:
    roster = p.roster(1, 100)
    paid = p.pay(1, amount_fen=100, roster=roster.roster, roster_row=1)
    actor = {"submitter": roster.actor, "reviewer": roster.reviewer, "recipient": paid.person}
    return approve(p, roster.roster, 1, 100, actor=actor[duty])


def _statement(p: Programme, *items: StatementItem) -> Any:
    return p.do(
        s.RecordStatement, statement=p.fresh(), programme="AA", as_of=p.today,
        stated_sources_fen=0, stated_uses_fen=0, document=None, items=list(items),
    )  # fmt: skip


def _broken_lot(p: Programme) -> Any:
    """Enough is free, but all of it is for another tier."""
    p.fund("T")
    p.grant(500, "T", tiers=["T1"])
    return p.pay(organisation=ROOT, fund="T", amount_fen=100, work_region=None)


def _divided(p: Programme) -> Any:
    """An allocation of money that no place below the child can use."""
    p.fund("R")
    p.grant(100, "R", regions=["110000"])
    return p.allocate(ROOT, PROVINCE, 100, "R")


def _confirm(p: Programme, **fields: Any) -> Any:
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "issuer": CITY, "allocation": p.fresh(), "fund": FUND,
    }  # fmt: skip
    return p.do(s.ConfirmAllocation, **(defaults | fields))


def _table(p: Programme, edition: str) -> Any:
    """The second chunk is of another edition."""
    return first(*(
        p.do(
            s.LoadCodes, p.operator, table="OTHER", edition=told, chunk=chunk, chunks=3,
            table_digest=bytes(32), entries=[],
        )
        for chunk, told in ((1, "1"), (2, edition))
    ))  # fmt: skip


VARIANTS: dict[str, tuple[str, Scene]] = {
    "checkpoint_key_known/unknown": ("KEY_UNKNOWN", lambda p: _checkpoint(p, old_key="0" * 32)),
    "checkpoint_key_known/malformed": ("KEY_MALFORMED", lambda p: _checkpoint(p, public_key=bytes(32))),
    "checkpoint_key_known/known": ("KEY_KNOWN", lambda p: _checkpoint(
        p, new_key=p.operator.key, public_key=p.operator.public_key)),
    "publisher_within/organisation": ("ORGANISATION_UNKNOWN", lambda p: key(p, subtree="999999")),
    "publisher_within/subtree": ("NOT_AUTHORISED", lambda p: _register(p, _centre(p), subtree=COUNTY)),
    "publisher_within/kinds": ("KINDS_NOT_ALLOWED", lambda p: _register(
        p, _centre(p), kinds=["RegisterSchema"])),
    "publisher_within/none": ("KINDS_NOT_ALLOWED", lambda p: key(p, kinds=[])),
    "publisher_within/source": ("FIELD_MALFORMED", lambda p: key(p, publisher_source="operator")),
    "publisher_key_active/unknown": ("KEY_UNKNOWN", lambda p: _revoke(p, "0" * 32)),
    "publisher_key_active/operator": ("KEY_UNKNOWN", lambda p: _revoke(p, p.operator.key)),
    "publisher_key_active/subtree": ("NOT_AUTHORISED", lambda p: _revoke(p, p.national.key, _centre(p))),
    "replaces_no_more_than_own": ("KINDS_NOT_ALLOWED", lambda p: _take_over(p, ["RotatePublisherKey"])),
    "authority/ended": ("NOT_AUTHORISED", lambda p: first(
        _revoke(p, p.national.key), p.pay())),
    "authority/kind": ("NOT_AUTHORISED", lambda p: p.do(s.AdoptRules, adopted=2, lock_digest=bytes(32))),
    "authority/organisation": ("NOT_AUTHORISED", lambda p: p.pay(by=_centre(p))),
    "log_well_opened/nonce": ("FIELD_MALFORMED", lambda p: opening(p, nonce=bytes(15))),
    "log_well_opened/origin": ("FIELD_MALFORMED", lambda p: opening(p, origin="a b")),
    "log_well_opened/keys": ("KEY_MALFORMED", lambda p: opening(
        p, checkpoint_keys=[Key(p.operator.key, bytes(32))])),
    "log_well_opened/lock": ("DIGEST_MISMATCH", lambda p: opening(p, lock_digest=bytes(32))),
    "vault_new": ("KEY_MALFORMED", lambda p: first(
        p.do(s.RevokeVault, p.operator, vault=p.vault.vault, reason_code="LOST"),
        p.do(s.RegisterVault, p.operator, vault=p.fresh(), public_key=bytes(31)))),
    "codes_in_order/edition": ("CHUNK_OUT_OF_ORDER", lambda p: _table(p, "2")),
    "organisation_new/root": ("PARENT_UNKNOWN", lambda p: union(p, parent=None, organisation="Z", code="Z")),
    "organisation_new/closed": ("ORGANISATION_CLOSED", lambda p: first(
        _close(p), union(p, parent=OTHER_COUNTY))),
    "organisation_new/subtree": ("NOT_AUTHORISED", lambda p: p.do(
        s.RegisterOrganisation, _centre(p), organisation=OTHER_COUNTY, code="N1", parent=CITY,
        name="样例工会", level="BASIC", division=None, uscc=None)),
    "move_fits/unknown": ("ORGANISATION_UNKNOWN", lambda p: _move(p, code="999999")),
    "move_fits/subtree": ("NOT_AUTHORISED", lambda p: _move(
        p, _centre(p), organisation=OTHER_COUNTY, code=TOWN, parent=OTHER_COUNTY)),
    "close_fits/closed": ("ORGANISATION_CLOSED", lambda p: first(_close(p), _close(p))),
    "close_fits/subtree": ("NOT_AUTHORISED", lambda p: _close(
        p, _centre(p), organisation=OTHER_COUNTY, code=COUNTY)),
    "policy_of_speaker": ("WRONG_OWNER", lambda p: p.policy(union=CITY)),
    "policy_rules_once/nothing": ("FIELD_MALFORMED", lambda p: p.policy(categories=[], **NEXT)),
    "policy_rules_once/occasion": ("RULED_TWICE", lambda p: p.policy(
        occasions_ruled=[Occasion("DAILY", once=flag) for flag in (True, False)], **NEXT)),
    "policy_codes_known/table": ("CATEGORY_UNKNOWN", lambda p: first(
        code_table(p, table="CATEGORIES:ACFTU-2025-3"),
        p.policy(scheme="ACFTU-2025-3", categories=["440000", "C4_HARSH_FRONTLINE"], **NEXT))),
    "policy_figures_sensible/days": ("OUT_OF_RANGE", lambda p: p.policy(publicity_days=367, **NEXT)),
    "year_can_close/closed": ("YEAR_CLOSED", lambda p: first(*(
        p.do(s.CloseYear, subtree=COUNTY, year=2018) for _ in range(2)))),
    "year_can_close/subtree": ("NOT_AUTHORISED", lambda p: p.do(
        s.CloseYear, _centre(p), organisation=OTHER_COUNTY, subtree=COUNTY, year=2018)),
    "fund_new/owner": ("WRONG_OWNER", lambda p: p.fund("NEW", owner=CITY)),
    "fund_new/ceiling": ("AMOUNT_NOT_POSITIVE", lambda p: p.fund("NEW", ceiling_fen=0)),
    "restriction_known/category": ("BAD_RESTRICTION", lambda p: p.allocate(COUNTY, TOWN, 1, categories=["FOO"])),
    "restriction_known/tier": ("BAD_RESTRICTION", lambda p: p.grant(1, tiers=["T9"])),
    "restriction_known/occasion": ("BAD_RESTRICTION", lambda p: p.grant(1, occasions=["SPRING"])),
    "year_open/before": ("YEAR_CLOSED", lambda p: first(
        p.do(s.CloseYear, subtree=ROOT, year=2017), p.grant(1, occurred_on=day("2016-05-01")))),
    "year_can_close/before": ("YEAR_CLOSED", lambda p: first(*(
        p.do(s.CloseYear, subtree=COUNTY, year=year) for year in (2018, 2017)))),
    "receivers_year_open/child": ("YEAR_CLOSED", lambda p: first(
        p.do(s.CloseYear, subtree=TOWN, year=2018),
        p.allocate(COUNTY, TOWN, 1, occurred_on=day("2018-12-31")))),
    "amount_positive/too much": ("AMOUNT_NOT_POSITIVE", lambda p: p.grant(10**13 + 1)),
    "child_fits/closed": ("ORGANISATION_CLOSED", lambda p: first(
        _close(p, code=TOWN), p.allocate(COUNTY, TOWN, 1))),
    "allocation_drawn/unreachable": ("INSUFFICIENT_BALANCE", _divided),
    "allocation_drawn/nothing": ("INSUFFICIENT_BALANCE", lambda p: first(
        p.fund("X"), p.allocate(CITY, OTHER_COUNTY, 1, "X"))),
    "allocation_unconfirmed/unknown": ("ALLOCATION_UNKNOWN", _confirm),
    "statement_sensible": ("FIELD_MALFORMED", _statement),
    "statement_sensible/side": ("FIELD_MALFORMED", lambda p: _statement(
        p, StatementItem("GIFT", "T2", None, None, Fen(1)))),
    "roster_sensible/amount": ("AMOUNT_NOT_POSITIVE", lambda p: p.roster(1, 0)),
    "roster_sensible/person": ("SAME_PERSON", lambda p: p.roster(1, 1, reviewer="p-staffaaaaqqqqqqqqqqqqqqq")),
    "roster_open/approve": ("ROSTER_UNKNOWN", lambda p: approve(p, p.fresh(), 1, 1)),
    "roster_open/reject": ("ROSTER_UNKNOWN", lambda p: p.do(
        s.RejectRoster, organisation=COUNTY, roster=p.fresh(), reason_code="TYPO")),
    "approver_separate/submitter": ("SAME_PERSON", lambda p: _approved_by(p, "submitter")),
    "approver_separate/reviewer": ("SAME_PERSON", lambda p: _approved_by(p, "reviewer")),
    "approver_separate/handler": ("SAME_PERSON", lambda p: approve(
        p, handled(p, 2)[0], 2, 200, actor=handler(2))),
    "approver_separate/recipient": ("SAME_PERSON", lambda p: _approved_by(p, "recipient")),
    "visitors_enough/person": ("SAME_PERSON", lambda p: visit(p, person="p-staffaaaaqqqqqqqqqqqqqqq")),
    "occasion_in_force/roster": ("OCCASION_UNKNOWN", lambda p: p.roster(
        1, 1, occasion="MAY_DAY", campaign="2019-MAY_DAY")),
    "real_name_attested/vault": ("NOT_ATTESTED", _unknown_vault),
    "real_name_attested/signature": ("NOT_ATTESTED", _foreign_attestation),
    "worker_attested": ("NOT_ATTESTED", _kin),
    "worker_attested/checks": ("REAL_NAME_INCOMPLETE", lambda p: _kin(p, checks=CHECK_NAME)),
    "recipient_separate/handle": ("SAME_PERSON", lambda p: _self_paid(p, "handle")),
    "recipient_separate/submit": ("SAME_PERSON", lambda p: _self_paid(p, "actor")),
    "recipient_separate/review": ("SAME_PERSON", lambda p: _self_paid(p, "reviewer")),
    "recipient_separate/proxy": ("SAME_PERSON", lambda p: p.pay(
        proxy="p-staffaaaaqqqqqqqqqqqqqqq", proxy_document="样例委托1号")),
    "recipient_separate/kin": ("SAME_PERSON", lambda p: first(
        worker := p.payment(2)[0].person, _kin(p, checks=7, actor=worker))),
    "recipient_separate/erased": ("PERSON_ERASED", lambda p: first(
        somebody := p.payment(1)[0].person, erase(p, somebody), p.pay(1))),
    "region_known/payment": ("DIVISION_UNKNOWN", lambda p: p.pay(work_region="540171")),
    "region_known/visit": ("DIVISION_UNKNOWN", lambda p: visit(p, work_region="540171")),
    "form_complete/beside money": ("GOODS_WITHOUT_VALUE", lambda p: p.pay(goods="RICE", goods_quantity=-3)),
    "evidence_given/unit": ("EVIDENCE_MISSING", lambda p: p.pay(
        category="C2_ILLNESS_DISASTER_ACCIDENT", evidence=None, amount_fen=100, roster_row=1,
        roster=p.roster(1, 100).roster)),
    "roster_takes_it/row alone": ("FIELD_MALFORMED", lambda p: p.pay(roster_row=1)),
    "roster_takes_it/no row": ("FIELD_MALFORMED", lambda p: p.pay(roster=p.roster(1, 100_000).roster)),
    "payment_drawn/lot": ("RESTRICTION_BROKEN", _broken_lot),
    "payment_drawn/nothing": ("INSUFFICIENT_BALANCE", lambda p: p.pay(organisation=OTHER_COUNTY)),
    "payment_drawn/too little": ("INSUFFICIENT_BALANCE", lambda p: first(
        p.allocate(COUNTY, TOWN, 10), p.pay(organisation=TOWN, amount_fen=11))),
    "payment_can_bounce": ("PAYMENT_UNKNOWN", lambda p: _undo(p, s.BouncePayment, p.fresh())),
    "payment_can_bounce/state": ("PAYMENT_STATE", lambda p: first(
        paid := p.pay().payment, _undo(p, s.ReversePayment, paid), _undo(p, s.BouncePayment, paid))),
    "payment_can_be_reversed": ("PAYMENT_UNKNOWN", lambda p: _undo(p, s.ReversePayment, p.fresh())),
    "payment_can_be_reversed/state": ("PAYMENT_STATE", lambda p: first(
        paid := p.pay().payment, _undo(p, s.BouncePayment, paid), _undo(p, s.ReversePayment, paid))),
    "means_proven/proxy": ("PROXY_WITHOUT_DOCUMENT", lambda p: settle(p, p.pay().payment, means="PROXY")),
    "texts_well_formed/token": ("FIELD_MALFORMED", lambda p: erase(p, "somebody")),
    "texts_well_formed/digits": ("FIELD_MALFORMED", lambda p: p.pay(evidence="632221190101010010")),
    "two_persons/same": ("PERSONS_LINKED", lambda p: p.do(
        s.LinkPersons, organisation=COUNTY, person="p-firstqqqqqqqqqqqqqqqqqqq", other="p-firstqqqqqqqqqqqqqqqqqqq", document=None)),
    "two_persons/erased": ("PERSON_ERASED", lambda p: first(
        erase(p, "p-firstqqqqqqqqqqqqqqqqqqq"), p.do(
            s.LinkPersons, organisation=COUNTY, person="p-secondqqqqqqqqqqqqqqqqqq", other="p-firstqqqqqqqqqqqqqqqqqqq", document=None))),
    "speaker_above": ("NOT_AUTHORISED", lambda p: p.do(
        s.LinkPersons, _people(p), organisation=OTHER_COUNTY, person=p.pay(1).person,
        other="p-secondqqqqqqqqqqqqqqqqqq", document=None)),
    "submission_redactable": ("DIGEST_MISMATCH", lambda p: p.do(
        s.RedactSubmission, p.operator, original_position=p.send(None, None).position,
        original_digest=bytes(32), reason_code="PLAIN_IDENTITY")),
    "year_can_close/early": ("FIELD_MALFORMED", lambda p: p.do(s.CloseYear, subtree=COUNTY, year=0)),
    "reading_bounded/many": ("READING_TOO_LARGE", lambda p: p.do(
        s.ReadIdentities, organisation=COUNTY, reading=p.fresh(), purpose="AUDIT", case="样例案1号",
        persons=["p-someoneqqqqqqqqqqqqqqqqq"] * 501)),
}  # fmt: skip
"""Check and circumstance → the code, and what happens."""
OPENINGS = {name for name in VARIANTS if name.startswith("log_well_opened/")}
"""Those in a ledger that was not opened yet."""
