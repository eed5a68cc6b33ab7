"""
The columns of 发放明细 and the keys of 批次信息: names, aliases, kinds.

Columns are found by header text, in any order; a header may carry spaces, line breaks, a star, and
full-width brackets.
"""

import unicodedata
from enum import StrEnum
from typing import Final, NamedTuple


class Kind(StrEnum):
    """What a cell of a column holds."""

    TEXT = "text"
    IDENTIFIER = "identifier"
    """Digits that are no number: a numeric cell has lost some of them."""
    AMOUNT = "amount"
    WHOLE = "whole"
    DATE = "date"
    CHOICE = "choice"


class Column(NamedTuple):
    """A column of the roster, or a key of the batch."""

    key: str
    header: str
    english: str
    kind: Kind = Kind.TEXT
    needed: bool = False
    """The column itself must be there; whether a cell may be empty is a rule."""
    aliases: tuple[str, ...] = ()
    private: bool = False
    """Could identify a person: never shown, not even in part."""
    length_max: int = 200


COLUMNS: Final = (
    Column("number", "序号", "No.", Kind.WHOLE, aliases=("编号", "行号")),
    Column(
        "name", "姓名", "Name", needed=True, private=True, length_max=64,
        aliases=("职工姓名(本人)", "领取人", "领取人姓名", "收款人姓名"),
    ),
    Column(
        "document_type", "证件类型", "Document type", Kind.CHOICE, aliases=("证件种类", "证件名称")
    ),
    Column(
        "document_number", "证件号码", "Document number", Kind.IDENTIFIER, needed=True,
        private=True, length_max=40,
        aliases=("身份证号", "身份证号码", "证件号", "公民身份号码", "居民身份证号码"),
    ),
    Column(
        "category", "对象类别", "Category", Kind.CHOICE, needed=True,
        aliases=("困难类别", "人员类别", "慰问对象类别", "类别"),
    ),
    Column("tier", "帮扶方式", "Tier", Kind.CHOICE, aliases=("帮扶梯度", "梯度")),
    Column(
        "dossier", "困难职工档案号", "Dossier number", Kind.IDENTIFIER, length_max=64,
        aliases=("档案号", "困难职工编号", "职工编号", "建档编号"),
    ),
    Column(
        "employer", "工作单位", "Employer", needed=True, aliases=("单位", "单位名称", "所在单位")
    ),
    Column(
        "work_region", "单位区划", "Work region", Kind.IDENTIFIER, length_max=6,
        aliases=("工作区划", "行政区划", "单位行政区划"),
    ),
    Column("visited_on", "走访日期", "Visited on", Kind.DATE, aliases=("慰问日期", "走访时间")),
    Column(
        "visitors", "走访人", "Visitors", private=True, aliases=("走访人员", "慰问人", "慰问人员")
    ),
    Column(
        "cash", "慰问金(元)", "Money (yuan)", Kind.AMOUNT,
        aliases=("慰问金", "金额", "金额(元)", "发放金额", "发放金额(元)", "慰问金额(元)"),
    ),
    Column("goods", "慰问品名称", "Goods", aliases=("慰问品", "物品名称", "实物名称")),
    Column(
        "goods_quantity", "数量", "Quantity", Kind.WHOLE, aliases=("慰问品数量", "物品数量")
    ),
    Column(
        "goods_value", "折价(元)", "Value of goods (yuan)", Kind.AMOUNT,
        aliases=("折价", "慰问品折价(元)", "物品折价(元)", "折合金额(元)"),
    ),
    Column(
        "voucher", "代金券(元)", "Vouchers (yuan)", Kind.AMOUNT,
        aliases=("代金券", "代金券金额(元)"),
    ),
    Column("form", "发放方式", "Form", Kind.CHOICE, needed=True, aliases=("支付方式", "领取方式")),
    Column(
        "account_holder", "收款人户名", "Account holder", private=True, length_max=64,
        aliases=("户名", "账户名", "开户名"),
    ),
    Column("bank", "开户行", "Bank", aliases=("开户银行", "开户行(到支行)", "支行名称")),
    Column(
        "card", "银行卡号", "Bank card", Kind.IDENTIFIER, private=True, length_max=40,
        aliases=("卡号", "银行账号", "账号"),
    ),
    Column(
        "proxy", "代领人", "Proxy", private=True, length_max=64, aliases=("代领人姓名", "代领姓名")
    ),
    Column("proxy_kinship", "代领关系", "Relation of proxy", Kind.CHOICE, aliases=("代领人关系",)),
    Column(
        "proxy_number", "代领人证件号码", "Proxy's document", Kind.IDENTIFIER, private=True,
        length_max=40, aliases=("代领人身份证号", "代领人证件号"),
    ),
    Column(
        "proxy_document", "委托书编号", "Authorisation", length_max=64,
        aliases=("委托书", "委托书号"),
    ),
    Column("kinship", "与职工关系", "Relation to worker", Kind.CHOICE, aliases=("与职工的关系",)),
    Column(
        "worker", "职工姓名", "Worker", private=True, length_max=64, aliases=("所属职工姓名",)
    ),
    Column(
        "worker_number", "职工证件", "Worker's document", Kind.IDENTIFIER, private=True,
        length_max=40, aliases=("职工证件号码", "职工身份证号", "职工身份证号码"),
    ),
    Column(
        "evidence", "证明材料", "Evidence", length_max=64,
        aliases=("证明材料编号", "证明文号", "证明材料文号"),
    ),
    Column(
        "phone", "联系电话", "Phone", Kind.IDENTIFIER, private=True, length_max=40,
        aliases=("电话", "手机", "手机号", "手机号码", "联系方式"),
    ),
    Column(
        "household", "家庭编号", "Household", Kind.IDENTIFIER, private=True, length_max=40,
        aliases=("户号", "户编号"),
    ),
    Column("signed", "本人签收", "Signed", Kind.CHOICE, aliases=("是否签收", "已签收")),
    Column("paid_on", "发放日期", "Paid on", Kind.DATE, needed=True, aliases=("支付日期",)),
    Column("remark", "备注", "Remark", private=True, aliases=("说明",)),
)  # fmt: skip

