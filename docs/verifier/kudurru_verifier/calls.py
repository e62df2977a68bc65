"""Calls that came straight from their sender to a contract of the ledger: the signatures that no event shows."""

from __future__ import annotations

from typing import NamedTuple

from . import abi, typed
from .crypto import keccak

# By the method: the struct that one officer signs, in the domain of the contract that is called.
ORDERS = {"pause": "ShortPause", "suspendOfficer": "Suspension", "resign": "Resignation", "withdraw": "Withdrawal"}


class Call(NamedTuple):
    """What a transaction was sent to do, and whom it was sent to."""

    to: bytes = b""
    data: bytes = b""


NO_CALL = Call()


class Order(NamedTuple):
    struct: str
    order: dict
    signature: bytes


class Posted(NamedTuple):
    """What a till posted: the batch without the hash of its items, their words, and its signature."""

    batch: dict
    items: list[bytes]
    till_signature: bytes


def abi_of(kind: str, without: tuple[str, ...] = ()) -> str:
    """The ABI's text of a struct of the page of types."""
    if kind.endswith("[]"):
        return abi_of(kind[:-2]) + "[]"
    if kind not in typed.STRUCTS:
        return kind
    fields = [(one, name) for one, name in typed.STRUCTS[kind] if name not in without]
    return "(" + ", ".join(f"{abi_of(one)} {name}" for one, name in fields) + ")"


def selector(method: str, kinds: tuple[str, ...]) -> bytes:
    return keccak(f"{method}({','.join(abi.canonical(kind) for kind in kinds)})".encode())[:4]


def arguments(data: bytes, kind: str) -> dict | None:
    """None of bytes that no encoder writes."""
    try:
        return abi.decode(data[4:], 0, kind)
    except abi.NotAbi:
        return None


_BATCH = abi_of("RedemptionBatch", without=("itemsHash",))
_REDEEM = selector("redeem", (_BATCH, "bytes32[]", "bytes"))
_ORDERED = {selector(method, (abi_of(struct), "bytes")): struct for method, struct in ORDERS.items()}


def ordered_in(call: Call, contract: bytes) -> Order | None:
    """What one officer ordered of this contract; None where the call shows no such thing."""
    struct = _ORDERED.get(call.data[:4]) if call.to == contract else None
    found = None if struct is None else arguments(call.data, f"({abi_of(struct)} order, bytes signature)")
    return None if struct is None or found is None else Order(struct, found["order"], found["signature"])


def posted_in(call: Call, contract: bytes) -> Posted | None:
    """The batch of sales that was posted to this contract."""
    if call.to != contract or call.data[:4] != _REDEEM:
        return None
    found = arguments(call.data, f"({_BATCH} batch, bytes32[] items, bytes signature)")
    return None if found is None else Posted(found["batch"], found["items"], found["signature"])
