/** A chain in whose blocks nothing is, as a network of validators makes it while nobody writes: headers alone. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { headerHash, headerOfAnswer } from '../../server/domain/audit/header.ts';
import { toHex, ZERO_32 } from '../../server/domain/base/hex.ts';
import { quantity } from '../../server/ledger/provider.ts';

const emptyRoot = toHex(keccak_256(Uint8Array.of(0x80)));
const otherRoot = `0x${'5a'.repeat(32)}`;

/** Before anybody sealed it. `busy`: its header says that it holds something. */
export function bareBlock(number: number, busy?: number) {
  const block = {
    ...{ number: quantity(number), timestamp: quantity(1_800_000_000 + number), parentHash: ZERO_32 },
    ...{ sha3Uncles: ZERO_32, miner: `0x${'00'.repeat(20)}`, stateRoot: otherRoot, difficulty: '0x1' },
    ...{
      transactionsRoot: number === busy ? otherRoot : emptyRoot,
      receiptsRoot: emptyRoot,
      logsBloom: `0x${'00'.repeat(256)}`,
    },
    ...{ gasLimit: quantity(30_000_000), gasUsed: '0x0', extraData: '0x', mixHash: ZERO_32 },
    ...{ nonce: '0x0000000000000000', baseFeePerGas: '0x0', withdrawalsRoot: ZERO_32, blobGasUsed: '0x0' },
    ...{ excessBlobGas: '0x0', parentBeaconBlockRoot: ZERO_32, requestsHash: ZERO_32 },
  };
  return { ...block, hash: headerHash(headerOfAnswer(block)) };
}
