/** A gateway on a network whose blocks validators seal: the chain of another gateway, told as QBFT would have made it. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { validatorOf } from '../../scripts/members.ts';
import { fingerprint, readTrust, writeTrust } from '../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, toHex } from '../../server/domain/base/hex.ts';
import type { Founding } from '../../server/domain/power/founding.ts';
import { parseFounding } from '../../server/domain/power/foundingFile.ts';
import { foreignVerifier, trustOfNetwork } from '../../server/genesis.ts';
import { HttpNode } from '../../server/ledger/node.ts';
import { quantity } from '../../server/ledger/provider.ts';
import { Sealing } from '../chain/sealing.ts';
import { foundingOfficerOf, officerOf } from '../chain/signing.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { doorBefore } from '../gateway/door.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { kudurru, kudurruBeside } from '../gateway/kudurru.ts';
import { type LyingNode, lyingNode } from '../gateway/lyingNode.ts';
import { nodeSealer } from '../gateway/sealers.ts';
import { blocksOf } from '../gateway/tour.ts';
import { registerUnits } from '../gateway/transfers.ts';

const SUITE_MS = 240_000;
const TOLD_MS = 30_000;
const TIMEOUT_SECONDS = 3;
const QUIET_SECONDS = 600;

const WRITES = 16;
/** Tried out, estimated, sent, and its block followed with receipts; what a busy machine asks again is in it. */
const MOST_CALLS = 12;

interface Ready {
  readonly ready: boolean;
  readonly reason?: string;
  readonly finality: string;
}

