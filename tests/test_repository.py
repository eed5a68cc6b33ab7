"""What the repository may not hold, and what its files must agree on."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import test_tidy
import wheel_check

from app.faults import EXTRAS, known

ROOT = Path(__file__).parent.parent
TEXT_BYTES_MAX = 2_000_000

HOSTS = re.compile(
    r"pypi\.org|pythonhosted\.org|maven\.apache\.org|repo1\.maven|proxy\.golang\.org"
    r"|registry\.npmjs\.org|ghcr\.io|docker\.io|(?<!no-emit-)index-url"
)
MACHINE = re.compile(r"(?<![\w.~$}])/(work|root|home/\w+|Users/\w+)/")
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30}|xox[bp]-\d{6}"
)
MAKING = re.compile(r"\b(anthropic|openai|chatgpt|copilot|llm)\b", re.IGNORECASE)


def _tracked() -> list[Path]:
    """Files that are tracked, or would be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def _texts() -> dict[str, str]:
    """Content of each text file but this one, which holds what it looks for."""
    texts = {}
    for path in set(_tracked()) - {Path(__file__)}:
        data = path.read_bytes()
        if b"\0" not in data[:8000] and len(data) < TEXT_BYTES_MAX:
            texts[path.relative_to(ROOT).as_posix()] = data.decode("utf-8")
    return texts


def _locked(name: str) -> dict[str, str]:
    """Distribution and version of each entry of a lock."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE))


def _distribution(requirement: str) -> str:
    """
    Canonical name in a requirement.

    >>> _distribution("kafka-python[crc32c]>=3.0.12,<4")
    'kafka-python'
    """
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match
    return re.sub(r"[-_.]+", "-", match[0]).lower()


@pytest.mark.parametrize(
    "pattern", [HOSTS, MACHINE, SECRETS, MAKING], ids=["hosts", "machine", "secrets", "making"]
)
def test_no_file_holds_what_does_not_belong(pattern: re.Pattern[str]) -> None:
    """No package registry, no path of a machine, no secret, no word of how it was made."""
    found = {
        f"{name}: {match[0]}" for name, text in _texts().items() for match in pattern.finditer(text)
    }
    assert found == set()


def test_no_other_lock_is_kept() -> None:
    """One way to install: pip with hashes."""
    names = {path.name for path in _tracked()}
    assert not names & {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"}


def test_every_requirement_is_locked_in_one_version() -> None:
    """Locks hold what pyproject.toml asks for; the development lock agrees with the other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    run, dev = _locked("requirements.lock"), _locked("requirements-dev.lock")

    wanted = [*project["dependencies"], *extras["fast"], *extras["embedded"], *extras["sm"]]
    assert {_distribution(r) for r in wanted} <= run.keys()
    assert {_distribution(r) for r in [*wanted, *extras["dev"]]} <= dev.keys()
    assert run.items() <= dev.items()


def test_a_missing_package_is_told_by_the_extra_that_brings_it() -> None:
    """Every extra for users is known; anything else is a dependency that should be there."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(EXTRAS.values()) == project["optional-dependencies"].keys() - {"dev"}
    for name, package in (("gmalg.sm2", "hengwen[sm]"), ("fastavro", "hengwen")):
        problem = known(ModuleNotFoundError(name=name))
        assert problem is not None
        assert problem.how.en == f"pip install '{package}'"


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-dev.lock", "tests/compose_check/go.lock"]
)
def test_every_locked_version_has_hashes(name: str) -> None:
    """An entry without a hash would let anything in."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    unlocked = [e.split("\n")[0] for e in entries if "==" in e and "--hash=sha256:" not in e]
    assert unlocked == []


def test_layers_are_kept() -> None:
    """Dependencies point inwards; one package speaks to Kafka, one to Avro."""
    tool = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_goal_of_the_makefile_is_one_line_with_a_comment() -> None:
    """Whoever reads it knows what each does."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    goals = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)[0].split()
    for goal in goals:
        assert re.search(rf"^# .+\n{goal}: .*\n\t.+\n\n", text, re.MULTILINE), goal


def test_every_room_is_in_every_list() -> None:
    """A room that is built is typed, tested, layered, tidied and put into the image, too."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    rooms = set(tool["hatch"]["build"]["targets"]["wheel"]["packages"])
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert rooms == set(tool["mypy"]["files"]) - {"tests"}
    assert rooms == set(tool["pytest"]["testpaths"]) - {"tests"}
    assert rooms == set(tool["importlinter"]["root_packages"])
    assert rooms == set(test_tidy.ROOMS)
    assert rooms == set(wheel_check.ROOMS)
    assert {f"!{room}" for room in rooms} <= set(ignored)
