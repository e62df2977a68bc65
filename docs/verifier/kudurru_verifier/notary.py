"""The notary: recorders' keys, the roots and erasures that they sign, and their entries."""

from __future__ import annotations

from typing import NamedTuple

from . import typed
from .crypto import keccak, recover_compact, word
from .findings import Findings
from .officers import Need, Power
from .power_acts import OFFICERS_SCOPE
from .refused import Refused, require
from .signing import Signed, Signing

_STRUCTS = {"RootRecorded": "RootRecord", "Erased": "Erasure"}
_ACTS = {"RecorderAppointed": "AppointRecorder", "RecorderRevoked": "RevokeRecorder"}
# Of what is refused the rule that forbids it, where it is not N1.
_RULES = {
    "recorder-not-yet-active": "P5",
    "stones-differ": "N2",
    "erasure-out-of-order": "N2",
    "erasure-stale": "N2",
}
HOUR, DAY = 3_600, 86_400
ACCESS_LOG = 1
MOST_ERASED = 256


class Newest(NamedTuple):
    """The newest root of an institution and a kind."""

    index: int = 0
    lines: int = 0
    day: int = 0
    recorded_at: int = 0
    epoch: int = 0


class Recorder:
    def __init__(self, key_hash: bytes = bytes(32), epoch: int = 0, active_from: int = 0, stones: int = 0) -> None:
        self.key_hash, self.epoch, self.active_from, self.stones = key_hash, epoch, active_from, stones


class Notary:
    def __init__(self, findings: Findings, power: Power, signing: Signing) -> None:
        self._findings, self._power, self._signing = findings, power, signing
        self._recorders: dict[int, Recorder] = {}
        self._newest: dict[tuple[int, int], Newest] = {}
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
            fields = {"institution": institution, "epochBefore": max(args["epoch"] - 1, 0), "keyHash": args["keyHash"]}
        else:
            is_one = any(recorder.key_hash) and recorder.epoch == args["epoch"]
            self._findings.require(is_one, "N1", "A recorder key ended that was not in force.", entry["address"])
            recorder.key_hash = bytes(32)
        if signed is not None:
            self._signing.check_two(signed, [entry], Need(0, OFFICERS_SCOPE, institution), now, halts)
        act = b"" if signed is None else typed.hash_struct(_ACTS[name], {"head": signed.head, **fields})
        self._require_bound(entry, institution, act if signed is not None and act == signed.act_hash else b"")

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
        is_erasure = name == "Erased"
        place = (institution, args.get("kind", 0))
        newest = self._newest.get(place, Newest())
        try:
            _judge_recorder(args["epoch"], recorder, now)
            if is_erasure:
                _judge_erasure(args, recorder)
            else:
                _judge_root(args, recorder, newest, now)
        except Refused as refused:
            findings.add(_RULES.get(refused.code, "N1"), refused.code, entry["entryId"])
        state = typed.hash_struct(_STRUCTS[name], args)
        digest = typed.digest(separator, state)
        signer = recover_compact(digest, args["signature"])
        is_signed = (
            signer is not None
            and keccak(signer) == recorder.key_hash
            and now >= self._power.barred_until.get(institution, 0)
            and digest == entry["entryId"]
        )
        what = "A root or an erasure is not by the recorder of its institution."
        findings.require(is_signed, "N1", what, entry["entryId"])
        self._require_bound(entry, institution, state)
        if not is_erasure:
            self._newest[place] = Newest(args["index"], args["lines"], args["day"], now, args["epoch"])
            return
        for one in args["ids"]:
            findings.require(one not in self._erased, "N2", "A data key was destroyed twice.", one)
            self._erased.add(one)
        recorder.stones += len(args["ids"])


def _judge_recorder(epoch: int, recorder: Recorder, now: int) -> None:
    require(any(recorder.key_hash), "recorder-unknown")
    require(recorder.epoch == epoch, "recorder-epoch-stale")
    require(recorder.active_from <= now, "recorder-not-yet-active")


def _judge_root(args: dict, recorder: Recorder, newest: Newest, now: int) -> None:
    require(args["kind"] != 0, "root-kind-unknown")
    require(any(args["root"]), "root-missing")
    require(args["index"] == newest.index + 1, "root-out-of-order")
    require(now >= newest.recorded_at + HOUR, "root-too-soon")
    # A key put in another's place begins its lines where it says.
    require(args["epoch"] != newest.epoch or args["lines"] >= newest.lines, "lines-shrank")
    stones = recorder.stones if args["kind"] == ACCESS_LOG else 0
    require(args["stones"] == stones, "stones-differ")
    require(newest.day <= args["day"] and args["day"] * DAY <= now, "day-out-of-range")


def _judge_erasure(args: dict, recorder: Recorder) -> None:
    ids = args["ids"]
    require(1 <= len(ids) <= MOST_ERASED, "erasure-size-out-of-range")
    require(all(one < other for one, other in zip(ids, ids[1:])), "erasure-out-of-order")
    require(args["stonesBefore"] == recorder.stones, "erasure-stale")
