/** An act corrects an entry of its own register about the very object it is about, or nothing. */
import { expect } from 'chai';
import { ACT_HEAD } from '../../../../server/domain/acts/head.ts';
import { correctionOf, requireFounded } from '../../../../server/domain/acts/signable.ts';
import type { TypedStruct } from '../../../../server/domain/acts/typedData.ts';
import { type Address, ZERO_32 } from '../../../../server/domain/base/hex.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { named } from '../../../chain/signing.ts';

const REGISTER = `0x${'aa'.repeat(20)}` as Address;
const OTHER = `0x${'bb'.repeat(20)}` as Address;
const ENTRY = named('an entry');
const UNIT = named('unit');
const NEIGHBOUR = named('neighbour');
const PROGRAMME = named('programme');
const VENDOR = named('vendor');

function correction(fields: TypedStruct, corrects = ENTRY) {
  const message = { head: { corrects }, ...fields };
  const domain = { name: 'a register', version: '1', verifyingContract: REGISTER };
  return correctionOf({ typedData: { domain, types: { ActHead: ACT_HEAD }, primaryType: 'Act', message } });
}

describe('a correction', () => {
  const about = (subject: string, address = REGISTER) => ({ address, subject: subject as never });
  const answer = (fields: TypedStruct, entry: Parameters<typeof requireFounded>[1]) =>
    codeOf(() => {
      const made = correction(fields);
      if (made !== undefined) requireFounded(made, entry);
    });

  it('is none where the head names no entry', () => {
    expect(correction({ programme: PROGRAMME }, ZERO_32)).to.equal(undefined);
    expect(correction({ programme: PROGRAMME })?.entry).to.equal(ENTRY);
  });

  it('is of the same register and about the same unit, programme or vendor', () => {
    const acts: readonly (readonly [TypedStruct, string])[] = [
      [{ unit: { baUnit: UNIT, priorState: ZERO_32 }, next: { rightId: 1 } }, UNIT],
      [{ units: [{ baUnit: UNIT, priorState: ZERO_32 }] }, UNIT],
      [{ releases: [{ unit: { baUnit: UNIT }, restrictionId: 4 }] }, UNIT],
      [{ programme: PROGRAMME, vendor: VENDOR }, PROGRAMME],
      [{ vendor: VENDOR, till: 1 }, VENDOR],
    ];
    for (const [fields, subject] of acts) {
      expect(answer(fields, about(subject)), subject).to.equal(undefined);
      expect(answer(fields, about(NEIGHBOUR)), subject).to.equal('correction-unfounded');
      expect(answer(fields, about(subject, OTHER)), subject).to.equal('correction-unfounded');
      expect(answer(fields, undefined), subject).to.equal('correction-unfounded');
    }
  });

  it('is of no act about several objects, or about one that cannot be told', () => {
    const both = { units: [{ baUnit: UNIT }, { baUnit: NEIGHBOUR }] };
    expect(answer(both, about(UNIT))).to.equal('correction-unfounded');
    expect(answer(both, about(NEIGHBOUR))).to.equal('correction-unfounded');
    const divided = { unit: { baUnit: UNIT }, children: [{ portion: { baUnit: NEIGHBOUR } }] };
    expect(answer(divided, about(UNIT))).to.equal('correction-unfounded');
    expect(answer({ itemsHash: named('titles'), count: 2 }, about(UNIT))).to.equal('correction-unfounded');
  });
});
