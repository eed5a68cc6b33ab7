"""What the checks of a verification are called, and what each of them shows, in both languages."""

from typing import Final

from app.problems import Words
from evidence import verify_checks as v

NAMES: Final[dict[str, Words]] = {
    v.FILES: Words("文件与清单相符", "files are those of the manifest"),
    v.DERIVED: Words("其余文件与事件相符", "all else is what the events give"),
    v.POSITIONS: Words("序号连续", "positions are dense"),
    v.SIGNATURE: Words("校验点签名", "checkpoint is signed"),
    v.SM2: Words("校验点另有 SM2 签名", "checkpoint is signed by SM2 as well"),
    v.TREE: Words("字节与已签的树相符", "bytes are those of the signed tree"),
    v.TILES: Words("哈希瓦片", "hash tiles"),
    v.CHECKPOINTS: Words("历次校验点同属一部历史", "all checkpoints are of one history"),
    v.KNOWN: Words("与您持有的校验点相符", "agrees with the checkpoint you hold"),
    v.WITNESSES: Words("见证方副署", "cosigned by witnesses"),
    v.READABLE: Words("每条事件可读且规范", "every event is readable, in canonical form"),
    v.TIMES: Words("入账时间不倒退", "recorded times never fall"),
    v.CHAINS: Words("各流的链完整", "chains of all streams are whole"),
    v.REGISTRY: Words("登记齐全", "the registry is whole"),
    v.SCHEMAS: Words("模式指纹与登记相符", "schema fingerprints are those registered"),
    v.CONSERVATION: Words("每步之后资金守恒", "every fund is conserved after every event"),
    v.LOTS: Words("每一分同时只在一处", "every fen is in one place at a time"),
    v.BALANCES: Words("已签余额与事件相符", "signed balances are what the events give"),
    v.ACCOUNTS: Words(
        "所见各账户的末条事件在包内", "the last event of each account named here is here"
    ),
    v.RECORDS: Words("所含各机构的事件一条不缺", "nothing of the organisations here was left out"),
    v.SUBMISSIONS: Words("提交与裁决的摘要相符", "digests of submissions are in their verdicts"),
    v.SIGNERS: Words("每份提交由当时有权的密钥签名", "each was signed by a key that might send it"),
    v.DECISIONS: Words("重新裁决,逐字节相同", "decided again, byte for byte"),
    v.REDACTIONS: Words("隐去的内容均有记录", "what is left out is recorded"),
    v.READ_MODELS: Words("读模型等于重新投影", "read models equal a fresh projection"),
}
AUTHENTIC = Words("真实", "authentic")
WHOLE = Words("完整", "complete")
USABLE = Words("可用", "usable")
NATURES: Final[dict[str, Words]] = {
    v.FILES: WHOLE, v.DERIVED: AUTHENTIC, v.POSITIONS: WHOLE, v.SIGNATURE: AUTHENTIC, v.SM2: AUTHENTIC, v.TREE: AUTHENTIC,
    v.TILES: WHOLE, v.CHECKPOINTS: AUTHENTIC, v.KNOWN: AUTHENTIC, v.WITNESSES: AUTHENTIC, v.READABLE: USABLE,
    v.TIMES: AUTHENTIC, v.CHAINS: WHOLE, v.REGISTRY: WHOLE, v.SCHEMAS: USABLE, v.CONSERVATION: AUTHENTIC,
    v.LOTS: AUTHENTIC, v.BALANCES: AUTHENTIC, v.ACCOUNTS: WHOLE, v.RECORDS: WHOLE, v.SUBMISSIONS: AUTHENTIC, v.SIGNERS: AUTHENTIC, v.DECISIONS: AUTHENTIC,
    v.REDACTIONS: WHOLE, v.READ_MODELS: USABLE,
}  # fmt: skip
"""Which of the natures of an electronic accounting archive (in the manner of DA/T 94) a check shows."""
MARKS: Final = {v.OK: "✔", v.FAILED: "✘", v.NOT_CHECKED: "–"}
