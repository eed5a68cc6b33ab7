"""
Numbered fen against a ten-line oracle: each fen is in one place, none is made or lost.

The oracle is a dict from (grant, number) to the place where that fen is, and to the lots through
which it came there. A whole programme is driven through admission, and after every step places,
balances and conservation are compared.
"""

from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from programme import CITY, COUNTY, FUND, OTHER_COUNTY, PROVINCE, ROOT, TOWN, Programme, codes

from domain import submissions as s
from domain.intervals import add, last_of, remove, through, total
from domain.parts import Interval
from domain.units import Fen, Position

ORGANISATIONS = (ROOT, PROVINCE, CITY, COUNTY, OTHER_COUNTY, TOWN)
CHILDREN = {ROOT: [PROVINCE], PROVINCE: [CITY], CITY: [COUNTY, OTHER_COUNTY], COUNTY: [TOWN]}
SMALL = st.integers(1, 40)
Tiers = tuple[str, ...]
Fen_ = tuple[int, int]
"""A fen: the lot it is named under, and its number."""
LATER: list[type[Any]] = [s.BouncePayment, s.ReversePayment, s.ConfirmPayment]


def fen_of(intervals: list[Interval]) -> set[Fen_]:
    """The single fen of intervals."""
    return {(i.lot, n) for i in intervals for n in range(i.at, i.at + i.fen)}


@st.composite
def disjoint(draw: st.DrawFn) -> list[Interval]:
    """Disjoint intervals of some lots, in any order."""
    numbers = draw(st.sets(st.tuples(st.integers(1, 3), st.integers(0, 12)), max_size=20))
    return [
        Interval(Position(lot), at, Fen(1)) for lot, at in draw(st.permutations(sorted(numbers)))
    ]


@given(disjoint(), st.data())
def test_free_fen_are_a_set_that_stays_sorted_and_joined(
    singles: list[Interval], data: st.DataObject
) -> None:
    """Adding and removing intervals is adding and removing their fen, in the shortest form."""
    free: list[Interval] = []
    for interval in singles:
        add(free, interval)
    assert fen_of(free) == fen_of(singles)
    assert free == sorted(free)
    for before, after in pairwise(free):
        assert before.lot != after.lot or before.at + before.fen < after.at
    if free:
        whole = data.draw(st.sampled_from(free))
        at = data.draw(st.integers(whole.at, whole.at + whole.fen - 1))
        fen = data.draw(st.integers(1, whole.at + whole.fen - at))
        taken = Interval(whole.lot, at, Fen(fen))
        remove(free, taken)
        assert fen_of(free) == fen_of(singles) - fen_of([taken])
        add(free, taken)
        assert fen_of(free) == fen_of(singles)


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 9)), min_size=1, max_size=6), st.data())
def test_every_stretch_of_a_lot_maps_to_as_many_fen_above(
    parts: list[tuple[int, int]], data: st.DataObject
) -> None:
    """A lot is the concatenation of its draws: stretch by stretch, nothing missing or doubled."""
    draws = [Interval(Position(n), at, Fen(fen)) for n, (at, fen) in enumerate(parts, start=1)]
    size = total(draws)
    at = data.draw(st.integers(0, size - 1))
    fen = data.draw(st.integers(1, size - at))
    flat = [(d.lot, n) for d in draws for n in range(d.at, d.at + d.fen)]
    above = through(draws, Interval(Position(99), at, Fen(fen)))
    assert [(i.lot, n) for i in above for n in range(i.at, i.at + i.fen)] == flat[at : at + fen]


@given(disjoint(), st.integers(1, 3), st.integers(1, 15))
def test_the_last_fen_of_a_lot_are_its_highest_numbers(
    singles: list[Interval], lot: int, fen: int
) -> None:
    """A return gives back from the end."""
    free: list[Interval] = []
    for interval in singles:
        add(free, interval)
    numbers = sorted(n for found, n in fen_of(free) if found == lot)
    taken = last_of(free, Position(lot), Fen(fen))
    assert sorted(n for _, n in fen_of(taken)) == numbers[-fen:]


def _place(payment: Any) -> str:
    return f"payment {payment.payment}"


