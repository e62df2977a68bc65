"""Votes of the members: who decides, what reached a quorum and waited, and every change held against the measure it is of."""

from __future__ import annotations

from typing import Callable, NamedTuple

from . import typed
from .crypto import keccak
from .findings import Findings
from .measure_rules import (
    ADD_VALIDATOR,
    ADMIT,
    ALLOW_VERIFIER,
    APPOINTING,
    DISALLOW_VERIFIER,
    EXPEL,
    FREE_OFFICER,
    LIFT,
    MOST_APPOINTMENTS,
    MOST_WAIT_SECONDS,
    MOVE_OFFICE,
    OUTLIVING_MEMBERS,
    PASS_AUTHORITY,
    PUT_IN_FORCE,
    RECORD_HALT,
    REMOVE_VALIDATOR,
    REPLACE_VALIDATOR,
    RESEAT,
    REVOKE_OFFICER,
    SEATED_QUORUM,
    SET_APPOINTMENT,
    SET_POLICY,
    SET_QUORUM,
    SET_ROLES,
    SET_WIDENING,
    SUSPEND,
    Before,
    Decided,
    Validators,
    changes_of,
    is_weaker,
    refusal_of_enactment,
    refusal_of_opening,
)
from .officers import Power
from .shown_power import ShownPower
from .signing import MEASURE_BASE, Signing, is_passed

# What takes no power from anybody who keeps it and gives none.
AT_ONCE = (SUSPEND, DISALLOW_VERIFIER, RECORD_HALT, REVOKE_OFFICER, FREE_OFFICER)
VOTE = 6
EXECUTION_SECONDS = SUSPENSION_SECONDS = 30 * 86_400
_KEYS = (1, 2)
# Of what is refused the rule that forbids it, where it is not P4.
_RULES = {
    "officer-is-revoked": "P3",
    "wait-out-of-range": "P5",
    "too-many-policies": "P7",
    "validators-concentrated": "P9",
    "register-named-twice": "P9",
    "register-not-listed": "P9",
}


def _is_same(measure: dict, args: dict) -> bool:
    return measure["institution"] == args["institution"]


def _sets(field: str) -> Callable[[dict, dict], bool]:
    return lambda measure, args: measure["value"] == args[field]


def _aims(field: str) -> Callable[[dict, dict], bool]:
    return lambda measure, args: measure["target"] == args[field]


def _is_removed(measure: dict, args: dict) -> bool:
    if measure["kind"] == REMOVE_VALIDATOR:
        return measure["target"] == args["validator"]
    return measure["name"] == bytes(12) + args["validator"]


# The kinds of measures that an event of a change is of, and what it must agree with in one.
CHANGES: dict[str, tuple[tuple[int, ...], Callable[[dict, dict], bool]]] = {
    "InstitutionAdmitted": ((ADMIT,), lambda m, a: _is_same(m, a) and m["value"] == a["roles"]),
    "InstitutionExpelled": ((EXPEL,), _is_same),
    "InstitutionSuspended": ((SUSPEND,), _is_same),
    "SuspensionLifted": ((LIFT,), _is_same),
    "InstitutionRolesChanged": ((SET_ROLES,), lambda m, a: _is_same(m, a) and m["value"] == a["roles"]),
    "QuorumChanged": ((SET_QUORUM,), _sets("quorum")),
    "ConsortiumSeated": ((SET_QUORUM,), lambda m, _: m["value"] >= SEATED_QUORUM),
    "WideningWaitChanged": ((SET_WIDENING,), _sets("waitSeconds")),
    "AppointmentWaitChanged": ((SET_APPOINTMENT,), _sets("waitSeconds")),
    "VerifierAllowed": (
        (ALLOW_VERIFIER,),
        lambda m, a: m["target"] == a["verifier"] and m["value"] == a["kind"],
    ),
    "VerifierDisallowed": ((DISALLOW_VERIFIER,), _aims("verifier")),
    "PolicyChanged": ((SET_POLICY,), lambda m, a: m["name"] == a["name"] and m["value"] == a["value"]),
    "OfficeMoved": ((MOVE_OFFICE,), lambda m, a: m["institution"] == a["keeper"] and m["value"] == a["office"]),
    "HaltRecorded": (
        (RECORD_HALT,),
        lambda m, a: int.from_bytes(m["name"], "big") >> 64 == a["from"]
        and int.from_bytes(m["name"][24:], "big") == a["to"],
    ),
    "RegisterFrozen": ((PUT_IN_FORCE, PASS_AUTHORITY), _aims("successor")),
    "RegisterNamed": ((PUT_IN_FORCE,), lambda m, a: m["name"] == a["name"] and m["target"] == a["register"]),
    "AuthorityChanged": ((PASS_AUTHORITY,), _aims("authority")),
    "ValidatorAdded": ((ADD_VALIDATOR, REPLACE_VALIDATOR), _aims("validator")),
    "ValidatorRemoved": ((REMOVE_VALIDATOR, REPLACE_VALIDATOR), _is_removed),
}


