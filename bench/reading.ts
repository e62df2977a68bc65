/**
 * How fast the state of a unit is read out of its event, beside ethers on the same bytes in the same process; and whose a
 * signature is, beside the portable reading of it.
 *
 * Every view and every audit reads each event once, so this is most of what following the ledger costs; signatures are most of
 * what it takes to judge a sale.
 */
import { performance } from 'node:perf_hooks';
import { AbiCoder, type ParamType } from 'ethers';
import { signCompact } from '../server/domain/acts/signing.ts';
import { recoverCompact } from '../server/domain/audit/signature.ts';
import { type Bytes32, fromHex, type Hex, toHex } from '../server/domain/base/hex.ts';
import { type AbiParameter, decoderOf, LOG_START } from '../server/ledger/abi.ts';
import { contractOf } from '../server/ledger/contracts.ts';
import { keccak256 } from '../server/ledger/keccak.ts';
import { recoverQuickly } from '../server/ledger/recovery.ts';
import type { Row } from './row.ts';

const ROUNDS = 5;
const STATES = 500;
const SIGNATURES = 200;
/** Of each list in a state: two holders a right, two rights, two restrictions. */
const ITEMS = 2;

/** The `seed`-th value of the type: what is in it does not matter to a reader, only where it ends. */
function sampleOf(type: ParamType, seed: number): unknown {
  if (type.isArray()) return Array.from({ length: ITEMS }, (_, i) => sampleOf(type.arrayChildren, seed + i));
  if (type.isTuple()) return type.components.map((component, i) => sampleOf(component, seed + i));
  const [, bytes] = /^bytes(\d+)$/.exec(type.type) ?? [];
  return bytes === undefined ? seed % 200 : `0x${'5a'.repeat(Number(bytes))}`;
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

export function readingRows(): Row[] {
  return [stateRow(), signatureRow()];
}

function signatureRow(): Row {
  const key = keccak256(Buffer.from('a card'));
  const signed = Array.from({ length: SIGNATURES }, (_, i) => {
    const digest = keccak256(Buffer.from(`sale ${i}`));
    return { digest, signature: fromHex(signCompact(toHex(digest) as Bytes32, key)) };
  });
  const each = (recover: typeof recoverCompact) => signed.map((one) => recover(one.digest, one.signature));
  if (each(recoverQuickly).join() !== each(recoverCompact).join()) throw new Error('the signers differ');
  const ratios = Array.from({ length: ROUNDS }, () => {
    const ourMs = timed(() => void each(recoverQuickly));
    return timed(() => void each(recoverCompact)) / ourMs;
  }).sort((a, b) => a - b);
  return {
    name: 'read whose a signature is',
    value: ratios[ROUNDS >> 1] ?? 0,
    unit: 'times as fast',
    hold: { atLeast: 3 },
    peer: { name: 'the portable reading', value: 1 },
  };
}

function stateRow(): Row {
  const type = contractOf('land').calls.getEvent('BAUnitRecorded')?.inputs[2];
  if (type === undefined) throw new Error('the event of a state has another shape');
  const coder = AbiCoder.defaultAbiCoder();
  const states = Array.from({ length: STATES }, (_, i) => coder.encode([type], [sampleOf(type, i)]) as Hex);
  const parameter: AbiParameter = JSON.parse(type.format('json'));
  const decode = decoderOf([parameter]);
  for (const state of states) {
    const { factsRoot } = decode(state, LOG_START)[parameter.name] as { factsRoot: Hex };
    if (factsRoot !== coder.decode([type], state)[0].factsRoot) throw new Error('the states read differ');
  }
  const ratios = Array.from({ length: ROUNDS }, () => {
    const ourMs = timed(() => states.forEach((state) => void decode(state, LOG_START)));
    const peerMs = timed(() => states.forEach((state) => void coder.decode([type], state)));
    return peerMs / ourMs;
  }).sort((a, b) => a - b);
  return {
    name: 'read the state of a unit',
    value: ratios[ROUNDS >> 1] ?? 0,
    unit: 'times as fast',
    hold: { atLeast: 5 },
    peer: { name: 'ethers', value: 1 },
  };
}
