"""Whether a part of a log lacks anything of its organisations, by the signed chains in it."""

from domain.events import Event
from evidence.balance_proofs import BadProof
from evidence.keys import KeyHistory
from evidence.organisation_chains import Chain, OrganisationChains
from evidence.organisation_proofs import OrganisationProofs
from evidence.pack_scope import Subtree
from evidence.verify_checks import (
    NOT_CHECKED,
    RECORDS,
    Check,
    failed,
    not_checked,
    passed,
    texts,
)
from evidence.verify_signed import Trust, counting_keys
from evidence.verify_source import Source


class RecordsCheck:
    """Makes the chains again from the events of the part, up to the balances they were signed with."""

    def __init__(self, source: Source) -> None:
        self._extent = source.extent
        self._chains = OrganisationChains()
        self._part = Subtree(self._extent.organisation or "")
        self._proofs: OrganisationProofs | None = None
        self._bad: str | None = None
        self._until = 0
        text = source.organisation_proofs() if self._is_part() else ""
        if text:
            try:
                self._proofs = OrganisationProofs.of(text)
                self._until = self._proofs.claimed().checkpoint.size
            except BadProof as bad:
                self._bad = bad.code

    def _is_part(self) -> bool:
        return self._extent.organisation is not None and self._extent.first == 1

    def take(self, position: int, event: Event, value: bytes, digest: bytes) -> None:
        """Take in the next event of the part."""
        if self._is_part() and position <= self._until:
            self._part.learn(value)
            self._chains.take(event, digest)

    def check(self, signed: int, keys: KeyHistory, trust: Trust) -> list[Check]:
        """
        What was found; nothing of what is no part.

        *signed* is the size of the newest signed balances within the part, 0 if there are none.
        """
        if self._extent.organisation is None:
            return []
        return [self._unproven(signed) or self._compared(keys, trust)]

    def _unproven(self, signed: int) -> Check | None:
        """Why nothing can be compared; None if it can."""
        if not self._is_part():
            return not_checked(RECORDS, "FROM_MIDDLE")
        if self._bad is not None:
            return failed(RECORDS, "PROOF_FALSE", why=self._bad)
        if self._proofs is None:
            missing = failed(RECORDS, "CHAINS_MISSING", size=signed)
            return missing if signed else not_checked(RECORDS, "NO_BALANCES")
        if self._until < signed:
            return failed(RECORDS, "CHAINS_OLD", size=self._until, newest=signed)
        return None

    def _compared(self, keys: KeyHistory, trust: Trust) -> Check:
        assert self._proofs is not None  # _unproven looked
        try:
            balances, chains = self._proofs.checked(counting_keys(trust, keys))
        except BadProof as bad:
            return failed(RECORDS, "PROOF_FALSE", why=bad.code)
        size = self._until
        if self._chains.registry != balances.chains.registry:
            due = balances.chains.registry.length
            held = self._chains.registry.length
            return failed(RECORDS, "REGISTRY_HIDDEN", size=size, due=due, held=held)
        # The registry is whole: so it is known which organisations there are.
        for organisation in sorted(self._part.codes):
            signed, held_here = chains.get(organisation, Chain()), self._chains.of(organisation)
            if signed != held_here or not signed.length:
                return failed(
                    RECORDS, "EVENTS_HIDDEN", organisation=organisation, size=size,
                    due=signed.length, held=held_here.length,
                )  # fmt: skip
        figures = {"organisations": len(self._part.codes), "size": size}
        if size < self._extent.last:
            told = texts(figures | {"last": self._extent.last})
            return Check(RECORDS, NOT_CHECKED, "SIGNED_EARLIER", None, told)
        return passed(RECORDS, **figures)
