"""A certificate of a title: read in its one spelling, and judged. Two verdicts that are never merged."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import merkle
from .crypto import keccak, word
from .finality import read_evidence, read_proof, verify_finality
from .land_state import commitments, read_shown_state, require_ids, state_hash
from .refused import Refused, require
from .strict import Reader, write
from .trie import Proved, prove
from .trust import Trust, read_trust

_READER = Reader("evidence-malformed")
# Evidence that is a file of its own may have its fields in any order.
_EVIDENCE = Reader("evidence-malformed", is_ordered=False)
_FIELDS = ["format", "baUnit", "issuedAt", "state", "facts", "proofs", "finality"]
_PROOFS = ["charter", "consortium", "landRegistry"]
_PATH = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)*\Z")
MOST_FACTS = 385 * 256
MOST_FACT_PROOF = 24
MOST_PATH = 128
MOST_VALUE = 65_536
MOST_CHARACTERS = 64 * 2**20
LAND_NAME = keccak(b"LandRegistry")
SEATED_BIT = 168
THREE_MEMBERS_BIT = 208


@dataclass(frozen=True)
class Certificate:
    ba_unit: bytes
    issued_at: int
    state: dict
    facts: list[dict]
    proofs: dict[str, dict]
    finality: dict


def read_certificate(text: str) -> Certificate:
    reader = _READER
    if len(text) > MOST_CHARACTERS:
        raise reader.fail("")
    json = reader.parse(text)
    reader.format(json, "kudurru-certificate-", 1)
    reader.fields(json, "", _FIELDS)
    proofs = reader.fields(json["proofs"], "/proofs", _PROOFS)
    found = Certificate(
        ba_unit=reader.bytes(json["baUnit"], "/baUnit", 32),
        issued_at=reader.number(json["issuedAt"], "/issuedAt"),
        state=read_shown_state(reader, json["state"], "/state"),
        facts=reader.items(json["facts"], "/facts", MOST_FACTS, _read_fact),
        proofs={name: read_proof(reader, proofs[name], f"/proofs/{name}") for name in _PROOFS},
        finality=read_evidence(reader, json["finality"], "/finality"),
    )
    if write(json) + "\n" != text:
        raise reader.fail("")
    return found


def _read_fact(value: Any, place: str) -> dict:
    reader = _READER
    fields = reader.fields(value, place, ["of", "path", "value", "salt", "index", "size", "proof"])
    return {
        "of": reader.text(fields["of"], f"{place}/of"),
        "path": reader.text(fields["path"], f"{place}/path"),
        "value": reader.text(fields["value"], f"{place}/value"),
        "salt": reader.bytes(fields["salt"], f"{place}/salt", 32),
        "index": reader.number(fields["index"], f"{place}/index"),
        "size": reader.number(fields["size"], f"{place}/size"),
        "proof": reader.items(fields["proof"], f"{place}/proof", MOST_FACT_PROOF, lambda one, at: reader.bytes(one, at, 32)),
    }


# ---- Verdicts --------------------------------------------------------------------------------------------------


def judge_facts(certificate: Certificate) -> None:
    require_ids(certificate.state)
    roots = commitments(certificate.state)
    seen: set[tuple[str, object]] = set()
    for fact in certificate.facts:
        require(fact["of"] in roots, "fact-without-commitment")
        require(_is_committed(roots[fact["of"]], fact), "fact-not-committed")
        for key in ((fact["of"], fact["path"]), (fact["of"], fact["index"])):
            require(key not in seen, "fact-repeated")
            seen.add(key)


def _is_committed(root: bytes, fact: dict) -> bool:
    path, value = fact["path"], fact["value"]
    is_fact = len(path) <= MOST_PATH and _PATH.match(path) is not None and _is_value(value)
    if not is_fact or fact["size"] > merkle.MOST_LEAVES:
        return False
    leaf = merkle.leaf(fact["salt"], merkle.fact_data(path, value))
    return merkle.opens(root, leaf, fact["index"], fact["size"], fact["proof"])


def _is_value(text: str) -> bool:
    try:
        return len(text.encode()) <= MOST_VALUE and merkle.is_normal(text)
    except UnicodeEncodeError:
        return False


def directory_slot(name: bytes) -> bytes:
    return keccak(name, word(2))


def state_slot(ba_unit: bytes) -> bytes:
    return keccak(ba_unit, word(5))


@dataclass(frozen=True)
class Anchored:
    block_number: int
    block_hash: bytes
    finality: str
    rests_on: str
    phase: str
    cautions: list[str]
    state_hash: bytes
    effective_on: int
    in_effect: bool


def require_contract(trust: Trust, name: str, proved: Proved) -> None:
    contract = trust.contracts[name]
    require(proved.address == contract.address, "contract-differs")
    require(proved.code_hash == contract.code_hash, "contract-code-differs")


def _address(stored: int) -> bytes:
    require(stored < 1 << 160, "proof-value-malformed")
    return stored.to_bytes(20, "big")


def kept_state(trust: Trust, charter: Proved, land: Proved, unit: bytes) -> bytes:
    """What the register in force keeps of a unit, where it is the trust file's."""
    require_contract(trust, "landRegistry", land)
    require((land.words[word(1)] >> 96) % (1 << 160) == 0, "register-frozen")
    require(_address(charter.words[directory_slot(LAND_NAME)]) == land.address, "register-not-in-force")
    require(land.words[unit] != 0, "unit-not-registered")
    return word(land.words[unit])


