/**
 * Acts of every kind, each about an object of its own: for tests that try what may happen to any act while something else
 * does. Here are those that begin something; `kindsOnObjects.ts` has those of what is there already.
 *
 * They differ by what an act carries and takes: people's records, ground, a list of people, consents, appointments, or
 * nothing; by how many sign; and by the register. Whatever must be there before is made by `ready`.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { demoParcels } from '../../scripts/demoData.ts';
import type { OrderType } from '../../server/domain/acts/orders.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import type { ActType } from '../../server/domain/acts/table.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { fromHex, toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import type { Role } from '../../server/http/route.ts';
import { Aid, syntheticPeople } from '../aid/aid.ts';
import { keyRecord, named, type Officer, officerOf, possessionOf } from '../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type Problem,
  preparationBy,
  type Told,
} from './app.ts';
import { tillShown } from './held.ts';
import { kindsOnObjects } from './kindsOnObjects.ts';
import {
  carriedOut,
  consortiumOf,
  everyOffice,
  inHours,
  type MeasureTold,
  recordOf,
  voted,
} from './members.ts';
import { HOLDER_KEY, HOLDER_SALT, holder, registerUnits, wholeTransfer } from './transfers.ts';

const { preparer, approver, secondPreparer } = OFFICERS;

/** What can be done to an act: its preparation once more, its signatures, its end. */
export type Part = 'prepare' | 'preparer' | 'approver' | 'consent' | 'take-back';
export const OF_TWO: readonly Part[] = ['prepare', 'preparer', 'approver', 'take-back'];
const WITH_CONSENT: readonly Part[] = ['prepare', 'preparer', 'approver', 'consent', 'take-back'];
export const OF_ONE: readonly Part[] = ['prepare', 'preparer', 'take-back'];

export interface Kind {
  readonly type: ActType | OrderType;
  readonly role: Role;
  readonly place: string;
  readonly parts: readonly Part[];
  /** How many entries it makes. */
  readonly entries: number;
  /** Of an act about an object that no other has, or had in a round before. */
  body(nth: number, round: number): Promise<object> | object;
  /** Makes what so many acts of a round need. */
  ready?(count: number, round: number): Promise<void>;
  /** Ends what a round before has left that would stand in others' way. */
  clear?(): Promise<void>;
  /** Who approves it, where two institutions must sign. */
  readonly approver?: Officer;
  /** Who orders it, where each order is another officer's. */
  signer?(nth: number, round: number): Officer;
  /** What is tried of it in a round, where a ledger has one object of the kind, or it stands in another's way. */
  pairsIn?(round: number, pairs: readonly Pair[]): readonly Pair[];
}

/** Two parts under way at once. */
export type Pair = readonly [Part, Part];

export const pairsOf = ({ parts }: Pick<Kind, 'parts'>): readonly Pair[] =>
  parts.flatMap((one, i) => parts.slice(i + 1).map((other) => [one, other] as const));

/** What is tried of a kind in a round. */
export const pairsAt = (kind: Kind, round: number): readonly Pair[] =>
  kind.pairsIn?.(round, pairsOf(kind)) ?? pairsOf(kind);

/** The signatures that make it whole. */
export const signedParts = ({ parts }: Pick<Kind, 'parts'>) =>
  parts.filter((part) => part !== 'prepare' && part !== 'take-back');

/** One act on its way, with the keys that every request of it has, however often it is sent. */
export interface OnItsWay {
  readonly kind: Kind;
  readonly act: ActTold;
  readonly body: object;
  readonly keys: Readonly<Record<Part, string>>;
  readonly signer: Officer;
}

export async function prepared(app: App, kind: Kind, nth: number, round: number): Promise<OnItsWay> {
  const body = await kind.body(nth, round);
  const keys = Object.fromEntries(WITH_CONSENT.map((part) => [part, randomUUID()])) as OnItsWay['keys'];
  const told = await app.ask<ActTold>('POST', kind.place, {
    ...{ token: await app.token(kind.role, 1), body, key: keys.prepare },
  });
  if (told.status !== 201) throw new Error(`${kind.type} was answered ${told.status}: ${told.text}`);
  return { kind, act: told.body, body, keys, signer: kind.signer?.(nth, round) ?? preparer };
}

