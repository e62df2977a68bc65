/**
 * The EIP-712 strings of the contracts beside their structs: every string made anew from the struct it is of, and from
 * nothing that was written to agree with it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { SIGNED_TYPES } from '../../../../server/domain/acts/signedActs.ts';
import { encodeType } from '../../../../server/domain/acts/typedData.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../../contracts');
const sources = fs
  .globSync('**/*.sol', { cwd: ROOT })
  .map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, file), 'utf8') }));

const matches = (pattern: RegExp): string[][] =>
  sources.flatMap(({ text }) => [...text.matchAll(pattern)].map((found) => [...found]));

/** What each name of a type is in the ABI. */
const plain = new Map([
  ...matches(/^type (\w+) is (\w+);/gm).map(([, name = '', of = '']) => [name, of] as const),
  ...matches(/^enum (\w+) \{/gm).map(([, name = '']) => [name, 'uint8'] as const),
]);

/** Fields of each struct as EIP-712 writes them. */
const structs = new Map(
  matches(/struct (\w+) \{([^}]*)\}/g).map(([, name = '', body = '']) => {
    const fields = [...body.matchAll(/^\s*([\w.]+)((?:\[\])*) (\w+);/gm)];
    return [
      name,
      fields.map(([, type = '', list = '', field]) => `${plain.get(type) ?? type}${list} ${field}`),
    ];
  }),
);

/** Signed types that no struct of the interfaces is alone: what the struct has not, and where it stands. */
const APART: Readonly<
  Record<string, (fields: readonly string[], told: readonly string[]) => readonly string[]>
> = {
  Approval: (fields, told) => [...told.slice(0, 1), ...fields],
  RedemptionBatch: (fields) => [...fields, 'bytes32 itemsHash'],
};

/** Each type that a literal of the sources spells: `Name(type field,...)`, and where. */
const spelled = sources.flatMap(({ file, text }) => {
  const code = text.replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/"[^"\n]*"(?:\s*"[^"\n]*")*/g)].flatMap(([run]) => {
    const literal = run.replaceAll(/"\s*"|"/g, '');
    return [...literal.matchAll(/([A-Z]\w*)\(([^()]*)\)/g)].map(([, name = '', list = '']) => {
      return { file, name, fields: list.split(',') };
    });
  });
});

describe('a type string of the contracts', () => {
  const ours = spelled.filter(({ name }) => name !== 'EIP712Domain');

  it('is its struct, field by field', () => {
    expect(ours.length).to.be.greaterThan(20);
    for (const { file, name, fields } of ours) {
      const of = structs.get(name) ?? [];
      expect(fields, `${name} in ${file}`).to.deep.equal(APART[name]?.(of, fields) ?? of);
    }
  });

  it('is the one that the server signs and hashes', () => {
    for (const { name, fields } of ours) {
      if (SIGNED_TYPES[name] === undefined) continue;
      expect(encodeType(SIGNED_TYPES, name).startsWith(`${name}(${fields.join()})`), name).to.equal(true);
    }
  });

  it('stands once, but in the register of land', () => {
    const once = ours.filter(({ file }) => !file.startsWith('land/')).map(({ name }) => name);
    expect(once).to.include.members([
      'ActHead',
      'Batch',
      'SetCard',
      'Key',
      'Vote',
      'KeyPossession',
      'Erasure',
    ]);
    expect(new Set(once).size, once.sort().join(' ')).to.equal(once.length);
  });
});
