"""
All settings, read once from the environment (HENGWEN_*) into one frozen object.

A secret may be given by file: HENGWEN_DATABASE_FILE names a file that holds what
HENGWEN_DATABASE would. An empty variable counts as not set.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from app.environment import PREFIX, given_names, given_text, variable
from app.problems import Words

TEST_PREFIX: Final = "HENGWEN_TEST_"
FILE_SUFFIX: Final = "_FILE"
MASK: Final = "******"
MASTER_KEY_BYTES: Final = 32


def _setting(default: Any, zh: str, en: str, **limits: Any) -> Any:  # as Field is
    """One setting: its default, what it means in both languages, its limits."""
    return Field(default=default, description=zh, json_schema_extra={"en": en}, **limits)


class Settings(BaseSettings):
    """What this process was told. Build it with :meth:`from_environment`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        env_nested_delimiter=None,
    )

    home: Path = _setting(
        Path("~/.hengwen"),
        "本机数据目录：内嵌日志、内嵌数据库、本地状态、密钥",
        "folder on this machine: embedded log, embedded database, local state, keys",
    )
    lang: Literal["zh", "en"] = _setting("zh", "界面语言", "language of what is printed")
    log_format: Literal["json", "pretty"] = _setting("pretty", "运行日志格式", "form of log lines")
    debug: bool = _setting(
        False, "出错时显示完整堆栈（仅供开发）", "show tracebacks (for developers only)"
    )

    log: Literal["embedded", "kafka"] = _setting(
        "embedded", "总账所在：内嵌文件或 Kafka", "where the ledger is kept"
    )
    log_name: str = _setting(
        "hengwen",
        "总账名，即主题前缀",
        "name of the log, prefix of its topics",
        pattern=r"^[a-z][a-z0-9-]{0,63}$",
    )
    ledger: str = _setting(
        "",
        "总账编号（64 位十六进制）；填写后只肯打开这一本",
        "ledger id (64 hex digits); if set, no other ledger is opened",
        pattern=r"^([0-9a-f]{64})?$",
    )

    kafka_bootstrap: str = _setting(
        "127.0.0.1:9092", "Kafka 地址，逗号分隔", "addresses of Kafka, separated by commas"
    )
    kafka_client: Literal["kafka-python", "librdkafka"] = _setting(
        "kafka-python", "Kafka 客户端", "Kafka client"
    )
    kafka_replication: int = _setting(
        3, "主题副本数；单机为 1", "replicas of a topic; 1 on a single broker", ge=1, le=9
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = _setting(
        "PLAINTEXT", "Kafka 安全协议", "security protocol of Kafka"
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = _setting(
        "SCRAM-SHA-512", "SASL 机制", "SASL mechanism"
    )
    kafka_sasl_username: str = _setting("", "SASL 用户名", "SASL user")
    kafka_sasl_password: SecretStr = _setting(SecretStr(""), "SASL 口令", "SASL password")
    kafka_ssl_cafile: Path | None = _setting(None, "CA 证书文件", "file with the CA's certificate")
    kafka_ssl_certfile: Path | None = _setting(None, "客户端证书文件", "file with our certificate")
    kafka_ssl_keyfile: Path | None = _setting(None, "客户端私钥文件", "file with our private key")

    database: SecretStr = _setting(
        SecretStr(""),
        "读模型数据库连接串；空为内嵌",
        "connection string of the read models; empty: embedded",
    )
    vault_database: SecretStr = _setting(
        SecretStr(""),
        "保管库数据库连接串；空为内嵌",
        "connection string of the vault; empty: embedded",
    )
    vault_master_key: SecretStr = _setting(
        SecretStr(""),
        "保管库主密钥（64 位十六进制）；内嵌时可空，自动生成于数据目录",
        "master key of the vault (64 hex digits); may be empty if embedded: made in the folder",
    )
    vault_master_key_new: SecretStr = _setting(
        SecretStr(""),
        "更换中的新主密钥；保管库用两者中合适的一把打开",
        "the new master key while it is changed; the vault opens with whichever of both fits",
    )

    key_file: Path | None = _setting(
        None, "发布方签名私钥文件", "file with the publisher's signing key"
    )
    operator_key_file: Path | None = _setting(
        None, "运营方签名私钥文件", "file with the operator's signing key"
    )
    witnesses: str = _setting(
        "",
        "见证方,逗号分隔,各为“公钥文本 网址”",
        "witnesses, separated by commas, each `VKEY URL`",
        pattern=r"^(\S+ https?://[^\s,]+(, ?\S+ https?://[^\s,]+)*)?$",
    )
    seal_address: str = _setting(
        "127.0.0.1:7471", "密封服务监听地址", "address of the sealing service", pattern=r"^\S+:\d+$"
    )
    seal_token: SecretStr = _setting(
        SecretStr(""), "密封服务访问令牌", "token that callers of the sealing service must show"
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        """A folder does not move when the process changes its own."""
        return home.expanduser().absolute()

    @field_validator("database", "vault_database", mode="after")
    @classmethod
    def _connection_string(cls, dsn: SecretStr) -> SecretStr:
        """A connection string that libpq can read; its content is never repeated in an error."""
        if not dsn.get_secret_value():
            return dsn
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415  # slow to import

        try:
            conninfo_to_dict(dsn.get_secret_value())
        except Exception:  # noqa: BLE001  # its message quotes the string, which holds a password
            raise ValueError("not a PostgreSQL connection string") from None
        return dsn

    @field_validator("vault_master_key", "vault_master_key_new", mode="after")
    @classmethod
    def _master_key(cls, key: SecretStr) -> SecretStr:
        """32 bytes in hexadecimal, or nothing."""
        text = key.get_secret_value()
        try:
            right = len(bytes.fromhex(text)) in {0, MASTER_KEY_BYTES}
        except ValueError:
            right = False
        if not right:
            raise ValueError(f"must be {MASTER_KEY_BYTES} bytes in hexadecimal")
        return key

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        """A SASL protocol needs a user and a password."""
        named = bool(self.kafka_sasl_username and self.kafka_sasl_password.get_secret_value())
        if self.kafka_security_protocol.startswith("SASL") and not named:
            raise ValueError(
                "SASL needs HENGWEN_KAFKA_SASL_USERNAME and HENGWEN_KAFKA_SASL_PASSWORD"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then files named in the environment."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _SecretFiles(settings_cls)

    @classmethod
    def from_environment(cls, **given: Any) -> Self:  # validated below
        """
        Read the environment; *given* wins over it.

        Raises app.problems.Problem: a setting is wrong, or the file of a secret cannot be read.
        """
        try:
            return cls(**given)
        except ValidationError as error:
            from app.setting_texts import wrong_settings  # noqa: PLC0415  # words of errors only

            raise wrong_settings(error) from None
        except SecretUnread as unread:
            from app.setting_texts import unread_secret  # noqa: PLC0415  # as above

            raise unread_secret(unread) from None


class SecretUnread(SettingsError):
    """The file of a secret cannot be read."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name)
        self.name = name
        self.path = path


class _SecretFiles(PydanticBaseSettingsSource):
    """Secrets from the files that HENGWEN_<NAME>_FILE names."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        """Content of the file, without the newline that editors add."""
        path = given_text(variable(field_name) + FILE_SUFFIX)
        if not path or field.annotation is not SecretStr:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError):
            raise SecretUnread(field_name, path) from None

    def __call__(self) -> dict[str, Any]:
        """All secrets given by file."""
        values = {
            name: self.get_field_value(field, name)[0]
            for name, field in self.settings_cls.model_fields.items()
        }
        return {name: value for name, value in values.items() if value is not None}


def variables() -> set[str]:
    """Every variable that means something."""
    secrets = {name for name, f in Settings.model_fields.items() if f.annotation is SecretStr}
    named = {variable(name) for name in Settings.model_fields}
    return named | {variable(name) + FILE_SUFFIX for name in secrets}


def strangers(names: Iterable[str] | None = None) -> dict[str, str]:
    """Variables that look like ours and mean nothing, each with the nearest one that does."""
    known = variables()
    found = given_names() if names is None else names
    odd = sorted(n for n in found if n.startswith(PREFIX) and n not in known)
    return {
        name: (difflib.get_close_matches(name, known, n=1) or [""])[0]
        for name in odd
        if not name.startswith(TEST_PREFIX)
    }


def shown(settings: Settings) -> dict[str, str]:
    """Effective values as text, secrets masked; of a connection string only the password."""
    return {name: _shown(name, getattr(settings, name)) for name in Settings.model_fields}


def _shown(name: str, value: Any) -> str:  # of any setting
    """One value as text."""
    if value is None:
        return ""
    if not isinstance(value, SecretStr):
        return str(value)
    secret = value.get_secret_value()
    if not secret:
        return ""
    if name not in {"database", "vault_database"}:
        return MASK
    from psycopg.conninfo import conninfo_to_dict, make_conninfo  # noqa: PLC0415  # as above

    parts = {k: str(v) for k, v in conninfo_to_dict(secret).items() if v is not None}
    return make_conninfo(**(parts | {k: MASK for k in ("password", "sslpassword") if k in parts}))


def meaning(name: str) -> Words:
    """What a setting means."""
    field = Settings.model_fields[name]
    extra = field.json_schema_extra
    assert isinstance(extra, dict)  # _setting wrote it
    return Words(field.description or "", str(extra["en"]))


def choices(name: str) -> tuple[str, ...]:
    """The values a setting may have, if they are a closed list."""
    return tuple(str(choice) for choice in get_args(Settings.model_fields[name].annotation))
