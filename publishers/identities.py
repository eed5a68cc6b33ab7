"""
What the vault fills into submissions: sealed identities, person ids, and ids nobody can guess.

``IdentityVault`` is the part of ``vault.vault.Vault`` that publishers need.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

from domain.business_ids import BUSINESS_IDS
from domain.parts import Attestation
from domain.signing import BATCH_MAX
from publishers.client import Signable
from publishers.lines import BadLine, Line
from vault.errors import IdentityRejected, Rejection
from vault.identities import Identity
from vault.vault import Sealed, SealRequest


class IdentityVault(Protocol):
    """The vault as a publisher uses it."""

    def seal(self, requests: Sequence[SealRequest], *, fold_old: bool = False) -> list[Sealed]:
        """Check, seal and attest up to 512 identities; durable before it returns."""
        ...

    def persons_of(self, identities: Sequence[Identity], *, fold_old: bool = False) -> list[str]:
        """The person ids of handlers, visitors and approvers, found or made."""
        ...

    def payment_ids(self, organisation: str, roster: str, rows: Sequence[bytes]) -> list[str]:
        """Payment ids of canonical rows, the same for the same row in any file."""
        ...

    def keyed_id(self, kind: str, organisation: str, parts: Iterable[bytes]) -> str:
        """An id that only the vault can compute, the same every time."""
        ...

    def keyed_tag(self, kind: str, data: bytes) -> bytes:
        """32 bytes that tell equal data from other data, to the vault's owner only."""
        ...


def sealed_in_calls(
    vault: IdentityVault,
    requests: Sequence[SealRequest],
    *,
    fold_old: bool = False,
    sealed: Callable[[int], None] | None = None,
) -> list[Sealed]:
    """
    Seal any number of identities, in calls of at most 512; *sealed* is told how many each call did.

    Raises:
        IdentityRejected: with the indices of this list; earlier calls were done.
    """
    answers: list[Sealed] = []
    for start in range(0, len(requests), BATCH_MAX):
        try:
            answers += vault.seal(requests[start : start + BATCH_MAX], fold_old=fold_old)
        except IdentityRejected as rejected:
            raise IdentityRejected(
                [Rejection(r.index + start, r.problems) for r in rejected.rejections]
            ) from None
        if sealed is not None:
            sealed(len(answers) - start)
    return answers


def completed(
    lines: Iterable[Line],
    vault: IdentityVault | None,
    *,
    attempt: int = 1,
    warned: Callable[[str], object] = str,
) -> Iterator[Signable]:
    """
    The submissions of *lines*, in order, with everything the vault fills in.

    The same lines give the same submissions every time. *attempt* counts deliberate repetitions:
    another number gives derived submission ids of its own, for what was refused the first time.
    *warned* is told the code of each warning of the vault.

    Raises:
        BadLine: VAULT_NEEDED, or an identity failed its checks; lines before it were given out.
    """
    source = iter(lines)
    while chunk := list(islice(source, BATCH_MAX)):
        yield from _complete(chunk, vault, attempt, warned)


def _complete(
    chunk: Sequence[Line],
    vault: IdentityVault | None,
    attempt: int,
    warned: Callable[[str], object],
) -> Iterator[Signable]:
    waiting = [line for line in chunk if line.needs_vault]
    filled: dict[int, _Filled] = {}
    if waiting:
        if vault is None:
            raise BadLine(waiting[0].number, "VAULT_NEEDED")
        filled = _fill(waiting, vault, attempt, warned)
    for line in chunk:
        extra = filled.get(line.number, _Filled({}, []))
        yield Signable(
            line.kind(**(line.values | extra.values)), (*line.attestations, *extra.attestations)
        )


class _Filled(NamedTuple):
    """What the vault adds to one line."""

    values: dict[str, Any]
    attestations: list[Attestation]


def _fill(
    lines: Sequence[Line], vault: IdentityVault, attempt: int, warned: Callable[[str], object]
) -> dict[int, _Filled]:
    filled = {line.number: _Filled(_derived_ids(line, vault, attempt), []) for line in lines}
    _fill_persons(lines, vault, filled)
    requests, places = [], []
    for line in lines:
        for field, identity in line.plain.items():
            payment = (line.values | filled[line.number].values)["payment"]
            requests.append(SealRequest(line.values["organisation"], payment, field, identity))
            places.append((line, field))
    try:
        sealed = sealed_in_calls(vault, requests, fold_old=True)
    except IdentityRejected as rejected:
        line, field = places[rejected.index]
        raise _rejection(line, field, rejected) from None
    for (line, field), answer in zip(places, sealed, strict=True):
        filled[line.number].values.update(_sealed_fields(field, answer))
        filled[line.number].attestations.append(answer.attestation)
        for warning in answer.warnings:
            warned(warning.code)
    return filled


def _derived_ids(line: Line, vault: IdentityVault, attempt: int) -> dict[str, Any]:
    left = line.left_ids
    if not left:
        return {}
    organisation: str = line.values["organisation"]
    canonical = line.canonical()
    own = BUSINESS_IDS.get(line.kind.__name__)
    ids: dict[str, Any] = {}
    if own in left:
        ids[own] = vault.keyed_id(f"line/{own}", organisation, (canonical,))
    if "submission_id" in left:
        tried = str(attempt).encode()
        ids["submission_id"] = vault.keyed_id("line/submission", organisation, (canonical, tried))
    return ids


def _fill_persons(lines: Sequence[Line], vault: IdentityVault, filled: dict[int, _Filled]) -> None:
    identities, places = [], []
    for line in lines:
        for field, listed in line.persons.items():
            for person in listed:
                if isinstance(person, Identity):
                    identities.append(person)
                    places.append((line, field))
    try:
        answers = iter(vault.persons_of(identities, fold_old=True))
    except IdentityRejected as rejected:
        line, field = places[rejected.index]
        raise _rejection(line, field, rejected) from None
    for line in lines:
        for field, listed in line.persons.items():
            persons = [p if isinstance(p, str) else next(answers) for p in listed]
            filled[line.number].values[field] = persons if field == "visitors" else persons[0]


def _sealed_fields(field: str, answer: Sealed) -> dict[str, Any]:
    if field == "worker":
        return {"worker": answer.person, "sealed_worker": answer.sealed}
    return {
        "person": answer.person,
        "sealed": answer.sealed,
        "card": answer.card,
        "phone": answer.phone,
        "household": answer.household,
    }


def _rejection(line: Line, field: str, rejected: IdentityRejected) -> BadLine:
    problem = rejected.problems[0]
    return BadLine(line.number, problem.code, f"{field}.{problem.field}")
