/** `kudurru demo` as a newcomer runs it: on its own ledger, on one that runs, and on files that are none. */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import type { Summary } from '../../scripts/demo/summary.ts';
import { summaryInWords } from '../../scripts/demo/summary.ts';
import { demoParcels, demoRegistrations } from '../../scripts/demoData.ts';
import { type App, freePort, startApp } from '../gateway/app.ts';
import { type Played, playDemo } from '../gateway/demo.ts';
import { COMMAND, kudurru, type Ran } from '../gateway/kudurru.ts';
import { collection, feature, square } from '../server/domain/survey/parcelFiles.ts';

/** The village of whoever types `demo` without files, which the README shows. */
const PARCELS = 200;
const PEOPLE = 150;
/** The titles and what two of them go through; the programme, its shops, its cycle, and a batch a shop. */
const ENTRIES_AT_LEAST = 225;
const README = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
/** How far gas of one run is from that of another: calldata has more zero bytes or fewer. */
const GAS_BETWEEN_RUNS = 0.02;
/** Which programs read. */
const NAMED = [
  ...['parcels', 'titles', 'programme', 'refusedAttempts', 'entries', 'fsck', 'certificate', 'trust', 'gas'],
  ...['seconds', 'percentNotWaiting'],
];
const UNITS = ['enrolled', 'issuedUnits', 'redeemedUnits', 'settledUnits', 'expiredUnits', 'reclaimedUnits'];
/** For a gateway to start or to stop, on a machine that many share. */
const KILLED_MS = 60_000;

