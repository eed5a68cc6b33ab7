"""A part of a log lacks nothing of its organisations, and shows it: each event that is hidden is missed."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packs import EXPORTED_AT, at_hand, manifest, verified, written
from packs_forged import resealed, rewritten, values_of
from programme import COUNTY, TOWN, Programme
from whole_programme import under_one_key

from consumers.balances import BalanceSigner
from domain.events import OrganisationRegistered
from evidence.balance_files import note_at, sheet_at, signed_balances
from evidence.folder import EvidenceFolder
from evidence.guard import confirmed_keys
from evidence.organisation_chains import Chain, ChainTree, OrganisationChains
from evidence.pack import Wanted, export
from evidence.pack_balances import ORGANISATION_PROOFS
from evidence.pack_layout import EVENTS, SUBMISSIONS
from evidence.pack_scope import is_registry, owners_of
from evidence.verify_checks import (
    BALANCES,
    FAILED,
    NOT_CHECKED,
    OK,
    RECORDS,
    REGISTRY,
    Check,
)
from schemas import containers
from schemas.codec import decode

EARLIER = 100
"""Events when balances were signed for the first time."""


@pytest.fixture(scope="module")
def made() -> Programme:
    """Everything happens once, up to the change of the checkpoint key."""
    return under_one_key()


def _part(made: Programme, path: Path, *sizes: int, wanted: Wanted) -> Path:
    """A pack of the log, balances signed when it had so many events."""
    path.mkdir()
    target = path / "part"
    for number, size in enumerate(sizes):
        values = values_of(made)[:size]
        with closing(written(path / f"{number}", made.name, made.submitted[:size], values)) as log:
            folder = EvidenceFolder(path / f"{number}" / "evidence")
            assert BalanceSigner(log, folder, at_hand).sign()
            note = note_at(folder)
            assert note is not None
            (path / f"note-{size}").write_text(note, encoding="utf-8")
            notes = [(path / f"note-{n}").read_text(encoding="utf-8") for n in sizes[: number + 1]]
            if number == len(sizes) - 1:
                export(log, notes, target, wanted, exported_at=EXPORTED_AT)
    return target


@pytest.fixture(scope="module")
def whole_part(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pack of a county, its chains signed at the end."""
    folder = tmp_path_factory.mktemp("records") / "log"
    return _part(made, folder, len(made.verdicts), wanted=Wanted(organisation=COUNTY))


@pytest.fixture
def part(whole_part: Path, tmp_path: Path) -> Path:
    """A copy to be forged."""
    return Path(shutil.copytree(whole_part, tmp_path / "part"))


def _named(pack: Path, name: str) -> Check:
    [found] = [check for check in verified(pack).checks if check.name == name]
    return found


def _events(pack: Path) -> list[tuple[int, Any]]:
    return [
        (kept.position, decode(kept.value or b""))
        for name in manifest(pack).named(EVENTS)
        for kept in containers.read(pack / name)
    ]


def _hide(pack: Path, hidden: Callable[[Any], bool], *, last: bool = False) -> int:
    """A forger takes events and their submissions out, and makes the manifest fit; how many."""
    gone = [position for position, event in _events(pack) if hidden(event)]
    gone = gone[-1:] if last else gone
    for kind in (EVENTS, SUBMISSIONS):
        rewritten(pack, lambda kept: [k for k in kept if k.position not in gone], kind)
    counts = manifest(pack).counts
    fewer = {kind: counts[kind] - len(gone) for kind in (EVENTS, SUBMISSIONS)}
    resealed(pack, counts=counts | fewer)
    return len(gone)


def test_the_pack_of_a_county_shows_that_nothing_is_missing(made: Programme, part: Path) -> None:
    """Its registry is whole, and each organisation's events are all there."""
    found = _named(part, RECORDS)
    assert found.status == OK
    assert dict(found.figures) == {"organisations": "2", "size": str(len(made.verdicts))}
    assert _named(part, REGISTRY).status == OK


