import { expect } from 'chai';
import { readRows } from '../../../../server/domain/files/csv.ts';
import type { RegistrationOptions } from '../../../../server/domain/files/registrations.ts';
import { readRegistrations, registrationReader } from '../../../../server/domain/files/registrations.ts';
import { type RollTerms, rollReader } from '../../../../server/domain/files/roll.ts';

const HEADER = 'nationalId;phoneNumber;fullName;totalHHSize;age;note';

/** The size of the household is what a person is granted here: the officer says so. */
const UNITS = { columns: { units: 'totalHHSize' } } as const;

function file(...rows: string[]): string {
  return [HEADER, ...rows, ''].join('\r\n');
}

function refusals(text: string | Uint8Array, options?: RegistrationOptions) {
  return readRegistrations(text, { ...UNITS, ...options }).refused.map(({ code, place }) => [
    code,
    place.line,
    place.field,
  ]);
}

const GOOD = '111;+254700000001;Synthetic A;3;40;private';

describe('a file of people', () => {
  it('answers each person with line and units, and names the columns it does not keep', () => {
    const { people, refused, warnings, ignored, columns, units } = readRegistrations(
      file(GOOD, '', ';;;;;', '222;;B;1;;'),
      UNITS,
    );
    expect([refused, warnings, ignored, units]).to.deep.equal([[], [], ['note'], 4n]);
    expect(people).to.deep.equal([
      {
        ...{ line: 2, nationalId: '111', phone: '+254700000001', name: 'Synthetic A' },
        ...{ units: 3, householdSize: 3, ageYears: 40 },
      },
      { line: 5, nationalId: '222', name: 'B', units: 1, householdSize: 1 },
    ]);
    expect(columns.get('units')).to.equal('totalHHSize');
  });

  it('reads semicolons, commas and tabs, any line end, quotes and a byte-order mark', () => {
    for (const separator of [';', ',', '\t']) {
      for (const end of ['\r\n', '\n']) {
        const text = `\ufeff${file('111;;"Synthetic ""A""";3;;', '222;;B;2;;').replaceAll(';', separator).replaceAll('\r\n', end)}`;
        for (const input of [text, new TextEncoder().encode(text)]) {
          const { people } = readRegistrations(input);
          expect(people.map(({ name, line }) => [name, line])).to.deep.equal([
            ['Synthetic "A"', 2],
            ['B', 3],
          ]);
        }
      }
    }
  });

  it('counts the lines of quoted fields, so that later lines are named rightly', () => {
    expect(refusals(file('111;;A;3;;"two\r\nlines"', '222;;B;0;;'))).to.deep.equal([
      ['units-not-positive', 4, 'totalHHSize'],
    ]);
  });

  it('is judged alike when its rows come one by one', () => {
    const reader = registrationReader();
    reader.consume(HEADER.split(';'), 1);
    reader.consume(GOOD.split(';'), 2);
    const { hasLine, ...read } = reader.finish();
    const { hasLine: _, ...whole } = readRegistrations(file(GOOD));
    expect(read).to.deep.equal(whole);
    expect([1, 2, 3].map(hasLine)).to.deep.equal([false, true, false]);
  });

  it('takes people without a document, unless the programme says otherwise (AA6)', () => {
    const text = file(';;A;3;;', 'n/a;;B;3;;', '000;-;C;1;;', 'None;;D;1;;');
    expect(readRegistrations(text).people).to.have.length(4);
    expect(refusals(text, { isIdRequired: true }).map(([code]) => code)).to.deep.equal(
      Array(4).fill('national-id-missing'),
    );
    expect(refusals(text, { isPhoneRequired: true }).map(([code]) => code)).to.deep.equal(
      Array(4).fill('phone-missing'),
    );
  });

  it('warns of a phone that two people share, in whichever spelling, and refuses neither', () => {
    const text = file(
      '1;0700 000-001;A;1;;',
      '2;+254 (700) 000001;B;1;;',
      '3;00254700000001;C;1;;',
      '4;254700000002;D;1;;',
    );
    const shared = readRegistrations(text, { callingCode: '254' });
    expect(shared.people.map(({ phone }) => phone?.slice(-3))).to.deep.equal(['001', '001', '001', '002']);
    expect(shared.warnings.map(({ code, place }) => [code, place.line, place.field])).to.deep.equal(
      [2, 3, 4].map((line) => ['phone-shared', line, 'phoneNumber']),
    );
    expect(readRegistrations(text).warnings.map(({ place }) => place.line)).to.deep.equal([3, 4]);
  });

  it('warns of an age that cannot be, and reads digits of other scripts', () => {
    const { people, warnings } = readRegistrations(file('1;;A;٣;٤٠;', '2;;B;1;old;', '3;;C;1;200;'), UNITS);
    expect(people[0]).to.include({ units: 3, ageYears: 40 });
    expect(warnings.map(({ code, place }) => [code, place.line])).to.deep.equal([
      ['age-unreadable', 3],
      ['age-unreadable', 4],
    ]);
  });
});

