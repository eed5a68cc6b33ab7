"""
The audit pack: subjects, subject balances, vouchers and dimensions, for the tools auditors use.

科目, 科目余额, 凭证, 辅助核算 as csv, xlsx, xml and parquet, with control totals; element names and layout
in the manner of GB/T 24589, whose official text these files do not claim to follow. Vouchers are
written as they come, so memory holds only the balances.
"""

import csv
import datetime as dt
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from domain import events as e
from domain.calendar import iso
from domain.payment import ORDERED, RESERVED, SETTLED
from domain.streams import owner_of
from evidence.pack_parquet import write_parquet
from evidence.pack_sheets import workbook, write_workbook, write_xml
from schemas.files import parsed

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
BEIJING: Final = dt.timezone(dt.timedelta(hours=8))
USUAL: Final = frozenset({"csv", "xlsx", "xml"})
"""Forms of the books if nothing else is asked for; csv is always written, others are made from it."""
PARQUET: Final = "parquet"
FORMATS: Final = USUAL | {PARQUET}
UTF8_BOM: Final = "utf-8-sig"
"""Spreadsheet programs know Chinese text by the mark at its beginning."""

GRANTED, FREE, HELD, DUE, SPENT = "4001", "1002", "1201", "1202", "5001"
SUBJECTS: Final = (
    (GRANTED, "拨入资金", "funds received", "贷"),
    (FREE, "可用资金", "free funds", "借"),
    (HELD, "已占用资金", "reserved for rosters", "借"),
    (DUE, "待支付资金", "ordered, not settled", "借"),
    (SPENT, "救助支出", "settled relief", "借"),
)
"""Code, Chinese and English name, side on which the balance stands."""
_STATES: Final = {RESERVED: HELD, ORDERED: DUE, SETTLED: SPENT}

TABLES: Final[dict[str, tuple[str, tuple[tuple[str, str], ...]]]] = {
    "subjects": ("科目", (
        ("subject", "科目编号"), ("name_zh", "科目名称"), ("name_en", "英文名称"),
        ("side", "余额方向"),
    )),
    "balances": ("科目余额", (
        ("subject", "科目编号"), ("organisation", "机构"), ("fund", "资金"),
        ("opening_fen", "期初余额(分,借正贷负)"),
        ("debit_fen", "借方发生额(分)"), ("credit_fen", "贷方发生额(分)"),
        ("balance_fen", "期末余额(分,借正贷负)"),
    )),
    "vouchers": ("凭证", (
        ("voucher", "凭证号(位置)"), ("line", "行号"), ("year", "会计年度"),
        ("period", "会计期间(月)"), ("occurred_on", "业务日期"),
        ("recorded_at", "入账时间(北京时间)"), ("event", "事件"), ("summary", "摘要"),
        ("subject", "科目编号"),
        ("debit_fen", "借方金额(分)"), ("credit_fen", "贷方金额(分)"), ("organisation", "机构"),
        ("fund", "资金"),
    )),
    "dimensions": ("辅助核算", (
        ("voucher", "凭证号(位置)"), ("organisation", "机构"), ("fund", "资金"),
        ("person", "人员代码"), ("occasion", "节点"), ("category", "类别"), ("tier", "梯度"),
        ("payment", "发放编号"), ("roster", "名册"), ("amount_fen", "金额(分)"),
    )),
    "dictionary": ("数据字典", (
        ("table", "表"), ("table_zh", "表名"), ("column", "字段"), ("column_zh", "含义"),
    )),
}  # fmt: skip
"""Table → Chinese name, columns with their Chinese names."""


class Line(NamedTuple):
    """Half of an entry: so many fen on one side of a subject of an organisation."""

    subject: str
    organisation: str
    debit: int
    credit: int


def _move(fen: int, to: tuple[str, str], out: tuple[str, str]) -> list[Line]:
    """Debit one subject of an organisation, credit another."""
    return [Line(*to, fen, 0), Line(*out, 0, fen)]


@cache
def summary(topic: str) -> str:
    """What an event did, in the Chinese words of its schema."""
    return str(parsed(topic)["doc"]).removesuffix(".").rpartition(". ")[2]


def _instant(micros: int) -> str:
    at = EPOCH + dt.timedelta(microseconds=micros)
    return at.astimezone(BEIJING).isoformat(timespec="milliseconds")


def lines_of(event: Any) -> list[Line]:
    """The entry of an event; none if it moves no fen."""
    found = _ENTRIES.get(type(event))
    return [] if found is None else found(event)


def _within(event: Any, to: str, out: str) -> list[Line]:
    owner = owner_of(event.stream)
    return _move(event.amount_fen, (to, owner), (out, owner))


def _passed(event: Any) -> list[Line]:
    to, out = owner_of(event.in_stream), owner_of(event.stream)
    return _move(event.amount_fen, (FREE, to), (FREE, out))


def _of_roster(event: Any, to: str) -> list[Line]:
    owner = event.organisation or ""  # a forged event may name none
    return _move(event.amount_fen, (to, owner), (HELD, owner))


