"""Checks of the registry: the log itself, keys, vaults, codes, organisations, years."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from admission.case import Case
from admission.rules.checks.general import division_on
from domain.calendar import year_of
from domain.code_table import table_digest
from domain.codes import LEVELS
from domain.organisation import DEPTH_MAX
from domain.publisher import OPERATOR_ONLY, OPERATOR_SOURCE
from domain.refusals import Refusal
from domain.signing import key_id
from domain.texts import ORIGIN
from domain.uscc import uscc_valid
from schemas.canonical import NotASchema, named_fingerprint

SUITES: Final = frozenset({"INTL-1", "GM-1"})
ED25519_BYTES: Final = 32
FIRST_YEAR: Final = 1949
"""No ledger has records of an earlier year."""


def key_fits(key: str, public_key: bytes) -> bool:
    """Whether a key id belongs to a public key."""
    return len(public_key) == ED25519_BYTES and key_id(public_key) == key


def log_well_opened(case: Case) -> Iterator[Refusal]:
    """OpenLog names keys, a suite we know, an origin that can stand in signed notes, 16 random bytes."""
    opening = case.submission
    if ORIGIN.fullmatch(opening.origin) is None:
        yield Refusal("FIELD_MALFORMED", field="origin")
    if len(opening.nonce) != 16:  # noqa: PLR2004  design: 16 random bytes
        yield Refusal("FIELD_MALFORMED", field="nonce")
    lock = case.lock_of(opening.first_rules)
    if opening.lock_digest != lock:
        yield _digest_mismatch("lock", opening.lock_digest, lock)
    if opening.suite not in SUITES:
        yield Refusal("SUITE_UNKNOWN", suite=opening.suite)
    for name in ("operator_keys", "checkpoint_keys"):
        keys = getattr(opening, name)
        if not keys or not all(key_fits(k, p) for k, p in keys):
            yield Refusal("KEY_MALFORMED", field=name)


def new_key_fits(case: Case) -> Iterator[Refusal]:
    """A new key has the id that belongs to it, and was never used."""
    submission = case.submission
    key = getattr(submission, "new_key", None) or submission.key
    if not key_fits(key, submission.public_key):
        yield Refusal("KEY_MALFORMED", field="public_key")
    elif case.state.publisher(key) is not None:
        yield Refusal("KEY_KNOWN", key=key)


def operator_key_active(case: Case) -> Iterator[Refusal]:
    """The key that ends is an operator's, and active."""
    old = case.state.publisher(case.submission.old_key)
    if old is None or not old.active or old.source != OPERATOR_SOURCE:
        yield Refusal("KEY_UNKNOWN", key=case.submission.old_key)


def checkpoint_key_known(case: Case) -> Iterator[Refusal]:
    """The key that ends signs checkpoints; the new one fits its id, and never signed before."""
    submission = case.submission
    known = [k for k, _ in case.state.get("checkpoint-keys") or []]
    if submission.old_key not in known:
        yield Refusal("KEY_UNKNOWN", key=submission.old_key)
    if not key_fits(submission.new_key, submission.public_key):
        yield Refusal("KEY_MALFORMED", field="public_key")
    elif submission.new_key in known or case.state.get(
        f"ended-checkpoint-key/{submission.new_key}"
    ):
        yield Refusal("KEY_KNOWN", key=submission.new_key)


def submission_redactable(case: Case) -> Iterator[Refusal]:
    """
    What is redacted was refused before, and the digest is its own.

    What was accepted stands in its event, too, and nothing could be verified without it.
    """
    submission = case.submission
    position = submission.original_position
    if not 0 < position < case.position:
        yield Refusal("POSITION_UNKNOWN", position=position)
        return
    digest = case.state.get(f"refused/{position}")
    if digest is None:
        yield Refusal("NOT_REDACTABLE", position=position)
    elif digest != submission.original_digest.hex():
        yield _digest_mismatch("submission", submission.original_digest, bytes.fromhex(digest))


