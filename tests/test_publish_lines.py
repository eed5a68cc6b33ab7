"""JSON lines: typed from the schemas, completed by the vault, the same again from the same file."""

import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import day_of
from domain.submissions import SUBMISSIONS, CloseYear, MakePayment, RecordVisit
from publishers import line_format
from publishers.client import Signable
from publishers.identities import completed
from publishers.line_texts import TEXTS, line_reason
from publishers.lines import BadLine, BadLines, Line, check_lines, read_line, read_lines
from publishers.memory_vault import MemoryVault
from publishers.roster import reference
from publishers.roster.texts import TEXTS as ROSTER_TEXTS
from publishers.written import written
from vault.documents import check_digit

ROOT = Path(__file__).parent.parent
LEDGER = bytes(32)
TODAY = day_of(date(2019, 2, 5))
NUMBER = "63222119700101001" + check_digit("63222119700101001")
SECRETS = ("测试甲", NUMBER, "6217000000123456786", "13800000000", "样例水泥厂")
CLOSE = {"type": "CloseYear", "organisation": "63", "occurred_on": "2020-01-02", "subtree": "63"}


def payment(**fields: Any) -> dict[str, Any]:
    """A payment with a plain identity."""
    values: dict[str, Any] = {
        "type": "MakePayment", "organisation": "632221", "occurred_on": "2019-01-20",
        "actor": {"document_type": "STAFF", "document_number": "007", "employer": "632221"},
        "fund": "F", "scheme": "ACFTU-2019-7", "category": "C4_HARSH_FRONTLINE", "tier": "T2",
        "occasion": "DAILY", "campaign": "2019-DAILY", "form": "BANK_CARD", "amount_fen": 100_000,
        "signed": False, "recipient": {
            "name": "测试甲", "document_type": "RESIDENT_ID", "document_number": NUMBER,
            "employer": "样例水泥厂", "card": "6217000000123456786", "phone": "13800000000",
        },
    }  # fmt: skip
    return {name: value for name, value in (values | fields).items() if value is not ...}


def raw(*values: dict[str, Any]) -> list[bytes]:
    """Lines as bytes."""
    return [json.dumps(value, ensure_ascii=False).encode() for value in values]


def complete(*values: dict[str, Any], attempt: int = 1) -> list[Signable]:
    """The submissions of lines, completed by a vault."""
    vault = MemoryVault(LEDGER, today=TODAY)
    return list(completed(read_lines(raw(*values)), vault, attempt=attempt))


def problem(line: bytes) -> tuple[str, str]:
    """Code and field of a line that is no submission."""
    with pytest.raises(BadLine) as caught:
        read_line(1, line)
    return caught.value.code, caught.value.field


def test_a_plain_payment_is_sealed_and_its_ids_derived() -> None:
    """Person, tokens, sealed bytes, ids and attestation come from the vault; the name stays out."""
    signable = complete(payment())[0]
    made = signable.submission

    assert isinstance(made, MakePayment)
    assert made.person.startswith("p-")
    assert made.card is not None
    assert made.actor is not None
    assert [a.field for a in signable.attestations] == ["recipient"]
    assert not [secret for secret in SECRETS if secret in repr(made)]


def test_the_same_line_gives_the_same_submission_and_another_attempt_another_id() -> None:
    """A repeated file repeats itself; an attempt changes the submission id and nothing else."""
    first, second = complete(payment(), payment())
    anew = complete(payment(), attempt=2)[0]

    assert first.submission == second.submission
    assert anew.submission.submission_id != first.submission.submission_id
    anew.submission.submission_id = first.submission.submission_id
    assert anew.submission == first.submission


def test_what_the_vault_finds_odd_is_told_by_its_code() -> None:
    """A region that never was is published, and somebody may look."""
    first_17 = "12999919700101001"
    strange = payment()["recipient"] | {"document_number": first_17 + check_digit(first_17)}
    warned: list[str] = []
    lines = read_lines(raw(payment(recipient=strange)))

    assert len(list(completed(lines, MemoryVault(LEDGER, today=TODAY), warned=warned.append))) == 1
    assert "ID_REGION" in warned


def test_order_of_fields_and_explicit_nulls_do_not_matter() -> None:
    """Ids depend on what a line says, not on how it is written."""
    reordered = dict(reversed(payment(dossier=None).items()))

    assert complete(payment())[0].submission == complete(reordered)[0].submission
    assert complete(payment())[0].submission != complete(payment(amount_fen=1))[0].submission


def test_persons_may_be_given_as_identities_or_ids() -> None:
    """Visitors are a list of either; a staff code means the same person every time."""
    staff = {"document_type": "STAFF", "document_number": "007", "employer": "632221"}
    visit = {
        "type": "RecordVisit", "organisation": "632221", "occurred_on": "2019-01-18",
        "actor": staff, "occasion": "DAILY", "visitors": [staff, "p-knownqqqqqqqqqqqqqqqqqqq"],
        "person": payment()["recipient"],
    }  # fmt: skip
    made = complete(visit)[0].submission

    assert isinstance(made, RecordVisit)
    assert made.visitors == [made.actor, "p-knownqqqqqqqqqqqqqqqqqqq"]
    assert made.person == getattr(complete(payment())[0].submission, "person", None)


