/** Certificates and trust files of a real embedded ledger, for tests. */
import {
  buildCertificate,
  type Certificate,
  type CertificateParts,
} from '../../server/domain/audit/certificate.ts';
import type { EmbeddedEvidence } from '../../server/domain/audit/lineage.ts';
import { type ProofAnswer, proofOfAnswer, type StateProof } from '../../server/domain/audit/state.ts';
import type { EmbeddedTrust, TrustedContract } from '../../server/domain/audit/trust.ts';
import { certificateSlots } from '../../server/domain/audit/verifyCertificate.ts';
import type { Address, Bytes32, Hex } from '../../server/domain/base/hex.ts';
import { quantity } from '../../server/ledger/provider.ts';
import type { LandLedger } from './landLedger.ts';

type Answer = ProofAnswer & { readonly codeHash: Bytes32 };

async function proofOf(
  ledger: LandLedger,
  address: Address,
  slots: readonly Bytes32[],
  blockNumber: bigint,
): Promise<StateProof> {
  const answer = await ledger.request<Answer>('eth_getProof', address, slots, quantity(blockNumber));
  return proofOfAnswer(answer, address, slots);
}

/** What founding would have written. */
export async function trustOf(ledger: LandLedger): Promise<EmbeddedTrust> {
  const trusted = async (address: Address): Promise<TrustedContract> => {
    const { codeHash } = await ledger.request<Answer>('eth_getProof', address, [], 'latest');
    return { address, codeHash };
  };
  const { charter, consortium, land } = ledger.contracts;
  const { hash } = ledger.chain.genesis;
  return {
    format: 'kudurru-trust-1',
    genesisHash: hash,
    chainId: ledger.chainId,
    ledgerNonce: ledger.ledgerNonce,
    lineage: 'embedded',
    nodeKey: ledger.chain.nodeKey,
    witnessKeys: [],
    witnessThreshold: 0,
    contracts: {
      charter: await trusted(charter),
      consortium: await trusted(consortium),
      landRegistry: await trusted(land),
      benefitLedger: await trusted(ledger.contracts.landCharges),
    },
    minimumCheckpoint: { blockNumber: 0, blockHash: hash },
  };
}

/** A certificate of a unit as of the newest block. */
export async function certify(
  ledger: LandLedger,
  parts: Pick<CertificateParts, 'baUnit' | 'state' | 'show' | 'facts'>,
): Promise<Certificate> {
  const blockNumber = ledger.chain.headNumber;
  const slots = certificateSlots(parts.baUnit);
  const { charter, consortium, land } = ledger.contracts;
  const finality = await ledger.request<EmbeddedEvidence>('kudurru_finality', quantity(blockNumber));
  return buildCertificate({
    ...parts,
    proofs: {
      charter: await proofOf(ledger, charter, slots.charter, blockNumber),
      consortium: await proofOf(ledger, consortium, slots.consortium, blockNumber),
      landRegistry: await proofOf(ledger, land, slots.landRegistry, blockNumber),
    },
    finality,
  });
}

export async function rawHeader(ledger: LandLedger, blockNumber: bigint): Promise<Hex> {
  return ledger.request<Hex>('debug_getRawHeader', quantity(blockNumber));
}
