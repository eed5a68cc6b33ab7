"""Events: verdicts on submissions, in the past tense. Fields and order are those of the schema of the same name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.parts import Cap, CodeEntry, Interval, Key, LeftOut, Occasion, Reason, StatementItem
from domain.units import Day, Fen, Micros, Position


@dataclass(slots=True, kw_only=True)
class Event:
    """What every event carries. 事件."""

    TOPIC: ClassVar[str]

    submission_id: str | None
    submission_digest: bytes
    proof_digest: bytes | None
    stream: str
    version: int
    previous: bytes | None
    organisation: str | None
    occurred_on: Day | None
    recorded_at: Micros
    source: str | None
    actor: str | None
    policy_version: str | None
    rules: int


@dataclass(slots=True, kw_only=True)
class Incoming(Event):
    """An event that puts fen on another account, a link in that account's receiving chain. 入账事件."""

    in_stream: str
    in_version: int
    in_previous: bytes | None


@dataclass(slots=True, kw_only=True)
class LogOpened(Event):
    """Opens the log of one ledger. 开账."""

    TOPIC: ClassVar[str] = "hengwen.LogOpened"

    log: str
    origin: str
    nonce: bytes
    suite: str
    operator_keys: Sequence[Key]
    checkpoint_keys: Sequence[Key]
    first_rules: int
    lock_digest: bytes


@dataclass(slots=True, kw_only=True)
class RulesAdopted(Event):
    """Puts a version of the rules in force from the next submission on. 启用规则版本."""

    TOPIC: ClassVar[str] = "hengwen.RulesAdopted"

    adopted: int
    lock_digest: bytes


@dataclass(slots=True, kw_only=True)
class SchemaRegistered(Event):
    """Writes the full text of a schema into the log. 登记模式."""

    TOPIC: ClassVar[str] = "hengwen.SchemaRegistered"

    schema: str
    fingerprint: bytes
    text_digest: bytes
    text: str


@dataclass(slots=True, kw_only=True)
class OperatorKeyRotated(Event):
    """Replaces an operator key. 更换运营方密钥."""

    TOPIC: ClassVar[str] = "hengwen.OperatorKeyRotated"

    old_key: str
    new_key: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class CheckpointKeyRotated(Event):
    """Replaces a checkpoint key. 更换校验点密钥."""

    TOPIC: ClassVar[str] = "hengwen.CheckpointKeyRotated"

    old_key: str
    new_key: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class SubmissionRedacted(Event):
    """The content of an earlier submission is left out of every copy from now on. 隐去提交内容."""

    TOPIC: ClassVar[str] = "hengwen.SubmissionRedacted"

    original_position: Position
    original_digest: bytes
    reason_code: str


@dataclass(slots=True, kw_only=True)
class PublisherRegistered(Event):
    """Binds a key to a source system, a subtree of organisations and kinds of submission. 登记发布方."""

    TOPIC: ClassVar[str] = "hengwen.PublisherRegistered"

    key: str
    public_key: bytes
    publisher_source: str
    subtree: str
    kinds: Sequence[str]


@dataclass(slots=True, kw_only=True)
class PublisherKeyRotated(Event):
    """Replaces a publisher's key; source, subtree and kinds stay. 更换发布方密钥."""

    TOPIC: ClassVar[str] = "hengwen.PublisherKeyRotated"

    old_key: str
    new_key: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class PublisherRevoked(Event):
    """Ends a publisher's key for everything ordered later. 撤销发布方."""

    TOPIC: ClassVar[str] = "hengwen.PublisherRevoked"

    key: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class VaultRegistered(Event):
    """Names the vault whose attestations count. 登记保管库."""

    TOPIC: ClassVar[str] = "hengwen.VaultRegistered"

    vault: str
    public_key: bytes


