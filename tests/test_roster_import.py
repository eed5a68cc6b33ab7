"""Importing rosters: what is published, repeated, left out; against the real rules."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import pytest
from programme import COUNTY, funded
from roster_samples import LEDGER, ROWS, TODAY, checked, person, xlsx

from app.rehearsal import Rehearsal
from domain.events import PaymentMade, RosterSubmitted, SubmissionRepeated, VisitMade
from domain.merkle import leaf_hash, root_hash
from domain.parts import LeftOut
from publishers.client import Signable
from publishers.memory_vault import MemoryVault
from publishers.roster.assembling import seal_roster
from publishers.roster.importing import Importer, ImportPlan, Outcome

COUNT = {"控制人数": 3}


class Centre:
    """A county centre that imports rosters into a ledger in memory."""

    def __init__(self, fen: int = 10_000_000) -> None:
        self.programme = funded(fen)

    def plan(self, data: bytes, **options: Any) -> ImportPlan:
        """The plan of an import, with a dry run on current state."""
        roster = checked(data)
        self.programme.save()
        rows = dict(self.programme.rows)

        def load(keys: list[str]) -> Mapping[str, bytes]:
            return {key: rows[key] for key in keys if key in rows}

        return Importer(
            checked=roster,
            roster=seal_roster(roster, self.programme.vault),
            vault=self.programme.vault,
            dry_run=Rehearsal(
                load, self.programme.national, ledger=self.programme.ledger,
                clock_us=lambda: self.programme.at,
            ),
            recorded=lambda position: self.programme.verdicts[position - 1].event,
            **options,
        ).plan()  # fmt: skip

    def publish(self, signables: Sequence[Signable]) -> list[Any]:
        """Submit; the events."""
        return [self.programme.submit(s.submission, None, s.attestations) for s in signables]

    def import_(self, data: bytes, **options: Any) -> list[Any]:
        """Plan and publish; the events."""
        return self.publish(self.plan(data, **options).submissions)

    @property
    def paid_fen(self) -> int:
        """All that was ever paid out."""
        events = [verdict.event for verdict in self.programme.verdicts]
        return sum(e.amount_fen for e in events if isinstance(e, PaymentMade))


def test_a_roster_becomes_visits_an_announcement_and_payments_that_are_all_accepted() -> None:
    """In this order, with declared totals, a root over the payment ids, and the way to each row."""
    centre = Centre()
    events = centre.import_(xlsx())

    assert [type(e) for e in events] == [VisitMade] * 2 + [RosterSubmitted] + [PaymentMade] * 2
    visit, _, roster, payment, other = events
    ids = [bytes.fromhex(p.payment.replace("-", "")) for p in (payment, other)]
    assert (roster.declared_count, roster.declared_fen) == (2, 150_000)
    assert roster.payments_root == root_hash([leaf_hash(i) for i in ids])
    assert (payment.visit, payment.roster, payment.roster_row) == (visit.visit, roster.roster, 3)
    assert payment.person == visit.person
    assert len(visit.visitors) == 2
    assert roster.actor != roster.reviewer


def test_a_first_import_tries_the_rules_once() -> None:
    """Ten thousand rows are decided once, not three times."""
    asked = []
    roster = checked(xlsx())
    vault = MemoryVault(LEDGER, today=TODAY)

    def dry_run(signables: Sequence[Signable]) -> list[list[Any]]:
        asked.append(len(signables))
        return [[] for _ in signables]

    plan = Importer(
        checked=roster, roster=seal_roster(roster, vault), vault=vault, dry_run=dry_run
    ).plan()

    assert asked == [5]
    assert len(plan.submissions) == 5


def test_the_same_file_again_publishes_nothing_and_reports_what_was_paid() -> None:
    """The second import finds every row recorded."""
    centre = Centre()
    centre.import_(xlsx())
    again = centre.plan(xlsx())

    assert again.submissions == []
    assert not again.blocked
    assert again.count(Outcome.ALREADY_PAID) == 2
    assert [p.code for p in again.problems] == ["ALREADY_PAID"] * 2
    assert centre.paid_fen == 150_000


def test_two_imports_of_one_file_at_once_pay_once() -> None:
    """Both see nothing recorded, and admission answers the second with the first."""
    centre = Centre()
    first, second = centre.plan(xlsx()), centre.plan(xlsx())
    centre.publish(first.submissions)
    answers = centre.publish(second.submissions)

    assert [type(e) for e in answers] == [SubmissionRepeated] * 5
    assert centre.paid_fen == 150_000


def test_without_a_dry_run_a_repeated_file_gives_the_same_submissions() -> None:
    """Byte for byte: ids, sealed identities and order depend on the file alone."""
    centre = Centre()
    vault = centre.programme.vault
    plans = [
        Importer(
            checked=checked(data), roster=seal_roster(checked(data), vault), vault=vault
        ).plan()
        for data in (xlsx(), xlsx())
    ]

    assert [s.submission for s in plans[0].submissions] == [
        s.submission for s in plans[1].submissions
    ]


@pytest.mark.parametrize("sent", range(6))
def test_an_import_killed_at_any_point_goes_on_where_it_was(sent: int) -> None:
    """What was published stays, the rest follows into the same roster, nothing comes twice."""
    centre = Centre()
    centre.publish(centre.plan(xlsx()).submissions[:sent])
    events = centre.import_(xlsx())
    rosters = {e.roster for v in centre.programme.verdicts
               if isinstance(e := v.event, PaymentMade)}  # fmt: skip

    assert len(events) == 5 - sent
    assert centre.paid_fen == 150_000
    assert len(rosters) == 1


def test_one_refusal_in_the_dry_run_publishes_nothing() -> None:
    """All or nothing: the row, the code and the figures are told, in both languages."""
    centre = Centre()
    data = xlsx([ROWS[0], person(2, **{"慰问金(元)": 3000.01})], batch={"控制金额(元)": 4000.01})
    plan = centre.plan(data)

    assert plan.blocked
    assert plan.submissions == []
    assert plan.outcomes[4] is Outcome.REFUSED
    assert [(p.row, p.figures["refusal"]) for p in plan.problems] == [(4, "OVER_CAP_PER_PAYMENT")]


def test_a_balance_that_covers_part_of_a_roster_publishes_nothing() -> None:
    """The dry run counts what the rows before have drawn."""
    centre = Centre(fen=120_000)
    plan = centre.plan(xlsx())

    assert plan.blocked
    assert [(p.row, p.figures["refusal"]) for p in plan.problems] == [(4, "INSUFFICIENT_BALANCE")]


def test_accepting_good_rows_is_explicit_and_recorded() -> None:
    """Errors of the file and refusals of the rules are left out; the roster says which and why."""
    centre = Centre()
    rows = [
        ROWS[0],
        person(2, 证件号码="110105194912310021", **{"慰问金(元)": 500}),
        person(3, **{"慰问金(元)": 3000.01}),
    ]
    data = xlsx(rows, batch={**COUNT, "控制金额(元)": 4500.01})
    blocked = centre.plan(data)
    events = centre.import_(data, accept_good_rows=True)
    roster = next(e for e in events if isinstance(e, RosterSubmitted))

    assert blocked.blocked
    assert roster.left_out == [LeftOut(4, "ID_CHECKSUM"), LeftOut(5, "OVER_CAP_PER_PAYMENT")]
    assert (roster.declared_count, roster.declared_fen, centre.paid_fen) == (1, 100_000, 100_000)


def test_good_rows_are_not_accepted_when_the_totals_of_the_file_differ() -> None:
    """A wrong control total may mean missing rows; no row can be left out for that."""
    centre = Centre()
    plan = centre.plan(xlsx(batch={"控制人数": 5}), accept_good_rows=True)

    assert plan.blocked
    assert plan.submissions == []


def test_good_rows_are_not_accepted_when_an_amount_hides_the_sum_of_the_file() -> None:
    """Whatever is left out, the control sum was never compared."""
    centre = Centre()
    hidden = xlsx([person(1), person(2, **{"慰问金(元)": "约500"})])

    assert centre.plan(hidden, accept_good_rows=True).blocked
    assert [p.code for p in checked(hidden).file_errors] == ["SUM_UNKNOWN"]


def test_a_corrected_file_pays_the_rest_once() -> None:
    """Rows paid before are reported 已入账, the corrected one is paid, in a roster of its own."""
    centre = Centre()
    wrong = [*ROWS, person(3, 证件号码="110105194912310021")]
    right = [*ROWS, person(3)]
    totals = {**COUNT, "控制金额(元)": 2500}
    centre.import_(xlsx(wrong, batch=totals), accept_good_rows=True)
    plan = centre.plan(xlsx(list(reversed(right)), batch=totals))
    events = centre.publish(plan.submissions)

    assert plan.count(Outcome.ALREADY_PAID) == 2
    assert plan.count(Outcome.PUBLISH) == 1
    assert (plan.paid_fen, plan.publish_fen) == (150_000, 100_000)
    assert [type(e) for e in events] == [VisitMade, RosterSubmitted, PaymentMade]
    assert centre.paid_fen == 250_000


def test_a_corrected_amount_of_a_paid_row_is_told_and_not_paid_again() -> None:
    """The payment is the person's in this batch, whatever else changed in its row."""
    centre = Centre()
    centre.import_(xlsx())
    changed = [person(1, **{"慰问金(元)": 1200}, 联系电话="13900000000"), ROWS[1]]
    plan = centre.plan(xlsx(changed, batch={"控制金额(元)": 1700}))

    assert plan.submissions == []
    assert [p.code for p in plan.problems] == ["ALREADY_PAID_OTHERWISE", "ALREADY_PAID"]


