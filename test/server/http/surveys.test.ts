/** Parcels before and after the acts on them: whose ground is taken, whose is free again, and what stays taken. */
import { expect } from 'chai';
import { cursorOf } from '../../../server/domain/base/cursor.ts';
import { instantOf } from '../../../server/domain/base/dates.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import type { InstitutionId, OfficeId } from '../../../server/domain/base/terms.ts';
import {
  type ActTold,
  type App,
  approvalBy,
  headOf,
  OFFICERS,
  type Problem,
  preparationBy,
  startApp,
} from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

interface Survey {
  readonly recorded: readonly { readonly number: string; readonly baUnit: string }[];
  readonly refused: readonly { readonly line: number; readonly code: string }[];
}

/** In person and on paper, before two institutions: no keys. */
const PAIR = [OFFICERS.preparer, OFFICERS.secondApprover] as const;
const RIGHT = {
  ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
  holders: [
    {
      ...{ numerator: '1', partyKind: 'person', signer: 'own', keyHash: ZERO_32 },
      party: { name: 'SYNTHETIC HOLDER' },
    },
  ],
};

const DAY = 86_400;
/** Of what arrives at once. */
const ROUNDS = 12;

/** Two strips of a square, with ground left beside them. */
const WEST = feature('A/1', [strip(0, 0.0004)]);
const EAST = feature('A/2', [strip(0.0004, 0.0008)]);

function strip(from: number, to: number) {
  return [
    [from, 0],
    [to, 0],
    [to, 0.001],
    [from, 0.001],
    [from, 0],
  ];
}

describe('surveyed parcels of two institutions', function () {
  this.timeout(120_000);
  let app: App;
  before(async () => {
    app = await startApp({
      offices: [
        { office: 1 as OfficeId, keeper: 1 as InstitutionId },
        { office: 2 as OfficeId, keeper: 2 as InstitutionId },
      ],
    });
  });
  after(() => app?.remove());

  it('share no boundary that one of them decides alone', async () => {
    const settings = encodeURIComponent(
      JSON.stringify({ answers: [{ code: 'parcel-overlaps-registered', answer: 'register' }] }),
    );
    const sent = async (office: number, number: string, west: number) => {
      const token = await app.token('registrar', office);
      const file = { text: collection([feature(number, [square(west, 0)])]), type: 'application/geo+json' };
      const told = await app.ask<Survey>('PUT', `/parcels?office=${office}&settings=${settings}`, {
        token,
        file,
      });
      expect(told.status, told.text).to.equal(200);
      return [told.body.recorded.length, ...told.body.refused.map(({ code }) => code)];
    };
    expect(await sent(1, 'G', 0)).to.deep.equal([1]);
    expect(await sent(2, 'H', 0.00095)).to.deep.equal([0, 'parcel-overlaps-elsewhere']);
    expect(await sent(2, 'H', 0.000001)).to.deep.equal([0, 'parcel-same-ground']);
    expect(await sent(2, 'H', 0.001)).to.deep.equal([1]);
  });
});

