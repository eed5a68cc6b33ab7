"""
The bare loop that admission is compared with.

Consume, decode the submission with fastavro, encode a verdict-sized record with fastavro, five
headers, transactional produce of 1,000: no rules, no signatures, no state; same client and records.
"""

import io
import json
import time
from typing import Any, Final

import fastavro

from eventlog.port import KafkaClient, OutgoingRecord
from schemas import files

BATCH: Final = 1_000


def _plain(schema: Any) -> Any:
    """The schema without logical types: dates stay integers, the quicker way."""
    if isinstance(schema, dict):
        return {k: _plain(v) for k, v in schema.items() if k != "logicalType"}
    return [_plain(s) for s in schema] if isinstance(schema, list) else schema


def _parsed(topic: str) -> Any:
    return fastavro.parse_schema(_plain(json.loads(files.text(topic))))


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


def run(client: KafkaClient, source: str, target: str, *, skip: int, count: int) -> float:
    """Records per second through *count* payments behind offset *skip*."""
    reads, writes = _parsed("hengwen.MakePayment"), _parsed("hengwen.PaymentMade")
    header = files.MARKER + files.fingerprint("hengwen.PaymentMade")
    reader = client.reader(source, committed=False)
    reader.seek(skip)
    transactions = client.transactions(f"{target}.bare")
    done, began = 0, time.perf_counter()
    while done < count:
        out = []
        for record in reader.poll(limit=BATCH, timeout_s=5):
            submission = fastavro.schemaless_reader(io.BytesIO((record.value or b"")[10:]), reads)
            buffer = io.BytesIO()
            buffer.write(header)
            fastavro.schemaless_writer(buffer, writes, _verdict(submission))
            done += 1
            headers = (
                ("position", b"%d" % done), ("type", b"hengwen.PaymentMade"),
                ("stream", b"account/C0001/FUND-2019"), ("version", b"1000"),
                ("submission-offset", b"%d" % record.offset),
            )  # fmt: skip
            out.append(OutgoingRecord(target, b"account/C0001", buffer.getvalue(), headers))
        transactions.commit(out)
    seconds = time.perf_counter() - began
    transactions.close()
    reader.close()
    return count / seconds
