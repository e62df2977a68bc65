/** Typed data against ethers' encoder, on made-up schemas, and against every value that must not be signed. */
import { expect } from 'chai';
import { TypedDataEncoder } from 'ethers';
import {
  digest,
  domainSeparator,
  encodeType,
  hashStruct,
  type TypedDomain,
  type TypedField,
  type TypedStruct,
  type TypedValue,
  typeHash,
} from '../../../../server/domain/acts/typedData.ts';
import { type Address, type Bytes32, toHex } from '../../../../server/domain/base/hex.ts';
import { type Seeded, seeded } from '../../../seeded.ts';
import { vectors } from '../../../vectors.ts';

const SEED = 20260202;
const SCHEMAS = 400;

type Types = Record<string, TypedField[]>;

/** Structs S0 (the primary) to S3, each made of atoms, of later structs, and of arrays of either. */
function randomTypes(random: Seeded): Types {
  const structs = 1 + random.below(4);
  const typeOf = (index: number): string => {
    const later = structs - index - 1;
    const atom = () =>
      random.pick([
        `uint${8 * (1 + random.below(32))}`,
        `bytes${1 + random.below(32)}`,
        ...['address', 'bool', 'bytes32', 'uint256'],
      ]);
    const base = later > 0 && random.below(3) === 0 ? `S${index + 1 + random.below(later)}` : atom();
    return base + '[]'.repeat(random.pick([0, 0, 0, 1, 2]));
  };
  const types: Types = {};
  for (let i = 0; i < structs; i++) {
    const fields = Array.from({ length: 1 + random.below(5) }, (_, f) => ({
      name: `f${f}`,
      type: typeOf(i),
    }));
    // ethers wants one primary type: the first struct names each of the others.
    const others =
      i > 0 ? [] : Array.from({ length: structs - 1 }, (_, k) => ({ name: `g${k}`, type: `S${k + 1}` }));
    types[`S${i}`] = [...fields, ...others];
  }
  return types;
}

function randomValue(random: Seeded, types: Types, type: string): TypedValue {
  if (type.endsWith('[]')) {
    return Array.from({ length: random.below(4) }, () => randomValue(random, types, type.slice(0, -2)));
  }
  const fields = types[type];
  if (fields !== undefined) return randomStruct(random, types, fields);
  if (type === 'bool') return random.below(2) === 1;
  if (type === 'address') return toHex(random.bytes(20));
  const size = Number(type.replace(/\D/g, ''));
  if (type.startsWith('bytes')) return toHex(random.bytes(size));
  const edge = random.below(4);
  if (edge === 0) return 0n;
  if (edge === 1) return (1n << BigInt(size)) - 1n;
  return size <= 48 && edge === 2 ? random.below(2 ** 8) : BigInt(toHex(random.bytes(size / 8)));
}

function randomStruct(random: Seeded, types: Types, fields: readonly TypedField[]): TypedStruct {
  return Object.fromEntries(fields.map(({ name, type }) => [name, randomValue(random, types, type)]));
}

function randomDomain(random: Seeded): TypedDomain {
  const all: TypedDomain = {
    name: `Kudurru ${random.below(1000)} – Grundbuch`,
    version: String(random.below(9)),
    chainId: BigInt(random.below(2 ** 32)),
    verifyingContract: toHex(random.bytes(20)) as Address,
    salt: toHex(random.bytes(32)) as Bytes32,
  };
  return Object.fromEntries(Object.entries(all).filter(() => random.below(4) > 0));
}

const TYPES = {
  Act: [
    { name: 'office', type: 'uint16' },
    { name: 'subject', type: 'bytes32' },
    { name: 'owner', type: 'address' },
    { name: 'final', type: 'bool' },
    { name: 'items', type: 'Item[]' },
  ],
  Item: [{ name: 'tag', type: 'bytes4' }],
} as const;
const ACT = {
  office: 7,
  subject: `0x${'ab'.repeat(32)}`,
  owner: `0x${'cd'.repeat(20)}`,
  final: true,
  items: [{ tag: '0x01020304' }],
} as const;

