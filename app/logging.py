"""
Log lines to stderr, as JSON or for people, with Chinese as it is and no personal data in them.

Whatever looks like a document number, a phone or a card is masked, whoever wrote it there; errors
are shown by class and place, because messages of foreign libraries quote what they were given.
"""

import io
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal, TextIO, cast

import structlog
from structlog.typing import Processor

from app.output import raised_at

MASKED: Final = "[masked]"
DIGITS_INT_MIN: Final = 11
"""Whole numbers of so many digits may be a phone, a document or a card."""
TIMES: Final = ("_at", "_micros", "_ns", "_fen", "offset", "position")
"""Endings of keys whose long numbers are times, money or places."""
PERSONAL: Final = frozenset(
    {
        *("name", "names", "identity", "identities", "document", "document_number", "id_number"),
        *("phone", "card", "account_holder", "household", "address", "worker", "recipient", "row"),
        *("password", "token", "secret", "master_key", "dsn"),
    }
)
"""Keys whose values are never shown."""

_LONG_NUMBER: Final = re.compile(
    r"(?<![0-9A-Za-z._-])"  # not inside a digest, an id, a figure
    r"(?:\d{17}[0-9Xx]|\d{15}"  # a resident's number, new and old
    r"|\d{13,19}"  # a card
    r"|\d{4}(?:[ -]\d{4}){2,3}(?:[ -]\d{1,3})?"  # a card in groups
    r"|(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4})"  # a phone
    r"(?![0-9A-Za-z])"
)
_FULL_WIDTH: Final = {0xFF10 + n: str(n) for n in range(10)} | {0xFF38: "X", 0xFF58: "x"}


class _Stderr(io.TextIOBase):
    """Whatever stderr is now, not what it was when logging was set up."""

    def write(self, text: str) -> int:
        """Pass it on."""
        return sys.stderr.write(text)

    def flush(self) -> None:
        """Pass it on."""
        sys.stderr.flush()


def set_up_logging(form: Literal["json", "pretty"], *, level: int = logging.INFO) -> None:
    """Send our log lines, and those of the libraries from warnings up, to stderr in this form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        place_of_error,
        redact,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Stderr())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_Stderr())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    # Its warnings tell of retries, and what matters it raises: people get that as a page.
    quiet = logging.ERROR if form == "json" else logging.CRITICAL
    logging.getLogger("kafka").setLevel(quiet)


def place_of_error(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its class and the places it came through."""
    error = event.pop("exc_info", None)
    if error is True or isinstance(error, tuple):
        error = sys.exc_info()[1] if error is True else error[1]
    if isinstance(error, BaseException):
        event["error"] = raised_at(error)
    return event


def redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Mask what is or may be personal, in the message and in every value however deep."""
    for key in list(event):
        event[key] = _clean(key, event[key])
    return event


def masked(text: str) -> str:
    """
    The text without anything that looks like a document number, a phone or a card.

    >>> masked("13900000000 打不通")
    '[masked] 打不通'
    """
    return _LONG_NUMBER.sub(MASKED, text.translate(_FULL_WIDTH))


def _clean(key: str, value: Any) -> Any:  # of any log line
    """One value, masked as its key and content ask."""
    if key.lower() in PERSONAL:
        return MASKED
    clean: Any
    match value:
        case None | bool() | float():
            clean = value
        case int():
            long = len(str(abs(value))) >= DIGITS_INT_MIN and not key.endswith(TIMES)
            clean = MASKED if long else value
        case Mapping():
            clean = {masked(str(k)): _clean(str(k), v) for k, v in value.items()}
        case bytes() | bytearray():
            clean = f"{len(value)} bytes"
        case list() | tuple() | set() | frozenset():
            clean = [_clean(key, v) for v in value]
        case _:
            clean = masked(str(value))
    return clean
