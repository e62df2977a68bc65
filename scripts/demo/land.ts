/**
 * The land half of the mission on real files: survey, registration, transfer with consent, mortgage, a transfer that
 * is refused while the charge stands, discharge, subdivision, certificate.
 *
 * Holders are not in the files: one synthetic holder and key a title, freehold, marked as such.
 */

import { type Bytes32, ZERO_32 } from '../../server/domain/hex.ts';
import { holdingKey, instrumentKey, signCompact } from '../../server/domain/signing.ts';
import type { BAUnitId, InstrumentId } from '../../server/domain/terms.ts';
import { Problem } from './gateway.ts';
import { type Consenting, randomId } from './officers.ts';
import { divided } from './split.ts';
import type { Stage } from './stage.ts';

const TITLES_PER_BATCH = 50;
const OFFICE = 1;
/** The one holding of a fresh title: the right is 1, its first holding 2. */
const FIRST_HOLDING = 2;
const RIGHT = 1;

export interface RefusedLine {
  readonly line?: number;
  readonly field?: string;
  readonly code: string;
  readonly message: string;
}

interface Surveyed {
  readonly line: number;
  readonly number: string;
  readonly baUnit: BAUnitId;
  readonly spatialUnits: readonly string[];
}

export interface LandPlayed {
  readonly parcels: {
    readonly read: number;
    readonly registered: number;
    readonly refused: readonly RefusedLine[];
  };
  readonly warnings: number;
  readonly refusedAttempts: readonly { readonly attempt: string; readonly code: string }[];
  /** The title a certificate is issued of. */
  readonly certified: BAUnitId;
  /** Transactions to look gas up by, by act. */
  readonly transactions: Readonly<Record<string, string>>;
  readonly titles: number;
}

export async function playLand(
  { land, ring }: Stage,
  file: Uint8Array<ArrayBuffer>,
  genesisHash: Bytes32,
  progress: (done: number, of: number) => void,
): Promise<LandPlayed> {
  const registrar = land.preparer.client;
  const survey = await registrar.ask<{
    read: number;
    recorded: Surveyed[];
    refused: RefusedLine[];
    warnings: RefusedLine[];
  }>(`/parcels?office=${OFFICE}`, { method: 'PUT', file: { bytes: file, type: 'application/geo+json' } });
  const seed = holdersSeed(ring);
  const transactions: Record<string, string> = {};
  let registered = 0;
  for (let from = 0; from < survey.recorded.length; from += TITLES_PER_BATCH) {
    const batch = survey.recorded.slice(from, from + TITLES_PER_BATCH);
    const titles = batch.map((parcel) => titleOf(parcel, seed, genesisHash));
    const { transactionHash = '' } = await land.record('/acts/registrations', { titles });
    transactions[`registration of ${batch.length}`] = transactionHash;
    registered += batch.length;
    progress(registered, survey.recorded.length);
  }
  const [first, second] = survey.recorded;
  if (first === undefined || second === undefined)
    throw new Error('the mission needs two parcels that can be registered');
  const acts = await playTitle({ land, seed, genesisHash, baUnit: first.baUnit });
  Object.assign(transactions, acts.transactions);
  transactions.subdivision = await divide({ land, seed, genesisHash }, second, divided(file, second.number));
  return {
    parcels: { read: survey.read, registered, refused: survey.refused },
    warnings: survey.warnings.length,
    refusedAttempts: acts.refused,
    certified: first.baUnit,
    transactions,
    titles: registered + 1,
  };
}

interface Scene {
  readonly land: Stage['land'];
  readonly seed: Uint8Array;
  readonly genesisHash: Bytes32;
}

function holdersSeed(ring: Stage['ring']): Uint8Array {
  ring.create('holders', 'seed');
  return ring.seed('holders');
}

function holderOf(seed: Uint8Array, genesisHash: Bytes32, baUnit: BAUnitId, holdingId: number, name: string) {
  const { keyHash } = holdingKey(seed, { genesisHash, baUnit, holdingId });
  return {
    ...{ numerator: '1', partyKind: 'person', capacity: 'self', condition: 'certain', keyHash },
    party: { name },
  };
}

