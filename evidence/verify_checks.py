"""What a verification found: one line for each check, with the first position that differs."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from evidence.reperformance import FieldDifference

OK: Final = "OK"
FAILED: Final = "FAILED"
NOT_CHECKED: Final = "NOT_CHECKED"

FILES: Final = "FILES"
DERIVED: Final = "DERIVED"
POSITIONS: Final = "POSITIONS"
SIGNATURE: Final = "SIGNATURE"
SM2: Final = "SM2"
TREE: Final = "TREE"
TILES: Final = "TILES"
CHECKPOINTS: Final = "CHECKPOINTS"
KNOWN: Final = "KNOWN"
WITNESSES: Final = "WITNESSES"
READABLE: Final = "READABLE"
TIMES: Final = "TIMES"
CHAINS: Final = "CHAINS"
REGISTRY: Final = "REGISTRY"
SCHEMAS: Final = "SCHEMAS"
CONSERVATION: Final = "CONSERVATION"
LOTS: Final = "LOTS"
BALANCES: Final = "BALANCES"
ACCOUNTS: Final = "ACCOUNTS"
RECORDS: Final = "RECORDS"
SUBMISSIONS: Final = "SUBMISSIONS"
SIGNERS: Final = "SIGNERS"
DECISIONS: Final = "DECISIONS"
REDACTIONS: Final = "REDACTIONS"
READ_MODELS: Final = "READ_MODELS"
AT: Final = "@"
"""Between a read model and its position, where figures tell the digest of its state."""
ORDER: Final = (
    FILES, DERIVED, POSITIONS, SIGNATURE, SM2, TREE, TILES, CHECKPOINTS, KNOWN, WITNESSES, READABLE,
    TIMES, CHAINS, REGISTRY,
    SCHEMAS, CONSERVATION, LOTS, BALANCES, ACCOUNTS, RECORDS, SUBMISSIONS, SIGNERS, DECISIONS, REDACTIONS, READ_MODELS,
)  # fmt: skip
"""Every check, in the order of the list."""
OF_EVENTS: Final = (
    POSITIONS, TREE, READABLE, TIMES, CHAINS, SCHEMAS, CONSERVATION, LOTS, DECISIONS,
)  # fmt: skip
"""Those that need the events."""


class Check(NamedTuple):
    """One check: whether it holds; if not, why, from which position on, and what differs."""

    name: str
    status: str
    code: str = ""
    position: int | None = None
    figures: tuple[tuple[str, str], ...] = ()
    fields: tuple[FieldDifference, ...] = ()


def passed(name: str, **figures: object) -> Check:
    """The check holds."""
    return Check(name, OK, "", None, texts(figures))


def failed(
    name: str,
    code: str,
    position: int | None = None,
    fields: tuple[FieldDifference, ...] = (),
    **figures: object,
) -> Check:
    """The check does not hold."""
    return Check(name, FAILED, code, position, texts(figures), fields)


def not_checked(name: str, code: str) -> Check:
    """The check was not made, and why."""
    return Check(name, NOT_CHECKED, code)


def texts(figures: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Figures as texts."""
    return tuple((name, str(value)) for name, value in figures.items())


def states_in(check: Check) -> list[tuple[str, int, str]]:
    """Each read model with its position and the SHA-256 of its canonical dump, as they were compared."""
    told = [(*name.partition(AT), value) for name, value in check.figures]
    return [(model, int(position), value) for model, at, position, value in told if at]


class Report(NamedTuple):
    """All checks of one verification."""

    checks: tuple[Check, ...]

    @classmethod
    def of(cls, checks: Sequence[Check]) -> "Report":
        """The checks in their order."""
        return cls(tuple(sorted(checks, key=lambda check: ORDER.index(check.name))))

    @property
    def failed(self) -> bool:
        """Whether any check does not hold."""
        return any(check.status == FAILED for check in self.checks)

    @property
    def partial(self) -> bool:
        """Whether any check was not made."""
        return any(check.status == NOT_CHECKED for check in self.checks)

    @property
    def first(self) -> Check | None:
        """The failed check with the first position that differs; of several, one that says how."""
        found = [check for check in self.checks if check.status == FAILED]
        return min(
            found, key=lambda c: (c.position is None, c.position or 0, not c.fields), default=None
        )
