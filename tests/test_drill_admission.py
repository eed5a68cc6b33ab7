"""Drills: admission is killed, frozen, doubled, robbed of its files, on a real broker."""

import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import doctored
import pytest
from drill_runner import HELD
from drills import WAIT_S_MAX, Site, history, until
from programme import ROOT, Programme, codes

from admission.rules import v1
from app.problems import EXIT_BAD_INPUT as BAD_INPUT
from app.problems import EXIT_FENCED as FENCED
from domain import events as events_of
from domain import submissions as s
from schemas.codec import decode

pytestmark = pytest.mark.slow

STANDS_BY = "admission.following"
"""What an admission says when it waits for the lease."""
KILLS = 3
BROKEN = doctored.raising(KeyError("year"))

MOMENTS = ("begun 1", "begun 4", "sent 1", "sent 4", "committed 1", "committed 4", "saved 3")


@pytest.mark.parametrize("client", ["kafka-python", "librdkafka"])
def test_admission_killed_in_mid_transaction_or_before_its_state_is_written(
    kafka_bootstrap: str, log_name: str, tmp_path: Path, client: str
) -> None:
    """Whatever moment of a transaction the power fails at, the next start goes on as if nothing was."""

    def drill(number: int) -> None:
        name, moment = f"{log_name}-{number}", MOMENTS[number]
        with Site(kafka_bootstrap, name, tmp_path / name) as site:
            site.submit(history(150))
            killed = site.disturbed(f"kill {moment}", "admit", HENGWEN_KAFKA_CLIENT=client)
            assert killed.ended() == -signal.SIGKILL, killed.printed()
            assert site.position() < len(history(150))
            site.hengwen("admit", "--once", HENGWEN_KAFKA_CLIENT=client)
            site.check_state(site.check_log())

    # Together, because most of the time is waiting for the dead one's lease to run out.
    with ThreadPoolExecutor(len(MOMENTS)) as at_once:
        list(at_once.map(drill, range(len(MOMENTS))))


def test_admission_killed_at_random_times_while_submissions_come_in(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """Killed again and again in the middle of its work, it loses, doubles and changes nothing."""

    def drill(seed: int) -> None:
        moments = random.Random(seed)  # noqa: S311  not a secret
        name = f"{log_name}-{seed}"
        with Site(kafka_bootstrap, name, tmp_path / name) as site:
            records = history(300)
            site.submit(records[:1])
            feeding = threading.Thread(
                target=site.drip, args=(records[1:-KILLS],), kwargs={"some": 2, "pause_s": 0.1}
            )
            feeding.start()
            for held_back in records[-KILLS:]:
                before = site.position()
                site.submit([held_back])  # something to decide, however slow the processes are
                admission = site.start("admit")
                site.wait_position(before + 1)
                time.sleep(moments.uniform(0.0, 0.3))
                assert admission.running, admission.printed()
                admission.kill()
            feeding.join()
            site.hengwen("admit", "--once")
            site.check_state(site.check_log())

    with ThreadPoolExecutor(3) as at_once:
        list(at_once.map(drill, (1, 2, 3)))


def test_the_second_admission_waits_and_takes_over_when_the_first_is_killed(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """A standby decides nothing while the first lives, and goes on when its session has run out."""
    records = history(150)
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:150])
        first = site.start("admit", machine="a")
        assert site.wait_decided() == 150
        standby = site.start("admit", machine="b")
        site.submit(records[150:200])
        assert site.wait_decided() == 200
        standby.wait_printed(STANDS_BY)
        site.submit(records[200:210])
        assert site.wait_decided() == 210
        assert standby.running, standby.printed()
        assert "admission.open" not in standby.printed()
        first.kill()
        site.submit(records[210:])
        site.wait_decided()
        assert standby.stop() == 0, standby.printed()
        site.check_state(site.check_log(), machine="b")


def test_a_frozen_admission_that_wakes_up_in_its_transaction_has_lost(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """The zombie ends with exit code 3, nothing of it is in the log, and the other stays."""
    records = history(150)
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:200])
        zombie = site.disturbed("hold sent 3", "admit", machine="a")
        held = site.home("a") / HELD
        until(held.exists, WAIT_S_MAX, zombie.printed)
        standby = site.start("admit", machine="b")
        zombie.freeze()
        assert site.wait_decided() == 200
        held.unlink()
        zombie.thaw()
        assert zombie.ended() == FENCED, zombie.printed()
        site.submit(records[200:])
        site.wait_decided()
        assert standby.running
        assert standby.printed().count("admission.open") == 1
        assert standby.stop() == 0, standby.printed()
        site.check_state(site.check_log(), machine="b")
        # Its own state was never ahead of the log: the same machine can go on from it.
        site.hengwen("admit", "--once", machine="a")
        site.check_state(site.check_log(), machine="a")


