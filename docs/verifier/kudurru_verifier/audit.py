"""The audit of a ledger from block 0: every journal, every officer, every title, all money, over JSON-RPC alone."""

from __future__ import annotations

from . import abi
from .benefits import Benefits, read_act
from .chain import Block, Chain, created_by
from .crypto import keccak, word
from .findings import Findings
from .land import Land
from .land_consents import RULES
from .measures import Measures
from .notary import Notary
from .officers import Power
from .times import with_halt
from .power_acts import EFFECTS, PowerActs
from .receipts import Log
from .refused import Refused
from .rpc import Node, reading
from .shown_power import ShownPower
from .signing import LAND_BASE, MEASURE_BASE, Signing, signers_of
from .successions import PROOF_SLOTS, Successions
from .trust import Trust

_REGISTERS = {
    keccak(name.encode()): register
    for name, register in (
        ("Safeguards", "safeguards"),
        ("Personnel", "personnel"),
        ("LandRegistry", "land"),
        ("BenefitLedger", "benefits"),
        ("Notary", "notary"),
    )
}
_FOUNDING = (
    "(bytes32 ledgerNonce, (uint16 institution, uint32 roles)[] institutions, (uint32 office, uint16 keeper)[] offices, "
    "(bytes32 salt, uint16 institution, uint32 office, uint32 roles, (uint8 kind, address verifier, bytes32 keyHash, "
    "bytes32 rpIdHash) key, (uint8 kind, address verifier, bytes32 keyHash, bytes32 rpIdHash) spare)[] officers, "
    "(uint8 kind, address verifier)[] verifiers, (bytes32 name, uint256 value)[] policies, "
    "(address validator, uint16 institution)[] validators, uint8 quorum, uint32 wideningWaitSeconds, "
    "uint32 appointmentWaitSeconds)"
)
POWER_BASE = 16
# What a register is filled with that follows another: no act of anybody's.
_FILLING = ("ImportOpened", "WordsImported")
# A standstill is recorded within so long.
HALT_AGE_SECONDS = 14 * 86_400
# Nobody missed anything in a shorter one; a register keeps its silences from so long on.
LEAST_HALT_SECONDS, LEAST_GAP_SECONDS = 3_600, 6 * 3_600
# Slot 1 of a register, from the low end: last entry 40, entries 40, a day 16, successor 160.
_ENTRIES_AT, _SUCCESSOR_AT = 40, 96


class Journal:
    def __init__(self, register: str, head: bytes) -> None:
        self.register, self.head = register, head
        self.entries = 0
        self.entries_before = 0
        self.successor = bytes(20)