describe('surveyed parcels', function () {
  this.timeout(120_000);
  let app: App;
  let token: string;
  const units = new Map<string, string>();
  const unitOf = (number: string) => units.get(number) ?? '';

  before(async () => {
    app = await startApp();
    token = await app.token('registrar', 1);
    const survey = await surveyed([feature('A', [square(0, 0)]), feature('B', [square(0.002, 0)])]);
    expect(survey.recorded).to.have.length(2);
    for (const number of ['A', 'B']) {
      const title = { baUnit: unitOf(number), origin: 'legacy', evidence: 'public-document', right: RIGHT };
      await app.act('registrar', '/acts/registrations', { titles: [title] }, PAIR);
    }
  });
  after(() => app?.remove());

  async function put<T = Survey>(features: readonly string[], query: string) {
    const file = { text: collection(features), type: 'application/geo+json' };
    return app.ask<T>('PUT', `/parcels?${query}`, { token, file });
  }

  /** Taken; the units stand under their numbers. */
  async function surveyed(features: readonly string[], query = 'office=1'): Promise<Survey> {
    const { status, text, body } = await put(features, query);
    expect(status, text).to.equal(200);
    for (const { number, baUnit } of body.recorded) units.set(number, baUnit);
    return body;
  }

  const codesOf = ({ refused }: Survey) => refused.map(({ code }) => code);

  async function refusedAs(place: string, fields: object): Promise<string> {
    const body = { head: headOf(OFFICERS.preparer), ...fields };
    return (await app.ask<Problem>('POST', place, { token, body })).body.code;
  }

  const children = (...numbers: string[]) => numbers.map((number) => ({ baUnit: unitOf(number) }));

  it('take no ground of a parcel that stands, unless they say whose they take', async () => {
    expect(codesOf(await surveyed([WEST]))).to.deep.equal(['parcel-same-ground']);
    const unknown = await put<Problem>([WEST], 'office=1&replacing=A&replacing=C');
    expect([unknown.status, unknown.body.code]).to.deep.equal([422, 'replaced-parcel-missing']);
    const elsewhere = await put<Problem>([WEST], 'office=2&replacing=A');
    expect(elsewhere.body.code).to.equal('replaced-parcel-missing');
    expect((await surveyed([WEST, EAST], 'office=1&replacing=A')).recorded).to.have.length(2);
  });

  it('begin a title only in the office that they were surveyed in', async () => {
    await surveyed([feature('O', [square(0.9, 0.5)])]);
    const title = { baUnit: unitOf('O'), origin: 'legacy', evidence: 'public-document', right: RIGHT };
    const inOffice = async (office: number) => {
      const body = { head: Object.assign(headOf(OFFICERS.preparer), { office }), titles: [title] };
      return app.ask<Problem>('POST', '/acts/registrations', { token, body });
    };
    for (const office of [0, 7]) {
      const { body } = await inOffice(office);
      expect([body.code, body.errors?.[0]?.pointer], String(office)).to.deep.equal([
        'office-differs',
        '/head/office',
      ]);
    }
    expect((await inOffice(1)).status).to.equal(201);
  });

  it('that take the ground of a unit begin only with the act that ends that unit', async () => {
    const [child] = children('A/1');
    const title = { ...child, origin: 'legacy', evidence: 'public-document', right: RIGHT };
    expect(await refusedAs('/acts/registrations', { titles: [title] })).to.equal('survey-replaces-others');
    const ofAnother = { baUnit: unitOf('B'), children: children('A/1', 'A/2') };
    expect(await refusedAs('/acts/subdivisions', ofAnother)).to.equal('survey-replaces-others');
    await surveyed([feature('D', [square(0.01, 0)])]);
    const besides = { baUnit: unitOf('A'), children: children('A/1', 'D') };
    expect(await refusedAs('/acts/subdivisions', besides)).to.equal('survey-replaces-others');
    const joined = { baUnits: [unitOf('A'), unitOf('B')], child: { baUnit: unitOf('D'), right: RIGHT } };
    expect(await refusedAs('/acts/consolidations', joined)).to.equal('survey-replaces-others');
    await app.act(
      'registrar',
      '/acts/subdivisions',
      { baUnit: unitOf('A'), children: children('A/1', 'A/2') },
      PAIR,
    );
  });

  for (const when of ['at once', 'after a start']) {
    it(`free the ground of their parent ${when}, keep its number taken, and take their own`, async () => {
      const beside = feature(`A/9 ${when}`, [
        square(when === 'at once' ? 0.00085 : 0.00092, 0.0002, 0.00005),
      ]);
      const lines = [beside, feature('a', [square(0.02, 0)]), feature('E', [strip(0.0002, 0.0003)])];
      const { recorded, refused } = await surveyed(lines);
      expect(recorded.map(({ number }) => number)).to.deep.equal([`A/9 ${when}`]);
      expect(refused.map(({ line, code }) => [line, code])).to.deep.equal([
        [3, 'parcel-number-registered'],
        [4, 'parcel-same-ground'],
      ]);
      if (when === 'after a start') return;
      await app.stop();
      app = await startApp({ folder: app.folder });
      token = await app.token('registrar', 1);
    });
  }

  it('that join others may have the corners their parent had', async () => {
    await surveyed([feature('A/12', [strip(0, 0.0008)])], 'office=1&replacing=A%2F1&replacing=A%2F2');
    const child = { baUnit: unitOf('A/12'), right: RIGHT };
    const joined = { baUnits: [unitOf('A/1'), unitOf('A/2')], child };
    await app.act('registrar', '/acts/consolidations', joined, PAIR);
    const again = await surveyed([feature('A/13', [strip(0, 0.0004)])], 'office=1&replacing=A%2F12');
    expect(again.recorded).to.have.length(1); // the very corners of A/1, which ended
    const gone = await put<Problem>([feature('A/14', [strip(0, 0.0004)])], 'office=1&replacing=A%2F1');
    expect(gone.body.code).to.equal('replaced-parcel-missing');
  });

  const titleOf = (number: string) => ({
    ...{ baUnit: unitOf(number), origin: 'legacy', evidence: 'public-document', right: RIGHT },
  });
  const approve = async (act: ActTold) =>
    app.ask<ActTold & Problem>('POST', `/acts/${act.id}/signatures`, {
      token: await app.token('registrar', 2, 'approver'),
      headers: { Prefer: 'wait=20' },
      body: approvalBy(OFFICERS.secondApprover, act),
    });
  /** Signed by its preparer; the approval makes an operation of it. */
  async function prepared(number: string): Promise<ActTold> {
    const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(number)] };
    const told = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    expect(told.status, told.text).to.equal(201);
    const part = { token, body: preparationBy(OFFICERS.preparer, told.body) };
    expect((await app.ask('POST', `/acts/${told.body.id}/signatures`, part)).status).to.equal(201);
    return told.body;
  }
  const isActive = async (number: string) => {
    const told = await app.ask<{ state: { header: { status: string } } }>(
      'GET',
      `/titles/${unitOf(number)}`,
      {
        token,
      },
    );
    return told.status === 200 && told.body.state.header.status === 'active';
  };

  it('that another survey replaced are never registered, though their act was signed before', async () => {
    await surveyed([feature('R 1', [square(0.1, 0)])]);
    const waiting = await prepared('R 1');
    await surveyed([feature('R 2', [square(0.1, 0)])], 'office=1&replacing=R%201');
    const told = await approve(waiting);
    expect([told.status, told.body.code]).to.deep.equal([409, 'survey-replaced']);
    expect(await refusedAs('/acts/registrations', { titles: [titleOf('R 1')] })).to.equal('survey-replaced');
    await app.act('registrar', '/acts/registrations', { titles: [titleOf('R 2')] }, PAIR);
    expect([await isActive('R 1'), await isActive('R 2')]).to.deep.equal([false, true]);
  });

  it('begin one title a piece of ground, whatever arrives at once', async () => {
    let [twice, none] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const [old, next] = [`C ${round}`, `D ${round}`];
      const ground = [square(0.2 + round / 100, 0)];
      await surveyed([feature(old, ground)]);
      const waiting = await prepared(old);
      const replace = async () => {
        await surveyed([feature(next, ground)], `office=1&replacing=${encodeURIComponent(old)}`);
        const body = { head: headOf(OFFICERS.preparer), titles: [titleOf(next)] };
        const told = await app.ask<ActTold & Problem>('POST', '/acts/registrations', { token, body });
        if (told.status !== 201) return told.body.code;
        const part = { token, body: preparationBy(OFFICERS.preparer, told.body) };
        await app.ask('POST', `/acts/${told.body.id}/signatures`, part);
        return (await approve(told.body)).body.code;
      };
      const [ofOld, ofNext] = await Promise.all([approve(waiting), replace()]);
      const refused = [ofOld.body.code, ofNext].filter((code) => code !== undefined);
      expect(['survey-replaced', 'survey-replaces-others', 'ground-taken']).to.include.members(refused);
      const stand = [await isActive(old), await isActive(next)].filter(Boolean).length;
      twice += Number(stand === 2);
      none += Number(stand === 0);
    }
    console.log(`      registrations at once | ${ROUNDS} tried | ${twice} grounds twice, ${none} never`);
    expect([twice, none]).to.deep.equal([0, 0]);
  });

  it('are nobody else’s to survey or to replace than who keeps the office', async () => {
    const stranger = await app.token('registrar', 2);
    for (const query of ['office=1', 'office=1&replacing=B', 'office=77', 'office=1&dryRun=true']) {
      const file = { text: collection([feature('X', [square(0.9, 0)])]), type: 'application/geo+json' };
      const told = await app.ask<Problem>('PUT', `/parcels?${query}`, { token: stranger, file });
      expect(told.status, query).to.be.within(403, 404);
    }
  });

  it('change hands from a day that is not before the last change, nor more than a year ahead', async () => {
    await surveyed([feature('T', [square(0.8, 0)])]);
    const now = Math.floor(Date.now() / 1000);
    const since = now - 40 * DAY;
    const at = (effectiveOn: number) => ({ ...headOf(OFFICERS.preparer), effectiveOn });
    await app.act('registrar', '/acts/registrations', { head: at(since), titles: [titleOf('T')] }, PAIR);
    const sale = {
      ...{ baUnit: unitOf('T'), rightId: 1, tenancy: 'sole', denominator: '1', staying: [] },
      joining: RIGHT.holders,
    };
    const refused = async (effectiveOn: number) =>
      refusedAs('/acts/transfers', { ...sale, head: at(effectiveOn) });
    expect(await refused(since - 1)).to.equal('effect-before-last');
    expect(await refused(now + 368 * DAY)).to.equal('effect-too-far-ahead');
    const from = now + 30 * DAY;
    await app.act('registrar', '/acts/transfers', { ...sale, head: at(from) }, PAIR);
    expect(await refused(from - 1)).to.equal('effect-before-last');
    const versionOn = async (day: number) => {
      const place = `/titles/${unitOf('T')}?effectiveOn=${day}`;
      return (await app.ask<{ version?: string; effectiveOn?: string }>('GET', place, { token })).body;
    };
    expect(await versionOn(since - 1)).to.include({ code: 'ba-unit-missing' });
    expect(await versionOn(now)).to.include({ version: '1', effectiveOn: instantOf(BigInt(since)) });
    expect(await versionOn(from)).to.include({ version: '2', effectiveOn: instantOf(BigInt(from)) });
  });

  it('are found by the check to stand on ground of their own', async () => {
    const token = await app.token('auditor', 1);
    const told = await app.ask<{ ok: boolean; findings: object[] }>('POST', '/checks', { token });
    expect(told.body.findings).to.deep.equal([]);
  });

  it('may have commas in their numbers', async () => {
    await surveyed([feature('LR 209, 7', [square(0.04, 0)])]);
    const { recorded } = await surveyed(
      [feature('LR 209, 8', [square(0.04, 0)])],
      'office=1&replacing=LR%20209%2C%207',
    );
    expect(recorded).to.have.length(1);
  });

  it('of two offices may have one number, and never one piece of ground', async () => {
    const { recorded, refused } = await surveyed(
      [feature('B', [square(0.03, 0)]), feature('F', [square(0.002, 0)])],
      'office=2',
    );
    expect(recorded.map(({ number }) => number)).to.deep.equal(['B']);
    expect(refused.map(({ code }) => code)).to.deep.equal(['parcel-same-ground']);
  });

  const REGISTER = encodeURIComponent(
    JSON.stringify({ answers: [{ code: 'parcel-overlaps-registered', answer: 'register' }] }),
  );

  it('on ground that is a title’s are refused whatever is answered, each by its line, and nothing is kept of it', async () => {
    const [same, moved, good] = [square(0.002, 0), square(0.002001, 0), square(0.012, 0.5)];
    const lines = [feature('S 1', [same]), feature('S 2', [good]), feature('S 3', [moved])];
    for (const office of [1, 2]) {
      const { recorded, refused } = await surveyed(lines, `office=${office}&settings=${REGISTER}`);
      const isFirst = office === 1; // the good one stands in the way of its like from the other office
      expect(recorded.map(({ number }) => number)).to.deep.equal(isFirst ? ['S 2'] : []);
      const expected = isFirst ? [2, 4] : [2, 3, 4];
      expect([...new Set(refused.map(({ line }) => line))]).to.deep.equal(expected);
      expect(refused.every(({ code }) => code === 'parcel-same-ground')).to.equal(true);
      const { body } = await app.ask<{ rows: object[] }>('GET', `/parcels/decisions?office=${office}`, {
        token,
      });
      expect(body.rows).to.deep.equal([]);
    }
  });

  it('share a boundary as an officer decided, which both who sign and both offices read', async () => {
    const beside = feature('B west', [square(0.00105, 0)]); // 5 % of B
    const { recorded } = await surveyed([beside], `office=2&settings=${REGISTER}`);
    expect(recorded).to.have.length(1);
    for (const [office, number, other] of [
      [1, 'B', 'office 2: B west'],
      [2, 'B west', 'office 1: B'],
    ] as const) {
      const { body } = await app.ask<{ rows: { number: string; other: string; answer: string }[] }>(
        'GET',
        `/parcels/decisions?office=${office}`,
        { token },
      );
      expect(body.rows).to.have.length(1);
      expect(body.rows[0]).to.include({ number, other, answer: 'register' });
    }
    const head = Object.assign(headOf(OFFICERS.preparer), { office: 2 });
    const body = { head, titles: [titleOf('B west')] };
    const told = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    expect(told.status, told.text).to.equal(201);
    expect(told.text).to.match(/"parcel\/shared-ground","value":"6\d\d\.\d\d m2 with parcel B of office 1"/);
    const part = { token, body: preparationBy(OFFICERS.preparer, told.body) };
    await app.ask('POST', `/acts/${told.body.id}/signatures`, part);
    expect((await approve(told.body)).status).to.equal(202);
    const auditor = await app.token('auditor', 1);
    const check = await app.ask<{ findings: object[]; decidedGround: object[] }>('POST', '/checks', {
      token: auditor,
    });
    expect([check.body.findings, check.body.decidedGround.length]).to.deep.equal([[], 1]);
  });

  it('that were replaced are told so when they come again, also after a start', async () => {
    for (const round of ['at once', 'after a start']) {
      const file = { text: collection([feature('R 1', [square(0.1, 0)])]), type: 'application/geo+json' };
      const { body } = await app.ask<{ warnings: { code: string; message: string }[] }>(
        'PUT',
        '/parcels?office=1',
        { token, file },
      );
      const [warned] = body.warnings;
      expect(warned?.code, round).to.equal('parcel-replaced');
      expect(warned?.message).to.include('R 2');
      if (round === 'after a start') return;
      await app.stop();
      app = await startApp({ folder: app.folder });
      token = await app.token('registrar', 1);
    }
  });

  it('divide in steps, and are free again when the division is cancelled', async () => {
    const strips = Array.from({ length: 6 }, (_, i) => `Q/${i}`);
    expect(codesOf(await surveyed([feature('Q', [square(0.5, 0)])]))).to.deep.equal([]);
    const title = { baUnit: unitOf('Q'), origin: 'legacy', evidence: 'public-document', right: RIGHT };
    await app.act('registrar', '/acts/registrations', { titles: [title] }, PAIR);
    const parts = strips.map((name, i) => feature(name, [square(0.5 + i * 0.0001, 0, 0.00009)]));
    await surveyed(parts, 'office=1&replacing=Q');
    const divided = { baUnit: unitOf('Q'), children: children(...strips) };
    const place = `/titles/${unitOf('Q')}/division`;
    type Progress = { loaded: number; made: number; children: number; isDone: boolean };
    const before = await app.ask<Problem>('POST', place, { token });
    expect(before.body.code).to.equal('ba-unit-not-dividing');
    await app.act('registrar', '/acts/divisions', divided, PAIR);
    const opened = await app.ask<Progress>('GET', place, { token });
    expect(opened.body).to.deep.equal({ children: 6, loaded: 0, made: 0, isDone: false });
    expect(
      await refusedAs('/acts/subdivisions', { ...divided, children: divided.children.slice(4) }),
    ).to.equal('ba-unit-not-active');
    await app.act('registrar', '/acts/division-cancellations', { baUnit: unitOf('Q') }, PAIR);
    await app.act('registrar', '/acts/divisions', divided, PAIR);
    const done = await app.ask<Progress>('POST', place, { token });
    expect(done.status, JSON.stringify(done.body)).to.equal(200);
    const { loaded, made, isDone } = done.body;
    expect({ loaded, made, isDone }).to.deep.equal({ loaded: 6, made: 6, isDone: true });
    const child = await app.ask<{ state: { header: { status: string; origin: string } } }>(
      'GET',
      `/titles/${unitOf('Q/3')}`,
      { token },
    );
    const { status, origin } = child.body.state.header;
    expect({ status, origin }).to.deep.equal({ status: 'active', origin: 'subdivision' });
    const swept = await app.ask<Problem>('POST', `/titles/${unitOf('Q/3')}/sweep`, { token });
    expect(swept.body.code).to.equal('nothing-to-sweep');
    const nowhere = await app.ask<Problem>('POST', `/titles/${`0x${'5e'.repeat(32)}`}/sweep`, { token });
    expect(nowhere.body.code).to.equal('ba-unit-missing');
  });

  it('hold flats with shares in common land, which gives out no more than it has', async () => {
    const ground = ['tower', 'flat 1', 'flat 2'].map((name, i) => feature(name, [square(0.06 + i / 100, 0)]));
    expect(codesOf(await surveyed(ground))).to.deep.equal([]);
    const common = { ...titleOf('tower'), quotaTotal: '1000' };
    await app.act('registrar', '/acts/registrations', { titles: [common] }, PAIR);
    const first = { ...titleOf('flat 1'), quota: '600' };
    await app.act('registrar', '/acts/parts', { baUnit: unitOf('tower'), parts: [first] }, PAIR);
    const second = { ...titleOf('flat 2'), quota: '401' };
    const refused = await refusedAs('/acts/parts', { baUnit: unitOf('tower'), parts: [second] });
    expect(refused).to.equal('quota-invalid');
  });

  interface Found {
    readonly total: number;
    readonly next?: string;
    readonly rows: readonly {
      readonly number: string;
      readonly baUnit: string;
      readonly aliases: readonly string[];
      readonly standing: string;
      readonly computedAreaM2: number;
    }[];
  }
  const found = async (query: string, as = token) =>
    app.ask<Found & Problem>('GET', `/parcels?${query}`, { token: as });

  it('are found by number, by the id of their corners and by place, with what became of them', async () => {
    await surveyed([feature('N 1', [square(0.95, 0)]), feature('N 10', [square(0.952, 0)])]);
    await surveyed([feature('N 9', [square(0.954, 0)])]); // the index was not read when it came
    for (const [number, standing] of [
      ...[['T', 'registered'] as const, ['A', 'ended'] as const, ['R 1', 'replaced'] as const],
      ['N 1', 'surveyed'] as const,
    ]) {
      const { body } = await found(`office=1&number=${encodeURIComponent(number)}`);
      const told = body.rows.map((one) => [one.number, one.baUnit, one.standing]);
      expect(told, number).to.deep.equal([[number, unitOf(number), standing]]);
      const [alias = ''] = body.rows[0]?.aliases ?? [];
      const spaced = `${alias.slice(0, 5)} ${alias.slice(5)}`.toLowerCase();
      const byAlias = await found(`office=1&alias=${encodeURIComponent(spaced)}`);
      // The corners of a parcel that ended, or was replaced, may be another's by now: the newest has them.
      expect(byAlias.body.rows).to.have.length(1);
      if (standing === 'registered') expect(byAlias.body).to.deep.equal(body);
    }
    const inBox = 'office=1&box=0.9499,-0.001,0.9541,0.002';
    const all = (await found(inBox)).body;
    expect(all.rows.map(({ number }) => number).sort()).to.deep.equal(['N 1', 'N 10', 'N 9']);
    for (const { computedAreaM2 } of all.rows) expect(computedAreaM2).to.be.closeTo(12_300, 200);
    const first = (await found(`${inBox}&limit=2`)).body;
    expect([first.total, first.rows.length]).to.deep.equal([3, 2]);
    const rest = (await found(`${inBox}&limit=2&after=${first.next}`)).body;
    expect([rest.total, rest.next]).to.deep.equal([3, undefined]);
    expect([...first.rows, ...rest.rows]).to.deep.equal(all.rows);
    await surveyed([feature('N 11', [square(0.956, 0)])]); // it comes to an index that was read
    expect((await found('office=1&box=0.9499,-0.001,0.96,0.002')).body.total).to.equal(4);
    expect((await found('office=1&box=-10,-10,-9,-9')).body).to.deep.equal({ total: 0, rows: [] });
  });

  it('are listed as people read their numbers, and found as people write them, saying which was understood', async () => {
    const numbers = ['LR/100/10', 'LR/100/9', 'LR/100/1', 'LR/100-9', 'LR/20/1'];
    await surveyed(numbers.map((number, i) => feature(number, [square(0.97 + 0.002 * i, 0)])));
    interface Read extends Found {
      readonly understoodAs?: readonly string[];
    }
    const read = async (query: string, place = '/parcels') =>
      (await app.ask<Read>('GET', `${place}?office=1&${query}`, { token })).body;
    const numbersOf = ({ rows }: Read) => rows.map(({ number }) => number);
    const inOrder = ['LR/20/1', 'LR/100/1', 'LR/100-9', 'LR/100/9', 'LR/100/10'];
    const box = 'box=0.9699,-0.001,0.98,0.002';
    const inBox = numbersOf(await read(box));
    expect(inBox.map((number) => number.replace('-', '/'))).to.deep.equal(
      inOrder.map((number) => number.replace('-', '/')),
    );
    const pages: string[] = [];
    let after = '';
    do {
      const page = await read(`${box}&limit=2&after=${after}`);
      pages.push(...numbersOf(page));
      after = page.next ?? '';
    } while (after !== '');
    expect(pages).to.deep.equal(inBox);
    const all = numbersOf(await read('limit=500'));
    expect(all.filter((number) => inBox.includes(number))).to.deep.equal(inBox);
    for (const [written, understoodAs] of [
      ['LR/100/9', undefined],
      ['lr/100/9', ['LR/100/9']],
      ['LR-100-1', ['LR/100/1']],
      ['lr 20.01', ['LR/20/1']],
      ['LR.100.9', inBox.filter((number) => number.endsWith('9'))],
      ['LR 1001', undefined],
    ] as const) {
      for (const place of ['/parcels', '/titles/search']) {
        const told = await read(`number=${encodeURIComponent(written)}`, place);
        expect(told.understoodAs, `${place} ${written}`).to.deep.equal(understoodAs);
        expect(numbersOf(told)).to.deep.equal(understoodAs ?? (written.includes('/') ? [written] : []));
      }
    }
    const said = kudurru([
      ...['find', 'parcels', '--office', '1', '--number', 'lr 20.01'],
      ...['--gateway', app.url, '--token', token],
    ]).stdout;
    expect(said).to.match(/^Understood as LR\/20\/1\.\nLR\/20\/1 {2}surveyed, /);
    const stray = await read(`${box}&after=${cursorOf('LR')}`);
    expect((stray as unknown as Problem).code).to.equal('cursor-unknown');
  });

  it('are found by a number that they had before, all that had it, and say which they have now', async () => {
    const joined = { old_no: 'LR 4711/3; LR 4711/4' };
    const [one, other] = [1.1, 1.102].map((x) => square(x, 0));
    await surveyed([
      feature('NEW/1', [one ?? []], joined),
      feature('NEW/2', [other ?? []], { old_no: 'LR 4711/3' }),
    ]);
    interface Read extends Found {
      readonly understoodAs?: readonly string[];
    }
    for (const query of ['alias=lr-4711-3', 'alias=LR%204711%2F3', 'number=LR%204711%2F3']) {
      const told = (await app.ask<Read>('GET', `/parcels?office=1&${query}`, { token })).body;
      expect(
        told.rows.map(({ number }) => number),
        query,
      ).to.deep.equal(['NEW/1', 'NEW/2']);
      const understood = query.startsWith('number') ? ['NEW/1', 'NEW/2'] : undefined;
      expect(told.understoodAs, query).to.deep.equal(understood);
    }
    const [only, none] = ['LR%204711%2F4', 'NEW%2F1'].map((alias) => found(`office=1&alias=${alias}`));
    expect(
      (await only)?.body.rows.map((row) => [row.number, (row as { formerNumbers?: unknown }).formerNumbers]),
    ).to.deep.equal([['NEW/1', ['LR 4711/3', 'LR 4711/4']]]);
    expect((await none)?.body.total).to.equal(0); // a number that it has now is no alias
    const said = kudurru([
      ...['find', 'parcels', '--office', '1', '--alias', 'lr 4711/4'],
      ...['--gateway', app.url, '--token', token],
    ]).stdout;
    expect(said).to.match(/^NEW\/1, formerly LR 4711\/3, formerly LR 4711\/4 {2}surveyed, /);
  });

  it('are found by their own office alone, and asked for in one way', async () => {
    const [byNumber, byAlias] = ['office=2&number=N%201', 'office=2&alias=15CTEG5FGZGFNT'];
    const other = await app.token('registrar', 2);
    for (const query of [byNumber, byAlias]) {
      expect((await found(query)).body.total, query).to.equal(0);
      expect((await found(query, other)).body.code, query).to.equal('office-of-another');
    }
    for (const query of [
      ...['office=1&number=A&alias=B', 'office=1&box=3,1,2,4', 'office=1&box=0,0,181,1'],
      ...['office=1&box=1,2,3', 'number=A', 'office=1&number=A&limit=501'],
    ]) {
      const { status, body } = await found(query);
      expect([status, body.code], query).to.deep.equal([422, 'validation-failed']);
    }
  });
});
