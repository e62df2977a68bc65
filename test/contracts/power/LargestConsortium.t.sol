// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Appointment, IConsortium, KeyKind, Possessions} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {InstitutionId} from "../../../contracts/interfaces/IJournal.sol";
import {Institutions} from "../../../contracts/power/Institutions.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Hand, Hands, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";
import {PersonnelWorld} from "./PersonnelWorld.sol";

/// As many members as there can be, each with as many admins as it may have, of whom none can stand in for another: what a
/// measure reads of them is read to the end, twice. The contracts' own limits are asked for, so another limit is another test.
contract LargestConsortiumTest is PersonnelWorld {
    uint256 private constant TRANSACTION_GAS = 16_777_216;
    uint256 private constant ROOM = 2_500_000;
    uint256 private constant ADMINS = 7;

    Measure private _voted;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        for (uint16 number = 1; number <= 3; ++number) {
            _resign(Hands.senior(number, 1));
            _resign(Hands.third(number));
        }
        for (uint16 number = 4; number <= Institutions.MAX_NUMBER; ++number) this.seat(number);
        // Of each key that was read it is asked whether its verifier is allowed, and then of the spare one.
        Measure memory measure = _measure(MeasureKind.DisallowVerifier);
        measure.target = _p256Verifier;
        _command(measure);
        _voted = _measure(MeasureKind.SetPolicy);
        (_voted.name, _voted.value) = ("noticeDays", 60);
        _pass(_voted);
    }

    function seat(uint16 number) external {
        Measure memory measure = _measure(MeasureKind.AdmitInstitution);
        (measure.institution, measure.value) = (InstitutionId.wrap(number), SENIOR);
        _command(measure);
        for (uint256 which = 0; which < ADMINS; ++which) {
            (Appointment memory appointment, Possessions memory possessions) = _admin(number, which);
            VM.prank(address(_personnel));
            _consortium.appoint(appointment, possessions);
        }
    }

    function test_P9_largestConsortiumsMeasureFitsATransaction() public {
        uint256 before = gasleft();
        _council.execute(_voted, new Appointment[](0), new Possessions[](0));
        uint256 gas = before - gasleft();
        Expect.same(_consortium.policyOf("noticeDays"), 60, "not carried out");
        Expect.below(gas, TRANSACTION_GAS - ROOM, "a measure of the largest consortium does not fit");
    }

    function test_P9_institutionHasSoManyAdminsAndNoMore() public {
        (Appointment memory appointment, Possessions memory possessions) = _admin(4, ADMINS);
        VM.prank(address(_personnel));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.TooManyAdmins.selector, ADMINS));
        _consortium.appoint(appointment, possessions);
    }

    /// One who prepares and never approves.
    function _admin(
        uint16 number,
        uint256 which
    ) private view returns (Appointment memory appointment, Possessions memory possessions) {
        KeyKind kind = which == ADMINS ? KeyKind.Secp256k1 : KeyKind.P256;
        Hand memory hand = Hands.officer(number, 0, Roles.ADMIN_PREPARER, kind, 20 + which);
        Hand memory spare = Hands.spareOf(hand);
        spare.kind = KeyKind.WebAuthn;
        appointment = _appointmentOf(hand);
        appointment.spare = _keyOf(spare);
        bytes32 separator = Typed.separator(_journal(), "Consortium");
        possessions.key = _possession(separator, hand, appointment.key, 1);
        possessions.spare = _possession(separator, spare, appointment.spare, 2);
    }

    /// As the council does what was voted.
    function _command(Measure memory measure) private {
        VM.prank(address(_council));
        _consortium.enact(
            keccak256(abi.encode(measure)),
            Typed.measureHash(measure),
            measure,
            new Appointment[](0),
            new Possessions[](0)
        );
    }
}
