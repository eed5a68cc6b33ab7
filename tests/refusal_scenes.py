"""
Refusals as scenes: what happens in a programme, and why its last submission is refused.

Each code has a scene, and so has every check of the rules; they are part of the golden history.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from doctored import raising, under, version
from programme import (
    CITY,
    COUNTY,
    FUND,
    KINDS,
    PROVINCE,
    ROOT,
    Programme,
    codes,
    day,
    signer,
)

from admission.rules import v1
from domain import events as e
from domain import submissions as s
from domain.code_table import table_digest
from domain.parts import Cap, CodeEntry, Key
from domain.roster import HANDLERS_MAX
from domain.signing import CHECK_DOCUMENT, CHECK_NAME
from domain.units import Fen
from schemas import codec, files
from vault.attesting import Statement, attest

NEXT: dict[str, Any] = {"policy": "P2020", "valid_from": day("2020-01-01"), "valid_to": None}
"""A policy behind the one in force."""
Scene = Callable[[Programme], Any]
"""What happens in a funded programme; the event of the last submission."""


def opening(p: Programme, **fields: Any) -> Any:
    """An OpenLog in a ledger that has nothing yet."""
    op = p.operator
    defaults: dict[str, Any] = {
        "log": "test", "origin": "example.org/test", "nonce": bytes(16), "suite": "INTL-1",
        "operator_keys": [Key(op.key, op.public_key)],
        "checkpoint_keys": [Key(op.key, op.public_key)], "first_rules": 1,
        "lock_digest": v1.LOCK,
    }  # fmt: skip
    event = p.do(s.OpenLog, op, **(defaults | fields))
    p.ledger = event.submission_digest
    return event


def schema(p: Programme, topic: str, text: str | None = None, **fields: Any) -> Any:
    """Registration of a schema; *text* in place of the committed one."""
    text = files.text(topic) if text is None else text
    defaults: dict[str, Any] = {
        "schema": topic, "fingerprint": files.fingerprint(topic), "text": text,
        "text_digest": sha256(text.encode()).digest(),
    }  # fmt: skip
    return p.do(s.RegisterSchema, p.operator, **(defaults | fields))


def code_table(p: Programme, **fields: Any) -> Any:
    """One table of one code, in one chunk."""
    entries = [CodeEntry("440000", "样例省", day("1990-01-01"), None)]
    defaults: dict[str, Any] = {
        "table": "OTHER", "edition": "1", "chunk": 1, "chunks": 1, "entries": entries,
        "table_digest": table_digest(entries),
    }  # fmt: skip
    return p.do(s.LoadCodes, p.operator, **(defaults | fields))


def union(p: Programme, **fields: Any) -> Any:
    """A new county union."""
    defaults: dict[str, Any] = {
        "organisation": ROOT, "code": "632299", "parent": CITY, "name": "样例县总工会",
        "level": "COUNTY", "division": None, "uscc": None,
    }  # fmt: skip
    return p.do(s.RegisterOrganisation, p.operator, **(defaults | fields))


def key(p: Programme, **fields: Any) -> Any:
    """A new publisher of the county."""
    new = signer("new")
    defaults: dict[str, Any] = {
        "key": new.key, "public_key": new.public_key, "publisher_source": "test",
        "subtree": COUNTY, "kinds": KINDS,
    }  # fmt: skip
    return p.do(s.RegisterPublisher, p.operator, **(defaults | fields))


def settle(p: Programme, payment: str, **fields: Any) -> Any:
    """A payment of the county is confirmed."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "payment": payment, "fund": FUND, "means": "SIGNATURE",
        "document": None,
    }  # fmt: skip
    return p.do(s.ConfirmPayment, **(defaults | fields))


