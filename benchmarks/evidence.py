"""The tree: leaves appended from memory, files written, proofs made in a tree of ten million."""

import argparse
import json
import random
import resource
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from eventlog.reading import READ_LIMIT
from evidence.folder import EvidenceFolder
from evidence.proofs import Prover, is_consistent, is_included
from evidence.tiles import TileFolder, tile_files
from evidence.tree import HASH_BYTES, TILE_WIDTH, Tree

VALUE_BYTES: Final = 700
"""About the size of a payment's event."""
MEMORY_LEAVES: Final = 200_000
FILE_LEAVES: Final = 50_000
PROOFS: Final = 500
ROUNDS: Final = 3
APPEND: Final = TILE_WIDTH * 256


def appended() -> dict[str, Any]:
    """Leaves a second, hashed and appended from memory, against hashing the values alone."""
    chance = random.Random(1)  # noqa: S311  # not a secret
    values = [chance.randbytes(VALUE_BYTES) for _ in range(MEMORY_LEAVES)]
    ours, bare = [], []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for value in values:
            sha256(value).digest()
        bare.append(time.perf_counter() - began)
        began = time.perf_counter()
        tree = Tree()
        for start in range(0, len(values), READ_LIMIT):
            tree.append(values[start : start + READ_LIMIT])
        tree.root()
        ours.append(time.perf_counter() - began)
    return {
        "leaves_per_s": round(MEMORY_LEAVES / min(ours)),
        "bare_sha256_per_s": round(MEMORY_LEAVES / min(bare)),
        "ratio": round(min(bare) / min(ours), 2),
    }


def written(folder: Path) -> dict[str, Any]:
    """Events a second with tiles and bundles on the disk, each batch forced to it."""
    chance = random.Random(2)  # noqa: S311  # not a secret
    values = [chance.randbytes(VALUE_BYTES) for _ in range(FILE_LEAVES)]
    evidence, tree = EvidenceFolder(folder), Tree()
    began = time.perf_counter()
    for start, end in pairwise([*range(0, FILE_LEAVES, READ_LIMIT), FILE_LEAVES]):
        batch = values[start:end]
        tiles = tree.append(batch)
        first = start // TILE_WIDTH
        bundles = [
            (first + n, batch[n * TILE_WIDTH : (n + 1) * TILE_WIDTH])
            for n in range(len(batch) // TILE_WIDTH)
        ]
        evidence.write_full(tiles, bundles)
    return {"written_per_s": round(FILE_LEAVES / (time.perf_counter() - began))}


def generated(leaves: int) -> Iterator[tuple[int, bytes]]:
    """Leaf hashes made up, in whole tiles as far as they go."""
    for start in range(0, leaves, APPEND):
        numbers = range(start, min(start + APPEND, leaves))
        yield start, b"".join([sha256(struct.pack(">Q", n)).digest() for n in numbers])


def proofs(folder: Path, leaves: int) -> dict[str, Any]:
    """Milliseconds for a proof read from files, and whether each holds."""
    chance = random.Random(3)  # noqa: S311  # not a secret
    asked = sorted(chance.sample(range(leaves), PROOFS))
    needed = {index // TILE_WIDTH for index in asked} | {leaves // TILE_WIDTH}
    tiles, tree = TileFolder(folder), Tree()
    roots: dict[int, bytes] = {}
    for start, hashes in generated(leaves):
        full = tree.append_hashes(hashes)
        # Level 0 would be 40,000 files, of which few are read.
        tiles.write(tile_files(t for t in full if t.level or t.number in needed))
        roots[start + len(hashes) // HASH_BYTES] = tree.root()
    tiles.write(tile_files(tree.edge()))
    chance.shuffle(asked)
    root, spent = tree.root(), []
    prover = Prover(tiles, leaves)
    for index in asked:
        began = time.perf_counter()
        path = prover.inclusion(index)
        spent.append(time.perf_counter() - began)
        leaf = sha256(struct.pack(">Q", index)).digest()
        assert is_included(leaf=leaf, index=index, size=leaves, path=path, root=root)
    for old_size, old_root in roots.items():
        path = prover.consistency(old_size)
        assert is_consistent(
            old_size=old_size, old_root=old_root, size=leaves, root=root, path=path
        )
    spent_ms = sorted(1_000 * one for one in spent)
    return {
        "leaves": leaves,
        "first_proof_ms": round(1_000 * spent[0], 3),
        "proof_ms_p50": round(spent_ms[len(spent) // 2], 3),
        "proof_ms_p99": round(spent_ms[len(spent) * 99 // 100], 3),
    }


def measure(leaves: int) -> dict[str, Any]:
    """All figures of one run."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            **appended(),
            **written(Path(folder) / "written"),
            **proofs(Path(folder) / "proofs", leaves),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        }


def main(say: Callable[[str], object] = sys.stdout.write) -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--leaves", type=int, default=10_000_000)
    say(json.dumps(measure(parser.parse_args().leaves), indent=1) + "\n")


if __name__ == "__main__":
    main()
