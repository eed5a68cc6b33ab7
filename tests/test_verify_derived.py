"""Nothing in a pack is believed that its events do not say: books, registry, keys, schemas, claims."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from packs import key_text, manifest, pack_of, programme, verified
from packs_forged import resealed
from programme import COUNTY, Programme

from app.cli import run
from evidence.pack import Wanted
from evidence.pack_balances import BALANCE_PROOFS
from evidence.pack_layout import MANIFEST
from evidence.verify_checks import DERIVED, FAILED, NOT_CHECKED, OK, Check
from schemas import containers

ALL_FORMS = frozenset({"csv", "xlsx", "xml", "parquet"})
FORGED = [
    "books/subjects.csv", "books/balances.csv", "books/vouchers.csv", "books/dimensions.csv",
    "books/dictionary.csv", "books/books.xml", "registry.jsonl", "keys.json", "checkpoint",
    "schemas/hengwen.PaymentMade.avsc", "tile/0/000.p/98",
]  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture(scope="module")
def untouched(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack, with books in every form."""
    return pack_of(made, tmp_path_factory.mktemp("derived"), wanted=Wanted(formats=ALL_FORMS))


@pytest.fixture
def pack(untouched: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    shutil.copytree(untouched, tmp_path / "pack")
    return tmp_path / "pack"


def _derived(pack: Path, *keys: str) -> Check:
    [found] = [check for check in verified(pack, *keys).checks if check.name == DERIVED]
    return found


def test_every_file_is_made_again(made: Programme, pack: Path) -> None:
    """Books in every form, too."""
    found = _derived(pack, key_text(made))
    assert (found.status, dict(found.figures)) == (OK, {"files": str(len(manifest(pack).files))})


@pytest.mark.parametrize("name", FORGED)
def test_a_file_that_is_not_what_the_events_give_is_named(name: str, pack: Path) -> None:
    """Though the manifest has its SHA-256, and nobody signed either."""
    if name.startswith("tile/"):
        name = min(path for path in manifest(pack).files if path.startswith("tile/0/"))
        name = name.rpartition("/")[0] + "/97"
    (pack / name).parent.mkdir(parents=True, exist_ok=True)
    (pack / name).write_text("FORGED 999999\n", encoding="utf-8")
    files = manifest(pack).files | {name: {"sha256": "0" * 64, "bytes": 0}}
    resealed(pack, files=files)
    resealed(pack)
    found = _derived(pack)
    assert found.status == FAILED
    assert dict(found.figures)["file"] == name


def test_one_fen_in_the_balances_is_seen(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And the command says which file it is; exit code 1."""
    path = pack / "books" / "balances.csv"
    path.write_bytes(path.read_bytes().replace(b",4400000", b",4400001", 1))
    resealed(pack)
    capsys.readouterr()
    assert run(["--lang", "en", "verify", str(pack), "--cores", "1"]) == 1
    assert "books/balances.csv is not what the events give" in capsys.readouterr().out


CLAIMS: dict[str, Any] = {
    "ledger": "00", "log": "other", "origin": "example.org/other", "root": "0" * 64,
    "redacted": [3], "log_length": 3, "totals": {}, "counts": {"events": 98, "submissions": 98, "checkpoints": 7},
}  # fmt: skip


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_of_the_manifest_that_the_events_do_not_bear_is_named(
    name: str, pack: Path
) -> None:
    """Ledger, log, origin, root, redactions, control totals, counts."""
    counts = manifest(pack).counts
    resealed(pack, **{name: counts | {"checkpoints": 7} if name == "counts" else CLAIMS[name]})
    found = _derived(pack)
    assert (found.status, found.code, dict(found.figures)) == (
        FAILED, "CLAIM_DIFFERS", {"file": name},
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["events", "submissions", "checkpoints.avro"])
@pytest.mark.parametrize(
    "more", [{"key": b"x"}, {"headers": (("note", b"x"),)}], ids=["key", "header"]
)
def test_a_record_holds_nothing_that_its_verdict_does_not_depend_on(
    kind: str, more: dict[str, Any], pack: Path
) -> None:
    """Nobody could say whether it is true, and a name would fit in."""
    name = min(file for file in manifest(pack).files if file.startswith(kind))
    first, *rest = containers.read(pack / name)
    containers.write(pack / name, [first._replace(**more), *rest])
    resealed(pack)
    found = _derived(pack)
    assert (found.code, dict(found.figures)) == ("RECORD_MORE", {"file": name})


def test_a_whole_pack_has_no_proofs_and_a_part_nothing_else_in_them(
    pack: Path, made: Programme, tmp_path: Path
) -> None:
    """Any text would do there."""
    (pack / BALANCE_PROOFS).write_text("[]\n", encoding="utf-8")
    resealed(pack, files=manifest(pack).files | {BALANCE_PROOFS: {"sha256": "0" * 64, "bytes": 0}})
    resealed(pack)
    assert (_derived(pack).code, dict(_derived(pack).figures)["file"]) == (
        "FILE_UNKNOWN", BALANCE_PROOFS,
    )  # fmt: skip
    (tmp_path / "county").mkdir()
    part = pack_of(made, tmp_path / "county", wanted=Wanted(organisation=COUNTY))
    (part / BALANCE_PROOFS).write_text('[{"note": "x"}]', encoding="utf-8")
    resealed(part, files=manifest(part).files | {BALANCE_PROOFS: {"sha256": "0" * 64, "bytes": 0}})
    resealed(part)
    assert (_derived(part).code, dict(_derived(part).figures)["file"]) == (
        "FILE_DERIVED_DIFFERS", BALANCE_PROOFS,
    )  # fmt: skip


def _listed(pack: Path, change: Callable[[dict[str, Any]], object]) -> None:
    found = json.loads((pack / MANIFEST).read_bytes())
    change(found["files"])
    (pack / MANIFEST).write_text(json.dumps(found), encoding="utf-8")


def test_a_file_that_nobody_listed_is_reported(pack: Path) -> None:
    """Put there, or taken off the list and changed, or listed and no file of a pack."""
    (pack / "books" / "more.csv").write_text("x", encoding="utf-8")
    assert dict(_derived(pack).figures) == {"file": "books/more.csv"}
    _listed(pack, lambda files: files.update({"books/more.csv": files["README.md"]}))
    resealed(pack)
    assert dict(_derived(pack).figures) == {"file": "books/more.csv"}
    (pack / "books" / "more.csv").unlink()
    _listed(pack, lambda files: files.pop("books/more.csv"))
    assert _derived(pack).status == OK
    _listed(pack, lambda files: files.pop("registry.jsonl"))
    assert (_derived(pack).code, dict(_derived(pack).figures)) == (
        "FILE_MISSING", {"file": "registry.jsonl"},
    )  # fmt: skip


def test_a_registered_schema_that_is_not_there_is_missed(pack: Path) -> None:
    """A log must be readable in thirty years with nothing but its pack."""
    name = "schemas/hengwen.PaymentMade.avsc"
    (pack / name).unlink()
    _listed(pack, lambda files: files.pop(name))
    found = _derived(pack)
    assert (found.code, dict(found.figures)) == ("FILE_MISSING", {"file": name[:-5]})


def test_a_form_that_a_library_writes_is_said_to_be_unchecked_if_it_differs(pack: Path) -> None:
    """Another version of the library may write other bytes: never a tick, never a false alarm."""
    for name in ("books/books.xlsx", "books/balances.parquet", "README.md"):
        (pack / name).write_bytes(b"other")
    resealed(pack)
    found = _derived(pack)
    assert (found.status, found.code) == (NOT_CHECKED, "NOT_DERIVED")
    assert set(dict(found.figures)["files"].split()) == {
        "README.md", "books/books.xlsx", "books/balances.parquet",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        (Wanted(organisation=COUNTY), set()),
        (Wanted(last=95), {"keys.json"}),
        (
            Wanted(first=95, organisation=COUNTY),
            {"books/balances.csv", "books/books.xlsx", "books/books.xml"},
        ),
    ],
    ids=["organisation", "up to", "from"],
)
def test_of_a_part_all_is_made_again_that_its_events_give(
    wanted: Wanted, left: set[str], made: Programme, tmp_path: Path
) -> None:
    """Keys named later, and balances that open with what is not here, are said to be unchecked."""
    part = pack_of(made, tmp_path, wanted=wanted)
    found = _derived(part, key_text(made))
    assert found.status == (NOT_CHECKED if left else OK)
    assert set(dict(found.figures).get("files", "").split()) == (
        left or {dict(found.figures)["files"]}
    )
    vouchers = part / "books" / "vouchers.csv"
    vouchers.write_bytes(vouchers.read_bytes() + b"1,1\n")
    resealed(part)
    assert dict(_derived(part).figures) == {"file": "books/vouchers.csv"}
