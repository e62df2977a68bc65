"""RLP, read in its one canonical form."""

from __future__ import annotations



MOST_DEPTH = 8


class NotRlp(ValueError):
    """Not the one form that RLP has."""


def _length(data: bytes, at: int, size: int) -> int:
    field = data[at : at + size]
    if len(field) != size or field[0] == 0:
        raise NotRlp("length")
    length = int.from_bytes(field, "big")
    if length < 56:
        raise NotRlp("long form of a short length")
    return length


def _read(data: bytes, at: int, depth: int):
    if at >= len(data) or depth > MOST_DEPTH:
        raise NotRlp("end")
    first = data[at]
    if first < 0x80:
        return data[at : at + 1], at + 1
    is_list = first >= 0xC0
    base = 0xC0 if is_list else 0x80
    if first - base < 56:
        start, length = at + 1, first - base
    else:
        size = first - base - 55
        start, length = at + 1 + size, _length(data, at + 1, size)
    end = start + length
    if end > len(data):
        raise NotRlp("end")
    if not is_list:
        if length == 1 and data[start] < 0x80:
            raise NotRlp("byte in long form")
        return data[start:end], end
    items = []
    while start < end:
        item, start = _read(data, start, depth + 1)
        items.append(item)
    if start != end:
        raise NotRlp("list")
    return items, end


def decode(data: bytes):
    item, end = _read(data, 0, 0)
    if end != len(data):
        raise NotRlp("bytes after the end")
    return item


def _head(length: int, base: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = (length.bit_length() + 7) // 8
    return bytes([base + 55 + size]) + length.to_bytes(size, "big")


def encode(item) -> bytes:
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _head(len(item), 0x80) + item
    body = b"".join(encode(one) for one in item)
    return _head(len(body), 0xC0) + body


def integer(item, most_bytes: int = 32) -> int:
    """An integer without leading zeros."""
    if not isinstance(item, bytes) or len(item) > most_bytes or item[:1] == b"\0":
        raise NotRlp("integer")
    return int.from_bytes(item, "big")


def minimal(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")
