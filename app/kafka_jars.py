"""The jars of the Kafka broker, brought by Maven, each compared with its committed SHA-256."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.problems import Problem, Words


def fetch_jars(*, pom: Path, digests: Path, libs: Path) -> None:
    """
    Bring the broker's jars into *libs*, by Maven if they are not there, and check each digest.

    Raises:
        Problem: Maven is missing or fails, or a jar is not the one that was committed.
    """
    libs.mkdir(parents=True, exist_ok=True)
    wanted = _wanted(digests)
    with _alone(libs.parent / "jars.lock"):
        if _wrong(wanted, libs):
            _run_maven(pom, libs)
        wrong = _wrong(wanted, libs)
    if wrong:
        raise Problem(
            Words(f"Kafka 的 jar 与登记的摘要不符: {wrong}", f"Kafka jars differ: {wrong}"),
            where=str(libs),
            how=Words(
                "删除该目录后重试；仍不符则不要运行这些 jar。",
                "Remove the folder and try again; if they still differ, do not run them.",
            ),
        )


def _wanted(digests: Path) -> dict[str, str]:
    """Name of each jar and its digest, from lines as sha256sum writes them."""
    lines = (line.split() for line in digests.read_text(encoding="ascii").splitlines())
    return {name.lstrip("*"): digest for digest, name in lines}


def _wrong(wanted: dict[str, str], libs: Path) -> list[str]:
    """Jars missing, different, or not on the list: the class path takes the whole folder."""
    found = {path.name for path in libs.glob("*.jar")}
    wrong = found ^ wanted.keys()
    for name in found & wanted.keys():
        with (libs / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted[name]:
                wrong.add(name)
    return sorted(wrong)


def _run_maven(pom: Path, libs: Path) -> None:
    """Let Maven copy what the pom names into *libs*."""
    maven = shutil.which("mvn")
    if maven is None:
        raise Problem(
            Words("没有找到 Maven (mvn)。", "Maven (mvn) was not found."),
            how=Words(
                "安装 maven，或把 HENGWEN_TEST_KAFKA 指向一个已在运行的 Kafka。",
                "Install maven, or point HENGWEN_TEST_KAFKA at a running broker.",
            ),
        )
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies"]
    done = subprocess.run(
        [*command, f"-DoutputDirectory={libs.resolve()}", "-DincludeScope=runtime"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise Problem(
            Words("Maven 未能取得 Kafka 的 jar。", "Maven could not bring the jars of Kafka."),
            where=(done.stdout + done.stderr)[-2000:],
            how=Words("检查网络与 Maven 设置后重试。", "Check network and Maven settings."),
        )


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
