"""``hengwen key`` and ``hengwen publisher``: signing keys, and whom they may speak for."""

from collections.abc import Sequence
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from app.key_files import written_or_told
from app.output import Column, JsonOption, Kind, Output
from app.problems import Problem, Words
from app.publishing_options import WaitOption
from app.settings import Settings
from eventlog.contract import Log

KEY = Column("key", Words("密钥编号", "key id"))
PUBLIC_KEY = Column("public_key", Words("公钥", "public key"))
FILE = Column("file", Words("文件", "file"))
SUBTREE = Column("subtree", Words("机构范围", "subtree"))
POSITION = Column("position", Words("序号", "position"), Kind.COUNT)
SUBMISSION = Column("submission_id", Words("提交编号", "submission"))
PUBLIC_KEY_BYTES = 32


def register(app: typer.Typer) -> None:
    """Add the commands."""
    keys = typer.Typer(help="签名密钥 | Signing keys", no_args_is_help=True)
    keys.command(
        "new",
        help="生成密钥文件,只有本人可读 | Make a key file that only its owner can read",
        epilog="示例: hengwen key new 县.pem | Example: hengwen key new county.pem",
    )(new)
    app.add_typer(keys, name="key")
    publishers = typer.Typer(help="发布方 | Publishers", no_args_is_help=True)
    publishers.command(
        "register",
        help="登记发布方的公钥与机构范围(运营方) | Register a publisher's key (operator)",
        epilog="示例: hengwen publisher register 公钥 --subtree SF-632221 --source hebei-oa"
        " | Example: hengwen publisher register PUBLIC_KEY --subtree SF-632221 --source hebei-oa",
    )(register_publisher)
    app.add_typer(publishers, name="publisher")


def new(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="写到这里 | where to write it")],
    *,
    json: JsonOption = False,
) -> None:
    """Make an Ed25519 key; an existing file is never overwritten."""
    from publishers.keys import generate_key  # noqa: PLC0415  # slow to import

    with written_or_told():
        signer = generate_key(file)
    Output.of(context, as_json=json).facts(
        [(FILE, str(file)), (KEY, signer.key), (PUBLIC_KEY, signer.public_key.hex())]
    )


def register_publisher(  # the parts of a registration
    context: typer.Context,
    public_key: Annotated[str, typer.Argument(help="公钥,64 位十六进制 | 64 hex digits")],
    *,
    subtree: Annotated[str, typer.Option(help="机构及其下级 | organisation and all below it")],
    source: Annotated[str, typer.Option(help="来源系统名 | name of the source system")],
    kind: Annotated[
        list[str] | None,
        typer.Option(help="可提交的类型,可多次;空为全部 | kinds, repeatable; empty: all"),
    ] = None,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> None:
    """Submit RegisterPublisher, signed by the operator; it counts once it is decided."""
    from app.opened import opened_log  # noqa: PLC0415  # slow to import
    from app.publishing import signing_key  # noqa: PLC0415  # as above
    from app.verdict import refusal, verdict_on  # noqa: PLC0415  # as above
    from app.wiring import open_log  # noqa: PLC0415  # as above
    from publishers.client import Publisher  # noqa: PLC0415  # as above
    from publishers.opening import PUBLISHER_KINDS, Opening  # noqa: PLC0415  # as above

    settings: Settings = context.obj
    output = Output.of(context, as_json=json)
    kinds = _known_kinds(kind or PUBLISHER_KINDS)
    operator = signing_key(settings, operator=True)
    with closing(open_log(settings)) as log:
        opened = opened_log(log)
        _require_organisation(log, subtree)
        opening = Opening(
            ledger=opened.submission_digest,
            root=opened.organisation,
            occurred_on=opened.occurred_on,
        )
        submission: Any = opening.publisher(
            _key_bytes(public_key), source=source, subtree=subtree, kinds=kinds
        )
        facts = [(KEY, submission.key), (SUBTREE, subtree), (SUBMISSION, submission.submission_id)]
        if wait:
            verdict = verdict_on(submission, settings, log, operator, wait)
            if verdict.refused:
                raise refusal(verdict, output)
            facts.append((POSITION, verdict.decided_at))
        else:
            Publisher(log, operator, opened.submission_digest).publish([submission])
    output.facts(facts)


def _known_kinds(kinds: Sequence[str]) -> Sequence[str]:
    """
    The kinds as they are called.

    Raises:
        Problem: there is no such kind of submission.
    """
    from domain.submissions import SUBMISSIONS  # noqa: PLC0415  # slow to import

    names = [one.__name__ for one in SUBMISSIONS]
    wrong = [kind for kind in kinds if kind not in names]
    if wrong:
        near = [get_close_matches(kind, names, n=1) for kind in wrong]
        meant = " ".join(found[0] for found in near if found)
        raise Problem(
            Words("没有这种提交。", "There is no such kind of submission."),
            where=" ".join(wrong),
            how=Words(
                f"种类见 docs/publishing.md。{'是不是 ' + meant if meant else ''}",
                f"Kinds are in docs/publishing.md. {'Did you mean ' + meant + '?' if meant else ''}",
            ),
        )
    return kinds


def _require_organisation(log: Log, organisation: str) -> None:
    """
    Go on only with an organisation that the log has registered.

    Raises:
        Problem: there is none.
    """
    from publishers.roster.facts import organisation_facts  # noqa: PLC0415  # slow to import

    if organisation_facts(log, organisation) is None:
        raise Problem(
            Words("没有这个机构。", "There is no such organisation."),
            where=organisation,
            how=Words(
                "核对机构编码;刚提交的要先裁决:hengwen admit。",
                "Check the code; what was just submitted has to be decided first: `hengwen admit`.",
            ),
        )


def _key_bytes(text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != PUBLIC_KEY_BYTES:
        raise Problem(
            Words("公钥应为 64 位十六进制。", "A public key has 64 hexadecimal digits."),
            how=Words(
                "用 hengwen key new 生成,复制“公钥”一行。",
                "Make one with `hengwen key new` and copy its public key.",
            ),
        )
    return key
