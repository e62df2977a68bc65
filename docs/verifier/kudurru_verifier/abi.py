"""ABI data by type text: `(uint16 a, bytes32[] b)[]`; structs become dicts, arrays lists, addresses and bytes `bytes`."""

from __future__ import annotations

from functools import lru_cache

from .crypto import keccak
from .event_table import EVENT_LINES


class NotAbi(ValueError):
    """Data that its type does not lead to."""


def split(text: str) -> list[str]:
    """Parts between the commas that stand in no brackets."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    last = text[start:].strip()
    return [*parts, last] if last else parts


def _type_and_name(parameter: str) -> tuple[str, str, bool]:
    kind, _, name = parameter.rpartition(" ")
    if kind == "":
        return name, "", False
    return kind.removesuffix(" indexed"), name, kind.endswith(" indexed")


@lru_cache(maxsize=None)
def fields_of(kind: str) -> tuple[tuple[str, str], ...]:
    return tuple(_type_and_name(part)[:2] for part in split(kind[1:-1]))


@lru_cache(maxsize=None)
def _size(kind: str) -> int | None:
    """Bytes of the head; None of what stands behind an offset."""
    if kind == "bytes" or kind.endswith("[]"):
        return None
    if kind.startswith("("):
        sizes = [_size(one) for one, _ in fields_of(kind)]
        return None if None in sizes else sum(sizes)  # type: ignore[arg-type]
    return 32


def _word(data: bytes, at: int) -> bytes:
    found = data[at : at + 32]
    if len(found) != 32:
        raise NotAbi("end")
    return found


def _offset(data: bytes, at: int) -> int:
    found = int.from_bytes(_word(data, at), "big")
    if found > len(data):
        raise NotAbi("offset")
    return found


def _tuple(data: bytes, at: int, kinds: list[str]) -> list:
    found, head = [], at
    for kind in kinds:
        size = _size(kind)
        found.append(decode(data, head if size is not None else at + _offset(data, head), kind))
        head += size or 32
    return found


def decode(data: bytes, at: int, kind: str):
    if kind.endswith("[]"):
        count = _offset(data, at)
        return _tuple(data, at + 32, [kind[:-2]] * count)
    if kind == "bytes":
        length = _offset(data, at)
        found = data[at + 32 : at + 32 + length]
        if len(found) != length:
            raise NotAbi("end")
        return found
    if kind.startswith("("):
        fields = fields_of(kind)
        values = _tuple(data, at, [one for one, _ in fields])
        return {name: value for (_, name), value in zip(fields, values)}
    return scalar(_word(data, at), kind)


def scalar(found: bytes, kind: str):
    """A word that holds no more bits than its type."""
    if kind == "bytes32":
        return found
    number = int.from_bytes(found, "big")
    if kind == "bool":
        if number > 1:
            raise NotAbi("bool")
        return number == 1
    if kind == "address":
        if number >> 160:
            raise NotAbi("address")
        return found[12:]
    if number >> int(kind.removeprefix("uint")):
        raise NotAbi(kind)
    return number


def canonical(kind: str) -> str:
    """Without names, as a topic is made of."""
    if kind.endswith("[]"):
        return canonical(kind[:-2]) + "[]"
    if kind.startswith("("):
        return "(" + ",".join(canonical(one) for one, _ in fields_of(kind)) + ")"
    return kind


EVENTS: dict[bytes, tuple[str, list[tuple[str, str, bool]]]] = {}
for _line in EVENT_LINES.strip().splitlines():
    _topic, _signature = _line.split(" ", 1)
    _name, _rest = _signature.split("(", 1)
    _parameters = [_type_and_name(part) for part in split(_rest[:-1])]
    _text = f"{_name}({','.join(canonical(kind) for kind, _, _ in _parameters)})"
    if keccak(_text.encode()).hex() != _topic[2:]:
        raise NotAbi(_name)
    EVENTS[bytes.fromhex(_topic[2:])] = (_name, _parameters)


def read_log(topics: list[bytes], data: bytes) -> tuple[str, dict] | None:
    """The event of a log, or None where it is none of ours."""
    found = EVENTS.get(topics[0]) if topics else None
    if found is None:
        return None
    name, parameters = found
    plain = [(kind, field) for kind, field, is_indexed in parameters if not is_indexed]
    values = dict(zip((field for _, field in plain), _tuple(data, 0, [kind for kind, _ in plain])))
    indexed = [(kind, field) for kind, field, is_indexed in parameters if is_indexed]
    if len(indexed) != len(topics) - 1:
        raise NotAbi("topics")
    values.update({field: scalar(topic, kind) for (kind, field), topic in zip(indexed, topics[1:])})
    return name, values
