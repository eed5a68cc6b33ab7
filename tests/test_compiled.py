"""The core as machine code: the same bytes as the sources, or no verdict at all."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.compile_core import compile_into, environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".cache" / "compiled"
SAME = (
    "tests/test_golden.py::test_golden_bytes_are_read_and_written_as_ever",
    "tests/test_golden.py::test_a_golden_history_gives_the_same_verdicts_for_ever",
    "tests/test_determinism.py",
    "tests/test_admission_kinds.py",
    "tests/test_admission_fuzz.py",
)
"""Every event, refusal and check of the golden history, byte for byte; anything else well-typed."""
DEFECT = """
from dataclasses import replace
from types import SimpleNamespace
from programme import Programme
from admission import decide
from admission.decide import Admission
from admission.rules import v1

def defect(_):
    raise ZeroDivisionError

given = Programme().funded()
given.save()
before = len(given.verdicts)
kind = v1.KINDS["MakePayment"]
broken = v1.KINDS | {"MakePayment": replace(kind, checks=(*kind.checks, defect))}
given.admission = Admission(given.admission.state, {1: SimpleNamespace(KINDS=broken, LOCK=v1.LOCK)})
print(decide.__file__)
try:
    given.pay(1)
except decide.CompiledFailed as error:
    print("stopped before", error, "after", before, given.admission.state.ledger.position)
"""


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    """The environment of a process that runs the compiled copy."""
    compile_into(FOLDER)
    return dict(os.environ) | environment(FOLDER)


def run(compiled: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A Python process on the compiled copy."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=compiled, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_the_compiled_core_gives_the_same_bytes(compiled: dict[str, str]) -> None:
    """The golden history, fuzzed submissions, batches, hash seeds, time zones."""
    options = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-o", "pythonpath=tests")
    done = run(compiled, "-m", "pytest", *options, *SAME)
    assert done.returncode == 0, done.stdout[-3_000:]
    assert " passed" in done.stdout


def test_where_the_compiled_core_raises_the_sources_must_decide(compiled: dict[str, str]) -> None:
    """What an error is depends on who runs a rule: nothing is decided, the process stops."""
    with_tests = compiled | {"PYTHONPATH": os.pathsep.join((compiled["PYTHONPATH"], "tests"))}
    first, second = run(with_tests, "-c", DEFECT).stdout.splitlines()
    assert first.startswith(str(FOLDER))
    assert not first.endswith(".py")
    *_, position, _, before, folded = second.split()
    assert second.startswith("stopped before")
    assert int(position) - 1 == int(before) == int(folded)


def test_one_of_many_compiles_and_the_others_wait(compiled: dict[str, str], tmp_path: Path) -> None:
    """Tests and benchmarks share the copy: none finds it half made or has it taken away."""
    del compiled
    folder = tmp_path / "copy"
    shutil.copytree(FOLDER, folder)
    with folder.with_name("copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        others = [
            subprocess.Popen([sys.executable, "-m", "tools.compile_core", str(folder)], cwd=ROOT)
            for _ in range(2)
        ]
        with pytest.raises(subprocess.TimeoutExpired):
            others[0].wait(3)
    assert [other.wait(120) for other in others] == [0, 0]
