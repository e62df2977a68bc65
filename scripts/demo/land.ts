/**
 * The land half of the mission on real files: survey, registration, and the acts on two titles.
 *
 * Holders are not in the files: one synthetic holder and key a title, freehold, marked as such. While one batch of
 * titles becomes final the next is prepared and signed, as offices work.
 */

import { randomInt } from 'node:crypto';
import {
  type ConsentKey,
  holdingKey,
  instrumentKey,
  type SeedKey,
  signCompact,
  signShown,
} from '../../server/domain/acts/signing.ts';
import { digestOf, type TypedData } from '../../server/domain/acts/typedData.ts';
import type { TrustFile } from '../../server/domain/audit/trust.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import type { BAUnitId, InstrumentId } from '../../server/domain/base/terms.ts';
import { heldByHolder, heldForInstrument } from '../../server/domain/people/heldKeys.ts';
import { readParcels } from '../../server/domain/survey/parcels.ts';
import { type Counts, countsOf, type RefusedLine } from '../answer.ts';
import { Problem, refusedAs } from '../client.ts';
import { noneGood } from './files.ts';
import { type Consenting, nowSeconds, randomId } from './officers.ts';
import { type Plan, stakedOut } from './split.ts';
import type { Stage } from './stage.ts';

const TITLES_PER_BATCH = 50;
/** How often it is said how far the registration is. */
const TITLES_PER_LINE = 500;
const OFFICE = 1;
/** The one holding of a fresh title: the right is 1, its first holding 2. */
const FIRST_HOLDING = 2;
const RIGHT = 1;
const CAUTION_DAYS = 30;
const DAY_SECONDS = 86_400;
/** Parcels that are tried for a division, largest first: a shape of slivers has no strips. */
const DIVISION_TRIES = 8;

interface Surveyed {
  readonly line: number;
  readonly feature: number;
  readonly number: string;
  readonly areaM2: number;
  readonly baUnit: BAUnitId;
}

interface Survey {
  readonly read: number;
  readonly recorded: readonly Surveyed[];
  readonly refused: readonly RefusedLine[];
  readonly warnings: readonly RefusedLine[];
}

export interface LandPlayed {
  readonly parcels: {
    readonly read: number;
    readonly registered: number;
    readonly refused: readonly RefusedLine[];
    readonly warnings: Counts;
  };
  readonly refusedAttempts: readonly { readonly attempt: string; readonly code: string }[];
  /** What could not be played on these parcels, a sentence each. */
  readonly leftOut: readonly string[];
  /** The title a certificate is issued of. */
  readonly certified: BAUnitId;
  /** Transactions to look gas up by, by act. */
  readonly transactions: Readonly<Record<string, string>>;
  /** In force at the end, of those that were registered here. */
  readonly titles: number;
}

const NOT_DIVIDED = 'no parcel can be divided in three: division and consolidation are left out';

/** Whose the title is: the key of the one holding it has. */
interface Owned {
  readonly baUnit: BAUnitId;
  readonly holdingId: number;
  readonly key: SeedKey;
}

export async function playLand(
  stage: Stage,
  file: Uint8Array<ArrayBuffer>,
  say: (line: string) => void,
): Promise<LandPlayed> {
  const land = new LandMission(stage);
  const survey = await land.survey(file);
  const { read, refused, warnings } = survey;
  // what an earlier file brought may have a title already
  const known = warnings.filter(({ code }) => code === 'parcel-known');
  const knownFeatures = new Set(known.map(({ feature }) => feature));
  const recorded = survey.recorded.filter(({ feature }) => !knownFeatures.has(feature));
  if (recorded.length === 0) throw noneGood('parcels-none-good', [...refused, ...known]);
  await land.register(inDrawnOrder(recorded), (done) => {
    const isTold = done % TITLES_PER_LINE === 0 || done === recorded.length;
    if (isTold) say(`titles registered: ${done} of ${recorded.length}`);
  });
  const [first] = recorded as [Surveyed];
  const title = await land.sellAndCharge(land.owned(first));
  say('title sold, mortgaged, discharged, cautioned');
  const plan = planOf(file, recorded);
  const partition =
    plan && (await land.divideAndJoin(plan.parent === first ? title : land.owned(plan.parent), plan));
  say(partition === undefined ? NOT_DIVIDED : 'parcel divided in three, two of them joined');
  return {
    parcels: { read, registered: recorded.length, refused, warnings: countsOf(warnings) },
    refusedAttempts: land.refusedAttempts,
    leftOut: partition === undefined ? [NOT_DIVIDED] : [],
    certified: plan?.parent === first && partition !== undefined ? partition.joined : title.baUnit,
    transactions: land.transactions,
    titles: recorded.length + (partition === undefined ? 0 : 1), // one becomes three, two of them one
  };
}

