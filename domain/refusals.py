"""
Refusals: a stable code with figures.

The log stores code and figures; texts in Chinese and English are made on reading, by
``domain.refusal_texts``.
"""

from domain.units import Position


class Refusal:
    """Why something is refused: a code of TEXTS and the figures its text needs."""

    __slots__ = ("code", "figures")

    def __init__(self, code: str, **figures: int | str) -> None:
        self.code = code
        self.figures = figures

    @property
    def original(self) -> Position | None:
        """The earlier verdict it refers to, if any."""
        position = self.figures.get("original_position")
        return Position(int(position)) if position is not None else None

    def __repr__(self) -> str:
        return f"Refusal({self.code}, {self.figures})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Refusal) and self.code == other.code and self.figures == other.figures
        )

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.figures.items()))))
