/** Whose turn it is among held acts that are due: each thing's in order, and nobody's behind all of another thing's. */
import { expect } from 'chai';
import { dueInTurn } from '../../../server/acts/due.ts';
import type { Bytes32 } from '../../../server/domain/base/hex.ts';
import type { DueAct } from '../../../server/store/acts.ts';
import type { OperationId } from '../../../server/store/operation.ts';

const MANY = 400;

/** A ledger on which what is carried out is over after so many looks at it. */
function turns(held: readonly (readonly [id: string, orderedBy: string])[], looksUntilOver: number) {
  const carried: string[] = [];
  const left = new Map<string, DueAct>(
    held.map(([id, orderedBy], i) => [
      id,
      { id: id as Bytes32, orderedBy, place: String(i).padStart(6, '0') },
    ]),
  );
  const looks = new Map<string, number>();
  const isOver = async (id: OperationId) => {
    const so = (looks.get(id) ?? 0) + 1;
    looks.set(id, so);
    return so > looksUntilOver;
  };
  const go = dueInTurn({
    acts: {
      async *due(_: bigint, behind = '') {
        for (const one of left.values()) if (one.place > behind) yield one;
      },
    },
    nowSeconds: async () => 1n,
    async carryOut(id) {
      left.delete(id);
      carried.push(id);
      return id as string as OperationId;
    },
    isOver,
    wait: async () => undefined,
  });
  return { carried, go, left };
}

describe('held acts that are due at one moment', () => {
  it('go one after the other where they are about one thing, all in one go', async () => {
    const { carried, go, left } = turns(
      [...'abcdef'].map((id) => [id, 'one thing']),
      0,
    );
    await go();
    expect(carried.join('')).to.equal('abcdef');
    expect(left.size).to.equal(0);
  });

  it('wait for the one before them, and are not carried out beside it', async () => {
    const { carried, go } = turns(
      [...'abc'].map((id) => [id, 'one thing']),
      2,
    );
    await go();
    expect(carried).to.deep.equal(['a']);
    await go();
    await go();
    expect(carried).to.deep.equal(['a', 'b']);
  });

  it('do not wait behind those about another thing, however many', async () => {
    const many = Array.from({ length: MANY }, (_, i) => [`m${i}`, 'a busy thing'] as const);
    const { carried, go } = turns([...many, ['last', 'a quiet thing']], Number.POSITIVE_INFINITY);
    await go();
    expect(carried).to.deep.equal(['m0', 'last']);
  });
});
