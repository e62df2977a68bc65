/** A till's batch that is sent twice at once: whichever transaction pays, both requests are told what was paid. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { Aid, CYCLE } from '../../aid/aid.ts';
import { type App, startApp } from '../../gateway/app.ts';
import { kudurruBeside } from '../../gateway/kudurru.ts';

const PEOPLE = 6;
const UNITS = 9;

interface SoldTold {
  readonly isFinal: boolean;
  readonly batches: readonly { readonly items: readonly { readonly outcome: string }[] }[];
  readonly code?: string;
}

describe('a batch of sales that is sent twice at once', function () {
  this.timeout(180_000);
  let app: App;
  let aid: Aid;
  before(async () => {
    app = await startApp();
    aid = new Aid(app, 'sold twice', ['sold twice']);
    await aid.begin(PEOPLE, UNITS);
  });
  after(() => app?.remove());

  it('is told as paid under either key, and paid once', async () => {
    const [shop] = aid.vendors;
    if (shop === undefined) throw new Error('a shop');
    let overtaken = 0;
    for (const { index } of aid.places) {
      const batch = aid.batchOf(shop, [{ index, units: 2, remainingBefore: UNITS }]);
      const keys = [randomUUID(), randomUUID()];
      const both = await Promise.all(keys.map((key) => aid.sell<SoldTold>(batch, key)));
      const accepted = both.filter(({ body }) => body.code === undefined);
      overtaken += Number(accepted.length === 2);
      for (const { body, text } of accepted) {
        expect(body.isFinal, text).to.equal(true);
        expect(
          body.batches.map(({ items }) => items.map(({ outcome }) => outcome)),
          text,
        ).to.deep.equal([['redeemed']]);
      }
    }
    console.log(`      batches sent twice at once | ${PEOPLE} tried | ${overtaken} taken under both keys`);
    expect(overtaken).to.be.greaterThan(0);
    const { body } = await aid.ask<{ rows: { creditedMinor: string }[] }>('GET', `/vendors/${shop}/account`);
    expect(body.rows.map(({ creditedMinor }) => creditedMinor)).to.deep.equal([String(PEOPLE * 2 * 10)]);
  });

  it('is found by its cycle, page by page, on the command line', async () => {
    const by = ['--gateway', app.url, '--token', await app.token('agency', 1)];
    const find = async (...args: string[]) => {
      const ran = await kudurruBeside(['find', ...args, ...by]);
      expect(ran.code, ran.stderr).to.equal(0);
      return ran.stdout;
    };
    const ofCycle = ['redemptions', '--programme', aid.programme, '--cycle', String(CYCLE), '--limit', '4'];
    const first = await find(...ofCycle);
    const ids = (page: string) => page.match(/^0x[0-9a-f]{64}$/gm) ?? [];
    expect(first).to.match(/: 2 units of cycle 1 at till 1 of 0x\w+\.\.\.\w+; 1 item counted, 0 did not\n/);
    const [, after = ''] = /4 here\.\nNext page: --after (\S+)/.exec(first) ?? [];
    const second = await find(...ofCycle, '--after', after);
    expect(new Set([...ids(first), ...ids(second)]).size).to.be.at.least(PEOPLE);
    expect(await find('account', aid.vendors[0] ?? '')).to.match(/ earned: .* paid, .*\n1 cycle\.\n$/);
    expect((await kudurruBeside(['find', 'redemptions', '--cycle', '1', ...by])).code).to.equal(2);
  });
});
