import { join } from 'node:path';
import { expect } from 'chai';
import { type Bytes32, wordOf, ZERO_32 } from '../../server/domain/base/hex.ts';
import type { InstitutionId } from '../../server/domain/base/terms.ts';
import { type FsckParts, type FsckReport, fsck } from '../../server/fsck.ts';
import { type Ledger, openLedger, type VerifiedBlock } from '../../server/ledger/ledger.ts';
import type { Call, ChainProvider } from '../../server/ledger/provider.ts';
import { recoverQuickly } from '../../server/ledger/recovery.ts';
import { blockTables } from '../../server/store/blocks.ts';
import { type CadastralUnit, Cadastre, cadastreTables } from '../../server/store/cadastre.ts';
import { openDisposable } from '../../server/store/disposable.ts';
import { openLevel } from '../../server/store/level.ts';
import { openOutbox, outboxTables } from '../../server/store/outbox.ts';
import { openScratchRows } from '../../server/store/scratchRows.ts';
import { openViews } from '../../server/store/views.ts';
import { replayed } from '../chain/bent.ts';
import { playBenefits, playLand } from '../chain/scenes.ts';
import { CHARTER, foundWorld, openWorld, type World } from '../chain/world.ts';
import { flipBit, openTestStore, removeTemporaryFolders, tamper, temporaryFolder } from './store/folder.ts';

