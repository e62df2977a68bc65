"""Moments that halts move, and the clock of a scope that was paused."""

from __future__ import annotations

from typing import NamedTuple

UNHEARD_SECONDS = 86_400


def extended(halts: list[tuple[int, int]], moment: int) -> int:
    """Of a deadline inside a halt, what was left when that halt began passes outside all halts."""
    end_of_all = moment
    for start, end in halts:
        is_running = end_of_all != moment
        if start < end_of_all and (is_running or end_of_all <= end):
            end_of_all += end - start
    return end_of_all


def with_halt(halts: list[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Halts that touch are one."""
    touched = [one for one in halts if not (one[1] < start or one[0] > end)]
    whole = (min([start, *(one[0] for one in touched)]), max([end, *(one[1] for one in touched)]))
    return sorted([one for one in halts if one not in touched] + [whole])


class Clock(NamedTuple):
    """The last pause, over or not, and how long those before it took."""

    start: int = 0
    until: int = 0
    before: int = 0

    def paused(self, until: int, now: int) -> Clock:
        """After a pause until a moment, or after its end at that moment."""
        is_paused = now < self.until
        if until <= now:
            return self._replace(until=now) if is_paused else self
        if is_paused:
            return self._replace(until=until)
        return Clock(now, until, self.before + self.until - self.start)

    def seconds(self, now: int) -> int:
        return self.before + min(now, self.until) - self.start

    def since(self, moment: int) -> int:
        return max(0, self.until - max(moment, self.start))

    def stops(self, offline_since: int, sold_at: int) -> bool:
        """A till that was offline since before a pause could not know of it: its first day is let through."""
        if not self.start <= sold_at < self.until:
            return False
        is_unheard = offline_since != 0 and offline_since < self.start
        return not is_unheard or sold_at >= self.start + UNHEARD_SECONDS
