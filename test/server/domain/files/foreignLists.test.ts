/**
 * Lists of people and rolls as they come: what spreadsheets, forms, portals and clerks make of them, each read as a person
 * would read it, or refused or asked about by line and field. Nobody in them exists.
 */
import { expect } from 'chai';
import { readTable } from '../../../../server/domain/files/people.ts';
import type { Person } from '../../../../server/domain/files/registrations.ts';
import { registrationReader } from '../../../../server/domain/files/registrations.ts';
import { rollReader } from '../../../../server/domain/files/roll.ts';
import type { FileSettings } from '../../../../server/domain/files/settings.ts';
import { workbookOf } from './archives.ts';

type File = string | Uint8Array<ArrayBuffer>;

const bytesOf = (file: File, encoding: BufferEncoding = 'utf8') =>
  typeof file === 'string' ? new Uint8Array(Buffer.from(file, encoding)) : file;

const SHOWN = ['line', 'name', 'phone', 'nationalId', 'agencyId', 'householdSize', 'units'] as const;

/** Of each person what is known, in this order; codes with line and field; warnings with theirs. */
async function readingOf(file: File, settings: FileSettings) {
  const all = Object.assign({ callingCode: '254' }, settings);
  const { people, refused, warnings } = await readTable(bytesOf(file), all, registrationReader(all));
  const told = ({ code, place }: { code: string; place: { line?: number; field?: string } }) =>
    [code, place.line, place.field].filter((part) => part !== undefined).join(' ');
  const known = (person: Person) =>
    SHOWN.map((field) => person[field]).filter((value) => value !== undefined);
  return {
    people: people.map((one) => known(one).join(' ')),
    refused: refused.map(told),
    warned: warnings.map(told),
  };
}

interface Case {
  readonly what: string;
  readonly file: File;
  readonly settings?: FileSettings;
  readonly people?: readonly string[];
  readonly refused?: readonly string[];
  readonly warned?: readonly string[];
}

function holds(cases: readonly Case[]) {
  for (const { what, file, settings = {}, people = [], refused = [], warned = [] } of cases) {
    it(`${what}: ${[...people, ...refused, ...warned].join(', ')}`, async () => {
      expect(await readingOf(file, settings)).to.deep.equal({ people, refused, warned });
    });
  }
}

const list = (...rows: string[]) => `${rows.join('\n')}\n`;
const ANN = 'Ann;0700000001';
const ANN_READ = '2 Ann +254700000001';

