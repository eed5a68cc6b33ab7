"""
A chain for each organisation: how many events a part of the log holds for it, and one hash over them.

A part holds the registry, and every event that belongs to one of its organisations (pack_scope). A
chain binds all of these in order, whatever stream they are of, so that whoever has a part and the
signed chains sees that none was left out: no refusal, visit or reading, no end of a stream.
"""

import struct
from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, NamedTuple

from domain.merkle import inclusion_path, leaf_hash, levels, root_from_path, root_hash
from evidence.pack_scope import is_registry, owners_of

TAG: Final = b"hengwen/organisation/1"
"""What a leaf begins with: no event does, so no leaf of one tree is one of the other."""
HASH_BYTES: Final = 32
_CHAIN: Final = struct.Struct(f">Q{HASH_BYTES}s")


class Chain(NamedTuple):
    """How many events, and the hash that binds them; over nothing it is zeros."""

    length: int = 0
    digest: bytes = bytes(HASH_BYTES)

    def then(self, digest: bytes) -> "Chain":
        """With one more event, *digest* the SHA-256 of its stored bytes."""
        return Chain(self.length + 1, sha256(self.digest + digest).digest())

    def packed(self) -> bytes:
        """The length in eight bytes, big endian, then the hash."""
        return _CHAIN.pack(*self)

    @classmethod
    def unpacked(cls, data: bytes) -> "Chain":
        """
        The chain in 40 bytes.

        Raises:
            ValueError: they are none.
        """
        if len(data) != _CHAIN.size:
            raise ValueError("no chain")
        return cls(*_CHAIN.unpack(data))


def leaf_of(organisation: str, chain: Chain) -> bytes:
    """The hash of an organisation's leaf: of its code and its chain."""
    return leaf_hash(TAG + chain.packed() + organisation.encode())


class Placed(NamedTuple):
    """An organisation's chain, and where its leaf stands."""

    organisation: str
    chain: Chain
    at: int
    """Index among the leaves."""
    path: list[bytes]


class Roots(NamedTuple):
    """What is signed of all chains."""

    registry: Chain = Chain()
    """The chain of the registry."""
    organisations: int = 0
    """Leaves of the tree, one for each organisation, in order of their codes."""
    root: bytes = root_hash([])
    """Its root, as in RFC 6962."""

    def holds(self, placed: Placed) -> bool:
        """Whether the path leads from the organisation's leaf to the root."""
        leaf = leaf_of(placed.organisation, placed.chain)
        found = root_from_path(
            leaf=leaf, index=placed.at, size=self.organisations, path=placed.path
        )
        return found == self.root


class ChainTree:
    """The tree over all chains, as they stand."""

    def __init__(self, registry: Chain, chains: dict[str, Chain]) -> None:
        self._registry = registry
        self._chains = chains
        self._codes = sorted(chains, key=str.encode)

    @cached_property
    def _rows(self) -> list[list[bytes]]:
        return levels([leaf_of(code, self._chains[code]) for code in self._codes])

    @property
    def roots(self) -> Roots:
        """What is signed."""
        root = self._rows[-1][0] if self._codes else root_hash([])
        return Roots(self._registry, len(self._codes), root)

    def places(self, wanted: Iterable[str]) -> list[Placed]:
        """Those of the wanted organisations that have a chain, in order."""
        codes = set(wanted)
        return [
            Placed(code, self._chains[code], index, inclusion_path(self._rows, index))
            for index, code in enumerate(self._codes)
            if code in codes
        ]


class OrganisationChains:
    """All chains as they grow, event by event."""

    def __init__(self, registry: Chain = Chain(), chains: Iterable[tuple[str, Chain]] = ()) -> None:  # noqa: B008  nothing in it can change
        self.registry = registry
        self._chains = dict(chains)

    def take(self, event: Any, digest: bytes) -> None:
        """Take in the next event, *digest* the SHA-256 of its stored bytes."""
        if is_registry(event.stream):
            self.registry = self.registry.then(digest)
        for organisation in owners_of(event):
            self._chains[organisation] = self.of(organisation).then(digest)

    def of(self, organisation: str) -> Chain:
        """The chain of an organisation."""
        return self._chains.get(organisation) or Chain()

    def tree(self) -> ChainTree:
        """The tree over them as they are now."""
        return ChainTree(self.registry, dict(self._chains))

    def packed(self) -> list[bytes]:
        """The registry's chain, then each organisation's, to be kept."""
        chains = sorted(self._chains.items())
        return [self.registry.packed(), *(c.packed() + code.encode() for code, c in chains)]

    @classmethod
    def unpacked(cls, kept: Iterable[bytes]) -> "OrganisationChains":
        """
        What packed() gave.

        Raises:
            ValueError: they are none.
        """
        registry, *rest = kept
        size = _CHAIN.size
        chains = [(data[size:].decode(), Chain.unpacked(data[:size])) for data in rest]
        return cls(Chain.unpacked(registry), chains)
