"""The registry: codes, organisations, policies, years, schemas, vaults."""

from hashlib import sha256
from typing import Any

import pytest
from programme import (
    CITY,
    COUNTY,
    OTHER_COUNTY,
    PROVINCE,
    ROOT,
    TOWN,
    Programme,
    codes,
    day,
    figures,
    funded,
)

from admission.rules.checks import registry
from domain import events as e
from domain import submissions as s
from domain.code_table import table_digest
from domain.organisation import DEPTH_MAX
from domain.parts import Cap, CodeEntry
from domain.refusal_texts import render
from domain.suites import SUITES
from domain.units import Day, Fen, Micros
from publishers.codes import divisions, load_codes
from schemas import codec, files

MICROS_PER_DAY = 86_400_000_000


@pytest.fixture
def given() -> Programme:
    """Five levels of unions, and a county with money."""
    return funded()


def register(given: Programme, code: str, parent: str | None, **fields: Any) -> Any:
    """A union is registered."""
    defaults: dict[str, Any] = {
        "organisation": parent or code, "code": code, "parent": parent, "name": "样例工会",
        "level": "BASIC", "division": None, "uscc": None,
    }  # fmt: skip
    return given.do(s.RegisterOrganisation, given.operator, **(defaults | fields))


def move(given: Programme, code: str, parent: str) -> Any:
    """A union gets another parent."""
    return given.do(s.MoveOrganisation, given.operator, organisation=ROOT, code=code, parent=parent)


def close(given: Programme, code: str) -> Any:
    """A union is closed."""
    return given.do(s.CloseOrganisation, given.operator, organisation=ROOT, code=code)


# -- the log itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("suite", SUITES)
def test_a_ledger_is_opened_under_a_suite_and_names_it(suite: str) -> None:
    """The event that opens the log says under which algorithms names are sealed."""
    given = Programme(suite=suite).opened()
    event = codec.decode(given.verdicts[0].value)
    assert isinstance(event, e.LogOpened)
    assert event.suite == suite


def test_admission_and_the_vault_know_the_same_suites() -> None:
    """A ledger cannot be opened under a suite that no vault can keep."""
    assert frozenset(SUITES) == registry.SUITES


# -- codes ----------------------------------------------------------------------------------------


def entry(code: str, since: str = "1990-01-01", until: str | None = None) -> CodeEntry:
    """A dated code."""
    return CodeEntry(code, "样例县", day(since), None if until is None else day(until))


def load(given: Programme, chunk: list[CodeEntry], number: int, of: int, **fields: Any) -> Any:
    """One chunk of the table of divisions; the digest is that of *whole*."""
    whole = fields.pop("whole", chunk)
    defaults: dict[str, Any] = {
        "table": "DIVISIONS", "edition": "2019-2", "chunk": number, "chunks": of,
        "table_digest": table_digest(whole), "entries": chunk,
    }  # fmt: skip
    return given.do(s.LoadCodes, given.operator, **(defaults | fields))


def test_a_table_is_in_force_with_its_last_chunk(given: Programme) -> None:
    """Half a table is none: until then the old one counts, then only the new one."""
    first, second = [entry("440000")], [entry("440100")]
    whole = first + second
    assert codes(load(given, first, 1, 2, whole=whole)) == []
    assert codes(register(given, "A", ROOT, division="440000")) == ["DIVISION_UNKNOWN"]
    assert codes(register(given, "B", ROOT, division="632221")) == []
    assert codes(load(given, second, 2, 2, whole=whole)) == []
    assert codes(register(given, "A", ROOT, division="440000")) == []
    assert codes(register(given, "C", ROOT, division="632221")) == ["DIVISION_UNKNOWN"]


def test_chunks_of_two_editions_do_not_mix(given: Programme) -> None:
    """In order, of one edition, towards one digest; the first chunk begins anew."""
    first, second = [entry("440000")], [entry("440100")]
    whole = first + second
    assert codes(load(given, second, 2, 2, whole=whole)) == ["CHUNK_OUT_OF_ORDER"]
    load(given, first, 1, 2, whole=whole)
    assert codes(load(given, second, 2, 2, whole=whole, edition="2020-1")) == ["CHUNK_OUT_OF_ORDER"]
    assert codes(load(given, second, 2, 2, whole=first)) == ["CHUNK_OUT_OF_ORDER"]
    assert codes(load(given, second, 3, 3, whole=whole)) == ["CHUNK_OUT_OF_ORDER"]
    assert codes(load(given, first, 2, 2, whole=whole)) == ["DIGEST_MISMATCH"]
    assert codes(load(given, first, 1, 2, whole=whole)) == []
    assert codes(load(given, second, 2, 2, whole=whole)) == []
    assert codes(load(given, second, 2, 2, whole=whole)) == ["CHUNK_OUT_OF_ORDER"]


