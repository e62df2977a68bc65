"""The structs and enumerations of docs/ledger-types.md."""

STRUCT_LINES = """
ActHead(uint32 office,bytes32 preparer,uint32 preparerEpoch,uint64 notBefore,uint64 deadline,uint64 effectiveOn,uint128 salt,bytes32 sourcesRoot,bytes32 corrects)
Header(uint16 formatVersion,uint64 version,uint8 status,uint32 office,uint8 origin,uint8 evidence,bytes32 baseUnit,uint64 quotaNumerator,uint64 quotaTotal,bytes32 membersRoot,uint32 memberCount,uint32 nextId,uint64 effectiveOn)
SpatialUnit(bytes32 id,bytes32 geometryCommitment)
Holding(uint32 holdingId,uint64 numerator,uint8 partyKind,uint8 signer,bytes32 keyHash,bytes32 partyCommitment)
Right(uint32 rightId,uint8 kind,uint8 standing,uint64 upgradesOn,uint64 expiresOn,uint8 tenancy,uint32 targetRight,uint64 presentationNo,uint64 denominator,bytes32 termsCommitment,Holding[] holdings)
Restriction(uint32 restrictionId,uint8 kind,uint32 targetRight,uint32 targetHolding,uint16 rank,uint64 presentationNo,bytes32 instrumentId,bytes32 holderKeyHash,uint64 blocks,uint64 needsConsent,uint64 expiresOn,bytes32 termsCommitment)
Responsibility(uint32 responsibilityId,uint8 kind,uint32 targetRight,uint64 presentationNo,bytes32 instrumentId,bytes32 holderKeyHash,uint64 expiresOn,bytes32 termsCommitment)
Application(uint32 applicationId,uint8 act,bytes32 actHash,uint64 presentationNo,uint64 lodgedAt,uint64 noticeUntil,uint64 lapsesAt,uint8 state)
BAUnitState(Header header,SpatialUnit[] spatialUnits,Right[] rights,Restriction[] charges,Restriction[] notices,Responsibility[] responsibilities,Application[] applications,bytes32 factsRoot,bytes32 priorState)
Batch(ActHead head,bytes32 itemsHash,uint32 count,bool atomic)
Withdrawal(bytes32 entryId,uint64 actDeadline,bytes32 officer,uint32 epoch)
Title(bytes32 baUnit,BAUnitState state)
UnitChange(bytes32 baUnit,bytes32 priorState)
RegisterTitle(ActHead head,Title title)
RegisterParts(ActHead head,UnitChange base,Title[] parts)
Sweep(bytes32 baUnit,bytes32 priorState)
TransferRight(ActHead head,UnitChange unit,Right next)
CreateRestriction(ActHead head,UnitChange[] units,Restriction restriction)
Release(UnitChange unit,uint32 restrictionId)
Discharge(ActHead head,Release[] releases)
Portion(bytes32 baUnit,SpatialUnit[] spatialUnits,uint64 quotaNumerator)
Child(Portion portion,bytes32 factsRoot)
Subdivide(ActHead head,UnitChange unit,Child[] children)
OpenDivision(ActHead head,UnitChange unit,uint32 memberCount,bytes32 membersRoot)
CancelDivision(ActHead head,UnitChange unit)
LoadChildren(bytes32 baUnit,bytes32 membersRoot,Child[] children,bytes32 rest)
CompleteDivision(bytes32 baUnit,bytes32 priorState)
Claim(bytes32 parent,bytes32 membersRoot,Child child)
Consolidate(ActHead head,UnitChange[] units,Child child,Right ownership)
Consent(uint8 role,uint8 act,bytes32 baUnit,bytes32 unitsHash,uint32 subject,bytes32 termsHash,uint64 effectiveOn,uint64 notBefore,uint64 deadline,bytes32 mandateCommitment)
DefineProgramme(ActHead head,bytes32 programme,uint16 institution,uint16 currency,uint32 mostPerRedemptionUnits,uint32 disputeSeconds,uint32 leastOpenSeconds,uint32 mostOfflineSeconds,uint32 assistedCapUnits,uint32 emergencyCapUnits,bytes32 policyHash)
MoveFunds(ActHead head,bytes32 programme,uint8 move,uint128 amountMinor,uint128 movedBeforeMinor,bytes32 sourceCommitment)
PauseProgramme(ActHead head,bytes32 programme,uint64 pausedUntil,bool byTwoInstitutions,uint32 versionBefore)
ResumeProgramme(ActHead head,bytes32 programme,uint32 versionBefore)
Enrol(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 startIndex,uint32 count,bytes32 slotsHash,uint32 versionBefore)
SetCard(ActHead head,bytes32 programme,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 keyKind,address keyId,uint8 standing,uint64 effectiveFrom,uint32 versionBefore)
SetVendor(ActHead head,bytes32 vendor,uint16 institution,uint8 standing,uint64 from,uint32 versionBefore)
SetTill(ActHead head,bytes32 vendor,uint32 till,uint8 keyKind,address keyId,uint8 standing,uint32 versionBefore)
CycleEnvelope(ActHead head,bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint8 lane,bytes32 root,bytes32 tableHash,uint32 count,uint64 totalUnits,uint8 entryBytes,uint64 unitValueMinor,uint16 currency,uint64 opensAt,uint64 spendUntil,uint64 postUntil)
MoveCycle(ActHead head,bytes32 programme,uint32 cycle,uint8 step,uint64 unspentUnits,uint64 endsAt)
Settle(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 settledBeforeUnits,uint64 units,uint128 amountMinor,bytes32 statementHash)
ReleaseCredit(ActHead head,bytes32 programme,uint32 cycle,bytes32 vendor,uint64 releasedBeforeUnits,uint64 units,bytes32 caseCommitment)
Redemption(bytes32 programme,uint32 cycle,uint16 enrolmentEpoch,uint32 index,uint16 cardEpoch,uint8 sequence,uint32 remainingBefore,uint32 units,bytes32 vendor,uint32 till,bytes32 leaseId,bytes32 receiptHash,uint64 soldAt)
RedemptionBatch(bytes32 programme,uint32 cycle,bytes32 vendor,uint32 till,uint32 count,uint64 offlineSince,uint64 deadline,bytes32 itemsHash)
Key(uint8 kind,address verifier,bytes32 keyHash,bytes32 rpIdHash)
Appointment(bytes32 salt,uint16 institution,uint32 office,uint32 roles,Key key,Key spare)
AppointOfficer(ActHead head,Appointment appointment)
RotateKey(ActHead head,bytes32 officer,uint32 epoch,Key key)
AppointRecorder(ActHead head,uint16 institution,uint32 epochBefore,bytes32 keyHash)
RevokeRecorder(ActHead head,uint16 institution,uint32 epoch)
RevokeOfficer(ActHead head,bytes32 officer,uint64 suspectSince,bytes32 caseReference)
FreeOfficer(ActHead head,bytes32 officer,bytes32 caseReference)
LongPause(ActHead head,uint32 scope,uint64 until,uint32 pauseSequence,bytes32 caseReference)
Unpause(ActHead head,uint32 scope,uint32 pauseSequence,bytes32 caseReference)
Resignation(bytes32 officer,uint64 suspectSince,bytes32 caseReference,uint32 epoch)
Suspension(bytes32 officer,uint64 until,bytes32 caseReference,bytes32 revoker,uint32 revokerEpoch)
ShortPause(uint32 scope,uint64 until,bytes32 caseReference,bytes32 officer,uint32 epoch)
Measure(uint8 kind,uint16 institution,address target,bytes32 name,uint256 value,bytes32 appointmentsHash,uint64 closesAt,uint128 salt)
Vote(Measure measure,bool inFavour,bytes32 officer,uint32 epoch)
KeyPossession(bytes32 officerId,bytes32 keyHash,uint32 epoch,uint16 institution)
RootRecord(uint16 institution,uint32 epoch,uint8 kind,uint64 index,bytes32 root,uint64 lines,uint64 stones,uint32 day)
Erasure(uint16 institution,uint32 epoch,uint64 stonesBefore,bytes32[] ids)
Head(bytes32 genesisHash,uint64 blockNumber,bytes32 blockHash)
"""

