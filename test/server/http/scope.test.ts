/**
 * Whose objects each route reaches: every operation of the published description, with the object of its scope, asked by
 * the office it is of, by another one of the same institution, and by another institution, in every role it is for.
 */

import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { Role, Scope } from '../../../server/http/route.ts';
import { Aid, CYCLE, EPOCH, syntheticPeople } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import type { Api, Json } from '../../gateway/generated.ts';
import { inHours, ordered } from '../../gateway/members.ts';
import { and, askAs, casesOf, of, type Placed, type Reach } from '../../gateway/reach.ts';

const NAME = 'Synthetic Nobody Else';
/** What nothing of one institution is reached by: the roles alone decide, as `matrix.test.ts` shows. */
const REACHES_NOBODY: readonly Scope[] = ['open', 'gateway'];

/** What an institution has as one: each says why, and everything else has the cases of two offices. */
const NO_OFFICE: readonly Scope[] = ['person', 'proof'];

describe('the scope of a route', function () {
  this.timeout(300_000);
  let app: App;
  let api: Api;
  let aid: Aid;
  let operations: Placed[];
  let unit: string;
  let others: readonly string[];
  const ids = { landAct: '', aidAct: '', landOperation: '', aidOperation: '', loading: '', sale: '' };
  const power = { order: '', act: '', operation: '' };
  let itemsHash = '';
  let holderId = '';
  const jobs = { parcels: '', people: '', roll: '' };
  let batch: Json;

  before(async () => {
    app = await startApp();
    api = (await app.ask<Api>('GET', '/openapi.json')).body;
    operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        ...{ path, operation, method: method.toUpperCase() },
      })),
    );
    const registrar = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 4 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      ...{ token: registrar, file },
    });
    [unit = '', ...others] = survey.body.recorded.map(({ baUnit }) => baUnit);
    const job = await app.ask<{ job: string }>('PUT', '/parcels?office=1', {
      ...{ token: registrar, file, headers: { Prefer: 'respond-async' } },
    });
    jobs.parcels = job.body.job;
    const land = await app.act('registrar', '/acts/registrations', { titles: [titleOf(unit)] });
    ids.landOperation = land.operation.id;
    const sought = await app.ask<{ rows: { personId: string }[] }>('POST', '/people/searches', {
      ...{ token: registrar, headers: { 'X-Case-Reference': 'CASE-1' } },
      body: { purpose: 'registration', by: { kind: 'name', name: NAME } },
    });
    holderId = sought.body.rows[0]?.personId ?? '';
    ids.landAct = await landAct();
    await app.ask('PUT', '/profiles/ours', { token: registrar, body: {} });

    aid = new Aid(app, 'scopes', ['shop 0', 'shop 1']);
    ids.aidOperation = (await aid.act('/acts/programmes', aid.policy())).operation.id;
    await aid.fund('1000000');
    for (const vendor of aid.vendors) await aid.registerShop(vendor);
    const { body: taken } = await aid.register(syntheticPeople(2));
    aid.people = taken.people;
    await aid.act('/acts/enrolments', aid.enrolmentOf(taken.people));
    ids.loading = (await aid.loadSlots()).body.operations[0]?.id ?? '';
    const places = `${aid.path}/enrolments/${EPOCH}/places`;
    aid.places = (await aid.ask<{ rows: Aid['places'] }>('GET', places)).body.rows;
    const roll = await aid.putRoll<{ root: string }>(
      aid.rollOf(() => 9),
      2,
      18,
    );
    await aid.openCycle(roll.body.root, 10n);
    await aid.loadUnits();
    const sold = aid.batchOf(vendor(0), [{ index: 0, units: 2, remainingBefore: 9 }]);
    const { body: sale, text } = await aid.sell(sold);
    expect(sale.isFinal, text).to.equal(true);
    ids.sale = sale.operation.id;
    itemsHash = sale.batches[0]?.itemsHash ?? '';
    batch = JSON.parse(JSON.stringify(aid.batchOf(vendor(0), [{ index: 1, units: 2, remainingBefore: 9 }])));
    ids.aidAct = await aidAct();
    const begun = async (place: string, text: string) => {
      const sent = { file: { text, type: 'text/csv' }, headers: { Prefer: 'respond-async' } };
      return (await aid.ask<{ job: string }>('PUT', place, sent)).body.job;
    };
    jobs.people = await begun(`${aid.path}/registrations`, 'nationalId;fullName\r\n');
    jobs.roll = await begun(
      `${aid.cyclePath}/roll?enrolmentEpoch=${EPOCH}&entryBytes=1&declaredCount=2&declaredUnits=18`,
      aid.rollOf(() => 9),
    );
    const fields = { scopes: ['officers'], until: inHours(1) };
    power.operation = (await ordered(app, '/acts/short-pauses', fields, OFFICERS.preparer)).operation.id;
    await powerActs();
  });
  after(() => app?.remove());

  const vendor = (place: number) => aid.vendors[place] ?? (() => expect.fail('no such shop'))();
  const prepared = async (role: Role, place: string, fields: object) => {
    const told = await app.ask<ActTold>('POST', place, {
      token: await app.token(role, 1),
      body: { head: headOf(OFFICERS.preparer), ...fields },
    });
    expect(told.status, told.text).to.equal(201);
    return told.body.id;
  };
  const landAct = () => prepared('registrar', '/acts/registrations', { titles: [titleOf(others[0])] });
  const aidAct = () =>
    prepared('agency', '/acts/pauses', {
      ...{ programme: aid.programme, pausedUntil: Math.floor(Date.now() / 1000) + 600 },
    });

  const powerActs = async () => {
    const by = { officer: OFFICERS.preparer.officer, epoch: 1 };
    const order = { ...by, scopes: ['land'], until: inHours(2) };
    const token = await app.token('member', 1);
    power.order = (await app.ask<ActTold>('POST', '/acts/short-pauses', { token, body: order })).body.id;
    const head = { ...headOf(OFFICERS.preparer), office: 0 };
    const pause = { head, scopes: ['land'], until: inHours(2) };
    power.act = (await app.ask<ActTold>('POST', '/acts/long-pauses', { token, body: pause })).body.id;
  };

  const signature = {
    ...{ part: 'preparer', signer: OFFICERS.preparer.officer, signature: `0x${'11'.repeat(64)}` },
  };
  const approval = { ...signature, part: 'approver', approval: { approverEpoch: 1, deadline: 1 } };
  const ofLand = (part?: Json): Reach => ({
    values: () => ({ id: ids.landAct }),
    ...(part === undefined ? {} : { body: part }),
    office: 1,
    inside: [of('registrar', 1), of('auditor', 0), of('auditor', 2)],
    outside: [of('agency', 1), of('agency', 2)],
    code: 'act-missing',
  });
  const ofAid = (part?: Json): Reach => ({
    values: () => ({ id: ids.aidAct }),
    ...(part === undefined ? {} : { body: part }),
    office: 1,
    inside: [of('agency', 1), of('auditor', 0)],
    outside: [of('registrar', 1), of('agency', 2), of('registrar', 2)],
    code: 'act-missing',
  });
  /** An order is the institution's of its officer; a pause by two is also for the institution that approves it. */
  const ofPower = (id: () => string, part?: Json): Reach => ({
    values: () => ({ id: id() }),
    ...(part === undefined ? {} : { body: part }),
    office: 'every',
    inside: [of('member', 1), of('auditor', 0)],
    outside: [of('registrar', 1), of('agency', 1), of('agency', 2)],
    code: 'act-missing',
  });
  /** By scope: a scope that is not here, or a route of another one, is red. */
  const reaches = (): Readonly<
    Record<Exclude<Scope, 'open' | 'gateway' | 'own' | 'inbox'>, readonly Reach[]>
  > => ({
    act: [
      and(ofLand(), { inside: [of('registrar', 2)] }),
      ofAid(),
      and(
        ofPower(() => power.order),
        { outside: [of('member', 2)] },
      ),
      and(
        ofPower(() => power.act),
        { inside: [of('member', 2)] },
      ),
    ],
    'act-withdrawal': [
      { ...ofAid(), values: () => ({ id: ids.aidAct }), inside: [of('agency', 1)] },
      { ...and(ofLand(), { outside: [of('registrar', 2)] }), inside: [of('registrar', 1)] },
      {
        ...and(
          ofPower(() => power.act),
          { outside: [of('member', 2)] },
        ),
        inside: [of('member', 1)],
      },
    ],
    'act-signature': [
      and(ofLand(signature), { outside: [of('registrar', 2)] }),
      and(ofLand(approval), { inside: [of('registrar', 2)] }),
      ofAid(signature),
      ofAid(approval),
      and(
        ofPower(() => power.order, signature),
        { outside: [of('member', 2)] },
      ),
      and(
        ofPower(() => power.act, signature),
        { outside: [of('member', 2)] },
      ),
      and(
        ofPower(() => power.act, approval),
        { inside: [of('member', 2)] },
      ),
    ],
    operation: [
      {
        values: () => ({ id: ids.landOperation }),
        office: 1,
        inside: [of('registrar', 1), of('registrar', 2), of('auditor', 0)],
        outside: [of('agency', 1), of('vendor', 1), of('agency', 2), of('vendor', 2)],
        code: 'operation-missing',
      },
      ...[ids.aidOperation, ids.loading].map((id) => ({
        values: () => ({ id }),
        office: 1,
        inside: [of('agency', 1), of('auditor', 2)],
        outside: [
          ...[of('registrar', 1), of('vendor', 1), of('registrar', 2), of('vendor', 2)],
          of('agency', 2),
        ],
        code: 'operation-missing',
      })),
      {
        values: () => ({ id: power.operation }),
        office: 'every',
        inside: [of('member', 1), of('auditor', 0)],
        outside: [of('member', 2), of('registrar', 1), of('agency', 1), of('vendor', 1)],
        code: 'operation-missing',
      },
      {
        values: () => ({ id: ids.sale }),
        office: 1,
        inside: [of('agency', 1), of('vendor', 1, { vendor: vendor(0) }), of('auditor', 0)],
        outside: [
          ...[of('vendor', 1, { vendor: vendor(1) }), of('vendor', 2)],
          ...[of('registrar', 1), of('agency', 2), of('registrar', 2)],
        ],
        code: 'operation-missing',
      },
    ],
    preparation: [
      {
        values: () => ({ head: headOf(OFFICERS.preparer) }),
        office: 1,
        inside: [of('registrar', 1), of('agency', 1), of('member', 1)],
        outside: [of('registrar', 2), of('agency', 2), of('member', 2)],
        code: 'institution-differs',
        codeOfOffice: 'office-of-another',
      },
    ],
    order: [
      {
        values: () => ({ officer: OFFICERS.preparer.officer, revoker: OFFICERS.preparer.officer }),
        office: 'every',
        inside: [of('member', 1)],
        outside: [of('member', 2)],
        code: 'institution-differs',
        codeOfOffice: 'office-of-another',
      },
    ],
    'act-order': [
      ...(
        [
          ['registrar', 'agency', () => ids.landAct, 1],
          ['agency', 'registrar', () => ids.aidAct, 1],
          ['member', 'agency', () => power.act, 'every'],
        ] as const
      ).map(([role, other, act, office]) => ({
        values: () => ({ officer: OFFICERS.preparer.officer, act: act() }),
        office,
        inside: [of(role, 1)],
        outside: [of(other, 1)],
        code: 'act-missing',
      })),
      {
        values: () => ({ officer: OFFICERS.preparer.officer, act: ids.landAct }),
        office: 1,
        inside: [],
        outside: [of('registrar', 2), of('agency', 2), of('member', 2)],
        code: 'institution-differs',
      },
    ],
    office: [
      {
        values: () => ({ office: 1 }),
        office: 1,
        inside: [of('registrar', 1), of('auditor', 2)],
        outside: [of('registrar', 2)],
        code: 'office-of-another',
      },
    ],
    'unit-names': [
      {
        values: () => ({ baUnit: unit }),
        office: 1,
        inside: [of('registrar', 1)],
        outside: [of('registrar', 2)],
        code: 'sharing-agreement-required',
        codeOfOffice: 'office-of-another',
      },
    ],
    programme: [
      {
        values: () => ({ programme: aid.programme, cycle: CYCLE, epoch: EPOCH, index: 0 }),
        office: 1,
        inside: [of('agency', 1), of('auditor', 0), of('vendor', 1)],
        outside: [of('agency', 2), of('vendor', 2)],
        code: 'programme-unknown',
      },
    ],
    vendor: [
      {
        values: () => ({ vendor: vendor(0) }),
        office: 1,
        inside: [of('agency', 1), of('vendor', 1, { vendor: vendor(0) }), of('auditor', 0)],
        outside: [of('vendor', 1, { vendor: vendor(1) }), of('agency', 2), of('vendor', 2)],
        code: 'vendor-unknown',
      },
    ],
    labelled: (
      [
        [vendor(0), 1],
        [`${vendor(0)}.1`, 1],
        [aid.programme, 1],
        [OFFICERS.preparer.officer, 'every'],
      ] as const
    ).map(([labelled, office]) => ({
      values: () => ({ labelled }),
      body: { label: 'ours' },
      office,
      inside: [of('agency', 1), of('registrar', 1), of('member', 1)],
      outside: [of('agency', 2), of('registrar', 2), of('member', 2)],
      code: 'nothing-recorded-of',
    })),
    'own-officer': [
      {
        values: () => ({ officer: OFFICERS.preparer.officer }),
        office: 'every',
        inside: [of('member', 1), of('auditor', 0)],
        outside: [of('member', 2)],
        code: 'nothing-recorded-of',
      },
    ],
    subject: [
      ...[aid.programme, vendor(0)].map((subject) => ({
        values: () => ({ subject }),
        office: 1,
        inside: [of('agency', 1), of('auditor', 0), of('member', 1), of('steward', 1), of('registrar', 1)],
        outside: [of('agency', 2), of('member', 2), of('steward', 2), of('registrar', 2)],
        code: 'nothing-recorded-of',
      })),
      {
        values: () => ({ subject: unit }),
        office: { none: 'what the ledger shows of a title is for every register, with nobody in it' },
        inside: [of('registrar', 1), of('registrar', 2), of('auditor', 0)],
        outside: [of('agency', 1), of('agency', 2), of('member', 1), of('steward', 1)],
        code: 'nothing-recorded-of',
      },
    ],
    sale: [
      {
        values: () => ({}),
        body: batch,
        office: 1,
        inside: [of('vendor', 1, { vendor: vendor(0) })],
        outside: [of('vendor', 1, { vendor: vendor(1) }), of('vendor', 2)],
        code: 'vendor-unknown',
      },
    ],
    redemption: [ids.sale, itemsHash].map((id) => ({
      values: () => ({ id }),
      office: 1,
      inside: [of('agency', 1), of('vendor', 1, { vendor: vendor(0) })],
      outside: [...[of('vendor', 1, { vendor: vendor(1) }), of('agency', 2)], of('vendor', 2)],
      code: 'operation-missing',
    })),
    person: [
      {
        values: () => ({ personId: aid.people[0]?.personId ?? '', purpose: 'case-work' }),
        office: { none: 'an agency has a person once, whichever of its programmes she is in' },
        inside: [of('agency', 1), of('steward', 1)],
        outside: [of('agency', 2), of('steward', 2), of('registrar', 1), of('registrar', 2)],
        code: 'subject-missing',
      },
      {
        values: () => ({ personId: holderId, purpose: 'case-work' }),
        office: { none: 'a register has a holder once, whichever of its offices her titles are of' },
        inside: [of('registrar', 1), of('steward', 1)], // of data protection in both halves of an institution
        outside: [of('registrar', 2), of('agency', 1), of('steward', 2)],
        code: 'subject-missing',
      },
    ],
    proof: [], // no token opens it: ownData.test.ts
    job: [
      {
        values: () => ({ id: jobs.parcels }),
        office: 1,
        inside: [of('registrar', 1)],
        outside: [of('agency', 1), of('registrar', 2), of('agency', 2)],
        code: 'job-missing',
      },
      ...[jobs.people, jobs.roll].map((id) => ({
        values: () => ({ id }),
        office: 1,
        inside: [of('agency', 1)],
        outside: [of('registrar', 1), of('registrar', 2), of('agency', 2)],
        code: 'job-missing',
      })),
    ],
  });

  it('is said of every route, and each is one of those tried here', () => {
    const tried = [...Object.keys(reaches()), 'own', 'inbox', ...REACHES_NOBODY];
    const said = new Set(operations.map(({ operation }) => operation['x-scope']));
    expect([...said].sort()).to.deep.equal(tried.sort());
  });

  it('lets the office in whose object it is, and tells everybody else that there is none', async () => {
    let [inside, outside] = [0, 0];
    const [all, offices] = [reaches(), new Set<string>()];
    for (const each of operations) {
      const { 'x-scope': scope, 'x-roles': roles } = each.operation;
      const tried = new Set<string>();
      for (const reach of all[scope as keyof typeof all] ?? []) {
        for (const { caller, code } of casesOf(reach, roles)) {
          const told = await askAs(app, api, each, { reach, caller });
          const { role, institution, bound } = caller;
          const asked = `${each.method} ${each.path} by ${role} of ${institution} ${JSON.stringify(bound ?? {})}`;
          if (bound?.office !== undefined) offices.add(`${scope} ${code === undefined ? 'in' : 'out'}`);
          tried.add(`${role} of ${institution}`);
          if (code !== undefined) {
            expect(told.body.code, `${asked}: ${told.text.slice(0, 300)}`).to.equal(code);
            outside++;
            continue;
          }
          const { code: refused } = told.body;
          expect(refused, asked).not.to.be.oneOf([reach.code, reach.codeOfOffice ?? reach.code]);
          expect(refused, asked).not.to.equal('validation-failed');
          expect(told.status, asked).not.to.be.oneOf([401, 500]);
          inside++;
          if (each.method === 'DELETE' && scope === 'act-withdrawal') {
            expect(told.status, told.text).to.equal(200);
            if (role === 'registrar') ids.landAct = await landAct();
            else if (role === 'member') await powerActs();
            else ids.aidAct = await aidAct();
          }
        }
      }
      if (scope === 'own' || scope === 'inbox' || REACHES_NOBODY.includes(scope)) continue;
      for (const role of roles) {
        const missing = role === 'auditor' ? [] : [1, 2].filter((one) => !tried.has(`${role} of ${one}`));
        expect(missing, `whose ${role} did not try ${each.method} ${each.path}`).to.deep.equal([]);
      }
    }
    console.log(
      `      objects of others | ${operations.length} routes | ${inside} let in, ${outside} kept out`,
    );
    expect(outside).to.be.greaterThan(100);
    const wanted = Object.entries(all).flatMap(([scope, reachesOf]) =>
      reachesOf.flatMap(({ office }) =>
        typeof office === 'number'
          ? [`${scope} in`, `${scope} out`]
          : office === 'every'
            ? [`${scope} out`]
            : [],
      ),
    );
    expect([...new Set(wanted)].filter((one) => !offices.has(one))).to.deep.equal([]);
    const without = Object.keys(all).filter((scope) => !wanted.includes(`${scope} out`));
    expect(without, 'scopes of which no case has an office').to.deep.equal(NO_OFFICE);
  });

  it('of what an institution has shows another one nothing of it', async () => {
    const own = operations.filter(
      ({ operation, method }) => operation['x-scope'] === 'own' && method === 'GET',
    );
    const ofErasures = ['/erasures', '/recorder/erasures']; // tried in `erasures.test.ts`
    expect(own.map(({ path }) => path).sort()).to.deep.equal(
      [...ofErasures, '/labels', '/people/searches', '/profiles', '/programmes', '/vendors'].sort(),
    );
    const ours = { token: await app.token('agency', 1), body: { label: 'ours' } };
    await app.ask('PUT', `/labels/${vendor(0)}`, ours);
    for (const { path, operation } of own.filter((one) => !ofErasures.includes(one.path))) {
      for (const role of operation['x-roles'].filter((one) => one !== 'auditor')) {
        const [mine, theirs] = [
          await app.ask('GET', path, { token: await app.token(role, 1) }),
          await app.ask('GET', path, { token: await app.token(role, 2) }),
        ];
        const [shop, searched] = [vendor(0), 'CASE-1'];
        const of = { '/programmes': aid.programme, '/vendors': shop, '/people/searches': searched }[path];
        const marker = of ?? '"ours"';
        expect([mine.text.includes(marker), theirs.text.includes(marker)], path).to.deep.equal([true, false]);
        if (path === '/profiles' || path === '/people/searches') continue; // one for all offices
        const bound = (office: number) => app.token(role, 1, 'scopes', { office });
        const shown = await Promise.all(
          [1, 2].map(async (office) => (await app.ask('GET', path, { token: await bound(office) })).text),
        );
        expect(shown.map((text) => text.includes(marker))).to.deep.equal([true, false]);
      }
    }
    const token = await app.token('registrar', 2);
    expect((await app.ask('DELETE', '/profiles/ours', { token })).text).to.equal('{"removed":false}');
  });

  it('lists of the acts that wait those of the own institution, and no other that it is not asked to approve', async () => {
    for (const caller of [
      ...[of('registrar', 1), of('registrar', 2), of('agency', 1), of('agency', 2), of('auditor', 0)],
      ...[of('registrar', 1, { office: 2 }), of('agency', 1, { office: 1 }), of('agency', 1, { office: 2 })],
    ]) {
      const token = await app.token(caller.role, caller.institution, 'scopes', caller.bound);
      const inbox = await app.ask<{ total: number; rows: { id: string }[] }>('GET', '/acts', { token });
      expect(inbox.text).not.to.include(NAME);
      const listed = inbox.body.rows.map(({ id }) => id);
      expect(inbox.body.total).to.equal(listed.length);
      for (const id of [ids.landAct, ids.aidAct]) {
        const { status } = await app.ask('GET', `/acts/${id}`, { token });
        const isOwn = caller.institution === 1 || caller.role === 'auditor';
        expect(listed.includes(id), `${id} for ${JSON.stringify(caller)}`).to.equal(status === 200 && isOwn);
      }
    }
  });

  it('shows the number of a parcel to the office that it is of, and to no other one', async () => {
    for (const [office, isShown] of [
      [undefined, true],
      [1, true],
      [2, false],
    ] as const) {
      const token = await app.token('registrar', 1, 'scopes', office === undefined ? {} : { office });
      for (const place of ['/titles', '/acts'] as const) {
        const { status, text } = await app.ask('GET', place, { token });
        const what = `${place} for ${office}: ${text.slice(0, 300)}`;
        expect([status, text.includes('"number":"Synthetic/')], what).to.deep.equal([200, isShown]);
      }
    }
  });

  it('opens no name to a registrar’s sight as an auditor', async () => {
    const bound = { office: 2, beside: ['auditor'] as const };
    const token = await app.token('registrar', 1, 'scopes', bound);
    const headers = { 'X-Case-Reference': 'CASE-1' };
    const [shown, named_] = [
      await app.ask('GET', '/titles/search?office=1', { token, headers }),
      await app.ask('GET', '/titles/search?office=1&names=true', { token, headers }),
    ];
    expect([shown.status, shown.text.includes(NAME)]).to.deep.equal([200, false]);
    expect(named_.body.code).to.equal('office-of-another');
  });

  it('shows the names of an act to its own institution under its own case, and to no other', async () => {
    const place = `/acts/${ids.landAct}`;
    const own = await app.ask('GET', place, { token: await app.token('registrar', 1) });
    const other = await app.ask('GET', place, { token: await app.token('registrar', 2) });
    const auditor = await app.ask('GET', place, { token: await app.token('auditor', 0) });
    expect([own, other, auditor].map(({ text }) => text.includes(NAME))).to.deep.equal([true, false, false]);
    expect([own, other, auditor].map(({ status }) => status)).to.deep.equal([200, 200, 200]);
  });

  it('reads a person for what the role is for, and never for what is the person’s own', async () => {
    const person = `/people/${aid.people[0]?.personId}`;
    const headers = { 'X-Case-Reference': 'CASE-2' };
    for (const [role, purpose, status] of [
      ['agency', 'eligibility', 200],
      ['agency', 'own-data', 403],
      ['agency', 'oversight', 403],
      ['agency', 'court-order', 403],
      ['steward', 'oversight', 200],
      ['steward', 'own-data', 403],
      ['steward', 'disbursement', 403],
    ] as const) {
      const token = await app.token(role, 1);
      const told = await app.ask('GET', `${person}?purpose=${purpose}`, { token, headers });
      expect(told.status, `${role} ${purpose}: ${told.text}`).to.equal(status);
    }
    const token = await app.token('agency', 1);
    const eligible = `${person}?purpose=eligibility`;
    const read = (whom: string) => app.ask('GET', `${eligible}&onBehalfOf=${whom}`, { token, headers });
    const byName = await read(NAME.replaceAll(' ', '%20'));
    expect([byName.status, byName.text.includes(NAME)]).to.deep.equal([422, false]);
    const reference = named('a mandate');
    const asked = await read(reference);
    expect(asked.status, asked.text).to.equal(200);
    const log = await app.ask<{ rows: { onBehalfOf?: string }[] }>('GET', `${person}/access-log`, { token });
    expect(log.body.rows[0]?.onBehalfOf).to.equal(reference);
    const { code } = (await app.ask('GET', `${person}/access-log?after=MTAwMA`, { token })).body;
    expect(code).to.equal('cursor-unknown');
  });
});

function titleOf(baUnit: string | undefined) {
  const holder = {
    ...{ numerator: '1', partyKind: 'person', signer: 'own' },
    ...{ keyHash: ZERO_32, party: { name: NAME } },
  };
  const right = { kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' };
  return {
    ...{ baUnit, origin: 'legacy', evidence: 'public-document' },
    right: { ...right, holders: [holder] },
  };
}
