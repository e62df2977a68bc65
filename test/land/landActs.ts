/** Acts of every kind over real titles: prepared and sent, well formed or not, for tests that compare the two. */
import type { ActCall } from '../../server/domain/acts/call.ts';
import type { ActHead } from '../../server/domain/acts/head.ts';
import { ACTS } from '../../server/domain/acts/table.ts';
import type { TypedData } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import type {
  CancelDivision,
  Child,
  Consolidate,
  CreateRestriction,
  Discharge,
  LAND_TYPES,
  LandStructs,
  OpenDivision,
  RegisterParts,
  RegisterTitle,
  Subdivide,
  Title,
  TransferRight,
  UnitChange,
} from '../../server/domain/land/acts.ts';
import { createRestriction, discharge } from '../../server/domain/land/charges.ts';
import { toMessage } from '../../server/domain/land/codec.ts';
import { cancelDivision, openDivision } from '../../server/domain/land/division.ts';
import { itemsHash, stateHash } from '../../server/domain/land/hashes.ts';
import { consolidate, registerParts, subdivide } from '../../server/domain/land/partition.ts';
import { type LandJudgement, landTypedData } from '../../server/domain/land/prepare.ts';
import {
  assembleTitle,
  registerTitle,
  registerTitles,
  type TitleDraft,
} from '../../server/domain/land/registration.ts';
import { transferRight } from '../../server/domain/land/transfer.ts';
import type { BAUnitState } from '../../server/domain/land/types.ts';
import { type ActFile, readActFile, writeActFile } from '../../server/domain/signer/actFile.ts';
import type { SignableData } from '../../server/domain/signer/typedJson.ts';
import type { Drafts } from './landDrafts.ts';
import { type LandLedger, OFFICERS } from './landLedger.ts';

/** An act before anybody asked whether it may. */
export type Attempt =
  | { readonly method: 'registerTitle'; readonly act: RegisterTitle }
  | { readonly method: 'registerTitles'; readonly head: ActHead; readonly titles: readonly Title[] }
  | { readonly method: 'registerParts'; readonly act: RegisterParts; readonly priors: readonly BAUnitState[] }
  | { readonly method: 'transferRight'; readonly act: TransferRight; readonly priors: readonly BAUnitState[] }
  | {
      readonly method: 'createRestriction';
      readonly act: CreateRestriction;
      readonly priors: readonly BAUnitState[];
    }
  | { readonly method: 'discharge'; readonly act: Discharge; readonly priors: readonly BAUnitState[] }
  | { readonly method: 'subdivide'; readonly act: Subdivide; readonly priors: readonly BAUnitState[] }
  | { readonly method: 'consolidate'; readonly act: Consolidate; readonly priors: readonly BAUnitState[] }
  | {
      readonly method: 'openDivision';
      readonly act: OpenDivision;
      readonly children: readonly Child[];
      readonly priors: readonly BAUnitState[];
    }
  | {
      readonly method: 'cancelDivision';
      readonly act: CancelDivision;
      readonly priors: readonly BAUnitState[];
    };

const STRUCT_OF = {
  registerTitle: 'RegisterTitle',
  registerParts: 'RegisterParts',
  transferRight: 'TransferRight',
  createRestriction: 'CreateRestriction',
  discharge: 'Discharge',
  subdivide: 'Subdivide',
  consolidate: 'Consolidate',
  openDivision: 'OpenDivision',
  cancelDivision: 'CancelDivision',
} as const satisfies Partial<Record<Attempt['method'], keyof LandStructs & keyof typeof LAND_TYPES>>;

export function changeOf({ baUnit, state }: Title): UnitChange {
  return { baUnit, priorState: stateHash(state) };
}

/** Registers a title for real and answers it as the ledger keeps it. */
export async function register(ledger: LandLedger, drafts: Drafts, draft: TitleDraft): Promise<Title> {
  const title = assembleTitle(draft);
  const attempt: Attempt = {
    method: 'registerTitle',
    act: { head: await ledger.head(drafts.random), title },
  };
  const [made] = await perform(ledger, drafts, attempt);
  if (made === undefined) throw new Error('no state');
  return made;
}

/** Sends an act that must pass; answers the units as it leaves them. */
export async function perform(ledger: LandLedger, drafts: Drafts, attempt: Attempt): Promise<Title[]> {
  const preparation = await prepare(ledger, attempt);
  if (!preparation.ok) throw preparation.refusals[0];
  const { states } = await ledger.send(ledger.call(preparation.signable, drafts.keys));
  return states.map(({ baUnit, state }) => ({ baUnit, state }));
}

/** What the rules say, on the register as it stands. */
export async function prepare(ledger: LandLedger, attempt: Attempt): Promise<LandJudgement> {
  const { office } = attempt.method === 'registerTitles' ? attempt.head : attempt.act.head;
  const reading = await ledger.reading({ ...idsIn(attempt), office });
  switch (attempt.method) {
    case 'registerTitle':
      return registerTitle(reading, attempt.act);
    case 'registerTitles':
      return registerTitles(reading, attempt.head, attempt.titles);
    case 'registerParts':
      return registerParts(reading, attempt.act, onlyOf(attempt.priors));
    case 'transferRight':
      return transferRight(reading, attempt.act, onlyOf(attempt.priors));
    case 'createRestriction':
      return createRestriction(reading, attempt.act, attempt.priors);
    case 'discharge':
      return discharge(reading, attempt.act, attempt.priors);
    case 'subdivide':
      return subdivide(reading, attempt.act, onlyOf(attempt.priors));
    case 'consolidate':
      return consolidate(reading, attempt.act, attempt.priors);
    case 'openDivision':
      return openDivision(reading, attempt.act, onlyOf(attempt.priors), attempt.children);
    case 'cancelDivision':
      return cancelDivision(reading, attempt.act, onlyOf(attempt.priors));
  }
}

