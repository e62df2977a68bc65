"""Whether a certificate is current: what one node proves under its newest header. Nothing it says is believed besides."""

from __future__ import annotations

from typing import Any

from .certificate import (
    LAND_NAME,
    Certificate,
    directory_slot,
    kept_state,
    read_certificate,
    require_contract,
    state_slot,
)
from .crypto import word
from .finality import read_evidence, verify_finality
from .header import read_header
from .land_state import state_hash
from .refused import Refused, require
from .rpc import NO_FORM, Node, Silent, of_bytes, proof_of_answer, quantity
from .strict import Reader
from .trie import prove
from .trust import Trust, read_trust

_EVIDENCE = Reader("evidence-malformed", is_ordered=False)


def judge_current(text: str, trust_text: str, url: str) -> dict:
    """The third verdict as JSON; only of a certificate and a trust file that can be read a node is asked."""
    try:
        certificate, trust = read_certificate(text), read_trust(trust_text)
    except Refused:
        return {"verdict": "not-asked"}
    try:
        return _compare(Node(url), trust, certificate)
    except Refused as refused:
        return {"verdict": "no", "code": refused.code}
    except (Silent, *NO_FORM) as silence:
        return {"verdict": "not-answered", "reason": str(silence)}


def _compare(node: Node, trust: Trust, certificate: Certificate) -> dict[str, Any]:
    number = quantity(node.number("eth_blockNumber"))
    raw = node.bytes("debug_getRawHeader", number)
    header = read_header(raw)
    issued = read_header(certificate.finality["header"])
    require(header.number >= issued.number, "node-behind")
    evidence = node.ask("kudurru_finality", number) if trust.lineage == "embedded" else None
    if evidence is not None:
        final = verify_finality(trust, read_evidence(_EVIDENCE, evidence, ""))
        require(final.header.fields == header.fields, "header-parent-differs")

    def proved(name: str, slots: list[bytes]):
        address = trust.contracts[name].address
        answer = node.ask("eth_getProof", of_bytes(address), [of_bytes(slot) for slot in slots], number)
        return prove(header.state_root, proof_of_answer(answer, address, slots), slots)

    unit = state_slot(certificate.ba_unit)
    charter = proved("charter", [directory_slot(LAND_NAME)])
    require_contract(trust, "charter", charter)
    kept = kept_state(trust, charter, proved("landRegistry", [word(1), unit]), unit)
    require(kept == state_hash(certificate.state), "state-superseded")
    return {
        "verdict": "yes",
        "asOf": header.timestamp,
        "blockNumber": header.number,
        "isFinal": evidence is not None,
        "isInEffect": certificate.state["header"]["effectiveOn"] <= header.timestamp,
    }
