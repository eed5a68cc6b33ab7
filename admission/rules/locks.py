"""
Locks: what a released version of the rules consists of, in digests.

A version's lock names, for every kind, its checks in order, the event it writes and the schema
fingerprints; the digest of every function and constant in the modules of its checks; and, as they
are, the constants that those modules import: lists of codes, bounds, patterns. Its own digest
stands in the log, in OpenLog or AdoptRules. A test fails when the code no longer agrees with a
released lock.
"""

import ast
import inspect
import json
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from schemas.files import fingerprint

INDEXES: Final = {"schemas.files.RECORDS"}
"""Imported, but only to find a record's class: each kind's records are locked by fingerprint."""


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
    kinds: dict[str, Any] = {}
    modules: set[str] = set()
    for name, kind in sorted(module.KINDS.items()):
        asked = (kind.gate, *kind.checks)
        modules |= {check.__module__ for check in asked}
        kinds[name] = {
            "accepts": [fingerprint(f"hengwen.{name}").hex()],
            "checks": [f"{_room(c.__module__)}.{c.__name__}" for c in asked],
            "writes": {
                "record": kind.event.TOPIC,
                "fingerprint": fingerprint(kind.event.TOPIC).hex(),
            },
        }
    definitions: dict[str, str] = {}
    for name in sorted(modules):
        definitions |= {f"{_room(name)}.{key}": d for key, d in _definitions(name).items()}
    constants: dict[str, Any] = {}
    for name in sorted(modules):
        constants |= {key: plain(value) for key, value in imported(name).items()}
    lock = {
        "constants": dict(sorted(constants.items())), "definitions": definitions, "kinds": kinds,
    }  # fmt: skip
    return json.dumps(lock, indent=1, ensure_ascii=False) + "\n"


def broken(version: int, module: ModuleType) -> list[str]:
    """What of a released version the code no longer says as it was; new definitions are welcome."""
    released, now = json.loads(text(version)), json.loads(computed(module))
    return [
        f"{part}.{name}"
        for part in ("constants", "definitions", "kinds")
        for name, was in released[part].items()
        if now[part].get(name) != was
    ]


def _room(module: str) -> str:
    return module.removeprefix("admission.rules.")


def imported(module: str) -> dict[str, Any]:
    """The constants that a module of checks imports, by the module and name they come from."""
    checks = import_module(module)
    return {
        f"{node.module}.{alias.name}": getattr(checks, alias.asname or alias.name)
        for node in ast.parse(inspect.getsource(checks)).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name.isupper() and f"{node.module}.{alias.name}" not in INDEXES
    }


def plain(value: Any) -> Any:
    """
    A constant as data, in an order that is always the same.

    Of codes with their names in two languages only the codes: no verdict depends on a name.

    Raises:
        TypeError: it is no data.
    """
    if isinstance(value, re.Pattern):
        return [value.pattern, value.flags]
    if isinstance(value, Mapping):
        if all(map(_is_names, value.values())):
            return sorted(value)
        return {str(key): plain(value[key]) for key in sorted(value)}
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, str | int):
        return value
    raise TypeError(f"{type(value).__name__} is no data")


def _is_names(value: object) -> bool:
    return isinstance(value, tuple) and [type(one) for one in value] == [str, str]


def _definitions(module: str) -> dict[str, str]:
    """Digests of the functions, classes and constants of a module of checks, by name."""
    tree = ast.parse(inspect.getsource(import_module(module)))
    found: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = _digest(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = _digest(node)
    return found


def _digest(node: ast.stmt) -> str:
    """Digest of a definition's meaning: its syntax tree, without docstring, comments, layout."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
        node.body = node.body[1:]
    return sha256(_said(node).encode()).hexdigest()


def _said(node: object) -> str:
    """A syntax tree as text, alike in every version of Python: what is empty is left out."""
    if isinstance(node, list):
        return f"[{','.join(map(_said, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    parts = [
        f"{name}={_said(value)}"
        for name, value in ast.iter_fields(node)
        if value is not None and value != []
    ]
    return f"{type(node).__name__}({','.join(parts)})"
