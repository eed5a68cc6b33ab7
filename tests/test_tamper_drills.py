"""Drills: each way to change history is caught, with the right words and exit code 1."""

import json
import random
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import fastavro
import pytest
from packs import KEY, key_text, log_of, manifest, pack_of, programme
from packs_forged import altered, failures, flipped, renumbered, resigned, rewritten, values_of
from programme import Programme, funded, signer
from projecting import projected

from admission.attempt import Submitted
from app.cli import run
from domain.events import PaymentMade, PolicyAdopted, SubmissionRefused
from domain.parts import Cap
from domain.units import Fen
from evidence.checkpoints import Checkpoint
from evidence.notes import NoteSigner, Verifier
from evidence.pack_layout import CHECKPOINT, CHECKPOINTS, MANIFEST, SUBMISSIONS
from evidence.tree import Tree
from schemas import containers
from schemas.codec import encode
from schemas.containers import Kept


@pytest.fixture(autouse=True)
def _auditor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine of the auditor's own, where nothing of the operator is."""
    monkeypatch.setenv("HENGWEN_HOME", str(tmp_path / "auditor"))


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture(scope="module")
def untouched(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack."""
    return pack_of(made, tmp_path_factory.mktemp("untouched"), 90, 95)


@pytest.fixture
def pack(untouched: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    shutil.copytree(untouched, tmp_path / "pack")
    return tmp_path / "pack"


Verify = Callable[..., dict[str, Any]]


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], made: Programme) -> Verify:
    """``hengwen verify --json`` with the published key; the failed checks by name."""
    return partial(failures, capsys, key_text(made))


def _codes(found: dict[str, Any]) -> dict[str, tuple[str, int | None]]:
    return {name: (check["code"], check["position"]) for name, check in found.items()}


def _position(made: Programme, kind: type, nth: int = 0) -> int:
    return [v.position for v in made.verdicts if isinstance(v.event, kind)][nth]


def _field(check: dict[str, Any], name: str) -> tuple[str, str]:
    [found] = [one for one in check["fields"] if one["name"] == name]
    return found["stored"], found["decided"]


def test_an_untouched_pack_holds(pack: Path, verify: Verify) -> None:
    """Or the drills would show nothing."""
    assert verify(pack, fails=False) == {}


def test_one_flipped_bit_is_caught_by_the_manifest_and_located_by_the_tree(
    pack: Path, made: Programme, verify: Verify
) -> None:
    """In the file, as a worn disk would do it."""
    at = _position(made, PaymentMade)
    [file] = (pack / "events").glob("*.avro")
    value = made.verdicts[at - 1].value
    file.write_bytes(file.read_bytes().replace(value, flipped(value, 40)))
    found = _codes(verify(pack))
    assert found["FILES"] == ("FILE_DIFFERS", None)
    assert found["TREE"] == ("BYTES_DIFFER", at)
    assert found["DECISIONS"] in {("VERDICT_DIFFERS", at), ("VERDICT_UNREADABLE", at)}


@pytest.mark.parametrize("at", [1, 50, 91, 98])
def test_a_bit_flipped_with_a_fitting_manifest_is_caught_by_the_tree(
    pack: Path, verify: Verify, at: int
) -> None:
    """Whoever changes the file changes its digest, too."""

    def change(records: list[Kept]) -> list[Kept]:
        kept = records[at - 1]
        records[at - 1] = kept._replace(value=flipped(kept.value or b""))
        return records

    rewritten(pack, change)
    found = _codes(verify(pack))
    assert "FILES" not in found
    assert found["TREE"] == ("BYTES_DIFFER", at)


def _swapped(records: list[Kept]) -> list[Kept]:
    records[50], records[51] = records[51], records[50]
    return records


CUTS: list[tuple[str, Callable[[list[Kept]], Sequence[Kept]], int]] = [
    ("dropped", lambda records: [*records[:50], *records[51:]], 51),
    ("reordered", _swapped, 51),
    ("duplicated", lambda records: [*records[:51], *records[50:]], 52),
    ("cut", lambda records: records[:-1], 0),
]


@pytest.mark.parametrize(("change", "at"), [c[1:] for c in CUTS], ids=[c[0] for c in CUTS])
def test_a_gap_in_positions_is_caught(
    pack: Path, made: Programme, verify: Verify,
    change: Callable[[list[Kept]], Sequence[Kept]], at: int,
) -> None:  # fmt: skip
    """Dropped, reordered, duplicated, cut off: positions are dense, or it is no log."""
    rewritten(pack, change)
    found = _codes(verify(pack))
    at = at or len(made.verdicts)
    assert found["POSITIONS"] in {("NOT_DENSE", at), ("ENDS_EARLY", at)}
    assert "DECISIONS" in found


@pytest.mark.parametrize("kind", ["dropped", "reordered", "duplicated", "inserted"])
def test_the_same_with_positions_made_to_fit_is_caught_by_the_tree(
    pack: Path, made: Programme, verify: Verify, kind: str
) -> None:
    """From the first event that is not where it was."""
    extra = Kept(0, None, made.verdicts[94].value, (), 0)
    changes: dict[str, Callable[[list[Kept]], Sequence[Kept]]] = {
        "inserted": lambda records: [*records[:50], extra, *records[50:]],
        **{name: change for name, change, _ in CUTS},
    }
    rewritten(pack, lambda records: renumbered(changes[kind](records)))
    found = _codes(verify(pack))
    assert found["TREE"] == ("BYTES_DIFFER", 52 if kind == "duplicated" else 51)
    assert found["CHAINS"][1] is not None


def test_a_submission_that_was_changed_afterwards_is_caught(pack: Path, verify: Verify) -> None:
    """Inputs are committed to by their verdicts."""

    def change(records: list[Kept]) -> list[Kept]:
        kept = records[91]
        records[91] = kept._replace(value=flipped(kept.value or b""))
        return records

    rewritten(pack, change, SUBMISSIONS)
    found = verify(pack)
    assert _codes(found) == {"DECISIONS": ("VERDICT_DIFFERS", 92)}
    assert _field(found["DECISIONS"], "type") == (
        "hengwen.PaymentMade",
        "hengwen.SubmissionRefused",
    )


def test_a_checkpoint_signed_by_another_key_is_caught(
    pack: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The auditor knows the key, and it is not this one."""
    stranger = Verifier("example.org/test", signer("stranger").public_key).text()
    assert run(["verify", str(pack), "--checkpoint-key", stranger, "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    failed = {c["name"]: c["code"] for c in found["checks"] if c["status"] == "FAILED"}
    assert failed == {"SIGNATURE": "NOT_SIGNED"}


# -- with the stolen checkpoint key ----------------------------------------------------------------


def _tail_replaced() -> Programme:
    """The same history up to position 91, then another, lawfully decided one."""
    made = funded(5_000_000)
    for number in range(1, 4):
        made.pay(number)
    for number in range(11, 19):
        made.pay(number)
    return made


def test_a_replaced_tail_signed_with_the_stolen_key_is_caught_by_a_held_checkpoint(
    untouched: Path, tmp_path: Path, verify: Verify
) -> None:
    """Nothing in the new history is unlawful; only whoever remembers can know."""
    other = _tail_replaced()
    forged = resigned(tmp_path / "forged", other.name, other.submitted, values_of(other))
    assert verify(forged, fails=False) == {}
    held = untouched / CHECKPOINT
    found = _codes(verify(forged, "--known-checkpoint", held))
    assert found["KNOWN"] in {("OTHER_HISTORY", 1), ("SHORTER", len(other.verdicts) + 1)}


def test_the_earliest_held_checkpoint_says_how_far_history_is_still_the_same(
    made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """Two checkpoints held: the change is between them."""
    other = _tail_replaced()
    forged = resigned(tmp_path / "forged", other.name, other.submitted, values_of(other))
    options: list[str | Path] = []
    for size in (80, 95):
        tree = Tree()
        tree.append(values_of(made)[:size])
        keys = [NoteSigner("example.org/test", KEY)]
        note = Checkpoint("example.org/test", size, tree.root()).signed(keys)
        file = tmp_path / f"{size}.note"
        file.write_text(note, encoding="utf-8")
        options += ["--known-checkpoint", file]
    found = _codes(verify(forged, *options))
    assert found["KNOWN"] == ("OTHER_HISTORY", 81)


def test_a_history_that_was_cut_is_caught_by_a_held_checkpoint(
    untouched: Path, made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """A shorter log, signed again, is shorter than what the auditor holds."""
    forged = resigned(tmp_path / "forged", made.name, made.submitted[:95], values_of(made)[:95])
    assert verify(forged, fails=False) == {}
    found = _codes(verify(forged, "--known-checkpoint", untouched / CHECKPOINT))
    assert found == {"KNOWN": ("SHORTER", 96)}


def test_a_policy_changed_retroactively_is_caught_by_deciding_again(
    made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """Its record is not what its submission says."""
    at = _position(made, PolicyAdopted)
    values = values_of(made)
    values[at - 1] = altered(values[at - 1], caps=[Cap("T2", Fen(10**12), Fen(10**12))])
    forged = resigned(tmp_path / "forged", made.name, made.submitted, values)
    found = verify(forged)
    assert _codes(found)["DECISIONS"] == ("VERDICT_DIFFERS", at)
    stored, decided = _field(found["DECISIONS"], "caps")
    assert "1000000000000" in stored
    assert "300000" in decided


def test_a_policy_changed_with_its_submission_is_caught_by_the_signature(
    made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """The union's key did not sign that."""
    at = _position(made, PolicyAdopted)
    caps = [Cap("T2", Fen(10**12), Fen(10**12))]
    submitted = list(made.submitted)
    forged_value = altered(submitted[at - 1].value or b"", caps=caps)
    submitted[at - 1] = submitted[at - 1]._replace(value=forged_value)
    values = values_of(made)
    digest = sha256(forged_value).digest()
    values[at - 1] = altered(values[at - 1], caps=caps, submission_digest=digest)
    found = verify(resigned(tmp_path / "forged", made.name, submitted, values))
    assert _codes(found)["DECISIONS"] == ("VERDICT_DIFFERS", at)
    stored, decided = _field(found["DECISIONS"], "reasons")
    assert (stored, "SIGNATURE_WRONG" in decided) == ("None", True)


def test_a_forged_publisher_is_caught_by_deciding_again(tmp_path: Path, verify: Verify) -> None:
    """A payment signed by a key that the log never named is no payment, whatever the log says."""
    made = programme()
    payment, attestations = made.payment(9)
    event = made.submit(payment, None, attestations)
    assert isinstance(event, PaymentMade)
    true = made.submitted[-1]
    stranger = signer("stranger")
    value = encode(payment)
    [proof] = stranger.proofs([value], ledger=made.ledger, attestations=[attestations])
    submitted = [*made.submitted[:-1], Submitted(value, proof, 1, true.appended_at)]
    values = values_of(made)
    values[-1] = altered(values[-1], proof_digest=sha256(proof).digest())
    found = verify(resigned(tmp_path / "forged", made.name, submitted, values))
    assert _codes(found) == {"DECISIONS": ("VERDICT_DIFFERS", len(values))}
    assert "KEY_UNKNOWN" in _field(found["DECISIONS"], "reasons")[1]


def test_a_removed_submission_with_its_refusal_breaks_the_chain_of_refusals(
    made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """Refusals are numbered, too."""
    at = _position(made, SubmissionRefused)
    values, submitted = values_of(made), list(made.submitted)
    del values[at - 1], submitted[at - 1]
    found = _codes(verify(resigned(tmp_path / "forged", made.name, submitted, values)))
    assert found["CHAINS"] == ("VERSION", at)
    assert found["DECISIONS"] == ("VERDICT_DIFFERS", at)


def test_the_last_refusal_removed_is_caught_by_a_held_checkpoint(
    untouched: Path, made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """Nothing names it yet; only the tree that was signed knows."""
    at = _position(made, SubmissionRefused, -1)
    values, submitted = values_of(made), list(made.submitted)
    del values[at - 1], submitted[at - 1]
    forged = resigned(tmp_path / "forged", made.name, submitted, values)
    assert verify(forged, fails=False) == {}
    found = _codes(verify(forged, "--known-checkpoint", untouched / CHECKPOINT))
    assert found == {"KNOWN": ("SHORTER", len(values) + 1)}


def test_a_changed_log_is_caught_like_a_pack(
    made: Programme, tmp_path: Path, verify: Verify
) -> None:
    """The embedded log itself, an event changed in its file."""
    (tmp_path / "log").mkdir()
    with closing(log_of(made, tmp_path / "log", 90)) as log, log.tables.writing() as connection:
        value = made.verdicts[92].value
        connection.execute("UPDATE events SET value=? WHERE position=93", (flipped(value, 60),))
    found = _codes(verify(f"embedded:{tmp_path / 'log' / 'log.sqlite'}"))
    assert found["TREE"] == ("ROOT_DIFFERS", 91)
    assert found["DECISIONS"] == ("VERDICT_DIFFERS", 93)


def test_a_changed_row_of_a_read_model_is_caught(
    pack: Path, made: Programme, verify: Verify, postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The database is compared with a fresh projection, row by row."""
    monkeypatch.setenv("HENGWEN_DATABASE", postgres_dsn)
    with projected(postgres_dsn, values_of(made)) as connection:
        assert verify(pack, "--database", fails=False) == {}
        connection.execute("UPDATE model_balances.balances SET settled_fen = settled_fen + 1")
        found = verify(pack, "--database")
    assert _codes(found) == {"READ_MODELS": ("ROWS_DIFFER", None)}
    [field] = found["READ_MODELS"]["fields"]
    assert field["name"] == "balances.balances"
    assert field["stored"] != field["decided"]


def test_what_is_wrong_is_said_in_words(
    pack: Path, made: Programme, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of marks, the first position, and what differs there."""

    def change(records: list[Kept]) -> list[Kept]:
        kept = records[91]
        records[91] = kept._replace(value=altered(kept.value or b"", amount_fen=90_000))
        return records

    rewritten(pack, change)
    assert run(["verify", str(pack), "--checkpoint-key", key_text(made)]) == 1
    zh = capsys.readouterr().out
    assert re.search(r"✘ +真实 +字节与已签的树相符", zh)
    assert "序号 92" in zh
    assert "✘ 不成立" in zh
    assert run(["--lang", "en", "verify", str(pack)]) == 1
    en = capsys.readouterr().out
    assert "position 92: the record is not the lawful result of its submission" in en
    assert "amount_fen" in en
    assert "90000" in en
    assert "100000" in en


# -- packs made to break the verifier --------------------------------------------------------------


def test_a_tail_appended_behind_an_older_checkpoint_is_caught(pack: Path, verify: Verify) -> None:
    """The newest checkpoint removed, so that the last events are signed by nobody."""
    records = list(containers.read(pack / CHECKPOINTS))
    containers.write(pack / CHECKPOINTS, records[:-1])
    found = _codes(verify(pack))
    assert found["TREE"] == ("OTHER_SIZE", 96)


def test_a_submission_in_the_place_of_an_event_is_caught(
    pack: Path, made: Programme, verify: Verify
) -> None:
    """It is a record, but no verdict."""

    def change(records: list[Kept]) -> list[Kept]:
        records[91] = records[91]._replace(value=made.submitted[91].value)
        return records

    rewritten(pack, change)
    found = _codes(verify(pack))
    assert found["READABLE"] == ("NO_EVENT", 92)
    assert found["DECISIONS"][1] == 92


def test_a_file_of_other_records_is_caught(pack: Path, verify: Verify) -> None:
    """A container of anything else is no container of ours."""
    name = manifest(pack).named("events")[0]
    with (pack / name).open("wb") as file:
        fastavro.writer(file, {"type": "record", "name": "x", "fields": []}, [{}])
    found = _codes(verify(pack))
    assert found["POSITIONS"] == ("UNREADABLE", 1)
    assert found["DECISIONS"] == ("EVENT_MISSING", 1) or found["DECISIONS"][0] == "UNREADABLE"


@pytest.mark.parametrize("name", ["events/../../secret.avro", "/events/x.avro"])
def test_a_manifest_that_names_files_outside_is_no_manifest(pack: Path, name: str) -> None:
    """A pack cannot make the auditor's machine read something else."""
    found = manifest(pack)
    files = found.files | {name: {"sha256": "", "bytes": 0}}
    (pack / MANIFEST).write_bytes(found._replace(files=files).to_json())
    assert run(["verify", str(pack)]) == 2


@pytest.mark.parametrize("seed", range(12))
def test_any_damaged_byte_of_a_pack_is_caught_without_a_fault(
    pack: Path, verify: Verify, seed: int
) -> None:
    """Wherever it is: exit code 1 or 2, never another."""
    chance = random.Random(seed)  # noqa: S311  # not a secret
    paths = sorted(p for p in pack.rglob("*") if p.is_file() and p.name != MANIFEST)
    path = chance.choice([*paths, *[p for p in paths if p.suffix == ".avro"] * 20])
    content = bytearray(path.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)
    assert "FILES" in verify(pack)