def test_a_frozen_admission_that_wakes_up_idle_has_lost_too(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """It lost the lease while it slept: it ends with exit code 3 and does not take it back."""
    records = history(150)
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:150])
        zombie = site.start("admit", machine="a")
        site.wait_decided()
        zombie.freeze()
        standby = site.start("admit", machine="b")
        site.submit(records[150:200])
        site.wait_decided()
        site.submit(records[200:])
        zombie.thaw()
        assert zombie.ended() == FENCED, zombie.printed()
        site.wait_decided()
        assert standby.running
        assert standby.printed().count("admission.open") == 1
        site.check_log()


def test_a_standby_can_be_stopped_while_it_waits(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """SIGTERM ends an admission that never had the lease, and the other one notices nothing."""
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(history(150)[:20])
        first = site.start("admit", machine="a")
        site.wait_decided()
        standby = site.start("admit", machine="b")
        standby.wait_printed(STANDS_BY)
        assert standby.stop() == 0, standby.printed()
        assert first.running
        assert first.stop() == 0


def test_broken_rule_is_a_verdict_until_the_next_version_mends_it(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """RULE_FAILED stops nobody; with version 2 adopted, over a restart, the same thing is accepted."""
    two = doctored.version("v2")
    programme = doctored.under(Programme(name="rules"), v1=v1, v2=two).funded()
    begun = len(programme.submitted)
    for attempt in range(2):
        programme.do(s.CloseYear, subtree=ROOT, year=2017)
        programme.pay(attempt + 1)
    between = len(programme.submitted)
    programme.do(s.AdoptRules, programme.operator, adopted=2, lock_digest=two.LOCK)
    programme.do(s.CloseYear, subtree=ROOT, year=2017)
    programme.pay(9)
    records = [(one.value or b"", one.proof) for one in programme.submitted]
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit(records[:between])
        rules = {"HENGWEN_TEST_RULES": "broken"}
        assert site.disturbed("kill never 1", "admit", "--once", **rules).ended() == 0
        failed = [codes(decode(value)) for value in site.values()[begun:]]
        assert failed == [["RULE_FAILED"], [], ["RULE_FAILED"], []]
        site.submit(records[between:])
        rules = {"HENGWEN_TEST_RULES": "mended"}
        assert site.disturbed("kill never 1", "admit", "--once", **rules).ended() == 0
        events = [decode(value) for value in site.values()[between:]]
        assert [type(event) for event in events] == [
            events_of.RulesAdopted, events_of.YearClosed, events_of.PaymentMade,
        ]  # fmt: skip
        assert [event.rules for event in events][1:] == [2, 2]
        versions = {1: doctored.version("v1", CloseYear={"checks": (BROKEN,)}), 2: two}
        site.check_log(versions)


def test_a_program_that_lacks_the_adopted_rules_stops_before_deciding(
    kafka_bootstrap: str, log_name: str, tmp_path: Path
) -> None:
    """It leaves the adoption undecided and says what to install; the newer program goes on."""
    two = doctored.version("v2")
    programme = doctored.under(Programme(name="newer"), v1=v1, v2=two).opened()
    adopting = len(programme.submitted) + 1
    programme.do(s.AdoptRules, programme.operator, adopted=2, lock_digest=two.LOCK)
    records = [(one.value or b"", one.proof) for one in programme.submitted]
    with Site(kafka_bootstrap, log_name, tmp_path) as site:
        site.submit([*records, records[-1]])
        old = site.start("admit", "--once")
        assert old.ended() == BAD_INPUT, old.printed()
        assert f"第 {adopting} 号提交" in old.printed()
        assert "安装含第 2 版规则的程序" in old.printed()
        assert site.position() < adopting
        rules = {"HENGWEN_TEST_RULES": "mended"}
        assert site.disturbed("kill never 1", "admit", "--once", **rules).ended() == 0
        assert site.position() == adopting + 1
        site.submit(records[-1:])
        again = site.start("admit", "--once")
        assert again.ended() == BAD_INPUT, again.printed()
        assert "总账采用第 2 版规则" in again.printed()
