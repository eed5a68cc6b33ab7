"""Drills: a publisher is killed, a file comes twice at once, a vault comes from an old backup."""

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psycopg
import pytest
from drills import Site
from roster_samples import citizen, person, xlsx

from domain.events import PaymentMade, RosterSubmitted, SubmissionRefused, VisitMade
from domain.units import Fen
from schemas.codec import decode

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parent.parent / "examples"
COUNTY = "EX-632221"
MASTER_KEY = "5a" * 32
PAYMENTS = 120


class Centre(Site):
    """A site that opens its ledger, its vault and a county with money, as a user does."""

    def __init__(self, bootstrap: str, name: str, folder: Path, dsn: str) -> None:
        super().__init__(
            bootstrap, name, folder, database=dsn,
            HENGWEN_VAULT_DATABASE=dsn, HENGWEN_VAULT_MASTER_KEY=MASTER_KEY, HENGWEN_LANG="en",
        )  # fmt: skip

    def __enter__(self) -> Self:
        """Open it."""
        super().__enter__()
        self.hengwen("init", "--root", "ACFTU", "--name", "样例总工会")
        funding = EXAMPLES.joinpath("first.jsonl").read_text("utf-8").splitlines()[:-1]
        self.folder.joinpath("funding.jsonl").write_text("\n".join(funding) + "\n", "utf-8")
        self.hengwen("publish", str(EXAMPLES / "first-registry.jsonl"), "--operator")
        self.hengwen("publish", str(self.folder / "funding.jsonl"))
        self.hengwen("admit", "--once")
        return self

    def payments_file(self, first: int, last: int) -> str:
        """A file with payments to these workers; its path."""
        line: dict[str, Any] = json.loads(
            EXAMPLES.joinpath("first.jsonl").read_text("utf-8").splitlines()[-1]
        )
        path = self.folder / f"payments-{first}-{last}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for number in range(first, last + 1):
                recipient = line["recipient"] | {"document_number": citizen(number)}
                payment = str(UUID(int=number, version=4))
                own = {
                    "payment": payment,
                    "recipient": recipient,
                    "evidence": f"样例证明{number}号",
                }
                file.write(json.dumps(line | own, ensure_ascii=False) + "\n")
        return str(path)

    def events(self) -> list[Any]:
        """All events."""
        return [decode(value) for value in self.values()]


def paid(events: list[Any]) -> tuple[int, int]:
    """How many payments were made, and their sum in fen."""
    payments = [event for event in events if isinstance(event, PaymentMade)]
    return len(payments), Fen(sum(payment.amount_fen for payment in payments))


def test_publisher_killed_in_mid_file_publishes_the_file_again(
    kafka_bootstrap: str, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """Killed in the middle of a batch, the same file again ends as if published once."""
    with Centre(kafka_bootstrap, log_name, tmp_path, postgres_dsn) as centre:
        file = centre.payments_file(1, PAYMENTS)
        admission = centre.start("admit")
        killed = centre.disturbed("kill appended 2", "publish", file)
        assert killed.ended() == -signal.SIGKILL, killed.printed()
        centre.wait_decided()
        assert 0 < paid(centre.events())[0] < PAYMENTS
        said = json.loads(centre.hengwen("publish", file, "--wait", "30", "--json"))
        assert said["refused"] == said["waiting"] == 0
        assert said["accepted"] + said["repeated"] == PAYMENTS
        assert said["repeated"] > 0
        assert admission.stop() == 0, admission.printed()
        centre.check_state(centre.check_log())
        events = centre.check_as_if_once()
        assert paid(events) == (PAYMENTS, PAYMENTS * 100_000)
        assert not any(isinstance(event, SubmissionRefused) for event in events)
        centre.hengwen("project", "--once")
        centre.check_models()
        centre.hengwen("conserve")


def test_same_file_published_twice_at_once_pays_once(
    kafka_bootstrap: str, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """Of two clerks who publish the same file at the same time, every line counts once."""
    with Centre(kafka_bootstrap, log_name, tmp_path, postgres_dsn) as centre:
        file = centre.payments_file(1, PAYMENTS)
        admission = centre.start("admit")
        clerks = [centre.start("publish", file, "--wait", "30", "--json") for _ in range(2)]
        said = Counter[str]()
        for clerk in clerks:
            assert clerk.ended() == 0, clerk.printed()
            told = json.loads(clerk.printed())
            said.update({name: told[name] for name in ("accepted", "repeated", "refused")})
        assert admission.stop() == 0, admission.printed()
        assert paid(centre.check_as_if_once()) == (PAYMENTS, PAYMENTS * 100_000)
        assert len(centre.values()) == len(centre.submissions())
        assert said["refused"] == 0
        centre.check_state(centre.check_log())


def test_same_roster_imported_twice_at_once_pays_once(
    kafka_bootstrap: str, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """Two imports of one workbook at the same time: one roster, every person paid once."""
    rows = [person(number) for number in range(1, 31)]
    batch = {"机构编码": COUNTY, "控制人数": 30, "控制金额(元)": 30_000}
    with Centre(kafka_bootstrap, log_name, tmp_path, postgres_dsn) as centre:
        file = tmp_path / "roster.xlsx"
        file.write_bytes(xlsx(rows, batch=batch))
        admission = centre.start("admit")
        clerks = [centre.start("roster", "import", str(file), "--wait", "30") for _ in range(2)]
        for clerk in clerks:
            assert clerk.ended() == 0, clerk.printed()
        centre.wait_decided()
        assert admission.stop() == 0, admission.printed()
        centre.check_state(centre.check_log())
        events = centre.check_as_if_once()
        assert paid(events) == (30, 30 * 100_000)
        assert sum(isinstance(event, RosterSubmitted) for event in events) == 1
        assert sum(isinstance(event, VisitMade) for event in events) == 30


def test_vault_restored_from_an_old_backup_is_refused_until_the_loss_is_accepted(
    kafka_bootstrap: str, postgres_dsn: str, log_name: str, tmp_path: Path
) -> None:
    """The log knows of later sealing calls: nothing is sealed, and the lost persons are listed."""
    backup = str(tmp_path / "vault.backup")
    with Centre(kafka_bootstrap, log_name, tmp_path, postgres_dsn) as centre:
        centre.hengwen("publish", centre.payments_file(1, 20))
        centre.hengwen("vault", "backup", backup)
        centre.hengwen("publish", centre.payments_file(21, 30))
        centre.hengwen("admit", "--once")
        lost = {e.person for e in centre.events() if isinstance(e, PaymentMade)}
        lost -= {e.person for e in centre.events()[:-10] if isinstance(e, PaymentMade)}
        assert len(lost) == 10
        with psycopg.connect(postgres_dsn, autocommit=True) as connection:
            connection.execute("DROP SCHEMA vault CASCADE")
        centre.hengwen("vault", "restore", backup)
        before = len(centre.submissions())
        later = centre.payments_file(31, 40)
        refused = centre.start("publish", later)
        assert refused.ended() != 0
        assert "The vault is older than the log." in refused.printed()
        assert len(centre.submissions()) == before
        listed = centre.start("vault", "recover", "--json")
        assert listed.ended() == 1, listed.printed()
        assert set(json.loads(listed.printed())["lost"]) == lost
        centre.hengwen("vault", "recover", "--accept")
        centre.hengwen("publish", later)
        centre.hengwen("admit", "--once")
        assert paid(centre.events()) == (40, 40 * 100_000)
        centre.check_log()
