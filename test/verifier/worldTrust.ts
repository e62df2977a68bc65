/** The trust file of a test's ledger, as founding would have written it. */
import type { EmbeddedTrust, TrustedContract } from '../../server/domain/audit/trust.ts';
import type { Address, Bytes32 } from '../../server/domain/base/hex.ts';
import type { World } from '../chain/world.ts';
import type { LandLedger } from '../land/landLedger.ts';

/** Of a ledger of land alone: what has no part in land is none of its contracts. */
export function trustOfLand({ chain, contracts, chainId, ledgerNonce }: LandLedger): Promise<EmbeddedTrust> {
  const { charter, consortium, land, landCharges } = contracts;
  const addresses = { charter, consortium, land, benefits: landCharges };
  return trustOf({ chain, addresses, identity: { chainId, ledgerNonce } });
}

type Trusting = Pick<World, 'chain' | 'identity'> & {
  readonly addresses: Pick<World['addresses'], 'charter' | 'consortium' | 'land' | 'benefits'>;
};

export async function trustOf({ chain, addresses, identity }: Trusting): Promise<EmbeddedTrust> {
  const trusted = async (address: Address): Promise<TrustedContract> => {
    const params = [address, [], 'latest'];
    const answer = await chain.request({ method: 'eth_getProof', params });
    return { address, codeHash: (answer as { codeHash: Bytes32 }).codeHash };
  };
  const { charter, consortium, land, benefits } = addresses;
  const { hash } = chain.genesis;
  return {
    format: 'kudurru-trust-1',
    genesisHash: hash,
    ...identity,
    lineage: 'embedded',
    nodeKey: chain.nodeKey,
    witnessKeys: [],
    witnessThreshold: 0,
    contracts: {
      charter: await trusted(charter),
      consortium: await trusted(consortium),
      landRegistry: await trusted(land),
      benefitLedger: await trusted(benefits),
    },
    minimumCheckpoint: { blockNumber: 0, blockHash: hash },
  };
}
