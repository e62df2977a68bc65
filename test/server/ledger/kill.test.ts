import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { verifyFinality } from '../../../server/domain/audit/lineage.ts';
import { seeded } from '../../seeded.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';
import { openTestLedger, word } from './chain.ts';

const WRITERS = fileURLToPath(new URL('writers.ts', import.meta.url));
const SEED = 20261124;
/** `npm run campaign` asks for more. */
const KILLS = Number(process.env.KUDURRU_CHAIN_KILLS ?? 32);
/** Every step of a block's life, at its first passage and later under way. */
const POINTS = [
  'chain.admitted',
  'chain.executed',
  'blocks.before-append',
  'store.before-sync',
  'store.after-sync',
  'blocks.appended',
  'chain.answered',
  'chain.before-sign',
  'blocks.signed',
].flatMap((point) => [`${point}:2`, `${point}:17`]);

/** What the killed process was told before it died. */
interface Told {
  readonly mined: Set<string>;
  readonly seen: Map<bigint, string>;
  readonly signed: Map<bigint, string>;
  started: boolean;
}

function runWriters(folder: string, seed: string, crash: string | undefined, killAfterMs?: number) {
  const told: Told = { mined: new Set(), seen: new Map(), signed: new Map(), started: false };
  const env = { ...process.env, KUDURRU_CRASH: crash ?? '' };
  const child = spawn(process.execPath, [WRITERS, folder, seed], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let rest = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  child.stdout.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [what, a = '', b = ''] = line.split(' ');
      if (what === 'mined') told.mined.add(a);
      if (what === 'seen') told.seen.set(BigInt(a), b);
      if (what === 'signed') told.signed.set(BigInt(a), b);
      if (what === 'open' && !told.started) {
        told.started = true;
        if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
      }
    }
  });
  const { promise, resolve } = Promise.withResolvers<{ told: Told; signal: string | null; errors: string }>();
  child.on('close', (_, signal) => resolve({ told, signal, errors }));
  return promise;
}

describe('the embedded chain killed at any moment', function () {
  this.timeout(300_000);
  after(removeTemporaryFolders);

  /** Counts what a restart lacks of what anybody was told, and checks that every head is signed. */
  async function lostAfter(folder: string, told: Told): Promise<number> {
    const ledger = await openTestLedger(folder);
    const { chain } = ledger;
    let lost = 0;
    for (const hash of told.mined) {
      const receipt = await chain.request({ method: 'eth_getTransactionReceipt', params: [hash] });
      if (receipt === null) lost++;
    }
    for (const [number, hash] of told.seen) {
      const params = [`0x${number.toString(16)}`, false];
      const block = (await chain.request({ method: 'eth_getBlockByNumber', params })) as {
        hash: string;
      } | null;
      if (block?.hash !== hash) lost++;
    }
    for (const [number, signature] of told.signed) {
      if ((await chain.finality(number))?.nodeSignature !== signature) lost++;
    }
    await expectSigned(chain);
    await ledger.close();
    return lost;
  }

  async function expectSigned(chain: Awaited<ReturnType<typeof openTestLedger>>['chain']): Promise<void> {
    const { genesis, nodeKey, headNumber } = chain;
    const code = { address: nodeKey, codeHash: word(1) };
    const trust = {
      format: 'kudurru-trust-1' as const,
      lineage: 'embedded' as const,
      genesisHash: genesis.hash,
      chainId: Number(genesis.chainId),
      ledgerNonce: word(0x4e),
      contracts: { charter: code, consortium: code, landRegistry: code, benefitLedger: code },
      minimumCheckpoint: { blockNumber: 0, blockHash: genesis.hash },
      nodeKey,
      witnessKeys: [],
      witnessThreshold: 0,
    };
    for (let n = headNumber; n > 0n && n > headNumber - 3n; n--) {
      const evidence = await chain.finality(n);
      if (evidence === undefined) throw new Error(`block ${n} has no evidence`);
      expect(verifyFinality(trust, evidence).finality).to.equal('local');
    }
  }

  it('loses nothing it acknowledged, showed or signed when it dies at a named step', async () => {
    const folder = temporaryFolder();
    let lost = 0;
    let told = 0;
    for (const [i, point] of POINTS.entries()) {
      const run = await runWriters(folder, `point ${i}`, point);
      expect(run.signal, `${point} ${run.errors}`).to.equal('SIGKILL');
      told += run.told.mined.size;
      lost += await lostAfter(folder, run.told);
    }
    console.log(`      kill at a step | ${POINTS.length} steps, ${told} acknowledged tried | ${lost} lost`);
    expect(told).to.be.greaterThan(POINTS.length);
    expect(lost).to.equal(0);
  });

  it('loses nothing it acknowledged, showed or signed when it is killed at random', async () => {
    const folder = temporaryFolder();
    const random = seeded(SEED);
    let lost = 0;
    let told = 0;
    for (let i = 0; i < KILLS; i++) {
      const run = await runWriters(folder, `random ${i}`, undefined, random.below(250));
      expect(run.signal, run.errors).to.equal('SIGKILL');
      told += run.told.mined.size;
      lost += await lostAfter(folder, run.told);
    }
    console.log(
      `      kill at random | seed ${SEED} | ${KILLS} kills, ${told} acknowledged tried | ${lost} lost`,
    );
    expect(told).to.be.greaterThan(KILLS);
    expect(lost).to.equal(0);
  });
});
