/** A genesis file against the block 0 that real nodes made of it. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { readGenesis } from '../../../../server/domain/audit/genesis.ts';
import { recordedChain } from '../../../chain/recorded.ts';

const CHAINS = ['cancun', 'osaka', 'osaka-header-mode'] as const;
const folder = new URL('../../../vectors/besu-qbft/', import.meta.url);

interface Recorded {
  readonly config: Readonly<Record<string, unknown>>;
  readonly gasLimit: string;
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

  it('has one hash however a node would read the same number of it', () => {
    const whole = recorded('osaka');
    const hash = readGenesis(whole)?.hash;
    for (const spelled of [
      { gasLimit: String(Number(whole.gasLimit)) },
      { gasLimit: Number(whole.gasLimit) },
      { gasLimit: undefined, GASLIMIT: whole.gasLimit },
      { timestamp: 0 },
      { timestamp: '0' },
      { difficulty: 1 },
      { nonce: '0' },
    ])
      expect(
        readGenesis(JSON.parse(JSON.stringify({ ...whole, ...spelled })))?.hash,
        JSON.stringify(spelled),
      ).to.equal(hash);
    // Besu takes a nonce for hex, prefix or none.
    const numbered = (nonce: unknown) => readGenesis({ ...whole, nonce })?.hash;
    expect([numbered('66'), numbered(66)]).to.deep.equal([numbered('0x66'), numbered('0x66')]);
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
    const [first = ''] = Object.keys(whole.alloc);
    for (const broken of [
      undefined,
      { ...whole, alloc: { ...whole.alloc, [first.toUpperCase().replace('0X', '0x')]: {} } },
      { ...whole, alloc: holding({ storage: { '0x1': '0x0', '0x01': '0x5' } }) },
      { ...whole, gaslimit: whole.gasLimit },
      { ...whole, gasLimit: '030000000' },
      { ...whole, gasLimit: 2 ** 60 },
      { ...whole, parentHash: '0x1' },
      { ...whole, coinbase: '0x' },
      { ...whole, extraData: '0x0' },
      {},
      { ...whole, alloc: { '0x12': {} } },
      { ...whole, gasLimit: 'many' },
      { ...whole, alloc: holding({ code: '0x0' }) },
    ]) {
      expect(readGenesis(broken)).to.equal(undefined);
    }
  });
});
