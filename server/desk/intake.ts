/**
 * The people of a file, taken before any act: who they are goes to the vault, ids of their sector come back.
 *
 * Promises: a file is read whole before anything of it is kept, each of its lines is taken or refused by name, and
 * what is taken is written in parcels of lines that stand by themselves. Nothing here reaches the ledger. `http` and
 * the desk of lists call it, `main` wires it.
 */
import { randomInt } from 'node:crypto';
import type { Bytes32 } from '../domain/base/hex.ts';
import { type Refusal, Refusals, refusal } from '../domain/base/refusal.ts';
import type { Warning } from '../domain/base/warning.ts';
import { type Person, type RegistrationOptions, readRegistrations } from '../domain/files/registrations.ts';
import type { Person as StoredPerson, SubjectRef } from '../domain/people/schema.ts';
import type { Subjects } from '../store/subjects.ts';
import type { Vault, VaultEntry } from '../store/vault.ts';

/** One sector for every programme of aid; land has its own. */
const AID_SECTOR = 'aid';
/** A new epoch gives everybody another id. */
const SECTOR_EPOCH = 1;
/** People of one file: each is answered, so the answer is bounded by this too. */
const PEOPLE_PER_FILE_MAX = 20_000;
/** Records of people written in one transaction. */
const PEOPLE_PER_WRITE = 1_000;

export interface IntakeDependencies {
  readonly subjects: Subjects;
  readonly vault: Vault;
}

export interface EnrolledPerson {
  readonly line: number;
  /** What this agency's sector calls the person. */
  readonly personId: Bytes32;
  /** Household members, where the file says. */
  readonly units: number;
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

export class Intake {
  readonly #deps: IntakeDependencies;

  constructor(deps: IntakeDependencies) {
    this.#deps = deps;
  }

  /** Enrols the people of a file with one agency: nobody twice, whoever enrolled before is found again. */
  async enrol(file: Uint8Array, agency: number, options: RegistrationOptions): Promise<Enrolments> {
    const { people, ...read } = readRegistrations(file, options);
    if (read.read > PEOPLE_PER_FILE_MAX) throw refusal('file-too-many-lines', { limit: PEOPLE_PER_FILE_MAX });
    const [first, ...rest] = read.refused;
    if (read.isRefusedWhole && first !== undefined) throw new Refusals([first, ...rest]);
    const enrolled: EnrolledPerson[] = [];
    for (let from = 0; from < people.length; from += PEOPLE_PER_WRITE) {
      enrolled.push(...(await this.#enrolSome(people.slice(from, from + PEOPLE_PER_WRITE), agency)));
    }
    const { refused, warnings, ignored, units } = read;
    return { read: read.read, people: enrolled, units, refused, warnings, ignored };
  }

  /** Who an agency means by an id of its sector; undefined for somebody it holds no record of. */
  async personOf(personId: Bytes32, agency: number): Promise<SubjectRef | undefined> {
    const { subjects, vault } = this.#deps;
    const subject = await subjects.findBySectorId(AID_SECTOR, SECTOR_EPOCH, personId);
    if (subject === undefined) return undefined;
    return (await vault.list(subject, agency)).length > 0 ? subject : undefined;
  }

  /** What the sector calls a person; undefined once the person is erased. */
  async personIdOf(subject: SubjectRef): Promise<Bytes32 | undefined> {
    const { subjects } = this.#deps;
    return (await subjects.isErased(subject))
      ? undefined
      : subjects.sectorId(subject, AID_SECTOR, SECTOR_EPOCH);
  }

  /** A whole number below the limit that nobody can foresee. */
  readonly randomBelow = (limit: number): number => randomInt(limit);

  async #enrolSome(people: readonly Person[], agency: number): Promise<EnrolledPerson[]> {
    const { subjects, vault } = this.#deps;
    const entries: VaultEntry[] = [];
    const enrolled = await Promise.all(
      people.map(async (person): Promise<EnrolledPerson> => {
        const { nationalId } = person;
        const subject = await (nationalId === undefined
          ? subjects.enrol(agency, [])
          : subjects.ensure(agency, { scheme: 'national-id', id: nationalId }));
        entries.push({
          subject,
          agency,
          type: 'person',
          group: '',
          id: 'self',
          record: storedPerson(person),
        });
        const personId = await subjects.sectorId(subject, AID_SECTOR, SECTOR_EPOCH);
        return { line: person.line, personId, units: person.units };
      }),
    );
    await vault.put(entries);
    return enrolled;
  }
}

function storedPerson(person: Person): StoredPerson {
  const { name, nationalId, phone, sex, ageYears, village, scope, units, language } = person;
  const known = { nationalId, phone, gender: sex, ageYears, village, scope, preferredLanguage: language };
  const given = Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  return { fullName: name ?? '', householdSize: units, ...given };
}
