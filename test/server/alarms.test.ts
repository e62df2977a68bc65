/** The ready-made alarms, each by making what it is for true and reading the page that a monitor reads. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { registerDomain } from '../../server/domain/acts/domains.ts';
import { addressOfPrivateKey, signCompact } from '../../server/domain/acts/signing.ts';
import { digest, digestOf } from '../../server/domain/acts/typedData.ts';
import { headerHash, headerOfAnswer } from '../../server/domain/audit/header.ts';
import { headDigest } from '../../server/domain/audit/lineage.ts';
import { type Address, type Bytes32, fromHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { OfficerId } from '../../server/domain/base/terms.ts';
import { NOTARY_TYPES, rootMessage } from '../../server/domain/notary/roots.ts';
import { keyHashOfAddress, possessionData } from '../../server/domain/power/possession.ts';
import { quantity } from '../../server/ledger/provider.ts';
import { keyFolderOf, openSoftwareKeys } from '../../server/store/keys.ts';
import { named } from '../chain/signing.ts';
import { ALARMS, firingAt } from '../gateway/alarms.ts';
import { type App, freePort, headOf, OFFICERS, startApp } from '../gateway/app.ts';
import { type LyingNode, lyingNode } from '../gateway/lyingNode.ts';

const SUITE_MS = 480_000;
const TOLD_MS = 60_000;

describe('the alarms of a gateway', function () {
  this.timeout(SUITE_MS);
  const seenFiring = new Set<string>();
  let keeper: App;
  let first: LyingNode;
  let second: LyingNode;
  let guest: App;
  before(async () => {
    const rpcPort = await freePort();
    keeper = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    const behind = `http://127.0.0.1:${rpcPort}`;
    [first, second] = [await lyingNode(behind), await lyingNode(behind)];
    const trustFile = path.join(keeper.folder, 'data', 'trust.json');
    guest = await startApp({ network: { nodes: `${first.url},${second.url}`, trustFile, institution: 1 } });
  });
  after(async () => {
    await guest?.remove();
    await keeper?.remove();
    await first?.close();
    await second?.close();
  });

  async function fires(...names: readonly string[]): Promise<void> {
    let last: readonly string[] = [];
    for (const sinceMs = performance.now(); performance.now() - sinceMs < TOLD_MS; await setTimeout(300)) {
      last = await firingAt(guest.url);
      if (names.length === 0 ? last.length === 0 : names.every((name) => last.includes(name))) {
        for (const name of names) seenFiring.add(name);
        return;
      }
    }
    throw new Error(`fired ${last}, and not ${names}`);
  }
  const dies = async (response: { destroy(): unknown }) => {
    response.destroy();
    return true;
  };

  it('are silent while all is well', () => fires());

  it('say that one node does not answer, and that none does', async () => {
    first.disturb(dies);
    await fires('NodeUnreachable');
    second.disturb(dies);
    await fires('NodeUnreachable', 'NoNodeAnswers', 'GatewayNotReady');
    first.disturb();
    second.disturb();
    await fires();
  });

  it('say that something waits which was accepted', async () => {
    let isHeld = true;
    for (const node of [first, second]) {
      node.lie(async ({ method, params }, asked) =>
        method === 'eth_sendRawTransaction' && isHeld ? String(params[0]).slice(0, 66) : asked(),
      );
    }
    const token = await guest.token('agency', 1);
    const vendor = `0x${'55'.repeat(32)}`;
    const body = { head: headOf(OFFICERS.preparer), vendor, standing: 'active', from: 0 };
    const { body: act } = await guest.ask<Parameters<App['sign']>[1]>('POST', '/acts/vendors', {
      token,
      body,
    });
    const signing = guest.sign('agency', act, [OFFICERS.preparer, OFFICERS.approver]);
    const ended = signing.catch((error: unknown) => error);
    await fires('OperationsWait');
    isHeld = false;
    await ended;
    await fires();
  });

  it('say that a recorder is behind with the root of its log', async () => {
    const { body } = await guest.ask<{ contracts: { contract: string; address: Address }[] }>(
      'GET',
      '/ledger',
    );
    const notary = body.contracts.find(({ contract }) => contract === 'notary')?.address;
    const domain = registerDomain('notary', keeper.trust(), notary as Address);
    const key = fromHex(named('recorder of the alarms'));
    const keyHash = keyHashOfAddress(addressOfPrivateKey(key));
    const about = { officerId: ZERO_32 as Bytes32 as OfficerId, keyHash, epoch: 1 };
    const { institution } = OFFICERS.preparer;
    const possession = signCompact(
      digestOf(possessionData(domain, Object.assign({ institution }, about))),
      key,
    );
    await guest.act('member', '/acts/recorders', { keyHash, possession });
    await fires('RootOverdue');
    const said = { epoch: 1, kind: 'access-log', root: named('a root') as Bytes32 } as const;
    const day = Math.floor(Date.now() / 86_400_000);
    const message = rootMessage({ ...said, institution, index: 1n, lines: 1n, stones: 0n, day });
    const signature = signCompact(digest(domain, NOTARY_TYPES, 'RootRecord', message), key);
    const sent = await guest.ask('POST', '/recorder/roots', {
      token: await guest.token('member', 1),
      body: { ...said, index: 1, lines: 1, stones: 0, day, signature },
    });
    expect(sent.status, sent.text).to.be.oneOf([200, 202]);
    await fires();
  });

  it('say that two final blocks of one height were shown, and that the ledger does not hold', async () => {
    const keys = openSoftwareKeys(keyFolderOf(path.join(keeper.folder, 'data')));
    const { blockNumber } = (await guest.ask<{ blockNumber: string }>('GET', '/health/ready')).body;
    const number = quantity(BigInt(blockNumber));
    let shown: Bytes32 | undefined;
    for (const node of [first, second]) {
      node.lie(async ({ method, params }, asked) => {
        const told = await asked();
        if (params[0] !== number) return told;
        if (method === 'eth_getBlockByNumber') {
          const bent = { ...(told as object), stateRoot: named('another state') };
          shown = headerHash(headerOfAnswer(bent)) as Bytes32;
          return { ...bent, hash: shown };
        }
        if (method !== 'kudurru_finality' || shown === undefined) return told;
        const head = { blockNumber: Number(blockNumber), blockHash: shown };
        const { r, s, yParity } = await keys.sign('node', headDigest(keeper.trust(), head));
        const compact = BigInt(s) | (BigInt(yParity) << 255n);
        return { ...(told as object), nodeSignature: `${r}${compact.toString(16).padStart(64, '0')}` };
      });
    }
    await fires('TwoFinalBlocks', 'LedgerUnsound', 'GatewayNotReady');
  });

  it('say that it is down', async () => {
    await guest.stop();
    await fires('GatewayDown');
  });

  it('are each seen here', () => {
    expect([...seenFiring].toSorted()).to.deep.equal(ALARMS.map(({ name }) => name).toSorted());
    const page = readFileSync(path.resolve(import.meta.dirname, '../../docs/operating.md'), 'utf8');
    for (const { name } of ALARMS) expect(page, 'what to do about it').to.include(`\n| \`${name}\` | `);
  });
});
