"""The SM2 signature of the newest checkpoint, for an auditor who brings an SM2 public key."""

from collections.abc import Iterator, Sequence

from evidence.checkpoints import Checkpoint, claim_in
from evidence.notes import BadNote
from evidence.sm2 import Sm2Verifier
from evidence.verify_checks import SM2, Check, failed, not_checked, passed
from evidence.verify_signed import Trust


def sm2_checks(notes: Sequence[str], newest: Checkpoint | None, trust: Trust) -> Iterator[Check]:
    """Whether each SM2 key that was given signed the newest checkpoint as well."""
    for text in trust.sm2:
        if newest is None:
            yield not_checked(SM2, "NO_CHECKPOINT")
            continue
        key = Sm2Verifier.from_text(text)
        # Published twice it may have two lines: an SM2 signature is another one every time.
        codes = [_code(key, note) for note in notes if claim_in(note) == newest]
        if "" in codes:
            yield passed(SM2, size=newest.size, key=text)
        else:
            yield failed(SM2, max(codes), size=newest.size, origin=newest.origin)


def _code(key: Sm2Verifier, note: str) -> str:
    """What is wrong with the key's signature; empty if nothing is."""
    try:
        key.check(note)
    except BadNote as bad:
        return bad.code
    return ""
