"""Identity documents are checked by the standards, not by whether they look right."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import day_of
from publishers.codes import identity_regions
from vault.documents import check_digit, fold_fifteen, normal_number, read_document

TODAY = day_of(date(2019, 2, 5))
BIRTHS = st.dates(date(1900, 1, 1), date(2019, 2, 5))


def codes(kind: str, number: str, *, fold_old: bool = False) -> list[str]:
    """The codes of what is wrong."""
    found = read_document(kind, number, on=TODAY, fold_old=fold_old)
    return [problem.code for problem in found.problems]


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "440524188001010014", "513431198503150015"]
)
def test_numbers_of_the_standard_pass(number: str) -> None:
    """The examples of GB 11643 and one more with a valid check digit pass, but nobody is 139."""
    born_in_1880 = number.startswith("440524")
    assert codes("RESIDENT_ID", number) == (["ID_BIRTH"] if born_in_1880 else [])


@given(BIRTHS, st.integers(0, 999), st.sampled_from(["110105", "632221", "540422"]))
def test_every_single_typing_error_is_found(born: date, sequence: int, region: str) -> None:
    """A changed digit, and two swapped neighbours, never give another valid number."""
    first_17 = f"{region}{born:%Y%m%d}{sequence:03d}"
    number = first_17 + check_digit(first_17)
    assert codes("RESIDENT_ID", number) == []
    for at in range(17):
        changed = str((int(number[at]) + 1) % 10)
        assert codes("RESIDENT_ID", number[:at] + changed + number[at + 1 :])
        if at < 16 and number[at] != number[at + 1]:
            swapped = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
            assert codes("RESIDENT_ID", swapped)


@given(BIRTHS.filter(lambda born: born.year < 2000), st.integers(0, 999))
def test_both_generations_are_one_person(born: date, sequence: int) -> None:
    """A 15-digit number folds to the 18-digit one, with the same key in the index."""
    old = f"632221{born:%y%m%d}{sequence:03d}"
    folded = read_document("RESIDENT_ID", old, on=TODAY, fold_old=True)
    new = read_document("RESIDENT_ID", fold_fifteen(old), on=TODAY)
    assert folded.problems == ()
    assert folded.document.index_key == new.document.index_key


def test_a_roster_may_not_hold_old_numbers() -> None:
    """Without folding, 15 digits are an error of their own code."""
    assert codes("RESIDENT_ID", "110105491231002") == ["ID_LENGTH_15"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "ID_CHECKSUM"),
        ("1101051949123100", "ID_LENGTH"),
        ("11010519491231002Y", "ID_FORMAT"),
        ("", "ID_MISSING"),
        ("1.10105194912310E+17", "ID_LENGTH"),
    ],
)
def test_what_is_wrong_has_a_code(number: str, code: str) -> None:
    """Each defect is told apart."""
    assert code in codes("RESIDENT_ID", number)


def test_births_exist_and_are_past() -> None:
    """The 30th of February and tomorrow are no birthdays; today is."""
    for birth, expected in (
        ("19900230", ["ID_BIRTH"]),
        ("20190206", ["ID_BIRTH"]),
        ("20190205", []),
    ):
        first_17 = f"632221{birth}001"
        assert codes("RESIDENT_ID", first_17 + check_digit(first_17)) == expected


def test_full_width_spaces_and_small_x_are_the_same_number() -> None:
    """However it was typed, it is one number."""
    typed = "１１０１０５ 1949-1231　002ｘ"
    assert normal_number(typed) == "11010519491231002X"
    assert codes("RESIDENT_ID", typed) == []


def test_an_unknown_region_is_only_a_warning() -> None:
    """Abolished codes stay valid for life; an unknown one is shown and passes."""
    for region in ("110103", "652923", "110100"):
        first_17 = f"{region}19700101001"
        found = read_document(
            "RESIDENT_ID",
            first_17 + check_digit(first_17),
            on=TODAY,
            regions=identity_regions(),
        )
        assert (found.problems, found.warnings) == ((), ())
    first_17 = "12999919700101001"
    odd = read_document(
        "RESIDENT_ID", first_17 + check_digit(first_17), on=TODAY, regions=identity_regions()
    )
    assert (odd.problems, [w.code for w in odd.warnings]) == ((), ["ID_REGION"])


@pytest.mark.parametrize("number", ["810000199001010019", "830000198510101233"])
def test_residence_permits_are_told_by_their_region(number: str) -> None:
    """Permits of Hong Kong and Taiwan people pass under either name and are one document."""
    as_permit = read_document("HMT_RESIDENCE", number, on=TODAY)
    as_card = read_document("RESIDENT_ID", number, on=TODAY)
    assert as_permit == as_card
    assert as_permit.document.kind == "HMT_RESIDENCE"
    assert codes("HMT_RESIDENCE", "11010519491231002X") == ["ID_TYPE"]


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        ("FOREIGN_PR", "usa310180050501", []),
        ("FOREIGN_PR", "911124198108030024", []),
        ("FOREIGN_PR", "911124198108030025", ["ID_CHECKSUM"]),
        ("FOREIGN_PR", "11010519491231002X", ["ID_TYPE"]),
        ("PASSPORT", "E12345678", []),
        ("PASSPORT", "EA1234567", []),
        ("PASSPORT", "G12345678", []),
        ("PASSPORT", "ABCDEFG", ["ID_FORMAT"]),
        ("PASSPORT", "E1", ["ID_FORMAT"]),
        ("HM_PERMIT", "H12345678", []),
        ("HM_PERMIT", "M1234567801", []),
        ("HM_PERMIT", "K12345678", ["ID_FORMAT"]),
        ("TW_PERMIT", "12345678", []),
        ("TW_PERMIT", "1234567", ["ID_FORMAT"]),
        ("DRIVING_LICENCE", "1", ["ID_TYPE"]),
    ],
)
def test_other_documents_have_their_forms(kind: str, number: str, expected: list[str]) -> None:
    """Old and new cards of foreigners, passports and travel permits."""
    assert codes(kind, number) == expected


def test_a_reissued_permit_is_the_same_person() -> None:
    """The last two digits of an HM permit count re-issues."""
    first = read_document("HM_PERMIT", "H1234567801", on=TODAY).document
    second = read_document("HM_PERMIT", "H1234567802", on=TODAY).document
    assert first.index_key == second.index_key != first


def test_a_foreign_passport_is_a_warning() -> None:
    """A passport that is not Chinese cannot be checked further, and says so."""
    found = read_document("PASSPORT", "C01X00T47", on=TODAY)
    assert (found.problems, [w.code for w in found.warnings]) == ((), ["PASSPORT_FOREIGN"])


@given(
    st.text(max_size=40), st.sampled_from(["RESIDENT_ID", "PASSPORT", "OTHER", "FOREIGN_PR", "?"])
)
def test_any_text_gets_an_answer(text: str, kind: str) -> None:
    """Whatever is typed, the check answers and normalising again changes nothing."""
    found = read_document(kind, text, on=TODAY, fold_old=True)
    assert normal_number(found.document.number) == found.document.number
