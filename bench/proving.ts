/**
 * Row 21 of the table of performance: what a proof costs at the gateway as a register grows, and one of every title.
 *
 * The register is a stand-in that is quick to fill: for each word of its calldata it writes the slot of a title, and the
 * event that says so, as the register of land does. Its peer is the executor's own proof of the same slots of the same block,
 * and the two are asserted equal before time counts. Exponents and the wait hold; other milliseconds are told.
 */
import { performance } from 'node:perf_hooks';
import type { ParamType } from 'ethers';
import { unitStateSlot } from '../server/domain/audit/verifyCertificate.ts';
import { type Address, type Bytes32, type Hex, toHex } from '../server/domain/base/hex.ts';
import type { BAUnitId } from '../server/domain/base/terms.ts';
import { contractOf } from '../server/ledger/contracts.ts';
import type { EmbeddedChain } from '../server/ledger/embedded.ts';
import { keccak256 } from '../server/ledger/keccak.ts';
import { signTransaction, softwareSigner } from '../server/ledger/signer.ts';
import { inFolder, median, open } from './ledger.ts';
import type { Row } from './row.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
const TITLES_A_CALL = 250;
const CALLS_AT_ONCE = 6;
const GAS = 16_000_000n;
const PROOFS = 51;
const EXECUTOR_PROOFS = 3;
const SLOTS_A_PROOF = 256;
const WAIT_MS = 20;
const REGISTER = `0x${'78'.repeat(20)}` as Address;
/** Where the loop of the stand-in begins. */
const LOOP_AT = 0x0f;

const titleOf = (number: number) => toHex(keccak256(Buffer.from(`title ${number}`))) as BAUnitId;
const slotOf = (number: number): Bytes32 => unitStateSlot(titleOf(number));

/** Of lists nothing, of all else zero. */
function emptyOf(type: ParamType): unknown {
  if (type.isArray()) return [];
  if (type.isTuple()) return type.components.map(emptyOf);
  const [, bytes] = /^bytes(\d+)$/.exec(type.type) ?? [];
  return bytes === undefined ? 0 : `0x${'00'.repeat(Number(bytes))}`;
}

/** Stores each word of its calldata under a title's slot and says so with the event of a register. */
function registerCode(): Hex {
  const { calls } = contractOf('land');
  const event = calls.getEvent('BAUnitRecorded');
  const state = event?.inputs[2];
  if (event === null || state === undefined) throw new Error('the event of a state has another shape');
  const { data } = calls.encodeEventLog(event, [titleOf(0), titleOf(0), emptyOf(state)]);
  const size = ((data.length - 2) / 2).toString(16).padStart(4, '0');
  const topic = event.topicHash.slice(2);
  const loop = (end: number) =>
    `5b80361460${end.toString(16)}5780358060005280604060002055807f${topic}61${size}6040a360200160${LOOP_AT.toString(16).padStart(2, '0')}56`;
  const begin = (from: number) => `61${size}61${from.toString(16).padStart(4, '0')}60403960056020525f`;
  const end = (begin(0).length + loop(0xff).length) / 2;
  const program = `${begin(end + 2)}${loop(end)}5b00`;
  return `0x${program}${data.slice(2)}`;
}

interface Measured {
  readonly titles: number;
  readonly ms: number;
  readonly executorMs: number;
  /** A proof of every title, some hundred at a time. */
  readonly allMs: number;
  /** From the first question after so many titles more to its answer. */
  readonly caughtUpMs: number;
}

export function provingRows(): Promise<Row[]> {
  return inFolder(async (folder) => {
    const { chain, close } = await open(folder, [{ address: REGISTER, code: registerCode(), storage: [] }]);
    const measured: Measured[] = [];
    let nonce = 0n;
    try {
      for (const [i, titles] of SIZES.entries()) {
        const from = i === 0 ? 0 : (SIZES[i - 1] ?? 0);
        nonce = await fill(chain, from, titles, nonce);
        measured.push(await measure(chain, titles));
      }
    } finally {
      await close();
    }
    return rowsOf(measured);
  });
}

