"""
The child process that reads a spreadsheet: file on stdin, JSON on stdout, memory and time limited.

It imports nothing of ours, so it starts fast and from any folder. A library that aborts or is
killed for memory takes only this process with it.

Cells: null, text, true/false, numbers; ``{"d": date}``, ``{"dt": date and time}``,
``{"x": "time"}`` for times of day and durations.
"""

import io
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

MEMORY_BYTES = 1536 << 20
CPU_SECONDS = 120
PASSWORD, BROKEN = "FILE_PASSWORD", "FILE_BROKEN"


def limit() -> None:
    """Bound the address space and the time of this process, where the system can."""
    try:
        import resource  # noqa: PLC0415  not on every system
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold names


def cell_json(value: object) -> object:
    """A cell as JSON holds it."""
    if value == "":
        return None
    if isinstance(value, datetime):
        return {"dt": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time | timedelta):
        return {"x": "time"}
    return value


def trimmed(row: Sequence[object]) -> list[object]:
    """A row without its empty tail."""
    cells = [cell_json(value) for value in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def read(data: bytes) -> dict[str, object]:
    """All visible and hidden sheets of a workbook."""
    import python_calamine  # noqa: PLC0415  after the limits are set

    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        sheets = []
        for about in book.sheets_metadata:
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            sheets.append(
                {
                    "name": about.name,
                    "rows": [trimmed(row) for row in sheet.to_python(skip_empty_area=False)],
                }
            )
    except python_calamine.PasswordError:
        return {"code": PASSWORD}
    except (python_calamine.CalamineError, ValueError, OverflowError):
        return {"code": BROKEN}  # the library's message may quote a cell
    return {"sheets": sheets}


def main() -> None:
    """Read, and answer; nothing of the file may reach stderr."""
    limit()
    try:
        answer = read(sys.stdin.buffer.read())
    except MemoryError:
        answer = {"code": "FILE_TOO_BIG_IN_MEMORY"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
