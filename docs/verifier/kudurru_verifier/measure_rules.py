"""What a measure is refused for when it is opened and carried out, what it changes, and who may follow a consortium."""

from __future__ import annotations

from typing import Callable, NamedTuple

from .crypto import keccak

ADMIT, EXPEL, SUSPEND, LIFT, SET_ROLES, RESEAT, SET_QUORUM, SET_WIDENING, SET_APPOINTMENT = range(1, 10)
ALLOW_VERIFIER, DISALLOW_VERIFIER, ADD_VALIDATOR, REMOVE_VALIDATOR, SET_POLICY, PUT_IN_FORCE = range(10, 16)
PASS_AUTHORITY, MOVE_OFFICE, RECORD_HALT, REPLACE_VALIDATOR, REVOKE_OFFICER, FREE_OFFICER = range(16, 22)
DAY = 86_400
MOST_VOTING_SECONDS = 60 * DAY
MOST_OPEN = 8
LEAST_WAIT_SECONDS, MOST_WAIT_SECONDS = DAY, 90 * DAY
MOST_APPOINTMENTS = 16
MOST_INSTITUTION, MOST_POLICIES, MOST_VALIDATORS = 127, 64, 128
ROLE_BITS = 14
VOTE_BIT = 1 << 6
SEATED_QUORUM = 2
# From so many members on the ledger outlives any one of them.
OUTLIVING_MEMBERS = 3
# So many validators go on without any one; from so many members on none runs a third.
LEAST_VALIDATORS = 4
NAMES = {keccak(name) for name in (b"Safeguards", b"Personnel", b"LandRegistry", b"BenefitLedger", b"Notary")}

_OF_INSTITUTION = (ADMIT, EXPEL, SUSPEND, LIFT, SET_ROLES, RESEAT, ADD_VALIDATOR, MOVE_OFFICE, REPLACE_VALIDATOR)
_OF_TARGET = (
    *(ALLOW_VERIFIER, DISALLOW_VERIFIER, ADD_VALIDATOR, REMOVE_VALIDATOR),
    *(PUT_IN_FORCE, PASS_AUTHORITY, REPLACE_VALIDATOR),
)
_OF_NAME = (SET_POLICY, PUT_IN_FORCE, RECORD_HALT, REPLACE_VALIDATOR, REVOKE_OFFICER, FREE_OFFICER)
_OF_VALUE = (
    *(ADMIT, SET_ROLES, SET_QUORUM, SET_WIDENING, SET_APPOINTMENT, ALLOW_VERIFIER),
    *(SET_POLICY, PUT_IN_FORCE, MOVE_OFFICE, RECORD_HALT),
)
APPOINTING = (ADMIT, RESEAT)

# The events that follow a measure when it is carried out, each once.
_CHANGED = {
    ADMIT: ("InstitutionAdmitted",),
    EXPEL: ("InstitutionExpelled",),
    SUSPEND: ("InstitutionSuspended",),
    LIFT: ("SuspensionLifted",),
    SET_ROLES: ("InstitutionRolesChanged",),
    SET_QUORUM: ("QuorumChanged",),
    SET_WIDENING: ("WideningWaitChanged",),
    SET_APPOINTMENT: ("AppointmentWaitChanged",),
    ALLOW_VERIFIER: ("VerifierAllowed",),
    DISALLOW_VERIFIER: ("VerifierDisallowed",),
    ADD_VALIDATOR: ("ValidatorAdded",),
    REMOVE_VALIDATOR: ("ValidatorRemoved",),
    SET_POLICY: ("PolicyChanged",),
    PUT_IN_FORCE: ("RegisterNamed",),
    PASS_AUTHORITY: ("RegisterFrozen", "AuthorityChanged"),
    MOVE_OFFICE: ("OfficeMoved",),
    RECORD_HALT: ("HaltRecorded",),
    REPLACE_VALIDATOR: ("ValidatorAdded", "ValidatorRemoved"),
    REVOKE_OFFICER: ("OfficerRevoked",),
    FREE_OFFICER: ("OfficerFreed",),
}


def changes_of(measure: dict, is_seated: bool, is_named: bool) -> set[str]:
    kind = measure["kind"]
    changes = set(_CHANGED.get(kind, ()))
    if kind == SET_QUORUM and not is_seated and measure["value"] >= SEATED_QUORUM:
        changes.add("ConsortiumSeated")
    if kind == PUT_IN_FORCE and is_named:
        changes.add("RegisterFrozen")
    return changes


