"""Submissions: what publishers ask for, in the imperative. Fields and order are those of the schema of the same name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from domain.parts import Cap, CodeEntry, Key, LeftOut, Occasion, StatementItem
from domain.units import Day, Fen, Position

SUBMISSION_BYTES_MAX: Final = 32_768
"""Largest value of a submission."""


@dataclass(slots=True, kw_only=True)
class Submission:
    """What every submission carries. 提交."""

    TOPIC: ClassVar[str]

    submission_id: str
    organisation: str
    occurred_on: Day
    actor: str | None


@dataclass(slots=True, kw_only=True)
class OpenLog(Submission):
    """Opens the log of one ledger. 开账."""

    TOPIC: ClassVar[str] = "hengwen.OpenLog"

    log: str
    origin: str
    nonce: bytes
    suite: str
    operator_keys: Sequence[Key]
    checkpoint_keys: Sequence[Key]
    first_rules: int
    lock_digest: bytes


@dataclass(slots=True, kw_only=True)
class AdoptRules(Submission):
    """Puts a version of the rules in force from the next submission on. 启用规则版本."""

    TOPIC: ClassVar[str] = "hengwen.AdoptRules"

    adopted: int
    lock_digest: bytes


@dataclass(slots=True, kw_only=True)
class RegisterSchema(Submission):
    """Writes the full text of a schema into the log. 登记模式."""

    TOPIC: ClassVar[str] = "hengwen.RegisterSchema"

    schema: str
    fingerprint: bytes
    text_digest: bytes
    text: str


@dataclass(slots=True, kw_only=True)
class RotateOperatorKey(Submission):
    """Replaces an operator key. 更换运营方密钥."""

    TOPIC: ClassVar[str] = "hengwen.RotateOperatorKey"

    old_key: str
    new_key: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class RotateCheckpointKey(Submission):
    """Replaces a checkpoint key. 更换校验点密钥."""

    TOPIC: ClassVar[str] = "hengwen.RotateCheckpointKey"

    old_key: str
    new_key: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class RedactSubmission(Submission):
    """The content of an earlier submission is left out of every copy from now on. 隐去提交内容."""

    TOPIC: ClassVar[str] = "hengwen.RedactSubmission"

    original_position: Position
    original_digest: bytes
    reason_code: str


@dataclass(slots=True, kw_only=True)
class RegisterPublisher(Submission):
    """Binds a key to a source system, a subtree of organisations and kinds of submission. 登记发布方."""

    TOPIC: ClassVar[str] = "hengwen.RegisterPublisher"

    key: str
    public_key: bytes
    publisher_source: str
    subtree: str
    kinds: Sequence[str]


@dataclass(slots=True, kw_only=True)
class RotatePublisherKey(Submission):
    """Replaces a publisher's key; source, subtree and kinds stay. 更换发布方密钥."""

    TOPIC: ClassVar[str] = "hengwen.RotatePublisherKey"

    old_key: str
    new_key: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class RevokePublisher(Submission):
    """Ends a publisher's key for everything ordered later. 撤销发布方."""

    TOPIC: ClassVar[str] = "hengwen.RevokePublisher"

    key: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class RegisterVault(Submission):
    """Names the vault whose attestations count. 登记保管库."""

    TOPIC: ClassVar[str] = "hengwen.RegisterVault"

    vault: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class RevokeVault(Submission):
    """Ends a vault. 撤销保管库."""

    TOPIC: ClassVar[str] = "hengwen.RevokeVault"

    vault: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class LoadCodes(Submission):
    """One chunk of a table of codes; no effect before the last chunk matches. 载入代码表."""

    TOPIC: ClassVar[str] = "hengwen.LoadCodes"

    table: str
    edition: str
    chunk: int
    chunks: int
    table_digest: bytes
    entries: Sequence[CodeEntry]


@dataclass(slots=True, kw_only=True)
class RegisterOrganisation(Submission):
    """Registers a union organisation. 登记机构."""

    TOPIC: ClassVar[str] = "hengwen.RegisterOrganisation"

    code: str
    parent: str | None
    name: str
    level: str
    division: str | None
    uscc: str | None


@dataclass(slots=True, kw_only=True)
class MoveOrganisation(Submission):
    """Gives an organisation another parent. 调整隶属."""

    TOPIC: ClassVar[str] = "hengwen.MoveOrganisation"

    code: str
    parent: str


