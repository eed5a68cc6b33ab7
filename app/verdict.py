"""One submission that a command publishes and whose verdict it needs before it goes on."""

from time import monotonic
from typing import Any

from app.output import Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.vaults import ledger_of
from domain.refusal_texts import render
from domain.submissions import Submission
from eventlog.contract import Log
from publishers.client import Publisher, Sent
from publishers.signing import Signer
from publishers.verdicts import FoundVerdict, wait_for_verdicts


def verdict_on(
    submission: Submission, settings: Any, log: Log, signer: Signer, wait_s: float
) -> FoundVerdict:
    """
    Publish one submission and wait for its verdict.

    Raises:
        Problem: none came in time; what was published may still be accepted later.
    """
    before = log.last_position()
    Publisher(log, signer, ledger_of(settings, log)).publish([submission])
    for verdict in wait_for_verdicts(
        log, [Sent.of(submission)], after=before, timeout_s=wait_s, clock_s=monotonic
    ):
        return verdict
    raise Problem(
        Words("已提交,尚无裁决。", "Published, but there is no verdict yet."),
        where=submission.submission_id,
        how=Words(
            "检查记账(hengwen admit)是否在运行,再运行本命令。",
            "See that admission (hengwen admit) runs, then run this command again.",
        ),
        exit_code=EXIT_CHECK_FAILED,
    )


def refusal(verdict: FoundVerdict, output: Output) -> Problem:
    """The page of a refusal, with every reason."""
    english = output.lang == "en"
    reasons = getattr(verdict.event, "reasons", ())
    texts = [render(r.code, {f.name: f.value for f in r.figures}, english=english) for r in reasons]
    codes = [f"{r.code}: {text}" for r, text in zip(reasons, texts, strict=True)]
    return Problem(
        Words("提交被拒绝。", "The submission was refused."),
        where="\n".join(codes),
        how=Words("按上面的原因处理后再试。", "Mend what the reasons say and try again."),
        exit_code=EXIT_CHECK_FAILED,
    )
