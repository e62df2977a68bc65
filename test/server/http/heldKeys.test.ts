/** Keys that people bring to an office: what signed that it is held is asked, and a consent by the command moves the title. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { actInWords, readActFile, unopenedIn } from '../../../server/domain/signer/actFile.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
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

  it('go into files of which every hash of the act is opened', async () => {
    const token = await app.token('registrar', 1);
    const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(await holder(2))] };
    const told = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    const file = readActFile(JSON.stringify(told.body.prepared));
    expect(unopenedIn(file)).to.deep.equal([]);
    expect(actInWords(file).join('\n')).to.match(/ {2}boundary: "{/);
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
    const told = await prepare(await holder(3));
    expect(told.status, told.text).to.equal(201);
    const sold = JSON.stringify(told.body.prepared);
    expect(unopenedIn(readActFile(sold))).to.deep.equal([]);
    expect(actInWords(readActFile(sold))[0]).to.match(
      /^Moves the whole of parcel "[^"]+" from "[^"]+" to "[^"]+"\.$/,
    );
    const again = await app.ask<ActTold>('GET', `/acts/${told.body.id}`, { token });
    expect(JSON.stringify(again.body.prepared)).to.equal(sold);
    writeFileSync(inFolder('sale.json'), sold);
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
});
