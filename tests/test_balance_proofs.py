"""Balance proofs: any set of accounts, judged by a second implementation written from the decision."""

import base64
import json
import struct
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from evidence_logs import ORIGIN, private_key, signer
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.balance_notes import Balances, balance_keys, opened_balances
from evidence.balance_proofs import BadProof, BalanceProof, proof_in, prove, shown
from evidence.balance_tree import (
    FEN_MAX,
    AccountLeaf,
    BadBalance,
    BalanceTree,
    FundLeaf,
    Head,
    Node,
    Sums,
)
from evidence.checkpoints import Checkpoint, claimed_checkpoint
from evidence.notes import BadNote, NoteSigner

KEY = signer().verifier
BALANCES_SIGNER = NoteSigner(f"{ORIGIN}/balances", private_key())
CHECKPOINT = Checkpoint(ORIGIN, 98, sha256(b"root").digest())
GOLDEN_ROOT = "84aeb44a6dbce7dbbe64ce53bb8bae9e58d599ec8f4df103d0e4f17f118260f3"
GOLDEN_PROOF = "0aeffec712298484d14b0441c5b4dd168051c45f4a92556ef5918352c5359240"
"""Made once, when the judge below had accepted them."""
CODES = st.from_regex(r"[ABC12][ABC12.-]{0,5}", fullmatch=True)


# -- the second implementation: from docs/decisions/0008, with nothing of ours ----------------------


def judged(text: str, public_key: bytes, origin: str) -> dict[str, int] | None:
    """The six sums of the account, None if it is not there; AssertionError if the proof is false."""
    proof = json.loads(text)
    body, _, lines = proof["note"].rpartition("\n\n")
    signature = base64.b64decode(lines.split(" ")[2])
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature[4:], (body + "\n").encode())
    told = dict(line.split(" ", 1) for line in body.split("\n")[2:])
    assert body.split("\n")[:2] == [f"{origin}/balances", "hengwen-balances/1"]
    count, digest = told["funds"].split(" ")
    names = ["granted", "withdrawn", "free", "reserved", "ordered", "settled"]
    root = (base64.b64decode(digest), [int(told[name]) for name in names])

    funds = [_judged_fund(one, int(count), root) for one in proof["funds"]]
    if [fund for fund, _, _ in funds] != [proof["fund"]]:
        places = [one["index"] for one in proof["funds"]]
        _judge_gap([fund for fund, _, _ in funds], places, proof["fund"], int(count))
        assert proof["accounts"] == []
        return None
    [(_, accounts, below)] = funds
    leaves = [_judged_account(one, accounts, below) for one in proof["accounts"]]
    assert all(fund == proof["fund"] for fund, _, _ in leaves)
    owners = [organisation for _, organisation, _ in leaves]
    if owners != [proof["organisation"]]:
        places = [one["index"] for one in proof["accounts"]]
        _judge_gap(owners, places, proof["organisation"], accounts)
        return None
    return dict(zip(names, leaves[0][2], strict=True))


def _judged_fund(one: Any, count: int, root: Any) -> tuple[str, int, Any]:
    packed = base64.b64decode(one["root"])
    below = (packed[:32], list(struct.unpack(">6Q", packed[32:])))
    name = one["fund"].encode()
    content = struct.pack(">H", len(name)) + name + struct.pack(">Q", one["accounts"]) + packed
    leaf = (sha256(b"\x04hengwen/balances/1" + content).digest(), below[1])
    assert _climb(b"\x05", leaf, one["index"], count, one["path"]) == root
    granted, withdrawn, *held = below[1]
    assert granted - withdrawn == sum(held)
    return one["fund"], one["accounts"], below


def _judged_account(one: Any, count: int, root: Any) -> tuple[str, str, list[int]]:
    content = base64.b64decode(one["leaf"])
    names, rest = [], content
    for _ in range(2):
        (length,) = struct.unpack_from(">H", rest)
        names.append(rest[2 : 2 + length].decode())
        rest = rest[2 + length :]
    sums = list(struct.unpack_from(">6Q", rest))
    assert len(rest) == 48 + 40 + 40
    leaf = (sha256(b"\x02hengwen/balances/1" + content).digest(), sums)
    assert _climb(b"\x03", leaf, one["index"], count, one["path"]) == root
    return names[0], names[1], sums


def _climb(kind: bytes, leaf: Any, index: int, count: int, path: list[str]) -> Any:
    """By recursion over halves, as RFC 6962 divides a tree: not as the product climbs."""
    steps = [base64.b64decode(step) for step in path]

    def root(start: int, end: int) -> Any:
        if end - start == 1:
            return leaf
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        beside = steps.pop()  # the last step of the path is the topmost
        other = (beside[:32], list(struct.unpack(">6Q", beside[32:])))
        left, right = (root(start, middle), other) if index < middle else (other, root(middle, end))
        packed = b"".join(digest + struct.pack(">6Q", *sums) for digest, sums in (left, right))
        sums = [a + b for a, b in zip(left[1], right[1], strict=True)]
        assert max(sums) < 2**63
        return sha256(kind + b"hengwen/balances/1" + packed).digest(), sums

    assert 0 <= index < count
    found = root(0, count)
    assert not steps
    return found


