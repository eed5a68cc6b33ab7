"""Words for what is wrong with a line of a submissions file, in Chinese and English."""

from typing import Final

from publishers.lines import BadLine
from publishers.roster.texts import TEXTS as ROSTER_TEXTS

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "LINE_TOO_LONG": ("这一行超过 {wanted}", "The line is longer than {wanted}"),
    "VALUE_TOO_LARGE": ("提交超过 {wanted}", "The submission takes more than {wanted}"),
    "NOT_UTF8": ("不是 UTF-8", "Not UTF-8"),
    "NOT_JSON": ("不是 JSON", "Not JSON"),
    "NOT_AN_OBJECT": ("不是 JSON 对象", "Not a JSON object"),
    "DUPLICATE_FIELD": ("字段写了两次", "The field stands twice"),
    "UNKNOWN_TYPE": ("没有这种提交", "There is no such submission"),
    "UNKNOWN_FIELD": ("没有这个字段", "There is no such field"),
    "MISSING_FIELD": ("缺少这个字段", "The field is missing"),
    "FILLED_BY_VAULT": (
        "给了明文身份, 这个字段由保管库填写",
        "The vault fills this from the identity",
    ),
    "WRONG_TYPE": ("类型不对, 应为 {wanted}", "Wrong type, {wanted} is wanted"),
    "BAD_DATE": ("日期应写成 2019-01-20", "Write dates as 2019-01-20"),
    "BAD_BYTES": ("字节应写成十六进制或 base64", "Write bytes in hexadecimal or base64"),
    "BAD_LENGTH": ("长度应为 {wanted}", "The length must be {wanted}"),
    "BAD_UUID": ("编号应为小写 UUID", "Ids are UUIDs in lower case"),
    "OUT_OF_RANGE": ("数太大", "The number is out of range"),
    "VAULT_NEEDED": ("这一项要由保管库填写", "This is filled in by the vault"),
}
"""Code → Chinese and English; codes of identities have the words of the roster."""


def line_reason(problem: BadLine, *, english: bool = False) -> str:
    """What is wrong with the line."""
    own = TEXTS.get(problem.code)
    if own is not None:
        return own[1 if english else 0].format(wanted=problem.wanted)
    text = ROSTER_TEXTS.get(problem.code)
    if text is not None:
        return text.en if english else text.zh
    return problem.code
