/**
 * Verify a certificate: a demonstration is over and its gateway gone; a citizen has two files. Then the gateway starts
 * again on the folder, everything is there, and a further entry makes the certificate a thing of the past.
 */

import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import type { Checkup } from '../../server/checkup.ts';
import { holdingKey } from '../../server/domain/acts/signing.ts';
import { readCertificate } from '../../server/domain/audit/certificate.ts';
import type { BAUnitId } from '../../server/domain/base/terms.ts';
import { type App, freePort } from '../gateway/app.ts';
import { consentWith, type Played, playDemo, type Reopened, reopenDemo } from '../gateway/demo.ts';
import { heldIn } from '../gateway/held.ts';
import { kudurru, NO_NETWORK } from '../gateway/kudurru.ts';
import { filesBelow } from '../server/store/folder.ts';
import { hasPython, needsPython, verifier } from '../verifier/python.ts';

const PARCELS = 4;
const PEOPLE = 6;
/** Of the title that is certified: it has had a right, a first holding, the buyer's and a mortgage. */
const [BUYER_HOLDING, NEXT_HOLDING] = [3, 6];

interface Told {
  readonly intact: { readonly verdict: string };
  readonly anchored: { readonly verdict: string; readonly finality?: string };
  readonly current: { readonly verdict: string; readonly code?: string };
}