class Institution(NamedTuple):
    roles: int = 0
    suspended_until: int = 0
    # When the last suspension ended or will; zero where there was none.
    rests_from: int = 0
    is_expelled: bool = False


class Tally:
    def __init__(self, measure: dict, opened_by: int, amendments: int) -> None:
        self.measure, self.opened_by = measure, opened_by
        self.in_favour: set[int] = set()
        self.against: set[int] = set()
        # Zero while below the quorum.
        self.executable_from = 0
        # Who decided when the wait began: after another change it begins anew.
        self.amendments = amendments
        # The newest vote took its quorum when its time was over and others decide: the log may say so.
        self.is_lost = False
        self.is_closed = False


class Execution:
    def __init__(self, measure_id: bytes, measure: dict, awaited: set[str], now: int) -> None:
        self.measure_id, self.measure, self.now = measure_id, measure, now
        # Its changes that are still to come.
        self.awaited = awaited
        # What remained without one member that could manage, before, and how many members there were.
        self.reserve = self.members = 0
        self.appointments: list[bytes] = []
        self.has_entry = False

    def appointed(self) -> bytes:
        return keccak(*self.appointments) if self.appointments else bytes(32)


class Measures:
    def __init__(self, findings: Findings, power: Power, signing: Signing, shown: ShownPower) -> None:
        self._findings, self._power, self._signing, self._shown = findings, power, signing, shown
        # Empty until the founder handed over.
        self._consortium = b""
        self._institutions: dict[int, Institution] = {}
        self._quorum = self._widening_wait = self._amendments = 0
        self._is_seated = False
        self._tallies: dict[bytes, Tally] = {}
        self._executing: Execution | None = None
        self._validators = Validators()
        self._registers: dict[bytes, bytes] = {}
        # Whose vote opens the measure: the next one cast.
        self._opening: dict | None = None
        # Measures that were ever opened, and votes that were ever cast.
        self.opened = self.cast = 0

    def found(self, consortium: bytes, founding: dict) -> None:
        """Open measures die with the consortium in whose domain they were voted on."""
        self.settle()
        self._follow_authority(consortium, founding)
        self._consortium = consortium
        self._institutions = {one["institution"]: Institution(one["roles"]) for one in founding["institutions"]}
        self._quorum, self._widening_wait = founding["quorum"], founding["wideningWaitSeconds"]
        self._is_seated = self._quorum >= SEATED_QUORUM
        self._tallies, self._amendments = {}, 0
        if max(self._widening_wait, founding["appointmentWaitSeconds"]) > MOST_WAIT_SECONDS:
            self._findings.add("P5", "wait-out-of-range", consortium)
        self._require_sound(consortium)

    def _follow_authority(self, consortium: bytes, founding: dict) -> None:
        """Who follows in authority is no weaker, and names whose each validator is; the first says whose they are."""
        if not self._consortium:
            self._validators.found(founding)
            return
        if [one["validator"] for one in founding["validators"]] != self._validators.set:
            self._findings.add("P9", "validators-differ", consortium)
        self._validators.name(founding)
        now = Decided(
            *(self._is_seated, len(self._members()), self._widening_wait),
            *(self._power.appointment_wait, self._power.policies),
            {number for number, one in self._institutions.items() if one.is_expelled},
            self._power.may_hold,
        )
        if is_weaker(founding, now):
            self._findings.add("P11", "successor-is-weaker", consortium)

    def is_own(self, name: str, address: bytes, args: dict) -> bool:
        """Whether an effect is of the measure that is carried out here, and so of no act of officers."""
        if self._executing is None or address != self._consortium:
            return False
        measure = self._executing.measure
        if name in ("OfficerRevoked", "OfficerFreed"):
            is_other = name == "OfficerRevoked" and (any(args["revoker"]) or args["suspectSince"] != 0)
            is_bare = not (any(args["caseReference"]) or is_other)
            return name in self._executing.awaited and measure["name"] == args["officer"] and is_bare
        is_appointing = name == "OfficerAppointed" and measure["kind"] in APPOINTING
        return is_appointing and self._executing.appointed() != measure["appointmentsHash"]

    def end_transaction(self) -> None:
        self.settle()
        self._require_opened(None)

    def settle(self) -> None:
        """What a measure left behind is judged before anything that is not of it counts."""
        executing, self._executing = self._executing, None
        if executing is None:
            return
        findings, measure, about = self._findings, executing.measure, executing.measure_id
        left = self._reserve()
        members = len(self._members())
        is_of_many = executing.members >= OUTLIVING_MEMBERS > members
        if is_of_many or len(self._active(executing.now)) < self._quorum:
            findings.add("P9", "members-below-quorum", about)
        if len(executing.appointments) > MOST_APPOINTMENTS:
            findings.add("P4", "appointments-differ", about)
        what = "A measure was carried out and did not change what the members voted for."
        findings.require(not executing.awaited, "P4", what, about)
        is_kept = left >= 0 or left >= executing.reserve or members < OUTLIVING_MEMBERS
        findings.require(is_kept, "P9", "A measure left too few members who could manage.", about)
        is_seated = measure["kind"] not in APPOINTING or self._power.can_manage(measure["institution"], executing.now)
        findings.require(is_seated, "P9", "An institution was seated that cannot manage its officers.", about)
        findings.require(executing.has_entry, "P8", "A measure was carried out and is no entry.", about)
        is_all = executing.appointed() == measure["appointmentsHash"]
        findings.require(is_all, "P4", "Other officers were appointed than were voted on.", about)

    # ---- Who decides -------------------------------------------------------------------------------------------

    def _members(self) -> list[int]:
        return [
            number for number, one in self._institutions.items() if not one.is_expelled and one.roles >> VOTE & 1
        ]

    def _active(self, now: int) -> set[int]:
        return {number for number in self._members() if now >= self._institutions[number].suspended_until}

    def _has_quorum(self, tally: Tally, now: int) -> bool:
        return len(tally.in_favour & self._active(now)) >= self._quorum

    def _reserve(self) -> int:
        """Members who could manage their officers, beyond the quorum and one."""
        return sum(1 for one in self._members() if self._power.can_manage(one)) - self._quorum - 1

    def _amendments_at(self, now: int) -> int:
        """A suspension that ends by itself is an amendment too."""
        ended = [one for one in self._institutions.values() if not one.is_expelled and 0 < one.suspended_until <= now]
        return self._amendments + len(ended)

    def _require_sound(self, about: bytes) -> None:
        """A quorum that can be reached, and from three members on without any one."""
        members = len(self._members())
        most = members - 1 if members >= OUTLIVING_MEMBERS else members
        is_reachable = 1 <= self._quorum <= most
        what = "The quorum cannot be reached without some member."
        self._findings.require(is_reachable, "P9", what, about)
        is_seated = not self._is_seated or self._quorum >= SEATED_QUORUM
        self._findings.require(is_seated, "P4", "One institution decides again.", about)

    # ---- Votes -------------------------------------------------------------------------------------------------

    def apply(self, name: str, address: bytes, args: dict, now: int, halts: list[tuple[int, int]]) -> None:
        if name == "MeasureOpened":
            self._open(args, now)
        elif name == "OfficerAppointed":
            self._appoint(args, now)
        elif name in ("OfficerRevoked", "OfficerFreed"):
            if self._executing is not None:
                self._executing.awaited.discard(name)
        elif name in CHANGES:
            self._change(name, address, args, now)
        elif name in ("VoteCast", "MeasureScheduled", "MeasureExecuted", "MeasureLapsed"):
            self._follow(name, args, now, halts)

    def _separator(self) -> bytes:
        return self._signing.separator("consortium", self._consortium)

    def _open(self, args: dict, now: int) -> None:
        findings, measure_id = self._findings, args["measureId"]
        self.opened += 1
        found = typed.digest(self._separator(), typed.hash_struct("Measure", args["measure"]))
        what = "A measure was opened under a name that is not its own."
        findings.require(found == measure_id, "P4", what, measure_id)
        findings.require(measure_id not in self._tallies, "P4", "A measure was opened twice.", measure_id)
        is_active = args["openedBy"] in self._active(now)
        findings.require(is_active, "P4", "A measure was opened by who has no vote.", measure_id)
        opened_by = args["openedBy"]
        is_open = [one.opened_by == opened_by and not one.is_closed for one in self._tallies.values()]
        refused = refusal_of_opening(args["measure"], now, sum(is_open))
        if refused is not None:
            findings.add("P7" if refused == "too-many-open-measures" else "P4", refused, measure_id)
        self._require_opened(None)
        self._opening = args
        self._tallies[measure_id] = Tally(args["measure"], opened_by, self._amendments_at(now))

    def _require_opened(self, vote: dict | None) -> None:
        """Opening is voting: the vote of whoever opens a measure is the next one."""
        opening, self._opening = self._opening, None
        if opening is None:
            return
        is_by = vote is not None and (vote["measureId"], vote["institution"]) == (
            opening["measureId"],
            opening["openedBy"],
        )
        what = "A measure was opened without the vote that opens it."
        self._findings.require(is_by, "P4", what, opening["measureId"])

    def _follow(self, name: str, args: dict, now: int, halts: list[tuple[int, int]]) -> None:
        measure_id = args["measureId"]
        self.cast += name == "VoteCast"
        if name == "VoteCast":
            self._require_opened(args)
        tally = self._tallies.get(measure_id)
        is_open = tally is not None and not tally.is_closed
        what = "A measure that is not open was voted on or carried out."
        self._findings.require(is_open, "P4", what, measure_id)
        if tally is None:
            return
        if name == "VoteCast":
            self._vote(tally, args, now, halts)
        elif name == "MeasureScheduled":
            self._reschedule(tally, now, halts)
            is_right = args["executableFrom"] == tally.executable_from
            what = "A wait is not the one that votes and constitution give."
            self._findings.require(is_right, "P5", what, measure_id)
        elif name == "MeasureExecuted":
            self._execute(measure_id, tally, now, halts)
        else:
            is_over = self._is_over(tally, now, halts)
            what = "A measure lapsed while it could be carried out."
            self._findings.require(is_over, "P4", what, measure_id)
            tally.is_closed = True

    def _is_over(self, tally: Tally, now: int, halts: list[tuple[int, int]]) -> bool:
        end = tally.executable_from + EXECUTION_SECONDS if tally.executable_from else tally.measure["closesAt"]
        return is_passed(now, end, halts)

    def _reschedule(self, tally: Tally, now: int, halts: list[tuple[int, int]]) -> None:
        """Nothing but a vote and a change of who decides moves a wait, and nothing brings back what ran out."""
        is_amended = tally.amendments != self._amendments_at(now)
        if is_amended and not self._is_over(tally, now, halts):
            self._begin_wait(tally, now)
        elif tally.is_lost:
            tally.executable_from = 0
        tally.is_lost = False

    def _begin_wait(self, tally: Tally, now: int) -> None:
        wait = 0 if tally.measure["kind"] in AT_ONCE else self._widening_wait
        tally.executable_from = now + wait if self._has_quorum(tally, now) else 0
        tally.amendments = self._amendments_at(now)

    def _vote(self, tally: Tally, args: dict, now: int, halts: list[tuple[int, int]]) -> None:
        institution, in_favour, measure_id = args["institution"], args["inFavour"], args["measureId"]
        is_late = in_favour and is_passed(now, tally.measure["closesAt"], halts)
        is_again = institution in tally.against or (in_favour and institution in tally.in_favour)
        epoch = self._shown.check_ballot(args, self._separator())
        # The event names no epoch: where no call shows which, either key may have signed.
        may_vote = any(self._may_vote(args, one, epoch, now) for one in (_KEYS if epoch is None else (epoch,)))
        self._findings.require(may_vote, "P3", "A vote was cast by who could not cast it then.", measure_id)
        counts = institution in self._active(now) and not is_late and not is_again
        self._findings.require(counts, "P4", "A vote was cast that does not count.", measure_id)
        if not counts:
            return
        if in_favour:
            tally.in_favour.add(institution)
        else:
            tally.against.add(institution)
            tally.in_favour.discard(institution)
        is_amended = tally.amendments != self._amendments_at(now)
        is_reached = self._has_quorum(tally, now)
        is_over = is_amended and self._is_over(tally, now, halts)
        tally.is_lost = is_over and not is_reached
        is_changed = is_amended or is_reached != (tally.executable_from > 0)
        if is_changed and not is_over:
            self._begin_wait(tally, now)

    def _may_vote(self, args: dict, epoch: int, signed: int | None, now: int) -> bool:
        """By an officer of the member who holds the role for every office."""
        officer = self._power.officers.get(args["officer"])
        if officer is None:
            return False
        in_force, active_from = officer.places[epoch % 2]
        return (
            (signed is None or in_force == signed)
            and officer.institution == args["institution"]
            and officer.office == 0
            and bool(officer.roles >> VOTE & 1)
            and not officer.is_revoked
            and max(officer.suspended_until, officer.narrowed_until, active_from) <= now
        )

    def _execute(self, measure_id: bytes, tally: Tally, now: int, halts: list[tuple[int, int]]) -> None:
        findings, kind, own = self._findings, tally.measure["kind"], tally.measure["institution"]
        what = "A measure was carried out without a quorum of the members."
        has_quorum = tally.executable_from > 0 and self._has_quorum(tally, now)
        findings.require(has_quorum, "P4", what, measure_id)
        is_of_own = kind == REPLACE_VALIDATOR and own in tally.in_favour & self._active(now)
        has_waited = kind in AT_ONCE or is_of_own or is_passed(now, tally.executable_from - 1, halts)
        is_same = tally.amendments == self._amendments_at(now)
        what = "A measure was carried out before its wait was over."
        findings.require(is_same and has_waited, "P5", what, measure_id)
        is_late = is_passed(now, tally.executable_from + EXECUTION_SECONDS, halts)
        findings.require(not is_late, "P5", "A measure was carried out after its time.", measure_id)
        if kind == RESEAT:
            what = "An institution was reseated that could manage its officers."
            findings.require(not self._power.can_manage(own, now), "P9", what, measure_id)
        tally.is_closed = True
        self.settle()
        refused = refusal_of_enactment(tally.measure, self._before(now))
        if refused is not None:
            findings.add(_RULES.get(refused, "P4"), refused, measure_id)
        is_named = tally.measure["name"] in self._registers
        awaited = changes_of(tally.measure, self._is_seated, is_named)
        self._executing = Execution(measure_id, tally.measure, awaited, now)
        self._executing.reserve, self._executing.members = self._reserve(), len(self._members())

    def _before(self, now: int) -> Before:
        power = self._power

        def officer(officer_id: bytes) -> tuple[bool, bool] | None:
            found = power.officers.get(officer_id)
            return None if found is None else (found.is_revoked, now < found.suspended_until)

        def is_barred(number: int) -> bool:
            one = self._institutions.get(number)
            return one is not None and (one.is_expelled or now < one.suspended_until)

        def is_resting(number: int) -> bool:
            rests_from = self._institutions.get(number, Institution()).rests_from
            return 0 < rests_from and now < rests_from + SUSPENSION_SECONDS

        return Before(
            *({number: (one.roles, one.is_expelled) for number, one in self._institutions.items()},),
            *(is_barred, is_resting),
            *(len(self._members()), self._validators, self._registers, power.policies, power.verifiers),
            *(power.keepers, officer),
        )

    def enter(self, entry: dict) -> None:
        """The entry of a measure names it, its struct's hash, and what it is about."""
        executing = self._executing
        is_of_it = (
            executing is not None
            and entry["address"] == self._consortium
            and entry["entryId"] == executing.measure_id
            and entry["kind"] == MEASURE_BASE + executing.measure["kind"]
            and entry["newState"] == typed.hash_struct("Measure", executing.measure)
            and entry["subject"] == _subject(executing.measure)
            and not executing.has_entry
        )
        what = "An entry is of no measure that the members carried out."
        self._findings.require(is_of_it, "P4", what, entry["entryId"])
        if executing is not None:
            executing.has_entry = True

    # ---- What measures change ----------------------------------------------------------------------------------

    def _change(self, name: str, address: bytes, args: dict, now: int) -> None:
        self._keep(name, args)
        if not self._consortium:
            return  # the founder's, before the hand-over
        kinds, agrees = CHANGES[name]
        executing = self._executing
        is_awaited = executing is not None and name in executing.awaited
        if executing is not None:
            executing.awaited.discard(name)
        is_asked = (
            executing is not None
            and is_awaited
            and executing.measure["kind"] in kinds
            and agrees(executing.measure, args)
        )
        about = address if executing is None else executing.measure_id
        self._findings.require(is_asked, "P4", "A change was made that no measure asked for so.", about)
        self._amend(name, address, args, now)

    def _keep(self, name: str, args: dict) -> None:
        """Names and validators count from the founder's on."""
        if name == "RegisterNamed":
            self._registers[args["name"]] = args["register"]
        elif name == "ValidatorAdded":
            own = None if self._executing is None else self._executing.measure["institution"]
            self._validators.add(args["validator"], own)
        elif name == "ValidatorRemoved":
            self._validators.remove(args["validator"])

    def _amend(self, name: str, address: bytes, args: dict, now: int) -> None:
        if name == "ConsortiumSeated":
            self._is_seated = True
            return
        if name == "InstitutionAdmitted":
            self._institutions[args["institution"]] = Institution(args["roles"])
        elif name == "InstitutionExpelled":
            self._set(args["institution"], now, is_expelled=True)
        elif name == "InstitutionSuspended":
            is_bounded = args["until"] == now + SUSPENSION_SECONDS
            self._findings.require(is_bounded, "P9", "A suspension has another end than all.", address)
            self._set(args["institution"], now, suspended_until=args["until"], rests_from=args["until"])
        elif name == "SuspensionLifted":
            self._set(args["institution"], now, suspended_until=0, rests_from=now)
        elif name == "InstitutionRolesChanged":
            self._set(args["institution"], now, roles=args["roles"])
        elif name == "QuorumChanged":
            self._quorum = args["quorum"]
        elif name == "WideningWaitChanged":
            self._widening_wait = args["waitSeconds"]
        else:
            return
        self._amendments += 1
        self._require_sound(address)

    def _set(self, number: int, now: int, **part) -> None:
        before = self._institutions.get(number, Institution())
        # An end that nobody wrote stays counted when it is overwritten.
        if 0 < before.suspended_until <= now and ("suspended_until" in part or "is_expelled" in part):
            self._amendments += 1
        self._institutions[number] = before._replace(**part)

    def _appoint(self, args: dict, now: int) -> None:
        """Where the members appoint, an officer counts at once."""
        if self._executing is None:
            return
        self._executing.appointments.append(typed.hash_struct("Appointment", args))
        is_asked = (
            self._executing.measure["institution"] == args["institution"]
            and args["activeFrom"] == now
            and args["officer"] == keccak(args["key"]["keyHash"], args["salt"])
        )
        self._findings.require(is_asked, "P4", "An officer was appointed by no measure.", args["officer"])


def _subject(measure: dict) -> bytes:
    if any(measure["name"]):
        return measure["name"]
    if any(measure["target"]):
        return bytes(12) + measure["target"]
    return measure["institution"].to_bytes(32, "big")