def refusal_of_opening(measure: dict, now: int, open_measures: int) -> str | None:
    if not _is_well_formed(measure):
        return "measure-malformed"
    if measure["closesAt"] > now + MOST_VOTING_SECONDS:
        return "voting-too-long"
    return "too-many-open-measures" if open_measures >= MOST_OPEN else None


def _is_well_formed(measure: dict) -> bool:
    """A field is set exactly where the kind uses it; a value may be zero where it does."""
    kind = measure["kind"]
    return (
        ADMIT <= kind <= FREE_OFFICER
        and (kind in _OF_INSTITUTION) == (measure["institution"] != 0)
        and (kind in _OF_TARGET) == any(measure["target"])
        and (kind in _OF_NAME) == any(measure["name"])
        and (kind in _OF_VALUE or measure["value"] == 0)
        and (kind in APPOINTING) == any(measure["appointmentsHash"])
    )


class Validators:
    """The Charter's set in its order, and which institution runs each."""

    def __init__(self) -> None:
        self.set: list[bytes] = []
        self.run_by: dict[bytes, int] = {}
        self._left: set[bytes] = set()

    def found(self, founding: dict) -> None:
        """What the founder changed beside the file, before the hand-over, is known of each by its last change."""
        named = [one["validator"] for one in founding["validators"]]
        others = [one for one in self.set if one not in named]
        self.name(founding)
        self.set = [one for one in named if one not in self._left] + others

    def name(self, founding: dict) -> None:
        self.run_by = {one["validator"]: one["institution"] for one in founding["validators"]}
        self.set = list(self.run_by)

    def add(self, validator: bytes, institution: int | None) -> None:
        self._left.discard(validator)
        self.set = [one for one in self.set if one != validator] + [validator]
        if institution is not None:
            self.run_by[validator] = institution

    def remove(self, validator: bytes) -> None:
        """The last one takes the place of who leaves."""
        self._left.add(validator)
        if validator in self.set:
            last = self.set.pop()
            self.set = [last if one == validator else one for one in self.set]

    def held_by(self, institution: int) -> int:
        return sum(1 for one in self.set if self.run_by.get(one, 0) == institution)


class Before(NamedTuple):
    """The ledger as a measure finds it when it is carried out."""

    # Roles, and whether it was expelled.
    institutions: dict[int, tuple[int, bool]]
    is_barred: Callable[[int], bool]
    # Suspended and free again, but not for as long as a suspension lasts.
    is_resting: Callable[[int], bool]
    members: int
    validators: Validators
    registers: dict[bytes, bytes]
    policies: dict[bytes, int]
    verifiers: dict[bytes, int]
    keepers: dict[int, int]
    # Whether it was revoked, and whether it is suspended; None of nobody.
    officer: Callable[[bytes], tuple[bool, bool] | None]


def refusal_of_enactment(measure: dict, before: Before) -> str | None:
    kind, institution, value = measure["kind"], measure["institution"], measure["value"]
    if kind == ADMIT:
        is_taken = institution > MOST_INSTITUTION or institution in before.institutions
        return "institution-number-taken" if is_taken else refusal_of_roles(value)
    if kind in (EXPEL, RESEAT):
        return _of_absent(institution, before)
    if kind in (SUSPEND, LIFT):
        is_unchanged = before.is_barred(institution) == (kind == SUSPEND)
        is_soon = kind == SUSPEND and before.is_resting(institution)
        refused = "institution-unchanged" if is_unchanged else "suspension-too-soon" if is_soon else None
        return _of_absent(institution, before) or refused
    if kind == SET_ROLES:
        return _of_absent(institution, before) or _of_new_roles(value, before.institutions[institution][0])
    if kind in (SET_WIDENING, SET_APPOINTMENT):
        return None if LEAST_WAIT_SECONDS <= value <= MOST_WAIT_SECONDS else "wait-out-of-range"
    if kind == ALLOW_VERIFIER:
        return None if value in (2, 3) else "verifier-not-allowed"
    if kind == DISALLOW_VERIFIER:
        return None if measure["target"] in before.verifiers else "verifier-not-allowed"
    if kind in (ADD_VALIDATOR, REMOVE_VALIDATOR, REPLACE_VALIDATOR):
        return _of_validators(measure, before)
    if kind == SET_POLICY:
        is_new = measure["name"] not in before.policies
        return "too-many-policies" if is_new and len(before.policies) >= MOST_POLICIES else None
    if kind == PUT_IN_FORCE:
        if measure["target"] in before.registers.values():
            return "register-named-twice"
        return None if measure["name"] in NAMES else "register-not-listed"
    if kind == MOVE_OFFICE:
        if value >> 32:
            return "office-unchanged"
        is_unchanged = value == 0 or before.keepers.get(value, 0) == institution
        return _of_absent(institution, before) or ("office-unchanged" if is_unchanged else None)
    if kind == REVOKE_OFFICER:
        officer = before.officer(measure["name"])
        if officer is None:
            return "officer-unknown"
        return "officer-is-revoked" if officer[0] else None
    if kind == FREE_OFFICER:
        return None if before.officer(measure["name"]) == (False, True) else "officer-not-suspended"
    return None


