"""The README of a pack: what an auditor needs who has nothing but the folder."""

from typing import Final

from evidence.pack_layout import Manifest

TEXT: Final = """\
# 证据包 · evidence pack

来源 origin: `{origin}`
位置 positions: {first} – {last} / {size}{part_zh}
树根 root (SHA-256, RFC 6962): `{root}`

## 中文

1. **先核对公钥**:校验点的公钥应来自公开渠道,不取自本文件夹。
2. 用 `hengwen verify 本文件夹 --checkpoint-key 公钥文本` 核验:文件、位置连续、默克尔树与签名、
   流的链、模式指纹、每笔资金守恒、每一分的去处,并按当时的规则**重新裁决**每一笔提交,逐字节比较。
   不需要运营方的服务器、数据库或任何密钥。手上有较早的校验点时,加 `--known-checkpoint 文件`,
   可发现"换掉尾部再用被盗密钥重签"。
3. 不用我们的程序也能读:`*.avro` 是标准 Avro 容器文件,`value` 是原始字节
   (`C3 01`、8 字节 CRC-64-AVRO 指纹、正文),模式在 `schemas/`。
   `docs/thirty_years.md` 有一个不到 200 行、只依赖标准库与 fastavro 的读取程序。
4. `books/` 是给审计工具的科目、科目余额、凭证、辅助核算(csv、xlsx、xml,或 parquet),
   要素名称与布局仿照 GB/T 24589;控制总数见 `manifest.json` 的 `totals`,金额单位为分。
5. 部分包(一个机构,或一段位置)里每条事件仍与已签的树核对,所属各流的链到末条为止不缺。
   机构包若附 `organisation-proofs.json`,至签发余额的序号为止,登记和各机构的事件一条不缺可以核验;
   没有签过的尾部、从中间开始的包,以核验清单上的"–"为准。
6. 包内没有姓名、证件号、电话和银行卡:人员是代码,身份是密文。请按内部审计资料保管。

## English

1. **Check the public key first**: take it from where it is published, not from this folder.
2. `hengwen verify THIS-FOLDER --checkpoint-key VKEY` checks files, dense positions, Merkle tree
   and signature, stream chains, schema fingerprints, conservation of every fund, the place of
   every fen, and **decides every submission again** under the rules then in force, comparing byte
   for byte. It needs no server, database or key of the operator. With an earlier checkpoint of your
   own, `--known-checkpoint FILE` shows a tail that was replaced and signed again.
3. Readable without our program: `*.avro` are plain Avro container files; `value` holds the bytes as
   stored (`C3 01`, 8 bytes CRC-64-AVRO fingerprint, body), their schemas are in `schemas/`.
   `docs/thirty_years.md` explains a reader of under 200 lines.
4. `books/` holds subjects, balances, vouchers and dimensions for audit tools (csv, xlsx, xml, or
   parquet), in the manner of GB/T 24589; control totals are in `manifest.json` under `totals`, in fen.
5. In a part (one organisation, or a stretch) every event is still checked against the signed tree, and
   chains have no gap up to their last event here. With `organisation-proofs.json`, that nothing of the
   registry and of these organisations is missing is checked up to the balances it was signed with; of
   what lies behind them, and of a pack that begins in the middle, the list of checks says "–".
6. There is no name, document number, phone or card in here: persons are codes, identities sealed.
"""
PART_ZH: Final = " (部分 partial: {organisation})"


def readme(manifest: Manifest) -> str:
    """The README of the pack with this manifest."""
    scope = manifest.scope
    part = "" if manifest.complete else PART_ZH.format(organisation=scope.organisation or "–")
    return TEXT.format(
        origin=manifest.origin, first=scope.first, last=scope.last, size=manifest.size,
        root=manifest.root, part_zh=part,
    )  # fmt: skip
