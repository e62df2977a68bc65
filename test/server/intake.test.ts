/**
 * Lists as dishonest and clumsy agencies send them, made by lot: shuffled, cut, corrected, answered for other lines or all at
 * once. Whatever comes, nobody is doubled or joined but by an officer's answer. Real stores, and the thread that reads files.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { Intake } from '../../server/desk/intake.ts';
import { present } from '../../server/domain/base/present.ts';
import { refusals } from '../../server/domain/base/refusal.ts';
import type { FileAnswer } from '../../server/domain/files/answers.ts';
import { hasId, markBetween } from '../../server/domain/files/likeness.ts';
import { type Person, readRegistrations } from '../../server/domain/files/registrations.ts';
import { AccessLog } from '../../server/store/access.ts';
import { AnsweredFiles } from '../../server/store/answeredFiles.ts';
import { Subjects } from '../../server/store/subjects.ts';
import { Vault } from '../../server/store/vault.ts';
import { type FileReader, openFileReader } from '../../server/threads/fileReader.ts';
import { openStores, type Stores } from '../../server/wiring/stores.ts';
import { type Seeded, seeded } from '../seeded.ts';

const SEED = 70;
const LISTS = Number(process.env.KUDURRU_LISTS ?? 120);
const AGENCY = 1;

const HEADER = ['national_id', 'registration_id', 'name', 'phone', 'village', 'age', 'units'];
const NAMES = [
  'Amina Yusuf',
  'Yusuf Amina',
  'Aminah Youssef',
  'Halima Omar',
  'Omar Halima',
  'Amina Omar',
  '',
];
/** Few of everything, so that most lines meet. */
const CELLS: readonly (readonly string[])[] = [
  ['', '', '', '', 'N-1', 'N-2', 'n/1', '12', '12.000', '1 2'],
  ['', '', '', 'R-1', 'R-2', 'R-3'],
  NAMES,
  ['', '0722000001', '0722000002'],
  ['', 'Well', 'Hill'],
  ['', '30', '31'],
  ['1', '2', '0'],
];
const QUESTIONS = Object.entries(refusals).flatMap(([code, row]) =>
  'answers' in row && !code.startsWith('parcel') ? [{ code, answers: row.answers as readonly string[] }] : [],
);
const LINE_BY_LINE = new Set(['line-alike', 'person-alike', 'another-once-more', 'person-on-two-lines']);

const WITHOUT_NAME = [{ code: 'name-missing', answer: 'without-name' }];

/** An id that was known once is known, whatever a later line says. */
const idsOf = ({ nationalId, agencyId }: Partial<Person> = {}) => present({ nationalId, agencyId });

const whoOf = ({ name, phone, village, ageYears }: Person) =>
  JSON.stringify([name, phone, village, ageYears]);

const listOf = (random: Seeded) =>
  Array.from({ length: 1 + random.below(9) }, () => CELLS.map((some) => random.pick(some)));

function shuffled(random: Seeded, rows: readonly (readonly string[])[]) {
  const left = [...rows];
  return Array.from({ length: left.length }, () => left.splice(random.below(left.length), 1)[0] ?? []);
}

/** The list before it as it was, in another order, in part, or with a cell corrected; or another one. */
function nextList(random: Seeded, rows: readonly (readonly string[])[]) {
  switch (random.below(5)) {
    case 0:
      return rows;
    case 1:
      return shuffled(random, rows);
    case 2:
      return rows.slice(0, 1 + random.below(rows.length));
    case 3:
      return rows.map((row) => {
        const at = random.below(CELLS.length);
        return random.below(2) === 0 ? row : row.with(at, random.pick(CELLS[at] ?? []));
      });
    default:
      return listOf(random);
  }
}

function answersBy(random: Seeded, lines: number): FileAnswer[] {
  return Array.from({ length: random.below(8) }, (): FileAnswer => {
    const { code, answers } = random.pick(QUESTIONS);
    const isOfAll = !LINE_BY_LINE.has(code) && random.below(2) === 0;
    const answer = random.pick(answers);
    return isOfAll ? { code, answer } : { code, answer, line: 2 + random.below(lines + 1) };
  });
}

