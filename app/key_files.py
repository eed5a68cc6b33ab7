"""Files of new keys: where they go, and what a user is told if one cannot be written."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.problems import Problem, Words


def free_path(folder: Path, names: Iterable[str]) -> Path:
    """The first of the names that is not taken in *folder*."""
    return next(folder / name for name in names if not (folder / name).exists())


@contextmanager
def written_or_told() -> Iterator[None]:
    """
    While a key file is written.

    Raises:
        Problem: it was not; an existing file is never overwritten.
    """
    from publishers.keys import BadKeyFile  # noqa: PLC0415  # slow to import

    try:
        yield
    except BadKeyFile as bad:
        raise Problem(
            Words("密钥文件没有写成。", "The key file was not written."),
            where=f"{bad.path} ({bad.code})",
            how=Words("换一个文件名。", "Choose another file name."),
        ) from None