NAMES = {
    "LandAct": (
        "unspecified",
        "registration",
        "transfer",
        "mortgage",
        "caution",
        "discharge",
        "caution-withdrawal",
        "subdivision",
        "consolidation",
        "rectification",
        "transmission",
        "right-creation",
        "right-termination",
        "restriction-variation",
        "boundary-change",
        "exchange",
        "standing-upgrade",
        "lodging",
        "application-withdrawal",
        "order",
        "cancellation",
        "part-registration",
        "sweep",
        "division-opening",
        "division-loading",
        "division-completion",
        "division-cancellation",
    ),
    "BAUnitStatus": (
        "unspecified",
        "active",
        "dividing",
        "retired",
        "cancelled",
    ),
    "Origin": (
        "unspecified",
        "adjudication",
        "grant",
        "legacy",
        "subdivision-of-unknown",
        "subdivision",
        "consolidation",
        "prescription",
        "reconstruction",
    ),
    "EvidenceGrade": (
        "unspecified",
        "testimony",
        "community-record",
        "private-document",
        "public-document",
        "surveyed-record",
        "judgment",
    ),
    "RightKind": (
        "unspecified",
        "ownership",
        "customary",
        "occupancy",
        "group",
        "lease",
        "usufruct",
        "superficies",
        "servitude",
        "emphyteusis",
        "habitation",
        "use",
    ),
    "Standing": (
        "unspecified",
        "claimed",
        "disputed",
        "provisional",
        "qualified",
        "absolute",
    ),
    "Tenancy": (
        "unspecified",
        "sole",
        "common",
        "joint",
        "unrecorded",
    ),
    "PartyKind": (
        "unspecified",
        "person",
        "group",
        "institution",
        "state",
        "ba-unit",
        "unknown",
    ),
    "Signer": (
        "unspecified",
        "own",
        "representative",
        "none",
    ),
    "RestrictionKind": (
        "unspecified",
        "mortgage",
        "caution",
        "must-be-asked",
        "public-law",
        "lien",
        "order",
    ),
    "ResponsibilityKind": (
        "unspecified",
        "maintenance",
        "boundary",
        "levy",
        "public-law",
    ),
    "ApplicationState": (
        "unspecified",
        "lodged",
        "requisitioned",
        "approved",
        "withdrawn",
        "lapsed",
        "suspect",
    ),
    "ConsentRole": (
        "unspecified",
        "holder",
        "representative",
        "must-be-asked",
    ),
    "KeyKind": (
        "unspecified",
        "secp256k1",
        "p256",
        "webauthn",
    ),
    "RootKind": (
        "unspecified",
        "access-log",
        "published-files",
        "checkpoint",
    ),
    "MeasureKind": (
        "unspecified",
        "admit-institution",
        "expel-institution",
        "suspend-institution",
        "lift-suspension",
        "set-institution-roles",
        "reseat-institution",
        "set-quorum",
        "set-widening-wait",
        "set-appointment-wait",
        "allow-verifier",
        "disallow-verifier",
        "add-validator",
        "remove-validator",
        "set-policy",
        "put-in-force",
        "pass-authority",
        "move-office",
        "record-halt",
        "replace-validator",
        "revoke-officer",
        "free-officer",
    ),
    "BenefitAct": (
        "unspecified",
        "programme-defined",
        "funds-moved",
        "programme-paused",
        "enrolled",
        "card-set",
        "vendor-set",
        "till-set",
        "cycle-opened",
        "cycle-released",
        "cycle-moved",
        "redeemed",
        "settled",
        "payout-instructed",
        "payout-confirmed",
        "payout-returned",
        "credit-disputed",
        "credit-returned",
        "delegated",
        "lease-given",
        "grievance-raised",
        "grievance-decided",
        "overridden",
        "programme-resumed",
        "credit-released",
    ),
    "FundsMove": (
        "unspecified",
        "fund",
        "reuse-expired",
        "reuse-reclaimed",
        "defund",
    ),
    "CycleState": (
        "unspecified",
        "loading",
        "released",
        "ended",
        "accounted",
        "closed",
        "cancelled",
    ),
    "CycleStep": (
        "unspecified",
        "cancel",
        "end-early",
        "expire",
        "reclaim",
        "close",
    ),
    "Permit": (
        "unspecified",
        "active",
        "suspended",
        "revoked",
    ),
    "ItemKind": (
        "unspecified",
        "card",
        "card-p256",
        "wallet",
        "delegate",
        "assisted",
        "payout",
        "leased",
    ),
    "SkipReason": (
        "redeemed",
        "item-index-out-of-range",
        "item-sold-in-future",
        "item-sold-too-long-ago",
        "item-sold-outside-window",
        "item-sold-in-pause",
        "item-seller-not-active",
        "item-units-out-of-range",
        "card-missing",
        "card-not-active",
        "card-not-yet-effective",
        "card-epoch-differs",
        "card-key-kind-differs",
        "item-sequence-stale",
        "item-remaining-stale",
        "item-units-exceed-remaining",
        "item-sequence-exhausted",
        "item-signature-invalid",
    ),
    "Role": (
        "land-preparer",
        "land-approver",
        "aid-preparer",
        "aid-approver",
        "admin-preparer",
        "admin-approver",
        "vote",
        "pause",
        "revoke",
        "court",
        "auditor",
        "steward-preparer",
        "steward-approver",
        "override",
    ),
    "Scope": (
        "land",
        "disbursement",
        "redemption",
        "settlement",
        "officers",
    ),
}
