/** Work that is the same for everybody is done once, for as long as somebody waits. */
import { expect } from 'chai';
import { sharedWork } from '../../server/desk/sharedWork.ts';
import { Refusal } from '../../server/domain/base/refusal.ts';

/** Each time it is begun it waits to be ended, or to be told what to answer. */
function counted() {
  const begun: { readonly signal: AbortSignal; answer(text: string): void }[] = [];
  let [underWay, most] = [0, 0];
  const shared = sharedWork<string>(async (signal) => {
    most = Math.max(most, ++underWay);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => setImmediate(reject, signal.reason));
    begun.push({ signal, answer: resolve });
    return promise.finally(() => {
      underWay--;
    });
  });
  return { shared, begun, most: () => most, underWay: () => underWay };
}

const outcome = (asked: Promise<string>) =>
  asked.catch((error: unknown) => (error instanceof Refusal ? error.code : 'gone'));
const turns = () => new Promise((resolve) => setTimeout(resolve, 5));

describe('shared work', () => {
  it('is done once for all who ask while it goes on, and again for who asks later', async () => {
    const { shared, begun, most } = counted();
    const asked = Array.from({ length: 40 }, () => shared.ask(new AbortController().signal));
    begun[0]?.answer('first');
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(['first']));
    const later = shared.ask(new AbortController().signal);
    begun[1]?.answer('second');
    expect([await later, begun.length, most()]).to.deep.equal(['second', 2, 1]);
  });

  it('goes on while one waits, ends with the last who hangs up, and what is asked then waits for its end', async () => {
    const { shared, begun, most } = counted();
    const callers = Array.from({ length: 40 }, () => new AbortController());
    const asked = callers.map(({ signal }) => outcome(shared.ask(signal)));
    for (const caller of callers.slice(1)) caller.abort();
    await Promise.all(asked.slice(1));
    expect(begun[0]?.signal.aborted).to.equal(false);
    callers[0]?.abort();
    expect(await asked[0]).to.equal('gone');
    expect(begun[0]?.signal.aborted).to.equal(true);
    const late = new AbortController();
    const [left, stays] = [
      outcome(shared.ask(late.signal)),
      outcome(shared.ask(new AbortController().signal)),
    ];
    late.abort();
    expect(await left).to.equal('gone');
    await turns();
    begun[1]?.answer('anew');
    expect([await stays, begun.length, most()]).to.deep.equal(['anew', 2, 1]);
  });

  it('that is closed tells who waits and who comes, and is over then', async () => {
    const { shared, begun, underWay } = counted();
    const asked = [1, 2].map(() => outcome(shared.ask(new AbortController().signal)));
    await shared.close();
    expect(underWay()).to.equal(0);
    expect(await Promise.all(asked)).to.deep.equal(['gateway-stopping', 'gateway-stopping']);
    expect(await outcome(shared.ask(new AbortController().signal))).to.equal('gateway-stopping');
    expect(begun).to.have.length(1);
  });
});
