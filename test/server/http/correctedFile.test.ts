/**
 * A file of people that is corrected and sent again with the answers of before: whoever was enrolled as another person is
 * found again, and an answer that comes too late, or that another contradicts, is told.
 */
import { expect } from 'chai';
import { Aid, type PersonTold } from '../../aid/aid.ts';
import { type App, type Problem, startApp } from '../../gateway/app.ts';

interface Told {
  readonly people: readonly PersonTold[];
  readonly refused: readonly { readonly code: string; readonly line: number }[];
  readonly warnings: readonly { readonly code: string; readonly line?: number }[];
}
interface Answer {
  readonly code: string;
  readonly answer: string;
  readonly line?: number;
  readonly lines?: readonly number[];
}

const HEADER = 'national_id;name;phone;village;units';
const known = (answer: string, line?: number): Answer => ({ code: 'person-known', answer, ...at(line) });
const at = (line: number | undefined) => (line === undefined ? {} : { line });

describe('a file of people that is corrected', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of corrected files');
    await aid.define();
  });
  after(() => app?.remove());

  const send = <T = Told>(lines: readonly string[], answers: readonly Answer[], end = '\n') =>
    aid.ask<T>(
      'PUT',
      `${aid.path}/registrations?settings=${encodeURIComponent(JSON.stringify({ answers }))}`,
      {
        file: { text: [HEADER, ...lines].join(end), type: 'text/csv' },
      },
    );
  async function people(lines: readonly string[], answers: readonly Answer[] = [], end?: string) {
    const { status, body, text } = await send(lines, answers, end);
    expect(status, text).to.equal(200);
    return {
      ids: body.people.map(({ personId }) => personId),
      units: body.people.map(({ units }) => units),
      asked: body.refused.map(({ code, line }) => `${code} ${line}`),
      warned: body.warnings.map(({ code, line }) => `${code} ${line}`),
    };
  }
  const idOf = ({ ids }: { readonly ids: readonly string[] }, i = 0) => ids[i] ?? expect.fail('nobody');

  it('finds whoever was enrolled as another person, however the file was corrected since', async () => {
    const first = await people([';Synthetic Nadia;;Dale;1']);
    const another = [known('another-person', 2)];
    const made = await people([';Synthetic Nadia;;Dale;1', 'CF-1;Synthetic Bad;;Dale;3.5'], another);
    expect([made.ids.length, made.asked, made.warned]).to.deep.equal([1, ['units-not-whole 3'], []]);
    expect(idOf(made)).not.to.equal(idOf(first));
    const corrected = [';Synthetic Nadia;;Dale;1', 'CF-1;Synthetic Bad;;Dale;3'];
    const files: readonly (readonly [lines: readonly string[], line: number, end?: string])[] = [
      [corrected, 2],
      [corrected, 2, '\r\n'],
      [corrected.toReversed(), 3],
      [['', ...corrected], 3],
      [[';Synthetic Nadia;;Dale;7', 'CF-1;Synthetic Bad;;Dale;3'], 2],
      [
        [';Synthetic Nadia;;Dale;1'].concat(
          Array(40)
            .fill('')
            .map((_, i) => `CF-F${i};Synthetic Fill${i};;Dale;1`),
        ),
        2,
      ],
    ];
    for (const [lines, line, end] of files) {
      for (const answers of [[known('another-person', line)], [known('another-person')]]) {
        const told = await people(lines, answers, end);
        expect([told.asked, told.ids.includes(idOf(made))], lines.join('\n')).to.deep.equal([[], true]);
        expect(told.warned).to.deep.equal([`enrolled-as-another ${line}`]);
      }
      const again = await people(lines, [], end);
      expect([again.asked, again.ids.includes(idOf(made)), again.warned]).to.deep.equal([
        ...[[], true, [`enrolled-as-another ${line}`]],
      ]);
    }
    for (let i = 0; i < 45; i++) {
      const told = await people([';Synthetic Nadia;;Dale;1', `CF-G${i};Synthetic Many${i};;Dale;1`], another);
      expect(idOf(told), `correction ${i}`).to.equal(idOf(made));
    }
  });

  it('asks once more where what tells people apart was corrected too, and an answer was about others', async () => {
    const first = await people([';Synthetic Wanda;;Dale;1']);
    const another = [known('another-person')];
    const made = await people([';Synthetic Wanda;;Dale;1'].concat('CF-W0;Synthetic Sole;;Dale;1'), another);
    const corrections = [';Synthetic Wanda;0722600001;Dale;1', 'CF-W1;Synthetic Wanda;;Dale;1'];
    for (const line of corrections) {
      const asked = await people([line], another);
      expect([asked.ids, asked.asked], line).to.deep.equal([[], ['another-once-more 2']]);
      expect((await people([line])).asked, 'the first question is answered').to.deep.equal(asked.asked);
    }
    const [phone = '', id = ''] = corrections;
    const once = (answer: string) => [...another, { code: 'another-once-more', answer, line: 2 }];
    const same = await people([phone], once('same-person'));
    expect([same.ids, same.asked]).to.deep.equal([[idOf(made)], []]);
    expect((await people([phone], once('another-person'))).warned).to.deep.equal(['answer-too-late 2']);
    const more = await people([id], once('another-person'));
    expect(new Set([...more.ids, ...made.ids, ...first.ids]).size).to.equal(4);
    // whom she has beside her on the list is not asked about
    await people([';Synthetic Xenia;;Dale;1']);
    const lone = await people([';Synthetic Xenia;;Dale;1', 'CF-X;Synthetic Lone;;Dale;1'], another);
    const both = [';Synthetic Xenia;0722600003;Dale;1', ';Synthetic Xenia;;Dale;1'];
    const apart = [...another, { code: 'line-repeated', answer: 'separate-people' }];
    const told = await people(both, apart);
    expect([told.asked, told.ids.length, told.ids.indexOf(idOf(lone))]).to.deep.equal([[], 2, 1]);
  });

  it('finds as many of one name as were parted, each on a line of its own', async () => {
    const first = await people([';Synthetic Odile;;Dale;1']);
    const lines = [';Synthetic Odile;;Dale;1', ';Synthetic Odile;;Dale;2', ';Synthetic Odile;;Dale;3'];
    const answers = [{ code: 'line-repeated', answer: 'separate-people' }, known('another-person')];
    const made = await people(lines, answers);
    expect([made.asked, new Set([...made.ids, ...first.ids]).size]).to.deep.equal([[], 4]);
    for (const again of [[...lines, 'CF-7;Synthetic New;;Dale;1'], lines.toReversed(), ['', ...lines]]) {
      const told = await people(again, answers);
      expect(told.asked).to.deep.equal([]);
      expect([...told.ids.slice(0, 3)].sort(), again.join('\n')).to.deep.equal([...made.ids].sort());
      const byUnits = new Map(made.ids.map((id, i) => [made.units[i], id]));
      expect(told.ids.slice(0, 3)).to.deep.equal(told.units.slice(0, 3).map((units) => byUnits.get(units)));
    }
    const more = await people([...lines, ';Synthetic Odile;;Dale;4'], answers);
    expect(new Set([...more.ids, ...made.ids, ...first.ids]).size, 'a fourth of them').to.equal(5);
    expect((await people([...lines, ';Synthetic Odile;;Dale;4', ''], answers)).ids.toSorted()).to.deep.equal(
      more.ids.toSorted(),
    );
  });

  it('asks about whoever was alike, or parted from a line beside, and doubles nobody', async () => {
    const [alike] = [';Synthetik Petra;;Dale;1'];
    const first = await people([';Synthetic Petra;;Dale;1']);
    const another = (line: number) => [{ code: 'person-alike', answer: 'another-person', line }];
    const made = await people([alike], another(2));
    expect([made.asked, made.ids.length]).to.deep.equal([[], 1]);
    expect(made.ids).not.to.deep.equal(first.ids);
    const again = await people([alike, 'CF-8;Synthetic Beside;;Dale;1'], another(2));
    expect(again.asked, 'another question than the one that is answered').to.deep.equal([
      'person-known 2',
      'answer-not-asked 2',
    ]);
    const twins = [';Synthetic Quentin;;Dale;1', ';Synthetic Quentin;;Dale;1'];
    const apart = [{ code: 'line-repeated', answer: 'separate-people' }];
    const two = await people(twins, apart);
    expect(two.ids.length).to.equal(2);
    const later = [...twins, 'CF-9;Synthetic Else;;Dale;1'];
    expect((await people(later, apart)).asked).to.deep.equal(['person-known 2', 'person-known 3']);
    const same = await people(later, [...apart, known('same-person')]);
    expect([same.asked, same.ids.slice(0, 2).toSorted()]).to.deep.equal([[], two.ids.toSorted()]);
  });

  it('says of an answer that is taken back that it comes too late', async () => {
    await people([';Synthetic Rana;;Dale;1']);
    const lines = [';Synthetic Rana;;Dale;1', 'CF-R;Synthetic Beside;;Dale;1'];
    const made = await people(lines, [known('another-person', 2)]);
    for (const back of [known('same-person', 2), known('same-person')]) {
      const told = await people(lines, [back]);
      expect([told.ids, told.warned]).to.deep.equal([made.ids, ['answer-too-late 2']]);
    }
    expect((await people(lines, [known('another-person', 2)])).warned).to.deep.equal([]);
    // found again as another, and then taken back
    const found = await people([...lines, 'CF-S;Synthetic More;;Dale;1'], [known('another-person')]);
    const late = await people([...lines, 'CF-S;Synthetic More;;Dale;1'], [known('same-person')]);
    expect([late.ids, late.warned]).to.deep.equal([
      found.ids,
      ['answer-too-late 2', 'enrolled-as-another 2'],
    ]);

    await people(['CF-T;Synthetic Sami;0722500001;Dale;1', '41 72;Synthetic Tala;;Dale;1']);
    const differs = ['CF-T;Synthetic Sami Said;0722500002;Dale;1', '4172;Synthetic Umar;;Dale;1'];
    const taken = await people(differs, [
      { code: 'person-differs', answer: 'same-person' },
      { code: 'national-id-alike', answer: 'separate-people' },
    ]);
    expect([taken.asked, taken.ids.length]).to.deep.equal([[], 2]);
    const left = await people(differs, [
      { code: 'person-differs', answer: 'leave-out' },
      { code: 'national-id-alike', answer: 'leave-out', line: 3 },
    ]);
    expect([left.ids, left.warned]).to.deep.equal([taken.ids, ['answer-too-late 2', 'answer-too-late 3']]);
  });

  it('is refused where two answers of one line contradict each other, and nothing is taken', async () => {
    const first = await people([';Synthetic Vera;;Dale;1']);
    const lines = [';Synthetic Vera;;Dale;1', 'CF-V;Synthetic Beside;;Dale;1'];
    const both: readonly (readonly Answer[])[] = [
      [known('same-person', 2), known('another-person', 2)],
      [known('same-person'), known('another-person')],
      [known('same-person', 2), { code: 'person-known', answer: 'another-person', lines: [3, 2] }],
    ];
    for (const answers of both) {
      const { status, body, text } = await send<Problem>(lines, answers);
      expect([status, body.code], text).to.deep.equal([422, 'answers-contradict']);
      expect(body.errors?.map(({ pointer }) => pointer)).to.deep.equal([
        ...['/settings/answers/0', '/settings/answers/1'],
      ]);
    }
    const told = await people(lines, [
      known('same-person', 2),
      known('same-person', 2),
      known('another-person'),
    ]);
    expect([told.asked, idOf(told)]).to.deep.equal([[], idOf(first)]);
  });
});
