"""docker-compose.yml, read as Docker reads it; there may be no Docker engine here."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_tree import tree
from proof_vectors import go_program
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from three_brokers import COPIES, COUNT

from app.environment import variable
from app.settings import Settings, variables

ROOT = Path(__file__).parent.parent
COMPOSE = ROOT / "docker-compose.yml"
OURS = {"init", "admission", "checkpointer", "projector"}
LEFT_OUT = {
    "debug": "for developers",
    "seal_address": "the sealing service stands with whoever has the names, not here",
    "seal_token": "likewise",
}
"""Settings that the containers are not told, and why."""


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The loader of Docker's compose, built from the Go module compose-spec/compose-go."""
    program = tmp_path_factory.mktemp("compose") / "compose_check"
    done = subprocess.run(
        [go_program(), "build", "-o", program, "."],
        cwd=ROOT / "tests" / "compose_check",
        env=os.environ | {"CGO_ENABLED": "0"},  # Go alone: no C compiler is needed
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return program


def _project(loader: Path, profile: str, *environment: str) -> dict[str, Any]:
    done = subprocess.run(
        ["env", *environment, loader, COMPOSE, profile], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    services: dict[str, Any] = json.loads(done.stdout)["services"]
    return services


@pytest.mark.slow
@pytest.mark.parametrize(
    ("profile", "brokers"), [("one", {"kafka"}), ("three", {"kafka-1", "kafka-2", "kafka-3"})]
)
def test_each_profile_is_whole(loader: Path, profile: str, brokers: set[str]) -> None:
    """Brokers of the profile, two databases, our processes; each but the one-shot is watched."""
    services = _project(loader, profile)
    assert services.keys() == brokers | {"postgres", "vault-postgres"} | OURS
    assert {name for name, s in services.items() if "healthcheck" not in s} == {"init"}
    for name in OURS - {"init"}:
        waits = services[name]["depends_on"]
        assert waits["init"]["condition"] == "service_completed_successfully"
        assert brokers <= waits.keys()


@pytest.mark.slow
def test_what_the_containers_are_told_are_settings(loader: Path) -> None:
    """Every setting that has a meaning in a container, and no other; secrets come by file."""
    services = _project(loader, "one")
    told = {name for s in OURS for name in services[s]["environment"] if name.startswith("HENGWEN")}
    fields = Settings.model_fields.keys() - LEFT_OUT.keys()
    secret = {name for name in fields if Settings.model_fields[name].annotation is SecretStr}
    assert told == {
        variable(name) + ("_FILE" if name in secret else "") for name in fields
    }  # fmt: skip


@pytest.mark.slow
def test_what_is_not_given_to_compose_is_not_set_in_the_containers(
    loader: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable is the default, also one that would name a file."""
    told = _project(loader, "one")["admission"]["environment"]
    for name, value in told.items():
        if not name.endswith("_FILE") or not value:
            monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    assert (settings.log, settings.kafka_bootstrap) == ("kafka", "kafka:9092")
    given = {"home", "log", "log_format", "kafka_bootstrap", "kafka_replication"}
    for name, field in Settings.model_fields.items():
        assert name in given or getattr(settings, name) == field.default, name


@pytest.mark.slow
def test_three_brokers_keep_three_copies(loader: Path) -> None:
    """The environment file of the profile is what makes the log's topics safe."""
    lines = (ROOT / "deploy" / "three.env").read_text(encoding="utf-8").splitlines()
    given = [line for line in lines if not line.startswith("#")]
    services = _project(loader, "three", *given)
    assert services["admission"]["environment"]["HENGWEN_KAFKA_REPLICATION"] == "3"
    # The settings under which test_three_brokers.py takes one of them down.
    for number in range(1, COUNT + 1):
        told = services[f"kafka-{number}"]["environment"]
        for name, value in COPIES.items():
            assert told[f"KAFKA_{name.upper().replace('.', '_')}"] == value
        assert told["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"


@pytest.mark.slow
def test_the_containers_run_commands_that_exist(loader: Path) -> None:
    """And the data of PostgreSQL 18 is where its image expects it."""
    services = _project(loader, "one")
    commands = tree().commands
    assert {services[name]["command"][0] for name in OURS} <= commands.keys()
    (volume,) = services["postgres"]["volumes"]
    assert volume["target"] == "/var/lib/postgresql"


def test_every_variable_in_deployment_files_is_a_setting() -> None:
    """Also in the image, the environment files and what compose fills in."""
    files = [COMPOSE, ROOT / "Dockerfile", ROOT / ".env", *sorted((ROOT / "deploy").iterdir())]
    for path in files:
        names = set(re.findall(r"HENGWEN_[A-Z_]+", path.read_text(encoding="utf-8")))
        assert names <= variables(), path.name


def test_the_image_runs_as_an_ordinary_user_with_locked_packages() -> None:
    """Not as root, and nothing is installed without a hash."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    last = text.rsplit("FROM ", 1)[1]
    assert "\nUSER hengwen\n" in last
    for line in re.findall(r"^RUN pip install .*", text, re.MULTILINE):
        assert "--require-hashes" in line or "--no-deps" in line


def test_secrets_are_made_once(tmp_path: Path) -> None:
    """Passwords fit their connection strings; a second run replaces none."""
    script = tmp_path / "deploy" / "secrets.sh"
    script.parent.mkdir()
    script.write_bytes((ROOT / "deploy" / "secrets.sh").read_bytes())

    def made() -> dict[str, str]:
        subprocess.run(["sh", script], check=True)
        return {path.name: path.read_text("ascii") for path in (tmp_path / "secrets").iterdir()}

    secrets = made()
    assert made() == secrets
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    for owner in ("", "vault_"):
        dsn = conninfo_to_dict(secrets[f"{owner}database"])
        assert dsn["password"] == secrets[f"{owner}postgres_password"]
    settings = Settings(
        database=SecretStr(secrets["database"]),
        vault_master_key=SecretStr(secrets["vault_master_key"]),
    )
    assert secrets["vault_master_key"] not in str(settings)


def test_no_empty_secret_is_ever_written(tmp_path: Path) -> None:
    """Where random bytes cannot be had, the script fails and leaves no file."""
    script = tmp_path / "deploy" / "secrets.sh"
    script.parent.mkdir()
    script.write_bytes((ROOT / "deploy" / "secrets.sh").read_bytes())
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("dirname", "mkdir", "chmod", "tr", "cat"):  # all but od
        tools.joinpath(name).symlink_to(str(shutil.which(name)))
    shell = str(shutil.which("sh"))
    done = subprocess.run(
        [shell, script], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "no random bytes" in done.stderr
    assert list((tmp_path / "secrets").iterdir()) == []
