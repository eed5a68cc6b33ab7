"""Log lines: JSON with Chinese as it is, and nothing personal, whoever wrote it."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from app.logging import MASKED, masked, set_up_logging

SECRETS = ["11010119900307789X", "110101900307789", "13900001111", "6222021234567890123", "样例甲"]
"""Made up: no such person, phone or card."""


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What a test sets up does not outlive it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_nothing_personal_is_logged(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Not in the message, a value, a nested value, a key, a library's line or an exception."""
    set_up_logging("json" if form == "json" else "pretty")
    document, old, phone, card, name = SECRETS
    log = structlog.get_logger()
    message = f"行 {document} 不能导入"
    log.info(message, phone_seen=phone, nested={"x": [f"卡号{card}", old]})
    log.info("numbers", seen=int(card), other=int(phone), recipient=name, name=name, row=[name])
    log.info("mapping", seen={document: 1}, blob=name.encode(), grouped="6222 0212 3456 7890 123")
    logging.getLogger("kafka").error("cannot send %s to %s", document, phone)
    try:
        int(f"{name} {document}")
    except ValueError:
        log.exception("failed")

    err = capsys.readouterr().err

    for secret in (*SECRETS, "6222 0212"):
        assert secret not in err
    assert "ValueError" in err
    assert "test_logging.py" in err
    assert MASKED in err


def test_lines_are_json_with_chinese_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """One object a line, with time and level; also what libraries say."""
    set_up_logging("json")
    structlog.get_logger().info("记账", position=12, rate=0.5)
    logging.getLogger("psycopg").warning("连接断开")

    ours, theirs = capsys.readouterr().err.splitlines()

    assert "记账" in ours
    assert json.loads(ours)["position"] == 12
    assert json.loads(theirs)["level"] == "warning"


@pytest.mark.parametrize(
    "text",
    [
        "1234567890",
        "position 1234567, 500 records in 0.123456789012345 s",
        "d2c0f1a1-1111-4222-8333-123456789012",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "2019-02-05T12:00:00.123456Z",
        "127.0.0.1:9092",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    """Positions, ids, digests, times and addresses are what a log is for."""
    assert masked(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "+86 139 0000 1111",
        "139-0000-1111",
        "\uff11\uff13\uff19" + "0" * 4 + "1111",
        "x:" + SECRETS[0],
    ],
)
def test_other_ways_to_write_a_number_are_seen(text: str) -> None:
    """Prefixes, separators and full-width digits."""
    assert MASKED in masked(text)
