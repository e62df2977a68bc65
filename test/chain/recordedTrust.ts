/** What a verifier of a recorded Besu chain believes: its genesis, its first validators, and the contract that lists them. */
import type { QbftTrust } from '../../server/domain/audit/trust.ts';
import { type Bytes32, ZERO_32 } from '../../server/domain/base/hex.ts';
import { trustIn } from './forge.ts';
import { recordedChain } from './recorded.ts';

export function recordedTrust(name: 'cancun' | 'osaka'): QbftTrust {
  const chain = recordedChain(name);
  const [recorded] = [...chain.proofs.values()];
  if (recorded === undefined) throw new Error('no proof was recorded');
  const { codeHash } = recorded.answer as unknown as { codeHash: Bytes32 };
  const trust = trustIn(chain.expected[0]?.hash ?? ZERO_32, chain.expected[1]?.validatorsThatMustSign ?? []);
  const contracts = { ...trust.contracts, charter: { address: recorded.address, codeHash } };
  return { ...trust, chainId: name === 'osaka' ? 4202 : 4201, contracts };
}
