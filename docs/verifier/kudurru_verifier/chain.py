"""A chain from block 0, over JSON-RPC: headers that follow one another, who signed them, and logs that they commit to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator

from . import rlp
from .abi import read_log
from .calls import Call
from .crypto import keccak
from .finality import Standing, read_evidence, read_sealed, require_seals, verify_finality
from .header import Header, read_header
from .receipts import Log, ordered_root, read_receipts
from .refused import Refused, require
from .rpc import Node, of_bytes, proof_of_answer, quantity, reading
from .strict import Reader
from .transactions import read_calls
from .trie import prove
from .trust import Trust

_EVIDENCE = Reader("evidence-malformed", is_ordered=False)


@dataclass(frozen=True)
class Block:
    number: int
    hash: bytes
    timestamp: int
    state_root: bytes
    logs: list[Log]
    # What each transaction was sent to do, by its place.
    calls: list[Call]
    succeeded: list[bool]


class Chain:
    """Blocks in order; raises `Refused` at the first that is not one of the ledger of the trust file."""

    def __init__(self, node: Node, trust: Trust) -> None:
        self._node, self._trust = node, trust
        self.head: Block | None = None
        self._roots: list[bytes] = []
        self.finality = "none"

    def blocks(self) -> Iterator[Block]:
        node, trust = self._node, self._trust
        with reading("eth_blockNumber, eth_chainId"):
            last, chain_id = node.number("eth_blockNumber"), node.number("eth_chainId")
        require(chain_id == trust.chain_id, "chain-id-differs")
        parent = b""
        sealers = list(trust.first_validators)
        for number in range(last + 1):
            with reading(f"debug_getRawHeader of block {number}"):
                raw = node.bytes("debug_getRawHeader", quantity(number))
            header = read_header(raw)
            require(header.number == number, "header-malformed")
            require(number == 0 or header.parent_hash == parent, "header-parent-differs")
            parent = self._hash(header, raw, sealers)
            if number == 0:
                require(parent == trust.genesis_hash, "lineage-not-from-genesis")
            if number == trust.checkpoint_number:
                require(parent == trust.checkpoint_hash, "checkpoint-differs")
            with reading(f"eth_getBlockReceipts of block {number}"):
                encoded, succeeded, logs = read_receipts(node.ask("eth_getBlockReceipts", quantity(number)))
            require(ordered_root(encoded) == header.receipts_root, "receipts-differ")
            calls = self._calls(number, header) if encoded else []
            self._follow_sealers(sealers, logs)
            self.head = Block(number, parent, header.timestamp, header.state_root, logs, calls, succeeded)
            self._roots.append(header.state_root)
            yield self.head
        if trust.lineage == "embedded":
            self._require_signed(last, parent)

    def _calls(self, number: int, header: Header) -> list[Call]:
        with reading(f"eth_getBlockByNumber of block {number}"):
            whole = self._node.ask("eth_getBlockByNumber", quantity(number), True)
            return read_calls(whole["transactions"], header.transactions_root)

    def _hash(self, header: Header, raw: bytes, sealers: list[bytes]) -> bytes:
        if self._trust.lineage == "embedded":
            return header.hash()
        block = read_sealed(raw)
        if header.number > 0:
            is_start = header.number == 1
            require_seals(block, Standing(header.number - 1, header.parent_hash, sealers, is_start))
            listed, is_listed = block.extra.validators, self._trust.lineage == "qbft-header"
            is_same = sorted(listed) == sorted(sealers) if is_listed else not listed
            require(is_same, "validators-changed-in-header" if is_listed else "validators-listed-in-header")
            self.finality = "sealed"
        return block.hash

    def _follow_sealers(self, sealers: list[bytes], logs: list[Log]) -> None:
        """Who seals the next block is what the Charter said in this one."""
        if self._trust.lineage != "qbft":
            return
        for log in logs:
            found = read_log(log.topics, log.data) if log.address == self._trust.contracts["charter"].address else None
            if found is None:
                continue
            name, args = found
            if name == "ValidatorAdded":
                sealers.append(args["validator"])
            elif name == "ValidatorRemoved":
                sealers.remove(args["validator"])

    def _require_signed(self, number: int, block_hash: bytes) -> None:
        """The head's signatures: they bind every block before it."""
        if number == 0:
            return
        answer = self._node.ask("kudurru_finality", quantity(number))
        if answer is None:
            raise Refused("head-not-signed-by-node")
        with reading(f"kudurru_finality of block {number}"):
            final = verify_finality(self._trust, read_evidence(_EVIDENCE, answer, ""))
        require(final.block_hash == block_hash, "header-parent-differs")
        self.finality = final.finality

    # ---- Under the head ----------------------------------------------------------------------------------------

    def words(self, address: bytes, slots: list[bytes]) -> dict[bytes, int]:
        """What an account's slots hold at the head, proved."""
        return self._proved(address, slots).words

    def code_hash(self, address: bytes) -> bytes:
        """Of code that was put once and stays: a file may prove it under an earlier block."""
        return self._proved(address, [], self._node.proved_at(of_bytes(address), self._place())).code_hash

    def _place(self) -> str:
        if self.head is None:
            raise Refused("header-malformed")
        return quantity(self.head.number)

    def _proved(self, address: bytes, slots: list[bytes], at: str | None = None):
        place = at or self._place()
        answer = self._node.ask("eth_getProof", of_bytes(address), [of_bytes(slot) for slot in slots], place)
        with reading(f"eth_getProof of {of_bytes(address)}"):
            proof = proof_of_answer(answer, address, slots)
            return prove(self._roots[int(place, 16)], proof, slots)

    def is_contract(self, address: bytes) -> bool:
        return bool(self.call(address, "council()"))

    def call(self, address: bytes, signature: str) -> bytes:
        data = of_bytes(keccak(signature.encode())[:4])
        with reading(f"eth_call of {signature} at {of_bytes(address)}"):
            return self._node.bytes("eth_call", {"to": of_bytes(address), "data": data}, "latest")


def created_by(creator: bytes, nonce: int) -> bytes:
    return keccak(rlp.encode([creator, rlp.minimal(nonce)]))[12:]
