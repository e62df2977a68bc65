/**
 * Erasures by the route and the command: what the law has kept is refused with its rule, two stewards sign, and then nothing of the
 * person is found by anybody, while everybody else is there and the ledger holds.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { registerDomain } from '../../../server/domain/acts/domains.ts';
import { signCompact } from '../../../server/domain/acts/signing.ts';
import { type Bytes32, ZERO_32 } from '../../../server/domain/base/hex.ts';
import { type ErasurePart, erasureDigest, erasureId, holdOn } from '../../../server/domain/people/erasure.ts';
import { Aid, type PersonTold } from '../../aid/aid.ts';
import { type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';

interface Erasure {
  readonly id: Bytes32;
  readonly institution: number;
  readonly personId?: Bytes32;
  readonly ground: 'asked-by-person';
  readonly caseReference: string;
  readonly askedAtMs: number;
  readonly missing: readonly string[];
  readonly receipt?: { readonly records: number; readonly tombstoneHash: string };
}
interface Found {
  readonly rows: readonly { readonly personId: Bytes32 }[];
}

const CASE = { 'X-Case-Reference': 'ERASE-1' };
const NAMES = ['Wanjiku Synthetic One', 'Akinyi Synthetic Two', 'MARKED Zebraquill Three'];
const HOLDER = 'Njeri Synthetic-Mwangi';
const DAY_MS = 86_400_000;

describe('an erasure', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  let people: readonly PersonTold[];
  let steward: string;

  before(async () => {
    app = await startApp();
    steward = await app.token('steward', 1);
    const registrar = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token: registrar, file },
    });
    const holder = {
      ...{ numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32 },
      party: { name: HOLDER },
    };
    const right = {
      ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
      holders: [holder],
    };
    const origin = { origin: 'legacy', evidence: 'public-document' };
    const titles = survey.body.recorded.map(({ baUnit }) => ({ baUnit, ...origin, right }));
    await app.act('registrar', '/acts/registrations', { titles });
    aid = new Aid(app, 'erasures');
    await aid.define();
    const taken = await aid.register(NAMES.map((name, i) => `SYN-00${i};${name};${i + 1};Well`));
    expect(taken.status, taken.text).to.equal(200);
    people = taken.body.people;
    await aid.act('/acts/enrolments', aid.enrolmentOf(people.slice(0, 1)));
  });
  after(() => app?.remove());

  const ask = (personId: string | undefined, token = steward, ground = 'asked-by-person') =>
    app.ask<Erasure & Problem>('POST', '/erasures', { token, headers: CASE, body: { personId, ground } });
  const idOf = (line: number) => people[line]?.personId;
  async function found(name: string): Promise<Found['rows']> {
    const body = { purpose: 'case-work', by: { kind: 'name', name } };
    return (await app.ask<Found>('POST', '/people/searches', { token: steward, headers: CASE, body })).body
      .rows;
  }
  function sign(
    { id, institution, personId = ZERO_32 as Bytes32, ground, caseReference, askedAtMs: atMs }: Erasure,
    part: ErasurePart,
    by = OFFICERS.preparer,
    token = steward,
    epoch = 1,
  ) {
    const trust = app.trust();
    const domain = registerDomain('consortium', trust, trust.contracts.consortium.address);
    const { officer } = by;
    const asked = { institution, personId, ground, caseReference, atMs };
    const signature = signCompact(erasureDigest(domain, asked, { part, officer, epoch }), by.key);
    const body = { erasure: id, part, officer, epoch, signature };
    return app.ask<Erasure & Problem>('POST', '/erasures/signatures', { token, body });
  }

  it('is refused with the rule and the day while the law has something kept', async () => {
    const enrolled = await ask(idOf(0));
    expect([enrolled.status, enrolled.body.code], enrolled.text).to.deep.equal([409, 'erasure-kept-by-law']);
    expect(enrolled.text).to.include('enrolment-and-two-years');
    const [holder] = await found(HOLDER);
    for (const ground of ['asked-by-person', 'court-order']) {
      const titled = await ask(holder?.personId, steward, ground);
      expect([titled.status, titled.body.code], titled.text).to.deep.equal([409, 'erasure-kept-by-law']);
      expect(titled.text).to.include('right-and-ten-years');
    }
    const stranger = await ask(idOf(2), await app.token('steward', 2));
    expect([stranger.status, stranger.body.code]).to.deep.equal([404, 'subject-missing']);
    const listed = await app.ask<{ rows: Erasure[] }>('GET', '/erasures', { token: steward });
    expect(listed.body.rows).to.deep.equal([]);
  });

  it('has an id that a signature of today is of for ever', () => {
    const asked = {
      institution: 1,
      personId: ZERO_32,
      ground: 'asked-by-person',
      caseReference: 'C-1',
      atMs: 5,
    };
    expect(erasureId(asked as Parameters<typeof erasureId>[0])).to.equal(
      '0xc03c2ffb081c250ec6fdc666126e72f021a687b6fad0e4e115679b3c28ba366b',
    );
  });

  it('holds by the longest rule, as long as nothing ended and so many days behind the end', () => {
    const now = 10_000 * DAY_MS;
    const ties = (rights: readonly (number | undefined)[], programmes: readonly (number | undefined)[]) =>
      holdOn({ rightsEndedAtMs: rights, programmesEndedAtMs: programmes }, 'asked-by-person', now);
    expect(ties([], [])).to.equal(undefined);
    expect(ties([], [undefined])).to.deep.equal({ rule: 'enrolment-and-two-years', untilMs: undefined });
    expect(ties([], [now - 730 * DAY_MS])).to.equal(undefined);
    expect(ties([], [now - 730 * DAY_MS + 1])?.untilMs).to.equal(now + 1);
    expect(ties([now - 3_652 * DAY_MS], [])).to.equal(undefined);
    expect(ties([now - 3_652 * DAY_MS + 1], [now])?.rule).to.equal('enrolment-and-two-years');
    expect(ties([undefined], [now])?.rule).to.equal('right-and-ten-years');
    const ordered = holdOn({ rightsEndedAtMs: [], programmesEndedAtMs: [now] }, 'court-order', now);
    expect(ordered).to.equal(undefined);
  });

  it('takes two officers of the own institution, each in the role of the part, over what was asked', async () => {
    const body = { head: headOf(OFFICERS.preparer), ...aid.enrolmentOf(people.slice(2)) };
    const agency = await app.token('agency', 1);
    const waiting = await app.ask<{ id: string }>('POST', '/acts/enrolments', { token: agency, body });
    expect((await ask(idOf(2))).body.code).to.equal('erasure-act-waits');
    expect((await app.ask('DELETE', `/acts/${waiting.body.id}`, { token: agency })).status).to.equal(200);
    const asked = await ask(idOf(2));
    expect([asked.status, asked.body.missing], asked.text).to.deep.equal([201, ['preparer', 'approver']]);
    const code = async (...of: Parameters<typeof sign>) => (await sign(...of)).body.code;
    const erasure = asked.body;
    expect(await code({ ...erasure, caseReference: 'ANOTHER' }, 'preparer')).to.equal('signature-not-by-key');
    expect(await code(erasure, 'preparer', OFFICERS.preparer, steward, 3)).to.equal('officer-epoch-stale');
    expect(await code(erasure, 'preparer', OFFICERS.secondPreparer)).to.equal('institution-differs');
    const second = await app.token('steward', 2);
    expect(await code(erasure, 'preparer', OFFICERS.secondPreparer, second)).to.equal('erasure-missing');
    const first = await sign(erasure, 'preparer');
    expect([first.status, first.body.missing], first.text).to.deep.equal([200, ['approver']]);
    expect(await code(erasure, 'approver')).to.equal('second-person-required');
    expect(await found('Zebraquill')).to.have.length(1);
  });

  it('is carried out by the second signature: nobody finds the person, whoever else was there is', async () => {
    const listed = await app.ask<{ rows: Erasure[] }>('GET', '/erasures', { token: steward });
    const [erasure] = listed.body.rows;
    if (erasure === undefined) throw new Error('no erasure waits');
    const [before] = await found('Zebraquill');
    const done = await sign(erasure, 'approver', OFFICERS.approver);
    expect(done.body.receipt, done.text).to.include({ records: 1 });
    expect(await found('Zebraquill')).to.deep.equal([]);
    expect(await found('Wanjiku')).to.have.length(1);
    const read = await app.ask('GET', `/people/${before?.personId}?purpose=case-work`, {
      token: steward,
      headers: CASE,
    });
    expect([404, 410]).to.include(read.status);
    expect((await ask(idOf(2))).body.code).to.equal('subject-missing');
    const after = await app.ask<{ rows: Erasure[] }>('GET', '/erasures', { token: steward });
    expect(after.body.rows.map(({ personId, receipt }) => [personId, receipt?.records])).to.deep.equal([
      [undefined, 1],
    ]);
    expect(after.text).not.to.include(before?.personId ?? 'nobody');
    const dueOf = async (institution: number) =>
      app.ask<{ ids: string[] }>('GET', '/recorder/erasures', {
        token: await app.token('member', institution),
      });
    const due = await dueOf(1);
    expect((await dueOf(2)).body.ids, 'of another institution').to.deep.equal([]);
    const theirs = await app.ask<{ rows: Erasure[] }>('GET', '/erasures', {
      token: await app.token('steward', 2),
    });
    expect(theirs.body.rows).to.deep.equal([]);
    expect(due.body.ids, 'hers, and of the card that was taken back').to.have.length(3);
    const again = await sign({ ...erasure }, 'approver', OFFICERS.approver);
    expect([again.status, again.body.receipt]).to.deep.equal([200, done.body.receipt]);
  });

  it('leaves a folder that checks, in which nothing of the person is', async () => {
    await app.stop();
    const data = path.join(app.folder, 'data');
    const checked = kudurru(['fsck', '--data', data, '--json']);
    expect([checked.code, JSON.parse(checked.stdout).ok], checked.stdout).to.deep.equal([0, true]);
    const files = readdirSync(data, { recursive: true, encoding: 'utf8', withFileTypes: true });
    for (const file of files.filter((one) => one.isFile())) {
      const bytes = readFileSync(path.join(file.parentPath, file.name));
      expect(bytes.includes('Zebraquill'), file.name).to.equal(false);
    }
    expect(headOf(OFFICERS.preparer).office).to.equal(1);
  });
});
