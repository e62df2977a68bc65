"""Benefits: acts as they were signed, tables as they were loaded, and every unit and all money to the last one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from . import typed
from .abi import scalar
from .calls import posted_in
from .crypto import keccak, word
from .findings import Findings
from .officers import Need, Power
from .sales import (
    ACTIVE,
    END_NOTICE_SECONDS,
    OPENING_NOTICE_SECONDS,
    REASONS,
    UNHEARD,
    Card,
    Known,
    Period,
    Sale,
    Till,
    Times,
    card_in,
    item_refused,
    sale_in,
)
from .shown_sales import Item, is_by_device, items_of, redemption_of
from .signing import BENEFIT_BASE, Signed, Signing, is_passed
from .times import Clock

ACTS = {
    1: "DefineProgramme",
    2: "MoveFunds",
    3: "PauseProgramme",
    4: "Enrol",
    5: "SetCard",
    6: "SetVendor",
    7: "SetTill",
    8: "CycleEnvelope",
    10: "MoveCycle",
    12: "Settle",
    23: "ResumeProgramme",
    24: "ReleaseCredit",
}
RELEASE, REDEEMED = 9, 11
RELEASE_FIELDS = 3
FUND, REUSE_EXPIRED, REUSE_RECLAIMED, DEFUND = 1, 2, 3, 4
LOADING, RELEASED, ENDED, ACCOUNTED, CLOSED, CANCELLED = 1, 2, 3, 4, 5, 6
CANCEL, END_EARLY, EXPIRE, RECLAIM, CLOSE = 1, 2, 3, 4, 5
DISBURSEMENT, SETTLEMENT = 1, 3
WINDOW_SECONDS = 30 * 86_400


@dataclass
class Programme:
    institution: int
    currency: int
    funded: int = 0
    defunded: int = 0
    unallocated: int = 0
    expired: int = 0
    reclaimed: int = 0
    redeemed: int = 0
    most_offline: int = 0
    most_units: int = 0
    pauses: Clock = Clock()
    paused_by_two: bool = False
    moved: dict[int, int] = field(default_factory=dict)


@dataclass
class Cycle:
    envelope: dict
    envelope_hash: bytes
    state: int = LOADING
    words: list[int] = field(default_factory=list)
    redeemed: int = 0
    opens_at: int = 0
    spend_until: int = 0
    post_until: int = 0
    # How long sales had been paused when it was released, and when its end was fixed.
    paused_seconds: int = 0
    end_paused_seconds: int = 0

    @property
    def outstanding(self) -> int:
        is_spendable = self.state in (RELEASED, ENDED)
        return self.envelope["totalUnits"] - self.redeemed if is_spendable else 0

    @property
    def value(self) -> int:
        return self.envelope["unitValueMinor"]

    def place(self, index: int) -> tuple[int, int, int]:
        """The word of an entry, how far it is shifted in it, and the mask of its units."""
        size = self.envelope["entryBytes"]
        a_word = 32 // size
        return index // a_word, 8 * size * (index % a_word), 0xFF if size == 1 else 0xFFFFFF

    def units(self, index: int) -> int:
        at, shift, mask = self.place(index)
        return self.words[at] >> shift & mask if at < len(self.words) else 0

    def sequence(self, index: int) -> int:
        at, shift, mask = self.place(index)
        return self.words[at] >> shift + 24 & 0xFF if mask > 0xFF and at < len(self.words) else 0

    def take(self, index: int, units: int) -> None:
        at, shift, mask = self.place(index)
        entry = self.words[at]
        left = (entry >> shift & mask) - units
        entry = entry & ~(mask << shift) | left << shift
        if mask > 0xFF:
            sequence = entry >> shift + 24 & 0xFF
            entry = entry & ~(0xFF << shift + 24) | (sequence + 1 & 0xFF) << shift + 24
        self.words[at] = entry


_SKIPPED_AMISS = "A sale was skipped for a reason that does not hold."


def read_act(args: dict) -> tuple[str, dict] | None:
    """The act of an event, by the words of its fields; None of words that are none."""
    name = ACTS.get(args["kind"], "")
    fields = typed.STRUCTS.get(name, [])[1:]
    if not name or len(fields) != len(args["fields"]):
        return None
    return name, {field_: scalar(one, kind) for (kind, field_), one in zip(fields, args["fields"])}


def fold(words: list[int], rest: bytes = bytes(32)) -> bytes:
    for one in reversed(words):
        rest = keccak(word(one), rest)
    return rest


class Benefits:
    def __init__(self, chain_id: int, findings: Findings, power: Power, signing: Signing) -> None:
        self._chain_id, self._findings, self._power, self._signing = chain_id, findings, power, signing
        self._programmes: dict[bytes, Programme] = {}
        self._cycles: dict[tuple[bytes, int], Cycle] = {}
        self._enrolments: dict[tuple[bytes, int], list[dict]] = {}
        self._vendors: dict[bytes, int] = {}
        self._sellers: dict[bytes, Period] = {}
        self._tills: dict[tuple[bytes, int], Till] = {}
        self._cards: dict[tuple[bytes, int, int], Card] = {}
        # Of the act that defined a programme or first set a vendor.
        self._offices: dict[bytes, int] = {}
        self._credits: dict[tuple[bytes, int, bytes], dict[str, int]] = {}
        self._moved: dict[tuple[int, int], tuple[int, int]] = {}
        self._applied: tuple[str, dict, Need | None] | None = None
        self._applied_id = b""
        self._halts: list[tuple[int, int]] = []
        # Of each batch its programme and the hash of its results, and what the till signed, where the call shows it.
        self._results: list[tuple[bytes, bytes, bytes | None]] = []

    # ---- Events ------------------------------------------------------------------------------------------------

    def apply(self, address: bytes, name: str, args: dict, now: int, halts: list[tuple[int, int]]) -> None:
        if name == "ActApplied":
            self._halts = halts
            self._act(args, now)
        elif name == "SlotsLoaded":
            self._slots(args, now)
        elif name == "UnitsLoaded":
            self._units(args, now)
        elif name == "BatchRedeemed":
            self._batch(address, args, now, halts)
        for programme in self._programmes:
            if args.get("programme", args.get("subject")) == programme:
                self._check_money(programme)

    def _act(self, args: dict, now: int) -> None:
        what = "An act was applied without an entry that says so."
        self._findings.require(self._applied is None, "L3", what, args["entryId"])
        self._applied_id = args["entryId"]
        number = args["kind"]
        read = read_act(args)
        if number == RELEASE and len(args["fields"]) == RELEASE_FIELDS:
            named, opens = (int.from_bytes(one, "big") for one in args["fields"][1:3])
            act = {"programme": args["fields"][0], "cycle": named, "opensAt": opens}
            self._applied = ("Release", act, None)
            self._release(act, now)
            return
        if read is None:
            self._findings.add("bytes", "A log is none that the contract writes.", args["entryId"])
            return
        name, act = read
        # Whom the register asked is judged by what it held before.
        self._applied = (name, act, self._need_of(name, act, now))
        getattr(self, f"_{name}")(act, now)

    def enter(self, entry: dict, signed: Signed | None, now: int, halts: list[tuple[int, int]]) -> None:
        number, about = entry["kind"] - BENEFIT_BASE, entry["entryId"]
        if number == REDEEMED:
            subject, state, signed_by_till = self._results.pop(0) if self._results else (b"", b"", None)
            is_due = signed_by_till is None or about == keccak(signed_by_till, state)
            is_bound = entry["subject"] == subject and entry["newState"] == state and is_due
            self._findings.require(is_bound, "P8", "A batch is not the one its entry binds.", about)
            return
        applied, self._applied = self._applied, None
        if applied is None or self._applied_id != about:
            self._findings.add("L3", "An entry says that an act was applied, and none was.", about)
            return
        name, act, need = applied
        if name == "Release":
            self._enter_release(entry, act)
            return
        if signed is None:
            return
        office = signed.head["office"]
        is_own = self._offices.setdefault(act.get("programme", act.get("vendor", b"")), office) == office
        what = "An act is of another office than its programme or vendor."
        self._findings.require(is_own, "B10", what, about)
        if need is not None:
            need = replace(need, office=office)
        self._signing.check_two(signed, [entry], need, now, halts)
        struct = typed.hash_struct(name, {"head": signed.head, **act})
        is_bound = (
            ACTS.get(number) == name
            and entry["subject"] == act.get("programme", act.get("vendor"))
            and entry["newState"] == signed.act_hash == struct
        )
        self._findings.require(is_bound, "L3", "An act was applied that is not the one signed.", about)
        if name == "CycleEnvelope":
            self._cycles[act["programme"], act["cycle"]].envelope_hash = struct

    def _enter_release(self, entry: dict, act: dict) -> None:
        cycle = self._cycles.get((act["programme"], act["cycle"]))
        due = keccak(
            word(self._chain_id), bytes(12) + entry["address"], word(RELEASE), act["programme"], word(act["cycle"])
        )
        is_bound = (
            cycle is not None
            and entry["subject"] == act["programme"]
            and entry["newState"] == cycle.envelope_hash
            and entry["entryId"] == due
        )
        what = "A release is not of the envelope that was signed."
        self._findings.require(is_bound, "B4", what, act["programme"])

    # ---- Who must sign -----------------------------------------------------------------------------------------

    def _need_of(self, name: str, act: dict, now: int) -> Need | None:
        programme = self._programmes.get(act.get("programme", b""))
        cycle = self._cycles.get((act.get("programme", b""), act.get("cycle", 0)))
        scope, amount, by_two = None, 0, False
        if name in ("DefineProgramme", "SetVendor"):
            institution = act["institution"]
        elif name == "SetTill":
            institution = self._vendors.get(act["vendor"], 0)
        elif programme is None:
            return None
        else:
            institution = programme.institution
        if name in ("DefineProgramme", "MoveFunds", "Enrol", "CycleEnvelope"):
            scope = DISBURSEMENT
        if name == "MoveFunds":
            amount = act["amountMinor"]
        elif name == "CycleEnvelope":
            amount = act["totalUnits"] * act["unitValueMinor"]
        elif name == "MoveCycle" and cycle is not None:
            if act["step"] != CANCEL:
                scope, amount = DISBURSEMENT, cycle.outstanding * cycle.value
        elif name == "Settle":
            scope, amount = SETTLEMENT, act["amountMinor"]
        elif name == "ReleaseCredit" and cycle is not None:
            scope, amount = SETTLEMENT, act["units"] * cycle.value
        elif name == "PauseProgramme" and programme is not None:
            by_two = act["byTwoInstitutions"] or (now < programme.pauses.until and programme.paused_by_two)
        elif name == "ResumeProgramme" and programme is not None:
            by_two = programme.paused_by_two
        currency = programme.currency if programme else 0
        is_two, is_above = self._is_for_two(institution, currency, amount, by_two, now)
        both = 0 if is_two else institution
        return Need(0, scope, both, institution, is_two, is_above)

    def _is_for_two(self, institution: int, currency: int, amount: int, by_two: bool, now: int) -> tuple[bool, bool]:
        """What one institution moves alone in a window is summed against its tier."""
        is_seated = self._power.is_seated
        if amount == 0:
            return is_seated and by_two, False
        name = b"benefitTierMinor"
        encoded = word(64) + word(currency) + word(len(name)) + name.ljust(32, b"\0")
        tier = self._power.policies.get(keccak(encoded), 0)
        window = now // WINDOW_SECONDS
        before, summed = self._moved.get((institution, currency), (window, 0))
        after = amount + (summed if before == window else 0)
        is_above = after > tier
        is_two = is_seated and (is_above or by_two)
        if not is_two:
            self._moved[institution, currency] = (window, after)
        return is_two, is_above

    # ---- Acts --------------------------------------------------------------------------------------------------

    def _DefineProgramme(self, act: dict, _: int) -> None:
        is_new = act["programme"] not in self._programmes
        self._findings.require(is_new, "B1", "A programme was defined twice.", act["programme"])
        most = {"most_offline": act["mostOfflineSeconds"], "most_units": act["mostPerRedemptionUnits"]}
        self._programmes[act["programme"]] = Programme(act["institution"], act["currency"], **most)

    def _MoveFunds(self, act: dict, _: int) -> None:
        programme, amount, move = self._programmes[act["programme"]], act["amountMinor"], act["move"]
        moved_before = programme.moved.get(move, 0)
        is_next = act["movedBeforeMinor"] == moved_before
        self._findings.require(is_next, "B1", "A move of funds was signed for another sum before it.", act["programme"])
        programme.moved[move] = moved_before + amount
        programme.unallocated += -amount if move == DEFUND else amount
        programme.funded += amount if move == FUND else 0
        programme.defunded += amount if move == DEFUND else 0
        programme.expired -= amount if move == REUSE_EXPIRED else 0
        programme.reclaimed -= amount if move == REUSE_RECLAIMED else 0

    def _PauseProgramme(self, act: dict, now: int) -> None:
        programme = self._programmes[act["programme"]]
        is_held = now < programme.pauses.until and programme.paused_by_two
        programme.pauses = programme.pauses.paused(act["pausedUntil"], now)
        programme.paused_by_two = act["byTwoInstitutions"] or is_held

    def _ResumeProgramme(self, act: dict, now: int) -> None:
        programme = self._programmes[act["programme"]]
        programme.pauses = programme.pauses.paused(now, now)

    def _Enrol(self, act: dict, _: int) -> None:
        table = {**act, "words": []}
        self._enrolments.setdefault((act["programme"], act["enrolmentEpoch"]), []).append(table)

    def _SetCard(self, act: dict, _: int) -> None:
        """A card changes no money; what it is judges sales."""
        card = Card(act["keyKind"], act["standing"], act["cardEpoch"], act["effectiveFrom"], act["keyId"])
        self._cards[act["programme"], act["enrolmentEpoch"], act["index"]] = card

    def _SetVendor(self, act: dict, now: int) -> None:
        self._vendors[act["vendor"]] = act["institution"]
        before = self._sellers.get(act["vendor"], Period())
        self._sellers[act["vendor"]] = before.after(act["standing"], act["from"], now)

    def _SetTill(self, act: dict, now: int) -> None:
        key = (act["vendor"], act["till"])
        before = self._tills.get(key)
        is_kept = before is None or (before.kind, before.key) == (act["keyKind"], act["keyId"])
        self._findings.require(is_kept, "B5", "A till was given another key than it had.", act["vendor"])
        period = (before or Till()).period.after(act["standing"], 0, now)
        self._tills[key] = Till(period, act["keyKind"], act["keyId"])

    def _CycleEnvelope(self, act: dict, _: int) -> None:
        key = (act["programme"], act["cycle"])
        self._findings.require(key not in self._cycles, "B4", "A cycle was opened twice.", act["programme"])
        opens, last, posts = (act[name] for name in ("opensAt", "spendUntil", "postUntil"))
        self._cycles[key] = Cycle(act, bytes(32), opens_at=opens, spend_until=last, post_until=posts)

    def _MoveCycle(self, act: dict, now: int) -> None:
        programme, cycle = self._programmes[act["programme"]], self._cycles[act["programme"], act["cycle"]]
        step, unspent = act["step"], cycle.outstanding * cycle.value
        is_possible = cycle.state in {
            CANCEL: (LOADING, RELEASED),
            END_EARLY: (RELEASED,),
            EXPIRE: (RELEASED, ENDED),
            RECLAIM: (RELEASED, ENDED),
            CLOSE: (ACCOUNTED,),
        }.get(step, ())
        self._findings.require(is_possible, "B5", "A cycle moved where it could not.", act["programme"])
        if step in (EXPIRE, RECLAIM):
            is_told = act["unspentUnits"] == cycle.outstanding
            what = "Other units were taken back than were left."
            self._findings.require(is_told, "B1", what, act["programme"])
            programme.redeemed += cycle.redeemed * cycle.value
        if step == END_EARLY:
            is_waived = self._power.policy("benefitEndWithoutNotice")
            notice = 0 if is_waived else max(END_NOTICE_SECONDS, programme.most_offline)
            what = "An early end was announced later than its tills may hear of it."
            self._findings.require(act["endsAt"] >= now + notice, "B5", what, act["programme"])
            cycle.post_until += act["endsAt"] - cycle.spend_until
            cycle.spend_until = act["endsAt"]
            cycle.end_paused_seconds = self._times(programme, now, self._halts).paused_seconds()
        if step == CANCEL:
            programme.unallocated += unspent
        elif step == EXPIRE:
            programme.expired += unspent
        elif step == RECLAIM:
            programme.reclaimed += unspent
        cycle.state = {CANCEL: CANCELLED, END_EARLY: ENDED, CLOSE: CLOSED}.get(step, ACCOUNTED)

    def _Settle(self, act: dict, _: int) -> None:
        credit = self._credit(act)
        cycle = self._cycles[act["programme"], act["cycle"]]
        is_next = act["settledBeforeUnits"] == credit["settled"]
        is_priced = act["amountMinor"] == act["units"] * cycle.value
        credit["settled"] += act["units"]
        is_owed = credit["settled"] <= credit["credited"] - credit["waiting"]
        what = "A vendor was paid what the vendor was not owed, or another price."
        self._findings.require(is_next and is_priced and is_owed, "B6", what, act["vendor"])

    def _ReleaseCredit(self, act: dict, _: int) -> None:
        credit = self._credit(act)
        is_next = act["releasedBeforeUnits"] == credit["released"]
        credit["released"] += act["units"]
        credit["waiting"] -= act["units"]
        is_there = credit["waiting"] >= 0
        what = "Units were released that did not wait."
        self._findings.require(is_next and is_there, "B6", what, act["vendor"])

    def _credit(self, act: dict) -> dict[str, int]:
        key = (act["programme"], act["cycle"], act["vendor"])
        return self._credits.setdefault(key, {"credited": 0, "settled": 0, "released": 0, "waiting": 0})

    def _release(self, act: dict, now: int) -> None:
        programme, cycle = self._programmes[act["programme"]], self._cycles[act["programme"], act["cycle"]]
        envelope, findings = cycle.envelope, self._findings
        is_whole = len(cycle.words) == -(-envelope["count"] * envelope["entryBytes"] // 32)
        findings.require(is_whole, "B4", "A cycle was released before its last word.", act["programme"])
        is_signed = fold(cycle.words) == envelope["tableHash"]
        findings.require(is_signed, "B4", "A table is not the one that was signed.", act["programme"])
        total = sum(cycle.units(i) for i in range(envelope["count"]))
        is_total = total == envelope["totalUnits"]
        findings.require(is_total, "B4", "A table does not sum to its envelope.", act["programme"])
        findings.require(cycle.state == LOADING, "B5", "A cycle moved where it could not.", act["programme"])
        notice = 0 if self._power.policy("benefitEndWithoutNotice") else OPENING_NOTICE_SECONDS
        is_opening = act["opensAt"] == max(cycle.opens_at, now + notice)
        what = "The sales of a cycle begin at another second than they may."
        findings.require(is_opening, "B5", what, act["programme"])
        cycle.opens_at = act["opensAt"]
        cycle.state = RELEASED
        cycle.paused_seconds = self._times(programme, now, self._halts).paused_seconds()
        cycle.end_paused_seconds = cycle.paused_seconds
        programme.unallocated -= envelope["totalUnits"] * cycle.value

    # ---- Tables ------------------------------------------------------------------------------------------------

    def _require_running(self, programme: bytes, now: int) -> None:
        is_running = not self._power.is_paused(DISBURSEMENT, now)
        self._findings.require(is_running, "B5", "disbursement-is-paused", programme)
        known = self._programmes.get(programme)
        is_paused = known is not None and now < known.pauses.until
        self._findings.require(not is_paused, "B5", "programme-is-paused", programme)

    def _slots(self, args: dict, now: int) -> None:
        self._require_running(args["programme"], now)
        tables = self._enrolments.get((args["programme"], args["enrolmentEpoch"]))
        if not tables:
            self._findings.add("B4", "Cards were enrolled that nobody signed.", args["programme"])
            return
        table = tables[-1]
        table["words"] += args["slots"]
        loaded = table["startIndex"] + len(table["words"])
        what = "A table was loaded with other words than its event counts."
        self._findings.require(loaded == args["enrolled"], "B4", what, args["programme"])
        if len(table["words"]) >= table["count"]:
            is_signed = fold(table["words"]) == table["slotsHash"]
            self._findings.require(is_signed, "B4", "Cards were enrolled that nobody signed.", args["programme"])

    def _units(self, args: dict, now: int) -> None:
        self._require_running(args["programme"], now)
        cycle = self._cycles.get((args["programme"], args["cycle"]))
        if cycle is None:
            self._findings.add("B4", "A table was loaded that no envelope names.", args["programme"])
            return
        cycle.words += args["words"]
        what = "A table was loaded with other words than its event counts."
        self._findings.require(len(cycle.words) == args["loadedWords"], "B4", what, args["programme"])

    # ---- Sales -------------------------------------------------------------------------------------------------

    def _batch(self, address: bytes, args: dict, now: int, halts: list[tuple[int, int]]) -> None:
        programme, findings = args["programme"], self._findings
        posted = posted_in(self._signing.call, address)
        items = None if posted is None else items_of(posted, args)
        findings.require(posted is None or items is not None, "B3", "A batch is not the one that was posted.", programme)
        separator = self._signing.sale_separator()
        digest = None
        if posted is not None and items is not None:
            batch = {**posted.batch, "itemsHash": args["itemsHash"]}
            digest = typed.digest(separator, typed.hash_struct("RedemptionBatch", batch))
        self._results.append((programme, keccak(*args["results"]), digest))
        cycle, vendor = self._cycles.get((programme, args["cycle"])), self._sellers.get(args["vendor"])
        if cycle is None or vendor is None:
            findings.add("bytes", "An event is about a record that nothing began.", programme)
            return
        record = self._programmes[programme]
        times = self._times(record, now, halts)
        till = self._tills.get((args["vendor"], args["till"]), Till())
        sellers = (vendor, till.period)
        is_on_sale = (
            cycle.state in (RELEASED, ENDED)
            and cycle.opens_at <= now <= times.later(cycle.post_until, cycle.end_paused_seconds)
            and now >= max(times.pauses.until, times.redemption.until)
            and all(times.may_post(seller, cycle.paused_seconds) for seller in sellers)
            and self._vendors[args["vendor"]] == record.institution
        )
        findings.require(is_on_sale, "B5", "A sale was recorded after its time, or in a pause.", programme)
        if posted is not None and digest is not None:
            is_late = is_passed(now, posted.batch["deadline"], halts)
            findings.require(not is_late, "B3", "redemption-batch-expired", programme)
            is_by_till = is_by_device(till.kind, till.key, digest, posted.till_signature)
            findings.require(is_by_till, "B3", "till-signature-invalid", programme)
        taken, redeemed, waiting = 0, 0, 0
        for i, result in enumerate(args["results"]):
            sale = sale_in(int.from_bytes(result, "big"))
            if sale.reason >= len(REASONS):
                findings.add("bytes", "A result is none that the contract writes.", programme)
                continue
            card = self._card(programme, cycle.envelope["enrolmentEpoch"], sale.index)
            known = Known(cycle, record.most_offline, record.most_units, sellers, card, times)
            is_there = sale.reason == 0 and self._is_listed(cycle, sale, programme)
            if posted is None or items is None:
                self._judge(sale, known, programme)
            else:
                self._judge_shown(sale, items[i], known, posted.batch, programme, separator)
            taken += sale.units if sale.reason == 0 else 0
            redeemed += sale.reason == 0
            is_known = all(one.standing == ACTIVE and sale.sold_at >= one.start for one in sellers)
            waiting += sale.units if sale.reason == 0 and not is_known else 0
            if is_there:
                cycle.take(sale.index, sale.units)
        findings.require(taken == args["units"], "B1", "A batch took other units than its items.", programme)
        cycle.redeemed += args["units"]
        is_within = cycle.redeemed <= cycle.envelope["totalUnits"]
        findings.require(is_within, "B2", "A cycle redeemed more than it issued.", programme)
        credit = self._credit(args)
        credit["credited"] += args["units"]
        credit["waiting"] += waiting
        self._signing.tally(1 + redeemed, items is not None)

    def _times(self, programme: Programme, now: int, halts: list[tuple[int, int]]) -> Times:
        return Times(now, halts, self._power.redemption, programme.pauses)

    def _judge(self, sale: Sale, known: Known, programme: bytes) -> None:
        """An item of a call that is not shown: nobody says since when its till was offline, or what its card signed."""
        refused, told = item_refused(sale, UNHEARD, known), REASONS[sale.reason]
        if sale.reason == 0:
            self._findings.require(refused is None, "B5", refused or "", programme)
            return
        is_due = told in (refused or "item-signature-invalid", item_refused(sale, 0, known))
        self._findings.require(is_due, "B5", _SKIPPED_AMISS, programme)

    def _judge_shown(
        self, sale: Sale, item: Item, known: Known, batch: dict, programme: bytes, separator: bytes
    ) -> None:
        """What the call shows of an item leads to its outcome."""
        findings, told = self._findings, REASONS[sale.reason]
        is_of = item.sale == sale._replace(reason=0)
        findings.require(is_of, "B3", "A result is of another item than was posted.", programme)
        due = item_refused(item.sale, batch["offlineSince"], known)
        if due is None:
            signed = typed.hash_struct("Redemption", redemption_of(item, batch, known.cycle.envelope["enrolmentEpoch"]))
            digest = typed.digest(separator, signed)
            is_signed = is_by_device(known.card.kind, known.card.key, digest, item.signature)
            due = "redeemed" if is_signed else "item-signature-invalid"
        is_skip_due = due in (told, "redeemed")
        findings.require(is_skip_due, "B5", due, programme)
        findings.require(not is_skip_due or due == told, "B5", _SKIPPED_AMISS, programme)

    def _card(self, programme: bytes, epoch: int, index: int) -> Card:
        found = self._cards.get((programme, epoch, index))
        if found is not None:
            return found
        tables = [one for one in self._enrolments.get((programme, epoch), []) if one["startIndex"] <= index]
        words = tables[-1]["words"] if tables else []
        place = index - tables[-1]["startIndex"] if tables else 0
        return card_in(words[place]) if place < len(words) else Card()

    def _is_listed(self, cycle: Cycle, sale: Sale, programme: bytes) -> bool:
        """Whether a sale that counts began from what its person had, and took no more."""
        findings, index = self._findings, sale.index
        is_in = index < cycle.envelope["count"]
        is_listed = is_in and (cycle.units(index), cycle.sequence(index)) == (sale.remaining, sale.sequence)
        findings.require(is_listed, "B3", "A sale began from other units than its person had.", programme)
        is_there = is_listed and 0 < sale.units <= sale.remaining
        findings.require(is_there, "B2", "A person spent more than was left.", programme)
        return is_there

    # ---- Money -------------------------------------------------------------------------------------------------

    def _check_money(self, key: bytes) -> None:
        programme = self._programmes[key]
        own = [cycle for (of, _), cycle in self._cycles.items() if of == key]
        on_sale = [cycle for cycle in own if cycle.state in (RELEASED, ENDED)]
        outstanding = sum(cycle.outstanding * cycle.value for cycle in on_sale)
        redeemed = programme.redeemed + sum(cycle.redeemed * cycle.value for cycle in on_sale)
        parts = [
            programme.unallocated,
            outstanding,
            redeemed,
            programme.expired,
            programme.reclaimed,
            programme.defunded,
        ]
        is_balanced = sum(parts) == programme.funded
        self._findings.require(is_balanced, "B1", "The money of a programme does not add up.", key)
        is_owned = all(part >= 0 for part in parts)
        self._findings.require(is_owned, "B1", "A programme spent money that it does not have.", key)

    def finish(self) -> None:
        what = "An act was applied without an entry that says so."
        self._findings.require(self._applied is None, "L3", what)
        for (programme, number), cycle in self._cycles.items():
            credited = sum(
                credit["credited"] for (of, at, _), credit in self._credits.items() if (of, at) == (programme, number)
            )
            is_owed = credited == cycle.redeemed
            self._findings.require(is_owed, "B1", "What people spent is not what vendors are owed.", programme)

    def told(self) -> dict[str, dict]:
        """The books of every programme, in minor units, and the units of its cycles."""
        books = {}
        for key, programme in self._programmes.items():
            cycles = {number: cycle for (of, number), cycle in self._cycles.items() if of == key}
            issued = [cycle for cycle in cycles.values() if cycle.state not in (LOADING, CANCELLED)]
            books[f"0x{key.hex()}"] = {
                "fundedMinor": str(programme.funded),
                "unallocatedMinor": str(programme.unallocated),
                "cycles": len(cycles),
                "issuedUnits": str(sum(cycle.envelope["totalUnits"] for cycle in issued)),
                "redeemedUnits": str(sum(cycle.redeemed for cycle in cycles.values())),
            }
        return books
