import { expect } from 'chai';
import type { FunctionFragment, ParamType } from 'ethers';
import { toHex } from '../../../server/domain/base/hex.ts';
import { encoderOf } from '../../../server/ledger/abiWriter.ts';
import { CONTRACT_NAMES, contractOf, writeCall } from '../../../server/ledger/contracts.ts';
import { type Seeded, seeded } from '../../seeded.ts';

const SEED = 20_261_124;
const ROUNDS = 30;

/** A value of the type as the gateway has it: structs by name, integers in each of their spellings. */
function randomValue(random: Seeded, type: ParamType): unknown {
  if (type.isArray())
    return Array.from({ length: random.below(4) }, () => randomValue(random, type.arrayChildren));
  if (type.isTuple()) {
    return Object.fromEntries(type.components.map((each) => [each.name, randomValue(random, each)]));
  }
  const [, kind = '', width = ''] = /^([a-z]+)(\d*)$/.exec(type.type) ?? [];
  if (kind === 'bool') return random.below(2) === 1;
  if (kind === 'address') return toHex(random.bytes(20));
  if (kind === 'bytes') return toHex(random.bytes(width === '' ? random.below(70) : Number(width)));
  const most = (1n << BigInt(width)) - 1n;
  const value = random.pick([0n, 1n, most, BigInt(toHex(random.bytes(Number(width) / 8)))]);
  const spellings = [value, String(value), ...(Number(width) <= 32 ? [Number(value)] : [])];
  return random.pick(spellings);
}

const word = (type: string) => encoderOf([{ name: 'value', type }]);

describe('the writer of ABI-encoded values', () => {
  it(`writes every call of every contract as ethers does, over ${ROUNDS} random arguments of each`, () => {
    const random = seeded(SEED);
    let tried = 0;
    for (const contract of CONTRACT_NAMES) {
      const { calls } = contractOf(contract);
      const functions = calls.fragments.filter((one): one is FunctionFragment => one.type === 'function');
      for (const { name, inputs } of functions) {
        for (let round = 0; round < ROUNDS; round++) {
          const args = inputs.map((type) => randomValue(random, type));
          expect(writeCall(contract, name, args), name).to.equal(calls.encodeFunctionData(name, args));
          tried++;
        }
      }
    }
    expect(tried).to.be.greaterThan(100 * ROUNDS);
  });

  it('refuses a value that is not of its type', () => {
    for (const [type, values] of [
      ['uint8', [256, -1, 1.5, '0x01', '-1', '', true, undefined, null]],
      ['uint256', [1n << 256n, -1n, 2 ** 53]],
      ['bytes32', [`0x${'0'.repeat(62)}`, `0x${'0'.repeat(66)}`, `0x${'F'.repeat(64)}`, 1, undefined]],
      ['address', [`0x${'0'.repeat(64)}`, '', undefined]],
      ['bytes', ['0x1', '00', 'no', undefined]],
      ['bool', [1, 'true', undefined]],
      ['uint8[]', [1, 'list', undefined, [256]]],
    ] as const) {
      for (const value of values) expect(() => word(type)([value]), `${type} ${value}`).to.throw(TypeError);
    }
    const struct = encoderOf([{ name: 'it', type: 'tuple', components: [{ name: 'of', type: 'uint8' }] }]);
    expect(struct([{ of: 1 }])).to.have.length(64);
    for (const value of [{}, { off: 1 }, 1, null]) expect(() => struct([value])).to.throw(TypeError);
    expect(() => word('uint8')([])).to.throw(TypeError);
    expect(() => word('string')).to.throw('no contract of ours speaks string');
  });
});
