/** A genesis file against the block 0 that real nodes made of it. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readGenesis } from '../../../../server/domain/audit/genesis.ts';
import { recordedChain } from '../../../chain/recorded.ts';

const CHAINS = ['cancun', 'osaka', 'osaka-header-mode'] as const;
const folder = new URL('../../../vectors/besu-qbft/', import.meta.url);

interface Recorded {
  readonly config: Readonly<Record<string, unknown>>;
  readonly alloc: Readonly<Record<string, object>>;
}

const recorded = (name: string): Recorded =>
  JSON.parse(readFileSync(new URL(`${name}/genesis.json`, folder), 'utf8'));

describe('a genesis file', () => {
  it('has the hash of the block that recorded networks began with', () => {
    for (const name of CHAINS) {
      expect(readGenesis(recorded(name))?.hash, name).to.equal(recordedChain(name).expected[0]?.hash);
    }
  });

  it('has another hash whatever of it is another, and none where it cannot be read', () => {
    const whole = recorded('osaka');
    const [charter = '', held = {}] = Object.entries(whole.alloc).at(-1) ?? [];
    const { storage } = held as { storage: Record<string, string> };
    const [slot = ''] = Object.keys(storage);
    const holding = (change: object) => ({ ...whole.alloc, [charter]: { ...held, ...change } });
    const bent = [
      { gasLimit: '0x1c9c380' },
      { extraData: '0xe5a00000000000000000000000000000000000000000000000000000000000000001c0c080c0' },
      { timestamp: '0x1' },
      { nonce: '0x1' },
      { config: { ...whole.config, pragueTime: undefined } },
      { alloc: holding({ balance: '0x1' }) },
      { alloc: holding({ code: '0x00' }) },
      { alloc: holding({ storage: { ...storage, [slot]: '0x5' } }) },
      { alloc: Object.fromEntries(Object.entries(whole.alloc).slice(1)) },
    ].map((change) => readGenesis({ ...whole, ...change })?.hash);
    expect(bent.includes(undefined)).to.equal(false);
    expect(new Set([...bent, readGenesis(whole)?.hash]).size).to.equal(bent.length + 1);
    const spelled = holding({ balance: '0', storage: { ...storage, '0x09': '0x0' } });
    expect(readGenesis({ ...whole, alloc: spelled })?.hash, 'digits, and a word of zero').to.equal(
      readGenesis(whole)?.hash,
    );
    for (const broken of [
      undefined,
      {},
      { ...whole, alloc: { '0x12': {} } },
      { ...whole, gasLimit: 'many' },
      { ...whole, alloc: holding({ code: '0x0' }) },
    ]) {
      expect(readGenesis(broken)).to.equal(undefined);
    }
  });
});