@dataclass(slots=True, kw_only=True)
class VaultRevoked(Event):
    """Ends a vault. 撤销保管库."""

    TOPIC: ClassVar[str] = "hengwen.VaultRevoked"

    vault: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class CodesLoaded(Event):
    """One chunk of a table of codes; no effect before the last chunk matches. 载入代码表."""

    TOPIC: ClassVar[str] = "hengwen.CodesLoaded"

    table: str
    edition: str
    chunk: int
    chunks: int
    table_digest: bytes
    entries: Sequence[CodeEntry]


@dataclass(slots=True, kw_only=True)
class OrganisationRegistered(Event):
    """Registers a union organisation. 登记机构."""

    TOPIC: ClassVar[str] = "hengwen.OrganisationRegistered"

    code: str
    parent: str | None
    name: str
    level: str
    division: str | None
    uscc: str | None


@dataclass(slots=True, kw_only=True)
class OrganisationMoved(Event):
    """Gives an organisation another parent. 调整隶属."""

    TOPIC: ClassVar[str] = "hengwen.OrganisationMoved"

    code: str
    parent: str


@dataclass(slots=True, kw_only=True)
class OrganisationClosed(Event):
    """Closes an organisation: it receives and pays nothing new. 撤销机构."""

    TOPIC: ClassVar[str] = "hengwen.OrganisationClosed"

    code: str


@dataclass(slots=True, kw_only=True)
class FundOpened(Event):
    """Opens a fund with its restriction and ceiling. 设立资金."""

    TOPIC: ClassVar[str] = "hengwen.FundOpened"

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
class GrantReceived(Event):
    """Money came into a fund: a new lot of its owner. 资金到账."""

    TOPIC: ClassVar[str] = "hengwen.GrantReceived"

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
class GrantWithdrawn(Event):
    """Takes back the owner's last free fen of a grant. 退回到账资金."""

    TOPIC: ClassVar[str] = "hengwen.GrantWithdrawn"

    withdrawal: str
    fund: str
    grant: str
    amount_fen: Fen
    document: str | None
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class PolicyAdopted(Event):
    """Puts a policy in force for an organisation and all below it. 制定政策."""

    TOPIC: ClassVar[str] = "hengwen.PolicyAdopted"

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
class YearClosed(Event):
    """Closes a calendar year for an organisation and all below it. 年结."""

    TOPIC: ClassVar[str] = "hengwen.YearClosed"

    subtree: str
    year: int


@dataclass(slots=True, kw_only=True)
class AllocationIssued(Incoming):
    """Moves fen to a child organisation, where they form a new lot. 下拨."""

    TOPIC: ClassVar[str] = "hengwen.AllocationIssued"

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
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class AllocationConfirmed(Event):
    """The child confirms arrival. 确认到账."""

    TOPIC: ClassVar[str] = "hengwen.AllocationConfirmed"

    issuer: str
    allocation: str
    fund: str


@dataclass(slots=True, kw_only=True)
class AllocationReturned(Incoming):
    """The child gives back the last free fen of an allocation. 退回下拨."""

    TOPIC: ClassVar[str] = "hengwen.AllocationReturned"

    returned: str
    issuer: str
    allocation: str
    fund: str
    amount_fen: Fen
    document: str | None
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class RosterSubmitted(Event):
    """Announces a roster of payments of one account. 提交名册."""

    TOPIC: ClassVar[str] = "hengwen.RosterSubmitted"

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
class RosterApproved(Event):
    """Orders the reserved payments of a roster. 批准名册."""

    TOPIC: ClassVar[str] = "hengwen.RosterApproved"

    roster: str
    count: int
    amount_fen: Fen
    approval_document: str | None
    fund: str


@dataclass(slots=True, kw_only=True)
class RosterRejected(Incoming):
    """Releases all payments of a roster. 退回名册."""

    TOPIC: ClassVar[str] = "hengwen.RosterRejected"

    roster: str
    reason_code: str
    fund: str
    count: int
    amount_fen: Fen


@dataclass(slots=True, kw_only=True)
class VisitMade(Event):
    """A visit to a worker. 走访."""

    TOPIC: ClassVar[str] = "hengwen.VisitMade"

    visit: str
    occasion: str
    visitors: Sequence[str]
    person: str | None
    work_region: str | None
    document: str | None


