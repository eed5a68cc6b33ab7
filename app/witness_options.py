"""The options of commands that demand cosignatures: ``--witness`` and ``--quorum``."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.problems import Problem, Words

WitnessOption = Annotated[
    list[str] | None,
    typer.Option(
        "--witness",
        help="见证方公钥文本,须有其副署 | public key of a witness that must have cosigned",
    ),
]
QuorumOption = Annotated[
    int,
    typer.Option(help="至少几方副署,默认全部 | how many of the witnesses; all by default", min=0),
]


def demanded(texts: Sequence[str] | None, quorum: int) -> tuple[list[Any], int]:
    """
    The witnesses whose cosignatures a user demands, and how many of them.

    Raises:
        Problem: a key is none, or more are demanded than are named.
    """
    from app.witnessing import witness_keys  # noqa: PLC0415  # slow to import

    keys = list({key.public_key: key for key in witness_keys(texts or [])}.values())
    if quorum > len(keys):
        raise Problem(
            Words("要求的副署方多于所给公钥。", "More witnesses are demanded than were named."),
            where=f"--quorum {quorum} > {len(keys)}",
            how=Words("用 --witness 给出更多公钥。", "Name more of them with --witness."),
        )
    return keys, quorum or len(keys)
