"""
What the vault refuses.

- VaultError
    - IdentityRejected: identities that fail the real-name checks; codes and places, never values
    - VaultBehind: the log has seen a later sealing call than this database: an old backup
    - WrongVault: the master key or the ledger is not the one this vault was made with
    - OtherSuite: the ledger names another suite of algorithms than the vault's, or an unknown one
    - VaultMissing: the database holds no vault, or one of another version
    - VaultUnreachable: the database does not answer; whether a call was done is not known
    - DocumentTaken: the document already belongs to another person (join the two instead)
    - SealBroken: the bytes are not what this vault sealed for that place
    - PersonGone: the person's key was erased, lost, or never here
    - BackupBroken: the backup file is not whole, or the database is not empty

No message holds a name, a number, a card, a phone or a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class VaultError(Exception):
    """The vault will not do it."""


class Problem(NamedTuple):
    """What is wrong with one field of an identity: the field's name and a stable code."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """The problems of the identity at *index* of a call."""

    index: int
    problems: tuple[Problem, ...]


class IdentityRejected(VaultError):
    """Identities of a call failed their checks; nothing of the call was done."""

    def __init__(self, rejections: Sequence[Rejection]) -> None:
        self.rejections = tuple(rejections)
        self.index = self.rejections[0].index
        self.problems = self.rejections[0].problems
        codes = ", ".join(sorted({p.code for r in rejections for p in r.problems}))
        super().__init__(f"{len(self.rejections)} identities rejected: {codes}")


class VaultBehind(VaultError):
    """The log holds attestations this vault does not know: it was restored from an old backup."""

    def __init__(self, *, own: int, in_log: int) -> None:
        self.own = own
        self.in_log = in_log
        super().__init__(f"the vault is at sequence {own}, the log has seen {in_log}")


class WrongVault(VaultError):
    """The master key or the ledger does not fit this vault."""


class OtherSuite(WrongVault):
    """The suite of the ledger is not that of its vault, or none that this program has."""

    def __init__(self, *, vault: str | None, ledger: str) -> None:
        """*vault* is None where this program does not have the suite at all."""
        self.vault = vault
        self.ledger = ledger
        own = "this program has no such suite" if vault is None else f"the vault has {vault}"
        super().__init__(f"the suite is to be {ledger}: {own}")


class VaultMissing(VaultError):
    """The database holds no vault of this version."""


class VaultUnreachable(VaultError):
    """The vault's database cannot be reached; a sealing call may be repeated without harm."""


class DocumentTaken(VaultError):
    """The document already belongs to another person."""


class SealBroken(VaultError):
    """The sealed bytes do not open: changed, or moved from another place."""


class PersonGone(VaultError):
    """There is no key for the person."""


class BackupBroken(VaultError):
    """The backup cannot be restored here."""
