"""The lock of a version of the rules: whatever its verdicts depend on in the code is locked."""

import json
import re
from importlib import import_module
from typing import Any

import pytest

from admission.rules import locks, v1
from domain import codes

MODULES = sorted({c.__module__ for k in v1.KINDS.values() for c in (k.gate, *k.checks)})
IMPORTED = sorted({key for module in MODULES for key in locks.imported(module)})
"""Each constant that a module of checks of version 1 imports."""


def otherwise(value: Any) -> Any:
    """A constant of the same kind that says something else."""
    if isinstance(value, dict):
        return value | {"HAMPER": next(iter(value.values()))}
    if isinstance(value, frozenset):
        return value | {"HAMPER"}
    if isinstance(value, re.Pattern):
        return re.compile(value.pattern + "?")
    return value + type(value)(1)


@pytest.mark.parametrize("key", IMPORTED)
def test_a_constant_that_checks_import_is_locked(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of codes, bounds, patterns, wherever they stand: another value is another version."""
    for module in MODULES:
        checks, found = import_module(module), locks.imported(module)
        if key in found:
            monkeypatch.setattr(checks, key.rpartition(".")[2], otherwise(found[key]))
    assert locks.broken(1, v1) == [f"constants.{key}"]


def test_another_form_of_payment_breaks_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 1 would accept what it refused before; a correction of a name changes no verdict."""
    monkeypatch.setitem(codes.FORMS, "CASH", ("现金", "money in hand"))
    assert locks.broken(1, v1) == []
    monkeypatch.setitem(codes.FORMS, "HAMPER", ("礼篮", "hamper"))
    assert locks.broken(1, v1) == ["constants.domain.codes.FORMS"]


def test_another_category_of_a_scheme_breaks_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also within a scheme that was known."""
    monkeypatch.setitem(codes.CATEGORIES, "C8_OTHER", ("其他", "other"))
    assert set(locks.broken(1, v1)) == {
        "constants.domain.codes.CATEGORIES", "constants.domain.codes.SCHEMES",
    }  # fmt: skip


@pytest.mark.parametrize("module", MODULES)
def test_checks_import_functions_classes_and_locked_constants_only(module: str) -> None:
    """Whatever else could be imported would be data that no lock sees."""
    checks = import_module(module)
    locked = {key.rpartition(".")[2] for key in (*locks.imported(module), *locks.INDEXES)}
    own = set(getattr(checks, "__annotations__", ()))
    for name, value in vars(checks).items():
        if not name.startswith("__") and name not in locked | own:
            assert not _data(value), name


def _data(value: object) -> bool:
    return isinstance(value, int | str | bytes | list | dict | set | frozenset | tuple | re.Pattern)


def test_a_lock_is_data_alike_in_every_run() -> None:
    """What has no order is sorted; an auditor can read the lists of codes in it."""
    lock = json.loads(locks.text(1))
    assert lock["constants"]["domain.codes.FORMS"] == ["BANK_CARD", "CASH", "GOODS", "VOUCHER"]
    assert list(lock["constants"]) == sorted(lock["constants"])
    assert locks.plain(frozenset("cab")) == locks.plain({"a", "b", "c"}) == ["a", "b", "c"]
    with pytest.raises(TypeError, match="float"):
        locks.plain(0.5)
