/**
 * Somebody without an id who comes again with one fact corrected is put before the officer, by line and with whom it may
 * be; a household is not; and nobody of another institution is ever what a question is about.
 */
import { expect } from 'chai';
import { Aid, type PersonTold } from '../../aid/aid.ts';
import { type App, OFFICERS, startApp } from '../../gateway/app.ts';

interface Told {
  readonly people: readonly PersonTold[];
  readonly refused: readonly {
    readonly code: string;
    readonly line: number;
    readonly message: string;
    readonly answers?: readonly string[];
  }[];
}
interface Answer {
  readonly code: string;
  readonly answer: string;
  readonly line?: number;
}

const HEADER = 'national_id;name;phone;sex;age;village;household_size';
const AMINA = ';Amina Synthetic Yusuf;0722000001;female;34;Upper Well;5';
/** She comes again, and one fact is another. */
const CORRECTED: Readonly<Record<string, string>> = {
  nothing: AMINA,
  age: ';Amina Synthetic Yusuf;0722000001;female;35;Upper Well;5',
  sex: ';Amina Synthetic Yusuf;0722000001;male;34;Upper Well;5',
  village: ';Amina Synthetic Yusuf;0722000001;female;34;Lower Well;5',
  phone: ';Amina Synthetic Yusuf;0733999999;female;34;Upper Well;5',
  'no phone': ';Amina Synthetic Yusuf;;female;34;Upper Well;5',
  'the country’s code': ';Amina Synthetic Yusuf;+254722000001;female;34;Upper Well;5',
  household: ';Amina Synthetic Yusuf;0722000001;female;34;Upper Well;6',
  order: ';Yusuf, Amina Synthetic;0722000001;female;34;Upper Well;5',
  capitals: ';AMINA SYNTHETIC YUSUF;0722000001;female;34;UPPER WELL;5',
  accents: ';Ámina Synthetic Yüsuf;0722000001;female;34;Upper Well;5',
  spelling: ';Aminah Synthetic Youssef;0722000001;female;34;Upper Well;5',
  script: ';أمينة Synthetic يوسف;0722000001;female;34;Upper Well;5',
  slip: ';Amina Synthetci Yusuf;0722000001;female;34;Upper Well;5',
  'a word less': ';Amina Yusuf;0722000001;female;34;Upper Well;5',
  'another name': ';Halima Otherwise;0722000001;female;34;Upper Well;5',
  'an id at last': 'N-77;Amina Synthetic Yusuf;0722000001;female;35;Upper Well;5',
};
/** Who live with her and share what a household shares. */
const HOUSEHOLD = [
  ';Yusuf Synthetic Yusuf;0722000001;male;41;Upper Well;5',
  ';Halima Synthetic Yusuf;0722000001;female;12;Upper Well;5',
  ';Omar Synthetic Yusuf;0722000001;male;9;Upper Well;5',
];

