/**
 * What an act on land costs by arithmetic: the bytes that are sent and logged, the words that are read and kept, the
 * signatures, and one hash of each struct that is signed or kept. Whatever code stands between them, a register with
 * this layout cannot take less; what it takes more is decoding, checking and copying. Pure.
 */

import type { TypedStruct, TypeTable } from '../server/domain/acts/typedData.ts';
import { fromHex } from '../server/domain/base/hex.ts';
import { LAND_TYPES } from '../server/domain/land/acts.ts';
import { toMessage } from '../server/domain/land/codec.ts';
import type { LandSignable } from '../server/domain/land/prepare.ts';
import type { BAUnitState } from '../server/domain/land/types.ts';
import type { Sent } from './foundedChain.ts';

/** Prices of the fork: EIP-2028 and 7623, 2929, 2200, 3529. */
const TRANSACTION = 21_000;
const ZERO_BYTE = 4;
const BYTE = 16;
const FLOOR_ZERO_BYTE = 10;
const FLOOR_BYTE = 40;
const NEW_WORD = 22_100;
const CHANGED_WORD = 5_000;
const COLD_WORD = 2_100;
const COLD_ACCOUNT = 2_600;
const RECOVERY = 3_000;
const LOG = 375;
const LOG_BYTE = 8;
const HASH = 30;
const HASH_WORD = 6;

/** The Charter, and the consortium it names. */
const ACCOUNTS_ASKED = 2;
/** Who has authority; the policy of the act; what is paused and barred; standing and key of two officers. */
const WORDS_READ = 1 + 1 + 1 + 2 * 2;
/** The journal's head and its count. */
const JOURNAL_WORDS = 2;
/** Fields of a journal entry's leaf, and its head with the one before. */
const LEAF_WORDS = 10;
const HEAD_WORDS = 2;
/** Prefix, domain and struct hash. */
const DIGEST_WORDS = 3;
/** Type, act, approver, epoch, deadline. */
const APPROVAL_WORDS = 5;
/** Salt, kind, and the key behind its place and length. */
const KEY_WORDS = 5;

export function boundOf(prepared: LandSignable, sent: Sent): number {
  const work = officersOf(prepared) + consentsOf(prepared) + unitsOf(prepared) + logsOf(sent);
  return (
    TRANSACTION + Math.max(bytesOf(sent, ZERO_BYTE, BYTE) + work, bytesOf(sent, FLOOR_ZERO_BYTE, FLOOR_BYTE))
  );
}

/** Who they are and whether they signed the act; the journal's words. */
function officersOf({ typedData: { types, primaryType, message } }: LandSignable): number {
  const reading = ACCOUNTS_ASKED * COLD_ACCOUNT + WORDS_READ * COLD_WORD;
  const signing =
    2 * (RECOVERY + hash(DIGEST_WORDS)) + hashOf(types, primaryType, message) + hash(APPROVAL_WORDS);
  return reading + signing + JOURNAL_WORDS * CHANGED_WORD;
}

function consentsOf({ consents }: LandSignable): number {
  const one = RECOVERY + hash(DIGEST_WORDS) + hashOf(LAND_TYPES, 'Consent', {}) + hash(KEY_WORDS);
  return consents.length * one;
}

/** A state kept is a word a unit, and a word a parcel the first time. Shown or signed, and then kept: two hashes. */
function unitsOf({ changes, typedData }: LandSignable): number {
  return changes.reduce((sum, { state, prior }) => {
    const words = prior === undefined ? NEW_WORD * (1 + state.spatialUnits.length) : CHANGED_WORD;
    // The title of an act of its own is part of what was signed; a batch signs the hash of its titles.
    const isSigned = prior === undefined && typedData.primaryType !== 'Batch';
    const hashes = hashOfState(state) + (isSigned ? 0 : hashOfState(prior ?? state));
    return sum + words + hashes + hash(LEAF_WORDS) + hash(HEAD_WORDS);
  }, 0);
}

function bytesOf({ data }: Sent, zero: number, other: number): number {
  return fromHex(data).reduce((sum, byte) => sum + (byte === 0 ? zero : other), 0);
}

function logsOf({ logs }: Sent): number {
  return logs.reduce(
    (sum, { topics, data }) => sum + LOG * (1 + topics.length) + LOG_BYTE * fromHex(data).length,
    0,
  );
}

function hash(words: number): number {
  return HASH + HASH_WORD * words;
}

function hashOfState(state: BAUnitState): number {
  return hashOf(LAND_TYPES, 'BAUnitState', toMessage('BAUnitState', state));
}

/** Gas of hashing a struct and all it is made of. */
function hashOf(types: TypeTable, name: string, value: TypedStruct): number {
  const fields = types[name] ?? [];
  return fields.reduce(
    (sum, field) => {
      const inner = field.type.replace('[]', '');
      if (types[inner] === undefined) return sum;
      const part = value[field.name];
      if (!Array.isArray(part)) return sum + hashOf(types, inner, part as TypedStruct);
      const items = part as readonly TypedStruct[];
      return items.reduce((all, item) => all + hashOf(types, inner, item), sum + hash(items.length));
    },
    hash(fields.length + 1),
  );
}
