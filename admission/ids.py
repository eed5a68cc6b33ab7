"""The index of submission ids: one entry for each attempt that was authenticated."""

from functools import lru_cache
from hashlib import sha256


@lru_cache(maxsize=8_192)
def id_key(organisation: str, submission_id: str) -> str:
    """
    Key of an attempt: 16 bytes of SHA-256(organisation ‖ 00 ‖ submission id), in hexadecimal.

    Its row is position and submission digest of the first verdict.
    """
    digest = sha256(f"{organisation}\0{submission_id}".encode()).hexdigest()
    return f"id/{digest[:32]}"
