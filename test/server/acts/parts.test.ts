/** Whose signature fits which part of a pending act: each field that a key signs, and each key that may. */
import { p256 } from '@noble/curves/nist.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import { checkPart, transactionOf } from '../../../server/acts/pending.ts';
import { approvalOf } from '../../../server/domain/acts/approval.ts';
import type { ConsentGiven, SignedPart } from '../../../server/domain/acts/signable.ts';
import { keyHashOf, signCompact } from '../../../server/domain/acts/signing.ts';
import { digestOf, struct } from '../../../server/domain/acts/typedData.ts';
import { isSignedByPoint } from '../../../server/domain/audit/officerSignature.ts';
import {
  type Address,
  type Bytes32,
  fromHex,
  type Hex,
  toHex,
  ZERO_32,
  ZERO_ADDRESS,
} from '../../../server/domain/base/hex.ts';
import { type ActContent, missingParts, withSignature } from '../../../server/store/acts.ts';
import { passkeyOf } from '../../campaign/passkeys.ts';
import { named, officerOf } from '../../chain/signing.ts';
import { refusedAs } from '../store/folder.ts';

const PREPARER = officerOf(1, 'preparer');
const APPROVER = officerOf(1, 'approver');
const PASSKEY = officerOf(2, 'of a passkey');
const HOLDER = officerOf(1, 'a holder');
const OTHER = officerOf(1, 'another holder');
const SALT = named('salt of the holder');
const SECOND = passkeyOf('a second holder', 'p256', ZERO_ADDRESS);
const SECOND_KEY = toHex(SECOND.point);
const SECOND_SALT = named('salt of the second holder');

const domain = { name: 'Kudurru LandRegistry', version: '1', chainId: 7n, salt: named('a ledger') };
const consentTypes = {
  Consent: struct('bytes32 unit', 'uint64 notBefore', 'uint64 deadline', 'bytes32 mandateCommitment'),
};
const content: ActContent = {
  ground: undefined,
  typedData: {
    domain,
    types: {
      Transfer: struct('Head head'),
      Head: struct('bytes32 preparer', 'uint64 notBefore', 'uint64 deadline'),
    },
    primaryType: 'Transfer',
    message: { head: { preparer: PREPARER.officer, notBefore: 0n, deadline: 900n } },
  },
  consents: [
    {
      domain,
      types: consentTypes,
      fields: { unit: named('unit') },
      keyHash: keyHashOf(SALT, 'secp256k1', HOLDER.address),
    },
    {
      domain,
      types: consentTypes,
      fields: { unit: named('unit') },
      keyHash: keyHashOf(SECOND_SALT, 'p256', SECOND_KEY),
    },
  ],
  args: [],
  states: [],
  orderedBy: 'unit',
  institutions: { institution: 0, twoInstitutions: false },
  roots: [],
};

const keyHashes = new Map<Bytes32, Bytes32>(
  [PREPARER, APPROVER].map(({ officer, address }) => [
    officer,
    toHex(keccak_256(fromHex(address))) as Bytes32,
  ]),
);
const book = {
  addressOf: (): Address => `0x${'11'.repeat(20)}` as Address,
  keyHashOfOfficer: async (officer: Bytes32) => keyHashes.get(officer),
  isSignedBy: async (kind: string, key: Hex, digest: Bytes32, signature: Hex) =>
    isSignedByPoint(kind as 'p256', fromHex(key), digest, fromHex(signature), ZERO_32),
};
const check = (part: SignedPart) => refusedAs(checkPart(book, content, part));

const GIVEN: ConsentGiven = {
  notBefore: 1n,
  deadline: 900n,
  mandateCommitment: ZERO_32,
  kind: 'secp256k1',
  salt: SALT,
  key: '0x',
};

function prepared(by = PREPARER, signer = by.officer): SignedPart {
  return { part: 'preparer', signer, signature: signCompact(digestOf(content.typedData), by.key) };
}

function approved(by = APPROVER, shown: { approverEpoch?: number; deadline?: bigint } = {}): SignedPart {
  const approval = { approverEpoch: 1, deadline: 900n };
  const signed = approvalOf(content.typedData, Object.assign({ approver: by.officer }, approval));
  const signature = signCompact(digestOf(signed), by.key);
  return { part: 'approver', signer: by.officer, signature, approval: Object.assign(approval, shown) };
}

const bySecond = (digest: Bytes32): Hex =>
  toHex(p256.sign(fromHex(digest), SECOND.privateKey, { prehash: false, lowS: true }));

