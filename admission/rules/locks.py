"""
Locks: what a released version of the rules consists of, in digests.

A version's lock names, for every kind, its checks in order, the event it writes and the schema
fingerprints, and the digest of every check. Its own digest stands in the log, in OpenLog or
AdoptRules. A test fails when the code no longer agrees with a released lock.
"""

import ast
import inspect
import json
import textwrap
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from schemas.files import fingerprint


@cache
def text(version: int) -> str:
    """The committed lock of a version."""
    return (Path(__file__).parent / f"v{version}.lock.json").read_text(encoding="utf-8")


@cache
def digest(version: int) -> bytes:
    """SHA-256 of the committed lock, as OpenLog and AdoptRules carry it."""
    return sha256(text(version).encode()).digest()


def computed(module: ModuleType) -> str:
    """The lock that the code gives now."""
    checks: dict[str, str] = {}
    kinds: dict[str, Any] = {}
    for name, kind in sorted(module.KINDS.items()):
        named = [
            f"{c.__module__.removeprefix('admission.rules.')}.{c.__name__}" for c in kind.checks
        ]
        checks |= dict(zip(named, map(_digest, kind.checks), strict=True))
        kinds[name] = {
            "accepts": [fingerprint(f"hengwen.{name}").hex()],
            "checks": named,
            "writes": {
                "record": kind.event.TOPIC,
                "fingerprint": fingerprint(kind.event.TOPIC).hex(),
            },
        }
    lock = {"checks": dict(sorted(checks.items())), "kinds": kinds}
    return json.dumps(lock, indent=1, ensure_ascii=False) + "\n"


def _digest(function: Any) -> str:
    """Digest of a function's meaning: its syntax tree, without docstring, comments and layout."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    body = tree.body[0]
    assert isinstance(body, ast.FunctionDef)
    if ast.get_docstring(body) is not None:
        body.body = body.body[1:]
    return sha256(ast.dump(tree).encode()).hexdigest()