def test_a_division_counts_on_its_days(given: Programme) -> None:
    """A county that was dissolved is known for the years before."""
    load(given, [entry("632221", until="2019-01-15"), entry("632222", since="2019-01-16")], 1, 1)
    on: dict[str, Any] = {"occasion": "DAILY", "campaign": "2019-DAILY"}
    old, new = on | {"work_region": "632221"}, on | {"work_region": "632222"}
    assert codes(given.pay(1, occurred_on=day("2019-01-15"), **old)) == []
    assert codes(given.pay(2, occurred_on=day("2019-01-16"), **old)) == ["DIVISION_UNKNOWN"]
    assert codes(given.pay(3, occurred_on=day("2019-01-15"), **new)) == ["DIVISION_UNKNOWN"]
    assert codes(given.pay(4, occurred_on=day("2019-01-16"), **new)) == []


def test_one_code_can_have_several_periods(given: Programme) -> None:
    """A division that was dissolved and founded again."""
    load(given, [entry("632221", until="2019-01-10"), entry("632221", since="2019-01-15")], 1, 1)
    for date, expected in (
        ("2019-01-10", []), ("2019-01-12", ["DIVISION_UNKNOWN"]), ("2019-01-15", []),
    ):  # fmt: skip
        assert codes(given.pay(1, occurred_on=day(date), campaign="2019-DAILY", occasion="DAILY",
                               amount_fen=1)) == expected  # fmt: skip


# -- organisations --------------------------------------------------------------------------------


def test_a_code_is_never_used_again(given: Programme) -> None:
    """Not even after its organisation was closed."""
    close(given, TOWN)
    assert codes(register(given, TOWN, COUNTY)) == ["CODE_USED"]


def test_there_is_one_root(given: Programme) -> None:
    """A second federation is refused, also one that speaks in the first one's name."""
    assert codes(register(given, "G2", None)) == ["PARENT_UNKNOWN"]
    assert codes(register(given, "G3", None, organisation=ROOT)) == ["PARENT_UNKNOWN"]


def test_a_closed_union_gets_no_children(given: Programme) -> None:
    """Neither new ones nor moved ones; and it is closed once."""
    assert codes(close(given, OTHER_COUNTY)) == []
    assert codes(register(given, "A", OTHER_COUNTY)) == ["ORGANISATION_CLOSED"]
    assert codes(move(given, TOWN, OTHER_COUNTY)) == ["ORGANISATION_CLOSED"]
    assert codes(close(given, OTHER_COUNTY)) == ["ORGANISATION_CLOSED"]


def test_nothing_moves_below_itself(given: Programme) -> None:
    """Not below its child, nor the child's child, nor itself; the root moves nowhere."""
    for parent in (CITY, COUNTY, TOWN):
        assert codes(move(given, CITY, parent)) == ["CYCLE"]
    assert "CYCLE" in codes(move(given, ROOT, PROVINCE))


def test_after_a_move_the_new_line_counts(given: Programme) -> None:
    """Policies, allocations and authority follow the tree as it is now."""
    given.policy(
        policy="P63", union=PROVINCE, organisation=PROVINCE,
        caps=[Cap("T2", Fen(1_000), Fen(1_000))],
    )  # fmt: skip
    assert "OVER_CAP_PER_PAYMENT" in codes(given.pay(1, amount_fen=1_001))
    assert codes(move(given, COUNTY, ROOT)) == []
    assert codes(given.pay(1, amount_fen=1_001)) == []
    given.grant(100)
    assert codes(given.allocate(ROOT, COUNTY, 100)) == []
    assert "NOT_A_CHILD" in codes(given.allocate(CITY, COUNTY, 1))


def test_the_tree_has_a_depth(given: Programme) -> None:
    """Each level more is one more step to look up for every payment."""
    parent = COUNTY
    depth = 4
    while depth < DEPTH_MAX:
        assert codes(register(given, f"L{depth}", parent)) == []
        parent, depth = f"L{depth}", depth + 1
    assert codes(register(given, "TOO-FAR", parent)) == ["TOO_DEEP"]
    assert codes(given.fund("DEEP", organisation=parent, owner=parent)) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"uscc": "13530103015119637B"}, []),
        ({"uscc": "13530103015119637C"}, ["USCC_WRONG"]),
        ({"level": "GALAXY"}, ["LEVEL_UNKNOWN"]),
        ({"division": "630000"}, []),
        ({"division": "990000"}, ["DIVISION_UNKNOWN"]),
    ],
)
def test_an_organisation_is_described_by_known_codes(
    given: Programme, fields: dict[str, Any], expected: list[str]
) -> None:
    """Credit code with its check, level and division of our tables."""
    assert codes(register(given, "A", ROOT, **fields)) == expected


