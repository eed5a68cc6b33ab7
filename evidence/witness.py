"""
A witness (C2SP ``tlog-witness``): remembers the newest tree of each log and cosigns consistent ones.

It never signs two trees of one size, nor a tree that does not hold the one before: what it signs is
on the disk first, and a checkpoint is compared and recorded under one lock. Whoever replaces the end
of a log and signs it anew with the log's own stolen key gets no cosignature.
"""

import json
import os
import re
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

from evidence import canonical_base64
from evidence.checkpoints import claimed_checkpoint, opened_checkpoint
from evidence.cosignatures import Cosigner
from evidence.notes import BadNote, Verifier, parse
from evidence.proofs import is_consistent
from evidence.tiles import File, TileFolder
from evidence.tree import EMPTY_ROOT, HASH_BYTES

BODY_BYTES_MAX: Final = 64 * 1024
PROOF_LINES_MAX: Final = 63
SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
_OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


class StateDamaged(Exception):
    """The witness's state cannot be read, or is not there: without it, it may sign nothing."""


class Tree(NamedTuple):
    """A tree as it was cosigned."""

    size: int
    root: bytes


EMPTY: Final = Tree(0, EMPTY_ROOT)


class Answer(NamedTuple):
    """What the witness answers over HTTP."""

    status: HTTPStatus
    body: str = ""
    content_type: str = TEXT_TYPE


class Request(NamedTuple):
    """A request to add a checkpoint, not checked."""

    old_size: int
    path: tuple[bytes, ...]
    note: str

    def body(self) -> bytes:
        """The request as it is sent."""
        lines = [f"old {self.old_size}", *map(canonical_base64.encode, self.path)]
        return ("\n".join(lines) + "\n\n" + self.note).encode()


class WitnessState:
    """
    The newest cosigned tree of each log, in the file *path*, or where that links to.

    Raises:
        StateDamaged: there is no such file, or it holds no state.
    """

    def __init__(self, path: Path) -> None:
        # The file itself: written in the place of a link it would be a second, forked state.
        self._path = Path(os.path.realpath(path))
        try:
            found = json.loads(self._path.read_bytes())
            self._trees = {
                str(origin): Tree(int(size), bytes.fromhex(root))
                for origin, (size, root) in found["trees"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateDamaged(path.name) from error

    @classmethod
    def begin(cls, path: Path) -> "WitnessState":
        """
        The state of a witness that has signed nothing yet.

        Raises:
            FileExistsError: there is a state already.
        """
        state = Path(os.path.realpath(path))
        if state.exists():
            raise FileExistsError(path.name)
        _write(state, {})
        return cls(state)

    def newest(self, origin: str) -> Tree:
        """The newest cosigned tree of a log; the empty one if there is none."""
        return self._trees.get(origin, EMPTY)

    def record(self, origin: str, tree: Tree) -> None:
        """Remember a tree; it is on the disk when this returns."""
        trees = self._trees | {origin: tree}
        _write(self._path, trees)
        self._trees = trees


class Witness:
    """Answers for the logs whose keys are *known*; *clock* gives POSIX seconds."""

    def __init__(
        self,
        cosigner: Cosigner,
        known: Sequence[Verifier],
        state: WitnessState,
        clock: Callable[[], int],
    ) -> None:
        self._cosigner = cosigner
        self._known = known
        self._state = state
        self._clock = clock
        self._lock = threading.Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign a checkpoint that is consistent with the one before, or say why not."""
        request = request_in(body)
        if request is None:
            return Answer(HTTPStatus.BAD_REQUEST, "not a request\n")
        refusal = self._unsigned(request)
        if refusal is not None:
            return refusal
        signed = claimed_checkpoint(request.note)
        with self._lock:
            refusal = self._compared(request, signed.origin, Tree(signed.size, signed.root))
            if refusal is not None:
                return refusal
            line = self._cosigner.line(parse(request.note).text, self._clock())
        return Answer(HTTPStatus.OK, line)

    def _unsigned(self, request: Request) -> Answer | None:
        """Why a checkpoint is none of a known log; None if one of its keys signed it."""
        try:
            claim = claimed_checkpoint(request.note)
        except BadNote as bad:
            return Answer(HTTPStatus.BAD_REQUEST, f"{bad.code}\n")
        known = [key for key in self._known if key.name == claim.origin]
        if not known:
            return Answer(HTTPStatus.NOT_FOUND, "unknown log\n")
        try:
            opened_checkpoint(request.note, known)
        except BadNote as bad:
            return Answer(HTTPStatus.FORBIDDEN, f"{bad.code}\n")
        if request.old_size > claim.size:
            return Answer(HTTPStatus.BAD_REQUEST, "the old tree is larger\n")
        return None

    def _compared(self, request: Request, origin: str, tree: Tree) -> Answer | None:
        """Why a tree is not cosigned; None once it is recorded."""
        newest = self._state.newest(origin)
        same_size_other_root = tree.size == newest.size and tree.root != newest.root
        if request.old_size != newest.size or same_size_other_root:
            return Answer(HTTPStatus.CONFLICT, f"{newest.size}\n", SIZE_TYPE)
        if not _follows(newest, tree, request.path):
            return Answer(HTTPStatus.UNPROCESSABLE_ENTITY, "not consistent\n")
        if tree != newest:
            self._state.record(origin, tree)
        return None


def _follows(newest: Tree, tree: Tree, path: Sequence[bytes]) -> bool:
    """Whether a tree holds the newest one."""
    if newest.size == 0:
        # Nothing to be consistent with; a verifier of proofs must refuse this case, a witness not.
        return not path
    return is_consistent(
        old_size=newest.size, old_root=newest.root, size=tree.size, root=tree.root, path=path
    )


def request_in(body: bytes) -> Request | None:
    """The request in a body; None if it is none."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    head, blank, note = text.partition("\n\n")
    old, *lines = head.split("\n")
    size = _OLD.fullmatch(old)
    if len(body) > BODY_BYTES_MAX or not blank or size is None or len(lines) > PROOF_LINES_MAX:
        return None
    path = [_hash(line) for line in lines]
    if not all(path):
        return None
    return Request(int(size[1]), tuple(path), note)


def _hash(line: str) -> bytes:
    """The hash in a line; nothing if it holds none."""
    try:
        found = canonical_base64.decode(line)
    except ValueError:
        return b""
    return found if len(found) == HASH_BYTES else b""


def _write(path: Path, trees: dict[str, Tree]) -> None:
    content = {"trees": {origin: [size, root.hex()] for origin, (size, root) in trees.items()}}
    # A draft, forced to the disk, renamed, and the folder forced too: whole, as before or as now.
    TileFolder(path.parent).write([File(path.name, json.dumps(content, indent=1).encode())])
