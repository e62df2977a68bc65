"""What an act on land may make of a unit: the rules that the register asks, whoever signed."""

from __future__ import annotations

from typing import Callable, NamedTuple

from .land_acts import (
    ACTIVE,
    CAUTION,
    CONSOLIDATION,
    DISCHARGE,
    DIVIDING,
    DIVISION_CANCELLATION,
    DIVISION_OPENING,
    FROM_CONSOLIDATION,
    FROM_SUBDIVISION,
    JUDGES_GROUND,
    MORTGAGE,
    NONE,
    OWNERSHIP_KINDS,
    PARTS,
    REGISTRATION,
    STATING_SHARES,
    SUBDIVISION,
    TRANSFER,
    WITHDRAWAL,
    Change,
    Moment,
    drop_lapsed,
    named_by,
    title_of,
)
from .land_consents import MOST, Asked, effect_refused
from .land_state import office_of, state_hash
from .times import extended

SOLE, JOINT, UNRECORDED = 1, 3, 4
PROVISIONAL = 3
OF_MORTGAGE, OF_CAUTION, OF_MUST_BE_ASKED, OF_ORDER = 1, 2, 3, 6
NOTICES = (OF_CAUTION, OF_ORDER)
# Acts that a restriction may block or ask for.
BLOCKABLE = sum(1 << act for act in (TRANSFER, MORTGAGE, SUBDIVISION, CONSOLIDATION, *range(9, 17), PARTS)) & ~(1 << 10)
DAY = 86_400
MOST_NOTICE = 180 * DAY
MOST_UNITS, MOST_CHILDREN, MOST_MEMBERS, MOST_TITLES = 16, 4, 1_000, 50
MOST_WEIGHT, CONSENT_WEIGHT, SLOT_WEIGHT = 12_288, 12, 24
WHILE_DIVIDING = (CAUTION, DISCHARGE, WITHDRAWAL, DIVISION_CANCELLATION)
# The promise that a code breaks; of all others that a state is one that acts lead to.
RULE_OF = {"act-blocked": "L4", "nobody-signs": "L8", "ba-unit-id-used": "L1", "spatial-unit-taken": "L1"}


class Reading(NamedTuple):
    """The register as the act found it."""

    moment: Moment
    most_notice: int
    is_seated: bool
    is_kept: bool
    is_known: Callable[[bytes], bool]
    is_claimed: Callable[[bytes], bool]
    is_used: Callable[[bytes], bool]


def most_notice(policy: int) -> int:
    return policy if 0 < policy <= MOST_NOTICE else MOST_NOTICE


def refusals(act: int, signed: dict, changes: list[Change], asked: Asked, reading: Reading) -> list[str]:
    """Why the register would refuse an act, each reason once, in the order in which it asks."""
    rules = _Rules(reading)
    head = signed["head"]
    if act == REGISTRATION:
        rules.registration(head, [title_of(change) for change in changes])
    else:
        priors = [(one.unit, one.before, one.after["priorState"]) for one in named_by(act, changes)]
        rules.shown(act, head, priors)
        opened = [drop_lapsed(prior, reading.moment) for _, prior, _ in priors]
        _of_act(rules, act, signed, opened, asked)
    for _ in asked.blocked:
        rules.add("act-blocked")
    rules.need(not asked.has_ended_right, "right-ended")
    rules.need(not asked.must_be_judged or reading.is_seated, "nobody-signs")
    for refused in effect_refused(act, head["effectiveOn"], asked, changes):
        rules.add(refused)
    rules.need(act not in JUDGES_GROUND or reading.is_kept, "office-unkept")
    rules.need(_weight(act, signed, changes, asked) <= MOST_WEIGHT, "act-too-heavy")
    return rules.found


