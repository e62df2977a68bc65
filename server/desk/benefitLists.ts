/**
 * The two long lists of a programme: the people of an enrolment with their cards, and the roll of a cycle; and their
 * words on the way to the ledger.
 *
 * Promises: neighbours in a catchment are neighbours in the table, in an order nobody can foresee; a list is on disk
 * before its act can be signed and ends with it; a roll is taken whole or not at all, with every refused line named. How much of a list
 * is loaded is the ledger's own count and kept nowhere else, so that after a stop the next request goes on where the
 * ledger stands. `http` calls it, `main` wires it.
 */

import { setImmediate } from 'node:timers/promises';
import type { BenefitCalls } from '../acts/benefitCalls.ts';
import type { ActDraft, Commit } from '../acts/commit.ts';
import { sendInTurn } from '../acts/inTurn.ts';
import type { LedgerIdentity } from '../domain/acts/domains.ts';
import type { ActHead } from '../domain/acts/head.ts';
import type { Keccak256 } from '../domain/acts/merkle.ts';
import type { Recover } from '../domain/audit/signature.ts';
import type { Address, Bytes32, Hex } from '../domain/base/hex.ts';
import { type Refusal, type RefusalCode, Refusals, refusal } from '../domain/base/refusal.ts';
import { type EntryId, KEY_KINDS, type KeyKind, numberOf, type ProgrammeId } from '../domain/base/terms.ts';
import { type Card, NO_CARD } from '../domain/benefits/cards.ts';
import { draftEnrolment } from '../domain/benefits/drafts.ts';
import { assignIndexes } from '../domain/benefits/envelope.ts';
import { NO_ENROLMENT } from '../domain/benefits/records.ts';
import type { CycleId } from '../domain/benefits/terms.ts';
import { chunksOf, type EntryBytes, packUnits, wordsOf } from '../domain/benefits/unitsTable.ts';
import type { RollTerms } from '../domain/files/roll.ts';
import type { FileSettings } from '../domain/files/settings.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import type { AccessLog } from '../store/access.ts';
import type { Claim } from '../store/idempotency.ts';
import type { Call, Operation, OperationDraft, Owner } from '../store/operation.ts';
import type { EnrolmentList, RefusedRoll, Roll, Rolls } from '../store/rolls.ts';
import type { VaultEntry } from '../store/vault.ts';
import type { Views } from '../store/views.ts';
import type { FileReader, TaskOffice } from '../threads/fileReader.ts';
import { type FileRead, type RollTask, refusalOf } from '../threads/messages.ts';
import type { BenefitDesk } from './benefits.ts';
import { type EnrolledPlaces, openEnrolledPlaces, type PlaceTable } from './enrolledPlaces.ts';
import { type Preview, previewOf } from './fileOutcome.ts';
import { cardsRefused } from './heldKeys.ts';
import type { Intake } from './intake.ts';
import { rowsInTurns } from './rowsInTurns.ts';
import { groupOf } from './saltedFacts.ts';

/** Ids looked up side by side. */
const LOOKUPS_AT_ONCE = 500;

export interface BenefitListsDependencies {
  readonly desk: BenefitDesk;
  readonly intake: Intake;
  readonly views: Views;
  readonly rolls: Rolls;
  readonly commit: Commit;
  readonly calls: BenefitCalls;
  readonly accessLog: Pick<AccessLog, 'note'>;
  readonly nowMs: () => number;
  /** The thread that reads tables. */
  readonly reader: FileReader;
  /** The ledger for which cards sign that they are held. */
  readonly ledger: LedgerIdentity;
  /** For a million entries: the portable one would hold everything up for half a minute. */
  readonly keccak256: Keccak256;
  /** Likewise, for the cards of fifty thousand people. */
  readonly recover: Recover;
}

/** One person of an enrolment. Without a key the person is paid out and never redeems. */
export interface EnrolmentGiven {
  readonly personId: Bytes32;
  readonly keyKind: KeyKind;
  readonly keyId?: Address | undefined;
  /** What the key signed. */
  readonly possession?: Hex | undefined;
  /** Any word for the place where the person shops: who share it become neighbours. */
  readonly catchment: string;
}

export interface RollTaken extends Roll {
  /** Of a workbook: the one that was read. */
  readonly sheet: string | undefined;
}

export interface EnrolmentOf {
  readonly programme: ProgrammeId;
  readonly enrolmentEpoch: number;
}

export interface Place {
  readonly index: number;
  /** Undefined once the person is erased. */
  readonly personId: Bytes32 | undefined;
  readonly card: Card | undefined;
}

