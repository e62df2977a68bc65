import { expect } from 'chai';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import { type CadastralUnit, Cadastre, cadastreTables } from '../../../server/store/cadastre.ts';
import { json } from '../../../server/store/codec.ts';
import { preciousSorted, type Store } from '../../../server/store/store.ts';
import {
  flipBit,
  openTestStore,
  placeOf,
  refusedAs,
  removeTemporaryFolders,
  tamper,
  temporaryFolder,
} from './folder.ts';

const id = (byte: string) => `0x${byte.repeat(32)}` as Bytes32;
const unit = (byte: string, changes: Partial<CadastralUnit> = {}): CadastralUnit => ({
  unit: id(byte),
  baUnit: id(byte),
  office: 3,
  number: `Block 4/${byte}`,
  feature: '{ "type":"Feature",  "geometry": null }\n',
  aliases: [`alias-${byte}`],
  statedAreaMm2: 12_345_678_901n,
  computedAreaMm2: 12_345_678_900n,
  box: [1, 2, 3, 4],
  geometry: [{ path: 'boundary', value: 'as drawn', salt: id('77') }],
  geometryCommitment: id('88'),
  sources: [id('99')],
  replaces: [],
  recordedAtMs: 5,
  isReplaced: false,
  retired: false,
  ...changes,
});

const NOTHING_JUDGED = { rivals: [], boundaries: [] };