def test_what_was_sealed_before_is_taken_with_its_attestations() -> None:
    """A line written by ``hengwen seal`` reads back as the same submission."""
    signable = complete(payment())[0]
    line = written(signable).encode()

    assert list(completed(read_lines([line]), None)) == [
        signable._replace(attestations=tuple(signable.attestations))
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"\xff", ("NOT_UTF8", "")),
        (b"{", ("NOT_JSON", "")),
        (b"[1]", ("NOT_AN_OBJECT", "")),
        (b"[" * 100_000, ("NOT_JSON", "")),
        (b'{"type":"CloseYear","type":"CloseYear"}', ("DUPLICATE_FIELD", "type")),
        (b'{"type":"PaymentMade"}', ("UNKNOWN_TYPE", "type")),
        (b'{"type":7}', ("UNKNOWN_TYPE", "type")),
        (raw({**CLOSE, "year": "2019"})[0], ("WRONG_TYPE", "year")),
        (raw({**CLOSE, "year": 2019.0})[0], ("WRONG_TYPE", "year")),
        (raw({**CLOSE, "year": True})[0], ("WRONG_TYPE", "year")),
        (raw({**CLOSE, "year": 1 << 40})[0], ("OUT_OF_RANGE", "year")),
        (raw({**CLOSE})[0], ("MISSING_FIELD", "year")),
        (raw({**CLOSE, "year": 2019, "jahr": 1})[0], ("UNKNOWN_FIELD", "jahr")),
        (raw({**CLOSE, "year": 2019, "occurred_on": "2019-02-30"})[0], ("BAD_DATE", "occurred_on")),
        (raw({**CLOSE, "year": 2019, "submission_id": "X"})[0], ("BAD_UUID", "submission_id")),
        (raw(payment(person="p"))[0], ("FILLED_BY_VAULT", "person")),
        (raw(payment(recipient={"name": "甲"}))[0], ("MISSING_FIELD", "recipient.document_type")),
        (raw(payment(recipient={"nom": "甲"}))[0], ("UNKNOWN_FIELD", "recipient.nom")),
        (raw(payment(recipient=...))[0], ("MISSING_FIELD", "person")),
        (b'{"x":"' + b"a" * 300_000 + b'"}', ("LINE_TOO_LONG", "")),
        (b'{"a":NaN}', ("NOT_JSON", "")),
    ],
    ids=range(21),
)
def test_a_line_that_is_no_submission_is_named_with_code_and_field(
    line: bytes, expected: tuple[str, str]
) -> None:
    """Every cause has its code, and the field is told where there is one."""
    assert problem(line) == expected


def test_all_bad_lines_of_a_file_are_told_at_once() -> None:
    """With their numbers, before anything is published; blank lines do not count."""
    with pytest.raises(BadLines) as caught:
        check_lines([*raw(payment()), b"\n", b"{", *raw({**CLOSE, "year": 1})], with_vault=False)

    assert [(p.line, p.code) for p in caught.value.problems] == [
        (1, "VAULT_NEEDED"), (3, "NOT_JSON"), (4, "VAULT_NEEDED"),
    ]  # fmt: skip
    assert check_lines(raw(payment(), payment()), with_vault=True) == (2, 2)


def test_identities_and_sizes_are_checked_before_anything_is_sealed() -> None:
    """With a day, the check of a file finds what the vault would refuse; too large is told too."""
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    bad = payment(recipient=payment()["recipient"] | {"document_number": wrong})
    large = {**CLOSE, "type": "RegisterSchema", "schema": "x", "fingerprint": "00" * 8,
             "text_digest": "00" * 32, "text": "x" * 33_000}  # fmt: skip
    del large["subtree"]
    with pytest.raises(BadLines) as caught:
        check_lines(raw(payment(), bad, large), with_vault=True, today=TODAY)

    assert [(p.line, p.code) for p in caught.value.problems] == [
        (2, "ID_CHECKSUM"), (3, "VALUE_TOO_LARGE"),
    ]  # fmt: skip


def test_a_wrong_identity_names_line_field_and_code_and_nothing_else() -> None:
    """The vault's refusal reaches the user as a place in the file."""
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    bad = payment(recipient=payment()["recipient"] | {"document_number": wrong})
    with pytest.raises(BadLine) as caught:
        complete(payment(), bad)

    assert (caught.value.line, caught.value.field) == (2, "recipient.document_number")
    assert caught.value.code == "ID_CHECKSUM"
    assert wrong not in str(caught.value)


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fail_in_another_way(data: bytes) -> None:
    """Whatever the line, it is a submission or a BadLine."""
    with suppress(BadLine):
        assert isinstance(read_line(1, data), Line)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from([cls.__name__ for cls in SUBMISSIONS]), st.data())
def test_no_values_make_the_reader_fail_in_another_way(kind: str, data: st.DataObject) -> None:
    """Known fields with any JSON value under them: typed, or refused with the field's name."""
    names = ["organisation", "visitors", "recipient", "worker", "actor", "items", "caps", "sealed",
             "amount_fen", "attestations", "person", "left_out", "occurred_on"]  # fmt: skip
    fields = data.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=6))
    with suppress(BadLine):
        read_line(1, json.dumps({"type": kind, **fields}).encode())


def test_every_code_of_a_line_has_words() -> None:
    """In Chinese and in English."""
    bad = BadLine(1, "WRONG_TYPE", "year", "whole number")

    assert "whole number" in line_reason(bad, english=True)
    assert line_reason(BadLine(1, "ID_CHECKSUM")) == ROSTER_TEXTS["ID_CHECKSUM"].zh
    assert all(zh and en for zh, en in TEXTS.values())


def test_the_pages_say_what_the_schemas_and_the_code_say() -> None:
    """docs/publishing.md and docs/rosters.md are written from them; run the modules to renew."""
    for name, write in (("publishing", line_format.rewritten), ("rosters", reference.rewritten)):
        page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
        assert write(page) == page, name


def test_the_example_of_the_page_is_a_submission() -> None:
    """It reads, completes and fits."""
    page = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("\n```")[0]

    assert isinstance(complete(json.loads(example))[0].submission, MakePayment)
    assert isinstance(read_line(1, raw({**CLOSE, "year": 1})[0]), Line)
    assert CloseYear.__name__ in page
