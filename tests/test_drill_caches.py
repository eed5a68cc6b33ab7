"""Drills: what a machine keeps for speed is deleted, old, or of another ledger; so is the group."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from drills import Record, Site, history
from kafka import KafkaAdminClient, KafkaProducer
from kafka.admin import MemberToRemove

pytestmark = pytest.mark.slow

SIDES = ("", "-wal", "-shm")


def remove(path: Path) -> None:
    """Delete a SQLite file and what belongs to it."""
    for side in SIDES:
        path.with_name(path.name + side).unlink(missing_ok=True)


def put(source: Path, target: Path) -> None:
    """Put a copy of a SQLite file in the place of another."""
    remove(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
    one.close()
    other.close()


def garbage(path: Path) -> None:
    """Write over a file what is no database."""
    remove(path)
    path.write_bytes(b"no database at all" * 500)


def test_local_files_deleted_stale_foreign_or_garbage(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """State and index are caches: whatever happens to them, verdicts and state are the same."""
    records = history(160)
    foreign = Site(kafka_bootstrap, f"{log_name}-foreign", tmp_path / "foreign")
    with Site(kafka_bootstrap, log_name, tmp_path) as site, foreign:
        # The other ledger is longer, so that its state claims a position this log does not have.
        foreign.submit(history(250, "foreign"))
        foreign.hengwen("admit", "--once")
        site.submit(records[:120])
        site.hengwen("admit", "--once")
        old_state, old_index = tmp_path / "old-state", tmp_path / "old-index"
        put(site.state(), old_state)
        put(site.index(), old_index)
        state, index = site.state(), site.index()

        def stale() -> None:
            put(old_state, state)
            put(old_index, index)

        def only_the_state_is_stale() -> None:
            put(old_state, state)

        def of_another_ledger() -> None:
            put(foreign.state(), state)
            put(foreign.index(), index)

        def no_database() -> None:
            garbage(state)
            garbage(index)

        def deleted() -> None:
            shutil.rmtree(state.parent)
            remove(index)

        def of_another_layout() -> None:
            with sqlite3.connect(state) as file:
                file.execute("UPDATE rows SET value = '[1]' WHERE key LIKE 'organisation/%'")
                file.execute("PRAGMA user_version = 1")
            file.close()

        accidents: tuple[Callable[[], None], ...] = (
            stale, only_the_state_is_stale, of_another_ledger, no_database, deleted,
            of_another_layout,
        )  # fmt: skip
        for number, accident in enumerate(accidents):
            site.submit(records[120 + number * 10 : 130 + number * 10])
            accident()
            site.hengwen("admit", "--once")
            assert site.position() == 130 + number * 10
            site.check_state(site.check_log())


def test_state_that_is_ahead_of_the_log_is_made_anew(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """A state of a ledger with the same beginning that went on elsewhere is noticed by its hash."""
    records = history(150)
    elsewhere = Site(kafka_bootstrap, f"{log_name}-else", tmp_path / "else")
    with Site(kafka_bootstrap, log_name, tmp_path) as site, elsewhere:
        elsewhere.submit([*records[:120], *records[125:130]])
        elsewhere.hengwen("admit", "--once")
        site.submit(records[:130])
        site.hengwen("admit", "--once")
        put(elsewhere.state(), site.state())
        site.submit(records[130:])
        assert "state.rebuilt" in site.hengwen("admit", "--once")
        site.check_state(site.check_log())


def test_group_of_the_lease_is_deleted(kafka_bootstrap: str, log_name: str, tmp_path: Path) -> None:
    """While somebody holds the lease Kafka refuses; when nobody does, it is missed by nobody."""
    records = history(150)
    admin = KafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:120])
        admission = site.start("admit")
        site.wait_decided()
        assert group_errors(admin, log_name) == ["NonEmptyGroupError"]
        site.submit(records[120:150])
        site.wait_decided()
        assert admission.stop() == 0, admission.printed()
        assert group_errors(admin, log_name) == ["OK"]
        site.submit(records[150:160])
        admission = site.start("admit")
        site.wait_decided()
        # By force, under a running admission: it joins the group again and goes on.
        group = groups_of(admin, log_name)[0]
        members = admin.describe_groups([group])[group]["members"]
        kicked = [MemberToRemove(member_id=member["member_id"]) for member in members]
        admin.remove_group_members(group, kicked)
        # Whether it is back already depends on when it last spoke to the broker.
        assert set(group_errors(admin, log_name)) <= {"OK", "NonEmptyGroupError"}
        site.submit(records[160:170])
        site.wait_decided()
        assert admission.stop() == 0, admission.printed()
        site.submit(records[170:])
        site.hengwen("admit", "--once")
        site.check_state(site.check_log())
    admin.close()


def groups_of(admin: KafkaAdminClient, log_name: str) -> list[str]:
    """The groups of a ledger."""
    return [g["group_id"] for g in admin.list_groups() if g["group_id"].startswith(log_name)]


def group_errors(admin: KafkaAdminClient, log_name: str) -> list[str]:
    """What Kafka says to deleting every group of a ledger."""
    return [str(said) for said in admin.delete_groups(groups_of(admin, log_name)).values()]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_open_transaction_of_a_publisher_blocks_nobody(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """What a foreign program has sent and never committed is a submission like any other."""
    records = history(150)
    producer = KafkaProducer(
        bootstrap_servers=kafka_bootstrap, transactional_id=f"{log_name}-foreign",
        transaction_timeout_ms=60_000, metrics_enabled=False,
    )  # fmt: skip
    producer.init_transactions()
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:120])
        admission = site.start("admit")
        site.wait_decided()
        producer.begin_transaction()
        for record in records[120:140]:
            send(producer, log_name, record)
        producer.flush()
        site.submit(records[140:160])
        assert site.wait_decided() == 160
        producer.abort_transaction()
        site.submit(records[160:])
        assert site.wait_decided() == len(records)
        assert admission.stop() == 0, admission.printed()
        site.check_state(site.check_log())
        # Counted again from the first record on, by a machine that knows no offsets.
        site.submit(records[:1])
        site.hengwen("admit", "--once", machine="b")
        site.check_state(site.check_log(), machine="b")
    producer.close()


def send(producer: KafkaProducer, log_name: str, record: Record) -> None:
    """Send one submission as any program can."""
    value, proof = record
    headers = [] if proof is None else [("hengwen-proof", proof)]
    producer.send(f"{log_name}.submissions", key=b"x", value=value, headers=headers, partition=0)
