/**
 * Openings of the commitments in an act: what a hash stands for, so that a signer need not believe it.
 *
 * Promises: an opening that `readOpening` returns hashes to the commitment it names, and its words are of what was
 * hashed and nothing else. Pure.
 *
 * Format, JSON, version 1, one of:
 *   {kind "state", commitment, state}   a unit's state, as its typed-data message
 *   {kind "facts", commitment, facts [{path, value, salt}]}   all facts under one root, in the order of their paths
 */

import { commitFacts, type Fact, type FactSet, isFact, MAX_FACTS } from '../acts/facts.ts';
import { SIGNED_NAMES, SIGNED_TYPES } from '../acts/signedActs.ts';
import { hashStruct, type TypedStruct } from '../acts/typedData.ts';
import type { Bytes32 } from '../base/hex.ts';
import { parseHex } from '../base/hex.ts';
import { refusal } from '../base/refusal.ts';
import { type Fields, isRecord, listOf, type Malformed, oneOf, recordOf } from '../base/strictJson.ts';
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
}

const STATE = 'BAUnitState';

/** What the gateway opens a commitment with: facts under a root, or the message of a state. */
export type Opens = FactSet | { readonly state: TypedStruct };

export function writeOpening(opens: Opens): TypedJson {
  if ('state' in opens) {
    const commitment = hashStruct(SIGNED_TYPES, STATE, opens.state);
    return { kind: 'state', commitment, state: writeValue(opens.state) };
  }
  const facts = opens.facts.map(({ path, value, salt }) => ({ path, value, salt }));
  return { kind: 'facts', commitment: opens.root, facts };
}

/** Refuses as `opening-differs` what does not hash to its commitment. */
export function readOpening(json: unknown, place: string, say: TypedDataRefusals): Opening {
  const kind = oneOf(
    isRecord(json) ? json.kind : undefined,
    `${place}/kind`,
    ['state', 'facts'],
    say.malformed,
  );
  const opening = kind === 'state' ? readState(json, place, say) : readFacts(json, place, say.malformed);
  const { commitment } = json as Fields;
  if (typeof commitment !== 'string' || parseHex(commitment, 32) !== commitment) {
    throw say.malformed(`${place}/commitment`);
  }
  if (opening.commitment !== commitment) throw refusal('opening-differs', undefined, { field: place });
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
    words: facts.map(({ path, value }) => `  ${path}: ${visible(value)}`),
  };
}

/** In quotes, and nothing in it that a terminal would obey or that would turn the order of what is read. */
export function visible(value: string): string {
  return JSON.stringify(value).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (sign) => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
