"""``hengwen receipt``: prove to anyone that a payment is in the log."""

from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.output import Column, JsonOption, Kind, Output, cell
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from app.witness_options import QuorumOption, WitnessOption, demanded

RESULT = Column("result", Words("核验", "check"))
SM2 = Column("sm2", Words("SM2 签名", "SM2 signature"))
ORIGIN = Column("origin", Words("来源", "origin"))
POSITION = Column("position", Words("序号", "position"), Kind.COUNT)
SIZE = Column("size", Words("校验点大小", "size of the checkpoint"), Kind.COUNT)
TYPE = Column("type", Words("事件", "event"))
PAYMENT = Column("payment", Words("发放编号", "payment"))
ORGANISATION = Column("organisation", Words("机构", "organisation"))
AMOUNT = Column("amount_fen", Words("金额(元)", "amount (yuan)"), Kind.MONEY)
OCCURRED_ON = Column("occurred_on", Words("业务日期", "on"), Kind.DAY)
RECORDED_AT = Column("recorded_at", Words("入账时间", "recorded"), Kind.INSTANT)
RECEIPT = Column("receipt", Words("凭证", "receipt"))
FILE = Column("file", Words("凭证文件", "receipt file"))
FORM = Column("form", Words("打印件", "form to print"))
ISSUE = "payment"
"""The command that is meant if none is named."""
WHY = {
    "NOT_A_RECEIPT": Words("文件不是凭证,或已损坏", "the file is no receipt, or damaged"),
    "RECEIPT_TOO_LONG": Words("文件过大", "the file is too long"),
    "EVENT_MISSING": Words("凭证里没有事件", "the event is not in the receipt"),
    "PATH_FALSE": Words(
        "事件与签名的树不符:内容或序号被改过", "the event is not in the signed tree: it was changed"
    ),
    "SM2_MISSING": Words("没有所给 SM2 公钥的签名", "the SM2 key you gave did not sign"),
    "SM2_FALSE": Words("校验点的 SM2 签名是假的", "the SM2 signature of the checkpoint is false"),
    "OTHER_ORIGIN": Words("SM2 公钥属于另一本总账", "the SM2 key is of another log"),
    "SIGNATURE_MISSING": Words("校验点不是由所给公钥签的", "not signed by a key you gave"),
    "KEY_NOT_IN_FORCE": Words(
        "签名的密钥不得签这个大小的树:当时尚未启用或已更换",
        "signed by a key that may not sign a tree of that size: it had ended, or not begun",
    ),
    "NOT_WITNESSED": Words("见证方副署不足", "too few witnesses cosigned the checkpoint"),
    "SIGNATURE_FALSE": Words("校验点的签名是假的", "the signature of the checkpoint is false"),
}


