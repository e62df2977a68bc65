/** The type strings beside the contracts' hashes: every hash computed anew, every count of words taken anew. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { approvalTypes } from '../../../../server/domain/acts/approval.ts';
import { ACT_HEAD } from '../../../../server/domain/acts/head.ts';
import { type TypedField, type TypeTable, typeHash } from '../../../../server/domain/acts/typedData.ts';
import { LAND_TYPES } from '../../../../server/domain/land/acts.ts';

const SOURCE = new URL('../../../../contracts/land/LandTypes.sol', import.meta.url);

interface Stated {
  readonly name: string;
  readonly fields: readonly TypedField[];
  readonly constant: string;
  readonly hash: string;
  readonly words: number | undefined;
}

/** `// Name(type field,...)` over one line or more, the hash, and where it is hashed in memory the count of its words. */
const ENTRY =
  /((?: {4}\/\/ .*\n)+) {4}bytes32 internal constant (\w+)_TYPEHASH =\s+(0x[0-9a-f]{64});\n(?: {4}uint256 internal constant (\w+)_WORDS = (\d+);\n)?/g;

function stated(): Stated[] {
  return [...readFileSync(SOURCE, 'utf8').matchAll(ENTRY)].map((found) => {
    const [, comment = '', constant = '', hash = '', counted, words] = found;
    const text = comment.replaceAll(/ {4}\/\/ |\n/g, '');
    const [, name = '', list = ''] = /^(\w+)\((.*)\)$/.exec(text) ?? [];
    expect(counted === undefined || counted === constant, constant).to.equal(true);
    const fields = list.split(',').map((field): TypedField => {
      const [type = '', name = ''] = field.split(' ');
      return { type, name };
    });
    return { name, fields, constant, hash, words: words === undefined ? undefined : Number(words) };
  });
}

describe('the types of the register of land', () => {
  const all = stated();
  const approvals = all.filter(({ name }) => name === 'Approval');
  const plain = all.filter(({ name }) => name !== 'Approval');
  // The head of every act is the journal's, which hashes it.
  const table: TypeTable = {
    ActHead: ACT_HEAD,
    ...Object.fromEntries(plain.map(({ name, fields }) => [name, fields])),
  };

  it('stand once each beside their hash, which is that of the whole string', () => {
    expect(plain.length).to.be.greaterThan(20);
    expect(new Set(plain.map(({ name }) => name)).size).to.equal(plain.length);
    for (const { name, hash } of plain) expect(hash, name).to.equal(typeHash(table, name));
    for (const { fields, hash } of approvals) {
      expect(hash).to.equal(typeHash({ ...table, Approval: fields }, 'Approval'));
    }
  });

  it('are those that the server signs and hashes', () => {
    for (const { name, fields } of plain) expect(fields, name).to.deep.equal(LAND_TYPES[name as 'Title']);
    for (const { fields } of approvals) {
      const over = fields[0]?.type ?? '';
      expect(approvalTypes(LAND_TYPES, over).Approval, over).to.deep.equal(fields);
    }
    const named = new Set(plain.map(({ name }) => name));
    const missing = Object.keys(LAND_TYPES).filter((name) => !named.has(name));
    expect(missing).to.deep.equal(['ActHead', 'Batch', 'Withdrawal']);
  });

  it('have as many words in memory as fields', () => {
    const counted = plain.filter(({ words }) => words !== undefined);
    expect(counted.length).to.be.greaterThan(7);
    for (const { name, fields, words } of counted) expect(words, name).to.equal(fields.length);
  });
});
