/** `kudurru holder passkey`: what a passkey is asked in a file, and its answer as the office hands it in. */
import fs from 'node:fs';
import { expect } from 'chai';
import { digestOf } from '../../server/domain/acts/typedData.ts';
import { isSignedByPoint } from '../../server/domain/audit/officerSignature.ts';
import { type Bytes32, fromHex, type Hex } from '../../server/domain/base/hex.ts';
import { isHeldByHolder } from '../../server/domain/people/heldKeys.ts';
import { readActFile } from '../../server/domain/signer/actFile.ts';
import { relyingPartyOf } from '../../server/domain/signer/passkeyAnswer.ts';
import { type Asked, answerBy, PRESENT, pointOf } from './browser.ts';
import { requireDescribed } from './described.ts';
import { HolderFolder, LEDGER, UNIT } from './holderFolder.ts';

const RP_ID = 'land.example';
const SECRET = fromHex(`0x${'5b'.repeat(32)}`);
const KEY = pointOf(SECRET);
const answerTo = (asked: Asked, flags?: number) => answerBy(SECRET, asked, flags);

describe('kudurru holder passkey', function () {
  this.timeout(240_000);
  let at: HolderFolder;
  before(() => {
    at = new HolderFolder();
  });
  after(() => at.remove());

  const asking = ['--trust', 'trust.json', '--rp-id', RP_ID];
  const take = (request: string, out: string, answered: object) => {
    fs.writeFileSync(at.file('answered.json'), JSON.stringify(answered));
    return at.holder('passkey', 'take', request, '--answered', 'answered.json', '--out', out);
  };

  it('makes a record that proves its key, and the consent of it for an act that was shown', () => {
    const place = ['--unit', UNIT, '--holding', '2', '--key', KEY];
    const asked = at.holder('passkey', 'register', ...asking, ...place, '--out', 'register.json');
    expect(asked.code, asked.stderr).to.equal(0);
    const request = at.json<Asked>('register.json');
    expect(request.publicKey).to.deep.include({ rpId: RP_ID, userVerification: 'required' });
    expect(take('register.json', 'record.json', answerTo(request)).code).to.equal(0);
    requireDescribed({ ...request, body: '' });
    requireDescribed(at.json('record.json'));
    const { keyHash, possession } = at.json<{ keyHash: Bytes32; possession: never }>('record.json');
    const named = { baUnit: UNIT, keyHash };
    expect(isHeldByHolder(LEDGER, named, possession, relyingPartyOf(RP_ID))).to.equal(true);
    expect(isHeldByHolder(LEDGER, named, possession, relyingPartyOf('other.example'))).to.equal(false);

    at.writeSale('sale.json', keyHash);
    const of = ['sale.json', '--record', 'record.json', ...asking, '--out', 'ask.json'];
    expect(at.holder('passkey', 'consent', ...of).code, 'without a terminal').to.equal(2);
    expect(fs.existsSync(at.file('ask.json'))).to.equal(false);
    const shown = at.holder('passkey', 'consent', ...of, '--yes');
    expect([shown.code, shown.stderr.includes('had the whole and has nothing then')]).to.deep.equal([
      0,
      true,
    ]);
    const consent = at.json<Asked>('ask.json');
    expect(take('ask.json', 'consent.json', answerTo(consent)).code).to.equal(0);
    interface Body {
      readonly part: string;
      readonly place: number;
      readonly signature: Hex;
      readonly consent: { readonly deadline: number; readonly kind: string; readonly key: Hex };
    }
    const body = at.json<Body>('consent.json');
    expect([body.part, body.place, body.consent.kind, body.consent.key]).to.deep.equal([
      ...['consent', 0, 'webauthn', KEY],
    ]);
    const [due] = readActFile(at.text('sale.json')).consents;
    if (due === undefined) throw new Error('nobody is asked');
    const deadline = BigInt(body.consent.deadline);
    const digest = digestOf({ ...due, message: { ...due.message, deadline } });
    const proof = fromHex(body.signature);
    const isSigned = isSignedByPoint('webauthn', fromHex(KEY), digest, proof, relyingPartyOf(RP_ID));
    expect(isSigned).to.equal(true);
  });

  it('takes no answer to another request, of another relying party, or without its user verified', () => {
    const request = at.json<Asked>('ask.json');
    const { publicKey } = request;
    const bad: readonly (readonly [string, object])[] = [
      ['another challenge', answerTo(at.json<Asked>('register.json'))],
      ['another party', answerTo({ publicKey: { ...publicKey, rpId: 'other.example' } })],
      ['a user who was not verified', answerTo(request, PRESENT)],
      ['no answer', { response: {} }],
      [
        'no signature',
        { response: { ...(answerTo(request) as { response: object }).response, signature: 'AAAA' } },
      ],
    ];
    for (const [what, answered] of bad) {
      const ran = take('ask.json', 'bad.json', answered);
      expect([ran.code, fs.existsSync(at.file('bad.json'))], what).to.deep.equal([2, false]);
    }
    const changed = { ...at.json<object>('ask.json'), digest: `0x${'11'.repeat(32)}` };
    fs.writeFileSync(at.file('changed.json'), JSON.stringify(changed));
    expect(take('changed.json', 'bad.json', answerTo(request)).code, 'a request that was changed').to.equal(
      2,
    );
  });

  it('asks for no consent that is of another key, or that is on another ledger', () => {
    at.writeSale('other.json', `0x${'33'.repeat(32)}` as Bytes32);
    const of = ['--record', 'record.json', '--rp-id', RP_ID, '--yes', '--out', 'none.json', '--json'];
    const other = at.holder('passkey', 'consent', 'other.json', '--trust', 'trust.json', ...of);
    expect(JSON.parse(other.stdout).code).to.equal('consent-of-another-key');
    const elsewhere = at.holder('passkey', 'consent', 'sale.json', '--trust', 'elsewhere.json', ...of);
    expect(JSON.parse(elsewhere.stdout).code).to.equal('act-of-another-ledger');
  });
});
