"""
Random histories of a ledger: event records with consistent draws, from a seeded generator.

They are what admission may write, made without it, so that read models can be tested alone.
"""

import hashlib
import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from domain.codes import CATEGORIES, OCCASIONS
from domain.events import (
    AllocationConfirmed,
    AllocationIssued,
    AllocationReturned,
    Event,
    FundOpened,
    GrantReceived,
    GrantWithdrawn,
    IdentitiesRead,
    LogOpened,
    OrganisationMoved,
    OrganisationRegistered,
    PaymentBounced,
    PaymentMade,
    PaymentReversed,
    PaymentSettled,
    PersonsLinked,
    RosterApproved,
    RosterRejected,
    RosterSubmitted,
    StatementRecorded,
    SubmissionRefused,
    SubmissionRepeated,
    VisitMade,
)
from domain.intervals import add, last_of, remove, total
from domain.parts import Figure, Interval, Key, Reason, StatementItem
from domain.units import Day, Fen, Micros, Position
from eventlog.contract import StoredRecord
from schemas.codec import encode

FIRST_DAY = 17_897
FIRST_MICROS = 1_546_272_000_000_000
ANYWHERE: dict[str, Any] = {
    "regions": (),
    "categories": (),
    "tiers": (),
    "occasions": (),
    "usable_from": None,
    "usable_to": None,
}
Account = tuple[str, str]


class RecordedLog:
    """A log that holds given events, for reading."""

    def __init__(self, values: Sequence[bytes] = ()) -> None:
        self.values = list(values)

    def read_events(self, *, after: int, limit: int, timeout_s: float) -> list[StoredRecord]:
        """Events behind *after*; never waits."""
        del timeout_s
        wanted = self.values[after : after + limit]
        return [
            StoredRecord(n, n - 1, "", n, "", value, Micros(FIRST_MICROS))
            for n, value in enumerate(wanted, start=after + 1)
        ]

    def last_position(self) -> int:
        """How many events there are."""
        return len(self.values)


