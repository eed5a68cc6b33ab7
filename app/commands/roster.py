"""``hengwen roster``: a template to fill in, a check of what was filled in, and its import."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from app.output import JsonOption, Output
from app.problems import EXIT_CHECK_FAILED, Problem, Words
from app.publishing import Publishing, append, finish, signing_key
from app.publishing_options import AttemptOption, WaitOption
from app.roster_files import checked_file, known_scheme
from app.roster_pages import (
    NOT_IMPORTED,
    TRIED,
    body_of,
    outcomes,
    show,
    show_checked,
    show_template,
    write_report,
)
from app.settings import Settings
from domain.units import Day
from eventlog.contract import Log
from publishers.identities import IdentityVault
from publishers.roster.batches import SchemeOn
from publishers.roster.checking import CheckedRoster
from publishers.roster.importing import ImportPlan
from publishers.signing import Signer

FileArgument = Annotated[
    Path, typer.Argument(help="名册文件 .xlsx、.xls 或 .csv | a roster, .xlsx, .xls or .csv")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="补充批次信息,如 控制人数=12 | batch information, as 控制人数=12"),
]
ReportOption = Annotated[
    Path | None,
    typer.Option(
        help="错误报告写到这里(.xlsx、.csv 或 .json) | write the report here (.xlsx, .csv, .json)"
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        help="实名发放名册:模板、检查、导入 | Real-name rosters: template, check, import",
        no_args_is_help=True,
        epilog="示例: hengwen roster import 名册.xlsx --wait 10"
        " | Example: hengwen roster import roster.xlsx --wait 10",
    )
    group.command(
        "template",
        help="生成空白名册 | Make an empty roster to fill in",
        epilog="示例: hengwen roster template --organisation SF-632221 -o 名册.xlsx"
        " | Example: hengwen roster template --organisation SF-632221 -o roster.xlsx",
    )(template)
    group.command(
        "check",
        help="检查名册,不导入 | Check a roster, import nothing",
        epilog="示例: hengwen roster check 名册.xlsx --report 错误报告.xlsx"
        " | Example: hengwen roster check roster.xlsx --report errors.xlsx",
    )(check)
    group.command(
        "import",
        help="导入名册 | Import a roster",
        epilog="示例: hengwen roster import 名册.xlsx --wait 30"
        " | Example: hengwen roster import roster.xlsx --wait 30",
    )(import_)
    app.add_typer(group, name="roster")


def template(
    context: typer.Context,
    *,
    organisation: Annotated[str, typer.Option(help="机构编码 | organisation code")],
    output_file: Annotated[
        Path | None, typer.Option("--output", "-o", help="写到这里 | write it here")
    ] = None,
    on: Annotated[
        str,
        typer.Option(
            help="按这一天的政策,如 2020-03-05,默认今天"
            " | by the policy of this day, as 2020-03-05; default: today"
        ),
    ] = "",
    json: JsonOption = False,
) -> None:
    """Make a workbook with the organisation, its funds and all codes filled in."""
    from app.roster_templates import template_facts  # noqa: PLC0415  # slow to import
    from publishers.roster.template import make_template  # noqa: PLC0415  # as above

    output = Output.of(context, as_json=json)
    facts = template_facts(context.obj, organisation, on, output)
    path = output_file or Path(f"发放明细-{organisation}.xlsx")
    if path.exists():
        raise Problem(
            Words("文件已存在。", "The file exists."),
            where=str(path),
            how=Words("换一个文件名:--output。", "Give another name: --output."),
        )
    path.write_bytes(make_template(facts))
    show_template(output, path, facts)


def check(
    context: typer.Context,
    file: FileArgument,
    *,
    given: SetOption = None,
    report: ReportOption = None,
    json: JsonOption = False,
) -> None:
    """Check a file against the rules of the form; asks neither log nor vault."""
    output = Output.of(context, as_json=json)
    data, checked = checked_file(file, given or [], report, output)
    write_report(report, data, checked, checked.problems, {})
    show_checked(output, checked)
    if checked.errors:
        raise typer.Exit(EXIT_CHECK_FAILED)


def import_(  # the options of an import
    context: typer.Context,
    file: FileArgument,
    *,
    given: SetOption = None,
    report: ReportOption = None,
    accept_good_rows: Annotated[
        bool,
        typer.Option(
            "--accept-good-rows",
            help="只入账正确的行,其余记入名册 | import good rows, record the others",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="试算,不发布 | try the rules, publish nothing")
    ] = False,
    attempt: AttemptOption = 1,
    wait: WaitOption = 0,
    json: JsonOption = False,
) -> None:
    """Check, seal, try the rules on current state, and publish all rows or none."""
    output = Output.of(context, as_json=json)
    settings: Settings = context.obj
    data, checked = checked_file(
        file, given or [], report, output, scheme_on=_scheme_in_force(settings)
    )
    blocked = checked.file_errors if accept_good_rows else checked.errors
    if blocked or checked.batch is None or not checked.rows:
        write_report(report, data, checked, checked.problems, {})
        show(output, checked, checked.problems)
        output.note(NOT_IMPORTED)
        raise typer.Exit(EXIT_CHECK_FAILED)
    signer = signing_key(settings, operator=False)
    with _opened(settings, signer) as (publishing, vault):
        log = publishing.log
        before = log.last_position()
        _note_undecided(log, output)
        plan = _plan(publishing, vault, checked, output,
                     {"attempt": attempt, "accept_good_rows": accept_good_rows})  # fmt: skip
        problems = [*checked.problems, *plan.problems]
        write_report(report, data, checked, problems, outcomes(plan, output))
        if plan.blocked or dry_run or not output.as_json:
            show(output, checked, problems, plan)
        if plan.blocked:
            output.note(NOT_IMPORTED)
            raise typer.Exit(EXIT_CHECK_FAILED)
        if dry_run:
            output.note(TRIED)
        else:
            fresh = plan.submissions
            published = append(publishing, fresh, len(fresh), output, awaited=wait > 0)
            body = body_of(checked, problems, plan) | {"rows": plan.payment_rows}
            finish(output, log, published, (before, wait), body)


def _scheme_in_force(settings: Settings) -> SchemeOn:
    """A way to ask the ledger for the scheme in force somewhere on a day."""

    def asked(organisation: str, day: Day) -> str | None:
        from app.rehearsing import current_state  # noqa: PLC0415  # slow to import
        from app.vaults import ledger_of  # noqa: PLC0415  # as above
        from app.wiring import open_log  # noqa: PLC0415  # as above

        signer = signing_key(settings, operator=False)
        with (
            closing(open_log(settings)) as log,
            current_state(settings, log, signer, ledger_of(settings, log)) as current,
        ):
            policy = current.state.policy(organisation, day)
        return known_scheme(policy.scheme) if policy is not None else None

    return asked


def _note_undecided(log: Log, output: Output) -> None:
    """Say if submissions still wait for their verdicts: the dry run cannot know them."""
    waiting = log.last_ordinal() - log.last_position()
    if waiting > 0:
        output.note(
            Words(
                f"还有 {waiting} 笔提交没有裁决,试算没有算上它们。",
                f"{waiting} submissions have no verdict yet; the dry run does not count them.",
            )
        )


@contextmanager
def _opened(settings: Settings, signer: Signer) -> Iterator[tuple[Publishing, IdentityVault]]:
    """The log, the vault of its ledger, and the ledger id."""
    from app.vaults import ledger_of, vault_of  # noqa: PLC0415  # slow to import
    from app.wiring import open_log  # noqa: PLC0415  # as above

    with ExitStack() as stack:
        log = stack.enter_context(closing(open_log(settings)))
        vault = stack.enter_context(vault_of(settings, log))
        yield Publishing(settings, log, ledger_of(settings, log), signer), vault


def _plan(
    publishing: Publishing,
    vault: IdentityVault,
    checked: CheckedRoster,
    output: Output,
    options: Mapping[str, Any],
) -> ImportPlan:
    """Seal the rows and try the rules."""
    from app.rehearsing import current_state  # noqa: PLC0415  # slow to import
    from eventlog.reading import event_at  # noqa: PLC0415  # as above
    from publishers.roster.assembling import seal_roster  # noqa: PLC0415  # as above
    from publishers.roster.importing import Importer  # noqa: PLC0415  # as above
    from schemas.codec import decode  # noqa: PLC0415  # as above

    settings, log, ledger, signer = publishing
    with output.progress(Words("密封", "sealing"), len(checked.rows)) as advance:
        sealed = seal_roster(checked, vault, sealed=advance)

    def recorded(position: int) -> object:
        return decode(event_at(log, position).value)

    with (
        current_state(settings, log, signer, ledger) as current,
        output.progress(Words("试算", "trying the rules"), None) as tried,
    ):
        return Importer(
            checked=checked,
            roster=sealed,
            vault=vault,
            dry_run=current.rehearsal.telling(tried),
            recorded=recorded,
            **options,
        ).plan()
