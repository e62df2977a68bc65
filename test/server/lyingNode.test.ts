/**
 * Two gateways at work over nodes that fail and lie at random, one on a chain that a node signs and one on the same chain as
 * validators seal it, who change meanwhile: nothing of it is believed, nothing lost, nothing done twice; a long run plays the whole
 * demonstration beside.
 *
 * `KUDURRU_LIES` asks for another number of faults, `KUDURRU_LIES_SEED` for the same ones again.
 */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import { readTrust, writeTrust } from '../../server/domain/audit/trust.ts';
import { verifyCertificate } from '../../server/domain/audit/verifyCertificate.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { FOUNDING_NODE } from '../../server/domain/power/founding.ts';
import { writeFounding } from '../../server/domain/power/foundingFile.ts';
import { Sealing } from '../chain/sealing.ts';
import type { Officer } from '../chain/signing.ts';
import { type App, freePort, OFFICERS, startApp } from '../gateway/app.ts';
import { foundingWithCast } from '../gateway/demo.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { liesOfSealed, liesOfSigned, OF_REQUESTS, OF_SENDS, tellLies } from '../gateway/lies.ts';
import { type LyingNode, lyingNode } from '../gateway/lyingNode.ts';
import { decided } from '../gateway/members.ts';
import { askNode } from '../gateway/realNetwork.ts';
import { nodeSealer, sealerOf, setAfter } from '../gateway/sealers.ts';
import { registerUnits } from '../gateway/transfers.ts';
import { seeded } from '../seeded.ts';

const LIES = Number(process.env.KUDURRU_LIES ?? 150);
const SEED = Number(process.env.KUDURRU_LIES_SEED ?? 20_261_130);
/** Of a hundred answers so many are none, or false. A person who plays the demonstration asks again five times. */
const [SHARE, SHARE_BESIDE_A_DEMO] = [12, 4];
const SHARES = { eth_getBlockByNumber: 12, eth_getProof: 20 };
const HANGS = 1;
/** Most of their time they wait for a node that lies. */
const WORKERS = { short: 3, long: 6 };
const LEAST_ACTS = 5;
/** A demonstration takes minutes beside lies, so a short run has none. */
const PLAYED_FROM = 1_000;
const IS_LONG = LIES >= PLAYED_FROM;
/** Validators that join after the founding, beside the node that founded; the last comes and goes. */
const JOINING = 4;
const MOST_CHANGES = 6;
const CHANGE_EVERY_MS = 5_000;
/** Half a second each, most of it waiting before something is asked again; and a machine that many share. */
const SUITE_MS = 300_000 + LIES * 2_000;
const SETTLED_MS = 120_000;
/** A long run is one of many things that a machine does. */
const PATIENCE_MS = 600_000;

interface Shop {
  readonly vendor: string;
  readonly version: number;
}

