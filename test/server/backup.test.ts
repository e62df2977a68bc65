/**
 * A backup of a gateway that goes on, and what is made of it: whole at whatever moment it was taken, refused where anything was
 * changed or nobody showed what was destroyed since, and without whom the ledger counts as destroyed.
 */
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { pino } from 'pino';
import { demoParcels } from '../../scripts/demoData.ts';
import { MANIFEST, readManifest, STORE_FILES } from '../../server/backup.ts';
import { ZERO_32 } from '../../server/domain/base/hex.ts';
import { orderAt } from '../../server/localControl.ts';
import { restore } from '../../server/restore.ts';
import { keyStoreTables } from '../../server/store/dataKeys.ts';
import { keyFolderOf, openSoftwareKeys } from '../../server/store/keys.ts';
import type { SortedTable } from '../../server/store/store.ts';
import { openStores } from '../../server/wiring/stores.ts';
import { Aid, syntheticPeople } from '../aid/aid.ts';
import { named } from '../chain/signing.ts';
import { type ActTold, type App, freePort, headOf, OFFICERS, startApp } from '../gateway/app.ts';
import { kudurruBeside, type Ran } from '../gateway/kudurru.ts';
import { seeded } from '../seeded.ts';
import { flipBit, refusedAs, whileOpen } from './store/folder.ts';

const SEED = 220;
/** Of moments at which a backup is taken while acts are recorded; a campaign takes more. */
const MOMENTS = Number(process.env.KUDURRU_RESTORES ?? 3);
const PEOPLE = 6;
/** One a class: whoever lost one of those that no unit holds lost all. */
const KEYS_A_PERSON = 2;
const MARKED = 'MARKED';
const ENV = { KUDURRU_PASSPHRASE: 'nine ladders and a kiln' };

interface Checked {
  readonly ok: boolean;
  readonly findings: readonly { readonly check: string }[];
}
interface Survey {
  readonly recorded: readonly { readonly baUnit: string }[];
}

const log = pino({ level: 'silent' });

