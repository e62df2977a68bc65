// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBenefitLedger} from "../../contracts/interfaces/IBenefitLedger.sol";
import {IBenefitViews} from "../../contracts/interfaces/IBenefitViews.sol";
import {ICharter} from "../../contracts/interfaces/ICharter.sol";
import {Founding, IConsortium, Possessions} from "../../contracts/interfaces/IConsortium.sol";
import {ICouncil} from "../../contracts/interfaces/ICouncil.sol";
import {INotary} from "../../contracts/interfaces/INotary.sol";
import {IPersonnel} from "../../contracts/interfaces/IPersonnel.sol";
import {ISafeguards} from "../../contracts/interfaces/ISafeguards.sol";
import {LEDGER_NONCE, VM} from "./Vm.sol";

/// @title The contracts as they are deployed
/// @notice Each is created from the artifact of the build, so a test compiles interfaces and libraries only, and
/// what it runs is byte for byte what Ignition deploys.
library Artifacts {
    /// Of the file that is named after it. A constructor's refusal is passed on.
    function create(string memory name, bytes memory arguments) internal returns (address made) {
        bytes memory code = bytes.concat(VM.getCode(string.concat(name, ".sol:", name)), arguments);
        assembly ("memory-safe") {
            made := create(0, add(code, 32), mload(code))
            if iszero(made) {
                let refusal := mload(0x40)
                returndatacopy(refusal, 0, returndatasize())
                revert(refusal, returndatasize())
            }
        }
    }

    function charter(address[] memory validators, address founder) internal returns (ICharter) {
        return ICharter(create("Charter", abi.encode(validators, founder)));
    }

    function council(ICharter charter_) internal returns (ICouncil) {
        return ICouncil(create("Council", abi.encode(charter_)));
    }

    function safeguards(ICharter charter_, address predecessor) internal returns (ISafeguards) {
        return ISafeguards(create("Safeguards", abi.encode(charter_, LEDGER_NONCE, predecessor)));
    }

    function personnel(ICharter charter_, address predecessor) internal returns (IPersonnel) {
        return IPersonnel(create("Personnel", abi.encode(charter_, LEDGER_NONCE, predecessor)));
    }

    function consortium(
        ICharter charter_,
        address predecessor,
        address council_,
        ISafeguards safeguards_,
        Founding memory file,
        Possessions[] memory possessions
    ) internal returns (IConsortium) {
        bytes memory arguments = abi.encode(charter_, predecessor, council_, safeguards_, file, possessions);
        return IConsortium(create("Consortium", arguments));
    }

    function notary(ICharter charter_, address predecessor) internal returns (INotary) {
        return INotary(create("Notary", abi.encode(charter_, LEDGER_NONCE, predecessor)));
    }

    function benefitLedger(ICharter charter_, address predecessor) internal returns (IBenefitLedger) {
        (address rules, address standingRules) = (create("BenefitRules", ""), create("StandingRules", ""));
        bytes memory arguments = abi.encode(charter_, LEDGER_NONCE, predecessor, rules, standingRules);
        return IBenefitLedger(create("BenefitLedger", arguments));
    }

    function benefitViews(IBenefitLedger ledger) internal returns (IBenefitViews) {
        return IBenefitViews(create("BenefitViews", abi.encode(ledger)));
    }
}
