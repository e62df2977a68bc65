/**
 * What an act on land costs by arithmetic: the bytes that are sent and logged, the words that are read and kept, the
 * signatures, and one hash of each struct that is signed or kept. Whatever code stands between them, a register with
 * this layout cannot take less; what it takes more is decoding, checking and copying. Pure.
 */
import { fromHex } from '../server/domain/hex.ts';
import { LAND_TYPES, type LandStructs } from '../server/domain/land/acts.ts';
import { toMessage } from '../server/domain/land/codec.ts';
import type { PreparedAct } from '../server/domain/land/prepare.ts';
import type { TypedStruct, TypeTable } from '../server/domain/typedData.ts';
import type { Sent } from './landChain.ts';

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

/** A state kept is a word a unit, and one a spatial unit the first time. */
export function boundOf(prepared: PreparedAct, sent: Sent): number {
  const officers = ACCOUNTS_ASKED * COLD_ACCOUNT + WORDS_READ * COLD_WORD + 2 * RECOVERY;
  const journal = JOURNAL_WORDS * CHANGED_WORD;
  const consents = prepared.consents.length * (RECOVERY + hash(DIGEST_WORDS) + hashOf('Consent'));
  const units = prepared.changes.reduce((sum, { state, prior }) => {
    const kept = prior === undefined ? NEW_WORD * (1 + state.spatialUnits.length) : CHANGED_WORD;
    return sum + kept + hashOf('BAUnitState', state) + hash(LEAF_WORDS) + hash(HEAD_WORDS);
  }, 0);
  // Of a title the state as signed differs from the one kept by its number; of a transfer the one before was signed.
  const signed = prepared.changes.reduce((sum, { state, prior }) => {
    return sum + hashOf('BAUnitState', prior ?? state);
  }, hashOf('ActHead'));
  const digests = 2 * hash(DIGEST_WORDS);
  const work = officers + journal + consents + units + signed + digests + logsOf(sent);
  return (
    TRANSACTION + Math.max(bytesOf(sent, ZERO_BYTE, BYTE) + work, bytesOf(sent, FLOOR_ZERO_BYTE, FLOOR_BYTE))
  );
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

type Struct = keyof LandStructs & keyof typeof LAND_TYPES;
const TYPES: TypeTable = LAND_TYPES;

/** Gas of hashing a struct and all it is made of; of one that has only values any will do. */
function hashOf<K extends Struct>(name: K, value?: LandStructs[K]): number {
  return walk(name, value === undefined ? {} : toMessage(name, value));
}

function walk(name: string, value: TypedStruct): number {
  const fields = TYPES[name] ?? [];
  return fields.reduce(
    (sum, field) => {
      const inner = field.type.replace('[]', '');
      if (TYPES[inner] === undefined) return sum;
      const part = value[field.name];
      if (!Array.isArray(part)) return sum + walk(inner, part as TypedStruct);
      return part.reduce(
        (all: number, item: TypedStruct) => all + walk(inner, item),
        sum + hash(part.length),
      );
    },
    hash(fields.length + 1),
  );
}
