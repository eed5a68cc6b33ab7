"""Whether witnesses cosigned what the log's own key signed."""

from collections.abc import Iterator, Sequence

from evidence.checkpoints import Checkpoint, claim_in
from evidence.cosignatures import WitnessKey, quorum_at
from evidence.verify_checks import WITNESSES, Check, failed, passed
from evidence.verify_signed import Trust


def witnesses_check(
    notes: Sequence[str], signed: Sequence[Checkpoint], newest: Checkpoint | None, trust: Trust
) -> Iterator[Check]:
    """
    Whether enough of the auditor's witnesses cosigned the *newest* of the *signed* checkpoints.

    If not, says from which position on nobody but the operator vouches for the history.
    """
    if not trust.witnesses:
        return
    known = [WitnessKey.from_text(text) for text in trust.witnesses]
    quorum = trust.quorum or len(known)
    witnessed = 0
    for one in sorted(set(signed), key=lambda one: -one.size):
        same = [note for note in notes if claim_in(note) == one]
        at_s = quorum_at(same, known, quorum)
        if at_s is not None and one == newest:
            yield passed(WITNESSES, size=one.size, quorum=quorum, at_s=at_s)
            return
        if at_s is not None:
            witnessed = one.size
            break
    size = newest.size if newest else 0
    yield failed(
        WITNESSES, "NOT_WITNESSED", witnessed + 1, size=size, quorum=quorum, witnessed=witnessed
    )
