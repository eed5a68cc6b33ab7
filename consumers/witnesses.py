"""
Asking witnesses: to cosign a checkpoint, and, before a log is opened, what they have cosigned.

They are asked side by side, for a bounded time, and never insisted on: one that is away, refuses,
or does not keep to the protocol is reported and passed over. The log goes on without it, and
whoever demands its cosignature sees that it is missing.
"""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, wait
from http import HTTPStatus
from http.client import HTTPException
from threading import Thread
from typing import Any, Final, NamedTuple, TypeVar

import structlog

from eventlog.contract import LogDamaged
from evidence.checkpoints import claimed_checkpoint
from evidence.cosignatures import WitnessKey, cosigned, with_cosignatures
from evidence.proofs import Prover
from evidence.tiles import TileMissing, TileReader
from evidence.witness import SIZE_TYPE, Request

WAIT_S: Final = 5.0
"""A checkpoint is published after so long, with the cosignatures that came."""
OPENING_S: Final = 2.0
"""A log is opened after so long, with the answers that came: a standby takes over in ten seconds."""
REST_S: Final = 60.0
"""A witness that did not answer is left alone for so long."""
ANSWER_BYTES_MAX: Final = 16 * 1024
TRIES: Final = 2
"""The first may tell which size the witness knows."""

_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,18})\n", re.ASCII)

T = TypeVar("T")

logger = structlog.get_logger()


class WitnessAddress(NamedTuple):
    """A witness and where it answers."""

    key: WitnessKey
    url: str
    """Without ``/add-checkpoint``."""


class Refused(Exception):
    """The witness did not cosign; the text says why, without what was sent."""


class Unreachable(Exception):
    """The witness did not answer."""


class Witnesses:
    """Asks all configured witnesses; one that is away rests for a while."""

    def __init__(
        self,
        addresses: Sequence[WitnessAddress],
        *,
        wait_s: float = WAIT_S,
        rest_s: float = REST_S,
    ) -> None:
        self._addresses = addresses
        self._wait_s = wait_s
        self._rest_s = rest_s
        self._known_sizes: dict[WitnessAddress, int] = {}
        self._rests_until: dict[WitnessAddress, float] = {}
        self._asked: dict[WitnessAddress, Future[Any]] = {}

    def cosign(self, note: str, tiles: TileReader) -> str:
        """
        The checkpoint with the cosignatures that came in time; *tiles* are of its tree.

        Those that cosigned it before are not asked again.
        """
        done_before = cosigned(note, [one.key for one in self._addresses])
        to_ask = [one for one in self._addresses if one.key not in done_before]
        answers = self._each(to_ask, lambda one: self._ask(one, note, tiles), self._wait_s)
        return with_cosignatures(note, {one.key: answer for one, answer in answers.items()})

    def refuse_other(self, note: str, last_position: Callable[[], int]) -> None:
        """
        Refuse a log of which a witness has seen more, or something else, than there is.

        *note* is its newest checkpoint; witnesses remember it as it is now, and cosign nothing.

        Raises:
            LogDamaged: a witness cosigned a larger tree than the log, or another of this size.
        """
        size = claimed_checkpoint(note).size
        told = self._each(self._addresses, lambda one: _held(one, note), OPENING_S)
        # Asked for afterwards: what others decide meanwhile is witnessed, too.
        last = last_position()
        for address, held in told.items():
            if held is not None and (held == size or held > last):
                another = "another tree" if held == size else "a tree"
                raise LogDamaged(
                    f"the log ends at {last}, witness {address.key.name} has cosigned {another} of {held}"
                )

    def _each(
        self,
        addresses: Iterable[WitnessAddress],
        ask: Callable[[WitnessAddress], T],
        wait_s: float,
    ) -> dict[WitnessAddress, T]:
        """The answers of those that are awake and answer in time."""
        now = time.monotonic()
        asked = {
            _begun(ask, one): one
            for one in addresses
            if self._rests_until.get(one, now) <= now and not self._is_busy(one)
        }
        done, late = wait(asked, timeout=wait_s)
        for future in late:
            # It may trickle for ever; until it ends, nothing more is asked of it.
            self._asked[asked[future]] = future
            self._rest(asked[future], "no answer in time")
        answers = {}
        for future in done:
            try:
                answers[asked[future]] = future.result()
            except Unreachable as error:
                self._rest(asked[future], str(error))
            except (Refused, TileMissing) as error:
                name = asked[future].key.name
                logger.error("witness.refused", witness=name, reason=str(error))  # noqa: TRY400  no traceback
        return answers

    def _is_busy(self, address: WitnessAddress) -> bool:
        before = self._asked.get(address)
        return before is not None and not before.done()

    def _rest(self, address: WitnessAddress, reason: str) -> None:
        self._rests_until[address] = time.monotonic() + self._rest_s
        logger.warning("witness.away", witness=address.key.name, reason=reason)

    def _ask(self, address: WitnessAddress, note: str, tiles: TileReader) -> str:
        """The witness's answer, once with a proof from the size it says to know."""
        size = claimed_checkpoint(note).size
        prover = Prover(tiles, size)
        old_size = self._known_sizes.get(address, 0)
        for _ in range(TRIES):
            path = prover.consistency(old_size) if 0 < old_size <= size else []
            request = Request(old_size, tuple(path), note)
            status, told, answer = _added(address, request)
            if status == HTTPStatus.OK:
                if not cosigned(with_cosignatures(note, {address.key: answer}), [address.key]):
                    raise Refused("the answer is not its cosignature")
                self._known_sizes[address] = size
                return answer
            if told is None:
                raise Refused(f"status {status}")
            if told == old_size or told > size:
                # It has cosigned another tree of this size, or a larger one: this log was replaced.
                raise Refused(f"it has cosigned another tree, of {told} events")
            old_size = told
        raise Refused("it changes its mind")


