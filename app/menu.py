"""
The commands by name: where each is written, and what the list of commands says of it.

A module of app/commands is loaded when one of its commands is asked for, so that no command, and
no page of help, waits for what another one needs.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from app.help_texts import translate
from app.output import Lang


class Entry(NamedTuple):
    """One line of the list."""

    module: str
    """In app/commands; its ``register(app)`` adds the command."""
    help: str
    """The first sentence of the command's own help, ``中文 | English``."""


MENU: Final[Mapping[str, Entry]] = {
    "balance": Entry("balance", "各机构各资金的余额 | What each organisation holds of each fund"),
    "conserve": Entry(
        "balance", "核对每项资金分文不差 | Check that no fen of any fund appeared or vanished"
    ),
    "checkpoint": Entry(
        "checkpoint", "为总账签发校验点,持续运行 | Sign checkpoints of the log, until stopped"
    ),
    "config": Entry("config", "显示全部设置，口令已遮盖 | Show every setting, secrets masked"),
    "coverage": Entry(
        "coverage", "覆盖面 | Persons and sums by organisation, category, tier, occasion, month"
    ),
    "demo": Entry(
        "demo", "演示:从名册到分文 | The main job on a sample: from a roster to a traced fen"
    ),
    "diff": Entry(
        "diff",
        "两个时点之间变了什么:余额、发放,及造成变化的事件 | What changed between two points: balances, payments, and the events that did it",
    ),
    "erase": Entry(
        "erase",
        "删除一个人的身份 | Erase a person's identity: retention is checked, the erasure recorded, then the key destroyed",
    ),
    "key": Entry("keys", "签名密钥 | Signing keys"),
    "publisher": Entry("keys", "发布方 | Publishers"),
    "init": Entry(
        "ledger",
        "开账:建主题、密钥、保管库,登记模式与区划 | Open a ledger: topics, keys, vault, schemas",
    ),
    "admit": Entry("ledger", "裁决提交,持续运行 | Decide what is submitted, until stopped"),
    "log": Entry("log", "总账本身:复制、摘要、查看 | The log itself: copy, digest, show"),
    "payments": Entry("payments", "实名发放清单 | List real-name payments"),
    "visits": Entry("payments", "走访清单及当次发放 | List visits and what was paid at each"),
    "project": Entry(
        "project", "把总账投影为读模型，持续运行 | Keep the read models up to date with the log"
    ),
    "prove": Entry("prove", "余额证明:hengwen prove balance | Proofs of balances"),
    "publish": Entry(
        "publish", "发布文件中的提交:密封身份、签名、追加 | Publish a file: seal, sign, append"
    ),
    "read": Entry(
        "readings",
        "查看身份明文 | Show plain identities: recorded first (who, when, why, which case), refused means nothing is shown",
    ),
    "readings": Entry(
        "readings",
        "身份明文的查看记录:谁、何时、为何、案号、多少人 | Who read plain identities, when, why, for which case, how many",
    ),
    "rebuild": Entry(
        "rebuild",
        "从总账重建读模型，建成后一次换上 | Build read models anew from the log, then swap",
    ),
    "receipt": Entry(
        "receipt", "发放凭证:hengwen receipt 发放编号 | Receipts: hengwen receipt PAYMENT"
    ),
    "replay": Entry(
        "replay",
        "重建过去某一时点的读模型,与现在的并存 | Build the read models of a past point beside today's: what was known then, by the order of recording",
    ),
    "roster": Entry(
        "roster", "实名发放名册:模板、检查、导入 | Real-name rosters: template, check, import"
    ),
    "rosters": Entry(
        "rosters",
        "名册清单；指定一份时列出被拒绝的行 | List rosters; of one roster, its refused rows",
    ),
    "refusals": Entry("rosters", "被拒绝的提交与原因 | List refused submissions and why"),
    "rules": Entry(
        "rules",
        "本程序有哪些版规则、锁定摘要、现行哪一版 | The versions of the rules, their lock digests",
    ),
    "seal": Entry(
        "seal", "密封文件中的身份,或启动密封服务 | Seal the identities in a file, or serve callers"
    ),
    "services": Entry(
        "services",
        "在本机启动 Kafka 与 PostgreSQL(开发用) | Run Kafka and PostgreSQL here, to develop",
    ),
    "sm2": Entry(
        "sm2",
        "国密 SM2 校验点密钥:校验点在 Ed25519 之外另加一行签名 | SM2 keys of checkpoints: one more signature beside Ed25519's",
    ),
    "reconcile-statement": Entry(
        "statement", "公布数据与自身、与总账是否相符 | Whether published figures agree with the log"
    ),
    "status": Entry(
        "status", "总账与读模型的进度、版本、落后多少 | How far the log and the read models are"
    ),
    "trace": Entry("trace", "追溯资金，精确到分 | Trace money, to the fen"),
    "trail": Entry(
        "trail",
        "一个对象的全部事项，用文字写出 | Everything that happened to one subject, in words",
    ),
    "vault": Entry("vault", "身份保管库:姓名的唯一记录 | The vault: the only record of names"),
    "export-evidence": Entry(
        "verify", "导出证据包,供离线审计 | Export an evidence pack for auditors"
    ),
    "verify": Entry(
        "verify",
        "离线核验证据包或总账 | Verify an evidence pack or a log; needs no database, no keys",
    ),
    "witness": Entry("witness", "见证他人的总账:只为前后一致的校验点副署 | Witness another's log"),
}


class Menu(TyperGroup):
    """The group of all commands; until a command is loaded, its line in the list stands for it."""

    lang: Lang | None = None
    """The language of help texts; None: both."""
    before: Callable[[typer.Context], None] | None = None
    """What happens before any command runs."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, entry in MENU.items():
            self.commands[name] = TyperCommand(name, help=entry.help)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # typer does not export its types
        """Load the command that is asked for."""
        if args[0] in MENU:
            self.load(args[0])
        return super().resolve_command(ctx, args)

    def load(self, name: str) -> None:
        """Put a command in the place of its line."""
        app = typer.Typer()
        import_module(f"app.commands.{MENU[name].module}").register(app)
        command = typer.main.get_group(app).commands[name]
        if self.lang is not None:
            translate(command, self.lang)
        if self.before is not None:
            _prepare(command, self.before)
        self.commands[name] = command


def _prepare(command: Any, before: Callable[[typer.Context], None]) -> None:  # as above
    """Have something happen before a command runs, or one below it: once, and for no page of help."""
    for child in getattr(command, "commands", {}).values():
        _prepare(child, before)
    if getattr(command, "commands", {}) and not command.invoke_without_command:
        return
    invoke = command.invoke

    def prepared(context: typer.Context) -> Any:
        if context.obj is None:
            before(context)
        return invoke(context)

    command.invoke = prepared
