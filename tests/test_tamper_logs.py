"""Drills on the log itself, on what is published, and on parts: no tick without the events."""

import shutil
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from packs import (
    KEY,
    at_hand,
    key_text,
    log_of,
    manifest,
    ordered,
    pack_of,
    programme,
    stored,
    verified,
    written,
)
from packs_forged import altered, failures, flipped, resealed, resigned, rewritten, values_of
from programme import COUNTY, Programme

from app.cli import run
from consumers.checkpointer import Checkpointer
from domain.events import LogOpened, PaymentMade
from eventlog.copy_targets import EmbeddedTarget
from eventlog.embedded import EmbeddedLog
from evidence.checkpoints import Checkpoint
from evidence.folder import EvidenceFolder
from evidence.notes import NoteSigner
from evidence.pack import Wanted
from evidence.pack_layout import CHECKPOINT, CHECKPOINTS
from evidence.tiles import ENTRIES, bundle, entries, numbered, tile_path
from evidence.tree import TILE_BYTES, Tree, leaf_hashes
from evidence.verify import verify as check_all
from evidence.verify_published import PublishedSource
from evidence.verify_signed import Trust
from evidence.verify_source import LogSource
from schemas import containers
from schemas.containers import Kept

Verify = Callable[..., dict[str, Any]]
CUT = 95
"""The last event that is left where a tail is cut off; it had been signed, too."""


@pytest.fixture(autouse=True)
def _auditor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of the auditor's own, if it is not said otherwise."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], made: Programme) -> Verify:
    """``hengwen verify --json`` with the published key; the failed checks by name."""
    return partial(failures, capsys, key_text(made))