class Fens(RuleBasedStateMachine):
    """Grants, withdrawals, allocations, confirmations, returns, payments, rosters, and undoing them."""

    @initialize(approval=st.booleans(), confirming=st.booleans())
    def start(self, approval: bool, confirming: bool) -> None:  # noqa: FBT001  hypothesis gives it
        """A programme with a fund and no money."""
        self.programme = Programme()
        self.programme.organised()
        if approval:
            self.programme.policy(
                policy="P2019B", union=COUNTY, organisation=COUNTY, roster_approval=True
            )
        self.approval = approval
        self.confirming = {TOWN, OTHER_COUNTY} if confirming else set()
        for child in self.confirming:
            self.programme.policy(
                policy=f"{child}-C", union=child, organisation=child, confirm_arrival=True
            )
        self.programme.fund()
        self.where: dict[Fen_, str] = {}
        """The oracle: fen of a grant → the organisation that holds it free, or the payment."""
        self.lots: dict[int, list[Fen_]] = {}
        """Lot → the grants' fen it consists of, in order: what a draw of it means."""
        self.through: dict[Fen_, list[int]] = {}
        """The lots through which a fen came to where it is free; a payment leaves them as they are."""
        self.tiers: dict[int, list[Tiers]] = {}
        """Lot → the tiers that each of its own and inherited restrictions admits."""
        self.unconfirmed: set[int] = set()
        self.grants: list[Any] = []
        self.allocations: list[Any] = []
        self.payments: list[Any] = []
        self.rosters: list[Any] = []
        self.people = 0
        for fen, tiers in ((45, ()), (20, ("T1",)), (10, ())):
            self.record_grant(fen, tiers)
        for giver, child, fen in (
            (ROOT, PROVINCE, 45), (ROOT, PROVINCE, 20), (PROVINCE, CITY, 35), (PROVINCE, CITY, 20),
            (CITY, COUNTY, 20), (CITY, OTHER_COUNTY, 15), (CITY, COUNTY, 10), (COUNTY, TOWN, 12),
        ):  # fmt: skip
            self.issue(giver, child, fen)

    def held(self, place: str) -> int:
        """How many fen the oracle knows at a place."""
        return sum(where == place for where in self.where.values())

    def drawable(self, place: str, tier: str | None) -> list[Fen_]:
        """The fen there that may be drawn for a tier, in the order in which they are."""
        found = []
        for fen, where in self.where.items():
            lot = self.through[fen][-1]
            admitted = tier is None or all(tier in admits for admits in self.tiers[lot])
            if where == place and lot not in self.unconfirmed and admitted:
                found.append((lot, self.lots[lot].index(fen), fen))
        return [fen for _, _, fen in sorted(found)]

    def together(self, fens: list[Fen_]) -> list[Fen_]:
        """The fen from the front that some one tier could still use: their lot is bound by all."""
        tiers, found = {"T1", "T2"}, []
        for fen in fens:
            for admits in self.tiers[self.through[fen][-1]]:
                tiers &= set(admits)
            if not tiers:
                break
            found.append(fen)
        return found

    def root_fen(self, draws: list[Interval]) -> list[Fen_]:
        """The grants' fen of draws, in order."""
        return [self.lots[d.lot][n] for d in draws for n in range(d.at, d.at + d.fen)]

    def move(self, fens: list[Fen_], source: str, target: str) -> None:
        """Each fen was where we thought, and is now elsewhere."""
        assert all(self.where[f] == source for f in fens)
        self.where.update(dict.fromkeys(fens, target))

    @rule(fen=SMALL, tiers=st.sampled_from([(), ("T1",), ("T2",), ("T1", "T2")]))
    def grant(self, fen: int, tiers: Tiers) -> None:
        """Money comes in, perhaps for some tiers only."""
        self.record_grant(fen, tiers)

    def record_grant(self, fen: int, tiers: Tiers = ()) -> None:
        """A grant, here and in the oracle."""
        event = self.programme.grant(fen, tiers=list(tiers))
        position = self.programme.verdicts[-1].position
        self.lots[position] = [(position, n) for n in range(fen)]
        self.tiers[position] = [tiers] if tiers else []
        self.where.update(dict.fromkeys(self.lots[position], ROOT))
        self.through.update({f: [position] for f in self.lots[position]})
        self.grants.append((position, event))

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """The owner takes back the last free fen of a grant, and no more than are free."""
        position, made = data.draw(st.sampled_from(self.grants))
        free = [f for f in self.lots[position] if self.where.get(f) == ROOT]
        fen = data.draw(st.integers(1, len(free) + 1))
        event = self.programme.do(
            s.WithdrawGrant, withdrawal=self.programme.fresh(), fund=FUND, grant=made.grant,
            amount_fen=fen, document=None,
        )  # fmt: skip
        assert (codes(event) == []) == (fen <= len(free))
        if not codes(event):
            assert self.root_fen(event.draws) == free[-fen:]
            for gone in free[-fen:]:
                del self.where[gone]

    @rule(giver=st.sampled_from(sorted(CHILDREN)), data=st.data())
    def allocate(self, giver: str, data: st.DataObject) -> None:
        """Money goes down, if there is enough; never more than there is."""
        child = data.draw(st.sampled_from(CHILDREN[giver]))
        self.issue(giver, child, data.draw(st.integers(1, self.held(giver) + 2)))

    def issue(self, giver: str, child: str, fen: int) -> None:
        """An allocation, here and in the oracle."""
        drawable = self.together(self.drawable(giver, None))
        event = self.programme.allocate(giver, child, fen)
        assert (codes(event) == []) == (fen <= len(drawable))
        if codes(event):
            return
        position = self.programme.verdicts[-1].position
        self.lots[position] = self.root_fen(event.draws)
        assert self.lots[position] == drawable[:fen]
        bound = {tiers for draw in event.draws for tiers in self.tiers[draw.lot]}
        self.tiers[position] = sorted(bound)
        self.move(self.lots[position], giver, child)
        for moved in self.lots[position]:
            self.through[moved].append(position)
        if child in self.confirming:
            self.unconfirmed.add(position)
        self.allocations.append((position, giver, child, event))

    @precondition(lambda self: self.unconfirmed)
    @rule(data=st.data())
    def confirm(self, data: st.DataObject) -> None:
        """An allocation has arrived; from now on its fen may be spent. Once."""
        position, giver, child, made = data.draw(st.sampled_from(self.allocations))
        event = self.programme.do(
            s.ConfirmAllocation, organisation=child, issuer=giver, allocation=made.allocation,
            fund=FUND,
        )  # fmt: skip
        assert (codes(event) == []) == (position in self.unconfirmed)
        self.unconfirmed.discard(position)

    @precondition(lambda self: self.allocations)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        """A child returns the last free fen of an allocation, and no more than are free."""
        position, giver, child, made = data.draw(st.sampled_from(self.allocations))
        account = self.programme.admission.state.account(child, FUND)
        assert account is not None
        free = total(i for i in account.free if i.lot == position)
        fen = data.draw(st.integers(1, free + 1))
        event = self.programme.do(
            s.ReturnAllocation, organisation=child, returned=self.programme.fresh(), issuer=giver,
            allocation=made.allocation, fund=FUND, amount_fen=fen, document=None,
        )  # fmt: skip
        assert (codes(event) == []) == (fen <= free)
        if not codes(event):
            assert all(d.lot == position for d in event.draws)
            back = self.root_fen(event.draws)
            self.move(back, child, giver)
            assert {self.through[f].pop() for f in back} == {position}

    @rule(
        payer=st.sampled_from([OTHER_COUNTY, COUNTY, TOWN]), tier=st.sampled_from(["T1", "T2"]),
        data=st.data(),
    )  # fmt: skip
    def pay(self, payer: str, tier: str, data: st.DataObject) -> None:
        """A payment takes from the front what is confirmed and admits it, if there is enough."""
        drawable = self.drawable(payer, tier)
        fen = data.draw(st.integers(1, self.held(payer) // 2 + 2))
        self.people += 1
        roster = next((r for r in self.rosters if r.organisation == payer), None)
        row = {"roster": roster.roster, "roster_row": self.people} if roster else {}
        event = self.programme.pay(
            self.people % 900, organisation=payer, amount_fen=fen, occasion="DAILY",
            campaign="2019-DAILY", tier=tier, **row,
        )  # fmt: skip
        listed = bool(row) or not self.must_be_listed(payer)
        assert (codes(event) == []) == (fen <= len(drawable) and listed), codes(event)
        if not codes(event):
            assert self.root_fen(event.draws) == drawable[:fen]
            self.move(self.root_fen(event.draws), payer, _place(event))
            self.payments.append(event)

    def must_be_listed(self, payer: str) -> bool:
        """Whether the policy in force for the payer asks for an approved roster."""
        return self.approval and (payer == COUNTY or (payer == TOWN and not self.confirming))

    @rule(payer=st.sampled_from([OTHER_COUNTY, COUNTY]))
    def announce(self, payer: str) -> None:
        """A roster for the payments that follow."""
        if not any(r.organisation == payer for r in self.rosters):
            event = self.programme.roster(
                1_000, 1_000_000, organisation=payer, occasion="DAILY", campaign="2019-DAILY"
            )
            assert codes(event) == []
            self.rosters.append(event)

    @precondition(lambda self: self.rosters)
    @rule(data=st.data(), approve=st.booleans())
    def conclude(self, data: st.DataObject, approve: bool) -> None:  # noqa: FBT001
        """A roster is approved as it is, or rejected: then its reserved fen come back."""
        roster = data.draw(st.sampled_from(self.rosters))
        self.rosters.remove(roster)
        named = {"organisation": roster.organisation, "roster": roster.roster}
        if approve:
            state = self.programme.admission.state.roster(*named.values())
            assert state is not None
            event = self.programme.do(
                s.ApproveRoster, actor="p-staffzzzzqqqqqqqqqqqqqqq", count=state.count, amount_fen=state.fen,
                approval_document="样例1号", **named,
            )  # fmt: skip
            assert codes(event) == []
            return
        self.programme.do(s.RejectRoster, reason_code="TYPO", **named)
        for payment in self.payments:
            if payment.roster == roster.roster and not payment.ordered:
                self.undo(payment)

    def undo(self, payment: Any) -> None:
        """Exactly its fen are free again, if it still held them."""
        fens = self.root_fen(payment.draws)
        place = _place(payment)
        if all(self.where[f] == place for f in fens):
            self.move(fens, place, payment.organisation)

    @precondition(lambda self: self.payments)
    @rule(data=st.data(), kind=st.sampled_from(LATER))
    def later(self, data: st.DataObject, kind: type[Any]) -> None:
        """A payment is settled, bounced or reversed."""
        payment = data.draw(st.sampled_from(self.payments))
        why: dict[str, Any] = (
            {"means": "SIGNATURE"} if kind is s.ConfirmPayment else {"reason_code": "WRONG"}
        )
        event = self.programme.do(
            kind, organisation=payment.organisation, payment=payment.payment, fund=FUND,
            document="样例2号", **why,
        )  # fmt: skip
        if not codes(event) and kind is not s.ConfirmPayment:
            assert list(event.draws) == list(payment.draws)
            self.undo(payment)

    @rule()
    def restart(self) -> None:
        """The state is written and read again."""
        self.programme.save()

    @invariant()
    def every_fen_is_where_the_oracle_says(self) -> None:
        """Account by account, to the fen; together they conserve every fund."""
        if not hasattr(self, "where"):
            return
        held = Counter(self.where.values())
        for organisation in ORGANISATIONS:
            account = self.programme.admission.state.account(organisation, FUND)
            free = account.free if account else []
            assert total(free) == held[organisation] >= 0
            assert all(i.fen > 0 and i.at >= 0 for i in free)
            assert set(self.root_fen(free)) == {
                f for f, place in self.where.items() if place == organisation
            }
        fund = self.programme.admission.state.fund(FUND)
        assert fund is not None
        assert fund.granted_fen == len(self.where)
        standing = [p for p in self.payments if self.where[self.root_fen(p.draws)[0]] == _place(p)]
        paid = sum(total(p.draws) for p in standing)
        assert fund.granted_fen == paid + sum(held[code] for code in ORGANISATIONS)


Fens.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestFens = Fens.TestCase
