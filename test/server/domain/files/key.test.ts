/** When two written ids are one: by one rule, whoever asks. */
import { expect } from 'chai';
import { idKeyOf, isNoId, keyOf, looseKeyOf, nearOf } from '../../../../server/domain/files/key.ts';

/** Each line is one id, as different hands, machines and fonts write it. */
const ONE_ID: readonly (readonly string[])[] = [
  [
    'KA-7',
    'ka-7',
    'KA - 7',
    'Ka\u20137',
    '\uff2b\uff21\uff0d\uff17',
    'KA\u00a07',
    'K\u200bA-\u2060\ufeff7',
    'ka\u22127',
  ],
  [
    '12345678',
    '12345678.0',
    '12345678.00',
    '\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668',
    '\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18',
  ],
  [
    '\u06f1\u06f2\u06f3',
    '\u0661\u0662\u0663',
    '\u0967\u0968\u0969',
    '\u09e7\u09e8\u09e9',
    '1\u00ad23',
    '1\u{e0001}23',
  ],
  ['1-11', '1 11', '1 - 11', '1\u201311', '1\u3000\u221211', '\u0661-\u0661\u0661'],
  ['\u00e9t\u00e9 1', 'e\u0301te\u0301 1', '\u00c9T\u00c91'],
  [
    'KA/001',
    'ka/001',
    ' KA/001 ',
    'KA-001',
    'ka 001',
    'KA001',
    'KA.001',
    "KA'001",
    'KA\u2019001',
    'KA_001',
    '(KA) #001',
  ],
  ['R/123', 'R-123', 'r 123', 'r\\123', 'R\u00b7123', 'R:123'],
  ['12/345', '12-345', '12.345', "12'345", '12\u2019345', '12 345'],
  ['4711', '4711.0', '4711.00', '4711,0', '\u0e54\u0e57\u0e51\u0e51', '\u{1e954}\u{1e957}\u{1e951}\u{1e951}'],
  ['MP 2', '\u041c\u0420 2', '\u043c\u0440-2', '\u039c\u03a12', 'm\u0440/2'],
  ['ID-78', 'id 78', 'ID\u00a078', '\u0130D 78', 'id\u202f78'],
];
/** Of each line no two are one, though a careless eye takes them for it. */
const TWO_IDS: readonly (readonly string[])[] = [
  ['1-11', '11-1', '111'],
  ['12-3', '1-23', '123'],
  ['KA/001', 'KA/01', 'KA/0 01'],
  ['12.5', '125', '12.0.5'],
  ['123,000', '123.000', '123', '123000', '123-000'],
  ['4711.000', '4711', '4711000'],
  ['ete', '\u00e9t\u00e9'],
];

/** As the intake asks: by what an id that is kept is found, and by what one that comes asks. */
function mayBeOne(one: string, other: string): boolean {
  const asks = (id: string, of: string) => nearOf(id).asked.some((key) => nearOf(of).kept.includes(key));
  return asks(one, other) || asks(other, one);
}

describe('two spellings of an id', () => {
  it('are one id where only case, width, separators, script of digits, letters drawn alike or the unseen differ', () => {
    for (const [first = '', ...others] of ONE_ID)
      for (const other of others) expect(idKeyOf(other), other).to.equal(idKeyOf(first));
  });

  it('are two where digits stand apart otherwise, or a letter differs', () => {
    for (const spellings of TWO_IDS)
      expect(new Set(spellings.map(idKeyOf)).size, spellings.join()).to.equal(spellings.length);
  });

  it('may be one where one of them does not set its digits apart, which is for an officer to say', () => {
    expect(looseKeyOf('12-345 678')).to.equal(looseKeyOf('\uff11\uff12345678.0'));
    expect(looseKeyOf('KA/001')).to.equal(looseKeyOf('ka 001'));
  });

  it('may be one where a letter is read as a digit, or zeros in front are lost', () => {
    for (const [one = '', other = ''] of [
      ['AO-12', 'A0-12'],
      ['I23', '123'],
      ['007', '7'],
      ['00-12', '12'],
      ['EX-000001', 'EX-1'],
      ['EX-OOOOO1', 'EX/1'],
      ['KA/007/0012', 'KA/7/12'],
      ['12-003', '12-3'],
      ['12-003', '12003'],
      ['EX 12-03', 'EX1203'],
    ]) {
      expect(idKeyOf(one), one).to.not.equal(idKeyOf(other));
      expect(mayBeOne(one, other), one).to.equal(true);
    }
    expect(mayBeOne('A1', 'B1')).to.equal(false);
    expect(mayBeOne('12-3', '1-23')).to.equal(false);
    for (const [one = '', other = ''] of [
      ['EX-100', 'EX-1'],
      ['EX-101', 'EX-11'],
      ['12-03', '123'],
      ['EX-1', 'EY-01'],
      ['EX-0', 'EX-10'],
    ])
      expect(mayBeOne(one, other), one).to.equal(false);
  });

  it('may be one where a separator before three zeros sets thousands apart, or a fraction', () => {
    const [first = '', ...others] = ['123.000', '123', '123000', '123,000', '123-000', '123 000', '0123'];
    for (const other of others) {
      expect(idKeyOf(first), other).to.not.equal(idKeyOf(other));
      expect(mayBeOne(first, other), other).to.equal(true);
      expect(mayBeOne(other, '123,000') || other === '123,000', other).to.equal(true);
    }
    for (const apart of ['1230', '12', '12-3', '12.345', '123.001'])
      expect(mayBeOne(first, apart), apart).to.equal(false);
    expect(mayBeOne('123', '123000'), 'neither is written with a fraction').to.equal(false);
  });

  it('are none where a form says so, in the words of offices', () => {
    for (const none of [
      '---',
      '###',
      'N/A',
      'n.a.',
      'xxx',
      '0000',
      '00-00',
      'unknown',
      'No ID',
      'inconnu',
      '\u043d\u0435\u0442',
      '__',
      '/',
      '0.000',
      '000,000',
    ])
      expect(isNoId(none), none).to.equal(true);
    for (const id of ['X1', 'NA-1', '10', 'none-3']) expect(isNoId(id), id).to.equal(false);
  });

  it('of a parcel keep a fraction, which nothing but a spreadsheet puts behind an id', () => {
    expect(keyOf('12.0')).to.not.equal(keyOf('12'));
  });
});
