"""
Asking witnesses to cosign a checkpoint: side by side, for a bounded time, and never insisting.

A witness that is away, refuses, or does not keep to the protocol is reported and passed over: the
log goes on without it, and whoever demands its cosignature sees that it is missing.
"""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from http import HTTPStatus
from http.client import HTTPException
from typing import Final, NamedTuple

import structlog

from evidence.checkpoints import claimed_checkpoint
from evidence.cosignatures import WitnessKey, cosigned, with_cosignatures
from evidence.proofs import Prover
from evidence.tiles import TileMissing, TileReader
from evidence.witness import SIZE_TYPE, Request

WAIT_S: Final = 5.0
"""A checkpoint is published after so long, with the cosignatures that came."""
REST_S: Final = 60.0
"""A witness that did not answer is left alone for so long."""
ANSWER_BYTES_MAX: Final = 16 * 1024
TRIES: Final = 2
"""The first may tell which size the witness knows."""

_SIZE: Final = re.compile(r"(0|[1-9][0-9]{0,18})\n", re.ASCII)

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

    def cosign(self, note: str, tiles: TileReader) -> str:
        """
        The checkpoint with the cosignatures that came in time; *tiles* are of its tree.

        Those that cosigned it before are not asked again.
        """
        now = time.monotonic()
        done_before = cosigned(note, [one.key for one in self._addresses])
        awake = [
            one
            for one in self._addresses
            if one.key not in done_before and self._rests_until.get(one, now) <= now
        ]
        if not awake:
            return note
        pool = ThreadPoolExecutor(len(awake))
        asked = {pool.submit(self._ask, one, note, tiles): one for one in awake}
        done, late = wait(asked, timeout=self._wait_s)
        pool.shutdown(wait=False, cancel_futures=True)
        for future in late:
            self._rest(asked[future], "no answer in time")
        answers = {
            asked[one].key: answer for one in done if (answer := self._answer(asked[one], one))
        }
        return with_cosignatures(note, answers)

    def _answer(self, address: WitnessAddress, future: Future[str]) -> str:
        try:
            return future.result()
        except Unreachable as error:
            self._rest(address, str(error))
        except (Refused, TileMissing) as error:
            logger.error("witness.refused", witness=address.key.name, reason=str(error))  # noqa: TRY400  no traceback
        return ""

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
            status, kind, answer = _post(f"{address.url}/add-checkpoint", request.body())
            if status == HTTPStatus.OK:
                if not cosigned(with_cosignatures(note, {address.key: answer}), [address.key]):
                    raise Refused("the answer is not its cosignature")
                self._known_sizes[address] = size
                return answer
            if status != HTTPStatus.CONFLICT or kind != SIZE_TYPE or not _SIZE.fullmatch(answer):
                raise Refused(f"status {status}")
            told = int(answer)
            if told == old_size or told > size:
                # It has cosigned another tree of this size, or a larger one: this log was replaced.
                raise Refused(f"it has cosigned another tree, of {told} events")
            old_size = told
        raise Refused("it changes its mind")


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