describe('a person is refused by their line, and the others kept,', () => {
  const cases: readonly (readonly [string, string, string, string | undefined])[] = [
    ['with negative units', '1;;A;-3;;', 'units-not-positive', 'totalHHSize'],
    ['with no units left', '1;;A;0;;', 'units-not-positive', 'totalHHSize'],
    ['with fractional units', '1;;A;2.5;;', 'units-not-whole', 'totalHHSize'],
    ['with a decimal comma', '1;;A;2,5;;', 'units-not-whole', 'totalHHSize'],
    ['with hexadecimal units', '1;;A;0x10;;', 'units-not-whole', 'totalHHSize'],
    ['with worded units', '1;;A;three;;', 'units-not-whole', 'totalHHSize'],
    ['without units', '1;;A;;;', 'units-missing', 'totalHHSize'],
    ['with units over 24 bits', '1;;A;16777216;;', 'units-too-large', 'totalHHSize'],
    ['with a rounded id', '4.69E+07;;A;1;;', 'value-mangled', 'nationalId'],
    ['with a rounded phone', '1;2,54827E+11;A;1;;', 'value-mangled', 'phoneNumber'],
    ['with a failed formula', '1;;#REF!;1;;', 'value-mangled', 'fullName'],
    ['with a worded phone', '1;call me;A;1;;', 'phone-malformed', 'phoneNumber'],
    ['with a short phone', '1;+123;A;1;;', 'phone-malformed', 'phoneNumber'],
    ['by nothing to find them', ';;;4;;', 'person-unidentified', undefined],
    ['with too few fields', '1;;A;3', 'row-ragged', undefined],
    ['with too many fields', '1;;A;3;;;x', 'row-ragged', undefined],
    ['with a lost character', '1;;A\ufffd;3;;', 'text-not-utf8', 'fullName'],
    ['with a control character', '1;;A\u0000;3;;', 'text-malformed', 'fullName'],
    ['with an endless name', `1;;${'A'.repeat(501)};3;;`, 'text-too-long', 'fullName'],
  ];
  for (const [what, row, code, field] of cases) {
    it(`${what}: ${code}`, () => {
      const { people, refused } = readRegistrations(file(row, GOOD), UNITS);
      expect(refused.map((one) => [one.code, one.place.line, one.place.field])).to.deep.equal([
        [code, 2, field],
      ]);
      expect(people.map(({ line }) => line)).to.deep.equal([3]);
    });
  }

  it('on every line that has a national id which stands twice, also where one is refused already', () => {
    const text = file('1-1;;A;1;;', '2;;B;1;;', '1 1;;C;1;;', '1–1;;D;-1;;');
    expect(readRegistrations(text, UNITS).people.map(({ line }) => line)).to.deep.equal([3]);
    expect(refusals(text)).to.deep.equal([
      ['national-id-repeated', 2, 'nationalId'],
      ['national-id-repeated', 4, 'nationalId'],
      ['units-not-positive', 5, 'totalHHSize'],
      ['national-id-repeated', 5, 'nationalId'],
    ]);
  });

  it('with bytes that are not UTF-8, on the line that has them only', () => {
    const bytes = new TextEncoder().encode(file('1;;A@;1;;', GOOD));
    bytes[bytes.indexOf(0x40)] = 0xe9;
    expect(refusals(bytes)).to.deep.equal([['text-not-utf8', 2, 'fullName']]);
  });

  it('and no refusal or warning holds a value of the file (BB1)', () => {
    const rows = [
      '77001;+254770001;Canary A;-77002;77003;',
      '77001;dial 77004;Canary B;77.5;77005;',
      '77006;254770001;Canary C;1;77007;',
      '77008;+254770001;Canary D;2;77009;',
      'Canary;E',
    ];
    const { refused, warnings } = readRegistrations(file(...rows), UNITS);
    expect(refused.length).to.be.greaterThan(5);
    expect(warnings.length).to.be.greaterThan(2);
    const said = JSON.stringify([
      refused.map(({ message, place, row }) => ({ message, place, row })),
      warnings,
    ]);
    expect(said).to.not.match(/77\d|Canary|77\.5/);
  });
});

