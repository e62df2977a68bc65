/**
 * The people of a file, taken before any act: who they are goes to the vault, ids of their sector come back.
 *
 * Promises: a file is read whole before anything of it is kept, each of its lines is taken, refused by name or asked
 * about, and what is taken is written in parcels of lines that stand by themselves; a line of the same file, read by the
 * same sheet and columns, is the same person however often and after whichever stop it comes again; nobody is doubled, and
 * no two lines are one person, without an officer's answer. A dry run writes nothing. Nothing here reaches the ledger.
 * `http` and the desk of lists call it, `main` wires it.
 */
import { randomInt } from 'node:crypto';
import type { Bytes32 } from '../domain/base/hex.ts';
import { present } from '../domain/base/present.ts';
import { type Refusal, refusal } from '../domain/base/refusal.ts';
import { type Warning, warning } from '../domain/base/warning.ts';
import { type AnsweredReading, type Answers, answersFrom } from '../domain/files/answers.ts';
import { nearOf } from '../domain/files/key.ts';
import { hasId, likenessOf, markBetween } from '../domain/files/likeness.ts';
import type { LinesCounted, Person } from '../domain/files/registrations.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import type { TableTerms } from '../domain/files/table.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { AccessLog } from '../store/access.ts';
import type { AnsweredFiles } from '../store/answeredFiles.ts';
import type { Identifier, Newcomer, Subjects } from '../store/subjects.ts';
import type { Vault, VaultEntry } from '../store/vault.ts';
import type { FileReader, TaskOffice } from '../threads/fileReader.ts';
import { type FileRead, refusalOf } from '../threads/messages.ts';
import {
  countsOf,
  type Preview,
  previewOf,
  readingsOf,
  refusedIn,
  type Sender,
  totalOf,
  unaskedOf,
} from './fileOutcome.ts';
import { type Alike, alikeOf, type FileMet, partedFrom } from './likePeople.ts';
import { type Namesakes, namesakeOf, nextPlaceOf } from './namesakes.ts';
import {
  agencyIdentifier,
  anotherIdentifier,
  detailsIdentifier,
  identifiersOf,
  idsOf,
  lineIdentifier,
  nearIdentifier,
  saidIdentifier,
  storedPerson,
} from './personIdentifiers.ts';

/** One sector for every programme of aid, and one for land: an id of the one is useless in the other (AA5). */
export type Sector = 'aid' | 'land';
const AID_SECTOR: Sector = 'aid';
/** A new epoch gives everybody another id. */
const SECTOR_EPOCH = 1;

export interface IntakeDependencies {
  readonly subjects: Subjects;
  readonly vault: Vault;
  readonly answered: AnsweredFiles;
  readonly accessLog: Pick<AccessLog, 'note'>;
  readonly nowMs: () => number;
  /** The thread that reads tables. */
  readonly reader: FileReader;
}

export interface EnrolmentTerms extends Pick<TableTerms, 'declaredCount' | 'declaredUnits'> {
  readonly isIdRequired?: boolean;
}

export interface EnrolledPerson {
  readonly line: number;
  /** What this agency's sector calls the person. */
  readonly personId: Bytes32;
  /** What the person is granted, where the file has a column of it. */
  readonly units?: number;
}

export interface Enrolments {
  readonly read: number;
  /** Of a workbook: the one that was read. */
  readonly sheet: string | undefined;
  readonly people: readonly EnrolledPerson[];
  /** Of these people. */
  readonly units: bigint;
  readonly refusedCount: LinesCounted;
  readonly passedOver: LinesCounted;
  readonly refused: readonly Refusal[];
  readonly refusedTotal: number;
  readonly warnings: readonly Warning[];
  /** Columns of the file that were not kept. */
  readonly ignored: readonly string[];
}

/** What became of one line. */
type Met =
  | { readonly kind: 'newcomer'; readonly person: Person; readonly newcomer: Newcomer }
  | Known
  | {
      readonly kind: 'left-out';
      readonly person: Person;
      readonly warnings: readonly Warning[];
      readonly about: About;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly about: About };

/** Of whom an answer says that they are enrolled. */
type About = readonly SubjectRef[];

