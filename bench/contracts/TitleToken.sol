// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// @title What a land register is without rules: a token a parcel, minted by anybody, owned by one
/// @notice Measured beside the register of land, never deployed with it.
contract TitleToken is ERC721 {
    constructor() ERC721("Titles", "TITLE") {}

    /// @notice Gives a token that nobody has to an owner.
    function mint(address owner, uint256 id) external {
        _mint(owner, id);
    }
}
