"""Who must consent to an act on land, in the order in which the register asks; and the consents as the call shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from . import typed
from .calls import Call, abi_of, arguments, selector
from .crypto import keccak, recover_compact, word
from .land_acts import (
    CAUTION,
    CONSOLIDATION,
    DISCHARGE,
    DIVISION_OPENING,
    MORTGAGE,
    OWNERSHIP_KINDS,
    PARTS,
    REGISTRATION,
    SUBDIVISION,
    TRANSFER,
    WITHDRAWAL,
    Change,
    Moment,
    drop_lapsed,
    is_touched,
    moved,
    named_by,
)
from .officers import P256, SECP256K1, WEBAUTHN, Power, is_signed_by_point
from .times import extended

HOLDER, REPRESENTATIVE, MUST_BE_ASKED = 1, 2, 3
OWN, NOBODY_SIGNS = 1, 3
DISPUTED = 2
MOST = 64
# Notices that one institution brings a unit to.
MOST_LONE_NOTICES = 32
DAY = 86_400
MOST_FUTURE_SECONDS, MOST_LONE_FUTURE_SECONDS = 366 * DAY, 30 * DAY
_ASKED_OF_ALL = {PARTS: True, CONSOLIDATION: True, SUBDIVISION: False, DIVISION_OPENING: False}


class Needed(NamedTuple):
    message: dict
    key_hash: bytes


@dataclass
class Asked:
    """What an act asks for: consents in order, and two institutions where somebody is assisted."""

    moment: Moment
    act: int
    needed: list[Needed] = field(default_factory=list)
    is_assisted: bool = False
    must_be_judged: bool = False
    owners: int = 0
    all_owners: int = 0
    units_hash: bytes = bytes(32)
    terms_hash: bytes = bytes(32)
    effective_on: int = 0
    unit: bytes = bytes(32)
    blocked: list[bytes] = field(default_factory=list)
    has_ended_right: bool = False

    def take(self, role: int, subject: int, key_hash: bytes) -> None:
        if not any(key_hash):
            self.is_assisted = True
            return
        message = {
            "role": role,
            "act": self.act,
            "baUnit": self.unit,
            "unitsHash": self.units_hash,
            "subject": subject,
            "termsHash": self.terms_hash,
            "effectiveOn": self.effective_on,
        }
        self.needed.append(Needed(message, key_hash))

    def has_ended(self, rights: list[dict], right: dict) -> bool:
        """A right ends with the one that it is derived from, which stands before it."""
        ends, now = right["expiresOn"], self.moment.now
        if ends and now > ends and now > extended(self.moment.halts, ends):
            return True
        source = next(
            (one for one in rights if one["rightId"] == right["targetRight"] and one["rightId"] < right["rightId"]), None
        )
        return source is not None and self.has_ended(rights, source)

    def take_touched(self, right: dict, touched: set[int]) -> None:
        if not touched:
            return
        if right["kind"] in OWNERSHIP_KINDS:
            self.owners += len(touched)
        if right["standing"] == DISPUTED:
            self.is_assisted = self.must_be_judged = True
        for place in sorted(touched):
            holding = right["holdings"][place]
            if holding["signer"] == NOBODY_SIGNS:
                self.is_assisted = self.must_be_judged = True
                continue
            role = HOLDER if holding["signer"] == OWN else REPRESENTATIVE
            self.take(role, holding["holdingId"], holding["keyHash"])

    def take_rights(self, rights: list[dict], is_every: bool) -> None:
        in_force = [right for right in rights if not self.has_ended(rights, right)]
        self.has_ended_right |= all(right["kind"] not in OWNERSHIP_KINDS for right in in_force)
        for right in in_force:
            if is_every or right["kind"] in OWNERSHIP_KINDS:
                self.take_touched(right, set(range(len(right["holdings"]))))

    def take_holdings(self, rights: list[dict], right: dict, touched: set[int]) -> None:
        self.has_ended_right |= self.has_ended(rights, right)
        self.take_touched(right, touched)

    def within(self, state: dict, right: dict | None, touched: set[int], lessened: str) -> list[tuple[dict, str]]:
        """Charges and notices that lie on what is touched, with what the act takes from them; those that block are noted."""
        found = [
            (one, lessened)
            for one in state["charges"]
            if self._is_binding(one, state["rights"], right, lessened == "everything")
        ] + [(one, "nothing") for one in state["notices"]]
        found = [(one, how) for one, how in found if _is_on(one, right, touched)]
        self.blocked += [self.unit for one, _ in found if one["blocks"] >> self.act & 1]
        return found

    def _is_binding(self, charge: dict, rights: list[dict], right: dict | None, asks_all: bool) -> bool:
        """A charge counts no further than those who agreed to it could themselves refuse: on the whole unit, owners for what
        owners hold; on a right, its holders for what they are asked about, while they hold it."""
        if charge["targetRight"] == 0:
            return right is None or right["kind"] in OWNERSHIP_KINDS
        on = next((one for one in rights if one["rightId"] == charge["targetRight"]), None)
        if on is None or self.has_ended(rights, on):
            return False
        return right is not None or asks_all or on["kind"] in OWNERSHIP_KINDS

    def has_room(self, state: dict, made: dict) -> bool:
        """Half of the places of charges are kept for the holdings of rights in force, in equal parts, one at least for each,
        less the charges that lie on it: a charge takes none of those whose holders do not agree to it."""
        in_force = [right for right in state["rights"] if not self.has_ended(state["rights"], right)]
        count = sum(len(right["holdings"]) for right in in_force)
        part = max(1, MOST // 2 // max(1, count))
        places = len(state["charges"]) + 1
        for right in in_force:
            for holding in right["holdings"]:
                if _lies_on(made, right, holding):
                    continue
                taken = sum(1 for one in state["charges"] if _lies_on(one, right, holding))
                places += max(0, part - taken)
        return places <= MOST

    def take_restrictions(self, found: list[tuple[dict, str]]) -> None:
        for one, how in found:
            is_lessened = how == "everything" or (how == "touched" and one["targetHolding"] != 0)
            if is_lessened or one["needsConsent"] >> self.act & 1:
                self.take(MUST_BE_ASKED, one["restrictionId"], one["holderKeyHash"])


def _is_on(one: dict, right: dict | None, touched: set[int]) -> bool:
    """Whether a restriction lies on what an act touches."""
    if right is None or one["targetRight"] == 0:
        return True
    return one["targetRight"] == right["rightId"] and is_touched(one, right, touched)


def _lies_on(one: dict, right: dict, holding: dict) -> bool:
    """Whether the holder agreed to a charge: every owner does to one on the whole unit."""
    if one["targetRight"] == 0:
        return right["kind"] in OWNERSHIP_KINDS
    return one["targetRight"] == right["rightId"] and one["targetHolding"] in (0, holding["holdingId"])


def asked_by(act: int, signed: dict, changes: list[Change], moment: Moment) -> Asked:
    """All that an act asks for, of the states before it without what lapsed."""
    asked = Asked(moment, SUBDIVISION if act == DIVISION_OPENING else act)
    if act == REGISTRATION:
        return asked
    units = [(one.unit, drop_lapsed(one.before, moment)) for one in named_by(act, changes)]
    parts = [
        part
        for unit, state in units
        for part in (unit, typed.hash_array("Right", state["rights"]), typed.hash_array("Restriction", state["charges"]))
    ]
    asked.units_hash, asked.effective_on = keccak(*parts), signed["head"]["effectiveOn"]
    asked.terms_hash = _terms_of(act, signed, [unit for unit, _ in units])
    for at, (unit, state) in enumerate(units):
        asked.unit = unit
        rights = state["rights"]
        asked.all_owners += sum(
            len(right["holdings"])
            for right in rights
            if right["kind"] in OWNERSHIP_KINDS and not asked.has_ended(rights, right)
        )
        if act == TRANSFER:
            _take_transfer(asked, state, signed["next"])
        elif act == MORTGAGE:
            _take_mortgage(asked, state, signed["restriction"])
        elif act == CAUTION:
            asked.is_assisted |= len(state["notices"]) >= MOST_LONE_NOTICES
        elif act in (DISCHARGE, WITHDRAWAL):
            _take_release(asked, state, signed["releases"][at]["restrictionId"])
        elif act in _ASKED_OF_ALL:
            is_every = _ASKED_OF_ALL[act]
            found = asked.within(state, None, set(), "everything" if is_every else "nothing")
            asked.take_rights(rights, is_every)
            asked.take_restrictions(found)
    return asked


def _terms_of(act: int, signed: dict, units: list[bytes]) -> bytes:
    if act == TRANSFER:
        return typed.hash_struct("Right", signed["next"])
    if act in (MORTGAGE, CAUTION):
        return typed.hash_struct("Restriction", signed["restriction"])
    if act == PARTS:
        return typed.hash_array("Title", signed["parts"])
    if act == SUBDIVISION:
        return typed.hash_array("Portion", [child["portion"] for child in signed["children"]])
    if act == DIVISION_OPENING:
        return keccak(word(signed["memberCount"]), signed["membersRoot"])
    if act == CONSOLIDATION:
        portion = typed.hash_struct("Portion", signed["child"]["portion"])
        return keccak(keccak(*units), portion, typed.hash_struct("Right", signed["ownership"]))
    return bytes(32)


def _take_transfer(asked: Asked, state: dict, given: dict) -> None:
    prior = next((one for one in state["rights"] if one["rightId"] == given["rightId"]), None)
    if prior is None:
        return
    touched = moved(prior, given)
    found = asked.within(state, prior, touched, "touched")
    asked.take_holdings(state["rights"], prior, touched)
    asked.take_restrictions(found)


def _take_mortgage(asked: Asked, state: dict, mortgage: dict) -> None:
    right, touched = None, set()
    if mortgage["targetRight"] != 0:
        right = next((one for one in state["rights"] if one["rightId"] == mortgage["targetRight"]), None)
        if right is None:
            return
        only = mortgage["targetHolding"]
        touched = {i for i, one in enumerate(right["holdings"]) if only in (0, one["holdingId"])}
    found = asked.within(state, right, touched, "nothing")
    if right is None:
        asked.take_rights(state["rights"], False)
    else:
        asked.take_holdings(state["rights"], right, touched)
    asked.take_restrictions(found)


def _take_release(asked: Asked, state: dict, restriction: int) -> None:
    one = next((one for one in [*state["notices"], *state["charges"]] if one["restrictionId"] == restriction), None)
    if one is not None:
        asked.terms_hash = typed.hash_struct("Restriction", one)
        asked.take(HOLDER, one["restrictionId"], one["holderKeyHash"])


def effect_refused(act: int, stated: int, asked: Asked, changes: list[Change]) -> list[str]:
    """Why the date of effect that a head states is one that nobody agreed to."""
    now, found = asked.moment.now, []
    since = max([one.before["header"]["effectiveOn"] for one in named_by(act, changes)], default=0)
    if stated == 0:
        return found
    if stated < since:
        found.append("effect-before-last")
    elif stated > now + MOST_FUTURE_SECONDS:
        found.append("effect-too-far-ahead")
    if act == REGISTRATION or (asked.owners and asked.owners == asked.all_owners):
        return found
    bound = max(now + (MOST_LONE_FUTURE_SECONDS if asked.owners else 0), since)
    is_nobodys = not asked.owners and not asked.needed
    if stated > bound or (is_nobodys and stated < bound):
        found.append("effect-not-consented")
    return found


# ---- As the call shows them ------------------------------------------------------------------------------------

_PROOFS = "(uint64 notBefore, uint64 deadline, bytes32 mandateCommitment, uint8 kind, bytes32 salt, bytes key, bytes signature)[]"
_SIGNATURES = "(bytes preparer, (bytes32 approver, uint32 approverEpoch, uint64 deadline) approval, bytes approver)"


def _call(method: str, struct: str, prior: str) -> tuple[bytes, str]:
    kinds = (abi_of(struct), abi_of(prior), _PROOFS, _SIGNATURES)
    return selector(method, kinds), f"({kinds[0]} act, {kinds[1]} priors, {kinds[2]} consents, {kinds[3]} signatures)"


# By the rule contract of the register, named as the register names it, that an act is sent to.
_CALLS = {
    rule: dict(_call(*one) for one in methods)
    for rule, methods in {
        "transfers": [("transferRight", "TransferRight", "BAUnitState")],
        "charges": [
            ("createRestriction", "CreateRestriction", "BAUnitState[]"),
            ("discharge", "Discharge", "BAUnitState[]"),
        ],
        "partition": [("subdivide", "Subdivide", "BAUnitState"), ("consolidate", "Consolidate", "BAUnitState[]")],
        "parts": [("registerParts", "RegisterParts", "BAUnitState")],
        "division": [("openDivision", "OpenDivision", "BAUnitState")],
    }.items()
}
RULES = tuple(_CALLS)


def shown_in(call: Call, rule: str | None) -> list[dict] | None:
    """The consents of a call that came straight from its sender to a rule contract; None of any other."""
    kind = None if rule is None else _CALLS[rule].get(call.data[:4])
    if kind is None:
        return None
    found = arguments(call.data, kind)
    return None if found is None else found["consents"]


def judge(asked: Asked, proofs: list[dict], taken: list[bytes], separator: bytes, power: Power) -> str | None:
    """Why the register would not take the consents that are shown; None where it took these."""
    now, halts, shown = asked.moment.now, asked.moment.halts, []
    for place, one in enumerate(asked.needed):
        if place == len(proofs):
            return "consent-missing"
        proof = proofs[place]
        if now < proof["notBefore"]:
            return "consent-not-yet-valid"
        if now > proof["deadline"] and now > extended(halts, proof["deadline"]):
            return "consent-expired"
        times = {name: proof[name] for name in ("notBefore", "deadline", "mandateCommitment")}
        digest = typed.digest(separator, typed.hash_struct("Consent", {**one.message, **times}))
        if not _is_given(proof, digest, one.key_hash, power):
            return "consent-not-given"
        hashes = (keccak(proof["key"]), keccak(proof["signature"]))
        shown.append(keccak(digest, word(proof["kind"]), proof["salt"], *hashes))
    if len(proofs) > len(asked.needed):
        return "consent-unneeded"
    return None if shown == taken[: len(shown)] else "A consent was shown that is not the one taken."


def _is_given(proof: dict, digest: bytes, key_hash: bytes, power: Power) -> bool:
    kind, key = proof["kind"], proof["key"]
    if kind == SECP256K1:
        signer = None if key else recover_compact(digest, proof["signature"])
        return signer is not None and _key_hash(proof["salt"], kind, signer) == key_hash
    if kind not in (P256, WEBAUTHN) or len(key) != 64 or _key_hash(proof["salt"], kind, key) != key_hash:
        return False
    relying_party = word(power.policy("signingRelyingParty"))
    is_allowed = kind in power.verifiers.values() and (kind == P256 or any(relying_party))
    return is_allowed and is_signed_by_point(kind, relying_party, key, digest, proof["signature"])


def _key_hash(salt: bytes, kind: int, key: bytes) -> bytes:
    padded = key + bytes(-len(key) % 32)
    return keccak(salt, word(kind), word(96), word(len(key)), padded)
