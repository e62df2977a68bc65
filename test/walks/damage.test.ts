/**
 * A bit of the data folder turned over, in every kind of file there is: it is named, or it was in nobody's use; it is
 * never passed over with other figures, other rows, or a row that is there and not found.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import { checkFolder } from '../../scripts/fsck.ts';
import type { Checkup } from '../../server/checkup.ts';
import { keyFolderOf } from '../../server/store/keys.ts';
import { openLevel } from '../../server/store/level.ts';
import { stateOfLog } from '../../server/store/levelFiles.ts';
import { startApp } from '../gateway/app.ts';
import { playDemo, reopenDemo } from '../gateway/demo.ts';
import { kudurru } from '../gateway/kudurru.ts';
import { seeded } from '../seeded.ts';
import { flipBit } from '../server/store/folder.ts';

const SEED = 20_261_124;
/** For each file; `KUDURRU_FLIPS` asks for more. */
const FLIPS_A_FILE = Number(process.env.KUDURRU_FLIPS ?? 4);
const LEVELS = [
  ['precious', false],
  ['keyStore', false],
  ['views', true],
] as const;
/**
 * What a data folder has after a kill. Level's own diary (`LOG`) holds nothing of ours; the door that the kill left open
 * leads nowhere, whatever is written on it.
 */
const KINDS = [
  ...['.ldb', '.log', 'CURRENT', 'LOG', 'MANIFEST'],
  ...['door.json', 'master.key', 'ring.sealed', 'trust.json'],
];

const UNREAD: ReadonlySet<string> = new Set(['LOG', 'door.json']);

const kindOf = (file: string) =>
  KINDS.find((kind) => path.basename(file).startsWith(kind) || file.endsWith(kind)) ?? file;

interface Content {
  readonly checkup: Checkup;
  /** Every row of every level, and how many of them are not found by their key. */
  readonly rows: Readonly<Record<string, string>>;
}