describe('a backup of a gateway that goes on serving', function () {
  this.timeout(240_000 + MOMENTS * 30_000);
  let app: App;
  let folder: string;
  let rpc: string;
  const at = (name: string) => path.join(folder, name);
  let shops = 0;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-backup-'));
    const port = await freePort();
    rpc = `http://127.0.0.1:${port}`;
    app = await startApp({ folder, env: { KUDURRU_RPC_PORT: String(port) } });
    writeFileSync(at('member'), await app.token('member', 1));
    await done('holder', 'key', 'recorder', '--keys', 'ring');
    const record = JSON.parse((await done('recorder', 'key', ...recorder, '--json')).stdout);
    await app.act('member', '/acts/recorders', record);
    const aid = new Aid(app, 'backed up');
    await aid.define();
    const lines = syntheticPeople(PEOPLE).map((line) => line.replace('Synthetic', MARKED));
    const taken = await aid.register(lines);
    expect(taken.status, taken.text).to.equal(200);
    await done('backup', '--data', 'data', '--to', 'first', '--keys-to', 'first-keys');
  });
  after(async () => {
    await app?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const recorder = [
    ...['--key', 'recorder', '--keys', 'ring', '--trust', 'data/trust.json'],
    ...['--institution', '1', '--token', 'member'],
  ];
  const run = (...args: readonly string[]): Promise<Ran> =>
    kudurruBeside([...args], { ...ENV, KUDURRU_GATEWAY: app.url }, folder);
  async function done(...args: readonly string[]): Promise<Ran> {
    const ran = await run(...args);
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).to.equal(0);
    return ran;
  }
  const codeOf = ({ stdout }: Ran) => JSON.parse(stdout).code;
  const setShop = () =>
    app.act('agency', '/acts/vendors', { vendor: named(`shop ${shops++}`), standing: 'active', from: 0 });
  const entries = async () =>
    (await app.ask<{ counts: { entries: number } }>('GET', '/ledger')).body.counts.entries;
  const journal = (name: string) =>
    done('export', '--format', 'journal', '--rpc', rpc, '--trust', 'data/trust.json', '--out', name);
  /** As the command does, without a process of its own. */
  const restored = (backup: string, data: string, more: object = {}) =>
    restore({
      ...{ backup: at(backup), data: at(data), keys: at('first-keys'), keyToken: undefined },
      ...{ destroyed: undefined, nowMs: Date.now },
      ...more,
    });

  it('tells nobody without the keys anything, and has none of them', () => {
    const files = readdirSync(at('first')).toSorted();
    expect(files).to.deep.equal(
      [STORE_FILES.keyStore, MANIFEST, STORE_FILES.precious, 'trust.json'].toSorted(),
    );
    const ring = readFileSync(path.join(keyFolderOf(at('data')), 'master.key'));
    for (const name of files) {
      const bytes = readFileSync(at(path.join('first', name)));
      for (const needle of [MARKED, 'dataKeys!', 'subjects!', ring]) {
        expect(bytes.includes(needle), `${name}: ${needle.toString()}`).to.equal(false);
      }
    }
    const { sequence, ledger, rows, cursor } = readManifest(at('first'));
    expect(ledger.genesisHash).to.equal(app.trust().genesisHash);
    expect([sequence, rows.precious.blocks]).to.deep.equal([1, cursor.blockNumber]);
  });

  it('is not restored while nobody shows what was destroyed since, nor over anything that is there', async () => {
    const from = ['restore', '--from', 'first', '--keys', 'first-keys', '--json'];
    expect(codeOf(await run(...from, '--data', 'unlisted'))).to.equal('destroyed-keys-unlisted');
    expect(codeOf(await run(...from, '--data', 'data', '--no-list'))).to.equal('folder-not-empty');
    expect([existsSync(at('unlisted')), existsSync(at('unlisted-keys'))]).to.deep.equal([false, false]);
    const again = await run('backup', '--data', 'data', '--to', 'first', '--json');
    expect(codeOf(again)).to.equal('folder-not-empty');
    const beside = await run('backup', '--data', 'data', '--to', 'b', '--keys-to', 'b/keys', '--json');
    expect(codeOf(beside)).to.equal('backup-beside-keys');
    expect(codeOf(await run('backup', '--data', 'nowhere', '--to', 'b', '--json'))).to.equal(
      'gateway-not-running',
    );
  });

  it('is refused where a file was changed, is missing or is of another backup, and leaves nothing behind', async () => {
    await done('backup', '--data', 'data', '--to', 'second');
    const tried: string[] = [];
    const refusedWith = async (change: (copy: string) => void, code: string) => {
      cpSync(at('first'), at('changed'), { recursive: true });
      change(at('changed'));
      expect(await refusedAs(restored('changed', 'never')), tried.at(-1)).to.equal(code);
      rmSync(at('changed'), { recursive: true });
      const left = ['never', 'never-keys', 'never.restoring', 'never.restoring-keys'];
      expect(left.filter((name) => existsSync(at(name)))).to.deep.equal([]);
    };
    const random = seeded(SEED);
    for (const name of [...Object.values(STORE_FILES), 'trust.json', MANIFEST]) {
      tried.push(name);
      await refusedWith((copy) => {
        const file = path.join(copy, name);
        const bytes = readFileSync(file);
        // Of the manifest a number in it: what is no JSON any more is refused anyhow.
        const bit =
          name === MANIFEST
            ? bytes.indexOf('"sequence": 1') * 8 + 12 * 8 + 1
            : random.below(bytes.length * 8);
        writeFileSync(file, flipBit(bytes, bit));
      }, 'backup-changed');
      await refusedWith((copy) => appendFileSync(path.join(copy, name), '{'), 'backup-changed');
      if (name === MANIFEST) continue;
      await refusedWith((copy) => rmSync(path.join(copy, name)), 'backup-file-missing');
      if (name === 'trust.json') continue; // is the same in every backup
      await refusedWith((copy) => cpSync(at(`second/${name}`), path.join(copy, name)), 'backup-changed');
    }
    await refusedWith((copy) => rmSync(path.join(copy, MANIFEST)), 'backup-unfinished');
    await refusedWith(
      (copy) => cpSync(at(`second/${MANIFEST}`), path.join(copy, MANIFEST)),
      'backup-changed',
    );
  });

  it('is of one gateway: with the keys of another it is refused, and held against another ledger', async () => {
    cpSync(at('first-keys'), at('other-keys'), { recursive: true });
    openSoftwareKeys(at('strange-keys'));
    expect(await refusedAs(restored('first', 'never', { keys: at('strange-keys') }))).to.equal(
      'backup-of-other-keys',
    );
    const { cursor } = readManifest(at('first'));
    const shown = { ids: new Set(), through: 99n, entriesSince: 0 };
    for (const [atCursor, code] of [
      [undefined, 'chain-behind-backup'],
      [named('another block'), 'backup-of-another-ledger'],
    ]) {
      const destroyed = { ...shown, atCursor };
      expect(await refusedAs(restored('first', 'never', { destroyed }))).to.equal(code);
    }
    expect(cursor.blockNumber).to.be.greaterThan(0);
    expect(['never', 'never-keys'].filter((name) => existsSync(at(name)))).to.deep.equal([]);
  });

  it('destroys again whom the ledger counts as destroyed since, and leaves everybody else', async () => {
    await done('restore', '--from', 'first', '--keys', 'first-keys', '--data', 'looked', '--no-list');
    const [gone = [], others = []] = await keysOf('looked', (ids) => [
      ids.slice(0, 1),
      ids.slice(KEYS_A_PERSON),
    ]);
    writeFileSync(at('ids'), gone.map((id) => `0x${id.padEnd(64, '0')}`).join('\n'));
    await done('recorder', 'erase', 'ids', ...recorder, '--yes');
    await done('backup', '--data', 'data', '--to', 'younger');
    await journal('journal');
    const token = await app.token('auditor', 0);
    const checked = await app.ask<Checked>('POST', '/checks', { token });
    expect(checked.body.findings.map(({ check }) => check)).to.deep.equal(['keys']); // which it has still
    const from = (backup: string, data: string, ...more: readonly string[]) =>
      run('restore', '--from', backup, '--keys', 'first-keys', '--data', data, '--json', ...more);
    const told = await from('first', 'again', '--journal', 'journal', '--trust', 'data/trust.json');
    expect(told.code, told.stdout + told.stderr).to.equal(0);
    expect(JSON.parse(told.stdout)).to.include({ sequence: 1, erasedAgain: 1, entriesSince: 1 });
    expect(await keysOf('again', (ids) => [ids])).to.deep.equal([others]);
    const stones = await whileOpen(openStores(at('again'), log), async ({ erasures }) => {
      const laid = [];
      for await (const { ground, group } of erasures.tombstones()) laid.push([ground, group]);
      return laid;
    });
    expect(stones).to.deep.equal([['erased-before-restore', '']]);
    const old = await from('younger', 'never', '--journal', 'journal', '--rpc', rpc);
    expect(old.code).to.equal(2);
    await setShop();
    await done('backup', '--data', 'data', '--to', 'youngest');
    expect(codeOf(await from('youngest', 'never', '--journal', 'journal'))).to.equal('chain-behind-backup');
    const byNode = await from('youngest', 'by-node', '--rpc', rpc);
    expect(byNode.code, byNode.stdout + byNode.stderr).to.equal(0);
  });

  it('that is killed on its way leaves nothing that serves, and is restored by the same command', async () => {
    const command = ['restore', '--from', 'first', '--data', 'killed-data', '--no-list', '--json'];
    const killedAt = (point: string) =>
      kudurruBeside([...command, '--keys', 'first-keys'], { KUDURRU_CRASH: point }, folder);
    expect((await killedAt('restore.laid')).code).to.equal(null);
    expect([existsSync(at('killed-data')), existsSync(at('killed-data-keys'))]).to.deep.equal([false, false]);
    expect((await killedAt('restore.keys-moved')).code).to.equal(null);
    expect(existsSync(at('killed-data'))).to.equal(false);
    expect(codeOf(await run(...command, '--keys', 'first-keys'))).to.equal('folder-not-empty');
    await done(...command); // the keys are in their place by now
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).to.deep.equal([]);
  });

  /** What a look at the ids of the data keys of a stopped folder makes of them, in their order. */
  async function keysOf<T>(data: string, look: (ids: string[]) => T): Promise<T> {
    return whileOpen(openStores(at(data), log), async ({ keyStore }) => {
      const ids: string[] = [];
      const table = keyStoreTables[0] as SortedTable<{ readonly keyId: string }>;
      for await (const [, { keyId }] of keyStore.range(table)) ids.push(keyId);
      return look(ids);
    });
  }

  it('serves where it is put, and says what it said', async () => {
    const before = await entries();
    await app.stop();
    cpSync(at('by-node'), at('moved/data'), { recursive: true });
    cpSync(at('by-node-keys'), at('moved/data-keys'), { recursive: true });
    for (const name of ['founding.json', 'administrator']) cpSync(at(name), at(`moved/${name}`));
    app = await startApp({ folder: at('moved'), env: { KUDURRU_CRASH: 'backup.before-manifest' } });
    expect(await orderAt(at('moved/data'), { backup: at('killed') })).to.equal(undefined);
    await app.died();
    expect(await refusedAs(restored('killed', 'never'))).to.equal('backup-unfinished');
    app = await startApp({ folder: at('moved') });
    expect(await entries()).to.equal(before);
    await setShop();
    expect(await entries()).to.equal(before + 1);
    const token = await app.token('auditor', 0);
    const checked = await app.ask<{ ok: boolean }>('POST', '/checks', { token });
    expect(checked.body).to.deep.include({ ok: true, findings: [] });
  });

  it('has counted by its recorder what the gateway destroyed, and once', async () => {
    const [token, member] = [await app.token('registrar', 1), await app.token('member', 1)];
    const file = { text: demoParcels({ count: 1 }), type: 'application/geo+json' };
    const survey = await app.ask<Survey>('PUT', '/parcels?office=1', { token, file });
    const holder = {
      ...{ numerator: '1', partyKind: 'person', signer: 'none', keyHash: ZERO_32 },
      party: { name: 'Synthetic Holder' },
    };
    const right = {
      ...{ kind: 'ownership', standing: 'absolute', tenancy: 'sole', denominator: '1' },
      holders: [holder],
    };
    const origin = { origin: 'legacy', evidence: 'public-document' };
    const titles = survey.body.recorded.map(({ baUnit }) => ({ baUnit, ...origin, right }));
    const body = { head: headOf(OFFICERS.preparer), titles };
    const prepared = await app.ask<ActTold>('POST', '/acts/registrations', { token, body });
    expect(prepared.status, prepared.text).to.equal(201);
    expect((await app.ask('DELETE', `/acts/${prepared.body.id}`, { token })).status).to.equal(200);
    const due = await app.ask<{ ids: string[] }>('GET', '/recorder/erasures', { token: member });
    expect(due.body.ids.length).to.be.greaterThan(0);
    await done('recorder', 'erase', ...recorder, '--yes');
    const told = await app.ask<{ rows: { ids: string[] }[] }>('GET', '/institutions/1/erasures', {
      token: await app.token('auditor', 0),
    });
    expect(told.body.rows.at(-1)?.ids).to.deep.equal(due.body.ids);
    const again = await done('recorder', 'erase', ...recorder, '--yes');
    expect(again.stdout).to.equal('Nothing is due.\n');
  });

  it('loses nothing that was recorded before it was ordered, at whatever moment that was', async () => {
    const random = seeded(SEED);
    let [isOver, acknowledged, lost] = [false, await entries(), 0];
    const busy = Array.from({ length: 2 }, async () => {
      while (!isOver) {
        await setShop();
        acknowledged++;
      }
    });
    const taken: { readonly name: string; readonly least: number }[] = [];
    for (let i = 0; i < MOMENTS; i++) {
      await setTimeout(random.below(300));
      const least = acknowledged;
      const answer = await orderAt<unknown>(at('moved/data'), { backup: at(`moment-${i}`) });
      expect(answer, JSON.stringify(answer)).to.have.property('done');
      taken.push({ name: `moment-${i}`, least });
    }
    isOver = true;
    await Promise.all(busy);
    for (const { name, least } of taken) {
      const { check, blockNumber } = await restored(name, `${name}-data`, { keys: at('moved/data-keys') });
      lost += check === undefined || check.entries < least ? 1 : 0;
      expect(check?.blocks ?? 0).to.be.at.least(blockNumber);
      for (const one of [name, `${name}-data`, `${name}-data-keys`]) rmSync(at(one), { recursive: true });
    }
    console.log(`      restored to moments | seed ${SEED} | ${taken.length} tried | ${lost} lost`);
    expect([taken.length, lost]).to.deep.equal([MOMENTS, 0]);
  });
});
