"""What a register is filled with that follows another: the words that the one before it holds, recomputed from proofs."""

from __future__ import annotations

from typing import NamedTuple

from .chain import Chain
from .crypto import keccak, word
from .findings import Findings
from .land_acts import DIVIDING

IMPORTING = ("land", "benefits", "notary")
PROOF_SLOTS = 256
# Slots of land, behind the journal's five.
_STATES, _PLACEMENTS, _INSTRUMENTS, PRESENTATIONS, _DIVISIONS, _CLAIMED_BY, _CANCELLED = map(word, range(5, 12))
# And of the notary: keys in force with what they count, how far roots came, keys that were used.
_RECORDERS, _NEWEST, _USED_KEYS = map(word, range(5, 8))


class Begun(NamedTuple):
    """A register that began, with the slots that may be carried and the words that it was given."""

    register: bytes
    predecessor: bytes
    kind: str
    slots: list[bytes]
    words: list[tuple[bytes, bytes]]


class Successions:
    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._slots: dict[str, set[bytes]] = {kind: set() for kind in IMPORTING}
        self._awaited: dict[bytes, bytes] = {}
        self._words: dict[bytes, list[tuple[bytes, bytes]]] = {}
        self._begun: list[Begun] = []

    def is_filling(self, register: bytes) -> bool:
        return any(self._awaited.get(register, b""))

    # ---- Events ------------------------------------------------------------------------------------------------

    def apply(self, kind: str, address: bytes, name: str, args: dict) -> None:
        if name == "ImportOpened":
            self._awaited[address] = args["importHash"]
        elif name == "WordsImported":
            self._fill(kind, address, args)
        elif kind == "land":
            self._of_land(name, args)
        elif name == "RecorderAppointed":
            self._add("notary", keccak(word(args["institution"]), _RECORDERS), 2)
            self._add("notary", keccak(args["keyHash"], _USED_KEYS))
        elif name == "RootRecorded":
            self._add("notary", keccak(word(args["kind"]), keccak(word(args["institution"]), _NEWEST)))
        elif name == "BatchRedeemed":
            self._add("benefits", _record("credit", args["programme"], word(args["cycle"]), args["vendor"]), 2)

    def _fill(self, kind: str, address: bytes, args: dict) -> None:
        slots, words = args["slots"], args["words"]
        folded = args["rest"]
        for slot, one in reversed(list(zip(slots, words))):
            folded = keccak(slot, one, folded)
        is_next = len(slots) == len(words) and folded == self._awaited.get(address)
        what = "A register was filled with words that nobody voted for."
        self._findings.require(is_next, "P8", what, address)
        self._awaited[address] = args["rest"]
        self._words.setdefault(address, []).extend(zip(slots, words))
        if kind in IMPORTING:
            self._slots[kind].update(slots)

    def begin(self, kind: str, register: bytes, predecessor: bytes) -> None:
        if kind in IMPORTING:
            slots, words = sorted(self._slots[kind]), self._words.get(register, [])
            self._begun.append(Begun(register, predecessor, kind, slots, words))

    # ---- The slots that events let a register write --------------------------------------------------------------

    def _add(self, kind: str, first: bytes, count: int = 1) -> None:
        start = int.from_bytes(first, "big")
        self._slots[kind].update(word((start + i) % (1 << 256)) for i in range(count))

    def _of_land(self, name: str, args: dict) -> None:
        if name == "ChildrenLoaded":
            for child in args["children"]:
                self._unit(child["portion"]["baUnit"], child["portion"]["spatialUnits"])
                self._add("land", keccak(child["portion"]["baUnit"], _CLAIMED_BY))
        if name != "BAUnitRecorded":
            return
        unit, state = args["baUnit"], args["state"]
        self._unit(unit, state["spatialUnits"])
        self._add("land", PRESENTATIONS)
        for one in [*state["charges"], *state["notices"]]:
            self._add("land", _instrument_slot(state["header"]["office"], one["instrumentId"]))
        if state["header"]["status"] == DIVIDING:
            self._add("land", keccak(unit, _DIVISIONS), 3)
            self._add("land", keccak(keccak(unit, state["header"]["membersRoot"]), _CANCELLED))

    def _unit(self, unit: bytes, spatial_units: list[dict]) -> None:
        self._add("land", keccak(unit, _STATES))
        for one in spatial_units:
            self._add("land", keccak(one["id"], _PLACEMENTS), 2)

    def of_act(self, name: str, act: dict) -> None:
        """The records of benefits that an act writes, or lets be written."""
        if name == "DefineProgramme":
            self._add("benefits", _record("programme", act["programme"]), 9)
            self._add("benefits", _record("tier", word(act["institution"]), word(act["currency"])))
        elif name == "Enrol":
            keys = (act["programme"], word(act["enrolmentEpoch"]))
            self._add("benefits", _record("enrolment", *keys), 2)
            first = (int.from_bytes(_record("cards", *keys), "big") + act["startIndex"]) % (1 << 256)
            self._add("benefits", word(first), act["count"])
        elif name == "SetVendor":
            self._add("benefits", _record("vendor", act["vendor"]))
        elif name == "SetTill":
            self._add("benefits", _record("till", act["vendor"], word(act["till"])), 2)
        elif name == "CycleEnvelope":
            self._add("benefits", _record("cycle", act["programme"], word(act["cycle"])), 4)
            words = -(-act["count"] * act["entryBytes"] // 32)
            self._add("benefits", _record("table", act["programme"], word(act["lane"])), words)

    # ---- The end -----------------------------------------------------------------------------------------------

    def prove(self, chain: Chain, entries_of) -> None:
        """A frozen register never writes, so what it holds under the head is what its successor was to begin with."""
        for begun in self._begun:
            held: dict[bytes, int] = {}
            for start in range(0, len(begun.slots), PROOF_SLOTS):
                held.update(chain.words(begun.predecessor, begun.slots[start : start + PROOF_SLOTS]))
            if begun.kind == "land":
                held[PRESENTATIONS] = held.get(PRESENTATIONS, 0) + entries_of(begun.predecessor)
            due = {slot: word(one) for slot, one in held.items() if one}
            for slot, why in _differences(begun.words, due):
                what = f"A register was filled with another word than the one before it held: {why}."
                self._findings.add("proofs", what, slot)
                break


def _differences(given: list[tuple[bytes, bytes]], due: dict[bytes, bytes]):
    left = dict(due)
    for slot, one in given:
        if slot not in left:
            yield slot, "not-in-the-register"
        elif left.pop(slot) != one:
            yield slot, "other-word"
    for slot in left:
        yield slot, "missing"


def _instrument_slot(office: int, instrument: bytes) -> bytes:
    return keccak(instrument, keccak(word(office), _INSTRUMENTS))


def _record(tag: str, *keys: bytes) -> bytes:
    return keccak(keccak(f"BenefitLedger.{tag}".encode()), *keys)
