"""The sample that ``hengwen demo`` runs: invented people, two programmes, two rosters."""

import json
from pathlib import Path

from app.sample.programmes import programme, registry
from app.sample.rosters import good_roster, roster_with_errors


def write_sample(folder: Path) -> None:
    """
    Write the sample's files into *folder*.

    registry.jsonl is signed by the operator, programme.jsonl by a publisher; roster.xlsx is a good
    roster of a town, roster-with-errors.xlsx one with the mistakes that Excel makes easy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in (("registry", registry()), ("programme", programme())):
        text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in lines)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    good_roster(folder / "roster.xlsx")
    roster_with_errors(folder / "roster-with-errors.xlsx")
