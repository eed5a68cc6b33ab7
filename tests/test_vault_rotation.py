"""Changing the master key: all keys or none, nothing in the log, and never a vault without a key."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from people import LEDGER, MASTER_KEY, worker
from test_vault_calls import clock, request
from test_vault_custody import READING, in_log

from app import cli
from app.settings import variables
from domain.units import Position
from vault.errors import WrongVault
from vault.keys import master_key_id
from vault.rotation import fitting, rotate
from vault.vault import Sealed, SealRequest, Vault

NEW_KEY = bytes(range(100, 132))
PERSONS = 12


def opened(dsn: str, key: bytes) -> Vault:
    """The vault, with one of the keys."""
    return Vault.open(dsn, key, ledger=LEDGER, highest_in_log=0, clock=clock)


@pytest.fixture
def sealed(postgres_dsn: str) -> list[tuple[SealRequest, Sealed]]:
    """A vault that has sealed some workers, one of them erased since."""
    requests = [request(n) for n in range(PERSONS)]
    with Vault.create(postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock) as vault:
        answers = vault.seal(requests)
        vault.erase(answers[-1].person, position=Position(9))
    return list(zip(requests, answers, strict=True))


def check(dsn: str, key: bytes, sealed: list[tuple[SealRequest, Sealed]]) -> None:
    """Everybody's name opens with the key, and the same import gives the same bytes."""
    with opened(dsn, key) as vault:
        names = vault.read(READING, [in_log(*one) for one in sealed])
        assert names == [*(worker(n) for n in range(PERSONS - 1)), None]
        (again,) = vault.seal([sealed[0][0]])
        assert (again.person, again.sealed) == (sealed[0][1].person, sealed[0][1].sealed)


def test_every_key_is_wrapped_anew_and_the_old_one_is_worthless(
    sealed: list[tuple[SealRequest, Sealed]], postgres_dsn: str
) -> None:
    """Persons, tokens and sealed bytes stay as they are; the second time there is nothing to do."""
    done = rotate(postgres_dsn, MASTER_KEY, NEW_KEY)
    assert done == (master_key_id(MASTER_KEY), master_key_id(NEW_KEY), PERSONS - 1, False)
    check(postgres_dsn, NEW_KEY, sealed)
    with pytest.raises(WrongVault):
        opened(postgres_dsn, MASTER_KEY)
    assert fitting(postgres_dsn, [MASTER_KEY, NEW_KEY]) == NEW_KEY
    assert rotate(postgres_dsn, MASTER_KEY, NEW_KEY).already


def test_neither_a_stranger_key_nor_the_same_one_changes_anything(
    sealed: list[tuple[SealRequest, Sealed]], postgres_dsn: str
) -> None:
    """Whoever does not hold the key in force cannot replace it."""
    with pytest.raises(WrongVault):
        rotate(postgres_dsn, bytes(32), NEW_KEY)
    with pytest.raises(WrongVault):
        rotate(postgres_dsn, MASTER_KEY, MASTER_KEY)
    with pytest.raises(WrongVault):
        fitting(postgres_dsn, [bytes(32), NEW_KEY])
    check(postgres_dsn, MASTER_KEY, sealed)


@pytest.fixture
def killed_in_the_middle(
    sealed: list[tuple[SealRequest, Sealed]], postgres_dsn: str
) -> list[tuple[SealRequest, Sealed]]:
    """A process that dies after it has wrapped all persons' keys, just before its commit."""
    program = (
        "import os, sys; from vault.rotation import rotate; "
        f"rotate(sys.argv[1], bytes.fromhex('{MASTER_KEY.hex()}'), bytes.fromhex('{NEW_KEY.hex()}'),"
        " lambda _: os._exit(9))"
    )
    done = subprocess.run([sys.executable, "-c", program, postgres_dsn], check=False, timeout=60)
    assert done.returncode == 9
    return sealed


