"""The proof that travels beside a submission."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from domain.parts import Attestation


@dataclass(slots=True, kw_only=True)
class SubmissionProof:
    """Who signed a submission, and what the vault attested. 提交证明."""

    TOPIC: ClassVar[str] = "hengwen.SubmissionProof"

    key: str
    signature: bytes
    size: int
    index: int
    path: Sequence[bytes]
    attestations: Sequence[Attestation]
