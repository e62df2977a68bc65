/** Who seals blocks in tests of networks: keys of this process, and the key that a gateway's own node signs with. */
import { type Address, type Bytes32, fromHex, type Hex, toHex } from '../../server/domain/base/hex.ts';
import { decodeAnswer, encodeCall } from '../../server/ledger/contracts.ts';
import { CHARTER_ADDRESS } from '../../server/ledger/founding.ts';
import { quantity } from '../../server/ledger/provider.ts';
import { softwareSigner } from '../../server/ledger/signer.ts';
import { keyFolderOf, openSoftwareKeys } from '../../server/store/keys.ts';
import type { Sealer } from '../chain/sealing.ts';

export function sealerOf(key: Uint8Array): Sealer {
  const signer = softwareSigner(key);
  return {
    address: signer.address,
    async sign(digest) {
      const { compact, parity } = await signer.sign(digest);
      return Uint8Array.from([...compact, parity]);
    },
  };
}

/** Of a gateway that founded a ledger of its own in this folder. */
export async function nodeSealer(dataFolder: string): Promise<Sealer> {
  const keys = openSoftwareKeys(keyFolderOf(dataFolder));
  return {
    address: await keys.address('node'),
    async sign(digest) {
      const { r, s, yParity } = await keys.sign('node', toHex(digest) as Bytes32);
      return fromHex(`${r}${s.slice(2)}0${yParity}`);
    },
  };
}

/** The set that seals the block after this one, as the contract says. */
export async function setAfter(
  blockNumber: number,
  ask: (method: string, params: readonly unknown[]) => Promise<unknown>,
): Promise<readonly Address[]> {
  const call = { to: CHARTER_ADDRESS, data: encodeCall('charter', 'getValidators', []) };
  const answer = (await ask('eth_call', [call, quantity(BigInt(blockNumber))])) as Hex;
  const [set] = decodeAnswer('charter', 'getValidators', answer) as [readonly string[]];
  return set.map((one) => one.toLowerCase() as Address);
}
