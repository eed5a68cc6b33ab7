"""The books as Parquet, made from the csv files some rows at a time; needs the extra ``parquet``."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any, Final

from evidence.pack_sheets import NUMBERS, Tables, rows_of

ROWS: Final = 65_536
"""Rows of one group: what is in memory at a time."""
ZONE: Final = "+08:00"


def available() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write_parquet(folder: Path, tables: Tables, totals: Mapping[str, Any]) -> None:
    """A file for each table; names in Chinese and control totals are in its metadata."""
    from pyarrow import parquet  # noqa: PLC0415  # optional, and large

    for table, (name, columns) in tables.items():
        schema = _schema(table, name, columns, totals)
        with parquet.ParquetWriter(folder / f"{table}.parquet", schema, compression="zstd") as file:
            for group in _groups(rows_of(folder, table)):
                file.write_table(_table(group, schema))


def _schema(
    table: str, name: str, columns: Sequence[tuple[str, str]], totals: Mapping[str, Any]
) -> Any:
    """Amounts in fen are 64-bit integers, days are dates, instants are in China's time."""
    import pyarrow as pa  # noqa: PLC0415  # as above

    kinds = {"occurred_on": pa.date32(), "recorded_at": pa.timestamp("ms", tz=ZONE)}
    fields = [
        pa.field(
            column,
            pa.int64() if column.endswith(NUMBERS) else kinds.get(column, pa.string()),
            metadata={"name_zh": zh},
        )
        for column, zh in columns
    ]
    told = json.dumps(totals, ensure_ascii=False, sort_keys=True)
    return pa.schema(fields, metadata={"table": table, "name_zh": name, "totals": told})


def _groups(rows: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while group := list(islice(rows, ROWS)):
        yield group


def _table(rows: Sequence[Sequence[str]], schema: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415  # as above

    columns = [
        pa.array([_value(text, field.type) for text in column], field.type)
        for column, field in zip(zip(*rows, strict=True), schema, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _value(text: str, kind: Any) -> Any:
    """A cell of the csv as its column holds it; an empty one is null."""
    if not text:
        return None
    match str(kind):
        case "int64":
            return int(text)
        case "date32[day]":
            return date.fromisoformat(text)
        case "string":
            return text
        case _:
            return datetime.fromisoformat(text)