class History:
    """A growing ledger: each method adds one event with the draws admission would choose."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  # not a secret
        self.events: list[Event] = []
        self.free: dict[Account, list[Interval]] = defaultdict(list)
        self.parent: dict[str, str | None] = {}
        self.lots: dict[int, tuple[str, Account, Account | None]] = {}
        self.payments: dict[int, dict[str, Any]] = {}
        self.rosters: dict[tuple[str, str], dict[str, Any]] = {}
        self.persons = [str(uuid.UUID(int=self.random.getrandbits(128))) for _ in range(40)]
        self.day = FIRST_DAY
        self.micros = FIRST_MICROS

    # -- the ledger ------------------------------------------------------------------------

    def add(
        self,
        kind: type[Any],
        stream: str,
        organisation: str | None,
        /,
        **fields: Any,  # of any event
    ) -> int:
        """Append an event; returns its position."""
        self.micros += self.random.randrange(5) * 1_000
        if self.random.random() < 0.02:
            self.day += 1
            self.micros += 86_400_000_000
        position = len(self.events) + 1
        self.events.append(
            kind(
                submission_id=self.uuid(),
                submission_digest=hashlib.sha256(b"%d" % position).digest(),
                proof_digest=None,
                stream=stream,
                version=1,
                previous=None,
                organisation=organisation,
                occurred_on=Day(self.day - self.random.randrange(3)),
                recorded_at=Micros(self.micros),
                source="TEST",
                actor=self.random.choice(self.persons),
                policy_version="POLICY-1",
                rules=1,
                **fields,
            )
        )
        return position

    def values(self) -> list[bytes]:
        """The events as stored."""
        return [encode(event) for event in self.events]

    def uuid(self) -> str:
        """A new identifier."""
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def open(self) -> None:
        """Begin the ledger."""
        self.add(
            LogOpened,
            "ledger",
            None,
            log="test",
            origin="example.org/test",
            nonce=b"0" * 16,
            suite="ed25519-aes256gcm",
            operator_keys=[Key("k", b"p" * 32)],
            checkpoint_keys=[Key("c", b"q" * 32)],
            first_rules=1,
            lock_digest=b"l" * 32,
        )

    def register(self, code: str, parent: str | None) -> None:
        """Register an organisation."""
        self.parent[code] = parent
        self.add(
            OrganisationRegistered,
            f"organisation/{code}",
            code,
            code=code,
            parent=parent,
            name=f"样例{code}总工会",
            level="COUNTY",
            division=None,
            uscc=None,
        )

    def move(self, code: str, parent: str) -> None:
        """Give an organisation another parent."""
        self.parent[code] = parent
        self.add(OrganisationMoved, f"organisation/{code}", code, code=code, parent=parent)

    def fund(self, fund: str, owner: str) -> None:
        """Open a fund."""
        self.add(
            FundOpened,
            f"fund/{fund}",
            owner,
            fund=fund,
            fund_source="SRC2_UPPER_UNION",
            owner=owner,
            ceiling_fen=None,
            **ANYWHERE,
        )

    def grant(self, account: Account, fen: int, programme: str | None = None) -> int:
        """Record a grant; returns its lot."""
        lot = self.add(
            GrantReceived,
            stream(account),
            account[0],
            grant=self.uuid(),
            fund=account[1],
            amount_fen=fen,
            document=None,
            programme=programme,
            **ANYWHERE,
        )
        self.lots[lot] = (self.events[-1].grant, account, None)  # type: ignore[attr-defined]
        add(self.free[account], Interval(Position(lot), 0, Fen(fen)))
        return lot

    def withdraw(self, lot: int, fen: int) -> None:
        """Withdraw the last free fen of a grant."""
        grant, account, _ = self.lots[lot]
        draws = self._last(account, lot, fen)
        if draws:
            self.add(
                GrantWithdrawn,
                stream(account),
                account[0],
                withdrawal=self.uuid(),
                fund=account[1],
                grant=grant,
                amount_fen=total(draws),
                document=None,
                draws=draws,
            )

    def allocate(self, giver: Account, child: str, fen: int) -> int | None:
        """Allocate to a child; returns the lot."""
        draws = self._front(giver, fen)
        if not draws:
            return None
        taker = (child, giver[1])
        lot = self.add(
            AllocationIssued,
            stream(giver),
            giver[0],
            in_stream=stream(taker),
            in_version=1,
            in_previous=None,
            allocation=self.uuid(),
            fund=giver[1],
            child=child,
            amount_fen=total(draws),
            allocation_kind="BASE",
            approval_document="样例〔2019〕1号",
            draws=draws,
            **ANYWHERE,
        )
        self.lots[lot] = (self.events[-1].allocation, taker, giver)  # type: ignore[attr-defined]
        add(self.free[taker], Interval(Position(lot), 0, total(draws)))
        return lot

    def confirm(self, lot: int) -> None:
        """Confirm arrival of an allocation."""
        allocation, taker, giver = self.lots[lot]
        if giver is not None:
            self.add(
                AllocationConfirmed,
                stream(taker),
                taker[0],
                issuer=giver[0],
                allocation=allocation,
                fund=taker[1],
            )

    def give_back(self, lot: int, fen: int) -> None:
        """Return the last free fen of an allocation to its issuer."""
        allocation, taker, giver = self.lots[lot]
        draws = self._last(taker, lot, fen) if giver is not None else []
        if giver is None or not draws:
            return
        issued = self.events[lot - 1]
        assert isinstance(issued, AllocationIssued)
        self.add(
            AllocationReturned,
            stream(taker),
            taker[0],
            in_stream=stream(giver),
            in_version=1,
            in_previous=None,
            returned=self.uuid(),
            issuer=giver[0],
            allocation=allocation,
            fund=taker[1],
            amount_fen=total(draws),
            document=None,
            draws=draws,
        )
        for draw in draws:
            for interval in above(issued.draws, draw):
                add(self.free[giver], interval)

    def submit(self, account: Account, count: int, fen: int) -> str:
        """Submit a roster."""
        roster = self.uuid()
        self.rosters[account[0], roster] = {
            "account": account, "state": "SUBMITTED", "count": 0, "fen": 0,
        }  # fmt: skip
        self.add(
            RosterSubmitted,
            f"roster/{account[0]}/{roster}",
            account[0],
            roster=roster,
            fund=account[1],
            campaign="2019-SPRING_FESTIVAL",
            occasion="SPRING_FESTIVAL",
            declared_count=count,
            declared_fen=fen,
            payments_root=b"r" * 32,
            reviewer=self.random.choice(self.persons),
            unit_certificate=None,
            file_tag=None,
            left_out=[],
        )
        return roster

    def pay(self, account: Account, fen: int, roster: str | None = None, row: int = 1) -> None:
        """Make a payment, ordered at once without a roster, else reserved."""
        draws = self._front(account, fen)
        if not draws:
            return
        occasion = self.random.choice(list(OCCASIONS))
        position = self.add(
            PaymentMade,
            stream(account),
            account[0],
            payment=self.uuid(),
            fund=account[1],
            person=self.random.choice(self.persons),
            worker=None,
            kinship=None,
            card=None,
            phone=None,
            household=None,
            scheme="ACFTU-2019-7",
            category=self.random.choice(list(CATEGORIES)),
            tier=self.random.choice(["T1", "T2"]),
            occasion=occasion,
            campaign=f"2019-{occasion}",
            form="CASH",
            amount_fen=total(draws),
            goods=None,
            goods_quantity=None,
            work_region=None,
            dossier=None,
            evidence=None,
            roster=roster,
            roster_row=row if roster else None,
            visit=None,
            signed=True,
            proxy=None,
            proxy_kinship=None,
            proxy_document=None,
            sealed=b"s" * 200,
            sealed_worker=None,
            vault=str(uuid.UUID(int=7)),
            vault_sequence=1,
            ordered=roster is None,
            draws=draws,
        )
        self.payments[position] = {
            "account": account, "roster": roster, "draws": draws,
            "state": "RESERVED" if roster else "ORDERED",
        }  # fmt: skip
        if roster:
            held = self.rosters[account[0], roster]
            held["count"] += 1
            held["fen"] += total(draws)

    def decide(self, organisation: str, roster: str, *, approve: bool) -> None:
        """Approve or reject a roster."""
        held = self.rosters[organisation, roster]
        account = held["account"]
        figures = {
            "roster": roster, "count": held["count"], "amount_fen": held["fen"],
            "fund": account[1],
        }  # fmt: skip
        name = f"roster/{organisation}/{roster}"
        if approve:
            self.add(
                RosterApproved, name, organisation, approval_document="样例批〔2019〕2号", **figures
            )
        else:
            self.add(
                RosterRejected,
                name,
                organisation,
                in_stream=stream(account),
                in_version=1,
                in_previous=None,
                reason_code="WRONG_LIST",
                **figures,
            )
        held["state"] = "APPROVED" if approve else "REJECTED"
        for payment in self.payments.values():
            if payment["roster"] == roster and payment["state"] == "RESERVED":
                payment["state"] = "ORDERED" if approve else "RELEASED"
                if not approve:
                    self._restore(payment)

    def change(self, position: int, kind: type[Any], state: str) -> None:
        """Settle, bounce or reverse a payment."""
        payment = self.payments[position]
        made = self.events[position - 1]
        assert isinstance(made, PaymentMade)
        account = payment["account"]
        reason = {"means": "BANK"} if kind is PaymentSettled else {"reason_code": "NO_ACCOUNT"}
        self.add(
            kind,
            stream(account),
            account[0],
            payment=made.payment,
            fund=account[1],
            document=None,
            payment_position=position,
            amount_fen=made.amount_fen,
            was=payment["state"],
            draws=payment["draws"],
            **reason,
        )
        if payment["state"] == "RESERVED":
            held = self.rosters[account[0], payment["roster"]]
            held["count"] -= 1
            held["fen"] -= made.amount_fen
        payment["state"] = state
        if state != "SETTLED":
            self._restore(payment)

    def refuse(self, organisation: str, roster: str | None = None, row: int | None = None) -> None:
        """Refuse a payment."""
        self.add(
            SubmissionRefused,
            f"refusals/{organisation}",
            organisation,
            kind="MakePayment",
            business_id=self.uuid(),
            value_size=700,
            original_position=None,
            roster=roster,
            roster_row=row,
            reasons=[
                Reason("INSUFFICIENT_BALANCE", [Figure("asked_fen", "5"), Figure("free_fen", "1")])
            ],
        )

    def _front(self, account: Account, fen: int) -> list[Interval]:
        draws: list[Interval] = []
        left = fen
        for lot, at, held in self.free[account]:
            if left:
                draws.append(Interval(lot, at, Fen(min(left, held))))
                left -= draws[-1].fen
        if left:
            return []
        for draw in draws:
            remove(self.free[account], draw)
        return draws

    def _last(self, account: Account, lot: int, fen: int) -> list[Interval]:
        draws = last_of(self.free[account], Position(lot), Fen(fen))
        for draw in draws:
            remove(self.free[account], draw)
        return draws

    def _restore(self, payment: dict[str, Any]) -> None:
        for draw in payment["draws"]:
            add(self.free[payment["account"]], draw)


def above(draws: Sequence[Interval], stretch: Interval) -> list[Interval]:
    """The fen of the lots above that a stretch of an allocation's lot consists of."""
    numbered = [(d.lot, d.at + i) for d in draws for i in range(d.fen)] if stretch.fen < 50 else []
    if numbered:
        wanted = numbered[stretch.at : stretch.at + stretch.fen]
        return [Interval(lot, at, Fen(1)) for lot, at in wanted]
    out, seen = [], 0
    for draw in draws:
        low, high = max(stretch.at, seen), min(stretch.at + stretch.fen, seen + draw.fen)
        if low < high:
            out.append(Interval(draw.lot, draw.at + low - seen, Fen(high - low)))
        seen += draw.fen
    return out


