"""No submission stops the ledger: whatever is signed gets one verdict that fits, and can be folded."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
from avro_values import records
from doctored import refolded
from hypothesis import event, given, settings
from hypothesis import strategies as st
from programme import (
    CITY,
    COUNTY,
    FUND,
    OTHER_COUNTY,
    PROVINCE,
    ROOT,
    TOWN,
    Programme,
    codes,
    day,
    signer,
)
from whole_programme import everything

from admission.decide import EVENT_BYTES_MAX, Admission, Verdict
from admission.fold import apply
from admission.state import State
from domain import events as e
from domain import submissions as s
from domain.codes import ALLOCATION_KINDS, CATEGORIES, FORMS, LEVELS, MEANS, SOURCES, TIERS
from domain.parts import Cap, CodeEntry, Key, LeftOut, Occasion, StatementItem
from domain.units import Day, Fen
from publishers.signing import Signer
from schemas import codec

UNIONS = st.sampled_from([ROOT, PROVINCE, CITY, COUNTY, OTHER_COUNTY, TOWN, "999999"])
IDS = st.sampled_from([f"00000000-0000-4000-8000-00000000000{n}" for n in range(6)])
DAYS = st.sampled_from(
    [day("2019-01-20"), day("2019-01-01"), day("2018-12-31"), Day(0), Day(-1), Day(-719_162)]
)
FEN = st.sampled_from([1, 7, 100, 100_000, 300_000, 0, -1, 10**13, 2**63 - 1, -(2**63)])
PEOPLE = st.sampled_from(
    [
        "p-aaaaqqqqqqqqqqqqqqqqqqqq",
        "p-bbbbqqqqqqqqqqqqqqqqqqqq",
        "p-ccccqqqqqqqqqqqqqqqqqqqq",
        "p-staffaaaaqqqqqqqqqqqqqqq",
    ]
)
DIVISIONS = st.sampled_from(["632221", "632222", "630000", "110000", "999999"])
DOCUMENTS = st.sampled_from(["样例〔2019〕1号", "样例2号"])
KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "organisation": UNIONS, "child": UNIONS, "issuer": UNIONS, "owner": UNIONS, "union": UNIONS,
    "subtree": UNIONS, "parent": UNIONS, "code": UNIONS,
    "occurred_on": DAYS, "valid_from": DAYS, "valid_to": st.none() | DAYS, "as_of": DAYS,
    "usable_from": st.none() | DAYS, "usable_to": st.none() | DAYS,
    "fund": st.sampled_from([FUND, "OTHER"]), "fund_source": st.sampled_from(sorted(SOURCES)),
    "amount_fen": FEN, "declared_fen": FEN, "ceiling_fen": st.none() | FEN,
    "declared_count": st.sampled_from([1, 3, 10_000, 0, 2**31 - 1]), "count": st.integers(0, 3),
    "person": PEOPLE, "other": PEOPLE, "actor": st.none() | PEOPLE, "reviewer": PEOPLE,
    "worker": st.none() | PEOPLE, "proxy": st.none() | PEOPLE,
    "proxy_kinship": st.none() | st.just("SPOUSE"),
    "visitors": st.lists(PEOPLE, max_size=3), "persons": st.lists(PEOPLE, max_size=3),
    "card": st.none(), "phone": st.none(), "household": st.none(),
    "category": st.sampled_from(sorted(CATEGORIES)), "tier": st.sampled_from(sorted(TIERS)),
    "scheme": st.just("ACFTU-2019-7"), "form": st.sampled_from(sorted(FORMS)),
    "occasion": st.sampled_from(["SPRING_FESTIVAL", "DAILY", "NEW_YEAR", "MAY_DAY"]),
    "campaign": st.sampled_from(["2019-SPRING_FESTIVAL", "2019-DAILY", "2019-NEW_YEAR", "X"]),
    "allocation_kind": st.sampled_from(sorted(ALLOCATION_KINDS)),
    "means": st.sampled_from(sorted(MEANS)), "level": st.sampled_from(sorted(LEVELS)),
    "division": st.none() | DIVISIONS, "work_region": st.none() | DIVISIONS, "uscc": st.none(),
    "regions": st.lists(DIVISIONS, max_size=2), "tiers": st.lists(st.just("T2"), max_size=1),
    "categories": st.lists(st.just("C4_HARSH_FRONTLINE"), max_size=1),
    "occasions": st.lists(st.just("DAILY"), max_size=1),
    "caps": st.lists(st.builds(Cap, st.just("T2"), FEN.map(Fen), FEN.map(Fen)), max_size=2),
    "occasions_ruled": st.lists(st.just(Occasion("DAILY", once=False)), max_size=1),
    "roster_row": st.none() | st.sampled_from([1, 2, 0, -1, 2**31 - 1]),
    "left_out": st.lists(st.builds(LeftOut, st.integers(-1, 3), st.just("PAID")), max_size=2),
    "items": st.lists(
        st.builds(StatementItem, st.just("USE"), st.just("T2"), FEN, FEN, FEN), max_size=2
    ),
    "entries": st.lists(
        st.builds(CodeEntry, DIVISIONS, st.just("样例"), DAYS, st.none() | DAYS), max_size=2
    ),
    "operator_keys": st.lists(st.builds(Key, st.text(max_size=4), st.binary(max_size=4))),
    "year": st.sampled_from([2018, 2019, -5, 2**31 - 1]),
    "text": st.sampled_from(["{}", '{"type":"record"}', "[" * 5_000, "null", '{"type":"enum"}']),
    "document": st.none() | DOCUMENTS, "approval_document": DOCUMENTS, "evidence": DOCUMENTS,
    "dossier": st.none() | DOCUMENTS, "unit_certificate": st.none() | DOCUMENTS,
    "proxy_document": st.none() | DOCUMENTS, "case": DOCUMENTS, "policy": DOCUMENTS,
    "edition": DOCUMENTS, "reason_code": st.just("WRONG"), "purpose": st.just("AUDIT"),
    "kinship": st.none() | st.just("SPOUSE"), "programme": st.just("P"), "name": st.just("样例"),
    "goods": st.none() | st.just("RICE"), "table": st.just("OTHER"), "chunk": st.integers(0, 2),
    "chunks": st.integers(0, 2), "adopted": st.sampled_from([0, 1, 3, 2**31 - 1]),
    **dict.fromkeys(("payment", "roster", "visit", "allocation", "grant", "withdrawal", "returned", "statement", "reading"), IDS),
}  # fmt: skip
"""What fields hold so that a submission comes far; any other field holds anything at all."""
MEANT = [kind for kind in s.SUBMISSIONS if kind not in (s.OpenLog, s.AdoptRules)]
ENDS_KEYS = (s.RotateOperatorKey, s.RotatePublisherKey, s.RevokePublisher)
"""A key that has ended itself is not answered any more, not even about that."""
SIGNERS = [
    signer(name)
    for name in ("national", "operator", "county", "county's next", "next operator", "stranger")
]


@cache
def told() -> Programme:
    """A programme in which everything happened once, always the same."""
    return everything()


@cache
def places() -> dict[type[s.Submission], list[int]]:
    """Where in the programme submissions of each kind stand."""
    found: dict[type[s.Submission], list[int]] = defaultdict(list)
    for verdict, submitted in zip(told().verdicts, told().submitted, strict=True):
        found[type(codec.decode(submitted.value or b""))].append(verdict.position)
    return {kind: positions[-4:] for kind, positions in found.items()}


@cache
def rows_before(position: int) -> dict[str, bytes]:
    """The state as it was before one of the programme's submissions."""
    return refolded([verdict.value for verdict in told().verdicts[: position - 1]])


