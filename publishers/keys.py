"""Key files: an Ed25519 private key as PEM (PKCS #8), readable by its owner alone."""

import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from publishers.signing import Signer

OWNER_ONLY = 0o600


class BadKeyFile(Exception):
    """The file cannot be used as a key: *code* says why, *path* which."""

    def __init__(self, code: str, path: Path) -> None:
        super().__init__(f"{code}: {path}")
        self.code = code
        self.path = path


def generate_key(path: Path) -> Signer:
    """
    Make a new key and write it to *path*, mode 0600; an existing file is never overwritten.

    Raises:
        BadKeyFile: KEY_FILE_EXISTS or KEY_FILE_UNWRITABLE.
    """
    private_key = Ed25519PrivateKey.generate()
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_key(path, pem)
    return Signer(private_key)


def write_key(path: Path, content: bytes) -> None:
    """
    Write a new file that only its owner can read; an existing one is never overwritten.

    Raises:
        BadKeyFile: KEY_FILE_EXISTS or KEY_FILE_UNWRITABLE.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except FileExistsError as error:
        raise BadKeyFile("KEY_FILE_EXISTS", path) from error
    except OSError as error:
        raise BadKeyFile("KEY_FILE_UNWRITABLE", path) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # its name, too
    finally:
        os.close(folder)


def load_key(path: Path) -> Signer:
    """
    The key in *path*.

    Raises:
        BadKeyFile: KEY_FILE_MISSING, KEY_FILE_UNREADABLE, or NOT_A_KEY (not PEM, or not Ed25519).
    """
    try:
        pem = path.read_bytes()
    except FileNotFoundError as error:
        raise BadKeyFile("KEY_FILE_MISSING", path) from error
    except OSError as error:
        raise BadKeyFile("KEY_FILE_UNREADABLE", path) from error
    try:
        private_key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The cause may quote the file; a key must never reach a message.
        raise BadKeyFile("NOT_A_KEY", path) from None
    if not isinstance(private_key, Ed25519PrivateKey):
        raise BadKeyFile("NOT_A_KEY", path)
    return Signer(private_key)
