"""
Evidence from any static web server, fetched into a folder and verified there: nothing is trusted.

A pack by its manifest, or what a checkpointer publishes by its checkpoint. Paths are checked, sizes
bounded by what was announced and by the free space, redirects are not followed, and what comes is
only ever written below the folder.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from app.output import Output
from app.problems import Problem, Words
from app.web_files import Wanted, WebFiles
from evidence.balance_files import NEWEST as BALANCES
from evidence.checkpoints import claim_in
from evidence.folder import CHECKPOINT, KEYS
from evidence.pack_layout import MANIFEST, MANIFEST_BYTES_MAX, NAME, Manifest, NotAPack
from evidence.tiles import ENTRIES, tile_path
from evidence.tree import HASH_BYTES, TILE_WIDTH

SMALL_BYTES_MAX: Final = 1 << 20
"""For a checkpoint, and for keys.json."""
TILE_BYTES: Final = TILE_WIDTH * HASH_BYTES
BUNDLE_BYTES: Final = TILE_WIDTH * (2 + 65_535)


def download(address: str, folder: Path, output: Output) -> Path:
    """
    Fetch the evidence at *address* into the empty *folder*; where it can be verified.

    Raises:
        Problem: the server does not answer, answers otherwise, or has no evidence there.
    """
    base = _base(address)
    with WebFiles(folder) as server:
        if server.fetch(Wanted(f"{base}/{MANIFEST}", folder / MANIFEST, MANIFEST_BYTES_MAX)):
            return _pack(server, base, folder, output)
        for public, auditors in ((f"{base}/public", f"{base}/auditors"), (base, _beside(base))):
            there = folder / "public" / CHECKPOINT
            if server.fetch(Wanted(f"{public}/{CHECKPOINT}", there, SMALL_BYTES_MAX)):
                return _published(server, (public, auditors, base), folder, output)
    raise Problem(
        Words("那里没有证据。", "There is no evidence."),
        where=base,
        how=Words(
            "给出证据包 (manifest.json) 或公布文件夹 (checkpoint) 所在的地址。",
            "Give the address of a pack (manifest.json) or of a published folder (checkpoint).",
        ),
    )


def _base(address: str) -> str:
    """The address as it may be shown and built upon."""
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0 and "\\" not in parts.netloc
    except ValueError:  # a bracket without its other, a port that is none
        raise _unusable_address("") from None
    if not usable or "@" in parts.netloc:
        raise _unusable_address(f"{parts.scheme}://")
    if parts.query or parts.fragment:
        raise _unusable_address(f"{parts.scheme}://{parts.hostname}")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _unusable_address(where: str) -> Problem:
    """What may hold a password is not shown."""
    return Problem(
        Words("地址不能用。", "This address cannot be used."),
        where=where,
        how=Words(
            "写成 https://主机/路径,不带用户名、口令、? 和 #。",
            "Write https://HOST/PATH without user, password, ? and #.",
        ),
    )


def _beside(base: str) -> str:
    """Where entry bundles may be beside a public folder."""
    return f"{base.removesuffix('/public')}/auditors" if base.endswith("/public") else base


def _pack(server: WebFiles, base: str, folder: Path, output: Output) -> Path:
    """All files that the manifest names, none larger than it says."""
    try:
        found = Manifest.of(folder)
        wanted = [
            Wanted(f"{base}/{name}", folder / _checked(name), int(known["bytes"]))
            for name, known in found.files.items()
        ]
    except (NotAPack, KeyError, TypeError, ValueError):
        raise _unusable(f"{base}/{MANIFEST}") from None
    files = {one.path for one in wanted}
    if any(one.bytes_max < 0 or not files.isdisjoint(one.path.parents) for one in wanted):
        raise _unusable(f"{base}/{MANIFEST}")
    total = sum(one.bytes_max for one in wanted)
    server.reserve(total)
    with output.progress(Words("下载", "downloading"), total) as advance:
        server.fetch_each(([one] for one in wanted), lambda files: advance(files[0].bytes_max))
    return folder


def _checked(name: str) -> Path:
    """A path of a manifest, if it stays below its folder and is no other file of ours."""
    if not NAME.fullmatch(name) or name == MANIFEST:
        raise ValueError(name)
    return Path(PurePosixPath(name))


def _published(
    server: WebFiles, places: tuple[str, str, str], folder: Path, output: Output
) -> Path:
    """Leaf hashes up to the checkpoint, its keys, and the events if the server has them."""
    public, *others = places
    note = (folder / "public" / CHECKPOINT).read_bytes().decode("utf-8", "replace")
    claim = claim_in(note)
    if claim is None:
        raise _unusable(f"{public}/{CHECKPOINT}")
    for name in (KEYS, BALANCES):
        server.fetch(Wanted(f"{public}/{name}", folder / "public" / name, SMALL_BYTES_MAX))
    first = next(iter(_tiles(ENTRIES, claim.size, "", folder / "auditors", BUNDLE_BYTES)), ())
    entries = next((base for base in others if first and server.fetch_any(_under(base, first))), "")
    tiles = -(-claim.size // TILE_WIDTH)
    words = Words("下载", "downloading")
    with output.progress(words, tiles * (2 if entries else 1)) as advance:
        for level, base, where, limit in (
            (0, public, folder / "public", TILE_BYTES),
            (ENTRIES, entries, folder / "auditors", BUNDLE_BYTES),
        ):
            if base:
                server.fetch_each(
                    _tiles(level, claim.size, base, where, limit),
                    lambda _: advance(1),
                    to_the_first_gap=True,
                )
    return folder


def _under(base: str, files: Sequence[Wanted]) -> list[Wanted]:
    return [one._replace(url=base + one.url) for one in files]


def _tiles(
    level: int | str, size: int, base: str, folder: Path, limit: int
) -> Iterator[Sequence[Wanted]]:
    """For each tile of a tree of *size*, the files that may hold it, the likeliest first."""
    for start in range(0, size, TILE_WIDTH):
        names = [tile_path(level, start // TILE_WIDTH, min(TILE_WIDTH, size - start))]
        if size - start < TILE_WIDTH:
            names.append(tile_path(level, start // TILE_WIDTH))
        yield [Wanted(f"{base}/{name}", folder / name, limit) for name in names]


def _unusable(where: str) -> Problem:
    return Problem(
        Words("那里的文件不能用。", "The file there cannot be used."),
        where=where,
        how=Words("向提供者索取完好的证据包。", "Ask its provider for a sound pack."),
    )
