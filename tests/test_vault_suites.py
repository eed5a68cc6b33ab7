"""Suites: 国密 by the standards' own examples and by a second implementation; a vault under each."""

from collections.abc import Iterator
from pathlib import Path

import gm_oracle
import psycopg
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SM3, Hash
from hypothesis import given, settings
from hypothesis import strategies as st
from people import LEDGER, MASTER_KEY, worker
from test_vault_calls import clock, proves, request
from test_vault_custody import READING, in_log, other_dsn
from test_vault_identities import GOLDEN as PLAIN
from test_vault_rotation import NEW_KEY
from test_vault_sealing import KEY, PLACE, keys, places

from app.faults import known
from domain.suites import GM_1, INTL_1, SUITES
from domain.units import Position
from vault.backup import restore_backup, write_backup
from vault.errors import OtherSuite, SealBroken, VaultBehind, VaultMissing, WrongVault
from vault.keys import MasterKey, VaultKeys, joined
from vault.recovery import go_on_from, header_of, status
from vault.rotation import fitting, rotate
from vault.sealing import Place, seal, unseal
from vault.suites import GM, INTL, SM4GCM, Suite, hmac_sm3, suite_called
from vault.vault import Vault

__all__ = ["other_dsn"]  # a fixture

EXAMPLE = bytes.fromhex("0123456789abcdeffedcba9876543210")
"""Key and plaintext of the examples of GB/T 32907."""
GOLDEN_GM = bytes.fromhex(
    "026557ac6e34d65010dc5ce5307cf90dff2e6e923e12df467cf8b8a3ace2c97be2cc5b5d68da3c45c73baade158758e0"
    "316b5b96d43770343efe8921faeb282d02f3149fff43762666a76e9962dc28211ca8718590e5df9bbf927f91c4346ef4"
    "26dcd8e4f9167890ad8e2ef2ae803fd280a483bb2d146843a281b904ecbdbd0180745cc99be8256fb8ef8ffd9a496ab3"
    "4671ea2591caebb1429888ca87d7576609c9baccb1f4cebc4666e66a62ed556280c6e20e2410b3313adb84da5e713ea4"
    "9be655c87c6b45526e49593047e251f0b417786f4597d912978116bb34"
)
"""Made once; never to be made again."""


# -- the standards' own examples ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_is_that_of_gbt_32905(text: bytes, digest: str) -> None:
    """Both examples of the standard's annex, in the library that seals and in the judge."""
    made = Hash(SM3())
    made.update(text)
    assert made.finalize().hex() == gm_oracle.sm3(text).hex() == digest


@pytest.mark.parametrize(
    ("rounds", "block"),
    [(1, "681edf34d206965e86b3e94f536e4246"), (1_000_000, "595298c7c6fd271f0402f804c33d3f66")],
)
def test_sm4_is_that_of_gbt_32907(rounds: int, block: str) -> None:
    """Both examples of the standard's annex: one encryption, and a million of them."""
    encrypt = Cipher(SM4(EXAMPLE), ECB()).encryptor().update  # noqa: S305  # the bare block
    found = EXAMPLE
    for _ in range(rounds):
        found = encrypt(found)
    assert found.hex() == block


def test_sm4_gcm_is_that_of_rfc_8998() -> None:
    """Appendix A.1; a changed tag does not open."""
    nonce = bytes.fromhex("00001234567800000000abcd")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = b"".join(bytes((n,)) * 8 for n in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
    sealed = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    assert SM4GCM(EXAMPLE).encrypt(nonce, plain, aad) == sealed
    assert gm_oracle.sm4_gcm(EXAMPLE, nonce, plain, aad) == sealed
    assert SM4GCM(EXAMPLE).decrypt(nonce, sealed, aad) == plain
    with pytest.raises(InvalidTag):
        SM4GCM(EXAMPLE).decrypt(nonce, sealed[:-1] + b"\0", aad)


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        (
            bytes(range(1, 33)),
            b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" * 2,
            "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
        ),
        (
            bytes(range(1, 38)),
            b"\xcd" * 50,
            "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
        ),
        (
            b"\x0b" * 32,
            b"Hi There",
            "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
        ),
    ],
)
def test_hmac_sm3_is_that_of_gmt_0042(key: bytes, text: bytes, code: str) -> None:
    """The examples of annex D.3."""
    assert hmac_sm3(key, text).hex() == gm_oracle.hmac_sm3(key, text).hex() == code


# -- a second implementation ----------------------------------------------------------------------


@settings(max_examples=30)
@given(keys, places, st.binary(max_size=130))
def test_a_second_implementation_seals_the_same_bytes(
    key: bytes, place: Place, plain: bytes
) -> None:
    """Whoever reads docs/sealing.md can open a sealed field without our program."""
    assert seal(key, place, plain, GM) == gm_oracle.seal(key, place.aad, plain)


