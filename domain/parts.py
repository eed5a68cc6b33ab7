"""Parts of records: nested values that several submissions and events carry."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.units import Day, Fen, Position


class Interval(NamedTuple):
    """Consecutive numbered fen of one lot. 某一批次内连续编号的分."""

    lot: Position
    at: int
    fen: Fen


class Figure(NamedTuple):
    """One figure of a refusal. 拒绝理由中的一个数据."""

    name: str
    value: str


class Reason(NamedTuple):
    """Why a submission was refused. 拒绝理由."""

    code: str
    figures: Sequence[Figure]


class Key(NamedTuple):
    """A public key and its id. 公钥."""

    key: str
    public_key: bytes


class CodeEntry(NamedTuple):
    """One dated code. 一条有有效期的代码."""

    code: str
    name: str
    valid_from: Day
    valid_to: Day | None


class Cap(NamedTuple):
    """Highest amounts in one tier. 某一梯度的标准上限."""

    tier: str
    per_payment_fen: Fen
    per_year_fen: Fen


class Occasion(NamedTuple):
    """An occasion on which payments are made. 走访慰问节点."""

    code: str
    once: bool


class LeftOut(NamedTuple):
    """A roster row that was left out on purpose. 未入账的行."""

    row: int
    code: str


class StatementItem(NamedTuple):
    """A line of a published statement. 公布数据的一行."""

    side: str
    code: str
    units: int | None
    unit_fen: Fen | None
    amount_fen: Fen


class Attestation(NamedTuple):
    """A vault's statement that the real-name checks of one sealed field passed. 保管库实名核验证明."""

    field: str
    vault: str
    sequence: int
    checks: int
    signature: bytes
    size: int
    index: int  # type: ignore[assignment]  # the record's field, not tuple.index
    path: Sequence[bytes]