def judge_anchor(trust: Trust, certificate: Certificate) -> Anchored:
    final = verify_finality(trust, certificate.finality)
    root, proofs = final.header.state_root, certificate.proofs
    unit = state_slot(certificate.ba_unit)
    charter = prove(root, proofs["charter"], [word(1), directory_slot(LAND_NAME), word(3)])
    consortium = prove(root, proofs["consortium"], [word(5)])
    require_contract(trust, "charter", charter)
    land = prove(root, proofs["landRegistry"], [word(1), unit])
    kept = kept_state(trust, charter, land, unit)
    require(charter.words[word(3)] == trust.chain_id, "chain-id-differs")
    require(_address(charter.words[word(1)]) == consortium.address, "contract-differs")
    found = state_hash(certificate.state)
    require(kept == found, "certificate-state-differs")
    require(certificate.issued_at == final.header.timestamp, "issued-at-differs")
    phase, cautions = "not-proved", []
    if consortium.address == trust.contracts["consortium"].address:
        require_contract(trust, "consortium", consortium)
        record = consortium.words[word(5)]
        phase = "seated" if record >> SEATED_BIT & 1 else "founding"
        cautions = [] if record >> THREE_MEMBERS_BIT & 1 else ["cannot-outlive-a-member"]
    effective_on = certificate.state["header"]["effectiveOn"]
    return Anchored(
        final.header.number,
        final.block_hash,
        final.finality,
        final.rests_on,
        phase,
        cautions,
        found,
        effective_on,
        effective_on <= final.header.timestamp,
    )


def judge(text: str, trust_text: str) -> dict:
    """The verdicts as JSON."""
    try:
        certificate = read_certificate(text)
    except Refused as refused:
        no = {"verdict": "no", "code": refused.code}
        return {"intact": no, "anchored": no}
    try:
        judge_facts(certificate)
        intact: dict[str, Any] = {"verdict": "yes", "facts": _facts_told(certificate)}
    except Refused as refused:
        intact = {"verdict": "no", "code": refused.code}
    try:
        found = judge_anchor(read_trust(trust_text), certificate)
        anchored: dict[str, Any] = {
            "verdict": "yes",
            "restsOn": found.rests_on,
            "finality": found.finality,
            "phase": found.phase,
            "cautions": found.cautions,
            "blockNumber": found.block_number,
            "blockHash": f"0x{found.block_hash.hex()}",
            "stateHash": f"0x{found.state_hash.hex()}",
            "effectiveOn": found.effective_on,
            "isInEffect": found.in_effect,
        }
    except Refused as refused:
        anchored = {"verdict": "no", "code": refused.code}
    return {"intact": intact, "anchored": anchored}


def _facts_told(certificate: Certificate) -> list[dict]:
    """Of every commitment how many facts are shown, and how many there are where one is."""
    told = []
    for of in commitments(certificate.state):
        mine = [fact for fact in certificate.facts if fact["of"] == of]
        told.append({"of": of, "shown": len(mine), "all": mine[-1]["size"] if mine else None})
    return told


def judge_head(text: str, trust_text: str) -> dict:
    """Whether a block is final, as JSON."""
    try:
        trust = read_trust(trust_text)
        found = verify_finality(trust, read_evidence(_EVIDENCE, _EVIDENCE.parse(text), ""))
    except Refused as refused:
        return {"final": False, "code": refused.code}
    return {
        "final": True,
        "blockNumber": found.header.number,
        "blockHash": f"0x{found.block_hash.hex()}",
        "finality": found.finality,
        "restsOn": found.rests_on,
    }
