"""Every entry held against the officers that it names: signatures, roles, offices, institutions, epochs, deadlines."""

from __future__ import annotations

from dataclasses import dataclass

from . import typed
from .calls import NO_CALL, Call, ordered_in
from .crypto import keccak, word
from .findings import Findings
from .officers import PAUSE, REST_SECONDS, REVOKE, Need, Power
from .times import extended
from .refused import Refused, require

NOBODY = bytes(32)
DAY_SECONDS = 86_400
# A register keeps so many days since 1970: a later deadline is looked up always.
MOST_DAY = 65_535
DOMAINS = {
    "consortium": "Kudurru Consortium",
    "personnel": "Kudurru Personnel",
    "safeguards": "Kudurru Safeguards",
    "land": "Kudurru LandRegistry",
    "benefits": "Kudurru BenefitLedger",
    "notary": "Kudurru Notary",
}
LAND_BASE, BENEFIT_BASE, MEASURE_BASE = 16, 15, 32
WITHDRAWAL = 1
APPOINTMENT, ROTATION, RESIGNATION, SUSPENSION, REVOCATION, FREEING = 16, 17, 18, 19, 20, 21
SHORT_PAUSE, LONG_PAUSE, UNPAUSE = 16, 17, 18
RECORDER, RECORDER_END, ROOT, ERASURE = 16, 17, 18, 19
_LAND, _AID, _ADMIN, _PAUSE = (0, 1), (2, 3), (4, 5), (7, 7)

# By register and kind: the structs that may be signed, and the roles of preparer and approver.
TWO: dict[tuple[str, int], tuple[tuple[str, ...], tuple[int, int]]] = {
    ("land", 17): (("RegisterTitle", "Batch"), _LAND),
    ("land", 18): (("TransferRight",), _LAND),
    ("land", 19): (("CreateRestriction",), _LAND),
    ("land", 20): (("CreateRestriction",), _LAND),
    ("land", 21): (("Discharge",), _LAND),
    ("land", 22): (("Discharge",), _LAND),
    ("land", 23): (("Subdivide",), _LAND),
    ("land", 24): (("Consolidate",), _LAND),
    ("land", 37): (("RegisterParts",), _LAND),
    ("land", 39): (("OpenDivision",), _LAND),
    ("land", 42): (("CancelDivision",), _LAND),
    ("benefits", 16): (("DefineProgramme",), _AID),
    ("benefits", 17): (("MoveFunds",), _AID),
    ("benefits", 18): (("PauseProgramme",), _AID),
    ("benefits", 19): (("Enrol",), _AID),
    ("benefits", 20): (("SetCard",), _AID),
    ("benefits", 21): (("SetVendor",), _AID),
    ("benefits", 22): (("SetTill",), _AID),
    ("benefits", 23): (("CycleEnvelope",), _AID),
    ("benefits", 25): (("MoveCycle",), _AID),
    ("benefits", 27): (("Settle",), _AID),
    ("benefits", 38): (("ResumeProgramme",), _AID),
    ("benefits", 39): (("ReleaseCredit",), _AID),
    ("personnel", APPOINTMENT): (("AppointOfficer",), _ADMIN),
    ("personnel", ROTATION): (("RotateKey",), _ADMIN),
    ("personnel", REVOCATION): (("RevokeOfficer",), _ADMIN),
    ("personnel", FREEING): (("FreeOfficer",), _ADMIN),
    ("notary", RECORDER): (("AppointRecorder",), _ADMIN),
    ("notary", RECORDER_END): (("RevokeRecorder",), _ADMIN),
    ("safeguards", LONG_PAUSE): (("LongPause",), _PAUSE),
    ("safeguards", UNPAUSE): (("Unpause",), _PAUSE),
}
ALONE = {("personnel", RESIGNATION), ("personnel", SUSPENSION), ("safeguards", SHORT_PAUSE)}
# What follows from what was signed before, or is a recorder's: nobody's name stands in its entry.
UNSIGNED = {("land", 38), ("land", 40), ("land", 41), ("benefits", 24), ("benefits", 26)} | {
    ("notary", ROOT),
    ("notary", ERASURE),
}


def signers_of(register: str, kind: int) -> int | None:
    """How many officers signed an entry of this kind; None where no register has one."""
    if kind == WITHDRAWAL or (register, kind) in ALONE:
        return 1
    if (register, kind) in UNSIGNED or (register == "consortium" and kind >= MEASURE_BASE):
        return 0
    return 2 if (register, kind) in TWO else None


@dataclass
class Signed:
    """An act of two officers while its entries follow."""

    entry_id: bytes
    head: dict
    act_hash: bytes
    approval_deadline: int
    preparer_signature: bytes
    approver_signature: bytes
    items: int = 0

    def takes(self, entry_id: bytes) -> bool:
        if entry_id == self.entry_id:
            return True
        if keccak(self.entry_id, word(self.items)) != entry_id:
            return False
        self.items += 1
        return True


