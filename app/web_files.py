"""Files from a web server into a folder: time-outs, retries, bounds, and no redirect followed."""

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Lock, Timer
from typing import Final, NamedTuple, Self

import httpx

from app.problems import Problem, Words

TIMEOUT: Final = httpx.Timeout(30.0, connect=10.0)
TRIES: Final = 3
WAIT_S: Final = 1.0
"""Before the second try; twice as long before the third."""
HEADER_S: Final = 60.0
"""Until an answer begins, however it trickles."""
SLOW_S: Final = 30.0
BYTES_A_SECOND_MIN: Final = 1_000
"""After the first seconds, an answer must come at least so fast."""
AT_ONCE: Final = 8
WINDOW: Final = 512
"""Files asked for before more are thought of: a list of any length takes no memory."""
SPACE_SHARE: Final = 0.9
"""Of the free space, at most so much is filled."""
_TRANSIENT: Final = frozenset({408, 429, 500, 502, 503, 504})
_ABSENT: Final = frozenset({404, 410})


class Wanted(NamedTuple):
    """A file to be fetched: where from, whereto, and how many bytes it may have."""

    url: str
    path: Path
    bytes_max: int


class WebFiles:
    """Fetches files: with time-outs and retries, within the free space, redirects not followed."""

    def __init__(self, folder: Path) -> None:
        self._left = int(shutil.disk_usage(folder).free * SPACE_SHARE)
        self._lock = Lock()
        self._late = False
        self._client = httpx.Client(
            timeout=TIMEOUT, follow_redirects=False, limits=httpx.Limits(max_connections=AT_ONCE),
            headers={"Accept-Encoding": "identity", "User-Agent": "hengwen-verify"},
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def reserve(self, total: int) -> None:
        """
        Refuse early what would not fit.

        Raises:
            Problem: there is not so much space.
        """
        if total > self._left:
            raise _too_big(total)

    def fetch_each(
        self,
        wanted: Iterable[Sequence[Wanted]],
        done: Callable[[Sequence[Wanted]], None],
        *,
        to_the_first_gap: bool = False,
    ) -> None:
        """
        Fetch one file of each sequence, some at once; what is not there is left out.

        *to_the_first_gap* ends it soon after one that is not there.
        """
        queue = iter(wanted)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="download") as pool:
            while window := list(islice(queue, WINDOW)):
                found = []
                for files, there in zip(window, pool.map(self.fetch_any, window), strict=True):
                    done(files)
                    found.append(there)
                if to_the_first_gap and not all(found):
                    return

    def fetch_any(self, files: Sequence[Wanted]) -> bool:
        """Fetch the first that is there; whether one was."""
        return any(self.fetch(one) for one in files)

    def fetch(self, wanted: Wanted) -> bool:
        """
        Fetch one file; False if the server has none.

        Raises:
            Problem: it does not answer, or answers with something else.
        """
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(WAIT_S * attempt)
            status, reason = self._tried(wanted)
            if status in _ABSENT:
                return False
            if status == httpx.codes.OK:
                return True
            if status and status not in _TRANSIENT:
                break
        raise Problem(
            Words(
                f"服务器没有给出文件 ({reason})。", f"The server did not give the file ({reason})."
            ),
            where=wanted.url,
            how=Words(
                "检查地址与网络;若要求转到别处,请直接给出那个地址。",
                "Check address and network; if it redirects, give that address itself.",
            ),
        )

    def _tried(self, wanted: Wanted) -> tuple[int, str]:
        """Ask once; the status (0: no answer), and what to call it."""
        try:
            status = self._try(wanted)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            return httpx.codes.BAD_REQUEST, "URL"
        except (httpx.TransportError, httpx.DecodingError, RuntimeError) as error:
            if self._late:  # the client was closed under whoever asked
                raise _too_slow(wanted.url) from None
            return 0, type(error).__name__
        return status, str(status)

    def _try(self, wanted: Wanted) -> int:
        """Ask once; the status."""
        # Time-outs of a client begin anew with each byte, so a server could keep us for ever.
        watch = Timer(HEADER_S, self._give_up)
        watch.daemon = True
        watch.start()
        try:
            with self._client.stream("GET", wanted.url) as answer:
                watch.cancel()
                if answer.status_code == httpx.codes.OK:
                    self._write(answer, wanted)
                return answer.status_code
        finally:
            watch.cancel()

    def _give_up(self) -> None:
        """Whatever waits for a server ends with an error."""
        self._late = True
        self._client.close()

    def _write(self, answer: httpx.Response, wanted: Wanted) -> None:
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
        left, began = wanted.bytes_max, time.monotonic()
        with wanted.path.open("wb") as file:
            for block in answer.iter_raw():
                self._spend(len(block))
                # One byte more than announced is enough for the verification to see it.
                file.write(block[: left + 1])
                left -= len(block)
                if left < 0:
                    break
                due = (time.monotonic() - began - SLOW_S) * BYTES_A_SECOND_MIN
                if wanted.bytes_max - left < due:
                    raise _too_slow(wanted.url)

    def _spend(self, count: int) -> None:
        with self._lock:
            self._left -= count
        if self._left < 0:
            raise _too_big(count)


def _too_slow(where: str) -> Problem:
    return Problem(
        Words("服务器太慢。", "The server is too slow."),
        where=where,
        how=Words(
            "稍后再试,或把证据包拿到本机核验。", "Try later, or verify the pack as a folder."
        ),
    )


def _too_big(count: int) -> Problem:
    return Problem(
        Words("磁盘放不下。", "There is not enough disk space."),
        where=f"{count:,} bytes",
        how=Words(
            "腾出空间,或把证据包拿到本机核验。", "Free some, or verify the pack as a folder."
        ),
    )
