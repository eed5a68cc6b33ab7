"""All read models; a new one is one module, its SQL, and one line here."""

from typing import Final

from projections.allocations import ALLOCATIONS
from projections.balances import BALANCES
from projections.intervals import INTERVALS
from projections.model import ReadModel
from projections.payments import PAYMENTS
from projections.refusals import REFUSALS
from projections.registry import REGISTRY
from projections.rosters import ROSTERS
from projections.statements import STATEMENTS
from projections.trail import TRAIL
from projections.visits import VISITS

MODELS: Final[tuple[ReadModel, ...]] = (
    REGISTRY,
    BALANCES,
    INTERVALS,
    ALLOCATIONS,
    PAYMENTS,
    VISITS,
    ROSTERS,
    REFUSALS,
    STATEMENTS,
    TRAIL,
)
