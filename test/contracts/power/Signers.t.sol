// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Appointment,
    AuthorityNeeded,
    IConsortium,
    KeyKind,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {Approval, InstitutionId, OfficeId, OfficerId} from "../../../contracts/interfaces/IJournal.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands, RP_ID_HASH, PRESENT_AND_VERIFIED, BOTH_LAND, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {VM} from "../Vm.sol";

/// What every register asks: two officers of standing, and their real signatures.
contract SignersTest is Founded {
    bytes32 private constant ACT = keccak256("act");
    bytes32 private constant APPROVAL = keccak256("approval");
    uint256 private constant SECP256K1_ORDER =
        0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    AuthorityNeeded private _need;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        _need.office = OfficeId.wrap(7);
        _need.prepareRole = Roles.LAND_PREPARER;
        _need.approveRole = Roles.LAND_APPROVER;
    }

    function _ask(Hand memory preparer, Hand memory approver) private {
        _askWith("", preparer, Hands.sign(preparer, ACT), approver, Hands.sign(approver, APPROVAL));
    }

    function _askRefused(bytes memory refusal, Hand memory preparer, Hand memory approver) private {
        _askWith(refusal, preparer, Hands.sign(preparer, ACT), approver, Hands.sign(approver, APPROVAL));
    }

    /// `refusal` empty: the answer is yes.
    function _askWith(
        bytes memory refusal,
        Hand memory preparer,
        bytes memory first,
        Hand memory approver,
        bytes memory second
    ) private {
        if (refusal.length != 0) VM.expectRevert(refusal);
        Approval memory approval = Approval(approver.id, approver.epoch, 0);
        _consortium.requireOfficers(
            _need,
            preparer.id,
            preparer.epoch,
            ACT,
            first,
            approval,
            APPROVAL,
            second
        );
    }

    function _refusal(bytes4 selector, OfficerId officer) private pure returns (bytes memory) {
        return abi.encodeWithSelector(selector, officer);
    }

    function test_twoOfficersOfStandingMayActTogetherWhateverTheirKeys() public {
        _ask(Hands.senior(1, 0), Hands.senior(1, 1));
        _ask(Hands.senior(1, 0), Hands.p256Hand());
        _ask(Hands.senior(1, 0), Hands.passkeyHand());
        _ask(Hands.passkeyHand(), Hands.p256Hand());
    }

    function test_P1_onePersonCannotPrepareAndApprove() public {
        _askRefused(
            abi.encodeWithSelector(IConsortium.SecondPersonRequired.selector),
            Hands.senior(1, 0),
            Hands.senior(1, 0)
        );
    }

    function test_P1_twoOfficersNeverShareAKey() public {
        Hand memory twin = Hands.officer(1, 0, BOTH_LAND, KeyKind.Secp256k1, 9);
        twin.privateKey = Hands.senior(1, 0).privateKey;
        Measure memory measure = _measure(MeasureKind.AdmitInstitution);
        measure.institution = InstitutionId.wrap(4);
        measure.value = SENIOR;
        Appointment[] memory newcomers = new Appointment[](1);
        newcomers[0] = _appointmentOf(twin);
        newcomers[0].institution = measure.institution;
        newcomers[0].salt = "another officer";
        measure.appointmentsHash = keccak256(abi.encodePacked(Typed.appointmentHash(newcomers[0])));
        _pass(measure);
        VM.expectRevert(IConsortium.KeyAlreadyUsed.selector);
        _council.execute(measure, newcomers, new Possessions[](1));
    }

    function test_unknownOfficerIsRefused() public {
        Hand memory stranger = Hands.officer(1, 0, SENIOR, KeyKind.Secp256k1, 99);
        _askRefused(_refusal(IConsortium.OfficerUnknown.selector, stranger.id), Hands.senior(1, 0), stranger);
        _askRefused(_refusal(IConsortium.OfficerUnknown.selector, stranger.id), stranger, Hands.senior(1, 0));
    }

    function testFuzz_P3_signatureOfAnotherKeyEpochIsRefused(uint32 epoch) public {
        VM.assume(epoch != 1 && epoch != 2); // the spare key's
        Hand memory hand = Hands.senior(1, 1);
        hand.epoch = epoch;
        _askRefused(_refusal(IConsortium.OfficerEpochStale.selector, hand.id), Hands.senior(1, 0), hand);
    }

    function test_officerOfASuspendedInstitutionIsRefused() public {
        Measure memory measure = _measure(MeasureKind.SuspendInstitution);
        measure.institution = InstitutionId.wrap(3);
        _enact(measure);
        _askRefused(
            abi.encodeWithSelector(IConsortium.InstitutionIsBarred.selector, measure.institution),
            Hands.senior(1, 0),
            Hands.senior(3, 0)
        );
    }

    function test_officerOfAnotherOfficeIsRefused() public {
        _need.office = OfficeId.wrap(8);
        _askRefused(
            _refusal(IConsortium.OfficeOutOfScope.selector, Hands.p256Hand().id),
            Hands.senior(1, 0),
            Hands.p256Hand()
        );
        _need.office = OfficeId.wrap(0);
        _askRefused(
            _refusal(IConsortium.OfficeOutOfScope.selector, Hands.p256Hand().id),
            Hands.senior(1, 0),
            Hands.p256Hand()
        );
    }

    function test_officerWithoutTheRoleIsRefused() public {
        _need.approveRole = Roles.COURT;
        _askRefused(
            _refusal(IConsortium.RoleMissing.selector, Hands.senior(1, 1).id),
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
        _need.prepareRole = Roles.COURT;
        _askRefused(
            _refusal(IConsortium.RoleMissing.selector, Hands.senior(1, 0).id),
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
    }

    function test_officerOfAnotherInstitutionThanTheActsIsRefused() public {
        _need.institution = InstitutionId.wrap(1);
        _ask(Hands.senior(1, 0), Hands.senior(1, 1));
        _askRefused(
            _refusal(IConsortium.InstitutionDiffers.selector, Hands.senior(2, 0).id),
            Hands.senior(1, 0),
            Hands.senior(2, 0)
        );
    }

    function test_preparerIsOfTheKeeperAndTheApproverOfAnyInstitution() public {
        _need.preparerInstitution = InstitutionId.wrap(1);
        _ask(Hands.senior(1, 0), Hands.senior(2, 0));
        _askRefused(
            _refusal(IConsortium.InstitutionDiffers.selector, Hands.senior(2, 0).id),
            Hands.senior(2, 0),
            Hands.senior(1, 0)
        );
    }

    function test_P1_actAboveItsTierNeedsTwoInstitutionsOnceSeated() public {
        _need.twoInstitutions = true;
        _ask(Hands.senior(1, 0), Hands.senior(2, 0));
        _askRefused(
            abi.encodeWithSelector(IConsortium.SecondInstitutionRequired.selector),
            Hands.senior(1, 0),
            Hands.senior(1, 1)
        );
    }

    function test_whileFoundingOneInstitutionActsAloneAndSaysSo() public {
        _found(1, 0, 0);
        Expect.same(_consortium.isSeated(), false, "seated with a quorum of one");
        _need.twoInstitutions = true;
        _ask(Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function testFuzz_signatureOfOtherBytesIsRefused(bytes32 other, uint8 which) public {
        VM.assume(other != ACT && other != APPROVAL);
        Hand[3] memory hands = [Hands.senior(1, 1), Hands.p256Hand(), Hands.passkeyHand()];
        Hand memory hand = hands[which % 3];
        Hand memory partner = Hands.senior(1, 0);
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            partner,
            Hands.sign(partner, ACT),
            hand,
            Hands.sign(hand, other)
        );
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            hand,
            Hands.sign(hand, other),
            partner,
            Hands.sign(partner, APPROVAL)
        );
    }

    function testFuzz_malformedSignatureIsRefusedByName(bytes calldata noise, uint8 which) public {
        Hand[3] memory hands = [Hands.senior(1, 1), Hands.p256Hand(), Hands.passkeyHand()];
        Hand memory hand = hands[which % 3];
        Hand memory partner = Hands.senior(1, 0);
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            partner,
            Hands.sign(partner, ACT),
            hand,
            noise
        );
        if (hand.kind != KeyKind.Secp256k1) {
            _askWith(
                _refusal(IConsortium.BadSignature.selector, hand.id),
                partner,
                Hands.sign(partner, ACT),
                hand,
                bytes.concat(Hands.publicKeyOf(hand), noise)
            );
        }
    }

    function test_secondFormOfASecp256k1SignatureIsRefused() public {
        Hand memory partner = Hands.senior(1, 0);
        Hand memory hand = Hands.senior(1, 1);
        (bytes32 r, bytes32 vs) = VM.signCompact(hand.privateKey, APPROVAL);
        uint256 s = uint256(vs) & (type(uint256).max >> 1);
        uint8 v = uint8(uint256(vs) >> 255) + 27;
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            partner,
            Hands.sign(partner, ACT),
            hand,
            abi.encodePacked(r, s, v)
        );
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            partner,
            Hands.sign(partner, ACT),
            hand,
            abi.encodePacked(r, SECP256K1_ORDER - s)
        );
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            partner,
            Hands.sign(partner, ACT),
            hand,
            new bytes(64)
        );
    }

    function test_P1_signatureOfSomebodyElsesKeyIsRefused() public {
        Hand memory p256 = Hands.p256Hand();
        p256.privateKey = 12345;
        _askRefused(_refusal(IConsortium.BadSignature.selector, p256.id), Hands.senior(1, 0), p256);
        Hand memory passkey = Hands.passkeyHand();
        passkey.privateKey = 12345;
        _askRefused(_refusal(IConsortium.BadSignature.selector, passkey.id), Hands.senior(1, 0), passkey);
    }

    function test_passkeyAnswerToAnotherSiteIsRefused() public {
        Hand memory hand = Hands.passkeyHand();
        bytes memory answer = Hands.passkeyAnswer(
            hand,
            APPROVAL,
            sha256("evil.example"),
            PRESENT_AND_VERIFIED
        );
        _refusesPasskey(hand, answer);
    }

    function test_passkeyThatDidNotVerifyItsUserIsRefused() public {
        Hand memory hand = Hands.passkeyHand();
        _refusesPasskey(hand, Hands.passkeyAnswer(hand, APPROVAL, RP_ID_HASH, 0x01));
    }

    function _refusesPasskey(Hand memory hand, bytes memory answer) private {
        Hand memory partner = Hands.senior(1, 0);
        bytes memory signature = bytes.concat(Hands.publicKeyOf(hand), answer);
        _askWith(
            _refusal(IConsortium.BadSignature.selector, hand.id),
            partner,
            Hands.sign(partner, ACT),
            hand,
            signature
        );
    }

    function test_disallowedVerifierStopsItsKeysAtOnce() public {
        Measure memory measure = _measure(MeasureKind.DisallowVerifier);
        measure.target = _webAuthnVerifier;
        _enact(measure);
        Expect.same(block.timestamp, START, "narrowing waited");
        _askRefused(
            abi.encodeWithSelector(IConsortium.VerifierNotAllowed.selector, _webAuthnVerifier),
            Hands.senior(1, 0),
            Hands.passkeyHand()
        );
        _ask(Hands.senior(1, 0), Hands.p256Hand());
        Expect.same(_consortium.verifierOf(KeyKind.WebAuthn), address(0), "consents still use it");
    }

    function test_oneOfficerIsEnoughWhereOneIsAskedFor() public {
        Hand memory hand = Hands.senior(2, 0);
        InstitutionId institution = _consortium.requireOfficer(
            hand.id,
            1,
            Roles.PAUSE,
            ACT,
            Hands.sign(hand, ACT)
        );
        Expect.same(InstitutionId.unwrap(institution), 2, "another institution");
        bytes memory signature = Hands.sign(hand, ACT);
        VM.expectRevert(_refusal(IConsortium.RoleMissing.selector, hand.id));
        _consortium.requireOfficer(hand.id, 1, Roles.COURT, ACT, signature);
        signature = Hands.sign(hand, APPROVAL);
        VM.expectRevert(_refusal(IConsortium.BadSignature.selector, hand.id));
        _consortium.requireOfficer(hand.id, 1, 0, ACT, signature);
    }

    function testFuzz_consentIsCheckedForEveryKindOfKey(
        uint256 seed,
        bytes32 digest,
        bytes32 other
    ) public view {
        VM.assume(digest != other);
        Hand memory hand = Hands.officer(9, 0, 1, KeyKind.Secp256k1, 0);
        hand.privateKey = (seed >> 8) + 1;
        _consents(hand, digest, other, 0);
        hand.kind = KeyKind.P256;
        _consents(hand, digest, other, 64);
        hand.kind = KeyKind.WebAuthn;
        _consents(hand, digest, other, 64);
    }

    function _consents(Hand memory hand, bytes32 digest, bytes32 other, uint256 skip) private view {
        bytes memory key = Hands.publicKeyOf(hand);
        bytes memory signature = _tail(Hands.sign(hand, digest), skip);
        Expect.same(
            _consortium.isSignedBy(hand.kind, key, digest, signature),
            true,
            "a good consent was refused"
        );
        Expect.same(
            _consortium.isSignedBy(hand.kind, key, other, signature),
            false,
            "another message passed"
        );
        Expect.same(
            _consortium.isSignedBy(KeyKind.Unspecified, key, digest, signature),
            false,
            "no kind passed"
        );
        Expect.same(_consortium.isSignedBy(hand.kind, key, digest, ""), false, "an empty signature passed");
        Expect.same(_consortium.isSignedBy(hand.kind, "", digest, signature), false, "an empty key passed");
    }

    function test_consentOfAPasskeyIsGivenToTheSigningRelyingPartyAlone() public {
        Hand memory hand = Hands.officer(9, 0, 1, KeyKind.WebAuthn, 0);
        bytes memory key = Hands.publicKeyOf(hand);
        bytes memory elsewhere = Hands.passkeyAnswer(hand, ACT, sha256("evil.example"), PRESENT_AND_VERIFIED);
        Expect.same(
            _consortium.isSignedBy(hand.kind, key, ACT, elsewhere),
            false,
            "another site's answer passed"
        );
        bytes memory absent = Hands.passkeyAnswer(hand, ACT, RP_ID_HASH, 0x01);
        Expect.same(_consortium.isSignedBy(hand.kind, key, ACT, absent), false, "an unverified user passed");
        bytes memory answer = Hands.passkeyAnswer(hand, ACT, RP_ID_HASH, PRESENT_AND_VERIFIED);
        Expect.same(_consortium.isSignedBy(hand.kind, key, ACT, answer), true, "a good consent was refused");
        Measure memory measure = _measure(MeasureKind.SetPolicy);
        measure.name = keccak256("signingRelyingParty");
        _enact(measure);
        Expect.same(
            _consortium.isSignedBy(hand.kind, key, ACT, answer),
            false,
            "a passkey of no site passed"
        );
    }

    function _tail(bytes memory whole, uint256 skip) private pure returns (bytes memory part) {
        part = new bytes(whole.length - skip);
        for (uint256 i = 0; i < part.length; ++i) part[i] = whole[i + skip];
    }

    /// Gas of the whole check at Osaka, storage cold, the call's own cost apart: the regression that is seen.
    function test_gasOfTwoSecp256k1Officers() public {
        _costsAtMost(25_200, Hands.senior(1, 0), Hands.senior(1, 1));
    }

    function test_gasOfASecp256k1AndAP256Officer() public {
        _costsAtMost(42_400, Hands.senior(1, 0), Hands.p256Hand());
    }

    function test_gasOfASecp256k1AndAPasskeyOfficer() public {
        _costsAtMost(51_500, Hands.senior(1, 0), Hands.passkeyHand());
    }

    function _costsAtMost(uint256 limit, Hand memory preparer, Hand memory approver) private {
        _ask(preparer, approver);
        uint256 gas = VM.lastCallGas().gasTotalUsed;
        Expect.below(gas, limit, string.concat("it took ", VM.toString(gas)));
    }
}
