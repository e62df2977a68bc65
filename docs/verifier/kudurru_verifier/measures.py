"""Votes of the members: what was opened, who was for it, and that what was carried out is an entry."""

from __future__ import annotations

from . import typed
from .findings import Findings
from .officers import Power
from .signing import MEASURE_BASE, Signing, is_passed

ADMIT, SUSPEND, RESEAT, DISALLOW_VERIFIER = 1, 3, 6, 11
RECORD_HALT, REPLACE_VALIDATOR, REVOKE_OFFICER, FREE_OFFICER = 18, 19, 20, 21
# What takes no power from anybody who keeps it and gives none.
AT_ONCE = (SUSPEND, DISALLOW_VERIFIER, RECORD_HALT, REVOKE_OFFICER, FREE_OFFICER)
VOTE = 6
EXECUTION_SECONDS = 30 * 86_400


class Tally:
    def __init__(self, measure: dict) -> None:
        self.measure = measure
        self.in_favour: set[int] = set()
        self.against: set[int] = set()
        self.executable_from = 0
        self.is_closed = False


class Measures:
    def __init__(self, findings: Findings, power: Power, signing: Signing) -> None:
        self._findings, self._power, self._signing = findings, power, signing
        self._consortium = b""
        self._roles: dict[int, int] = {}
        self._widening_wait = 0
        self._tallies: dict[bytes, Tally] = {}
        self._executing: tuple[bytes, Tally] | None = None
        self._has_entry = False
        self.votes = 0

    def found(self, consortium: bytes, founding: dict) -> None:
        self._consortium = consortium
        self._roles = {one["institution"]: one["roles"] for one in founding["institutions"]}
        self._widening_wait = founding["wideningWaitSeconds"]
        self._tallies = {}

    def is_own(self, name: str, args: dict) -> bool:
        """Whether an effect is of the measure that is carried out here, and so of no act of officers."""
        if self._executing is None:
            return False
        measure = self._executing[1].measure
        if name == "OfficerRevoked":
            return measure["kind"] == REVOKE_OFFICER and measure["name"] == args["officer"]
        if name == "OfficerFreed":
            return measure["kind"] == FREE_OFFICER and measure["name"] == args["officer"]
        return name == "OfficerAppointed" and measure["kind"] in (ADMIT, RESEAT)

    def settle(self) -> None:
        if self._executing is not None:
            what = "A measure was carried out and is no entry."
            self._findings.require(self._has_entry, "P8", what, self._executing[0])
        self._executing, self._has_entry = None, False

    def change(self, name: str, args: dict) -> None:
        if name in ("InstitutionAdmitted", "InstitutionRolesChanged"):
            self._roles[args["institution"]] = args["roles"]
        elif name == "InstitutionExpelled":
            self._roles.pop(args["institution"], None)
        elif name == "WideningWaitChanged":
            self._widening_wait = args["waitSeconds"]

    def _is_member(self, institution: int, now: int) -> bool:
        """With the role to vote, and neither suspended nor expelled."""
        has_vote = bool(self._roles.get(institution, 0) >> VOTE & 1)
        return has_vote and now >= self._power.barred_until.get(institution, 0)

    def _has_quorum(self, tally: Tally, now: int) -> bool:
        return sum(1 for one in tally.in_favour if self._is_member(one, now)) >= self._power.quorum

    def apply(self, name: str, args: dict, now: int, halts: list[tuple[int, int]]) -> None:
        measure_id = args["measureId"]
        if name == "MeasureOpened":
            separator = self._signing.separator("consortium", self._consortium)
            found = typed.digest(separator, typed.hash_struct("Measure", args["measure"]))
            what = "A measure was opened under a name that is not its own."
            self._findings.require(found == measure_id, "P4", what, measure_id)
            self._tallies[measure_id] = Tally(args["measure"])
            return
        tally = self._tallies.get(measure_id)
        is_open = tally is not None and not tally.is_closed
        self._findings.require(is_open, "P4", "What happened to a measure that is not open.", measure_id)
        if tally is None:
            return
        if name == "VoteCast":
            self._vote(tally, args, now)
        elif name == "MeasureScheduled":
            wait = 0 if tally.measure["kind"] in AT_ONCE else self._widening_wait
            due = now + wait if self._has_quorum(tally, now) else 0
            what = "A wait is not the one that votes and constitution give."
            self._findings.require(args["executableFrom"] == due, "P5", what, measure_id)
            tally.executable_from = due
        elif name == "MeasureExecuted":
            self._execute(measure_id, tally, now, halts)
        else:
            tally.is_closed = True

    def _vote(self, tally: Tally, args: dict, now: int) -> None:
        institution = args["institution"]
        officer = self._power.officers.get(args["officer"])
        may_vote = (
            officer is not None
            and officer.institution == institution
            and officer.office == 0
            and bool(officer.roles >> VOTE & 1)
            and not officer.is_revoked
            and max(officer.suspended_until, officer.narrowed_until) <= now
            and any(active_from <= now for _, active_from in officer.places.values())
        )
        self._findings.require(may_vote, "P3", "A vote was cast by who could not cast it then.", args["measureId"])
        self.votes += 1
        is_again = institution in tally.against or (args["inFavour"] and institution in tally.in_favour)
        counts = self._is_member(institution, now) and not is_again
        self._findings.require(counts, "P4", "A vote was cast that does not count.", args["measureId"])
        if args["inFavour"]:
            tally.in_favour.add(institution)
        else:
            tally.in_favour.discard(institution)
            tally.against.add(institution)

    def _execute(self, measure_id: bytes, tally: Tally, now: int, halts: list[tuple[int, int]]) -> None:
        what = "A measure was carried out without a quorum of the members."
        has_quorum = tally.executable_from > 0 and self._has_quorum(tally, now)
        self._findings.require(has_quorum, "P4", what, measure_id)
        kind, own = tally.measure["kind"], tally.measure["institution"]
        is_of_own = kind == REPLACE_VALIDATOR and own in tally.in_favour and self._is_member(own, now)
        has_waited = kind in AT_ONCE or is_of_own or is_passed(now, tally.executable_from - 1, halts)
        self._findings.require(has_waited, "P5", "A measure was carried out before its wait was over.", measure_id)
        is_late = is_passed(now, tally.executable_from + EXECUTION_SECONDS, halts)
        self._findings.require(not is_late, "P5", "A measure was carried out after its time.", measure_id)
        tally.is_closed = True
        self.settle()
        self._executing = (measure_id, tally)

    def enter(self, entry: dict) -> None:
        """The entry of a measure names it, its struct's hash, and what it is about."""
        is_of_it = False
        if self._executing is not None:
            measure_id, tally = self._executing
            measure = tally.measure
            is_of_it = (
                entry["entryId"] == measure_id
                and entry["kind"] == MEASURE_BASE + measure["kind"]
                and entry["newState"] == typed.hash_struct("Measure", measure)
                and entry["subject"] == _subject(measure)
                and not self._has_entry
            )
        what = "An entry is of no measure that the members carried out."
        self._findings.require(is_of_it, "P4", what, entry["entryId"])
        self._has_entry = True


def _subject(measure: dict) -> bytes:
    if any(measure["name"]):
        return measure["name"]
    if any(measure["target"]):
        return bytes(12) + measure["target"]
    return measure["institution"].to_bytes(32, "big")
