"""
Makes what must never change: run once when something new lands, then commit what it wrote.

    python tests/make_golden.py           adds what is missing, changes nothing that is there
    python tests/make_golden.py --lock    before the first release only: locks version 1 anew
    python tests/make_golden.py --renew   after that, or alone: makes the rest of it anew

golden/records.json: bytes of one record of each kind. golden/history-v1.json.gz: submissions and
the verdicts on them,
as branches of one beginning. ../schemas/landed.json: every schema that ever landed, by fingerprint.
../admission/rules/v1.lock.json: what version 1 of the rules consists of.
"""

import gzip
import json
import random
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from programme import Programme
from refusal_scenes import REFUSED, UNOPENED
from refusal_variants import OPENINGS, VARIANTS
from test_determinism import history
from whole_programme import everything

import domain.parts
from admission.rules import locks, v1
from schemas import codec, files

GOLDEN = Path(__file__).parent / "golden"
RECORDS = GOLDEN / "records.json"
HISTORY = GOLDEN / "history-v1.json.gz"
LOCK = Path(locks.__file__).parent / "v1.lock.json"
OF_NO_VERSION = {
    "RULE_FAILED": "a defect, which version 1 is not known to have",
    "EVENT_TOO_LARGE": "the fields of every kind are bounded so that no event of version 1 is",
}
"""Refusals that version 1 gives to no submission: their scenes doctor the rules."""
LANDED = Path(__file__).parents[1] / "schemas" / "landed.json"


def value_of(  # noqa: C901, PLR0911  one arm a type
    schema: Any, named: dict[str, Any], chance: random.Random
) -> Any:
    """A value for a field: the same one whenever the chance is seeded alike."""
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    if isinstance(schema, list):
        return value_of(schema[1], named, chance)
    if isinstance(schema, dict) and "name" in schema:
        named[schema["name"]] = schema
    kind = schema if isinstance(schema, str) else schema.get("logicalType") or schema["type"]
    match kind:
        case "string":
            return chance.choice(["C4_HARSH", "样例〔2019〕1号", "account/632221/FUND"])
        case "uuid":
            return f"00000000-0000-4000-8000-{chance.getrandbits(40):012x}"
        case "bytes":
            return chance.randbytes(8)
        case "fixed":
            return chance.randbytes(schema["size"])
        case "boolean":
            return chance.random() < 0.5
        case "array":
            return [value_of(schema["items"], named, chance) for _ in range(2)]
        case "record":
            part = getattr(domain.parts, schema["name"].removeprefix("hengwen."))
            return part(*[value_of(f["type"], named, chance) for f in schema["fields"]])
        case "timestamp-micros":
            return 1_548_000_000_000_000
        case _:
            return chance.randint(1, 20_000)


def golden_record(topic: str) -> Any:
    """A record of the schema *topic* in which every field is filled."""
    chance = random.Random(topic)  # noqa: S311  the same record every time
    named: dict[str, Any] = {}
    fields = {f["name"]: value_of(f["type"], named, chance) for f in files.parsed(topic)["fields"]}
    return files.RECORDS[topic](**fields)


def _told(given: Programme, after: int = 0) -> dict[str, Any]:
    """What was submitted and decided, behind position *after*."""
    return {
        "after": after,
        "submitted": [
            [s.value and s.value.hex(), s.proof and s.proof.hex(), s.proofs, s.appended_at]
            for s in given.submitted[after:]
        ],
        "verdicts": [v.value.hex() for v in given.verdicts[after:]],
    }


def _branches() -> Iterator[tuple[str, bool, Callable[[Programme], Any]]]:
    """Name, whether it goes on from a county with money, and what happens."""
    for code, scene in REFUSED.items():
        if code not in OF_NO_VERSION:
            yield f"refused/{code}", code not in UNOPENED, scene
    for name, (_, scene) in VARIANTS.items():
        yield f"refused/{name}", name not in OPENINGS, scene


def _history(known: dict[str, Any]) -> dict[str, Any]:
    """A county with money, and many things that may happen next; what is *known* is kept."""
    made = dict(known)
    begun = len(Programme().funded().submitted)
    made.setdefault("given", _told(Programme().funded()))
    for name, whole in (("varied", history), ("whole programme", everything)):
        if name not in made:
            made[name] = _told(whole(), begun)
    for name, funded, scene in _branches():
        if name not in made:
            programme = Programme().funded() if funded else Programme()
            scene(programme)
            made[name] = _told(programme, begun if funded else 0)
    return made


def main(*, renew: bool) -> None:
    """Write what is missing."""
    GOLDEN.mkdir(exist_ok=True)
    known = json.loads(RECORDS.read_text()) if RECORDS.exists() and not renew else {}
    made = {t: known.get(t) or codec.encode(golden_record(t)).hex() for t in files.RECORDS}
    RECORDS.write_text(json.dumps(made, indent=1) + "\n")
    landed = json.loads(LANDED.read_text()) if LANDED.exists() and not renew else {}
    for topic in files.RECORDS:
        text = files.text(topic)
        landed.setdefault(
            files.fingerprint(topic).hex(),
            {
                "schema": topic,
                "text_sha256": sha256(text.encode()).hexdigest(),
                "text": json.loads(text),
            },
        )
    LANDED.write_text(json.dumps(landed, ensure_ascii=False, separators=(",", ":")) + "\n")
    told = (
        json.loads(gzip.decompress(HISTORY.read_bytes())) if HISTORY.exists() and not renew else {}
    )
    HISTORY.write_bytes(gzip.compress(json.dumps(_history(told)).encode(), mtime=0))


if __name__ == "__main__":
    if "--lock" in sys.argv:
        LOCK.write_text(locks.computed(v1), encoding="utf-8")
    else:
        main(renew="--renew" in sys.argv)