describe('the cadastre', () => {
  let folder: string;
  let store: Store;
  let cadastre: Cadastre;
  const open = async () => {
    store = await openTestStore(folder, cadastreTables);
    cadastre = new Cadastre(store);
  };
  beforeEach(async () => {
    folder = temporaryFolder();
    await open();
    await cadastre.record([unit('01'), unit('02')]);
  });
  afterEach(() => store.close());
  after(removeTemporaryFolders);

  it("gives the office's words back byte for byte, by id, number, alias and BAUnit", async () => {
    await store.close();
    await open();
    expect(await cadastre.get(id('01'))).to.deep.equal(unit('01'));
    expect(await cadastre.byNumber(3, 'Block 4/02')).to.deep.equal([unit('02')]);
    expect(await cadastre.byNumber(4, 'Block 4/02')).to.deep.equal([]);
    expect(await cadastre.byAlias('alias-01')).to.deep.equal(unit('01'));
    expect(await cadastre.ofBaUnit(id('02'))).to.deep.equal([unit('02')]);
    expect(await cadastre.count()).to.equal(2);
  });

  it('lists numbers as people read them, page by page, while others come between', async () => {
    const written = ['LR/100/2', 'LR/100/10', 'LR/100/1', 'LR/20', 'LR/100/2A', 'LR/100/9', 'lr/100/3'];
    await cadastre.record(written.map((number, i) => unit(`1${i}`, { office: 4, number })));
    const read: string[] = [];
    let after: string | undefined;
    do {
      const page = await cadastre.page(4, { limit: 2, after });
      expect(page.total).to.equal(written.length + (read.length > 0 ? 2 : 0));
      const first = read.length === 0;
      read.push(...page.parcels.map(([part]) => part?.number ?? ''));
      after = page.next;
      // One before the place of the cursor, and one behind it: the first is of a page that was read.
      const between = ['LR/3', 'LR/100/5'].map((number, i) => unit(`2${i}`, { office: 4, number }));
      if (first) await cadastre.record(between);
    } while (after !== undefined);
    expect(read).to.deep.equal([
      ...['LR/20', 'LR/100/1', 'LR/100/2', 'LR/100/2A', 'lr/100/3', 'LR/100/5', 'LR/100/9', 'LR/100/10'],
    ]);
  });

  it('finds a number otherwise written, of its own office, and each that it may be', async () => {
    await cadastre.record([
      unit('31', { number: 'LR/100/2' }),
      unit('32', { number: 'LR-100-2', baUnit: id('35') }),
      unit('33', { number: 'LR/1002' }),
      unit('34', { number: 'LR/100/2', office: 4 }),
    ]);
    const alike = async (number: string) => (await cadastre.alike(3, number)).map((one) => one.number);
    expect(await alike('lr 100.02')).to.have.members(['LR-100-2', 'LR/100/2']);
    expect(await alike('LR 1002')).to.deep.equal(['LR/1002']);
    expect(await alike('LR 100')).to.deep.equal([]);
    expect(await cadastre.byNumber(3, 'lr 100.02')).to.deep.equal([]);
  });

  it('puts in order what was kept before numbers had one, once, and all of it however much there is', async () => {
    const numbers = preciousSorted('cadastreNumbers', json<readonly Bytes32[]>());
    const many = Array.from({ length: 600 }, (_, i) => i);
    const own = (i: number) => `0x${i.toString(16).padStart(64, '0')}` as Bytes32;
    await cadastre.record(
      many.map((i) => unit('00', { unit: own(i), baUnit: own(i), office: 5, number: `b ${i}`, aliases: [] })),
    );
    // As an older version kept them.
    const kept: (readonly [string, readonly Bytes32[]])[] = [];
    for await (const row of store.range(numbers)) kept.push(row);
    const old = (number: string) => encodeURIComponent(number.toUpperCase().replace(/ /g, ''));
    await store.transact(async (tx) => {
      for (const [key] of kept) tx.delete(numbers, key);
      for (const i of many) tx.insert(numbers, `5/${old(`b ${i}`)}`, [own(i)]);
      for (const byte of ['01', '02']) tx.insert(numbers, `3/${old(`Block 4/${byte}`)}`, [id(byte)]);
    });
    expect(await cadastre.byNumber(3, 'Block 4/02')).to.deep.equal([]);
    expect(await cadastre.arrange()).to.equal(602);
    expect(await cadastre.arrange()).to.equal(0);
    expect(await cadastre.byNumber(3, 'Block 4/02')).to.deep.equal([unit('02')]);
    const { parcels, total } = await cadastre.page(5, { limit: 1_000 });
    expect(total).to.equal(600);
    expect(parcels.map(([part]) => part?.number)).to.deep.equal(many.map((i) => `b ${i}`));
  });

  it('keeps several parts of one parcel under one number', async () => {
    const parts = ['03', '04'].map((byte) => unit(byte, { number: 'Block 9', baUnit: id('33') }));
    await cadastre.record(parts);
    expect(await cadastre.byNumber(3, 'Block 9')).to.deep.equal(parts);
    const moved = parts.map((part) => ({ ...part, baUnit: id('44') }));
    await cadastre.record(moved);
    expect(await cadastre.ofBaUnit(id('44'))).to.deep.equal(moved);
    expect(await cadastre.ofBaUnit(id('33'))).to.deep.equal([]);
  });

  it('refuses a number or an alias that is taken, and records nothing of the request', async () => {
    const taken = cadastre.record([unit('05'), unit('06', { number: 'Block 4/01' })]);
    expect(await refusedAs(taken)).to.equal('parcel-number-taken');
    const sameCorners = cadastre.record([unit('07', { aliases: ['alias-02'] })]);
    expect(await refusedAs(sameCorners)).to.equal('parcel-alias-taken');
    expect(await cadastre.count()).to.equal(2);
  });

  it('keeps the number of a retired unit taken, and gives its corners to the next that has them', async () => {
    await cadastre.retire([id('01'), id('0f')]);
    await cadastre.retire([id('01')]);
    expect(await cadastre.get(id('01'))).to.deep.equal(unit('01', { retired: true }));
    const sameNumber = cadastre.record([unit('08', { number: 'Block 4/01' })]);
    expect(await refusedAs(sameNumber)).to.equal('parcel-number-taken');
    await cadastre.record([unit('09', { aliases: ['alias-01'] })]);
    expect((await cadastre.byAlias('alias-01'))?.unit).to.equal(id('09'));
    expect(await refusedAs(cadastre.record([unit('0a', { aliases: ['alias-01'] })]))).to.equal(
      'parcel-alias-taken',
    );
    await cadastre.record([unit('0b', { aliases: ['alias-01'], replaces: [id('09')] })]);
    expect((await cadastre.byAlias('alias-01'))?.unit).to.equal(id('0b'));
    expect(await cadastre.count()).to.equal(4);
  });

  it('lets one of two units on one ground begin, however many ask at once, and the other when that failed', async () => {
    const pair = { baUnit: id('01'), other: id('02'), areaMm2: 20_000n, isDecided: false };
    await cadastre.record([], [pair]);
    expect(await cadastre.rivalsOf(id('01'), 10_000n)).to.deep.equal([id('02')]);
    expect(await cadastre.rivalsOf(id('02'), 10_000n)).to.deep.equal([id('01')]);
    expect(await cadastre.rivalsOf(id('01'), 20_000n)).to.deep.equal([]);
    const failed = new Set<string>();
    const begin = (own: string, rival: string, ends: readonly Bytes32[] = []) =>
      store.transact((tx) =>
        cadastre.begin(
          tx,
          { begins: [id(own)], ends },
          { rivals: [id(rival)], boundaries: [] },
          `operation of ${own}`,
          async (by) => failed.has(by),
        ),
      );
    const both = await Promise.all([begin('01', '02'), begin('02', '01')].map(refusedAs));
    expect(both.filter((code) => code === 'ground-taken')).to.have.length(1);
    expect(both.filter((code) => code === undefined)).to.have.length(1);
    const [first, second] = both[0] === undefined ? ['01', '02'] : ['02', '01'];
    if (first === undefined || second === undefined) throw new Error('one of them began');
    expect(await refusedAs(begin(first, second))).to.equal('ground-taken'); // it is beginning already
    expect(await refusedAs(begin(second, first, [id(first)]))).to.equal(undefined); // it ends the first
    failed.add(`operation of ${second}`);
    expect(await refusedAs(begin(second, first))).to.equal('ground-taken');
    failed.add(`operation of ${first}`);
    expect(await refusedAs(begin(second, first))).to.equal(undefined);
  });

  it('lets two that an officer decided on both begin, and nothing begin that was replaced', async () => {
    await cadastre.record([], [{ baUnit: id('01'), other: id('02'), areaMm2: 20_000n, isDecided: true }]);
    expect(await cadastre.rivalsOf(id('01'), 0n)).to.deep.equal([]);
    await cadastre.record([unit('03', { replaces: [id('02')] })]);
    expect(await cadastre.get(id('02'))).to.deep.equal(unit('02', { isReplaced: true }));
    const begins = (byte: string) =>
      store.transact((tx) =>
        cadastre.begin(tx, { begins: [id(byte)], ends: [] }, NOTHING_JUDGED, 'operation', async () => false),
      );
    expect(await refusedAs(begins('02'))).to.equal('survey-replaced');
    expect(await refusedAs(begins('03'))).to.equal(undefined);
  });

  it('lets no two begin on one ground, whatever an officer decided, and no unit be eaten by its boundaries', async () => {
    const tenth = 1_234_567_890n;
    const settled = (one: string, other: string, areaMm2: bigint) =>
      cadastre.record([], [{ baUnit: id(one), other: id(other), areaMm2, isDecided: true }]);
    await settled('01', '02', tenth);
    expect(await cadastre.rivalsOf(id('01'), 0n)).to.deep.equal([]);
    await settled('01', '02', tenth + 1n);
    expect(await cadastre.rivalsOf(id('01'), 2n * tenth)).to.deep.equal([id('02')]);
    expect(await cadastre.rivalsOf(id('02'), 2n * tenth)).to.deep.equal([id('01')]);
    await settled('01', '02', tenth / 2n);
    await cadastre.record([unit('03'), unit('04')]);
    await settled('03', '02', tenth / 2n);
    await settled('04', '02', tenth / 2n);
    const begin = async (byte: string) => {
      const boundaries = await cadastre.boundariesAt(id(byte));
      return store.transact((tx) =>
        cadastre.begin(
          tx,
          { begins: [id(byte)], ends: [] },
          { rivals: [], boundaries },
          `of ${byte}`,
          async () => false,
        ),
      );
    };
    for (const byte of ['02', '01', '03']) expect(await refusedAs(begin(byte)), byte).to.equal(undefined);
    expect(await refusedAs(begin('04'))).to.equal('ground-taken'); // the third half of a tenth of 02
  });

  it('refuses a feature that was altered on disk', async () => {
    await store.close();
    await tamper(folder, async (level) => {
      const key = placeOf('cadastre', id('01'));
      await level.put(key, flipBit((await level.get(key)) ?? new Uint8Array(), 900));
    });
    await open();
    expect(await refusedAs(cadastre.get(id('01')))).to.equal('Fault');
  });
});
