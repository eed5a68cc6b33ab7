"""``hengwen demo``: the main job on the sample, command by command, as a user would type them."""

import json as jsonlib
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from app.output import Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.settings import Settings
from domain.suites import INTL_1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        help="演示:从名册到分文 | The main job on a sample: from a roster to a traced fen",
        epilog="示例: make demo;make demo LOG=kafka;make demo SUITE=GM-1"
        " | Examples: make demo; make demo LOG=kafka; make demo SUITE=GM-1",
    )(demo)


def demo(
    context: typer.Context,
    *,
    suite: Annotated[
        str, typer.Option(help="密码套件 INTL-1 或 GM-1(国密) | suite INTL-1 or GM-1")
    ] = INTL_1,
) -> None:
    """Open a ledger in HENGWEN_HOME, publish the sample, decide, project, and show what is known."""
    from app.sample import write_sample  # noqa: PLC0415  # slow to import

    output = Output.of(context)
    home: Path = context.obj.home
    sample = home / "sample"
    write_sample(sample)
    steps = Steps(output, sample)
    _way_in(steps, sample, suite)
    _what_is_known(steps)
    output.line()
    output.say(_going_on(context.obj))


def _going_on(settings: Settings) -> Words:
    """How to try more; a log on Kafka is found only with the variables that name it."""
    home = settings.home
    if settings.log == "embedded":
        return Words(
            f"演示数据在 {home};可继续试: HENGWEN_HOME={home} hengwen status",
            f"The demo is in {home}; go on with: HENGWEN_HOME={home} hengwen status",
        )
    kafka = f"HENGWEN_LOG=kafka HENGWEN_KAFKA_BOOTSTRAP={settings.kafka_bootstrap}"
    again = f"HENGWEN_HOME={home} hengwen services"
    return Words(
        f"读模型在 {home},总账在 Kafka;可继续试:"
        f"\n  HENGWEN_HOME={home} {kafka} hengwen status"
        f"\nmake demo 自启的 Kafka 已随它结束;在另一个终端运行 {again},同一地址同一数据便又在。",
        f"The read models are in {home}, the log is on Kafka; go on with:"
        f"\n  HENGWEN_HOME={home} {kafka} hengwen status"
        f"\nA broker that `make demo` started has ended with it; run `{again}` in another terminal"
        " to have it again, at the same address with the same data.",
    )


def _way_in(steps: "Steps", sample: Path, suite: str) -> None:
    """From a new ledger to everything decided."""
    steps.title(Words("一、开账与机构", "1. Opening the ledger, organisations"))
    chosen = () if suite == INTL_1 else ("--suite", suite)
    steps.run("init", "--root", "ACFTU", "--name", "样例总工会", *chosen)
    steps.run("publish", sample / "registry.jsonl", "--operator")
    steps.run("admit", "--once")
    steps.title(Words("二、资金、下拨与发放", "2. Funds, allocations, payments"))
    steps.run("publish", sample / "programme.jsonl")
    steps.run("admit", "--once")
    steps.title(Words("三、县级名册(Excel)", "3. A county's roster in Excel"))
    steps.run("roster", "check", sample / "roster-with-errors.xlsx", code=EXIT_CHECK_FAILED)
    steps.run("roster", "import", sample / "roster.xlsx")
    steps.run("admit", "--once")


def _what_is_known(steps: "Steps") -> None:
    """From read models to a traced fen."""
    steps.title(Words("四、余额、被拒与守恒", "4. Balances, refusals, conservation"))
    steps.run("project", "--once")
    steps.run("balance")
    steps.run("refusals")
    steps.run("conserve")
    steps.title(Words("五、一笔发放从哪来", "5. Where one payment came from"))
    payment = next(
        p["payment"]
        for p in steps.found("payments", "--json", "--limit", "2000")
        if p["fund"] == "NORMALISED-2019"
    )
    steps.run("trace", "payment", payment)
    steps.title(Words("六、公布数据与总账", "6. Published figures against the ledger"))
    steps.run("reconcile-statement", "PROGRAMME-A")
    steps.run("reconcile-statement", "PROGRAMME-B", code=EXIT_CHECK_FAILED)
    steps.run("log", "digest")


class Steps:
    """Runs commands of hengwen as a user would, each shown before its output."""

    def __init__(self, output: Output, sample: Path) -> None:
        self._output = output
        self._sample = sample

    def title(self, words: Words) -> None:
        """A heading."""
        self._output.line()
        self._output.line(f"== {self._output.words(words)}")

    def run(self, *arguments: object, code: int = 0) -> None:
        """
        Show and run one command.

        Raises:
            Problem: it did not end with *code*.
        """
        words = [str(a) for a in arguments]
        shown = [w.replace(f"{self._sample}/", "") for w in words]
        self._output.line()
        self._output.line(f"$ hengwen {' '.join(shown)}")
        sys.stdout.flush()
        done = subprocess.run(self._command(words), check=False, stderr=subprocess.PIPE, text=True)
        if done.returncode != code:
            raise Problem(
                Words("演示中断。", "The demo ends here."),
                where=f"hengwen {' '.join(shown)}: exit {done.returncode}\n{done.stderr[-2000:]}",
                how=Words("按上面的说明处理后再试。", "Mend what it says and try again."),
            )

    def found(self, *arguments: str) -> Any:
        """What a command prints as JSON."""
        done = subprocess.run(
            self._command(list(arguments)), check=True, capture_output=True, text=True
        )
        return jsonlib.loads(done.stdout)

    def _command(self, words: list[str]) -> list[str]:
        return [
            sys.executable, "-c", "from app.cli import main; main()",
            "--lang", self._output.lang, *words,
        ]  # fmt: skip
