/**
 * Workbooks as clerks leave them: other sheets, hidden rows and columns, merged cells, lists glued together, and numbers that the
 * spreadsheet changed. Whatever may be meant otherwise than it is read is said or asked. Nobody in them exists.
 */
import { expect } from 'chai';
import { readTable } from '../../../../server/domain/files/people.ts';
import { registrationReader } from '../../../../server/domain/files/registrations.ts';
import { rollReader } from '../../../../server/domain/files/roll.ts';
import type { FileSettings } from '../../../../server/domain/files/settings.ts';
import { partsOfWorkbook, workbookOf, workbookOfSheets, zipOf } from './archives.ts';

const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));

async function read(file: string | Uint8Array<ArrayBuffer>, settings: FileSettings = {}) {
  const bytes = typeof file === 'string' ? bytesOf(file) : file;
  const told = await readTable(bytes, settings, registrationReader(settings));
  return Object.assign(told, {
    lines: told.people.map(({ line }) => line),
    asked: told.refused.map(({ code, place }) => [code, place.line ?? 0, place.field ?? ''].join(' ').trim()),
    told: told.warnings.map(({ code, place }) => `${code} ${place.line ?? ''}`.trim()),
  });
}

const HEADER = ['name', 'national_id', 'phone', 'village'];
const PERSON = ['Synthetic Ada', 'EX-101', '+254700000001', 'Well'];
const OTHER = ['Synthetic Ben', 'EX-202', '+254700000002', 'Dale'];

describe('the sheets of a workbook', () => {
  it('that are several and hold something are named and none is read, until the officer says which', async () => {
    const file = workbookOfSheets({ June: [HEADER, PERSON], Empty: [], 'July &amp; later': [HEADER, OTHER] });
    const asked = await read(file);
    expect([asked.people, asked.asked, asked.isRefusedWhole]).to.deep.equal([[], ['sheets-several 0'], true]);
    expect(asked.refused[0]?.message).to.match(/has 2 sheets .*"June", "July & later"\.$/);
    const named = await read(file, { sheet: 'July & later' });
    expect([named.sheet, named.people.map(({ name }) => name)]).to.deep.equal([
      'July & later',
      ['Synthetic Ben'],
    ]);
    const wrong = await read(file, { sheet: 'Juli' });
    expect(wrong.refused[0]?.message).to.include('It shows "June", "Empty", "July & later".');
  });

  it('that are hidden are never read, not even the first or by name, and are told', async () => {
    for (const state of ['hidden', 'veryHidden'] as const) {
      const file = workbookOfSheets({ Old: { state, rows: [HEADER, PERSON] }, List: [HEADER, OTHER] });
      const told = await read(file);
      expect([told.sheet, told.people.map(({ name }) => name)]).to.deep.equal(['List', ['Synthetic Ben']]);
      expect(told.warnings.map(({ message }) => message).join()).to.include('"Old"');
      expect((await read(file, { sheet: 'Old' })).asked).to.deep.equal(['sheet-hidden 0']);
      const all = workbookOfSheets({ Old: { state, rows: [HEADER, PERSON] } });
      expect((await read(all)).asked).to.deep.equal(['sheets-all-hidden 0']);
    }
  });

  it('are the list where others are empty or are charts, and a roll says its sheet too', async () => {
    const file = workbookOfSheets({
      Chart: { isChart: true, rows: [] },
      Notes: [],
      List: [
        ['person_id', 'units'],
        ['p-1', 3],
      ],
    });
    const roll = await readTable(file, {}, rollReader({ declaredCount: 1, declaredUnits: 3n }));
    expect([roll.sheet, roll.entries, roll.refused]).to.deep.equal([
      'List',
      [{ line: 2, personId: 'p-1', units: 3 }],
      [],
    ]);
  });

  it('are none where the file is CSV, and a setting that names one is told', async () => {
    const told = await read([HEADER, PERSON].map((row) => row.join(';')).join('\n'), { sheet: 'June' });
    expect([told.lines, told.told, told.sheet]).to.deep.equal([[2], ['sheet-of-no-workbook'], undefined]);
  });
});

