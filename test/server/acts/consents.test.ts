/** A consent of each kind of key, judged when it is handed in as the register would: noise takes nobody's place. */
import { p256 } from '@noble/curves/nist.js';
import { expect } from 'chai';
import { keyHashOf, signCompact } from '../../../server/domain/acts/signing.ts';
import { digestOf } from '../../../server/domain/acts/typedData.ts';
import {
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../server/domain/base/hex.ts';
import type { BAUnitId, KeyKind } from '../../../server/domain/base/terms.ts';
import { SIGNING_RELYING_PARTY_POLICY } from '../../../server/domain/land/policies.ts';
import { heldByHolder } from '../../../server/domain/people/heldKeys.ts';
import { readActFile } from '../../../server/domain/signer/actFile.ts';
import { assertion, passkeyOf, RELYING_PARTY } from '../../campaign/passkeys.ts';
import { named } from '../../chain/signing.ts';
import { type ActTold, type App, type Problem, startApp } from '../../gateway/app.ts';
import { inHours } from '../../gateway/members.ts';
import {
  HOLDER_KEY,
  HOLDER_SALT,
  holder,
  prepareTransfer,
  registerUnits,
  sendPart,
  type Transfer,
} from '../../gateway/transfers.ts';

const SALT = named('salt of a holder of another kind') as Bytes32;
const key = passkeyOf('a holder of land', 'p256', ZERO_ADDRESS);
const point = toHex(key.point);
const stranger = passkeyOf('nobody here', 'p256', ZERO_ADDRESS);

type SignedKind = Exclude<KeyKind, 'unspecified'>;
const KINDS: readonly SignedKind[] = ['secp256k1', 'p256', 'webauthn'];

/** What the holder's key of a kind makes of a digest. */
function signed(kind: SignedKind, digest: Bytes32, by = key): Hex {
  if (kind === 'secp256k1') return signCompact(digest, HOLDER_KEY);
  if (kind === 'webauthn') return toHex(assertion(by, fromHex(digest)));
  return toHex(p256.sign(fromHex(digest), by.privateKey, { prehash: false, lowS: true }));
}

const holderOf = (kind: SignedKind) => (app: App, baUnit: string, holdingId?: number) => {
  const plain = holder(app, baUnit, holdingId);
  if (kind === 'secp256k1') return plain;
  const keyHash = keyHashOf(SALT, kind, point);
  const digest = digestOf(heldByHolder(app.trust(), { baUnit: baUnit as BAUnitId, keyHash }));
  const shown =
    kind === 'webauthn'
      ? { signature: signed(kind, digest), passkey: point }
      : { signature: `${signed(kind, digest)}${point.slice(2)}` };
  return { ...plain, keyHash, possession: { ...plain.possession, salt: SALT, ...shown } };
};

describe('a consent that is handed in', function () {
  this.timeout(300_000);
  let app: App;
  const units = new Map<SignedKind, string>();
  before(async () => {
    app = await startApp({
      policies: [{ name: SIGNING_RELYING_PARTY_POLICY, value: BigInt(toHex(RELYING_PARTY)) }],
      verifiers: ['p256', 'webauthn'],
    });
    const [first = '', second = '', third = ''] = await registerUnits(app, 3, holderOf('p256'));
    units.set('p256', first);
    await passTo(second, 'webauthn');
    await passTo(third, 'secp256k1');
  });
  after(() => app?.remove());

  const consentOf = (
    act: ActTold,
    kind: SignedKind,
    times: { notBefore?: number; deadline?: number } = {},
  ) => {
    const [asked] = readActFile(JSON.stringify(act.prepared)).consents;
    if (asked === undefined) throw new Error('nobody is asked');
    const { notBefore = 0, deadline = Number(asked.message.deadline) } = times;
    const message = { ...asked.message, notBefore: BigInt(notBefore), deadline: BigInt(deadline) };
    const isPlain = kind === 'secp256k1';
    return {
      ...{ part: 'consent', place: 0, signature: signed(kind, digestOf({ ...asked, message })) },
      consent: {
        ...{ notBefore, deadline, mandateCommitment: ZERO_32, kind },
        ...(isPlain ? { salt: HOLDER_SALT, key: '0x' } : { salt: SALT, key: point }),
      },
    };
  };
  type Consent = ReturnType<typeof consentOf>;
  const hand = async ({ id }: ActTold, body: object, name = 'first') =>
    app.ask<ActTold & Problem>('POST', `/acts/${id}/signatures`, {
      token: await app.token('registrar', 1, name),
      body,
    });

  /** Carries a transfer to a holder of another kind out. */
  async function passTo(baUnit: string, kind: SignedKind) {
    const transfer = await prepareTransfer(app, baUnit, undefined, holderOf(kind));
    await sendPart(app, 'preparer', transfer);
    await sendPart(app, 'approver', transfer);
    const told = await hand(transfer.act, consentOf(transfer.act, 'p256'));
    expect(told.status, told.text).to.equal(202);
    await app.ask('GET', told.body.operation ?? '', {
      token: await app.token('registrar', 1),
      headers: { Prefer: 'wait=20' },
    });
    units.set(kind, baUnit);
  }
  const transferOf = (kind: SignedKind, head?: object): Promise<Transfer> =>
    prepareTransfer(app, units.get(kind) ?? '', head as never, holderOf(kind));

  it('counts where its key signed it, whatever kind of key, and no noise before or after it takes its place', async () => {
    for (const kind of KINDS) {
      const transfer = await transferOf(kind);
      const { act } = transfer;
      const good = consentOf(act, kind);
      const cut = good.signature.slice(0, -2);
      const changed = (consent: Partial<Consent['consent']>) => ({
        ...good,
        consent: { ...good.consent, ...consent },
      });
      const turned = `${cut}${good.signature.endsWith('00') ? '01' : '00'}`;
      const noise: Readonly<Record<string, object>> = {
        'nothing but bytes': { ...good, signature: `0x${'5a'.repeat(64)}` },
        'many bytes': { ...good, signature: `0x${'5a'.repeat(4_096)}` },
        'a bit turned': { ...good, signature: kind === 'webauthn' ? `0x01${cut.slice(4)}00` : turned },
        'cut short': {
          ...good,
          signature: kind === 'webauthn' ? cut.slice(0, -64) : `${cut.slice(0, -2)}0000`,
        },
        'another time': changed({ deadline: good.consent.deadline - 1 }),
        'another beginning': changed({ notBefore: 1 }),
        'another mandate': changed({ mandateCommitment: named('a mandate') as Bytes32 as typeof ZERO_32 }),
        'another kind': changed({ kind: kind === 'p256' ? 'webauthn' : 'p256', key: point }),
        'of no kind': changed({ kind: 'unspecified' as SignedKind }),
        'another act': { ...good, signature: signed(kind, named('another digest') as Bytes32) },
        'a key that is not asked for':
          kind === 'secp256k1' ? changed({ key: point }) : changed({ key: '0x' }),
        "a stranger's key": {
          ...good,
          signature: signed(kind === 'secp256k1' ? 'p256' : kind, named('x') as Bytes32, stranger),
        },
      };
      const sendNoise = async () => {
        for (const [name, body] of Object.entries(noise)) {
          const told = await hand(act, body, 'a thief');
          expect([told.status, told.body.code], `${name}: ${told.text}`).to.deep.equal([
            422,
            'signature-not-by-key',
          ]);
        }
      };
      await sendNoise();
      const taken = await hand(act, good);
      expect([taken.status, taken.body.missing], taken.text).to.deep.equal([201, ['preparer', 'approver']]);
      await sendNoise();
      await sendPart(app, 'preparer', transfer);
      const last = await sendPart(app, 'approver', transfer);
      expect(last.status, last.text).to.equal(202);
      const operation = await app.ask<{ state: string }>('GET', last.body.operation ?? '', {
        token: await app.token('registrar', 1),
        headers: { Prefer: 'wait=20' },
      });
      expect(operation.body.state, operation.text).to.equal('PROJECTED');
    }
  });

  it('begins before its act lapses here, or is refused', async () => {
    const transfer = await transferOf('p256');
    const told = await hand(transfer.act, consentOf(transfer.act, 'p256', { notBefore: inHours(24 * 31) }));
    expect([told.status, told.body.code, told.body.errors?.[0]?.pointer], told.text).to.deep.equal([
      ...[422, 'never-in-time', '/consent/notBefore'],
    ]);
    const late = await hand(transfer.act, consentOf(transfer.act, 'p256', { notBefore: inHours(24 * 29) }));
    expect(late.status, late.text).to.equal(201);
  });
});
