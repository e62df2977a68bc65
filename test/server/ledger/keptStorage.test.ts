/**
 * Registers whose storage is kept as tries of our own: the proofs are the executor's, byte for byte, and none of them is
 * built of a whole register.
 */
import { expect } from 'chai';
import { JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT } from '../../../server/domain/audit/journal.ts';
import { unitStateSlot } from '../../../server/domain/audit/verifyCertificate.ts';
import type { Address, Bytes32, Hex } from '../../../server/domain/base/hex.ts';
import { foldOf } from '../../../server/domain/land/hashes.ts';
import { contractOf } from '../../../server/ledger/contracts.ts';
import { KeptStorage } from '../../../server/ledger/keptStorage.ts';
import { quantity } from '../../../server/ledger/provider.ts';
import {
  cancelDivision,
  completeDivision,
  loadChildren,
  openDivision,
  plotsOf,
} from '../../chain/divisionScene.ts';
import * as scenes from '../../chain/scenes.ts';
import { named } from '../../chain/signing.ts';
import { succeed } from '../../chain/successionScene.ts';
import { foundWorld, PREPARER, type World } from '../../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from '../store/folder.ts';

const WEEK_SECONDS = 7n * 86_400n;

interface Answer {
  readonly accountProof: readonly string[];
  readonly storageProof: readonly { readonly proof: readonly string[]; readonly value: string }[];
}

/** The tries of a world's chain, and how many of each call they put to it, and of proofs those with slots. */
function kept(world: World) {
  const asked = { proofsOfSlots: 0, words: 0, logs: 0 };
  const tries = new KeptStorage(async (calls) => {
    for (const { method, params } of calls) {
      if (method === 'eth_getProof' && Object(params?.[1]).length > 0) asked.proofsOfSlots++;
      if (method === 'eth_getStorageAt') asked.words++;
      if (method === 'eth_getLogs') asked.logs++;
    }
    return Promise.all(calls.map((call) => world.chain.request(call)));
  });
  const proof = async (address: Address, slots: readonly Bytes32[], block = world.chain.headNumber) => {
    const proved = await tries.proof([address, slots, quantity(block)], world.chain.headNumber);
    return proved as Answer | undefined;
  };
  return { asked, proof };
}

/** As the executor has it: a name of the block that is not kept. */
async function executed(world: World, address: Address, slots: readonly Bytes32[], blockNumber: bigint) {
  const { hash } = (await world.chain.request({
    method: 'eth_getBlockByNumber',
    params: [quantity(blockNumber), false],
  })) as { hash: string };
  const params = [address, slots, { blockHash: hash }];
  return (await world.chain.request({ method: 'eth_getProof', params })) as Answer;
}

