"""No test is ever skipped: whoever tries fails."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ATTEMPTS = {
    "a mark": "import pytest\n@pytest.mark.skip(reason='no broker')\ndef test_it(): pass\n",
    "a condition": "import pytest\n@pytest.mark.skipif(True, reason='x')\ndef test_it(): pass\n",
    "a call": "import pytest\ndef test_it(): pytest.skip('no broker')\n",
    "a fixture": "import pytest\n@pytest.fixture\ndef broker(): pytest.skip('none')\n"
    "def test_it(broker): pass\n",
    "a module": "import pytest\npytest.importorskip('no_such_package')\ndef test_it(): pass\n",
    "unittest": "import unittest\nclass TestIt(unittest.TestCase):\n"
    "    @unittest.skip('no broker')\n    def test_it(self): pass\n",
}


def test_whoever_skips_fails(tmp_path: Path) -> None:
    """By whatever way; the run is no success and says why."""
    for number, text in enumerate(ATTEMPTS.values()):
        tmp_path.joinpath(f"test_attempt_{number}.py").write_text(text, encoding="utf-8")
    tmp_path.joinpath("pytest.ini").write_text("[pytest]\n", encoding="ascii")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "never_skipped",
            "--continue-on-collection-errors",
        ],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TESTS), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout
    assert "skipped, which no test may be" in done.stdout
    assert "passed" not in done.stdout
    # What happens before a test begins is called an error.
    counted = re.findall(r"(\d+) (?:failed|error)", done.stdout.splitlines()[-1])
    assert sum(map(int, counted)) == len(ATTEMPTS)
