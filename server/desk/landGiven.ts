/** What a registrar decides, as the land desk is handed it: everything the register or the machine knows is left out. */
import type { Bytes32 } from '../domain/base/hex.ts';
import type {
  BAUnitId,
  EvidenceGrade,
  InstrumentId,
  LandAct,
  Origin,
  PartyKind,
  RightKind,
  Signer,
  Standing,
  Tenancy,
} from '../domain/base/terms.ts';

/** Somebody who comes to hold a right, as the registrar writes them down. */
export interface PartyGiven {
  readonly name: string;
  readonly idNumber?: string | undefined;
  readonly phone?: string | undefined;
  readonly address?: string | undefined;
}

export interface HolderGiven {
  readonly numerator: bigint;
  readonly partyKind: PartyKind;
  readonly signer: Signer;
  /** Of the key the holder consents with; zero for one who is assisted in person. */
  readonly keyHash: Bytes32;
  readonly party: PartyGiven;
}

export interface TitleGiven {
  /** As the survey answered it: the holder's key was made for it. */
  readonly baUnit: BAUnitId;
  readonly origin: Origin;
  readonly evidence: EvidenceGrade;
  /** Of common land: the parts it can be shared out in. */
  readonly quotaTotal?: bigint | undefined;
  readonly right: {
    readonly kind: RightKind;
    readonly standing: Standing;
    readonly tenancy: Tenancy;
    readonly denominator: bigint;
    readonly holders: readonly HolderGiven[];
  };
}

/** A flat: a title with its share of common land. */
export interface PartGiven extends Omit<TitleGiven, 'quotaTotal'> {
  readonly quota: bigint;
}

export interface TransferGiven {
  readonly baUnit: BAUnitId;
  readonly rightId: number;
  readonly tenancy: Tenancy;
  readonly denominator: bigint;
  /** Holdings that stay, with what they have afterwards. */
  readonly staying: readonly { readonly holdingId: number; readonly numerator: bigint }[];
  readonly joining: readonly HolderGiven[];
}

export interface RestrictionGiven {
  readonly kind: 'mortgage' | 'caution';
  readonly baUnits: readonly BAUnitId[];
  readonly targetRight: number;
  readonly rank: number;
  readonly instrumentId: InstrumentId;
  readonly holderKeyHash: Bytes32;
  readonly blocks: readonly LandAct[];
  readonly needsConsent: readonly LandAct[];
  readonly expiresOn: bigint;
  /** What the instrument says, as far as the certificate may show it. */
  readonly terms: readonly { readonly path: string; readonly value: string }[];
}

export interface ChildGiven {
  readonly baUnit: BAUnitId;
}
