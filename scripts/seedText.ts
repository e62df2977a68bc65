/**
 * A seed as it is printed and typed in again: for who keeps it on paper, and for a card.
 *
 * Format, version 1: `KS1`, then fourteen groups of four signs of Crockford's base 32 (no I, L, O, U) behind hyphens: the
 * 256 bits of the seed, and behind them the first 24 bits of SHA-256 of "kudurru-seed-1" and the seed. Promises: case,
 * blanks and the signs that are misread for others do not matter; one wrong sign, or two that changed places, are noticed.
 */
import { createHash } from 'node:crypto';
import { refusal } from '../server/domain/base/refusal.ts';

const SIGNS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const BEGIN = 'KS1';
const SEED_BYTES = 32;
const CHECK_BYTES = 3;
/** 280 bits are 56 signs of five. */
const SIGN_COUNT = (8 * (SEED_BYTES + CHECK_BYTES)) / 5;
const GROUP = 4;

export function writeSeed(seed: Uint8Array): string {
  let bits = BigInt(`0x${Buffer.concat([seed, checkOf(seed)]).toString('hex')}`);
  let signs = '';
  for (let i = 0; i < SIGN_COUNT; i++) {
    signs = (SIGNS[Number(bits & 31n)] ?? '') + signs;
    bits >>= 5n;
  }
  return [BEGIN, ...(signs.match(new RegExp(`.{${GROUP}}`, 'g')) ?? [])].join('-');
}

/** Refuses as `seed-text-malformed`. */
export function readSeed(text: string): Uint8Array {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  const signs = plain.startsWith(BEGIN) ? plain.slice(BEGIN.length) : '';
  const isRead = signs.length === SIGN_COUNT && [...signs].every((sign) => SIGNS.includes(sign));
  if (!isRead) throw refusal('seed-text-malformed');
  const bits = [...signs].reduce((sum, sign) => (sum << 5n) | BigInt(SIGNS.indexOf(sign)), 0n);
  const bytes = Buffer.from(bits.toString(16).padStart(2 * (SEED_BYTES + CHECK_BYTES), '0'), 'hex');
  const seed = Uint8Array.from(bytes.subarray(0, SEED_BYTES));
  if (!bytes.subarray(SEED_BYTES).equals(checkOf(seed))) throw refusal('seed-text-malformed');
  return seed;
}

function checkOf(seed: Uint8Array): Buffer {
  return createHash('sha256').update('kudurru-seed-1').update(seed).digest().subarray(0, CHECK_BYTES);
}