describe('a file of people is refused whole', () => {
  const whole: readonly (readonly [string, string | Uint8Array, RegistrationOptions, readonly string[]])[] = [
    ['empty', '', {}, ['file-empty']],
    ['a header alone', file(), {}, ['file-empty']],
    [
      'in UTF-16 and said not to be',
      Buffer.from(file(GOOD), 'utf16le'),
      { charset: 'utf-8' },
      ['file-not-utf8'],
    ],
    ['of one column, by which nobody is known', 'totalHHSize\r\n3', {}, ['column-missing']],
    ['without a separator that is known', 'Name       Phone\r\nA          1', {}, ['separator-unclear']],
    ['on its side', 'Name;Synthetic A;Synthetic B\r\nPhone;1;2', {}, ['list-transposed']],
    ['with two separators in every row', 'fullName;a,totalHHSize\r\nA;1,3', {}, ['separator-unclear']],
    ['with another separator than was said', file(GOOD), { separator: ',' }, ['column-missing']],
    ['without anything to know people by', 'village;units\r\nA;3', {}, ['column-missing']],
    ['without a header', `${GOOD}\r\n${GOOD}`, {}, ['column-missing']],
    [
      'with the column of its units twice',
      'name;x;x\r\nA;2;3',
      { columns: { units: 'x', name: null } },
      ['column-missing'],
    ],
    [
      'with a chosen column that is not there',
      file(GOOD),
      { columns: { name: 'nom' } },
      ['column-named-missing'],
    ],
    ['with a quote that is never closed', file(GOOD, '2;;"B;1;;', GOOD), {}, ['quote-misplaced']],
    ['with a stray quote', file(GOOD, '2;;B"C;1;;\r\n3;;D"E;F;1;;', GOOD), {}, ['quote-misplaced']],
    ['of another count than declared', file(GOOD), { declaredCount: 2 }, ['declared-count-differs']],
    [
      'of another total than declared',
      file(GOOD),
      { ...UNITS, declaredUnits: 4n },
      ['declared-total-differs'],
    ],
  ];
  for (const [what, text, options, codes] of whole) {
    it(`${what}: ${codes.join(', ')}`, () => {
      const { people, refused, isRefusedWhole, ignored } = readRegistrations(text, options);
      expect(refused.map(({ code }) => code)).to.deep.equal(codes);
      expect([people, isRefusedWhole]).to.deep.equal([[], true]);
      expect(JSON.stringify(ignored)).to.not.contain('Synthetic');
    });
  }

  it('naming the line a misplaced quote stands on', () => {
    expect(refusals(file(GOOD, '2;;"B;1;;', '3;;C;1;;'))).to.deep.equal([['quote-misplaced', 3, undefined]]);
  });
});

describe('a roll', () => {
  const readRoll = (text: string, terms: RollTerms) => readRows(text, {}, rollReader(terms));
  const declared = { declaredCount: 2, declaredUnits: 8n };

  it('answers whose units are how many, where count and total are as declared', () => {
    const { entries, units, refused } = readRoll('personId,units\na1,3\nb2,5\n', declared);
    expect(entries).to.deep.equal([
      { line: 2, personId: 'a1', units: 3 },
      { line: 3, personId: 'b2', units: 5 },
    ]);
    expect([units, refused]).to.deep.equal([8n, []]);
  });

  it('is refused whole for a lost line, another sum, or any refused line, with all of them named', () => {
    const codes = (text: string) => {
      const { entries, refused } = readRoll(text, declared);
      expect(entries).to.deep.equal([]);
      return refused.map(({ code, place }) => [code, place.line]);
    };
    expect(codes('personId,units\na1,8\n')).to.deep.equal([['declared-count-differs', undefined]]);
    expect(codes('personId,units\na1,3\nb2,6\n')).to.deep.equal([['declared-total-differs', undefined]]);
    expect(codes('personId,units\na1,3\nA1,5\n')).to.deep.equal([
      ['file-has-refused-lines', undefined],
      ['person-id-repeated', 2],
      ['person-id-repeated', 3],
    ]);
    expect(codes('personId,units\n,3\nb2,some\n')).to.deep.equal([
      ['declared-total-differs', undefined],
      ['person-id-missing', 2],
      ['units-not-whole', 3],
    ]);
  });

  it('may keep its good lines where the operation says so, if what was declared is what was read', () => {
    const { entries, refused } = readRoll('personId,units\n,3\nb2,5\n', {
      ...declared,
      onRefusal: 'keep-good-lines',
    });
    expect(entries.map(({ personId }) => personId)).to.deep.equal(['b2']);
    expect(refused.map(({ code }) => code)).to.deep.equal(['person-id-missing']);
  });
});