def _on(*kinds: str) -> Callable[[Any], bool]:
    return lambda event: event.stream.partition("/")[0] in kinds


@pytest.mark.parametrize("which", ["all", "the last"])
@pytest.mark.parametrize("kind", ["refusals", "visits", "readings", "account", "person", "roster"])
def test_a_stream_or_its_end_that_is_hidden_is_missed(kind: str, which: str, part: Path) -> None:
    """Also where no account and no other event tells of it."""
    assert _hide(part, _on(kind), last=which == "the last")
    found = _named(part, RECORDS)
    assert (found.status, found.code) == (FAILED, "EVENTS_HIDDEN")
    assert dict(found.figures)["organisation"] in {COUNTY, TOWN}


@pytest.mark.parametrize("kind", ["organisation", "publisher", "policy", "vault", "fund", "ledger"])
def test_the_end_of_the_registry_that_is_hidden_is_missed(kind: str, part: Path) -> None:
    """A key that was ended, an organisation that came: whatever the registry says last."""
    assert _hide(part, _on(kind), last=True)
    found = _named(part, RECORDS)
    assert (found.status, found.code) == (FAILED, "REGISTRY_HIDDEN")
    assert _named(part, REGISTRY).status != OK


def test_an_organisation_that_is_hidden_altogether_is_missed(part: Path) -> None:
    """With its registration, its proofs and all its events."""
    proofs = json.loads((part / ORGANISATION_PROOFS).read_text(encoding="utf-8"))
    proofs["proofs"] = [one for one in proofs["proofs"] if one["organisation"] != TOWN]
    text = json.dumps(proofs, ensure_ascii=False, indent=1) + "\n"
    (part / ORGANISATION_PROOFS).write_text(text, encoding="utf-8")
    assert _hide(part, lambda e: not is_registry(e.stream) and owners_of(e) == {TOWN})
    assert _named(part, RECORDS).code == "EVENTS_HIDDEN"
    assert _hide(part, lambda e: isinstance(e, OrganisationRegistered) and e.code == TOWN)
    assert _named(part, RECORDS).code == "REGISTRY_HIDDEN"


def test_false_and_missing_proofs_are_told(part: Path) -> None:
    """Another form, another length, another path, another signature, none at all."""
    file = part / ORGANISATION_PROOFS
    true = file.read_text(encoding="utf-8")
    told = json.loads(true)
    longer, other, foreign = (json.loads(true) for _ in range(3))
    longer["proofs"][0]["length"] += 1
    other["proofs"][0]["path"][0] = told["proofs"][1]["digest"]
    foreign["note"] = told["note"].replace("log ", "log 1", 1)
    for forged in (
        true.replace('"index": ', '"index":  ', 1),
        *(json.dumps(one, ensure_ascii=False, indent=1) + "\n" for one in (longer, other, foreign)),
        "[" * 100_000, "{}", "null", '{"note": 1, "proofs": [1]}',
    ):  # fmt: skip
        file.write_text(forged, encoding="utf-8")
        found = _named(part, RECORDS)
        assert (found.status, found.code) == (FAILED, "PROOF_FALSE"), forged[:60]
    file.unlink()
    assert _named(part, RECORDS).code == "CHAINS_MISSING"


def test_chains_of_earlier_balances_hide_nothing_later(made: Programme, tmp_path: Path) -> None:
    """Balances were signed again, and of those the chains must be."""
    size = len(made.verdicts)
    county = Wanted(organisation=COUNTY)
    pack = _part(made, tmp_path / "now", EARLIER, size, wanted=county)
    assert _named(pack, RECORDS).status == OK
    early = _part(made, tmp_path / "then", EARLIER, wanted=county)
    (pack / ORGANISATION_PROOFS).write_bytes((early / ORGANISATION_PROOFS).read_bytes())
    found = _named(pack, RECORDS)
    assert (found.status, found.code) == (FAILED, "CHAINS_OLD")


