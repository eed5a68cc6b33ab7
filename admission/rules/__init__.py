"""The rules: one module per version, all of them kept for ever, each with its lock."""

from types import ModuleType
from typing import Final

from admission.rules import v1

VERSIONS: Final[dict[int, ModuleType]] = {1: v1}
"""Version → its module. A version in force that is missing here stops the program before deciding."""