describe('a gateway over a node that fails and lies', function () {
  this.timeout(SUITE_MS);
  const folder = mkdtempSync(path.join(tmpdir(), 'kudurru-lies-'));
  const joining = Array.from({ length: JOINING }, () => sealerOf(randomBytes(32)));
  let keeper: App;
  let nodes: { readonly signed: LyingNode; readonly sealed: LyingNode };
  let guests: { readonly signed: App; readonly sealed: App };
  const started: App[] = [];
  const start = async (options: Parameters<typeof startApp>[0]) => {
    const app = await startApp(options);
    started.push(app);
    return app;
  };
  const trustFile = path.join(folder, 'network.json');
  const vote = (proposal: object) => decided(keeper, [OFFICERS.approver, OFFICERS.secondApprover], proposal);
  const joins = (place: number) => ({
    kind: 'add-validator',
    institution: 2,
    validator: joining[place]?.address,
  });
  before(async () => {
    const rpcPort = await freePort();
    const behind = `http://127.0.0.1:${rpcPort}`;
    const seals = [{ validator: FOUNDING_NODE, institution: 1 as InstitutionId }] as const;
    writeFileSync(path.join(folder, 'founding.json'), writeFounding(foundingWithCast(folder, seals)));
    keeper = await startApp({ folder, env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    const data = path.join(folder, 'data');
    const first = await nodeSealer(data);
    for (let place = 0; place < JOINING - 1; place++) await vote(joins(place));
    const ask = (method: string, params: readonly unknown[]) => askNode(behind, method, params);
    const blockAt = async (number: number) =>
      (await ask('eth_getBlockByNumber', [`0x${number.toString(16)}`, false])) as Record<string, unknown>;
    const sealing = new Sealing(blockAt, async (number) => {
      const set = await setAfter(number - 1, ask);
      return [first, ...joining].filter(({ address }) => set.includes(address));
    });
    const { format, genesisHash, chainId, ledgerNonce, contracts, minimumCheckpoint } = keeper.trust();
    const network = { lineage: 'qbft', firstValidators: [first.address] } as const;
    writeFileSync(
      trustFile,
      writeTrust({ format, genesisHash, chainId, ledgerNonce, ...network, contracts, minimumCheckpoint }),
    );
    const sealed = await lyingNode(behind, async ({ method }, asked) =>
      method.startsWith('eth_getBlockBy') ? sealing.told(await asked()) : asked(),
    );
    nodes = { signed: await lyingNode(behind), sealed };
    // The chain behind makes no block while nobody writes.
    const env = { KUDURRU_DEMO: '1', KUDURRU_EMPTY_BLOCK_PERIOD: String(SUITE_MS / 1_000) };
    const ownTrust = path.join(data, 'trust.json');
    guests = {
      signed: await start({ network: { nodes: nodes.signed.url, trustFile: ownTrust, institution: 2 } }),
      sealed: await start({ network: { nodes: sealed.url, trustFile, institution: 1 }, env }),
    };
  });
  after(async () => {
    for (const app of started) await app.remove();
    await keeper?.remove();
    for (const node of [nodes?.signed, nodes?.sealed]) await node?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('believes nothing false, loses nothing it took and does nothing twice', async () => {
    const [unit = ''] = await registerUnits(keeper, 1);
    const counts = new Map<string, number>();
    const total = () => [...counts.values()].reduce((sum, one) => sum + one, 0);
    const random = seeded(SEED);
    const telling = { random, shares: SHARES, hangs: HANGS, counts };
    const strangers = Array.from({ length: JOINING }, () => sealerOf(randomBytes(32)));
    const [ofSigned, ofSealed] = [liesOfSigned(), liesOfSealed(strangers)];
    tellLies(nodes.signed, { ...telling, lies: ofSigned, share: SHARE });
    tellLies(nodes.sealed, { ...telling, lies: ofSealed, share: SHARE_BESIDE_A_DEMO });

    const every = new Set([...Object.keys(ofSigned), ...Object.keys(ofSealed), ...OF_REQUESTS, 'time-out']);
    const accepted = new Set<string>();
    const certificates = { issued: 0, false: 0 };
    let said = 0;
    const sayHowFar = () => {
      if (total() < said + PLAYED_FROM) return;
      said = total();
      console.log(`      lying nodes | ${said} faults of ${LIES}, ${accepted.size} acts`);
    };
    const isOver = () =>
      total() >= LIES &&
      [...every].every((kind) => counts.has(kind)) &&
      certificates.issued > 0 &&
      accepted.size > LEAST_ACTS;
    let tried = 0;
    const work = async (app: App, by: readonly [Officer, Officer]) => {
      while (!isOver()) {
        const vendor = `0x${(++tried).toString(16).padStart(64, '0')}`;
        try {
          await app.act('agency', '/acts/vendors', { vendor, standing: 'active', from: 0 }, by);
          accepted.add(vendor);
        } catch (error) {
          // Answered 202 it was taken, whatever became of it while this waited; anything else was refused.
          if (error instanceof Error && error.message.startsWith('the act ended as')) accepted.add(vendor);
        }
      }
    };
    const certify = async () => {
      const token = await guests.sealed.token('registrar', 1);
      const trust = readTrust(readFileSync(trustFile, 'utf8'));
      while (!isOver()) {
        const headers = { 'X-Case-Reference': 'CASE-1' };
        const asked = { token, headers, patienceMs: PATIENCE_MS };
        const issued = await guests.sealed.ask('GET', `/titles/${unit}/certificate`, asked);
        if (issued.status === 200) {
          const { intact, anchored } = verifyCertificate(trust, readCertificate(issued.text));
          certificates.issued++;
          if (intact.verdict !== 'yes' || anchored.verdict !== 'yes') certificates.false++;
        }
        sayHowFar();
        await setTimeout(500);
      }
    };
    let changes = 0;
    const change = async () => {
      for (; !isOver() && changes < MOST_CHANGES; changes++) {
        const validator = joining[JOINING - 1]?.address;
        await vote(changes % 2 === 0 ? joins(JOINING - 1) : { kind: 'remove-validator', validator });
        await setTimeout(CHANGE_EVERY_MS);
      }
    };
    const workers = (one: () => Promise<void>) =>
      Array.from({ length: IS_LONG ? WORKERS.long : WORKERS.short }, one);
    const ownOfficers = [OFFICERS.preparer, OFFICERS.approver] as const;
    const otherOfficers = [OFFICERS.secondPreparer, OFFICERS.secondApprover] as const;
    const [played] = await Promise.all([
      IS_LONG ? play() : undefined,
      certify(),
      change(),
      ...workers(() => work(guests.signed, otherOfficers)),
      ...workers(() => work(guests.sealed, ownOfficers)),
    ]);
    for (const node of [nodes.signed, nodes.sealed]) {
      node.lie();
      node.disturb();
    }
    if (played !== undefined) expect(played.code, `${played.stdout}${played.stderr}`).to.equal(0);

    // Twice: what one still had to send makes blocks after the other had settled.
    for (const app of [guests.signed, guests.sealed, guests.signed, guests.sealed]) {
      const told = await settled(app);
      expect(told, JSON.stringify(told)).to.include({
        ready: true,
        queued: 0,
        blockNumber: await heightOf(keeper),
      });
    }
    const all = await shopsOf(keeper);
    for (const app of [guests.signed, guests.sealed]) expect(await shopsOf(app)).to.deep.equal(all);
    const lost = [...accepted].filter((vendor) => !all.some((shop) => shop.vendor === vendor));
    const doubled = all.filter(({ vendor, version }) => accepted.has(vendor) && version !== 1).length;
    let believed = certificates.false;
    for (const app of [guests.signed, guests.sealed]) {
      const checked = await app.ask<{ ok: boolean }>('POST', '/checks', {
        token: await app.token('auditor', 0),
        patienceMs: PATIENCE_MS,
      });
      if (!checked.body.ok) believed++;
    }
    const kinds = [...counts].toSorted().map(([kind, times]) => `${kind} ${times}`);
    console.log(
      `      lying nodes | seed ${SEED} | ${total()} faults tried: ${kinds.join(', ')} | ${played ? 'a demonstration' : 'no demonstration'}, ${accepted.size} acts, ${certificates.issued} certificates, ${changes} changes of validators | ${believed} believed | ${lost.length} lost | ${doubled} doubled`,
    );
    expect([believed, lost.length, doubled]).to.deep.equal([0, 0, 0]);
    expect(total()).to.be.at.least(LIES);
    expect(isOver()).to.equal(true);
    expect(OF_SENDS.some((kind) => counts.has(kind))).to.equal(true);
  });

  /** The whole demonstration by its command, on the gateway whose chain is sealed. */
  function play() {
    cpSync(path.join(guests.sealed.folder, 'administrator'), path.join(folder, 'administrator'));
    const files = { parcels: demoParcels({ count: 4 }), registrations: demoRegistrations({ count: 6 }) };
    const named = Object.entries(files).flatMap(([name, text]) => {
      writeFileSync(path.join(folder, name), text);
      return [`--${name}`, path.join(folder, name)];
    });
    const played = path.join(folder, 'played');
    return kudurruBeside(
      [
        ...['demo', '--json', '--folder', played, '--gateway', guests.sealed.url, '--officers', folder],
        ...['--trust', trustFile, ...named],
      ],
      {},
      '.',
      SUITE_MS,
    );
  }

  interface Health {
    readonly ready: boolean;
    readonly queued: number;
    readonly blockNumber: string;
  }

  const health = async (app: App) =>
    (await app.ask<Health>('GET', '/health/ready', { patienceMs: PATIENCE_MS })).body;
  const heightOf = async (app: App) => (await health(app)).blockNumber;

  async function settled(app: App): Promise<Health> {
    const settledMs = IS_LONG ? PATIENCE_MS : SETTLED_MS;
    let last = await health(app);
    for (const sinceMs = performance.now(); performance.now() - sinceMs < settledMs; await setTimeout(250)) {
      last = await health(app);
      if (last.ready && last.queued === 0 && last.blockNumber === (await heightOf(keeper))) break;
    }
    return last;
  }

  /** Every shop of the ledger, with how often something was recorded of it. */
  async function shopsOf(app: App): Promise<Shop[]> {
    const token = await app.token('auditor', 0);
    const shops: Shop[] = [];
    for (let after: string | undefined; ; ) {
      const query = after === undefined ? '' : `&after=${after}`;
      const page = await app.ask<{ rows: Shop[]; next?: string }>('GET', `/vendors?limit=100${query}`, {
        token,
        patienceMs: PATIENCE_MS,
      });
      shops.push(...page.body.rows);
      after = page.body.next;
      if (after === undefined) return shops;
    }
  }
});
