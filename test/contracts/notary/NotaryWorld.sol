// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IJournal, InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    AppointRecorder,
    Erasure,
    INotary,
    RevokeRecorder,
    RootKind,
    RootRecord
} from "../../../contracts/interfaces/INotary.sol";
import {Artifacts} from "../Artifacts.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands} from "../Hands.sol";
import {Typed, HEAD_TYPE} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// A notary over three institutions, whose recorders have keys that follow from institution and number.
abstract contract NotaryWorld is Founded {
    string internal constant APPOINT_TYPE =
        "AppointRecorder(ActHead head,uint16 institution,uint32 epochBefore,bytes32 keyHash)";
    string internal constant REVOKE_TYPE = "RevokeRecorder(ActHead head,uint16 institution,uint32 epoch)";

    INotary internal _notary;

    function _foundNotary() internal {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        _notary = Artifacts.notary(_charter, address(0));
    }

    function _book() internal view returns (IJournal) {
        return IJournal(address(_notary));
    }

    function _secretOf(uint16 institution, uint32 epoch) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("recorder", institution, epoch))) >> 2;
    }

    function _keyHashOf(uint16 institution, uint32 epoch) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(VM.addr(_secretOf(institution, epoch))));
    }

    function _signedBy(uint256 secret, bytes32 structHash) internal view returns (bytes memory) {
        (bytes32 r, bytes32 vs) = VM.signCompact(secret, Typed.digest(_book(), "Notary", structHash));
        return abi.encodePacked(r, vs);
    }

    /// The appointment of the key of this number, with all that goes with it.
    function _appointment(
        uint16 institution,
        uint32 epochBefore
    ) internal returns (AppointRecorder memory act, bytes memory possession, Signatures memory signatures) {
        Hand memory preparer = Hands.senior(institution, 0);
        act.head = _headFor(preparer, 0);
        act.institution = InstitutionId.wrap(institution);
        act.epochBefore = epochBefore;
        act.keyHash = _keyHashOf(institution, epochBefore + 1);
        possession = _possession(_secretOf(institution, epochBefore + 1), act);
        signatures = _bothSign(act, preparer, Hands.senior(institution, 1));
    }

    function _possession(uint256 secret, AppointRecorder memory act) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)"
        );
        return
            _signedBy(
                secret,
                keccak256(abi.encode(typeHash, bytes32(0), act.keyHash, act.epochBefore + 1, act.institution))
            );
    }

    function _bothSign(
        AppointRecorder memory act,
        Hand memory preparer,
        Hand memory approver
    ) internal view returns (Signatures memory) {
        bytes32 typeHash = keccak256(abi.encodePacked(APPOINT_TYPE, HEAD_TYPE));
        bytes32 actHash = keccak256(
            abi.encode(typeHash, Typed.headHash(act.head), act.institution, act.epochBefore, act.keyHash)
        );
        string memory parts = string.concat(HEAD_TYPE, APPOINT_TYPE);
        return Typed.signed(_book(), "Notary", "AppointRecorder", parts, actHash, preparer, approver);
    }

    function _appoint(uint16 institution, uint32 epochBefore) internal {
        (AppointRecorder memory act, bytes memory possession, Signatures memory signatures) = _appointment(
            institution,
            epochBefore
        );
        _notary.appointRecorder(act, possession, signatures);
    }

    function _revocationOf(
        uint16 institution,
        uint32 epoch
    ) internal returns (RevokeRecorder memory act, Signatures memory signatures) {
        Hand memory preparer = Hands.senior(institution, 0);
        act = RevokeRecorder(_headFor(preparer, 0), InstitutionId.wrap(institution), epoch);
        bytes32 typeHash = keccak256(abi.encodePacked(REVOKE_TYPE, HEAD_TYPE));
        bytes32 actHash = keccak256(
            abi.encode(typeHash, Typed.headHash(act.head), act.institution, act.epoch)
        );
        string memory parts = string.concat(HEAD_TYPE, REVOKE_TYPE);
        Hand memory approver = Hands.senior(institution, 1);
        signatures = Typed.signed(_book(), "Notary", "RevokeRecorder", parts, actHash, preparer, approver);
    }

    function _endRecorder(uint16 institution, uint32 epoch) internal {
        (RevokeRecorder memory act, Signatures memory signatures) = _revocationOf(institution, epoch);
        _notary.revokeRecorder(act, signatures);
    }

    function _rootRecord(
        uint16 institution,
        RootKind kind,
        uint64 index,
        uint64 lines
    ) internal view returns (RootRecord memory record) {
        record.institution = InstitutionId.wrap(institution);
        record.epoch = _notary.recorderOf(record.institution).epoch;
        record.kind = kind;
        record.index = index;
        record.root = keccak256(abi.encode(kind, index, lines));
        record.lines = lines;
        record.stones = kind == RootKind.AccessLog ? _notary.recorderOf(record.institution).stones : 0;
        record.day = uint32(_now() / 1 days);
    }

    function _signRoot(RootRecord memory record, uint256 secret) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "RootRecord(uint16 institution,uint32 epoch,uint8 kind,uint64 index,bytes32 root,uint64 lines,uint64 stones,uint32 day)"
        );
        return _signedBy(secret, keccak256(abi.encode(typeHash, record)));
    }

    /// Records it under the key in force.
    function _recordRoot(RootRecord memory record) internal {
        uint16 institution = InstitutionId.unwrap(record.institution);
        _notary.recordRoot(record, _signRoot(record, _secretOf(institution, record.epoch)));
    }

    function _signErasure(Erasure memory erasure, uint256 secret) internal view returns (bytes memory) {
        bytes32 typeHash = keccak256(
            "Erasure(uint16 institution,uint32 epoch,uint64 stonesBefore,bytes32[] ids)"
        );
        bytes32 structHash = keccak256(
            abi.encode(
                typeHash,
                erasure.institution,
                erasure.epoch,
                erasure.stonesBefore,
                keccak256(abi.encodePacked(erasure.ids))
            )
        );
        return _signedBy(secret, structHash);
    }

    function _erasureOf(uint16 institution, uint256 count) internal view returns (Erasure memory erasure) {
        erasure.institution = InstitutionId.wrap(institution);
        erasure.epoch = _notary.recorderOf(erasure.institution).epoch;
        erasure.stonesBefore = _notary.recorderOf(erasure.institution).stones;
        erasure.ids = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) {
            erasure.ids[i] = bytes32(((uint256(erasure.stonesBefore) + i + 1) << 32) | institution);
        }
    }

    function _erase(Erasure memory erasure) internal {
        uint16 institution = InstitutionId.unwrap(erasure.institution);
        _notary.recordErasure(erasure, _signErasure(erasure, _secretOf(institution, erasure.epoch)));
    }
}
