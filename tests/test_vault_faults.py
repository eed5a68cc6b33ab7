"""What the vault refuses is told in words, each with a way on, in both languages."""

import inspect

import psycopg
import pytest

from app.faults import known
from app.vault_faults import FAULTS, refused
from vault import errors
from vault.errors import IdentityRejected, OtherSuite, Problem, Rejection, VaultError, WrongVault

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, VaultError) and kind not in {VaultError, IdentityRejected}
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_has_words_and_a_remedy_of_its_own(kind: type[VaultError]) -> None:
    """Found by its kind; none is left with a code."""
    page = refused(kind.__new__(kind))
    assert kind in FAULTS
    assert (page.what, page.how) == FAULTS[kind]
    assert page.what.zh != page.what.en


def test_another_suite_is_told_as_that_and_not_as_a_wrong_vault() -> None:
    """It is a kind of wrong vault with a remedy of its own."""
    assert refused(OtherSuite(vault="GM-1", ledger="INTL-1")).what != refused(WrongVault("x")).what


def test_identities_that_fail_are_told_field_by_field_in_words() -> None:
    """Codes stand beside the place; the remedy is in the reader's language."""
    bad = [Rejection(2, (Problem("recipient.name", "MISSING_FIELD"),))]
    page = known(IdentityRejected(bad))
    assert page is not None
    assert page.where == "3: recipient.name MISSING_FIELD"
    assert "第 3 项 recipient.name: 缺少这个字段" in page.how.zh
    assert "identity 3 recipient.name: The field is missing" in page.how.en


def test_a_database_that_does_not_answer_is_named_without_user_and_password() -> None:
    """Host and port, for whoever has to start it."""
    with pytest.raises(psycopg.OperationalError) as failed:
        psycopg.connect("postgresql://clerk:geheim@127.0.0.1:1/ledger", connect_timeout=5)
    page = known(failed.value)
    assert page is not None
    assert page.where == "127.0.0.1:1"
    said = f"{page.what} {page.where} {page.how}"
    assert "clerk" not in said
    assert "geheim" not in said
