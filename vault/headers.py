"""A vault's header: its own keys made, wrapped, and unwrapped again; whose vault it is."""

from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.units import Micros
from vault.errors import OtherSuite, VaultBehind, WrongVault
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
        suite=master.suite.name,
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
        suite=master.suite,
    )
    if _public(keys.signing) != header.public_key:
        raise WrongVault("the public key is not of the signing key")
    return keys


def check_header(header: Header, ledger: bytes, suite: str, highest_in_log: int) -> None:
    """
    Refuse a vault that is not the ledger's, or that has forgotten what the log has seen.

    Raises:
        WrongVault: it belongs to another ledger.
        OtherSuite: it has another suite than the ledger.
        VaultBehind: the log has seen a later call.
    """
    if header.ledger != ledger:
        raise WrongVault("the vault belongs to another ledger")
    if header.suite != suite:
        raise OtherSuite(vault=header.suite, ledger=suite)
    if header.sequence < highest_in_log:
        raise VaultBehind(own=header.sequence, in_log=highest_in_log)


def _public(signing: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(signing).public_key().public_bytes_raw()
