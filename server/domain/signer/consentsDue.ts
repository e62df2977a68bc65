/**
 * Whose consent an act needs, by the rules of the register, held against whom its file asks.
 *
 * Promises: the rules are those of `domain/land`, by which the gateway prepares and the register decides, applied to the
 * states that the file opens; whatever of a file's consents the register would not take is said, each by its holding or
 * charge. It cannot tell whether the states are in force, nor when something lapsed where halts were recorded: of every
 * moment up to now one must fit. For the officer who signs. Pure: the time is an argument.
 */
import { rowOf } from '../acts/table.ts';
import type { TypedValue } from '../acts/typedData.ts';
import { ZERO_32 } from '../base/hex.ts';
import { shortId } from '../base/inWords.ts';
import { CONSENT_ROLES, nameOf } from '../base/terms.ts';
import { toMessage } from '../land/codec.ts';
import type { ConsentNeeded } from '../land/consents.ts';
import type { ActFile } from './actFile.ts';
import {
  changesIn,
  namesIn,
  ROLE_WORDS,
  subjectInWords,
  type UnitSeen,
  unitIn,
  unitsSeen,
} from './consentFile.ts';
import { hasUnopenedState, judgedAt, momentsIn } from './judged.ts';
import { isNothing } from './opened.ts';
import type { SignableData } from './typedJson.ts';

/**
 * What is amiss with the consents of a file, a sentence each; nothing where the register takes them as they are. Undefined
 * where the file does not open every state of the act, so that nobody can tell.
 */
export function consentsAmiss(file: ActFile, nowSeconds: bigint): readonly string[] | undefined {
  const { act, consents } = file;
  if (rowOf(act.primaryType)?.consents === undefined) return []; // its reader refused whatever it asks for
  const bare = changesIn(act.message).filter(({ priorState }) => isNothing(priorState));
  if (bare.length > 0) return bare.map(({ baUnit }) => withoutState(baUnit));
  if (hasUnopenedState(file)) return undefined;
  const seen = unitsSeen(file);
  const moments = momentsIn(file, seen, nowSeconds);
  for (const at of moments) if (isAsAsked(neededAt(file, seen, at), consents)) return [];
  return amissIn(file, seen, neededAt(file, seen, moments[0] ?? nowSeconds));
}

/** Zero is the state of no unit, and nothing that could be left closed: the act asks the holders of nobody. */
const withoutState = (baUnit: TypedValue | undefined) =>
  `Unit ${shortId(String(baUnit))} is named without the state that it has, so nobody can tell who must consent.`;

function neededAt(file: ActFile, units: readonly UnitSeen[], nowSeconds: bigint): readonly ConsentNeeded[] {
  const judged = judgedAt(file, units, nowSeconds);
  return judged.ok ? judged.signable.needed : judged.consents;
}

// ---- What the register takes, and what is asked --------------------------------------------------------------

/** Its signer chooses the time and the mandate; everything else the register knows. */
const FIELDS = ['role', 'act', 'baUnit', 'unitsHash', 'subject', 'termsHash', 'effectiveOn'] as const;
const CHOSEN = { notBefore: 0n, deadline: 0n, mandateCommitment: ZERO_32 };

function isAsAsked(needed: readonly ConsentNeeded[], consents: readonly SignableData[]): boolean {
  return (
    needed.length === consents.length && needed.every((one, i) => differing(one, consents[i]).length === 0)
  );
}

function differing(one: ConsentNeeded, asked: SignableData | undefined): readonly string[] {
  const { keyHash: _, ...named } = one;
  const due = toMessage('Consent', Object.assign({}, named, CHOSEN));
  return FIELDS.filter((name) => String(due[name]) !== String(asked?.message[name]));
}

function amissIn(
  file: ActFile,
  units: readonly UnitSeen[],
  needed: readonly ConsentNeeded[],
): readonly string[] {
  const whose = (baUnit: TypedValue | undefined, subject: number) =>
    subjectIn(file, units, baUnit as string, subject);
  const isOf = ({ baUnit, subject }: ConsentNeeded, { message }: SignableData) =>
    message.baUnit === baUnit && Number(message.subject) === subject;
  const lines = needed.flatMap((one): string | readonly string[] => {
    const who = whose(one.baUnit, one.subject);
    const asked = file.consents.filter((consent) => isOf(one, consent));
    const [first] = asked;
    if (first === undefined) return `The consent of ${who} is missing; it is given ${ROLE_WORDS[one.role]}.`;
    if (asked.length > 1) return `The consent of ${who} is asked for ${asked.length} times.`;
    const fields = differing(one, first);
    if (fields.length === 0) return [];
    if (!fields.includes('role')) {
      return `The consent of ${who} names other rights, charges, terms or another date than the act has.`;
    }
    const role = nameOf(CONSENT_ROLES, Number(first.message.role));
    return `The consent of ${who} is given in another role: ${role === undefined ? 'none that there is' : ROLE_WORDS[role]}, and not ${ROLE_WORDS[one.role]}.`;
  });
  const unneeded = file.consents
    .filter((consent) => !needed.some((one) => isOf(one, consent)))
    .map(
      ({ message: { baUnit, subject } }) =>
        `A consent of ${whose(baUnit, Number(subject))} is asked for, and the register takes none.`,
    );
  const all = [...lines, ...unneeded];
  return all.length > 0 ? all : ['The consents stand in another order than the register takes them in.'];
}

function subjectIn(file: ActFile, units: readonly UnitSeen[], baUnit: string, subject: number): string {
  const unit = units.find((one) => one.baUnit === baUnit);
  if (unit === undefined) return `number ${subject} of a unit that the act does not name`;
  return `${subjectInWords(unit.state, subject)} of ${unitIn(namesIn(file), unit)}`;
}
