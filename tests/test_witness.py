"""A witness: the protocol's answers, one history for ever, and a state that survives any instant."""

import base64
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_logs import ORIGIN, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.merkle import leaf_hash
from evidence.checkpoints import Checkpoint
from evidence.cosignatures import Cosigner, WitnessKey, cosigned, quorum_at, with_cosignatures
from evidence.key_texts import BadKey
from evidence.notes import Verifier
from evidence.proofs import Prover
from evidence.tiles import TileMissing
from evidence.tree import EMPTY_ROOT, Tree
from evidence.witness import (
    BODY_BYTES_MAX,
    SIZE_TYPE,
    Answer,
    Request,
    StateDamaged,
    Witness,
    WitnessState,
)

NAME = "witness.example/w1"
NOW_S = 1_700_000_000


def cosigner(name: str = NAME) -> Cosigner:
    """A witness's key that is always the same for a name."""
    return Cosigner(name, Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


class History:
    """A log in memory: the first *common* leaves are those of every history, the rest its own."""

    def __init__(self, name: str = "", common: int = 0) -> None:
        self.name = name
        self.common = common

    def leaves(self, size: int) -> list[bytes]:
        """Leaf hashes."""
        return [
            leaf_hash(b"%d" % n + (self.name.encode() if n >= self.common else b""))
            for n in range(size)
        ]

    def hashes(self, level: int, index: int, width: int) -> bytes:
        """As a reader of tiles; the histories here have one tile."""
        if level or index:
            raise TileMissing
        return b"".join(self.leaves(width))

    def root(self, size: int) -> bytes:
        """Root of the first leaves."""
        tree = Tree()
        tree.append_hashes(b"".join(self.leaves(size)))
        return tree.root()

    def note(self, size: int, key: str = "checkpoint", origin: str = ORIGIN) -> str:
        """A signed checkpoint."""
        return Checkpoint(origin, size, self.root(size)).signed([signer(key, origin)])

    def asking(self, old_size: int, size: int) -> bytes:
        """The request to go on from *old_size*, with the true proof of this history."""
        path = Prover(self, size).consistency(old_size) if 0 < old_size <= size else []
        return Request(old_size, tuple(path), self.note(size)).body()


TRUE = History()
FORK = History("fork", common=3)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A new state."""
    WitnessState.begin(tmp_path / "state.json")
    return tmp_path / "state.json"


def witness(state: Path, *known: Verifier, clock: Callable[[], int] = lambda: NOW_S) -> Witness:
    """The witness as it starts."""
    return Witness(cosigner(), known or [signer().verifier], WitnessState(state), clock)


def grown(state: Path, *sizes: int) -> Witness:
    """A witness that has cosigned these sizes of the true history."""
    found, old = witness(state), 0
    for size in sizes:
        assert found.add_checkpoint(TRUE.asking(old, size)).status == HTTPStatus.OK
        old = size
    return found


# -- answers ---------------------------------------------------------------------------------------


def test_a_consistent_checkpoint_is_cosigned(state: Path) -> None:
    """From nothing (an empty proof), then from each tree before; and the same one again."""
    found = grown(state, 3, 8)
    answer = found.add_checkpoint(TRUE.asking(8, 8))
    note = with_cosignatures(TRUE.note(8), {cosigner().witness: answer.body})
    assert cosigned(note, [cosigner().witness]).popitem()[1] == NOW_S
    assert note.startswith(TRUE.note(8))
    assert note.splitlines()[-1].startswith(f"— {NAME} ")


def _replaced(body: bytes, *pairs: tuple[bytes, bytes]) -> bytes:
    for old, new in pairs:
        assert old in body
        body = body.replace(old, new, 1)
    return body


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (HTTPStatus.BAD_REQUEST, b""),
        (HTTPStatus.BAD_REQUEST, b"old 5\n\n"),
        (HTTPStatus.BAD_REQUEST, b"old 5\n\nno checkpoint\n"),
        (HTTPStatus.BAD_REQUEST, b"\xff" + TRUE.asking(5, 8)),
        (HTTPStatus.BAD_REQUEST, _replaced(TRUE.asking(5, 8), (b"old 5", b"old 05"))),
        (HTTPStatus.BAD_REQUEST, _replaced(TRUE.asking(5, 8), (b"old 5", b"old -1"))),
        (HTTPStatus.BAD_REQUEST, _replaced(TRUE.asking(5, 8), (b"old 5", b"new 5"))),
        (HTTPStatus.BAD_REQUEST, _replaced(TRUE.asking(5, 8), (b"old 5\n", b"old 5\nnot base64\n"))),
        (HTTPStatus.BAD_REQUEST, Request(5, (bytes(32),), TRUE.note(8)).body().replace(b"A=", b"B=", 1)),
        (HTTPStatus.BAD_REQUEST, Request(5, (bytes(32),) * 64, TRUE.note(8)).body()),
        (HTTPStatus.BAD_REQUEST, Request(9, (), TRUE.note(8)).body()),
        (HTTPStatus.BAD_REQUEST, TRUE.asking(5, 8) + b"x" * BODY_BYTES_MAX),
        (HTTPStatus.NOT_FOUND, Request(5, (), TRUE.note(8, origin="other.example/log")).body()),
        (HTTPStatus.FORBIDDEN, Request(5, (), TRUE.note(8, key="stranger")).body()),
        (HTTPStatus.FORBIDDEN, _replaced(TRUE.asking(5, 8), (b"\n8\n", b"\n9\n"))),
        (HTTPStatus.CONFLICT, TRUE.asking(0, 8)),
        (HTTPStatus.CONFLICT, TRUE.asking(4, 8)),
        (HTTPStatus.CONFLICT, TRUE.asking(4, 4)),
        (HTTPStatus.CONFLICT, TRUE.asking(6, 8)),
        (HTTPStatus.CONFLICT, FORK.asking(5, 5)),
        (HTTPStatus.UNPROCESSABLE_ENTITY, FORK.asking(5, 8)),
        (HTTPStatus.UNPROCESSABLE_ENTITY, Request(5, (), TRUE.note(8)).body()),
        (HTTPStatus.UNPROCESSABLE_ENTITY, Request(5, (bytes(32),), TRUE.note(5)).body()),
    ],
)  # fmt: skip
def test_everything_else_is_answered_as_the_protocol_says(
    state: Path, status: HTTPStatus, body: bytes
) -> None:
    """And nothing is signed, and nothing remembered."""
    found, before = grown(state, 5), state.read_bytes()
    answer = found.add_checkpoint(body)
    assert answer.status == status
    assert "—" not in answer.body
    assert state.read_bytes() == before
    if status == HTTPStatus.CONFLICT:
        assert answer == Answer(status, "5\n", SIZE_TYPE)


def test_from_nothing_the_proof_must_be_empty(state: Path) -> None:
    """An empty old tree needs no proof; whoever sends one is refused, and the empty tree is one."""
    found = witness(state)
    proven = Request(0, (bytes(32),), TRUE.note(5)).body()
    assert found.add_checkpoint(proven).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert found.add_checkpoint(Request(0, (), TRUE.note(0)).body()).status == HTTPStatus.OK
    other = Checkpoint(ORIGIN, 0, bytes(32)).signed([signer()])
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).signed([signer()]) == TRUE.note(0)
    assert found.add_checkpoint(Request(0, (), other).body()).status == HTTPStatus.CONFLICT


def test_logs_are_kept_apart(state: Path) -> None:
    """One witness for several logs: each has its own newest tree."""
    other = signer("checkpoint", "other.example/log").verifier
    found = witness(state, signer().verifier, other)
    assert found.add_checkpoint(TRUE.asking(0, 5)).status == HTTPStatus.OK
    note = FORK.note(4, origin="other.example/log")
    assert found.add_checkpoint(Request(0, (), note).body()).status == HTTPStatus.OK
    assert WitnessState(state).newest(ORIGIN).size == 5
    assert WitnessState(state).newest("other.example/log").size == 4


# -- one history -----------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    common=st.integers(0, 12),
    steps=st.lists(
        st.tuples(st.booleans(), st.integers(0, 16), st.integers(0, 20), st.booleans()), max_size=25
    ),
)
def test_whatever_is_asked_only_one_history_is_cosigned(
    tmp_path_factory: pytest.TempPathFactory, common: int, steps: list[tuple[bool, int, int, bool]]
) -> None:
    """Two histories that part somewhere, in any order, with restarts: never two, never backwards."""
    path = tmp_path_factory.mktemp("witness") / "state.json"
    WitnessState.begin(path)
    histories = (History(), History("fork", common))
    found = witness(path)
    signed: list[tuple[int, bytes]] = []
    for forked, size, old, restarts in steps:
        if restarts:
            found = witness(path)
        history = histories[forked]
        known = WitnessState(path).newest(ORIGIN).size
        answers = [found.add_checkpoint(history.asking(one, size)) for one in (old, known)]
        if HTTPStatus.OK in {answer.status for answer in answers}:
            signed.append((size, history.root(size)))
    sizes = [size for size, _ in signed]
    assert sizes == sorted(sizes)
    assert any(all(root == one.root(size) for size, root in signed) for one in histories)


def test_many_at_once_are_answered_one_after_the_other(state: Path) -> None:
    """Both histories offered by eight threads at the same instant: each size has one root."""
    found, start = witness(state), threading.Barrier(8)

    def offer(history: History) -> list[tuple[int, bytes]]:
        start.wait()
        return [
            (size, history.root(size))
            for size in range(4, 40)
            for old in range(size - 2, size)
            if found.add_checkpoint(history.asking(old if size > 4 else 0, size)).status
            == HTTPStatus.OK
        ]

    with ThreadPoolExecutor(8) as pool:
        answers = [one for signed in pool.map(offer, [TRUE, FORK] * 4) for one in signed]
    roots = dict(answers)
    assert set(answers) == set(roots.items())
    assert len(roots) > 1
    assert any(all(root == one.root(size) for size, root in roots.items()) for one in (TRUE, FORK))


@given(data=st.data())
def test_a_state_that_is_damaged_signs_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """It is not there, empty, cut: the witness does not start as if it had signed nothing."""
    path = tmp_path_factory.mktemp("witness") / "state.json"
    with pytest.raises(StateDamaged):
        WitnessState(path)
    WitnessState.begin(path)
    grown(path, 5)
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(StateDamaged):
        WitnessState(path)
    with pytest.raises(FileExistsError):
        WitnessState.begin(path)


def test_a_state_reached_by_a_link_is_one_state(state: Path) -> None:
    """What is signed through the link is known without it; the first start goes to its target, too."""
    link = state.with_name("link.json")
    link.symlink_to(state)
    assert grown(link, 8).add_checkpoint(TRUE.asking(8, 9)).status == HTTPStatus.OK
    assert link.is_symlink()
    assert witness(state).add_checkpoint(FORK.asking(0, 9)).status == HTTPStatus.CONFLICT
    first, ahead = state.with_name("first.json"), state.with_name("ahead.json")
    ahead.symlink_to(first)
    WitnessState.begin(ahead)
    assert ahead.is_symlink()
    with pytest.raises(FileExistsError):
        WitnessState.begin(first)


def test_the_state_is_on_the_disk_before_the_signature_is_made(state: Path) -> None:
    """At the instant the clock is asked for the signature, a restart would already know the tree."""
    known: list[int] = []

    def clock() -> int:
        known.append(WitnessState(state).newest(ORIGIN).size)
        return NOW_S

    found = witness(state, clock=clock)
    for old, size in ((0, 3), (3, 9)):
        found.add_checkpoint(TRUE.asking(old, size))
    assert known == [3, 9]


# -- cosignatures ----------------------------------------------------------------------------------


def test_a_key_is_read_as_it_is_written() -> None:
    """Secret and public; a log's key is no witness's, nor the other way round."""
    own = cosigner()
    assert Cosigner.from_text(own.text()).text() == own.text()
    assert WitnessKey.from_text(own.witness.text()).key == own.witness.key
    for text in (signer().verifier.text(), own.text(), "", own.witness.text().replace("w1", "w2")):
        with pytest.raises(BadKey):
            WitnessKey.from_text(text)
    with pytest.raises(BadKey):
        Verifier.from_text(own.witness.text())
    assert own.witness.key != Verifier(NAME, own.witness.public_key).key


def test_a_cosignature_is_of_one_text_one_time_and_one_witness() -> None:
    """Any bit of it, another checkpoint, another name: it counts for nothing, and spoils nothing."""
    own, note = cosigner(), TRUE.note(8)
    text = note.partition("\n\n")[0] + "\n"
    line = own.line(text, NOW_S)
    assert cosigned(note + line, [own.witness]) == {own.witness: NOW_S}
    assert cosigned(TRUE.note(9) + line, [own.witness]) == {}
    assert cosigned(note + line.replace("w1", "w2"), [own.witness, cosigner("w2").witness]) == {}
    signed = bytearray(base64.b64decode(line.split(" ")[2]))
    for at in range(4, len(signed)):
        changed = bytearray(signed)
        changed[at] ^= 1 << random.Random(at).randrange(8)  # noqa: S311  a bit of each byte
        other = f"— {NAME} {base64.b64encode(changed).decode()}\n"
        assert cosigned(note + other, [own.witness]) == {}
        assert cosigned(note + other + line, [own.witness]) == {own.witness: NOW_S}
    assert with_cosignatures(note, {own.witness: "rubbish\n\n— x y\n" + line}) == note + line
    assert with_cosignatures(note, {own.witness: line[:-1]}) == note


def test_a_quorum_counts_witnesses_and_not_names() -> None:
    """Two of three; one key under two names is one; several notes of a checkpoint count together."""
    ones = [cosigner(f"w{n}.example") for n in range(3)]
    text = TRUE.note(8).partition("\n\n")[0] + "\n"
    lines = [one.line(text, NOW_S + n) for n, one in enumerate(ones)]
    keys = [one.witness for one in ones]
    both = TRUE.note(8) + lines[0] + lines[1]
    assert quorum_at([both], keys, 2) == NOW_S + 1
    assert quorum_at([both], keys, 3) is None
    assert quorum_at([both, TRUE.note(8) + lines[2]], keys, 3) == NOW_S + 2
    seed = Ed25519PrivateKey.from_private_bytes(sha256(b"one").digest())
    twins = [Cosigner(name, seed) for name in ("one.example", "two.example")]
    twice = TRUE.note(8) + "".join(twin.line(text, NOW_S) for twin in twins)
    assert quorum_at([twice], [twin.witness for twin in twins], 2) is None