def test_what_was_refused_stays_refused_until_a_new_attempt() -> None:
    """Repeating gives the first result; another attempt is decided anew, for those rows only."""
    centre = Centre(fen=120_000)
    roster = checked(xlsx())
    vault = centre.programme.vault
    blind = Importer(checked=roster, roster=seal_roster(roster, vault), vault=vault).plan()
    centre.publish(blind.submissions)
    centre.programme.grant(50_000)
    for giver, child in (("G", "63"), ("63", "6322"), ("6322", COUNTY)):
        centre.programme.allocate(giver, child, 50_000)
    again = centre.plan(xlsx())
    anew = centre.plan(xlsx(), attempt=2)

    assert [o for _, o in sorted(again.outcomes.items())] == [
        Outcome.ALREADY_PAID, Outcome.REFUSED_BEFORE,
    ]  # fmt: skip
    assert again.submissions == []
    assert [type(e) for e in centre.publish(anew.submissions)] == [PaymentMade]
    assert centre.paid_fen == 150_000


def test_rows_left_out_for_the_rules_can_follow_when_the_cause_is_gone() -> None:
    """The first roster declared fewer; the late row goes into the next of its series."""
    centre = Centre(fen=120_000)
    first = centre.import_(xlsx(), accept_good_rows=True)
    centre.programme.grant(50_000)
    for giver, child in (("G", "63"), ("63", "6322"), ("6322", COUNTY)):
        centre.programme.allocate(giver, child, 50_000)
    later = centre.import_(xlsx())

    assert [type(e) for e in later if not isinstance(e, VisitMade)] == [
        RosterSubmitted,
        PaymentMade,
    ]
    assert {e.roster for e in first if isinstance(e, RosterSubmitted)} != {
        e.roster for e in later if isinstance(e, RosterSubmitted)
    }
    assert centre.paid_fen == 150_000
    assert centre.plan(xlsx()).submissions == []


