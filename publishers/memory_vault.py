"""
A vault in memory: the same checks, ids and attestations, nothing kept. For trials and tests.

Its sealed bytes are the real format under real keys, which die with the process.
"""

from base64 import b32encode
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from domain.signing import BATCH_MAX
from domain.suites import INTL_1
from domain.units import Day
from publishers.codes import identity_regions
from vault.attesting import Statement, attest
from vault.documents import STAFF
from vault.identities import Checked, Identity, check_identities, encode_identity
from vault.keys import VaultKeys
from vault.sealing import Place, seal
from vault.suites import suite_called
from vault.vault import Sealed, SealRequest

VAULT: Final = "00000000-0000-8000-8000-000000000001"


class MemoryVault:
    """Keeps the promises of IdentityVault until the process ends; *seed* makes it repeatable."""

    def __init__(
        self, ledger: bytes, *, today: Day, seed: bytes = b"memory", suite: str = INTL_1
    ) -> None:
        signing, index, ids = (sha256(seed + bytes((n,))).digest() for n in range(3))
        self._keys = VaultKeys(signing, index, ids, suite_called(suite))
        self._today = today
        self._persons: dict[bytes, str] = {}
        self.ledger = ledger
        self.vault = VAULT
        self.public_key = self._keys.signer.public_key().public_bytes_raw()
        self.last_sequence = 0

    def seal(self, requests: Sequence[SealRequest], *, fold_old: bool = False) -> list[Sealed]:
        """Check, seal and attest."""
        if not 0 < len(requests) <= BATCH_MAX:
            raise ValueError(f"a sealing call takes 1 to {BATCH_MAX} identities")
        checked = self._check([r.identity for r in requests], fold_old=fold_old, employer=True)
        persons = [self._person(c) for c in checked]
        blobs = [
            seal(
                sha256(person.encode()).digest(),
                Place(self.ledger, r.organisation, r.business_id, r.field, person),
                encode_identity(c.identity),
                self._keys.suite,
            )
            for r, c, person in zip(requests, checked, persons, strict=True)
        ]
        self.last_sequence += 1
        statements = [
            Statement(r.organisation, r.business_id, r.field, person, blob, c.checks)
            for r, c, person, blob in zip(requests, checked, persons, blobs, strict=True)
        ]
        signed = attest(
            self._keys.signer, statements,
            ledger=self.ledger, vault=self.vault, sequence=self.last_sequence,
        )  # fmt: skip
        return [
            Sealed(
                person=persons[i],
                sealed=blobs[i],
                checks=checked[i].checks,
                card=self._token("c", checked[i].identity.card),
                phone=self._token("t", checked[i].identity.phone),
                household=self._token("h", checked[i].identity.household),
                attestation=signed.attestations[i],
                warnings=checked[i].warnings,
            )
            for i in range(len(requests))
        ]

    def persons_of(self, identities: Sequence[Identity], *, fold_old: bool = False) -> list[str]:
        """Find or make person ids."""
        return [self._person(c) for c in self._check(identities, fold_old=fold_old, employer=False)]

    def person_of(self, identity: Identity, *, fold_old: bool = False) -> str:
        """Find or make one person id."""
        return self.persons_of([identity], fold_old=fold_old)[0]

    def payment_ids(self, organisation: str, roster: str, rows: Sequence[bytes]) -> list[str]:
        """Payment ids of canonical rows."""
        seen: Counter[bytes] = Counter()
        ids = []
        for row in rows:
            parts = (roster.encode(), row, str(seen[row]).encode())
            seen[row] += 1
            ids.append(self.keyed_id("payment", organisation, parts))
        return ids

    def keyed_id(self, kind: str, organisation: str, parts: Iterable[bytes]) -> str:
        """An id keyed by this vault."""
        return self._keys.keyed_id((kind.encode(), self.ledger, organisation.encode(), *parts))

    def keyed_tag(self, kind: str, data: bytes) -> bytes:
        """A tag keyed by this vault."""
        return self._keys.tag(f"data/{kind}", data.hex())

    def _check(
        self, identities: Sequence[Identity], *, fold_old: bool, employer: bool
    ) -> list[Checked]:
        return check_identities(
            identities, on=self._today, fold_old=fold_old, employer_needed=employer,
            regions=identity_regions(),
        )  # fmt: skip

    def _person(self, checked: Checked) -> str:
        kind, number = checked.document.index_key
        scope = (checked.identity.employer or "",) if kind == STAFF else ()
        tag = self._keys.tag("document", kind, number, *scope)
        return self._persons.setdefault(tag, f"p-{_letters(tag)}")

    def _token(self, prefix: str, value: str | None) -> str | None:
        return f"{prefix}-{_letters(self._keys.tag(prefix, value))}" if value else None


def _letters(tag: bytes) -> str:
    """A token's letters, as the vault makes them at random."""
    return b32encode(tag[:15]).decode().lower()