# -- policies and years ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2018-01-01", "2018-11-30", []),
        ("2018-01-01", "2018-12-01", ["POLICY_OVERLAP"]),
        ("2019-12-31", None, ["POLICY_OVERLAP"]),
        ("2020-01-01", None, []),
        ("2018-01-01", None, ["POLICY_OVERLAP"]),
        ("2019-03-01", "2019-02-28", ["PERIOD_EMPTY", "POLICY_OVERLAP"]),
    ],
)
def test_on_each_day_a_union_has_at_most_one_policy(
    given: Programme, start: str, end: str | None, expected: list[str]
) -> None:
    """Ends included."""
    event = given.policy(
        policy="NEXT", valid_from=day(start), valid_to=None if end is None else day(end)
    )
    assert codes(event) == expected


def test_a_union_adopts_its_own_policies_only(given: Programme) -> None:
    """The county does not speak for the province."""
    event = given.policy(policy="X", union=PROVINCE, organisation=COUNTY)
    assert codes(event) == ["WRONG_OWNER"]


def close_year(given: Programme, subtree: str, year: int, **fields: Any) -> Any:
    """A year is closed for an organisation and all below it."""
    defaults: dict[str, Any] = {"organisation": subtree, "subtree": subtree, "year": year}
    return given.do(s.CloseYear, **(defaults | fields))


def test_a_closed_year_is_closed_for_all_below(given: Programme) -> None:
    """For the county through its city, not for the province above."""
    old: dict[str, Any] = {"occurred_on": day("2018-12-15")}
    assert codes(close_year(given, CITY, 2018)) == []
    assert codes(given.pay(1, **old)) == ["YEAR_CLOSED"]
    assert codes(given.pay(1)) == []
    assert codes(given.fund("LATE", organisation=PROVINCE, owner=PROVINCE, **old)) == []
    assert codes(close_year(given, COUNTY, 2018)) == ["YEAR_CLOSED"]


@pytest.mark.parametrize(("occurred_on", "expected"), [
    ("2016-05-01", ["YEAR_CLOSED"]), ("2017-12-31", ["YEAR_CLOSED"]), ("2018-01-01", []),
])  # fmt: skip
def test_nothing_is_dated_back_past_a_closed_year(
    given: Programme, occurred_on: str, expected: list[str]
) -> None:
    """With 2017 all years before it are closed, though nobody closed them; 2018 stays open."""
    assert codes(close_year(given, ROOT, 2017)) == []
    event = given.grant(1, occurred_on=day(occurred_on))
    assert codes(event) == expected
    if expected:
        assert figures(event) == {"organisation": ROOT, "year": occurred_on[:4]}


def test_a_year_before_a_closed_one_needs_no_closing(given: Programme) -> None:
    """Neither can it be closed again, by itself or from above; a later one can."""
    assert codes(close_year(given, CITY, 2017)) == []
    assert codes(close_year(given, CITY, 2016)) == ["YEAR_CLOSED"]
    assert codes(close_year(given, COUNTY, 2015)) == ["YEAR_CLOSED"]
    assert codes(close_year(given, COUNTY, 2018)) == []
    assert codes(close_year(given, PROVINCE, 2016)) == []
    assert (
        codes(given.fund("A", organisation=CITY, owner=CITY, occurred_on=day("2018-03-01"))) == []
    )


