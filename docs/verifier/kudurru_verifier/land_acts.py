"""Acts on land: what their officers must have signed, told from the states; and the states that each act makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from . import typed
from .crypto import keccak
from .land_state import state_hash
from .times import extended

REGISTRATION, TRANSFER, MORTGAGE, CAUTION, DISCHARGE, WITHDRAWAL, SUBDIVISION, CONSOLIDATION = range(1, 9)
PARTS, SWEEP, DIVISION_OPENING, DIVISION_LOADING, COMPLETION, DIVISION_CANCELLATION = 21, 22, 23, 24, 25, 26
# Ground has one judge: these are prepared by the institution that keeps the office.
JUDGES_GROUND = (REGISTRATION, PARTS, SUBDIVISION, CONSOLIDATION, DIVISION_OPENING, DIVISION_CANCELLATION)
ACTIVE, DIVIDING, RETIRED = 1, 2, 3
# Acts on one unit alone, and acts that name several that are there.
OF_ONE_UNIT = (TRANSFER, DIVISION_OPENING, DIVISION_CANCELLATION)
OF_UNITS = (MORTGAGE, CAUTION, DISCHARGE, WITHDRAWAL, CONSOLIDATION)
OWNERSHIP_KINDS = (1, 2, 3, 4)
STATING_SHARES = (1, 2)  # sole, common
FROM_SUBDIVISION, FROM_CONSOLIDATION = 5, 6
NONE = bytes(32)


class Change(NamedTuple):
    """One unit as an act found and left it; None before a first state."""

    unit: bytes
    before: dict | None
    after: dict


@dataclass(frozen=True)
class Moment:
    now: int
    halts: list[tuple[int, int]]


def named_by(act: int, changes: list[Change]) -> list[Change]:
    """The units that an act finds there, as it names them."""
    return [one for one in (changes if act in OF_UNITS else changes[:1]) if one.before is not None]


def drop_lapsed(state: dict, moment: Moment) -> dict:
    """The state without charges and notices that lapsed; the very one where none did."""

    def stays(one: dict) -> bool:
        ends = one["expiresOn"]
        return ends == 0 or moment.now <= ends or moment.now <= extended(moment.halts, ends)

    charges = [one for one in state["charges"] if stays(one)]
    notices = [one for one in state["notices"] if stays(one)]
    if (len(charges), len(notices)) == (len(state["charges"]), len(state["notices"])):
        return state
    return {**state, "charges": charges, "notices": notices}


# ---- What was signed -------------------------------------------------------------------------------------------


def retell(act: int, head: dict, is_batch: bool, moment: Moment, changes: list[Change]) -> tuple[str, dict] | None:
    """The struct that the preparer signed, where the changes are of an act of this kind."""
    if not changes:
        return None
    first, rest = changes[0], changes[1:]
    are_known = all(change.before is not None for change in changes)
    if act == REGISTRATION:
        titles = [title_of(change) for change in changes]
        if is_batch:
            items = typed.hash_array("Title", titles)
            return "Batch", {"head": head, "itemsHash": items, "count": len(titles), "atomic": True}
        return "RegisterTitle", {"head": head, "title": titles[0]}
    if act == CONSOLIDATION:
        joined = changes[-1]
        if joined.before is not None or not joined.after["rights"]:
            return None
        ownership = {**joined.after["rights"][0], "rightId": 0, "presentationNo": 0}
        ownership["holdings"] = [{**one, "holdingId": 0} for one in ownership["holdings"]]
        units = [_unit(change) for change in changes[:-1]]
        return "Consolidate", {"head": head, "units": units, "child": _child(joined), "ownership": ownership}
    if first.before is None:
        return None
    if act == PARTS:
        parts = [title_of(change) for change in rest]
        return "RegisterParts", {"head": head, "base": _unit(first), "parts": parts}
    if act == SUBDIVISION:
        children = [_child(change) for change in rest]
        return "Subdivide", {"head": head, "unit": _unit(first), "children": children}
    if not are_known:
        return None
    if act == TRANSFER:
        given = _right_given(first)
        return None if given is None else ("TransferRight", {"head": head, "unit": _unit(first), "next": given})
    if act in (MORTGAGE, CAUTION):
        section = first.after["charges" if act == MORTGAGE else "notices"]
        if not section:
            return None
        made = {**section[-1], "restrictionId": 0, "presentationNo": 0}
        units = [_unit(change) for change in changes]
        return "CreateRestriction", {"head": head, "units": units, "restriction": made}
    if act in (DISCHARGE, WITHDRAWAL):
        releases = [{"unit": _unit(one), "restrictionId": _released(one, moment)} for one in changes]
        return "Discharge", {"head": head, "releases": releases}
    if act == DIVISION_OPENING:
        header = first.after["header"]
        members = {"memberCount": header["memberCount"], "membersRoot": header["membersRoot"]}
        return "OpenDivision", {"head": head, "unit": _unit(first), **members}
    if act == DIVISION_CANCELLATION:
        return "CancelDivision", {"head": head, "unit": _unit(first)}
    return None


def _unit(change: Change) -> dict:
    return {"baUnit": change.unit, "priorState": change.after["priorState"]}


def title_of(change: Change) -> dict:
    """As signed: without the numbers that its entry gave, and without a day of effect."""
    state = {**change.after, "header": {**change.after["header"], "effectiveOn": 0}}
    for section in ("rights", "charges", "notices", "responsibilities"):
        state[section] = [{**one, "presentationNo": 0} for one in state[section]]
    return {"baUnit": change.unit, "state": state}


def _child(change: Change) -> dict:
    after = change.after
    quota = after["header"]["quotaNumerator"]
    portion = {"baUnit": change.unit, "spatialUnits": after["spatialUnits"], "quotaNumerator": quota}
    return {"portion": portion, "factsRoot": after["factsRoot"]}


def _right_given(change: Change) -> dict | None:
    """The right that was transferred, as signed: who joins has no id yet."""
    before = change.before["rights"]
    for i, right in enumerate(change.after["rights"]):
        if i < len(before) and right["presentationNo"] == before[i]["presentationNo"]:
            continue
        next_id = change.before["header"]["nextId"]
        holdings = [
            {**one, "holdingId": 0 if one["holdingId"] >= next_id else one["holdingId"]}
            for one in right["holdings"]
        ]
        return {**right, "presentationNo": 0, "holdings": holdings}
    return None


def _released(change: Change, moment: Moment) -> int:
    opened = drop_lapsed(change.before, moment)
    left = {one["restrictionId"] for one in [*change.after["charges"], *change.after["notices"]]}
    gone = [one["restrictionId"] for one in [*opened["charges"], *opened["notices"]]]
    return next((one for one in gone if one not in left), 0)


# ---- What it makes ---------------------------------------------------------------------------------------------


def expected_states(act: int, signed: dict, changes: list[Change], moment: Moment, presentations: int) -> list[dict]:
    """The states after an act, in the order of its entries; entries are numbered from `presentations + 1`."""
    number = presentations + 1
    priors = [change.before for change in changes if change.before is not None]
    since = max([prior["header"]["effectiveOn"] for prior in priors], default=0)
    stated = signed["head"]["effectiveOn"]
    effect = stated if stated else max(since, moment.now)
    opened = [drop_lapsed(prior, moment) for prior in priors]
    hashes = [state_hash(prior) for prior in priors]
    if act == REGISTRATION:
        return [_registered(change.after, number + i, effect) for i, change in enumerate(changes)]
    if act == PARTS:
        parts = [part["state"] for part in signed["parts"]]
        quota = priors[0]["header"]["quotaNumerator"] + sum(part["header"]["quotaNumerator"] for part in parts)
        base = _next(opened[0], hashes[0], effect, {"quotaNumerator": quota})
        return [base, *(_registered(part, number + 1 + i, effect) for i, part in enumerate(parts))]
    if act == TRANSFER:
        next_id = priors[0]["header"]["nextId"]
        holdings = []
        for one in signed["next"]["holdings"]:
            holdings.append({**one, "holdingId": one["holdingId"] or next_id})
            next_id += 0 if one["holdingId"] else 1
        given = {**signed["next"], "presentationNo": number, "holdings": holdings}
        rights = [given if right["rightId"] == given["rightId"] else right for right in priors[0]["rights"]]
        after = _next(opened[0], hashes[0], effect, {"nextId": next_id})
        return [{**after, "rights": rights, "notices": _widened(opened[0], signed["next"])}]
    if act in (MORTGAGE, CAUTION):
        section = "charges" if act == MORTGAGE else "notices"
        found = []
        for i, prior in enumerate(opened):
            own_id = prior["header"]["nextId"]
            made = {**signed["restriction"], "restrictionId": own_id, "presentationNo": number + i}
            since = effect if act == MORTGAGE else prior["header"]["effectiveOn"]
            after = _next(prior, hashes[i], since, {"nextId": own_id + 1})
            found.append({**after, section: [*prior[section], made]})
        return found
    if act in (DISCHARGE, WITHDRAWAL):
        found = []
        for prior, prior_hash, release in zip(opened, hashes, signed["releases"]):
            since = effect if act == DISCHARGE else prior["header"]["effectiveOn"]
            after = _next(prior, prior_hash, since, {})
            for section in ("charges", "notices"):
                after[section] = [one for one in prior[section] if one["restrictionId"] != release["restrictionId"]]
            found.append(after)
        return found
    if act == DIVISION_OPENING:
        members = {"status": DIVIDING, "membersRoot": signed["membersRoot"], "memberCount": signed["memberCount"]}
        return [_next(opened[0], hashes[0], effect, members)]
    if act == DIVISION_CANCELLATION:
        header = {"status": ACTIVE, "membersRoot": NONE, "memberCount": 0}
        return [_next(opened[0], hashes[0], effect, header)]
    retired = [_next(prior, one, effect, {"status": RETIRED}) for prior, one in zip(opened, hashes)]
    if act == SUBDIVISION:
        return [*retired, *(carried(retired[0], child) for child in signed["children"])]
    return [*retired, _joined(signed, opened, retired, effect, presentations + len(changes))]


def moved(prior: dict, given: dict) -> set[int]:
    """Places of holdings that a transfer removes, lessens, or does not show to stay whole."""
    are_stated = prior["tenancy"] in STATING_SHARES and given["tenancy"] in STATING_SHARES
    touched, kept = set(), 0
    held = [sum(one["numerator"] for one in right["holdings"]) for right in (prior, given)]
    for place, before in enumerate(prior["holdings"]):
        after = given["holdings"][kept] if kept < len(given["holdings"]) else None
        if after is None or after["holdingId"] != before["holdingId"]:
            touched.add(place)
            continue
        kept += 1
        then, was = after["numerator"], before["numerator"]
        is_less = then * prior["denominator"] < was * given["denominator"] or then * held[0] < was * held[1]
        if are_stated and is_less:
            touched.add(place)
    is_joined = kept != len(given["holdings"])
    if not are_stated and (touched or is_joined or prior["tenancy"] != given["tenancy"]):
        return set(range(len(prior["holdings"])))
    return touched


def is_touched(one: dict, right: dict, touched: set[int]) -> bool:
    """Of a restriction on a right: whether an act touches the holding that it lies on."""
    places = [i for i, holding in enumerate(right["holdings"]) if holding["holdingId"] == one["targetHolding"]]
    return one["targetHolding"] == 0 or (bool(places) and places[0] in touched)


def _widened(state: dict, given: dict) -> list[dict]:
    """A notice on a holding of which a part goes lies on the right of it: what it is about may be others' then."""
    right = next((one for one in state["rights"] if one["rightId"] == given["rightId"]), None)
    if right is None:
        return state["notices"]
    touched = moved(right, given)
    return [
        {**one, "targetHolding": 0}
        if one["targetRight"] == right["rightId"] and is_touched(one, right, touched)
        else one
        for one in state["notices"]
    ]


