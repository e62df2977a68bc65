/** A sale of a holder whose key is a passkey, whole: from the record of the key, over files, to what an auditor finds. */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels } from '../../../scripts/demoData.ts';
import { type Bytes32, fromHex, type Hex } from '../../../server/domain/base/hex.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../../../server/domain/land/policies.ts';
import { relyingPartyOf } from '../../../server/domain/signer/passkeyAnswer.ts';
import {
  type ActTold,
  type App,
  freePort,
  headOf,
  OFFICERS,
  type Problem,
  startApp,
} from '../../gateway/app.ts';
import { kudurru, kudurruBeside } from '../../gateway/kudurru.ts';
import { type Asked, answerBy, pointOf } from '../../scripts/browser.ts';
import { hasPython, verifier } from '../../verifier/python.ts';

const RP_ID = 'land.example';
const SELLER = fromHex(`0x${'5b'.repeat(32)}`);
const STRANGER = fromHex(`0x${'6c'.repeat(32)}`);
const KINDS = { numerator: '1', partyKind: 'person', signer: 'own' };
const WHOLE = { tenancy: 'sole', denominator: '1' };

interface Record_ {
  readonly keyHash: Bytes32;
  readonly possession: { readonly salt: Bytes32; readonly signature: Hex };
}
interface Body extends Readonly<Record<string, unknown>> {
  readonly signature: Hex;
  readonly consent: { readonly deadline: number };
}

describe('a sale by a holder whose key is a passkey', function () {
  this.timeout(300_000);
  let app: App;
  let folder: string;
  let trust: string;
  let rpc: string;

  before(async () => {
    const port = await freePort();
    rpc = `http://127.0.0.1:${port}`;
    const policy = { name: SIGNING_RELYING_PARTY_POLICY, value: BigInt(relyingPartyOf(RP_ID)) };
    app = await startApp({
      ...{ policies: [policy], verifiers: ['webauthn'] },
      env: { KUDURRU_RPC_PORT: String(port) },
    });
    folder = path.join(app.folder, 'holder');
    fs.mkdirSync(folder);
    trust = path.join(app.folder, 'holder-trust.json');
    fs.copyFileSync(path.join(app.folder, 'data', 'trust.json'), trust);
  });
  after(() => app?.remove());

  const run = (...args: string[]) => {
    const ran = kudurru(['holder', 'passkey', ...args], {}, folder);
    expect(ran.code, `${args.join(' ')}: ${ran.stderr}${ran.stdout}`).to.equal(0);
    return ran;
  };
  const json = <T>(name: string) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as T;
  /** A page of the office asks the passkey; its answer becomes what the office takes. */
  const answered = <T>(request: string, out: string, by = SELLER): T => {
    fs.writeFileSync(path.join(folder, 'answer.json'), JSON.stringify(answerBy(by, json<Asked>(request))));
    run('take', request, '--answered', 'answer.json', '--out', out);
    return json<T>(out);
  };
  /** Whose passkey, for the holding that she will have. */
  const recordOf = (unit: string, holding: number, secret: Uint8Array, name: string): Record_ => {
    const of = ['--trust', trust, '--rp-id', RP_ID, '--unit', unit, '--holding', String(holding)];
    run('register', ...of, '--key', pointOf(secret), '--out', `${name}.ask.json`);
    return answered<Record_>(`${name}.ask.json`, `${name}.json`, secret);
  };

  it('is shown, consented to in a file, recorded, and found signed by her by both auditors', async () => {
    const token = await app.token('registrar', 1);
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<{ recorded: { baUnit: string }[] }>('PUT', '/parcels?office=1', {
      token,
      file,
    });
    const unit = survey.body.recorded[0]?.baUnit ?? '';
    const seller = recordOf(unit, 2, SELLER, 'seller');
    await app.act('registrar', '/acts/registrations', {
      titles: [
        {
          ...{ baUnit: unit, origin: 'legacy', evidence: 'public-document' },
          right: {
            ...{ kind: 'ownership', standing: 'absolute', ...WHOLE },
            holders: [
              {
                ...KINDS,
                keyHash: seller.keyHash,
                possession: seller.possession,
                party: { name: 'Mara Example' },
              },
            ],
          },
        },
      ],
    });
    const buyer = recordOf(unit, 3, STRANGER, 'buyer');
    const sale = {
      ...{ baUnit: unit, rightId: 1, ...WHOLE, staying: [] },
      joining: [
        { ...KINDS, keyHash: buyer.keyHash, possession: buyer.possession, party: { name: 'Noor Example' } },
      ],
    };
    const prepared = await app.ask<ActTold>('POST', '/acts/transfers', {
      token,
      body: { head: headOf(OFFICERS.preparer), ...sale },
    });
    expect(prepared.status, prepared.text).to.equal(201);
    expect(prepared.body.missing).to.include('consent-0');
    fs.writeFileSync(path.join(folder, 'sale.json'), prepared.text);

    const of = ['sale.json', '--record', 'seller.json', '--trust', trust, '--rp-id', RP_ID, '--yes'];
    const shown = run('consent', ...of, '--out', 'sale.ask.json');
    expect(shown.stderr).to.include('from "Mara Example" to "Noor Example"');
    const body = answered<Body>('sale.ask.json', 'sale.consent.json');

    const hand = async (given: object) =>
      (await app.ask<Problem>('POST', `/acts/${prepared.body.id}/signatures`, { token, body: given })).body
        .code;
    // Same act, another part of the consent: each is refused, and the act goes on waiting.
    const other = (part: object) => ({ ...body, consent: { ...body.consent, ...part } });
    const codes = [
      await hand(other({ deadline: body.consent.deadline + 1 })),
      await hand(other({ key: pointOf(STRANGER) })),
      await hand(other({ kind: 'p256' })),
      await hand(other({ salt: buyer.possession.salt })),
    ];
    expect(codes).to.deep.equal([...Array(4).fill('signature-not-by-key')]);
    const swapped = Buffer.from(fromHex(body.signature));
    swapped[20] = 255 - (swapped[20] ?? 0);
    expect(await hand({ ...body, signature: `0x${swapped.toString('hex')}` })).to.equal(
      'signature-not-by-key',
    );
    expect(await hand(body)).to.equal(undefined);

    const signed = await app.sign('registrar', prepared.body, [OFFICERS.preparer, OFFICERS.approver]);
    expect(signed.operation.isFinal).to.equal(true);
    interface Title {
      readonly state: {
        readonly rights: readonly { readonly holdings: readonly { readonly keyHash: string }[] }[];
      };
    }
    const title = (await app.ask<Title>('GET', `/titles/${unit}`, { token })).body;
    expect(
      title.state.rights.flatMap(({ holdings }) => holdings.map(({ keyHash }) => keyHash)),
    ).to.deep.equal([buyer.keyHash]);

    const audit = await kudurruBeside(['audit', '--rpc', rpc, '--trust', trust, '--json']);
    expect(audit.code, audit.stdout + audit.stderr).to.equal(0);
    const told = JSON.parse(audit.stdout);
    expect(told.verdicts).to.deep.equal([]);
    if (!hasPython()) return;
    const { code, stdout } = await verifier(['audit', '--rpc', rpc, '--trust', trust]);
    const theirs = JSON.parse(stdout);
    expect([code, theirs.findings, theirs.signatures.ofConsents]).to.deep.equal([0, [], 1]);
    expect(theirs.signatures.notShown).to.equal(0);
  });
});