def test_no_money_comes_into_a_year_that_the_receiver_has_closed(given: Programme) -> None:
    """Down to a child whose year is closed, or up to a giver who closed it after a move."""
    last: dict[str, Any] = {"occurred_on": day("2018-12-31")}
    allocation = given.allocate(COUNTY, TOWN, 100, **last)
    assert codes(allocation) == []
    assert codes(close_year(given, TOWN, 2018)) == []
    event = given.allocate(COUNTY, TOWN, 100, **last)
    assert codes(event) == ["YEAR_CLOSED"]
    assert figures(event) == {"organisation": TOWN, "year": "2018"}
    assert codes(given.allocate(COUNTY, TOWN, 100)) == []
    given.grant(100)
    for giver, child in ((ROOT, PROVINCE), (PROVINCE, CITY)):
        given.allocate(giver, child, 100)
    moved = given.allocate(CITY, OTHER_COUNTY, 100, **last)
    move(given, OTHER_COUNTY, PROVINCE)
    assert codes(close_year(given, CITY, 2018)) == []
    named: dict[str, Any] = {
        "organisation": OTHER_COUNTY, "issuer": CITY, "allocation": moved.allocation,
        "fund": moved.fund, "amount_fen": 1, "document": None,
    }  # fmt: skip
    back = given.do(s.ReturnAllocation, returned=given.fresh(), **(named | last))
    assert (codes(back), figures(back)["organisation"]) == (["YEAR_CLOSED"], CITY)
    assert codes(given.do(s.ReturnAllocation, returned=given.fresh(), **named)) == []


def test_a_year_is_closed_when_it_is_over_in_china(given: Programme) -> None:
    """By the civil day of UTC+8: sixteen hours into the last UTC day it is over."""
    assert codes(close_year(given, CITY, 2019)) == ["YEAR_NOT_OVER"]
    last_utc_day = day("2019-12-31") * MICROS_PER_DAY
    given.at = Micros(last_utc_day + 16 * 3_600_000_000 - 2_000)
    assert codes(close_year(given, CITY, 2019)) == ["YEAR_NOT_OVER"]
    assert codes(close_year(given, CITY, 2019)) == []


# -- schemas and vaults ---------------------------------------------------------------------------


def schema(given: Programme, topic: str, text: str, **fields: Any) -> Any:
    """A schema's text is written into the log."""
    defaults: dict[str, Any] = {
        "schema": topic, "fingerprint": files.fingerprint(topic), "text": text,
        "text_digest": sha256(text.encode()).digest(),
    }  # fmt: skip
    return given.do(s.RegisterSchema, given.operator, **(defaults | fields))


def test_a_fingerprint_has_one_text_for_ever(given: Programme) -> None:
    """Also when only a comment differs: readers in thirty years must know which it was."""
    text = files.text("hengwen.CloseYear")
    assert codes(schema(given, "hengwen.CloseYear", text)) == ["SCHEMA_KNOWN"]
    assert codes(schema(given, "hengwen.CloseYear", text + "\n")) == ["SCHEMA_DIFFERS"]
    assert codes(schema(given, "hengwen.CloseYear", text, text_digest=bytes(32))) == [
        "DIGEST_MISMATCH"
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '"string"', '{"type":"record"}', "{"])
def test_what_is_no_schema_is_not_registered(given: Programme, text: str) -> None:
    """Whatever it says it is."""
    event = schema(given, "hengwen.CloseYear", text, fingerprint=bytes(8))
    assert codes(event) == ["SCHEMA_MALFORMED"]


def test_a_vault_that_was_revoked_makes_room_for_another(given: Programme) -> None:
    """One at a time, each id once; payments then need the new one's attestation."""
    second = "00000000-0000-8000-8000-000000000002"
    named = {"vault": second, "public_key": given.vault.public_key}
    assert codes(given.do(s.RegisterVault, given.operator, **named)) == ["VAULT_ACTIVE"]
    revoked = given.do(s.RevokeVault, given.operator, vault=given.vault.vault, reason_code="LOST")
    assert codes(revoked) == []
    assert codes(given.pay(1)) == ["NOT_ATTESTED"]
    short = named | {"public_key": b"short"}
    assert codes(given.do(s.RegisterVault, given.operator, **short)) == ["KEY_MALFORMED"]
    assert codes(given.do(s.RegisterVault, given.operator, **named)) == []
    given.vault.vault = second
    assert codes(given.pay(1)) == []


def test_today_is_a_day_of_china(given: Programme) -> None:
    """At 16:00 UTC it is tomorrow there, and tomorrow's payments are not of the future."""
    given.at = Micros(day("2019-01-21") * MICROS_PER_DAY + 16 * 3_600_000_000)
    assert codes(given.pay(1, occurred_on=day("2019-01-22"))) == []
    assert codes(given.pay(2, occurred_on=Day(day("2019-01-22") + 1))) == ["FUTURE_DATE"]


def _redact(given: Programme, at: int, by: Any = None, **fields: Any) -> Any:
    """Redact the submission at a position."""
    digest = {"original_digest": given.verdicts[at - 1].event.submission_digest}
    return given.do(
        s.RedactSubmission, by, original_position=at, reason_code="PLAIN_IDENTITY",
        **(digest | fields),
    )  # fmt: skip


