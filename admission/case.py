"""One submission being decided: what was submitted, by whom, and what the checks look up for it."""

from collections.abc import Callable, Collection
from typing import Any, Final

from admission.proofs import Signatures
from admission.state import State
from domain.account import Account
from domain.calendar import civil_day
from domain.free_fen import Bond
from domain.fund import Fund
from domain.organisation import Organisation
from domain.parts import Attestation, Interval
from domain.person import Person
from domain.policy import Policy
from domain.publisher import Publisher
from domain.units import Day, Micros, Position

UNKNOWN: Final = object()
"""Not looked up yet: None is an answer."""


class Case:
    """
    Facts for the checks of one submission. Nothing here changes the state.

    *submission* has the class of its kind; *position* and *at* are those of the verdict. *kinds*
    are those of the rules in force; *lock_of* gives the lock digest of a version of the rules, or
    stops the program if it lacks that version.
    """

    def __init__(  # noqa: PLR0913  everything a verdict may depend on
        self,
        *,
        submission: Any,
        state: State,
        position: Position,
        at: Micros,
        publisher: Publisher,
        attestations: tuple[Attestation, ...],
        signatures: Signatures,
        kinds: Collection[str],
        lock_of: Callable[[int], bytes],
    ) -> None:
        self.submission = submission
        self.state = state
        self.position = position
        self.at = at
        self.publisher = publisher
        self.attestations = attestations
        self.signatures = signatures
        self.kinds = kinds
        self.lock_of = lock_of
        self.draws: list[Interval] = []
        """Chosen by the last check of a kind that moves fen, used by the builder; no check reads them."""
        self._today: Any = UNKNOWN
        self._organisation: Any = UNKNOWN
        self._fund: Any = UNKNOWN
        self._account: Any = UNKNOWN
        self._policy: Any = UNKNOWN
        self._person: Any = UNKNOWN
        self._ledger: Any = UNKNOWN

    @property
    def today(self) -> Day:
        """The civil day of the verdict."""
        if self._today is UNKNOWN:
            self._today = civil_day(self.at)
        found: Day = self._today
        return found

    @property
    def organisation(self) -> Organisation | None:
        """The organisation that speaks."""
        if self._organisation is UNKNOWN:
            self._organisation = self.state.organisation(self.submission.organisation)
        found: Organisation | None = self._organisation
        return found

    @property
    def fund(self) -> Fund | None:
        """The fund named in the submission."""
        if self._fund is UNKNOWN:
            self._fund = self.state.fund(self.submission.fund)
        found: Fund | None = self._fund
        return found

    @property
    def account(self) -> Account | None:
        """The speaking organisation's account of that fund."""
        if self._account is UNKNOWN:
            self._account = self.state.account(self.submission.organisation, self.submission.fund)
        found: Account | None = self._account
        return found

    @property
    def policy(self) -> Policy | None:
        """The policy in force for the speaking organisation on the business day."""
        if self._policy is UNKNOWN:
            self._policy = self.state.policy(
                self.submission.organisation, self.submission.occurred_on
            )
        found: Policy | None = self._policy
        return found

    @property
    def person(self) -> Person | None:
        """The root of the persons that the recipient was linked with; None if never seen."""
        if self._person is UNKNOWN:
            self._person = self.state.person(self.submission.person)
        found: Person | None = self._person
        return found

    def same(self, one: str | None, other: str | None) -> bool:
        """Whether two vault ids are one person, by themselves or by being linked."""
        return one is not None and other is not None and self.root(one) == self.root(other)

    def root(self, person: str) -> str:
        """The id under which a person's linked ids are one."""
        found = self.state.person(person)
        return found.id if found else person

    @property
    def ledger(self) -> bytes:
        """The ledger id."""
        if self._ledger is UNKNOWN:
            self._ledger = bytes.fromhex(self.state.ledger.ledger)
        found: bytes = self._ledger
        return found

    def bond(self, lot: Position) -> Bond:
        """What binds the fen of a lot: arrival not confirmed, restrictions."""
        return Bond(self.state.lot(lot).confirmed, self.state.binding(lot))
