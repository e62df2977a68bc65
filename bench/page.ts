/** The exact figures of `baseline.json` on the page of figures, between two marks; the rest of the page is written by hand. */
import path from 'node:path';

export const FIGURES_PAGE = path.resolve(import.meta.dirname, '../docs/figures.md');

const BEGIN = '<!-- exact figures: written by npm run bench -- --write -->';
const END = '<!-- end of the exact figures -->';

/** The page with its exact figures as they are in the baseline. Throws where the marks are gone. */
export function withExactFigures(page: string, baseline: Readonly<Record<string, number>>): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error('docs/figures.md has lost the marks of its exact figures');
  const rows = Object.entries(baseline).map(([name, value]) => `| ${name} | ${shown(value)} |`);
  const table = ['', '', '| What | Gas, or count |', '|---|---|', ...rows, '', ''].join('\n');
  return `${page.slice(0, from + BEGIN.length)}${table}${page.slice(to)}`;
}

function shown(value: number): string {
  const maximumFractionDigits = Math.abs(value) < 10 ? 4 : 1;
  return value.toLocaleString('en', { maximumFractionDigits });
}
