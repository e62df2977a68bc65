/**
 * What an officer answers of lines that nobody asked about, in words that no question has, or of another kind of file: it is
 * refused with the line and with what was asked, and whatever was asked can be answered at once and again.
 */
import { expect } from 'chai';
import { refusals } from '../../../../server/domain/base/refusal.ts';
import {
  answerFaults,
  type FileAnswer,
  type FileKind,
  QUESTIONS,
} from '../../../../server/domain/files/answers.ts';
import { readRows } from '../../../../server/domain/files/csv.ts';
import { readRegistrations } from '../../../../server/domain/files/registrations.ts';
import { rollReader } from '../../../../server/domain/files/roll.ts';
import { readParcels } from '../../../../server/domain/survey/parcels.ts';
import { collection, feature, square } from '../survey/parcelFiles.ts';

const LIST = [
  'national_id;name;phone;village;units',
  ';Synthetic Double;;Dale;1',
  ';Synthetic Double;;Dale;1',
  'Q-1;Synthetic Ida;0722100001;Dale;1',
  ';Ida Synthetic;0722100001;Rise;1',
  'Q-7;;0722100009;Dale;1',
  '3-Jan;Synthetic Omar;;Dale;1',
  ';TOTAL;;;7',
].join('\n');

const read = (answers: readonly FileAnswer[]) => {
  const { refused, people } = readRegistrations(LIST, { answers });
  return {
    refused: refused.map(({ code, place }) => `${code} ${place.line}`),
    told: refused.filter(({ code }) => code === 'answer-not-asked').map(({ message }) => message),
    people,
  };
};
/** Each question of the file answered, one line each. */
const ALL: readonly FileAnswer[] = [
  { code: 'line-repeated', answer: 'separate-people', line: 3 },
  { code: 'line-alike', answer: 'one-person', line: 5 },
  { code: 'name-missing', answer: 'without-name', line: 6 },
  { code: 'id-like-date', answer: 'as-written', line: 7 },
  { code: 'total-row', answer: 'total', line: 8 },
];

describe('an answer', () => {
  it('of a line that was not asked is refused by that line, with what was asked, and the others count', () => {
    expect(read(ALL).refused).to.deep.equal([]);
    const wrong = { code: 'line-alike', answer: 'one-person', lines: [4, 99] };
    const { refused, told } = read([...ALL, wrong]);
    expect(refused).to.deep.equal(['answer-not-asked 4', 'answer-not-asked 99']);
    expect(told[0]).to.include('`line-alike` of line 4').and.include('line-alike of line 5');
    expect(told[1]).to.include('`line-alike` of line 99');
    for (const { code, answer } of ALL)
      expect(read([{ code, answer, line: 1_000 }]).refused, code).to.include('answer-not-asked 1000');
    expect(read([{ code: 'person-known', answer: 'same-person', line: 1_000 }]).refused).to.include(
      'answer-not-asked 1000',
    );
  });

  it('of a line of which something else is asked, or of a feature of a table, is refused too', () => {
    expect(read([...ALL, { code: 'total-row', answer: 'person', line: 3 }]).refused).to.deep.equal([
      'answer-not-asked 3',
    ]);
    const ofFeature = read([...ALL, { code: 'total-row', answer: 'total', feature: 8 }]);
    expect(ofFeature.told.join()).to.include('feature 8');
  });

  it('of all that is asked at once is taken, though one settles what another was asked about', () => {
    const chain = [
      'name;phone',
      'Synthetic Ada One;0722100001',
      'Ada One Synthetic;0722100001',
      'Ada Synthetic One;0722100001',
    ];
    const asked = readRegistrations(chain.join('\n')).refused;
    expect(asked.length).to.be.greaterThan(1);
    for (const answer of ['one-person', 'separate-people']) {
      const answers = asked.map(({ code, place }) => ({ code, answer, line: place.line ?? 0 }));
      expect(readRegistrations(chain.join('\n'), { answers }).refused, answer).to.deep.equal([]);
    }
  });

  it('of a roll or a map where nothing is asked refuses it there, and is taken where something is', () => {
    const terms = { declaredCount: 1, declaredUnits: 3n };
    const roll = (answers: readonly FileAnswer[]) =>
      readRows('id;units\np-1;3\nTotal;3', {}, rollReader({ ...terms, answers })).refused.map(
        ({ code, place }) => `${code} ${place.line}`,
      );
    expect(roll([{ code: 'total-row', answer: 'total', line: 3 }])).to.deep.equal([]);
    expect(roll([{ code: 'total-row', answer: 'total', lines: [2, 3] }])).to.deep.equal([
      'answer-not-asked 2',
    ]);
    const map = collection([feature('A', [square(1, 1)]), feature('B', [square(1.001 - 1e-6, 1)])]);
    const parcels = (answers: readonly FileAnswer[]) =>
      readParcels(map, { answers }).refused.map(
        ({ code, place }) => `${code} ${place.feature ?? place.line}`,
      );
    const both = [1, 2].map((at) => ({ code: 'parcel-overlaps', answer: 'register', feature: at }));
    expect(parcels(both)).to.deep.equal([]);
    expect(parcels([...both, { code: 'parcel-overlaps', answer: 'register', feature: 7 }])).to.deep.equal([
      'answer-not-asked 7',
    ]);
    expect(parcels([...both, { code: 'parcel-overlaps', answer: 'register', line: 2 }])).to.deep.equal([
      'answer-not-asked 2',
    ]);
  });

  it('in a word that the question has not is refused with the line and the words it has', () => {
    const given = [{ code: 'total-row', answer: 'maybe', line: 8 }];
    const [fault] = answerFaults(given, 'people');
    expect([fault?.code, fault?.place.line]).to.deep.equal(['answer-unknown', 8]);
    expect(fault?.message).to.include('total, person');
  });

  it('to a question that such a file never asks is refused with those that it may ask', () => {
    const codes = Object.entries(refusals).flatMap(([code, row]) =>
      'answers' in row ? [{ code, answer: row.answers[0] }] : [],
    );
    const asked = new Set(Object.values(QUESTIONS).flat());
    expect(codes.map(({ code }) => code).toSorted()).to.deep.equal([...asked].toSorted());
    for (const kind of Object.keys(QUESTIONS) as FileKind[]) {
      for (const { code, answer } of codes) {
        const faults = answerFaults([{ code, answer, line: 2 }], kind).map((fault) => fault.code);
        const isAsked = (QUESTIONS[kind] as readonly string[]).includes(code);
        expect(faults, `${code} of ${kind}`).to.deep.equal(isAsked ? [] : ['question-unknown']);
      }
    }
  });
});
