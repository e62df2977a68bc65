"""Block headers in RLP, and the extra data of QBFT in them."""

from __future__ import annotations

from dataclasses import dataclass

from . import rlp
from .crypto import keccak
from .refused import Refused, require

# Sizes of the fields in their order; None is bytes of any size, an `int` field a minimal integer of at most so many bytes.
_FIELDS: list[tuple[str, int | None, bool]] = [
    ("parentHash", 32, False),
    ("ommersHash", 32, False),
    ("miner", 20, False),
    ("stateRoot", 32, False),
    ("transactionsRoot", 32, False),
    ("receiptsRoot", 32, False),
    ("logsBloom", 256, False),
    ("difficulty", 32, True),
    ("number", 8, True),
    ("gasLimit", 8, True),
    ("gasUsed", 8, True),
    ("timestamp", 8, True),
    ("extraData", None, False),
    ("mixHash", 32, False),
    ("nonce", 8, False),
    ("baseFee", 32, True),
    ("withdrawalsRoot", 32, False),
    ("blobGasUsed", 8, True),
    ("excessBlobGas", 8, True),
    ("parentBeaconBlockRoot", 32, False),
    ("requestsHash", 32, False),
]
_TOLD_AS = {"ommersHash": "sha3Uncles", "baseFee": "baseFeePerGas"}
# As `eth_getBlockByNumber` names them.
HEADER_NAMES = [_TOLD_AS.get(name, name) for name, _, _ in _FIELDS]
INTEGERS = {_TOLD_AS.get(name, name) for name, _, is_integer in _FIELDS if is_integer}
# Before London, London, Shanghai, Cancun, Prague.
_FORKS = (15, 16, 17, 20, 21)
EXTRA = 12
MOST_EXTRA = 16_384
MOST_EXACT = 2**53 - 1


@dataclass(frozen=True)
class Header:
    fields: list[bytes]

    @property
    def parent_hash(self) -> bytes:
        return self.fields[0]

    @property
    def state_root(self) -> bytes:
        return self.fields[3]

    @property
    def transactions_root(self) -> bytes:
        return self.fields[4]

    @property
    def receipts_root(self) -> bytes:
        return self.fields[5]

    @property
    def logs_bloom(self) -> bytes:
        return self.fields[6]

    @property
    def number(self) -> int:
        return int.from_bytes(self.fields[8], "big")

    @property
    def timestamp(self) -> int:
        return int.from_bytes(self.fields[11], "big")

    @property
    def extra(self) -> bytes:
        return self.fields[EXTRA]

    def hash(self) -> bytes:
        return keccak(rlp.encode(self.fields))

    def with_extra(self, extra: bytes) -> bytes:
        """The keccak of the header with other extra data."""
        return keccak(rlp.encode([*self.fields[:EXTRA], extra, *self.fields[EXTRA + 1 :]]))


def read_header(data: bytes) -> Header:
    try:
        fields = rlp.decode(data)
        require(isinstance(fields, list) and len(fields) in _FORKS, "header-malformed")
        for item, (_, size, is_integer) in zip(fields, _FIELDS):
            require(isinstance(item, bytes), "header-malformed")
            if is_integer:
                rlp.integer(item, size or 32)
            else:
                fits = len(item) <= MOST_EXTRA if size is None else len(item) == size
                require(fits, "header-malformed")
    except rlp.NotRlp:
        raise Refused("header-malformed") from None
    header = Header(fields)
    require(max(header.number, header.timestamp) <= MOST_EXACT, "header-malformed")
    return header


@dataclass(frozen=True)
class QbftExtra:
    vanity: bytes
    validators: list[bytes]
    vote: object
    round: int
    seals: list[bytes]

    def with_round_and_seals(self, round_: int) -> bytes:
        return rlp.encode([self.vanity, self.validators, self.vote, rlp.minimal(round_), []])


def _is_vote(vote) -> bool:
    """None is an empty list; else a validator, and 0xff to add it or zero, as a byte or none, to drop it."""
    if vote == []:
        return True
    if not isinstance(vote, list) or len(vote) != 2:
        return False
    validator, direction = vote
    return isinstance(validator, bytes) and len(validator) == 20 and direction in (b"", b"\0", b"\xff")


def read_extra(header: Header) -> QbftExtra:
    try:
        items = rlp.decode(header.extra)
        require(isinstance(items, list) and len(items) == 5, "header-malformed")
        vanity, validators, vote, round_, seals = items
        require(isinstance(vanity, bytes) and len(vanity) == 32 and _is_vote(vote), "header-malformed")
        for group, size in ((validators, 20), (seals, 65)):
            require(isinstance(group, list), "header-malformed")
            require(all(isinstance(one, bytes) and len(one) == size for one in group), "header-malformed")
        return QbftExtra(vanity, validators, vote, rlp.integer(round_, 4), seals)
    except rlp.NotRlp:
        raise Refused("header-malformed") from None


def qbft_hash(header: Header, extra: QbftExtra) -> bytes:
    """The hash of a block that QBFT sealed: round 0 and no seals; block 0 as it stands."""
    return header.hash() if header.number == 0 else header.with_extra(extra.with_round_and_seals(0))


def sealed_digest(header: Header, extra: QbftExtra) -> bytes:
    """What each seal signs: the round as it was, and no seals."""
    return header.with_extra(extra.with_round_and_seals(extra.round))