@settings(max_examples=30)
@given(keys, st.binary(max_size=40), st.integers(1, 100))
def test_a_second_implementation_derives_the_same_keys(key: bytes, info: bytes, size: int) -> None:
    """HKDF over SM3; master keys and person keys alike."""
    assert GM.derive(key, info, size) == gm_oracle.hkdf_sm3(key, info, size)


def test_a_second_implementation_makes_the_same_index_and_ids() -> None:
    """Blind index and keyed ids are HMAC-SM3 of the same parts as ever; golden values."""
    own = VaultKeys(bytes(32), bytes([1] * 32), bytes([2] * 32), GM)
    parts = (b"hengwen/index/1", b"document", b"GB11643", b"11010519491231002X")
    tag = own.tag("document", "GB11643", "11010519491231002X")
    assert tag == gm_oracle.hmac_sm3(bytes([1] * 32), joined(parts))
    assert tag.hex() == "c94e63b67cefe01b433ccf25e5fec19ffc57c3d12d068762c3eb89bdf321e95d"
    named = gm_oracle.hmac_sm3(bytes([2] * 32), joined((b"hengwen/id/1", b"payment", b"x")))[:16]
    found = own.keyed_id([b"payment", b"x"])
    assert found == "5c72aca4-5db0-86e7-bd93-5572d67a9ba2"
    differing = int(found.replace("-", ""), 16) ^ int.from_bytes(named)
    assert differing & ~(0xF << 76 | 0x3 << 62) == 0  # but for version and variant


# -- sealing under both suites --------------------------------------------------------------------


def test_the_bytes_sealed_under_gm_1_never_change() -> None:
    """Golden bytes of one sealed field."""
    assert seal(KEY, PLACE, PLAIN, GM) == GOLDEN_GM
    assert gm_oracle.seal(KEY, PLACE.aad, PLAIN) == GOLDEN_GM
    assert unseal(KEY, PLACE, GOLDEN_GM, GM) == PLAIN


@given(keys, places, st.binary(max_size=64), st.data())
def test_no_bit_sealed_under_gm_1_can_be_turned(
    key: bytes, place: Place, plain: bytes, data: st.DataObject
) -> None:
    """What is sealed repeats itself, opens, and nothing else opens."""
    sealed = bytearray(seal(key, place, plain, GM))
    assert bytes(sealed) == seal(key, place, plain, GM)
    assert unseal(key, place, bytes(sealed), GM) == plain
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        unseal(key, place, bytes(sealed), GM)


@given(st.binary(max_size=60))
def test_foreign_bytes_do_not_open_under_gm_1(data: bytes) -> None:
    """Neither short nor random bytes pass."""
    with pytest.raises(SealBroken):
        unseal(KEY, PLACE, b"\x02" + data, GM)


@pytest.mark.parametrize(("one", "other"), [(GM, INTL), (INTL, GM)])
def test_what_is_sealed_under_one_suite_opens_under_no_other(one: Suite, other: Suite) -> None:
    """Nor with the byte that names the suite changed; nor does a wrapped key."""
    sealed = seal(KEY, PLACE, PLAIN, one)
    for given_bytes in (sealed, bytes((other.byte,)) + sealed[1:]):
        with pytest.raises(SealBroken):
            unseal(KEY, PLACE, given_bytes, other)
    wrapped = MasterKey(KEY, one).wrap(bytes(32), "p-oneqqqqqqqqqqqqqqqqqqqqq")
    assert MasterKey(KEY, one).unwrap(wrapped, "p-oneqqqqqqqqqqqqqqqqqqqqq") == bytes(32)
    with pytest.raises(WrongVault):
        MasterKey(KEY, other).unwrap(wrapped, "p-oneqqqqqqqqqqqqqqqqqqqqq")
    with pytest.raises(WrongVault):
        MasterKey(KEY, one).unwrap(b"short", "p-oneqqqqqqqqqqqqqqqqqqqqq")


def test_an_unknown_suite_is_refused() -> None:
    """A name that this program does not know, from a later one perhaps."""
    with pytest.raises(OtherSuite, match=r"ROT13.*no such suite"):
        suite_called("ROT13")


# -- a vault under each ---------------------------------------------------------------------------


@pytest.fixture(params=SUITES)
def suite(request: pytest.FixtureRequest) -> str:
    """One suite after the other."""
    return str(request.param)


@pytest.fixture
def vault(postgres_dsn: str, suite: str) -> Iterator[Vault]:
    """A new vault of the suite."""
    with Vault.create(postgres_dsn, MASTER_KEY, ledger=LEDGER, clock=clock, suite=suite) as made:
        yield made


def opened(dsn: str, suite: str, key: bytes = MASTER_KEY, *, highest: int = 0) -> Vault:
    """The vault, opened once more."""
    return Vault.open(dsn, key, ledger=LEDGER, highest_in_log=highest, clock=clock, suite=suite)


