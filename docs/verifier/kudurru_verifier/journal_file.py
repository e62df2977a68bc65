"""What a node answered to an audit, as a file: it answers again, and is believed no more than the node was."""

from __future__ import annotations

import json
from pathlib import Path

from . import rlp
from .header import HEADER_NAMES, INTEGERS
from .rpc import Node, Silent, hex_bytes, of_bytes, parsed

_FORMAT = "kudurru-journal-1"
# Answers of now: under which name a call asked for them says nothing.
_TAGGED = ("eth_call", "eth_getCode")


class JournalFile(Node):
    """Raises `Silent` of a file that was cut, counts its answers otherwise, answers a call twice, or lacks what is asked."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self._answers: dict[str, object] = {}
        self._accounts: dict[str, dict[str, list]] = {}
        self._slots: dict[tuple[str, str, int], list] = {}
        try:
            lines = Path(file).read_bytes().decode("utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            raise Silent(f"{file} cannot be read.") from None
        if lines.pop() != "" or len(lines) < 2:
            raise Silent("The file was cut: its last line is not whole.")
        first, *rest, last = [_line(one) for one in lines]
        if first.get("format") != _FORMAT:
            raise Silent("The file is no exported journal.")
        if last.get("answers") != len(rest):
            raise Silent("The file was cut, or lines were taken out or put in: it does not hold as many answers as it says.")
        calls: set[str] = set()
        for one in rest:
            if set(one) != {"method", "params", "result"} or not _is_call(one["method"], one["params"]):
                raise Silent("The file is no exported journal.")
            call = json.dumps([one["method"], one["params"]])
            if call in calls:
                raise Silent(f"The file answers {one['method']} twice for one call.")
            calls.add(call)
            try:
                self._take(one["method"], one["params"], one["result"])
            except (KeyError, TypeError, ValueError):
                raise Silent(f"The file answers {one['method']} otherwise than a node.") from None

    def _take(self, method: str, params: list, result) -> None:
        if method == "eth_getProof":
            address, _, place = params
            self._accounts.setdefault(address, {})[place] = result["accountProof"]
            for one in result["storageProof"]:
                self._slots[address, place, int(one["key"], 16)] = one["proof"]
            return
        self._answers.setdefault(_name(method, params), result)

    def ask(self, method: str, *params):
        if method == "eth_getProof":
            return self._proof(*params)
        if method == "debug_getRawHeader":
            return of_bytes(_header(self._answer("eth_getBlockByNumber", params)))
        if method == "eth_getBlockReceipts" and int(params[0], 16) == 0:
            return []  # a genesis has no transaction; its header says so
        return self._answer(method, params)

    def _answer(self, method: str, params):
        try:
            return self._answers[_name(method, params)]
        except KeyError:
            raise Silent(f"The file holds no answer to {method}.") from None

    def proved_at(self, address: str, place: str) -> str:
        """A block under which an account is proved: code that was put once stays, so an earlier one will do."""
        places = self._accounts.get(address, {})
        return place if place in places or not places else max(places, key=lambda one: int(one, 16))

    def _proof(self, address: str, slots: list[str], place: str) -> dict:
        try:
            proofs = [{"key": slot, "proof": self._slots[address, place, int(slot, 16)]} for slot in slots]
            return {"accountProof": self._accounts[address][place], "storageProof": proofs}
        except KeyError:
            raise Silent("The file holds no answer to eth_getProof.") from None


def _line(text: str) -> dict:
    found = parsed(text, "The file is no exported journal.")
    if not isinstance(found, dict):
        raise Silent("The file is no exported journal.")
    return found


def _is_call(method, params) -> bool:
    return isinstance(method, str) and isinstance(params, list)


def _name(method: str, params) -> str:
    asked = list(params)[:1] if method in (*_TAGGED, "eth_getBlockByNumber") else list(params)
    return json.dumps([method, asked], sort_keys=True)


def _header(block: dict) -> bytes:
    """The header of a block that was told by its fields; its hash is held against the chain, as any."""
    fields = [block[name] for name in HEADER_NAMES if block.get(name) is not None]
    names = [name for name in HEADER_NAMES if block.get(name) is not None]
    return rlp.encode(
        [rlp.minimal(int(text, 16)) if name in INTEGERS else hex_bytes(text) for name, text in zip(names, fields)]
    )
