/** Rows of text, held against an independent reader, and bounded in time whatever the text is. */
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { readRows, type Separator } from '../../../../server/domain/files/csv.ts';
import { seeded } from '../../../seeded.ts';

function rowsOf(text: string, separator?: Separator): { rows: string[][]; lines: number[]; fault?: string } {
  const rows: string[][] = [];
  const lines: number[] = [];
  return readRows(
    text,
    { separator },
    {
      consume: (row, line) => {
        rows.push([...row]);
        lines.push(line);
      },
      finish: (fault) => ({ rows, lines, ...(fault && { fault: fault.code }) }),
    },
  );
}

describe('the rows of a CSV file', () => {
  it('are those csv-parse reads, for 3,000 random texts of quotes, separators and line ends', () => {
    const random = seeded(7);
    const pieces = ['a', 'b c', '', '"q"', '"a;b"', '"two\nlines"', '"he said ""no"""', ' x ', '"";"'];
    let whole = 0;
    for (let n = 0; n < 3_000; n++) {
      const end = ['\n', '\r\n'][n % 2] ?? '\n';
      const row = () => Array.from({ length: 3 }, () => random.pick(pieces)).join(';');
      const text = Array.from({ length: 4 }, row).join(end).replaceAll('"two\nlines"', `"two${end}lines"`);
      if (text.trim() === '') continue;
      let expected: string[][] | undefined;
      try {
        expected = parse(text, { delimiter: ';', relax_column_count: true });
      } catch {
        expected = undefined;
      }
      const { rows, fault } = rowsOf(text, ';');
      if (expected === undefined) expect(fault, JSON.stringify(text)).to.equal('quote-misplaced');
      else {
        const filled = expected.filter((cells) => cells.some((cell) => cell.trim() !== ''));
        expect(rows, JSON.stringify(text)).to.deep.equal(filled);
        whole += 1;
      }
    }
    expect(whole).to.be.greaterThan(500);
  });

  it('carry the line they start on, with any line end inside quotes', () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const { lines } = rowsOf(['a;b', '"1', '2";3', '', '4;5', ''].join(end), ';');
      expect(lines, JSON.stringify(end)).to.deep.equal([1, 2, 5]);
    }
  });

  it('obey the line with which Excel names its separator, and keep their numbers', () => {
    for (const [name, separator] of [
      ['sep=;', ';'],
      ['SEP=|', '|'],
      ['"sep=,"', ','],
      ['sep=\t', '\t'],
    ] as const) {
      const { rows, lines } = rowsOf([name, `a${separator}b`, `1${separator}2`].join('\r\n'));
      expect([rows, lines], name).to.deep.equal([
        [
          ['a', 'b'],
          ['1', '2'],
        ],
        [2, 3],
      ]);
    }
  });

  it('are cut by the separator that cuts most rows alike, and asked about where two do', () => {
    const widths = (text: string) => rowsOf(text).rows.map(({ length }) => length);
    expect(widths('List, June;\nname;units\nA, B;3\nC;4')).to.deep.equal([2, 2, 2, 2]);
    expect(widths('name;share\nA;1,5\nB;2,5')).to.deep.equal([2, 2, 2]);
    expect(rowsOf('a;b,c\n1;2,3').fault).to.equal('separator-unclear');
  });

  it('cost little where there are none: two megabytes of empty lines are passed in a second', () => {
    for (const end of ['\n', '\r\n', '\r', ';\n', ' \n']) {
      const started = performance.now();
      const { rows, lines } = rowsOf(`a;b${end}${end.repeat(2_000_000 / end.length)}1;2`, ';');
      expect(rows.at(-1)).to.deep.equal(['1', '2']);
      expect(lines.at(-1)).to.be.greaterThan(600_000);
      expect(performance.now() - started, JSON.stringify(end)).to.be.lessThan(1_000);
    }
  });
});