/** As an office prepares acts of one survey: in the order of its file, whoever has that file knew which parcel each title is. */
function inDrawnOrder<T>(given: readonly T[]): readonly T[] {
  const left = [...given];
  return given.flatMap(() => left.splice(randomInt(left.length), 1));
}

/** The largest parcel that can be divided, not the one that is sold if there is another. */
function planOf(file: Uint8Array, [first, ...others]: readonly Surveyed[]) {
  const largestFirst = others.toSorted((a, b) => b.areaM2 - a.areaM2).slice(0, DIVISION_TRIES);
  const drawn = new Map(readParcels(file).parcels.map((parcel) => [parcel.line, parcel]));
  for (const parent of first === undefined ? [] : [...largestFirst, first]) {
    const parcel = drawn.get(parent.line);
    const plan = parcel && stakedOut(parcel);
    if (plan !== undefined) return { ...plan, parent };
  }
  return undefined;
}

class LandMission {
  readonly transactions: Record<string, string> = {};
  readonly refusedAttempts: { attempt: string; code: string }[] = [];
  readonly #land: Stage['land'];
  readonly #seed: Uint8Array;
  readonly #trust: TrustFile;

  constructor({ land, seedOf, trust }: Stage) {
    this.#land = land;
    this.#seed = seedOf('holders');
    this.#trust = trust;
  }

