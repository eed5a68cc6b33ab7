"""The rules that concern one row alone, as the errors and warnings of its cells."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.calendar import iso, year_of
from domain.codes import DOSSIER_CATEGORIES, UNIT_CATEGORIES
from domain.units import Day, Fen
from publishers.codes import instead_of
from publishers.roster.batches import Batch
from publishers.roster.choices import CHOICES, PROXY
from publishers.roster.columns import BY_KEY, Column, Kind, normal_header
from publishers.roster.problems import Level, RosterProblem, masked
from publishers.roster.reading import RawRoster, RawRow
from publishers.roster.rows import RosterRow, visitors_of
from publishers.roster.values import BadCell, value_of
from vault.documents import Document, birth_day, normal_number
from vault.identities import Identity, check_identity, normal_name

PLAIN_FIGURE: Final = re.compile(r"[0-9０-９.,/:年月日元￥¥() E+-]{1,20}")
LONG_DIGITS: Final = re.compile(r"[0-9０-９]{8}")
"""What could be a document, a card or a phone, in whatever column."""
_SHOWN_KINDS: Final = frozenset({Kind.AMOUNT, Kind.DATE, Kind.WHOLE})
CITIZEN_NUMBER: Final = re.compile(r"[0-9]{17}[0-9X]")
REGION: Final = re.compile(r"[0-9]{6}")
NAME_SIGNS: Final = frozenset("·•・‧ .'-’")
NEW_IDEOGRAPHS: Final = re.compile("[\U00020000-\U0003ffff\ue000-\uf8ff]")
"""Planes of rare characters, some of them newer than this Python; private use is a warning."""
AGE_MIN, AGE_MAX = 16, 70
FORM_NEEDS: Final = {
    "BANK_CARD": ("cash", "account_holder", "bank", "card"),
    "CASH": ("cash",),
    "GOODS": ("goods", "goods_quantity", "goods_value"),
    "VOUCHER": ("voucher",),
}

# Fields of vault.identities.Identity → columns of the person whose identity it is.
_RECIPIENT: Final = {
    "name": "name", "document_type": "document_type", "document_number": "document_number",
    "employer": "employer", "phone": "phone", "card": "card", "bank": "bank",
    "account_holder": "account_holder", "household": "household",
}  # fmt: skip
_WORKER: Final = {"name": "worker", "document_number": "worker_number", "employer": "employer"}
_PROXY: Final = {"name": "proxy", "document_number": "proxy_number"}


@dataclass(slots=True, repr=False)
class RowCheck:
    """The check of one row: values so far, and what is wrong."""

    roster: RawRoster
    raw: RawRow
    scheme: str
    """Of its category."""
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[RosterProblem] = field(default_factory=list)

    def add(self, level: Level, code: str, key: str | None = None, **figures: str) -> None:
        """Note a problem with a column of this row."""
        column = BY_KEY[key] if key else None
        self.problems.append(
            RosterProblem(
                level, code, self.raw.number,
                self.roster.letter(key) if key else None,
                column.header if column else None,
                self.shown(column) if column else "",
                figures,
            )
        )  # fmt: skip

    def error(self, code: str, key: str | None = None, **figures: str) -> None:
        """Note an error."""
        self.add(Level.ERROR, code, key, **figures)

    def shown(self, column: Column) -> str:
        """The cell as a report may show it: nothing that could identify a person."""
        value = self.raw.cells.get(column.key)
        if value is None or not isinstance(value, str | int | float):
            return "" if value is None else str(type(value).__name__)
        text = str(value).strip()
        # In a text column could stand a name that slipped in from another column.
        plain = column.kind in _SHOWN_KINDS and PLAIN_FIGURE.fullmatch(text)
        return text if plain and not LONG_DIGITS.search(text) else masked(text)

    def read_cells(self) -> None:
        """Turn every cell into a value, or a problem."""
        for key, cell in self.raw.cells.items():
            column = BY_KEY[key]
            if key == "number":
                continue
            try:
                value = value_of(column, cell, self.scheme)
            except BadCell as bad:
                self.error(bad.code, key, **bad.figures)
                continue
            if isinstance(value, tuple):
                value, serial = value
                if serial and self.roster.date1904:
                    self.error("DATE_SERIAL_1904", key)
                    continue
                if serial:
                    self.add(Level.WARNING, "DATE_SERIAL", key, day=iso(Day(value)))
            if value != "":
                self.values[key] = value

    def missing(self, *keys: str) -> bool:
        """Whether any of *keys* has neither a value nor a problem of its own yet; notes them."""
        told = {p.header for p in self.problems if p.level is Level.ERROR}
        absent = [k for k in keys if k not in self.values]
        for key in absent:
            if BY_KEY[key].header not in told:
                self.error("CELL_MISSING", key)
        return bool(absent)


def check_row(  # noqa: PLR0913  # what a row is held against
    roster: RawRoster, raw: RawRow, batch: Batch | None,
    *, scheme: str, today: Day, regions: Container[str],
) -> tuple[RosterRow | None, list[RosterProblem]]:  # fmt: skip
    """The row as domain values, or None, and its problems."""
    check = RowCheck(roster, raw, scheme)
    check.read_cells()
    values = check.values
    if "document_type" not in roster.columns:
        values["document_type"] = "RESIDENT_ID"
    if "tier" not in roster.columns:
        values["tier"] = "T2"
    check.missing("name", "document_type", "document_number", "category", "tier", "employer",
                  "form", "paid_on")  # fmt: skip
    identity, document = _person(check, _RECIPIENT, today=today, regions=regions)
    worker = _worker(check, today=today, regions=regions)
    proxy = _proxy(check, document, today=today, regions=regions)
    form = _amounts(check)
    _dates(check, batch, today=today)
    _papers(check, batch)
    visitors = _visitors(check, batch)
    if any(p.level is Level.ERROR for p in check.problems) or identity is None or document is None:
        return None, check.problems
    row = RosterRow(
        number=raw.number, identity=identity, document=document,
        category=values["category"], tier=values["tier"], form=form,
        cash_fen=Fen(values.get("cash", 0)), goods_fen=Fen(values.get("goods_value", 0)),
        voucher_fen=Fen(values.get("voucher", 0)), goods=_goods(check),
        goods_quantity=values.get("goods_quantity"), work_region=values.get("work_region"),
        dossier=values.get("dossier"), evidence=values.get("evidence"),
        kinship=values.get("kinship"), worker=worker, proxy=proxy,
        proxy_kinship=values.get("proxy_kinship") if proxy else None,
        proxy_document=values.get("proxy_document"), signed=values.get("signed") == "YES",
        paid_on=values["paid_on"], visited_on=values.get("visited_on"), visitors=visitors,
    )  # fmt: skip
    return row, check.problems


def _person(
    check: RowCheck, columns: Mapping[str, str], *, today: Day, regions: Container[str]
) -> tuple[Identity | None, Document | None]:
    """The identity in some columns, checked as the vault will check it."""
    values = {name: check.values.get(key) for name, key in columns.items()}
    if not values["name"] or not values["document_number"]:
        return None, None
    kind = values.get("document_type") or "RESIDENT_ID"
    checked = check_identity(
        Identity(**(values | {"document_type": kind})),
        on=today, employer_needed=False, regions=regions,
    )  # fmt: skip
    for level, problems in ((Level.ERROR, checked.problems), (Level.WARNING, checked.warnings)):
        for problem in problems:
            key = columns.get(problem.field)
            if key is not None and (problem.code != "PHONE_MISSING" or key in check.roster.columns):
                check.add(level, problem.code, key)
    _name_signs(check, columns["name"], checked.identity.name)
    return checked.identity, checked.document


def _name_signs(check: RowCheck, key: str, name: str) -> None:
    """One name of letters in a cell: no emoji, no brackets, no two names with a stroke."""
    letters = NEW_IDEOGRAPHS.sub("", name)
    if not all(c.isalpha() or c.isdecimal() or c in NAME_SIGNS for c in letters):
        check.error("NAME_SIGN", key)


def _worker(check: RowCheck, *, today: Day, regions: Container[str]) -> Identity | None:
    values = check.values
    if not {"kinship", "worker", "worker_number"} & values.keys():
        return None
    if check.missing("kinship", "worker", "worker_number"):
        return None
    identity, document = _person(check, _WORKER, today=today, regions=regions)
    if document is not None and document.number == normal_number(values.get("document_number", "")):
        check.error("WORKER_IS_RECIPIENT", "worker_number")
    return identity


def _proxy(
    check: RowCheck, recipient: Document | None, *, today: Day, regions: Container[str]
) -> Identity | None:
    values = check.values
    wanted = values.get("form") == PROXY
    if not wanted and not {"proxy", "proxy_kinship", "proxy_number"} & values.keys():
        return None
    if check.missing("proxy", "proxy_kinship", "proxy_number", "proxy_document"):
        return None
    identity, document = _person(check, _PROXY, today=today, regions=regions)
    if document is not None and document == recipient:
        check.error("PROXY_IS_RECIPIENT", "proxy_number")
    if identity is None:
        return None
    return Identity(identity.name, identity.document_type, identity.document_number)


def _amounts(check: RowCheck) -> str:
    """The form of the payment; checks that what it gives has a value."""
    values = check.values
    for key in ("cash", "goods_value", "voucher", "goods_quantity"):
        if values.get(key) == 0:
            del values[key]  # a nought in an unused column of the form
    form: str = values.get("form", "")
    if form == PROXY:
        given = (("cash", "CASH"), ("goods_value", "GOODS"), ("voucher", "VOUCHER"))
        form = next((form for key, form in given if key in values), "CASH")
    if {"goods", "goods_value", "goods_quantity"} & values.keys():
        check.missing(*FORM_NEEDS["GOODS"])
    check.missing(*FORM_NEEDS.get(form, ()))
    holder, name = values.get("account_holder"), values.get("name")
    if holder and name and normal_name(holder) != normal_name(name):
        check.add(Level.WARNING, "HOLDER_DIFFERS", "account_holder")
    return form


def _goods(check: RowCheck) -> str | None:
    name = check.values.get("goods")
    if name is None:
        return None
    code = CHOICES["goods"].get(normal_header(name))
    if code is None:
        check.add(Level.NOTICE, "GOODS_OTHER", "goods")
        return "OTHER"
    return code


def _dates(check: RowCheck, batch: Batch | None, *, today: Day) -> None:
    paid, visited = check.values.get("paid_on"), check.values.get("visited_on")
    for key, day in (("paid_on", paid), ("visited_on", visited)):
        if day is not None and day > today:
            check.error("DATE_FUTURE", key, day=iso(day))
    if paid is not None and batch is not None and not batch.first_day <= paid <= batch.last_day:
        check.error(
            "DATE_OUTSIDE_BATCH", "paid_on",
            day=iso(paid), first=iso(batch.first_day), last=iso(batch.last_day),
        )  # fmt: skip
    number = normal_number(check.values.get("document_number", ""))
    born = birth_day(number) if CITIZEN_NUMBER.fullmatch(number) else None
    if born is None or paid is None:
        return
    if not AGE_MIN <= year_of(paid) - year_of(born) <= AGE_MAX:
        check.add(Level.WARNING, "AGE_UNUSUAL", "document_number")


def _papers(check: RowCheck, batch: Batch | None) -> None:
    values = check.values
    category = values.get("category")
    if category in DOSSIER_CATEGORIES:
        check.missing("dossier")
    elif category in UNIT_CATEGORIES:
        if "evidence" not in values and batch is not None and not batch.certificate:
            check.error("CERTIFICATE_MISSING", "evidence")
    elif category is not None and "evidence" not in values:
        check.error("EVIDENCE_MISSING", "evidence")
    _region(check, values.get("work_region"))
    private = [
        str(values[key]) for key in ("name", "worker", "proxy", "document_number", "card", "phone")
        if len(str(values.get(key, ""))) > 1
    ]  # fmt: skip
    for key in ("dossier", "evidence", "proxy_document", "work_region"):
        # These go into the log as they are; a name in them could never be erased.
        if any(text in values.get(key, "") for text in private):
            check.error("IDENTITY_IN_PAPER", key)


def _region(check: RowCheck, region: str | None) -> None:
    if region is not None and not REGION.fullmatch(region):
        check.error("REGION_FORMAT", "work_region")
    elif region in instead_of():
        check.error("REGION_ZONE", "work_region", meant=instead_of()[region])


def _visitors(check: RowCheck, batch: Batch | None) -> tuple[Identity, ...]:
    values = check.values
    if {"visited_on", "visitors"} & values.keys():
        if check.missing("visited_on", "visitors") or batch is None:
            return ()
        return visitors_of(values["visitors"], batch.organisation)
    if values.get("tier") == "T2" and "visited_on" not in check.raw.cells:
        check.add(Level.WARNING, "VISIT_MISSING", "visited_on")
    return ()
