"""The commands: template, check, import, publish; exit codes, JSON, and nothing private anywhere."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from roster_samples import ROWS, citizen, person, xlsx

ROOT = Path(__file__).parent.parent
NONE: dict[str, Any] = {"regions": [], "categories": [], "tiers": [], "occasions": []}
PRIVATE = ("测试", "样例丙", "样例丁", "样例戊", citizen(1), citizen(2), "13800000000", "W-001")
TODAY = (datetime.now(UTC) + timedelta(hours=8)).date()
DAYS = {"发放日期起": TODAY - timedelta(9), "发放日期止": TODAY}


class Hengwen:
    """The program on a ledger of its own; remembers everything it ever printed."""

    def __init__(self, home: Path, dsn: str) -> None:
        self.home = home
        self.printed = ""
        self._environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "HENGWEN_HOME": str(home / "data"),
            "HENGWEN_VAULT_DATABASE": dsn, "HENGWEN_VAULT_MASTER_KEY": "07" * 32,
        }  # fmt: skip

    def __call__(self, *arguments: object, code: int = 0) -> str:
        """Run a command; what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", "from app.cli import main; main()", *map(str, arguments)],
            cwd=self.home, env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        self.printed += done.stdout + done.stderr
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    def json(self, *arguments: object, code: int = 0) -> Any:
        """Run a command with --json; the object it printed."""
        return json.loads(self(*arguments, "--json", code=code))

    def file(self, name: str, content: bytes) -> Path:
        """A file beside the ledger."""
        path = self.home / name
        path.write_bytes(content)
        return path


