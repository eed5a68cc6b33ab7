"""Contents that are left out of what is verified: each must be recorded in the log, and is told."""

from collections.abc import Iterable

from evidence.redactions import Redaction, digest_in, redaction
from evidence.reperformance import Step
from evidence.verify_checks import NOT_CHECKED, REDACTIONS, Check, failed, passed, texts
from evidence.verify_source import Source


class Redactions:
    """Takes in every submission with its verdict; check() once all are seen."""

    def __init__(self) -> None:
        self._left_out: set[int] = set()
        self._recorded: dict[int, Redaction] = {}

    def take(self, steps: Iterable[Step]) -> None:
        """Take in the next submissions."""
        for step in steps:
            if step.redacted is not None:
                self._left_out.add(step.position)
            found = redaction(step.position, step.stored)
            if found is not None:
                self._recorded[found.original] = found

    def check(self, source: Source) -> Check:
        """
        Whether what is left out was recorded, and what was recorded names the right submission.

        Nothing is decided again from a digest, so whatever is left out makes a verification partial.
        """
        other = self._other_digest(source)
        if other is not None:
            return failed(REDACTIONS, "OTHER_DIGEST", other.position, original=other.original)
        unrecorded = self._left_out - self._recorded.keys()
        # Records are of the registry, which every part holds up to its last position.
        if unrecorded and source.extent.last >= (source.extent.size or 0):
            return failed(REDACTIONS, "NOT_RECORDED", min(unrecorded))
        if not self._left_out:
            return passed(REDACTIONS, recorded=len(self._recorded))
        told = unrecorded or self._left_out
        figures = texts({"count": len(told), "first": min(told)})
        code = "RECORD_BEYOND" if unrecorded else "REDACTED"
        return Check(REDACTIONS, NOT_CHECKED, code, None, figures)

    def _other_digest(self, source: Source) -> Redaction | None:
        """The first record that names another digest than the verdict it speaks of."""
        wrong: list[Redaction] = []
        for batch in source.events() if self._recorded else ():
            for position, value in batch:
                found = self._recorded.get(position)
                if found is not None and digest_in(value) != found.digest:
                    wrong.append(found)
        return min(wrong, default=None)
