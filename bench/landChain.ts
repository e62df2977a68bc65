/**
 * A founded ledger as the land bench uses it: acts as the domain prepares them, signed by both officers and whoever
 * must consent.
 *
 * Hides salts and what the register knows. Promises what `foundedChain.ts` does, and that the states prepared are the
 * states the register keeps. Only this folder calls it.
 */

import assert from 'node:assert/strict';
import { approvalOf } from '../server/domain/acts/approval.ts';
import { callOf } from '../server/domain/acts/call.ts';
import type { ActHead } from '../server/domain/acts/head.ts';
import { NEVER_PAUSED } from '../server/domain/acts/moment.ts';
import { type ConsentKey, signCompact } from '../server/domain/acts/signing.ts';
import { digestOf } from '../server/domain/acts/typedData.ts';
import { type Bytes32, type Hex, ZERO_32 } from '../server/domain/base/hex.ts';
import type { BAUnitId, EntryId } from '../server/domain/base/terms.ts';
import type { ConsentProof } from '../server/domain/land/acts.ts';
import { toMessage } from '../server/domain/land/codec.ts';
import { consentOf, type LandSignable, type RegisterReading } from '../server/domain/land/prepare.ts';
import { MAX_NOTICE_SECONDS } from '../server/domain/land/types.ts';
import { contractOf, decodeAnswer } from '../server/ledger/contracts.ts';
import {
  DEADLINE,
  type FoundedChain,
  foundChain,
  INSTITUTION,
  named,
  OFFICE,
  PREPARER,
  type Sent,
  signedByBoth,
} from './foundedChain.ts';

/** Before the chain's own clock, so that every act is in time. */
const PAST = 1_700_000_000n;

export async function foundLandChain(): Promise<LandChain> {
  return new LandChain(await foundChain());
}

export class LandChain {
  readonly chain: FoundedChain;
  readonly #kept = new Map<BAUnitId, Bytes32>();
  #entries = 0n;
  #salts = 0;

  /** Use `foundLandChain`. */
  constructor(chain: FoundedChain) {
    this.chain = chain;
  }

  head(): ActHead {
    return {
      office: OFFICE,
      preparer: PREPARER.officer,
      preparerEpoch: 1,
      notBefore: PAST,
      deadline: DEADLINE,
      effectiveOn: PAST,
      salt: BigInt(named(`salt ${this.#salts++}`)) >> 128n,
      sourcesRoot: named('sources'),
      corrects: ZERO_32 as EntryId,
    };
  }

  /** The register as the acts of this run left it; no parcel and no instrument of a run is named twice. */
  reading(): RegisterReading {
    return {
      ledger: {
        chainId: this.chain.chainId,
        ledgerNonce: this.chain.ledgerNonce,
        landRegistry: this.chain.contracts.land,
      },
      presentations: this.#entries,
      isFrozen: false,
      keeper: INSTITUTION,
      isSeated: true,
      twoInstitutionActs: 0n,
      nowSeconds: PAST,
      mostNoticeSeconds: MAX_NOTICE_SECONDS,
      redemption: NEVER_PAUSED,
      extended: (moment) => moment,
      stateHashOf: (baUnit) => this.#kept.get(baUnit),
      unitOf: () => undefined,
      isInstrumentUsed: () => false,
    };
  }

  /** Signs a prepared act with both officers and its consents with `keys`, sends it, and looks at what is kept. */
  async act(prepared: LandSignable, keys: readonly ConsentKey[] = []): Promise<Sent> {
    const { ledger } = this.reading();
    const consents = prepared.needed.map((needed): ConsentProof => {
      const time = { notBefore: PAST, deadline: DEADLINE, mandateCommitment: ZERO_32 };
      const key = keys.find(({ keyHash }) => keyHash === needed.keyHash);
      assert(key !== undefined, 'nobody has the key of a consent');
      const signature = signCompact(digestOf(consentOf(ledger, needed, time)), key.privateKey);
      return { ...time, kind: 'secp256k1', salt: key.salt, key: '0x', signature };
    });
    const signatures = signedByBoth(prepared.entryId, (by) => approvalOf(prepared.typedData, by));
    const { contract, method, args } = callOf(
      prepared,
      consents.map((consent) => toMessage('ConsentProof', consent)),
      signatures,
    );
    const data = contractOf(contract).calls.encodeFunctionData(method, args) as Hex;
    const sent = await this.chain.send(this.chain.contracts[contract], data);
    for (const { baUnit, stateHash } of prepared.changes) {
      assert.equal(await this.#stateOf(baUnit), stateHash, 'another state is kept than was prepared');
      this.#kept.set(baUnit, stateHash);
      this.#entries++;
    }
    return sent;
  }

  async #stateOf(baUnit: BAUnitId): Promise<unknown> {
    const data = contractOf('land').calls.encodeFunctionData('stateOf', [baUnit]) as Hex;
    return decodeAnswer('land', 'stateOf', await this.chain.ask(this.chain.contracts.land, data))[0];
  }
}
