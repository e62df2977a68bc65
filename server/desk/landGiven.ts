/**
 * What a registrar decides, as the land desk is given it: everything the register or the machine knows is left out.
 *
 * Beside each stands where in it a refusal points: the rules speak of the act that was made of it, the registrar knows
 * the request alone.
 */
import type { Bytes32 } from '../domain/base/hex.ts';
import type { Places } from '../domain/base/refusal.ts';
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
  /** To what is asked where the id is known here with another name. */
  readonly answer?: 'same-person' | undefined;
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

// ---- Where a refusal points ------------------------------------------------------------------------------------

/** A first state is made of a unit's survey and of one right. */
function titlePlaces(seen: string, written: string): Places {
  return [
    [`${seen}/state/rights/0/holdings/*/partyCommitment/**`, `${written}/right/holders/*/party`],
    [`${seen}/state/rights/0/holdings`, `${written}/right/holders`],
    [`${seen}/state/rights/0`, `${written}/right`],
    [`${seen}/state/rights/**`, `${written}/right`],
    [`${seen}/state/header/origin`, `${written}/origin`],
    [`${seen}/state/header/evidence`, `${written}/evidence`],
    [`${seen}/state/**`, `${written}/baUnit`],
    [`${seen}/spatialUnits/**`, `${written}/baUnit`],
    [`${seen}/baUnit`, `${written}/baUnit`],
  ];
}

export const PLACES_OF_REGISTRATION: Places = [
  ['/titles/*/state/header/quotaNumerator', '/titles/*/quotaTotal'],
  ...titlePlaces('/titles/*', '/titles/*'),
  ['/title/state/header/quotaNumerator', '/titles/0/quotaTotal'],
  ...titlePlaces('/title', '/titles/0'),
];

export const PLACES_OF_PARTS: Places = [
  ['/parts/*/state/header/quotaNumerator', '/parts/*/quota'],
  ...titlePlaces('/parts/*', '/parts/*'),
  ['/base/**', '/baUnit'],
];

/** The holdings of the right after the transfer: those that stay, then those that join. */
export function placesOfTransfer({ staying, joining }: TransferGiven): Places {
  return [
    ...staying.flatMap((_, i) => {
      const [seen, written] = [`/next/holdings/${i}`, `/staying/${i}`];
      const numerator = [`${seen}/numerator`, `${written}/numerator`] as const;
      return [numerator, [`${seen}/**`, `${written}/holdingId`] as const];
    }),
    ...joining.flatMap((_, i) => {
      const seen = `/next/holdings/${staying.length + i}`;
      return [
        [`${seen}/partyCommitment/**`, `/joining/${i}/party`] as const,
        [seen, `/joining/${i}`] as const,
      ];
    }),
    ['/next/holdings/**', '/joining'],
    ['/next/tenancy', '/tenancy'],
    ['/next/denominator', '/denominator'],
    ['/next/**', '/rightId'],
    ['/unit/**', '/baUnit'],
  ];
}

/** Of a restriction on several units, each unit is one of a list. */
export const PLACES_OF_RESTRICTION: Places = [
  ['/units/*/**', '/baUnits/*'],
  ['/units', '/baUnits'],
  ['/restriction/termsCommitment/**', '/terms'],
  ['/restriction', ''],
];

export const PLACES_OF_DISCHARGE: Places = [['/releases/*/unit/**', '/releases/*/baUnit']];

export const PLACES_OF_SUBDIVISION: Places = [
  ['/unit/**', '/baUnit'],
  ['/children/*/portion/**', '/children/*/baUnit'],
];

export const PLACES_OF_CONSOLIDATION: Places = [
  ['/units/*/**', '/baUnits/*'],
  ['/units', '/baUnits'],
  ['/child/portion/**', '/child/baUnit'],
  ['/ownership/holdings/*/partyCommitment/**', '/child/right/holders/*/party'],
  ['/ownership/holdings', '/child/right/holders'],
  ['/ownership', '/child/right'],
];