def _judge_gap(names: list[str], places: list[int], wanted: str, count: int) -> None:
    assert wanted not in names
    gap = next((at for at, name in zip(places, names, strict=True) if name > wanted), count)
    assert places == [at for at in (gap - 1, gap) if 0 <= at < count]
    assert all(name < wanted for at, name in zip(places, names, strict=True) if at < gap)


# -- any set of accounts ---------------------------------------------------------------------------


@st.composite
def sheets(draw: st.DrawFn) -> list[AccountLeaf]:
    """Accounts whose funds are conserved: what was granted is where it is."""
    found = []
    keys = draw(st.sets(st.tuples(CODES, CODES), max_size=12))
    for fund, organisation in sorted(keys):
        held = [draw(st.integers(0, 10**15)) for _ in range(4)]
        withdrawn = draw(st.integers(0, 10**15))
        own, receiving = (
            Head(draw(st.integers(1, 10**9)), draw(st.binary(min_size=32, max_size=32)))
            for _ in range(2)
        )
        sums = Sums(withdrawn + sum(held), withdrawn, *held)
        found.append(AccountLeaf(fund, organisation, sums, own, receiving))
    return found


def noted(tree: BalanceTree) -> str:
    """The signed note about a tree."""
    return Balances(CHECKPOINT, len(tree.funds), tree.root).signed([BALANCES_SIGNER])


def proven(leaves: list[AccountLeaf], fund: str, organisation: str) -> str:
    """The proof file of an account."""
    tree = BalanceTree(leaves)
    return prove(tree, organisation, fund, noted(tree)).text()


@settings(max_examples=60)
@given(sheets())
def test_every_account_is_proven_and_the_judge_finds_the_same(leaves: list[AccountLeaf]) -> None:
    """Each account's sums, and those of the root are those of all accounts together."""
    for leaf in leaves:
        text = proven(leaves, leaf.fund, leaf.organisation)
        found = shown(proof_in(text), [KEY])
        assert found.account == leaf
        own = [one.sums for one in leaves if one.fund == leaf.fund]
        assert found.fund_leaf is not None
        assert list(found.fund_leaf.root.sums) == [sum(s) for s in zip(*own, strict=True)]
        assert judged(text, KEY.public_key, ORIGIN) == leaf.sums._asdict()
    root = BalanceTree(leaves).root
    together = zip(Sums(), *(leaf.sums for leaf in leaves), strict=True)
    assert list(root.sums) == [sum(column) for column in together]


@settings(max_examples=100)
@given(sheets(), CODES, CODES)
def test_that_there_is_no_account_is_proven_by_its_neighbours(
    leaves: list[AccountLeaf], fund: str, organisation: str
) -> None:
    """Of a known fund, or of one that nobody has; in an empty ledger, too."""
    leaves = [leaf for leaf in leaves if leaf.key != (fund, organisation)]
    text = proven(leaves, fund, organisation)
    assert shown(proof_in(text), [KEY]).account is None
    assert judged(text, KEY.public_key, ORIGIN) is None


@settings(max_examples=100)
@given(sheets(), st.data())
def test_any_change_of_any_byte_is_refused(leaves: list[AccountLeaf], data: st.DataObject) -> None:
    """Whatever byte of the file becomes whatever other."""
    fund, organisation = data.draw(
        st.sampled_from([leaf.key for leaf in leaves] or [("A", "B")]), label="account"
    )
    content = bytearray(proven(leaves, fund, organisation).encode())
    at = data.draw(st.integers(0, len(content) - 1), label="byte")
    content[at] ^= data.draw(st.integers(1, 255), label="bits")
    with pytest.raises(BadProof):
        shown(proof_in(content.decode("utf-8", "replace")), [KEY])


def test_each_byte_of_one_proof_is_flipped() -> None:
    """Every byte, one after the other: also the spare bits of base64, and the spaces."""
    text = proven(_county(), "F1", "B").encode()
    for at in range(len(text)):
        for bits in (1, 4, 0x20):
            changed = bytearray(text)
            changed[at] ^= bits
            with pytest.raises(BadProof):
                shown(proof_in(changed.decode("utf-8", "replace")), [KEY])


