"""EIP-712 over the structs of docs/ledger-types.md: type strings, struct hashes, digests.

A struct is given as a dict of its fields: integers and booleans as they are, `bytes` for addresses and bytesN, lists of
dicts for arrays.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .crypto import keccak, word
from .type_tables import STRUCT_LINES

STRUCTS: dict[str, list[tuple[str, str]]] = {}


def _add(line: str) -> None:
    name, fields = line.rstrip(")").split("(", 1)
    STRUCTS[name] = [(kind, field) for kind, field in (one.split(" ") for one in fields.split(",") if one)]


for _line in STRUCT_LINES.strip().splitlines():
    _add(_line)


def _used(name: str, found: set[str]) -> set[str]:
    for kind, _ in STRUCTS[name]:
        base = kind.removesuffix("[]")
        if base in STRUCTS and base not in found:
            found.add(base)
            _used(base, found)
    return found


def _own(name: str) -> str:
    return f"{name}({','.join(f'{kind} {field}' for kind, field in STRUCTS[name])})"


@lru_cache(maxsize=None)
def type_string(name: str) -> str:
    others = _used(name, set()) - {name}
    return _own(name) + "".join(_own(one) for one in sorted(others))


@lru_cache(maxsize=None)
def type_hash(name: str) -> bytes:
    return keccak(type_string(name).encode())


@lru_cache(maxsize=None)
def approval_type_hash(act: str) -> bytes:
    others = sorted(_used(act, {act}))
    head = f"Approval({act} act,bytes32 approver,uint32 approverEpoch,uint64 deadline)"
    return keccak((head + "".join(_own(one) for one in others)).encode())


_SIZED = re.compile(r"(uint|bytes)(\d+)$")


def encode_value(kind: str, value) -> bytes:
    if kind.endswith("[]"):
        base = kind[:-2]
        return keccak(*(encode_value(base, one) for one in value))
    if kind in STRUCTS:
        return hash_struct(kind, value)
    if kind == "address":
        return bytes(12) + value
    if kind == "bool":
        return word(1 if value else 0)
    family, size = _SIZED.match(kind).groups()
    if family == "bytes":
        if len(value) != int(size):
            raise ValueError(kind)
        return value + bytes(32 - len(value))
    if not 0 <= value < 1 << int(size):
        raise ValueError(kind)
    return word(value)


def hash_struct(name: str, value: dict) -> bytes:
    return keccak(type_hash(name), *(encode_value(kind, value[field]) for kind, field in STRUCTS[name]))


def hash_array(name: str, values: list) -> bytes:
    return keccak(*(hash_struct(name, one) for one in values))


_DOMAIN_FIELDS = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}


def domain_separator(**fields) -> bytes:
    """The domain of the fields that are given, in EIP-712's order."""
    given = [(kind, name) for name, kind in _DOMAIN_FIELDS.items() if name in fields]
    text = f"EIP712Domain({','.join(f'{kind} {name}' for kind, name in given)})"
    words = [
        keccak(fields[name].encode()) if kind == "string" else encode_value(kind, fields[name])
        for kind, name in given
    ]
    return keccak(keccak(text.encode()), *words)


def digest(separator: bytes, struct_hash: bytes) -> bytes:
    return keccak(b"\x19\x01", separator, struct_hash)
