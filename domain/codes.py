"""
Codes of the field, with their Chinese and English names.

Which categories, tiers, caps and occasions are *in force* is policy data in the log; here is only
what a code means. Source: the programme's rules of 2018 to 2020 (seven categories, six sources).
"""

from typing import Final

Names = dict[str, tuple[str, str]]

SCHEME_2019: Final = "ACFTU-2019-7"
SCHEME_2020: Final = "ACFTU-2020-10"

CATEGORIES: Final[Names] = {
    "C1_REGISTERED_HARDSHIP": ("建档困难职工", "registered hardship worker"),
    "C2_ILLNESS_DISASTER_ACCIDENT": ("因病因灾因意外致困职工", "illness, disaster or accident"),
    "C3_WORK_INJURY_MARTYR_KIN": (
        "工伤职业病致残职工和因公牺牲职工家属",
        "work injury, or kin of a worker who died on duty",
    ),
    "C4_HARSH_FRONTLINE": ("艰苦岗位一线职工", "front-line worker in harsh conditions"),
    "C5_SECONDED_CADRE": ("派驻挂职干部职工", "seconded cadre"),
    "C6_ON_DUTY_SERVICE": ("坚守岗位一线职工", "front-line worker on duty"),
    "C7_MODEL_WORKER": ("先进模范人物", "model worker"),
}
CATEGORIES_2020: Final[Names] = {
    "N01_LOW_INCOME": ("因非个人意愿下岗失业等困难职工", "unemployed or low income"),
    "N02_ILLNESS_DISASTER_ACCIDENT": ("因病因灾因意外致困职工", "illness, disaster or accident"),
    "N03_TROUBLED_ENTERPRISE": ("困难企业职工", "worker of a troubled enterprise"),
    "N04_WORK_INJURY_HOSPITAL": ("工伤职业病或住院职工", "work injury or hospital"),
    "N05_HARSH_FRONTLINE": ("艰苦岗位一线职工", "front-line worker in harsh conditions"),
    "N06_DISASTER_FRONTLINE": ("抗灾一线职工", "disaster front line"),
    "N07_FESTIVAL_ON_DUTY": ("春节坚守岗位职工", "on duty at Spring Festival"),
    "N08_SECONDED": ("异地派驻挂职干部职工", "seconded away from home"),
    "N09_MAJOR_PROJECT": ("重大项目突出贡献职工", "merit in a major project"),
    "N10_MODEL_WORKER": ("先进模范人物", "model worker"),
}
"""The ten categories of the scheme of 2020, the same field cut finer."""
SCHEMES: Final[dict[str, Names]] = {SCHEME_2019: CATEGORIES, SCHEME_2020: CATEGORIES_2020}
"""Scheme → its categories."""
SCHEME_NAMES: Final[Names] = {
    SCHEME_2019: ("2019年七类", "seven categories of 2019"),
    SCHEME_2020: ("2020年十类", "ten categories of 2020"),
}
CATEGORY_NAMES: Final[Names] = {**CATEGORIES, **CATEGORIES_2020}
"""The categories of every scheme: no code stands in two of them."""
DOSSIER_CATEGORIES: Final = frozenset({"C1_REGISTERED_HARDSHIP"})
"""Categories whose evidence is a dossier."""
UNIT_CATEGORIES: Final = frozenset({
    "C4_HARSH_FRONTLINE", "C5_SECONDED_CADRE", "C6_ON_DUTY_SERVICE", "C7_MODEL_WORKER",
    "N05_HARSH_FRONTLINE", "N06_DISASTER_FRONTLINE", "N07_FESTIVAL_ON_DUTY", "N08_SECONDED",
    "N09_MAJOR_PROJECT", "N10_MODEL_WORKER",
})  # fmt: skip
"""
Categories for which one certificate of the unit for the whole roster is enough.

Every other category, also one of a later scheme, has a document for each payment.
"""
TIERS: Final[Names] = {
    "T1": ("困难职工帮扶", "hardship assistance"),
    "T2": ("送温暖走访慰问", "sending warmth"),
    "T3": ("互助保障", "mutual aid"),
    "T4": ("生活服务", "living services"),
    "T5": ("职工福利", "worker welfare"),
}
OCCASIONS: Final[Names] = {
    "NEW_YEAR": ("元旦", "New Year"),
    "SPRING_FESTIVAL": ("春节", "Spring Festival"),
    "MAY_DAY": ("五一", "May Day"),
    "HIGH_TEMPERATURE": ("高温", "high temperature"),
    "SCHOOL_AID": ("金秋助学", "school aid"),
    "MAJOR_EVENT": ("重大节点", "major event"),
    "SUDDEN_HARDSHIP": ("突发困难", "sudden hardship"),
    "DAILY": ("日常", "daily"),
}
FORMS: Final[Names] = {
    "BANK_CARD": ("银行转账", "bank card"),
    "CASH": ("现金签领", "cash"),
    "GOODS": ("实物", "goods"),
    "VOUCHER": ("代金券", "voucher"),
}
SOURCES: Final[Names] = {
    "SRC1_FISCAL": ("各级财政拨款", "fiscal"),
    "SRC2_UPPER_UNION": ("上级工会经费补助", "upper union"),
    "SRC3_OWN_UNION": ("本级工会经费列支", "own union"),
    "SRC4_DONATION": ("社会捐助资金", "donation"),
    "SRC5_ADMIN": ("行政拨付", "administration of the unit"),
    "SRC6_OTHER": ("其他合法来源", "other lawful source"),
}
LEVELS: Final[Names] = {
    "NATIONAL": ("全国", "national"),
    "PROVINCE": ("省级", "province"),
    "PREFECTURE": ("市级", "prefecture"),
    "COUNTY": ("县级", "county"),
    "TOWNSHIP": ("乡镇街道", "township"),
    "BASIC": ("基层", "basic union"),
    "INDUSTRY": ("产业工会", "industrial union"),
    "CENTRE": ("帮扶中心", "help centre"),
}
ALLOCATION_KINDS: Final[Names] = {
    "BASE": ("基础性", "base"),
    "PERFORMANCE": ("绩效性", "performance"),
    "KEY_SUPPORT": ("重点支持性", "key support"),
    "SPECIAL_TILT": ("特殊倾斜性", "special tilt"),
}
MEANS: Final[Names] = {
    "SIGNATURE": ("本人签收", "signature"),
    "PROXY": ("代领", "proxy"),
    "BANK": ("银行回单", "bank"),
}
DIVISIONS: Final = "DIVISIONS"
"""The table of division codes, GB/T 2260, with dates."""
