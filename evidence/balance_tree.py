"""
The tree of balances: what every account held after the first N events, with sums at every node.

A node commits to the hashes *and the sums* of both children, so a sum above cannot be made without
the sums below. Accounts of one fund are leaves in order of their organisation; the funds' trees are
leaves of one tree in order of the fund, so a fund's totals can be shown alone. All sums are in fen.
"""

import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import groupby
from operator import add
from typing import Final, NamedTuple

TAG: Final = b"hengwen/balances/1"
ACCOUNT: Final = b"\x02" + TAG
"""What the hash of an account's leaf begins with; the tree of events uses 00 and 01 alone."""
ACCOUNTS: Final = b"\x03" + TAG
"""A node above accounts."""
FUND: Final = b"\x04" + TAG
FUNDS: Final = b"\x05" + TAG
"""A node above funds."""
FEN_MAX: Final = 2**63 - 1
HEAD_BYTES: Final = 32
TEXT_BYTES_MAX: Final = 65_535
_SUMS: Final = struct.Struct(">6Q")
_HEADS: Final = struct.Struct(f">Q{HEAD_BYTES}sQ{HEAD_BYTES}s")
_LENGTH: Final = struct.Struct(">H")
_COUNT: Final = struct.Struct(">Q")


class BadBalance(Exception):
    """A sum below zero or above 2^63 - 1, a fund that does not add up, bytes that are no leaf."""


class Sums(NamedTuple):
    """Fen by where they are; of an account, of a fund, of all."""

    granted: int = 0
    withdrawn: int = 0
    free: int = 0
    reserved: int = 0
    ordered: int = 0
    settled: int = 0

    def plus(self, other: "Sums") -> "Sums":
        """
        Both together.

        Raises:
            BadBalance: a sum exceeds FEN_MAX.
        """
        return Sums(*map(add, self, other)).checked()

    def checked(self) -> "Sums":
        """
        These sums, if they can be.

        Raises:
            BadBalance: one of them is below zero or above FEN_MAX.
        """
        if min(self) < 0 or max(self) > FEN_MAX:
            raise BadBalance("OUT_OF_RANGE")
        return self

    @property
    def conserved(self) -> bool:
        """Whether granted - withdrawn = free + reserved + ordered + settled; true of every fund."""
        return self.granted - self.withdrawn == sum(self[2:])

    def packed(self) -> bytes:
        """Six numbers of eight bytes, big endian."""
        return _SUMS.pack(*self.checked())

    @classmethod
    def unpacked(cls, data: bytes) -> "Sums":
        """
        The sums in 48 bytes.

        Raises:
            BadBalance: they are none.
        """
        if len(data) != _SUMS.size:
            raise BadBalance("NOT_SUMS")
        return cls(*_SUMS.unpack(data)).checked()


class Node(NamedTuple):
    """A hash and the sums it commits to."""

    hash: bytes
    sums: Sums

    def packed(self) -> bytes:
        """The hash, then the sums: 80 bytes."""
        return self.hash + self.sums.packed()

    @classmethod
    def unpacked(cls, data: bytes) -> "Node":
        """
        The node in 80 bytes.

        Raises:
            BadBalance: they are none.
        """
        return cls(data[:HEAD_BYTES], Sums.unpacked(data[HEAD_BYTES:]))


EMPTY: Final = Node(sha256(b"").digest(), Sums())
"""The root over nothing."""


class Head(NamedTuple):
    """The last link of a chain: its version and the SHA-256 of its event; 0 and zeros if none."""

    version: int = 0
    digest: bytes = bytes(HEAD_BYTES)


class AccountLeaf(NamedTuple):
    """
    An account: its sums, and the heads of its two chains.

    Who holds the account's events up to these heads lacks none of them, and none was hidden.
    """

    fund: str
    organisation: str
    sums: Sums
    own: Head
    """Of the account's stream."""
    receiving: Head
    """Of the events elsewhere that put fen on it."""

    @property
    def key(self) -> tuple[str, str]:
        """What leaves are in order of."""
        return self.fund, self.organisation

    def packed(self) -> bytes:
        """
        The leaf as it is hashed.

        Raises:
            BadBalance: a sum or a version is out of range.
        """
        try:
            heads = _HEADS.pack(*self.own, *self.receiving)
        except struct.error:
            raise BadBalance("NOT_A_VERSION") from None
        return _text(self.fund) + _text(self.organisation) + self.sums.packed() + heads

    @classmethod
    def unpacked(cls, data: bytes) -> "AccountLeaf":
        """
        The leaf in these bytes.

        Raises:
            BadBalance: they are none.
        """
        fund, data = _split_text(data)
        organisation, data = _split_text(data)
        if len(data) != _SUMS.size + _HEADS.size:
            raise BadBalance("NOT_A_LEAF")
        version, digest, in_version, in_digest = _HEADS.unpack_from(data, _SUMS.size)
        sums = Sums.unpacked(data[: _SUMS.size])
        return cls(fund, organisation, sums, Head(version, digest), Head(in_version, in_digest))

    def node(self) -> Node:
        """The leaf as a node."""
        return Node(sha256(ACCOUNT + self.packed()).digest(), self.sums)