describe('a list as its program wrote it', () => {
  holds([
    {
      what: 'rows that end in three ways, as glued files do',
      file: 'Name;Phone\r\nAnn;0700000001\nBen;0700000002\rCyd;"0700000003"\rDee;0700000004\r\r\nEve;0700000005',
      people: [
        ANN_READ,
        '3 Ben +254700000002',
        '4 Cyd +254700000003',
        '5 Dee +254700000004',
        '6 Eve +254700000005',
      ],
    },
    { what: 'the end of file of another age', file: list('Name;Phone', ANN, '\u001a'), people: [ANN_READ] },
    {
      what: 'formulas that keep digits a text',
      file: list('Name;Phone', 'Ann;="0700000001"', 'Ben;"=""0700000002"""'),
      people: [ANN_READ, '3 Ben +254700000002'],
    },
    {
      what: 'the mark of a text before digits, which no name loses',
      file: list('Name;Phone;National ID', "'Abd;'0700000001;'0123"),
      people: ["2 'Abd +254700000001 0123"],
    },
    {
      what: 'blanks before and behind quotes',
      file: list('Name, Phone', '"Ann" , "0700000001"'),
      people: [ANN_READ],
    },
    {
      what: 'each line one quoted cell',
      file: list('"Name,""Phone"""', '"Ann,""0700000001"""', '"Ben ""B"",0700000002"'),
      people: [ANN_READ, '3 Ben "B" +254700000002'],
    },
    {
      what: 'quotes within cells, where each line has the cells of the others',
      file: list('Name;Phone;Village', 'O"Brien;0700000001;X', '12" pipe;0700000002;"X; Y"', 'Ann "A" B;;Z'),
      people: ['2 O"Brien +254700000001', '3 12" pipe +254700000002', '4 Ann "A" B'],
    },
    {
      what: 'quotes within cells of one column',
      file: list('Name', 'O"Brien'),
      people: ['2 O"Brien'],
    },
    {
      what: 'a quote within a cell and a cell too many',
      file: list('Name;Phone', ANN, 'Ben "B;0700000002"; C'),
      refused: ['quote-misplaced 3'],
    },
    {
      what: 'a quote within a cell and one too few',
      file: list('Name;Phone', ANN, 'Ben "B', 'C";0700000002'),
      refused: ['quote-misplaced 3'],
    },
    {
      what: 'a quote within a cell, and a quoted one that goes on over the line',
      file: list('Name;Phone', ANN, 'Ben "B;"07', '00000002"'),
      refused: ['quote-misplaced 3'],
    },
    {
      what: 'UTF-16 without a mark',
      file: new Uint8Array(Buffer.from(list('Name;Phone', ANN), 'utf16le')),
      people: [ANN_READ],
    },
    {
      what: 'each line one quoted cell, without quotes of its own',
      file: list('"Name,Phone"', '"Ann,0700000001"'),
      people: [ANN_READ],
    },
    {
      what: 'one column',
      file: list('Phone number', '0700000001'),
      people: ['2 +254700000001'],
      warned: ['names-not-read'],
    },
    {
      what: 'one column of names that have commas',
      file: list('Name', '"Ann, A."', '"Ben, B."'),
      people: ['2 Ann, A.', '3 Ben, B.'],
    },
    {
      what: 'marks of direction and blanks without width around values, which say nothing there',
      file: list('Name;Phone', '\u200f\u202bAnn\u202c\u200f;\u202a+254 700 000 001\u202c'),
      people: [ANN_READ],
    },
    {
      what: 'a mark that turns digits round',
      file: list('Name;Phone', 'Ann;\u202e0700000001'),
      refused: ['text-malformed 2 Phone'],
    },
  ]);
});

describe('the names of columns as clerks write them', () => {
  const TWO = ['Name;Household;', ';Size;Phone'];
  holds([
    {
      what: 'on two lines, the upper merged over the lower',
      file: list(...TWO, 'Ann;3;0700000001'),
      people: ['3 Ann +254700000001 3'],
      warned: ['header-two-lines 1'],
    },
    {
      what: 'on two lines of a workbook',
      file: workbookOf([
        ['Name', 'Household', null],
        [null, 'Size', 'Phone'],
        ['Ann', 3, '0700000001'],
      ]),
      people: ['3 Ann +254700000001 3'],
      warned: ['header-two-lines 1'],
    },
    {
      what: 'above a line that counts them',
      file: list('No;Name;Phone;Village', '(1);(2);(3);(4)', '1;Ann;0700000001;X'),
      people: ['3 Ann +254700000001'],
      warned: ['columns-numbered 2'],
    },
    {
      what: 'with a remark in brackets',
      file: list('Name;Phone (mobile);National ID [if any]', 'Ann;0700000001;12'),
      people: ['2 Ann +254700000001 12'],
      warned: ['column-named-in-part National ID [if any]', 'column-named-in-part Phone (mobile)'],
    },
    {
      what: 'with a remark that makes years of months, which are not read as such',
      file: list('Name;Age (months)', 'Ann;4'),
      people: ['2 Ann'],
    },
    {
      what: 'twice, and neither is taken',
      file: list('Name;Phone;Phone', 'Ann;0700000001;0700000002'),
      people: ['2 Ann'],
      warned: ['column-left-out phone'],
    },
    {
      what: 'twice, and the one is taken that the officer counted from the left',
      file: list('Name;Phone;Phone', 'Ann;0700000001;0700000002'),
      settings: { columns: { phone: 3 } },
      people: ['2 Ann +254700000002'],
    },
    {
      what: 'of another column than there is',
      file: list('Name;Phone', ANN),
      settings: { columns: { phone: 3 } },
      refused: ['column-named-missing'],
    },
    {
      what: 'not at all: counting columns makes no person a line of names',
      file: list(ANN, 'Ben;0700000002'),
      settings: { columns: { name: 1, phone: 2 } },
      refused: ['column-named-missing', 'column-named-missing'],
    },
  ]);
});

