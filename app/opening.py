"""What a new ledger begins with: schemas, the root organisation, the vault, codes, a publisher."""

from collections.abc import Iterator
from typing import Any, Final

from eventlog.contract import Log
from publishers.client import Publisher
from publishers.codes import DIVISIONS, DIVISIONS_EDITION, divisions, load_codes
from publishers.opening import PUBLISHER_KINDS, Opening
from publishers.signing import Signer
from schemas.codec import decode
from vault.vault import Vault

BEGINNING_MAX: Final = 1_000
"""Within so many events a ledger has begun."""


def begin(
    log: Log,
    operator: Signer,
    ledger: bytes,
    opening: Opening,
    begun: tuple[Vault, Signer, str],
) -> None:
    """
    Submit what every ledger begins with; what has its verdict is not submitted again.

    *begun*: the vault, the first publisher, and the name of the root organisation.
    """
    vault, publisher, name = begun
    submissions = [
        *opening.schemas(),
        opening.root_organisation(name),
        opening.vault(vault.vault, vault.public_key),
        *_divisions(opening),
        opening.publisher(
            publisher.public_key, source="hengwen", subtree=opening.root, kinds=PUBLISHER_KINDS
        ),
    ]
    known = _recorded(log, {one.submission_id for one in submissions})
    Publisher(log, operator, ledger).publish(
        one for one in submissions if one.submission_id not in known
    )


def _recorded(log: Log, wanted: set[str]) -> set[str]:
    """Which submissions have their verdict: an init that was killed goes on where it was."""
    found: set[str] = set()
    after, end = 0, min(log.last_position(), BEGINNING_MAX)
    while after < end:
        records = log.read_events(after=after, limit=1_000, timeout_s=10)
        found |= wanted & {decode(r.value).submission_id for r in records}
        after = records[-1].position
    return found


def _divisions(opening: Opening) -> Iterator[Any]:
    """The table of divisions, as submissions."""
    yield from load_codes(
        DIVISIONS, DIVISIONS_EDITION, divisions(),
        organisation=opening.root, occurred_on=opening.occurred_on,
    )  # fmt: skip
