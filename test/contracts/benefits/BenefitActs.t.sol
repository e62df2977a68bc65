// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    BENEFIT_KIND_BASE,
    BenefitAct,
    CycleEnvelope,
    CycleId,
    CycleState,
    CycleStep,
    DefineProgramme,
    Enrol,
    FundsMove,
    MoveCycle,
    MoveFunds,
    PauseProgramme,
    ProgrammeId,
    RedemptionBatch,
    SetCard,
    SetTill,
    SetVendor,
    Standing,
    TillId,
    VendorId
} from "../../../contracts/interfaces/BenefitActs.sol";
import {END_WITHOUT_NOTICE_POLICY, IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {Card, IBenefitViews} from "../../../contracts/interfaces/IBenefitViews.sol";
import {IConsortium, KeyKind} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {EntryId, IJournal, InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {LongPause} from "../../../contracts/interfaces/ISafeguards.sol";
import {BenefitSlots} from "../../../contracts/benefits/BenefitSlots.sol";
import {Scopes} from "../../../contracts/power/Scopes.sol";
import {BenefitTill} from "./BenefitTill.sol";

contract BenefitActsTest is BenefitTill {
    ProgrammeId private constant OTHER = ProgrammeId.wrap(keccak256("another programme"));

    function setUp() public {
        _foundLedger(2);
        _begin(10_000_000, 40);
    }

    // ---- who signs ----

    function test_P1_oneOfficerAloneDoesNothing() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signedBy(_MOVE, abi.encode(act), _preparer, _preparer);
        VM.expectRevert(IConsortium.SecondPersonRequired.selector);
        _ledger.moveFunds(act, signatures);
    }

    function test_officersOfAnotherAgencyDoNothing() public {
        (_preparer, _approver) = (_officer(3, 0), _officer(3, 1));
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _preparer.id));
        _ledger.moveFunds(act, signatures);
    }

    function test_P1_aboveTheTierTheApproverIsOfAnotherInstitution() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, TIER + 1, 10_000_000);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveFunds(act, signatures);
        _approver = _officer(3, 0);
        signatures = _signed(_MOVE, abi.encode(act));
        _ledger.moveFunds(act, signatures);
        act = _moveAct(FundsMove.Fund, TIER - 10_000_000, 10_000_000 + TIER + 1);
        signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _approver.id));
        _ledger.moveFunds(act, signatures);
    }

    function test_P1_aboveTheTierThePreparerIsOfTheAgency() public {
        _approver = _officer(3, 0);
        _fundAboveTier();
        _preparer = _officer(1, 0);
        MoveFunds memory act = _moveAct(FundsMove.Defund, TIER + 1, 0);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, _preparer.id));
        _ledger.moveFunds(act, signatures);
    }

    function testFuzz_L3_noFieldOfAnActChangesAfterSigning(uint8 word, uint256 flip) public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        bytes memory encoded = abi.encodeCall(_ledger.moveFunds, (act, signatures));
        uint256 at_ = 4 + (uint256(word) % 14) * 32 + (flip % 32);
        encoded[at_] = bytes1(uint8(encoded[at_]) ^ uint8(1 << ((flip >> 8) % 8)));
        (bool done, ) = address(_ledger).call(encoded);
        require(!done, "L3: an act nobody signed was recorded");
        _ledger.moveFunds(act, signatures);
    }

    function test_P8_anActIsOneEntryWithItsDigestAndStructHash() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 10_000_000);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        bytes32 actHash = _actHash(_MOVE, abi.encode(act));
        bytes32 digest = _digest(_register(), "BenefitLedger", actHash);
        bytes32[] memory fields = new bytes32[](5);
        (fields[0], fields[1], fields[2]) = (
            keccak256("programme"),
            bytes32(uint256(1)),
            bytes32(uint256(5))
        );
        (fields[3], fields[4]) = (bytes32(uint256(10_000_000)), keccak256("source"));
        uint64 index = _book().entryCount();
        bytes32 leaf = keccak256(
            bytes.concat(
                abi.encode(uint16(1), index, BENEFIT_KIND_BASE + uint16(BenefitAct.FundsMoved), digest),
                abi.encode(fields[0], actHash, _preparer.id, _approver.id, (uint64(1) << 32) | 1),
                abi.encode(_now())
            )
        );
        bytes32 head = keccak256(abi.encode(_book().head(), leaf));
        VM.expectEmit();
        emit IBenefitLedger.ActApplied(EntryId.wrap(digest), BenefitAct.FundsMoved, fields[0], fields);
        _ledger.moveFunds(act, signatures);
        require(
            _book().entryCount() == index + 1 && _book().head() == head,
            "P8: not one entry of the journal"
        );
    }

    function test_B9_whatOneInstitutionMovesInAWindowStaysUnderTheTier() public {
        uint256 windowEnd = ((_now() / 30 days) + 1) * 30 days;
        require(_ledger.movedAloneMinor(InstitutionId.wrap(AGENCY), CURRENCY) == 10_000_000, "not summed");
        _move(FundsMove.Fund, TIER - 10_000_000, 10_000_000);
        MoveFunds memory act = _moveAct(FundsMove.Defund, 1, 0);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveFunds(act, signatures);
        VM.warp(windowEnd);
        act = _moveAct(FundsMove.Defund, 1, 0);
        _ledger.moveFunds(act, _signed(_MOVE, abi.encode(act)));
        require(_ledger.movedAloneMinor(InstitutionId.wrap(AGENCY), CURRENCY) == 1, "not begun anew");
    }

    function test_B9_aCurrencyWithoutATierAlwaysTakesTwoInstitutions() public {
        _programme = OTHER;
        DefineProgramme memory other = _programmeAct();
        other.currency = 840;
        _define(other);
        MoveFunds memory act = _moveAct(FundsMove.Fund, 1, 0);
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveFunds(act, signatures);
        _approver = _officer(3, 0);
        _move(FundsMove.Fund, 1, 0);
    }

    /// An end that nobody announced in time is worth what it takes from people, whoever names nothing of it.
    function test_B9_anEarlyEndIsPricedAtWhatIsOutstanding() public {
        _approver = _officer(3, 0);
        _fundAboveTier();
        uint256[] memory words = _table(4, 40, 168_000);
        CycleEnvelope memory envelope = _envelope(CYCLE, 0, 4, words, 40, 6_720_000);
        _open(envelope);
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
        VM.warp(OPENS);
        _approver = _officer(AGENCY, 1);
        MoveCycle memory act = MoveCycle(
            _headFor(_preparer, 0),
            PROGRAMME,
            CYCLE,
            CycleStep.EndEarly,
            0,
            OPENS + 3 days
        );
        Signatures memory signatures = _signed(_STEP, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.moveCycle(act, signatures);
        _ledger.moveCycle(act, _signedBy(_STEP, abi.encode(act), _preparer, _officer(3, 0)));
    }

    // ---- programmes ----

    function test_aProgrammeIsDefinedOnceAndWithinItsRanges() public {
        DefineProgramme memory act = _programmeAct();
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.ProgrammeExists.selector));
        act.programme = ProgrammeId.wrap(0);
        bytes memory missing = abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector);
        _refuses(act, missing);
        (act.programme, act.institution) = (OTHER, InstitutionId.wrap(0));
        _refuses(act, missing);
        act.institution = InstitutionId.wrap(AGENCY);
        bytes memory range = abi.encodeWithSelector(IBenefitLedger.PolicyOutOfRange.selector);
        act.currency = 0;
        _refuses(act, range);
        (act.currency, act.mostPerRedemptionUnits) = (CURRENCY, 0);
        _refuses(act, range);
        act.mostPerRedemptionUnits = 1 << 24;
        _refuses(act, range);
        (act.mostPerRedemptionUnits, act.disputeSeconds) = (1, 1 << 24);
        _refuses(act, range);
        (act.disputeSeconds, act.mostOfflineSeconds) = (0, 15 minutes - 1);
        _refuses(act, range);
        act.mostOfflineSeconds = 7 days + 1;
        _refuses(act, range);
        act.mostOfflineSeconds = 7 days;
        _define(act);
        require(InstitutionId.unwrap(_views.programmeOf(OTHER).institution) == AGENCY, "not defined");
    }

    function test_anUnknownProgrammeHasNoActs() public {
        MoveFunds memory act = _moveAct(FundsMove.Fund, 5, 0);
        act.programme = OTHER;
        Signatures memory signatures = _signed(_MOVE, abi.encode(act));
        VM.expectRevert(IBenefitLedger.ProgrammeUnknown.selector);
        _ledger.moveFunds(act, signatures);
    }

    function test_B8_aPauseTouchesNoOtherProgrammeAndTakesTwoInstitutions() public {
        DefineProgramme memory other = _programmeAct();
        other.programme = OTHER;
        _define(other);
        PauseProgramme memory act = PauseProgramme(_headFor(_preparer, 0), OTHER, START + 30 days, true, 0);
        Signatures memory signatures = _signed(_PAUSE, abi.encode(act));
        VM.expectRevert(IConsortium.SecondInstitutionRequired.selector);
        _ledger.pauseProgramme(act, signatures);
        signatures = _signedBy(_PAUSE, abi.encode(act), _preparer, _officer(3, 0));
        _ledger.pauseProgramme(act, signatures);
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.ProgrammeVersionStale.selector, 1));
        _ledger.pauseProgramme(act, signatures);
        require(_views.programmeOf(PROGRAMME).pausedUntil == 0, "B8: another programme was paused");
        _release(CYCLE, 0, 1, 40, 9);
        require(_redeem(CYCLE, _only(_sale(3, 9, 2))) == 2, "B8: another programme's people were refused");
    }

    function testFuzz_B8_noPauseOfOneProgrammeChangesAWordOfAnother(uint40 until, bool resumes) public {
        until = uint40(START + 1 hours + 1 + (until % 89 days));
        _release(CYCLE, 0, 1, 40, 9);
        bytes32 before = _wordsOf(PROGRAMME);
        _programme = OTHER;
        _define(_programmeAct());
        _pause(until, 0);
        if (resumes) _resume(1);
        require(_views.programmeOf(OTHER).pausedUntil == (resumes ? _now() : until), "not paused");
        _programme = PROGRAMME;
        require(_wordsOf(PROGRAMME) == before, "B8: another programme's words changed");
        require(_redeem(CYCLE, _only(_sale(3, 9, 2))) == 2, "B8: another programme's people were refused");
    }

    function test_aConsortiumPauseOfRedemptionStopsSales() public {
        _release(CYCLE, 0, 1, 40, 9);
        _stopRedemption();
        bytes32[] memory items = _items(CYCLE, _only(_sale(3, 9, 2)));
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(IBenefitLedger.RedemptionIsPaused.selector);
        _ledger.redeem(batch, items, signature);
    }

    function test_aConsortiumPauseOfDisbursementStopsLoadingAndReleasing() public {
        uint256[] memory words = _table(1, 40, 9);
        _open(_envelope(CYCLE, 0, 1, words, 40, 360));
        uint256[] memory slots = new uint256[](1);
        slots[0] = _slotOf(40);
        Enrol memory act = _enrolAct(40, slots);
        _ledger.enrol(act, _signed(_ENROL, abi.encode(act)));
        _stop(Scopes.DISBURSEMENT);
        bytes4 paused = IBenefitLedger.DisbursementIsPaused.selector;
        _refusesSlots(40, slots, 0, abi.encodeWithSelector(paused));
        VM.expectRevert(paused);
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        VM.expectRevert(paused);
        _ledger.finalise(PROGRAMME, CYCLE);
        VM.warp(_now() + 1 days);
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
    }

    /// Whoever stops disbursement keeps nobody from giving a false list up before its sales open.
    function test_noBrakeKeepsACycleFromBeingCancelled() public {
        uint256[] memory words = _table(1, 40, 9);
        _open(_envelope(CYCLE, 0, 1, words, 40, 360));
        _ledger.loadUnits(PROGRAMME, CYCLE, 0, words, 0);
        _ledger.finalise(PROGRAMME, CYCLE);
        _stop(Scopes.DISBURSEMENT);
        _step(CYCLE, CycleStep.Cancel, 0);
        require(_views.cycleOf(PROGRAMME, CYCLE).state == CycleState.Cancelled, "not given up");
        _requireB1();
    }

    /// Where members waived the notice, an end still takes nothing of what was sold before it was decided.
    function test_RP2_noEndLiesInThePast() public {
        Measure memory measure = _measure(MeasureKind.SetPolicy);
        (measure.name, measure.value) = (END_WITHOUT_NOTICE_POLICY, 1);
        _enact(measure);
        _release(CYCLE, 0, 1, 40, 9);
        VM.warp(OPENS + 1 days);
        MoveCycle memory act = MoveCycle(
            _headFor(_preparer, 0),
            PROGRAMME,
            CYCLE,
            CycleStep.EndEarly,
            0,
            uint64(_now() - 1)
        );
        Signatures memory signatures = _signed(_STEP, abi.encode(act));
        VM.expectPartialRevert(IBenefitLedger.CycleEndOutOfRange.selector);
        _ledger.moveCycle(act, signatures);
        _step(CYCLE, CycleStep.EndEarly, 0, uint64(_now()));
    }

    function test_aPauseNamesALaterSecondWithinItsLimit() public {
        PauseProgramme memory act = PauseProgramme(_headFor(_preparer, 0), PROGRAMME, START, false, 0);
        bytes4 range = IBenefitLedger.ProgrammePauseOutOfRange.selector;
        Signatures memory signatures = _signed(_PAUSE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(range, 90 days));
        _ledger.pauseProgramme(act, signatures);
        act.pausedUntil = START + 90 days + 1;
        signatures = _signed(_PAUSE, abi.encode(act));
        VM.expectRevert(abi.encodeWithSelector(range, 90 days));
        _ledger.pauseProgramme(act, signatures);
    }

    // ---- people and cards ----

    function test_anEnrolmentContinuesWhereTheLastEnded() public {
        uint256[] memory slots = new uint256[](5);
        for (uint256 i = 0; i < 5; ++i) slots[i] = _slotOf(40 + i);
        bytes4 stale = IBenefitLedger.EnrolmentStateStale.selector;
        _refuses(_enrolAct(39, slots), abi.encodeWithSelector(stale, 40, 1));
        bytes4 size = IBenefitLedger.EnrolmentSizeOutOfRange.selector;
        _refuses(_enrolAct(40, new uint256[](0)), abi.encodeWithSelector(size, 1 << 24));
        Enrol memory act = _enrolAct(40, slots);
        act.count = (1 << 24) - 39;
        _refuses(act, abi.encodeWithSelector(size, 1 << 24));
        act = _enrolAct(40, slots);
        Signatures memory signatures = _signed(_ENROL, abi.encode(act));
        _ledger.enrol(act, signatures);
        VM.expectRevert(abi.encodeWithSelector(stale, 40, 2));
        _ledger.enrol(act, signatures);
        bytes4 order = IBenefitLedger.SlotsOutOfOrder.selector;
        _refusesSlots(41, _slice(slots, 1, 5), 0, abi.encodeWithSelector(order, 40));
        _refusesSlots(40, new uint256[](0), 0, abi.encodeWithSelector(order, 40));
        _refusesSlots(40, new uint256[](6), 0, abi.encodeWithSelector(order, 40));
        bytes memory differ = abi.encodeWithSelector(IBenefitLedger.SlotsDifferFromSigned.selector);
        _refusesSlots(40, _slice(slots, 0, 4), 0, differ);
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, _slice(slots, 0, 2), _fold(slots, 2, 5));
        require(_views.enrolmentOf(PROGRAMME, EPOCH).enrolled == 42, "the progress differs");
        _ledger.loadSlots(PROGRAMME, EPOCH, 42, _slice(slots, 2, 5), 0);
        require(_views.cardOf(PROGRAMME, EPOCH, 44).keyId == VM.addr(_keyOf(44)), "not enrolled");
    }

    function testFuzz_onlyWellFormedSlotsAreEnrolled(uint256 slot) public {
        uint256[] memory slots = new uint256[](1);
        slots[0] = slot % 3 == 0 ? slot : slot & ((1 << 232) - 1) & ~(uint256(0xfcfc) << 160);
        Enrol memory act = _enrolAct(40, slots);
        _ledger.enrol(act, _signed(_ENROL, abi.encode(act)));
        uint256 kind = uint8(slots[0] >> 160);
        uint256 standing = uint8(slots[0] >> 168);
        bool isGood = (uint160(slots[0]) != 0) == (kind != 0) && kind <= 2 && standing >= 1 && standing <= 2;
        isGood = isGood && uint16(slots[0] >> 176) == 1 && slots[0] >> 232 == 0;
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, slots, 0);
        Card memory card = _views.cardOf(PROGRAMME, EPOCH, 40);
        require(card.cardEpoch == 1 && card.version == 0, "not a first card");
        require(card.keyId == (isGood ? address(uint160(slots[0])) : address(0)), "another card");
    }

    function test_aLostListWedgesNoEnrolment() public {
        uint256[] memory lost = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) lost[i] = _slotOf(50 + i);
        Enrol memory act = _enrolAct(40, lost);
        _ledger.enrol(act, _signed(_ENROL, abi.encode(act)));
        _ledger.loadSlots(PROGRAMME, EPOCH, 40, _slice(lost, 0, 1), _fold(lost, 1, 3));
        uint256[] memory found = new uint256[](2);
        for (uint256 i = 0; i < 2; ++i) found[i] = _slotOf(60 + i);
        act = _enrolAct(41, found);
        _ledger.enrol(act, _signed(_ENROL, abi.encode(act)));
        bytes memory differ = abi.encodeWithSelector(IBenefitLedger.SlotsDifferFromSigned.selector);
        _refusesSlots(41, _slice(lost, 1, 3), 0, differ);
        _ledger.loadSlots(PROGRAMME, EPOCH, 41, found, 0);
        require(_views.cardOf(PROGRAMME, EPOCH, 42).keyId == VM.addr(_keyOf(61)), "not enrolled");
    }

    function test_aCardIsReplacedOnceAndAnUnknownPersonHasNone() public {
        SetCard memory act = _cardAct(3, 2, 0);
        Signatures memory signatures = _signed(_CARD, abi.encode(act));
        _ledger.setCard(act, signatures);
        Card memory card = _views.cardOf(PROGRAMME, EPOCH, 3);
        require(card.cardEpoch == 2 && card.keyId == address(7) && card.version == 1, "not replaced");
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.CardStateStale.selector, 1));
        _ledger.setCard(act, signatures);
        _refuses(_cardAct(40, 2, 0), abi.encodeWithSelector(IBenefitLedger.PersonUnknown.selector));
        act = _cardAct(4, 2, 0);
        act.keyId = address(0);
        bytes memory malformed = abi.encodeWithSelector(IBenefitLedger.CardMalformed.selector, 4);
        _refuses(act, malformed);
        (act.keyId, act.effectiveFrom) = (address(7), uint64(type(uint40).max) + 1);
        _refuses(act, malformed);
        (act.effectiveFrom, act.cardEpoch) = (0, 3);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CardEpochOutOfOrder.selector, 1));
    }

    function test_aRevokedCardIsFinalAndItsPersonGetsTheNextOne() public {
        uint256 key = _keyOf(3);
        bytes4 refused = IBenefitLedger.StandingUnchangeable.selector;
        _setCard(3, 1, key, Standing.Suspended);
        _setCard(3, 1, key, Standing.Active);
        _setCard(3, 1, key, Standing.Revoked);
        SetCard memory act = _cardAct(3, 1, 3);
        act.keyId = VM.addr(key);
        _refuses(act, abi.encodeWithSelector(refused, Standing.Revoked));
        act = _cardAct(3, 2, 3);
        act.standing = Standing.Suspended;
        _refuses(act, abi.encodeWithSelector(refused, Standing.Revoked));
        act = _cardAct(4, 1, 0);
        act.standing = Standing.Suspended;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.CardMalformed.selector, 4));
        _replace(3, 77);
        require(_views.cardOf(PROGRAMME, EPOCH, 3).standing == Standing.Active, "no next card");
    }

    function test_aCardOfTheLastEpochMayOnlyBeRevoked() public {
        bytes32 at_ = bytes32(uint256(BenefitSlots.cards(PROGRAMME, EPOCH)) + 3);
        uint256 slot = _slot(VM.addr(_keyOf(3)), KeyKind.Secp256k1, Standing.Active, type(uint16).max, 0);
        VM.store(address(_ledger), at_, bytes32(slot));
        bytes memory exhausted = abi.encodeWithSelector(IBenefitLedger.CardEpochExhausted.selector);
        SetCard memory act = _cardAct(3, 0, 0);
        _refuses(act, exhausted);
        (act.cardEpoch, act.standing, act.keyId) = (type(uint16).max, Standing.Suspended, VM.addr(_keyOf(3)));
        _refuses(act, exhausted);
        _setCard(3, type(uint16).max, _keyOf(3), Standing.Revoked);
        require(_views.cardOf(PROGRAMME, EPOCH, 3).standing == Standing.Revoked, "not revoked");
    }

    // ---- vendors and tills ----

    function test_aVendorStaysWithItsAgencyAndNamesItsState() public {
        SetVendor memory act = _vendorAct();
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.VendorStateStale.selector, 1));
        act.institution = InstitutionId.wrap(3);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.VendorOfAnotherInstitution.selector));
        (act.institution, act.versionBefore) = (InstitutionId.wrap(AGENCY), 1);
        act.standing = Standing.Unspecified;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.StandingUnknown.selector));
        act.vendor = VendorId.wrap(0);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector));
        act = _vendorAct();
        (act.vendor, act.versionBefore) = (VendorId.wrap(keccak256("late")), 0);
        act.from = uint64(type(uint40).max) + 1;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.StandingMomentOutOfRange.selector));
        act.standing = Standing.Suspended;
        bytes4 refused = IBenefitLedger.StandingUnchangeable.selector;
        _refuses(act, abi.encodeWithSelector(refused, Standing.Unspecified));
    }

    function test_aTillNamesItsStateAndHasAKey() public {
        SetTill memory act = _tillAct();
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.TillStateStale.selector, 1));
        (act.versionBefore, act.keyId) = (1, address(0));
        bytes memory malformed = abi.encodeWithSelector(IBenefitLedger.TillKeyMalformed.selector);
        _refuses(act, malformed);
        (act.keyId, act.keyKind) = (address(7), KeyKind.WebAuthn);
        _refuses(act, malformed);
        (act.keyKind, act.standing) = (KeyKind.Secp256k1, Standing.Suspended);
        _refuses(act, malformed);
        act.standing = Standing.Unspecified;
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.StandingUnknown.selector));
        act.till = TillId.wrap(0);
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.IdentifierMissing.selector));
        act = _tillAct();
        act.vendor = VendorId.wrap(keccak256("nobody"));
        _refuses(act, abi.encodeWithSelector(IBenefitLedger.VendorUnknown.selector));
    }

    function test_aVendorSellsInItsAgencysProgrammesOnly() public {
        (_preparer, _approver) = (_officer(3, 0), _officer(3, 1));
        SetVendor memory act = _vendorAct();
        (act.vendor, act.institution) = (VendorId.wrap(keccak256("foreign")), InstitutionId.wrap(3));
        _ledger.setVendor(act, _signed(_VENDOR, abi.encode(act)));
        (_preparer, _approver) = (_officer(AGENCY, 0), _officer(AGENCY, 1));
        _release(CYCLE, 0, 1, 40, 9);
        bytes32[] memory items = _items(CYCLE, _only(_sale(3, 9, 2)));
        _refusesVendor(act.vendor, items, IBenefitLedger.VendorOfAnotherInstitution.selector);
        _refusesVendor(VendorId.wrap(keccak256("nobody")), items, IBenefitLedger.VendorUnknown.selector);
    }

    // ---- reading ----

    function test_readingIsBoundedAndOfWhatIsThere() public {
        VM.expectRevert(abi.encodeWithSelector(IBenefitLedger.ReadTooLarge.selector, 64));
        _ledger.words(0, 65);
        _release(CYCLE, 0, 1, 39, 9);
        VM.expectRevert(IBenefitViews.IndexBeyondCount.selector);
        _views.entryOf(PROGRAMME, CYCLE, 39);
        VM.expectRevert(IBenefitViews.TableNotInLane.selector);
        _views.entryOf(PROGRAMME, CycleId.wrap(2), 0);
    }

    // ---- shorthand ----

    function _wordsOf(ProgrammeId programme) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    _ledger.words(BenefitSlots.programme(programme), 9),
                    _ledger.words(BenefitSlots.cycle(programme, CYCLE), 4),
                    _ledger.words(BenefitSlots.table(programme, 0), 2)
                )
            );
    }

    function _fundAboveTier() private {
        MoveFunds memory act = _moveAct(FundsMove.Fund, TIER + 1, 10_000_000);
        _ledger.moveFunds(act, _signed(_MOVE, abi.encode(act)));
    }

    function _stopRedemption() private {
        _stop(Scopes.REDEMPTION);
    }

    function _stop(uint32 scope) private {
        string memory longPause =
            "LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)";
        LongPause memory act = LongPause(
            _headFor(_officer(1, 0), 0),
            scope,
            uint64(_now() + 1 days),
            0,
            keccak256("case")
        );
        Signatures memory signatures = _signatures(
            IJournal(address(_safeguards)),
            "Safeguards",
            "LongPause",
            string.concat(HEAD_TYPE, longPause),
            _actHash(longPause, abi.encode(act)),
            _officer(1, 0),
            _officer(3, 0)
        );
        _safeguards.pauseLong(act, signatures);
    }

    function _cardAct(uint32 index, uint16 epoch, uint32 before) private returns (SetCard memory act) {
        act.head = _headFor(_preparer, 0);
        (act.programme, act.enrolmentEpoch, act.index) = (PROGRAMME, EPOCH, index);
        (act.cardEpoch, act.keyKind, act.keyId) = (epoch, KeyKind.Secp256k1, address(7));
        act.versionBefore = before;
        act.standing = Standing.Active;
    }

    function _vendorAct() private returns (SetVendor memory act) {
        act.head = _headFor(_preparer, 0);
        (act.vendor, act.institution, act.standing) = (VENDOR, InstitutionId.wrap(AGENCY), Standing.Active);
    }

    function _tillAct() private returns (SetTill memory act) {
        act.head = _headFor(_preparer, 0);
        (act.vendor, act.till, act.keyKind) = (VENDOR, TILL, KeyKind.Secp256k1);
        (act.keyId, act.standing) = (address(7), Standing.Active);
    }

    function _refuses(DefineProgramme memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(_DEFINE, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.defineProgramme(act, signatures);
    }

    function _refuses(Enrol memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(_ENROL, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.enrol(act, signatures);
    }

    function _refuses(SetCard memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(_CARD, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setCard(act, signatures);
    }

    function _refuses(SetVendor memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(_VENDOR, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setVendor(act, signatures);
    }

    function _refuses(SetTill memory act, bytes memory refusal) private {
        Signatures memory signatures = _signed(_TILL, abi.encode(act));
        VM.expectRevert(refusal);
        _ledger.setTill(act, signatures);
    }

    function _refusesSlots(uint32 first, uint256[] memory slots, bytes32 rest, bytes memory refusal) private {
        VM.expectRevert(refusal);
        _ledger.loadSlots(PROGRAMME, EPOCH, first, slots, rest);
    }

    function _refusesVendor(VendorId vendor, bytes32[] memory items, bytes4 refusal) private {
        RedemptionBatch memory batch = _batch(CYCLE, 1);
        batch.vendor = vendor;
        bytes memory signature = _tillSigned(batch, items, TILL_KEY);
        VM.expectRevert(refusal);
        _ledger.redeem(batch, items, signature);
    }
}
