"""
Balance proofs: what one organisation held of one fund at a checkpoint, or that it had no account.

A proof is a JSON file in one fixed form. It holds the account's leaf and its path, the fund's leaf
and its path, and the signed note; of other accounts it shows hashes and sums only. That there is no
account is shown by the two neighbours between which it would stand.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from domain.texts import CODE
from evidence import canonical_base64
from evidence.balance_notes import Balances, claimed_balances, opened_balances
from evidence.balance_tree import (
    ACCOUNTS,
    FUNDS,
    AccountLeaf,
    BadBalance,
    BalanceTree,
    FundLeaf,
    Node,
    root_by,
)
from evidence.notes import BadNote, Verifier

FORMAT: Final = "hengwen-balance-proof/1"
SUFFIX: Final = ".balance-proof"
PROOF_BYTES_MAX: Final = 1_000_000


class BadProof(Exception):
    """
    The proof shows nothing; *code* says why.

    PROOF_TOO_LONG, NOT_A_PROOF, NOT_A_CODE, PATH_FALSE, NEIGHBOURS_FALSE, NOT_CONSERVED, or a code of BadNote.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Placed(NamedTuple):
    """A leaf, where it stands, and its path."""

    leaf: Any
    at: int
    """Index among its tree's leaves."""
    path: tuple[Node, ...]


class BalanceProof(NamedTuple):
    """What a proof file holds, not checked."""

    organisation: str
    fund: str
    accounts: tuple[Placed, ...]
    """The account; or its neighbours in the fund; none if there is no such fund."""
    funds: tuple[Placed, ...]
    """The fund; or its neighbours."""
    note: str

    def text(self) -> str:
        """The file."""
        fields = {
            "format": FORMAT,
            "organisation": self.organisation,
            "fund": self.fund,
            "accounts": [
                {"leaf": canonical_base64.encode(leaf.packed()), **_place(at, path)}
                for leaf, at, path in self.accounts
            ],
            "funds": [
                {"fund": leaf.fund, "accounts": leaf.accounts, "root": canonical_base64.encode(leaf.root.packed()),
                 **_place(at, path)}
                for leaf, at, path in self.funds
            ],
            "note": self.note,
        }  # fmt: skip
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"


class Shown(NamedTuple):
    """What a checked proof shows."""

    organisation: str
    fund: str
    account: AccountLeaf | None
    """None: the organisation had no account of the fund, so it held nothing of it, ever."""
    fund_leaf: FundLeaf | None
    """None: no account of that fund was there."""
    balances: Balances
    neighbours: tuple[str, ...] = ()
    """If there was no account: the organisations, or else the funds, between which it would stand."""


def prove(tree: BalanceTree, organisation: str, fund: str, note: str) -> BalanceProof:
    """
    The proof for one account, or for its absence.

    Raises:
        BadProof: NOT_A_CODE.
    """
    _require_codes(organisation, fund)
    funds = _found_or_neighbours([leaf.fund for leaf in tree.funds], fund)
    own = tree.accounts.get(fund, [])
    accounts = _found_or_neighbours([leaf.organisation for leaf in own], organisation)
    return BalanceProof(
        organisation,
        fund,
        tuple(Placed(own[i], i, tuple(tree.account_path(fund, i))) for i in accounts),
        tuple(Placed(tree.funds[i], i, tuple(tree.fund_path(i))) for i in funds),
        note,
    )


def proof_in(text: str) -> BalanceProof:
    """
    The proof in a file, not checked; there is one text for one proof.

    Raises:
        BadProof: PROOF_TOO_LONG, NOT_A_PROOF, NOT_A_CODE.
    """
    if len(text) > PROOF_BYTES_MAX:
        raise BadProof("PROOF_TOO_LONG")
    try:
        found = _read(json.loads(text))
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, BadBalance):
        raise BadProof("NOT_A_PROOF") from None
    if found.text() != text:
        raise BadProof("NOT_A_PROOF")
    _require_codes(found.organisation, found.fund)
    return found


def _require_codes(organisation: str, fund: str) -> None:
    """
    Refuse names that the log cannot hold: of them nothing is ever there, however like a true one.

    Raises:
        BadProof: NOT_A_CODE.
    """
    if not (CODE.fullmatch(organisation) and CODE.fullmatch(fund)):
        raise BadProof("NOT_A_CODE")