describe('fsck', function () {
  this.timeout(240_000);
  let folder: string;

  /** A ledger with everything in it, closed again; each test opens it. */
  before(async () => {
    folder = temporaryFolder();
    const world = await foundWorld({ folder, tables: outboxTables });
    await playLand(world);
    await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
    const outbox = await openOutbox(world.store, Date.now);
    const owner = { principal: 'p', institution: 1 as InstitutionId };
    for (const orderedBy of ['a', 'b', 'c']) {
      await outbox.receive({
        kind: 'test',
        owner: { ...owner, institution: '1' } as never,
        office: undefined,
        acts: [],
        orderedBy,
      });
    }
    await world.sync();
    await world.close();
  });
  after(removeTemporaryFolders);

  async function check(
    change: (world: World, parts: FsckParts) => Partial<FsckParts> = () => ({}),
  ): Promise<FsckReport> {
    const world = await openWorld({ folder, tables: outboxTables });
    const scratch = await openViews(join(temporaryFolder(), 'scratch'), world.ledger.genesis);
    const rows = await openScratchRows(join(temporaryFolder(), 'rows'));
    try {
      const parts: FsckParts = {
        chainId: world.chain.genesis.chainId,
        charter: CHARTER,
        ledger: await world.anotherLedger(),
        through: world.chain.headNumber,
        stores: [{ store: world.store, tables: [...blockTables, ...outboxTables] }],
        views: world.views,
        scratch,
        rows,
      };
      return await fsck({ ...parts, ...change(world, parts) });
    } finally {
      await rows.close();
      await scratch.close();
      await world.close();
    }
  }

  it('finds nothing in a whole ledger, says how far it looked, and changes nothing', async () => {
    const seen: bigint[] = [];
    const report = await check(() => ({ onProgress: (blockNumber) => seen.push(blockNumber) }));
    expect(report.findings).to.deep.equal([]);
    expect(report.entries).to.equal(24n);
    expect(report.units).to.equal(5);
    expect(report.through.number).to.equal(BigInt(seen.length));
    expect(report.tables.find(({ table }) => table === 'blocks')?.rows).to.equal(seen.length);
    expect(await check()).to.deep.equal(report);
  });

  it('reads the signatures of a ledger by what it is given for it, and finds what the portable reading finds', async () => {
    const world = await openWorld({ folder, tables: outboxTables });
    const [{ chainId }, blocks] = [world.chain.genesis, await world.shownBlocks()];
    await world.close();
    let recovered = 0;
    const quick = replayed(chainId, blocks, (digest, signature) => {
      recovered++;
      return recoverQuickly(digest, signature);
    });
    const portable = replayed(chainId, blocks);
    expect(quick.findings).to.deep.equal(portable.findings);
    expect(quick.signatures).to.deep.equal(portable.signatures);
    const signed = blocks.flatMap(({ events }) => events.filter(({ name }) => name === 'Signed'));
    expect(recovered, 'two officers an act').to.be.at.least(2 * signed.length);
    expect(signed.length).to.be.greaterThan(10);
  });

  it('ends within a block of the moment at which nobody waits for it any more', async () => {
    const seen: bigint[] = [];
    const gone = new AbortController();
    const left = new Error('everybody has hung up');
    const report = check(() => ({
      signal: gone.signal,
      onProgress: (blockNumber) => {
        seen.push(blockNumber);
        if (blockNumber === 3n) gone.abort(left);
      },
    }));
    expect(await report.catch((error: unknown) => error)).to.equal(left);
    expect(seen).to.deep.equal([1n, 2n, 3n]);
  });

  it('names two titles that stand on one ground, and lists those whose boundary an officer decided', async () => {
    const drawn = (west: number) => {
      const east = west + 0.001;
      const ring = [
        [west, 0],
        [east, 0],
        [east, 0.001],
        [west, 0.001],
        [west, 0],
      ];
      const geometry = { type: 'Polygon', coordinates: [ring] };
      return JSON.stringify({ type: 'Feature', properties: {}, geometry });
    };
    const found = async (wests: readonly [number, number], isDecided: boolean) => {
      const world = await openWorld({ folder, tables: outboxTables });
      const { rows } = await world.views.land.units();
      await world.close();
      const [one, other] = rows.filter(({ status }) => status === 'active').map(({ baUnit }) => baUnit);
      if (one === undefined || other === undefined) throw new Error('two titles stand');
      const store = await openTestStore(temporaryFolder(), cadastreTables);
      const cadastre = new Cadastre(store);
      const units = [one, other].map((baUnit, i): CadastralUnit => {
        return {
          ...{ unit: baUnit, baUnit, office: 1, number: `P ${i}`, feature: drawn(wests[i] ?? 0) },
          ...{ aliases: [], statedAreaMm2: undefined, computedAreaMm2: 1n, box: [0, 0, 0, 0] },
          ...{ geometry: [], geometryCommitment: baUnit, sources: [], replaces: [] },
          ...{ recordedAtMs: 1, isReplaced: false, retired: false },
        };
      });
      await cadastre.record(units, [{ baUnit: one, other, areaMm2: 1_000_000n, isDecided }]);
      const report = await check(() => ({ ground: { cadastre, toleranceMm2: 10_000n } }));
      await store.close();
      return [report.findings.map((finding) => finding.check), report.decidedGround.length];
    };
    expect(await found([0, 0.001], false)).to.deep.equal([[], 0]);
    expect(await found([0, 0.00095], true)).to.deep.equal([[], 1]);
    expect(await found([0, 0.00095], false)).to.deep.equal([['ground'], 0]);
    expect(await found([0, 0.00085], true)).to.deep.equal([['ground'], 0]);
    expect(await found([0, 0], true)).to.deep.equal([['ground'], 0]);
  });

  it('names the precious table in which a bit was flipped', async () => {
    const table = outboxTables[0]?.name ?? '';
    let original: Uint8Array | undefined;
    let key = '';
    const store = join(folder, 'store');
    await tamper(store, async (level) => {
      for await (const [at, value] of level.iterator({ gte: `!${table}!`, lt: `!${table}"`, limit: 1 })) {
        [key, original] = [at, value];
      }
      if (original === undefined) throw new Error('an empty table');
      await level.put(key, flipBit(original, 8 * original.length - 5));
    });
    const [finding, ...more] = (await check()).findings;
    expect(more).to.deep.equal([]);
    expect(finding?.check).to.equal('store');
    expect(finding?.check === 'store' && finding.table.table).to.equal(table);
    await tamper(store, (level) => level.put(key, original ?? new Uint8Array()));
    expect((await check()).findings).to.deep.equal([]);
  });

  it('names the view whose row was altered, left out or added', async () => {
    const path = join(folder, 'views');
    const alter = async (change: (level: Awaited<ReturnType<typeof openLevel>>) => Promise<void>) => {
      const level = await openLevel(path, { compression: true });
      await change(level);
      await level.close();
    };
    const rows: [string, Uint8Array][] = [];
    await alter(async (level) => {
      for await (const row of level.iterator({ gte: '!versions!', lt: '!versions"' })) rows.push(row);
    });
    const [key, value] = rows[2] ?? ['', new Uint8Array()];
    const alterations = [
      (level: Awaited<ReturnType<typeof openLevel>>) => level.put(key, flipBit(value, 77)),
      (level: Awaited<ReturnType<typeof openLevel>>) => level.del(key),
      (level: Awaited<ReturnType<typeof openLevel>>) => level.put('!versions!0', value),
    ];
    for (const change of alterations) {
      await alter(change);
      const { findings } = await check();
      expect(
        findings.map((finding) => [finding.check, finding.check === 'views' && finding.view]),
      ).to.deep.equal([['views', 'versions']]);
      await alter(async (level) => {
        await level.put(key, value);
        await level.del('!versions!0');
      });
    }
    expect((await check()).findings).to.deep.equal([]);
  });

  it('compares the views where they stand, and names views that stand above the chain', async () => {
    const behind = await openDisposable(join(folder, 'views'));
    await behind.close();
    const report = await check((world) => ({ through: world.chain.headNumber - 3n }));
    expect(report.findings).to.deep.equal([{ check: 'views', what: 'The views stand above the chain.' }]);
    const early = join(temporaryFolder(), 'early');
    const { findings } = await withViewsAt(early, 20);
    expect(findings).to.deep.equal([]);
  });

  /** The same ledger with views that have only followed so many blocks. */
  async function withViewsAt(path: string, count: number): Promise<FsckReport> {
    const world = await openWorld({ folder, tables: outboxTables });
    const views = await openViews(path, world.ledger.genesis);
    for (const block of (await world.eventBlocks()).slice(0, count)) await views.apply(block);
    await world.close();
    const report = await check(() => ({ views }));
    await views.close();
    return report;
  }

  it('names the block that a node bends, and derives nothing beyond it', async () => {
    const bend = (chain: ChainProvider, blockNumber: bigint): ChainProvider => ({
      blockAfter: (number, signal) => chain.blockAfter(number, signal),
      request: async (call: Call) => {
        const answer = await chain.request(call);
        const isReceipts =
          call.method === 'eth_getBlockReceipts' && call.params?.[0] === `0x${blockNumber.toString(16)}`;
        return isReceipts ? (answer as object[]).map((receipt) => ({ ...receipt, logs: [] })) : answer;
      },
    });
    const bent = (await check()).through.number;
    const world = await openWorld({ folder, tables: outboxTables });
    const { chainId, hash } = world.chain.genesis;
    await world.close();
    let bentLedger: Promise<Ledger> | undefined;
    const report = await check((open, parts) => {
      const pin = { chainId, genesisHash: hash };
      bentLedger = openLedger({ provider: bend(open.chain, bent), pin });
      return {
        ledger: {
          genesis: parts.ledger.genesis,
          call: (to, data) => parts.ledger.call(to, data),
          prove: (address, slots, block) => parts.ledger.prove(address, slots, block),
          async *follow(cursor, signal) {
            yield* ((await bentLedger) as Ledger).follow(cursor, signal);
          },
        },
      };
    });
    const [finding] = report.findings;
    expect(finding).to.include({ check: 'blocks', blockNumber: bent, code: 'ledger-unverified' });
    expect(report.through.number < bent).to.equal(true);
  });

  it('names the register whose head its entries do not fold to', async () => {
    const newest = (await check()).through.number;
    const report = await check((_, { ledger }) => ({
      ledger: {
        genesis: ledger.genesis,
        call: (to, data) => ledger.call(to, data),
        prove: (address, slots, block) => ledger.prove(address, slots, block),
        /** As a reader would see it that loses the logs of the newest block. */
        async *follow(cursor, signal): AsyncGenerator<VerifiedBlock> {
          for await (const block of ledger.follow(cursor, signal)) {
            yield block.number === newest ? { ...block, logs: [] } : block;
          }
        },
      },
    }));
    // The head, and the second of the last entry where the one before it has another.
    const where = new Set(report.findings.map(({ check: found }) => found));
    expect([...where]).to.deep.equal(['proofs', 'views']);
  });

  it('names the unit, and the money, whose slot holds another word than its events end in', async () => {
    /** As if some of many slots that are proved at once held something else. */
    const bending = (isBent: (at: number, of: number) => boolean) =>
      check((_, { ledger }) => ({
        ledger: {
          genesis: ledger.genesis,
          call: (to, data) => ledger.call(to, data),
          follow: (cursor, signal) => ledger.follow(cursor, signal),
          prove: async (address, slots, block) => {
            const { proof, state } = await ledger.prove(address, slots, block);
            if (slots.length < 3) return { proof, state };
            const words = slots.map((slot, at): [Bytes32, Bytes32] => {
              const word = state.slots.get(slot) ?? ZERO_32;
              return [slot, isBent(at, slots.length) ? wordOf(BigInt(word) ^ 1n) : word];
            });
            return { proof, state: { ...state, slots: new Map(words) } };
          },
        },
      }));
    const last = await bending((at, of) => at === of - 1);
    expect(last.findings.map(({ check: where, what }) => `${where}: ${what}`)).to.deep.equal([
      'proofs: A unit ended in another state than the register keeps of it.',
      'proofs: The register keeps other money than its events lead to.',
    ]);
    for (const finding of last.findings) expect(finding).to.have.property('subject');
    // Five units; nine words of the programme, three of each of its two cycles, two of each of two credits.
    const every = (await bending(() => true)).findings.map(({ what }) => what);
    const ofMoney = every.filter((what) => what.includes('money'));
    expect([every.length - ofMoney.length, ofMoney.length]).to.deep.equal([5, 19]);
  });
});