def _registered(state: dict, number: int, effect: int) -> dict:
    found = {**state, "header": {**state["header"], "effectiveOn": effect}}
    for section in ("rights", "charges", "notices", "responsibilities"):
        found[section] = [{**one, "presentationNo": number} for one in state[section]]
    return found


def _next(prior: dict, prior_hash: bytes, effect: int, header: dict) -> dict:
    changed = {**prior["header"], **header, "version": prior["header"]["version"] + 1, "effectiveOn": effect}
    return {**prior, "header": changed, "priorState": prior_hash}


def _first_header(parent: dict, origin: int) -> dict:
    return {**parent, "version": 1, "status": ACTIVE, "origin": origin, "membersRoot": NONE, "memberCount": 0}


def carried(parent: dict, child: dict) -> dict:
    """A child with the very sections of its parent's last state."""
    portion = child["portion"]
    header = {**_first_header(parent["header"], FROM_SUBDIVISION), "quotaNumerator": portion["quotaNumerator"]}
    return {
        **parent,
        "header": header,
        "spatialUnits": portion["spatialUnits"],
        "applications": [],
        "factsRoot": child["factsRoot"],
        "priorState": state_hash(parent),
    }


def _joined(signed: dict, parents: list[dict], retired: list[dict], effect: int, number: int) -> dict:
    """The unit of a consolidation: derived rights under new ids, charges and notices by presentation."""
    next_id = 1

    def take() -> int:
        nonlocal next_id
        next_id += 1
        return next_id - 1

    owned = {**signed["ownership"], "rightId": take(), "presentationNo": number}
    owned["holdings"] = [{**one, "holdingId": take()} for one in owned["holdings"]]
    rights, charges, notices, duties = [owned], [], [], []
    for parent in parents:
        image: dict[int, int] = {}
        for right in parent["rights"]:
            if right["kind"] in OWNERSHIP_KINDS:
                image[right["rightId"]] = owned["rightId"]
                continue
            image[right["rightId"]] = right_id = take()
            holdings = []
            for one in right["holdings"]:
                image[one["holdingId"]] = take()
                holdings.append({**one, "holdingId": image[one["holdingId"]]})
            target = image.get(right["targetRight"], 0)
            rights.append({**right, "rightId": right_id, "targetRight": target, "holdings": holdings})
        for source, kept in ((parent["charges"], charges), (parent["notices"], notices)):
            for one in source:
                places = {name: image.get(one[name], 0) for name in ("targetRight", "targetHolding")}
                kept.append({**one, **places})
        duties += [{**one, "targetRight": image.get(one["targetRight"], 0)} for one in parent["responsibilities"]]
    charges = sorted(charges, key=lambda one: one["presentationNo"])
    notices = sorted(notices, key=lambda one: one["presentationNo"])
    charges = [{**one, "restrictionId": take(), "rank": i + 1} for i, one in enumerate(charges)]
    notices = [{**one, "restrictionId": take()} for one in notices]
    duties = [{**one, "responsibilityId": take()} for one in duties]
    header = {
        **_first_header(parents[0]["header"], FROM_CONSOLIDATION),
        "effectiveOn": effect,
        "evidence": min(parent["header"]["evidence"] for parent in parents),
        "quotaNumerator": sum(parent["header"]["quotaNumerator"] for parent in parents),
        "nextId": next_id,
    }
    return {
        "header": header,
        "spatialUnits": signed["child"]["portion"]["spatialUnits"],
        "rights": rights,
        "charges": charges,
        "notices": notices,
        "responsibilities": duties,
        "applications": [],
        "factsRoot": signed["child"]["factsRoot"],
        "priorState": keccak(*(state_hash(one) for one in retired)),
    }
