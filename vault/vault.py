"""
The vault: who a person id is, sealed identities, and signed statements that names were checked.

One vault serves one ledger. A sealing call of up to 512 identities is one transaction with the next
number of a dense sequence; it is durable before anything is answered, so no attestation can exist
that the vault has forgotten, unless an old backup was restored: then the log knows better, and the
vault refuses to open.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any, Self

from psycopg import Connection

from domain.calendar import civil_day
from domain.person import READING_MAX
from domain.signing import BATCH_MAX
from domain.suites import INTL_1
from domain.units import Micros, Position
from vault import store
from vault.calls import (
    Sealed,
    SealedField,
    SealingKeys,
    SealRequest,
    document_tag,
    find_persons,
    make_call,
)
from vault.database import Store
from vault.errors import PersonGone, WrongVault
from vault.headers import check_header, new_header, unwrapped
from vault.identities import Checked, Identity, check_identities, decode_identity
from vault.keys import MasterKey
from vault.sealing import Place, unseal
from vault.store import Header, Reading
from vault.suites import suite_called

__all__ = ["Identity", "Reading", "SealRequest", "Sealed", "SealedField", "Vault"]


class Vault:
    """An open vault. Safe to share between threads; calls follow one another."""

    def __init__(
        self, data: Store, header: Header, master: MasterKey, clock: Callable[[], Micros],
        regions: Container[str] | None,
    ) -> None:  # fmt: skip
        self._store = data
        self._master = master
        self._clock = clock
        self._regions = regions
        self._wrapped = header.signing_key
        self._keys = unwrapped(header, master)
        self._sealing = SealingKeys(header.vault, header.ledger, master, self._keys)
        self.suite = header.suite
        self.vault = header.vault
        self.ledger = header.ledger
        self.public_key = header.public_key

    @classmethod
    def create(  # noqa: PLR0913  as open
        cls,
        dsn: str,
        master_key: bytes,
        *,
        ledger: bytes,
        clock: Callable[[], Micros],
        suite: str = INTL_1,
        regions: Container[str] | None = None,
    ) -> Self:
        """
        Make a vault for a ledger in a database that has none, and open it.

        Raises:
            WrongVault: the database has a vault already, or the key has not 32 bytes.
            OtherSuite: this program has no such suite.
        """
        master, data = MasterKey(master_key, suite_called(suite)), Store(dsn)
        try:
            with data.transaction() as connection:
                store.create_tables(connection)
                store.insert_header(connection, new_header(master, ledger, clock()))
                header = store.read_header(connection)
            return cls(data, header, master, clock, regions)
        except BaseException:
            data.close()
            raise

    @classmethod
    def open(  # noqa: PLR0913  what a vault is held against
        cls,
        dsn: str,
        master_key: bytes,
        *,
        ledger: bytes,
        highest_in_log: int,
        clock: Callable[[], Micros],
        suite: str = INTL_1,
        regions: Container[str] | None = None,
    ) -> Self:
        """
        Open the vault of a ledger.

        Args:
            dsn: the vault's database.
            master_key: 32 bytes.
            ledger: the ledger's id.
            highest_in_log: the highest sequence of this vault in any attestation in the log, 0 if
                there is none.
            clock: the instant now; its civil day is the day of the document checks.
            suite: of the ledger, as LogOpened names it.
            regions: all codes a citizen number may begin with; None: they are not looked at.

        Raises:
            VaultMissing: there is none.
            WrongVault: another ledger or master key.
            OtherSuite: the vault has another suite than the ledger.
            VaultBehind: the log has seen a later call.
        """
        master, data = MasterKey(master_key, suite_called(suite)), Store(dsn)
        try:
            with data.transaction() as connection:
                header = store.read_header(connection)
            check_header(header, ledger, suite, highest_in_log)
            return cls(data, header, master, clock, regions)
        except BaseException:
            data.close()
            raise

    def close(self) -> None:
        """Give the connections back."""
        self._store.close()

    def __enter__(self) -> Self:
        """Use as a context."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connections back."""
        self.close()

    def note_log_seen(self, ordinal: int) -> None:
        """Remember how far the log was searched for later sequences, so as not to do it again."""
        with self._store.transaction() as connection:
            store.note_log_seen(connection, ordinal)

    @property
    def last_sequence(self) -> int:
        """The number of the last sealing call."""
        with self._store.transaction() as connection:
            return store.read_header(connection).sequence

    def seal(self, requests: Sequence[SealRequest], *, fold_old: bool = False) -> list[Sealed]:
        """
        Check, seal and attest identities; durable before it returns.

        Args:
            requests: at most 512; the answer has their order.
            fold_old: take 15-digit numbers of old feeds.

        Raises:
            IdentityRejected: some failed their checks; nothing was done.
            ValueError: no request, or more than 512.
        """
        if not 0 < len(requests) <= BATCH_MAX:
            raise ValueError(f"a sealing call takes 1 to {BATCH_MAX} identities")
        checked = self._check([r.identity for r in requests], fold_old=fold_old, employer=True)
        with self._store.transaction() as connection:
            self._lock(connection)
            return make_call(connection, self._sealing, requests, checked, self._clock())

    def person_of(self, identity: Identity, *, fold_old: bool = False) -> str:
        """The id of a handler, visitor or approver, found or made; needs no employer."""
        return self.persons_of([identity], fold_old=fold_old)[0]

    def persons_of(self, identities: Sequence[Identity], *, fold_old: bool = False) -> list[str]:
        """
        The ids of persons known by their documents (or, in an organisation, a staff code).

        Raises:
            IdentityRejected: some failed their checks; nobody was added.
        """
        if not identities:
            return []
        checked = self._check(identities, fold_old=fold_old, employer=False)
        tags = [document_tag(self._keys, person) for person in checked]
        with self._store.transaction() as connection:
            known = store.persons_by_tag(connection, tags)
            if len(known) < len(set(tags)):
                self._lock(connection)
                found = find_persons(connection, self._sealing, checked, self._clock())
                return [person.person for person in found]
        return [known[tag].person for tag in tags]

    def add_document(self, person: str, identity: Identity) -> None:
        """
        Note that a document belongs to a known person.

        Raises:
            DocumentTaken: it is another person's; LinkPersons joins the two.
            IdentityRejected, PersonGone: the document is wrong; the person has no key.
        """
        checked = self._check([identity], fold_old=True, employer=False)[0]
        with self._store.transaction() as connection:
            self._lock(connection)
            if store.keys_of(connection, [person]).get(person) is None:
                raise PersonGone("no such person")
            store.insert_document(connection, document_tag(self._keys, checked), person)

    def payment_ids(self, organisation: str, roster: str, rows: Sequence[bytes]) -> list[str]:
        """
        Payment ids of the canonical rows of a roster: the same row, the same id, in any file.

        Equal rows are told apart by their ordinal among their equals.
        """
        seen: Counter[bytes] = Counter()
        ids: list[str] = []
        for row in rows:
            ordinal = seen[row]
            seen[row] += 1
            ids.append(self._id("payment", organisation, (roster.encode(), row, b"%d" % ordinal)))
        return ids

    def keyed_id(self, kind: str, organisation: str, parts: Iterable[bytes]) -> str:
        """A UUIDv8 that only this vault can compute from identity data, the same every time."""
        return self._id(kind, organisation, parts)

    def keyed_tag(self, kind: str, data: bytes) -> bytes:
        """32 bytes that tell equal data apart from other data, to this vault's owner only."""
        return self._keys.tag(f"data/{kind}", data.hex())

    def read(self, reading: Reading, fields: Sequence[SealedField]) -> list[Identity | None]:
        """
        The plain identities of sealed fields; the reading is recorded first.

        Returns:
            In order; None where the person's key was erased or lost.

        Raises:
            SealBroken: a field does not open.
            ValueError: more than 500 fields.
        """
        if len(fields) > READING_MAX:
            raise ValueError(f"a reading takes at most {READING_MAX} identities")
        persons = sorted({field.person for field in fields})
        with self._store.transaction() as connection:
            store.insert_reading(connection, reading, persons, self._clock())
        with self._store.transaction() as connection:
            keys = store.keys_of(connection, persons)
        return [self._open(field, keys.get(field.person)) for field in fields]

    def erase(self, person: str, *, position: Position) -> None:
        """
        Destroy a person's key and index entries, after PersonErased stands at *position*.

        Old row versions leave the disk with the next VACUUM, and backups when they are discarded.

        Raises:
            PersonGone: there is no key to destroy.
        """
        with self._store.transaction() as connection:
            self._lock(connection)
            if not store.erase_person(connection, person, self._clock(), position):
                raise PersonGone("no such person")

    def has_key(self, person: str) -> bool | None:
        """Whether a person's key is here; False if it was destroyed, None if it never was."""
        with self._store.transaction() as connection:
            found = store.keys_of(connection, [person])
        return found[person] is not None if person in found else None

    def _lock(self, connection: Connection[Any]) -> None:
        """Be the only one to add persons; a new key must not be wrapped by an old master key."""
        if store.lock(connection) != self._wrapped:
            raise WrongVault("the master key was changed meanwhile: open the vault again")

    def _id(self, kind: str, organisation: str, parts: Iterable[bytes]) -> str:
        return self._keys.keyed_id((kind.encode(), self.ledger, organisation.encode(), *parts))

    def _check(
        self, identities: Sequence[Identity], *, fold_old: bool, employer: bool
    ) -> list[Checked]:
        return check_identities(
            identities, on=civil_day(self._clock()), fold_old=fold_old, employer_needed=employer,
            regions=self._regions,
        )  # fmt: skip

    def _open(self, field: SealedField, wrapped: bytes | None) -> Identity | None:
        if wrapped is None:
            return None
        key = self._master.unwrap(wrapped, field.person)
        place = Place(self.ledger, field.organisation, field.business_id, field.field, field.person)
        return decode_identity(unseal(key, place, field.sealed, self._keys.suite))
