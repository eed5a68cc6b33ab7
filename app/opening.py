"""Opening a ledger: whose it is, its keys, its vault, and what it begins with."""

import secrets
from pathlib import Path
from typing import Any, Final, NamedTuple

from app.admitting import decide_all
from app.opened import log_opened, opened_log
from app.output import Output
from app.problems import Problem, Words
from app.settings import Settings
from eventlog.contract import Log
from eventlog.reading import events

BEGINNING_MAX: Final = 1_000
"""Within so many events a ledger has begun."""
CHECKPOINT_KEY_FILE: Final = "checkpoint.pem"


class Names(NamedTuple):
    """What a new ledger is called by; code and name are empty if nobody said them."""

    root: str
    """Code of the topmost union."""
    name: str
    """Its name."""
    domain: str
    """Of the origin of checkpoints."""
    suite: str | None
    """Code of its suite, None if nobody said it."""


def today() -> Any:
    """The civil day now, UTC+8."""
    from app.wiring import now  # noqa: PLC0415  # slow to import
    from domain.calendar import civil_day  # noqa: PLC0415  # as above

    return civil_day(now())


def signing_key(path: Path) -> Any:
    """The key in a file, made if there is none."""
    from publishers.keys import generate_key, load_key  # noqa: PLC0415  # slow to import

    return load_key(path) if path.exists() else generate_key(path)


def opening_of(settings: Settings, log: Log, output: Output, operator: Any, names: Names) -> Any:
    """
    The event LogOpened, of a ledger that is opened now if none is.

    Raises:
        Problem: it is not open and code or name is missing, or it is another union's.
    """
    if log.last_ordinal() > log.last_position():
        decide_all(settings, log, output)  # an earlier init may have been killed
    found = log_opened(log)
    if found is None:
        _open(settings, log, operator, names)
        decide_all(settings, log, output)
        return opened_log(log)
    if names.root and names.root != found.organisation:
        raise Problem(
            Words("总账已经开账,最上级工会是另一个。", "The ledger is open, of another union."),
            where=f"{names.root} ≠ {found.organisation}",
            how=Words(
                "要另开一本,换 HENGWEN_HOME 或 HENGWEN_LOG_NAME。",
                "To open another, choose another HENGWEN_HOME or HENGWEN_LOG_NAME.",
            ),
        )
    _check_suite(found, names.suite)
    return found


def _check_suite(event: Any, suite: str | None) -> None:
    """Refuse to go on with a ledger that was opened under another suite than is asked for."""
    if suite not in {None, event.suite}:
        raise Problem(
            Words("总账已用另一密码套件开立。", "The ledger was opened under another suite."),
            where=f"{event.suite}, --suite {suite}",
            how=Words(
                "套件不能更改;要用另一套件,另开一本总账。",
                "A suite cannot be changed; open another ledger for another suite.",
            ),
        )


def _open(settings: Settings, log: Log, operator: Any, names: Names) -> None:
    """Submit OpenLog."""
    from admission.rules import locks  # noqa: PLC0415  # slow to import
    from domain.signing import NO_LEDGER  # noqa: PLC0415  # as above
    from domain.suites import INTL_1  # noqa: PLC0415  # as above
    from publishers.client import Publisher  # noqa: PLC0415  # as above
    from publishers.opening import open_log  # noqa: PLC0415  # as above

    if settings.ledger:
        raise _pinned(settings.ledger)
    if not names.root or not names.name:
        raise _unnamed()
    # A key of its own: the machine that signs checkpoints need not hold the operator's.
    checkpoints = signing_key(settings.home / "keys" / CHECKPOINT_KEY_FILE)
    opening = open_log(
        log=settings.log_name, domain=_domain(names.domain), root=names.root,
        nonce=secrets.token_bytes(16), occurred_on=today(), operator=operator,
        lock_digest=locks.digest(1), suite=names.suite or INTL_1,
        checkpoint_key=checkpoints.public_key,
    )  # fmt: skip
    Publisher(log, operator, NO_LEDGER).publish([opening])