def stream(account: Account) -> str:
    """The stream of an account."""
    return f"account/{account[0]}/{account[1]}"


FUNDS = ("NORMALISED-2019", "LOCAL-2019")
CODES = ("000000", "630000", "632200", "632221", "632222", "640000", "640100", "640104")


def begun(seed: int) -> History:
    """A ledger with a tree of four levels, two funds and a few grants."""
    history = History(seed)
    history.open()
    tree = {
        "000000": None, "630000": "000000", "632200": "630000", "632221": "632200",
        "632222": "632200", "640000": "000000", "640100": "640000", "640104": "640100",
    }  # fmt: skip
    for code, parent in tree.items():
        history.register(code, parent)
    history.fund(FUNDS[0], "000000")
    history.fund(FUNDS[1], "630000")
    history.grant(("000000", FUNDS[0]), 1_000_000, "WARMTH-2019")
    history.grant(("630000", FUNDS[1]), 200_000)
    return history


def random_history(seed: int, length: int) -> History:
    """A ledger of about *length* events in which everything happens."""
    history = begun(seed)
    chance = history.random
    while len(history.events) < length:
        action = chance.choices([a for a, _ in ACTIONS], [weight for _, weight in ACTIONS])[0]
        action(history)
    return history


def _account(history: History) -> Account:
    held = [account for account, free in history.free.items() if free]
    return history.random.choice(held)


