"""
The file ``organisation-proofs.json`` of a part: its organisations' chains, their paths, the note.

It is JSON in one fixed form, so that one content has one text and any changed byte is refused.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from evidence import canonical_base64
from evidence.balance_notes import Balances, claimed_balances, opened_balances
from evidence.balance_proofs import BadProof
from evidence.notes import BadNote, Verifier
from evidence.organisation_chains import Chain, Placed

FORMAT: Final = "hengwen-organisation-proofs/1"


class OrganisationProofs(NamedTuple):
    """What the file holds, not checked."""

    note: str
    """The signed balances, which name the roots of the chains as well."""
    placed: Sequence[Placed]

    def text(self) -> str:
        """The file."""
        proofs = [
            {
                "organisation": organisation,
                "length": chain.length,
                "digest": canonical_base64.encode(chain.digest),
                "index": at,
                "path": [canonical_base64.encode(step) for step in path],
            }
            for organisation, chain, at, path in self.placed
        ]
        fields = {"format": FORMAT, "note": self.note, "proofs": proofs}
        return json.dumps(fields, ensure_ascii=False, indent=1) + "\n"

    @classmethod
    def of(cls, text: str) -> "OrganisationProofs":
        """
        What a file holds.

        Raises:
            BadProof: NOT_A_PROOF.
        """
        try:
            fields = json.loads(text)
            found = cls(str(fields["note"]), [_placed(one) for one in fields["proofs"]])
            same = found.text() == text
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError, struct.error):
            raise BadProof("NOT_A_PROOF") from None
        if not same:
            raise BadProof("NOT_A_PROOF")
        return found

    def claimed(self) -> Balances:
        """
        What the note claims, whoever signed it.

        Raises:
            BadProof: it is none about balances.
        """
        try:
            return claimed_balances(self.note)
        except BadNote as bad:
            raise BadProof(bad.code) from bad

    def checked(self, known: Sequence[Verifier]) -> tuple[Balances, dict[str, Chain]]:
        """
        The signed balances, and the chains that are in their tree.

        Raises:
            BadProof: PATH_FALSE, or a code of BadNote.
        """
        try:
            balances = opened_balances(self.note, known)
        except BadNote as bad:
            raise BadProof(bad.code) from bad
        if not all(balances.chains.holds(one) for one in self.placed):
            raise BadProof("PATH_FALSE")
        return balances, {one.organisation: one.chain for one in self.placed}


def _placed(one: dict[str, Any]) -> Placed:
    digest = canonical_base64.decode(one["digest"])
    chain = Chain.unpacked(Chain(int(one["length"]), digest).packed())
    path = [canonical_base64.decode(step) for step in one["path"]]
    return Placed(str(one["organisation"]), chain, int(one["index"]), path)