describe('a certificate, when the demonstration is over', function () {
  this.timeout(180_000);
  let played: Played;
  let reopened: Reopened;
  let app: App;
  let rpcUrl = '';
  let baUnit: BAUnitId;

  before(() => {
    const files = {
      parcels: demoParcels({ count: PARCELS }),
      registrations: demoRegistrations({ count: PEOPLE }),
    };
    played = playDemo(files);
    ({ baUnit } = readCertificate(readFileSync(played.summary.certificate, 'utf8')));
  });
  after(async () => {
    await app?.stop();
    if (played !== undefined) rmSync(played.folder, { recursive: true, force: true });
  });

  /** Exit code and the three verdicts, with the reason of a no. */
  function verdicts(...more: string[]) {
    const { certificate, trust } = played.summary;
    const { code, stdout, stderr } = kudurru(['verify', certificate, '--trust', trust, '--json', ...more]);
    const { intact, anchored, current } = JSON.parse(stdout || '{}') as Told;
    expect(stderr).to.equal('');
    return [code, intact.verdict, anchored.verdict, current.code ?? current.verdict];
  }
  /** The same of the verifier that was written from the documents. */
  async function verdictsOfPython(...more: string[]) {
    const { certificate, trust } = played.summary;
    const { code, stdout } = await verifier(['certificate', certificate, '--trust', trust, ...more]);
    const { intact, anchored, current } = JSON.parse(stdout) as Told;
    return [code, intact.verdict, anchored.verdict, current.code ?? current.verdict];
  }
  const fsck = () => kudurru(['fsck', '--data', path.join(played.folder, 'data'), '--json']);

  it('is intact and anchored, with no gateway and no network, and nobody was asked whether it is current', () => {
    const { certificate, trust } = played.summary;
    const alone = kudurru(['verify', certificate, '--trust', trust], {
      NODE_OPTIONS: `--import ${NO_NETWORK}`,
    });
    expect([alone.code, alone.stderr]).to.deep.equal([0, '']);
    expect(alone.stdout)
      .to.match(/^INTACT/m)
      .and.to.match(/^ANCHORED/m)
      .and.to.match(/^not asked/m);
    expect(alone.stdout).to.include('SYNTHETIC BUYER');
    expect(verdicts()).to.deep.equal([0, 'yes', 'yes', 'not-asked']);
  });

  it('stands on a folder that the check finds sound, with the figures of the demonstration', () => {
    const { code, stdout } = fsck();
    expect([code, JSON.parse(stdout)]).to.deep.equal([0, played.summary.fsck]);
  });

  it('stands on a folder of which the check alters no byte', () => {
    const data = path.join(played.folder, 'data');
    const whole = () => filesBelow(data).map(({ path: file, bytes }) => [file, bytes.toString('base64')]);
    const before = whole();
    expect(fsck().code).to.equal(0);
    expect(whole()).to.deep.equal(before);
  });

  it('is of a ledger that is all there when the gateway starts again', async () => {
    const rpcPort = await freePort();
    rpcUrl = `http://127.0.0.1:${rpcPort}`;
    reopened = await reopenDemo(played.folder, { KUDURRU_RPC_PORT: String(rpcPort) });
    app = reopened.app;
    const { auditor } = reopened;
    const { titles, programme, entries } = played.summary;
    const units = await auditor.ask<{ rows: { status: string }[] }>('/titles?limit=500');
    expect(units.rows.filter(({ status }) => status === 'active')).to.have.length(titles);
    const all = await auditor.ask<{ rows: object[] }>('/entries?limit=500');
    expect(all.rows).to.have.length(entries);
    const programmes = await auditor.ask<{ rows: { programme: string; money: { isBalanced: boolean } }[] }>(
      '/programmes',
    );
    const [only] = programmes.rows;
    expect(only?.money.isBalanced).to.equal(true);
    const cycle = await auditor.ask<Record<string, unknown>>(`/programmes/${only?.programme}/cycles/1`);
    const { issuedUnits, redeemedUnits, expiredUnits, reclaimedUnits } = programme;
    const figures = { issuedUnits, redeemedUnits, expiredUnits, reclaimedUnits };
    expect(cycle).to.include({ ...figures, state: 'closed', people: programme.enrolled });
    expect(await auditor.ask<Checkup>('/checks', { method: 'POST' })).to.deep.equal(played.summary.fsck);
  });

  it('is current by the node that is running, which checks itself for whoever may read its folder', () => {
    expect(verdicts('--rpc', rpcUrl)).to.deep.equal([0, 'yes', 'yes', 'yes']);
    const { code, stdout } = fsck();
    expect([code, JSON.parse(stdout)]).to.deep.equal([0, played.summary.fsck]);
  });

  it('is judged alike by the verifier in Python, which finds the ledger sound from its node alone', async function () {
    needsPython(this);
    expect(await verdictsOfPython()).to.deep.equal([0, 'yes', 'yes', 'not-asked']);
    expect(await verdictsOfPython('--rpc', rpcUrl)).to.deep.equal([0, 'yes', 'yes', 'yes']);
    const { trust, entries } = played.summary;
    const { stdout } = await verifier(['audit', '--rpc', rpcUrl, '--trust', trust]);
    const { findings, ...told } = JSON.parse(stdout) as {
      findings: object[];
      verdict: string;
      entries: number;
    };
    expect(findings).to.deep.equal([]);
    expect([told.verdict, told.entries]).to.deep.equal(['sound', entries]);
  });

  it('is intact and anchored and no longer current once the title was sold on', async () => {
    const { land, ring, trust } = reopened;
    const place = { genesisHash: trust.genesisHash, baUnit };
    const keyOf = (holdingId: number) => holdingKey(ring.seed('holders'), { ...place, holdingId });
    const joining = {
      ...{ numerator: '1', partyKind: 'person', signer: 'own' },
      ...{
        ...heldIn(trust, baUnit, keyOf(NEXT_HOLDING), NEXT_HOLDING),
        party: { name: 'SYNTHETIC THIRD HOLDER' },
      },
    };
    const sale = { baUnit, rightId: 1, tenancy: 'sole', denominator: '1', staying: [], joining: [joining] };
    await land.record('/acts/transfers', sale, consentWith(keyOf(BUYER_HOLDING)));
    expect(verdicts('--rpc', rpcUrl)).to.deep.equal([1, 'yes', 'yes', 'state-superseded']);
    if (hasPython()) {
      const superseded = await verdictsOfPython('--rpc', rpcUrl);
      expect(superseded).to.deep.equal([1, 'yes', 'yes', 'state-superseded']);
    }
    expect(verdicts()).to.deep.equal([0, 'yes', 'yes', 'not-asked']);
  });

  it('tells a node that is gone from one that says no', async () => {
    await app.stop();
    expect(verdicts('--rpc', rpcUrl)).to.deep.equal([2, 'yes', 'yes', 'not-answered']);
    if (hasPython()) {
      const silent = await verdictsOfPython('--rpc', rpcUrl);
      expect(silent).to.deep.equal([2, 'yes', 'yes', 'not-answered']);
    }
    const { ok, entries } = JSON.parse(fsck().stdout) as Checkup;
    expect([ok, Number(entries)]).to.deep.equal([true, played.summary.entries + 1]);
  });
});
