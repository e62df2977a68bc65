/**
 * An act as the file its signers read (`kudurru-act-1`): when it is prepared, and whenever somebody asks for it again.
 *
 * Promises: the same file each time, but for openings that were destroyed since or that the asker may not see; what its
 * sentence names is in it: the numbers and boundaries of the parcels, the names of those who hold them, the list of an enrolment or a
 * roll. Names come out of the vault and stand in the access log of the people they name.
 */
import type { ActDraft } from '../acts/commit.ts';
import { commitFacts, type FactSet } from '../domain/acts/facts.ts';
import type { SignableAct } from '../domain/acts/signable.ts';
import type { TypedData, TypedStruct, TypedValue } from '../domain/acts/typedData.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import type { EntryId, ProgrammeId } from '../domain/base/terms.ts';
import type { CycleId } from '../domain/benefits/terms.ts';
import { packUnits } from '../domain/benefits/unitsTable.ts';
import type { SubjectRef } from '../domain/people/schema.ts';
import { actFileOf, MAX_OPENINGS, namedBy } from '../domain/signer/actFile.ts';
import { type Beside, MOST_PEOPLE_TOLD, type PeopleTold } from '../domain/signer/beside.ts';
import { MOST_LIST_BYTES, type Opens } from '../domain/signer/openings.ts';
import type { PendingAct, PendingActs } from '../store/acts.ts';
import type { Cadastre } from '../store/cadastre.ts';
import type { Rolls } from '../store/rolls.ts';
import type { Subjects } from '../store/subjects.ts';
import type { Views } from '../store/views.ts';
import { type FactsDependencies, factsUnder, type Requester } from './vaultFacts.ts';
import { keptBehind } from './wordsBehind.ts';

/** Reads the file of an act for somebody. */
export interface ActFileReader {
  /** The draft with the words behind its hashes, which are kept with it. */
  withWords(draft: ActDraft, sets: readonly FactSet[]): Promise<ActDraft>;
  /** Of one that was just made: what no signer could read is refused before anything of it is kept. */
  ofDraft(draft: ActDraft, requester: Requester): Promise<unknown>;
  /** Without a requester the commitments stay closed: for who may read the act and is not to read of people. */
  ofPending(act: PendingAct, requester: Requester | undefined): Promise<unknown>;
  /** What is known here of what the act is about, and is not signed: people for whom the act is open, and for nobody else. */
  besideOf(act: PendingAct, isOpen: boolean): Promise<Beside>;
}

export interface ActFileDependencies extends FactsDependencies {
  readonly cadastre: Pick<Cadastre, 'get'>;
  readonly rolls: Rolls;
  readonly subjects: Subjects;
  readonly views: Pick<Views, 'benefits' | 'journal'>;
  personIdOf(subject: SubjectRef): Promise<Bytes32 | undefined>;
}

type Named = Pick<SignableAct, 'typedData' | 'args' | 'items' | 'consents' | 'states' | 'opened'>;

export function actFileReader(acts: PendingActs, deps: ActFileDependencies): ActFileReader {
  return {
    withWords: (draft, sets) => keptBehind(deps.subjects, draft, sets),
    async ofDraft({ act, carries }, requester) {
      actFileOf(act, [...(act.opened ?? []), ...act.factSets]); // too large is said before anybody's name is read
      const list = carries.enrolment && { words: carries.enrolment.slots, secret: NO_SECRET };
      const lists = list === undefined ? await listOf(deps.rolls, act, act.entryId) : [{ list }];
      return fileOf(deps, act, { known: act.factSets, lists, requester });
    },
    async ofPending({ id }, requester) {
      const content = await acts.content(id);
      if (requester === undefined) {
        return actFileOf(content, [...(content.opened ?? []), ...(await groundOf(deps, content))]);
      }
      const known = await opened(deps, content.roots, requester);
      return fileOf(deps, content, { known, lists: await listOf(deps.rolls, content, id), requester });
    },
    async besideOf({ id }, isOpen) {
      const { typedData, roots } = await acts.content(id);
      const programme = typedData.message.programme as ProgrammeId | undefined;
      if (programme === undefined) return isOpen ? renamedIn(deps, roots) : {};
      const currency = (await deps.views.benefits.programme(programme))?.record.currency;
      const people = isOpen ? await peopleOf(deps, typedData, id) : undefined;
      return { ...(currency !== undefined && { currency }), ...(people && { people }) };
    },
  };
}

async function renamedIn({ commitments }: FactsDependencies, roots: readonly Bytes32[]): Promise<Beside> {
  const places = await Promise.all(roots.map((root) => commitments.get(root)));
  const renamed = roots.filter((_, i) => places[i]?.isRenamed);
  return renamed.length === 0 ? {} : { renamed };
}

