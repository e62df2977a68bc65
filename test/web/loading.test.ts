/** Units on their way to the ledger, from a page. */
import { expect } from 'chai';
import { type Loaded, untilLoaded } from '../../web/console/loading.ts';

const OF = 3;

describe('units on their way to the ledger', () => {
  const sendingTo = async (counts: readonly number[], isLookedAt = true) => {
    const shown: number[] = [];
    const waiting = counts.values();
    const send = async (): Promise<Loaded> => {
      const { value } = waiting.next();
      if (value === undefined) throw new Error('asked once more');
      return { loaded: Math.min(value, OF), of: OF, isDone: value > OF };
    };
    const ended = await untilLoaded(0, send, ({ loaded }) => shown.push(loaded) > 0 && isLookedAt);
    return [ended, shown];
  };

  it('are sent until the ledger has them all and the cycle is released', async () => {
    expect(await sendingTo([1, 3, OF + 1])).to.deep.equal(['done', [1, 3, 3]]);
  });

  it('are not sent again by themselves where a request brought nothing more', async () => {
    expect(await sendingTo([1, 1])).to.deep.equal(['stalled', [1, 1]]);
    expect(await sendingTo([0])).to.deep.equal(['stalled', [0]]);
  });

  it('are not sent on when nobody looks at the page any more', async () => {
    expect(await sendingTo([1], false)).to.deep.equal(['left', [1]]);
  });
});
