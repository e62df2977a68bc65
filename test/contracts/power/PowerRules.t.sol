// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Appointment,
    AuthorityNeeded,
    Founding,
    IConsortium,
    KeyKind,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {Approval, InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {AppointOfficer} from "../../../contracts/interfaces/IPersonnel.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands, BOTH_LAND, SENIOR} from "../Hands.sol";
import {Typed, HEAD_TYPE, KEY_TYPE, APPOINTMENT_TYPE} from "../Typed.sol";
import {LEDGER_NONCE, VM} from "../Vm.sol";

/// The promises of power over whatever may be asked, each under the number the design gives it.
contract PowerRulesTest is Founded {
    /// As the consortium bounds what one measure does.
    uint256 private constant MAX_APPOINTMENTS = 16;
    Appointment[] private _nobody;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function testFuzz_P1_twoPeopleAndTwoInstitutionsWhereTheTierAsks(
        uint8 first,
        uint8 second,
        bool twoInstitutions,
        bool seated
    ) public {
        if (!seated) _found(1, WIDENING_WAIT, APPOINTMENT_WAIT);
        Hand memory preparer = Hands.senior(1 + (first % 3), (first / 3) % 2);
        Hand memory approver = Hands.senior(1 + (second % 3), (second / 3) % 2);
        if (preparer.id == approver.id) {
            VM.expectRevert(IConsortium.SecondPersonRequired.selector);
        } else if (twoInstitutions && seated && preparer.institution == approver.institution) {
            VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        }
        _ask(preparer, approver, twoInstitutions);
    }

    function testFuzz_P5_newOfficerSpeaksOnlyAfterTheWait(uint32 elapsed) public {
        elapsed = elapsed % (2 * APPOINTMENT_WAIT);
        Hand memory hand = Hands.officer(1, 7, BOTH_LAND, KeyKind.Secp256k1, 50);
        _appoint(hand);
        VM.warp(START + elapsed);
        bytes memory signature = Hands.sign(hand, "digest");
        if (elapsed < APPOINTMENT_WAIT) {
            VM.expectRevert(abi.encodeWithSelector(IConsortium.OfficerNotYetActive.selector, hand.id));
        }
        _consortium.requireOfficer(hand.id, 1, 0, "digest", signature);
    }

    function testFuzz_P5_everyMeasureWaitsButThoseThatWidenNothing(uint8 kind, uint32 elapsed) public {
        Measure memory measure = _wellFormed(MeasureKind(1 + (kind % 19)));
        bool narrows =
            measure.kind == MeasureKind.SuspendInstitution ||
                measure.kind == MeasureKind.DisallowVerifier ||
                measure.kind == MeasureKind.RecordHalt;
        _vote(measure, 1);
        _vote(measure, 2);
        uint256 due = START + (narrows ? 0 : WIDENING_WAIT);
        Expect.same(_council.tallyOf(_measureId(measure)).executableFrom, due, "another wait");
        uint256 moment = START + (elapsed % (2 * WIDENING_WAIT));
        VM.warp(moment);
        // Once its time has come a measure may be refused for what it would do, but never for its wait.
        try _council.execute(measure, _nobody, _possessionsFor(_nobody)) {
            Expect.atLeast(moment, due, "it did not wait");
        } catch (bytes memory refusal) {
            bool waits = bytes4(refusal) == ICouncil.WaitNotOver.selector;
            Expect.same(waits, (moment < due), "refused for another reason");
        }
    }

    function testFuzz_P6_whoGovernsHoldsNoMoney(uint8 which, uint96 amount, bytes calldata data) public {
        address[6] memory contracts = [
            address(_charter),
            address(_council),
            address(_safeguards),
            address(_consortium),
            _p256Verifier,
            _webAuthnVerifier
        ];
        address target = contracts[which % 6];
        uint256 value = uint256(amount) + 1;
        VM.deal(address(this), value);
        (bool taken, ) = target.call{value: value}(data);
        // A bare transfer, which data at random never is.
        (bool given, ) = target.call{value: value}("");
        Expect.same(taken, false, "money was taken");
        Expect.same(given, false, "money was taken");
        Expect.same(target.balance, 0, "money was taken");
    }

    function testFuzz_P7_costOfAnActDoesNotGrowWithTheOfficers(uint8 more) public {
        uint256 few = _costOfAnAct();
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        Possessions[] memory first = _foundingPossessions(file);
        Appointment[] memory officers = new Appointment[](first.length + (more % 32));
        Possessions[] memory possessions = new Possessions[](officers.length);
        for (uint256 i = 0; i < officers.length; ++i) {
            bool known = i < first.length;
            Hand memory hand = Hands.officer(1, 0, BOTH_LAND, KeyKind.Secp256k1, 100 + i);
            officers[i] = known ? file.officers[i] : _appointmentOf(hand);
            possessions[i] =
                known ? first[i] : _possessionsUnder(Typed.foundingSeparator(LEDGER_NONCE), hand);
        }
        file.officers = officers;
        _consortium = _deployConsortium(address(0), file, possessions);
        Expect.same(_costOfAnAct(), few, "an act costs more where there are more officers");
    }

    function test_P7_measureMakesABoundedNumberOfAppointments() public {
        for (uint256 over = 0; over < 2; ++over) {
            Appointment[] memory newcomers = new Appointment[](MAX_APPOINTMENTS + over);
            bytes memory hashes;
            for (uint256 i = 0; i < newcomers.length; ++i) {
                // Only so many may be of every office.
                uint32 office = i < 3 ? 0 : 7;
                newcomers[i] = _appointmentOf(
                    Hands.officer(uint16(4 + over), office, SENIOR, KeyKind.Secp256k1, i)
                );
                hashes = bytes.concat(hashes, Typed.appointmentHash(newcomers[i]));
            }
            Measure memory measure = _measure(MeasureKind.AdmitInstitution);
            (measure.institution, measure.value) = (InstitutionId.wrap(uint16(4 + over)), SENIOR);
            measure.appointmentsHash = keccak256(hashes);
            _pass(measure);
            Possessions[] memory proofs = _possessionsFor(newcomers);
            if (over != 0) VM.expectRevert(IConsortium.AppointmentsDiffer.selector);
            _council.execute(measure, newcomers, proofs);
        }
    }

    function _ask(Hand memory preparer, Hand memory approver, bool twoInstitutions) private view {
        AuthorityNeeded memory need;
        (need.prepareRole, need.approveRole) = (Roles.LAND_PREPARER, Roles.LAND_APPROVER);
        need.twoInstitutions = twoInstitutions;
        _consortium.requireOfficers(
            need,
            preparer.id,
            preparer.epoch,
            "act",
            Hands.sign(preparer, "act"),
            Approval(approver.id, approver.epoch, 0),
            "approval",
            Hands.sign(approver, "approval")
        );
    }

    /// The second time, when everything it reads was read before.
    function _costOfAnAct() private view returns (uint256) {
        _ask(Hands.senior(1, 0), Hands.senior(1, 1), false);
        _ask(Hands.senior(1, 0), Hands.senior(1, 1), false);
        return VM.lastCallGas().gasTotalUsed;
    }

    function _appoint(Hand memory hand) private {
        Appointment memory appointment = _appointmentOf(hand);
        AppointOfficer memory act = AppointOfficer(_headFor(Hands.senior(1, 0), 7), appointment);
        string memory own = "AppointOfficer(ActHead head,Appointment appointment)";
        bytes32 actHash = keccak256(
            abi.encode(
                keccak256(abi.encodePacked(own, HEAD_TYPE, APPOINTMENT_TYPE, KEY_TYPE)),
                Typed.headHash(act.head),
                Typed.appointmentHash(appointment)
            )
        );
        Signatures memory signatures = Typed.signed(
            _staff(),
            "Personnel",
            "AppointOfficer",
            string.concat(HEAD_TYPE, own, APPOINTMENT_TYPE, KEY_TYPE),
            actHash,
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
        _personnel.appointOfficer(act, _possessionsOf(hand), signatures);
    }

    /// A measure with exactly the fields its kind uses.
    function _wellFormed(MeasureKind kind) private returns (Measure memory measure) {
        uint8[20] memory used = [0, 25, 1, 1, 1, 9, 17, 8, 8, 8, 10, 2, 3, 2, 12, 14, 2, 9, 12, 7];
        uint8 fields = used[uint8(kind)];
        measure = _measure(kind);
        if (fields & 1 != 0) measure.institution = InstitutionId.wrap(3);
        if (fields & 2 != 0) measure.target = _p256Verifier;
        if (fields & 4 != 0) measure.name = "name";
        if (fields & 8 != 0) measure.value = 2;
        if (fields & 16 != 0) measure.appointmentsHash = "hash";
    }
}
