/**
 * Who is taken for somebody who may have come before: how many of those who did, however a clerk wrote them, and how
 * few of those who did not. The shares that are printed are those of docs/figures.md.
 */
import { expect } from 'chai';
import { answersFrom } from '../../../../server/domain/files/answers.ts';
import { isStrong, likenessOf } from '../../../../server/domain/files/likeness.ts';
import { type Person, readRegistrations } from '../../../../server/domain/files/registrations.ts';
import { repeatedLines } from '../../../../server/domain/files/repeatedLines.ts';
import { soundOf } from '../../../../server/domain/files/sound.ts';
import { seeded } from '../../../seeded.ts';
import { CORRUPTIONS, peopleOf } from './likePeople.ts';

const SEED = 20_261_130;
const PEOPLE = 10_000;
/** Of each kind; all of them with KUDURRU_LIKE=10000. */
const TRIED = Number(process.env.KUDURRU_LIKE ?? 1_000);
/** Of each kind at least this share is asked about, with a phone and without. */
const LEAST = 0.985;
/** Without name and phone nothing is left but what a village has in common. */
const LOST = 'another name altogether';

const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

function register(people: readonly Person[]) {
  const keepers = new Map<string, Set<number>>();
  people.forEach((person, i) => {
    for (const { key } of likenessOf(person).kept) {
      const before = keepers.get(key);
      if (before === undefined) keepers.set(key, new Set([i]));
      else before.add(i);
    }
  });
  return keepers;
}

describe('who may have come before', function () {
  this.timeout(300_000);

  for (const hasPhone of [true, false]) {
    it(`is asked about whatever one fact was changed, ${hasPhone ? 'with' : 'without'} a phone`, () => {
      const people = peopleOf(seeded(SEED), TRIED, { hasPhone });
      const keepers = register(people);
      for (const [kind, corrupt] of Object.entries(CORRUPTIONS)) {
        const random = seeded(SEED + 1);
        const caught = people.filter((person, i) =>
          likenessOf(corrupt(person, random)).asked.some(({ key }) => keepers.get(key)?.has(i)),
        ).length;
        const share = caught / TRIED;
        console.log(
          `      ${kind} | ${hasPhone ? 'a phone' : 'no phone'} | ${TRIED} tried | ${percent(share)} asked`,
        );
        expect(share, kind).to.be.at.least(kind === LOST && !hasPhone ? 0 : LEAST);
      }
    });
  }

  // of households of five, two in a hundred have another's age and sex by lot alone: twins are asked about
  for (const [what, most, terms] of [
    ['heads of households', 0.002, {}],
    ['everybody of households of five, with one phone', 0.03, { perHousehold: 5 }],
    ['heads without a phone', 0.02, { hasPhone: false }],
    ['everybody of households of five, without a phone', 0.04, { perHousehold: 5, hasPhone: false }],
  ] as const) {
    it(`is seldom somebody else: ${what}`, () => {
      const people = peopleOf(seeded(SEED), PEOPLE, terms);
      const told = repeatedLines(people, answersFrom([]));
      console.log(`      ${what} | ${PEOPLE} tried | ${percent(told.held.length / PEOPLE)} asked falsely`);
      expect(told.held.length / PEOPLE).to.be.at.most(most);
    });
  }

  it('is nobody who has another id, but where name and phone are one', () => {
    const people = peopleOf(seeded(SEED), PEOPLE, { perHousehold: 5 });
    const withId = people.map((person, i) => ({ ...person, nationalId: `N-${i}` }));
    // in a family two may have the same words in another order
    expect(repeatedLines(withId, answersFrom([])).held.length / PEOPLE).to.be.at.most(0.001);
    const [one] = withId;
    if (one === undefined) throw new Error('nobody');
    const twice = [one, { ...one, line: 3, nationalId: 'N-O', village: 'Elsewhere' }];
    const { refused } = repeatedLines(twice, answersFrom([]));
    expect(refused.map(({ code, place }) => `${code} ${place.line}`)).to.deep.equal([
      'line-alike 2',
      'line-alike 3',
    ]);
    expect(likenessOf(one).asked.filter(isStrong)).to.have.length(1);
  });

  it('is settled line by line, and never by an answer about lines that are the same', () => {
    const lines = [
      ';Synthetic Amina Yusuf;0722000001;Well;34',
      ';YUSUF AMINAH synthetic;0722000001;Hill;35',
      ';Synthetic Otieno;0722000001;Well;12',
      ';Synthetic Otieno;0722000009;Well;12',
    ];
    const text = ['id;name;phone;village;age', ...lines].join('\n');
    const read = (answers: { code: string; answer: string; line?: number }[]) => {
      const { people, refused } = readRegistrations(text, { answers });
      return [people.map(({ line }) => line), refused.map(({ code, place }) => `${code} ${place.line}`)];
    };
    const all = ['line-alike 2', 'line-alike 3', 'line-repeated 4', 'line-repeated 5'];
    expect(read([])).to.deep.equal([[], all]);
    expect(read([{ code: 'line-repeated', answer: 'one-person' }])).to.deep.equal([[4], all.slice(0, 2)]);
    const one = [
      { code: 'line-repeated', answer: 'separate-people' },
      { code: 'line-alike', answer: 'one-person' },
    ];
    expect(read(one)).to.deep.equal([[2, 4, 5], []]);
    const mixed = [
      { code: 'line-alike', answer: 'separate-people', line: 2 },
      { code: 'line-alike', answer: 'separate-people', line: 3 },
    ];
    expect(read(mixed)).to.deep.equal([[2, 3], all.slice(2)]);
  });

  it('is heard through spellings and scripts, and short names by their vowels', () => {
    for (const same of [
      ['Mohammed', 'MUHAMMAD', 'Mohamed', 'محمد', 'مُحَمَّد'],
      ['Fatima', 'Fatimah', 'فاطمة'],
      ['Yusuf', 'Youssef', 'يوسف'],
      ['Sergey', 'Sergei', 'Сергей'],
      ['Giorgos', 'Γιώργος'],
      ['Łukasz', 'Lukasz', 'LUKASZ'],
      ['Aisha', 'Aysha', 'Aicha', 'عائشة'],
    ])
      expect([...new Set(same.map(soundOf))], same.join()).to.have.length(1);
    for (const [one = '', other = ''] of [
      ['Li', 'Lo'],
      ['000112', '000012'],
      ['Ali', 'Ala'],
      ['Peter', 'Paul'],
      ['Amina', 'Amara'],
    ])
      expect(soundOf(one), one).to.not.equal(soundOf(other));
  });

  it('costs a line as much in a long list as in a short one', () => {
    const took = (count: number) => {
      const people = peopleOf(seeded(SEED), count).map((person) => ({
        ...person,
        village: 'One',
        sex: 'female',
      }));
      const from = performance.now();
      repeatedLines(people, answersFrom([]));
      return (performance.now() - from) / count;
    };
    took(1_000);
    expect(took(20_000) / took(2_000)).to.be.below(6);
  });
});