def _unnamed() -> Problem:
    return Problem(
        Words("开账要写明最上级工会,以后不能改。",
              "A new ledger needs its topmost union; it cannot be changed later."),
        where="--root, --name",
        how=Words(
            "例如 hengwen init --root ACFTU --name 中华全国总工会;只想看看,用 make demo。",
            "For example `hengwen init --root ACFTU --name 中华全国总工会`;"
            " only to look around, `make demo`.",
        ),
    )  # fmt: skip


def _pinned(ledger: str) -> Problem:
    return Problem(
        Words("HENGWEN_LEDGER 指定了一本总账,这里没有它。",
              "HENGWEN_LEDGER names a ledger that is not here."),
        where=ledger,
        how=Words(
            "检查日志设置;要开一本新的,先去掉 HENGWEN_LEDGER。",
            "Check the log's settings; to open a new one, unset HENGWEN_LEDGER first.",
        ),
    )  # fmt: skip


def _domain(domain: str) -> str:
    """The domain, if it can be part of the name of a key."""
    from evidence.key_texts import is_name  # noqa: PLC0415  # slow to import

    if not is_name(domain):
        raise Problem(
            Words("域名不能有空格或加号。", "A domain has no spaces and no plus."),
            where=domain,
            how=Words("例如 hengwen.example。", "For example hengwen.example."),
        )
    return domain


def vault_of_ledger(settings: Settings, log: Log, event: Any, create: Any) -> Any:
    """The ledger's vault, made if there is none; refused if the log has seen more than it."""
    from app.vaults import open_vault, vault_of  # noqa: PLC0415  # slow to import
    from vault.errors import VaultMissing  # noqa: PLC0415  # as above

    ledger = event.submission_digest
    try:
        with open_vault(settings, ledger=ledger, suite=event.suite, highest_in_log=0):
            pass
    except VaultMissing:
        return create(settings, ledger=ledger, suite=event.suite)
    return vault_of(settings, log)


def begin(
    log: Log, operator: Any, ledger: bytes, opening: Any, begun: tuple[Any, Any, str]
) -> None:
    """Submit what every ledger begins with; what was accepted before is answered as repeated."""
    from publishers.client import Publisher  # noqa: PLC0415  # slow to import
    from publishers.codes import divisions, load_codes  # noqa: PLC0415  # as above
    from publishers.opening import PUBLISHER_KINDS  # noqa: PLC0415  # as above

    vault, publisher, name = begun
    organisation = opening.root_organisation(name)
    submissions = [
        *opening.schemas(),
        organisation,
        opening.vault(vault.vault, vault.public_key),
        *divisions_of(opening, divisions, load_codes),
        opening.publisher(
            publisher.public_key, source="hengwen", subtree=opening.root, kinds=PUBLISHER_KINDS
        ),
    ]
    known = _recorded(log, {one.submission_id for one in submissions})
    if not name and organisation.submission_id not in known:
        raise _unnamed()
    Publisher(log, operator, ledger).publish(
        one for one in submissions if one.submission_id not in known
    )


def _recorded(log: Log, wanted: set[str]) -> set[str]:
    """Which submissions have their verdict: an init that was killed goes on where it was."""
    from schemas.codec import decode  # noqa: PLC0415  # slow to import

    beginning = events(log, after=0, until=min(log.last_position(), BEGINNING_MAX))
    return wanted & {decode(record.value).submission_id for record in beginning}


def divisions_of(opening: Any, divisions: Any, load_codes: Any) -> Any:
    """The table of divisions, as submissions."""
    from publishers.codes import DIVISIONS, DIVISIONS_EDITION  # noqa: PLC0415  # slow to import

    return load_codes(
        DIVISIONS, DIVISIONS_EDITION, divisions(),
        organisation=opening.root, occurred_on=opening.occurred_on,
    )  # fmt: skip
