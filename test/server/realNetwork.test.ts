/**
 * The whole of a network on nodes that are not ours: founded, used, audited, and what happens to its validators.
 *
 * It runs where BESU names a Besu of 26.3 or newer, or ANVIL an Anvil, and is skipped elsewhere, loudly. What asks for four
 * processes is skipped over Anvil, which has one: there a validator that is down is one that does not seal.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { NetworkSeen } from '../../server/network.ts';
import { type App, OFFICERS, startApp } from '../gateway/app.ts';
import { foundedNetwork } from '../gateway/foundNetwork.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { carriedOut, type MeasureTold, proposed, standing, voted } from '../gateway/members.ts';
import {
  askNode,
  engineNamed,
  heightOf,
  newValidator,
  type RealNetwork,
  until,
} from '../gateway/realNetwork.ts';

const SUITE_MS = 1_800_000;
/** What is asked for at most, of what is used: the rolls of a demonstration ask for as much as one of their chunks may take. */
const LEAST_SHARE = 5;
const VALIDATORS = 4;
const TIMEOUT_SECONDS = 4;
/** Three timeouts and what a busy machine takes beside. */
const HALT_TOLD_MS = 60_000;
const RESUMED_MS = 120_000;

interface Ready {
  readonly ready: boolean;
  readonly reason?: string;
  readonly finality: string;
}

