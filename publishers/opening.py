"""Opening a ledger: the submissions that a new log begins with, in order."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final
from uuid import UUID

from domain import submissions as s
from domain.parts import Key
from domain.publisher import OPERATOR_ONLY
from domain.signing import key_id
from domain.suites import INTL_1
from domain.units import Day
from publishers.signing import Signer
from schemas import files

PUBLISHER_KINDS: Final = tuple(
    sorted({c.__name__ for c in s.SUBMISSIONS} - OPERATOR_ONLY - {"OpenLog", "MoveOrganisation"})
)
"""What a publisher of a whole federation may submit: all that operators alone may not."""


def open_log(  # noqa: PLR0913  what a ledger is opened with
    *,
    log: str,
    domain: str,
    root: str,
    nonce: bytes,
    occurred_on: Day,
    operator: Signer,
    lock_digest: bytes,
    suite: str = INTL_1,
    first_rules: int = 1,
    checkpoint_key: bytes | None = None,
) -> s.OpenLog:
    """
    The first submission; *nonce* is 16 random bytes, so that no two ledgers have one id.

    *checkpoint_key* is the public key that signs checkpoints; without one the operator's does.
    """
    key = Key(operator.key, operator.public_key)
    signs = key if checkpoint_key is None else Key(key_id(checkpoint_key), checkpoint_key)
    return s.OpenLog(
        submission_id=str(UUID(bytes=sha256(nonce).digest()[:16], version=4)),
        organisation=root,
        occurred_on=occurred_on,
        actor=None,
        log=log,
        origin=f"{domain}/{log}",
        nonce=nonce,
        suite=suite,
        operator_keys=[key],
        checkpoint_keys=[signs],
        first_rules=first_rules,
        lock_digest=lock_digest,
    )


class Opening:
    """Submissions of the operator after OpenLog; their ids follow from the ledger and what they do."""

    def __init__(self, *, ledger: bytes, root: str, occurred_on: Day) -> None:
        self.ledger = ledger
        self.root = root
        self.occurred_on = occurred_on

    def schemas(self) -> Iterator[s.RegisterSchema]:
        """Every schema, in full."""
        for topic in files.RECORDS:
            text = files.text(topic)
            yield s.RegisterSchema(
                submission_id=self._id("schema", topic, text),
                organisation=self.root, occurred_on=self.occurred_on, actor=None,
                schema=topic, fingerprint=files.fingerprint(topic),
                text_digest=sha256(text.encode()).digest(), text=text,
            )  # fmt: skip

    def root_organisation(self, name: str) -> s.RegisterOrganisation:
        """The root of the tree of unions."""
        return s.RegisterOrganisation(
            submission_id=self._id("organisation", self.root),
            organisation=self.root, occurred_on=self.occurred_on, actor=None,
            code=self.root, parent=None, name=name, level="NATIONAL", division=None, uscc=None,
        )  # fmt: skip

    def vault(self, vault: str, public_key: bytes) -> s.RegisterVault:
        """The one active vault."""
        return s.RegisterVault(
            submission_id=self._id("vault", vault),
            organisation=self.root, occurred_on=self.occurred_on, actor=None,
            vault=vault, public_key=public_key,
        )  # fmt: skip

    def publisher(
        self,
        public_key: bytes,
        *,
        source: str,
        subtree: str,
        kinds: Sequence[str] = PUBLISHER_KINDS,
    ) -> s.RegisterPublisher:
        """A publisher's key for a subtree."""
        key = key_id(public_key)
        return s.RegisterPublisher(
            submission_id=self._id("publisher", key, subtree, *kinds),
            organisation=self.root, occurred_on=self.occurred_on, actor=None,
            key=key, public_key=public_key, publisher_source=source,
            subtree=subtree, kinds=list(kinds),
        )  # fmt: skip

    def _id(self, *parts: str) -> str:
        """An id that is the same whenever the same is submitted to the same ledger."""
        digest = sha256(self.ledger + "\0".join(parts).encode()).digest()
        return str(UUID(bytes=digest[:16], version=4))