@settings(max_examples=100)
@given(sheets(), sheets(), st.data())
def test_an_account_that_is_there_cannot_be_shown_absent(
    leaves: list[AccountLeaf], others: list[AccountLeaf], data: st.DataObject
) -> None:
    """Not with any leaves of the tree as neighbours, nor with those of another tree."""
    if not leaves:
        return
    tree, other = BalanceTree(leaves), BalanceTree(others)
    leaf = data.draw(st.sampled_from(leaves))
    place = [one.fund for one in tree.funds].index(leaf.fund)
    honest = prove(tree, leaf.organisation, leaf.fund, noted(tree))
    near = [
        prove(tree, name, leaf.fund, "").accounts for _, name in [x.key for x in leaves + others]
    ]
    far = [prove(other, leaf.organisation, leaf.fund, "").accounts, (), near[0] + near[-1]]
    claims = [a for a in [*near, *far] if a != honest.accounts]
    for accounts in claims:
        with pytest.raises(BadProof):
            shown(honest._replace(accounts=accounts), [KEY])
    for index in range(len(tree.funds)):
        neighbours = honest._replace(
            accounts=(), funds=tuple(prove(tree, "A", tree.funds[index].fund, "").funds)
        )
        with pytest.raises(BadProof):
            shown(neighbours, [KEY])
    assert shown(honest, [KEY]).account == leaf
    assert honest.funds[0].at == place


# -- what a tree and a note refuse -----------------------------------------------------------------


def _county(**changed: Any) -> list[AccountLeaf]:
    """Two funds, five accounts."""
    head = Head(3, bytes(32))
    return [
        AccountLeaf(fund, organisation, Sums(100, 10, 20, 30, 25, 15)._replace(**changed), head, head)
        for fund, organisation in (("F1", "A"), ("F1", "B"), ("F1", "C"), ("F2", "A"), ("F2", "D"))
    ]  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [{"free": -1}, {"free": FEN_MAX + 1}, {"free": 21}, {"granted": FEN_MAX}, {"withdrawn": 11}],
)
def test_a_tree_is_not_made_of_sums_that_cannot_be(changed: dict[str, int]) -> None:
    """Below zero, too large, a fund that does not add up."""
    with pytest.raises(BadBalance):
        BalanceTree(_county(**changed))


def test_sums_that_overflow_together_are_refused() -> None:
    """Each is within its bounds, both are not: no sum wraps around."""
    most = Sums(granted=FEN_MAX, free=FEN_MAX)
    leaves = [AccountLeaf("F", name, most, Head(), Head()) for name in "AB"]
    BalanceTree(leaves[:1])
    with pytest.raises(BadBalance):
        BalanceTree(leaves)


def test_a_liability_hidden_in_a_sibling_is_refused() -> None:
    """A path whose sum was lowered: the node above commits to both children's sums."""
    tree = BalanceTree(_county())
    proof = prove(tree, "B", "F1", noted(tree))
    step = proof.accounts[0].path[0]
    lower = Node(step.hash, step.sums._replace(free=0, granted=80))
    forged = proof.accounts[0]._replace(path=(lower, *proof.accounts[0].path[1:]))
    with pytest.raises(BadProof, match="PATH_FALSE"):
        shown(proof._replace(accounts=(forged,)), [KEY])


def test_a_fund_that_does_not_add_up_is_refused_even_if_signed() -> None:
    """An operator signs a fund of which one fen is missing: the proof itself tells."""
    head = Head(1, bytes(32))
    leaf = AccountLeaf("F", "A", Sums(granted=100, free=99), head, head)
    fund = FundLeaf("F", 1, leaf.node())
    note = Balances(CHECKPOINT, 1, fund.node()).signed([BALANCES_SIGNER])
    honest = prove(BalanceTree(_county()), "A", "F1", note)
    accounts = (honest.accounts[0]._replace(leaf=leaf, at=0, path=()),)
    funds = (honest.funds[0]._replace(leaf=fund, at=0, path=()),)
    with pytest.raises(BadProof, match="NOT_CONSERVED"):
        shown(BalanceProof("A", "F", accounts, funds, note), [KEY])


def test_neither_signature_stands_in_for_the_other() -> None:
    """A note about balances is no checkpoint, and a checkpoint's signature is none of balances."""
    note = noted(BalanceTree(_county()))
    assert opened_balances(note, [KEY]).checkpoint == CHECKPOINT
    assert balance_keys([KEY])[0].key != KEY.key
    with pytest.raises(BadNote, match="NOT_A_CHECKPOINT"):
        claimed_checkpoint(note)
    tree = BalanceTree(_county())
    signed_as_checkpoint = Balances(CHECKPOINT, 2, tree.root).signed([signer()])
    with pytest.raises(BadNote, match="SIGNATURE_MISSING"):
        opened_balances(signed_as_checkpoint, [KEY])
    text = Balances(CHECKPOINT._replace(origin="other.example/log"), 2, tree.root)
    with pytest.raises(BadNote, match="OTHER_ORIGIN"):
        opened_balances(text.signed([BALANCES_SIGNER]), [KEY])


def test_the_form_of_a_proof_never_changes() -> None:
    """Signatures are deterministic, so the whole file is; old proofs must be readable for ever."""
    text = proven(_county(), "F1", "B")
    assert BalanceTree(_county()).root.hash.hex() == GOLDEN_ROOT
    assert sha256(text.encode()).hexdigest() == GOLDEN_PROOF
