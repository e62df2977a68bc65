// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The types of the register of land, each beside its hash
/// @notice A line of comment is the EIP-712 string of one type without those it contains. The hash under it is of the
/// whole string, a literal because a constant made of constants is computed anew at every use; a test reads this file,
/// computes every hash and counts the words of every struct that is hashed where it lies in memory.
library LandTypes {
    // Header(uint16 formatVersion,uint64 version,uint8 status,uint32 office,uint8 origin,uint8 evidence,
    // bytes32 baseUnit,uint64 quotaNumerator,uint64 quotaTotal,bytes32 membersRoot,uint32 memberCount,
    // uint32 nextId,uint64 effectiveOn)
    bytes32 internal constant HEADER_TYPEHASH =
        0x7bd4a2adf991329860ec97f156d77cd078900142654541d5346e03baaa9fff17;
    uint256 internal constant HEADER_WORDS = 13;

    // SpatialUnit(bytes32 id,bytes32 geometryCommitment)
    bytes32 internal constant SPATIAL_UNIT_TYPEHASH =
        0x7d486e80ec1c1540a8a7f1fe353d1a67e1eb13f85cfa155a50bf96c0dd1d1c0e;
    uint256 internal constant SPATIAL_UNIT_WORDS = 2;

    // Holding(uint32 holdingId,uint64 numerator,uint8 partyKind,uint8 signer,bytes32 keyHash,
    // bytes32 partyCommitment)
    bytes32 internal constant HOLDING_TYPEHASH =
        0x8a4a660aa31ef2e972d413864bbec4360c6420fe803027360eaac6714256e5f1;
    uint256 internal constant HOLDING_WORDS = 6;

    // Right(uint32 rightId,uint8 kind,uint8 standing,uint64 upgradesOn,uint64 expiresOn,uint8 tenancy,
    // uint32 targetRight,uint64 presentationNo,uint64 denominator,bytes32 termsCommitment,Holding[] holdings)
    bytes32 internal constant RIGHT_TYPEHASH =
        0x2181b39a168be1a1c3460e5c5c4fb8605fafb946a88a9897bfa52685e8776f36;
    uint256 internal constant RIGHT_WORDS = 11;

    // Restriction(uint32 restrictionId,uint8 kind,uint32 targetRight,uint32 targetHolding,uint16 rank,
    // uint64 presentationNo,bytes32 instrumentId,bytes32 holderKeyHash,uint64 blocks,uint64 needsConsent,
    // uint64 expiresOn,bytes32 termsCommitment)
    bytes32 internal constant RESTRICTION_TYPEHASH =
        0x8287b95817a580e4e9c265c5b365bf406e42041cd219a37b11850170dcf6530f;
    uint256 internal constant RESTRICTION_WORDS = 12;

    // Responsibility(uint32 responsibilityId,uint8 kind,uint32 targetRight,uint64 presentationNo,
    // bytes32 instrumentId,bytes32 holderKeyHash,uint64 expiresOn,bytes32 termsCommitment)
    bytes32 internal constant RESPONSIBILITY_TYPEHASH =
        0x16134c1753f646ac2c529be351bc208ea0995c0468925869d3a08b7942736aeb;
    uint256 internal constant RESPONSIBILITY_WORDS = 8;

    // Application(uint32 applicationId,uint8 act,bytes32 actHash,uint64 presentationNo,uint64 lodgedAt,
    // uint64 noticeUntil,uint64 lapsesAt,uint8 state)
    bytes32 internal constant APPLICATION_TYPEHASH =
        0x1625e4f9927836b456defc00dff769523b882d804c47f862f7766045863ce6d3;
    uint256 internal constant APPLICATION_WORDS = 8;

    // BAUnitState(Header header,SpatialUnit[] spatialUnits,Right[] rights,Restriction[] charges,
    // Restriction[] notices,Responsibility[] responsibilities,Application[] applications,bytes32 factsRoot,
    // bytes32 priorState)
    bytes32 internal constant BA_UNIT_STATE_TYPEHASH =
        0x11da6b1de9e6a3b43500a1623ed0b4970503da9855aeea498dbb9d1a4fd2da6f;

    // Title(bytes32 baUnit,BAUnitState state)
    bytes32 internal constant TITLE_TYPEHASH =
        0x525153d1496d4ce0fa084e5924f3e19bfd68bef5ce50296e4537fc3ca79c3b98;

    // UnitChange(bytes32 baUnit,bytes32 priorState)
    bytes32 internal constant UNIT_CHANGE_TYPEHASH =
        0x39f2f814632f1b360adbf8ae4d5bf673b06ce2ff9703de6ca3877d575ac08434;
    uint256 internal constant UNIT_CHANGE_WORDS = 2;

    // Release(UnitChange unit,uint32 restrictionId)
    bytes32 internal constant RELEASE_TYPEHASH =
        0x0080ece7315dc35732ff9f7330dc97cc5603a56f0e101182e936ead84993200f;

    // Portion(bytes32 baUnit,SpatialUnit[] spatialUnits,uint64 quotaNumerator)
    bytes32 internal constant PORTION_TYPEHASH =
        0x6073a715fd28965f5ff4c82fa6baef4c9cc95838417eb1f3b053de39740ef9bb;

    // Child(Portion portion,bytes32 factsRoot)
    bytes32 internal constant CHILD_TYPEHASH =
        0x8e1c5a00422f7839873c40aa8dd199fb2419f420baeec196719fc6c25ce7b966;

    // Consent(uint8 role,uint8 act,bytes32 baUnit,bytes32 unitsHash,uint32 subject,bytes32 termsHash,
    // uint64 effectiveOn,uint64 notBefore,uint64 deadline,bytes32 mandateCommitment)
    bytes32 internal constant CONSENT_TYPEHASH =
        0xa1b2eba07ab520e9bbdad8891015401dce46544461bc0ae0be0f72350dcaf3bf;

    // Sweep(bytes32 baUnit,bytes32 priorState)
    bytes32 internal constant SWEEP_TYPEHASH =
        0xd264d290e7146fec49d426b4f2b8c2a91a79d0f7f6583faf07f9b3958f37c19b;

    // RegisterTitle(ActHead head,Title title)
    bytes32 internal constant REGISTER_TITLE_TYPEHASH =
        0x2683fbaeec13b0b77a4794e10114ac0e6df3d628d39eed6409a22fe5d205b992;

    // RegisterParts(ActHead head,UnitChange base,Title[] parts)
    bytes32 internal constant REGISTER_PARTS_TYPEHASH =
        0xccbb05ac4d8fef23b2dde1d55c2417a00b8b3e7d350688607893d4a1d10180bb;

    // TransferRight(ActHead head,UnitChange unit,Right next)
    bytes32 internal constant TRANSFER_RIGHT_TYPEHASH =
        0x03a3c5742473c62ca40602aeb8a3a4469648cc07bea654e9fb6ce6fea95fce74;

    // CreateRestriction(ActHead head,UnitChange[] units,Restriction restriction)
    bytes32 internal constant CREATE_RESTRICTION_TYPEHASH =
        0x7a5cb10f8c2cfb039f58c71ec7afb1a6b47454a6f1359d218ebd7a2128c0e63d;

    // Discharge(ActHead head,Release[] releases)
    bytes32 internal constant DISCHARGE_TYPEHASH =
        0x5040a9eb9720757f183d04afc6548b669dd2a67f3a10e157206f5d54f53e32ed;

    // Subdivide(ActHead head,UnitChange unit,Child[] children)
    bytes32 internal constant SUBDIVIDE_TYPEHASH =
        0x2ee9b2354b80dfd9052edb7c5233e1e921726b6f5b233810dd8d549dd2fcad55;

    // OpenDivision(ActHead head,UnitChange unit,uint32 memberCount,bytes32 membersRoot)
    bytes32 internal constant OPEN_DIVISION_TYPEHASH =
        0xf685791455f96db5c2acbf901e44269a02b2b806b125a4e8c1c2bf6e95ddef4a;

    // CancelDivision(ActHead head,UnitChange unit)
    bytes32 internal constant CANCEL_DIVISION_TYPEHASH =
        0xff8ca1bed6678a89997600db36c0dacd77e5e5fe83d20ced0697dedc91851900;

    // LoadChildren(bytes32 baUnit,bytes32 membersRoot,Child[] children,bytes32 rest)
    bytes32 internal constant LOAD_CHILDREN_TYPEHASH =
        0xa98b8838743ff7f8b7464e096c99bc8a1962b492bddad07c4149dd08df3871b8;

    // CompleteDivision(bytes32 baUnit,bytes32 priorState)
    bytes32 internal constant COMPLETE_DIVISION_TYPEHASH =
        0xfa94342bdd861fa4dfd269213df6fd06e88f96fee267c2bbb24d62eaf6104ee8;

    // Claim(bytes32 parent,bytes32 membersRoot,Child child)
    bytes32 internal constant CLAIM_TYPEHASH =
        0x28301c6a01e811c7c772da9a9c5ebdc00950a97bd84df68a4b32d9806ef040d8;

    // Consolidate(ActHead head,UnitChange[] units,Child child,Right ownership)
    bytes32 internal constant CONSOLIDATE_TYPEHASH =
        0x11d3a0c3d78e25c84c72134d645438aa9b66a80d507e09db401fc59f653703ed;

    // Approval(RegisterTitle act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant REGISTER_TITLE_APPROVAL_TYPEHASH =
        0x7b8fb6078745e5b236d5ae8fa9222c02478cb344c4c8d55e746a34e9649038b3;

    // Approval(RegisterParts act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant REGISTER_PARTS_APPROVAL_TYPEHASH =
        0x67ea676b28e2e8ec0102043fead8c91895d794ab873e6a11b0161a5ffe8e8741;

    // Approval(TransferRight act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant TRANSFER_RIGHT_APPROVAL_TYPEHASH =
        0xf4d6941e2f3e07e0a5e247a498ba34091abcd5b843c56c904b353b7a8ed3fccf;

    // Approval(CreateRestriction act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant CREATE_RESTRICTION_APPROVAL_TYPEHASH =
        0x8a82d8b06a498a2205dd059605b32e6e8c0b91ec79f18f7eab6137c05a45f9b9;

    // Approval(Discharge act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant DISCHARGE_APPROVAL_TYPEHASH =
        0x379a7a9debcd0bac85e04040826b01a61e6a7a43f71a6cf31efa38c74900ebad;

    // Approval(Subdivide act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant SUBDIVIDE_APPROVAL_TYPEHASH =
        0xa745b6c3ec955dfecbd78a73903d286ae1d1ab64c96767fe86c427c0d7afa769;

    // Approval(OpenDivision act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant OPEN_DIVISION_APPROVAL_TYPEHASH =
        0x54cbb80c40be4a7f0c9f200209485ef146461069c7254ef66c923d5e110e448a;

    // Approval(CancelDivision act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant CANCEL_DIVISION_APPROVAL_TYPEHASH =
        0x7167ded3e61d41ebd2decb601787969ec404bfce003fee8bd97004d878e8ff40;

    // Approval(Consolidate act,bytes32 approver,uint32 approverEpoch,uint64 deadline)
    bytes32 internal constant CONSOLIDATE_APPROVAL_TYPEHASH =
        0x53eccfa2540cd54143f27dadb8bdcd3e66c9b8cc004a35a6c394900e99b55580;
}
