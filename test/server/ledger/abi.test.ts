import { expect } from 'chai';
import { AbiCoder, type EventFragment, type Interface, type ParamType } from 'ethers';
import type { Hex } from '../../../server/domain/base/hex.ts';
import { toHex } from '../../../server/domain/base/hex.ts';
import { decoderOf, LOG_START, wordReaderOf } from '../../../server/ledger/abi.ts';
import { CONTRACT_NAMES, contractOf, parameterOf } from '../../../server/ledger/contracts.ts';
import { type Seeded, seeded } from '../../seeded.ts';

const SEED = 20_261_124;
const ROUNDS = 40;
const coder = AbiCoder.defaultAbiCoder();

/** A value of the type as a general library takes it, often at the edges of what the type holds. */
function randomValue(random: Seeded, type: ParamType): unknown {
  if (type.isArray()) {
    return Array.from({ length: random.below(4) }, () => randomValue(random, type.arrayChildren));
  }
  if (type.isTuple()) return type.components.map((component) => randomValue(random, component));
  const [, kind = '', size = '0'] = /^([a-z]+)(\d*)$/.exec(type.type) ?? [];
  if (kind === 'bool') return random.below(2) === 1;
  if (kind === 'address') return toHex(random.bytes(20));
  if (kind === 'bytes' && size === '') return toHex(random.bytes(random.below(70)));
  if (kind === 'bytes') return toHex(random.bytes(Number(size)));
  const most = (1n << BigInt(size)) - 1n;
  return random.pick([0n, 1n, most, BigInt(toHex(random.bytes(Number(size) / 8)))]);
}

/** What ethers read, spelt as we spell it. */
function ourSpelling(value: unknown, type: ParamType): unknown {
  if (type.type === 'uint256[]') {
    return `0x${Array.from(value as bigint[], (word) => word.toString(16).padStart(64, '0')).join('')}`;
  }
  if (type.isArray()) return Array.from(value as unknown[], (item) => ourSpelling(item, type.arrayChildren));
  if (type.isTuple()) {
    const items = Array.from(value as unknown[]);
    return Object.fromEntries(type.components.map((each, i) => [each.name, ourSpelling(items[i], each)]));
  }
  if (typeof value === 'bigint') return Number(/\d+/.exec(type.type)) <= 32 ? Number(value) : value;
  return typeof value === 'string' ? value.toLowerCase() : value;
}

function events(): readonly (readonly [string, EventFragment])[] {
  return CONTRACT_NAMES.flatMap((contract) =>
    (contractOf(contract).calls as Interface).fragments.flatMap((fragment) =>
      fragment.type === 'event' ? [[contract, fragment as EventFragment] as const] : [],
    ),
  );
}

const stateType = (): ParamType => {
  const state = contractOf('land').calls.getEvent('BAUnitRecorded')?.inputs[2];
  if (state === undefined) throw new Error('no state');
  return state;
};

/** A state of usual size. */
function encodedState(random: Seeded): Hex {
  const type = stateType();
  return coder.encode([type], [randomValue(random, type)]) as Hex;
}

describe('the reader of ABI-encoded values', () => {
  it(`reads every event of every contract as ethers does, over ${ROUNDS} random values of each`, () => {
    const random = seeded(SEED);
    let tried = 0;
    for (const [, { inputs }] of events()) {
      const data = inputs.filter(({ indexed }) => !indexed);
      const decode = decoderOf(data.map(parameterOf));
      for (let round = 0; round < ROUNDS; round++) {
        const values = data.map((type) => randomValue(random, type));
        const encoded = coder.encode(data, values) as Hex;
        const told = coder.decode(data, encoded);
        const expected = Object.fromEntries(data.map((type, i) => [type.name, ourSpelling(told[i], type)]));
        expect(decode(encoded, LOG_START)).to.deep.equal(expected);
        tried++;
      }
    }
    expect(tried).to.be.greaterThan(40 * ROUNDS);
  });

  it('reads an indexed value out of its topic', () => {
    expect(wordReaderOf('uint16')(`0x${'0'.repeat(60)}ffff`)).to.equal(65_535);
    expect(wordReaderOf('address')(`0x${'0'.repeat(24)}${'ab'.repeat(20)}`)).to.equal(`0x${'ab'.repeat(20)}`);
    expect(() => wordReaderOf('uint16')(`0x${'0'.repeat(59)}1ffff`)).to.throw(RangeError);
  });

  it('gives enumerations their names, and refuses a number that has none', () => {
    const kind = { name: 'kind', type: 'uint8', internalType: 'enum Kind' };
    const decode = decoderOf([kind], { Kind: ['none', 'one'] });
    expect(decode(`0x${'0'.repeat(63)}1`, LOG_START)).to.deep.equal({ kind: 'one' });
    expect(() => decode(`0x${'0'.repeat(63)}2`, LOG_START)).to.throw(RangeError);
  });

  it('refuses bytes that are cut short, run over, or point outside themselves', () => {
    const random = seeded(SEED + 1);
    const decode = decoderOf([parameterOf(stateType())]);
    const whole = encodedState(random);
    decode(whole, LOG_START);
    expect(() => decode(whole.slice(0, -64) as Hex, LOG_START)).to.throw(RangeError);
    expect(() => decode(whole.slice(0, -2) as Hex, LOG_START)).to.throw(RangeError);
    const far = `0x${'f'.repeat(64)}${whole.slice(66)}` as Hex;
    expect(() => decode(far, LOG_START)).to.throw(RangeError);
  });

  it('never takes a list that its data cannot hold, however long it claims to be', () => {
    const decode = decoderOf([{ name: 'list', type: 'bytes32[]' }]);
    const claim = `0x${'0'.repeat(62)}20${'0'.repeat(56)}ffffffff` as Hex;
    expect(() => decode(claim, LOG_START)).to.throw('no ABI encoder');
  });

  it('refuses a value wider than its type, and padding that is not zero', () => {
    const wide = (digit: string) => `0x${digit}${'0'.repeat(63)}` as Hex;
    for (const type of ['uint8', 'uint32', 'uint64', 'address', 'bool']) {
      expect(() => decoderOf([{ name: 'value', type }])(wide('1'), LOG_START), type).to.throw(RangeError);
    }
    const loose = `0x${'0'.repeat(62)}20${'0'.repeat(63)}1aaff${'0'.repeat(60)}` as Hex;
    expect(() => decoderOf([{ name: 'value', type: 'bytes' }])(loose, LOG_START)).to.throw(RangeError);
    const two = `0x${'0'.repeat(63)}2` as Hex;
    expect(() => decoderOf([{ name: 'value', type: 'bool' }])(two, LOG_START)).to.throw(RangeError);
  });
});
