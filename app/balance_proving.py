"""Balance proofs of the configured log: made from its events, and checked before they are given."""

from collections.abc import Callable
from contextlib import closing

from app.commands.checkpoint import evidence_folder
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from app.wiring import open_log
from domain.texts import CODE
from evidence.balance_files import BalancesUnknown, note_at, sheet_at, signed_balances
from evidence.balance_notes import Balances
from evidence.balance_proofs import BalanceProof, prove
from evidence.balance_tree import BadBalance, BalanceTree
from evidence.folder import EvidenceFolder
from evidence.guard import confirmed_keys
from evidence.keys import KeyHistory


def proof_of(
    settings: Settings,
    organisation: str,
    fund: str,
    at: int | None,
    progress: Callable[[int], None] = lambda _: None,
) -> BalanceProof:
    """
    The proof of what an organisation held of a fund when *at* events were in the log.

    Raises:
        Problem: these are no codes, no balances were signed there, or they are not what the log
            gives.
    """
    for told in (organisation, fund):
        if CODE.fullmatch(told) is None:
            raise _no_code(told)
    folder = evidence_folder(settings)
    with closing(open_log(settings)) as log:
        keys = confirmed_keys(log, folder)
        note = note_at(folder, at)
        signed = signed_balances(note, keys)
        if note is None or signed is None:
            raise _not_signed(folder, keys, at)
        newest = signed_balances(note_at(folder), keys)
        try:
            tree = sheet_at(log, folder, newest, signed.checkpoint.size, progress).tree()
        except (BalancesUnknown, BadBalance) as error:
            raise _differs(folder, f"{type(error).__name__} {error}") from error
    if not _fits(tree, signed):
        raise _differs(folder, str(signed.checkpoint.size))
    return prove(tree, organisation, fund, note)


def _fits(tree: BalanceTree, signed: Balances) -> bool:
    return (len(tree.funds), tree.root) == (signed.funds, signed.root)


def _no_code(told: str) -> Problem:
    return Problem(
        Words("不是编码。", "That is no code."),
        where=ascii(told)[:80],
        how=Words(
            "编码只有字母、数字和 . _ : -;hengwen balance 列出机构和资金。",
            "Codes have letters, digits and . _ : - only; `hengwen balance` lists organisations and"
            " funds.",
        ),
    )


def _not_signed(folder: EvidenceFolder, keys: KeyHistory, at: int | None) -> Problem:
    newest = signed_balances(note_at(folder), keys)
    size = newest.checkpoint.size if newest else 0
    return Problem(
        Words("在该序号没有签发过余额。", "No balances were signed at that position."),
        where=f"{at or ''} ({size})",
        how=Words(
            "运行 hengwen checkpoint --once 为现在的末尾签发,或省略 --at 用最近一次。",
            "Run `hengwen checkpoint --once` to sign them now, or leave out --at for the newest.",
        ),
    )


def _differs(folder: EvidenceFolder, where: str) -> Problem:
    return Problem(
        Words("已签的余额与总账不符。", "The balances that were signed and the log disagree."),
        where=f"{folder.path}: {where}",
        how=Words(
            "运行 hengwen verify -,看总账是否仍是已签的那一本。",
            "Run `hengwen verify -`: is the log still what was signed?",
        ),
        exit_code=EXIT_CHECK_FAILED,
    )
