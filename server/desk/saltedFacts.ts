/**
 * The people and units an act names, and the facts it commits to, each set with the person it is about.
 *
 * Promises: one id of one agency is one subject, however often an act names it, known by the names it was given with, and holds once in a right; nothing is written here, so that an act
 * that is refused leaves nobody behind; every fact has a fresh 256-bit salt; the ledger receives the root, and what opens it goes to the vault
 * under the person, a record a fact, so that erasing one person leaves everybody else's proof.
 */

import { randomBytes } from 'node:crypto';
import { commitFacts, type Fact, type FactSet } from '../domain/acts/facts.ts';
import { type Bytes32, toHex } from '../domain/base/hex.ts';
import { refusal } from '../domain/base/refusal.ts';
import type { BAUnitId } from '../domain/base/terms.ts';
import { idKeyOf, isNoId } from '../domain/files/key.ts';
import type { Holding } from '../domain/land/types.ts';
import type { Party, SubjectRef } from '../domain/people/schema.ts';
import type { CommitmentPlace, Commitments } from '../store/carried.ts';
import type { NameGiven } from '../store/namedIds.ts';
import type { Identifier, Newcomer, Subjects } from '../store/subjects.ts';
import type { VaultEntry } from '../store/vault.ts';
import type { HolderGiven, PartyGiven } from './landGiven.ts';

/** Facts of one unit about one person, or about nobody: then the subject is the unit's own. */
export interface SaltedFacts {
  readonly subject: SubjectRef;
  /** Undefined where they are of the act as a whole. */
  readonly baUnit: BAUnitId | undefined;
  readonly set: FactSet;
  /** Of a party: the hash of the key of the holding that commits to them. */
  readonly keyHash?: Bytes32 | undefined;
}

const newSalt = () => toHex(randomBytes(32)) as Bytes32;
/** What one act writes of one unit is a group of the vault: it ends with the act, and with all else of the unit. */
export const groupOf = (act: Bytes32, baUnit?: BAUnitId) => `${baUnit?.slice(2) ?? ''}.${act.slice(2, 34)}`;

export function saltFacts(
  subject: SubjectRef,
  baUnit: BAUnitId,
  facts: readonly { readonly path: string; readonly value: string }[],
): SaltedFacts {
  const salted = facts.map(
    ({ path, value }): Fact => ({ path, value: value.normalize('NFC'), salt: newSalt() }),
  );
  return { subject, baUnit, set: commitFacts(salted) };
}

/** Where the openings of each commitment are found again. */
export function commitmentPlaces(
  all: readonly SaltedFacts[],
  agency: number,
  act: Bytes32,
  names: readonly NameGiven[] = [],
): CommitmentPlace[] {
  return all.map(({ subject, baUnit, set: { root }, keyHash }) => {
    const group = groupOf(act, baUnit);
    const isRenamed = names.some((one) => one.isAnswered && one.subject === subject) || undefined;
    return { root, subject, agency, group, keyHash, isRenamed };
  });
}

/** The openings as the vault keeps them: one record a fact. */
export function openingRecords(
  all: readonly SaltedFacts[],
  agency: number,
  act: Bytes32,
  mark = '',
): VaultEntry[] {
  return all.flatMap(({ subject, baUnit, set }, place) =>
    set.facts.map((fact, i): VaultEntry => {
      const id = `${act.slice(2, 34)}-${mark}${place}-${i}`;
      return { subject, agency, type: 'opening', group: groupOf(act, baUnit), id, record: fact };
    }),
  );
}

/** What belongs to a unit and to no person hangs on a subject of its own. */
export const identifierOfUnit = (baUnit: BAUnitId): Identifier => ({ scheme: 'ba-unit', id: baUnit });

/** What a charge or notice says is its holder's, whom the register knows by the key of the instrument alone. */
export const identifierOfKey = (keyHash: Bytes32): Identifier => ({ scheme: 'holder-key', id: keyHash });

export interface PartiesOfAct {
  /** One for each identifier that was given, in order. */
  readonly subjects: readonly SubjectRef[];
  readonly newcomers: readonly Newcomer[];
  /** Names that the act gives to ids. */
  readonly names: readonly NameGiven[];
}

/** An id as it stands beside a name, where in the request it does, and what was answered of the two. */
export interface NamedId extends Identifier {
  readonly name: string;
  readonly field: string;
  readonly isAnswered: boolean;
}

