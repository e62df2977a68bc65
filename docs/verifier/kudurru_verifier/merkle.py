"""Salted Merkle trees, and the facts in them."""

from __future__ import annotations

import unicodedata

from .crypto import keccak


MOST_LEAVES = 2**24


def leaf(salt: bytes, data: bytes) -> bytes:
    return keccak(b"\0", salt, data)


def _root(size: int, top: bytes) -> bytes:
    return keccak(b"\x02", size.to_bytes(8, "big"), top)


def opens(root: bytes, found: bytes, index: int, size: int, proof: list[bytes]) -> bool:
    """Whether the leaf stands at this place of the tree of this root."""
    if not 0 <= index < size:
        return False
    at, width, node, used = index, size, found, 0
    while width > 1:
        is_alone = at == width - 1 and at % 2 == 0
        if not is_alone:
            if used == len(proof):
                return False
            pair = (proof[used], node) if at % 2 else (node, proof[used])
            node = keccak(b"\x01", *pair)
            used += 1
        at //= 2
        width = (width + 1) // 2
    return used == len(proof) and _root(size, node) == root


def root_of(leaves: list[bytes]) -> bytes:
    level = list(leaves)
    while len(level) > 1:
        paired = [keccak(b"\x01", level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = paired + (level[-1:] if len(level) % 2 else [])
    return _root(len(leaves), level[0])


def fact_data(path: str, value: str) -> bytes:
    key = path.encode()
    return b"\x01" + len(key).to_bytes(2, "big") + key + value.encode()


def is_normal(text: str) -> bool:
    return unicodedata.normalize("NFC", text) == text
