"""Closed years, whatever is closed and moved in whatever order: nothing goes back past them."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from programme import CITY, COUNTY, OTHER_COUNTY, PROVINCE, ROOT, TOWN, Programme, codes, day
from test_determinism import fresh

from domain import submissions as s

UNIONS = [ROOT, PROVINCE, CITY, COUNTY, OTHER_COUNTY, TOWN]
YEARS = st.integers(2014, 2018)
CLOSED = st.tuples(st.just("close"), st.sampled_from(UNIONS[1:]), YEARS)
MOVED = st.tuples(st.just("move"), st.sampled_from(UNIONS[1:]), st.sampled_from(UNIONS))


class Books:
    """What a reader of the rules expects: the newest closed year of each union, by hand."""

    def __init__(self) -> None:
        self.parents: dict[str, str] = {
            PROVINCE: ROOT, CITY: PROVINCE, COUNTY: CITY, OTHER_COUNTY: CITY, TOWN: COUNTY,
        }  # fmt: skip
        self.newest = dict.fromkeys(UNIONS, 0)

    def below(self, union: str) -> list[str]:
        """The union and all below it."""
        found = [union]
        for one in found:
            found += [child for child, parent in self.parents.items() if parent == one]
        return found

    def close(self, union: str, year: int) -> bool:
        """Close a year, with all before it; False if it is closed."""
        if year <= self.newest[union]:
            return False
        for one in self.below(union):
            self.newest[one] = max(self.newest[one], year)
        return True

    def move(self, union: str, parent: str) -> bool:
        """Move a union: what is closed stays closed; False below itself."""
        if parent in self.below(union):
            return False
        self.parents[union] = parent
        for one in self.below(union):
            self.newest[one] = max(self.newest[one], self.newest[parent])
        return True


def _happens(programme: Programme, what: tuple[str, str, Any]) -> Any:
    kind, union, other = what
    if kind == "close":
        return programme.do(s.CloseYear, organisation=union, subtree=union, year=other)
    return programme.do(
        s.MoveOrganisation, programme.operator, organisation=ROOT, code=union, parent=other
    )


@settings(max_examples=40, deadline=None)
@given(happened=st.lists(CLOSED | MOVED, min_size=6, max_size=12), anew=st.booleans())
def test_a_day_is_open_if_it_lies_behind_the_newest_closed_year(
    *, happened: list[tuple[str, str, Any]], anew: bool
) -> None:
    """For every union and year, after any closings and moves, also when the state was read anew."""
    programme, books = Programme().organised(), Books()
    for what in happened:
        event = _happens(programme, what)
        expected = getattr(books, what[0])(*what[1:])
        assert (codes(event) == []) == expected
        if anew:
            programme.save()
            programme.admission = fresh(programme.rows)
    for union in UNIONS:
        for year in range(2013, 2020):
            event = programme.fund(
                f"F{union}-{year}", organisation=union, owner=union,
                occurred_on=day(f"{year}-01-01"),
            )  # fmt: skip
            assert codes(event) == ([] if year > books.newest[union] else ["YEAR_CLOSED"])
