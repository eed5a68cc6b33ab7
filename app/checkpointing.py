"""The checkpointer of the configured log, with its keys and witnesses; and who signs its balances."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.checkpoint_keys import private_keys, signers
from app.commands.checkpoint import evidence_folder
from app.output import Output
from app.problems import Problem, Words
from app.settings import Settings
from app.sm2_keys import sm2_signers, with_sm2
from app.witnessing import witnesses
from consumers.balances import BalanceSigner
from consumers.checkpointer import Checkpointer, KeyNotAtHand
from eventlog.contract import Log
from eventlog.embedded import FileLease

WAITING_S: Final = 1.0
"""After so long a user is told what is waited for."""


@contextmanager
def open_checkpointer(
    settings: Settings, log: Log, output: Output, keys: Sequence[Path] = ()
) -> Iterator[Checkpointer]:
    """
    The checkpointer of the configured log; it waits until no other works in the folder.

    Raises:
        Problem: no private key that the log names is here.
    """
    folder = evidence_folder(settings)
    folder.path.mkdir(parents=True, exist_ok=True)
    lease = FileLease(folder.path / "checkpointer.lease")
    words = Words(
        "另一个签发进程正在使用该文件夹,等待中。",
        "Waiting: another checkpointer works in the folder.",
    )
    waiting = threading.Timer(WAITING_S, output.note, [words])
    waiting.start()
    try:
        lease.acquire()
        waiting.cancel()
        at_hand = with_sm2(signers(private_keys(settings, keys)), sm2_signers(settings))
        yield Checkpointer(log, folder, at_hand, cosign=witnesses(settings).cosign)
    except KeyNotAtHand as missing:
        raise Problem(
            Words("没有总账所列的校验点私钥。", "No checkpoint key that the log names is here."),
            where=str(missing),
            how=Words(
                "把该密钥放到 keys/checkpoint*.pem,或用 --key 指定。",
                "Put its file into keys/checkpoint*.pem, or name it with --key.",
            ),
        ) from None
    finally:
        waiting.cancel()
        lease.release()


def balance_signer(settings: Settings, log: Log, keys: Sequence[Path]) -> BalanceSigner:
    """Signs the balances with the same keys."""
    at_hand = signers(private_keys(settings, keys))
    return BalanceSigner(log, evidence_folder(settings), at_hand)
