import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TypedDataEncoder } from 'ethers';
import { type Address, toHex } from '../../../server/domain/hex.ts';
import {
  digest,
  encodeType,
  type TypedField,
  type TypedStruct,
  type TypedValue,
} from '../../../server/domain/typedData.ts';

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/vectors.json', import.meta.url), 'utf8'),
).typedData;
const SCHEMAS = 400;

/** Numbers that look random and are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

const random = seeded(712);
const below = (limit: number) => Math.floor(random() * limit);
const bytes = (length: number) => toHex(Uint8Array.from({ length }, () => below(256)));

function randomType(structs: readonly string[]): string {
  const kinds = [`uint${8 * (1 + below(32))}`, `bytes${1 + below(32)}`, 'address', 'bool', ...structs];
  const base = kinds[below(kinds.length)] ?? 'bool';
  return below(4) === 0 ? `${base}[]` : base;
}

function randomValue(types: Record<string, TypedField[]>, type: string): TypedValue {
  if (type.endsWith('[]'))
    return Array.from({ length: below(4) }, () => randomValue(types, type.slice(0, -2)));
  const fields = types[type];
  if (fields !== undefined) return randomStruct(types, fields);
  if (type === 'bool') return below(2) === 1;
  if (type === 'address') return bytes(20);
  const size = Number(type.replace(/\D/g, ''));
  return type.startsWith('uint') ? BigInt(bytes(size / 8)) : bytes(size);
}

function randomStruct(types: Record<string, TypedField[]>, fields: readonly TypedField[]): TypedStruct {
  return Object.fromEntries(fields.map(({ name, type }) => [name, randomValue(types, type)]));
}

describe('typed data', () => {
  it(`has the digests a wallet makes, over ${SCHEMAS} schemas`, () => {
    const domain = {
      name: 'LandRegistry',
      version: '1',
      chainId: 77n,
      verifyingContract: bytes(20) as Address,
    };
    for (let i = 0; i < SCHEMAS; i++) {
      const types: Record<string, TypedField[]> = {};
      for (const [depth, struct] of ['Zeta', 'Alpha', 'Root'].entries()) {
        const inner = ['Zeta', 'Alpha'].slice(0, depth);
        const names = Array.from({ length: 1 + below(5) }, (_, field) => `f${field}`);
        types[struct] = names.map((name) => ({ name, type: randomType(inner) }));
      }
      types.Root?.push({ name: 'a', type: 'Alpha' }, { name: 'z', type: 'Zeta[]' });
      const value = randomStruct(types, types.Root ?? []);
      const used = Object.fromEntries(
        Object.entries(types).filter(([name]) => encodeType(types, 'Root').includes(`${name}(`)),
      );
      expect(digest(domain, types, 'Root', value)).to.equal(TypedDataEncoder.hash(domain, used, value));
    }
  });

  it('keeps its bytes for ever', () => {
    const { domain, types, value, digest: pinned } = vectors;
    expect(digest({ ...domain, chainId: BigInt(domain.chainId) }, types, 'Consent', value)).to.equal(pinned);
  });

  it('refuses what its type cannot hold, leaves out, or does not know', () => {
    const types = {
      T: [
        { name: 'n', type: 'uint8' },
        { name: 'b', type: 'bytes2' },
      ],
    };
    const good = { n: 255, b: '0x0102' };
    const bad: TypedStruct[] = [
      { ...good, n: 256 },
      { ...good, n: -1 },
      { ...good, n: 1.5 },
      { ...good, b: '0x01' },
      { ...good, b: '0x010203' },
      { ...good, b: '0xZZ00' },
      { n: 1 },
      { ...good, extra: 1 },
    ];
    expect(() => digest({}, types, 'T', good)).to.not.throw();
    for (const value of bad) expect(() => digest({}, types, 'T', value)).to.throw(TypeError);
  });
});
