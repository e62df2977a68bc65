/** What halts do to deadlines, in Python as in the gateway. */
import { expect } from 'chai';
import { momentAt, withHalt } from '../../server/domain/power/halts.ts';
import { seeded } from '../seeded.ts';
import { inPython, needsPython } from './python.ts';

const SCRIPT = `
import json, sys
from kudurru_verifier.times import extended, with_halt
for spans, deadline in json.load(sys.stdin):
    halts = []
    for start, end in spans:
        halts = with_halt(halts, start, end)
    print(extended(halts, deadline))
`;

describe('deadlines among halts, in Python', () => {
  it('are those of the gateway, past halts that come after their own too', async function () {
    needsPython(this);
    const { below } = seeded(20_261_202);
    const cases = Array.from({ length: 5_000 }, () => {
      const spans = Array.from({ length: 1 + below(7) }, () => {
        const from = below(200);
        return [from, from + 1 + below(30)] as const;
      });
      return [spans, below(240)] as const;
    });
    const expected = cases.map(([spans, deadline]) => {
      const halts = spans.reduce<Parameters<typeof withHalt>[0]>(
        (before, [from, to]) => withHalt(before, { from, to }),
        [],
      );
      return Number(momentAt(0n, halts).extended(BigInt(deadline)));
    });
    const found = await inPython(SCRIPT, JSON.stringify(cases));
    expect(found.trimEnd().split('\n').map(Number)).to.deep.equal(expected);
    expect(expected.filter((end, i) => end !== cases[i]?.[1]).length).to.be.greaterThan(1_000);
  });
});
