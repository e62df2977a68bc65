// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../contracts/interfaces/ICharter.sol";
import {Directory} from "../../contracts/power/Directory.sol";
import {
    Appointment,
    Founding,
    FoundingInstitution,
    FoundingOffice,
    FoundingPolicy,
    FoundingValidator,
    FoundingVerifier,
    IConsortium,
    Key,
    KeyKind,
    Possessions
} from "../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind, Vote} from "../../contracts/interfaces/ICouncil.sol";
import {ActHead, IJournal, InstitutionId, OfficeId, OfficerId} from "../../contracts/interfaces/IJournal.sol";
import {IPersonnel, Resignation, Suspension} from "../../contracts/interfaces/IPersonnel.sol";
import {ISafeguards} from "../../contracts/interfaces/ISafeguards.sol";
import {Artifacts} from "./Artifacts.sol";
import {Hand, Hands, RP_ID_HASH, SENIOR} from "./Hands.sol";
import {Typed, MEASURE_TYPE} from "./Typed.sol";
import {LEDGER_NONCE, VM} from "./Vm.sol";

/// @title A founded ledger with real keys
/// @notice Three institutions with a vote and a quorum of two: a land office (1), an agency (2), a ministry
/// (3). Officers sign with real secp256k1, P-256 and WebAuthn keys; type strings are written here anew.
abstract contract Founded {
    uint64 internal constant START = 1_800_000_000;
    uint32 internal constant WIDENING_WAIT = 2 days;
    uint32 internal constant APPOINTMENT_WAIT = 1 days;

    ICharter internal _charter;
    ICouncil internal _council;
    ISafeguards internal _safeguards;
    IConsortium internal _consortium;
    IPersonnel internal _personnel;
    address internal _p256Verifier;
    address internal _webAuthnVerifier;
    uint128 private _salt;

    /// What stands before the consortium does.
    function _lay(address[] memory validators) internal {
        VM.warp(START);
        _charter = Artifacts.charter(validators, address(this));
        _p256Verifier = Artifacts.create("ERC7913P256Verifier", "");
        _webAuthnVerifier = Artifacts.create("ERC7913WebAuthnVerifier", "");
        _council = Artifacts.council(_charter);
        _safeguards = Artifacts.safeguards(_charter, address(0));
    }

    /// The consortium of a founding file and the register of officers; from then on it governs.
    function _establish(Founding memory file, Possessions[] memory possessions) internal {
        _consortium = _deployConsortium(address(0), file, possessions);
        _personnel = Artifacts.personnel(_charter, address(0));
        _charter.setRegister(keccak256("Personnel"), address(_personnel));
        _charter.setAuthority(address(_consortium));
    }

    /// Founds the ledger; `quorum` 1 leaves it in the founding phase.
    function _found(uint8 quorum, uint32 wideningWait, uint32 appointmentWait) internal {
        address[] memory validators = new address[](2);
        (validators[0], validators[1]) = (address(0xA1), address(0xA2));
        _lay(validators);
        Founding memory file = _foundingFile(quorum, wideningWait, appointmentWait);
        _establish(file, _foundingPossessions(file));
    }

    function _deployConsortium(address predecessor, Founding memory file) internal returns (IConsortium) {
        return _deployConsortium(predecessor, file, _foundingPossessions(file));
    }

    function _deployConsortium(
        address predecessor,
        Founding memory file,
        Possessions[] memory possessions
    ) internal returns (IConsortium) {
        return Artifacts.consortium(_charter, predecessor, address(_council), _safeguards, file, possessions);
    }

    /// Of the officers as `_hand` makes them, found by their first keys.
    function _foundingPossessions(
        Founding memory file
    ) internal view returns (Possessions[] memory possessions) {
        possessions = new Possessions[](file.officers.length);
        for (uint256 i = 0; i < possessions.length; ++i) {
            Hand memory hand = _handOf(file.officers[i]);
            possessions[i] = _possessionsUnder(Typed.foundingSeparator(file.ledgerNonce), hand);
        }
    }

    /// The signatures of both keys that they are this officer's, in the consortium's domain.
    function _possessionsOf(Hand memory hand) internal view returns (Possessions memory) {
        return _possessionsUnder(Typed.separator(_journal(), "Consortium"), hand);
    }

    /// Of each appointment, in the consortium's domain.
    function _possessionsFor(
        Appointment[] memory appointments
    ) internal view returns (Possessions[] memory possessions) {
        possessions = new Possessions[](appointments.length);
        for (uint256 i = 0; i < possessions.length; ++i) {
            possessions[i] = _possessionsOf(_handOf(appointments[i]));
        }
    }

    function _possessionsUnder(
        bytes32 separator,
        Hand memory hand
    ) internal view returns (Possessions memory) {
        return
            Possessions(
                _possession(separator, hand, _keyOf(hand), 1),
                _possession(separator, Hands.spareOf(hand), _keyOf(Hands.spareOf(hand)), 2)
            );
    }

    /// A key's signature that it is this officer's from an epoch on.
    function _possession(
        bytes32 separator,
        Hand memory hand,
        Key memory key,
        uint32 epoch
    ) internal pure returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)"
        );
        bytes32 hash = keccak256(abi.encode(typeHash, hand.id, key.keyHash, epoch, hand.institution));
        return Hands.sign(hand, keccak256(abi.encodePacked(hex"1901", separator, hash)));
    }

    /// The hand that an appointment of these tests is of.
    function _handOf(Appointment memory appointment) private view returns (Hand memory hand) {
        for (uint256 which = 0; which < 70; ++which) {
            hand = Hands.officer(
                InstitutionId.unwrap(appointment.institution),
                OfficeId.unwrap(appointment.office),
                appointment.roles,
                appointment.key.kind,
                which
            );
            if (_keyOf(hand).keyHash == appointment.key.keyHash) return hand;
        }
        revert("no hand of these tests");
    }

    function _foundingFile(
        uint8 quorum,
        uint32 wideningWait,
        uint32 appointmentWait
    ) internal view returns (Founding memory file) {
        file.ledgerNonce = LEDGER_NONCE;
        file.institutions = new FoundingInstitution[](3);
        file.officers = new Appointment[](11);
        for (uint16 i = 0; i < 3; ++i) {
            file.institutions[i] = FoundingInstitution(InstitutionId.wrap(i + 1), SENIOR);
            file.officers[2 * i] = _appointmentOf(Hands.senior(i + 1, 0));
            file.officers[2 * i + 1] = _appointmentOf(Hands.senior(i + 1, 1));
            file.officers[8 + i] = _appointmentOf(Hands.third(i + 1));
        }
        file.officers[6] = _appointmentOf(Hands.p256Hand());
        file.officers[7] = _appointmentOf(Hands.passkeyHand());
        file.offices = new FoundingOffice[](1);
        file.offices[0] = FoundingOffice(OfficeId.wrap(7), InstitutionId.wrap(1));
        file.verifiers = new FoundingVerifier[](2);
        file.verifiers[0] = FoundingVerifier(KeyKind.P256, _p256Verifier);
        file.verifiers[1] = FoundingVerifier(KeyKind.WebAuthn, _webAuthnVerifier);
        file.policies = new FoundingPolicy[](2);
        file.policies[0] = FoundingPolicy("noticeDays", 30);
        file.policies[1] = FoundingPolicy(keccak256("signingRelyingParty"), uint256(RP_ID_HASH));
        file.validators = _validatorsInTurn();
        file.quorum = quorum;
        file.wideningWaitSeconds = wideningWait;
        file.appointmentWaitSeconds = appointmentWait;
    }

    /// The validators of the Charter, each of the next of the three institutions.
    function _validatorsInTurn() internal view returns (FoundingValidator[] memory named) {
        address[] memory set = _charter.getValidators();
        named = new FoundingValidator[](set.length);
        for (uint16 i = 0; i < set.length; ++i) {
            named[i] = FoundingValidator(set[i], InstitutionId.wrap(1 + (i % 3)));
        }
    }

    /// A founding file in which somebody else stands in an officer's place.
    function _foundingWithout(Hand memory hand) internal view returns (Founding memory file) {
        file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        for (uint256 i = 0; i < file.officers.length; ++i) {
            if (file.officers[i].key.keyHash == _keyOf(hand).keyHash) {
                file.officers[i] = _appointmentOf(
                    Hands.officer(
                        InstitutionId.unwrap(hand.institution),
                        OfficeId.unwrap(hand.office),
                        hand.roles,
                        hand.kind,
                        40
                    )
                );
            }
        }
    }

    function _appointmentOf(Hand memory hand) internal view returns (Appointment memory) {
        return
            Appointment(
                Hands.saltOf(hand),
                hand.institution,
                hand.office,
                hand.roles,
                _keyOf(hand),
                _keyOf(Hands.spareOf(hand))
            );
    }

    function _keyOf(Hand memory hand) internal view returns (Key memory key) {
        key.kind = hand.kind;
        key.keyHash = keccak256(Hands.publicKeyOf(hand));
        if (hand.kind == KeyKind.P256) key.verifier = _p256Verifier;
        if (hand.kind == KeyKind.WebAuthn) {
            (key.verifier, key.rpIdHash) = (_webAuthnVerifier, RP_ID_HASH);
        }
    }

    /// The time, asked anew: the compiler takes `block.timestamp` for the same all through a call, and a test
    /// that moves the clock would go on with the time of before.
    function _now() internal view returns (uint256) {
        return VM.getBlockTimestamp();
    }

    function _headFor(Hand memory preparer, uint32 office) internal returns (ActHead memory head) {
        head.office = OfficeId.wrap(office);
        head.preparer = preparer.id;
        head.preparerEpoch = preparer.epoch;
        head.notBefore = uint64(_now());
        head.deadline = uint64(_now() + 1 days);
        head.effectiveOn = uint64(_now());
        head.salt = ++_salt;
    }

    function _measure(MeasureKind kind) internal returns (Measure memory measure) {
        measure.kind = kind;
        measure.closesAt = uint64(_now() + 7 days);
        measure.salt = ++_salt;
    }

    function _measureId(Measure memory measure) internal view returns (bytes32) {
        return Typed.digest(_journal(), "Consortium", Typed.measureHash(measure));
    }

    function _journal() internal view returns (IJournal) {
        return IJournal(address(_consortium));
    }

    /// The journal of what officers do to one another.
    function _staff() internal view returns (IJournal) {
        return IJournal(address(_personnel));
    }

    /// An officer's order to revoke the own record, its struct hash and its signature.
    function _resignation(
        Hand memory hand,
        uint64 since
    ) internal view returns (Resignation memory order, bytes32 structHash, bytes memory signature) {
        order = Resignation(hand.id, since, "case", hand.epoch);
        bytes32 typeHash = keccak256(
            "Resignation(bytes32 officer,uint64 suspectSince,bytes32 caseReference,uint32 epoch)"
        );
        structHash = keccak256(abi.encode(typeHash, order));
        signature = Hands.sign(hand, Typed.digest(_staff(), "Personnel", structHash));
    }

    function _resign(Hand memory hand) internal {
        (Resignation memory order, , bytes memory signature) = _resignation(hand, 0);
        _personnel.resign(order, signature);
    }

    /// An officer's order to suspend a colleague, and its signature.
    function _suspension(
        Hand memory revoker,
        OfficerId officer,
        uint64 until
    ) internal view returns (Suspension memory order, bytes32 structHash, bytes memory signature) {
        order = Suspension(officer, until, "case", revoker.id, revoker.epoch);
        bytes32 typeHash = keccak256(
            "Suspension(bytes32 officer,uint64 until,bytes32 caseReference,bytes32 revoker,uint32 revokerEpoch)"
        );
        structHash = keccak256(abi.encode(typeHash, order));
        signature = Hands.sign(revoker, Typed.digest(_staff(), "Personnel", structHash));
    }

    /// A vote and its signature.
    function _ballot(
        Measure memory measure,
        Hand memory voter,
        bool inFavour
    ) internal view returns (Vote memory ballot, bytes memory signature) {
        ballot = Vote(measure, inFavour, voter.id, voter.epoch);
        bytes32 typeHash = keccak256(
            abi.encodePacked("Vote(Measure measure,bool inFavour,bytes32 officer,uint32 epoch)", MEASURE_TYPE)
        );
        bytes32 hash = keccak256(
            abi.encode(typeHash, Typed.measureHash(measure), inFavour, voter.id, voter.epoch)
        );
        signature = Hands.sign(voter, Typed.digest(_journal(), "Consortium", hash));
    }

    function _vote(Measure memory measure, uint16 institution) internal {
        (Vote memory ballot, bytes memory signature) = _ballot(measure, Hands.senior(institution, 0), true);
        _council.vote(ballot, signature);
    }

    /// Voted by the first two members, and waited for where it has to be.
    function _pass(Measure memory measure) internal {
        _vote(measure, 1);
        _vote(measure, 2);
        uint40 executableFrom = _council.tallyOf(_measureId(measure)).executableFrom;
        if (executableFrom > block.timestamp) VM.warp(executableFrom);
    }

    function _validatorMeasure(
        MeasureKind kind,
        address validator,
        uint16 institution
    ) internal returns (Measure memory measure) {
        measure = _measure(kind);
        (measure.target, measure.institution) = (validator, InstitutionId.wrap(institution));
    }

    function _enact(Measure memory measure) internal {
        _pass(measure);
        _council.execute(measure, new Appointment[](0), new Possessions[](0));
    }

    /// The members vote that the chain stood still, while every register still shows the silence it keeps.
    function _haltMeasure(uint64 from, uint64 to) internal returns (Measure memory measure) {
        measure = _measure(MeasureKind.RecordHalt);
        measure.name = bytes32((uint256(from) << 64) | to);
        for (uint256 place = Directory.PLACES; place != 0; --place) {
            address register = Directory.registerAt(_charter, place - 1);
            uint256 named = register == address(0) ? 0 : 1 + IJournal(register).entryCount();
            measure.value = (measure.value << 40) | named;
        }
    }

    function _recordHalt(uint64 from, uint64 to) internal {
        _enact(_haltMeasure(from, to));
    }
}