describe('a sheet as it is drawn', () => {
  it('has its hidden lines asked about, which refuse no line that is seen', async () => {
    const rows = [HEADER, PERSON, PERSON, OTHER];
    const file = workbookOf({ rows, hiddenRows: [3] });
    const asked = await read(file);
    expect([asked.lines, asked.asked]).to.deep.equal([[2, 4], ['row-hidden 3']]);
    const left = await read(file, { answers: [{ code: 'row-hidden', answer: 'leave-out' }] });
    expect([left.lines, left.asked, left.told, left.read]).to.deep.equal([
      [2, 4],
      [],
      ['line-passed-over 3'],
      2,
    ]);
    const taken = await read(file, { answers: [{ code: 'row-hidden', answer: 'read', line: 3 }] });
    expect(taken.asked).to.deep.equal([
      'national-id-repeated 2 national_id',
      'national-id-repeated 3 national_id',
    ]);
    const roll = workbookOf({
      rows: [
        ['person_id', 'units'],
        ['p-1', 3],
        ['p-2', 4],
      ],
      hiddenRows: [3],
    });
    const { refused, isRefusedWhole } = await readTable(
      roll,
      {},
      rollReader({ declaredCount: 2, declaredUnits: 7n }),
    );
    expect([refused.some(({ code }) => code === 'row-hidden'), isRefusedWhole]).to.deep.equal([true, true]);
  });

  it('has no names of columns on a hidden line', async () => {
    const technical = ['name', 'phone', 'x', 'y'];
    const shown = ['Full name', 'Mobile', 'Village', 'Notes'];
    const { columns, lines } = await read(
      workbookOf({
        rows: [technical, shown, ['Synthetic Ada', '+254700000001', 'Well', 'a']],
        hiddenRows: [1],
      }),
    );
    expect([lines, [...columns.values()]]).to.deep.equal([[3], ['Mobile', 'Full name', 'Village']]);
  });

  it('has a hidden column read where the officer names it, and told or refused else', async () => {
    const file = workbookOf({ rows: [HEADER, PERSON], hiddenColumns: [3] });
    const told = await read(file);
    expect([told.people[0]?.phone, told.told]).to.deep.equal([undefined, ['column-hidden']]);
    const named = await read(file, { columns: { phone: 'phone' } });
    expect([named.people[0]?.phone, named.told]).to.deep.equal(['+254700000001', []]);
    const parts = workbookOf({
      rows: [
        ['full name', 'first name', 'last name'],
        ['Hidden', 'Synthetic', 'Ada'],
      ],
      hiddenColumns: [1],
    });
    expect((await read(parts)).people[0]?.name).to.equal('Synthetic Ada');
    const none = workbookOf({ rows: [['name'], ['Synthetic']], hiddenColumns: [1] });
    expect((await read(none)).asked).to.deep.equal(['column-hidden 0']);
    const roll = workbookOf({
      rows: [
        ['person_id', 'units'],
        ['p-1', 3],
      ],
      hiddenColumns: [2],
    });
    const { refused } = await readTable(roll, {}, rollReader({ declaredCount: 1, declaredUnits: 3n }));
    expect(refused.map(({ code }) => code)).to.include('column-hidden');
  });

  it('has nothing taken from under a merged cell, whose value stands elsewhere', async () => {
    const heading = ['Village of the well', null, null, null];
    const rows = [HEADER, PERSON, ['Synthetic Cleo', 'EX-303', '+254700000003', null], heading];
    const { lines, asked } = await read(workbookOf({ rows, merged: ['D2:D3', 'A4:D4', 'Z1:AA900'] }));
    expect([lines, asked]).to.deep.equal([[2], ['cell-merged 3 village', 'group-row 4']]);
    const total = [HEADER, PERSON, ['Total', null, null, null]];
    const { asked: ended } = await read(workbookOf({ rows: total, merged: ['A3:C3'] }));
    expect(ended).to.deep.equal(['total-row 3']);
  });

  it('has columns that hold something and have no name told', async () => {
    const { told, lines } = await read(
      workbookOf([
        [...HEADER, null],
        [...PERSON, '+254700000009'],
      ]),
    );
    expect([told, lines]).to.deep.equal([['columns-unnamed'], [2]]);
  });
});

