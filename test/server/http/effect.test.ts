/** From when a title has effect: said in a certificate's hashed header, compared by whoever verifies it, the same everywhere. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { readCertificate } from '../../../server/domain/audit/certificate.ts';
import { verifyCertificate } from '../../../server/domain/audit/verifyCertificate.ts';
import { instantOf } from '../../../server/domain/base/dates.ts';
import { type App, freePort, headOf, OFFICERS, startApp } from '../../gateway/app.ts';
import { kudurru, kudurruBeside } from '../../gateway/kudurru.ts';
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

  it('is in a certificate that auditors fetch, with the ground and nothing of a person', async () => {
    const token = await app.token('registrar', 1);
    const told = await app.ask('GET', `/titles/${unit}/certificate`, {
      ...{ token, headers: { 'X-Case-Reference': 'CASE-2' } },
    });
    const named = readCertificate(told.text);
    const personal = named.facts.filter(({ of }) => of.startsWith('holding/'));
    expect(personal).not.to.have.length(0);
    const auditor = await app.token('auditor', 2);
    const out = path.join(app.folder, 'open.json');
    const asking = ['desk', 'certificate', unit, '--gateway', app.url, '--token', auditor, '--out', out];
    expect((await kudurruBeside(asking)).code).to.equal(0);
    const text = readFileSync(out, 'utf8');
    const open = readCertificate(text);
    expect(verified(text).verdict).to.equal('yes');
    expect(open.facts.map(({ of }) => of.split('/')[0])).to.include.members(['unit', 'spatial-unit']);
    expect(open.facts.filter(({ of }) => !/^(?:unit$|spatial-unit\/)/.test(of))).to.deep.equal([]);
    let tried = 0;
    for (const needle of personal.flatMap(({ value, salt }) => [value, salt.slice(2)])) {
      tried++;
      expect(told.text).to.include(needle);
      expect(text, 'a datum of a person').not.to.include(needle);
    }
    expect(tried).to.be.greaterThan(1);
    const refused = await app.ask('GET', `/titles/${unit}/certificate`, { token: auditor });
    expect(refused.status).to.equal(403);
    expect((await app.ask('GET', `/titles/${unit}/open-certificate`, { token })).status).to.equal(403);
    const { body } = await app.ask<{ code: string }>('GET', `/titles/0x${'77'.repeat(32)}/open-certificate`, {
      token: auditor,
    });
    expect(body.code).to.equal('ba-unit-missing');
  });

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
    expect(title.body.effectiveOn).to.equal(instantOf(BigInt(effectiveOn)));

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