function titleOf({ baUnit, number, line }: Surveyed, seed: Uint8Array, genesisHash: Bytes32) {
  const holder = holderOf(seed, genesisHash, baUnit, FIRST_HOLDING, `SYNTHETIC HOLDER ${line} OF ${number}`);
  return {
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1', holders: [holder] },
  };
}

/** A holder's consent with the key of the holding. */
function holderConsents({ seed, genesisHash }: Scene, baUnit: BAUnitId, holdingId: number): Consenting {
  return consentsOf(holdingKey(seed, { genesisHash, baUnit, holdingId }));
}

function consentsOf({ privateKey, salt }: { privateKey: Uint8Array; salt: Bytes32 }): Consenting {
  return (_place, digest, deadline) => ({
    signature: signCompact(digest, privateKey),
    consent: { notBefore: 0, deadline, mandateCommitment: ZERO_32, kind: 'secp256k1', salt, key: '0x' },
  });
}

/** Sells, mortgages, tries to sell again, discharges. */
async function playTitle(scene: Scene & { readonly baUnit: BAUnitId }) {
  const { land, seed, genesisHash, baUnit } = scene;
  const transactions: Record<string, string> = {};
  const refused: { attempt: string; code: string }[] = [];
  const buyerHolding = 3; // the next id of a title with one right and one holding
  const sale = await land.record(
    '/acts/transfers',
    transferTo(holderOf(seed, genesisHash, baUnit, buyerHolding, 'SYNTHETIC BUYER'), baUnit),
    holderConsents(scene, baUnit, FIRST_HOLDING),
  );
  transactions.transfer = sale.transactionHash ?? '';

  const instrumentId = randomId() as InstrumentId;
  const lender = instrumentKey(seed, { genesisHash, instrumentId });
  const mortgage = await land.record(
    '/acts/restrictions',
    {
      ...{ kind: 'mortgage', baUnits: [baUnit], targetRight: RIGHT, rank: 1, instrumentId },
      ...{ holderKeyHash: lender.keyHash, blocks: ['transfer'], needsConsent: [], expiresOn: 0 },
      terms: [{ path: 'principal', value: 'SYNTHETIC 250000 KES' }],
    },
    holderConsents(scene, baUnit, buyerHolding),
  );
  transactions.mortgage = mortgage.transactionHash ?? '';

  const attempt = () =>
    land.record(
      '/acts/transfers',
      transferTo(holderOf(seed, genesisHash, baUnit, buyerHolding + 2, 'SYNTHETIC SECOND BUYER'), baUnit),
      holderConsents(scene, baUnit, buyerHolding),
    );
  refused.push({ attempt: 'a second transfer while the mortgage stands', code: await refusedAs(attempt) });

  const { state } = await land.preparer.client.ask<{ state: { restrictions: { restrictionId: number }[] } }>(
    `/titles/${baUnit}`,
  );
  const restrictionId = state.restrictions[0]?.restrictionId ?? 0;
  const discharge = await land.record(
    '/acts/discharges',
    { releases: [{ baUnit, restrictionId }] },
    consentsOf(lender),
  );
  transactions.discharge = discharge.transactionHash ?? '';
  return { transactions, refused };
}

function transferTo(holder: object, baUnit: BAUnitId) {
  return { baUnit, rightId: RIGHT, tenancy: 'sole', denominator: '1', staying: [], joining: [holder] };
}

async function refusedAs(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof Problem) return error.reason;
    throw error;
  }
  throw new Error('what should have been refused was recorded');
}

/** Divides a title along a line through its middle; each half carries its rights and restrictions. */
async function divide(scene: Scene, parent: Surveyed, file: string): Promise<string> {
  const { land } = scene;
  const survey = await land.preparer.client.ask<{ recorded: Surveyed[]; refused: RefusedLine[] }>(
    `/parcels?office=${OFFICE}&replacing=${encodeURIComponent(parent.number)}`,
    { method: 'PUT', file: { bytes: new TextEncoder().encode(file), type: 'application/geo+json' } },
  );
  const [refused] = survey.refused;
  if (refused !== undefined) throw new Problem(422, { code: refused.code, detail: refused.message });
  const { transactionHash = '' } = await land.record(
    '/acts/subdivisions',
    { baUnit: parent.baUnit, children: survey.recorded.map(({ baUnit }) => ({ baUnit })) },
    holderConsents(scene, parent.baUnit, FIRST_HOLDING),
  );
  return transactionHash;
}
