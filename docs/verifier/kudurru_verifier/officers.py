"""Who could sign at each moment: officers with their keys and epochs, institutions, offices, verifiers, pauses."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field

from .crypto import keccak, p256_holds_any, recover_compact
from .findings import Findings
from .personnel_rules import RULES, Records, refusal_of_appointment, refusal_of_founding
from .refused import Refused, require
from .times import Clock

NEVER = 1 << 64
SECP256K1, P256, WEBAUTHN = 1, 2, 3
WHILE_NARROWED = (0, 1, 9, 10)
REST_SECONDS = 30 * 86_400
REVOKE, PAUSE = 8, 7
ADMIN = (4, 5)
SCOPES = 5
REDEMPTION = 2


@dataclass
class Officer:
    institution: int
    office: int
    roles: int
    # By place, 0 the spare and 1 the first: the epoch in force and from when its key counts.
    places: dict[int, tuple[int, int]]
    keys: dict[int, dict]
    is_revoked: bool = False
    suspended_until: int = 0
    narrowed_until: int = 0
    suspended_from: int = 0

    def keys_in_force(self) -> list[bytes]:
        """Of an officer who was not revoked."""
        return [] if self.is_revoked else [self.keys[epoch]["keyHash"] for epoch, _ in self.places.values()]


def officer_of(record: dict, active_from: int) -> Officer:
    places = {1: (1, active_from), 0: (2, active_from)}
    return Officer(
        record["institution"], record["office"], record["roles"], places, {1: record["key"], 2: record["spare"]}
    )


@dataclass(frozen=True)
class Need:
    """What an act asks of its two officers beside their roles."""

    office: int
    scope: int | None
    institution: int = 0
    preparer_institution: int = 0
    two_institutions: bool = False
    is_above_tier: bool = False


@dataclass
class Power:
    findings: Findings
    ledger_nonce: bytes = bytes(32)
    officers: dict[bytes, Officer] = field(default_factory=dict)
    barred_until: dict[int, int] = field(default_factory=dict)
    keepers: dict[int, int] = field(default_factory=dict)
    verifiers: dict[bytes, int] = field(default_factory=dict)
    policies: dict[bytes, int] = field(default_factory=dict)
    # That an institution's officers may have.
    roles: dict[int, int] = field(default_factory=dict)
    # Hash of each key that was ever an officer's.
    taken_keys: set[bytes] = field(default_factory=set)
    # Of each key that was an officer's of a consortium before: for whom it was in force at the end, or nobody.
    keys_before: dict[bytes, bytes | None] = field(default_factory=dict)
    # In force; empty before the first.
    consortium: bytes = b""
    pauses: dict[int, tuple[int, bool]] = field(default_factory=dict)
    pause_sequence: int = 0
    appointment_wait: int = 0
    is_seated: bool = False
    # Of redemption: what its pauses give back to sales.
    redemption: Clock = Clock()

    def found(self, consortium: bytes, founding: dict) -> None:
        """A consortium begins with its file; safeguards, and so pauses, outlive one."""
        refused = refusal_of_founding(founding)
        if refused is not None:
            self.findings.add(RULES.get(refused, "P9"), refused, consortium)
        self.consortium = consortium
        self.keys_before |= dict.fromkeys(self.taken_keys)
        for officer_id, officer in self.officers.items():
            self.keys_before |= dict.fromkeys(officer.keys_in_force(), officer_id)
        self.taken_keys = {one[place]["keyHash"] for one in founding["officers"] for place in ("key", "spare")}
        self.roles = {one["institution"]: one["roles"] for one in founding["institutions"]}
        self.ledger_nonce = founding["ledgerNonce"]
        self.officers = {
            keccak(one["key"]["keyHash"], one["salt"]): officer_of(one, 0) for one in founding["officers"]
        }
        self.barred_until = {}
        self.keepers = {one["office"]: one["keeper"] for one in founding["offices"]}
        self.verifiers = {one["verifier"]: one["kind"] for one in founding["verifiers"]}
        self.policies = {one["name"]: one["value"] for one in founding["policies"]}
        self.appointment_wait = founding["appointmentWaitSeconds"]
        self.is_seated = founding["quorum"] >= 2

    def policy(self, name: str) -> int:
        return self.policies.get(keccak(name.encode()), 0)

    def may_hold(self, officer_id: bytes, key_hash: bytes) -> bool:
        """Whether a key may be an officer's in a consortium that follows this one."""
        officer = self.officers.get(officer_id)
        if key_hash in self.taken_keys:
            return officer is not None and key_hash in officer.keys_in_force()
        return self.keys_before.get(key_hash, officer_id) == officer_id

    def is_paused(self, scope: int, now: int) -> bool:
        return now < self.pauses.get(scope, (0, False))[0]

    def is_held_by_two(self, scopes: int, now: int) -> bool:
        return any(
            scopes >> bit & 1 and by_two and now < until for bit, (until, by_two) in self.pauses.items()
        )

    # ---- Events ------------------------------------------------------------------------------------------------

    def apply(self, name: str, args: dict, now: int) -> None:
        change = getattr(self, f"_{name}", None)
        if change is not None:
            change(args, now)

    def records(self) -> Records:
        return Records(self.roles, self.officers, self.taken_keys, self.verifiers, self.keys_before)

    def check_appointed(self, args: dict) -> None:
        """Before it counts: whom a measure appoints the consortium asks what it asks of everybody."""
        refused = refusal_of_appointment(args["officer"], args, self.records())
        if refused is not None:
            self.findings.add(RULES.get(refused, "P4"), refused, args["officer"])

    def _OfficerAppointed(self, args: dict, _: int) -> None:
        self.taken_keys |= {args["key"]["keyHash"], args["spare"]["keyHash"]}
        self.officers[args["officer"]] = officer_of(args, args["activeFrom"])

    def _of(self, officer_id: bytes) -> Officer:
        """Who is changed; of whom nobody appointed a record that counts nowhere."""
        if officer_id in self.officers:
            return self.officers[officer_id]
        self.findings.add("L3", "An officer nobody appointed was changed.", officer_id)
        return Officer(0, 0, 0, {}, {})

    def _KeyRotated(self, args: dict, _: int) -> None:
        self.taken_keys.add(args["key"]["keyHash"])
        officer = self._of(args["officer"])
        officer.places[args["epoch"] % 2] = (args["epoch"], args["activeFrom"])
        officer.keys[args["epoch"]] = args["key"]

    def _OfficerSuspended(self, args: dict, now: int) -> None:
        officer = self._of(args["officer"])
        officer.suspended_until, officer.suspended_from = args["until"], now
        self._of(args["revoker"]).narrowed_until = args["until"]

    def _OfficerFreed(self, args: dict, _: int) -> None:
        self._of(args["officer"]).suspended_until = 0

    def _OfficerRevoked(self, args: dict, _: int) -> None:
        self._of(args["officer"]).is_revoked = True

    def _InstitutionAdmitted(self, args: dict, _: int) -> None:
        self.roles[args["institution"]] = args["roles"]

    _InstitutionRolesChanged = _InstitutionAdmitted

    def _InstitutionExpelled(self, args: dict, _: int) -> None:
        self.barred_until[args["institution"]] = NEVER

    def _InstitutionSuspended(self, args: dict, _: int) -> None:
        self.barred_until[args["institution"]] = args["until"]

    def _SuspensionLifted(self, args: dict, _: int) -> None:
        self.barred_until.pop(args["institution"], None)

    def _OfficeMoved(self, args: dict, _: int) -> None:
        self.keepers[args["office"]] = args["keeper"]

    def _ConsortiumSeated(self, _args: dict, _: int) -> None:
        self.is_seated = True

    def _AppointmentWaitChanged(self, args: dict, _: int) -> None:
        self.appointment_wait = args["waitSeconds"]

    def _VerifierAllowed(self, args: dict, _: int) -> None:
        self.verifiers[args["verifier"]] = args["kind"]

    def _VerifierDisallowed(self, args: dict, _: int) -> None:
        self.verifiers.pop(args["verifier"], None)

    def _PolicyChanged(self, args: dict, _: int) -> None:
        self.policies[args["name"]] = args["value"]

    def _Paused(self, args: dict, now: int) -> None:
        # What one institution does alone makes nothing stale that two sign.
        self.pause_sequence += args["byTwoInstitutions"]
        self._pause(args["scope"], lambda _by_two: (args["until"], args["byTwoInstitutions"]))
        if args["scope"] >> REDEMPTION & 1:
            self.redemption = self.redemption.paused(args["until"], now)

    def _Unpaused(self, args: dict, now: int) -> None:
        self.pause_sequence += self.is_held_by_two(args["scope"], now)
        self._pause(args["scope"], lambda by_two: (now, by_two))
        if args["scope"] >> REDEMPTION & 1:
            self.redemption = self.redemption.paused(now, now)

    def _pause(self, scopes: int, next_of) -> None:
        for bit in range(SCOPES):
            if scopes >> bit & 1:
                self.pauses[bit] = next_of(self.pauses.get(bit, (0, False))[1])

    # ---- Judging -----------------------------------------------------------------------------------------------

    def require_standing(self, officer_id: bytes, epoch: int, now: int, is_exempt: bool = False) -> Officer:
        """Whether a signature counts at all; exempt is who resigns, from waits, suspensions and bars."""
        officer = self.officers.get(officer_id)
        if officer is None:
            raise Refused("officer-unknown")
        in_force, active_from = officer.places[epoch % 2]
        require(not officer.is_revoked, "officer-is-revoked")
        require(is_exempt or now >= officer.suspended_until, "officer-is-suspended")
        require(is_exempt or now >= active_from, "officer-not-yet-active")
        require(in_force == epoch, "officer-epoch-stale")
        return officer

    def require_unbarred(self, officer: Officer, now: int) -> None:
        require(now >= self.barred_until.get(officer.institution, 0), "institution-is-barred")

    def require_officer(
        self, officer_id: bytes, epoch: int, office: int, role: int, institution: int, now: int
    ) -> Officer:
        officer = self.require_standing(officer_id, epoch, now)
        self.require_unbarred(officer, now)
        require(officer.office in (0, office), "office-out-of-scope")
        require(bool(officer.roles >> role & 1), "role-missing")
        require(now >= officer.narrowed_until or role in WHILE_NARROWED, "officer-is-narrowed")
        require(institution in (0, officer.institution), "institution-differs")
        return officer

    def is_signed(self, officer_id: bytes, epoch: int, digest: bytes, signature: bytes) -> bool:
        """By the key of that epoch, through a verifier that is allowed."""
        officer = self.officers.get(officer_id)
        key = officer.keys.get(epoch) if officer else None
        return key is not None and self.is_verified(key) and is_signed_by(key, digest, signature)

    def is_verified(self, key: dict) -> bool:
        """Whether the verifier that a key names may still say who signed; a key of secp256k1 names none."""
        return key["kind"] == SECP256K1 or self.verifiers.get(key["verifier"]) == key["kind"]

    def can_manage(self, institution: int, now: int = NEVER) -> bool:
        """
        Whether two different officers of every office can prepare and approve for the institution, each with a key that is
        allowed: at a moment none that waits, and nobody suspended or narrowed; without one those too, as that ends by itself.
        """
        roles = [
            one.roles
            for one in self.officers.values()
            if one.institution == institution
            and one.office == 0
            and not one.is_revoked
            and max(one.suspended_until, one.narrowed_until) <= now
            and any(
                active_from <= now and epoch in one.keys and self.is_verified(one.keys[epoch])
                for epoch, active_from in one.places.values()
            )
        ]
        preparers, approvers = (sum(1 for one in roles if one >> role & 1) for role in ADMIN)
        either = sum(1 for one in roles if any(one >> role & 1 for role in ADMIN))
        return preparers > 0 and approvers > 0 and either > 1