@dataclass(slots=True, kw_only=True)
class PaymentMade(Event):
    """A real-name payment. 实名发放."""

    TOPIC: ClassVar[str] = "hengwen.PaymentMade"

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
    vault: str
    vault_sequence: int
    ordered: bool
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class PaymentSettled(Event):
    """The recipient has the money. 确认发放."""

    TOPIC: ClassVar[str] = "hengwen.PaymentSettled"

    payment: str
    fund: str
    means: str
    document: str | None
    payment_position: Position
    amount_fen: Fen
    was: str
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class PaymentBounced(Event):
    """The bank returned the payment. 退票."""

    TOPIC: ClassVar[str] = "hengwen.PaymentBounced"

    payment: str
    fund: str
    reason_code: str
    document: str | None
    payment_position: Position
    amount_fen: Fen
    was: str
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class PaymentReversed(Event):
    """The payment is undone and its fen return. 冲正."""

    TOPIC: ClassVar[str] = "hengwen.PaymentReversed"

    payment: str
    fund: str
    reason_code: str
    document: str | None
    payment_position: Position
    amount_fen: Fen
    was: str
    draws: Sequence[Interval]


@dataclass(slots=True, kw_only=True)
class StatementRecorded(Event):
    """Published figures of a programme. 公布数据."""

    TOPIC: ClassVar[str] = "hengwen.StatementRecorded"

    statement: str
    programme: str
    as_of: Day
    stated_sources_fen: Fen
    stated_uses_fen: Fen
    items: Sequence[StatementItem]
    document: str | None


@dataclass(slots=True, kw_only=True)
class PersonErased(Event):
    """A person's key was destroyed. 删除个人身份."""

    TOPIC: ClassVar[str] = "hengwen.PersonErased"

    person: str
    reason_code: str


@dataclass(slots=True, kw_only=True)
class PersonsLinked(Event):
    """Two vault ids are one person; totals follow the union. 归并."""

    TOPIC: ClassVar[str] = "hengwen.PersonsLinked"

    person: str
    other: str
    document: str | None


@dataclass(slots=True, kw_only=True)
class IdentitiesRead(Event):
    """Plain identities are about to be shown. 查看身份."""

    TOPIC: ClassVar[str] = "hengwen.IdentitiesRead"

    reading: str
    persons: Sequence[str]
    purpose: str
    case: str


@dataclass(slots=True, kw_only=True)
class SubmissionRefused(Event):
    """A submission was refused. 拒绝."""

    TOPIC: ClassVar[str] = "hengwen.SubmissionRefused"

    kind: str | None
    business_id: str | None
    value_size: int
    original_position: Position | None
    roster: str | None
    roster_row: int | None
    reasons: Sequence[Reason]


@dataclass(slots=True, kw_only=True)
class SubmissionRepeated(Event):
    """The same submission again: see the original. 重复提交."""

    TOPIC: ClassVar[str] = "hengwen.SubmissionRepeated"

    original_position: Position


EVENTS: tuple[type[Event], ...] = (
    LogOpened,
    RulesAdopted,
    SchemaRegistered,
    OperatorKeyRotated,
    CheckpointKeyRotated,
    SubmissionRedacted,
    PublisherRegistered,
    PublisherKeyRotated,
    PublisherRevoked,
    VaultRegistered,
    VaultRevoked,
    CodesLoaded,
    OrganisationRegistered,
    OrganisationMoved,
    OrganisationClosed,
    FundOpened,
    GrantReceived,
    GrantWithdrawn,
    PolicyAdopted,
    YearClosed,
    AllocationIssued,
    AllocationConfirmed,
    AllocationReturned,
    RosterSubmitted,
    RosterApproved,
    RosterRejected,
    VisitMade,
    PaymentMade,
    PaymentSettled,
    PaymentBounced,
    PaymentReversed,
    StatementRecorded,
    PersonErased,
    PersonsLinked,
    IdentitiesRead,
    SubmissionRefused,
    SubmissionRepeated,
)
"""All kinds of event."""
