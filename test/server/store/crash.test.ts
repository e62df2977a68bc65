import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { CRASH_POINTS, type CrashPoint } from '../../../server/crash.ts';
import { disclose } from '../../../server/disclose.ts';
import { type Bytes32, ZERO_ADDRESS } from '../../../server/domain/base/hex.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { openBlocks } from '../../../server/store/blocks.ts';
import type { OperationId } from '../../../server/store/operation.ts';
import { openOutbox } from '../../../server/store/outbox.ts';
import { refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';
import { allTables, openPeople, type People, reading } from './people.ts';

/** The points inside this folder; those around sending, views, anchors and backups are crashed with their owners. */
const OWNED = /^(store|vault|access|outbox|blocks|erasure)\./;
const ELSEWHERE: readonly CrashPoint[] = ['outbox.before-send', 'outbox.after-send'];
const points = CRASH_POINTS.filter((point) => OWNED.test(point) && !ELSEWHERE.includes(point));
const PASSAGES = [1, 6];
const child = join(import.meta.dirname, 'writer.child.ts');

function run(folder: string, rounds: number, crash: string | undefined, shell = '') {
  const env = { ...process.env, ...(crash === undefined ? {} : { KUDURRU_CRASH: crash }) };
  const command = `${shell} exec "$0" "$@"`;
  const parameters = ['-c', command, process.execPath, child, folder, String(rounds)];
  const ended = spawnSync('bash', parameters, { env, encoding: 'utf8' });
  const acknowledged = ended.stdout.split('\n').filter((line) => line !== '');
  return {
    signal: ended.signal,
    status: ended.status,
    errors: ended.stderr,
    acknowledged: acknowledged.map((line) => line.split(' ')),
  };
}

interface Losses {
  lost: number;
  doubled: number;
  stuck: number;
}

/** Opens what a crash left, finishes it as a start does, and compares it with what was acknowledged. */
async function inspect(folder: string, acknowledged: readonly string[][]): Promise<Losses> {
  const people = await openPeople(folder);
  const losses: Losses = { lost: 0, doubled: 0, stuck: 0 };
  try {
    await people.erasures.finish();
    const erased = await people.erasures.coverage();
    for (const [kind, ...facts] of acknowledged) {
      if (!(await isThere(people, kind ?? '', facts, erased))) losses.lost++;
    }
    for (const [store, table] of allTables(people)) if (!(await store.audit(table)).whole) losses.lost++;
    losses.lost += (await people.vault.report(erased)).lostRecords;
    await resume(people, losses);
  } finally {
    await people.close();
  }
  return losses;
}

type Coverage = Awaited<ReturnType<People['erasures']['coverage']>>;

async function isThere(
  people: People,
  kind: string,
  facts: readonly string[],
  erased: Coverage,
): Promise<boolean> {
  const [first = '', second = '', third = '', fourth = ''] = facts;
  const subject = first as SubjectRef;
  const isErased = () => erased({ subject, group: '' });
  const outbox = await openOutbox(people.store, Date.now);
  const blocks = await openBlocks(people.store);
  switch (kind) {
    case 'enrolled':
      return isErased() || (await refusedAs(disclose(people, reading, subject))) === undefined;
    case 'vault':
      return isErased() || (await disclose(people, reading, subject)).records.length === 2;
    case 'access':
      return (await people.accessLog.head(subject)).lines >= Number(second);
    case 'erased':
      return isErased() && (await refusedAs(disclose(people, reading, subject))) === 'erased';
    case 'received':
      return (await outbox.get(first as OperationId)) !== undefined;
    case 'signed': {
      const operation = await outbox.get(first as OperationId);
      const kept = operation?.lane === Number(second) && operation.nonce === Number(third);
      return kept && operation.transactionHash === fourth; // here the hash is the bytes
    }
    case 'projected':
      return (await outbox.get(first as OperationId))?.state === 'PROJECTED';
    case 'block':
      return (await blocks.head()) >= BigInt(first);
    case 'blockSigned':
      return (await blocks.signature(BigInt(first))) !== undefined;
    default:
      return kind === 'done' || kind === 'failed' || kind === 'afterwards';
  }
}

/** Takes up every unfinished operation as a start does: all must reach the end, and no nonce be used twice. */
async function resume(people: People, losses: Losses): Promise<void> {
  const outbox = await openOutbox(people.store, Date.now);
  for await (const { id, state } of outbox.unfinished()) {
    if (state === 'RECEIVED') await outbox.authorise(id, { to: ZERO_ADDRESS, data: '0x', gas: 1n });
    if (state === 'RECEIVED' || state === 'AUTHORISED') {
      const hash = `0x${id.replaceAll('-', '').padStart(64, '0')}` as Bytes32;
      await outbox.sign(id, async () => ({ raw: hash, hash }));
    }
    await outbox.sent(id);
    await outbox.mined(id, 1n);
    await outbox.final(id, []);
    await outbox.projected(id);
  }
  losses.stuck += await outbox.unfinishedCount();
  const used = new Set<string>();
  const highest = new Map<number, number>();
  for (const { lane, nonce } of await outbox.list(3, 200)) {
    if (used.has(`${lane}/${nonce}`)) losses.doubled++;
    used.add(`${lane}/${nonce}`);
    highest.set(lane, Math.max(highest.get(lane) ?? -1, nonce ?? -1));
  }
  const expected = [...highest.values()].reduce((sum, nonce) => sum + nonce + 1, 0);
  if (expected !== used.size) losses.stuck++; // a gap holds up everything behind it
  const numbers: bigint[] = [];
  for await (const { number } of (await openBlocks(people.store)).read(1n)) numbers.push(number);
  if (new Set(numbers).size !== numbers.length) losses.doubled++;
}

describe('killed at any point, the store', () => {
  after(removeTemporaryFolders);

  it('has lost nothing it acknowledged, doubled nothing and left nothing stuck', async function () {
    this.timeout(300_000);
    const sum: Losses = { lost: 0, doubled: 0, stuck: 0 };
    let tried = 0;
    for (const point of points) {
      const folder = temporaryFolder();
      const acknowledged: string[][] = [];
      for (const passage of PASSAGES) {
        const { signal, errors, acknowledged: more } = run(folder, 6, `${point}:${passage}`);
        expect(signal, `${point}:${passage} ${errors}`).to.equal('SIGKILL');
        acknowledged.push(...more);
        const losses = await inspect(folder, acknowledged);
        expect(losses, `${point}:${passage}`).to.deep.equal({ lost: 0, doubled: 0, stuck: 0 });
        for (const key of ['lost', 'doubled', 'stuck'] as const) sum[key] += losses[key];
        tried++;
      }
      expect(acknowledged.length, point).to.be.greaterThan(0);
    }
    console.log(
      `      kill -9 | ${points.length} points | ${tried} tried | ${sum.lost} lost / ${sum.doubled} doubled / ${sum.stuck} stuck`,
    );
    expect(tried).to.equal(points.length * PASSAGES.length);
  });

  it('runs through when no point is armed, and does not start for a point that does not exist', async function () {
    this.timeout(60_000);
    const folder = temporaryFolder();
    const { status, acknowledged } = run(folder, 2, undefined);
    expect([status, acknowledged.at(-1)]).to.deep.equal([0, ['done']]);
    expect(await inspect(folder, acknowledged)).to.deep.equal({ lost: 0, doubled: 0, stuck: 0 });
    const misspelt = run(temporaryFolder(), 1, 'vault.writen');
    expect(misspelt.acknowledged).to.deep.equal([]);
    expect(misspelt.status).not.to.equal(0);
  });
});

describe('on a disk that takes no more, the store', () => {
  after(removeTemporaryFolders);

  it('fails the write, takes no other, and keeps everything it had acknowledged', async function () {
    this.timeout(60_000);
    const folder = temporaryFolder();
    const { status, acknowledged, errors } = run(folder, 500, undefined, 'ulimit -f 256;');
    expect(status, errors).to.equal(3);
    expect(acknowledged).to.deep.include(['failed', 'Fault']);
    expect(acknowledged).to.deep.include(['afterwards', 'refused']);
    expect(acknowledged.length).to.be.greaterThan(20);
    expect(await inspect(folder, acknowledged)).to.deep.include({ lost: 0, doubled: 0 });
  });
});