describe('a workbook that two programs would read as two things', () => {
  const SHEET = 'xl/worksheets/sheet1.xml';
  const BOOK = 'xl/workbook.xml';
  const RELATED = 'xl/_rels/workbook.xml.rels';
  const parts = Object.entries(partsOfWorkbook({ List: { rows: [HEADER, PERSON, OTHER], hiddenRows: [3] } }));
  type Change = (xml: string) => string;
  const changed = (part: string, change: Change) =>
    parts.map(([name, xml]) => [name, name === part ? change(xml) : xml] as const);
  const replaced = (part: string, from: string, to: string) => {
    const at = parts.find(([name]) => name === part)?.[1].split(from).length;
    expect(at, `${from} in ${part}`).to.equal(2);
    return changed(part, (xml) => xml.replace(from, () => to));
  };
  const shown = (xml: string) => xml.replace(' hidden="1"', '');
  const listed =
    (more: string): Change =>
    (xml) =>
      xml.replace('</sheets>', `${more}</sheets>`);
  const row = '<row r="3" hidden="1">';

  const DAMAGED: Readonly<Record<string, ReturnType<typeof changed>>> = {
    'two entries of one name, the first of which hides nothing': [
      ...changed(SHEET, shown).filter(([name]) => name === SHEET),
      ...parts,
    ],
    'two entries of one name, the last of which hides nothing': [
      ...parts,
      ...changed(SHEET, shown).filter(([name]) => name === SHEET),
    ],
    'a tag with more attributes than any program writes': replaced(
      SHEET,
      row,
      `<row r="3"${[...Array(300).keys()].map((i) => ` a${i}=""`).join('')} hidden="1">`,
    ),
    'an attribute that comes twice': replaced(SHEET, row, '<row r="3" x:hidden="0" hidden="1">'),
    'an attribute of no value': replaced(SHEET, row, '<row r="3" hidden = "1">'),
    'a bracket in an attribute': replaced(SHEET, row, '<row r="3" spans="<row r=\'3\'>" hidden="1">'),
    'a tag that ends nowhere': changed(SHEET, (xml) => `${xml}<row r="9"`),
    'two lists of cells': replaced(SHEET, '</sheetData>', '</sheetData><sheetData></sheetData>'),
    'cells behind the end of the sheet': replaced(SHEET, row, '</sheetData><row r="3">'),
    'a comment in a text': replaced(SHEET, 'Synthetic Ada', 'Synthetic<!-- --> Ada'),
    'a text of raw letters': replaced(SHEET, 'Synthetic Ada', '<![CDATA[Synthetic Ada]]>'),
    'a cell of another row': replaced(SHEET, '"A2"', '"A3"'),
    'a cell in front of its neighbour': replaced(SHEET, '"B2"', '"A2"'),
    'a sheet whose entry is missing': parts.filter(([name]) => name !== SHEET),
    'two sheets of one name': changed(BOOK, listed('<sheet name="List" sheetId="2" r:id="rId1"/>')),
    'a hidden sheet and one that is shown of the same cells': changed(
      BOOK,
      listed('<sheet name="Other" sheetId="2" state="hidden" r:id="rId1"/>'),
    ),
    'two relations of one id': changed(RELATED, (xml) =>
      xml.replace(/<Relationship .*?\/>/, (one) => one + one.replace('/worksheet"', '/other"')),
    ),
  };
  for (const [what, entries] of Object.entries(DAMAGED)) {
    it(`is refused as damaged: ${what}`, async () => {
      const { people, asked, refused } = await read(zipOf(entries));
      expect([people, asked]).to.deep.equal([[], ['format-damaged 0']]);
      expect(refused.length).to.equal(1);
    });
  }

  it('is refused where its directory counts its entries twice and otherwise', async () => {
    const bytes = zipOf(parts);
    new DataView(bytes.buffer).setUint16(bytes.length - 14, parts.length - 1, true);
    expect((await read(bytes)).asked).to.deep.equal(['format-damaged 0']);
  });

  const HIDES: Readonly<Record<string, string>> = {
    'in a tag of many spaces': `<row r="3"${' '.repeat(50_000)}hidden="1">`,
    'behind a bracket in quotes': '<row r="3" spans="a>b" hidden="1">',
    'behind a value that reads like it': '<row r="3" spans=\' hidden="0"\' hidden="1">',
    'by an escaped letter': '<row r="3" hidden="&#49;">',
    'by a word of an older program': '<row r="3" hidden="on">',
  };
  for (const [how, tag] of Object.entries(HIDES)) {
    it(`has a line asked about that is hidden ${how}`, async () => {
      const told = await read(zipOf(replaced(SHEET, row, tag)));
      expect([told.lines, told.asked]).to.deep.equal([[2], ['row-hidden 3']]);
    });
  }

  it('has the tags read of the sheet whose name its list escapes, and none of a comment', async () => {
    const escaped = replaced(RELATED, 'worksheets/sheet1.xml', 'worksheets/sheet&#49;.xml');
    expect((await read(zipOf(escaped))).asked).to.deep.equal(['row-hidden 3']);
    const noted = replaced(SHEET, '<sheetData>', '<!-- <row r="2" hidden="1"> --><sheetData>');
    expect((await read(zipOf(noted))).lines).to.deep.equal([2]);
  });
});