/** Whoever has no identifier is somebody new. Refuses as `id-of-another-name` what nobody answered, and as `nothing-asked`. */
export async function meetParties(
  subjects: Subjects,
  agency: number,
  identifiers: readonly (Identifier | NamedId | undefined)[],
): Promise<PartiesOfAct> {
  const newcomers: Newcomer[] = [];
  const names: NameGiven[] = [];
  const met = new Map<string, { readonly subject: SubjectRef; readonly names: Set<string> }>();
  const all: SubjectRef[] = [];
  for (const identifier of identifiers) {
    const id = identifier && JSON.stringify([identifier.scheme, identifier.id]);
    const named = identifier !== undefined && 'name' in identifier ? identifier : undefined;
    const byName = named && (await subjects.meetNamed(agency, named, named.name));
    const found = byName?.met ?? (await subjects.meet(agency, identifier));
    const known = id === undefined ? undefined : met.get(id);
    const one = known ?? { subject: typeof found === 'string' ? found : found.subject, names: new Set() };
    if (known === undefined && typeof found !== 'string') {
      newcomers.push(found);
      if (byName !== undefined) one.names.add(byName.lookup);
    }
    if (byName?.isKnownSo) one.names.add(byName.lookup);
    if (id !== undefined) met.set(id, one);
    all.push(one.subject);
    if (named === undefined || byName === undefined) continue;
    const { field, isAnswered } = named;
    const isAsked = !one.names.has(byName.lookup);
    if (isAsked && !isAnswered)
      throw refusal('id-of-another-name', undefined, { field: `${field}/idNumber` });
    if (!isAsked && isAnswered) throw refusal('nothing-asked', undefined, { field: `${field}/answer` });
    names.push({ subject: one.subject, lookup: byName.lookup, isAnswered: isAsked });
    one.names.add(byName.lookup);
  }
  return { subjects: all, newcomers, names };
}

// ---- Who comes to hold -----------------------------------------------------------------------------------------

/** A holder's holding, what it commits to, and what is written down of the person. */
export interface JoiningParty {
  readonly holding: Omit<Holding, 'holdingId'>;
  readonly facts: SaltedFacts;
  readonly record: Party;
}

/** Of one right. */
interface Joining {
  readonly baUnit: BAUnitId;
  readonly holders: readonly HolderGiven[];
  /** Where the list of them stands in the request. */
  readonly field: string;
}

export async function join(
  subjects: Subjects,
  institution: number,
  { baUnit, holders, field }: Joining,
  others: readonly Identifier[] = [],
) {
  const identifiers = [
    ...holders.map(({ party }, i) => identifierOf(party, `${field}/${i}/party`)),
    ...others,
  ];
  const people = await meetParties(subjects, institution, identifiers);
  const met = people.subjects.values();
  return { people, joining: holders.map((holder) => holdingOf(baUnit, holder, nextOf(met))) };
}

export function holdingOf(
  baUnit: BAUnitId,
  { party, ...holder }: HolderGiven,
  subject: SubjectRef,
): JoiningParty {
  const { name, idNumber, phone, address } = party;
  const facts = saltFacts(subject, baUnit, [
    { path: 'name', value: name },
    ...(idNumber === undefined ? [] : [{ path: 'id-number', value: idNumber }]),
  ]);
  const known = Object.entries({ idNumber, phone, address }).filter(([, value]) => value !== undefined);
  const record: Party = { name, ...Object.fromEntries(known) };
  const { keyHash } = holder;
  const holding = { ...holder, partyCommitment: facts.set.root };
  return { holding, facts: Object.assign(facts, { keyHash }), record };
}

/** Refuses as `person-repeated` whoever joins a right in which they are, or join, already. */
export function requireHeldOnce(
  joining: readonly JoiningParty[],
  staying: readonly SubjectRef[],
  field: string,
): void {
  const held = new Set(staying);
  for (const [i, { facts }] of joining.entries()) {
    if (held.has(facts.subject)) {
      throw refusal('person-repeated', undefined, { field: `${field}/${i}/party/idNumber` });
    }
    held.add(facts.subject);
  }
}

/** Of holdings that stay: the people, where their records are kept here. */
export async function subjectsOf(
  commitments: Pick<Commitments, 'get'>,
  holdings: readonly Holding[],
): Promise<SubjectRef[]> {
  const places = await Promise.all(holdings.map(({ partyCommitment }) => commitments.get(partyCommitment)));
  return places.flatMap((place) => place?.subject ?? []);
}

export function identifierOf({ name, idNumber, answer }: PartyGiven, field: string): NamedId | undefined {
  // Whoever has no id is entered with zeros: two of them are not one person.
  if (idNumber === undefined || isNoId(idNumber)) {
    if (answer !== undefined) throw refusal('nothing-asked', undefined, { field: `${field}/answer` });
    return undefined;
  }
  return { scheme: 'id-number', id: idKeyOf(idNumber), name, field, isAnswered: answer !== undefined };
}

export function nextOf(subjects: Iterator<SubjectRef>): SubjectRef {
  const { done, value } = subjects.next();
  if (done) throw new Error('fewer parties were met than the act names');
  return value;
}
