"""``hengwen prove``: prove to anyone what an organisation held of a fund."""

from pathlib import Path
from typing import Annotated, Any

import typer

from app.output import Column, JsonOption, Kind, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings

RESULT = Column("result", Words("核验", "check"))
ORIGIN = Column("origin", Words("来源", "origin"))
SIZE = Column("size", Words("截至序号", "at position"), Kind.COUNT)
ORGANISATION = Column("organisation", Words("机构", "organisation"))
FUND = Column("fund", Words("资金", "fund"))
ACCOUNT = Column("account", Words("账户", "account"))
NEIGHBOURS = Column("neighbours", Words("前后相邻", "neighbours"))
VERSION = Column("version", Words("账户流版本", "version of the stream"), Kind.COUNT)
IN_VERSION = Column("in_version", Words("入账链版本", "version received"), Kind.COUNT)
PROOF = Column("proof", Words("证明", "proof"))
FILE = Column("file", Words("证明文件", "proof file"))
NO_ACCOUNT = Words(
    "注意: 当时没有这个账户,证明的正是这一点。若本应有,核对机构编码与资金代码。",
    "Note: there was no such account, which is what the proof shows. If there should be one, check"
    " the codes of organisation and fund.",
)
NAMES = {
    "free": Words("可用", "free"),
    "reserved": Words("待批", "reserved"),
    "ordered": Words("已下达", "ordered"),
    "settled": Words("已发放", "settled"),
    "granted": Words("到账", "granted"),
    "withdrawn": Words("退回来源", "withdrawn"),
}
OF_FUND = Words("全项", "of the whole fund")
WHY = {
    "NOT_A_PROOF": Words("文件不是余额证明,或已改动", "no balance proof, or it was changed"),
    "NOT_A_CODE": Words(
        "机构或资金不是编码:总账里不可能有",
        "organisation or fund is no code: no ledger can hold it",
    ),
    "PROOF_TOO_LONG": Words("文件过大", "the file is too long"),
    "PATH_FALSE": Words("账户与签名的树不符", "the account is not in the signed tree"),
    "NEIGHBOURS_FALSE": Words("没有说明该账户不存在", "it does not show that there is no account"),
    "NOT_CONSERVED": Words("该资金不守恒", "the fund is not conserved"),
    "SIGNATURE_MISSING": Words("不是由所给公钥签的", "not signed by a key you gave"),
    "SIGNATURE_FALSE": Words("签名是假的", "the signature is false"),
    "KEY_NOT_IN_FORCE": Words(
        "签名的密钥不得签这个大小的树:当时尚未启用或已更换",
        "signed by a key that may not sign a tree of that size: it had ended, or not begun",
    ),
    "LINK_MISSING": Words(
        "所给的包里该账户缺少中间的事件", "an event of the account is missing in the pack"
    ),
    "HEADS_DIFFER": Words(
        "账户的最后一条事件不在所给的包里:有事件被隐去或改动",
        "the account's last event is not the pack's: an event was hidden, or changed",
    ),
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    proofs = typer.Typer(
        help="余额证明:hengwen prove balance | Proofs of balances", no_args_is_help=True
    )
    proofs.command(
        "balance",
        help="证明一个机构在某序号持有多少 | Prove what an organisation held at a position",
        epilog="示例: hengwen prove balance SF-632221 NORMALISED-2019 --out 证明.balance-proof"
        " | Example: hengwen prove balance SF-632221 NORMALISED-2019 --out p.balance-proof",
    )(balance)
    proofs.command(
        help="离线核验余额证明 | Check a balance proof offline",
        epilog="示例: hengwen prove verify 证明.balance-proof --key 公钥文本"
        " | Example: hengwen prove verify p.balance-proof --key VKEY",
    )(verify)
    app.add_typer(proofs, name="prove")


def balance(
    context: typer.Context,
    organisation: Annotated[
        str, typer.Argument(help="机构编码 | organisation code", show_default=False)
    ],
    fund: Annotated[str, typer.Argument(help="资金代码 | fund", show_default=False)],
    *,
    at: Annotated[
        int | None,
        typer.Option(
            help="总账序号,须签发过余额;默认最近一次"
            " | position at which balances were signed; the newest by default",
            min=1,
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="写到这里;默认打印 | write it here; printed by default")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Prove the account's sums, or that there is none; other accounts stay hidden."""
    from app.balance_proving import proof_of  # noqa: PLC0415  # slow to import
    from evidence.balance_proofs import claimed  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    words = Words("余额", "balances")
    with output.progress(words, _last(settings) if at is None else at) as advance:
        proof = proof_of(settings, organisation, fund, at, advance)
    account = proof.accounts[0].leaf if _is_shown(proof) else None
    if account is None:
        output.note(NO_ACCOUNT)
    if out is None and not json:
        typer.echo(proof.text(), nl=False)
        return
    facts = _facts(organisation, fund, account, claimed(proof))
    if out is None:
        output.facts([*facts, (PROOF, proof.text())])
        return
    out.write_text(proof.text(), encoding="utf-8", newline="\n")
    output.facts([*facts, (FILE, str(out))])


def _is_shown(proof: Any) -> bool:
    """Whether the proof is of an account, and not of its absence."""
    leaves = [(one.leaf.organisation, one.leaf.fund) for one in proof.accounts]
    return leaves == [(proof.organisation, proof.fund)]


def _last(settings: Settings) -> int:
    """How many events there are to read at most."""
    from contextlib import closing  # noqa: PLC0415  # as below

    from app.wiring import open_log  # noqa: PLC0415  # slow to import

    with closing(open_log(settings)) as log:
        return log.last_position()


def verify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="余额证明文件 | balance proof")],
    *,
    key: Annotated[
        list[str],
        typer.Option(help="总账公钥文本或 keys.json,可多次 | public key or keys.json, repeatable"),
    ],
    pack: Annotated[
        Path | None,
        typer.Option(
            help="并核对该账户的事件在此证据包中一条不缺 | and that this pack lacks none of its events"
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check a balance proof with nothing but the file and the public key."""
    from app.checkpoint_keys import public_keys  # noqa: PLC0415  # slow to import
    from evidence.balance_proofs import BadProof, proof_in, shown  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    known = public_keys(key)
    try:
        found = shown(proof_in(_text(file)), known)
        if pack is not None:
            _check_heads(found, pack)
    except BadProof as bad:
        words = WHY.get(bad.code, Words(bad.code, bad.code))
        raise Problem(
            Words(f"✘ 证明不成立:{words.zh}。", f"✘ The proof does not hold: {words.en}."),
            where=f"{file} ({bad.code})",
            how=Words("向出具方索取新的证明,并核对公钥。", "Ask for a new proof; check the key."),
            exit_code=EXIT_CHECK_FAILED,
        ) from None
    result = "OK" if json else output.words(Words("✔ 成立", "✔ holds"))
    facts = _facts(found.organisation, found.fund, found.account, found.balances)
    if found.account is None:
        output.note(NO_ACCOUNT)
        facts.append((NEIGHBOURS, " · ".join(found.neighbours)))
    if found.fund_leaf is not None:
        facts += _sums(found.fund_leaf.root.sums, "fund_", OF_FUND)
    output.facts([(RESULT, result), *facts])


def _check_heads(found: Any, pack: Path) -> None:
    """Follow the account's chains through the events of a pack, up to the heads."""
    from evidence.balance_proofs import BadProof  # noqa: PLC0415  # slow to import
    from evidence.balance_tree import Head  # noqa: PLC0415  # as above
    from evidence.pack_layout import NotAPack  # noqa: PLC0415  # as above
    from evidence.verify_balances import heads_in  # noqa: PLC0415  # as above
    from evidence.verify_bytes import UNREADABLE  # noqa: PLC0415  # as above
    from evidence.verify_source import PackSource  # noqa: PLC0415  # as above
    from schemas.codec import Unreadable  # noqa: PLC0415  # as above

    size = found.balances.checkpoint.size
    try:
        heads = heads_in(PackSource(pack), found.organisation, found.fund, size)
    except (NotAPack, Unreadable, *UNREADABLE) as error:
        raise Problem(
            Words("证据包读不出。", "The evidence pack cannot be read."),
            where=f"{pack} ({type(error).__name__})",
            how=Words("先运行 hengwen verify 核验该包。", "Run `hengwen verify` on it first."),
        ) from None
    leaf = found.account
    if heads != ((leaf.own, leaf.receiving) if leaf else (Head(), Head())):
        raise BadProof("HEADS_DIFFER")


def _text(file: Path) -> str:
    from evidence.balance_proofs import PROOF_BYTES_MAX  # noqa: PLC0415  # slow to import

    with file.open("rb") as opened:
        return opened.read(PROOF_BYTES_MAX + 1).decode("utf-8", errors="replace")


def _facts(organisation: str, fund: str, account: Any, balances: Any) -> list[tuple[Column, Any]]:
    """What a proof says."""
    facts: list[tuple[Column, Any]] = [
        (ORIGIN, balances.checkpoint.origin),
        (SIZE, balances.checkpoint.size),
        (ORGANISATION, organisation),
        (FUND, fund),
        (ACCOUNT, account is not None),
    ]
    if account is None:
        return facts
    versions = [(VERSION, account.own.version), (IN_VERSION, account.receiving.version)]
    return [*facts, *_sums(account.sums), *versions]


def _sums(sums: Any, prefix: str = "", of: Words | None = None) -> list[tuple[Column, Any]]:
    columns = [
        Column(
            f"{prefix}{name}_fen",
            Words(f"{of.zh}{words.zh}", f"{words.en} {of.en}") if of else words,
            Kind.MONEY,
        )
        for name, words in NAMES.items()
    ]
    return [(column, getattr(sums, name)) for column, name in zip(columns, NAMES, strict=True)]
