/**
 * What the ledger of the town of `town.ts` tells, block by block: titles, and beside them the founding, measures that are open,
 * programmes, cycles, shops, tills and sales, as many as a register of that size has.
 *
 * Promises: the same events for the same numbers. No signature stands behind them: they are what the views are made of.
 */
import type { EventPlace, Founding, LedgerEvent, OfficerKey } from '../server/domain/acts/events.ts';
import { commitFacts } from '../server/domain/acts/facts.ts';
import { holdingKey } from '../server/domain/acts/signing.ts';
import { ACTS } from '../server/domain/acts/table.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../server/domain/base/hex.ts';
import {
  type BAUnitId,
  type EntryId,
  type InstitutionId,
  idInOffice,
  LAND_KIND_BASE,
  type OfficeId,
  type OfficerId,
  type ProgrammeId,
  ROLES,
  roleBits,
  type SpatialUnitId,
  type VendorId,
} from '../server/domain/base/terms.ts';
import type { AppliedAct } from '../server/domain/benefits/act.ts';
import { resultWord } from '../server/domain/benefits/redemption.ts';
import {
  BENEFIT_ACTS,
  BENEFIT_KIND_BASE,
  type BenefitAct,
  type CycleId,
  type TillId,
} from '../server/domain/benefits/terms.ts';
import type { BAUnitState } from '../server/domain/land/types.ts';

export const OFFICE = 1 as OfficeId;
export const INSTITUTION = 1 as InstitutionId;
/** Shops, tills, programmes and cycles are each a tenth of the titles; a sale is a title's. */
export const SHOP_EACH = 10;
const OFFICERS = 120;
export const ADDRESSES = {
  land: `0x${'ab'.repeat(20)}`,
  benefits: `0x${'be'.repeat(20)}`,
  consortium: `0x${'c0'.repeat(20)}`,
  council: `0x${'cc'.repeat(20)}`,
} as Readonly<Record<'land' | 'benefits' | 'consortium' | 'council', Address>>;
/** 1 January 2100: what is open stays open. */
export const FAR = 4_102_444_800n;

export const idOf = (kind: number, number: number) =>
  `0x${kind.toString(16).padStart(2, '0')}${number.toString(16).padStart(62, '0')}` as Bytes32;
export const programmeOf = (number: number) => idOf(20, number) as ProgrammeId;
export const vendorOf = (number: number) => idOf(21, number) as VendorId;
export const officerOf = (number: number) => idOf(8, number) as OfficerId;
const measureOf = (number: number) => idOf(22, number);
const idIn = (kind: number, number: number) => idInOffice(OFFICE, idOf(kind, number));
export const unitOf = (number: number) => idIn(2, number) as BAUnitId;
export const plotOf = (number: number) => idIn(3, number) as SpatialUnitId;

/** What proofs of persons are bound to. */
export const LEDGER = { chainId: 1, ledgerNonce: idOf(32, 1), genesisHash: ZERO_32 } as const;

/** Who holds one of the titles with a key of her own, and whose name an office keeps. */
const HELD = 7;
const HOLDING = 2;
const SEED = Uint8Array.from({ length: 32 }, (_, i) => i + 1);
export const LANDOWNER = {
  title: HELD,
  baUnit: unitOf(HELD),
  holdingId: HOLDING,
  name: 'Synthetic Landowner',
  seed: SEED,
  key: holdingKey(SEED, { genesisHash: LEDGER.genesisHash, baUnit: unitOf(HELD), holdingId: HOLDING }),
  facts: commitFacts([{ path: 'name', value: 'Synthetic Landowner', salt: idOf(31, 1) }]),
} as const;

type Contract = keyof typeof ADDRESSES;
type Told = Pick<LedgerEvent, 'name' | 'args'>;

/** Of one block: its titles, and in the first one what stands before them. */
export function blockOf(number: bigint, titles: readonly number[], measures: number) {
  let logIndex = 0;
  const placed = ([contract, one]: Placed): LedgerEvent => {
    const place: EventPlace = {
      contract,
      address: ADDRESSES[contract],
      blockNumber: number,
      logIndex: logIndex++,
      transactionHash: idOf(5, Number(number)),
    };
    return Object.assign(place, one) as LedgerEvent;
  };
  const events = [
    ...(number === 1n ? beginning(measures) : []),
    ...titles.flatMap((title) => [...titleOf(title), ...aidOf(title)]),
  ].map(placed);
  return {
    cursor: { number, hash: idOf(1, Number(number)) },
    timestampSeconds: Number(number),
    events,
  };
}

