/** Keys under a hardware token, which is SoftHSM here: asked through `pkcs11-tool`, lost, locked, slow, another one, killed. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { checkFolder } from '../../../scripts/fsck.ts';
import { toHex } from '../../../server/domain/base/hex.ts';
import { refusal } from '../../../server/domain/base/refusal.ts';
import type { SubjectRef } from '../../../server/domain/people/schema.ts';
import { KeyRotation } from '../../../server/store/keyRotation.ts';
import { keyFolderOf } from '../../../server/store/keys.ts';
import { openToken, type TokenSettings } from '../../../server/store/pkcs11.ts';
import { Subjects } from '../../../server/store/subjects.ts';
import { Vault } from '../../../server/store/vault.ts';
import { openStores, type Stores } from '../../../server/wiring/stores.ts';
import { needs } from '../../within.ts';
import { filesBelow, refusedAs, removeTemporaryFolders, temporaryFolder, whileOpen } from './folder.ts';
import { AGENCY, openPeople, personEntry } from './people.ts';

const MODULE = '/usr/lib/softhsm/libsofthsm2.so';
const PIN = '74920163';
const LABEL = 'kudurru-test';
const DAY_MS = 24 * 3_600_000;
const [NOVEMBER, DECEMBER] = [Date.UTC(2026, 10, 20), Date.UTC(2026, 11, 1)] as const;
const log = pino({ level: 'silent' });
const hasTool = (name: string) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

describe('the keys under a hardware token', function () {
  this.timeout(120_000);
  let folder: string;
  let data: string;
  let keyToken: TokenSettings;
  const was = { conf: process.env.SOFTHSM2_CONF, path: process.env.PATH };
  const tokens = () => join(folder, 'tokens');

  before(function () {
    needs(this, 'softhsm2-util', hasTool('softhsm2-util') && existsSync(MODULE));
    needs(this, 'pkcs11-tool', hasTool('pkcs11-tool'));
  });
  beforeEach(() => {
    folder = temporaryFolder();
    data = join(folder, 'data');
    mkdirSync(tokens());
    const conf = join(folder, 'softhsm2.conf');
    writeFileSync(
      conf,
      `directories.tokendir = ${tokens()}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    process.env.SOFTHSM2_CONF = conf;
    const init = ['--init-token', '--free', '--label', LABEL, '--so-pin', '12345678', '--pin', PIN];
    execFileSync('softhsm2-util', init);
    keyToken = { module: MODULE, label: LABEL, pinFile: join(folder, 'pin') };
    writeFileSync(keyToken.pinFile, `${PIN}\n`, { mode: 0o600 });
  });
  afterEach(() => {
    process.env.PATH = was.path;
  });
  after(() => {
    if (was.conf === undefined) delete process.env.SOFTHSM2_CONF;
    else process.env.SOFTHSM2_CONF = was.conf;
    removeTemporaryFolders();
  });

  const open = (settings: TokenSettings | undefined = keyToken) =>
    openStores(data, log, { keyToken: settings, nowMs: () => NOVEMBER });
  const withStores = <T>(work: (stores: Stores) => Promise<T>) => whileOpen(open(), work);
  const enrol = async ({ store, keys, dataKeys }: Stores): Promise<SubjectRef> => {
    const subject = await new Subjects(store, keys).enrol(AGENCY, []);
    await new Vault(store, dataKeys).put([personEntry(subject)]);
    return subject;
  };
  const isReadable = async ({ dataKeys }: Stores, subject: SubjectRef) =>
    (await dataKeys.find({ subject, agency: AGENCY, class: 'confidential', group: '' })) !== undefined;
  const sweptAt = async ({ keys, dataKeys }: Stores, atMs: number) => {
    const rotation = new KeyRotation({ keys, dataKeys, nowMs: () => atMs });
    while ((await rotation.sweep()) > 0);
  };
  const ringOf = (): string => {
    const bytes = readFileSync(join(keyFolderOf(data), 'ring.sealed'));
    return JSON.parse(bytes.toString('utf8', 3, 3 + bytes.readUInt16BE(1))).ring;
  };
  /** What stands in for the tool of OpenSC, in front of it. */
  const inFront = (script: string) => {
    const place = join(folder, 'bin');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'pkcs11-tool'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    process.env.PATH = `${place}${delimiter}${was.path}`;
  };

  it('open with it over a restart, and with nothing that lies in either folder', async () => {
    const subject = await withStores(async (stores) => {
      expect([stores.keys.warning, stores.keys.month]).to.deep.equal([undefined, '2026-11']);
      return enrol(stores);
    });
    expect(readdirSync(keyFolderOf(data))).to.deep.equal(['ring.sealed']);
    await withStores(async (stores) => expect(await isReadable(stores, subject)).to.equal(true));
    expect(await refusedAs(openStores(data, log))).to.equal('key-token-unnamed');
    expect(await refusedAs(checkFolder(data)), 'no finding of the data').to.equal('key-token-unnamed');
  });

  it('are sealed anew each month, and the token destroys the old key with every copy under it', async () => {
    const subject = await withStores(enrol);
    const [keys, copy] = [keyFolderOf(data), join(folder, 'copy')];
    cpSync(keys, copy, { recursive: true });
    await withStores(async (stores) => {
      await sweptAt(stores, DECEMBER);
      const token = openToken(keyToken, ringOf());
      expect(await token.months()).to.deep.equal(['2026-11', '2026-12']);
      await sweptAt(stores, DECEMBER + 30 * DAY_MS - 1);
      expect(await token.months()).to.deep.equal(['2026-11', '2026-12']);
      await sweptAt(stores, DECEMBER + 30 * DAY_MS);
      expect(await token.months()).to.deep.equal(['2026-12']);
      expect(await isReadable(stores, subject)).to.equal(true);
    });
    renameSync(keys, `${keys}-now`);
    cpSync(copy, keys, { recursive: true });
    expect(await refusedAs(open())).to.equal('key-token-differs');
    rmSync(keys, { recursive: true });
    renameSync(`${keys}-now`, keys);
    await withStores(async (stores) => expect(await isReadable(stores, subject)).to.equal(true));
  });

  it('open with a copy of the token that was made in the month before, which gets the key of this month', async () => {
    const subject = await withStores(enrol);
    const copy = join(folder, 'copy');
    cpSync(tokens(), copy, { recursive: true });
    await withStores((stores) => sweptAt(stores, DECEMBER));
    rmSync(tokens(), { recursive: true });
    cpSync(copy, tokens(), { recursive: true });
    await withStores(async (stores) => {
      expect([stores.keys.month, await isReadable(stores, subject)]).to.deep.equal(['2026-12', true]);
      const token = openToken(keyToken, ringOf());
      expect(await token.months()).to.deep.equal(['2026-11']);
      expect([await stores.keys.toThisMonth(), await stores.keys.toThisMonth()]).to.deep.equal([true, false]);
      expect(await token.months()).to.deep.equal(['2026-11', '2026-12']);
      await sweptAt(stores, DECEMBER + 30 * DAY_MS);
      expect(await token.months()).to.deep.equal(['2026-12']);
    });
    await withStores(async (stores) => expect(await isReadable(stores, subject)).to.equal(true));
    rmSync(tokens(), { recursive: true });
    renameSync(copy, tokens());
    expect(await refusedAs(open()), 'older than what was destroyed').to.equal('key-token-differs');
  });

  it('go to it from a file when it is named, and the file is gone', async () => {
    const stores = await openStores(data, log);
    const subject = await enrol(stores);
    const integrity = toHex(await stores.keys.integrityKey());
    await stores.close();
    await withStores(async ({ keys }) => {
      expect(keys.warning).to.match(/^SOFTWARE KEYS/);
      const doubt = refusal('clock-doubtful', { days: 3n });
      expect(await refusedAs(keys.toToken(doubt)), 'no first month by a doubted clock').to.equal(doubt.code);
      expect(keys.warning).to.match(/^SOFTWARE KEYS/);
      expect(await keys.toToken()).to.equal(true);
      expect(keys.warning).to.equal(undefined);
      expect(await keys.toToken()).to.equal(false);
    });
    expect(readdirSync(keyFolderOf(data))).to.deep.equal(['ring.sealed']);
    await withStores(async (again) => {
      expect(await isReadable(again, subject)).to.equal(true);
      expect(toHex(await again.keys.integrityKey())).to.equal(integrity);
    });
  });

  it('are refused by name without it, with a wrong PIN, with another key, locked or silent, and nothing is lost', async () => {
    const subject = await withStores(enrol);
    const written = filesBelow(keyFolderOf(data)).map(({ bytes }) => bytes.toString('hex'));
    const away = (what: string) => renameSync(what, `${what}-away`);
    const back = (what: string) => {
      rmSync(what, { recursive: true, force: true });
      renameSync(`${what}-away`, what);
    };
    const isAsEver = async (what: string) => {
      expect(
        filesBelow(keyFolderOf(data)).map(({ bytes }) => bytes.toString('hex')),
        what,
      ).to.deep.equal(written);
      await withStores(async (stores) => expect(await isReadable(stores, subject), what).to.equal(true));
    };
    away(tokens());
    mkdirSync(tokens());
    expect(await refusedAs(open()), 'no token').to.equal('key-token-missing');
    back(tokens());
    await isAsEver('without it');
    expect(await refusedAs(open({ ...keyToken, module: '/nowhere.so' }))).to.equal('key-token-missing');
    writeFileSync(keyToken.pinFile, '11111111');
    expect(await refusedAs(open())).to.equal('key-token-pin-refused');
    writeFileSync(keyToken.pinFile, PIN);
    chmodSync(keyToken.pinFile, 0o640);
    expect(await refusedAs(open())).to.equal('key-file-exposed');
    chmodSync(keyToken.pinFile, 0o600);
    cpSync(tokens(), `${tokens()}-away`, { recursive: true });
    const token = openToken(keyToken, ringOf());
    const [month] = await token.months();
    if (month === undefined) throw new Error('no key on the token');
    await token.destroy(month);
    expect(await refusedAs(open()), 'no key').to.equal('key-token-differs');
    await token.make(month);
    expect(await refusedAs(open()), 'another key').to.equal('key-token-differs');
    back(tokens());
    await isAsEver('with another key');
    inFront('echo "error: PKCS11 function C_Login failed: rv = CKR_PIN_LOCKED (0xa4)" >&2; exit 1');
    expect(await refusedAs(open())).to.equal('key-token-locked');
    inFront('exec sleep 60');
    expect(await refusedAs(open({ ...keyToken, timeoutMs: 200 }))).to.equal('key-token-silent');
    process.env.PATH = join(folder, 'nothing');
    expect(await refusedAs(open())).to.equal('key-token-missing');
    process.env.PATH = was.path;
    await isAsEver('locked and silent');
  });

  it('are made to stay on it, which is read back, and are told of where one may leave it', async () => {
    const real = execFileSync('sh', ['-c', 'command -v pkcs11-tool'], { encoding: 'utf8' }).trim();
    const careless = `case " $* " in *" --keygen "*) exec ${real} "$@" --extractable;; *) exec ${real} "$@";; esac`;
    inFront(careless);
    expect(await refusedAs(open()), 'a token whose keys may leave it').to.equal('key-token-extractable');
    const bare = () =>
      execFileSync(real, [...login, '--list-objects', '--type', 'secrkey'], { encoding: 'utf8' });
    const login = ['--module', MODULE, '--token-label', LABEL, '--login', '--pin', PIN];
    expect(bare(), 'what was made for nothing is gone').not.to.include('kudurru-');
    process.env.PATH = was.path;
    await withStores(async ({ keys }) => expect(keys.warning).to.equal(undefined));
    inFront(`${real} "$@" | sed 's/never extractable/extractable/'`);
    const stores = await open();
    expect(stores.keys.warning).to.match(/^THE KEY ON THE TOKEN CAN LEAVE IT/);
    await stores.close();
  });

  it('are gone from it when they are destroyed, however many have the name, or that is said', async () => {
    await withStores(async (stores) => {
      await enrol(stores);
      const ring = ringOf();
      const token = openToken(keyToken, ring);
      const login = ['--module', MODULE, '--token-label', LABEL, '--login', '--pin', PIN];
      const listed = execFileSync('pkcs11-tool', [...login, '--list-objects', '--type', 'secrkey'], {
        encoding: 'utf8',
      });
      const id = /ID:\s+([0-9a-f]+)/.exec(listed)?.[1] ?? '';
      const again = ['--keygen', '--key-type', 'AES:32', '--sensitive', '--private', '--id', id];
      execFileSync('pkcs11-tool', [...login, ...again, '--label', `kudurru-${ring}-2026-11`]);
      await sweptAt(stores, DECEMBER);
      const real = execFileSync('sh', ['-c', 'command -v pkcs11-tool'], { encoding: 'utf8' }).trim();
      inFront(`case " $* " in *" --delete-object "*) exit 0;; *) exec ${real} "$@";; esac`);
      const said = await sweptAt(stores, DECEMBER + 30 * DAY_MS).catch(String);
      expect(said, 'a token that only says so').to.include('still has a key');
      process.env.PATH = was.path;
      await sweptAt(stores, DECEMBER + 30 * DAY_MS + 1);
      expect(await token.months(), 'both of one name').to.deep.equal(['2026-12']);
    });
  });

  it('try no PIN a second time that was refused', async () => {
    inFront(
      `echo tried >> ${join(folder, 'tried')}; echo "C_Login failed: rv = CKR_PIN_INCORRECT (0xa0)" >&2; exit 1`,
    );
    const token = openToken(keyToken, 'anything');
    for (let i = 0; i < 3; i++) expect(await refusedAs(token.months())).to.equal('key-token-pin-refused');
    expect(readFileSync(join(folder, 'tried'), 'utf8')).to.equal('tried\n');
  });

  it('try no PIN a second time in a gateway that runs, however often it sweeps', async () => {
    await withStores(async (stores) => {
      await enrol(stores);
      inFront(
        `echo tried >> ${join(folder, 'tried')}; echo "C_Login failed: rv = CKR_PIN_INCORRECT (0xa0)" >&2; exit 1`,
      );
      for (let i = 0; i < 3; i++)
        expect(await refusedAs(sweptAt(stores, DECEMBER))).to.equal('key-token-pin-refused');
    });
    expect(readFileSync(join(folder, 'tried'), 'utf8')).to.equal('tried\n');
  });

  it('are given no PIN that would be shown by the error of a child that cannot start', async () => {
    for (const pin of [`${PIN}\0`, '', '123', `12345678 ${PIN}`]) {
      writeFileSync(keyToken.pinFile, pin);
      const failed = await openToken(keyToken, 'anything').months().catch(String);
      expect(failed).to.include('KUDURRU_KEY_TOKEN_PIN_FILE').and.not.include(PIN);
    }
  });

  it('are given up with all that the tool started, and a signal or a tool that may not run is named', async () => {
    const months = (timeoutMs = 10_000) =>
      openToken({ ...keyToken, timeoutMs }, 'anything')
        .months()
        .catch(String);
    inFront(`(sleep 1; echo late > ${join(folder, 'late')}) & wait`);
    expect(await months(500)).to.include('did not answer');
    await pause(1_000);
    expect(existsSync(join(folder, 'late'))).to.equal(false);
    inFront('kill -SEGV $$');
    expect(await months()).to.include('SIGSEGV');
    chmodSync(join(folder, 'bin', 'pkcs11-tool'), 0o600);
    process.env.PATH = join(folder, 'bin');
    expect(await months()).to.include('EACCES');
  });

  it('go on under the month before where the token is gone when a month begins, and under the next when it is back', async () => {
    await withStores(async (stores) => {
      const first = await enrol(stores);
      renameSync(tokens(), `${tokens()}-away`);
      mkdirSync(tokens());
      expect(await refusedAs(sweptAt(stores, DECEMBER))).to.equal('key-token-missing');
      const second = await enrol(stores);
      expect(stores.keys.month).to.equal('2026-11');
      rmSync(tokens(), { recursive: true });
      renameSync(`${tokens()}-away`, tokens());
      await sweptAt(stores, DECEMBER);
      expect(stores.keys.month).to.equal('2026-12');
      for (const subject of [first, second]) expect(await isReadable(stores, subject)).to.equal(true);
    });
  });

  it('give the PIN in no argument and leave neither it nor the ring’s key in any file', async () => {
    const real = execFileSync('sh', ['-c', 'command -v pkcs11-tool'], { encoding: 'utf8' }).trim();
    inFront(`echo "$@" >> ${join(folder, 'arguments')}; exec ${real} "$@"`);
    await withStores(enrol);
    const given = readFileSync(join(folder, 'arguments'), 'utf8');
    expect(given).to.include('--keygen').and.include('--decrypt').and.not.include(PIN);
    for (const place of [data, keyFolderOf(data)]) {
      for (const { bytes } of filesBelow(place)) expect(bytes.includes(PIN)).to.equal(false);
    }
  });

  it('are lost by no kill while they go to the token, or from one of its keys to the next', async () => {
    const child = join(import.meta.dirname, 'keyRotation.child.ts');
    const whole = join(folder, 'whole');
    const people = await openPeople(whole);
    const scope = {
      subject: `0x${'5'.repeat(64)}` as SubjectRef,
      agency: AGENCY,
      class: 'confidential',
      group: '',
    } as const;
    const [made] = await people.dataKeys.obtain([scope]);
    await people.close();
    const settings = {
      KUDURRU_KEY_TOKEN: LABEL,
      KUDURRU_KEY_TOKEN_MODULE: MODULE,
      KUDURRU_KEY_TOKEN_PIN_FILE: keyToken.pinFile,
    };
    const instants = [NOVEMBER, DECEMBER, DECEMBER + 30 * DAY_MS].join(',');
    let [tried, lost] = [0, 0];
    for (const crash of ['token.key-made:1', 'token.key-made:2', 'token.ring-moved:1', 'keys.destroyed:1']) {
      const at = join(folder, crash.replace(':', '-'));
      cpSync(whole, at, { recursive: true });
      const run = (env: object) =>
        spawnSync(process.execPath, [child, at, instants], {
          env: { ...process.env, ...settings, ...env },
          encoding: 'utf8',
        });
      const killed = run({ KUDURRU_CRASH: crash });
      expect(killed.signal, `${crash} ${killed.stderr}`).to.equal('SIGKILL');
      const ended = run({});
      expect(ended.stdout.trim().split('\n').at(-1), `${crash} ${ended.stderr}`).to.equal('done');
      expect(readdirSync(join(at, 'keys')), crash).to.deep.equal(['ring.sealed']);
      Object.assign(process.env, settings);
      try {
        const after = await openPeople(at);
        const found = await after.dataKeys.find(scope);
        if (made === undefined || found === undefined || toHex(found.key) !== toHex(made.key)) lost++;
        await after.close();
      } finally {
        for (const name of Object.keys(settings)) delete process.env[name];
      }
      tried++;
    }
    console.log(`      kill -9 on the way to a token | ${tried} tried | ${lost} lost`);
    expect([tried, lost]).to.deep.equal([4, 0]);
  });
});
