/** What members read before they vote for a register that takes another's place. */
import { expect } from 'chai';
import type { Measure } from '../../../../server/domain/acts/events.ts';
import type { TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { type Address, type Bytes32, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { MEASURE_KINDS, numberOf } from '../../../../server/domain/base/terms.ts';
import { DIRECTORY, directoryHash } from '../../../../server/domain/power/policyNames.ts';
import { measureWords, votes } from '../../../../server/domain/power/sentences.ts';

const TARGET = `0x${'11'.repeat(20)}` as Address;
const FOLD = BigInt(`0x${'7'.repeat(64)}`);

const successor = (name: Bytes32, value: bigint): Measure => ({
  ...{ kind: 'put-in-force', institution: 0 as Measure['institution'], target: TARGET, name, value },
  ...{ appointmentsHash: ZERO_32, closesAt: 1_900_000_000n, salt: 1n },
});

describe('the words for a successor', () => {
  it('of the notary say what it is, that the one before ends, and which recorders, roots and counts go on', () => {
    const notary = successor(directoryHash('Notary'), FOLD);
    const said = `Puts ${TARGET} in force as the notary, in the place of the one before, which is frozen for good; its recorder keys, roots and counts of destroyed data keys go on as the words that fold to 0x${'7'.repeat(64)}.`;
    expect(measureWords(notary, 0)).to.equal(said);
    const message: TypedStruct = { ...notary, kind: BigInt(numberOf(MEASURE_KINDS, notary.kind)) };
    const signed = votes({ measure: message, inFavour: true }, [], undefined as never);
    expect(signed).to.equal(`Votes for this: ${said}`);
  });

  it('say loudly where nothing goes on of what only an import carries over', () => {
    const loud = DIRECTORY.filter((name) =>
      measureWords(successor(directoryHash(name), 0n), 0).includes('NONE'),
    );
    expect(loud).to.deep.equal(['LandRegistry', 'BenefitLedger', 'Notary']);
    const unknown = successor(`0x${'ab'.repeat(32)}` as Bytes32, 0n);
    expect(measureWords(unknown, 0))
      .to.include(`0x${'ab'.repeat(32)}`)
      .and.to.include('NONE of its records go on');
  });
});
