// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {Appointment, Constitution, IConsortium} from "../interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind, Tally, Vote} from "../interfaces/ICouncil.sol";
import {InstitutionId, NO_INSTITUTION} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Institutions} from "./Institutions.sol";
import {PowerActs} from "./PowerActs.sol";
import {Roles} from "./Roles.sol";

/// @title Where the members vote
/// @notice Keeps the tallies and nothing else. Promises one vote an institution, a quorum counted over the
/// members of the moment, a wait before whatever widens power (P5), and one execution at most. What a measure
/// does stands in the consortium, which carries out what comes from here and from nowhere else. Anyone may
/// relay a vote and execute what is due.
contract Council is ICouncil {
    /// @dev Long enough for a board that meets once a month.
    uint64 private constant _MAX_VOTING_SECONDS = 60 days;
    /// @dev A decision not carried out for so long is taken again.
    uint64 private constant _EXECUTION_SECONDS = 30 days;
    /// @dev An institution cannot crowd the others' screens.
    uint256 private constant _MAX_OPEN = 8;

    uint8 private constant _INSTITUTION = 1;
    uint8 private constant _TARGET = 2;
    uint8 private constant _NAME = 4;
    uint8 private constant _VALUE = 8;
    uint8 private constant _APPOINTMENTS = 16;
    /// @dev The fields each `MeasureKind` uses, in its order, as sums of the five bits above.
    bytes18 private constant _FIELDS_OF_KIND = hex"001901010109110808080a0202020c0e0209";

    /// @notice Where the council looks up who governs now.
    ICharter public immutable charter;
    mapping(bytes32 measureId => Tally) private _tallies;
    mapping(IConsortium => mapping(InstitutionId => uint256)) private _openBy;

    /// @param charter_ The ledger's Charter.
    constructor(ICharter charter_) {
        charter = charter_;
    }

    /// @inheritdoc ICouncil
    function vote(Vote calldata ballot, bytes calldata signature) external {
        IConsortium consortium = _consortium();
        InstitutionId institution = consortium.requireOfficer(
            ballot.officer,
            ballot.epoch,
            Roles.VOTE,
            consortium.digestOf(PowerActs.hash(ballot)),
            signature
        );
        Constitution memory constitution = consortium.constitution();
        uint128 bit = Institutions.bitOf(institution);
        if (constitution.activeMembers & bit == 0) revert NotAMember();
        bytes32 measureId = _idOf(consortium, ballot.measure);
        if (_tallies[measureId].openedBy == NO_INSTITUTION) {
            _open(consortium, measureId, ballot.measure, institution);
        }
        _cast(consortium, measureId, bit, ballot.inFavour);
        emit VoteCast(measureId, institution, ballot.officer, ballot.inFavour);
        _schedule(measureId, ballot.measure.kind, constitution);
    }

    /// @inheritdoc ICouncil
    function execute(Measure calldata measure, Appointment[] calldata appointments) external {
        IConsortium consortium = _consortium();
        bytes32 measureId = _idOf(consortium, measure);
        Tally storage tally = _tallies[measureId];
        uint40 executableFrom = tally.executableFrom;
        if (tally.closed) revert MeasureIsClosed();
        if (executableFrom == 0 || !_hasQuorum(tally, consortium.constitution())) revert QuorumMissing();
        if (_waits(measure.kind) && !Due.passed(executableFrom - 1, consortium)) {
            revert WaitNotOver(executableFrom);
        }
        if (Due.passed(executableFrom + _EXECUTION_SECONDS, consortium)) revert MeasureExpired();
        _close(consortium, tally);
        emit MeasureExecuted(measureId);
        consortium.enact(measureId, measure, appointments);
    }

    /// @inheritdoc ICouncil
    function lapse(Measure calldata measure) external {
        IConsortium consortium = _consortium();
        bytes32 measureId = _idOf(consortium, measure);
        Tally storage tally = _tallies[measureId];
        if (tally.closed) revert MeasureIsClosed();
        uint64 end = tally.executableFrom == 0 ? tally.closesAt : tally.executableFrom + _EXECUTION_SECONDS;
        if (tally.openedBy == NO_INSTITUTION || !Due.passed(end, consortium)) revert MeasureIsOpen();
        _close(consortium, tally);
        emit MeasureLapsed(measureId);
    }

    /// @inheritdoc ICouncil
    function tallyOf(bytes32 measureId) external view returns (Tally memory) {
        return _tallies[measureId];
    }

    /// @inheritdoc ICouncil
    function measureIdOf(Measure calldata measure) external view returns (bytes32) {
        return _idOf(_consortium(), measure);
    }

    function _open(
        IConsortium consortium,
        bytes32 measureId,
        Measure calldata measure,
        InstitutionId institution
    ) private {
        if (!_isWellFormed(measure)) revert MeasureMalformed();
        if (measure.closesAt > Due.now_() + _MAX_VOTING_SECONDS) {
            revert VotingTooLong(_MAX_VOTING_SECONDS / 1 days);
        }
        if (_openBy[consortium][institution] == _MAX_OPEN) revert TooManyOpenMeasures(_MAX_OPEN);
        ++_openBy[consortium][institution];
        _tallies[measureId].openedBy = institution;
        _tallies[measureId].closesAt = uint40(measure.closesAt);
        emit MeasureOpened(measureId, institution, measure);
    }

    /// @dev A vote against is taken until the measure is closed: a stolen vote can be taken back while the
    /// wait runs, and the institution's old signature then never counts again.
    function _cast(IConsortium consortium, bytes32 measureId, uint128 bit, bool inFavour) private {
        Tally storage tally = _tallies[measureId];
        if (tally.closed) revert MeasureIsClosed();
        if (inFavour && Due.passed(tally.closesAt, consortium)) revert VotingIsClosed();
        if (tally.against & bit != 0 || (inFavour && tally.inFavour & bit != 0)) revert VoteUnchanged();
        if (inFavour) {
            tally.inFavour |= bit;
        } else {
            tally.against |= bit;
            tally.inFavour &= ~bit;
        }
    }

    /// @dev The wait starts when the quorum is reached, and anew when it was lost in between.
    function _schedule(bytes32 measureId, MeasureKind kind, Constitution memory constitution) private {
        Tally storage tally = _tallies[measureId];
        bool reached = _hasQuorum(tally, constitution);
        if (reached == (tally.executableFrom != 0)) return;
        uint64 waitSeconds = _waits(kind) ? constitution.wideningWaitSeconds : 0;
        uint40 executableFrom = reached ? uint40(Due.now_() + waitSeconds) : 0;
        tally.executableFrom = executableFrom;
        emit MeasureScheduled(measureId, executableFrom);
    }

    function _close(IConsortium consortium, Tally storage tally) private {
        tally.closed = true;
        --_openBy[consortium][tally.openedBy];
    }

    function _consortium() private view returns (IConsortium) {
        return IConsortium(charter.authority());
    }

    /// @dev In the domain of the consortium in force: an open measure dies with it.
    function _idOf(IConsortium consortium, Measure calldata measure) private view returns (bytes32) {
        return consortium.digestOf(PowerActs.hash(measure));
    }

    function _hasQuorum(Tally storage tally, Constitution memory constitution) private view returns (bool) {
        return Institutions.count(tally.inFavour & constitution.activeMembers) >= constitution.quorum;
    }

    /// @dev Only what takes power away does not wait.
    function _waits(MeasureKind kind) private pure returns (bool) {
        return kind != MeasureKind.SuspendInstitution && kind != MeasureKind.DisallowVerifier;
    }

    /// @dev A field is set exactly where the kind uses it, so that nobody votes on what does nothing.
    function _isWellFormed(Measure calldata measure) private pure returns (bool) {
        uint8 used = uint8(_FIELDS_OF_KIND[uint8(measure.kind)]);
        return
            used != 0 &&
            (used & _INSTITUTION != 0) == (measure.institution != NO_INSTITUTION) &&
            (used & _TARGET != 0) == (measure.target != address(0)) &&
            (used & _NAME != 0) == (measure.name != 0) &&
            (used & _VALUE != 0 || measure.value == 0) &&
            (used & _APPOINTMENTS != 0) == (measure.appointmentsHash != 0);
    }
}