describe('lists of dishonest and clumsy agencies', function () {
  this.timeout(300_000);
  let folder: string;
  let stores: Stores;
  let reader: FileReader;
  let intake: Intake;
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-intake-'));
    stores = await openStores(path.join(folder, 'data'), pino({ level: 'silent' }));
    const { store, keys, dataKeys } = stores;
    reader = openFileReader();
    const subjects = new Subjects(store, keys);
    const answered = new AnsweredFiles(store, keys);
    const accessLog = new AccessLog(store);
    const vault = new Vault(store, dataKeys);
    intake = new Intake({ subjects, vault, answered, accessLog, nowMs: Date.now, reader });
  });
  after(async () => {
    await reader?.close();
    await stores?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const textOf = (rows: readonly (readonly string[])[]) =>
    [HEADER, ...rows].map((row) => row.join(';')).join('\n');
  const send = (text: string, answers: readonly FileAnswer[], agency: number) =>
    intake.enrol(new TextEncoder().encode(text), { id: 'token:1', institution: agency }, { answers }, {});

  it('double nobody and join nobody but by an answer, and are answered the same when they come again', async () => {
    const random = seeded(SEED);
    let [lines, taken, asked, agency] = [0, 0, 0, AGENCY];
    /** Of everybody enrolled, what they came with last. */
    let known = new Map<string, Person>();
    /** As whom a line of a list was taken. */
    let sent = new Map<string, string>();
    /** Who was enrolled as another person, by what says who somebody without an id is. */
    let others = new Map<string, Set<string>>();
    let rows: readonly (readonly string[])[] = listOf(random);
    for (let tried = 0; tried < LISTS; tried++) {
      if (tried % 12 === 0) [agency, known, sent, others] = [AGENCY + tried, new Map(), new Map(), new Map()];
      const text = textOf(rows);
      const answers = answersBy(random, rows.length);
      const said = () => JSON.stringify({ tried, text, answers });
      const told = await send(text, answers, agency);
      const again = await send(text, answers, agency);
      expect(again, said()).to.deep.equal(told);
      const warnings = told.warnings.filter(({ code }) => code !== 'answer-too-late');
      const refused = told.refused.filter(({ code }) => code !== 'answer-not-asked');
      const refusedTotal = told.refusedTotal - (told.refused.length - refused.length);
      const unanswered = Object.assign({}, told, { warnings, refused, refusedTotal });
      expect(await send(text, [], agency), said()).to.deep.equal(unanswered);
      const isEnrolledBefore = (line: number) =>
        told.warnings.some(({ code, place }) => code === 'enrolled-as-another' && place.line === line);
      const ids = told.people.map(({ personId }) => personId);
      expect(new Set(ids).size, `one person on two lines: ${said()}`).to.equal(ids.length);
      expect(told.read, said()).to.equal(ids.length + told.refusedCount.lines + told.passedOver.lines);

      const personOf = new Map(
        rows.flatMap((row, i) => {
          const alone = readRegistrations(textOf([row]), { answers: WITHOUT_NAME });
          return alone.people.map((person): [number, Person] => [i + 2, { ...person, line: i + 2 }]);
        }),
      );
      const isSaid = (line: number, some: readonly string[]) =>
        answers.some((one) => some.includes(one.answer) && (one.line ?? line) === line);
      for (const { line, personId } of told.people) {
        const person = personOf.get(line);
        if (person === undefined) throw new Error(`line ${line} was read in one way only: ${said()}`);
        const before = known.get(personId);
        if (before === undefined) {
          for (const [other, theirs] of known) {
            if (markBetween(person, theirs) === undefined) continue;
            const isParted = told.people.some((one) => one.personId === other);
            const isOther = isSaid(line, ['another-person', 'separate-people']);
            expect(isOther || isParted, `doubled, line ${line}: ${said()}`).to.equal(true);
          }
        } else {
          const isSameId = [person.nationalId, person.agencyId].some(
            (id) => id !== undefined && [before.nationalId, before.agencyId].includes(id),
          );
          const isSameLine = sent.get(`${line} ${text}`) === personId;
          const isAgain =
            isEnrolledBefore(line) &&
            isSaid(line, ['another-person']) &&
            others.get(whoOf(person))?.has(personId) === true;
          expect(
            isSameId || isSameLine || isAgain || isSaid(line, ['same-person']),
            `joined, line ${line}: ${said()}`,
          ).to.equal(true);
        }
        if (before === undefined && !hasId(person) && isSaid(line, ['another-person'])) {
          const row = others.get(whoOf(person)) ?? new Set();
          for (const other of isSaid(line, ['separate-people']) ? [] : row)
            expect(ids, `one more of the same, line ${line}: ${said()}`).to.include(other);
          // who was like nobody was not asked about, and is another than nobody
          const isAsked = [...known].some(
            ([other, theirs]) => markBetween(person, theirs) !== undefined && !ids.some((id) => id === other),
          );
          if (isAsked) others.set(whoOf(person), row.add(personId));
        }
      }
      for (const { line, personId } of told.people) {
        const person = personOf.get(line);
        // an old list that comes again takes back no correction
        const before = known.get(personId);
        if (person === undefined || (before !== undefined && sent.has(`${line} ${text}`))) continue;
        known.set(personId, Object.assign({}, idsOf(before), person));
      }
      for (const { line, personId } of told.people) sent.set(`${line} ${text}`, personId);
      [lines, taken, asked] = [lines + told.read, taken + ids.length, asked + told.refusedCount.lines];
      rows = nextList(random, rows);
    }
    console.log(
      `      lists by lot | seed ${SEED} | ${LISTS} tried | ${lines} lines, ${taken} taken, ${asked} asked | 0 lost`,
    );
    expect(taken).to.be.greaterThan(LISTS / 2);
    expect(asked).to.be.greaterThan(LISTS / 2);
  });
});
