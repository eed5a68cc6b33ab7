"""The workbook that a centre fills in: codes, funds and occasions are chosen, not typed."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import xlsxwriter

from domain.codes import FORMS, OCCASIONS, SCHEME_2019, SCHEME_NAMES, SCHEMES, TIERS
from domain.roster import ROWS_MAX
from publishers.roster.choices import GOODS, KINSHIPS, SIGNED
from publishers.roster.columns import BATCH_KEYS, COLUMNS, Column, Kind
from publishers.roster.reading import BATCH_SHEET, META_SHEET, ROSTER_SHEET
from vault.documents import DOCUMENT_TYPES, OTHER, STAFF

TEMPLATE_VERSION: Final = "1"
FILLED_ROWS: Final = 5_000
"""Rows with drop-down lists; more may be filled in."""
HEADER_ROW: Final = 1
"""From 0: a title stands above it."""
CODE_SHEET: Final = "代码表"
HELP_SHEET: Final = "填表说明"

HELP: Final = (
    "1. 先填“批次信息”,再填“发放明细”;每人一行,从第 3 行起。带 * 的列必须填。",
    "2. 证件号码、银行卡号等列已设为文本。从别处粘贴时选“只粘贴数值”,不要把格式带进来。",
    "3. 已经变成 6.30102E+17 的号码后几位已丢失,要从原始资料重新录入,不要补 0。",
    "4. 金额单位是元,最多两位小数,不要写“元”字,不要用公式。",
    "5. 日期写成 2019-01-20。走访日期和走访人一起填;走访人用“、”分开,同名的在括号里写工号。",
    "6. 建档困难职工填档案号;因病因灾、下岗失业、困难企业、工伤住院和家属填证明材料;其余各类可只填批次的单位证明文号。",
    "7. 家属领取时填“与职工关系、职工姓名、职工证件”。代领时填代领人各栏。",
    "8. 钱和物给同一个人,写在同一行:慰问金和折价合在一起是一笔。",
    "9. 控制人数、控制金额与明细不符,整个文件不导入。",
    "10. 改正后的文件保留原批次号再导入:已入账的行会认出来,不会重复发放。",
    "First 批次信息, then 发放明细: one person a row, from row 3 on. Columns with * are needed.",
)


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    """What is filled in beforehand."""

    organisation: str
    unit: str
    region: str | None
    batch: str
    """A batch number nobody else has."""
    year: int
    funds: Sequence[tuple[str, str]]
    """Code and name."""
    scheme: str = SCHEME_2019
    """Whose categories are offered; in domain.codes.SCHEMES."""
    occasions: Sequence[str] = tuple(OCCASIONS)
    """Codes of the occasions in force."""


def make_template(facts: TemplateFacts) -> bytes:
    """The .xlsx file of an empty roster for one organisation."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    formats = _Formats(book)
    _write_help(book, formats)
    lists = _lists(facts)
    _write_batch(book, formats, facts)
    _write_roster(book, formats, facts)
    _write_codes(book, formats, lists)
    _write_meta(book, facts)
    book.get_worksheet_by_name(ROSTER_SHEET).activate()
    book.close()
    return buffer.getvalue()


