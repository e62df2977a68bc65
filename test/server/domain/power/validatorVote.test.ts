import { expect } from 'chai';
import type { Address } from '../../../../server/domain/base/hex.ts';
import { isFresh } from '../../../../server/domain/power/validatorProof.ts';
import {
  rehearse,
  type ValidatorSet,
  type ValidatorVote,
} from '../../../../server/domain/power/validatorVote.ts';

const validator = (n: number) => `0x${n.toString(16).padStart(40, '0')}` as Address;
const setOf = (owners: readonly number[], silent: readonly number[] = [], members = 4): ValidatorSet => {
  const validators = owners.map((_, i) => validator(i + 1));
  return {
    validators,
    seen: new Set(validators.filter((_, i) => !silent.includes(i + 1))),
    runBy: new Map(owners.map((owner, i) => [validator(i + 1), owner])),
    members,
    joining: { hasKey: true, isFollowing: true },
  };
};
const remove = (n: number): ValidatorVote => ({ kind: 'remove', validator: validator(n) });
const add = (n: number, institution: number): ValidatorVote => ({
  kind: 'add',
  validator: validator(n),
  institution,
});

describe('a vote on validators that is rehearsed', () => {
  it('says how many may fail before it and after', () => {
    const { before, after, troubles } = rehearse(setOf([1, 2, 3, 4, 5, 6]), add(7, 7));
    expect(before).to.deep.equal({ validators: 6, quorum: 4, mayFail: 2 });
    expect(after).to.deep.equal({ validators: 7, quorum: 5, mayFail: 2 });
    expect(troubles).to.deep.equal([]);
  });

  it('takes nobody in who showed no key, or no block of the ledger, in an addition and in a swap', () => {
    const swap: ValidatorVote = { kind: 'replace', validator: validator(1), by: validator(9) };
    for (const vote of [add(7, 7), swap]) {
      const shown = (hasKey: boolean, isFollowing: boolean) =>
        rehearse({ ...setOf([1, 2, 3, 4, 5, 6]), joining: { hasKey, isFollowing } }, vote).troubles;
      expect(shown(true, true)).to.deep.equal([]);
      expect(shown(false, true)).to.deep.equal(['validator-key-not-shown']);
      expect(shown(true, false)).to.deep.equal(['following-not-shown']);
    }
    expect([isFresh(1_000, 4_600), isFresh(1_000, 4_601)], 'of an hour').to.deep.equal([true, false]);
    const nothing = { hasKey: false, isFollowing: false };
    expect(rehearse({ ...setOf([1, 2, 3, 4, 5]), joining: nothing }, remove(1)).troubles).to.deep.equal([]);
  });

  it('never leaves fewer than four, nor a set that is what it was', () => {
    expect(rehearse(setOf([1, 2, 3, 4]), remove(1)).troubles).to.deep.equal(['too-few-validators']);
    expect(rehearse(setOf([1, 2, 3, 4, 5]), remove(1)).troubles).to.deep.equal([]);
    expect(rehearse(setOf([1, 2, 3, 4, 5]), remove(9)).troubles).to.deep.equal(['validator-set-unchanged']);
    expect(rehearse(setOf([1, 2, 3, 4]), add(2, 5)).troubles).to.deep.equal(['validator-set-unchanged']);
    const swap: ValidatorVote = { kind: 'replace', validator: validator(1), by: validator(2) };
    expect(rehearse(setOf([1, 2, 3, 4]), swap).troubles).to.deep.equal(['validator-set-unchanged']);
  });

  it('brings no institution to a third, asks nothing of one that does not grow, and judges nobody unknown', () => {
    expect(rehearse(setOf([1, 2, 3, 4]), add(5, 1)).troubles).to.deep.equal(['validators-concentrated']);
    expect(rehearse(setOf([1, 2, 3, 4]), add(5, 5)).troubles).to.deep.equal([]);
    expect(rehearse(setOf([1, 2, 3, 4], [], 3), add(5, 1)).troubles, 'of three members').to.deep.equal([]);
    // The leaver's own share may stay uneven, but nobody else's.
    expect(rehearse(setOf([1, 1, 1, 2, 3, 4, 5]), remove(1)).troubles).to.deep.equal([]);
    expect(rehearse(setOf([1, 1, 2, 3, 4, 5, 6]), remove(7)).troubles).to.deep.equal([
      'validators-concentrated',
    ]);
    const known = setOf([1, 2, 3, 4]);
    const { troubles, isShareKnown } = rehearse({ ...known, runBy: new Map() }, add(5, 1));
    expect([troubles, isShareKnown]).to.deep.equal([[], false]);
    const untold = rehearse({ ...known, members: undefined }, add(5, 1));
    expect([untold.troubles, untold.isShareKnown], 'nobody says how many vote').to.deep.equal([[], false]);
  });

  it('does not lean on who seals nothing, nor on who has yet to seal', () => {
    expect(rehearse(setOf([1, 2, 3, 4], [4]), add(5, 5)).troubles, 'four of five').to.deep.equal([
      'quorum-not-seen',
    ]);
    const swap: ValidatorVote = { kind: 'replace', validator: validator(4), by: validator(9) };
    expect(rehearse(setOf([1, 2, 3, 4], [4]), swap).troubles).to.deep.equal([]);
    expect(rehearse(setOf([1, 2, 3, 4], [4]), { ...swap, validator: validator(1) }).troubles).to.deep.equal([
      'quorum-not-seen',
    ]);
  });
});