type Placed = readonly [Contract, Told];
const told = (contract: Contract, name: LedgerEvent['name'], args: object): Placed => [
  contract,
  { name, args } as Told,
];
const applied = (number: number, act: AppliedAct): Placed[] => {
  const kind = act.name === 'Release' ? RELEASED : (ACTS[act.name].kinds[0] ?? RELEASED);
  const subject = act.name === 'SetVendor' || act.name === 'SetTill' ? act.act.vendor : programmeIn(act);
  const entryId = idOf(23, number) as EntryId;
  return [
    told('benefits', 'ActApplied', { entryId, applied: act, office: OFFICE, newState: idOf(24, number) }),
    entryOf('benefits', { index: number, entryId, kind, subject, newState: idOf(24, number) }),
  ];
};
const programmeIn = ({ act }: AppliedAct): Bytes32 => ('programme' in act ? act.programme : ZERO_32);
const kindOfAid = (name: BenefitAct): number => BENEFIT_KIND_BASE + BENEFIT_ACTS.indexOf(name);
const [RELEASED, REDEEMED] = [kindOfAid('cycle-released'), kindOfAid('redeemed')];

interface EntryGiven {
  readonly index: number;
  readonly entryId: EntryId;
  readonly kind: number;
  readonly subject: Bytes32;
  readonly newState: Bytes32;
}

const entryOf = (contract: Contract, { index, ...given }: EntryGiven): Placed =>
  told(contract, 'EntryRecorded', {
    ...given,
    index: BigInt(index),
    preparer: officerOf(1),
    approver: officerOf(2),
    epochs: 0n,
    recordedAt: BigInt(index),
    head: idOf(10, index),
  });

function beginning(measures: number): Placed[] {
  const opened = Array.from({ length: measures }, (_, n) => [
    told('council', 'MeasureOpened', {
      measureId: measureOf(n),
      openedBy: INSTITUTION,
      measure: {
        kind: 'set-policy',
        institution: 0,
        target: ZERO_ADDRESS,
        name: idOf(25, n),
        value: BigInt(n),
        appointmentsHash: ZERO_32,
        closesAt: FAR,
        salt: BigInt(n),
      },
    }),
    told('council', 'VoteCast', {
      measureId: measureOf(n),
      institution: INSTITUTION,
      officer: officerOf(1),
      inFavour: true,
    }),
  ]).flat();
  return [
    ...(Object.keys(ADDRESSES) as Contract[]).map((contract) =>
      told(contract, 'ContractFound', { contract, address: ADDRESSES[contract] }),
    ),
    told('consortium', 'ConsortiumFounded', { founding: founding() }),
    ...opened,
    ...programme(0),
    ...shop(0),
    ...till(1),
    ...cycle(1),
    ...applied(6_000_000, {
      name: 'Release',
      act: { programme: programmeOf(0), cycle: 1 as CycleId, opensAt: 0n },
    }),
  ];
}

function founding(): Founding {
  const roles = roleBits([...ROLES]);
  const key = (number: number): OfficerKey => ({
    kind: 'secp256k1',
    verifier: ZERO_ADDRESS,
    keyHash: idOf(26, number),
    rpIdHash: ZERO_32,
  });
  return {
    ledgerNonce: ZERO_32,
    institutions: [1, 2].map((institution) => ({ institution: institution as InstitutionId, roles })),
    officers: Array.from({ length: OFFICERS }, (_, number) => ({
      officer: officerOf(number),
      salt: ZERO_32,
      institution: INSTITUTION,
      office: 0 as OfficeId,
      roles,
      key: key(2 * number),
      spare: key(2 * number + 1),
    })),
    offices: [{ office: OFFICE, keeper: INSTITUTION }],
    verifiers: [],
    policies: [],
    validators: [],
    quorum: 2,
    wideningWaitSeconds: 0,
    appointmentWaitSeconds: 0,
  };
}

const programme = (number: number): Placed[] => [
  ...applied(1_000_000 + number, {
    name: 'DefineProgramme',
    act: {
      programme: programmeOf(number),
      institution: INSTITUTION,
      currency: 404,
      disputeSeconds: 0,
      mostPerRedemptionUnits: 50,
      leastOpenSeconds: 0,
      mostOfflineSeconds: 0,
      assistedCapUnits: 0,
      emergencyCapUnits: 0,
      policyHash: ZERO_32,
    },
  }),
  ...applied(2_000_000 + number, {
    name: 'MoveFunds',
    act: {
      programme: programmeOf(number),
      move: 'fund',
      amountMinor: 10n ** 15n,
      movedBeforeMinor: 0n,
      sourceCommitment: ZERO_32,
    },
  }),
];

