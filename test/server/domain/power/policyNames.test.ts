/** The names of policies: found by their hashes, and by no hashing of all names for each that is asked. */
import { expect } from 'chai';
import type { Bytes32 } from '../../../../server/domain/base/hex.ts';
import { tierPolicy } from '../../../../server/domain/benefits/policies.ts';
import { nameOfPolicy, policyOfName } from '../../../../server/domain/power/policyNames.ts';

const NAMES = [
  'landTwoInstitutionActs',
  'benefitTierMinor/0',
  'benefitTierMinor/404',
  'benefitTierMinor/999',
];
/** As many hashes as there are names, and as many names as a page of measures asks for. */
const [HASHES, ASKED] = [1_000, 200];
const strange = (number: number) => `0x${number.toString(16).padStart(64, '0')}` as Bytes32;

function timed(times: number, work: (number: number) => unknown): number {
  const startedAt = performance.now();
  for (let number = 0; number < times; number++) work(number);
  return performance.now() - startedAt;
}

describe('the name of a policy', () => {
  it('is found by its hash, and none for a hash of another', () => {
    for (const name of NAMES) expect(nameOfPolicy(policyOfName(name) ?? strange(1))).to.equal(name);
    expect(nameOfPolicy(strange(1))).to.equal(undefined);
  });

  it('takes a page of measures less than hashing every name ten times', () => {
    const hashing = timed(HASHES, tierPolicy);
    expect(timed(ASKED, (number) => nameOfPolicy(strange(number)))).to.be.lessThan(10 * hashing);
  });
});