def test_a_vault_seals_reads_and_erases(vault: Vault, suite: str, postgres_dsn: str) -> None:
    """Attested and repeatable; the sealed bytes name the suite; erased, the name is gone."""
    asked = [request(n) for n in range(3)]
    answers = vault.seal(asked)
    assert {answer.sealed[0] for answer in answers} == {suite_called(suite).byte}
    assert all(proves(vault, *pair) for pair in zip(asked, answers, strict=True))
    with opened(postgres_dsn, suite) as again:
        assert [one[:6] for one in again.seal(asked)] == [one[:6] for one in answers]
        assert again.persons_of([worker(n) for n in range(3)]) == [one.person for one in answers]
    places_in_log = [in_log(*pair) for pair in zip(asked, answers, strict=True)]
    assert vault.read(READING, places_in_log) == [worker(n) for n in range(3)]
    vault.erase(answers[0].person, position=Position(9))
    assert vault.read(READING, places_in_log) == [None, worker(1), worker(2)]
    found = status(postgres_dsn)
    assert (found.suite, found.persons, found.erased) == (suite, 3, 1)


def test_its_blind_index_is_of_the_suite(vault: Vault, suite: str, postgres_dsn: str) -> None:
    """The tags in the database are those of a second computation with the vault's own key."""
    vault.seal([request(0)])
    index = vault._keys.index
    parts = [b"hengwen/index/1", b"card", str(worker(0).card).encode()]
    expected = {INTL_1: INTL.mac, GM_1: gm_oracle.hmac_sm3}[suite](index, joined(parts))
    with psycopg.connect(postgres_dsn) as connection:
        tags = {row[0] for row in connection.execute("SELECT tag FROM vault.tokens")}
    assert expected in tags


def test_its_master_key_is_replaced(vault: Vault, suite: str, postgres_dsn: str) -> None:
    """All keys are wrapped anew under the same suite; ids, tokens, sealed bytes stay."""
    (before,) = vault.seal([request(0)])
    done = rotate(postgres_dsn, MASTER_KEY, NEW_KEY)
    assert (done.persons, done.already) == (1, False)
    assert rotate(postgres_dsn, MASTER_KEY, NEW_KEY).already
    assert fitting(postgres_dsn, [MASTER_KEY, NEW_KEY]) == NEW_KEY
    with pytest.raises(WrongVault):
        opened(postgres_dsn, suite)
    with opened(postgres_dsn, suite, NEW_KEY) as again:
        assert again.seal([request(0)])[0][:6] == before[:6]
        assert again.read(READING, [in_log(request(0), before)]) == [worker(0)]


def test_it_is_backed_up_restored_and_recovered(
    vault: Vault, suite: str, postgres_dsn: str, other_dsn: str, tmp_path: Path
) -> None:
    """A backup names its suite; an old one is refused until the loss is accepted."""
    (before,) = vault.seal([request(0)])
    write_backup(postgres_dsn, tmp_path / "backup", clock())
    vault.seal([request(1)])
    restore_backup(other_dsn, tmp_path / "backup")
    assert header_of(other_dsn).suite == suite
    with pytest.raises(VaultBehind):
        opened(other_dsn, suite, highest=2)
    assert go_on_from(other_dsn, MASTER_KEY, ledger=LEDGER, highest_in_log=2) == 2
    with opened(other_dsn, suite, highest=2) as restored:
        assert restored.seal([request(0)])[0][:6] == before[:6]
        assert restored.read(READING, [in_log(request(0), before)]) == [worker(0)]


def test_a_vault_of_another_suite_is_refused_clearly(
    vault: Vault, suite: str, postgres_dsn: str
) -> None:
    """The user reads both names and what to do, whichever way round."""
    other = GM_1 if suite == INTL_1 else INTL_1
    with pytest.raises(OtherSuite) as refused:
        opened(postgres_dsn, other)
    problem = known(refused.value)
    assert problem is not None
    assert suite in problem.where
    assert other in problem.where
    assert "suites" in problem.what.en
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("UPDATE vault.vault SET suite = 'ROT13'")
    with pytest.raises(OtherSuite):
        opened(postgres_dsn, suite)
    with pytest.raises(OtherSuite):
        rotate(postgres_dsn, MASTER_KEY, NEW_KEY)
    assert vault.vault == header_of(postgres_dsn).vault


def test_a_vault_from_before_suites_is_no_vault_of_this_version(
    vault: Vault, postgres_dsn: str
) -> None:
    """It is said, not guessed."""
    assert vault.last_sequence == 0
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("ALTER TABLE vault.vault DROP COLUMN suite")
    with pytest.raises(VaultMissing, match="of this version"):
        header_of(postgres_dsn)
