/** From a list of people to an envelope: nobody lost, nobody foreseeable, every line that cannot be is named. */
import { expect } from 'chai';
import { saltedLeaf, verifyProof } from '../../../../server/domain/acts/merkle.ts';
import { type Bytes32, toHex } from '../../../../server/domain/base/hex.ts';
import { Refusal } from '../../../../server/domain/base/refusal.ts';
import {
  assignIndexes,
  envelopeOf,
  lineSalt,
  rollLine,
  rollTree,
  tableOfRoll,
} from '../../../../server/domain/benefits/envelope.ts';
import { foldWords } from '../../../../server/domain/benefits/unitsTable.ts';
import { readRows } from '../../../../server/domain/files/csv.ts';
import { rollReader } from '../../../../server/domain/files/roll.ts';
import { seeded } from '../../../seeded.ts';
import { envelope } from './programme.ts';

const SEED = 20260412;

describe('the numbering of an enrolment', () => {
  const catchments = Array.from({ length: 500 }, (_, person) => `area ${person % 7}`);

  it('gives everybody one index, and catchments a stretch each', () => {
    const { below } = seeded(SEED);
    const indexes = assignIndexes(catchments, 100, below);
    expect([...indexes].sort((a, b) => a - b)).to.deep.equal(catchments.map((_, i) => 100 + i));
    const byIndex = catchments.map((catchment, person) => [indexes[person] ?? 0, catchment] as const);
    const inOrder = byIndex.sort(([a], [b]) => a - b).map(([, catchment]) => catchment);
    const changes = inOrder.filter((catchment, i) => i > 0 && catchment !== inOrder[i - 1]);
    expect(changes).to.have.lengthOf(6);
  });

  it('puts each person of three in each place about as often', () => {
    const { below } = seeded(SEED);
    const counts = [0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let run = 0; run < 6_000; run++) {
      assignIndexes(['a', 'a', 'a'], 0, below).forEach((index, person) => {
        counts[3 * person + index] = (counts[3 * person + index] ?? 0) + 1;
      });
    }
    for (const count of counts) expect(count).to.be.within(1_850, 2_150);
  });

  it('refuses more people than an epoch holds', () => {
    const tooMany = () => assignIndexes(['a', 'b'], 2 ** 24 - 1, () => 0);
    expect(tooMany).to.throw(Refusal).with.property('code', 'enrolment-size-out-of-range');
  });
});

describe('the table of a roll', () => {
  const CSV = 'id,units\nann,3\nben,5\ncid,255\n';
  const places = (indexes: Readonly<Record<string, number>>, entryBytes: 1 | 4 = 1) => ({
    enrolled: 6,
    indexOf: (personId: string) => indexes[personId],
    entryBytes,
  });
  const roll = (text: string, declaredCount: number, declaredUnits: bigint) =>
    readRows(text, {}, rollReader({ declaredCount, declaredUnits }));

  it('has every entitlement at its index, and an envelope of its count, total and hash', () => {
    const { refused, table } = tableOfRoll(roll(CSV, 3, 263n), places({ ann: 4, ben: 0, cid: 2 }));
    expect(refused).to.deep.equal([]);
    if (table === undefined) throw new Error('no table');
    expect([...table.units]).to.deep.equal([5, 0, 255, 0, 3, 0]);
    const root = toHex(new Uint8Array(32).fill(1)) as Bytes32;
    const {
      root: _,
      tableHash: __,
      count: ___,
      totalUnits: ____,
      entryBytes: _____,
      ...terms
    } = envelope(table.table);
    const act = envelopeOf(terms, table, root);
    expect(act).to.deep.equal(envelope(table.table, { root }));
    expect(act).to.include({ count: 6, totalUnits: 263n, tableHash: foldWords(table.table.words) });
  });

  it('is not made of a roll whose declared count or total differs', () => {
    const where = places({ ann: 4, ben: 0, cid: 2 });
    for (const [count, units, code] of [
      [4, 263n, 'declared-count-differs'],
      [3, 264n, 'declared-total-differs'],
    ] as const) {
      const { refused, table } = tableOfRoll(roll(CSV, count, units), where);
      expect(table).to.equal(undefined);
      expect(refused.map(({ code: found }) => found)).to.deep.equal([code]);
    }
  });

  it('names every line that has no place, another person in its place, or more than an entry holds', () => {
    const text = 'id,units\nann,3\nben,5\ncid,255\ndan,256\neve,1\nfay,1\n';
    const where = places({ ann: 4, ben: 4, dan: 1, eve: 6, fay: 0 });
    const { refused, table } = tableOfRoll(roll(text, 6, 521n), where);
    expect(table).to.equal(undefined);
    expect(refused.map(({ code, place }) => [code, place.line, place.field])).to.deep.equal([
      ['person-enrolled-twice', 3, 'id'],
      ['person-unknown', 4, 'id'],
      ['units-exceed-entry', 5, 'units'],
      ['person-unknown', 6, 'id'],
    ]);
    for (const { message } of refused) expect(message).not.to.match(/ann|ben|cid|dan|eve/);
  });

  it('takes what four bytes hold', () => {
    const { table } = tableOfRoll(roll('id,units\nann,16777215\n', 1, 16_777_215n), places({ ann: 5 }, 4));
    expect(table?.table.totalUnits).to.equal(16_777_215n);
  });
});

describe('the root of a roll', () => {
  it('proves the line of every index, zero included, and no other', () => {
    const random = seeded(SEED);
    const units = Uint32Array.from({ length: 37 }, () => random.below(3));
    const secret = random.bytes(32);
    const tree = rollTree(units, secret);
    let letIn = 0;
    units.forEach((entitled, index) => {
      const salt = toHex(lineSalt(secret, index)) as Bytes32;
      const proves = (line: Uint8Array) => verifyProof(tree.root, saltedLeaf(salt, line), tree.proof(index));
      expect(proves(rollLine(index, entitled))).to.equal(true);
      if (proves(rollLine(index, entitled + 1)) || proves(rollLine(index + 1, entitled))) letIn++;
    });
    expect(letIn).to.equal(0);
    expect(() => rollTree(units, secret.subarray(1))).to.throw(TypeError);
  });
});
