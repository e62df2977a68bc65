// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The one contract of genesis: who validates, who governs, which register is in force
/// @notice Tiny and never replaced. Storage is part of the format: slot 0 `address[]` validators,
/// slot 1 the authority, slot 2 `mapping(bytes32 name => address)` of registers in force, slot 3 the chain's id.
interface ICharter {
    /// @notice A validator joined the set that seals from the next block on.
    event ValidatorAdded(address indexed validator);
    /// @notice A validator left the set that seals from the next block on.
    event ValidatorRemoved(address indexed validator);
    /// @notice Power passed to another authority.
    event AuthorityChanged(address indexed authority);
    /// @notice A register was put in force under its name.
    event RegisterNamed(bytes32 indexed name, address indexed register);

    /// @notice Thrown when the caller is not the authority.
    error NotTheAuthority();
    /// @notice Thrown when a validator to add is in the set, or one to remove is not.
    error ValidatorSetUnchanged();
    /// @notice Thrown when a removal would leave fewer validators than `MIN_VALIDATORS`.
    error TooFewValidators(uint256 minimum);
    /// @notice Thrown when an addition would pass `MAX_VALIDATORS`.
    error TooManyValidators(uint256 maximum);
    /// @notice Thrown when an address is zero or has no code where a contract is needed.
    error NotAContract();

    /// @notice The set that must seal the next block, as Besu's QBFT asks it.
    function getValidators() external view returns (address[] memory);
    /// @notice The founder's account until founding is complete, then the Consortium in force.
    function authority() external view returns (address);
    /// @notice The register in force under a name such as `keccak256("LandRegistry")`.
    function registerOf(bytes32 name) external view returns (address);

    /// @notice Adds a validator. Only the authority.
    function addValidator(address validator) external;
    /// @notice Removes a validator. Only the authority.
    function removeValidator(address validator) external;
    /// @notice Passes power on; the founder does it once, at the end of founding. Only the authority.
    function setAuthority(address next) external;
    /// @notice Names the register in force. Only the authority.
    function setRegister(bytes32 name, address register) external;
}
