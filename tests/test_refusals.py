"""Every refusal has its texts, and every text its figures."""

import ast
import gzip
import json
import string
from pathlib import Path

from make_golden import HISTORY

from app.naming import ROSTER_STATES, STATES
from domain.events import SubmissionRefused
from domain.refusal_texts import TEXTS, render
from domain.refusal_words import WORDS
from schemas import codec

ROOT = Path(__file__).parents[1]


def _refusals() -> dict[str, list[set[str]]]:
    """Code → the sets of figures with which the rules and the domain refuse."""
    found: dict[str, list[set[str]]] = {}
    for folder in ("domain", "admission"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
                    code = node.args[0]
                    assert isinstance(code, ast.Constant), path
                    names = {k.arg for k in node.keywords if k.arg}
                    if all(k.arg for k in node.keywords):
                        found.setdefault(str(code.value), []).append(names)
                    else:
                        found.setdefault(str(code.value), [])
    return found


def test_every_code_has_a_text_in_both_languages() -> None:
    """A refusal without words helps nobody, and words without a refusal are dead."""
    assert set(_refusals()) == set(TEXTS)


def test_every_text_finds_its_figures() -> None:
    """Each placeholder is a figure that the refusal carries."""
    for code, uses in _refusals().items():
        for text in TEXTS[code]:
            wanted = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            for figures in uses:
                assert wanted <= figures, code


def test_amounts_are_shown_in_yuan() -> None:
    """The log counts fen, people read yuan."""
    text = render("OVER_CAP_PER_PAYMENT", {"cap_fen": "300000", "asked_fen": "300001"})
    assert text == "超过每人次上限 3,000.00 元: 本次 3,000.01 元"


SAID = ("state", "why", "roles", "part", "missing")
"""Figures whose values are words of ours, and not of whoever submitted."""


def test_no_refusal_shows_a_code_where_there_is_a_word() -> None:
    """In every golden verdict states, duties, parts and reasons are said in the reader's language."""
    told = json.loads(gzip.decompress(HISTORY.read_bytes()))
    values = [bytes.fromhex(v) for branch in told.values() for v in branch["verdicts"]]
    refused = [codec.decode(v) for v in values if codec.topic_of(v) == SubmissionRefused.TOPIC]
    seen = set()
    for reason in (reason for event in refused for reason in event.reasons):
        for figure in reason.figures:
            if figure.name in SAID:
                for one in figure.value.split(","):
                    assert one in WORDS[figure.name], (reason.code, figure)
                    seen.add(one)
                text = render(reason.code, {f.name: f.value for f in reason.figures})
                assert figure.value not in text
    assert {"HANDLE", "KIN", "KEY_ENDED", "REGION", "EMPLOYER", "SETTLED"} <= seen
    assert render("ROSTER_STATE", {"state": "REJECTED"}) == "名册已退回"
    for code, words in (STATES | ROSTER_STATES).items():
        assert WORDS["state"].get(code, tuple(words)) == tuple(words), "as everywhere else"
    assert render("ROSTER_STATE", {"state": "REJECTED"}, english=True) == "The roster is rejected"
