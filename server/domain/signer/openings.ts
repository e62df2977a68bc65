/**
 * Openings of the commitments in an act: what a hash stands for, so that a signer need not believe it.
 *
 * Promises: an opening that `readOpening` returns hashes to the commitment it names, and its words are of what was
 * hashed and nothing else. Pure.
 *
 * Format, JSON, version 1, one of:
 *   {kind "state", commitment, state}   a unit's state, as its typed-data message
 *   {kind "facts", commitment, facts [{path, value, salt}]}   all facts under one root, in the order of their paths
 *   {kind "words", commitment, words, secret}   the words of an enrolment or of a roll, and what a roll's lines are salted by
 */

import { commitFacts, type Fact, type FactSet, isFact, MAX_FACTS } from '../acts/facts.ts';
import { SIGNED_NAMES, SIGNED_TYPES } from '../acts/signedActs.ts';
import { hashStruct, type TypedStruct } from '../acts/typedData.ts';
import type { Bytes32, Hex } from '../base/hex.ts';
import { fromHex, parseHex, toHex } from '../base/hex.ts';
import { countInWords } from '../base/inWords.ts';
import { refusal } from '../base/refusal.ts';
import { type Fields, isRecord, listOf, type Malformed, oneOf, recordOf } from '../base/strictJson.ts';
import { foldWords } from '../benefits/unitsTable.ts';
import { cornersInWords } from '../survey/corners.ts';
import { inWords } from './actWords.ts';
import { readStruct, type TypedDataRefusals, type TypedJson, writeValue } from './typedJson.ts';

export interface Opening {
  readonly commitment: Bytes32;
  /** What it stands for, a line each. */
  readonly words: readonly string[];
  /** The message of an opened state, which commits in its turn. */
  readonly state?: TypedStruct;
  /** What was opened where it is facts. */
  readonly facts?: readonly Fact[];
  /** The words of a signed list. */
  readonly list?: SignedWords;
}

/** A list as it is signed: 32 bytes a word; the secret behind its salts, 32 bytes, is of a roll alone, or none. */
export interface SignedWords {
  readonly words: Uint8Array;
  readonly secret: Uint8Array;
}

const WORD_BYTES = 32;
/** A million people at four bytes each: more is loaded from a roll that no signer's device would read. */
export const MOST_LIST_BYTES = 4 * 2 ** 20;
const STATE = 'BAUnitState';

/** What the gateway opens a commitment with: facts under a root, the message of a state, or a list. */
export type Opens = FactSet | { readonly state: TypedStruct } | { readonly list: SignedWords };

export function writeOpening(opens: Opens): TypedJson {
  if ('state' in opens) {
    const commitment = hashStruct(SIGNED_TYPES, STATE, opens.state);
    return { kind: 'state', commitment, state: writeValue(opens.state) };
  }
  if ('list' in opens) {
    const { words, secret } = opens.list;
    return { kind: 'words', commitment: foldWords(words), words: toHex(words), secret: toHex(secret) };
  }
  const facts = opens.facts.map(({ path, value, salt }) => ({ path, value, salt }));
  return { kind: 'facts', commitment: opens.root, facts };
}

/** Refuses as `opening-differs` what does not hash to its commitment; `nameOf` says of which field of the act it is. */
export function readOpening(
  json: unknown,
  place: string,
  say: TypedDataRefusals,
  nameOf: (commitment: string) => string,
): Opening {
  const kind = oneOf(
    isRecord(json) ? json.kind : undefined,
    `${place}/kind`,
    ['state', 'facts', 'words'],
    say.malformed,
  );
  const opening =
    kind === 'state'
      ? readState(json, place, say)
      : kind === 'facts'
        ? readFacts(json, place, say.malformed)
        : readWords(json, place, say.malformed);
  const { commitment } = json as Fields;
  if (typeof commitment !== 'string' || parseHex(commitment, 32) !== commitment) {
    throw say.malformed(`${place}/commitment`);
  }
  if (opening.commitment !== commitment) {
    const why = `${nameOf(commitment)} is ${commitment}, and what is opened for it hashes to ${opening.commitment}`;
    throw refusal('opening-differs', { why }, { field: place });
  }
  return opening;
}

function readState(json: unknown, place: string, say: TypedDataRefusals): Opening {
  const given = recordOf(json, place, ['kind', 'commitment', 'state'], say.malformed);
  const state = readStruct(given.state, `${place}/state`, SIGNED_TYPES, STATE, say);
  return {
    commitment: hashStruct(SIGNED_TYPES, STATE, state),
    words: inWords(SIGNED_TYPES, SIGNED_NAMES, STATE, state, '  '),
    state,
  };
}

function readFacts(json: unknown, place: string, malformed: Malformed): Opening {
  const given = recordOf(json, place, ['kind', 'commitment', 'facts'], malformed);
  const facts = listOf(given.facts, `${place}/facts`, MAX_FACTS, malformed, (item, at): Fact => {
    const { path, value, salt } = recordOf(item, at, ['path', 'value', 'salt'], malformed);
    if (typeof path !== 'string' || typeof value !== 'string' || typeof salt !== 'string')
      throw malformed(at);
    const fact = { path, value, salt: salt as Bytes32 };
    if (!isFact(fact)) throw malformed(at);
    return fact;
  });
  const isSet = (values: readonly string[]) => new Set(values).size === facts.length && facts.length > 0;
  if (!isSet(facts.map(({ path }) => path)) || !isSet(facts.map(({ salt }) => salt))) {
    throw malformed(`${place}/facts`);
  }
  return {
    facts,
    commitment: commitFacts(facts).root,
    words: facts.map(factInWords),
  };
}

function factInWords({ path, value }: Fact): string {
  return `  ${path}: ${(path === 'boundary' ? cornersInWords(value) : undefined) ?? visible(value)}`;
}

function readWords(json: unknown, place: string, malformed: Malformed): Opening {
  const given = recordOf(json, place, ['kind', 'commitment', 'words', 'secret'], malformed);
  const [words, secret] = (['words', 'secret'] as const).map((name) => {
    const text = given[name];
    const isWhole = typeof text === 'string' && /^0x(?:[0-9a-f]{64})*$/.test(text);
    if (!isWhole || text.length > 2 + 2 * MOST_LIST_BYTES) throw malformed(`${place}/${name}`);
    return fromHex(text as Hex);
  }) as [Uint8Array, Uint8Array];
  if (words.length === 0) throw malformed(`${place}/words`);
  const many = countInWords(words.length / WORD_BYTES, 'word');
  return {
    list: { words, secret },
    commitment: foldWords(words),
    words: [`  a list of ${many}, counted above`],
  };
}

/**
 * In quotes, and nothing in it that a terminal would obey, that would turn the order of what is read, or that nobody sees: two
 * numbers that look alike are not told apart by a filler, a variation or another white space.
 */
export function visible(value: string): string {
  return JSON.stringify(value).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{DI}\u2800]|(?! )\p{Zs}/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