async function fill(chain: EmbeddedChain, from: number, to: number, first: bigint): Promise<bigint> {
  const signer = softwareSigner(keccak256(Buffer.from('registrar')));
  let nonce = first;
  for (let at = from; at < to; ) {
    const sent: Promise<unknown>[] = [];
    for (let call = 0; call < CALLS_AT_ONCE && at < to; call++, at += TITLES_A_CALL) {
      const count = Math.min(TITLES_A_CALL, to - at);
      const data = `0x${Array.from({ length: count }, (_, i) => titleOf(at + i).slice(2)).join('')}` as Hex;
      const fields = { chainId: chain.genesis.chainId, nonce: nonce++, gas: GAS, to: REGISTER, data };
      const { raw } = await signTransaction(fields, signer);
      sent.push(chain.request({ method: 'eth_sendRawTransaction', params: [raw] }));
    }
    await Promise.all(sent);
  }
  return nonce;
}

async function measure(chain: EmbeddedChain, titles: number): Promise<Measured> {
  const kept = (slots: readonly Bytes32[]) => proofOf(chain, slots, 'latest');
  const { hash } = (await chain.request({ method: 'eth_getBlockByNumber', params: ['latest', false] })) as {
    hash: string;
  };
  // A block that is named by its hash is not kept.
  const executed = (slots: readonly Bytes32[]) => proofOf(chain, slots, { blockHash: hash });
  const caughtUpMs = await timed(() => kept([slotOf(0)]));
  const asked = (i: number) => [slotOf(Math.floor((i * titles) / PROOFS))];
  if ((await kept(asked(1))) !== (await executed(asked(1)))) throw new Error('the proofs differ');
  const [ms, executorMs] = [
    await each(PROOFS, (i) => kept(asked(i))),
    await each(EXECUTOR_PROOFS, (i) => executed(asked(i))),
  ];
  const allMs = await timed(async () => {
    for (let from = 0; from < titles; from += SLOTS_A_PROOF) {
      const count = Math.min(SLOTS_A_PROOF, titles - from);
      await kept(Array.from({ length: count }, (_, i) => slotOf(from + i)));
    }
  });
  return { titles, ms, executorMs, allMs, caughtUpMs };
}

/** The nodes, joined, so that two proofs compare. */
async function proofOf(chain: EmbeddedChain, slots: readonly Bytes32[], block: unknown): Promise<string> {
  const answer = await chain.request({ method: 'eth_getProof', params: [REGISTER, slots, block] });
  const { accountProof, storageProof } = answer as {
    readonly accountProof: readonly string[];
    readonly storageProof: readonly { readonly value: string; readonly proof: readonly string[] }[];
  };
  const isWhole =
    storageProof.length === slots.length && storageProof.every(({ value }) => BigInt(value) > 0n);
  if (!isWhole) throw new Error('a proof of other slots, or of a title that was not written');
  return [accountProof, ...storageProof.map(({ proof }) => proof)].flat().join();
}

async function each(count: number, work: (i: number) => Promise<unknown>): Promise<number> {
  const ms: number[] = [];
  for (let i = 0; i < count; i++) ms.push(await timed(() => work(i)));
  return median(ms);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function rowsOf(measured: readonly Measured[]): Row[] {
  const [smallest, middle, largest] = measured;
  if (smallest === undefined || middle === undefined || largest === undefined) throw new Error('three sizes');
  const exponent = (of: (one: Measured) => number, one: Measured) =>
    Math.log(of(largest) / of(one)) / Math.log(largest.titles / one.titles);
  const size = largest.titles.toLocaleString('en');
  return [
    {
      name: `a proof of a title of ${size}`,
      value: largest.ms,
      unit: 'ms',
      hold: { atMost: WAIT_MS },
      peer: { name: 'the executor', value: largest.executorMs },
    },
    {
      name: 'growth of a proof',
      value: exponent(({ ms }) => ms, smallest),
      unit: 'exponent',
      hold: { atMost: 0.3 },
      peer: { name: 'the executor', value: exponent((one) => one.executorMs, smallest) },
    },
    {
      name: 'growth of proving every title',
      value: exponent(({ allMs }) => allMs, middle),
      unit: 'exponent',
      hold: { atMost: 1.05 },
    },
    { name: `prove every title of ${size}`, value: largest.allMs / 1_000, unit: 's' },
    {
      name: `the first who asks after ${(largest.titles - middle.titles).toLocaleString('en')} titles more`,
      unit: 's',
      value: largest.caughtUpMs / 1_000,
    },
  ];
}