/** How far the ledger has a list. */
export interface Loaded {
  readonly loaded: number;
  readonly of: number;
  readonly isDone: boolean;
  readonly operations: readonly Operation[];
}

export class BenefitLists {
  readonly #deps: BenefitListsDependencies;
  readonly #enrolledPlaces: EnrolledPlaces;

  constructor(deps: BenefitListsDependencies) {
    this.#deps = deps;
    const { rolls, views } = deps;
    this.#enrolledPlaces = openEnrolledPlaces({
      rolls,
      isRecorded: async (act) => (await views.journal.entryById(act as EntryId)) !== undefined,
      signed: async ({ programme, enrolmentEpoch }) =>
        (await views.benefits.enrolment(programme, enrolmentEpoch))?.record.signed ?? 0,
    });
  }

  // ---- Enrolment ----------------------------------------------------------------------------------------------

  async enrol(
    owner: Owner,
    head: ActHead,
    of: EnrolmentOf,
    effectiveFrom: bigint,
    given: readonly EnrolmentGiven[],
  ): Promise<ActDraft> {
    const { desk, intake, views, keccak256 } = this.#deps;
    const programme = await desk.programme(owner, of.programme);
    const enrolment = (await views.benefits.enrolment(of.programme, of.enrolmentEpoch))?.record;
    const before = await this.#enrolledPlaces.table(of);
    const people = await this.#requirePeople(owner.institution, given, before);
    await this.#requireHeld(of, given);
    const { enrolled } = enrolment ?? NO_ENROLMENT;
    const catchments = given.map(({ catchment }) => catchment);
    const indexes = assignIndexes(catchments, enrolled, intake.randomBelow);
    const order = new Uint32Array(given.length);
    indexes.forEach((index, i) => {
      order[index - enrolled] = i;
    });
    const cards: Card[] = [];
    const ordered: SubjectRef[] = [];
    for (const i of order) {
      const [one, subject] = [given[i], people[i]];
      if (one === undefined || subject === undefined) throw new Error('an index that nobody has');
      cards.push(cardOf(one, effectiveFrom));
      ordered.push(subject);
    }
    const { act, slots } = draftEnrolment(of, enrolment, cards, keccak256);
    const records = { programme, enrolment };
    const preparing = { name: 'Enrol', act, records, orderedBy: of.programme } as const;
    const draft = await desk.prepare(owner, head, preparing);
    const list = { ...of, startIndex: enrolled, act: draft.act.entryId, people: ordered, slots };
    const cardRecords = cardsOf(owner.institution, list, cards);
    return { ...draft, carries: { ...draft.carries, records: cardRecords, enrolment: list } };
  }

  /** Who stands at the next indexes of what the ledger has loaded. */
  async placesOf(owner: Owner, of: EnrolmentOf, from: number, limit: number): Promise<Place[]> {
    const { desk, intake, views } = this.#deps;
    await desk.programme(owner, of.programme);
    const found = await this.#enrolledPlaces.page(of, from, await this.#enrolled(of), limit);
    await this.#noteListed(owner, found);
    return rowsInTurns(found, async ({ index, subject }) => ({
      index,
      personId: await intake.personIdOf(subject),
      card: await views.benefits.card(of.programme, of.enrolmentEpoch, index),
    }));
  }

  /** Whoever is listed sees it: by these ids her record is opened, and her card is beside her. */
  async #noteListed(
    { principal, institution }: Owner,
    listed: readonly { readonly subject: SubjectRef }[],
  ): Promise<void> {
    const { accessLog, nowMs } = this.#deps;
    const draft = {
      atMs: nowMs(),
      actor: principal,
      institution,
      agency: institution,
      receiver: institution,
      purpose: 'disbursement',
      classes: [],
      types: ['card'],
      channel: 'view',
      caseReference: undefined,
      onBehalfOf: undefined,
      agreement: undefined,
      hidden: undefined,
    } as const;
    await accessLog.note(listed.map(({ subject }) => ({ subject, draft })));
  }

  /** Who stands at an index of a list that the ledger recorded; undefined where nobody does. */
  async subjectAt(of: EnrolmentOf, index: number): Promise<SubjectRef | undefined> {
    const list = await this.#enrolledPlaces.listAt(of, index);
    return list?.personAt(index - list.startIndex);
  }

  /** The index of one person, or the refusal that nobody of this id is enrolled. */
  async placeCount(of: EnrolmentOf): Promise<number> {
    return this.#enrolled(of);
  }

  async indexOf(owner: Owner, of: EnrolmentOf, personId: Bytes32): Promise<number> {
    const { desk, intake } = this.#deps;
    await desk.programme(owner, of.programme);
    const subject = await intake.personOf(personId, owner.institution);
    const index = subject && (await this.#enrolledPlaces.table(of)).indexOf(subject);
    if (index === undefined) throw refusal('person-unknown', undefined, { field: '/personId' });
    return index;
  }

  /** Sends the slots the ledger still lacks of the enrolment that was signed last. */
  async loadSlots(owner: Owner, of: EnrolmentOf, claim: Claim): Promise<Loaded> {
    const { desk, views, rolls, calls, keccak256 } = this.#deps;
    const { office } = await desk.programme(owner, of.programme);
    const count = async () =>
      (await views.benefits.enrolment(of.programme, of.enrolmentEpoch))?.record ?? NO_ENROLMENT;
    const { enrolled, signed } = await count();
    if (enrolled === signed) return { loaded: enrolled, of: signed, isDone: true, operations: [] };
    const list = await this.#enrolledPlaces.listAt(of, enrolled);
    if (list === undefined) throw refusal('list-missing');
    await rolls.dropOtherEnrolments(list);
    const chunks = chunksOf(list.slots, enrolled - list.startIndex, keccak256);
    const operations = await this.#sendAll(
      owner,
      claim,
      { kind: 'slots-loaded', office, orderedBy: of.programme },
      chunks.map((chunk) => {
        const first = list.startIndex + chunk.first;
        return {
          name: `slots-${first}`,
          call: () => calls.loadSlots(of.programme, of.enrolmentEpoch, { ...chunk, first }),
        };
      }),
    );
    const now = await count();
    return { loaded: now.enrolled, of: now.signed, isDone: now.enrolled === now.signed, operations };
  }

  // ---- Rolls --------------------------------------------------------------------------------------------------

  /**
   * Takes a roll whole, or throws everything that speaks against it; the full list is kept for `refusedOf`. The same
   * lines again are the same roll, also of a cycle that was opened over it.
   */
  async takeRoll(
    owner: Owner,
    of: EnrolmentOf & { readonly cycle: CycleId; readonly entryBytes: EntryBytes },
    file: Uint8Array<ArrayBuffer>,
    settings: FileSettings,
    terms: RollTerms,
    { signal, onProgress }: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<RollTaken> {
    const { desk, views, rolls, reader } = this.#deps;
    const { programme, cycle, enrolmentEpoch, entryBytes } = of;
    await desk.programme(owner, programme);
    const opened = await views.benefits.cycle(programme, cycle);
    const signed = opened && (await rolls.roll({ programme, cycle, root: opened.envelope.root }));
    if (opened !== undefined && signed?.enrolmentEpoch !== enrolmentEpoch) throw refusal('cycle-exists');
    const places = await this.#enrolledPlaces.table(of);
    const enrolled = signed?.count ?? (await this.#enrolled(of));
    const { declaredCount, declaredUnits } = terms;
    const task: RollTask = {
      kind: 'roll',
      file,
      settings,
      declaredCount,
      declaredUnits,
      entryBytes,
      enrolled,
      isDryRun: false,
    };
    let read: FileRead | undefined;
    const refused: Refusal[] = [];
    let total = 0;
    const { table } = await reader.run(task, {
      signal,
      ...(onProgress && { onProgress }),
      onPart: async (part) => {
        if (part.kind === 'read') read = part.read;
        if (part.kind === 'refused') {
          refused.push(...part.refused.map(refusalOf));
          ({ total } = part);
        }
        return part.kind === 'places' ? this.#placesAmong(places, part.ids, owner.institution) : undefined;
      },
    });
    if (read === undefined) throw new Error('a roll was read without an outcome');
    if (table === undefined) {
      if (signed !== undefined) throw refusal('cycle-exists');
      const all = refused.length > 0 ? refused : read.refused.map(refusalOf);
      await setImmediate(); // twenty thousand lines are written on a turn of their own
      const lines = all.map(refusedLineOf);
      const ofAll = refused.length > 0 ? total : read.refusedTotal;
      await rolls.keepRefused(programme, cycle, { read: read.read, total: ofAll, lines });
      throw refusalsOf(all);
    }
    const { units, secret, root, tableHash, count, totalUnits } = table;
    const roll: Roll = {
      programme,
      cycle,
      enrolmentEpoch,
      entryBytes,
      count,
      lines: read.read,
      totalUnits,
      tableHash,
      root,
    };
    const { sheet } = read;
    if (signed === undefined) return { ...(await rolls.keepRoll(roll, { units, secret })), sheet };
    const same = await rolls.sameRoll(roll, units); // what two officers signed may be sent again, and nothing else
    if (same?.root !== signed.root) throw refusal('cycle-exists');
    return { ...signed, sheet };
  }

  /** How a roll would be taken, its people held against the enrolment. */
  async previewRoll(
    owner: Owner,
    of: EnrolmentOf & { readonly entryBytes: 1 | 4 },
    file: Uint8Array<ArrayBuffer>,
    settings: FileSettings,
    terms: RollTerms,
    { signal, onProgress }: Pick<TaskOffice, 'signal' | 'onProgress'> = {},
  ): Promise<Preview> {
    await this.#deps.desk.programme(owner, of.programme);
    const { declaredCount, declaredUnits } = terms;
    const [places, enrolled] = [await this.#enrolledPlaces.table(of), await this.#enrolled(of)];
    const task: RollTask = {
      kind: 'roll',
      file,
      settings,
      declaredCount,
      declaredUnits,
      entryBytes: of.entryBytes,
      enrolled,
      isDryRun: true,
    };
    let read: FileRead | undefined;
    const refused: Refusal[] = [];
    let total = 0;
    await this.#deps.reader.run(task, {
      signal,
      ...(onProgress && { onProgress }),
      onPart: async (part) => {
        if (part.kind === 'read') read = part.read;
        if (part.kind === 'refused') {
          refused.push(...part.refused.map(refusalOf));
          ({ total } = part);
        }
        return part.kind === 'places' ? this.#placesAmong(places, part.ids, owner.institution) : undefined;
      },
    });
    if (read === undefined) throw new Error('a roll was read without an outcome');
    const preview = previewOf(read);
    if (refused.length === 0) return preview;
    const good = 0; // a roll is taken whole or not at all
    const refusedTotal = preview.refusedTotal + total;
    return Object.assign(preview, { good, refused: [...preview.refused, ...refused], refusedTotal });
  }

  /** Why the last file for a cycle was not taken. */
  async refusedOf(owner: Owner, programme: ProgrammeId, cycle: CycleId): Promise<RefusedRoll> {
    const { desk, rolls } = this.#deps;
    await desk.programme(owner, programme);
    return (await rolls.refused(programme, cycle)) ?? { read: 0, lines: [], atMs: 0 };
  }

  /** Sends the words the ledger still lacks of a signed table, and then has it release the cycle. */
  async loadUnits(owner: Owner, programme: ProgrammeId, cycle: CycleId, claim: Claim): Promise<Loaded> {
    const { desk, views, rolls, calls, keccak256 } = this.#deps;
    const { office } = await desk.programme(owner, programme);
    const opened = await views.benefits.cycle(programme, cycle);
    if (opened === undefined) throw refusal('cycle-unknown');
    const { count, entryBytes } = opened.record;
    const of = wordsOf(count, entryBytes);
    if (opened.record.state !== 'loading') {
      return { loaded: opened.record.loadedWords, of, isDone: true, operations: [] };
    }
    const roll = await rolls.roll({ programme, cycle, root: opened.envelope.root });
    if (roll === undefined) throw refusal('list-missing');
    await rolls.dropOtherRolls(roll);
    const { words } = packUnits((await rolls.entriesOf(roll)).units, entryBytes);
    const chunks = chunksOf(words, opened.record.loadedWords, keccak256);
    const draft = { kind: 'units-loaded', office, orderedBy: programme };
    const operations = await this.#sendAll(owner, claim, draft, [
      ...chunks.map((chunk) => ({
        name: `units-${chunk.first}`,
        call: () => calls.loadUnits(programme, cycle, chunk),
      })),
      { name: 'finalise', call: () => calls.finalise(programme, cycle) },
    ]);
    const record = (await views.benefits.cycle(programme, cycle))?.record ?? opened.record;
    return { loaded: record.loadedWords, of, isDone: record.state !== 'loading', operations };
  }

  // ---- Inside -------------------------------------------------------------------------------------------------

  /** One call after the other, up to a request's share. */
  #sendAll(
    owner: Owner,
    claim: Claim,
    draft: Pick<OperationDraft, 'kind' | 'office' | 'orderedBy'>,
    steps: readonly { readonly name: string; call(): Call }[],
  ): Promise<readonly Operation[]> {
    const waiting = steps.values();
    const of = Object.assign({ owner, overtaken: OVERTAKEN }, draft);
    return sendInTurn(this.#deps.commit, claim, of, async () => {
      const { done, value } = waiting.next();
      return done === true ? undefined : { name: value.name, call: value.call() };
    });
  }

  async #requirePeople(
    agency: number,
    given: readonly EnrolmentGiven[],
    before: PlaceTable,
  ): Promise<readonly SubjectRef[]> {
    const { intake } = this.#deps;
    const people = await lookUp(given, ({ personId }) => intake.personOf(personId, agency));
    const refused: Refusal[] = [];
    const [ids, keys] = [new Set<Bytes32>(), new Set<Address>()];
    given.forEach(({ personId, keyId }, i) => {
      const subject = people[i];
      const person = { field: `/people/${i}/personId` };
      if (subject === undefined) refused.push(refusal('subject-missing', undefined, person));
      else if (before.indexOf(subject) !== undefined)
        refused.push(refusal('person-already-enrolled', undefined, person));
      if (ids.has(personId)) refused.push(refusal('person-id-repeated', { lines: 2 }, person));
      ids.add(personId);
      if (keyId === undefined) return;
      if (keys.has(keyId))
        refused.push(refusal('card-key-repeated', undefined, { field: `/people/${i}/keyId` }));
      keys.add(keyId);
    });
    if (refused.length > 0) throw refusalsOf(refused);
    return people.flatMap((subject) => subject ?? []);
  }

  async #requireHeld(of: EnrolmentOf, given: readonly EnrolmentGiven[]): Promise<void> {
    const { ledger, recover } = this.#deps;
    const cards = given.flatMap(({ keyKind, keyId, possession }, i) => {
      const field = `/people/${i}`;
      return keyId === undefined ? [] : [{ of: { ...of, keyKind, keyId }, possession, field }];
    });
    const refused = await cardsRefused(ledger, cards, recover);
    if (refused.length > 0) throw refusalsOf(refused);
  }

  async #enrolled({ programme, enrolmentEpoch }: EnrolmentOf): Promise<number> {
    const row = await this.#deps.views.benefits.enrolment(programme, enrolmentEpoch);
    return row?.record.enrolled ?? 0;
  }

  /** Of each id the index it is enrolled at, -1 for nobody's. */
  async #placesAmong(places: PlaceTable, ids: readonly string[], agency: number): Promise<Int32Array> {
    const { intake } = this.#deps;
    const subjects = await Promise.all(ids.map((id) => intake.subjectOf(id, agency)));
    return Int32Array.from(subjects, (subject) => (subject && places.indexOf(subject)) ?? -1);
  }
}