/** Signed over what is given, and shown with what is changed. */
function consented(
  by: Uint8Array | typeof bySecond = HOLDER.key,
  shown: Partial<ConsentGiven> = {},
  part: SignedPart['part'] = 'consent-0',
): SignedPart {
  const { notBefore, deadline, mandateCommitment } = GIVEN;
  const message = { unit: named('unit'), notBefore, deadline, mandateCommitment };
  const digest = digestOf({ domain, types: consentTypes, primaryType: 'Consent', message });
  const signature = typeof by === 'function' ? by(digest) : signCompact(digest, by);
  const consent = Object.assign({}, GIVEN, shown);
  return { part: part as `consent-${number}`, signer: consent.salt, signature, consent };
}

describe('a part of a pending act', () => {
  it('of the preparer is signed by the preparer whom the act names', async () => {
    expect(await check(prepared())).to.equal(undefined);
    expect(await check(prepared(APPROVER, PREPARER.officer))).to.equal('signature-not-by-key');
    // A whole signature of another officer's own key is none of this act's preparer.
    expect(await check(prepared(APPROVER))).to.equal('signature-not-by-key');
    expect(await check(prepared(PREPARER, APPROVER.officer))).to.equal('signature-not-by-key');
  });

  it('of the approver is signed with the epoch and the deadline that are shown', async () => {
    expect(await check(approved())).to.equal(undefined);
    expect(await check(approved(APPROVER, { approverEpoch: 2 }))).to.equal('signature-not-by-key');
    expect(await check(approved(APPROVER, { deadline: 901n }))).to.equal('signature-not-by-key');
    expect(await check({ ...approved(), signer: PREPARER.officer })).to.equal('signature-not-by-key');
  });

  it('of an officer whose key the chain alone can check is left to the chain', async () => {
    expect(await check(approved(PASSKEY))).to.equal(undefined);
    keyHashes.set(PASSKEY.officer, named('another key'));
    expect(await check(approved(PASSKEY))).to.equal('signature-not-by-key');
    keyHashes.delete(PASSKEY.officer);
  });

  it('that is no compact signature is by nobody', async () => {
    for (const signature of ['0x', `${prepared().signature}00`, prepared().signature.slice(0, -2)] as Hex[])
      expect(await check({ ...prepared(), signature })).to.equal('signature-not-by-key');
  });

  it('of a consent is signed by the key whose hash the register holds, over all that is shown', async () => {
    expect(await check(consented())).to.equal(undefined);
    expect(await check(consented(OTHER.key))).to.equal('signature-not-by-key');
    for (const shown of [
      { notBefore: 2n },
      { deadline: 901n },
      { mandateCommitment: named('a mandate') },
      { salt: SECOND_SALT },
      { kind: 'p256' as const },
      { kind: 'unspecified' as const },
      { key: SECOND_KEY },
    ])
      expect(await check(consented(HOLDER.key, shown)), JSON.stringify(Object.keys(shown))).to.equal(
        'signature-not-by-key',
      );
  });

  it('of a consent with another kind of key shows the key behind the hash, and is signed by it', async () => {
    const shown = { kind: 'p256', salt: SECOND_SALT, key: SECOND_KEY } as const;
    expect(await check(consented(bySecond, shown, 'consent-1'))).to.equal(undefined);
    expect(await check(consented(HOLDER.key, shown, 'consent-1'))).to.equal('signature-not-by-key');
    for (const changed of [
      { key: `0x${'ac'.repeat(64)}` as Hex },
      { kind: 'webauthn' as const },
      { salt: SALT },
    ])
      expect(await check(consented(bySecond, Object.assign({}, shown, changed), 'consent-1'))).to.equal(
        'signature-not-by-key',
      );
    // Of the right key, for the other place.
    expect(await check(consented(bySecond, shown, 'consent-0'))).to.equal('signature-not-by-key');
    expect(await check(consented(HOLDER.key, {}, 'consent-1'))).to.equal('signature-not-by-key');
  });

  it('that the act does not ask for is refused', async () => {
    expect(await check(consented(HOLDER.key, {}, 'consent-2'))).to.equal('consent-unneeded');
  });
});

describe('an act that waits for a consent', () => {
  const parts = ['preparer', 'approver', 'consent-0', 'consent-1'] as const;

  it('keeps the approval when the consent comes after it, and asks for what is left', () => {
    let signatures: SignedPart[] = [];
    for (const [added, left] of [
      [approved(), ['preparer', 'consent-0', 'consent-1']],
      [consented(), ['preparer', 'consent-1']],
      [prepared(), ['consent-1']],
      [approved(), ['consent-1']],
      [consented(HOLDER.key, {}, 'consent-1'), []],
    ] as const) {
      signatures = withSignature(signatures, added);
      expect(missingParts({ parts, signatures })).to.deep.equal(left);
    }
    expect(signatures.filter(({ part }) => part === 'approver')).to.have.length(1);
    expect(signatures).to.have.length(4);
  });

  it('is no transaction before its officers have signed', () => {
    for (const signatures of [[], [prepared()], [approved()], [consented()]])
      expect(() => transactionOf(book, content, signatures)).to.throw('an act that is not whole');
  });
});
