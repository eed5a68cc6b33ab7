"""No error of the vault says anything about a person."""

import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import LEDGER, MASTER_KEY, worker
from test_vault_calls import clock, request
from test_vault_custody import READING, in_log

from vault.errors import IdentityRejected, SealBroken
from vault.identities import Identity, decode_identity, encode_identity
from vault.vault import Vault

SECRET = Identity(
    name="匿名者丙\ud800",
    document_type="RESIDENT_ID",
    document_number="632221196001010000",
    employer="保密单位\x00",
    phone="13987654321",
    card="6217000000123450000",
    bank="保密银行",
    account_holder="匿名者丁",
    household="保密户",
    address="保密地址",
)
VALUES = [value for name, value in asdict(SECRET).items() if name != "document_type" and value]


@pytest.fixture
def vault(postgres_dsn: str) -> Iterator[Vault]:
    """A new vault in a database of its own."""
    with Vault.create(postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock) as made:
        yield made


def said(error: BaseException) -> str:
    """Everything an error and what it came from could show, but for the source lines."""
    seen: list[str] = []
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None:
            seen += [str(one), repr(one), repr(one.args), repr(getattr(one, "__dict__", ""))]
            seen += traceback.format_exception_only(one)
            todo += [one.__cause__, None if one.__suppress_context__ else one.__context__]
    return "\n".join(seen)


def test_errors_hold_no_value(vault: Vault) -> None:
    """Rejected, unreadable, moved and foreign identities raise errors without their values."""
    (answer,) = vault.seal([request(0)])
    moved = in_log(request(0), answer, organisation="保密单位")
    plain = encode_identity(worker())
    attempts: list[tuple[type[Exception], str, Callable[[], object]]] = [
        (IdentityRejected, "rejected", lambda: vault.seal([request(0, SECRET)])),
        (IdentityRejected, "rejected", lambda: vault.person_of(SECRET)),
        (IdentityRejected, "rejected", lambda: vault.add_document(answer.person, SECRET)),
        (SealBroken, "does not open", lambda: vault.read(READING, [moved])),
        (ValueError, "not a can", lambda: decode_identity(plain[:20] + b"\xff" + plain[21:])),
        (ValueError, "not a can", lambda: decode_identity("保密单位".encode())),
    ]
    for error, words, attempt in attempts:
        with pytest.raises(error, match=words) as caught:
            attempt()
        text = said(caught.value)
        for value in (*VALUES, "匿名者", "保密", "测试甲", worker().document_number):
            assert value not in text


WRITTEN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=3)


@given(st.lists(WRITTEN, min_size=9, max_size=9, unique=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
def test_rejections_are_codes_whatever_was_written(vault: Vault, texts: list[str]) -> None:
    """Random texts in every field: the error is made of codes, fields and an index."""
    identity = Identity("1" + texts[0], "RESIDENT_ID", *texts[1:])
    with pytest.raises(IdentityRejected) as caught:
        vault.seal([request(0, identity)])
    text = said(caught.value)
    for value, part in product(texts, ("{}", "{!r}", "{!a}")):
        assert part.format(value) not in text
