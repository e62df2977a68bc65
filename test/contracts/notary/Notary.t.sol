// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {
    AppointRecorder,
    Erasure,
    INotary,
    MAX_ERASED,
    Newest,
    Recorder,
    RevokeRecorder,
    ROOT_EVERY_SECONDS,
    RootKind,
    RootRecord
} from "../../../contracts/interfaces/INotary.sol";
import {Expect} from "../Expect.sol";
import {Hands} from "../Hands.sol";
import {VM} from "../Vm.sol";
import {NotaryWorld} from "./NotaryWorld.sol";

/// Recorders, roots and stones, one rule after the other.
contract NotaryTest is NotaryWorld {
    InstitutionId private constant _ONE = InstitutionId.wrap(1);

    function setUp() public {
        _foundNotary();
    }

    /// A recorder whose key counts.
    function _begin() private {
        _appoint(1, 0);
        VM.warp(_now() + APPOINTMENT_WAIT);
    }

    function _later() private {
        VM.warp(_now() + ROOT_EVERY_SECONDS);
    }

    function test_N1_recorderIsAppointedByTwoAdminsAndCountsAfterTheWait() public {
        _appoint(1, 0);
        Recorder memory recorder = _notary.recorderOf(_ONE);
        Expect.same(recorder.keyHash, _keyHashOf(1, 1), "not the key");
        Expect.same(recorder.epoch, 1, "not the key");
        Expect.same(recorder.activeFrom, _now() + APPOINTMENT_WAIT, "no wait");
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        bytes memory signature = _signRoot(record, _secretOf(1, 1));
        VM.expectRevert(INotary.RecorderNotYetActive.selector);
        _notary.recordRoot(record, signature);
        VM.warp(_now() + APPOINTMENT_WAIT);
        _recordRoot(_rootRecord(1, RootKind.AccessLog, 1, 5));
        Expect.same(_book().entryCount(), 2, "not two entries");
    }

    function test_N1_recorderNeedsTwoAdminsOfItsOwnInstitution() public {
        (AppointRecorder memory act, bytes memory possession, ) = _appointment(1, 0);
        Signatures memory mixed = _bothSign(act, Hands.senior(1, 0), Hands.senior(2, 1));
        VM.expectRevert(
            abi.encodeWithSelector(IConsortium.InstitutionDiffers.selector, Hands.senior(2, 1).id)
        );
        _notary.appointRecorder(act, possession, mixed);
        Signatures memory alone = _bothSign(act, Hands.senior(1, 0), Hands.senior(1, 0));
        VM.expectRevert(IConsortium.SecondPersonRequired.selector);
        _notary.appointRecorder(act, possession, alone);
    }

    function test_N1_recorderKeyIsShownToBeHeld() public {
        (AppointRecorder memory act, , Signatures memory signatures) = _appointment(1, 0);
        bytes memory stranger = _possession(_secretOf(2, 1), act);
        VM.expectRevert(INotary.RecorderKeyNotShown.selector);
        _notary.appointRecorder(act, stranger, signatures);
        act.institution = InstitutionId.wrap(2);
        bytes memory forAnother = _possession(_secretOf(1, 1), act);
        act.institution = _ONE;
        VM.expectRevert(INotary.RecorderKeyNotShown.selector);
        _notary.appointRecorder(act, forAnother, signatures);
    }

    function test_N1_recorderKeyIsUsedOnceAndReplacedByItsNumber() public {
        _begin();
        (AppointRecorder memory act, bytes memory possession, Signatures memory signatures) = _appointment(
            1,
            0
        );
        VM.expectRevert(INotary.RecorderEpochStale.selector);
        _notary.appointRecorder(act, possession, signatures);
        act.epochBefore = 1;
        act.keyHash = _keyHashOf(1, 1);
        signatures = _bothSign(act, Hands.senior(1, 0), Hands.senior(1, 1));
        possession = _possession(_secretOf(1, 1), act);
        VM.expectRevert(INotary.RecorderKeyUsed.selector);
        _notary.appointRecorder(act, possession, signatures);
        _appoint(1, 1);
        Expect.same(_notary.recorderOf(_ONE).epoch, 2, "not replaced");
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        record.epoch = 1;
        bytes memory old = _signRoot(record, _secretOf(1, 1));
        VM.expectRevert(INotary.RecorderEpochStale.selector);
        _notary.recordRoot(record, old);
    }

    function test_N1_revokedRecorderIsSilentAtOnceAndNeverReturns() public {
        (RevokeRecorder memory none, Signatures memory early) = _revocationOf(1, 0);
        VM.expectRevert(INotary.RecorderUnknown.selector);
        _notary.revokeRecorder(none, early);
        _begin();
        (RevokeRecorder memory other, Signatures memory signed) = _revocationOf(1, 2);
        VM.expectRevert(INotary.RecorderEpochStale.selector);
        _notary.revokeRecorder(other, signed);
        _endRecorder(1, 1);
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        bytes memory signature = _signRoot(record, _secretOf(1, 1));
        VM.expectRevert(INotary.RecorderUnknown.selector);
        _notary.recordRoot(record, signature);
        _appoint(1, 1);
        Expect.same(_notary.recorderOf(_ONE).epoch, 2, "not the next");
    }

    function test_N1_suspendedInstitutionsRecorderIsSilent() public {
        _begin();
        Measure memory measure = _measure(MeasureKind.SuspendInstitution);
        measure.institution = _ONE;
        _enact(measure);
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        bytes memory signature = _signRoot(record, _secretOf(1, 1));
        VM.expectRevert(abi.encodeWithSelector(IConsortium.InstitutionIsBarred.selector, _ONE));
        _notary.recordRoot(record, signature);
    }

    function test_N1_rootsStandInOneLineForEachKind() public {
        _begin();
        _recordRoot(_rootRecord(1, RootKind.AccessLog, 1, 5));
        _recordRoot(_rootRecord(1, RootKind.PublishedFiles, 1, 2));
        _recordRoot(_rootRecord(1, RootKind.Checkpoint, 1, 1_000));
        _refuse(_rootRecord(1, RootKind.Unspecified, 1, 1), INotary.RootKindUnknown.selector);
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 2, 5);
        record.root = 0;
        _refuse(record, INotary.RootMissing.selector);
        _refuse(_rootRecord(1, RootKind.AccessLog, 1, 5), INotary.RootOutOfOrder.selector);
        _refuse(_rootRecord(1, RootKind.AccessLog, 3, 5), INotary.RootOutOfOrder.selector);
        Newest memory newest = _notary.newestOf(_ONE, RootKind.Checkpoint);
        Expect.same(newest.index, 1, "not the newest");
        Expect.same(newest.lines, 1_000, "not the newest");
        Expect.same(newest.recordedAt, _now(), "not the newest");
    }

    function testFuzz_N1_rootComesAtMostOnceAnHour(uint16 seconds_) public {
        _begin();
        _recordRoot(_rootRecord(1, RootKind.AccessLog, 1, 5));
        VM.warp(_now() + seconds_);
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 2, 5);
        if (seconds_ >= ROOT_EVERY_SECONDS) _recordRoot(record);
        else {
            bytes memory signature = _signRoot(record, _secretOf(1, 1));
            VM.expectRevert(abi.encodeWithSelector(INotary.RootTooSoon.selector, ROOT_EVERY_SECONDS));
            _notary.recordRoot(record, signature);
        }
    }

    function testFuzz_N1_linesNeverShrink(uint64 before, uint64 next) public {
        _begin();
        _recordRoot(_rootRecord(1, RootKind.AccessLog, 1, before));
        _later();
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 2, next);
        if (next >= before) _recordRoot(record);
        else _refuse(record, INotary.LinesShrank.selector);
    }

    /// Whatever a stolen key stated, of every kind, its institution goes on once two admins put another in its place.
    function testFuzz_N1_newKeyBeginsItsLinesAnew(uint8 kind_, uint64 stated, uint64 next) public {
        RootKind kind = RootKind(1 + (kind_ % 3));
        _begin();
        _recordRoot(_rootRecord(1, kind, 1, type(uint64).max));
        _appoint(1, 1);
        VM.warp(_now() + APPOINTMENT_WAIT);
        RootRecord memory record = _rootRecord(1, kind, 2, stated);
        record.day = _notary.newestOf(_ONE, kind).day - 1;
        _refuse(record, INotary.DayOutOfRange.selector);
        _recordRoot(_rootRecord(1, kind, 2, stated));
        Expect.same(_notary.newestOf(_ONE, kind).epoch, 2, "not by the new key");
        _later();
        record = _rootRecord(1, kind, 3, next);
        if (next >= stated) _recordRoot(record);
        else _refuse(record, INotary.LinesShrank.selector);
    }

    function test_N1_dayIsNeitherBeforeTheLastNorAfterToday() public {
        _begin();
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        ++record.day;
        _refuse(record, INotary.DayOutOfRange.selector);
        --record.day;
        _recordRoot(record);
        _later();
        record = _rootRecord(1, RootKind.AccessLog, 2, 5);
        record.day = uint32(_now() / 1 days) - 1;
        _refuse(record, INotary.DayOutOfRange.selector);
    }

    function test_N1_rootIsByTheInstitutionsRecorderAlone() public {
        _begin();
        _appoint(2, 0);
        VM.warp(_now() + APPOINTMENT_WAIT);
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        bytes memory byAnother = _signRoot(record, _secretOf(2, 1));
        VM.expectRevert(INotary.RecorderSignatureInvalid.selector);
        _notary.recordRoot(record, byAnother);
        bytes memory good = _signRoot(record, _secretOf(1, 1));
        ++record.lines;
        VM.expectRevert(INotary.RecorderSignatureInvalid.selector);
        _notary.recordRoot(record, good);
    }

    function testFuzz_N2_stonesAreTheIdsThatWereNamed(uint8 first, uint8 second) public {
        _begin();
        uint256 one = 1 + (uint256(first) % 8);
        uint256 two = 1 + (uint256(second) % 8);
        _erase(_erasureOf(1, one));
        _erase(_erasureOf(1, two));
        Expect.same(_notary.recorderOf(_ONE).stones, one + two, "not the sum");
        RootRecord memory record = _rootRecord(1, RootKind.AccessLog, 1, 5);
        --record.stones;
        _refuse(record, INotary.StonesDiffer.selector);
        ++record.stones;
        _recordRoot(record);
        record = _rootRecord(1, RootKind.Checkpoint, 1, 5);
        record.stones = 1;
        _refuse(record, INotary.StonesDiffer.selector);
    }

    function test_N2_erasureIsBoundedRisingAndCountedOnce() public {
        _begin();
        _refuseErasure(
            _erasureOf(1, 0),
            abi.encodeWithSelector(INotary.ErasureSizeOutOfRange.selector, MAX_ERASED)
        );
        _refuseErasure(
            _erasureOf(1, MAX_ERASED + 1),
            abi.encodeWithSelector(INotary.ErasureSizeOutOfRange.selector, MAX_ERASED)
        );
        Erasure memory erasure = _erasureOf(1, 3);
        erasure.ids[2] = erasure.ids[1];
        _refuseErasure(erasure, abi.encodeWithSelector(INotary.ErasureOutOfOrder.selector));
        erasure = _erasureOf(1, MAX_ERASED);
        bytes memory signature = _signErasure(erasure, _secretOf(1, 1));
        _notary.recordErasure(erasure, signature);
        VM.expectRevert(INotary.ErasureStale.selector);
        _notary.recordErasure(erasure, signature);
        erasure = _erasureOf(1, 1);
        bytes memory byAnother = _signErasure(erasure, _secretOf(2, 1));
        VM.expectRevert(INotary.RecorderSignatureInvalid.selector);
        _notary.recordErasure(erasure, byAnother);
    }

    function test_N2_anotherRecorderCountsOn() public {
        _begin();
        _erase(_erasureOf(1, 4));
        _appoint(1, 1);
        VM.warp(_now() + APPOINTMENT_WAIT);
        _erase(_erasureOf(1, 2));
        Expect.same(_notary.recorderOf(_ONE).stones, 6, "not counted on");
    }

    function _refuse(RootRecord memory record, bytes4 error_) private {
        bytes memory signature = _signRoot(record, _secretOf(1, record.epoch));
        VM.expectRevert(error_);
        _notary.recordRoot(record, signature);
    }

    function _refuseErasure(Erasure memory erasure, bytes memory error_) private {
        bytes memory signature = _signErasure(erasure, _secretOf(1, erasure.epoch));
        VM.expectRevert(error_);
        _notary.recordErasure(erasure, signature);
    }
}
