/** What every command has in common, so that whoever knows one knows them all. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Command, Option } from 'commander';
import type { z } from 'zod';
import { answer, NotUnderstood, Refused } from '../../scripts/answer.ts';
import { MEASURE_FIELDS, requireFields } from '../../scripts/measureFields.ts';
import { kudurruProgram } from '../../scripts/program.ts';
import { asTyped, TYPED_PLACES } from '../../scripts/typedPlaces.ts';
import { ORDERS, type OrderRow } from '../../server/domain/acts/orders.ts';
import { ACTS, type ActRow } from '../../server/domain/acts/table.ts';
import { proposal } from '../../server/http/powerShapes.ts';
import { ROLES } from '../../server/http/route.ts';

const SCRIPTS = path.resolve(import.meta.dirname, '../../scripts');

interface Leaf {
  readonly name: string;
  readonly command: Command;
  readonly options: readonly Option[];
}

const leaves = (command: Command, names: readonly string[] = []): Leaf[] =>
  command.commands.length === 0
    ? [{ name: names.join(' '), command, options: command.options }]
    : command.commands.flatMap((one) => leaves(one, [...names, one.name()]));

/** Addresses that a command makes of two. */
const SPELLED_IN_PARTS: Readonly<Record<string, readonly string[]>> = {
  '/vendors/{vendor}/redemptions': ['`/vendors/*`', '`*/redemptions?'],
  '/programmes/{programme}/cycles/{cycle}/redemptions': ['`/programmes/*/cycles/*`', '`*/redemptions?'],
  // The same entries as the history of any subject, which `find history` reads.
  '/titles/{baUnit}/history': ['`/history/*?'],
};

const ALL = leaves(kudurruProgram());

/** Commands of commands, whose help is a list of these. */
const groups = (command: Command, names: readonly string[] = []): Leaf[] =>
  command.commands.length === 0
    ? []
    : [
        { name: names.join(' '), command, options: command.options },
        ...command.commands.flatMap((one) => groups(one, [...names, one.name()])),
      ];