BATCH_KEYS: Final = (
    Column("batch", "批次号", "Batch number", length_max=64, aliases=("名册号", "批次")),
    Column("unit", "发放单位", "Paying unit", aliases=("单位名称",)),
    Column(
        "organisation", "机构编码", "Organisation code", Kind.IDENTIFIER, needed=True,
        aliases=("统一社会信用代码/机构编码", "发放单位编码", "机构代码"),
    ),
    Column("region", "行政区划", "Division", Kind.IDENTIFIER, length_max=6),
    Column("occasion", "活动节点", "Occasion", Kind.CHOICE, needed=True, aliases=("节点", "活动")),
    Column("year", "活动年度", "Campaign year", Kind.WHOLE, aliases=("年度",)),
    Column("fund", "资金代码", "Fund", needed=True, aliases=("资金来源", "资金")),
    Column("document", "下达文号", "Allocation document", length_max=64, aliases=("文号",)),
    Column("first_day", "发放日期起", "First day", Kind.DATE, needed=True, aliases=("开始日期",)),
    Column("last_day", "发放日期止", "Last day", Kind.DATE, needed=True, aliases=("截止日期",)),
    Column("count", "控制人数", "Control count", Kind.WHOLE, needed=True, aliases=("人数",)),
    Column(
        "sum", "控制金额(元)", "Control sum (yuan)", Kind.AMOUNT, needed=True,
        aliases=("控制金额", "金额合计(元)"),
    ),
    Column("handler", "经办人", "Handler", needed=True, private=True, length_max=64),
    Column(
        "handler_number", "经办人工号或证件号码", "Handler's code", Kind.IDENTIFIER, private=True,
        length_max=40, aliases=("经办人工号", "经办人证件号码"),
    ),
    Column("reviewer", "审核人", "Reviewer", needed=True, private=True, length_max=64),
    Column(
        "reviewer_number", "审核人工号或证件号码", "Reviewer's code", Kind.IDENTIFIER,
        private=True, length_max=40, aliases=("审核人工号", "审核人证件号码"),
    ),
    Column(
        "certificate", "单位证明文号", "Unit certificate", length_max=64, aliases=("单位证明",)
    ),
    Column("scheme", "类别体系", "Category scheme", Kind.CHOICE),
)  # fmt: skip


def normal_header(text: str) -> str:
    """
    A header as compared: half-width, without spaces, line breaks and stars.

    >>> normal_header("*慰问金 （元）")
    '慰问金(元)'
    """
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if not c.isspace() and c not in "*:").lower()


def _by_header(columns: tuple[Column, ...]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for column in columns:
        for name in (column.header, column.english, *column.aliases):
            found.setdefault(normal_header(name), column)
    return found


COLUMN_OF: Final = _by_header(COLUMNS)
"""Normal header → column."""
BATCH_KEY_OF: Final = _by_header(BATCH_KEYS)
"""Normal key of 批次信息 → column."""
BY_KEY: Final = {column.key: column for column in COLUMNS}
BATCH_BY_KEY: Final = {column.key: column for column in BATCH_KEYS}
