/** What an auditor exports without a token: every entry, vote and measure, as many as the audit counts, in both formats. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { auditLedger } from '../../server/audit.ts';
import { firstHead, foldEntry } from '../../server/domain/audit/journal.ts';
import { writeTrust } from '../../server/domain/audit/trust.ts';
import type { Address, Bytes32 } from '../../server/domain/base/hex.ts';
import { listenRpc, type RpcListener } from '../../server/ledger/rpc.ts';
import { playPower } from '../chain/powerScenes.ts';
import { foundWorld, type World } from '../chain/world.ts';
import { doorBefore } from '../gateway/door.ts';
import { kudurruBeside } from '../gateway/kudurru.ts';
import { hasPython, verifier } from '../verifier/python.ts';
import { trustOf } from '../verifier/worldTrust.ts';
import { removeTemporaryFolders, temporaryFolder } from './store/folder.ts';

describe('what an auditor exports without a token', function () {
  this.timeout(300_000);
  let world: World;
  let listener: RpcListener;
  let folder: string;
  const at = (name: string) => path.join(folder, name);

  before(async () => {
    world = await foundWorld({ folder: temporaryFolder() });
    await playPower(world);
    folder = temporaryFolder();
    writeFileSync(at('trust.json'), writeTrust(await trustOf(world)));
    listener = await listenRpc(world.chain, 0);
  });
  after(async () => {
    await listener.close();
    await world.close();
    removeTemporaryFolders();
  });

  async function exported(of: string, format: string): Promise<string[]> {
    const file = at(`${of}.${format}`);
    const from = ['--rpc', `http://127.0.0.1:${listener.port}`, '--trust', at('trust.json')];
    const ran = await kudurruBeside(['export', '--of', of, '--format', format, '--out', file, ...from]);
    expect([ran.code, ran.stderr], of).to.deep.equal([0, '']);
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  }

  it('is a line for each entry, vote and measure that the audit counts, the same as lines of JSON and as CSV', async () => {
    const url = `http://127.0.0.1:${listener.port}`;
    const audit = await auditLedger({ url }, await trustOf(world), () => {});
    const counts = { journal: Number(audit.entries), votes: audit.votes, measures: audit.measures };
    expect([counts.votes, counts.measures]).to.deep.equal([2, 1]);
    if (hasPython()) {
      const { stdout } = await verifier(['audit', '--rpc', url, '--trust', at('trust.json')]);
      expect(JSON.parse(stdout)).to.include({ entries: counts.journal, votes: 2, measures: 1 });
    }
    for (const [of, count] of Object.entries(counts)) {
      const rows = (await exported(of, 'jsonl')).map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(rows, of).to.have.length(count);
      const [columns = '', ...lines] = await exported(of, 'csv');
      expect(columns, of).to.equal(Object.keys(rows[0] ?? {}).join(','));
      const cells = rows.map((row) =>
        Object.values(row)
          .map((one) => [one].flat().join(' '))
          .join(','),
      );
      expect(lines, of).to.deep.equal(cells);
      if (of === 'journal') foldsToItsHeads(rows);
      if (of === 'measures')
        expect(rows[0]).to.deep.include({ state: 'carried-out', inFavour: [1, 2], against: [] });
    }
  });

  /** The columns are all that a head folds. */
  function foldsToItsHeads(rows: readonly Record<string, unknown>[]): void {
    const heads = new Map<unknown, Bytes32>();
    for (const row of rows) {
      const before = heads.get(row.address) ?? firstHead(world.chain.genesis.chainId, row.address as Address);
      const numbers = {
        index: BigInt(String(row.index)),
        epochs: BigInt(String(row.epochs)),
        recordedAt: BigInt(String(row.recordedAt)),
      };
      const head = foldEntry(before, { ...row, ...numbers } as unknown as Parameters<typeof foldEntry>[1]);
      expect(row.head).to.equal(head);
      heads.set(row.address, head);
    }
  }

  it('writes nothing without a trust file, of two sources, or over a file that is there', async () => {
    const run = (...args: readonly string[]) =>
      kudurruBeside(['export', '--of', 'votes', '--out', at('new'), ...args]);
    expect((await run('--rpc', 'http://127.0.0.1:9')).code).to.equal(2);
    expect((await run('--trust', at('trust.json'))).code).to.equal(2);
    const both = ['--rpc', 'http://127.0.0.1:9', '--journal', at('trust.json')];
    expect((await run('--trust', at('trust.json'), ...both)).code).to.equal(2);
  });

  it('is asked of a node that wants credentials, with those of a file, which go nowhere else', async () => {
    const door = await doorBefore(`http://127.0.0.1:${listener.port}`, `Basic ${btoa('member:secret')}`);
    writeFileSync(at('credentials'), 'member:secret\n');
    const run = (args: readonly string[], more: readonly string[]) =>
      kudurruBeside([...args, '--trust', at('trust.json'), ...more]);
    const kept = at('locked.journal');
    const [audit, votes, journal] = [
      ['audit'],
      ['export', '--of', 'votes', '--out', at('locked.votes')],
      ['export', '--format', 'journal', '--out', kept],
    ];
    try {
      const opened = ['--rpc', door.url, '--credentials', at('credentials')];
      for (const command of [audit, votes, journal]) {
        const ran = await run(command ?? [], opened);
        expect([ran.code, ran.stderr], String(command)).to.deep.equal([0, '']);
      }
      expect(door.refused()).to.equal(0);
      expect((await run(['audit'], ['--journal', kept])).code).to.equal(0);
      for (const command of [audit, votes]) {
        const elsewhere = ['--rpc', 'http://node.example:8545', '--credentials', at('credentials')];
        const read = await run(command ?? [], elsewhere);
        expect([read.code, read.stdout], 'over http to another machine').to.deep.equal([2, '']);
        const unread = await run(command ?? [], ['--journal', kept, '--credentials', at('credentials')]);
        expect([unread.code, unread.stdout], 'with no node').to.deep.equal([2, '']);
      }
    } finally {
      door.close();
    }
  });
});
