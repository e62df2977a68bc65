"""Whether a sale counts: its date, the pauses and what they give back, the periods of sellers, and the card."""

from __future__ import annotations

from typing import NamedTuple

from .crypto import word
from .times import Clock, extended

ACTIVE, REVOKED = 1, 3
FRESH_SECONDS = 15 * 60
LATE_POSTING_SECONDS = 72 * 3_600
OPENING_NOTICE_SECONDS = 3_600
END_NOTICE_SECONDS = 72 * 3_600
# Of a till that was offline since before everything: the events do not say since when it was.
UNHEARD = 1
MOST_SEQUENCE = 255


class Period(NamedTuple):
    """Since when a seller is active, and the first second after its last period that ended."""

    standing: int = 0
    start: int = 0
    until: int = 0

    def after(self, standing: int, start: int, now: int) -> Period:
        if standing == ACTIVE:
            return Period(standing, max(start, now), self.until)
        if self.standing != ACTIVE:
            return self._replace(standing=standing)
        return Period(standing, self.start, self.until if now < self.start else now)

    def covers(self, sold_at: int) -> bool:
        return sold_at < self.until or (self.standing == ACTIVE and sold_at >= self.start)


class Card(NamedTuple):
    kind: int = 0
    standing: int = ACTIVE
    epoch: int = 1
    effective_from: int = 0
    key: bytes = bytes(20)


class Till(NamedTuple):
    period: Period = Period()
    kind: int = 0
    key: bytes = bytes(20)


def card_in(slot: int) -> Card:
    """As a slot is loaded: one that was signed malformed is a person without a card."""
    key, kind, standing = slot & (1 << 160) - 1, slot >> 160 & 0xFF, slot >> 168 & 0xFF
    epoch, effective_from, version = slot >> 176 & 0xFFFF, slot >> 192 & (1 << 40) - 1, slot >> 232
    is_whole = (key != 0) == (kind != 0) and kind in (0, 1, 2)
    is_first = standing in (ACTIVE, 2) and epoch == 1 and version == 0
    return Card(kind, standing, epoch, effective_from, word(key)[12:]) if is_whole and is_first else Card()


class Times(NamedTuple):
    """What a sale is dated by: now, the halts, the pauses of redemption and of the programme."""

    now: int
    halts: list[tuple[int, int]]
    redemption: Clock
    pauses: Clock

    def is_passed(self, deadline: int) -> bool:
        return self.now > deadline and self.now > extended(self.halts, deadline)

    def paused_seconds(self) -> int:
        return self.pauses.seconds(self.now) + self.redemption.seconds(self.now)

    def later(self, deadline: int, paused_then: int) -> int:
        """A deadline of a cycle with what halts and pauses gave back since its end was fixed."""
        return extended(self.halts, deadline) + max(0, self.paused_seconds() - paused_then)

    def returned_since(self, second: int, paused_then: int) -> int:
        """Before the last pause all that sales were paused since the release, for of earlier ones only the sum is kept."""
        exact = self.pauses.since(second) + self.redemption.since(second)
        is_before_one = second < self.pauses.start or second < self.redemption.start
        return max(exact, max(0, self.paused_seconds() - paused_then)) if is_before_one else exact

    def may_post(self, seller: Period, paused_then: int) -> bool:
        if seller.standing == ACTIVE:
            return True
        returned = self.returned_since(seller.until, paused_then)
        return seller.until != 0 and not self.is_passed(seller.until + LATE_POSTING_SECONDS + returned)


class Sale(NamedTuple):
    """An item as its result says it."""

    kind: int
    sequence: int
    card_epoch: int
    index: int
    remaining: int
    units: int
    sold_at: int
    reason: int


def sale_in(result: int) -> Sale:
    """Kind 8, sequence 8, card epoch 16, index 32, remaining 24, units 24, sold at 40, reason 8, zero 96."""
    found, at = [], 0
    for bits in (8, 8, 16, 32, 24, 24, 40, 8):
        found.append(result >> at & (1 << bits) - 1)
        at += bits
    return Sale(*found)


def date_refused(sale: Sale, offline_since: int, cycle, most_offline: int, sellers: tuple, times: Times) -> str | None:
    """Why the date of a sale is none that counts; None where it does."""
    if sale.sold_at > times.now:
        return "item-sold-in-future"
    is_fresh = times.now <= sale.sold_at + FRESH_SECONDS
    if not is_fresh:
        if cycle.envelope["entryBytes"] == 1:
            return "item-sold-too-long-ago"
        returned = times.returned_since(sale.sold_at, cycle.paused_seconds)
        if times.is_passed(sale.sold_at + most_offline + returned):
            return "item-sold-too-long-ago"
    until = times.later(cycle.spend_until, cycle.end_paused_seconds)
    if not cycle.opens_at <= sale.sold_at <= until:
        return "item-sold-outside-window"
    clocks = (times.pauses,) if is_fresh else (times.pauses, times.redemption)
    if any(clock.stops(offline_since, sale.sold_at) for clock in clocks):
        return "item-sold-in-pause"
    return None if all(seller.covers(sale.sold_at) for seller in sellers) else "item-seller-not-active"


def card_refused(sale: Sale, card: Card, now: int) -> str | None:
    if card.kind == 0:
        return "card-missing"
    if card.standing != ACTIVE:
        return "card-not-active"
    if now < card.effective_from:
        return "card-not-yet-effective"
    if card.epoch != sale.card_epoch:
        return "card-epoch-differs"
    return None if card.kind == sale.kind else "card-key-kind-differs"


REASONS = (
    "redeemed",
    "item-index-out-of-range",
    "item-sold-in-future",
    "item-sold-too-long-ago",
    "item-sold-outside-window",
    "item-sold-in-pause",
    "item-seller-not-active",
    "item-units-out-of-range",
    "card-missing",
    "card-not-active",
    "card-not-yet-effective",
    "card-epoch-differs",
    "card-key-kind-differs",
    "item-sequence-stale",
    "item-remaining-stale",
    "item-units-exceed-remaining",
    "item-sequence-exhausted",
    "item-signature-invalid",
)


class Known(NamedTuple):
    """What stands at the place of an item, and what its batch shares."""

    cycle: object
    most_offline: int
    most_units: int
    sellers: tuple[Period, Period]
    card: Card
    times: Times


def item_refused(sale: Sale, offline_since: int, known: Known) -> str | None:
    """Every rule about an item but its signature, in the order of the ledger; None where it passes them."""
    cycle, times = known.cycle, known.times
    if sale.index >= cycle.envelope["count"]:
        return "item-index-out-of-range"
    untimely = date_refused(sale, offline_since, cycle, known.most_offline, known.sellers, times)
    if untimely is not None:
        return untimely
    if not 0 < sale.units <= known.most_units:
        return "item-units-out-of-range"
    of_card = card_refused(sale, known.card, times.now)
    if of_card is not None:
        return of_card
    remaining, sequence = cycle.units(sale.index), cycle.sequence(sale.index)
    if sale.sequence != sequence:
        return "item-sequence-stale"
    if sale.remaining != remaining:
        return "item-remaining-stale"
    if sale.units > remaining:
        return "item-units-exceed-remaining"
    return "item-sequence-exhausted" if sequence == MOST_SEQUENCE else None