def visit(p: Programme, **fields: Any) -> Any:
    """Two people visit a worker."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "visit": p.fresh(), "occasion": "SPRING_FESTIVAL",
        "visitors": ["p-staffaaaaqqqqqqqqqqqqqqq", "p-staffbbbbqqqqqqqqqqqqqqq"], "person": None, "work_region": None, "document": None,
    }  # fmt: skip
    return p.do(s.RecordVisit, **(defaults | fields))


def give_back(p: Programme, allocation: str, **fields: Any) -> Any:
    """The county returns what it got in an allocation."""
    defaults: dict[str, Any] = {
        "organisation": COUNTY, "returned": p.fresh(), "issuer": CITY, "allocation": allocation,
        "fund": FUND, "amount_fen": 1, "document": None,
    }  # fmt: skip
    return p.do(s.ReturnAllocation, **(defaults | fields))


def _allocation(p: Programme) -> str:
    """The last allocation that was issued."""
    issued = [v.event for v in p.verdicts if isinstance(v.event, e.AllocationIssued)]
    return str(issued[-1].allocation)


def _proof(p: Programme, value: bytes) -> bytes:
    return p.national.proofs([value], ledger=p.ledger)[0]


def _value(p: Programme) -> bytes:
    return codec.encode(p.make(s.CloseYear, subtree=COUNTY, year=2018))


def _failing(p: Programme) -> Any:
    under(p, v1=version("v1", CloseYear={"checks": (raising(ZeroDivisionError()),)}))
    return p.do(s.CloseYear, subtree=COUNTY, year=2018)


def _swollen(p: Programme) -> Any:
    grown = {"stream": lambda _: "x" * 70_000}
    under(p, v1=version("v1", CloseYear=grown))
    return p.do(s.CloseYear, subtree=COUNTY, year=2018)


def _fragments(p: Programme) -> Any:
    """A fund that holds 501 lots of one fen, and wants to pass on all of them at once."""
    p.fund("SMALL")
    for _ in range(501):
        p.grant(1, "SMALL")
    return p.allocate(ROOT, PROVINCE, 501, "SMALL")


def _deep(p: Programme) -> Any:
    """Unions below unions until the limit."""
    parent, event = COUNTY, None
    for level in range(32):
        event = union(p, code=f"D{level}", parent=parent, level="BASIC")
        if codes(event):
            break
        parent = f"D{level}"
    return event


def _opened_only(p: Programme) -> Programme:
    """The ledger is opened, and nothing else."""
    opening(p)
    return p


def sealed_by_the_other_suite(p: Programme) -> Any:
    """A payment whose vault sealed it under the suite that the ledger was not opened under."""
    submission, attestations = p.payment()
    return p.submit(replace(submission, sealed=b"\x02" + submission.sealed[1:]), None, attestations)


def erase(p: Programme, person: str) -> Any:
    """A name of the county is erased."""
    return p.do(s.ErasePerson, organisation=COUNTY, person=person, reason_code="RETENTION_OVER")


def _link(p: Programme, person: str, other: str) -> Any:
    return p.do(s.LinkPersons, organisation=COUNTY, person=person, other=other, document=None)


def approve(p: Programme, roster: str, count: int, fen: int, **fields: Any) -> Any:
    """The head of the county union approves a roster."""
    defaults: dict[str, Any] = {"organisation": COUNTY, "actor": "p-staffccccqqqqqqqqqqqqqqq"}
    return p.do(
        s.ApproveRoster, roster=roster, count=count, amount_fen=fen, approval_document=None,
        **(defaults | fields),
    )  # fmt: skip


def handled(p: Programme, people: int, **fields: Any) -> tuple[str, Any]:
    """A roster to which many people add a payment each; its id, and what became of the last one."""
    roster = p.roster(people, people * 100).roster
    paid = [
        p.pay(row, amount_fen=100, roster=roster, roster_row=row, actor=handler(row), **fields)
        for row in range(1, people + 1)
    ]
    return roster, paid[-1]


def handler(number: int) -> str:
    """The vault's id of somebody who handles payments."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return f"p-handler{letters[number // 26]}{letters[number % 26]}{'q' * 15}"


def _read(p: Programme, persons: list[str]) -> Any:
    return p.do(
        s.ReadIdentities, organisation=COUNTY, reading=p.fresh(), persons=persons,
        purpose="AUDIT", case="样例案1号",
    )  # fmt: skip


def first(*events: Any) -> Any:
    """The last of several things that happened."""
    return events[-1]