def test_what_came_after_the_signed_chains_is_said_to_be_unchecked(
    made: Programme, tmp_path: Path
) -> None:
    """And so is a part without any, or one that begins in the middle."""
    path = tmp_path / "log"
    with closing(written(path, made.name, made.submitted, values_of(made))) as log:
        with closing(
            written(
                tmp_path / "short", made.name, made.submitted[:EARLIER], values_of(made)[:EARLIER]
            )
        ) as short:
            folder = EvidenceFolder(tmp_path / "short" / "evidence")
            assert BalanceSigner(short, folder, at_hand).sign()
        note = note_at(folder)
        assert note is not None
        told = {}
        for name, notes, wanted in (
            ("behind", [note], Wanted(organisation=COUNTY)),
            ("none", [], Wanted(organisation=COUNTY)),
            ("middle", [note], Wanted(organisation=COUNTY, first=95)),
        ):
            export(log, notes, tmp_path / name, wanted, exported_at=EXPORTED_AT)
            found = _named(tmp_path / name, RECORDS)
            assert found.status == NOT_CHECKED
            told[name] = found.code
    assert told == {"behind": "SIGNED_EARLIER", "none": "NO_BALANCES", "middle": "FROM_MIDDLE"}


def test_false_chains_that_were_signed_are_found_by_whoever_holds_the_log(
    made: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator's own signature is then the evidence."""
    with monkeypatch.context() as patched:
        patched.setattr(OrganisationChains, "take", lambda *_: None)
        pack = _part(made, tmp_path / "log", len(made.verdicts), wanted=Wanted())
    found = _named(pack, BALANCES)
    assert (found.status, found.code) == (FAILED, "BALANCES_DIFFER")


def test_a_sheet_that_was_kept_is_gone_on_with(made: Programme, tmp_path: Path) -> None:
    """Chains that go on from the file are those made from the beginning; a damaged file is made anew."""
    size = len(made.verdicts)
    with closing(written(tmp_path / "log", made.name, made.submitted, values_of(made))) as log:
        folder = EvidenceFolder(tmp_path / "log" / "evidence")
        assert BalanceSigner(log, folder, at_hand).sign()
        signed = signed_balances(note_at(folder), confirmed_keys(log, folder))
        anew = sheet_at(log, folder, None, size).chains.tree().roots
        kept = tmp_path / "log" / "evidence" / "auditors" / "organisation-chains"
        for content in (kept.read_bytes(), kept.read_bytes()[:-1], b""):
            kept.write_bytes(content)
            assert sheet_at(log, folder, signed, size).chains.tree().roots == anew
    assert signed is not None
    assert signed.chains == anew


CODES = st.from_regex(r"[AB1][AB1.-]{0,3}", fullmatch=True)
CHAINS = st.dictionaries(
    CODES, st.builds(Chain, st.integers(0, 2**64 - 1), st.binary(min_size=32, max_size=32))
)


@given(CHAINS, st.data())
def test_every_organisation_is_in_the_tree_and_no_other_chain(
    chains: dict[str, Chain], data: st.DataObject
) -> None:
    """Of any chains: each is shown where it stands; changed in anything, it is not."""
    tree = ChainTree(Chain(), chains)
    places = tree.places(chains)
    assert [one.organisation for one in places] == sorted(chains)
    assert all(tree.roots.holds(one) for one in places)
    if places:
        one = data.draw(st.sampled_from(places))
        for forged in (
            one._replace(chain=one.chain.then(b"")._replace(length=one.chain.length)),
            one._replace(organisation=one.organisation + "x"),
            one._replace(at=one.at + 1),
            one._replace(at=-1 - one.at),
            one._replace(path=[*one.path, bytes(32)]),
        ):
            assert not tree.roots.holds(forged)


@given(CHAINS)
def test_chains_that_were_kept_are_the_same(chains: dict[str, Chain]) -> None:
    """Also an empty lot."""
    kept = OrganisationChains(Chain(3, b"r" * 32), chains.items())
    assert OrganisationChains.unpacked(kept.packed()).tree().roots == kept.tree().roots
