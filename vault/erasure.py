"""
Carrying out the erasures that the log holds: the second half of every erasure.

First PersonErased stands in the log, then the key goes. Whoever is killed in between, or restores
a backup from before, has the key go at the next opening of the vault.
"""

from collections.abc import Iterable

from domain.units import Position
from vault.errors import PersonGone
from vault.vault import Vault


def carry_out(vault: Vault, erased: Iterable[tuple[str, Position]]) -> list[str]:
    """
    Destroy what the vault still holds of persons whose erasure is recorded; again does nothing.

    Args:
        vault: an open vault.
        erased: persons, each with the position of PersonErased.

    Returns:
        The persons whose keys were there until now.
    """
    destroyed = []
    for person, position in erased:
        try:
            vault.erase(person, position=position)
        except PersonGone:
            continue
        destroyed.append(person)
    return destroyed
