"""
What a pack holds beside events and submissions, made again from them and compared.

Books, registry, keys, schemas, upper tiles and the claims of the manifest are there for people and
tools: nothing signs them, so whoever believes them must know that the events say the same.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from eventlog.contract import PROOF_HEADER
from evidence.checkpoints import claim_in
from evidence.pack_again import FORMS, Again
from evidence.pack_balances import BALANCE_PROOFS, ORGANISATION_PROOFS, PROOFS_BYTES_MAX
from evidence.pack_books import PARQUET, TABLES
from evidence.pack_layout import (
    BOOKS,
    CHECKPOINT,
    CHECKPOINTS,
    EVENTS,
    KEYS,
    MANIFEST,
    README,
    REGISTRY,
    SCHEMAS,
    SUBMISSIONS,
    Manifest,
    file_sha256,
)
from evidence.pack_readme import readme
from evidence.tiles import FILE_BYTES_MAX, TileMissing, tile_files
from evidence.tree import TILE_WIDTH, Tree
from evidence.verify_bytes import UNREADABLE
from evidence.verify_checks import DERIVED, NOT_CHECKED, Check, failed, not_checked, passed, texts
from evidence.verify_signed import Trust, signed_by
from evidence.verify_source import PackSource
from schemas import containers
from schemas.codec import Unreadable
from schemas.plain_files import read_plain

FOREIGN: Final = frozenset({"xlsx", PARQUET})
"""Forms that a library writes: another version of it may write other bytes."""


class Differs(Exception):
    """A code, and the file or claim that is not what the events give."""


def check_derived(source: PackSource, trust: Trust, progress: Callable[[int], None]) -> list[Check]:
    """Whether all else in a pack is what its events give; what could not be made again is named."""
    with TemporaryDirectory(prefix="hengwen-derived-") as work:
        try:
            again = _made(source, Path(work), progress)
            left = [*_compared(source, again, trust, Path(work))]
        except (Unreadable, *UNREADABLE):
            return [not_checked(DERIVED, "STOPPED")]
        except Differs as wrong:
            code, what = wrong.args
            return [failed(DERIVED, code, file=what)]
    if left:
        figures = texts({"files": " ".join(sorted(left))})
        return [Check(DERIVED, NOT_CHECKED, "NOT_DERIVED", None, figures)]
    return [passed(DERIVED, files=len(source.manifest.files))]


def _made(source: PackSource, work: Path, progress: Callable[[int], None]) -> Again:
    """Books and registry are written into *work*, as the export did."""
    try:
        return _again(source, work, progress)
    except (LookupError, ValueError, OverflowError) as error:  # a forged event is no entry
        raise Differs("EVENT_DIFFERS", type(error).__name__) from error


def _again(source: PackSource, work: Path, progress: Callable[[int], None]) -> Again:
    again = Again(source, work)
    try:
        for batch in source.events():
            for position, value in batch:
                again.take(position, value)
            progress(len(batch))
        again.finish(source)
    finally:
        again.close()
    if again.opened is None:
        raise Differs("CLAIM_DIFFERS", "ledger")
    return again


def _compared(source: PackSource, again: Again, trust: Trust, work: Path) -> Iterator[str]:
    """The files that could not be made again; raises Differs at the first that is another."""
    manifest = source.manifest
    _listed(manifest, source.folder)
    _records(source)
    _claims(source, again, trust)
    _tiles(source)
    _schemas(source, again)
    if manifest.scope.last == manifest.size:
        (work / KEYS).write_bytes(again.keys.before(manifest.size).to_json())
    (work / README).write_text(readme(manifest), encoding="utf-8")
    for name in (README, KEYS, REGISTRY, *manifest.named(BOOKS)):
        if not _same(source, work, name):
            yield name


def _same(source: PackSource, work: Path, name: str) -> bool:
    """Whether a file is as it was made again; False if nobody can say."""
    made, kind = work / name, FORMS.get(Path(name).name)
    holds_balances = kind is not None or Path(name).stem == "balances"
    if not made.exists() or (source.manifest.scope.first > 1 and holds_balances):
        return False  # opening balances are of events that are not here
    if file_sha256(made) == file_sha256(source.folder / name):
        return True
    if kind in FOREIGN or name == README:
        return False
    raise Differs("FILE_DERIVED_DIFFERS", name)


def _records(source: PackSource) -> None:
    """No record holds what its verdict does not depend on, and no file of proofs anything else."""
    manifest = source.manifest
    headers = dict.fromkeys(manifest.named(SUBMISSIONS), PROOF_HEADER)
    for name in (*manifest.named(EVENTS), *headers, CHECKPOINTS):
        for kept in containers.read(source.folder / name):
            if kept.key is not None or any(h != headers.get(name) for h, _ in kept.headers):
                raise Differs("RECORD_MORE", name)
    if BALANCE_PROOFS in manifest.files:
        text = json.dumps(source.balance_proofs(), ensure_ascii=False, indent=1) + "\n"
        if read_plain(source.folder / BALANCE_PROOFS, PROOFS_BYTES_MAX) != text.encode():
            raise Differs("FILE_DERIVED_DIFFERS", BALANCE_PROOFS)


def _schemas(source: PackSource, again: Again) -> None:
    """Each schema is one that the log registered or ours, and none of those is missing."""
    for name in source.manifest.named(SCHEMAS):
        if not again.schemas.holds(Path(name).name, source.folder / name):
            raise Differs("FILE_DERIVED_DIFFERS", name)
    if again.schemas.missing():
        raise Differs("FILE_MISSING", f"{SCHEMAS}/{again.schemas.missing()}")


def _claims(source: PackSource, again: Again, trust: Trust) -> None:
    """The manifest says what the events say, the checkpoint is one of those published, and signed."""
    manifest = source.manifest
    note = read_plain(source.folder / CHECKPOINT, FILE_BYTES_MAX).decode("utf-8", "replace")
    claim = claim_in(note)
    notes = source.notes()
    signed = signed_by([note], again.keys, trust) or not signed_by(notes, again.keys, trust)
    if note not in notes or not signed or claim is None:
        raise Differs("FILE_DERIVED_DIFFERS", CHECKPOINT)
    first = manifest.scope.first
    told: dict[str, tuple[Any, Any]] = {
        "origin": (manifest.origin, claim.origin),
        "size": (manifest.size, claim.size),
        "root": (manifest.root, claim.root.hex()),
        "log": (manifest.log, again.log),
        "ledger": (manifest.ledger, again.ledger),
        "log_length": (max(manifest.log_length, manifest.size), manifest.log_length),
        "counts": (manifest.counts, again.counts),
        "redacted": (manifest.redacted, again.redacted),
        "totals": (_known(manifest.totals, first), _known(again.totals, first)),
    }
    for name, (said, found) in told.items():
        if said != found:
            raise Differs("CLAIM_DIFFERS", name)


def _known(totals: dict[str, Any], first: int) -> dict[str, Any]:
    """Of a stretch, what does not need the balances with which it opens."""
    if first == 1:
        return totals
    rows = totals.get("rows")
    counted = {n: v for n, v in rows.items() if n != "balances"} if isinstance(rows, dict) else {}
    return totals | {"balance_fen": None, "rows": counted}


def _listed(manifest: Manifest, folder: Path) -> None:
    """No file that a pack does not have, none that the manifest does not name, none missing."""
    known = {README, CHECKPOINT, CHECKPOINTS, KEYS, REGISTRY}
    due = known | {f"{BOOKS}/{table}.csv" for table in TABLES}
    for name in sorted(due):
        if name not in manifest.files:
            raise Differs("FILE_MISSING", name)
    with_proofs = manifest.scope.organisation is not None and manifest.scope.first == 1
    proofs = {BALANCE_PROOFS, ORGANISATION_PROOFS} if with_proofs else set()
    may = due | proofs | {f"{BOOKS}/{name}" for name in FORMS}
    for name in manifest.files:
        kind, _, rest = name.partition("/")
        container = kind in {EVENTS, SUBMISSIONS} and rest.endswith(".avro")
        if name not in may and not container and kind not in {"tile", SCHEMAS}:
            raise Differs("FILE_UNKNOWN", name)
    for place, _, names in os.walk(folder):
        paths = {(Path(place) / name).relative_to(folder).as_posix() for name in names}
        for path in sorted(paths - manifest.files.keys() - {MANIFEST}):
            raise Differs("FILE_UNKNOWN", path.encode("utf-8", "replace").decode())


def _tiles(source: PackSource) -> None:
    """Every tile is made from the leaf hashes, which the check of tiles compares with the root."""
    tiles, tree, size = source.tiles(), Tree(), source.manifest.size
    expected: set[str] = set()
    try:
        for first in range(0, size, TILE_WIDTH):
            width = min(TILE_WIDTH, size - first)
            full = tree.append_hashes(tiles.hashes(0, first // TILE_WIDTH, width))
            last = tree.edge() if first + width == size else []
            for file in tile_files([*full, *last]):
                expected.add(file.path)
                if tiles.read(file.path) != file.content:
                    raise Differs("FILE_DERIVED_DIFFERS", file.path)
    except TileMissing:
        return  # the check of tiles says so
    for name in source.manifest.files:
        if name.startswith("tile/") and name not in expected:
            raise Differs("FILE_UNKNOWN", name)
