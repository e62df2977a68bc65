/** The page of types against the code it is written from. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { typesPage } from './typesPage.ts';

describe('the page of types', () => {
  it('is what the code uses', () => {
    const page = new URL('../../docs/ledger-types.md', import.meta.url);
    expect(readFileSync(page, 'utf8')).to.equal(typesPage());
  });
});