describe('a network of nodes that are not ours', function () {
  this.timeout(SUITE_MS);
  this.bail(true); // each goes on where the one before ended
  const engine = engineNamed(process.env);
  // Four found it, the fifth joins.
  const validators = Array.from({ length: VALIDATORS + 1 }, newValidator);
  const four = [0, 1, 2, 3];
  let folder: string;
  let network: RealNetwork;
  let gateway: App;
  let other: App;
  let shops = 0;
  let founded = 0;
  const at = (name: string) => path.join(folder, name);
  const url = (place: number) => network.urls[place] ?? '';

  before(async function () {
    if (engine !== 'besu' && engine !== 'anvil') {
      console.log(`      !!! SKIPPED, on no real network: ${engine} !!!`);
      this.skip();
    }
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-real-'));
  });
  after(async () => {
    await gateway?.stop();
    await other?.stop();
    await network?.close();
    if (folder !== undefined && process.env.KEEP === undefined)
      rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...args: readonly string[]) => {
    const ran = await kudurruBeside(args);
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).to.equal(0);
    return ran.stdout;
  };
  const seen = async (places: readonly number[]) => {
    const nodes = places.flatMap((place) => ['--rpc', url(place)]);
    const { stdout } = await kudurruBeside([
      'network',
      'show',
      ...nodes,
      '--trust',
      at('trust.json'),
      '--json',
    ]);
    return JSON.parse(stdout) as NetworkSeen;
  };
  const ready = async (app = gateway) => (await app.ask<Ready>('GET', '/health/ready')).body;
  const isHaltTold = async () => (await ready()).reason?.includes('No block has become final') ?? false;
  const shop = (app = gateway) => {
    shops++;
    const vendor = `0x${shops.toString(16).padStart(64, '5')}`;
    return app.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 });
  };
  /** Accepted while no block comes: it becomes final by itself afterwards. */
  const accepted = async () => {
    const number = shops + 1;
    const refused = await shop().then(() => 'final', String);
    return { vendor: `0x${number.toString(16).padStart(64, '5')}`, refused };
  };
  const isRecorded = async (vendor: string) => {
    const token = await gateway.token('agency', 1);
    return (await gateway.ask('GET', `/vendors/${vendor}/tills`, { token })).status === 200;
  };
  /** Of all transactions of these blocks. */
  const gasOf = async (after: number, through: number) => {
    let [asked, used, writes] = [0, 0, 0];
    for (let block = after + 1; block <= through; block++) {
      const told = await askNode(url(0), 'eth_getBlockByNumber', [`0x${block.toString(16)}`, true]);
      const { gasUsed, transactions } = told as { gasUsed: string; transactions: { gas: string }[] };
      for (const { gas } of transactions) asked += Number(gas);
      used += Number(gasUsed);
      writes += transactions.length;
    }
    return { asked, used, writes };
  };

  it('is founded by the commands of the ceremony', async () => {
    if (engine !== 'besu' && engine !== 'anvil') throw new Error(engine);
    await foundedNetwork({
      ...{ engine, folder, validators, timeoutSeconds: TIMEOUT_SECONDS },
      onStarted(started) {
        network = started;
      },
    });
  });

  it('serves a gateway at each member', async () => {
    const nodes = [url(0), url(1)].join(',');
    founded = await heightOf(url(0));
    const env = { KUDURRU_BLOCK_TIMEOUT: String(TIMEOUT_SECONDS), KUDURRU_DEMO: '1' };
    const trustFile = at('trust.json');
    gateway = await startApp({ network: { nodes, trustFile, institution: 1 }, env });
    other = await startApp({ network: { nodes: url(2), trustFile, institution: 2 }, env });
    expect(await ready()).to.include({ ready: true, finality: 'quorum' });
  });

  it('plays the whole demonstration', async () => {
    cpSync(path.join(gateway.folder, 'administrator'), at('administrator'));
    const trustFile = at('trust.json');
    const told = await kudurruBeside([
      ...['demo', '--json', '--folder', at('played'), '--gateway', gateway.url, '--officers', folder],
      ...['--trust', trustFile, '--rpc', url(0)],
    ]);
    // Anvil keeps a word of zero where a slot was set to zero: a state that no chain has, which the last check refuses.
    if (engine !== 'besu') expect(told.stdout).to.include('proof-value-malformed');
    else expect(JSON.parse(told.stdout).fsck, told.stderr).to.include({ ok: true });
    const { asked, used, writes } = await gasOf(founded, await heightOf(url(0)));
    console.log(
      `      real network | ${engine} | ${writes} writes use ${((100 * used) / asked).toFixed(0)} % of what they ask of blocks`,
    );
    expect(used * LEAST_SHARE, 'of what blocks have room for').to.be.above(asked);
  });

  it('is verified and audited by whoever has the trust file', async () => {
    const certificate = path.join(at('played'), 'certificate.json');
    const verified = await run('verify', certificate, '--trust', at('trust.json'), '--rpc', url(3));
    expect(verified).to.match(/^ANCHORED: block \d+, sealed, from genesis/m);
    if (engine !== 'besu') return;
    const audited = await run('audit', '--rpc', url(3), '--trust', at('trust.json'));
    expect(audited).to.match(/^SOUND: /);
  });

  it('moves a checkpoint by a certificate, and by no node that keeps no evidence', async () => {
    const trust = ['--trust', at('trust.json')];
    const told = await kudurruBeside(['network', 'checkpoint', ...trust, '--rpc', url(0)]);
    expect(told.code, 'a node keeps no evidence of ours').to.equal(2);
    const certificate = path.join(at('played'), 'certificate.json');
    await run('network', 'checkpoint', ...trust, '--certificate', certificate, '--out', at('later.json'));
    const before = await kudurruBeside(['verify', certificate, '--trust', at('later.json')]);
    expect(before.stdout, 'it was made for the file of before').to.include('checkpoint-missing');
  });

  it('goes on with one of four down, and says which seals nothing', async () => {
    await network.kill(3);
    await shop();
    await shop();
    const { nodes, validators: set = [] } = await seen(four);
    expect(nodes[3]?.trouble).to.equal('node-silent');
    const height = await heightOf(url(0));
    await until('32 blocks more', async () => (await heightOf(url(0))) > height + 32);
    const quiet = (await seen([0])).validators?.filter(({ sealed }) => sealed === 0) ?? [];
    expect([set.length, quiet.map(({ validator }) => validator)]).to.deep.equal([
      4,
      [validators[3]?.address],
    ]);
    const vote = ['--add', validators[4]?.address ?? '', '--institution', '2'];
    const rehearsed = await kudurruBeside([
      'network',
      'rehearse',
      '--rpc',
      url(0),
      '--trust',
      at('trust.json'),
      ...vote,
    ]);
    expect(rehearsed.stdout, 'four of five, and three seal').to.include('quorum-not-seen');
    await network.start(3);
  });

  it('halts with two of four down, loses nothing that it took, and goes on with three', async () => {
    await network.kill(2);
    await network.kill(3);
    const { vendor, refused } = await accepted();
    expect(refused).not.to.equal('final');
    await until('the gateway says so', isHaltTold, HALT_TOLD_MS);
    await network.start(2);
    await network.start(3);
    await until('it goes on', async () => (await ready()).ready, RESUMED_MS);
    await until('what it took is recorded', () => isRecorded(vendor), RESUMED_MS);
  });

  it('loses nothing where all are killed', async function () {
    if (engine !== 'besu') this.skip(); // one process cannot
    const before = await heightOf(url(0));
    await Promise.all(four.map((place) => network.kill(place)));
    const { vendor } = await accepted();
    await Promise.all(four.map((place) => network.start(place)));
    await until('blocks come', async () => (await heightOf(url(0))) > before, RESUMED_MS);
    await until('what it took is recorded', () => isRecorded(vendor), RESUMED_MS);
  });

  it('gives one that was wiped the whole chain again', async function () {
    if (engine !== 'besu') this.skip(); // one process cannot
    await network.kill(3);
    network.wipe(3);
    await shop();
    await network.start(3);
    await until('it is at the height of the others', async () => {
      const { nodes } = await seen(four);
      return nodes.every(
        ({ trouble, differs, behindBlocks = 99 }) => !trouble && !differs && behindBlocks < 3,
      );
    });
  });

  it('makes no block on either side of a partition of two and two, and one chain afterwards', async function () {
    if (engine !== 'besu') this.skip(); // one process cannot
    network.pause(2);
    network.pause(3);
    const before = await heightOf(url(0));
    const { vendor } = await accepted();
    await until('the gateway says so', isHaltTold, HALT_TOLD_MS);
    expect((await heightOf(url(0))) - before).to.be.below(3);
    network.resume(2);
    network.resume(3);
    await until('what it took is recorded', () => isRecorded(vendor), RESUMED_MS);
    expect((await seen(four)).nodes.some(({ differs }) => differs)).to.equal(false);
  });

  it('takes in a validator and lets one go by votes, and certifies through the changes', async () => {
    const [joining, leaving] = [validators[4]?.address ?? '', validators[3]?.address ?? ''];
    await network.start(4);
    const rehearse = (...vote: string[]) =>
      run('network', 'rehearse', '--rpc', url(0), '--trust', at('trust.json'), ...vote);
    const height = await heightOf(url(0));
    await until('all four seal', async () => (await heightOf(url(0))) > height + 8);
    const decide = async (proposal: object, count: number) => {
      const measure: MeasureTold = await proposed(gateway, OFFICERS.approver, proposal);
      await until(
        'the other gateway has it',
        async () => (await standing(other, measure)).measureId !== undefined,
      );
      await voted(other, OFFICERS.secondApprover, measure);
      await until('it is due', async () => (await standing(gateway, measure)).state === 'due');
      const told = await carriedOut(gateway, measure);
      expect(told.body.state, told.text).to.equal('PROJECTED');
      expect((await seen([0])).validators).to.have.length(count);
    };
    writeFileSync(at('joining.key'), `${validators[4]?.key}\n`);
    const own = ['--institution', '1', '--trust', at('trust.json'), '--rpc', url(4)];
    await until('it has the newest block', async () => (await heightOf(url(4))) >= height);
    await run('network', 'prove', '--key', at('joining.key'), ...own, '--out', at('joining.json'));
    await rehearse('--add', joining, '--institution', '1', '--proof', at('joining.json'));
    await decide({ kind: 'add-validator', institution: 1, validator: joining }, 5);
    await shop();
    if (engine === 'besu') {
      // What leaves leaves a slot of zero, of which Anvil proves nothing.
      await rehearse('--remove', leaving);
      await decide({ kind: 'remove-validator', validator: leaving }, 4);
    }
    await network.kill(3);
    await shop();
    const { baUnit: unit } = JSON.parse(readFileSync(path.join(at('played'), 'certificate.json'), 'utf8'));
    const issued = await gateway.ask('GET', `/titles/${unit}/certificate`, {
      token: await gateway.token('registrar', 1),
      headers: { 'X-Case-Reference': 'CASE-1' },
    });
    writeFileSync(at('changed.json'), issued.text);
    const { finality } = JSON.parse(issued.text) as { finality: { steps: unknown[] } };
    expect(finality.steps).to.have.length(engine === 'besu' ? 2 : 1);
    const verified = await run('verify', at('changed.json'), '--trust', at('trust.json'), '--rpc', url(0));
    expect(verified).to.match(/^ANCHORED: block \d+, sealed, from genesis/m);
    console.log(
      `      real network | ${engine} | evidence of ${finality.steps.length} changes ${JSON.stringify(finality).length} bytes`,
    );
  });

  it('serves on where the gateway loses its own node', async () => {
    await network.start(3);
    await network.kill(0);
    await shop();
    expect(await ready()).to.include({ ready: true });
    await network.start(0);
    if (engine !== 'besu') return;
    const audited = await run('audit', '--rpc', url(1), '--trust', at('trust.json'));
    expect(audited).to.match(/^SOUND: /);
  });
});
