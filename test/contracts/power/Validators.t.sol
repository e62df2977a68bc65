// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {
    Appointment,
    Founding,
    FoundingInstitution,
    FoundingValidator,
    IConsortium,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {InstitutionId} from "../../../contracts/interfaces/IJournal.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Hands, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// Every validator is an institution's, and none of many institutions could stop the chain.
contract ValidatorsTest is Founded {
    Appointment[] private _nobody;

    /// A ledger of so many members whose validators these institutions run.
    function _foundWith(uint16 members, uint16[] memory runBy) private returns (bytes memory problem) {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        address[] memory set = new address[](runBy.length);
        for (uint160 i = 0; i < runBy.length; ++i) set[i] = address(0xA1 + i);
        _lay(set);
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        file.institutions = new FoundingInstitution[](members);
        file.officers = new Appointment[](3 * uint256(members));
        for (uint16 i = 0; i < members; ++i) {
            file.institutions[i] = FoundingInstitution(InstitutionId.wrap(i + 1), SENIOR);
            file.officers[3 * i] = _appointmentOf(Hands.senior(i + 1, 0));
            file.officers[3 * i + 1] = _appointmentOf(Hands.senior(i + 1, 1));
            file.officers[3 * i + 2] = _appointmentOf(Hands.third(i + 1));
        }
        file.validators = new FoundingValidator[](runBy.length);
        for (uint256 i = 0; i < runBy.length; ++i) {
            file.validators[i] = FoundingValidator(set[i], InstitutionId.wrap(runBy[i]));
        }
        try this.deploy(file) returns (IConsortium consortium) {
            _consortium = consortium;
            _charter.setAuthority(address(consortium));
        } catch (bytes memory reason) {
            problem = reason;
        }
    }

    function deploy(Founding calldata file) external returns (IConsortium) {
        return _deployConsortium(address(0), file);
    }

    function _list(uint16[5] memory values, uint256 length) private pure returns (uint16[] memory list) {
        list = new uint16[](length);
        for (uint256 i = 0; i < length; ++i) list[i] = values[i];
    }

    function _swap(address old, address next, uint16 institution) private returns (Measure memory measure) {
        measure = _validatorMeasure(MeasureKind.ReplaceValidator, next, institution);
        measure.name = bytes32(uint256(uint160(old)));
    }

    function _remove(address validator) private returns (Measure memory measure) {
        measure = _measure(MeasureKind.RemoveValidator);
        measure.target = validator;
    }

    function _add(uint160 validator, uint16 institution) private returns (Measure memory) {
        return _validatorMeasure(MeasureKind.AddValidator, address(validator), institution);
    }

    function _passAndExpect(bytes memory refusal, Measure memory measure) private {
        _pass(measure);
        VM.expectRevert(refusal);
        _council.execute(measure, _nobody, new Possessions[](0));
    }

    function _error(bytes4 selector) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector);
    }

    function test_P9_foundingNamesTheCharterSetAndItsInstitutions() public {
        Expect.same(_foundWith(3, _list([uint16(1), 2, 1, 3, 0], 4)).length, 0, "three may be uneven");
        bytes memory problem = _foundWith(4, _list([uint16(1), 2, 1, 3, 0], 4));
        Expect.same(bytes4(problem), IConsortium.ValidatorsConcentrated.selector, "two of four");
        problem = _foundWith(3, _list([uint16(9), 0, 0, 0, 0], 1));
        Expect.same(bytes4(problem), IConsortium.InstitutionUnknown.selector, "nobody's validator");
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        (file.validators[0], file.validators[1]) = (file.validators[1], file.validators[0]);
        {
            Possessions[] memory proofs = _foundingPossessions(file);
            VM.expectRevert(IConsortium.ValidatorsDiffer.selector);
            _deployConsortium(address(0), file, proofs);
        }
        file.validators = new FoundingValidator[](1);
        {
            Possessions[] memory proofs = _foundingPossessions(file);
            VM.expectRevert(IConsortium.ValidatorsDiffer.selector);
            _deployConsortium(address(0), file, proofs);
        }
    }

    function test_P9_noVoteBringsAnInstitutionToAThird() public {
        _foundWith(5, _list([uint16(1), 2, 3, 4, 0], 4));
        bytes memory concentrated = _error(IConsortium.ValidatorsConcentrated.selector);
        _passAndExpect(concentrated, _add(0xA5, 1));
        _passAndExpect(_error(IConsortium.InstitutionUnknown.selector), _add(0xA5, 9));
        _enact(_add(0xA5, 5));
        // Two of six are a third.
        _passAndExpect(concentrated, _add(0xA6, 5));
        // Five of five: without one of them each of the others still holds a fourth.
        _enact(_remove(address(0xA1)));
        _passAndExpect(abi.encodeWithSelector(ICharter.TooFewValidators.selector, 4), _remove(address(0xA2)));
    }

    function test_P9_removalThatRaisesAnothersShareToAThirdIsRefused() public {
        _foundWith(4, _list([uint16(1), 2, 3, 4, 0], 4));
        uint16[3] memory more = [uint16(1), 2, 3];
        for (uint160 i = 0; i < 3; ++i) {
            VM.prank(address(_consortium));
            _charter.addValidator(address(0xA5 + i));
        }
        // Nobody named whose they are, so no institution can swap them as its own.
        for (uint160 i = 0; i < 3; ++i) {
            bytes memory unknown = _error(ICharter.ValidatorSetUnchanged.selector);
            _passAndExpect(unknown, _swap(address(0xA5 + i), address(0xB5 + i), more[i]));
        }
        // Three that nobody named are one hand: they hold three of seven, and a removal would give them half.
        _passAndExpect(_error(IConsortium.ValidatorsConcentrated.selector), _remove(address(0xA4)));
        // One of theirs may go.
        _enact(_remove(address(0xA5)));
    }

    function test_P9_unevenSetIsMendedValidatorByValidator() public {
        // Three members, so that one may hold three of four; then a fourth and a fifth are admitted.
        _foundWith(3, _list([uint16(1), 1, 1, 2, 0], 4));
        _admit(4);
        bytes memory concentrated = _error(IConsortium.ValidatorsConcentrated.selector);
        _passAndExpect(concentrated, _add(0xA9, 1));
        _enact(_add(0xA9, 3));
        _passAndExpect(concentrated, _remove(address(0xA9)));
        _enact(_remove(address(0xA1)));
        _enact(_add(0xAA, 4));
        _enact(_remove(address(0xA2)));
        Expect.same(_charter.getValidators().length, 4, "another number");
    }

    function _admit(uint16 number) private {
        Measure memory measure = _measure(MeasureKind.AdmitInstitution);
        (measure.institution, measure.value) = (InstitutionId.wrap(number), SENIOR);
        Appointment[] memory pair = new Appointment[](2);
        (pair[0], pair[1]) = (
            _appointmentOf(Hands.senior(number, 0)),
            _appointmentOf(Hands.senior(number, 1))
        );
        measure.appointmentsHash = keccak256(
            abi.encodePacked(Typed.appointmentHash(pair[0]), Typed.appointmentHash(pair[1]))
        );
        _pass(measure);
        _council.execute(measure, pair, _possessionsFor(pair));
    }

    function test_P9_ownValidatorIsSwappedAtOnceAndAnothersAfterTheWait() public {
        _foundWith(4, _list([uint16(1), 2, 3, 4, 0], 4));
        Measure memory own = _swap(address(0xA1), address(0xB1), 1);
        _vote(own, 1);
        _vote(own, 2);
        _council.execute(own, _nobody, new Possessions[](0));
        Expect.same(_now(), START, "it waited");
        address[] memory set = _charter.getValidators();
        Expect.same(set.length, 4, "not swapped");
        Expect.same(set[0], address(0xB1), "not swapped");
        Measure memory others = _swap(address(0xA4), address(0xB4), 4);
        _vote(others, 1);
        _vote(others, 2);
        VM.expectRevert(abi.encodeWithSelector(ICouncil.WaitNotOver.selector, START + WIDENING_WAIT));
        _council.execute(others, _nobody, new Possessions[](0));
        VM.warp(START + WIDENING_WAIT);
        _council.execute(others, _nobody, new Possessions[](0));
        Expect.same(_charter.getValidators().length, 4, "four became another number");
    }

    function test_P9_swapIsWithinOneInstitution() public {
        _foundWith(4, _list([uint16(1), 2, 3, 4, 0], 4));
        bytes memory unchanged = _error(ICharter.ValidatorSetUnchanged.selector);
        _passAndExpect(unchanged, _swap(address(0xA4), address(0xB4), 1));
        _passAndExpect(unchanged, _swap(address(0xC0), address(0xB4), 4));
        _passAndExpect(unchanged, _swap(address(0xA4), address(0xA1), 4));
        Measure memory dirty = _swap(address(0xA4), address(0xB4), 4);
        dirty.name |= bytes32(uint256(1) << 160);
        _passAndExpect(unchanged, dirty);
    }

    function test_P11_successorNamesTheValidatorsOfThisMoment() public {
        _foundWith(3, _list([uint16(1), 2, 3, 1, 0], 4));
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        file.validators[0].institution = InstitutionId.wrap(3);
        address next = address(_deployConsortium(address(_consortium), file));
        Measure memory handover = _measure(MeasureKind.PassAuthority);
        handover.target = next;
        _enact(_add(0xA5, 1));
        _passAndExpect(_error(IConsortium.ValidatorsDiffer.selector), handover);
        _enact(_remove(address(0xA5)));
        _council.execute(handover, _nobody, new Possessions[](0));
        _consortium = IConsortium(next);
        // From here on its own file says whose they are.
        _passAndExpect(
            _error(ICharter.ValidatorSetUnchanged.selector),
            _swap(address(0xA1), address(0xB1), 1)
        );
        _enact(_swap(address(0xA1), address(0xB1), 3));
    }
}
