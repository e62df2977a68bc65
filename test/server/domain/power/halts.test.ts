/** What halts do to a deadline, against its definition: so many seconds outside all halts as were left when its own began. */
import { expect } from 'chai';
import { momentAt, withHalt } from '../../../../server/domain/power/halts.ts';
import { seeded } from '../../../seeded.ts';

type Span = { readonly from: number; readonly to: number };

/** Second by second. */
function byDefinition(halts: readonly Span[], deadline: number): number {
  const isIn = (second: number, { from, to }: Span) => from < second && second <= to;
  const own = halts.find((halt) => isIn(deadline, halt));
  if (own === undefined) return deadline;
  let [second, left] = [own.from, deadline - own.from];
  while (left > 0) {
    second += 1;
    if (!halts.some((halt) => isIn(second, halt))) left -= 1;
  }
  return second;
}

describe('deadlines among halts', () => {
  it('end where their definition says, whichever halts come after their own, in whatever order they were recorded', () => {
    const { below } = seeded(20_261_201);
    let [tried, passedOver] = [0, 0];
    for (let history = 0; history < 300; history++) {
      let halts: readonly Span[] = [];
      for (let count = below(7); count >= 0; count--) {
        const from = below(200);
        halts = withHalt(halts, { from, to: from + 1 + below(30) });
      }
      for (let deadline = 0; deadline < 240; deadline += 3) {
        const expected = byDefinition(halts, deadline);
        const found = Number(momentAt(0n, halts).extended(BigInt(deadline)));
        expect(found, `${JSON.stringify(halts)} ${deadline}`).to.equal(expected);
        const after = halts.filter(({ from }) => from > deadline);
        if (expected > deadline && after.some(({ to }) => to < expected)) passedOver += 1;
        tried += 1;
      }
    }
    console.log(
      `      halts | seed 20261201 | ${tried} tried, ${passedOver} moved past another halt | 0 differ`,
    );
    expect(passedOver).to.be.greaterThan(100);
  });
});
