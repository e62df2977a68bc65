"""JSON that is read as a file of a format must be: exact fields in their order, nothing repaired.

Every reader raises `Refused` with the code that its file names, and the place as a JSON pointer.
"""

from __future__ import annotations

import json
import re
from typing import Any, Callable

from .refused import Refused

MOST_BYTES = 32_768
HEX = re.compile(r"0x(?:[0-9a-f]{2})*\Z")
DECIMAL = re.compile(r"(?:0|[1-9][0-9]*)\Z")


class Reader:
    """What each kind of value must look like; `code` is the failure of this file."""

    def __init__(self, code: str, is_ordered: bool = True) -> None:
        self.code = code
        self.is_ordered = is_ordered

    def fail(self, place: str) -> Refused:
        return Refused(self.code, place)

    def parse(self, text: str) -> Any:
        def pairs(items):
            if len({name for name, _ in items}) != len(items):
                raise ValueError("a field twice")
            return dict(items)

        def no_constant(_: str):
            raise ValueError("no number")

        try:
            return json.loads(text, object_pairs_hook=pairs, parse_constant=no_constant)
        except (ValueError, RecursionError):
            raise self.fail("") from None

    def fields(self, value: Any, place: str, names: list[str]) -> dict:
        if not isinstance(value, dict):
            raise self.fail(place)
        given = list(value)
        if given != names if self.is_ordered else sorted(given) != sorted(names):
            raise self.fail(place)
        return value

    def items(self, value: Any, place: str, most: int, read: Callable[[Any, str], Any]) -> list:
        if not isinstance(value, list) or len(value) > most:
            raise self.fail(place)
        return [read(one, f"{place}/{i}") for i, one in enumerate(value)]

    def text(self, value: Any, place: str) -> str:
        if not isinstance(value, str):
            raise self.fail(place)
        return value

    def bytes(self, value: Any, place: str, size: int | None = None) -> bytes:
        if not isinstance(value, str) or HEX.match(value) is None:
            raise self.fail(place)
        found = bytes.fromhex(value[2:])
        if len(found) > MOST_BYTES or (size is not None and len(found) != size):
            raise self.fail(place)
        return found

    def number(self, value: Any, place: str, most: int = 2**53 - 1) -> int:
        if type(value) is not int or not 0 <= value <= most:
            raise self.fail(place)
        return value

    def decimal(self, value: Any, place: str, most: int) -> int:
        if not isinstance(value, str) or DECIMAL.match(value) is None or len(value) > 80:
            raise self.fail(place)
        found = int(value)
        if found > most:
            raise self.fail(place)
        return found

    def name(self, value: Any, place: str, names: tuple[str, ...]) -> int:
        if not isinstance(value, str) or value not in names:
            raise self.fail(place)
        return names.index(value)

    def format(self, value: Any, family: str, version: int) -> None:
        """Another version of a known format is `format-unknown`."""
        found = value.get("format") if isinstance(value, dict) else None
        if found == f"{family}{version}":
            return
        if isinstance(found, str) and re.fullmatch(re.escape(family) + r"[0-9]{1,9}", found):
            raise Refused("format-unknown", "/format")
        raise self.fail("/format")


def write(value: Any) -> str:
    """One line without white space, as the formats are written."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