/** One request of it, the same however often it is sent. */
export async function send(app: App, part: Part, one: OnItsWay): Promise<Told<ActTold & Problem>> {
  const { kind, act, body, keys } = one;
  const isApproval = part === 'approver';
  const { institution } = isApproval ? (kind.approver ?? approver) : preparer;
  const token = await app.token(kind.role, institution, isApproval ? 'second' : 'first');
  const key = keys[part];
  if (part === 'prepare') return app.ask('POST', kind.place, { token, body, key });
  if (part === 'take-back') return app.ask('DELETE', `/acts/${act.id}`, { token });
  return app.ask('POST', `/acts/${act.id}/signatures`, { token, key, body: signatureOf(part, one) });
}

function signatureOf(part: Part, { kind, act, signer }: OnItsWay): object {
  if (part === 'preparer') return preparationBy(signer, act);
  if (part === 'approver') return approvalBy(kind.approver ?? approver, act);
  const [consent] = readActFile(JSON.stringify(act.prepared)).consents;
  if (consent === undefined) throw new Error('nobody is asked');
  return {
    ...{ part: 'consent', place: 0, signature: signCompact(digestOf(consent), HOLDER_KEY) },
    consent: {
      ...{ notBefore: 0, deadline: Number(consent.message.deadline), mandateCommitment: ZERO_32 },
      ...{ kind: 'secp256k1', salt: HOLDER_SALT, key: '0x' },
    },
  };
}

const fresh = () => toHex(randomBytes(32));

/** At the gateway as it runs when it is asked, for it is started anew; for so many rounds there must be ground. */
export async function openKinds(at: () => App, rounds: number): Promise<readonly Kind[]> {
  return [...(await land(at, rounds)), ...aid(at), ...power(at), ...kindsOnObjects(at)];
}

// ---- Land ---------------------------------------------------------------------------------------------------

async function land(at: () => App, rounds: number): Promise<Kind[]> {
  const pairs = pairsOf({ parts: OF_TWO }).length;
  const mostPairs = pairsOf({ parts: WITH_CONSENT }).length;
  const registered = await registerUnits(at(), mostPairs);
  const token = await at().token('registrar', 1);
  const file = { text: demoParcels({ seed: 7, count: 3 * pairs * rounds }), type: 'application/geo+json' };
  const moved = file.text.replaceAll(/\[(\d+(?:\.\d+)?),/g, (_, at: string) => `[${Number(at) + 5},`);
  const numbered = moved.replaceAll('Synthetic/', 'Fresh/');
  const survey = await at().ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
    ...{ token, file: { ...file, text: numbered } },
  });
  const free = survey.body.recorded.map(({ baUnit }) => baUnit);
  const title = () => {
    const baUnit = free.pop() ?? '';
    const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
    return {
      ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
      right: { ...right, holders: [holder(at(), baUnit)] },
    };
  };
  const head = () => headOf(preparer);
  const unitOf = (nth: number) => registered[nth % registered.length] ?? '';
  const caution = (nth: number) => ({
    ...{ head: head(), kind: 'caution', baUnits: [unitOf(nth)], targetRight: 1, rank: 0 },
    ...{ instrumentId: fresh(), holderKeyHash: ZERO_32, blocks: [], needsConsent: [] },
    ...{ terms: [{ path: 'reason', value: 'a claim' }], expiresOn: inHours(24 * 20) },
  });
  const of = { role: 'registrar', parts: OF_TWO, entries: 1 } as const;
  return [
    {
      ...{ ...of, type: 'RegisterTitle', place: '/acts/registrations' },
      body: () => ({ head: head(), titles: [title()] }),
    },
    {
      ...{ ...of, type: 'Batch', place: '/acts/registrations', entries: 2 },
      body: () => ({ head: head(), titles: [title(), title()] }),
    },
    {
      ...{ ...of, type: 'TransferRight', place: '/acts/transfers', parts: WITH_CONSENT },
      async body(nth) {
        return { head: head(), ...(await wholeTransfer(at(), unitOf(nth))) };
      },
    },
    {
      ...{ ...of, type: 'Withdrawal', place: '/acts/withdrawals', parts: OF_ONE },
      async body(nth) {
        const body = caution(nth);
        const told = await at().ask<ActTold>('POST', '/acts/restrictions', {
          ...{ token: await at().token('registrar', 1), body },
        });
        return { officer: preparer.officer, epoch: preparer.epoch, act: told.body.id };
      },
    },
  ];
}

// ---- Benefits -----------------------------------------------------------------------------------------------