  survey(file: Uint8Array<ArrayBuffer>, replacing: readonly string[] = []): Promise<Survey> {
    const query = new URLSearchParams({ office: String(OFFICE) });
    for (const number of replacing) query.append('replacing', number);
    return this.#land.preparer.client.ask<Survey>(`/parcels?${query}`, {
      method: 'PUT',
      file: { bytes: file, type: 'application/geo+json' },
    });
  }

  async register(parcels: readonly Surveyed[], progress: (done: number) => void): Promise<void> {
    let underWay: { readonly operation: string; readonly titles: number } | undefined;
    let done = 0;
    const finish = async () => {
      if (underWay === undefined) return;
      const { operation, titles } = underWay;
      const { transactionHash = '' } = await this.#land.settled(operation);
      this.transactions[`registration of ${titles}`] = transactionHash;
      done += titles;
      progress(done);
    };
    for (let from = 0; from < parcels.length; from += TITLES_PER_BATCH) {
      const titles = parcels.slice(from, from + TITLES_PER_BATCH).map((parcel) => this.#titleOf(parcel));
      const operation = await this.#land.submit('/acts/registrations', { titles });
      await finish();
      underWay = { operation, titles: titles.length };
    }
    await finish();
  }

  owned({ baUnit }: Surveyed): Owned {
    return this.#holding(baUnit, FIRST_HOLDING);
  }

  /** Sells, mortgages, tries to sell again, discharges, cautions, withdraws. Answers who has the title then. */
  async sellAndCharge(title: Owned): Promise<Owned> {
    const { baUnit } = title;
    const buyer = this.#holding(baUnit, FIRST_HOLDING + 1);
    const sale = (to: Owned, name: string) => ({
      baUnit,
      rightId: RIGHT,
      tenancy: 'sole',
      denominator: '1',
      staying: [],
      joining: [this.#holderOf(to, name)],
    });
    await this.#record('transfer', '/acts/transfers', sale(buyer, 'SYNTHETIC BUYER'), title.key);

    const mortgage = this.#instrument();
    await this.#record(
      'mortgage',
      '/acts/restrictions',
      {
        kind: 'mortgage',
        baUnits: [baUnit],
        targetRight: RIGHT,
        rank: 1,
        ...mortgage.fields,
        blocks: ['transfer'],
        needsConsent: [],
        expiresOn: 0,
        terms: [{ path: 'principal', value: 'SYNTHETIC 250000 KES' }],
      },
      buyer.key,
    );
    const second = sale(this.#holding(baUnit, FIRST_HOLDING + 3), 'SYNTHETIC SECOND BUYER');
    this.refusedAttempts.push({
      attempt: 'a second transfer while the mortgage stands',
      code: await refusedAs(() => this.#land.record('/acts/transfers', second, consentsWith(buyer.key))),
    });
    await this.#release('discharge', baUnit, mortgage.key);

    const caution = this.#instrument();
    await this.#record('caution', '/acts/restrictions', {
      kind: 'caution',
      baUnits: [baUnit],
      targetRight: RIGHT,
      rank: 0,
      ...caution.fields,
      blocks: ['transfer'],
      needsConsent: [],
      expiresOn: nowSeconds() + CAUTION_DAYS * DAY_SECONDS,
      terms: [{ path: 'ground', value: 'SYNTHETIC CLAIM' }],
    });
    await this.#release('caution-withdrawal', baUnit, caution.key);
    return buyer;
  }

  /** Divides in three and joins two of the parts again: what was surveyed is replaced, what stood is retired. */
  async divideAndJoin(parent: Owned, plan: Plan & { readonly parent: Surveyed }) {
    const strips = await this.#newSurvey(plan.divided, [plan.parent.number]);
    await this.#record(
      'subdivision',
      '/acts/subdivisions',
      { baUnit: parent.baUnit, children: strips.map(({ baUnit }) => ({ baUnit })) },
      parent.key,
    );
    const parents = strips.filter(({ number }) => plan.joining.includes(number));
    const [child] = await this.#newSurvey(plan.joined, plan.joining);
    if (child === undefined) throw new Error('a survey of nothing');
    const holder = this.#holderOf(this.owned(child), 'SYNTHETIC HOLDER OF JOINED LAND');
    await this.#record(
      'consolidation',
      '/acts/consolidations',
      {
        baUnits: parents.map(({ baUnit }) => baUnit),
        child: { baUnit: child.baUnit, right: freehold(holder) },
      },
      parent.key, // a part has the holders its whole had
    );
    return { joined: child.baUnit };
  }

  async #newSurvey(text: string, replacing: readonly string[]): Promise<readonly Surveyed[]> {
    const { recorded, refused } = await this.survey(new TextEncoder().encode(text), replacing);
    const [first] = refused;
    if (first !== undefined) throw new Problem(422, { code: first.code, detail: first.message });
    return recorded;
  }

  async #record(name: string, path: string, body: object, key?: ConsentKey): Promise<void> {
    const { transactionHash = '' } = await this.#land.record(path, body, key && consentsWith(key));
    this.transactions[name] = transactionHash;
  }

  /** Takes the one restriction of a title off it, with the consent of whom it is for. */
  async #release(name: string, baUnit: BAUnitId, key: ConsentKey): Promise<void> {
    const { state } = await this.#land.preparer.client.ask<{
      state: Record<'charges' | 'notices', { restrictionId: number }[]>;
    }>(`/titles/${baUnit}`);
    const releases = [...state.charges, ...state.notices].map(({ restrictionId }) => ({
      baUnit,
      restrictionId,
    }));
    await this.#record(name, '/acts/discharges', { releases }, key);
  }

  #titleOf(parcel: Surveyed) {
    const { baUnit, number, line } = parcel;
    const holder = this.#holderOf(this.owned(parcel), `SYNTHETIC HOLDER ${line} OF ${number}`);
    return { baUnit, origin: 'legacy', evidence: 'public-document', right: freehold(holder) };
  }

  #holding(baUnit: BAUnitId, holdingId: number): Owned {
    const key = holdingKey(this.#seed, { genesisHash: this.#trust.genesisHash, baUnit, holdingId });
    return { baUnit, holdingId, key };
  }

  #holderOf({ baUnit, holdingId, key }: Owned, name: string) {
    const { keyHash } = key;
    return {
      numerator: '1',
      partyKind: 'person',
      signer: 'own',
      keyHash,
      possession: { ...shownBy(key, heldByHolder(this.#trust, { baUnit, keyHash })), holdingId },
      party: { name },
    };
  }

  #instrument() {
    const instrumentId = randomId() as InstrumentId;
    const key = instrumentKey(this.#seed, { genesisHash: this.#trust.genesisHash, instrumentId });
    const { keyHash } = key;
    const possession = shownBy(key, heldForInstrument(this.#trust, { instrumentId, keyHash }));
    return { key, fields: { instrumentId, holderKeyHash: keyHash, possession } };
  }
}

function shownBy(key: SeedKey, held: TypedData) {
  return { salt: key.salt, signature: signShown(digestOf(held), key) };
}

function freehold(holder: object) {
  return { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1', holders: [holder] };
}

function consentsWith({ privateKey, salt }: ConsentKey): Consenting {
  return (_place, digest, deadline) => ({
    signature: signCompact(digest, privateKey),
    consent: { notBefore: 0, deadline, mandateCommitment: ZERO_32, kind: 'secp256k1', salt, key: '0x' },
  });
}
