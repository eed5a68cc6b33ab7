"""One event, shown to people and to programs: decoded, its headers, its verdict, its fields."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from app.output import Column, Kind, Lang, Output, day, instant, yuan
from app.problems import Words
from domain.events import SubmissionRefused, SubmissionRepeated
from domain.refusal_texts import render_all
from eventlog.contract import StoredRecord
from schemas.codec import Unreadable, decode
from schemas.files import parsed

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
REPEATED: Final = "repeated"
UNREADABLE: Final = "unreadable"
VERDICTS: Final = {
    ACCEPTED: Words("入账", "accepted"),
    REFUSED: Words("拒绝", "refused"),
    REPEATED: Words("重复提交", "repeated"),
    UNREADABLE: Words("无法读取", "unreadable"),
}
BYTES_SHOWN: Final = 32
"""So many bytes of a long value are shown to people; programs get all."""
CHINESE: Final = re.compile(r"[\u4e00-\u9fff]")


def shown(event: StoredRecord, *, lang: Lang) -> dict[str, Any]:
    """The event as JSON values: position, headers, verdict, texts of a refusal, record."""
    found: dict[str, Any] = {
        "position": event.position,
        "offset": event.offset,
        "appended_at": event.appended_at,
        "headers": {
            "position": event.position,
            "type": event.topic,
            "stream": event.stream,
            "version": event.version,
            "submission-offset": event.submission_offset,
        },
    }
    try:
        record = decode(event.value)
    except Unreadable as error:
        return found | {"verdict": UNREADABLE, "why": type(error).__name__, "value": event.value}
    verdict = ACCEPTED
    if isinstance(record, SubmissionRefused):
        verdict = REFUSED
        found["reasons"] = render_all(record.reasons, english=lang == "en")
    elif isinstance(record, SubmissionRepeated):
        verdict = REPEATED
    fields = parsed(record.TOPIC)["fields"]
    values = {field["name"]: plain(getattr(record, field["name"])) for field in fields}
    return found | {"verdict": verdict, "type": record.TOPIC, "record": values}


def plain(value: Any) -> Any:
    """Named tuples as objects, so that programs need not count places."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(part) for name, part in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value


def printed(output: Output, event: StoredRecord, found: dict[str, Any]) -> None:
    """Print the event for people: what it is, then every field with what it means."""
    verdict = output.words(VERDICTS[found["verdict"]])
    output.facts(
        [
            (Column("position", Words("序号", "position")), event.position),
            (Column("verdict", Words("裁决", "verdict")), verdict),
            (Column("reasons", Words("理由", "reasons")), "\n".join(found.get("reasons", []))),
            (Column("type", Words("类型", "type")), event.topic),
            (Column("stream", Words("事件流", "stream")), f"{event.stream} {event.version}"),
            (Column("appended", Words("写入时间", "written at"), Kind.INSTANT), event.appended_at),
            (Column("offset", Words("偏移量", "offset")), event.offset),
            (Column("submission", Words("提交偏移量", "its offset")), event.submission_offset),
        ]
    )
    if "record" not in found:
        return
    rows = [
        [field["name"], text(field, found["record"][field["name"]]), meaning(field, output.lang)]
        for field in parsed(found["type"])["fields"]
    ]
    output.line()
    output.records(
        [
            Column("field", Words("字段", "field")),
            Column("value", Words("内容", "value")),
            Column("doc", Words("含义", "meaning")),
        ],
        rows,
    )


def meaning(field: dict[str, Any], lang: Lang) -> str:
    """
    What a field means: the schema's doc is English, then Chinese.

    >>> meaning({"doc": "Stream of this event. 事件流."}, "zh")
    '事件流'
    >>> meaning({"doc": "Stream of this event. 事件流."}, "en")
    'Stream of this event'
    """
    doc = str(field.get("doc", ""))
    found = CHINESE.search(doc)
    at = found.start() if found else len(doc)
    zh, en = doc[at:].strip(" .。"), doc[:at].strip(" .")
    return (zh or en) if lang == "zh" else en


def text(field: dict[str, Any], value: Any) -> str:
    """One value as people read it: yuan, days and times in UTC+8, bytes in hexadecimal."""
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return _number(field, value)
    if isinstance(value, bytes):
        return f"{value[:BYTES_SHOWN].hex()}{'…' if len(value) > BYTES_SHOWN else ''}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=lambda part: part.hex())
    return str(value)


def _number(field: dict[str, Any], value: int) -> str:
    logical = _logical_type(field["type"])
    if logical == "date":
        return day(value)
    if logical == "timestamp-micros":
        return instant(value)
    return yuan(value) if field["name"].endswith("_fen") else str(value)


def _logical_type(schema: Any) -> str | None:
    branches: Sequence[Any] = schema if isinstance(schema, list) else [schema]
    found = [
        one["logicalType"] for one in branches if isinstance(one, dict) and "logicalType" in one
    ]
    return found[0] if found else None
