// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "../../../contracts/interfaces/ICharter.sol";
import {
    Appointment,
    Founding,
    FoundingOffice,
    FoundingPolicy,
    IConsortium,
    KeyKind,
    KIND_MEASURE_BASE,
    Possessions
} from "../../../contracts/interfaces/IConsortium.sol";
import {ICouncil, Measure, MeasureKind} from "../../../contracts/interfaces/ICouncil.sol";
import {IJournal, InstitutionId, OfficeId, OfficerId} from "../../../contracts/interfaces/IJournal.sol";
import {ISafeguards} from "../../../contracts/interfaces/ISafeguards.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Founded} from "../Founded.sol";
import {Artifacts} from "../Artifacts.sol";
import {Hand, Hands, SENIOR} from "../Hands.sol";
import {Typed} from "../Typed.sol";
import {LEDGER_NONCE, VM} from "../Vm.sol";

/// What the members' votes do to officers, rules and the ledger itself.
contract MeasuresTest is Founded {
    bytes32 private constant REGISTER = keccak256("Safeguards");
    Appointment[] private _nobody;

    function setUp() public {
        _found(2, WIDENING_WAIT, APPOINTMENT_WAIT);
    }

    function _passAndExpect(Measure memory measure, bytes memory refusal) private {
        _pass(measure);
        VM.expectRevert(refusal);
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
    }

    function _to(MeasureKind kind, address target) private returns (Measure memory measure) {
        measure = _measure(kind);
        measure.target = target;
        if (kind == MeasureKind.AddValidator) measure.institution = InstitutionId.wrap(3);
    }

    function _revokeOwn(Hand memory hand) private {
        _resign(hand);
    }

    function _reseat(uint16 institution) private returns (Measure memory measure, Appointment[] memory pair) {
        pair = new Appointment[](2);
        pair[0] = _appointmentOf(Hands.officer(institution, 0, SENIOR, KeyKind.Secp256k1, 60));
        pair[1] = _appointmentOf(Hands.officer(institution, 0, SENIOR, KeyKind.Secp256k1, 61));
        measure = _measure(MeasureKind.ReseatInstitution);
        measure.institution = InstitutionId.wrap(institution);
        measure.appointmentsHash = keccak256(
            abi.encodePacked(Typed.appointmentHash(pair[0]), Typed.appointmentHash(pair[1]))
        );
    }

    function test_institutionLeftWithOneOfficerIsReseated() public {
        (Measure memory early, Appointment[] memory pair) = _reseat(3);
        _pass(early);
        Possessions[] memory proofs = _possessionsFor(pair);
        VM.expectRevert(IConsortium.InstitutionCanManage.selector);
        _council.execute(early, pair, proofs);
        _revokeOwn(Hands.senior(3, 1));
        _revokeOwn(Hands.third(3));
        Expect.same(_consortium.canManage(InstitutionId.wrap(3), false), false, "one officer can manage");
        _council.execute(early, pair, _possessionsFor(pair));
        Expect.same(_consortium.canManage(InstitutionId.wrap(3), false), true, "not reseated");
        bytes memory signature = Hands.sign(Hands.officer(3, 0, SENIOR, KeyKind.Secp256k1, 60), "digest");
        _consortium.requireOfficer(
            Hands.officer(3, 0, SENIOR, KeyKind.Secp256k1, 60).id,
            1,
            Roles.VOTE,
            "digest",
            signature
        );
    }

    function test_P5_waitIsSetWithinBoundsAndAfterTheOldOne() public {
        Measure memory measure = _measure(MeasureKind.SetWideningWait);
        measure.value = 1 days - 1;
        bytes memory refusal = abi.encodeWithSelector(IConsortium.WaitOutOfRange.selector, 1 days, 90 days);
        _passAndExpect(measure, refusal);
        measure = _measure(MeasureKind.SetAppointmentWait);
        measure.value = 90 days + 1;
        _passAndExpect(measure, refusal);
        measure.salt += 1000;
        measure.value = 5 days;
        measure.closesAt += 10 days;
        _enact(measure);
        measure.kind = MeasureKind.SetWideningWait;
        measure.value = 3 days;
        _enact(measure);
        Expect.same(_consortium.constitution().appointmentWaitSeconds, 5 days, "appointment wait");
        Expect.same(_consortium.constitution().wideningWaitSeconds, 3 days, "widening wait");
        Expect.same(block.timestamp, START + 4 * WIDENING_WAIT, "a wait was skipped");
    }

    function test_P5_verifierIsAllowedAfterAWaitAndDisallowedAtOnce() public {
        address another = address(_safeguards);
        Measure memory measure = _to(MeasureKind.AllowVerifier, another);
        measure.value = uint256(KeyKind.P256);
        _enact(measure);
        Expect.same(block.timestamp, START + WIDENING_WAIT, "it did not wait");
        Expect.same(_consortium.verifierOf(KeyKind.P256), another, "consents do not use it");
        _enact(_to(MeasureKind.DisallowVerifier, another));
        Expect.same(block.timestamp, START + WIDENING_WAIT, "it waited");
        Expect.same(_consortium.verifierOf(KeyKind.P256), address(0), "consents still use it");
        measure = _to(MeasureKind.DisallowVerifier, another);
        _passAndExpect(measure, abi.encodeWithSelector(IConsortium.VerifierNotAllowed.selector, another));
    }

    function test_P9_verifierThatWasDisallowedJudgesNoConsentOfAKindItServedBefore() public {
        Hand memory hand = Hands.p256Hand();
        bytes memory key = Hands.publicKeyOf(hand);
        bytes memory whole = Hands.sign(hand, "a consent");
        bytes memory signature = new bytes(64);
        for (uint256 i = 0; i < 64; ++i) signature[i] = whole[i + 64];
        Expect.same(
            _consortium.isSignedBy(KeyKind.P256, key, "a consent", signature),
            true,
            "a good consent was refused"
        );
        Measure memory measure = _to(MeasureKind.AllowVerifier, _p256Verifier);
        measure.value = uint256(KeyKind.WebAuthn);
        _enact(measure);
        _enact(_to(MeasureKind.DisallowVerifier, _p256Verifier));
        Expect.same(
            _consortium.isSignedBy(KeyKind.P256, key, "a consent", signature),
            false,
            "what was disallowed still judges"
        );
    }

    function test_verifierIsAContractForAKindThatNeedsOne() public {
        address[3] memory targets = [address(0xBEEF), _p256Verifier, _p256Verifier];
        uint256[3] memory kinds = [uint256(KeyKind.P256), uint256(KeyKind.Secp256k1), 4];
        for (uint256 i = 0; i < 3; ++i) {
            Measure memory measure = _to(MeasureKind.AllowVerifier, targets[i]);
            measure.value = kinds[i];
            bytes memory refusal = abi.encodeWithSelector(
                IConsortium.VerifierNotAllowed.selector,
                targets[i]
            );
            _passAndExpect(measure, refusal);
        }
    }

    function test_BB3_validatorsComeAndGoByVoteOnly() public {
        VM.expectRevert(ICharter.NotTheAuthority.selector);
        _charter.addValidator(address(0xA3));
        _enact(_to(MeasureKind.AddValidator, address(0xA3)));
        _enact(_to(MeasureKind.RemoveValidator, address(0xA1)));
        address[] memory set = _charter.getValidators();
        Expect.same(set.length, 2, "another set");
        Expect.same(set[0], address(0xA3), "another set");
        Expect.same(set[1], address(0xA2), "another set");
        _passAndExpect(
            _to(MeasureKind.RemoveValidator, address(0xA1)),
            abi.encodeWithSelector(ICharter.ValidatorSetUnchanged.selector)
        );
    }

    function _office(uint16 keeper, uint256 office) private returns (Measure memory measure) {
        measure = _measure(MeasureKind.MoveOffice);
        (measure.institution, measure.value) = (InstitutionId.wrap(keeper), office);
    }

    function _requireKeeper(uint32 office, uint16 keeper) private view {
        InstitutionId found = _consortium.officeKeeper(OfficeId.wrap(office));
        Expect.same(InstitutionId.unwrap(found), keeper, "another keeper");
    }

    function test_officeHasOneKeeperAndMovesByVoteOnly() public {
        _requireKeeper(7, 1);
        _requireKeeper(8, 0);
        bytes memory same = abi.encodeWithSelector(IConsortium.OfficeUnchanged.selector);
        _passAndExpect(_office(1, 7), same);
        _passAndExpect(_office(2, 0), same);
        _passAndExpect(_office(2, uint256(7) << 32), same);
        _passAndExpect(_office(9, 7), abi.encodeWithSelector(IConsortium.InstitutionUnknown.selector));
        _enact(_office(2, 7));
        _requireKeeper(7, 2);
        Expect.same(_now(), START + 5 * uint256(WIDENING_WAIT), "it did not wait");
    }

    function test_officeIsFoundedWithOneKeeper() public {
        Founding memory file = _foundingFile(2, 0, 0);
        file.offices = new FoundingOffice[](2);
        file.offices[0] = FoundingOffice(OfficeId.wrap(7), InstitutionId.wrap(1));
        file.offices[1] = FoundingOffice(OfficeId.wrap(7), InstitutionId.wrap(2));
        Possessions[] memory proofs = _foundingPossessions(file);
        VM.expectRevert(IConsortium.OfficeUnchanged.selector);
        _deployConsortium(address(0), file, proofs);
    }

    function test_policyIsSetByVote() public {
        Measure memory measure = _measure(MeasureKind.SetPolicy);
        (measure.name, measure.value) = ("noticeDays", 45);
        _enact(measure);
        Expect.same(_consortium.policyOf("noticeDays"), 45, "not set");
    }

    function test_registerIsPutInForceAndTheOneBeforeFreezesAndHandsOver() public {
        Measure memory measure = _to(MeasureKind.PutInForce, address(_safeguards));
        measure.name = REGISTER;
        _enact(measure);
        Expect.same(_charter.registerOf(REGISTER), address(_safeguards), "not named");
        ISafeguards next = Artifacts.safeguards(_charter, address(_safeguards));
        Expect.same(IJournal(address(next)).head(), 0, "begun too early");
        measure = _to(MeasureKind.PutInForce, address(next));
        measure.name = REGISTER;
        _enact(measure);
        Expect.same(_charter.registerOf(REGISTER), address(next), "not handed over");
        Expect.differ(IJournal(address(next)).head(), 0, "not handed over");
        Expect.same(IJournal(address(_safeguards)).successor(), address(next), "not frozen");
        measure = _to(MeasureKind.PutInForce, address(next));
        measure.name = REGISTER;
        _passAndExpect(measure, abi.encodeWithSelector(ICouncil.RegisterNamedTwice.selector));
    }

    function _plain(address predecessor) private returns (address) {
        return Artifacts.create("PlainRegister", abi.encode(_charter, LEDGER_NONCE, predecessor));
    }

    function test_P9_foldThatWasMistypedEndsNoRegister() public {
        bytes32 notary = keccak256("Notary");
        address first = _plain(address(0));
        Measure memory measure = _to(MeasureKind.PutInForce, first);
        measure.name = notary;
        _enact(measure);
        address lost = _plain(first);
        measure = _to(MeasureKind.PutInForce, lost);
        (measure.name, measure.value) = (notary, uint256(keccak256("mistyped")));
        _enact(measure);
        Expect.same(IJournal(lost).head(), 0, "it began with nothing that folds");
        address next = _plain(first);
        measure = _to(MeasureKind.PutInForce, next);
        measure.name = notary;
        _enact(measure);
        Expect.same(_charter.registerOf(notary), next, "another is in force");
        Expect.same(IJournal(first).successor(), next, "it is followed by another");
        Expect.differ(IJournal(next).head(), 0, "it did not begin");
    }

    function test_P9_directoryIsAClosedListAndHoldsARegisterOnce() public {
        Measure memory measure = _to(MeasureKind.PutInForce, address(_safeguards));
        measure.name = keccak256("Anything");
        _passAndExpect(measure, abi.encodeWithSelector(ICouncil.RegisterNotListed.selector));
        measure = _to(MeasureKind.PutInForce, address(_safeguards));
        measure.name = REGISTER;
        _enact(measure);
        measure = _to(MeasureKind.PutInForce, address(_safeguards));
        measure.name = keccak256("LandRegistry");
        _passAndExpect(measure, abi.encodeWithSelector(ICouncil.RegisterNamedTwice.selector));
    }

    function _passTo(Founding memory file, bool isRefused) private {
        Measure memory measure = _to(
            MeasureKind.PassAuthority,
            address(_deployConsortium(address(_consortium), file))
        );
        if (isRefused) _passAndExpect(measure, abi.encodeWithSelector(ICouncil.SuccessorIsWeaker.selector));
        else _enact(measure);
    }

    function test_P11_successorIsAtLeastAsStrong() public {
        _passTo(_foundingFile(1, WIDENING_WAIT, APPOINTMENT_WAIT), true);
        _passTo(_foundingFile(2, WIDENING_WAIT - 1, APPOINTMENT_WAIT), true);
        _passTo(_foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT - 1), true);
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        file.institutions[2].roles = SENIOR & ~Roles.VOTE;
        for (uint256 i = 4; i < 6; ++i) file.officers[i].roles = SENIOR & ~Roles.VOTE;
        _passTo(file, true);
        file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        file.policies[0].value += 1;
        _passTo(file, true);
        file.policies = new FoundingPolicy[](0);
        _passTo(file, true);
        file = _foundingFile(2, WIDENING_WAIT + 1, APPOINTMENT_WAIT);
        _passTo(file, false);
    }

    function test_P11_nobodyWhoWasRevokedBeginsAgainInASuccessor() public {
        Measure memory measure = _measure(MeasureKind.RevokeOfficer);
        measure.name = OfficerId.unwrap(Hands.p256Hand().id);
        _enact(measure);
        _passTo(_foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT), true);
        _passTo(_foundingWithout(Hands.p256Hand()), false);
    }

    function test_P11_noKeyThatEndedBeginsAgainInASuccessor() public {
        Hand memory gone = Hands.senior(3, 1);
        Measure memory measure = _measure(MeasureKind.RevokeOfficer);
        measure.name = OfficerId.unwrap(gone.id);
        _enact(measure);
        Hand memory fresh = Hands.senior(3, 77);
        Hand memory spare = Hands.senior(3, 78);
        _passAs(gone, spare, true);
        _passAs(fresh, gone, true);
        // Nor a key that is in force, for somebody else.
        _passAs(fresh, Hands.spareOf(Hands.p256Hand()), true);
        IConsortium next = _passAs(fresh, spare, false);
        // And nobody is given it afterwards.
        bytes4 used = IConsortium.KeyAlreadyUsed.selector;
        VM.prank(address(_personnel));
        VM.expectRevert(used);
        next.rotate(Hands.senior(1, 0).id, 1, _keyOf(gone), "");
        Appointment memory again = _appointmentOf(gone);
        (again.salt, again.spare) = ("another salt", _keyOf(Hands.senior(3, 79)));
        Possessions memory proofs = _possessed(
            gone,
            Hands.senior(3, 79),
            Typed.separator(IJournal(address(next)), "Consortium")
        );
        VM.prank(address(_personnel));
        VM.expectRevert(used);
        next.appoint(again, proofs);
    }

    function test_P11_aKeyInForceGoesOnInASuccessorAndComesBackToItsOfficer() public {
        Hand memory later = Hands.senior(3, 1);
        IConsortium next = _passAs(Hands.senior(3, 77), Hands.senior(3, 78), false);
        bytes32 digest = keccak256("anything");
        Hand memory first = Hands.senior(1, 0);
        next.requireOfficer(first.id, 1, Roles.VOTE, digest, Hands.sign(first, digest));
        Possessions memory proofs = _possessionsUnder(
            Typed.separator(IJournal(address(next)), "Consortium"),
            later
        );
        VM.prank(address(_personnel));
        next.appoint(_appointmentOf(later), proofs);
        Expect.same(next.mayHold(later.id, _keyOf(later).keyHash), true, "one who was not named comes back");
        Expect.same(next.mayHold(first.id, _keyOf(later).keyHash), false, "another's");
    }

    /// Passes authority to a founding with other keys in the place of institution 3's second officer, and without another.
    function _passAs(
        Hand memory first,
        Hand memory spare,
        bool isRefused
    ) private returns (IConsortium next) {
        uint256 place = 5;
        Founding memory file = _foundingWithout(Hands.p256Hand());
        Possessions[] memory possessions = _foundingPossessions(file);
        Expect.same(file.officers[place].key.keyHash, _keyOf(Hands.senior(3, 1)).keyHash, "another officer");
        file.officers[place].salt = "another salt";
        (file.officers[place].key, file.officers[place].spare) = (_keyOf(first), _keyOf(spare));
        possessions[place] = _possessed(first, spare, Typed.foundingSeparator(file.ledgerNonce));
        next = _deployConsortium(address(_consortium), file, possessions);
        Measure memory measure = _to(MeasureKind.PassAuthority, address(next));
        if (isRefused) _passAndExpect(measure, abi.encodeWithSelector(ICouncil.SuccessorIsWeaker.selector));
        else _enact(measure);
    }

    /// Both keys say that they are those of institution 3's officer whom they and another salt make.
    function _possessed(
        Hand memory first,
        Hand memory spare,
        bytes32 separator
    ) private view returns (Possessions memory) {
        OfficerId id = OfficerId.wrap(keccak256(abi.encode(_keyOf(first).keyHash, bytes32("another salt"))));
        (first.id, spare.id) = (id, id);
        spare.institution = first.institution;
        return
            Possessions(
                _possession(separator, first, _keyOf(first), 1),
                _possession(separator, spare, _keyOf(spare), 2)
            );
    }

    function test_P11_successorHoldsThePoliciesOfThisMomentAndOthersBesides() public {
        Measure memory measure = _measure(MeasureKind.SetPolicy);
        (measure.name, measure.value) = ("objectionDays", 14);
        _enact(measure);
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        _passTo(file, true);
        FoundingPolicy[] memory founded = file.policies;
        file.policies = new FoundingPolicy[](founded.length + 2);
        for (uint256 i = 0; i < founded.length; ++i) file.policies[i] = founded[i];
        file.policies[founded.length] = FoundingPolicy("more", 1);
        file.policies[founded.length + 1] = FoundingPolicy("objectionDays", 14);
        _passTo(file, false);
    }

    function test_P7_policiesAreABoundedNumber() public {
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        file.policies = new FoundingPolicy[](65);
        for (uint256 i = 0; i < 64; ++i) file.policies[i] = FoundingPolicy(keccak256(abi.encode(i)), i);
        file.policies[64] = file.policies[0];
        Expect.same(_deployConsortium(address(0), file).policyNames().length, 64, "one was kept twice");
        file.policies[64] = FoundingPolicy("one more", 1);
        {
            Possessions[] memory proofs = _foundingPossessions(file);
            VM.expectRevert(abi.encodeWithSelector(IConsortium.TooManyPolicies.selector, 64));
            _deployConsortium(address(0), file, proofs);
        }
    }

    function test_BB3_consortiumIsSucceededByVoteAndIsThenFrozen() public {
        Founding memory file = _foundingFile(2, WIDENING_WAIT, APPOINTMENT_WAIT);
        IConsortium next = _deployConsortium(address(_consortium), file);
        IConsortium previous = _consortium;
        Measure memory open = _to(MeasureKind.AddValidator, address(0xA3));
        _pass(open);
        _enact(_to(MeasureKind.PassAuthority, address(next)));
        Expect.same(_charter.authority(), address(next), "authority did not pass");
        Expect.same(IJournal(address(previous)).successor(), address(next), "not frozen");
        VM.expectRevert(ICouncil.QuorumMissing.selector);
        _council.execute(open, _nobody, _possessionsFor(_nobody));
        VM.prank(address(_council));
        VM.expectRevert(abi.encodeWithSelector(IJournal.RegisterIsFrozen.selector, address(next)));
        previous.enact("id", "hash", open, _nobody, new Possessions[](0));
        _consortium = next;
        _enact(_to(MeasureKind.AddValidator, address(0xA4)));
        Expect.same(_charter.getValidators().length, 3, "the successor does not govern");
    }

    function test_P8_measureIsAnEntryOfItsKindAboutItsSubject() public {
        Measure memory measure = _to(MeasureKind.AddValidator, address(0xA3));
        _pass(measure);
        bytes32 head = _journal().head();
        bytes32 leaf = keccak256(
            abi.encode(
                uint16(1),
                uint64(0),
                KIND_MEASURE_BASE + uint16(MeasureKind.AddValidator),
                _measureId(measure),
                uint256(0xA3),
                Typed.measureHash(measure),
                bytes32(0),
                bytes32(0),
                uint64(0),
                block.timestamp
            )
        );
        _council.execute(measure, _nobody, _possessionsFor(_nobody));
        Expect.same(_journal().head(), keccak256(abi.encode(head, leaf)), "another leaf");
    }
}