def before(position: int) -> Programme:
    """The programme as it was before one of its submissions."""
    programme = Programme()
    programme.rows = dict(rows_before(position))
    programme.admission = Admission(
        State(lambda keys: {k: programme.rows[k] for k in keys if k in programme.rows})
    )
    programme.at = told().submitted[position - 1].appended_at
    programme.ledger = told().ledger
    return programme


def folded(position: int, verdicts: Sequence[Verdict]) -> dict[str, bytes]:
    """The state that folding some verdicts gives, on top of what was before them."""
    rows = dict(rows_before(position))
    state = State(lambda keys: {k: rows[k] for k in keys if k in rows})
    for verdict in verdicts:
        apply(state, verdict.position, codec.decode(verdict.value), verdict.value)
    return rows | state.take_rows()


@st.composite
def changed(draw: st.DrawFn, kind: type[s.Submission]) -> tuple[int, Any, Signer]:
    """A submission that was accepted, with one or two fields changed; its place and its signer."""
    position = draw(st.sampled_from(places()[kind]))
    submission = codec.decode(told().submitted[position - 1].value or b"")
    anything = draw(records(kind.TOPIC))
    names = [f.name for f in fields(kind)]
    for name in draw(st.lists(st.sampled_from(names), max_size=2)):
        wild = draw(st.booleans()) or name not in KNOWN
        setattr(submission, name, getattr(anything, name) if wild else draw(KNOWN[name]))
    key = codec.decode(told().submitted[position - 1].proof or b"").key
    usual = next(known for known in SIGNERS if known.key == key)
    others = [signer for signer in SIGNERS if signer is not usual]
    return position, submission, draw(st.just(usual) | st.sampled_from(others))


@pytest.mark.parametrize("kind", MEANT, ids=lambda kind: str(kind.__name__))
@given(data=st.data())
@settings(max_examples=40)
def test_any_signed_submission_gets_a_verdict_that_fits(
    kind: type[s.Submission], data: st.DataObject
) -> None:
    """It is accepted or refused in words, never by an error of the rules, and the ledger goes on."""
    position, submission, by = data.draw(changed(kind))
    given = before(position)
    attestations = codec.decode(told().submitted[position - 1].proof or b"").attestations
    verdict = given.submit(submission, by, attestations)
    event(verdict.TOPIC)
    assert "RULE_FAILED" not in codes(verdict)
    stored = given.verdicts[-1].value
    assert len(stored) <= EVENT_BYTES_MAX
    assert codec.decode(stored) == verdict
    again = given.submit(submission, by, attestations)
    ended = isinstance(submission, ENDS_KEYS) and codes(again) == ["NOT_AUTHORISED"]
    assert verdict.organisation is None or type(again) is e.SubmissionRepeated or ended
    given.save()
    assert folded(position, given.verdicts) == given.rows