class _Formats:
    def __init__(self, book: Any) -> None:
        frame = {"border": 1, "valign": "vcenter"}
        self.title = book.add_format({"bold": True, "font_size": 16, "align": "center"})
        self.header = book.add_format(
            {**frame, "bold": True, "bg_color": "#F3E3D3", "text_wrap": True, "align": "center"}
        )
        self.key = book.add_format({**frame, "bold": True, "bg_color": "#F3E3D3"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        open_cell = {**frame, "locked": False}
        self.of_kind = {
            Kind.TEXT: book.add_format({**open_cell, "num_format": "@"}),
            Kind.IDENTIFIER: book.add_format({**open_cell, "num_format": "@"}),
            Kind.CHOICE: book.add_format({**open_cell, "num_format": "@"}),
            Kind.AMOUNT: book.add_format({**open_cell, "num_format": "#,##0.00"}),
            Kind.WHOLE: book.add_format({**open_cell, "num_format": "0"}),
            Kind.DATE: book.add_format({**open_cell, "num_format": "yyyy-mm-dd"}),
        }


def _lists(facts: TemplateFacts) -> dict[str, list[str]]:
    """Name of each drop-down list → its labels."""
    documents = [zh for code, (zh, _) in DOCUMENT_TYPES.items() if code not in (STAFF, OTHER)]
    return {
        "category": [zh for zh, _ in SCHEMES[facts.scheme].values()],
        "tier": [zh for zh, _ in TIERS.values()],
        "form": [*(zh for zh, _ in FORMS.values()), "代领"],
        "document_type": documents,
        "occasion": [zh for code, (zh, _) in OCCASIONS.items() if code in facts.occasions],
        "scheme": [SCHEME_NAMES[facts.scheme][0]],
        "kinship": [zh for zh, _ in KINSHIPS.values()],
        "signed": [zh for zh, _ in SIGNED.values()],
        "goods": [zh for zh, _ in GOODS.values()],
        "fund": [f"{code} {name}".strip() for code, name in facts.funds],
    }


def _list_name(column: Column) -> str | None:
    """The drop-down list of a column."""
    key = "kinship" if column.key == "proxy_kinship" else column.key
    return key if column.kind is Kind.CHOICE or key in ("goods", "fund") else None


def _write_help(book: Any, formats: _Formats) -> None:
    sheet = book.add_worksheet(HELP_SHEET)
    sheet.set_column(0, 0, 110, formats.wrapped)
    sheet.write(0, 0, "发放明细填表说明", formats.title)
    for row, text in enumerate(HELP, start=2):
        sheet.write(row, 0, text, formats.wrapped)


def _write_batch(book: Any, formats: _Formats, facts: TemplateFacts) -> None:
    sheet = book.add_worksheet(BATCH_SHEET)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 44)
    given = {
        "batch": facts.batch,
        "unit": facts.unit,
        "organisation": facts.organisation,
        "region": facts.region or "",
        "year": facts.year,
        "scheme": SCHEME_NAMES[facts.scheme][0],
        "fund": f"{facts.funds[0][0]} {facts.funds[0][1]}".strip() if len(facts.funds) == 1 else "",
    }
    for row, column in enumerate(BATCH_KEYS):
        sheet.write(row, 0, _starred(column), formats.key)
        cell = formats.of_kind[column.kind]
        value = given.get(column.key, "")
        if isinstance(value, int):
            sheet.write_number(row, 1, value, cell)
        elif value:
            sheet.write_string(row, 1, value, cell)
        else:
            sheet.write_blank(row, 1, None, cell)
        _validate(sheet, column, (row, 1, row, 1), bool(facts.funds))
    sheet.protect("", {"format_columns": True, "format_cells": True})


def _write_roster(book: Any, formats: _Formats, facts: TemplateFacts) -> None:
    sheet = book.add_worksheet(ROSTER_SHEET)
    sheet.set_row(0, 28)
    sheet.merge_range(0, 0, 0, len(COLUMNS) - 1, f"{facts.unit} 发放明细", formats.title)
    sheet.set_row(HEADER_ROW, 32)
    for index, column in enumerate(COLUMNS):
        width = 22 if column.kind is Kind.IDENTIFIER else 14
        sheet.set_column(index, index, width, formats.of_kind[column.kind])
        sheet.write_string(HEADER_ROW, index, _starred(column), formats.header)
        span = (HEADER_ROW + 1, index, HEADER_ROW + FILLED_ROWS, index)
        _validate(sheet, column, span, bool(facts.funds))
    sheet.freeze_panes(HEADER_ROW + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.set_footer(
        "&L经办人:            审核人:            工会主席:            &R第 &P 页,共 &N 页"
    )
    sheet.protect(
        "",
        {
            "format_cells": True, "format_columns": True, "format_rows": True,
            "insert_rows": True, "delete_rows": True, "sort": True, "autofilter": True,
        },
    )  # fmt: skip


def _validate(sheet: Any, column: Column, span: tuple[int, int, int, int], funds: bool) -> None:  # noqa: FBT001
    """The drop-down list or the rule of a column, where Excel can help before we must refuse."""
    name = _list_name(column)
    if name == "fund" and not funds:
        return
    if name is not None:
        # Excel cuts literal lists at 255 characters: named ranges only.
        sheet.data_validation(
            *span,
            {
                "validate": "list", "source": f"=list_{name}",
                "error_type": "warning" if name == "goods" else "stop",
                "error_title": column.header, "error_message": "请从下拉列表里选择",
            },
        )  # fmt: skip
    elif column.kind is Kind.AMOUNT:
        sheet.data_validation(
            *span,
            {
                "validate": "decimal", "criteria": ">=", "value": 0,
                "error_title": column.header, "error_message": "只写数字,单位元",
            },
        )  # fmt: skip


def _write_codes(book: Any, formats: _Formats, lists: dict[str, list[str]]) -> None:
    sheet = book.add_worksheet(CODE_SHEET)
    headers = {c.key: c.header for c in (*BATCH_KEYS, *COLUMNS)}
    for index, (name, labels) in enumerate(lists.items()):
        sheet.set_column(index, index, 24)
        sheet.write_string(0, index, headers[name], formats.key)
        for row, label in enumerate(labels, start=1):
            sheet.write_string(row, index, label)
        if labels:
            letter = xlsxwriter.utility.xl_col_to_name(index)
            area = f"='{CODE_SHEET}'!${letter}$2:${letter}${len(labels) + 1}"
            book.define_name(f"list_{name}", area)
    sheet.protect()


def _write_meta(book: Any, facts: TemplateFacts) -> None:
    sheet = book.add_worksheet(META_SHEET)
    pairs = {
        "template": TEMPLATE_VERSION,
        "organisation": facts.organisation,
        "batch": facts.batch,
        "rows_max": str(ROWS_MAX),
    }
    for row, (key, value) in enumerate(pairs.items()):
        sheet.write_string(row, 0, key)
        sheet.write_string(row, 1, value)
    sheet.very_hidden()


def _starred(column: Column) -> str:
    return f"{column.header}*" if column.needed else column.header
