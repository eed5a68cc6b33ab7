"""All read models; a new one is one module, its SQL, and one line here."""

from typing import Final

from projections.balances import BALANCES
from projections.intervals import INTERVALS
from projections.model import ReadModel
from projections.payments import PAYMENTS
from projections.registry import REGISTRY

MODELS: Final[tuple[ReadModel, ...]] = (
    REGISTRY,
    BALANCES,
    INTERVALS,
    PAYMENTS,
)
