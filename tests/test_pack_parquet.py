"""The books as Parquet: the same rows as the csv, typed, and a clear word where the library lacks."""

import csv
import json
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from evidence_logs import files
from packs import manifest, pack_of, programme, verified
from programme import Programme
from pyarrow import parquet

from app.cli import run
from evidence.pack import Wanted
from evidence.pack_books import TABLES

WANTED = Wanted(formats=frozenset({"parquet"}))


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture(scope="module")
def pack(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack, with books as csv and parquet."""
    return pack_of(made, tmp_path_factory.mktemp("parquet"), wanted=WANTED)


def _read(pack: Path, table: str) -> Any:
    return parquet.read_table(pack / "books" / f"{table}.parquet")


@pytest.mark.parametrize("table", TABLES)
def test_parquet_holds_the_rows_of_the_csv(pack: Path, table: str) -> None:
    """Row by row; what is empty there is null here."""
    with (pack / "books" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.DictReader(file))
    found = _read(pack, table).to_pylist()
    assert [_texts(row) for row in found] == told


def _texts(row: dict[str, Any]) -> dict[str, str]:
    shown = {name: "" if value is None else str(value) for name, value in row.items()}
    if "recorded_at" in row:
        shown["recorded_at"] = row["recorded_at"].isoformat(timespec="milliseconds")
    return shown


def test_columns_are_typed_and_explained(pack: Path) -> None:
    """Fen are whole numbers, days are days, instants are China's; each column has its Chinese name."""
    vouchers = _read(pack, "vouchers")
    kinds = {field.name: str(field.type) for field in vouchers.schema}
    assert (kinds["debit_fen"], kinds["voucher"]) == ("int64", "int64")
    assert (kinds["occurred_on"], kinds["recorded_at"]) == (
        "date32[day]",
        "timestamp[ms, tz=+08:00]",
    )
    assert (kinds["subject"], kinds["organisation"]) == ("string", "string")
    first = vouchers.to_pylist()[0]
    assert isinstance(first["occurred_on"], date)
    assert first["recorded_at"].utcoffset() == timedelta(hours=8)
    names = {f.name: f.metadata[b"name_zh"].decode() for f in vouchers.schema}
    assert names == dict(TABLES["vouchers"][1])


def test_control_totals_go_along_and_agree(pack: Path) -> None:
    """The same as in the manifest; the columns sum up to them."""
    vouchers = _read(pack, "vouchers")
    totals = json.loads(vouchers.schema.metadata[b"totals"])
    assert totals == json.loads(json.dumps(manifest(pack).totals))
    assert sum(vouchers["debit_fen"].to_pylist()) == totals["debit_fen"]
    assert sum(vouchers["credit_fen"].to_pylist()) == totals["credit_fen"]


def test_the_pack_verifies_and_the_same_log_gives_the_same_files(
    made: Programme, pack: Path, tmp_path: Path
) -> None:
    """Parquet files are in the manifest like all others."""
    assert not verified(pack).failed
    assert files(pack_of(made, tmp_path, wanted=WANTED) / "books") == files(pack / "books")


def test_without_the_library_it_is_said_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, what to install, and no folder."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "home"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    target = tmp_path / "pack"
    words = ["--lang", "en", "export-evidence", "--to", str(target), "--format", "parquet"]
    assert run(words) == 2
    assert "hengwen[parquet]" in capsys.readouterr().err
    assert not target.exists()