def publisher_within(case: Case) -> Iterator[Refusal]:
    """A publisher is given no more than its giver has, and never what operators alone may do."""
    submission = case.submission
    if case.state.organisation(submission.subtree) is None:
        yield Refusal("ORGANISATION_UNKNOWN", organisation=submission.subtree)
    giver = case.publisher
    if giver.subtree and not case.state.within(submission.subtree, giver.subtree):
        yield Refusal("NOT_AUTHORISED", why="ORGANISATION")
    wrong = [k for k in submission.kinds if k not in case.kinds or k in OPERATOR_ONLY]
    if giver.source != OPERATOR_SOURCE:
        wrong += [k for k in submission.kinds if k not in giver.kinds]
    if wrong or not submission.kinds:
        yield Refusal("KINDS_NOT_ALLOWED", kinds=",".join(wrong))
    if submission.publisher_source == OPERATOR_SOURCE:
        yield Refusal("FIELD_MALFORMED", field="publisher_source")


def replaces_no_more_than_own(case: Case) -> Iterator[Refusal]:
    """Who replaces another's key takes over its powers: only with all of them, or as operator."""
    speaker = case.publisher
    old = case.state.publisher(case.submission.old_key)
    if old is None or old.id == speaker.id or speaker.source == OPERATOR_SOURCE:
        return
    wanting = [k for k in old.kinds if k not in speaker.kinds]
    if wanting:
        yield Refusal("KINDS_NOT_ALLOWED", kinds=",".join(wanting))


def publisher_key_active(case: Case) -> Iterator[Refusal]:
    """The key that ends is a publisher's, active, and of the speaker's subtree."""
    submission = case.submission
    key = getattr(submission, "old_key", None) or submission.key
    old = case.state.publisher(key)
    if old is None or not old.active or old.source == OPERATOR_SOURCE:
        yield Refusal("KEY_UNKNOWN", key=key)
    elif case.publisher.subtree and not case.state.within(old.subtree, case.publisher.subtree):
        yield Refusal("NOT_AUTHORISED", why="ORGANISATION")


def schema_fits(case: Case) -> Iterator[Refusal]:
    """The text is a schema with the stated name, fingerprint and digest; one text a fingerprint."""
    submission = case.submission
    digest = sha256(submission.text.encode()).digest()
    if digest != submission.text_digest:
        yield _digest_mismatch("text", submission.text_digest, digest)
        return
    seen = case.state.get(f"schema/{submission.fingerprint.hex()}")
    if seen is not None and seen != [submission.schema, submission.text_digest.hex()]:
        yield Refusal("SCHEMA_DIFFERS", schema=submission.schema)
        return
    if seen is not None:
        yield Refusal("SCHEMA_KNOWN", schema=submission.schema)
        return
    try:
        named = named_fingerprint(submission.text)
    except NotASchema:
        named = ("", b"")
    if named != (submission.schema, submission.fingerprint):
        yield Refusal("SCHEMA_MALFORMED", schema=submission.schema)


def vault_new(case: Case) -> Iterator[Refusal]:
    """One active vault per ledger, under a new id."""
    if case.state.get("active-vault") is not None:
        yield Refusal("VAULT_ACTIVE")
    if case.state.get(f"vault/{case.submission.vault}") is not None:
        yield Refusal("VAULT_KNOWN")
    if len(case.submission.public_key) != ED25519_BYTES:
        yield Refusal("KEY_MALFORMED", field="public_key")


def vault_active(case: Case) -> Iterator[Refusal]:
    """The vault is the active one."""
    if case.state.get("active-vault") != case.submission.vault:
        yield Refusal("VAULT_UNKNOWN")


def codes_in_order(case: Case) -> Iterator[Refusal]:
    """Chunks come in order; with the last one the whole table has the stated digest."""
    submission = case.submission
    pending = case.state.get(f"codes-pending/{submission.table}")
    done = 0
    if pending is not None and submission.chunk > 1:
        edition, done, _rows, digest = pending
        if edition != submission.edition or digest != submission.table_digest.hex():
            done = -1
    if not (submission.chunk == done + 1 <= submission.chunks):
        yield Refusal("CHUNK_OUT_OF_ORDER", expected=max(done, 0) + 1, chunk=submission.chunk)
        return
    if submission.chunk == submission.chunks:
        rows = [*(pending[2] if submission.chunk > 1 else []), *submission.entries]
        digest = table_digest(rows)
        if digest != submission.table_digest:
            yield _digest_mismatch("table", submission.table_digest, digest)


