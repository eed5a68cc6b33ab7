"""What an export of evidence refuses, as problems a user can act on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.problems import Problem, Words


def parquet_if_wanted(forms: frozenset[str]) -> None:
    """
    Refuse early what could not be written.

    Raises:
        Problem: parquet is wanted, and its library is not installed.
    """
    from evidence.pack_parquet import available  # noqa: PLC0415  # slow to import

    if "PARQUET" in forms and not available():
        raise Problem(
            Words("没有安装写 parquet 的库。", "The library that writes parquet is not installed."),
            where="pyarrow",
            how=Words(
                "安装 hengwen[parquet],或用 csv、xlsx、xml。",
                "Install hengwen[parquet], or take csv, xlsx, xml.",
            ),
        )


@contextmanager
def explained(to: Path) -> Iterator[None]:
    """Turn what an export refuses into pages for the user."""
    from evidence.pack import NoCheckpoint  # noqa: PLC0415  # slow to import
    from evidence.pack_scope import NoSuchOrganisation  # noqa: PLC0415  # as above

    try:
        yield
    except FileExistsError:
        raise Problem(
            Words("文件夹已存在。", "There is such a folder already."),
            where=str(to),
            how=Words("换一个名字。", "Choose another name."),
        ) from None
    except NoSuchOrganisation as error:
        raise Problem(
            Words("没有这个机构。", "There is no such organisation."),
            where=str(error),
            how=Words(
                "核对机构编码;刚登记的要先签发校验点。",
                "Check the code; what was just registered needs a checkpoint first.",
            ),
        ) from None
    except NoCheckpoint as error:
        raise Problem(
            Words("没有签发到那里的校验点。", "No checkpoint reaches that far."),
            where=str(error),
            how=Words("运行 hengwen checkpoint --once。", "Run `hengwen checkpoint --once`."),
        ) from None
