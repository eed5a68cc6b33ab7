"""Whether a part of a log lacks the last events of its accounts, by the balance proofs in it."""

from domain.account import account_stream
from domain.events import Event, Incoming
from evidence.balance_proofs import BadProof, BalanceProof, claimed, proof_in, shown
from evidence.balance_sheet import KIND
from evidence.balance_tree import Head
from evidence.keys import KeyHistory
from evidence.pack_scope import Subtree
from evidence.verify_checks import ACCOUNTS, Check, failed, not_checked, passed
from evidence.verify_signed import Trust, counting_keys
from evidence.verify_source import Source


class AccountsCheck:
    """Follows the heads of the accounts that the part has proofs of."""

    def __init__(self, source: Source) -> None:
        organisation = source.extent.organisation
        texts = source.balance_proofs() if organisation and source.extent.first == 1 else []
        self._part = Subtree(organisation or "")
        self._proofs: dict[str, BalanceProof] = {}
        self._until: dict[str, int] = {}
        self._bad: str | None = None
        for text in texts:
            try:
                proof = proof_in(text)
                stream = account_stream(proof.organisation, proof.fund)
                self._until[stream] = claimed(proof).checkpoint.size
                self._proofs[stream] = proof
            except BadProof as bad:
                self._bad = bad.code
        self._last = max(self._until.values(), default=0)
        self._own: dict[str, Head] = {}
        self._receiving: dict[str, Head] = {}
        self._unproven: set[str] = set()

    def take(self, position: int, event: Event, value: bytes, digest: bytes) -> None:
        """Take in the next event of the part."""
        if not self._proofs or position > self._last:
            return
        self._part.learn(value)
        self._follow(self._own, position, event.stream, Head(event.version, digest))
        if isinstance(event, Incoming):
            head = Head(event.in_version, digest)
            self._follow(self._receiving, position, event.in_stream, head)

    def _follow(self, heads: dict[str, Head], position: int, stream: str, head: Head) -> None:
        if not stream.startswith(KIND):
            return
        if position <= self._until.get(stream, 0):
            heads[stream] = head
        elif stream not in self._until:
            self._unproven.add(stream)

    def check(self, keys: KeyHistory, trust: Trust) -> list[Check]:
        """What was found; nothing if the part has no proofs."""
        if self._bad is not None:
            return [failed(ACCOUNTS, "PROOF_FALSE", why=self._bad)]
        if not self._proofs:
            return []
        for stream, proof in self._proofs.items():
            try:
                leaf = shown(proof, counting_keys(trust, keys)).account
            except BadProof as bad:
                return [failed(ACCOUNTS, "PROOF_FALSE", why=bad.code)]
            heads = self._own.get(stream, Head()), self._receiving.get(stream, Head())
            if heads != ((leaf.own, leaf.receiving) if leaf else (Head(), Head())):
                return [failed(ACCOUNTS, "LATER_HIDDEN", account=stream, size=self._until[stream])]
        if any(self._part.owns(stream) for stream in self._unproven):
            return [not_checked(ACCOUNTS, "PART")]
        return [passed(ACCOUNTS, accounts=len(self._proofs), size=self._last)]
