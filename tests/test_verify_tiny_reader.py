"""The reader for the next thirty years: alone, on a real pack, and not fooled by a changed one."""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from packs import key_text, pack_of, programme
from packs_forged import altered, flipped, renumbered, rewritten
from programme import COUNTY, FUND, Programme

from evidence.pack import Wanted
from schemas.containers import Kept

ROOT = Path(__file__).parent.parent
READER = ROOT / "tools" / "tiny_reader.py"
DOCUMENT = (ROOT / "docs" / "thirty_years.md").read_text(encoding="utf-8")
LINES_MAX = 200


@pytest.fixture(scope="module")
def made() -> Programme:
    """A programme with payments, refusals, and money that came back."""
    return programme()


@pytest.fixture(scope="module")
def untouched(made: Programme, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its pack."""
    return pack_of(made, tmp_path_factory.mktemp("tiny"), 90)


@pytest.fixture
def pack(untouched: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    shutil.copytree(untouched, tmp_path / "pack")
    return tmp_path / "pack"


def _read(*pack: Path) -> subprocess.CompletedProcess[str]:
    """Run the reader far from our sources."""
    return subprocess.run(
        [sys.executable, "-I", READER, *pack],
        cwd="/", capture_output=True, text=True, check=False, encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def test_the_reader_is_short_and_imports_nothing_of_ours() -> None:
    """One file; the standard library and fastavro."""
    text = READER.read_text(encoding="utf-8")
    assert len(text.splitlines()) < LINES_MAX
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"fastavro"}


def test_a_real_pack_is_read_and_its_balances_are_right(pack: Path, made: Programme) -> None:
    """Free, ordered and settled fen of the account that paid."""
    done = _read(pack)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout[: done.stdout.rindex("}") + 1])
    assert (found["origin"], found["size"]) == ("example.org/test", len(made.verdicts))
    assert found["balances_fen"][f"account/{COUNTY}/{FUND}"] == {
        "free": 4_400_000, "reserved": 0, "ordered": 500_000, "settled": 100_000,
    }  # fmt: skip


def test_a_changed_pack_is_refused(pack: Path) -> None:
    """Missing, changed, removed: in the reader's own words."""
    rewritten(pack, lambda records: [*records[:50], *records[51:]])
    assert "✘ position 51 is missing" in _read(pack).stdout
    rewritten(pack, renumbered)
    done = _read(pack)
    assert done.returncode == 1
    assert "is broken at version" in done.stdout


def test_the_last_event_changed_or_cut_is_refused(pack: Path, made: Programme) -> None:
    """No chain goes on behind it; the root does."""
    rewritten(pack, lambda r: [*r[:-1], r[-1]._replace(value=flipped(r[-1].value or b"", 60))])
    assert "✘ the events are not those of the checkpoint" in _read(pack).stdout
    rewritten(pack, lambda records: records[:-1])
    size = len(made.verdicts)
    assert f"✘ the checkpoint has {size} events, the pack {size - 1}" in _read(pack).stdout


def test_a_schema_that_is_not_the_registered_one_is_refused(pack: Path) -> None:
    """Other words or a logical type leave the fingerprint as it is; its SHA-256 is in the log."""
    path = pack / "schemas" / "hengwen.PaymentMade.avsc"
    text = path.read_text(encoding="utf-8")
    schema = json.loads(text)
    [amount] = [field for field in schema["fields"] if field["name"] == "amount_fen"]
    amount["type"] = {"type": "long", "logicalType": "timestamp-micros"}
    for changed in (text.replace('"doc": "', '"doc": "not ', 1), json.dumps(schema)):
        assert changed != text
        path.write_text(changed, encoding="utf-8")
        done = _read(pack)
        assert (done.returncode, done.stderr) == (1, "")
        assert "✘ a schema is not the one that the log registered" in done.stdout


def _no_value(pack: Path) -> None:
    rewritten(pack, lambda records: [records[0]._replace(value=None), *records[1:]])


def _steering(pack: Path) -> None:
    """The first payment is on a stream whose name clears a screen."""

    def change(records: list[Kept]) -> list[Kept]:
        last = records[-1]
        return [*records[:-1], last._replace(value=altered(last.value or b"", stream="\x1b[2J"))]

    rewritten(pack, change)


def _text(name: str, text: str) -> Callable[[Path], object]:
    return lambda pack: (pack / name).write_text(text, encoding="utf-8")


HARMS: dict[str, Callable[[Path], object]] = {
    "a manifest that is a list": _text("manifest.json", "[]"),
    "a manifest nested too deep": _text("manifest.json", "[" * 200_000),
    "a schema that is none": _text("schemas/hengwen.PaymentMade.avsc", "[1]"),
    "a file that is not Avro": _text("events/0000000000001.avro", "x"),
    "a checkpoint of one line": _text("checkpoint", "x"),
    "an event without value": _no_value,
    "a stream that steers a terminal": _steering,
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_whatever_a_stranger_wrote_is_said_in_a_line(
    harm: Callable[[Path], object], pack: Path
) -> None:
    """Exit code 1, no traceback, nothing that steers the reader's terminal."""
    harm(pack)
    done = _read(pack)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("✘ ")
    assert "\x1b" not in done.stdout


def test_without_a_pack_it_says_how_it_is_used() -> None:
    """Exit code 2."""
    done = _read()
    assert (done.returncode, done.stdout, done.stderr) == (2, "python tiny_reader.py PACK\n", "")


def test_a_part_of_a_log_is_refused(made: Programme, tmp_path: Path) -> None:
    """It has no root of its own."""
    part = pack_of(made, tmp_path, wanted=Wanted(organisation=COUNTY))
    assert "✘ this pack is a part of the log" in _read(part).stdout


def test_openssl_checks_the_signature_as_the_page_says(
    pack: Path, made: Programme, tmp_path: Path
) -> None:
    """The script on the page: the true checkpoint passes, a changed one does not."""
    [script] = re.findall(r"```bash\n(.*?)```", DOCUMENT, re.DOTALL)
    file = tmp_path / "check.sh"
    file.write_text(script, encoding="utf-8")
    command = ["bash", str(file), str(pack), key_text(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    checkpoint = pack / "checkpoint"
    changed = checkpoint.read_text(encoding="utf-8").replace(f"\n{len(made.verdicts)}\n", "\n99\n")
    checkpoint.write_text(changed, encoding="utf-8")
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