def day(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that were paid today."""
    return [row | {"发放日期": TODAY, "走访日期": TODAY} for row in rows]


def programme() -> bytes:
    """Organisations, a policy, a fund, and money for one county, as JSON lines."""
    common = {"organisation": "G", "occurred_on": TODAY.isoformat()}
    lines: list[dict[str, Any]] = [
        {"type": "RegisterOrganisation", **common, "code": "632221", "parent": "G",
         "name": "样例县总工会", "level": "COUNTY", "division": "632221"},
        {"type": "AdoptPolicy", **common, "policy": "P", "union": "G", "valid_from": "2018-12-01",
         "scheme": "ACFTU-2019-7", "categories": ["C4_HARSH_FRONTLINE"],
         "caps": [{"tier": "T2", "per_payment_fen": 300_000, "per_year_fen": 600_000}],
         "occasions_ruled": [{"code": "SPRING_FESTIVAL", "once": True}], "roster_approval": False,
         "confirm_arrival": False, "visitors_min": 2, "publicity_days": 5},
        {"type": "OpenFund", **common, "fund": "NORMALISED-2019", "owner": "G",
         "fund_source": "SRC3_OWN_UNION", **NONE},
        {"type": "RecordGrant", **common, "fund": "NORMALISED-2019", "amount_fen": 150_000, **NONE},
        {"type": "IssueAllocation", **common, "fund": "NORMALISED-2019", "child": "632221",
         "amount_fen": 150_000, "allocation_kind": "BASE", "approval_document": "样〔2019〕2号",
         **NONE},
    ]  # fmt: skip
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()


@pytest.fixture
def hengwen(tmp_path: Path, postgres_dsn: str) -> Iterator[Hengwen]:
    """A ledger with a county that has 1,500 yuan."""
    program = Hengwen(tmp_path, postgres_dsn)
    program("init", "--root", "G", "--name", "样例总工会")
    lines = program.file("programme.jsonl", programme())
    assert program.json("publish", lines, "--dry-run")["lines"] == 5
    assert program.json("publish", lines)["published"] == 5
    program("admit", "--once")
    yield program
    assert not [value for value in PRIVATE if value in program.printed]


def test_a_roster_goes_from_template_to_payments_and_comes_back_the_same(hengwen: Hengwen) -> None:
    """Template, check, dry run, import, and the same file again."""
    roster = hengwen.file("名册.xlsx", xlsx(day(ROWS), batch=DAYS))

    assert (
        hengwen.json("roster", "template", "--organisation", "632221")["funds"] == "NORMALISED-2019"
    )
    hengwen("roster", "template", "--organisation", "632221", code=2)  # never overwritten
    hengwen("roster", "template", "--organisation", "999999", code=2)
    hengwen("roster", "check", roster)
    tried = hengwen.json("roster", "import", roster, "--dry-run")
    done = hengwen.json("roster", "import", roster)
    hengwen("admit", "--once")
    again = hengwen.json("roster", "import", roster)

    assert tried["outcomes"] == done["outcomes"] == {"3": "publish", "4": "publish"}
    assert (done["published"], done["summary"]["sum_fen"]) == (5, 150_000)
    assert again["outcomes"] == {"3": "already_paid", "4": "already_paid"}
    assert again["published"] == 0


def test_errors_of_the_file_and_of_the_rules_end_with_one_and_a_report(hengwen: Hengwen) -> None:
    """Exit 1, all problems told, a report written in each form; unreadable files end with 2."""
    wrong = hengwen.file("wrong.xlsx", xlsx(day([person(1, 证件号码="110105491231002"), ROWS[1]])))
    dear = hengwen.file("dear.xlsx", xlsx(day([person(1), person(2)]),
                                          batch={**DAYS, "控制金额(元)": 2000}))  # fmt: skip
    for kind in ("xlsx", "csv", "json"):
        report = hengwen.home / f"report.{kind}"
        hengwen("roster", "check", wrong, "--report", report, code=1)
        assert report.stat().st_size > 100
    refused = hengwen.json("roster", "import", dear, code=1)

    assert "一代证" in hengwen("roster", "check", wrong, code=1)
    assert "15-digit" in hengwen("--lang", "en", "roster", "check", wrong, code=1)
    assert refused["outcomes"] == {"4": "refused"}
    assert refused["errors"][0]["figures"]["refusal"] == "INSUFFICIENT_BALANCE"
    assert not hengwen.json("roster", "import", hengwen.file("a.pdf", b"%PDF"), code=2)["ok"]
    hengwen("roster", "check", "no-such-file.xlsx", code=2)
    hengwen("roster", "check", wrong, "--report", "report.doc", code=2)
    hengwen("roster", "check", wrong, "--set", "无此项=1", code=2)


def test_good_rows_alone_are_imported_when_asked(hengwen: Hengwen) -> None:
    """The one that the balance does not cover is left out, and told."""
    dear = hengwen.file("dear.xlsx", xlsx(day([person(1), person(2)]),
                                          batch={**DAYS, "控制金额(元)": 2000}))  # fmt: skip
    done = hengwen.json("roster", "import", dear, "--accept-good-rows")
    hengwen("admit", "--once")

    assert done["outcomes"] == {"3": "publish", "4": "refused"}
    assert done["published"] == 3  # visit, roster, payment: the other row's visit is left out too
    assert done["ok"]


def test_files_of_lines_are_published_whole_or_not_at_all_and_repeat_themselves(
    hengwen: Hengwen,
) -> None:
    """Bad lines end with 2, a wrong identity too; a repeated file is answered as repeated."""
    lines = hengwen.home / "programme.jsonl"
    bad = hengwen.file("bad.jsonl", programme() + b'\n{"type": "CloseYear"}\n{"type": 1}\n')
    told = hengwen.json("publish", bad, code=2)
    hengwen("publish", lines)
    repeated = hengwen.json("admit", "--once")["repeated"]
    waited = hengwen.json("publish", lines, "--wait", "0.2", code=1)
    made = hengwen.json("key", "new", "county.pem")

    assert [(row["line"], row["code"]) for row in told] == [
        (6, "MISSING_FIELD"),
        (7, "UNKNOWN_TYPE"),
    ]
    hengwen("publish", "no-such-file.jsonl", code=2)
    assert (repeated, waited["waiting"]) == (5, 5)
    assert len(bytes.fromhex(made["public_key"])) == 32
    hengwen("key", "new", "county.pem", code=2)
