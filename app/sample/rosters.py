"""Two Excel rosters of the sample: a good one, and one with mistakes."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from openpyxl import Workbook

from app.sample.pieces import TOWN, resident_id, worker

PAID_ON: Final = date(2019, 4, 28)
HEADER: Final = (
    "序号", "姓名", "证件类型", "证件号码", "对象类别", "帮扶方式", "工作单位", "单位区划", "走访日期", "走访人",
    "慰问金(元)", "发放方式", "本人签收", "发放日期",
)  # fmt: skip
FIRST_WORKER: Final = 3_001
OTHERS: Final = 3_141
"""Of the roster with mistakes: nobody in it was paid yet, so it can be imported once mended."""


def _batch(number: str, rows: list[list[Any]]) -> list[tuple[str, Any]]:
    return [
        ("批次号", number), ("机构编码", TOWN), ("活动节点", "五一"), ("活动年度", 2019),
        ("资金代码", "NORMALISED-2019"), ("发放日期起", PAID_ON), ("发放日期止", PAID_ON),
        ("控制人数", len(rows)), ("控制金额(元)", 6_000), ("经办人", "样例经办"),
        ("经办人工号或证件号码", "JB-01"), ("审核人", "样例审核"), ("审核人工号或证件号码", "SH-01"),
        ("单位证明文号", "样例证明〔2019〕7号"),
    ]  # fmt: skip


def _rows(first: int) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for n in range(12):
        who = worker(first + n, "样例水泥厂")
        visited = (PAID_ON, "样例走访(ZF-01)、样例同行(ZF-02)")
        rows.append(
            [
                n + 1, who["name"], "居民身份证", who["document_number"], "艰苦岗位一线职工",
                "送温暖走访慰问", who["employer"], "632221", *visited, 500, "现金签领", "是", PAID_ON,
            ]
        )  # fmt: skip
    return rows


def _write(path: Path, number: str, rows: list[list[Any]]) -> None:
    book = Workbook()
    batch = book.worksheets[0]
    batch.title = "批次信息"
    for pair in _batch(number, rows):
        batch.append(pair)
    sheet = book.create_sheet("发放明细")
    sheet.append(["样例镇工会 发放明细"])
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    book.save(path)


def good_roster(path: Path) -> None:
    """Twelve workers of a cement works, 500 yuan each, before May Day."""
    _write(path, "SAMPLE-MAY-1", _rows(FIRST_WORKER))


def roster_with_errors(path: Path) -> None:
    """An identity number as a number, one that fails its check, three decimals, a row twice."""
    rows = _rows(OTHERS)
    rows[2][3] = float(resident_id(OTHERS + 2)[:17] + "0")
    number = resident_id(OTHERS + 4)
    rows[4][3] = number[:17] + ("1" if number[17] != "1" else "2")
    rows[6][10] = 500.005
    rows[8][1:4] = rows[7][1:4]
    _write(path, "SAMPLE-MAY-2", rows)
