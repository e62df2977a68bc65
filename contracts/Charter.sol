// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICharter} from "./interfaces/ICharter.sol";

/// @title The one contract of genesis
/// @dev The four slots are part of the ledger's format: an outside verifier proves them without asking a node.
/// No immutable and no other storage, so that a genesis file can hold the contract with its slots written by hand.
contract Charter is ICharter {
    /// @notice A chain of one seals alone. What a vote may leave is for the Council to judge: four never become three.
    uint256 public constant MIN_VALIDATORS = 1;
    /// @notice What verifiers are tried with: a proof of the set is one slot a validator.
    uint256 public constant MAX_VALIDATORS = 128;

    address[] private _validators; // slot 0
    address private _authority; // slot 1
    mapping(bytes32 name => address register) private _registers; // slot 2
    uint256 private _chainId; // slot 3, for verifiers alone: headers do not say whose chain they are of

    /// @dev Emits nothing: in a genesis file there are no logs, so nobody may depend on them.
    /// @param validators The first set.
    /// @param founder Who names the registers and then hands over to the Consortium.
    constructor(address[] memory validators, address founder) {
        if (validators.length < MIN_VALIDATORS) revert TooFewValidators(MIN_VALIDATORS);
        if (validators.length > MAX_VALIDATORS) revert TooManyValidators(MAX_VALIDATORS);
        for (uint256 i = 0; i < validators.length; ++i) {
            if (_positionOf(validators[i]) != 0 || validators[i] == address(0))
                revert ValidatorSetUnchanged();
            _validators.push(validators[i]);
        }
        _authority = founder;
        _chainId = block.chainid;
    }

    modifier onlyAuthority() {
        _requireAuthority();
        _;
    }

    /// @inheritdoc ICharter
    function addValidator(address validator) external onlyAuthority {
        if (validator == address(0) || _positionOf(validator) != 0) revert ValidatorSetUnchanged();
        if (_validators.length == MAX_VALIDATORS) revert TooManyValidators(MAX_VALIDATORS);
        _validators.push(validator);
        emit ValidatorAdded(validator);
    }

    /// @inheritdoc ICharter
    function removeValidator(address validator) external onlyAuthority {
        uint256 position = _positionOf(validator);
        if (position == 0) revert ValidatorSetUnchanged();
        if (_validators.length == MIN_VALIDATORS) revert TooFewValidators(MIN_VALIDATORS);
        _validators[position - 1] = _validators[_validators.length - 1];
        _validators.pop();
        emit ValidatorRemoved(validator);
    }

    /// @inheritdoc ICharter
    function setAuthority(address next) external onlyAuthority {
        if (next.code.length == 0) revert NotAContract();
        _authority = next;
        emit AuthorityChanged(next);
    }

    /// @inheritdoc ICharter
    function setRegister(bytes32 name, address register) external onlyAuthority {
        if (register.code.length == 0) revert NotAContract();
        _registers[name] = register;
        emit RegisterNamed(name, register);
    }

    /// @inheritdoc ICharter
    function getValidators() external view returns (address[] memory) {
        return _validators;
    }

    /// @inheritdoc ICharter
    function authority() external view returns (address) {
        return _authority;
    }

    /// @inheritdoc ICharter
    function registerOf(bytes32 name) external view returns (address) {
        return _registers[name];
    }

    function _requireAuthority() private view {
        if (msg.sender != _authority) revert NotTheAuthority();
    }

    /// @dev 1-based, 0 when absent. Bounded by MAX_VALIDATORS.
    function _positionOf(address validator) private view returns (uint256) {
        for (uint256 i = 0; i < _validators.length; ++i) {
            if (_validators[i] == validator) return i + 1;
        }
        return 0;
    }
}
