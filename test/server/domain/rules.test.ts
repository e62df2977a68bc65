import path from 'node:path';
import { expect } from 'chai';
import { readTree } from '../../../scripts/source.ts';
import { refusals } from '../../../server/domain/base/refusal.ts';
import type { RefusalRow } from '../../../server/domain/base/refusals/row.ts';
import { RULES, rulesPage } from '../../../server/domain/rules.ts';

describe('the table of rules', () => {
  const tree = readTree(path.resolve(import.meta.dirname, '../../..'));
  const textOf = (file: string) => tree.find((one) => one.path === file)?.text ?? '';
  const tests = tree.filter((one) => one.path.startsWith('test/contracts/')).map(({ text }) => text ?? '');

  it('names contracts and tests that are there', () => {
    for (const { id, enforcedIn, keeps, refuses } of RULES) {
      for (const file of enforcedIn) expect(textOf(file), `${id} ${file}`).not.to.equal('');
      for (const test of [keeps, refuses]) {
        const found = tests.some((text) => text.includes(`function ${test}(`));
        expect(found, `${id} ${test}`).to.equal(true);
      }
    }
  });

  it('says each rule once', () => {
    const ids = RULES.map(({ id }) => id);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(new Set(RULES.map(({ says }) => says)).size).to.equal(ids.length);
  });

  it('knows every rule of the registers that a refusal cites', () => {
    const known = new Set(RULES.map(({ id }) => id));
    const rows: RefusalRow[] = Object.values(refusals);
    const cited = rows.flatMap(({ rule = '' }) => (/^[LBPN]\d$/.test(rule) ? [rule] : []));
    expect(cited.filter((id) => !known.has(id))).to.deep.equal([]);
    expect(cited.length).to.be.greaterThan(known.size);
  });

  it('is the page of the documentation', () => {
    expect(textOf('docs/rules.md')).to.equal(rulesPage());
  });
});
