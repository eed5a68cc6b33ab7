"""Plain identities: their checks, and the one encoding that is frozen for ever."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from people import worker

from domain.calendar import day_of
from domain.signing import CHECK_CARD, CHECK_DOCUMENT, CHECK_EMPLOYER, CHECK_NAME, CHECK_PHONE
from vault.identities import (
    FIELDS,
    PAD_BYTES,
    Identity,
    check_identity,
    decode_identity,
    encode_identity,
    luhn,
    normal_name,
)

TODAY = day_of(date(2019, 2, 5))
ALL = CHECK_NAME | CHECK_DOCUMENT | CHECK_EMPLOYER | CHECK_PHONE | CHECK_CARD
GOLDEN = bytes.fromhex(
    "0101000be6a0b7e4be8bc2b7e794b202000b5245534944454e545f494403001231313031303531393439313233313030"
    "325804000ce6a0b7e4be8be58d95e4bd8d05000b31333830303030303030300600133632313730303030303031323334"
    "353637383607000ce6a0b7e4be8be993b6e8a18c08000be6a0b7e4be8bc2b7e794b209000548303030310a000de6a0b7"
    "e4be8be8b7af31e58fb70000000000000000000000000000000000000000000000000000000000000000000000000000"
)
"""Made once; never to be made again."""

texts = st.text(max_size=40)
identities = st.builds(
    Identity, texts, texts, texts, *(st.none() | texts for _ in range(len(FIELDS) - 3))
)


def found(identity: Identity, *, employer_needed: bool = True) -> tuple[int, list[str], list[str]]:
    """Checks passed, problems and warnings."""
    checked = check_identity(identity, on=TODAY, employer_needed=employer_needed)
    return checked.checks, [p.code for p in checked.problems], [w.code for w in checked.warnings]


def test_the_canonical_bytes_never_change() -> None:
    """Golden bytes of a whole identity."""
    identity = Identity(
        name="样例·甲",
        document_type="RESIDENT_ID",
        document_number="11010519491231002X",
        employer="样例单位",
        phone="13800000000",
        card="6217000000123456786",
        bank="样例银行",
        account_holder="样例·甲",
        household="H0001",
        address="样例路1号",
    )
    assert encode_identity(identity) == GOLDEN
    assert decode_identity(GOLDEN) == identity


def test_every_field_has_a_number() -> None:
    """A field without a number would be lost in sealing."""
    assert list(FIELDS.values()) == [field.name for field in fields(Identity)]


@given(identities)
def test_checked_identities_survive_sealing(identity: Identity) -> None:
    """Whatever passes normalisation is read back as it was written, in padded blocks."""
    normal = check_identity(identity, on=TODAY).identity
    plain = encode_identity(normal)
    assert decode_identity(plain) == normal
    assert len(plain) % PAD_BYTES == 0


@given(identities)
def test_checking_twice_changes_nothing(identity: Identity) -> None:
    """A normalised identity is its own normal form: a repeated import seals the same bytes."""
    once = check_identity(identity, on=TODAY).identity
    assert check_identity(once, on=TODAY).identity == once


@given(st.binary(max_size=80))
def test_foreign_bytes_are_no_identity(data: bytes) -> None:
    """Bytes that are not canonical are refused with a ValueError, never with a crash."""
    for wrong in (b"\x02" + data, b"\x01" + data, GOLDEN[:-1], GOLDEN + data + b"\x01"):
        with pytest.raises(ValueError, match="not a canonical identity"):
            decode_identity(wrong)


def test_a_whole_identity_passes_every_check() -> None:
    """Name, document, employer, phone and card."""
    assert found(worker()) == (ALL, [], [])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " 　"}, "NAME_MISSING"),
        ({"name": "测试1"}, "NAME_DIGITS"),
        ({"name": "测试２"}, "NAME_DIGITS"),
        ({"name": "测试?"}, "NAME_UNREADABLE"),
        ({"name": "测\ufffd"}, "TEXT_UNREADABLE"),
        ({"employer": "样例\ud800"}, "TEXT_UNREADABLE"),
        ({"name": "甲" * 65}, "NAME_LENGTH"),
        ({"employer": None}, "EMPLOYER_MISSING"),
        ({"employer": "  "}, "EMPLOYER_MISSING"),
        ({"employer": "甲" * 201}, "TEXT_LENGTH"),
        ({"card": "6.217E+18"}, "CARD_FORMAT"),
        ({"card": "6217000000123456787"}, "CARD_CHECKSUM"),
    ],
)
def test_what_is_wrong_has_a_code(change: dict[str, str | None], code: str) -> None:
    """Each defect is told apart, and its check has not passed."""
    checks, problems, _ = found(replace(worker(), **change))  # type: ignore[arg-type]  # any field
    assert problems == [code]
    assert code.startswith("TEXT") or checks != ALL


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone": None}, "PHONE_MISSING"),
        ({"phone": "863000"}, "PHONE_FORMAT"),
        ({"phone": "12345678901"}, "PHONE_FORMAT"),
        ({"card": "123456789012"}, "CARD_UNUSUAL"),
        ({"name": "测\ue001"}, "NAME_PRIVATE_USE"),
    ],
)
def test_what_is_odd_is_a_warning(change: dict[str, str | None], code: str) -> None:
    """Odd phones, passbooks and characters outside Unicode do not stop a payment."""
    _, problems, warnings = found(replace(worker(), **change))  # type: ignore[arg-type]  # any field
    assert (problems, warnings) == ([], [code])


@pytest.mark.parametrize("phone", ["0976-8630000", "010 65128900", "（0976）8630000", "8630000"])
def test_a_landline_is_a_phone_but_no_attested_mobile_one(phone: str) -> None:
    """It is no warning, and the attested check says mobile."""
    checks, problems, warnings = found(replace(worker(), phone=phone))
    assert (problems, warnings) == ([], [])
    assert checks == ALL & ~CHECK_PHONE


def test_staff_are_known_by_a_code_of_their_organisation() -> None:
    """A staff code needs no name, but satisfies no real-name check."""
    staff = Identity(name="", document_type="STAFF", document_number="007", employer="632221")
    checks, problems, _ = found(staff)
    assert (checks, problems) == (CHECK_EMPLOYER, [])


def test_other_documents_are_kept_but_not_verified() -> None:
    """A document of no known form cannot make the real-name minimum."""
    other = replace(worker(), document_type="OTHER", document_number="军字0000001")
    checks, problems, _ = found(other)
    assert (checks & CHECK_DOCUMENT, problems) == (0, [])


def test_visitors_need_no_employer() -> None:
    """A handler or visitor is known by name and document alone."""
    assert found(worker(employer=None), employer_needed=False)[1] == []


def test_names_have_one_spelling() -> None:
    """Middle dots, spaces and invisible characters do not make another name."""
    spellings = ["样例·甲", "样例•甲", "样例 ・ 甲", "\u200b样例·甲　"]
    assert {normal_name(name) for name in spellings} == {"样例·甲"}


@given(st.text("0123456789", min_size=7, max_size=18))
def test_exactly_one_check_digit_fits(body: str) -> None:
    """The Luhn check accepts one of ten last digits."""
    assert sum(luhn(body + str(last)) for last in range(10)) == 1


def test_an_identity_shows_nothing() -> None:
    """Neither repr nor str of an identity holds a value."""
    identity = worker()
    assert repr(identity) == str(identity) == "Identity(…)"