def _codes(found: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    return {name: (check["code"], check["position"]) for name, check in found.items()}


@pytest.fixture
def home(made: Programme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of an operator: the log, signed at 90, 95 and its end, and the folder of evidence."""
    home = tmp_path / "operator"
    (home / "log").mkdir(parents=True)
    (tmp_path / "made").mkdir()
    log_of(made, tmp_path / "made", 90, CUT).close()
    (tmp_path / "made" / "log.sqlite").rename(home / "log" / "test.sqlite")
    shutil.copytree(tmp_path / "made" / "evidence", home / "evidence" / "test")
    monkeypatch.setenv("HENGWEN_HOME", str(home))
    monkeypatch.setenv("HENGWEN_LOG_NAME", "test")
    return home


def _file(home: Path) -> Path:
    return home / "log" / "test.sqlite"


def _public(home: Path) -> Path:
    return home / "evidence" / "test" / "public"


def _cut(home: Path, *, checkpoints: bool = False) -> None:
    """The tail is deleted, and all checkpoints of the topic if that is wanted, too."""
    with closing(EmbeddedLog(_file(home), "test")) as log, log.tables.writing() as connection:
        connection.execute("DELETE FROM events WHERE position > ?", (CUT,))
        connection.execute("DELETE FROM submissions WHERE ordinal > ?", (CUT,))
        if checkpoints:
            connection.execute("DELETE FROM checkpoints")


# -- a log whose tail is cut -----------------------------------------------------------------------


def test_an_untouched_log_holds(home: Path, verify: Verify) -> None:
    """With its tiles and without; or the drills would show nothing."""
    for place in ("-", f"embedded:{_file(home)}"):
        assert verify(place, "--known-checkpoint", _public(home) / CHECKPOINT, fails=False) == {}


@pytest.mark.parametrize("place", ["-", "embedded:{}"], ids=["tiles", "no tiles"])
def test_a_log_whose_tail_was_cut_is_shorter_than_its_checkpoint(
    place: str,
    made: Programme,
    home: Path,
    verify: Verify,
) -> None:
    """Nothing in what is left is wrong; but more was signed, and more is held."""
    _cut(home)
    held = _public(home) / CHECKPOINT
    found = verify(place.format(_file(home)), "--known-checkpoint", held)
    shorter = ("SHORTER", CUT + 1)
    assert _codes(found) == {"TREE": shorter, "CHECKPOINTS": shorter, "KNOWN": shorter}
    for check in found.values():
        assert check["figures"]["size"] == str(len(made.verdicts))


def test_a_cut_tail_is_missed_by_the_folder_if_the_topic_lost_its_checkpoints_too(
    home: Path,
    verify: Verify,
) -> None:
    """Admission refuses such a log; so does a verification."""
    _cut(home, checkpoints=True)
    assert _codes(verify("-"))["TREE"] == ("SHORTER", CUT + 1)


def test_an_event_changed_in_the_log_is_located_by_the_tiles(
    made: Programme,
    home: Path,
    verify: Verify,
) -> None:
    """Exactly, although two checkpoints stand far apart."""
    with closing(EmbeddedLog(_file(home), "test")) as log, log.tables.writing() as connection:
        value = flipped(made.verdicts[92].value, 60)
        connection.execute("UPDATE events SET value=? WHERE position=93", (value,))
    assert _codes(verify("-"))["TREE"] == ("BYTES_DIFFER", 93)


def test_what_is_signed_while_a_log_is_read_is_no_alarm(made: Programme, tmp_path: Path) -> None:
    """The end of the log and its notes are those of the beginning."""
    values = values_of(made)
    folder = EvidenceFolder(tmp_path / "evidence")
    with closing(written(tmp_path, made.name, made.submitted[:CUT], values[:CUT])) as log:
        opener = partial(EmbeddedLog, tmp_path / "log.sqlite", made.name)
        source = LogSource(opener, folder.public.path)
        target, rest = EmbeddedTarget(log), range(CUT, len(values))
        target.take_submissions([ordered(n, made.submitted[n]) for n in rest])
        target.take_events([stored(n, values[n], made.submitted[n].appended_at) for n in rest])
        checkpointer = Checkpointer(log, folder, at_hand)
        checkpointer.open()
        checkpointer.catch_up()
        report = check_all(source, Trust(), cores=1)
    assert not report.failed, report.first
    assert dict(next(c for c in report.checks if c.name == "TREE").figures)["size"] == str(CUT)


# -- a wider tile beside the true one --------------------------------------------------------------


def _forged(made: Programme) -> tuple[int, list[bytes]]:
    """The history with another amount in its last payment."""
    values = values_of(made)
    at = max(v.position for v in made.verdicts if isinstance(v.event, PaymentMade))
    values[at - 1] = altered(values[at - 1], amount_fen=1)
    return at, values


def _wider(public: Path, values: list[bytes]) -> None:
    """A full tile of the forged leaves, padded, beside the true partial one."""
    (public / "tile" / "0" / "000").write_bytes(leaf_hashes(values).ljust(TILE_BYTES, b"\0"))


def test_a_wider_tile_lets_no_forged_event_pass_in_what_is_published(
    made: Programme,
    home: Path,
    verify: Verify,
) -> None:
    """The events are compared with the leaves that the signed root is made of."""
    at, values = _forged(made)
    _wider(_public(home), values)
    path = home / "evidence" / "test" / "auditors" / tile_path(ENTRIES, 0, len(values))
    assert len(entries(path.read_bytes())) == len(values)
    path.write_bytes(bundle(values))
    assert _codes(verify(home / "evidence" / "test"))["TREE"] == ("BYTES_DIFFER", at)


def test_a_wider_tile_lets_no_forged_event_pass_in_a_log(
    made: Programme,
    home: Path,
    verify: Verify,
) -> None:
    """The root is taken from the events themselves."""
    at, values = _forged(made)
    _wider(_public(home), values)
    with closing(EmbeddedLog(_file(home), "test")) as log, log.tables.writing() as connection:
        connection.execute("UPDATE events SET value=? WHERE position=?", (values[at - 1], at))
    assert _codes(verify("-"))["TREE"] == ("BYTES_DIFFER", at)


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(organisation=COUNTY)], ids=["whole", "part"])
def test_a_wider_tile_lets_no_forged_event_pass_in_a_pack(
    wanted: Wanted,
    made: Programme,
    tmp_path: Path,
    verify: Verify,
) -> None:
    """Also where the files are not made again."""
    pack = pack_of(made, tmp_path, wanted=wanted)
    at, values = _forged(made)
    _wider(pack, values)

    def change(records: list[Kept]) -> list[Kept]:
        return [k._replace(value=values[k.position - 1]) for k in records]

    rewritten(pack, change)
    assert _codes(verify(pack, "--quick"))["TREE"] == ("BYTES_DIFFER", at)


# -- what was published earlier --------------------------------------------------------------------


def test_a_tail_signed_anew_is_caught_by_the_older_checkpoints_beside_it(
    home: Path,
    tmp_path: Path,
    verify: Verify,
) -> None:
    """Another history in the folder, and the checkpoint at 95 forgotten there."""
    other = programme(2)
    resigned(tmp_path / "other", other.name, other.submitted, values_of(other))
    folder = tmp_path / "other" / "evidence"
    assert verify(folder, fails=False) == {}
    kept = f"checkpoints/{numbered(CUT)}"
    shutil.copy(_public(home) / kept, folder / "public" / kept)
    assert _codes(verify(folder))["CHECKPOINTS"] == ("OTHER_HISTORY", 1)
    shutil.rmtree(folder / "auditors")
    assert _codes(verify(folder))["CHECKPOINTS"] == ("OTHER_HISTORY", 1)


def test_a_shorter_tree_published_beside_a_later_checkpoint_is_caught(
    made: Programme,
    home: Path,
    tmp_path: Path,
    verify: Verify,
) -> None:
    """The newest is set back, its tiles are cut; what was signed later is still there."""
    folder = tmp_path / "shorter"
    folder.mkdir()
    written(folder, made.name, made.submitted[:CUT], values_of(made)[:CUT]).close()
    later = f"checkpoints/{numbered(len(made.verdicts))}"
    shutil.copy(_public(home) / later, folder / "evidence" / "public" / later)
    assert _codes(verify(folder / "evidence"))["TREE"] == ("OTHER_SIZE", CUT + 1)


def test_a_checkpoint_that_was_about_to_be_published_is_no_alarm(
    made: Programme,
    home: Path,
    verify: Verify,
) -> None:
    """Its tree is there as a whole: a checkpointer was killed before the last file."""
    public = _public(home)
    shutil.copy(public / "checkpoints" / numbered(CUT), public / CHECKPOINT)
    assert verify(home / "evidence" / "test", fails=False) == {}
    assert PublishedSource(home / "evidence" / "test").extent.last == len(made.verdicts)


# -- notes that are not of this log ----------------------------------------------------------------


@pytest.fixture
def pack(made: Programme, tmp_path: Path) -> Path:
    """A pack to do harm to."""
    (tmp_path / "carried").mkdir()
    return pack_of(made, tmp_path / "carried", 90)


def _renamed(pack: Path, made: Programme, name: str) -> str:
    """The newest checkpoint, signed by the same key under another name, alone in the pack."""
    tree = Tree()
    tree.append(values_of(made))
    note = Checkpoint(name, tree.size, tree.root()).signed([NoteSigner(name, KEY)])
    (pack / CHECKPOINT).write_text(note, encoding="utf-8")
    containers.write(pack / CHECKPOINTS, [Kept(1, None, note.encode(), (), 0)])
    resealed(pack, origin=name, counts=manifest(pack).counts | {"checkpoints": 1})
    return NoteSigner(name, KEY).verifier.text()


def test_a_checkpoint_of_another_log_of_the_same_key_is_caught(pack: Path, made: Programme) -> None:
    """The log says what it is called, and the checkpoint says another name."""
    key = _renamed(pack, made, "example.org/national")
    [failed] = [c for c in verified(pack, key).checks if c.status == "FAILED"]
    assert (failed.name, failed.code) == ("SIGNATURE", "OTHER_ORIGIN")


def test_a_strangers_signature_under_the_same_text_stops_nobody(
    pack: Path,
    made: Programme,
    verify: Verify,
) -> None:
    """It stands before the true one, means nothing, and is counted."""
    text = (pack / CHECKPOINT).read_text(encoding="utf-8").partition("\n\n")[0] + "\n"
    stranger = NoteSigner("example.org/stranger", KEY)
    note = f"{text}\n{stranger.line(text)}"
    records = list(containers.read(pack / CHECKPOINTS))
    false = Kept(1, None, note.encode(), (), 0)
    kept = [false, *(one._replace(position=one.position + 1) for one in records)]
    containers.write(pack / CHECKPOINTS, kept)
    resealed(pack, counts=manifest(pack).counts | {"checkpoints": len(kept)})
    assert verify(pack, fails=False) == {}
    [check] = [c for c in verified(pack, key_text(made)).checks if c.name == "CHECKPOINTS"]
    assert dict(check.figures)["ignored"] == "1"


def test_a_damaged_tile_of_a_part_accuses_nobody(
    made: Programme,
    tmp_path: Path,
    verify: Verify,
) -> None:
    """The tiles do not give the root; whether history was changed cannot be said."""
    part = pack_of(made, tmp_path, 90, wanted=Wanted(organisation=COUNTY))
    held = part / CHECKPOINT
    (tile,) = (part / "tile" / "0").rglob("*.p/*")
    tile.write_bytes(flipped(tile.read_bytes(), 40))
    resealed(part)
    assert _codes(verify(part, "--known-checkpoint", held)) == {"TILES": ("TILES_DIFFER", None)}
    checks = {c.name: c.code for c in verified(part, known=[held.read_text()]).checks}
    assert {checks[name] for name in ("TREE", "CHECKPOINTS", "KNOWN")} == {"NO_TILES"}


# -- what a stranger may have made -----------------------------------------------------------------

Harm = Callable[[Path, Programme], object]


def _opened(**fields: Any) -> Harm:
    def harm(pack: Path, made: Programme) -> None:
        event = made.verdicts[0].event
        assert isinstance(event, LogOpened)
        key = event.checkpoint_keys[0]._replace(public_key=b"xyz")
        told = fields or {"checkpoint_keys": [key]}
        rewritten(
            pack, lambda ks: [ks[0]._replace(value=altered(ks[0].value or b"", **told)), *ks[1:]]
        )

    return harm


def _sparse(pack: Path, _: Programme) -> None:
    (tile,) = (pack / "tile" / "0").rglob("*.p/*")
    with tile.open("ab") as file:
        file.truncate(6 << 30)


def _placed(position: int) -> Harm:
    def harm(pack: Path, _: Programme) -> None:
        rewritten(pack, lambda ks: [ks[0]._replace(position=position), *ks[1:]])

    return harm


HARMS: dict[str, Harm] = {
    "an origin that is no name": _opened(origin="a b"),
    "no origin": _opened(origin=""),
    "a key of three bytes": _opened(),
    "a tile of six gigabytes": _sparse,
    "an event at position 0": _placed(0),
    "an event at position -1": _placed(-1),
}


@pytest.fixture
def harmed(request: pytest.FixtureRequest, pack: Path, made: Programme) -> Path:
    """A pack to which something was done."""
    HARMS[request.param](pack, made)
    return pack


@pytest.mark.parametrize("harmed", HARMS, indirect=True)
def test_whatever_a_stranger_made_is_a_check_that_failed(harmed: Path, verify: Verify) -> None:
    """Exit code 1; never a fault of the program, never without end."""
    assert verify(harmed)


def test_a_time_that_no_calendar_has_is_no_manifest(pack: Path) -> None:
    """Bad input, in words."""
    resealed(pack, exported_at=2**62)
    assert run(["verify", str(pack)]) == 2