class FundLeaf(NamedTuple):
    """A fund: how many accounts it has, and the root of their tree."""

    fund: str
    accounts: int
    root: Node

    def node(self) -> Node:
        """
        The leaf as a node.

        Raises:
            BadBalance: the count is none.
        """
        if not 0 <= self.accounts <= FEN_MAX:
            raise BadBalance("NOT_A_COUNT")
        told = _text(self.fund) + _COUNT.pack(self.accounts) + self.root.packed()
        return Node(sha256(FUND + told).digest(), self.root.sums)


def above(kind: bytes, left: Node, right: Node) -> Node:
    """The node above two others; *kind* is ACCOUNTS or FUNDS."""
    digest = sha256(kind + left.packed() + right.packed()).digest()
    return Node(digest, left.sums.plus(right.sums))


def rows_over(kind: bytes, leaves: Sequence[Node]) -> list[list[Node]]:
    """All rows of a tree, leaves first; the shape is RFC 6962's: an odd last node rises."""
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        row = [above(kind, below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            row.append(below[-1])
        rows.append(row)
    return rows


def path_of(rows: Sequence[Sequence[Node]], index: int) -> list[Node]:
    """The nodes beside the way from a leaf to the root, leaf side first."""
    path = []
    for row in rows[:-1]:
        if index ^ 1 < len(row):
            path.append(row[index ^ 1])
        index >>= 1
    return path


def root_by(kind: bytes, leaf: Node, place: tuple[int, int], path: Sequence[Node]) -> Node | None:
    """
    The root that a path gives for the leaf at *place* (index, of how many); None if it cannot.

    Raises:
        BadBalance: a sum on the way exceeds FEN_MAX.
    """
    node, last = place[0], place[1] - 1
    if not 0 <= node <= last:
        return None
    found = leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            found = above(kind, step, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = above(kind, found, step)
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


class BalanceTree:
    """
    The tree over all accounts.

    Raises:
        BadBalance: a fund does not add up, or a sum is out of range.
    """

    def __init__(self, accounts: Iterable[AccountLeaf]) -> None:
        leaves = sorted(accounts, key=lambda leaf: leaf.key)
        self.accounts = {fund: list(own) for fund, own in groupby(leaves, lambda leaf: leaf.fund)}
        self._rows = {
            fund: rows_over(ACCOUNTS, [leaf.node() for leaf in own])
            for fund, own in self.accounts.items()
        }
        self.funds = [
            FundLeaf(fund, len(rows[0]), rows[-1][0]) for fund, rows in self._rows.items()
        ]
        for fund in self.funds:
            if not fund.root.sums.conserved:
                raise BadBalance(f"NOT_CONSERVED {fund.fund}")
        self._fund_rows = rows_over(FUNDS, [fund.node() for fund in self.funds])

    @property
    def root(self) -> Node:
        """The root over all funds."""
        return self._fund_rows[-1][0] if self.funds else EMPTY

    def account_path(self, fund: str, index: int) -> list[Node]:
        """The path of an account in its fund's tree."""
        return path_of(self._rows[fund], index)

    def fund_path(self, index: int) -> list[Node]:
        """The path of a fund."""
        return path_of(self._fund_rows, index)


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) > TEXT_BYTES_MAX:
        raise BadBalance("TEXT_TOO_LONG")
    return _LENGTH.pack(len(data)) + data


def _split_text(data: bytes) -> tuple[str, bytes]:
    if len(data) < _LENGTH.size:
        raise BadBalance("NOT_A_LEAF")
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    try:
        return data[_LENGTH.size : end].decode(), data[end:]
    except UnicodeDecodeError:
        raise BadBalance("NOT_A_LEAF") from None
