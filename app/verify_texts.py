"""What the results of a verification mean, in both languages."""

from typing import Final

from app.problems import Words
from app.verify_reasons import FAILED, NOT_CHECKED
from evidence import verify_checks as v
from evidence.verify_checks import Check

_PASSED: Final[dict[str, Words]] = {
    v.DERIVED: Words(
        "{files} 个文件;导出时间、当时的总账长度、记录写入的时间,只凭导出者所说",
        "{files} files; when it was exported, how long the log was then and when it took the records"
        " are the exporter's word",
    ),
    v.POSITIONS: Words("{events} 条,至 {last}", "{events} events, up to {last}"),
    v.SM2: Words("由您给的公钥签", "by the key you gave"),
    v.TREE: Words("{size} 条", "{size} events"),
    v.CHECKPOINTS: Words("{signed} 个", "{signed}"),
    v.KNOWN: Words("至 {size}", "up to {size}"),
    v.WITNESSES: Words("至 {size},至少 {quorum} 方", "up to {size}, by {quorum} at least"),
    v.SCHEMAS: Words("{schemas} 个", "{schemas}"),
    v.CONSERVATION: Words("{funds} 项资金", "{funds} funds"),
    v.BALANCES: Words("{signed} 次", "signed {signed} times"),
    v.ACCOUNTS: Words(
        "{accounts} 个,至 {size} (包到 {last})",
        "{accounts}, up to {size} (the part ends at {last})",
    ),
    v.RECORDS: Words("{organisations} 个机构,至 {size}", "{organisations}, up to {size}"),
    v.SUBMISSIONS: Words("{submissions} 份", "{submissions}"),
    v.SIGNERS: Words("{submissions} 份", "{submissions}"),
    v.DECISIONS: Words("{verdicts} 份", "{verdicts} verdicts"),
    v.REDACTIONS: Words("没有隐去", "nothing is left out"),
    v.READ_MODELS: Words("{models} 个,至 {position}", "{models}, up to {position}"),
}


def result(check: Check) -> Words:
    """What a check found, for people."""
    if check.status == v.OK:
        found = _passed(check)
    elif check.status == v.FAILED:
        found = _filled(FAILED.get(check.code, Words(check.code, check.code)), check)
        if check.position is not None:
            return Words(
                f"序号 {check.position}:{found.zh}", f"position {check.position}: {found.en}"
            )
    else:
        found = _filled(NOT_CHECKED.get(check.code, Words(check.code, check.code)), check)
    return found


def _passed(check: Check) -> Words:
    if check.name == v.SIGNATURE:
        return _signed(dict(check.figures))
    found = _filled(_PASSED.get(check.name, Words("", "")), check)
    figure, more = _MORE.get(check.name, ("", Words("", "")))
    if dict(check.figures).get(figure, "0") == "0":
        return found
    told = _filled(more, check)
    return Words(f"{found.zh};{told.zh}", f"{found.en}; {told.en}")


_MORE: Final[dict[str, tuple[str, Words]]] = {
    v.TREE: ("unsigned", Words("另有 {unsigned} 条未签", "{unsigned} more are not signed yet")),
    v.CHECKPOINTS: (
        "ignored",
        Words(
            "另有 {ignored} 个没有应有的签名,不计",
            "{ignored} more, which no key signed that may, do not count",
        ),
    ),
    v.DECISIONS: ("redacted", Words("{redacted} 份内容已隐去", "{redacted} redacted")),
}
"""What is added if a figure is not 0."""


def _signed(figures: dict[str, str]) -> Words:
    """Whose key signed the checkpoint."""
    if figures["given"] == "True":
        return Words("由您给的公钥签", "by the key you gave")
    key = figures["key"]
    if figures["named_in"] == "log":
        return Words(f"公钥取自总账本身,请与公布的核对:{key}", f"key from the log itself: {key}")
    return Words(
        f"公钥取自 keys.json,无人担保,请与公布的核对:{key}",
        f"key from keys.json, for which nobody vouches: {key}",
    )


def _filled(words: Words, check: Check) -> Words:
    # A stranger's figure must not make a line of its own.
    figures = {name: text.replace("\n", " ") for name, text in check.figures}
    return Words(words.zh.format_map(_Known(figures)), words.en.format_map(_Known(figures)))


class _Known(dict[str, str]):
    """Figures by name; one that is not there shows as nothing."""

    def __missing__(self, key: str) -> str:
        return "?"
