"""A row of a roster as domain values, and its canonical bytes, on which all ids depend."""

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.calendar import iso
from domain.units import Day, Fen
from publishers.roster.batches import staff_identity
from vault.documents import Document
from vault.identities import FIELDS, Identity

CANONICAL_FORM: Final = 1
REPEATABLE: Final = frozenset({"DAILY", "SUDDEN_HARDSHIP", "MAJOR_EVENT"})
"""Occasions on which one person may be paid on several days. Part of canonical form 1."""
SPLIT_VISITORS: Final = re.compile(r"[、,，;；/\s]+")
NAME_AND_CODE: Final = re.compile(r"(.*?)[(（]([^()（）]+)[)）]")


@dataclass(frozen=True, slots=True, repr=False)
class RosterRow:
    """A row that can be paid, as domain values."""

    number: int
    identity: Identity
    document: Document
    category: str
    tier: str
    form: str
    cash_fen: Fen
    goods_fen: Fen
    voucher_fen: Fen
    goods: str | None
    goods_quantity: int | None
    work_region: str | None
    dossier: str | None
    evidence: str | None
    kinship: str | None
    worker: Identity | None
    proxy: Identity | None
    proxy_kinship: str | None
    proxy_document: str | None
    signed: bool
    paid_on: Day
    visited_on: Day | None
    visitors: tuple[Identity, ...]

    @property
    def amount_fen(self) -> Fen:
        """Money, goods and vouchers together: one payment, so that caps see all of it."""
        return Fen(self.cash_fen + self.goods_fen + self.voucher_fen)

    def key(self, occasion: str) -> bytes:
        """
        What makes this payment this payment within its batch: the person and the tier.

        The day too, where the occasion may come again. An amount never: a corrected amount is the
        same payment, not a second one. Frozen as form 1.
        """
        kind, number = self.document.index_key
        day = iso(self.paid_on) if occasion in REPEATABLE else None
        return _canonical({"document": f"{kind}:{number}", "tier": self.tier, "paid_on": day})

    def canonical(self) -> bytes:
        """Everything the row says, in an encoding that does not change. Frozen as form 1."""
        person = {f"person.{n}": getattr(self.identity, n) for n in FIELDS.values()}
        others = {
            f"{role}.{n}": getattr(identity, n)
            for role, identity in (("worker", self.worker), ("proxy", self.proxy))
            if identity is not None
            for n in ("name", "document_type", "document_number")
        }
        visitors = [f"{v.name}:{v.document_number}" for v in self.visitors]
        return _canonical(
            person
            | others
            | {
                "category": self.category, "tier": self.tier, "form": self.form,
                "cash_fen": self.cash_fen, "goods_fen": self.goods_fen,
                "voucher_fen": self.voucher_fen, "goods": self.goods,
                "goods_quantity": self.goods_quantity, "work_region": self.work_region,
                "dossier": self.dossier, "evidence": self.evidence, "kinship": self.kinship,
                "proxy_document": self.proxy_document,
                "proxy_kinship": self.proxy_kinship, "signed": int(self.signed),
                "paid_on": iso(self.paid_on), "visitors": "|".join(visitors),
                "visited_on": iso(self.visited_on) if self.visited_on is not None else None,
            }
        )  # fmt: skip


def _canonical(values: Mapping[str, str | int | None]) -> bytes:
    """Names and texts in the order of names, each with a u16 length; absent, empty and 0 alike."""
    parts = [bytes((CANONICAL_FORM,))]
    for name in sorted(values):
        if values[name]:
            texts = (name.encode(), str(values[name]).encode())
            parts += [struct.pack(">H", len(text)) + text for text in texts]
    return b"".join(parts)


def visitors_of(text: str, organisation: str) -> tuple[Identity, ...]:
    """
    The visitors in a cell: names parted by 、 , ; / or spaces, each with a staff code in brackets.

    >>> [v.document_number for v in visitors_of("样例甲(007)、样例乙", "632221")]
    ['007', '样例乙']
    """
    found = []
    for part in SPLIT_VISITORS.split(text.strip()):
        match = NAME_AND_CODE.fullmatch(part)
        name, code = (match[1], match[2]) if match else (part, None)
        if name or code:
            found.append(staff_identity(organisation, name, code))
    return tuple(found)
