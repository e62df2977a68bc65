/** `kudurru audit`: a whole ledger judged from a node and a trust file alone, and from nodes that lie. */

import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { trustInWords } from '../../scripts/audit.ts';
import {
  type AuditFinding,
  auditJournal,
  auditLedger,
  type LedgerAudit,
  NodeSilent,
} from '../../server/audit.ts';
import type { EmbeddedTrust, TrustedContract } from '../../server/domain/audit/trust.ts';
import { fingerprint, writeTrust } from '../../server/domain/audit/trust.ts';
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../../server/domain/base/hex.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';
import { contractOf } from '../../server/ledger/contracts.ts';
import { addressesIn, isCodeOf } from '../../server/ledger/deployedCode.ts';
import { type Call, quantity } from '../../server/ledger/provider.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import { playBenefits, playLand } from '../chain/scenes.ts';
import { succeed } from '../chain/successionScene.ts';
import { CHARTER, foundWorld, LEDGER_NONCE, type World } from '../chain/world.ts';
import { COMMAND, NO_NETWORK } from '../gateway/kudurru.ts';
import { seeded } from '../seeded.ts';
import { hasPython, verifier } from '../verifier/python.ts';
import { removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

/** Each derives the whole ledger again. */
const JOURNAL_EDITS = 24;

type Bend = (call: Call, answer: unknown) => unknown;

describe('an audit from a node and a trust file', function () {
  this.timeout(240_000);
  let world: World;
  let trust: EmbeddedTrust;
  let honest: LedgerAudit;
  const asked = new Set<string>();
  const listeners: RpcListener[] = [];

  /** A node over HTTP whose answers pass through `bend`. */
  async function nodeOf(bend: Bend = (_, answer) => answer): Promise<string> {
    const listener = await listenRpc(
      {
        request: async (call) => {
          asked.add(call.method);
          return bend(call, await world.chain.request(call));
        },
      },
      0,
    );
    listeners.push(listener);
    return `http://127.0.0.1:${listener.port}`;
  }

  const audit = async (bend?: Bend, believed = trust) =>
    auditLedger({ url: await nodeOf(bend) }, believed, () => {});
  const told = ({ findings }: LedgerAudit) => findings.map(({ check, what }) => `${check}: ${what}`);

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    await playLand(world);
    await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
    const pinned = async (address: Address): Promise<TrustedContract> => {
      const params = [address, [], 'latest'];
      const proof = await world.chain.request({ method: 'eth_getProof', params });
      return { address, codeHash: (proof as { codeHash: Bytes32 }).codeHash };
    };
    const { consortium, land, benefits } = world.addresses;
    const { chainId, hash } = world.chain.genesis;
    trust = {
      format: 'kudurru-trust-1',
      genesisHash: hash,
      chainId: Number(chainId),
      ledgerNonce: LEDGER_NONCE,
      lineage: 'embedded',
      nodeKey: world.chain.nodeKey,
      witnessKeys: [],
      witnessThreshold: 0,
      contracts: {
        charter: await pinned(CHARTER),
        consortium: await pinned(consortium),
        landRegistry: await pinned(land),
        benefitLedger: await pinned(benefits),
      },
      minimumCheckpoint: { blockNumber: 0, blockHash: hash },
    };
    honest = await audit();
  });
  afterEach(async () => {
    for (const listener of listeners.splice(0)) await listener.close();
  });
  after(async () => {
    await world.close();
    removeTemporaryFolders();
  });

  it('finds a whole ledger sound, says how far it looked, and asks only for what can be checked', () => {
    expect(honest.findings).to.deep.equal([]);
    expect(honest.ok).to.equal(true);
    expect(honest.blockNumber).to.equal(world.chain.headNumber);
    expect([honest.entries, honest.units, honest.finality]).to.deep.equal([24n, 5, 'local']);
    const { landRegistry, consortium, benefitLedger } = trust.contracts;
    const listed = new Map(honest.registers.map(({ register, address }) => [register, address]));
    expect([...listed.keys()].sort()).to.deep.equal([
      'benefitLedger',
      'consortium',
      'landRegistry',
      'notary',
      'personnel',
      'safeguards',
    ]);
    expect([listed.get('landRegistry'), listed.get('consortium'), listed.get('benefitLedger')]).to.deep.equal(
      [landRegistry, consortium, benefitLedger].map(({ address }) => address),
    );
    expect(new Set(listed.values()).size).to.equal(listed.size);
    expect(honest.signatures.checked).to.be.greaterThan(30);
    expect(honest.trust).to.equal(fingerprint(trust));
    expect([...asked].sort()).to.deep.equal([
      'eth_blockNumber',
      'eth_call', // names of contracts and the founding file, both proved by code
      'eth_chainId',
      'eth_getBlockByNumber',
      'eth_getBlockReceipts',
      'eth_getCode',
      'eth_getProof',
      'kudurru_finality',
    ]);
  });

  it('names the block in which a node leaves out a log', async () => {
    const head = quantity(world.chain.headNumber);
    const bent = await audit(({ method, params = [] }, answer) =>
      method === 'eth_getBlockReceipts' && params[0] === head
        ? (answer as object[]).map((receipt) => Object.assign({}, receipt, { logs: [] }))
        : answer,
    );
    const [finding] = bent.findings;
    expect(bent.ok).to.equal(false);
    expect(finding).to.include({ check: 'blocks', code: 'ledger-unverified' });
    expect(finding?.check === 'blocks' && finding.blockNumber).to.equal(world.chain.headNumber);
  });

  it('believes no node about code, nor about which contract another one names', async () => {
    const { land, council, landTransfers, landCharges } = world.addresses;
    const code = await audit(({ method, params = [] }, answer) =>
      method === 'eth_getCode' && params[0] === land ? '0x00' : answer,
    );
    expect(told(code)[0]).to.equal('trust: The node does not show the code whose hash it proves.');
    const bare = (address: Address) => address.slice(2);
    const named = async (real: Address, other: Address) =>
      told(
        await audit(({ method }, answer) =>
          method === 'eth_call' && typeof answer === 'string'
            ? answer.replace(new RegExp(`^(0x0{24})${bare(real)}$`), `$1${bare(other)}`)
            : answer,
        ),
      );
    expect(await named(council, world.addresses.benefitViews)).to.include(
      'trust: The council that the node told of is not the one of the consortium.',
    );
    expect(await named(landTransfers, landCharges)).to.deep.equal([
      'trust: The landTransfers that the node told of is not the one of the land.',
    ]);
  });

  it('knows the code of a contract by every byte but those that its constructor filled in', async () => {
    const { land, council } = world.addresses;
    const code = (await world.chain.request({ method: 'eth_getCode', params: [land, 'latest'] })) as Hex;
    expect([isCodeOf('land', code), isCodeOf('benefits', code)]).to.deep.equal([true, false]);
    const places = Object.values(contractOf('land').immutableReferences).flat();
    const isFilledIn = (at: number) => places.some(({ start, length }) => at >= start && at < start + length);
    let tried = 0;
    const random = seeded(20_261_129);
    for (let i = 0; i < 500; i++) {
      const bent = fromHex(code);
      const at = random.below(bent.length);
      bent[at] = (bent[at] ?? 0) ^ 1;
      expect(isCodeOf('land', toHex(bent)), `byte ${at}`).to.equal(isFilledIn(at));
      tried++;
    }
    expect(tried).to.equal(500);
    expect(isCodeOf('land', `${code}00`)).to.equal(false);
    expect(addressesIn('land', code).has(world.addresses.landTransfers)).to.equal(true);
    expect(addressesIn('land', code).has(council)).to.equal(false);
  });

  it('holds the ledger to all that the trust file says', async () => {
    const changed = (change: Partial<EmbeddedTrust>) => Object.assign({}, trust, change);
    const because = async (change: Partial<EmbeddedTrust>) => told(await audit(undefined, changed(change)));
    const { contracts } = trust;
    const otherCode = `0x${'5a'.repeat(32)}` as Bytes32;
    const nowhere = `0x${'77'.repeat(20)}` as Address;
    expect(await because({ ledgerNonce: otherCode })).to.deep.equal([
      'trust: The ledger was founded with another nonce than the trust file has.',
    ]);
    const landRegistry = { address: contracts.landRegistry.address, codeHash: otherCode };
    expect(await because({ contracts: Object.assign({}, contracts, { landRegistry }) })).to.deep.equal([
      'trust: The code of a contract is not the one of the trust file.',
    ]);
    const benefitLedger = { address: nowhere, codeHash: contracts.benefitLedger.codeHash };
    expect(await because({ contracts: Object.assign({}, contracts, { benefitLedger }) })).to.deep.equal([
      'trust: The ledger never put in force the benefitLedger of the trust file.',
    ]);
    const beyond = { blockNumber: Number(world.chain.headNumber) + 5, blockHash: otherCode };
    expect((await because({ minimumCheckpoint: beyond })).join()).to.include('which the trust file demands');
    const [unsigned] = (await audit(undefined, changed({ nodeKey: nowhere }))).findings;
    expect(unsigned).to.include({ check: 'blocks', code: 'ledger-unverified' });
    const unwitnessed = changed({ witnessKeys: [nowhere], witnessThreshold: 1 });
    expect((await audit(undefined, unwitnessed)).findings).to.have.length(1);
  });

  it('is the same from a journal that was exported, with no node, and names what was altered in it', async () => {
    const file = path.join(temporaryFolder(), 'ledger.jsonl');
    const whole = await auditLedger({ url: await nodeOf() }, trust, () => {}, file);
    expect(whole).to.deep.equal(honest);
    expect(await auditJournal(file, trust, () => {})).to.deep.equal(honest);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const judged = async (changed: readonly string[]) => {
      writeFileSync(file, `${changed.join('\n')}\n`);
      try {
        return await auditJournal(file, trust, () => {});
      } catch (error) {
        if (error instanceof NodeSilent || error instanceof Refusal) return undefined; // exit 2, or 1
        throw error;
      }
    };
    expect(await judged(lines.slice(0, -1))).to.equal(undefined);
    expect(await judged(lines.toSpliced(lines.length >> 1, 1))).to.equal(undefined);
    expect(await judged(lines.slice(1))).to.equal(undefined);
    const random = seeded(20_261_130);
    let [seen, idle] = [0, 0];
    for (let i = 0; i < JOURNAL_EDITS; i++) {
      const at = 1 + random.below(lines.length - 2);
      const line = lines[at] ?? '';
      const places = [...line.matchAll(/(?<=0x[0-9a-f]*)[0-9a-f]/g)].map(({ index }) => index);
      const place = places[random.below(places.length)] ?? 0;
      const digit = line[place] === '7' ? '8' : '7';
      const audit = await judged(lines.with(at, `${line.slice(0, place)}${digit}${line.slice(place + 1)}`));
      if (audit?.ok === true) {
        expect(audit, `line ${at}, ${place}`).to.deep.equal(honest); // what no check reads changes nothing
        idle++;
      } else seen++;
    }
    console.log(
      `      edits of an exported journal | seed 20261130 | ${seen + idle} tried | ${seen} seen, ${idle} of what nothing reads`,
    );
    expect(seen).to.be.greaterThan(JOURNAL_EDITS / 2);
  });

  it('is from no journal with lines doubled, added or taken out, and says which; their order is nothing', async () => {
    const file = path.join(temporaryFolder(), 'ledger.jsonl');
    await auditLedger({ url: await nodeOf() }, trust, () => {}, file);
    const [first = '', ...rest] = readFileSync(file, 'utf8').trimEnd().split('\n');
    const last = rest.pop() ?? '';
    const judged = async (...lines: readonly string[]) => {
      writeFileSync(file, `${lines.join('\n')}\n`);
      return auditJournal(file, trust, () => {}).catch((error: Error) => error.message);
    };
    expect(await judged(first, ...rest.toReversed(), last)).to.deep.equal(honest);
    const at = rest.findIndex((line) => line.includes('eth_getBlockReceipts'));
    const line = rest[at] ?? '';
    const twice = 'The file answers eth_getBlockReceipts twice for one call.';
    expect(await judged(first, ...rest, line, last)).to.equal(twice);
    const other = JSON.stringify(Object.assign(JSON.parse(line), { result: [] }));
    expect(await judged(first, other, ...rest, last), 'the honest one last').to.equal(twice);
    const n = rest.length;
    expect(await judged(first, ...rest.toSpliced(at, 1), last)).to.equal(
      `The file holds ${n - 1} answers and says that it holds ${n}: lines were taken out or put in.`,
    );
    const counted = JSON.stringify({ answers: n - 1 });
    expect(await judged(first, ...rest.toSpliced(at, 1), counted)).to.equal(
      'The file holds no answer to eth_getBlockReceipts.',
    );
    if (!hasPython()) return;
    const trustFile = path.join(path.dirname(file), 'trust.json');
    writeFileSync(trustFile, writeTrust(trust));
    const theirs = async (...lines: readonly string[]) => {
      writeFileSync(file, `${lines.join('\n')}\n`);
      const { code, stdout } = await verifier(['audit', '--journal', file, '--trust', trustFile]);
      return { code, told: stdout === '' ? undefined : JSON.parse(stdout) };
    };
    const whole = await theirs(first, ...rest, last);
    expect([whole.code, whole.told.findings]).to.deep.equal([0, []]);
    // One count has one meaning, whoever printed it.
    const { verdict, blocks, entries, units, signatures, finality, ...theirFigures } = whole.told;
    const { blockHash, asOf, trust: fingerprinted } = theirFigures;
    const { checked, notShown } = signatures;
    expect({
      verdict,
      blocks,
      entries,
      units,
      checked,
      notShown,
      finality,
      blockHash,
      asOf,
      fingerprinted,
    }).to.deep.equal({
      ...{ verdict: 'sound', blocks: Number(honest.blockNumber), entries: Number(honest.entries) },
      ...{ units: honest.units, ...honest.signatures, finality: honest.finality },
      ...{ blockHash: honest.blockHash, asOf: honest.asOf, fingerprinted: honest.trust },
    });
    expect((await theirs(first, ...rest.toReversed(), last)).told).to.deep.equal(whole.told);
    expect((await theirs(first, ...rest, line, last)).code).to.equal(2);
    expect((await theirs(first, ...rest)).code).to.equal(2);
    expect((await theirs(first, ...rest.toSpliced(at, 1), last)).code).to.equal(2);
    expect((await theirs(first, ...rest.toSpliced(at, 1), counted)).code).to.equal(2);
    const bent = await theirs(
      first,
      ...rest.with(at, line.replace('"cumulativeGasUsed":"0x', '"cumulativeGasUsed":"0x1')),
      last,
    );
    expect([bent.code, bent.told.code]).to.deep.equal([1, 'receipts-differ']);
  });

  it('refuses a node of another ledger', async () => {
    const genesisHash = `0x${'11'.repeat(32)}` as Bytes32;
    const minimumCheckpoint = { blockNumber: 0, blockHash: genesisHash };
    const another = Object.assign({}, trust, { genesisHash, minimumCheckpoint });
    const refused = await audit(undefined, another).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'ledger-differs' });
  });

  it('is a command that needs no data folder, and answers by its exit code', async () => {
    const folder = temporaryFolder();
    const trustFile = path.join(folder, 'trust.json');
    writeFileSync(trustFile, writeTrust(trust));
    const run = async (...args: string[]) => {
      try {
        const { stdout, stderr } = await promisify(execFile)(process.execPath, [COMMAND, 'audit', ...args], {
          cwd: folder,
        });
        return { code: 0, out: stdout, err: stderr };
      } catch (error) {
        const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
        return { code, out: stdout, err: stderr };
      }
    };
    const sound = await run('--rpc', await nodeOf(), '--trust', trustFile);
    expect([sound.code, sound.out.split(':')[0]]).to.deep.equal([0, 'SOUND']);
    expect(sound.out).to.include(`as of block ${world.chain.headNumber}`).and.to.include(fingerprint(trust));
    const bent = await run(
      ...['--rpc', await nodeOf(({ method }, answer) => (method === 'eth_getCode' ? '0x00' : answer))],
      ...['--trust', trustFile, '--json'],
    );
    expect(bent.code).to.equal(1);
    const { ok, findings } = JSON.parse(bent.out) as { ok: boolean; findings: AuditFinding[] };
    expect([ok, findings[0]?.check]).to.deep.equal([false, 'trust']);
    const journal = path.join(folder, 'ledger.jsonl');
    const exporting = [
      'export',
      '--format',
      'journal',
      '--rpc',
      await nodeOf(),
      '--trust',
      trustFile,
      '--out',
      journal,
    ];
    await promisify(execFile)(process.execPath, [COMMAND, ...exporting], { cwd: folder });
    const alone = await promisify(execFile)(
      process.execPath,
      ['--import', NO_NETWORK, COMMAND, 'audit', '--journal', journal, '--trust', trustFile],
      { cwd: folder },
    );
    expect(alone.stdout.startsWith(sound.out.trimEnd())).to.equal(true);
    expect(alone.stdout).to.include('not shown by a file');
    const silent = await run('--rpc', 'http://127.0.0.1:9', '--trust', trustFile);
    expect([silent.code, silent.out]).to.deep.equal([2, '']);
    expect(silent.err).to.include('cannot be audited now');
  });

  it('is sound by a file of before a succession, and says that it is old and of what', async () => {
    await succeed(world, 'land');
    const old = await audit();
    expect([old.ok, old.succeeded], told(old).join()).to.deep.equal([true, ['land registry']]);
    expect(trustInWords(old.trust, old.succeeded)[0]).to.match(
      / IS OLD: the land registry of this ledger was succeeded since it was written\.$/,
    );
    const { landRegistry } = trust.contracts;
    const now = { ...landRegistry, address: world.addresses.land };
    const believed = { ...trust, contracts: { ...trust.contracts, landRegistry: now } };
    const { succeeded } = await audit(undefined, believed);
    expect(succeeded).to.deep.equal([]);
  });
});