@dataclass(slots=True, kw_only=True)
class CloseOrganisation(Submission):
    """Closes an organisation: it receives and pays nothing new. 撤销机构."""

    TOPIC: ClassVar[str] = "hengwen.CloseOrganisation"

    code: str


@dataclass(slots=True, kw_only=True)
class OpenFund(Submission):
    """Opens a fund with its restriction and ceiling. 设立资金."""

    TOPIC: ClassVar[str] = "hengwen.OpenFund"

    fund: str
    fund_source: str
    owner: str
    ceiling_fen: Fen | None
    regions: Sequence[str]
    categories: Sequence[str]
    tiers: Sequence[str]
    occasions: Sequence[str]
    usable_from: Day | None
    usable_to: Day | None


@dataclass(slots=True, kw_only=True)
class RecordGrant(Submission):
    """Money came into a fund: a new lot of its owner. 资金到账."""

    TOPIC: ClassVar[str] = "hengwen.RecordGrant"

    grant: str
    fund: str
    amount_fen: Fen
    document: str | None
    programme: str | None
    regions: Sequence[str]
    categories: Sequence[str]
    tiers: Sequence[str]
    occasions: Sequence[str]
    usable_from: Day | None
    usable_to: Day | None


@dataclass(slots=True, kw_only=True)
class WithdrawGrant(Submission):
    """Takes back the owner's last free fen of a grant. 退回到账资金."""

    TOPIC: ClassVar[str] = "hengwen.WithdrawGrant"

    withdrawal: str
    fund: str
    grant: str
    amount_fen: Fen
    document: str | None


@dataclass(slots=True, kw_only=True)
class AdoptPolicy(Submission):
    """Puts a policy in force for an organisation and all below it. 制定政策."""

    TOPIC: ClassVar[str] = "hengwen.AdoptPolicy"

    policy: str
    union: str
    valid_from: Day
    valid_to: Day | None
    scheme: str
    categories: Sequence[str]
    caps: Sequence[Cap]
    occasions_ruled: Sequence[Occasion]
    roster_approval: bool
    confirm_arrival: bool
    visitors_min: int
    publicity_days: int


@dataclass(slots=True, kw_only=True)
class CloseYear(Submission):
    """Closes a calendar year for an organisation and all below it. 年结."""

    TOPIC: ClassVar[str] = "hengwen.CloseYear"

    subtree: str
    year: int


@dataclass(slots=True, kw_only=True)
class IssueAllocation(Submission):
    """Moves fen to a child organisation, where they form a new lot. 下拨."""

    TOPIC: ClassVar[str] = "hengwen.IssueAllocation"

    allocation: str
    fund: str
    child: str
    amount_fen: Fen
    allocation_kind: str
    approval_document: str
    regions: Sequence[str]
    categories: Sequence[str]
    tiers: Sequence[str]
    occasions: Sequence[str]
    usable_from: Day | None
    usable_to: Day | None


@dataclass(slots=True, kw_only=True)
class ConfirmAllocation(Submission):
    """The child confirms arrival. 确认到账."""

    TOPIC: ClassVar[str] = "hengwen.ConfirmAllocation"

    issuer: str
    allocation: str
    fund: str


@dataclass(slots=True, kw_only=True)
class ReturnAllocation(Submission):
    """The child gives back the last free fen of an allocation. 退回下拨."""

    TOPIC: ClassVar[str] = "hengwen.ReturnAllocation"

    returned: str
    issuer: str
    allocation: str
    fund: str
    amount_fen: Fen
    document: str | None


@dataclass(slots=True, kw_only=True)
class SubmitRoster(Submission):
    """Announces a roster of payments of one account. 提交名册."""

    TOPIC: ClassVar[str] = "hengwen.SubmitRoster"

    roster: str
    fund: str
    campaign: str
    occasion: str
    declared_count: int
    declared_fen: Fen
    payments_root: bytes
    reviewer: str | None
    unit_certificate: str | None
    file_tag: bytes | None
    left_out: Sequence[LeftOut]


@dataclass(slots=True, kw_only=True)
class ApproveRoster(Submission):
    """Orders the reserved payments of a roster. 批准名册."""

    TOPIC: ClassVar[str] = "hengwen.ApproveRoster"

    roster: str
    count: int
    amount_fen: Fen
    approval_document: str | None