function aid(at: () => App): Kind[] {
  const of = { role: 'agency', parts: OF_TWO, entries: 1 } as const;
  const head = () => headOf(preparer);
  const programmes: Aid[] = [];
  const vendor = named('the vendor of the pairs');
  const programmeOf = (kind: string, round: number, nth: number) => new Aid(at(), `${kind} ${round}/${nth}`);
  const defined = async (kind: string, count: number, round: number) => {
    const made = Array.from({ length: count }, (_, nth) => programmeOf(kind, round, nth));
    for (const one of made) await one.define();
    return made;
  };
  let lists: readonly Aid[] = [];
  let till = 0;
  return [
    {
      ...{ ...of, type: 'DefineProgramme', place: '/acts/programmes' },
      body: (nth, round) => ({ head: head(), ...programmeOf('defined', round, nth).policy() }),
    },
    {
      ...{ ...of, type: 'MoveFunds', place: '/acts/funds' },
      async ready(count, round) {
        if (programmes.length === 0) programmes.push(...(await defined('funded', count, round)));
      },
      body: (nth) => ({
        ...{ head: head(), programme: programmes[nth]?.programme, move: 'fund', amountMinor: '5' },
        sourceCommitment: fresh(),
      }),
    },
    {
      ...{ ...of, type: 'Enrol', place: '/acts/enrolments' },
      async ready(count, round) {
        lists = await defined('enrolled', count, round);
        for (const one of lists) one.people = (await one.register(syntheticPeople(3))).body.people;
      },
      body: (nth) => ({ head: head(), ...lists[nth]?.enrolmentOf(lists[nth]?.people ?? []) }),
    },
    {
      ...{ ...of, type: 'SetVendor', place: '/acts/vendors' },
      body: () => ({ head: head(), vendor: fresh(), standing: 'active', from: 0 }),
    },
    {
      ...{ ...of, type: 'SetTill', place: '/acts/tills' },
      async ready() {
        if (till === 0) await at().act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
      },
      body: () => ({
        ...{ head: head(), vendor, till: ++till, standing: 'active' },
        ...tillShown(at().trust(), { vendor, till }, fromHex(named(`key of till ${till}`))),
      }),
    },
  ];
}

// ---- Power --------------------------------------------------------------------------------------------------

function power(at: () => App): Kind[] {
  const of = { role: 'member', parts: OF_TWO, entries: 1 } as const;
  const head = () => everyOffice(preparer);
  const officer = (kind: string, round: number, nth: number) => officerOf(1, `${kind} ${round}/${nth}`);
  const appointed = async (kind: string, count: number, round: number) => {
    for (let nth = 0; nth < count; nth++) {
      const record = recordOf(at(), officer(kind, round, nth), ['pause']);
      await at().act('member', '/acts/appointments', { head: head(), officer: record });
    }
  };
  return [
    {
      ...{ ...of, type: 'AppointOfficer', place: '/acts/appointments' },
      body: (nth, round) => ({
        head: head(),
        officer: recordOf(at(), officer('appointed', round, nth), ['vote']),
      }),
    },
    {
      ...{ ...of, type: 'RotateKey', place: '/acts/key-changes' },
      ready: (count, round) => appointed('rekeyed', count, round),
      body(nth, round) {
        const [whose, epoch] = [officer('rekeyed', round, nth), 3];
        const { keyHash } = keyRecord(whose, epoch);
        const possession = possessionOf(whose, consortiumOf(at()), epoch);
        const key = { kind: 'secp256k1', keyHash, possession };
        return { head: head(), key: { format: 'kudurru-officer-key-1', officer: whose.officer, epoch, key } };
      },
    },
    {
      ...{ ...of, type: 'RevokeOfficer', place: '/acts/revocations' },
      ready: (count, round) => appointed('revoked', count, round),
      body: (nth, round) => ({ head: head(), officer: officer('revoked', round, nth).officer }),
    },
    {
      ...{ ...of, type: 'Vote', place: '/acts/votes', parts: OF_ONE, entries: 0 },
      /** An institution has eight places for what is open: those of the round before are carried out. */
      async ready() {
        const token = await at().token('member', 2);
        const { body } = await at().ask<{ rows: MeasureTold[] }>('GET', '/measures?open=true', { token });
        for (const measure of body.rows) {
          await voted(at(), secondPreparer, measure);
          await carriedOut(at(), measure);
        }
      },
      body: () => ({
        ...{ officer: preparer.officer, epoch: preparer.epoch, officers: [], closesAt: inHours(24) },
        proposal: { kind: 'set-policy', policy: 'landMostNoticeSeconds', value: '15552000' },
        salt: toHex(randomBytes(16)),
      }),
    },
  ];
}
