/**
 * Who is taken for somebody who may have come before: how many of those who did, however a clerk wrote them, and how
 * few of those who did not. The shares that are printed are those of docs/figures.md.
 */
import { expect } from 'chai';
import { present } from '../../../../server/domain/base/present.ts';
import { answerFaults, answersFrom, type FileAnswer } from '../../../../server/domain/files/answers.ts';
import { isStrong, likenessOf, markBetween } from '../../../../server/domain/files/likeness.ts';
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
    expect(refused.map(({ code, place, holes }) => [code, place.line, holes.other])).to.deep.equal([
      ['line-alike', 3, 2],
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
    expect(read([])).to.deep.equal([
      [2, 4],
      ['line-alike 3', 'line-repeated 5'],
    ]);
    expect(read([{ code: 'line-repeated', answer: 'one-person' }])).to.deep.equal([[2, 4], ['line-alike 3']]);
    const one = [
      { code: 'line-repeated', answer: 'separate-people' },
      { code: 'line-alike', answer: 'one-person', line: 3 },
    ];
    expect(read(one)).to.deep.equal([[2, 4, 5], []]);
    expect(read([{ code: 'line-alike', answer: 'separate-people', line: 3 }])).to.deep.equal([
      [2, 3, 4],
      ['line-repeated 5'],
    ]);
    const ofAll = { code: 'line-alike', answer: 'one-person' };
    expect(read([ofAll]), 'an answer for all lines').to.deep.equal(read([]));
    expect(answerFaults([ofAll], 'people').map(({ code }) => code)).to.deep.equal(['answer-without-line']);
  });

  const linesOf = (
    ...rows: readonly (readonly [name: string, phone?: string, village?: string, age?: number])[]
  ) =>
    rows.map(
      ([name, phone, village, ageYears], i): Person => ({
        line: i + 2,
        name,
        ...present({ phone, village, ageYears }),
      }),
    );
  // the second is like both, who have nothing in common
  const CHAIN = linesOf(
    ['Synthetic Amina', '0722000001', 'Well'],
    ['Synthetic Amina', '0722000002', 'Well'],
    ['Amina Synthetic', '0722000002', 'Hill'],
  );

  it('is asked with the lines that are alike, and of a chain each is held against its own neighbour', () => {
    const { refused } = repeatedLines(CHAIN, answersFrom([]));
    expect(
      refused.map(({ code, place, holes }) => [code, place.line, holes.other, holes.others]),
    ).to.deep.equal([
      ['line-repeated', 3, 2, 'line 2'],
      ['line-alike', 4, 3, 'line 3'],
    ]);
    expect(markBetween(...([CHAIN[0], CHAIN[2]] as [Person, Person]))).to.equal(undefined);
  });

  it('is never passed over for somebody who is not alike, but by an answer of the very line', () => {
    const random = seeded(SEED + 7);
    const words = ['Amina', 'Yusuf', 'Halima', 'Omar'];
    const codes = ['line-repeated', 'line-alike'];
    for (let tried = 0; tried < 2_000; tried++) {
      const people = Array.from({ length: 3 + random.below(6) }, (_, i): Person => {
        const name = `${random.pick(words)} ${random.pick(words)}`;
        const phone = random.below(3) > 0 ? `072200000${random.below(3)}` : undefined;
        const village = random.below(3) > 0 ? random.pick(['Well', 'Hill']) : undefined;
        const nationalId = random.below(5) === 0 ? `N-${i}` : undefined;
        return { line: i + 2, name, ...present({ phone, village, nationalId }) };
      });
      const answers: FileAnswer[] = [
        { code: 'line-repeated', answer: random.pick(['one-person', 'separate-people']) },
        ...people.flatMap(({ line }) =>
          random.below(2) === 0
            ? []
            : [{ code: random.pick(codes), answer: random.pick(['one-person', 'separate-people']), line }],
        ),
      ];
      const { held, refused, passed } = repeatedLines(people, answersFrom(answers));
      const taken = people.filter(({ line }) => !held.includes(line));
      const asked = new Set(refused.map(({ place }) => place.line));
      for (const person of people.filter(({ line }) => passed.has(line))) {
        const isExact = answers.some(({ line, answer }) => line === person.line && answer === 'one-person');
        const isAlike = people.some((one) => !passed.has(one.line) && markBetween(person, one) !== undefined);
        expect(isExact || isAlike, JSON.stringify([people, answers])).to.equal(true);
      }
      for (const person of taken) {
        const others = taken.filter((one) => one !== person && markBetween(person, one) !== undefined);
        const isParted = (one: Person) =>
          answers.some(
            ({ line, answer }) =>
              answer === 'separate-people' && [undefined, person.line, one.line].includes(line),
          );
        expect(others.every(isParted), JSON.stringify([people, answers])).to.equal(true);
      }
      expect(asked.size + taken.length + passed.size).to.equal(people.length);
    }
  });

  it('costs a line as much where a whole file is of one name: nobody is looked at more often for it', () => {
    const LINES = 20_000;
    let looks = 0;
    const counting: ProxyHandler<Person> = {
      get(person, fact) {
        looks += 1;
        return Reflect.get(person, fact);
      },
    };
    const people = Array.from({ length: LINES }, (_, i) => {
      return new Proxy<Person>(
        { line: i + 2, name: 'Synthetic One Name', village: 'Well', ageYears: 30 },
        counting,
      );
    });
    const all = (answer: string) => [{ code: 'line-repeated', answer }];
    for (const answers of [[], all('one-person'), all('separate-people')]) {
      looks = 0;
      const { refused, passed } = repeatedLines(people, answersFrom(answers));
      expect(looks / LINES, JSON.stringify(answers)).to.be.below(60);
      const isParted = answers.some(({ answer }) => answer === 'separate-people');
      expect(refused.length + passed.size).to.equal(isParted ? 0 : LINES - 1);
      const others = 'lines 2, 3, 4, 5, 6, 7, 8, 9 and more';
      if (answers.length === 0) expect(refused.at(-1)?.holes).to.include({ lines: LINES, other: 2, others });
    }
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
});
