"""
SM2 signatures as additional lines of a signed note; the only module that knows gmalg.

SM2 with SM3 (GB/T 32918.2, GB/T 32905) over the note's text, for the user ``1234567812345678`` that
GB/T 35276 has where none is agreed; the signature is r ‖ s, 32 bytes each. C2SP ``signed-note`` has
no number for SM2, so the type is ``ff`` and a name of its own; whoever does not know it passes the
line over. Keys as text are like Ed25519's: ``name+id+base64(type ‖ 04 ‖ x ‖ y)``.

gmalg is the optional extra ``sm``: without it a ModuleNotFoundError names it.
"""

from typing import Any, Final

from evidence import canonical_base64
from evidence.checkpoints import claimed_checkpoint
from evidence.key_texts import BadKey, id_of, is_name, key_text, read_key, read_secret, secret_text
from evidence.notes import SIGNATURE_LINE, BadNote, parse

SIGNATURE_TYPE: Final = b"\xffGB/T 32918.2 SM2 with SM3\n"
ORDER: Final = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
"""Order of the curve's base point, GB/T 32918.5."""
USER: Final = b"1234567812345678"
NUMBER_BYTES: Final = 32
POINT_BYTES: Final = 1 + 2 * NUMBER_BYTES
UNCOMPRESSED: Final = 4
"""First byte of a point of which x and y are written."""


class Sm2Verifier:
    """An SM2 public key under a name, which is the origin of the checkpoints it signs."""

    def __init__(self, name: str, public_key: bytes) -> None:
        """
        *public_key* is an uncompressed point, 65 bytes.

        Raises:
            BadKey: it is none of the curve, or the name is none.
        """
        if not is_name(name) or not _is_point(public_key):
            raise BadKey
        self.name = name
        self.public_key = public_key
        self.key = id_of(name, SIGNATURE_TYPE, public_key)

    @classmethod
    def from_text(cls, text: str) -> "Sm2Verifier":
        """
        The key in a text ``name+id+base64``.

        Raises:
            BadKey: it is not one, or of another algorithm.
        """
        read = read_key(text, SIGNATURE_TYPE, POINT_BYTES)
        found = cls(read.name, read.raw)
        if found.key != read.key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text, to be given to auditors."""
        return key_text(self.name, self.key, SIGNATURE_TYPE, self.public_key)

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the signature is this key's over the text; takes tens of milliseconds."""
        if len(signature) != 2 * NUMBER_BYTES:
            return False
        r, s = signature[:NUMBER_BYTES], signature[NUMBER_BYTES:]
        return bool(_sm2(pk=self.public_key).verify(text.encode(), r, s))

    def check(self, note: str) -> None:
        """
        Refuse a checkpoint that this key did not sign as well.

        Raises:
            BadNote: NOTE_TOO_LONG, NOTE_MALFORMED, NOT_A_CHECKPOINT; OTHER_ORIGIN: the key is of
                another log; SM2_MISSING, SM2_FALSE.
        """
        found = parse(note)
        if claimed_checkpoint(note).origin != self.name:
            raise BadNote("OTHER_ORIGIN")
        own = [s.signature for s in found.signatures if (s.name, s.key) == (self.name, self.key)]
        if not own:
            raise BadNote("SM2_MISSING")
        if not all(self.verifies(found.text, signature) for signature in own):
            raise BadNote("SM2_FALSE")


class Sm2Signer:
    """An SM2 private key under a name."""

    def __init__(self, name: str, secret: bytes) -> None:
        """
        *secret* is a number of 32 bytes.

        Raises:
            BadKey: it is none that can sign, or the name is none.
        """
        if len(secret) != NUMBER_BYTES or not 1 <= int.from_bytes(secret) <= ORDER - 2:
            raise BadKey
        self._secret = secret
        self.verifier = Sm2Verifier(name, bytes(_sm2().generate_pk(secret)))

    def __repr__(self) -> str:
        """Nothing about the secret."""
        return f"Sm2Signer({self.verifier.name})"

    @classmethod
    def generate(cls, name: str) -> "Sm2Signer":
        """A fresh key, from the machine's randomness."""
        secret, _ = _sm2().generate_keypair()
        return cls(name, _number(secret))

    @classmethod
    def from_text(cls, text: str) -> "Sm2Signer":
        """
        The key in a text ``PRIVATE+KEY+name+id+base64``.

        Raises:
            BadKey: it is not one.
        """
        read = read_secret(text, SIGNATURE_TYPE, NUMBER_BYTES)
        found = cls(read.name, read.raw)
        if found.verifier.key != read.key:
            raise BadKey
        return found

    def text(self) -> str:
        """The key as text: a secret."""
        known = self.verifier
        return secret_text(known.name, known.key, SIGNATURE_TYPE, self._secret)

    def line(self, text: str) -> str:
        """The signature line of this key under a note's text; another one every time."""
        known = self.verifier
        r, s = _sm2(sk=self._secret, pk=known.public_key).sign(text.encode())
        signed = canonical_base64.encode(known.key + _number(r) + _number(s))
        return f"{SIGNATURE_LINE}{known.name} {signed}\n"


def is_sm2(text: str) -> bool:
    """Whether a text has the form of an SM2 public key, right or wrong; needs no gmalg."""
    try:
        read_key(text, SIGNATURE_TYPE, POINT_BYTES)
    except BadKey:
        return False
    return True


def _sm2(**keys: bytes) -> Any:  # gmalg has no types
    """Algorithms of gmalg, imported when needed: it is an optional extra."""
    import gmalg  # noqa: PLC0415  # see above

    return gmalg.SM2(uid=USER, **keys)


def _is_point(public_key: bytes) -> bool:
    """Whether it is an uncompressed point of the curve; gmalg itself reads any x and y."""
    if len(public_key) != POINT_BYTES or public_key[0] != UNCOMPRESSED:
        return False
    return bool(_sm2().verify_pk(public_key))


def _number(short: bytes) -> bytes:
    """A number with the leading zeros that gmalg leaves out."""
    return bytes(short).rjust(NUMBER_BYTES, b"\0")