def _grant(history: History) -> None:
    owner, fund = history.random.choice([("000000", FUNDS[0]), ("630000", FUNDS[1])])
    programme = history.random.choice([None, "WARMTH-2019"])
    history.grant((owner, fund), history.random.randrange(1, 50_000), programme)


def _withdraw(history: History) -> None:
    lots = [lot for lot, (_, _, giver) in history.lots.items() if giver is None]
    history.withdraw(history.random.choice(lots), history.random.randrange(1, 300))


def _allocate(history: History) -> None:
    giver = _account(history)
    children = [code for code, parent in history.parent.items() if parent == giver[0]]
    if children:
        child = history.random.choice(children)
        lot = history.allocate(giver, child, history.random.randrange(1, 30_000))
        if lot is not None and history.random.random() < 0.5:
            history.confirm(lot)


def _give_back(history: History) -> None:
    history.give_back(history.random.choice(list(history.lots)), history.random.randrange(1, 2_000))


def _pay(history: History) -> None:
    history.pay(_account(history), history.random.randrange(1, 1_500))


def _roster(history: History) -> None:
    account = _account(history)
    count = history.random.randrange(1, 6)
    roster = history.submit(account, count, count * 100)
    for row in range(1, count + 1):
        if history.random.random() < 0.2:
            history.refuse(account[0], roster, row)
        else:
            history.pay(account, 100, roster, row)
    if history.random.random() < 0.3:
        _change(history)
    if history.random.random() < 0.8:
        history.decide(account[0], roster, approve=history.random.random() < 0.7)


