"""A programme in which everything happens once: each of the 34 kinds of submission is accepted."""

from typing import Any

from doctored import under, version
from programme import (
    CITY,
    COUNTY,
    FUND,
    KINDS,
    OTHER_COUNTY,
    ROOT,
    TOWN,
    Programme,
    day,
    signer,
)

from admission.rules import v1
from domain import submissions as s
from domain.events import CheckpointKeyRotated
from domain.parts import StatementItem
from domain.units import Fen


def everything() -> Programme:
    """A county is funded, pays, mends what went wrong, and the registry around it changes."""
    given = Programme().funded()
    _money_moves(given)
    _rosters_are_decided(given)
    _payments_end(given)
    _people_are_looked_after(given)
    _registry_changes(given)
    _keys_change(given)
    return given


def under_one_key() -> Programme:
    """The same, up to the change of the checkpoint key."""
    found = everything()
    end = [type(verdict.event) for verdict in found.verdicts].index(CheckpointKeyRotated)
    found.verdicts, found.submitted = found.verdicts[:end], found.submitted[:end]
    return found


def _money_moves(given: Programme) -> None:
    granted = given.grant(500)
    given.do(
        s.WithdrawGrant, withdrawal=given.fresh(), fund=FUND, grant=granted.grant, amount_fen=100,
        document="样例〔2019〕3号",
    )  # fmt: skip
    given.policy(
        policy="样例县2019", union=TOWN, organisation=TOWN, confirm_arrival=True,
        roster_approval=True,
    )  # fmt: skip
    issued = given.allocate(COUNTY, TOWN, 1_000_000)
    given.do(
        s.ConfirmAllocation, organisation=TOWN, issuer=COUNTY, allocation=issued.allocation,
        fund=FUND,
    )  # fmt: skip
    given.do(
        s.ReturnAllocation, organisation=TOWN, returned=given.fresh(), issuer=COUNTY,
        allocation=issued.allocation, fund=FUND, amount_fen=50, document=None,
    )  # fmt: skip


def _rosters_are_decided(given: Programme) -> None:
    for number, approve in ((101, True), (102, False)):
        roster = given.roster(1, 100_000, organisation=TOWN).roster
        given.pay(number, organisation=TOWN, roster=roster, roster_row=1)
        if approve:
            given.do(
                s.ApproveRoster, organisation=TOWN, actor="p-staffccccqqqqqqqqqqqqqqq", roster=roster, count=1,
                amount_fen=100_000, approval_document="样例〔2019〕4号",
            )  # fmt: skip
        else:
            given.do(s.RejectRoster, organisation=TOWN, roster=roster, reason_code="TYPO")


def _payments_end(given: Programme) -> None:
    settled, bounced, reversed_ = (given.pay(number) for number in (103, 104, 105))
    named: dict[str, Any] = {"organisation": COUNTY, "fund": FUND, "document": None}
    given.do(s.ConfirmPayment, payment=settled.payment, means="SIGNATURE", **named)
    given.do(s.BouncePayment, payment=bounced.payment, reason_code="ACCOUNT_CLOSED", **named)
    given.do(s.ReversePayment, payment=reversed_.payment, reason_code="WRONG_PERSON", **named)


def _people_are_looked_after(given: Programme) -> None:
    given.do(
        s.RecordVisit, organisation=COUNTY, visit=given.fresh(), occasion="SPRING_FESTIVAL",
        visitors=["p-staffaaaaqqqqqqqqqqqqqqq", "p-staffbbbbqqqqqqqqqqqqqqq"], person="p-visitedqqqqqqqqqqqqqqqqq", work_region="632221",
        document=None,
    )  # fmt: skip
    given.do(
        s.RecordStatement, organisation=ROOT, statement=given.fresh(), programme="样例".encode().hex(),
        as_of=given.today, stated_sources_fen=500, stated_uses_fen=400, document=None,
        items=[
            StatementItem("SOURCE", "SRC3_OWN_UNION", None, None, Fen(500)),
            StatementItem("USE", "T2", 4, Fen(100), Fen(400)),
        ],
    )  # fmt: skip
    given.do(
        s.LinkPersons,
        organisation=COUNTY,
        person="p-firstqqqqqqqqqqqqqqqqqqq",
        other="p-secondqqqqqqqqqqqqqqqqqq",
        document=None,
    )
    given.do(
        s.ErasePerson,
        organisation=COUNTY,
        person="p-thirdqqqqqqqqqqqqqqqqqqq",
        reason_code="RETENTION_OVER",
    )
    given.do(
        s.ReadIdentities, organisation=COUNTY, reading=given.fresh(), persons=["p-firstqqqqqqqqqqqqqqqqqqq"],
        purpose="AUDIT", case="样例案1号",
    )  # fmt: skip


def _registry_changes(given: Programme) -> None:
    given.do(s.CloseYear, organisation=CITY, subtree=OTHER_COUNTY, year=2017)
    given.do(s.MoveOrganisation, given.operator, organisation=ROOT, code=OTHER_COUNTY, parent="63")
    given.do(s.CloseOrganisation, given.operator, organisation=ROOT, code=OTHER_COUNTY)
    given.policy(policy="P2020", valid_from=day("2020-01-01"), valid_to=None)


def _keys_change(given: Programme) -> None:
    op, county, new = given.operator, signer("county"), signer("county's next")
    given.publisher(county, COUNTY, KINDS)
    given.do(
        s.RotatePublisherKey, county, organisation=COUNTY, old_key=county.key, new_key=new.key,
        public_key=new.public_key,
    )  # fmt: skip
    given.do(s.RevokePublisher, op, organisation=COUNTY, key=new.key, reason_code="LEFT")
    given.do(s.RevokeVault, op, vault=given.vault.vault, reason_code="LOST")
    given.vault.vault = "00000000-0000-8000-8000-000000000002"
    given.do(s.RegisterVault, op, vault=given.vault.vault, public_key=given.vault.public_key)
    slip = given.pay(1, dossier="样例甲 1")
    given.do(
        s.RedactSubmission, op, original_position=given.verdicts[-1].position,
        original_digest=slip.submission_digest,
        reason_code="PLAIN_IDENTITY",
    )  # fmt: skip
    checks = signer("checkpoints")
    given.do(
        s.RotateCheckpointKey, op, old_key=op.key, new_key=checks.key, public_key=checks.public_key
    )
    given.operator = signer("next operator")
    given.do(
        s.RotateOperatorKey, op, old_key=op.key, new_key=given.operator.key,
        public_key=given.operator.public_key,
    )  # fmt: skip


def with_new_rules(given: Programme) -> Any:
    """The next version of the rules is adopted: the last kind, for what follows needs version 2."""
    two = version("two")
    under(given, v1=v1, v2=two)
    return given.do(s.AdoptRules, given.operator, adopted=2, lock_digest=two.LOCK)
