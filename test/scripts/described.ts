/** A file as docs/ledger-format.md describes it: the names of its fields in their order, those of a field's own in braces. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';

const PAGE = path.resolve(import.meta.dirname, '../../docs/ledger-format.md');

const fieldOf = ([name, value]: [string, unknown]): string => {
  if (name === 'part') return `part: "${String(value)}"`;
  const isInside = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isInside ? `${name}: ${shapeOf(value)}` : name;
};
const shapeOf = (written: object): string => `{${Object.entries(written).map(fieldOf).join(', ')}}`;

/** That the page has exactly this shape, as code. */
export function requireDescribed(written: object): void {
  const page = readFileSync(PAGE, 'utf8').replaceAll(/\s+/g, ' ');
  expect(page).to.include(`\`${shapeOf(written)}\``);
}
