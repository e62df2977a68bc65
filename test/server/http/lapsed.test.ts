/** What lapsed while nothing was written: nobody is told that it still stands. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { titleInWords } from '../../../scripts/verify/titleWords.ts';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import { ZERO_32 } from '../../../server/domain/base/hex.ts';
import { Aid } from '../../aid/aid.ts';
import { named } from '../../chain/signing.ts';
import { type App, startApp } from '../../gateway/app.ts';
import { registerUnits } from '../../gateway/transfers.ts';

interface Listed {
  readonly rows: readonly { readonly baUnit: string; readonly restrictions: readonly unknown[] }[];
}

describe('what lapsed on a quiet ledger', function () {
  this.timeout(120_000);
  let app: App;
  let aid: Aid;
  let unit: string;
  before(async () => {
    app = await startApp();
    [unit = ''] = await registerUnits(app, 1);
    aid = new Aid(app, 'lapsed');
    await aid.define();
  });
  after(() => app?.remove());

  it('is told as over, a caution and a pause, though nobody writes to the ledger', async () => {
    const soon = Math.floor(Date.now() / 1000) + 8;
    const caution = {
      ...{
        kind: 'caution',
        baUnits: [unit],
        targetRight: 1,
        rank: 0,
        instrumentId: named('a claim that lapses'),
      },
      ...{ holderKeyHash: ZERO_32, blocks: ['transfer'], needsConsent: [] },
      ...{ terms: [{ path: 'reason', value: 'a claim' }], expiresOn: soon },
    };
    await app.act('registrar', '/acts/restrictions', caution);
    await aid.act('/acts/pauses', { programme: aid.programme, pausedUntil: soon });
    const told = async () => {
      const search = { token: await app.token('registrar', 1) };
      const { rows } = (await app.ask<Listed>('GET', '/titles/search?office=1', search)).body;
      const { body } = await aid.ask<{ isPaused: boolean }>('GET', aid.path);
      const lying = rows.find(({ baUnit }) => baUnit === unit)?.restrictions.length;
      const title = await app.ask<{ lapsed: { restrictions: readonly number[] } }>(
        'GET',
        `/titles/${unit}`,
        search,
      );
      return [lying, body.isPaused, await verified(), title.body.lapsed.restrictions.length];
    };
    const verified = async () => {
      const headers = { 'X-Case-Reference': 'CASE-9' };
      const token = await app.token('registrar', 1);
      const { text } = await app.ask('GET', `/titles/${unit}/certificate`, { token, headers });
      return titleInWords(readCertificate(text)).filter((line) => /until .*PAST/.test(line)).length;
    };
    const [lying, ...rest] = await told();
    expect(rest).to.deep.equal([true, 0, 0]);
    while (Date.now() < (soon + 2) * 1_000) await delay(200);
    expect(await told()).to.deep.equal([Number(lying) - 1, false, 1, 1]);
  });
});
