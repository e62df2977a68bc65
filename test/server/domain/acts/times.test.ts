/** Whether an act and its parts leave a second at which it could be recorded. */
import { expect } from 'chai';
import type { Moment } from '../../../../server/domain/acts/moment.ts';
import type { ConsentGiven, SignedHead, SignedPart } from '../../../../server/domain/acts/signable.ts';
import {
  ACT_WAITS_SECONDS,
  firstSecond,
  firstSecondOf,
  judgePartTimes,
  judgeTimes,
} from '../../../../server/domain/acts/times.ts';
import { ZERO_32 } from '../../../../server/domain/base/hex.ts';
import type { OfficeId, OfficerId } from '../../../../server/domain/base/terms.ts';
import { momentAt } from '../../../../server/domain/power/halts.ts';
import { codeOf } from '../../../chain/recorded.ts';
import { seeded } from '../../../seeded.ts';

const NOW = 1_000_000n;
const now = momentAt(NOW, []);
const SIGNER = ZERO_32 as OfficerId;

const headOf = (notBefore: bigint, deadline: bigint): SignedHead => ({
  ...{ office: 1 as OfficeId, preparer: SIGNER, preparerEpoch: 1, notBefore, deadline },
});
const judged = (notBefore: bigint, deadline: bigint, moment: Moment = now) =>
  codeOf(() => judgeTimes(moment, headOf(notBefore, deadline)));
const approval = (deadline: bigint): SignedPart => ({
  ...{ part: 'approver', signer: SIGNER, signature: '0x', approval: { approverEpoch: 1, deadline } },
});
const consent = (notBefore: bigint, deadline: bigint): SignedPart => {
  const given = { notBefore, deadline, mandateCommitment: ZERO_32, kind: 'secp256k1', salt: ZERO_32 };
  return {
    ...{ part: 'consent-0', signer: ZERO_32, signature: '0x' },
    consent: { ...given, key: '0x' } as ConsentGiven,
  };
};
const LAPSES = NOW + ACT_WAITS_SECONDS;
const handedIn = (
  head: SignedHead,
  part: SignedPart,
  others: readonly SignedPart[] = [],
  lapsesAt = LAPSES,
) => codeOf(() => judgePartTimes(now, head, { lapsesAt, others }, part));

describe('the times of an act', () => {
  it('leave a second at which it may be recorded, or nobody is asked to sign it', () => {
    expect(judged(0n, NOW)).to.equal(undefined);
    expect(judged(NOW, NOW)).to.equal(undefined);
    expect(judged(NOW + 5n, NOW + 5n)).to.equal(undefined);
    expect(judged(0n, NOW - 1n)).to.equal('act-expired');
    expect(judged(NOW + 5n, NOW - 1n)).to.equal('act-expired');
    expect(judged(NOW + 5n, NOW + 4n)).to.equal('never-in-time');
    expect(judged(NOW + ACT_WAITS_SECONDS, 2n ** 63n)).to.equal(undefined);
    expect(judged(NOW + ACT_WAITS_SECONDS + 1n, 2n ** 63n)).to.equal('never-in-time');
  });

  it('are read as a recorded standstill moves them', () => {
    const halted = momentAt(NOW, [{ from: Number(NOW) - 100, to: Number(NOW) }]);
    expect(judged(0n, NOW - 50n, halted)).to.equal(undefined);
    expect(judged(NOW + 10n, NOW - 50n, halted)).to.equal(undefined);
    expect(judged(NOW + 51n, NOW - 50n, halted)).to.equal('never-in-time');
  });

  it('give the rules of a register the first second at which it may be recorded', () => {
    expect(firstSecond(NOW, { notBefore: 0n })).to.equal(NOW);
    expect(firstSecond(NOW, { notBefore: NOW + 7n })).to.equal(NOW + 7n);
  });

  it('take no approval and no consent that counts at none of its seconds', () => {
    const head = headOf(NOW + 10n, NOW + 20n);
    for (const [part, code] of [
      [approval(NOW + 10n), undefined],
      [approval(NOW + 9n), 'approval-expired'],
      [approval(NOW - 1n), 'approval-expired'],
      [consent(0n, NOW + 10n), undefined],
      [consent(NOW + 20n, NOW + 20n), undefined],
      [consent(0n, NOW + 9n), 'consent-expired'],
      [consent(NOW + 21n, NOW + 30n), 'never-in-time'],
      [consent(NOW + 16n, NOW + 15n), 'never-in-time'],
    ] as const)
      expect(
        handedIn(head, part),
        JSON.stringify(part, (_, v) => String(v)),
      ).to.equal(code);
    expect(handedIn(headOf(0n, NOW - 1n), approval(NOW + 5n))).to.equal('act-expired');
    const open = headOf(0n, 2n ** 40n);
    expect(handedIn(open, consent(LAPSES, LAPSES))).to.equal(undefined);
    expect(handedIn(open, consent(LAPSES + 1n, LAPSES + 9n))).to.equal('never-in-time');
  });

  it('take nothing that is over before another part has begun', () => {
    const open = headOf(0n, 2n ** 40n);
    const late = [consent(NOW + 10n, NOW + 20n)];
    const second = (deadline: bigint) => ({ ...consent(0n, deadline), part: 'consent-1' }) as SignedPart;
    for (const [make, code] of [
      [approval, 'approval-expired'],
      [second, 'consent-expired'],
    ] as const) {
      expect(handedIn(open, make(NOW + 10n), late), code).to.equal(undefined);
      expect(handedIn(open, make(NOW + 9n), late), code).to.equal(code);
      expect(handedIn(open, make(NOW + 9n)), code).to.equal(undefined);
    }
    // In the place of the other it is judged without it.
    expect(handedIn(open, consent(0n, NOW + 5n), late)).to.equal(undefined);
    expect(firstSecondOf(NOW, open, [...late, approval(NOW), second(NOW)])).to.equal(NOW + 10n);
    expect(firstSecondOf(NOW, headOf(NOW + 30n, NOW + 40n), late)).to.equal(NOW + 30n);
    expect(firstSecondOf(NOW, open, [])).to.equal(NOW);
  });

  it('are refused exactly where no second is left, whatever they are', () => {
    const random = seeded(20_261_130);
    let refused = 0;
    for (let i = 0; i < 5_000; i++) {
      const some = () => NOW - 20n + BigInt(random.below(40));
      const [head, part] = [headOf(some(), some()), consent(some(), some())] as const;
      if (part.part === 'preparer' || part.part === 'approver') throw new Error('a consent');
      const { notBefore, deadline } = part.consent;
      const least = [NOW, head.notBefore, notBefore].reduce((one, other) => (one > other ? one : other));
      const most = head.deadline < deadline ? head.deadline : deadline;
      const isRefused =
        judged(head.notBefore, head.deadline) !== undefined || handedIn(head, part) !== undefined;
      expect(isRefused, `${least} to ${most}`).to.equal(least > most);
      if (isRefused) refused++;
    }
    console.log(
      `      times of acts and consents | seed 20261130 | 5000 tried, ${refused} refused | 0 wrong`,
    );
    expect(refused).to.be.within(1_000, 4_900);
  });
});
