"""JSON-RPC over HTTP: what an auditor asks of any node. Nothing it answers is believed before it is proved."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from contextlib import contextmanager
from typing import Iterator

TIME_LIMIT_SECONDS = 60
MOST_BYTES = 256 * 2**20
# Of an answer that is none: enough to know it by.
MOST_TOLD = 200


# What reading an answer of another form than a node's ends with.
NO_FORM = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class Silent(Exception):
    """The node gave no usable answer."""


class Failed(Exception):
    """The verifier itself failed: nothing is said of what it was given."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """What is of another form than a node's answer is `Silent`, with what it was the answer to and where."""
    try:
        yield
    except NO_FORM as error:
        raise Silent(f"{what}: the answer is of no form that a node's has ({type(error).__name__}: {error})") from None


def parsed(text: str | bytes, what: str):
    """JSON from outside; raises `Silent` with this sentence where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise Silent(what) from None


class Node:
    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, method: str, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        if not self._url.lower().startswith(("http://", "https://")):
            raise Silent(f"{self._url!r} is no address of a node, such as http://localhost:8545")
        try:
            request = urllib.request.Request(self._url, body, {"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=TIME_LIMIT_SECONDS) as response:
                told = response.read(MOST_BYTES)
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            raise Silent(f"{method}: {error}") from None
        answer = parsed(told, f"{method}: the answer is no JSON")
        if not isinstance(answer, dict) or "result" not in answer:
            raise Silent(f"{method}: {str(answer)[:MOST_TOLD]}")
        return answer["result"]

    def proved_at(self, _address: str, place: str) -> str:
        return place

    def number(self, method: str, *params) -> int:
        return int(self.ask(method, *params), 16)

    def bytes(self, method: str, *params) -> bytes:
        return hex_bytes(self.ask(method, *params))


def proof_of_answer(answer: dict, address: bytes, slots: list[bytes]) -> dict:
    """What `eth_getProof` answered of these slots; a node may leave or drop zeros before their keys."""
    by_slot = {int(one["key"], 16): one["proof"] for one in answer["storageProof"]}
    return {
        "address": address,
        "nodes": [hex_bytes(text) for text in answer["accountProof"]],
        "slots": [
            {"slot": slot, "nodes": [hex_bytes(text) for text in by_slot.get(int.from_bytes(slot, "big"), [])]}
            for slot in slots
        ],
    }


def hex_bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def quantity(number: int) -> str:
    return hex(number)


def of_bytes(found: bytes) -> str:
    return f"0x{found.hex()}"
