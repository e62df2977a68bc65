/**
 * A file of people that is sent again, read otherwise, answered in parts or answered badly: who a line is, is never decided
 * by anybody but the officer, and nothing is asked twice.
 */
import { expect } from 'chai';
import { Aid, type PersonTold } from '../../aid/aid.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';
import { workbookOfSheets } from '../domain/files/archives.ts';

interface Counted {
  readonly lines: number;
  readonly units: string;
}
interface Told {
  readonly read: number;
  readonly sheet?: string;
  readonly people: readonly PersonTold[];
  readonly units: string;
  readonly refusedCount: Counted;
  readonly passedOver: Counted;
  readonly refused: readonly {
    readonly code: string;
    readonly line: number;
    readonly message: string;
    readonly field?: string;
    readonly answers?: readonly string[];
  }[];
  readonly warnings: readonly { readonly code: string; readonly line?: number }[];
}
interface Answer {
  readonly code: string;
  readonly answer: string;
  readonly line?: number;
  readonly lines?: readonly number[];
}

const HEADER = 'national_id;name;phone;village;units';

describe('a file of people that comes again', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of the same file');
    await aid.define();
  });
  after(() => app?.remove());

  async function send<T = Told>(lines: readonly string[], settings: object = {}, header = HEADER) {
    const place = `${aid.path}/registrations?settings=${encodeURIComponent(JSON.stringify(settings))}`;
    return aid.ask<T>('PUT', place, { file: { text: [header, ...lines].join('\n'), type: 'text/csv' } });
  }
  async function people(
    lines: readonly string[],
    answers: readonly Answer[] = [],
    more: object = {},
    header = HEADER,
  ) {
    const { status, body, text } = await send(lines, Object.assign({ answers }, more), header);
    expect(status, text).to.equal(200);
    return {
      body,
      ids: body.people.map(({ personId }) => personId),
      asked: body.refused.map(({ code, line }) => `${code} ${line}`),
      told: body.refused.map(({ message }) => message).join('\n'),
      passed: body.warnings.filter(({ code }) => code === 'line-of-one-person').map(({ line }) => line),
    };
  }
  const distinct = (ids: readonly string[]) => new Set(ids).size;

  it('is other people where it is read by another column of names, and the same by another of units', async () => {
    const header = 'head;wife;village;units;extra';
    const lines = ['Synthetic Hassan;Synthetic Maryam;Well;3;7', 'Synthetic Idris;Synthetic Leila;Well;2;5'];
    const by = (name: string, units: string) => people(lines, [], { columns: { name, units } }, header);
    const heads = await by('head', 'units');
    const wives = await by('wife', 'units');
    expect([wives.asked, distinct([...heads.ids, ...wives.ids])]).to.deep.equal([[], 4]);
    const corrected = await by('head', 'extra');
    expect([corrected.ids, corrected.asked]).to.deep.equal([heads.ids, []]);
    expect(corrected.body.people.map(({ units }) => units)).to.deep.equal([7, 5]);
    expect((await by('wife', 'units')).ids).to.deep.equal(wives.ids);
  });

  it('is other people on another sheet of one workbook, whichever way the sheet is named', async () => {
    const sheetOf = (...names: readonly string[]) => [['name', 'units'], ...names.map((name) => [name, 1])];
    const text = workbookOfSheets({
      June: sheetOf('Synthetic Noor', 'Synthetic Omar'),
      July: sheetOf('Synthetic Petra', 'Synthetic Qasim'),
    });
    const type = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
    const by = async (query: string) => {
      const told = await aid.ask<Told>('PUT', `${aid.path}/registrations?${query}`, { file: { text, type } });
      expect([told.status, told.body.refused], told.text).to.deep.equal([200, []]);
      return told.body.people.map(({ personId }) => personId);
    };
    const june = await by('sheet=June');
    const july = await by('sheet=July');
    expect(distinct([...june, ...july])).to.equal(4);
    expect([await by('sheet=June'), await by('sheet=July')]).to.deep.equal([june, july]);
    const unnamed = await aid.ask<Problem>('PUT', `${aid.path}/registrations`, { file: { text, type } });
    expect([unnamed.status, unnamed.body.code], unnamed.text).to.deep.equal([422, 'sheets-several']);
    const told = await aid.ask<Told>('PUT', `${aid.path}/registrations?sheet=July`, { file: { text, type } });
    expect(told.body.sheet).to.equal('July');
    const dry = `${aid.path}/registrations?sheet=June&dryRun=true`;
    expect((await aid.ask<Told>('PUT', dry, { file: { text, type } })).body.sheet).to.equal('June');
  });

  it('asks nothing twice that was answered of it, whatever the answer was, in whichever parts', async () => {
    const lines = [
      ';Synthetic Double;;Dale;1',
      ';Synthetic Double;;Dale;1',
      ';Synthetic Double;;Dale;1',
      'Q-1;Synthetic Ida;0722100001;Dale;1',
      ';Ida Synthetic;0722100001;Rise;1',
      'Q-7;;0722100009;Dale;1',
      ';TOTAL;;;7',
    ];
    const first = await people(lines);
    expect(first.asked).to.deep.equal([
      'line-repeated 3',
      'line-repeated 4',
      'line-alike 6',
      'name-missing 7',
      'total-row 8',
    ]);
    const told: Answer[] = [
      { code: 'line-repeated', answer: 'separate-people', line: 3 },
      { code: 'line-repeated', answer: 'one-person' },
      { code: 'line-alike', answer: 'one-person', lines: [6, 99] },
    ];
    const second = await people(lines, told);
    expect([second.asked, second.passed]).to.deep.equal([
      ['name-missing 7', 'total-row 8', 'answer-not-asked 99'],
      [4, 6],
    ]);
    expect(second.told).to.include('`line-alike` of line 99');
    told[2] = { code: 'line-alike', answer: 'one-person', lines: [6] };
    const rest = [
      { code: 'name-missing', answer: 'without-name' },
      { code: 'total-row', answer: 'total', line: 8 },
    ];
    const third = await people(lines, rest);
    expect([third.asked, third.passed]).to.deep.equal([[], [4, 6]]);
    expect(third.ids.slice(0, 3)).to.deep.equal(second.ids);
    for (const answers of [[], told, rest, [...told, ...rest]])
      expect((await people(lines, answers)).body).to.deep.equal(third.body);
    const dry = await aid.ask<{ good: number; refused: object[] }>(
      'PUT',
      `${aid.path}/registrations?dryRun=true`,
      {
        file: { text: [HEADER, ...lines].join('\n'), type: 'text/csv' },
      },
    );
    expect([dry.body.good, dry.body.refused]).to.deep.equal([third.ids.length, []]);
  });

  it('knows who was answered to be the same person, and leaves out whoever was left out', async () => {
    const { ids } = await people([
      'R-1;Synthetic Rashid;0722200001;Dale;1',
      ';Synthetic Safia;0722200002;Dale;2',
    ]);
    const lines = ['R-1;Synthetic Rashid Said;0722200009;Dale;1', ';Safia Synthetic;0722200002;Rise;3'];
    const answers = [
      { code: 'person-differs', answer: 'same-person' },
      { code: 'person-alike', answer: 'same-person', line: 3 },
    ];
    expect((await people(lines)).asked).to.deep.equal(['person-differs 2', 'person-alike 3']);
    const same = await people(lines, answers);
    expect([same.ids, same.asked]).to.deep.equal([ids, []]);
    expect((await people(lines)).body).to.deep.equal(same.body);
    const late = await people(lines, [{ code: 'person-alike', answer: 'another-person', line: 3 }]);
    expect(late.ids, 'what was taken stays taken').to.deep.equal(ids);
    expect(late.body.warnings.map(({ code, line }) => [code, line])).to.deep.equal([['answer-too-late', 3]]);
    const back = ['R-1;Synthetic Rashid;0722200001;Dale;1;'];
    const backHeader = `${HEADER};note`;
    expect(
      (await people(back, [], {}, backHeader)).asked,
      'what was corrected, in a later list',
    ).to.deep.equal(['person-differs 2']);
    const left = ['R-1;Synthetic Rashid Otherwise;;Dale;1'];
    await people(left, [{ code: 'person-differs', answer: 'leave-out' }]);
    const again = await people(left);
    expect([again.ids, again.asked, again.body.passedOver]).to.deep.equal([[], [], { lines: 1, units: '1' }]);
  });

  it('parts lines that are the same from one another, however many lines lie between', async () => {
    const lines = Array.from({ length: 230 }, (_, i) =>
      i % 115 === 0 ? ';Synthetic Namesake;;Dale;1' : `;Synthetic Sole${i} Only${i};;Dale;1`,
    );
    const answers = [{ code: 'line-repeated', answer: 'separate-people' }];
    const told = await people(lines, answers);
    expect([told.asked, distinct(told.ids)]).to.deep.equal([[], 230]);
    expect((await people(lines, answers)).ids).to.deep.equal(told.ids);
    expect((await people(lines)).ids).to.deep.equal(told.ids);
  });

  it('never makes one person of two lines, whichever answers meet', async () => {
    const { ids } = await people([';Synthetic Zahra;;Moor;1']);
    const lines = [';Synthetic Zahra;;Moor;2', ';Synthetic Zahra;;Moor;3'];
    const both = [
      { code: 'line-repeated', answer: 'separate-people' },
      { code: 'person-known', answer: 'same-person' },
    ];
    const told = await people(lines, both);
    expect([told.asked, told.ids.length, distinct(told.ids)]).to.deep.equal([[], 2, 2]);
    expect(told.ids).to.include(ids[0]);

    // one person by two ids, each on a line of its own
    const header = 'registration_id;national_id;name;units';
    const [one] = (await people(['A-1;B-1;Synthetic Tariq;1'], [], {}, header)).ids;
    const apart = ['A-1;;Synthetic Tariq;1', ';B-1;Other Altogether;4'];
    const differs = { code: 'person-differs', answer: 'same-person' };
    const asked = await people(apart, [differs], {}, header);
    expect([asked.ids, asked.asked]).to.deep.equal([[one], ['person-on-two-lines 3']]);
    expect(asked.told).to.include('line 2');
    const said = await people(
      apart,
      [differs, { code: 'person-on-two-lines', answer: 'one-person', line: 3 }],
      {},
      header,
    );
    expect([said.ids, said.asked, said.passed]).to.deep.equal([[one], [], [3]]);
    expect((await people(apart, [], {}, header)).body).to.deep.equal(said.body);
  });

  it('offers no answer that cannot work where two ids of a line are two people’s', async () => {
    const header = 'registration_id;national_id;name;units';
    await people(['C-1;D-1;Synthetic Left;1', 'C-2;D-2;Synthetic Right;1'], [], {}, header);
    const crossed = ['C-1;D-2;Synthetic Left;1'];
    const { asked, body } = await people(
      crossed,
      [{ code: 'person-differs', answer: 'same-person' }],
      {},
      header,
    );
    expect([asked, body.refused[0]?.answers]).to.deep.equal([['ids-of-two-people 2'], ['leave-out']]);
    const left = await people(
      crossed,
      [{ code: 'ids-of-two-people', answer: 'leave-out', line: 2 }],
      {},
      header,
    );
    expect([left.asked, left.ids]).to.deep.equal([[], []]);
  });

  it('takes any number of corrections of one person, who stays found by what is true now', async () => {
    const line = (i: number) => `E-1;Synthetic Often Renamed${i};07223${String(i).padStart(5, '0')};Dale;1`;
    const { ids } = await people([line(0)]);
    const same = [{ code: 'person-differs', answer: 'same-person' }];
    const found = async (name: string) => {
      const told = await aid.ask<{ rows: { personId: string }[] }>('POST', '/people/searches', {
        headers: { 'X-Case-Reference': 'CASE-E' },
        body: { purpose: 'case-work', by: { kind: 'name', name } },
      });
      return told.body.rows.map(({ personId }) => personId);
    };
    for (let i = 1; i <= 170; i++) {
      expect((await people([line(i)], same)).ids, String(i)).to.deep.equal(ids);
      // when the first of her words are the oldest of all she had, and are hers still
      if (i > 58 && i < 68) expect(await found(`Synthetic Often Renamed${i}`), String(i)).to.deep.equal(ids);
    }
    expect((await people([line(170)])).ids).to.deep.equal(ids);
    const without = await people([`;Synthetic Often Renamed170;0722300170;Rise;1`]);
    expect(without.asked).to.deep.equal(['person-alike 2']);
    expect(without.told).to.include(ids[0]);
    expect(await found('Often Renamed170')).to.deep.equal(ids);
  });

  it('names the line of whoever has had more ids than anybody has', async () => {
    const header = 'registration_id;national_id;name;units';
    await people(['F-1;G-0;Synthetic Many;1'], [], {}, header);
    const same = [{ code: 'person-differs', answer: 'same-person' }];
    let asked: readonly string[] = [];
    for (let i = 1; i < 40 && asked.length === 0; i++)
      ({ asked } = await people([`F-1;G-${i};Synthetic Many;1`], same, {}, header));
    expect(asked).to.deep.equal(['person-ids-many 2']);
    expect((await people(['F-1;G-0;Synthetic Many;2'], same, {}, header)).asked).to.deep.equal([]);
  });

  it('asks for a name that a line lacks, and says once where no column was read as names', async () => {
    const lines = ['H-1;;0722400001;Dale;1', 'H-2;Synthetic Named;;Dale;1'];
    const { asked, body } = await people(lines);
    expect(asked).to.deep.equal(['name-missing 2']);
    expect(body.refused[0]).to.include({ field: 'name' });
    const without = await people(lines, [{ code: 'name-missing', answer: 'without-name', line: 2 }]);
    expect([without.asked, without.ids.length]).to.deep.equal([[], 2]);
    const unnamed = await people(['H-7;3', 'H-8;4'], [], {}, 'national_id;units');
    const said = unnamed.body.warnings.map(({ code, line }) => [code, line]);
    expect([unnamed.ids.length, said]).to.deep.equal([2, [['names-not-read', undefined]]]);
  });

  it('counts what was taken, and what was not apart from it', async () => {
    const lines = [
      'I-1;Synthetic Jamal;;Fen;3',
      'I-2;Synthetic Karim;call me;Fen;5',
      ';Synthetic Layla;;Fen;7',
      ';Synthetic Layla;;Fen;11',
      'I-1;Synthetic Again;;Fen;13',
    ];
    const { body } = await people(lines, [{ code: 'line-repeated', answer: 'one-person' }]);
    expect([body.read, body.units, body.refusedCount, body.passedOver]).to.deep.equal([
      ...[5, '7', { lines: 3, units: '21' }, { lines: 1, units: '11' }],
    ]);
  });

  it('is refused by its line where separators may be thousands or a fraction', async () => {
    const { ids } = await people(['123;Synthetic Whole;;Fen;1']);
    for (const other of ['123.000', '123,000']) {
      const { asked } = await people([`${other};Synthetic Whole;;Fen;1`]);
      expect(asked, other).to.deep.equal(['national-id-alike 2']);
    }
    expect((await people(['123.0;Synthetic Whole;;Fen;1'])).ids).to.deep.equal(ids);
    const both = await people(['771,000;Synthetic Comma;;Fen;1', '771.000;Synthetic Point;;Fen;1']);
    expect([both.asked, both.ids]).to.deep.equal([['national-id-alike 2', 'national-id-alike 3'], []]);
    expect(both.told).to.include('line 2').and.include('line 3');
  });

  it('asks the second question alone, once the first was answered', async () => {
    await people(['L-10;Synthetic Two Questions;0722500001;Moor;1']);
    const lines = ['L-1O;Two Questions Synthetic;0722500001;Moor;1'];
    expect((await people(lines)).asked).to.deep.equal(['national-id-alike 2']);
    const first = { code: 'national-id-alike', answer: 'separate-people', line: 2 };
    expect((await people(lines, [first])).asked).to.deep.equal(['person-alike 2']);
    expect((await people(lines)).asked).to.deep.equal(['person-alike 2']);
    const told = await people(lines, [{ code: 'person-alike', answer: 'another-person', line: 2 }]);
    expect([told.asked, (await people(lines)).ids]).to.deep.equal([[], told.ids]);
  });

  it('finds whoever has no id behind any number of those who have one', async () => {
    const line = (id: string) => `${id};Synthetic Common;;Glen;1`;
    const alike = (id: string) => `${id};Common Synthetic;;Glen;1`;
    await people([line('')]);
    const many = Array.from({ length: 12 }, (_, i) => `J-${i};Synthetic Common;;Glen;1`);
    await people(many, [{ code: 'person-known', answer: 'another-person' }]);
    expect((await people([line('J-20')])).asked).to.deep.equal(['person-known 2']);
    expect((await people([alike('J-21')])).asked).to.deep.equal(['person-alike 2']);
    const without = await people([alike('')]);
    expect(without.told).to.include('9 or more in all');
  });

  it('is refused whole, once it has more people than one file may, before the rest is read', async () => {
    const many = Array.from({ length: 20_001 }, (_, i) => `K-${i};Synthetic One;;Glen;1`);
    const { status, body } = await send<Problem>(many);
    expect([status, body.errors?.[0]?.code ?? body.code]).to.deep.equal([422, 'file-too-many-lines']);
  });
});
