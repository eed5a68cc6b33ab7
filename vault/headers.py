"""A vault's header: its own keys made, wrapped, and unwrapped again."""

from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.units import Micros
from vault.errors import WrongVault
from vault.keys import MasterKey, VaultKeys, random_key
from vault.store import FORMAT, Header


def new_header(master: MasterKey, ledger: bytes, created_at: Micros) -> Header:
    """The header of a new vault for *ledger*, with fresh random keys."""
    vault, signing = str(uuid4()), random_key()
    return Header(
        format=FORMAT,
        vault=vault,
        ledger=ledger,
        public_key=_public(signing),
        signing_key=master.wrap(signing, f"{vault}/signing"),
        index_key=master.wrap(random_key(), f"{vault}/index"),
        id_key=master.wrap(random_key(), f"{vault}/ids"),
        sequence=0,
        created_at=created_at,
        log_seen=0,
    )


def unwrapped(header: Header, master: MasterKey) -> VaultKeys:
    """
    The vault's own keys.

    Raises:
        WrongVault: another master key, or a public key that is not of the signing key.
    """
    keys = VaultKeys(
        signing=master.unwrap(header.signing_key, f"{header.vault}/signing"),
        index=master.unwrap(header.index_key, f"{header.vault}/index"),
        ids=master.unwrap(header.id_key, f"{header.vault}/ids"),
    )
    if _public(keys.signing) != header.public_key:
        raise WrongVault("the public key is not of the signing key")
    return keys


def _public(signing: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw()