@dataclass(slots=True, kw_only=True)
class RejectRoster(Submission):
    """Releases all payments of a roster. 退回名册."""

    TOPIC: ClassVar[str] = "hengwen.RejectRoster"

    roster: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class RecordVisit(Submission):
    """A visit to a worker. 走访."""

    TOPIC: ClassVar[str] = "hengwen.RecordVisit"

    visit: str
    occasion: str
    visitors: Sequence[str]
    person: str | None
    work_region: str | None
    document: str | None


@dataclass(slots=True, kw_only=True)
class MakePayment(Submission):
    """A real-name payment. 实名发放."""

    TOPIC: ClassVar[str] = "hengwen.MakePayment"

    payment: str
    fund: str
    person: str
    worker: str | None
    kinship: str | None
    card: str | None
    phone: str | None
    household: str | None
    scheme: str
    category: str
    tier: str
    occasion: str
    campaign: str
    form: str
    amount_fen: Fen
    goods: str | None
    goods_quantity: int | None
    work_region: str | None
    dossier: str | None
    evidence: str | None
    roster: str | None
    roster_row: int | None
    visit: str | None
    signed: bool
    proxy: str | None
    proxy_kinship: str | None
    proxy_document: str | None
    sealed: bytes
    sealed_worker: bytes | None


@dataclass(slots=True, kw_only=True)
class ConfirmPayment(Submission):
    """The recipient has the money. 确认发放."""

    TOPIC: ClassVar[str] = "hengwen.ConfirmPayment"

    payment: str
    fund: str
    means: str
    document: str | None


@dataclass(slots=True, kw_only=True)
class BouncePayment(Submission):
    """The bank returned the payment. 退票."""

    TOPIC: ClassVar[str] = "hengwen.BouncePayment"

    payment: str
    fund: str
    reason_code: str
    document: str | None


@dataclass(slots=True, kw_only=True)
class ReversePayment(Submission):
    """The payment is undone and its fen return. 冲正."""

    TOPIC: ClassVar[str] = "hengwen.ReversePayment"

    payment: str
    fund: str
    reason_code: str
    document: str | None


@dataclass(slots=True, kw_only=True)
class RecordStatement(Submission):
    """Published figures of a programme. 公布数据."""

    TOPIC: ClassVar[str] = "hengwen.RecordStatement"

    statement: str
    programme: str
    as_of: Day
    stated_sources_fen: Fen
    stated_uses_fen: Fen
    items: Sequence[StatementItem]
    document: str | None


@dataclass(slots=True, kw_only=True)
class ErasePerson(Submission):
    """A person's key was destroyed. 删除个人身份."""

    TOPIC: ClassVar[str] = "hengwen.ErasePerson"

    person: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class LinkPersons(Submission):
    """Two vault ids are one person; totals follow the union. 归并."""

    TOPIC: ClassVar[str] = "hengwen.LinkPersons"

    person: str
    other: str
    document: str | None


@dataclass(slots=True, kw_only=True)
class ReadIdentities(Submission):
    """Plain identities are about to be shown. 查看身份."""

    TOPIC: ClassVar[str] = "hengwen.ReadIdentities"

    reading: str
    persons: Sequence[str]
    purpose: str
    case: str


SUBMISSIONS: tuple[type[Submission], ...] = (
    OpenLog,
    AdoptRules,
    RegisterSchema,
    RotateOperatorKey,
    RotateCheckpointKey,
    RedactSubmission,
    RegisterPublisher,
    RotatePublisherKey,
    RevokePublisher,
    RegisterVault,
    RevokeVault,
    LoadCodes,
    RegisterOrganisation,
    MoveOrganisation,
    CloseOrganisation,
    OpenFund,
    RecordGrant,
    WithdrawGrant,
    AdoptPolicy,
    CloseYear,
    IssueAllocation,
    ConfirmAllocation,
    ReturnAllocation,
    SubmitRoster,
    ApproveRoster,
    RejectRoster,
    RecordVisit,
    MakePayment,
    ConfirmPayment,
    BouncePayment,
    ReversePayment,
    RecordStatement,
    ErasePerson,
    LinkPersons,
    ReadIdentities,
)
"""All kinds of submission."""
