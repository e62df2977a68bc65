"""What calls show of power and no event does: a member's ballot, and that each key of an officer was held when it came."""

from __future__ import annotations

from . import typed
from .abi import NotAbi, decode
from .calls import Call, abi_of, arguments, selector
from .findings import Findings
from .officers import Power, is_signed_by
from .crypto import keccak
from .signing import Signing

_VOTE = abi_of("Vote")
_APPOINTMENT, _APPOINT, _ROTATE = abi_of("Appointment"), abi_of("AppointOfficer"), abi_of("RotateKey")
_MEASURE = abi_of("Measure")
_POSSESSIONS = "(bytes key, bytes spare)"
_SIGNATURES = "(bytes preparer, (bytes32 approver, uint32 approverEpoch, uint64 deadline) approval, bytes approver)"


def _method(name: str, *parameters: str) -> tuple[bytes, str]:
    kinds = tuple(one.rpartition(" ")[0] for one in parameters)
    return selector(name, kinds), f"({', '.join(parameters)})"


_VOTES = _method("vote", f"{_VOTE} ballot", "bytes signature")
_APPOINTS = _method("appointOfficer", f"{_APPOINT} act", f"{_POSSESSIONS} possessions", f"{_SIGNATURES} signatures")
_ROTATES = _method("rotateKey", f"{_ROTATE} act", "bytes possession", f"{_SIGNATURES} signatures")
_EXECUTES = _method(
    "execute", f"{_MEASURE} measure", f"{_APPOINTMENT}[] appointments", f"{_POSSESSIONS}[] possessions"
)
# Before the founding file among the constructor's arguments: Charter, predecessor, council, safeguards, two offsets.
_HEAD_BYTES = 6 * 32


class ShownPower:
    def __init__(self, findings: Findings, power: Power, signing: Signing) -> None:
        self._findings, self._power, self._signing = findings, power, signing
        # Which contract stands where, as far as the audit knows.
        self.contracts: dict[bytes, str] = {}
        self._creations: list[bytes] = []

    def see(self, calls: list[Call], succeeded: list[bool]) -> None:
        """Creations: a consortium is found when the Charter names it, of a later block."""
        self._creations += [call.data for call, did in zip(calls, succeeded) if did and not call.to]

    def _shown(self, contract: str, method: tuple[bytes, str]) -> dict | None:
        call, (first, kind) = self._signing.call, method
        if self.contracts.get(call.to) != contract or call.data[:4] != first:
            return None
        return arguments(call.data, kind)

    def check_ballot(self, args: dict, separator: bytes) -> int | None:
        """A vote as its call shows it; the epoch of the key that signed. None where no call shows it."""
        shown = self._shown("council", _VOTES)
        self._signing.tally(1, shown is not None)
        if shown is None:
            return None
        ballot, officer = shown["ballot"], args["officer"]
        is_of_it = (
            ballot["officer"] == officer
            and ballot["inFavour"] == args["inFavour"]
            and typed.digest(separator, typed.hash_struct("Measure", ballot["measure"])) == args["measureId"]
        )
        digest = typed.digest(separator, typed.hash_struct("Vote", ballot))
        is_signed = self._power.is_signed(officer, ballot["epoch"], digest, shown["signature"])
        what = "A vote is not the one that its officer signed."
        self._findings.require(is_of_it and is_signed, "P4", what, args["measureId"])
        return ballot["epoch"]

    def check_keys(self, name: str, consortium: bytes, args: dict) -> None:
        """The keys of an officer who comes, or the one that takes another's place, at the event that says so."""
        separator = self._signing.separator("consortium", consortium)
        if name == "KeyRotated":
            shown = self._shown("personnel", _ROTATES)
            officer = self._power.officers.get(args["officer"])
            institution = officer.institution if officer else 0
            possession = None if shown is None else shown["possession"]
            self._check_held(separator, args["officer"], institution, args["key"], args["epoch"], possession)
            return
        self._check_pair(separator, args["officer"], args, self._possessions(args))

    def _possessions(self, args: dict) -> dict | None:
        """Of an appointment, by two admins or by the members, among those of the call."""
        by_two = self._shown("personnel", _APPOINTS)
        if by_two is not None:
            return by_two["possessions"]
        voted = self._shown("council", _EXECUTES)
        if voted is None:
            return None
        wanted = (args["salt"], args["key"]["keyHash"])
        pairs = zip(voted["appointments"], voted["possessions"])
        return next((shown for one, shown in pairs if (one["salt"], one["key"]["keyHash"]) == wanted), None)

    def check_founders(self, file: bytes, founding: dict) -> None:
        """The keys of everybody whom a consortium begins with, in the domain from before it stood anywhere."""
        nonce = founding["ledgerNonce"]
        separator = typed.domain_separator(name="Kudurru Consortium", version="1", salt=nonce)
        shown = next((one for one in map(lambda data: _founded(data, file), reversed(self._creations)) if one), [])
        for at, one in enumerate(founding["officers"]):
            officer = keccak(one["key"]["keyHash"], one["salt"])
            self._check_pair(separator, officer, one, shown[at] if at < len(shown) else None)

    def _check_pair(self, separator: bytes, officer: bytes, record: dict, shown: dict | None) -> None:
        for epoch, place in ((1, "key"), (2, "spare")):
            possession = None if shown is None else shown[place]
            self._check_held(separator, officer, record["institution"], record[place], epoch, possession)

    def _check_held(
        self, separator: bytes, officer: bytes, institution: int, key: dict, epoch: int, possession: bytes | None
    ) -> None:
        self._signing.tally(1, possession is not None)
        if possession is None:
            return
        said = {"officerId": officer, "keyHash": key["keyHash"], "epoch": epoch, "institution": institution}
        digest = typed.digest(separator, typed.hash_struct("KeyPossession", said))
        is_held = self._power.is_verified(key) and is_signed_by(key, digest, possession)
        self._findings.require(is_held, "P3", "key-not-possessed", officer)


def _founded(data: bytes, file: bytes) -> list[dict] | None:
    """The signatures behind a founding file in what created a consortium; None of any other creation."""
    content = data.rfind(file[32:])
    start = content - _HEAD_BYTES
    if content < 0 or start < 0 or int.from_bytes(data[start + 128 : start + 160], "big") != _HEAD_BYTES:
        return None
    try:
        at = int.from_bytes(data[start + 160 : start + 192], "big")
        return decode(data[start:], at, f"{_POSSESSIONS}[]")
    except NotAbi:
        return None