/** Who stands at the places of an enrolment that is to be signed, or of the epoch that a roll is for. */
async function peopleOf(
  deps: ActFileDependencies,
  { primaryType, message }: TypedData,
  act: Bytes32,
): Promise<PeopleTold | undefined> {
  if (primaryType !== 'Enrol' && primaryType !== 'CycleEnvelope') return undefined;
  const isRoll = primaryType === 'CycleEnvelope';
  const [from, count] = isRoll
    ? [0, Number(message.count)]
    : [Number(message.startIndex), Number(message.count)];
  if (count > MOST_PEOPLE_TOLD) return undefined;
  const personIds: (Bytes32 | '')[] = Array(count).fill('');
  const of = [message.programme as ProgrammeId, Number(message.enrolmentEpoch)] as const;
  for await (const list of deps.rolls.enrolments(...of)) {
    // Of several lists for one place the ledger has one; an enrolment is of its own.
    const isIt = isRoll
      ? (await deps.views.journal.entryById(list.act as EntryId)) !== undefined
      : list.act === act;
    if (!isIt) continue;
    for (let i = 0; i < list.count; i++) {
      const place = list.startIndex + i - from;
      if (place >= 0 && place < count) personIds[place] = (await deps.personIdOf(list.personAt(i))) ?? '';
    }
  }
  return { from, personIds };
}

const ROOT_CHARACTERS = 66;
/** An enrolment's list is signed by its hash alone. */
const NO_SECRET = new Uint8Array();

interface Opening {
  readonly known: readonly FactSet[];
  readonly lists: readonly Opens[];
  readonly requester: Requester;
}

async function fileOf(deps: ActFileDependencies, act: Named, { known, lists, requester }: Opening) {
  const brought = [...(act.opened ?? []), ...known, ...(await groundOf(deps, act))];
  const there = new Set<string>(brought.map(({ root }) => root));
  const shown = new Set(act.states.flatMap(rootsIn));
  const wanted = [...namedBy(act)].filter((root) => !there.has(root) && shown.has(root)) as Bytes32[];
  // A file of more holders than a signer's device reads leaves names out, and says so.
  const room = Math.max(MAX_OPENINGS - brought.length - act.states.length - lists.length, 0);
  const named = await opened(deps, wanted.slice(0, room), requester);
  return actFileOf(act, [...brought, ...named, ...lists]);
}

/**
 * Words of 32 bytes that a state has: a unit's own commitments are among them. A hash that the caller states opens nothing,
 * for it may be anybody's: those of titles are public.
 */
function rootsIn(value: TypedValue): readonly string[] {
  if (typeof value === 'string') return value.length === ROOT_CHARACTERS ? [value] : [];
  if (Array.isArray(value)) return value.flatMap(rootsIn);
  return typeof value === 'object' ? Object.values(value as TypedStruct).flatMap(rootsIn) : [];
}

/** The boundaries of the units that an act changes: they are the cadastre's, and open. */
async function groundOf(
  { cadastre }: Pick<ActFileDependencies, 'cadastre'>,
  { states }: Pick<Named, 'states'>,
): Promise<readonly FactSet[]> {
  const pieces = states.flatMap(({ spatialUnits }) => spatialUnits as readonly TypedStruct[]);
  const sets = await Promise.all(
    pieces.map(async ({ id, geometryCommitment }) => {
      const { geometry = [] } = (await cadastre.get(id as Bytes32)) ?? {};
      const set = geometry.length === 0 ? undefined : commitFacts(geometry);
      return set?.root === geometryCommitment ? set : undefined;
    }),
  );
  return sets.flatMap((set) => set ?? []);
}

async function opened(deps: FactsDependencies, roots: readonly Bytes32[], requester: Requester) {
  const sets = await Promise.all(roots.map((root) => factsUnder(deps, root, requester, 'registration')));
  return sets.flatMap((set) => set ?? []);
}

/** The list behind an act, as long as it is kept and is not too long for a signer's device. */
async function listOf(rolls: Rolls, { typedData }: Named, act: Bytes32): Promise<readonly Opens[]> {
  const { primaryType, message } = typedData;
  if (primaryType === 'Enrol') {
    const list = await rolls.enrolment({
      programme: message.programme as ProgrammeId,
      enrolmentEpoch: Number(message.enrolmentEpoch),
      startIndex: Number(message.startIndex),
      act,
    });
    if (list !== undefined) return [{ list: { words: list.slots, secret: NO_SECRET } }];
  }
  if (primaryType !== 'CycleEnvelope') return [];
  const [programme, cycle] = [message.programme as ProgrammeId, Number(message.cycle) as CycleId];
  const roll = await rolls.roll({ programme, cycle, root: message.root as Bytes32 });
  if (roll === undefined || roll.count * roll.entryBytes > MOST_LIST_BYTES) return [];
  const { units, secret } = await rolls.entriesOf(roll);
  const { words } = packUnits(units, roll.entryBytes);
  return [{ list: { words, secret } }];
}