describe('the storage of a register', function () {
  this.timeout(300_000);
  let world: World;
  let second: bigint;
  beforeEach(async () => {
    second = BigInt(Math.floor(Date.now() / 1000)) - WEEK_SECONDS;
    world = await foundWorld({ folder: temporaryFolder(), clock: () => second });
  });
  afterEach(async () => {
    await world.close();
    removeTemporaryFolders();
  });
  const slotsOf = (...names: readonly string[]) => [
    ...[JOURNAL_HEAD_SLOT, JOURNAL_STATUS_SLOT],
    ...names.map((name) => unitStateSlot(scenes.unitId(name))),
    named('a slot that nobody wrote') as Bytes32,
  ];

  /** Of the register in force, each slot alone, by both. */
  async function expectTheSame(proof: ReturnType<typeof kept>['proof'], ...names: readonly string[]) {
    const { land } = world.addresses;
    for (const slot of slotsOf(...names)) {
      const ours = await proof(land, [slot]);
      const theirs = await executed(world, land, [slot], world.chain.headNumber);
      expect(ours, `of block ${world.chain.headNumber}`).not.to.equal(undefined);
      expect(ours?.accountProof).to.deep.equal(theirs.accountProof);
      expect(ours?.storageProof[0]?.proof).to.deep.equal(theirs.storageProof[0]?.proof);
      expect(ours?.storageProof[0]?.value).to.equal(theirs.storageProof[0]?.value);
    }
  }

  it('is proved as the executor proves it, after every act on land, over a quiet week and a succession', async () => {
    const { proof, asked } = kept(world);
    const same = (...names: readonly string[]) => expectTheSame(proof, 'north', 'south', 'east', ...names);
    await scenes.registerBatch(world, ['north', 'south']);
    await same();
    second += WEEK_SECONDS;
    await scenes.register(world, 'east', 1_000_000_000n);
    await same();
    await scenes.transfer(world, 'north', 'the buyer');
    await scenes.mortgage(world, ['north', 'south']);
    await same();
    await scenes.discharge(world, 'north');
    await scenes.subdivide(world, 'east');
    await same();
    const { officer, epoch } = PREPARER;
    const withdrawal = { entryId: named('an act'), actDeadline: second + 900n, officer, epoch };
    await world.order('land', 'withdraw', PREPARER, withdrawal);
    await same();
    const [south, north] = [plotsOf('south'), plotsOf('north')];
    await openDivision(world, 'south', south);
    await loadChildren(world, 'south', south.slice(0, 2), foldOf(south.slice(2)));
    await same('south/1', 'south/3');
    await openDivision(world, 'north', north);
    await loadChildren(world, 'north', north.slice(0, 3), foldOf(north.slice(3)));
    await cancelDivision(world, 'north');
    await same('north/1');
    await succeed(world, 'land');
    await same('south/1', 'north/1');
    await loadChildren(world, 'south', south.slice(2));
    await completeDivision(world, 'south', south);
    await scenes.registerBatch(world, ['upper', 'lower']);
    await scenes.consolidate(world, ['upper', 'lower'], 'both');
    await same('south/3', 'both', 'lower');
    expect(asked.proofsOfSlots).to.equal(0);
  });

  it('is proved of a block with the words of that block alone, and of some blocks back as it was', async () => {
    const { proof } = kept(world);
    const { land } = world.addresses;
    const slot = unitStateSlot(scenes.unitId('A'));
    await scenes.register(world, 'A');
    const before = world.chain.headNumber;
    const first = await proof(land, [slot], before);
    await scenes.transfer(world, 'A', 'the buyer');
    const second = await proof(land, [slot]);
    expect(await proof(land, [slot], before)).to.deep.equal(first);
    expect(second?.storageProof[0]?.value).not.to.equal(first?.storageProof[0]?.value);
    expect(await proof(land, [slot], world.chain.headNumber + 1n), 'not yet made').to.equal(undefined);
    expect(await proof(land, [slot], before - 1n), 'gone by').to.equal(undefined);
  });

  it('is at hand of a block for as long as it is asked for, however many come after it', async () => {
    const { proof } = kept(world);
    const { land } = world.addresses;
    await scenes.register(world, 'A');
    const [first, left] = [world.chain.headNumber, world.chain.headNumber + 1n];
    for (let i = 0; i < 70; i++) {
      await proof(land, [JOURNAL_HEAD_SLOT]);
      expect(await proof(land, [JOURNAL_HEAD_SLOT], first), `after ${i}`).not.to.equal(undefined);
      await world.send(world.addresses.charter, '0x').catch(() => {}); // a block that writes nothing
    }
    expect(await proof(land, [JOURNAL_HEAD_SLOT], left)).to.equal(undefined);
  });

  it('costs a block what it wrote, and a proof as much as before, however many titles there are', async () => {
    const { proof, asked } = kept(world);
    const { land } = world.addresses;
    const costOf = async (name: string) => {
      await proof(land, [JOURNAL_HEAD_SLOT]);
      const before = asked.words;
      await scenes.register(world, name);
      await proof(land, [unitStateSlot(scenes.unitId(name))]);
      return asked.words - before;
    };
    const few = await costOf('first');
    for (let i = 0; i < 8; i++) {
      await scenes.registerBatch(
        world,
        Array.from({ length: 25 }, (_, j) => `${i}/${j}`),
      );
    }
    expect(await costOf('last')).to.equal(few);
    expect(few).to.be.at.most(20);
    const { words, logs } = asked;
    await proof(land, [unitStateSlot(scenes.unitId('3/3'))]);
    expect([asked.words, asked.logs]).to.deep.equal([words, logs]);
    expect(asked.proofsOfSlots).to.equal(0);
  });

  it('is the executor’s where a contract’s events do not say all that it stores', async () => {
    const { proof, asked } = kept(world);
    const { land, benefits, consortium } = world.addresses;
    await scenes.register(world, 'A');
    expect(await proof(benefits, [JOURNAL_HEAD_SLOT])).to.equal(undefined);
    expect(await proof(consortium, [JOURNAL_HEAD_SLOT])).to.equal(undefined);
    const stranger = await world.send(undefined, strangersCode());
    const liar = String(stranger.contractAddress).toLowerCase() as Address;
    await world.send(liar, '0x');
    expect(await proof(liar, [JOURNAL_HEAD_SLOT])).to.equal(undefined);
    expect(await proof(land, [JOURNAL_HEAD_SLOT])).not.to.equal(undefined);
    expect(asked.proofsOfSlots).to.equal(0);
  });
});

/** Stores one in slot 9 and says with the event of a register that it recorded a unit, and no state of it. */
function strangersCode(): Hex {
  const topic = contractOf('land').calls.getEvent('BAUnitRecorded')?.topicHash.slice(2);
  const runtime = `600160095560015f7f${topic}5f5fa200`;
  const size = (runtime.length / 2).toString(16).padStart(2, '0');
  return `0x60${size}600a5f3960${size}5ff3${runtime}` as Hex;
}
