/** From the answer of a route to the body of the next one by way of a command: each takes whole what the other gave. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { OfficerId } from '../../server/domain/base/terms.ts';
import { named } from '../chain/signing.ts';
import { type ActTold, type App, headOf, OFFICERS, type Problem, startApp } from '../gateway/app.ts';
import { kudurruBeside, type Ran } from '../gateway/kudurru.ts';

const ENV = { KUDURRU_PASSPHRASE: 'nine ladders and a kiln', KUDURRU_KEYS: 'ring' };
const NONCE = ['--ledger-nonce', `0x${'4e'.repeat(32)}`];
const NAMES = ['mara', 'noor', 'rafa'] as const;

describe('what a route answers and a command writes', function () {
  this.timeout(300_000);
  let folder: string;
  let app: App;
  const inFolder = (name: string) => path.join(folder, name);
  async function run(...args: string[]): Promise<Ran> {
    const ran = await kudurruBeside(args, ENV, folder);
    expect(ran.code, `${args.join(' ')}: ${ran.stderr}${ran.stdout}`).to.equal(0);
    return ran;
  }
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'kudurru-hand-in-'));
    for (const name of NAMES) {
      const made = await run('officer', 'new', name, '--institution', '1', '--roles', 'all', ...NONCE);
      writeFileSync(inFolder(`${name}.json`), made.stdout);
    }
    const officers = NAMES.flatMap((name) => ['--officer', `${name}.json`]);
    const about = ['--institution', '1:all', '--office', '1:1', ...NONCE];
    await run('officer', 'founding', ...about, ...officers, '--out', 'founding.json');
    app = await startApp({ folder });
  });
  after(async () => {
    await app?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const idOf = (name: (typeof NAMES)[number]): OfficerId =>
    JSON.parse(readFileSync(inFolder(`${name}.json`), 'utf8')).officer;
  const head = () => headOf({ ...OFFICERS.preparer, officer: idOf('mara'), epoch: 1 });
  const trust = () => ['--trust', path.join('data', 'trust.json')];

  /** Prepared over the API; the bytes of the answer are the file. */
  async function prepared(role: 'agency' | 'member', collection: string, body: object, file: string) {
    const token = await app.token(role, 1);
    const told = await app.ask<ActTold>('POST', `/acts/${collection}`, { token, body });
    expect(told.status, told.text).to.equal(201);
    writeFileSync(inFolder(file), told.text);
    return told.body;
  }

  /** Signed by the command; the bytes of its file are the body. */
  async function handedIn(
    role: 'agency' | 'member',
    act: ActTold,
    file: string,
    by: string,
    ...more: string[]
  ) {
    const out = `${file}.${by}`;
    await run('officer', 'sign', file, '--key', by, ...trust(), '--yes', '--out', out, ...more);
    return app.ask<ActTold & Problem>('POST', `/acts/${act.id}/signatures`, {
      token: await app.token(role, 1, by),
      file: { text: readFileSync(inFolder(out), 'utf8'), type: 'application/json' },
    });
  }

  it('are one file, for an act of two officers', async () => {
    const vendor = { vendor: named('a shop to hand in'), standing: 'active', from: 0 };
    const act = await prepared('agency', 'vendors', { head: head(), ...vendor }, 'vendor.json');
    const first = await handedIn('agency', act, 'vendor.json', 'mara');
    expect([first.status, first.body.missing], first.text).to.deep.equal([201, ['approver']]);
    const last = await handedIn('agency', act, 'vendor.json', 'noor', '--approve');
    expect(last.status, last.text).to.equal(202);
  });

  it('are one file, as the act is read again, and for the command that hands in', async () => {
    const vendor = { vendor: named('another shop to hand in'), standing: 'active', from: 0 };
    const { id } = await prepared('agency', 'vendors', { head: head(), ...vendor }, 'prepared.json');
    const token = await app.token('agency', 1);
    writeFileSync(inFolder('read.json'), (await app.ask('GET', `/acts/${id}`, { token })).text);
    for (const [by, ...more] of [['mara'], ['noor', '--approve']] as const) {
      await run(
        'officer',
        'sign',
        'read.json',
        '--key',
        by,
        ...trust(),
        '--yes',
        '--out',
        `read.${by}`,
        ...more,
      );
      writeFileSync(inFolder('token'), await app.token('agency', 1, by));
      await run('desk', 'hand-in', 'read.json', `read.${by}`, '--gateway', app.url, '--token', 'token');
    }
    const { body } = await app.ask<ActTold>('GET', `/acts/${id}`, { token });
    expect(body.operation, JSON.stringify(body.missing)).to.be.a('string');
  });

  it('are one file, for an order of one officer', async () => {
    const until = Math.floor(Date.now() / 1000) + 3_600;
    const order = { officer: idOf('mara'), epoch: 1, scopes: ['disbursement'], until };
    const act = await prepared('member', 'short-pauses', order, 'pause.json');
    const told = await handedIn('member', act, 'pause.json', 'mara', '--unchecked');
    expect(told.status, told.text).to.equal(202);
  });

  it('name what is taken back, by the file as by the id, and an officer by the record', async () => {
    const vendor = { vendor: named('a shop that is taken back'), standing: 'active', from: 0 };
    const act = await prepared('agency', 'vendors', { head: head(), ...vendor }, 'third.json');
    await handedIn('agency', act, 'third.json', 'mara');
    const by = ['--by', 'mara.json', '--gateway', app.url, '--token', 'token', '--json'];
    writeFileSync(inFolder('token'), await app.token('agency', 1));
    for (const [i, of] of ['third.json', act.id].entries()) {
      await run('member', 'withdraw', of, ...by, '--out', `back${i}.json`);
      expect(readFileSync(inFolder(`back${i}.json`), 'utf8')).to.include(`"${act.id}"`);
    }
    writeFileSync(inFolder('token'), await app.token('member', 1));
    const until = ['--hours', '1', '--out', 'held.json'];
    await run('member', 'suspend', 'noor.json', ...by, ...until);
    const file = JSON.parse(readFileSync(inFolder('held.json'), 'utf8'));
    expect(file.act.typedData.message.officer).to.equal(idOf('noor'));
    const other = await kudurruBeside(
      ['member', 'withdraw', 'mara.json', ...by, '--out', 'no.json'],
      ENV,
      folder,
    );
    expect([other.code, other.stderr.includes('not the file of a prepared act')]).to.deep.equal([2, true]);
  });

  it('say which token may fetch which certificate, and what to leave away', async () => {
    const unit = named('a unit that nobody need register');
    const fetched = async (role: 'auditor' | 'registrar', ...about: string[]) => {
      writeFileSync(inFolder('token'), await app.token(role, 1));
      const asking = ['desk', 'certificate', unit, '--gateway', app.url, '--token', 'token', ...about];
      return kudurruBeside([...asking, '--out', 'certificate.json'], ENV, folder);
    };
    const withCase = await fetched('auditor', '--case', 'CASE-1');
    expect(withCase.code).to.equal(1);
    expect(withCase.stderr).to.match(
      /for the roles registrar, and the token has another: auditor\.\n[\s\S]*An auditor leaves --case away/,
    );
    const without = await fetched('registrar');
    expect(without.stderr).to.match(/for the roles auditor, [\s\S]*A registrar gives --case NUMBER/);
  });

  it('are refused where the answer says another act than its file', async () => {
    const text = readFileSync(inFolder('vendor.json'), 'utf8');
    const { id } = JSON.parse(text) as ActTold;
    writeFileSync(inFolder('bent.json'), text.replace(`"id":"${id}"`, `"id":"0x${'ab'.repeat(32)}"`));
    const bent = await kudurruBeside(
      ['officer', 'sign', 'bent.json', '--key', 'mara', '--yes', '--json'],
      ENV,
      folder,
    );
    expect([bent.code, JSON.parse(bent.stdout).code]).to.deep.equal([1, 'act-id-differs']);
  });
});
