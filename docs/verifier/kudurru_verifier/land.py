"""Titles: each act told again from the states before and after it, held against what was signed and what it makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from . import typed
from .calls import NO_CALL, Call
from .crypto import keccak, word
from .findings import Findings
from .land_acts import (
    COMPLETION,
    CONSOLIDATION,
    DIVISION_CANCELLATION,
    DIVISION_OPENING,
    JUDGES_GROUND,
    OF_ONE_UNIT,
    OWNERSHIP_KINDS,
    RETIRED,
    SUBDIVISION,
    SWEEP,
    Change,
    Moment,
    carried,
    drop_lapsed,
    expected_states,
    retell,
)
from .land_consents import Asked, asked_by, judge, shown_in
from .land_rules import RULE_OF, Reading, most_notice, refusals
from .land_state import SECTIONS, office_of, state_hash
from .officers import Need, Power
from .signing import LAND_BASE, Signed, Signing

DIVIDING = 2
BINDING_FROM = 3  # provisional
SHARED = (1, 2)  # sole, common
_RULES = {"header": "L5", "priorState": "L5"}
# Acts that the policy judges as a subdivision.
_DIVIDING = (DIVISION_OPENING, DIVISION_CANCELLATION)
_CARRYING = (SUBDIVISION, CONSOLIDATION, COMPLETION)


class Kept(NamedTuple):
    hash: bytes
    state: dict


@dataclass
class Open:
    """An act while its entries and states come in."""

    signed: Signed | None
    presentations: int
    entries: list[dict] = field(default_factory=list)
    recorded: list[dict] = field(default_factory=list)
    loaded: dict | None = None
    consents: dict | None = None
    call: Call = NO_CALL


@dataclass
class Division:
    members_root: bytes
    rest: bytes
    remaining: int
    claims: dict[bytes, dict] = field(default_factory=dict)


class Land:
    def __init__(self, findings: Findings, power: Power, signing: Signing) -> None:
        self._findings, self._power, self._signing = findings, power, signing
        self.units: dict[bytes, Kept] = {}
        # The contracts that acts are sent to, by address, as their register names them.
        self.rules: dict[bytes, str] = {}
        self._unit_of: dict[bytes, bytes] = {}
        self._divisions: dict[bytes, Division] = {}
        self._parent_of: dict[bytes, bytes] = {}
        self._instruments: set[tuple[int, bytes]] = set()
        # Ids that a division claimed, whatever became of it.
        self._spent: set[bytes] = set()
        self._open: Open | None = None
        self._consents: dict | None = None

    # ---- What comes in -----------------------------------------------------------------------------------------

    def is_open_for(self, signed: Signed | None) -> bool:
        return self._open is not None and signed is not None and self._open.signed is signed

    def enter(self, entry: dict, signed: Signed | None, presentations: int) -> None:
        if self._open is None:
            self._open = Open(signed, presentations, consents=self._consents, call=self._signing.call)
        self._consents = None
        self._open.entries.append(entry)

    def apply(self, name: str, args: dict) -> None:
        if name == "ConsentsTaken":
            self._consents = args
            return
        if self._open is None:
            self._open = Open(None, 0)
        if name == "BAUnitRecorded":
            self._open.recorded.append(args)
        elif name == "ChildrenLoaded":
            self._open.loaded = args

    # ---- An act that is in -------------------------------------------------------------------------------------

    def settle(self, now: int, halts: list[tuple[int, int]]) -> None:
        act_in, self._open = self._open, None
        if act_in is None:
            return
        moment = Moment(now, halts)
        entry = act_in.entries[0] if act_in.entries else None
        act = entry["kind"] - LAND_BASE if entry else 0
        if act_in.loaded is not None:
            self._load(act_in.loaded, entry)
            if not act_in.recorded:
                return
        changes = [
            Change(one["baUnit"], self.units[one["baUnit"]].state if one["baUnit"] in self.units else None, one["state"])
            for one in act_in.recorded
        ]
        expected = self._expected(act_in, act, changes, moment)
        findings = self._findings
        is_whole = expected is None or len(expected) == len(changes)
        findings.require(is_whole, "L3", "An act changed other units than it names.")
        for i, change in enumerate(changes):
            own = act_in.entries[i] if i < len(act_in.entries) else None
            due = expected[i] if expected is not None and i < len(expected) else None
            self._keep(act_in.recorded[i], change, own, due, act)
        for lonely in act_in.entries[len(changes) :]:
            what = "An entry says that a unit changed, and no state says how."
            findings.add("L3", what, lonely["subject"])

    def _expected(self, act_in: Open, act: int, changes: list[Change], moment: Moment) -> list[dict] | None:
        if act == SWEEP:
            return self._swept(act_in, changes, moment)
        if act == COMPLETION:
            return self._completed(act_in, changes, moment)
        signed, entries = act_in.signed, act_in.entries
        if signed is None or not entries:
            return None
        is_batch = entries[0]["entryId"] != signed.entry_id
        changes = changes[:1] if act in OF_ONE_UNIT else changes
        told = retell(act, signed.head, is_batch, moment, changes)
        asked = None if told is None else asked_by(act, told[1], changes, moment)
        needs = Need(
            signed.head["office"],
            0,
            preparer_institution=self._power.keepers.get(signed.head["office"], 0) if act in JUDGES_GROUND else 0,
            two_institutions=(asked is not None and asked.is_assisted)
            or bool(
                self._power.policy("landTwoInstitutionActs") >> (SUBDIVISION if act in _DIVIDING else act) & 1
            ),
        )
        self._signing.check_two(signed, entries, needs, moment.now, moment.halts)
        if told is None or asked is None:
            self._findings.add("L7", "A unit changed as no act of this version changes one.", entries[0]["subject"])
            return None
        act_hash = typed.hash_struct(*told)
        is_signed = act_hash == signed.act_hash
        what = "What an act changed is not what its officers signed."
        self._findings.require(is_signed, "L3", what, entries[0]["entryId"])
        reading = self._reading(moment, needs.preparer_institution != 0, signed.head["office"])
        refused = refusals(act, told[1], changes, asked, reading)
        for code in refused:
            self._findings.add(RULE_OF.get(code, "L5"), code, entries[0]["subject"])
        if refused:
            return None
        separator = self._signing.separator("land", entries[0]["address"])
        act_id, count = typed.digest(separator, act_hash), len(changes)
        self._check_ids(entries, [keccak(act_id, word(i)) for i in range(count)] if is_batch or count > 1 else [act_id])
        self._check_consents(act_in, signed, asked)
        return expected_states(act, told[1], changes, moment, act_in.presentations)

    def _reading(self, moment: Moment, is_kept: bool, office: int) -> Reading:
        """The register as an act found it."""
        return Reading(
            moment,
            most_notice(self._power.policy("landMostNoticeSeconds")),
            self._power.is_seated,
            is_kept,
            lambda unit: unit in self.units or unit in self._spent,
            lambda spatial_unit: spatial_unit in self._unit_of,
            lambda instrument: (office, instrument) in self._instruments,
        )

    def _check_ids(self, entries: list[dict], due: list[bytes]) -> None:
        for i, one in enumerate(due):
            is_due = i < len(entries) and entries[i]["entryId"] == one
            self._findings.require(is_due, "L3", "An entry is of another unit than its act names there.", one)

    def _check_consents(self, act_in: Open, signed: Signed, asked: Asked) -> None:
        """Who had to agree to an act, and the consents as far as the call shows them."""
        findings, entry = self._findings, act_in.entries[0]
        taken = act_in.consents
        hashes = taken["consents"] if taken else []
        is_of_act = taken is None or taken["entryId"] == signed.entry_id
        what = "The consents that the register says it took are not as many as the act asks for."
        is_as_many = is_of_act and len(hashes) == len(asked.needed)
        findings.require(is_as_many, "L8", what, signed.entry_id)
        shown = shown_in(act_in.call, self.rules.get(act_in.call.to)) if asked.needed else None
        if shown is None:
            self._signing.tally(len(asked.needed), False)
            return
        self._signing.checked += len(asked.needed)
        self._signing.of_consents += len(asked.needed)
        separator = self._signing.separator(entry["register"], entry["address"])
        refused = judge(asked, shown, hashes, separator, self._power)
        findings.require(refused is None, "L8", refused or "", signed.entry_id)

    def _check_blocks(self, act: int, changes: list[Change], moment: Moment) -> None:
        """What nobody signs passes no restriction in force that blocks it."""
        for change in changes:
            if change.before is None:
                continue
            opened = drop_lapsed(change.before, moment)
            asked = Asked(moment, act)
            asked.within(opened, None, set(), "nothing")
            self._findings.require(not asked.blocked, "L4", "act-blocked", change.unit)

    # ---- What nobody signs -------------------------------------------------------------------------------------

    def _swept(self, act_in: Open, changes: list[Change], moment: Moment) -> list[dict] | None:
        if len(changes) != 1 or not act_in.entries or changes[0].before is None:
            self._findings.add("L7", "A unit changed as no act of this version changes one.")
            return None
        [change] = changes
        order = {"baUnit": change.unit, "priorState": self.units[change.unit].hash}
        self._signing.require_order(act_in.entries[0], typed.hash_struct("Sweep", order))
        opened = drop_lapsed(change.before, moment)
        is_due = opened is not change.before
        self._findings.require(is_due, "L7", "nothing-to-sweep", change.unit)
        return [_after(opened, self.units[change.unit].hash, 0, {})]

    def _load(self, args: dict, entry: dict | None) -> None:
        findings, unit, rest, children = self._findings, args["baUnit"], args["rest"], args["children"]
        division = self._divisions.get(unit)
        root = division.members_root if division else bytes(32)
        if entry is not None and entry["subject"] == unit and entry["newState"] == rest:
            order = {"baUnit": unit, "membersRoot": root, "children": children, "rest": rest}
            self._signing.require_order(entry, typed.hash_struct("LoadChildren", order))
        else:
            findings.add("L3", "Children were loaded without an entry that says so.", unit)
        folded = rest
        for child in reversed(children):
            folded = keccak(typed.hash_struct("Child", child), folded)
        is_next = (
            division is not None
            and folded == division.rest
            and self.units[unit].state["header"]["status"] == DIVIDING
            and (division.remaining == len(children)) == (not any(rest))
        )
        findings.require(is_next, "L6", "children-differ", unit)
        if division is None:
            return
        division.rest, division.remaining = rest, division.remaining - len(children)
        for child in children:
            own = child["portion"]["baUnit"]
            is_free = office_of(own) == office_of(unit) and own not in self.units and own not in self._spent
            findings.require(is_free, "L1", "ba-unit-id-used", own)
            self._spent.add(own)
            division.claims[own] = child
            self._parent_of[own] = unit
            self._claim(own, child["portion"]["spatialUnits"])

    def _completed(self, act_in: Open, changes: list[Change], moment: Moment) -> list[dict] | None:
        findings = self._findings
        if len(changes) != 1 or not act_in.entries:
            findings.add("L7", "A unit changed as no act of this version changes one.")
            return None
        [change], entry = changes, act_in.entries[0]
        if change.before is not None:
            prior = self.units[change.unit].hash
            order = {"baUnit": change.unit, "priorState": prior}
            self._signing.require_order(entry, typed.hash_struct("CompleteDivision", order))
            division = self._divisions.get(change.unit)
            is_whole = division is not None and not any(division.rest)
            is_dividing = change.before["header"]["status"] == DIVIDING
            findings.require(is_whole and is_dividing, "L6", "children-missing", change.unit)
            self._check_blocks(SUBDIVISION, changes, moment)
            return [_after(drop_lapsed(change.before, moment), prior, moment.now, {"status": RETIRED})]
        parent = self._parent_of.pop(change.unit, None)
        division = self._divisions.get(parent) if parent else None
        child = division.claims.pop(change.unit, None) if division else None
        if parent is None or division is None or child is None:
            findings.add("L6", "A unit came of a division that does not name it.", change.unit)
            return None
        order = {"parent": parent, "membersRoot": division.members_root, "child": child}
        self._signing.require_order(entry, typed.hash_struct("Claim", order))
        kept = self.units[parent]
        findings.require(kept.state["header"]["status"] == RETIRED, "L6", "A child came before its time.", change.unit)
        return [carried(kept.state, child)]

    # ---- States ------------------------------------------------------------------------------------------------

    def _keep(self, recorded: dict, change: Change, entry: dict | None, due: dict | None, act: int) -> None:
        findings, unit, state, told = self._findings, change.unit, change.after, recorded["stateHash"]
        has_entry = entry is not None and entry["subject"] == unit and entry["newState"] == told
        findings.require(has_entry, "L3", "A unit changed without an entry that says so.", unit)
        findings.require(state_hash(state) == told, "L5", "A state is not what its hash was made of.", unit)
        if due is not None:
            for part in _differing(due, state):
                rule = _RULES.get(part, "L6" if act in _CARRYING else "L7")
                findings.add(rule, f"A state is not what its act makes of the unit: {part}.", unit)
        for right in state["rights"]:
            self._check_shares(unit, right)
        self._follow_division(unit, state, act)
        self._claim(unit, state["spatialUnits"])
        office = state["header"]["office"]
        self._instruments |= {(office, one["instrumentId"]) for one in [*state["charges"], *state["notices"]]}
        self.units[unit] = Kept(told, state)

    def _follow_division(self, unit: bytes, state: dict, act: int) -> None:
        header = state["header"]
        if act == DIVISION_OPENING:
            root = header["membersRoot"]
            self._divisions[unit] = Division(root, root, header["memberCount"])
        if act == DIVISION_CANCELLATION and unit in self._divisions:
            for own, child in self._divisions.pop(unit).claims.items():
                self._parent_of.pop(own, None)
                for one in child["portion"]["spatialUnits"]:
                    if self._unit_of.get(one["id"]) == own:
                        del self._unit_of[one["id"]]

    def _claim(self, unit: bytes, spatial_units: list[dict]) -> None:
        """A spatial unit is of the first unit that named it, for ever, and of its office."""
        for one in spatial_units:
            is_own = office_of(one["id"]) == office_of(unit)
            self._findings.require(is_own, "L1", "A spatial unit is not its unit's office's.", unit)
            holder = self._unit_of.setdefault(one["id"], unit)
            self._findings.require(holder == unit, "L1", "A spatial unit belongs to two units.", unit)

    def _check_shares(self, unit: bytes, right: dict) -> None:
        if right["kind"] not in OWNERSHIP_KINDS or right["standing"] < BINDING_FROM:
            return
        shares = [one["numerator"] for one in right["holdings"]]
        if right["tenancy"] in SHARED:
            is_whole = all(shares) and sum(shares) == right["denominator"]
        else:
            is_whole = right["denominator"] == 0 and not any(shares)
        what = "The shares of a right are not one whole."
        self._findings.require(is_whole and bool(shares), "L2", what, unit)


def _after(prior: dict, prior_hash: bytes, effective_on: int, header: dict) -> dict:
    since = max(effective_on, prior["header"]["effectiveOn"])
    changed = {**prior["header"], **header, "version": prior["header"]["version"] + 1, "effectiveOn": since}
    return {**prior, "header": changed, "priorState": prior_hash}


def _differing(due: dict, state: dict) -> list[str]:
    parts = [
        section
        for section, struct in SECTIONS.items()
        if typed.hash_array(struct, due[section]) != typed.hash_array(struct, state[section])
    ]
    parts += [] if due["header"] == state["header"] else ["header"]
    return parts + [root for root in ("factsRoot", "priorState") if due[root] != state[root]]

