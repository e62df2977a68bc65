"""Whether a header is final on the ledger of a trust file: QBFT with its lineage, and the embedded chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import typed
from .crypto import keccak, recover_compact, recover_seal, word
from .header import Header, QbftExtra, qbft_hash, read_extra, read_header, sealed_digest
from .refused import Refused, require
from .strict import Reader
from .trie import prove_any
from .trust import MOST_VALIDATORS, Trust

MOST_STEPS = 10_000
MOST_WITNESSES = 256
_LIST_START = int.from_bytes(keccak(word(0)), "big")


@dataclass(frozen=True)
class Final:
    header: Header
    block_hash: bytes
    finality: str
    rests_on: str


# ---- Reading ---------------------------------------------------------------------------------------------------


def read_proof(reader: Reader, value: Any, place: str) -> dict:
    fields = reader.fields(value, place, ["address", "nodes", "slots"])

    def node(one, at):
        return reader.bytes(one, at)

    def slot(one, at):
        entry = reader.fields(one, at, ["slot", "nodes"])
        return {
            "slot": reader.bytes(entry["slot"], f"{at}/slot", 32),
            "nodes": reader.items(entry["nodes"], f"{at}/nodes", 65, node),
        }

    return {
        "address": reader.bytes(fields["address"], f"{place}/address", 20),
        "nodes": reader.items(fields["nodes"], f"{place}/nodes", 65, node),
        "slots": reader.items(fields["slots"], f"{place}/slots", 256, slot),
    }


def read_evidence(reader: Reader, value: Any, place: str) -> dict:
    """The evidence with its texts as bytes."""
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "embedded":
        reader.fields(value, place, ["kind", "header", "nodeSignature", "witnessSignatures"])
        return {
            "kind": kind,
            "header": reader.bytes(value["header"], f"{place}/header"),
            "nodeSignature": reader.bytes(value["nodeSignature"], f"{place}/nodeSignature", 64),
            "witnessSignatures": reader.items(
                value["witnessSignatures"],
                f"{place}/witnessSignatures",
                MOST_WITNESSES,
                lambda one, at: reader.bytes(one, at, 64),
            ),
        }
    if kind == "qbft-header":
        reader.fields(value, place, ["kind", "first", "header"])
        return {
            "kind": kind,
            "first": reader.bytes(value["first"], f"{place}/first"),
            "header": reader.bytes(value["header"], f"{place}/header"),
        }
    if kind != "qbft":
        raise reader.fail(f"{place}/kind")

    def proved(one, at):
        fields = reader.fields(one, at, ["header", "validators"])
        return {
            "header": reader.bytes(fields["header"], f"{at}/header"),
            "validators": read_proof(reader, fields["validators"], f"{at}/validators"),
        }

    has_checkpoint = "checkpoint" in value
    names = ["kind", "first", *(["checkpoint"] if has_checkpoint else []), "steps", "parent", "header"]
    reader.fields(value, place, names)
    return {
        "kind": kind,
        "first": reader.bytes(value["first"], f"{place}/first"),
        "checkpoint": proved(value["checkpoint"], f"{place}/checkpoint") if has_checkpoint else None,
        "steps": reader.items(value["steps"], f"{place}/steps", MOST_STEPS, proved),
        "parent": proved(value["parent"], f"{place}/parent"),
        "header": reader.bytes(value["header"], f"{place}/header"),
    }


# ---- Judging ---------------------------------------------------------------------------------------------------


def verify_finality(trust: Trust, evidence: dict) -> Final:
    require(evidence["kind"] == trust.lineage, "lineage-kind-differs")
    if evidence["kind"] == "embedded":
        return _verify_embedded(trust, evidence)
    if evidence["kind"] == "qbft-header":
        return _verify_listed(trust, evidence)
    return _verify_qbft(trust, evidence)


def head_digest(trust: Trust, number: int, block_hash: bytes) -> bytes:
    domain = typed.domain_separator(name="Kudurru Head", version="1", chainId=trust.chain_id)
    value = {"genesisHash": trust.genesis_hash, "blockNumber": number, "blockHash": block_hash}
    return typed.digest(domain, typed.hash_struct("Head", value))


def _require_beyond(trust: Trust, header: Header) -> None:
    require(header.number > trust.checkpoint_number, "checkpoint-not-reached")


def _verify_embedded(trust: Trust, evidence: dict) -> Final:
    header = read_header(evidence["header"])
    _require_beyond(trust, header)
    block_hash = header.hash()
    require(header.number != 1 or header.parent_hash == trust.genesis_hash, "lineage-not-from-genesis")
    digest = head_digest(trust, header.number, block_hash)
    require(recover_compact(digest, evidence["nodeSignature"]) == trust.node_key, "head-not-signed-by-node")
    signers = set()
    for signature in evidence["witnessSignatures"]:
        signer = recover_compact(digest, signature)
        require(signer in trust.witness_keys, "witness-unknown")
        require(signer not in signers, "witness-repeated")
        signers.add(signer)
    require(len(signers) >= trust.witness_threshold, "witnesses-too-few")
    return Final(header, block_hash, "witnessed" if signers else "local", "genesis")


# ---- QBFT ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sealed:
    """A header of a QBFT chain with its extra data read."""

    header: Header
    extra: QbftExtra
    hash: bytes


@dataclass(frozen=True)
class Standing:
    """Who seals the blocks after one; at the start nothing was sealed yet, only the trust file is known."""

    number: int
    hash: bytes
    validators: list[bytes]
    is_start: bool


def read_sealed(data: bytes) -> Sealed:
    header = read_header(data)
    extra = read_extra(header)
    return Sealed(header, extra, qbft_hash(header, extra))


def validator_slots(count: int) -> list[bytes]:
    return [word(0), *(word(_LIST_START + i) for i in range(count))]


def proved_validators(trust: Trust, state_root: bytes, proof: dict) -> list[bytes]:
    """The list of the Charter under a state root, from a proof of its length and every entry."""
    charter = trust.contracts["charter"]
    proved = prove_any(state_root, proof)
    require(proved.address == charter.address, "contract-differs")
    require(proved.code_hash == charter.code_hash, "contract-code-differs")
    require(word(0) in proved.words, "proof-slot-missing")
    length = proved.words[word(0)]
    require(0 < length <= MOST_VALIDATORS, "validators-malformed")
    slots = validator_slots(length)
    require(all(slot in proved.words for slot in slots), "proof-slot-missing")
    require(len(proved.words) == len(slots), "proof-slot-unused")
    found = [proved.words[slot] for slot in slots[1:]]
    require(all(0 < one < 1 << 160 for one in found), "validators-malformed")
    require(len(set(found)) == len(found), "validators-malformed")
    return [one.to_bytes(20, "big") for one in found]


def require_seals(block: Sealed, standing: Standing) -> None:
    """Refuses a header that no quorum of the set sealed."""
    digest = sealed_digest(block.header, block.extra)
    signers = [recover_seal(digest, seal) for seal in block.extra.seals]
    members = standing.validators
    seen: set[bytes | None] = set()
    try:
        for signer in signers:
            require(signer in members, "seal-not-by-member")
            require(signer not in seen, "seal-repeated")
            seen.add(signer)
        require(len(seen) >= -(-2 * len(members) // 3), "seals-too-few")
    except Refused:
        # Strangers alone at the very start made a chain of their own.
        are_strangers = bool(signers) and not any(signer in members for signer in signers)
        require(not (standing.is_start and are_strangers), "lineage-not-from-genesis")
        raise


def _require_next(standing: Standing, block: Sealed) -> None:
    """Refuses a header that does not come after what is known, or that the known set did not seal."""
    header = block.header
    require(header.number > standing.number, "lineage-broken")
    is_child = header.number != standing.number + 1 or header.parent_hash == standing.hash
    require(is_child, "lineage-not-from-genesis" if standing.is_start else "lineage-broken")
    require(not block.extra.validators, "validators-listed-in-header")
    require_seals(block, standing)


def _at_genesis(trust: Trust) -> Standing:
    return Standing(0, trust.genesis_hash, trust.first_validators, True)


def _require_first(trust: Trust, evidence: dict, header: Header) -> None:
    """Block 1, sealed by the first validators on the genesis; where the header is block 1 both are one text."""
    if header.number == 1:
        require(header.parent_hash == trust.genesis_hash, "lineage-not-from-genesis")
        require(evidence["first"] == evidence["header"], "lineage-broken")
        return
    first = read_sealed(evidence["first"])
    is_first = first.header.number == 1 and first.header.parent_hash == trust.genesis_hash
    require(is_first, "lineage-not-from-genesis")
    require_seals(first, _at_genesis(trust))


def _start(trust: Trust, link: dict | None) -> Standing:
    if trust.checkpoint_number == 0:
        require(link is None, "lineage-not-from-genesis")
        return _at_genesis(trust)
    if link is None:
        raise Refused("checkpoint-missing")
    header = read_header(link["header"])
    is_it = header.hash() == trust.checkpoint_hash and header.number == trust.checkpoint_number
    require(is_it, "checkpoint-differs")
    validators = proved_validators(trust, header.state_root, link["validators"])
    return Standing(header.number, trust.checkpoint_hash, validators, True)


def _verify_listed(trust: Trust, evidence: dict) -> Final:
    block = read_sealed(evidence["header"])
    _require_beyond(trust, block.header)
    _require_first(trust, evidence, block.header)
    require_seals(block, _at_genesis(trust))
    is_same = sorted(block.extra.validators) == sorted(trust.first_validators)
    require(is_same, "validators-changed-in-header")
    return Final(block.header, block.hash, "sealed", "genesis")


def _verify_qbft(trust: Trust, evidence: dict) -> Final:
    require(len(evidence["steps"]) <= MOST_STEPS, "lineage-too-long")
    block = read_sealed(evidence["header"])
    header = block.header
    _require_beyond(trust, header)
    _require_first(trust, evidence, header)
    standing = _start(trust, evidence["checkpoint"])
    for link in evidence["steps"]:
        step = read_sealed(link["header"])
        _require_next(standing, step)
        reached = proved_validators(trust, step.header.state_root, link["validators"])
        require(sorted(reached) != sorted(standing.validators), "lineage-step-idle")
        standing = Standing(step.header.number, step.hash, reached, False)
    _require_next(standing, block)
    parent = read_header(evidence["parent"]["header"])
    is_parent = parent.hash() == header.parent_hash and parent.number + 1 == header.number
    require(is_parent, "header-parent-differs")
    in_force = proved_validators(trust, parent.state_root, evidence["parent"]["validators"])
    require(sorted(in_force) == sorted(standing.validators), "lineage-incomplete")
    return Final(header, block.hash, "sealed", "genesis" if evidence["checkpoint"] is None else "checkpoint")
