"""
Words for what stands in a refusal's figures: states, duties, parts, reasons.

The log holds codes, a reader gets words. A value that is not here is shown as it is: later rules may
say more, and identifiers, amounts and codes of the field need no words.
"""

from typing import Final

_Words = dict[str, tuple[str, str]]

_STATES: Final[_Words] = {
    "RESERVED": ("待批", "reserved"),
    "ORDERED": ("已下达", "ordered"),
    "SETTLED": ("已发放", "settled"),
    "BOUNCED": ("已退票", "bounced"),
    "REVERSED": ("已冲正", "reversed"),
    "RELEASED": ("随名册退回", "released"),
    "APPROVED": ("已批准", "approved"),
    "REJECTED": ("已退回", "rejected"),
}
_WHY: Final[_Words] = {
    "KEY_UNKNOWN": ("密钥未登记", "the key is not registered"),
    "KEY_ENDED": ("密钥已停用", "the key has ended"),
    "KIND": ("未授权该类型", "not this kind"),
    "ORGANISATION": ("不在授权机构范围", "not this organisation"),
    "PERSON": (
        "该人员另有机构的记录,须由其上级提交",
        "the person belongs to others: let a union above them say it",
    ),
    "MISSING": ("没有证明", "there is none"),
    "VAULT": ("不是启用的保管库", "not of the active vault"),
    "SIGNATURE": ("与内容或签名不符", "it does not fit content or signature"),
}
_ROLES: Final[_Words] = {
    "HANDLE": ("经办", "handles"),
    "SUBMIT": ("提交", "submits"),
    "REVIEW": ("审核", "reviews"),
    "APPROVE": ("审批", "approves"),
    "VISIT": ("走访", "visits"),
    "RECEIVE": ("领取", "receives"),
    "COLLECT": ("代领", "collects for the recipient"),
    "KIN": ("由亲属领取的职工", "has a relative receive"),
}
_PARTS: Final[_Words] = {
    "REGION": ("区划", "region"),
    "CATEGORY": ("对象类别", "category"),
    "TIER": ("梯度", "tier"),
    "OCCASION": ("节点", "occasion"),
    "DAY": ("日期", "day"),
}
_MISSING: Final[_Words] = {
    "NAME": ("姓名", "name"),
    "DOCUMENT": ("证件", "document"),
    "EMPLOYER": ("工作单位", "employer"),
}
_FIELDS: Final[_Words] = {
    "recipient": ("领取人", "the recipient"),
    "worker": ("职工", "the worker"),
    "lock": ("规则锁", "the lock of the rules"),
    "text": ("模式文本", "the schema's text"),
    "table": ("代码表", "the table of codes"),
    "submission": ("所隐去的提交", "the submission to be redacted"),
}
WORDS: Final[dict[str, _Words]] = {
    "state": _STATES,
    "why": _WHY,
    "roles": _ROLES,
    "part": _PARTS,
    "missing": _MISSING,
    "field": _FIELDS,
}
"""Name of a figure → its values → Chinese and English."""


def in_words(name: str, value: str, *, english: bool) -> str:
    """
    A figure's value in words; several are separated by commas.

    >>> in_words("roles", "HANDLE,RECEIVE", english=False)
    '经办、领取'
    >>> in_words("field", "dossier", english=True)
    'dossier'
    """
    words = WORDS.get(name, {})
    told = [words.get(one, (one, one))[english] for one in value.split(",")]
    return (", " if english else "、").join(told)
