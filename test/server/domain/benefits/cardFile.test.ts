/** A card as its format says it: what is sealed in it is bound to everything that is printed on it. */
import { expect } from 'chai';
import { makeCard, openCard } from '../../../../scripts/cardFile.ts';
import type { TrustFile } from '../../../../server/domain/audit/trust.ts';
import type { ProgrammeId } from '../../../../server/domain/base/terms.ts';
import { boundTo, lockOf, readCard, writeCard } from '../../../../server/domain/benefits/cardFile.ts';
import { frame } from '../../../../server/store/cipher.ts';
import { named } from '../../../chain/signing.ts';

const PIN = '482913';
const REGISTER = `0x${'ab'.repeat(20)}`;
const TRUST = {
  genesisHash: named('genesis'),
  chainId: 1,
  ledgerNonce: named('nonce'),
  contracts: { benefitLedger: { address: REGISTER } },
} as unknown as TrustFile;
const OF = {
  programme: named('programme') as string as ProgrammeId,
  enrolmentEpoch: 1,
  keyKind: 'p256',
} as const;

describe('a card', () => {
  const { card } = makeCard(TRUST, OF, PIN);

  it('is bound to its ledger, programme, epoch, key and lock, in the frame of everything that is sealed', () => {
    const { genesisHash, programme, enrolmentEpoch, keyId, salt } = card;
    const ledger = [genesisHash, 1, TRUST.ledgerNonce, REGISTER];
    const parts = [
      'kudurru-card-2',
      ...ledger,
      programme,
      enrolmentEpoch,
      'p256',
      keyId,
      'scrypt',
      14,
      8,
      1,
      salt,
    ];
    expect(Buffer.from(boundTo(card, salt))).to.deep.equal(frame(...parts));
    expect(lockOf(card).ciphertext).to.have.length(32 + 16);
  });

  it('opens with its PIN to the key that is printed on it, and with no other', () => {
    const read = readCard(writeCard(card));
    expect(openCard(read, PIN).keyId).to.equal(card.keyId);
    expect(() => openCard(read, '482914'))
      .to.throw()
      .with.property('code', 'pin-wrong');
    const other = Object.assign({}, read, { programme: named('another programme') });
    expect(() => openCard(other, PIN))
      .to.throw()
      .with.property('code', 'pin-wrong');
  });
});
