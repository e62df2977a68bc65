/** A gateway on the node of somebody else: the chain that another gateway keeps, over its loopback JSON-RPC. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Aid } from '../aid/aid.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { kudurru, kudurruBeside } from '../gateway/kudurru.ts';
import { registerUnits } from '../gateway/transfers.ts';

const MAIN = path.resolve(import.meta.dirname, '../../server/main.ts');
const START_MS = 60_000;
const SUITE_MS = 240_000;
/** In the vault of the office that burns down. */
const DRILL_PEOPLE = 12;

interface Ready {
  readonly ready: boolean;
  readonly reason?: string;
  readonly finality: string;
  readonly blockNumber: string;
}

describe('a gateway on a node', function () {
  this.timeout(SUITE_MS);
  let keeper: App;
  let node: string;
  let trustFile: string;
  let guest: App;
  before(async () => {
    const rpcPort = await freePort();
    node = `http://127.0.0.1:${rpcPort}`;
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    await registerUnits(keeper, 1);
    trustFile = path.join(keeper.folder, 'data', 'trust.json');
    guest = await startApp({ network: { nodes: node, trustFile, institution: 1 } });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
  });

  const ready = async (app: App) => (await app.ask<Ready>('GET', '/health/ready')).body;
  const headOfNode = async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] });
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(node, { method: 'POST', headers, body });
    return BigInt(((await answer.json()) as { result: string }).result);
  };

  const takeUpShop = (byte: string) =>
    guest.act('agency', '/acts/vendors', { vendor: `0x${byte.repeat(32)}`, standing: 'active', from: 0 });

  it('founds nothing, follows what was there, and says what makes it final', async () => {
    const told = await ready(guest);
    expect(told).to.include({ ready: true, finality: 'local', blockNumber: String(await headOfNode()) });
    expect(guest.trust()).to.deep.equal(keeper.trust());
    const token = await guest.token('auditor', 0);
    const titles = await guest.ask<{ rows: unknown[] }>('GET', '/titles', { token });
    expect(titles.body.rows).to.have.length(1);
  });

  it('carries an act out that both gateways show, and certifies it for whoever has the trust file', async () => {
    const before = await headOfNode();
    const [unit = ''] = await registerUnits(guest, 1);
    expect(await headOfNode()).to.equal(before + 1n);
    const token = await guest.token('registrar', 1);
    const issued = await guest.ask('GET', `/titles/${unit}/certificate`, {
      token,
      headers: { 'X-Case-Reference': 'CASE-1' },
    });
    expect(issued.status, issued.text).to.equal(200);
    const file = path.join(guest.folder, 'certificate.json');
    writeFileSync(file, issued.text);
    const verified = kudurru(['verify', file, '--trust', trustFile]);
    expect(verified.code, verified.stderr).to.equal(0);
    expect(verified.stdout)
      .to.match(/^INTACT/m)
      .and.to.match(/^ANCHORED: block \d+, local, from genesis/m);
    const seen = await keeper.ask('GET', `/titles/${unit}`, { token: await keeper.token('registrar', 1) });
    expect(seen.status).to.equal(200);
  });

  it('goes on after a kill where it was, with the nonces that its relayers have on the chain', async () => {
    await guest.kill9();
    const network = { nodes: node, trustFile, institution: 1 };
    const [precious, earlier] = ['precious', 'earlier'].map((name) => path.join(guest.folder, 'data', name));
    if (precious === undefined || earlier === undefined) throw new Error('no folder');
    cpSync(precious, earlier, { recursive: true });
    guest = await startApp({ folder: guest.folder, network });
    await takeUpShop('22');
    await guest.stop();
    // A store of an earlier day: its relayers have sent what nobody here remembers.
    for (const lost of ['views', 'precious'])
      rmSync(path.join(guest.folder, 'data', lost), { recursive: true });
    renameSync(earlier, precious);
    guest = await startApp({ folder: guest.folder, network });
    expect((await ready(guest)).blockNumber).to.equal(String(await headOfNode()));
    await takeUpShop('33');
  });

  it('is rebuilt on another machine from the node and a backup of its vault, in a time and with a loss that are told', async () => {
    const network = { nodes: node, trustFile, institution: 1 };
    const names = Array.from({ length: DRILL_PEOPLE }, (_, i) => `Synthetic${i} Archive`);
    const aid = new Aid(guest, 'the archive');
    await aid.define();
    const linesOf = (some: readonly string[]) =>
      some.map((name, i) => `ARCH-${name}-${i};${name};${i + 1};Well`);
    expect((await aid.register(linesOf(names))).status).to.equal(200);
    const there = mkdtempSync(path.join(tmpdir(), 'kudurru-other-machine-'));
    const at = (name: string) => path.join(there, name);
    const data = path.join(guest.folder, 'data');
    const done = async (...args: readonly string[]) => {
      const ran = await kudurruBeside(args);
      expect(ran.code, ran.stdout + ran.stderr).to.equal(0);
      return ran.stdout;
    };
    await done('backup', '--data', data, '--to', at('backup'), '--keys-to', at('keys'));
    // What came after the backup: the chain has it, and nobody else.
    await takeUpShop('44');
    const late = 'SyntheticLate Archive';
    expect((await aid.register([...linesOf(names), ...linesOf([late])])).status).to.equal(200);
    const asked = async (app: App, name: string) => {
      const token = await app.token('agency', 1);
      const body = { purpose: 'case-work', by: { kind: 'name', name } };
      const headers = { 'X-Case-Reference': 'DRILL-1' };
      return (await app.ask<{ rows: unknown[] }>('POST', '/people/searches', { token, headers, body })).body
        .rows;
    };
    const entriesOf = async (app: App) =>
      (await app.ask<{ counts: { entries: number } }>('GET', '/ledger')).body.counts.entries;
    const before = await entriesOf(guest);
    cpSync(path.join(guest.folder, 'administrator'), at('administrator'));
    const burned = Date.now();
    await guest.kill9();
    await guest.remove();
    const told = JSON.parse(
      await done(
        ...['restore', '--from', at('backup'), '--keys', at('keys'), '--data', at('data'), '--json'],
        ...['--rpc', node, '--trust', trustFile],
      ),
    );
    guest = await startApp({ folder: there, network });
    const seconds = (Date.now() - burned) / 1_000;
    const entries = await entriesOf(guest);
    let people = 0;
    for (const name of names) people += (await asked(guest, name)).length;
    const lost = { entries: before - entries, people: names.length - people };
    const younger = (await asked(guest, late)).length === 0 ? 1 : 0;
    console.log(
      `      the archive burned | rebuilt in ${seconds.toFixed(1)} s | ${before} entries, ${names.length} people tried | ` +
        `${lost.entries} entries, ${lost.people} people lost | ${younger} of the day after the backup to be entered again`,
    );
    expect(lost).to.deep.equal({ entries: 0, people: 0 });
    expect(told.entriesSince).to.equal(1);
    expect(younger, 'nobody promises what no backup has').to.equal(1);
    await takeUpShop('55');
  });

  it('issues tokens for the member that keeps it, and no other', async () => {
    const administrator = guest.administrator();
    const body = { roles: ['registrar'], institution: 2, days: 1 };
    const refused = await guest.ask('POST', '/tokens', { token: administrator, body });
    expect([refused.status, refused.body.code]).to.deep.equal([404, 'institution-unknown']);
  });

  it('checks itself against the node, and finds its folder sound', async () => {
    const token = await guest.token('auditor', 0);
    const asked = await guest.ask<{ ok: boolean }>('POST', '/checks', { token });
    expect(asked.status, asked.text).to.equal(200);
    expect(asked.body.ok, asked.text).to.equal(true);
  });

  it('that cannot be trusted or reached does not start, and says which by name', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-network-'));
    const write = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text);
      return path.join(folder, name);
    };
    const trust = JSON.parse(readFileSync(trustFile, 'utf8'));
    const { landRegistry, charter } = trust.contracts;
    const other = (change: object) =>
      write('other.json', JSON.stringify({ ...trust, ...change }, undefined, 2));
    const swapped = { ...trust.contracts, landRegistry: { ...landRegistry, codeHash: charter.codeHash } };
    const moved = { ...trust.contracts, landRegistry: { ...landRegistry, address: `0x${'11'.repeat(20)}` } };
    const hash = `0x${'22'.repeat(32)}`;
    const settings = {
      ...{
        ...ENVIRONMENT,
        KUDURRU_LOG: 'info',
        KUDURRU_RPC_PORT: '0',
        PORT: String(await freePort()),
      },
      ...{ KUDURRU_NODES: node, KUDURRU_TRUST: trustFile, KUDURRU_INSTITUTION: '1' },
    };
    const secret = 'hunter2-hunter2';
    const without = (...names: string[]) =>
      Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
    const cases: readonly (readonly [code: string, env: () => NodeJS.ProcessEnv])[] = [
      ['setting-unknown', () => ({ ...settings, KUDURRU_NODE: node })],
      ['setting-missing', () => without('KUDURRU_TRUST')],
      ['setting-missing', () => without('KUDURRU_INSTITUTION')],
      ['setting-missing', () => without('KUDURRU_NODES')],
      ['setting-contradicted', () => ({ ...settings, KUDURRU_FOUNDING: trustFile })],
      ['setting-malformed', () => ({ ...settings, KUDURRU_NODES: 'localhost:8545' })],
      ['setting-malformed', () => ({ ...settings, KUDURRU_NODES: `http://me:${secret}@localhost:1` })],
      ['setting-malformed', () => ({ ...settings, KUDURRU_INSTITUTION: 'ministry' })],
      ['network-file-unreadable', () => ({ ...settings, KUDURRU_TRUST: path.join(folder, 'nowhere') })],
      ['network-file-unreadable', () => ({ ...settings, KUDURRU_LINEAGE: path.join(folder, 'nowhere') })],
      [
        'network-credentials-malformed',
        () => ({ ...settings, KUDURRU_NODE_CREDENTIALS: write('keys', secret) }),
      ],
      [
        'setting-malformed',
        () => ({
          ...settings,
          KUDURRU_NODES: `${node},http://192.0.2.1:8545`,
          KUDURRU_NODE_CREDENTIALS: write('keys', `me:${secret}`),
        }),
      ],
      ['trust-file-malformed', () => ({ ...settings, KUDURRU_TRUST: write('empty.json', '{}') })],
      ['node-silent', () => ({ ...settings, KUDURRU_NODES: 'http://127.0.0.1:1' })],
      ['ledger-differs', () => ({ ...settings, KUDURRU_TRUST: other({ chainId: trust.chainId + 1 }) })],
      [
        'ledger-differs',
        () => ({
          ...settings,
          KUDURRU_TRUST: other({ genesisHash: hash, minimumCheckpoint: { blockNumber: 0, blockHash: hash } }),
        }),
      ],
      ['contract-code-differs', () => ({ ...settings, KUDURRU_TRUST: other({ contracts: swapped }) })],
      ['network-contract-unknown', () => ({ ...settings, KUDURRU_TRUST: other({ contracts: moved }) })],
      ['institution-not-member', () => ({ ...settings, KUDURRU_INSTITUTION: '9' })],
    ];
    for (const [code, env] of cases) {
      const data = mkdtempSync(path.join(folder, 'data-'));
      const { status, stderr } = spawnSync(process.execPath, [MAIN], {
        env: { KUDURRU_DATA: data, ...env() },
        encoding: 'utf8',
        timeout: START_MS,
      });
      expect(status, stderr).to.equal(1);
      expect(stderr.match(/^Kudurru cannot start \((.+?)\): /m)?.[1], stderr).to.equal(code);
      expect(stderr).not.to.match(/^ +at /m);
      expect(stderr).not.to.include(secret);
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('stands on the chain that its folder belongs to, and on no other', async () => {
    await guest.stop();
    const data = path.join(guest.folder, 'data');
    const settings = { KUDURRU_NODES: node, KUDURRU_TRUST: trustFile, KUDURRU_INSTITUTION: '1' };
    const checked = kudurru(['fsck', '--data', data, '--trust', trustFile], settings);
    expect([checked.code, checked.stdout.slice(0, 6)], checked.stderr).to.deep.equal([0, 'SOUND:']);
    // As a backup is without what can be built again: it says how far it followed nothing, and is not called sound.
    renameSync(path.join(data, 'views'), path.join(guest.folder, 'views-away'));
    const unseen = kudurru(['fsck', '--data', data, '--trust', trustFile], settings);
    expect([unseen.code, unseen.stderr], unseen.stdout).to.satisfy(
      ([code, said]: [number, string]) => code === 2 && said.includes('has no views'),
    );
    renameSync(path.join(guest.folder, 'views-away'), path.join(data, 'views'));
    await keeper.stop();
    for (const [app, set, code] of [
      [guest, {}, 'data-folder-of-network'],
      [keeper, settings, 'data-folder-of-own-chain'],
    ] as const) {
      const own = path.join(app.folder, 'data');
      const env = { ...ENVIRONMENT, KUDURRU_DATA: own, PORT: '0', ...set };
      const { stderr } = spawnSync(process.execPath, [MAIN], { env, encoding: 'utf8', timeout: START_MS });
      expect(stderr.match(/^Kudurru cannot start \((.+?)\): /m)?.[1], stderr).to.equal(code);
    }
  });
});
