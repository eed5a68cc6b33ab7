"""
The one place where parts are put together: from settings to an open log or database.

The vault, which few commands need, is opened by app.vaults.

Parts are imported when they are opened, so a command pays for what it uses only.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.settings import Settings
from domain.units import Micros
from eventlog.contract import Log

DATABASE: Final = "hengwen"
VAULT_DATABASE: Final = "hengwen_vault"
"""Names in the embedded PostgreSQL; a database of its own for the only record of names."""


def now() -> Micros:
    """The machine's clock, cut to whole milliseconds."""
    return Micros(time.time_ns() // 1_000_000 * 1_000)


def open_log(settings: Settings, *, new: bool = False) -> Log:
    """
    The log that the settings name, embedded or on Kafka; one that holds nothing only if *new*.

    Raises:
        Problem: nobody opened a ledger here, or it is another than the settings pin.
        LogDamaged: the file is no log, or holds another.
        LogUnavailable: Kafka cannot be reached.
    """
    from app.opened import not_open, refuse_other_ledger, refuse_unopened  # noqa: PLC0415  # as said above

    if not new and settings.log == "embedded" and not _log_file(settings).exists():
        raise not_open(str(_log_file(settings)))
    log = _log(settings)
    try:
        if not new:
            refuse_unopened(log, _where(settings))
        if settings.ledger:
            refuse_other_ledger(log, settings.ledger)
    except BaseException:
        log.close()
        raise
    return log


def _log(settings: Settings) -> Log:
    if settings.log == "embedded":
        from eventlog.embedded import EmbeddedLog  # noqa: PLC0415  # see the module's docstring

        file = _log_file(settings)
        file.parent.mkdir(parents=True, exist_ok=True)
        return EmbeddedLog(file, settings.log_name)
    from eventlog.clients import open_client  # noqa: PLC0415  # as above
    from eventlog.kafka import KafkaLog  # noqa: PLC0415  # as above

    security = kafka_login(settings, settings.kafka_bootstrap)
    client = open_client(settings.kafka_bootstrap, security, settings.kafka_client)
    index = settings.home / "log" / f"{settings.log_name}.index.sqlite"
    index.parent.mkdir(parents=True, exist_ok=True)
    return KafkaLog(client, settings.log_name, index=index)


def _log_file(settings: Settings) -> Path:
    """The file of the embedded log."""
    return settings.home / "log" / f"{settings.log_name}.sqlite"


def _where(settings: Settings) -> str:
    """The place of the log, as a word of the command line."""
    if settings.log == "embedded":
        return str(_log_file(settings))
    return f"kafka:{settings.kafka_bootstrap}/{settings.log_name}"


def prepare_log(settings: Settings) -> None:
    """
    Make what the log needs: topics on Kafka, the file of the embedded log. Again does nothing.

    Raises:
        LogUnavailable: Kafka cannot be reached.
    """
    if settings.log == "embedded":
        open_log(settings, new=True).close()
        return
    from eventlog.topics import create_topics  # noqa: PLC0415  # see the module's docstring

    create_topics(
        settings.kafka_bootstrap,
        settings.log_name,
        replication_factor=settings.kafka_replication,
        min_insync_replicas=settings.kafka_replication // 2 + 1,
        client_settings=kafka_login(settings, settings.kafka_bootstrap),
    )


def check_log(settings: Settings) -> None:
    """
    Refuse a log that could lose history; whoever writes asks this first.

    Raises:
        UnsafeSettings: names each topic setting that is wrong.
        LogUnavailable: Kafka cannot be reached.
    """
    if settings.log == "kafka":
        from eventlog.topics import check_topics  # noqa: PLC0415  # see the module's docstring

        check_topics(
            settings.kafka_bootstrap,
            settings.log_name,
            replicas_min=settings.kafka_replication,
            client_settings=kafka_login(settings, settings.kafka_bootstrap),
        )


def kafka_login(settings: Settings, bootstrap: str) -> dict[str, str]:
    """
    What is passed through to the Kafka client, tried once at *bootstrap*.

    Raises:
        LoginRefused: Kafka does not let us in, or is not the one we trust.
    """
    from eventlog.login import check_login  # noqa: PLC0415  # see the module's docstring

    security = kafka_security(settings)
    check_login(bootstrap, security)
    return security


def kafka_security(settings: Settings) -> dict[str, str]:
    """What is passed through to the Kafka client, by kafka-python's names."""
    protocol: str = settings.kafka_security_protocol
    found = {"security_protocol": protocol}
    if protocol.startswith("SASL"):
        found["sasl_mechanism"] = settings.kafka_sasl_mechanism
        found["sasl_plain_username"] = settings.kafka_sasl_username
        found["sasl_plain_password"] = settings.kafka_sasl_password.get_secret_value()
    if protocol.endswith("SSL"):
        for name in ("ssl_cafile", "ssl_certfile", "ssl_keyfile"):
            if path := getattr(settings, f"kafka_{name}"):
                found[name] = str(path)
    return found


@contextmanager
def open_database(settings: Settings) -> Iterator[str]:
    """DSN of the read models' database; the embedded one runs as long as the context."""
    with _database(settings, settings.database.get_secret_value(), DATABASE) as dsn:
        yield dsn


@contextmanager
def open_vault_database(settings: Settings) -> Iterator[str]:
    """DSN of the vault's database; the embedded one runs as long as the context."""
    with _database(settings, settings.vault_database.get_secret_value(), VAULT_DATABASE) as dsn:
        yield dsn


@contextmanager
def _database(settings: Settings, given: str, name: str) -> Iterator[str]:
    """The DSN that was given, or that of a database in the embedded PostgreSQL."""
    if given:
        yield given
        return
    from app.embedded_postgres import EmbeddedPostgres  # noqa: PLC0415  # as above

    with EmbeddedPostgres(settings.home / "postgres") as server:
        yield server.ensure_database(name)