class Signing:
    def __init__(self, chain_id: int, findings: Findings, power: Power) -> None:
        self._chain_id, self._findings, self._power = chain_id, findings, power
        self._open: dict[bytes, Signed] = {}
        self._separators: dict[tuple[bytes, bytes], bytes] = {}
        self.checked = 0
        self.not_shown = 0
        # Among those that were checked.
        self.of_consents = 0
        # By register, act and officer: the epoch under which the act was taken back, and the digest of the order.
        self._withdrawn: dict[tuple[bytes, bytes, bytes], tuple[int, bytes]] = {}
        # By register: the last day of a deadline that a withdrawal stated, as far as calls show it.
        self._withdrawn_through: dict[bytes, int] = {}
        # What the transaction at hand was sent to do.
        self.call: Call = NO_CALL

    def separator(self, register: str, address: bytes) -> bytes:
        key = (address, self._power.ledger_nonce)
        if key not in self._separators:
            self._separators[key] = typed.domain_separator(
                name=DOMAINS[register],
                version="1",
                chainId=self._chain_id,
                verifyingContract=address,
                salt=self._power.ledger_nonce,
            )
        return self._separators[key]

    def sale_separator(self) -> bytes:
        """Of what cards and tills sign, which is posted to whichever register is in force."""
        return typed.domain_separator(
            name="Kudurru Sale", version="1", chainId=self._chain_id, salt=self._power.ledger_nonce
        )

    def tally(self, due: int, is_shown: bool) -> None:
        """So many signatures were due: shown and checked, or not shown."""
        if is_shown:
            self.checked += due
        else:
            self.not_shown += due

    def take(self, address: bytes, args: dict) -> None:
        self._open[address] = Signed(
            args["entryId"],
            args["head"],
            args["actHash"],
            args["approvalDeadline"],
            args["preparerSignature"],
            args["approverSignature"],
        )

    def act_of(self, entry: dict) -> Signed | None:
        """The act of two officers that an entry is of, where it is of one."""
        signed = self._open.get(entry["address"])
        return signed if signed is not None and signed.takes(entry["entryId"]) else None

    def require_order(self, entry: dict, struct_hash: bytes) -> None:
        """The id of an entry is the digest of what it is of."""
        found = typed.digest(self.separator(entry["register"], entry["address"]), struct_hash)
        self._findings.require(
            found == entry["entryId"], "L3", "An entry is not of the order that it says.", entry["entryId"]
        )

    # ---- Fewer than two ----------------------------------------------------------------------------------------

    def check_fewer(self, entry: dict, signers: int, now: int) -> None:
        findings, epochs = self._findings, entry["epochs"]
        is_bare = entry["approver"] == NOBODY and epochs & 0xFFFFFFFF == 0
        findings.require(is_bare, "L3", "An entry names an approver where none signs.", entry["entryId"])
        if signers == 0:
            is_unsigned = entry["preparer"] == NOBODY and epochs >> 32 == 0
            what = "An entry names an officer where none signs."
            findings.require(is_unsigned, "L3", what, entry["entryId"])
            return
        shown = self._check_shown(entry, epochs >> 32)
        try:
            is_again = entry["kind"] == WITHDRAWAL and self._withdraw(entry, epochs >> 32, shown)
            self._judge_alone(entry, epochs >> 32, now)
            require(not is_again, "act-withdrawn")
        except Refused as refused:
            findings.add("L3", refused.code, entry["entryId"])
        if entry["kind"] != WITHDRAWAL:
            self.require_order(entry, entry["newState"])

    def _withdraw(self, entry: dict, epoch: int, shown: dict | None) -> bool:
        """Whether that officer took that act back before."""
        address = entry["address"]
        key = (address, entry["subject"], entry["preparer"])
        is_again = key in self._withdrawn
        self._withdrawn.setdefault(key, (epoch, entry["entryId"]))
        stated = shown.get("actDeadline", 0) if shown else 0
        before = self._withdrawn_through.get(address, 0)
        self._withdrawn_through[address] = max(before, _day_of(stated))
        return is_again

    def _is_withdrawn(self, signed: Signed, entry: dict, separator: bytes) -> bool:
        """
        Whether one of the two took the act back, with a deadline that reaches the act's: one that a call shows, or the act's
        own, where the digest of the withdrawal is that of such a one. Another deadline is in the call alone.
        """
        deadline, address = signed.head["deadline"], entry["address"]
        is_reached = _day_of(deadline) <= self._withdrawn_through.get(address, -1)
        for officer in (entry["preparer"], entry["approver"]):
            epoch, taken = self._withdrawn.get((address, signed.entry_id, officer), (0, b""))
            order = {"entryId": signed.entry_id, "actDeadline": deadline, "officer": officer, "epoch": epoch}
            is_own = taken and typed.digest(separator, typed.hash_struct("Withdrawal", order)) == taken
            if taken and (is_reached or is_own):
                return True
        return False

    def _check_shown(self, entry: dict, epoch: int) -> dict | None:
        """An order that the call shows: the entry is of it, and its officer signed it."""
        shown = ordered_in(self.call, entry["address"])
        self.tally(1, shown is not None)
        if shown is None:
            return None
        separator = self.separator(entry["register"], entry["address"])
        digest = typed.digest(separator, typed.hash_struct(shown.struct, shown.order))
        is_signed = digest == entry["entryId"] and self._power.is_signed(
            entry["preparer"], epoch, digest, shown.signature
        )
        what = "An officer did not sign the order that was recorded."
        self._findings.require(is_signed, "L3", what, entry["entryId"])
        return shown.order

    def _judge_alone(self, entry: dict, epoch: int, now: int) -> None:
        power, preparer, subject = self._power, entry["preparer"], entry["subject"]
        if entry["kind"] == WITHDRAWAL:
            power.require_unbarred(power.require_standing(preparer, epoch, now), now)
        elif entry["register"] == "safeguards":
            power.require_officer(preparer, epoch, 0, PAUSE, 0, now)
        elif entry["kind"] == RESIGNATION:
            power.require_standing(preparer, epoch, now, is_exempt=True)
            require(preparer == subject, "officer-unknown")
        else:
            require(preparer != subject, "second-person-required")
            revoker = power.require_standing(preparer, epoch, now)
            colleague = power.officers.get(subject)
            if colleague is None:
                raise Refused("officer-unknown")
            require(not colleague.is_revoked, "officer-is-revoked")
            require(revoker.office in (0, colleague.office), "office-out-of-scope")
            require(bool(revoker.roles >> REVOKE & 1), "role-missing")
            require(revoker.institution == colleague.institution, "institution-differs")
            rest = colleague.suspended_from + REST_SECONDS if colleague.suspended_from else 0
            require(now >= max(rest, revoker.narrowed_until), "suspension-too-soon")

    # ---- Two ---------------------------------------------------------------------------------------------------

    def check_two(
        self, signed: Signed, entries: list[dict], need: Need | None, now: int, halts: list[tuple[int, int]]
    ) -> None:
        findings, entry = self._findings, entries[0]
        about = entry["entryId"]
        same = ("preparer", "approver", "epochs", "kind")
        is_one = all(other[name] == entry[name] for other in entries[1:] for name in same)
        findings.require(is_one, "L3", "Entries of one act name different officers or kinds.", about)
        separator = self.separator(entry["register"], entry["address"])
        head = signed.head
        is_whole = (
            typed.digest(separator, signed.act_hash) == signed.entry_id
            and head["preparer"] == entry["preparer"]
            and head["preparerEpoch"] == entry["epochs"] >> 32
        )
        findings.require(is_whole, "L3", "An entry is not of the act that was signed.", about)
        types, roles = TWO[entry["register"], entry["kind"]]
        self._check_signatures(separator, signed, entry, types)
        try:
            require(now >= head["notBefore"], "act-not-yet-valid")
            require(not is_passed(now, head["deadline"], halts), "act-expired")
            require(not is_passed(now, signed.approval_deadline, halts), "approval-expired")
            require(not self._is_withdrawn(signed, entry, separator), "act-withdrawn")
            if need is not None:
                self._judge_two(head, entry, need, roles, now)
        except Refused as refused:
            is_tier = need is not None and need.is_above_tier and refused.code == "second-institution-required"
            findings.add("B9" if is_tier else "L3", refused.code, about)

    def _judge_two(self, head: dict, entry: dict, need: Need, roles: tuple[int, int], now: int) -> None:
        power = self._power
        require(head["preparer"] != entry["approver"], "second-person-required")
        require(need.scope is None or not power.is_paused(need.scope, now), "scope-is-paused")
        institution = need.institution or need.preparer_institution
        first = power.require_officer(
            head["preparer"], head["preparerEpoch"], need.office, roles[0], institution, now
        )
        epoch = entry["epochs"] & 0xFFFFFFFF
        second = power.require_officer(entry["approver"], epoch, need.office, roles[1], need.institution, now)
        is_apart = first.institution != second.institution
        must_be_apart = need.two_institutions and power.is_seated
        require(is_apart or not must_be_apart, "second-institution-required")

    def _check_signatures(
        self, separator: bytes, signed: Signed, entry: dict, types: tuple[str, ...]
    ) -> None:
        power, head, about = self._power, signed.head, entry["entryId"]
        prepared = power.is_signed(
            head["preparer"], head["preparerEpoch"], signed.entry_id, signed.preparer_signature
        )
        epoch = entry["epochs"] & 0xFFFFFFFF
        tail = (signed.act_hash, entry["approver"], word(epoch), word(signed.approval_deadline))
        approvals = [keccak(typed.approval_type_hash(one), *tail) for one in types]
        approved = any(
            power.is_signed(
                entry["approver"], epoch, typed.digest(separator, approval), signed.approver_signature
            )
            for approval in approvals
        )
        findings = self._findings
        findings.require(prepared, "L3", "A preparer did not sign the act that was recorded.", about)
        findings.require(approved, "L3", "An approver did not sign the act that was recorded.", about)
        self.checked += 2


def _day_of(second: int) -> int:
    return min(second // DAY_SECONDS, MOST_DAY)


def is_passed(now: int, deadline: int, halts: list[tuple[int, int]]) -> bool:
    return now > deadline and now > extended(halts, deadline)