describe('a data folder in which a bit was turned over', function () {
  this.timeout(300_000);
  let folder: string;
  let whole: Content;
  /** Views that were dropped, for the next start to build them again. */
  let dropped: string | undefined;
  let copies = 0;

  /** A demonstration that was stopped as it should be, gone on with, and cut off. */
  before(async () => {
    const files = { parcels: demoParcels({ count: 5 }), registrations: demoRegistrations({ count: 6 }) };
    folder = playDemo(files).folder;
    const { app } = await reopenDemo(folder);
    await app.ask('PUT', '/parcels?office=1', {
      token: await app.token('registrar', 1),
      file: { text: demoParcels({ count: 3 }).replaceAll('0.0', '0.1'), type: 'application/geo+json' },
    });
    await app.kill9();
    whole = await contentOf(copy());
    const viewless = copy();
    rmSync(path.join(viewless, 'views'), { recursive: true });
    dropped = (await contentOf(viewless)).rows.views;
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  /** Never the same name twice: what is open under one stays so when a check is cut short. */
  function copy(): string {
    const to = path.join(folder, `copy-${copies++}`);
    cpSync(path.join(folder, 'data'), to, { recursive: true });
    cpSync(keyFolderOf(path.join(folder, 'data')), keyFolderOf(to), { recursive: true });
    return to;
  }

  async function contentOf(data: string): Promise<Content> {
    const checkup = await checkFolder(data);
    const rows: Record<string, string> = {};
    if (!checkup.ok) return { checkup, rows };
    for (const [name, compression] of LEVELS) {
      const opened = openLevel(path.join(data, name), { compression });
      const level = await (name === 'views' ? opened.catch(() => undefined) : opened);
      if (level === undefined) {
        rows[name] = dropped ?? ''; // the check leaves the folder as it is; a start builds such views again
        continue;
      }
      const all = await level.iterator().all();
      const unfound = all.filter(([key]) => level.getSync(key) === undefined).length;
      rows[name] =
        `${unfound} not found of ${all.map(([key, value]) => `${key} ${Buffer.from(value).toString('hex')}`).join('\n')}`;
      await level.close();
    }
    return { checkup, rows };
  }

  /** Of the data folder, and with `keys/` before it of the folder of its keys. */
  const files = () => {
    const data = path.join(folder, 'data');
    const keys = readdirSync(keyFolderOf(data)).map((name) => `keys/${name}`);
    return [...readdirSync(data, { recursive: true, encoding: 'utf8' }), ...keys]
      .filter((name) => statSync(inFolder(data, name)).isFile())
      .filter((name) => statSync(inFolder(data, name)).size > 0)
      .sort();
  };
  const inFolder = (data: string, name: string) =>
    name.startsWith('keys/')
      ? path.join(keyFolderOf(data), name.slice('keys/'.length))
      : path.join(data, name);

  it('is whole before, and has a file of every kind', () => {
    expect(whole.checkup).to.deep.include({ ok: true, findings: [] });
    expect([...new Set(files().map(kindOf))].sort()).to.deep.equal([...KINDS].sort());
  });

  it('is refused by name, or the bit was in nobody’s use', async () => {
    const random = seeded(SEED);
    const tally = new Map<string, { tried: number; named: number; unused: number; rebuilt: number }>();
    for (const file of files()) {
      const figures = tally.get(kindOf(file)) ?? { tried: 0, named: 0, unused: 0, rebuilt: 0 };
      tally.set(kindOf(file), figures);
      for (let turn = 0; turn < FLIPS_A_FILE; ) {
        const data = copy();
        const bytes = readFileSync(inFolder(data, file));
        const bit = random.below(8 * bytes.length);
        const bent = flipBit(bytes, bit);
        // The length of the last record: a write that was cut off looks like it, and is nobody's who was answered.
        if (file.endsWith('.log') && stateOfLog(bent) === 'cut-off') continue;
        writeFileSync(inFolder(data, file), bent);
        const { checkup, rows } = await contentOf(data);
        const where = `${file}, bit ${bit}`;
        figures.tried++;
        turn++;
        if (checkup.ok) {
          expect(checkup, where).to.deep.equal(whole.checkup);
          const { views, ...precious } = rows;
          expect({ ...precious, views: whole.rows.views }, where).to.deep.equal(whole.rows);
          expect(views, where).to.be.oneOf([whole.rows.views, dropped]);
          // Views that cannot be opened are thrown away, for the next start builds them again.
          if (file.startsWith('views') && views === dropped) figures.rebuilt++;
          else figures.unused++;
        } else {
          expect(checkup.findings[0]?.what, where).to.be.a('string').and.not.empty;
          figures.named++;
        }
        rmSync(data, { recursive: true, force: true });
      }
    }
    for (const [kind, { tried, named, unused, rebuilt }] of tally)
      console.log(
        `      bits of ${kind} | seed ${SEED} | ${tried} tried | ${named} named, ${rebuilt} rebuilt, ${unused} unused | 0 wrong`,
      );
    for (const kind of KINDS) {
      const { named = 0, unused = 0, rebuilt = 0 } = tally.get(kind) ?? {};
      expect(named + unused + rebuilt, kind).to.be.greaterThan(FLIPS_A_FILE - 1);
      // Nobody reads level's diary, nor a door unless somebody has the folder; of a table file the rows that were written over are in nobody's use.
      if (UNREAD.has(kind)) expect(named, kind).to.equal(0);
      else if (kind === '.ldb') expect(named + rebuilt, kind).to.be.greaterThan(unused);
      else expect(unused, kind).to.equal(0);
    }
  });

  it('is told of whichever page of the order of keys is bent or lost, of a table that is read at the opening too', async () => {
    const random = seeded(SEED);
    const precious = (data: string) => openLevel(path.join(data, 'precious'), { compression: false });
    const first = await precious(copy());
    const pages = await first.iterator({ gte: '!pages!', lt: '!pages"' }).all();
    await first.close();
    const found: boolean[] = [];
    for (const [i, [page, raw]] of pages.entries()) {
      const data = copy();
      const level = await precious(data);
      if (i % 2 === 0) await level.put(page, flipBit(raw, random.below(8 * raw.length)));
      else await level.del(page);
      await level.close();
      const { checkup } = await contentOf(data);
      found.push(checkup.findings.some(({ what }) => what.startsWith('The order of keys is not what')));
      rmSync(data, { recursive: true });
    }
    console.log(
      `      pages of the order | ${found.length} bent or lost | ${found.filter((one) => !one).length} untold`,
    );
    expect(found).to.not.include(false);
    expect(found.length).to.be.greaterThan(20);
  });

  it('has the order of its keys built again from the rows where a page is bent, lost or put back, and then is sound', async () => {
    const data = copy();
    const random = seeded(SEED);
    const level = await openLevel(path.join(data, 'precious'), { compression: false });
    const pages = await level.iterator({ gte: '!pages!', lt: '!pages"' }).all();
    const [[bent = '', raw = Buffer.of()] = [], [lost = ''] = []] = [0, 1].map(
      (half) => pages[2 * random.below(Math.floor(pages.length / 2)) + half],
    );
    await level.put(bent, flipBit(raw, random.below(8 * raw.length)));
    await level.del(lost);
    await level.close();
    const { checkup } = await contentOf(data);
    expect(checkup.ok).to.equal(false);
    for (const { what } of checkup.findings)
      expect(what).to.match(/^The order of keys is not what was written/);
    const env = { KUDURRU_DATA: data, KUDURRU_FOUNDING: path.join(folder, 'founding.json') };
    const app = await startApp({ folder, env: Object.assign({}, env, { KUDURRU_BUILD_ORDER: '1' }) });
    const again = kudurru(['fsck', '--data', data]); // of the gateway that runs
    await app.stop();
    expect(again.stdout).to.match(/^SOUND/);
    expect((await contentOf(data)).checkup).to.deep.include({ ok: true, findings: [] });
    rmSync(data, { recursive: true });
  });

  it('is told from one whose keys are only elsewhere, and what is found is told in words', () => {
    const parts = ['keyStore', 'precious'].map((name) => (data: string) => path.join(data, name));
    for (const folderOf of [keyFolderOf, ...parts]) {
      const lacking = copy();
      const folder = folderOf(lacking);
      rmSync(folder, { recursive: true });
      const told = kudurru(['fsck', '--data', lacking]);
      expect([told.code, told.stdout], folder).to.deep.equal([2, '']);
      expect(told.stderr).to.include(`without its folder ${folder}: put it back. Nothing was altered`);
      expect(existsSync(folder), 'nothing was made').to.equal(false);
      rmSync(lacking, { recursive: true });
    }
    const bent = copy();
    const trust = path.join(bent, 'trust.json');
    writeFileSync(trust, readFileSync(trust, 'utf8').replace(/"chainId": ?\d+/, '"chainId": 7'));
    const told = kudurru(['fsck', '--data', bent]);
    expect([told.code, told.stdout]).to.satisfy(
      ([code, words]: [number, string]) =>
        code === 1 && /^NOT SOUND: .*\n {2}folder: [A-Z][^{}"]*$/m.test(words),
    );
    rmSync(bent, { recursive: true });
  });

  it('is said to be unsound by the command, with its exit code, and is not started on', async () => {
    const named = copy();
    rmSync(inFolder(named, 'keys/ring.sealed'));
    // A key that is missing is no tampering: told as what it is, and nothing is said of the rows.
    const missing = kudurru(['fsck', '--data', named]);
    expect([missing.code === 0, missing.stdout], missing.stderr).to.deep.equal([false, '']);
    expect(missing.stderr).to.include('key-folder-missing');
    for (const file of ['trust.json', 'keys/ring.sealed', 'precious/CURRENT'].concat(
      files().filter((name) => /^precious\/(MANIFEST|.*\.log)/.test(name)),
    )) {
      const data = copy();
      const bytes = readFileSync(inFolder(data, file));
      writeFileSync(inFolder(data, file), flipBit(bytes, 8 * 12 + 1));
      const told = kudurru(['fsck', '--data', data, '--json']);
      const { ok, findings } = JSON.parse(told.stdout) as Checkup;
      expect([told.code, ok, findings[0]?.check], `${file} ${told.stderr}`).to.deep.equal([
        1,
        false,
        'folder',
      ]);
      const env = { KUDURRU_DATA: data, KUDURRU_FOUNDING: path.join(folder, 'founding.json') };
      const start = await startApp({ folder, env }).then(
        async (app) => {
          await app.stop();
          return 'started';
        },
        (error: Error) => error.message,
      );
      expect(start, file).to.include('Kudurru cannot start').and.include(findings[0]?.what);
      expect(start, file).not.to.include(' at '); // a trace is for bugs
      rmSync(data, { recursive: true, force: true });
    }
  });
});