interface Known {
  readonly kind: 'known';
  readonly person: Person;
  readonly subject: SubjectRef;
  readonly isChanged: boolean;
  /** An officer answered that it is this person: of the very line, of all that are asked the same, or of this file before. */
  readonly isAnswered: 'exactly' | 'of-all' | 'before' | 'not';
  /** Where somebody enrolled as another person stands among those of the same details, found by a line that is new. */
  readonly namesake?: Identifier;
  readonly warnings?: readonly Warning[];
}

/** One file on its way in. */
interface FileRun extends FileMet, Namesakes {
  readonly people: Map<SubjectRef, Person>;
  readonly sender: string;
  readonly fileHash: string;
  readonly readingTag: string;
  readonly answers: Answers;
  /** How many of the answers that decided something are kept already. */
  readonly kept: { count: number };
  readonly isDryRun: boolean;
}

/** What a file came to. */
interface Taken {
  readonly told: FileRead;
  /** Of a dry run: what became of its lines. */
  readonly met: readonly Met[];
  readonly enrolled: readonly EnrolledPerson[];
  readonly leftOut: readonly Person[];
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

function byLine(one: Pick<Warning, 'place'>, other: Pick<Warning, 'place'>): number {
  return (one.place.line ?? 0) - (other.place.line ?? 0);
}

function lineOf(met: Met): number | undefined {
  return met.kind === 'refused' ? met.refusal.place.line : met.person.line;
}

export class Intake {
  readonly #deps: IntakeDependencies;

  constructor(deps: IntakeDependencies) {
    this.#deps = deps;
  }

