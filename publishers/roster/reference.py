"""
The reference part of docs/rosters.md: columns, keys of the batch, codes; from the code itself.

``python -m publishers.roster.reference docs/rosters.md`` writes it anew; a test compares the two.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from publishers.roster.columns import BATCH_KEYS, COLUMNS, Column, Kind
from publishers.roster.texts import TEXTS

BEGIN: Final = "<!-- generated: begin -->"
END: Final = "<!-- generated: end -->"
KINDS: Final = {
    Kind.TEXT: "文本 text",
    Kind.IDENTIFIER: "文本 text, digits",
    Kind.AMOUNT: "金额 yuan",
    Kind.WHOLE: "整数 whole number",
    Kind.DATE: "日期 date",
    Kind.CHOICE: "选择 choice",
}


def rewritten(page: str) -> str:
    """The page with the generated part as of now."""
    before, _, rest = page.partition(BEGIN)
    return before + "\n".join([BEGIN, *_lines(), END]) + rest.partition(END)[2]


def _lines() -> Iterator[str]:
    yield ""
    yield "### 发放明细"
    yield from _columns(COLUMNS)
    yield "### 批次信息"
    yield from _columns(BATCH_KEYS)
    yield "### Codes"
    yield ""
    yield "| code | 原因 | 怎么改 | reason |"
    yield "|---|---|---|---|"
    for code, text in sorted(TEXTS.items()):
        yield f"| `{code}` | {text.zh} | {text.how_zh} | {text.en} |"
    yield ""


def _columns(columns: tuple[Column, ...]) -> Iterator[str]:
    yield ""
    yield "| 列 | English | 类型 | 必有 | 别名 |"
    yield "|---|---|---|---|---|"
    for column in columns:
        needed = "✔" if column.needed else ""
        aliases = "、".join(column.aliases)
        yield (
            f"| {column.header} | {column.english} | {KINDS[column.kind]} | {needed} | {aliases} |"
        )
    yield ""


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewritten(path.read_text(encoding="utf-8")), encoding="utf-8")