/** The call with every signature and consent, whether or not the rules let it be prepared. */
export function callAnyway(
  ledger: LandLedger,
  drafts: Drafts,
  attempt: Attempt,
  preparation: LandJudgement,
): ActCall {
  const { method } = attempt;
  const needed = preparation.ok ? preparation.signable.needed : preparation.consents;
  const { chainId, ledgerNonce } = ledger;
  const of = { chainId, ledgerNonce, landRegistry: ledger.contracts.land };
  if (attempt.method === 'registerTitles') {
    const { head, titles } = attempt;
    const batch = batchOf(attempt);
    const signatures = ledger.sign(
      { head, typedData: landTypedData(of, 'Batch', batch) },
      OFFICERS.otherApprover,
    );
    const act = {
      batch: toMessage('Batch', batch),
      titles: titles.map((title) => toMessage('Title', title)),
    };
    return { contract: 'land', method, args: [act, wire(signatures)] };
  }
  const struct = STRUCT_OF[attempt.method];
  const typedData = typedDataOf(of, attempt);
  const signatures = ledger.sign({ head: attempt.act.head, typedData }, OFFICERS.otherApprover);
  const shown = 'priors' in attempt ? attempt.priors.map((prior) => toMessage('BAUnitState', prior)) : [];
  const isOne = ONE_UNIT.has(attempt.method);
  const consents = ledger.consents(needed, drafts.keys, attempt.act.head);
  const proofs = consents.map((consent) => toMessage('ConsentProof', consent));
  const taken = ACTS[struct].consents === undefined ? [] : [proofs];
  const priors = attempt.method === 'registerTitle' ? [] : [isOne ? onlyOf(shown) : shown, ...taken];
  return { contract: ACTS[struct].contract, method, args: [typedData.message, ...priors, wire(signatures)] };
}

/** The file in which an officer would be given the act, with the states that it rests on and no consents. */
export function fileOf(ledger: LandLedger, attempt: Attempt): ActFile {
  const { chainId, ledgerNonce } = ledger;
  const of = { chainId, ledgerNonce, landRegistry: ledger.contracts.land };
  const isBatch = attempt.method === 'registerTitles';
  const items = isBatch ? attempt.titles.map((title) => toMessage('Title', title)) : childrenIn(attempt);
  const typedData = isBatch ? landTypedData(of, 'Batch', batchOf(attempt)) : typedDataOf(of, attempt);
  const states = 'priors' in attempt ? attempt.priors.map((prior) => toMessage('BAUnitState', prior)) : [];
  const file = writeActFile({
    ...{ act: typedData as SignableData, items, approval: undefined, consents: [] },
    opens: states.map((state) => ({ state })),
  });
  return readActFile(JSON.stringify(file));
}

type OneAct = Exclude<Attempt, { readonly method: 'registerTitles' }>;

function typedDataOf(of: Parameters<typeof landTypedData>[0], attempt: OneAct): TypedData {
  const struct = STRUCT_OF[attempt.method];
  return landTypedData(of, struct, attempt.act as LandStructs[typeof struct]);
}

const childrenIn = (attempt: Attempt) =>
  'children' in attempt ? attempt.children.map((child) => toMessage('Child', child)) : [];

const batchOf = ({ head, titles }: { readonly head: ActHead; readonly titles: readonly Title[] }) => {
  return { head, itemsHash: itemsHash(titles), count: titles.length, atomic: true };
};

const ONE_UNIT: ReadonlySet<Attempt['method']> = new Set([
  'registerParts',
  'transferRight',
  'subdivide',
  'openDivision',
  'cancelDivision',
]);

const wire = ({ preparer, approval, approver }: ReturnType<LandLedger['sign']>) => ({
  preparer,
  approval: { ...approval },
  approver,
});

function onlyOf<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined) throw new Error('one is due');
  return item;
}

/** Every 32-byte value of an act: whatever the rules may ask the register about. */
function idsIn(attempt: Attempt): { units: Bytes32[]; spatialUnits: Bytes32[]; instruments: Bytes32[] } {
  const pick = (names: readonly string[]) => {
    const found = new Set<Bytes32>();
    const walk = (value: unknown) => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, part] of Object.entries(value)) {
        if (names.includes(name) && part !== ZERO_32) found.add(part as Bytes32);
        walk(part);
      }
    };
    walk('act' in attempt ? attempt.act : attempt.titles);
    if ('children' in attempt) walk(attempt.children);
    return [...found];
  };
  return {
    units: [...pick(['baUnit', 'baseUnit']), ZERO_32],
    spatialUnits: [...pick(['id']), ZERO_32],
    instruments: pick(['instrumentId']),
  };
}
