/** Keys that people bring to an office: what signed that it is held is asked, and a consent by the command moves the title. */

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { fromHex, ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { InstrumentId } from '../../../server/domain/base/terms.ts';
import { actInWords, readActFile, unopenedIn } from '../../../server/domain/signer/actFile.ts';
import type { Role } from '../../../server/http/route.ts';
import { Aid, EPOCH, syntheticPeople } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { cardShown, heldIn, heldOn, tillShown } from '../../gateway/held.ts';
import { kudurruBeside } from '../../gateway/kudurru.ts';

const ENV = { KUDURRU_PASSPHRASE: 'nine ladders and a kiln' };

describe('keys that people bring to an office', function () {
  this.timeout(300_000);
  let app: App;
  let unit: string;
  before(async () => {
    app = await startApp();
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token, file },
    });
    unit = survey.body.recorded[0]?.baUnit ?? '';
    const made = await kudurruBeside(['holder', 'key', 'mara', '--keys', inFolder('ring')], ENV);
    expect(made.code).to.equal(0);
  });
  after(() => app?.remove());

  const inFolder = (name: string) => path.join(app.folder, name);
  const trust = () => ['--trust', inFolder('data/trust.json')];
  const mara = () => ['--key', 'mara', '--keys', inFolder('ring')];
  async function holder(holding: number, of = unit) {
    const about = ['--unit', of, '--holding', String(holding)];
    const { stdout } = await kudurruBeside(
      ['holder', 'record', ...mara(), ...trust(), ...about, '--json'],
      ENV,
    );
    const { keyHash, possession } = JSON.parse(stdout);
    const named = { numerator: '1', partyKind: 'person', signer: 'own', party: { name: 'Synthetic Holder' } };
    return { ...named, keyHash, possession };
  }
  const titleOf = (...holders: object[]) => ({
    ...{ baUnit: unit, origin: 'legacy', evidence: 'public-document' },
    right: { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1', holders },
  });

  it('are refused at their field where they signed for another unit or by another key', async () => {
    const token = await app.token('registrar', 1);
    const elsewhere = await holder(2, `0x${'ab'.repeat(32)}`);
    const others = [elsewhere, { ...(await holder(2)), possession: (await holder(3)).possession }];
    for (const one of others) {
      const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(one)] };
      const told = await app.ask<Problem>('POST', '/acts/registrations', { token, body });
      expect([told.body.code, told.body.errors?.[0]?.pointer]).to.deep.equal([
        'key-not-held',
        '/titles/0/right/holders/0/possession',
      ]);
    }
  });

  it('are refused where they were made for another number than the register gives, with the holdings there are', async () => {
    const token = await app.token('registrar', 1);
    const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(await holder(3))] };
    const told = await app.ask<Problem>('POST', '/acts/registrations', { token, body });
    expect([told.body.code, told.body.errors?.[0]?.pointer]).to.deep.equal([
      'key-of-another-holding',
      '/titles/0/right/holders/0/possession/holdingId',
    ]);
    expect(told.text).to.match(/another number than 2, [^"]* the unit has no holdings yet\./);
  });

  it('go into files of which every hash of the act is opened', async () => {
    const token = await app.token('registrar', 1);
    const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(await holder(2))] };
    const told = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    const file = readActFile(JSON.stringify(told.body.prepared));
    expect(unopenedIn(file)).to.deep.equal([]);
    expect(actInWords(file).join('\n')).to.match(/ {2}boundary: 4 corners: /);
  });

  it('consent by the command, over the file that the office hands over, and the title passes', async () => {
    await app.act('registrar', '/acts/registrations', { titles: [titleOf(await holder(2))] });
    const token = await app.token('registrar', 1);
    const sale = { baUnit: unit, rightId: 1, tenancy: 'sole', denominator: '1', staying: [] };
    const prepare = (joining: object) =>
      app.ask<ActTold & Problem>('POST', '/acts/transfers', {
        token,
        body: { head: headOf(OFFICERS.preparer), ...sale, joining: [joining] },
      });
    const wrong = await prepare({ ...(await holder(3)), possession: (await holder(4)).possession });
    expect([wrong.body.code, wrong.body.errors?.[0]?.pointer]).to.deep.equal([
      ...['key-not-held', '/joining/0/possession'],
    ]);
    const misnumbered = await prepare(await holder(2));
    expect([misnumbered.body.code, misnumbered.body.errors?.[0]?.pointer]).to.deep.equal([
      ...['key-of-another-holding', '/joining/0/possession/holdingId'],
    ]);
    expect(misnumbered.text).to.match(/than 3, [^"]* the unit has the holdings 2\./);
    const told = await prepare(await holder(3));
    expect(told.status, told.text).to.equal(201);
    const sold = JSON.stringify(told.body.prepared);
    expect(unopenedIn(readActFile(sold))).to.deep.equal([]);
    expect(actInWords(readActFile(sold)).join('\n'), 'the ground that is sold').to.match(
      / {2}boundary: 4 corners: /,
    );
    expect(actInWords(readActFile(sold))[0]).to.match(
      /^Moves the whole of parcel "[^"]+" from "[^"]+" to "[^"]+"\. From then on key 0x\w+\.\.\.\w+ signs for "[^"]+"\.$/,
    );
    const again = await app.ask<ActTold>('GET', `/acts/${told.body.id}`, { token });
    expect(JSON.stringify(again.body.prepared)).to.equal(sold);
    writeFileSync(inFolder('sale.json'), told.text); // as it was answered, whole
    const given = await kudurruBeside(
      [
        'holder',
        'consent',
        inFolder('sale.json'),
        ...mara(),
        ...trust(),
        '--yes',
        '--out',
        inFolder('consent.json'),
      ],
      ENV,
    );
    expect(
      [given.code, given.stderr.includes('"Synthetic Holder" comes to hold the whole')],
      given.stderr,
    ).to.deep.equal([...[0, true]]);
    const body = JSON.parse(readFileSync(inFolder('consent.json'), 'utf8'));
    const taken = await app.ask('POST', `/acts/${told.body.id}/signatures`, { token, body });
    expect(taken.status, taken.text).to.equal(201);
    await app.sign('registrar', told.body, [OFFICERS.preparer, OFFICERS.approver]);
    const title = await app.ask<{ version: string }>('GET', `/titles/${unit}`, { token });
    expect(title.body.version).to.equal('2');
  });

  it('are demanded wherever one becomes somebody’s, and of nobody who has none', async () => {
    const aid = new Aid(app, 'keys that are shown', ['a shop with a till']);
    await aid.define();
    aid.people = (await aid.register(syntheticPeople(3))).body.people;
    await aid.act('/acts/enrolments', aid.enrolmentOf(aid.people.slice(0, 1)));
    const enrolment = aid.enrolmentOf(aid.people.slice(1));
    await aid.loadSlots();
    const [vendor = ''] = aid.vendors;
    await aid.act('/acts/vendors', { vendor, standing: 'active', from: 0 });
    const secret = { privateKey: fromHex(named('a key of nobody')), salt: named('its salt') };
    const trust = app.trust();
    const { possession: _, ...held } = heldIn(trust, unit, secret);
    const mara = { numerator: '1', partyKind: 'person', signer: 'own', party: { name: 'Synthetic Holder' } };
    const of = { programme: aid.programme, enrolmentEpoch: EPOCH };
    const card = cardShown(trust, of, secret.privateKey);
    const till = tillShown(trust, { vendor, till: 1 }, secret.privateKey);
    const lent = heldOn(trust, named('an instrument') as InstrumentId, secret);
    const caution = {
      ...{ kind: 'caution', baUnits: [unit], targetRight: 1, rank: 0, ...lent },
      ...{ blocks: [], needsConsent: [], expiresOn: Math.floor(Date.now() / 1000) + 86_400 },
      terms: [{ path: 'claim', value: 'a synthetic claim' }],
    };
    const right = (holder: object) => titleOf(holder).right;
    const next = { ...of, index: 0, standing: 'active', effectiveFrom: 0 };
    const [shown, other] = enrolment.people;
    const routes: readonly (readonly [Role, string, object, string])[] = [
      [
        ...(['registrar', 'registrations'] as const),
        { titles: [titleOf({ ...mara, ...held })] },
        '/titles/0/right/holders/0/keyHash',
      ],
      [
        ...(['registrar', 'parts'] as const),
        { baUnit: unit, parts: [{ ...titleOf({ ...mara, ...held }), quota: '1' }] },
        '/parts/0/right/holders/0/keyHash',
      ],
      [
        ...(['registrar', 'transfers'] as const),
        {
          baUnit: unit,
          rightId: 1,
          tenancy: 'sole',
          denominator: '1',
          staying: [],
          joining: [{ ...mara, ...held }],
        },
        '/joining/0/keyHash',
      ],
      [
        ...(['registrar', 'consolidations'] as const),
        {
          baUnits: [unit, named('another unit')],
          child: { baUnit: unit, right: right({ ...mara, ...held }) },
        },
        '/child/right/holders/0/keyHash',
      ],
      [...(['registrar', 'restrictions'] as const), { ...caution, possession: undefined }, '/holderKeyHash'],
      [
        ...(['agency', 'enrolments'] as const),
        { ...enrolment, people: [shown, { ...other, possession: undefined }] },
        '/people/1/keyId',
      ],
      [...(['agency', 'cards'] as const), { ...next, ...card, possession: undefined }, '/keyId'],
      [
        ...(['agency', 'tills'] as const),
        { vendor, till: 1, ...till, standing: 'active', possession: undefined },
        '/keyId',
      ],
    ];
    const ask = async (role: Role, place: string, body: object) =>
      app.ask<Problem>('POST', `/acts/${place}`, {
        token: await app.token(role, 1),
        body: { head: headOf(OFFICERS.preparer), ...body },
      });
    for (const [role, place, body, pointer] of routes) {
      const told = await ask(role, place, body);
      expect([told.body.code, told.body.errors?.[0]?.pointer], `${place}: ${told.text}`).to.deep.equal([
        'key-not-shown',
        pointer,
      ]);
    }
    const nobody = { keyHash: ZERO_32, signer: 'none' };
    for (const [role, place, body] of [
      [
        'registrar',
        'transfers',
        {
          baUnit: unit,
          rightId: 1,
          tenancy: 'sole',
          denominator: '1',
          staying: [],
          joining: [{ ...mara, ...nobody }],
        },
      ],
      ['registrar', 'restrictions', { ...caution, holderKeyHash: ZERO_32, possession: undefined }],
      ['registrar', 'restrictions', caution],
      ['agency', 'cards', { ...next, ...card }],
      // It was shown when its person was enrolled.
      ['agency', 'cards', { ...next, index: 0, ...(await cardAt(aid, 0)), standing: 'suspended' }],
      ['agency', 'tills', { vendor, till: 1, ...till, standing: 'active' }],
    ] as const) {
      const told = await ask(role, place, body);
      expect(told.status, `${place}: ${told.text}`).to.equal(201);
    }
    for (const [role, place, body, pointer] of [
      ['registrar', 'restrictions', { ...caution, instrumentId: named('another instrument') }, '/possession'],
      ['agency', 'cards', { ...next, ...card, keyKind: 'p256' }, '/possession'],
      ['agency', 'tills', { vendor, till: 2, ...till, standing: 'active' }, '/possession'],
    ] as const) {
      const told = await ask(role, place, body);
      expect([told.body.code, told.body.errors?.[0]?.pointer], place).to.deep.equal([
        'key-not-held',
        pointer,
      ]);
    }
  });
});

/** What the ledger says of a card. */
async function cardAt(aid: Aid, index: number) {
  type Told = { rows: { index: number; card: { keyKind: string; keyId: string } }[] };
  const { body } = await aid.ask<Told>('GET', `${aid.path}/enrolments/${EPOCH}/places`);
  const { keyKind, keyId } = body.rows.find((row) => row.index === index)?.card ?? {};
  return { keyKind, keyId };
}
