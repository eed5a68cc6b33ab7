"""Whatever is typed wrong: exit code 2, what to do about it, and never a traceback."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from county import County, begun

ID = "00000000-0000-4000-8000-000000000000"
WRONG = [
    "",
    "    balance NOPE",
    "    balance EX-632221 --as-of yesterday",
    "    balance --as-of 2019-02-05T18:00:00",
    "    balance --recorded-as-of 2019-13-45",
    "    payments --state WRONG",
    "    payments --roster xyz",
    "    payments --limit 0",
    "    payments --limit x",
    "    visits NOPE --below",
    "    trail nonsense 1",
    "    trail payment 123",
    "    trail person p-none",
    "    trace payment {ID}",
    "    trace payment zzz",
    "    trace grant zzz",
    "    coverage --by wrong",
    "    reconcile-statement NOPE",
    "    refusals --code NOPE_CODE",
    "    rosters --state X",
    "    log show 0",
    "    log show 999999999",
    "    log show abc",
    "    log digest nowhere:1",
    "    log digest embedded:{folder}/missing.sqlite",
    "    log digest embedded:{folder}/bad.jsonl",
    "    log copy - embedded:{folder}/bad.jsonl",
    "    publish {folder}/missing.jsonl",
    "    publish {folder}/bad.jsonl",
    "    publish {folder}/binary.jsonl",
    "    publish {folder}",
    "    publish {folder}/object.jsonl",
    "    roster check {folder}/missing.xlsx",
    "    roster check {folder}/binary.jsonl",
    "    roster check {folder}/empty.xlsx",
    "    roster check {folder}",
    "    roster template --organisation NOPE",
    "    roster import {folder}/bad.jsonl",
    "    replay --until x --into y",
    "    replay --until 5 --into API",
    "    diff 1 zz",
    "    verify {folder}/missing",
    "    verify {folder}",
    "    export-evidence --to {folder}",
    "    receipt zzz",
    "    receipt {ID}",
    "    erase p-nobodyqqqqqqqqqqqqqqqqqq --reason RETENTION_OVER --yes",
    "    read p-nobodyqqqqqqqqqqqqqqqqqq --purpose AUDIT --case 1 --actor p-xqqqqqqqqqqqqqqqqqqqqqqq",
    "    key new {folder}/bad.jsonl",
    "    publisher register zz --subtree X --source y",
    "    vault restore {folder}",
    "    rebuild nope",
    "    checkpoint --once --every x",
    "    seal --serve",
    "    init --root OTHER --name x",
    "    init --suite ROT13",
    "    status --nope",
    "    conserve too many",
    "    nonsense",
    "    --lang fr balance",
    "",
]
LINES = [line.strip() for line in WRONG if line.strip()]


@pytest.fixture
def county(
    tmp_path: Path,
    postgres_dsn: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[County]:
    """A ledger with one payment."""
    with begun(tmp_path / "home", postgres_dsn, monkeypatch, capsys) as county:
        yield county


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of files that are not what they should be."""
    made = tmp_path / "files"
    made.mkdir()
    (made / "bad.jsonl").write_text('{"type": "Nope"}\nnot json\n[1]\n')
    (made / "binary.jsonl").write_bytes(b"\xff\xfe\xfd\x00" * 9)
    (made / "object.jsonl").write_text("{}\n")
    (made / "empty.xlsx").write_bytes(b"")
    return made


def test_a_business_day_with_a_time_leads_to_the_other_clock(county: County) -> None:
    """A day has no time; whoever gives one means the time of recording."""
    said = county.run("balance", "--as-of", "2019-02-05T18:00:00", code=2)
    assert "--as-of 2019-02-05T18:00:00" in said
    assert "Write a date only" in said
    assert "--recorded-as-of" in said
    wrong = county.run("balance", "--recorded-as-of", "yesterday", code=2)
    assert "Write it as 2019-02-05T18:00:00" in wrong


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wrong_inputs_are_told_and_how_to_mend_them(
    county: County, folder: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the reader's language; a page, or a table of what is wrong in a file."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    monkeypatch.setenv("HENGWEN_LANG", lang)
    how = {
        "zh": ("怎么办", "怎么改", "什么都没有发布"),
        "en": ("What to do", "remedy", "Nothing was"),
    }
    assert len(LINES) > 50
    for line in LINES:
        words = line.format(ID=ID, folder=folder).split()
        said = county.run(*words, code=2)
        assert "Traceback" not in said, line
        assert any(text in said for text in how[lang]) or "fr" in words, (line, said)
        if lang == "zh":
            assert "Input should" not in said or "fr" in words, (line, said)
