"""
Master keys of the vault: from the settings, or from files beside the embedded database.

While the key is changed there are two. The change is one transaction, so at any moment exactly one
of them fits; whichever it is, the vault opens.
"""

import os
import secrets
from pathlib import Path
from typing import Final

from app.private_file import settle
from app.problems import Problem, Words
from app.settings import MASTER_KEY_BYTES, Settings

FILE: Final = "vault-master.key"
NEW_FILE: Final = "vault-master.key.new"
"""Beside the embedded database; there only while the key is changed."""


def master_key(settings: Settings) -> bytes:
    """
    Key that wraps the vault's keys: from the settings, or made once beside the embedded database.

    Raises:
        Problem: the vault has a database of its own and no key is given, or the file is damaged.
    """
    if text := settings.vault_master_key.get_secret_value():
        return bytes.fromhex(text)
    if settings.vault_database.get_secret_value():
        raise Problem(
            Words("没有保管库主密钥。", "The vault's master key is missing."),
            how=Words("设置 HENGWEN_VAULT_MASTER_KEY_FILE。", "Set HENGWEN_VAULT_MASTER_KEY_FILE."),
        )
    return _made_once(settings.home / FILE)


def kept_in_file(settings: Settings) -> bool:
    """Whether the key is the one beside the embedded database, which we change ourselves."""
    return not (
        settings.vault_master_key.get_secret_value()
        or settings.vault_master_key_new.get_secret_value()
        or settings.vault_database.get_secret_value()
    )


def new_master_key(settings: Settings) -> bytes:
    """
    The key that is to replace the one in force; in a file it is made, and kept until it does.

    Raises:
        Problem: none is given.
    """
    if text := settings.vault_master_key_new.get_secret_value():
        return bytes.fromhex(text)
    if kept_in_file(settings):
        return _made_once(settings.home / NEW_FILE)
    raise Problem(
        Words("没有新主密钥。", "The new master key is missing."),
        how=Words(
            "生成一把(openssl rand -hex 32),设置 HENGWEN_VAULT_MASTER_KEY_NEW_FILE。",
            "Make one (openssl rand -hex 32) and set HENGWEN_VAULT_MASTER_KEY_NEW_FILE.",
        ),
    )


def end_change(settings: Settings) -> None:
    """Put the new key in the place of the old one, which is then gone; only if kept in a file."""
    new = settings.home / NEW_FILE
    if kept_in_file(settings) and new.exists():
        new.replace(settings.home / FILE)


def fitting_master_key(settings: Settings, dsn: str) -> bytes:
    """
    The one master key that opens the vault in a database.

    Raises:
        WrongVault: none does.
        VaultMissing, VaultUnreachable: there is no vault.
        Problem: no key is given.
    """
    from vault.rotation import fitting  # noqa: PLC0415  # slow to import

    keys = [master_key(settings)]
    if settings.vault_master_key_new.get_secret_value() or (
        kept_in_file(settings) and (settings.home / NEW_FILE).exists()
    ):
        keys.append(new_master_key(settings))
    return keys[0] if len(keys) == 1 else fitting(dsn, keys)


def _made_once(path: Path) -> bytes:
    """The key in a file; made if there is none, by whichever process is first."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.draft-{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        with draft.open("w", encoding="ascii") as file:
            file.write(secrets.token_hex(MASTER_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)  # fails if another process was first: its key counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        settle(path.parent)  # a key that a power cut takes is every name lost
    return _key_in(path.read_text(encoding="ascii"), str(path))


def _key_in(text: str, path: str) -> bytes:
    """The key in the file."""
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise Problem(
            Words("主密钥文件已损坏。", "The file of the master key is damaged."),
            where=path,
            how=Words("从备份恢复该文件。", "Restore the file from a backup."),
        )
    return key