def test_killed_in_the_middle_the_old_key_still_fits(
    killed_in_the_middle: list[tuple[SealRequest, Sealed]], postgres_dsn: str
) -> None:
    """Nothing was changed; the next attempt does it all."""
    check(postgres_dsn, MASTER_KEY, killed_in_the_middle)
    assert rotate(postgres_dsn, MASTER_KEY, NEW_KEY).persons == PERSONS - 1
    check(postgres_dsn, NEW_KEY, killed_in_the_middle)


def test_a_vault_open_meanwhile_adds_nobody_under_the_old_key(
    sealed: list[tuple[SealRequest, Sealed]], postgres_dsn: str
) -> None:
    """A person wrapped by the old key afterwards could never be read again."""
    with opened(postgres_dsn, MASTER_KEY) as service:
        rotate(postgres_dsn, MASTER_KEY, NEW_KEY)
        for late in (
            lambda: service.seal([request(99)]),
            lambda: service.person_of(worker(99)),
            lambda: service.erase(sealed[0][1].person, position=Position(10)),
        ):
            with pytest.raises(WrongVault, match="changed meanwhile"):
                late()
    with psycopg.connect(postgres_dsn) as connection:
        row = connection.execute("SELECT count(*) FROM vault.persons").fetchone()
    assert row == (PERSONS,)


@pytest.fixture
def hengwen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """Run a command in a home of this test's own; what it gives as JSON."""
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path))
    monkeypatch.setenv("HENGWEN_LEDGER", LEDGER.hex())

    def run(*arguments: str, code: int = 0) -> Any:
        found = cli.run([*arguments, "--json"])
        printed = capsys.readouterr()
        assert found == code, printed
        return json.loads(printed.out)

    return run


@pytest.mark.usefixtures("sealed")
def test_settings_name_both_keys_while_it_changes(
    postgres_dsn: str,
    hengwen: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """With both, the vault opens before and after; neither key is ever printed."""
    monkeypatch.setenv("HENGWEN_VAULT_DATABASE", postgres_dsn)
    monkeypatch.setenv("HENGWEN_VAULT_MASTER_KEY", MASTER_KEY.hex())
    assert "openssl rand" in hengwen("vault", "rotate-master-key", code=2)["how"]
    file = tmp_path / "new.key"
    file.write_text(NEW_KEY.hex() + "\n", "ascii")
    monkeypatch.setenv("HENGWEN_VAULT_MASTER_KEY_NEW_FILE", str(file))
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", "utf-8")
    cli.run(["seal", str(empty)])
    done = hengwen("vault", "rotate-master-key")
    assert (done["rewrapped"], done["already"]) == (PERSONS - 1, False)
    assert MASTER_KEY.hex() not in json.dumps(done)
    assert NEW_KEY.hex() not in json.dumps(done)
    assert cli.run(["seal", str(empty)]) == 0
    assert hengwen("vault", "rotate-master-key")["already"]
    monkeypatch.setenv("HENGWEN_VAULT_MASTER_KEY", NEW_KEY.hex())
    monkeypatch.delenv("HENGWEN_VAULT_MASTER_KEY_NEW_FILE")
    assert cli.run(["seal", str(empty)]) == 0


@pytest.mark.slow
def test_the_embedded_vault_changes_its_own_file(
    hengwen: Callable[..., Any], tmp_path: Path
) -> None:
    """A key of its own is made and takes the old one's place; killed before that, again does it."""
    hengwen("vault", "init")
    file, new_file = tmp_path / "vault-master.key", tmp_path / "vault-master.key.new"
    first = file.read_text("ascii")
    assert hengwen("vault", "rotate-master-key")["already"] is False
    second = file.read_text("ascii")
    assert second != first
    assert not new_file.exists()
    assert file.stat().st_mode & 0o077 == 0
    # as if killed between the commit and the change of the file
    new_file.write_text(second, "ascii")
    file.write_text(first, "ascii")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", "utf-8")
    assert cli.run(["seal", str(empty)]) == 0
    assert hengwen("vault", "rotate-master-key")["already"] is True
    assert file.read_text("ascii") == second
