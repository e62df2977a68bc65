/** What the list of all entries tells to whom, beside what histories do; and ids of one thing that are another's as well. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Role } from '../../../server/http/route.ts';
import { Aid } from '../../aid/aid.ts';
import { type App, OFFICERS, type Problem, startApp, type TokenBinding } from '../../gateway/app.ts';
import { kudurruBeside } from '../../gateway/kudurru.ts';
import { inHours, ordered } from '../../gateway/members.ts';
import { registerUnits } from '../../gateway/transfers.ts';

const { preparer, secondPreparer, secondApprover } = OFFICERS;
const SECOND = [secondPreparer, secondApprover] as const;
/** What says of an entry where it is, and of what nothing. */
const CLOSED = [
  ...['address', 'blockNumber', 'contract', 'entryId', 'head', 'index'],
  ...['isClosed', 'logIndex', 'sequence', 'transactionHash'],
];
const FUNDED = '1,000,000.00';

interface Row {
  readonly entryId: string;
  readonly contract: string;
  readonly subject: string;
  readonly isClosed?: true;
  readonly inWords?: { readonly what: string; readonly changes: readonly { readonly words: string }[] };
}
interface Line {
  readonly entryId?: string;
  readonly what: string;
}

describe('an entry', function () {
  this.timeout(240_000);
  let app: App;
  let aid: Aid;
  let unit: string;
  let shop: string;
  let all: readonly Row[];

  before(async () => {
    app = await startApp();
    [unit = ''] = await registerUnits(app, 1);
    aid = new Aid(app, 'entries', ['a shop']);
    await aid.define();
    await aid.fund('100000000');
    shop = aid.vendors[0] ?? '';
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    await new Aid(app, 'of the second').define(SECOND);
    await ordered(app, '/acts/short-pauses', { scopes: ['officers'], until: inHours(1) }, preparer);
    all = await entriesFor('auditor', 0);
  });
  after(() => app?.remove());

  const asked = async <T>(place: string, role: Role, institution: number, bound: TokenBinding = {}) =>
    app.ask<T>('GET', place, { token: await app.token(role, institution, 'first', bound) });
  const entriesFor = async (role: Role, institution: number, bound?: TokenBinding) =>
    (await asked<{ rows: Row[] }>('/entries?limit=500', role, institution, bound)).body.rows;
  const historyFor = async (subject: string, role: Role, institution: number, bound?: TokenBinding) => {
    const place = `/history/${subject}?limit=500`;
    const told = await asked<{ rows?: Line[] } & Problem>(place, role, institution, bound);
    return told.status === 200 ? (told.body.rows ?? []) : told.body.code;
  };
  const placeOf = ({ contract, subject }: Row) => (contract === 'safeguards' ? 'pause-officers' : subject);

  it('is told in the list of all exactly where a history tells it, to every role, institution and office', async () => {
    const seen = { told: 0, closed: 0 };
    for (const role of ['registrar', 'agency', 'steward', 'member', 'auditor'] as const) {
      for (const [institution, bound] of [
        [1, {}],
        [1, { office: 1 }],
        [1, { office: 2 }],
        [2, {}],
      ] as const) {
        const rows = await entriesFor(role, institution, bound);
        expect(rows.map(({ entryId }) => entryId)).to.deep.equal(all.map(({ entryId }) => entryId));
        const histories = new Map<string, Awaited<ReturnType<typeof historyFor>>>();
        for (const [i, row] of rows.entries()) {
          const place = placeOf(all[i] ?? row);
          const history = histories.get(place) ?? (await historyFor(place, role, institution, bound));
          histories.set(place, history);
          const isInHistory =
            Array.isArray(history) && history.some(({ entryId }) => entryId === row.entryId);
          const what = `${role} of ${institution} ${JSON.stringify(bound)}: ${all[i]?.inWords?.what}`;
          // Of a measure the history has the steps, not the entry that it became.
          if (all[i]?.contract !== 'consortium') expect(row.isClosed !== true, what).to.equal(isInHistory);
          if (row.isClosed === true) expect(Object.keys(row).sort(), what).to.deep.equal(CLOSED);
          seen[row.isClosed === true ? 'closed' : 'told']++;
          const one = await asked<Row>(`/entries/${row.entryId}`, role, institution, bound);
          expect(one.body, what).to.deep.equal(row);
        }
      }
    }
    console.log(`      entries | ${seen.told} told, ${seen.closed} closed`);
    expect(seen.closed).to.be.greaterThan(50);
  });

  it('is exported with its place alone where nobody may read more', async () => {
    const token = path.join(app.folder, 'registrar');
    writeFileSync(token, await app.token('registrar', 2));
    for (const format of ['jsonl', 'csv']) {
      const out = path.join(app.folder, `entries.${format}`);
      const args = ['export', '--gateway', app.url, '--token', token, '--out', out, '--format', format];
      const ran = await kudurruBeside(args);
      expect([ran.code, ran.stderr]).to.deep.equal([0, '']);
      const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
      expect(lines).to.have.length(all.length + (format === 'csv' ? 1 : 0));
      const ids = all.map(({ entryId }) => entryId);
      expect(ids.filter((id) => !lines.some((line) => line.includes(id)))).to.deep.equal([]);
      expect(lines.join()).to.include('closed: for another office or role').and.not.include(aid.programme);
    }
  });

  it('says no amount to another institution, and no officer of what it was about', async () => {
    expect(JSON.stringify(all)).to.include(FUNDED);
    for (const role of ['registrar', 'agency', 'steward', 'member'] as const) {
      const { text } = await asked('/entries?limit=500', role, 2);
      expect(text, role).not.to.include(FUNDED);
      expect(text, role).not.to.include(aid.programme);
      expect(text, role).not.to.include(shop);
    }
  });

  it('keeps its history where somebody makes something else of the same id', async () => {
    const before = {
      unit: await historyFor(unit, 'registrar', 1),
      shop: await historyFor(shop, 'agency', 1),
      officer: await historyFor(preparer.officer, 'member', 1),
      institution: await historyFor('institution-2', 'member', 1),
      programme: await historyFor(aid.programme, 'agency', 1),
    };
    const word = `0x${'2'.padStart(64, '0')}`;
    for (const id of [unit, shop, preparer.officer, word]) {
      await app.act('agency', '/acts/programmes', { ...aid.policy(), programme: id }, SECOND);
    }
    await app.act('agency', '/acts/vendors', { vendor: aid.programme, standing: 'active', from: 0 }, SECOND);
    expect({
      unit: await historyFor(unit, 'registrar', 1),
      shop: await historyFor(shop, 'agency', 1),
      officer: await historyFor(preparer.officer, 'member', 1),
      institution: await historyFor('institution-2', 'member', 1),
      programme: await historyFor(aid.programme, 'agency', 1),
    }).to.deep.equal(before);
    const words = async (subject: string, role: Role, institution: number) => {
      const lines = await historyFor(subject, role, institution);
      return Array.isArray(lines) ? lines.map(({ what }) => what) : lines;
    };
    for (const id of [unit, shop]) {
      expect(await words(id, 'agency', 2), id).to.deep.equal(['Programme defined']);
    }
    expect(await words(aid.programme, 'agency', 2)).to.deep.equal(['Vendor set']);
    expect(await words(unit, 'registrar', 2)).to.deep.equal(['First registration', 'Programme defined']);
    const token = await app.token('agency', 1);
    for (const id of [aid.programme, shop]) {
      const told = await app.ask('PUT', `/labels/${id}`, { token, body: { label: 'ours' } });
      expect(told.status, told.text).to.equal(200);
    }
  });

  it('of several things of one id is paged as one list, both ways', async () => {
    const whole = await historyFor(unit, 'registrar', 2);
    for (const newestFirst of ['', '&newestFirst=true']) {
      const rows: Line[] = [];
      let after = '';
      do {
        const place = `/history/${unit}?limit=1${newestFirst}${after}`;
        const { body } = await asked<{ total: number; rows: Line[]; next?: string }>(place, 'registrar', 2);
        expect(body.total).to.equal(2);
        rows.push(...body.rows);
        after = body.next === undefined ? '' : `&after=${body.next}`;
      } while (after !== '');
      expect(newestFirst === '' ? rows : rows.reverse()).to.deep.equal(whole);
    }
  });
});
