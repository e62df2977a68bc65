"""Receipts of a block: their encoding, the root over them, and the logs that they carry."""

from __future__ import annotations

from dataclasses import dataclass

from . import rlp
from .crypto import keccak
from .rpc import hex_bytes
from .trie import EMPTY_ROOT, nibbles_of


@dataclass(frozen=True)
class Log:
    address: bytes
    topics: list[bytes]
    data: bytes
    index: int
    transaction: int


def read_receipts(answer: list[dict]) -> tuple[list[bytes], list[bool], list[Log]]:
    """The encoded receipts, whether each was of what succeeded and, in order, the logs in them."""
    encoded, succeeded, logs = [], [], []
    for at, receipt in enumerate(answer):
        own = [
            (hex_bytes(log["address"]), [hex_bytes(one) for one in log["topics"]], hex_bytes(log["data"]))
            for log in receipt["logs"]
        ]
        fields = [
            rlp.minimal(int(receipt["status"], 16)),
            rlp.minimal(int(receipt["cumulativeGasUsed"], 16)),
            hex_bytes(receipt["logsBloom"]),
            [[address, topics, data] for address, topics, data in own],
        ]
        kind = int(receipt.get("type", "0x0"), 16)
        succeeded.append(fields[0] != b"")
        encoded.append((bytes([kind]) if kind else b"") + rlp.encode(fields))
        for address, topics, data in own:
            logs.append(Log(address, topics, data, len(logs), at))
    return encoded, succeeded, logs


def _prefix(nibbles: list[int], is_leaf: bool) -> bytes:
    flag = (2 if is_leaf else 0) + len(nibbles) % 2
    padded = [flag, *nibbles] if len(nibbles) % 2 else [flag, 0, *nibbles]
    return bytes(padded[i] << 4 | padded[i + 1] for i in range(0, len(padded), 2))


def _reference(node):
    encoded = rlp.encode(node)
    return node if len(encoded) < 32 else keccak(encoded)


def _build(entries: list[tuple[list[int], bytes]], depth: int):
    path, value = entries[0]
    if len(entries) == 1:
        return [_prefix(path[depth:], True), value]
    fork = depth
    while all(other[fork] == path[fork] for other, _ in entries):
        fork += 1
    if fork > depth:
        return [_prefix(path[depth:fork], False), _reference(_build(entries, fork))]
    children = []
    for nibble in range(16):
        some = [entry for entry in entries if entry[0][fork] == nibble]
        children.append(_reference(_build(some, fork + 1)) if some else b"")
    return [*children, b""]


def ordered_root(items: list[bytes]) -> bytes:
    """The root of a trie whose keys are the encoded places in a list."""
    if not items:
        return EMPTY_ROOT
    entries = [(nibbles_of(rlp.encode(rlp.minimal(i))), item) for i, item in enumerate(items)]
    return keccak(rlp.encode(_build(entries, 0)))
