/**
 * Transfers of titles that a holder consents to, part by part: for tests of what arrives at the same moment.
 *
 * Each unit is its holder's before and after, so that another transfer of it can be prepared as soon as one is over.
 */
import { randomUUID } from 'node:crypto';
import { demoParcels } from '../../scripts/demoData.ts';
import { signCompact } from '../../server/domain/acts/signing.ts';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import { named } from '../chain/signing.ts';
import { type ActTold, type App, approvalBy, headOf, OFFICERS, preparationBy, type Told } from './app.ts';
import { heldIn } from './held.ts';

/** What can be done to an act while something else is: its preparation once more, its three signatures, its end. */
export const PARTS = ['prepare', 'preparer', 'approver', 'consent', 'take-back'] as const;
export type Part = (typeof PARTS)[number];
export const SIGNED_PARTS = ['preparer', 'approver', 'consent'] as const satisfies readonly Part[];

/** One act on its way, with the keys that every request of it has, however often it is sent. */
export interface Transfer {
  readonly baUnit: string;
  readonly act: ActTold;
  readonly body: object;
  readonly keys: Readonly<Record<Part, string>>;
}

export const HOLDER_KEY = fromHex(named('key of the holder'));
export const HOLDER_SALT = named('salt of the holder') as Bytes32;
const WHOLE = { tenancy: 'sole', denominator: '1' };

/** Who holds a unit, with the key that she shows. */
type HolderOf = (app: App, baUnit: string, holdingId?: number) => object;

/** By the one key. */
export function holder(app: App, baUnit: string, holdingId?: number) {
  const key = heldIn(app.trust(), baUnit, { privateKey: HOLDER_KEY, salt: HOLDER_SALT }, holdingId);
  const kinds = { partyKind: 'person', signer: 'own' };
  return { numerator: '1', ...kinds, ...key, party: { name: 'Synthetic Holder' } };
}

/** Titles of one holder, registered. */
export async function registerUnits(
  app: App,
  count: number,
  holderOf: HolderOf = holder,
): Promise<readonly string[]> {
  const token = await app.token('registrar', 1);
  const file = { text: demoParcels({ count }), type: 'application/geo+json' };
  const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
    ...{ token, file },
  });
  const units = survey.body.recorded.map(({ baUnit }) => baUnit);
  const titles = units.map((baUnit) => ({
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: { kind: 'ownership', standing: 'absolute', ...WHOLE, holders: [holderOf(app, baUnit)] },
  }));
  await app.act('registrar', '/acts/registrations', { titles });
  return units;
}

/** Of the whole of a title to the same holder, under the number that the register gives her then. */
export async function wholeTransfer(app: App, baUnit: string, holderOf: HolderOf = holder) {
  const { body } = await app.ask<{ state: { header: { nextId: number }; rights: { rightId: number }[] } }>(
    'GET',
    `/titles/${baUnit}`,
    { token: await app.token('registrar', 1) },
  );
  const { header, rights } = body.state;
  const joining = [holderOf(app, baUnit, header.nextId)];
  return { baUnit, rightId: rights[0]?.rightId, ...WHOLE, staying: [], joining };
}

export async function prepareTransfer(
  app: App,
  baUnit: string,
  head = headOf(OFFICERS.preparer),
  holderOf: HolderOf = holder,
): Promise<Transfer> {
  const token = await app.token('registrar', 1);
  const body = { head, ...(await wholeTransfer(app, baUnit, holderOf)) };
  const keys = Object.fromEntries(PARTS.map((part) => [part, randomUUID()])) as Transfer['keys'];
  const answer = await app.ask<ActTold>('POST', '/acts/transfers', { token, body, key: keys.prepare });
  if (answer.status !== 201) throw new Error(`a transfer was answered ${answer.status}: ${answer.text}`);
  return { baUnit, act: answer.body, body, keys };
}

/** One request of a transfer, the same however often it is sent. */
export async function sendPart(app: App, part: Part, { act, body, keys }: Transfer): Promise<Told<ActTold>> {
  const token = await app.token('registrar', 1, part === 'approver' ? 'second' : 'first');
  const key = keys[part];
  if (part === 'prepare') return app.ask('POST', '/acts/transfers', { token, body, key });
  if (part === 'take-back') return app.ask('DELETE', `/acts/${act.id}`, { token });
  return app.ask('POST', `/acts/${act.id}/signatures`, { token, key, body: signatureOf(part, act) });
}

function signatureOf(part: (typeof SIGNED_PARTS)[number], act: ActTold): object {
  if (part === 'preparer') return preparationBy(OFFICERS.preparer, act);
  if (part === 'approver') return approvalBy(OFFICERS.approver, act);
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