def _of_absent(institution: int, before: Before) -> str | None:
    if institution not in before.institutions:
        return "institution-unknown"
    return "institution-unchanged" if before.institutions[institution][1] else None


def refusal_of_roles(roles: int) -> str | None:
    return "roles-out-of-range" if roles == 0 or roles >> ROLE_BITS else None


def _of_new_roles(roles: int, before: int) -> str | None:
    """Officers keep what they were appointed with, so no role but the vote is taken from an institution alone."""
    if roles == before:
        return "institution-unchanged"
    is_shrunk = before & ~roles & ~VOTE_BIT
    return refusal_of_roles(roles) or ("roles-out-of-range" if is_shrunk else None)


def is_concentrated(held: int, among: int, members: int) -> bool:
    """Whether an institution runs a third or more, of validators and members enough for none to."""
    return among >= LEAST_VALIDATORS and members >= LEAST_VALIDATORS and held * 3 >= among


def _of_validators(measure: dict, before: Before) -> str | None:
    kind, institution, target = measure["kind"], measure["institution"], measure["target"]
    validators = before.validators
    size = len(validators.set)

    if kind == REMOVE_VALIDATOR:
        if size in (1, LEAST_VALIDATORS):
            return "too-few-validators"
        if target not in validators.set:
            return "validator-set-unchanged"
        others = {validators.run_by.get(one, 0) for one in validators.set} - {validators.run_by.get(target, 0)}
        is_uneven = any(is_concentrated(validators.held_by(one), size - 1, before.members) for one in others)
        return "validators-concentrated" if is_uneven else None
    if kind == REPLACE_VALIDATOR:
        leaver = measure["name"][12:]
        is_there = not any(measure["name"][:12]) and leaver in validators.set
        if not is_there or validators.run_by.get(leaver, 0) != institution:
            return "validator-set-unchanged"
    else:
        absent = _of_absent(institution, before)
        if absent is not None:
            return absent
        if is_concentrated(validators.held_by(institution) + 1, size + 1, before.members):
            return "validators-concentrated"
    if target in validators.set:
        return "validator-set-unchanged"
    # One place stays free, so that a stolen key is swapped by adding before removing.
    most = MOST_VALIDATORS if kind == REPLACE_VALIDATOR else MOST_VALIDATORS - 1
    return "too-many-validators" if size >= most else None


class Decided(NamedTuple):
    """How the consortium decides that another follows in authority."""

    is_seated: bool
    members: int
    widening_wait: int
    appointment_wait: int
    policies: dict[bytes, int]
    # Institutions that it ended for good.
    expelled: set[int]
    # Whether a key was nobody's, or is in force for this officer, who was not revoked.
    may_hold: Callable[[bytes, bytes], bool]


def _may_hold(one: dict, now: Decided) -> bool:
    officer = keccak(one["key"]["keyHash"], one["salt"])
    return all(now.may_hold(officer, one[place]["keyHash"]) for place in ("key", "spare"))


def is_weaker(following: dict, now: Decided) -> bool:
    """Whether a founding file begins with less than the consortium that it follows, or with whom that one ended."""
    members = sum(1 for one in following["institutions"] if one["roles"] & VOTE_BIT)
    said = {one["name"]: one["value"] for one in following["policies"]}
    return (
        (now.is_seated and following["quorum"] < SEATED_QUORUM)
        or (now.members >= OUTLIVING_MEMBERS > members)
        or following["wideningWaitSeconds"] < now.widening_wait
        or following["appointmentWaitSeconds"] < now.appointment_wait
        or any(said.get(name, 0) != value for name, value in now.policies.items())
        or any(one["institution"] in now.expelled for one in following["institutions"])
        or not all(_may_hold(one, now) for one in following["officers"])
    )
