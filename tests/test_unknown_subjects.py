"""
Whoever asks about something that the ledger does not know is told so; an empty answer means none.

A county clerk who mistypes a code must not read "no records" as "nobody was paid".
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_tree import tree
from county import PAID, County, begun

ID = "00000000-0000-4000-8000-000000000000"
NOBODY = "p-xqqqqqqqqqqqqqqqqqqqqqqq"
NAME = "样例无此人"
UNKNOWN = {
    "balance NOPE": "organisation",
    "balance EX-632221 NOFUND": "fund",
    "coverage NOPE": "organisation",
    "coverage --fund NOFUND": "fund",
    "payments NOPE": "organisation",
    "payments --fund NOFUND": "fund",
    f"payments --person {NOBODY}": "person",
    f"payments --roster {ID}": "roster",
    "visits NOPE": "organisation",
    f"visits --person {NOBODY}": "person",
    "rosters NOPE": "organisation",
    "rosters --fund NOFUND": "fund",
    f"rosters --roster {ID}": "roster",
    "refusals NOPE": "organisation",
    f"refusals --roster {ID}": "roster",
    f"readings --by {NOBODY}": "person",
    f"readings --person {NOBODY}": "person",
    "trail organisation NOPE": "organisation",
    "trail fund NOFUND": "fund",
    f"trail person {NOBODY}": "person",
    f"trail actor {NOBODY}": "person",
    f"trail payment {ID}": "payment",
    f"trail payment {ID} --after 5": "payment",
    f"trail roster {ID}": "roster",
    "trail thing NO-SUCH-POLICY": "id",
    f"trace payment {ID}": "payment",
    f"trace grant {ID}": "grant",
    f"receipt {ID}": "payment",
    "reconcile-statement NO-SUCH-PROGRAMME": "statement",
}
"""What is asked, and what the ledger has no such thing of."""
WHERE = {
    "organisation": "EX-632221",
    "fund": "NORMALISED-2019",
    "person": "hengwen payments",
    "roster": "hengwen rosters",
    "payment": "hengwen payments",
    "grant": "hengwen trace payment",
    "statement": "hengwen reconcile-statement",
    "id": "",
}
"""For each kind, what the answer must lead to: a code that exists, or the command that lists them."""
NO_ROWS = {
    "balance EX-632221 UNUSED-2019": "no account",
    "coverage EX-632221 --as-of 2001-01-01": "no live payments",
    "payments EX-632221 --state BOUNCED": "no such payments",
    "payments --person {person} --as-of 2001-01-01": "no such payments",
    "visits EX-632221": "no such visits",
    "rosters --fund NORMALISED-2019": "no such rosters",
    "refusals EX-632221": "no such refusals",
    "readings --person {person}": "no such readings",
    "trail payment {payment} --as-of 2001-01-01": "nothing happened then",
    "trail fund NORMALISED-2019 --after 99999": "nothing happened then",
    "reconcile-statement": "no statements yet",
}
"""What is known and has nothing to show, and how that is said."""
NOT_READ = {
    "conserve", "demo", "init", "admit", "project", "publish", "rebuild", "seal", "services", "checkpoint",
    "config", "status", "rules", "verify", "diff", "replay", "read", "erase", "export-evidence",
    "key", "publisher", "log", "prove", "roster", "sm2", "vault", "witness",
}  # fmt: skip
"""Commands that ask the read models about nothing by its code; their wrong inputs: test_wrong_inputs."""


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A ledger with one payment."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as county:
        county.run("checkpoint", "--once")
        yield county


def _failed(county: County, words: str) -> Any:
    page = county.json(*words.split(), code=2)
    assert page["ok"] is False
    return page


def test_every_command_that_lists_is_asked_about_something_unknown() -> None:
    """A new command finds its line here."""
    assert {line.split()[0] for line in UNKNOWN} == set(tree().commands) - NOT_READ


def test_what_the_ledger_does_not_know_is_said_and_what_it_knows_is_offered(county: County) -> None:
    """Exit code 2; what was looked for, and a code that exists or the command that lists them."""
    for words, kind in UNKNOWN.items():
        page = _failed(county, words)
        assert page["what"] == f"The ledger has no such {kind}.", words
        assert page["where"] in words.split(), words
        assert WHERE[kind] in page["how"], (words, page)
        said = county.run("--lang", "zh", *words.split(), code=2)
        assert "总账中没有这样的" in said, words
        assert page["where"] in said, words


def test_what_is_known_and_has_no_rows_says_so(county: County) -> None:
    """Exit code 0, a sentence for people, an empty list for programs."""
    (paid,) = county.json("payments")
    county.run("publish", _opened_unused(county))
    county.run("admit", "--once")
    county.run("project", "--once")
    for line, sentence in NO_ROWS.items():
        words = line.format(person=paid["person"], payment=paid["payment"]).split()
        assert county.json(*words) == [], line
        assert sentence in county.run(*words), line


def _opened_unused(county: County) -> Path:
    """A fund that nobody has put money into yet."""
    fund = {
        "type": "OpenFund", "organisation": "ACFTU", "occurred_on": "2018-12-10",
        "fund": "UNUSED-2019", "fund_source": "SRC3_OWN_UNION", "owner": "ACFTU",
        "ceiling_fen": 100, "regions": [], "categories": [], "tiers": [], "occasions": [],
    }  # fmt: skip
    file = county.settings.home / "fund.jsonl"
    file.write_text(json.dumps(fund) + "\n")
    return file


def test_a_name_in_place_of_a_code_is_not_repeated(county: County) -> None:
    """Persons have ids; what was typed may be a name, which no output may hold."""
    for words in (
        f"payments --person {NAME}", f"visits --person {NAME}", f"readings --by {NAME}",
        f"readings --person {NAME}", f"trail person {NAME}", f"trail actor {NAME}",
    ):  # fmt: skip
        page = _failed(county, words)
        assert page["what"] == "This is no id of a person."
        assert NAME not in str(page)
        assert "p- and 24" in page["how"]


def test_an_organisation_is_found_by_its_name(county: County) -> None:
    """Whoever types a name, or a code with a letter too few, is shown the code first."""
    for typed in ("样例县", "EX-63222", "ex-632221"):
        assert "Near it: EX-632221 样例县总工会" in _failed(county, f"balance {typed}")["how"]


def test_ids_of_another_form_say_what_an_id_looks_like(county: County) -> None:
    """Where a UUID is needed."""
    for words in (
        "payments --roster 3", "rosters --roster 3", "refusals --roster 3", "trail payment 3",
        "trail roster 3", "trace payment 3", "trace grant 3", "receipt 3",
    ):  # fmt: skip
        page = _failed(county, words)
        assert (page["what"], page["where"]) == ("Not an id.", "3")


def test_a_state_is_asked_for_as_lists_show_it(county: County) -> None:
    """By its code or its name in either language; another word is told which there are."""
    paid = county.json("payments")
    for typed in ("ORDERED", "ordered", "已下达"):
        assert county.json("payments", "--state", typed) == paid
    assert county.json("payments", "--state", "已退票") == []
    assert county.json("rosters", "--state", "已退回") == []
    page = _failed(county, "payments --state 已支付")
    assert "SETTLED settled" in page["how"]
    page = _failed(county, "rosters --state X")
    assert "REJECTED rejected" in page["how"]


def test_a_payment_of_another_organisation_names_it(county: County) -> None:
    """The payment is there; it is the organisation that is wrong."""
    (paid,) = county.json("payments")
    page = _failed(county, f"receipt {paid['payment']} --organisation NOPE")
    assert page["how"] == f"It was made by {PAID['organisation']}."


def test_a_proof_that_there_is_no_account_says_that_it_is_one(county: County) -> None:
    """So nobody takes it for a proof of money that they mistyped."""
    assert "there was no such account" in county.run("prove", "balance", "NOPE", "NORMALISED-2019")
    told = county.run("prove", "balance", "EX-632221", "NORMALISED-2019")
    assert "no such account" not in told


def test_batch_information_of_an_unknown_name_lists_the_names(county: County) -> None:
    """--set takes the names of the sheet 批次信息, in either language."""
    roster = county.settings.home / "名册.xlsx"
    county.run("roster", "template", "--organisation", "EX-632221", "--output", roster)

    page = county.json("roster", "check", roster, "--set", "人头数=12", code=2)
    assert page["where"] == "--set 人头数"
    assert "Control count, Control sum (yuan), Handler" in page["how"]
    said = county.run("--lang", "zh", "roster", "check", roster, "--set", "人头数=12", code=2)
    assert "控制人数、控制金额(元)、经办人" in said
    page = county.json("roster", "check", roster, "--set", "控制人数", code=2)
    assert page["how"] == "For example --set 控制人数=12."


def test_a_roster_is_no_evidence_pack(county: County) -> None:
    """A file, a folder of something else, and nothing at all are told apart."""
    roster = county.settings.home / "名册.xlsx"
    county.run("roster", "template", "--organisation", "EX-632221", "--output", roster)

    page = _failed(county, f"verify {roster}")
    assert page["what"] == "This is a file; an evidence pack is a folder."
    assert "hengwen roster check" in page["how"]
    assert _failed(county, f"verify {roster.parent}")["what"] == "This folder is no evidence pack."
    assert _failed(county, f"verify {roster}x")["what"] == "There is no such folder."