describe('kudurru demo', function () {
  this.timeout(240_000);
  const files = {
    parcels: demoParcels({ count: PARCELS }),
    registrations: demoRegistrations({ count: PEOPLE }),
  };
  let played: Played;
  let folder: string;
  let app: App;
  const inFolder = (name: string) => path.join(folder, name);
  const file = (name: string, text: string | Uint8Array) => {
    writeFileSync(inFolder(name), text);
    return inFolder(name);
  };
  const told = ({ stdout }: Ran) => JSON.parse(stdout);

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-demos-'));
    played = playDemo(files);
  });
  after(async () => {
    await app?.stop();
    for (const one of [folder, played?.folder]) if (one !== undefined) rmSync(one, { recursive: true });
  });

  it('plays the mission: every good line, every act, every refusal that is due', () => {
    const { summary, ran } = played;
    const { parcels, programme, registrations } = summary;
    expect(summary).to.include.keys(NAMED);
    expect(programme).to.have.all.keys(UNITS);
    expect(parcels).to.include({ read: PARCELS + 7, registered: PARCELS });
    expect(parcels.refused.every(({ line, code, message }) => line && code && message)).to.equal(true);
    expect(summary.titles).to.equal(PARCELS + 1);
    expect(programme.enrolled).to.equal(PEOPLE);
    expect(new Set(registrations.refused.map(({ code }) => code))).to.deep.equal(
      new Set(['national-id-repeated', 'units-not-positive', 'units-not-whole']),
    );
    expect(registrations.warnings['phone-shared']).to.be.greaterThan(0);
    expect(summary.refusedAttempts.map(({ code }) => code)).to.deep.equal([
      'act-blocked',
      'item-signature-invalid',
      'item-remaining-stale',
    ]);
    const acts = ['transfer', 'mortgage', 'discharge', 'caution', 'caution-withdrawal', 'subdivision'];
    expect(summary.gas).to.include.keys([
      ...acts,
      'consolidation',
      'enrolment',
      'cycle',
      'settlement',
      'close',
    ]);
    expect(Object.values(summary.gas).every((gas) => gas > 21_000)).to.equal(true);
    expect(summary.entries).to.be.greaterThan(ENTRIES_AT_LEAST);
    expect(ran.stderr).to.equal('');
  });

  /** What a block of the README shows behind these words, without the lines that it leaves out. */
  const shownBehind = (words: string): string[] => {
    const [, block = ''] = new RegExp(`${words}[^]*?\n\`\`\`\n([^]*?)\n\`\`\``).exec(README) ?? [];
    return block.split('\n').filter((line) => !['', '...'].includes(line.trim()));
  };
  /** Cards and keys are new in every run: how many units they redeem, how long it takes and how much it holds differ. */
  const masked = (line: string): string =>
    line
      .replaceAll(/\d+ (redeemed|reclaimed|settled)/g, '# $1')
      .replace(/^[\d.]+ s, [\d.]+ %(.*) \d+ MiB$/, '# s, # %$1 # MiB')
      .replace(/^(SOUND: )\d+ blocks/, '$1# blocks');

  it('is told in the README as it was played, to the entry', () => {
    const said = summaryInWords(played.summary).split('\n').map(masked);
    const shown = shownBehind('It ends like this:');
    const gas = shown.map((line) => /^ +(\S.*\S) {2,}([\d,]+)$/.exec(line));
    for (const [, act = '', used = ''] of gas.filter((one) => one !== null)) {
      const now = played.summary.gas[act] ?? 0;
      expect(Number(used.replaceAll(',', '')), act).to.be.within(
        ...([now * (1 - GAS_BETWEEN_RUNS), now * (1 + GAS_BETWEEN_RUNS)] as const),
      );
    }
    const lines = shown.filter((_, i) => gas[i] === null).map(masked);
    const isSaid = (line: string) =>
      said.some((one) => (line.endsWith(', ...') ? one.startsWith(line.slice(0, -4)) : one === line));
    expect(lines.filter((line) => !isSaid(line))).to.deep.equal([]);
    expect([lines.length, gas.filter((one) => one !== null).length]).to.deep.equal([15, 2]);
    const [, sound = ''] = /^(SOUND: .* in the vault)$/m.exec(README) ?? [];
    const fsck = kudurru(['fsck', '--data', path.join(played.folder, 'data')]);
    expect(masked(sound)).to.equal(masked(fsck.stdout.split('\n', 1)[0] ?? ''));
  });

  it('accounts for every unit that was issued, and settles what was bought', () => {
    const { issuedUnits, redeemedUnits, settledUnits, expiredUnits, reclaimedUnits } =
      played.summary.programme;
    expect(BigInt(issuedUnits)).to.equal(
      BigInt(redeemedUnits) + BigInt(expiredUnits) + BigInt(reclaimedUnits),
    );
    expect(Number(redeemedUnits)).to.be.at.least(100);
    expect(settledUnits).to.equal(redeemedUnits);
  });

  it('ends with a sound ledger and a certificate that stands alone', () => {
    const { fsck, certificate, trust, folder: left, seconds, percentNotWaiting } = played.summary;
    expect(fsck).to.deep.include({ ok: true, findings: [] });
    const checked = kudurru(['fsck', '--data', path.join(left, 'data'), '--json']);
    expect([checked.code, told(checked).ok]).to.deep.equal([0, true]);
    expect(kudurru(['verify', certificate, '--trust', trust]).code).to.equal(0);
    expect(seconds).to.be.greaterThan(0);
    expect(percentNotWaiting).to.be.within(0, 100);
  });

  it('refuses files that cannot be played before it writes anything', () => {
    const none = file('none.geojson', collection([feature('A', [square(0, 0, 0.000001)])]));
    const header = file('header.csv', 'nationalId;phoneNumber;totalHHSize\r\n');
    const noise = file(
      'noise',
      Uint8Array.from({ length: 400 }, (_, i) => (i * 97) % 256),
    );
    for (const [option, bad, code] of [
      ['--parcels', none, 'parcel-too-small'],
      ['--parcels', noise, 'geojson-not-collection'],
      ['--registrations', header, 'file-empty'],
      ['--registrations', noise, 'quote-misplaced'],
    ] as const) {
      const ran = kudurru(['demo', option, bad, '--folder', inFolder('unplayed'), '--json']);
      expect(ran.code, ran.stdout + ran.stderr).to.equal(1);
      expect(told(ran).code).to.match(/-none-good$/);
      expect(told(ran).refused[0].code).to.equal(code);
      expect(told(ran).remedy).to.be.a('string');
      expect(ran.stderr).to.equal('');
    }
    for (const unreadable of [inFolder('absent'), folder]) {
      const ran = kudurru(['demo', '--parcels', unreadable, '--folder', inFolder('unplayed')]);
      expect(ran.code).to.equal(2);
      expect(ran.stderr).to.match(/ is (not there|a folder, and no file)\.\n$/);
    }
    expect(existsSync(inFolder('unplayed'))).to.equal(false);
  });

  it('plays on one parcel and one person', () => {
    const alone = ['nationalId;phoneNumber;totalHHSize', 'DEMO-1;+9990000001;1', ''].join('\n');
    const { summary } = playDemo({
      parcels: collection([feature('LR 209, 7', [square(0, 0)])]),
      registrations: alone,
    });
    rmSync(summary.folder, { recursive: true });
    expect(summary).to.deep.include({ titles: 2 });
    expect(summary.programme).to.include({ enrolled: 1, redeemedUnits: '1', settledUnits: '1' });
    expect(summary.fsck.ok).to.equal(true);
  });

  it('divides the parcel it says, whatever else stands in the file', () => {
    const numbers = ['1', '2', '3', '4'];
    const parcels = numbers.map((number, i) => {
      const side = number === '4' ? 0.002 : 0.001;
      const { geometry } = JSON.parse(feature('', [square(0.01 * i, 0, side)]));
      // Every number stands in another parcel's row as well.
      return JSON.stringify({
        type: 'Feature',
        properties: { fid: 5 - (i + 1), parcel_num: number },
        geometry,
      });
    });
    const { summary } = playDemo({
      parcels: collection([
        '{"type":"Feature","properties":null,"geometry":null}',
        '"no feature"',
        ...parcels,
      ]),
      registrations: demoRegistrations({ count: 3 }),
    });
    const taken = kudurru(['demo', '--folder', summary.folder]);
    rmSync(summary.folder, { recursive: true });
    expect(summary.parcels).to.include({ read: 6, registered: 4 });
    expect(summary).to.deep.include({ titles: 5, leftOut: [] });
    expect(taken.code).to.equal(2);
    expect(taken.stderr).to.include('another folder');
  });

  it('says what it leaves out', () => {
    const strip = (x: number) => [square(x, 0, 0.000012)];
    const { summary } = playDemo({
      parcels: collection([feature('A', strip(0)), feature('B', strip(0.01))]),
      registrations: demoRegistrations({ count: 3 }),
    });
    rmSync(summary.folder, { recursive: true });
    expect(summary.leftOut).to.have.length(1);
    expect(summary.titles).to.equal(2);
    expect(summary.gas).not.to.include.keys('subdivision');
  });

  it('leaves no gateway behind when it is killed, and a ledger that is sound', async () => {
    const killed = inFolder('killed');
    const door = path.join(killed, 'data', 'door.json');
    const demo = spawn(process.execPath, [COMMAND, 'demo', '--folder', killed], { stdio: 'ignore' });
    const until = async (isSo: () => boolean) => {
      for (let waited = 0; !isSo() && waited < KILLED_MS; waited += 50) await setTimeout(50);
      expect(isSo()).to.equal(true);
    };
    await until(() => existsSync(door));
    demo.kill('SIGKILL');
    await until(() => !existsSync(door)); // it goes when the gateway stops, and not with a kill
    await until(() => kudurru(['fsck', '--data', path.join(killed, 'data')]).code === 0);
  });

  describe('on a gateway that runs', () => {
    let common: string[];
    const demo = (...args: string[]) => kudurru(['demo', ...common, ...args, '--json']);

    before(async () => {
      const rpcPort = await freePort();
      app = await startApp({
        folder: played.folder,
        env: { KUDURRU_DEMO: '1', KUDURRU_RPC_PORT: String(rpcPort) },
      });
      const rpc = ['--rpc', `http://127.0.0.1:${rpcPort}`];
      common = ['--gateway', app.url, '--officers', played.folder, '--folder', inFolder('again'), ...rpc];
    });

    it('is audited as the README shows it, to the signature', () => {
      const [, rpc = ''] = common.slice(common.indexOf('--rpc'));
      const audited = kudurru(['audit', '--rpc', rpc, '--trust', played.summary.trust]);
      const [, sound = ''] = /^(SOUND: .* signatures)$/m.exec(README) ?? [];
      expect(masked(audited.stdout.split('\n')[0] ?? '')).to.equal(masked(sound));
    });

    it('refuses parcels that are registered already, line by line', () => {
      const ran = demo('--parcels', file('same.geojson', files.parcels));
      expect(ran.code, ran.stdout + ran.stderr).to.equal(1);
      expect(told(ran).code).to.equal('parcels-none-good');
      const codes = new Set(told(ran).refused.map(({ code }: { code: string }) => code));
      expect([...codes]).to.include.members(['parcel-number-registered', 'parcel-known']);
    });

    it('plays again on other parcels, with the same people and other cards', () => {
      const parcels = collection(['N/1', 'N/2', 'N/3'].map((number, i) => feature(number, [square(i, 40)])));
      const ran = demo(
        '--parcels',
        file('new.geojson', parcels),
        '--registrations',
        file('people.csv', files.registrations),
      );
      expect(ran.code, ran.stdout + ran.stderr).to.equal(0);
      const again: Summary = told(ran);
      expect(again.titles).to.equal(4);
      expect(again.programme).to.include({ enrolled: PEOPLE });
      expect(again.entries).to.be.greaterThan(played.summary.entries);
      expect(again.gas).to.include.keys('transfer');
      expect(again).not.to.have.property('dataFolder');
      expect(kudurru(['verify', again.certificate, '--trust', played.summary.trust]).code).to.equal(0);
    });

    it('says what is missing, and whose ledger it is not', () => {
      const without = kudurru(['demo', '--gateway', app.url]);
      expect([without.code, without.stderr]).to.deep.equal([
        2,
        '--gateway needs --officers: whose officers act there?\n',
      ]);
      expect(kudurru(['demo', '--officers', played.folder]).code).to.equal(2);
      const trust = readFileSync(played.summary.trust, 'utf8');
      const { genesisHash } = JSON.parse(trust);
      const other = file('other.json', trust.replaceAll(genesisHash, `0x${'11'.repeat(32)}`));
      const wrong = demo('--trust', other);
      expect(wrong.code).to.equal(2);
      expect(told(wrong).reason).to.match(/^The gateway serves another ledger than /);
      const nobody = kudurru([
        'demo',
        '--gateway',
        'http://127.0.0.1:9',
        '--officers',
        played.folder,
        '--json',
      ]);
      expect([nobody.code, told(nobody).reason]).to.deep.equal([
        2,
        'http://127.0.0.1:9 does not answer: is the gateway running?',
      ]);
    });

    it('is audited from its node and the trust file, by somebody who has nothing else', () => {
      const [, rpc = ''] = common.slice(common.indexOf('--rpc'));
      const audited = kudurru(['audit', '--rpc', rpc, '--trust', played.summary.trust, '--json']);
      expect(audited.code, audited.stdout + audited.stderr).to.equal(0);
      const { ok, verdicts, findings } = told(audited);
      expect([ok, verdicts, findings]).to.deep.equal([true, [], []]);
    });

    it('lets fsck in by the door it left open, and nobody further', async () => {
      const data = path.join(played.folder, 'data');
      const trustOfAnother = readFileSync(played.summary.trust, 'utf8').replace(
        /"ledgerNonce": "0x../,
        (start) => `${start.slice(0, -2)}${start.endsWith('00') ? '11' : '00'}`,
      );
      const other = file('other-trust.json', trustOfAnother);
      const trusting = (trust: string) => kudurru(['fsck', '--data', data, '--trust', trust, '--json']);
      expect(trusting(played.summary.trust).code).to.equal(0);
      expect([trusting(other).code, told(trusting(other)).code]).to.deep.equal([1, 'ledger-differs']);
      const door = path.join(data, 'door.json');
      const checked = kudurru(['fsck', '--data', data, '--json']);
      expect(checked.code, checked.stdout + checked.stderr).to.equal(0);
      expect(told(checked)).to.include({ ok: true });
      expect(statSync(door).mode & 0o777).to.equal(0o600);
      const { token } = JSON.parse(readFileSync(door, 'utf8'));
      expect((await app.ask('GET', '/tokens', { token })).status).to.equal(403);
      expect((await app.ask('POST', '/acts/registrations', { token, body: {} })).status).to.equal(403);

      writeFileSync(door, JSON.stringify({ url: 'http://127.0.0.1:9', token }));
      const stale = kudurru(['fsck', '--data', data, '--json']);
      expect([stale.code, told(stale).code]).to.deep.equal([1, 'data-folder-in-use']);
      await app.stop();
      expect(existsSync(door)).to.equal(false);
      // No finding of the folder, which nothing is wrong with: the file is another ledger's.
      expect([trusting(other).code, told(trusting(other)).code]).to.deep.equal([1, 'ledger-differs']);
      expect(trusting(played.summary.trust).code).to.equal(0);
      expect(kudurru(['fsck', '--data', folder]).code).to.equal(2);
    });

    it('makes nothing in a folder that is no ledger, and tells missing keys from tampering', () => {
      const keys = inFolder('officers-keys');
      mkdirSync(path.join(keys, 'keys'), { recursive: true });
      expect(kudurru(['fsck', '--data', keys]).code).to.equal(2);
      expect(readdirSync(path.join(keys, 'keys'))).to.deep.equal([]);
      const data = inFolder('without-keys');
      cpSync(path.join(played.folder, 'data', 'precious'), path.join(data, 'precious'), { recursive: true });
      const without = kudurru(['fsck', '--data', data]);
      expect(without.code).to.equal(2);
      expect(without.stderr).to.include(`without its folder ${data}-keys: put it back`);
      expect(readdirSync(data)).to.deep.equal(['precious']);
    });
  });
});
