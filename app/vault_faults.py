"""What the vault refuses, as problems a user can act on; no word holds a name or a number."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from app.problems import Problem, Words
from publishers.line_texts import line_reason
from publishers.lines import BadLine
from vault.errors import (
    BackupBroken,
    DocumentTaken,
    IdentityRejected,
    OtherSuite,
    PersonGone,
    SealBroken,
    VaultBehind,
    VaultError,
    VaultMissing,
    VaultUnreachable,
    WrongVault,
)


class Fault(NamedTuple):
    """What happened, and how to go on."""

    what: Words
    how: Words


FAULTS: Final[Mapping[type[VaultError], Fault]] = {
    VaultBehind: Fault(
        Words("保管库比总账旧。", "The vault is older than the log."),
        Words("运行 hengwen vault recover。", "Run `hengwen vault recover`."),
    ),
    OtherSuite: Fault(
        Words("保管库与总账的密码套件不同。", "Vault and ledger are of different suites."),
        Words(
            "用该总账自己的保管库;套件在开账时选定,不能更改。",
            "Use the ledger's own vault; a suite is chosen when the ledger is opened, for good.",
        ),
    ),
    WrongVault: Fault(
        Words(
            "主密钥或总账与这个保管库不符。",
            "The master key or the ledger does not fit this vault.",
        ),
        Words(
            "检查 HENGWEN_VAULT_MASTER_KEY、HENGWEN_VAULT_DATABASE 与 HENGWEN_HOME;不要另建。",
            "Check HENGWEN_VAULT_MASTER_KEY, HENGWEN_VAULT_DATABASE and HENGWEN_HOME; make no other.",
        ),
    ),
    VaultMissing: Fault(
        Words("数据库里没有本版本的保管库。", "The database holds no vault of this version."),
        Words(
            "检查 HENGWEN_VAULT_DATABASE 与 HENGWEN_HOME;新账用 hengwen init,丢失的用"
            " hengwen vault restore 恢复备份。",
            "Check HENGWEN_VAULT_DATABASE and HENGWEN_HOME; a new ledger's is made by"
            " `hengwen init`, a lost one restored from a backup by `hengwen vault restore`.",
        ),
    ),
    VaultUnreachable: Fault(
        Words("连不上保管库的数据库。", "The vault's database cannot be reached."),
        Words(
            "检查 HENGWEN_VAULT_DATABASE 与 PostgreSQL 是否在运行;再做一次无妨。",
            "Check HENGWEN_VAULT_DATABASE and whether PostgreSQL runs; doing it again is harmless.",
        ),
    ),
    DocumentTaken: Fault(
        Words("证件已属于另一人员代码。", "The document already belongs to another person id."),
        Words("用 LinkPersons 归并两个代码。", "Join the two ids by LinkPersons."),
    ),
    SealBroken: Fault(
        Words(
            "密封内容打不开:已改动,或出自别处。", "What is sealed does not open: changed, or moved."
        ),
        Words(
            "核对总账与保管库是否同一本;hengwen verify 查明哪一份是真的。",
            "See that log and vault are of one ledger; `hengwen verify` tells which copy is true.",
        ),
    ),
    PersonGone: Fault(
        Words(
            "没有该人员的密钥:已删除,或从未有过。",
            "There is no key of the person: erased, or never.",
        ),
        Words("核对人员代码。", "Check the person id."),
    ),
    BackupBroken: Fault(
        Words("这个备份不能恢复到这里。", "This backup cannot be restored here."),
        Words(
            "用完整的备份文件和空数据库。",
            "Take a whole backup file and an empty database.",
        ),
    ),
}
"""By kind of error; the more special before what it is a kind of."""
LINE: Final = Words("行", "line")
IDENTITIES: Final = Words("身份信息没有通过检查,什么都没有密封。",
                          "Identities fail their checks; nothing was sealed.")  # fmt: skip


def refused(error: VaultError) -> Problem:
    """The page of what the vault refuses."""
    if isinstance(error, IdentityRejected):
        bad = [
            BadLine(rejection.index + 1, problem.code, problem.field)
            for rejection in error.rejections
            for problem in rejection.problems
        ]
        return bad_lines(IDENTITIES, bad, noun=Words("项", "identity"))
    fault = next((fault for kind, fault in FAULTS.items() if isinstance(error, kind)), None)
    what, how = fault or Fault(
        Words("保管库拒绝了请求。", "The vault refuses."),
        Words("按代码改正后重试。", "Correct what the code says and try again."),
    )
    telling = isinstance(error, OtherSuite | VaultBehind)  # which suites, which sequences
    return Problem(what, where=str(error) if telling else type(error).__name__, how=how)


def bad_lines(
    what: Words, bad: Sequence[BadLine], then: Words | None = None, *, noun: Words = LINE
) -> Problem:
    """Where lines are wrong, and, as the remedy, what is wrong with each."""
    where = [f"{one.line}: {one.field} {one.code}".rstrip() for one in bad]
    zh = [f"第 {one.line} {noun.zh} {one.field}: {line_reason(one)}" for one in bad]
    en = [f"{noun.en} {one.line} {one.field}: {line_reason(one, english=True)}" for one in bad]
    last = then or Words("改正后再做一次。", "Mend this and do it again.")
    return Problem(
        what,
        where="\n".join(where),
        how=Words("\n".join([*zh, last.zh]), "\n".join([*en, last.en])),
    )
