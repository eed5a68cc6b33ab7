"""
The state that verdicts depend on: keyed rows, read on demand and written back once per batch.

A row is JSON values under a readable key. The same fold of the same events gives the same rows,
byte for byte, so a state can be dropped and rebuilt, and two can be compared.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from domain.account import Account, account_stream
from domain.entity import Entity
from domain.fund import Fund
from domain.lot import Lot
from domain.organisation import DEPTH_MAX, Organisation
from domain.payment import Payment
from domain.person import Person
from domain.policy import Policy, PolicyBook
from domain.publisher import Publisher
from domain.restriction import Restriction
from domain.roster import Roster
from domain.units import Day, Micros, Position

E = TypeVar("E", bound=Entity)
Load = Callable[[list[str]], Mapping[str, bytes]]
"""Reads the rows of some keys; keys without a row are left out."""

ENTITIES: Final[dict[str, type[Entity]]] = {
    "organisation": Organisation,
    "publisher": Publisher,
    "fund": Fund,
    "policy": PolicyBook,
    "account": Account,
    "lot": Lot,
    "roster": Roster,
}
LAYOUT: Final = 5
"""Raised whenever rows of a kind look otherwise or mean something else: then a state that an older
program left is made anew from the log, never read."""
BULK: Final = (
    "payment/", "person/", "row/", "id/", "visit/", "roster/", "grant/", "allocation/",
    "returned/", "withdrawal/", "statement/", "reading/", "refused/",
)  # fmt: skip
"""Kinds of row that grow with the log: kept in memory for a batch only."""
REGISTRY: Final = ("organisation/", "policy/")
CACHED_MAX: Final = 200_000
"""Most other rows kept in memory between batches."""


class Head(NamedTuple):
    """Head of a stream, and of its receiving chain: version and SHA-256 of the last event."""

    version: int = 0
    last: str | None = None
    in_version: int = 0
    in_last: str | None = None


class Ledger(NamedTuple):
    """What is known of the ledger as a whole; hashes in hexadecimal."""

    position: Position = Position(0)
    recorded_at: Micros = Micros(0)
    last: str = ""
    ledger: str = ""
    rules: int = 0


class State:
    """Rows as objects. Deciding only reads; folding an event is the only writer."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._cache: dict[str, Any] = {}
        self._dirty: dict[str, None] = {}
        """In the order of folding: neighbours in memory are dumped together."""
        self._bulk: list[str] = []
        self._known: dict[tuple[str, str, int | str], Any] = {}
        """Answers about the tree, policies and years: dropped when any of them changes."""
        rows = load(["ledger"])
        self.ledger = Ledger(*orjson.loads(rows["ledger"])) if rows else Ledger()

    # -- reading ------------------------------------------------------------------------------

    def prefetch(self, keys: Iterable[str]) -> None:
        """Read the rows that a batch will need in one go; absent ones are remembered as absent."""
        missing = [key for key in dict.fromkeys(keys) if key not in self._cache]
        if not missing:
            return
        rows = self._load(missing)
        for key in missing:
            raw = rows.get(key)
            self._cache[key] = None if raw is None else _from_row(key, orjson.loads(raw))
            if key.startswith(BULK):
                self._bulk.append(key)

    def get(self, key: str) -> Any:
        """The object under *key*, None if there is none."""
        try:
            return self._cache[key]
        except KeyError:
            self.prefetch((key,))
            return self._cache[key]

    def organisation(self, code: str) -> Organisation | None:
        """The organisation with a code."""
        found: Organisation | None = self.get(f"organisation/{code}")
        return found

    def publisher(self, key: str) -> Publisher | None:
        """The publisher or operator with a key id."""
        found: Publisher | None = self.get(f"publisher/{key}")
        return found

    def fund(self, fund: str) -> Fund | None:
        """The fund with a code."""
        found: Fund | None = self.get(f"fund/{fund}")
        return found

    def account(self, organisation: str, fund: str) -> Account | None:
        """What an organisation holds of a fund; None if it never received any."""
        found: Account | None = self.get(account_stream(organisation, fund))
        return found

    def lot(self, position: Position) -> Lot:
        """The lot that the event at *position* made."""
        found: Lot = self.get(f"lot/{position}")
        return found

    def binding(self, lot: Position) -> tuple[Restriction, ...]:
        """The restrictions of a lot, its own and those it inherited: they never change."""
        key = ("binding", "", lot)
        found: tuple[Restriction, ...] | None = self._known.get(key)
        if found is None:
            made = self.lot(lot)
            own = [made.restriction] if not made.restriction.empty else []
            found = (*own, *(self.lot(above).restriction for above in made.inherited))
            self._known[key] = found
        return found

    def roster(self, organisation: str, roster: str) -> Roster | None:
        """The roster."""
        found: Roster | None = self.get(f"roster/{organisation}/{roster}")
        return found

    def payment(self, organisation: str, payment: str) -> Payment | None:
        """The payment."""
        found: Payment | None = self.get(f"payment/{organisation}/{payment}")
        return found

    def person(self, person: str) -> Person | None:
        """The root of the persons that *person* was linked with; None if never seen."""
        found: Person | None = self.get(f"person/{person}")
        while found is not None and found.root is not None:
            found = self.get(f"person/{found.root}")
        return found

    def head(self, stream: str) -> Head:
        """Head of a stream."""
        return self.get(f"head/{stream}") or Head()

    def ancestors(self, code: str) -> Iterator[tuple[str, Organisation]]:
        """The organisation itself and all above it, upwards."""
        for _ in range(DEPTH_MAX + 1):
            organisation = self.organisation(code)
            if organisation is None:
                return
            yield code, organisation
            if organisation.parent is None:
                return
            code = organisation.parent

    def within(self, code: str, subtree: str) -> bool:
        """True if *code* is *subtree* or lies below it."""
        key = ("within", code, subtree)
        if key not in self._known:
            self._known[key] = any(above == subtree for above, _ in self.ancestors(code))
        found: bool = self._known[key]
        return found

    def lowest_above(self, one: str | None, other: str | None) -> str | None:
        """The lowest organisation that both are or lie below; the one of them if the other is None."""
        if one is None or other is None:
            return one or other
        return next((code for code, _ in self.ancestors(one) if self.within(other, code)), None)

    def policy(self, code: str, day: Day) -> Policy | None:
        """The policy in force for an organisation: its own, else that of the nearest union above."""
        key = ("policy", code, day)
        if key not in self._known:
            self._known[key] = self._policy(code, day)
        found: Policy | None = self._known[key]
        return found

    def _policy(self, code: str, day: Day) -> Policy | None:
        for above, _ in self.ancestors(code):
            book: PolicyBook | None = self.get(f"policy/{above}")
            policy = book.on(day) if book else None
            if policy is not None:
                return policy
        return None

    def year_closed(self, code: str, year: int) -> bool:
        """True if that year or a later one is closed for the organisation or any above it."""
        key = ("year", code, year)
        if key not in self._known:
            self._known[key] = any(year <= o.closed_through for _, o in self.ancestors(code))
        found: bool = self._known[key]
        return found

    # -- writing, by the fold only -------------------------------------------------------------

    def put(self, key: str, value: Any) -> None:
        """Set a row."""
        if key not in self._cache and key.startswith(BULK):
            self._bulk.append(key)
        self._cache[key] = value
        self.touch(key)

    def touch(self, key: str) -> None:
        """Mark a row whose object was changed in place."""
        self._dirty[key] = None
        if key.startswith(REGISTRY):
            self._known.clear()

    # -- between batches -------------------------------------------------------------------------

    def take_rows(self) -> dict[str, bytes]:
        """
        The rows changed since the last call, and the ledger's own; bulk rows leave memory.

        Call it once the batch is safe in the log.
        """
        cache = self._cache
        rows = {key: _dump(cache[key]) for key in self._dirty}
        rows["ledger"] = orjson.dumps(list(self.ledger))
        self._dirty.clear()
        for key in self._bulk:
            self._cache.pop(key, None)
        self._bulk.clear()
        if len(self._cache) > CACHED_MAX:
            self._cache.clear()
        if len(self._known) > CACHED_MAX:
            self._known.clear()
        return rows


def _from_row(key: str, row: Any) -> Any:
    kind, _, identity = key.partition("/")
    if kind == "head":
        return Head(*row)
    if kind == "payment":
        return Payment.from_row(row)
    if kind == "person":
        return Person(*row)
    entity = ENTITIES.get(kind)
    if entity is None:
        return row
    return entity.from_row(key if kind == "account" else identity, row)


def _dump(value: Any) -> bytes:
    """A row as JSON; orjson takes plain lists at once and asks back for each named tuple."""
    kind = type(value)
    if kind is list:
        return orjson.dumps(value)
    if kind is Head:
        return orjson.dumps(list(value))
    row = value.row() if hasattr(value, "row") else value
    return orjson.dumps(row, default=tuple, option=orjson.OPT_SORT_KEYS)
