"""What does not hold, in the order of the chain."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Findings:
    found: list[dict] = field(default_factory=list)
    _block: int = 0
    _log: int | None = None

    def at(self, block: int, log: int | None = None) -> None:
        self._block, self._log = block, log

    def add(self, rule: str, what: str, subject: bytes = b"") -> None:
        place = {"block": self._block} | ({} if self._log is None else {"log": self._log})
        self.found.append({"rule": rule, "what": what, **place, "subject": f"0x{subject.hex()}"})

    def require(self, holds: bool, rule: str, what: str, subject: bytes = b"") -> bool:
        if not holds:
            self.add(rule, what, subject)
        return holds
