"""Hashes and signatures: keccak-256, secp256k1 with recovery, P-256.

The three packages of requirements.txt are used here and nowhere else.
"""

from __future__ import annotations

from functools import lru_cache

from coincurve import PublicKey
from Crypto.Hash import keccak as _keccak
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

SECP256K1_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HIGH_BIT = 1 << 255


def keccak(*parts: bytes) -> bytes:
    return _keccak.new(digest_bits=256, data=b"".join(parts)).digest()


def word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def recover(digest: bytes, r: int, s: int, parity: int) -> bytes | None:
    """The address that signed, or None where nobody did."""
    if not (0 < r < SECP256K1_N and 0 < s < SECP256K1_N and parity in (0, 1)):
        return None
    signature = word(r) + word(s) + bytes([parity])
    try:
        key = PublicKey.from_signature_and_message(signature, digest, hasher=None)
    except ValueError:
        return None
    return keccak(key.format(compressed=False)[1:])[12:]


def recover_compact(digest: bytes, signature: bytes) -> bytes | None:
    """ERC-2098: `r`, then `s`, the low one of the two, with the parity in its highest bit."""
    if len(signature) != 64:
        return None
    vs = int.from_bytes(signature[32:], "big")
    s = vs & (HIGH_BIT - 1)
    if s > SECP256K1_N // 2:
        return None
    return recover(digest, int.from_bytes(signature[:32], "big"), s, vs >> 255)


def recover_seal(digest: bytes, seal: bytes) -> bytes | None:
    """65 bytes: `r`, `s`, low or high, and the parity as 0 or 1."""
    if len(seal) != 65:
        return None
    return recover(digest, int.from_bytes(seal[:32], "big"), int.from_bytes(seal[32:64], "big"), seal[64])


@lru_cache(maxsize=4096)
def _p256_key(qx: int, qy: int) -> ec.EllipticCurvePublicKey | None:
    try:
        return ec.EllipticCurvePublicNumbers(qx, qy, ec.SECP256R1()).public_key()
    except ValueError:
        return None


def p256_holds(digest: bytes, r: int, s: int, qx: int, qy: int) -> bool:
    """Over a digest as it stands; `s` must be the low one of the two."""
    return s <= P256_N // 2 and p256_holds_any(digest, r, s, qx, qy)


def p256_holds_any(digest: bytes, r: int, s: int, qx: int, qy: int) -> bool:
    """The same with either `s`."""
    if not (0 < r < P256_N and 0 < s < P256_N):
        return False
    key = _p256_key(qx, qy)
    if key is None:
        return False
    try:
        key.verify(
            utils.encode_dss_signature(r, s), digest, ec.ECDSA(utils.Prehashed(hashes.SHA256()))
        )
    except InvalidSignature:
        return False
    return True
