"""Many lots, few bonds: grouping free fen changes how long a choice takes, never the choice."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from programme import COUNTY, FUND, TOWN, Programme, codes, figures

from domain import submissions as s
from domain.account import INTERVALS_MAX, Account
from domain.free_fen import Bond
from domain.parts import Interval
from domain.refusals import Refusal
from domain.restriction import Restriction
from domain.units import Fen, Micros, Position

BONDS = [
    Bond(confirmed=True), Bond(confirmed=False),
    Bond(confirmed=True, restrictions=(Restriction(tiers=("T1",)),)),
    Bond(confirmed=True, restrictions=(Restriction(tiers=("T2",)), Restriction(regions=("632221",)))),
]  # fmt: skip
LOTS = st.integers(1, 60)


def looked_through(
    account: Account, fen: int, bond_of: Callable[[Position], Bond], admits: Callable[[Bond], bool]
) -> list[Interval] | Refusal:
    """The rule itself: from the front, lot by lot, what may be drawn."""
    draws: list[Interval] = []
    for whole in account.free:
        if admits(bond_of(whole.lot)):
            held = sum(d.fen for d in draws)
            if len(draws) == INTERVALS_MAX:
                return Refusal("TOO_FRAGMENTED", drawable_fen=held, asked_fen=fen)
            draws.append(Interval(whole.lot, whole.at, Fen(min(whole.fen, fen - held))))
            if held + draws[-1].fen == fen:
                return draws
    return Refusal(
        "INSUFFICIENT_BALANCE", asked_fen=fen, drawable_fen=sum(d.fen for d in draws),
        free_fen=account.free_fen,
    )  # fmt: skip


class ManyLots(RuleBasedStateMachine):
    """Fen come, go, come back and are confirmed in an account of many lots."""

    def __init__(self) -> None:
        super().__init__()
        self.bonds: dict[Position, Bond] = {}
        lots = [Interval(Position(n), 0, Fen(5)) for n in range(1, 41)]
        self.account: Account = Account.begin("account/X/F", Micros(0), arrived=lots)
        self.gone: list[Interval] = []
        for lot in range(1, 61):
            self.bonds[Position(lot)] = BONDS[lot * 7 % 4]

    @rule(number=st.integers(61, 90), bond=st.sampled_from(BONDS))
    def a_lot_arrives(self, number: int, bond: Bond) -> None:
        """Once for each lot."""
        if Position(number) not in self.bonds:
            self.bonds[Position(number)] = bond
            self.account.receive([Interval(Position(number), 0, Fen(3))], Micros(0))

    @rule(fen=st.integers(1, 260), wanted=st.sampled_from([("T1", None), ("T2", "632221")]))
    def somebody_draws(self, fen: int, wanted: Any) -> None:
        """The groups choose what looking through all lots would choose."""
        tier, region = wanted

        def admits(bond: Bond) -> bool:
            return bond.confirmed and all(
                (not r.tiers or tier in r.tiers) and (not r.regions or region in r.regions)
                for r in bond.restrictions
            )

        chosen = self.account.choose(Fen(fen), self.bonds.__getitem__, admits)
        assert chosen == looked_through(self.account, fen, self.bonds.__getitem__, admits)
        first: dict[Bond, Position] = {}
        for interval in self.account.free:
            first.setdefault(self.bonds[interval.lot], interval.lot)
        named = self.account.first_lots(self.bonds.__getitem__)
        assert named == [(lot, bond) for bond, lot in first.items()]
        if not isinstance(chosen, Refusal):
            self.account.give(chosen, Micros(0))
            self.gone += chosen

    @rule(lot=LOTS, fen=st.integers(1, 6))
    def the_end_of_a_lot_goes_back(self, lot: int, fen: int) -> None:
        """A return asks for no bond."""
        chosen = self.account.choose_last(Fen(fen), Position(lot))
        if not isinstance(chosen, Refusal):
            self.account.give(chosen, Micros(0))
            self.gone += chosen

    @rule(data=st.data())
    def fen_come_back(self, data: st.DataObject) -> None:
        """A payment bounced."""
        if self.gone:
            back = self.gone.pop(data.draw(st.integers(0, len(self.gone) - 1)))
            self.account.receive([back], Micros(0))

    @rule(lot=LOTS)
    def arrival_is_confirmed(self, lot: int) -> None:
        """What could not be drawn can be now."""
        bond = self.bonds[Position(lot)]
        if not bond.confirmed:
            self.bonds[Position(lot)] = bond._replace(confirmed=True)
            self.account.unbind(Position(lot))


ManyLots.TestCase.settings = settings(max_examples=80, stateful_step_count=30)
TestManyLots = ManyLots.TestCase


@given(st.integers(17, 600), st.integers(1, 600))
@settings(max_examples=40)
def test_draws_from_the_front_are_counted_alike_in_few_lots_and_in_many(
    lots: int, fen: int
) -> None:
    """Also where there are too many intervals for one event."""
    free = [Interval(Position(n), 0, Fen(1)) for n in range(1, lots + 1)]
    account = Account.begin("account/X/F", Micros(0), arrived=free)
    bond = Bond(confirmed=True)
    found = account.choose(Fen(fen), lambda _: bond, lambda _: True)
    assert found == looked_through(account, fen, lambda _: bond, lambda _: True)


def test_lots_that_do_not_admit_a_use_cost_a_payment_nothing() -> None:
    """20,000 lots bound to another tier: found once, then passed over together."""
    bound = Bond(confirmed=True, restrictions=(Restriction(tiers=("T1",)),))
    free = [Interval(Position(n), 0, Fen(10)) for n in range(1, 20_001)]
    free.append(Interval(Position(20_001), 0, Fen(1_000)))
    account = Account.begin("account/X/F", Micros(0), arrived=free)
    asked: list[Position] = []

    def bond_of(lot: Position) -> Bond:
        asked.append(lot)
        return Bond(confirmed=True) if lot > 20_000 else bound

    def pay() -> None:
        chosen = account.choose(Fen(1), bond_of, lambda bond: not bond.restrictions)
        assert not isinstance(chosen, Refusal)
        assert chosen[0].lot == 20_001
        account.give(chosen, Micros(0))

    pay()
    assert len(asked) == 20_001
    for _ in range(500):
        pay()
    assert len(asked) == 20_001, "each lot was asked about once"


def test_confirmation_frees_a_lot_among_many() -> None:
    """Twenty allocations wait; the one that is confirmed is drawn from, and no other."""
    given_ = Programme().funded()
    given_.policy(policy="C", union=TOWN, organisation=TOWN, confirm_arrival=True)
    issued = [given_.allocate(COUNTY, TOWN, 1_000) for _ in range(20)]
    positions = [v.position for v in given_.verdicts[-20:]]
    refused = given_.pay(1, organisation=TOWN, amount_fen=500)
    assert codes(refused) == ["ALLOCATION_NOT_CONFIRMED"]
    assert figures(refused)["drawable_fen"] == "0"
    for number in (13, 4):
        given_.do(
            s.ConfirmAllocation, organisation=TOWN, issuer=COUNTY,
            allocation=issued[number].allocation, fund=FUND,
        )  # fmt: skip
        paid = given_.pay(number + 2, organisation=TOWN, amount_fen=600)
        assert [d.lot for d in paid.draws] == [positions[number]]
    short = given_.pay(3, organisation=TOWN, amount_fen=900)
    assert figures(short)["drawable_fen"] == "800"
