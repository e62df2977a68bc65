"""What personnel, the consortium and the safeguards refuse of an officer, of a key, of scopes and of a founding file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .crypto import keccak
from .measure_rules import (
    MOST_INSTITUTION,
    MOST_POLICIES,
    VOTE_BIT,
    is_concentrated,
    refusal_of_roles,
)

SECP256K1, P256, WEBAUTHN = 1, 2, 3
SCOPES = 5
# Officers of every office who manage the others, of one institution; and pairs of them at founding: one may be missing.
MOST_ADMINS, LEAST_PAIRS = 7, 2
_PREPARES, _APPROVES = 1 << 4, 1 << 5
_NONE_32, _NONE_20 = bytes(32), bytes(20)
# Of what is refused the rule that forbids it, where there is one.
RULES = {
    "key-already-used": "P3",
    "officer-epoch-stale": "P3",
    "officer-is-revoked": "P3",
    "too-many-admins": "P7",
    "too-many-policies": "P7",
    "institution-needs-three-admins": "P9",
    "validators-concentrated": "P9",
}


@dataclass
class Records:
    """The records of a consortium before it takes another."""

    # Roles that an institution may give; of an expelled one too.
    roles: dict[int, int] = field(default_factory=dict)
    # Each with institution, office, roles, is_revoked, and places where keys are changed.
    officers: dict[bytes, Any] = field(default_factory=dict)
    # Hash of every key that was ever anybody's, in any place.
    taken_keys: set[bytes] = field(default_factory=set)
    verifiers: dict[bytes, int] = field(default_factory=dict)
    # Who may hold a key that was somebody's of a consortium before; of a founding file the vote for it asks.
    keys_before: dict[bytes, bytes | None] = field(default_factory=dict)


@dataclass
class _Founder:
    institution: int
    office: int
    roles: int
    is_revoked: bool = False


def refusal_of_appointment(officer: bytes, one: dict, records: Records) -> str | None:
    institution, roles = one["institution"], one["roles"]
    ceiling = records.roles.get(institution, 0)
    if ceiling == 0:
        return "institution-unknown"
    if officer in records.officers:
        return "officer-exists"
    if roles == 0 or roles & ~ceiling:
        return "roles-out-of-range"
    refused = _of_key(one["key"], officer, records) or _of_key(one["spare"], officer, records)
    if refused is not None:
        return refused
    if one["key"]["keyHash"] == one["spare"]["keyHash"]:
        return "key-already-used"
    is_full = len(_admins(records.officers, institution)) >= MOST_ADMINS
    return "too-many-admins" if is_full and _is_admin(one["office"], roles) else None


def _of_key(key: dict, officer: bytes, records: Records) -> str | None:
    """A key is taken for ever: two officers never share one, and a revoked one never returns."""
    kind = key["kind"]
    is_verified = kind in (P256, WEBAUTHN)
    is_whole = (
        (kind == SECP256K1 or is_verified)
        and key["keyHash"] != _NONE_32
        and (is_verified or key["verifier"] == _NONE_20)
        and (kind == WEBAUTHN) == (key["rpIdHash"] != _NONE_32)
    )
    if not is_whole:
        return "key-malformed"
    if is_verified and records.verifiers.get(key["verifier"]) != kind:
        return "verifier-not-allowed"
    is_anothers = records.keys_before.get(key["keyHash"], officer) != officer
    return "key-already-used" if is_anothers or key["keyHash"] in records.taken_keys else None


def refusal_of_effect(name: str, args: dict, head_office: int | None, records: Records, now: int) -> str | None:
    """What officers do to another's record, or to scopes; no office in the head of what one orders alone."""
    if name in ("Paused", "Unpaused"):
        return "pause-scope-out-of-range" if args["scope"] == 0 or args["scope"] >> SCOPES else None
    if name == "OfficerSuspended":
        return None
    if name == "OfficerAppointed":
        if head_office not in (None, args["office"]):
            return "office-differs"
        return refusal_of_appointment(args["officer"], args, records)
    officer = records.officers.get(args["officer"])
    if officer is None:
        return None
    if officer.is_revoked:
        return "officer-is-revoked"
    if head_office not in (None, officer.office):
        return "office-differs"
    if name == "KeyRotated":
        is_next = args["epoch"] == officer.places[args["epoch"] % 2][0] + 2
        return _of_key(args["key"], args["officer"], records) if is_next else "officer-epoch-stale"
    is_ahead = name == "OfficerRevoked" and args["suspectSince"] > now
    return "suspicion-in-future" if is_ahead else None


def refusal_of_founding(founding: dict) -> str | None:
    """Quorum and waits are held to the same bounds as after every vote, beside this."""
    records = Records()
    for one in founding["institutions"]:
        number = one["institution"]
        if number == 0 or number > MOST_INSTITUTION or number in records.roles:
            return "institution-number-taken"
        refused = refusal_of_roles(one["roles"])
        if refused is not None:
            return refused
        records.roles[number] = one["roles"]
    kept: set[int] = set()
    for one in founding["offices"]:
        if one["office"] in kept:
            return "office-unchanged"
        if one["keeper"] not in records.roles:
            return "institution-unknown"
        if one["office"] == 0:
            return "office-unchanged"
        kept.add(one["office"])
    if any(one["kind"] not in (P256, WEBAUTHN) for one in founding["verifiers"]):
        return "verifier-not-allowed"
    records.verifiers = {one["verifier"]: one["kind"] for one in founding["verifiers"]}
    refused = _of_officers(founding, records)
    if refused is not None:
        return refused
    if len({one["name"] for one in founding["policies"]}) > MOST_POLICIES:
        return "too-many-policies"
    return _of_running(founding, records)


def _of_officers(founding: dict, records: Records) -> str | None:
    for one in founding["officers"]:
        officer = keccak(one["key"]["keyHash"], one["salt"])
        refused = refusal_of_appointment(officer, one, records)
        if refused is not None:
            return refused
        records.officers[officer] = _Founder(one["institution"], one["office"], one["roles"])
        records.taken_keys |= {one["key"]["keyHash"], one["spare"]["keyHash"]}
    is_managed = all(_pairs(records.officers, institution) >= LEAST_PAIRS for institution in records.roles)
    return None if is_managed else "institution-needs-three-admins"


def _pairs(officers: dict[bytes, Any], institution: int) -> int:
    """Pairs of two different officers who prepare and approve, each pair without one officer of the one before."""
    roles = [one.roles for one in _admins(officers, institution)]
    return min(len(roles) - 1, *(sum(1 for one in roles if one & role) for role in (_PREPARES, _APPROVES)))


def _of_running(founding: dict, records: Records) -> str | None:
    """Each validator is an institution's, and from four on none runs a third of them."""
    run_by = [one["institution"] for one in founding["validators"]]
    if any(institution not in records.roles for institution in run_by):
        return "institution-unknown"
    members = sum(1 for roles in records.roles.values() if roles & VOTE_BIT)
    is_uneven = any(is_concentrated(run_by.count(one), len(run_by), members) for one in records.roles)
    return "validators-concentrated" if is_uneven else None


def _admins(officers: dict[bytes, Any], institution: int) -> list[Any]:
    """Those of every office: who is of one office manages that office's officers alone, and is not counted."""
    return [
        one
        for one in officers.values()
        if one.institution == institution and not one.is_revoked and _is_admin(one.office, one.roles)
    ]


def _is_admin(office: int, roles: int) -> bool:
    return office == 0 and bool(roles & (_PREPARES | _APPROVES))