/** What a stop left under way, or somebody else, was faster with: the count says where to go on. */
const OVERTAKEN: ReadonlySet<RefusalCode> = new Set([
  'slots-out-of-order',
  'words-out-of-order',
  'cycle-state-differs',
]);

function cardOf({ keyKind, keyId }: EnrolmentGiven, effectiveFrom: bigint): Card {
  return keyId === undefined ? NO_CARD : { ...NO_CARD, keyKind, keyId, effectiveFrom };
}

/** What is kept of the cards of a list: with the act, so that a list taken back leaves none. */
function cardsOf(
  agency: number,
  { programme, enrolmentEpoch, startIndex, act, people }: EnrolmentList,
  cards: readonly Card[],
): VaultEntry[] {
  const id = `${programme.slice(2, 34)}-${enrolmentEpoch}`;
  return people.map((subject, i): VaultEntry => {
    const { keyId, keyKind, cardEpoch } = cards[i] ?? NO_CARD;
    const kind = numberOf(KEY_KINDS, keyKind);
    const record = { programme, keyId, keyKind: kind, cardEpoch, enrolmentIndex: startIndex + i };
    return { subject, agency, type: 'card', group: groupOf(act), id, record };
  });
}

async function lookUp<T, R>(items: readonly T[], find: (item: T) => Promise<R>): Promise<R[]> {
  const found: R[] = [];
  for (let from = 0; from < items.length; from += LOOKUPS_AT_ONCE) {
    found.push(...(await Promise.all(items.slice(from, from + LOOKUPS_AT_ONCE).map(find))));
  }
  return found;
}

function refusedLineOf({ code, message, place, row }: Refusal) {
  return { ...place, code, message, remedy: row.remedy };
}

function refusalsOf(refused: readonly Refusal[]): Refusals {
  const [first, ...rest] = refused;
  if (first === undefined) throw new Error('refused for no reason');
  return new Refusals([first, ...rest]);
}
