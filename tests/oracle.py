"""
An oracle: what the log says, folded by other means than the product's.

It decodes the values with fastavro from the schema files alone, keeps plain dicts, and knows
nothing of our domain, admission or projection code. Where the read models follow intervals lot by
lot, the oracle gives every lot its fen of the grants at once.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form

SCHEMAS = Path(__file__).parent.parent / "schemas"
Stretch = tuple[int, int, int]
"""Grant, first fen, number of fen."""
Account = tuple[str, str]


def _plain(schema: Any) -> Any:
    """The schema without logical types, so that dates stay numbers."""
    if isinstance(schema, dict):
        return {k: _plain(v) for k, v in schema.items() if k != "logicalType"}
    return [_plain(part) for part in schema] if isinstance(schema, list) else schema


def _readers() -> dict[bytes, tuple[str, Any]]:
    readers = {}
    for path in SCHEMAS.glob("*.avsc"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        code = fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO")
        readers[bytes.fromhex(code)] = (
            path.stem.split(".")[1],
            fastavro.parse_schema(_plain(schema)),
        )
    return readers


READERS = _readers()


def read(value: bytes) -> tuple[str, dict[str, Any]]:
    """Kind and fields of an event."""
    kind, schema = READERS[value[2:10]]
    fields = fastavro.schemaless_reader(BytesIO(value[10:]), schema, None)
    assert isinstance(fields, dict)
    return kind, fields


def cut(stretches: Iterable[Stretch], at: int, fen: int) -> list[Stretch]:
    """The part of a lot from its fen *at*, *fen* long."""
    out = []
    for grant, first, length in stretches:
        take = min(fen, length - at) if at < length else 0
        if take > 0:
            out.append((grant, first + at, take))
            fen -= take
        at = max(0, at - length)
    assert fen == 0, "a draw beyond its lot"
    return out


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same stretches with neighbours made one."""
    out: list[Stretch] = []
    for grant, first, fen in stretches:
        if out and out[-1][0] == grant and out[-1][1] + out[-1][2] == first:
            out[-1] = (grant, out[-1][1], out[-1][2] + fen)
        else:
            out.append((grant, first, fen))
    return out


