"""What may stand in a choice column: labels, aliases and codes, each with the code it means."""

from collections.abc import Iterable, Mapping
from typing import Final

from domain.codes import (
    FORMS,
    OCCASIONS,
    SCHEME_2019,
    SCHEME_NAMES,
    SCHEMES,
    TIERS,
    Names,
)
from publishers.roster.columns import normal_header
from vault.documents import DOCUMENT_TYPES, STAFF

PROXY: Final = "PROXY"
"""发放方式 代领: not a form of its own; the form follows from what was given."""

KINSHIPS: Final[Names] = {
    "SPOUSE": ("配偶", "spouse"),
    "PARENT": ("父母", "parent"),
    "CHILD": ("子女", "child"),
    "SIBLING": ("兄弟姐妹", "sibling"),
    "GRANDPARENT": ("祖父母", "grandparent"),
    "GRANDCHILD": ("孙子女", "grandchild"),
    "GUARDIAN": ("监护人", "guardian"),
    "COLLEAGUE": ("同事", "colleague"),
    "OTHER": ("其他", "other"),
}
GOODS: Final[Names] = {
    "RICE": ("大米", "rice"),
    "FLOUR": ("面粉", "flour"),
    "OIL": ("食用油", "cooking oil"),
    "MEAT": ("肉类", "meat"),
    "MILK": ("牛奶", "milk"),
    "FRUIT": ("水果", "fruit"),
    "COAL": ("煤炭", "coal"),
    "BEDDING": ("棉被", "bedding"),
    "CLOTHING": ("棉衣", "winter clothing"),
    "MEDICINE": ("药品", "medicine"),
    "COOLING": ("防暑降温用品", "cooling supplies"),
    "GIFT_PACK": ("慰问品礼包", "gift pack"),
    "OTHER": ("其他", "other"),
}
SIGNED: Final[Names] = {"YES": ("是", "yes"), "NO": ("否", "no")}

_CATEGORY_ALIASES: Final = {
    "C1_REGISTERED_HARDSHIP": ("困难职工", "C1", "1"),
    "C2_ILLNESS_DISASTER_ACCIDENT": (
        "因病因灾因意外致困", "C2", "2",
        "本人或家庭成员因患大病、遭受各类灾害或突发意外等情况造成生活困难的职工",
    ),
    "C3_WORK_INJURY_MARTYR_KIN": (
        "工伤职业病致残职工", "因公牺牲职工家属", "C3", "3",
        "工伤与职业病致残职工和因公牺牲职工的家属",
    ),
    "C4_HARSH_FRONTLINE": ("艰苦岗位职工", "艰苦行业岗位一线职工", "C4", "4"),
    "C5_SECONDED_CADRE": ("派驻挂职干部", "C5", "5"),
    "C6_ON_DUTY_SERVICE": ("坚守一线服务岗位一线职工", "坚守一线服务岗位职工", "C6", "6"),
    "C7_MODEL_WORKER": ("先进模范", "劳模", "劳动模范", "C7", "7"),
    "N01_LOW_INCOME": ("下岗失业等困难职工", "困难职工", "N01", "N1", "1"),
    "N02_ILLNESS_DISASTER_ACCIDENT": ("因病因灾因意外致困", "N02", "N2", "2"),
    "N03_TROUBLED_ENTERPRISE": ("关停并转等困难企业职工", "N03", "N3", "3"),
    "N04_WORK_INJURY_HOSPITAL": ("工伤职业病致残职工", "因公牺牲职工家属", "住院职工", "N04", "N4", "4"),
    "N05_HARSH_FRONTLINE": ("艰苦岗位职工", "艰苦行业岗位一线职工", "N05", "N5", "5"),
    "N06_DISASTER_FRONTLINE": ("坚守抗灾一线职工", "N06", "N6", "6"),
    "N07_FESTIVAL_ON_DUTY": ("春节期间坚守岗位职工", "N07", "N7", "7"),
    "N08_SECONDED": ("派驻挂职干部职工", "派驻挂职干部", "长期异地工作职工", "N08", "N8", "8"),
    "N09_MAJOR_PROJECT": ("重大项目和重大工程突出贡献职工", "N09", "N9", "9"),
    "N10_MODEL_WORKER": ("先进模范", "劳模", "劳动模范", "N10", "10"),
}  # fmt: skip
_DOCUMENT_ALIASES: Final = {
    "RESIDENT_ID": ("身份证", "居民身份证(18位)", "二代身份证"),
    "HMT_RESIDENCE": ("港澳居民居住证", "台湾居民居住证"),
    "FOREIGN_PR": ("外国人永久居留证",),
    "HM_PERMIT": ("回乡证",),
    "TW_PERMIT": ("台胞证",),
}
_KINSHIP_ALIASES: Final = {
    "SPOUSE": ("丈夫", "妻子", "夫妻"),
    "PARENT": ("父亲", "母亲", "父", "母"),
    "CHILD": ("儿子", "女儿", "子", "女"),
    "SIBLING": ("兄", "弟", "姐", "妹", "哥哥", "弟弟", "姐姐", "妹妹"),
}
_FORM_ALIASES: Final = {
    "BANK_CARD": ("银行卡", "转账", "打卡", "银行卡发放"),
    "CASH": ("现金",),
    "GOODS": ("慰问品",),
    PROXY: ("代领",),
}


def _table(names: Names, aliases: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for code, (zh, en) in names.items():
        for text in (code, zh, en, *aliases.get(code, ())):
            found.setdefault(normal_header(text), code)
    return found


CHOICES: Final = {
    "document_type": _table(
        {code: names for code, names in DOCUMENT_TYPES.items() if code not in (STAFF, "OTHER")},
        _DOCUMENT_ALIASES,
    ),
    "scheme": _table(SCHEME_NAMES, {}),
    "tier": _table(TIERS, {"T2": ("送温暖", "走访慰问")}),
    "form": _table({**FORMS, PROXY: ("代领", "proxy")}, _FORM_ALIASES),
    "kinship": _table(KINSHIPS, _KINSHIP_ALIASES),
    "proxy_kinship": _table(KINSHIPS, _KINSHIP_ALIASES),
    "signed": _table(SIGNED, {"YES": ("已签收", "y", "√"), "NO": ("未签收", "n")}),
    "occasion": _table(OCCASIONS, {"DAILY": ("日常走访", "平时"), "SUDDEN_HARDSHIP": ("突发",)}),
    "goods": _table(GOODS, {"OIL": ("油",), "RICE": ("米",), "GIFT_PACK": ("大礼包", "礼包")}),
}
"""Column key → normal text → code; categories stand in the table of their scheme."""
CATEGORY_CHOICES: Final = {
    scheme: _table(names, _CATEGORY_ALIASES) for scheme, names in SCHEMES.items()
}
"""Scheme → normal text → code of a category: the same words can mean another code in another."""


def choices_of(key: str, scheme: str) -> Mapping[str, str]:
    """What may stand in a choice column under a scheme of categories: normal text → code."""
    return CATEGORY_CHOICES[scheme] if key == "category" else CHOICES[key]


def scheme_of_labels(labels: Iterable[str]) -> str:
    """The first scheme that has all these categories; that of 2019 if none has."""
    asked = {normal_header(label) for label in labels}
    return next((s for s, table in CATEGORY_CHOICES.items() if asked <= table.keys()), SCHEME_2019)
