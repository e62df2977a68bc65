/**
 * The list of acts that came to nothing: of an institution for its officers, each role its own kinds and each office its
 * own, of all for auditors, a page at a time.
 */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { toHex } from '../../../server/domain/base/hex.ts';
import type { Role } from '../../../server/http/route.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { inHours } from '../../gateway/members.ts';

interface Ended {
  readonly total: number;
  readonly rows: readonly {
    readonly act: string;
    readonly what: string;
    readonly office: number;
    readonly institution: number;
    readonly words: string;
    readonly takenBackBy?: { readonly label?: string };
  }[];
  readonly next?: string;
}

describe('the list of acts that came to nothing', function () {
  this.timeout(120_000);
  let app: App;
  let counter: string;
  /** By the order in which they were taken back. */
  const shops: string[] = [];
  let order: string;
  let others: string;
  before(async () => {
    app = await startApp();
    const issued = await app.ask<{ token: string }>('POST', '/tokens', {
      token: app.administrator(),
      body: { roles: ['agency'], institution: 1, days: 1, label: 'Counter 5' },
    });
    counter = issued.body.token;
    for (const office of [1, 2, 1]) shops.push(await takenBack(counter, OFFICERS.preparer, office));
    const other = await app.token('registrar', 2);
    others = await takenBack(await app.token('agency', 2), OFFICERS.secondPreparer, 3);
    expect(other).not.to.equal(counter);
    const member = await app.token('member', 1);
    const fields = { officer: OFFICERS.preparer.officer, epoch: 1, scopes: ['land'], until: inHours(2) };
    const made = await app.ask<ActTold>('POST', '/acts/short-pauses', { token: member, body: fields });
    expect(made.status, made.text).to.equal(201);
    order = made.body.id;
    expect((await app.ask('DELETE', `/acts/${order}`, { token: member })).status).to.equal(200);
  });
  after(() => app?.remove());

  async function takenBack(token: string, preparer: typeof OFFICERS.preparer, office: number) {
    const shop = { vendor: toHex(randomBytes(32)), standing: 'active', from: 0 };
    const body = { head: { ...headOf(preparer), office }, ...shop };
    const made = await app.ask<ActTold>('POST', '/acts/vendors', { token, body });
    expect(made.status, made.text).to.equal(201);
    expect((await app.ask('DELETE', `/acts/${made.body.id}`, { token })).status).to.equal(200);
    return made.body.id;
  }
  const ended = async (query: string, role: Role, institution: number, office?: number) => {
    const token = await app.token(role, institution, 'ended', office === undefined ? {} : { office });
    const told = await app.ask<Ended>('GET', `/acts/ended${query}`, { token });
    expect(told.status, told.text).to.equal(200);
    return told.body;
  };
  const acts = ({ rows }: Ended) => rows.map(({ act }) => act);
  const newestFirst = () => shops.toReversed();

  it('is newest first, of the own institution in the roles of the token, and of all for an auditor', async () => {
    const own = await ended('', 'agency', 1);
    expect(acts(own)).to.deep.equal(newestFirst());
    expect(own.next).to.equal(undefined);
    expect(own.rows[0]?.words).to.match(
      /^The registration, suspension or revocation of a [^,]*, about 0x[0-9a-f]{8}\.{3}[0-9a-f]{4}, prepared in institution 1 and signed by nobody, was taken back on \d+ \w+ \d{4}, \d\d:\d\d UTC by agency of institution 1 \(Counter 5\)$/,
    );
    expect(acts(await ended('', 'member', 1))).to.deep.equal([order]);
    expect(acts(await ended('', 'registrar', 1))).to.deep.equal([]);
    expect(acts(await ended('', 'agency', 2))).to.deep.equal([others]);
    const all = await ended('', 'auditor', 0);
    expect(acts(all)).to.deep.equal([order, others, ...newestFirst()]);
    expect(all.rows.map(({ takenBackBy }) => takenBackBy?.label)).to.deep.equal(
      all.rows.map(() => undefined),
    );
    expect(acts(await ended('?institution=2', 'auditor', 0))).to.deep.equal([others]);
  });

  it('is of one office for who works for one, and for who asks for one', async () => {
    const [first, second, third] = shops;
    expect(acts(await ended('', 'agency', 1, 2))).to.deep.equal([second]);
    const ofFirst = await ended('?office=1', 'agency', 1);
    expect([ofFirst.total, acts(ofFirst)]).to.deep.equal([2, [third, first]]);
    expect(acts(await ended('?office=2', 'auditor', 0))).to.deep.equal([second]);
  });

  it('is read page by page, and refuses where another institution or no page is named', async () => {
    for (const [role, institution, whole] of [
      ['agency', 1, newestFirst()],
      ['auditor', 0, [order, others, ...newestFirst()]],
    ] as const) {
      const found: string[] = [];
      let [after, pages] = ['', 0];
      do {
        const page = await ended(`?limit=2&after=${after}`, role, institution);
        expect([page.total, page.rows.length <= 2]).to.deep.equal([whole.length, true]);
        found.push(...acts(page));
        after = page.next ?? '';
        pages++;
      } while (after !== '');
      expect(found, role).to.deep.equal(whole);
      expect(pages, role).to.equal(Math.ceil(whole.length / 2));
    }
    const token = await app.token('agency', 1);
    for (const [query, code, pointer] of [
      ['institution=2', 'validation-failed', '/query/institution'],
      ['after=NGI3NTY0', 'cursor-unknown', '/query/after'],
    ] as const) {
      const told = await app.ask<Problem>('GET', `/acts/ended?${query}`, { token });
      expect([told.body.code, told.body.errors?.[0]?.pointer], told.text).to.deep.equal([code, pointer]);
    }
  });

  it('has what the command line took back, and nothing else that waits', async () => {
    const shop = { vendor: toHex(randomBytes(32)), standing: 'active', from: 0 };
    const body = Object.assign({ head: headOf(OFFICERS.preparer) }, shop);
    const made = await app.ask<ActTold>('POST', '/acts/vendors', { token: counter, body });
    const by = ['--gateway', app.url, '--token', counter];
    const said = kudurru(['desk', 'take-back', made.body.id, ...by]);
    expect([said.code, said.stderr], said.stdout).to.deep.equal([0, '']);
    expect(acts(await ended('?limit=1', 'agency', 1))).to.deep.equal([made.body.id]);
    expect(kudurru(['desk', 'take-back', made.body.id, ...by]).stdout).to.equal('');
  });

  it('is printed by the command line, as lists of members are: with how many more there are', async () => {
    const member = ['--gateway', app.url, '--token', await app.token('member', 1)];
    const officers = kudurru(['member', 'officers', '--limit', '2', ...member]).stdout;
    const [, cursor = ''] = /\n2 of \d+\. Next page: --after ([\w-]+)\n$/.exec(officers) ?? [];
    expect(cursor, officers).to.not.equal('');
    const next = kudurru(['member', 'officers', '--limit', '2', '--after', cursor, ...member]).stdout;
    expect(next.slice(0, 66)).to.match(/^0x[0-9a-f]{64}$/);
    expect(officers).not.to.include(next.slice(0, 66));
    const said = kudurru(['find', 'ended', '--limit', '2', '--gateway', app.url, '--token', counter]);
    expect(said.stdout).to.match(/^0x[0-9a-f]{64}\n {2}The [^\n]* was taken back on [^\n]*\n/);
    expect(said.stdout).to.match(/4 acts, 2 here\.\nNext page: --after [\w-]+\n$/);
  });
});
