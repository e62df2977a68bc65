import { expect } from 'chai';
import { keccak256 } from 'ethers';
import {
  commitFacts,
  type DisclosedFact,
  discloseFacts,
  type Fact,
  factLeaf,
  isCommitted,
} from '../../../../server/domain/acts/facts.ts';
import { type Bytes32, toHex } from '../../../../server/domain/base/hex.ts';
import { seeded } from '../../../seeded.ts';
import { vectors } from '../../../vectors.ts';

const random = seeded(20_261_128);
const salt = () => toHex(random.bytes(32)) as Bytes32;
const fact = (path: string, value = `value of ${path}`): Fact => ({ path, value, salt: salt() });

describe('facts under one root', () => {
  it('stand behind a leaf of version, path, value and salt', () => {
    const { path, value, salt: secret } = fact('parcel/number', 'Ñ 12');
    const data = `01000d${Buffer.from(path).toString('hex')}${Buffer.from(value).toString('hex')}`;
    const leaf = keccak256(`0x00${secret.slice(2)}${data}`);
    expect(factLeaf({ path, value, salt: secret })).to.equal(leaf);
  });

  it('make the same root in whatever order they are given, and another by any change', () => {
    const facts = ['name', 'parcel/number', 'parcel/sheet', 'a'].map((path) => fact(path));
    const { root } = commitFacts(facts);
    expect(commitFacts(facts.toReversed()).root).to.equal(root);
    facts.forEach((one, i) => {
      for (const changed of [
        { ...one, value: `${one.value}.` },
        { ...one, path: `${one.path}b` },
        { ...one, salt: salt() },
      ]) {
        expect(commitFacts(facts.with(i, changed)).root).not.to.equal(root);
      }
      expect(commitFacts(facts.toSpliced(i, 1)).root).not.to.equal(root);
    });
  });

  it('are shown one by one, and no other fact passes in their place', () => {
    for (let size = 1; size <= 9; size++) {
      const set = commitFacts(Array.from({ length: size }, (_, i) => fact(`field/${i}`)));
      for (const shown of discloseFacts(
        set,
        set.facts.map(({ path }) => path),
      )) {
        expect(isCommitted(set.root, shown)).to.equal(true);
        const bent: DisclosedFact[] = [
          { ...shown, value: '' },
          { ...shown, path: 'field/10' },
          { ...shown, salt: salt() },
          { ...shown, index: shown.index + 1 },
          { ...shown, size: shown.size + 1 },
          { ...shown, proof: [...shown.proof, salt()] },
        ];
        for (const other of bent) expect(isCommitted(set.root, other)).to.equal(false);
        expect(isCommitted(salt(), shown)).to.equal(false);
      }
    }
  });

  it('take a path, a text and a salt of one form only', () => {
    const sound = fact('parcel/number');
    for (const bad of [
      { ...sound, path: '' },
      { ...sound, path: 'Parcel' },
      { ...sound, path: 'a//b' },
      { ...sound, path: 'a/' },
      { ...sound, path: `a${'b'.repeat(128)}` },
      { ...sound, value: 'e\u0301' },
      { ...sound, value: '\ud800' },
      { ...sound, value: 'x'.repeat(65_537) },
      { ...sound, value: 'é'.repeat(32_769) },
      { ...sound, salt: sound.salt.toUpperCase() as Bytes32 },
      { ...sound, salt: '0x00' as Bytes32 },
    ]) {
      expect(() => commitFacts([bad])).to.throw(TypeError);
      expect(isCommitted(salt(), { ...bad, index: 0, size: 1, proof: [] })).to.equal(false);
    }
    expect(() => commitFacts([])).to.throw(TypeError);
    expect(() => commitFacts([sound, fact('parcel/number')])).to.throw(TypeError);
    expect(() => commitFacts([sound, { ...fact('other'), salt: sound.salt }])).to.throw(TypeError);
    expect(() => commitFacts(Array.from({ length: 257 }, (_, i) => fact(`f${i}`)))).to.throw(TypeError);
    expect(() => discloseFacts(commitFacts([sound]), ['unknown'])).to.throw(TypeError);
    expect(() => discloseFacts({ root: salt(), facts: [sound] }, ['parcel/number'])).to.throw(TypeError);
  });

  it('make the pinned bytes', () => {
    const { facts, root, leaves } = vectors.facts;
    expect(commitFacts(facts).root).to.equal(root);
    expect(facts.map(factLeaf)).to.deep.equal(leaves);
  });
});
