"""The trust file: all that a verifier believes without proof."""

from __future__ import annotations

from dataclasses import dataclass

from .crypto import keccak
from .strict import Reader, write

_READER = Reader("trust-file-malformed")
MOST_CHARACTERS = 65_536
MOST_VALIDATORS = 128
LINEAGES = ("embedded", "qbft", "qbft-header")
_WHITE = str.maketrans("", "", " \t\r\n")
MOST_INSTITUTION = 127
LEAST_SIGNATURE_BYTES, MOST_SIGNATURE_BYTES = 64, 1_024
_CONTRACTS = ["charter", "consortium", "landRegistry", "benefitLedger"]


@dataclass(frozen=True)
class Contract:
    address: bytes
    code_hash: bytes


@dataclass(frozen=True)
class Trust:
    genesis_hash: bytes
    chain_id: int
    ledger_nonce: bytes
    lineage: str
    node_key: bytes | None
    witness_keys: list[bytes]
    witness_threshold: int
    first_validators: list[bytes]
    contracts: dict[str, Contract]
    checkpoint_number: int
    checkpoint_hash: bytes
    fingerprint: bytes


def _check_signatures(signatures: object) -> None:
    """What members signed is of a form, and no part of the trust: whose each is, a founding file says."""
    reader = _READER

    def one(value, place):
        given = reader.fields(value, place, ["institution", "officer", "signature"])
        institution = reader.number(given["institution"], place, MOST_INSTITUTION)
        size = len(reader.bytes(given["signature"], place))
        if institution == 0 or not LEAST_SIGNATURE_BYTES <= size <= MOST_SIGNATURE_BYTES:
            raise reader.fail(place)
        return institution, reader.bytes(given["officer"], place, 32)

    found = reader.items(signatures, "/signatures", MOST_VALIDATORS, one)
    pairs = list(zip(found, found[1:]))
    if not found or any(after <= before or after[1] == before[1] for before, after in pairs):
        raise reader.fail("/signatures")


def read_trust(text: str) -> Trust:
    reader = _READER
    if len(text) > MOST_CHARACTERS:
        raise reader.fail("")
    json = reader.parse(text)
    whole = json
    if isinstance(json, dict) and "signatures" in json:
        _check_signatures(json["signatures"])
        if list(json)[-1] != "signatures":
            raise reader.fail("/signatures")
        json = {name: value for name, value in json.items() if name != "signatures"}
    reader.format(json, "kudurru-trust-", 1)
    is_embedded = json.get("lineage") == "embedded"
    own = ["nodeKey", "witnessKeys", "witnessThreshold"] if is_embedded else ["firstValidators"]
    names = ["format", "genesisHash", "chainId", "ledgerNonce", "lineage", *own, "contracts", "minimumCheckpoint"]
    reader.fields(json, "", names)
    if json["lineage"] not in LINEAGES:
        raise reader.fail("/lineage")

    def address(value, place):
        return reader.bytes(value, place, 20)

    keys = reader.items(json["witnessKeys"], "/witnessKeys", MOST_VALIDATORS, address) if is_embedded else []
    validators = [] if is_embedded else reader.items(json["firstValidators"], "/firstValidators", MOST_VALIDATORS, address)
    threshold = reader.number(json["witnessThreshold"], "/witnessThreshold") if is_embedded else 0
    for group in (keys, validators):
        if len(set(group)) != len(group):
            raise reader.fail("")
    if is_embedded and reader.bytes(json["nodeKey"], "/nodeKey", 20) in keys:
        raise reader.fail("/witnessKeys")
    if is_embedded and not (min(1, len(keys)) <= threshold <= len(keys)):
        raise reader.fail("/witnessThreshold")
    if not is_embedded and not validators:
        raise reader.fail("/firstValidators")
    contracts = reader.fields(json["contracts"], "/contracts", _CONTRACTS)
    found = {}
    for name in _CONTRACTS:
        place = f"/contracts/{name}"
        one = reader.fields(contracts[name], place, ["address", "codeHash"])
        found[name] = Contract(
            reader.bytes(one["address"], place, 20), reader.bytes(one["codeHash"], place, 32)
        )
    if len({one.address for one in found.values()}) != len(_CONTRACTS):
        raise reader.fail("/contracts")
    checkpoint = reader.fields(json["minimumCheckpoint"], "/minimumCheckpoint", ["blockNumber", "blockHash"])
    trust = Trust(
        genesis_hash=reader.bytes(json["genesisHash"], "/genesisHash", 32),
        chain_id=reader.number(json["chainId"], "/chainId"),
        ledger_nonce=reader.bytes(json["ledgerNonce"], "/ledgerNonce", 32),
        lineage=json["lineage"],
        node_key=reader.bytes(json["nodeKey"], "/nodeKey", 20) if is_embedded else None,
        witness_keys=keys,
        witness_threshold=threshold,
        first_validators=validators,
        contracts=found,
        checkpoint_number=reader.number(checkpoint["blockNumber"], "/minimumCheckpoint/blockNumber"),
        checkpoint_hash=reader.bytes(checkpoint["blockHash"], "/minimumCheckpoint/blockHash", 32),
        fingerprint=keccak(write(json).encode()),
    )
    is_genesis = trust.checkpoint_hash == trust.genesis_hash
    is_sound = trust.chain_id > 0 and any(trust.ledger_nonce) and is_genesis == (trust.checkpoint_number == 0)
    # No value of the file holds white space, so without it there is one spelling.
    if not is_sound or text.translate(_WHITE) != write(whole):
        raise reader.fail("")
    return trust
