# ruff: noqa: ANN001, ANN201, ANN204, C901, D102, D103, INP001, T201  one file for strangers
"""
Reads an evidence pack with nothing of hengwen: Python, fastavro, and what is written in the pack.

    python tiny_reader.py PACK

It checks that positions are dense, that every stream's chain is whole, that the events have the
Merkle root which the checkpoint states, and prints the balance of every account. The signature
under the checkpoint is for openssl or Go to check: see docs/thirty_years.md. Exit code 1 if
anything does not hold. 证据包的独立读取程序: 只依赖标准库与 fastavro.
"""

import base64
import hashlib
import json
import sys
from collections import defaultdict
from pathlib import Path

import fastavro
from fastavro.schema import fingerprint, to_parsing_canonical_form


class Wrong(Exception):
    """Something in the pack does not hold."""


def sha256(data):
    return hashlib.sha256(data).digest()


# -- Avro: a value is C3 01, the schema's CRC-64-AVRO (8 bytes, little endian), and the body --------


def schemas(pack):
    """Header of a value -> the schema of what follows it, and the SHA-256 of its text."""
    found = {}
    for path in (pack / "schemas").glob("*.avsc"):
        text = path.read_bytes()
        canonical = to_parsing_canonical_form(json.loads(text))
        header = b"\xc3\x01" + bytes.fromhex(fingerprint(canonical, "CRC-64-AVRO"))
        # Read by the canonical form: only that is under the fingerprint.
        found[header] = fastavro.parse_schema(json.loads(canonical)), sha256(text)
    return found


class Bytes:
    """A stretch of bytes to be read once."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def read(self, size=-1):
        end = len(self.data) if size < 0 else self.at + size
        part, self.at = self.data[self.at : end], end
        return part


def decoded(value, known):
    """The record in a value: its name and its fields."""
    schema, _ = known.get(value[:10], (None, b""))
    if schema is None:
        raise Wrong(f"a schema is missing: {value[2:10].hex()}")
    fields = fastavro.schemaless_reader(Bytes(value[10:]), schema)
    return schema["name"].rpartition(".")[2], fields


def records(pack, kind):
    """The records of all container files of a kind, in order."""
    for path in sorted((pack / kind).glob("*.avro")):
        with path.open("rb") as file:
            reader = fastavro.reader(file)
            if reader.codec != "null" or "logicalType" in reader.metadata["avro.schema"]:
                raise Wrong(f"{path.name} is not as a pack is written")
            yield from reader


# -- the tree: RFC 6962, leaf = SHA-256(00 | value), node = SHA-256(01 | left | right) --------------


class Tree:
    """Roots of perfect subtrees, the largest first; like adding one to a binary number."""

    def __init__(self):
        self.peaks = []

    def add(self, value):
        peak = (0, sha256(b"\x00" + value))
        while self.peaks and self.peaks[-1][0] == peak[0]:
            height, left = self.peaks.pop()
            peak = (height + 1, sha256(b"\x01" + left + peak[1]))
        self.peaks.append(peak)

    def root(self):
        if not self.peaks:
            return sha256(b"")
        root = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            root = sha256(b"\x01" + left + root)
        return root


# -- chains: every event names the SHA-256 of the one before it on its stream -----------------------


def check_link(heads, stream, version, previous, digest):
    last_version, last_digest = heads.get(stream, (0, None))
    if version != last_version + 1 or previous != last_digest:
        raise Wrong(f"the chain of {stream} is broken at version {version}")
    heads[stream] = (version, digest)


# -- balances: where the fen of each account are ----------------------------------------------------


def move(balances, name, event):
    """Free, reserved, ordered, settled fen of the accounts that an event touches."""
    fen, here = event.get("amount_fen"), balances[event["stream"]]
    there = balances[event["in_stream"]] if "in_stream" in event else None
    if name == "GrantReceived":
        here["free"] += fen
    elif name == "GrantWithdrawn":
        here["free"] -= fen
    elif name in {"AllocationIssued", "AllocationReturned"}:
        here["free"] -= fen
        there["free"] += fen
    elif name == "PaymentMade":
        here["free"] -= fen
        here["ordered" if event["ordered"] else "reserved"] += fen
    elif name == "PaymentSettled":
        here[event["was"].lower()] -= fen
        here["settled"] += fen
    elif name in {"PaymentBounced", "PaymentReversed"}:
        here[event["was"].lower()] -= fen
        here["free"] += fen
    elif name == "RosterApproved":
        account = balances[f"account/{event['organisation']}/{event['fund']}"]
        account["reserved"] -= fen
        account["ordered"] += fen
    elif name == "RosterRejected":
        there["reserved"] -= fen
        there["free"] += fen


# -- all of it --------------------------------------------------------------------------------------


def read(pack):
    """Check a pack; balances by account, and what the checkpoint states."""
    manifest = json.loads((pack / "manifest.json").read_text(encoding="utf-8"))
    if not manifest["complete"]:
        raise Wrong("this pack is a part of the log: it has no root of its own")
    origin, size, root = (pack / "checkpoint").read_text(encoding="utf-8").split("\n")[:3]
    known, tree, heads = schemas(pack), Tree(), {}
    balances = defaultdict(lambda: dict.fromkeys(("free", "reserved", "ordered", "settled"), 0))
    position, used, registered = 0, set(), set()
    for position, kept in enumerate(records(pack, "events"), start=1):
        if kept["position"] != position:
            raise Wrong(f"position {position} is missing")
        value = kept["value"]
        tree.add(value)
        name, event = decoded(value, known)
        digest = sha256(value)
        check_link(heads, event["stream"], event["version"], event["previous"], digest)
        if "in_stream" in event:
            link = (event["in_version"], event["in_previous"], digest)
            check_link(heads, "into " + event["in_stream"], *link)
        move(balances, name, event)
        used.add(value[:10])
        if name == "SchemaRegistered":
            registered.add(event["text_digest"])
    if any(known[header][1] not in registered for header in used):
        raise Wrong("a schema is not the one that the log registered")
    if position != int(size):
        raise Wrong(f"the checkpoint has {size} events, the pack {position}")
    if tree.root() != base64.b64decode(root):
        raise Wrong("the events are not those of the checkpoint")
    accounts = {s: b for s, b in balances.items() if s.startswith("account/")}
    return {"origin": origin, "size": int(size), "root": root, "balances_fen": accounts}


def main():
    if len(sys.argv) != 2:  # noqa: PLR2004
        print("python tiny_reader.py PACK")
        return 2
    try:
        found = read(Path(sys.argv[1]))
    except Exception as error:  # noqa: BLE001  whatever a stranger may have written
        text = str(error) if isinstance(error, Wrong) else f"cannot be read: {type(error).__name__}"
        print("✘", "".join(c if c.isprintable() else "?" for c in text))
        return 1
    print(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True))
    print(f"✔ {found['size']} events, dense, linked, of the root that the checkpoint states")
    return 0


if __name__ == "__main__":
    sys.exit(main())