class PaymentOrCommand(TyperGroup):
    """A group whose first word may be a payment's id instead of a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the command that was left out."""
        words = [word for word in args if not word.startswith("-")]
        if words and words[0] not in self.commands:
            args = [ISSUE, *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    receipts = typer.Typer(
        cls=PaymentOrCommand,
        help="发放凭证:hengwen receipt 发放编号 | Receipts: hengwen receipt PAYMENT",
        no_args_is_help=True,
    )
    receipts.command(
        ISSUE,
        help="为一笔发放出具凭证 | Make the receipt of a payment",
        epilog="示例: hengwen receipt 发放编号 --out 凭证.tlog-proof --form 凭证.html"
        " | Example: hengwen receipt PAYMENT --out r.tlog-proof --form r.html",
    )(issue)
    receipts.command(
        help="离线核验凭证 | Check a receipt offline",
        epilog="示例: hengwen receipt verify 凭证.tlog-proof --key 公钥文本"
        " | Example: hengwen receipt verify r.tlog-proof --key VKEY",
    )(verify)
    app.add_typer(receipts, name="receipt")


def issue(
    context: typer.Context,
    payment: Annotated[str, typer.Argument(help="发放编号 | payment id", show_default=False)],
    *,
    organisation: Annotated[
        str, typer.Option(help="机构,编号重名时需要 | organisation, if several used the id")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="凭证写到这里;默认打印 | write it here; printed by default")
    ] = None,
    form: Annotated[
        Path | None, typer.Option(help="带二维码的打印件 (HTML) | form to print, with a QR code")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Prove that the payment is in the signed log; the file needs nothing else to be checked."""
    from app.receipts import receipt_of  # noqa: PLC0415  # slow to import

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    receipt, proven, key = receipt_of(settings, payment, organisation)
    facts = _facts(proven)
    if out is not None:
        out.write_text(receipt.text(), encoding="utf-8", newline="\n")
        facts.append((FILE, str(out)))
    if form is not None:
        text = _page(output, proven, receipt.dense(), key)
        form.write_text(text, encoding="utf-8")
        facts.append((FORM, str(form)))
    if json or out or form:
        output.facts(facts if out or form else [*facts, (RECEIPT, receipt.text())])
        return
    typer.echo(receipt.text(), nl=False)


def _page(output: Output, proven: Any, dense: str, key: str) -> str:
    from app.receipt_form import TooLarge  # noqa: PLC0415  # slow to import
    from app.receipt_form import form as page  # noqa: PLC0415  # as above

    shown = [(c, value) for c, value in _facts(proven) if c is not TYPE]  # its title says that
    rows = [(output.words(c.heading), cell(value, c.kind)) for c, value in shown]
    try:
        return page(rows, dense=dense, key=key, lang=output.lang)
    except TooLarge:
        raise Problem(
            Words("凭证太大,二维码放不下。", "The receipt does not fit into QR codes."),
            how=Words("用 --out 出具文件。", "Make the file with --out instead."),
        ) from None


def verify(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="凭证文件,或二维码的文字 | receipt, or the QR code's text")
    ],
    *,
    key: Annotated[
        list[str],
        typer.Option(
            help="总账公钥文本或 keys.json,可多次,可加 SM2 公钥 | public key or keys.json; repeatable; SM2 too"
        ),
    ],
    witness: WitnessOption = None,
    quorum: QuorumOption = 0,
    json: JsonOption = False,
) -> None:
    """Check a receipt with nothing but the file and the public key."""
    from app.checkpoint_keys import public_keys  # noqa: PLC0415  # slow to import
    from app.sm2_keys import sm2_public_keys  # noqa: PLC0415  # as above
    from evidence.notes import BadNote  # noqa: PLC0415  # as above
    from evidence.receipts import BadReceipt, proven, receipt_in, witnessed  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    known, sm2 = public_keys(key), sm2_public_keys(key)
    witnesses, least = demanded(witness, quorum)
    if sm2 and not known:
        raise _only_sm2()
    try:
        receipt = receipt_in(_text(file))
        found = proven(receipt, known)
        for one in sm2:
            one.check(receipt.note)
        if witnesses:
            witnessed(receipt, witnesses, least)
    except (BadReceipt, BadNote) as bad:
        words = WHY.get(bad.code, Words(bad.code, bad.code))
        raise Problem(
            Words(f"✘ 凭证不成立:{words.zh}。", f"✘ The receipt proves nothing: {words.en}."),
            where=f"{file} ({bad.code})",
            how=Words("向出具方索取新的凭证,并核对公钥。", "Ask for a new receipt; check the key."),
            exit_code=EXIT_CHECK_FAILED,
        ) from None
    words = Words("✔ 成立", "✔ holds")
    held = "OK" if json else output.words(words)
    also = [(SM2, held)] if sm2 else []
    output.facts([(RESULT, held), *also, *_facts(found)])


def _only_sm2() -> Problem:
    return Problem(
        Words("还要总账的 Ed25519 公钥。", "The log's Ed25519 key is needed as well."),
        where="--key",
        how=Words(
            "SM2 是另加的一行签名;--key 请给出两把公钥。",
            "SM2 is an additional signature; give both keys with --key.",
        ),
    )


def _text(file: Path) -> str:
    from evidence.receipts import RECEIPT_BYTES_MAX  # noqa: PLC0415  # slow to import

    with closing(file.open("rb")) as opened:
        return opened.read(RECEIPT_BYTES_MAX + 1).decode("utf-8", errors="replace")


def _facts(proven: Any) -> list[tuple[Column, Any]]:
    """What a checked receipt says."""
    from schemas.codec import Unreadable, decode  # noqa: PLC0415  # slow to import

    facts: list[tuple[Column, Any]] = [
        (ORIGIN, proven.checkpoint.origin),
        (POSITION, proven.position),
        (SIZE, proven.checkpoint.size),
    ]
    try:
        event = decode(proven.value)
    except Unreadable:
        return facts  # of a later program: it is in the log all the same
    facts.append((TYPE, event.TOPIC))
    told = (PAYMENT, ORGANISATION, AMOUNT, OCCURRED_ON, RECORDED_AT)
    values = [(column, getattr(event, column.name, None)) for column in told]
    facts += [(column, value) for column, value in values if value is not None]
    return facts
