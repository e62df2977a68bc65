/**
 * An id that is spelt otherwise is the same person, and the same parcel, in both registers; who comes again without an
 * id, or with another name or household, is a question before the officer, and nobody is doubled without an answer.
 */

import path from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { subjectTables } from '../../../server/store/subjects.ts';
import { openStores } from '../../../server/wiring/stores.ts';
import { Aid, type PersonTold } from '../../aid/aid.ts';
import { type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { holder, registerUnits } from '../../gateway/transfers.ts';
import { collection, feature, square } from '../domain/survey/parcelFiles.ts';

interface Told {
  readonly people: readonly PersonTold[];
  readonly refused: readonly { readonly code: string; readonly line: number; readonly answers?: string[] }[];
}
interface Answer {
  readonly code: string;
  readonly answer: string;
  readonly line?: number;
}

/** One id, by other hands and machines. */
const SPELLINGS = [
  'KA-70 1',
  'ka-70 1',
  'Ka\u201370\u00a01',
  '\uff2b\uff2170-1',
  'KA - \u0667\u0660 \u0661',
  'KA/70/1',
  "KA'70'1",
  '\u041a\u0410 70.1',
];
const [subjects] = subjectTables;
/** Who consents in person, so that no key says first that two are one. */
const UNKEYED = { signer: 'none', keyHash: ZERO_32, possession: undefined };
const HEADER = 'national_id;name;village;household_size';

describe('an id that is spelt otherwise', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of ids');
    await aid.define();
  });
  after(() => app?.remove());

  async function people(lines: readonly string[], answers: readonly Answer[] = [], header = HEADER) {
    const settings = encodeURIComponent(JSON.stringify({ answers }));
    const place = `${aid.path}/registrations?units=household_size&settings=${settings}`;
    const file = { text: [header, ...lines].join('\n'), type: 'text/csv' };
    const { status, body, text } = await aid.ask<Told>('PUT', place, { file });
    expect(status, text).to.equal(200);
    return {
      ids: body.people.map(({ personId }) => personId),
      asked: body.refused.map(({ code, line }) => `${code} ${line}`),
      answers: body.refused.flatMap((one) => one.answers ?? []),
    };
  }

  it('is the same person of an agency, in every later file', async () => {
    const [first = ''] = SPELLINGS;
    const { ids } = await people([`${first};Synthetic Spelt;Well;3`]);
    for (const other of SPELLINGS)
      expect((await people([`${other};Synthetic Spelt;Well;3`])).ids, other).to.deep.equal(ids);
    const twice = await people(SPELLINGS.map((id) => `${id};Synthetic Spelt;Well;3`));
    expect(twice.asked).to.deep.equal(SPELLINGS.map((_, i) => `national-id-repeated ${i + 2}`));
  });

  it('is the same person by the agency’s own id, in a roll too, and by the sector’s in capitals', async () => {
    const header = 'registration_id;name;household_size';
    const { ids } = await people(['REG-7;Synthetic Own;3'], [], header);
    expect((await people(['reg-\uff17;Synthetic Own;3'], [], header)).ids).to.deep.equal(ids);
    const both = await people(['REG-8;Synthetic A;3', 'reg - 8;Synthetic B;3'], [], header);
    expect(both.asked).to.deep.equal(['agency-id-repeated 2', 'agency-id-repeated 3']);
    const [personId = ''] = ids;
    await aid.act('/acts/enrolments', aid.enrolmentOf([{ line: 2, personId, units: 3 }]));
    await aid.loadSlots();
    const roots = new Set<string>();
    for (const written of ['REG-7', 'reg - 7', 'REG/7', "reg'7", personId, personId.toUpperCase()]) {
      const told = await aid.putRoll<{ root: string }>(`id,units\n${written},3`, 1, 3);
      expect(told.status, `${written} ${told.text}`).to.equal(200);
      roots.add(told.body.root);
    }
    expect(roots.size).to.equal(1);
  });

  it('with another name or other units is asked about, by its line, and settled by an answer', async () => {
    const { ids } = await people(['D-1;Synthetic Differs;Well;3', 'D-2;Synthetic Stays;Well;2']);
    for (const changed of [
      'd-1;Synthetic Other;Well;3',
      'D-1;Synthetic Differs;Well;4',
      'D-1;Synthetic Differs;Hill;3',
    ]) {
      const asked = await people(['D-2;Synthetic Stays;Well;2', changed]);
      expect(asked.asked, changed).to.deep.equal(['person-differs 3']);
      expect(asked.answers).to.deep.equal(['same-person', 'leave-out']);
      expect(asked.ids).to.deep.equal(ids.slice(1));
    }
    const changed = ['D-1;Synthetic Other;Well;5'];
    const left = await people(changed, [{ code: 'person-differs', answer: 'leave-out', line: 2 }]);
    expect([left.ids, left.asked]).to.deep.equal([[], []]);
    const again = await people(changed);
    expect([again.ids, again.asked], 'the very file again').to.deep.equal([[], []]);
    const same = await people(changed, [{ code: 'person-differs', answer: 'same-person', line: 2 }]);
    expect([same.ids, same.asked]).to.deep.equal([ids.slice(0, 1), []]);
    expect((await people(changed)).ids).to.deep.equal(ids.slice(0, 1));
  });

  it('asks about who has none and stands twice, however else the lines differ', async () => {
    const header = `no;${HEADER};note`;
    const lines = [
      '1;;Synthetic Twice;Well;2;seen',
      '2;;Synthetic  TWICE;well;3;',
      '3;T-3;Synthetic Twice;Well;4;',
      '4;;Synthetic Once;Well;1;',
    ];
    const asked = await people(lines, [], header);
    expect(asked.asked).to.deep.equal(['line-repeated 2', 'line-repeated 3']);
    expect(asked.ids).to.have.length(2);
    const one = await people(lines, [{ code: 'line-repeated', answer: 'one-person' }], header);
    expect([one.ids, one.asked]).to.deep.equal([asked.ids, []]);
    const several = await people(lines, [{ code: 'line-repeated', answer: 'separate-people' }], header);
    expect([new Set(several.ids).size, several.asked]).to.deep.equal([4, []]);
    const again = await people(lines, [], header);
    expect([again.ids, again.asked], 'the very file again').to.deep.equal([several.ids, []]);
  });

  it('asks about who had none and comes again with a correction, or with an id', async () => {
    const { ids } = await people([';Synthetic None;Well;2', 'N-2;Synthetic Some;Well;2']);
    for (const corrected of [
      ';Synthetic None;Well;5',
      ';SYNTHETIC  NONE;well;2',
      'N-1;Synthetic None;Well;2',
    ]) {
      const asked = await people([corrected]);
      expect(asked.asked, corrected).to.deep.equal(['person-known 2']);
    }
    expect((await people([';Synthetic Some;Well;2'])).asked).to.deep.equal(['person-known 2']);
    const namesake = await people(['N-3;Synthetic Some;Well;2']);
    expect(namesake.asked, 'two of one name with an id each').to.deep.equal([]);
    const known = { code: 'person-known', answer: 'same-person' };
    expect((await people([';Synthetic None;Well;5'], [known])).ids).to.deep.equal(ids.slice(0, 1));
    expect((await people(['N-1;Synthetic None;Well;5'], [known])).ids).to.deep.equal(ids.slice(0, 1));
    expect((await people(['n-1;Synthetic None;Well;5'])).ids).to.deep.equal(ids.slice(0, 1));
    const other = await people(
      [';Synthetic None;Well;6'],
      [{ code: 'person-known', answer: 'another-person' }],
    );
    expect(other.ids[0]).to.not.equal(ids[0]);
  });

  it('is asked about where a letter is read as a digit, or a spreadsheet dropped zeros', async () => {
    await people(['AO-77;Synthetic Letter;Well;2', '0031;Synthetic Zeros;Well;2']);
    const near = await people(['A0-77;Synthetic Letter;Well;2', '31;Synthetic Zeros;Well;2']);
    expect([near.asked, near.ids]).to.deep.equal([['national-id-alike 2', 'national-id-alike 3'], []]);
    await people(['EX-000001;Synthetic Prefix;Well;2']);
    const behind = await people(['EX-1;Synthetic Prefix;Well;2']);
    expect([behind.asked, behind.ids]).to.deep.equal([['national-id-alike 2'], []]);
    const both = await people(['IL5;Synthetic One;Hill;2', '115;Synthetic Two;Hill;2']);
    expect(both.asked).to.deep.equal(['national-id-alike 2', 'national-id-alike 3']);
  });

  it('is none where a form says so, and a name that names nobody is none beside an id', async () => {
    const nobody = ['---', 'N/A', 'unknown', 'xxx', 'Inconnu'];
    const unnamed = nobody.map((name, i) => `UNNAMED-${i};${name};Well;2`);
    const told = await people(unnamed);
    expect([told.ids, told.asked]).to.deep.equal([[], nobody.map((_, i) => `name-missing ${i + 2}`)]);
    const { ids, asked } = await people(unnamed, [{ code: 'name-missing', answer: 'without-name' }]);
    expect([asked, new Set(ids).size]).to.deep.equal([[], nobody.length]);
    const names = await aid.ask<{ people: { records: { fields: object }[] }[] }>('POST', '/people/searches', {
      headers: { 'X-Case-Reference': 'CASE-U' },
      body: { purpose: 'case-work', by: { kind: 'national-id', id: 'unnamed/1' } },
    });
    expect(names.text).to.include('"fullName":""').and.not.to.include('N/A');
    const without = await people(nobody.map((name) => `${name};${name};Well;2`));
    expect([without.ids, without.asked]).to.deep.equal([
      [],
      nobody.map((_, i) => `person-unidentified ${i + 2}`),
    ]);
  });

  it('is asked about until an id of who had none is known, for each of those of one name', async () => {
    const separate = [{ code: 'line-repeated', answer: 'separate-people' }];
    const twins = [';Synthetic Twin;Well;2', ';Synthetic Twin;Well;3'];
    const { ids } = await people(twins, separate);
    expect(new Set(ids).size).to.equal(2);
    const comes = (nationalId: string, answers: readonly Answer[] = []) =>
      people([`${nationalId};Synthetic Twin;Well;2`], answers);
    const known = { code: 'person-known', answer: 'same-person' };
    const another = { code: 'person-known', answer: 'another-person' };
    expect((await comes('W-1')).asked).to.deep.equal(['person-known 2']);
    const first = await comes('W-1', [known]);
    expect(ids).to.include(first.ids[0]);
    // The other one has none yet, and may be the next who comes.
    expect((await comes('W-2')).asked).to.deep.equal(['person-known 2']);
    const second = await comes('W-2', [known]);
    expect(new Set([...first.ids, ...second.ids])).to.deep.equal(new Set(ids));
    const third = await comes('W-3');
    expect([third.asked, third.ids.length]).to.deep.equal([[], 1]);
    expect(ids).not.to.include(third.ids[0]);
    expect((await people([';Synthetic Twin;Well;9'])).asked, 'without an id').to.deep.equal([
      'person-known 2',
    ]);
    await people([';Synthetic Twin;Well;9'], [another]);
    expect((await comes('W-4')).asked).to.deep.equal(['person-known 2']);
  });

  const survey = async (numbers: readonly string[], office = 1) =>
    app.ask<{ recorded: { baUnit: string; number: string }[]; refused: { code: string }[] }>(
      ...(['PUT', `/parcels?office=${office}`] as const),
      {
        token: await app.token('registrar', 1),
        file: {
          text: collection(numbers.map((number, i) => feature(number, [square(71, 1 + i)]))),
          type: 'application/geo+json',
        },
      },
    );

  it('is the same parcel, and never a second one under another spelling', async () => {
    const first = await survey(['Block A/7 - 1']);
    for (const other of ['BLOCK A/7-1', 'block a/7 1', '\uff22lock A/\u0667\u20131']) {
      const told = await survey([other]);
      expect(told.status, `${other} ${told.text}`).to.equal(200);
      expect(told.body.recorded.map(({ baUnit }) => baUnit)).to.deep.equal(
        first.body.recorded.map(({ baUnit }) => baUnit),
      );
    }
    const elsewhere = await survey(['Block B', 'block a/7-1']);
    expect(elsewhere.body.refused.map(({ code }) => code)).to.include('parcel-number-registered');
  });

  it('holds a right once, whether both holdings begin or one is there', async () => {
    const own = (idNumber: string) => (at: App, baUnit: string) =>
      Object.assign(holder(at, baUnit), { party: { name: 'Synthetic Holder', idNumber } });
    const [first = '', second = '', third = ''] = SPELLINGS.map((one) => one.replace('\u00a0', ' '));
    const [unit = ''] = await registerUnits(app, 1, own(first));
    const token = await app.token('registrar', 1);
    const half = { tenancy: 'common', denominator: '2' };
    const asked = async (joining: object[], staying: object[]) => {
      const body = { head: headOf(OFFICERS.preparer), baUnit: unit, rightId: 1, ...half, staying, joining };
      const told = await app.ask<Problem>('POST', '/acts/transfers', { token, body });
      return [told.status, told.body.code, told.body.errors?.[0]?.pointer];
    };
    const at = (place: string) => [422, 'person-repeated', place];
    const another = (idNumber: string) => Object.assign(own(idNumber)(app, unit), UNKEYED);
    expect(await asked([another(second)], [{ holdingId: 2, numerator: '1' }])).to.deep.equal(
      at('/joining/0/party/idNumber'),
    );
    const twice = [another('OTHER-1'), another('other/1')];
    expect(await asked(twice, [])).to.deep.equal(at('/joining/1/party/idNumber'));
    expect((await asked([another('OTHER-1')], [{ holdingId: 2, numerator: '1' }]))[0]).to.equal(201);
    const { body } = await survey(['Block A/7 - 1']);
    const titles = [
      {
        ...{ baUnit: body.recorded[0]?.baUnit, origin: 'legacy', evidence: 'public-document' },
        right: {
          kind: 'ownership',
          standing: 'absolute',
          ...half,
          holders: [another(first), another(third)],
        },
      },
    ];
    const head = headOf(OFFICERS.preparer);
    const told = await app.ask<Problem>('POST', '/acts/registrations', { token, body: { head, titles } });
    expect([told.status, told.body.code, told.body.errors?.[0]?.pointer]).to.deep.equal(
      at('/titles/0/right/holders/1/party/idNumber'),
    );
  });

  it('is one person of the land register, whichever acts name it', async () => {
    await app.remove();
    app = await startApp(); // of nobody yet
    const { body } = await survey(SPELLINGS.map((_, i) => `Q/${i + 1}`));
    const token = await app.token('registrar', 1);
    const titles = SPELLINGS.map((idNumber, i) => ({
      ...{ baUnit: body.recorded[i]?.baUnit, origin: 'legacy', evidence: 'public-document' },
      right: {
        ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
        holders: [
          {
            ...{ numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32 },
            party: { name: 'Synthetic Holder', idNumber: idNumber.replace('\u00a0', ' ') },
          },
        ],
      },
    }));
    const prepare = (some: object[]) =>
      app.ask<Problem>('POST', '/acts/registrations', {
        token,
        body: { head: headOf(OFFICERS.preparer), titles: some },
      });
    const [one, ...rest] = titles;
    for (const some of [one === undefined ? [] : [one], rest]) {
      const told = await prepare(some);
      expect(told.status, told.text).to.equal(201);
    }
    await app.stop();
    const stores = await openStores(path.join(app.folder, 'data'), pino({ level: 'silent' }));
    const people = subjects === undefined ? 0 : await stores.store.rows(subjects);
    await stores.close();
    expect(people, 'a unit a title, and one holder').to.equal(titles.length + 1);
  });
});