def _begun(ask: Callable[[WitnessAddress], T], address: WitnessAddress) -> Future[T]:
    """
    Ask in a thread that keeps no process alive.

    Time-outs of a client begin anew with each byte, and those of a name server are not ours: a
    witness can keep the thread as long as it likes, and nothing else.
    """
    future: Future[T] = Future()

    def answer() -> None:
        try:
            future.set_result(ask(address))
        except Exception as error:  # noqa: BLE001  raised where the answer is awaited
            future.set_exception(error)

    Thread(target=answer, name="witness", daemon=True).start()
    return future


def _held(address: WitnessAddress, note: str) -> int | None:
    """Size of the tree that the witness has cosigned; None if it is the one of the checkpoint."""
    status, told, _ = _added(address, Request(claimed_checkpoint(note).size, (), note))
    if status != HTTPStatus.OK and told is None:
        raise Refused(f"status {status}")
    return told


def _added(address: WitnessAddress, request: Request) -> tuple[int, int | None, str]:
    """Status of the answer, the size that a witness says to know instead, and the answer itself."""
    status, kind, answer = _post(f"{address.url}/add-checkpoint", request.body())
    is_size = status == HTTPStatus.CONFLICT and kind == SIZE_TYPE and _SIZE.fullmatch(answer)
    return status, int(answer) if is_size else None, answer


def _post(url: str, body: bytes) -> tuple[int, str, str]:
    """Status, content type and text of the answer."""
    request = urllib.request.Request(url, data=body, method="POST")  # noqa: S310  settings allow http and https only
    request.add_header("content-type", "text/plain; charset=utf-8")
    try:
        with _OPENER.open(request, timeout=WAIT_S) as answer:
            return answer.status, answer.headers.get_content_type(), _text(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), _text(error)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(type(error).__name__) from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A witness answers where it was said to be, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Never."""


_OPENER: Final = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def _text(answer: urllib.error.HTTPError) -> str:
    return answer.read(ANSWER_BYTES_MAX).decode("utf-8", "replace")
