/** Whole checks and long uploads: how many there are at once, and what ends them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'chai';
import { Aid, syntheticPeople } from '../../aid/aid.ts';
import { type App, startApp } from '../../gateway/app.ts';

const ASKED = 12;
const LOOK_MS = 2;
const ENDED_MS = 20_000;

describe('a whole check', function () {
  this.timeout(180_000);
  let app: App;
  let scratch: string;
  before(async () => {
    scratch = mkdtempSync(path.join(tmpdir(), 'kudurru-checks-'));
    app = await startApp({ env: { TMPDIR: scratch } });
  });
  after(async () => {
    await app?.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  const folders = () => readdirSync(scratch).filter((name) => name.startsWith('kudurru-check-'));
  const asking = (token: string, signal: AbortSignal) =>
    fetch(`${app.url}/checks`, { method: 'POST', headers: { Authorization: `Bearer ${token}` }, signal });
  /** How many folders there were at once and in all, until the work is over. */
  async function watched(work: Promise<unknown>) {
    const seen = new Set<string>();
    let [most, isOver] = [0, false];
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      const now = folders();
      most = Math.max(most, now.length);
      for (const name of now) seen.add(name);
      await setTimeout(LOOK_MS);
    }
    await ended;
    return { most, seen: seen.size };
  }

  it('is made once for all who ask at once, and all have its answer', async () => {
    const token = await app.token('auditor', 2);
    const { signal } = new AbortController();
    const asked = Promise.all(
      Array.from({ length: ASKED }, async () => {
        const answer = await asking(token, signal);
        return `${answer.status} ${await answer.text()}`;
      }),
    );
    const { most, seen } = await watched(asked);
    console.log(`checks at once | ${ASKED} asked | ${most} under way, ${seen} made`);
    expect(most).to.equal(1);
    // Who was read only after the first had ended has the second.
    expect(seen).to.be.within(1, 2);
    const answers = new Set(await asked);
    expect(answers.size).to.equal(1);
    expect([...answers][0]).to.match(/^200 .*"ok":true/);
    expect(folders()).to.deep.equal([]);
  });

  it('ends when nobody waits for it any more, and leaves neither a folder nor an error', async () => {
    const token = await app.token('auditor', 2);
    for (let i = 0; i < 3; i++) {
      const gone = new AbortController();
      const asked = Array.from({ length: ASKED }, () => asking(token, gone.signal).catch(() => undefined));
      while (folders().length === 0) await setTimeout(LOOK_MS);
      gone.abort();
      await Promise.all(asked);
    }
    for (let waitedMs = 0; folders().length > 0 && waitedMs < ENDED_MS; waitedMs += 50) await setTimeout(50);
    expect(folders()).to.deep.equal([]);
    expect((await app.ask('POST', '/checks', { token })).status).to.equal(200);
    expect(app.logged()).not.to.include('"level":50');
  });

  it('and an upload are ended when the gateway stops: who waits is told, and nothing is an error', async () => {
    const aid = new Aid(app, 'a programme that stops');
    await aid.act('/acts/programmes', aid.policy());
    const text = (count: number) =>
      ['nationalId;fullName;hhSize;village', ...syntheticPeople(count)].join('\n');
    const upload = (prefer: string) =>
      aid.ask<{ code?: string }>('PUT', `${aid.path}/registrations`, {
        file: { text: text(20_000), type: 'text/csv' },
        headers: { Prefer: prefer },
      });
    const left = await upload('respond-async');
    const waiting = upload('wait=30');
    const token = await app.token('auditor', 1);
    const check = app.ask('POST', '/checks', { token });
    while (folders().length === 0) await setTimeout(LOOK_MS);
    await app.stop(60_000);
    expect(left.status).to.equal(202);
    const [uploaded, checked] = [await waiting, await check];
    expect([uploaded.status, uploaded.body.code], uploaded.text).to.deep.equal([503, 'gateway-stopping']);
    expect(uploaded.headers.get('Retry-After')).not.to.equal(null);
    expect([checked.status, checked.body.code], checked.text).to.deep.equal([503, 'gateway-stopping']);
    expect(folders()).to.deep.equal([]);
    expect(app.logged()).not.to.match(/"level":(50|60)/);
  });
});
