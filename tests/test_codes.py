"""Tables of codes: dated divisions, and their chunks for the log."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import day_of
from domain.code_table import table_digest
from domain.parts import CodeEntry
from domain.units import Day
from publishers.codes import (
    CHUNK_BYTES_MAX,
    DIVISIONS,
    DIVISIONS_EDITION,
    division_name,
    divisions,
    identity_regions,
    instead_of,
    load_codes,
    sanqu_sanzhou,
)
from schemas.codec import encode

DATA = Path(__file__).parent.parent / "publishers" / "data"
TODAY = day_of(date(2026, 1, 1))


def on(text: str) -> Day:
    """A day."""
    return day_of(date.fromisoformat(text))


@pytest.mark.parametrize(
    ("old", "new", "between"),
    [
        (("652923", "库车县"), ("652902", "库车市"), ("2019-11-01", "2019-12-30")),
        (("632321", "同仁县"), ("632301", "同仁市"), ("2020-07-01", "2020-12-30")),
        (("513425", "会理县"), ("513402", "会理市"), ("2021-01-01", "2021-10-30")),
        (("540422", "米林县"), ("540481", "米林市"), ("2022-11-01", "2023-06-29")),
        (("540530", "错那县"), ("540581", "错那市"), ("2022-11-01", "2023-06-29")),
    ],
)
def test_renamed_counties_change_their_code_in_time(
    old: tuple[str, str], new: tuple[str, str], between: tuple[str, str]
) -> None:
    """Before, only the old code; after, only the new one; both while the sources leave it open."""
    first, last = on(between[0]), on(between[1])
    for (code, name), day, expected in (
        (old, first - 1, True),
        (new, first - 1, False),
        (old, first, True),
        (new, first, True),
        (old, last, True),
        (old, last + 1, False),
        (new, last + 1, True),
    ):
        assert (division_name(code, Day(day)) == name) is expected


def test_the_table_is_in_order_and_each_row_has_a_life() -> None:
    """Sorted, no row twice, no row that ends before it begins, and codes of six digits."""
    rows = divisions()
    keys = [(row.code, row.name) for row in rows]
    assert keys == sorted(set(keys), key=keys.index)
    assert [row.code for row in rows] == sorted(row.code for row in rows)
    assert all(row.valid_to is None or row.valid_from <= row.valid_to for row in rows)
    assert all(len(row.code) == 6 and row.code.isdecimal() for row in rows)


def test_the_numbers_of_today_are_the_published_ones() -> None:
    """34 provinces, 333 prefectures and 2,844 counties at the end of 2023; one name a code."""
    now = [row.code for row in divisions() if row.valid_to is None]
    assert len(now) == len(set(now))
    provinces = [code for code in now if code.endswith("0000")]
    prefectures = [code for code in now if code.endswith("00") and not code.endswith("0000")]
    assert (len(provinces), len(prefectures)) == (34, 333)
    assert len(now) - len(provinces) - len(prefectures) == 2844


def test_statistical_zones_are_no_divisions() -> None:
    """The parks of Tibet and 大柴旦 are mapped to where they lie."""
    known = {row.code for row in divisions()}
    for code in ("540171", "540172", "540173", "540174", "632857"):
        assert code not in known
        assert instead_of()[code] == f"{code[:4]}00"
    assert not known & instead_of().keys()
    assert set(instead_of().values()) <= known


def test_identity_numbers_may_begin_with_codes_of_any_time() -> None:
    """Abolished counties, later cities and groupings are all known."""
    for code in ("110103", "412723", "540481", "659012", "632857", "130101"):
        assert code in identity_regions()
    assert len(identity_regions()) > 7000


def test_the_counties_of_sanqu_sanzhou_are_divisions_of_their_time() -> None:
    """210 counties of 2019 with the names of the table, and five later codes that replaced one."""
    with (DATA / "sanqu_sanzhou.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    first = [row for row in rows if not row["later_of"]]
    later = [row for row in rows if row["later_of"]]
    assert (len(first), len(later)) == (210, 5)
    for row in first:
        assert division_name(row["code"], on("2019-02-05")) == row["name"]
    for row in later:
        assert division_name(row["code"], TODAY) == row["name"]
        assert division_name(row["later_of"], TODAY) is None
    assert len(sanqu_sanzhou()) == len({row["code"] for row in rows}) == 215
    assert sum(row["area"] == "西藏" for row in first) == 74
    assert not {"659002", "659003", "659009", "632857"} & set(sanqu_sanzhou())


def test_the_divisions_fit_into_few_submissions() -> None:
    """Each chunk takes at most 30 KiB; together they are the table."""
    chunks = load_codes(
        DIVISIONS, DIVISIONS_EDITION, divisions(), organisation="G", occurred_on=TODAY
    )
    assert [chunk.chunk for chunk in chunks] == list(range(1, len(chunks) + 1))
    assert {chunk.chunks for chunk in chunks} == {len(chunks)}
    assert max(len(encode(chunk)) for chunk in chunks) <= CHUNK_BYTES_MAX
    assert len(chunks) < 10
    entries = [entry for chunk in chunks for entry in chunk.entries]
    assert table_digest(entries) == chunks[0].table_digest == table_digest(divisions())


names = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=200)
entries_ = st.builds(
    CodeEntry,
    st.text("0123456789", max_size=60),
    names,
    st.integers(0, 40_000).map(Day),
    st.none() | st.integers(0, 40_000).map(Day),
)


@given(st.lists(entries_, min_size=1, max_size=200))
def test_any_table_is_cut_into_whole_chunks(entries: list[CodeEntry]) -> None:
    """Nothing is lost, nothing is too large, and a repetition gives the same submissions."""
    made = [load_codes("T", "1", entries, organisation="G", occurred_on=TODAY) for _ in range(2)]
    assert made[0] == made[1]
    assert [entry for chunk in made[0] for entry in chunk.entries] == entries
    assert all(0 < len(encode(chunk)) <= CHUNK_BYTES_MAX for chunk in made[0])


def test_the_digest_is_that_of_the_file_without_its_head() -> None:
    """Anyone can check it with sha256sum."""
    from hashlib import sha256  # noqa: PLC0415  # the point of this test

    body = (DATA / "divisions.csv").read_bytes().split(b"\n", 1)[1]
    assert table_digest(divisions()) == sha256(body).digest()


@pytest.mark.parametrize("name", ['a"b', "a,b", "a\nb"])
def test_names_that_would_break_a_row_are_refused(name: str) -> None:
    """The digest must tell all tables apart."""
    with pytest.raises(ValueError, match="comma"):
        load_codes(
            "T", "1", [CodeEntry("1", name, Day(0), None)], organisation="G", occurred_on=TODAY
        )
    with pytest.raises(ValueError, match="at least one"):
        load_codes("T", "1", [], organisation="G", occurred_on=TODAY)
