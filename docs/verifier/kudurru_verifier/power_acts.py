"""What officers do to power, held against the entry that says so: appointments, keys, suspensions, pauses."""

from __future__ import annotations

from . import typed
from .crypto import keccak, word
from .findings import Findings
from .officers import SCOPES, Need, Power
from .personnel_rules import RULES, refusal_of_effect
from .signing import (
    APPOINTMENT,
    FREEING,
    LONG_PAUSE,
    RESIGNATION,
    REVOCATION,
    ROTATION,
    SHORT_PAUSE,
    SUSPENSION,
    UNPAUSE,
)

# The register whose entry follows: the consortium emits what personnel enters.
EFFECTS = {
    "OfficerAppointed": "personnel",
    "KeyRotated": "personnel",
    "OfficerSuspended": "personnel",
    "OfficerFreed": "personnel",
    "OfficerRevoked": "personnel",
    "Paused": "safeguards",
    "Unpaused": "safeguards",
}
OFFICERS_SCOPE, REDEMPTION = 4, 2
HOUR, DAY = 3_600, 86_400


def _rested_from(since: int, until: int) -> int:
    return until + 9 * (until - since)


class PowerActs:
    def __init__(self, findings: Findings, power: Power) -> None:
        self._findings, self._power = findings, power
        # By safeguards, institution and scope.
        self._next_lone: dict[tuple[bytes, int, int], int] = {}
        # By scope, of the last pause where a lone officer laid it: of which institution, and when it began.
        self._lone: dict[int, tuple[int, int]] = {}

    def need_of(self, name: str, args: dict, preparer: bytes) -> Need | None:
        if name in ("Paused", "Unpaused"):
            is_two = name == "Paused" or not self._is_laid_by(args["scope"], preparer)
            return Need(0, None, two_institutions=is_two)
        if name == "OfficerSuspended":
            return None
        if name == "OfficerAppointed":
            return Need(args["office"], OFFICERS_SCOPE, args["institution"])
        officer = self._power.officers.get(args["officer"])
        if officer is None:
            return None
        scope = None if name == "OfficerRevoked" else OFFICERS_SCOPE
        return Need(officer.office, scope, officer.institution)

    def _is_laid_by(self, scopes: int, officer_id: bytes) -> bool:
        """Whether lone officers of an officer's institution laid the pause of each of these scopes."""
        officer = self._power.officers.get(officer_id)
        own = officer.institution if officer else None
        return all(self._lone.get(bit, (None, 0))[0] == own for bit in range(SCOPES) if scopes >> bit & 1)

    def check_bound(self, name: str, address: bytes, args: dict, entry: dict, signed, now: int) -> None:
        if signed is None:
            kind, subject, state, act_hash = self._alone(name, args, entry)
        else:
            kind, subject, state, act_hash = self._by_two(name, args, dict(signed.head))
        told_by = entry["address"] if EFFECTS[name] == "safeguards" else self._power.consortium
        is_bound = (
            address == told_by
            and entry["kind"] == kind
            and entry["subject"] == subject
            and entry["newState"] == state
            and (signed is None or signed.act_hash == act_hash)
        )
        what = "Power changed otherwise than its entry says."
        self._findings.require(is_bound, "L3", what, entry["entryId"])
        office = None if signed is None else signed.head["office"]
        refused = refusal_of_effect(name, args, office, self._power.records(), now)
        if refused is not None:
            self._findings.add(RULES.get(refused, "L3"), refused, entry["entryId"])
        self._check_times(name, args, entry, now)

    def _check_times(self, name: str, args: dict, entry: dict, now: int) -> None:
        findings, power = self._findings, self._power
        officer = power.officers.get(args.get("officer", b""))
        if name == "OfficerSuspended":
            narrowed = officer.narrowed_until if officer else 0
            is_short = now < args["until"] <= now + 72 * HOUR and narrowed <= args["until"]
            what = "A lone officer silenced a colleague too long, or hid that the colleague is narrowed."
            findings.require(is_short, "P9", what, args["officer"])
        if name == "OfficerFreed":
            is_silent = officer is not None and now < officer.suspended_until
            findings.require(is_silent, "L3", "An officer was freed who was not suspended.", args["officer"])
        if name in ("OfficerAppointed", "KeyRotated"):
            is_due = args["activeFrom"] == now + power.appointment_wait
            findings.require(is_due, "P5", "A key counts from another moment than its wait ends.", args["officer"])
        if name in ("Paused", "Unpaused"):
            is_bounded = self._is_bounded(name, args, entry, now)
            what = "A scope was stopped longer or sooner again than may be, or freed that was not stopped."
            findings.require(is_bounded, "P9", what, entry["entryId"])

    def _is_bounded(self, name: str, args: dict, entry: dict, now: int) -> bool:
        bits = [bit for bit in range(SCOPES) if args["scope"] >> bit & 1]
        until_of = {bit: self._power.pauses.get(bit, (0, False))[0] for bit in bits}
        if name == "Unpaused" or args["byTwoInstitutions"]:
            for bit in bits:
                # The second in which others end a lone pause counts whole; one that ran out has had its rest.
                lone = self._lone.pop(bit, None)
                if lone is not None and now < until_of[bit]:
                    self._next_lone[(entry["address"], lone[0], bit)] = _rested_from(lone[1], now + 1)
        if name == "Unpaused":
            return all(now < until for until in until_of.values())
        until = args["until"]
        if until <= now:
            return False
        if args["byTwoInstitutions"]:
            return until <= now + 90 * DAY and all(one <= until for one in until_of.values())
        officer = self._power.officers.get(entry["preparer"])
        # Safeguards that follow others begin anew with whose turn it is.
        own = (entry["address"], officer.institution if officer else 0)
        is_rested = all(until_of[bit] <= now and self._next_lone.get((*own, bit), 0) <= now for bit in bits)
        for bit in bits:
            self._next_lone[(*own, bit)] = _rested_from(now, until)
            self._lone[bit] = (own[1], now)
        return is_rested and REDEMPTION not in bits and until <= now + 72 * HOUR

    # ---- What was signed ---------------------------------------------------------------------------------------

    def _alone(self, name: str, args: dict, entry: dict) -> tuple[int, bytes, bytes, bytes]:
        epoch, preparer = entry["epochs"] >> 32, entry["preparer"]
        nothing = (0, b"", b"", b"")
        if name == "OfficerRevoked":
            is_own = args["revoker"] == preparer and args["officer"] == preparer
            order = typed.hash_struct("Resignation", {**args, "epoch": epoch})
            return (RESIGNATION, args["officer"], order, b"") if is_own else nothing
        if name == "OfficerSuspended":
            order = typed.hash_struct("Suspension", {**args, "revokerEpoch": epoch})
            return (SUSPENSION, args["officer"], order, b"") if args["revoker"] == preparer else nothing
        if name != "Paused" or args["byTwoInstitutions"]:
            return nothing
        order = typed.hash_struct("ShortPause", {**args, "officer": preparer, "epoch": epoch})
        return SHORT_PAUSE, word(args["scope"]), order, b""

    def _by_two(self, name: str, args: dict, head: dict) -> tuple[int, bytes, bytes, bytes]:
        nothing = (0, b"", b"", b"")
        if name == "OfficerAppointed":
            if keccak(args["key"]["keyHash"], args["salt"]) != args["officer"]:
                return nothing
            act = typed.hash_struct("AppointOfficer", {"head": head, "appointment": args})
            return APPOINTMENT, args["officer"], typed.hash_struct("Appointment", args), act
        if name == "KeyRotated":
            act = typed.hash_struct("RotateKey", {"head": head, **args, "epoch": max(args["epoch"] - 2, 0)})
            return ROTATION, args["officer"], typed.hash_struct("Key", args["key"]), act
        if name in ("Paused", "Unpaused"):
            if name == "Paused" and not args["byTwoInstitutions"]:
                return nothing
            kind, struct = (LONG_PAUSE, "LongPause") if name == "Paused" else (UNPAUSE, "Unpause")
            stop = {"head": head, **args, "pauseSequence": self._power.pause_sequence}
            act = typed.hash_struct(struct, stop)
            return kind, word(args["scope"]), act, act
        if name == "OfficerRevoked" and any(args["revoker"]):
            return nothing
        is_end = name == "OfficerRevoked"
        kind, struct = (REVOCATION, "RevokeOfficer") if is_end else (FREEING, "FreeOfficer")
        act = typed.hash_struct(struct, {"head": head, **args})
        return kind, args["officer"], act, act