describe('a sheet that says no places of its rows and cells', () => {
  const WIDE = ['name', 'national_id', ...[...Array(30).keys()].map((i) => `column ${i}`), 'phone'];
  const BROAD = (name: string, id: string, phone: string) => [name, id, ...Array(30).fill('x'), phone];
  const without = (pattern: RegExp, file: Parameters<typeof partsOfWorkbook>[0]) =>
    zipOf(
      Object.entries(partsOfWorkbook(file)).map(([name, xml]) => [
        name,
        name.startsWith('xl/worksheets/') ? xml.replace(pattern, '<$1') : xml,
      ]),
    );

  it('is read by their order, its hidden lines, failed formulas and dates too', async () => {
    const rows = [
      HEADER,
      PERSON,
      OTHER,
      ['Synthetic Cleo', { as: '45292', isDate: true }, '+254700000003', 'Well'],
      ['Synthetic Dan', { as: '#N/A', t: 'e' } as const, '+254700000004', 'Well'],
      ['Synthetic Eve', {}, '+254700000005', 'Well'],
    ];
    for (const pattern of [/<(c|row) r="[A-Z]*\d+"/g, /<(c) r="[A-Z]+\d+"/g, /<(row) r="\d+"/g]) {
      const told = await read(without(pattern, { List: { rows, hiddenRows: [3] }, Empty: [] }));
      expect([told.lines, told.asked.toSorted()]).to.deep.equal([
        [2],
        [
          'id-spoilt 4 national_id',
          'row-hidden 3',
          'value-mangled 5 national_id',
          'value-mangled 6 national_id',
        ],
      ]);
    }
  });

  it('has a cell behind its neighbour, in whichever column, and a row where its first cell says', async () => {
    const wide = [WIDE, BROAD('Synthetic Ada', 'EX-101', '+254700000001')];
    const { people } = await read(without(/<(c) r="[^"]+"/g, { List: wide }));
    expect(people.map(({ phone }) => phone)).to.deep.equal(['+254700000001']);
    const gap = Object.entries(
      partsOfWorkbook({ List: { rows: [HEADER, PERSON, OTHER], hiddenRows: [3] } }),
    ).map(
      ([name, xml]) => [name, xml.replace('<row r="3"', '<row').replaceAll(/"([A-D])3"/g, '"$17"')] as const,
    );
    const told = await read(zipOf(gap));
    expect([told.lines, told.asked]).to.deep.equal([[2], ['row-hidden 7']]);
  });
});

describe('lists that are glued together', () => {
  const text = (...rows: readonly (readonly (string | null)[])[]) =>
    rows.map((row) => row.join(';')).join('\n');

  it('have the names of columns passed over where they come again, and are refused where the order is another', async () => {
    const again = await read(text(HEADER, PERSON, ['Name', 'NATIONAL_ID', 'phone', 'village '], OTHER));
    expect([again.lines, again.told]).to.deep.equal([[2, 4], ['header-repeated 3']]);
    const moved = await read(text(HEADER, PERSON, ['name', 'phone', 'national_id', 'village'], OTHER));
    expect([moved.people, moved.asked]).to.deep.equal([[], ['header-otherwise 3']]);
    const alone = await read('name\nSynthetic Ada\nName\nSynthetic Ben', { separator: ';' });
    expect([alone.lines, alone.told]).to.deep.equal([[2, 4], ['header-repeated 3']]);
  });
});

describe('a number that a spreadsheet changed', () => {
  const typed = {
    'a date': [{ as: '45292', isDate: true }, 'a date or a time'],
    'a time': [{ as: '0.5', isDate: true }, 'a date or a time'],
    TRUE: [{ as: '1', t: 'b' }, 'TRUE or FALSE'],
    'a fraction': [{ as: '0.5' }, 'a number with a fraction, or below zero'],
    'a number below zero': [{ as: '-254700' }, 'a number with a fraction, or below zero'],
    'sixteen digits': [{ as: '1234567890123450' }, 'a number of more than 15 digits'],
    'sixteen digits in short': [{ as: '1.2345678901234501E+15' }, 'a number of more than 15 digits'],
  } as const;

  for (const [what, [cell, words]] of Object.entries(typed)) {
    it(`is refused with its line and column as an id, a phone and of a roll: ${what}`, async () => {
      const rows = [
        ['name', 'national_id', 'agency_id', 'phone'],
        ['Synthetic Ada', cell, 'a-1', '+254700000001'],
        ['Synthetic Ben', 'EX-202', cell, '+254700000002'],
        ['Synthetic Cleo', 'EX-303', 'a-3', cell],
      ];
      const { people, asked, refused } = await read(workbookOf(rows));
      expect([people, asked]).to.deep.equal([
        [],
        ['id-spoilt 2 national_id', 'id-spoilt 3 agency_id', 'id-spoilt 4 phone'],
      ]);
      for (const { message } of refused) expect(message).to.include(words);
      const roll = workbookOf([
        ['person_id', 'units'],
        [cell, 3],
      ]);
      const told = await readTable(roll, {}, rollReader({ declaredCount: 1, declaredUnits: 3n }));
      expect(told.refused.map(({ code }) => code)).to.include('id-spoilt');
    });
  }

  it('is a formula that failed or was never reckoned, which is no empty cell', async () => {
    const cell = { as: '#REF!', t: 'e' } as const;
    const { people, asked } = await read(
      workbookOf([HEADER, ['Synthetic Ada', cell, null, cell], OTHER, ['Synthetic Cleo', {}, null, null]]),
    );
    expect(people.map(({ line }) => line)).to.deep.equal([3]);
    expect(asked).to.deep.equal([
      'value-mangled 2 national_id',
      'value-mangled 2 village',
      'value-mangled 4 national_id',
    ]);
  });

  it('is what was typed where it is a whole number of fifteen digits, and a name may be one', async () => {
    const { people, asked } = await read(
      workbookOf([
        HEADER,
        [{ as: '1.5' }, { as: '123456789012345' }, { as: '254700000001' }, 'Well'],
        [{ as: '45292', isDate: true }, 'EX-1', null, 'Well'],
      ]),
    );
    expect(people.map(({ nationalId, phone, name }) => [nationalId, phone, name])).to.deep.equal([
      ['123456789012345', '254700000001', '1.5'],
    ]);
    expect(asked).to.deep.equal(['id-spoilt 3 name']);
  });

  const TEXTS: readonly (readonly [id: string, code: string])[] = [
    ['1.23E+15', 'value-mangled'],
    ['1,23E+15', 'value-mangled'],
    ['12E+14', 'value-mangled'],
    ['#N/A', 'value-mangled'],
    ['#NV', 'value-mangled'],
    ['#REF!', 'value-mangled'],
    ['#BEZUG!', 'value-mangled'],
    ['#NAME?', 'value-mangled'],
    ['#¡VALOR!', 'value-mangled'],
    ['#SPILL!', 'value-mangled'],
    ['Err:502', 'value-mangled'],
    ['########', 'value-mangled'],
    ['TRUE', 'id-spoilt'],
    ['Falsch', 'id-spoilt'],
    ['0.5', 'id-spoilt'],
    [',5208333', 'id-spoilt'],
    ['3-Jan', 'id-like-date'],
    ['Jan-24', 'id-like-date'],
    ['3. Mär. 2024', 'id-like-date'],
    ['12/31/2024', 'id-like-date'],
    ['2024-03-01', 'id-like-date'],
    ['2024-03-01 00:00:00', 'id-like-date'],
    ['12:30', 'id-like-date'],
    ['3 March 1985', 'id-like-date'],
    ['2 de marzo de 1985', 'id-like-date'],
    ['enero 85', 'id-like-date'],
    ['12.03.85', 'id-like-date'],
    ['12/03/85', 'id-like-date'],
    ['3/12/85', 'id-like-date'],
    ['12-03-85', 'id-like-date'],
    ['1985-03', 'id-like-date'],
    ['03/1985', 'id-like-date'],
    ['45000.5', 'id-like-date'],
    ['45000,520833', 'id-like-date'],
    ['NaN', 'id-like-date'],
    ['nat', 'id-like-date'],
    ['Tuesday, March 12, 1985', 'id-like-date'],
    ['mardi 12 mars 1985', 'id-like-date'],
    ['1er août 1985', 'id-like-date'],
    ['12th of March 1985', 'id-like-date'],
    ['3. Dezember 2024', 'id-like-date'],
    ['12 machi 1985', 'id-like-date'],
    ['12 de março de 1985', 'id-like-date'],
    ['12 марта 1985', 'id-like-date'],
    ['12 مارس 1985', 'id-like-date'],
    ['١٢ كانون الثاني ١٩٨٥', 'id-like-date'],
    ['31 décembre', 'id-like-date'],
    ['1985-03-12T08:00:00+03:00', 'id-like-date'],
    ['12 March 1985 08:30', 'id-like-date'],
    ['8:30 a.m.', 'id-like-date'],
    ['1234567890123450', 'id-like-rounded'],
    ['1234 5678 9012 3450 000', 'id-like-rounded'],
    ['12\u200b345', 'text-malformed'],
    ['12\u202a345', 'text-malformed'],
    ['\u202e12345', 'text-malformed'],
  ];
  for (const [id, code] of TEXTS) {
    it(`is refused or asked about in a text file, as either id: ${JSON.stringify(id)} is ${code}`, async () => {
      for (const column of ['national_id', 'agency_id']) {
        const file = `name;${column}\nSynthetic Ada;"${id}"`;
        expect((await read(file)).asked).to.deep.equal([`${code} 2 ${column}`]);
        if (!code.startsWith('id-like')) continue;
        const right = await read(file, { answers: [{ code, answer: 'as-written' }] });
        expect([right.lines, right.asked]).to.deep.equal([[2], []]);
        const out = await read(`${file}\nSynthetic Ben;7`, {
          answers: [{ code, answer: 'leave-out', line: 2 }],
        });
        expect([out.lines, out.asked, out.told]).to.deep.equal([[3], [], ['line-passed-over 2']]);
      }
    });
  }

  it('is asked about as a phone, of which a date with points has the digits', async () => {
    expect((await read('name;phone\nSynthetic Ada;12.03.2024')).asked).to.deep.equal([
      'id-like-date 2 phone',
    ]);
  });

  it('is not seen in what offices give out: strokes, points, letters and long numbers', async () => {
    for (const id of [
      '12/345/67',
      '1.234.567',
      '12E45',
      'MAR-2',
      '1234567890123456',
      'EX-2024',
      '31-02-9999',
      '12.5',
      '1/2',
      '1.13.16',
      '4-2-10',
      '3/1985',
      '13/1985',
      '1985-13',
      '12345.6',
      '45000',
      '45000.0',
      '750000.5',
      '12/03-85',
      '32/12/85',
      '99-01-85',
      'EX 12 MAR',
      'MARA-12',
      '12-MARGARET-85',
      '3 Marchant 1985',
      'Nanjing',
      '1985',
      '198503',
      'MAY',
    ])
      expect((await read(`name;national_id\nSynthetic Ada;${id}`)).asked, id).to.deep.equal([]);
  });

  it('is a birth date in a column of ages, which is left out and told', async () => {
    for (const cell of [{ as: '31245', isDate: true }, { as: '31245' }, { as: '1', t: 'b' }] as const) {
      const { people, told } = await read(
        workbookOf([
          ['name', 'age'],
          ['Synthetic Ada', cell],
        ]),
      );
      expect([people[0]?.ageYears, told]).to.deep.equal([undefined, ['age-unreadable 2']]);
    }
  });
});
