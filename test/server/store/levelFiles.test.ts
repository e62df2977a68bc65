/** What level would pass over in silence is seen before it reads: every flipped bit, and what is only cut off. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { closeLevel, openLevel } from '../../../server/store/level.ts';
import { damagedFile, isTableWhole, stateOfLog } from '../../../server/store/levelFiles.ts';
import { seeded } from '../../seeded.ts';
import { flipBit, refusedAs, removeTemporaryFolders, temporaryFolder } from './folder.ts';

const HEADER_BITS = 7 * 8;
/** Of a record's header: where its length stands. */
const LENGTH_BITS = [32, 48] as const;
const BLOCK_BYTES = 32_768;

describe('a log of level', () => {
  after(removeTemporaryFolders);

  /** Writes values one by one and leaves them in the log, as a kill does. */
  async function folderOf(values: readonly Uint8Array[]) {
    const folder = temporaryFolder();
    const level = await openLevel(folder, { compression: false });
    const ends: number[] = [];
    const log = () => readdirSync(folder).filter((name) => name.endsWith('.log'))[0] ?? '';
    for (const [i, value] of values.entries()) {
      await level.put(`key ${i}`, value);
      ends.push(readFileSync(join(folder, log())).length);
    }
    await level.close();
    return { folder, file: join(folder, log()), bytes: readFileSync(join(folder, log())), ends };
  }
  const some = (lengths: readonly number[]) => lengths.map((length, i) => seeded(i + 1).bytes(length));

  it('is whole as it was written, also over several blocks', async () => {
    for (const lengths of [[], [10], [100, 0, 300], [40_000, 70_000, 5], Array(3_000).fill(20)]) {
      expect(stateOfLog((await folderOf(some(lengths))).bytes), String(lengths.slice(0, 5))).to.equal(
        'whole',
      );
    }
  });

  it('is seen to be damaged by any flipped bit, but for the length of its last record', async () => {
    const { bytes, ends } = await folderOf(some([30, 1, 60]));
    const last = 8 * (ends[1] ?? 0);
    let tried = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const state = stateOfLog(flipBit(bytes, bit));
      const isLength = bit >= last + LENGTH_BITS[0] && bit < last + LENGTH_BITS[1];
      if (!isLength) expect(state, `bit ${bit}`).to.equal('damaged');
      else expect(state, `bit ${bit}`).to.be.oneOf(['damaged', 'cut-off']);
      tried++;
    }
    console.log(`      bits of a log | ${tried} tried | 0 passed over`);
    expect(tried).to.be.greaterThan(10 * HEADER_BITS);
  });

  it('is seen to be damaged where its records are parts of one content, in any of its blocks', async () => {
    const { bytes } = await folderOf(some([BLOCK_BYTES + 10_000, 20, 30_000, 40]));
    const random = seeded(20_261_124);
    for (let i = 0; i < 300; i++) {
      const bit = random.below(8 * (bytes.length - 60));
      expect(stateOfLog(flipBit(bytes, bit)), `bit ${bit}`).to.equal('damaged');
    }
  });

  it('is only cut off where a write ended early, and what was written before stays', async () => {
    const { folder, file, bytes, ends } = await folderOf(some([30, 50, 60]));
    for (let length = 1; length < bytes.length; length++) {
      const state = ends.includes(length) ? 'whole' : 'cut-off';
      expect(stateOfLog(bytes.subarray(0, length)), `${length} bytes`).to.equal(state);
    }
    expect(stateOfLog(Buffer.concat([bytes, Buffer.alloc(5_000)]))).to.equal('cut-off');
    writeFileSync(file, bytes.subarray(0, (ends[1] ?? 0) + 20));
    const level = await openLevel(folder, { compression: false });
    expect(await level.keys().all()).to.deep.equal(['key 0', 'key 1']);
    await level.close();
  });

  it('that is damaged is refused by its name, before level makes anything of it', async () => {
    const { folder, file, bytes } = await folderOf(some([30, 50, 60]));
    writeFileSync(file, flipBit(bytes, 8 * 60));
    expect(await refusedAs(openLevel(folder, { compression: false }))).to.equal('Fault');
    expect(readFileSync(file)).to.deep.equal(Buffer.from(flipBit(bytes, 8 * 60)));
    writeFileSync(file, bytes);
    const level = await openLevel(folder, { compression: false });
    expect(await level.keys().all()).to.have.length(3);
    await level.close();
  });
});

describe('the table files of level', () => {
  after(removeTemporaryFolders);
  const open = (folder: string) => openLevel(folder, { compression: false });
  const filesOf = (folder: string, ending: RegExp) =>
    readdirSync(folder)
      .filter((name) => ending.test(name))
      .map((name) => join(folder, name));

  async function folderOf(rows: number, valueBytes: number, options = { compression: false }) {
    const folder = temporaryFolder();
    const level = await openLevel(folder, options);
    for (let i = 0; i < rows; i++) await level.put(`key ${i}`, seeded(i).bytes(valueBytes));
    await closeLevel(level);
    return folder;
  }

  it('hold every row once a level is closed, and none is left in a log', async () => {
    const folder = await folderOf(20, 30);
    expect(filesOf(folder, /\.ldb$/)).to.have.length(1);
    expect(filesOf(folder, /\.log$/).map((file) => readFileSync(file).length)).to.deep.equal([0]);
    const level = await open(folder);
    expect(await level.keys().all()).to.have.length(20);
    await closeLevel(level);
  });

  it('are seen to be damaged by any flipped bit, of rows, index, filter and footer', async () => {
    const [file = ''] = filesOf(await folderOf(20, 10), /\.ldb$/);
    const bytes = readFileSync(file);
    expect(isTableWhole(bytes)).to.equal(true);
    let seen = 0;
    for (let bit = 0; bit < 8 * bytes.length; bit++) if (!isTableWhole(flipBit(bytes, bit))) seen++;
    console.log(
      `      bits of a table file | ${8 * bytes.length} tried | ${8 * bytes.length - seen} passed over`,
    );
    expect(seen).to.equal(8 * bytes.length);
    for (let length = 0; length < bytes.length; length++) {
      expect(isTableWhole(bytes.subarray(0, length)), `${length} bytes`).to.equal(false);
    }
  });

  it('are whole as level writes them, many of many blocks, compressed or not', async () => {
    for (const compression of [true, false]) {
      const folder = await folderOf(4_000, 2_000, { compression });
      expect(filesOf(folder, /\.ldb$/).length).to.be.greaterThan(1);
      expect(damagedFile(folder)).to.equal(undefined);
    }
  });

  it('are looked at where level has them on its list, which must be whole itself', async () => {
    const folder = await folderOf(20, 10);
    writeFileSync(join(folder, '000099.ldb'), 'what a kill left half-made');
    await closeLevel(await open(folder));
    const [list = ''] = filesOf(folder, /^MANIFEST/);
    const bytes = readFileSync(list);
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      writeFileSync(list, flipBit(bytes, bit));
      expect(damagedFile(folder), `bit ${bit}`).to.match(/^MANIFEST/);
    }
    writeFileSync(list, bytes.subarray(0, -3));
    expect(await refusedAs(open(folder))).to.equal('Fault');
    writeFileSync(list, bytes);
    await closeLevel(await open(folder));
  });
});