describe('a gateway on a network of validators', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let node: LyingNode;
  let trustFile: string;
  let guest: App;
  let ownRpc: string;
  /** What the node was asked, by method. */
  const calls = new Map<string, number>();
  let unit: string;
  before(async () => {
    const rpcPort = await freePort();
    const behind = `http://127.0.0.1:${rpcPort}`;
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    const data = path.join(keeper.folder, 'data');
    const validator = await nodeSealer(data);
    const blockAt = async (number: number) => {
      const params = [quantity(number), false];
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params });
      const headers = { 'Content-Type': 'application/json' };
      const answer = (await (await fetch(behind, { method: 'POST', headers, body })).json()) as {
        result: object;
      };
      return answer.result as Record<string, unknown>;
    };
    const sealing = new Sealing(blockAt, () => [validator]);
    node = await lyingNode(behind);
    node.lie(async ({ method }, asked) => {
      calls.set(method, (calls.get(method) ?? 0) + 1);
      return method.startsWith('eth_getBlockBy') ? sealing.told(await asked()) : asked();
    });
    const { format, genesisHash, chainId, ledgerNonce, contracts, minimumCheckpoint } = readTrust(
      readFileSync(path.join(data, 'trust.json'), 'utf8'),
    );
    trustFile = path.join(keeper.folder, 'network.json');
    const network = { lineage: 'qbft', firstValidators: [validator.address] } as const;
    writeFileSync(
      trustFile,
      writeTrust({ format, genesisHash, chainId, ledgerNonce, ...network, contracts, minimumCheckpoint }),
    );
    guest = await startApp({
      network: { nodes: node.url, trustFile, institution: 1 },
      env: { KUDURRU_BLOCK_TIMEOUT: String(TIMEOUT_SECONDS) },
    });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await node?.close();
  });

  const ready = async () => (await guest.ask<Ready>('GET', '/health/ready')).body;

  it('says that a quorum makes its blocks final, and certifies by their seals', async () => {
    [unit = ''] = await registerUnits(guest, 1);
    expect((await ready()).finality).to.equal('quorum');
    const issued = await guest.ask('GET', `/titles/${unit}/certificate`, {
      token: await guest.token('registrar', 1),
      headers: { 'X-Case-Reference': 'CASE-1' },
    });
    expect(issued.status, issued.text).to.equal(200);
    const file = path.join(guest.folder, 'certificate.json');
    writeFileSync(file, issued.text);
    const verified = kudurru(['verify', file, '--trust', trustFile]);
    expect(verified.code, verified.stderr).to.equal(0);
    expect(verified.stdout)
      .to.match(/^INTACT/m)
      .and.to.match(/^ANCHORED: block \d+, sealed, from genesis/m);
    const network = { nodes: node.url, trustFile, institution: 2 };
    const another = await startApp({ network, env: { KUDURRU_LINEAGE: file } });
    expect((await another.ask<Ready>('GET', '/health/ready')).body).to.include({ ready: true });
    await another.remove();
    const own = kudurru(['verify', file, '--trust', path.join(keeper.folder, 'data', 'trust.json')]);
    expect(own.code, 'the trust file of another kind of ledger').not.to.equal(0);
  });

  it('asks its node a few times for a write', async () => {
    calls.clear();
    await Promise.all(
      Array.from({ length: WRITES }, (_, i) => {
        const vendor = `0x${i.toString(16).padStart(64, '6')}`;
        return guest.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
      }),
    );
    const asked = [...calls].toSorted(([, one], [, other]) => other - one);
    const all = asked.reduce((sum, [, count]) => sum + count, 0);
    const named = asked.map(([method, count]) => `${method} ${(count / WRITES).toFixed(2)}`).join(', ');
    console.log(
      `      a gateway over a node | ${WRITES} writes | ${(all / WRITES).toFixed(2)} calls a write: ${named}`,
    );
    expect(all / WRITES).to.be.below(MOST_CALLS);
  });

  it('is of a ledger whose trust file every member makes of genesis and founding file', async () => {
    const { genesisHash, chainId, ledgerNonce, lineage, ...rest } = readTrust(
      readFileSync(trustFile, 'utf8'),
    );
    if (lineage !== 'qbft' || !('firstValidators' in rest)) throw new Error('another kind of ledger');
    const began = { genesisHash, chainId, validators: rest.firstValidators };
    const file = parseFounding(readFileSync(path.join(keeper.folder, 'founding.json'), 'utf8'));
    const validators = file.validators.map((one) => ({ ...one, validator: began.validators[0] as Address }));
    const founding = { ...file, validators };
    const make = (change: Partial<Founding>) =>
      trustOfNetwork({ url: node.url }, began, { ...founding, ...change });
    expect(founding.ledgerNonce).to.equal(ledgerNonce);
    const made = await make({});
    expect(made && [made.audit.ok, writeTrust(made.trust)]).to.deep.equal([
      true,
      readFileSync(trustFile, 'utf8'),
    ]);
    const other = await make({ ledgerNonce: genesisHash });
    expect(other?.audit.ok, 'of another founding file').to.equal(false);
    if (made === undefined) throw new Error('no ledger');
    const asked = new HttpNode({ url: node.url });
    const [deployed] = (await asked.request({ method: 'eth_getBlockReceipts', params: ['0x1'] })) as {
      contractAddress: Address;
    }[];
    const standing = (verifier: Address) => foreignVerifier(asked, made.audit, [{ kind: 'p256', verifier }]);
    expect(await standing(deployed?.contractAddress as Address), 'of this version').to.equal(undefined);
    expect(await standing(rest.contracts.landRegistry.address)).to.equal('/verifiers/0');
    expect(await standing(`0x${'77'.repeat(20)}` as Address), 'nothing').to.equal('/verifiers/0');
    const [first, ...others] = founding.officers;
    if (first === undefined) throw new Error('no officers');
    const stranger = foundingOfficerOf(officerOf(first.institution, 'a stranger'), ledgerNonce, first);
    const replaced = await make({ officers: [stranger, ...others] });
    expect(replaced?.audit.ok, 'another officer under the same nonce').to.equal(false);
    expect(replaced?.audit.findings.map((one) => [one.what, 'code' in one && one.code])).to.deep.equal([
      ['The ledger did not begin with the founding file: /officers/0/salt.', 'founding-differs'],
    ]);
  });

  it('moves the checkpoint of its trust file where a certificate proves it, and certifies from there', async () => {
    const file = path.join(guest.folder, 'certificate.json');
    const moved = path.join(guest.folder, 'moved.json');
    const certified = kudurru([
      ...['network', 'checkpoint', '--trust', trustFile],
      ...['--certificate', file, '--out', moved, '--json'],
    ]);
    expect(certified.code, certified.stderr).to.equal(0);
    const told = JSON.parse(certified.stdout) as { to: { blockNumber: number }; fingerprint: string };
    const written = readTrust(readFileSync(moved, 'utf8'));
    expect(written.minimumCheckpoint).to.deep.equal(told.to);
    expect(fingerprint(written)).to.equal(told.fingerprint);
    const over = ['network', 'checkpoint', '--trust', trustFile, '--certificate', file, '--out', moved];
    expect(kudurru(over).code, 'a file that is there').to.equal(2);
    const back = kudurru(['network', 'checkpoint', '--trust', moved, '--certificate', file]);
    expect(back.stderr, 'the certificate of before').to.include('checkpoint-missing');
    expect(back.code).to.equal(1);

    const network = { nodes: node.url, trustFile: moved, institution: 1 };
    await guest.stop();
    const forged = path.join(guest.folder, 'forged.json');
    const { minimumCheckpoint } = written;
    const bent = { ...minimumCheckpoint, blockHash: `0x${'ab'.repeat(32)}` as Bytes32 };
    writeFileSync(forged, writeTrust({ ...written, minimumCheckpoint: bent }));
    const refused = await startApp({
      folder: guest.folder,
      network: { ...network, trustFile: forged },
      env: { KUDURRU_LINEAGE: file },
    }).catch((error: unknown) => String(error));
    expect(refused, 'another block of that height').to.include('checkpoint-unproved');
    // No certificate is named: by what the gateway kept, and its node.
    const rpcPort = String(await freePort());
    ownRpc = `http://127.0.0.1:${rpcPort}`;
    guest = await startApp({
      folder: guest.folder,
      network,
      env: { KUDURRU_BLOCK_TIMEOUT: String(TIMEOUT_SECONDS), KUDURRU_RPC_PORT: rpcPort },
    });
    expect(readFileSync(path.join(guest.folder, 'data', 'trust.json'), 'utf8')).to.equal(
      readFileSync(moved, 'utf8'),
    );
    const issued = await guest.ask('GET', `/titles/${unit}/certificate`, {
      token: await guest.token('registrar', 1),
      headers: { 'X-Case-Reference': 'CASE-2' },
    });
    expect(issued.status, issued.text).to.equal(200);
    const later = path.join(guest.folder, 'later.json');
    writeFileSync(later, issued.text);
    const verified = kudurru(['verify', later, '--trust', moved]);
    expect(verified.code, verified.stderr).to.equal(0);
    expect(verified.stdout).to.match(/^ANCHORED: block \d+, sealed, from checkpoint/m);
  });

  it('moves it to a block that the JSON-RPC of a gateway proves, and to none that it does not', async () => {
    const before = path.join(guest.folder, 'moved.json');
    const from = readTrust(readFileSync(before, 'utf8')).minimumCheckpoint;
    for (const byte of ['45', '46', '47']) {
      const vendor = `0x${byte.repeat(32)}`;
      await guest.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
    }
    const credentials = path.join(guest.folder, 'credentials');
    writeFileSync(credentials, 'Bearer abc\n');
    const door = await doorBefore(ownRpc, 'Bearer abc');
    const move = async (name: string, ...more: readonly string[]) => {
      const out = path.join(guest.folder, name);
      const asked = ['--rpc', door.url, '--credentials', credentials, '--out', out, '--json', ...more];
      const ran = await kudurruBeside(['network', 'checkpoint', '--trust', before, ...asked]);
      return { out, ran };
    };
    try {
      const next = from.blockNumber + 1;
      const one = await move('one.json', '--block', String(next));
      expect(one.ran.code, one.ran.stderr).to.equal(0);
      const told = JSON.parse(one.ran.stdout) as { to: { blockNumber: number; blockHash: string } };
      expect(told.to.blockNumber).to.equal(next);
      expect(readTrust(readFileSync(one.out, 'utf8')).minimumCheckpoint).to.deep.equal(told.to);
      const newest = await move('newest.json');
      expect(newest.ran.code, newest.ran.stderr).to.equal(0);
      const { to } = JSON.parse(newest.ran.stdout) as { to: { blockNumber: number } };
      expect(to.blockNumber, 'the block before its newest').to.be.above(next);
      for (const [block, code] of [
        [to.blockNumber + 100, 2],
        [from.blockNumber, 1],
      ] as const) {
        const refused = await move(`${block}.json`, '--block', String(block));
        expect([refused.ran.code, existsSync(refused.out)], refused.ran.stdout).to.deep.equal([code, false]);
      }
    } finally {
      door.close();
    }
  });

  it('says that no block becomes final for three timeouts, and takes it back with the next one', async () => {
    const patient = await startApp({
      network: { nodes: node.url, trustFile, institution: 2 },
      env: {
        KUDURRU_BLOCK_TIMEOUT: String(TIMEOUT_SECONDS),
        KUDURRU_EMPTY_BLOCK_PERIOD: String(QUIET_SECONDS),
      },
    });
    await setTimeout((3 * TIMEOUT_SECONDS + 2) * 1_000);
    const calm = (await patient.ask<Ready>('GET', '/health/ready')).body;
    expect(calm, 'where empty blocks are that far apart').to.include({ ready: true });
    await patient.remove();
    let last: Ready | undefined;
    for (const sinceMs = performance.now(); performance.now() - sinceMs < TOLD_MS; await setTimeout(200)) {
      last = await ready();
      if (last.reason?.includes('No block has become final')) break;
    }
    const seconds = Number(/for (\d+) seconds/.exec(last?.reason ?? '')?.[1]);
    expect(seconds, last?.reason).to.be.at.least(3 * TIMEOUT_SECONDS);
    const vendor = `0x${'44'.repeat(32)}`;
    await guest.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
    for (const sinceMs = performance.now(); performance.now() - sinceMs < TOLD_MS; await setTimeout(100)) {
      last = await ready();
      if (last.ready) break;
    }
    expect(last).to.include({ ready: true });
  });

  it('is asked, moved and checked as docs/operating.md types it', async () => {
    const at = (name: string) => path.join(guest.folder, name);
    cpSync(at('moved.json'), at('trust.json'));
    cpSync(at('later.json'), at('certificate.json'));
    mkdirSync(at('node'));
    const key = randomBytes(32);
    writeFileSync(at('node/key'), toHex(key));
    const { validator } = validatorOf(key, 2, '127.0.0.1', 1);
    const block =
      Number((await guest.ask<{ blockNumber: string }>('GET', '/health/ready')).body.blockNumber) - 1;
    const blocks = blocksOf('On a network', 'docs/operating.md');
    const typed = async (words: string, code = 0, rpc = node.url) => {
      const lines = blocks.flatMap((one) => one.split('\n')).filter((line) => line.includes(words));
      expect(lines, words).to.have.length(1);
      const [line = ''] = lines;
      const said = line
        .replaceAll(/http:\/\/localhost:854[56]/g, rpc)
        .replace('0x...', validator)
        .replace('--block 1200', `--block ${block}`);
      const npm = `npm() { shift 4; "${process.execPath}" "${path.resolve('scripts/kudurru.ts')}" "$@"; }`;
      const ran = await ranIn(guest.folder, `${npm}\n${said}`);
      expect(ran.code, `${said}\n${ran.output}`).to.equal(code);
      return ran.output;
    };
    expect(await typed('network show')).to.match(/1 validators, a quorum is 1, 0 may fail$/m);
    expect(await typed('network prove')).to.include(`validator ${validator} of institution 2 has block`);
    const rehearsed = await typed('network rehearse', 1);
    expect(rehearsed, 'of two one seals').to.include('quorum-not-seen').and.not.include('not-shown');
    expect(await typed('--certificate certificate.json')).to.include('fingerprint');
    expect(await typed('--block 1200', 0, ownRpc)).to.include(`${block}`);
    await guest.stop();
    await typed('fsck --data data');
    await typed('du -sk');
    await typed('cp -a data backup');
    expect(await typed('fsck --data backup')).to.match(/^SOUND: /m);
  });
});

/** In a shell, as a person types it. */
async function ranIn(cwd: string, said: string) {
  const child = spawn('bash', ['-eu', '-c', said], { cwd, env: ENVIRONMENT });
  const [output, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number]>,
  ]);
  return { code, output: `${output}${error}` };
}