def _of_act(rules: _Rules, act: int, signed: dict, opened: list[dict], asked: Asked) -> None:
    if act == TRANSFER:
        rules.transfer(opened[0], signed["next"])
    elif act in (MORTGAGE, CAUTION):
        rules.restriction(act, signed["restriction"], opened, asked)
    elif act in (DISCHARGE, WITHDRAWAL):
        rules.releases(act, signed["releases"], opened)
    elif act == PARTS:
        rules.parts(signed, opened[0]["header"])
    elif act == SUBDIVISION:
        rules.subdivision(opened[0]["header"], signed["children"])
    elif act == CONSOLIDATION:
        rules.consolidation(signed, opened)
    elif act == DIVISION_OPENING:
        rules.opening(opened[0]["header"], signed)
    elif act == DIVISION_CANCELLATION:
        rules.need(opened[0]["header"]["status"] == DIVIDING, "ba-unit-not-dividing")


class _Rules:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.found: list[str] = []
        self._claimed: set[bytes] = set()
        self._used: set[bytes] = set()

    def add(self, code: str) -> None:
        if code not in self.found:
            self.found.append(code)

    def need(self, holds: bool, code: str) -> None:
        if not holds:
            self.add(code)

    # ---- Units that are there --------------------------------------------------------------------------------

    def shown(self, act: int, head: dict, priors: list[tuple[bytes, dict, bytes]]) -> None:
        units = [unit for unit, _, _ in priors]
        self.need(len(set(units)) == len(units), "ba-unit-state-stale")
        for _, prior, named in priors:
            header = prior["header"]
            self.need(state_hash(prior) == named, "ba-unit-state-stale")
            may_be = (ACTIVE, DIVIDING) if act in WHILE_DIVIDING else (ACTIVE,)
            self.need(header["status"] in may_be, "ba-unit-not-active")
            self.need(header["office"] == head["office"], "office-differs")

    def _no_parts(self, header: dict) -> None:
        """Units with a quota in one that ended would have a share in nothing."""
        self.need(any(header["baseUnit"]) or header["quotaTotal"] == 0, "base-unit-stands")

    def _none_given_out(self, header: dict, right: dict | None) -> None:
        """A quota is a share in the land of its base unit: that passes and is charged under nobody."""
        is_land = right is None or right["kind"] in OWNERSHIP_KINDS
        is_given = not any(header["baseUnit"]) and header["quotaNumerator"] != 0
        self.need(not (is_land and is_given), "base-unit-stands")

    def _count(self, count: int, least: int, most: int) -> None:
        self.need(least <= count <= most, "unit-count-out-of-range")

    # ---- First states ----------------------------------------------------------------------------------------

    def registration(self, head: dict, titles: list[dict]) -> None:
        self.need(0 < len(titles) <= MOST_TITLES, "batch-size-out-of-range")
        self.need(head["effectiveOn"] <= self._reading.moment.now, "effect-not-consented")
        for title in titles:
            state = title["state"]
            self._first_header(state["header"], head["office"])
            self.need(not any(state["header"]["baseUnit"]), "base-unit-not-asked")
            self._first_sections(state)
            self._instruments(state["charges"] + state["notices"])
            self._claim(head["office"], title["baUnit"], state["spatialUnits"])

    def parts(self, signed: dict, base: dict) -> None:
        parts = signed["parts"]
        self._count(len(parts), 1, MOST_UNITS)
        given = base["quotaNumerator"]
        for part in parts:
            header = part["state"]["header"]
            self._first_header(header, signed["head"]["office"])
            self._first_sections(part["state"])
            given += header["quotaNumerator"]
            is_of_base = header["baseUnit"] == signed["base"]["baUnit"] and header["quotaTotal"] == base["quotaTotal"]
            is_fit = not any(base["baseUnit"]) and is_of_base and given <= base["quotaTotal"]
            self.need(is_fit, "quota-invalid")
        for part in parts:
            self._instruments(part["state"]["charges"] + part["state"]["notices"])
            self._claim(signed["head"]["office"], part["baUnit"], part["state"]["spatialUnits"])

    def _first_header(self, header: dict, office: int) -> None:
        is_initial = (
            (header["formatVersion"], header["version"], header["status"]) == (1, 1, ACTIVE)
            and header["office"] == office
            and header["origin"] not in (FROM_SUBDIVISION, FROM_CONSOLIDATION)
            and (header["membersRoot"], header["memberCount"]) == (NONE, 0)
        )
        self.need(is_initial, "header-not-initial")
        self.need(header["origin"] != 0 and header["evidence"] != 0, "value-unspecified")
        numerator, is_part = header["quotaNumerator"], any(header["baseUnit"])
        is_fit = 0 < numerator <= header["quotaTotal"] if is_part else numerator == 0
        self.need(is_fit, "quota-invalid")

    def _first_sections(self, state: dict) -> None:
        self.need(not state["applications"] and not any(state["priorState"]), "state-not-initial")
        self.need(any(state["factsRoot"]), "value-unspecified")
        self._spatial_units(state["spatialUnits"])
        ids = [one for right in state["rights"] for one in (right["rightId"], *_ids(right["holdings"]))]
        self._first_rights(state["rights"])
        for section in ("charges", "notices"):
            self.need(len(state[section]) <= MOST, "too-many-restrictions")
            ids += [one["restrictionId"] for one in state[section]]
            for i, one in enumerate(state[section]):
                self._restriction(one)
                self.need((one["kind"] in NOTICES) == (section == "notices"), "restriction-kind-refused")
                self._ranked(state[section][i - 1]["rank"] if i else 0, one)
                self._target(state["rights"], one["targetRight"], one["targetHolding"])
                self.need(not _is_asked_twice(state["rights"], state[section][:i], one), "asked-twice")
        self.need(len(state["responsibilities"]) <= MOST, "too-many-responsibilities")
        for one in state["responsibilities"]:
            ids.append(one["responsibilityId"])
            is_whole = one["kind"] != 0 and any(one["instrumentId"]) and any(one["termsCommitment"])
            self.need(is_whole, "value-unspecified")
            self._target(state["rights"], one["targetRight"], 0)
        is_in_order = [*ids, state["header"]["nextId"]] == list(range(1, len(ids) + 2))
        self.need(is_in_order, "ids-not-in-order")

    def _first_rights(self, rights: list[dict]) -> None:
        self.need(sum(len(one["holdings"]) for one in rights) <= MOST, "too-many-holdings")
        for right in rights:
            self._right(right)
            if right["targetRight"] == 0:
                continue
            is_derived = right["kind"] not in OWNERSHIP_KINDS and right["targetRight"] < right["rightId"]
            self.need(is_derived, "target-missing")
            self._target(rights, right["targetRight"], 0)
        self.need(any(one["kind"] in OWNERSHIP_KINDS for one in rights), "ownership-missing")

    def _spatial_units(self, units: list[dict]) -> None:
        self.need(len(units) <= MOST, "too-many-spatial-units")
        are_whole = all(any(one["id"]) and any(one["geometryCommitment"]) for one in units)
        self.need(are_whole, "value-unspecified")

    def _claim(self, office: int, unit: bytes, spatial_units: list[dict]) -> None:
        """Ids are given once and for ever, by the office that they name in front."""
        is_free = office_of(unit) == office and unit not in self._claimed and not self._reading.is_known(unit)
        self.need(is_free, "ba-unit-id-used")
        self._claimed.add(unit)
        for one in spatial_units:
            is_free = one["id"] not in self._claimed and not self._reading.is_claimed(one["id"])
            self.need(is_free and office_of(one["id"]) == office, "spatial-unit-taken")
            self._claimed.add(one["id"])

    def _instruments(self, restrictions: list[dict]) -> None:
        for one in restrictions:
            instrument = one["instrumentId"]
            is_new = instrument not in self._used and not self._reading.is_used(instrument)
            self.need(is_new, "instrument-used")
            self._used.add(instrument)

    # ---- Rights and restrictions -----------------------------------------------------------------------------

    def _right(self, right: dict) -> None:
        self.need(all(right[name] != 0 for name in ("kind", "standing", "tenancy")), "value-unspecified")
        holdings, is_stated = right["holdings"], right["tenancy"] in STATING_SHARES
        self.need(bool(holdings), "holding-missing")
        if not holdings:
            return
        for one in holdings:
            is_whole = one["partyKind"] != 0 and one["signer"] != 0 and any(one["partyCommitment"])
            self.need(is_whole, "value-unspecified")
            self.need((one["numerator"] != 0) == is_stated, "shares-contradict-tenancy")
        keys = [one["keyHash"] for one in holdings if any(one["keyHash"])]
        self.need(len(set(keys)) == len(keys), "key-repeated")
        is_counted = not (right["tenancy"] == SOLE and len(holdings) != 1) and not (
            right["tenancy"] == JOINT and len(holdings) == 1
        )
        self.need(is_counted and (right["denominator"] != 0) == is_stated, "shares-contradict-tenancy")
        is_bound = right["kind"] in OWNERSHIP_KINDS and right["standing"] >= PROVISIONAL
        is_one = sum(one["numerator"] for one in holdings) == right["denominator"]
        self.need(is_one or not (is_stated and is_bound), "shares-not-whole")

    def _target(self, rights: list[dict], right_id: int, holding_id: int) -> None:
        right = next((one for one in rights if one["rightId"] == right_id), None)
        is_met = holding_id == 0 if right_id == 0 else right is not None and holding_id in (0, *_ids(right["holdings"]))
        self.need(is_met, "target-missing")

    def _restriction(self, one: dict) -> None:
        moment, ends = self._reading.moment, one["expiresOn"]
        is_whole = one["kind"] != 0 and any(one["instrumentId"]) and any(one["termsCommitment"])
        self.need(is_whole, "value-unspecified")
        self.need(not (one["blocks"] | one["needsConsent"]) & ~BLOCKABLE, "reach-too-wide")
        is_over = ends != 0 and moment.now > ends and moment.now > extended(moment.halts, ends)
        is_too_far = ends == 0 or ends > moment.now + self._reading.most_notice
        self.need(not is_over and not (one["kind"] in NOTICES and is_too_far), "lapse-out-of-bounds")

    def _ranked(self, last: int, one: dict) -> None:
        self.need(one["rank"] == (0 if one["kind"] in NOTICES else last + 1), "rank-taken")

    # ---- Acts ------------------------------------------------------------------------------------------------

    def transfer(self, state: dict, given: dict) -> None:
        prior = next((one for one in state["rights"] if one["rightId"] == given["rightId"]), None)
        self.need(prior is not None, "right-missing")
        if prior is None:
            return
        self._none_given_out(state["header"], prior)
        fixed = ("kind", "standing", "upgradesOn", "expiresOn", "targetRight", "termsCommitment")
        self.need(all(prior[name] == given[name] for name in fixed), "right-changed")
        self._right(given)
        held = sum(len(one["holdings"]) for one in state["rights"]) - len(prior["holdings"]) + len(given["holdings"])
        self.need(held <= MOST, "too-many-holdings")
        kept, removed, is_moved = 0, set(), False
        for before in prior["holdings"]:
            after = given["holdings"][kept] if kept < len(given["holdings"]) else None
            if after is None or after["holdingId"] != before["holdingId"]:
                removed.add(before["holdingId"])
                continue
            kept += 1
            fixed = ("partyKind", "signer", "keyHash", "partyCommitment")
            self.need(all(before[name] == after[name] for name in fixed), "holding-changed")
            is_moved = is_moved or _is_less(before, prior, after, given)
        self.need(all(one["holdingId"] == 0 for one in given["holdings"][kept:]), "holding-changed")
        are_stated = prior["tenancy"] in STATING_SHARES and given["tenancy"] in STATING_SHARES
        is_joined = kept != len(given["holdings"]) or prior["tenancy"] != given["tenancy"]
        self.need(bool(removed) or (is_moved if are_stated else is_joined), "nothing-moves")
        is_whole = prior["tenancy"] != UNRECORDED or len(removed) == len(prior["holdings"])
        self.need(is_whole, "unrecorded-part-moves")
        stranded = [one for one in state["charges"] if one["targetRight"] == given["rightId"]]
        self.need(all(one["targetHolding"] not in removed for one in stranded), "restricted-holding-removed")

    def restriction(self, act: int, made: dict, opened: list[dict], asked: Asked) -> None:
        self._count(len(opened), 1, MOST_UNITS)
        self.need(made["kind"] == (OF_MORTGAGE if act == MORTGAGE else OF_CAUTION), "restriction-kind-refused")
        self._restriction(made)
        self.need(len(opened) == 1 or made["targetRight"] == 0, "target-needs-one-unit")
        # A mortgage on several units has the next rank on each.
        ranks = [one["rank"] for state in opened for one in state["charges"][-1:] if act == MORTGAGE]
        for state in opened:
            section = state["charges" if act == MORTGAGE else "notices"]
            self._target(state["rights"], made["targetRight"], made["targetHolding"])
            on = next((one for one in state["rights"] if one["rightId"] == made["targetRight"]), None)
            if act == MORTGAGE:
                self._none_given_out(state["header"], on)
            self._ranked(max(ranks, default=0), made)
            has_room = act != MORTGAGE or asked.has_room(state, made)
            self.need(has_room and len(section) < MOST, "too-many-restrictions")
        self._instruments([made])

    def releases(self, act: int, releases: list[dict], opened: list[dict]) -> None:
        self._count(len(releases), 1, MOST_UNITS)
        for release, state in zip(releases, opened):
            both = [*state["notices"], *state["charges"]]
            one = next((one for one in both if one["restrictionId"] == release["restrictionId"]), None)
            self.need(one is not None, "restriction-missing")
            if one is not None:
                self.need((one["kind"] in NOTICES) == (act == WITHDRAWAL), "releases-differ")

    def _child(self, child: dict) -> None:
        spatial_units = child["portion"]["spatialUnits"]
        self.need(bool(spatial_units), "spatial-unit-missing")
        self._spatial_units(spatial_units)
        self.need(any(child["factsRoot"]), "value-unspecified")

    def subdivision(self, header: dict, children: list[dict]) -> None:
        self._count(len(children), 2, MOST_CHILDREN)
        self._no_parts(header)
        quotas = [child["portion"]["quotaNumerator"] for child in children]
        for child in children:
            self._child(child)
        is_carried = sum(quotas) == header["quotaNumerator"] and all((one != 0) == any(quotas) for one in quotas)
        self.need(is_carried, "quota-not-carried")
        for child in children:
            self._claim(header["office"], child["portion"]["baUnit"], child["portion"]["spatialUnits"])

    def opening(self, header: dict, signed: dict) -> None:
        self._count(signed["memberCount"], 2, MOST_MEMBERS)
        self.need(any(signed["membersRoot"]), "value-unspecified")
        self._no_parts(header)
        self.need(header["quotaNumerator"] == 0, "quota-not-carried")

    def consolidation(self, signed: dict, opened: list[dict]) -> None:
        ownership, child = signed["ownership"], signed["child"]
        self._count(len(opened), 2, MOST_UNITS)
        self._right(ownership)
        self.need(ownership["kind"] in OWNERSHIP_KINDS, "ownership-missing")
        self.need(ownership["targetRight"] == 0, "target-missing")
        first, held = opened[0]["header"], len(ownership["holdings"])
        counts = {"charges": 0, "notices": 0, "responsibilities": 0}
        for state in opened:
            header = state["header"]
            self._no_parts(header)
            owned = [one for one in state["rights"] if one["kind"] in OWNERSHIP_KINDS]
            common = ("kind", "standing", "upgradesOn", "expiresOn")
            is_alike = (
                (header["baseUnit"], header["quotaTotal"]) == (first["baseUnit"], first["quotaTotal"])
                and len(owned) == 1
                and all(owned[0][name] == ownership[name] for name in common)
            )
            self.need(is_alike, "parents-differ")
            gone = {one for right in owned for one in _ids(right["holdings"])}
            is_stranded = any(one["targetHolding"] in gone for one in state["charges"])
            self.need(not is_stranded, "restricted-holding-removed")
            held += sum(len(one["holdings"]) for one in state["rights"] if one["kind"] not in OWNERSHIP_KINDS)
            counts = {section: count + len(state[section]) for section, count in counts.items()}
        self.need(held <= MOST, "too-many-holdings")
        self.need(max(counts["charges"], counts["notices"]) <= MOST, "too-many-restrictions")
        self.need(counts["responsibilities"] <= MOST, "too-many-responsibilities")
        self._child(child)
        quota = sum(state["header"]["quotaNumerator"] for state in opened)
        self.need(child["portion"]["quotaNumerator"] == quota, "quota-not-carried")
        self._claim(first["office"], child["portion"]["baUnit"], child["portion"]["spatialUnits"])


