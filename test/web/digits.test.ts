/** Numbers as people type them, in three scripts. */
import { expect } from 'chai';
import { readNumber } from '../../web/page/digits.ts';

const ZEROS = [0x30, 0x660, 0x6f0] as const;
const inScript = (digits: string, zero: number) =>
  digits.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

describe('a number that somebody types', () => {
  const read = (typed: string) => {
    const told = readNumber(typed);
    return told.kind === 'number' ? told.text : told.kind === 'ambiguous' ? told.readings : undefined;
  };

  it('is the same in the digits of Latin, Arabic and Persian, and in no two of them at once', () => {
    for (const zero of ZEROS) {
      for (const digits of ['0', '7', '1250', '0042', '98765432109876543210']) {
        expect(read(inScript(digits, zero)), inScript(digits, zero)).to.equal(
          digits.replace(/^0+(?=\d)/, ''),
        );
      }
    }
    for (const mixed of ['1٢', '٣۴', '12۵', '١,2']) expect(read(mixed), mixed).to.equal(undefined);
  });

  it('has the separators of its script, whichever office wrote it', () => {
    const cases = {
      ...{ '1,234,567': '1234567', '1.234.567': '1234567', '1 234 567': '1234567', "1'234'567": '1234567' },
      ...{ '1,234.5': '1234.5', '1.234,5': '1234.5', '1 234,50': '1234.50', '1\u202f234,5': '1234.5' },
      ...{ '١٬٢٣٤٫٥': '1234.5', '١٢٣٤٫٥٦': '1234.56', '۱٬۲۳۴': '1234', '١٫٢٣٤': '1.234' },
      ...{ '12,5': '12.5', '12.5': '12.5', '0,125': '0.125', '0.125': '0.125', '1234,567': '1234.567' },
    };
    for (const [typed, meant] of Object.entries(cases)) expect(read(typed), typed).to.equal(meant);
  });

  it('is asked back with both readings where a separator could be either', () => {
    for (const typed of ['1,234', '1.234', '١,٢٣٤', '12.345', '999,000']) {
      const told = readNumber(typed);
      expect(told.kind, typed).to.equal('ambiguous');
    }
    expect(read('1,234')).to.deep.equal(['1234', '1.234']);
  });

  it('is none where it is written in no way that numbers are', () => {
    const none = [
      ...[
        '',
        ' ',
        '-1',
        '1e3',
        '0x10',
        '1,23,4',
        '12,34,567',
        '1..2',
        '1.2.3',
        ',5',
        '5.',
        '1,234,56',
        'ten',
      ],
      ...['1,2.3,4', '٫٥', '1٫2٫3', '1٬23', '½', '１２', '9'.repeat(61), '1 2', '1,234.567,8'],
    ];
    for (const typed of none) expect(read(typed), typed).to.equal(undefined);
  });
});
