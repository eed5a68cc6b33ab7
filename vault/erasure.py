"""
Carrying out the erasures that the log holds: the second half of every erasure.

First PersonErased stands in the log, then the key goes. Whoever is killed in between, or restores
a backup from before, has the key go at the next opening of the vault.
"""

from collections.abc import Iterable

from domain.units import Position
from vault.errors import PersonGone
from vault.vault import Vault


def carry_out(vault: Vault, person: str, others: Iterable[str], *, position: Position) -> list[str]:
    """
    Destroy what the vault still holds of an erased person; again does nothing.

    Args:
        vault: an open vault.
        person: whom the log says is erased; the last to go, so that its key tells what is left.
        others: ids that are the same person.
        position: of PersonErased.

    Returns:
        The ids whose keys were there until now.
    """
    destroyed: list[str] = []
    for one in (*sorted(set(others) - {person}), person):
        try:
            vault.erase(one, position=position)
        except PersonGone:
            continue
        destroyed.append(one)
    return destroyed
