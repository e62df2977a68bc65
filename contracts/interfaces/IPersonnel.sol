// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, Key} from "./IConsortium.sol";
import {ActHead, OfficerId, Signatures} from "./IJournal.sol";

/// @notice Two admin officers of an institution appoint a colleague; it counts after the appointment wait.
struct AppointOfficer {
    ActHead head;
    Appointment appointment;
}

/// @notice Two admin officers of an institution replace a colleague's key; it counts after the appointment
/// wait, and until then neither key does.
/// @param epoch Epoch of the key replaced.
struct RotateKey {
    ActHead head;
    OfficerId officer;
    uint32 epoch;
    Key key;
}

/// @notice One officer revokes the own or a colleague's key, at once and for good.
/// @param officer Whose key.
/// @param suspectSince Second from which the key may have been in other hands, or zero for no suspicion.
/// @param caseReference Commitment to the case file, or zero.
/// @param revoker Officer who signs.
/// @param revokerEpoch Key epoch of that officer.
struct Revocation {
    OfficerId officer;
    uint64 suspectSince;
    bytes32 caseReference;
    OfficerId revoker;
    uint32 revokerEpoch;
}

/// @dev Kinds of the register's journal entries.
uint16 constant KIND_APPOINT_OFFICER = 16;
uint16 constant KIND_ROTATE_KEY = 17;
uint16 constant KIND_REVOCATION = 18;

/// @title What officers do to one another's records
/// @notice Checks and records; the consortium in force keeps the table and changes it at the word of the register that
/// the directory names "Personnel", which it outlives.
interface IPersonnel {
    /// @notice Thrown when a revocation suspects a key from a moment still to come.
    error SuspicionInFuture();

    /// @notice Appoints an officer; two admin officers of the institution, within their own office scope.
    function appointOfficer(AppointOfficer calldata act, Signatures calldata signatures) external;

    /// @notice Replaces an officer's key; two admin officers of the institution.
    function rotateKey(RotateKey calldata act, Signatures calldata signatures) external;

    /// @notice Revokes the own key, or as an officer with that role a colleague's, suspended or not.
    function revokeOfficer(Revocation calldata revocation, bytes calldata signature) external;
}