describe('names that stand in several columns', () => {
  const JOINED = ['name-of-columns name'];
  const TWO_PARTS: readonly (readonly [string, string])[] = [
    ['Prénom;Nom', 'Ann;Otieno'],
    ['Nom;Prénom(s)', 'Otieno;Ann'],
    ['NOM DE FAMILLE;PRÉNOMS', 'Otieno;Ann'],
    ['First name;Last name', 'Ann;Otieno'],
    ['Surname;Other names', 'Otieno;Ann'],
    ['first_name;surname', 'Ann;Otieno'],
    ['Name;Surname', 'Ann;Otieno'],
    ['hh/family_name;hh/given_name', 'Otieno;Ann'],
    ['Nombre;Apellidos', 'Ann;Otieno'],
    ['Vorname;Name', 'Ann;Otieno'],
    ['Nome;Apelido', 'Ann;Otieno'],
    ['Jina la ukoo;Jina la kwanza', 'Otieno;Ann'],
    ['الاسم الأول;اسم العائلة', 'Ann;Otieno'],
    ['الاسم;اللقب', 'Ann;Otieno'],
    ['nameLast;nameFirst', 'Otieno;Ann'],
    ['Prénom / First name;Nom / Surname', 'Ann;Otieno'],
    ['Nom / Surname;Village;Prénom : First name', 'Otieno;X;Ann'],
  ];
  for (const [names, cells] of TWO_PARTS) {
    it(`are read as one, given names first: ${names}`, async () => {
      const { people, refused, warned } = await readingOf(list(names, cells), {});
      expect([people, refused]).to.deep.equal([['2 Ann Otieno'], []]);
      expect(warned).to.include('name-of-columns name');
    });
  }
  holds([
    {
      what: 'more than two, in whichever order',
      file: list('Surname;Phone;Other names;First name;Middle name', 'Otieno;0700000001;Cyd;Ann;Ben'),
      people: ['2 Ann Ben Cyd Otieno +254700000001'],
      warned: JOINED,
    },
    {
      what: 'four of them, as Arabic lists have',
      file: list('الاسم الأول;اسم الأب;اسم الجد;اسم العائلة', 'Ann;Ben;Cyd;Dee'),
      people: ['2 Ann Ben Cyd Dee'],
      warned: JOINED,
    },
    {
      what: 'and two of a family',
      file: list('Primer apellido;Segundo apellido;Nombres', 'Ben;Cyd;Ann'),
      people: ['2 Ann Ben Cyd'],
      warned: JOINED,
    },
    {
      what: 'the name of the family first, where the settings say so',
      file: list('Prénom;Nom;Postnom', 'Ann;Ben;Cyd'),
      settings: { nameOrder: 'family-first' },
      people: ['2 Ben Cyd Ann'],
      warned: JOINED,
    },
    {
      what: 'whatever they are called, where the settings name them',
      file: list('N1;N2;Village', 'Otieno;Ann;X'),
      settings: { columns: { familyName: 'N1', givenName: 2 } },
      people: ['2 Ann Otieno'],
      warned: JOINED,
    },
    {
      what: 'those that the settings name before a whole one',
      file: list('Full name;N1;N2', 'Head;Otieno;Ann'),
      settings: { columns: { familyName: 'N1', givenName: 'N2' } },
      people: ['2 Ann Otieno'],
      warned: JOINED,
    },
    {
      what: 'and are passed over beside a whole one',
      file: list('Full name;First name;Last name;Last name', 'Ann B. Otieno;Ann;Otieno;Other'),
      people: ['2 Ann B. Otieno'],
    },
    {
      what: 'and are passed over beside a whole one, though one of them may be whole too',
      file: list('Nom;Prénom;Nom et prénom', 'Otieno;Ann;Ann B. Otieno'),
      people: ['2 Ann B. Otieno'],
    },
    {
      what: "and are read, where the whole one is somebody else's",
      file: list('head/name;head/first_name;head/surname;spouse/full_name', 'Ann;Ann;Otieno;Ben'),
      people: ['2 Ann Otieno'],
      warned: ['column-left-out name', ...JOINED],
    },
    {
      what: 'and count where the whole one holds nothing',
      file: list('Full name;First name;Last name', ';Ann;Otieno'),
      people: ['2 Ann Otieno'],
      warned: JOINED,
    },
    {
      what: 'and not where the settings name the whole one',
      file: list('Nom;Prénom', 'Otieno Ann;Ann'),
      settings: { columns: { name: 'Nom' } },
      people: ['2 Otieno Ann'],
    },
    {
      what: 'and not at all where no name is to be read',
      file: list('Nom;Prénom;Phone', 'Otieno;Ann;0700000001'),
      settings: { columns: { name: null } },
      people: ['2 +254700000001'],
      warned: ['names-not-read'],
    },
    {
      what: 'and not those of somebody else in another part of a form',
      file: list('Name;spouse/first_name;spouse/surname;child/first_name', 'Ann Otieno;Ben;Dee;Eve'),
      people: ['2 Ann Otieno'],
    },
    {
      what: 'nor a single one of another part, nor the name of a father',
      file: list('head/name;spouse/first_name;FName', 'Ann Otieno;Ben;Dee'),
      people: ['2 Ann Otieno'],
    },
    {
      what: 'of somebody in one part of a form, and of somebody else in another',
      file: list('head/first_name;spouse/surname', 'Ann;Dee'),
      people: ['2 Ann'],
      warned: ['name-in-part name'],
    },
    {
      what: 'with the word for who is on the list before them',
      file: list('Beneficiary first name;Beneficiary surname', 'Ann;Otieno'),
      people: ['2 Ann Otieno'],
      warned: JOINED,
    },
    {
      what: 'longer than a name is, both together',
      file: list('First name;Surname', `${'Ann '.repeat(100)};${'Otieno '.repeat(60)}`, 'Ben;Otieno'),
      people: ['3 Ben Otieno'],
      refused: ['text-too-long 2 name'],
      warned: JOINED,
    },
    {
      what: 'one part alone, which is said',
      file: list('First name;Phone', ANN),
      people: [ANN_READ],
      warned: ['name-in-part name'],
    },
    {
      what: 'two of one name, and neither is taken',
      file: list('First name;Last name;Last name', 'Ann;Otieno;Ben'),
      people: ['2 Ann'],
      warned: ['column-left-out familyName', 'name-in-part name'],
    },
    {
      what: 'a word for nothing in one of them, and nobody in all',
      file: list('First name;Last name;Phone', 'Ann;-;0700000001', '-;N/A;0700000002', ';Null;0700000003'),
      people: [ANN_READ, '4 Null +254700000003'],
      refused: ['name-missing 3 name'],
      warned: JOINED,
    },
    {
      what: 'a formula that failed in one of them',
      file: list('First name;Last name', 'Ann;#N/A', 'Ben;Otieno'),
      people: ['3 Ben Otieno'],
      refused: ['value-mangled 2 Last name'],
      warned: JOINED,
    },
    {
      what: 'below one name of both',
      file: list('Name;;Phone', 'First;Last;', 'Ann;Otieno;0700000001'),
      people: ['3 Ann Otieno +254700000001'],
      warned: [...JOINED, 'header-two-lines 1'],
    },
    {
      what: 'and tags of them',
      file: list('N1;N2', '#affected+name+last;#affected +name +first', 'Otieno;Ann'),
      people: ['3 Ann Otieno'],
      warned: JOINED,
    },
  ]);

  it('tell namesakes apart, and ask about two who have both in common', async () => {
    const file = list('Nom;Prénom;Village', 'Otieno;Ann;X', 'Otieno;Ben;X', 'Otieno;Ann;X');
    const { people, refused } = await readingOf(file, {});
    expect(people).to.deep.equal(['2 Ann Otieno', '3 Ben Otieno']);
    expect(refused).to.deep.equal(['line-repeated 4']);
  });
});

