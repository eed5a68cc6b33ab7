"""Events in words, Chinese and English."""

from collections.abc import Callable, Mapping
from typing import Final

from domain.codes import (
    ALLOCATION_KINDS,
    CATEGORY_NAMES,
    LEVELS,
    MEANS,
    OCCASIONS,
    SOURCES,
)
from projections.trails import Step

NAMES: Final = {
    **CATEGORY_NAMES,
    **OCCASIONS,
    **SOURCES,
    **LEVELS,
    **ALLOCATION_KINDS,
    **MEANS,
}
"""Codes that have a name."""

SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "LogOpened": ("开账：总账 {id}", "the ledger {id} was opened"),
    "RulesAdopted": ("启用规则第 {units} 版", "version {units} of the rules came into force"),
    "SchemaRegistered": ("登记模式 {id}", "schema {id} was written into the log"),
    "OperatorKeyRotated": ("更换运营方密钥 {about} → {id}", "operator key {about} became {id}"),
    "CheckpointKeyRotated": (
        "更换校验点密钥 {about} → {id}",
        "checkpoint key {about} became {id}",
    ),
    "SubmissionRedacted": (
        "隐去提交内容：{code}",
        "the content of a submission was redacted: {code}",
    ),
    "PublisherRegistered": (
        "登记发布方 {code}（密钥 {id}），范围 {counterparty}",
        "publisher {code} (key {id}) was registered for {counterparty}",
    ),
    "PublisherKeyRotated": (
        "更换发布方密钥 {about} → {id}",
        "publisher key {about} became {id}",
    ),
    "PublisherRevoked": ("撤销发布方密钥 {id}：{code}", "publisher key {id} was revoked: {code}"),
    "VaultRegistered": ("登记保管库 {id}", "vault {id} was registered"),
    "VaultRevoked": ("撤销保管库 {id}：{code}", "vault {id} was revoked: {code}"),
    "CodesLoaded": (
        "载入代码表 {id} {about} 第 {units} 块",
        "part {units} of table {id} {about} was loaded",
    ),
    "OrganisationRegistered": (
        "登记机构 {id}（{code}），上级 {counterparty}",
        "organisation {id} ({code}) was registered below {counterparty}",
    ),
    "OrganisationMoved": ("机构 {id} 改隶 {counterparty}", "{id} moved below {counterparty}"),
    "OrganisationClosed": ("撤销机构 {id}", "organisation {id} was closed"),
    "FundOpened": (
        "设立资金 {fund}（{code}），归口 {counterparty}",
        "fund {fund} ({code}) of {counterparty} was opened",
    ),
    "GrantReceived": (
        "{organisation} 收到资金 {amount} 元，入 {fund}",
        "{organisation} received {amount} yuan for {fund}",
    ),
    "GrantWithdrawn": (
        "{organisation} 退回来源 {amount} 元，出 {fund}",
        "{organisation} gave {amount} yuan of {fund} back to its source",
    ),
    "PolicyAdopted": (
        "{counterparty} 制定政策 {id}（{code}）",
        "{counterparty} adopted policy {id} ({code})",
    ),
    "YearClosed": ("{counterparty} 年结 {units} 年度", "{units} was closed for {counterparty}"),
    "AllocationIssued": (
        "{organisation} 向 {counterparty} 下拨 {amount} 元（{code}），{fund}",
        "{organisation} allocated {amount} yuan of {fund} to {counterparty} ({code})",
    ),
    "AllocationConfirmed": (
        "{organisation} 确认收到 {counterparty} 的下拨 {id}",
        "{organisation} confirmed allocation {id} from {counterparty}",
    ),
    "AllocationReturned": (
        "{organisation} 向 {counterparty} 退回 {amount} 元，{fund}",
        "{organisation} returned {amount} yuan of {fund} to {counterparty}",
    ),
    "RosterSubmitted": (
        "{organisation} 提交名册 {id}：{units} 人 {amount} 元，{fund}",
        "{organisation} submitted roster {id}: {units} payments, {amount} yuan of {fund}",
    ),
    "RosterApproved": (
        "名册 {id} 批准：{units} 笔 {amount} 元",
        "roster {id} was approved: {units} payments, {amount} yuan",
    ),
    "RosterRejected": (
        "名册 {id} 退回（{code}）：{units} 笔 {amount} 元",
        "roster {id} was rejected ({code}): {units} payments, {amount} yuan",
    ),
    "VisitMade": (
        "{organisation} 走访（{code}），走访人 {actor}",
        "{organisation} made a visit ({code}), recorded by {actor}",
    ),
    "PaymentMade": (
        "{organisation} 向 {person} 发放 {amount} 元（{code}），{fund}",
        "{organisation} paid {amount} yuan of {fund} to {person} ({code})",
    ),
    "PaymentSettled": (
        "发放 {id} 确认到手（{code}）：{amount} 元",
        "payment {id} was settled ({code}): {amount} yuan",
    ),
    "PaymentBounced": (
        "发放 {id} 退票（{code}）：{amount} 元",
        "payment {id} bounced ({code}): {amount} yuan",
    ),
    "PaymentReversed": (
        "发放 {id} 冲正（{code}）：{amount} 元",
        "payment {id} was reversed ({code}): {amount} yuan",
    ),
    "StatementRecorded": (
        "{organisation} 公布项目 {code} 的数据，支出 {amount} 元",
        "{organisation} published figures of {code}, uses {amount} yuan",
    ),
    "PersonErased": ("删除 {person} 的身份：{code}", "the identity of {person} was erased: {code}"),
    "PersonsLinked": ("{person} 与 {about} 是同一人", "{person} and {about} are one person"),
    "IdentitiesRead": (
        "{organisation} 的 {actor} 查看身份（{code}），依据 {document}",
        "{actor} of {organisation} read identities ({code}), case {document}",
    ),
    "SubmissionRefused": (
        "拒绝 {organisation} 的 {about}：{code}",
        "{about} of {organisation} was refused: {code}",
    ),
    "SubmissionRepeated": (
        "重复提交，见原事件",
        "the same submission again; see the original",
    ),
}
"""By kind of event."""


def in_words(step: Step, lang: str, *, names: Mapping[str, str], yuan: Callable[[int], str]) -> str:
    """The event as a sentence; *names* of organisations by code, *yuan* writes fen."""
    english = lang == "en"
    code = step.code or ""
    values = {
        "organisation": _named(step.organisation, names),
        "counterparty": _named(step.counterparty, names),
        "fund": step.fund or "–",
        "person": step.person or "–",
        "id": step.id or "–",
        "about": step.about or "–",
        "units": "–" if step.units is None else str(step.units),
        "amount": "–" if step.amount_fen is None else yuan(step.amount_fen),
        "code": NAMES[code][english] if code in NAMES else code or "–",
        "document": step.document or "–",
        "actor": step.actor or "–",
    }
    return SENTENCES[step.kind][english].format_map(values)


def _named(code: str | None, names: Mapping[str, str]) -> str:
    if code is None:
        return "–"
    name = names.get(code)
    return code if name is None else f"{name} {code}"
