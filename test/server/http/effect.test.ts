/** From when a title has effect: said in a certificate's hashed header, compared by whoever verifies it, the same everywhere. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import { verifyCertificate } from '../../../server/domain/audit/verifyCertificate.ts';
import { type App, freePort, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import { kudurru } from '../../gateway/kudurru.ts';
import { prepareTransfer, registerUnits, sendPart } from '../../gateway/transfers.ts';

const DAY_SECONDS = 86_400;

describe('the day from which a title has effect', function () {
  this.timeout(240_000);
  let app: App;
  let rpcPort: number;
  let unit: string;
  const nowSeconds = () => Math.floor(Date.now() / 1000);
  before(async () => {
    rpcPort = await freePort();
    app = await startApp({ env: { KUDURRU_RPC_PORT: String(rpcPort) } });
    [unit = ''] = await registerUnits(app, 1);
  });
  after(() => app?.remove());

  const certificate = async () => {
    const token = await app.token('registrar', 1);
    const headers = { 'X-Case-Reference': 'CASE-1' };
    return (await app.ask('GET', `/titles/${unit}/certificate`, { token, headers })).text;
  };
  const verified = (text: string) => {
    const { intact, anchored } = verifyCertificate(app.trust(), readCertificate(text));
    expect(intact.verdict).to.equal('yes');
    return anchored;
  };

  it('is a field of the certificate, and a verifier says whether it has come', async () => {
    const before = verified(await certificate());
    expect(before).to.include({ verdict: 'yes', isInEffect: true });
    const effectiveOn = nowSeconds() + DAY_SECONDS;
    const transfer = await prepareTransfer(app, unit, { ...headOf(OFFICERS.preparer), effectiveOn });
    await sendPart(app, 'consent', transfer);
    await app.sign('registrar', transfer.act, [OFFICERS.preparer, OFFICERS.approver]);
    const text = await certificate();
    expect(verified(text)).to.include({ verdict: 'yes', effectiveOn, isInEffect: false });
    const title = await app.ask<{ effectiveOn: string }>('GET', `/titles/${unit}`, {
      token: await app.token('registrar', 1),
    });
    expect(title.body.effectiveOn).to.equal(String(effectiveOn));

    const file = path.join(app.folder, 'certificate.json');
    writeFileSync(file, text);
    const trust = path.join(app.folder, 'data', 'trust.json');
    const rpc = `http://127.0.0.1:${rpcPort}`;
    const { code, stdout } = kudurru(['verify', file, '--trust', trust, '--rpc', rpc, '--json']);
    expect(code, stdout).to.equal(0);
    const { anchored, current } = JSON.parse(stdout);
    expect([anchored.isInEffect, anchored.effectiveOn]).to.deep.equal([false, effectiveOn]);
    expect(current).to.include({ verdict: 'yes', isInEffect: false });
    expect(kudurru(['verify', file, '--trust', trust, '--rpc', rpc]).stdout).to.match(/NOT YET IN EFFECT/);

    const earlier = text.replace(`"effectiveOn":"${effectiveOn}"`, `"effectiveOn":"${nowSeconds()}"`);
    expect(earlier).not.to.equal(text);
    const forged = verified(earlier);
    expect(forged.verdict === 'no' && forged.code).to.equal('certificate-state-differs');
  });
});