describe('what stands below a list', () => {
  const units = (...rows: string[]) => list('Name;Phone;Units', 'Ann;0700000001;3', ...rows);
  const TAKEN = ['2 Ann +254700000001 3'];
  const FEET = [
    'Total beneficiaries: 1;;3',
    'Grand total (units);;3',
    'Prepared by: somebody;;',
    'Approved by;;',
    'Date: 3 March 2026;;',
    'Page 1 of 1;;',
    'Source: ministry',
    'Fait à Thiès, le 3 mars;;',
    'المصدر: الوزارة;;',
  ];
  for (const foot of FEET) {
    it(`is a question and nobody: ${foot}`, async () => {
      const asked = await readingOf(units(foot), {});
      expect(asked).to.deep.equal({ people: TAKEN, refused: ['total-row 3'], warned: [] });
      const answers = [{ code: 'total-row', answer: 'total' }];
      const passed = await readingOf(units(foot), { answers });
      expect(passed).to.deep.equal({ people: TAKEN, refused: [], warned: ['line-passed-over 3'] });
    });
  }

  it('is somebody where there is an id or a phone, or no word for it', async () => {
    const file = units('Page;0700000002;4', 'Date Synthetic;0700000003;4', 'Suma Synthetic;;4');
    expect((await readingOf(file, {})).refused).to.deep.equal([]);
  });

  it('refuses a roll until it is answered, and counts for nothing then', async () => {
    const file = list('Person ID;Units', '7;3', '8;4', 'Total households: 2;7', 'Signature: ____');
    const read = async (answers: FileSettings['answers']) => {
      const terms = { declaredCount: 2, declaredUnits: 7n, answers };
      const { entries, refused } = await readTable(bytesOf(file), {}, rollReader(terms));
      return [entries.length, refused.map(({ code }) => code)];
    };
    expect(await read([])).to.deep.equal([0, ['declared-count-differs', 'total-row', 'total-row']]);
    expect(await read([{ code: 'total-row', answer: 'total' }])).to.deep.equal([2, []]);
  });
});