class Audit:
    def __init__(self, node: Node, trust: Trust) -> None:
        self.chain = Chain(node, trust)
        self.trust = trust
        self.findings = findings = Findings()
        self.power = power = Power(findings)
        self.signing = signing = Signing(trust.chain_id, findings, power)
        self.land = Land(findings, power, signing)
        self.benefits = Benefits(trust.chain_id, findings, power, signing)
        self.shown = shown = ShownPower(findings, power, signing)
        self.measures = Measures(findings, power, signing, shown)
        self.power_acts = PowerActs(findings, power)
        self.notary = Notary(findings, power, signing)
        self.successions = Successions(findings)
        self.journals: dict[bytes, Journal] = {}
        self._contracts: dict[bytes, str] = {trust.contracts["charter"].address: "charter"}
        self.shown.contracts = self._contracts
        self._entry_ids: dict[bytes, bytes] = {}
        self._foundings: list[tuple[bytes, bytes]] = []
        # By the log that names a consortium of this block: its address, founding file and what that says.
        self._to_found: dict[int, tuple[bytes, bytes, dict]] = {}
        # By register: seconds of its newest entries, as far back as a halt may lie, and the one before them.
        self._entry_times: dict[bytes, list[int]] = {}
        self._halts: list[tuple[int, int]] = []
        self._effects: list[tuple[str, bytes, dict]] = []
        self._transaction: tuple[int, int] | None = None

    def run(self) -> None:
        for block in self.chain.blocks():
            self._apply(block)
        self.benefits.finish()
        self._prove()

    # ---- Blocks ------------------------------------------------------------------------------------------------

    def _apply(self, block: Block) -> None:
        self.shown.see(block.calls, block.succeeded)
        for log in block.logs:
            self._find_contract(block, log)
        for log in block.logs:
            contract = self._contracts.get(log.address)
            found = self._read(block, log) if contract is not None else None
            if contract is None or found is None:
                continue
            name, args = found
            if (block.number, log.transaction) != self._transaction:
                self._end_transaction(block.timestamp)
                self._transaction = (block.number, log.transaction)
            if contract != "land":
                self.land.settle(block.timestamp, self._halts)
            self.signing.call = block.calls[log.transaction]
            self.findings.at(block.number, log.index)
            self._event(contract, log.address, name, args, block.timestamp)
            self._found(log.index)
        self.findings.at(block.number)
        self._end_transaction(block.timestamp)

    def _end_transaction(self, now: int) -> None:
        self.land.settle(now, self._halts)
        self.measures.end_transaction()
        self.notary.settle()
        for name, address, args in self._effects:
            self.findings.add("L3", "Power changed without an entry that says so.", args.get("officer", b""))
            self._take(name, address, args, now)
        self._effects = []

    def _take(self, name: str, address: bytes, args: dict, now: int) -> None:
        """What counts from here on."""
        if name in EFFECTS and not self.measures.is_own(name, address, args):
            self.measures.settle()
        self.measures.apply(name, address, args, now, self._halts)
        self.power.apply(name, args, now)
        if name == "HaltRecorded":
            self._check_silence(address, args, now)
            self._halts = with_halt(self._halts, args["from"], args["to"])

    def _check_silence(self, address: bytes, args: dict, now: int) -> None:
        """A halt lies where no register had an entry."""
        start, end = args["from"], args["to"]
        is_recent = start < end < now <= end + HALT_AGE_SECONDS
        what = "A halt was recorded too late, or before it was over."
        self.findings.require(is_recent, "P10", what, address)
        is_silent = all(time <= start or time >= end for times in self._entry_times.values() for time in times)
        self.findings.require(is_silent, "P10", "A halt was recorded over an entry of a register.", address)
        if end < start + LEAST_HALT_SECONDS:
            self.findings.add("P10", "halt-out-of-range", address)
        if any(self._is_busy(register, start, end, now) for register in self._entry_times):
            self.findings.add("P10", "halt-not-silent", address)

    def _is_busy(self, register: bytes, start: int, end: int, now: int) -> bool:
        """Whether a register in force was not silent around a halt for as long as it keeps of a silence."""
        if any(self.journals[register].successor):
            return False
        times = self._entry_times[register]
        before = max((time for time in times if time <= start), default=None)
        after = min((time for time in times if time >= end), default=now)
        return before is not None and after < before + LEAST_GAP_SECONDS

    def _read(self, block: Block, log: Log):
        try:
            found = abi.read_log(log.topics, log.data)
        except abi.NotAbi:
            found = None
        if found is None:
            self.findings.at(block.number, log.index)
            self.findings.add("bytes", "A log is none that the contract writes.", log.address)
        return found

    def _event(self, contract: str, address: bytes, name: str, args: dict, now: int) -> None:
        self._follow(contract, address, name, args)
        if name == "Signed":
            self.signing.take(address, args)
        elif name == "EntryRecorded":
            self._entry({**args, "address": address, "register": contract}, now)
        elif name in ("RegisterFrozen", "RegisterContinued"):
            self._hand_over(address, name, args)
            if name == "RegisterFrozen":
                self._take(name, address, args, now)
        elif contract == "land":
            self.land.apply(name, args)
        elif contract == "benefits":
            self.benefits.apply(address, name, args, now, self._halts)
        elif contract == "notary":
            if name not in _FILLING:
                self.notary.apply(name, args)
        elif contract in ("council", "consortium", "safeguards", "charter"):
            if name in ("OfficerAppointed", "KeyRotated"):
                self.shown.check_keys(name, address, args)
            if name in EFFECTS and not self.measures.is_own(name, address, args):
                self._effects.append((name, address, args))
            else:
                if name == "OfficerAppointed":
                    self.power.check_appointed(args)
                self._take(name, address, args, now)

    def _follow(self, contract: str, address: bytes, name: str, args: dict) -> None:
        """What may be carried over, and what a register is filled with."""
        read = read_act(args) if name == "ActApplied" else None
        if read is not None:
            self.successions.of_act(*read)
        self.successions.apply(contract, address, name, args)
        if name == "ImportOpened" and self.journals[address].entries == 0:
            # One that is still to be filled has no head.
            self.journals[address].head = bytes(32)

    # ---- Contracts ---------------------------------------------------------------------------------------------

    def _find_contract(self, block: Block, log: Log) -> None:
        """The Charter's own events name the contracts of the ledger."""
        if self._contracts.get(log.address) != "charter":
            return
        found = self._read(block, log)
        if found is None:
            return
        name, args = found
        if name == "RegisterNamed" and args["name"] in _REGISTERS:
            self._add(args["register"], _REGISTERS[args["name"]])
            if _REGISTERS[args["name"]] == "land":
                for rule in RULES:
                    self.land.rules[self.chain.call(args["register"], f"{rule}()")[12:]] = rule
        elif name == "AuthorityChanged" and self.chain.is_contract(args["authority"]):
            self._to_found[log.index] = self._read_founding(args["authority"])

    def _add(self, address: bytes, register: str) -> None:
        self._contracts[address] = register
        if address not in self.journals:
            head = keccak(word(1), word(self.trust.chain_id), bytes(12) + address, bytes(32))
            self.journals[address] = Journal(register, head)

    def _read_founding(self, consortium: bytes) -> tuple[bytes, bytes, dict]:
        """What it answers is the code of the first contract that it made, byte for byte; a proof of that code shows it."""
        file = created_by(consortium, 1)
        code = self.chain.call(consortium, "founding()")
        with reading(f"founding() of 0x{consortium.hex()}"):
            founding = abi.decode(code, abi.scalar(code[:32], "uint256"), _FOUNDING)
        self._foundings.append((file, keccak(code)))
        self._add(consortium, "consortium")
        council = self.chain.call(consortium, "council()")[12:]
        self._contracts[council] = "council"
        return consortium, code, founding

    def _found(self, log: int) -> None:
        """What a consortium begins with counts from the log that names it."""
        if log not in self._to_found:
            return
        consortium, file, founding = self._to_found.pop(log)
        self.measures.found(consortium, founding)
        self.power.found(consortium, founding)
        self.shown.check_founders(file, founding)

    def _hand_over(self, address: bytes, name: str, args: dict) -> None:
        journal = self.journals.get(address)
        if journal is None:
            return
        if name == "RegisterFrozen":
            is_head = args["finalHead"] == journal.head
            self.findings.require(is_head, "P8", "A register handed over another head than its own.", address)
            journal.successor = args["successor"]
            return
        before = self.journals.get(args["predecessor"])
        is_known = before is not None and before.head == args["finalHead"]
        self.findings.require(is_known, "P8", "A register continues another head than was frozen.", address)
        chain_id = word(self.trust.chain_id)
        head = keccak(word(1), chain_id, bytes(12) + address, args["finalHead"])
        self.findings.require(head == args["firstHead"], "P8", "A register begins with another head.", address)
        journal.head = args["firstHead"]
        self.successions.begin(journal.register, address, args["predecessor"])
        if before is not None:
            journal.entries_before = before.entries_before + before.entries

    # ---- Entries -----------------------------------------------------------------------------------------------

    def _entry(self, entry: dict, now: int) -> None:
        findings, address = self.findings, entry["address"]
        journal = self.journals.get(address)
        if journal is None:
            findings.add("P8", "An entry was recorded by a register that nothing put in force.", address)
            return
        is_next = entry["index"] == journal.entries
        findings.require(is_next, "P8", "An entry is missing before this one.", address)
        is_in_force = not any(journal.successor)
        findings.require(is_in_force, "P8", "An entry was recorded by a frozen register.", address)
        head = keccak(journal.head, _leaf(entry))
        findings.require(head == entry["head"], "P8", "The journal head is not the fold of its entries.", address)
        is_on_time = entry["recordedAt"] == now
        findings.require(is_on_time, "P8", "An entry has another time than its block.", entry["entryId"])
        presentations = journal.entries_before + entry["index"]
        journal.head, journal.entries = entry["head"], entry["index"] + 1
        self._remember(address, entry["recordedAt"])
        is_new = entry["entryId"] not in self._entry_ids
        findings.require(is_new, "P2", "An entry id appears twice.", entry["entryId"])
        self._entry_ids[entry["entryId"]] = address + entry["subject"]
        self._judge(entry, presentations, now)

    def _remember(self, address: bytes, time: int) -> None:
        times = self._entry_times.setdefault(address, [])
        while times and (times[1] if len(times) > 1 else time) + HALT_AGE_SECONDS < time:
            times.pop(0)
        if not times or times[-1] != time:
            times.append(time)

    def _judge(self, entry: dict, presentations: int, now: int) -> None:
        register, kind, about = entry["register"], entry["kind"], entry["entryId"]
        signers = signers_of(register, kind)
        signed = self.signing.act_of(entry) if signers == 2 else None
        if register == "land" and not self.land.is_open_for(signed):
            self.land.settle(now, self._halts)
        if signers is None:
            self.findings.add("L3", "An entry is of no act of this version.", about)
            return
        if signers < 2:
            self.signing.check_fewer(entry, signers, now)
        elif signed is None:
            self.findings.add("L3", "An act of two officers has an entry and no signatures.", about)
        else:
            corrects = signed.head["corrects"]
            is_founded = not any(corrects) or self._entry_ids.get(corrects) == entry["address"] + entry["subject"]
            self.findings.require(is_founded, "L3", "correction-unfounded", about)
        if register == "land" and kind >= LAND_BASE:
            self.land.enter(entry, signed, presentations)
        elif register == "benefits" and kind >= POWER_BASE:
            self.benefits.enter(entry, signed, now, self._halts)
        elif register == "notary" and kind >= POWER_BASE:
            self.notary.enter(entry, signed, now, self._halts)
        elif register == "consortium":
            if kind >= MEASURE_BASE:
                self.measures.enter(entry)
        elif kind >= POWER_BASE:
            self._judge_power(entry, signed, now)

    def _judge_power(self, entry: dict, signed, now: int) -> None:
        """What officers did to power stands before its entry, and counts from it on."""
        at = next((i for i, (name, *_) in enumerate(self._effects) if EFFECTS[name] == entry["register"]), None)
        effect = None if at is None else self._effects.pop(at)
        if effect is None:
            self.findings.add("L3", "An entry says that power changed, and nothing did.", entry["entryId"])
        need = None if effect is None else self.power_acts.need_of(effect[0], effect[2], entry["preparer"])
        if signed is not None:
            self.signing.check_two(signed, [entry], need, now, self._halts)
        if effect is None:
            return
        name, address, args = effect
        self.power_acts.check_bound(name, address, args, entry, signed, now)
        self._take(name, address, args, now)

    # ---- The end -----------------------------------------------------------------------------------------------

    def _prove(self) -> None:
        """What the events lead to is what the registers hold under the head."""
        findings, chain = self.findings, self.chain
        findings.at(chain.head.number if chain.head else 0)
        is_nonce = self.power.ledger_nonce == self.trust.ledger_nonce
        findings.require(is_nonce, "XR6", "The ledger was founded with another nonce than the trust file has.")
        for name, address in (("land", "landRegistry"), ("benefits", "benefitLedger"), ("consortium", "consortium")):
            contract = self.trust.contracts[address]
            is_it = self._contracts.get(contract.address) == name
            findings.require(is_it, "XR6", "The Charter never named a contract of the trust file.", contract.address)
        for contract in self.trust.contracts.values():
            if contract.address not in self._contracts and contract is not self.trust.contracts["charter"]:
                continue  # never named, as is said above: a journal has no answer about it
            try:
                is_code = chain.code_hash(contract.address) == contract.code_hash
            except Refused:
                is_code = False
            findings.require(is_code, "XR6", "A contract has other code than the trust file says.", contract.address)
        for file, code_hash in self._foundings:
            is_file = chain.code_hash(file) == code_hash
            findings.require(is_file, "XR6", "A founding file is not the one that the node told.", file)
        for address, journal in self.journals.items():
            words = chain.words(address, [word(0), word(1)])
            status = words[word(1)]
            is_head = word(words[word(0)]) == journal.head
            count = status >> _ENTRIES_AT & ((1 << 40) - 1)
            is_same = is_head and count == journal.entries and status >> _SUCCESSOR_AT == int.from_bytes(
                journal.successor, "big"
            )
            findings.require(is_same, "proofs", "The entries do not fold to what the register holds.", address)
        self._prove_units()
        self.successions.prove(chain, lambda register: self.journals[register].entries)

    def _prove_units(self) -> None:
        # One that is still to be filled keeps nothing yet: what the one before it keeps counts.
        registers = [at for at, one in self.journals.items() if one.register == "land"]
        units = list(self.land.units.items())
        for start in range(0, len(units), PROOF_SLOTS):
            some = units[start : start + PROOF_SLOTS]
            slots = [keccak(unit, word(5)) for unit, _ in some]
            held: dict[bytes, int] = {}
            for address in registers:
                held.update((slot, one) for slot, one in self.chain.words(address, slots).items() if one or slot not in held)
            for (unit, kept), slot in zip(some, slots):
                is_same = word(held.get(slot, 0)) == kept.hash
                what = "A unit ended in another state than the register keeps of it."
                self.findings.require(is_same, "proofs", what, unit)


def _leaf(entry: dict) -> bytes:
    return keccak(
        word(1),
        word(entry["index"]),
        word(entry["kind"]),
        entry["entryId"],
        entry["subject"],
        entry["newState"],
        entry["preparer"],
        entry["approver"],
        word(entry["epochs"]),
        word(entry["recordedAt"]),
    )


def report(audit: Audit) -> dict:
    """`blocks` are those after the genesis, which is block 0: the number of the newest."""
    signing, head = audit.signing, audit.chain.head
    return {
        "verdict": "sound" if not audit.findings.found else "not-sound",
        "finality": audit.chain.finality,
        "blocks": head.number if head else 0,
        "blockHash": f"0x{head.hash.hex()}" if head else None,
        "asOf": head.timestamp if head else None,
        "trust": f"0x{audit.trust.fingerprint.hex()}",
        "entries": sum(journal.entries for journal in audit.journals.values()),
        "measures": audit.measures.opened,
        "votes": audit.measures.cast,
        "units": len(audit.land.units),
        "programmes": audit.benefits.told(),
        "signatures": {
            "checked": signing.checked,
            "ofConsents": signing.of_consents,
            "notShown": signing.not_shown,
        },
        "findings": audit.findings.found,
    }