def is_signed_by(key: dict, digest: bytes, signature: bytes) -> bool:
    if key["kind"] == SECP256K1:
        signer = recover_compact(digest, signature)
        return signer is not None and keccak(signer) == key["keyHash"]
    point, proof = signature[:64], signature[64:]
    if len(point) != 64 or keccak(point) != key["keyHash"]:
        return False
    return is_signed_by_point(key["kind"], key["rpIdHash"], point, digest, proof)


def is_signed_by_point(kind: int, rp_id_hash: bytes, point: bytes, digest: bytes, proof: bytes) -> bool:
    """By a P-256 key, or by a passkey for a relying party."""
    if kind == P256:
        return len(proof) == 64 and _by_point(point, digest, proof)
    return kind == WEBAUTHN and _is_assertion(rp_id_hash, point, digest, proof)


def _by_point(point: bytes, digest: bytes, proof: bytes) -> bool:
    numbers = [int.from_bytes(part, "big") for part in (proof[:32], proof[32:64], point[:32], point[32:])]
    return p256_holds_any(digest, *numbers)


def _is_assertion(rp_id_hash: bytes, point: bytes, digest: bytes, proof: bytes) -> bool:
    """ABI-encoded (r, s, challengeIndex, typeIndex, authenticatorData, clientDataJSON) of a passkey."""

    def number(at: int) -> int:
        found = proof[at : at + 32]
        return min(int.from_bytes(found, "big"), len(proof)) if len(found) == 32 else 0

    def run(index: int) -> bytes:
        start = number(32 * index)
        return proof[start + 32 : start + 32 + number(start)]

    authenticator, client = run(4), run(5)
    plain = b"".join(len(one).to_bytes(32, "big") + one + bytes(-len(one) % 32) for one in (authenticator, client))
    offsets = (6 * 32, 7 * 32 + len(authenticator) + -len(authenticator) % 32)
    if proof[128:] != b"".join(at.to_bytes(32, "big") for at in offsets) + plain:
        return False
    if len(authenticator) < 37 or authenticator[:32] != rp_id_hash:
        return False
    flags = authenticator[32]
    is_of_user = flags & 0x01 and flags & 0x04 and (flags & 0x08 or not flags & 0x10)
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=")
    is_asked = client[number(96) :].startswith(b'"type":"webauthn.get"') and client[number(64) :].startswith(
        b'"challenge":"' + challenge + b'"'
    )
    signed = hashlib.sha256(authenticator + hashlib.sha256(client).digest()).digest()
    return bool(is_of_user) and is_asked and _by_point(point, signed, proof[:64])
