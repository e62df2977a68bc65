import { expect } from 'chai';
import type { GenesisSettings, JournalledBlock } from '../../../server/domain/base/blocks.ts';
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from '../../../server/domain/base/hex.ts';
import { blockTables, openBlocks } from '../../../server/store/blocks.ts';
import { rawKey } from '../../../server/store/level.ts';
import { ordinal, type Store } from '../../../server/store/store.ts';
import {
  flipBit,
  openTestStore,
  refusedAs,
  removeTemporaryFolders,
  tamper,
  temporaryFolder,
} from './folder.ts';

const genesis: GenesisSettings = {
  chainId: 281474976710655n,
  timestamp: 1_700_000_000n,
  fork: 'osaka',
  blockGasLimit: 30_000_000n,
  salt: `0x${'5a'.repeat(32)}` as Bytes32,
  accounts: [{ address: ZERO_ADDRESS, code: '0xfe', storage: [{ slot: ZERO_32, value: ZERO_32 }] }],
  hash: `0x${'6b'.repeat(32)}` as Bytes32,
};
const block = (number: bigint): JournalledBlock => ({
  number,
  timestamp: genesis.timestamp + number,
  hash: `0x${number.toString(16).padStart(64, '0')}` as Bytes32,
  stateRoot: ZERO_32,
  transactions: number % 2n === 0n ? [] : ['0x02f8', '0x00'],
});

describe('the journal of blocks', () => {
  let store: Store;
  let folder: string;
  const open = async () => {
    store = await openTestStore(folder, blockTables);
    return openBlocks(store);
  };
  const read = async (from: bigint) => {
    const blocks: JournalledBlock[] = [];
    for await (const one of (await open()).read(from)) blocks.push(one);
    return blocks;
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    const blocks = await open();
    await blocks.found(genesis);
    await Promise.all([1n, 2n, 3n, 4n, 5n].map((number) => blocks.append(block(number))));
    await store.close();
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  it('gives back the genesis settings and every block in order', async () => {
    expect(await read(2n)).to.deep.equal([2n, 3n, 4n, 5n].map(block));
    await store.close();
    const blocks = await open();
    expect(blocks.genesis).to.deep.equal(genesis);
    expect(await blocks.head()).to.equal(5n);
  });

  it('keeps one signature a block, and only of a block that is on disk', async () => {
    const blocks = await open();
    expect(await blocks.signature(5n)).to.equal(undefined);
    await blocks.sign(5n, '0xabcd');
    expect(await blocks.signature(5n)).to.equal('0xabcd');
    expect(await refusedAs(blocks.sign(5n, '0xef'))).to.equal('Error');
    expect(await refusedAs(blocks.sign(6n, '0xef'))).to.equal('Error');
  });

  it('keeps the signatures of witnesses apart by block and witness, and only after the node signed', async () => {
    const blocks = await open();
    const [one, other] = [`0x${'01'.repeat(20)}`, `0x${'02'.repeat(20)}`] as [Address, Address];
    expect(await refusedAs(blocks.cosign(5n, one, '0x01'))).to.equal('Error');
    await blocks.sign(5n, '0xabcd');
    await blocks.cosign(5n, other, '0x02');
    await blocks.cosign(5n, one, '0x01');
    await blocks.cosign(5n, one, '0x01');
    expect([...(await blocks.cosignatures(5n))]).to.deep.equal([
      [one, '0x01'],
      [other, '0x02'],
    ]);
    expect((await blocks.cosignatures(4n)).size).to.equal(0);
  });

  it('takes no block out of order, no second genesis and none before the genesis', async () => {
    const blocks = await open();
    expect(await refusedAs(blocks.append(block(5n)))).to.equal('Error');
    expect(await refusedAs(blocks.append(block(7n)))).to.equal('Error');
    expect(await refusedAs(blocks.found(genesis))).to.equal('Error');
    await blocks.append(block(6n));
    expect(await blocks.head()).to.equal(6n);
  });

  it('names the block that is missing', async () => {
    await tamper(folder, (level) => level.del(rawKey('blocks', ordinal(3n))));
    const error = await read(1n).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'journal-block-missing' });
    expect(String(error)).to.contain('block 3');
  });

  it('does not open when its end was cut off', async () => {
    await tamper(folder, (level) => level.del(rawKey('blocks', ordinal(5n))));
    expect(await refusedAs(open())).to.equal('journal-block-missing');
  });

  it('names the block that was altered', async () => {
    await tamper(folder, async (level) => {
      const key = rawKey('blocks', ordinal(4n));
      await level.put(key, flipBit((await level.get(key)) ?? new Uint8Array(), 500));
    });
    const error = await read(1n).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'journal-block-damaged' });
    expect(String(error)).to.contain('Block 4');
  });
});