def shown(proof: BalanceProof, known: Sequence[Verifier]) -> Shown:
    """
    Check a proof against the log's checkpoint keys; nothing else is asked.

    Raises:
        BadProof: it shows nothing.
    """
    try:
        balances = opened_balances(proof.note, known)
    except BadNote as bad:
        raise BadProof(bad.code) from bad
    fund = _only(proof.funds, [f.leaf.fund for f in proof.funds], proof.fund, balances.funds)
    _check_paths(FUNDS, proof.funds, balances.funds, balances.root)
    if not all(one.leaf.root.sums.conserved for one in proof.funds):
        raise BadProof("NOT_CONSERVED")
    account = None
    if fund is not None:
        names = [one.leaf.organisation for one in proof.accounts]
        account = _only(proof.accounts, names, proof.organisation, fund.leaf.accounts)
        _check_paths(ACCOUNTS, proof.accounts, fund.leaf.accounts, fund.leaf.root)
    strangers = [one for one in proof.accounts if fund is None or one.leaf.fund != proof.fund]
    if strangers:
        raise BadProof("PATH_FALSE")
    beside = [one.leaf.organisation for one in proof.accounts]
    if fund is None:
        beside = [one.leaf.fund for one in proof.funds]
    return Shown(
        proof.organisation, proof.fund, account and account.leaf, fund and fund.leaf, balances,
        () if account else tuple(beside),
    )  # fmt: skip


def claimed(proof: BalanceProof) -> Balances:
    """
    The balances a proof names, whoever signed them.

    Raises:
        BadProof: there are none in it.
    """
    try:
        return claimed_balances(proof.note)
    except BadNote as bad:
        raise BadProof(bad.code) from bad


def _found_or_neighbours(names: Sequence[str], wanted: str) -> list[int]:
    """Where a name stands in an ordered list; if it does not, where its neighbours do."""
    if wanted in names:
        return [names.index(wanted)]
    after = sum(name < wanted for name in names)
    return [index for index in (after - 1, after) if 0 <= index < len(names)]


def _only(placed: Sequence[Placed], names: Sequence[str], wanted: str, count: int) -> Placed | None:
    """
    The leaf that is wanted; None if its neighbours show that there is none.

    Raises:
        BadProof: NEIGHBOURS_FALSE.
    """
    if list(names) == [wanted]:
        return placed[0]
    gap = placed[0].at + 1 if names and names[0] < wanted else 0
    # Nothing stands before the first, and nothing behind the last.
    due = [at for at in (gap - 1, gap) if 0 <= at < count]
    sides = [name < wanted for name in names]
    if wanted in names or [one.at for one in placed] != due or sides != [at < gap for at in due]:
        raise BadProof("NEIGHBOURS_FALSE")
    return None


def _check_paths(kind: bytes, placed: Sequence[Placed], count: int, root: Node) -> None:
    """Refuse leaves whose paths do not lead to the root."""
    try:
        for leaf, at, path in placed:
            if root_by(kind, leaf.node(), (at, count), path) != root:
                raise BadProof("PATH_FALSE")
    except BadBalance:
        raise BadProof("PATH_FALSE") from None


def _place(at: int, path: Sequence[Node]) -> dict[str, Any]:
    return {"index": at, "path": [canonical_base64.encode(step.packed()) for step in path]}


def _read(fields: Mapping[str, Any]) -> BalanceProof:
    accounts = [
        (AccountLeaf.unpacked(canonical_base64.decode(one["leaf"])), one["index"], one["path"])
        for one in fields["accounts"]
    ]
    funds = [
        (FundLeaf(str(one["fund"]), int(one["accounts"]), Node.unpacked(canonical_base64.decode(one["root"]))),
         one["index"], one["path"])
        for one in fields["funds"]
    ]  # fmt: skip
    return BalanceProof(
        str(fields["organisation"]),
        str(fields["fund"]),
        tuple(_placed(*one) for one in accounts),
        tuple(_placed(*one) for one in funds),
        str(fields["note"]),
    )


def _placed(leaf: Any, at: int, path: Sequence[str]) -> Placed:
    return Placed(
        leaf, int(at), tuple(Node.unpacked(canonical_base64.decode(step)) for step in path)
    )