def _digest_mismatch(field: str, stated: bytes, found: bytes) -> Refusal:
    return Refusal("DIGEST_MISMATCH", field=field, stated=stated.hex(), found=found.hex())


def rules_next(case: Case) -> Iterator[Refusal]:
    """Versions of the rules are adopted one after the other, each with the digest of its lock."""
    submission = case.submission
    if submission.adopted != case.state.ledger.rules + 1:
        yield Refusal("RULES_NOT_NEXT", current=case.state.ledger.rules)
        return
    lock = case.lock_of(submission.adopted)
    if submission.lock_digest != lock:
        yield _digest_mismatch("lock", submission.lock_digest, lock)


def organisation_new(case: Case) -> Iterator[Refusal]:
    """A new code, a known parent within what the speaker may do, a level, a division, a USCC."""
    new = case.submission
    if case.state.organisation(new.code) is not None:
        yield Refusal("CODE_USED", organisation=new.code)
    if new.parent is None:
        if case.state.get("root") is not None or new.organisation != new.code:
            yield Refusal("PARENT_UNKNOWN", organisation="")
    else:
        yield from _parent_fits(case, new.parent)
    if new.level not in LEVELS:
        yield Refusal("LEVEL_UNKNOWN", level=new.level)
    if new.division is not None and not division_on(case, new.division):
        yield Refusal("DIVISION_UNKNOWN", division=new.division)
    if new.uscc is not None and not uscc_valid(new.uscc):
        yield Refusal("USCC_WRONG")


def _parent_fits(case: Case, parent: str, height: int = 0) -> Iterator[Refusal]:
    found = case.state.organisation(parent)
    if found is None:
        yield Refusal("PARENT_UNKNOWN", organisation=parent)
    elif found.closed:
        yield Refusal("ORGANISATION_CLOSED", organisation=parent)
    elif len(list(case.state.ancestors(parent))) + height >= DEPTH_MAX:
        yield Refusal("TOO_DEEP", limit=DEPTH_MAX)
    elif case.publisher.subtree and not case.state.within(parent, case.publisher.subtree):
        yield Refusal("NOT_AUTHORISED", why="ORGANISATION")


def _of_speaker(case: Case, code: str) -> Iterator[Refusal]:
    if case.state.organisation(code) is None:
        yield Refusal("ORGANISATION_UNKNOWN", organisation=code)
    elif case.publisher.subtree and not case.state.within(code, case.publisher.subtree):
        yield Refusal("NOT_AUTHORISED", why="ORGANISATION")


def move_fits(case: Case) -> Iterator[Refusal]:
    """An organisation moves below another that is not below itself."""
    submission = case.submission
    yield from _of_speaker(case, submission.code)
    moved = case.state.organisation(submission.code)
    yield from _parent_fits(case, submission.parent, moved.height if moved else 0)
    if case.state.within(submission.parent, submission.code):
        yield Refusal("CYCLE", organisation=submission.code)


def close_fits(case: Case) -> Iterator[Refusal]:
    """An open organisation of the speaker is closed."""
    yield from _of_speaker(case, case.submission.code)
    found = case.state.organisation(case.submission.code)
    if found is not None and found.closed:
        yield Refusal("ORGANISATION_CLOSED", organisation=case.submission.code)


def year_can_close(case: Case) -> Iterator[Refusal]:
    """
    A year that is over, on our calendar and not yet closed, of an organisation of the speaker.

    All years before it are closed with it, whether anybody closed them or not.
    """
    submission = case.submission
    yield from _of_speaker(case, submission.subtree)
    if submission.year < FIRST_YEAR:
        yield Refusal("FIELD_MALFORMED", field="year")
    elif submission.year >= year_of(case.today):
        yield Refusal("YEAR_NOT_OVER", year=submission.year)
    elif case.state.year_closed(submission.subtree, submission.year):
        yield Refusal("YEAR_CLOSED", organisation=submission.subtree, year=submission.year)
