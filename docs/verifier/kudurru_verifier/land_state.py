"""States of land titles: read from a certificate, hashed, and whether their ids are in order."""

from __future__ import annotations

from typing import Any

from . import typed
from .crypto import keccak
from .refused import Refused, require
from .strict import Reader
from .type_tables import NAMES

SECTIONS = {
    "spatialUnits": "SpatialUnit",
    "rights": "Right",
    "charges": "Restriction",
    "notices": "Restriction",
    "responsibilities": "Responsibility",
    "applications": "Application",
}
FIELDS = ["header", *SECTIONS, "factsRoot", "priorState"]
MOST_ITEMS = 64

_ENUMERATIONS = {
    ("Header", "status"): "BAUnitStatus",
    ("Header", "origin"): "Origin",
    ("Header", "evidence"): "EvidenceGrade",
    ("Right", "kind"): "RightKind",
    ("Right", "standing"): "Standing",
    ("Right", "tenancy"): "Tenancy",
    ("Holding", "partyKind"): "PartyKind",
    ("Holding", "signer"): "Signer",
    ("Restriction", "kind"): "RestrictionKind",
    ("Responsibility", "kind"): "ResponsibilityKind",
    ("Application", "act"): "LandAct",
    ("Application", "state"): "ApplicationState",
}


def read_struct(reader: Reader, name: str, value: Any, place: str) -> dict:
    fields = reader.fields(value, place, [field for _, field in typed.STRUCTS[name]])
    return {
        field: _read_field(reader, name, kind, field, fields[field], f"{place}/{field}")
        for kind, field in typed.STRUCTS[name]
    }


def _read_field(reader: Reader, name: str, kind: str, field: str, value: Any, place: str):
    if kind.endswith("[]"):
        return reader.items(
            value, place, MOST_ITEMS, lambda one, at: read_struct(reader, kind[:-2], one, at)
        )
    if (name, field) in _ENUMERATIONS:
        return reader.name(value, place, NAMES[_ENUMERATIONS[name, field]])
    if kind == "bytes32":
        return reader.bytes(value, place, 32)
    size = int(kind.removeprefix("uint"))
    most = (1 << size) - 1
    return reader.number(value, place, most) if size <= 32 else reader.decimal(value, place, most)


def read_shown_state(reader: Reader, value: Any, place: str) -> dict:
    """A state of which a section may be its hash alone."""
    fields = reader.fields(value, place, FIELDS)
    found: dict[str, Any] = {"header": read_struct(reader, "Header", fields["header"], f"{place}/header")}
    if found["header"]["formatVersion"] != 1:
        raise Refused("format-unknown", f"{place}/header/formatVersion")
    for section, struct in SECTIONS.items():
        at = f"{place}/{section}"
        given = fields[section]
        if isinstance(given, str):
            found[section] = reader.bytes(given, at, 32)
        else:
            found[section] = reader.items(
                given, at, MOST_ITEMS, lambda one, where, s=struct: read_struct(reader, s, one, where)
            )
    for root in ("factsRoot", "priorState"):
        found[root] = reader.bytes(fields[root], f"{place}/{root}", 32)
    return found


def office_of(thing: bytes) -> int:
    """The office whose unit or ground an id is, in its first four bytes."""
    return int.from_bytes(thing[:4], "big")


def state_hash(state: dict) -> bytes:
    sections = [
        state[section] if isinstance(state[section], bytes) else typed.hash_array(struct, state[section])
        for section, struct in SECTIONS.items()
    ]
    return keccak(
        typed.type_hash("BAUnitState"),
        typed.hash_struct("Header", state["header"]),
        *sections,
        state["factsRoot"],
        state["priorState"],
    )


def shown(state: dict, section: str) -> list[dict]:
    items = state[section]
    return [] if isinstance(items, bytes) else items


def require_ids(state: dict) -> None:
    """Ids of what is shown are unique and were given out; no spatial unit stands twice."""
    ids = []
    for right in shown(state, "rights"):
        ids += [right["rightId"], *(one["holdingId"] for one in right["holdings"])]
    for section, field in (
        ("charges", "restrictionId"),
        ("notices", "restrictionId"),
        ("responsibilities", "responsibilityId"),
        ("applications", "applicationId"),
    ):
        ids += [one[field] for one in shown(state, section)]
    require(len(set(ids)) == len(ids), "state-id-repeated")
    require(all(0 < one < state["header"]["nextId"] for one in ids), "state-id-repeated")
    parcels = [one["id"] for one in shown(state, "spatialUnits")]
    require(len(set(parcels)) == len(parcels), "state-id-repeated")


def commitments(state: dict) -> dict[str, bytes]:
    """What a fact can be of, and the root that it opens; zero commits to nothing."""
    found = {"unit": state["factsRoot"]}
    for one in shown(state, "spatialUnits"):
        found[f"spatial-unit/0x{one['id'].hex()}"] = one["geometryCommitment"]
    for right in shown(state, "rights"):
        found[f"right/{right['rightId']}"] = right["termsCommitment"]
        for holding in right["holdings"]:
            found[f"holding/{holding['holdingId']}"] = holding["partyCommitment"]
    for one in [*shown(state, "charges"), *shown(state, "notices")]:
        found[f"restriction/{one['restrictionId']}"] = one["termsCommitment"]
    for one in shown(state, "responsibilities"):
        found[f"responsibility/{one['responsibilityId']}"] = one["termsCommitment"]
    return {of: root for of, root in found.items() if any(root)}