def test_a_refused_roster_is_told_as_such() -> None:
    """An unknown fund is the roster's problem, not that of its rows."""
    centre = Centre()
    plan = centre.plan(xlsx(batch={"资金代码": "NO-SUCH-FUND"}))

    assert plan.blocked
    assert plan.problems[0].code == "ROSTER_REFUSED"
    assert plan.problems[0].row is None


def test_kin_proxies_and_staff_are_persons_of_the_vault() -> None:
    """Nobody's name is in a submission; the worker is sealed and attested beside the recipient."""
    centre = Centre()
    kin = {"与职工关系": "子女", "职工姓名": "样例庚", "职工证件": person(77)["证件号码"],
           "对象类别": "因公牺牲职工家属", "证明材料": "伤〔2019〕1号"}  # fmt: skip
    proxy = {"发放方式": "代领", "代领人": "样例辛", "代领关系": "同事",
             "代领人证件号码": person(88)["证件号码"], "委托书编号": "委1"}  # fmt: skip
    rows = [person(1, **kin), person(2, **proxy, **{"慰问金(元)": 500})]
    plan = centre.plan(xlsx(rows))
    events = centre.publish(plan.submissions)
    first, second = [e for e in events if isinstance(e, PaymentMade)]

    assert (first.kinship, first.worker is None) == ("CHILD", False)
    assert [a.field for a in plan.submissions[3].attestations] == ["recipient", "worker"]
    assert (second.proxy is None, second.proxy_document) == (False, "委1")
    assert (first.proxy_kinship, second.proxy_kinship) == (None, "COLLEAGUE")
    said = repr([s.submission for s in plan.submissions])
    assert not [name for name in ("测试", "样例丙", "样例辛", "样例戊") if name in said]


def test_the_ids_of_a_row_never_change() -> None:
    """Golden values: a later version of the tool must give the same ids for the same file."""
    vault = MemoryVault(LEDGER, today=TODAY)
    roster = checked(xlsx())
    plan = Importer(checked=roster, roster=seal_roster(roster, vault), vault=vault).plan()
    visit, payment = plan.submissions[0].submission, plan.submissions[-1].submission
    row = roster.rows[0]

    assert row.key("SPRING_FESTIVAL") == GOLDEN_KEY
    assert sha256(row.canonical()).hexdigest() == GOLDEN_CONTENT
    assert (visit.submission_id, payment.submission_id, plan.roster) == GOLDEN_IDS


GOLDEN_KEY = bytes.fromhex(
    "010008646f63756d656e74001a474231313634333a36333232323131393730303130313030323900047469657200025432"
)
GOLDEN_CONTENT = "384191d7f4aab0540309460152b4423d256fa70d42965912b2246aabb8c8a805"
GOLDEN_IDS = (
    "f3740a17-506c-8719-9759-8860a7af1fc5",
    "24fbc6a3-8e76-8f2b-b243-bb0508164825",
    "f716d64f-c912-8078-acf2-ce537712123d",
)
