// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IConsortium} from "../../../contracts/interfaces/IConsortium.sol";
import {
    Batch,
    EntryId,
    IJournal,
    KIND_WITHDRAWAL,
    Signatures,
    Withdrawal
} from "../../../contracts/interfaces/IJournal.sol";
import {INoteRegister, Note} from "../../registers/INoteRegister.sol";
import {Expect} from "../Expect.sol";
import {Artifacts} from "../Artifacts.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands} from "../Hands.sol";
import {Typed, HEAD_TYPE} from "../Typed.sol";
import {LEDGER_NONCE, VM} from "../Vm.sol";

/// What every register inherits: times, the two signatures, batches, withdrawal.
contract JournalActsTest is Founded {
    string private constant NOTE_TYPE = "Note(ActHead head,bytes32 subject,bytes32 content)";
    string private constant BATCH_TYPE = "Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)";

    /// A standstill that every register keeps.
    uint64 private constant HALF_DAY = 12 hours;
    INoteRegister private _notes;
    uint64 private _begun;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        _notes = _noteRegister(LEDGER_NONCE);
        Note memory first = _newNote();
        _notes.note(first, _signedNote(first));
        _begun = _notes.entryCount();
    }

    function _noteRegister(bytes32 ledgerNonce) private returns (INoteRegister) {
        return INoteRegister(Artifacts.create("NoteRegister", abi.encode(_charter, ledgerNonce)));
    }

    function _newNote() private returns (Note memory) {
        return Note(_headFor(Hands.senior(1, 0), 7), "subject", "content");
    }

    function _noteHash(Note memory act) private pure returns (bytes32) {
        bytes32 typeHash = keccak256(abi.encodePacked(NOTE_TYPE, HEAD_TYPE));
        return keccak256(abi.encode(typeHash, Typed.headHash(act.head), act.subject, act.content));
    }

    function _signedNote(Note memory act) private view returns (Signatures memory) {
        return _signedBy(act, Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function _signedBy(
        Note memory act,
        Hand memory a,
        Hand memory b
    ) private view returns (Signatures memory) {
        string memory types = string.concat(HEAD_TYPE, NOTE_TYPE);
        return Typed.signed(_notes, "NoteRegister", "Note", types, _noteHash(act), a, b);
    }

    function _entryIdOf(Note memory act) private view returns (EntryId) {
        return EntryId.wrap(Typed.digest(_notes, "NoteRegister", _noteHash(act)));
    }

    function _send(bytes4 refusal, Note memory act, Signatures memory signatures) private {
        if (refusal != 0) VM.expectPartialRevert(refusal);
        _notes.note(act, signatures);
    }

    function test_L3_actOfTwoOfficersIsOneEntryNamedByThePreparersDigest() public {
        Note memory act = _newNote();
        EntryId entryId = _notes.note(act, _signedNote(act));
        Expect.same(EntryId.unwrap(entryId), EntryId.unwrap(_entryIdOf(act)), "another entry id");
        Expect.same(_notes.entryCount(), _begun + 1, "not one entry");
    }

    function testFuzz_L3_changedActIsRefused(uint8 field, bytes32 noise) public {
        VM.assume(uint256(noise) > type(uint128).max);
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        field = field % 7;
        if (field == 0) act.subject = noise;
        if (field == 1) act.content = noise;
        if (field == 2) act.head.salt += 1;
        if (field == 3) act.head.effectiveOn += 1;
        if (field == 4) act.head.sourcesRoot = noise;
        if (field == 5) act.head.corrects = EntryId.wrap(noise);
        if (field == 6) signatures.approval.deadline += 1;
        _send(IConsortium.BadSignature.selector, act, signatures);
    }

    /// The words of an act's head that hold less than they could, and how many bits each has room for.
    function testFuzz_L3_headWithBitsBeyondItsFieldsIsRefused(uint8 field, uint8 bit) public {
        uint8[6] memory places = [0, 2, 3, 4, 5, 6];
        uint8[6] memory widths = [32, 32, 64, 64, 64, 128];
        uint256 which = field % 6;
        uint256 dirt = 1 << (widths[which] + (uint256(bit) % (256 - widths[which])));
        Note memory act = _newNote();
        // The head as it would be hashed where it lies, and signed so.
        bytes memory head = abi.encodePacked(keccak256(bytes(HEAD_TYPE)), abi.encode(act.head));
        _dirty(head, 32 + 32 * uint256(places[which]), dirt);
        bytes32 typeHash = keccak256(abi.encodePacked(NOTE_TYPE, HEAD_TYPE));
        bytes32 actHash = keccak256(abi.encode(typeHash, keccak256(head), act.subject, act.content));
        bytes memory call = abi.encodeCall(_notes.note, (act, _signedHash(actHash)));
        _dirty(call, 4 + 32 * uint256(places[which]), dirt);
        (bool taken, ) = address(_notes).call(call);
        Expect.same(taken, false, "dirty, signed as it lies, and recorded");
        // Signed as it would be read after cleaning: the bits were never signed.
        call = abi.encodeCall(_notes.note, (act, _signedNote(act)));
        _dirty(call, 4 + 32 * uint256(places[which]), dirt);
        (taken, ) = address(_notes).call(call);
        Expect.same(taken, false, "dirty, signed clean, and recorded");
    }

    function test_L3_approvalWithBitsBeyondItsFieldsIsRefused() public {
        for (uint256 field = 1; field < 3; ++field) {
            Note memory act = _newNote();
            bytes memory call = abi.encodeCall(_notes.note, (act, _signedNote(act)));
            // Selector, the act's eleven words, the offset of the signatures, and the offset of the first of them.
            _dirty(call, 4 + 32 * (13 + field), 1 << 255);
            (bool taken, ) = address(_notes).call(call);
            Expect.same(taken, false, "an approval with bits nobody signed was recorded");
        }
    }

    function _dirty(bytes memory data, uint256 at_, uint256 bits) private pure {
        assembly ("memory-safe") {
            let place := add(add(data, 32), at_)
            mstore(place, or(mload(place), bits))
        }
    }

    function _signedHash(bytes32 actHash) private view returns (Signatures memory) {
        string memory types = string.concat(HEAD_TYPE, NOTE_TYPE);
        return
            Typed.signed(
                _notes,
                "NoteRegister",
                "Note",
                types,
                actHash,
                Hands.senior(1, 0),
                Hands.senior(1, 1)
            );
    }

    function test_P2_signatureForAnotherLedgerMeansNothing() public {
        Note memory act = _newNote();
        INoteRegister elsewhere = _noteRegister(keccak256("another founding file"));
        _notes = elsewhere;
        // Of this very contract, but for the ledger of these tests.
        Signatures memory signatures = _signedNote(act);
        _send(IConsortium.BadSignature.selector, act, signatures);
    }

    function test_P2_noLedgerIsWithoutANonce() public {
        VM.expectRevert(abi.encodeWithSelector(IJournal.LedgerNonceMissing.selector));
        _noteRegister(0);
    }

    function test_L3_whatBothOfficersSignedIsInTheLog() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        VM.expectEmit();
        emit IJournal.Signed(
            _entryIdOf(act),
            act.head,
            _noteHash(act),
            signatures.approval.deadline,
            signatures.preparer,
            signatures.approver
        );
        _notes.note(act, signatures);
    }

    function test_P2_signatureForOneRegisterMeansNothingInAnother() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        INoteRegister twin = _noteRegister(LEDGER_NONCE);
        VM.expectPartialRevert(IConsortium.BadSignature.selector);
        twin.note(act, signatures);
    }

    function test_L3_approvalIsNotAPreparationNorTheOtherWayRound() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        (signatures.preparer, signatures.approver) = (signatures.approver, signatures.preparer);
        _send(IConsortium.BadSignature.selector, act, signatures);
    }

    function test_actIsRecordedWithinItsTimeOnly() public {
        Note memory early = _newNote();
        early.head.notBefore = START + 10;
        Signatures memory signatures = _signedNote(early);
        _send(IJournal.ActNotYetValid.selector, early, signatures);
        VM.warp(START + 10);
        _send(0, early, signatures);
        Note memory act = _newNote();
        act.head.deadline = START + 10;
        signatures = _signedNote(act);
        _send(0, act, signatures);
        VM.warp(START + 11);
        _send(IJournal.ActExpired.selector, act, signatures);
    }

    function test_lapsedApprovalIsRenewedWithoutThePreparer() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        bytes memory prepared = signatures.preparer;
        VM.warp(START + 1 hours);
        Signatures memory renewed = _signedNote(act);
        VM.warp(START + 1 hours + 1);
        _send(IJournal.ApprovalExpired.selector, act, signatures);
        renewed.preparer = prepared;
        _send(0, act, renewed);
    }

    function test_P10_haltGivesADeadlineInsideItWhatWasLeft() public {
        Note memory act = _newNote();
        act.head.deadline = START + 100;
        Signatures memory signatures = _signedNote(act);
        VM.warp(START + HALF_DAY);
        _send(IJournal.ActExpired.selector, act, signatures);
        VM.warp(START + HALF_DAY + 1);
        _recordHalt(START + 50, START + HALF_DAY);
        VM.warp(START + HALF_DAY + 50);
        _send(0, act, signatures);
        VM.warp(START + HALF_DAY + 51);
        _send(IJournal.ActExpired.selector, act, signatures);
    }

    function _withdraw(bytes4 refusal, Note memory act, Hand memory hand) private {
        Withdrawal memory withdrawal = Withdrawal(_entryIdOf(act), act.head.deadline, hand.id, hand.epoch);
        bytes32 typeHash = keccak256(
            "Withdrawal(bytes32 entryId,uint64 actDeadline,bytes32 officer,uint32 epoch)"
        );
        bytes32 hash = keccak256(abi.encode(typeHash, withdrawal));
        bytes memory signature = Hands.sign(hand, Typed.digest(_notes, "NoteRegister", hash));
        if (refusal != 0) VM.expectPartialRevert(refusal);
        _notes.withdraw(withdrawal, signature);
    }

    function test_eitherOfficerWithdrawsAnActNotYetRecorded() public {
        for (uint256 which = 0; which < 2; ++which) {
            Note memory act = _newNote();
            Signatures memory signatures = _signedNote(act);
            _withdraw(0, act, Hands.senior(1, which));
            _send(IJournal.ActWithdrawn.selector, act, signatures);
            Expect.same(
                _notes.isWithdrawn(_entryIdOf(act), Hands.senior(1, which).id),
                true,
                "not withdrawn"
            );
            _withdraw(IJournal.ActWithdrawn.selector, act, Hands.senior(1, which));
        }
        Expect.same(_notes.entryCount(), _begun + 2, "no entries");
        Expect.same(KIND_WITHDRAWAL, 1, "no entries");
    }

    function test_strangersWithdrawalMeansNothing() public {
        Note memory act = _newNote();
        _withdraw(0, act, Hands.senior(2, 0));
        Hand memory forger = Hands.senior(1, 0);
        forger.privateKey = 12345;
        _withdraw(IConsortium.BadSignature.selector, act, forger);
        _send(0, act, _signedNote(act));
    }

    function test_withdrawalOfOneActLeavesOthersAlone() public {
        _withdraw(0, _newNote(), Hands.senior(1, 0));
        Note memory act = _newNote();
        _send(0, act, _signedNote(act));
    }

    function test_P3_officerRevokedBetweenSigningAndRecordingDoesNotCount() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        signatures.approval.approverEpoch = 3;
        _send(IConsortium.OfficerEpochStale.selector, act, signatures);
    }

    function test_BB3_registerAsksTheConsortiumInForceNotTheOneItBeganWith() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        address next = address(_deployConsortium(address(0), _foundingWithout(Hands.senior(1, 1))));
        VM.prank(address(_consortium));
        _charter.setAuthority(next);
        _send(IConsortium.OfficerUnknown.selector, act, signatures);
    }

    function _newBatch(bytes32[] memory items) private returns (Batch memory) {
        return
            Batch(
                _headFor(Hands.senior(1, 0), 7),
                keccak256(abi.encodePacked(items)),
                uint32(items.length),
                true
            );
    }

    function _sendBatch(bytes4 refusal, Batch memory batch, bytes32[] memory items) private {
        bytes32 typeHash = keccak256(abi.encodePacked(BATCH_TYPE, HEAD_TYPE));
        bytes32 hash = keccak256(
            abi.encode(typeHash, Typed.headHash(batch.head), batch.itemsHash, batch.count, batch.atomic)
        );
        string memory types = string.concat(HEAD_TYPE, BATCH_TYPE);
        Signatures memory signatures = Typed.signed(
            _notes,
            "NoteRegister",
            "Batch",
            types,
            hash,
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
        if (refusal != 0) VM.expectPartialRevert(refusal);
        _notes.noteMany(batch, items, signatures);
    }

    function _items(uint256 count) private pure returns (bytes32[] memory items) {
        items = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) items[i] = keccak256(abi.encode(i));
    }

    function test_batchIsOneSignaturePairAndOneEntryAnItem() public {
        bytes32[] memory items = _items(4);
        _sendBatch(0, _newBatch(items), items);
        Expect.same(_notes.entryCount(), _begun + 4, "not an entry an item");
    }

    function test_batchTakesItsOwnItemsOnly() public {
        bytes32[] memory items = _items(3);
        Batch memory batch = _newBatch(items);
        _sendBatch(IJournal.BatchItemsDiffer.selector, batch, _items(2));
        (items[0], items[1]) = (items[1], items[0]);
        _sendBatch(IJournal.BatchItemsDiffer.selector, batch, items);
        (items[0], items[1]) = (items[1], items[0]);
        batch.count = 2;
        _sendBatch(IJournal.BatchItemsDiffer.selector, batch, items);
        batch.count = 3;
        batch.atomic = false;
        _sendBatch(IJournal.BatchNotAtomic.selector, batch, items);
    }

    function test_P7_batchIsNeitherEmptyNorAboveTheRegistersLimit() public {
        bytes32[] memory items = _items(5);
        _sendBatch(IJournal.BatchSizeOutOfRange.selector, _newBatch(items), items);
        items = _items(0);
        _sendBatch(IJournal.BatchSizeOutOfRange.selector, _newBatch(items), items);
    }

    /// Gas of a whole act of two secp256k1 officers that keeps nothing but its entry, storage cold.
    function test_gasOfOneRecordedAct() public {
        Note memory act = _newNote();
        Signatures memory signatures = _signedNote(act);
        _notes.note(act, signatures);
        uint256 gas = VM.lastCallGas().gasTotalUsed;
        Expect.below(gas, 61_600, string.concat("it took ", VM.toString(gas)));
    }
}