class Oracle:
    """The whole log, folded."""

    def __init__(self, values: Iterable[bytes]) -> None:
        self.moves: list[tuple[int | None, int, Account, str, int]] = []
        """Business day, recorded at, account, counter, fen added."""
        self.lots: dict[int, list[Stretch]] = {}
        self.payments: dict[int, dict[str, Any]] = {}
        self.states: list[tuple[int | None, int, int, str]] = []
        """Business day, recorded at, position of the payment, its state from then on."""
        self.parents: list[tuple[int | None, int, str, str | None]] = []
        self.same: dict[str, str] = {}
        for position, value in enumerate(values, start=1):
            kind, fields = read(value)
            handler = getattr(self, f"_{kind}", None)
            if handler is not None:
                handler(position, fields)

    # -- questions -------------------------------------------------------------------------

    def balances(
        self, as_of: int | None = None, recorded_as_of: int | None = None
    ) -> dict[Account, dict[str, int]]:
        """Counters that are not zero, by organisation and fund."""
        out: dict[Account, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for day, recorded, account, counter, fen in self.moves:
            if _known(day, recorded, as_of, recorded_as_of):
                out[account][counter] += fen
        return {a: {c: fen for c, fen in held.items() if fen} for a, held in out.items()}

    def up(self, position: int) -> list[Stretch]:
        """The fen of grants that a payment consists of, in order."""
        return joined(self.payments[position]["fen"])

    def down(self, grant: int) -> dict[int, int]:
        """Payment → how many fen of the grant it drew."""
        out: dict[int, int] = defaultdict(int)
        for position, payment in self.payments.items():
            for source, _, fen in payment["fen"]:
                if source == grant:
                    out[position] += fen
        return dict(out)

    def coverage(
        self,
        by: tuple[str, ...],
        root: str | None = None,
        as_of: int | None = None,
        recorded_as_of: int | None = None,
    ) -> dict[tuple[str, ...], tuple[int, int, int, int]]:
        """Payments, persons, fen and settled fen of live payments."""
        states: dict[int, str] = {}
        for day, recorded, position, state in self.states:
            if _known(day, recorded, as_of, recorded_as_of):
                undone = states.get(position) in ("BOUNCED", "REVERSED")
                if not undone and not (state == "ORDERED" and states.get(position) == "SETTLED"):
                    states[position] = state
        below = self._below(root, as_of, recorded_as_of)
        cells: dict[tuple[str, ...], list[tuple[str, int, int]]] = defaultdict(list)
        for position, payment in self.payments.items():
            known = _known(payment["day"], payment["recorded"], as_of, recorded_as_of)
            state = states.get(position, payment["state"])
            if known and state in ("RESERVED", "ORDERED", "SETTLED"):
                if below is not None and payment["organisation"] not in below:
                    continue
                settled = payment["amount"] if state == "SETTLED" else 0
                key = tuple(payment[name] for name in by)
                cells[key].append((self._root(payment["person"]), payment["amount"], settled))
        return {
            key: (len(p), len({who for who, _, _ in p}), sum(x[1] for x in p), sum(x[2] for x in p))
            for key, p in cells.items()
        }

    def _below(
        self, root: str | None, as_of: int | None, recorded_as_of: int | None
    ) -> set[str] | None:
        if root is None:
            return None
        parent = {
            code: above
            for day, recorded, code, above in self.parents
            if _known(day, recorded, as_of, recorded_as_of)
        }
        below = {root}
        while more := {c for c, p in parent.items() if p in below} - below:
            below |= more
        return below

    def _root(self, person: str) -> str:
        while person in self.same:
            person = self.same[person]
        return person

    # -- events ----------------------------------------------------------------------------

    def _move(self, event: dict[str, Any], account: Account, **counters: int) -> None:
        for counter, fen in counters.items():
            self.moves.append((event["occurred_on"], event["recorded_at"], account, counter, fen))

    def _OrganisationRegistered(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        place = (event["code"], event["parent"])
        self.parents.append((event["occurred_on"], event["recorded_at"], *place))

    _OrganisationMoved = _OrganisationRegistered

    def _PersonsLinked(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        one, other = self._root(event["person"]), self._root(event["other"])
        if one != other:
            self.same[one] = other

    def _GrantReceived(self, position: int, event: dict[str, Any]) -> None:  # noqa: N802
        self.lots[position] = [(position, 0, event["amount_fen"])]
        fen = event["amount_fen"]
        self._move(event, _account(event["stream"]), free=fen, granted=fen)

    def _GrantWithdrawn(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        fen = event["amount_fen"]
        self._move(event, _account(event["stream"]), free=-fen, withdrawn=fen)

    def _AllocationIssued(self, position: int, event: dict[str, Any]) -> None:  # noqa: N802
        self.lots[position] = self._drawn(event)
        fen = event["amount_fen"]
        self._move(event, _account(event["stream"]), free=-fen, passed_on=fen)
        self._move(event, _account(event["in_stream"]), free=fen, received=fen)

    def _AllocationReturned(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        fen = event["amount_fen"]
        self._move(event, _account(event["stream"]), free=-fen, returned=fen)
        self._move(event, _account(event["in_stream"]), free=fen, taken_back=fen)

    def _PaymentMade(self, position: int, event: dict[str, Any]) -> None:  # noqa: N802
        state = "ORDERED" if event["ordered"] else "RESERVED"
        day = dt.date(1970, 1, 1) + dt.timedelta(days=event["occurred_on"])
        self.payments[position] = {
            "fen": self._drawn(event),
            "organisation": event["organisation"],
            "person": event["person"],
            "category": event["category"],
            "tier": event["tier"],
            "occasion": event["occasion"],
            "month": day.isoformat()[:7],
            "amount": event["amount_fen"],
            "roster": event["roster"],
            "state": state,
            "now": state,
            "day": event["occurred_on"],
            "recorded": event["recorded_at"],
        }
        fen = event["amount_fen"]
        moved = {"ordered": fen} if event["ordered"] else {"reserved": fen}
        self._move(event, _account(event["stream"]), free=-fen, **moved)

    def _change(self, event: dict[str, Any], position: int, state: str) -> int:
        payment = self.payments[position]
        self.states.append((event["occurred_on"], event["recorded_at"], position, state))
        was, payment["now"] = payment["now"], state
        fen: int = payment["amount"]
        self._move(event, _account(event["stream"]), **{was.lower(): -fen})
        return fen

    def _PaymentSettled(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        fen = self._change(event, event["payment_position"], "SETTLED")
        self._move(event, _account(event["stream"]), settled=fen)

    def _PaymentBounced(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        fen = self._change(event, event["payment_position"], "BOUNCED")
        self._move(event, _account(event["stream"]), free=fen)

    def _PaymentReversed(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        fen = self._change(event, event["payment_position"], "REVERSED")
        self._move(event, _account(event["stream"]), free=fen)

    def _decide(self, event: dict[str, Any], state: str, counter: str) -> None:
        organisation = event["stream"].split("/")[1]
        account = (organisation, event["fund"])
        for position, payment in self.payments.items():
            same = (payment["organisation"], payment["roster"]) == (organisation, event["roster"])
            if same and payment["now"] == "RESERVED":
                payment["now"] = state
                self.states.append((event["occurred_on"], event["recorded_at"], position, state))
                fen = payment["amount"]
                self._move(event, account, reserved=-fen, **{counter: fen})

    def _RosterApproved(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        self._decide(event, "ORDERED", "ordered")

    def _RosterRejected(self, _: int, event: dict[str, Any]) -> None:  # noqa: N802
        self._decide(event, "RELEASED", "free")

    def _drawn(self, event: dict[str, Any]) -> list[Stretch]:
        return [
            stretch
            for draw in event["draws"]
            for stretch in cut(self.lots[draw["lot"]], draw["at"], draw["fen"])
        ]


def _account(stream: str) -> Account:
    _, organisation, fund = stream.split("/")
    return organisation, fund


def _known(day: int | None, recorded: int, as_of: int | None, recorded_as_of: int | None) -> bool:
    if as_of is not None and (day is None or day > as_of):
        return False
    return recorded_as_of is None or recorded <= recorded_as_of
