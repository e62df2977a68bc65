/** What an officer answered of lines, as it goes with the file. */
import { expect } from 'chai';
import { answersWith } from '../../web/console/answered.ts';

describe('the answers of an officer about lines', () => {
  const asked = Array.from({ length: 120 }, (_, i) => ({ code: 'total-row', line: i + 2 }));

  it('are all given, however many pages of a table they were chosen on, and shortly', () => {
    const chosen = new Map(
      asked.map(({ line }) => [`answer.${line}.total-row`, line < 100 ? 'total' : 'person']),
    );
    const answers = answersWith([], asked, chosen);
    expect(answers.map(({ answer, lines }) => [answer, lines.length])).to.deep.equal([
      ['total', 98],
      ['person', 22],
    ]);
    expect(encodeURIComponent(JSON.stringify(answers)).length).to.be.lessThan(2_000);
  });

  it('go on from those of before, of which one that was not asked for is given no more', () => {
    const before = [{ code: 'name-missing', answer: 'without-name', lines: [8, 9] }];
    const told = [{ code: 'answer-not-asked', line: 8 }, ...asked];
    expect(answersWith(before, told, new Map([['answer.9.total-row', 'total']]))).to.deep.equal([
      { code: 'name-missing', answer: 'without-name', lines: [9] },
      { code: 'total-row', answer: 'total', lines: [9] },
    ]);
  });
});