def _ids(holdings: list[dict]) -> list[int]:
    return [one["holdingId"] for one in holdings]


def _is_less(before: dict, prior: dict, after: dict, given: dict) -> bool:
    """A part of the whole grows less, or of all that is held."""
    held, held_then = (sum(one["numerator"] for one in right["holdings"]) for right in (prior, given))
    was, then = before["numerator"], after["numerator"]
    return then * prior["denominator"] < was * given["denominator"] or then * held < was * held_then


def _is_asked_twice(rights: list[dict], before: list[dict], one: dict) -> bool:
    """Whoever must be asked of a holding has another key than its holder, and is asked of it once."""
    if one["kind"] != OF_MUST_BE_ASKED or not any(one["holderKeyHash"]):
        return False

    def are_met(some: int, other: int) -> bool:
        return some == other or 0 in (some, other)

    is_again = any(
        other["kind"] == one["kind"]
        and other["holderKeyHash"] == one["holderKeyHash"]
        and are_met(other["targetRight"], one["targetRight"])
        and are_met(other["targetHolding"], one["targetHolding"])
        for other in before
    )
    on_all = one["targetRight"] == 0
    beside = [
        right
        for right in rights
        if (right["kind"] in OWNERSHIP_KINDS if on_all else right["rightId"] == one["targetRight"])
    ]
    is_holder = any(
        holding["keyHash"] == one["holderKeyHash"] and are_met(one["targetHolding"], holding["holdingId"])
        for right in beside
        for holding in right["holdings"]
    )
    return is_again or is_holder


