import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openKeyring } from '../../scripts/keyring.ts';
import { ENVIRONMENT } from '../gateway/environment.ts';
import { hasTerminal, kudurru, onTerminal, type Ran } from '../gateway/kudurru.ts';
import { needs } from '../within.ts';
import { searchForSecrets } from './secrets.ts';

const PASSPHRASE = 'nine ladders and a kiln';
const ENV = { KUDURRU_PASSPHRASE: PASSPHRASE };

let folder: string;
const ran: Ran[] = [];
/** Runs the command, and remembers everything that it printed. */
function keys(args: readonly string[], env: Readonly<Record<string, string>> = ENV): Ran {
  const result = kudurru(args, env, folder);
  ran.push(result);
  return result;
}
const jsonOf = ({ stdout }: Ran) => JSON.parse(stdout);

describe('kudurru keys', () => {
  before(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kudurru-cli-'));
  });
  after(() => fs.rmSync(folder, { recursive: true }));

  it('makes the ring with its first key, lists and shows public parts', () => {
    const made = keys(['keys', 'create', 'mara', '--keys', 'ring', '--json']);
    expect(made).to.include({ code: 0, stderr: '' });
    expect(jsonOf(made)).to.include({ name: 'mara', kind: 'officer' });
    expect(keys(['keys', 'create', 'cards', '--kind', 'seed', '--keys', 'ring']).code).to.equal(0);
    expect(jsonOf(keys(['keys', 'list', '--keys', 'ring', '--json']))).to.deep.equal([
      { name: 'cards', kind: 'seed' },
      jsonOf(made),
    ]);
    expect(jsonOf(keys(['keys', 'show', 'mara', '--keys', 'ring', '--json']))).to.deep.equal(jsonOf(made));
    expect(keys(['keys', 'list'], { ...ENV, KUDURRU_KEYS: 'ring' }).stdout).to.match(
      /^cards {2}seed\nmara {2}officer/,
    );
  });

  it('answers 1 with code and remedy to what it refuses', () => {
    const taken = keys(['keys', 'create', 'mara', '--keys', 'ring', '--json']);
    expect(taken.code).to.equal(1);
    expect(jsonOf(taken)).to.include({ code: 'key-name-taken' }).and.to.have.property('remedy');
    const wrong = keys(['keys', 'list', '--keys', 'ring'], { KUDURRU_PASSPHRASE: 'ten ladders and a kiln' });
    expect(wrong).to.include({ code: 1, stdout: '' });
    expect(wrong.stderr).to.include('passphrase-wrong');
  });

  it('answers 2 to what it does not understand or cannot find', () => {
    const tries: [string[], Record<string, string>][] = [
      [['keys', 'list'], ENV],
      [['keys', 'list', '--keys', 'nowhere'], ENV],
      [['keys', 'show', 'nobody', '--keys', 'ring'], ENV],
      [['keys', 'create', 'Mara', '--keys', 'ring'], ENV],
      [['keys', 'create', 'noor', '--kind', 'other', '--keys', 'ring'], ENV],
      [['keys', 'list', '--keys', 'ring'], {}],
      [['keys', 'create', 'noor', '--keys', 'new-ring'], {}],
    ];
    for (const [args, env] of tries) {
      const result = keys(args, env);
      expect(result.code, args.join(' ')).to.equal(2);
      expect(result.stdout, args.join(' ')).to.equal('');
      expect(result.stderr, args.join(' ')).to.not.match(/ at .*\.ts:/);
    }
    expect(fs.existsSync(path.join(folder, 'new-ring'))).to.equal(false);
    expect(keys(['keys', 'list', '--keys', 'ring'], {}).stderr).to.include('KUDURRU_PASSPHRASE');
  });

  it('keeps keys out of the data folder, also where the data folder has no other name', () => {
    for (const [place, env] of [
      ['stored/keys', { ...ENV, KUDURRU_DATA: 'stored' }],
      ['data/keys', ENV],
    ] as const) {
      const result = keys(['keys', 'create', 'mara', '--keys', place, '--json'], env);
      expect(result.code).to.equal(1);
      expect(jsonOf(result).code).to.equal('keyring-in-data-folder');
      expect(fs.existsSync(path.join(folder, place))).to.equal(false);
    }
  });

  it('changes the passphrase', () => {
    keys(['keys', 'create', 'mara', '--keys', 'other']);
    const change = { ...ENV, KUDURRU_NEW_PASSPHRASE: 'another eleven herons' };
    expect(keys(['keys', 'passphrase', '--keys', 'other'], change).code).to.equal(0);
    expect(keys(['keys', 'list', '--keys', 'other']).code).to.equal(1);
    const ring = path.join(folder, 'other');
    expect(openKeyring(ring, 'another eleven herons').list()).to.have.length(1);
  });

  it('loses no key when several processes make some at once', () => {
    const script = Array.from(
      { length: 4 },
      (_, i) =>
        `"$0" "$1" keys create many-${i} --keys ring >/dev/null & "$0" "$1" keys create same --keys ring >/dev/null 2>&1 &`,
    );
    const command = path.resolve(import.meta.dirname, '../../scripts/kudurru.ts');
    const { status } = spawnSync('sh', ['-c', `${script.join('\n')}\nwait`, process.execPath, command], {
      cwd: folder,
      env: { ...ENVIRONMENT, ...ENV },
    });
    expect(status).to.equal(0);
    const names = openKeyring(path.join(folder, 'ring'), PASSPHRASE)
      .list()
      .map(({ name }) => name);
    expect(names).to.deep.equal(['cards', 'many-0', 'many-1', 'many-2', 'many-3', 'mara', 'same']);
  });

  it('asks on a terminal without showing what is typed', async function () {
    needs(this, 'the command `script`, which gives a terminal,', hasTerminal);
    const twice = { 'New passphrase: ': PASSPHRASE, 'Once more: ': PASSPHRASE };
    const made = await onTerminal(['keys', 'create', 'noor', '--keys', 'typed'], twice, folder);
    expect(made.code, made.stdout).to.equal(0);
    expect(openKeyring(path.join(folder, 'typed'), PASSPHRASE).get('noor')).to.include({ kind: 'officer' });
    const listed = await onTerminal(
      ['keys', 'list', '--keys', 'typed'],
      { 'Passphrase: ': PASSPHRASE },
      folder,
    );
    expect(listed.stdout).to.include('Passphrase: ').and.to.include('noor');
    const mistyped = { ...twice, 'Once more: ': 'nine ladders and a kilm' };
    const differing = await onTerminal(['keys', 'create', 'noor', '--keys', 'typed-2'], mistyped, folder);
    expect(differing.code).to.equal(2);
    expect(fs.existsSync(path.join(folder, 'typed-2'))).to.equal(false);
    ran.push(made, listed, differing); // what was typed must not be among what was shown
  });

  it('shows every command to a newcomer, with the exit codes', () => {
    for (const args of [[], ['create'], ['list'], ['show'], ['passphrase']]) {
      const { code, stdout } = keys(['keys', ...args, '--help'], {});
      expect(code).to.equal(0);
      expect(stdout).to.include('Exit codes: 0').and.to.include('Usage: kudurru keys');
    }
  });

  it('printed no byte of a secret in all of this, in hex or in base64', () => {
    const printed = ran.flatMap(({ stdout, stderr }) => [stdout, stderr]).join('\n');
    expect(ran.length).to.be.greaterThan(20);
    const searched = searchForSecrets(path.join(folder, 'ring'), PASSPHRASE, printed);
    expect(searched).to.deep.equal({ secrets: 8, leaked: 0 });
    expect(printed).to.not.include(PASSPHRASE);
  });
});
