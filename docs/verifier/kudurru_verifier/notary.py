"""The notary: recorders' keys, the roots and erasures that they sign, and their entries."""

from __future__ import annotations

from . import typed
from .crypto import keccak, recover_compact, word
from .findings import Findings
from .officers import Need, Power
from .power_acts import OFFICERS_SCOPE
from .signing import Signed, Signing

_STRUCTS = {"RootRecorded": "RootRecord", "Erased": "Erasure"}
_ACTS = {"RecorderAppointed": "AppointRecorder", "RecorderRevoked": "RevokeRecorder"}
HOUR = 3_600


class Recorder:
    def __init__(self, key_hash: bytes = bytes(32), epoch: int = 0, active_from: int = 0, stones: int = 0) -> None:
        self.key_hash, self.epoch, self.active_from, self.stones = key_hash, epoch, active_from, stones


class Notary:
    def __init__(self, findings: Findings, power: Power, signing: Signing) -> None:
        self._findings, self._power, self._signing = findings, power, signing
        self._recorders: dict[int, Recorder] = {}
        self._newest: dict[tuple[int, int], dict] = {}
        self._keys: set[bytes] = set()
        self._erased: set[bytes] = set()
        self._pending: tuple[str, dict] | None = None

    def apply(self, name: str, args: dict) -> None:
        self.settle()
        self._pending = (name, args)

    def settle(self) -> None:
        if self._pending is not None:
            self._findings.add("L3", "The notary changed without an entry that says so.")
        self._pending = None

    def enter(self, entry: dict, signed: Signed | None, now: int, halts: list[tuple[int, int]]) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            self._findings.add("L3", "An entry says that the notary changed, and nothing did.", entry["entryId"])
            return
        name, args = pending
        institution = args["institution"]
        recorder = self._recorders.setdefault(institution, Recorder())
        separator = self._signing.separator("notary", entry["address"])
        if name in _STRUCTS:
            self._by_recorder(name, args, entry, recorder, separator, now)
            return
        fields = {"institution": institution, "epoch": args["epoch"]}
        if name == "RecorderAppointed":
            self._appoint(args, recorder, separator, now)
            fields = {"institution": institution, "epochBefore": args["epoch"] - 1, "keyHash": args["keyHash"]}
        else:
            is_one = any(recorder.key_hash) and recorder.epoch == args["epoch"]
            self._findings.require(is_one, "N1", "A recorder key ended that was not in force.", entry["address"])
            recorder.key_hash = bytes(32)
        if signed is None:
            return
        self._signing.check_two(signed, [entry], Need(0, OFFICERS_SCOPE, institution), now, halts)
        act = typed.hash_struct(_ACTS[name], {"head": signed.head, **fields})
        self._require_bound(entry, institution, act if act == signed.act_hash else b"")

    def _require_bound(self, entry: dict, institution: int, state: bytes) -> None:
        is_bound = entry["subject"] == word(institution) and entry["newState"] == state
        what = "The notary changed otherwise than its entry says."
        self._findings.require(is_bound, "L3", what, entry["entryId"])

    def _appoint(self, args: dict, before: Recorder, separator: bytes, now: int) -> None:
        findings, key_hash = self._findings, args["keyHash"]
        is_next = args["epoch"] == before.epoch + 1 and key_hash not in self._keys
        findings.require(is_next, "N1", "A recorder key is not the next, or was one before.", key_hash)
        message = {**args, "officerId": bytes(32)}
        signer = recover_compact(
            typed.digest(separator, typed.hash_struct("KeyPossession", message)), args["possession"]
        )
        is_held = signer is not None and keccak(signer) == key_hash
        findings.require(is_held, "N1", "A recorder key was appointed that nobody showed to hold.", key_hash)
        is_due = args["activeFrom"] == now + self._power.appointment_wait
        findings.require(is_due, "P5", "A recorder key counts from another moment than its wait ends.", key_hash)
        self._keys.add(key_hash)
        before.key_hash, before.epoch, before.active_from = key_hash, args["epoch"], args["activeFrom"]

    def _by_recorder(
        self, name: str, args: dict, entry: dict, recorder: Recorder, separator: bytes, now: int
    ) -> None:
        findings, institution = self._findings, args["institution"]
        state = typed.hash_struct(_STRUCTS[name], args)
        digest = typed.digest(separator, state)
        signer = recover_compact(digest, args["signature"])
        is_signed = (
            signer is not None
            and keccak(signer) == recorder.key_hash
            and args["epoch"] == recorder.epoch
            and now >= recorder.active_from
            and now >= self._power.barred_until.get(institution, 0)
            and digest == entry["entryId"]
        )
        what = "A root or an erasure is not by the recorder of its institution."
        findings.require(is_signed, "N1", what, entry["entryId"])
        self._require_bound(entry, institution, state)
        if name == "Erased":
            is_counted = args["stonesBefore"] == recorder.stones and not self._erased & set(args["ids"])
            findings.require(is_counted, "N2", "Destroyed keys are counted amiss.", entry["entryId"])
            self._erased |= set(args["ids"])
            recorder.stones += len(args["ids"])
            return
        newest = self._newest.get((institution, args["kind"]))
        is_next = args["index"] == 1 + (newest["index"] if newest else 0)
        # A key put in another's place begins its lines where it says.
        is_anew = newest is not None and args["epoch"] != newest["epoch"]
        is_rising = newest is None or (
            (is_anew or args["lines"] >= newest["lines"])
            and args["day"] >= newest["day"]
            and now >= newest["at"] + HOUR
        )
        findings.require(is_next and is_rising, "N1", "A root is not the next of its kind.", entry["entryId"])
        self._newest[institution, args["kind"]] = {**args, "at": now}
