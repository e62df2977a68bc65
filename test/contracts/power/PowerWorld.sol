// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";
import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {Directory} from "../../../contracts/power/Directory.sol";
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
} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind, Vote} from "../../../contracts/interfaces/ICouncil.sol";
import {
    ActHead,
    Approval,
    EntryId,
    IJournal,
    InstitutionId,
    OfficeId,
    OfficerId,
    Signatures
} from "../../../contracts/interfaces/IJournal.sol";
import {IPersonnel, Resignation, Suspension} from "../../../contracts/interfaces/IPersonnel.sol";
import {ISafeguards} from "../../../contracts/interfaces/ISafeguards.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Artifacts} from "../Artifacts.sol";
import {LEDGER_NONCE, Vm} from "../Vm.sol";

/// One officer of the tests: record and private key.
struct Hand {
    OfficerId id;
    InstitutionId institution;
    OfficeId office;
    uint32 roles;
    KeyKind kind;
    uint32 epoch;
    uint256 privateKey;
}

/// @title A founded ledger with real keys
/// @notice Three institutions with a vote and a quorum of two: a land office (1), an agency (2), a ministry
/// (3). Officers sign with real secp256k1, P-256 and WebAuthn keys; type strings are written here anew.
abstract contract PowerWorld {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    uint256 private constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    uint64 internal constant START = 1_800_000_000;
    uint32 internal constant WIDENING_WAIT = 2 days;
    uint32 internal constant APPOINTMENT_WAIT = 1 days;
    bytes32 internal constant RP_ID_HASH = sha256("kudurru.example");
    bytes1 internal constant PRESENT_AND_VERIFIED = 0x05;
    uint32 internal constant BOTH_LAND = Roles.LAND_PREPARER | Roles.LAND_APPROVER;
    uint32 internal constant BOTH_ADMIN = Roles.ADMIN_PREPARER | Roles.ADMIN_APPROVER;
    uint32 internal constant SENIOR =
        BOTH_LAND | BOTH_ADMIN | Roles.VOTE | Roles.PAUSE | Roles.REVOKE | Roles.AUDITOR;

    string internal constant HEAD_TYPE =
        "ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)";
    string internal constant KEY_TYPE = "Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)";
    string internal constant APPOINTMENT_TYPE =
        "Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)";
    string internal constant MEASURE_TYPE =
        "Measure(uint8 kind,uint16 institution,address target,bytes32 name,uint256 value,bytes32 appointmentsHash,uint64 closesAt,uint128 salt)";

    ICharter internal _charter;
    ICouncil internal _council;
    ISafeguards internal _safeguards;
    IConsortium internal _consortium;
    IPersonnel internal _personnel;
    address internal _p256Verifier;
    address internal _webAuthnVerifier;
    uint128 private _salt;

    /// Founds the ledger; `quorum` 1 leaves it in the founding phase.
    function _found(uint8 quorum, uint32 wideningWait, uint32 appointmentWait) internal {
        VM.warp(START);
        address[] memory validators = new address[](2);
        (validators[0], validators[1]) = (address(0xA1), address(0xA2));
        _charter = Artifacts.charter(validators, address(this));
        _p256Verifier = Artifacts.create("ERC7913P256Verifier", "");
        _webAuthnVerifier = Artifacts.create("ERC7913WebAuthnVerifier", "");
        _council = Artifacts.council(_charter);
        _safeguards = Artifacts.safeguards(_charter, address(0));
        Founding memory file = _foundingFile(quorum, wideningWait, appointmentWait);
        _consortium = _deployConsortium(address(0), file);
        _personnel = Artifacts.personnel(_charter, address(0));
        _charter.setRegister(keccak256("Personnel"), address(_personnel));
        _charter.setAuthority(address(_consortium));
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
            possessions[i] = _possessionsUnder(_foundingSeparator(file.ledgerNonce), hand);
        }
    }

    function _foundingSeparator(bytes32 ledgerNonce) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,bytes32 salt)"),
                    keccak256("Kudurru Consortium"),
                    keccak256("1"),
                    ledgerNonce
                )
            );
    }

    /// The signatures of both keys that they are this officer's, in the consortium's domain.
    function _possessionsOf(Hand memory hand) internal view returns (Possessions memory) {
        return _possessionsUnder(_separator(_journal(), "Consortium"), hand);
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
                _possession(separator, _spareOf(hand), _keyOf(_spareOf(hand)), 2)
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
        return _sign(hand, keccak256(abi.encodePacked(hex"1901", separator, hash)));
    }

    /// The hand that an appointment of these tests is of.
    function _handOf(Appointment memory appointment) private view returns (Hand memory hand) {
        for (uint256 which = 0; which < 70; ++which) {
            hand = _hand(
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
            file.officers[2 * i] = _appointmentOf(_senior(i + 1, 0));
            file.officers[2 * i + 1] = _appointmentOf(_senior(i + 1, 1));
            file.officers[8 + i] = _appointmentOf(_third(i + 1));
        }
        file.officers[6] = _appointmentOf(_p256Hand());
        file.officers[7] = _appointmentOf(_passkeyHand());
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
                    _hand(
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

    /// One of the two officers of every role an institution has, for every office.
    function _senior(uint16 institution, uint256 which) internal pure returns (Hand memory) {
        return _hand(institution, 0, SENIOR, KeyKind.Secp256k1, which);
    }

    /// The one whom the founding asks for so that one lost officer ends nothing; the tests name it nowhere else.
    function _third(uint16 institution) internal pure returns (Hand memory) {
        return _hand(institution, 0, BOTH_ADMIN, KeyKind.Secp256k1, 4);
    }

    function _p256Hand() internal pure returns (Hand memory) {
        return _hand(1, 7, BOTH_LAND, KeyKind.P256, 2);
    }

    function _passkeyHand() internal pure returns (Hand memory) {
        return _hand(1, 7, BOTH_LAND, KeyKind.WebAuthn, 3);
    }

    function _hand(
        uint16 institution,
        uint32 office,
        uint32 roles,
        KeyKind kind,
        uint256 which
    ) internal pure returns (Hand memory) {
        Hand memory hand = Hand({
            id: OfficerId.wrap(0),
            institution: InstitutionId.wrap(institution),
            office: OfficeId.wrap(office),
            roles: roles,
            kind: kind,
            epoch: 1,
            privateKey: uint256(keccak256(abi.encode("key", institution, which, uint256(1)))) >> 2
        });
        hand.id = _idOf(hand);
        return hand;
    }

    function _idOf(Hand memory hand) private pure returns (OfficerId) {
        return OfficerId.wrap(keccak256(abi.encode(keccak256(_publicKeyOf(hand)), _saltOf(hand))));
    }

    function _saltOf(Hand memory hand) private pure returns (bytes32) {
        return keccak256(abi.encode("salt", hand.privateKey));
    }

    /// The same officer with the spare key, a secp256k1 key of epoch 2.
    function _spareOf(Hand memory hand) internal pure returns (Hand memory spare) {
        spare = abi.decode(abi.encode(hand), (Hand));
        (spare.kind, spare.epoch) = (KeyKind.Secp256k1, 2);
        spare.privateKey = uint256(keccak256(abi.encode("spare", hand.privateKey))) >> 2;
    }

    function _appointmentOf(Hand memory hand) internal view returns (Appointment memory) {
        return
            Appointment(
                _saltOf(hand),
                hand.institution,
                hand.office,
                hand.roles,
                _keyOf(hand),
                _keyOf(_spareOf(hand))
            );
    }

    function _keyOf(Hand memory hand) internal view returns (Key memory key) {
        key.kind = hand.kind;
        key.keyHash = keccak256(_publicKeyOf(hand));
        if (hand.kind == KeyKind.P256) key.verifier = _p256Verifier;
        if (hand.kind == KeyKind.WebAuthn) {
            (key.verifier, key.rpIdHash) = (_webAuthnVerifier, RP_ID_HASH);
        }
    }

    function _publicKeyOf(Hand memory hand) internal pure returns (bytes memory) {
        if (hand.kind == KeyKind.Secp256k1) return abi.encodePacked(VM.addr(hand.privateKey));
        (uint256 x, uint256 y) = VM.publicKeyP256(hand.privateKey);
        return abi.encode(x, y);
    }

    function _sign(Hand memory hand, bytes32 digest) internal pure returns (bytes memory) {
        if (hand.kind == KeyKind.Secp256k1) {
            (bytes32 r, bytes32 vs) = VM.signCompact(hand.privateKey, digest);
            return abi.encodePacked(r, vs);
        }
        if (hand.kind == KeyKind.P256) {
            return bytes.concat(_publicKeyOf(hand), _p256(hand.privateKey, digest));
        }
        return
            bytes.concat(_publicKeyOf(hand), _passkeyAnswer(hand, digest, RP_ID_HASH, PRESENT_AND_VERIFIED));
    }

    /// What a passkey answers, as OpenZeppelin's verifier reads it.
    function _passkeyAnswer(
        Hand memory hand,
        bytes32 digest,
        bytes32 rpIdHash,
        bytes1 flags
    ) internal pure returns (bytes memory) {
        bytes memory authenticatorData = abi.encodePacked(rpIdHash, flags, uint32(0));
        string memory clientData = string.concat(
            '{"type":"webauthn.get","challenge":"',
            Base64.encodeURL(abi.encodePacked(digest)),
            '","origin":"https://kudurru.example","crossOrigin":false}'
        );
        bytes32 message = sha256(abi.encodePacked(authenticatorData, sha256(bytes(clientData))));
        bytes memory signature = _p256(hand.privateKey, message);
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        return abi.encode(r, s, uint256(23), uint256(1), authenticatorData, clientData);
    }

    /// The low-s form, which OpenZeppelin asks for.
    function _p256(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s) = VM.signP256(privateKey, digest);
        if (uint256(s) > P256_ORDER / 2) s = bytes32(P256_ORDER - uint256(s));
        return abi.encodePacked(r, s);
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

    /// Both signatures over an act, its approval typed from the given parts.
    function _signatures(
        IJournal register,
        string memory name,
        string memory actName,
        string memory referenced,
        bytes32 actHash,
        Hand memory preparer,
        Hand memory approver
    ) internal view returns (Signatures memory signatures) {
        signatures.approval = Approval(approver.id, approver.epoch, uint64(_now() + 1 hours));
        bytes32 approvalType = keccak256(
            abi.encodePacked(
                "Approval(",
                actName,
                " act,bytes32 approver,uint32 approverEpoch,uint64 deadline)",
                referenced
            )
        );
        signatures.preparer = _sign(preparer, _digest(register, name, actHash));
        bytes32 approvalHash = keccak256(abi.encode(approvalType, actHash, signatures.approval));
        signatures.approver = _sign(approver, _digest(register, name, approvalHash));
    }

    function _digest(
        IJournal register,
        string memory name,
        bytes32 structHash
    ) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", _separator(register, name), structHash));
    }

    /// Computed here: a call would be the one that a test expects to be refused.
    function _separator(IJournal register, string memory name) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)"
                    ),
                    keccak256(abi.encodePacked("Kudurru ", name)),
                    keccak256("1"),
                    block.chainid,
                    address(register),
                    LEDGER_NONCE
                )
            );
    }

    function _headHash(ActHead memory head) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(HEAD_TYPE)), head));
    }

    function _keyHash(Key memory key) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(KEY_TYPE)), key));
    }

    function _appointmentHash(Appointment memory a) internal pure returns (bytes32) {
        bytes32 typeHash = keccak256(abi.encodePacked(APPOINTMENT_TYPE, KEY_TYPE));
        return
            keccak256(
                abi.encode(
                    typeHash,
                    a.salt,
                    a.institution,
                    a.office,
                    a.roles,
                    _keyHash(a.key),
                    _keyHash(a.spare)
                )
            );
    }

    function _measureHash(Measure memory measure) internal pure returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(MEASURE_TYPE)), measure));
    }

    function _measure(MeasureKind kind) internal returns (Measure memory measure) {
        measure.kind = kind;
        measure.closesAt = uint64(_now() + 7 days);
        measure.salt = ++_salt;
    }

    function _measureId(Measure memory measure) internal view returns (bytes32) {
        return _digest(_journal(), "Consortium", _measureHash(measure));
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
        signature = _sign(hand, _digest(_staff(), "Personnel", structHash));
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
        signature = _sign(revoker, _digest(_staff(), "Personnel", structHash));
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
            abi.encode(typeHash, _measureHash(measure), inFavour, voter.id, voter.epoch)
        );
        signature = _sign(voter, _digest(_journal(), "Consortium", hash));
    }

    function _vote(Measure memory measure, uint16 institution) internal {
        (Vote memory ballot, bytes memory signature) = _ballot(measure, _senior(institution, 0), true);
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