# ---- What an act weighs --------------------------------------------------------------------------------------


def _words(state: dict) -> int:
    held = sum(11 + 6 * len(right["holdings"]) for right in state["rights"])
    lying = 12 * (len(state["charges"]) + len(state["notices"]))
    return (
        12
        + 2 * len(state["spatialUnits"])
        + held
        + lying
        + 8 * (len(state["responsibilities"]) + len(state["applications"]))
    )


def _of_title(state: dict) -> int:
    return _words(state) + SLOT_WEIGHT * (len(state["spatialUnits"]) + len(state["charges"]) + len(state["notices"]))


def _of_claims(spatial_units: list[dict]) -> int:
    return (2 + SLOT_WEIGHT) * len(spatial_units)


def _weight(act: int, signed: dict, changes: list[Change], asked: Asked) -> int:
    """States shown with the call, consents, and what is made beside the states that follow those shown."""
    shown = sum(_words(one.before) for one in changes if one.before is not None) + CONSENT_WEIGHT * len(asked.needed)
    made = [one.after for one in changes if one.before is None]
    if act in (REGISTRATION, PARTS):
        return shown + sum(_of_title(state) for state in made)
    if act == TRANSFER:
        return shown + 6 * len(signed["next"]["holdings"])
    if act == SUBDIVISION:
        carried = _words(changes[0].before) * len(made)
        return shown + carried + sum(_of_claims(state["spatialUnits"]) for state in made)
    if act == CONSOLIDATION:
        return shown + sum(_words(state) + _of_claims(state["spatialUnits"]) for state in made)
    return shown
