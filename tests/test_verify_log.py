"""A log on Kafka is verified like a pack: by reading only."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from eventlog_logs import kafka_log
from packs import at_hand, key_text, pack_of, programme, written
from projecting import projected

from app.cli import run
from consumers.checkpointer import Checkpointer
from eventlog.copy import copy
from eventlog.copy_targets import open_target
from evidence.folder import EvidenceFolder
from projections.dump import digest
from projections.models import MODELS


def test_a_log_on_kafka_is_verified_by_reading_it(
    kafka_bootstrap: str, log_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Copied from the embedded log, signed there, checked with the published key."""
    made = programme(2)
    values = [verdict.value for verdict in made.verdicts]
    with (
        closing(written(tmp_path, made.name, made.submitted, values)) as source,
        closing(kafka_log(kafka_bootstrap, log_name)) as log,
    ):
        with open_target(log, replication_factor=1, min_insync_replicas=1) as target:
            copy(source, target)
        checkpointer = Checkpointer(log, EvidenceFolder(tmp_path / "kafka"), at_hand)
        checkpointer.open()
        checkpointer.catch_up()
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))
    capsys.readouterr()
    place = f"kafka:{kafka_bootstrap}/{log_name}"
    assert run(["verify", place, "--checkpoint-key", key_text(made), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["ok"], found["partial"], found["last"]) == (True, False, len(values))
    monkeypatch.setenv("HENGWEN_KAFKA_BOOTSTRAP", kafka_bootstrap)
    monkeypatch.setenv("HENGWEN_LOG_NAME", log_name)
    monkeypatch.setenv("HENGWEN_KAFKA_REPLICATION", "1")
    assert run(["verify", "kafka", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_read_models_are_compared_where_they_are(
    postgres_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """None there, past the log, behind it, of another log: each is said; nothing is left behind."""
    made = programme(2)
    values = [verdict.value for verdict in made.verdicts]
    pack = pack_of(made, tmp_path)
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))
    monkeypatch.setenv("HENGWEN_DATABASE", postgres_dsn)

    def outcome() -> tuple[str, str]:
        capsys.readouterr()
        run(["verify", str(pack), "--database", "--quick", "--json"])
        checks = json.loads(capsys.readouterr().out)["checks"]
        [check] = [one for one in checks if one["name"] == "READ_MODELS"]
        return check["status"], check["code"]

    assert outcome() == ("FAILED", "NOT_THERE")
    with projected(postgres_dsn, values[:-2]) as connection:
        assert outcome() == ("OK", "")
        states = {
            f"{model.name}@{len(values) - 2}": digest(connection, model).sha256 for model in MODELS
        }
        assert run(["verify", str(pack), "--database", "--quick", "--json"]) == 0
        checks = json.loads(capsys.readouterr().out)["checks"]
        [figures] = [one["figures"] for one in checks if one["name"] == "READ_MODELS"]
        assert {name: told for name, told in figures.items() if "@" in name} == states
        assert run(["verify", str(pack), "--database", "--quick"]) == 0
        shown = capsys.readouterr().out
        assert all(state in shown for state in states.values())
        connection.execute("UPDATE hengwen.read_models SET digest = ''")
        assert outcome() == ("FAILED", "OTHER_LEDGER")
        connection.execute("UPDATE hengwen.read_models SET position = position + 10")
        assert outcome() == ("FAILED", "AHEAD")
        left = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname LIKE 'hengwen_verify_%'"
        ).fetchone()
        assert left == (0,)