describe('typed data', () => {
  it('hashes made-up schemas and values as ethers does', () => {
    const random = seeded(SEED);
    let wrong = 0;
    for (let i = 0; i < SCHEMAS; i++) {
      const types = randomTypes(random);
      const value = randomStruct(random, types, types.S0 ?? []);
      const domain = randomDomain(random);
      const peer = TypedDataEncoder.from(types);
      const same =
        encodeType(types, 'S0') === peer.encodeType('S0') &&
        hashStruct(types, 'S0', value) === peer.hash(value) &&
        domainSeparator(domain) === TypedDataEncoder.hashDomain(domain) &&
        digest(domain, types, 'S0', value) === TypedDataEncoder.hash(domain, types, value);
      if (!same) wrong++;
    }
    console.log(`      typed data against ethers | ${SEED} | ${SCHEMAS} tried | ${wrong} wrong`);
    expect(wrong).to.equal(0);
  });

  it('refuses a value that its type cannot hold', () => {
    const bad: Record<string, unknown[]> = {
      office: [65536, -1, -1n, 1.5, 2 ** 53, Number.NaN, '7', true, null, undefined, [7], {}],
      subject: [
        '0x',
        `0x${'ab'.repeat(31)}`,
        `0x${'ab'.repeat(33)}`,
        `0x${'AB'.repeat(32)}`,
        'ab'.repeat(33),
        1n,
      ],
      owner: [`0x${'cd'.repeat(19)}`, `0x${'cd'.repeat(32)}`, `0x${'CD'.repeat(20)}`, null],
      final: [0, 1, 'true', null, undefined],
      items: [{}, { 0: { tag: '0x01020304' } }, 'abc', null, [null], [[]], [{ tag: '0x010203' }], [{}]],
    };
    let tried = 0;
    for (const [name, values] of Object.entries(bad)) {
      for (const value of values) {
        tried++;
        const act = { ...ACT, [name]: value } as unknown as TypedStruct;
        expect(() => hashStruct(TYPES, 'Act', act), `${name} ${tried}`).to.throw(TypeError);
      }
    }
    console.log(`      values no type holds | fixed | ${tried} tried | 0 let in`);
  });

  it('refuses a field that is missing, unknown or only inherited', () => {
    const { office, ...without } = ACT;
    expect(() => hashStruct(TYPES, 'Act', without)).to.throw(TypeError);
    expect(() => hashStruct(TYPES, 'Act', { ...ACT, note: 1 })).to.throw(TypeError);
    expect(() => hashStruct(TYPES, 'Act', { ...ACT, items: [{ tag: '0x01020304', more: 1 }] })).to.throw(
      TypeError,
    );
    expect(() => hashStruct(TYPES, 'Act', Object.assign(Object.create({ office }), without))).to.throw(
      TypeError,
    );
    expect(() => domainSeparator({ name: 'Kudurru', chain: 1n } as TypedDomain)).to.throw(TypeError);
    expect(() => domainSeparator({ chainId: -1n })).to.throw(TypeError);
  });

  it('refuses a table with a type it does not know, a struct inside itself, or a name twice', () => {
    const fields = (...types: string[]) => types.map((type, i) => ({ name: `f${i}`, type }));
    const unknown = [
      'uint',
      'uint7',
      'uint0',
      'uint264',
      'uint08',
      'bytes',
      'bytes0',
      'bytes33',
      'string',
      'int8',
    ];
    for (const type of [...unknown, 'Nobody', 'uint8[2]', 'bool[', '']) {
      expect(() => typeHash({ A: fields(type) }, 'A'), type).to.throw(TypeError);
    }
    expect(() => typeHash({ A: fields('B'), B: fields('A[]') }, 'A')).to.throw(TypeError);
    expect(() => typeHash({ A: [...fields('bool'), ...fields('bool')] }, 'A')).to.throw(TypeError);
    expect(() => typeHash({ A: [{ name: 'a,b', type: 'bool' }] }, 'A')).to.throw(TypeError);
    expect(() => typeHash({}, 'toString')).to.throw(TypeError);
  });

  it('never says a value in its error', () => {
    const secret = `0x${'5e'.repeat(31)}`;
    expect(() => hashStruct(TYPES, 'Act', { ...ACT, subject: secret })).to.throw(
      /^typed data: Act\.subject /,
    );
    expect(() => hashStruct(TYPES, 'Act', { ...ACT, subject: secret })).to.not.throw(/5e5e/);
  });

  it('makes the pinned bytes', () => {
    for (const { types, primaryType, domain, value, pinned } of vectors.typedData) {
      const signed = { ...domain, chainId: BigInt(domain.chainId) };
      expect(encodeType(types, primaryType)).to.equal(pinned.encodeType);
      expect(typeHash(types, primaryType)).to.equal(pinned.typeHash);
      expect(hashStruct(types, primaryType, value)).to.equal(pinned.hashStruct);
      expect(domainSeparator(signed)).to.equal(pinned.domainSeparator);
      expect(digest(signed, types, primaryType, value)).to.equal(pinned.digest);
    }
  });
});
