"""Names of the cryptographic suites under which a ledger's names may be sealed."""

from typing import Final

INTL_1: Final = "INTL-1"
"""AES-256-GCM, HKDF and HMAC over SHA-256."""
GM_1: Final = "GM-1"
"""国密: SM4-GCM (GB/T 32907), HKDF and HMAC over SM3 (GB/T 32905)."""
SUITES: Final = (INTL_1, GM_1)
SUITE_BYTES: Final = {INTL_1: 1, GM_1: 2}
"""First byte of what is sealed under a suite."""