_ENTRIES: Final[dict[type[e.Event], Callable[[Any], list[Line]]]] = {
    e.GrantReceived: lambda event: _within(event, FREE, GRANTED),
    e.GrantWithdrawn: lambda event: _within(event, GRANTED, FREE),
    e.AllocationIssued: _passed,
    e.AllocationReturned: _passed,
    e.PaymentMade: lambda event: _within(event, DUE if event.ordered else HELD, FREE),
    e.RosterApproved: lambda event: _of_roster(event, DUE),
    e.RosterRejected: lambda event: _of_roster(event, FREE),
    e.PaymentSettled: lambda event: _within(event, SPENT, _STATES[event.was]),
    e.PaymentBounced: lambda event: _within(event, FREE, _STATES[event.was]),
    e.PaymentReversed: lambda event: _within(event, FREE, _STATES[event.was]),
}


class Books:
    """
    Writes the books of the events it is given, in order, into a folder.

    *owns* tells of which organisations the balances are: in a part of a log the others' would be
    theirs only in part.
    """

    def __init__(
        self,
        folder: Path,
        made_at: int,
        formats: frozenset[str] = USUAL,
        owns: Callable[[str], bool] = lambda _: True,
    ) -> None:
        folder.mkdir()
        self._owns = owns
        self._formats = formats
        self._made_at = EPOCH + dt.timedelta(microseconds=made_at)
        self._folder = folder
        self._sums: dict[tuple[str, str, str], list[int]] = {}
        self._counts = dict.fromkeys(TABLES, 0)
        self._files = {
            name: (folder / f"{name}.csv").open("w", encoding=UTF8_BOM, newline="")
            for name in TABLES
        }
        self._writers = {name: csv.writer(file) for name, file in self._files.items()}
        for name, (_, columns) in TABLES.items():
            self._writers[name].writerow([column for column, _ in columns])
        self._write("subjects", SUBJECTS)
        self._write(
            "dictionary",
            [(name, zh, *column) for name, (zh, columns) in TABLES.items() for column in columns],
        )

    def _write(self, table: str, rows: Any) -> None:
        rows = list(rows)
        self._writers[table].writerows(rows)
        self._counts[table] += len(rows)

    def open_with(self, event: Any) -> None:
        """Carry forward an event from before the first that is entered."""
        for line in lines_of(event):
            self._of(line, event.fund)[0] += line.debit - line.credit

    def _of(self, line: Line, fund: str) -> list[int]:
        """Opening balance, debits and credits of a subject of an organisation."""
        return self._sums.setdefault((line.subject, line.organisation, fund), [0, 0, 0])

    def take(self, position: int, event: Any) -> None:
        """Enter an event."""
        lines = lines_of(event)
        if not lines:
            return
        day = iso(event.occurred_on)
        dated = (
            int(day[:4]), int(day[5:7]), day, _instant(event.recorded_at),
            type(event).__name__, summary(event.TOPIC),
        )  # fmt: skip
        self._write(
            "vouchers",
            [
                (position, n, *dated, line.subject, line.debit, line.credit, line.organisation,
                 event.fund)
                for n, line in enumerate(lines, start=1)
            ],
        )  # fmt: skip
        for line in lines:
            sums = self._of(line, event.fund)
            sums[1] += line.debit
            sums[2] += line.credit
        told = [
            getattr(event, name, None)
            for name in ("person", "occasion", "category", "tier", "payment", "roster")
        ]
        row = (position, owner_of(event.stream), event.fund, *told, event.amount_fen)
        self._write("dimensions", [row])

    def finish(self) -> dict[str, Any]:
        """Write balances, workbook and xml; the control totals."""
        self._write(
            "balances",
            [
                (*key, opening, debit, credit, opening + debit - credit)
                for key, (opening, debit, credit) in sorted(self._sums.items())
                if self._owns(key[1])
            ],
        )
        self.close()
        totals = self.totals()
        names = {name: (zh, columns) for name, (zh, columns) in TABLES.items()}
        if "xlsx" in self._formats:
            with workbook(self._folder / "books.xlsx", self._made_at) as book:
                write_workbook(book, self._folder, names, totals)
        if "xml" in self._formats:
            write_xml(self._folder / "books.xml", self._folder, names, totals)
        if PARQUET in self._formats:
            write_parquet(self._folder, names, totals)
        return totals

    def totals(self) -> dict[str, Any]:
        """Rows of each table, sums of the vouchers' sides, closing balances by subject."""
        balances: dict[str, int] = {}
        for (subject, organisation, _), (opening, debit, credit) in self._sums.items():
            if self._owns(organisation):
                balances[subject] = balances.get(subject, 0) + opening + debit - credit
        return {
            "rows": dict(self._counts),
            "debit_fen": sum(debit for _, debit, _ in self._sums.values()),
            "credit_fen": sum(credit for _, _, credit in self._sums.values()),
            "balance_fen": dict(sorted(balances.items())),
        }

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()
