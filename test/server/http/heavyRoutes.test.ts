/** A route that reads much has its turn at the gateway, and not in the rule of it alone. */
import { expect } from 'chai';
import { type App, startApp } from '../../gateway/app.ts';

/** More than are read and wait of one caller. */
const AT_ONCE = 600;

describe('heavy reads of one caller at a gateway', function () {
  this.timeout(120_000);
  let app: App;
  before(async () => {
    app = await startApp();
  });
  after(() => app?.remove());

  it('wait in a line that is bounded, beside which light ones go', async () => {
    const token = await app.token('auditor', 0);
    const heavy = Array.from({ length: AT_ONCE }, () => app.ask('GET', '/entries?limit=500', { token }));
    const light = await app.ask('GET', '/ledger', { token });
    const answers = await Promise.all(heavy);
    expect(light.status).to.equal(200);
    const told = new Set(answers.map(({ status, body }) => `${status} ${body.code ?? ''}`));
    expect([...told].sort()).to.deep.equal(['200 ', '429 reads-waiting']);
  });
});
