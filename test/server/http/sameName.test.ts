/**
 * An id of land with another name than it was kept with: asked about before anything is prepared, told to the second
 * officer where it was answered, and opened to neither of two people by the key of the other.
 */
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { type Bytes32, fromHex } from '../../../server/domain/base/hex.ts';
import type { BAUnitId } from '../../../server/domain/base/terms.ts';
import type { OwnPlace } from '../../../server/domain/people/ownProof.ts';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { heldIn } from '../../gateway/held.ts';
import { proven } from '../../gateway/ownProof.ts';

interface PartyOf {
  readonly name: string;
  readonly idNumber: string;
  readonly answer?: 'same-person';
  readonly phone?: string;
  readonly address?: string;
}
interface TitleTold {
  readonly state: {
    readonly rights: readonly { readonly holdings: readonly { partyCommitment: string }[] }[];
  };
}
type Told = ActTold & Problem & { readonly beside?: { readonly renamed?: readonly string[] } };

const ALPHA = { name: 'Synthetic Alpha Person', idNumber: '7718-8255', phone: '+254700111222' };
const BETA = { name: 'Synthetic Beta Person', idNumber: '7718 8255' };

describe('an id of land with another name', function () {
  this.timeout(180_000);
  let app: App;
  let units: readonly string[];
  before(async () => {
    app = await startApp();
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 8 }), type: 'application/geo+json' };
    const { body } = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file },
    });
    units = body.recorded.map(({ baUnit }) => baUnit);
  });
  after(() => app?.remove());

  const keyOf = (at: number) => ({
    privateKey: fromHex(named(`key of holder ${at}`)),
    salt: named(`salt of holder ${at}`) as Bytes32,
  });
  const titleOf = (at: number, party: PartyOf) => {
    const baUnit = units[at] ?? '';
    const kinds = { numerator: '1', partyKind: 'person', signer: 'own' };
    const held = Object.assign(kinds, heldIn(app.trust(), baUnit, keyOf(at)), { party });
    return {
      ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
      right: {
        ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1', holders: [held] },
      },
    };
  };
  const prepare = async (titles: readonly object[], name = 'first') =>
    app.ask<Told>('POST', '/acts/registrations', {
      token: await app.token('registrar', 1, name),
      body: { head: headOf(OFFICERS.preparer), titles },
    });
  const refusedAs = async (...titles: readonly object[]) => {
    const { status, body } = await prepare(titles);
    return [status, body.code, body.errors?.[0]?.pointer];
  };
  const record = async (...titles: readonly object[]) => {
    const { status, body, text } = await prepare(titles);
    expect(status, text).to.equal(201);
    await app.sign('registrar', body, [OFFICERS.preparer, OFFICERS.approver]);
    return body;
  };
  const ASKED = [409, 'id-of-another-name', '/titles/0/right/holders/0/party/idNumber'];

  it('is asked about, in one act and in a later one, and the same name however it is written is not', async () => {
    const told = await refusedAs(titleOf(0, ALPHA), titleOf(1, BETA));
    expect(told).to.deep.equal([409, 'id-of-another-name', '/titles/1/right/holders/0/party/idNumber']);
    await record(titleOf(0, ALPHA));
    expect(await refusedAs(titleOf(1, BETA))).to.deep.equal(ASKED);
    await record(titleOf(2, { name: 'PERSON, Alpha Synthétic', idNumber: '77188255' }));
  });

  it('is another name by its vowel signs in any script, and by its ninth word', async () => {
    const trustees = 'The Registered Trustees of the Synthetic Church of Kenya Diocese of';
    for (const [i, [one, other]] of [
      ['\u0930\u093e\u092e', '\u0930\u092e\u093e'],
      ['\u0c15\u0c30\u0c40\u0c02', '\u0c15\u0c30\u0c02'],
      ['\u304b\u304d', '\u304c\u304d'],
      [`${trustees} Nakuru`, `${trustees} Eldoret`],
    ].entries()) {
      const [given, kept] = [
        { name: other ?? '', idNumber: `S-${i}` },
        { name: one ?? '', idNumber: `S-${i}` },
      ];
      expect(await refusedAs(titleOf(3, kept), titleOf(4, given)), one).to.deep.equal([
        ...[409, 'id-of-another-name', '/titles/1/right/holders/0/party/idNumber'],
      ]);
    }
  });

  it('has no answer where nothing is asked', async () => {
    const without = { name: 'Synthetic Delta', idNumber: 'none' };
    for (const party of [{ name: 'Synthetic Gamma', idNumber: 'G-1' }, ALPHA, without]) {
      const told = await refusedAs(titleOf(3, { ...party, answer: 'same-person' }));
      expect(told).to.deep.equal([422, 'nothing-asked', '/titles/0/right/holders/0/party/answer']);
    }
  });

  it('is answered for one act: the second officer is told, and what is taken back has decided nothing', async () => {
    const { status, body, text } = await prepare([titleOf(1, { ...BETA, answer: 'same-person' })]);
    expect(status, text).to.equal(201);
    const token = await app.token('registrar', 1, 'second');
    const seen = await app.ask<Told>('GET', `/acts/${body.id}`, { token });
    expect(seen.body.beside?.renamed).to.have.length(1);
    expect(JSON.stringify(seen.body.prepared)).to.include(seen.body.beside?.renamed?.[0]);
    expect(await refusedAs(titleOf(3, BETA)), 'one officer alone').to.deep.equal(ASKED);
    await app.ask('DELETE', `/acts/${body.id}`, { token: await app.token('registrar', 1) });
    expect(await refusedAs(titleOf(3, BETA))).to.deep.equal(ASKED);
  });

  it('is one person from two officers’ answer on, and neither key opens what came with the other', async () => {
    await record(titleOf(1, { ...BETA, answer: 'same-person', address: 'Synthetic House 9' }));
    const told = await prepare([titleOf(3, BETA)]);
    expect([told.status, told.body.beside?.renamed]).to.deep.equal([201, undefined]);
    for (const [at, own, others] of [
      [0, [ALPHA.name, ALPHA.phone, units[0]], [BETA.name, 'Synthetic House 9', units[1], units[2]]],
      [1, [BETA.name, 'Synthetic House 9', units[1]], [ALPHA.name, ALPHA.phone, units[0], units[2]]],
    ] as const) {
      const { privateKey: key, salt } = keyOf(at);
      const place: OwnPlace = { kind: 'holding', baUnit: units[at] as BAUnitId, holdingId: 2 };
      const proof = await proven(app, { place, key, salt });
      const { status, text } = await app.ask('POST', '/own-data/readings', { body: proof });
      expect(status, text).to.equal(200);
      for (const one of own) expect(text).to.include(one);
      for (const one of others) expect(text).to.not.include(one);
    }
  });

  it('counts by no officer alone, whose act came to nothing, and by every act that was recorded', async () => {
    const idNumber = 'W-1';
    const [wrong, right] = [
      { name: 'Synthetic Wrong', idNumber },
      { name: 'Synthetic Right', idNumber },
    ];
    const alone = (await prepare([titleOf(5, wrong)])).body;
    expect(await refusedAs(titleOf(6, right))).to.deep.equal(ASKED);
    await record(titleOf(6, { ...right, answer: 'same-person' }));
    expect(await refusedAs(titleOf(7, wrong)), 'one officer’s, while it waits').to.deep.equal(ASKED);
    const token = await app.token('registrar', 1);
    await app.ask('DELETE', `/acts/${alone.id}`, { token });
    expect(await refusedAs(titleOf(7, wrong))).to.deep.equal(ASKED);
    const twice = await prepare([titleOf(7, right)]);
    expect(twice.status, twice.text).to.equal(201);
    await app.ask('DELETE', `/acts/${twice.body.id}`, { token });
    expect((await prepare([titleOf(7, right)])).status, 'of what was recorded').to.equal(201);
  });

  it('is read by nobody who states what a title commits to as a hash of an act of aid', async () => {
    const place = `/titles/${units[0]}`;
    const title = await app.ask<TitleTold>('GET', place, { token: await app.token('registrar', 1) });
    const hash = title.body.state.rights[0]?.holdings[0]?.partyCommitment;
    const aid = new Aid(app, 'a programme that states a hash');
    const token = await app.token('agency', 1);
    const asked = async (path: string, fields: object) => {
      const body = { head: headOf(OFFICERS.preparer), ...fields };
      const told = await app.ask<ActTold>('POST', path, { token, body });
      expect(told.status, told.text).to.equal(201);
      const again = await app.ask('GET', `/acts/${told.body.id}`, { token });
      for (const { text } of [told, again]) expect(text).to.include(hash).and.not.include(ALPHA.name);
    };
    const { policy: _, ...policy } = aid.policy() as { policy?: unknown };
    await asked('/acts/programmes', { ...policy, policyHash: hash });
    await aid.define();
    const { programme } = aid;
    await asked('/acts/funds', { programme, move: 'fund', amountMinor: '5', sourceCommitment: hash });
  });
});
