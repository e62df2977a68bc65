/** The page of types against the code it is written from. */
import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { typesPage } from './typesPage.ts';

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');

describe('the page of types', () => {
  it('is what the code uses', () => {
    expect(read('ledger-types.md')).to.equal(typesPage());
  });

  it('is what the verifier in Python was given', () => {
    const tables = ['type_tables', 'event_table'].map((name) => read(`verifier/kudurru_verifier/${name}.py`));
    const given = tables.join('\n').split('\n');
    const [, ...blocks] = typesPage().split('```\n');
    const lines = blocks.filter((_, i) => i % 2 === 0).flatMap((block) => block.trimEnd().split('\n'));
    const structs = lines.filter((line) => /^[A-Z]\w*\(/.test(line));
    const events = [...lines.join('\n').matchAll(/^\w+ (0x[0-9a-f]{64})\n {2}(.*)$/gm)].map(
      ([, topic, text]) => `${topic} ${text}`,
    );
    expect(structs.length + events.length).to.be.greaterThan(90);
    expect([...structs, ...events].filter((line) => !given.includes(line))).to.deep.equal([]);
  });
});

const FORMAT = /'(kudurru-[a-z-]+-\d+)'/g;
const LEAST_FORMATS = 18;

describe('the page of formats', () => {
  it('has every file format that the code names', () => {
    const cwd = new URL('../..', import.meta.url).pathname;
    const files = globSync(['server/**/*.ts', 'scripts/**/*.ts', 'web/*/**/*.ts'], {
      cwd,
      exclude: (file) => file.includes('node_modules') || file.includes('dist'),
    });
    const formats = new Set(
      files.flatMap((file) =>
        [...readFileSync(`${cwd}${file}`, 'utf8').matchAll(FORMAT)].map(([, name]) => name),
      ),
    );
    expect(formats.size, [...formats].join()).to.be.at.least(LEAST_FORMATS);
    const page = read('ledger-format.md');
    expect([...formats].filter((name) => name !== undefined && !page.includes(name))).to.deep.equal([]);
  });
});