/** The route that a list is asked of. */
const PLACE_OF: Readonly<Record<string, string>> = {
  ...{
    titles: '/titles/search',
    parcels: '/parcels',
    acts: '/acts',
    ended: '/acts/ended',
    recent: '/titles',
  },
  ...{
    programmes: '/programmes',
    cycles: '/programmes/*/cycles',
    vendors: '/vendors',
    tills: '/vendors/*/tills',
  },
  ...{
    redemptions: '/vendors/*/redemptions',
    account: '/vendors/*/account',
    labels: '/labels',
    tokens: '/tokens',
  },
  ...{ erasures: '/institutions/*/erasures', roots: '/institutions/*/roots/*', entries: '/entries' },
  ...{ signed: '/officers/*/signatures', history: '/history/*', readings: '/people/*/access-log' },
  ...{ searches: 'get /people/searches', person: '/people/searches' },
};

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

  it('that fails by a mistake of its own says so in one line, and never with the exit code of an answer', async () => {
    const [{ error }, { exitCode }] = [console, process];
    const said: unknown[] = [];
    console.error = (line: unknown) => said.push(line);
    try {
      const failing = () => {
        throw new TypeError('no part of this');
      };
      await answer({}, failing, String);
      expect(process.exitCode).to.equal(3);
    } finally {
      console.error = error;
      process.exitCode = exitCode;
    }
    expect(said).to.have.length(1);
    expect(said[0]).to.match(
      /^The command itself failed \(TypeError in commands\.test\.ts:\d+: no part of this\)\./,
    );
    expect(said[0]).to.not.include('\n');
  });

  it('that would write over a file leaves it alone before it asks anybody anything', async () => {
    const [{ error }, { exitCode }] = [console, process];
    const said: unknown[] = [];
    let asked = 0;
    console.error = (line: unknown) => said.push(line);
    try {
      const out = path.join(SCRIPTS, 'answer.ts');
      await answer({ out }, () => ++asked, String);
      expect([asked, process.exitCode]).to.deep.equal([0, 2]);
      expect(said).to.deep.equal([`${out} is there already: name another file.`]);
    } finally {
      console.error = error;
      process.exitCode = exitCode;
    }
    // Each that writes a file gives all of its options to what answers; one goes on where its file ended.
    const writing = readdirSync(SCRIPTS)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [name, readFileSync(path.join(SCRIPTS, name), 'utf8')] as const)
      .filter(([, source]) => /ption\(\s*'--out </.test(source));
    const apart = writing.flatMap(([name, source]) =>
      [...source.matchAll(/(?<!\.)\banswer\(\s*(?!options\b)([^,\s]+)/g)].map(
        ([, first]) => `${name} ${first}`,
      ),
    );
    expect(apart).to.deep.equal(['export.ts {']);
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

  it('has a page of help that says its exit codes once, and every argument, option and default in words', () => {
    const program = kudurruProgram();
    const pages = [...groups(program), ...leaves(program)].map(({ name, command }) => {
      let page = '';
      command.configureOutput({ writeOut: (text) => (page += text) }).outputHelp();
      return { name, command, page };
    });
    for (const { name, command, page } of pages) {
      expect(page.match(/exit codes?:/gi), name).to.have.length(1);
      expect(page, name).to.not.match(/\(default: (?:\[\]|\{\}|""|undefined)\)/);
      const silent = [...command.options, ...command.registeredArguments].filter(
        ({ description }) => (description ?? '').length < 4,
      );
      expect(
        silent.map((one) => one.name()),
        name,
      ).to.deep.equal([]);
      const needed = command.options.filter(
        ({ mandatory, defaultValue }) => mandatory && defaultValue === undefined,
      );
      expect(page.match(/\(required[,)]/g) ?? [], name).to.have.length(needed.length);
    }
    console.log(`      pages of help | ${pages.length} read | 0 that say their codes twice`);
  });

  it('of power tells a refusal by what was typed: each option and argument, and nothing else', () => {
    const rows: readonly (ActRow | OrderRow)[] = [...Object.values(ACTS), ...Object.values(ORDERS)];
    const typed = rows.flatMap(({ command = '', route: { collection } }) =>
      command.startsWith('member ') ? [[collection, command === 'member vote' ? 'vote' : command]] : [],
    );
    expect(typed.map(([collection]) => collection).sort()).to.deep.equal(Object.keys(TYPED_PLACES).sort());
    // What says how to reach the gateway, or where the answer goes, is no part of what is sent.
    const notSent = ['--gateway', '--token', '--json', '--out'];
    for (const [collection = '', name = ''] of typed) {
      const commands = name === 'vote' ? ['member vote', 'member propose'] : [name];
      const leavesOf = ALL.filter((leaf) => commands.includes(leaf.name.replace(/^kudurru /, '')));
      expect(leavesOf, name).to.have.length(commands.length);
      const names = leavesOf.flatMap(({ command, options }) => [
        ...options.map(({ long }) => long ?? ''),
        ...command.registeredArguments.map((one) => `<${one.name()}>`),
      ]);
      const sent = [...new Set(names)].filter((one) => !notSent.includes(one));
      expect([...new Set(Object.values(TYPED_PLACES[collection] ?? {}))].sort(), name).to.deep.equal(
        sent.sort(),
      );
      for (const [pointer, option] of Object.entries(TYPED_PLACES[collection] ?? {})) {
        for (const below of ['', '/0', '/key/possession']) {
          if (option === '--set' || pointer === '/head') continue;
          const lines = [{ pointer: `${pointer}${below}`, code: 'some-code', message: '' }];
          const told = asTyped(new Refused('some-code', '', { lines }), collection) as Refused;
          expect(told.lines[0]?.pointer, `${name} ${pointer}${below}`).to.equal(option);
        }
      }
    }
    const lines = ['/proposal/register', '/proposal', '/head/preparer', '/salt'].map((pointer) => ({
      ...{ pointer, code: 'some-code', message: '' },
    }));
    const at = (collection: string) =>
      (asTyped(new Refused('some-code', '', { lines }), collection) as Refused).lines.map(
        ({ pointer }) => pointer,
      );
    expect(at('votes')).to.deep.equal(['--set register', '--set', '/head/preparer', '/salt']);
    expect(at('appointments')[2]).to.equal('--by');
  });

  it('that issues a token names the roles there are', () => {
    const [role] = ALL.filter(({ name }) => name === 'desk token').flatMap(({ options }) =>
      options.filter(({ long }) => long === '--role'),
    );
    expect(role?.mandatory).to.equal(true);
    expect(role?.defaultValue).to.equal(undefined);
    for (const one of ROLES) expect(role?.description).to.match(new RegExp(`\\b${one}\\b`));
  });

  it('that proposes a measure says what each takes, as the API does, and what one lacks before it is sent', () => {
    const [propose] = ALL.filter(({ name }) => name === 'member propose');
    let page = '';
    propose?.command.configureOutput({ writeOut: (text) => (page += text) }).outputHelp();
    expect(page).to.include('set-policy             --set policy=NAME --set value=NUMBER');
    const asked = proposal.options.map(({ shape: { kind, ...fields } }) => {
      const all = Object.entries<z.ZodType>(fields);
      const of = (optional: boolean) =>
        all.filter(([, field]) => field.safeParse(undefined).success === optional).map(([name]) => name);
      return [kind.value, of(false), of(true)];
    });
    const taken = Object.entries(MEASURE_FIELDS).map(([kind, { needed, optional = [] }]) => [
      kind,
      [...needed],
      [...optional],
    ]);
    expect(taken).to.deep.equal(asked);
    expect(() => requireFields('set-policy', { name: 'fees', value: '7' })).to.throw(
      NotUnderstood,
      'The measure lacks policy and has name, which it does not take. set-policy takes: --set policy=NAME --set value=NUMBER',
    );
    expect(() =>
      requireFields('put-in-force', { register: 'LandRegistry', contract: '0x12' }),
    ).to.not.throw();
  });

  it('together read every list that the API has by pages', () => {
    const http = path.resolve(import.meta.dirname, '../../server/http');
    const routes = readdirSync(http).flatMap((name) =>
      readFileSync(path.join(http, name), 'utf8').split(/\broute\(\{/),
    );
    const lists = routes.flatMap((text) => {
      const [, listed = ''] = /method: 'get',\s+path: '([^']+)'/.exec(text) ?? [];
      return listed !== '' && /\bpageBody\(|200: page\b/.test(text) ? [listed] : [];
    });
    expect(lists).to.include.members(['/acts', '/programmes/{programme}/cycles/{cycle}/redemptions']);
    const asked = readdirSync(SCRIPTS)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(path.join(SCRIPTS, name), 'utf8').replaceAll(/\$\{[^}]*\}/g, '*'))
      .join('\n');
    const written = (listed: string) => listed.replaceAll(/\{\w+\}/g, '*');
    const isRead = (listed: string) =>
      SPELLED_IN_PARTS[listed]?.every((part) => asked.includes(part)) ??
      ["'", '`'].some((mark) => ['?', mark].some((end) => asked.includes(`${mark}${written(listed)}${end}`)));
    expect(lists.filter((listed) => !isRead(listed))).to.deep.equal([]);
  });

  it('that finds a list says whose token asks for it, as its route does', () => {
    const http = path.resolve(import.meta.dirname, '../../server/http');
    const roles = new Map<string, readonly string[]>();
    for (const name of readdirSync(http).filter((one) => one.endsWith('.ts'))) {
      const source = readFileSync(path.join(http, name), 'utf8');
      const named = (one: string): string =>
        new RegExp(`^const ${one} = \\[(.*)\\]`, 'm').exec(source)?.[1] ?? '';
      for (const route of source.split(/\broute\(\{/).slice(1)) {
        const [, place, said] =
          /method: '(?:get|post)',\s+path: '([^']+)',\s+(?:is\w+: true,\s+)?roles: (\[[^\]]*\]|[A-Z]+)/.exec(
            route,
          ) ?? [];
        if (place === undefined || said === undefined) continue;
        const whole = /^[A-Z]/.test(said)
          ? named(said)
          : said.replace(/\.\.\.([A-Z]+)/, (_, one: string) => named(one));
        const key = place.replaceAll(/\{\w+\}/g, '*');
        const isSteward = key === '/people/searches' && !/^[A-Z]/.test(said);
        roles.set(
          isSteward ? 'get /people/searches' : key,
          [...whole.matchAll(/'(\w+)'/g)].map(([, role = '']) => role),
        );
      }
    }
    const found = ALL.filter(({ name }) => name.startsWith('find ') && !/ (refusals|rules)$/.test(name));
    const wrong = found.filter(({ name, command }) => {
      const place = PLACE_OF[name.slice('find '.length)] ?? 'none';
      const said = / asked with a token of (.*)$/.exec(command.description())?.[1]?.split(/, | or /) ?? [];
      const due = roles.get(place) ?? [];
      return said.length === 0 || said.toSorted().join() !== [...due].sort().join();
    });
    expect(wrong.map(({ name }) => name)).to.deep.equal([]);
    expect(found.length).to.equal(Object.keys(PLACE_OF).length);
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
