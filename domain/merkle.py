"""
Merkle trees as in RFC 6962 §2.1, with SHA-256: roots, inclusion paths, and their check.

Hashing only: no keys, no clock. Leaves are given as their hashes.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

LEAF: Final = b"\x00"
NODE: Final = b"\x01"


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf that holds *data*: SHA-256(00 ‖ data)."""
    return sha256(LEAF + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two others: SHA-256(01 ‖ left ‖ right)."""
    return sha256(NODE + left + right).digest()


def levels(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """
    All levels of the tree over leaf hashes, leaves first, root last.

    The last node of an odd level rises unchanged; this gives the roots of RFC 6962.
    """
    rows = [list(leaves)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        rows.append(above)
    return rows


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of no leaves, the SHA-256 of nothing (RFC 6962)."""
    return levels(leaves)[-1][0] if leaves else sha256(b"").digest()


def inclusion_path(rows: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """The path of the leaf *index* in the tree whose *rows* came from levels(), leaf side first."""
    path: list[bytes] = []
    for row in rows[:-1]:
        sibling = index ^ 1
        if sibling < len(row):
            path.append(row[sibling])
        index >>= 1
    return path


def root_from_path(*, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """
    The root that *path* proves for the leaf hash at *index* of *size*; None if the path's length is wrong.

    RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size:
        return None
    node, last, result = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            result = node_hash(step, result)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            result = node_hash(result, step)
        node >>= 1
        last >>= 1
    return result if last == 0 else None
