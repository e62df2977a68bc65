/** What no event shows is read from direct calls and checked, or counted: orders of one officer, tills and cards. */
import { expect } from 'chai';
import type { EventBlock, ShownCall } from '../../../../server/domain/acts/events.ts';
import { notShownVerdict } from '../../../../server/domain/audit/replaySignatures.ts';
import type { Bytes32, Hex } from '../../../../server/domain/base/hex.ts';
import { readResults, resultWord } from '../../../../server/domain/benefits/redemption.ts';
import { bentBy, replayed, withArgs } from '../../../chain/bent.ts';
import { playPower } from '../../../chain/powerScenes.ts';
import { resealed } from '../../../chain/resealed.ts';
import { playBenefits } from '../../../chain/scenes.ts';
import { named } from '../../../chain/signing.ts';
import { foundWorld, OFFICERS } from '../../../chain/world.ts';
import { removeTemporaryFolders, temporaryFolder } from '../../store/folder.ts';

function foundersOf(blocks: readonly EventBlock[]): number {
  const events = blocks.flatMap((block) => block.events);
  return events.reduce(
    (sum, event) => sum + (event.name === 'ConsortiumFounded' ? event.args.founding.officers.length : 0),
    0,
  );
}

describe('signatures that no event shows', function () {
  this.timeout(240_000);
  let blocks: readonly EventBlock[];
  let chainId: bigint;

  before(async () => {
    const world = await foundWorld({ folder: temporaryFolder() });
    await playBenefits(world, BigInt(Math.floor(Date.now() / 1000)));
    await playPower(world);
    blocks = await world.shownBlocks();
    ({ chainId } = world.chain.genesis);
    await world.close();
    removeTemporaryFolders();
  });

  const said = (history: readonly EventBlock[]) => [
    ...new Set(replayed(chainId, history).findings.map(({ what }) => what)),
  ];
  const refusing = (code: string) => `An act was recorded that the ledger refuses: ${code}.`;
  const hidden = () =>
    blocks.map(({ cursor, timestampSeconds, events }) => ({ cursor, timestampSeconds, events }));

  /** The nth call of a method with other arguments. */
  function shownAs(method: string, nth: number, change: (args: ShownCall['args']) => object): EventBlock[] {
    let left = nth;
    return blocks.map((block) => {
      const shown = new Map<Bytes32, ShownCall>();
      for (const [hash, call] of block.shown ?? []) {
        const isIt = call.method === method && left-- === 0;
        shown.set(hash, isIt ? { ...call, args: { ...call.args, ...change(call.args) } } : call);
      }
      return { ...block, shown };
    });
  }

  it('are all checked where they came straight, and counted where they did not', () => {
    const whole = replayed(chainId, blocks);
    expect(whole.findings).to.deep.equal([]);
    expect(whole.signatures.notShown).to.equal(0);
    const part = replayed(chainId, hidden());
    expect(part.findings).to.deep.equal([]);
    // A suspension, a resignation, a pause, two tills, and the sales: two were made of the first batch and two of the second.
    // Two votes; the two keys of each officer of the founding and of one who came, and the one that took another's place.
    const due = 9 + 2 + 2 * foundersOf(blocks) + 3;
    expect(part.signatures.notShown).to.equal(due);
    expect(part.signatures.checked).to.equal(whole.signatures.checked - due);
    expect(notShownVerdict(part.signatures)).to.equal(`signature-not-shown: ${due}`);
  });

  it('are of the officer who ordered', () => {
    const UNSIGNED = 'An officer did not sign the order that was recorded.';
    const other = `0x${'11'.repeat(64)}` as Hex;
    for (const method of ['resign', 'suspendOfficer', 'pause']) {
      expect(said(shownAs(method, 0, () => ({ signature: other }))), method).to.deep.equal([UNSIGNED]);
    }
    const case_ = { caseReference: named('another case') };
    for (const method of ['resign', 'suspendOfficer', 'pause']) {
      const bent = shownAs(method, 0, ({ order }) => ({ order: { ...(order as object), ...case_ } }));
      expect(said(bent), method).to.deep.equal([UNSIGNED]);
    }
  });

  it('are of the till and of each card', () => {
    const other = `0x${'11'.repeat(64)}` as Hex;
    expect(said(shownAs('redeem', 0, () => ({ tillSignature: other })))).to.deep.equal([
      refusing('till-signature-invalid'),
    ]);
    const late = shownAs('redeem', 0, ({ batch }) => ({ batch: { ...(batch as object), deadline: 1n } }));
    expect(said(late)).to.include(refusing('redemption-batch-expired'));
    const foreign = shownAs('redeem', 0, ({ items }) => ({ items: (items as Hex[]).with(2, named('r')) }));
    expect(said(foreign)).to.deep.equal(['A batch is not the one that was posted.']);
    for (const change of [
      { till: 2 },
      { cycle: 9 },
      { programme: named('p') },
      { vendor: named('v') },
      { count: 1 },
    ]) {
      const bent = shownAs('redeem', 1, ({ batch }) => ({ batch: { ...(batch as object), ...change } }));
      expect(said(bent), Object.keys(change).join()).to.deep.equal([
        'A batch is not the one that was posted.',
      ]);
    }
  });

  it('lead to the outcome that is recorded', () => {
    const results = (
      nth: number,
      change: (item: ReturnType<typeof readResults>[number], i: number) => object,
    ) =>
      resealed(
        bentBy(blocks, 'BatchRedeemed', nth, (event) => {
          const items = readResults(event.args.results).map((item, i) => ({ ...item, ...change(item, i) }));
          return withArgs(event, { results: items.map(resultWord) });
        }),
        { chainId, officers: OFFICERS },
      );
    const skipped = results(0, (_, i) => (i === 0 ? { outcome: 'item-signature-invalid' } : {}));
    expect(said(skipped)).to.include('A sale was skipped for a reason that does not hold.');
    const paid = results(0, ({ outcome }) => (outcome === 'redeemed' ? {} : { outcome: 'redeemed' }));
    expect(said(paid).join()).to.match(/item-units-exceed-remaining|item-units-out-of-range/);
    const renamed = results(1, () => ({ index: 10 }));
    expect(said(renamed)).to.include('A result is of another item than was posted.');
    const reasons = results(0, ({ outcome }) => (outcome === 'redeemed' ? {} : { outcome: 'card-missing' }));
    expect(said(reasons).length).to.be.above(0);
  });
});
