"""Merkle-Patricia proofs of accounts and storage slots, as `eth_getProof` gives them."""

from __future__ import annotations

from dataclasses import dataclass

from . import rlp
from .crypto import keccak
from .refused import Refused, require

EMPTY_ROOT = keccak(b"\x80")


def nibbles_of(data: bytes) -> list[int]:
    return [half for byte in data for half in (byte >> 4, byte & 15)]


def _path(item: bytes) -> tuple[list[int], bool]:
    """The nibbles of a short node's path, and whether it ends there."""
    require(isinstance(item, bytes) and len(item) > 0, "proof-node-malformed")
    nibbles = nibbles_of(item)
    flag = nibbles[0]
    require(flag < 4, "proof-node-malformed")
    is_odd = flag & 1
    require(bool(is_odd) or nibbles[1] == 0, "proof-node-malformed")
    return nibbles[1 if is_odd else 2 :], flag >= 2


def _is_reference(item) -> bool:
    """A child by its hash, or itself where its encoding is shorter than a hash."""
    return len(rlp.encode(item)) < 32 if isinstance(item, list) else len(item) == 32


def _load(reference, nodes: list[bytes], used: int) -> list:
    """The node of a reference: the next of the proof, or the one that stands inside its parent."""
    if isinstance(reference, list):
        node = reference
    else:
        require(used < len(nodes), "proof-node-missing")
        require(keccak(nodes[used]) == reference, "proof-node-mismatched")
        # Only the root is hashed however small it is.
        require(used == 0 or len(nodes[used]) >= 32, "proof-node-malformed")
        try:
            node = rlp.decode(nodes[used])
        except rlp.NotRlp:
            raise Refused("proof-node-malformed") from None
    require(isinstance(node, list) and len(node) in (2, 17), "proof-node-malformed")
    return node


def _empty(nodes: list[bytes]) -> None:
    require(len(nodes) < 2, "proof-node-unused")
    require(nodes in ([], [b"\x80"]), "proof-node-mismatched")


def look_up(root: bytes, key: bytes, nodes: list[bytes]) -> bytes | None:
    """The value below a key that is hashed already, or None where the proof shows that there is none."""
    if root == EMPTY_ROOT:
        return _empty(nodes)
    rest, used, reference, is_below_extension = nibbles_of(key), 0, root, False
    while True:
        node = _load(reference, nodes, used)
        used += 0 if isinstance(reference, list) else 1
        require(not is_below_extension or len(node) == 17, "proof-node-malformed")
        if len(node) == 17:
            taken = [child for child in node[:16] if len(child) > 0]
            is_branch = len(taken) > 1 and all(map(_is_reference, taken)) and node[16] == b""
            require(is_branch and len(rest) > 0, "proof-node-malformed")
            reference, rest, is_below_extension = node[rest[0]], rest[1:], False
            value = None
            if len(reference) > 0:
                continue
        else:
            run, is_leaf = _path(node[0])
            is_on_path = rest[: len(run)] == run
            if is_leaf:
                is_value = isinstance(node[1], bytes) and node[1] != b""
                require(is_value and len(run) == len(rest), "proof-node-malformed")
                value = node[1] if is_on_path else None
            else:
                require(0 < len(run) < len(rest) and _is_reference(node[1]), "proof-node-malformed")
                value = None
                if is_on_path:
                    reference, rest, is_below_extension = node[1], rest[len(run) :], True
                    continue
        require(used == len(nodes), "proof-node-unused")
        return value


@dataclass(frozen=True)
class Proved:
    """What a proof shows of one account: its code and the words of exactly the slots that were asked."""

    address: bytes
    code_hash: bytes
    words: dict[bytes, int]


def prove(state_root: bytes, proof: dict, slots: list[bytes]) -> Proved:
    """The same of exactly these slots."""
    proved = prove_any(state_root, proof)
    require(all(slot in proved.words for slot in slots), "proof-slot-missing")
    require(len(proved.words) == len(slots), "proof-slot-unused")
    return proved


def prove_any(state_root: bytes, proof: dict) -> Proved:
    """`proof` is `{address, nodes, slots: [{slot, nodes}]}` as bytes."""
    value = look_up(state_root, keccak(proof["address"]), proof["nodes"])
    if value is None:
        raise Refused("account-absent")
    try:
        account = rlp.decode(value)
        is_account = isinstance(account, list) and len(account) == 4
        require(is_account, "proof-value-malformed")
        rlp.integer(account[0], 8)
        rlp.integer(account[1])
    except rlp.NotRlp:
        raise Refused("proof-value-malformed") from None
    storage_root, code_hash = account[2], account[3]
    for item in (storage_root, code_hash):
        require(isinstance(item, bytes) and len(item) == 32, "proof-value-malformed")
    words: dict[bytes, int] = {}
    for entry in proof["slots"]:
        require(entry["slot"] not in words, "proof-slot-repeated")
        stored = look_up(storage_root, keccak(entry["slot"]), entry["nodes"])
        words[entry["slot"]] = 0 if stored is None else _word(stored)
    return Proved(proof["address"], code_hash, words)


def _word(stored: bytes) -> int:
    try:
        number = rlp.integer(rlp.decode(stored))
    except rlp.NotRlp:
        raise Refused("proof-value-malformed") from None
    require(number > 0, "proof-value-malformed")
    return number
