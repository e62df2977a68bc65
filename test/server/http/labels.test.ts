/**
 * What an institution calls its shops, tills and officers: found by it in words, and by nobody else; and tokens that are of a
 * shop or an office which its institution has.
 */
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Role } from '../../../server/http/route.ts';
import { Aid } from '../../aid/aid.ts';
import { type App, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';

const SHOP = 'Shop 12 at the market';
const PROGRAMME = 'Drought relief of the north';
const TILL = 'Counter by the door';
const OFFICER = 'Registrar 2, Land Office';
const LABELS = [SHOP, PROGRAMME, TILL, OFFICER];
interface Rows {
  readonly total: number;
  readonly rows: readonly { readonly label?: string; readonly [name: string]: unknown }[];
}

describe('a label', function () {
  this.timeout(240_000);
  let app: App;
  let aid: Aid;
  let shop: string;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-labels-'));
    app = await startApp();
    aid = new Aid(app, 'labels', ['a shop', 'another shop']);
    await aid.define();
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    shop = aid.vendors[0] ?? '';
    for (const [id, label, role] of [
      [shop, SHOP, 'agency'],
      [`${shop}.1`, TILL, 'agency'],
      [aid.programme, PROGRAMME, 'agency'],
      [OFFICERS.preparer.officer, OFFICER, 'member'],
    ] as const) {
      const told = await app.ask('PUT', `/labels/${id}`, {
        token: await app.token(role, 1),
        body: { label },
      });
      expect(told.status, told.text).to.equal(200);
    }
  });
  after(async () => {
    await app?.remove();
    rmSync(folder, { recursive: true });
  });

  const rowsOf = async (place: string, role: Role, institution = 1) => {
    const token = await app.token(role, institution);
    return (await app.ask<Rows>('GET', place, { token })).body;
  };
  const labelsIn = async (place: string, role: Role, institution = 1) =>
    (await rowsOf(place, role, institution)).rows.flatMap(({ label }) => label ?? []);

  it('stands beside its shop, till and officer for the institution that wrote it, and for nobody else', async () => {
    expect(await labelsIn('/programmes', 'agency')).to.deep.equal([PROGRAMME]);
    expect(await labelsIn('/vendors', 'agency')).to.deep.equal([SHOP]);
    expect(await labelsIn(`/vendors/${shop}/tills`, 'agency')).to.deep.equal([TILL]);
    expect(await labelsIn('/officers', 'registrar')).to.deep.equal([OFFICER]);
    for (const place of ['/programmes', '/vendors', `/vendors/${shop}/tills`, '/officers'])
      expect(await labelsIn(place, 'auditor', 0), place).to.deep.equal([]);
    expect(await labelsIn('/officers', 'registrar', 2)).to.deep.equal([]);
    const ofOffice = await app.token('registrar', 1, 'first', { office: 2 });
    for (const place of ['/officers', '/labels'])
      expect((await app.ask('GET', place, { token: ofOffice })).text, place).not.to.include('"label"');
    const history = async (institution: number, role: Role) =>
      JSON.stringify(await rowsOf(`/history/${shop}`, role, institution));
    expect(await history(1, 'agency')).to.include(OFFICER);
    expect(await history(0, 'auditor')).not.to.include(OFFICER);
  });

  it('stands beside what entries, signatures and waiting acts name, in words, and for nobody else', async () => {
    const pause = { programme: aid.programme, pausedUntil: Math.floor(Date.now() / 1000) + 3_600 };
    const body = { head: headOf(OFFICERS.preparer), ...pause };
    const made = await app.ask('POST', '/acts/pauses', { token: await app.token('agency', 1), body });
    expect(made.status, made.text).to.equal(201);
    const { rows: entries } = await rowsOf('/entries', 'agency');
    expect(entries.map(({ aboutInWords }) => String(aboutInWords))).to.satisfy((all: string[]) =>
      [SHOP, PROGRAMME].every((label) => all.some((about) => about.endsWith(`(${label})`))),
    );
    expect(JSON.stringify(entries)).to.include(`"label":"${OFFICER}"`);
    const [waiting] = (await rowsOf('/acts', 'agency')).rows;
    expect(waiting?.preparerLabel).to.equal(OFFICER);
    expect(String(waiting?.subject)).to.match(/^programme 0x[^,]* \(Drought relief of the north\)/);
    const signed = `/officers/${OFFICERS.preparer.officer}/signatures`;
    const labels = (await rowsOf(signed, 'member')).rows.map(({ subjectLabel }) => subjectLabel);
    expect(labels).to.include.members([SHOP, PROGRAMME]);
    for (const place of ['/entries', '/acts', signed]) {
      const others = JSON.stringify(await rowsOf(place, 'auditor', 0));
      for (const label of LABELS) expect(others, place).not.to.include(label);
    }
    const by = ['--gateway', app.url, '--token', await app.token('agency', 1)];
    const said = (...args: string[]) => kudurru(['find', ...args, ...by]).stdout;
    expect(said('entries')).to.match(/\n {2}about vendor 0x\S+ \(Shop 12 at the market\), entry 0x/);
    expect(said('acts')).to.include(`(${OFFICER}) of institution 1`);
  });

  it('is of no till that its shop does not have', async () => {
    const told = await app.ask('PUT', `/labels/${shop}.77`, {
      ...{ token: await app.token('agency', 1), body: { label: 'Till at the gate' } },
    });
    expect([told.status, told.body.code], told.text).to.deep.equal([404, 'nothing-recorded-of']);
  });

  it('is found by words of it, by pages, and by its own institution alone', async () => {
    expect(await rowsOf('/labels?label=MARKET', 'agency')).to.deep.include({
      total: 1,
      rows: [{ id: shop, label: SHOP }],
    });
    const first = await rowsOf('/labels?limit=2', 'agency');
    expect([first.total, first.rows.length]).to.deep.equal([4, 2]);
    const next = (first as unknown as { next: string }).next;
    const rest = await rowsOf(`/labels?limit=2&after=${next}`, 'agency');
    const read = [...first.rows, ...rest.rows].map(({ label }) => label);
    expect(read).to.deep.equal([...LABELS].sort()); // none of these has two numbers
    expect((await rowsOf('/labels', 'agency', 2)).total).to.equal(0);
    const token = await app.token('agency', 2);
    const theirs = await app.ask('PUT', `/labels/${shop}`, { token, body: { label: 'Mine' } });
    expect(theirs.body.code).to.equal('nothing-recorded-of');
  });

  it('is given, found and taken away on the command line, and shown beside what it names', async () => {
    const by = ['--gateway', app.url, '--token', await app.token('agency', 1)];
    const [, other = ''] = aid.vendors;
    const ran = (...args: string[]) => {
      const told = kudurru([...args, ...by]);
      expect(told.code, told.stderr).to.equal(0);
      return told.stdout;
    };
    expect(ran('desk', 'label', other, 'Shop 13 at the well')).to.equal(
      'It is called Shop 13 at the well.\n',
    );
    expect(ran('find', 'labels', '--label', 'well')).to.include(`${other}  Shop 13 at the well`);
    expect(ran('find', 'vendors')).to.include(`${shop}  ${SHOP}: active`);
    expect(ran('find', 'programmes')).to.include(`${aid.programme}  ${PROGRAMME}\n`);
    expect(ran('find', 'history', OFFICERS.preparer.officer)).to.match(/Founding, by those who founded/);
    expect(ran('find', 'history', shop)).to.include(`(${OFFICER}) of institution 1`);
    expect(ran('desk', 'label', other)).to.equal('It has no label any more.\n');
    expect(ran('find', 'labels', '--label', 'well')).to.equal('None.\n');
  });

  it('of a token says what it is for, and the token is of a shop and an office that its institution has', async () => {
    const out = path.join(folder, 'token');
    const args = ['--role', 'registrar', '--institution', '1', '--office', '2', '--label', 'Counter 3'];
    const administrator = ['--gateway', app.url, '--token', app.administrator()];
    const told = kudurru(['desk', 'token', ...args, '--out', out, ...administrator]);
    expect(told.code, told.stderr).to.equal(0);
    const [note] = (await app.ask<Rows>('GET', '/tokens?label=counter', { token: app.administrator() })).body
      .rows;
    expect(note).to.include({ label: 'Counter 3', office: 2 });
    for (const [bound, code, pointer] of [
      [{ roles: ['vendor'], institution: 1, vendor: `0x${'99'.repeat(32)}` }, 'vendor-unknown', '/vendor'],
      [{ roles: ['vendor'], institution: 2, vendor: shop }, 'vendor-unknown', '/vendor'],
      [{ roles: ['registrar'], institution: 2, office: 1 }, 'office-of-another', '/office'],
      [{ roles: ['agency'], institution: 1, office: 77 }, 'office-of-another', '/office'],
    ] as const) {
      const body = Object.assign({ days: 1 }, bound);
      const { body: refused } = await app.ask('POST', '/tokens', { token: app.administrator(), body });
      expect([refused.code, refused.errors?.[0]?.pointer]).to.deep.equal([code, pointer]);
    }
  });

  it('outlives the gateway, and is in no log and, without its keys, in no file', async () => {
    const said = app.logged();
    await app.stop();
    const files = globSync('**/*', { cwd: app.folder, withFileTypes: true }).filter((one) => one.isFile());
    const holding = files.filter((one) => {
      const text = readFileSync(path.join(one.parentPath, one.name)).toString('latin1');
      return LABELS.some((label) => text.includes(label));
    });
    expect(files.length).to.be.greaterThan(10);
    expect(holding.map(({ name }) => name)).to.deep.equal([]);
    for (const label of LABELS) expect(said).not.to.include(label);
    app = await startApp({ folder: app.folder });
    expect(await labelsIn('/vendors', 'agency')).to.deep.equal([SHOP]);
  });
});
