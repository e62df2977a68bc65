/** That the search for what is personal finds what it must: or a privacy test that is green would say nothing. */
import { createHash } from 'node:crypto';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { expect } from 'chai';
import { marks } from './marked.ts';
import { Needles } from './needles.ts';

const SEED = 20261124;

describe('a search for what is personal', () => {
  const mark = marks(SEED);
  const values = [
    mark.name(),
    `Zoë ${mark.name()}`,
    '+999 712 3456 7890',
    '0712345678901',
    'mk-471199/223004',
    mark.name(),
  ];
  const needles = new Needles(values);
  const noise = createHash('sha512').update('noise').digest();

  /** How a program might write a value down; `Buffer` and hashes alone, nothing of the search's own making. */
  function writings(value: string): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    const spellings = [
      value,
      value.toUpperCase(),
      value.toLowerCase(),
      value.replaceAll(/\s/g, ''),
      value.normalize('NFD'),
    ];
    if (/^[+\d\s]+$/.test(value))
      spellings.push(value.replaceAll(/\D/g, ''), `+${value.replaceAll(/\D/g, '')}`);
    for (const [i, spelling] of spellings.entries()) {
      const utf8 = Buffer.from(spelling);
      const all: [string, Buffer][] = [
        ['utf8', utf8],
        ['utf16', Buffer.from(spelling, 'utf16le')],
        ['JSON', Buffer.from(JSON.stringify({ name: spelling }))],
        ['URL', Buffer.from(encodeURIComponent(spelling))],
        ...texts('clear', utf8),
        ...['md5', 'sha1', 'sha256'].flatMap((name) => {
          const digest = createHash(name).update(spelling).digest();
          return [[name, digest], ...texts(name, digest)] as [string, Buffer][];
        }),
      ];
      const keccak = Buffer.from(keccak_256(utf8));
      all.push(['keccak', keccak], ['address', keccak.subarray(12)], ...texts('keccak', keccak));
      for (const [form, bytes] of all) found.set(`${form} of spelling ${i}`, bytes);
    }
    return found;
  }

  function texts(name: string, bytes: Buffer): [string, Buffer][] {
    const behind = (count: number) =>
      Buffer.concat([Buffer.alloc(count, 0xa7), bytes, Buffer.alloc(3, 0x5b)]);
    return [
      [`${name} hex`, Buffer.from(bytes.toString('hex'))],
      [`${name} HEX`, Buffer.from(bytes.toString('hex').toUpperCase())],
      ...[0, 1, 2].flatMap((shift): [string, Buffer][] => [
        [`${name} base64 ${shift}`, Buffer.from(behind(shift).toString('base64'))],
        [`${name} base64url ${shift}`, Buffer.from(behind(shift).toString('base64url'))],
      ]),
    ];
  }

  it('finds each value in every writing, wherever it stands', () => {
    let tried = 0;
    for (const value of values) {
      for (const [form, written] of writings(value)) {
        for (const offset of [0, 1, 7, 31]) {
          const hidden = Buffer.concat([noise.subarray(0, offset), written, noise]);
          expect(
            needles.findIn(hidden).map((found) => found.value),
            `${form} of ${value}`,
          ).to.include(value);
          tried++;
        }
      }
    }
    console.log(`      planted writings | ${tried} tried | 0 missed`);
  });

  it('finds a number as the word of a contract, and its hash as one', () => {
    const word = Buffer.from(BigInt('99971234567890').toString(16).padStart(64, '0'), 'hex');
    for (const hidden of [word, Buffer.from(keccak_256(word))]) {
      expect(needles.findIn(Buffer.concat([noise, hidden, noise])).map(({ value }) => value)).to.include(
        values[2],
      );
    }
  });

  it('finds nothing in what holds nothing, and no value that is one letter off', () => {
    const bytes = Buffer.concat(
      Array.from({ length: 20_000 }, (_, i) => createHash('sha512').update(`${i}`).digest()),
    );
    expect(needles.findIn(bytes)).to.deep.equal([]);
    expect(needles.findIn(Buffer.from(bytes.toString('hex')))).to.deep.equal([]);
    for (const value of values)
      expect(needles.findIn(Buffer.from(`${value.slice(0, -1)}~`))).to.deep.equal([]);
  });
});
