/**
 * The people of a file, taken before any act: who they are goes to the vault, ids of their sector come back.
 *
 * Promises: a file is read whole before anything of it is kept, each of its lines is taken, refused by name or asked
 * about, and what is taken is written in parcels of lines that stand by themselves; a line of the same file is the same
 * person however often and after whichever stop it comes again; nobody is doubled without an officer's answer. A dry run
 * writes nothing. Nothing here reaches the ledger. `http` and the desk of lists call it, `main` wires it.
 */
import { randomInt } from 'node:crypto';
import type { Bytes32 } from '../domain/base/hex.ts';
import { present } from '../domain/base/present.ts';
import { type Refusal, refusal } from '../domain/base/refusal.ts';
import { type Warning, warning } from '../domain/base/warning.ts';
import { type Answers, answersFrom } from '../domain/files/answers.ts';
import { idKeyOf, keyOf, nearKeyOf } from '../domain/files/key.ts';
import type { Person } from '../domain/files/registrations.ts';
import { hasId } from '../domain/files/repeatedLines.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import type { TableTerms } from '../domain/files/table.ts';
import type { Person as StoredPerson, SubjectRef } from '../domain/people/schema.ts';
import type { Identifier, Newcomer, Subjects } from '../store/subjects.ts';
import type { Vault, VaultEntry } from '../store/vault.ts';
import type { FileReader, TaskOffice } from '../threads/fileReader.ts';
import type { FileRead } from '../threads/messages.ts';
import { type Preview, previewOf, readOnly, refusedIn } from './fileOutcome.ts';
import { type AlikeFound, alikeOf, keptOf } from './likePeople.ts';

/** One sector for every programme of aid, and one for land: an id of the one is useless in the other (AA5). */
export type Sector = 'aid' | 'land';
const AID_SECTOR: Sector = 'aid';
/** A new epoch gives everybody another id. */
const SECTOR_EPOCH = 1;
/** People of one file: each is answered, so the answer is bounded by this too. */
const PEOPLE_PER_FILE_MAX = 20_000;

export interface IntakeDependencies {
  readonly subjects: Subjects;
  readonly vault: Vault;
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
  readonly people: readonly EnrolledPerson[];
  readonly units: bigint;
  readonly refused: readonly Refusal[];
  readonly warnings: readonly Warning[];
  /** Columns of the file that were not kept. */
  readonly ignored: readonly string[];
}

