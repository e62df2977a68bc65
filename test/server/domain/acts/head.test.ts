/** When an act takes effect: by one rule, whatever it states. */
import { expect } from 'chai';
import { effectOf, MOST_FUTURE_EFFECT_SECONDS } from '../../../../server/domain/acts/head.ts';

describe('the effect of an act', () => {
  const recordedAt = 1_800_000_000n;
  const since = recordedAt - 1_000n;

  it('is what it states within its bounds, and else the bound', () => {
    const latest = recordedAt + MOST_FUTURE_EFFECT_SECONDS;
    for (const [stated, from, effect] of [
      [undefined, since, recordedAt],
      [0n, since, recordedAt],
      [recordedAt - 5n, since, recordedAt - 5n],
      [since, since, since],
      [since - 1n, since, since],
      [1n, 0n, 1n],
      [latest, since, latest],
      [latest + 1n, since, latest],
      [2n ** 64n - 1n, since, latest],
      [0n, recordedAt + 5n, recordedAt + 5n],
    ] as const) {
      expect(effectOf(stated, { recordedAt, since: from }), `${stated} since ${from}`).to.equal(effect);
    }
  });
});
