"""A batch of sales as the call shows it: its items with their signatures, and what cards and tills signed."""

from __future__ import annotations

from typing import NamedTuple

from .calls import Posted
from .crypto import keccak, p256_holds, recover_compact
from .sales import Sale, sale_in

# Of a kind of item: the words of its signature, behind its own and its receipt's.
_SIGNATURE_WORDS = {1: 2, 2: 4}
MOST_ITEMS = 384


class Item(NamedTuple):
    sale: Sale
    receipt: bytes
    signature: bytes


def items_in(words: list[bytes], count: int) -> list[Item] | None:
    """The items of a batch; None of words that the ledger would have refused whole."""
    found, at = [], 0
    if not 0 < count <= MOST_ITEMS:
        return None
    while len(found) < count and at < len(words):
        number = int.from_bytes(words[at], "big")
        size = _SIGNATURE_WORDS.get(number & 0xFF)
        if size is None or number >> 152 or at + 2 + size > len(words):
            return None
        found.append(Item(sale_in(number), words[at + 1], b"".join(words[at + 2 : at + 2 + size])))
        at += 2 + size
    return found if at == len(words) and len(found) == count else None


def is_by_device(kind: int, key: bytes, digest: bytes, signature: bytes) -> bool:
    """By a card's or a till's key, which is known by 20 bytes: r and vs, or r, s, qx and qy of a P-256 key."""
    if kind == 1:
        return recover_compact(digest, signature) == key
    if kind != 2 or len(signature) != 128 or keccak(signature[64:])[12:] != key:
        return False
    return p256_holds(digest, *(int.from_bytes(signature[i : i + 32], "big") for i in range(0, 128, 32)))


def items_of(posted: Posted, args: dict) -> list[Item] | None:
    """The items of the batch that an event is of; None where the call shows another."""
    batch = posted.batch
    is_of = (
        keccak(*posted.items) == args["itemsHash"]
        and all(batch[name] == args[name] for name in ("programme", "cycle", "vendor", "till"))
        and batch["count"] == len(args["results"])
    )
    return items_in(posted.items, batch["count"]) if is_of else None


def redemption_of(item: Item, batch: dict, enrolment_epoch: int) -> dict:
    """What the card signs."""
    sale = item.sale
    return {
        **{name: batch[name] for name in ("programme", "cycle", "vendor", "till")},
        "enrolmentEpoch": enrolment_epoch,
        "index": sale.index,
        "cardEpoch": sale.card_epoch,
        "sequence": sale.sequence,
        "remainingBefore": sale.remaining,
        "units": sale.units,
        "leaseId": bytes(32),
        "receiptHash": item.receipt,
        "soldAt": sale.sold_at,
    }
