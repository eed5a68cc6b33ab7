"""
The core as machine code: what decides, compiled by mypyc into a copy of the packages.

    python -m tools.compile_core FOLDER

FOLDER then holds ``domain``, ``schemas`` and ``admission`` with compiled modules beside their
sources; put it first on PYTHONPATH. It needs a C compiler and Python's headers. The sources stay
the reference: tests decide the same submissions with both and compare every byte.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import sysconfig
from hashlib import sha256
from pathlib import Path
from typing import Final

import domain.parts
from schemas.generate import reading, writing

ROOT: Final = Path(__file__).parents[1]
AHEAD: Final = "schemas/ahead.py"
PACKAGES: Final = ("domain", "schemas", "admission")
COMPILED: Final = (
    "domain/calendar.py",
    "domain/intervals.py",
    "domain/merkle.py",
    "domain/payment.py",
    "domain/person.py",
    "domain/restriction.py",
    "domain/signing.py",
    "domain/texts.py",
    "schemas/varint.py",
    "admission/*.py",
    "admission/rules/kinds.py",
    "admission/rules/v1.py",
    "admission/rules/checks/*.py",
)
"""Not aggregates, whose nested event classes mypyc does not take, nor records, which are looked into."""

HOT: Final = ("hengwen.MakePayment", "hengwen.SubmissionProof", "hengwen.PaymentMade")
"""Records whose readers and writers are compiled too: those of a payment."""


class NotCompiled(Exception):
    """What is missing on this machine, or what the compiler said."""


def compile_into(folder: Path) -> None:
    """
    Make the compiled copy, unless *folder* holds it already.

    Raises:
        NotCompiled: no compiler, no headers, or an error of the compiler.
    """
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    if shutil.which(compiler) is None:
        raise NotCompiled(f"no C compiler ({compiler}): apt install gcc")
    if not header.is_file():
        raise NotCompiled("no headers of Python: apt install python3-dev")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Tests and benchmarks of several processes share a copy: whoever comes second finds it made.
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _compile_alone(folder)


def _compile_alone(folder: Path) -> None:
    """Make the copy, while nobody else does."""
    made_from = folder / "made-from"
    if made_from.is_file() and made_from.read_text(encoding="utf-8") == sources():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__", "*.so")
        )
    (folder / AHEAD).write_text(ahead(), encoding="utf-8")
    modules = [AHEAD]
    modules += [str(p.relative_to(folder)) for glob in COMPILED for p in sorted(folder.glob(glob))]
    done = subprocess.run(
        [sys.executable, "-m", "mypyc", *modules],
        cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode:
        errors = [line for line in done.stdout.splitlines() if "error" in line]
        raise NotCompiled("\n".join(errors or done.stdout.splitlines()[-20:]))
    shutil.rmtree(folder / "build")
    made_from.write_text(sources(), encoding="utf-8")


def sources() -> str:
    """Digest of all that a compiled copy is made from."""
    digest = sha256(f"{sys.version} {sysconfig.get_platform()}".encode())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in {".py", ".avsc", ".json"}:
                digest.update(sha256(path.read_bytes()).digest())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def environment(folder: Path) -> dict[str, str]:
    """What a process is started with, so that it imports the copy and not the sources."""
    return {"PYTHONSAFEPATH": "1", "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))}


def ahead() -> str:
    """The module ``schemas.ahead``: readers and writers of the hot records, as text."""
    parts = [
        name
        for name, part in vars(domain.parts).items()
        if getattr(part, "__module__", None) == domain.parts.__name__
    ]
    lines = [
        "from typing import Any",
        "import domain.parts",
        "from schemas.files import MARKER, RECORDS, fingerprint",
        "from schemas.varint import SMALL, Canonical, read_varint, uuid_text, write_varint",
        "SMALL_END = len(SMALL)",
        "new: Any = object.__new__",
        *(f"{name}: Any = domain.parts.{name}" for name in parts),
    ]
    for topic in HOT:
        name = topic.removeprefix("hengwen.")
        lines += [
            f"class_{name}: Any = RECORDS[{topic!r}]",
            reading(topic, f"read_{name}").replace("new(cls)", f"new(class_{name})"),
            f"header_{name}: bytes = MARKER + fingerprint({topic!r})",
            writing(topic, f"write_{name}").replace("join((header,", f"join((header_{name},"),
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Compile; 1 if it cannot be done."""
    try:
        compile_into(Path(sys.argv[1]).resolve())
    except NotCompiled as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
