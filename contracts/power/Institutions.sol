// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Constitution, IConsortium} from "../interfaces/IConsortium.sol";
import {InstitutionId, NO_INSTITUTION, OfficeId} from "../interfaces/IJournal.sol";
import {Due} from "../journal/Due.sol";
import {Outliving} from "./Outliving.sol";
import {Roles} from "./Roles.sol";

/// @title Institutions, which of them vote, and how many votes decide
/// @notice Promises that an institution's number is given once, that a quorum set can be reached by the active members,
/// from three on without any one, and that a seated consortium's quorum never falls below two (P4). What leaving and
/// suspending leave is for the Council to look at. The caller decides who may change anything, and says so in events.
library Institutions {
    /// @dev Bits of one half word: suspension, membership and a vote's tally read together with what else a
    /// check needs. Numbers are not used again, so this is also the most institutions a consortium ever has.
    uint256 internal constant MAX_NUMBER = 127;
    /// @dev Shortest and longest wait a vote can set; a founding file may set none, for demonstrations.
    uint256 internal constant MIN_WAIT_SECONDS = 1 days;
    uint256 internal constant MAX_WAIT_SECONDS = 90 days;
    uint8 private constant _SEATED_QUORUM = 2;
    /// @dev A suspension is decided again or ends: two of three cannot keep the third away for good (P9).
    uint256 internal constant MAX_SUSPENSION_SECONDS = 30 days;
    /// @dev And as long as it lasted nobody begins another: else the next would begin with the second this one ends.
    uint256 internal constant SUSPENSION_REST_SECONDS = 30 days;

    /// @dev The first word is what every act of every register asks, and what certificates prove.
    /// @param barred Expelled, or suspended whether or not that is over: `barredNow` looks.
    /// @param amendments Without those suspensions that ended by themselves and are still among the barred.
    /// @param outlives Three or more are members.
    struct Table {
        uint128 barred;
        uint32 pausedScope;
        uint8 quorum;
        bool seated;
        uint32 amendments;
        bool outlives;
        uint128 members;
        uint32 wideningWaitSeconds;
        uint32 appointmentWaitSeconds;
        uint128 expelled;
        mapping(InstitutionId => uint32) roles;
        mapping(OfficeId => InstitutionId) keeperOf;
        mapping(InstitutionId => uint40) suspendedUntil;
    }

    /// @notice Gives an institution its number and the roles its officers may have.
    function admit(Table storage self, InstitutionId institution, uint256 roles) internal {
        uint16 number = InstitutionId.unwrap(institution);
        if (number == 0 || number > MAX_NUMBER || self.roles[institution] != 0) {
            revert IConsortium.InstitutionNumberTaken();
        }
        _requireRoles(roles);
        self.roles[institution] = uint32(roles);
        if (roles & Roles.VOTE != 0) _join(self, bitOf(institution));
        else ++self.amendments;
    }

    /// @notice Ends an institution's part for good.
    function expel(Table storage self, InstitutionId institution) internal {
        uint128 bit = requirePresent(self, institution);
        _settle(self);
        self.expelled |= bit;
        self.barred |= bit;
        _leave(self, bit);
    }

    /// @notice Stops an institution's officers until the suspension ends or is lifted.
    /// @return until First second at which they count again.
    function suspend(Table storage self, InstitutionId institution) internal returns (uint64 until) {
        uint128 bit = requirePresent(self, institution);
        _settle(self);
        if (self.barred & bit != 0) revert IConsortium.InstitutionUnchanged();
        uint64 last = self.suspendedUntil[institution];
        if (last != 0 && !Due.reached(uint64(last + SUSPENSION_REST_SECONDS))) {
            revert IConsortium.SuspensionTooSoon(SUSPENSION_REST_SECONDS / 1 days);
        }
        self.barred |= bit;
        until = uint64(Due.now_() + MAX_SUSPENSION_SECONDS);
        self.suspendedUntil[institution] = uint40(until);
        ++self.amendments;
    }

    /// @notice Lifts a suspension.
    function lift(Table storage self, InstitutionId institution) internal {
        uint128 bit = requirePresent(self, institution);
        _settle(self);
        if (self.barred & bit == 0) revert IConsortium.InstitutionUnchanged();
        self.barred &= ~bit;
        self.suspendedUntil[institution] = uint40(Due.now_());
        ++self.amendments;
    }

    /// @notice Lets an institution give more roles, or gives or takes its vote.
    /// @dev Other roles never shrink: officers keep what they were appointed with, so taking a role from the
    /// institution alone would only look like taking it.
    function setRoles(Table storage self, InstitutionId institution, uint256 roles) internal {
        uint128 bit = requirePresent(self, institution);
        uint32 before = self.roles[institution];
        if (roles == before) revert IConsortium.InstitutionUnchanged();
        _requireRoles(roles);
        if (before & ~roles & ~Roles.VOTE != 0) revert IConsortium.RolesOutOfRange();
        self.roles[institution] = uint32(roles);
        if (roles & Roles.VOTE != 0) _join(self, bit);
        else _leave(self, bit);
    }

    /// @notice Sets the wait a vote may set, from a vote to what widens power.
    function setWideningWait(Table storage self, uint256 waitSeconds) internal {
        self.wideningWaitSeconds = requireWait(waitSeconds);
        ++self.amendments;
    }

    /// @notice Gives an office nobody keeps yet to an institution: founding names each once.
    function giveOffice(Table storage self, OfficeId office, InstitutionId keeper) internal {
        if (self.keeperOf[office] != NO_INSTITUTION) revert IConsortium.OfficeUnchanged();
        moveOffice(self, office, keeper);
    }

    /// @notice Gives an office to another institution, from now on its only keeper.
    function moveOffice(Table storage self, OfficeId office, InstitutionId keeper) internal {
        requirePresent(self, keeper);
        if (OfficeId.unwrap(office) == 0 || self.keeperOf[office] == keeper) {
            revert IConsortium.OfficeUnchanged();
        }
        self.keeperOf[office] = keeper;
    }

    /// @notice Sets how many votes decide; two or more seat the consortium.
    /// @return seatedNow Whether this seated it.
    function setQuorum(Table storage self, uint256 quorum) internal returns (bool seatedNow) {
        uint256 members = count(self.members);
        if (
            quorum == 0 ||
            quorum > count(activeMembers(self)) ||
            (members >= Outliving.MEMBERS && quorum == members) ||
            (self.seated && quorum < _SEATED_QUORUM)
        ) revert IConsortium.QuorumOutOfRange();
        self.quorum = uint8(quorum);
        ++self.amendments;
        seatedNow = !self.seated && quorum >= _SEATED_QUORUM;
        if (seatedNow) self.seated = true;
    }

    /// @notice The waits of a founding file, which may be none: a demonstration shows everything in an hour.
    function setFoundingWaits(
        Table storage self,
        uint32 wideningWaitSeconds,
        uint32 appointmentWaitSeconds
    ) internal {
        if (wideningWaitSeconds > MAX_WAIT_SECONDS || appointmentWaitSeconds > MAX_WAIT_SECONDS) {
            revert IConsortium.WaitOutOfRange(0, MAX_WAIT_SECONDS);
        }
        self.wideningWaitSeconds = wideningWaitSeconds;
        self.appointmentWaitSeconds = appointmentWaitSeconds;
    }

    /// @notice A wait a vote may set.
    function requireWait(uint256 waitSeconds) internal pure returns (uint32) {
        if (waitSeconds < MIN_WAIT_SECONDS || waitSeconds > MAX_WAIT_SECONDS) {
            revert IConsortium.WaitOutOfRange(MIN_WAIT_SECONDS, MAX_WAIT_SECONDS);
        }
        return uint32(waitSeconds);
    }

    /// @notice Institutions whose officers do not count now. Costs nothing more while none is barred.
    function barredNow(Table storage self) internal view returns (uint128 barred) {
        barred = self.barred;
        if (barred == 0) return 0;
        uint128 rest = barred & ~self.expelled;
        for (uint16 number = 1; rest >> number != 0; ++number) {
            bool suspended = (rest >> number) & 1 != 0;
            if (suspended && Due.reached(self.suspendedUntil[InstitutionId.wrap(number)])) {
                barred &= ~(uint128(1) << number);
            }
        }
    }

    /// @notice Members whose votes count now.
    function activeMembers(Table storage self) internal view returns (uint128) {
        return self.members & ~barredNow(self);
    }

    /// @notice How the members decide now.
    function constitution(Table storage self) internal view returns (Constitution memory) {
        return
            Constitution({
                quorum: self.quorum,
                seated: self.seated,
                members: self.members,
                activeMembers: activeMembers(self),
                wideningWaitSeconds: self.wideningWaitSeconds,
                appointmentWaitSeconds: self.appointmentWaitSeconds,
                amendments: self.amendments + uint32(count(_over(self)))
            });
    }

    /// @notice The bit of an institution in every word of institutions.
    function bitOf(InstitutionId institution) internal pure returns (uint128) {
        return uint128(1) << uint8(InstitutionId.unwrap(institution));
    }

    /// @notice Bits set; at most `MAX_NUMBER` rounds.
    function count(uint128 word) internal pure returns (uint256 bits) {
        for (; word != 0; word &= word - 1) ++bits;
    }

    /// @notice Reverts unless an institution was admitted and not expelled.
    function requirePresent(
        Table storage self,
        InstitutionId institution
    ) internal view returns (uint128 bit) {
        if (self.roles[institution] == 0) revert IConsortium.InstitutionUnknown();
        bit = bitOf(institution);
        if (self.expelled & bit != 0) revert IConsortium.InstitutionUnchanged();
    }

    function _requireRoles(uint256 roles) private pure {
        if (roles == 0 || roles & ~uint256(Roles.ALL) != 0) revert IConsortium.RolesOutOfRange();
    }

    /// @dev Suspensions that ended by themselves. Each is an amendment: who decides has changed with it.
    function _over(Table storage self) private view returns (uint128) {
        return self.barred & ~barredNow(self);
    }

    /// @dev Forgets the suspensions that are over, and keeps count of them.
    function _settle(Table storage self) private {
        uint128 over = _over(self);
        if (over == 0) return;
        self.barred &= ~over;
        self.amendments += uint32(count(over));
    }

    function _join(Table storage self, uint128 bit) private {
        self.members |= bit;
        self.outlives = count(self.members) >= Outliving.MEMBERS;
        ++self.amendments;
    }

    function _leave(Table storage self, uint128 bit) private {
        self.members &= ~bit;
        ++self.amendments;
    }
}