def test_operators_alone_redact_and_once(given: Programme) -> None:
    """A publisher's mistake is taken out by the operator; the record of it cannot be doubled."""
    at = given.send("样例甲".encode(), None).position
    assert codes(_redact(given, at)) == ["NOT_AUTHORISED"]
    event = _redact(given, at, given.operator)
    assert isinstance(event, e.SubmissionRedacted)
    assert (event.stream, event.original_position) == ("ledger", at)
    again = _redact(given, at, given.operator)
    assert codes(again) == ["ALREADY_RECORDED"]
    assert again.original_position == given.verdicts[-2].position


def test_a_redaction_must_name_the_digest_of_what_it_takes_out(given: Programme) -> None:
    """A slip of the operator is refused, and spoils nothing: the right one is still taken."""
    at = given.send("样例甲".encode(), None).position
    wrong = _redact(given, at, given.operator, original_digest=bytes(32))
    assert codes(wrong) == ["DIGEST_MISMATCH"]
    assert "the submission to be redacted" in render(
        "DIGEST_MISMATCH", figures(wrong), english=True
    )
    assert codes(_redact(given, at, given.operator)) == []


def test_what_was_accepted_is_not_redacted(given: Programme) -> None:
    """OpenLog, a key, a payment: it stands in its event too, and without it nothing is verified."""
    given.pay(1)
    for at in (1, 2, given.verdicts[-1].position):
        event = _redact(given, at, given.operator)
        assert (codes(event), figures(event)) == (["NOT_REDACTABLE"], {"position": str(at)})


def test_what_was_refused_and_sent_again_is_redacted_at_both_places(given: Programme) -> None:
    """The repetition holds the same content; that of an accepted submission is none to redact."""
    submission, attestations = given.payment(1, dossier="样例甲 1")
    refused, repeated = (given.submit(submission, None, attestations) for _ in range(2))
    assert codes(refused) == ["FIELD_MALFORMED"]
    assert isinstance(repeated, e.SubmissionRepeated)
    second = given.verdicts[-1].position
    for at in (second - 1, second):
        assert codes(_redact(given, at, given.operator)) == []
    submission, attestations = given.payment(2)
    given.submit(submission, None, attestations)
    given.submit(submission, None, attestations)
    again = given.verdicts[-1]
    assert isinstance(again.event, e.SubmissionRepeated)
    assert codes(_redact(given, again.position, given.operator)) == ["NOT_REDACTABLE"]


@pytest.mark.parametrize("year", [-5, 0, 1948])
def test_a_year_before_all_records_is_not_closed(given: Programme, year: int) -> None:
    """It is a slip, and would stand in the state for ever."""
    event = given.do(s.CloseYear, subtree=COUNTY, year=year)
    assert (codes(event), figures(event)) == (["FIELD_MALFORMED"], {"field": "year"})
    assert codes(given.do(s.CloseYear, subtree=COUNTY, year=1949)) == []


@pytest.mark.parametrize(
    ("code", "level"), [("66", "PROVINCE"), ("I01", "INDUSTRY"), ("G01", "INDUSTRY")]
)
def test_the_corps_and_the_industrial_unions_have_codes_of_their_own(
    given: Programme, code: str, level: str
) -> None:
    """Codes of unions need no division: money goes down to them as to any province."""
    event = given.do(
        s.RegisterOrganisation, given.operator, code=code, parent=ROOT, name="样例工会",
        level=level, division=None, uscc=None,
    )  # fmt: skip
    assert codes(event) == []
    given.grant(100)
    assert codes(given.allocate(ROOT, code, 100)) == []


@pytest.mark.parametrize("zone", ["540171", "632857", "659000", "660000"])
def test_what_only_statistics_call_a_division_is_no_place_of_work(
    given: Programme, zone: str
) -> None:
    """Zones in Tibet, 大柴旦, the Corps as a whole: with the whole table loaded they are in none."""
    whole = load_codes(
        "DIVISIONS", "2023-06", divisions(), organisation=ROOT, occurred_on=given.today
    )
    for chunk in whole:
        assert codes(given.submit(chunk, given.operator)) == []
    new = {"organisation": ROOT, "code": "N1", "parent": ROOT, "name": "样例工会", "level": "COUNTY",
           "uscc": None}  # fmt: skip
    event = given.do(s.RegisterOrganisation, given.operator, division=zone, **new)
    assert (codes(event), figures(event)) == (["DIVISION_UNKNOWN"], {"division": zone})
    event = given.do(s.RegisterOrganisation, given.operator, division="659002", **new)
    assert codes(event) == []