const shop = (number: number): Placed[] =>
  applied(3_000_000 + number, {
    name: 'SetVendor',
    act: {
      vendor: vendorOf(number),
      institution: INSTITUTION,
      standing: 'active',
      from: 0n,
      versionBefore: 0,
    },
  });

/** All of the first shop. */
const till = (number: number): Placed[] =>
  applied(4_000_000 + number, {
    name: 'SetTill',
    act: {
      vendor: vendorOf(0),
      till: number as TillId,
      keyKind: 'secp256k1',
      standing: 'active',
      keyId: `0x${number.toString(16).padStart(40, '0')}` as Address,
      versionBefore: 0,
    },
  });

/** Of the first programme, whose first lane they take one after another. */
const cycle = (number: number): Placed[] =>
  applied(5_000_000 + number, {
    name: 'CycleEnvelope',
    act: {
      programme: programmeOf(0),
      cycle: number as CycleId,
      enrolmentEpoch: 1,
      lane: number === 1 ? 1 : 0,
      root: ZERO_32,
      tableHash: ZERO_32,
      count: 1_000_000,
      totalUnits: 10_000_000n,
      entryBytes: 4,
      unitValueMinor: 100n,
      currency: 404,
      opensAt: 0n,
      spendUntil: FAR,
      postUntil: FAR,
    },
  });

/** One sale for each title, and now and then a shop, a till, a programme, a cycle. */
function aidOf(title: number): Placed[] {
  const nth = title > 0 && title % SHOP_EACH === 0 ? title / SHOP_EACH : undefined;
  return [
    ...(nth === undefined ? [] : [...shop(nth), ...till(nth + 1), ...programme(nth), ...cycle(nth + 1)]),
    told('benefits', 'BatchRedeemed', {
      programme: programmeOf(0),
      cycle: 1,
      vendor: vendorOf(0),
      till: 1,
      itemsHash: idOf(27, title),
      units: 1n,
      results: [
        resultWord({
          outcome: 'redeemed',
          kind: 'card',
          cardEpoch: 1,
          index: title,
          remainingBefore: 10,
          units: 1,
          sequence: 0,
          soldAt: 1n,
        }),
      ],
    }),
    entryOf('benefits', {
      index: 10_000_000 + title,
      entryId: idOf(28, title) as EntryId,
      kind: REDEEMED,
      subject: programmeOf(0),
      newState: idOf(29, title),
    }),
  ];
}

function titleOf(title: number): Placed[] {
  const [baUnit, stateHash] = [unitOf(title), idOf(6, title)];
  return [
    entryOf('land', {
      index: title,
      entryId: idOf(7, title) as EntryId,
      kind: LAND_KIND_BASE + 1,
      subject: baUnit,
      newState: stateHash,
    }),
    told('land', 'BAUnitRecorded', { baUnit, stateHash, state: stateOf(title) }),
  ];
}

function stateOf(title: number): BAUnitState {
  const holding = {
    holdingId: HOLDING,
    numerator: 1n,
    partyKind: 'person',
    signer: 'own',
    keyHash: title === HELD ? LANDOWNER.key.keyHash : idOf(11, title),
    partyCommitment: title === HELD ? LANDOWNER.facts.root : idOf(12, title),
  } as const;
  return {
    header: {
      formatVersion: 1,
      version: 1n,
      status: 'active',
      office: OFFICE,
      origin: 'legacy',
      evidence: 'public-document',
      baseUnit: ZERO_32 as BAUnitId,
      quotaNumerator: 0n,
      quotaTotal: 0n,
      membersRoot: ZERO_32,
      memberCount: 0,
      nextId: 3,
      effectiveOn: 0n,
    },
    spatialUnits: [{ id: plotOf(title), geometryCommitment: idOf(4, title) }],
    rights: [
      {
        rightId: 1,
        kind: 'ownership',
        standing: 'absolute',
        upgradesOn: 0n,
        expiresOn: 0n,
        tenancy: 'sole',
        targetRight: 0,
        presentationNo: 1n,
        denominator: 1n,
        termsCommitment: ZERO_32,
        holdings: [holding],
      },
    ],
    charges: [],
    notices: [],
    responsibilities: [],
    applications: [],
    factsRoot: idOf(13, title),
    priorState: ZERO_32,
  } as BAUnitState;
}
