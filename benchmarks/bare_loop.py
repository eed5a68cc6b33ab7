"""
The bare loop that admission is compared with.

Consume, decode the submission with fastavro, encode a verdict-sized record with fastavro, five
headers, transactional produce of 1,000: no rules, no signatures, no state; same client and records.
"""

import io
import json
import time
from contextlib import closing
from typing import Any, Final

import fastavro

from eventlog.port import KafkaClient, KafkaRecord, OutgoingRecord, Reader
from schemas import files

BATCH: Final = 1_000
ANSWER_S: Final = 120.0


def plain(schema: Any) -> Any:
    """The schema without logical types: dates stay integers, the quicker way."""
    if isinstance(schema, dict):
        return {k: plain(v) for k, v in schema.items() if k != "logicalType"}
    return [plain(s) for s in schema] if isinstance(schema, list) else schema


def _parsed(topic: str) -> Any:
    return fastavro.parse_schema(plain(json.loads(files.text(topic))))


def _verdict(submission: dict[str, Any]) -> dict[str, Any]:
    """A record of the size of a verdict, from the submission's fields and constants."""
    digest = bytes(32)
    return submission | {
        "submission_digest": digest, "proof_digest": digest, "stream": "account/C0001/FUND-2019",
        "version": 1_000, "previous": digest, "recorded_at": 1_548_000_000_000_000,
        "source": "bench", "policy_version": "BENCH", "rules": 1,
        "vault": "00000000-0000-8000-8000-000000000001", "vault_sequence": 1, "ordered": True,
        "draws": [{"lot": 1_000, "at": 100_000, "fen": 100}],
    }  # fmt: skip


class Copying:
    """What the loop does with one record."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._reads, self._writes = _parsed("hengwen.MakePayment"), _parsed("hengwen.PaymentMade")
        self._header = files.MARKER + files.fingerprint("hengwen.PaymentMade")
        self._position = 0

    def __call__(self, record: KafkaRecord) -> OutgoingRecord:
        """The record that is written for *record*."""
        value = io.BytesIO((record.value or b"")[10:])
        submission: Any = fastavro.schemaless_reader(value, self._reads, None)
        buffer = io.BytesIO()
        buffer.write(self._header)
        fastavro.schemaless_writer(buffer, self._writes, _verdict(submission))
        self._position += 1
        headers = (
            ("position", b"%d" % self._position), ("type", b"hengwen.PaymentMade"),
            ("stream", b"account/C0001/FUND-2019"), ("version", b"1000"),
            ("submission-offset", b"%d" % record.offset),
        )  # fmt: skip
        return OutgoingRecord(self._target, b"account/C0001", buffer.getvalue(), headers)


def _batch(reader: Reader, limit: int) -> list[KafkaRecord]:
    """Exactly *limit* records, however the client cuts them."""
    records: list[KafkaRecord] = []
    while len(records) < limit:
        found = reader.poll(limit=limit - len(records), timeout_s=ANSWER_S)
        if not found:
            raise TimeoutError("submissions that were written do not come")
        records += found
    return records


def run(client: KafkaClient, source: str, target: str, *, skip: int, count: int) -> float:
    """
    Seconds for *count* payments behind offset *skip*.

    Connections are warm before the clock starts, and nothing is fetched ahead.
    """
    copying = Copying(target)
    with (
        closing(client.reader(source, committed=False)) as reader,
        closing(client.transactions(f"{target}.bare")) as transactions,
    ):
        reader.seek(skip)
        transactions.commit([copying(_batch(reader, 1)[0])])
        reader.rest()
        began, done = time.perf_counter(), 0
        reader.seek(skip)
        while done < count:
            records = _batch(reader, min(BATCH, count - done))
            transactions.commit([copying(record) for record in records])
            done += len(records)
        return time.perf_counter() - began