def _change(history: History) -> None:
    states: dict[str, list[tuple[type[Event], str]]] = {
        "RESERVED": [(PaymentReversed, "REVERSED")],
        "ORDERED": [
            (PaymentSettled, "SETTLED"), (PaymentSettled, "SETTLED"),
            (PaymentBounced, "BOUNCED"), (PaymentReversed, "REVERSED"),
        ],
        "SETTLED": [(PaymentBounced, "BOUNCED"), (PaymentReversed, "REVERSED")],
    }  # fmt: skip
    possible = [p for p, held in history.payments.items() if held["state"] in states]
    if possible:
        position = history.random.choice(possible)
        kind, state = history.random.choice(states[history.payments[position]["state"]])
        history.change(position, kind, state)


def _visit(history: History) -> None:
    organisation = history.random.choice(CODES)
    history.add(
        VisitMade,
        f"visits/{organisation}",
        organisation,
        visit=history.uuid(),
        occasion=history.random.choice(list(OCCASIONS)),
        visitors=history.random.sample(history.persons, 2),
        person=history.random.choice(history.persons),
        work_region=None,
        document=None,
    )


def _statement(history: History) -> None:
    history.add(
        StatementRecorded,
        "statements/630000",
        "630000",
        statement=history.uuid(),
        programme="WARMTH-2019",
        as_of=Day(history.day),
        stated_sources_fen=Fen(1_000_000),
        stated_uses_fen=Fen(500_000),
        items=[
            StatementItem("SOURCE", "SRC2_UPPER_UNION", None, None, Fen(1_000_000)),
            StatementItem("USE", "C4_HARSH_FRONTLINE", 5, Fen(100_000), Fen(500_000)),
        ],
        document=None,
    )


def _other(history: History) -> None:
    match history.random.randrange(5):
        case 0:
            history.refuse(history.random.choice(CODES))
        case 1:
            organisation = history.random.choice(CODES)
            history.add(
                SubmissionRepeated, f"refusals/{organisation}", organisation, original_position=3
            )
        case 2:
            one, two = history.random.sample(history.persons, 2)
            history.add(
                PersonsLinked, f"person/{one}", "630000", person=one, other=two, document=None
            )
        case 3:
            history.move("632222", history.random.choice(["632200", "630000", "640100"]))
        case _:
            history.add(
                IdentitiesRead,
                "readings/630000",
                "630000",
                reading=history.uuid(),
                persons=history.random.sample(history.persons, 3),
                purpose="AUDIT",
                case="样例审〔2019〕3号",
            )


ACTIONS: list[tuple[Callable[[History], None], int]] = [
    (_grant, 2), (_withdraw, 1), (_allocate, 8), (_give_back, 4), (_pay, 15), (_roster, 6),
    (_change, 12), (_visit, 2), (_statement, 1), (_other, 2),
]  # fmt: skip
