"""The events themselves: readable, in order of time, linked in their streams, conserving every fen."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, Final

from domain.events import Event, Incoming, OrganisationRegistered, SchemaRegistered
from domain.streams import owner_of
from evidence.balance_sheet import KIND as ACCOUNT
from evidence.conservation import TOTALS, Conservation, Unlawful
from evidence.pack_scope import Subtree, is_registry
from evidence.verify_balances import BalancesCheck
from evidence.verify_bytes import UNREADABLE
from evidence.verify_chains import Chains
from evidence.verify_checks import (
    CHAINS,
    CONSERVATION,
    FAILED,
    LOTS,
    OK,
    READABLE,
    RECORDS,
    REGISTRY,
    SCHEMAS,
    TIMES,
    Check,
    failed,
    not_checked,
    passed,
    texts,
)
from evidence.verify_rows import SMALL_KIB, Rows
from evidence.verify_signed import Trust
from evidence.verify_source import Source
from schemas.canonical import NotASchema, named_fingerprint
from schemas.codec import HEADER_BYTES, Unreadable, decode
from schemas.files import MARKER

NAMES: Final = (READABLE, TIMES, CHAINS, SCHEMAS, CONSERVATION, LOTS)


def check_events(source: Source, trust: Trust, progress: Callable[[int], None]) -> list[Check]:
    """All checks of decoded events, in one reading."""
    with Rows(SMALL_KIB) as heads, Rows(SMALL_KIB) as payments:
        walk = _Walk(source, BalancesCheck(source, trust), heads, payments)
        try:
            for batch in source.events():
                for position, value in batch:
                    walk.take(position, value)
                    if READABLE in walk.failures:
                        return walk.checks()
                progress(len(batch))
        except UNREADABLE:
            pass  # the check of positions says where they end
        return walk.checks()


class _Walk:
    """Goes through the events; remembers the first failure of each check."""

    def __init__(
        self, source: Source, balances: BalancesCheck, heads: Rows, payments: Rows
    ) -> None:
        extent = source.extent
        self._begins = extent.begins
        self._of = extent.organisation
        self._subtree = _subtree(source) if extent.organisation else None
        self._from_middle = extent.first > 1
        self._chains = Chains(heads)
        self._balances = balances
        self._conservation = Conservation(payments)
        self._schemas: dict[bytes, str] = {}
        self._used: dict[bytes, int] = {}
        self._organisations: set[str] = set()
        self._recorded_at = 0
        self.count = 0
        self.failures: dict[str, Check] = {}

    def take(self, position: int, value: bytes) -> None:
        """Check one event against those before."""
        self.count += 1
        try:
            event = decode(value)
        except Unreadable as error:
            self._fail(READABLE, type(error).__name__.upper(), position)
            return
        if not isinstance(event, Event):
            self._fail(READABLE, "NO_EVENT", position, type=event.TOPIC)
            return
        if event.recorded_at < self._recorded_at:
            self._fail(TIMES, "TIME_FALLS", position, recorded_at=event.recorded_at)
        self._recorded_at = max(self._recorded_at, event.recorded_at)
        header = value[:HEADER_BYTES]
        if header not in self._used:
            self._used[header] = position
        if type(event) is SchemaRegistered:
            self._register(position, event)
        digest = sha256(value).digest()
        self._link(position, event, digest)
        self._know(position, event)
        self._balances.take(position, event, value, digest)
        if self._begins and LOTS not in self.failures and CONSERVATION not in self.failures:
            try:
                self._conservation.take(position, event)
            except Unlawful as wrong:
                name = CONSERVATION if wrong.code in TOTALS else LOTS
                self._fail(name, wrong.code, position, **wrong.figures)

    def _link(self, position: int, event: Any, digest: bytes) -> None:
        """Check the chains that an event is a link of."""
        if self._expects(event.stream):
            started = not self._from_middle or is_registry(event.stream)
            link = (event.version, event.previous, digest)
            wrong = self._chains.link(event.stream, link, from_first=started)
            if wrong is not None:
                self._fail(CHAINS, wrong, position, stream=event.stream, version=event.version)
        if isinstance(event, Incoming) and self._expects(event.in_stream):
            link = (event.in_version, event.in_previous, digest)
            key = f"<{event.in_stream}"
            wrong = self._chains.link(key, link, from_first=not self._from_middle)
            if wrong is not None:
                self._fail(
                    CHAINS, f"IN_{wrong}", position,
                    stream=event.in_stream, version=event.in_version,
                )  # fmt: skip

    def _know(self, position: int, event: Any) -> None:
        """In a part, whose registry may have been cut: whoever has an account is registered."""
        if self._begins:
            return
        if type(event) is OrganisationRegistered:
            self._organisations.add(event.code)
        for stream in (event.stream, getattr(event, "in_stream", "")):
            if stream.startswith(ACCOUNT) and owner_of(stream) not in self._organisations:
                self._fail(
                    REGISTRY, "ORGANISATION_UNKNOWN", position, organisation=owner_of(stream)
                )  # fmt: skip

    def _expects(self, stream: str) -> bool:
        """Whether all of a stream must be here: in a part of a log, only the part's own."""
        return self._subtree is None or is_registry(stream) or self._subtree.owns(stream)

    def _register(self, position: int, event: SchemaRegistered) -> None:
        """A schema's text must have the fingerprint, and no fingerprint two texts."""
        try:
            told = named_fingerprint(event.text)
        except NotASchema:
            told = ("", b"")
        if told != (event.schema, event.fingerprint):
            self._fail(SCHEMAS, "FINGERPRINT", position, schema=event.schema)
        if sha256(event.text.encode()).digest() != event.text_digest:
            self._fail(SCHEMAS, "TEXT_DIGEST", position, schema=event.schema)
        if self._schemas.setdefault(event.fingerprint, event.text) != event.text:
            self._fail(SCHEMAS, "TWO_TEXTS", position, schema=event.schema)

    def _fail(self, name: str, code: str, position: int, **figures: object) -> None:
        if name not in self.failures:
            self.failures[name] = Check(name, FAILED, code, position, texts(figures))

    def checks(self) -> list[Check]:
        """The checks as they stand at the end."""
        for header, position in self._used.items():
            if header.removeprefix(MARKER) not in self._schemas:
                self._fail(SCHEMAS, "NOT_REGISTERED", position, fingerprint=header[2:].hex())
        stopped = READABLE in self.failures
        found = [self.failures.get(name) or self._passed(name, stopped=stopped) for name in NAMES]
        balances = self._balances.check(stopped=stopped)
        if not self._begins:
            found.append(self._registry(balances, stopped=stopped))
        return [*found, *balances]

    def _passed(self, name: str, *, stopped: bool) -> Check:
        money = {CONSERVATION, LOTS}
        if stopped or (name in money and money & self.failures.keys()):
            return not_checked(name, "STOPPED")
        if name in money and not self._begins:
            return not_checked(name, "PART")
        if name == CHAINS and self._from_middle and self._subtree is not None:
            return not_checked(name, "CHAINS_OPEN")
        if name == CONSERVATION:
            return passed(name, funds=len(self._conservation.funds))
        if name == SCHEMAS:
            return passed(name, schemas=len(self._schemas))
        return passed(name, events=self.count)

    def _registry(self, balances: Sequence[Check], *, stopped: bool) -> Check:
        """Of a part: it is somebody's, and its signed chain of the registry is that of the events here."""
        if REGISTRY in self.failures:
            return self.failures[REGISTRY]
        if self._of is not None and self._of not in self._organisations and not stopped:
            return failed(REGISTRY, "PART_OF_NOBODY", organisation=self._of)
        whole = any(check.name == RECORDS and check.status == OK for check in balances)
        return passed(REGISTRY) if whole else not_checked(REGISTRY, "TAIL")


def _subtree(source: Source) -> Subtree:
    """The organisations of the part, from the registry that every part holds."""
    assert source.extent.organisation is not None  # the caller looked
    found = Subtree(source.extent.organisation)
    try:
        for batch in source.events():
            for _, value in batch:
                found.learn(value)
    except UNREADABLE:
        pass  # the check of positions says where they end
    return found
