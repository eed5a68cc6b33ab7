"""What a forger with access to everything but time can do to a pack or a log, for drills."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packs import EXPORTED_AT, written
from programme import Programme

from app.cli import run
from evidence.pack import Wanted, export
from evidence.pack_layout import EVENTS, MANIFEST, Manifest, file_sha256
from schemas import containers
from schemas.codec import decode, encode
from schemas.containers import Kept


def rewritten(
    pack: Path, change: Callable[[list[Kept]], Sequence[Kept]], kind: str = EVENTS
) -> None:
    """Change the records of a pack, and make its manifest fit again."""
    found = Manifest.of(pack)
    [name] = found.named(kind)
    containers.write(pack / name, change(list(containers.read(pack / name))))
    length = (pack / name).stat().st_size
    files = found.files | {name: {"sha256": file_sha256(pack / name), "bytes": length}}
    (pack / MANIFEST).write_bytes(found._replace(files=files).to_json())


def resealed(pack: Path, **claims: Any) -> None:
    """Make the manifest of a pack fit its files, and say whatever else the forger wants."""
    found = json.loads((pack / MANIFEST).read_bytes())
    for name in found["files"]:
        path = pack / name
        found["files"][name] = {"sha256": file_sha256(path), "bytes": path.stat().st_size}
    (pack / MANIFEST).write_text(json.dumps(found | claims, ensure_ascii=False), encoding="utf-8")


def failures(
    capsys: pytest.CaptureFixture[str], key: str, place: Path | str, *options: str | Path,
    fails: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """``hengwen verify --json`` with the published key; the failed checks by name."""
    capsys.readouterr()
    words = ["verify", str(place), "--checkpoint-key", key, "--json"]
    code = run([*words, *map(str, options)])
    found = json.loads(capsys.readouterr().out)
    assert code == (1 if fails else 0), found
    assert found["ok"] is not fails
    return {c["name"]: c for c in found["checks"] if c["status"] == "FAILED"}


def renumbered(records: Sequence[Kept]) -> list[Kept]:
    """Records with dense positions, whatever they were."""
    return [kept._replace(position=n) for n, kept in enumerate(records, start=1)]


def flipped(value: bytes, at: int = -1) -> bytes:
    """The value with one bit changed."""
    changed = bytearray(value)
    changed[at] ^= 1
    return bytes(changed)


def resigned(path: Path, name: str, submitted: Sequence[Any], values: Sequence[bytes]) -> Path:
    """A pack of another history under the same name, signed with the true (stolen) key."""
    path.mkdir()
    with closing(written(path, name, submitted, values)) as log:
        export(log, [], path / "pack", Wanted(), exported_at=EXPORTED_AT)
    return path / "pack"


def values_of(made: Programme) -> list[bytes]:
    """The events of a programme."""
    return [verdict.value for verdict in made.verdicts]


def altered(value: bytes, **fields: Any) -> bytes:
    """The event with other fields."""
    return encode(replace(decode(value), **fields))
