"""Signed notes, keys in text, and checkpoints."""

import base64
from hashlib import sha256

import pytest
from evidence_logs import ORIGIN, key_rotated, log_opened, signer

from evidence.checkpoints import Checkpoint, claimed_checkpoint, opened_checkpoint
from evidence.key_texts import BadKey
from evidence.keys import KeyHistory
from evidence.notes import BadNote, NoteSigner, Verifier, opened, parse, sign

PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
"""Key and note of the example in Go's package note, which others have signed and checked."""
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ROOT = sha256(b"root").digest()


def code_of(note: str, *known: Verifier) -> str:
    """Why a note is refused."""
    with pytest.raises(BadNote) as refused:
        opened(note, known)
    return refused.value.code


def test_a_note_signed_elsewhere_is_read() -> None:
    """The worked example of the format's first implementation."""
    text, signers = opened(NOTE, [Verifier.from_text(PETER)])
    assert text.startswith("If you think")
    assert [one.text() for one in signers] == [PETER]


def test_a_false_signature_spoils_the_note() -> None:
    """Also if another key's signature holds."""
    a, b = signer("a"), signer("b")
    note = sign("text\n", [a, b])
    assert len(opened(note, [a.verifier, b.verifier])[1]) == 2
    other = sign("texT\n", [a])
    mixed = note.replace(note.splitlines()[2], other.splitlines()[2])
    assert code_of(mixed, a.verifier, b.verifier) == "SIGNATURE_FALSE"
    assert [k.log_key for k in opened(mixed, [b.verifier])[1]] == [b.verifier.log_key]


def test_unknown_signatures_are_passed_over() -> None:
    """At least one known key must have signed."""
    note = sign("text\n", [signer("a")])
    assert code_of(note, signer("b").verifier) == "SIGNATURE_MISSING"
    assert code_of(note, signer("a", "other.example").verifier) == "SIGNATURE_MISSING"


@pytest.mark.parametrize(
    "note",
    ["", "text\n", "text\n\n", "text\n\n\u2014 a\n", "text\n\n\u2014 a !!!!\n", "text\n\n- a AAAAAAAA\n",
     "t\text\n\n\u2014 a AAAAAAAA\n", "text\n\n\u2014 a AAAAAAAA", "text\n\n\u2014 a+b AAAAAAAA\n"],
)  # fmt: skip
def test_what_is_no_note_is_refused(note: str) -> None:
    """No blank line, no signature, control characters, a name with a plus."""
    with pytest.raises(BadNote, match="NOTE_MALFORMED"):
        parse(note)


def test_a_signature_and_a_key_have_one_text() -> None:
    """The spare bits of base64 are zero, the id is in small letters; else bytes could be hidden."""
    note, key = sign("text\n", [signer()]), signer().verifier
    assert note.endswith("=\n")
    spared = note[:-3] + chr(ord(note[-3]) + 1) + "=\n"
    assert base64.b64decode(note.split(" ")[-1]) == base64.b64decode(spared.split(" ")[-1])
    assert code_of(spared, key) == "NOTE_MALFORMED"
    name, key_id, encoded = key.text().split("+", 2)
    spaced = f"{key_id[:2]} {key_id[2:]}"
    others = {key_id.upper(), spaced} - {key_id}
    assert others
    for other in others:
        with pytest.raises(BadKey):
            Verifier.from_text(f"{name}+{other}+{encoded}")


def test_an_endless_note_is_refused() -> None:
    """A limit on bytes and on signatures."""
    line = signer().line("text\n")
    with pytest.raises(BadNote, match="NOTE_TOO_LONG"):
        parse("text\n\n" + line * 101)
    with pytest.raises(BadNote, match="NOTE_TOO_LONG"):
        parse("a" * 1_000_001)


def test_keys_come_back_from_their_texts() -> None:
    """Public and private; a changed letter is noticed by the key id."""
    made = signer()
    again = NoteSigner.from_text(made.text())
    assert again.line("x\n") == made.line("x\n")
    public = made.verifier.text()
    assert Verifier.from_text(f"{public}\n").text() == public
    for text in (public.replace("pilot", "pil0t"), public[:-4], "a+b", "", made.text()):
        with pytest.raises(BadKey):
            Verifier.from_text(text)
    with pytest.raises(BadKey):
        NoteSigner.from_text(public)
    with pytest.raises(BadKey):
        signer(origin="a b")


def test_a_checkpoint_says_origin_size_and_root() -> None:
    """In three lines; extension lines are passed over."""
    made = Checkpoint(ORIGIN, 7, ROOT)
    assert opened_checkpoint(made.signed([signer()]), [signer().verifier]) == made
    extended = sign(made.text() + "extension\n", [signer()])
    assert claimed_checkpoint(extended) == made


@pytest.mark.parametrize("size", ["07", "-1", "+7", "7 ", "", "٧", "9" * 20])
def test_a_size_has_one_spelling(size: str) -> None:
    """Two readers never read two sizes."""
    text = Checkpoint(ORIGIN, 7, ROOT).text().replace("\n7\n", f"\n{size}\n")
    with pytest.raises(BadNote, match="NOT_A_CHECKPOINT"):
        claimed_checkpoint(sign(text, [signer()]))


def test_a_checkpoint_of_another_origin_is_refused() -> None:
    """A key signs for the log of its own name only."""
    other = signer("checkpoint", "other.example/log")
    note = Checkpoint(ORIGIN, 7, ROOT).signed([other])
    with pytest.raises(BadNote, match="OTHER_ORIGIN"):
        opened_checkpoint(note, [other.verifier])


def test_a_key_counts_from_the_event_that_names_it_to_the_one_that_ends_it() -> None:
    """The history is the same read from its file, and cut where the tree ends."""
    keys = KeyHistory()
    for position, value in [(1, log_opened("a")), (2, b"anything"), (9, key_rotated("a", "b"))]:
        keys.learn(position, value)
    a, b = signer("a").verifier.key, signer("b").verifier.key
    assert [[k.key for k in keys.at(size)] for size in (0, 1, 8, 9)] == [[], [a], [a], [b]]
    again = KeyHistory.from_json(keys.to_json())
    assert again.to_json() == keys.to_json()
    assert [k.key for k in again.before(8).at(10)] == [a]
    assert again.origin == ORIGIN
