/**
 * A line of who read what is kept of a person, as the log has it and in words that she understands.
 *
 * Promises: the fields that the hash of a line is made of stand as they were hashed, so that anybody folds the list; beside
 * them is who that was, by role, institution and what the token is for, for which act of which officer, and all of it in
 * a sentence.
 */
import { z } from 'zod';
import type { Telling } from '../desk/telling.ts';
import type { Bytes32 } from '../domain/base/hex.ts';
import { shortId } from '../domain/base/inWords.ts';
import { ACCESS_CHANNELS, type AccessLine, accessLineHash } from '../domain/people/access.ts';
import { PURPOSES, type StoredType } from '../domain/people/schema.ts';
import { whoOf, whoOut } from './who.ts';

export const accessLine = z.object({
  index: z.int(),
  at: z.iso.datetime(),
  actor: z.string().meta({ description: 'As it is hashed; `who` says who that is' }),
  who: whoOut,
  institution: z.int(),
  purpose: z.string(),
  reason: z.string().meta({ description: 'The purpose in words' }),
  classes: z.array(z.string()),
  types: z.array(z.string()),
  channel: z.enum(ACCESS_CHANNELS),
  receiver: z.int(),
  caseReference: z.string().optional(),
  forAct: z
    .object({ id: z.string(), what: z.string(), officer: z.string(), institution: z.int().optional() })
    .optional()
    .meta({ description: 'Where the case is an act: what it is, and the officer who prepares it' }),
  onBehalfOf: z.string().optional(),
  agreement: z.string().optional(),
  words: z.string().meta({ description: 'Who read what, what for and in which case, in a sentence' }),
  hash: z.string(),
  previous: z.string().meta({ description: 'Hash of the line before: a missing one shows' }),
});
/** DT4: hidden for a time by law; that there is a line is not. */
export const hiddenLine = z.object({
  index: z.int(),
  isHidden: z.literal(true),
  hash: z.string(),
  previous: z.string(),
});

export interface ReadingsShown {
  readonly telling: Pick<Telling, 'whoIs' | 'actOf'>;
  /** Whether whoever reads the list is told what tokens of an institution are for. */
  mayHaveLabel(institution: number): boolean;
  readonly nowMs: number;
}

export async function readingBody(line: AccessLine, { telling, mayHaveLabel, nowMs }: ReadingsShown) {
  const { version: _, atMs, hidden, previous, ...shown } = line;
  const hash = accessLineHash(line);
  if (hidden !== undefined && hidden.untilMs > nowMs) {
    return { index: line.index, isHidden: true, hash, previous };
  }
  const known = await whoOf(telling.whoIs, line.actor, mayHaveLabel);
  const who =
    known.institution === undefined ? Object.assign({ institution: line.institution }, known) : known;
  const forAct = await actIn(line, telling);
  const reason = PURPOSES[line.purpose];
  const did = DID[line.channel];
  const words = `${sentence(who.words)} ${did} ${whatOf(line.types)}: ${reason.charAt(0).toLowerCase()}${reason.slice(1)}${caseWords(line, forAct)}`;
  return { ...shown, who, forAct, at: new Date(atMs).toISOString(), reason, words, hash, previous };
}

const DID: Readonly<Record<AccessLine['channel'], string>> = {
  view: 'read',
  transfer: 'read',
  refused: 'asked for and was refused',
  found: 'sent a file that found',
  changed: 'sent a file that changed',
};

const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** What is kept of a person, as she calls it. */
const KEPT: Readonly<Record<StoredType, string>> = {
  person: 'the registration for aid',
  party: 'the record as a party to land',
  opening: 'the facts behind a title',
  actOpenings: 'the facts behind an act',
  card: 'the card',
};
/** Of whom nothing is kept any more, or is hers no more, the list itself. */
const whatOf = (types: readonly StoredType[]) =>
  types.length === 0 ? 'who read her data' : types.map((type) => KEPT[type]).join(', ');

/** `act:` and the id of the act is the case of whoever prepares or approves it. */
const CASE_OF_ACT = /^act:(0x[0-9a-f]{64})$/;

async function actIn({ caseReference = '' }: AccessLine, { actOf }: Pick<Telling, 'actOf'>) {
  const [, id] = CASE_OF_ACT.exec(caseReference) ?? [];
  const act = id === undefined ? undefined : await actOf(id as Bytes32);
  if (id === undefined || act === undefined) return undefined;
  const { what, preparer: officer, institution } = act;
  return institution === undefined ? { id, what, officer } : { id, what, officer, institution };
}

function caseWords(
  { caseReference, purpose, channel, receiver }: AccessLine,
  forAct: { readonly what: string; readonly officer: string; readonly institution?: number } | undefined,
): string {
  const handed = channel === 'transfer' ? `, handed to institution ${receiver}` : '';
  if (purpose === 'own-data' || caseReference === undefined) return handed;
  if (forAct === undefined) {
    const [, id] = CASE_OF_ACT.exec(caseReference) ?? [];
    const of = id === undefined ? `case ${caseReference}` : `act ${shortId(id)}, which came to nothing`;
    return `, in ${of}${handed}`;
  }
  const { what, officer, institution } = forAct;
  const by = `officer ${shortId(officer)}${institution === undefined ? '' : ` of institution ${institution}`}`;
  return `, for ${what} that ${by} prepared${handed}`;
}
