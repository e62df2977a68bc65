// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    CycleEnvelope,
    CycleId,
    CycleStep,
    DefineProgramme,
    Enrol,
    FundsMove,
    ItemKind,
    MoveCycle,
    MoveFunds,
    PauseProgramme,
    ProgrammeId,
    RedemptionBatch,
    ReleaseCredit,
    ResumeProgramme,
    SetCard,
    SetTill,
    SetVendor,
    Settle,
    Standing,
    TillId,
    VendorId
} from "../../../contracts/interfaces/BenefitActs.sol";
import {BENEFIT_TIER_POLICY, IBenefitLedger} from "../../../contracts/interfaces/IBenefitLedger.sol";
import {IBenefitViews, Money} from "../../../contracts/interfaces/IBenefitViews.sol";
import {
    Appointment,
    Founding,
    FoundingInstitution,
    FoundingPolicy,
    FoundingValidator,
    FoundingVerifier,
    KeyKind
} from "../../../contracts/interfaces/IConsortium.sol";
import {IJournal, InstitutionId, Signatures} from "../../../contracts/interfaces/IJournal.sol";
import {Roles} from "../../../contracts/power/Roles.sol";
import {Expect} from "../Expect.sol";
import {Artifacts} from "../Artifacts.sol";
import {Founded} from "../Founded.sol";
import {Hand, Hands, SENIOR} from "../Hands.sol";
import {Typed, HEAD_TYPE} from "../Typed.sol";
import {LEDGER_NONCE, VM} from "../Vm.sol";
import {
    BenefitTyped,
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
import {Sale} from "./Sale.sol";
import {Tables} from "./Tables.sol";

/// @title A founded ledger with one agency, its programme, people and vendor, all with real keys
/// @notice Type strings are written here anew: a contract that hashed another message would fail every test.
abstract contract BenefitWorld is Founded {
    ProgrammeId internal constant PROGRAMME = ProgrammeId.wrap(keccak256("programme"));
    VendorId internal constant VENDOR = VendorId.wrap(keccak256("vendor"));
    TillId internal constant TILL = TillId.wrap(1);
    CycleId internal constant CYCLE = CycleId.wrap(1);
    uint256 internal constant TILL_KEY = 0x7111;
    uint16 internal constant AGENCY = 2;
    uint16 internal constant EPOCH = 1;
    uint16 internal constant CURRENCY = 404;
    uint64 internal constant UNIT_VALUE = 150;
    uint64 internal constant OPENS = START + 1 hours;
    uint64 internal constant CLOSES = START + 30 days;
    uint64 internal constant POSTS = START + 31 days;
    uint32 internal constant MOST = 1000;
    uint32 internal constant DISPUTE = 2 days;
    uint128 internal constant TIER = 1_000_000_000;
    uint32 internal constant OFFLINE = 3 days;
    uint32 internal constant AID = Roles.AID_PREPARER | Roles.AID_APPROVER;

    IBenefitLedger internal _ledger;
    IBenefitViews internal _views;
    /// The programme that acts and sales are of.
    ProgrammeId internal _programme = PROGRAMME;
    /// The office that acts are of.
    uint32 internal _office;
    Hand internal _preparer;
    Hand internal _approver;

    function _foundLedger(uint8 quorum) internal {
        address[] memory validators = new address[](1);
        validators[0] = address(0xA1);
        _lay(validators);
        Founding memory file;
        file.institutions = new FoundingInstitution[](3);
        file.officers = new Appointment[](9);
        for (uint16 i = 0; i < 3; ++i) {
            file.institutions[i] = FoundingInstitution(InstitutionId.wrap(i + 1), SENIOR | AID);
            file.officers[2 * i] = _appointmentOf(_officer(i + 1, 0));
            file.officers[2 * i + 1] = _appointmentOf(_officer(i + 1, 1));
            file.officers[6 + i] = _appointmentOf(Hands.third(i + 1));
        }
        file.ledgerNonce = LEDGER_NONCE;
        file.verifiers = new FoundingVerifier[](0);
        file.policies = new FoundingPolicy[](1);
        file.policies[0] = FoundingPolicy(keccak256(abi.encode(BENEFIT_TIER_POLICY, CURRENCY)), TIER);
        file.validators = new FoundingValidator[](1);
        file.validators[0] = FoundingValidator(validators[0], InstitutionId.wrap(1));
        file.quorum = quorum;
        _establish(file, _foundingPossessions(file));
        _ledger = Artifacts.benefitLedger(_charter, address(0));
        _views = Artifacts.benefitViews(_ledger);
        _preparer = _officer(AGENCY, 0);
        _approver = _officer(AGENCY, 1);
    }

    function _officer(uint16 institution, uint256 which) internal pure returns (Hand memory) {
        return Hands.officer(institution, 0, SENIOR | AID, KeyKind.Secp256k1, which);
    }

    /// A programme with money, people, a vendor and a till.
    function _begin(uint128 amountMinor, uint32 people) internal {
        _define(_programmeAct());
        _move(FundsMove.Fund, amountMinor, 0);
        _enrolAll(people, 0);
        _vendor(Standing.Active, 0, 0);
        _till(Standing.Active, 0);
    }

    // ---- acts, signed and sent ----

    function _programmeAct() internal returns (DefineProgramme memory act) {
        act.head = _headFor(_preparer, _office);
        act.programme = _programme;
        act.institution = InstitutionId.wrap(AGENCY);
        act.currency = CURRENCY;
        act.mostPerRedemptionUnits = MOST;
        act.disputeSeconds = DISPUTE;
        act.mostOfflineSeconds = OFFLINE;
        act.policyHash = keccak256("policy");
    }

    function _define(DefineProgramme memory act) internal {
        _ledger.defineProgramme(act, _signed(DEFINE_TYPE, abi.encode(act)));
    }

    function _move(FundsMove way, uint128 amountMinor, uint128 before) internal {
        MoveFunds memory act = _moveAct(way, amountMinor, before);
        _ledger.moveFunds(act, _signed(MOVE_TYPE, abi.encode(act)));
    }

    function _moveAct(
        FundsMove way,
        uint128 amountMinor,
        uint128 before
    ) internal returns (MoveFunds memory act) {
        return
            MoveFunds(
                _headFor(_preparer, _office),
                _programme,
                way,
                amountMinor,
                before,
                keccak256("source")
            );
    }

    function _pause(uint64 until, uint32 version) internal {
        PauseProgramme memory act = PauseProgramme(
            _headFor(_preparer, _office),
            _programme,
            until,
            false,
            version
        );
        _ledger.pauseProgramme(act, _signed(PAUSE_TYPE, abi.encode(act)));
    }

    function _resume(uint32 version) internal {
        ResumeProgramme memory act = ResumeProgramme(_headFor(_preparer, _office), _programme, version);
        _ledger.resumeProgramme(act, _signed(RESUME_TYPE, abi.encode(act)));
    }

    function _enrolAct(uint32 start, uint256[] memory slots) internal returns (Enrol memory act) {
        return
            Enrol(
                _headFor(_preparer, _office),
                _programme,
                EPOCH,
                start,
                uint32(slots.length),
                Tables.fold(slots, 0, slots.length),
                _views.enrolmentOf(_programme, EPOCH).version
            );
    }

    function _enrolAll(uint32 people, uint32 start) internal {
        uint256[] memory slots = new uint256[](people);
        for (uint256 i = 0; i < people; ++i) slots[i] = _slotOf(start + i);
        Enrol memory act = _enrolAct(start, slots);
        _ledger.enrol(act, _signed(ENROL_TYPE, abi.encode(act)));
        _ledger.loadSlots(_programme, EPOCH, start, slots, 0);
    }

    /// Another card in the place of the person's.
    function _replace(uint32 index, uint256 key) internal {
        uint16 next = _views.cardOf(_programme, EPOCH, index).cardEpoch + 1;
        _setCard(index, next, key, Standing.Active);
    }

    function _setCard(uint32 index, uint16 cardEpoch, uint256 key, Standing standing) internal {
        SetCard memory act = SetCard(
            _headFor(_preparer, _office),
            _programme,
            EPOCH,
            index,
            cardEpoch,
            KeyKind.Secp256k1,
            VM.addr(key),
            standing,
            0,
            _views.cardOf(_programme, EPOCH, index).version
        );
        _ledger.setCard(act, _signed(CARD_TYPE, abi.encode(act)));
    }

    function _vendor(Standing standing, uint64 from, uint32 version) internal {
        SetVendor memory act = SetVendor(
            _headFor(_preparer, _office),
            VENDOR,
            InstitutionId.wrap(AGENCY),
            standing,
            from,
            version
        );
        _ledger.setVendor(act, _signed(VENDOR_TYPE, abi.encode(act)));
    }

    function _till(Standing standing, uint32 version) internal {
        SetTill memory act = SetTill(
            _headFor(_preparer, _office),
            VENDOR,
            TILL,
            KeyKind.Secp256k1,
            VM.addr(TILL_KEY),
            standing,
            version
        );
        _ledger.setTill(act, _signed(TILL_TYPE, abi.encode(act)));
    }

    function _envelope(
        CycleId cycle,
        uint8 lane,
        uint8 entryBytes,
        uint256[] memory words,
        uint32 count,
        uint64 total
    ) internal returns (CycleEnvelope memory act) {
        act.head = _headFor(_preparer, _office);
        act.programme = _programme;
        act.cycle = cycle;
        act.enrolmentEpoch = EPOCH;
        act.lane = lane;
        act.root = keccak256("roll");
        act.tableHash = Tables.fold(words, 0, words.length);
        act.count = count;
        act.totalUnits = total;
        act.entryBytes = entryBytes;
        act.unitValueMinor = UNIT_VALUE;
        act.currency = CURRENCY;
        (act.opensAt, act.spendUntil, act.postUntil) = (OPENS, CLOSES, POSTS);
    }

    function _open(CycleEnvelope memory act) internal {
        _ledger.openCycle(act, _signed(CYCLE_TYPE, abi.encode(act)));
    }

    /// A released cycle that gives each person the same units, and the time in its window.
    function _release(CycleId cycle, uint8 lane, uint8 entryBytes, uint32 count, uint32 units) internal {
        uint256[] memory words = Tables.table(entryBytes, count, units);
        _open(_envelope(cycle, lane, entryBytes, words, count, uint64(count) * units));
        _ledger.loadUnits(_programme, cycle, 0, words, 0);
        _ledger.finalise(_programme, cycle);
        uint64 opensAt = _views.cycleOf(_programme, cycle).opensAt;
        if (_now() < opensAt) VM.warp(opensAt);
    }

    function _step(CycleId cycle, CycleStep step, uint64 unspent) internal {
        _step(cycle, step, unspent, 0);
    }

    function _step(CycleId cycle, CycleStep step, uint64 unspent, uint64 endsAt) internal {
        MoveCycle memory act = MoveCycle(
            _headFor(_preparer, _office),
            _programme,
            cycle,
            step,
            unspent,
            endsAt
        );
        _ledger.moveCycle(act, _signed(STEP_TYPE, abi.encode(act)));
    }

    function _settleAct(CycleId cycle, uint64 before, uint64 units) internal returns (Settle memory) {
        return
            Settle(
                _headFor(_preparer, _office),
                _programme,
                cycle,
                VENDOR,
                before,
                units,
                uint128(units) * UNIT_VALUE,
                keccak256("statement")
            );
    }

    function _settle(CycleId cycle, uint64 before, uint64 units) internal {
        Settle memory act = _settleAct(cycle, before, units);
        _ledger.settle(act, _signed(SETTLE_TYPE, abi.encode(act)));
    }

    function _releaseAct(CycleId cycle, uint64 before, uint64 units) internal returns (ReleaseCredit memory) {
        return
            ReleaseCredit(
                _headFor(_preparer, _office),
                _programme,
                cycle,
                VENDOR,
                before,
                units,
                keccak256("case")
            );
    }

    function _releaseCredit(CycleId cycle, uint64 before, uint64 units) internal {
        ReleaseCredit memory act = _releaseAct(cycle, before, units);
        _ledger.releaseCredit(act, _signed(RELEASE_TYPE, abi.encode(act)));
    }

    // ---- what is signed and loaded ----

    function _keyOf(uint256 index) internal pure returns (uint256) {
        return 0xC0FFEE + index;
    }

    function _slotOf(uint256 index) internal pure virtual returns (uint256) {
        return Tables.slot(VM.addr(_keyOf(index)), KeyKind.Secp256k1, Standing.Active, 1, 0);
    }

    /// Both officers' signatures over an act given as `Name(ActHead head,...)` and its ABI encoding.
    function _signed(string memory actType, bytes memory act) internal view returns (Signatures memory) {
        return _signedBy(actType, act, _preparer, _approver);
    }

    function _signedBy(
        string memory actType,
        bytes memory act,
        Hand memory preparer,
        Hand memory approver
    ) internal view returns (Signatures memory) {
        return
            Typed.signed(
                _register(),
                "BenefitLedger",
                BenefitTyped.nameOf(actType),
                string.concat(HEAD_TYPE, actType),
                BenefitTyped.actHash(actType, act),
                preparer,
                approver
            );
    }

    function _register() internal view returns (IJournal) {
        return IJournal(address(_ledger));
    }

    function _requireB1() internal view {
        Money memory m = _views.money(_programme);
        uint256 sum = m.unallocatedMinor + m.outstandingMinor + m.heldMinor + m.instructedMinor;
        sum += m.redeemedMinor + m.expiredMinor + m.reclaimedMinor + m.defundedMinor;
        Expect.same(m.fundedMinor, sum, "B1: the money equation does not hold");
    }

    // ---- a till: what people buy, signed by their cards, packed, signed and posted ----

    function _sale(uint32 index, uint24 remaining, uint24 units) internal view returns (Sale memory sale) {
        sale.index = index;
        sale.cardEpoch = 1;
        sale.remainingBefore = remaining;
        sale.units = units;
        sale.soldAt = uint40(_now());
        sale.receiptHash = keccak256(abi.encode("receipt", index, remaining));
        sale.privateKey = _keyOf(index);
        sale.kind = ItemKind.Card;
    }

    function _only(Sale memory sale) internal pure returns (Sale[] memory sales) {
        sales = new Sale[](1);
        sales[0] = sale;
    }

    function _items(CycleId cycle, Sale[] memory sales) internal view returns (bytes32[] memory items) {
        for (uint256 i = 0; i < sales.length; ++i) items = Tables.concat(items, _item(cycle, sales[i]));
    }

    function _item(CycleId cycle, Sale memory sale) internal view returns (bytes32[] memory words) {
        bool isP256 = sale.kind == ItemKind.CardP256;
        words = new bytes32[](isP256 ? 6 : 4);
        words[0] = bytes32(
            uint256(sale.kind) |
                (uint256(sale.sequence) << 8) |
                (uint256(sale.cardEpoch) << 16) |
                (uint256(sale.index) << 32) |
                (uint256(sale.remainingBefore) << 64) |
                (uint256(sale.units) << 88) |
                (uint256(sale.soldAt) << 112)
        );
        words[1] = sale.receiptHash;
        bytes32 digest = Typed.saleDigest(_redemptionHash(cycle, sale));
        if (isP256) {
            (words[2], words[3]) = abi.decode(Hands.p256(sale.privateKey, digest), (bytes32, bytes32));
            (uint256 x, uint256 y) = VM.publicKeyP256(sale.privateKey);
            (words[4], words[5]) = (bytes32(x), bytes32(y));
        } else {
            (words[2], words[3]) = VM.signCompact(sale.privateKey, digest);
        }
    }

    function _redemptionHash(CycleId cycle, Sale memory sale) internal view returns (bytes32) {
        return
            keccak256(
                bytes.concat(
                    abi.encode(
                        keccak256(
                            "Redemption(bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 sequence,uint32 remainingBefore,uint32 units,bytes32 vendor,uint32 till,bytes32 leaseId,bytes32 receiptHash,uint64 soldAt)"
                        ),
                        _programme,
                        cycle,
                        EPOCH,
                        sale.index,
                        sale.cardEpoch
                    ),
                    abi.encode(
                        sale.sequence,
                        sale.remainingBefore,
                        sale.units,
                        VENDOR,
                        TILL,
                        bytes32(0),
                        sale.receiptHash,
                        sale.soldAt
                    )
                )
            );
    }

    function _batch(CycleId cycle, uint32 count) internal view returns (RedemptionBatch memory) {
        return RedemptionBatch(_programme, cycle, VENDOR, TILL, count, 0, uint64(_now() + 1 hours));
    }

    function _tillSigned(
        RedemptionBatch memory batch,
        bytes32[] memory items,
        uint256 key
    ) internal view returns (bytes memory) {
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 offlineSince,uint64 deadline,bytes32 itemsHash)"
                ),
                batch,
                keccak256(abi.encodePacked(items))
            )
        );
        (bytes32 r, bytes32 vs) = VM.signCompact(key, Typed.saleDigest(hash));
        return abi.encodePacked(r, vs);
    }

    function _redeem(CycleId cycle, Sale[] memory sales) internal returns (uint64) {
        bytes32[] memory items = _items(cycle, sales);
        RedemptionBatch memory batch = _batch(cycle, uint32(sales.length));
        return _ledger.redeem(batch, items, _tillSigned(batch, items, TILL_KEY));
    }
}
