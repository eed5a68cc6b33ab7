"""Where evidence is, as a word of the command line: a folder, an address of the web, or a log."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from app.commands.checkpoint import evidence_folder
from app.output import Output
from app.problems import Problem, Words
from app.settings import Settings
from evidence.pack_layout import MANIFEST, NotAPack
from evidence.verify_published import NotPublished, PublishedSource
from evidence.verify_source import LogSource, PackSource, Source

SCHEMES: Final = ("http://", "https://")
KAFKA: Final = "kafka"
"""The log of the settings, which is on Kafka."""
LOGS: Final = ("-", KAFKA, f"{KAFKA}:", "embedded:")
"""How words begin that name a log; the first two are whole words."""


@contextmanager
def opened(place: str, settings: Settings, output: Output) -> Iterator[Source]:
    """
    What the word names; from an address it is fetched first, and gone afterwards.

    Raises:
        Problem: there is no evidence.
    """
    if place.lower().startswith(SCHEMES):
        from app.evidence_download import download  # noqa: PLC0415  # slow to import

        with TemporaryDirectory(prefix="hengwen-download-") as folder:
            yield _in_folder(str(download(place, Path(folder), output)))
        return
    if place in LOGS[:2] or place.startswith(LOGS[2:]):
        yield _in_log(place, settings)
    else:
        yield _in_folder(place)


def _in_log(place: str, settings: Settings) -> Source:
    """A log, and the tiles that its checkpointer has beside it."""
    from app.log_places import CONFIGURED, open_place  # noqa: PLC0415  # slow to import

    tiles = None
    if place == KAFKA:
        place, settings = CONFIGURED, settings.model_copy(update={"log": KAFKA})
    if place == CONFIGURED:
        tiles = evidence_folder(settings).public.path
    return LogSource(partial(open_place, place, settings, must_exist=True), tiles)


def _in_folder(place: str) -> Source:
    """A pack, or what a checkpointer publishes."""
    # A pack without a sound manifest is no published folder, though it has a checkpoint, too.
    kind = PackSource if (Path(place) / MANIFEST).exists() else PublishedSource
    with suppress(NotAPack, NotPublished):
        return kind(Path(place))
    raise Problem(
        _no_evidence(Path(place)),
        where=place,
        how=Words(
            "给出 hengwen export-evidence 写的文件夹、公布的文件夹、它们的 http(s) 网址,"
            "或 embedded:文件、kafka、-。核验凭证文件用 hengwen receipt verify,名册用 hengwen roster check。",
            "Name a folder written by `hengwen export-evidence`, a published folder, the http(s)"
            " address of either, or embedded:PATH, kafka, -. For a receipt there is `hengwen receipt"
            " verify`, for a roster `hengwen roster check`.",
        ),
    )


def _no_evidence(path: Path) -> Words:
    """What the path is instead of evidence."""
    if path.is_file():
        return Words(
            "这是一个文件;证据包是一个文件夹。", "This is a file; an evidence pack is a folder."
        )
    if not path.exists():
        return Words("没有这个文件夹。", "There is no such folder.")
    return Words("这个文件夹不是证据包。", "This folder is no evidence pack.")