def _twice(p: Programme, submission: Any, **changed: Any) -> Any:
    p.submit(submission)
    for name, value in changed.items():
        setattr(submission, name, value)
    return p.submit(submission)


def rotate(p: Programme, cls: type[Any], old: str, **fields: Any) -> Any:
    """The operator replaces a key."""
    new = signer("next")
    defaults = {"old_key": old, "new_key": new.key, "public_key": new.public_key}
    return p.do(cls, p.operator, **(defaults | fields))


def _unattested(p: Programme, **fields: Any) -> Any:
    submission, _ = p.payment(1, **fields)
    return p.submit(submission)


def _employer_unchecked(p: Programme) -> Any:
    submission, _ = p.payment(1)
    statement = Statement(
        submission.organisation, submission.payment, "recipient", submission.person,
        submission.sealed, CHECK_NAME | CHECK_DOCUMENT,
    )  # fmt: skip
    signed = attest(
        p.vault._keys.signer, [statement], ledger=p.ledger, vault=p.vault.vault, sequence=99
    )
    return p.submit(submission, None, signed.attestations)


UNOPENED = {"LOG_NOT_OPEN", "RULES_UNKNOWN", "SCHEMA_NOT_REGISTERED", "SUITE_UNKNOWN"}
"""Refusals in a ledger that was not opened yet; every other scene has a county with money."""
REFUSED: dict[str, Scene] = {
    "EMPTY_VALUE": lambda p: p.send(None, None).event,
    "OVERSIZED": lambda p: p.send(bytes(32_769), None).event,
    "NOT_AVRO": lambda p: p.send(b"payment", None).event,
    "UNKNOWN_SCHEMA": lambda p: p.send(b"\xc3\x01" + bytes(8), None).event,
    "NOT_CANONICAL": lambda p: p.send(_value(p) + b"\0", None).event,
    "PROOF_MISSING": lambda p: p.send(_value(p), None).event,
    "PROOF_DOUBLED": lambda p: p.send(v := _value(p), _proof(p, v), 2).event,
    "PROOF_MALFORMED": lambda p: p.send(_value(p), b"signed").event,
    "SIGNATURE_WRONG": lambda p: p.send(_value(p), _proof(p, _value(p))).event,
    "NOT_AUTHORISED": lambda p: p.pay(by=signer("stranger")),
    "LOG_NOT_OPEN": lambda p: p.do(s.CloseYear, subtree=COUNTY, year=2018),
    "LOG_ALREADY_OPEN": opening,
    "RULES_UNKNOWN": lambda p: opening(p, first_rules=0),
    "RULES_NOT_NEXT": lambda p: p.do(
        s.AdoptRules, p.operator, adopted=3, lock_digest=bytes(32)
    ),
    "RULE_FAILED": _failing,
    "EVENT_TOO_LARGE": _swollen,
    "SCHEMA_NOT_REGISTERED": lambda p: code_table(_opened_only(p)),
    "SCHEMA_DIFFERS": lambda p: schema(
        p, "hengwen.CloseYear", files.text("hengwen.CloseYear").replace("年结", "年终结清")
    ),
    "SCHEMA_KNOWN": lambda p: schema(p, "hengwen.CloseYear"),
    "SCHEMA_MALFORMED": lambda p: schema(p, "hengwen.CloseYear", "{}", fingerprint=bytes(8)),
    "SUBMISSION_ID_REUSED": lambda p: _twice(
        p, p.make(s.CloseYear, subtree=COUNTY, year=2018), year=2017
    ),
    "ALREADY_RECORDED": lambda p: first(
        made := p.pay(1), p.pay(2, payment=made.payment)
    ),
    "FIELD_MALFORMED": lambda p: p.pay(dossier="六二二二\n"),
    "FUTURE_DATE": lambda p: p.pay(occurred_on=p.today + 2),
    "YEAR_CLOSED": lambda p: first(
        p.do(s.CloseYear, subtree=COUNTY, year=2018), p.pay(occurred_on=day("2018-12-31"))
    ),
    "YEAR_NOT_OVER": lambda p: p.do(s.CloseYear, subtree=COUNTY, year=2019),
    "DIGEST_MISMATCH": lambda p: code_table(p, table_digest=bytes(32)),
    "SUITE_UNKNOWN": lambda p: opening(p, suite="ROT13"),
    "KEY_MALFORMED": lambda p: key(p, key=signer("other").key),
    "KEY_KNOWN": lambda p: key(p, key=p.national.key, public_key=p.national.public_key),
    "POSITION_UNKNOWN": lambda p: p.do(
        s.RedactSubmission, p.operator, original_position=10**6, original_digest=bytes(32),
        reason_code="PLAIN_IDENTITY",
    ),
    "NOT_REDACTABLE": lambda p: p.do(
        s.RedactSubmission, p.operator, original_position=1, original_digest=p.ledger,
        reason_code="PLAIN_IDENTITY",
    ),
    "SEALED_OTHERWISE": sealed_by_the_other_suite,
    "KEY_UNKNOWN": lambda p: rotate(p, s.RotateOperatorKey, p.national.key),
    "KINDS_NOT_ALLOWED": lambda p: key(p, kinds=["AdoptRules"]),
    "VAULT_ACTIVE": lambda p: p.do(
        s.RegisterVault, p.operator, vault=p.fresh(), public_key=bytes(32)
    ),
    "VAULT_KNOWN": lambda p: first(
        p.do(s.RevokeVault, p.operator, vault=p.vault.vault, reason_code="LOST"),
        p.do(
            s.RegisterVault, p.operator, vault=p.vault.vault, public_key=p.vault.public_key
        ),
    ),
    "VAULT_UNKNOWN": lambda p: p.do(
        s.RevokeVault, p.operator, vault=p.fresh(), reason_code="LOST"
    ),
    "CHUNK_OUT_OF_ORDER": lambda p: code_table(p, chunk=2, chunks=2),
    "CODE_USED": lambda p: union(p, code=COUNTY),
    "PARENT_UNKNOWN": lambda p: union(p, parent="999999"),
    "ORGANISATION_UNKNOWN": lambda p: p.allocate(COUNTY, "999999", 1),
    "ORGANISATION_CLOSED": lambda p: first(
        p.do(s.CloseOrganisation, p.operator, organisation=COUNTY, code=COUNTY), p.pay()
    ),
    "LEVEL_UNKNOWN": lambda p: union(p, level="GALAXY"),
    "DIVISION_UNKNOWN": lambda p: union(p, division="999999"),
    "USCC_WRONG": lambda p: union(p, uscc="135301030151196370"),
    "TOO_DEEP": _deep,
    "CYCLE": lambda p: p.do(
        s.MoveOrganisation, p.operator, organisation=ROOT, code=PROVINCE, parent=COUNTY
    ),
    "POLICY_OVERLAP": lambda p: p.policy(policy="P2019-2"),
    "POLICY_KNOWN": lambda p: p.policy(
        valid_from=day("2020-01-01"), valid_to=day("2020-12-31")
    ),
    "SCHEME_UNKNOWN": lambda p: p.policy(scheme="ACFTU-1999-1", **NEXT),
    "CATEGORY_UNKNOWN": lambda p: p.policy(categories=["N01_LOW_INCOME"], **NEXT),
    "TIER_UNKNOWN": lambda p: p.policy(caps=[Cap("T9", Fen(1), Fen(1))], **NEXT),
    "RULED_TWICE": lambda p: p.policy(
        caps=[Cap("T2", Fen(1), Fen(1)), Cap("T2", Fen(2), Fen(2))], **NEXT
    ),
    "CAP_OUT_OF_RANGE": lambda p: p.policy(caps=[Cap("T2", Fen(0), Fen(1))], **NEXT),
    "OUT_OF_RANGE": lambda p: p.policy(visitors_min=-1, **NEXT),
    "PERIOD_EMPTY": lambda p: p.policy(
        policy="P2020", valid_from=day("2020-01-02"), valid_to=day("2020-01-01")
    ),
    "NO_POLICY": lambda p: p.pay(occurred_on=day("2018-11-30")),
    "FUND_KNOWN": lambda p: p.fund(),
    "FUND_UNKNOWN": lambda p: p.pay(fund="NONE"),
    "SOURCE_UNKNOWN": lambda p: p.fund("NEW", fund_source="SRC7"),
    "WRONG_OWNER": lambda p: p.grant(1, organisation=PROVINCE),
    "BAD_RESTRICTION": lambda p: p.fund("NEW", regions=["QINGHAI"]),
    "RESTRICTION_EMPTY": lambda p: p.fund(
        "NEW", usable_from=day("2019-02-02"), usable_to=day("2019-02-01")
    ),
    "RESTRICTION_OVER": lambda p: p.allocate(
        COUNTY, "632221-T1", 1, usable_to=day("2010-01-01")
    ),
    "AMOUNT_NOT_POSITIVE": lambda p: p.pay(amount_fen=0),
    "OVER_CEILING": lambda p: first(p.fund("NEW", ceiling_fen=9), p.grant(10, "NEW")),
    "GRANT_UNKNOWN": lambda p: p.do(
        s.WithdrawGrant, withdrawal=p.fresh(), fund=FUND, grant=p.fresh(), amount_fen=1,
        document=None,
    ),
    "NOT_A_CHILD": lambda p: p.allocate(ROOT, COUNTY, 1),
    "ALLOCATION_KIND_UNKNOWN": lambda p: p.allocate(
        COUNTY, "632221-T1", 1, allocation_kind="GIFT"
    ),
    "ALLOCATION_UNKNOWN": lambda p: give_back(p, p.fresh()),
    "ALLOCATION_CONFIRMED": lambda p: p.do(
        s.ConfirmAllocation, organisation=COUNTY, issuer=CITY, allocation=_allocation(p), fund=FUND
    ),
    "ALLOCATION_NOT_CONFIRMED": lambda p: first(
        p.policy(policy="C", union=COUNTY, organisation=COUNTY, confirm_arrival=True),
        p.grant(100),
        p.allocate(ROOT, PROVINCE, 100), p.allocate(PROVINCE, CITY, 100),
        p.allocate(CITY, COUNTY, 100),
        p.allocate(COUNTY, "632221-T1", 10_000_000),
        p.pay(amount_fen=100),
    ),
    "RESTRICTION_UNREACHABLE": lambda p: first(
        p.fund("BEIJING", regions=["110000"]), p.grant(9, "BEIJING"),
        p.allocate(ROOT, PROVINCE, 9, "BEIJING"),
    ),
    "RESTRICTIONS_EXCLUDE": lambda p: first(
        p.fund("TWO"), p.grant(9, "TWO", tiers=["T1"]), p.grant(9, "TWO", tiers=["T2"]),
        p.allocate(ROOT, PROVINCE, 10, "TWO"),
    ),
    "INSUFFICIENT_BALANCE": lambda p: p.allocate(COUNTY, "632221-T1", 10_000_001),
    "INSUFFICIENT_FREE_FEN": lambda p: give_back(p, _allocation(p), amount_fen=10_000_001),
    "TOO_FRAGMENTED": _fragments,
    "RESTRICTION_BROKEN": lambda p: first(p.fund("T", tiers=["T1"]), p.pay(fund="T")),
    "OCCASION_UNKNOWN": lambda p: p.pay(occasion="MAY_DAY", campaign="2019-MAY_DAY"),
    "CAMPAIGN_MALFORMED": lambda p: p.pay(campaign="2021-SPRING_FESTIVAL"),
    "ROSTER_TOO_LARGE": lambda p: p.roster(10_001, 1),
    "ROSTER_UNKNOWN": lambda p: p.pay(roster=p.fresh(), roster_row=1),
    "ROSTER_STATE": lambda p: first(
        roster := p.roster(1, 100).roster,
        p.do(s.RejectRoster, organisation=COUNTY, roster=roster, reason_code="WRONG"),
        p.pay(amount_fen=100, roster=roster, roster_row=1),
    ),
    "ROSTER_DIFFERS": lambda p: first(
        roster := p.roster(1, 100, campaign="2019-NEW_YEAR", occasion="NEW_YEAR").roster,
        p.pay(amount_fen=100, roster=roster, roster_row=1),
    ),
    "ROSTER_REQUIRED": lambda p: first(
        p.policy(policy="A", union=COUNTY, organisation=COUNTY, roster_approval=True), p.pay()
    ),
    "ROSTER_ROW_USED": lambda p: first(
        roster := p.roster(2, 200).roster,
        p.pay(1, amount_fen=100, roster=roster, roster_row=1),
        p.pay(2, amount_fen=100, roster=roster, roster_row=1),
    ),
    "ROSTER_TOTALS_EXCEEDED": lambda p: p.pay(
        amount_fen=101, roster=p.roster(1, 100).roster, roster_row=1
    ),
    "ROSTER_HANDLERS": lambda p: handled(p, HANDLERS_MAX + 1)[1],
    "TOTALS_DIFFER": lambda p: approve(p, p.roster(1, 100).roster, 1, 100),
    "TOO_FEW_VISITORS": lambda p: visit(p, visitors=["p-staffaaaaqqqqqqqqqqqqqqq", "p-staffaaaaqqqqqqqqqqqqqqq"]),
    "SAME_PERSON": lambda p: approve(p, p.roster(1, 100).roster, 0, 0, actor="p-staffaaaaqqqqqqqqqqqqqqq"),
    "HANDLER_MISSING": lambda p: p.pay(actor=None),
    "NOT_ATTESTED": _unattested,
    "REAL_NAME_INCOMPLETE": _employer_unchecked,
    "KIN_INCOMPLETE": lambda p: p.pay(kinship="SPOUSE"),
    "FORM_UNKNOWN": lambda p: p.pay(form="COWRIES"),
    "GOODS_WITHOUT_VALUE": lambda p: p.pay(form="GOODS"),
    "PROXY_WITHOUT_DOCUMENT": lambda p: p.pay(proxy="p-helperqqqqqqqqqqqqqqqqqq"),
    "SCHEME_NOT_IN_FORCE": lambda p: p.pay(scheme="ACFTU-2020-10"),
    "CATEGORY_NOT_IN_FORCE": lambda p: p.pay(category="N01_LOW_INCOME"),
    "TIER_NOT_IN_FORCE": lambda p: p.pay(tier="T5"),
    "OVER_CAP_PER_PAYMENT": lambda p: p.pay(amount_fen=300_001),
    "OVER_CAP_PER_YEAR": lambda p: first(
        *(
            p.pay(1, amount_fen=300_000, occasion=o, campaign=f"2019-{o}")
            for o in ("SPRING_FESTIVAL", "NEW_YEAR", "DAILY")
        )
    ),
    "DUPLICATE_IN_CAMPAIGN": lambda p: first(p.pay(1), p.pay(1)),
    "DOSSIER_MISSING": lambda p: p.pay(category="C1_REGISTERED_HARDSHIP"),
    "EVIDENCE_MISSING": lambda p: p.pay(evidence=None),
    "PAYMENT_UNKNOWN": lambda p: settle(p, p.fresh()),
    "PAYMENT_STATE": lambda p: first(
        payment := p.pay().payment, settle(p, payment), settle(p, payment)
    ),
    "MEANS_UNKNOWN": lambda p: settle(p, p.pay().payment, means="PIGEON"),
    "RECEIPT_MISSING": lambda p: settle(p, p.pay().payment, means="BANK"),
    "PERSON_ERASED": lambda p: first(erase(p, "p-firstqqqqqqqqqqqqqqqqqqq"), erase(p, "p-firstqqqqqqqqqqqqqqqqqqq")),
    "RETENTION_RUNS": lambda p: erase(p, p.pay(1).person),
    "PERSONS_LINKED": lambda p: first(_link(p, "p-firstqqqqqqqqqqqqqqqqqqq", "p-secondqqqqqqqqqqqqqqqqqq"), _link(p, "p-secondqqqqqqqqqqqqqqqqqq", "p-firstqqqqqqqqqqqqqqqqqqq")),
    "READING_TOO_LARGE": lambda p: _read(p, []),
}  # fmt: skip
