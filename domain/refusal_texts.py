"""
Texts of the refusals, in Chinese and English: what happened and how to mend it.

A placeholder is the name of a figure. Figures that end in ``_fen`` are shown in yuan, days as dates.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from domain.calendar import iso
from domain.figures import DAYS
from domain.parts import Reason
from domain.refusal_words import WORDS, in_words
from domain.units import Day

TEXTS: Final[dict[str, tuple[str, str]]] = {
    "EMPTY_VALUE": ("记录内容为空。请重新提交完整内容", "The record has no value. Submit it whole"),
    "OVERSIZED": (
        "提交 {bytes} 字节, 上限 {limit} 字节。请拆分后提交",
        "The submission has {bytes} bytes, the limit is {limit}. Split it",
    ),
    "NOT_AVRO": (
        "不是 Avro 单对象编码 (应以 C3 01 开头)。请按模式文件编码",
        "Not Avro single-object encoding (C3 01). Encode it with a schema file",
    ),
    "UNKNOWN_SCHEMA": (
        "模式指纹不是现行的提交类型。请使用 schemas/ 中提交类型的模式",
        "The fingerprint is of no kind of submission in force. Use the schema of one in schemas/",
    ),
    "NOT_CANONICAL": (
        "编码不规范: 重新编码得不到相同字节。请使用标准 Avro 库",
        "Not canonical: encoding it again gives other bytes. Use a standard Avro library",
    ),
    "PROOF_MISSING": (
        "缺少签名证明 (hengwen-proof)。请签名后提交",
        "There is no hengwen-proof. Sign it",
    ),
    "PROOF_DOUBLED": ("签名证明多于一个。只保留一个", "More than one hengwen-proof. Keep one"),
    "PROOF_MALFORMED": (
        "签名证明无法读取。请重新生成",
        "The hengwen-proof cannot be read. Make it again",
    ),
    "SIGNATURE_WRONG": (
        "签名不符: 内容、密钥或账本不一致。请用登记的密钥对本账本签名",
        "The signature does not fit content, key and ledger. Sign for this ledger with the registered key",
    ),
    "NOT_AUTHORISED": (
        "无权提交 ({why})。请向上级申请登记密钥、机构范围或类型",
        "Not authorised ({why}). Ask for the key, the subtree or the kind to be registered",
    ),
    "LOG_NOT_OPEN": ("账本尚未开账。请先 OpenLog", "The log is not open. Send OpenLog first"),
    "LOG_ALREADY_OPEN": ("账本已开账", "The log is open already"),
    "RULES_UNKNOWN": ("规则版本 {version} 不存在", "There are no rules of version {version}"),
    "RULES_NOT_NEXT": (
        "规则须逐版启用, 当前为 {current}",
        "Rules are adopted one version after the other; in force is {current}",
    ),
    "RULE_FAILED": (
        "规则程序出错 ({error})。已留存, 待修正后重新提交",
        "A rule failed ({error}). It is kept; submit it again after the repair",
    ),
    "EVENT_TOO_LARGE": (
        "事件 {bytes} 字节, 超过上限。请拆分",
        "The event would have {bytes} bytes. Split it",
    ),
    "SCHEMA_NOT_REGISTERED": (
        "模式 {schema} 尚未登记。请运营方先 RegisterSchema",
        "The schema {schema} is not registered. The operator registers it first",
    ),
    "SCHEMA_DIFFERS": (
        "模式 {schema} 的指纹已登记为另一文本",
        "The fingerprint of {schema} has another text",
    ),
    "SCHEMA_KNOWN": ("模式 {schema} 已登记", "The schema {schema} is registered already"),
    "SCHEMA_MALFORMED": (
        "模式 {schema} 的文本、名称与指纹不符",
        "Text, name and fingerprint of {schema} differ",
    ),
    "SUBMISSION_ID_REUSED": (
        "提交编号已用于第 {original_position} 号记录的另一内容。请换新编号",
        "The submission id was used for other content, verdict {original_position}. Take a new id",
    ),
    "ALREADY_RECORDED": (
        "已入账, 见第 {original_position} 号事件。不必再次提交",
        "Recorded already, see event {original_position}. There is nothing to do",
    ),
    "FIELD_MALFORMED": (
        "字段 {field} 格式不符。请按说明填写",
        "The field {field} is malformed. See the format",
    ),
    "FUTURE_DATE": (
        "业务日期 {occurred_on} 晚于今天 {today}。请改为实际日期",
        "The business date {occurred_on} is later than today, {today}. Give the true date",
    ),
    "YEAR_CLOSED": (
        "{organisation} 的 {year} 年度已年结。请记入尚未年结的年度",
        "The year {year} is closed for {organisation}. Record it in an open year",
    ),
    "YEAR_NOT_OVER": ("{year} 年度尚未结束", "The year {year} is not over"),
    "DIGEST_MISMATCH": (
        "{field} 的摘要不符: 提交为 {stated}, 实为 {found}。请核对后重新生成",
        "The digest of {field} differs: {stated} stated, {found} found. Compare, and make it again",
    ),
    "SUITE_UNKNOWN": ("密码套件 {suite} 不支持", "The suite {suite} is not supported"),
    "KEY_MALFORMED": ("{field} 中的公钥或编号不符", "Public key or key id in {field} does not fit"),
    "POSITION_UNKNOWN": (
        "没有更早的第 {position} 号事件。请核对位置",
        "There is no earlier event {position}. Check the position",
    ),
    "NOT_REDACTABLE": (
        "第 {position} 号提交已被接受, 其内容在事件中, 不能隐去。只有被拒绝的提交可以隐去",
        "Submission {position} was accepted and stands in its event; only refused ones are redacted",
    ),
    "KEY_KNOWN": (
        "密钥 {key} 已登记过。请换新密钥",
        "The key {key} was registered before. Take a new one",
    ),
    "KEY_UNKNOWN": ("密钥 {key} 未登记或已停用", "The key {key} is not registered or has ended"),
    "KINDS_NOT_ALLOWED": ("不可授予的类型: {kinds}", "Kinds that may not be given: {kinds}"),
    "VAULT_ACTIVE": ("已有启用的保管库。请先停用", "A vault is active. Revoke it first"),
    "VAULT_KNOWN": ("该保管库编号已用过", "This vault id was used before"),
    "VAULT_UNKNOWN": ("不是启用的保管库", "Not the active vault"),
    "CHUNK_OUT_OF_ORDER": (
        "代码表块号应为 {expected}, 实为 {chunk}",
        "Chunk {expected} is next, not {chunk}",
    ),
    "CODE_USED": (
        "机构编码 {organisation} 已使用, 不可重用",
        "The code {organisation} was used; codes are never reused",
    ),
    "PARENT_UNKNOWN": (
        "上级机构 {organisation} 不存在",
        "The parent {organisation} does not exist",
    ),
    "ORGANISATION_UNKNOWN": (
        "机构 {organisation} 未登记",
        "The organisation {organisation} is not registered",
    ),
    "ORGANISATION_CLOSED": (
        "机构 {organisation} 已撤销",
        "The organisation {organisation} is closed",
    ),
    "LEVEL_UNKNOWN": ("层级 {level} 不认识", "The level {level} is unknown"),
    "DIVISION_UNKNOWN": (
        "行政区划 {division} 在业务日期不存在。请核对代码; 园区等统计用码请改填所在县市",
        "No division {division} on the business date. Check it; for a statistical zone give the county",
    ),
    "USCC_WRONG": ("统一社会信用代码校验不符", "The credit code fails its check"),
    "TOO_DEEP": ("机构层级超过 {limit} 级", "More than {limit} levels of organisations"),
    "CYCLE": ("机构 {organisation} 不能隶属于自己的下级", "{organisation} cannot lie below itself"),
    "POLICY_OVERLAP": (
        "与政策 {policy} 的有效期重叠",
        "The period overlaps that of policy {policy}",
    ),
    "POLICY_KNOWN": (
        "政策 {policy} 已存在。请换版本号",
        "The policy {policy} exists. Take another version",
    ),
    "SCHEME_UNKNOWN": (
        "类别体系 {scheme} 不认识。请核对代码, 或由运营方先载入其类别表",
        "The scheme {scheme} is unknown. Check it, or let the operator load its table of categories",
    ),
    "CATEGORY_UNKNOWN": (
        "类别体系 {scheme} 没有对象类别 {category}",
        "The scheme {scheme} has no category {category}",
    ),
    "TIER_UNKNOWN": ("梯度 {tier} 不认识 (应为 T1–T5)", "The tier {tier} is unknown (T1 to T5)"),
    "RULED_TWICE": (
        "{field} 中 {ruled} 出现多次。只保留一个",
        "{ruled} stands in {field} more than once. Keep one",
    ),
    "CAP_OUT_OF_RANGE": (
        "梯度 {tier} 的标准上限须大于 0, 不超过 {limit_fen}: 每人次 {per_payment_fen}, 每人年 {per_year_fen}",
        "Caps of {tier} must lie above 0, up to {limit_fen}: {per_payment_fen} a payment, {per_year_fen} a year",
    ),
    "OUT_OF_RANGE": (
        "{field} 为 {given}, 须为 0 至 {limit}",
        "{field} is {given}, it must be 0 to {limit}",
    ),
    "PERIOD_EMPTY": ("失效日早于生效日", "The period ends before it begins"),
    "NO_POLICY": (
        "{organisation} 在业务日期没有适用政策",
        "No policy is in force for {organisation} on that date",
    ),
    "FUND_KNOWN": ("资金 {fund} 已设立", "The fund {fund} exists already"),
    "FUND_UNKNOWN": ("资金 {fund} 不存在", "There is no fund {fund}"),
    "SOURCE_UNKNOWN": (
        "资金来源 {source} 不认识 (应为 SRC1–SRC6)",
        "The source {source} is unknown (SRC1 to SRC6)",
    ),
    "WRONG_OWNER": ("须由 {owner} 办理", "Only {owner} may do this"),
    "BAD_RESTRICTION": (
        "限制条件所列 {unknown} 不认识 ({part})。请核对代码; 新的类别或节点先列入政策",
        "The restriction names {unknown}, which is unknown ({part}). Check it; a policy first rules what is new",
    ),
    "RESTRICTION_EMPTY": (
        "限制期限止于 {usable_to}, 早于起始日 {usable_from}",
        "The restriction ends on {usable_to}, before it begins on {usable_from}",
    ),
    "RESTRICTION_OVER": (
        "限制期限止于 {usable_to}, 早于业务日期 {occurred_on}, 资金已无法使用",
        "The restriction ended on {usable_to}, before {occurred_on}: nobody could use the money",
    ),
    "AMOUNT_NOT_POSITIVE": (
        "金额须大于 0, 实为 {amount_fen}",
        "The amount must be positive, it is {amount_fen}",
    ),
    "OVER_CEILING": (
        "超过资金总额上限 {ceiling_fen}: 已到账 {granted_fen}, 本次 {asked_fen}",
        "Over the ceiling of {ceiling_fen}: {granted_fen} granted, {asked_fen} more asked",
    ),
    "GRANT_UNKNOWN": ("没有这笔到账资金", "There is no such grant"),
    "NOT_A_CHILD": (
        "{organisation} 不是直接下级。请逐级下拨",
        "{organisation} is not a child. Allocate level by level",
    ),
    "ALLOCATION_KIND_UNKNOWN": ("下拨类型 {kind} 不认识", "The allocation kind {kind} is unknown"),
    "ALLOCATION_UNKNOWN": (
        "没有拨给本机构的这笔下拨",
        "There is no such allocation to this organisation",
    ),
    "ALLOCATION_CONFIRMED": ("这笔下拨无须再确认", "This allocation needs no confirmation"),
    "ALLOCATION_NOT_CONFIRMED": (
        "下拨尚未确认到账: 需 {asked_fen}, 可用 {drawable_fen}, 结存 {free_fen}。请先确认到账",
        "Arrival is not confirmed: {asked_fen} asked, {drawable_fen} usable of {free_fen}. Confirm it first",
    ),
    "RESTRICTION_UNREACHABLE": (
        "资金的各项限制在 {organisation} 范围内无法同时满足。请核对区划、类别、梯度、节点和期限",
        "No use within {organisation} meets all restrictions. Check regions, categories, tiers, occasions, days",
    ),
    "RESTRICTIONS_EXCLUDE": (
        "所取各笔的限制互相排斥, 合在一起无处可用: 需 {asked_fen}, 前 {drawable_fen} 可一起下拨。请分笔办理",
        "Their restrictions exclude each other: {asked_fen} asked, the first {drawable_fen} can move together. Split it",
    ),
    "INSUFFICIENT_BALANCE": (
        "余额不足: 需 {asked_fen}, 可用 {drawable_fen}, 结存 {free_fen}。请申请下拨或减少金额",
        "Not enough: {asked_fen} asked, {drawable_fen} usable of {free_fen}. Ask for an allocation, or pay less",
    ),
    "INSUFFICIENT_FREE_FEN": (
        "该笔未用金额不足: 需 {asked_fen}, 未用 {free_fen}。下级转拨的须先退回",
        "Not enough of it is free: {asked_fen} asked, {free_fen} free. What was passed on returns first",
    ),
    "TOO_FRAGMENTED": (
        "金额来自过多分段: 需 {asked_fen}, 一次最多可用 {drawable_fen}。请分笔办理",
        "Too many intervals: {asked_fen} asked, {drawable_fen} can be drawn at once. Split it",
    ),
    "RESTRICTION_BROKEN": (
        "不符合资金 {fund} 的使用限制 ({part})。请改用其他资金",
        "The restriction of {fund} does not admit this ({part}). Use another fund",
    ),
    "OCCASION_UNKNOWN": (
        "节点 {occasion} 不在适用政策内",
        "The occasion {occasion} is not in the policy",
    ),
    "CAMPAIGN_MALFORMED": (
        "活动 {campaign} 应为 年份-节点",
        "The campaign {campaign} must be year-occasion",
    ),
    "ROSTER_TOO_LARGE": (
        "名册 {declared_count} 人, 须为 1 至 {limit} 人。请拆分",
        "The roster declares {declared_count} payments, 1 to {limit} are allowed. Split it",
    ),
    "ROSTER_UNKNOWN": ("没有这份名册。请先提交名册", "There is no such roster. Submit it first"),
    "ROSTER_STATE": ("名册{state}", "The roster is {state}"),
    "ROSTER_DIFFERS": ("与名册的 {field} 不一致", "It differs from its roster in {field}"),
    "ROSTER_REQUIRED": ("政策要求名册审批, 须列入名册", "The policy asks for an approved roster"),
    "ROSTER_ROW_USED": (
        "名册第 {row} 行已入账, 见第 {original_position} 号事件",
        "Row {row} of the roster is used, see event {original_position}",
    ),
    "ROSTER_TOTALS_EXCEEDED": (
        "超出名册控制数: 控制 {declared_count} 人 {declared_fen}, 加本笔为 {count} 人 {amount_fen}",
        "Over the roster's totals: {declared_count} of {declared_fen} declared, this makes {count} of {amount_fen}",
    ),
    "ROSTER_HANDLERS": (
        "名册已由 {limit} 人经办, 不能再增加经办人。请由其中一人办理",
        "{limit} people have handled payments of this roster. Let one of them do it",
    ),
    "TOTALS_DIFFER": (
        "批准数与入账数不符: 批准 {stated_count} 人 {stated_fen}, 入账 {count} 人 {amount_fen}",
        "The approved totals differ: {stated_count} of {stated_fen} stated, {count} of {amount_fen} accepted",
    ),
    "TOO_FEW_VISITORS": (
        "走访 {visitors} 人, 至少 {minimum} 人",
        "{visitors} visitors, at least {minimum} are asked for",
    ),
    "SAME_PERSON": ("不相容岗位为同一人 ({roles})", "One person in two roles ({roles})"),
    "HANDLER_MISSING": ("缺少经办人。请填写", "The handler is missing. Name one"),
    "NOT_ATTESTED": (
        "{field} 没有有效的实名核验证明 ({why})。请经保管库密封后提交",
        "{field} has no valid attestation ({why}). Have the vault seal it",
    ),
    "SEALED_OTHERWISE": (
        "{field} 不是按本账的密码套件 {suite} 密封的。请用本账的保管库重新密封",
        "{field} is not sealed under the ledger's suite {suite}. Have its vault seal it again",
    ),
    "REAL_NAME_INCOMPLETE": (
        "实名要素不全 ({field}: {missing})。请补齐",
        "The real-name minimum is incomplete ({field}: {missing}). Complete it",
    ),
    "KIN_INCOMPLETE": (
        "亲属代领须填职工、关系并密封",
        "For a relative give worker, relation and sealed identity",
    ),
    "FORM_UNKNOWN": ("发放方式 {form} 不认识", "The form {form} is unknown"),
    "GOODS_WITHOUT_VALUE": (
        "实物须填名称、数量和折价",
        "Goods need a code, a quantity and a value",
    ),
    "PROXY_WITHOUT_DOCUMENT": (
        "代领须填代领人和委托书编号",
        "For a proxy give their id and the number of the authorisation",
    ),
    "SCHEME_NOT_IN_FORCE": (
        "类别体系 {scheme} 不适用, 现行为 {in_force}",
        "The scheme {scheme} is not in force, {in_force} is",
    ),
    "CATEGORY_NOT_IN_FORCE": (
        "对象类别 {category} 不在适用政策内",
        "The category {category} is not in force",
    ),
    "TIER_NOT_IN_FORCE": ("梯度 {tier} 不在适用政策内", "The tier {tier} is not in force"),
    "OVER_CAP_PER_PAYMENT": (
        "超过每人次上限 {cap_fen}: 本次 {asked_fen}",
        "Over the cap of {cap_fen} per payment: {asked_fen} asked",
    ),
    "OVER_CAP_PER_YEAR": (
        "超过 {year} 年每人上限 {cap_fen}: 已领 {received_fen}, 本次 {asked_fen}",
        "Over the cap of {cap_fen} per person in {year}: {received_fen} received, {asked_fen} asked",
    ),
    "DUPLICATE_IN_CAMPAIGN": (
        "同一人在 {campaign} 已领取, 见第 {original_position} 号事件",
        "This person has received in {campaign}, see event {original_position}",
    ),
    "DOSSIER_MISSING": (
        "建档困难职工须填档案号",
        "A registered hardship worker needs the dossier number",
    ),
    "EVIDENCE_MISSING": (
        "类别 {category} 须有证明材料编号",
        "The category {category} needs an evidence document",
    ),
    "PAYMENT_UNKNOWN": ("没有这笔发放", "There is no such payment"),
    "PAYMENT_STATE": (
        "该笔发放状态为 {state}, 不能办理",
        "The payment is {state}, this cannot be done",
    ),
    "MEANS_UNKNOWN": ("确认方式 {means} 不认识", "The means {means} is unknown"),
    "RECEIPT_MISSING": (
        "银行确认须填回单编号",
        "A bank settlement needs the number of the receipt",
    ),
    "PERSON_ERASED": ("该人员身份已删除", "This person's identity was erased"),
    "RETENTION_RUNS": (
        "保存期未满 (第 {position} 号事件), 最早 {free_on} 可以删除。届时再提交",
        "Event {position} must be kept: erasure is possible from {free_on}. Submit it then",
    ),
    "PERSONS_LINKED": ("两个人员代码已是同一人", "The two ids are one person already"),
    "READING_TOO_LARGE": (
        "一次查看 {count} 人, 上限 {limit} 人",
        "{count} identities in one reading, at most {limit}",
    ),
}
"""Code → Chinese and English text."""


def money(fen: int) -> str:
    """
    An amount in yuan, to the fen.

    >>> money(123456789), money(-5)
    ('1,234,567.89', '-0.05')
    """
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def shown(figures: Mapping[str, str], *, english: bool) -> dict[str, str]:
    """Figures as a reader wants them: amounts in yuan, days as dates, codes in words."""
    out = {}
    for name, value in figures.items():
        if name.endswith("_fen"):
            out[name] = f"{money(int(value))} {'yuan' if english else '元'}"
        elif name in DAYS:
            out[name] = iso(Day(int(value)))
        elif name in WORDS:
            out[name] = in_words(name, value, english=english)
        else:
            out[name] = value
    return out


def render(code: str, figures: Mapping[str, str], *, english: bool = False) -> str:
    """
    The text of a refusal. An unknown code, of later rules, is shown with its figures.

    >>> render("FUND_UNKNOWN", {"fund": "X"}, english=True)
    'There is no fund X'
    """
    texts = TEXTS.get(code)
    values = shown(figures, english=english)
    if texts is None:
        return f"{code} {values}"
    try:
        return texts[1 if english else 0].format(**values)
    except KeyError:
        return f"{code} {values}"


def render_all(reasons: Iterable[Reason], *, english: bool = False) -> list[str]:
    """The texts of all reasons of a refusal."""
    return [render(r.code, {f.name: f.value for f in r.figures}, english=english) for r in reasons]
