"""
What commands are asked about, by a code or an id: an organisation, a fund, a person, a roster ….

Something that the ledger does not know is a mistake of whoever asks, and never an empty answer.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from app.problems import Problem, Words
from domain.texts import TOKEN
from projections.target import Connection

NEAR_MAX: Final = 5
"""Most codes that are offered in place of an unknown one."""


class Subject(NamedTuple):
    """A kind of thing, and where its codes or ids are found."""

    words: Words
    listed: Words


_PEOPLE: Final = Words(
    "hengwen payments 的清单里有人员代码", "`hengwen payments` shows the ids of persons"
)
ORGANISATION: Final = Subject(
    Words("机构", "organisation"),
    Words("hengwen balance 列出持有资金的机构", "`hengwen balance` lists those that hold money"),
)
FUND: Final = Subject(
    Words("资金", "fund"),
    Words("hengwen conserve 列出有到账的资金", "`hengwen conserve` lists those with grants"),
)
PERSON: Final = Subject(Words("人员", "person"), _PEOPLE)
ROSTER: Final = Subject(
    Words("名册", "roster"), Words("hengwen rosters 列出全部名册", "`hengwen rosters` lists them")
)
PAYMENT: Final = Subject(
    Words("发放", "payment"),
    Words("hengwen payments 列出发放编号", "`hengwen payments` lists their ids"),
)
GRANT: Final = Subject(
    Words("到账", "grant"),
    Words(
        "hengwen trace payment 显示一笔发放来自哪些到账",
        "`hengwen trace payment` shows the grants that a payment came from",
    ),
)
STATEMENT: Final = Subject(
    Words("公布数据", "statement"),
    Words(
        "hengwen reconcile-statement 不带编号即列出全部",
        "`hengwen reconcile-statement` without an id lists all",
    ),
)
THING: Final = Subject(
    Words("编号", "id"),
    Words(
        "到账、下拨、走访、公布数据、政策、密钥都可以查",
        "grants, allocations, visits, statements, policies and keys can be asked for",
    ),
)


def not_found(subject: Subject, which: str, near: Sequence[str] = ()) -> Problem:
    """The page for something that the ledger does not know."""
    words, listed = subject
    found = Words("", "")
    if near:
        found = Words(f"相近的有: {'、'.join(near)}。", f"Near it: {', '.join(near)}. ")
    return Problem(
        Words(f"总账中没有这样的{words.zh}。", f"The ledger has no such {words.en}."),
        where=which,
        how=Words(
            f"{found.zh}{listed.zh}。刚入账的要等投影跟上，hengwen status 显示差多少。",
            f"{found.en}{listed.en[:1].upper()}{listed.en[1:]}. What was just recorded may not be"
            " projected yet, see `hengwen status`.",
        ),
    )


def identifier(text: str) -> str:
    """
    A business id as it is stored.

    Raises:
        Problem: it is no UUID.
    """
    import uuid  # noqa: PLC0415  # slow to import

    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise Problem(
            Words("编号写得不对。", "Not an id."),
            where=text,
            how=Words(
                "编号是 36 位的 UUID，可从 hengwen payments、hengwen rosters 等列表复制。",
                "Ids are UUIDs of 36 characters; copy them from lists such as `hengwen payments`"
                " or `hengwen rosters`.",
            ),
        ) from None


def known_organisation(connection: Connection, organisation: str) -> str | None:
    """
    The organisation asked for, None if none was.

    Raises:
        Problem: it was never registered.
    """
    from projections.accounts import organisation_exists  # noqa: PLC0415  # slow to import
    from projections.directory import near_organisations  # noqa: PLC0415  # as above

    if not organisation:
        return None
    if not organisation_exists(connection, organisation):
        near = near_organisations(connection, organisation, NEAR_MAX)
        raise not_found(ORGANISATION, organisation, [f"{one.code} {one.name}" for one in near])
    return organisation


def known_fund(connection: Connection, fund: str) -> str | None:
    """
    The fund asked for, None if none was.

    Raises:
        Problem: it was never opened.
    """
    from projections.directory import knows_fund, near_funds  # noqa: PLC0415  # slow to import

    if not fund:
        return None
    if not knows_fund(connection, fund):
        near = near_funds(connection, fund, NEAR_MAX)
        raise not_found(FUND, fund, [one.code for one in near])
    return fund


def known_roster(connection: Connection, roster: str) -> str | None:
    """
    The roster asked for, as its id is stored; None if none was.

    Raises:
        Problem: that is no id, or nothing of it was ever decided.
    """
    from projections.directory import knows_roster  # noqa: PLC0415  # slow to import

    if not roster:
        return None
    number = identifier(roster)
    if not knows_roster(connection, number):
        raise not_found(ROSTER, roster)
    return number


def known_person(connection: Connection, person: str) -> str | None:
    """
    The person asked for, None if none was; as recipient, handler, visitor, or whoever read.

    Raises:
        Problem: no event names them. What is no id is not repeated: it may be a name.
    """
    from projections.readings import known  # noqa: PLC0415  # slow to import

    if not person or known(connection, [person]):
        return person or None
    if TOKEN.fullmatch(person):
        raise not_found(PERSON, person)
    raise Problem(
        Words("这不是人员代码。", "This is no id of a person."),
        how=Words(
            f"人员代码是 p- 加 24 个字母或数字,{_PEOPLE.zh};姓名与证件号不可写在命令里。",
            f"The id of a person is p- and 24 letters or digits; {_PEOPLE.en}."
            " Never write a name or a document number into a command.",
        ),
    )