describe('somebody without an id who comes again', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'a programme of likeness');
    await aid.define();
  });
  after(() => app?.remove());

  async function people(lines: readonly string[], answers: readonly Answer[] = []) {
    const settings = encodeURIComponent(JSON.stringify({ answers, callingCode: '254' }));
    const place = `${aid.path}/registrations?units=household_size&settings=${settings}`;
    const file = { text: [HEADER, ...lines].join('\n'), type: 'text/csv' };
    const { status, body, text } = await aid.ask<Told>('PUT', place, { file });
    expect(status, text).to.equal(200);
    return {
      ids: body.people.map(({ personId }) => personId),
      asked: body.refused.map(({ code, line }) => `${code} ${line}`),
      told: body.refused.map(({ message }) => message).join('\n'),
    };
  }
  let amina = '';

  it('is asked about, whichever fact was corrected, with the id of whom it may be', async () => {
    const { ids } = await people([AMINA]);
    [amina = ''] = ids;
    for (const [fact, line] of Object.entries(CORRECTED)) {
      if (line === AMINA) continue;
      const asked = await people([line, `;Nobody Known;;male;${50};Hill ${fact.length};1`]);
      expect(asked.asked[0], fact).to.match(/^person-(?:alike|known) 2$/);
      if (asked.asked[0] === 'person-alike 2') expect(asked.told, fact).to.include(amina);
      expect(asked.ids, fact).not.to.include(amina);
    }
  });

  it('is not asked about for who shares phone, place and family with her', async () => {
    const { ids, asked } = await people(HOUSEHOLD);
    expect([asked, new Set([amina, ...ids]).size]).to.deep.equal([[], HOUSEHOLD.length + 1]);
  });

  it('is the same person as answered, found by the new facts too, or another one', async () => {
    const moved = CORRECTED.village ?? '';
    const known = await people([moved], [{ code: 'person-known', answer: 'same-person' }]);
    expect(known.asked, 'an answer about the same is none about the alike').to.deep.equal(['person-alike 2']);
    const same = await people([moved], [{ code: 'person-alike', answer: 'same-person', line: 2 }]);
    expect([same.ids, same.asked]).to.deep.equal([[amina], []]);
    const again = await people([';Aminah S Yusuf;0722000001;female;34;Lower Well;5']);
    expect(again.asked).to.deep.equal(['person-alike 2']);
    expect(again.told).to.include(amina);
    const twin = ';Amna Synthetic Yusuf;0722000001;female;34;Upper Well;5';
    const other = await people([twin], [{ code: 'person-alike', answer: 'another-person', line: 2 }]);
    expect(other.ids).to.have.length(1).and.not.to.include(amina);
    const id = 'N-77;Amina Synthetic Yusuf;0722000001;female;34;Lower Well;5';
    const named = await people(
      [id],
      [
        { code: 'person-alike', answer: 'same-person', line: 2 },
        { code: 'person-known', answer: 'same-person' },
      ],
    );
    expect(named.ids).to.deep.equal([amina]);
  });

  it('is asked about under another id too, where name and phone are the same', async () => {
    const { ids } = await people(['I-1;Synthetic Typed Wrong;0722000555;male;20;Hill;2']);
    const asked = await people(['I-2;Synthetic Typed Wrong;0722000555;male;21;Hill;2']);
    expect([asked.asked, asked.ids]).to.deep.equal([['person-alike 2'], []]);
    expect(asked.told).to.include(ids[0]);
    expect((await people(['I-3;Synthetic Typed Wrong;0722000556;male;20;Hill;2'])).asked).to.deep.equal([]);
  });

  it('is nobody’s question at another institution, whose people are other people', async () => {
    const other = new Aid(app, 'a programme of others');
    await other.define([OFFICERS.secondPreparer, OFFICERS.secondApprover]);
    const token = await app.token('agency', 2);
    const enrol = (line: string) =>
      app.ask<Told>('PUT', `${other.path}/registrations?units=household_size`, {
        ...{ token, file: { text: [HEADER, line].join('\n'), type: 'text/csv' } },
      });
    for (const line of [
      AMINA,
      HOUSEHOLD[0] ?? '',
      'N-77;Amina Synthetic Yusuf;0722000001;female;34;Lower Well;5',
    ]) {
      const { status, body, text } = await enrol(line);
      expect(status, text).to.equal(200);
      if (!line.startsWith('N-77')) expect(body.refused, text).to.deep.equal([]);
      else
        expect(
          body.refused.map(({ code }) => code),
          'of its own',
        ).to.deep.equal(['person-alike']);
      expect(text).not.to.include(amina);
    }
    const foreign = await app.ask<Told>('PUT', `${aid.path}/registrations`, {
      ...{ token, file: { text: [HEADER, AMINA].join('\n'), type: 'text/csv' } },
    });
    expect([foreign.status, foreign.text.includes('person-')]).to.deep.equal([404, false]);
  });

  it('is asked of one of two that send her at once', async () => {
    const line = ';Synthetic Twice Sent;0722000700;male;33;Hill;4';
    const file = (note: string) => ({ text: `note;${HEADER}\n${note};${line}`, type: 'text/csv' });
    const place = `${aid.path}/registrations?units=household_size`;
    const told = await Promise.all(
      ['a', 'b'].map((note) => aid.ask<Told>('PUT', place, { file: file(note) })),
    );
    const taken = told.flatMap(({ body }) => body.people ?? []);
    expect(new Set(taken.map(({ personId }) => personId)).size, told.map(({ text }) => text).join()).to.equal(
      1,
    );
  });
});
