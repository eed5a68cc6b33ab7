"""Sealing: the same place and words give the same bytes, and nothing else opens them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_vault_identities import GOLDEN as PLAIN

from vault.errors import SealBroken, WrongVault
from vault.keys import MasterKey, VaultKeys, joined, random_id
from vault.sealing import Place, seal, unseal

KEY = bytes(range(32))
PLACE = Place(
    ledger=bytes(range(32, 64)),
    organisation="632221",
    business_id="00000000-0000-8000-8000-000000000001",
    field="recipient",
    person="p-aaaaaaaaaaaaaaaaaaaaaaaa",
)
GOLDEN = bytes.fromhex(
    "01e3ef50a3601e9c0aaee10903ce5c74db8ee7944d78ae831baa86477b138a72481a6d0e1353d184536c5129bd2c51d0"
    "965a440cccade97041394ee7cd8e9fe3ebe0ffd050304b0652be32a8071e88faa6c4af1c7a5f3d988b636d316245e33d"
    "d59ba07925cbdf2d68d2ff434380616ab61b7e60f527103a5f2ea2dee857a0318fa2c32b80131cd45bee83d9ce7ef724"
    "bd762d4e9e5977b5f303237903d27c3bdb814ee134938692a801e5daad894a8f85c7f8c12b9ed74dfbdad9a2eee19b78"
    "e99be5494c96ab53f0a4598cd0fc3a46e1eb82f252a99781fb34aa2fc3"
)
"""Made once; never to be made again."""

texts = st.text(max_size=12)
places = st.builds(Place, st.binary(min_size=32, max_size=32), texts, texts, texts, texts)
keys = st.binary(min_size=32, max_size=32)


def test_the_sealed_bytes_never_change() -> None:
    """Golden bytes of one sealed field: any implementation must give them."""
    assert seal(KEY, PLACE, PLAIN) == GOLDEN
    assert unseal(KEY, PLACE, GOLDEN) == PLAIN


@given(keys, places, st.binary(max_size=300))
def test_a_repetition_gives_the_same_bytes(key: bytes, place: Place, plain: bytes) -> None:
    """Deterministic, and read back as it was."""
    sealed = seal(key, place, plain)
    assert sealed == seal(key, place, plain)
    assert unseal(key, place, sealed) == plain


@given(keys, places, st.binary(max_size=64), st.data())
def test_a_changed_byte_is_detected(
    key: bytes, place: Place, plain: bytes, data: st.DataObject
) -> None:
    """No bit can be turned."""
    sealed = bytearray(seal(key, place, plain))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        unseal(key, place, bytes(sealed))


@given(keys, places, places, keys)
def test_it_opens_at_its_own_place_only(
    key: bytes, place: Place, other: Place, other_key: bytes
) -> None:
    """A sealed field moved to another payment, person, field or ledger does not open."""
    sealed = seal(key, place, b"plain")
    for wrong_key, wrong_place in ((key, other), (other_key, place)):
        if (wrong_key, wrong_place) != (key, place):
            with pytest.raises(SealBroken):
                unseal(wrong_key, wrong_place, sealed)


@given(st.binary(max_size=60))
def test_foreign_bytes_do_not_open(data: bytes) -> None:
    """Neither short nor random bytes pass."""
    with pytest.raises(SealBroken):
        unseal(KEY, PLACE, data)


@given(st.lists(st.binary(max_size=6)), st.lists(st.binary(max_size=6)))
def test_two_lists_of_parts_never_give_the_same_bytes(one: list[bytes], two: list[bytes]) -> None:
    """Lengths are written, so nothing can move from one part to the next."""
    assert (joined(one) == joined(two)) == (one == two)


def test_places_tell_their_parts_apart() -> None:
    """Two places that read the same in a row are different."""
    assert Place(b"", "ab", "c", "", "").aad != Place(b"", "a", "bc", "", "").aad


def test_a_wrapped_key_belongs_to_its_owner() -> None:
    """A key opens under its master key and for its own person only."""
    master = MasterKey(KEY)
    wrapped = master.wrap(b"k" * 32, "p-oneqqqqqqqqqqqqqqqqqqqqq")
    assert master.unwrap(wrapped, "p-oneqqqqqqqqqqqqqqqqqqqqq") == b"k" * 32
    for other, owner in (
        (master, "p-twoqqqqqqqqqqqqqqqqqqqqq"),
        (MasterKey(bytes(32)), "p-oneqqqqqqqqqqqqqqqqqqqqq"),
    ):
        with pytest.raises(WrongVault):
            other.unwrap(wrapped, owner)
    with pytest.raises(WrongVault):
        master.unwrap(b"short", "p-oneqqqqqqqqqqqqqqqqqqqqq")
    with pytest.raises(WrongVault):
        MasterKey(b"short")


def test_keyed_ids_and_tags_never_change() -> None:
    """Golden values: an id derived today is derived again in thirty years."""
    own = VaultKeys(bytes(32), bytes([1] * 32), bytes([2] * 32))
    tag = own.tag("document", "GB11643", "11010519491231002X")
    assert tag.hex() == "f981b97ead1aa2ff6dbe4d1d1bc740164efa2afedc4a8a15f242a4a587ae44a5"
    assert own.keyed_id([b"payment", b"x"]) == "087d3ae6-ffeb-8abe-a00e-18a682dddd56"


def test_random_ids_are_long_and_new() -> None:
    """A thousand ids, all different, all of one form."""
    ids = {random_id("p") for _ in range(1000)}
    assert len(ids) == 1000
    assert {len(one) for one in ids} == {26}


def test_keys_show_nothing() -> None:
    """No key is in a repr."""
    own = VaultKeys(b"a" * 32, b"b" * 32, b"c" * 32)
    assert repr(own) == "VaultKeys(…)"
    assert repr(MasterKey(KEY)) == "MasterKey(…)"
