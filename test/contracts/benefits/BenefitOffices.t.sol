// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleStep,
    DefineProgramme,
    FundsMove,
    MoveCycle,
    PauseProgramme,
    ProgrammeId,
    ResumeProgramme,
    SetCard,
    SetTill,
    SetVendor,
    Standing,
    CycleId,
    VendorId
} from "../../../contracts/interfaces/BenefitActs.sol";
import {IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {IConsortium, KeyKind} from "../../../contracts/interfaces/IConsortium.sol";
import {InstitutionId, OfficeId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Expect} from "../Expect.sol";
import {Hand, Hands} from "../Hands.sol";
import {VM} from "../Vm.sol";
import {BenefitWorld} from "./BenefitWorld.sol";
import {
    CARD_TYPE,
    CYCLE_TYPE,
    DEFINE_TYPE,
    ENROL_TYPE,
    MOVE_TYPE,
    PAUSE_TYPE,
    RELEASE_TYPE,
    RESUME_TYPE,
    SETTLE_TYPE,
    STEP_TYPE,
    TILL_TYPE,
    VENDOR_TYPE
} from "./BenefitTyped.sol";
import {Tables} from "./Tables.sol";

/// A programme and a vendor of office 7 of the agency, whose office 8 has officers of its own.
contract BenefitOfficesTest is BenefitWorld {
    uint32 private constant OFFICE = 7;
    uint32 private constant OTHER_OFFICE = 8;
    uint256 private constant ACTS = 11;

    function setUp() public {
        _foundLedger(2);
        for (uint32 office = OFFICE; office <= OTHER_OFFICE; ++office) {
            for (uint256 which = 0; which < 2; ++which) {
                Hand memory hand = _of(office, which);
                VM.prank(address(_personnel));
                _consortium.appoint(_appointmentOf(hand), _possessionsOf(hand));
            }
        }
        _actAs(OFFICE, OFFICE);
        _begin(10_000_000, 40);
    }

    function test_B10_officersOfItsOfficeDoAllThereIsToDo() public {
        Expect.same(OfficeId.unwrap(_views.programmeOf(PROGRAMME).office), OFFICE, "not the office's");
        Expect.same(OfficeId.unwrap(_views.vendorOf(VENDOR).office), OFFICE, "not the office's");
        _doAll();
    }

    function test_B10_officersOfEveryOfficeDoSoUnderItsOffice() public {
        _actAs(0, OFFICE);
        _doAll();
    }

    function testFuzz_B10_officersOfAnotherOfficeDoNothing(uint8 which) public {
        _actAs(OTHER_OFFICE, OTHER_OFFICE);
        _refuses(which, abi.encodeWithSelector(IBenefitLedger.OfficeDiffers.selector));
        _actAs(OTHER_OFFICE, OFFICE);
        // Of those that the rules let pass, so that the officers are asked for.
        uint8[7] memory inOrder = [0, 1, 3, 4, 8, 9, 10];
        bytes memory outside = abi.encodeWithSelector(IConsortium.OfficeOutOfScope.selector, _preparer.id);
        _refuses(inOrder[which % 7], outside);
    }

    function testFuzz_B10_nobodyActsOnItUnderAnotherOffice(uint8 which, uint32 office) public {
        VM.assume(office != OFFICE);
        _actAs(0, office);
        _refuses(which, abi.encodeWithSelector(IBenefitLedger.OfficeDiffers.selector));
    }

    function test_B10_whatIsOfEveryOfficeIsOfOfficersOfEveryOffice() public {
        _actAs(0, 0);
        _programme = ProgrammeId.wrap(keccak256("of every office"));
        _define(_programmeAct());
        _actAs(OFFICE, OFFICE);
        _refuses(1, abi.encodeWithSelector(IBenefitLedger.OfficeDiffers.selector));
        _actAs(OFFICE, 0);
        _refuses(1, abi.encodeWithSelector(IConsortium.OfficeOutOfScope.selector, _preparer.id));
    }

    function test_B10_nobodyDefinesAProgrammeForAnotherOffice() public {
        _actAs(OTHER_OFFICE, OFFICE);
        _programme = ProgrammeId.wrap(keccak256("another"));
        DefineProgramme memory act = _programmeAct();
        Signatures memory signatures = _signed(DEFINE_TYPE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.OfficeOutOfScope.selector, _preparer.id));
        _ledger.defineProgramme(act, signatures);
    }

    function _doAll() private {
        _pause(uint64(_now() + 1 hours), 0);
        _resume(1);
        _replace(3, 0xBEEF);
        _vendor(Standing.Suspended, 0, 1);
        _vendor(Standing.Active, 0, 2);
        _till(Standing.Suspended, 1);
        uint256[] memory words = Tables.table(4, 40, 10);
        _open(_envelope(CYCLE, 0, 4, words, 40, 400));
        _step(CYCLE, CycleStep.Cancel, 0);
        _move(FundsMove.Defund, 5, 0);
    }

    /// Officers who have an office in scope, acting under one.
    function _actAs(uint32 scope, uint32 office) private {
        (_preparer, _approver) = (_of(scope, 0), _of(scope, 1));
        _office = office;
    }

    function _of(uint32 office, uint256 which) private pure returns (Hand memory) {
        if (office == 0) return _officer(AGENCY, which);
        return Hands.officer(AGENCY, office, AID, KeyKind.Secp256k1, 10 * office + which);
    }

    function _refuses(uint256 which, bytes memory refusal) private {
        (bytes4 selector, string memory actType, bytes memory act) = _actOf(which % ACTS);
        Signatures memory signatures = _signed(actType, act);
        // The signatures' own offset comes first in what `abi.encode` says of them alone: it is passed over.
        bytes memory call = bytes.concat(selector, act, bytes32(act.length + 64), abi.encode(signatures));
        (bool done, bytes memory answer) = address(_ledger).call(call);
        Expect.same(done, false, "an officer of another office acted");
        Expect.same(keccak256(answer), keccak256(refusal), "refused for another reason");
    }

    /// One of every kind of act that comes after a programme and a vendor are there.
    function _actOf(uint256 which) private returns (bytes4, string memory, bytes memory) {
        if (which < 6) return _programmeActOf(which);
        if (which == 6) return (_ledger.settle.selector, SETTLE_TYPE, abi.encode(_settleAct(CYCLE, 0, 1)));
        if (which == 7)
            return (_ledger.releaseCredit.selector, RELEASE_TYPE, abi.encode(_releaseAct(CYCLE, 0, 1)));
        if (which == 8) {
            uint256[] memory words = Tables.table(4, 40, 10);
            return (
                _ledger.openCycle.selector,
                CYCLE_TYPE,
                abi.encode(_envelope(CYCLE, 0, 4, words, 40, 400))
            );
        }
        InstitutionId agency = InstitutionId.wrap(AGENCY);
        if (which == 9) {
            SetVendor memory vendor = SetVendor(
                _headFor(_preparer, _office),
                VENDOR,
                agency,
                Standing.Suspended,
                0,
                1
            );
            return (_ledger.setVendor.selector, VENDOR_TYPE, abi.encode(vendor));
        }
        SetTill memory till = SetTill(
            _headFor(_preparer, _office),
            VENDOR,
            TILL,
            KeyKind.Secp256k1,
            VM.addr(TILL_KEY),
            Standing.Suspended,
            1
        );
        return (_ledger.setTill.selector, TILL_TYPE, abi.encode(till));
    }

    function _programmeActOf(uint256 which) private returns (bytes4, string memory, bytes memory) {
        if (which == 0)
            return (_ledger.moveFunds.selector, MOVE_TYPE, abi.encode(_moveAct(FundsMove.Defund, 5, 0)));
        if (which == 1) {
            PauseProgramme memory pause = PauseProgramme(
                _headFor(_preparer, _office),
                _programme,
                uint64(_now() + 1 hours),
                false,
                0
            );
            return (_ledger.pauseProgramme.selector, PAUSE_TYPE, abi.encode(pause));
        }
        if (which == 2) {
            ResumeProgramme memory resumption = ResumeProgramme(_headFor(_preparer, _office), _programme, 0);
            return (_ledger.resumeProgramme.selector, RESUME_TYPE, abi.encode(resumption));
        }
        if (which == 3) {
            return (_ledger.enrol.selector, ENROL_TYPE, abi.encode(_enrolAct(40, new uint256[](1))));
        }
        if (which == 4) {
            SetCard memory card = SetCard(
                _headFor(_preparer, _office),
                _programme,
                EPOCH,
                0,
                2,
                KeyKind.Secp256k1,
                VM.addr(0xBEEF),
                Standing.Active,
                0,
                _views.cardOf(PROGRAMME, EPOCH, 0).version
            );
            return (_ledger.setCard.selector, CARD_TYPE, abi.encode(card));
        }
        MoveCycle memory step = MoveCycle(
            _headFor(_preparer, _office),
            _programme,
            CYCLE,
            CycleStep.Cancel,
            0,
            0
        );
        return (_ledger.moveCycle.selector, STEP_TYPE, abi.encode(step));
    }
}
