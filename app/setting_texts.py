"""What is wrong with a setting, and what it must be: words for each kind of error, no value quoted."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from app.environment import variable
from app.problems import Problem, Words
from app.settings import FILE_SUFFIX, SecretUnread, choices

HEXADECIMAL: Final = Words("应为 64 位十六进制", "must be 64 hexadecimal digits")
CONNECTION: Final = Words(
    "应为 PostgreSQL 连接串,如 postgresql://用户@主机/库",
    "must be a connection string of PostgreSQL, as postgresql://USER@HOST/DATABASE",
)
FORMS: Final[Mapping[str, Words]] = {
    "log_name": Words(
        "应以小写字母开头,只用小写字母、数字和连字符,至多 64 个字符",
        "must begin with a lower-case letter; lower-case letters, digits and hyphens, at most 64",
    ),
    "ledger": HEXADECIMAL,
    "witnesses": Words(
        "应为逗号分隔的“公钥文本 网址”", "must be `VKEY URL`, several separated by commas"
    ),
    "seal_address": Words("应为 主机:端口", "must be HOST:PORT"),
    "database": CONNECTION,
    "vault_database": CONNECTION,
    "vault_master_key": HEXADECIMAL,
    "vault_master_key_new": HEXADECIMAL,
}
"""What a text must look like, by setting."""
WHOLE: Final = Words("应为整数", "must be a whole number")
KINDS: Final[Mapping[str, Words]] = {
    "int_parsing": WHOLE,
    "int_from_float": WHOLE,
    "int_type": WHOLE,
    "bool_parsing": Words("应为 true 或 false", "must be true or false"),
    "bool_type": Words("应为 true 或 false", "must be true or false"),
}
"""What a value must be, by the kind of its error."""
SASL: Final = Words(
    "SASL 协议要同时给出 HENGWEN_KAFKA_SASL_USERNAME 与 HENGWEN_KAFKA_SASL_PASSWORD",
    "a SASL protocol needs HENGWEN_KAFKA_SASL_USERNAME and HENGWEN_KAFKA_SASL_PASSWORD",
)
UNREAD: Final = Words("文件读不出,检查路径与权限", "cannot be read; check the path and its rights")
UNFIT: Final = Words("取值不对,见 docs/settings.md", "is not usable, see docs/settings.md")


def wrong_settings(error: ValidationError) -> Problem:
    """The settings that cannot be used, each with what it must be."""
    found = error.errors(include_input=False, include_url=False)
    return _page([(_name(one), _must_be(one)) for one in found])


def unread_secret(unread: SecretUnread) -> Problem:
    """The file of a secret that cannot be read."""
    return _page([(f"{variable(unread.name)}{FILE_SUFFIX}", UNREAD)], where=unread.path)


def _name(error: Mapping[str, Any]) -> str:
    """The variable that is wrong; of several that do not fit together, the first."""
    return variable(str(error["loc"][0]) if error["loc"] else "kafka_security_protocol")


def _must_be(error: Mapping[str, Any]) -> Words:
    """What the setting must be."""
    if not error["loc"]:
        return SASL
    name, kind = str(error["loc"][0]), str(error["type"])
    if kind == "literal_error":
        allowed = choices(name)
        return Words(f"应为 {'、'.join(allowed)} 之一", f"must be one of {', '.join(allowed)}")
    return FORMS.get(name) or KINDS.get(kind) or _limited(error.get("ctx", {}))


def _limited(limits: Mapping[str, Any]) -> Words:
    """What a number must be."""
    if "ge" in limits:
        return Words(f"应不小于 {limits['ge']}", f"must be at least {limits['ge']}")
    if "le" in limits:
        return Words(f"应不大于 {limits['le']}", f"must be at most {limits['le']}")
    return UNFIT


def _page(wrong: Sequence[tuple[str, Words]], where: str = "") -> Problem:
    """One line for each."""
    lines = [Words(f"{name} {must.zh}。", f"{name} {must.en}.") for name, must in wrong]
    return Problem(
        Words("有设置不可用。", "Some settings cannot be used."),
        where="\n".join([name for name, _ in wrong] + ([where] if where else [])),
        how=Words(
            "\n".join([*(one.zh for one in lines), "hengwen config 列出全部设置。"]),
            "\n".join([*(one.en for one in lines), "`hengwen config` lists all settings."]),
        ),
    )