describe('a line with one text and nothing else', () => {
  const rows = (...lone: string[]) =>
    list('Name;Phone;Village', 'Ann;0700000001;X', ...lone, 'Ben;0700000002;X', 'Cyd;0700000003;X');
  const ALL = ['2 Ann +254700000001', '4 Ben +254700000002', '5 Cyd +254700000003'];
  for (const lone of [
    'Village A;;',
    'HH 12;;',
    'Ménage 4:;;',
    'Kilifi;;',
    ';;Kilifi',
    'Village A',
    'قرية ١;;',
  ]) {
    it(`is a question and nobody: ${lone}`, async () => {
      const asked = await readingOf(rows(lone), {});
      expect(asked).to.deep.equal({ people: ALL, refused: ['group-row 3'], warned: [] });
      const answers = [{ code: 'group-row', answer: 'heading' }];
      const passed = await readingOf(rows(lone), { answers });
      expect(passed).to.deep.equal({ people: ALL, refused: [], warned: ['line-passed-over 3'] });
    });
  }

  it('is somebody where an officer says so', async () => {
    const answers = [{ code: 'group-row', answer: 'person', line: 3 }];
    const { people, refused } = await readingOf(rows('Kilifi;;'), { answers });
    expect([people[1], refused]).to.deep.equal(['3 Kilifi', []]);
  });

  it('is somebody without a phone in a list of two columns, unless it has a word for a group', async () => {
    const file = list('Name;Phone', ANN, 'Ben;', 'HH 12;', 'Cyd;0700000003');
    const { people, refused } = await readingOf(file, {});
    expect(people).to.deep.equal([ANN_READ, '3 Ben', '5 Cyd +254700000003']);
    expect(refused).to.deep.equal(['group-row 4']);
  });

  it('is somebody in a list of which most lines have no more', async () => {
    const file = list('Name;Phone;Village', 'Ann;0700000001;X', 'Ben;;', 'Cyd;;', 'Dee;;');
    expect((await readingOf(file, {})).refused).to.deep.equal([]);
  });

  it('is a question of the sheet of a workbook, merged over its columns or not', async () => {
    const file = workbookOf([
      ['Name', 'Phone', 'Village'],
      ['Village A', null, null],
      ['Ann', '0700000001', 'X'],
      ['Ben', '0700000002', 'X'],
    ]);
    expect((await readingOf(file, {})).refused).to.deep.equal(['group-row 2']);
  });

  it('is a question of a roll, and of an id alone the units are missed', async () => {
    const file = list('Person ID;Units', 'Village A;', '7;3', 'HH-8;', '9;4');
    const read = async (answers: FileSettings['answers']) => {
      const terms = { declaredCount: 3, declaredUnits: 7n, answers };
      return (await readTable(bytesOf(file), {}, rollReader(terms))).refused.map(({ code }) => code);
    };
    expect(await read([])).to.deep.equal(['declared-count-differs', 'group-row', 'units-missing']);
    expect(await read([{ code: 'group-row', answer: 'heading' }])).to.deep.equal([
      'file-has-refused-lines',
      'units-missing',
    ]);
  });
});

