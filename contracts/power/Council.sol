// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../interfaces/ICharter.sol";
import {Appointment, Constitution, IConsortium, KeyKind, Possessions} from "../interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind, Tally, Vote} from "../interfaces/ICouncil.sol";
import {InstitutionId, NO_INSTITUTION} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Directory} from "./Directory.sol";
import {Institutions} from "./Institutions.sol";
import {Outliving} from "./Outliving.sol";
import {PowerActs} from "./PowerActs.sol";
import {Roles} from "./Roles.sol";
import {Succession} from "./Succession.sol";
import {Validators} from "./Validators.sol";

/// @title Where the members vote
/// @notice Keeps the tallies and nothing else. Promises one vote an institution, a quorum counted over the
/// members of the moment, a wait before whatever widens power (P5) that begins anew whenever who decides or how
/// long to wait was changed, one execution at most, and that what a measure would leave behind is sound: the
/// directory, the validators, the members that could manage, a successor's strength (P9, P11). What a measure does stands in the consortium,
/// which carries out what comes from here and from nowhere else. Anyone may relay a vote and execute what is due.
contract Council is ICouncil {
    using Validators for Validators.Table;

    /// @dev Long enough for a board that meets once a month.
    uint64 private constant _MAX_VOTING_SECONDS = 60 days;
    /// @dev A decision not carried out for so long is taken again.
    uint64 private constant _EXECUTION_SECONDS = 30 days;
    /// @dev Most appointments one measure makes, so that its execution fits any block.
    uint256 private constant _MAX_APPOINTMENTS = 16;
    /// @dev An institution cannot crowd the others' screens.
    uint256 private constant _MAX_OPEN = 8;

    uint8 private constant _INSTITUTION = 1;
    uint8 private constant _TARGET = 2;
    uint8 private constant _NAME = 4;
    uint8 private constant _VALUE = 8;
    uint8 private constant _APPOINTMENTS = 16;

    /// @notice Where the council looks up who governs now.
    ICharter public immutable charter;
    mapping(bytes32 measureId => Tally) private _tallies;
    mapping(IConsortium => mapping(InstitutionId => uint256)) private _openBy;
    Validators.Table private _validators;

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
        bytes32 measureId = consortium.digestOf(PowerActs.hash(ballot.measure));
        if (_tallies[measureId].openedBy == NO_INSTITUTION) {
            _open(consortium, measureId, ballot.measure, institution);
        }
        _cast(consortium, measureId, bit, ballot.inFavour);
        emit VoteCast(measureId, institution, ballot.officer, ballot.inFavour);
        _schedule(measureId, ballot.measure.kind, constitution);
    }

    /// @inheritdoc ICouncil
    function execute(
        Measure calldata measure,
        Appointment[] calldata appointments,
        Possessions[] calldata possessions
    ) external {
        IConsortium consortium = _consortium();
        bytes32 measureId = consortium.digestOf(PowerActs.hash(measure));
        Tally storage tally = _tallies[measureId];
        uint40 executableFrom = tally.executableFrom;
        Constitution memory constitution = consortium.constitution();
        if (tally.closed) revert MeasureIsClosed();
        if (executableFrom == 0 || !_hasQuorum(tally, constitution)) revert QuorumMissing();
        if (tally.amendments != constitution.amendments) revert WaitBeginsAnew();
        bool waits = _waits(measure.kind) && !_isOwnSwap(measure, tally, constitution);
        if (waits && !Due.passed(executableFrom - 1, consortium)) revert WaitNotOver(executableFrom);
        if (Due.passed(executableFrom + _EXECUTION_SECONDS, consortium)) revert MeasureExpired();
        if (
            appointments.length > _MAX_APPOINTMENTS ||
            appointments.length != possessions.length ||
            measure.appointmentsHash != (appointments.length == 0 ? bytes32(0) : PowerActs.hash(appointments))
        ) revert IConsortium.AppointmentsDiffer();
        _close(consortium, tally);
        emit MeasureExecuted(measureId);
        _enact(consortium, measureId, measure, appointments, possessions);
    }

    /// @inheritdoc ICouncil
    function reschedule(Measure calldata measure) external {
        IConsortium consortium = _consortium();
        bytes32 measureId = consortium.digestOf(PowerActs.hash(measure));
        Tally storage tally = _tallies[measureId];
        if (tally.closed) revert MeasureIsClosed();
        Constitution memory constitution = consortium.constitution();
        if (tally.openedBy == NO_INSTITUTION || tally.amendments == constitution.amendments) {
            revert MeasureIsOpen();
        }
        _schedule(measureId, measure.kind, constitution);
    }

    /// @inheritdoc ICouncil
    function lapse(Measure calldata measure) external {
        IConsortium consortium = _consortium();
        bytes32 measureId = consortium.digestOf(PowerActs.hash(measure));
        Tally storage tally = _tallies[measureId];
        if (tally.closed) revert MeasureIsClosed();
        if (tally.openedBy == NO_INSTITUTION || !_isOver(tally)) revert MeasureIsOpen();
        _close(consortium, tally);
        emit MeasureLapsed(measureId);
    }

    /// @inheritdoc ICouncil
    function tallyOf(bytes32 measureId) external view returns (Tally memory) {
        return _tallies[measureId];
    }

    /// @inheritdoc ICouncil
    function measureIdOf(Measure calldata measure) external view returns (bytes32) {
        // In the domain of the consortium in force: an open measure dies with it.
        return _consortium().digestOf(PowerActs.hash(measure));
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
        _tallies[measureId].amendments = consortium.constitution().amendments;
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

    /// @dev The wait starts when the quorum is reached. It starts anew when the quorum was lost in between, and
    /// when members, quorum or wait were changed: a quorum that was raised and lost between two votes leaves no
    /// other trace.
    function _schedule(bytes32 measureId, MeasureKind kind, Constitution memory constitution) private {
        Tally storage tally = _tallies[measureId];
        bool reached = _hasQuorum(tally, constitution);
        bool amended = tally.amendments != constitution.amendments;
        if (!amended && reached == (tally.executableFrom != 0)) return;
        if (amended) tally.amendments = constitution.amendments;
        if ((amended || reached) && _isOver(tally)) return;
        if (!reached && tally.executableFrom == 0) return;
        uint64 waitSeconds = _waits(kind) ? constitution.wideningWaitSeconds : 0;
        uint40 executableFrom = reached ? uint40(Due.now_() + waitSeconds) : 0;
        tally.executableFrom = executableFrom;
        emit MeasureScheduled(measureId, executableFrom);
    }

    /// @dev What ran out of time is not brought back by a change of who decides, nor by a vote after one.
    function _isOver(Tally storage tally) private view returns (bool) {
        uint64 end = tally.executableFrom == 0 ? tally.closesAt : tally.executableFrom + _EXECUTION_SECONDS;
        return Due.passed(end, _consortium());
    }

    function _close(IConsortium consortium, Tally storage tally) private {
        tally.closed = true;
        --_openBy[consortium][tally.openedBy];
    }

    function _consortium() private view returns (IConsortium) {
        return IConsortium(charter.authority());
    }

    /// @dev What a measure would leave behind is looked at when it is carried out, for between the vote and this
    /// moment others were.
    function _enact(
        IConsortium consortium,
        bytes32 measureId,
        Measure calldata measure,
        Appointment[] calldata appointments,
        Possessions[] calldata possessions
    ) private {
        MeasureKind kind = measure.kind;
        if (
            kind == MeasureKind.AddValidator ||
            kind == MeasureKind.RemoveValidator ||
            kind == MeasureKind.ReplaceValidator
        ) _validators.prepare(consortium, charter, measure);
        if (kind == MeasureKind.PassAuthority) {
            Succession.requireAsStrong(consortium, measure.target);
            Validators.requireNamed(charter, IConsortium(measure.target));
        }
        bytes32 pauses = 0;
        bool takesPauses = kind == MeasureKind.PutInForce && measure.name == Directory.SAFEGUARDS;
        if (kind == MeasureKind.PutInForce) Directory.requireFree(charter, measure.name, measure.target);
        if (takesPauses) {
            Succession.requireSafeguardsContinue(consortium, measure.target);
            pauses = Succession.pausesOf(consortium.safeguards());
        }
        if (kind == MeasureKind.AllowVerifier && measure.value > uint256(type(KeyKind).max)) {
            revert IConsortium.VerifierNotAllowed(measure.target);
        }
        if (kind == MeasureKind.MoveOffice && measure.value > type(uint32).max) {
            revert IConsortium.OfficeUnchanged();
        }
        bool seats = kind == MeasureKind.AdmitInstitution || kind == MeasureKind.ReseatInstitution;
        if (kind == MeasureKind.ReseatInstitution && _canManage(consortium, measure.institution)) {
            revert IConsortium.InstitutionCanManage();
        }
        // Who is seated adds to those who could manage: with the largest appointments nothing else is read.
        uint256 missing = seats ? type(uint256).max : Outliving.missing(consortium);
        uint256 members = Institutions.count(consortium.constitution().members);
        consortium.enact(measureId, PowerActs.hash(measure), measure, appointments, possessions);
        if (seats && !_canManage(consortium, measure.institution)) {
            revert IConsortium.InstitutionNeedsTwoAdmins();
        }
        Outliving.requireKept(consortium, missing, members);
        if (takesPauses && pauses != Succession.pausesOf(consortium.safeguards())) revert SuccessorIsWeaker();
    }

    function _canManage(IConsortium consortium, InstitutionId institution) private view returns (bool) {
        return consortium.canManage(institution, false);
    }

    function _hasQuorum(Tally storage tally, Constitution memory constitution) private view returns (bool) {
        return Institutions.count(tally.inFavour & constitution.activeMembers) >= constitution.quorum;
    }

    /// @dev What takes power away does not wait, nor what gives back what one officer took, nor a halt, which gives none
    /// and is recorded within days.
    function _waits(MeasureKind kind) private pure returns (bool) {
        return
            kind != MeasureKind.SuspendInstitution &&
            kind != MeasureKind.DisallowVerifier &&
            kind != MeasureKind.RecordHalt &&
            kind != MeasureKind.RevokeOfficer &&
            kind != MeasureKind.FreeOfficer;
    }

    /// @dev An institution that votes to swap its own validator's key takes nothing from anybody: it need not wait, least
    /// of all where the old key was stolen. Nobody swaps another's in a hurry.
    function _isOwnSwap(
        Measure calldata measure,
        Tally storage tally,
        Constitution memory constitution
    ) private view returns (bool) {
        uint128 own = Institutions.bitOf(measure.institution);
        return
            measure.kind == MeasureKind.ReplaceValidator &&
            tally.inFavour & constitution.activeMembers & own != 0;
    }

    /// @dev The fields a kind uses; none for a kind that is never executed.
    function _fieldsOf(MeasureKind kind) private pure returns (uint8) {
        if (kind == MeasureKind.Unspecified) return 0;
        if (kind == MeasureKind.AdmitInstitution) return _INSTITUTION | _VALUE | _APPOINTMENTS;
        if (kind <= MeasureKind.LiftSuspension) return _INSTITUTION;
        if (kind == MeasureKind.SetInstitutionRoles || kind == MeasureKind.MoveOffice) {
            return _INSTITUTION | _VALUE;
        }
        if (kind == MeasureKind.ReseatInstitution) return _INSTITUTION | _APPOINTMENTS;
        if (kind <= MeasureKind.SetAppointmentWait) return _VALUE;
        if (kind == MeasureKind.AllowVerifier) return _TARGET | _VALUE;
        if (kind == MeasureKind.RevokeOfficer || kind == MeasureKind.FreeOfficer) return _NAME;
        if (kind == MeasureKind.SetPolicy || kind == MeasureKind.RecordHalt) return _NAME | _VALUE;
        if (kind == MeasureKind.PutInForce) return _NAME | _TARGET | _VALUE;
        if (kind == MeasureKind.AddValidator) return _INSTITUTION | _TARGET;
        if (kind == MeasureKind.ReplaceValidator) return _INSTITUTION | _TARGET | _NAME;
        return _TARGET;
    }

    /// @dev A field is set exactly where the kind uses it, so that nobody votes on what does nothing.
    function _isWellFormed(Measure calldata measure) private pure returns (bool) {
        uint8 used = _fieldsOf(measure.kind);
        return
            used != 0 &&
            (used & _INSTITUTION != 0) == (measure.institution != NO_INSTITUTION) &&
            (used & _TARGET != 0) == (measure.target != address(0)) &&
            (used & _NAME != 0) == (measure.name != 0) &&
            (used & _VALUE != 0 || measure.value == 0) &&
            (used & _APPOINTMENTS != 0) == (measure.appointmentsHash != 0);
    }
}
