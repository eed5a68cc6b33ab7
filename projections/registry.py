"""The registry: organisations and their tree, funds, policies, and persons found to be one."""

import json
from collections.abc import Sequence
from typing import Final

from domain.events import (
    FundOpened,
    OrganisationClosed,
    OrganisationMoved,
    OrganisationRegistered,
    PersonErased,
    PersonsLinked,
    PolicyAdopted,
)
from domain.units import Position
from projections.batch import Batch
from projections.model import Appended, ReadModel, append, when
from projections.target import Row, Target

CLOCKS: Final = ("occurred_on", "recorded_at")


def registered(position: Position, event: OrganisationRegistered) -> Sequence[Row]:
    """What an organisation is."""
    what = (event.code, event.name, event.level, event.division, event.uscc)
    return ((position, *what, *when(event)),)


def placed(position: Position, event: OrganisationRegistered | OrganisationMoved) -> Sequence[Row]:
    """Where an organisation stands in the tree from now on."""
    return ((position, event.code, event.parent, *when(event)),)


def closed(position: Position, event: OrganisationClosed) -> Sequence[Row]:
    """The end of an organisation."""
    return ((position, event.code, *when(event)),)


def opened(position: Position, event: FundOpened) -> Sequence[Row]:
    """A fund and its restriction."""
    restriction = (
        list(event.regions), list(event.categories), list(event.tiers), list(event.occasions),
        event.usable_from, event.usable_to,
    )  # fmt: skip
    what = (event.fund, event.fund_source, event.owner, event.ceiling_fen)
    return ((position, *what, *restriction, *when(event)),)


def adopted(position: Position, event: PolicyAdopted) -> Sequence[Row]:
    """A policy."""
    caps = [
        {"tier": c.tier, "per_payment_fen": c.per_payment_fen, "per_year_fen": c.per_year_fen}
        for c in event.caps
    ]
    occasions = [{"code": o.code, "once": o.once} for o in event.occasions_ruled]
    return (
        (
            position, event.policy, event.union, event.valid_from, event.valid_to, event.scheme,
            list(event.categories), json.dumps(caps), json.dumps(occasions),
            event.roster_approval, event.confirm_arrival, event.visitors_min,
            event.publicity_days, *when(event),
        ),
    )  # fmt: skip


def linked(position: Position, event: PersonsLinked) -> Sequence[Row]:
    """Two ids of one person."""
    return ((position, event.person, event.other, event.recorded_at),)


def erased(position: Position, event: PersonErased) -> Sequence[Row]:
    """A person whose name is gone."""
    return ((position, event.person, event.reason_code, event.recorded_at),)


PARENT_COLUMNS: Final = ("position", "organisation", "parent", *CLOCKS)
APPENDED: Final = (
    Appended(
        OrganisationRegistered,
        "organisations",
        ("position", "organisation", "name", "level", "division", "uscc", *CLOCKS),
        registered,
    ),
    Appended(OrganisationRegistered, "parents", PARENT_COLUMNS, placed),
    Appended(OrganisationMoved, "parents", PARENT_COLUMNS, placed),
    Appended(OrganisationClosed, "closures", ("position", "organisation", *CLOCKS), closed),
    Appended(
        FundOpened,
        "funds",
        (
            "position", "fund", "fund_source", "owner", "ceiling_fen", "regions", "categories",
            "tiers", "occasions", "usable_from", "usable_to", *CLOCKS,
        ),
        opened,
    ),
    Appended(
        PolicyAdopted,
        "policies",
        (
            "position", "policy", "issuer", "valid_from", "valid_to", "scheme", "categories",
            "caps", "occasions", "roster_approval", "confirm_arrival", "visitors_min",
            "publicity_days", *CLOCKS,
        ),
        adopted,
    ),
    Appended(PersonsLinked, "links", ("position", "person", "other", "recorded_at"), linked),
    Appended(
        PersonErased, "erasures", ("position", "person", "reason_code", "recorded_at"), erased
    ),
)  # fmt: skip


def project(batch: Batch, target: Target) -> None:
    """Rows of the registry."""
    append(batch, target, APPENDED)


REGISTRY: Final = ReadModel("registry", 1, project)
