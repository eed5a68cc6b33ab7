"""Where a log is, as a word of the command line: ``embedded:PATH``, ``kafka:HOST:PORT/NAME``."""

from pathlib import Path
from typing import Final

from app.problems import Problem, Words
from app.settings import Settings
from app.wiring import kafka_login, open_log
from eventlog.contract import LogDamaged
from eventlog.embedded import EmbeddedLog, name_in
from eventlog.kafka import KafkaLog

CONFIGURED: Final = "-"
"""The log that the settings name."""
EMBEDDED: Final = "embedded"
KAFKA: Final = "kafka"


def open_place(place: str, settings: Settings, *, must_exist: bool) -> EmbeddedLog | KafkaLog:
    """
    Open the log at *place*.

    Raises:
        Problem: the word cannot be read, or there is no such file.
        LogDamaged: the file is no log.
    """
    if place == CONFIGURED:
        log = open_log(settings, new=not must_exist)
        assert isinstance(log, EmbeddedLog | KafkaLog)  # there are no others
        return log
    kind, _, rest = place.partition(":")
    if kind == EMBEDDED and rest:
        return _embedded(Path(rest), settings, must_exist=must_exist)
    bootstrap, _, name = rest.partition("/")
    if kind == KAFKA and bootstrap and name:
        from eventlog.clients import open_client  # noqa: PLC0415  # slow to import

        client = open_client(bootstrap, kafka_login(settings, bootstrap), settings.kafka_client)
        return KafkaLog(client, name)
    raise Problem(
        Words("看不懂总账的位置。", "Not a place of a log."),
        where=place,
        how=Words(
            "写成 embedded:文件、kafka:主机:端口/总账名,或 - (设置中的总账)。",
            "Write embedded:PATH, kafka:HOST:PORT/NAME, or - for the log of the settings.",
        ),
    )


def _embedded(path: Path, settings: Settings, *, must_exist: bool) -> EmbeddedLog:
    try:
        found = name_in(path)
    except LogDamaged:
        raise Problem(
            Words("这个文件不是总账。", "This file is no log."),
            where=str(path),
            how=Words("检查路径。", "Check the path."),
        ) from None
    if found is None and must_exist:
        raise Problem(
            Words("没有这个文件。", "There is no such file."),
            where=str(path),
            how=Words("检查路径。", "Check the path."),
        )
    return EmbeddedLog(path, found or settings.log_name)
