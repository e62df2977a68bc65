/** What every command has in common, so that whoever knows one knows them all. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Command, Option } from 'commander';
import { kudurruProgram } from '../../scripts/program.ts';

const SCRIPTS = path.resolve(import.meta.dirname, '../../scripts');

interface Leaf {
  readonly name: string;
  readonly options: readonly Option[];
}

const leaves = (command: Command, names: readonly string[] = []): Leaf[] =>
  command.commands.length === 0
    ? [{ name: names.join(' '), options: command.options }]
    : command.commands.flatMap((one) => leaves(one, [...names, one.name()]));

const ALL = leaves(kudurruProgram());

/** They run until they are stopped, and say so themselves. */
const NO_ANSWER = ['up'];
/** A demonstration plays on a ledger of its own, and never by chance on one that a setting names. */
const OWN_LEDGER = ['demo'];
/** Files where a record is handed over: what they print is the file. */
const RECORDS = ['holder.ts', 'till.ts', 'officer.ts', 'ownData.ts', 'recorder.ts'];

describe('every command', () => {
  it('answers in words, or as JSON where that is asked for', () => {
    const without = ALL.filter(({ options }) => !options.some(({ long }) => long === '--json'));
    expect(without.map(({ name }) => name)).to.deep.equal(NO_ANSWER);
  });

  it('that speaks to a gateway finds it by the one option and the one setting', () => {
    const speaking = ALL.filter(({ options }) => options.some(({ long }) => long === '--gateway'));
    expect(speaking.length).to.be.greaterThan(40);
    for (const { name, options } of speaking) {
      const [gateway] = options.filter(({ long }) => long === '--gateway');
      const setting = OWN_LEDGER.includes(name) ? undefined : 'KUDURRU_GATEWAY';
      expect(gateway?.envVar, name).to.equal(setting);
      const token = options.find(({ long }) => long === '--token');
      if (token !== undefined) expect(token.envVar, name).to.equal('KUDURRU_TOKEN');
    }
    const others = ALL.filter(({ options }) => options.some(({ long }) => long === '--url'));
    expect(others.map(({ name }) => name)).to.deep.equal([]);
  });

  it('prints JSON as its words only where that is a record to hand over', () => {
    const files = readdirSync(SCRIPTS).filter((name) => name.endsWith('.ts'));
    const textOf = (name: string) => readFileSync(path.join(SCRIPTS, name), 'utf8');
    const printing = files.filter((name) => /\basRecord[,)]/.test(textOf(name)));
    expect(printing.sort()).to.deep.equal([...RECORDS].sort());
    const inline = files.filter((name) => /=> JSON\.stringify\(\w+, undefined, 2\)/.test(textOf(name)));
    expect(inline).to.deep.equal(['answer.ts']);
  });
});
