"""
A second implementation of GM-1, written from the standards, on the block cipher and hash of gmalg.

RFC 2104 (HMAC), RFC 5869 (HKDF), NIST SP 800-38D (GCM with a nonce of 12 bytes). Slow, and no code
of ours or of OpenSSL in it.
"""

import struct

import gmalg

GCM_POLYNOMIAL = 0xE1 << 120
HASH_BLOCK = 64


def sm3(data: bytes) -> bytes:
    """SM3, GB/T 32905."""
    made = gmalg.SM3()
    made.update(data)
    return bytes(made.value())


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """HMAC over SM3."""
    padded = (sm3(key) if len(key) > HASH_BLOCK else key).ljust(HASH_BLOCK, b"\0")
    inner = sm3(bytes(b ^ 0x36 for b in padded) + data)
    return sm3(bytes(b ^ 0x5C for b in padded) + inner)


def hkdf_sm3(key: bytes, info: bytes, length: int) -> bytes:
    """HKDF without salt."""
    secret = hmac_sm3(bytes(32), key)
    made, last, n = b"", b"", 1
    while len(made) < length:
        last = hmac_sm3(secret, last + info + bytes((n,)))
        made, n = made + last, n + 1
    return made[:length]


def sm4_gcm(key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    """Ciphertext and tag."""
    block = gmalg.SM4(key).encrypt
    cipher = bytearray()
    for n in range(0, len(plain), 16):
        stream = block(nonce + struct.pack(">I", n // 16 + 2))
        cipher += bytes(p ^ k for p, k in zip(plain[n : n + 16], stream, strict=False))
    secret, found = int.from_bytes(block(bytes(16))), 0
    lengths = struct.pack(">QQ", 8 * len(aad), 8 * len(cipher))
    for part in (aad, bytes(cipher), lengths):
        for n in range(0, len(part), 16):
            found = _times(found ^ int.from_bytes(part[n : n + 16].ljust(16, b"\0")), secret)
    mask = int.from_bytes(block(nonce + struct.pack(">I", 1)))
    return bytes(cipher) + (found ^ mask).to_bytes(16)


def seal(person_key: bytes, aad: bytes, plain: bytes) -> bytes:
    """A sealed field, by docs/sealing.md."""
    nonce = hmac_sm3(hkdf_sm3(person_key, b"hengwen/seal/1/nonce", 32), aad + plain)[:12]
    key = hkdf_sm3(person_key, b"hengwen/seal/1/encrypt", 16)
    return b"\x02" + nonce + sm4_gcm(key, nonce, plain, aad)


def _times(one: int, other: int) -> int:
    """The product in GCM's field, in which the first bit is the lowest power."""
    found = 0
    for n in range(127, -1, -1):
        if other >> n & 1:
            found ^= one
        one = one >> 1 ^ (GCM_POLYNOMIAL if one & 1 else 0)
    return found
