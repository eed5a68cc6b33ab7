"""Settings: one frozen object, read from HENGWEN_*, secrets never shown."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from app.master_keys import master_key
from app.problems import Problem
from app.settings import MASK, Settings, choices, meaning, shown, strangers, variables
from app.wiring import kafka_security


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a test sets counts."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)


def test_a_laptop_needs_no_setting() -> None:
    """Without any variable, log and database are the embedded ones."""
    settings = Settings.from_environment()
    assert (settings.log, settings.database.get_secret_value()) == ("embedded", "")
    assert settings.home.is_absolute()


def test_settings_cannot_be_changed() -> None:
    """What was read at the start holds until the end."""
    settings = Settings.from_environment()
    with pytest.raises(ValidationError):
        settings.lang = "en"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files hand over empty variables."""
    monkeypatch.setenv("HENGWEN_LOG", "")
    assert Settings.from_environment().log == "embedded"


def test_a_secret_may_be_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file's content counts, without the newline at its end."""
    (tmp_path / "token").write_text("geheim\n", encoding="utf-8")
    monkeypatch.setenv("HENGWEN_SEAL_TOKEN_FILE", str(tmp_path / "token"))
    assert Settings.from_environment().seal_token.get_secret_value() == "geheim"


def test_a_missing_file_of_a_secret_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The problem says which variable names the file."""
    monkeypatch.setenv("HENGWEN_SEAL_TOKEN_FILE", "/nowhere/token")
    with pytest.raises(Problem) as problem:
        Settings.from_environment()
    assert "HENGWEN_SEAL_TOKEN_FILE" in problem.value.where


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HENGWEN_LOG", "mysql-geheim"),
        ("HENGWEN_LEDGER", "geheim"),
        ("HENGWEN_VAULT_MASTER_KEY", "geheim"),
        ("HENGWEN_DATABASE", "postgresql://u:geheim@h:x y/d"),
        ("HENGWEN_KAFKA_REPLICATION", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong value may be a secret in the wrong place: it is never repeated."""
    monkeypatch.setenv(name, value)
    with pytest.raises(Problem) as problem:
        Settings.from_environment()
    assert name in problem.value.where
    assert "geheim" not in problem.value.where


@pytest.mark.parametrize(
    ("name", "value", "zh", "en"),
    [
        ("LOG", "mysql", "embedded、kafka 之一", "must be one of embedded, kafka"),
        ("LANG", "fr", "zh、en 之一", "must be one of zh, en"),
        ("DEBUG", "perhaps", "true 或 false", "must be true or false"),
        ("LOG_NAME", "1", "小写字母开头", "must begin with a lower-case letter"),
        ("LEDGER", "1", "64 位十六进制", "64 hexadecimal digits"),
        ("KAFKA_REPLICATION", "0", "不小于 1", "at least 1"),
        ("KAFKA_REPLICATION", "10", "不大于 9", "at most 9"),
        ("KAFKA_REPLICATION", "three", "应为整数", "a whole number"),
        ("KAFKA_REPLICATION", "1.5", "应为整数", "a whole number"),
        ("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "同时给出", "needs HENGWEN_KAFKA_SASL_USERNAME"),
        ("DATABASE", "postgresql://u:geheim@h:x y/d", "连接串", "a connection string"),
        ("VAULT_MASTER_KEY", "1", "64 位十六进制", "64 hexadecimal digits"),
        ("WITNESSES", "nobody", "公钥文本 网址", "`VKEY URL`"),
        ("SEAL_ADDRESS", "here", "主机:端口", "HOST:PORT"),
        ("SEAL_TOKEN_FILE", "/nowhere/token", "文件读不出", "cannot be read"),
    ],
)
def test_each_wrong_setting_is_told_in_both_languages(
    name: str, value: str, zh: str, en: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it must be, in our own words; none of a library's English on a Chinese page."""
    monkeypatch.setenv(f"HENGWEN_{name}", value)
    with pytest.raises(Problem) as problem:
        Settings.from_environment()
    assert f"HENGWEN_{name}" in problem.value.where
    assert zh in problem.value.how.zh
    assert en in problem.value.how.en
    said = f"{problem.value.where} {problem.value.how.zh}"
    assert not any(word in said for word in ("Input", "should", "Error", "must", "String"))


def test_sasl_needs_a_user_and_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a login is refused before anything connects."""
    monkeypatch.setenv("HENGWEN_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(Problem):
        Settings.from_environment()


def test_security_of_kafka_is_passed_through() -> None:
    """The client gets what it needs under the names of kafka-python, and nothing else."""
    assert kafka_security(Settings()) == {"security_protocol": "PLAINTEXT"}
    settings = Settings(
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_username="admission",
        kafka_sasl_password=SecretStr("geheim"),
        kafka_ssl_cafile=Path("/etc/ca.pem"),
    )
    assert kafka_security(settings) == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "admission",
        "sasl_plain_password": "geheim",
        "ssl_cafile": "/etc/ca.pem",
    }


def test_no_secret_is_shown() -> None:
    """Of a connection string only the password is masked; the rest helps an operator."""
    secrets = {
        name: SecretStr("geheim")
        for name, field in Settings.model_fields.items()
        if field.annotation is SecretStr and name not in {"database", "vault_database"}
    }
    for name in ("vault_master_key", "vault_master_key_new"):
        secrets[name] = SecretStr("ab" * 32)
    dsn = SecretStr("postgresql://reader:geheim@db.example/ledger")
    settings = Settings(**secrets, database=dsn, vault_database=dsn)  # type: ignore[arg-type]

    text = json.dumps(shown(settings)) + repr(settings) + str(settings)

    assert "geheim" not in text
    assert "abab" not in text
    assert shown(settings)["seal_token"] == MASK
    assert "db.example" in shown(settings)["database"]


def test_a_misspelt_variable_is_noticed() -> None:
    """It is shown with the one that was probably meant; those of the tests are let be."""
    environment = {"HENGWEN_KAFKA_BOOTSTAP": "x", "HENGWEN_TEST_KAFKA": "y", "PATH": "z"}
    assert strangers(environment) == {"HENGWEN_KAFKA_BOOTSTAP": "HENGWEN_KAFKA_BOOTSTRAP"}


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_says_what_it_means(name: str) -> None:
    """In Chinese and in English."""
    words = meaning(name)
    assert words.zh
    assert words.en


def test_choices_are_known() -> None:
    """Documentation can list them."""
    assert choices("log") == ("embedded", "kafka")


def test_the_embedded_vault_makes_its_master_key_once(tmp_path: Path) -> None:
    """The key is made on first use, for its owner's eyes only, and stays."""
    settings = Settings(home=tmp_path)
    key = master_key(settings)
    assert len(key) == 32
    assert master_key(settings) == key
    assert (tmp_path / "vault-master.key").stat().st_mode & 0o077 == 0


def test_a_vault_with_a_database_of_its_own_needs_a_key(tmp_path: Path) -> None:
    """No key is invented for a real vault."""
    settings = Settings(home=tmp_path, vault_database=SecretStr("dbname=vault"))
    with pytest.raises(Problem):
        master_key(settings)
    assert not list(tmp_path.iterdir())


def test_a_damaged_master_key_is_not_replaced(tmp_path: Path) -> None:
    """A new key would make every identity unreadable."""
    (tmp_path / "vault-master.key").write_text("abc", encoding="ascii")
    with pytest.raises(Problem):
        master_key(Settings(home=tmp_path))