  /** How a file would be taken: what is asked of people who came before is asked too, and nothing is kept. */
  async preview(
    file: Uint8Array<ArrayBuffer>,
    sender: Sender,
    settings: FileSettings,
    terms: EnrolmentTerms,
    office: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Preview> {
    const taken = await this.#take(file, sender, settings, terms, { isDryRun: true }, office);
    const preview = previewOf(taken.told);
    const warnings = [...taken.warnings].sort(byLine);
    // why the whole file is refused stands first
    if (taken.told.isRefusedWhole) return Object.assign(preview, { warnings });
    const isMet = ({ kind }: Met) => kind === 'newcomer' || kind === 'known';
    const isTaken = new Set(taken.met.filter(isMet).map((one) => lineOf(one)));
    const lines = new Set(taken.met.map((one) => lineOf(one)));
    const rows = preview.rows.filter((row) => {
      const { line } = row as Pick<Person, 'line'>;
      return !lines.has(line) || isTaken.has(line);
    });
    const refused = [...taken.refused].sort(byLine);
    const refusedTotal = totalOf(taken.told, refused);
    return Object.assign(preview, { refused, refusedTotal, warnings, rows, good: isTaken.size });
  }

  /** Enrols the people of a file with one agency: nobody twice, whoever enrolled before is found again. */
  async enrol(
    file: Uint8Array<ArrayBuffer>,
    sender: Sender,
    settings: FileSettings,
    terms: EnrolmentTerms,
    office: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Enrolments> {
    const taken = await this.#take(file, sender, settings, terms, { isDryRun: false }, office);
    const { told, enrolled, leftOut } = taken;
    const { read, sheet, ignored } = told;
    const [refused, warnings] = [[...taken.refused].sort(byLine), [...taken.warnings].sort(byLine)];
    const people = [...enrolled].sort((a, b) => a.line - b.line);
    const refusedTotal = totalOf(told, refused);
    const counts = Object.assign(countsOf(told, people, leftOut), { refusedTotal });
    return { read, sheet, people, ...counts, refused, warnings, ignored };
  }

  async #take(
    file: Uint8Array<ArrayBuffer>,
    { id: sender, institution: agency }: Sender,
    settings: FileSettings,
    terms: EnrolmentTerms,
    { isDryRun }: { readonly isDryRun: boolean },
    { signal, onProgress }: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Taken> {
    const { answered, reader } = this.#deps;
    const enrolled: EnrolledPerson[] = [];
    const all: Met[] = [];
    const refused: Refusal[] = [];
    const warnings: Warning[] = [];
    const leftOut: Person[] = [];
    let before: readonly AnsweredReading[] = [];
    let told: FileRead | undefined;
    let run: FileRun | undefined;
    const task = { kind: 'people', file, settings, terms } as const;
    await reader.run(task, {
      signal,
      ...(onProgress && { onProgress }),
      onPart: async (part) => {
        if (part.kind === 'file') {
          before = await answered.of(agency, part.fileHash);
          return before;
        }
        if (part.kind === 'read') {
          told = part.read;
          const { fileHash, readingTag } = told;
          refused.push(...(isDryRun ? told.refused.map(refusalOf) : refusedIn(told)));
          warnings.push(...told.warnings);
          const earlier = before.find((one) => one.readingTag === readingTag)?.answers;
          const answers = answersFrom(settings.answers ?? [], earlier);
          run = {
            agency,
            sender,
            people: new Map(),
            since: new Map(),
            rows: new Map(),
            fileHash,
            readingTag,
            answers,
            kept: { count: 0 },
            isDryRun,
          };
        } else if (part.kind === 'people' && run !== undefined) {
          const met = await this.#meetAll(part.people, run);
          await this.#deps.accessLog.note(readingsOf(met, run, this.#deps.nowMs()));
          for (const one of met) {
            if (one.kind === 'refused') refused.push(one.refusal);
            else if (one.kind === 'left-out') leftOut.push(one.person);
            if ('warnings' in one) warnings.push(...one.warnings);
          }
          if (isDryRun) {
            all.push(...met);
            return undefined;
          }
          // before the lines: of whatever stands it is known what decided it, whichever stop comes between
          await this.#keepAnswers(told, run);
          enrolled.push(...(await this.#keep(met, run)));
        }
        return undefined;
      },
    });
    if (told === undefined || run === undefined) throw new Error('a file was read without an outcome');
    if (!isDryRun) await this.#keepAnswers(told, run);
    refused.push(...unaskedOf(run.answers, told));
    return { told, met: all, enrolled, leftOut, refused, warnings };
  }

  async #keepAnswers(told: FileRead | undefined, { agency, fileHash, readingTag, answers, kept }: FileRun) {
    const used = [...(told?.used ?? []), ...answers.used];
    if (used.length === kept.count) return;
    await this.#deps.answered.keep(agency, fileHash, { readingTag, answers: used });
    kept.count = used.length;
  }

  /** Whose line of a roll it is; undefined for nobody. That the agency knows them is the enrolment's to say. */
  async subjectOf(id: string, agency: number): Promise<SubjectRef | undefined> {
    const { subjects } = this.#deps;
    const sectorId = id.toLowerCase();
    return SECTOR_ID.test(sectorId)
      ? subjects.findBySectorId(AID_SECTOR, SECTOR_EPOCH, sectorId as Bytes32)
      : subjects.find(agency, agencyIdentifier(id));
  }

  /** Who an agency means by an id of its sector, or by its own; undefined for somebody it holds no record of. */
  async personOf(id: string, agency: number): Promise<SubjectRef | undefined> {
    return this.#ofAgency(await this.subjectOf(id, agency), agency);
  }

  /** The same by an id of one of these sectors alone. */
  async personIn(
    sectors: readonly Sector[],
    personId: Bytes32,
    agency: number,
  ): Promise<SubjectRef | undefined> {
    for (const sector of sectors) {
      const subject = await this.#deps.subjects.findBySectorId(sector, SECTOR_EPOCH, personId);
      const own = await this.#ofAgency(subject, agency);
      if (own !== undefined) return own;
    }
    return undefined;
  }

  async #ofAgency(subject: SubjectRef | undefined, agency: number): Promise<SubjectRef | undefined> {
    if (subject === undefined) return undefined;
    return (await this.#deps.vault.list(subject, agency)).length > 0 ? subject : undefined;
  }

  /** What the sector calls a person; undefined once the person is erased. */
  async personIdOf(subject: SubjectRef, sector = AID_SECTOR): Promise<Bytes32 | undefined> {
    const { subjects } = this.#deps;
    return (await subjects.isErased(subject)) ? undefined : subjects.sectorId(subject, sector, SECTOR_EPOCH);
  }

  /** A whole number below the limit that nobody can foresee. */
  readonly randomBelow = (limit: number): number => randomInt(limit);

  /**
   * Whoever is known by line or id comes first, so that nobody is asked about whom the officer parted from the line; then
   * each of the others is looked for, and held against the lines before it.
   */
  async #meetAll(people: readonly Person[], run: FileRun): Promise<readonly Met[]> {
    const settled: Met[] = [];
    const settle = async (one: Met) => {
      const met = one.kind === 'known' ? await this.#alone(one, run) : one;
      settled.push(met);
      if (met.kind === 'known') run.people.set(met.subject, met.person);
      else if (met.kind === 'newcomer') run.people.set(met.newcomer.subject, met.person);
    };
    const seen = await Promise.all(
      people.map(async (person) => ({ person, known: await this.#knownAlready(person, run) })),
    );
    for (const { known } of seen) if (known !== undefined) await settle(known);
    const others = seen.filter(({ known }) => known === undefined);
    const found = await Promise.all(others.map(({ person }) => this.#meet(person, run)));
    // of namesakes nobody takes the place of one who comes with the very details
    const isNamesake = (one: Met) => one.kind === 'known' && one.namesake !== undefined && !one.isChanged;
    // and nobody is asked about one who comes with another line
    const isOnceMore = (one: Met) => one.kind === 'refused' && one.refusal.code === 'another-once-more';
    const rankOf = (one: Met) => Number(isOnceMore(one)) - Number(isNamesake(one));
    const inRank = found.map((one, i) => ({ one, person: others[i]?.person }));
    inRank.sort((a, b) => rankOf(a.one) - rankOf(b.one));
    for (const { one: first, person } of inRank) {
      let one = person !== undefined && isOnceMore(first) ? await this.#meet(person, run) : first;
      while (
        one.kind === 'known' &&
        one.isAnswered !== 'exactly' &&
        partedFrom(run, one.person, one.subject) !== undefined
      )
        one = await this.#meet(one.person, run);
      await settle(one);
    }
    return settled;
  }

  /** Who came with this line of this file before, or with the very ids and details that the line has. */
  async #knownAlready(person: Person, run: FileRun): Promise<Known | undefined> {
    const find = (identifier: Identifier) => this.#deps.subjects.find(run.agency, identifier);
    const [byLine, byAnother, bySaid, byDetails] = await Promise.all(
      [
        lineIdentifier(run, person),
        anotherIdentifier(run, person),
        saidIdentifier(run, person),
        detailsIdentifier(person),
      ].map(find),
    );
    const subject = byLine ?? byAnother ?? bySaid;
    if (subject !== undefined) {
      const place = { line: person.line };
      const isLate = DECIDED_ONCE.some((code) => run.answers.isTakenBack(code, place));
      const warnings = [
        ...(isLate ? [warning('answer-too-late', {}, place)] : []),
        ...(subject === byAnother ? [warning('enrolled-as-another', {}, place)] : []),
      ];
      const isAnswered = subject === bySaid ? 'before' : 'not';
      return { kind: 'known', person, subject, isChanged: byDetails !== subject, isAnswered, warnings };
    }
    const [byId, byOther] = new Set(await Promise.all(idsOf(person).map(find)));
    if (byId === undefined || byOther !== undefined || byDetails !== byId) return undefined;
    if (!(await this.#isNewest(byId, person, run))) return undefined;
    return { kind: 'known', person, subject: byId, isChanged: false, isAnswered: 'not' };
  }

  /** Details that were corrected since are as much a change as new ones. */
  #isNewest(subject: SubjectRef, person: Person, { agency }: FileRun): Promise<boolean> {
    return this.#deps.subjects.isNewest(subject, agency, detailsIdentifier(person));
  }

  /** A second line of somebody is a question, unless an officer said of it whose it is. */
  async #alone(known: Known, { agency, people, answers, ...run }: FileRun): Promise<Met> {
    const { person, subject, isAnswered } = known;
    const other = people.get(subject);
    const place = { line: person.line };
    if (other === undefined) return known;
    const isParted = markBetween(person, other) !== undefined;
    const isSaid = isAnswered === 'before' || (isAnswered === 'exactly' && !isParted);
    const answer = isSaid ? undefined : answers.of('person-on-two-lines', place);
    if (!isSaid && answer === undefined)
      return refusedOf(refusal('person-on-two-lines', { other: other.line }, place), subject);
    if (answer !== undefined) answers.note('person-on-two-lines', place, answer);
    if (!run.isDryRun)
      await this.#deps.subjects.alsoFoundBy(subject, agency, [saidIdentifier(run, person)], undefined);
    return {
      kind: 'left-out',
      person,
      warnings: [warning('line-of-one-person', { other: other.line }, place)],
      about: [],
    };
  }

  async #meet(person: Person, run: FileRun): Promise<Met> {
    const { subjects } = this.#deps;
    const { line, nationalId } = person;
    const { agency, answers } = run;
    const place = { line };
    const find = (identifier: Identifier) => subjects.find(agency, identifier);
    const answered = (
      subject: SubjectRef,
      code: 'person-differs' | 'person-known' | 'person-alike' | 'another-once-more',
      isChanged = true,
    ): Promise<Met> => {
      const isAnswered = answers.exactly(code, place) === undefined ? 'of-all' : 'exactly';
      answers.note(code, place, 'same-person');
      return this.#corrected({ kind: 'known', person, subject, isChanged, isAnswered }, run);
    };
    const leaveOut = (
      code: 'person-differs' | 'ids-of-two-people' | 'national-id-alike',
      ...about: About
    ): Met => {
      answers.note(code, place, 'leave-out');
      return { kind: 'left-out', person, warnings: [warning('line-passed-over', {}, place)], about };
    };
    const byDetails = await find(detailsIdentifier(person));
    const ids = idsOf(person);
    const [byId, byOther] = new Set((await Promise.all(ids.map(find))).filter((one) => one !== undefined));
    if (byOther !== undefined) {
      const both = [byId, byOther].filter((one) => one !== undefined);
      if (answers.of('ids-of-two-people', place) === 'leave-out')
        return leaveOut('ids-of-two-people', ...both);
      return refusedOf(refusal('ids-of-two-people', undefined, place), ...both);
    }
    if (byId !== undefined) {
      const answer = answers.of('person-differs', place);
      if (answer === 'leave-out') return leaveOut('person-differs', byId);
      if (answer === 'same-person') return answered(byId, 'person-differs');
      return refusedOf(refusal('person-differs', undefined, place), byId);
    }
    if (nationalId !== undefined && (await this.#isAlike(nationalId, agency))) {
      const answer = answers.of('national-id-alike', place);
      if (answer === 'leave-out') return leaveOut('national-id-alike');
      if (answer === undefined) {
        const others = 'somebody enrolled before';
        return refusedOf(refusal('national-id-alike', { others }, place));
      }
      answers.note('national-id-alike', place, answer);
    }
    const alike = await alikeOf(subjects, run, person);
    const [found] = alike.found;
    const isOther = byDetails === undefined || partedFrom(run, person, byDetails) !== undefined;
    const like = isOther ? found?.subject : byDetails;
    let namesake: Identifier | undefined;
    if (like !== undefined) {
      const code = !isOther || found?.isSame === true ? 'person-known' : 'person-alike';
      const answer = answers.of(code, place);
      if (answer === undefined) return refusedOf(await this.#likeness(code, like, alike, line), like);
      if (answer === 'same-person') {
        const isChanged = byDetails !== like || !(await this.#isNewest(like, person, run));
        return answered(like, code, isChanged);
      }
      answers.note(code, place, answer);
      const another = await namesakeOf(subjects, run, person, byDetails);
      if (another !== undefined) return this.#again(another.subject, another.place, person, run);
      const corrected = await this.#enrolledAsAnother(alike);
      const once = corrected && answers.of('another-once-more', place);
      if (corrected !== undefined && once !== 'another-person') {
        if (once === 'same-person') return answered(corrected, 'another-once-more');
        const personId = await subjects.sectorId(corrected, AID_SECTOR, SECTOR_EPOCH);
        return refusedOf(refusal('another-once-more', { personId }, place), corrected);
      }
      if (once !== undefined) answers.note('another-once-more', place, once);
      namesake = nextPlaceOf(run, person);
    }
    const said = (['person-known', 'person-alike'] as const).find(
      (code) => answers.exactly(code, place) === 'same-person',
    );
    if (like === undefined && alike.parted !== undefined && said !== undefined)
      return answered(alike.parted, said, false);
    const standing = namesake === undefined ? [] : [namesake];
    const identifiers = [lineIdentifier(run, person), ...standing, ...identifiersOf(person)];
    const seenBy = { sector: AID_SECTOR, epoch: SECTOR_EPOCH };
    const newcomer = await subjects.newcomer(agency, identifiers, alike.newcomer, seenBy);
    const asAnother = namesake === undefined ? undefined : { asAnother: true as const };
    return { kind: 'newcomer', person, newcomer: Object.assign(newcomer, asAnother) };
  }

  /** Of those a line is like the first who was enrolled as another: the answer of now may be that of before, of a line that was corrected. */
  async #enrolledAsAnother({ found }: Alike): Promise<SubjectRef | undefined> {
    for (const { subject } of found) if (await this.#deps.subjects.isAnother(subject)) return subject;
    return undefined;
  }

  /** Whoever was enrolled as another person when an officer answered so of an earlier file. */
  async #again(subject: SubjectRef, namesake: Identifier, person: Person, run: FileRun): Promise<Met> {
    const isChanged = !(await this.#isNewest(subject, person, run));
    const warnings = [warning('enrolled-as-another', {}, { line: person.line })];
    return { kind: 'known', person, subject, isChanged, isAnswered: 'not', namesake, warnings };
  }

  /** With new details, if the person can be found by them too. */
  async #corrected(known: Known, { agency }: FileRun): Promise<Met> {
    const { person, subject } = known;
    if (await this.#deps.subjects.hasRoom(subject, agency, identifiersOf(person))) return known;
    return refusedOf(refusal('person-ids-many', undefined, { line: person.line }), subject);
  }

  /** The question, with the id of the one who is most alike: the agency may look them up. */
  async #likeness(
    code: 'person-known' | 'person-alike',
    like: SubjectRef,
    { found, isMore }: Alike,
    line: number,
  ): Promise<Refusal> {
    const personId = await this.#deps.subjects.sectorId(like, AID_SECTOR, SECTOR_EPOCH);
    const people = `${Math.max(1, found.length)}${isMore ? ' or more' : ''}`;
    if (code === 'person-known') return refusal(code, { personId, people }, { line });
    return refusal(code, { personId, facts: found[0]?.facts ?? '', people }, { line });
  }

  /** Whether somebody has this id in another spelling: of one number set apart otherwise, or of what is read alike. */
  async #isAlike(nationalId: string, agency: number): Promise<boolean> {
    const asked = nearOf(nationalId).asked.map(nearIdentifier);
    const found = await Promise.all(asked.map((other) => this.#deps.subjects.find(agency, other)));
    return found.some((one) => one !== undefined);
  }

  async #keep(met: readonly Met[], run: FileRun): Promise<EnrolledPerson[]> {
    const { subjects, vault } = this.#deps;
    const { agency } = run;
    const entries: VaultEntry[] = [];
    const newcomers: Newcomer[] = [];
    const used = new Set<string>();
    const taken: { person: Person; subject: SubjectRef }[] = [];
    /** Two people of one name are found by their lines, and the first by the details. */
    const first = (keys: readonly string[] = []) => {
      const free = keys.filter((key) => !used.has(key));
      for (const key of free) used.add(key);
      return free;
    };
    for (const one of met) {
      if (one.kind !== 'newcomer' && one.kind !== 'known') continue;
      const { person } = one;
      const subject = one.kind === 'known' ? one.subject : one.newcomer.subject;
      taken.push({ person, subject });
      if (one.kind === 'newcomer') {
        const { lookups, passing } = one.newcomer;
        newcomers.push({ ...one.newcomer, lookups: first(lookups), passing: first(passing) });
      } else if (!one.isChanged) continue;
      const record = storedPerson(person);
      entries.push({ subject, agency, type: 'person', group: '', id: 'self', record });
    }
    await vault.put(entries, newcomers);
    for (const one of met) {
      if (one.kind !== 'known') continue;
      const { person, subject, namesake } = one;
      const isSaid = one.isAnswered === 'exactly' || one.isAnswered === 'of-all';
      const byLine = isSaid ? [saidIdentifier(run, person)] : [];
      if (namesake !== undefined) byLine.push(anotherIdentifier(run, person), namesake);
      if (!one.isChanged && byLine.length === 0) continue;
      const alike = { isIdKnown: hasId(person), marks: likenessOf(person).kept.map(({ key }) => key) };
      await subjects.alsoFoundBy(subject, agency, [...byLine, ...identifiersOf(person)], alike);
    }
    return Promise.all(
      taken.map(async ({ person: { line, units }, subject }): Promise<EnrolledPerson> => {
        const personId = await subjects.sectorId(subject, AID_SECTOR, SECTOR_EPOCH);
        return { line, personId, ...present({ units }) };
      }),
    );
  }
}

const refusedOf = (of: Refusal, ...about: About): Met => ({ kind: 'refused', refusal: of, about });

const SECTOR_ID = /^0x[0-9a-f]{64}$/;

/** Whose a line is, which no later answer of the same file changes. */
const DECIDED_ONCE = [
  'person-known',
  'person-alike',
  'another-once-more',
  'person-differs',
  'national-id-alike',
] as const;
