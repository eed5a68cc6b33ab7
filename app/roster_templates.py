"""What a template is made of for one organisation: its name, funds, and the policy of a day."""

from contextlib import closing
from dataclasses import replace
from datetime import date
from secrets import token_hex

from app.output import Output
from app.problems import Problem, Words
from app.roster_files import known_scheme
from app.settings import Settings
from app.subjects import ORGANISATION, not_found
from app.wiring import now, open_log
from domain.calendar import civil_day, day_of, iso, year_of
from domain.codes import SCHEME_2019
from domain.events import PolicyAdopted
from domain.units import Day
from publishers.roster.facts import OrganisationFacts, organisation_facts
from publishers.roster.template import TemplateFacts


def template_facts(settings: Settings, organisation: str, on: str, output: Output) -> TemplateFacts:
    """
    What the log knows of an organisation, for payments of a day; *on* is empty for today.

    Raises:
        Problem: no such organisation or day; the scheme in force is newer than this version.
    """
    day = _day(on) if on else civil_day(now())
    with closing(open_log(settings)) as log:
        found = organisation_facts(log, organisation)
    if found is None:
        raise not_found(ORGANISATION, organisation)
    facts = TemplateFacts(
        organisation=organisation,
        unit=found.name,
        region=found.division,
        batch=f"{organisation}-{year_of(day)}-{token_hex(4)}",
        year=year_of(day),
        funds=[(fund, "") for fund in found.funds],
    )
    policy = _policy(found, day, output)
    if policy is None:
        return facts
    occasions = [occasion.code for occasion in policy.occasions_ruled]
    return replace(facts, scheme=known_scheme(policy.scheme), occasions=occasions)


def _day(on: str) -> Day:
    try:
        return day_of(date.fromisoformat(on))
    except ValueError:
        raise Problem(
            Words("日期写得不对。", "Not a day."),
            where=f"--on {on}",
            how=Words("写成 2020-03-05。", "Write it as 2020-03-05."),
        ) from None


def _policy(found: OrganisationFacts, day: Day, output: Output) -> PolicyAdopted | None:
    """The policy in force, else the one that held last; says so."""
    policy = found.policy_on(day)
    if policy is not None:
        return policy
    last = max(found.policies, key=lambda p: p.valid_from, default=None)
    scheme = SCHEME_2019 if last is None else last.scheme
    output.note(
        Words(
            f"{iso(day)} 没有政策在执行,按 {scheme} 生成;--on 日期 可指定另一天。",
            f"No policy is in force on {iso(day)}; made by {scheme}. --on DAY takes another day.",
        )
    )
    return last
