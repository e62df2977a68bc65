/** Signatures that arrive at the same moment, whichever parts of an act they are: the act is carried out, once. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { addressOfPrivateKey, keyHashOf, signCompact } from '../../../server/domain/acts/signing.ts';
import { digestOf } from '../../../server/domain/acts/typedData.ts';
import { type Bytes32, fromHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import { named } from '../../chain/signing.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type OperationTold,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';

const HOLDER_KEY = fromHex(named('key of the holder'));
const HOLDER_SALT = named('salt of the holder') as Bytes32;
const PARTS = ['preparer', 'approver', 'consent'] as const;
type Part = (typeof PARTS)[number];
/** Which parts are the last and arrive together; what is left over comes before them. */
const TOGETHER: readonly (readonly Part[])[] = [
  ['preparer', 'approver'],
  ['preparer', 'consent'],
  ['approver', 'consent'],
  PARTS,
];
const TRIES = 8;

describe('signatures that arrive together', function () {
  this.timeout(300_000);
  let app: App;
  let baUnit: string;
  before(async () => {
    app = await startApp();
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token,
      file,
    });
    baUnit = survey.body.recorded[0]?.baUnit ?? '';
    const right = { kind: 'ownership', standing: 'absolute', ...WHOLE, holders: [holder()] };
    const title = { baUnit, origin: 'legacy', evidence: 'public-document', right };
    await app.act('registrar', '/acts/registrations', { head: headOf(OFFICERS.preparer), titles: [title] });
  });
  after(() => app?.remove());

  const WHOLE = { tenancy: 'sole', denominator: '1' };
  const holder = () => {
    const keyHash = keyHashOf(HOLDER_SALT, 'secp256k1', addressOfPrivateKey(HOLDER_KEY));
    const kinds = { partyKind: 'person', signer: 'own' };
    return { numerator: '1', ...kinds, keyHash, party: { name: 'Synthetic Holder' } };
  };

  function bodyOf(part: Part, act: ActTold): object {
    if (part === 'preparer') return preparationBy(OFFICERS.preparer, act);
    if (part === 'approver') return approvalBy(OFFICERS.approver, act);
    const [consent] = readActFile(JSON.stringify(act.prepared)).consents;
    if (consent === undefined) throw new Error('nobody is asked');
    return {
      part: 'consent',
      place: 0,
      signature: signCompact(digestOf(consent), HOLDER_KEY),
      consent: {
        notBefore: 0,
        deadline: Number(consent.message.deadline),
        mandateCommitment: ZERO_32,
        kind: 'secp256k1',
        salt: HOLDER_SALT,
        key: '0x',
      },
    };
  }

  const sign = async (part: Part, act: ActTold, key = randomUUID()) =>
    app.ask<ActTold>('POST', `/acts/${act.id}/signatures`, {
      token: await app.token('registrar', 1, part === 'approver' ? 'second' : 'first'),
      body: bodyOf(part, act),
      key,
    });

  async function prepare(): Promise<ActTold> {
    const title = await app.ask<{ state: { rights: { rightId: number }[] } }>('GET', `/titles/${baUnit}`, {
      token: await app.token('registrar', 1),
    });
    const rightId = title.body.state.rights[0]?.rightId;
    const answer = await app.ask<ActTold>('POST', '/acts/transfers', {
      token: await app.token('registrar', 1),
      body: { head: headOf(OFFICERS.preparer), baUnit, rightId, ...WHOLE, staying: [], joining: [holder()] },
    });
    expect(answer.status, answer.text).to.equal(201);
    return answer.body;
  }

  /** The operation once it is over; undefined where the act is complete and nobody carries it out. */
  async function outcome(act: ActTold): Promise<OperationTold | undefined> {
    const token = await app.token('registrar', 1);
    const { body } = await app.ask<ActTold>('GET', `/acts/${act.id}`, { token });
    if (body.operation === undefined) return undefined;
    const headers = { Prefer: 'wait=20' };
    return (await app.ask<OperationTold>('GET', body.operation, { token, headers })).body;
  }

  for (const last of TOGETHER) {
    it(`carry the act out once: ${last.join(', ')}`, async () => {
      let stuck = 0;
      for (let i = 0; i < TRIES; i++) {
        const act = await prepare();
        for (const part of PARTS.filter((one) => !last.includes(one))) await sign(part, act);
        const answers = await Promise.all(last.map((part) => sign(part, act)));
        expect(answers.map(({ status }) => status)).to.satisfy((all: number[]) =>
          all.every((status) => status === 201 || status === 202),
        );
        const operation = await outcome(act);
        if (operation === undefined) {
          stuck++;
          await app.ask('DELETE', `/acts/${act.id}`, { token: await app.token('registrar', 1) });
        } else expect(operation).to.deep.include({ state: 'PROJECTED', isFinal: true });
      }
      console.log(`      ${last.join(' and ')} together | ${TRIES} tried | ${stuck} stuck`);
      expect(stuck).to.equal(0);
    });
  }
});
