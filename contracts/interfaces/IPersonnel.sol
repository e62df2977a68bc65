// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Key, Possessions} from "./IConsortium.sol";
import {ActHead, OfficerId, Signatures} from "./IJournal.sol";

/// @notice Two admin officers of an institution appoint a colleague; it counts after the appointment wait.
struct AppointOfficer {
    ActHead head;
    Appointment appointment;
}

/// @notice Two admin officers of an institution replace a key of a colleague; the new one counts after the
/// appointment wait, the old one no more, and the other place goes on.
/// @param epoch Epoch of the key replaced.
struct RotateKey {
    ActHead head;
    OfficerId officer;
    uint32 epoch;
    Key key;
}

/// @notice Two admin officers of an institution end a colleague's record, at once and for good.
/// @param suspectSince Second from which a key may have been in other hands, or zero for no suspicion.
/// @param caseReference Commitment to the case file, or zero.
struct RevokeOfficer {
    ActHead head;
    OfficerId officer;
    uint64 suspectSince;
    bytes32 caseReference;
}

/// @notice Two admin officers of an institution lift the suspension of a colleague.
/// @param caseReference Commitment to the case file, or zero.
struct FreeOfficer {
    ActHead head;
    OfficerId officer;
    bytes32 caseReference;
}

/// @notice One officer ends the own record, at once and for good, with either key.
/// @param suspectSince Second from which a key may have been in other hands, or zero for no suspicion.
/// @param caseReference Commitment to the case file, or zero.
/// @param epoch Epoch of the key that signs.
struct Resignation {
    OfficerId officer;
    uint64 suspectSince;
    bytes32 caseReference;
    uint32 epoch;
}

/// @notice One officer suspends a colleague, and until then signs neither votes nor acts of power and aid.
/// @param until First second at which the suspension is over.
/// @param caseReference Commitment to the case file, or zero.
/// @param revoker Officer who signs.
/// @param revokerEpoch Epoch of the key that signs.
struct Suspension {
    OfficerId officer;
    uint64 until;
    bytes32 caseReference;
    OfficerId revoker;
    uint32 revokerEpoch;
}

/// @dev Kinds of the register's journal entries.
uint16 constant KIND_APPOINT_OFFICER = 16;
uint16 constant KIND_ROTATE_KEY = 17;
uint16 constant KIND_RESIGNATION = 18;
uint16 constant KIND_SUSPENSION = 19;
uint16 constant KIND_REVOKE_OFFICER = 20;
uint16 constant KIND_FREE_OFFICER = 21;

/// @title What officers do to one another's records
/// @notice Checks and records; the consortium in force keeps the table and changes it at the word of the register that
/// the directory names "Personnel", which it outlives. One officer alone narrows, for a bounded time; two decide.
interface IPersonnel {
    /// @notice Thrown when a revocation suspects a key from a moment still to come.
    error SuspicionInFuture();
    /// @notice Thrown when an act names another office than that of the officer it is about.
    error OfficeDiffers();
    /// @notice Thrown when this very act was recorded already.
    error ActAlreadyRecorded();

    /// @notice Appoints an officer; two admin officers of the institution, within their own office scope.
    /// @param possessions Signatures of both keys, outside what the two sign.
    function appointOfficer(
        AppointOfficer calldata act,
        Possessions calldata possessions,
        Signatures calldata signatures
    ) external;

    /// @notice Replaces a key of an officer; two admin officers of the institution.
    /// @param possession Signature of the new key, outside what the two sign.
    function rotateKey(
        RotateKey calldata act,
        bytes calldata possession,
        Signatures calldata signatures
    ) external;

    /// @notice Revokes an officer; two admin officers of the institution.
    function revokeOfficer(RevokeOfficer calldata act, Signatures calldata signatures) external;

    /// @notice Lifts the suspension of an officer; two admin officers of the institution.
    function freeOfficer(FreeOfficer calldata act, Signatures calldata signatures) external;

    /// @notice Revokes the own record; open to the suspended, and before a key counts.
    function resign(Resignation calldata order, bytes calldata signature) external;

    /// @notice Suspends a colleague of the own institution, and of the own office where the officer has one; one officer
    /// with that role.
    function suspendOfficer(Suspension calldata order, bytes calldata signature) external;
}
