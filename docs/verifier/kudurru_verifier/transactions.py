"""Transactions of a block: their bytes, which the header commits to, and what each was sent to do."""

from __future__ import annotations

from . import rlp
from .calls import Call
from .receipts import ordered_root
from .refused import Refused, require
from .rpc import hex_bytes

_TAIL = ("yParity", "r", "s")
_CALL = ("gas", "to", "value", "input")
_PRICES = ("maxPriorityFeePerGas", "maxFeePerGas")
_LAYOUTS = {
    0: ("nonce", "gasPrice", *_CALL, "v", "r", "s"),
    1: ("chainId", "nonce", "gasPrice", *_CALL, "accessList", *_TAIL),
    2: ("chainId", "nonce", *_PRICES, *_CALL, "accessList", *_TAIL),
    3: ("chainId", "nonce", *_PRICES, *_CALL, "accessList", "maxFeePerBlobGas", "blobVersionedHashes", *_TAIL),
    4: ("chainId", "nonce", *_PRICES, *_CALL, "accessList", "authorizationList", *_TAIL),
}


def read_calls(answer: list[dict], root: bytes) -> list[Call]:
    """The call of each transaction; raises where they are not those of the header."""
    raw = [_encoded(one) for one in answer]
    require(ordered_root(raw) == root, "transactions-differ")
    return [Call(hex_bytes(one.get("to") or "0x"), hex_bytes(one["input"])) for one in answer]


def _encoded(answer: dict) -> bytes:
    kind = int(answer.get("type", "0x0"), 16)
    if kind not in _LAYOUTS:
        raise Refused("transaction-malformed")
    body = rlp.encode([_item(answer, name) for name in _LAYOUTS[kind]])
    return (bytes([kind]) if kind else b"") + body


def _item(answer: dict, name: str):
    value = answer.get(name)
    if name in ("to", "input"):
        return hex_bytes(value or "0x")
    if name == "accessList":
        return [[hex_bytes(one["address"]), [hex_bytes(key) for key in one["storageKeys"]]] for one in value or []]
    if name == "blobVersionedHashes":
        return [hex_bytes(one) for one in value]
    if name == "authorizationList":
        return [
            [_number(one["chainId"]), hex_bytes(one["address"])]
            + [_number(one[part]) for part in ("nonce", "yParity", "r", "s")]
            for one in value
        ]
    return _number(answer["v"] if name == "yParity" and value is None else value)


def _number(text: str) -> bytes:
    return rlp.minimal(int(text, 16))
