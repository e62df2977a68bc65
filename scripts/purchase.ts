/** A purchase at a command line: what the person reads before the card signs, and the signature of a card that is a file. */
import { randomBytes } from 'node:crypto';
import { readTrust } from '../server/domain/audit/trust.ts';
import { type Bytes32, type Hex, toHex } from '../server/domain/base/hex.ts';
import { countInWords, momentInWords } from '../server/domain/base/inWords.ts';
import type { CardFile } from '../server/domain/benefits/cardFile.ts';
import { type AskedPurchase, requireOfCard, signPurchase } from '../server/domain/benefits/purchase.ts';
import type { BenefitRegister } from '../server/domain/benefits/types.ts';
import { visible } from '../server/domain/signer/openings.ts';
import { openCard } from './cardFile.ts';

export const newSalt = (): Bytes32 => toHex(randomBytes(32)) as Bytes32;

/** What the person reads before the card signs. */
export function purchaseInWords(asked: AskedPurchase): string[] {
  const { vendor, till, units, remainingBefore, receipt, programme, cycle } = asked;
  return [
    `Pays ${countInWords(units, 'unit')} to shop ${short(vendor)}, till ${till}.`,
    `  remaining now ${remainingBefore}, then ${remainingBefore - units}`,
    ...receipt.filter(({ path }) => path !== 'units').map(({ value }) => `  ${visible(value)}`),
    `  programme ${programme}, cycle ${cycle}`,
    `  shop ${vendor}`,
    `  at ${momentInWords(asked.soldAt)}`,
  ];
}

/** Refuses as `pin-wrong`, and what is not the card's to sign before its PIN is tried. */
export function signWithPin(
  asked: AskedPurchase,
  card: CardFile,
  register: BenefitRegister,
  pin: string,
): Hex {
  requireOfCard(asked, card);
  const key = openCard(card, pin);
  const signature = signPurchase(asked, card, key, register);
  key.privateKey.fill(0);
  return signature;
}

/** The register of benefits that a trust file names. */
export function registerIn(text: string): BenefitRegister {
  const { chainId, ledgerNonce, contracts } = readTrust(text);
  return { chainId, ledgerNonce, benefitLedger: contracts.benefitLedger.address };
}

const short = (id: string): string => `${id.slice(0, 10)}...${id.slice(-4)}`;