/** What became of one line. */
type Met =
  | { readonly kind: 'newcomer'; readonly person: Person; readonly newcomer: Newcomer }
  | {
      readonly kind: 'known';
      readonly person: Person;
      readonly subject: SubjectRef;
      readonly isChanged: boolean;
    }
  | { readonly kind: 'left-out'; readonly warning: Warning }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export class Intake {
  readonly #deps: IntakeDependencies;

  constructor(deps: IntakeDependencies) {
    this.#deps = deps;
  }

  /** How a file would be read; what is known of people who came before is not asked. */
  async preview(
    file: Uint8Array<ArrayBuffer>,
    settings: FileSettings,
    terms: EnrolmentTerms,
  ): Promise<Preview> {
    const task = { kind: 'people', file, settings, terms, isDryRun: true } as const;
    return previewOf(await readOnly((office) => this.#deps.reader.run(task, office)));
  }

  /** Enrols the people of a file with one agency: nobody twice, whoever enrolled before is found again. */
  async enrol(
    file: Uint8Array<ArrayBuffer>,
    agency: number,
    settings: FileSettings,
    terms: EnrolmentTerms,
    { signal, onProgress }: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Enrolments> {
    const answers = answersFrom(settings.answers ?? []);
    const enrolled: EnrolledPerson[] = [];
    const refused: Refusal[] = [];
    const warnings: Warning[] = [];
    let told: FileRead | undefined;
    const task = { kind: 'people', file, settings, terms, isDryRun: false } as const;
    await this.#deps.reader.run(task, {
      signal,
      ...(onProgress && { onProgress }),
      onPart: async (part) => {
        if (part.kind === 'read') {
          told = part.read;
          refused.push(...refusedIn(told));
          warnings.push(...told.warnings);
          if (told.read > PEOPLE_PER_FILE_MAX)
            throw refusal('file-too-many-lines', { limit: PEOPLE_PER_FILE_MAX });
        } else if (part.kind === 'people' && told !== undefined) {
          const { fileHash } = told;
          const met = await Promise.all(
            part.people.map((person) => this.#meet(person, agency, fileHash, answers)),
          );
          for (const one of met) {
            if (one.kind === 'refused') refused.push(one.refusal);
            else if (one.kind === 'left-out') warnings.push(one.warning);
          }
          enrolled.push(...(await this.#keep(met, agency)));
        }
        return undefined;
      },
    });
    if (told === undefined) throw new Error('a file was read without an outcome');
    const { read, units, ignored } = told;
    refused.sort((a, b) => (a.place.line ?? 0) - (b.place.line ?? 0));
    return { read, people: enrolled, units, refused, warnings, ignored };
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

  async #meet(person: Person, agency: number, fileHash: string, answers: Answers): Promise<Met> {
    const { subjects } = this.#deps;
    const { line, nationalId } = person;
    const place = { line };
    const find = (identifier: Identifier) => subjects.find(agency, identifier);
    const lineOfFile = lineIdentifier(fileHash, line);
    const details = detailsIdentifier(person);
    const [byLine, byDetails] = [await find(lineOfFile), await find(details)];
    if (byLine !== undefined)
      return { kind: 'known', person, subject: byLine, isChanged: byDetails !== byLine };

    const ids = idsOf(person);
    const [byId, byOther] = new Set((await Promise.all(ids.map(find))).filter((one) => one !== undefined));
    if (byId !== undefined) {
      if (byOther === undefined && byDetails === byId)
        return { kind: 'known', person, subject: byId, isChanged: false };
      const answer = answers.of('person-differs', place);
      if (answer === 'leave-out')
        return { kind: 'left-out', warning: warning('line-passed-over', {}, place) };
      if (answer === 'same-person' && byOther === undefined)
        return { kind: 'known', person, subject: byId, isChanged: true };
      return { kind: 'refused', refusal: refusal('person-differs', undefined, place) };
    }
    if (nationalId !== undefined && (await this.#isAlike(nationalId, agency))) {
      const answer = answers.of('national-id-alike', place);
      if (answer === 'leave-out')
        return { kind: 'left-out', warning: warning('line-passed-over', {}, place) };
      if (answer === undefined)
        return { kind: 'refused', refusal: refusal('national-id-alike', { others: 1 }, place) };
    }
    const alike = await alikeOf(subjects, agency, person, await this.#apartFrom(person, agency, fileHash));
    const [found] = alike.found;
    const like = byDetails ?? found?.subject;
    if (like !== undefined) {
      const isSame = byDetails !== undefined || found?.isSame === true;
      const answer = answers.of(isSame ? 'person-known' : 'person-alike', place);
      if (answer === undefined) {
        const refused = isSame ? refusal('person-known', undefined, place) : undefined;
        return { kind: 'refused', refusal: refused ?? (await this.#likeness(alike.found, line)) };
      }
      if (answer === 'same-person')
        return { kind: 'known', person, subject: like, isChanged: byDetails !== like };
    }
    const identifiers = [lineOfFile, ...identifiersOf(person)];
    const newcomer = await subjects.newcomer(agency, identifiers, alike.newcomer);
    return { kind: 'newcomer', person, newcomer };
  }

  /** Whom an officer said this line is not, as far as they came with lines of this file. */
  async #apartFrom({ apartFrom = [] }: Person, agency: number, fileHash: string): Promise<Set<SubjectRef>> {
    const lines = apartFrom.map((line) => lineIdentifier(fileHash, line));
    const found = await Promise.all(lines.map((line) => this.#deps.subjects.find(agency, line)));
    return new Set(found.filter((one) => one !== undefined));
  }

  /** The question, with the id of the one who is most alike: the agency may look them up. */
  async #likeness(found: readonly AlikeFound[], line: number): Promise<Refusal> {
    const [first] = found;
    if (first === undefined) throw new Error('nobody is alike');
    const personId = await this.#deps.subjects.sectorId(first.subject, AID_SECTOR, SECTOR_EPOCH);
    return refusal('person-alike', { personId, facts: first.facts, people: found.length }, { line });
  }

  /** Whether somebody has this id in another spelling: of one number set apart otherwise, or of what is read alike. */
  async #isAlike(nationalId: string, agency: number): Promise<boolean> {
    const near = nearKeyOf(nationalId);
    const isPlain = !near.includes('-');
    const schemes = isPlain
      ? [looseIdentifier(nationalId)]
      : [nearIdentifier(near), nearIdentifier(near.replace(/-/g, ''))];
    const found = await Promise.all(schemes.map((other) => this.#deps.subjects.find(agency, other)));
    return found.some((one) => one !== undefined);
  }

  async #keep(met: readonly Met[], agency: number): Promise<EnrolledPerson[]> {
    const { subjects, vault } = this.#deps;
    const entries: VaultEntry[] = [];
    const newcomers: Newcomer[] = [];
    const used = new Set<string>();
    const taken: { person: Person; subject: SubjectRef }[] = [];
    for (const one of met) {
      if (one.kind !== 'newcomer' && one.kind !== 'known') continue;
      const { person } = one;
      const subject = one.kind === 'known' ? one.subject : one.newcomer.subject;
      taken.push({ person, subject });
      if (one.kind === 'newcomer') {
        // two people of one name are found by their lines, and the first by the details
        const lookups = one.newcomer.lookups.filter((key) => !used.has(key));
        for (const key of lookups) used.add(key);
        newcomers.push({ ...one.newcomer, lookups });
      } else if (!one.isChanged) continue;
      const record = storedPerson(person);
      entries.push({ subject, agency, type: 'person', group: '', id: 'self', record });
    }
    await vault.put(entries, newcomers);
    for (const one of met) {
      if (one.kind !== 'known' || !one.isChanged) continue;
      const kept = await keptOf(subjects, agency, one.person);
      const more = { isIdKnown: hasId(one.person), kept };
      await subjects.alsoFoundBy(one.subject, agency, identifiersOf(one.person), more);
    }
    return Promise.all(
      taken.map(async ({ person: { line, units }, subject }): Promise<EnrolledPerson> => {
        const personId = await subjects.sectorId(subject, AID_SECTOR, SECTOR_EPOCH);
        return { line, personId, ...present({ units }) };
      }),
    );
  }
}

const SECTOR_ID = /^0x[0-9a-f]{64}$/;

function lineIdentifier(fileHash: string, line: number): Identifier {
  return { scheme: 'file-line', id: `${fileHash}/${line}` };
}

function agencyIdentifier(id: string): Identifier {
  return { scheme: 'agency-id', id: idKeyOf(id) };
}

function looseIdentifier(nationalId: string): Identifier {
  return { scheme: 'national-id-loose', id: nearKeyOf(nationalId).replace(/-/g, '') };
}

function nearIdentifier(near: string): Identifier {
  return { scheme: 'national-id-near', id: near };
}

/** What finds a person by what somebody issued. */
function idsOf({ nationalId, agencyId }: Person): Identifier[] {
  return [
    ...(nationalId === undefined ? [] : [{ scheme: 'national-id', id: idKeyOf(nationalId) }]),
    ...(agencyId === undefined ? [] : [agencyIdentifier(agencyId)]),
  ];
}

/** Everything by which a person is found again. */
function identifiersOf(person: Person): Identifier[] {
  const { nationalId } = person;
  return [
    ...idsOf(person),
    ...(nationalId === undefined ? [] : [looseIdentifier(nationalId), nearIdentifier(nearKeyOf(nationalId))]),
    detailsIdentifier(person),
  ];
}

function detailsIdentifier(person: Person): Identifier {
  return { scheme: 'details', id: detailsOf(person) };
}

/** By these a person without an id is known again, and a change of somebody with one is seen. */
function detailsOf({
  nationalId,
  agencyId,
  name,
  phone,
  householdSize,
  units,
  village,
  sex,
  ageYears,
}: Person) {
  const ids = [nationalId, agencyId].map((written) => idKeyOf(written ?? ''));
  const words = [name, village, sex].map((written) => keyOf(written ?? ''));
  return JSON.stringify([...ids, ...words, phone, householdSize, units, ageYears]);
}

function storedPerson(person: Person): StoredPerson {
  const { name, nationalId, agencyId, phone, sex, ageYears, village, scope, householdSize, language } =
    person;
  const known = { nationalId, agencyId, phone, gender: sex, ageYears, village, scope, householdSize };
  return { fullName: name ?? '', ...present({ ...known, preferredLanguage: language }) };
}
