/** What a recorder swears to, by its command: the key, roots in one line, erasures; and an export of all that is recorded. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { signCompact } from '../../../server/domain/acts/signing.ts';
import { fromHex } from '../../../server/domain/base/hex.ts';
import { named } from '../../chain/signing.ts';
import { type App, headOf, OFFICERS, type Problem, startApp } from '../../gateway/app.ts';
import { kudurruBeside, type Ran } from '../../gateway/kudurru.ts';

const ENV = { KUDURRU_PASSPHRASE: 'nine ladders and a kiln' };

describe('what an institution’s recorder swears to', function () {
  this.timeout(600_000);
  let app: App;
  before(async () => {
    app = await startApp();
    for (const [name, role, institution] of [
      ['member', 'member', 1],
      ['auditor', 'auditor', 0],
    ] as const) {
      writeFileSync(path.join(app.folder, name), await app.token(role, institution));
    }
    for (const seed of ['recorder', 'other']) await done('holder', 'key', seed, '--keys', 'ring');
  });
  after(() => app?.remove());

  const run = (...args: readonly string[]): Promise<Ran> =>
    kudurruBeside([...args], { ...ENV, KUDURRU_GATEWAY: app.url }, app.folder);
  async function done(...args: readonly string[]): Promise<Ran> {
    const ran = await run(...args);
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}${ran.stderr}`).to.equal(0);
    return ran;
  }
  const by = (seed: string) => [
    ...[
      '--key',
      seed,
      '--keys',
      'ring',
      '--trust',
      'data/trust.json',
      '--institution',
      '1',
      '--token',
      'member',
    ],
  ];
  const root = (seed: string, ...more: readonly string[]) =>
    run(
      'recorder',
      'root',
      ...by(seed),
      '--kind',
      'access-log',
      '--root',
      named('a root'),
      ...more,
      '--yes',
      '--json',
    );
  const newest = async () => {
    const token = await app.token('auditor', 0);
    const told = await app.ask<{ rows: Record<string, unknown>[] }>('GET', '/institutions/1/roots', {
      token,
    });
    return told.body.rows;
  };
  const codeOf = ({ stdout }: Ran) => JSON.parse(stdout).code;

  it('is taken by the key that two admins gave it, and by no other', async () => {
    expect(codeOf(await root('recorder', '--lines', '7'))).to.equal('recorder-unknown');
    const record = JSON.parse((await done('recorder', 'key', ...by('recorder'), '--json')).stdout);
    await app.act('member', '/acts/recorders', record);
    expect(codeOf(await root('other', '--lines', '7'))).to.equal('recorder-signature-invalid');
    expect(await newest()).to.deep.equal([]);
    const recorded = await root('recorder', '--lines', '7');
    expect(recorded.code, recorded.stdout + recorded.stderr).to.equal(0);
    expect(recorded.stderr).to.match(
      /^Swears that 0x.* is root number 1 of the access-log of institution 1, over 7\./,
    );
    const [row, ...others] = await newest();
    expect([row?.kind, row?.index, row?.root, others]).to.deep.equal([
      'access-log',
      '1',
      named('a root'),
      [],
    ]);
    const shown = await done('recorder', 'show', '--institution', '1', '--token', 'auditor');
    expect(shown.stdout).to.equal(`access-log  number 1  ${named('a root')}  over 7\n`);
  });

  it('is refused before it is sent where the notary would refuse it', async () => {
    expect(codeOf(await root('recorder', '--lines', '8'))).to.equal('root-too-soon');
    const token = await app.token('member', 1);
    const body = {
      epoch: 1,
      kind: 'checkpoint',
      index: 1,
      root: named('a block'),
      lines: 1,
      stones: 0,
      day: 1,
    };
    const signature = signCompact(named('what it says'), fromHex(named('another key')));
    const forged = await app.ask<Problem>('POST', '/recorder/roots', { token, body: { ...body, signature } });
    expect([forged.status, forged.body.code]).to.deep.equal([403, 'recorder-signature-invalid']);
    const stranger = await app.ask<Problem>('POST', '/recorder/roots', {
      ...{ token: await app.token('member', 2), body: { ...body, signature } },
    });
    expect(stranger.body.code).to.equal('recorder-unknown');
  });

  it('counts destroyed keys once, by their ids', async () => {
    const ids = ['one', 'two', 'three'].map(named);
    writeFileSync(path.join(app.folder, 'ids'), `${ids.join('\n')}\n`);
    await done('recorder', 'erase', 'ids', ...by('recorder'), '--yes');
    const token = await app.token('auditor', 0);
    const told = await app.ask<{ rows: { ids: string[] }[] }>('GET', '/institutions/1/erasures', { token });
    expect(told.body.rows.map((row) => row.ids)).to.deep.equal([ids.toSorted()]);
    const recorder = await app.ask<{ stones: string }>('GET', '/institutions/1/recorder', { token });
    expect(recorder.body.stones).to.equal('3');
  });

  it('is exported in words with everything else, goes on where it ended, and says nothing twice', async () => {
    const output = (name: string) => readFileSync(path.join(app.folder, name), 'utf8');
    const exported = (name: string, format: string) =>
      done('export', '--token', 'auditor', '--out', name, '--format', format, '--page', '2', '--json');
    const count = async () =>
      (await app.ask<{ counts: { entries: number } }>('GET', '/ledger')).body.counts.entries;
    const before = await count();
    expect(JSON.parse((await exported('all.jsonl', 'jsonl')).stdout)).to.deep.equal({
      entries: before,
      added: before,
    });
    const rows = output('all.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ act }) => act)).to.deep.equal(['recorder-appointment', 'root', 'erasure']);
    expect(rows[0]).to.deep.include({ preparerInstitution: 1, approverInstitution: 1, register: 'notary' });
    expect(rows[1]).to.deep.include({ preparer: '', kind: 18 });

    const { units } = { units: await app.act('agency', '/acts/vendors', vendor()) };
    expect(units.operation.state).to.equal('PROJECTED');
    appendFileSync(path.join(app.folder, 'all.jsonl'), `{"entryId":"cut in the mid${'x'.repeat(10_000)}`);
    expect(JSON.parse((await exported('all.jsonl', 'jsonl')).stdout)).to.include({ entries: before + 1 });
    const ids = output('all.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).entryId);
    expect([ids.length, new Set(ids).size]).to.deep.equal([before + 1, before + 1]);
    expect(JSON.parse(output('all.jsonl').trimEnd().split('\n').at(-1) ?? '')).to.include({
      act: 'vendor-set',
    });

    await exported('all.csv', 'csv');
    const lines = output('all.csv').trimEnd().split('\n');
    expect([lines.length, lines[0]?.startsWith('entryId,act,kind,when')]).to.deep.equal([before + 2, true]);
    const inJson = output('all.jsonl');
    const mixed = await run('export', '--token', 'auditor', '--out', 'all.jsonl', '--format', 'csv');
    expect([mixed.code, output('all.jsonl') === inJson]).to.deep.equal([2, true]);
    const progress = path.join(app.folder, 'all.csv.progress');
    writeFileSync(progress, readFileSync(progress, 'utf8').replace(/0x[0-9a-f]{64}/, `0x${'9'.repeat(64)}`));
    const another = await run('export', '--token', 'auditor', '--out', 'all.csv', '--format', 'csv');
    expect([another.code, another.stderr.includes('is an export csv of 0x999')]).to.deep.equal([2, true]);
    writeFileSync(path.join(app.folder, 'mine.txt'), 'mine');
    const over = await run('export', '--token', 'auditor', '--out', 'mine.txt');
    expect([over.code, output('mine.txt')]).to.deep.equal([2, 'mine']);
  });

  const vendor = () => ({ vendor: named('a shop'), standing: 'active', from: 0 });

  it('leaves a ledger that is derived again from block 0', async () => {
    const token = await app.token('auditor', 0);
    const checked = await app.ask<{ ok: boolean; findings: unknown[] }>('POST', '/checks', { token });
    expect(checked.body).to.deep.include({ ok: true, findings: [] });
    expect(headOf(OFFICERS.preparer).office).to.equal(1);
  });
});
