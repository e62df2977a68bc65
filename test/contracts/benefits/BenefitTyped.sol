// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHead} from "../../../contracts/interfaces/IJournal.sol";
import {HEAD_TYPE, Typed} from "../Typed.sol";

string constant DEFINE_TYPE =
    "DefineProgramme(ActHead head,bytes32 programme,uint16 institution,uint16 currency,uint32 mostPerRedemptionUnits,uint32 disputeSeconds,uint32 leastOpenSeconds,uint32 mostOfflineSeconds,uint32 assistedCapUnits,uint32 emergencyCapUnits,bytes32 policyHash)";
string constant MOVE_TYPE =
    "MoveFunds(ActHead head,bytes32 programme,uint8 move,uint128 amountMinor,uint128 movedBeforeMinor,bytes32 sourceCommitment)";
string constant PAUSE_TYPE =
    "PauseProgramme(ActHead head,bytes32 programme,uint64 pausedUntil,bool byTwoInstitutions,uint32 versionBefore)";
string constant RESUME_TYPE = "ResumeProgramme(ActHead head,bytes32 programme,uint32 versionBefore)";
string constant ENROL_TYPE =
    "Enrol(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 startIndex,uint32 count,bytes32 slotsHash,uint32 versionBefore)";
string constant CARD_TYPE =
    "SetCard(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 keyKind,address keyId,uint8 standing,uint64 effectiveFrom,uint32 versionBefore)";
string constant VENDOR_TYPE =
    "SetVendor(ActHead head,bytes32 vendor,uint16 institution,uint8 standing,uint64 from,uint32 versionBefore)";
string constant TILL_TYPE =
    "SetTill(ActHead head,bytes32 vendor,uint32 till,uint8 keyKind,address keyId,uint8 standing,uint32 versionBefore)";
string constant CYCLE_TYPE =
    "CycleEnvelope(ActHead head,bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint8 lane,bytes32 root,bytes32 tableHash,uint32 count,uint64 totalUnits,uint8 entryBytes,uint64 unitValueMinor,uint16 currency,uint64 opensAt,uint64 spendUntil,uint64 postUntil)";
string constant STEP_TYPE =
    "MoveCycle(ActHead head,bytes32 programme,uint32 cycle,uint8 step,uint64 unspentUnits,uint64 endsAt)";
string constant RELEASE_TYPE =
    "ReleaseCredit(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 releasedBeforeUnits,uint64 units,bytes32 caseCommitment)";
string constant SETTLE_TYPE =
    "Settle(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 settledBeforeUnits,uint64 units,uint128 amountMinor,bytes32 statementHash)";

/// @title What is signed of benefits, as EIP-712 has it
/// @notice Written here anew: a contract that hashed another message would fail every test.
library BenefitTyped {
    /// The EIP-712 struct hash: the head hashed apart, then the fields as they are encoded.
    function actHash(string memory actType, bytes memory act) internal pure returns (bytes32) {
        bytes memory head = new bytes(288);
        bytes memory fields = new bytes(act.length - 288);
        for (uint256 i = 0; i < act.length; ++i) {
            if (i < 288) head[i] = act[i];
            else fields[i - 288] = act[i];
        }
        return
            keccak256(
                abi.encodePacked(
                    keccak256(bytes(string.concat(actType, HEAD_TYPE))),
                    Typed.headHash(abi.decode(head, (ActHead))),
                    fields
                )
            );
    }

    function nameOf(string memory actType) internal pure returns (string memory) {
        bytes memory text = bytes(actType);
        uint256 length = 0;
        while (text[length] != "(") ++length;
        bytes memory name = new bytes(length);
        for (uint256 i = 0; i < length; ++i) name[i] = text[i];
        return string(name);
    }
}