describe('numbers as countries and clerks write them', () => {
  const UNITS: readonly (readonly [string, number | string])[] = [
    ['3,00', 3],
    ['4,0', 4],
    ['1 000,00', 1000],
    ['1,000.00', 1000],
    ['1.000,00', 1000],
    ["1'000.00", 1000],
    ['١٬٠٠٠', 1000],
    ['٣', 3],
    ["'5", 5],
    ['1,000', 'units-unclear'],
    ['1.000', 'units-unclear'],
    ['3,5', 'units-not-whole'],
    ['٣٫٥', 'units-not-whole'],
    ['1,000,50', 'units-not-whole'],
    ['KES 3', 'units-not-whole'],
    ['1e3', 'units-not-whole'],
  ];
  for (const [written, expected] of UNITS) {
    it(`has units of ${written}: ${expected}`, async () => {
      const { people, refused } = await readingOf(list('Name;Phone;Units', `Ann;0700000001;${written}`), {});
      const isRead = typeof expected === 'number';
      expect(people).to.deep.equal(isRead ? [`${ANN_READ} ${expected}`] : []);
      expect(refused).to.deep.equal(isRead ? [] : [`${expected} 2 Units`]);
    });
  }

  const NO_IDS = [
    'pending',
    'Lost',
    'TBA',
    'not issued',
    'applied for',
    'en cours',
    'en trámite',
    'قيد الإصدار',
  ];
  it('has no id where a paper is on its way or gone, and two of them are two people', async () => {
    const rows = NO_IDS.map((written, i) => `Synthetic ${i};${written}`);
    const { people, refused } = await readingOf(list('Name;National ID', ...rows), {});
    expect(people).to.deep.equal(NO_IDS.map((_, i) => `${i + 2} Synthetic ${i}`));
    expect(refused).to.deep.equal([]);
  });
});
